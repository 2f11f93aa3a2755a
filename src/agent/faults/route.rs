//! Faults of a route that is closed: nothing was sent, and the desk is told at once.

use zhijie_model::{Fault, LinkState};

use super::{Entry, GATE_004, GATE_005, PLAT_014, PLAT_015, REGN_002, REGN_003, fault};
use crate::routes::{Closed, Route, Why, minute};

/// The code for a closed route.
#[must_use]
pub const fn entry_of_closed(closed: &Closed) -> &'static Entry {
    match (closed.route, &closed.why) {
        (Route::Gateway, Why::Failures { .. }) => &GATE_004,
        (Route::Gateway, Why::Announced { .. }) => &GATE_005,
        (Route::Province, Why::Failures { .. }) => &PLAT_014,
        (Route::Province, Why::Announced { .. }) => &PLAT_015,
        (Route::Region(_), Why::Failures { .. }) => &REGN_002,
        (Route::Region(_), Why::Announced { .. }) => &REGN_003,
    }
}

/// The fault of a call that was not sent because of `closed`.
#[must_use]
pub fn of_closed(closed: &Closed, marker: &str) -> Fault {
    let words = closed.words();
    let mut made = fault(entry_of_closed(closed), &words.en, None, marker);
    made.cashier = cashier(closed, &words.zh);
    for line in made.trace.iter_mut().filter(|line| line.link != made.link) {
        line.state = LinkState::Unknown;
        line.evidence = String::from("nothing was sent");
    }
    made
}

fn cashier(closed: &Closed, what: &str) -> String {
    let others = match closed.route {
        Route::Region(_) => "其他参保地的患者不受影响。",
        Route::Gateway | Route::Province => "",
    };
    let next = match (&closed.why, closed.until) {
        (Why::Failures { .. }, Some(until)) => {
            format!("程序{}后再试，恢复后自动放行，请稍后重新试算", minute(until))
        }
        (Why::Failures { .. }, None) => String::from("程序正在试探是否恢复，请稍后重新试算"),
        (Why::Announced { .. }, Some(until)) => format!("请在{}之后重新试算", minute(until)),
        (Why::Announced { .. }, None) => String::from("请在停机结束后重新试算"),
    };
    let text = closed.patient_text.as_ref();
    let told = text.map_or_else(String::new, |text| format!("。请告诉患者：{}", text.zh));
    format!("{what}，本次没有发送，没有结算。{others}{next}{told}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::{Blame, PatientText};
    use zhijie_model::{Area, MoneyMoved, Transaction};
    use zhijie_settlement::Cause;

    fn closed(route: Route, why: Why) -> Closed {
        Closed {
            route,
            why,
            since: "2026-11-22T04:00:00Z".parse().unwrap(),
            until: "2026-11-22T06:30:00Z".parse().ok(),
            patient_text: None,
            deferral_allowed: false,
        }
    }

    #[test]
    fn a_call_that_was_not_sent_names_link_time_and_next_step() {
        let area = Area::new("341225").unwrap();
        let failures = Why::Failures { blame: Blame::Silent };
        let mut announced = closed(
            Route::Region(area),
            Why::Announced {
                issuer: String::from("阜阳市医保局"),
            },
        );
        announced.patient_text = Some(PatientText {
            zh: String::from("明早再来"),
            en: String::from("come tomorrow"),
        });
        for (closed, code, said) in [
            (
                closed(Route::Gateway, failures.clone()),
                "GATE-004",
                "11-22 12:00",
            ),
            (
                closed(Route::Province, failures.clone()),
                "PLAT-014",
                "11-22 14:30",
            ),
            (
                closed(Route::Region(area), failures),
                "REGN-002",
                "其他参保地的患者不受影响",
            ),
            (announced, "REGN-003", "请告诉患者：明早再来"),
        ] {
            let cause = Cause::NotSent {
                transaction: Transaction::Settle,
                reason: closed.not_sent(),
            };
            let made = super::super::of_cause(&cause, "m");
            assert_eq!((made.code.as_str(), made.money_moved), (code, MoneyMoved::No));
            assert!(
                made.cashier.contains(said) && made.cashier.contains("没有结算"),
                "{}",
                made.cashier
            );
            assert!(
                made.engineer.is_ascii() || code == "REGN-003",
                "{}",
                made.engineer
            );
            assert!(made.trace.iter().all(|line| line.state != LinkState::Ok));
        }
    }

    #[test]
    fn a_refund_that_was_not_sent_leaves_the_settlement_standing() {
        let closed = closed(Route::Province, Why::Failures { blame: Blame::Silent });
        let cause = Cause::NotSent {
            transaction: Transaction::Cancel,
            reason: closed.not_sent(),
        };
        let made = super::super::of_cause(&cause, "m");
        assert!(
            made.cashier.contains("原结算仍然有效") && made.cashier.contains("再次退费"),
            "{}",
            made.cashier
        );
    }
}
