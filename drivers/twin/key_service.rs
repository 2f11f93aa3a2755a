//! A software key service: it derives a card's keys as real ones do, from what the card said, and gives proofs.
//!
//! The derivation is the kit's own, a digest over province secret, region, identification and historical bytes: what real
//! ones compute is confidential, and only that card and service agree matters here.

use sha2::{Digest, Sha256};

/// The secret of the kit's province. Its software cards know it too.
const SECRET: &str = "twin province";

/// One of the two keys an authentication is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Internal,
    External,
}

/// What a card's keys are derived from, as it is told to the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Derived {
    pub(crate) region: String,
    pub(crate) identification: String,
    pub(crate) reset_info: String,
}

impl Derived {
    /// Eight bytes over a random number, under a session made from the other one.
    pub(crate) fn proof(&self, key: Key, factor: &[u8], source: &[u8]) -> [u8; 8] {
        let key = match key {
            Key::Internal => "internal",
            Key::External => "external",
        };
        let card = format!(
            "{SECRET}|{key}|{}|{}|{}",
            self.region, self.identification, self.reset_info
        );
        let session = Sha256::new().chain_update(card).chain_update(factor).finalize();
        let proof = Sha256::new()
            .chain_update(session)
            .chain_update(source)
            .finalize();
        proof.first_chunk::<8>().copied().unwrap_or_default()
    }
}

/// The key service of the kit's province.
#[derive(Debug, Clone)]
pub struct VirtualKeyService {
    /// Beginnings of the regions whose cards it has keys for.
    pub regions: Vec<String>,
    /// Gives proofs that do not fit, as with keys of another level.
    pub wrong: bool,
}

impl Default for VirtualKeyService {
    fn default() -> Self {
        Self {
            regions: vec![String::from("3")],
            wrong: false,
        }
    }
}

impl VirtualKeyService {
    /// Takes the eight fields of step 1, or nine with a terminal's number, and answers with those of step 2.
    ///
    /// # Errors
    /// Its own words, Chinese.
    pub fn answer(&self, line: &str) -> Result<String, &'static str> {
        let fields: Vec<&str> = line.trim().trim_end_matches('|').split('|').collect();
        let &[
            region,
            reset_info,
            algorithm,
            identification,
            factor,
            source,
            last_factor,
            last_source,
            ref terminal @ ..,
        ] = fields.as_slice()
        else {
            return Err("字段个数不对");
        };
        let numbers = [factor, source, last_factor, last_source].map(number);
        let [Some(factor), Some(source), Some(last_factor), Some(last_source)] = numbers else {
            return Err("随机数格式不对");
        };
        if terminal.len() > 1 || reset_info.len() != 26 || identification.len() != 32 {
            return Err("卡片信息格式不对");
        }
        if algorithm != "03" {
            return Err("不支持该卡的算法");
        }
        if !self.regions.iter().any(|begin| region.starts_with(begin)) {
            return Err("没有该地区的密钥");
        }
        let derived = Derived {
            region: String::from(region),
            identification: String::from(identification),
            reset_info: String::from(reset_info),
        };
        let internal = derived.proof(Key::Internal, &factor, &source);
        let mut external = derived.proof(Key::External, &last_factor, &last_source);
        if self.wrong {
            external.reverse();
        }
        Ok(format!(
            "{}{}|{}{}|",
            hex(&internal),
            hex(&source),
            hex(&external),
            hex(&last_source)
        ))
    }
}

fn number(text: &str) -> Option<[u8; 8]> {
    let mut bytes = [0; 8];
    if text.len() != 16 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        let digits = text.get(at * 2..at * 2 + 2)?;
        *byte = u8::from_str_radix(digits, 16).ok()?;
    }
    Some(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "341200|00815300018660341200004711|03|341200D15600000500004711FFFFFFFF|0102030405060708|1112131415161718|2122232425262728|3132333435363738|";

    #[test]
    fn every_field_counts() {
        let service = VirtualKeyService::default();
        let good = service.answer(LINE).unwrap();
        assert_eq!(good.len(), 66);
        assert_eq!(service.answer(&format!("{LINE}000000000017|")).unwrap(), good);
        for (from, to) in [
            ("341200|", "341201|"),
            ("4711|03", "4712|03"),
            ("4711FFFF", "4712FFFF"),
            ("|0102", "|0202"),
            ("|3132", "|3232"),
        ] {
            assert_ne!(
                service.answer(&LINE.replacen(from, to, 1)).unwrap(),
                good,
                "{from}"
            );
        }
        for (from, to) in [
            ("|03|", "|01|"),
            ("341200|", "650100|"),
            ("|0102", "|"),
            ("|3132", "|x132"),
        ] {
            assert!(service.answer(&LINE.replacen(from, to, 1)).is_err(), "{from}");
        }
        assert!(service.answer("1|2|3").is_err());
    }
}
