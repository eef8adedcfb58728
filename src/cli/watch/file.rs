//! The file of standing queries: what to look for in settled requests, and whom to tell.
//!
//! ```toml
//! [outlet.on-call]
//! webhook = "https://hooks.example.com/services/T0/B0"
//!
//! [alert.paid-not-told]
//! about = "Paid, but no mail went out"
//! query = "service:payment -service:mail"
//! runbook = "Send it again: https://wiki.example.com/mail"
//! to = ["stdout", "on-call"]
//!
//! [alert.checkout-errors]
//! about = "Too many checkouts fail"
//! query = 'root.operation:"POST /checkout" level:>=error'
//! of = 'root.operation:"POST /checkout"'
//! share = "5 %"
//! within = "5m"
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::cli::failure::Failure;
use crate::cli::moment;
use crate::cli::question;
use crate::engine::live::watch::{Limit, Rule};
use crate::query::names::nearest;

/// A larger file is not one of standing queries.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// Standing queries: each is put to every request that settles.
const ALERTS_MAX: usize = 1_000;

/// A share of fewer requests says nothing, unless the file says otherwise.
const LEAST_OF_A_SHARE: u64 = 20;

/// Where alerts go when nothing is said.
pub(super) const STANDARD_OUTPUT: &str = "stdout";

/// What a file of standing queries says, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchFile {
    /// What to look for.
    pub rules: Vec<Rule>,
    /// The words of each rule, by its name.
    pub words: BTreeMap<String, Words>,
    /// Where alerts can go, beside standard output.
    pub outlets: BTreeMap<String, Target>,
}

/// What is said of an alert, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What it means.
    pub about: String,
    /// What to do about it.
    pub runbook: Option<String>,
    /// The query, as it was typed.
    pub query: String,
    /// The names of outlets.
    pub to: Vec<String>,
}

/// Where alerts go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Each is a line at the end of a file.
    File(PathBuf),
    /// Each is posted.
    Webhook {
        /// Where.
        url: String,
        /// Whether that may be a host of the own network.
        allow_private: bool,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Typed {
    #[serde(default)]
    outlet: BTreeMap<String, TypedOutlet>,
    #[serde(default)]
    alert: BTreeMap<String, TypedAlert>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedOutlet {
    webhook: Option<String>,
    file: Option<PathBuf>,
    #[serde(default)]
    allow_private: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TypedAlert {
    about: String,
    query: String,
    runbook: Option<String>,
    least: Option<u64>,
    share: Option<String>,
    of: Option<String>,
    within: Option<String>,
    to: Option<Vec<String>>,
}

/// Reads a file of standing queries.
///
/// # Errors
/// When it cannot be read, or something in it is wrong.
pub fn read(file: &Path) -> Result<WatchFile, Failure> {
    let failed = |error: &io::Error| {
        let failure = Failure::yours(format!("{}: {error}", file.display()));
        if error.kind() == io::ErrorKind::NotFound {
            return failure.with_hint("each alert in it has a name: [alert.slow] about, query");
        }
        failure
    };
    let bytes = fs::metadata(file).map_err(|error| failed(&error))?.len();
    if bytes > FILE_BYTES_MAX {
        return Err(Failure::yours(format!("{}: {bytes} bytes are too many", file.display())));
    }
    parsed(&fs::read_to_string(file).map_err(|error| failed(&error))?, file)
}

/// Whether a text is one of standing queries, rather than of saved ones.
pub fn is_one(text: &str) -> bool {
    let parsed: Result<toml::Table, _> = text.parse();
    let is_table_of_tables = |value: &toml::Value| {
        value.as_table().is_some_and(|table| table.values().all(toml::Value::is_table))
    };
    parsed.is_ok_and(|table| {
        ["alert", "outlet"].iter().any(|name| table.get(*name).is_some_and(is_table_of_tables))
    })
}

fn parsed(text: &str, file: &Path) -> Result<WatchFile, Failure> {
    let typed: Typed = toml::from_str(text).map_err(|error| {
        Failure::yours(format!("{}: {}", file.display(), error.to_string().trim_end()))
    })?;
    if typed.alert.is_empty() {
        return Err(Failure::yours(format!("{}: no alert is in it", file.display()))
            .with_hint("[alert.slow-checkouts] with about = \"…\" and query = \"…\" is one"));
    }
    if typed.alert.len() > ALERTS_MAX {
        let many = typed.alert.len();
        return Err(Failure::yours(format!("{}: {many} alerts are too many", file.display()))
            .with_hint(format!("at most {ALERTS_MAX} are watched")));
    }
    let mut outlets = BTreeMap::new();
    for (name, outlet) in typed.outlet {
        let place = format!("{}: outlet `{name}`", file.display());
        let target = target(&name, outlet, file).map_err(|failure| failure.at(&place))?;
        outlets.insert(name, target);
    }
    let (mut rules, mut words) = (Vec::new(), BTreeMap::new());
    for (name, alert) in typed.alert {
        let place = format!("{}: alert `{name}`", file.display());
        let read = read_alert(&name, alert, &outlets).map_err(|failure| failure.at(&place))?;
        rules.push(read.0);
        words.insert(name, read.1);
    }
    Ok(WatchFile { rules, words, outlets })
}

fn target(name: &str, typed: TypedOutlet, file: &Path) -> Result<Target, Failure> {
    if name == STANDARD_OUTPUT {
        return Err(Failure::yours("this name stands for standard output"));
    }
    match (typed.webhook, typed.file) {
        (Some(url), None) => {
            let host = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
            if host.is_none_or(|host| host.is_empty() || host.starts_with('/')) {
                return Err(Failure::yours(format!("`{url}` is no address of a webhook"))
                    .with_hint("it begins with https:// and the name of a host"));
            }
            Ok(Target::Webhook { url, allow_private: typed.allow_private })
        }
        (None, Some(path)) => {
            let directory = file.parent().unwrap_or_else(|| Path::new(""));
            Ok(Target::File(directory.join(path)))
        }
        (Some(_), Some(_)) | (None, None) => {
            Err(Failure::yours("it is a webhook or a file, one of them")
                .with_hint("webhook = \"https://…\" or file = \"alerts.ndjson\""))
        }
    }
}

fn read_alert(
    name: &str,
    typed: TypedAlert,
    outlets: &BTreeMap<String, Target>,
) -> Result<(Rule, Words), Failure> {
    if typed.about.trim().is_empty() {
        return Err(Failure::yours("nothing is said about it")
            .with_hint("about = \"…\" says what it means to whoever is told"));
    }
    let query = question::parsed(&typed.query)?;
    let limit = limit(&typed)?;
    let to = typed.to.unwrap_or_else(|| vec![STANDARD_OUTPUT.to_owned()]);
    for outlet in &to {
        if outlet != STANDARD_OUTPUT && !outlets.contains_key(outlet) {
            let failure = Failure::yours(format!("no outlet has the name `{outlet}`"));
            let known = outlets.keys().map(String::as_str).chain([STANDARD_OUTPUT]);
            return Err(match nearest(outlet, known) {
                Some(nearest) => failure.with_hint(format!("did you mean `{nearest}`?")),
                None => failure.with_hint(format!("[outlet.{outlet}] with webhook or file is one")),
            });
        }
    }
    let words = Words { about: typed.about, runbook: typed.runbook, query: typed.query, to };
    Ok((Rule { name: name.to_owned(), query, limit }, words))
}

fn limit(typed: &TypedAlert) -> Result<Limit, Failure> {
    let within = typed.within.as_deref().map(stretch).transpose()?;
    if typed.least == Some(0) {
        return Err(Failure::yours("least = 0 is always so").with_hint("least = 1 at least"));
    }
    match (&typed.share, typed.least, within) {
        (Some(share), least, Some(within)) => {
            let of = typed.of.as_deref().map(question::parsed).transpose()?;
            let least = least.unwrap_or(LEAST_OF_A_SHARE);
            Ok(Limit::Share { percent: percent(share)?, of, least, within })
        }
        (None, _, _) if typed.of.is_some() => {
            Err(Failure::yours("`of` says of which requests the share is taken, and there is none")
                .with_hint("share = \"5 %\""))
        }
        (None, Some(least), Some(within)) => Ok(Limit::Count { least, within }),
        (None, None, None) => Ok(Limit::Each),
        (Some(_), _, None) | (None, Some(_), None) => {
            Err(Failure::yours("nothing says in how much time").with_hint("within = \"5m\""))
        }
        (None, None, Some(_)) => {
            Err(Failure::yours("nothing says how many, or which share, are too many")
                .with_hint("least = 10 or share = \"5 %\""))
        }
    }
}

fn stretch(text: &str) -> Result<Duration, Failure> {
    let nanoseconds = moment::length(text).and_then(|length| u64::try_from(length).ok());
    nanoseconds.filter(|length| *length > 0).map(Duration::from_nanos).ok_or_else(|| {
        Failure::yours(format!("`{text}` is no length of time")).with_hint("within = \"5m\"")
    })
}

fn percent(text: &str) -> Result<f64, Failure> {
    let number = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    number
        .filter(|number| *number > 0.0 && *number <= 100.0)
        .ok_or_else(|| Failure::yours(format!("`{text}` is no share")).with_hint("share = \"5 %\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn read(text: &str) -> WatchFile {
        parsed(text, Path::new("dir/watch.toml")).expect("it is right")
    }

    #[track_caller]
    fn refused(text: &str, reason: &str) {
        let failure = parsed(text, Path::new("watch.toml")).expect_err("it is wrong");
        let text = failure.to_string();
        assert!(text.contains(reason), "{text}");
    }

    #[test]
    fn rules_words_and_outlets_are_read() {
        let file = read(
            r#"
            [outlet.on-call]
            webhook = "https://hooks.example.com/x"
            [outlet.kept]
            file = "alerts.ndjson"
            [alert.each]
            about = "One"
            query = "service:pay -service:mail"
            [alert.many]
            about = "Many"
            query = "level:error"
            least = 10
            within = "5m"
            to = ["on-call", "kept"]
            [alert.share]
            about = "A part"
            query = "level:error"
            of = "service:pay"
            share = "2.5 %"
            within = "1h"
            runbook = "Restart it"
            "#,
        );
        let limits: Vec<_> = file.rules.iter().map(|rule| rule.limit.clone()).collect();
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        let of = question::parsed("service:pay").ok();
        let share = Limit::Share { percent: 2.5, of, least: 20, within: minutes(60) };
        let expected = [Limit::Each, Limit::Count { least: 10, within: minutes(5) }, share];
        assert_eq!(limits, expected);
        assert_eq!(file.words["each"].to, [STANDARD_OUTPUT]);
        assert_eq!(file.words["share"].runbook.as_deref(), Some("Restart it"));
        // A file stands beside the one that names it.
        assert_eq!(file.outlets["kept"], Target::File("dir/alerts.ndjson".into()));
    }

    #[test]
    fn what_is_wrong_is_said_where_it_is() {
        let alert = |lines: &str| format!("[alert.a]\nabout = \"A\"\nquery = \"x\"\n{lines}");
        refused("", "no alert");
        refused("[alert.a]\nabout = \" \"\nquery = \"x\"", "alert `a`: nothing is said");
        refused("[alert.a]\nabout = \"A\"\nquery = \"(\"", "alert `a`");
        refused(&alert("within = \"5m\""), "how many");
        refused(&alert("least = 5"), "in how much time");
        refused(&alert("least = 0\nwithin = \"5m\""), "always so");
        refused(&alert("share = \"0 %\"\nwithin = \"5m\""), "no share");
        refused(&alert("least = 5\nwithin = \"soon\""), "no length of time");
        refused(&alert("of = \"x\""), "`of` says");
        refused(&alert("to = [\"stdot\"]"), "no outlet has the name `stdot`");
        refused(&alert("lest = 5"), "unknown field");
        refused(&alert("[outlet.o]\nwebhook = \"ftp://x\""), "no address of a webhook");
        refused(&alert("[outlet.o]\nallow_private = true"), "a webhook or a file");
        refused(&alert("[outlet.stdout]\nfile = \"x\""), "stands for standard output");
    }

    #[test]
    fn saved_queries_are_told_from_standing_ones() {
        assert!(is_one("[alert.a]\nabout = \"A\"\nquery = \"x\""));
        assert!(!is_one("[alert]\nabout = \"A\"\nquery = \"x\""));
        assert!(!is_one("[slow]\nabout = \"A\"\nquery = \"x\""));
        assert!(!is_one("no toml"));
    }
}
