//! What a template says of the terms of its lines: those that all have, and where in the slots
//! the words of the others are.

use std::ops::Range;

use crate::model::entry::Entry;
use crate::model::template::{Piece, SlotKind, Template, places_of_keys};
use crate::store::embedded::identifiers::Key;
use crate::store::embedded::terms::Terms;

/// Digits of a span id as it is looked up.
const SPAN_DIGITS: u8 = 16;

/// The terms of a template's lines: those that all of them have, and where others come from.
#[derive(Debug)]
pub(in crate::store::embedded) struct KnownTerms {
    constant: Terms,
    /// Texts made of slots, with the letters beside them: their words differ.
    pub(super) runs: Vec<Run>,
    /// Whether one of these texts is the span id as it is looked up.
    pub(super) spells_span: bool,
}

/// A text made of slots and of the letters beside them.
#[derive(Debug, PartialEq)]
pub(super) struct Run {
    pub(super) pieces: Vec<Piece>,
    pub(super) words: Words,
}

/// Where the words of a text are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Words {
    /// It is one word, in small letters.
    One,
    /// Between these bytes, in small letters.
    Between(u8),
    /// It must be looked for.
    Any,
}

impl Run {
    fn of(pieces: Vec<Piece>, template: &Template) -> Self {
        let of_slot = |slot: &u16| {
            template.slots.get(usize::from(*slot)).map_or(Words::Any, |kind| Words::of(*kind))
        };
        let is_one = |piece: &Piece| match piece {
            Piece::Slot(slot) => of_slot(slot) == Words::One,
            Piece::Text(text) => {
                let small = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
                text.bytes().all(small)
            }
        };
        let words = match pieces.as_slice() {
            [Piece::Slot(slot)] => of_slot(slot),
            pieces if pieces.iter().all(is_one) => Words::One,
            _ => Words::Any,
        };
        Self { pieces, words }
    }
}

impl Words {
    /// Where they are in a slot of this kind.
    const fn of(kind: SlotKind) -> Self {
        match kind {
            SlotKind::Digit
            | SlotKind::Digits
            | SlotKind::Padded
            | SlotKind::Long(_)
            | SlotKind::Epoch(_)
            | SlotKind::Hexadecimal(_) => Self::One,
            SlotKind::Uuid => Self::Between(b'-'),
            SlotKind::Decimal | SlotKind::EpochDecimal(_) | SlotKind::Quad => Self::Between(b'.'),
            SlotKind::Mixed(_) | SlotKind::Moment { .. } | SlotKind::Clock { .. } => Self::Any,
        }
    }
}

impl KnownTerms {
    pub(in crate::store::embedded) fn of(template: &Template) -> Self {
        let mut entry = template.constant();
        if template.span.is_some() {
            // It is looked up line by line.
            entry.context.span_id = None;
        }
        let mut constant = Terms::default();
        constant.collect(std::iter::once(&entry));
        let mut runs: Vec<Run> = Vec::new();
        let searched = searched_places(&template.sample);
        let made = template.made.iter().filter(|made| searched.contains(&(made.place as usize)));
        for text in made {
            for pieces in runs_of(&text.pieces, &mut |text| constant.words_of(text)) {
                let run = Run::of(pieces, template);
                if !runs.contains(&run) {
                    runs.push(run);
                }
            }
        }
        constant.identifiers.sort_unstable();
        constant.identifiers.dedup();
        let spells_span = template.span.is_some_and(|slot| {
            template.slots.get(usize::from(slot)) == Some(&SlotKind::Hexadecimal(SPAN_DIGITS))
                && runs.iter().any(|run| run.pieces == [Piece::Slot(slot)])
        });
        Self { constant, runs, spells_span }
    }

    /// The keys of the ids and numbers that all lines have.
    pub(in crate::store::embedded) fn identifiers(&self) -> &[Key] {
        &self.constant.identifiers
    }

    /// The terms that all lines have.
    pub(in crate::store::embedded) const fn constant(&self) -> &Terms {
        &self.constant
    }
}

/// The parts of a text whose words depend on slots: each slot with the letters and digits
/// beside it. What lies between goes to `constant`.
fn runs_of(pieces: &[Piece], constant: &mut dyn FnMut(&str)) -> Vec<Vec<Piece>> {
    let parts = |character: char| !character.is_alphanumeric() && character != '_';
    let mut runs = Vec::new();
    let mut run: Vec<Piece> = Vec::new();
    for (place, piece) in pieces.iter().enumerate() {
        let Piece::Text(text) = piece else {
            run.push(piece.clone());
            continue;
        };
        let Some(first) = text.find(parts) else {
            run.push(piece.clone());
            continue;
        };
        let last = text.rfind(parts).map_or(text.len(), |last| {
            last + text[last..].chars().next().map_or(0, char::len_utf8)
        });
        // Letters at the text's own ends touch no slot.
        let head = if place == 0 { 0 } else { first };
        let tail = if place + 1 == pieces.len() { text.len() } else { last };
        if head > 0 {
            run.push(Piece::Text(text[..head].into()));
        }
        runs.push(std::mem::take(&mut run));
        constant(text.get(head..tail).unwrap_or_default());
        if tail < text.len() {
            run.push(Piece::Text(text[tail..].into()));
        }
    }
    runs.push(run);
    runs.retain(|run| run.iter().any(|piece| matches!(piece, Piece::Slot(_))));
    runs
}

/// Which of an entry's texts are searched for words: not that of its time, and not what is
/// said of its span.
fn searched_places(entry: &Entry) -> Range<usize> {
    usize::from(entry.record.time.is_some())..places_of_keys(entry).end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_touch_slots_are_told_from_those_that_do_not() {
        let text = |text: &str| Piece::Text(text.into());
        let pieces =
            [text("order no_"), Piece::Slot(0), text("x of (usr-"), Piece::Slot(1), text(") é")];
        let mut constant = Vec::new();
        let runs = runs_of(&pieces, &mut |text| constant.push(text.to_owned()));
        assert_eq!(runs, [vec![text("no_"), Piece::Slot(0), text("x")], vec![Piece::Slot(1)]]);
        assert_eq!(constant, ["order ", " of (usr-", ") é"]);
        assert_eq!(
            runs_of(&[Piece::Slot(0), text("ms")], &mut |_| {}),
            [[Piece::Slot(0), text("ms")]]
        );
    }
}
