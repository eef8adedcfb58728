//! Words and numbers for how bad a record is, brought to OpenTelemetry's scale.

use crate::model::severity::Severity;

/// The meaning of a level that is a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Scale {
    /// 10 to 60 in steps of ten as pino, 0 to 7 as syslog; nothing else.
    #[default]
    Guessed,
    /// Syslog, GELF, journald: 0 (emergency) to 7 (debug); a priority with facility too.
    Syslog,
    /// pino and bunyan: 10 to 60.
    Pino,
    /// Python's logging: 10 to 50.
    Python,
    /// Monolog: 100 to 600.
    Monolog,
    /// logback's `level_value`: 5000 to 40000.
    Logback,
    /// Go's slog: -4 to 8.
    Slog,
    /// .NET's `LogLevel`: 0 to 5.
    Dotnet,
    /// Application Insights: 0 to 4.
    AppInsights,
    /// `ArcSight`'s common event format: 0 to 10.
    Cef,
    /// OpenTelemetry: 1 to 24.
    OpenTelemetry,
}

/// The names by which definitions choose a scale.
pub(super) const SCALES: [(&str, Scale); 10] = [
    ("syslog", Scale::Syslog),
    ("pino", Scale::Pino),
    ("python", Scale::Python),
    ("monolog", Scale::Monolog),
    ("logback", Scale::Logback),
    ("slog", Scale::Slog),
    ("dotnet", Scale::Dotnet),
    ("app-insights", Scale::AppInsights),
    ("cef", Scale::Cef),
    ("opentelemetry", Scale::OpenTelemetry),
];

/// The longest word read as a level.
const WORD_BYTES_MAX: usize = 16;

/// Reads a level, a word or a number; none when it is neither.
pub(super) fn read(text: &str, scale: Scale) -> Option<Severity> {
    let text = text.trim_matches(|letter: char| {
        letter.is_whitespace() || matches!(letter, '[' | ']' | '<' | '>' | '(' | ')' | ':' | '"')
    });
    match text.parse::<i64>() {
        Ok(number) => on_scale(number, scale),
        Err(_) => word(text),
    }
}

/// The severity an HTTP status stands for.
pub(super) fn of_status(status: &str) -> Option<Severity> {
    match status.parse::<u16>().ok()? {
        100..=399 => Some(Severity::INFO),
        400..=499 => Some(Severity::WARN),
        500..=599 => Some(Severity::ERROR),
        _ => None,
    }
}

/// Reads a word; none for one that is no level.
fn word(text: &str) -> Option<Severity> {
    let mut lower = [0; WORD_BYTES_MAX];
    let lower = lower.get_mut(..text.len())?;
    lower.copy_from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    let number = match &*lower {
        b"trace" | b"trac" | b"trc" | b"trce" | b"finest" | b"verbose" | b"vrb" | b"all"
        | b"silly" => 1,
        b"debug" | b"debu" | b"dbg" | b"dbug" | b"debg" | b"d" | b"finer" => 5,
        b"fine" => 6,
        b"config" => 7,
        b"info" | b"inf" | b"information" | b"informational" | b"i" | b"log" | b"note"
        | b"http" | b"default" => 9,
        b"notice" | b"ntc" | b"success" => 10,
        b"warn" | b"warning" | b"wrn" | b"w" => 13,
        b"error" | b"erro" | b"err" | b"eror" | b"e" | b"fail" | b"severe" => 17,
        b"crit" | b"dpanic" => 18,
        b"alert" | b"pani" | b"panic" => 19,
        b"fatal" | b"fata" | b"ftl" | b"f" | b"critical" | b"emergency" | b"emerg" => 21,
        _ => return between(text),
    };
    Severity::new(number)
}

/// slog's levels between the named ones: `INFO+2`, `DEBUG-1`.
fn between(text: &str) -> Option<Severity> {
    let place = text.find(['+', '-']).filter(|place| *place > 0)?;
    let (base, step) = text.split_at(place);
    let step: i64 = step.parse().ok()?;
    let base = i64::from(word(base)?.number());
    u8::try_from(base.checked_add(step)?.clamp(1, 24)).ok().and_then(Severity::new)
}

fn on_scale(number: i64, scale: Scale) -> Option<Severity> {
    let found = match scale {
        Scale::Guessed if number >= 10 => steps(number, 10, &[1, 5, 9, 13, 17, 21]),
        Scale::Guessed => syslog(number),
        Scale::Syslog => syslog(number & 7),
        Scale::Pino => steps(number, 10, &[1, 5, 9, 13, 17, 21]),
        Scale::Python => steps(number, 10, &[5, 9, 13, 17, 21]),
        Scale::Monolog => monolog(number),
        Scale::Logback => logback(number),
        Scale::Slog => number.checked_add(9).map(|number| number.clamp(1, 24)),
        Scale::Dotnet => [1, 5, 9, 13, 17, 21].get(usize::try_from(number).ok()?).copied(),
        Scale::AppInsights => [5, 9, 13, 17, 21].get(usize::try_from(number).ok()?).copied(),
        Scale::Cef => {
            [9, 9, 9, 9, 13, 13, 13, 17, 17, 21, 21].get(usize::try_from(number).ok()?).copied()
        }
        Scale::OpenTelemetry => Some(number),
    };
    u8::try_from(found?).ok().and_then(Severity::new)
}

/// Levels in equal steps, from one step on; those between belong to the one below.
fn steps(number: i64, step: i64, severities: &[i64]) -> Option<i64> {
    let index = usize::try_from(number / step).ok()?.checked_sub(1)?;
    severities.get(index).copied()
}

fn syslog(number: i64) -> Option<i64> {
    [21, 19, 18, 17, 13, 10, 9, 5].get(usize::try_from(number).ok()?).copied()
}

fn monolog(number: i64) -> Option<i64> {
    Some(match number {
        100 => 5,
        200 => 9,
        250 => 10,
        300 => 13,
        400 => 17,
        500 => 18,
        550 => 19,
        600 => 21,
        _ => return None,
    })
}

fn logback(number: i64) -> Option<i64> {
    Some(match number {
        5_000 => 1,
        10_000 => 5,
        20_000 => 9,
        30_000 => 13,
        40_000 => 17,
        50_000 => 21,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, scale: Scale, expected: Option<u8>) {
        assert_eq!(read(text, scale).map(Severity::number), expected, "level: {text}");
    }

    #[test]
    fn words_are_read_in_any_case_and_padding() {
        for (text, number) in [
            ("TRACE", 1),
            ("Verbose", 1),
            ("debug", 5),
            ("FINE", 6),
            ("Information", 9),
            ("INFO ", 9),
            ("[warn]", 13),
            ("<Warning>", 13),
            ("ERROR:", 17),
            ("SEVERE", 17),
            ("crit", 18),
            ("panic", 19),
            ("CRITICAL", 21),
            ("Fatal", 21),
            ("E", 17),
        ] {
            check(text, Scale::Guessed, Some(number));
        }
    }

    #[test]
    fn levels_between_the_named_ones_are_counted_from_them() {
        check("INFO+2", Scale::Guessed, Some(11));
        check("DEBUG-1", Scale::Guessed, Some(4));
        check("ERROR+100", Scale::Guessed, Some(24));
    }

    #[test]
    fn a_number_means_what_its_scale_says() {
        check("30", Scale::Guessed, Some(9));
        check("3", Scale::Guessed, Some(17));
        check("27", Scale::Syslog, Some(17));
        check("50", Scale::Pino, Some(17));
        check("50", Scale::Python, Some(21));
        check("250", Scale::Monolog, Some(10));
        check("40000", Scale::Logback, Some(17));
        check("-4", Scale::Slog, Some(5));
        check("4", Scale::Dotnet, Some(17));
        check("4", Scale::AppInsights, Some(21));
        check("7", Scale::Cef, Some(17));
        check("10", Scale::Cef, Some(21));
        check("24", Scale::OpenTelemetry, Some(24));
    }

    #[test]
    fn what_is_no_level_is_absent() {
        for text in ["", "hello", "request+2", "99999999999", "9223372036854775807", "é", "-"] {
            check(text, Scale::Guessed, None);
        }
        check("9223372036854775807", Scale::Slog, None);
        check("25", Scale::OpenTelemetry, None);
    }

    #[test]
    fn an_access_line_is_as_bad_as_its_status() {
        assert_eq!(of_status("204"), Some(Severity::INFO));
        assert_eq!(of_status("404"), Some(Severity::WARN));
        assert_eq!(of_status("503"), Some(Severity::ERROR));
        assert_eq!(of_status("-"), None);
    }
}
