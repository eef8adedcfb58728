//! Archives are made in memory; a recorder stands in for the engine.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::model::checkpoint::{Checkpoint, Tally};
use crate::model::line::Position;
use crate::source::find::find;
use crate::source::{Chunk, Stream, Wanted};

#[path = "packing.rs"]
mod packing;
#[path = "resuming_tests.rs"]
mod resuming;

use packing::{Packing, gzip, pack, tar, zip};

/// Remembers what it is told, and holds each chunk against the one before.
#[derive(Default)]
struct Recorder {
    asked: Vec<String>,
    streams: BTreeMap<String, Recorded>,
    skipped: Vec<Skipped>,
    progress: u64,
    open: Option<String>,
    wants: HashMap<String, Wanted>,
    chunks_until_stop: Option<usize>,
}

#[derive(Default, Clone)]
struct Recorded {
    from: Option<Position>,
    bytes: Vec<u8>,
    cut: u64,
    last: Option<(u64, crate::model::checkpoint::Fingerprint)>,
    next: Option<Position>,
    ended: bool,
}

impl Receiver for Recorder {
    fn wanted(&mut self, stream: &Stream) -> Wanted {
        self.asked.push(stream.path.to_string());
        self.wants.get(&*stream.path).cloned().unwrap_or(Wanted::All)
    }

    fn begin(&mut self, stream: &Stream, from: Position) {
        assert!(self.open.is_none(), "streams come one after the other");
        let recorded = Recorded { from: Some(from), next: Some(from), ..Recorded::default() };
        let before = self.streams.insert(stream.path.to_string(), recorded);
        assert!(before.is_none(), "{} comes twice", stream.path);
        self.open = Some(stream.path.to_string());
    }

    fn lines(&mut self, chunk: Chunk) -> ControlFlow<()> {
        let path = self.open.as_deref().expect("a stream was begun");
        let stream = self.streams.get_mut(path).expect("a stream was begun");
        let next = stream.next.expect("a stream was begun");
        assert_eq!(chunk.first.line, next.line);
        assert!(chunk.first.offset >= next.offset);
        assert_eq!(chunk.read, chunk.first.offset + chunk.bytes.len() as u64 + chunk.cut);
        let line_ends = memchr::memchr_iter(b'\n', &chunk.bytes).count() as u64;
        stream.next = Some(Position { line: next.line + line_ends, offset: chunk.read });
        stream.bytes.extend_from_slice(&chunk.bytes);
        stream.cut += chunk.cut;
        stream.last = Some((chunk.read, chunk.fingerprint));
        match &mut self.chunks_until_stop {
            Some(0 | 1) => ControlFlow::Break(()),
            Some(count) => {
                *count -= 1;
                ControlFlow::Continue(())
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn end(&mut self) {
        let path = self.open.take().expect("a stream was begun");
        self.streams.get_mut(&path).expect("a stream was begun").ended = true;
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.skipped.push(skipped);
    }

    fn progress(&mut self, bytes_on_disk: u64) {
        self.progress += bytes_on_disk;
    }
}

impl Recorder {
    /// Streams by what follows the directory's path.
    fn contents(&self, directory: &Scratch) -> BTreeMap<String, String> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.streams
            .iter()
            .map(|(path, stream)| (directory.short(path), text(&stream.bytes)))
            .collect()
    }

    fn reports(&self, directory: &Scratch) -> Vec<String> {
        self.skipped
            .iter()
            .map(|skipped| format!("{:?} {}", skipped.kind, directory.short(&skipped.to_string())))
            .collect()
    }
}

/// A directory of files, gone at the end.
struct Scratch(tempfile::TempDir);

impl Scratch {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let scratch = Self(tempfile::tempdir().expect("a directory can be made"));
        for (name, bytes) in files {
            scratch.write(name, bytes);
        }
        scratch
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.root().join(name), bytes).expect("a file can be written");
    }

    fn root(&self) -> PathBuf {
        self.0.path().canonicalize().expect("the directory exists")
    }

    fn short(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.root().display()), "")
    }

    fn read(&self, include: &[&str], recorder: &mut Recorder) {
        let selection = Selection::new(include, &[]).expect("the patterns are valid");
        let found = find(&[self.root()], &selection);
        for unit in &found.units {
            let before = recorder.progress;
            read(unit, &selection, recorder);
            if recorder.chunks_until_stop.is_none() {
                assert_eq!(recorder.progress - before, unit.size.unwrap_or(0), "progress is whole");
                assert!(recorder.open.is_none(), "each stream is ended");
            }
        }
        recorder.skipped.extend(found.skipped);
    }

    fn unit(&self, name: &str) -> Unit {
        Unit {
            path: self.root().join(name),
            name: name.to_owned(),
            named: true,
            kind: UnitKind::File,
            size: None,
            modified: None,
        }
    }

    fn recorded(&self) -> Recorder {
        let mut recorder = Recorder::default();
        self.read(&[], &mut recorder);
        recorder
    }
}

#[track_caller]
fn check(file: (&str, &[u8]), expected: &[(&str, &str)], expected_reports: &[&str]) {
    let scratch = Scratch::new(&[file]);
    let recorder = scratch.recorded();
    let expected: BTreeMap<String, String> =
        expected.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    assert_eq!(recorder.contents(&scratch), expected);
    let reports = recorder.reports(&scratch);
    assert_eq!(reports.len(), expected_reports.len(), "{reports:#?}");
    for (report, expected) in reports.iter().zip(expected_reports) {
        assert!(report.contains(expected), "{report} instead of {expected}");
    }
    assert!(recorder.streams.values().all(|stream| stream.ended));
}

#[test]
fn plain_files_are_read() {
    check(("a.log", b"one\ntwo"), &[("a.log", "one\ntwo")], &[]);
    check(("a.log", b"\xef\xbb\xbfone\n"), &[("a.log", "one\n")], &[]);
}

#[test]
fn what_is_no_log_is_reported_as_such() {
    check(("a.log", b""), &[], &["NotALog a.log: empty"]);
    check(("a.log", b"\x89PNG\r\n\x1a\n"), &[], &["NotALog a.log: an image"]);
    check(("a.log", &vec![0; 20_000]), &[], &["NotALog a.log: nothing but NUL bytes"]);
    check(("a.log", &gzip(b"")), &[], &["NotALog a.log: empty"]);
    check(("a.log", b"7z\xbc\xaf\x27\x1c"), &[], &["Unreadable a.log: a 7z archive"]);
}

#[test]
fn utf16_is_read_as_utf8() {
    let text: Vec<u8> =
        "\u{feff}größe\r\nzwei\n".encode_utf16().flat_map(u16::to_be_bytes).collect();
    check(("a.log", &text), &[("a.log", "größe\r\nzwei\n")], &[]);
    check(("a.gz", &gzip(&text)), &[("a.gz", "größe\r\nzwei\n")], &[]);
}

#[test]
fn a_hole_before_and_between_lines_is_reported() {
    let mut bytes = vec![0; 100_000];
    bytes.extend_from_slice(b"one\n");
    for (name, bytes) in [("a.log", bytes.clone()), ("a.log.gz", gzip(&bytes))] {
        check((name, &bytes), &[(name, "one\n")], &["100000 NUL bytes from byte 0 on"]);
    }
}

#[test]
fn compression_is_known_by_content_and_keeps_the_path() {
    for packing in Packing::ALL {
        let bytes = pack(packing, b"one\ntwo\n");
        check(("a.log", &bytes), &[("a.log", "one\ntwo\n")], &[]);
    }
    let twice = pack(Packing::Xz, &gzip(b"one\n"));
    check(("a.log", &twice), &[("a.log", "one\n")], &[]);
}

#[test]
fn archives_are_opened_within_each_other() {
    let inner = gzip(&tar(&[("c.log", b"one\n"), ("d/e.log.zst", &pack(Packing::Zstd, b"two\n"))]));
    let outer = zip(&[("b.tar.gz", &inner), ("f.log", b"three\n")]);
    check(
        ("a.zip", &outer),
        &[
            ("a.zip!/b.tar.gz!/c.log", "one\n"),
            ("a.zip!/b.tar.gz!/d/e.log.zst", "two\n"),
            ("a.zip!/f.log", "three\n"),
        ],
        &[],
    );
    let in_memory = gzip(&outer);
    let scratch = Scratch::new(&[("a.zip.gz", &in_memory)]);
    assert_eq!(scratch.recorded().streams.len(), 3);
}

#[test]
fn archives_too_deep_in_each_other_are_reported() {
    let mut bytes = b"one\n".to_vec();
    for _ in 0..4 {
        bytes = tar(&[("m", &bytes)]);
    }
    check(("a", &bytes), &[("a!/m!/m!/m!/m", "one\n")], &[]);
    let deeper = tar(&[("m", &bytes)]);
    check(("a", &deeper), &[], &["Unreadable a!/m!/m!/m!/m: too many archives"]);
    let zipped = (0..6).fold(b"one\n".to_vec(), |bytes, _| gzip(&bytes));
    check(("a", &zipped), &[], &["Unreadable a: too many compressions"]);
}

#[test]
fn a_tar_gives_the_same_as_its_files() {
    let files: Vec<(String, Vec<u8>)> = (0..40)
        .map(|number| {
            let text = format!("{number} a line of text\n").repeat(number * 97);
            (format!("logs/{number:02}.log"), format!("first\n{text}").into_bytes())
        })
        .collect();
    let members: Vec<(&str, &[u8])> =
        files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    let archive = tar(&members);
    for (name, bytes) in [("a", archive.clone()), ("a", gzip(&archive)), ("a", zip(&members))] {
        let scratch = Scratch::new(&[(name, &bytes)]);
        let recorder = scratch.recorded();
        assert_eq!(recorder.skipped, []);
        for (name, bytes) in &files {
            let path = format!("{}/a!/{name}", scratch.root().display());
            assert!(recorder.streams[&path].bytes == *bytes, "{path}");
        }
        assert_eq!(recorder.streams.len(), files.len());
    }
}

#[test]
fn names_from_archives_are_only_labels() {
    let hostile =
        tar(&[("../../up.log", b"one\n"), ("/etc/x.log", b"two\n"), ("a\x1b[2J", b"three\n")]);
    let scratch = Scratch::new(&[("a.tar", &hostile)]);
    let contents = scratch.recorded().contents(&scratch);
    let names: Vec<&str> = contents.keys().map(String::as_str).collect();
    assert_eq!(names, ["a.tar!/../../up.log", "a.tar!//etc/x.log", "a.tar!/a\\u{1b}[2J"]);
    assert_eq!(fs::read_dir(scratch.root()).expect("it exists").count(), 1, "nothing was written");
}

#[test]
fn members_of_one_name_are_told_apart() {
    let twice = tar(&[("a.log", b"one\n"), ("a.log", b"one\ntwo\n")]);
    check(("x", &twice), &[("x!/a.log", "one\n"), ("x!/a.log#2", "one\ntwo\n")], &[]);
}

#[test]
fn links_devices_and_sparse_members_are_reported() {
    let archive = packing::odd_tar();
    check(
        ("x", &archive),
        &[("x!/after.log", "one\n")],
        &[
            "NotALog x!/link: a link",
            "NotALog x!/pipe: a device",
            "Unreadable x!/sparse: stored as",
        ],
    );
}

#[test]
fn long_and_pax_names_are_whole() {
    let name = format!("{}/a.log", "directory/".repeat(30));
    let long = format!("x!/{name}");
    check(("x", &tar(&[(&name, b"one\n")])), &[(&long, "one\n")], &[]);
    let pax = packing::pax_tar("größe.log", b"one\n");
    check(("x", &pax), &[("x!/größe.log", "one\n")], &[]);
}

#[test]
fn an_appended_archive_is_read_too() {
    let both = [tar(&[("a.log", b"one\n")]), tar(&[("b.log", b"two\n")])].concat();
    check(("x", &both), &[("x!/a.log", "one\n"), ("x!/b.log", "two\n")], &[]);
}

#[test]
fn a_tar_cut_off_anywhere_gives_what_is_there_and_says_so() {
    let whole = tar(&[("a.log", b"one\ntwo\n"), ("b.log", &b"a line\n".repeat(200))]);
    // The last two blocks are the mark of the end; one of them is enough.
    for end in (512..whole.len() - 1024).step_by(61) {
        let scratch = Scratch::new(&[("x", &whole[..end])]);
        let recorder = scratch.recorded();
        let unreadable = recorder.skipped.iter().any(|skip| skip.kind == SkipKind::Unreadable);
        assert!(unreadable, "cut at {end}");
        let text = recorder.contents(&scratch).remove("x!/b.log").unwrap_or_default();
        assert!("a line\n".repeat(200).starts_with(&text), "cut at {end}");
        assert!(end < 2100 || !text.is_empty(), "cut at {end}");
    }
}

#[test]
fn a_damaged_archive_gives_what_comes_before() {
    let mut archive = tar(&[("a.log", b"one\n"), ("b.log", b"two\n")]);
    archive[1024 + 3] ^= 1;
    check(
        ("x", &archive),
        &[("x!/a.log", "one\n")],
        &["Unreadable x: members are missing from byte"],
    );
    let cut = &gzip(&tar(&[("a.log", b"one\n"), ("b.log", &packing::noise(50_000))]))[..30_000];
    let scratch = Scratch::new(&[("x.gz", cut)]);
    let reports = scratch.recorded().reports(&scratch);
    let [of_member, of_archive] = reports.as_slice() else {
        panic!("{reports:#?}");
    };
    assert!(of_member.contains("b.log: lines are missing from byte"), "{of_member}");
    assert!(of_archive.contains("x.gz: members are missing from byte"), "{of_archive}");
    assert!(of_archive.contains("the gzip data ends too early"), "{of_archive}");
}

#[test]
fn a_zip_without_its_directory_is_read_as_far_as_it_reaches() {
    let text = packing::noise(9000);
    let members: &[(&str, &[u8])] = &[("a.log", b"one\n"), ("d/", b""), ("b.log", &text)];
    for whole in [zip(members), packing::streamed_zip(members)] {
        for end in (80..whole.len() - 10).step_by(211) {
            let scratch = Scratch::new(&[("x.zip", &whole[..end])]);
            let recorder = scratch.recorded();
            let contents = recorder.contents(&scratch);
            assert_eq!(contents["x.zip!/a.log"], "one\n", "cut at {end}");
            let b = contents.get("x.zip!/b.log").map_or("", String::as_str).as_bytes();
            assert!(text.starts_with(b), "cut at {end}");
            assert!(end < 1500 || b.len() > end - 1500, "cut at {end}: {} bytes", b.len());
            let last = recorder.reports(&scratch).pop().unwrap_or_default();
            assert!(last.contains("its directory cannot be read"), "cut at {end}: {last}");
        }
    }
}

#[test]
fn a_zip_of_any_method_is_read_without_its_directory() {
    let whole = packing::zip_of_all_methods(b"one\n");
    let scratch = Scratch::new(&[("x.zip", &whole[..whole.len() - 22])]);
    let recorder = scratch.recorded();
    assert_eq!(recorder.streams.len(), 5);
    assert!(recorder.streams.values().all(|stream| stream.bytes == b"one\n"));
    assert_eq!(recorder.skipped.len(), 1);
}

#[test]
fn zip_members_that_cannot_be_read_are_reported_and_others_are_read() {
    let mut archive = zip(&[("a.log", b"one\n"), ("b.log", b"two\n"), ("c.log", b"three\n")]);
    packing::patch_zip(&mut archive, "a.log", packing::Patch::Encrypted);
    packing::patch_zip(&mut archive, "b.log", packing::Patch::UnknownMethod);
    check(
        ("x.zip", &archive),
        &[("x.zip!/c.log", "three\n")],
        &["Unreadable x.zip!/a.log: encrypted", "Unreadable x.zip!/b.log: packed by a method"],
    );
}

#[test]
fn a_zip_member_with_a_wrong_checksum_is_reported_after_its_lines() {
    let mut archive = packing::stored_zip("a.log", b"one\ntwo\n");
    let at = archive.windows(3).position(|bytes| bytes == b"two").expect("it is stored");
    archive[at] = b'T';
    check(
        ("x.zip", &archive),
        &[("x.zip!/a.log", "one\nTwo\n")],
        &["Unreadable x.zip!/a.log: lines"],
    );
}

#[test]
fn a_zip_whose_members_overlap_is_refused() {
    let archive = packing::overlapping_zip(&b"a line\n".repeat(1000));
    check(("x.zip", &archive), &[], &["Unreadable x.zip: its members overlap"]);
}

#[test]
fn zip_members_packed_with_any_method_are_read() {
    let archive = packing::zip_of_all_methods(b"one\n");
    let scratch = Scratch::new(&[("x.zip", &archive)]);
    let recorder = scratch.recorded();
    assert_eq!(recorder.skipped, []);
    assert_eq!(recorder.streams.len(), 5);
    assert!(recorder.streams.values().all(|stream| stream.bytes == b"one\n"));
}

#[test]
fn a_decompression_bomb_is_stopped() {
    let line = b"aaaaaaaaaaaaaaa\n".repeat(1 << 16);
    let layers = [Packing::Zstd, Packing::Zstd];
    let mut bomb = packing::repeated(Packing::Zstd, &line, 2000);
    for layer in layers {
        bomb = pack(layer, &bomb);
    }
    let scratch = Scratch::new(&[("bomb", &bomb)]);
    let recorder = scratch.recorded();
    assert!(recorder.reports(&scratch)[0].contains("bomb"), "{:?}", recorder.reports(&scratch));
    let unpacked: usize = recorder.streams.values().map(|stream| stream.bytes.len()).sum();
    assert!(unpacked < 600 << 20, "{unpacked} bytes");
}

#[test]
fn patterns_speak_of_names_inside_archives() {
    let archive = gzip(&tar(&[
        ("day/logs/x/y.log", b"one\n"),
        ("day/notes.txt", b"two\n"),
        ("day/logs/image.png", b"\x89PNG\r\n"),
    ]));
    let scratch = Scratch::new(&[
        ("day.tar.gz", &archive),
        ("other.log", b"three\n"),
        ("other.log.gz", &gzip(b"four\n")),
    ]);
    let mut recorder = Recorder::default();
    scratch.read(&["**/logs/**"], &mut recorder);
    let contents = recorder.contents(&scratch);
    assert_eq!(contents.keys().collect::<Vec<_>>(), ["day.tar.gz!/day/logs/x/y.log"]);
    assert_eq!(recorder.asked.len(), 1, "what is not wanted is not asked about");
    assert_eq!(recorder.reports(&scratch).len(), 1, "only the image is reported");

    let mut recorder = Recorder::default();
    scratch.read(&["*.gz"], &mut recorder);
    assert_eq!(recorder.streams.len(), 3, "an archive that is included is included whole");
    let mut recorder = Recorder::default();
    scratch.read(&["day.tar.gz/day/*.txt"], &mut recorder);
    assert_eq!(
        recorder.contents(&scratch).into_keys().collect::<Vec<_>>(),
        ["day.tar.gz!/day/notes.txt"]
    );
}

#[test]
fn what_is_excluded_is_passed_over_in_silence() {
    let scratch = Scratch::new(&[
        ("a.tar", &tar(&[("logs/x.log", b"one\n"), ("old/y.log", b"two\n")])),
        ("b.tar", &tar(&[("z.log", b"three\n")])),
    ]);
    let selection = Selection::new(&[], &["old", "b.tar"]).expect("the patterns are valid");
    let found = find(&[scratch.root()], &selection);
    let mut recorder = Recorder::default();
    found.units.iter().for_each(|unit| read(unit, &selection, &mut recorder));
    assert_eq!(recorder.contents(&scratch).into_keys().collect::<Vec<_>>(), ["a.tar!/logs/x.log"]);
    assert_eq!(recorder.skipped, []);
}

#[test]
fn a_stop_ends_the_reading_at_once() {
    let archive = tar(&[("a.log", &b"line\n".repeat(1 << 20)), ("b.log", b"two\n")]);
    let scratch = Scratch::new(&[("x", &archive)]);
    let mut recorder = Recorder { chunks_until_stop: Some(2), ..Recorder::default() };
    scratch.read(&[], &mut recorder);
    assert_eq!(recorder.streams.len(), 1);
    assert!(recorder.streams.values().all(|stream| stream.bytes.len() <= 2 << 20 && !stream.ended));
}

#[test]
fn a_file_that_is_gone_or_closed_is_reported() {
    let scratch = Scratch::new(&[("a.log", b"one\n")]);
    let selection = Selection::default();
    let found = find(&[scratch.root()], &selection);
    fs::remove_file(scratch.root().join("a.log")).expect("it was there");
    let mut recorder = Recorder::default();
    read(&found.units[0], &selection, &mut recorder);
    assert_eq!(
        recorder.reports(&scratch),
        ["Unreadable a.log: it vanished since it was found; run again"]
    );
}

/// Small archives of every kind, to be damaged.
fn seeds() -> Vec<Vec<u8>> {
    let members: &[(&str, &[u8])] = &[("a.log", b"one\ntwo\n"), ("d/b.log", &[b'x'; 300])];
    let mut seeds = vec![
        tar(members),
        zip(members),
        packing::odd_tar(),
        packing::pax_tar("p", b"one\n"),
        packing::zip_of_all_methods(b"one\ntwo\n"),
        packing::streamed_zip(members),
        gzip(&tar(members)),
        zip(&[("t.tgz", &gzip(&tar(members)))]),
    ];
    seeds.extend(Packing::ALL.map(|packing| pack(packing, &b"a line of text\n".repeat(20))));
    seeds
}

#[test]
fn no_damage_makes_it_panic_or_hang() {
    let mut state = 20_417_u64;
    let mut random = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as usize) % below
    };
    let scratch = Scratch::new(&[]);
    for seed in seeds() {
        for _ in 0..300 {
            let mut bytes = seed.clone();
            for _ in 0..=random(4) {
                let at = random(bytes.len());
                match random(4) {
                    0 => bytes[at] = random(256) as u8,
                    1 => bytes[at] ^= 1 << random(8),
                    2 => bytes.truncate(at.max(1)),
                    _ => bytes[at] = [0, 0xff, 0x7f, 0x80][random(4)],
                }
            }
            scratch.write("x", &bytes);
            let mut recorder = Recorder::default();
            read(&scratch.unit("x"), &Selection::default(), &mut recorder);
            assert!(recorder.streams.values().all(|stream| stream.ended));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_member_gives_the_bytes_that_were_packed(
        text in "[a-z\n]{1,3000}",
        way in prop::sample::select(Packing::ALL.to_vec()),
    ) {
        let archive = pack(way, &tar(&[("m", text.as_bytes())]));
        let recorder = Scratch::new(&[("x", &archive)]).recorded();
        let stream = recorder.streams.into_values().next().expect("the member is there");
        prop_assert_eq!(stream.bytes, text.into_bytes());
    }
}
