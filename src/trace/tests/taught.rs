//! Requests put together with what others taught are forests, as those put together alone.

use proptest::prelude::{Strategy, prop, prop_assert, proptest};

use super::any::any_entry;
use crate::model::entry::Entry;
use crate::model::fixture::entry;
use crate::model::id::{SpanId, TraceId};
use crate::model::trace::Trace;
use crate::trace::assemble;
use crate::trace::learn::Learner;

/// The requests, each put together with what all of them taught.
fn taught(requests: Vec<Vec<Entry>>) -> Vec<Trace> {
    let numbered = || (1_u128..).map(|number| TraceId::new(number).expect("not zero"));
    let mut learner = Learner::default();
    for (id, entries) in numbered().zip(&requests) {
        learner.observe(id, entries.clone());
    }
    let knowledge = learner.learn();
    let assembled = numbered().zip(requests);
    assembled.map(|(id, entries)| assemble(id, entries, &knowledge)).collect()
}

fn is_forest(trace: &Trace) -> bool {
    // A parent stands before its child, so there can be no circle.
    let parents = trace.spans.iter().map(|span| span.parent.parent);
    parents.enumerate().all(|(index, parent)| parent.is_none_or(|parent| parent.0 < index))
}

/// A front that asks a search, which asks the catalogue; the search speaks last.
fn visit(request: i64) -> Vec<Entry> {
    let start = request * 10_000;
    let lines = [
        entry("front", "asked").at(start).span(1),
        entry("search", "searching").at(start + 2).span(2).parent(1),
        entry("catalogue", "looking up").at(start + 4).span(3),
        entry("catalogue", "looked up").at(start + 6).span(3).line(2),
        entry("search", "found").at(start + 9).span(2).line(2),
        entry("front", "answered").at(start + 12).span(1).line(2),
    ];
    lines.into_iter().map(super::Fixture::done).collect()
}

#[test]
fn no_circle_closes_through_a_span_that_logged_nothing() {
    let mut requests: Vec<Vec<Entry>> = (1..60).map(visit).collect();
    // Here the front logs nothing, and the catalogue is asked before the search as well: the
    // front's silent span hangs on it, and the search, which calls it elsewhere, below.
    let mut silent = visit(60);
    silent.retain(|entry| entry.context.service != "front");
    for entry in silent.iter_mut().filter(|entry| entry.context.service == "catalogue") {
        let time = entry.record.time.as_mut().expect("it is dated");
        time.at = time.at.plus(-3_000_000);
    }
    silent.push(entry("catalogue", "closing").at(600_030).span(3).line(3).done());
    assert_eq!(silent[0].context.parent_span_id, SpanId::new(1));
    requests.push(silent);
    let assembled = taught(requests);
    assert!(assembled.iter().all(is_forest), "{:#?}", assembled.last());
}

proptest! {
    #[test]
    fn what_any_requests_teach_makes_forests(
        requests in prop::collection::vec(
            prop::collection::vec(any_entry(), 1..16).prop_map(|lines| lines), 1..24,
        ),
    ) {
        for trace in taught(requests) {
            prop_assert!(is_forest(&trace), "{trace:#?}");
        }
    }
}
