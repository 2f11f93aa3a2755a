//! How a province takes and hands out files.

use serde::Deserialize;

use crate::profile_check::{ProfileError, text};

/// Files of this province. The documents disagree about the form in which one is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FileRules {
    pub upload: UploadForm,
    /// Sent as the name of every file that is fetched, where the province wants one word for all.
    pub fetch_name: Option<String>,
}

/// Where the bytes of a file stand that is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadForm {
    /// In the message, as a JSON array of numbers.
    #[default]
    Numbers,
    /// In the message, as Base64 text.
    Base64,
    /// Beside the message, as a part of a form.
    Form,
}

impl FileRules {
    pub(crate) fn check(&self) -> Result<(), ProfileError> {
        self.fetch_name
            .as_ref()
            .map_or(Ok(()), |name| text("files.fetch_name", name, 200))
    }
}
