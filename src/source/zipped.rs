//! Walks a zip archive by its directory and hands its members over.
//!
//! The directory is read member by member, never held whole. An archive whose directory is
//! missing, because the file was cut off, is reported and read without it
//! ([`salvage`](crate::source::salvage)).

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use zip::read::{Config, ZipFileEntry, ZipReadOptions};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, DateTime};

use crate::model::skipped::SkipKind;
use crate::source::decompress::{self, Method};
use crate::source::fault::Fault;
use crate::source::label;
use crate::source::meter::{Disk, Guard};
use crate::source::place::{Labels, Place};
use crate::source::read::{MEMBERS_MAX, Reading, missing_from};

/// A zip inside something else has to be held in memory, because its directory comes last.
const IN_MEMORY_MAX: u64 = 128 << 20;

/// Finding the directory takes a few reads; a file that makes us read more is hostile.
const SEARCH_BYTES_MAX: u64 = 64 << 20;

/// Reads jump between directory and members, so little is read ahead.
const BUFFER_BYTES: usize = 16 << 10;

/// A member's own header, without its name.
const LOCAL_HEADER_BYTES: usize = 30;

impl Reading<'_> {
    /// Hands over the members of a zip archive that is a file.
    pub(super) fn zip_on_disk(&mut self, file: File, place: &Place) -> ControlFlow<()> {
        let disk = Disk::random(file, &self.meter);
        self.zip(BufReader::with_capacity(BUFFER_BYTES, disk), place)
    }

    /// Hands over the members of a zip archive that comes as a stream.
    pub(super) fn zip_in_memory(&mut self, input: &mut dyn Read, place: &Place) -> ControlFlow<()> {
        let mut bytes = Vec::new();
        let result = input.take(IN_MEMORY_MAX + 1).read_to_end(&mut bytes);
        if bytes.len() as u64 > IN_MEMORY_MAX {
            let limit = IN_MEMORY_MAX >> 20;
            let reason = format!(
                "a zip of more than {limit} MiB that is not a file of its own; \
                 take it out of what is around it first"
            );
            self.report(place, SkipKind::Unreadable, reason);
            return ControlFlow::Continue(());
        }
        if let Err(error) = result {
            self.report(place, SkipKind::Unreadable, missing_from(bytes.len() as u64, &error));
        }
        self.zip(Cursor::new(bytes), place)
    }

    fn zip<R: Read + Seek>(&mut self, input: R, place: &Place) -> ControlFlow<()> {
        let mut input = Bounded { inner: input, left: SEARCH_BYTES_MAX };
        let lost = match ZipIterable::try_new(&mut input, Config::default()) {
            Ok(archive) => return self.zip_members(archive, place),
            Err(error) => error,
        };
        input.left = u64::MAX;
        let count = self.salvage(&mut input, place)?;
        let reason = format!(
            "its directory cannot be read ({lost}); {count} members were read without it, others \
             may be missing; copy the file again in full"
        );
        self.report(place, SkipKind::Unreadable, reason);
        ControlFlow::Continue(())
    }

    /// Hands over the members that the directory names.
    fn zip_members<R: Read + Seek>(
        &mut self,
        mut archive: ZipIterable<&mut Bounded<R>>,
        place: &Place,
    ) -> ControlFlow<()> {
        if has_overlap(&mut archive) {
            let reason = "its members overlap, which looks like a decompression bomb; \
                          unpack it first if you trust it";
            self.report(place, SkipKind::Unreadable, reason.to_owned());
            return ControlFlow::Continue(());
        }
        let mut labels = Labels::default();
        let files = match archive.files() {
            Ok(files) => files,
            Err(error) => return self.report_missing(&error, place),
        };
        while let Some(entry) = files.next() {
            if !self.admit_member(place) {
                break;
            }
            match entry {
                Ok(entry) => self.zip_member(entry, files.reader_mut(), place, &mut labels)?,
                Err(error) => self.report_missing(&error, place)?,
            }
        }
        ControlFlow::Continue(())
    }

    fn zip_member<R: Read + Seek>(
        &mut self,
        entry: ZipFileEntry<'static>,
        input: &mut R,
        place: &Place,
        labels: &mut Labels,
    ) -> ControlFlow<()> {
        let Some(inside) = self.zip_place(&entry, place, labels) else {
            return ControlFlow::Continue(());
        };
        let opened = if entry.compression() == CompressionMethod::Xz {
            // The crate sets its decoder no limit of memory; ours has one, and xz data
            // carries checksums of its own.
            match member_bytes(input, &entry) {
                Ok(bytes) => decompress::unpack(Method::Xz, bytes, &self.meter.clone())
                    .map(|mut decoder| self.content(&mut decoder, &inside)),
                Err(error) => Err(error),
            }
        } else {
            match entry.with_reader(input, ZipReadOptions::new()) {
                Ok(file) => Ok(self.content(&mut self.guarded(file), &inside)),
                Err(error) => Err(Fault::of_layer("zip", error.into())),
            }
        };
        opened.unwrap_or_else(|error| {
            self.report(&inside, SkipKind::Unreadable, missing_from(0, &error));
            ControlFlow::Continue(())
        })
    }

    /// The place of a member that is to be opened; none if it is unwanted or was reported.
    fn zip_place(
        &mut self,
        entry: &ZipFileEntry<'_>,
        place: &Place,
        labels: &mut Labels,
    ) -> Option<Place> {
        if entry.is_dir() {
            return None;
        }
        let name = match entry.name() {
            Ok(name) => label::of_bytes(name.as_bytes()),
            Err(_) => label::of_bytes(entry.name_raw()),
        };
        let modified = entry.last_modified().and_then(nanoseconds);
        let inside = place.member(&name, labels, modified, self.selection)?;
        if let Some((kind, reason)) = passed_over(entry) {
            if inside.is_wanted() {
                self.report(&inside, kind, reason.to_owned());
            }
            return None;
        }
        self.will_unpack(entry.compressed_size(), place);
        Some(inside)
    }

    /// Counts the bytes of a member that is about to be unpacked, unless the layers
    /// around the archive were counted already.
    pub(super) fn will_unpack(&self, bytes: u64, place: &Place) {
        if place.is_whole_file() {
            // A size that is not true must not make room for a bomb.
            self.meter.will_unpack(bytes.min(self.size.unwrap_or(IN_MEMORY_MAX)));
        }
    }

    fn guarded<R: Read>(&self, file: R) -> Guard<R> {
        Guard::new(file, "zip", &self.meter)
    }

    fn report_missing(&mut self, error: &ZipError, place: &Place) -> ControlFlow<()> {
        let reason = format!("members are missing: {error}; copy the file again in full");
        self.report(place, SkipKind::Unreadable, reason);
        ControlFlow::Continue(())
    }
}

/// Why a member is not opened, if so.
fn passed_over(entry: &ZipFileEntry<'_>) -> Option<(SkipKind, &'static str)> {
    if entry.is_symlink() {
        return Some((SkipKind::NotALog, "a link"));
    }
    if entry.encrypted() {
        return Some((SkipKind::Unreadable, "encrypted; unpack it first with its password"));
    }
    if !is_known(entry.compression()) {
        let reason = "packed by a method that is not supported; unpack it first";
        return Some((SkipKind::Unreadable, reason));
    }
    let format = entry.unix_mode().unwrap_or(0) & FORMAT_BITS;
    let is_special = format != 0 && format != REGULAR_BITS;
    is_special.then_some((SkipKind::NotALog, "a device or pipe"))
}

const fn is_known(method: CompressionMethod) -> bool {
    matches!(
        method,
        CompressionMethod::Stored
            | CompressionMethod::Deflated
            | CompressionMethod::Deflate64
            | CompressionMethod::Bzip2
            | CompressionMethod::Zstd
            | CompressionMethod::Xz
    )
}

/// The bits of a Unix mode that say what a file is, and those of a regular file.
const FORMAT_BITS: u32 = 0o170_000;
const REGULAR_BITS: u32 = 0o100_000;

/// Whether some bytes belong to two members, by which a small archive can unpack to any size.
fn has_overlap<R: Read + Seek>(archive: &mut ZipIterable<&mut Bounded<R>>) -> bool {
    let Ok(files) = archive.files() else {
        return false;
    };
    files.reader_mut().left = u64::MAX;
    let mut ranges: Vec<(u64, u64)> = files
        .take(MEMBERS_MAX as usize)
        .map_while(Result::ok)
        .map(|entry| {
            let start = entry.header_start();
            let length = entry.compressed_size().saturating_add(LOCAL_HEADER_BYTES as u64);
            (start, start.saturating_add(length))
        })
        .collect();
    ranges.sort_unstable();
    ranges.windows(2).any(|pair| pair[0].1 > pair[1].0)
}

/// A member's bytes as they are in the archive.
fn member_bytes<'a, R: Read + Seek>(
    input: &'a mut R,
    entry: &ZipFileEntry<'_>,
) -> io::Result<io::Take<&'a mut R>> {
    let mut header = [0; LOCAL_HEADER_BYTES];
    input.seek(SeekFrom::Start(entry.header_start()))?;
    input.read_exact(&mut header)?;
    let name = i64::from(u16::from_le_bytes([header[26], header[27]]));
    let extra = i64::from(u16::from_le_bytes([header[28], header[29]]));
    input.seek(SeekFrom::Current(name + extra))?;
    Ok(input.take(entry.compressed_size()))
}

/// A zip's time, which has no zone, as if in UTC.
fn nanoseconds(time: DateTime) -> Option<i64> {
    let part = |value: u8| i8::try_from(value).ok();
    let date = jiff::civil::DateTime::new(
        i16::try_from(time.year()).ok()?,
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        part(time.second())?,
        0,
    );
    let zoned = date.ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    i64::try_from(zoned.timestamp().as_nanosecond()).ok()
}

/// A reader that gives up after so many bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        match self.left.checked_sub(count as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other("its directory is not where it should be")),
        }
        Ok(count)
    }
}

impl<R: Seek> Seek for Bounded<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
