//! What a province profile means, in words: Chinese first, English below.

use zhijie_wire::{
    AccountAmount, ContentType, FilingQuery, HeaderFamily, Profile, SecurityFamily, TraceRule, UploadForm,
    UrlFamily, Variant, VoucherRoad,
};

use crate::config::{Config, Deposit};

/// One statement of the profile for people who did not write it.
struct Said {
    zh: String,
    en: String,
}

fn said(zh: impl Into<String>, en: impl Into<String>) -> Said {
    Said {
        zh: zh.into(),
        en: en.into(),
    }
}

/// The whole profile, a paragraph a subject.
pub(super) fn explain(profile: &Profile, config: &Config) -> String {
    let parts = [
        ("地址 address", address(profile)),
        ("网关 gateway", gateway(profile)),
        ("报文 message", message(profile)),
        ("身份 identity", identity(profile)),
        ("交易 variants", variants(profile)),
        ("结算 settlement", settlement(profile)),
        ("规则 rules", rules(profile)),
        ("备案 filings", filings(profile)),
        ("文件 files", files(profile)),
        ("存疑 doubt", doubt(profile)),
        ("对账 reconciliation", reconciliation(profile)),
        ("时限 time-outs", timeouts(profile)),
        ("断网 offline", offline(config)),
    ];
    let mut text = format!("档案 {0} 的含义 what profile {0} means\n", profile.name);
    for (title, saids) in parts {
        text.push_str(&format!("\n{title}\n"));
        for said in saids {
            text.push_str(&format!("  · {}\n    {}\n", said.zh, said.en));
        }
    }
    text
}

fn rules(profile: &Profile) -> Vec<Said> {
    let rules = &profile.checks;
    if rules.offered.is_empty() {
        return vec![said(
            "不做医保规则审核（3101、3102）",
            "bills are not checked against the rules of the insurance",
        )];
    }
    let when = match (rules.with_quote, rules.needed) {
        (None, _) => said(
            "收费软件请求时才做医保规则审核",
            "bills are checked against the rules of the insurance when the desk asks",
        ),
        (Some(_), false) => said(
            "每次试算都做医保规则审核，审核服务不可用时照常试算",
            "every quote is checked against the rules; a check nobody answers stops nothing",
        ),
        (Some(_), true) => said(
            "每次试算都做医保规则审核，审核服务不可用时不试算",
            "every quote is checked against the rules; without an answer nothing is quoted",
        ),
    };
    let told = said(
        "不顾提示结算的理由反馈给平台（3103）",
        "the platform is told why a bill is settled all the same (3103)",
    );
    [Some(when), rules.answered.then_some(told)]
        .into_iter()
        .flatten()
        .collect()
}

fn address(profile: &Profile) -> Vec<Said> {
    let path = &profile.url.base_path;
    let shape = match profile.url.family {
        UrlFamily::Single => said(
            format!("所有交易都发往 {path}，交易编号只写在报文里"),
            format!("every call goes to {path}; its number stands in the message only"),
        ),
        UrlFamily::FsiTable => said(
            format!("地址为 {path}/服务/方法，每个交易一个"),
            format!("{path}/service/method, one for each transaction"),
        ),
        UrlFamily::Suffix => said(
            format!("地址为 {path}-交易编号"),
            format!("{path}, a dash, the number of the transaction"),
        ),
        UrlFamily::Bus => said(
            format!("所有交易都发往总线 {path}，请求头里写接口名"),
            format!("every call goes to the bus {path}; a header names the interface"),
        ),
    };
    let named = profile.url.paths.len();
    let own = said(
        format!("档案另外指定了 {named} 个交易的地址"),
        format!("the profile names the addresses of {named} transactions itself"),
    );
    [Some(shape), (named > 0).then_some(own)]
        .into_iter()
        .flatten()
        .collect()
}

fn settlement(profile: &Profile) -> Vec<Said> {
    let rules = &profile.settlement;
    let traces = match rules.traces {
        TraceRule::None => said("结算不带药品追溯码", "settlements carry no trace codes"),
        TraceRule::Optional => said(
            "有药品追溯码的随结算上传",
            "trace codes of drugs go along where the desk has them",
        ),
        TraceRule::Required => said(
            "药品没有追溯码不能结算",
            "no drug is settled without a trace code",
        ),
    };
    let account = match rules.account_amount {
        AccountAmount::None => said(
            "个人账户只能选用或不用，不能指定金额",
            "the account is used or kept, no amount is taken",
        ),
        AccountAmount::Settlement => said(
            "可指定个人账户支付金额，只在结算时上传，试算按全额",
            "an amount for the account goes with the settlement only; the trial does not know it",
        ),
        AccountAmount::TrialToo => said(
            "可指定个人账户支付金额，试算和结算都上传",
            "an amount for the account goes with trial and settlement",
        ),
    };
    let fee = if rules.registration_joins_visit {
        said(
            "挂号费单独结算，与同一就诊号的后续费用同属一次就诊",
            "a registration fee opens the visit its later batches join",
        )
    } else {
        said(
            "挂号费单独结算，另立一次就诊",
            "a registration fee is a visit of its own",
        )
    };
    let slips = profile.slips.visit_kinds.join("、");
    let slip = (!slips.is_empty()).then(|| {
        said(
            format!("医疗类别{slips}的门诊单据一次上传并结算（2260、2261）"),
            format!("visits of kind {slips} are settled by one call (2260, 2261)"),
        )
    });
    [Some(traces), Some(account), Some(fee), slip]
        .into_iter()
        .flatten()
        .collect()
}

fn gateway(profile: &Profile) -> Vec<Said> {
    vec![match profile.header.family {
        HeaderFamily::None => said("网关不要求签名请求头", "the gateway wants no signed headers"),
        HeaderFamily::Tif => said(
            "请求头 x-tif-*，SHA-256 签时间与随机数",
            "headers x-tif-*: SHA-256 over time and nonce",
        ),
        HeaderFamily::Rio => said(
            "请求头 x-rio-*，SHA-256 签时间与随机数",
            "headers x-rio-*: SHA-256 over time and nonce",
        ),
        HeaderFamily::Ca => said(
            "请求头 x-ca-*，HMAC-SM3 签时间与报文",
            "headers x-ca-*: HMAC-SM3 over time and message",
        ),
        HeaderFamily::Csb => said(
            "请求头 _api_*，HMAC-SHA1 签四个参数",
            "headers _api_*: HMAC-SHA1 over four parameters",
        ),
        HeaderFamily::Oauth => said(
            "先取令牌，每个请求都带上；失效时重取一次",
            "a token is fetched first and goes with every request; renewed once when refused",
        ),
    }]
}

fn message(profile: &Profile) -> Vec<Said> {
    let security = match profile.security.family {
        SecurityFamily::None => said("报文不签名、不加密", "messages are neither signed nor encrypted"),
        SecurityFamily::Digest => said("报文附 SM3 摘要", "messages carry an SM3 digest"),
        SecurityFamily::Sealed => said(
            "报文 SM2 签名、SM4 加密，应答同样加密",
            "messages are signed (SM2) and encrypted (SM4), answers encrypted",
        ),
    };
    let kind = match profile.envelope.content_type {
        ContentType::Json => "application/json",
        ContentType::Text => "text/plain",
    };
    let head = said(
        format!(
            "接收方 {}，接口版本 {}，以 {kind} 发送",
            profile.envelope.receiver, profile.envelope.version
        ),
        format!(
            "receiver {}, interface version {}, sent as {kind}",
            profile.envelope.receiver, profile.envelope.version
        ),
    );
    let signed = profile.security.answers_signed.then(|| {
        said(
            "应答须有平台签名，否则不信",
            "an answer without the platform's signature is not believed",
        )
    });
    [Some(head), Some(security), signed]
        .into_iter()
        .flatten()
        .collect()
}

fn identity(profile: &Profile) -> Vec<Said> {
    let mut saids = Vec::new();
    saids.push(if profile.sign_in_needed {
        said("每个收费员每天先签到", "every operator signs in each day")
    } else {
        said("不需要签到", "nobody signs in")
    });
    saids.push(if profile.id_number_allowed {
        said("可以输入身份证号就医", "a typed identity number is taken")
    } else {
        said(
            "不接受输入的身份证号，须用卡或电子凭证",
            "no typed identity number: card or e-voucher only",
        )
    });
    if !profile.papers.kinds.is_empty() {
        let kinds: Vec<&str> = profile.papers.kinds.iter().map(String::as_str).collect();
        saids.push(said(
            format!("接受其他证件：{}", kinds.join("、")),
            format!("other papers are taken: {}", kinds.join(", ")),
        ));
    }
    saids.push(match profile.voucher.road {
        VoucherRoad::Core => said("电子凭证由平台解码", "e-vouchers are decoded by the platform"),
        VoucherRoad::Service => said(
            "电子凭证由专门的服务解码，另有密钥",
            "e-vouchers are decoded by a service with keys of its own",
        ),
        VoucherRoad::Library => said(
            "电子凭证由本机的解码库扫码并解码",
            "e-vouchers are scanned and decoded by a library on this PC",
        ),
    });
    saids
}

fn variants(profile: &Profile) -> Vec<Said> {
    let chosen = &profile.variants;
    let taken = [
        ("2203", chosen.describe),
        ("2206", chosen.trial),
        ("2207", chosen.settle),
        ("2501", chosen.refer),
    ]
    .map(|(number, variant)| match variant {
        Variant::Plain => String::from(number),
        Variant::A => format!("{number}A"),
    })
    .join(" ");
    let batch = profile.upload_lines_max;
    vec![
        said(format!("使用 {taken}"), format!("uses {taken}")),
        said(
            format!("每次最多上传 {batch} 行费用"),
            format!("at most {batch} fee lines in one upload"),
        ),
    ]
}

fn filings(profile: &Profile) -> Vec<Said> {
    let asked: Vec<&str> = profile
        .filing
        .queries
        .iter()
        .map(|query| match query {
            FilingQuery::Chronic => "5301",
            FilingQuery::FixedPoints => "5302",
            FilingQuery::Referrals => "5304",
            FilingQuery::Approvals => "5360",
        })
        .collect();
    if asked.is_empty() {
        return vec![said(
            "不查询备案登记，以预结算为准",
            "no register of filings is asked; the trial decides",
        )];
    }
    let asked = asked.join(" ");
    vec![said(
        format!("查询 {asked}；是否有效仍以预结算为准"),
        format!("asks {asked}; the trial decides all the same"),
    )]
}

fn files(profile: &Profile) -> Vec<Said> {
    vec![match profile.files.upload {
        UploadForm::Numbers => said(
            "文件以数字数组写在报文里",
            "files are sent inside the message, as an array of numbers",
        ),
        UploadForm::Base64 => said(
            "文件以 Base64 写在报文里",
            "files are sent inside the message, as Base64",
        ),
        UploadForm::Form => said(
            "文件作为表单的一部分与报文同发",
            "files are sent beside the message, as a part of a form",
        ),
    }]
}

fn doubt(profile: &Profile) -> Vec<Said> {
    let rules = &profile.doubt;
    let (late, lag) = (rules.late_execution_max_s, rules.query_lag_max_s);
    let mut saids = vec![
        said(
            format!("没有应答的结算是存疑，不重发；{late} 秒之后平台不会再执行它"),
            format!(
                "a settlement without an answer is in doubt and never sent again; after {late} s the platform will not execute it any more"
            ),
        ),
        said(
            format!("结算查询最多滞后 {lag} 秒"),
            format!("the settlement query may lag by up to {lag} s"),
        ),
    ];
    saids.push(if rules.reversal_is_tombstone {
        said(
            "冲正成功后，原交易也不会迟到执行",
            "an accepted reversal also stops a late execution",
        )
    } else {
        said(
            "冲正成功后，原交易仍可能迟到执行，须等到上述时间",
            "after an accepted reversal the call may still be executed late: the time above is waited for",
        )
    });
    if rules.query_may_miss_visitors {
        saids.push(said(
            "外省患者查不到结算不等于没有结算",
            "for patients of other provinces, nothing found does not mean nothing settled",
        ));
    }
    saids
}

fn reconciliation(profile: &Profile) -> Vec<Said> {
    let Some(rules) = &profile.reconciliation else {
        return vec![said(
            "没有对账规则，存疑的结算不通过对账单确认",
            "no statement is asked for, so none ends a doubt",
        )];
    };
    let mut saids = vec![said(
        "对账单上有本次报文号的，就是已经执行的",
        "a row of the centre's statement that names our message shows that it was executed",
    )];
    saids.push(if !rules.absence_is_evidence {
        said(
            "对账单上没有的，不等于没有结算",
            "what a statement does not list may have been settled all the same",
        )
    } else if rules.same_day {
        said(
            "对账单上没有的，过了可能迟到的时间就是没有结算，当日也算",
            "what a statement does not list was not settled, once it cannot be late, the current day included",
        )
    } else {
        said(
            "对账单上没有的，过了可能迟到的时间就是没有结算，当日的要等到次日",
            "what a statement does not list was not settled, once it cannot be late and the day is over",
        )
    });
    saids
}

fn timeouts(profile: &Profile) -> Vec<Said> {
    let times = &profile.timeouts;
    vec![said(
        format!(
            "连接 {} 秒，查询 {} 秒，登记与费用 {} 秒，结算退费冲正 {} 秒",
            seconds(times.connect_ms),
            seconds(times.reads_ms),
            seconds(times.prepares_ms),
            seconds(times.moves_money_ms)
        ),
        format!(
            "{} s to connect, {} s for queries, {} s for visits and fee lines, {} s where money moves",
            seconds(times.connect_ms),
            seconds(times.reads_ms),
            seconds(times.prepares_ms),
            seconds(times.moves_money_ms)
        ),
    )]
}

/// With the fraction only where there is one.
fn seconds(milliseconds: u64) -> String {
    let (whole, rest) = (milliseconds / 1000, milliseconds % 1000);
    if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{rest:03}")
    }
}

/// The offline policy stands in the agent's configuration, not in the profile.
fn offline(config: &Config) -> Vec<Said> {
    let rules = &config.deferred;
    if !rules.allowed {
        return vec![said(
            "平台不通时不能先看病后结算",
            "nothing is settled later while the platform cannot be reached",
        )];
    }
    let (bill, desk) = (rules.limit_bill_fen, rules.limit_desk_fen);
    let (deposit_zh, deposit_en) = match rules.deposit {
        Deposit::Full => (String::from("全额"), String::from("the whole bill")),
        Deposit::Estimate => (String::from("按估算"), String::from("an estimate")),
        Deposit::Percent(percent) => (format!("{percent}%"), format!("{percent}% of the bill")),
    };
    vec![said(
        format!(
            "平台不通时可以稍后结算：每单至多 {bill} 元，本机至多 {desk} 元，押金{deposit_zh}，保留 {} 天",
            rules.keep_days
        ),
        format!(
            "may be settled later while the platform cannot be reached: {bill} yuan a bill, {desk} yuan at this desk, deposit {deposit_en}, kept {} days",
            rules.keep_days
        ),
    )]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_lose_nothing() {
        for (milliseconds, shown) in [(5_000, "5"), (90_500, "90.500"), (40, "0.040")] {
            assert_eq!(seconds(milliseconds), shown);
        }
    }
}
