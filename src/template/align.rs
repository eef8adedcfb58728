//! From two lines of one shape and their entries to what makes the entry of each.

use std::ops::Range;

use crate::model::entry::Entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::line::Position;
use crate::model::slot;
use crate::model::template::{
    Dated, Filled, Made, Measured, Piece, SlotKind, Template, places_of_keys, texts,
};

/// Units of durations that numbers are given in, in nanoseconds.
const UNITS: [u64; 4] = [1, 1_000, 1_000_000, 1_000_000_000];

/// A line as the teacher understood it.
pub(super) struct Understood {
    pub(super) line: Vec<u8>,
    /// Where all slots are that were found in it.
    pub(super) slots: Vec<Range<u32>>,
    pub(super) entry: Entry,
}

impl Understood {
    /// Where the slots that differ are.
    pub(super) fn chosen(&self, roles: &Roles) -> Vec<Range<u32>> {
        roles.chosen.iter().map(|slot| self.slots[usize::from(*slot)].clone()).collect()
    }
}

/// What each slot of a line is for the template: text that does not change, a slot, or the
/// same as a slot before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Roles {
    /// For each slot of the line the template's slot; none where it is text.
    pub(super) of: Vec<Option<u16>>,
    /// For each of the template's slots the first slot of the line.
    pub(super) chosen: Vec<u16>,
}

/// The template of two lines that differ in all slots, if there is one that explains both.
pub(super) fn template(
    kinds: &[SlotKind],
    roles: &Roles,
    one: &Understood,
    two: &Understood,
) -> Option<Template> {
    let slots = (one.chosen(roles), two.chosen(roles));
    let filled =
        (Filled { line: &one.line, slots: &slots.0 }, Filled { line: &two.line, slots: &slots.1 });
    let kinds: Vec<SlotKind> = roles.chosen.iter().map(|slot| kinds[usize::from(*slot)]).collect();
    let pair = Pair { kinds: &kinds, one: filled.0, two: filled.1 };
    let mut sample = one.entry.clone();
    sample.record.raw = Vec::new();
    let (first, second) = (&one.entry.context, &two.entry.context);
    let half = |id: Option<SpanId>| id.map(|id| u128::from(id.value()));
    let trace = (first.trace_id.map(TraceId::value), second.trace_id.map(TraceId::value));
    let found = Template {
        line: line(one, roles),
        made: pair.made(&one.entry, &two.entry)?,
        trace: pair.id(trace.0, trace.1)?,
        span: pair.id(half(first.span_id), half(second.span_id))?,
        parent: pair.id(half(first.parent_span_id), half(second.parent_span_id))?,
        duration: pair.duration(&one.entry, &two.entry)?,
        slots: kinds.clone(),
        sample,
        time: pair.time(&one.entry, &two.entry)?,
    };
    let explains = |filled: &Filled<'_>, understood: &Understood| {
        found.entry(filled, Position::START).as_ref() == Some(&understood.entry)
    };
    (explains(&filled.0, one) && explains(&filled.1, two)).then_some(found)
}

/// The template's slots of which keys are made.
pub(super) fn slots_of_keys(template: &Template) -> Vec<u16> {
    let keys = places_of_keys(&template.sample);
    let of_keys = template.made.iter().filter(|made| keys.contains(&(made.place as usize)));
    let slots = of_keys.flat_map(|made| &made.pieces).filter_map(|piece| match piece {
        Piece::Slot(slot) => Some(*slot),
        Piece::Text(_) => None,
    });
    slots.collect()
}

/// The line's own pieces.
fn line(one: &Understood, roles: &Roles) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut copied = 0;
    let text = |range: Range<usize>| {
        // The teacher's line is text: see `Table::learn`.
        let part = String::from_utf8_lossy(&one.line[range]).into_owned();
        (!part.is_empty()).then(|| Piece::Text(part.into_boxed_str()))
    };
    for (range, role) in one.slots.iter().zip(&roles.of) {
        let Some(slot) = role else { continue };
        pieces.extend(text(copied..range.start as usize));
        pieces.push(Piece::Slot(*slot));
        copied = range.end as usize;
    }
    pieces.extend(text(copied..one.line.len()));
    pieces
}

/// Two lines of one shape.
struct Pair<'a> {
    kinds: &'a [SlotKind],
    one: Filled<'a>,
    two: Filled<'a>,
}

impl Pair<'_> {
    fn numbers(&self) -> impl Iterator<Item = u16> {
        0..self.kinds.len() as u16
    }

    /// The slot that states the time of both, and how far off it is.
    #[expect(clippy::option_option, reason = "it is found, constant, or not to be explained")]
    fn time(&self, one: &Entry, two: &Entry) -> Option<Option<Dated>> {
        let (first, second) = (one.time()?.nanoseconds(), two.time()?.nanoseconds());
        if first == second {
            return Some(None);
        }
        let found = self.numbers().find_map(|slot| {
            let kind = self.kinds[usize::from(slot)];
            let zone = first.checked_sub(slot::nanoseconds(kind, self.one.slot(slot))?)?;
            let other = second.checked_sub(slot::nanoseconds(kind, self.two.slot(slot))?)?;
            (zone == other).then_some(Dated { slot, zone })
        });
        found.map(Some)
    }

    /// The slot of an id that differs: `Some(None)` if it does not, none if nothing states it.
    #[expect(clippy::option_option, reason = "it is found, constant, or not to be explained")]
    fn id(&self, one: Option<u128>, two: Option<u128>) -> Option<Option<u16>> {
        if one == two {
            return Some(None);
        }
        let (one, two) = (one?, two?);
        let states = |slot: &u16| {
            let kind = self.kinds[usize::from(*slot)];
            matches!(kind, SlotKind::Hexadecimal(_) | SlotKind::Uuid)
                && self.one.hexadecimal(*slot) == one
                && self.two.hexadecimal(*slot) == two
        };
        self.numbers().find(states).map(Some)
    }

    #[expect(clippy::option_option, reason = "it is found, constant, or not to be explained")]
    fn duration(&self, one: &Entry, two: &Entry) -> Option<Option<Measured>> {
        let of = |entry: &Entry| entry.context.operation.as_ref().and_then(|found| found.duration);
        let (one, two) = (of(one), of(two));
        if one == two {
            return Some(None);
        }
        let slots = self.numbers().flat_map(|slot| UNITS.map(|unit| Measured { slot, unit }));
        let mut fitting = slots.filter(|measured| {
            measured.nanoseconds(self.one.slot(measured.slot)) == one
                && measured.nanoseconds(self.two.slot(measured.slot)) == two
        });
        fitting.next().map(Some)
    }

    /// The texts that differ.
    fn made(&self, one: &Entry, two: &Entry) -> Option<Vec<Made>> {
        let (one, two) = (texts(one), texts(two));
        if one.len() != two.len() {
            return None;
        }
        let differing = (0..).zip(one.iter().zip(&two)).filter(|(_, (one, two))| one != two);
        differing
            .map(|(place, (one, two))| Some(Made { place, pieces: self.pieces(one, two)? }))
            .collect()
    }

    /// What two texts are made of: slots, and between them what both have.
    fn pieces(&self, one: &str, two: &str) -> Option<Vec<Piece>> {
        let mut pieces = Vec::new();
        let mut text = String::new();
        let (mut one, mut two) = (one, two);
        while !one.is_empty() || !two.is_empty() {
            if let Some(slot) = self.slot_at(one, two) {
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text).into_boxed_str()));
                }
                pieces.push(Piece::Slot(slot));
                one = &one[self.one.slot(slot).len()..];
                two = &two[self.two.slot(slot).len()..];
                continue;
            }
            let next = one.chars().next()?;
            text.push(next);
            one = one.strip_prefix(next)?;
            two = two.strip_prefix(next)?;
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.into_boxed_str()));
        }
        Some(pieces)
    }

    /// The longest slot that stands at the beginning of both texts.
    fn slot_at(&self, one: &str, two: &str) -> Option<u16> {
        let begins = |slot: &u16| {
            let (first, second) = (self.one.slot(*slot), self.two.slot(*slot));
            first != second
                && one.as_bytes().starts_with(first)
                && two.as_bytes().starts_with(second)
        };
        self.numbers().filter(begins).max_by_key(|slot| self.one.slot(*slot).len())
    }
}
