//! One log between two rotations: which file it is, how far it was read, and how to know it
//! again by its content.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use twox_hash::XxHash3_64;

use crate::model::checkpoint::{
    Checkpoint, FINGERPRINT_BYTES, FileIdentity, Fingerprint, Followed,
};
use crate::model::line::Position;
use crate::source::follow::disk::{Facts, OpenFile, bytes_at};
use crate::source::follow::family::Family;
use crate::source::follow::marks::Marks;
use crate::source::{Chunk, Stream, fingerprint, label};

/// One log between two rotations.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact that holds or not by itself")]
pub(super) struct Generation {
    /// Its stream's path in answers: the file's path, with `#2` and so on behind it for
    /// those that came later under the same name.
    pub(super) label: Arc<str>,
    /// The path under which it was first seen, as text.
    pub(super) name: String,
    pub(super) family: Family,
    /// Where it was seen last.
    pub(super) path: PathBuf,
    /// Its file; none when its content was cut away, or before it was found.
    pub(super) file: Option<FileIdentity>,
    /// Whether it is read from its start each time: compressed, or UTF-16.
    pub(super) is_packed: bool,
    /// Bytes read of it and their fingerprint: what it is known by.
    pub(super) read: u64,
    pub(super) fingerprint: Fingerprint,
    /// Where reading goes on; before `read` only until it is [restored](Self::restore).
    pub(super) position: Position,
    pub(super) marks: Marks,
    /// The hash of its first bytes, if they were read by this process.
    first: Option<u64>,
    /// What an earlier process left of it, until reading begins.
    pub(super) known: Option<Checkpoint>,
    /// There is no line end between `position` and here.
    pub(super) scanned: u64,
    /// As last seen.
    pub(super) size: u64,
    pub(super) modified: Option<i64>,
    /// When it was modified, as of the last time something was read of it.
    pub(super) written: Option<i64>,
    /// When it last changed; the time of the first look, at first.
    pub(super) changed: Duration,
    /// When it is to be looked at.
    pub(super) due: Duration,
    /// Since when its file cannot be found, or its content is cut away.
    pub(super) missing: Option<Duration>,
    /// Whether another file has its name.
    pub(super) left: bool,
    /// Whether it is over: nothing more will be read.
    pub(super) ended: bool,
    /// Whether it is not known again any more, whatever turns up.
    pub(super) is_forgotten: bool,
    /// Whether its listener knows of it.
    pub(super) begun: bool,
    /// Up to where its last, unfinished line was given out as it is.
    pub(super) partial: u64,
}

/// The first bytes of a file, hashed: what tells most logs of one family apart at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Beginning {
    /// Of the first [`BEGINNING_BYTES`], if there are so many.
    first: Option<u64>,
    /// Of the first page, if there is so much.
    page: Option<u64>,
}

/// Enough for a time or a number.
const BEGINNING_BYTES: usize = 64;

impl Beginning {
    /// Of a file or log that begins like this.
    pub(super) fn of(head: &[u8]) -> Self {
        let hash = |length: usize| head.get(..length).map(XxHash3_64::oneshot);
        Self { first: hash(BEGINNING_BYTES), page: hash(FINGERPRINT_BYTES) }
    }
}

/// What a file holds, compared with a generation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// All that was read of the generation, and perhaps more.
    Whole,
    /// A beginning of what was read.
    Beginning,
    /// Something else, or too little to tell.
    Other,
}

impl Generation {
    /// A log that was never read.
    pub(super) fn new(label: Arc<str>, name: String, path: PathBuf) -> Self {
        Self {
            label,
            name,
            family: Family::of(&path),
            path,
            file: None,
            is_packed: false,
            read: 0,
            fingerprint: Fingerprint::default(),
            position: Position::START,
            marks: Marks::default(),
            first: None,
            known: None,
            scanned: 0,
            size: 0,
            modified: None,
            written: None,
            changed: Duration::ZERO,
            due: Duration::ZERO,
            missing: None,
            left: false,
            ended: false,
            is_forgotten: false,
            begun: false,
            partial: 0,
        }
    }

    /// A log that an earlier process read.
    pub(super) fn known(checkpoint: Checkpoint) -> Self {
        let name = checkpoint.followed.as_ref().map_or(&checkpoint.path, |known| &known.name);
        let path = PathBuf::from(name);
        let mut generation = Self::new(checkpoint.path.as_str().into(), name.clone(), path);
        if let Some(followed) = &checkpoint.followed {
            generation.file = followed.file;
            generation.written = followed.modified;
            generation.is_packed = followed.packed;
            generation.left = followed.left;
            generation.ended = followed.ended;
        }
        generation.read = checkpoint.read;
        generation.fingerprint = checkpoint.fingerprint;
        generation.position = checkpoint.resume;
        generation.size = checkpoint.size.unwrap_or(0);
        generation.modified = checkpoint.modified;
        generation.known = Some(checkpoint);
        generation
    }

    /// The stream that it is.
    pub(super) fn stream(&self) -> Stream {
        Stream { path: Arc::clone(&self.label), size: None, modified: self.modified }
    }

    /// What a checkpoint says of its file.
    pub(super) fn followed(&self) -> Followed {
        Followed {
            name: self.name.clone(),
            file: self.file,
            modified: self.written,
            packed: self.is_packed,
            left: self.left,
            ended: self.ended,
        }
    }

    /// Whether its name was another file's already when an earlier process saw it last.
    pub(super) fn left_when_known(&self) -> bool {
        let followed = self.known.as_ref().and_then(|known| known.followed.as_ref());
        followed.is_none_or(|followed| followed.left)
    }

    /// Whether a file at `path` has the very name of this one.
    pub(super) fn is_named(&self, path: &Path) -> bool {
        label::of_path(path) == self.name
    }

    /// How a file with so many bytes compares with what was read.
    pub(super) fn likeness(&self, file: &dyn OpenFile, size: u64) -> io::Result<Likeness> {
        if self.read == 0 {
            return Ok(Likeness::Other);
        }
        if size >= self.read {
            let same = self.agrees(file)?;
            return Ok(if same { Likeness::Whole } else { Likeness::Other });
        }
        let page = FINGERPRINT_BYTES as u64;
        if self.read >= page && size >= page {
            let head = bytes_at(file, 0, FINGERPRINT_BYTES)?;
            if XxHash3_64::oneshot(&head) != self.fingerprint.head {
                return Ok(Likeness::Other);
            }
        }
        let same = match self.marks.before(size) {
            Some((offset, hash)) => XxHash3_64::oneshot(&last_bytes(file, offset)?) == hash,
            // After a restart there are none. To read twice is better than not at all.
            None => false,
        };
        Ok(if same { Likeness::Beginning } else { Likeness::Other })
    }

    /// Whether a file that begins like this may hold what was read, or a beginning of it.
    pub(super) fn may_be(&self, beginning: &Beginning) -> bool {
        let page = (self.read >= FINGERPRINT_BYTES as u64).then_some(self.fingerprint.head);
        let differ = |one: Option<u64>, other: Option<u64>| {
            one.zip(other).is_some_and(|(one, other)| one != other)
        };
        !differ(self.first, beginning.first) && !differ(page, beginning.page)
    }

    /// Whether a file holds what was read, by both ends of it.
    pub(super) fn agrees(&self, file: &dyn OpenFile) -> io::Result<bool> {
        if self.read == 0 {
            return Ok(true);
        }
        let length = self.read.min(FINGERPRINT_BYTES as u64) as usize;
        let head = bytes_at(file, 0, length)?;
        Ok(fingerprint::of_ends(&head, &last_bytes(file, self.read)?) == self.fingerprint)
    }

    /// Goes back to where reading is to go on, in a file that agrees.
    pub(super) fn restore(&mut self, file: &dyn OpenFile) -> io::Result<()> {
        if self.position.offset < self.read {
            let end = self.position.offset;
            let length = end.min(FINGERPRINT_BYTES as u64) as usize;
            let head = bytes_at(file, 0, length)?;
            self.fingerprint = fingerprint::of_ends(&head, &last_bytes(file, end)?);
            self.read = end;
        }
        Ok(())
    }

    /// Notes that a chunk was given out.
    pub(super) fn gave(&mut self, before: &[u8], chunk: &Chunk) {
        if chunk.first.offset == 0 {
            self.first = Beginning::of(&chunk.bytes).first;
        }
        self.marks.note(before, chunk);
        self.read = chunk.read;
        self.fingerprint = chunk.fingerprint;
    }

    /// Notes what the file looks like at `now`; whether that differs from before.
    pub(super) fn saw(&mut self, facts: &Facts, now: Duration) -> bool {
        let differs = (self.size, self.modified) != (facts.size, facts.modified);
        if differs {
            self.changed = now;
        }
        (self.size, self.modified) = (facts.size, facts.modified);
        differs
    }
}

/// The last bytes before an offset, as many as a fingerprint covers.
pub(super) fn last_bytes(file: &dyn OpenFile, end: u64) -> io::Result<Vec<u8>> {
    let start = end.saturating_sub(FINGERPRINT_BYTES as u64);
    bytes_at(file, start, (end - start) as usize)
}
