//! Strings that many entries of a block share, each written once.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::store::embedded::wire::{Cursor, Malformed, put_bytes, put_number, text};

/// Strings on their way into a block.
#[derive(Debug, Default)]
pub(super) struct DictionaryBuilder {
    places: HashMap<Box<str>, u64, foldhash::fast::RandomState>,
    written: Vec<u8>,
}

impl DictionaryBuilder {
    /// The place of a string, which is added if it is new.
    pub(super) fn place(&mut self, string: &str) -> u64 {
        if let Some(place) = self.places.get(string) {
            return *place;
        }
        let place = self.places.len() as u64;
        self.places.insert(string.into(), place);
        put_bytes(&mut self.written, string.as_bytes());
        place
    }

    /// Writes the strings in the order of their places, and forgets them.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        put_number(out, self.places.len() as u64);
        out.append(&mut self.written);
        self.places.clear();
    }
}

/// The strings of a block that was read.
#[derive(Debug, Default)]
pub(super) struct Dictionary {
    strings: Vec<Arc<str>>,
}

impl Dictionary {
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Malformed> {
        let count = cursor.count()?;
        let strings = (0..count).map(|_| Ok(Arc::from(text(cursor.bytes()?)?)));
        Ok(Self { strings: strings.collect::<Result<_, _>>()? })
    }

    /// The string at a place.
    pub(super) fn get(&self, place: u64) -> Result<&Arc<str>, Malformed> {
        usize::try_from(place)
            .ok()
            .and_then(|place| self.strings.get(place))
            .ok_or(Malformed("a string is not in the dictionary"))
    }

    /// Bytes it takes in memory, roughly.
    pub(super) fn bytes(&self) -> usize {
        self.strings.iter().map(|string| string.len() + 32).sum()
    }
}
