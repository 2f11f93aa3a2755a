//! Links in the documents lead somewhere, and the two READMEs tell the same.

use crate::house;

/// Targets of inline links, images included, outside code.
fn link_targets(text: &str) -> Vec<&str> {
    let mut targets = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (number, part) in line.split('`').enumerate() {
            if number % 2 == 0 {
                targets.extend(
                    part.split("](")
                        .skip(1)
                        .filter_map(|rest| rest.split([')', ' ']).next()),
                );
            }
        }
        // A link whose text is code: the closing bracket follows a backtick.
        targets.extend(
            line.split("`](")
                .skip(1)
                .filter_map(|rest| rest.split([')', ' ']).next()),
        );
    }
    targets.sort_unstable();
    targets.dedup();
    targets
}

fn is_local(target: &str) -> bool {
    !target.contains("://") && !target.starts_with("mailto:") && !target.starts_with('#')
}

/// Contents of fenced blocks, joined per block.
fn code_blocks(text: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<Vec<&str>> = None;
    for line in text.lines() {
        match (&mut open, line.trim_start().starts_with("```")) {
            (Some(lines), true) => {
                blocks.push(lines.join("\n"));
                open = None;
            }
            (Some(lines), false) => lines.push(line),
            (None, true) => open = Some(Vec::new()),
            (None, false) => {}
        }
    }
    blocks
}

/// Levels of the headings, in order; lines inside code blocks do not count.
fn headings(text: &str) -> Vec<usize> {
    let mut fenced = false;
    let mut levels = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        let level = line.bytes().take_while(|b| *b == b'#').count();
        if !fenced && level > 0 && line[level..].starts_with(' ') {
            levels.push(level);
        }
    }
    levels
}

/// What is named as `file.rs::test`, file and test.
fn named_tests(text: &str) -> Vec<(&str, &str)> {
    text.split('`')
        .filter_map(|code| code.split_once(".rs::"))
        .filter(|(path, name)| !path.contains(char::is_whitespace) && !name.contains(char::is_whitespace))
        .collect()
}

/// Whether the source has a function of this name that is a test.
fn has_test(source: &str, name: &str) -> bool {
    let mut marked = false;
    source.lines().map(str::trim_start).any(|line| {
        if line.starts_with("#[test]") || line.starts_with("#[tokio::test") {
            marked = true;
        }
        let Some((head, rest)) = line.split_once("fn ") else {
            return false;
        };
        let found = marked
            && (head.is_empty() || head == "async ")
            && rest.strip_prefix(name).is_some_and(|rest| rest.starts_with('('));
        marked = false;
        found
    })
}

#[test]
fn tests_named_in_documents_exist() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for file in house::files(&["docs"], "md") {
        for (path, name) in named_tests(&file.text) {
            seen += 1;
            let source = std::fs::read_to_string(house::root().join(format!("{path}.rs")));
            if !source.is_ok_and(|source| has_test(&source, name)) {
                missing.push(format!("{}: {path}.rs::{name}", file.path));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
    assert!(
        seen > 20,
        "the table of what happens around the devices names its tests"
    );
}

#[test]
fn a_test_that_is_not_there_is_seen() {
    assert_eq!(named_tests("| a | `x/y.rs::z` and `no` `b.rs` |"), [("x/y", "z")]);
    let source = "#[test]\nfn a_card() {}\nfn kit() {}\n#[tokio::test]\n#[ignore]\nasync fn waits() {}\n    #[test]\n    fn inner() {}";
    for (name, there) in [
        ("a_card", true),
        ("waits", true),
        ("inner", true),
        ("a_car", false),
        ("kit", false),
        ("other", false),
    ] {
        assert_eq!(has_test(source, name), there, "{name}");
    }
}

#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for file in house::files(&["."], "md") {
        let file_path = house::root().join(&file.path);
        let folder = file_path.parent().expect("a file lies in a folder");
        for target in link_targets(&file.text)
            .into_iter()
            .filter(|target| is_local(target))
        {
            let path = target.split('#').next().unwrap_or_default();
            if path.starts_with('/') || !folder.join(path).exists() {
                broken.push(format!("{}: {target}", file.path));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn both_readmes_keep_step() {
    let read = |name: &str| std::fs::read_to_string(house::root().join(name)).expect("a README");
    let (english, chinese) = (read("README.md"), read("README.zh-CN.md"));
    assert!(headings(&english).len() > 3, "the README has lost its headings");
    assert_eq!(headings(&english), headings(&chinese), "headings");
    assert_eq!(code_blocks(&english), code_blocks(&chinese), "code blocks");
}

#[test]
fn documents_are_read_as_written() {
    let text = "# One\n[a](x.md) `[no](code)` [`b`](y/z.md#part) ![c](<i.png> \"t\")\n```sh\n# not a heading\n[d](w)\n```\n## Two\n";
    assert_eq!(link_targets(text), ["<i.png>", "x.md", "y/z.md#part"]);
    assert_eq!(headings(text), [1, 2]);
    assert_eq!(code_blocks(text), ["# not a heading\n[d](w)"]);
}
