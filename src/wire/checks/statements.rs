//! 3202 and the files around it.

use jiff::civil::date;
use proptest::prelude::*;
use serde_json::{Value, json};
use zhijie_model::{Fen, OwnRow, PersonNumber, RowVerdict, SettlementId, StatedTotals, VisitId};

use super::samples::{head, profile, real_profile};
use crate::zip::pack;
use crate::*;

fn province(columns: StatementColumns) -> Profile {
    let mut profile = profile();
    profile.reconciliation = Some(StatementRules {
        columns,
        ..StatementRules::default()
    });
    profile
}

fn own(total: i64, refund: bool) -> OwnRow {
    let fen = |amount: i64| Fen::new(amount).unwrap();
    OwnRow {
        settlement: SettlementId::new("S1").unwrap(),
        visit: VisitId::new("V1").unwrap(),
        person: PersonNumber::new("P1").unwrap(),
        totals: StatedTotals {
            total: fen(total),
            funds: fen(total / 2),
            account: fen(total / 10),
        },
        refund,
    }
}

fn text(file: &[u8]) -> String {
    let mut text = ZipText::open(file, ZipLimits::default()).unwrap();
    let mut lines = String::new();
    while let Some(line) = text.next_line().unwrap() {
        lines.push_str(line);
        lines.push('\n');
    }
    lines
}

#[test]
fn our_rows_go_out_as_a_file_and_as_sums() {
    let rows = [own(1000, false), own(-1000, true), own(2000, false)];
    let mut profile = province(StatementColumns::VerdictFirst);
    for (with_account, line, funds) in [
        (false, "S1\tV1\tP1\t10.00\t5.00\t1.00\t0", "10.00"),
        (true, "S1\tV1\tP1\t10.00\t6.00\t1.00\t0", "12.00"),
    ] {
        profile.fund_includes_account = with_account;
        let file = rows_file(&rows, &profile).unwrap();
        let lines = text(&file);
        assert_eq!(lines.lines().next(), Some(line));
        assert!(
            lines.contains("-10.00") && lines.ends_with("\t0\n") && lines.contains("\t1\n"),
            "{lines}"
        );
        let ticket = FileTicket {
            number: String::from("M00/00/01/x"),
            name: String::from("a.zip"),
            until: None,
        };
        let asked = RowsAsked {
            kind: "11",
            office: "341200",
            days: (date(2026, 11, 21), date(2026, 11, 22)),
            rows: &rows,
            file: &ticket,
        };
        let message = draft_rows(&asked, &head(), &profile).unwrap().plain().unwrap();
        assert_eq!(message.number, "3202");
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        let data = json!({
            "setl_optins": "341200", "file_qury_no": "M00/00/01/x", "stmt_begndate": "2026-11-21",
            "stmt_enddate": "2026-11-22", "medfee_sumamt": "20.00", "fund_pay_sumamt": funds,
            "cash_payamt": "8.00", "fixmedins_setl_cnt": "3", "clr_type": "11", "refd_setl_flag": "1",
        });
        assert_eq!(body["input"]["data"], data);
    }
    assert_eq!(text(&rows_file(&[], &profile).unwrap()), "");
}

#[test]
fn the_answer_names_a_file_and_the_centre_s_time() {
    let answer = json!({ "infcode": 0, "respond_time": "20261122010203456", "output": { "fileinfo": {
        "file_qury_no": "M1", "filename": "r.zip", "dld_endtime": "2026-11-23 00:00:00" }}});
    let RowsCompared::File(ticket, at) = read_rows(answer.to_string().as_bytes(), &profile()).unwrap() else {
        panic!("no file")
    };
    assert_eq!(
        (ticket.number.as_str(), at),
        ("M1", Some(date(2026, 11, 22).at(1, 2, 3, 0)))
    );
    for (told, expected) in [
        (json!("20261122010203"), Some(date(2026, 11, 22).at(1, 2, 3, 0))),
        (json!("2026-11-22"), None),
        (json!("20261399010203456"), None),
        (Value::Null, None),
    ] {
        let answer = json!({ "infcode": "0", "respond_time": told });
        assert_eq!(responded_at(answer.to_string().as_bytes()), expected, "{told}");
    }
    let none = read_rows(br#"{"infcode":0,"output":{}}"#, &profile());
    assert_eq!(none, Err(Unreadable::NodeMissing { node: "fileinfo" }));
}

#[test]
fn rows_are_read_in_both_orders_with_and_without_amounts() {
    use RowVerdict::{Balanced, CentreMore, Differs, HospitalMore};
    use StatementColumns::{RefundFirst, VerdictFirst};
    let table = [
        (
            VerdictFirst,
            "P\tV\tS\tM\t1\t0\tmemo\t10.00\t5.00\t1.00\t{}",
            CentreMore,
            false,
            Some(1000),
        ),
        (
            VerdictFirst,
            "P\tV\tS\tM\t000101\t1\tnull\t-10.00\t-5\t-1.0",
            CentreMore,
            true,
            Some(-1000),
        ),
        (VerdictFirst, "P\tV\tS\tM\t2\t0", HospitalMore, false, None),
        (
            VerdictFirst,
            "P\tV\tS\tM\t000000\t000\t\t\t\t",
            Balanced,
            false,
            None,
        ),
        (
            RefundFirst,
            "P\tV\tS\tM\t0\t3\tmemo\t10.00\t5.00\tnull",
            Differs,
            false,
            None,
        ),
        (
            RefundFirst,
            "P\tV\tS\tM\t1\t000102\tmemo",
            HospitalMore,
            true,
            None,
        ),
    ];
    for (columns, line, verdict, refunded, total) in table {
        let file = pack("result.txt", format!("{line}\r\n\n").as_bytes()).unwrap();
        let rows = read_statement(&file, &province(columns)).unwrap();
        assert_eq!(rows.len(), 1, "{line}");
        let row = &rows[0];
        assert_eq!((row.verdict, row.refunded), (verdict, refunded), "{line}");
        assert_eq!(row.totals.map(|totals| totals.total.get()), total, "{line}");
        assert_eq!(row.message.as_ref().map(|id| id.as_str()), Some("M"));
    }
    let mut with_account = province(VerdictFirst);
    with_account.fund_includes_account = true;
    let file = pack("r.txt", b"P\tV\tS\tM\t1\t0\t\t10.00\t6.00\t1.00\n").unwrap();
    let rows = read_statement(&file, &with_account).unwrap();
    assert_eq!(rows[0].totals.unwrap().funds.get(), 500);
}

#[test]
fn what_is_not_known_or_stands_in_another_order_refuses_the_whole_file() {
    let good = "P\tV\tS\tM\t1\t0\tmemo\t10.00\t5.00\t1.00\n";
    let table = [
        (
            "P\tV\tS\tM\t1\n",
            StatementFault::TooFewColumns { line: 2, found: 5 },
        ),
        ("P\tV\tS\tM\t4\t0\n", StatementFault::Verdict { line: 2 }),
        ("P\tV\tS\tM\tnull\t0\n", StatementFault::Verdict { line: 2 }),
        ("P\tV\tS\tM\t1\t2\n", StatementFault::RefundMark { line: 2 }),
        ("P\tV\tS\tM\t1\t\n", StatementFault::RefundMark { line: 2 }),
        ("P\tV\tS\tM\t0\t1\n", StatementFault::ColumnOrder { line: 2 }),
        (
            "P\tV\tS\tM\t1\t0\t\t1.001\t0\t0\n",
            StatementFault::Amount { line: 2 },
        ),
    ];
    let profile = province(StatementColumns::VerdictFirst);
    for (bad, fault) in table {
        let file = pack("result.txt", format!("{good}{bad}").as_bytes()).unwrap();
        assert_eq!(read_statement(&file, &profile), Err(fault), "{bad}");
    }
    // Every row a centre writes of what it has more reads as a fault when the profile's order is the other one.
    for flags in ["1\t0", "000101\t0", "2\t0", "3\t0", "3\t1", "000103\t1"] {
        let file = pack("result.txt", format!("P\tV\tS\tM\t{flags}\n").as_bytes()).unwrap();
        assert!(read_statement(&file, &profile).is_ok(), "{flags}");
        let swapped = read_statement(&file, &province(StatementColumns::RefundFirst));
        assert!(swapped.is_err(), "{flags}: {swapped:?}");
    }
    let file = pack("result.txt", good.as_bytes()).unwrap();
    let cut = read_statement(&file[..file.len() / 2], &profile);
    assert!(matches!(cut, Err(StatementFault::Zip(_))), "{cut:?}");
    let mut none = real_profile();
    none.reconciliation = None;
    assert_eq!(read_statement(&file, &none), Err(StatementFault::NoRules));
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_panic(text in "([0-3a-z.\\-]{0,6}\t){0,12}\\PC{0,20}\n?", raw in any::<Vec<u8>>()) {
        let profile = province(StatementColumns::VerdictFirst);
        let _ = read_statement(&pack("r.txt", text.as_bytes()).unwrap(), &profile);
        let _ = read_statement(&raw, &profile);
        let _ = responded_at(&raw);
    }
}

#[test]
fn totals_go_out_by_the_names_and_in_the_count_of_the_province() {
    let fen = |amount: i64| Fen::new(amount).unwrap();
    let totals = Totals {
        insurance: zhijie_model::InsuranceType::new("390").unwrap(),
        kind: String::from("11"),
        office: String::from("341200"),
        days: (date(2026, 11, 21), date(2026, 11, 22)),
        total: fen(1000),
        funds: fen(500),
        account: fen(100),
        count: -1,
    };
    let mut profile = province(StatementColumns::VerdictFirst);
    let sent = |profile: &Profile| {
        let message = draft_totals(&totals, &head(), profile).unwrap().plain().unwrap();
        assert_eq!(message.number, "3201");
        let body: Value = serde_json::from_slice(&message.body).unwrap();
        body["input"]["data"].clone()
    };
    let mut expected = json!({
        "insutype": "390", "clr_type": "11", "setl_optins": "341200", "stmt_begndate": "2026-11-21",
        "stmt_enddate": "2026-11-22", "medfee_sumamt": "10.00", "fund_pay_sumamt": "5.00", "acct_pay": "1.00",
        "fixmedins_setl_cnt": "-1", "refd_setl_flag": "1",
    });
    assert_eq!(sent(&profile), expected);
    profile.fund_includes_account = true;
    profile.reconciliation.as_mut().unwrap().totals = TotalsRules {
        refunds: RefundsInTotals::LeftOut,
        office_member: OfficeMember::Clearing,
        account_member: AccountMember::Cash,
        account_with_mutual_aid: false,
    };
    let members = expected.as_object_mut().unwrap();
    members.remove("setl_optins");
    members.remove("acct_pay");
    for (name, value) in [
        ("clr_optins", "341200"),
        ("cash_payamt", "1.00"),
        ("fund_pay_sumamt", "6.00"),
        ("refd_setl_flag", "0"),
    ] {
        members.insert(String::from(name), json!(value));
    }
    assert_eq!(sent(&profile), expected);
    // A province without the section is asked as printed nationally: the conformance battery does.
    profile.reconciliation = None;
    assert_eq!(sent(&profile)["setl_optins"], "341200");
}

#[test]
fn totals_are_equal_when_the_code_is_nothing_but_zeros() {
    let read = |info: Value| {
        let answer = json!({ "infcode": 0, "err_msg": "", "output": { "stmtinfo": info } });
        read_totals(answer.to_string().as_bytes(), &profile())
    };
    for code in ["0", "000000"] {
        assert_eq!(
            read(json!({ "stmt_rslt": code })),
            Ok(Compared::Balanced),
            "{code}"
        );
    }
    for code in ["1", "000103", "9"] {
        let unequal = Unequal {
            code: String::from(code),
            words: Some(String::from("不平")),
        };
        let told = read(json!({ "stmt_rslt": code, "stmt_rslt_dscr": "不平" }));
        assert_eq!(told, Ok(Compared::Unequal(unequal)), "{code}");
    }
    // No code is no answer, and nothing is not nothing but zeros.
    for info in [json!({}), json!({ "stmt_rslt": "" }), Value::Null] {
        assert!(read(info.clone()).is_err(), "{info}");
    }
}
