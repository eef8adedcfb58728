//! Puts requests of a million spans together, and says how long that takes and how much memory.
//!
//! ```console
//! $ cargo run --release --example large_request -- --spans 1000000
//! ```
//!
//! Each shape is made in a process of its own, so that what one needs is not counted for the
//! next. The peak of memory is that of the whole process, with the lines that go in and the
//! request that comes out; it is known on Linux alone.

mod shape;

use std::fs;
use std::process::Command;
use std::time::Instant;

use clap::Parser;
use logloom::model::id::TraceId;
use logloom::trace::assemble;
use logloom::trace::knowledge::Knowledge;
use logloom::trace::learn::Learner;

use crate::shape::Shape;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Small requests of the same shape to learn from, and the spans of each.
const LEARNED: (u128, usize) = (200, 20);

#[derive(Parser)]
struct Flags {
    /// Spans of each request.
    #[arg(long, default_value_t = 1_000_000)]
    spans: usize,
    /// Only this shape.
    #[arg(long)]
    shape: Option<Shape>,
}

fn main() {
    let flags = Flags::parse();
    match flags.shape {
        Some(shape) => put_together(shape, flags.spans),
        None => each_alone(flags.spans),
    }
}

fn each_alone(spans: usize) {
    say(&format!(
        "{:<10} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "shape", "spans", "seconds", "lines MB", "peak MB", "roots"
    ));
    let own = std::env::current_exe().expect("a running program has a path");
    for shape in Shape::ALL {
        let mut run = Command::new(&own);
        run.args(["--spans", &spans.to_string(), "--shape", shape.name()]);
        let ended = run.status().expect("the program that runs can be run");
        assert!(ended.success(), "the shape {} failed", shape.name());
    }
}

fn put_together(shape: Shape, spans: usize) {
    let knowledge = learned(shape);
    let id = TraceId::new(u128::MAX).expect("not zero");
    let entries = shape.entries(spans);
    let before = memory("VmRSS:");
    let begun = Instant::now();
    let trace = assemble(id, entries, &knowledge);
    let seconds = begun.elapsed().as_secs_f64();
    let roots = trace.roots().count();
    say(&format!(
        "{:<10} {:>9} {seconds:>9.2} {before:>9} {:>9} {roots:>9}",
        shape.name(),
        trace.spans.len(),
        memory("VmHWM:"),
    ));
}

/// What small requests of the same shape teach.
fn learned(shape: Shape) -> Knowledge {
    let mut learner = Learner::default();
    for number in 1..=LEARNED.0 {
        let id = TraceId::new(number).expect("counted from 1");
        learner.observe(id, shape.entries(LEARNED.1));
    }
    learner.learn()
}

/// Megabytes of this process under this name in its status; 0 where the system does not tell.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or_default() / 1_000
}

#[expect(clippy::print_stdout, reason = "it is what the example is for")]
fn say(line: &str) {
    println!("{line}");
}
