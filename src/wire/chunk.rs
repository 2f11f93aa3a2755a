//! How a large bill is cut into upload calls.

use zhijie_model::{Bill, ChargeLine};

use crate::context::extension;
use crate::message::INPUT_CHARS_MAX;
use crate::profile::Profile;
use crate::t2204::{Shared, row};

const FRAME_CHARS: usize = "{\"feedetail\":[]}".len();
/// Longest identifiers the interface allows, so that a cut does not depend on who the patient is.
const LONGEST: &str = "0000000000000000000000000000000000000000";

/// Index after the last line of the upload call that begins with line `first`; the next call begins there, and
/// the bill is complete when it equals the number of lines. At least one line is taken, so the calls come to an end;
/// a single line too long for a call is refused by the encoder. Same inputs, same cut.
#[must_use]
pub fn chunk_end(bill: &Bill, first: usize, profile: &Profile) -> usize {
    let lines = bill.lines();
    let most = first.saturating_add(profile.upload_lines_max).min(lines.len());
    let mut chars = FRAME_CHARS;
    let mut end = first;
    for line in lines.get(first..most).unwrap_or_default() {
        chars = chars.saturating_add(row_chars(line, bill, profile));
        if chars > INPUT_CHARS_MAX && end > first {
            break;
        }
        end += 1;
    }
    end
}

fn row_chars(line: &ChargeLine, bill: &Bill, profile: &Profile) -> usize {
    let shared = Shared {
        person: LONGEST,
        visit_id: LONGEST,
        batch: bill.batch().as_str(),
        disease: Some(LONGEST),
    };
    let comma = 1;
    row(line, &shared, extension("2204", &profile.fields))
        .ok()
        .and_then(|row| serde_json::to_string(&row).ok())
        .map_or(0, |json| json.chars().count() + comma)
}
