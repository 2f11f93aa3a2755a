//! Whole sheets, compared as a reader sees them, and promises about every sheet.

use jiff::civil::date;
use proptest::prelude::*;
use zhijie_model::{Fund, FundPart, SplitParts};

use super::deferred_tests::deferred;
use super::layout::width;
use super::*;

pub(super) fn fen(value: i64) -> Fen {
    Fen::new(value).unwrap()
}

pub(super) fn settled() -> SettledPart {
    let parts = SplitParts {
        total: fen(36_850),
        own_expense: fen(3_000),
        over_ceiling: fen(0),
        first_own: fen(1_250),
        in_scope: fen(32_600),
        deductible: fen(10_000),
        pool_ratio: Some(zhijie_model::Ratio::parse("0.55").unwrap()),
        funds: vec![
            FundPart {
                fund: Fund::Pool,
                amount: fen(12_430),
            },
            FundPart {
                fund: Fund::CatastrophicIllness,
                amount: fen(4_000),
            },
        ],
        fund_total: fen(16_430),
        person: fen(20_420),
        account: fen(5_000),
        mutual_aid: fen(0),
        cash: fen(15_420),
        hospital: fen(0),
        balance: Some(fen(1_234)),
        listed: None,
    };
    SettledPart {
        split: Split::new(parts).unwrap(),
        settlement: SettlementId::new("310000202611210930000000000042").unwrap(),
        message: MessageId::new("H31010100001202611210930000001").unwrap(),
        platform_message: Some(PlatformMessageId::new("310000202611210930010000000007").unwrap()),
        settled_at: date(2026, 11, 21).at(9, 30, 1, 0),
        deposit: None,
    }
}

pub(super) fn receipt(standing: Standing) -> Receipt {
    Receipt {
        institution: InstitutionCode::new("H31010100001").unwrap(),
        institution_name: String::from("上海市示范医院"),
        desk: String::from("门诊收费 3 号"),
        patient: Private::new("王小明"),
        certificate: Private::new("341200199001010012"),
        insured_area: Area::new("341200").unwrap(),
        insured_area_name: String::from("安徽省阜阳市"),
        visit: VisitNumber::new("MZ20261121001").unwrap(),
        batch: ChargeBatch::new("B1").unwrap(),
        department: String::from("呼吸内科"),
        doctor: String::from("李医生"),
        lines: vec![
            ReceiptLine {
                name: String::from("阿莫西林克拉维酸钾片 0.375g*12片/盒（大型制药股份有限公司）"),
                quantity: Quantity::parse("5").unwrap(),
                unit_price: UnitPrice::parse("25.00").unwrap(),
                amount: fen(12_500),
                class: Some(String::from("02")),
                own_part: Some(fen(1_250)),
            },
            ReceiptLine {
                name: String::from("胸部CT平扫"),
                quantity: Quantity::parse("1").unwrap(),
                unit_price: UnitPrice::parse("243.50").unwrap(),
                amount: fen(24_350),
                class: Some(String::from("01")),
                own_part: None,
            },
        ],
        standing,
        filing: Some(FilingLines {
            answer: String::from("长期居住，2026-01-01 起有效"),
            seen: None,
            digest: None,
        }),
        ledger_head: Some(String::from("9f2c41d07ab3e855")),
    }
}

pub(super) fn parsed(receipt: &Receipt) -> serde_json::Value {
    serde_json::from_str(&json(receipt)).unwrap()
}

fn refunded() -> Standing {
    let refund = RefundPart {
        settlement: SettlementId::new("310000202611211015000000000043").unwrap(),
        message: MessageId::new("H31010100001202611211015000002").unwrap(),
        platform_message: None,
        refunded_at: date(2026, 11, 21).at(10, 15, 0, 0),
        total: fen(-36_850),
        cash: Some(fen(-15_420)),
    };
    Standing::Refunded {
        settled: settled(),
        refund,
    }
}

fn unsettled() -> Vec<Standing> {
    let ticket = Some(Ticket::new("T-42").unwrap());
    let settlement = settled().settlement;
    vec![
        Standing::NotKnown {
            ticket: ticket.clone(),
        },
        Standing::RefundNotKnown { settlement, ticket },
        Standing::NotSettled,
    ]
}

#[test]
fn a_settled_sheet() {
    let expected = r"
                   医保结算单
                Settlement sheet
          上海市示范医院 H31010100001
------------------------------------------------
收费台 Desk                        门诊收费 3 号
患者 Patient                              王小明
证件号 Certificate            341200********0012
参保地 Insured in            安徽省阜阳市 341200
就诊号 Visit                       MZ20261121001
收费批次 Batch                                B1
科室 Department                         呼吸内科
医生 Doctor                               李医生
异地备案 Filing      长期居住，2026-01-01 起有效
------------------------------------------------
项目 Item（数量 x 单价 Qty x price） 金额 Amount
阿莫西林克拉维酸钾片 0.375g*12片/盒（大型制药股
份有限公司）
  乙类 5 x 25.00                          125.00
    目录外及先行自付 Own part              12.50
胸部CT平扫
  甲类 1 x 243.50                         243.50
------------------------------------------------
总费用 Total                              368.50
  全自费 Own expense                       30.00
  先行自付 First own share                 12.50
  政策范围内 In scope                     326.00
  其中起付线 Deductible                   100.00
基金支付 Paid by funds                    164.30
  统筹基金 Pool fund                      124.30
  大病保险 Catastrophic illness            40.00
  统筹支付比例 Pool share                    55%
个人负担 Borne by patient                 204.20
  个人账户 Personal account                50.00
>> 现金支付 Cash due                      154.20
账户余额 Account balance                   12.34
------------------------------------------------
结算号 Settlement 310000202611210930000000000042
结算时间 Settled at          2026-11-21 09:30:01
报文号 Message    H31010100001202611210930000001
平台报文号 Platform message
                  310000202611210930010000000007
账本摘要 Ledger                 9f2c41d07ab3e855
------------------------------------------------
金额单位：元。金额由医保平台返回。Amounts in
yuan, as the platform returned them.
";
    assert_eq!(
        text(&receipt(Standing::Settled(settled())), COLUMNS),
        expected.trim_start_matches('\n')
    );
}

#[test]
fn a_refund_sheet() {
    let expected = r"
                   医保退费单
                  Refund sheet
          上海市示范医院 H31010100001
------------------------------------------------
收费台 Desk                        门诊收费 3 号
患者 Patient                              王小明
证件号 Certificate            341200********0012
参保地 Insured in            安徽省阜阳市 341200
就诊号 Visit                       MZ20261121001
收费批次 Batch                                B1
科室 Department                         呼吸内科
医生 Doctor                               李医生
异地备案 Filing      长期居住，2026-01-01 起有效
------------------------------------------------
项目 Item（数量 x 单价 Qty x price） 金额 Amount
阿莫西林克拉维酸钾片 0.375g*12片/盒（大型制药股
份有限公司）
  乙类 5 x 25.00                          125.00
    目录外及先行自付 Own part              12.50
胸部CT平扫
  甲类 1 x 243.50                         243.50
------------------------------------------------
退费总额 Refunded total                  -368.50
>> 应退现金 Cash to hand back             154.20
原结算（已退费） Original, refunded
                  310000202611210930000000000042
总费用 Total                              368.50
  全自费 Own expense                       30.00
  先行自付 First own share                 12.50
  政策范围内 In scope                     326.00
  其中起付线 Deductible                   100.00
基金支付 Paid by funds                    164.30
  统筹基金 Pool fund                      124.30
  大病保险 Catastrophic illness            40.00
  统筹支付比例 Pool share                    55%
个人负担 Borne by patient                 204.20
  个人账户 Personal account                50.00
  现金支付 Cash                           154.20
------------------------------------------------
退费结算号 Refund 310000202611211015000000000043
退费时间 Refunded at         2026-11-21 10:15:00
退费报文号 Refund message
                  H31010100001202611211015000002
结算号 Settlement 310000202611210930000000000042
结算时间 Settled at          2026-11-21 09:30:01
报文号 Message    H31010100001202611210930000001
平台报文号 Platform message
                  310000202611210930010000000007
账本摘要 Ledger                 9f2c41d07ab3e855
------------------------------------------------
本次结算已全部退费，原结算单作废。Refunded in
full; the first sheet is void. 金额单位：元。
";
    assert_eq!(
        text(&receipt(refunded()), COLUMNS),
        expected.trim_start_matches('\n')
    );
}

#[test]
fn a_sheet_for_a_lost_answer() {
    let expected = r"
************************************************
             结算结果未知，请勿收款
          NOT KNOWN YET - TAKE NO CASH
************************************************
             结算状态通知（非凭证）
             Notice, not a receipt
          上海市示范医院 H31010100001
------------------------------------------------
收费台 Desk                        门诊收费 3 号
患者 Patient                              王小明
证件号 Certificate            341200********0012
参保地 Insured in            安徽省阜阳市 341200
就诊号 Visit                       MZ20261121001
收费批次 Batch                                B1
科室 Department                         呼吸内科
医生 Doctor                               李医生
异地备案 Filing      长期居住，2026-01-01 起有效
------------------------------------------------
项目 Item（数量 x 单价 Qty x price） 金额 Amount
阿莫西林克拉维酸钾片 0.375g*12片/盒（大型制药股
份有限公司）
  乙类 5 x 25.00                          125.00
    目录外及先行自付 Own part              12.50
胸部CT平扫
  甲类 1 x 243.50                         243.50
------------------------------------------------
查询号 Ticket                               T-42
账本摘要 Ledger                 9f2c41d07ab3e855
------------------------------------------------
请勿收款，请勿再次结算；系统正在查明结果，查明后
重新打印。Wait; this sheet proves nothing.
************************************************
             结算结果未知，请勿收款
          NOT KNOWN YET - TAKE NO CASH
************************************************
";
    let standing = unsettled().remove(0);
    assert_eq!(
        text(&receipt(standing), COLUMNS),
        expected.trim_start_matches('\n')
    );
}

#[test]
fn what_is_not_settled_never_looks_settled() {
    for standing in unsettled() {
        let receipt = receipt(standing);
        let (text, html, json) = (text(&receipt, COLUMNS), html(&receipt), parsed(&receipt));
        for printed in [&text, &html] {
            for word in [
                "医保结算单",
                "医保退费单",
                "现金支付",
                "应退现金",
                "统筹基金",
                "个人账户",
                "基金支付",
            ] {
                assert!(
                    !printed.contains(word),
                    "{word} on a sheet of {}",
                    receipt.standing.word()
                );
            }
            assert!(printed.contains("非凭证") && printed.matches("请勿").count() >= 2);
        }
        assert!(text.starts_with(&"*".repeat(COLUMNS)) && text.trim_end().ends_with(&"*".repeat(COLUMNS)));
        assert!(json["settlement"].is_null() && json["refund"].is_null());
    }
}

#[test]
fn the_sheet_for_programs() {
    let settled = parsed(&receipt(Standing::Settled(settled())));
    assert_eq!(settled["standing"], "settled");
    assert_eq!(settled["settlement"]["settled_at"], "2026-11-21T09:30:01+08:00");
    assert_eq!(settled["settlement"]["split"]["cash_fen"], 15_420);
    assert_eq!(settled["settlement"]["split"]["funds"][1]["name"], "大病保险");
    assert_eq!(settled["patient"]["certificate_masked"], "341200********0012");
    assert!(!settled.to_string().contains("341200199001010012"));
    let refunded = parsed(&receipt(refunded()));
    assert_eq!(
        (&refunded["standing"], &refunded["refund"]["cash_fen"]),
        (&"refunded".into(), &(-15_420).into())
    );
}

#[test]
fn hostile_names_stay_text() {
    let hostile = "<script>alert('x')</script>\"&\u{1b}@\n<b>";
    let mut receipt = receipt(Standing::Settled(settled()));
    receipt.patient = Private::new(hostile);
    for field in [
        &mut receipt.institution_name,
        &mut receipt.desk,
        &mut receipt.doctor,
        &mut receipt.department,
    ] {
        *field = String::from(hostile);
    }
    receipt.insured_area_name = String::from(hostile);
    receipt.filing = Some(FilingLines {
        answer: String::from(hostile),
        seen: Some(String::from(hostile)),
        digest: Some(String::from(hostile)),
    });
    receipt.ledger_head = Some(String::from(hostile));
    receipt.visit = VisitNumber::new("<i>'\"&").unwrap();
    for line in &mut receipt.lines {
        line.name = String::from(hostile);
        line.class = Some(String::from(hostile));
    }
    let page = html(&receipt);
    let lower = page.to_lowercase();
    for tag in ["<script", "<b>", "<i>", "alert('"] {
        assert!(!lower.contains(tag), "{tag}");
    }
    assert_eq!(
        page.matches("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;")
            .count(),
        14
    );
    for printed in [page, text(&receipt, COLUMNS)] {
        assert!(!printed.chars().any(|c| c.is_control() && c != '\n'));
    }
}

#[test]
fn debug_hides_the_patient() {
    let shown = format!("{:?}", receipt(Standing::NotSettled));
    assert!(!shown.contains("王小明") && !shown.contains("341200199001010012"));
}

proptest! {
    #[test]
    fn no_line_is_wider_than_the_paper(
        texts in prop::collection::vec("\\PC{0,80}|[一-龥]{0,60}|[a-z “”—·①]{0,90}", 9),
        amount in -9_999_999_999_999_999_i64..=9_999_999_999_999_999,
        which in 0_usize..6,
        columns in 32_usize..=132,
    ) {
        let mut standings = unsettled();
        let slip = DeferredPart {
            words_zh: texts[7].clone(),
            words_en: texts[3].clone(),
            ..deferred()
        };
        standings.extend([Standing::Settled(settled()), refunded(), Standing::Deferred(slip)]);
        let mut receipt = receipt(standings.swap_remove(which));
        receipt.institution_name = texts[0].clone();
        receipt.desk = texts[1].clone();
        receipt.patient = Private::new(texts[2].clone());
        receipt.certificate = Private::new(texts[3].clone());
        receipt.insured_area_name = texts[4].clone();
        receipt.department = texts[5].clone();
        receipt.doctor = texts[6].clone();
        receipt.filing = Some(FilingLines {
            answer: texts[7].clone(),
            seen: Some(texts[7].clone()),
            digest: Some(texts[7].clone()),
        });
        for line in &mut receipt.lines {
            line.name = texts[8].clone();
            line.class = Some(texts[0].clone());
            line.amount = fen(amount);
        }
        let sheet = text(&receipt, columns);
        for line in sheet.lines() {
            prop_assert!(width(line) <= columns, "{} columns: {line}", width(line));
        }
    }
}
