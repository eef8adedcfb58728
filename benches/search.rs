//! How long questions take, on a store of any logs: `cargo bench --bench search -- STORE [SEED]`.
//!
//! Questions are drawn from what the store holds, by kind: an identifier; two conditions; a
//! structure whose rarest part stands in about a thousand requests; what matches nothing. Each is
//! asked within this process (parsed, searched, 50 rows rendered) and as `logloom search`, from
//! start to exit. None is asked twice: half of the drawn ones go first, to warm files and caches.
//! Prints a table in Markdown. Beside the time that passes stands that of the processor, which
//! a busy machine changes least.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use logloom::engine::answer::Source;
use logloom::engine::lesson;
use logloom::engine::search::{Order, Search, search};
use logloom::model::entry::Entry;
use logloom::query::condition::Condition;
use logloom::query::necessary::Necessary;
use logloom::query::parse::parse;
use logloom::query::words::words;
use logloom::render::highlight::Mark;
use logloom::render::path::PathView;
use logloom::render::requests::{RequestRow, Why, requests};
use logloom::render::style::Style;
use logloom::store::embedded::StoreReader;
use logloom::store::{Reader, Window};

/// Questions of each kind that count; as many go before them.
const QUESTIONS: usize = 100;

/// Requests that questions are drawn from.
const DRAWN_FROM: usize = 20_000;

/// A structure's rarest part stands in so many requests, within a fifth.
const RARE_REQUESTS: usize = 1_000;

/// Requests in an answer.
const ROWS: usize = 50;

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|word| word != "--bench");
    let Some(store) = arguments.next().map(PathBuf::from) else {
        println!("usage: cargo bench --bench search -- STORE [SEED]");
        return;
    };
    let seed = arguments.next().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    let reader = StoreReader::open(&store).expect("a store");
    let knowledge = lesson::recall(&reader).expect("what was learned");
    let source = Source { reader: &reader, knowledge: &knowledge };
    let drawn = Drawn::of(&reader, seed);
    println!("| question | example | here p50 | p95 | processor p95 | whole process p50 | p95 |");
    println!("| --- | --- | ---: | ---: | ---: | ---: | ---: |");
    for kind in Kind::ALL {
        let questions = drawn.questions(kind, &reader, seed);
        let Some(example) = questions.last() else { continue };
        let half = questions.len() / 2;
        let times: Vec<Took> = questions.iter().map(|question| ask(&source, question)).collect();
        let here = &times[half..];
        let whole: Vec<Duration> =
            questions.iter().map(|question| run(&store, question)).skip(half).collect();
        println!(
            "| {} | `{example}` | {} | {} | {} | {} | {} |",
            kind.name(),
            shown(here.iter().map(|took| took.passed), 50),
            shown(here.iter().map(|took| took.passed), 95),
            shown(here.iter().map(|took| took.worked), 95),
            shown(whole.iter().copied(), 50),
            shown(whole.iter().copied(), 95),
        );
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Identifier,
    RareAndCommon,
    BothCommon,
    Structure,
    Sequence,
    Nowhere,
    NotTogether,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Identifier,
        Self::RareAndCommon,
        Self::BothCommon,
        Self::Structure,
        Self::Sequence,
        Self::Nowhere,
        Self::NotTogether,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Identifier => "an identifier",
            Self::RareAndCommon => "two conditions, one rare",
            Self::BothCommon => "two conditions, both common",
            Self::Structure => "ancestry, its rarest part in about 1,000 requests",
            Self::Sequence => "a sequence, its rarest part in about 1,000 requests",
            Self::Nowhere => "an identifier that stands nowhere",
            Self::NotTogether => "two identifiers of different requests",
        }
    }
}

/// What questions are made of.
struct Drawn {
    entries: Vec<Entry>,
    keys: Vec<(String, String)>,
    services: Vec<String>,
}

impl Drawn {
    fn of(reader: &StoreReader, seed: u64) -> Self {
        let mut chance = Chance(seed | 1);
        let (mut entries, mut keys, mut seen) = (Vec::new(), Vec::new(), 0);
        let mut take = |_, found: logloom::store::Found<Entry>| {
            seen += 1;
            if !found.items.is_empty() && chance.below(20) == 0 {
                let at = chance.below(found.items.len());
                let stated = found.items.iter().flat_map(|entry| entry.context.keys.iter());
                let stated: Vec<_> = stated.collect();
                if let Some(key) = stated.get(chance.below(stated.len().max(1))) {
                    keys.push((key.name.clone(), key.value.clone()));
                }
                entries.push(found.items[at].clone());
            }
            if seen < DRAWN_FROM { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        reader.each_trace(&Window::default(), 2_000, &mut take).expect("requests");
        let services: BTreeSet<String> =
            entries.iter().map(|entry| entry.context.service.clone()).collect();
        Self { entries, keys, services: services.into_iter().collect() }
    }

    fn questions(&self, kind: Kind, reader: &StoreReader, seed: u64) -> Vec<String> {
        let mut chance = Chance(seed.wrapping_mul(31) | 1);
        let rare = match kind {
            Kind::Structure | Kind::Sequence => self.rare(reader),
            _ => Vec::new(),
        };
        (0..2 * QUESTIONS).filter_map(|_| self.question(kind, &rare, &mut chance)).collect()
    }

    fn question(&self, kind: Kind, rare: &[String], chance: &mut Chance) -> Option<String> {
        let key = |chance: &mut Chance| self.keys.get(chance.below(self.keys.len()));
        let service = |chance: &mut Chance| self.services.get(chance.below(self.services.len()));
        let rare = |chance: &mut Chance| rare.get(chance.below(rare.len())).cloned();
        Some(match kind {
            Kind::Identifier => {
                let (name, value) = key(chance)?;
                if chance.below(2) == 0 { value.clone() } else { format!("{name}:{value}") }
            }
            Kind::RareAndCommon => {
                let (_, value) = key(chance)?;
                format!("service:{} {value}", service(chance)?)
            }
            Kind::BothCommon => {
                let entry = self.entries.get(chance.below(self.entries.len()))?;
                let word = words(&entry.record.message)
                    .find(|word| word.len() > 3 && word.chars().all(char::is_alphabetic))?
                    .into_owned();
                match chance.below(3) {
                    0 => format!("service:{} level:>=error", service(chance)?),
                    1 => format!("{word} level:>=error"),
                    _ => format!("service:{} {word}", service(chance)?),
                }
            }
            Kind::Structure => {
                format!("{{ service:{} }} >> {{ {} }}", service(chance)?, rare(chance)?)
            }
            Kind::Sequence => {
                format!("{{ {} }} ->100ms {{ service:{} }}", rare(chance)?, service(chance)?)
            }
            Kind::Nowhere => {
                let (_, value) = key(chance)?;
                let other: String = value.chars().rev().collect();
                if other == *value { format!("{value}7") } else { format!("{other}7") }
            }
            Kind::NotTogether => format!("{} {}", key(chance)?.1, key(chance)?.1),
        })
    }

    /// Words that stand in about so many requests as are wanted.
    fn rare(&self, reader: &StoreReader) -> Vec<String> {
        let texts = self.entries.iter().flat_map(|entry| words(&entry.record.message));
        let distinct: BTreeSet<String> = texts.map(std::borrow::Cow::into_owned).collect();
        let wanted = RARE_REQUESTS * 4 / 5..RARE_REQUESTS * 6 / 5;
        let is_rare = |word: &String| {
            let necessary = Necessary::Line(Condition::Words(vec![word.clone()]));
            let found = reader.candidates(&necessary, &Window::default()).expect("candidates");
            wanted.contains(&found.requests.len())
        };
        distinct.into_iter().filter(is_rare).take(20).collect()
    }
}

/// What a question took.
struct Took {
    passed: Duration,
    /// Of the processor.
    worked: Duration,
}

/// The whole answer, within this process.
fn ask(source: &Source<'_>, text: &str) -> Took {
    let (began, before) = (Instant::now(), worked());
    let question = parse(text).expect("a query");
    let wanted = Search {
        question: &question,
        window: Window::default(),
        order: Order::Best,
        limit: ROWS,
        is_over: &|| false,
    };
    let answer = search(source, &wanted).expect("an answer");
    let row = |found: &logloom::engine::search::Match| {
        RequestRow::of(&found.trace, found.entry().clone(), Why::default())
    };
    let rows: Vec<RequestRow> = answer.matches.iter().map(row).collect();
    let mut out = Vec::new();
    let marks = [Mark::Text(text.to_owned())];
    let style = Style {
        width: 100,
        colour: false,
        zone: TimeZone::UTC,
        full: false,
        paths: PathView::new(None),
    };
    requests(&mut out, &rows, &marks, &style).expect("a Vec takes all bytes");
    Took { passed: began.elapsed(), worked: worked().saturating_sub(before) }
}

/// The whole process, from start to exit.
fn run(store: &Path, text: &str) -> Duration {
    let began = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_logloom"))
        .args(["search", text, "--deadline", "none", "--store"])
        .arg(store)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.expect("logloom runs");
    began.elapsed()
}

/// Time of the processor that this thread has had, where the system tells.
fn worked() -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = told.split(' ').next().and_then(|text| text.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

fn shown(times: impl Iterator<Item = Duration>, percent: usize) -> String {
    let mut times: Vec<Duration> = times.collect();
    times.sort_unstable();
    let at = (times.len() * percent).div_ceil(100).max(1) - 1;
    times.get(at).map_or_else(String::new, |time| format!("{:.2} ms", time.as_secs_f64() * 1e3))
}

/// Numbers at random, the same for the same seed (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end.max(1)
    }
}
