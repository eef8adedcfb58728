//! The entry that a line of a stream belongs to.
//!
//! The index does not know lines by their numbers. But what stands later in a stream was mostly
//! written later: the groups, in order of time, are opened in the middle, and in the middle of
//! what is left, until the place is near; from there they are read on outwards. So the line is
//! found whatever the order is, and soon where lines come in order of time.

use crate::model::entry::Entry;
use crate::model::time::Timestamp;
use crate::store::Window;
use crate::store::embedded::snapshot::{GroupAddress, Snapshot};
use crate::store::error::StoreError;
use crate::store::is_at;

/// Answers [`Reader::line`](crate::store::Reader::line).
pub(super) fn find(
    snapshot: &Snapshot,
    path: &str,
    line: u64,
) -> Result<Option<Entry>, StoreError> {
    let Some(number) = snapshot.ledger.known_number_of(path) else { return Ok(None) };
    Book::of(snapshot, number, path, line)?.find()
}

/// The groups that may have lines of a stream.
struct Book<'a> {
    snapshot: &'a Snapshot,
    path: &'a str,
    line: u64,
    /// In order of their first times.
    groups: Vec<GroupAddress>,
    is_read: Vec<bool>,
    /// The last line that was seen before the one that is sought, and its time.
    before: Option<(u64, Option<Timestamp>)>,
    /// The first one behind it.
    behind: Option<(u64, Option<Timestamp>)>,
}

/// What was seen in a group.
enum Looked {
    /// The line.
    Found(Box<Entry>),
    /// Its first line of the stream stands before the one that is sought.
    Before,
    /// It stands behind it.
    Behind,
    /// It has no line of the stream.
    Nothing,
}

/// What came of opening groups in the middle.
enum Opened {
    /// The line.
    Found(Box<Entry>),
    /// The place where it should be.
    Near(usize),
}

impl<'a> Book<'a> {
    fn of(
        snapshot: &'a Snapshot,
        number: u32,
        path: &'a str,
        line: u64,
    ) -> Result<Self, StoreError> {
        let mut groups = snapshot.groups(None, &Window::default())?;
        groups.retain(|group| snapshot.reaches(*group, number));
        groups.sort_by_cached_key(|group| {
            (snapshot.first_at_least(*group), snapshot.stored_at(*group))
        });
        let is_read = vec![false; groups.len()];
        Ok(Self { snapshot, path, line, groups, is_read, before: None, behind: None })
    }

    fn find(&mut self) -> Result<Option<Entry>, StoreError> {
        let near = match self.open()? {
            Opened::Near(near) => near,
            Opened::Found(entry) => return Ok(Some(*entry)),
        };
        for at in self.outwards_from(near) {
            if let Looked::Found(entry) = self.look(at)? {
                return Ok(Some(*entry));
            }
        }
        Ok(None)
    }

    /// Opens the groups in the middle, again and again, until a place between two is left or
    /// the line is met.
    fn open(&mut self) -> Result<Opened, StoreError> {
        let (mut from, mut to) = (0, self.groups.len());
        while from < to {
            let middle = from + (to - from) / 2;
            let (at, looked) = self.look_from(middle, to)?;
            match looked {
                Looked::Found(entry) => return Ok(Opened::Found(entry)),
                Looked::Before => from = at + 1,
                Looked::Behind | Looked::Nothing => to = middle,
            }
        }
        Ok(Opened::Near(from))
    }

    /// Looks into the first group from here on that has a line of the stream, and says which.
    fn look_from(&mut self, from: usize, to: usize) -> Result<(usize, Looked), StoreError> {
        for at in from..to {
            match self.look(at)? {
                Looked::Nothing => {}
                looked => return Ok((at, looked)),
            }
        }
        Ok((to, Looked::Nothing))
    }

    fn look(&mut self, at: usize) -> Result<Looked, StoreError> {
        self.is_read[at] = true;
        let mut first: Option<u64> = None;
        for entry in self.snapshot.entries(self.groups[at])? {
            if *entry.path != *self.path {
                continue;
            }
            if is_at(&entry, self.path, self.line) {
                return Ok(Looked::Found(Box::new(entry)));
            }
            let line = entry.record.position.line;
            first = Some(first.map_or(line, |first| first.min(line)));
            if line < self.line {
                self.before = self.before.max(Some((line, entry.time())));
            } else if self.behind.is_none_or(|(behind, _)| line < behind) {
                self.behind = Some((line, entry.time()));
            }
        }
        Ok(match first {
            None => Looked::Nothing,
            Some(line) if line < self.line => Looked::Before,
            Some(_) => Looked::Behind,
        })
    }

    /// The groups that were not read: those first that were written when the line probably
    /// was, and of these the nearest.
    fn outwards_from(&self, near: usize) -> Vec<usize> {
        let mut rest: Vec<usize> = (0..self.groups.len()).filter(|at| !self.is_read[*at]).collect();
        rest.sort_by_cached_key(|at| (self.apart(self.groups[*at]), at.abs_diff(near)));
        rest
    }

    /// The time between a group and the lines around the one that is sought; none if it is the
    /// same time, or not known.
    fn apart(&self, group: GroupAddress) -> i64 {
        let times = [self.before, self.behind].map(|seen| seen.and_then(|(_, time)| time));
        let known = times.into_iter().flatten();
        let (Some(from), Some(to)) = (known.clone().min(), known.max()) else { return 0 };
        let first = self.snapshot.first_at_least(group).unwrap_or(from);
        let last = self.snapshot.last_at_most(group).unwrap_or(to);
        (first - to).max(from - last).max(0)
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::model::fixture::entry;
    use crate::model::id::TraceId;
    use crate::model::line::Position;
    use crate::store::embedded::{StoreReader, StoreWriter};
    use crate::store::{Batch, Intake, Reader};

    const PATH: &str = "/logs/shop.log";

    /// A stream of as many lines: three requests at a time, and lines of none.
    fn store(lines: u64) -> (TempDir, StoreReader) {
        let scratch = TempDir::new().expect("scratch space");
        let writer = StoreWriter::open_or_create(scratch.path()).expect("a new store");
        let mut batch = Batch::default();
        for line in 1..=lines {
            let mut made = entry("shop", "a line").at(line.cast_signed()).done();
            made.path = PATH.into();
            made.record.position = Position { line, offset: line * 100 };
            let request = u128::from(line / 12 * 3 + line % 3 + 1);
            made.context.trace_id =
                if line % 10 == 0 { None } else { TraceId::new(request << 64 | request) };
            batch.entries.push(made);
            if line % 1_000 == 0 {
                writer.submit(&mut batch).expect("a submit");
            }
        }
        writer.submit(&mut batch).expect("a submit");
        writer.close().expect("a commit");
        let reader = StoreReader::open(scratch.path()).expect("the store");
        (scratch, reader)
    }

    #[test]
    fn a_line_is_found_after_a_few_groups_of_a_long_stream() {
        let (_scratch, reader) = store(6_000);
        let snapshot = reader.snapshot().expect("a commit");
        let number = snapshot.ledger.known_number_of(PATH).expect("the stream");
        for line in [1, 2, 999, 1_000, 3_001, 4_370, 5_999, 6_000] {
            let mut book = Book::of(&snapshot, number, PATH, line).expect("its groups");
            let found = book.find().expect("an answer").expect("the line");
            assert_eq!(found.record.position.line, line);
            let read = book.is_read.iter().filter(|is_read| **is_read).count();
            assert!(read < 30 && book.groups.len() > 1_000, "line {line}: {read} groups");
        }
        assert_eq!(reader.line(PATH, 6_001).expect("an answer"), None);
    }
}
