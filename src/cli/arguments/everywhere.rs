//! Flags that several commands take.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};
use jiff::tz::TimeZone;

use crate::cli::moment::{self, MomentError};
use crate::decode::zones::Zones;
use crate::model::time::Timestamp;
use crate::store::Window;

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Everywhere")]
pub struct GlobalArguments {
    /// When to use colours: auto, always, never. They never say more than the characters do.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        alias = "colour",
        hide_possible_values = true
    )]
    pub color: ColourChoice,
    /// Show and read times in this zone: `local`, `UTC`, `+02:00`, `Europe/Berlin`.
    #[arg(long, global = true, value_name = "ZONE", default_value = "local", value_parser = zone)]
    pub zone: TimeZone,
    /// The zone of logs that write local times without one: `Europe/Berlin` for all of them,
    /// `*legacy*=Asia/Tokyo` for the paths that match; may be repeated.
    #[arg(long, global = true, value_name = "[GLOB=]ZONE", value_parser = log_zone)]
    pub log_zone: Vec<LogZone>,
    /// Also use the format definitions (*.toml) of this directory.
    #[arg(long, global = true, value_name = "DIR")]
    pub parsers: Option<PathBuf>,
    /// Say nothing but the answer and errors.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say what is being done; twice for every detail.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
}

/// The zone of the local times of some logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogZone {
    /// As it was typed.
    pub text: String,
    /// Which paths; all if there is none.
    pub pattern: Option<String>,
    /// Their zone.
    pub zone: TimeZone,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColourChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where the logs are.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Input")]
pub struct InputArguments {
    /// Read only names that match, inside directories and archives; may be repeated.
    #[arg(long, value_name = "GLOB")]
    pub include: Vec<String>,
    /// Pass over names that match, inside directories and archives; may be repeated.
    #[arg(long, value_name = "GLOB")]
    pub exclude: Vec<String>,
    /// Keep what was read in this directory; without a path, ask it alone.
    #[arg(long, value_name = "DIR", env = "LOGLOOM_STORE")]
    pub store: Option<PathBuf>,
}

/// The stretch of time that is asked for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Selection")]
pub struct WindowArguments {
    /// Nothing before this: `2026-11-21T09:30:00Z`, `2026-11-21`, `-15m`, `yesterday 14:00`.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub since: Option<String>,
    /// Nothing at or after this, in the same forms.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub until: Option<String>,
}

impl WindowArguments {
    /// The window, given what time it is and where.
    ///
    /// # Errors
    /// When a text is no point in time, or the end is not after the beginning.
    pub fn window(&self, now: Timestamp, zone: &TimeZone) -> Result<Window, MomentError> {
        let point = |text: &Option<String>| {
            text.as_deref().map(|text| moment::parse(text, now, zone)).transpose()
        };
        let window = Window { since: point(&self.since)?, until: point(&self.until)? };
        if let (Some(since), Some(until)) = (window.since, window.until)
            && since >= until
        {
            return Err(MomentError::EmptyWindow { since, until });
        }
        Ok(window)
    }
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON document (see docs/schema).
    Json,
    /// One JSON object a line.
    Ndjson,
    /// Comma-separated values for spreadsheets.
    Csv,
}

/// Reads a zone, perhaps behind a pattern.
fn log_zone(text: &str) -> Result<LogZone, String> {
    let (pattern, name) = match text.rsplit_once('=') {
        Some((pattern, name)) => (Some(pattern.to_owned()), name),
        None => (None, text),
    };
    if let Some(pattern) = &pattern {
        Zones::default().add(Some(pattern), TimeZone::UTC)?;
    }
    Ok(LogZone { text: text.to_owned(), pattern, zone: zone(name)? })
}

/// Reads a zone's name or offset.
fn zone(text: &str) -> Result<TimeZone, String> {
    if text.eq_ignore_ascii_case("local") {
        return Ok(TimeZone::system());
    }
    if text.eq_ignore_ascii_case("utc") || text == "Z" {
        return Ok(TimeZone::UTC);
    }
    fixed_offset(text).or_else(|| TimeZone::get(text).ok()).ok_or_else(|| {
        "no zone of this name is known; write `local`, `UTC`, `+02:00` or a name such as \
         `Europe/Berlin`"
            .to_owned()
    })
}

/// `+02:00`, `-0530`, `+2`.
fn fixed_offset(text: &str) -> Option<TimeZone> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some(parts) => parts,
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let number = |part: &str| {
        let is_short = !part.is_empty() && part.len() <= 2;
        (is_short && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<i32>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let is_valid = hours <= 23 && minutes <= 59;
    let seconds = sign * (hours * 3_600 + minutes * 60);
    is_valid.then(|| jiff::tz::Offset::from_seconds(seconds).ok().map(TimeZone::fixed))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_offset(text: &str, seconds: Option<i32>) {
        let expected = seconds.map(|seconds| {
            TimeZone::fixed(jiff::tz::Offset::from_seconds(seconds).expect("a valid offset"))
        });
        assert_eq!(zone(text).ok(), expected, "text: {text}");
    }

    #[test]
    fn the_zone_of_logs_may_stand_behind_a_pattern() {
        let read = |text| log_zone(text).map(|read| (read.pattern, read.zone));
        assert_eq!(read("UTC"), Ok((None, TimeZone::UTC)));
        assert_eq!(read("web*=UTC"), Ok((Some("web*".to_owned()), TimeZone::UTC)));
        assert!(read("web{=UTC").is_err());
        assert!(read("web*=Atlantis").is_err());
    }

    #[test]
    fn a_zone_can_be_an_offset() {
        check_offset("+02:00", Some(7_200));
        check_offset("-0530", Some(-19_800));
        check_offset("+2", Some(7_200));
        check_offset("UTC", Some(0));
        check_offset("+25:00", None);
        check_offset("+1:75", None);
        check_offset("+", None);
        check_offset("Atlantis/Main", None);
    }

    #[test]
    fn a_window_ends_after_it_begins() {
        let now = Timestamp::from_nanoseconds(1_795_253_415_000_000_000);
        let window = |since: &str, until: &str| {
            WindowArguments { since: Some(since.to_owned()), until: Some(until.to_owned()) }
                .window(now, &TimeZone::UTC)
        };
        assert!(window("-2h", "-1h").is_ok());
        assert!(matches!(window("-1h", "-2h"), Err(MomentError::EmptyWindow { .. })));
        assert!(matches!(window("soon", "-2h"), Err(MomentError::NotAMoment { .. })));
        assert_eq!(
            WindowArguments::default().window(now, &TimeZone::UTC).ok(),
            Some(Window::default())
        );
    }
}
