//! Decoders of compressed streams, each with a limit on its memory.

use std::io::{self, BufRead, BufReader, ErrorKind, Read};
use std::mem;
use std::rc::Rc;

use lzma_rust2::{Action, Status, XzStream};

use crate::source::fault::Fault;
use crate::source::meter::{Guard, Meter};

/// Compressed bytes taken in at a time.
const INPUT_BYTES: usize = 64 << 10;

/// The window of zstd as a power of two: 128 MiB, what `zstd --long` and the highest
/// levels use. Frames that ask for more are refused; most need 8 MiB or less.
const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// The memory of an xz decoder: room for the 64 MiB dictionary of `xz -9`, twice.
const XZ_MEMORY_MAX: usize = 128 << 20;

/// The decoder of xz keeps some bytes for every block. After this much input, of which
/// less than a quarter came out, a stream is nothing but empty blocks.
const XZ_EMPTY_BYTES_MAX: u64 = 16 << 20;

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    /// RFC 1952, any number of members.
    Gzip,
    /// RFC 8878, any number of frames.
    Zstd,
    /// bzip2, any number of streams.
    Bzip2,
    /// xz, any number of streams.
    Xz,
}

impl Method {
    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        }
    }
}

/// Unpacks `input`. Errors of the reader returned are [`Fault`]s.
pub(super) fn unpack<'a>(
    method: Method,
    input: impl Read + 'a,
    meter: &Rc<Meter>,
) -> io::Result<Guard<Box<dyn Read + 'a>>> {
    let input = BufReader::with_capacity(INPUT_BYTES, input);
    let decoder: Box<dyn Read + 'a> = match method {
        Method::Gzip => Box::new(Gzip::Between(input)),
        Method::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(input)),
        Method::Xz => Box::new(Xz::new(input)),
        Method::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG_MAX)?;
            Box::new(Zstd(decoder))
        }
    };
    Ok(Guard::new(decoder, method.name(), meter))
}

/// What a gzip member begins with.
const GZIP_FIRST_BYTE: u8 = 0x1f;

/// Members of a gzip file, one after the other. Padding with NUL bytes, as tapes and some
/// tools leave it behind the last one, is passed over as gzip itself does.
enum Gzip<R> {
    /// At the beginning, or after a member.
    Between(R),
    /// In a member.
    Inside(Box<flate2::bufread::GzDecoder<R>>),
    /// At the end.
    Over,
}

impl<R: BufRead> Read for Gzip<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            *self = match mem::replace(self, Self::Over) {
                Self::Over => return Ok(0),
                Self::Inside(mut member) => {
                    let result = member.read(buffer);
                    if !matches!(result, Ok(0)) {
                        *self = Self::Inside(member);
                        return result;
                    }
                    Self::Between(member.into_inner())
                }
                Self::Between(mut input) => {
                    match skip_nuls(&mut input)? {
                        None => return Ok(0),
                        Some(GZIP_FIRST_BYTE) => {}
                        Some(_) => {
                            let why = "something else follows a member";
                            return Err(io::Error::new(ErrorKind::InvalidData, why));
                        }
                    }
                    Self::Inside(Box::new(flate2::bufread::GzDecoder::new(input)))
                }
            };
        }
    }
}

/// Passes over NUL bytes. The byte that is next, without taking it; none at the end.
fn skip_nuls(input: &mut impl BufRead) -> io::Result<Option<u8>> {
    loop {
        let ready = match input.fill_buf() {
            Ok(ready) => ready,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if ready.is_empty() {
            return Ok(None);
        }
        let nuls = ready.iter().take_while(|byte| **byte == 0).count();
        let next = ready.get(nuls).copied();
        input.consume(nuls);
        if next.is_some() {
            return Ok(next);
        }
    }
}

/// zstd, with its refusal of large windows put into words.
struct Zstd<R: BufRead>(zstd::stream::read::Decoder<'static, R>);

impl<R: BufRead> Read for Zstd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| {
            if error.to_string().contains("too much memory") {
                return Fault::Memory { what: "zstd", limit: 1 << ZSTD_WINDOW_LOG_MAX }.into();
            }
            error
        })
    }
}

/// xz. Decodes as far as the input reaches, so that a file cut off loses no decodable line.
struct Xz<R> {
    input: R,
    stream: XzStream,
}

impl<R> Xz<R> {
    fn new(input: R) -> Self {
        let limit = (XZ_MEMORY_MAX >> 10) as u32;
        Self { input, stream: XzStream::new_mem_limit(true, limit) }
    }

    fn check_density(&self) -> io::Result<()> {
        let (taken, made) = (self.stream.total_in(), self.stream.total_out());
        if taken > XZ_EMPTY_BYTES_MAX && made < taken / 4 {
            let why = "it consists of empty blocks".to_owned();
            return Err(Fault::Damaged { what: "xz", why }.into());
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Xz<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let ready = self.input.fill_buf()?;
            let at_end = ready.is_empty();
            let action = if at_end { Action::Finish } else { Action::Run };
            let step = self.stream.process(ready, buffer, action).map_err(|error| {
                if error.kind() == ErrorKind::OutOfMemory {
                    return Fault::Memory { what: "xz", limit: XZ_MEMORY_MAX }.into();
                }
                error
            })?;
            self.input.consume(step.bytes_consumed);
            if step.bytes_produced > 0 || matches!(step.status, Status::StreamEnd) {
                return Ok(step.bytes_produced);
            }
            if at_end {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            if step.bytes_consumed == 0 {
                return Err(io::Error::new(ErrorKind::InvalidData, "the decoder stands still"));
            }
            self.check_density()?;
        }
    }
}

#[cfg(test)]
mod tests;
