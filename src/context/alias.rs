//! The request ids that an entry names beside its trace: other names of the same request,
//! as far as they stand beside one trace only.

use crate::context::evidence::DigitHabits;
use crate::context::identifier;
use crate::context::mention;
use crate::context::role::{self, Role};
use crate::model::entry::Entry;
use crate::model::id::TraceId;

/// The request ids of this entry that are UUIDs; counters and the like say nothing beyond
/// their own process.
pub fn request_ids(entry: &Entry) -> Vec<TraceId> {
    let fields = entry.record.fields.iter();
    let of_fields = fields.filter(|field| {
        field.value.as_text().is_some_and(|text| text.len() >= 32) && is_request(&field.name)
    });
    let mut found: Vec<TraceId> =
        of_fields.filter_map(|field| identifier::uuid(field.value.as_text()?.trim())).collect();
    let mentioned = mention::search(&entry.record.message, &mut DigitHabits::default());
    found.extend(mentioned.and_then(|evidence| evidence.request()));
    // A line whose trace id is a request id names it.
    let is_doubtful = entry.context.attribution.is_some_and(|known| known.confidence < 1.0);
    found.extend(entry.context.trace_id.filter(|_| is_doubtful));
    found.sort_unstable();
    found.dedup();
    found
}

fn is_request(name: &str) -> bool {
    role::role(name) == Some(Role::Request) || name == "faas.invocation_id"
}

/// An id in the form of a UUID.
pub fn dashed(id: TraceId) -> String {
    let digits = id.to_string();
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    parts.join("-")
}
