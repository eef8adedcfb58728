//! Reads a zip archive that has lost its directory, because it was cut off: from its
//! start, by the members' own headers, as far as they reach.
//!
//! A member whose header does not state its size is read if its compression says where it
//! ends, which is how archives written to a pipe or by Go and Java are made. Checksums are
//! not looked at: that something is wrong is known already.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use crate::source::decompress::{self, Method};
use crate::source::label;
use crate::source::meter::Guard;
use crate::source::place::{Labels, Place};
use crate::source::read::Reading;

/// Bytes read ahead.
const BUFFER_BYTES: usize = 64 << 10;

/// A member's header, without its name.
const HEADER_BYTES: usize = 30;

/// What a member's header begins with.
const SIGNATURE: &[u8] = b"PK\x03\x04";

/// After a member whose size was not known follow, in 12 to 24 bytes, its checksum and size.
const TRAILER_BYTES: usize = 24;

/// Methods of packing that need no format of their own.
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

impl Reading<'_> {
    /// Hands over the members that can be found; how many.
    pub(super) fn salvage<R: Read + Seek>(
        &mut self,
        input: &mut R,
        place: &Place,
    ) -> ControlFlow<(), u64> {
        let mut input = BufReader::with_capacity(BUFFER_BYTES, input);
        let mut labels = Labels::default();
        let mut count = 0;
        self.will_unpack(self.size.unwrap_or(0), place);
        if input.seek(SeekFrom::Start(0)).is_err() {
            return ControlFlow::Continue(0);
        }
        while let Ok(Some(header)) = Header::read(&mut input) {
            if !self.admit_member(place) {
                break;
            }
            count += u64::from(!header.name.ends_with('/'));
            let inside = place.member(&header.name, &mut labels, None, self.selection);
            let inside = inside.filter(|_| !header.is_encrypted && !header.name.ends_with('/'));
            let next = match header.size {
                Some(size) => self.sized(&mut input, &header, size, inside.as_ref())?,
                None => self.endless(&mut input, &header, inside.as_ref())?,
            };
            if next.is_err() {
                break;
            }
        }
        ControlFlow::Continue(count)
    }

    /// A member whose size is known.
    fn sized<R: BufRead + Seek>(
        &mut self,
        input: &mut R,
        header: &Header,
        size: u64,
        inside: Option<&Place>,
    ) -> ControlFlow<(), io::Result<()>> {
        let mut data = input.take(size);
        if let (Some(inside), Some(mut member)) = (inside, self.member(&mut data, header)) {
            self.content(&mut member, inside)?;
        }
        ControlFlow::Continue(io::copy(&mut data, &mut io::sink()).map(drop))
    }

    /// A member that says itself where it ends.
    fn endless<R: BufRead + Seek>(
        &mut self,
        input: &mut R,
        header: &Header,
        inside: Option<&Place>,
    ) -> ControlFlow<(), io::Result<()>> {
        if header.method != DEFLATED || header.is_encrypted {
            return ControlFlow::Continue(Err(io::ErrorKind::Unsupported.into()));
        }
        let Some(mut member) = self.member(&mut *input, header) else {
            return ControlFlow::Continue(Ok(()));
        };
        if let Some(inside) = inside {
            self.content(&mut member, inside)?;
        }
        let result = io::copy(&mut member, &mut io::sink());
        drop(member);
        ControlFlow::Continue(result.and_then(|_| pass_over_trailer(input)))
    }

    /// The decoder of a member; none for a method that is not known.
    fn member<'a>(
        &self,
        data: impl BufRead + 'a,
        header: &Header,
    ) -> Option<Guard<Box<dyn Read + 'a>>> {
        let method = match header.method {
            STORED => return Some(Guard::new(Box::new(data), "zip", &self.meter)),
            DEFLATED => {
                let decoder = flate2::bufread::DeflateDecoder::new(data);
                return Some(Guard::new(Box::new(decoder), "zip", &self.meter));
            }
            12 => Method::Bzip2,
            93 => Method::Zstd,
            95 => Method::Xz,
            _ => return None,
        };
        decompress::unpack(method, data, &self.meter).ok()
    }
}

/// What a member's own header says.
struct Header {
    name: String,
    method: u16,
    is_encrypted: bool,
    /// Bytes of packed data; none if they follow the data.
    size: Option<u64>,
}

impl Header {
    /// Reads a header; none if something else is there.
    fn read(input: &mut impl Read) -> io::Result<Option<Self>> {
        let mut fixed = [0; HEADER_BYTES];
        input.read_exact(&mut fixed)?;
        if !fixed.starts_with(SIGNATURE) {
            return Ok(None);
        }
        let number = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
        let flags = number(6);
        let mut name = vec![0; usize::from(number(26))];
        let mut extra = vec![0; usize::from(number(28))];
        input.read_exact(&mut name)?;
        input.read_exact(&mut extra)?;
        let size = u32::from_le_bytes([fixed[18], fixed[19], fixed[20], fixed[21]]);
        let size = if size == u32::MAX { large_size(&extra) } else { Some(u64::from(size)) };
        Ok(Some(Self {
            name: label::of_bytes(&name),
            method: number(8),
            is_encrypted: flags & 1 != 0,
            size: size.filter(|_| flags & 8 == 0),
        }))
    }
}

/// The packed size of a member of 4 GiB or more: the second number of extra field 1.
fn large_size(mut extra: &[u8]) -> Option<u64> {
    while let Some((head, rest)) = extra.split_first_chunk::<4>() {
        let length = usize::from(u16::from_le_bytes([head[2], head[3]]));
        let field = rest.get(..length)?;
        if head[..2] == [1, 0] {
            return field.get(8..16)?.try_into().ok().map(u64::from_le_bytes);
        }
        extra = &rest[length..];
    }
    None
}

/// Passes over what follows a member of unknown size. It may begin with a mark and its
/// sizes have four or eight bytes, so the next header is looked for.
fn pass_over_trailer<R: Read + Seek>(input: &mut R) -> io::Result<()> {
    let start = input.stream_position()?;
    let mut bytes = Vec::new();
    input.take((TRAILER_BYTES + SIGNATURE.len()) as u64).read_to_end(&mut bytes)?;
    let next = bytes.windows(SIGNATURE.len()).position(|window| window == SIGNATURE);
    let next = next.ok_or(io::ErrorKind::UnexpectedEof)?;
    input.seek(SeekFrom::Start(start + next as u64)).map(drop)
}
