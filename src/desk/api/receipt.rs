//! `receipt.get`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use zhijie_model::BillId;

use super::check::{ParamError, Params, typed};

/// Parameters of `receipt.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptGetParams {
    pub bill_id: String,
    pub format: ReceiptFormat,
    /// Width of the text form in half-width characters, 32 to 132; 48 fits an 80 mm printer.
    #[serde(default = "columns_default")]
    #[schemars(range(min = 32, max = 132))]
    pub columns: u16,
}

const fn columns_default() -> u16 {
    48
}

impl Params for ReceiptGetParams {
    fn check(&self) -> Result<(), ParamError> {
        typed::<BillId>("bill_id", &self.bill_id)?;
        if (32..=132).contains(&self.columns) {
            Ok(())
        } else {
            Err(ParamError::new("columns", "must be 32 to 132"))
        }
    }
}

/// Form of the settlement sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptFormat {
    Text,
    Html,
    Json,
}

/// Answer of `receipt.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReceiptGetResult {
    pub format: ReceiptFormat,
    /// The sheet in that format, as one text.
    pub content: String,
}
