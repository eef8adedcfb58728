//! The store gives the answers that a plain list of entries gives.

use std::ops::ControlFlow;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use crate::model::checkpoint::Checkpoint;
use crate::model::entry::{Entry, Key};
use crate::model::field::{Field, Value};
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::record::{RecordTime, TimeBasis};
use crate::model::severity::Severity;
use crate::model::time::Timestamp;
use crate::query::condition::{Comparison, Condition, Query, Test};
use crate::store::embedded::tests::reference::{Reference, start};
use crate::store::embedded::tests::samples::{checkpoint, plain_entry};
use crate::store::embedded::{StoreReader, StoreWriter};
use crate::store::{Batch, Intake, Page, Reader, Replaced, Window};

/// Long and short ids, some with one low half.
const TRACES: [u128; 7] = [
    0x0000_0000_0000_0001_0000_0000_0000_00aa,
    0x0000_0000_0000_0002_0000_0000_0000_00aa,
    0x0000_0000_0000_0000_0000_0000_0000_00aa,
    0x0000_0000_0000_0003_0000_0000_0000_00bb,
    0x0000_0000_0000_0000_0000_0000_0000_00bb,
    0x0000_0000_0000_0000_0000_0000_0000_00cc,
    0x0000_0000_0000_0004_0000_0000_0000_0000,
];

const PATHS: [&str; 3] = ["a.log", "b/c.log", "b/d.log.gz!/e"];

const TEXTS: [&str; 12] = [
    "card declined",
    "card-declined: ORD-20417",
    "declined card",
    "ord 20417x",
    "ORD-20417",
    "İstanbul Größe",
    "i\u{307}stanbul",
    "GRÖSSE",
    "timeout after 2500 ms",
    "500",
    "--",
    "",
];

const NAMES: [&str; 9] = [
    "http.status_code",
    "orderId",
    "level",
    "service",
    "trace_id",
    "weird\tname",
    "path",
    "a.b.c",
    "-",
];

const WORDS: [&str; 10] =
    ["card", "declined", "ord", "20417", "20417x", "2500", "istanbul", "größe", "nothing", "dec"];

#[derive(Debug, Clone)]
enum Step {
    Submit {
        entries: Vec<(usize, Entry)>,
        replaced: Option<(usize, u64)>,
    },
    Commit,
    /// The process ends without a commit, and another one goes on.
    Reopen,
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(&TEXTS[..]).prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => text().prop_map(Value::Text),
        1 => (0..700u32).prop_map(|number| Value::Number(number.to_string())),
        1 => any::<bool>().prop_map(Value::Boolean),
        1 => prop::collection::vec(text().prop_map(Value::Text), 0..3).prop_map(Value::List),
    ]
}

prop_compose! {
    fn entry()(
        trace in prop::option::weighted(0.8, prop::sample::select(&TRACES[..])),
        span in 0u64..4,
        time in prop::option::weighted(0.8, 0i64..12),
        severity in 0u8..=24,
        service in prop::sample::select(vec!["payment", "Payment Service", "gateway"]),
        logger in prop::option::of(text()),
        message in text(),
        fields in prop::collection::vec((prop::sample::select(&NAMES[..]), value()), 0..3),
        keys in prop::collection::vec(("(order|trip)_id|user", text()), 0..2),
    ) -> Entry {
        let mut entry = plain_entry("", 1);
        let record = &mut entry.record;
        record.raw = message.clone().into_bytes();
        record.time = time.map(|at| RecordTime {
            at: Timestamp::from_nanoseconds(at),
            text: String::new(),
            basis: TimeBasis::Line,
        });
        record.severity = Severity::new(severity);
        record.logger = logger;
        record.message = message;
        let field = |(name, value): (&str, _)| Field { name: name.to_owned(), value };
        record.fields = fields.into_iter().map(field).collect();
        entry.context.trace_id = trace.and_then(TraceId::new);
        entry.context.span_id = SpanId::new(span);
        entry.context.service = service.to_owned();
        entry.context.keys =
            keys.into_iter().map(|(name, value)| Key { name, value }).collect();
        entry
    }
}

fn step() -> impl Strategy<Value = Step> {
    let entries = prop::collection::vec((0..PATHS.len(), entry()), 0..12);
    let replaced = prop::option::weighted(0.3, (0..PATHS.len(), 0u64..12));
    let submit =
        (entries, replaced).prop_map(|(entries, replaced)| Step::Submit { entries, replaced });
    prop_oneof![6 => submit, 3 => Just(Step::Commit), 1 => Just(Step::Reopen)]
}

fn test() -> impl Strategy<Value = Test> {
    let wanted = prop_oneof![
        text(),
        prop::sample::select(vec![
            "payment",
            "PAYMENT SERVICE",
            "error",
            "warn",
            "17",
            "true",
            "00aa",
            "0x3-00000000000000bb",
            "2",
            "a.log",
            "plain",
        ])
        .prop_map(str::to_owned),
    ];
    let comparison = prop::sample::select(vec![
        Comparison::Less,
        Comparison::LessOrEqual,
        Comparison::Greater,
        Comparison::GreaterOrEqual,
    ]);
    prop_oneof![
        3 => wanted.clone().prop_map(Test::Equals),
        2 => (wanted.clone(), 0..8usize).prop_map(|(text, length)| {
            Test::Prefix(text.chars().take(length).collect())
        }),
        1 => Just(Test::Exists),
        2 => (comparison, wanted).prop_map(|(comparison, wanted)| Test::Compare(comparison, wanted)),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    let word = prop::sample::select(&WORDS[..]).prop_map(str::to_owned);
    let name = prop::sample::select(vec![
        "status_code",
        "HTTP_status-code",
        "orderid",
        "order",
        "level",
        "service",
        "trace_id",
        "span_id",
        "path",
        "message",
        "logger",
        "format",
        "weird\tname",
        "c",
        "b.c",
        "-",
        "user",
    ]);
    prop_oneof![
        prop::collection::vec(word.clone(), 1..3).prop_map(Condition::Words),
        (word, 0..6usize)
            .prop_map(|(word, length)| { Condition::Prefix(word.chars().take(length).collect()) }),
        text().prop_map(Condition::Value),
        (name, test()).prop_map(|(name, test)| Condition::Field { name: name.to_owned(), test }),
    ]
}

fn query() -> impl Strategy<Value = Query> {
    prop::collection::vec(condition(), 0..3).prop_map(|conditions| Query { conditions })
}

fn window() -> impl Strategy<Value = Window> {
    let end = prop::option::weighted(0.3, (0i64..12).prop_map(Timestamp::from_nanoseconds));
    (end.clone(), end).prop_map(|(since, until)| Window { since, until })
}

/// A store under test, and what it should hold.
struct Pair {
    directory: TempDir,
    writer: Option<StoreWriter>,
    /// With what was not committed yet.
    submitted: Reference,
    committed: Reference,
    /// The next line of each path.
    lines: [u64; PATHS.len()],
    committed_lines: [u64; PATHS.len()],
}

impl Pair {
    fn new() -> Self {
        let directory = TempDir::new().expect("scratch space");
        let mut pair = Self {
            directory,
            writer: None,
            submitted: Reference::default(),
            committed: Reference::default(),
            lines: [1; PATHS.len()],
            committed_lines: [1; PATHS.len()],
        };
        pair.reopen();
        pair
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn writer(&self) -> &StoreWriter {
        self.writer.as_ref().expect("the store is open")
    }

    fn reopen(&mut self) {
        self.writer = None;
        self.writer = Some(StoreWriter::open_or_create(self.path()).expect("the store opens"));
        self.submitted = self.committed.clone();
        self.lines = self.committed_lines;
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Submit { entries, replaced } => self.submit(entries, replaced),
            Step::Commit => {
                self.writer().commit().expect("a commit");
                self.committed = self.submitted.clone();
                self.committed_lines = self.lines;
            }
            Step::Reopen => self.reopen(),
        }
    }

    /// Gives the entries their places. A replaced stream goes on where it was cut.
    fn submit(&mut self, entries: Vec<(usize, Entry)>, replaced: Option<(usize, u64)>) {
        let mut batch = Batch::default();
        if let Some((path, line)) = replaced {
            self.lines[path] = self.lines[path].min(line + 1);
            let offset = (self.lines[path] - 1) * 100;
            batch.replaced.push(Replaced { path: PATHS[path].to_owned(), offset });
        }
        for (path, mut entry) in entries {
            let line = self.lines[path];
            self.lines[path] += 1;
            entry.path = PATHS[path].into();
            entry.record.position = Position { line, offset: (line - 1) * 100 };
            batch.entries.push(entry);
        }
        for (path, lines) in PATHS.iter().zip(self.lines) {
            batch.checkpoints.push(checkpoint(path, lines));
        }
        self.submitted.submit(&batch);
        self.writer().submit(&mut batch).expect("a submit");
    }

    fn check(&self, reader: &StoreReader, query: &Query, page: &Page) {
        self.check_lines(reader, query, page);
        self.check_requests(reader, query, page);
        self.check_each_trace(reader, page);
    }

    fn check_lines(&self, reader: &StoreReader, query: &Query, page: &Page) {
        let expected = self.committed.lines(query, &page.window);
        let found = reader.lines(query, page).expect("lines");
        let shown = &expected[..page.limit.min(expected.len())];
        assert_eq!(found.items, shown, "{query:?} {page:?}");
        check_total(found.total, found.exact, expected.len());
        assert!(found.exact || found.items.len() == page.limit);
        let mut visited = Vec::new();
        let visits = reader.each_line(query, &page.window, &mut |entry| {
            visited.push(entry);
            if visited.len() == page.limit {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        visits.expect("each line");
        assert!(visited.iter().all(|entry| expected.contains(entry)), "{query:?} {page:?}");
        let stopped = page.limit.max(1).min(expected.len());
        assert_eq!(visited.len(), if page.limit == 0 { expected.len() } else { stopped });
    }

    fn check_requests(&self, reader: &StoreReader, query: &Query, page: &Page) {
        let expected = self.committed.requests(query, page);
        let found = reader.requests(query, page).expect("requests");
        let shown = &expected[..page.limit.min(expected.len())];
        assert_eq!(found.items, shown, "{query:?} {page:?}");
        check_total(found.total, found.exact, expected.len());
        assert!(found.exact || found.items.len() == page.limit);
    }

    fn check_each_trace(&self, reader: &StoreReader, page: &Page) {
        let inside =
            |entries: &Vec<Entry>| entries.iter().any(|entry| page.window.admits(entry.time()));
        let mut expected: Vec<(TraceId, Vec<Entry>)> =
            self.committed.traces().into_iter().filter(|(_, entries)| inside(entries)).collect();
        expected.sort_by_key(|(id, entries)| {
            let start = start(entries);
            (start.is_none(), start, *id)
        });
        let mut visited = Vec::new();
        let visits = reader.each_trace(&page.window, usize::MAX, &mut |id, found| {
            visited.push((id, found.items));
            ControlFlow::Continue(())
        });
        visits.expect("each trace");
        assert_eq!(visited, expected, "{page:?}");
    }

    fn check_traces(&self, reader: &StoreReader, limit: usize) {
        for id in TRACES.into_iter().chain([5 << 64 | 0xaa, 5 << 64 | 0xcc, 0xdd]) {
            let id = TraceId::new(id).expect("an id");
            let expected = self.committed.trace(id);
            let found = reader.trace(id, limit).expect("a trace");
            assert_eq!(found.items, expected[..limit.min(expected.len())], "id: {id}");
            assert_eq!(found.total, expected.len() as u64, "id: {id}");
        }
        for low in [0, 0xaa, 0xbb, 0xcc, 0xdd] {
            let traces = self.committed.traces();
            let expected: Vec<TraceId> =
                traces.into_keys().filter(|id| id.low_half() == low).collect();
            assert_eq!(reader.with_low_half(low, 9).expect("ids"), expected, "low: {low}");
        }
    }

    fn check_places(&self, reader: &StoreReader) {
        for expected in &self.committed.entries {
            let line = expected.record.position.line;
            let found = reader.line(&expected.path, line).expect("a line");
            assert_eq!(found.as_ref(), Some(expected), "{}:{line}", expected.path);
        }
        assert_eq!(reader.line(PATHS[0], 1_000_000).expect("no line"), None);
    }

    fn check_summary(&self, reader: &StoreReader) {
        let summary = reader.summary().expect("a summary");
        assert_eq!(summary.entries, self.committed.entries.len() as u64);
        assert_eq!(summary.traces, self.committed.traces().len() as u64);
        let expected: Vec<Checkpoint> = self.committed.checkpoints.values().cloned().collect();
        assert_eq!(summary.checkpoints, expected);
        assert_eq!(self.writer().checkpoints(), expected);
        assert!(summary.bytes > 0);
    }
}

#[track_caller]
fn check_total(total: u64, exact: bool, expected: usize) {
    let expected = expected as u64;
    assert!(if exact { total == expected } else { total <= expected }, "{total} {expected}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_store_answers_as_a_list_of_entries_does(
        steps in prop::collection::vec(step(), 1..10),
        questions in prop::collection::vec((query(), window(), 0..8usize), 12),
    ) {
        let mut pair = Pair::new();
        let early = StoreReader::open(pair.path()).expect("an empty store opens");
        for step in steps {
            pair.step(step);
        }
        pair.step(Step::Commit);
        let late = StoreReader::open(pair.path()).expect("the store opens");
        for reader in [&early, &late] {
            for (query, window, limit) in &questions {
                let limit = if *limit == 7 { 10_000 } else { *limit };
                pair.check(reader, query, &Page { limit, window: *window });
            }
            pair.check_traces(reader, 3);
            pair.check_traces(reader, 10_000);
            pair.check_places(reader);
            pair.check_summary(reader);
        }
    }
}
