//! What a line speaks of, as far as a diagnosis asks: timeouts, attempts, caches, pools,
//! permissions, messages.
//!
//! Phrases are looked for in the message, the named values and the exception. They are those
//! of common libraries and of plain English, none of any one system. A phrase alone proves
//! nothing: every technique also asks for the structure that goes with it. A phrase that is
//! denied ("no retries", "0 timeouts") or configured ("timeout=5s") is not said.

mod phrases;

use std::borrow::Cow;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use crate::model::entry::Entry;
use crate::model::field::Field;
use crate::model::severity::Severity;
use crate::model::span::SpanStatus;
use phrases::PHRASES;

/// Letters of a message, and of each value, that are looked at: what a line is about, it says
/// at once, and a runaway line must not cost more than the rest of the request.
const TEXT_BYTES_MAX: usize = 512;

/// Values of a line that are looked at.
const VALUES_MAX: usize = 32;

/// What a line may speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Topic {
    /// Somebody did not wait any longer.
    Timeout = 1,
    /// Something is done again.
    Retry = 1 << 1,
    /// Something did not succeed.
    Failed = 1 << 2,
    /// A value came from a cache.
    CacheHit = 1 << 3,
    /// A value was not in the cache.
    CacheMiss = 1 << 4,
    /// A pool of connections, threads or permits.
    Pool = 1 << 5,
    /// Somebody waits for a place in it, or found none.
    PoolWait = 1 << 6,
    /// Credentials were refused.
    Unauthorised = 1 << 7,
    /// A token is no longer valid.
    TokenExpired = 1 << 8,
    /// A token is got anew.
    TokenRefresh = 1 << 9,
    /// A value is not what it is elsewhere by now.
    Outdated = 1 << 10,
    /// A message was sent.
    Sent = 1 << 11,
    /// A message was received or is being handled.
    Received = 1 << 12,
    /// A failure was made up for: a default, a fallback, a partial answer.
    MadeUp = 1 << 13,
    /// A message was recognised as one handled before, and left alone.
    Skipped = 1 << 14,
    /// Somebody else's answer is passed on.
    Upstream = 1 << 15,
}

/// What one line speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said {
    topics: u32,
    /// The number of the attempt it names.
    pub attempt: Option<u32>,
    /// The time in nanoseconds it gives somebody for an answer, or gave.
    pub deadline: Option<i64>,
    /// The HTTP status it names.
    pub status: Option<u16>,
    is_bad: bool,
    is_error: bool,
}

static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasickBuilder::new()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .build(PHRASES.iter().map(|(phrase, _)| phrase))
        .expect("a hundred short phrases make a small automaton")
});

impl Said {
    /// What an entry speaks of.
    pub fn of(entry: &Entry) -> Self {
        let status = entry.context.operation.as_deref().and_then(|operation| operation.status);
        let severity = entry.record.severity;
        let mut said = Self {
            is_bad: severity.is_some_and(|severity| severity >= Severity::WARN),
            is_error: entry.is_error() || status == Some(SpanStatus::Error),
            ..Self::default()
        };
        said.take(head(&entry.record.message));
        for field in entry.record.fields.iter().take(VALUES_MAX) {
            said.take_field(field);
        }
        said
    }

    /// Whether the line speaks of it.
    pub const fn of_topic(&self, topic: Topic) -> bool {
        self.topics & topic as u32 != 0
    }

    /// Whether the line reports a failure: by its level or status, or as a warning in words.
    pub fn is_failure(&self) -> bool {
        let in_words = self.of_topic(Topic::Timeout)
            || self.of_topic(Topic::Failed)
            || self.of_topic(Topic::Unauthorised);
        self.is_error || (self.is_bad && in_words) || self.status.is_some_and(|code| code >= 500)
    }

    /// Whether the line is of level ERROR, or gives its span the status of an error.
    pub const fn is_error(&self) -> bool {
        self.is_error
    }

    fn take_field(&mut self, field: &Field) {
        let name = field.name.rsplit('.').next().unwrap_or(&field.name);
        let Some(value) = field.value.as_text() else { return };
        if field.name.ends_with("stacktrace") {
            return;
        }
        let value = head(value);
        match plain(name).as_str() {
            "attempt" | "attemptnumber" | "try" | "retry" | "retrycount" => {
                self.attempt = self.attempt.or_else(|| leading_number(value));
            }
            "status" | "statuscode" | "responsecode" | "httpstatus" | "code" => {
                self.take_status(value);
            }
            "cache" | "cachestatus" | "cachehit" => match plain(value).as_str() {
                "hit" | "true" => self.topics |= Topic::CacheHit as u32,
                "miss" | "false" => self.topics |= Topic::CacheMiss as u32,
                _ => {}
            },
            other if other.starts_with("timeout") || other.starts_with("deadline") => {
                self.deadline = self.deadline.or_else(|| length(value, unit_of_name(other)));
            }
            _ if name == "message" || name == "type" || name == "error" || name == "reason" => {
                self.take(value);
            }
            _ if value.contains(' ') => self.take(value),
            _ => {}
        }
    }

    fn take_status(&mut self, value: &str) {
        if let Some(code) = value.parse().ok().filter(|code| (100..600).contains(code)) {
            self.status = self.status.or(Some(code));
            self.topics |= match code {
                401 | 403 => Topic::Unauthorised as u32,
                408 | 504 => Topic::Timeout as u32,
                _ => 0,
            };
        }
    }

    fn take(&mut self, text: &str) {
        for found in FINDER.find_overlapping_iter(text) {
            let (_, topic) = PHRASES[found.pattern().as_usize()];
            let (before, after) = (&text[..found.start()], &text[found.end()..]);
            if !is_denied(before)
                && !is_setting(topic, after)
                && is_whole(before, &text[found.start()..found.end()], after)
            {
                self.topics |= topic as u32;
            }
        }
        self.attempt = self.attempt.or_else(|| number_after(text, &ATTEMPT_WORDS));
        self.deadline = self.deadline.or_else(|| deadline(text, self.of_topic(Topic::Timeout)));
        if let Some(status) = number_after(text, &STATUS_WORDS) {
            self.take_status(&status.to_string());
        }
    }
}

const ATTEMPT_WORDS: [&str; 4] = ["attempt", "retry", "try", "retries"];
const STATUS_WORDS: [&str; 4] = ["status", "returned", "answered", "code"];

/// The beginning of a text, cut between two letters.
fn head(text: &str) -> &str {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Lower case without separators.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphanumeric())
        .map(|letter| letter.to_ascii_lowercase())
        .collect()
}

/// Whether the words right before deny what follows.
fn is_denied(before: &str) -> bool {
    let word = before.trim_end().rsplit([' ', '=', ',', ':']).next().unwrap_or_default();
    ["no", "not", "0", "without", "zero", "never"].iter().any(|no| word.eq_ignore_ascii_case(no))
}

/// Whether what follows makes it a setting or a count of none: `timeout=5s`, `retries: 0`.
fn is_setting(topic: Topic, after: &str) -> bool {
    let value = after.trim_start_matches(['s', '_', 'm']).trim_start();
    let Some(value) = value.strip_prefix(['=', ':']) else { return false };
    let value = value.trim_start_matches([' ', '"']);
    match topic {
        Topic::Timeout => value.starts_with(|first: char| first.is_ascii_digit()),
        _ => ["0", "none", "null", "false"].iter().any(|nothing| {
            value.strip_prefix(nothing).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
        }),
    }
}

/// Whether the phrase is no part of a longer word. A new capital begins a word
/// (`SocketTimeoutException`), and an ending does not change one.
fn is_whole(before: &str, phrase: &str, after: &str) -> bool {
    const ENDINGS: [&str; 6] = ["", "s", "d", "ed", "es", "ing"];
    let begins_low = phrase.starts_with(char::is_lowercase);
    let joins = begins_low && before.ends_with(char::is_alphanumeric);
    let rest = after.find(|letter: char| !letter.is_lowercase()).unwrap_or(after.len());
    !joins && ENDINGS.contains(&&after[..rest])
}

/// The number that follows one of these words: `attempt 2 of 3`, `status=503`, `try #2`.
fn number_after(text: &str, words: &[&str]) -> Option<u32> {
    words.iter().find_map(|word| {
        let at = find_word(text, word)?;
        let rest = text[at + word.len()..].trim_start_matches([' ', '=', ':', '#', '"', '(']);
        leading_number(rest)
    })
}

/// Where a word stands by itself.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_at = |at: &usize| {
        bytes[*at..].len() >= word.len()
            && bytes[*at..*at + word.len()].eq_ignore_ascii_case(word.as_bytes())
            && !at.checked_sub(1).is_some_and(|before| bytes[before].is_ascii_alphanumeric())
            && !bytes.get(at + word.len()).is_some_and(u8::is_ascii_alphabetic)
    };
    (0..bytes.len()).find(is_at)
}

fn leading_number(text: &str) -> Option<u32> {
    let end = text.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

/// The time a text gives somebody: `timeout=2s`, `timed out after 1500 ms`, `deadline 3s`.
/// `after` and `within` do so only where somebody gave up.
fn deadline(text: &str, gave_up: bool) -> Option<i64> {
    const NAMES: [&str; 5] = ["timeout_ms", "deadline_ms", "timeoutMs", "timeout", "deadline"];
    const WORDS: [&str; 3] = ["after", "within", "budget of"];
    let words = if gave_up { &WORDS[..] } else { &[] };
    NAMES.iter().chain(words).find_map(|word| {
        let at = find_word(text, word)?;
        let rest = text[at + word.len()..].trim_start_matches([' ', '=', ':', '"', '(']);
        let rest = rest.strip_prefix("of ").unwrap_or(rest);
        length(rest, unit_of_name(word))
    })
}

/// The unit that a name ends with.
fn unit_of_name(name: &str) -> Option<&'static str> {
    let name: Cow<'_, str> = Cow::Owned(name.to_ascii_lowercase());
    ["ms", "seconds"].into_iter().find(|unit| name.ends_with(unit))
}

/// A length of time with its unit: `1500 ms`, `2s`; none without one, unless the name has it.
fn length(text: &str, unit: Option<&str>) -> Option<i64> {
    let end =
        text.find(|digit: char| !digit.is_ascii_digit() && digit != '.').unwrap_or(text.len());
    let number: f64 = text[..end].trim_end_matches('.').parse().ok()?;
    let word = text[end..].trim_start();
    let word_end = word.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(word.len());
    let factor = match word[..word_end].to_ascii_lowercase().as_str() {
        "ms" | "msec" | "millis" | "milliseconds" => 1e6,
        "s" | "sec" | "secs" | "second" | "seconds" => 1e9,
        "m" | "min" | "minutes" => 60e9,
        "us" => 1e3,
        _ => match unit? {
            "ms" => 1e6,
            _ => 1e9,
        },
    };
    // A conversion from a floating point number is held at the ends of the range.
    Some((number * factor) as i64)
}

#[cfg(test)]
mod tests;
