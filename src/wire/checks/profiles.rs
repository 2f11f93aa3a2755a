//! The profiles that are shipped.

use super::samples::{every_profile, profile, real_profile};
use crate::{HeaderFamily, Patterns, Profile, UrlFamily, Verdict};
use zhijie_model::Transaction;

#[test]
fn shipped_profiles_are_in_order() {
    for profile in every_profile() {
        assert_eq!(profile.check(), Ok(()), "{}", profile.name);
    }
    assert_eq!(profile().url.family, UrlFamily::Single);
    assert_eq!(real_profile().url.family, UrlFamily::FsiTable);
    assert_eq!(real_profile().header.family, HeaderFamily::Tif);
}

#[test]
fn unknown_keys_are_refused() {
    let text = include_str!("../../../config/provinces/sandbox.toml");
    for extra in ["typo = 1", "[url]\nfamilly = 1"] {
        let wrong = if extra.starts_with('[') {
            text.replacen("[url]", extra, 1)
        } else {
            format!("{extra}\n{text}")
        };
        assert!(toml::from_str::<Profile>(&wrong).is_err(), "{extra}");
    }
}

#[test]
fn wrong_values_are_named() {
    type Break = fn(&mut Profile);
    let table: [(Break, &str); 9] = [
        (|p| p.name.clear(), "name"),
        (
            |p| p.envelope.receiver = String::from("MORE_THAN_TEN"),
            "envelope.receiver",
        ),
        (
            |p| p.envelope.version = String::from("V1.0.0.0"),
            "envelope.version",
        ),
        (
            |p| p.envelope.operator_kind = String::from("4"),
            "envelope.operator_kind",
        ),
        (|p| p.url.base_path = String::from("fsi/"), "url.base_path"),
        (|p| p.upload_lines_max = 0, "upload_lines_max"),
        (|p| p.timeouts.moves_money_ms = 0, "timeouts.moves_money_ms"),
        (|p| p.words.doubt.clear(), "words.doubt"),
        (
            |p| {
                drop(
                    p.fields
                        .extension_texts
                        .insert(String::from("2204"), String::from("er_flag")),
                )
            },
            "fields.extension_texts.2204",
        ),
    ];
    for (break_it, key) in table {
        let mut wrong = profile();
        break_it(&mut wrong);
        let error = wrong.check().unwrap_err().to_string();
        assert!(error.starts_with(key), "{error}");
    }
}

#[test]
fn a_filing_is_expected_by_distance_and_not_of_emergencies() {
    use zhijie_model::{Area, VisitType};
    let area = |text: &str| Area::new(text).unwrap();
    let rules = profile().filing;
    let mut strict = rules.clone();
    strict.required.same_province = true;
    for (insured, kind, as_shipped, when_strict) in [
        ("310115", "11", false, false),
        ("341200", "11", true, true),
        ("341200", "1301", false, false),
    ] {
        let kind = VisitType::new(kind).unwrap();
        let care = area("310000");
        assert_eq!(rules.is_required(area(insured), care, &kind), as_shipped);
        assert_eq!(strict.is_required(area(insured), care, &kind), when_strict);
    }
    let kind = VisitType::new("11").unwrap();
    assert!(!rules.is_required(area("340100"), area("341200"), &kind));
    assert!(strict.is_required(area("340100"), area("341200"), &kind));
}

#[test]
fn a_profile_that_says_nothing_of_filings_asks_nothing() {
    let text = include_str!("../../../config/provinces/sandbox.toml");
    let (head, rest) = text.split_once("[filing]").unwrap();
    let (_, tail) = rest.split_once("[words]").unwrap();
    let silent: Profile = toml::from_str(&format!("{head}[words]{tail}")).unwrap();
    assert_eq!(silent.filing, crate::FilingRules::default());
    assert!(silent.filing.queries.is_empty() && silent.check().is_ok());
    let mut codeless = profile();
    codeless.filing.application_kinds.clear();
    assert!(codeless.check().is_err());
}

#[test]
fn quoted_failures_are_weighed_as_they_should_be() {
    let table = [
        (
            Transaction::Settle,
            "FSI-FMI返回：该人员已在院，不能办理",
            Verdict::Refused,
        ),
        (
            Transaction::Settle,
            "FSI-调用参保地服务失败：网络超时",
            Verdict::Doubt,
        ),
        (
            Transaction::Settle,
            "FSI-参保地[341200]返回:系统异常",
            Verdict::Doubt,
        ),
        (
            Transaction::Settle,
            "FSI-操作员未签到，请先签到",
            Verdict::SignInLost,
        ),
        (Transaction::Settle, "FSI-其它没有见过的话", Verdict::Unrecognised),
        (
            Transaction::Reverse,
            "FSI-调用业务基础子系统冲正失败:结算信息退费结算标志不为未退费,不能冲正",
            Verdict::Refused,
        ),
    ];
    let weigh = |words: &Patterns, transaction, text| words.weigh(transaction, "-1", text);
    for profile in [profile(), real_profile()] {
        for (transaction, text, verdict) in table {
            assert_eq!(
                weigh(&profile.words, transaction, text),
                verdict,
                "{}: {text}",
                profile.name
            );
        }
    }
}

#[test]
fn the_sandbox_profile_knows_the_sandboxs_words() {
    use Transaction::{Cancel, FixPlace, Reverse, Settle, WithdrawReferral};
    let upgrade = "FSI-FMI返回：参保地[阜阳市]返回:参保地系统升级中,暂停办理异地就医业务,恢复时间另行通知";
    let silence = "FSI-FMI返回：国家异地就医平台返回:等待参保地[阜阳市]应答超时";
    let table = [
        (Settle, upgrade, Verdict::Refused),
        (Cancel, upgrade, Verdict::Refused),
        (FixPlace, upgrade, Verdict::Refused),
        // A reversal that had no chance is tried again.
        (Reverse, upgrade, Verdict::Unrecognised),
        (Settle, silence, Verdict::Doubt),
        (FixPlace, silence, Verdict::Doubt),
        (
            WithdrawReferral,
            "FSI-FMI返回：备案信息已撤销,不能重复撤销",
            Verdict::Doubt,
        ),
        (
            Settle,
            "FSI-FMI返回：医疗费总额与已上传的费用明细合计不一致",
            Verdict::Refused,
        ),
        (
            Settle,
            "FSI-FMI返回：[preselfpay_amt]与预结算结果不一致",
            Verdict::Unrecognised,
        ),
        (
            Settle,
            "FSI-FMI返回：参保地[阜阳]返回:异地就医备案已过期(有效期至2026-01-01),不能享受异地就医直接结算待遇",
            Verdict::Refused,
        ),
        (
            Settle,
            "FSI-FMI返回：参保地[341200]未接入异地就医平台",
            Verdict::Refused,
        ),
        (
            Settle,
            "FSI-FMI返回：参保地[阜阳]返回:未查询到有效的跨省异地就医备案信息",
            Verdict::Refused,
        ),
        (
            Settle,
            "FSI-FMI返回：医保电子凭证令牌无效或已过期,请重新扫码",
            Verdict::Refused,
        ),
        (
            Settle,
            "FSI-参数校验失败:节点[data]缺少必填项[psn_no]",
            Verdict::Refused,
        ),
        (
            Settle,
            "FSI-FMI返回：收费批次号[B1]已结算,不能重复结算",
            Verdict::Doubt,
        ),
        (Settle, "FSI-报文ID[msgid]重复", Verdict::Doubt),
        (Settle, "FSI-FSI-系统异常,异常流水号:17", Verdict::Doubt),
        (
            Settle,
            "FSI-交易签到流水号[sign_no]为空,请先签到",
            Verdict::SignInLost,
        ),
        (Cancel, "FSI-FMI返回：该结算已退费,不能重复退费", Verdict::Doubt),
        (Cancel, "FSI-FMI返回：未查询到结算信息[S1]", Verdict::Unrecognised),
        (
            Reverse,
            "FSI-调用业务基础子系统冲正失败:未查询到原交易信息",
            Verdict::Refused,
        ),
        (
            Reverse,
            "FSI-调用业务基础子系统冲正失败:原交易已冲正",
            Verdict::Doubt,
        ),
    ];
    for (transaction, text, verdict) in table {
        assert_eq!(profile().words.weigh(transaction, "-1", text), verdict, "{text}");
    }
}

#[test]
fn reports_of_something_half_done_are_never_refusals() {
    use Transaction::{Cancel, Settle};
    let table = [
        (Settle, "调用国家平台超时，会话已过期，请重新签到"),
        (Cancel, "请重新签到，调用超时"),
        (Settle, "结算成功，回写本地失败：未查询到就诊登记信息"),
        (Settle, "参保地结算完成，清算数据与中心不一致"),
        (Settle, "本次结算已完成，不能用于再次结算"),
        (Settle, "FSI-FMI返回：该结算单已存在，参保状态未更新"),
        (Settle, "FSI-FMI返回：部分成功，个人账户余额不足"),
    ];
    for profile in [profile(), real_profile()] {
        for (transaction, text) in table {
            assert_eq!(
                profile.words.weigh(transaction, "-1", text),
                Verdict::Doubt,
                "{}: {text}",
                profile.name
            );
        }
        for text in [
            "清算数据与中心不一致",
            "未查询到就诊登记信息",
            "不能用于再次结算",
            "清算金额超出范围",
            "返回报文长度超过限制",
            "请先撤销上一笔",
            "备案更新未成",
        ] {
            for transaction in [Settle, Cancel] {
                assert_eq!(
                    profile.words.weigh(transaction, "-1", text),
                    Verdict::Unrecognised,
                    "{}: {text}",
                    profile.name
                );
            }
        }
    }
}
