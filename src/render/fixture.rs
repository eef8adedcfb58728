//! Requests made by hand, for the tests of this module.

use std::sync::Arc;

use crate::analysis::Analysis;
use crate::analysis::critical_path::{CriticalPath, Segment};
use crate::analysis::failure::Failure;
use crate::analysis::silence::Silence;
use crate::analysis::verdict::Verdict;
use crate::model::entry::{Attribution, AttributionBasis, Context, Entry};
use crate::model::field::Field;
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::notice::Notice;
use crate::model::record::{Record, RecordTime, TimeBasis};
use crate::model::severity::Severity;
use crate::model::span::{Edge, EdgeBasis, ExtentBasis, Span, SpanIndex, SpanKind, SpanStatus};
use crate::model::time::Timestamp;
use crate::model::trace::{PlacedEntry, Trace};
use crate::render::path::PathView;
use crate::render::style::Style;
use crate::timeline::{Content, Row};

/// 2026-11-21T09:30:15.250Z.
const START: i64 = 1_795_253_415_250_000_000;

/// A request, what is said of it, and its rows.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) trace: Trace,
    pub(super) analysis: Analysis,
    pub(super) rows: Vec<Row>,
}

/// A style without colour in UTC.
pub(super) fn style(width: usize) -> Style {
    Style {
        width,
        colour: false,
        zone: jiff::tz::TimeZone::UTC,
        full: false,
        paths: PathView::default(),
    }
}

/// The point that many milliseconds after the fixtures' start.
pub(super) fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_nanoseconds(START + milliseconds * 1_000_000)
}

/// An entry without a time.
pub(super) fn entry(service: &str, message: &str) -> Entry {
    Entry {
        path: format!("logs/{service}.log").into(),
        record: Record {
            position: Position { line: 7, offset: 512 },
            lines: 1,
            raw: message.as_bytes().to_vec(),
            time: None,
            severity: None,
            service: None,
            instance: None,
            host: None,
            logger: None,
            thread: None,
            message: message.to_owned(),
            fields: Vec::new(),
            format: Arc::from("plain"),
        },
        context: Context {
            trace_id: None,
            span_id: None,
            parent_span_id: None,
            attribution: None,
            service: service.to_owned(),
            instance: None,
            host: None,
            keys: Vec::new(),
            operation: None,
        },
    }
}

impl Story {
    pub(super) fn new() -> Self {
        Self {
            trace: Trace {
                id: TraceId::from_hex("4bf92f3577b34da6a3ce929d0e0e4736").expect("a valid id"),
                spans: Vec::new(),
                entries: Vec::new(),
                links: Vec::new(),
                notices: Vec::new(),
            },
            analysis: Analysis {
                critical_path: CriticalPath::default(),
                silences: Vec::new(),
                failure: None,
                findings: Vec::new(),
                advice: Vec::new(),
                verdict: Verdict::Nothing,
            },
            rows: Vec::new(),
        }
    }

    pub(super) fn root(&mut self, service: &str, name: &str) -> SpanIndex {
        self.span(None, service, name)
    }

    pub(super) fn child(&mut self, parent: SpanIndex, service: &str, name: &str) -> SpanIndex {
        self.span(Some(parent), service, name)
    }

    fn span(&mut self, parent: Option<SpanIndex>, service: &str, name: &str) -> SpanIndex {
        let index = SpanIndex(self.trace.spans.len());
        let basis = if parent.is_some() { EdgeBasis::Stated } else { EdgeBasis::Root };
        self.trace.spans.push(Span {
            id: SpanId::new(0x00f0_67aa_0ba9_02b7 + index.0 as u64).expect("not zero"),
            synthetic: false,
            service: service.to_owned(),
            instance: None,
            host: None,
            name: name.to_owned(),
            kind: Some(SpanKind::Server),
            status: None,
            peer: None,
            start: None,
            end: None,
            clock_offset: 0,
            extent: ExtentBasis::Entries,
            parent: Edge { parent, basis, confidence: 1.0, evidence: Vec::new() },
        });
        index
    }

    pub(super) fn span_mut(&mut self, index: SpanIndex) -> &mut Span {
        &mut self.trace.spans[index.0]
    }

    /// States when the span began and ended, in milliseconds.
    pub(super) fn took(&mut self, index: SpanIndex, start: i64, end: i64) {
        let span = self.span_mut(index);
        span.start = Some(at(start));
        span.end = Some(at(end));
        span.extent = ExtentBasis::Stated;
    }

    pub(super) fn inferred(&mut self, index: SpanIndex, basis: EdgeBasis, confidence: f32) {
        let edge = &mut self.span_mut(index).parent;
        edge.basis = basis;
        edge.confidence = confidence;
    }

    pub(super) fn say(&mut self, span: SpanIndex, milliseconds: i64, message: &str) -> usize {
        self.say_as(span, milliseconds, Severity::INFO, message)
    }

    pub(super) fn say_as(
        &mut self,
        span: SpanIndex,
        milliseconds: i64,
        severity: Severity,
        message: &str,
    ) -> usize {
        let time = at(milliseconds);
        let index = self.say_undated(span, message);
        let entry = self.entry_mut(index);
        entry.record.severity = Some(severity);
        entry.record.time =
            Some(RecordTime { at: time, text: time.to_string(), basis: TimeBasis::Line });
        let span = self.span_mut(span);
        if span.extent == ExtentBasis::Entries {
            span.start = Some(span.start.map_or(time, |start| start.min(time)));
            span.end = Some(span.end.map_or(time, |end| end.max(time)));
        }
        index
    }

    pub(super) fn say_undated(&mut self, span: SpanIndex, message: &str) -> usize {
        let index = self.trace.entries.len();
        let owner = &self.trace.spans[span.0];
        let mut entry = entry(&owner.service, message);
        entry.record.position = Position { line: index as u64 * 3 + 1, offset: index as u64 * 200 };
        entry.context.trace_id = Some(self.trace.id);
        entry.context.span_id = Some(owner.id);
        entry.context.attribution =
            Some(Attribution { basis: AttributionBasis::Stated, confidence: 1.0 });
        self.trace.entries.push(PlacedEntry { entry, span });
        index
    }

    pub(super) fn entry_mut(&mut self, index: usize) -> &mut Entry {
        &mut self.trace.entries[index].entry
    }

    pub(super) fn field(&mut self, index: usize, name: &str, value: &str) {
        self.entry_mut(index).record.fields.push(Field::text(name, value));
    }

    /// Lays the rows: each entry in its order, heads before what they hold.
    pub(super) fn done(mut self) -> Self {
        let mut shown = vec![false; self.trace.spans.len()];
        for index in 0..self.trace.entries.len() {
            let span = self.trace.entries[index].span;
            self.show_heads(span, &mut shown);
            let depth = self.depth(span);
            let silence = self.analysis.silences.iter().position(|known| known.before == index);
            self.rows.extend(silence.map(|at| Row { depth, content: Content::Silence(at) }));
            self.rows.push(Row { depth, content: Content::Entry(index) });
        }
        for index in 0..shown.len() {
            self.show_heads(SpanIndex(index), &mut shown);
        }
        self
    }

    fn show_heads(&mut self, span: SpanIndex, shown: &mut [bool]) {
        let mut chain = vec![span];
        while let Some(parent) = chain.last().and_then(|span| self.trace.span(*span).parent.parent)
        {
            chain.push(parent);
        }
        for span in chain.into_iter().rev() {
            if !std::mem::replace(&mut shown[span.0], true) {
                self.rows.push(Row { depth: self.depth(span), content: Content::Span(span) });
            }
        }
    }

    fn depth(&self, span: SpanIndex) -> usize {
        let parent = |span: &SpanIndex| self.trace.span(*span).parent.parent;
        std::iter::successors(Some(span), parent).count() - 1
    }

    fn critical(&mut self, steps: &[(SpanIndex, i64, i64)]) {
        let segments = steps.iter().map(|(span, start, end)| Segment {
            span: *span,
            start: at(*start),
            end: at(*end),
        });
        self.analysis.critical_path.segments = segments.collect();
    }
}

const STACK: &str = "java.net.SocketTimeoutException: Read timed out\n\
\tat java.base/sun.nio.ch.NioSocketImpl.timedRead(NioSocketImpl.java:278)\n\
\tat java.base/sun.nio.ch.NioSocketImpl.implRead(NioSocketImpl.java:304)\n\
\tat shop.payment.BankClient.charge(BankClient.java:88)\n\
\tat shop.payment.ChargeService.charge(ChargeService.java:41)";

/// A checkout that fails because the bank does not answer.
pub(super) fn checkout() -> Story {
    let mut story = Story::new();
    let gateway = story.root("gateway", "POST /checkout");
    story.took(gateway, 0, 3_420);
    story.span_mut(gateway).status = Some(SpanStatus::Error);
    story.say(gateway, 0, "POST /checkout from 10.4.0.17");

    let cart = story.child(gateway, "cart", "GET /carts/{id}");
    let order = story.child(gateway, "order", "POST /orders");
    let inventory = story.child(order, "inventory", "reserve");
    let first = story.child(order, "payment", "POST /charge");
    let second = story.child(order, "payment", "POST /charge");
    story.inferred(inventory, EdgeBasis::Flow, 0.62);
    story.inferred(second, EdgeBasis::CallPair, 0.9);

    story.say(cart, 3, "cart c-77 has 2 items");
    let line = story.say(cart, 9, "cart loaded");
    story.field(line, "items", "2");
    story.field(line, "cache", "hit");
    story.say(order, 31, "creating order ORD-20417 for user u-1138");
    story.say(inventory, 40, "reserving SKU-9 with 212 variants");
    let before =
        story.say_as(inventory, 990, Severity::WARN, "slow query: 912 ms, stock_by_variant");
    story.analysis.silences.push(Silence { before, span: inventory, start: at(40), end: at(990) });
    story.say(inventory, 1_001, "reserved");
    story.say(first, 1_020, "charging card of order ORD-20417, attempt 1");
    let before = story.say_as(
        first,
        2_031,
        Severity::ERROR,
        "bank did not answer within 1000 ms, giving up on authorisation of 129.90 EUR",
    );
    story.analysis.silences.push(Silence { before, span: first, start: at(1_020), end: at(2_031) });
    story.field(before, "exception.stacktrace", STACK);
    story.entry_mut(before).record.lines = 6;
    story.say_as(order, 2_040, Severity::WARN, "payment failed, trying again (1 of 2)");
    story.say(second, 2_050, "charging card of order ORD-20417, attempt 2");
    let last = story.say_as(second, 3_061, Severity::ERROR, "bank did not answer within 1000 ms");
    let email = story.child(order, "payment", "publish payment.failed");
    story.took(email, 3_062, 3_062);
    story.say(email, 3_062, "payment.failed sent for ORD-20417");
    let echo = story.say_as(order, 3_350, Severity::ERROR, "order ORD-20417 failed: payment");
    let root = story.say_as(gateway, 3_418, Severity::ERROR, "502 upstream order answered 500");
    story.analysis.failure = Some(Failure { origin: before, echoes: vec![last, echo, root] });
    story.critical(&[
        (gateway, 0, 31),
        (order, 31, 40),
        (inventory, 40, 1_001),
        (order, 1_001, 1_020),
        (first, 1_020, 2_031),
        (order, 2_031, 2_050),
        (second, 2_050, 3_061),
        (order, 3_061, 3_350),
        (gateway, 3_350, 3_420),
    ]);
    let parent = SpanId::new(0xbeef).expect("not zero");
    story.trace.notices.push(Notice::ParentMissing { parent, lines: vec![0] });
    story.done()
}

/// A chain of calls, each span with one line.
pub(super) fn deep(depth: usize) -> Story {
    let mut story = Story::new();
    let mut span = story.root("service-0", "GET /0");
    story.say(span, 0, "line 0");
    for level in 1..depth {
        span = story.child(span, &format!("service-{level}"), &format!("GET /{level}"));
        story.say(span, level as i64 * 7, &format!("line {level} of a chain of calls"));
    }
    story.done()
}

/// One span with parallel calls whose lines alternate.
pub(super) fn wide() -> Story {
    let mut story = Story::new();
    let root = story.root("search", "GET /search");
    story.say(root, 0, "asking 4 shards");
    let shards: Vec<_> =
        (0..4).map(|number| story.child(root, &format!("shard-{number}"), "query")).collect();
    for (number, shard) in shards.iter().enumerate() {
        story.say(*shard, 2 + number as i64, "query begins");
    }
    for (number, shard) in shards.iter().enumerate() {
        story.say(*shard, 20 + 9 * number as i64, "17 hits");
    }
    story.say(root, 61, "merged 68 hits");
    story.critical(&[(root, 0, 5), (shards[3], 5, 47), (root, 47, 61)]);
    story.done()
}

/// Lines of which none has a time.
pub(super) fn undated() -> Story {
    let mut story = Story::new();
    let root = story.root("batch", "nightly import");
    story.say_undated(root, "starting");
    story.say_undated(root, "2 files found");
    story.trace.notices.push(Notice::Undated { count: 2 });
    story.done()
}

/// A request of a single line.
pub(super) fn single() -> Story {
    let mut story = Story::new();
    let root = story.root("auth", "login");
    story.say(root, 0, "user u-77 logged in");
    story.done()
}

/// A request whose every text tries to drive the terminal.
pub(super) fn hostile() -> Story {
    let evil = "\x1b]0;owned\x07\u{9b}31m\u{202e}evil\r\n\x1b[2J";
    let mut story = Story::new();
    let root = story.root(evil, evil);
    story.took(root, 0, 5);
    let line = story.say_as(root, 1, Severity::ERROR, evil);
    story.field(line, evil, evil);
    story.field(line, "exception.stacktrace", evil);
    story.entry_mut(line).path = evil.into();
    story.entry_mut(line).context.service = format!("{evil} other");
    story.span_mut(root).peer = Some(evil.to_owned());
    story.span_mut(root).kind = Some(SpanKind::Client);
    story.analysis.failure = Some(Failure { origin: line, echoes: Vec::new() });
    story.analysis.silences.push(Silence { before: line, span: root, start: at(0), end: at(1) });
    story.done()
}
