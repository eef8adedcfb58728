//! Headers that carry a request's id from service to service, each read by its grammar.

use crate::context::identifier::{
    self, base64_long, base64_text, opaque_span, opaque_trace, whole_hex,
};
use crate::model::id::{SpanId, TraceId};

/// What a header carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Carried {
    pub(super) trace: TraceId,
    pub(super) span: Option<SpanId>,
    /// The parent of `span`, where the header names it.
    pub(super) parent: Option<SpanId>,
    pub(super) whose: Whose,
    /// The flags of W3C Trace Context, where it tells whether the request is sampled.
    pub(super) flags: Option<u8>,
}

/// Whose span a header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whose {
    /// The one that sent the header: the parent of whoever received it.
    Sender,
    /// Both ends share the id (B3), or the text names the writer's own span.
    Own,
}

/// The headers that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Carrier {
    /// `traceparent` of W3C Trace Context.
    TraceParent,
    /// The same text, as a .NET activity names itself.
    Activity,
    /// `b3` in one header.
    B3,
    /// `uber-trace-id` of Jaeger.
    Uber,
    /// `X-Amzn-Trace-Id` of X-Ray.
    Amazon,
    /// `X-Cloud-Trace-Context` of Google Cloud.
    Google,
    /// `sentry-trace`.
    Sentry,
    /// `sw8` of `SkyWalking`.
    SkyWalking,
    /// `grpc-trace-bin` of `OpenCensus`.
    Grpc,
    /// `newrelic`: JSON in base64.
    NewRelic,
    /// `X-Honeycomb-Trace`.
    Honeycomb,
}

/// Reads a header's value.
pub(super) fn read(carrier: Carrier, value: &str) -> Option<Carried> {
    let value = value.trim_matches(|character: char| {
        character.is_whitespace() || matches!(character, '"' | '\'' | '[' | ']' | '{' | '}')
    });
    match carrier {
        Carrier::TraceParent => trace_parent(value),
        Carrier::Activity => {
            trace_parent(value).map(|found| Carried { whose: Whose::Own, ..found })
        }
        Carrier::B3 => b3(value),
        Carrier::Uber => uber(value),
        Carrier::Amazon => amazon(value),
        Carrier::Google => google(value),
        Carrier::Sentry => b3(value).map(|found| Carried { whose: Whose::Sender, ..found }),
        Carrier::SkyWalking => skywalking(value),
        Carrier::Grpc => grpc(value),
        Carrier::NewRelic => new_relic(value),
        Carrier::Honeycomb => honeycomb(value),
    }
}

/// Reads a value whose shape alone says which header it is.
pub(super) fn by_grammar(value: &str) -> Option<Carried> {
    trace_parent(value)
        .or_else(|| amazon(value).filter(|_| value.contains("Root=")))
        .or_else(|| google(value).filter(|_| value.contains('/')))
        .or_else(|| b3(value))
        .or_else(|| uber(value).filter(|_| value.len() >= 32))
        .or_else(|| skywalking(value))
}

/// The value in `name: value` or `name=value`, if the name is one of trace context.
pub(super) fn value_after_name(text: &str) -> Option<&str> {
    let end = text.find([':', '='])?;
    let name: String = text[..end]
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let is_name = matches!(name.as_str(), "traceparent" | "b3" | "sw8" | "trace" | "tid")
        || name.ends_with("traceid")
        || name.ends_with("cloudtracecontext")
        || name.ends_with("sentrytrace");
    is_name.then(|| text[end + 1..].trim())
}

/// `version-trace-span-flags`, in digits of either case.
pub(super) fn trace_parent(value: &str) -> Option<Carried> {
    let bytes = value.as_bytes();
    let version = value.get(..2).filter(|version| is_hex(version))?;
    let has_length = match version {
        "00" => bytes.len() == 55,
        "ff" | "FF" => false,
        _ => bytes.len() == 55 || bytes.get(55) == Some(&b'-'),
    };
    if !has_length || bytes[2] != b'-' || bytes[35] != b'-' || bytes[52] != b'-' {
        return None;
    }
    let flags = u8::from_str_radix(value.get(53..55).filter(|flags| is_hex(flags))?, 16).ok();
    let trace = whole_hex(value.get(3..35)?)?;
    let span = SpanId::from_hex(value.get(36..52)?)?;
    Some(Carried { trace, span: Some(span), parent: None, whose: Whose::Sender, flags })
}

/// `trace-span[-sampled[-parent]]`.
fn b3(value: &str) -> Option<Carried> {
    let mut parts = value.split('-');
    let trace = parts.next().filter(|part| matches!(part.len(), 16 | 32))?;
    let trace = TraceId::from_hex(trace)?;
    let span = parts.next().filter(|part| part.len() == 16)?;
    let span = SpanId::from_hex(span)?;
    let sampled = parts.next();
    if sampled.is_some_and(|sampled| !matches!(sampled, "0" | "1" | "d")) {
        return None;
    }
    let parent = match parts.next() {
        Some(parent) if parent.len() == 16 => SpanId::from_hex(parent),
        Some(_) => return None,
        None => None,
    };
    let ends = parts.next().is_none();
    let flags = sampled.map(|sampled| u8::from(sampled != "0"));
    ends.then_some(Carried { trace, span: Some(span), parent, whose: Whose::Own, flags })
}

/// `trace:span:parent:flags`; a parent of 0 says nothing.
pub(super) fn uber(value: &str) -> Option<Carried> {
    let decoded;
    let value = if value.contains("%3") {
        decoded = value.replace("%3A", ":").replace("%3a", ":");
        decoded.as_str()
    } else {
        value
    };
    let mut parts = value.split(':');
    let trace = TraceId::from_hex(parts.next()?)?;
    let span = SpanId::from_hex(parts.next()?)?;
    let parent = parts.next().filter(|part| part.len() <= 16 && is_hex(part))?;
    let parent = SpanId::from_hex(parent);
    let flags = parts.next().filter(|flags| (1..=2).contains(&flags.len()) && is_hex(flags))?;
    // Of Jaeger's flags only the lowest means what it means elsewhere.
    let flags = u8::from_str_radix(flags, 16).ok().map(|flags| flags & 1);
    let ends = parts.next().is_none();
    ends.then_some(Carried { trace, span: Some(span), parent, whose: Whose::Sender, flags })
}

/// `Root=1-…;Parent=…;Sampled=…` in any order, or the root alone, perhaps with `@segment`.
fn amazon(value: &str) -> Option<Carried> {
    if let Some(carried) = segment(value) {
        return Some(carried);
    }
    let part = |name: &str| {
        value.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let trace = xray_root(part("Root").unwrap_or(value))?;
    let span = part("Parent").and_then(SpanId::from_hex);
    let flags = part("Sampled").and_then(|sampled| sampled.parse().ok()).filter(|flags| *flags < 2);
    Some(Carried { trace, span, parent: None, whose: Whose::Sender, flags })
}

/// `1-…-…@<segment>`, as X-Ray's SDK for Java writes it: the writer's own segment.
pub(super) fn segment(value: &str) -> Option<Carried> {
    let (root, segment) = value.split_once('@')?;
    let (trace, span) = (xray_root(root)?, SpanId::from_hex(segment));
    Some(Carried { trace, span, parent: None, whose: Whose::Own, flags: None })
}

/// X-Ray's `1-<8 digits>-<24 digits>`.
pub(super) fn xray_root(text: &str) -> Option<TraceId> {
    let rest = text.strip_prefix("1-")?;
    let (time, unique) = rest.split_once('-')?;
    if time.len() != 8 || unique.len() != 24 {
        return None;
    }
    let (time, unique) = (TraceId::from_hex(time)?, TraceId::from_hex(unique)?);
    TraceId::new(time.value() << 96 | unique.value())
}

/// `trace[/span in decimal][;o=…]`; spans 0 and 1 only hold the place.
fn google(value: &str) -> Option<Carried> {
    let (value, options) = value.split_once(';').unwrap_or((value, ""));
    let (trace, span) = match value.split_once('/') {
        Some((trace, span)) => (trace, Some(span)),
        None => (value, None),
    };
    let trace = whole_hex(trace)?;
    let span = match span {
        Some(span) => Some(span.parse::<u64>().ok()?),
        None => None,
    };
    let span = span.filter(|span| *span > 1).and_then(SpanId::new);
    let flags = options.strip_prefix("o=").and_then(|option| option.parse().ok());
    Some(Carried { trace, span, parent: None, whose: Whose::Sender, flags })
}

/// `1-trace-segment-span-…`, the ids in base64.
fn skywalking(value: &str) -> Option<Carried> {
    let parts: Vec<&str> = value.splitn(9, '-').collect();
    let [_, trace, segment, span, _, _, _, _] = parts.as_slice() else { return None };
    let trace = String::from_utf8(base64_text(trace)?).ok()?;
    let segment = String::from_utf8(base64_text(segment)?).ok()?;
    span.parse::<u32>().ok()?;
    let trace = identifier::cleaned(&trace).map(opaque_trace)?;
    let span = opaque_span(&format!("{segment}:{span}"));
    Some(Carried { trace, span: Some(span), parent: None, whose: Whose::Sender, flags: None })
}

/// Version, then tagged fields: 0 is the trace, 1 the span, 2 the flags.
fn grpc(value: &str) -> Option<Carried> {
    let bytes = base64_text(value)?;
    let (trace, span) = (bytes.get(1..18)?, bytes.get(18..27)?);
    if bytes[0] != 0 || trace[0] != 0 || span[0] != 1 {
        return None;
    }
    let trace = TraceId::new(u128::from_be_bytes(trace[1..].try_into().ok()?))?;
    let span = SpanId::new(u64::from_be_bytes(span[1..].try_into().ok()?));
    Some(Carried { trace, span, parent: None, whose: Whose::Sender, flags: None })
}

/// `{"d":{"tr":…,"id":…}}` in base64: the trace, and the span that sent it.
fn new_relic(value: &str) -> Option<Carried> {
    #[derive(serde::Deserialize)]
    struct Payload<'a> {
        #[serde(borrow)]
        d: Ids<'a>,
    }
    #[derive(serde::Deserialize)]
    struct Ids<'a> {
        tr: &'a str,
        id: Option<&'a str>,
    }
    let bytes = base64_long(value)?;
    let payload: Payload<'_> = serde_json::from_slice(&bytes).ok()?;
    let trace = TraceId::from_hex(payload.d.tr)?;
    let span = payload.d.id.and_then(SpanId::from_hex);
    Some(Carried { trace, span, parent: None, whose: Whose::Sender, flags: None })
}

/// `1;trace_id=…,parent_id=…`: the parent is the span that sent it.
fn honeycomb(value: &str) -> Option<Carried> {
    let (_, pairs) = value.split_once(';')?;
    let part = |name: &str| {
        pairs.split(',').find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let trace = part("trace_id").and_then(TraceId::from_hex)?;
    let span = part("parent_id").and_then(SpanId::from_hex);
    Some(Carried { trace, span, parent: None, whose: Whose::Sender, flags: None })
}

/// Reads the decimal bytes of a Kafka header dump: `48, 48, 45, …`, signed or not.
pub(super) fn decimal_bytes(text: &str) -> Option<String> {
    /// Longer than any carrier that is read here.
    const BYTES_MAX: usize = 512;
    let (list, _) = text.split_once(']')?;
    if list.len() > BYTES_MAX * 6 {
        return None;
    }
    let bytes: Option<Vec<u8>> = list
        .split(',')
        .map(|part| part.trim().parse::<i16>().ok().map(|byte| byte as u8))
        .collect();
    String::from_utf8(bytes?).ok()
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests;
