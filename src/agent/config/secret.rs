//! Secrets are references.

use serde::Deserialize;
use zhijie_model::Private;

use super::ConfigError;

/// Where a secret lies: `file:/path` or `env:NAME`. Never the secret itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub struct SecretRef(pub(super) String);

impl SecretRef {
    /// Fetches the secret.
    ///
    /// # Errors
    /// When the reference has another form or nothing lies there; the secret is never part of the text.
    pub fn fetch(&self, key: &'static str) -> Result<Private, ConfigError> {
        let fail = |problem: String| ConfigError::Secret { key, problem };
        if let Some(path) = self.0.strip_prefix("file:") {
            let text = std::fs::read_to_string(path)
                .map_err(|error| fail(format!("names a file that cannot be read ({})", error.kind())))?;
            return Ok(Private::new(text.trim()));
        }
        if let Some(name) = self.0.strip_prefix("env:") {
            let text = std::env::var(name)
                .map_err(|_| fail(format!("names the variable {name}, which is not set")))?;
            return Ok(Private::new(text));
        }
        Err(fail(String::from("must begin with file: or env:")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_a_reference() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("s");
        std::fs::write(&file, "geheim\n").unwrap();
        let reference = SecretRef(format!("file:{}", file.display()));
        assert_eq!(reference.fetch("k").unwrap().reveal(), "geheim");
        let error = SecretRef(String::from("geheim"))
            .fetch("k")
            .unwrap_err()
            .to_string();
        assert!(!error.contains("geheim"), "{error}");
    }
}
