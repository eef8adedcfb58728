//! Days written, read back as the program reads them, compared, and judged against the truth.

use std::collections::BTreeMap;
use std::sync::Arc;

use logloom::analysis::group::{Blocks, Groups, Observed, compare};
use logloom::decode::definition::Definitions;
use logloom::model::id::TraceId;
use logloom::model::trace::Trace;
use logloom::trace::assemble;
use logloom::trace::learn::Learner;

use super::baseline::{BASELINES, Baseline};
use super::day::{Damage, Day, WINDOW, damaged, day};
use super::fault::{Fault, KINDS, Kind};
use super::line::{Dialect, Micros, written};
use super::random::Random;
use super::read::read;
use super::system::System;

/// A fault that made a difference less often than this is no fault of that window.
const HITS_MIN: u32 = 3;

/// The rank of the faulty service by each method: ours, then the baselines; 0 is first.
pub(crate) type Ranks = Vec<Option<usize>>;

/// A window that was judged.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) seed: u64,
    /// What was wrong in it; none if all was well.
    pub(crate) kind: Option<Kind>,
    pub(crate) service: String,
    pub(crate) ranks: Ranks,
    /// Whether the comparison says that the groups differ.
    pub(crate) differs: bool,
    /// What ranks first, and why.
    pub(crate) first: Vec<String>,
}

/// Judges `count` windows of each kind, and as many in which all is well.
pub(crate) fn judge(seed: u64, count: u64, damage: Damage) -> Vec<Judged> {
    let definitions = Definitions::embedded();
    let kinds = KINDS.into_iter().map(Some).chain([None]);
    let mut judged = Vec::new();
    for (number, kind) in (0..).zip(kinds) {
        let base = seed.wrapping_mul(1_000_003).wrapping_add(number * 10_007);
        let seeds = (0..).map(|index: u64| base.wrapping_add(index * 104_729));
        let found = seeds.filter_map(|seed| one(&definitions, seed, kind, damage));
        judged.extend(found.take(count as usize));
    }
    judged
}

/// One window; none if the system has no place for the fault, or it made no difference.
pub(crate) fn one(
    definitions: &Arc<Definitions>,
    seed: u64,
    kind: Option<Kind>,
    damage: Damage,
) -> Option<Judged> {
    let mut random = Random::new(seed);
    let count = random.between(6, 31) as usize;
    let system = System::of(&mut random, count);
    let fault = match kind {
        Some(kind) => {
            let fault = Fault::of(&mut random, &system, kind);
            Some(fault).filter(|fault| fault.can_show(&system)).map(Some)?
        }
        None => None,
    };
    let mut day = day(&mut random, &system, fault.as_ref());
    if fault.is_some() && day.hits < HITS_MIN {
        return None;
    }
    damaged(&mut random, &system, &mut day, damage);
    let service = fault.map_or(String::new(), |fault| system.services[fault.service].name.clone());
    Some(judged(definitions, seed, kind, &service, &system, day))
}

fn judged(
    definitions: &Arc<Definitions>,
    seed: u64,
    kind: Option<Kind>,
    service: &str,
    system: &System,
    day: Day,
) -> Judged {
    let (bad, good) = requests(definitions, system, day);
    let ranks: Vec<Vec<String>> =
        BASELINES.iter().map(|baseline: &Baseline| baseline(&bad, &good)).collect();
    let mut groups = Groups::default();
    for trace in &good {
        groups.add_good(Observed::of(trace));
    }
    for trace in &bad {
        groups.add_bad(Observed::of(trace));
    }
    let found = compare(groups, Blocks { length: Some(WINDOW * 1_000) });
    let own: Vec<String> = found.suspects.iter().map(|one| one.service.clone()).collect();
    let first = found.suspects.iter().take(3).map(|one| {
        let said = one.findings.first().map(|told| told.finding.sentence.clone());
        format!("{} {:.2} {}", one.service, one.score, said.unwrap_or_default())
    });
    let rank = |ranking: &Vec<String>| ranking.iter().position(|name| *name == service);
    Judged {
        seed,
        kind,
        ranks: std::iter::once(&own).chain(&ranks).map(rank).collect(),
        service: service.to_owned(),
        differs: found.differs,
        first: first.collect(),
    }
}

/// The requests of the window, and those before it, read back from their lines.
fn requests(definitions: &Arc<Definitions>, system: &System, day: Day) -> (Vec<Trace>, Vec<Trace>) {
    let mut dialects: BTreeMap<String, Dialect> = BTreeMap::new();
    for service in &system.services {
        dialects.insert(service.name.clone(), service.dialect);
    }
    let mut begins: BTreeMap<u128, Micros> = BTreeMap::new();
    for line in &day.lines {
        let begin = begins.entry(line.trace).or_insert(line.at);
        *begin = line.at.min(*begin);
    }
    let window = day.window;
    let files = written(day.lines, |service| dialects[service]);
    let requests = read(definitions, &files);
    let mut learner = Learner::default();
    for (id, entries) in &requests {
        learner.observe(*id, entries.clone());
    }
    let knowledge = learner.learn();
    let (mut bad, mut good) = (Vec::new(), Vec::new());
    let is_bad = |id: TraceId| begins.get(&id.value()).is_some_and(|begin| *begin >= window);
    for (id, entries) in requests {
        let trace = assemble(id, entries, &knowledge);
        if is_bad(id) { bad.push(trace) } else { good.push(trace) }
    }
    (bad, good)
}
