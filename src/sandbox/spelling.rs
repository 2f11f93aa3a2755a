//! How a region spells its answers after an upgrade: nothing has changed in fact, and no text is the same.

use crate::json::Object;

/// Dates that get a time of day.
const DATES: [&str; 5] = [
    "begndate",
    "enddate",
    "psn_insu_date",
    "paus_insu_date",
    "refl_date",
];

/// Writes dates with a time, person categories with six digits and kinds of filings with four.
pub(crate) fn renew(output: &mut Object) {
    for name in DATES {
        output.rewrite(name, &|text| {
            if text.len() == 10 {
                format!("{text} 00:00:00")
            } else {
                String::from(text)
            }
        });
    }
    output.rewrite("psn_type", &|text| format!("{text:0<6}"));
    output.rewrite("out_fil_type", &|text| format!("{text:0>4}"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Json;

    #[test]
    fn texts_change_at_any_depth_and_nothing_else() {
        let row = Object::new()
            .with("begndate", "2026-01-01")
            .with("enddate", Json::Null)
            .with("out_fil_type", "12")
            .with("trt_dcla_detl_sn", "7");
        let mut output = Object::new()
            .with("psn_type", "1102")
            .with("psnfixmedin", vec![row]);
        renew(&mut output);
        let text = serde_json::to_string(&output).unwrap();
        assert_eq!(
            text,
            r#"{"psn_type":"110200","psnfixmedin":[{"begndate":"2026-01-01 00:00:00","enddate":null,"out_fil_type":"0012","trt_dcla_detl_sn":"7"}]}"#
        );
    }
}
