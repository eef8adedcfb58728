//! All kinds of packing give the same request, and bad packing costs no more than itself.

use std::fs;
use std::io::{Cursor, Write};

use super::desk::{Desk, TRACE, line, messages, numbered};

/// What is packed: a log and a log in a directory.
const MEMBERS: [&str; 2] = ["checkout.log", "pods/payment.log"];

fn member(name: &str) -> String {
    (1..20).map(|second| line(second, &format!("step {second} of {name}"))).collect()
}

fn tar() -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for name in MEMBERS {
        let text = member(name);
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes()).expect("a Vec takes all bytes");
    }
    tar.into_inner().expect("a Vec takes all bytes")
}

fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).expect("the name is short");
        zip.write_all(bytes).expect("a Vec takes all bytes");
    }
    zip.finish().expect("a Vec takes all bytes").into_inner()
}

fn zip_of_members() -> Vec<u8> {
    let texts = MEMBERS.map(|name| (name, member(name)));
    let [one, other] = &texts;
    zip(&[(one.0, one.1.as_bytes()), (other.0, other.1.as_bytes())])
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("a Vec takes all bytes");
    encoder.finish().expect("a Vec takes all bytes")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).expect("a Vec takes all bytes")
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).expect("a Vec takes all bytes");
    encoder.finish().expect("a Vec takes all bytes")
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).expect("the preset is known");
    encoder.write_all(bytes).expect("a Vec takes all bytes");
    encoder.finish().expect("a Vec takes all bytes")
}

/// What a request says, without where it was read.
fn told(desk: &Desk, input: &str) -> Vec<(String, String, String)> {
    let trace = desk.run(&["trace", TRACE, input, "--format", "json"]).json();
    let entries = trace["entries"].as_array().expect("a request has entries");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut told: Vec<_> = entries
        .iter()
        .map(|entry| (text(&entry["time"]), text(&entry["service"]), text(&entry["message"])))
        .collect();
    told.sort();
    told
}

#[test]
fn every_kind_of_archive_gives_the_same_request() {
    let desk = Desk::new();
    for name in MEMBERS {
        desk.file(format!("logs/{name}"), member(name));
    }
    let expected = told(&desk, "logs");
    assert_eq!(expected.len(), 38);
    let tar = tar();
    let archives = [
        ("logs.tar", tar.clone()),
        ("logs.tar.gz", gzip(&tar)),
        ("logs.tar.zst", zstd(&tar)),
        ("logs.tar.bz2", bzip2(&tar)),
        ("logs.tar.xz", xz(&tar)),
        ("logs.zip", zip_of_members()),
        ("tar-in.zip", zip(&[("deep/logs.tar.gz", &gzip(&tar))])),
        ("zip-in.tar.gz.zip", zip(&[("z.gz", &gzip(&zip_of_members()))])),
        ("no-extension", xz(&tar)),
    ];
    for (name, bytes) in archives {
        desk.file(name, &bytes);
        assert!(told(&desk, name) == expected, "{name} tells something else");
        let piped = desk.run_with(&bytes, &["lines", "step", "-", "--count"]).ends_with(0);
        assert_eq!(piped.out, "38\n", "{name}");
    }
}

/// What packs bytes in one way.
type Packer = fn(&[u8]) -> Vec<u8>;

#[test]
fn compressed_files_are_read_as_they_are() {
    let desk = Desk::new();
    let text = member("app.log");
    let packers: [(&str, Packer); 4] = [("gz", gzip), ("zst", zstd), ("bz2", bzip2), ("xz", xz)];
    for (extension, pack) in packers {
        let name = format!("app.log.{extension}");
        desk.file(&name, pack(text.as_bytes()));
        assert_eq!(desk.all_lines(&[&name]).len(), 19, "{name}");
    }
}

#[test]
fn of_a_gzip_file_that_is_cut_off_all_is_answered_that_is_there() {
    let desk = Desk::new();
    let whole = gzip(numbered(0..5_000).as_bytes());
    desk.file("logs/cut.log.gz", &whole[..whole.len() / 2]);
    desk.file("logs/whole.log", line(1, "beside it"));
    let answer = desk
        .run(&["lines", "ORD-7", "logs"])
        .ends_with(2)
        .says("ORD-7")
        .warns("warning: logs/cut.log.gz: lines are missing from byte ")
        .warns("the gzip data ends too early; copy the file again in full");
    let (_, behind) = answer.err.split_once("from byte ").expect("the byte is named");
    let byte: usize =
        behind.split(' ').next().and_then(|byte| byte.parse().ok()).expect("a number");
    let numbered = numbered(0..5_000);
    assert!(byte > 10_000 && byte < numbered.len(), "{byte}");
    // The part of a line that is left is answered too; nothing before it is missing.
    let read = numbered[..byte].lines().count();
    let lines = desk.run(&["lines", "*", "logs", "--format", "ndjson"]).ends_with(2);
    assert_eq!(lines.out.lines().count(), read + 1);
    desk.run(&["trace", "beside", "logs"]).ends_with(2).says("beside it").warns("cut.log.gz");
}

#[test]
fn a_damaged_member_costs_no_other() {
    let desk = Desk::new();
    let good = member("app.log");
    let mut bad = gzip(numbered(0..5_000).as_bytes());
    let middle = bad.len() / 2;
    bad[middle..middle + 64].fill(0x55);
    desk.file(
        "logs.zip",
        zip(&[("a.log", good.as_bytes()), ("b.log.gz", &bad), ("c.log", good.as_bytes())]),
    );
    let answer = desk.run(&["index", "logs.zip"]).ends_with(2).warns("logs.zip!/b.log.gz");
    assert!(answer.err.contains("damaged"), "{}", answer.err);
    for name in ["a.log", "c.log"] {
        let count = desk.run(&["lines", "step", "logs.zip", "--include", name, "--count"]);
        assert_eq!(count.out, "19\n", "{name}");
    }
}

/// Zeros that shrink to nearly nothing, twice.
fn bomb() -> Vec<u8> {
    let mut inner = zstd::Encoder::new(Vec::new(), 1).expect("the level is known");
    let zeros = vec![b'0'; 1 << 20];
    (0..400).for_each(|_| inner.write_all(&zeros).expect("a Vec takes all bytes"));
    zip(&[("zeros.zst", &inner.finish().expect("a Vec takes all bytes"))])
}

#[test]
fn a_decompression_bomb_is_stopped_and_named() {
    let desk = Desk::new();
    desk.file("logs/bomb.zip", bomb());
    desk.file("logs/app.log", line(1, "beside it"));
    desk.run(&["lines", "beside", "logs"])
        .ends_with(2)
        .says("it trace_id")
        .warns("logs/bomb.zip!/zeros.zst")
        .warns("looks like a decompression bomb");
}

/// A tar member with a name that no tool would pack.
fn hostile_tar(names: &[&str]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for name in names {
        let text = line(1, "hostile");
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_entry_type(tar::EntryType::Regular);
        header.set_cksum();
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

#[test]
fn names_in_archives_are_only_labels() {
    let desk = Desk::new();
    let names =
        ["../../escaped.log", "/absolute/escaped.log", "a/../../escaped.log", "C:\\escaped.log"];
    desk.file("box/in/hostile.tar", hostile_tar(&names));
    let texts = names.map(|name| (name, line(1, "hostile")));
    let members: Vec<(&str, &[u8])> =
        texts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    desk.file("box/in/hostile.zip", zip(&members));
    for archive in ["hostile.tar", "hostile.zip"] {
        let path = format!("box/in/{archive}");
        let lines = desk.all_lines(&[&path]);
        assert_eq!(lines.len(), names.len(), "{archive}");
        for name in names {
            let label = format!("{archive}!/{name}");
            let shown = lines
                .iter()
                .any(|line| line["path"].as_str().is_some_and(|path| path.ends_with(&label)));
            assert!(shown, "{label} is not in {lines:?}");
        }
    }
    assert_eq!(files_below(&desk.path("")), ["hostile.tar", "hostile.zip"]);
    assert!(!std::path::Path::new("/absolute").exists());
}

fn files_below(folder: &std::path::Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).expect("the desk is readable") {
        let path = entry.expect("the desk is readable").path();
        if path.is_dir() {
            names.extend(files_below(&path));
        } else {
            names.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
        }
    }
    names.sort();
    names
}

#[test]
fn names_inside_archives_are_included_and_excluded() {
    let desk = Desk::new();
    desk.file("logs.tar.gz", gzip(&tar()));
    let count = |flags: &[&str]| {
        let arguments = [&["lines", "step", "logs.tar.gz", "--count"], flags].concat();
        desk.run(&arguments).out
    };
    assert_eq!(count(&[]), "38\n");
    assert_eq!(count(&["--include", "**/pods/**"]), "19\n");
    assert_eq!(count(&["--include", "*.log"]), "38\n");
    assert_eq!(count(&["--exclude", "pods/**"]), "19\n");
    desk.run(&["lines", "step", "logs.tar.gz", "--include", "*.txt"]).ends_with(1);
    let lines = desk.all_lines(&["logs.tar.gz", "--exclude", "checkout.log"]);
    assert!(messages(&lines).iter().all(|message| message.contains("payment.log")));
    desk.run(&["index", "logs.tar.gz", "--include", "["]).ends_with(2).warns("[");
}
