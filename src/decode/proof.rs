//! A definition proves itself: its samples give what they promise, its rejects are not
//! taken, every pattern is needed, and no other definition claims a sample.

use std::path::Path;
use std::sync::Arc;

use crate::decode::clean;
use crate::decode::decoder::Decoder;
use crate::decode::definition::{Definition, Definitions, Sample};
use crate::decode::error::{DefinitionError, Failure, Place};
use crate::decode::json;
use crate::decode::loader;
use crate::decode::shape::{PATTERN_BYTES_MAX, Shape};
use crate::decode::timestamp;
use crate::model::field;
use crate::model::line::{Line, Position};
use crate::model::record::{Record, TimeBasis};
use crate::model::severity::Severity;

/// Samples are read as lines of a file that was modified at 2026-11-21T12:00:00Z.
const MODIFIED: i64 = 1_795_262_400_000_000_000;

/// What the check of a definition file found.
#[derive(Debug)]
pub struct Report {
    /// The definition's name.
    pub name: String,
    /// How many samples were run.
    pub samples: usize,
    /// How many rejects were run.
    pub rejects: usize,
    /// What does not hold; nothing if the definition is right.
    pub failures: Vec<Failure>,
}

/// Reads a definition file and runs its samples and rejects, beside our definitions.
///
/// # Errors
/// When the file cannot be read or is no definition at all.
pub fn check_file(path: &Path) -> Result<Report, DefinitionError> {
    let definition = Arc::new(loader::read_file(path)?);
    compile(&definition)?;
    let definitions = Definitions::embedded().with(&[Arc::clone(&definition)]);
    Ok(Report {
        name: definition.name().to_owned(),
        samples: definition.samples.len(),
        rejects: definition.rejects.len(),
        failures: run(&definition, &definitions),
    })
}

/// Compiles all patterns of a definition.
pub(super) fn compile(definition: &Definition) -> Result<(), DefinitionError> {
    let Shape::Pattern(patterns) = &definition.shape else { return Ok(()) };
    let too_large = |_| DefinitionError::PatternTooLarge {
        place: definition.place.clone(),
        limit: PATTERN_BYTES_MAX,
    };
    patterns.iter().try_for_each(|pattern| pattern.compile().map_err(too_large))
}

/// Runs samples and rejects of a definition that is one of `definitions`.
pub(super) fn run(definition: &Definition, definitions: &Definitions) -> Vec<Failure> {
    let all = Arc::new(definitions.with(&[]));
    let mut failures = Vec::new();
    for sample in &definition.samples {
        run_sample(definition, sample, &all, &mut failures);
    }
    for reject in &definition.rejects {
        let first = first_line(&reject.line);
        if takes(definition, first) {
            failures.push(failure(&reject.place, "reject", "no match", "a match"));
        }
    }
    unneeded_patterns(definition, &mut failures);
    failures
}

fn run_sample(
    definition: &Definition,
    sample: &Sample,
    definitions: &Arc<Definitions>,
    failures: &mut Vec<Failure>,
) {
    let records = decode(&sample.line, definitions);
    let [record] = records.as_slice() else {
        let found = format!("{}", records.len());
        failures.push(failure(&sample.place, "records", "1", &found));
        return;
    };
    let first = first_line(&sample.line);
    let understood = *record.format == *definition.name || takes(definition, first);
    if !understood {
        let mut failure = failure(&sample.place, "format", &definition.name, &record.format);
        failure.hint = (&*record.format != "plain").then(|| {
            "raise `priority` to be asked first, or make the pattern tell them apart".to_owned()
        });
        failures.push(failure);
    }
    if let Some(other) = claimed(definition, first, definitions) {
        let expected = format!("only {}", definition.name());
        let mut failure = failure(&sample.place, "claimed by", &expected, other);
        failure.hint = Some("raise `priority`, or narrow the pattern of one of them".to_owned());
        failures.push(failure);
    }
    for (place, name, expected) in &sample.expect {
        let (holds, found) = compare(record, name, expected);
        if !holds {
            failures.push(failure(place, name, &format!("`{expected}`"), &found));
        }
    }
}

fn decode(text: &str, definitions: &Arc<Definitions>) -> Vec<Record> {
    let mut decoder = Decoder::new(Arc::clone(definitions), Some(MODIFIED));
    let mut records = Vec::new();
    let mut position = Position::START;
    for line in text.split('\n') {
        let bytes = line.as_bytes();
        decoder.push(Line { bytes, position, cut: 0, terminated: true }, &mut records);
        position.line += 1;
        position.offset += bytes.len() as u64 + 1;
    }
    decoder.finish(&mut records);
    records
}

/// Another definition of equal or higher rank that would take the same line.
fn claimed<'a>(
    definition: &Definition,
    line: &str,
    definitions: &'a Definitions,
) -> Option<&'a str> {
    definitions
        .iter()
        .filter(|other| other.priority >= definition.priority && other.name != definition.name)
        .find(|other| takes(other, line))
        .map(Definition::name)
}

fn takes(definition: &Definition, line: &str) -> bool {
    let text = clean::text(line.as_bytes());
    match &definition.shape {
        Shape::Json(shape) => json::read(&text).is_some_and(|members| shape.takes(&members)),
        _ => definition.read_text(&text, &mut Vec::new()).is_some(),
    }
}

fn unneeded_patterns(definition: &Definition, failures: &mut Vec<Failure>) {
    let Shape::Pattern(patterns) = &definition.shape else { return };
    let mut needed = vec![false; patterns.len()];
    for sample in &definition.samples {
        // A pattern may be of a block of lines that none of them matches alone.
        for line in sample.line.lines().chain([sample.line.trim_start_matches('\n')]) {
            let text = clean::text(line.as_bytes());
            if let Some((index, _)) = definition.read_text(&text, &mut Vec::new()) {
                needed[index] = true;
            }
        }
    }
    for (index, _) in needed.iter().enumerate().filter(|(_, needed)| !**needed) {
        let subject = format!("pattern {}", index + 1);
        failures.push(failure(&definition.place, &subject, "a sample that it matches", "none"));
    }
}

/// Whether a record has what a sample expects under this name, and what it has.
fn compare(record: &Record, name: &str, expected: &str) -> (bool, String) {
    let text = |found: Option<&str>| {
        (
            found == Some(expected),
            found.map_or_else(|| "nothing".to_owned(), |found| format!("`{found}`")),
        )
    };
    match name {
        "time" => {
            let wanted = timestamp::read(expected).and_then(timestamp::Reading::complete);
            let found = record.time.as_ref().map(|time| time.at);
            let shown = found.map_or_else(|| "nothing".to_owned(), |at| format!("`{at}`"));
            (wanted.is_some() && found == wanted, shown)
        }
        "time_basis" => text(record.time.as_ref().map(|time| basis_name(time.basis))),
        "level" => {
            let wanted = loader::level(expected);
            let found = record.severity;
            (
                wanted.is_some() && found == wanted,
                found.map_or("nothing", Severity::name).to_owned(),
            )
        }
        "severity" => text(record.severity.map(|found| found.number().to_string()).as_deref()),
        "service" => text(record.service.as_deref()),
        "instance" => text(record.instance.as_deref()),
        "host" => text(record.host.as_deref()),
        "logger" => text(record.logger.as_deref()),
        "thread" => text(record.thread.as_deref()),
        "message" => text(Some(&record.message)),
        "format" => text(Some(&record.format)),
        field => text(field::find(&record.fields, field).map(ToString::to_string).as_deref()),
    }
}

/// The names of the bases in samples.
const fn basis_name(basis: TimeBasis) -> &'static str {
    match basis {
        TimeBasis::Line => "line",
        TimeBasis::Envelope => "envelope",
        TimeBasis::ZoneAssumed => "zone_assumed",
        TimeBasis::DateAssumed => "date_assumed",
        TimeBasis::ZoneLearned => "zone_learned",
        TimeBasis::ZoneGiven => "zone_given",
        TimeBasis::Mentioned => "mentioned",
        TimeBasis::Inherited => "inherited",
    }
}

fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

fn failure(place: &Place, subject: &str, expected: &str, found: &str) -> Failure {
    Failure {
        place: place.clone(),
        subject: subject.to_owned(),
        expected: expected.to_owned(),
        found: found.to_owned(),
        hint: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "name = 'x'\nabout = 'An x.'\nshape = 'pattern'\npattern = '^x (?<level>\\w+) (?<message>.*)$'\n";

    fn write(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    #[track_caller]
    fn check(body: &str, expected: &[&str]) {
        let file = write(&format!("{HEAD}{body}"));
        let report = check_file(file.path()).unwrap();
        let prefix = format!("{}:", file.path().display());
        let found: Vec<String> = report
            .failures
            .iter()
            .map(|failure| failure.to_string().replace(&prefix, ""))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_right_definition_has_no_failures() {
        check(
            "[[sample]]\nline = 'x warn low'\nexpect = { level = 'warn', message = 'low' }\n",
            &[],
        );
    }

    #[test]
    fn a_wrong_expectation_is_told_with_its_line() {
        check(
            "[[sample]]\nline = 'x warn low'\nexpect = { level = 'error', user = 'ada' }\n",
            &["7: level: expected `error`, found warn", "7: user: expected `ada`, found nothing"],
        );
    }

    #[test]
    fn a_reject_that_is_taken_and_a_sample_that_is_not_are_told() {
        check(
            "[[sample]]\nline = 'y'\nexpect = { message = 'y' }\n[[reject]]\nline = 'x info y'\n",
            &[
                "6: format: expected x, found plain",
                "9: reject: expected no match, found a match",
                "1: pattern 1: expected a sample that it matches, found none",
            ],
        );
    }

    #[test]
    fn a_sample_that_another_definition_claims_is_told() {
        let file = write(
            "name = 'mine'\nabout = 'Mine.'\nshape = 'pattern'\npattern = '^1:M (?<message>.*)$'\n\
             [[sample]]\nline = '1:M 21 Nov 2026 09:30:15.250 # x'\nexpect = {}\n",
        );
        let report = check_file(file.path()).unwrap();
        assert!(report.failures.iter().any(|failure| failure.found == "redis"));
    }

    #[test]
    fn a_directory_adds_to_ours_and_replaces_by_name() {
        let directory = tempfile::tempdir().unwrap();
        let ours = Definitions::embedded().iter().count();
        let sample = "[[sample]]\nline = 'x warn low'\nexpect = { message = 'low' }\n";
        std::fs::write(directory.path().join("x.toml"), format!("{HEAD}{sample}")).unwrap();
        let replaced =
            format!("{HEAD}{sample}").replace("'x'\n", "'redis'\n").replace("x ", "redis ");
        std::fs::write(directory.path().join("redis.toml"), replaced).unwrap();
        let definitions = Definitions::with_directories(&[directory.path().to_owned()]).unwrap();
        assert_eq!(definitions.iter().count(), ours + 1);
        let other = tempfile::tempdir().unwrap();
        let later = format!("{HEAD}{sample}").replace("An x.", "A later x.");
        std::fs::write(other.path().join("x.toml"), later).unwrap();
        let both = [directory.path().to_owned(), other.path().to_owned()];
        let definitions = Definitions::with_directories(&both).unwrap();
        let about = definitions.iter().find(|one| one.name() == "x").map(Definition::about);
        assert_eq!(about, Some("A later x."), "the later directory wins");
        std::fs::write(directory.path().join("bad.toml"), "name = 'bad'").unwrap();
        assert!(Definitions::with_directories(&[directory.path().to_owned()]).is_err());
    }
}
