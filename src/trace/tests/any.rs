//! Whatever the entries: they make a forest in which every entry stands once, in an order that
//! no span and no edge contradicts.

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::queues::{Queue, queue};
use crate::model::entry::Entry;
use crate::model::field::Field;
use crate::model::fixture::{Fixture, entry, trace_id};
use crate::model::id::SpanId;
use crate::model::span::{EdgeBasis, ExtentBasis, Mark, Operation, SpanKind};
use crate::model::time::Timestamp;
use crate::model::trace::{LinkKind, Linked, Trace};
use crate::trace::assemble;
use crate::trace::clocks::clock_of;
use crate::trace::knowledge::Knowledge;

const SERVICES: [&str; 4] = ["a", "b", "c", "d"];

/// Near each other or hours apart.
fn any_time() -> impl Strategy<Value = Option<i64>> {
    let near = 0..40_i64;
    let far = (0..4_i64, 0..40_i64).prop_map(|(hour, time)| hour * 3_600_000 + time);
    prop::option::weighted(0.9, prop_oneof![3 => near, 1 => far])
}

/// The same, and at the ends of what can be told.
fn extreme_time() -> impl Strategy<Value = Option<i64>> {
    let ends = prop::sample::select(vec![Some(i64::MIN), Some(-9_000_000_000_000), Some(i64::MAX)]);
    prop_oneof![9 => any_time(), 1 => ends]
}

fn any_operation() -> impl Strategy<Value = Option<Operation>> {
    use SpanKind::{Client, Consumer, Internal, Producer, Server};
    let kind =
        prop::option::of(prop::sample::select(vec![Internal, Server, Client, Producer, Consumer]));
    let mark = prop::option::of(prop::sample::select(vec![Mark::Start, Mark::End]));
    let duration = prop::option::of(prop::sample::select(vec![0, 5_000_000, u64::MAX]));
    let peer = prop::option::of(prop::sample::select(SERVICES.to_vec()));
    prop::option::of((kind, mark, duration, peer).prop_map(|(kind, mark, duration, peer)| {
        Operation { kind, mark, duration, peer: peer.map(str::to_owned), ..Operation::default() }
    }))
}

/// Any entry of a few services, threads, hosts, spans, parents, messages, links and times, or
/// without them.
pub(super) fn any_entry() -> impl Strategy<Value = Entry> {
    entry_at(any_time())
}

fn entry_at(time: impl Strategy<Value = Option<i64>>) -> impl Strategy<Value = Entry> {
    let id = || prop::option::of(1..6_u64);
    let who = (0..4_usize, 0..3_usize, prop::option::of(0..2_u8), 0..3_usize);
    let ids = (id(), id(), id(), prop::option::of(0..3_u8));
    (who, ids, time, any_operation(), any::<bool>(), 1..100_u64).prop_map(
        |((service, text, thread, host), ids, time, operation, error, line)| {
            let (span, parent, link, message) = ids;
            let mut made = entry(SERVICES[service], ["x", "y", "z"][text]).line(line);
            made = time.into_iter().fold(made, Fixture::at);
            made = span.into_iter().fold(made, Fixture::span);
            made = parent.into_iter().fold(made, Fixture::parent);
            made = operation.into_iter().fold(made, Fixture::operation);
            made = message
                .into_iter()
                .fold(made, |made, message| made.key("message_id", &format!("m-{message}")));
            made = made.host(["one", "two", "three"][host]);
            let mut made = if error { made.error().done() } else { made.done() };
            made.record.thread = thread.map(|thread| thread.to_string());
            let link = link.map(|link| Field::text("links.0.spanId", format!("{link:016x}")));
            made.record.fields.extend(link);
            made
        },
    )
}

/// What an entry is known by.
fn key(entry: &Entry) -> impl Ord + std::fmt::Debug {
    let position = entry.record.position;
    (entry.path.clone(), position, entry.time(), entry.context.span_id)
}

/// Whether two entries stand in an order that the clock of their host denies.
fn is_denied(first: &Entry, second: &Entry) -> bool {
    clock_of(&first.context) == clock_of(&second.context) && first.time() > second.time()
}

/// The first edge that the order of the lines contradicts.
fn contradicted(trace: &Trace) -> Option<usize> {
    let entry = |index: usize| &trace.entries[index].entry;
    let lines = |span: usize| -> Vec<usize> {
        (0..trace.entries.len()).filter(|line| trace.entries[*line].span.0 == span).collect()
    };
    (0..trace.spans.len()).find(|child| {
        let edge = &trace.spans[*child].parent;
        let Some(parent) = edge.parent else { return false };
        let (own, above) = (lines(*child), lines(parent.0));
        let pair = match edge.basis {
            EdgeBasis::Stated | EdgeBasis::Header => {
                let speaks = trace.span(parent).extent == ExtentBasis::Entries && above.len() > 1;
                above.first().zip(own.first()).filter(|_| speaks)
            }
            EdgeBasis::Handoff => {
                let [sent, received] = &edge.evidence[..] else { return false };
                (above.contains(sent) && own.contains(received)).then_some((sent, received))
            }
            _ => None,
        };
        pair.is_some_and(|(first, second)| {
            first > second && !is_denied(entry(*first), entry(*second))
        })
    })
}

/// The first span whose lines do not stand in the order of their times.
fn disordered(trace: &Trace) -> Option<usize> {
    let mut last: Vec<Option<Timestamp>> = vec![None; trace.spans.len()];
    trace.entries.iter().map(|placed| (placed.span.0, placed.entry.time())).find_map(
        |(span, time)| {
            let is_late = time.is_some() && time < last[span];
            last[span] = time.or(last[span]);
            is_late.then_some(span)
        },
    )
}

proptest! {
    #[test]
    fn any_entries_make_a_forest_with_every_entry_in_it_once(
        entries in prop::collection::vec(entry_at(extreme_time()), 0..40),
    ) {
        let trace = assemble(trace_id(), entries.clone(), &Knowledge::default());
        prop_assert_eq!(trace.entries.len(), entries.len());
        for (index, span) in trace.spans.iter().enumerate() {
            // A parent stands before its child, so there can be no circle.
            prop_assert!(span.parent.parent.is_none_or(|parent| parent.0 < index));
            prop_assert!((0.0..=1.0).contains(&span.parent.confidence));
            prop_assert!(span.parent.parent.is_some() == (span.parent.basis != EdgeBasis::Root));
            prop_assert!(span.start <= span.end);
            prop_assert!(span.parent.evidence.iter().all(|entry| *entry < trace.entries.len()));
        }
        let mut ids: Vec<SpanId> = trace.spans.iter().map(|span| span.id).collect();
        ids.sort_unstable();
        ids.dedup();
        prop_assert_eq!(ids.len(), trace.spans.len());
        for notice in &trace.notices {
            prop_assert!(notice.lines().iter().all(|entry| *entry < trace.entries.len()));
        }
        let mut placed: Vec<_> = trace.entries.iter().map(|placed| key(&placed.entry)).collect();
        let mut given: Vec<_> = entries.iter().map(key).collect();
        placed.sort_unstable();
        given.sort_unstable();
        prop_assert_eq!(placed, given);
    }

    #[test]
    fn the_order_contradicts_no_span_and_no_edge(
        entries in prop::collection::vec(entry_at(extreme_time()), 0..40),
    ) {
        let trace = assemble(trace_id(), entries, &Knowledge::default());
        prop_assert_eq!(disordered(&trace), None);
        prop_assert_eq!(contradicted(&trace), None);
    }

    #[test]
    fn a_batch_stems_from_all_its_senders(seed in any::<u64>()) {
        let Queue { lines, senders, batches } = queue(seed);
        let trace = assemble(trace_id(), lines, &Knowledge::default());
        let id = |span: usize| trace.spans[span].id.value();
        for (batch, from) in batches {
            let at = trace.spans.iter().position(|span| span.id.value() == batch);
            let at = at.expect("each batch says something");
            let edge = &trace.spans[at].parent;
            prop_assert_eq!(edge.basis, EdgeBasis::Handoff);
            let mut known: Vec<u64> = edge.parent.iter().map(|parent| id(parent.0)).collect();
            for link in trace.links.iter().filter(|link| link.span.0 == at) {
                prop_assert_eq!(link.kind, LinkKind::StemsFrom);
                let Linked::Here(sender) = link.linked else { panic!("{link:?}") };
                known.push(id(sender.0));
            }
            known.sort_unstable();
            prop_assert_eq!(&known, &from);
        }
        for sender in senders {
            let span = trace.spans.iter().find(|span| span.id.value() == sender);
            let span = span.expect("each sender says something");
            prop_assert_eq!(span.parent.parent.map(|parent| id(parent.0)), Some(1));
        }
        prop_assert_eq!(contradicted(&trace), None);
    }
}
