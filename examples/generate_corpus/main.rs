//! Generates the logs of a busy shop, for measurements: the same bytes for the same seed.
//!
//! ```text
//! cargo run --release --example generate_corpus -- --bytes 1G --seed 7 --out DIR
//! ```
//!
//! Twelve services write one file each, in order of time: three dialects of JSON (zap, pino,
//! logback) and one of text (Spring Boot). About 500 requests a second interleave, each with
//! about 16 lines of 204 message templates; 5 % of the lines belong to no request. Order
//! ids, user ids, urls, addresses and durations stand in fields and in messages; failures
//! carry stack traces. Ids are random, which makes the corpus hard to compress. Not
//! imitated: clocks that are wrong, torn lines, envelopes, unusual formats.

mod random;
mod text;
mod template;
mod dialect;
mod traffic;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "usage: generate_corpus --out DIR [--bytes 1G] [--seed 7]";

fn main() -> ExitCode {
    let outcome = Options::parse(std::env::args().skip(1)).and_then(|options| run(&options));
    if let Err(message) = outcome {
        let _ = writeln!(io::stderr(), "error: {message}");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

/// What to generate, and where to.
struct Options {
    bytes: u64,
    seed: u64,
    out: PathBuf,
}

impl Options {
    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut bytes, mut seed, mut out) = (1_000_000_000, 7, None);
        while let Some(flag) = arguments.next() {
            let value =
                arguments.next().ok_or_else(|| format!("`{flag}` needs a value; {USAGE}"))?;
            let wrong = || format!("`{flag} {value}`: a number was expected");
            match flag.as_str() {
                "--bytes" => bytes = size(&value).ok_or_else(wrong)?,
                "--seed" => seed = value.parse().map_err(|_| wrong())?,
                "--out" => out = Some(PathBuf::from(value)),
                _ => return Err(format!("`{flag}` is not known; {USAGE}")),
            }
        }
        Ok(Self { bytes, seed, out: out.ok_or(USAGE)? })
    }
}

/// `1500`, `20k`, `300M`, `4G`: powers of ten.
fn size(text: &str) -> Option<u64> {
    let (digits, factor) = match text.char_indices().last()? {
        (place, 'k' | 'K') => (&text[..place], 1_000),
        (place, 'm' | 'M') => (&text[..place], 1_000_000),
        (place, 'g' | 'G') => (&text[..place], 1_000_000_000),
        _ => (text, 1),
    };
    digits.parse::<u64>().ok()?.checked_mul(factor)
}

fn run(options: &Options) -> Result<(), String> {
    let at = |path: &Path, error: &io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(&options.out).map_err(|error| at(&options.out, &error))?;
    let mut outputs = Vec::new();
    for name in traffic::service_names() {
        let path = options.out.join(name).with_extension("log");
        let file = File::create(&path).map_err(|error| at(&path, &error))?;
        outputs.push(BufWriter::with_capacity(1 << 20, file));
    }
    let totals = traffic::generate(options.seed, options.bytes, &mut outputs)
        .map_err(|error| at(&options.out, &error))?;
    for output in &mut outputs {
        output.flush().map_err(|error| at(&options.out, &error))?;
    }
    let report = format!(
        "{} bytes, {} statements, {} of them without a request, {} requests in {}",
        totals.bytes,
        totals.statements,
        totals.idle,
        totals.traces,
        options.out.display(),
    );
    writeln!(io::stdout(), "{report}").map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_powers_of_ten() {
        assert_eq!(size("1500"), Some(1500));
        assert_eq!(size("300M"), Some(300_000_000));
        assert_eq!(size("1G"), Some(1_000_000_000));
        assert_eq!(size("G"), None);
        assert_eq!(size("99999999999999G"), None);
    }
}
