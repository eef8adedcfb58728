//! Values that separate the groups: texts that one group names more often, and numbers that
//! lie above a threshold more often, which is found by trying all.
//!
//! A value says with which requests it goes wrong, not who is at fault. It is compared among
//! the requests in which the service names that field at all.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::group::collected::{Groups, Request};
use crate::analysis::group::statistics::share;
use crate::model::entry::Entry;
use crate::model::field::Value;
use crate::model::id::TraceId;
use crate::model::masking::{MASK, masked};

/// A longer value is a text, not a category.
const CHARACTERS_MAX: usize = 64;

/// Words of a message in which `name=value` is looked for.
const WORDS_MAX: usize = 48;

/// Values of one request that are looked at.
const VALUES_MAX: usize = 2_000;

/// A field with more texts than this is an id or free text.
const TEXTS_MAX: usize = 200;

/// Thresholds that are tried for one field.
const THRESHOLDS_MAX: usize = 200;

/// Fewer requests on one side decide nothing.
const REQUESTS_MIN: u32 = 5;

/// Requests that are kept as examples.
const EXAMPLES_MAX: usize = 3;

/// Names of fields that say how the line came to us, and nothing of the business; letters only.
const OF_THE_LINE: [&str; 12] = [
    "trace",
    "traceid",
    "span",
    "spanid",
    "parentid",
    "parentspanid",
    "traceparent",
    "iostream",
    "stacktrace",
    "timestamp",
    "thread",
    "logger",
];

/// Fields that name the build that runs.
const VERSIONS: [&str; 7] =
    ["version", "service.version", "app.version", "build", "git.commit", "image.tag", "release"];

/// A value that a line names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::analysis) struct Named {
    pub(in crate::analysis) service: String,
    pub(in crate::analysis) name: String,
    pub(in crate::analysis) value: String,
    pub(in crate::analysis) entry: usize,
}

/// What distinguishes requests.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::analysis) enum Test {
    /// The field has this text.
    Is(String),
    /// The field is above this number.
    Above(f64),
}

/// A value that may separate the groups.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct Separator {
    pub(in crate::analysis) service: String,
    pub(in crate::analysis) name: String,
    pub(in crate::analysis) test: Test,
    /// Cohen's h; above 0 if more requests fulfil it in the group to be explained.
    pub(in crate::analysis) effect: f64,
    pub(in crate::analysis) error: f64,
    pub(in crate::analysis) bad: (u32, u32),
    pub(in crate::analysis) good: (u32, u32),
    pub(in crate::analysis) examples: Vec<(TraceId, Vec<usize>)>,
}

impl Separator {
    /// Whether it is about the build that runs.
    pub(in crate::analysis) fn is_version(&self) -> bool {
        VERSIONS.contains(&self.name.as_str())
    }
}

/// The values that an entry names, also ids; each name once.
pub(in crate::analysis) fn stated_values(entry: &Entry) -> Vec<(String, String)> {
    let mut values: Vec<(String, String)> = Vec::new();
    each_value(entry, |name, value| {
        if !is_of_the_line(name) && !values.iter().any(|(known, _)| known == name) {
            values.push((name.to_owned(), value.to_owned()));
        }
    });
    values
}

/// Adds the values that an entry names.
pub(in crate::analysis) fn named_values(entry: &Entry, index: usize, values: &mut Vec<Named>) {
    let mut push = |name: &str, value: &str| {
        if values.len() < VALUES_MAX && !is_of_the_line(name) && is_category(name, value) {
            values.push(Named {
                service: entry.context.service.clone(),
                name: name.to_owned(),
                value: value.to_owned(),
                entry: index,
            });
        }
    };
    each_value(entry, &mut push);
    if let Some(host) = &entry.context.host {
        push("host", host);
    }
    if let Some(instance) = &entry.context.instance {
        push("instance", instance);
    }
}

/// Calls `visit` with each short value of an entry's fields, and of its message where it says
/// `name=value`.
fn each_value(entry: &Entry, mut visit: impl FnMut(&str, &str)) {
    let mut push = |name: &str, value: &str| {
        let value = value.trim_matches(['"', '\'', ',', ';', ')', ']', '}']);
        if !value.is_empty() && value.len() <= CHARACTERS_MAX {
            visit(name, value);
        }
    };
    for field in &entry.record.fields {
        match &field.value {
            Value::Text(text) | Value::Number(text) => push(&field.name, text),
            Value::Boolean(value) => push(&field.name, if *value { "true" } else { "false" }),
            Value::List(_) => {}
        }
    }
    let first = entry.record.message.lines().next().unwrap_or_default();
    let split = |letter: char| letter.is_whitespace() || "[](){},;".contains(letter);
    for word in first.split(split).take(WORDS_MAX) {
        if let Some((name, value)) = word.split_once('=') {
            push(name, value);
        }
    }
}

fn is_of_the_line(name: &str) -> bool {
    let is_known = |part: &str| {
        let letters = part.chars().filter(char::is_ascii_alphabetic);
        OF_THE_LINE.contains(&letters.collect::<String>().to_ascii_lowercase().as_str())
    };
    is_known(name) || name.split('.').any(is_known)
}

/// Whether a value can be shared by many requests: a number, a name, not an id.
fn is_category(name: &str, value: &str) -> bool {
    let names_where = matches!(name, "host" | "instance") || VERSIONS.contains(&name);
    names_where || value.parse::<f64>().is_ok() || !masked(value).contains(MASK)
}

/// How many requests of each group fulfil something, with those that could have.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    bad: u32,
    good: u32,
}

/// One request's values of one field.
type Values<'a> = BTreeMap<(&'a str, &'a str), BTreeMap<&'a str, usize>>;

/// The values that may separate the groups, and how many were tried.
pub(in crate::analysis) fn separators(groups: &Groups) -> (Vec<Separator>, usize) {
    let bad: Vec<Values<'_>> = groups.bad.iter().map(values_of).collect();
    let good: Vec<Values<'_>> = groups.good.iter().map(values_of).collect();
    let fields: BTreeSet<(&str, &str)> =
        bad.iter().flat_map(|values| values.keys()).copied().collect();
    let (mut found, mut tried) = (Vec::new(), 0);
    for field in fields {
        let column = Column::of(field, groups, &bad, &good);
        if column.whole.bad == 0 || column.whole.good < REQUESTS_MIN {
            continue;
        }
        tried += column.texts(&mut found) + column.numbers(&mut found);
    }
    (found, tried)
}

fn values_of(request: &Request) -> Values<'_> {
    let mut values = Values::new();
    for named in &request.values {
        let field = values.entry((&named.service, &named.name)).or_default();
        field.entry(named.value.as_str()).or_insert(named.entry);
    }
    values
}

/// The values of one field over all requests.
struct Column<'a> {
    field: (&'a str, &'a str),
    bad: Vec<(TraceId, &'a BTreeMap<&'a str, usize>)>,
    good: Vec<&'a BTreeMap<&'a str, usize>>,
    whole: Counts,
}

impl<'a> Column<'a> {
    fn of(
        field: (&'a str, &'a str),
        groups: &Groups,
        bad: &'a [Values<'a>],
        good: &'a [Values<'a>],
    ) -> Self {
        let bad: Vec<_> = bad
            .iter()
            .zip(&groups.bad)
            .filter_map(|(values, request)| Some((request.id, values.get(&field)?)))
            .collect();
        let good: Vec<_> = good.iter().filter_map(|values| values.get(&field)).collect();
        let whole = Counts { bad: bad.len() as u32, good: good.len() as u32 };
        Self { field, bad, good, whole }
    }

    /// Tries every text; how many.
    fn texts(&self, found: &mut Vec<Separator>) -> usize {
        let mut counts: BTreeMap<&str, Counts> = BTreeMap::new();
        for value in self.bad.iter().flat_map(|(_, values)| values.keys()) {
            counts.entry(value).or_default().bad += 1;
        }
        for value in self.good.iter().flat_map(|values| values.keys()) {
            counts.entry(value).or_default().good += 1;
        }
        if counts.len() < 2 || counts.len() > TEXTS_MAX {
            return 0;
        }
        counts.retain(|_, counts| counts.bad + counts.good >= REQUESTS_MIN);
        for (value, counts) in &counts {
            found.push(self.separator(Test::Is((*value).to_owned()), *counts));
        }
        counts.len()
    }

    /// Tries every threshold between two numbers; how many. The best is kept.
    fn numbers(&self, found: &mut Vec<Separator>) -> usize {
        let largest = |values: &BTreeMap<&str, usize>| {
            let numbers = values.keys().filter_map(|value| value.parse::<f64>().ok());
            numbers.filter(|number| number.is_finite()).max_by(f64::total_cmp)
        };
        let bad: Vec<f64> = self.bad.iter().filter_map(|(_, values)| largest(values)).collect();
        let good: Vec<f64> = self.good.iter().filter_map(|values| largest(values)).collect();
        if bad.len() != self.bad.len() || good.len() != self.good.len() {
            return 0;
        }
        let thresholds = thresholds(&bad, &good);
        let above = |numbers: &[f64], threshold: f64| {
            numbers.iter().filter(|number| **number > threshold).count() as u32
        };
        let best = thresholds.iter().map(|threshold| {
            let counts = Counts { bad: above(&bad, *threshold), good: above(&good, *threshold) };
            self.separator(Test::Above(*threshold), counts)
        });
        let distance = |one: &Separator| one.effect.abs() / one.error;
        found.extend(best.max_by(|one, other| distance(one).total_cmp(&distance(other))));
        thresholds.len()
    }

    fn separator(&self, test: Test, counts: Counts) -> Separator {
        let bad = share(counts.bad, self.whole.bad);
        let good = share(counts.good, self.whole.good);
        let examples = self.bad.iter().filter_map(|(id, values)| {
            let entry = values.iter().find(|(value, _)| test.is_fulfilled(value))?.1;
            Some((*id, vec![*entry]))
        });
        Separator {
            service: self.field.0.to_owned(),
            name: self.field.1.to_owned(),
            effect: 2.0 * (bad.value - good.value),
            error: 2.0 * (bad.variance + good.variance).sqrt(),
            bad: (counts.bad, self.whole.bad),
            good: (counts.good, self.whole.good),
            examples: examples.take(EXAMPLES_MAX).collect(),
            test,
        }
    }
}

impl Test {
    fn is_fulfilled(&self, value: &str) -> bool {
        match self {
            Self::Is(text) => text == value,
            Self::Above(threshold) => value.parse::<f64>().is_ok_and(|number| number > *threshold),
        }
    }
}

/// Numbers between which the groups could be cut, evenly chosen if there are too many.
fn thresholds(bad: &[f64], good: &[f64]) -> Vec<f64> {
    let mut numbers: Vec<f64> = bad.iter().chain(good).copied().collect();
    numbers.sort_by(f64::total_cmp);
    numbers.dedup();
    numbers.pop();
    let every = numbers.len().div_ceil(THRESHOLDS_MAX).max(1);
    numbers.into_iter().step_by(every).collect()
}
