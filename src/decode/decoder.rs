//! Turns the lines of one stream into records.
//!
//! Envelopes are opened one after the other; what is inside goes to its lane (container
//! and output stream), where fragments are put together and continuation lines joined.
//!
//! Invariants: every line is in exactly one record; a record's raw bytes are its lines'.

mod alone;
mod rehearsal;
mod rows;
mod whole;

use std::borrow::Cow;
use std::sync::Arc;

use crate::decode::batch::{self, Part};
use crate::decode::clean;
use crate::decode::clock::Clock;
use crate::decode::decoder::rehearsal::Rehearsal;
use crate::decode::definition::{Definitions, ENVELOPES_MAX, Envelope, Space};
use crate::decode::draft::{Draft, Partial, StatedTime};
use crate::decode::exception;
use crate::decode::joiner::Joined;
use crate::decode::open::{Open, PLAIN, Piece};
use crate::decode::outer::Outer;
use crate::decode::shape::scan;
use crate::decode::tail;
use crate::model::field::Field;
use crate::model::line::{LINE_BYTES_MAX, Line, Position};
use crate::model::record::Record;
use crate::model::severity::Severity;

pub use alone::Alone;

/// Streams inside one file that are kept apart; beyond that the oldest is closed. A file
/// of a whole node has some dozens of containers.
const LANES_MAX: usize = 64;
/// Container runtimes cut lines into fragments of this size.
const FRAGMENT_BYTES: usize = 16 * 1024;

/// The names of columns stand within so many lines from the beginning, behind a comment.
const NAMING_LINES: usize = 5;

/// Decodes one stream; keeps what is open from line to line.
#[derive(Debug, Clone)]
pub struct Decoder {
    definitions: Arc<Definitions>,
    plain: Arc<str>,
    clock: Clock,
    space: Space,
    lanes: Vec<Lane>,
    /// A row of a table whose last value goes on in the next line.
    row: Option<(String, Piece)>,
    /// The first lines of a file, while they wait for what they show together.
    rehearsal: Option<Rehearsal>,
    /// Lines taken so far, as far as they may name columns.
    lines: usize,
}

/// One output stream of one container; the whole file where there are no envelopes.
#[derive(Debug, Clone, Default)]
struct Lane {
    key: u64,
    pending: Option<Pending>,
    open: Option<Open>,
}

impl Lane {
    /// Where what is open in it begins.
    fn since(&self) -> Option<Position> {
        let pending = self.pending.as_ref().map(|pending| pending.piece.position);
        let open = self.open.as_ref().map(Open::position);
        pending.into_iter().chain(open).min()
    }
}

/// A line's fragments, as far as they have come.
#[derive(Debug, Clone)]
struct Pending {
    text: String,
    partial: Partial,
    piece: Piece,
    outer: Outer,
    depth: usize,
}

impl Decoder {
    /// A decoder for one stream. `modified` is when the file was modified, in nanoseconds
    /// since the epoch: times without a year or a day are placed by it.
    pub fn new(definitions: Arc<Definitions>, modified: Option<i64>) -> Self {
        Self {
            definitions,
            plain: PLAIN.into(),
            clock: Clock::new(modified),
            space: Space::default(),
            lanes: Vec::new(),
            row: None,
            rehearsal: None,
            lines: 0,
        }
    }

    /// Takes the next line; records that it completes are appended.
    pub fn push(&mut self, line: Line<'_>, records: &mut Vec<Record>) {
        if self.rehearsal.is_some() {
            self.rehearse(line, records);
            return;
        }
        let text = clean::text(line.bytes);
        let piece = Piece { position: line.position, raw: line.bytes.to_vec(), lines: 1 };
        self.lines = self.lines.saturating_add(1);
        if self.space.table.is_some() {
            self.row(text, piece, records);
        } else {
            self.peel(&text, 0, Outer::default(), piece, records);
        }
    }

    /// The stream ends: completes what is open, in the order of its lines.
    pub fn finish(&mut self, records: &mut Vec<Record>) {
        let first = records.len();
        self.perform(true, records);
        if let Some((row, piece)) = self.row.take() {
            self.peel(&row, 0, Outer::default(), piece, records);
        }
        // What fragments hold opens lanes anew, at most once for each depth of envelopes.
        while !self.lanes.is_empty() {
            for mut lane in std::mem::take(&mut self.lanes) {
                self.close_lane(&mut lane, records);
            }
        }
        records[first..].sort_by_key(|record| record.position);
    }

    /// The records that may still grow, as they would be if their stream ended here.
    pub fn glimpse(&self) -> Vec<Record> {
        let mut records = Vec::new();
        self.clone().finish(&mut records);
        records
    }

    /// The first line of the oldest record that may still grow; none if nothing is open.
    pub fn open_since(&self) -> Option<Position> {
        let row = self.row.as_ref().map(|(_, piece)| piece.position);
        let waiting = self.rehearsal.as_ref().and_then(Rehearsal::position);
        self.lanes.iter().filter_map(Lane::since).chain(row).chain(waiting).min()
    }

    fn close_lane(&mut self, lane: &mut Lane, records: &mut Vec<Record>) {
        if let Some(open) = lane.open.take() {
            records.push(self.closed(open));
        }
        if let Some(pending) = lane.pending.take() {
            self.peel(&pending.text, pending.depth, pending.outer, pending.piece, records);
        }
    }

    /// Opens envelopes up to the innermost text.
    fn peel(
        &mut self,
        text: &str,
        depth: usize,
        mut outer: Outer,
        piece: Piece,
        records: &mut Vec<Record>,
    ) {
        let definitions = Arc::clone(&self.definitions);
        let may_open = depth < ENVELOPES_MAX;
        let list = if may_open { batch::list(text) } else { None };
        if let Some(parts) = list {
            self.unpack(&parts, text, depth + 1, &outer, &piece, records);
            return;
        }
        let Some((index, mut draft)) = definitions.find(text, depth, &mut self.space) else {
            let may_name = self.lines <= NAMING_LINES || text.starts_with('#');
            let names = may_name.then(|| definitions.name_columns(text, depth, &mut self.space));
            let names = names.flatten().map(|(index, draft)| (draft, index));
            self.place(text, names, outer, piece, records);
            return;
        };
        let definition = definitions.get(index);
        let batch = definition.batch.as_ref().filter(|_| may_open);
        if let Some(parts) = batch.and_then(|batch| batch.split(text)) {
            self.unpack(&parts, text, depth + 1, &outer, &piece, records);
            return;
        }
        let Some(envelope) = definition.envelope.filter(|_| may_open) else {
            let service = definition.rules.service.as_ref();
            if draft.service.is_none() && outer.service.is_none() {
                draft.service = service.cloned();
            }
            self.place(text, Some((draft, index)), outer, piece, records);
            return;
        };
        let body = clean::inner(std::mem::take(&mut draft.message));
        let partial = draft.partial;
        let format = (envelope == Envelope::Log).then(|| Arc::clone(&definition.name));
        outer.add(draft, format);
        self.assemble(body, partial, depth + 1, outer, piece, records);
    }

    /// The records of a document, one after the other. Nothing continues them: they are
    /// closed at once, so that reading never has to go on from inside a line.
    fn unpack(
        &mut self,
        parts: &[Part],
        text: &str,
        depth: usize,
        outer: &Outer,
        piece: &Piece,
        records: &mut Vec<Record>,
    ) {
        for (index, part) in parts.iter().enumerate() {
            let own = piece.part(text, part.span.clone(), index);
            self.peel(&part.text, depth, outer.clone(), own, records);
        }
        let within = |lane: &Lane| lane.since().is_some_and(|since| since >= piece.position);
        while let Some(index) = self.lanes.iter().position(within) {
            let mut lane = self.lanes.remove(index);
            self.close_lane(&mut lane, records);
        }
    }

    /// Puts fragments together; whole texts go on.
    fn assemble(
        &mut self,
        body: Cow<'_, str>,
        partial: Partial,
        depth: usize,
        outer: Outer,
        piece: Piece,
        records: &mut Vec<Record>,
    ) {
        let key = outer.lane();
        let pending = self.lane(key).and_then(|lane| lane.pending.take());
        let Some(mut pending) = pending else {
            if partial == Partial::Whole {
                self.peel(&body, depth, outer, piece, records);
            } else {
                let text = body.into_owned();
                self.keep(Pending { text, partial, piece, outer, depth }, records);
            }
            return;
        };
        let fits = pending.text.len() + body.len() <= LINE_BYTES_MAX && pending.piece.fits(&piece);
        let fits = fits && pending.depth == depth;
        if fits && (pending.partial == Partial::Stated || self.goes_on(&pending, &body, depth)) {
            pending.text.push_str(&body);
            pending.piece.append(&piece);
            pending.partial = partial;
            if partial == Partial::Whole {
                let Pending { text, piece, outer, depth, .. } = pending;
                self.peel(&text, depth, outer, piece, records);
            } else {
                self.keep(pending, records);
            }
            return;
        }
        self.peel(&pending.text, pending.depth, pending.outer, pending.piece, records);
        self.assemble(body, partial, depth, outer, piece, records);
    }

    /// Whether a text without a line's end goes on in this one: not in what begins a record,
    /// nor, if it was short of a full fragment, in what is indented. A runtime that loses the
    /// rest of a long line goes on with the next record.
    fn goes_on(&mut self, pending: &Pending, body: &str, depth: usize) -> bool {
        let full = pending.text.len() >= FRAGMENT_BYTES;
        (full || !body.starts_with([' ', '\t']))
            && self.definitions.find(body, depth, &mut self.space).is_none()
    }

    fn keep(&mut self, pending: Pending, records: &mut Vec<Record>) {
        let key = pending.outer.lane();
        self.lane_or_new(key, records).pending = Some(pending);
    }

    fn lane(&mut self, key: u64) -> Option<&mut Lane> {
        self.lanes.iter_mut().find(|lane| lane.key == key)
    }

    fn lane_or_new(&mut self, key: u64, records: &mut Vec<Record>) -> &mut Lane {
        if let Some(index) = self.lanes.iter().position(|lane| lane.key == key) {
            return &mut self.lanes[index];
        }
        if self.lanes.len() >= LANES_MAX {
            let mut oldest = self.lanes.remove(0);
            if let Some(open) = oldest.open.take() {
                records.push(self.closed(open));
            }
            if let Some(pending) = oldest.pending {
                // Too many streams to wait for the rest of this line.
                records.push(self.begin(&pending.text, None, pending.outer, pending.piece).close());
            }
        }
        self.lanes.push(Lane { key, ..Lane::default() });
        let last = self.lanes.len() - 1;
        &mut self.lanes[last]
    }

    /// Joins the innermost text to its lane's open record, or begins a new one.
    fn place(
        &mut self,
        text: &str,
        understood: Option<(Draft<'_>, usize)>,
        outer: Outer,
        piece: Piece,
        records: &mut Vec<Record>,
    ) {
        let key = outer.lane();
        let definitions = Arc::clone(&self.definitions);
        if let Some(open) = self.lane(key).and_then(|lane| lane.open.as_mut())
            && open.has_room(&piece)
        {
            let definition = open.definition().map(|index| definitions.get(index));
            if let Some(draft) = definition.and_then(|definition| definition.continued(text))
                && open.fill(draft)
            {
                open.extend(&piece);
                return;
            }
            match open.judge(text, understood.is_some()) {
                Joined::Apart => {}
                Joined::Continues => {
                    open.append(text, &piece);
                    return;
                }
                Joined::Completes => {
                    open.append(text, &piece);
                    self.complete_object(key, records);
                    return;
                }
            }
        }
        let lane_key = self.lane_or_new(key, records).key;
        let open = self.begin(text, understood, outer, piece);
        let Some(lane) = self.lane(lane_key) else { return };
        if let Some(before) = lane.open.replace(open) {
            records.push(self.closed(before));
        }
    }

    /// A record's first line.
    fn begin(
        &mut self,
        text: &str,
        understood: Option<(Draft<'_>, usize)>,
        outer: Outer,
        piece: Piece,
    ) -> Open {
        let is_understood = understood.is_some();
        let definition = understood.as_ref().map(|(_, index)| *index);
        let (draft, format) = if let Some((draft, index)) = understood {
            (draft, Arc::clone(&self.definitions.get(index).name))
        } else {
            let draft = Draft { message: Cow::Borrowed(text.trim_end()), ..Draft::default() };
            (draft, outer.format.unwrap_or_else(|| Arc::clone(&self.plain)))
        };
        let mentioned = (draft.time.is_none() && outer.times.is_empty())
            .then(|| StatedTime::mentioned_in(&draft.message));
        let stated = draft.time.as_ref().or(mentioned.as_ref().and_then(Option::as_ref));
        let time = self.clock.resolve(stated, outer.times.iter().rev());
        let suspected = self.clock.suspected(time.as_ref(), outer.times.iter().rev());
        let crash = (!is_understood && exception::is_crash(text)).then_some(Severity::ERROR);
        let severity = draft.severity.or(crash).or_else(|| scan::stated_level(&draft.message));
        let mut fields = draft.fields;
        tail::add(&mut fields, &draft.message);
        fields.extend(suspected.map(|envelope| Field::text("ts_suspect", envelope)));
        fields.extend(outer.fields);
        let record = Record {
            position: piece.position,
            lines: piece.lines,
            raw: piece.raw,
            time,
            severity: severity.or(outer.severity),
            service: draft.service.or(outer.service),
            instance: draft.instance.or(outer.instance),
            host: draft.host.or(outer.host),
            logger: draft.logger,
            thread: draft.thread,
            message: draft.message.into_owned(),
            fields,
            format,
        };
        Open::new(record, text, definition)
    }
}

#[cfg(test)]
mod tests;
