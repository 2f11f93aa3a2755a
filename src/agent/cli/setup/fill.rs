//! The example configuration with other values: every comment stays where it is.

/// A value as it stands in TOML behind a key, `section.key`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filled {
    pub(super) key: &'static str,
    pub(super) value: toml::Value,
}

/// Puts `values` in their places; gives the keys it found no place for. A line that is only a suggestion (`#key = ...`) becomes
/// one that holds.
pub(super) fn fill(template: &str, values: &[Filled]) -> (String, Vec<&'static str>) {
    let mut left: Vec<&Filled> = values.iter().collect();
    let mut section = String::new();
    let mut text = String::new();
    for line in template.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            name.clone_into(&mut section);
        }
        let place = left.iter().position(|filled| sets(line, &section, filled.key));
        match place.map(|place| left.remove(place)) {
            Some(filled) => text.push_str(&replaced(line, filled)),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    (text, left.iter().map(|filled| filled.key).collect())
}

/// Whether this line of this section gives the key its value, or would without its `#`.
fn sets(line: &str, section: &str, key: &str) -> bool {
    let line = line.strip_prefix('#').unwrap_or(line);
    let named = line.split_once('=').map(|(name, _)| name.trim());
    key.rsplit_once('.')
        .is_some_and(|(of, name)| of == section && named == Some(name))
}

fn replaced(line: &str, filled: &Filled) -> String {
    let name = filled.key.rsplit_once('.').map_or(filled.key, |(_, name)| name);
    let setting = format!("{name} = {}", filled.value);
    match comment_of(line) {
        Some(comment) => format!("{setting:<31}{comment}"),
        None => setting,
    }
}

/// The remark behind a value: from the first `#` outside quotation marks, with a blank before it where the value is long.
fn comment_of(line: &str) -> Option<String> {
    let mut quote = None;
    let body = line.strip_prefix('#').unwrap_or(line);
    for (at, letter) in body.char_indices() {
        match (quote, letter) {
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), _) if open == letter => quote = None,
            (None, '#') => return body.get(at..).map(|comment| format!(" {comment}")),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEMPLATE: &str = "# top\n[desk]\nslot = 1                       # 0 to 99\nsocket = \"/a#b\" # where\n\n[devices]\n#scanner = \"auto\"  # a port\ncard = true\n#[devices.vendor]\n#slot = \"auto\"\n";

    fn value(key: &'static str, value: impl Into<toml::Value>) -> Filled {
        let value = value.into();
        Filled { key, value }
    }

    #[test]
    fn values_change_and_comments_stay() {
        let values = [
            value("desk.slot", 7),
            value("desk.socket", "C:\\pipe"),
            value("devices.scanner", "COM3"),
            value("devices.card", false),
        ];
        let (text, left) = fill(TEMPLATE, &values);
        assert_eq!(left, Vec::<&str>::new());
        assert_eq!(
            text,
            "# top\n[desk]\nslot = 7                        # 0 to 99\nsocket = 'C:\\pipe'              # where\n\n[devices]\nscanner = \"COM3\"                # a port\ncard = false\n#[devices.vendor]\n#slot = \"auto\"\n"
        );
    }

    #[test]
    fn a_key_of_another_section_is_left_alone() {
        let (text, left) = fill(TEMPLATE, &[value("ledger.slot", 7)]);
        assert_eq!((text.as_str(), left), (TEMPLATE, vec!["ledger.slot"]));
    }

    #[test]
    fn every_question_has_its_place_in_the_example() {
        let example = super::super::EXAMPLE;
        let values: Vec<Filled> = super::super::answers::KEYS
            .iter()
            .map(|key| value(key, "x"))
            .collect();
        assert_eq!(fill(example, &values).1, Vec::<&str>::new());
    }
}
