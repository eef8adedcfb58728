//! What a record states of its trace context, collected and weighed.
//!
//! Several ids may stand in one record. A whole id wins over 64 bits, those over an opaque
//! one, and the first stated over later ones. A request id counts only where no trace id is.

use crate::context::carrier::{self, Carried, Carrier, Whose};
use crate::context::identifier::{self, Digits, FoundTrace, opaque_span};
use crate::context::role::{Reading, Role};
use crate::model::field::Value;
use crate::model::id::{SpanId, TraceId};
use crate::model::span::SpanKind;

/// How sure a UUID is that is called a request id and stands for the trace id.
const REQUEST_CONFIDENCE: f32 = 0.9;

/// How a stream spells numbers, learned line by line: a 16-digit id says nothing of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct DigitHabits {
    trace_is_decimal: bool,
    span_is_decimal: bool,
}

/// What was found in one record. Borrows from it.
#[derive(Debug, Default)]
pub(super) struct Evidence<'a> {
    trace: Option<FoundTrace>,
    /// The trace id as it is spelled, where that is no number.
    raw: Option<&'a str>,
    /// The low half of a Datadog id, to be joined with `high_half`.
    datadog_low: Option<u64>,
    high_half: Option<u64>,
    span: Option<SpanId>,
    /// The span as it is spelled, if it is a small number inside a segment.
    span_index: Option<&'a str>,
    parent: Option<SpanId>,
    /// The parent that the spelling of an old .NET id names.
    parent_in_name: Option<SpanId>,
    /// The place of the call among the request's calls, as `0.1.2`.
    call_path: Option<&'a str>,
    transaction: Option<SpanId>,
    segment: Option<&'a str>,
    bare_id: Option<SpanId>,
    has_span_schema: bool,
    has_parent_name: bool,
    /// The span that sent a header.
    sender: Option<SpanId>,
    request: Option<TraceId>,
    flags: Option<u8>,
    /// Whether the reference that comes next is no parent.
    follows: bool,
}

/// Which request and span a record states.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Reference<'a> {
    pub(super) trace: Option<TraceId>,
    pub(super) span: Option<SpanId>,
    pub(super) parent: Option<SpanId>,
    /// How sure the trace is, 0 to 1.
    pub(super) confidence: f32,
    /// The flags of W3C Trace Context: the lowest bit says whether the request is sampled.
    pub(super) flags: Option<u8>,
    /// The span in a header that a proxy passed on, or that came beside a stated parent.
    pub(super) remote_span: Option<SpanId>,
    /// The trace id as it is spelled, where that is no number.
    pub(super) raw: Option<&'a str>,
}

impl<'a> Evidence<'a> {
    /// Takes in a field whose name has this role.
    pub(super) fn take(&mut self, role: Role, value: &'a Value, habits: &mut DigitHabits) {
        match value {
            Value::Text(text) => self.take_text(role, text, habits),
            Value::Number(digits) => self.take_number(role, digits, habits),
            Value::List(values) => {
                if let Some(first) = values.first().and_then(Value::as_text) {
                    self.take_text(role, first, habits);
                }
            }
            Value::Boolean(is_sampled) => {
                if role == Role::Flags {
                    self.flags = self.flags.or(Some(u8::from(*is_sampled)));
                }
            }
        }
    }

    /// A number is decimal, except that text formats may have taken hexadecimal digits for one.
    fn take_number(&mut self, role: Role, digits: &'a str, habits: &mut DigitHabits) {
        if !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            return;
        }
        let role = match role {
            Role::Trace(Reading::Open) if !matches!(digits.len(), 16 | 32) => {
                Role::Trace(Reading::Datadog)
            }
            Role::Span(Reading::Open) if digits.len() != 16 => Role::Span(Reading::Datadog),
            role => role,
        };
        self.take_text(role, digits, habits);
    }

    /// Takes in a text under a name that has this role.
    pub(super) fn take_text(&mut self, role: Role, text: &'a str, habits: &mut DigitHabits) {
        match role {
            Role::Trace(reading) => self.take_trace(reading, text, habits),
            Role::Span(reading) => self.take_span(reading, text, habits),
            Role::CallPath => self.call_path = self.call_path.or_else(|| call_path(text)),
            Role::Parent(reading) => {
                self.has_parent_name = true;
                self.parent = self.parent.or_else(|| span(reading, text, habits));
            }
            Role::Transaction => {
                let found = span(Reading::Strict, text, habits);
                self.transaction = self.transaction.or(found);
            }
            Role::Segment => self.segment = self.segment.or(identifier::cleaned(text)),
            Role::HighHalf => self.high_half = u64::from_str_radix(text, 16).ok(),
            Role::BareId => {
                self.bare_id = span(Reading::Strict, text, habits);
                self.parent_in_name = identifier::parent_in_name(text);
            }
            Role::SpanSchema => self.has_span_schema = true,
            Role::Carrier(carrier) => self.take_header(carrier, text),
            Role::Request => self.take_request(text),
            Role::ReferenceType => self.follows = text == "FOLLOWS_FROM",
            Role::Reference => {
                let parent = strict_span(text).filter(|_| !self.follows);
                self.parent = self.parent.or(parent);
            }
            Role::Flags => self.flags = self.flags.or_else(|| flags(text)),
        }
    }

    fn take_span(&mut self, reading: Reading, text: &'a str, habits: &mut DigitHabits) {
        if is_index(text) {
            self.span_index.get_or_insert(text.trim());
        }
        if let Some(path) = call_path(text).filter(|path| path.contains('.')) {
            self.call_path.get_or_insert(path);
            return;
        }
        if self.span.is_none() {
            self.span = span(reading, text, habits);
            self.parent_in_name = identifier::parent_in_name(text);
        }
    }

    /// Some frameworks carry the whole context where others keep a plain request id.
    fn take_request(&mut self, text: &'a str) {
        if let Some(carried) = carrier::trace_parent(text) {
            self.take_carried(carried);
        } else if text.starts_with('|') {
            if let Some(found) = identifier::trace_id(text, Digits::ByWidth) {
                self.offer(found, Some(text));
            }
        } else if let Some(text) = identifier::cleaned(text) {
            self.request = self.request.or_else(|| identifier::uuid(text));
        }
    }

    fn take_header(&mut self, carrier: Carrier, text: &str) {
        if let Some(carried) = carrier::read(carrier, text) {
            self.take_carried(carried);
        }
    }

    /// Takes in what a header carried.
    pub(super) fn take_carried(&mut self, carried: Carried) {
        self.offer(FoundTrace { id: carried.trace, is_opaque: false }, None);
        self.flags = self.flags.or(carried.flags);
        match carried.whose {
            Whose::Sender => self.sender = self.sender.or(carried.span),
            Whose::Own => {
                self.span = self.span.or(carried.span);
                self.parent = self.parent.or(carried.parent);
            }
        }
    }

    fn take_trace(&mut self, reading: Reading, text: &'a str, habits: &mut DigitHabits) {
        if let Some(carried) = carrier::segment(text.trim()) {
            return self.take_carried(carried);
        }
        if let Some(carried) = carrier::trace_parent(text.trim()) {
            // ASP.NET's `traceId` holds the activity's own id in the form of a header.
            return self.take_carried(Carried { whose: Whose::Own, ..carried });
        }
        let digits = match reading {
            Reading::Datadog => Digits::Decimal,
            Reading::Open | Reading::Strict | Reading::SkyWalking => {
                learned(text, &mut habits.trace_is_decimal)
            }
        };
        let found = match reading {
            Reading::Open | Reading::Datadog => identifier::trace_id(text, digits),
            Reading::Strict => {
                identifier::trace_id(text, digits).filter(|found| is_whole(text, found))
            }
            Reading::SkyWalking => identifier::cleaned(text)
                .filter(|text| identifier::is_skywalking(text))
                .and_then(|text| identifier::trace_id(text, digits)),
        };
        let Some(found) = found else { return };
        if reading == Reading::Datadog && found.id.is_short() {
            self.datadog_low = Some(found.id.low_half());
        }
        self.offer(found, Some(text));
    }

    /// Keeps the better of the id known and another.
    fn offer(&mut self, found: FoundTrace, spelled: Option<&'a str>) {
        if self.trace.is_none_or(|known| rank(&found) > rank(&known)) {
            self.raw = spelled.and_then(identifier::cleaned).filter(|_| found.is_opaque);
            self.trace = Some(found);
        }
    }

    /// Adds what a record's message states to what its fields state. A message may speak of
    /// another request: then only its silence is filled, never a field contradicted.
    pub(super) fn fill_from(&mut self, message: &Evidence<'a>) {
        let joins = match (self.trace, message.trace) {
            (Some(known), Some(other)) => joins(known.id, other.id),
            (Some(_), None) => false,
            (None, _) => true,
        };
        if !joins {
            return;
        }
        if let Some(found) = message.trace {
            self.offer(found, message.raw);
        }
        self.span = self.span.or(message.span);
        self.call_path = self.call_path.or(message.call_path);
        self.span_index = self.span_index.or(message.span_index);
        self.transaction = self.transaction.or(message.transaction);
        self.segment = self.segment.or(message.segment);
        self.parent = self.parent.or(message.parent);
        self.sender = self.sender.or(message.sender);
        self.request = self.request.or(message.request);
        self.flags = self.flags.or(message.flags);
    }

    /// The request id that stands for a trace.
    pub(super) const fn request(&self) -> Option<TraceId> {
        self.request
    }

    /// Whether the record's header could be one that the writer sent.
    pub(super) fn has_sender(&self) -> bool {
        self.sender.is_some()
    }

    /// Weighs it all. `side` is the side of the call the record speaks of, if it says so.
    pub(super) fn resolve(self, side: Side) -> Reference<'a> {
        let (trace, confidence) = match (self.whole_trace(), self.request) {
            (Some(trace), _) => (Some(trace), 1.0),
            (None, Some(request)) => (Some(request), REQUEST_CONFIDENCE),
            (None, None) => (None, 0.0),
        };
        let stated = self.own_span(trace.is_some());
        let (span, received, passed_on) = match (self.sender, side) {
            (sender, Side::Passing) => (stated, None, sender),
            (Some(sender), Side::Sending) => (stated.or(Some(sender)), None, None),
            (sender, _) => (stated, sender, sender.filter(|_| self.parent.is_some())),
        };
        let of_transaction = self.transaction.filter(|_| self.span.is_some());
        let (span, of_path) = match trace.zip(self.call_path) {
            Some((trace, path)) => of_call_path(trace, path),
            None => (span, None),
        };
        let implied = of_path.or(of_transaction).or(self.parent_in_name);
        let parent = self.parent.or(received).or(implied);
        let parent = parent.filter(|parent| trace.is_some() && Some(*parent) != span);
        let flags = self.flags.filter(|_| trace.is_some());
        Reference { trace, span, parent, confidence, flags, remote_span: passed_on, raw: self.raw }
    }

    fn whole_trace(&self) -> Option<TraceId> {
        let found = self.trace?;
        let whole = self
            .high_half
            .zip(self.datadog_low)
            .and_then(|(high, low)| TraceId::new(u128::from(high) << 64 | u128::from(low)));
        match whole {
            Some(whole) if found.id.is_short() => Some(whole),
            _ => Some(found.id),
        }
    }

    fn own_span(&self, has_trace: bool) -> Option<SpanId> {
        if let Some(segment) = self.segment {
            if let Some(index) = self.span_index {
                return Some(opaque_span(&format!("{segment}:{index}")));
            }
            if let (None, Some(span)) = (self.span, strict_span(segment)) {
                return Some(span);
            }
        }
        let is_span_record = has_trace && (self.has_span_schema || self.has_parent_name);
        self.span.or(self.transaction).or(self.bare_id.filter(|_| is_span_record))
    }
}

/// The side of a call that a record speaks of, when it has a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// It was sent: the header names the writer's own call.
    Sending,
    /// A proxy let it pass: whose span it names, the proxy does not know.
    Passing,
    /// It was received, or nothing is said.
    Receiving,
}

impl Side {
    /// The side of a span of this kind.
    pub(super) const fn of(kind: Option<SpanKind>) -> Self {
        match kind {
            Some(SpanKind::Client | SpanKind::Producer) => Self::Sending,
            Some(SpanKind::Internal | SpanKind::Server | SpanKind::Consumer) | None => {
                Self::Receiving
            }
        }
    }
}

/// Whether a text is the place of a call, `0` or `0.1.2`, as `SOFATracer` and `EagleEye` count.
fn call_path(text: &str) -> Option<&str> {
    const PATH_BYTES_MAX: usize = 128;
    let text = text.trim();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    (text.len() <= PATH_BYTES_MAX && text.split('.').all(is_number)).then_some(text)
}

/// The span at a place among a request's calls, and the one above it.
fn of_call_path(trace: TraceId, path: &str) -> (Option<SpanId>, Option<SpanId>) {
    let span = |path: &str| opaque_span(&format!("{trace}:{path}"));
    (Some(span(path)), path.rsplit_once('.').map(|(above, _)| span(above)))
}

/// Whether two ids are of one trace: equal, or one lacks its high half.
fn joins(left: TraceId, right: TraceId) -> bool {
    left == right || (left.low_half() == right.low_half() && (left.is_short() || right.is_short()))
}

fn rank(found: &FoundTrace) -> u8 {
    match (found.is_opaque, found.id.is_short()) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    }
}

/// Whether the text has the width of a whole id, or is a vendor's form of one.
fn is_whole(text: &str, found: &FoundTrace) -> bool {
    text.trim_start().starts_with('|')
        || !found.is_opaque && (text.len() >= 32 || (text.len() == 16 && found.id.is_short()))
}

fn span(reading: Reading, text: &str, habits: &mut DigitHabits) -> Option<SpanId> {
    match reading {
        Reading::Datadog => identifier::span_id(text, Digits::Decimal),
        Reading::Open => identifier::span_id(text, learned(text, &mut habits.span_is_decimal)),
        Reading::Strict | Reading::SkyWalking => strict_span(text),
    }
}

/// `01`, `true`, `1`: the flags, or their lowest bit in words.
fn flags(text: &str) -> Option<u8> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "d" => Some(1),
        "false" => Some(0),
        text if (1..=2).contains(&text.len()) => u8::from_str_radix(text, 16).ok(),
        _ => None,
    }
}

/// Exactly 16 hexadecimal digits, or an old .NET id.
fn strict_span(text: &str) -> Option<SpanId> {
    let text = identifier::cleaned(text)?;
    if text.starts_with('|') {
        return identifier::span_id(text, Digits::ByWidth);
    }
    if text.len() == 16 { SpanId::from_hex(text) } else { None }
}

/// A small number, as `SkyWalking` counts spans inside a segment.
fn is_index(text: &str) -> bool {
    let text = text.trim();
    (1..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// How to read digits of a field, once the stream has shown what it writes there.
fn learned(text: &str, is_decimal: &mut bool) -> Digits {
    *is_decimal |=
        (17..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if *is_decimal && text.len() == 16 { Digits::Decimal } else { Digits::ByWidth }
}
