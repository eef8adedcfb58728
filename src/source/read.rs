//! Reads one unit: unpacks it in memory, layer by layer, and hands its lines over.
//!
//! What a layer is, its first bytes say. Compressed data and archives are opened within
//! each other, streaming; only a zip that is not a file on disk is held in memory.
//!
//! Always holds: nothing is written to disk; all that can be decoded is handed over before
//! a fault is reported; every stream is either handed over, unwanted, or reported. One
//! thread reads one unit, with some MiB of memory (chunks, decoders' windows; the limits
//! stand in the modules concerned).

use std::fs::File;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use crate::model::skipped::{SkipKind, Skipped};
use crate::source::Receiver;
use crate::source::decompress::{self, Method};
use crate::source::find::{Unit, UnitKind};
use crate::source::meter::{Disk, Meter};
use crate::source::place::{self, Place};
use crate::source::selection::Selection;
use crate::source::sniff::{self, BLOCK_BYTES, Kind};

/// More members than this in one unit are not opened: no bundle has them, and each costs
/// some bytes and a report.
pub(super) const MEMBERS_MAX: u64 = 1_000_000;

/// More members that are no logs are counted, not listed, so that reports stay readable.
const REPORTS_MAX: u64 = 10_000;

/// Reads a unit and hands the lines of its streams to `receiver`, until it says stop.
///
/// Streams that `selection` does not want are passed over in silence. After a stop
/// nothing more is called but [`Receiver::progress`], not even [`Receiver::end`].
pub fn read(unit: &Unit, selection: &Selection, receiver: &mut dyn Receiver) {
    let mut reading = Reading {
        receiver,
        selection,
        meter: Rc::default(),
        size: unit.size,
        can_reopen: unit.kind == UnitKind::File,
        again: None,
        misfits: Vec::new(),
        streams: 0,
        members: 0,
        unlisted: 0,
        reports: 0,
        shown: 0,
    };
    let flow = reading.unit(unit);
    if flow.is_continue() && !reading.misfits.is_empty() {
        reading.again = Some(std::mem::take(&mut reading.misfits));
        reading.streams = 0;
        reading.members = 0;
        let _ = reading.unit(unit);
    }
    reading.finish(unit);
}

/// The reading of one unit.
pub(super) struct Reading<'a> {
    pub(super) receiver: &'a mut dyn Receiver,
    pub(super) selection: &'a Selection,
    pub(super) meter: Rc<Meter>,
    /// Size of the unit on disk, if known.
    pub(super) size: Option<u64>,
    /// Whether the unit can be read a second time.
    pub(super) can_reopen: bool,
    /// In a second reading: the streams to be handed over, by number and label.
    pub(super) again: Option<Vec<(u64, String)>>,
    /// Streams whose checkpoint proved wrong when their beginning was gone already.
    pub(super) misfits: Vec<(u64, String)>,
    /// Streams met so far.
    pub(super) streams: u64,
    members: u64,
    reports: u64,
    unlisted: u64,
    /// Bytes on disk of which the receiver knows.
    shown: u64,
}

impl Reading<'_> {
    fn unit(&mut self, unit: &Unit) -> ControlFlow<()> {
        let place = Place::of_unit(unit, self.selection);
        match unit.kind {
            UnitKind::Stdin => {
                let mut input = Disk::streamed(io::stdin().lock(), &self.meter);
                self.content(&mut input, &place)
            }
            UnitKind::Pipe | UnitKind::File => match File::open(&unit.path) {
                Ok(file) if unit.kind == UnitKind::File => self.file(file, place),
                Ok(pipe) => self.content(&mut Disk::streamed(pipe, &self.meter.clone()), &place),
                Err(error) => {
                    self.report(&place, SkipKind::Unreadable, not_opened(&error));
                    ControlFlow::Continue(())
                }
            },
        }
    }

    fn file(&mut self, file: File, mut place: Place) -> ControlFlow<()> {
        let size = match file.metadata() {
            Ok(metadata) => {
                place.modified = place::modified(&metadata);
                metadata.len()
            }
            Err(error) => {
                self.report(&place, SkipKind::Unreadable, not_opened(&error));
                return ControlFlow::Continue(());
            }
        };
        self.size = Some(size);
        // What is appended from now on is for the next run: a writer faster than we are
        // must not keep us here. Some file systems say 0 and mean that they do not know.
        let limit = if size == 0 { u64::MAX } else { size };
        let mut disk = Disk::streamed(file, &self.meter).take(limit);
        let head = Head::read(&mut disk);
        match head.kind() {
            Kind::Zip => self.zip_on_disk(disk.into_inner().into_inner(), &place),
            Kind::Text(sniff::PLAIN) if place.is_wanted() => {
                self.deliver_file(disk.into_inner().into_inner(), limit, &place)
            }
            _ => self.content_of(head, &place),
        }
    }

    /// Hands over what `input` holds, whatever it is.
    pub(super) fn content(&mut self, input: &mut dyn Read, place: &Place) -> ControlFlow<()> {
        self.content_of(Head::read(input), place)
    }

    fn content_of(&mut self, mut head: Head<'_>, place: &Place) -> ControlFlow<()> {
        let (kind, reason) = match head.kind() {
            Kind::Compressed(method) => return self.compressed(head, method, place),
            Kind::Tar if place.may_open() => return self.tar(&mut head, place),
            Kind::Zip if place.may_open() => return self.zip_in_memory(&mut head, place),
            Kind::Tar | Kind::Zip => {
                let reason = "too many archives in each other; unpack the outer ones first";
                (SkipKind::Unreadable, reason.to_owned())
            }
            Kind::Text(encoding) if place.is_wanted() => {
                return self.deliver(head, encoding, place);
            }
            Kind::Text(_) => return ControlFlow::Continue(()),
            Kind::Empty => match head.fault {
                Some(error) => (SkipKind::Unreadable, missing_from(0, &error)),
                None => (SkipKind::NotALog, "empty".to_owned()),
            },
            Kind::NotALog(what) => (SkipKind::NotALog, format!("{what}, not a log")),
            Kind::Unsupported(what) => (SkipKind::Unreadable, what.to_owned()),
        };
        if place.is_wanted() || kind == SkipKind::Unreadable {
            self.report(place, kind, reason);
        }
        ControlFlow::Continue(())
    }

    fn compressed(&mut self, head: Head<'_>, method: Method, place: &Place) -> ControlFlow<()> {
        let Some(inner) = place.unpacked() else {
            let reason = "too many compressions in each other; unpack it first";
            self.report(place, SkipKind::Unreadable, reason.to_owned());
            return ControlFlow::Continue(());
        };
        match decompress::unpack(method, head, &self.meter.clone()) {
            Ok(mut decoder) => self.content(&mut decoder, &inner),
            Err(error) => {
                self.report(place, SkipKind::Unreadable, missing_from(0, &error));
                ControlFlow::Continue(())
            }
        }
    }

    /// Counts a member of the archive at `place`; false if there are too many.
    pub(super) fn admit_member(&mut self, place: &Place) -> bool {
        self.members += 1;
        if self.members == MEMBERS_MAX + 1 {
            let reason = format!("members beyond the first {MEMBERS_MAX} are not read; unpack it");
            self.report(place, SkipKind::Unreadable, reason);
        }
        self.show_progress();
        self.members <= MEMBERS_MAX
    }

    /// Reports what is passed over. A second reading has nothing new to report but of the
    /// streams it hands over (see [`Self::report_stream`]).
    pub(super) fn report(&mut self, place: &Place, kind: SkipKind, reason: String) {
        if self.again.is_some() {
            return;
        }
        if kind == SkipKind::NotALog {
            self.reports += 1;
            if self.reports > REPORTS_MAX {
                self.unlisted += 1;
                return;
            }
        }
        self.report_stream(place, kind, reason);
    }

    /// Reports what is passed over of a stream that is handed over.
    pub(super) fn report_stream(&mut self, place: &Place, kind: SkipKind, reason: String) {
        self.receiver.skipped(Skipped { path: place.label.clone(), reason, kind });
    }

    /// Tells the receiver how far the disk was read.
    pub(super) fn show_progress(&mut self) {
        let read = self.meter.disk().min(self.size.unwrap_or(u64::MAX));
        if read > self.shown {
            self.receiver.progress(read - self.shown);
            self.shown = read;
        }
    }

    /// What was not looked at needs no more work either: the bar is full. What was not
    /// listed is summed up.
    fn finish(&mut self, unit: &Unit) {
        if self.unlisted > 0 {
            let place = Place::of_unit(unit, self.selection);
            let reason = format!("{} more members that are no logs", self.unlisted);
            self.report_stream(&place, SkipKind::NotALog, reason);
        }
        let size = self.size.unwrap_or(0);
        if size > self.shown {
            self.receiver.progress(size - self.shown);
        }
    }
}

/// The reason of a stream that ends early.
pub(super) fn missing_from(offset: u64, error: &io::Error) -> String {
    format!("lines are missing from byte {offset} on: {error}")
}

fn not_opened(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it vanished since it was found; run again".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "permission denied; run as a user who may read it".to_owned()
        }
        _ => format!("{error}; check the disk and the permissions"),
    }
}

/// A stream whose first bytes are known. Reading it gives them too.
pub(super) struct Head<'a> {
    input: &'a mut dyn Read,
    /// Whole blocks of NUL before the block: the hole of a truncated log.
    nuls: u64,
    block: Vec<u8>,
    given: usize,
    fault: Option<io::Error>,
}

impl<'a> Head<'a> {
    fn read(input: &'a mut dyn Read) -> Self {
        let mut head = Self { input, nuls: 0, block: Vec::new(), given: 0, fault: None };
        loop {
            head.fill();
            if head.block != [0; BLOCK_BYTES] {
                return head;
            }
            head.nuls += BLOCK_BYTES as u64;
        }
    }

    fn fill(&mut self) {
        self.block.clear();
        let mut input = (&mut *self.input).take(BLOCK_BYTES as u64);
        self.fault = input.read_to_end(&mut self.block).err();
    }

    fn kind(&self) -> Kind {
        if self.nuls > 0 { sniff::kind_after_hole(&self.block) } else { sniff::kind(&self.block) }
    }
}

impl Read for Head<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.nuls > 0 {
            let count = self.nuls.min(buffer.len() as u64);
            self.nuls -= count;
            buffer[..count as usize].fill(0);
            return Ok(count as usize);
        }
        let ready = &self.block[self.given..];
        if !ready.is_empty() {
            let count = ready.len().min(buffer.len());
            buffer[..count].copy_from_slice(&ready[..count]);
            self.given += count;
            return Ok(count);
        }
        match self.fault.take() {
            Some(error) => Err(error),
            None => self.input.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests;
