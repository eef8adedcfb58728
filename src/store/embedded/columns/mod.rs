//! Lines of known templates, taken apart: what stands in their slots, by its kind.
//!
//! Values of a kind stand together, as numbers where they are numbers: times as differences to the
//! time before, ids as bytes or as "the same as lately". That is a fraction of the text, and
//! compresses further. The line is put together again exactly.
//!
//! Always: `read(write(line)) == line`, byte for byte.

use std::sync::Arc;

use crate::model::line::Position;
use crate::model::template::SlotKind;

pub(super) mod read;
#[cfg(test)]
mod tests;
pub(super) mod write;

/// So many different ids are remembered within a block; a request's lines share two or three.
const RECENT_IDS: usize = 16;

/// The columns of a block, in the order in which they are written.
const COLUMNS: usize = 7;

/// The number of each line's template.
const TEMPLATES: usize = 0;
/// Where each line stands in its stream.
const POSITIONS: usize = 1;
/// Times, as differences.
const TIMES: usize = 2;
/// For each id, which of the last ones it is, or that it is new.
const CODES: usize = 3;
/// The ids that are new.
const IDS: usize = 4;
/// Numbers.
const NUMBERS: usize = 5;
/// Everything else.
const TEXTS: usize = 6;

/// What is known from the lines before, in the same block.
#[derive(Debug, Default)]
struct Previous {
    positions: Vec<(Arc<str>, Position)>,
    times: Vec<(SlotKind, i64)>,
    /// The last ids, the latest first.
    ids: Vec<(SlotKind, u128)>,
}

impl Previous {
    /// The last place in a stream.
    fn position(&mut self, path: &Arc<str>) -> &mut Position {
        // Mostly it is the very same text: comparing letters with all others comes second.
        let same = self.positions.iter().position(|(known, _)| Arc::ptr_eq(known, path));
        let known = same.or_else(|| self.positions.iter().position(|(known, _)| **known == **path));
        let place = known.unwrap_or_else(|| {
            self.positions.push((Arc::clone(path), Position { line: 0, offset: 0 }));
            self.positions.len() - 1
        });
        &mut self.positions[place].1
    }

    /// The last time of a kind.
    fn time(&mut self, kind: SlotKind) -> &mut i64 {
        let place = self.times.iter().position(|(known, _)| *known == kind);
        let place = place.unwrap_or_else(|| {
            self.times.push((kind, 0));
            self.times.len() - 1
        });
        &mut self.times[place].1
    }

    /// Puts an id before all others.
    fn remember(&mut self, place: Option<usize>, id: (SlotKind, u128)) {
        if let Some(place) = place {
            self.ids[..=place].rotate_right(1);
        } else {
            self.ids.truncate(RECENT_IDS - 1);
            self.ids.insert(0, id);
        }
    }
}

/// How many digits an id of this kind has; none for kinds that are no ids, or too long for one.
fn id_digits(kind: SlotKind) -> Option<u8> {
    match kind {
        SlotKind::Hexadecimal(digits @ ..=32) => Some(digits),
        SlotKind::Uuid => Some(32),
        _ => None,
    }
}

/// Nanoseconds of one unit of a fraction with so many digits.
const fn unit(places: u8) -> i64 {
    10_i64.pow(9 - if places > 9 { 9 } else { places as u32 })
}
