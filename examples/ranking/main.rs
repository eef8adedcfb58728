//! Measures how well `logloom diagnose` ranks services when one of them goes wrong: made-up
//! systems under load, faults in a window, sparse logs, lost lines and clocks that are off,
//! all from a seed.
//!
//! ```text
//! cargo run --release --example ranking -- --seed 7
//! ```
//!
//! Prints the tables of docs/comparison.md. `--show` tells of each window that was ranked wrong.

#[path = "../generate_corpus/random.rs"]
mod random;
#[path = "../diagnosis/line.rs"]
mod line;
#[path = "../diagnosis/read.rs"]
mod read;
mod system;
mod fault;
mod play;
mod day;
mod baseline;
mod judge;

use std::io::{self, Write};
use std::process::ExitCode;

use baseline::NAMES;
use day::Damage;
use fault::KINDS;
use judge::{Judged, judge};
use line::MILLI;

const USAGE: &str = "usage: ranking [--seed 7] [--windows 40] [--show]";

/// What is done to the lines.
const DAMAGES: [(&str, Damage); 4] = [
    ("all there", Damage { skew: 0, lost: 0 }),
    ("one in ten lost", Damage { skew: 0, lost: 100 }),
    ("clocks off within 50 ms", Damage { skew: 50 * MILLI, lost: 0 }),
    ("within 200 ms, one in twenty lost", Damage { skew: 200 * MILLI, lost: 50 }),
];

struct Options {
    seed: u64,
    windows: u64,
    show: bool,
    damages: usize,
}

fn main() -> ExitCode {
    match options(std::env::args().skip(1)) {
        Ok(options) => {
            let printed = print(&mut io::stdout().lock(), &options);
            ExitCode::from(u8::from(printed.is_err()))
        }
        Err(message) => {
            let _ = writeln!(io::stderr(), "error: {message}");
            ExitCode::from(2)
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { seed: 7, windows: 40, show: false, damages: DAMAGES.len() };
    while let Some(flag) = arguments.next() {
        if flag == "--show" {
            options.show = true;
            continue;
        }
        let value = arguments.next().ok_or_else(|| format!("`{flag}` needs a value; {USAGE}"))?;
        let number: u64 =
            value.parse().map_err(|_| format!("`{flag} {value}`: a number was expected"))?;
        match flag.as_str() {
            "--seed" => options.seed = number,
            "--windows" => options.windows = number,
            "--damages" => options.damages = (number as usize).min(DAMAGES.len()),
            _ => return Err(format!("`{flag}` is not known; {USAGE}")),
        }
    }
    Ok(options)
}

fn print(out: &mut dyn Write, options: &Options) -> io::Result<()> {
    for (name, damage) in &DAMAGES[..options.damages] {
        let judged = judge(options.seed, options.windows, *damage);
        writeln!(
            out,
            "\n{name}\n\n| fault | windows | first | within three | {} |",
            NAMES.join(" | ")
        )?;
        writeln!(out, "| --- | ---: | ---: | ---: |{}", " ---: |".repeat(NAMES.len()))?;
        for kind in KINDS {
            let of: Vec<&Judged> = judged.iter().filter(|one| one.kind == Some(kind)).collect();
            row(out, &format!("{kind:?}"), &of)?;
        }
        let faulty: Vec<&Judged> = judged.iter().filter(|one| one.kind.is_some()).collect();
        row(out, "all", &faulty)?;
        let well: Vec<&Judged> = judged.iter().filter(|one| one.kind.is_none()).collect();
        let alarms = well.iter().filter(|one| one.differs).count();
        writeln!(out, "\nWindows in which all is well: {}, said to differ: {alarms}.", well.len())?;
        if options.show {
            let is_wrong = |one: &&Judged| {
                if one.kind.is_some() { one.ranks[0] != Some(0) } else { one.differs }
            };
            for one in judged.iter().filter(is_wrong) {
                let Judged { seed, kind, service, ranks, first, .. } = one;
                writeln!(out, "{kind:?} seed {seed} in {service}: {:?}", ranks[0])?;
                for line in first {
                    writeln!(out, "    {line}")?;
                }
            }
        }
    }
    Ok(())
}

/// How often each method has the faulty service first; ours also within three.
fn row(out: &mut dyn Write, name: &str, judged: &[&Judged]) -> io::Result<()> {
    let within = |method: usize, places: usize| {
        let hits = judged.iter().filter(|one| one.ranks[method].is_some_and(|rank| rank < places));
        share(hits.count(), judged.len())
    };
    let simple: Vec<String> = (1..=NAMES.len()).map(|method| within(method, 1)).collect();
    writeln!(
        out,
        "| {name} | {} | {} | {} | {} |",
        judged.len(),
        within(0, 1),
        within(0, 3),
        simple.join(" | ")
    )
}

/// A share with its 95 % interval (Wilson, 1927).
fn share(part: usize, whole: usize) -> String {
    let (part, whole) = (part as f64, whole.max(1) as f64);
    let (share, z) = (part / whole, 1.96_f64);
    let middle = (share + z * z / (2.0 * whole)) / (1.0 + z * z / whole);
    let wide = z / (1.0 + z * z / whole)
        * (share * (1.0 - share) / whole + z * z / (4.0 * whole * whole)).sqrt();
    let percent = |value: f64| 100.0 * value.clamp(0.0, 1.0);
    format!("{:.0} % ({:.0}–{:.0})", percent(share), percent(middle - wide), percent(middle + wide))
}
