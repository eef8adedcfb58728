//! What a stream is, by its first bytes. Names are not asked: they lie.
//!
//! The limit of the method: a binary file that begins with several kilobytes of text is
//! taken for text, and text in an encoding that needs NUL bytes other than UTF-16 for
//! binary.

use crate::source::decompress::Method;
use crate::source::encoding::Encoding;
use crate::source::lines::{HOLE_BYTES_MIN, leading_nuls};

/// How many bytes are looked at: two pages tell text from anything else.
pub(super) const BLOCK_BYTES: usize = 8 << 10;

/// Text as nearly all logs are.
pub(super) const PLAIN: Encoding = Encoding::Bytes;

/// One byte in this many may be a control character that text does not use. Random bytes
/// have one in fourteen, logs next to none; a hundredth is room for stray ones.
const CONTROL_SHARE: usize = 28;

/// What a stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It has no bytes.
    Empty,
    /// Something compressed.
    Compressed(Method),
    /// A tar archive.
    Tar,
    /// A zip archive.
    Zip,
    /// Lines.
    Text(Encoding),
    /// No log, with what it looks like.
    NotALog(&'static str),
    /// It may hold logs but cannot be read; with what it is and what to do.
    Unsupported(&'static str),
}

/// Beginnings of what can be unpacked. A file cut off within its first bytes is still
/// known by them, unless they could be text.
const COMPRESSED: &[(&[u8], Method)] = &[
    (b"\x1f\x8b\x08", Method::Gzip),
    (b"\x28\xb5\x2f\xfd", Method::Zstd),
    (b"\xfd7zXZ\0", Method::Xz),
];

/// Beginnings of what may hold logs but cannot be read here.
const UNSUPPORTED: &[(&[u8], &str)] = &[
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"),
    (b"Rar!\x1a\x07", "a rar archive; unpack it first"),
    (b"\x04\x22\x4d\x18", "lz4 data; unpack it first"),
    (b"LZIP\x01", "lzip data; unpack it first"),
    (b"\x1f\x9d", "data of compress(1); unpack it first"),
    (b"\xff\x06\0\0sNaPpY", "snappy data; unpack it first"),
    (b"MSCF\0\0\0\0", "a cabinet archive; unpack it first"),
    (b"0707", "a cpio archive; unpack it first"),
    (b"!<arch>\n", "an ar archive; unpack it first"),
    (b"LPKSHHRH", "a systemd journal; export it first: journalctl --file=FILE -o json"),
    (b"ElfFile\0", "a Windows event log; export it as text first"),
    (b"\xff\xfe\0\0", "UTF-32 text; convert it first: iconv -f UTF-32 -t UTF-8"),
    (b"\0\0\xfe\xff", "UTF-32 text; convert it first: iconv -f UTF-32 -t UTF-8"),
];

/// Beginnings of well-known files that are no logs.
const NOT_A_LOG: &[(&[u8], &str)] = &[
    (b"\x7fELF", "a program or library"),
    (b"\xca\xfe\xba\xbe", "a Java class or a Mac program"),
    (b"\xcf\xfa\xed\xfe", "a Mac program"),
    (b"MZ\x90\0", "a Windows program"),
    (b"\x89PNG\r\n", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"GIF8", "an image"),
    (b"RIFF", "a media file"),
    (b"%PDF-", "a PDF document"),
    (b"SQLite format 3\0", "a SQLite database"),
    (b"PAR1", "a Parquet table"),
    (b"\xd4\xc3\xb2\xa1", "a network capture"),
    (b"\x0a\x0d\x0d\x0a", "a network capture"),
    (b"JAVA PROFILE", "a Java heap dump"),
    (b"\xac\xed\0\x05", "serialised Java objects"),
];

/// Says what a stream is that begins with `block`; a block shorter than
/// [`BLOCK_BYTES`] is the whole stream.
pub(super) fn kind(block: &[u8]) -> Kind {
    if block.is_empty() {
        return Kind::Empty;
    }
    if let Some(kind) = by_magic(block) {
        return kind;
    }
    let leading = leading_nuls(block);
    // A log that was truncated while its writer kept its place begins with a hole.
    if leading == block.len() || leading >= HOLE_BYTES_MIN {
        return kind_after_hole(&block[leading..]);
    }
    text(block)
}

/// Says what follows a hole: text, or nothing known.
pub(super) fn kind_after_hole(block: &[u8]) -> Kind {
    match &block[leading_nuls(block)..] {
        [] => Kind::NotALog("nothing but NUL bytes"),
        rest => text(rest),
    }
}

fn by_magic(block: &[u8]) -> Option<Kind> {
    for (magic, method) in COMPRESSED {
        let cut_off = block.len() > 1 && magic.starts_with(block);
        if block.starts_with(magic) || cut_off {
            return Some(Kind::Compressed(*method));
        }
    }
    if is_bzip2(block) {
        return Some(Kind::Compressed(Method::Bzip2));
    }
    if is_skippable_zstd_frame(block) {
        return Some(Kind::Compressed(Method::Zstd));
    }
    if block.starts_with(b"PK\x03\x04") || block.starts_with(b"PK\x05\x06") {
        return Some(Kind::Zip);
    }
    if is_tar(block) {
        return Some(Kind::Tar);
    }
    if let Some((_, what)) = UNSUPPORTED.iter().find(|(magic, _)| block.starts_with(magic)) {
        return Some(Kind::Unsupported(what));
    }
    if is_core_dump(block) {
        return Some(Kind::NotALog("a core dump"));
    }
    let known = NOT_A_LOG.iter().find(|(magic, _)| block.starts_with(magic));
    known.map(|(_, what)| Kind::NotALog(what))
}

/// `BZh`, a digit, then the magic number of a block or of the end.
fn is_bzip2(block: &[u8]) -> bool {
    block.len() >= 10
        && block.starts_with(b"BZh")
        && block[3].is_ascii_digit()
        && (&block[4..10] == b"\x31\x41\x59\x26\x53\x59"
            || &block[4..10] == b"\x17\x72\x45\x38\x50\x90")
}

fn is_skippable_zstd_frame(block: &[u8]) -> bool {
    block.len() >= 8 && (0x50..=0x5f).contains(&block[0]) && &block[1..4] == b"\x2a\x4d\x18"
}

/// Byte 16 of an ELF file, in either byte order, holds 4 for a core dump.
fn is_core_dump(block: &[u8]) -> bool {
    block.starts_with(b"\x7fELF") && block.get(16..18).is_some_and(|kind| kind.contains(&4))
}

/// By the mark of POSIX and GNU tar, or for older ones by the header's sum.
fn is_tar(block: &[u8]) -> bool {
    let Some(header) = block.first_chunk::<512>() else {
        return false;
    };
    &header[257..262] == b"ustar" || (header[0] != 0 && has_tar_sum(header))
}

/// Whether a tar header's sum is right. The sum is taken with its own field as spaces.
pub(super) fn has_tar_sum(header: &[u8; 512]) -> bool {
    let stated = tar::Header::from_byte_slice(header).cksum();
    let field = 148..156;
    let others = header.iter().enumerate().filter(|(at, _)| !field.contains(at));
    let sum = others.map(|(_, byte)| u32::from(*byte)).sum::<u32>() + 8 * u32::from(b' ');
    stated.is_ok_and(|stated| stated == sum)
}

fn text(block: &[u8]) -> Kind {
    if let Some(encoding) = utf16(block) {
        return Kind::Text(encoding);
    }
    if has_too_many_controls(before_hole(block).iter().copied()) {
        return Kind::NotALog("binary data");
    }
    Kind::Text(Encoding::Bytes)
}

/// What stands before the hole with which a block ends, if whole lines stand there.
fn before_hole(block: &[u8]) -> &[u8] {
    let nuls = block.iter().rev().take_while(|byte| **byte == 0).count();
    let before = &block[..block.len() - nuls];
    if before.ends_with(b"\n") { before } else { block }
}

/// UTF-16 has a mark, or is so plain that nearly every second byte is NUL.
fn utf16(block: &[u8]) -> Option<Encoding> {
    if block.starts_with(b"\xff\xfe") {
        return Some(Encoding::Utf16Little);
    }
    if block.starts_with(b"\xfe\xff") {
        return Some(Encoding::Utf16Big);
    }
    let units = block.chunks_exact(2);
    let count = units.len();
    if count < 4 {
        return None;
    }
    let high_first = units.clone().filter(|unit| unit[0] == 0 && unit[1] != 0).count();
    let low_first = units.clone().filter(|unit| unit[1] == 0 && unit[0] != 0).count();
    let most = count - count / 8;
    let looks_like_text = |at: usize| !has_too_many_controls(units.clone().map(|unit| unit[at]));
    if low_first >= most && looks_like_text(0) {
        return Some(Encoding::Utf16Little);
    }
    (high_first >= most && looks_like_text(1)).then_some(Encoding::Utf16Big)
}

/// NUL and the control characters that neither terminals nor record formats use in text.
fn has_too_many_controls(bytes: impl ExactSizeIterator<Item = u8>) -> bool {
    let length = bytes.len();
    let controls = bytes.filter(|byte| matches!(byte, 0 | 4..=6 | 14..=26 | 127)).count();
    controls > 1 && controls * CONTROL_SHARE > length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(block: &[u8], expected: Kind) {
        assert_eq!(kind(block), expected, "{:?}", String::from_utf8_lossy(block));
    }

    #[test]
    fn text_in_many_encodings_is_text() {
        check(b"a line\n", Kind::Text(Encoding::Bytes));
        check(b"\x1b[31mERROR\x1b[0m caf\xe9\r\n", Kind::Text(Encoding::Bytes));
        check(b"8=FIX.4.2\x019=65\x0135=A\x01", Kind::Text(Encoding::Bytes));
        check("日本語\n".as_bytes(), Kind::Text(Encoding::Bytes));
        check(b"\xff\xfea\0", Kind::Text(Encoding::Utf16Little));
        check(b"\xfe\xff\0a", Kind::Text(Encoding::Utf16Big));
        check(b"l\0i\0n\0e\0\n\0", Kind::Text(Encoding::Utf16Little));
        check(b"\0l\0i\0n\0e\0\n", Kind::Text(Encoding::Utf16Big));
    }

    #[test]
    fn one_stray_nul_does_not_make_a_log_binary() {
        check(b"a\0b\n", Kind::Text(Encoding::Bytes));
    }

    #[test]
    fn text_after_a_hole_is_text() {
        let mut block = vec![0; HOLE_BYTES_MIN];
        block.extend_from_slice(b"a line\n");
        check(&block, Kind::Text(Encoding::Bytes));
        check(&[0; BLOCK_BYTES], Kind::NotALog("nothing but NUL bytes"));
    }

    #[test]
    fn lines_before_a_hole_are_text() {
        let mut block = b"a line\n".to_vec();
        block.resize(BLOCK_BYTES, 0);
        check(&block, Kind::Text(Encoding::Bytes));
        block[..7].copy_from_slice(b"a table");
        check(&block, Kind::NotALog("binary data"));
    }

    #[test]
    fn noise_is_binary() {
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(BLOCK_BYTES)
        .collect();
        check(&noise, Kind::NotALog("binary data"));
    }

    #[test]
    fn a_compressed_file_cut_off_in_its_first_bytes_is_known() {
        check(b"\x1f\x8b", Kind::Compressed(Method::Gzip));
        check(b"PK", Kind::Text(Encoding::Bytes));
    }

    #[test]
    fn a_tar_is_known_by_its_mark_or_its_sum() {
        let mut header = tar::Header::new_old();
        header.set_path("a.log").expect("the name is short");
        header.set_size(0);
        header.set_cksum();
        check(header.as_bytes(), Kind::Tar);
        let mut ustar = tar::Header::new_gnu();
        ustar.as_mut_bytes()[0] = b'x';
        check(ustar.as_bytes(), Kind::Tar);
    }
}
