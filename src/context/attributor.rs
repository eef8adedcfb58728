//! A record becomes an entry.
//!
//! One pass over the fields, one search of the message for trace context, one scan for
//! identifiers. What a stream teaches (its names, how it spells numbers) is remembered, so
//! the records of one stream must come in their order.

use std::sync::Arc;

use crate::context::evidence::{DigitHabits, Evidence, Reference};
use crate::context::key_name::{KeyName, Names, Promise};
use crate::context::key_value::{Keys, keeps, shape};
use crate::context::meaning::Meanings;
use crate::context::operation::Facts;
use crate::context::service::Claims;
use crate::context::stream_path::{self, Writer};
use crate::context::{key_text, mention, secret};
use crate::model::entry::{Attribution, AttributionBasis, Context, Entry};
use crate::model::field::Value;
use crate::model::record::Record;
use crate::model::span::SpanKind;

/// A party's name is short; longer texts are sentences.
const PARTY_BYTES_MAX: usize = 64;

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

    /// Says where the next record of the stream belongs.
    pub fn attribute(&mut self, record: Record) -> Entry {
        let context = self.context(&record);
        Entry { path: Arc::clone(&self.path), record, context }
    }

    fn context(&mut self, record: &Record) -> Context {
        let mut evidence = Evidence::default();
        let mut claims = Claims::default();
        let mut facts = Facts::default();
        let mut keys = Keys::default();
        for field in &record.fields {
            let meaning = self.meanings.of(&field.name);
            match meaning.role {
                Some(role) => evidence.take(role, &field.value, &mut self.habits),
                None => {
                    if let Some(carried) = mention::unnamed_header(&field.value) {
                        evidence.take_carried(carried);
                    }
                }
            }
            if let (Some(part), Some(text)) = (meaning.service, field.value.as_text()) {
                claims.take(part, text);
            }
            if let Some(part) = meaning.operation {
                facts.take(part, &field.value);
            }
            if let Some(key) = &meaning.key {
                add_field_key(key, &field.value, &mut keys);
            }
            if let (true, Some(text)) = (meaning.is_text, field.value.as_text()) {
                key_text::scan(text, &mut self.names, &mut keys);
            }
        }
        key_text::scan(&record.message, &mut self.names, &mut keys);
        let operation = facts.settle(record);
        let kind = operation.as_ref().and_then(|operation| operation.kind);
        let reference = self.reference(record, evidence, kind.or(facts.stated_kind()));
        let origin = claims.settle(record, &self.writer);
        Context {
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
            operation: operation.map(Box::new),
        }
    }

    /// Joins what fields and message state.
    fn reference<'a>(
        &mut self,
        record: &'a Record,
        mut evidence: Evidence<'a>,
        kind: Option<SpanKind>,
    ) -> Reference {
        let mut kind = kind;
        if let Some(mentioned) = mention::search(&record.message, &mut self.habits) {
            if mentioned.has_sender() && kind.is_none() && mention::says_sent(&record.message) {
                kind = Some(SpanKind::Client);
            }
            evidence.fill_from(&mentioned);
        }
        evidence.resolve(kind)
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
