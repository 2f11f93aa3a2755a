//! Which address takes which transaction.

use hyper::HeaderMap;

use super::Dress;
use super::rules::UrlFamily;
use crate::urls;

/// What an address takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    Any,
    /// These transactions only.
    Of(Vec<String>),
}

impl Address {
    pub(crate) fn takes(&self, infno: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Of(only) => only.iter().any(|known| known == infno),
        }
    }

    /// The address behind a path of the sandbox's own dress.
    pub(crate) fn plain(path: &str) -> Option<Self> {
        if path == urls::SINGLE {
            return Some(Self::Any);
        }
        let known = urls::taken_at(path.strip_prefix("/fsi/api/")?);
        Some(Self::Of(known)).filter(|address| *address != Self::Of(Vec::new()))
    }
}

impl Dress {
    /// The address behind a path, if this province has it.
    pub(crate) fn address(&self, path: &str, headers: &HeaderMap) -> Option<Address> {
        let rule = &self.rules.url;
        let named = |wanted: &str| -> Vec<String> {
            let said = rule.paths.iter().filter(|(_, below)| below.as_str() == wanted);
            said.map(|(infno, _)| infno.clone()).collect()
        };
        let of =
            |known: Vec<String>| Some(Address::Of(known)).filter(|found| *found != Address::Of(Vec::new()));
        let below = path.strip_prefix(rule.base_path.as_str())?;
        match rule.family {
            UrlFamily::Single => below.is_empty().then_some(Address::Any),
            UrlFamily::FsiTable => {
                let method = below.strip_prefix('/')?;
                let mut known = named(method);
                known.extend(urls::taken_at(method));
                of(known)
            }
            UrlFamily::Suffix => {
                let ending = below.strip_prefix('-')?;
                let mut known = named(ending);
                let plain = ending.len() >= 4 && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
                known.extend(plain.then(|| String::from(ending)));
                of(known)
            }
            UrlFamily::Bus => {
                let name = headers.get("_api_name")?.to_str().ok()?;
                let anything = below.is_empty() && rule.api.as_deref() == Some(name);
                if anything {
                    Some(Address::Any)
                } else {
                    of(named(name)).filter(|_| below.is_empty())
                }
            }
        }
    }
}
