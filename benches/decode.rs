//! How fast lines of known shapes are understood on one core, beside a JSON parser that only
//! parses: `cargo bench --bench decode -- FILE...`.
//!
//! Each file is read into memory first, up to a limit. Its lines go through a table of templates
//! once to teach it, then once more to be measured: every line is matched to its template, all
//! its slots are found and its time is read, which is all that ingest needs of it. In the same
//! run the same lines go the general way (decode and context) and, where they are JSON, through
//! `serde_json::Value`. Times are those of the processor, which a busy machine changes least.

#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::sync::Arc;

use logloom::context::attributor::Attributor;
use logloom::decode::decoder::Decoder;
use logloom::decode::definition::Definitions;
use logloom::model::line::{Line, Position};
use logloom::template::table::Table;
use logloom::template::{Lesson, Teacher};

/// So much of each file is measured.
const BYTES_MAX: u64 = 64 << 20;

/// So much of it goes the general way, which is slower by far.
const GENERAL_BYTES_MAX: usize = 8 << 20;

/// The general way from a line to its entry.
struct General {
    decoder: Decoder,
    attributor: Attributor,
}

impl General {
    fn new(path: &str) -> Self {
        let decoder = Decoder::new(Definitions::embedded(), None);
        Self { decoder, attributor: Attributor::new(&Arc::from(path)) }
    }
}

impl Teacher for General {
    fn lesson(&mut self, line: &[u8]) -> Option<Lesson> {
        let alone = self.decoder.read_alone(line)?;
        let entry = self.attributor.attribute(alone.record);
        Some(Lesson { entry, lane: alone.lane })
    }
}

/// Bytes and the seconds they took.
#[derive(Default)]
struct Rate {
    bytes: usize,
    seconds: f64,
}

impl Rate {
    fn of(bytes: usize, work: impl FnOnce()) -> Self {
        let begin = processor_seconds();
        work();
        Self { bytes, seconds: processor_seconds() - begin }
    }

    fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.seconds += other.seconds;
    }

    fn shown(&self) -> String {
        if self.bytes == 0 {
            return "not JSON".to_owned();
        }
        format!("{:.0} MB/s", self.bytes as f64 / 1e6 / self.seconds)
    }
}

/// What was measured of a file, or of all.
#[derive(Default)]
struct Row {
    lines: usize,
    known: usize,
    templates: Rate,
    learning: Rate,
    general: Rate,
    parser: Rate,
}

fn main() {
    println!(
        "| file | known shapes | while learning | general way | `serde_json::Value` | known lines |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut all = Row::default();
    // `cargo bench` adds a flag of its own.
    for path in std::env::args().skip(1).filter(|argument| argument != "--bench") {
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(BYTES_MAX).read_to_end(&mut bytes));
        if let Err(error) = read {
            println!("| {path}: {error} |");
            continue;
        }
        let row = measure(&path, &bytes);
        print(path.rsplit('/').next().unwrap_or(&path), &row);
        all.lines += row.lines;
        all.known += row.known;
        let pairs = [
            (&mut all.templates, &row.templates),
            (&mut all.learning, &row.learning),
            (&mut all.general, &row.general),
            (&mut all.parser, &row.parser),
        ];
        for (sum, part) in pairs {
            sum.add(part);
        }
    }
    print("all", &all);
}

fn print(name: &str, row: &Row) {
    println!(
        "| {name} | {} | {} | {} | {} | {:.1} % |",
        row.templates.shown(),
        row.learning.shown(),
        row.general.shown(),
        row.parser.shown(),
        row.known as f64 * 100.0 / row.lines.max(1) as f64
    );
}

fn measure(path: &str, bytes: &[u8]) -> Row {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).collect();
    let (mut table, mut teacher) = (Table::default(), General::new(path));
    let mut known = 0;
    let mut pass = || {
        let taken = lines.iter().filter(|line| black_box(table.take(line, &mut teacher)).is_some());
        known = taken.count();
    };
    let learning = Rate::of(bytes.len(), &mut pass);
    let templates = Rate::of(bytes.len(), &mut pass);

    let mut general = General::new(path);
    let few: Vec<&[u8]> = within(&lines, GENERAL_BYTES_MAX);
    let general = Rate::of(few.iter().map(|line| line.len() + 1).sum(), || {
        let mut records = Vec::new();
        for bytes in few {
            let line = Line { bytes, position: Position::START, cut: 0, terminated: true };
            general.decoder.push(line, &mut records);
            for record in records.drain(..) {
                black_box(general.attributor.attribute(record));
            }
        }
    });

    let are_json = lines.first().is_some_and(|line| line.starts_with(b"{"));
    let parser = Rate::of(if are_json { bytes.len() } else { 0 }, || {
        for line in lines.iter().filter(|_| are_json) {
            black_box(serde_json::from_slice::<serde_json::Value>(line).is_ok());
        }
    });
    Row { lines: lines.len(), known, templates, learning, general, parser }
}

/// The first lines, up to so many bytes.
fn within<'a>(lines: &[&'a [u8]], limit: usize) -> Vec<&'a [u8]> {
    let mut bytes = 0;
    let few = lines.iter().take_while(|line| {
        bytes += line.len() + 1;
        bytes <= limit
    });
    few.copied().collect()
}

/// Seconds that the processor has worked for this thread, in user and system code.
fn processor_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds: f64 =
        text.split(' ').next().and_then(|number| number.trim().parse().ok()).unwrap_or(0.0);
    nanoseconds / 1e9
}
