//! Walks a tar archive from start to end and hands its members over.
//!
//! Headers are read here rather than by the crate's iterator, which holds a long name in
//! memory whatever its length. Understood are old, POSIX (pax) and GNU headers. A second
//! archive appended to the first is read too. Links, devices and sparse members are
//! reported; nothing is ever made of them.

use std::io::{self, Read};
use std::ops::ControlFlow;

use tar::{EntryType, Header};

use crate::model::skipped::SkipKind;
use crate::source::fault::Fault;
use crate::source::label;
use crate::source::place::{Labels, Place};
use crate::source::read::Reading;
use crate::source::sniff::has_tar_sum;

/// Tar counts in blocks of this size.
const BLOCK_BYTES: u64 = 512;

/// Long names and extended headers are small; more is hostile.
const EXTENSION_BYTES_MAX: u64 = 1 << 20;

impl Reading<'_> {
    /// Hands over the members of a tar archive.
    pub(super) fn tar(&mut self, input: &mut dyn Read, place: &Place) -> ControlFlow<()> {
        let mut archive = Archive::new(input);
        let mut labels = Labels::default();
        loop {
            match archive.next_member() {
                Ok(Some(member)) => {
                    if !self.admit_member(place) {
                        return ControlFlow::Continue(());
                    }
                    self.tar_member(&mut archive, &member, place, &mut labels)?;
                }
                Ok(None) => return ControlFlow::Continue(()),
                Err(error) => {
                    let offset = archive.offset;
                    let reason = format!("members are missing from byte {offset} on: {error}");
                    self.report(place, SkipKind::Unreadable, reason);
                    return ControlFlow::Continue(());
                }
            }
        }
    }

    fn tar_member(
        &mut self,
        archive: &mut Archive<'_>,
        member: &Member,
        place: &Place,
        labels: &mut Labels,
    ) -> ControlFlow<()> {
        let name = label::of_bytes(member.name.strip_prefix(b"./").unwrap_or(&member.name));
        let is_directory = member.kind.is_dir() || (member.kind.is_file() && name.ends_with('/'));
        if is_directory {
            return ControlFlow::Continue(());
        }
        let Some(inside) = place.member(&name, labels, member.modified, self.selection) else {
            return ControlFlow::Continue(());
        };
        let (kind, reason) = match member.kind {
            _ if member.is_sparse => {
                (SkipKind::Unreadable, "stored as a sparse file; unpack it first")
            }
            EntryType::Regular | EntryType::Continuous => return self.content(archive, &inside),
            EntryType::Link | EntryType::Symlink => (SkipKind::NotALog, "a link"),
            EntryType::Char | EntryType::Block | EntryType::Fifo => {
                (SkipKind::NotALog, "a device or pipe")
            }
            _ => (SkipKind::NotALog, "not a file"),
        };
        if inside.is_wanted() {
            self.report(&inside, kind, reason.to_owned());
        }
        ControlFlow::Continue(())
    }
}

/// What a header, with its extensions, says.
struct Member {
    name: Vec<u8>,
    kind: EntryType,
    is_sparse: bool,
    modified: Option<i64>,
}

/// What headers before the member's own say about it.
#[derive(Default)]
struct Extensions {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    modified: Option<i64>,
    is_sparse: bool,
}

/// A tar archive. Reading it gives the bytes of the member met last.
struct Archive<'a> {
    input: &'a mut dyn Read,
    /// Bytes of the archive that were read.
    offset: u64,
    /// Bytes of the member that are left.
    left: u64,
    /// Bytes that fill up its last block.
    padding: u64,
    /// Whether the mark of the end was met. Anything may follow it.
    ended: bool,
    /// What went wrong. Nothing can be read afterwards.
    fault: Option<String>,
}

impl<'a> Archive<'a> {
    fn new(input: &'a mut dyn Read) -> Self {
        Self { input, offset: 0, left: 0, padding: 0, ended: false, fault: None }
    }

    /// The next member; none after the last.
    fn next_member(&mut self) -> io::Result<Option<Member>> {
        let mut extensions = Extensions::default();
        loop {
            self.pass_over_rest()?;
            let Some(block) = self.header()? else {
                return Ok(None);
            };
            let header = Header::from_byte_slice(&block);
            let kind = header.entry_type();
            let size = header.entry_size().map_err(|error| damaged(&error.to_string()))?;
            self.begin_data(size);
            match kind {
                EntryType::GNULongName => {
                    let mut name = self.extension()?;
                    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
                    extensions.name = Some(name);
                }
                EntryType::XHeader => extensions.read_pax(&self.extension()?),
                EntryType::GNULongLink | EntryType::XGlobalHeader => {}
                _ => return self.member(header, extensions).map(Some),
            }
        }
    }

    fn member(&mut self, header: &Header, extensions: Extensions) -> io::Result<Member> {
        let kind = header.entry_type();
        if let Some(size) = extensions.size {
            self.begin_data(size);
        }
        if kind == EntryType::Link {
            // As GNU tar has it: a hard link states its target's size but has no data.
            self.begin_data(0);
        }
        if kind == EntryType::GNUSparse {
            self.pass_over_sparse_map(header)?;
        }
        let stated = header.mtime().ok().and_then(|time| i64::try_from(time).ok());
        Ok(Member {
            name: extensions.name.unwrap_or_else(|| header.path_bytes().into_owned()),
            kind,
            is_sparse: extensions.is_sparse || kind == EntryType::GNUSparse,
            modified: extensions
                .modified
                .or_else(|| stated.and_then(|time| time.checked_mul(1_000_000_000))),
        })
    }

    /// The block of the next header; none after the end.
    fn header(&mut self) -> io::Result<Option<[u8; BLOCK_BYTES as usize]>> {
        loop {
            let mut block = [0; BLOCK_BYTES as usize];
            let count = self.fill(&mut block)?;
            if count == 0 && self.ended {
                return Ok(None);
            }
            if count < block.len() && !self.ended {
                return Err(Fault::CutOff { what: "tar" }.into());
            }
            if block.iter().all(|byte| *byte == 0) {
                self.ended = true;
            } else if has_tar_sum(&block) {
                self.ended = false;
                return Ok(Some(block));
            } else if self.ended {
                // Read to the end all the same, so that a wrong checksum there is noticed.
                io::copy(&mut self.input, &mut io::sink())?;
                return Ok(None);
            } else {
                return Err(damaged("a header's checksum is wrong"));
            }
        }
    }

    /// Fills `block` as far as the input reaches.
    fn fill(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let mut count = 0;
        while count < block.len() {
            match self.input.read(&mut block[count..]) {
                Ok(0) => break,
                Ok(more) => count += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.offset += count as u64;
        Ok(count)
    }

    fn begin_data(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK_BYTES - size % BLOCK_BYTES) % BLOCK_BYTES;
    }

    /// The data of a header that extends the next.
    fn extension(&mut self) -> io::Result<Vec<u8>> {
        if self.left > EXTENSION_BYTES_MAX {
            return Err(damaged("an extended header is too long"));
        }
        let mut data = Vec::new();
        self.read_to_end(&mut data)?;
        Ok(data)
    }

    /// The map of an old GNU sparse member goes on in blocks before its data.
    fn pass_over_sparse_map(&mut self, header: &Header) -> io::Result<()> {
        let mut goes_on = header.as_gnu().is_some_and(tar::GnuHeader::is_extended);
        while goes_on {
            let mut block = [0; BLOCK_BYTES as usize];
            if self.fill(&mut block)? < block.len() {
                return Err(Fault::CutOff { what: "tar" }.into());
            }
            goes_on = block[504] == 1;
        }
        Ok(())
    }

    /// Passes over what is left of a member.
    fn pass_over_rest(&mut self) -> io::Result<()> {
        if let Some(fault) = self.fault.take() {
            return Err(io::Error::other(fault));
        }
        io::copy(self, &mut io::sink())?;
        let mut padding = [0; BLOCK_BYTES as usize];
        let wanted = self.padding as usize;
        self.padding = 0;
        if self.fill(&mut padding[..wanted])? < wanted {
            return Err(Fault::CutOff { what: "tar" }.into());
        }
        Ok(())
    }
}

impl Read for Archive<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = self.left.min(buffer.len() as u64) as usize;
        if wanted == 0 || self.fault.is_some() {
            return Ok(0);
        }
        let result = match self.input.read(&mut buffer[..wanted]) {
            Ok(0) => Err(Fault::CutOff { what: "tar" }.into()),
            other => other,
        };
        match result {
            Ok(count) => {
                self.left -= count as u64;
                self.offset += count as u64;
                Ok(count)
            }
            Err(error) => {
                if error.kind() != io::ErrorKind::Interrupted {
                    self.fault = Some(error.to_string());
                }
                Err(error)
            }
        }
    }
}

impl Extensions {
    /// Reads pax records: `LENGTH KEY=VALUE\n`. What is not understood is passed over.
    fn read_pax(&mut self, mut data: &[u8]) {
        while let Some((record, rest)) = split_pax_record(data) {
            data = rest;
            let Some(equals) = record.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            let text = std::str::from_utf8(value).unwrap_or_default();
            match key {
                b"path" => self.name = Some(value.to_vec()),
                b"size" => self.size = text.parse().ok().or(self.size),
                b"mtime" => self.modified = pax_time(text),
                b"GNU.sparse.name" => {
                    self.name = Some(value.to_vec());
                    self.is_sparse = true;
                }
                _ if key.starts_with(b"GNU.sparse.") => self.is_sparse = true,
                _ => {}
            }
        }
    }
}

/// The first record, without its length and line end, and what follows it.
fn split_pax_record(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = data.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&data[..space]).ok()?.parse().ok()?;
    let record = data.get(space + 1..length.checked_sub(1)?)?;
    Some((record, &data[length.min(data.len())..]))
}

/// Seconds with a fraction, in nanoseconds.
fn pax_time(text: &str) -> Option<i64> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanoseconds: i64 = digits.parse().ok()?;
    seconds.parse::<i64>().ok()?.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

fn damaged(why: &str) -> io::Error {
    Fault::Damaged { what: "tar", why: why.to_owned() }.into()
}
