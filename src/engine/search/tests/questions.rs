//! Random questions of the whole grammar, with words and values that occur in the logs.

use std::collections::BTreeSet;

use super::Chance;
use crate::model::entry::Entry;
use crate::model::time::Timestamp;
use crate::query::boolean::{Boolean, all_of, any_of};
use crate::query::condition::{Comparison, Condition, Test};
use crate::query::length::Length;
use crate::query::question::{CountTest, Pattern, Quantity, Question, Relation, Whole};
use crate::query::regular::RegularExpression;
use crate::query::words::words;
use crate::store::Window;

/// What can be asked for in some logs.
pub(super) struct Vocabulary {
    words: Vec<String>,
    services: Vec<String>,
    fields: Vec<(String, String)>,
    times: Vec<Timestamp>,
}

/// Entries whose words are taken.
const SAMPLED_MAX: usize = 2_000;

impl Vocabulary {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let (mut texts, mut services) = (BTreeSet::new(), BTreeSet::new());
        let (mut fields, mut times) = (BTreeSet::new(), Vec::new());
        for entry in entries.iter().step_by(entries.len() / SAMPLED_MAX + 1) {
            texts.extend(words(&entry.record.message).take(6).map(std::borrow::Cow::into_owned));
            services.insert(entry.context.service.clone());
            for field in entry.record.fields.iter().filter(|field| is_name(&field.name)) {
                let value = field.value.to_string().chars().take(40).collect();
                fields.insert((field.name.clone(), value));
            }
            for key in &entry.context.keys {
                fields.insert((key.name.clone(), key.value.clone()));
            }
            times.extend(entry.time());
        }
        texts.insert("nowhere".to_owned());
        services.insert("nobody".to_owned());
        times.sort_unstable();
        Self {
            words: texts.into_iter().collect(),
            services: services.into_iter().collect(),
            fields: fields.into_iter().collect(),
            times,
        }
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || "_.".contains(character))
}

/// Mostly no window; else one that begins and ends at times of lines.
pub(super) fn window(vocabulary: &Vocabulary, chance: &mut Chance) -> Window {
    let mut end = || {
        (chance.once_in(4) && !vocabulary.times.is_empty()).then(|| *chance.of(&vocabulary.times))
    };
    Window { since: end(), until: end() }
}

pub(super) fn question(vocabulary: &Vocabulary, chance: &mut Chance) -> Question {
    tree(chance, 2, &mut |chance| match chance.below(12) {
        0 => Question::Whole(whole(vocabulary, chance)),
        1..=3 => Question::Pattern(pattern(vocabulary, chance)),
        4 => Question::Absent(condition(vocabulary, chance, 1)),
        _ => match atom(vocabulary, chance) {
            Condition::All(_) => Question::EVERYTHING,
            Condition::Field { name, .. } if is_of_the_whole(&name) => Question::EVERYTHING,
            condition => Question::Line(condition),
        },
    })
}

/// At the level of requests these ask of the whole.
fn is_of_the_whole(name: &str) -> bool {
    matches!(name, "duration" | "errors" | "spans" | "services" | "root.service" | "root.operation")
}

pub(super) fn condition(vocabulary: &Vocabulary, chance: &mut Chance, depth: usize) -> Condition {
    tree(chance, depth, &mut |chance| atom(vocabulary, chance))
}

/// A tree whose leaves are these.
fn tree<T: Boolean>(
    chance: &mut Chance,
    depth: usize,
    leaf: &mut impl FnMut(&mut Chance) -> T,
) -> T {
    if depth == 0 || chance.once_in(3) {
        return leaf(chance);
    }
    let mut parts = |chance: &mut Chance| -> Vec<T> {
        (0..=chance.below(3)).map(|_| tree(chance, depth - 1, leaf)).collect()
    };
    match chance.below(5) {
        0 => all_of(parts(chance)).negated(),
        1 | 2 => any_of(parts(chance)),
        _ => all_of(parts(chance)),
    }
}

fn pattern(vocabulary: &Vocabulary, chance: &mut Chance) -> Pattern {
    let first = condition(vocabulary, chance, 1);
    let rest = (0..chance.below(3)).map(|_| {
        let relation = match chance.below(5) {
            0 => Relation::Parent,
            1 => Relation::Ancestor,
            2 => Relation::Before(None),
            _ => Relation::Before(Some(Length(chance.below(4_000) as u64 * 1_000_000))),
        };
        (relation, condition(vocabulary, chance, 1))
    });
    Pattern { first, rest: rest.collect() }
}

fn whole(vocabulary: &Vocabulary, chance: &mut Chance) -> Whole {
    match chance.below(4) {
        0 => Whole::Duration(comparison(chance), Length(chance.below(5_000) as u64 * 1_000_000)),
        1 | 2 => {
            let of = *chance.of(&[Quantity::Errors, Quantity::Spans, Quantity::Services]);
            let number = chance.below(5) as u64;
            let test = if chance.once_in(3) {
                CountTest::Is(number)
            } else {
                CountTest::Compare(comparison(chance), number)
            };
            Whole::Count(of, test)
        }
        _ if chance.once_in(2) => {
            Whole::RootService(Test::Equals(chance.of(&vocabulary.services).clone()))
        }
        _ => Whole::RootOperation(Test::Prefix("POST".to_owned())),
    }
}

fn comparison(chance: &mut Chance) -> Comparison {
    *chance.of(&[
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ])
}

fn atom(vocabulary: &Vocabulary, chance: &mut Chance) -> Condition {
    let field = |name: &str, test| Condition::Field { name: name.to_owned(), test };
    let word = |chance: &mut Chance| chance.of(&vocabulary.words).clone();
    match chance.below(16) {
        0..=2 => Condition::Words(vec![word(chance)]),
        3 => Condition::Words(vec![word(chance), word(chance)]),
        4 => {
            let length = 1 + chance.below(3);
            Condition::Prefix(word(chance).chars().take(length).collect())
        }
        5 => {
            let text = regex::escape(&word(chance)).replacen('e', ".", 1);
            Condition::Matches(RegularExpression::parse(&text).expect("an expression"))
        }
        6 | 7 => field("service", Test::Equals(chance.of(&vocabulary.services).clone())),
        8 => field("service", Test::Prefix(chance.of(&vocabulary.services)[..1].to_owned())),
        9 => field("level", Test::Compare(comparison(chance), "warn".to_owned())),
        10 => field("level", Test::Equals("error".to_owned())),
        11 => match chance.below(4) {
            0 => field("operation", Test::Prefix("POST".to_owned())),
            1 => field("kind", Test::Equals("client".to_owned())),
            2 => field("status", Test::Equals("error".to_owned())),
            _ => field("duration", Test::Compare(comparison(chance), "1s".to_owned())),
        },
        12 => Condition::EVERYTHING,
        _ if vocabulary.fields.is_empty() => Condition::EVERYTHING,
        kind => {
            let (name, value) = chance.of(&vocabulary.fields);
            match kind {
                13 => field(name, Test::Exists),
                14 => field(name, Test::Equals(value.clone())),
                _ if chance.once_in(2) => Condition::Value(value.clone()),
                _ => field(name, Test::Compare(comparison(chance), "300".to_owned())),
            }
        }
    }
}
