//! People without a citizen identity number: by the kind and number of their papers all the way to a settlement, in each
//! way a province may be told what papers are.

use serde_json::{Value, json};
use zhijie_tests::{Options, Stage, order, stay};

use crate::road::settle;
use crate::stays::done;

/// Asks by the papers of a person of the sandbox.
async fn asked(stage: &Stage, person: &str, name: Option<&str>) -> anyhow::Result<Value> {
    let person = stage.admin().person(person).await?;
    let mut papers = json!({ "kind": person["certificate_kind"], "number": person["certificate"] });
    if let Some(name) = name {
        papers["name"] = json!(name);
    }
    Ok(json!({ "source": "papers", "papers": papers }))
}

#[tokio::test]
async fn a_foreigner_and_a_resident_of_hong_kong_settle_in_every_reading() -> anyhow::Result<()> {
    for (shown_as, demanded, number) in [
        ("shown_as = \"other\"", "other", "99"),
        ("shown_as = \"id_number\"", "id-number", "02"),
        ("shown_as = \"own_kind\"", "own-kind", "OWN"),
    ] {
        let stage = Stage::open(Options {
            profile_changes: vec![("shown_as = \"other\"", shown_as)],
            sandbox: vec!["--papers", demanded],
            ..Options::default()
        })
        .await?;
        for person in ["shanghai-passport", "jiaxing-permit"] {
            let read = stage
                .call("identity.read", asked(&stage, person, None).await?)
                .await?;
            let known = stage.admin().person(person).await?;
            assert_eq!(
                (&read["kind"], &read["grade"], &read["name"]),
                (&json!("papers"), &json!("typed"), &known["name"]),
                "{shown_as}"
            );
            let identity = read["identity_id"].as_str().unwrap();
            let visit = format!("MZ-{number}-{person}");
            let (_, settled) = settle(&stage, &order(&visit), identity, &visit).await?;
            assert_eq!(settled["outcome"], "done", "{shown_as}: {settled}");
            assert_eq!(stage.admin().standing(&visit).await?, 1);
            assert!(!stage.agent_log().contains(known["certificate"].as_str().unwrap()));
        }
    }
    Ok(())
}

#[tokio::test]
async fn papers_serve_a_stay_and_are_compared_with_the_name() -> anyhow::Result<()> {
    let stage = Stage::open(Options::default()).await?;
    let wrong = asked(&stage, "jiaxing-permit", Some("另一人")).await?;
    let refused = stage.refused("identity.read", wrong).await?;
    assert!(
        refused["platform_text"].to_string().contains("psn_name"),
        "{refused}"
    );
    let read = asked(&stage, "jiaxing-permit", Some("林嘉敏")).await?;
    let read = stage.call("identity.read", read).await?;
    let identity = read["identity_id"].as_str().unwrap();
    let stay = stay("ZY-PERMIT");
    done(&stage, "stay.admit", stay.admit("a", identity)).await?;
    done(&stage, "stay.change", stay.change("c")).await?;
    done(&stage, "stay.charge", stay.charge("l", &stay.lines())).await?;
    done(&stage, "stay.discharge", stay.discharge("d")).await?;
    let quote = done(
        &stage,
        "stay.quote",
        stay.quote("q", identity, zhijie_tests::Stay::TOTAL_FEN),
    )
    .await?;
    done(&stage, "stay.settle", stay.settle("s", &quote)).await?;
    assert_eq!(stage.admin().standing("ZY-PERMIT").await?, 1);
    Ok(())
}

#[tokio::test]
async fn papers_nobody_named_are_not_asked_about() -> anyhow::Result<()> {
    let stage = Stage::open(Options {
        profile_changes: vec![(
            "kinds = [\"04\", \"05\", \"06\", \"07\", \"08\", \"17\"]",
            "kinds = [\"04\"]",
        )],
        ..Options::default()
    })
    .await?;
    let passport = asked(&stage, "shanghai-passport", None).await?;
    let told = stage.refused("identity.read", passport).await?;
    assert_eq!(told["code"], "DESK-055", "{told}");
    assert_eq!(stage.admin().calls("1101", None).await?, 0);
    for (papers, member) in [
        (Value::Null, "papers"),
        (json!({ "kind": "", "number": "E1" }), "papers.kind"),
        (json!({ "kind": "08", "number": "E 1" }), "papers.number"),
        (
            json!({ "kind": "08", "number": "E1", "name": " " }),
            "papers.name",
        ),
    ] {
        let params = json!({ "source": "papers", "papers": papers });
        let told = stage.call("identity.read", params).await.unwrap_err().to_string();
        assert!(told.contains(member), "{told}");
    }
    Ok(())
}
