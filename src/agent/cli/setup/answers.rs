//! What must be known of a desk, from flags, a file, or the person at the keyboard, in this order.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};

use anyhow::bail;
use serde::Deserialize;

use super::fill::Filled;
use super::questions::{QUESTIONS, Question, SLOT_MAX};

/// Keys of the configuration that are asked for.
#[cfg(test)]
pub(super) const KEYS: [&str; 13] = [
    "institution.code",
    "institution.name",
    "institution.area",
    "desk.slot",
    "desk.operator_code",
    "desk.operator_name",
    "platform.profile",
    "platform.url",
    "platform.ca",
    "platform.client_certificate",
    "platform.client_key",
    "devices.card",
    "devices.scanner",
];

/// Every answer, each also a flag and a key of the file for `--from`.
#[derive(Debug, Default, Clone, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Answers {
    /// 定点医药机构编号: twelve letters and digits
    #[arg(long, value_name = "CODE")]
    institution_code: Option<String>,
    /// Name as registered with the insurance office
    #[arg(long, value_name = "NAME")]
    institution_name: Option<String>,
    /// 就医地医保区划: six digits
    #[arg(long, value_name = "AREA")]
    area: Option<String>,
    /// Number of this desk, 0 to 99, another one on every desk
    #[arg(long, value_name = "NUMBER")]
    slot: Option<u8>,
    /// 经办人编号, used where the desk software names nobody
    #[arg(long, value_name = "CODE")]
    operator_code: Option<String>,
    #[arg(long, value_name = "NAME")]
    operator_name: Option<String>,
    /// Province profile
    #[arg(long, value_name = "FILE")]
    profile: Option<String>,
    /// Address of the platform, without a path
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The authority that is trusted, PEM
    #[arg(long, value_name = "FILE")]
    ca: Option<String>,
    /// The institution's certificate, PEM
    #[arg(long, value_name = "FILE")]
    client_certificate: Option<String>,
    /// Its key, PEM
    #[arg(long, value_name = "FILE")]
    client_key: Option<String>,
    /// Whether this desk has a card reader
    #[arg(long, value_name = "true|false")]
    card: Option<bool>,
    /// Port of the scanner, "auto", or "none"
    #[arg(long, value_name = "PORT")]
    scanner: Option<String>,
    /// In a file for many desks: numbers of the desks by the names of their PCs
    #[arg(skip)]
    slots: BTreeMap<String, u8>,
}

impl Answers {
    /// No number of a desk is given twice, and no PC has two.
    pub(super) fn slots_are_apart(&self) -> anyhow::Result<()> {
        let (mut pcs, mut taken) = (BTreeSet::new(), BTreeMap::new());
        for (pc, slot) in &self.slots {
            if *slot > SLOT_MAX {
                bail!("[slots] {pc:?} = {slot}：应为 0 到 99 的数 must be a number from 0 to 99");
            }
            if !pcs.insert(pc.to_lowercase()) {
                bail!("[slots] {pc:?} 出现了两次 is there twice: capitals make no difference");
            }
            if let Some(other) = taken.insert(slot, pc) {
                bail!(
                    "[slots] {other:?} 与 {pc:?} 编号相同 have one number, {slot}: each desk needs its own"
                );
            }
        }
        Ok(())
    }

    /// These, and `other` where they say nothing.
    pub(super) fn or(self, other: Self) -> Self {
        Self {
            institution_code: self.institution_code.or(other.institution_code),
            institution_name: self.institution_name.or(other.institution_name),
            area: self.area.or(other.area),
            slot: self.slot.or(other.slot),
            operator_code: self.operator_code.or(other.operator_code),
            operator_name: self.operator_name.or(other.operator_name),
            profile: self.profile.or(other.profile),
            url: self.url.or(other.url),
            ca: self.ca.or(other.ca),
            client_certificate: self.client_certificate.or(other.client_certificate),
            client_key: self.client_key.or(other.client_key),
            card: self.card.or(other.card),
            scanner: self.scanner.or(other.scanner),
            slots: if self.slots.is_empty() {
                other.slots
            } else {
                self.slots
            },
        }
    }

    /// Takes the slot of this PC from the list. A PC that is not in it is told so rather than given another one's number.
    pub(super) fn of_this_pc(mut self, pc: Option<&str>) -> anyhow::Result<Self> {
        if self.slot.is_some() || self.slots.is_empty() {
            return Ok(self);
        }
        let found = pc.and_then(|pc| {
            let mut slots = self.slots.iter();
            slots.find(|(name, _)| name.eq_ignore_ascii_case(pc))
        });
        let Some((_, slot)) = found else {
            let pc = pc.unwrap_or("?");
            bail!("名单中没有本机 {pc} this PC is not in the list: add it to [slots], or give --slot");
        };
        self.slot = Some(*slot);
        Ok(self)
    }

    /// Asks for what is missing; without anybody to ask, says which flags are missing.
    pub(super) fn complete(self, asker: Option<&mut dyn Asker>) -> anyhow::Result<Vec<Filled>> {
        let (filled, missing) = self.filled(asker)?;
        if !missing.is_empty() {
            let flags: Vec<&str> = missing.iter().map(|question| question.flag).collect();
            bail!("缺少以下各项 these are missing: {}", flags.join(", "));
        }
        Ok(filled)
    }

    /// What nobody said stays empty, so that the configuration names it and nothing of the example passes for this desk's.
    pub(super) fn complete_leaving_gaps(self) -> anyhow::Result<Vec<Filled>> {
        let (mut filled, missing) = self.filled(None)?;
        filled.extend(missing.into_iter().map(|question| Filled {
            key: question.key,
            value: toml::Value::from(""),
        }));
        Ok(filled)
    }

    fn filled(
        mut self,
        asker: Option<&mut dyn Asker>,
    ) -> anyhow::Result<(Vec<Filled>, Vec<&'static Question>)> {
        let mut missing = Vec::new();
        let mut filled = Vec::new();
        let mut asker = asker;
        let mut text = |given: Option<String>, question: &'static Question| -> anyhow::Result<()> {
            let answer = match (given, &mut asker) {
                (Some(given), _) => Some(given),
                (None, Some(asker)) => Some(asker.ask(question)?),
                (None, None) => question.usual.map(String::from),
            };
            match answer.map(|answer| (question.read)(&answer)) {
                None => missing.push(question),
                Some(Ok(None)) => {}
                Some(Ok(Some(value))) => filled.push(Filled {
                    key: question.key,
                    value,
                }),
                Some(Err(problem)) => bail!("{}：{problem}", question.flag),
            }
            Ok(())
        };
        let given = [
            self.institution_code.take(),
            self.institution_name.take(),
            self.area.take(),
            self.slot.take().map(|slot| slot.to_string()),
            self.operator_code.take(),
            self.operator_name.take(),
            self.profile.take(),
            self.url.take(),
            self.ca.take(),
            self.client_certificate.take(),
            self.client_key.take(),
            self.card.take().map(|card| card.to_string()),
            self.scanner.take(),
        ];
        for (given, question) in given.into_iter().zip(&QUESTIONS) {
            text(given, question)?;
        }
        Ok((filled, missing))
    }
}

/// Somebody to ask.
pub(super) trait Asker {
    fn ask(&mut self, question: &Question) -> anyhow::Result<String>;
}

/// The person at the keyboard.
pub(super) struct Keyboard;

impl Asker for Keyboard {
    fn ask(&mut self, question: &Question) -> anyhow::Result<String> {
        let mut out = std::io::stdout().lock();
        loop {
            match question.usual {
                Some(usual) => write!(out, "{} [{usual}]: ", question.words)?,
                None => write!(out, "{}: ", question.words)?,
            }
            out.flush()?;
            let mut line = String::new();
            if std::io::stdin().lock().read_line(&mut line)? == 0 {
                bail!("没有回答 nobody answers");
            }
            let answer = match (line.trim(), question.usual) {
                ("", Some(usual)) => usual,
                (answer, _) => answer,
            };
            match (question.read)(answer) {
                Ok(_) => return Ok(String::from(answer)),
                Err(problem) => writeln!(out, "  {problem}")?,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Answers {
        toml::from_str(
            "institution_code = 'H31010100001'\ninstitution_name = '医院'\narea = '310000'\noperator_code = '1'\n\
             operator_name = '陈'\nprofile = 'p.toml'\nurl = 'https://a'\n[slots]\nreg-01 = 4\n",
        )
        .unwrap()
    }

    #[test]
    fn a_pc_gets_its_own_number_or_none() {
        let mine = some().of_this_pc(Some("REG-01")).unwrap();
        let filled = mine.complete(None).unwrap();
        let slot = filled.iter().find(|filled| filled.key == "desk.slot").unwrap();
        assert_eq!(slot.value, toml::Value::from(4_i64));
        for pc in [Some("REG-02"), None] {
            assert!(some().of_this_pc(pc).is_err());
        }
    }

    #[test]
    fn what_is_missing_is_named_by_its_flag() {
        let error = Answers::default().complete(None).unwrap_err().to_string();
        assert!(
            error.contains("--institution-code, --institution-name, --area, --slot"),
            "{error}"
        );
        assert!(!error.contains("--ca"), "{error}");
    }

    #[test]
    fn flags_come_before_the_file() {
        let flags = Answers {
            slot: Some(9),
            ..Answers::default()
        };
        let filled = flags.or(some()).of_this_pc(None).unwrap().complete(None).unwrap();
        assert!(filled.contains(&Filled {
            key: "desk.slot",
            value: toml::Value::from(9_i64)
        }));
    }

    #[test]
    fn no_scanner_is_an_answer() {
        let mut answers = some();
        answers.slot = Some(1);
        answers.scanner = Some(String::from("none"));
        let filled = answers.complete(None).unwrap();
        assert!(filled.iter().all(|filled| filled.key != "devices.scanner"));
    }

    #[test]
    fn no_number_is_given_twice_and_no_pc_has_two() {
        let table = [
            ("A = 1\nB = 2", None),
            ("A = 1\nB = 1", Some("\"A\" 与 \"B\"")),
            ("reg = 1\nREG = 2", Some("twice")),
            ("A = 100", Some("0 to 99")),
        ];
        for (slots, wrong) in table {
            let answers: Answers = toml::from_str(&format!("[slots]\n{slots}")).unwrap();
            match (answers.slots_are_apart(), wrong) {
                (Ok(()), None) => {}
                (Err(error), Some(wrong)) => assert!(error.to_string().contains(wrong), "{error}"),
                (told, _) => panic!("{slots}: {told:?}"),
            }
        }
    }

    #[test]
    fn an_answer_that_cannot_be_is_named_by_its_flag() {
        let long = "长".repeat(501);
        let table = [
            ("institution_name", "a\u{1b}[2Jb", "--institution-name"),
            ("institution_name", long.as_str(), "--institution-name"),
            ("profile", "a\nb", "--profile"),
            ("client_key", "k\0", "--client-key"),
            ("url", "https://", "--url"),
            ("url", "https://a b", "--url"),
            ("scanner", "usb:1", "--scanner"),
        ];
        for (key, value, flag) in table {
            let mut said = toml::Table::new();
            said.insert(String::from(key), toml::Value::from(value));
            said.insert(String::from("slot"), toml::Value::from(1));
            let wrong: Answers = said.try_into().unwrap();
            let error = wrong.or(some()).complete(None).unwrap_err().to_string();
            assert!(error.starts_with(flag), "{key}: {error}");
            assert!(!error.contains(value), "{key}: what was said is not repeated");
        }
    }

    #[test]
    fn an_unknown_key_of_the_file_is_refused() {
        assert!(toml::from_str::<Answers>("institution = 'x'").is_err());
    }
}
