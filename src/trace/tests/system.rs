//! Random systems of services whose requests are logged, so that the truth is known.
//!
//! A system is a set of operations; each logs, works, calls others in turn or side by side,
//! retries, or hands work to a queue. Hosts' clocks are off by constants, and lines get lost.
//! One system is no product of chance: a shop whose services mostly say one thing, when they
//! are called, and call each other many times in a request.

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

    pub(super) fn chance(&mut self, share: f64) -> bool {
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
    /// A call made once for each of up to so many things, of which there is at least one.
    Each(usize, u64),
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
    /// Times are told in steps of so many microseconds.
    pub(super) grain: i64,
}

/// How much services say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Talk {
    /// Most say something before each call and when they are done.
    Much,
    /// All but the one that begins the request say one or two things at first and nothing after.
    Little,
}

/// A system.
#[derive(Debug)]
pub(super) struct System {
    operations: Vec<Operation>,
    /// How many of them, from the first on, begin requests.
    entrances: usize,
    /// By how many microseconds each host's clock is ahead.
    pub(super) clocks: Vec<i64>,
    harm: Harm,
}

/// A request's lines, and the true parent of each span that logged, among those that did.
pub(super) type Told = (TraceId, Vec<Entry>, BTreeMap<SpanId, Option<SpanId>>);

impl System {
    /// A system of 3 to 12 operations that run on up to 5 hosts.
    pub(super) fn new(random: &mut Random, talk: Talk, harm: Harm) -> Self {
        let hosts = 1 + random.below(5) as usize;
        let count = 3 + random.below(10) as usize;
        // Of one kind of request only, nobody could tell a call of a callee from a second call.
        let entrances = if talk == Talk::Much { 1 } else { 1 + random.below(3) as usize };
        let made = |own| operation(random, own, (entrances, count), hosts, talk);
        let operations = (0..count).map(made).collect();
        Self { operations, entrances, clocks: clocks(random, hosts, harm.skew), harm }
    }

    /// The shop: five kinds of pages, made by one service that asks nine others.
    pub(super) fn shop(random: &mut Random, harm: Harm) -> Self {
        let hosts = 4;
        Self { operations: shop(), entrances: 5, clocks: clocks(random, hosts, harm.skew), harm }
    }

    /// One request.
    pub(super) fn request(&self, random: &mut Random, number: u64) -> Told {
        let mut run = Run { system: self, random, spans: Vec::new(), lines: Vec::new() };
        let start = i64::try_from(number).unwrap_or_default() * 1_000_000;
        let entrance = run.random.below(self.entrances as u64) as usize;
        run.work(entrance, None, start);
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
            let told = raw - raw.rem_euclid(self.harm.grain.max(1));
            let mut line = entry(service, &text).host(&format!("host-{host}"));
            line = line.at_microseconds(told).line(raw.unsigned_abs()).span(span_id(span).value());
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

/// By how many microseconds each of some hosts is ahead.
fn clocks(random: &mut Random, hosts: usize, skew: i64) -> Vec<i64> {
    let spread = 2 * skew.unsigned_abs() * 1_000 + 1;
    (0..hosts).map(|_| random.below(spread) as i64 - skew * 1_000).collect()
}

fn operation(
    random: &mut Random,
    own: usize,
    (entrances, count): (usize, usize),
    hosts: usize,
    talk: Talk,
) -> Operation {
    let service = format!("service-{own}");
    let speaks = talk == Talk::Much;
    let mut steps = vec![Step::Say("begins".to_owned())];
    if !speaks && random.chance(0.3) {
        steps.push(Step::Say("knows what to do".to_owned()));
    }
    let callees: Vec<usize> = (entrances.max(own + 1)..count).collect();
    let pick = |random: &mut Random| callees[random.below(callees.len() as u64) as usize];
    for number in 0..random.below(4) {
        if callees.is_empty() {
            break;
        }
        if speaks && random.chance(0.7) {
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
            3 if !speaks => Step::Each(first, 4),
            _ => Step::Call(first),
        });
    }
    if speaks && random.chance(0.7) || !speaks && own < entrances {
        steps.push(Step::Say("ends".to_owned()));
    }
    Operation { service, host: random.below(hosts as u64) as usize, steps }
}

/// What the operations of the shop do: pages first, then what they ask.
#[expect(clippy::too_many_lines, reason = "a table: one operation after the other")]
fn shop() -> Vec<Operation> {
    const RATES: usize = 5;
    const CONVERT: usize = 6;
    const GOODS: usize = 7;
    const ARTICLE: usize = 8;
    const BASKET: usize = 9;
    const FILL: usize = 10;
    const EMPTY: usize = 11;
    const ADVICE: usize = 12;
    const BANNER: usize = 13;
    const QUOTE: usize = 14;
    const SEND: usize = 15;
    const CHARGE: usize = 16;
    const MAIL: usize = 17;
    const ORDER: usize = 18;
    let say = |text: &str| Step::Say(text.to_owned());
    let call = Step::Call;
    let advice = || [Step::Call(ADVICE), Step::Each(ARTICLE, 5)];
    let page = |name: &str, steps: Vec<Step>| {
        let begun = [say(&format!("{name} wanted"))].into_iter();
        let steps = begun.chain(steps).chain([say("page sent")]).collect();
        Operation { service: "pages".to_owned(), host: 0, steps }
    };
    let made = |service: &str, host: usize, steps: Vec<Step>| Operation {
        service: service.to_owned(),
        host,
        steps,
    };
    let seen = [call(RATES), call(BASKET)];
    let items = [Step::Each(ARTICLE, 3), Step::Each(CONVERT, 3)];
    vec![
        page("home", [&seen[..], &[call(GOODS), Step::Each(CONVERT, 9), call(BANNER)]].concat()),
        page(
            "article",
            [&[call(ARTICLE)], &seen[..], &[call(CONVERT)], &advice(), &[call(BANNER)]].concat(),
        ),
        page("filling", vec![call(ARTICLE), call(FILL)]),
        page("basket", [&seen[..], &advice(), &items, &[call(QUOTE), call(CONVERT)]].concat()),
        page("order", [&[call(ORDER)], &advice()[..], &[call(RATES)]].concat()),
        made("money", 1, vec![say("rates read")]),
        made("money", 1, vec![say("amount converted")]),
        made("goods", 2, vec![say("goods listed")]),
        made("goods", 2, vec![say("article found")]),
        made("basket", 3, vec![say("basket read")]),
        made("basket", 3, vec![say("article put into the basket")]),
        made("basket", 3, vec![say("basket emptied")]),
        made("advice", 1, vec![call(GOODS), say("advice given")]),
        made("banner", 2, vec![say("banner wanted")]),
        made("parcels", 3, vec![say("quote wanted"), say("quote given")]),
        made("parcels", 3, vec![say("parcel wanted"), say("parcel sent")]),
        made("purse", 1, vec![say("charge wanted"), say("charged")]),
        made("mail", 2, vec![say("confirmation wanted")]),
        made(
            "orders",
            0,
            vec![
                say("order begun"),
                call(BASKET),
                Step::Each(ARTICLE, 3),
                Step::Each(CONVERT, 3),
                call(QUOTE),
                call(CONVERT),
                call(CHARGE),
                say("order paid"),
                call(SEND),
                call(EMPTY),
                call(MAIL),
                say("confirmation sent"),
            ],
        ),
    ]
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
                Step::Each(callee, most) => {
                    for _ in 0..=self.random.below(most) {
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
