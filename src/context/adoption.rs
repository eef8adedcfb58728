//! Lines without ids, given to the request whose lines they stand among.
//!
//! What a stream says follows habits: after this statement comes that one, so much later.
//! The habits are learned from the lines of the same stream that do state their request; of
//! the requests around a line without one, the likeliest is that whose lines it continues
//! or precedes as they usually do. It competes with the others and with none at all, and is
//! taken only if it is nearly sure.
//!
//! Never: takes a statement that no request of the stream ever made, unless the same thread
//! says so on both sides of it: what a background task writes belongs to nobody.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::model::id::TraceId;
use crate::model::place::Place;
use crate::model::time::Timestamp;

/// Lines with ids that are looked at before and after a line without: the likeliest request
/// nearly always spoke within two or three.
const NEAR: usize = 4;

/// Lines that are looked through for them.
const LOOK_MAX: usize = 64;

/// What is less likely than this stays without a request.
const SURE: f64 = 0.9;

/// No line is surer than this: the habits may be wrong, and it does not say so itself.
const SUREST: f64 = 0.999;

/// How sure it is that a line stands in a request whose thread speaks before and after it.
/// Threads are pooled: another request may have come and gone unseen in between.
const BY_THREAD: f64 = 0.95;

/// Classes of time between two lines: powers of two microseconds, to an hour and more.
const GAPS: usize = 32;

/// A line of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Said {
    /// The statement that wrote it.
    pub place: Place,
    /// When, if that is known.
    pub at: Option<Timestamp>,
    /// The thread, as a hash of its name.
    pub thread: Option<u64>,
    /// The request, if it is stated.
    pub trace: Option<TraceId>,
}

/// A line that is given to a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adopted {
    /// The line's place among those that were given.
    pub line: usize,
    /// The request.
    pub trace: TraceId,
    /// How sure that is, 0 to 1.
    pub confidence: f32,
}

/// Finds the requests of a stream's lines that state none. `lines` stand in the order of the
/// stream.
pub fn adopt(lines: &[Said]) -> Vec<Adopted> {
    let habits = Habits::of(lines);
    let strangers = (0..lines.len()).filter(|line| lines[*line].trace.is_none());
    strangers.filter_map(|line| habits.adopt(lines, line)).collect()
}

/// How the lines of one request follow each other in a stream.
#[derive(Debug, Default)]
struct Habits {
    /// How often requests spoke at a place, began there and ended there.
    places: HashMap<Place, Count, RandomState>,
    /// How often one place came next after another, and how long after.
    follows: HashMap<(Place, Place), Gaps, RandomState>,
    /// How long after a line of another request a request began.
    apart: Gaps,
    requests: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    seen: f64,
    first: f64,
    last: f64,
}

/// Times between lines, by class.
#[derive(Debug, Clone, Copy, Default)]
struct Gaps {
    count: f64,
    classes: [u32; GAPS],
}

impl Gaps {
    fn add(&mut self, gap: usize) {
        self.count += 1.0;
        self.classes[gap] += 1;
    }

    /// The share of a class; it lends to its neighbours, and none is impossible.
    fn share(&self, gap: usize) -> f64 {
        let at = |gap: usize| f64::from(self.classes.get(gap).copied().unwrap_or_default());
        let near = at(gap + 1) + gap.checked_sub(1).map_or(0.0, at);
        (at(gap) + 0.5 * near + 0.3) / (2.0 * self.count + 0.3 * GAPS as f64)
    }
}

impl Habits {
    fn of(lines: &[Said]) -> Self {
        let mut habits = Self::default();
        let mut latest: HashMap<TraceId, Said, RandomState> = HashMap::default();
        let mut before: Option<Said> = None;
        for line in lines {
            let Some(trace) = line.trace else { continue };
            habits.places.entry(line.place).or_default().seen += 1.0;
            if let Some(own) = latest.insert(trace, *line) {
                let gaps = habits.follows.entry((own.place, line.place)).or_default();
                gaps.add(gap(own, *line));
            } else {
                habits.requests += 1.0;
                habits.places.entry(line.place).or_default().first += 1.0;
            }
            if let Some(other) = before.filter(|other| other.trace != line.trace) {
                habits.apart.add(gap(other, *line));
            }
            before = Some(*line);
        }
        for line in latest.values() {
            habits.places.entry(line.place).or_default().last += 1.0;
        }
        habits
    }

    fn adopt(&self, lines: &[Said], line: usize) -> Option<Adopted> {
        let own = lines[line];
        let taken = |trace, confidence: f64| Adopted { line, trace, confidence: confidence as f32 };
        if !self.places.contains_key(&own.place) {
            return by_thread(lines, line).map(|trace| taken(trace, BY_THREAD));
        }
        let mut total = self.begins(own.place) * self.ends(own.place);
        let mut best: Option<(f64, TraceId)> = None;
        for near in around(lines, line) {
            let weight = self.weight(near, own);
            total += weight;
            if best.is_none_or(|best| weight > best.0) {
                best = Some((weight, near.trace));
            }
        }
        let (weight, trace) = best?;
        let confidence = weight / total.max(f64::MIN_POSITIVE);
        (confidence >= SURE).then(|| taken(trace, confidence.min(SUREST)))
    }

    /// How much likelier a request's lines are with this one among them than without it.
    fn weight(&self, near: Near, own: Said) -> f64 {
        match (near.before, near.after) {
            (Some(before), Some(after)) => {
                self.leads(before, own) * self.leads(own, after) / self.leads(before, after)
            }
            (Some(before), None) => {
                self.leads(before, own) * self.ends(own.place) / self.ends(before.place)
            }
            (None, Some(after)) => {
                self.begins(own.place) * self.leads(own, after) / self.begins(after.place)
            }
            (None, None) => 0.0,
        }
    }

    /// How likely one line leads to the next of its request.
    fn leads(&self, one: Said, next: Said) -> f64 {
        let seen = self.places.get(&one.place).map_or(0.0, |count| count.seen) + 1.0;
        match self.follows.get(&(one.place, next.place)) {
            Some(gaps) => gaps.count / seen * gaps.share(gap(one, next)),
            None => NEVER_SEEN / seen * self.apart.share(gap(one, next)),
        }
    }

    fn begins(&self, place: Place) -> f64 {
        (self.places.get(&place).map_or(0.0, |count| count.first) + 0.01) / (self.requests + 1.0)
    }

    fn ends(&self, place: Place) -> f64 {
        let count = self.places.get(&place).copied().unwrap_or_default();
        (count.last + 0.1) / (count.seen + 1.0)
    }
}

/// What counts for two places that never followed each other.
const NEVER_SEEN: f64 = 1e-3;

/// A request that spoke near a line: its last line before and its first line after.
#[derive(Debug, Clone, Copy)]
struct Near {
    trace: TraceId,
    before: Option<Said>,
    after: Option<Said>,
}

/// The requests of the nearest lines on both sides.
fn around(lines: &[Said], line: usize) -> Vec<Near> {
    let mut found: Vec<Near> = Vec::with_capacity(2 * NEAR);
    let before = lines[line.saturating_sub(LOOK_MAX)..line].iter().rev();
    for (trace, said) in stated(before) {
        if found.iter().all(|near| near.trace != trace) {
            found.push(Near { trace, before: Some(said), after: None });
        }
    }
    let after = lines[line + 1..lines.len().min(line + 1 + LOOK_MAX)].iter();
    for (trace, said) in stated(after) {
        match found.iter_mut().find(|near| near.trace == trace) {
            Some(near) => near.after = near.after.or(Some(said)),
            None => found.push(Near { trace, before: None, after: Some(said) }),
        }
    }
    found
}

/// The first few lines that state their request.
fn stated<'a>(lines: impl Iterator<Item = &'a Said>) -> impl Iterator<Item = (TraceId, Said)> {
    lines.filter_map(|said| Some((said.trace?, *said))).take(NEAR)
}

/// The request in which a line's thread speaks both before and after it.
fn by_thread(lines: &[Said], line: usize) -> Option<TraceId> {
    let thread = lines[line].thread?;
    let own = |said: &&Said| said.thread == Some(thread) && said.trace.is_some();
    let before = lines[line.saturating_sub(LOOK_MAX)..line].iter().rev().find(own)?;
    let after = lines[line + 1..lines.len().min(line + 1 + LOOK_MAX)].iter().find(own)?;
    before.trace.filter(|_| before.trace == after.trace)
}

/// The class of the time between two lines; that of unknown times is the last.
fn gap(one: Said, next: Said) -> usize {
    let (Some(one), Some(next)) = (one.at, next.at) else { return GAPS - 1 };
    let microseconds = (next - one).max(0) / 1_000;
    ((64 - microseconds.leading_zeros()) as usize).min(GAPS - 2)
}

#[cfg(test)]
mod tests;
