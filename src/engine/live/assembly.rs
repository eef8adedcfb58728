//! Requests as they happen: each grows line by line until it is quiet.
//!
//! A request is settled when nothing came for a while. How long that is, its operation has
//! taught: twice the longest pause seen inside its settled requests. Where its root has
//! answered and no span outlasts it, a moment is enough. A late line opens it again.
//!
//! Memory is bounded: when too many lines are held, the requests that were quiet longest
//! settle first; settled ones are forgotten but for their ids. The store has them all.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::time::Duration;

use crate::engine::answer::Request;
use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::span::{ExtentBasis, Mark};
use crate::trace::knowledge::Knowledge;

/// A request of an operation that is not known yet is settled after so long a quiet.
const QUIET_UNKNOWN: Duration = Duration::from_secs(5);

/// However its operation behaves, a request waits at least and at most so long.
const QUIET_MIN: Duration = Duration::from_secs(1);
const QUIET_MAX: Duration = Duration::from_secs(120);

/// A request whose root has answered waits so long for stragglers, and for lines that are given
/// to it with their batch.
const QUIET_ANSWERED: Duration = Duration::from_secs(1);

/// Entries held at most: some hundred MB.
const ENTRIES_MAX: usize = 200_000;

/// Entries held of one request; the store has the rest.
const REQUEST_ENTRIES_MAX: usize = 20_000;

/// Settled requests that are remembered with their lines, for late ones.
const SETTLED_MAX: usize = 20_000;

/// Operations whose pauses are remembered.
const OPERATIONS_MAX: usize = 10_000;

/// A request took this many times what is usual: it is slow.
const SLOW_FACTOR: i64 = 3;

/// So many requests of an operation say what is usual.
const USUAL_MIN: u64 = 10;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Its first line came.
    Open,
    /// It has been quiet for long enough.
    Settled,
    /// It settled before; a line came late, and it settled anew.
    SettledAgain,
}

/// A request and what became of it.
#[derive(Debug)]
pub struct News {
    /// The request, as far as it is known.
    pub request: Request,
    /// What became of it.
    pub stage: Stage,
    /// Whether it took much longer than is usual for its operation.
    pub is_slow: bool,
}

/// Requests in the making.
#[derive(Default)]
pub struct Assembly {
    open: HashMap<TraceId, OpenRequest>,
    /// When each open request is looked at.
    due: BTreeSet<(Duration, TraceId)>,
    /// Open requests of which nothing was said yet, in the order in which they began.
    unsaid: Vec<TraceId>,
    /// Settled requests with their lines.
    settled: HashMap<TraceId, Vec<Entry>>,
    /// Their ids, oldest first.
    order: VecDeque<TraceId>,
    /// Lines of open requests, and of settled ones.
    held: usize,
    kept: usize,
    operations: HashMap<String, Usual>,
    late: u64,
    pushed_out: u64,
}

struct OpenRequest {
    entries: Vec<Entry>,
    heard: Duration,
    longest_pause: Duration,
    was_settled: bool,
    /// When it is looked at: then it may be settled.
    due: Duration,
}

impl OpenRequest {
    /// Puts a record that has grown in the place of what came of it before; false if nothing did.
    fn replace(&mut self, entry: &Entry) -> bool {
        let start = (&entry.path, entry.record.position);
        let mut before = self.entries.iter_mut().rev();
        let before = before.find(|known| (&known.path, known.record.position) == start);
        before.map(|before| entry.clone_into(before)).is_some()
    }
}

/// What is usual for an operation.
#[derive(Debug, Clone, Copy, Default)]
struct Usual {
    requests: u64,
    longest_pause: Duration,
    /// A running mean of the duration, in nanoseconds.
    duration: i64,
}

impl Assembly {
    /// Takes a line that came at `now`; lines of no request are passed over. One that `has_grown`
    /// takes the place of what came of it before.
    pub fn push(&mut self, entry: &Entry, has_grown: bool, now: Duration) {
        let Some(id) = entry.context.trace_id else { return };
        let before = self.settled.remove(&id);
        let was_settled = before.is_some();
        if let Some(entries) = &before {
            self.late += 1;
            self.kept -= entries.len();
            self.held += entries.len();
        } else if !self.open.contains_key(&id) {
            self.unsaid.push(id);
        }
        let due = now + QUIET_ANSWERED;
        let open = self.open.entry(id).or_insert_with(|| OpenRequest {
            entries: before.unwrap_or_default(),
            heard: now,
            longest_pause: Duration::ZERO,
            was_settled,
            due,
        });
        open.longest_pause = open.longest_pause.max(now.saturating_sub(open.heard));
        open.heard = now;
        self.due.remove(&(open.due, id));
        self.due.insert((due, id));
        open.due = due;
        if has_grown && open.replace(entry) {
            return;
        }
        if open.entries.len() < REQUEST_ENTRIES_MAX {
            open.entries.push(entry.clone());
            self.held += 1;
        }
    }

    /// What became of requests by `now`: those that began, if that is wanted, and those that
    /// settled.
    pub fn news(&mut self, now: Duration, wants_open: bool, knowledge: &Knowledge) -> Vec<News> {
        let mut news = Vec::new();
        for id in std::mem::take(&mut self.unsaid) {
            if let Some(open) = self.open.get(&id).filter(|_| wants_open) {
                let request = Request::new(id, open.entries.clone(), knowledge);
                news.push(News { request, stage: Stage::Open, is_slow: false });
            }
        }
        while let Some((due, id)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.due.remove(&(due, id));
            news.extend(self.settle_if_quiet(id, now, knowledge));
        }
        if self.held > ENTRIES_MAX {
            let open = self.open.iter();
            let mut quietest: Vec<_> = open.map(|(id, open)| (open.heard, *id)).collect();
            quietest.sort_unstable();
            for (_, id) in quietest {
                if self.held <= ENTRIES_MAX {
                    break;
                }
                self.pushed_out += 1;
                news.extend(self.settle(id, knowledge));
            }
        }
        news
    }

    /// Settles everything: the end.
    pub fn rest(&mut self, knowledge: &Knowledge) -> Vec<News> {
        let mut ids: Vec<TraceId> = self.open.keys().copied().collect();
        ids.sort_unstable();
        ids.into_iter().filter_map(|id| self.settle(id, knowledge)).collect()
    }

    /// When a request may be settled next, if any is open.
    pub fn due(&self) -> Option<Duration> {
        self.due.first().map(|(due, _)| *due)
    }

    /// Requests that are open.
    pub fn open(&self) -> usize {
        self.open.len()
    }

    /// Lines that came after their requests had settled.
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// Requests that settled early because too many lines were held.
    pub const fn pushed_out(&self) -> u64 {
        self.pushed_out
    }

    fn settle_if_quiet(
        &mut self,
        id: TraceId,
        now: Duration,
        knowledge: &Knowledge,
    ) -> Option<News> {
        let open = self.open.get_mut(&id)?;
        let request = Request::new(id, open.entries.clone(), knowledge);
        let usual = operation(&request).and_then(|name| self.operations.get(&name));
        let quiet = if has_answered(&request) {
            QUIET_ANSWERED
        } else {
            usual.map_or(QUIET_UNKNOWN, |usual| {
                (usual.longest_pause * 2).clamp(QUIET_MIN, QUIET_MAX)
            })
        };
        let end = open.heard + quiet;
        if end > now {
            open.due = end;
            self.due.insert((end, id));
            return None;
        }
        self.settle(id, knowledge)
    }

    fn settle(&mut self, id: TraceId, knowledge: &Knowledge) -> Option<News> {
        let open = self.open.remove(&id)?;
        self.due.remove(&(open.due, id));
        self.held -= open.entries.len();
        let request = Request::new(id, open.entries.clone(), knowledge);
        let is_slow = self.learn(&request, open.longest_pause);
        self.kept += open.entries.len();
        self.settled.insert(id, open.entries);
        self.order.push_back(id);
        while self.order.len() > SETTLED_MAX || self.kept > ENTRIES_MAX {
            let Some(oldest) = self.order.pop_front() else { break };
            self.kept -= self.settled.remove(&oldest).map_or(0, |entries| entries.len());
        }
        let stage = if open.was_settled { Stage::SettledAgain } else { Stage::Settled };
        Some(News { request, stage, is_slow })
    }

    /// Learns what is usual; whether this request is not.
    fn learn(&mut self, request: &Request, pause: Duration) -> bool {
        let (Some(name), duration) = (operation(request), request.overview().duration) else {
            return false;
        };
        if self.operations.len() >= OPERATIONS_MAX && !self.operations.contains_key(&name) {
            return false;
        }
        let usual = self.operations.entry(name).or_default();
        usual.longest_pause = usual.longest_pause.max(pause);
        let Some(duration) = duration else { return false };
        let is_slow =
            usual.requests >= USUAL_MIN && duration > usual.duration.saturating_mul(SLOW_FACTOR);
        usual.requests += 1;
        let weight = i64::try_from(usual.requests.min(100)).unwrap_or(100);
        usual.duration += (duration - usual.duration) / weight;
        is_slow
    }
}

/// What a request is a case of: its root's service and name.
fn operation(request: &Request) -> Option<String> {
    let root = request.overview().root?;
    let span = request.trace.span(root);
    Some(format!("{} {}", span.service, span.name))
}

/// Whether the root says when it ended, and nothing lasted longer.
fn has_answered(request: &Request) -> bool {
    let trace = &request.trace;
    let Some(root) = request.overview().root else { return false };
    let says_end = trace.entries.iter().filter(|placed| placed.span == root).any(|placed| {
        let operation = placed.entry.context.operation.as_ref();
        operation.is_some_and(|operation| {
            operation.mark == Some(Mark::End) || operation.duration.is_some()
        })
    });
    let root = trace.span(root);
    let ends_last = trace.spans.iter().all(|span| span.end <= root.end);
    says_end && ends_last && root.extent == ExtentBasis::Stated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::entry;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn settled(assembly: &mut Assembly, now: Duration) -> Vec<(Stage, usize)> {
        let news = assembly.news(now, true, &Knowledge::default());
        news.iter().map(|news| (news.stage, news.request.trace.entries.len())).collect()
    }

    #[test]
    fn a_request_opens_grows_and_settles_when_it_is_quiet() {
        let mut assembly = Assembly::default();
        assembly.push(&entry("shop", "begins").at(0).done(), false, seconds(0));
        assert_eq!(settled(&mut assembly, seconds(0)), [(Stage::Open, 1)]);
        assembly.push(&entry("shop", "goes on").at(900).done(), false, seconds(1));
        assert_eq!(settled(&mut assembly, seconds(5)), []);
        assert_eq!(settled(&mut assembly, seconds(6)), [(Stage::Settled, 2)]);
        assert_eq!(assembly.open(), 0);
    }

    #[test]
    fn a_late_line_opens_it_again_and_is_counted() {
        let mut assembly = Assembly::default();
        assembly.push(&entry("shop", "begins").at(0).done(), false, seconds(0));
        let _ = settled(&mut assembly, seconds(10));
        assembly.push(&entry("shop", "late").at(9_000).done(), false, seconds(20));
        assert_eq!(assembly.late(), 1);
        assert_eq!(settled(&mut assembly, seconds(60)), [(Stage::SettledAgain, 2)]);
    }

    #[test]
    fn lines_of_no_request_are_passed_over() {
        let mut assembly = Assembly::default();
        let mut line = entry("shop", "alone").at(0).done();
        line.context.trace_id = None;
        assembly.push(&line, false, seconds(0));
        assert_eq!((assembly.open(), settled(&mut assembly, seconds(9)).len()), (0, 0));
    }

    #[test]
    fn when_too_many_lines_are_held_the_quietest_settle_first() {
        let mut assembly = Assembly::default();
        let mut line = entry("shop", "line").at(0).done();
        for number in 1..=12_u128 {
            line.context.trace_id = TraceId::new(number);
            for _ in 0..REQUEST_ENTRIES_MAX {
                assembly.push(&line, false, Duration::from_millis(number as u64));
            }
        }
        let news = assembly.news(Duration::from_millis(20), false, &Knowledge::default());
        assert_eq!((news.len(), assembly.pushed_out()), (2, 2));
        assert_eq!(news[0].request.trace.id, TraceId::new(1).expect("not zero"));
    }

    #[test]
    fn a_line_that_has_grown_is_there_once() {
        let mut assembly = Assembly::default();
        assembly.push(&entry("shop", "it broke").at(0).done(), false, seconds(0));
        assembly.push(&entry("shop", "it broke\n\tat Shop.java").at(0).done(), true, seconds(0));
        let news = assembly.news(seconds(6), false, &Knowledge::default());
        let entries = &news[0].request.trace.entries;
        assert_eq!(entries.len(), 1);
        assert!(entries[0].entry.record.message.ends_with("Shop.java"));
    }

    #[test]
    fn how_long_a_request_is_waited_for_its_operation_teaches() {
        let mut assembly = Assembly::default();
        let line = |id: u128, second: i64| {
            let mut line = entry("shop", "GET /cart").at(second * 1_000).done();
            line.context.trace_id = TraceId::new(id);
            line
        };
        // Lines four seconds apart teach to wait for eight.
        assembly.push(&line(1, 0), false, seconds(0));
        assembly.push(&line(1, 4), false, seconds(4));
        assert_eq!(settled(&mut assembly, seconds(9)).last(), Some(&(Stage::Settled, 2)));
        assembly.push(&line(2, 20), false, seconds(20));
        assert_eq!(settled(&mut assembly, seconds(27)), [(Stage::Open, 1)]);
        assert_eq!(settled(&mut assembly, seconds(28)), [(Stage::Settled, 1)]);
    }

    #[test]
    fn settled_requests_are_forgotten_at_a_bound() {
        let mut assembly = Assembly::default();
        let mut line = entry("shop", "line").at(0).done();
        for number in 1..=(SETTLED_MAX as u128 + 5) {
            line.context.trace_id = TraceId::new(number);
            assembly.push(&line, false, seconds(0));
        }
        assert_eq!(settled(&mut assembly, seconds(10)).len(), 2 * (SETTLED_MAX + 5));
        assert_eq!((assembly.settled.len(), assembly.kept), (SETTLED_MAX, SETTLED_MAX));
        // The first is no longer known: a late line of it begins it anew, from the last not.
        line.context.trace_id = TraceId::new(1);
        assembly.push(&line, false, seconds(11));
        assert_eq!(assembly.late(), 0);
        line.context.trace_id = TraceId::new(SETTLED_MAX as u128);
        assembly.push(&line, false, seconds(11));
        assert_eq!(assembly.late(), 1);
    }
}
