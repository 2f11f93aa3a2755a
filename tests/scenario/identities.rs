//! Who stands at the desk, and for which bill.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order};
use zhijie_twin_vendor::Play;

use crate::road::settle;

#[tokio::test]
async fn everybody_with_a_filing_settles() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let table = [
        ("fuyang-resident", "390", "341200"),
        ("fuyang-employee", "310", "341200"),
        ("jiaxing-employee", "310", "330400"),
        ("xuzhou-two-insurances", "390", "320300"),
        ("rizhao-resident", "390", "371100"),
        ("haikou-aided", "390", "460100"),
        ("shanghai-local", "310", "310000"),
    ];
    for (person, insurance, area) in table {
        let identity = stage.type_number(person).await?;
        let lookup = stage
            .call("person.lookup", json!({ "identity_id": identity }))
            .await?;
        assert_eq!(
            lookup["chosen"],
            json!({ "insurance_type": insurance, "area": area }),
            "{person}"
        );
        let bill = order(person);
        let (quote, settled) = settle(&stage, &bill, &identity, person).await?;
        assert_eq!(settled["outcome"], "done", "{person}: {settled}");
        assert_eq!(
            settled["settlement"]["split"], quote["quote"]["split"],
            "{person}"
        );
        let rows = stage.admin().settlements(person).await?;
        assert_eq!(rows.len(), 1, "{person}");
        let split = &settled["settlement"]["split"];
        for (ours, theirs) in [
            ("total_fen", "total_fen"),
            ("cash_fen", "cash_fen"),
            ("account_fen", "account_fen"),
        ] {
            assert_eq!(split[ours], rows[0][theirs], "{person}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_province_may_want_the_card() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        sandbox: vec!["--visitors-need-card"],
        ..Options::default()
    })
    .await?;
    let person = stage.admin().person("fuyang-resident").await?;
    let params = json!({ "source": "id_number", "id_number": person["certificate"] });
    let told = stage.refused("identity.read", params).await?;
    assert_eq!(told["code"], "PLAT-012", "{told}");
    assert!(
        told["platform_text"].as_str().unwrap().contains("社会保障卡"),
        "{told}"
    );
    let identity = stage.type_number("shanghai-local").await?;
    let (_, settled) = settle(&stage, &order("MZ2"), &identity, "2").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    Ok(())
}

#[tokio::test]
async fn a_number_that_cannot_be_one_is_refused() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    for number in ["341200195803120027", "34120019580312002", "x", ""] {
        let params = json!({ "source": "id_number", "id_number": number });
        let data = stage.refused("identity.read", params).await?;
        assert_eq!(data["path"], "id_number", "{data}");
        assert!(number.len() < 5 || !data.to_string().contains(number), "{data}");
    }
    let data = stage
        .refused("identity.read", json!({ "source": "id_number" }))
        .await?;
    assert_eq!(data["path"], "id_number", "{data}");
    Ok(())
}

#[tokio::test]
async fn a_visit_quoted_for_the_wrong_person_is_taken_back() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let bill = order("MZ1");
    let wrong = stage.type_number("haikou-aided").await?;
    let quote = stage.call("visit.quote", bill.quote("q1", &wrong)).await?;
    assert_eq!(quote["outcome"], "done", "{quote}");
    let right = stage.type_number("fuyang-resident").await?;
    let second = stage.call("visit.quote", bill.quote("q2", &right)).await?;
    assert_eq!(second["outcome"], "done", "{second}");
    let told = stage.call("visit.settle", bill.settle("s1", &quote)).await?;
    assert_eq!(told["fault"]["code"], "DESK-009", "{told}");
    let told = stage.call("visit.settle", bill.settle("s2", &second)).await?;
    assert_eq!(told["outcome"], "done", "{told}");
    let person = stage.admin().person("fuyang-resident").await?;
    let rows = stage.admin().settlements("MZ1").await?;
    assert_eq!(rows.len(), 1);
    let number = person["number"].as_str().unwrap();
    let masked = format!("{}****{}", &number[..6], &number[number.len() - 2..]);
    assert_eq!(rows[0]["psn_masked"], masked);
    Ok(())
}

#[tokio::test]
async fn an_identity_lasts_as_long_as_it_says() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        config: "[settlement]\ncard_valid_s = 1\n",
        ..Options::default()
    })
    .await?;
    let identity = stage.type_number("fuyang-resident").await?;
    let lookup = json!({ "identity_id": identity });
    let mut last = Value::Null;
    for _ in 0..1200 {
        match stage.refused("person.lookup", lookup.clone()).await {
            Ok(data) => {
                last = data;
                break;
            }
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
    assert_eq!(last["code"], "DESK-006", "{last}");
    let told = stage
        .call("visit.quote", order("MZ1").quote("q1", &identity))
        .await?;
    assert_eq!(told["fault"]["code"], "DESK-006", "{told}");
    let told = stage
        .call("visit.quote", order("MZ1").quote("q2", "id-1-1"))
        .await?;
    assert_eq!(told["fault"]["code"], "DESK-006", "{told}");
    assert_eq!(stage.admin().calls("2201", None).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_card_keeps_its_own_name_but_not_somebody_elses() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        ..Options::default()
    })
    .await?;
    let name = stage.admin().person("fuyang-resident").await?["name"].clone();
    stage.insert_card("fuyang-resident")?;
    let ask = json!({ "source": "card", "timeout_s": 30 });
    stage.admin().fault("1101", "other_person", json!({})).await?;
    let told = stage.refused("identity.read", ask).await?;
    assert_eq!(
        (&told["code"], &told["money_moved"]),
        (&json!("PLAT-010"), &json!("no")),
        "{told}"
    );
    stage.take_card_back().await?;
    stage.admin().fault("1101", "empty", json!({})).await?;
    let read = stage.read_card("fuyang-resident").await?;
    assert_eq!(read["name"], name, "{read}");
    Ok(())
}

#[tokio::test]
async fn card_and_code_of_one_visit_are_compared_and_nobody_is_named() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        card: true,
        scanner: true,
        ..Options::default()
    })
    .await?;
    let card = stage.read_card("fuyang-resident").await?["identity_id"].clone();
    let table = [
        ("fuyang-resident", "agree", json!([])),
        (
            "rizhao-resident",
            "differ",
            json!([
                "DIFFERENT-PERSON",
                "DIFFERENT-NUMBER",
                "DIFFERENT-NAME",
                "DIFFERENT-REGION"
            ]),
        ),
    ];
    for (person, standing, codes) in table {
        let code = stage.show_voucher(person).await?["identity_id"].clone();
        let asked = json!({ "identity_id": card, "other_identity_id": code });
        let told = stage.call("identity.compare", asked).await?;
        assert_eq!(told["standing"], standing, "{told}");
        let differences = told["differences"].as_array().unwrap();
        let named: Value = differences.iter().map(|notice| notice["code"].clone()).collect();
        assert_eq!(named, codes);
        for key in ["fuyang-resident", person] {
            let who = stage.admin().person(key).await?;
            for secret in ["name", "certificate"] {
                let secret = who[secret].as_str().unwrap();
                assert!(!told.to_string().contains(secret), "{told}");
                assert!(!stage.agent_log().contains(secret), "{key}");
            }
        }
    }
    assert!(stage.agent_log().contains("Two identities of one visit differ"));
    let gone = json!({ "identity_id": card, "other_identity_id": "id-0-0" });
    assert_eq!(stage.refused("identity.compare", gone).await?["code"], "DESK-006");
    Ok(())
}

#[tokio::test]
async fn a_resident_id_card_settles_where_the_number_is_taken() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        id_reader: true,
        ..Options::default()
    })
    .await?;
    let person = stage.admin().person("fuyang-resident").await?;
    let (name, number) = (
        person["name"].as_str().unwrap(),
        person["certificate"].as_str().unwrap(),
    );
    let ask = |wait_s: u32| json!({ "source": "id_card", "timeout_s": wait_s });
    let other = number.replacen("3412", "3413", 1);
    let table = [
        (Play::Empty, 1, "CARD-002"),
        (Play::Pulled, 30, "CARD-003"),
        (Play::Error(1, ""), 30, "CARD-001"),
        (Play::Answer(&other), 30, "CARD-024"),
        (Play::Overrun(8), 30, "CARD-025"),
        (Play::Crash, 30, "CARD-025"),
    ];
    for (play, wait_s, code) in table {
        stage.vendor()?.play(&play);
        let told = loop {
            let told = stage.refused("identity.read", ask(wait_s)).await?;
            // The helper is on its way back from the play before.
            if told["code"] != "AGENT-001" {
                break told;
            }
        };
        assert_eq!(told["code"], code, "{play:?}: {told}");
    }
    let line = format!("{name}|{number}|20991231");
    stage.vendor()?.play(&Play::Answer(&line));
    let read = loop {
        match stage.call("identity.read", ask(30)).await {
            Ok(read) => break read,
            Err(fault) => assert!(fault.to_string().contains("AGENT-001"), "{fault}"),
        }
    };
    assert_eq!(
        (&read["kind"], &read["grade"], &read["name"]),
        (&json!("id_number"), &json!("read"), &json!(name))
    );
    let identity = read["identity_id"].as_str().unwrap();
    let (_, settled) = settle(&stage, &order("MZ0001"), identity, "id-card").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    for secret in [name, number] {
        assert!(!stage.agent_log().contains(secret));
    }
    Ok(())
}

/// Asks for a code; waits for a library's helper that is on its way back.
async fn refused_scan(stage: &Stage, wait_s: u32) -> anyhow::Result<Value> {
    loop {
        let asked = json!({ "source": "code", "timeout_s": wait_s });
        let told = stage.refused("identity.read", asked).await?;
        if told["code"] != "AGENT-001" {
            return Ok(told);
        }
    }
}

/// The library has the scanner for itself while it works, and whatever it does the scanner comes back.
#[tokio::test]
async fn a_voucher_is_decoded_by_the_library_that_scans_it() -> anyhow::Result<()> {
    let mut stage = Stage::open(Options {
        scanner: true,
        voucher_library: true,
        profile_changes: vec![(
            "\n[variants]\n",
            "\n[voucher]\nroad = \"library\"\nkind = \"ec.query\"\n\n[variants]\n",
        )],
        ..Options::default()
    })
    .await?;
    let table = [
        (Play::Error(-2, "未扫码"), 30, "DESK-002"),
        (Play::Error(-77, "解码失败"), 30, "SCAN-011"),
        (Play::Answer("{}"), 30, "SCAN-011"),
        (
            Play::Answer("{\"code\":500159,\"message\":\"请使用医保电子凭证\",\"data\":null}"),
            30,
            "PLAT-012",
        ),
        (Play::Overrun(8), 30, "SCAN-010"),
        (Play::Crash, 30, "SCAN-010"),
        (Play::Hang, 1, "DESK-002"),
        (Play::Hang, 30, "SCAN-010"),
    ];
    for (play, wait_s, code) in table {
        stage.vendor()?.play(&play);
        let told = refused_scan(&stage, wait_s).await?;
        assert_eq!(told["code"], code, "{play:?}: {told}");
        if code == "SCAN-011" && matches!(play, Play::Error(..)) {
            assert_eq!(told["platform_text"], "解码失败");
        }
    }
    let port = stage.scanner_port()?;
    stage.vendor()?.play(&Play::Scan(&port));
    let read = loop {
        match stage.show_voucher("jiaxing-employee").await {
            Ok(read) => break read,
            Err(fault) => assert!(fault.to_string().contains("AGENT-001"), "{fault}"),
        }
    };
    assert_eq!(
        (&read["kind"], &read["grade"]),
        (&json!("voucher"), &json!("decoded")),
        "{read}"
    );
    assert_eq!(stage.admin().calls("1162", None).await?, 0);
    let person = stage.admin().person("jiaxing-employee").await?;
    assert_eq!(read["name"], person["name"]);
    let identity = read["identity_id"].as_str().unwrap();
    let (_, settled) = settle(&stage, &order("MZ1"), identity, "1").await?;
    assert_eq!(settled["outcome"], "done", "{settled}");
    let told = stage
        .call("visit.quote", order("MZ2").quote("q2", identity))
        .await?;
    assert_eq!(told["fault"]["code"], "DESK-018", "{told}");
    // A fresh scan for the next bill.
    let again = stage.show_voucher("jiaxing-employee").await?;
    assert_ne!(again["identity_id"], read["identity_id"]);
    for secret in ["name", "certificate"] {
        assert!(!stage.agent_log().contains(person[secret].as_str().unwrap()));
    }
    Ok(())
}

#[tokio::test]
async fn a_resident_id_card_is_refused_where_the_number_is_not_taken() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        id_reader: true,
        profile_changes: vec![("id_number_allowed = true", "id_number_allowed = false")],
        ..Options::default()
    })
    .await?;
    let told = stage
        .refused("identity.read", json!({ "source": "id_card" }))
        .await?;
    assert_eq!(told["code"], "DESK-019", "{told}");
    Ok(())
}
