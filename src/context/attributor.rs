//! A record becomes an entry.
//!
//! One pass over the fields, one search of the message for trace context, one scan for
//! identifiers. What a stream teaches (its names, how it spells numbers) is remembered, so
//! the records of one stream must come in their order.

use std::sync::Arc;

use crate::context::attribute::Attributes;
use crate::context::evidence::{DigitHabits, Evidence, Reference, Side};
use crate::context::key_name::{KeyName, Names, Promise};
use crate::context::key_value::{Keys, keeps, shape};
use crate::context::meaning::Meanings;
use crate::context::operation::Facts;
use crate::context::service::{Claims, Origin};
use crate::context::stream_path::{self, Writer};
use crate::context::unfold::unfold;
use crate::context::{key_text, mention, secret};
use crate::model::entry::{Attribution, AttributionBasis, Context, Entry};
use crate::model::field::{self, Field, Value};
use crate::model::record::Record;
use crate::model::span::SpanKind;

/// A party's name is short; longer texts are sentences.
const PARTY_BYTES_MAX: usize = 64;

/// What the service belongs to, by OpenTelemetry's name.
const NAMESPACE: &str = "service.namespace";

/// Gives the records of one stream their context.
#[derive(Debug)]
pub struct Attributor {
    path: Arc<str>,
    writer: Writer,
    meanings: Meanings,
    names: Names,
    habits: DigitHabits,
}

impl Attributor {
    /// For the stream of this path, as it is shown to people.
    pub fn new(path: &Arc<str>) -> Self {
        Self {
            path: Arc::clone(path),
            writer: stream_path::writer(path),
            meanings: Meanings::default(),
            names: Names::default(),
            habits: DigitHabits::default(),
        }
    }

    /// Whether the stream has taught nothing that changes how ids are read.
    pub fn is_unbiased(&self) -> bool {
        self.habits == DigitHabits::default()
    }

    /// Says where the next record of the stream belongs, and adds to its fields what they are
    /// by OpenTelemetry's conventions.
    pub fn attribute(&mut self, mut record: Record) -> Entry {
        unfold(&mut record);
        let (context, attributes) = self.context(&record);
        record.fields.extend(attributes);
        Entry { path: Arc::clone(&self.path), record, context }
    }

    /// The same of a record that will come again: it teaches nothing.
    pub fn glimpse(&mut self, record: Record) -> Entry {
        let habits = self.habits;
        let entry = self.attribute(record);
        self.habits = habits;
        entry
    }

    fn context(&mut self, record: &Record) -> (Context, Vec<Field>) {
        let mut evidence = Evidence::default();
        let mut claims = Claims::default();
        let mut facts = Facts::default();
        let mut attributes = Attributes::default();
        let mut keys = Keys::default();
        for field in &record.fields {
            let meaning = self.meanings.of(&field.name);
            if let Some(role) = meaning.role {
                evidence.take(role, &field.value, &mut self.habits);
            } else if meaning.may_mention {
                take_mentioned(&field.value, &mut evidence, &mut self.habits);
            }
            if let (Some(part), Some(text)) = (meaning.service, field.value.as_text()) {
                claims.take(part, text);
            }
            if let Some(part) = meaning.operation {
                facts.take(part, &field.value);
            }
            attributes.take(meaning.attributes, &field.value);
            if let Some(key) = &meaning.key {
                add_field_key(key, &field.value, &mut keys);
            }
            if let (true, Some(text)) = (meaning.is_text, field.value.as_text()) {
                key_text::scan(text, &mut self.names, &mut keys);
            }
        }
        key_text::scan(&record.message, &mut self.names, &mut keys);
        let settled = facts.settle(record);
        if let Some(carried) = settled.carried {
            evidence.take_carried(carried);
        }
        let side = match facts.side_of_proxy() {
            Some(SpanKind::Client) => Side::Passing,
            _ => Side::of(settled.kind().or(facts.stated_kind())),
        };
        let reference = self.reference(record, evidence, side);
        let mut added = attributes.settle(&settled.subjects, &record.fields, settled.attributes);
        add_reference(&reference, &mut added, &record.fields);
        let origin = claims.settle(record, &self.writer);
        add_place(&origin, &self.writer, &mut added, &record.fields);
        let context = Context {
            trace_id: reference.trace,
            span_id: reference.span,
            parent_span_id: reference.parent,
            attribution: reference.trace.map(|_| Attribution {
                basis: AttributionBasis::Stated,
                confidence: reference.confidence,
            }),
            service: origin.service,
            instance: origin.instance,
            host: origin.host,
            keys: keys.into_vec(),
            operation: settled.operation.map(Box::new),
        };
        (context, added)
    }

    /// Joins what fields and message state.
    fn reference<'a>(
        &mut self,
        record: &'a Record,
        mut evidence: Evidence<'a>,
        mut side: Side,
    ) -> Reference<'a> {
        if let Some(mentioned) = mention::search(&record.message, &mut self.habits) {
            let may_be_sent = mentioned.has_sender() && side == Side::Receiving;
            if may_be_sent && mention::says_sent(&record.message) {
                side = Side::Sending;
            }
            evidence.fill_from(&mentioned);
        }
        evidence.resolve(side)
    }
}

/// Takes in what the value of a field states that is no id itself: a header, a text.
fn take_mentioned<'a>(value: &'a Value, evidence: &mut Evidence<'a>, habits: &mut DigitHabits) {
    /// The shortest text that names an id: `span_id=` and 16 digits.
    const MENTION_BYTES_MIN: usize = 24;
    if let Some(carried) = mention::unnamed_header(value) {
        evidence.take_carried(carried);
        return;
    }
    let Value::Text(text) = value else { return };
    if text.len() >= MENTION_BYTES_MIN
        && memchr::memchr2(b':', b'=', text.as_bytes()).is_some()
        && let Some(mentioned) = mention::search(text, habits)
    {
        evidence.fill_from(&mentioned);
    }
}

/// Adds what is known of the request beside its ids.
fn add_reference(reference: &Reference<'_>, added: &mut Vec<Field>, fields: &[Field]) {
    let flags = reference.flags.map(|flags| format!("{flags:02x}"));
    let remote = reference.remote_span.filter(|span| Some(*span) != reference.parent);
    let remote = remote.map(|span| span.to_string());
    let raw = reference.raw.map(str::to_owned);
    for (name, value) in
        [("trace_flags", flags), ("remote_span", remote), (field::RAW_TRACE_ID, raw)]
    {
        if let Some(value) = value.filter(|_| field::find(fields, name).is_none()) {
            added.push(Field::text(name, value));
        }
    }
}

/// Adds what is known of where the writer runs beside its name, unless the record says it.
fn add_place(origin: &Origin, writer: &Writer, added: &mut Vec<Field>, fields: &[Field]) {
    for (name, value) in [("component", &origin.component), (NAMESPACE, &writer.namespace)] {
        let is_said = [fields, added].iter().any(|fields| field::find(fields, name).is_some());
        if let Some(value) = value.as_ref().filter(|_| !is_said) {
            added.push(Field::text(name, value.as_str()));
        }
    }
}

/// Keeps a field's value under its key, if it is what the name promises.
fn add_field_key(key: &KeyName, value: &Value, keys: &mut Keys) {
    let Value::List(values) = value else {
        if let Some(text) = value.as_text() {
            add_value(key, text, keys);
        }
        return;
    };
    for text in values.iter().filter_map(Value::as_text) {
        add_value(key, text, keys);
    }
}

fn add_value(key: &KeyName, text: &str, keys: &mut Keys) {
    let value = text.trim();
    let is_party = key.promise == Promise::Party && (1..=PARTY_BYTES_MAX).contains(&value.len());
    let Some(shape) = shape(value) else { return };
    if (keeps(key.promise, shape) || is_party) && !secret::is_value(value) {
        keys.add(&key.name, value);
    }
}
