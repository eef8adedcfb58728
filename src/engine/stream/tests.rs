//! The short way of known templates, held against the general way.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::model::checkpoint::Fingerprint;

/// How often a text is read over: templates are learned from lines that come again.
const REPEATS: usize = 8;

/// The entries of a text, by their positions, and how many of them came the short way.
fn short_way(text: &[u8], chunk_bytes: usize) -> (Vec<Entry>, usize, Checkpoint) {
    let path: Arc<str> = Arc::from("logs/checkout-6d9f7c5b84-x2kqp.log");
    let stream = Stream { path, size: None, modified: None };
    let mut intake = Intake::new(stream, Position::START, None, Definitions::embedded());
    let mut batch = Batch::default();
    let mut first = Position::START;
    let mut rest = text;
    while !rest.is_empty() {
        let reach = chunk_bytes.min(rest.len()) - 1;
        let end = rest[reach..].iter().position(|byte| *byte == b'\n');
        let end = end.map_or(rest.len(), |end| reach + end + 1);
        let (bytes, behind) = rest.split_at(end);
        let read = first.offset + end as u64;
        let fingerprint = Fingerprint::default();
        intake
            .lines(&Chunk { bytes: bytes.to_vec(), first, cut: 0, read, fingerprint }, &mut batch);
        first = Position {
            line: first.line + bytes.split(|byte| *byte == b'\n').count() as u64 - 1,
            offset: read,
        };
        rest = behind;
    }
    intake.end(Vec::new(), &mut batch.entries);
    let count = batch.templated.lines().len();
    batch.entries.extend(batch.templated.into_entries());
    batch.entries.sort_by_key(|entry| entry.record.position);
    (batch.entries, count, intake.checkpoint())
}

/// The same by decode and context alone.
fn general_way(text: &[u8]) -> Vec<Entry> {
    let path: Arc<str> = Arc::from("logs/checkout-6d9f7c5b84-x2kqp.log");
    // As of a file: what its first lines teach of zones is known both ways.
    let mut decoder = Decoder::of_file(Definitions::embedded(), None, &path);
    let mut attributor = Attributor::new(&path);
    let mut records = Vec::new();
    let mut position = Position::START;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let bytes = line.strip_suffix(b"\n").unwrap_or(line);
        let terminated = bytes.len() < line.len();
        decoder.push(Line { bytes, position, cut: 0, terminated }, &mut records);
        position.line += 1;
        position.offset += line.len() as u64;
    }
    decoder.finish(&mut records);
    let mut entries: Vec<Entry> =
        records.into_iter().map(|record| attributor.attribute(record)).collect();
    entries.sort_by_key(|entry| entry.record.position);
    entries
}

#[track_caller]
fn check(text: &[u8], chunk_bytes: usize) -> usize {
    let (found, count, checkpoint) = short_way(text, chunk_bytes);
    let expected = general_way(text);
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(&expected) {
        let raw = found.record.raw.clone();
        if found != expected {
            let (found, expected) = (format!("{found:#?}"), format!("{expected:#?}"));
            let differing = found.lines().zip(expected.lines()).filter(|(one, other)| one != other);
            let differing: Vec<_> = differing.take(8).collect();
            panic!("{} {differing:#?}", String::from_utf8_lossy(&raw));
        }
    }
    let mut counted = Tally::default();
    for entry in &expected {
        counted.add(&tally(entry));
    }
    assert_eq!(checkpoint.tally, counted);
    count
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) {
    for found in std::fs::read_dir(folder).expect("a folder of the repository") {
        let path = found.expect("a file of the repository").path();
        if path.is_dir() { files_below(&path, files) } else { files.push(path) }
    }
}

#[test]
fn every_file_of_the_sample_gives_the_same_entries_both_ways() {
    let mut files = Vec::new();
    files_below(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples"), &mut files);
    files.sort();
    let mut short = 0;
    for file in files.iter().filter(|file| file.extension().is_none_or(|kind| kind != "gz")) {
        let text = std::fs::read(file).expect("a file of the repository");
        short += check(&text.repeat(REPEATS), 4096);
    }
    assert!(short > 100, "only {short} lines came the short way");
}

/// Lines of several formats, with places for numbers and ids.
const SHAPES: [&str; 9] = [
    r#"{"level":30,"time":17724384%M%00,"pid":1,"hostname":"cart-2","name":"cart","trace_id":"%T%","span_id":"%S%","user_id":"usr-%N%","msg":"cart of user usr-%N% opened"}"#,
    r#"{"level":"info","ts":1772438400.%N%,"msg":"GET /stock/%K%","trace_id":"%T%","span_id":"%S%","method":"GET","path":"/stock/%K%","status":%C%,"duration_ms":%D%}"#,
    "2026-03-02T08:00:0%G%.%M%Z  INFO [pay,%T%,%S%] 1 --- [exec-%N%] com.example.Pay : charged %K% in %D% ms order_id=%K%",
    r#"{"log":"16:42:09.%M% INFO  c.Config#67 TraceID: %T% SpanID: %S% [query][id: %K%]\n","stream":"stdout","time":"2023-01-29T08:42:09.%M%260455Z"}"#,
    "2026-03-02 08:00:0%G%,%M% ERROR [main] pay.Charge - failed for user %N% of %I%",
    "java.lang.IllegalStateException: no stock for %K%",
    "\tat com.example.Stock.reserve(Stock.java:%N%)",
    r#"10.0.%G%.7 - - [02/Mar/2026:08:00:0%G% +0000] "GET /orders/%N% HTTP/1.1" %C% %N% "-" "curl/8""#,
    "level=info ts=2026-03-02T08:00:0%G%.%M%Z msg=\"request %U% done\" request_id=%U% attempt=%G%",
];

fn shape() -> impl Strategy<Value = String> {
    let values = (
        0..SHAPES.len(),
        prop::collection::vec(any::<u32>(), 24),
        prop::option::weighted(0.1, "[ -~é]{0,3}"),
        any::<prop::sample::Index>(),
    );
    values.prop_map(|(shape, numbers, intruder, place)| {
        let mut line = filled(SHAPES[shape], &numbers);
        if let Some(intruder) = intruder {
            let place = place.index(line.len());
            line.insert_str(
                (0..=place).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(0),
                &intruder,
            );
        }
        line
    })
}

/// The shape with values, from few enough that some repeat.
fn filled(shape: &str, numbers: &[u32]) -> String {
    let mut line = String::new();
    let mut numbers = numbers.iter().cycle().copied();
    for (place, part) in shape.split('%').enumerate() {
        if place % 2 == 0 {
            line.push_str(part);
            continue;
        }
        let number = numbers.next().unwrap_or_default();
        let value = match part {
            "N" => (number % [3, 12, 1000, 90_000_000][number as usize % 4]).to_string(),
            "G" => (number % 10).to_string(),
            "M" => format!("{:03}", number % 1000),
            "C" => [200, 201, 302, 404, 409, 500, 503][number as usize % 7].to_string(),
            "D" => format!("{}.{:02}", number % 700, number % 97),
            "K" => format!("ORD-{:04}", number % 5000),
            "I" => format!("10.{}.{}.1", number % 255, number % 7),
            "S" => format!("{:016x}", u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15)),
            "T" => format!(
                "{:032x}",
                u128::from(number % 50).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
            ),
            "U" => format!("4d2a46c7-71cb-4cf1-b5bb-{:012x}", u64::from(number) * 65_537),
            other => format!("%{other}%"),
        };
        line.push_str(&value);
    }
    line
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn lines_of_any_values_in_any_order_give_the_same_entries_both_ways(
        lines in prop::collection::vec(shape(), 200..400), chunk_bytes in 100usize..20_000,
    ) {
        let text = lines.join("\n") + "\n";
        check(text.as_bytes(), chunk_bytes);
    }
}

#[test]
fn a_stack_trace_joins_the_line_before_it_whichever_way_that_came() {
    let mut text = String::new();
    // The first lines of a stream go the general way, to learn from them.
    for number in 0..640u32 {
        text.push_str(&filled(SHAPES[4], &[number, number * 37, number * 1001, number]));
        text.push('\n');
        if number % 9 == 8 {
            text.push_str(
                "java.lang.IllegalStateException: no stock\n\tat com.example.A.b(A.java:7)\n",
            );
        }
    }
    assert!(check(text.as_bytes(), 700) > 20);
}
