//! The split engine against a published case and against random bills.

use proptest::prelude::*;
use zhijie_model::{Fen, Quantity, Ratio, UnitPrice, line_amount};

use crate::catalogue::{Class, Item, LineCut, cut_line};
use crate::data::regions;
use crate::engine::{Account, Rules, Split, YearTotals, settle};
use crate::policy::{Region, Setting, region_of};

fn yuan(text: &str) -> Fen {
    Fen::from_yuan(text).unwrap()
}

fn region(area: &str) -> Region {
    let regions = regions().unwrap();
    region_of(&regions, zhijie_model::Area::new(area).unwrap())
        .unwrap()
        .clone()
}

fn cut(own_expense: &str, over_ceiling: &str, first_own: &str, in_scope: &str) -> LineCut {
    let parts = [own_expense, over_ceiling, first_own, in_scope].map(yuan);
    LineCut {
        amount: Fen::sum(parts).unwrap(),
        own_expense: parts[0],
        over_ceiling: parts[1],
        first_own: parts[2],
        in_scope: parts[3],
    }
}

/// A published case of a resident of Rizhao. Only its three amounts are known; the bill's composition, the earlier
/// stay of the year and the policy's parameters are fitted (docs/sandbox.md).
#[test]
fn the_rizhao_case_comes_out_to_the_fen() {
    let region = region("371100");
    let rules = Rules {
        pool: region.resident.pool(Setting::Inpatient),
        supplement: &region.resident.supplement,
        civil_servant: None,
        aid: None,
        less: None,
        hospital: None,
        account: None,
    };
    let earlier = settle(
        &[cut("410.00", "0", "1182.30", "22958.67")],
        &rules,
        &YearTotals::default(),
    )
    .unwrap();
    assert_eq!((earlier.pool, earlier.supplement), (yuan("13175.20"), Fen::ZERO));
    let so_far = YearTotals::default().after(&earlier).unwrap();

    let stay = [
        cut("31250.00", "0", "0", "0"),
        cut("0", "9187.23", "42000.00", "412011.92"),
        cut("0", "0", "0", "119000.00"),
    ];
    let split = settle(&stay, &rules, &so_far).unwrap();
    assert_eq!(split.total, yuan("613449.15"));
    assert_eq!(split.pool, yuan("136824.80"));
    assert_eq!(split.supplement, yuan("264577.94"));
    assert_eq!(split.funds, yuan("401402.74"));
    let per_mille = (split.funds.get() * 1000 + split.total.get() / 2) / split.total.get();
    assert_eq!(per_mille, 654);
    holds(&split);
}

#[test]
fn deductible_reduction_and_account_are_applied() {
    let region = region("341200");
    let rules = Rules {
        pool: region.resident.pool(Setting::Outpatient),
        supplement: &region.resident.supplement,
        civil_servant: None,
        aid: None,
        less: Ratio::parse("0.10").ok(),
        hospital: None,
        account: Some(Account {
            balance: yuan("1000.00"),
            own_expense: false,
            family: Fen::ZERO,
            at_most: None,
        }),
    };
    let split = settle(
        &[cut("50.00", "10.00", "20.00", "300.00")],
        &rules,
        &YearTotals::default(),
    )
    .unwrap();
    // 100.00 deductible, then 50 % less ten points of 200.00.
    assert_eq!((split.deductible, split.pool), (yuan("100.00"), yuan("80.00")));
    // The account takes the in-scope rest and the first-own part, not what lies outside.
    assert_eq!((split.account, split.cash), (yuan("240.00"), yuan("60.00")));
    holds(&split);
}

/// Identities I1 to I4, and no negative amount.
fn holds(split: &Split) {
    let sum = |parts: &[Fen]| Fen::sum(parts.iter().copied()).unwrap();
    assert_eq!(
        split.total,
        sum(&[
            split.own_expense,
            split.over_ceiling,
            split.first_own,
            split.in_scope
        ]),
        "I1"
    );
    assert_eq!(
        split.total,
        sum(&[split.funds, split.hospital, split.person]),
        "I2"
    );
    assert_eq!(split.person, sum(&[split.account, split.cash]), "I3");
    assert_eq!(
        split.funds,
        sum(&[split.pool, split.supplement, split.civil_servant, split.aid]),
        "I4"
    );
    for amount in amounts(split) {
        assert!(!amount.is_negative(), "{split:?}");
    }
}

fn amounts(split: &Split) -> [Fen; 15] {
    [
        split.total,
        split.own_expense,
        split.over_ceiling,
        split.first_own,
        split.in_scope,
        split.deductible,
        split.base,
        split.pool,
        split.supplement,
        split.civil_servant,
        split.aid,
        split.funds,
        split.person,
        split.account,
        split.cash,
    ]
}

prop_compose! {
    fn item()(
        class in prop_oneof![Just(Class::A), Just(Class::B), Just(Class::C)],
        first_own in proptest::option::of(0_u32..=10_000),
        ceiling in proptest::option::of(0_i64..=50_000_000),
    ) -> Option<Item> {
        Some(Item {
            code: String::from("X"),
            name: String::new(),
            class,
            first_own: first_own.map(|scaled| decimal(i64::from(scaled), 4)).map(|text| Ratio::parse(&text).unwrap()),
            ceiling: ceiling.map(|scaled| UnitPrice::parse(&decimal(scaled, 6)).unwrap()),
            kind: String::from("09"),
            negotiated: false,
        })
    }
}

fn decimal(scaled: i64, places: u32) -> String {
    let unit = 10_i64.pow(places);
    let width = usize::try_from(places).unwrap();
    format!("{}.{:0width$}", scaled / unit, scaled % unit)
}

prop_compose! {
    fn line()(
        quantity in 1_i64..=2_000_000,
        price in 0_i64..=900_000_000,
        item in prop_oneof![item(), Just(None)],
    ) -> LineCut {
        let quantity = Quantity::parse(&decimal(quantity, 4)).unwrap();
        let amount = line_amount(quantity, UnitPrice::parse(&decimal(price, 6)).unwrap()).unwrap();
        let cut = cut_line(amount, quantity, item.as_ref()).unwrap();
        let parts = [cut.own_expense, cut.over_ceiling, cut.first_own, cut.in_scope];
        assert_eq!(Fen::sum(parts), Some(cut.amount), "I6");
        assert!(parts.iter().all(|part| !part.is_negative()));
        cut
    }
}

#[derive(Debug, Clone)]
struct Person {
    region: usize,
    employee: bool,
    setting: Setting,
    civil_servant: bool,
    aided: bool,
    visitor: bool,
    account: Option<(i64, bool)>,
}

prop_compose! {
    fn person()(
        region in 0_usize..7,
        flags in proptest::array::uniform5(any::<bool>()),
        account in proptest::option::of((0_i64..=500_000, any::<bool>())),
    ) -> Person {
        let [employee, inpatient, civil_servant, aided, visitor] = flags;
        let setting = if inpatient { Setting::Inpatient } else { Setting::Outpatient };
        Person { region, employee, setting, civil_servant, aided, visitor, account }
    }
}

proptest! {
    #[test]
    fn identities_hold_over_a_year_of_bills(
        person in person(),
        bills in proptest::collection::vec(proptest::collection::vec(line(), 1..8), 1..6),
    ) {
        let regions = regions().unwrap();
        let region = &regions[person.region];
        let policy = if person.employee { &region.employee } else { &region.resident };
        let pool = policy.pool(person.setting);
        let mut totals = YearTotals::default();
        let mut balance = person.account.map_or(0, |(balance, _)| balance);
        for bill in bills {
            let rules = Rules {
                pool,
                supplement: &policy.supplement,
                civil_servant: person.civil_servant.then_some(policy.civil_servant),
                aid: person.aided.then_some(&region.aid),
                less: person.visitor.then_some(policy.visitor.temporary_less),
                hospital: Ratio::parse("0.5").ok(),
                account: person.account.map(|(_, own_expense)| Account {
                    balance: Fen::new(balance).unwrap(),
                    own_expense,
                    family: Fen::ZERO,
                    at_most: None,
                }),
            };
            let split = settle(&bill, &rules, &totals).unwrap();
            holds(&split);
            prop_assert!(split.account.get() <= balance);
            balance -= split.account.get();

            let after = totals.after(&split).unwrap();
            prop_assert!(after.pool <= pool.cap.max(totals.pool));
            prop_assert!(after.deductible <= pool.deductible);
            prop_assert!(after.supplement <= policy.supplement.cap);
            prop_assert!(after.aid <= region.aid.cap);

            // I7: a refund is the negative, and the totals come back.
            let refund = split.negated();
            for (paid, back) in amounts(&split).into_iter().zip(amounts(&refund)) {
                prop_assert_eq!(paid.checked_add(back), Some(Fen::ZERO));
            }
            prop_assert_eq!(after.after(&refund).unwrap(), totals);
            totals = after;
        }
    }
}
