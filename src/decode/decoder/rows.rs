//! Rows of a table over several lines: a quoted value may hold line ends.

use std::borrow::Cow;

use crate::decode::decoder::Decoder;
use crate::decode::open::Piece;
use crate::decode::outer::Outer;
use crate::model::record::Record;

impl Decoder {
    /// Puts the lines of one row together.
    pub(super) fn row(&mut self, text: Cow<'_, str>, piece: Piece, records: &mut Vec<Record>) {
        let Some(columns) = self.space.table.as_ref().map(|table| &table.columns) else { return };
        let Some((mut row, mut held)) = self.row.take() else {
            if columns.goes_on(&text) {
                self.row = Some((text.into_owned(), piece));
            } else {
                self.peel(&text, 0, Outer::default(), piece, records);
            }
            return;
        };
        if !held.fits(&piece) || columns.row(&text).is_some() {
            self.peel(&row, 0, Outer::default(), held, records);
            self.row(text, piece, records);
            return;
        }
        row.push('\n');
        row.push_str(&text);
        held.append(&piece);
        if columns.goes_on(&row) {
            self.row = Some((row, held));
        } else {
            self.peel(&row, 0, Outer::default(), held, records);
        }
    }
}
