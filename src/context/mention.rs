//! Trace context in the text of a message.
//!
//! Found are headers by their grammar, `name separator value`, and the marks that single
//! vendors put into lines. An unnamed row of 32 digits is never taken: request ids, hashes
//! and digests look the same.

use std::sync::LazyLock;

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, Input, Span};

use crate::context::carrier::{self, Carried, Carrier, Whose};
use crate::context::evidence::{DigitHabits, Evidence};
use crate::context::identifier::{self, whole_hex};
use crate::context::role::{self, Reading, Role};
use crate::model::field::Value;

/// Context stands near the beginning of a message or at its end, not deep inside a dump.
const MESSAGE_BYTES_MAX: usize = 16 * 1024;

/// More marks than this in one message are a dump of other requests.
const MARKS_MAX: usize = 32;

/// A name or value longer than this is neither.
const TOKEN_BYTES_MAX: usize = 256;

/// What may begin a mention, in the cases in which people write it.
static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let marks = [
        "trace",
        "Trace",
        "TRACE",
        "span",
        "Span",
        "SPAN",
        "parent",
        "Parent",
        "PARENT",
        "b3:",
        "b3=",
        "b3\"",
        "b3'",
        "B3:",
        "Root=1-",
        "NR-LINKING|",
        "SW_CTX:[",
        "TID:",
        "egmentId",
        "sw8",
        "transaction.id",
        "request_id",
        "requestId",
        "RequestId",
        "request-id",
        "Request-Id",
        "Request-ID",
        "correlation_id",
        "correlationId",
        "CorrelationId",
        "correlation-id",
        "Correlation-Id",
        "Correlation-ID",
        "req_id",
        "reqId",
        "sampled=",
        "newrelic",
    ];
    match Searcher::new(marks) {
        Some(searcher) => Marks::Packed(searcher),
        None => Marks::Plain(AhoCorasick::new(marks).expect("the marks are few and short")),
    }
});

/// A search for marks: by many bytes at a time where the processor can.
enum Marks {
    Packed(Searcher),
    Plain(AhoCorasick),
}

impl Marks {
    /// The first mark from `from` on: where it begins and ends.
    fn find(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let found = match self {
            Self::Packed(searcher) => searcher.find_in(text, Span::from(from..text.len())),
            Self::Plain(automaton) => automaton.find(Input::new(text).range(from..)),
        }?;
        Some((found.start(), found.end()))
    }
}

/// Looks for trace context in a message.
pub(super) fn search<'a>(message: &'a str, habits: &mut DigitHabits) -> Option<Evidence<'a>> {
    let message = head(message);
    let mut found: Option<Evidence<'a>> = None;
    let mut read_to = 0;
    for _ in 0..MARKS_MAX {
        let Some((start, end)) = MARKS.find(message, read_to) else { break };
        let evidence = found.get_or_insert_default();
        let before = read_to.max(start.saturating_sub(TOKEN_BYTES_MAX));
        let after = at_mark(message, before, start, end, evidence, habits);
        read_to = after.unwrap_or(end);
    }
    found
}

/// Whether the message says that the writer sent a header, rather than received it.
pub(super) fn says_sent(message: &str) -> bool {
    const SENT: [&str; 8] =
        ["sending", "sent ", "outgoing", "calling", "-->", "request to", "injected", "publish"];
    let start: String = message.chars().take(160).map(|c| c.to_ascii_lowercase()).collect();
    SENT.iter().any(|word| start.contains(word))
}

fn head(message: &str) -> &str {
    if message.len() <= MESSAGE_BYTES_MAX {
        return message;
    }
    let mut end = MESSAGE_BYTES_MAX;
    while !message.is_char_boundary(end) {
        end -= 1;
    }
    &message[..end]
}

/// Reads what stands at a mark; how far the message is read then.
fn at_mark<'a>(
    message: &'a str,
    before: usize,
    start: usize,
    end: usize,
    evidence: &mut Evidence<'a>,
    habits: &mut DigitHabits,
) -> Option<usize> {
    match &message[start..end] {
        "Root=1-" => return amazon(message, start, evidence),
        "NR-LINKING|" => {
            return new_relic(&message[end..], evidence, habits).then_some(message.len());
        }
        "SW_CTX:[" => return skywalking(message, end, evidence, habits),
        _ => {}
    }
    if let Some(read_to) = reported_span(message, start, evidence) {
        return Some(read_to);
    }
    if let Some(read_to) = google(message, start, evidence) {
        return Some(read_to);
    }
    let name = name_at(message, before, start);
    let role = name.role()?;
    let value_at = value_start(message, name.end)?;
    if let Role::Carrier(carrier) = role {
        return header(message, carrier, &value_at, evidence);
    }
    let value = value_at.token(message);
    if fits(role, value, value_at.separated) {
        evidence.take_text(role, value, habits);
        return Some(value_at.start + value.len());
    }
    None
}

/// A name in a message: `traceId`, `dd.trace_id`, `Trace ID`, `parent span id`.
struct Name<'a> {
    text: &'a str,
    /// The part after a blank: `id`.
    has_id: bool,
    is_parent: bool,
    end: usize,
}

impl Name<'_> {
    fn role(&self) -> Option<Role> {
        if self.has_id {
            let word = self.text.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            return match word.to_ascii_lowercase().as_str() {
                "trace" => Some(Role::Trace(Reading::Open)),
                "span" if self.is_parent => Some(Role::Parent(Reading::Open)),
                "span" => Some(Role::Span(Reading::Open)),
                "parent" => Some(Role::Parent(Reading::Open)),
                _ => None,
            };
        }
        match role::role(self.text)? {
            Role::BareId
            | Role::SpanSchema
            | Role::HighHalf
            | Role::CallPath
            | Role::Reference
            | Role::ReferenceType => None,
            role => Some(role),
        }
    }
}

fn name_at(message: &str, before: usize, mark: usize) -> Name<'_> {
    let bytes = message.as_bytes();
    let is_part =
        |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'@');
    let length = bytes[before..mark].iter().rev().take_while(|byte| is_part(byte)).count();
    let start = mark - length;
    let tail = bytes[mark..].iter().take(TOKEN_BYTES_MAX).take_while(|byte| is_part(byte)).count();
    let end = mark + tail;
    let text = &message[start..end];
    let rest = bytes.get(end..).unwrap_or_default();
    let has_id = matches!(rest, [b' ', b'i' | b'I', b'd' | b'D', next, ..] if !is_part(next));
    let is_parent = has_id && ends_with_parent(&bytes[..start]);
    Name { text, has_id, is_parent, end: if has_id { end + 3 } else { end } }
}

fn ends_with_parent(before: &[u8]) -> bool {
    let word = before.trim_ascii_end();
    word.last_chunk::<6>().is_some_and(|word| word.eq_ignore_ascii_case(b"parent"))
}

/// Where a value begins, and whether a colon or equals sign stands before it.
struct ValueAt {
    start: usize,
    separated: bool,
}

impl ValueAt {
    /// The value up to a blank, quote, bracket or comma.
    fn token<'a>(&self, message: &'a str) -> &'a str {
        let rest = &message[self.start..];
        let end = rest
            .bytes()
            .take(TOKEN_BYTES_MAX)
            .position(|byte| {
                byte.is_ascii_whitespace()
                    || matches!(
                        byte,
                        b'"' | b'\'' | b',' | b')' | b']' | b'}' | b'>' | b'&' | b'*' | b'\\'
                    )
            })
            .unwrap_or_else(|| rest.len().min(TOKEN_BYTES_MAX));
        rest.get(..end).unwrap_or_default()
    }
}

/// Passes over quotes, brackets, blanks and one separator. None if words come between.
fn value_start(message: &str, from: usize) -> Option<ValueAt> {
    /// The longest run of this kind that is written is `\\\": [\\\"`.
    const RUN_BYTES_MAX: usize = 12;
    let bytes = message.as_bytes();
    let mut separated = false;
    for place in from..from + RUN_BYTES_MAX {
        match bytes.get(place)? {
            b':' | b'=' => separated = true,
            b'>' if separated => {}
            b' ' | b'"' | b'\'' | b'\\' | b'[' | b'{' | b'(' => {}
            b']' | b')' if !separated => {}
            b'b' if separated && matches!(bytes.get(place + 1), Some(b'\'')) => {}
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'|' | b'-' | b',' | b'%') => {
                return Some(ValueAt { start: place, separated });
            }
            _ => return None,
        }
    }
    None
}

/// Whether a value in a message is surely an id: text has more words than fields have.
fn fits(role: Role, value: &str, separated: bool) -> bool {
    let is_hex = value.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !separated {
        return match role {
            Role::Trace(_) => whole_hex(value).is_some(),
            Role::Span(_) | Role::Parent(_) => value.len() == 16 && is_hex,
            _ => false,
        };
    }
    match role {
        Role::Trace(_) => {
            (is_hex && (8..=32).contains(&value.len()))
                || value.bytes().all(|byte| byte.is_ascii_digit())
                || identifier::is_uuid(value)
                || identifier::is_skywalking(value)
                || carrier::xray_root(value).is_some()
                || carrier::trace_parent(value).is_some()
                || value.starts_with("0x")
        }
        Role::Span(_) | Role::Parent(_) | Role::Transaction | Role::Segment => {
            value.len() >= 8 || value.bytes().all(|byte| byte.is_ascii_digit())
        }
        Role::Request => identifier::is_uuid(value),
        Role::Flags => {
            matches!(value, "true" | "false" | "True" | "False" | "0" | "1" | "00" | "01")
        }
        Role::Carrier(_)
        | Role::HighHalf
        | Role::BareId
        | Role::SpanSchema
        | Role::CallPath
        | Role::Reference
        | Role::ReferenceType => false,
    }
}

fn header(
    message: &str,
    carrier: Carrier,
    at: &ValueAt,
    evidence: &mut Evidence<'_>,
) -> Option<usize> {
    // Kafka's dump of headers: `key = traceparent, value = [48, 48, 45, …]`.
    const DUMPED: &str = ", value = [";
    if let Some(list) = message[at.start..].strip_prefix(DUMPED) {
        let text = carrier::decimal_bytes(list)?;
        evidence.take_carried(carrier::read(carrier, &text)?);
        return Some(at.start + DUMPED.len());
    }
    let value = at.token(message);
    // In a comment of SQL the quotes are written as bytes.
    let bare = value.trim_start_matches("%27").split("%27").next().unwrap_or(value);
    evidence.take_carried(carrier::read(carrier, bare.trim_end_matches(['.', ';']))?);
    Some(at.start + value.len())
}

fn amazon(message: &str, start: usize, evidence: &mut Evidence<'_>) -> Option<usize> {
    let value = ValueAt { start, separated: true }.token(message);
    evidence.take_carried(carrier::read(Carrier::Amazon, value)?);
    Some(start + value.len())
}

/// `NR-LINKING|<entity>|<host>|<trace>|<span>|<name>|`.
fn new_relic<'a>(rest: &'a str, evidence: &mut Evidence<'a>, habits: &mut DigitHabits) -> bool {
    let slots: Vec<&str> = rest.splitn(6, '|').collect();
    let [_, _, trace, span, ..] = slots.as_slice() else { return false };
    evidence.take_text(Role::Trace(Reading::Strict), trace, habits);
    evidence.take_text(Role::Span(Reading::Strict), span, habits);
    true
}

/// `SW_CTX:[service,instance,trace,segment,span]`.
fn skywalking<'a>(
    message: &'a str,
    from: usize,
    evidence: &mut Evidence<'a>,
    habits: &mut DigitHabits,
) -> Option<usize> {
    let (inside, _) = message[from..].split_once(']')?;
    let slots: Vec<&str> = inside.splitn(6, ',').map(str::trim).collect();
    let [_, _, trace, segment, span] = slots.as_slice() else { return None };
    if identifier::cleaned(trace).is_some() {
        evidence.take_text(Role::Trace(Reading::Open), trace, habits);
        evidence.take_text(Role::Segment, segment, habits);
        evidence.take_text(Role::Span(Reading::Open), span, habits);
    }
    Some(from + inside.len())
}

/// `Span reported: t:s:p:f` and `Reporting span t:s:p:f`: the writer's own span.
fn reported_span(message: &str, start: usize, evidence: &mut Evidence<'_>) -> Option<usize> {
    let rest = &message[start..];
    let at = match rest.strip_prefix("Span reported: ") {
        Some(_) => start + "Span reported: ".len(),
        None if rest.starts_with("span ") && message[..start].ends_with("Reporting ") => start + 5,
        None => return None,
    };
    let value = ValueAt { start: at, separated: true }.token(message);
    let carried = carrier::uber(value)?;
    evidence.take_carried(Carried { whose: Whose::Own, ..carried });
    Some(at + value.len())
}

/// `projects/<project>/traces/<id>`.
fn google(message: &str, start: usize, evidence: &mut Evidence<'_>) -> Option<usize> {
    let digits = message[start..].strip_prefix("traces/")?.get(..32)?;
    let is_named = message[..start].ends_with('/') && message[..start].contains("projects/");
    let trace = whole_hex(digits).filter(|_| is_named)?;
    let whose = Whose::Own;
    evidence.take_carried(Carried { trace, span: None, parent: None, whose, flags: None });
    Some(start + 7 + 32)
}

/// A value that by its shape alone is a header: only those that nothing else looks like.
pub(super) fn unnamed_header(value: &Value) -> Option<Carried> {
    let text = match value {
        Value::Text(text) => text,
        Value::List(values) => values.first()?.as_text()?,
        Value::Number(_) | Value::Boolean(_) => return None,
    };
    match text.len() {
        55 => carrier::trace_parent(text),
        35.. if text.starts_with("Root=1-") => carrier::read(Carrier::Amazon, text),
        _ => None,
    }
}
