//! Acts at the desk as tables: what ends a doubt, and what never does.

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use zhijie_model::{
    ChronicEntry, CredentialKind, Disease, FilingCall, FilingNumber, FilingRecord, FilingReply,
    FixedPointKind, InstitutionCode, InsuranceType, MessageId, NamedInstitution, NewFixedPlace, OperatorCode,
    Payer, PersonNumber, PlatformWords, Private, RequestId,
};

use crate::kit::{area, now};
use crate::{Act, ActEvent, ActLimits, ActVerdict, NewAct, Sight, Stage, Target, Wanted};

fn payer(number: &str) -> Payer {
    Payer {
        number: PersonNumber::new(number).unwrap(),
        name: Private::new("某"),
        certificate_kind: String::from("01"),
        certificate: Private::new("1"),
        insurance: InsuranceType::new("390").unwrap(),
        category: String::from("15"),
        area: area("341200"),
        credential: CredentialKind::Card,
    }
}

fn hospital() -> InstitutionCode {
    InstitutionCode::new("H31010100001").unwrap()
}

fn number() -> FilingNumber {
    FilingNumber::new("7").unwrap()
}

fn fix(who: &str) -> FilingCall {
    FilingCall::FixPlace {
        payer: payer(who),
        place: NewFixedPlace {
            register: FixedPointKind::Elsewhere,
            rank: 1,
            institution: NamedInstitution {
                code: hospital(),
                name: String::from("示例医院"),
            },
            from: date(2026, 11, 22),
            until: None,
            memo: None,
        },
    }
}

fn withdraw() -> FilingCall {
    FilingCall::Withdraw {
        payer: payer("1"),
        what: FilingRecord::FixedPlace,
        register: Some(FixedPointKind::Elsewhere),
        number: number(),
        reason: Private::new("重复"),
    }
}

fn new(call: FilingCall) -> NewAct {
    NewAct {
        request: RequestId::new("r").unwrap(),
        operator: OperatorCode::new("0001").unwrap(),
        operator_name: String::from("甲"),
        call,
        target: Some(Target::Place {
            kind: FixedPointKind::Elsewhere,
            wanted: Wanted::Number { number: number() },
        }),
        limits: ActLimits {
            absence_counts_after_s: 60,
            doubt_max_s: 600,
        },
    }
}

fn act(call: FilingCall) -> Act {
    Act::begun(
        new(call),
        MessageId::new("H31010100001202611221000000001").unwrap(),
        now(),
    )
}

fn later(seconds: i64) -> Timestamp {
    now() + SignedDuration::from_secs(seconds)
}

fn lost() -> ActEvent {
    ActEvent::Lost {
        evidence: String::from("TimedOut"),
    }
}

/// In doubt since the fifth second.
fn doubtful(call: FilingCall) -> Act {
    let mut act = act(call);
    act.stage = act.after(&lost(), later(5)).unwrap();
    act
}

#[test]
fn a_register_ends_a_doubt_and_silence_never_does() {
    let there = || Sight::There {
        number: Some(number()),
    };
    let table = [
        (fix("1"), there(), 10, "carried"),
        (fix("1"), Sight::Gone, 10, "in_doubt"),
        (fix("1"), Sight::Gone, 59, "in_doubt"),
        (fix("1"), Sight::Gone, 60, "never_done"),
        (fix("1"), Sight::Nothing, 60, "in_doubt"),
        (fix("1"), Sight::Nothing, 604, "in_doubt"),
        (fix("1"), Sight::Nothing, 605, "needs_clerk"),
        (fix("1"), Sight::Unclear, 10, "needs_clerk"),
        (withdraw(), Sight::Gone, 10, "carried"),
        (withdraw(), there(), 59, "in_doubt"),
        (withdraw(), there(), 60, "never_done"),
    ];
    for (call, sight, at, stage) in table {
        let event = ActEvent::Looked { sight: sight.clone() };
        let next = doubtful(call.clone()).after(&event, later(at)).unwrap();
        assert_eq!(next.name(), stage, "{:?} {sight:?} {at}", call.transaction());
    }
}

#[test]
fn where_no_register_can_show_it_a_lost_answer_is_for_a_person() {
    let mut act = act(fix("1"));
    act.new.target = None;
    act.stage = act.after(&lost(), later(5)).unwrap();
    assert_eq!(act.stage.name(), "needs_clerk");
    let resolved = |verdict| ActEvent::Resolved {
        verdict,
        person: OperatorCode::new("9").unwrap(),
        reason: String::from("seen"),
    };
    let table = [
        (ActVerdict::AskAgain, "needs_clerk"),
        (ActVerdict::Carried { number: None }, "carried"),
        (ActVerdict::NotCarried, "never_done"),
    ];
    for (verdict, stage) in table {
        assert_eq!(act.after(&resolved(verdict), later(9)).unwrap().name(), stage);
    }
}

#[test]
fn an_end_is_an_end() {
    let filed = ActEvent::Answered {
        reply: Box::new(FilingReply::Filed {
            number: number(),
            platform: PlatformWords::default(),
        }),
    };
    let mut done = act(fix("1"));
    done.stage = done.after(&filed, later(1)).unwrap();
    assert!(matches!(&done.stage, Stage::Carried { number: Some(told), .. } if *told == number()));
    assert!(!done.is_open());
    for event in [filed, lost(), ActEvent::Looked { sight: Sight::Gone }] {
        assert_eq!(done.after(&event, later(2)), None);
    }
}

#[test]
fn looks_come_less_often_and_never_stop_by_themselves() {
    let mut act = doubtful(fix("1"));
    act.new.limits.doubt_max_s = u32::MAX;
    let mut at = later(5);
    let mut pauses = Vec::new();
    for _ in 0..9 {
        let next = act.look_at().unwrap();
        pauses.push(next.as_second() - at.as_second());
        at = next;
        act.stage = act
            .after(
                &ActEvent::Looked {
                    sight: Sight::Nothing,
                },
                at,
            )
            .unwrap();
    }
    assert_eq!(pauses, [5, 10, 20, 40, 80, 160, 300, 300, 300]);
}

#[test]
fn one_open_act_of_a_kind_blocks_the_next_for_the_same_person_only() {
    let open = doubtful(fix("1"));
    assert!(open.blocks(&new(fix("1"))));
    assert!(!open.blocks(&new(fix("2"))) && !open.blocks(&new(withdraw())));
    let mut ended = open;
    ended.stage = Stage::NeverDone;
    assert!(!ended.blocks(&new(fix("1"))));
}

#[test]
fn a_row_without_the_mark_proves_nothing() {
    let entry = |code: &str| ChronicEntry {
        disease: Disease {
            code: String::from(code),
            name: String::new(),
        },
        from: Some(date(2026, 11, 22)),
        until: None,
    };
    let disease = Target::Disease {
        code: String::from("M01600"),
        from: Some(date(2026, 11, 22)),
    };
    assert_eq!(
        disease.among_diseases(&[entry("M01600")]),
        Sight::There { number: None }
    );
    assert_eq!(disease.among_diseases(&[entry("M03900")]), Sight::Gone);
    assert_eq!(disease.among_places(&[]), Sight::Unclear);
    let place = zhijie_model::FixedPoint {
        register: FixedPointKind::Elsewhere,
        number: None,
        kind: zhijie_model::FilingKind::NotStated,
        insurance: None,
        institution: None,
        area: Some(area("310101")),
        from: Some(date(2026, 11, 22)),
        until: None,
        memo: None,
    };
    let target = |wanted| Target::Place {
        kind: FixedPointKind::Elsewhere,
        wanted,
    };
    let by_number = target(Wanted::Number { number: number() });
    assert_eq!(
        by_number.among_places(core::slice::from_ref(&place)),
        Sight::Unclear
    );
    assert_eq!(by_number.among_places(&[]), Sight::Gone);
    let by_place = target(Wanted::Institution {
        code: hospital(),
        from: date(2026, 11, 22),
    });
    assert_eq!(by_place.among_places(&[place]), Sight::There { number: None });
}

#[test]
fn events_are_read_as_they_were_written() {
    let events = [
        ActEvent::Asked {
            act: Box::new(new(fix("1"))),
        },
        ActEvent::Looked {
            sight: Sight::There { number: None },
        },
        ActEvent::Resolved {
            verdict: ActVerdict::Carried {
                number: Some(number()),
            },
            person: OperatorCode::new("9").unwrap(),
            reason: String::from("seen"),
        },
    ];
    for event in events {
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<ActEvent>(&text).unwrap(), event);
    }
}
