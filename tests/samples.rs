//! The sample bundles are what `samples/README.md` says of them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

const ORDER: &str = "ORD-20417";

fn incident() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/checkout-incident")
}

/// All files of the incident with their text, decompressed.
fn files() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    collect(&incident(), &mut files);
    files.sort();
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).expect("the folder is readable") {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let text = text(&path);
            files.push((path, text));
        }
    }
}

fn text(path: &Path) -> String {
    let bytes = fs::read(path).expect("samples are readable");
    if path.extension().is_none_or(|extension| extension != "gz") {
        return String::from_utf8(bytes).expect("this sample is text");
    }
    let mut text = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("this sample is whole");
    text
}

#[test]
fn only_four_lines_of_two_services_name_the_order() {
    let named: Vec<(String, usize)> = files()
        .into_iter()
        .map(|(path, text)| (path, text.lines().filter(|line| line.contains(ORDER)).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(path, count)| (path.file_name().unwrap_or_default().to_string_lossy().into(), count))
        .collect();
    let expected = [("checkout.log", 2), ("payment.log", 1), ("payment.log.1.gz", 1)];
    assert_eq!(named, expected.map(|(name, count)| (name.to_owned(), count)));
}

#[test]
fn the_lines_of_a_file_end_with_a_line_feed_alone() {
    for (path, text) in files() {
        assert!(text.ends_with('\n') && !text.contains('\r'), "{}", path.display());
    }
}

#[test]
fn the_compressed_file_carries_neither_time_nor_name() {
    let bytes = fs::read(incident().join("payment.log.1.gz")).expect("samples are readable");
    assert_eq!(bytes[3], 0, "no flag is set, so no name follows");
    assert_eq!(bytes[4..8], [0; 4], "the time of compression is left out");
}

#[test]
fn the_readme_names_every_file() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples/README.md");
    let readme = fs::read_to_string(readme).expect("the samples have a README");
    for (path, _) in files() {
        let path = path.strip_prefix(incident()).expect("the file was found in the incident");
        // Pods have long names: the README gives their beginning and the file's own path.
        let name = path.to_string_lossy().replace('\\', "/");
        let beginning = name.split('-').next().unwrap_or(&name);
        assert!(readme.contains(&format!("`{beginning}")), "{name}");
    }
}
