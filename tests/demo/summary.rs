//! What each scene came to.

use std::path::Path;
use std::time::Instant;

use anyhow::ensure;
use serde_json::{Map, Value, json};

/// One object per scene.
#[derive(Debug, Default)]
pub(crate) struct Summary {
    scenes: Vec<Value>,
}

/// A scene being played.
pub(crate) struct Scene {
    name: &'static str,
    began: Instant,
}

impl Scene {
    /// Announces a scene.
    pub(crate) fn begin(name: &'static str, title: &str) -> Self {
        println!("\n=== {title}");
        #[expect(
            clippy::disallowed_methods,
            reason = "the summary tells how long a scene took"
        )]
        let began = Instant::now();
        Self { name, began }
    }

    /// Closes a scene. `amounts` are fen.
    pub(crate) fn end(self, summary: &mut Summary, outcome: &str, amounts: Value) {
        self.end_with(summary, outcome, amounts, &[]);
    }

    /// As [`Scene::end`], with members of the scene's own.
    pub(crate) fn end_with(
        self,
        summary: &mut Summary,
        outcome: &str,
        amounts: Value,
        more: &[(&str, &Value)],
    ) {
        let milliseconds = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let mut scene = Map::new();
        scene.insert(String::from("name"), json!(self.name));
        scene.insert(String::from("outcome"), json!(outcome));
        scene.insert(String::from("amounts_fen"), amounts);
        scene.insert(String::from("milliseconds"), json!(milliseconds));
        scene.extend(
            more.iter()
                .map(|(name, value)| (String::from(*name), (*value).clone())),
        );
        println!("    -> {outcome}, {milliseconds} ms");
        summary.scenes.push(Value::Object(scene));
    }
}

impl Summary {
    pub(crate) fn write(&self, file: &Path) -> anyhow::Result<()> {
        ensure!(
            self.scenes.iter().all(|scene| scene["outcome"] == "done"),
            "a scene did not end well"
        );
        Ok(std::fs::write(
            file,
            serde_json::to_string_pretty(&self.scenes)? + "\n",
        )?)
    }
}

/// The amounts of a split that people ask about.
pub(crate) fn amounts(split: &Value) -> Value {
    json!({
        "total": split["total_fen"],
        "pool": split["pool_fen"],
        "other_funds": split["other_funds_fen"],
        "account": split["account_fen"],
        "cash": split["cash_fen"],
    })
}

/// Fen as yuan, for the eye.
pub(crate) fn yuan(fen: &Value) -> String {
    let fen = fen.as_i64().unwrap_or_default();
    let sign = if fen < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", fen.abs() / 100, fen.abs() % 100)
}
