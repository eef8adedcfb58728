//! Some documents side by side, as bytes and back.
//!
//! Times are written in the largest unit that all of them are whole numbers of, as steps from
//! the one before.

use crate::model::time::Timestamp;
use crate::store::embedded::files::Place;
use crate::store::embedded::group_table::{CHUNK_DOCUMENTS, Document, Group};
use crate::store::embedded::wire::{Cursor, Malformed, put_number, put_signed};

const IS_TEMPLATE: u8 = 1;
const HAS_TRACE: u8 = 2;
/// Of the trace id only the low half is not zero.
const IS_SHORT: u8 = 4;
/// It lies behind the group before, in the same block.
const IS_NEXT: u8 = 8;
const HAS_TIMES: u8 = 16;
const SAME_BATCH: u8 = 32;

/// Nanoseconds of the units of time.
const UNITS: [i64; 4] = [1_000_000_000, 1_000_000, 1_000, 1];

/// Documents side by side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) documents: Vec<Document>,
    /// How far the groups reach in their streams, in order, each stream once: see
    /// [`reach`](crate::store::embedded::schema::reach).
    pub(super) reaches: Vec<u64>,
}

/// What is known from the group before.
struct Previous {
    place: Place,
    slot: u64,
    batch: u64,
    first: i64,
}

impl Default for Previous {
    fn default() -> Self {
        Self { place: Place { file: 0, offset: 0 }, slot: 0, batch: 0, first: 0 }
    }
}

impl Previous {
    fn follow(&mut self, group: &Group) {
        (self.place, self.slot, self.batch) = (group.place, group.slot, group.batch);
    }

    fn is_before(&self, group: &Group) -> bool {
        group.place == self.place && group.slot == self.slot.wrapping_add(1)
    }
}

impl Chunk {
    /// Appends the chunk's bytes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let unit = self.unit();
        out.push(unit);
        out.push(self.documents.len() as u8);
        let mut previous = Previous::default();
        for document in &self.documents {
            match document {
                Document::Template(number) => {
                    out.push(IS_TEMPLATE);
                    put_number(out, u64::from(*number));
                }
                Document::Group(group) => {
                    write(group, UNITS[usize::from(unit)], &mut previous, out);
                }
            }
        }
        put_number(out, self.reaches.len() as u64);
        let mut before = 0;
        for reach in &self.reaches {
            put_signed(out, reach.wrapping_sub(before) as i64);
            before = *reach;
        }
    }

    /// The largest unit that all times are whole numbers of.
    fn unit(&self) -> u8 {
        let groups = self.documents.iter().filter_map(|document| match document {
            Document::Group(group) => group.times,
            Document::Template(_) => None,
        });
        let times: Vec<i64> = groups.flatten().map(Timestamp::nanoseconds).collect();
        let fits = |unit: &i64| times.iter().all(|time| time % unit == 0);
        UNITS.iter().position(fits).unwrap_or(UNITS.len() - 1) as u8
    }

    /// Reads a chunk.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut cursor = Cursor::new(bytes);
        let unit = UNITS.get(usize::from(cursor.byte()?)).ok_or(Malformed("no such unit"))?;
        let count = usize::from(cursor.byte()?);
        if count > CHUNK_DOCUMENTS {
            return Err(Malformed("a chunk has too many groups"));
        }
        let mut previous = Previous::default();
        let documents = (0..count).map(|_| document(&mut cursor, *unit, &mut previous));
        let documents = documents.collect::<Result<Vec<_>, _>>()?;
        let count = cursor.count()?;
        let mut before = 0u64;
        let reaches = (0..count).map(|_| {
            before = before.wrapping_add(cursor.signed()? as u64);
            Ok(before)
        });
        let reaches = reaches.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { documents, reaches })
    }
}

fn write(group: &Group, unit: i64, previous: &mut Previous, out: &mut Vec<u8>) {
    let is_short = group.trace.is_some_and(|[_, high]| high == 0);
    let is_next = previous.is_before(group);
    let is_same_batch = group.batch == previous.batch;
    let mut flags = 0;
    for (holds, flag) in [
        (group.trace.is_some(), HAS_TRACE),
        (is_short, IS_SHORT),
        (is_next, IS_NEXT),
        (group.times.is_some(), HAS_TIMES),
        (is_same_batch, SAME_BATCH),
    ] {
        flags |= if holds { flag } else { 0 };
    }
    out.push(flags);
    if let Some([low, high]) = group.trace {
        out.extend_from_slice(&low.to_le_bytes());
        if !is_short {
            out.extend_from_slice(&high.to_le_bytes());
        }
    }
    if !is_next {
        put_number(out, group.place.file);
        put_number(out, group.place.offset);
        put_number(out, group.slot);
    }
    if !is_same_batch {
        put_number(out, group.batch);
    }
    if let Some([first, last]) =
        group.times.map(|times| times.map(|time| time.nanoseconds() / unit))
    {
        put_signed(out, first.wrapping_sub(previous.first));
        put_number(out, last.wrapping_sub(first) as u64);
        previous.first = first;
    }
    put_number(out, group.entries);
    previous.follow(group);
}

fn document(
    cursor: &mut Cursor<'_>,
    unit: i64,
    previous: &mut Previous,
) -> Result<Document, Malformed> {
    let flags = cursor.byte()?;
    let has = |flag: u8| flags & flag != 0;
    if has(IS_TEMPLATE) {
        let number = u32::try_from(cursor.number()?).map_err(|_| Malformed("no such template"))?;
        return Ok(Document::Template(number));
    }
    let mut trace = None;
    if has(HAS_TRACE) {
        let low = u64::from_le_bytes(cursor.array()?);
        let high = if has(IS_SHORT) { 0 } else { u64::from_le_bytes(cursor.array()?) };
        trace = Some([low, high]);
    }
    let (place, slot) = if has(IS_NEXT) {
        (previous.place, previous.slot.wrapping_add(1))
    } else {
        (Place { file: cursor.number()?, offset: cursor.number()? }, cursor.number()?)
    };
    let batch = if has(SAME_BATCH) { previous.batch } else { cursor.number()? };
    let mut times = None;
    if has(HAS_TIMES) {
        let first = previous.first.wrapping_add(cursor.signed()?);
        let last = first.wrapping_add(cursor.number()? as i64);
        previous.first = first;
        times =
            Some([first, last].map(|time| Timestamp::from_nanoseconds(time.wrapping_mul(unit))));
    }
    let group = Group { trace, place, slot, batch, times, entries: cursor.number()? };
    previous.follow(&group);
    Ok(Document::Group(group))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn documents() -> impl Strategy<Value = Vec<Document>> {
        let time = prop_oneof![any::<i64>(), (0i64..10_000).prop_map(|time| time * 1_000_000)];
        let place = (0u64..2, prop_oneof![Just(0u64), any::<u64>()], 0u64..4);
        let trace = prop::option::of(any::<[u64; 2]>());
        let rest = (0u64..3, prop::option::of([time.clone(), time]), any::<u64>());
        let group = (trace, place, rest).prop_map(|(trace, (file, offset, slot), rest)| {
            let (batch, times, entries) = rest;
            let times = times.map(|times| times.map(Timestamp::from_nanoseconds));
            Document::Group(Group {
                trace,
                place: Place { file, offset },
                slot,
                batch,
                times,
                entries,
            })
        });
        let template = any::<u32>().prop_map(Document::Template);
        prop::collection::vec(prop_oneof![4 => group, 1 => template], 0..=CHUNK_DOCUMENTS)
    }

    proptest! {
        #[test]
        fn a_chunk_is_read_as_it_was_written(documents in documents(), reaches: Vec<u64>) {
            let chunk = Chunk { documents, reaches };
            let mut bytes = Vec::new();
            chunk.write(&mut bytes);
            prop_assert_eq!(Chunk::read(&bytes), Ok(chunk));
        }

        #[test]
        fn foreign_bytes_are_no_panic(bytes: Vec<u8>) {
            let _any_chunk_or_none = Chunk::read(&bytes);
        }
    }
}
