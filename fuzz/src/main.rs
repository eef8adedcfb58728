//! Runs one target on mutated samples for some time, without a nightly compiler:
//! `cargo run -- decoder 600`. Inputs are lines of the definitions' samples, or queries, cut, joined,
//! repeated and changed; the same seed gives the same inputs.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use logloom_fuzz::TARGETS;

/// Inputs stay below this, as cargo-fuzz keeps them too.
const BYTES_MAX: usize = 4096;

/// What bytes are replaced by, apart from any at random.
const SIGNS: &[u8] = b"{}[]()<>\"'\\|:;,.=-+/ \t\n\r\x1b\x000123456789aTZ\xc3\xff";

/// Queries of every form.
const QUERIES: &[&str] = &[
    "ORD-20417 \"card declined\" declin* /time.?out/",
    "service:pay* level:>=warn http.status_code:>=500 user_id:*",
    "(service:payment OR -{level:error}) AND NOT \"a \\\" b\"",
    "duration:>2s errors:>0 spans:<=50 services:3 root.service:gateway",
    "root.operation:\"POST /checkout\" template:\"order * paid\"",
    "{service:a operation:GET*} >> {service:b} -> {level:error kind:client}",
    "{a} > {b} ->1.5s {c} !{service:shipping \"x y\"}",
    "* OR trace_id:0x4bf92f3577b34da6 -/(a|b){2,3}[^c]/",
];

/// A generator of numbers (xorshift64*), so that a run can be repeated.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let seconds = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(60);
    let seed = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(7);
    let Some((_, target)) = TARGETS.iter().find(|(known, _)| *known == name) else {
        let names = TARGETS.map(|(known, _)| known).join(", ");
        eprintln!("usage: cargo run -- TARGET [SECONDS [SEED]], with one of {names}");
        std::process::exit(2);
    };
    let seeds = seeds(&name);
    let mut numbers = Numbers(seed);
    let (start, length) = (Instant::now(), Duration::from_secs(seconds));
    let (mut runs, mut slowest) = (0u64, Duration::ZERO);
    while start.elapsed() < length {
        let input = mutated(&seeds, &mut numbers);
        // Should the target panic, this is what it was given.
        fs::write(format!("crash-{name}"), &input).expect("the working directory is writable");
        let began = Instant::now();
        target(&input);
        slowest = slowest.max(began.elapsed());
        runs += 1;
    }
    let _ = fs::remove_file(format!("crash-{name}"));
    println!("{name}: {runs} inputs in {seconds} s, nothing found; the slowest took {slowest:?}");
}

/// Definitions whole, or the lines of their samples.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../parsers");
    let mut paths: Vec<_> = fs::read_dir(directory)
        .expect("the definitions are there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|kind| kind == "toml"))
        .collect();
    paths.sort();
    let texts = paths.iter().filter_map(|path| fs::read_to_string(path).ok());
    if name == "query" {
        return QUERIES.iter().map(|query| query.as_bytes().to_vec()).collect();
    }
    if name == "definitions" {
        return texts.map(String::into_bytes).collect();
    }
    let lines = texts.flat_map(|text| {
        let lines = text.lines().map(|line| line.trim_start_matches("line   = '").trim_end_matches('\''));
        lines.map(|line| line.as_bytes().to_vec()).collect::<Vec<_>>()
    });
    lines.filter(|line| line.len() > 8).collect()
}

fn mutated(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut input = Vec::new();
    for _ in 0..=numbers.below(6) {
        input.extend_from_slice(&seeds[numbers.below(seeds.len())]);
        if numbers.below(3) > 0 {
            input.push(b'\n');
        }
    }
    for _ in 0..numbers.below(12) {
        let (at, to) = (numbers.below(input.len()), numbers.below(input.len()));
        let (low, high) = (at.min(to), at.max(to));
        match numbers.below(6) {
            0 => input[at] = SIGNS[numbers.below(SIGNS.len())],
            1 => input[at] = numbers.next() as u8,
            2 => input.insert(at, SIGNS[numbers.below(SIGNS.len())]),
            3 => drop(input.drain(low..high.min(low + 16))),
            4 => {
                let part = input[low..high.min(low + 32)].to_vec();
                let copies = part.repeat(1 + numbers.below(8));
                input.splice(to..to, copies);
            }
            _ => input.truncate(high.max(1)),
        }
        input.truncate(BYTES_MAX);
        if input.is_empty() {
            break;
        }
    }
    input
}
