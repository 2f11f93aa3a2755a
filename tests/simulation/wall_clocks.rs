//! What the clocks on the walls show is a label: with every PC's clock off by days, in whatever order, a world takes the
//! same course.

use zhijie_model::MessageId;

use crate::people;
use crate::policy::Plant;
use crate::run;

const DAY_MS: i64 = 86_400_000;
/// How far the clocks of four desks are off.
const OFFSETS: [[i64; 4]; 3] = [
    [0, 0, 0, 0],
    [3 * DAY_MS + 7_201_000, -40 * DAY_MS, 0, 11_000],
    [-40 * DAY_MS, 11_000, 3 * DAY_MS + 7_201_000, 0],
];
const SEEDS: u64 = 12;

#[test]
fn a_world_takes_the_same_course_under_any_clock() {
    for seed in 1..=SEEDS {
        let [course, others @ ..] =
            OFFSETS.map(|offsets| without_labels(&run::course(seed, Plant::None, offsets)));
        assert!(course.len() > 20, "seed {seed} tells too little");
        for other in others {
            let differ = course.iter().zip(&other).find(|(one, two)| one != two);
            assert_eq!(differ, None, "seed {seed}");
            assert_eq!(course.len(), other.len(), "seed {seed}");
        }
    }
}

/// Lines with each message id replaced by its number in the order of appearance.
fn without_labels(lines: &[String]) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    let mut number = |id: &str| {
        let known = seen.iter().position(|other| other == id);
        known.unwrap_or_else(|| {
            seen.push(id.to_owned());
            seen.len() - 1
        })
    };
    let plain = |line: &String| {
        let (mut text, mut rest) = (String::new(), line.as_str());
        while let Some(at) = rest.find(people::INSTITUTION) {
            let (before, from) = rest.split_at(at);
            let (id, after) = from.split_at_checked(30).unwrap_or((from, ""));
            let is_id = MessageId::new(id).is_ok() && id.bytes().skip(1).all(|byte| byte.is_ascii_digit());
            text.push_str(before);
            if is_id {
                text.push_str(&format!("#{}", number(id)));
                rest = after;
            } else {
                let (name, after) = from.split_at(people::INSTITUTION.len());
                text.push_str(name);
                rest = after;
            }
        }
        text + rest
    };
    lines.iter().map(plain).collect()
}
