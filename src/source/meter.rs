//! Counts bytes on their way from the disk to the lines, and stops decompression bombs.
//!
//! One [`Meter`] belongs to the reading of one unit; readers of all layers share it. The
//! limit on expansion is taken over all layers together, so that a bomb cannot hide in
//! several modest layers.

use std::cell::Cell;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use crate::source::fault::Fault;

/// Below this much output nothing is called a bomb: it is soon read and costs no memory.
const UNPACKED_FREE_BYTES: u64 = 256 << 20;

/// More output per byte of input is a bomb. Logs shrink to between a tenth and a
/// thousandth; DEFLATE cannot exceed 1,032, so a plain gzip file is never refused.
const UNPACKED_RATIO_MAX: u64 = 2_000;

/// No single file holds more logs than this, whatever its ratio: reading it would take an hour.
const UNPACKED_BYTES_MAX: u64 = 1 << 40;

/// Decoders are asked for this much at a time. What a decoder has made in the call in
/// which it finds damage is lost, so this bounds that loss.
const STEP_BYTES: usize = 32 << 10;

/// The counts of one unit.
#[derive(Debug, Default)]
pub(super) struct Meter {
    disk: Cell<u64>,
    input: Cell<u64>,
    output: Cell<u64>,
}

impl Meter {
    /// Bytes read from disk.
    pub(super) fn disk(&self) -> u64 {
        self.disk.get()
    }

    /// Counts compressed bytes that will be unpacked.
    pub(super) fn will_unpack(&self, bytes: u64) {
        self.input.set(self.input.get().saturating_add(bytes));
    }

    /// Counts unpacked bytes; fails when they are too many.
    fn unpacked(&self, bytes: u64) -> io::Result<()> {
        let output = self.output.get().saturating_add(bytes);
        self.output.set(output);
        let input = self.input.get();
        let too_dense = output > UNPACKED_FREE_BYTES && output / UNPACKED_RATIO_MAX > input;
        if too_dense || output > UNPACKED_BYTES_MAX {
            return Err(Fault::Bomb { input, output }.into());
        }
        Ok(())
    }
}

/// A file or pipe whose reads are counted.
pub(super) struct Disk<R> {
    inner: R,
    meter: Rc<Meter>,
    is_input: bool,
}

impl<R> Disk<R> {
    /// A source read from start to end: what is read is what will be unpacked.
    pub(super) fn streamed(inner: R, meter: &Rc<Meter>) -> Self {
        Self { inner, meter: Rc::clone(meter), is_input: true }
    }

    /// A source read here and there: whoever unpacks says how much
    /// ([`Meter::will_unpack`]).
    pub(super) fn random(inner: R, meter: &Rc<Meter>) -> Self {
        Self { inner, meter: Rc::clone(meter), is_input: false }
    }

    /// The source itself.
    pub(super) fn into_inner(self) -> R {
        self.inner
    }
}

impl<R: Read> Read for Disk<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Ok(count) => {
                self.meter.disk.set(self.meter.disk.get().saturating_add(count as u64));
                if self.is_input {
                    self.meter.will_unpack(count as u64);
                }
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => Err(Fault::Disk { error }.into()),
        }
    }
}

impl<R: Seek> Seek for Disk<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// A decoder under guard: bounded, with its errors put into words, never read after an error.
pub(super) struct Guard<R> {
    decoder: R,
    what: &'static str,
    meter: Rc<Meter>,
    over: bool,
}

impl<R: Read> Guard<R> {
    /// Guards a decoder of `what` (`gzip`, `zip member`).
    pub(super) fn new(decoder: R, what: &'static str, meter: &Rc<Meter>) -> Self {
        Self { decoder, what, meter: Rc::clone(meter), over: false }
    }
}

impl<R: Read> Read for Guard<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.over || buffer.is_empty() {
            return Ok(0);
        }
        let step = buffer.len().min(STEP_BYTES);
        let result = self
            .decoder
            .read(&mut buffer[..step])
            .and_then(|count| self.meter.unpacked(count as u64).map(|()| count));
        match result {
            Ok(count) => {
                self.over = count == 0;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            Err(error) => {
                self.over = true;
                Err(Fault::of_layer(self.what, error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(input: u64, output: u64, is_bomb: bool) {
        let meter = Meter::default();
        meter.will_unpack(input);
        assert_eq!(meter.unpacked(output).is_err(), is_bomb, "{input} to {output} bytes");
    }

    #[test]
    fn logs_that_shrink_a_thousandfold_are_read() {
        check(1 << 20, 1 << 30, false);
        check(1 << 30, 1 << 39, false);
    }

    #[test]
    fn little_output_is_never_a_bomb() {
        check(1, UNPACKED_FREE_BYTES, false);
    }

    #[test]
    fn an_absurd_ratio_or_size_is_a_bomb() {
        check(100 << 10, 257 << 20, true);
        check(1 << 40, UNPACKED_BYTES_MAX + 1, true);
    }
}
