//! What a line answers when it is asked for a field by name: the values it is counted under.

use crate::model::entry::Entry;
use crate::model::severity::Severity;
use crate::query::matching::each_part;
use crate::query::names::{WellKnown, finds, finds_key, well_known};
use crate::query::template::template;

/// Calls `visit` with every value that the entry has under a normalised name: what is known
/// of every entry alone if it has the name, else fields and keys that it finds.
pub fn each_answer(entry: &Entry, wanted: &str, visit: &mut dyn FnMut(&str)) {
    if let Some(attribute) = well_known(wanted) {
        let mut any = false;
        attribute_of(entry, attribute, &mut |value| {
            any = true;
            visit(value);
        });
        if any {
            return;
        }
    }
    for field in entry.record.fields.iter().filter(|field| finds(wanted, &field.name)) {
        let _ = each_part(&field.value, &mut |value| {
            visit(value);
            std::ops::ControlFlow::Continue(())
        });
    }
    for key in entry.context.keys.iter().filter(|key| finds_key(wanted, &key.name)) {
        visit(&key.value);
    }
}

fn attribute_of(entry: &Entry, attribute: WellKnown, visit: &mut dyn FnMut(&str)) {
    let (record, context) = (&entry.record, &entry.context);
    let mut known = |value: Option<&str>| value.into_iter().for_each(&mut *visit);
    match attribute {
        WellKnown::Service => known(Some(&context.service)),
        WellKnown::Level => known(record.severity.map(Severity::name)),
        WellKnown::TraceId => known(context.trace_id.map(|id| id.to_string()).as_deref()),
        WellKnown::SpanId => known(context.span_id.map(|id| id.to_string()).as_deref()),
        WellKnown::Path => known(Some(&entry.path)),
        WellKnown::Message => known(Some(&record.message)),
        WellKnown::Template => known(Some(&template(&record.message))),
        WellKnown::Logger => known(record.logger.as_deref()),
        WellKnown::Thread => known(record.thread.as_deref()),
        WellKnown::Host => known(context.host.as_deref()),
        WellKnown::Instance => known(context.instance.as_deref()),
        WellKnown::Format => known(Some(&record.format)),
    }
}
