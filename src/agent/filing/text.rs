//! What is known of a filing, in words for the cashier and the patient.

use jiff::Timestamp;
use zhijie_desk::api::NextStep as Told;
use zhijie_filing::{Answer, Declared, FilingKind, NextStep, RefusalClass, Said, Source, Sureness};
use zhijie_model::{Area, beijing};

use crate::areas::area_name;

/// The answer in one sentence: what, on whose word, when, and whether that is old.
pub(super) fn answer(answer: Answer, sureness: Sureness, seen_at: Option<Timestamp>, stale: bool) -> String {
    let what = match answer {
        // A visit that was taken does not prove a filing.
        Answer::Valid if sureness == Sureness::Verdict => "参保地已受理，可以直接结算",
        Answer::Valid if sureness == Sureness::Hint => "可以直接结算",
        Answer::Valid => "备案有效",
        Answer::NotNeeded => "无需备案",
        Answer::Missing => "没有备案",
        Answer::Expired => "备案已过期",
        Answer::NotKnown => "备案情况未知",
    };
    let basis = match sureness {
        Sureness::Rule => "按规定",
        Sureness::Verdict => "参保地答复",
        Sureness::Hint => "查询所见，以参保地答复为准",
        Sureness::Paper => "患者出示，以参保地答复为准",
        Sureness::Nothing if seen_at.is_some() => "信息互相矛盾，以参保地答复为准",
        Sureness::Nothing => "本机没有记录",
    };
    let when = seen_at.map(|at| format!("，{}", minute(at))).unwrap_or_default();
    let old = if stale { "，信息已旧" } else { "" };
    format!("{what}（{basis}{when}{old}）")
}

fn minute(at: Timestamp) -> String {
    let civil = beijing(at);
    format!("{} {:02}:{:02}", civil.date(), civil.hour(), civil.minute())
}

/// Beijing wall clock to the second.
pub(super) fn second(at: Timestamp) -> String {
    let civil = beijing(at);
    format!("{}:{:02}", minute(at), civil.second())
}

/// How long before something was.
pub(super) fn before(age_s: u64) -> String {
    let (minutes, hours) = (age_s.div_euclid(60), age_s.div_euclid(3600));
    match (minutes, hours) {
        (0, _) => String::from("不到 1 分钟前"),
        (_, 0) => format!("{minutes} 分钟前"),
        (_, ..48) => format!("{hours} 小时前"),
        _ => format!("{} 天前", hours.div_euclid(24)),
    }
}

/// Where the patient goes, or what the cashier does.
pub(super) fn next_step(step: NextStep, insured: Option<Area>) -> Told {
    let region = insured.map_or_else(String::new, |area| format!("（{}）", area_name(area)));
    let places = format!("参保地{region}医保经办机构，或“国家医保服务平台”APP，或拨打 12393 咨询");
    let (cashier, engineer) = match step {
        NextStep::Settle => (String::from("可以试算和结算"), "quote and settle"),
        NextStep::File => (
            format!("请患者先办理异地就医备案：{places}；办好后再试算"),
            "the patient files with the insured region, then quote",
        ),
        NextStep::Renew => (
            format!("备案已到期，请患者重新办理异地就医备案：{places}；办好后再试算"),
            "the patient files again with the insured region, then quote",
        ),
        NextStep::FileForMore => (
            format!("参保地可以按未备案的较低比例结算；要按正常比例，请患者先办理异地就医备案：{places}"),
            "the region takes the visit at its lower share; the patient may file first",
        ),
        NextStep::Quote => (
            format!("请直接试算，以参保地答复为准；需要核实可联系{places}"),
            "quote: the insured region's answer tells",
        ),
    };
    Told {
        cashier,
        engineer: String::from(engineer),
    }
}

/// Where the insured region itself is not known.
pub(super) fn region_unknown() -> Told {
    Told {
        cashier: String::from("不知道患者的参保地，请先读卡或扫码查询，或指定参保地"),
        engineer: String::from("the insured region is not known: look the person up, or name insured_area"),
    }
}

pub(super) const fn kind(kind: FilingKind) -> &'static str {
    match kind {
        FilingKind::ResettledRetiree => "异地安置退休人员",
        FilingKind::LongTermResident => "异地长期居住人员",
        FilingKind::PostedWorker => "常驻异地工作人员",
        FilingKind::Referral => "异地转诊",
        FilingKind::Emergency => "异地急诊抢救",
        FilingKind::OtherTemporary => "其他临时外出就医",
        FilingKind::NotStated => "类型不明",
    }
}

pub(super) fn source(source: Source) -> &'static str {
    match source {
        Source::Insurances => "人员信息查询",
        Source::Benefits => "待遇检查",
        Source::ChronicEntries => "慢特病备案查询",
        Source::FixedInstitutions => "人员定点查询",
        Source::Referrals => "转院查询",
        Source::Approvals => "审批查询",
        Source::Declaration => "本机办理备案",
        Source::Trial => "试算",
        Source::Settlement => "结算",
        Source::PurchaseTrial => "购药试算",
        Source::Purchase => "购药结算",
        Source::Admission => "入院登记",
        Source::StayTrial => "住院试算",
        Source::StaySettlement => "住院结算",
        Source::Paper => "患者出示",
    }
}

/// What an observation said, in one sentence. Holds the platform's words: for the desk and the packet only.
pub(super) fn said(said: &Said) -> (&'static str, String) {
    match said {
        Said::Insured { rows, .. } => {
            let rows = rows.iter().map(|row| {
                let state = if row.active { "正常" } else { "停保" };
                format!("{} {} {state}", area_name(row.area), row.insurance)
            });
            ("insured", rows.collect::<Vec<_>>().join("；"))
        }
        Said::Benefit { enjoyed, words, .. } => {
            let words: Vec<&str> = words.iter().map(|words| words.reveal()).collect();
            let what = if *enjoyed {
                "可以享受待遇"
            } else {
                "不能享受待遇"
            };
            ("benefit", joined(what, &words.join("；")))
        }
        Said::Filings { filings, .. } if filings.is_empty() => ("filings", String::from("没有查到备案")),
        Said::Filings { filings, .. } => ("filings", format!("查到备案 {} 条", filings.len())),
        Said::Entries { rows } => ("entries", format!("慢特病或审批 {} 条", rows.len())),
        Said::Made { .. } => ("made", String::from("本机办理备案，平台已受理")),
        Said::Registered { record, name, .. } => {
            let what = format!("本机办理{}，平台已受理", record_zh(Some(*record)));
            ("registered", joined(&what, name.reveal()))
        }
        Said::Withdrawn { record, .. } => ("withdrawn", format!("本机撤销{}", record_zh(*record))),
        Said::Accepted { share, .. } => {
            let share = share.map_or_else(String::new, |share| format!("统筹支付比例 {share}"));
            ("accepted", joined("参保地受理", &share))
        }
        Said::Refused { class, words, .. } => {
            let what = match class {
                RefusalClass::FilingMissing => "参保地拒绝（没有备案）",
                RefusalClass::FilingExpired => "参保地拒绝（备案过期）",
                RefusalClass::Other => "参保地拒绝（与备案无关）",
            };
            ("refused", joined(what, words.reveal()))
        }
        Said::Paper { seen_by, .. } => ("paper", joined("患者出示备案", seen_by)),
        Said::Vanished { last_seen, .. } => (
            "vanished",
            format!(
                "原有备案已查不到，最后一次见于{}，{}",
                source(last_seen.source),
                minute(last_seen.at)
            ),
        ),
    }
}

const fn record_zh(record: Option<Declared>) -> &'static str {
    match record {
        Some(Declared::Referral) => "转诊备案",
        Some(Declared::Elsewhere) => "异地就医备案",
        Some(Declared::Place) => "定点登记",
        Some(Declared::Chronic) => "慢特病登记",
        None => "备案",
    }
}

fn joined(what: &str, more: &str) -> String {
    if more.is_empty() {
        String::from(what)
    } else {
        format!("{what}：{more}")
    }
}
