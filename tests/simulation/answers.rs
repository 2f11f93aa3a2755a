//! What the line may bring instead of a clean answer, as the bytes that come: the agent's own reading judges them.

use serde_json::{Value, json};
use zhijie_model::{Call, Fen, MessageId, Refusal, Transaction};
use zhijie_settlement::Event;
use zhijie_uplink::Delivery;

use crate::amounts;
use crate::rng::Rng;

/// No answer of the platform to this call, or none that proves anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    /// A web page of a gateway, under this HTTP status.
    Page(u16),
    /// JSON of a program in between, without the platform's envelope.
    NoEnvelope,
    /// The envelope says that something failed, in words that prove nothing.
    Words(&'static str),
    /// The first half of an answer.
    Half,
    /// The settlement answer to another message, about another person, of another bill. To other calls: half an answer.
    OtherMessage,
    OtherPerson,
    OtherTotal,
}

/// What speaks of something else comes twice as often, because only settlements bring it.
const ODD: [Odd; 17] = [
    Odd::Page(502),
    Odd::Page(504),
    Odd::NoEnvelope,
    Odd::Words("调用超时"),
    Odd::Words("系统异常"),
    Odd::Words("网络异常，请稍后再试"),
    Odd::Words("请联系系统管理员"),
    Odd::Words("该人员未参保，调用医保核心服务失败"),
    Odd::Words("调用超时，请重新签到"),
    Odd::Half,
    Odd::Half,
    Odd::OtherMessage,
    Odd::OtherMessage,
    Odd::OtherPerson,
    Odd::OtherPerson,
    Odd::OtherTotal,
    Odd::OtherTotal,
];

impl Odd {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        ODD[rng.index(ODD.len())]
    }

    /// What the agent's end of the line has in its hands.
    pub(crate) fn delivery(self, call: &Call, message_id: &MessageId) -> Delivery {
        let other = || MessageId::new(format!("{}9999", &message_id.as_str()[..26])).unwrap();
        match (self, call) {
            (Self::Page(status), _) => answered(status, b"<html><body>Bad Gateway</body></html>".to_vec()),
            (Self::NoEnvelope, _) => {
                let said = json!({"status": 500, "error": "Internal Server Error", "path": "/fsi/api"});
                answered(500, said.to_string().into_bytes())
            }
            (Self::Words(words), _) => failed(words),
            (Self::OtherMessage | Self::OtherPerson | Self::OtherTotal, _) if total_of(call).is_some() => {
                let total = total_of(call).unwrap();
                match self {
                    Self::OtherMessage => settled(call, &other(), total, ""),
                    Self::OtherPerson => settled(call, message_id, total, "9"),
                    _ => settled(call, message_id, Fen::new(total.get() + 100).unwrap(), ""),
                }
            }
            (Self::Half | Self::OtherMessage | Self::OtherPerson | Self::OtherTotal, _) => {
                let whole = settlement(call, message_id, Fen::new(100).unwrap(), "").to_string();
                let half: String = whole.chars().take(whole.chars().count() / 2).collect();
                answered(200, half.into_bytes())
            }
        }
    }
}

/// The total of a call that settles.
const fn total_of(call: &Call) -> Option<Fen> {
    match call {
        Call::Settle { total, .. } => Some(*total),
        Call::Purchase { bill, .. } | Call::SettleSlip { bill, .. } => Some(bill.total()),
        _ => None,
    }
}

/// A refusal of the centre in the words it has for it.
pub(crate) fn refused(refusal: &Refusal) -> Delivery {
    failed(refusal.platform.text.as_deref().unwrap_or_default())
}

/// The words of a check that comes before anything is done.
pub(crate) const fn certain(transaction: Transaction) -> &'static str {
    match transaction {
        Transaction::Settle | Transaction::Purchase | Transaction::SettleSlip => "该人员未参保",
        Transaction::Reverse => "调用业务基础子系统冲正失败：不支持冲正",
        _ => "参数校验失败",
    }
}

fn failed(words: &str) -> Delivery {
    let said = json!({"infcode": -1, "inf_refmsgid": "", "err_msg": words, "output": null});
    answered(200, said.to_string().into_bytes())
}

const fn answered(status: u16, body: Vec<u8>) -> Delivery {
    Delivery::Answered {
        status,
        content_type: None,
        body,
    }
}

fn settled(call: &Call, echo: &MessageId, total: Fen, person: &str) -> Delivery {
    let said = settlement(call, echo, total, person);
    answered(200, said.to_string().into_bytes())
}

/// A settlement answer, well made and never made by the centre. `person` is added to her number.
fn settlement(call: &Call, echo: &MessageId, total: Fen, person: &str) -> Value {
    let split = amounts::split(total);
    let visit = match call {
        Call::Settle { visit_id, .. } => visit_id.as_str(),
        Call::Purchase { .. } | Call::SettleSlip { .. } => "P999999",
        _ => "",
    };
    let payer = call.payer();
    let fund = split.parts().fund_total.to_string();
    json!({
        "infcode": 0, "inf_refmsgid": "X", "err_msg": "", "output": {"setlinfo": {
            "mdtrt_id": visit, "setl_id": format!("X{}", &echo.as_str()[12..]),
            "psn_no": format!("{}{person}", payer.number.as_str()), "psn_name": payer.name.reveal(),
            "setl_time": "2026-11-22 10:03:05", "medins_setl_id": echo.as_str(),
            "medfee_sumamt": total.to_string(), "fulamt_ownpay_amt": "0", "inscp_scp_amt": total.to_string(),
            "hifp_pay": fund, "fund_pay_sumamt": fund, "acct_pay": "0",
            "psn_part_amt": split.cash().to_string(), "psn_cash_pay": split.cash().to_string(),
        }},
    })
}

/// The agent believes the answer that is altered here while it is not, so what it refuses is the alteration.
#[test]
fn only_what_is_altered_makes_an_answer_odd() {
    let order = crate::people::order(
        &crate::policy::Rules::draw(&mut Rng::new(1), crate::policy::Plant::None),
        1,
        &mut Rng::new(1),
    );
    let call = Call::Settle {
        payer: order.payer.clone(),
        visit_id: zhijie_model::VisitId::new("V000001").unwrap(),
        kind: order.visit.kind.clone(),
        batch: order.bill.batch().clone(),
        total: order.bill.total(),
        account: order.account,
        amounts: zhijie_model::TrialAmounts {
            own_expense: Fen::ZERO,
            over_ceiling: Fen::ZERO,
            first_own: Fen::ZERO,
            in_scope: order.bill.total(),
        },
        invoice: None,
        traces: zhijie_model::Traces::default(),
    };
    let id = MessageId::new("H31010100001202611220900000001").unwrap();
    let profile = crate::run::profile();
    let read = |delivery| zhijie_agent::reading::outcome(&call, id.clone(), delivery, &profile).0;
    let whole = settled(&call, &id, order.bill.total(), "");
    assert!(matches!(read(whole), Event::Answered { .. }));
    let refusal = crate::centre::refusal(certain(Transaction::Settle), false);
    assert!(matches!(read(refused(&refusal)), Event::Answered { .. }));
    for odd in ODD {
        let event = read(odd.delivery(&call, &id));
        assert!(matches!(event, Event::Lost { .. }), "{odd:?}: {event:?}");
    }
}
