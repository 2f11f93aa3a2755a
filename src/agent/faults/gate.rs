//! Faults at the gateway that name their cause: who we are, what time it is, whose certificate, whose signature.
//!
//! The cause travels as the evidence of a lost or unsent call into ledger and answer, and is read back here.

use super::{Entry, GATE_007, GATE_008, GATE_009, GATE_010, GATE_011, GATE_012, GATE_013, GATE_014};

/// The gateway did not let a call in.
pub(crate) const TURNED_AWAY: &str = "turned away by the gateway";
/// Behind it: the clock is off.
pub(crate) const CLOCK_OFF: &str = "the clock of this PC is";
/// The answer was not signed or encrypted as agreed.
pub(crate) const NOT_SEALED: &str = "the answer is not sealed as agreed";
/// A TLS alert behind the handshake.
pub(crate) const TLS_ALERT: &str = "a TLS alert after the handshake";
pub(crate) const UNTRUSTED: &str = "the platform's certificate is not trusted";
/// A gateway that wants a token, and none is to be had.
pub(crate) const NO_TOKEN: &str = "no token: ";
/// Seconds from which the clock counts as off.
pub(crate) const CLOCK_OFF_S: i64 = 30;

/// Of a call that moves no money, or of one that was not sent.
pub(crate) fn harmless(evidence: &str) -> Option<&'static Entry> {
    if evidence.starts_with(TURNED_AWAY) {
        Some(if evidence.contains(CLOCK_OFF) {
            &GATE_010
        } else {
            &GATE_007
        })
    } else if evidence.starts_with(NOT_SEALED) {
        Some(&GATE_014)
    } else if evidence.starts_with(TLS_ALERT) {
        Some(&GATE_012)
    } else if evidence == UNTRUSTED {
        Some(&GATE_011)
    } else {
        evidence.starts_with(NO_TOKEN).then_some(&GATE_009)
    }
}

/// Of a call that may have moved money.
pub(crate) fn in_doubt(evidence: &str) -> Option<&'static Entry> {
    if evidence.starts_with(TURNED_AWAY) {
        Some(&GATE_008)
    } else {
        evidence.starts_with(NOT_SEALED).then_some(&GATE_013)
    }
}

/// Whether the platform says that it does not know this transaction at this address: nothing was done.
pub(crate) fn says_wrong_address(text: &str) -> bool {
    text.contains("交易编号")
        && ["未找到", "不存在", "未知", "不匹配"]
            .iter()
            .any(|word| text.contains(word))
}

/// What the clock is off by, in words; `None` while it is near enough.
pub(crate) fn clock_words(offset_s: Option<i64>) -> Option<String> {
    let offset = offset_s.filter(|offset| offset.abs() >= CLOCK_OFF_S)?;
    let way = if offset > 0 { "behind" } else { "ahead of" };
    Some(format!("{CLOCK_OFF} {} s {way} the platform's", offset.abs()))
}

#[cfg(test)]
mod tests {
    use zhijie_model::MoneyMoved;

    use super::*;

    #[test]
    fn a_cause_keeps_its_name_on_the_way() {
        let clock = clock_words(Some(-400)).unwrap();
        assert_eq!(clock, "the clock of this PC is 400 s ahead of the platform's");
        assert_eq!(clock_words(Some(29)), None);
        let table = [
            (
                format!("{TURNED_AWAY}, status 401"),
                Some("GATE-007"),
                Some("GATE-008"),
            ),
            (
                format!("{TURNED_AWAY}, status 401; {clock}"),
                Some("GATE-010"),
                Some("GATE-008"),
            ),
            (
                format!("{NOT_SEALED}: the signature is wrong"),
                Some("GATE-014"),
                Some("GATE-013"),
            ),
            (String::from(TLS_ALERT), Some("GATE-012"), None),
            (String::from(UNTRUSTED), Some("GATE-011"), None),
            (
                format!("{NO_TOKEN}the token service does not answer"),
                Some("GATE-009"),
                None,
            ),
            (String::from("answer is a web page, status 502"), None, None),
        ];
        for (evidence, without, with) in table {
            let code = |entry: Option<&'static Entry>| entry.map(|entry| entry.code);
            assert_eq!(code(harmless(&evidence)), without, "{evidence}");
            assert_eq!(code(in_doubt(&evidence)), with, "{evidence}");
            assert!(harmless(&evidence).is_none_or(|entry| entry.money == MoneyMoved::No));
            assert!(in_doubt(&evidence).is_none_or(|entry| entry.money == MoneyMoved::Unknown));
        }
    }

    #[test]
    fn an_unknown_transaction_is_a_wrong_address() {
        assert!(says_wrong_address("FSI-FSI-未找到交易编号[1101],异常流水号:1"));
        assert!(!says_wrong_address("FSI-未查询到原交易"));
    }
}
