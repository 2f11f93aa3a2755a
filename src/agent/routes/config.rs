//! `[routes]` and `[outages]` of the configuration.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::breaker::Rules;
use super::watch::Source;

/// When a route is closed for a while.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Routes {
    /// Failures in a row that close a route.
    pub failures: u32,
    /// Seconds within which they must lie.
    pub within_s: u32,
    /// Seconds before one call may try again; doubled each time it fails.
    pub wait_s: u32,
    /// Seconds the wait grows to at most.
    pub wait_max_s: u32,
    /// Seconds between connections made only to see whether the gateway is back; 0: none.
    pub probe_s: u32,
}

/// Announced outages.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outages {
    /// The calendar; its signature lies beside it, with `.sig` added to the name.
    pub file: PathBuf,
    /// Who may have signed it: the public half of an Ed25519 key, 64 hexadecimal digits.
    pub public_key: String,
}

impl Default for Routes {
    fn default() -> Self {
        Self {
            failures: 3,
            within_s: 600,
            wait_s: 30,
            wait_max_s: 600,
            probe_s: 15,
        }
    }
}

impl Routes {
    pub(crate) const fn rules(&self) -> Rules {
        Rules {
            failures: self.failures,
            within_s: self.within_s,
            wait_s: self.wait_s,
            wait_max_s: self.wait_max_s,
        }
    }

    pub(crate) const fn problem(&self) -> Option<(&'static str, &'static str)> {
        if self.failures == 0 {
            Some(("routes.failures", "must be at least 1"))
        } else if self.within_s == 0 {
            Some(("routes.within_s", "must be at least 1 second"))
        } else if self.wait_s == 0 || self.wait_max_s < self.wait_s {
            Some(("routes.wait_s", "must be 1 second to wait_max_s"))
        } else if self.wait_max_s > 3600 {
            Some(("routes.wait_max_s", "must be at most 3600 seconds"))
        } else {
            None
        }
    }
}

impl Outages {
    pub(crate) fn resolve(&mut self, base: &Path) {
        self.file = base.join(&self.file);
    }

    pub(crate) fn problem(&self) -> Option<(&'static str, &'static str)> {
        let form = "must be 64 hexadecimal digits: the public half of an Ed25519 key";
        self.key().is_none().then_some(("outages.public_key", form))
    }

    fn key(&self) -> Option<Vec<u8>> {
        hex::decode(&self.public_key).ok().filter(|key| key.len() == 32)
    }

    pub(crate) fn source(&self) -> Source {
        Source {
            file: self.file.clone(),
            public_key: self.key().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(text: &str) -> Routes {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn rules_that_would_never_close_or_never_open_are_refused() {
        assert_eq!(Routes::default().problem(), None);
        for (text, key) in [
            ("failures = 0", "routes.failures"),
            ("within_s = 0", "routes.within_s"),
            ("wait_s = 0", "routes.wait_s"),
            ("wait_s = 700", "routes.wait_s"),
            ("wait_max_s = 3601", "routes.wait_max_s"),
        ] {
            assert_eq!(routes(text).problem().map(|(key, _)| key), Some(key), "{text}");
        }
        assert!(toml::from_str::<Routes>("wait = 3").is_err());
    }

    #[test]
    fn a_key_is_64_digits() {
        let outages = |key: &str| {
            let text = format!("file = \"o.toml\"\npublic_key = \"{key}\"");
            toml::from_str::<Outages>(&text).unwrap()
        };
        for wrong in ["", "12", &"zz".repeat(32), &"00".repeat(31)] {
            let problem = outages(wrong).problem();
            assert_eq!(problem.map(|(key, _)| key), Some("outages.public_key"), "{wrong}");
        }
        assert_eq!(outages(&"0a".repeat(32)).problem(), None);
    }
}
