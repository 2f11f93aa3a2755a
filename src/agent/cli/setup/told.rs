//! What an installer was told on its command line: `KEY=VALUE`, the keys of the file for `--from`. An empty value says nothing,
//! because an installer passes on every key it knows.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::answers::Answers;

/// The answers, and the file that says the rest.
pub(super) fn told(words: &[String]) -> anyhow::Result<(Answers, Option<PathBuf>)> {
    let mut answers = toml::Table::new();
    let mut from = None;
    for word in words {
        let (key, value) = word
            .split_once('=')
            .with_context(|| format!("应为 KEY=VALUE: {word}"))?;
        match (key, value.trim()) {
            (_, "") => {}
            ("from", file) => from = Some(PathBuf::from(file)),
            ("profile", name) => {
                answers.insert(String::from(key), toml::Value::from(profile(name)));
            }
            ("slot" | "card", value) => {
                let plain = value
                    .parse()
                    .with_context(|| format!("{key}：{value} 不是可用的值 is no value for it"))?;
                answers.insert(String::from(key), plain);
            }
            (_, value) => {
                answers.insert(String::from(key), toml::Value::from(value));
            }
        }
    }
    let answers = answers
        .try_into()
        .context("安装参数有误 the installer was told something wrong")?;
    Ok((answers, from))
}

/// A profile that came along is named by its name alone.
fn profile(name: &str) -> String {
    if name.contains(['/', '\\']) {
        return String::from(name);
    }
    let file = if Path::new(name).extension().is_some_and(|end| end == "toml") {
        String::from(name)
    } else {
        format!("{name}.toml")
    };
    crate::paths::profiles().join(file).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> anyhow::Result<(Answers, Option<PathBuf>)> {
        told(&words.iter().map(|word| String::from(*word)).collect::<Vec<_>>())
    }

    #[test]
    fn what_is_said_is_an_answer_and_an_empty_word_is_none() {
        let (answers, from) = words(&[
            "institution_code=H31010100001",
            "slot=7",
            "card=false",
            "url=",
            "from= f.toml ",
        ])
        .unwrap();
        assert_eq!(from, Some(PathBuf::from("f.toml")));
        let filled = answers.complete_leaving_gaps().unwrap();
        let value = |key: &str| {
            filled
                .iter()
                .find(|filled| filled.key == key)
                .unwrap()
                .value
                .clone()
        };
        assert_eq!(value("institution.code"), toml::Value::from("H31010100001"));
        assert_eq!(value("desk.slot"), toml::Value::from(7));
        assert_eq!(value("devices.card"), toml::Value::from(false));
        assert_eq!(
            value("platform.url"),
            toml::Value::from(""),
            "a gap, not the example's"
        );
        assert_eq!(
            value("platform.ca"),
            toml::Value::from("tls/ca.pem"),
            "the usual place"
        );
    }

    #[test]
    fn a_profile_is_found_by_its_name() {
        let installed = |file: &str| crate::paths::profiles().join(file).display().to_string();
        let table = [
            ("jilin", installed("jilin.toml")),
            ("jilin.toml", installed("jilin.toml")),
            ("/own/x.toml", String::from("/own/x.toml")),
        ];
        for (said, file) in table {
            assert_eq!(profile(said), file);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in ["slot=x", "slot=300", "institution=H1", "slot", "card=perhaps"] {
            assert!(words(&[wrong]).is_err(), "{wrong}");
        }
    }
}
