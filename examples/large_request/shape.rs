//! Requests of one shape each, as large as wanted.

use std::sync::Arc;

use clap::ValueEnum;
use logloom::model::entry::{Attribution, AttributionBasis, Context, Entry};
use logloom::model::id::{SpanId, TraceId};
use logloom::model::line::Position;
use logloom::model::record::{Record, RecordTime, TimeBasis};
use logloom::model::severity::Severity;
use logloom::model::time::Timestamp;

/// Services of a request.
const SERVICES: u64 = 20;

/// When each request begins.
const BEGIN: i64 = 1_795_253_400_000_000_000;

/// A microsecond in nanoseconds: the step from line to line.
const STEP: i64 = 1_000;

/// How the spans of a request lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Shape {
    /// One span calls all others, one after the other; nothing states a parent.
    Wide,
    /// Each span calls the next, and nothing states a parent.
    Chain,
    /// As `Chain`, and each span states its parent.
    Stated,
    /// Each span calls three others; nothing states a parent.
    Tree,
    /// All spans are open at once: nobody says which one called.
    Open,
    /// As `Wide`, and half of the lines name no span.
    Unnamed,
}

impl Shape {
    /// All shapes.
    pub(crate) const ALL: [Self; 6] =
        [Self::Wide, Self::Chain, Self::Stated, Self::Tree, Self::Open, Self::Unnamed];

    /// The name as a flag takes it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Wide => "wide",
            Self::Chain => "chain",
            Self::Stated => "stated",
            Self::Tree => "tree",
            Self::Open => "open",
            Self::Unnamed => "unnamed",
        }
    }

    /// The lines of a request of so many spans.
    pub(crate) fn entries(self, spans: usize) -> Vec<Entry> {
        let spans = spans as u64;
        let mut entries = Vec::with_capacity(spans as usize + 1);
        for span in 0..spans {
            let at = span as i64;
            match self {
                Self::Wide | Self::Tree | Self::Open | Self::Chain => entries.push(line(span, at)),
                Self::Stated => {
                    let mut line = line(span, at);
                    line.context.parent_span_id = SpanId::new(span);
                    entries.push(line);
                }
                Self::Unnamed => {
                    let mut line = line(span, at);
                    if span % 2 == 1 {
                        line.context.span_id = None;
                    }
                    entries.push(line);
                }
            }
        }
        self.end(spans, &mut entries);
        entries
    }

    /// The lines with which spans end.
    fn end(self, spans: u64, entries: &mut Vec<Entry>) {
        let last = spans as i64;
        match self {
            Self::Wide | Self::Unnamed => entries.push(line(0, last)),
            // The caller of three ends after them; leaves say one line only.
            Self::Tree => {
                entries.extend((0..spans / 3).map(|span| line(span, last + (spans - span) as i64)));
            }
            Self::Open => {
                entries.extend((0..spans / 2).map(|span| line(span, last + span as i64)));
            }
            Self::Chain => {
                entries.extend((0..spans / 2).map(|span| line(span, last + (spans - span) as i64)));
            }
            Self::Stated => {}
        }
    }
}

/// One line of a span, as logs have them.
fn line(span: u64, at: i64) -> Entry {
    let number = span % SERVICES;
    let service = format!("service-{number}");
    let message = format!("handling step {} of the work for customer {span}", at % 3);
    let raw = format!("2026-11-21T09:30:00.{at:09}Z INFO [{service}] [{span:016x}] {message}");
    Entry {
        path: Arc::from(format!("/logs/{service}.log")),
        record: Record {
            position: Position { line: at as u64 + 1, offset: at as u64 * 120 },
            lines: 1,
            raw: raw.into_bytes(),
            time: Some(RecordTime {
                at: Timestamp::from_nanoseconds(BEGIN + at * STEP),
                text: format!("2026-11-21T09:30:00.{at:09}Z"),
                basis: TimeBasis::Line,
            }),
            severity: Some(Severity::INFO),
            service: Some(service.clone()),
            instance: None,
            host: None,
            logger: Some(format!("com.example.Service{number}")),
            thread: None,
            message,
            fields: Vec::new(),
            format: Arc::from("plain"),
        },
        context: Context {
            trace_id: TraceId::new(u128::MAX),
            span_id: SpanId::new(span + 1),
            parent_span_id: None,
            attribution: Some(Attribution { basis: AttributionBasis::Stated, confidence: 1.0 }),
            service,
            instance: Some(format!("service-{number}-7c9d")),
            host: Some(format!("host-{}", number % 4)),
            keys: Vec::new(),
            operation: None,
        },
    }
}
