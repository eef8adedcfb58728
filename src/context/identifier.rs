//! The many spellings of ids in logs, made into one form.
//!
//! The order matters: quotes and brackets go first, then what stands for "no id", then
//! decimal by its width, then hexadecimal, then the forms of single vendors. What fits no
//! form is opaque: it gets an id derived from its text, the same everywhere.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest, Sha256};

use crate::context::carrier;
use crate::model::id::{SpanId, TraceId};

/// A longer text is no id; hashing it would only hide a mistake.
const OPAQUE_BYTES_MAX: usize = 256;

/// Something a person pasted that looks like the id of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelled {
    /// A whole id, and the span that stood beside it.
    Full {
        /// The request.
        trace: TraceId,
        /// The span, if the spelling has one.
        span: Option<SpanId>,
    },
    /// 64 bits: a short id, or the low half of a whole one.
    Short(u64),
}

/// Reads a trace id in any spelling: hexadecimal, a dashed UUID, decimal, or one of the
/// headers that carry it, with or without the header's name. None if the text does not
/// look like one; a UUID may just as well be an order's.
pub fn spelled(text: &str) -> Option<Spelled> {
    let text = text.trim();
    let value = carrier::value_after_name(text).unwrap_or(text);
    if let Some(carried) = carrier::by_grammar(value) {
        return Some(whole(carried.trace, carried.span));
    }
    let bare = cleaned(value)?;
    if is_skywalking(bare) {
        return Some(whole(opaque_trace(bare), None));
    }
    let is_named = value.len() < text.len() || value.starts_with("0x");
    let is_hex = bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_decimal = bare.bytes().all(|byte| byte.is_ascii_digit());
    let has_form = match bare.len() {
        16 | 30..=32 if is_hex => true,
        17..=20 | 33..=39 if is_decimal => true,
        1..=29 if is_named && is_hex => true,
        _ => is_uuid(bare) || vendor_hex(bare).is_some(),
    };
    if !has_form {
        return None;
    }
    trace_id(bare, Digits::ByWidth)
        .filter(|found| !found.is_opaque)
        .map(|found| whole(found.id, None))
}

fn whole(trace: TraceId, span: Option<SpanId>) -> Spelled {
    if trace.is_short() { Spelled::Short(trace.low_half()) } else { Spelled::Full { trace, span } }
}

/// The id that stands for one that is no number: the first 16 bytes of the SHA-256 of
/// `trace:` and the text.
pub fn opaque_trace(raw: &str) -> TraceId {
    let value = u128::from_be_bytes(hashed("trace:", raw));
    TraceId::new(value).expect("a hash of all zeros is not met")
}

/// The span id that stands for one that is no number, from `span:` and the text.
pub fn opaque_span(raw: &str) -> SpanId {
    let value = u128::from_be_bytes(hashed("span:", raw)) >> 64;
    SpanId::new(value as u64).expect("a hash of all zeros is not met")
}

fn hashed(kind: &str, raw: &str) -> [u8; 16] {
    let digest = Sha256::new().chain_update(kind).chain_update(raw).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    bytes
}

/// How a row of decimal digits is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Digits {
    /// As hexadecimal, unless only a decimal number has this many digits.
    ByWidth,
    /// As decimal, unless it is the 32 digits of a whole id.
    Decimal,
}

/// A trace id that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoundTrace {
    pub(super) id: TraceId,
    /// Whether it was derived from a text that is no number.
    pub(super) is_opaque: bool,
}

/// Reads the value of a field that holds a trace id.
pub(super) fn trace_id(raw: &str, digits: Digits) -> Option<FoundTrace> {
    let text = cleaned(raw)?;
    if let Some(id) = number(text, digits, 32) {
        return Some(FoundTrace { id: TraceId::new(id?)?, is_opaque: false });
    }
    if let Some(id) = vendor_hex(text) {
        return Some(FoundTrace { id, is_opaque: false });
    }
    let root = hierarchy_root(text).unwrap_or(text);
    if let Some(id) = uuid(root) {
        return Some(FoundTrace { id, is_opaque: false });
    }
    if let Some(id) = TraceId::from_hex(root).filter(|_| root.len() == 32) {
        return Some(FoundTrace { id, is_opaque: false });
    }
    is_opaque(root).then(|| FoundTrace { id: opaque_trace(root), is_opaque: true })
}

/// Reads the value of a field that holds a span id.
pub(super) fn span_id(raw: &str, digits: Digits) -> Option<SpanId> {
    let text = cleaned(raw)?;
    if let Some(value) = number(text, digits, 16) {
        return SpanId::new(u64::try_from(value?).ok()?);
    }
    if let Ok(value) = text.parse::<i64>() {
        return SpanId::new(value as u64);
    }
    if let [_, span] = hierarchy(text).as_slice()
        && span.len() == 16
        && let Some(id) = SpanId::from_hex(span)
    {
        return Some(id);
    }
    match base64_bytes::<8>(text) {
        Some(bytes) => SpanId::new(u64::from_be_bytes(bytes)),
        None => is_opaque(text).then(|| opaque_span(text)),
    }
}

/// Without blanks, quotes, brackets and `0x`; none if what is left stands for no id.
pub(super) fn cleaned(raw: &str) -> Option<&str> {
    let text = raw.trim_matches(|character: char| {
        character.is_whitespace()
            || matches!(character, '"' | '\'' | '`' | '[' | ']' | '(' | ')' | '{' | '}' | '<' | '>')
    });
    let text = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    (!is_null(text)).then_some(text)
}

/// The texts that loggers write where there is no id.
fn is_null(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "null",
        "nil",
        "none",
        "undefined",
        "n/a",
        "unknown",
        "tid:n/a",
        "tid: n/a",
        "ignored_trace",
    ];
    const PLACEHOLDERS: [&str; 4] = ["%X{", "${", "%(", "$otel"];
    text.bytes().all(|byte| matches!(byte, b'0' | b'-'))
        || (text.len() <= 13 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)))
        || PLACEHOLDERS.iter().any(|start| text.starts_with(start))
}

/// The value of decimal or of up to `width` hexadecimal digits. The outer none: it is no
/// number of this kind; the inner: it is one, but too large or zero.
#[expect(clippy::option_option, reason = "no number and a bad number part ways at the caller")]
fn number(text: &str, digits: Digits, width: usize) -> Option<Option<u128>> {
    let length = text.len();
    let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit());
    let by_width = matches!(length, 17..=20) || (width == 32 && matches!(length, 33..=39));
    if is_decimal && (by_width || (digits == Digits::Decimal && length != 32)) {
        return Some(text.parse().ok());
    }
    let is_hex = length <= width && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u128::from_str_radix(text, 16).ok())
}

/// The 128-bit forms of single vendors: UUID, X-Ray, Google Cloud, base64.
fn vendor_hex(text: &str) -> Option<TraceId> {
    if is_uuid(text) {
        return uuid(text);
    }
    if let Some(id) = carrier::xray_root(text) {
        return Some(id);
    }
    if let Some((_, rest)) =
        text.split_once("traces/").filter(|(before, _)| before.starts_with("projects/"))
    {
        return whole_hex(rest.split('/').next()?);
    }
    if let Some((hex, _)) = text.split_once('/') {
        return whole_hex(hex);
    }
    TraceId::new(u128::from_be_bytes(base64_bytes::<16>(text)?))
}

/// Exactly 32 hexadecimal digits.
pub(super) fn whole_hex(text: &str) -> Option<TraceId> {
    if text.len() == 32 { TraceId::from_hex(text) } else { None }
}

/// Whether the text has the dashed form of a UUID.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The value of a dashed UUID.
pub(super) fn uuid(text: &str) -> Option<TraceId> {
    if !is_uuid(text) {
        return None;
    }
    let digits = text.bytes().filter(|byte| *byte != b'-');
    let value = digits.fold(0u128, |value, byte| {
        value << 4 | u128::from(char::from(byte).to_digit(16).unwrap_or_default())
    });
    TraceId::new(value)
}

/// Whether this is an id of `SkyWalking`'s agents: process, thread and sequence, by dots.
pub(super) fn is_skywalking(text: &str) -> bool {
    let mut parts = text.split('.');
    let is_process = parts
        .next()
        .is_some_and(|part| part.len() == 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let is_number = |part: Option<&str>| {
        part.is_some_and(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    };
    is_process && is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none()
}

/// The nodes of an old .NET id: `|root.a_b.`; empty for any other text.
fn hierarchy(text: &str) -> Vec<&str> {
    let Some(rest) = text.strip_prefix('|') else { return Vec::new() };
    rest.split(['.', '_']).filter(|node| !node.is_empty()).collect()
}

/// The id of the node above the last in an old .NET id: `|root.a_` of `|root.a_b.`.
pub(super) fn parent_in_name(text: &str) -> Option<SpanId> {
    let text = cleaned(text)?;
    if hierarchy(text).len() < 2 || text.len() > OPAQUE_BYTES_MAX {
        return None;
    }
    let inner = text.strip_suffix(['.', '_', '#'])?;
    let above = &text[..=inner.rfind(['.', '_'])?];
    (above.contains(['.', '_']) && hierarchy(above).len() >= 2).then(|| opaque_span(above))
}

fn hierarchy_root(text: &str) -> Option<&str> {
    text.strip_prefix('|')?.split('.').next()
}

/// A text that may be an id although it is no number: short, without blanks, with a digit.
fn is_opaque(text: &str) -> bool {
    (4..=OPAQUE_BYTES_MAX).contains(&text.len())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && !text.bytes().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
}

/// Exactly `N` bytes in padded base64.
fn base64_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    if !text.ends_with('=') || text.len() != N.div_ceil(3) * 4 {
        return None;
    }
    STANDARD.decode(text).ok()?.try_into().ok()
}

/// The text of base64 with or without padding, at most [`OPAQUE_BYTES_MAX`] bytes of it.
pub(super) fn base64_text(text: &str) -> Option<Vec<u8>> {
    if text.len() > OPAQUE_BYTES_MAX {
        return None;
    }
    STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()
}

/// The bytes of a header in base64 that holds more than an id.
pub(super) fn base64_long(text: &str) -> Option<Vec<u8>> {
    /// New Relic's header has some hundred bytes.
    const BYTES_MAX: usize = 2048;
    let text = text.trim_end_matches('=');
    (text.len() <= BYTES_MAX).then(|| STANDARD_NO_PAD.decode(text).ok())?
}

#[cfg(test)]
mod tests;
