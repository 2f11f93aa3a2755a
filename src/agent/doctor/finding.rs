//! One thing the doctor has to say.

use std::fmt;

use zhijie_ports::DeviceFault;

use super::advice::advice;
use crate::faults;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Good,
    /// Works, and is worth knowing.
    Hint,
    /// Does not work.
    Bad,
}

/// Which link, what is so, what to do. Chinese first, English beside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) mark: Mark,
    /// Fault code, which has a page.
    pub(crate) code: Option<String>,
    link: &'static str,
    pub(super) zh: String,
    en: String,
    /// The next step, in both languages; empty where there is nothing to do.
    pub(super) next: Vec<(String, String)>,
}

pub(super) const READER: &str = "读卡器 reader";
pub(super) const SCANNER: &str = "扫码枪 scanner";
pub(super) const HELPER: &str = "设备程序 helper";

impl Finding {
    pub(super) fn good(link: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            mark: Mark::Good,
            code: None,
            link,
            zh: zh.into(),
            en: en.into(),
            next: Vec::new(),
        }
    }

    pub(super) fn hint(link: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            mark: Mark::Hint,
            ..Self::good(link, zh, en)
        }
    }

    /// What does not work and is no fault of a device.
    pub(super) fn wrong(link: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            mark: Mark::Bad,
            ..Self::good(link, zh, en)
        }
    }

    /// With the text of the fault and what helps against it.
    pub(super) fn bad(link: &'static str, fault: &DeviceFault) -> Self {
        let told = faults::of_device(fault, "doctor");
        let finding = Self {
            mark: Mark::Bad,
            code: Some(told.code),
            ..Self::good(link, told.cashier, fault.to_string())
        };
        let (zh, en) = advice(fault);
        finding.then(zh, en)
    }

    pub(super) fn then(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.next.push((zh.into(), en.into()));
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.mark {
            Mark::Good => "[正常 ok]",
            Mark::Hint => "[提示 note]",
            Mark::Bad => "[故障 bad]",
        };
        write!(out, "{mark} {}", self.link)?;
        if let Some(code) = &self.code {
            write!(out, "  {code}")?;
        }
        write!(out, "\n    {}\n    {}", self.zh, self.en)?;
        for (zh, en) in &self.next {
            write!(out, "\n  → {zh}\n    {en}")?;
        }
        Ok(())
    }
}
