//! Faults of a stay's saga.

use zhijie_model::{Fault, LineSerial, Transaction};
use zhijie_settlement::{Cause, StayCause};

use super::{
    DESK_035, DESK_036, DESK_037, DESK_038, DESK_039, DESK_040, DESK_041, DESK_042, DESK_043, DESK_044,
    DESK_045, DESK_046, DESK_047, DESK_048, DESK_049, DESK_054, PLAT_020, PLAT_021, PLAT_022, PLAT_023,
    PLAT_024, fault, of_cause,
};

/// The fault of a "not done" or "not known" of a stay.
#[must_use]
pub fn of_stay_cause(cause: &StayCause, marker: &str) -> Fault {
    let plain = |entry| fault(entry, "", None, marker);
    match cause {
        StayCause::Of { why } => of_common(why, marker),
        StayCause::NotAdmitted => plain(&DESK_035),
        StayCause::AlreadyAdmitted => plain(&DESK_036),
        StayCause::Locked => plain(&DESK_037),
        StayCause::SettlementBusy => plain(&DESK_038),
        StayCause::Discharged => plain(&DESK_039),
        StayCause::NotDischarged => plain(&DESK_040),
        StayCause::FinalSettled => plain(&DESK_041),
        StayCause::SettlementStands | StayCause::LaterSettlementStands => plain(&DESK_042),
        StayCause::LinesLieThere => plain(&DESK_043),
        StayCause::ChargesUncertain => plain(&DESK_044),
        StayCause::UnknownLine { serial } => of_line(serial, "平台上没有这条明细", "no such line", marker),
        StayCause::LineChanged { serial } => of_line(
            serial,
            "平台上已有同号但内容不同的明细",
            "another line of this serial",
            marker,
        ),
        StayCause::LineSettled { serial } => of_line(serial, "这条明细已经结算", "settled already", marker),
        StayCause::RefundedTooMuch { serial } => of_line(
            serial,
            "冲减超过了原明细",
            "more given back than was charged",
            marker,
        ),
        StayCause::YearToSettle { year } => {
            let mut made = fault(&DESK_054, &format!("fees of {year} wait"), None, marker);
            made.cashier = format!(
                "{year}年的费用还没有结算，不能与另一年的费用放在一起，没有发送。请先传完{year}年的费用，做中途结算，再传其余"
            );
            made
        }
        StayCause::NothingToSettle => plain(&DESK_046),
        StayCause::ChargesDiffer { at_centre, given } => {
            let mut made = fault(
                &DESK_047,
                &format!("at the centre {at_centre}, given {given}"),
                None,
                marker,
            );
            made.cashier = format!(
                "平台上未结算明细合计{at_centre}元，医院合计{given}元，没有发送。请核对，补传或撤销明细后再试算"
            );
            made
        }
        StayCause::QuoteOutdated => plain(&DESK_048),
        StayCause::OtherSort => plain(&DESK_049),
        StayCause::StepNeverExecuted => plain(&PLAT_021),
    }
}

fn of_line(serial: &LineSerial, zh: &str, en: &str, marker: &str) -> Fault {
    let mut made = fault(&DESK_045, &format!("line {serial}: {en}"), None, marker);
    made.cashier = format!("明细{serial}：{zh}，没有发送，请核对");
    made
}

/// What can befall a bill too, told for a stay: nobody is asked to quote or to take money.
fn of_common(why: &Cause, marker: &str) -> Fault {
    match why {
        Cause::Refused {
            transaction: Transaction::Admit,
            refusal,
        } if refusal.in_hospital.is_some() => {
            let evidence = format!("code {}", refusal.code);
            let mut made = fault(&PLAT_020, &evidence, Some(&refusal.platform), marker);
            let there = refusal.in_hospital.as_ref();
            if let Some(name) = there.and_then(|there| there.institution.as_ref()) {
                made.cashier = format!("患者正在{name}住院，没有办理入院。请患者先在那里办理出院");
            }
            made
        }
        Cause::Reversed => fault(&PLAT_022, "", None, marker),
        Cause::NeverExecuted | Cause::ResolvedNotStanding => fault(&PLAT_023, "", None, marker),
        Cause::StepLost { .. } | Cause::Interrupted => {
            let told = of_common_words(of_cause(why, marker));
            let mut made = fault(&PLAT_024, &told.engineer, None, marker);
            made.platform_text = told.platform_text;
            made
        }
        _ => of_common_words(of_cause(why, marker)),
    }
}

fn of_common_words(mut made: Fault) -> Fault {
    for (of_bill, of_stay) in [
        ("请勿收款，请勿再次结算", "请勿重复办理"),
        ("请勿再次结算或收款", "请勿重复办理"),
        ("没有结算", "没有办理"),
        ("是否已结算", "是否已办理"),
        ("结算结果", "办理结果"),
        ("重新试算", "重新办理"),
        ("这张单据", "这次住院"),
    ] {
        made.cashier = made.cashier.replace(of_bill, of_stay);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhijie_model::{InHospital, MoneyMoved, PlatformWords, Refusal};
    use zhijie_settlement::Silence;

    #[test]
    fn nobody_is_told_to_quote_or_to_take_no_cash_for_an_admission() {
        let lost = Cause::AnswerLost {
            transaction: Transaction::Admit,
            silence: Silence::TimedOut,
        };
        for why in [lost, Cause::Interrupted, Cause::NeverExecuted, Cause::Reversed] {
            let told = of_stay_cause(&StayCause::from(why), "m").cashier;
            assert!(!told.contains("试算") && !told.contains("收款"), "{told}");
        }
    }

    #[test]
    fn a_stay_elsewhere_is_told_with_the_hospitals_name() {
        let text = String::from("FSI-FMI返回：患者在阜阳市人民医院在院，不能办理入院");
        let refusal = Refusal {
            code: String::from("-1"),
            sign_in_lost: false,
            unavailable: false,
            in_hospital: Some(InHospital {
                institution: Some(String::from("阜阳市人民医院")),
            }),
            platform: PlatformWords {
                message_id: None,
                text: Some(text.clone()),
            },
        };
        let transaction = Transaction::Admit;
        let told = of_stay_cause(&StayCause::from(Cause::Refused { transaction, refusal }), "m");
        assert_eq!(
            (told.code.as_str(), told.money_moved),
            ("PLAT-020", MoneyMoved::No)
        );
        assert!(told.cashier.contains("阜阳市人民医院"), "{}", told.cashier);
        assert_eq!(told.platform_text, Some(text));
    }
}
