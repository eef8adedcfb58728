//! Standing queries: put to every request that settles, they tell what somebody must know.
//!
//! A rule looks for single requests, for too many of them in a stretch of time, or for too
//! large a part of some. The time is that of the logs, so that the past, played again, gives
//! the alerts that it gave; a clock that runs ahead counts as now.
//!
//! Always: a request raises an alert of a rule once, however often it settles anew; what is
//! counted raises one when it becomes too much, and the next only after it was less again.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use crate::engine::answer::Request;
use crate::engine::live::judge::fulfils;
use crate::model::id::TraceId;
use crate::model::time::Timestamp;
use crate::query::judge::Surroundings;
use crate::query::question::Question;

/// Requests that a rule remembers, for what it counts and to tell none twice: some megabytes
/// for each rule. Of more in one stretch of time the earliest are not counted.
const REQUESTS_MAX: usize = 100_000;

/// What somebody wants to know.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name, unique among the rules.
    pub name: String,
    /// Which requests it is about.
    pub query: Question,
    /// How many are too many.
    pub limit: Limit,
}

/// How many requests are too many.
#[derive(Debug, Clone, PartialEq)]
pub enum Limit {
    /// Each one is told.
    Each,
    /// At least so many in a stretch of time.
    Count {
        /// So many; at least 1.
        least: u64,
        /// The stretch.
        within: Duration,
    },
    /// At least such a part of some requests in a stretch of time.
    Share {
        /// Percent, from above 0 to 100.
        percent: f64,
        /// Of these requests; of all, if none are named.
        of: Option<Question>,
        /// A part of fewer requests than these says nothing; at least 1.
        least: u64,
        /// The stretch.
        within: Duration,
    },
}

/// Something that somebody must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The rule's name.
    pub rule: String,
    /// The request that raised it.
    pub request: TraceId,
    /// When that request ended.
    pub time: Timestamp,
    /// What was counted, unless each request is told.
    pub counted: Option<Counted>,
}

/// How many requests of a stretch of time were what a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// So many were it.
    pub matched: u64,
    /// Of so many, where the share counts.
    pub of: Option<u64>,
    /// The stretch.
    pub within: Duration,
}

/// Rules, and what they have seen.
#[derive(Debug, Default)]
pub struct Watcher(Vec<Standing>);

/// A rule and what it has seen.
#[derive(Debug)]
struct Standing {
    rule: Rule,
    /// The requests that count, by when they ended.
    by_time: BTreeSet<(Timestamp, TraceId)>,
    /// The same by their ids: when each ended, and whether it is what the rule looks for.
    by_id: HashMap<TraceId, (Timestamp, bool)>,
    matched: u64,
    is_raised: bool,
}

impl Watcher {
    /// Watches by these rules.
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut watcher = Self::default();
        watcher.replace(rules);
        watcher
    }

    /// Watches by other rules from now on. A rule that has not changed keeps what it has seen.
    pub fn replace(&mut self, rules: Vec<Rule>) {
        let mut before = std::mem::take(&mut self.0);
        for rule in rules {
            let known = before.iter().position(|standing| standing.rule == rule);
            let standing = known.map(|place| before.swap_remove(place));
            self.0.push(standing.unwrap_or_else(|| Standing::new(rule)));
        }
    }

    /// Whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts all rules to a request that has settled at `now`; what must be told.
    pub fn settled(
        &mut self,
        request: &Request,
        surroundings: &Surroundings,
        now: Timestamp,
    ) -> Vec<Alert> {
        let asked = |question: &Question| fulfils(request, question, surroundings);
        let overview = request.overview();
        let end = overview.start.map(|start| start.plus(overview.duration.unwrap_or(0)));
        let time = end.unwrap_or(now).min(now);
        let standing = self.0.iter_mut();
        standing.filter_map(|standing| standing.take(request.trace.id, time, &asked)).collect()
    }
}

impl Standing {
    fn new(rule: Rule) -> Self {
        let (by_time, by_id) = (BTreeSet::new(), HashMap::new());
        Self { rule, by_time, by_id, matched: 0, is_raised: false }
    }

    fn take(
        &mut self,
        request: TraceId,
        time: Timestamp,
        asked: &dyn Fn(&Question) -> bool,
    ) -> Option<Alert> {
        let is_match = asked(&self.rule.query);
        let counts = match &self.rule.limit {
            Limit::Each | Limit::Count { .. } => is_match,
            Limit::Share { of, .. } => of.as_ref().is_none_or(asked),
        };
        if !counts {
            return None;
        }
        let is_known = self.by_id.contains_key(&request);
        self.note(request, time, is_match);
        let alert = |counted| Some(Alert { rule: self.rule.name.clone(), request, time, counted });
        let Some(counted) = self.counted() else {
            return if is_known { None } else { alert(None) };
        };
        let is_too_much = self.is_too_much(&counted);
        let was_raised = std::mem::replace(&mut self.is_raised, is_too_much);
        let is_new = is_too_much && !was_raised;
        if is_new { alert(Some(counted)) } else { None }
    }

    /// Notes a request, in place of what was known of it, and forgets what is out of date.
    fn note(&mut self, request: TraceId, time: Timestamp, is_match: bool) {
        self.forget(request);
        self.by_time.insert((time, request));
        self.by_id.insert(request, (time, is_match));
        self.matched += u64::from(is_match);
        let within = match self.rule.limit {
            Limit::Each => None,
            Limit::Count { within, .. } | Limit::Share { within, .. } => Some(within),
        };
        let latest = self.by_time.last().map_or(time, |(latest, _)| *latest);
        let length = |within: Duration| i64::try_from(within.as_nanos()).unwrap_or(i64::MAX);
        while let Some((first, id)) = self.by_time.first().copied() {
            let is_past = within.is_some_and(|within| latest - first >= length(within));
            if !is_past && self.by_time.len() <= REQUESTS_MAX {
                break;
            }
            self.forget(id);
        }
    }

    fn forget(&mut self, request: TraceId) {
        if let Some((time, is_match)) = self.by_id.remove(&request) {
            self.by_time.remove(&(time, request));
            self.matched -= u64::from(is_match);
        }
    }

    fn counted(&self) -> Option<Counted> {
        let matched = self.matched;
        match self.rule.limit {
            Limit::Each => None,
            Limit::Count { within, .. } => Some(Counted { matched, of: None, within }),
            Limit::Share { within, .. } => {
                Some(Counted { matched, of: Some(self.by_id.len() as u64), within })
            }
        }
    }

    fn is_too_much(&self, counted: &Counted) -> bool {
        match self.rule.limit {
            Limit::Each => true,
            Limit::Count { least, .. } => counted.matched >= least,
            Limit::Share { percent, least, .. } => {
                let of = counted.of.unwrap_or(0);
                of >= least && counted.matched as f64 * 100.0 >= percent * of as f64
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::live::judge::note;
    use crate::model::fixture::entry;
    use crate::query::parse::parse;
    use crate::trace::knowledge::Knowledge;

    /// Requests of one line each: second, text.
    struct Play {
        watcher: Watcher,
        surroundings: Surroundings,
        ids: u128,
    }

    impl Play {
        fn new(query: &str, limit: Limit) -> Self {
            let query = parse(query).expect("a query");
            let rule = Rule { name: "rule".to_owned(), query, limit };
            let watcher = Watcher::new(vec![rule]);
            Self { watcher, surroundings: Surroundings::default(), ids: 0 }
        }

        /// The alerts of one more request with these services and texts.
        fn settles(&mut self, second: i64, lines: &[(&str, &str)]) -> Vec<Option<Counted>> {
            self.ids += 1;
            self.settles_as(self.ids, second, lines)
        }

        fn settles_as(
            &mut self,
            id: u128,
            second: i64,
            lines: &[(&str, &str)],
        ) -> Vec<Option<Counted>> {
            let id = TraceId::new(id).expect("not zero");
            let lines = lines.iter().map(|(service, text)| {
                let mut line = entry(service, text).at(second * 1_000).done();
                line.context.trace_id = Some(id);
                note(&mut self.surroundings, &line);
                line
            });
            let lines = lines.collect();
            let request = Request::new(id, lines, &Knowledge::default());
            let now = Timestamp::from_nanoseconds(i64::MAX);
            let alerts = self.watcher.settled(&request, &self.surroundings, now);
            alerts.into_iter().map(|alert| alert.counted).collect()
        }
    }

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn each_request_is_told_once_however_often_it_settles() {
        let mut play = Play::new("declined", Limit::Each);
        assert_eq!(play.settles_as(1, 0, &[("pay", "card declined")]), [None]);
        assert_eq!(play.settles_as(1, 1, &[("pay", "card declined")]), []);
        assert_eq!(play.settles_as(2, 1, &[("pay", "card taken")]), []);
        // What only a late line made wrong is told then.
        assert_eq!(play.settles_as(2, 2, &[("pay", "card taken"), ("pay", "declined")]), [None]);
    }

    #[test]
    fn a_shape_is_told_payment_called_and_email_never() {
        let mut play = Play::new("service:pay -service:mail", Limit::Each);
        assert_eq!(play.settles(0, &[("pay", "paid"), ("mail", "sent")]), []);
        assert_eq!(play.settles(1, &[("pay", "paid"), ("shop", "done")]), [None]);
    }

    #[test]
    fn too_many_in_a_stretch_of_time_are_told_once_until_they_were_fewer() {
        let mut play = Play::new("declined", Limit::Count { least: 2, within: MINUTE });
        let mut settles = |second| play.settles(second, &[("pay", "declined")]).len();
        assert_eq!([0, 61, 62, 63].map(&mut settles), [0, 0, 1, 0]);
        // Two minutes later it begins anew.
        assert_eq!([200, 201].map(&mut settles), [0, 1]);
    }

    #[test]
    fn what_is_counted_is_counted_once_for_each_request() {
        let mut play = Play::new("declined", Limit::Count { least: 2, within: MINUTE });
        for second in 0..5 {
            assert_eq!(play.settles_as(1, second, &[("pay", "declined")]), []);
        }
        let counted = Counted { matched: 2, of: None, within: MINUTE };
        assert_eq!(play.settles_as(2, 5, &[("pay", "declined")]), [Some(counted)]);
    }

    #[test]
    fn a_share_counts_when_there_are_enough_and_only_of_those_that_are_meant() {
        let of = parse("service:pay").ok();
        let limit = Limit::Share { percent: 50.0, of, least: 4, within: MINUTE };
        let mut play = Play::new("declined", limit);
        assert_eq!(play.settles(0, &[("pay", "declined")]), []);
        assert_eq!(play.settles(1, &[("shop", "declined")]), []);
        assert_eq!(play.settles(2, &[("pay", "declined")]), []);
        assert_eq!(play.settles(3, &[("pay", "taken")]), []);
        let counted = Counted { matched: 2, of: Some(4), within: MINUTE };
        assert_eq!(play.settles(4, &[("pay", "taken")]), [Some(counted)]);
        assert_eq!(play.settles(5, &[("pay", "taken")]), []);
        assert_eq!(play.settles(6, &[("pay", "declined")]).len(), 1);
    }

    #[test]
    fn a_rule_that_stays_keeps_what_it_has_seen() {
        let limit = Limit::Count { least: 2, within: MINUTE };
        let mut play = Play::new("declined", limit.clone());
        assert_eq!(play.settles(0, &[("pay", "declined")]), []);
        let rule = |name: &str| Rule {
            name: name.to_owned(),
            query: parse("declined").expect("a query"),
            limit: limit.clone(),
        };
        play.watcher.replace(vec![rule("other"), rule("rule")]);
        assert_eq!(play.settles(1, &[("pay", "declined")]).len(), 1);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let query = parse("declined").expect("a query");
        let rule = Rule { name: "rule".to_owned(), query, limit: Limit::Each };
        let mut standing = Standing::new(rule);
        for number in 1..=(REQUESTS_MAX as u128 + 10) {
            let id = TraceId::new(number).expect("not zero");
            standing.take(id, Timestamp::from_nanoseconds(number as i64), &|_| true);
        }
        assert_eq!((standing.by_id.len(), standing.by_time.len()), (REQUESTS_MAX, REQUESTS_MAX));
    }
}
