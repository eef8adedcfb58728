//! Streams that were read before, in part or whole.

use super::*;
use crate::model::coverage::Services;

/// Reads `before`, then `after` with a checkpoint made from it, whose place to resume at
/// is `back` bytes before its end.
fn resumed(name: &str, before: &[u8], after: &[u8], back: u64) -> (Recorder, Recorder, Scratch) {
    let scratch = Scratch::new(&[(name, before)]);
    let first = scratch.recorded();
    let mut second = Recorder::default();
    for (path, stream) in &first.streams {
        let Some((read, fingerprint)) = stream.last else {
            continue;
        };
        let offset = read.saturating_sub(back);
        let lines = memchr::memchr_iter(b'\n', &stream.bytes[..offset as usize]).count();
        let checkpoint = Checkpoint {
            path: path.clone(),
            read,
            resume: Position { line: 1 + lines as u64, offset },
            fingerprint,
            size: None,
            modified: None,
            tally: Tally::default(),
            settled: Tally::default(),
            services: Services::default(),
            settled_services: Services::default(),
            skipped: Vec::new(),
            dropped: crate::model::checkpoint::Dropped::default(),
            settled_dropped: crate::model::checkpoint::Dropped::default(),
            followed: None,
        };
        second.wants.insert(path.clone(), Wanted::Since(Box::new(checkpoint)));
    }
    scratch.write(name, after);
    scratch.read(&[], &mut second);
    (first, second, scratch)
}

/// Checks what the second reading gives of a stream, and where it begins.
#[track_caller]
fn check_resumed(packing: Option<Packing>, before: &[u8], after: &[u8], back: u64, fits: bool) {
    let packed = |bytes: &[u8]| packing.map_or(bytes.to_vec(), |packing| pack(packing, bytes));
    let (first, second, _scratch) = resumed("a", &packed(before), &packed(after), back);
    let read =
        first.streams.values().next().and_then(|stream| stream.last).map_or(0, |last| last.0);
    let start = if fits { read.saturating_sub(back) } else { 0 };
    let stream = second.streams.values().next().expect("the stream is there");
    assert_eq!(stream.from.map(|from| from.offset), Some(start), "{packing:?}");
    assert!(stream.bytes == after[start as usize..], "{packing:?}");
    assert_eq!(second.asked.len(), 1);
    let all = Scratch::new(&[("a", after)]).recorded();
    let last = all.streams.values().next().and_then(|stream| stream.last);
    assert!(stream.bytes.is_empty() || stream.last == last, "the fingerprint is that of the whole");
}

/// Plain and packed.
fn ways() -> impl Iterator<Item = Option<Packing>> {
    [None].into_iter().chain(Packing::ALL.map(Some))
}

#[test]
fn a_stream_that_grew_is_read_on() {
    let line = b"0123456789abcde\n";
    for lines in [1, 200, 256, 257, 5000] {
        for back in [0, 16] {
            let before = line.repeat(lines);
            let after = [&*before, b"new\nand newer\n"].concat();
            ways().for_each(|way| check_resumed(way, &before, &after, back, true));
        }
    }
}

#[test]
fn a_stream_that_did_not_grow_gives_only_what_is_resumed() {
    let bytes = b"0123456789abcde\n".repeat(3000);
    ways().for_each(|way| check_resumed(way, &bytes, &bytes, 160, true));
    ways().for_each(|way| check_resumed(way, &bytes, &bytes, 0, true));
}

#[test]
fn a_stream_that_holds_something_else_is_read_whole() {
    let before = b"0123456789abcde\n".repeat(3000);
    for changed_at in [0, 4000, before.len() - 1000, before.len() - 2] {
        let mut after = before.clone();
        after[changed_at] = b'X';
        after.extend_from_slice(b"new\n");
        ways().for_each(|way| check_resumed(way, &before, &after, 16, false));
    }
    for shorter in [16, 1600, 16 * 2999] {
        ways().for_each(|way| check_resumed(way, &before, &before[..shorter], 16, false));
    }
}

#[test]
fn a_checkpoint_too_far_back_is_read_whole() {
    let before = b"0123456789abcde\n".repeat(1 << 20);
    check_resumed(Some(Packing::Gzip), &before, &before, 9 << 20, false);
    check_resumed(None, &before, &before, 9 << 20, true);
}

#[test]
fn members_are_resumed_each_for_itself() {
    let grown = b"0123456789abcde\n".repeat(1000);
    let mut changed = grown.clone();
    let before = gzip(&tar(&[("a", &grown), ("b", &changed), ("c", b"same\n")]));
    changed[15_990] = b'X';
    let after = [&*grown, b"new\n"].concat();
    let after = gzip(&tar(&[("a", &after), ("b", &changed), ("c", b"same\n"), ("d", b"added\n")]));
    let (_, second, scratch) = resumed("x", &before, &after, 0);
    let contents = second.contents(&scratch);
    assert_eq!(contents["x!/a"], "new\n");
    assert_eq!(contents["x!/b"].as_bytes(), changed);
    assert_eq!(contents["x!/c"], "");
    assert_eq!(contents["x!/d"], "added\n");
    assert_eq!(second.asked.len(), 4, "each is asked about once");
    assert_eq!(second.skipped, []);
}

#[test]
fn what_is_known_is_not_handed_over() {
    let scratch = Scratch::new(&[("a.log", b"one\n"), ("b.gz", &gzip(b"two\n"))]);
    let mut recorder = Recorder::default();
    for path in scratch.recorded().streams.keys() {
        recorder.wants.insert(path.clone(), Wanted::Nothing);
    }
    scratch.read(&[], &mut recorder);
    assert_eq!((recorder.asked.len(), recorder.streams.len()), (2, 0));
}
