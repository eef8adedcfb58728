//! Measures what `logloom diagnose` finds: made-up systems, faults planted in them, what only
//! looks like a fault, and healthy requests, all from a seed.
//!
//! ```text
//! cargo run --release --example diagnosis -- --seed 7
//! ```
//!
//! Prints the tables of docs/diagnosis.md. `--show all` tells of each instance that was missed
//! or told wrong.

#[path = "../generate_corpus/random.rs"]
mod random;
mod line;
mod read;
mod script;
mod system;
mod fault;
mod look_alike;
mod judge;

use std::io::{self, Write};
use std::process::ExitCode;

use fault::KINDS;
use judge::{Counts, Damage, Sort, alarms, incomplete, judge, score};

const USAGE: &str = "usage: diagnosis [--seed 7] [--faults 50] [--healthy 500] [--show all]";

fn main() -> ExitCode {
    match Options::parse(std::env::args().skip(1)) {
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

/// What is taken away from the request with the fault.
const DAMAGES: [(&str, Damage); 6] = [
    ("all there", Damage::None),
    ("one in ten lost", Damage::Lost(100)),
    ("three in ten lost", Damage::Lost(300)),
    ("the faulty service silent", Damage::Silent),
    ("no ids of parents", Damage::Parents),
    ("no span ids", Damage::SpanIds),
];

struct Options {
    seed: u64,
    counts: Counts,
    show: bool,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            seed: 7,
            counts: Counts { faults: 50, look_alikes: 10, healthy: 500 },
            show: false,
        };
        while let Some(flag) = arguments.next() {
            let value =
                arguments.next().ok_or_else(|| format!("`{flag}` needs a value; {USAGE}"))?;
            let number =
                || value.parse().map_err(|_| format!("`{flag} {value}`: a number was expected"));
            match flag.as_str() {
                "--seed" => options.seed = number()?,
                "--faults" => options.counts.faults = number()?,
                "--look-alikes" => options.counts.look_alikes = number()?,
                "--healthy" => options.counts.healthy = number()?,
                "--show" => options.show = true,
                _ => return Err(format!("`{flag}` is not known; {USAGE}")),
            }
        }
        Ok(options)
    }
}

fn print(out: &mut dyn Write, options: &Options) -> io::Result<()> {
    let judged = judge(options.seed, options.counts);
    writeln!(
        out,
        "| kind | finding | instances | recall | precision | first is true | look-alikes fooled |"
    )?;
    writeln!(out, "| --- | --- | ---: | ---: | ---: | ---: | ---: |")?;
    for kind in KINDS {
        let score = score(&judged, kind);
        writeln!(
            out,
            "| {kind:?} | `{}` | {} | {:.2} | {:.3} | {:.2} | {} |",
            kind.finding(),
            score.instances,
            score.recall,
            score.precision,
            score.first,
            score.look_alikes_fooled,
        )?;
    }
    let healthy = judged.iter().filter(|judged| judged.sort == Sort::Healthy).count();
    writeln!(
        out,
        "\nFindings of warning level or above in {healthy} healthy requests: {:.1} per 100.",
        alarms(&judged)
    )?;
    let mut wrong = Vec::new();
    writeln!(out, "\n| lines | requests | true cause | no cause | wrong cause |")?;
    writeln!(out, "| --- | ---: | ---: | ---: | ---: |")?;
    for (name, damage) in DAMAGES {
        let (ends, told_wrong) = incomplete(options.seed, options.counts.look_alikes, damage);
        writeln!(
            out,
            "| {name} | {} | {} | {} | {} |",
            ends.requests, ends.true_causes, ends.untold, ends.wrong_causes,
        )?;
        wrong.extend(told_wrong.into_iter().map(|judged| (name, judged)));
    }
    if options.show {
        for (name, judged) in &wrong {
            writeln!(out, "{name}: {judged:?}")?;
        }
        for judged in &judged {
            let missed = matches!(judged.sort, Sort::Fault(_)) && !judged.hit;
            if missed || !judged.wrong.is_empty() || !judged.first_is_true {
                writeln!(
                    out,
                    "{:?} seed {}: hit {} wrong {:?} found {:?}",
                    judged.sort, judged.seed, judged.hit, judged.wrong, judged.found
                )?;
            }
        }
    }
    Ok(())
}
