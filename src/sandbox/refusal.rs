//! Why the platform says no, in the words and with the prefixes platforms use.

use core::fmt;

/// A refusal: nothing was done. The text carries the prefix of the layer that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal(String);

impl Refusal {
    /// The front service of the treatment place: envelope, parameters, sign-in.
    pub(crate) fn front(text: impl fmt::Display) -> Self {
        Self(format!("FSI-{text}"))
    }

    /// The business layer behind the front service.
    pub(crate) fn business(text: impl fmt::Display) -> Self {
        Self(format!("FSI-FMI返回：{text}"))
    }

    /// Relayed from the insured region.
    pub(crate) fn insured_region(region: &str, text: impl fmt::Display) -> Self {
        Self(format!("FSI-FMI返回：参保地[{region}]返回:{text}"))
    }

    /// The national hub, about a region it gets no answer from.
    pub(crate) fn hub(text: impl fmt::Display) -> Self {
        Self(format!("FSI-FMI返回：国家异地就医平台返回:{text}"))
    }

    /// The core business subsystem refusing a reversal.
    pub(crate) fn reversal(text: impl fmt::Display) -> Self {
        Self(format!("FSI-调用业务基础子系统冲正失败:{text}"))
    }

    /// A text that carries its prefix already.
    pub(crate) fn verbatim(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// How a transaction ends that does not succeed.
#[derive(Debug)]
pub(crate) enum Fail {
    Refused(Refusal),
    Store(rusqlite::Error),
    Record(serde_json::Error),
}

impl From<Refusal> for Fail {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<rusqlite::Error> for Fail {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error)
    }
}

impl From<serde_json::Error> for Fail {
    fn from(error: serde_json::Error) -> Self {
        Self::Record(error)
    }
}
