//! Random systems of services whose requests are logged, so that the truth is known.
//!
//! A system is a set of operations; each logs, works, calls others in turn or side by side,
//! retries, or hands work to a queue. Hosts' clocks are off by constants, and lines get lost.

use std::collections::BTreeMap;

use crate::model::entry::Entry;
use crate::model::fixture::entry;
use crate::model::id::{SpanId, TraceId};

/// Numbers that look random and are the same for the same seed (`SplitMix64`, Steele et al., 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn chance(&mut self, share: f64) -> bool {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64 <= share
    }

    /// Microseconds, mostly near `mean`, now and then many times that.
    fn duration(&mut self, mean: f64) -> i64 {
        let uniform = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        (-mean * (1.0 - uniform).max(1e-9).ln()) as i64 + 5
    }
}

/// What an operation does next.
#[derive(Debug, Clone)]
enum Step {
    Say(String),
    Call(usize),
    /// Calls that run side by side; the caller waits for all.
    Fan(Vec<usize>),
    /// A call that is repeated now and then.
    Retry(usize),
    /// Work for a queue: nobody waits for it.
    Send(usize),
}

/// An operation of a service.
#[derive(Debug, Clone)]
struct Operation {
    service: String,
    host: usize,
    steps: Vec<Step>,
}

/// What happens to the logs of a system.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Harm {
    /// Hosts' clocks are off by at most this many milliseconds.
    pub(super) skew: i64,
    /// The share of lines that are lost.
    pub(super) loss: f64,
    /// Whether lines state their span's parent.
    pub(super) stated: bool,
}

/// A system.
#[derive(Debug)]
pub(super) struct System {
    operations: Vec<Operation>,
    /// By how many microseconds each host's clock is ahead.
    pub(super) clocks: Vec<i64>,
    harm: Harm,
}

/// A request's lines, and the true parent of each span that logged, among those that did.
pub(super) type Told = (TraceId, Vec<Entry>, BTreeMap<SpanId, Option<SpanId>>);

impl System {
    /// A system of 3 to 12 operations that run on up to 5 hosts.
    pub(super) fn new(random: &mut Random, harm: Harm) -> Self {
        let hosts = 1 + random.below(5) as usize;
        let count = 3 + random.below(10) as usize;
        let operations = (0..count).map(|own| operation(random, own, count, hosts)).collect();
        let spread = 2 * harm.skew.unsigned_abs() * 1_000 + 1;
        let clocks = (0..hosts).map(|_| random.below(spread) as i64 - harm.skew * 1_000).collect();
        Self { operations, clocks, harm }
    }

    /// One request.
    pub(super) fn request(&self, random: &mut Random, number: u64) -> Told {
        let mut run = Run { system: self, random, spans: Vec::new(), lines: Vec::new() };
        let start = i64::try_from(number).unwrap_or_default() * 1_000_000;
        run.work(0, None, start);
        let Run { spans, lines, .. } = run;
        let id = TraceId::new(u128::from(number) + 1).expect("at least one");
        let span_id =
            |span: usize| SpanId::new((number << 20) + span as u64 + 1).expect("at least one");
        let mut entries = Vec::new();
        let mut logs = vec![false; spans.len()];
        for (at, span, text) in lines {
            if random.chance(self.harm.loss) && self.harm.loss > 0.0 {
                continue;
            }
            logs[span] = true;
            let Operation { service, host, .. } = &self.operations[spans[span].0];
            let raw = at + self.clocks[*host];
            let mut line = entry(service, &text).host(&format!("host-{host}"));
            line = line.at_microseconds(raw).line(raw.unsigned_abs()).span(span_id(span).value());
            if let Some(parent) = spans[span].1.filter(|_| self.harm.stated) {
                line = line.parent(span_id(parent).value());
            }
            let mut line = line.done();
            line.context.trace_id = Some(id);
            entries.push(line);
        }
        let mut truth = BTreeMap::new();
        for span in (0..spans.len()).filter(|span| logs[*span]) {
            let mut above = spans[span].1;
            while let Some(parent) = above.filter(|parent| !logs[*parent]) {
                above = spans[parent].1;
            }
            truth.insert(span_id(span), above.map(span_id));
        }
        (id, entries, truth)
    }
}

fn operation(random: &mut Random, own: usize, count: usize, hosts: usize) -> Operation {
    let service = format!("service-{own}");
    let mut steps = vec![Step::Say("begins".to_owned())];
    let callees: Vec<usize> = (own + 1..count).collect();
    let pick = |random: &mut Random| callees[random.below(callees.len() as u64) as usize];
    for number in 0..random.below(4) {
        if callees.is_empty() {
            break;
        }
        if random.chance(0.7) {
            steps.push(Step::Say(format!(
                "asks {}",
                ["first", "second", "third", "last"][number as usize]
            )));
        }
        let first = pick(random);
        steps.push(match random.below(10) {
            0 => Step::Fan(vec![first, pick(random)]),
            1 => Step::Retry(first),
            2 => Step::Send(first),
            _ => Step::Call(first),
        });
    }
    if random.chance(0.7) {
        steps.push(Step::Say("ends".to_owned()));
    }
    Operation { service, host: random.below(hosts as u64) as usize, steps }
}

/// A request at work.
struct Run<'a> {
    system: &'a System,
    random: &'a mut Random,
    /// For each span its operation and its parent.
    spans: Vec<(usize, Option<usize>)>,
    /// When, in which span, and what was said.
    lines: Vec<(i64, usize, String)>,
}

/// Spans of one request, at most: what a random system calls grows with its depth.
const SPANS_MAX: usize = 60;

impl Run<'_> {
    /// Does the work of an operation from `start` on. Returns when it was done.
    fn work(&mut self, operation: usize, parent: Option<usize>, start: i64) -> i64 {
        let span = self.spans.len();
        if span >= SPANS_MAX {
            return start;
        }
        self.spans.push((operation, parent));
        let mut now = start;
        for step in self.system.operations[operation].steps.clone() {
            now += self.random.duration(300.0);
            match step {
                Step::Say(text) => self.lines.push((now, span, text)),
                Step::Call(callee) => now = self.call(callee, span, now),
                Step::Fan(callees) => {
                    let ends = callees.into_iter().map(|callee| self.call(callee, span, now));
                    now = ends.max().unwrap_or(now);
                }
                Step::Retry(callee) => {
                    now = self.call(callee, span, now);
                    if self.random.chance(0.3) {
                        now = self.call(callee, span, now);
                    }
                }
                Step::Send(callee) => {
                    let delay = self.random.duration(2_000.0);
                    self.work(callee, Some(span), now + delay);
                }
            }
        }
        now + self.random.duration(100.0)
    }

    fn call(&mut self, callee: usize, caller: usize, now: i64) -> i64 {
        let sent = now + self.random.duration(200.0);
        let done = self.work(callee, Some(caller), sent);
        done + self.random.duration(200.0)
    }
}
