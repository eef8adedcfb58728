//! A random shop that hands messages on: each is sent by one span and taken, now and then after
//! a failure once more, by a batch of several; hosts' clocks are off.

use super::system::Random;
use crate::model::entry::Entry;
use crate::model::fixture::{Fixture, entry};
use crate::model::span::{Operation, SpanKind};

/// Lines of a shop, and what is true of them.
pub(super) struct Queue {
    pub(super) lines: Vec<Entry>,
    /// The spans that send, all called by span 1.
    pub(super) senders: Vec<u64>,
    /// The spans that take messages, each with those that sent them, in order.
    pub(super) batches: Vec<(u64, Vec<u64>)>,
}

/// Draws one.
pub(super) fn queue(seed: u64) -> Queue {
    let mut random = Random(seed);
    let senders: Vec<u64> = (2..3 + random.below(6)).collect();
    let ahead = random.below(2_000) as i64 - 1_000;
    let end = 100 * senders.len() as i64 + 100;
    let mut said: Vec<Fixture> = vec![
        entry("shop", "begins").at(0).span(1).host("one"),
        entry("shop", "ends").at(end).span(1).host("one"),
    ];
    let message = |sender: u64| format!("m-{sender}");
    for (sender, at) in senders.iter().zip((10..).step_by(100)) {
        let begun = entry("sender", "begins").at(at).span(*sender).parent(1).host("one");
        let sent = entry("sender", "sent").at(at + 5).span(*sender).host("one");
        said.extend([begun, sent.key("message_id", &message(*sender)).operation(side(false))]);
    }
    let mut batches: Vec<(u64, Vec<u64>)> = Vec::new();
    let (mut rest, mut now, mut span) = (&senders[..], end + 50, 100);
    while !rest.is_empty() {
        let (taken, later) = rest.split_at(1 + random.below(rest.len() as u64) as usize);
        // What failed is taken once more.
        for _ in 0..=random.below(2) {
            for sender in taken {
                now += 1 + random.below(20) as i64;
                let line = entry("batch", "takes").at(now + ahead).span(span).host("two");
                said.push(line.key("message_id", &message(*sender)).operation(side(true)));
            }
            now += 1_000;
            batches.push((span, taken.to_vec()));
            span += 1;
        }
        rest = later;
    }
    let numbered = said.into_iter().zip(1..);
    let lines = numbered.map(|(line, number)| line.line(number).done()).collect();
    Queue { lines, senders, batches }
}

fn side(takes: bool) -> Operation {
    let kind = if takes { SpanKind::Consumer } else { SpanKind::Producer };
    Operation { kind: Some(kind), ..Operation::default() }
}
