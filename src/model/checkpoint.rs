//! How far a stream was read, so that the next run takes in only what is new.

use serde::{Deserialize, Serialize};

use crate::model::coverage::Services;
use crate::model::line::Position;
use crate::model::skipped::Skipped;

/// How far one stream was read and what it held.
///
/// It travels in the same commit as the entries it accounts for, so that neither can be
/// there without the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The stream's full path; inside an archive `archive.tar.gz!/name`.
    pub path: String,
    /// Bytes read, after decompression and transcoding.
    pub read: u64,
    /// Where to read on: the first line of the oldest record that may still grow.
    pub resume: Position,
    /// Hashes of the content read, by which the stream is known again.
    pub fingerprint: Fingerprint,
    /// The size on disk of the file or archive when it was read to its end; none before.
    pub size: Option<u64>,
    /// Its time of modification then, in nanoseconds since the epoch.
    pub modified: Option<i64>,
    /// What was found in it.
    pub tally: Tally,
    /// What was found before `resume`: what lies after is counted anew when it is read again.
    pub settled: Tally,
    /// What the lines of each service have.
    #[serde(default)]
    pub services: Services,
    /// The same of the lines before `resume`.
    #[serde(default)]
    pub settled_services: Services,
    /// What of it was passed over, to be told again as long as it does not change.
    pub skipped: Vec<Skipped>,
    /// What was let go of what was read, because it was old or of little worth.
    #[serde(default)]
    pub dropped: Dropped,
    /// The same of what was before `resume`: what lies after comes back if the stream grows.
    #[serde(default)]
    pub settled_dropped: Dropped,
    /// The file it is, of a stream that is followed while it is written; none of others.
    #[serde(default)]
    pub followed: Option<Followed>,
}

impl Checkpoint {
    /// Of a stream of which nothing was read.
    pub fn unread(path: String) -> Self {
        Self {
            path,
            read: 0,
            resume: Position::START,
            fingerprint: Fingerprint::default(),
            size: None,
            modified: None,
            tally: Tally::default(),
            settled: Tally::default(),
            services: Services::default(),
            settled_services: Services::default(),
            skipped: Vec::new(),
            dropped: Dropped::default(),
            settled_dropped: Dropped::default(),
            followed: None,
        }
    }

    /// Whether it is the sum over streams that are gone for good.
    pub fn is_sum(&self) -> bool {
        self.path.ends_with(SUM_SUFFIX)
    }

    /// The path of the sum that it goes into once its stream is gone for good.
    pub fn sum_path(&self) -> String {
        let name = self.followed.as_ref().map_or(&self.path, |followed| &followed.name);
        format!("{name}{SUM_SUFFIX}")
    }

    /// Adds what another stream held.
    pub fn add(&mut self, other: &Self) {
        self.read = self.read.saturating_add(other.read);
        self.tally.add(&other.tally);
        self.settled.add(&other.settled);
        self.dropped.add(&other.dropped);
        self.settled_dropped.add(&other.settled_dropped);
        self.services.join(&other.services);
        self.settled_services.join(&other.settled_services);
    }
}

/// Stands behind the name of a log for all of it that is gone and no longer told apart.
const SUM_SUFFIX: &str = "#earlier";

/// Lines that were read, stored, and let go since.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dropped {
    /// How many.
    pub lines: u64,
    /// Their bytes, with their ends.
    pub bytes: u64,
}

impl Dropped {
    /// Adds what was let go later.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.bytes += other.bytes;
    }
}

/// The file behind a stream that is followed through rotations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Followed {
    /// The path at which it was first seen, as text. Streams of one name after the other
    /// have labels of their own, and this in common.
    pub name: String,
    /// Which file it was when it was last looked at; none once its content was cut away.
    pub file: Option<FileIdentity>,
    /// When it was modified, as of the last time something was read of it: what was written
    /// later beside it may be its successor.
    pub modified: Option<i64>,
    /// Whether it can only be read from its start: compressed, or UTF-16.
    pub packed: bool,
    /// Whether another file has its name now.
    pub left: bool,
    /// Whether it is gone, and nothing more of it can come.
    pub ended: bool,
}

/// What the system tells one file from another by, as long as it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileIdentity {
    /// The device it is on.
    pub device: u64,
    /// Its number there. Numbers of deleted files are given to new ones.
    pub inode: u64,
    /// When it was made, in nanoseconds since the epoch, where the file system tells.
    pub born: Option<i64>,
}

/// Hashes (XXH3, 64 bits) of the first and the last bytes read of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Over the first `min(read, FINGERPRINT_BYTES)` bytes.
    pub head: u64,
    /// Over the last `min(read, FINGERPRINT_BYTES)` bytes before `read`.
    pub tail: u64,
}

/// How many bytes of each end a [`Fingerprint`] covers: one page, which a single read brings.
pub const FINGERPRINT_BYTES: usize = 4096;

/// What was found in a stream. Sums up: every line is in exactly one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tally {
    /// Physical lines.
    pub lines: u64,
    /// Records they form.
    pub records: u64,
    /// Lines that belong to a record with a time of its own (not inherited).
    pub with_time: u64,
    /// Lines that belong to a record with a trace id.
    pub with_trace: u64,
    /// Lines that belong to a record with a span id.
    pub with_span: u64,
    /// Lines that no definition understood.
    pub plain: u64,
    /// Bytes that were cut off overlong lines.
    pub cut_bytes: u64,
    /// Bytes of the records, with their lines' ends.
    #[serde(default)]
    pub record_bytes: u64,
    /// Bytes among `record_bytes` that no definition understood.
    #[serde(default)]
    pub plain_bytes: u64,
    /// Bytes that hold no lines: marks of the encoding, holes of a truncated file.
    #[serde(default)]
    pub blank_bytes: u64,
}

impl Tally {
    /// Adds another tally to this one.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.records += other.records;
        self.with_time += other.with_time;
        self.with_trace += other.with_trace;
        self.with_span += other.with_span;
        self.plain += other.plain;
        self.cut_bytes += other.cut_bytes;
        self.record_bytes += other.record_bytes;
        self.plain_bytes += other.plain_bytes;
        self.blank_bytes += other.blank_bytes;
    }
}
