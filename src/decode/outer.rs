//! What stands around a text: what the envelopes say that were opened to get at it.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;

use crate::decode::draft::{Draft, StatedTime};
use crate::decode::open::Piece;
use crate::decode::timestamp::Reading;
use crate::model::field::{self, Field};
use crate::model::record::{Record, RecordTime, TimeBasis};
use crate::model::severity::Severity;

/// Lanes are told apart by a hash; two that share one would only share their joining.
const LANE_HASH: FixedState = FixedState::with_seed(0);

/// What the envelopes around a text say.
#[derive(Debug, Clone, Default)]
pub(super) struct Outer {
    /// Their times, the outermost first.
    pub(super) times: Vec<StatedTime>,
    pub(super) severity: Option<Severity>,
    pub(super) service: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) host: Option<String>,
    pub(super) stream: Option<String>,
    pub(super) fields: Vec<Field>,
    /// The innermost envelope that is a log format itself.
    pub(super) format: Option<Arc<str>>,
}

impl Outer {
    pub(super) fn add(&mut self, draft: Draft<'_>, format: Option<Arc<str>>) {
        self.times.extend(draft.time);
        self.severity = draft.severity.or(self.severity);
        self.service = draft.service.or(self.service.take());
        self.instance = draft.instance.or(self.instance.take());
        self.host = draft.host.or(self.host.take());
        self.stream = draft.stream.or(self.stream.take());
        self.fields.extend(draft.fields);
        self.format = format.or(self.format.take());
    }

    /// Which lane the text inside belongs to.
    pub(super) fn lane(&self) -> u64 {
        let process = field::find(&self.fields, "process.pid").and_then(|pid| pid.as_text());
        let parts = (&self.service, &self.instance, &self.host, &self.stream, process);
        if matches!(parts, (None, None, None, None, None)) {
            return 0;
        }
        LANE_HASH.hash_one(parts)
    }
}

/// The lines of a document that was put together from them, and what stood around it.
pub(super) fn around(record: Record) -> (Piece, Outer) {
    let is_stated = |time: &RecordTime| time.basis != TimeBasis::Inherited;
    let time = record.time.filter(is_stated);
    let outer = Outer {
        times: time
            .map(|time| StatedTime {
                reading: Reading::Instant(time.at),
                text: time.text,
                mentioned: false,
            })
            .into_iter()
            .collect(),
        severity: record.severity,
        service: record.service,
        instance: record.instance,
        host: record.host,
        fields: record.fields,
        ..Outer::default()
    };
    (Piece { position: record.position, raw: record.raw, lines: record.lines }, outer)
}
