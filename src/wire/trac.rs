//! `drug_trac_info`, the trace codes of what a settlement hands out (interface reference, 3.5).

use serde::Serialize;
use zhijie_model::{LineSerial, TraceCode, Traces};

use crate::message::{EncodeError, filled};
use crate::settlement_rules::{SettlementRules, TraceRule};

/// One package.
#[derive(Serialize)]
pub(crate) struct Package<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    feedetl_sn: Option<&'a str>, // 费用明细流水号
    drug_trac_codg: &'a str,  // 药品追溯码
    trdn_flag: &'static str,  // 拆零标志
    min_prcunt_type: &'a str, // 最小计价单位类型
}

/// How many codes ought to be there.
#[derive(Serialize)]
pub(crate) struct Counts {
    minpacunt_drug_trac_cnt: u32, // 应传最小包装药品追溯码数
    mcs_trac_cnt: u32,            // 应传耗材追溯码数
}

/// The rows beside a settlement; empty where the province does not want any.
pub(crate) fn rows<'a>(traces: &'a Traces, rules: &SettlementRules) -> Result<Vec<Package<'a>>, EncodeError> {
    if rules.traces == TraceRule::None {
        return Ok(Vec::new());
    }
    let rows = traces.codes.iter();
    rows.map(|trace| package(&trace.code, Some(&trace.serial)))
        .collect()
}

/// The rows within one line of a purchase.
pub(crate) fn within<'a>(
    codes: &'a [TraceCode],
    rules: &SettlementRules,
) -> Result<Vec<Package<'a>>, EncodeError> {
    if rules.traces == TraceRule::None {
        return Ok(Vec::new());
    }
    codes.iter().map(|code| package(code, None)).collect()
}

/// The counts, where the province wants them; also where the codes themselves go another way.
pub(crate) fn counts(traces: &Traces, rules: &SettlementRules) -> Option<Counts> {
    rules.trace_counts.then_some(Counts {
        minpacunt_drug_trac_cnt: traces.drugs_due,
        mcs_trac_cnt: traces.consumables_due,
    })
}

fn package<'a>(code: &'a TraceCode, serial: Option<&'a LineSerial>) -> Result<Package<'a>, EncodeError> {
    Ok(Package {
        feedetl_sn: serial.map(LineSerial::as_str),
        drug_trac_codg: filled("drug_trac_codg", &code.code)?,
        trdn_flag: if code.opened { "1" } else { "0" },
        min_prcunt_type: filled("min_prcunt_type", &code.unit)?,
    })
}
