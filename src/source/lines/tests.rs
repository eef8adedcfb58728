use proptest::prelude::*;

use super::*;
use crate::model::checkpoint::FINGERPRINT_BYTES;
use crate::source::fingerprint;

/// Gives out a few bytes at a time, then perhaps an error.
struct Drip<'a> {
    bytes: &'a [u8],
    step: usize,
    fails: bool,
}

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.bytes.is_empty() && self.fails {
            return Err(io::Error::other("the disk is gone"));
        }
        let count = self.step.min(buffer.len()).min(self.bytes.len());
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        self.bytes = &self.bytes[count..];
        Ok(count)
    }
}

fn pieces(input: impl Read) -> Vec<Piece> {
    let mut cutter = Cutter::new(input, Position::START, Running::default());
    std::iter::from_fn(|| cutter.next_piece()).collect()
}

/// Holds every piece against the bytes it was cut from.
#[track_caller]
fn check_against(source: &[u8], pieces: &[Piece]) {
    let mark = if source.starts_with(BYTE_ORDER_MARK) { 3 } else { 0 };
    let mut next = Position { line: 1, offset: mark };
    for piece in pieces {
        match piece {
            Piece::Hole { offset, length } => {
                assert_eq!(*offset, next.offset, "where a hole begins");
                let hole = &source[*offset as usize..(*offset + *length) as usize];
                assert!(hole.iter().all(|byte| *byte == 0), "a hole is all NUL");
                next.offset += length;
            }
            Piece::Lines(chunk) => {
                check_chunk(source, chunk, next);
                next.line += memchr_iter(b'\n', &chunk.bytes).count() as u64;
                next.offset = chunk.read;
            }
            Piece::Fault { offset, .. } => assert_eq!(*offset, next.offset, "where it breaks off"),
        }
    }
    assert_eq!(next.offset.max(mark), source.len() as u64, "all bytes are accounted for");
}

#[track_caller]
fn check_chunk(source: &[u8], chunk: &Chunk, first: Position) {
    assert_eq!(chunk.first, first);
    assert_eq!(chunk.read, first.offset + chunk.bytes.len() as u64 + chunk.cut);
    let original = &source[first.offset as usize..chunk.read as usize];
    let is_terminated = chunk.bytes.ends_with(b"\n");
    let kept = chunk.bytes.len() - usize::from(is_terminated);
    assert_eq!(chunk.bytes[..kept], original[..kept], "the bytes of the chunk");
    assert_eq!(original.ends_with(b"\n"), is_terminated);
    assert!(is_terminated || chunk.read == source.len() as u64, "only the last line is open");
    if chunk.cut > 0 {
        assert_eq!(kept, LINE_BYTES_MAX);
        assert_eq!(memchr_iter(b'\n', original).count(), usize::from(is_terminated));
    }
    let read = &source[..chunk.read as usize];
    let end = read.len().min(FINGERPRINT_BYTES);
    let expected = fingerprint::of_ends(&read[..end], &read[read.len() - end..]);
    assert_eq!(chunk.fingerprint, expected);
}

#[track_caller]
fn check(source: &[u8], expected_chunks: usize) {
    let found = pieces(source);
    check_against(source, &found);
    assert_eq!(found.len(), expected_chunks, "pieces: {found:?}");
}

#[test]
fn lines_come_as_they_are() {
    check(b"", 0);
    check(b"one\ntwo\r\nthree", 2);
    check(b"one\n\n\ntwo\n", 1);
    check(b"lone\rcarriage\rreturns\r", 1);
}

#[test]
fn a_byte_order_mark_is_dropped_but_counted() {
    check(b"\xef\xbb\xbfone\ntwo\n", 1);
    check(b"\xef\xbb\xbf", 0);
}

#[test]
fn a_byte_order_mark_takes_no_room_from_the_first_line() {
    let mut source = BYTE_ORDER_MARK.to_vec();
    source.resize(3 + LINE_BYTES_MAX, b'x');
    check(&source, 1);
}

#[test]
fn chunks_end_with_lines() {
    let source = b"0123456789abcde\n".repeat(200_000);
    check(&source, 4);
}

#[test]
fn a_line_of_the_greatest_length_is_whole() {
    for length in [LINE_BYTES_MAX - 1, LINE_BYTES_MAX] {
        let mut source = vec![b'x'; length];
        source.extend_from_slice(b"\nnext\n");
        let found = pieces(&*source);
        check_against(&source, &found);
        assert!(found.iter().all(|piece| matches!(piece, Piece::Lines(chunk) if chunk.cut == 0)));
    }
}

#[test]
fn a_longer_line_is_cut_and_what_follows_is_right() {
    for (length, cut) in [(LINE_BYTES_MAX + 1, 1), (3 << 20, 2 << 20)] {
        for tail in ["", "\n", "\nnext\nlast"] {
            let mut source = b"before\n".to_vec();
            source.resize(7 + length, b'x');
            source.extend_from_slice(tail.as_bytes());
            let found = pieces(&*source);
            check_against(&source, &found);
            let cuts = found.iter().filter_map(|piece| match piece {
                Piece::Lines(chunk) if chunk.cut > 0 => Some(chunk.cut),
                _ => None,
            });
            assert_eq!(cuts.collect::<Vec<_>>(), [cut as u64], "tail {tail:?}");
        }
    }
}

#[test]
fn a_gigabyte_without_a_line_end_takes_flat_memory() {
    let mut cutter =
        Cutter::new(io::repeat(b'x').take(1 << 30), Position::START, Running::default());
    let Some(Piece::Lines(chunk)) = cutter.next_piece() else {
        panic!("the line is there");
    };
    assert_eq!((chunk.bytes.len(), chunk.cut), (LINE_BYTES_MAX, (1 << 30) - (1 << 20)));
    assert!(chunk.bytes.capacity() < 4 << 20 && cutter.buffer.capacity() < 4 << 20);
    assert!(cutter.next_piece().is_none());
}

#[test]
fn a_hole_is_dropped_and_the_line_after_it_is_where_it_is() {
    for hole in [HOLE_BYTES_MIN, 3 << 20] {
        for before in ["", "before\n"] {
            let mut source = before.as_bytes().to_vec();
            source.resize(source.len() + hole, 0);
            source.extend_from_slice(b"after\nlast");
            let found = pieces(&*source);
            check_against(&source, &found);
            let holes = found.iter().filter(|piece| matches!(piece, Piece::Hole { .. }));
            assert_eq!(holes.count(), 1, "hole of {hole} after {before:?}");
        }
    }
}

#[test]
fn a_hole_at_the_end_is_dropped() {
    let mut source = b"before\n".to_vec();
    source.resize(2 << 20, 0);
    check(&source, 2);
}

#[test]
fn few_nuls_and_nuls_within_a_line_stay() {
    check(b"\0\0\0one\ntwo\0\0\n", 1);
    let mut source = b"x".to_vec();
    source.resize(9000, 0);
    source.extend_from_slice(b"y\n");
    check(&source, 1);
}

#[test]
fn what_was_read_before_an_error_is_given_first() {
    let source = b"one\ntwo\nhalf a li";
    let found = pieces(Drip { bytes: source, step: 5, fails: true });
    check_against(source, &found);
    assert!(matches!(found.last(), Some(Piece::Fault { offset: 17, .. })), "{found:?}");
}

/// A part of a stream; runs are not spelt out, so that a failure can be read.
#[derive(Debug, Clone)]
enum Part {
    Bytes(Vec<u8>),
    Run(u8, usize),
}

/// Bytes in which line ends, NULs and marks are likely, and some runs are long.
fn any_parts() -> impl Strategy<Value = Vec<Part>> {
    let byte = prop::sample::select(vec![b'\n', b'\r', 0, b'a']);
    let part = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200).prop_map(Part::Bytes),
        prop::collection::vec(byte.clone(), 0..50).prop_map(Part::Bytes),
        (byte, 0_usize..9000).prop_map(|(byte, length)| Part::Run(byte, length)),
        Just(Part::Run(b'l', LINE_BYTES_MAX - 3)),
        Just(Part::Bytes(BYTE_ORDER_MARK.to_vec())),
    ];
    prop::collection::vec(part, 0..8)
}

fn bytes_of(parts: Vec<Part>) -> Vec<u8> {
    let bytes = |part| match part {
        Part::Bytes(bytes) => bytes,
        Part::Run(byte, length) => vec![byte; length],
    };
    parts.into_iter().flat_map(bytes).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn chunks_and_cut_bytes_give_back_any_bytes(parts in any_parts(), step in 1_usize..100_000) {
        let source = bytes_of(parts);
        let found = pieces(Drip { bytes: &source, step, fails: false });
        check_against(&source, &found);
    }

    #[test]
    fn how_the_bytes_arrive_does_not_matter(parts in any_parts(), step in 1_usize..5000) {
        let source = bytes_of(parts);
        let at_once = format!("{:?}", pieces(&*source));
        let dripping = format!("{:?}", pieces(Drip { bytes: &source, step, fails: false }));
        prop_assert!(at_once == dripping);
    }
}
