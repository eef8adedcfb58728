//! Records of which only the whole is understood: printed objects, blocks of names and values.

use std::sync::Arc;

use crate::decode::decoder::Decoder;
use crate::decode::definition::ENVELOPES_MAX;
use crate::decode::open::Open;
use crate::decode::outer::{Outer, around};
use crate::decode::{json, literal};
use crate::model::record::Record;

impl Decoder {
    /// Closes a record. Lines that no definition understood one by one may be one that they
    /// form together: a block of names and values.
    pub(super) fn closed(&mut self, mut open: Open) -> Record {
        if open.is_block() {
            let text = open.text();
            let definitions = Arc::clone(&self.definitions);
            if let Some((index, draft)) =
                definitions.find(text.trim_end(), ENVELOPES_MAX, &mut self.space)
            {
                let time = draft.time.as_ref();
                let time = time.and_then(|_| self.clock.resolve(time, std::iter::empty()));
                open.understand(draft, time, Arc::clone(&definitions.get(index).name));
            }
        }
        open.close()
    }

    /// Reads an object that was printed over several lines as the one it is.
    pub(super) fn complete_object(&mut self, key: u64, records: &mut Vec<Record>) {
        let definitions = Arc::clone(&self.definitions);
        let Some(lane) = self.lanes.iter_mut().find(|lane| lane.key == key) else { return };
        if key == 0
            && let Some(open) = lane.open.take()
        {
            // Outside envelopes it may be one itself.
            let (text, piece) = open.into_text();
            self.peel(&as_json(text), 0, Outer::default(), piece, records);
            return;
        }
        let Some(open) = lane.open.as_mut() else { return };
        let text = as_json(open.text());
        let found = definitions.find(&text, ENVELOPES_MAX, &mut self.space);
        if let Some((index, draft)) = found {
            let batch = definitions.get(index).batch.as_ref();
            if let Some(parts) = batch.and_then(|batch| batch.split(&text)) {
                if let Some(record) = lane.open.take().map(Open::into_record) {
                    let (piece, outer) = around(record);
                    self.unpack(&parts, &text, ENVELOPES_MAX, &outer, &piece, records);
                }
                return;
            }
            let time = draft.time.as_ref();
            let time = time.and_then(|_| self.clock.resolve(time, std::iter::empty()));
            open.understand(draft, time, Arc::clone(&definitions.get(index).name));
        }
    }
}

/// An object as JSON: what is none may be an object as JavaScript prints it.
fn as_json(text: String) -> String {
    match json::read(&text) {
        Some(_) => text,
        None => literal::to_json(&text).unwrap_or(text),
    }
}
