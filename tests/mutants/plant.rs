//! From a source and the replacements meant for it to a source that holds all of them, each behind its switch.

use crate::table::{Edit, SWITCH};

/// A replacement and the bug it belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planted<'a> {
    pub(crate) mutant: &'a str,
    pub(crate) edit: &'a Edit,
}

/// Where the replacement belongs, in bytes.
///
/// # Errors
/// When its text is not there, or there more than once.
pub(crate) fn place(source: &str, edit: &Edit) -> Result<(usize, usize), String> {
    let mut found = source.match_indices(edit.from.trim_end());
    match (found.next(), found.next()) {
        (Some((at, text)), None) => Ok((at, at + text.len())),
        (None, _) => Err(format!("its text is not in {}", edit.file)),
        (Some(_), Some(_)) => Err(format!("its text is in {} more than once", edit.file)),
    }
}

/// The source with every replacement in it. Several bugs may stand in exactly the same place.
///
/// # Errors
/// A text that does not occur exactly once, or two replacements whose places overlap without being the same.
pub(crate) fn plant(source: &str, edits: &[Planted<'_>]) -> Result<String, String> {
    let mut places = Vec::new();
    for planted in edits {
        let place = place(source, planted.edit).map_err(|error| format!("{}: {error}", planted.mutant))?;
        places.push((place, *planted));
    }
    places.sort_by_key(|(place, _)| *place);
    let mut out = String::new();
    let mut done = 0;
    for group in places.chunk_by(|(a, _), (b, _)| a == b) {
        let ((start, end), first) = group[0];
        if start < done {
            return Err(format!(
                "{} overlaps the bug before it in {}",
                first.mutant, first.edit.file
            ));
        }
        let members: Vec<_> = group.iter().map(|(_, planted)| *planted).collect();
        out.push_str(&source[done..start]);
        out.push_str(&switched(&source[start..end], &members)?);
        done = end;
    }
    out.push_str(&source[done..]);
    Ok(out)
}

fn switched(from: &str, members: &[Planted<'_>]) -> Result<String, String> {
    if let [only] = members
        && only.edit.to.contains(SWITCH)
    {
        return Ok(only.edit.to.replace(SWITCH, &switch(only.mutant)));
    }
    let mut out = String::from("{ ");
    for Planted { mutant, edit } in members {
        if edit.to.contains(SWITCH) {
            return Err(format!("{mutant} shares its place and must not say {SWITCH}"));
        }
        out.push_str(&format!(
            "if {} {{ {} }} else ",
            switch(mutant),
            edit.to.trim_end()
        ));
    }
    out.push_str(&format!("{{ {from} }} }}"));
    Ok(out)
}

/// Asks the module that is added to the copy of the lowest crate.
fn switch(mutant: &str) -> String {
    format!("zhijie_model::planted::on(\"{mutant}\")")
}

/// The module itself. One process has one bug on, or none.
pub(crate) const MODULE: &str = r#"//! Which planted bug is on.

/// Whether the bug of this name is on in this process.
#[must_use]
pub fn on(name: &str) -> bool {
    static NAME: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    NAME.get_or_init(|| std::env::var("ZHIJIE_PLANTED").ok()).as_deref() == Some(name)
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(from: &str, to: &str) -> Edit {
        Edit {
            file: String::from("a.rs"),
            from: String::from(from),
            to: String::from(to),
        }
    }

    fn planted<'a>(edits: &'a [(&'a str, Edit)]) -> Vec<Planted<'a>> {
        let one = |(mutant, edit): &'a (&'a str, Edit)| Planted { mutant, edit };
        edits.iter().map(one).collect()
    }

    #[test]
    fn every_bug_stands_behind_its_own_switch() {
        let edits = [
            ("b", edit("old()", "true")),
            ("a", edit("late", "if PLANTED { now } else { late }")),
            ("c", edit("old()", "false")),
        ];
        let text = plant("let x = old(); late", &planted(&edits)).unwrap();
        assert_eq!(
            text,
            "let x = { if zhijie_model::planted::on(\"b\") { true } else if zhijie_model::planted::on(\"c\") \
             { false } else { old() } }; if zhijie_model::planted::on(\"a\") { now } else { late }"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let refused = |edits: &[(&str, Edit)]| plant("one two one three", &planted(edits)).unwrap_err();
        assert_eq!(refused(&[("a", edit("four", ""))]), "a: its text is not in a.rs");
        assert_eq!(
            refused(&[("a", edit("one", ""))]),
            "a: its text is in a.rs more than once"
        );
        let overlap = [("a", edit("two one", "x")), ("b", edit("one three", "y"))];
        assert_eq!(refused(&overlap), "b overlaps the bug before it in a.rs");
        let shared = [("a", edit("two", "x")), ("b", edit("two", "PLANTED"))];
        assert_eq!(refused(&shared), "b shares its place and must not say PLANTED");
    }
}
