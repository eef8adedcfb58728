//! Requests played, written, read back by the program, and judged against the truth.

use std::collections::BTreeMap;
use std::sync::Arc;

use logloom::analysis::case::Surroundings;
use logloom::analysis::verdict::Verdict;
use logloom::analysis::{Analysis, diagnose};
use logloom::decode::definition::Definitions;
use logloom::model::finding::Level;
use logloom::model::id::TraceId;
use logloom::model::trace::Trace;
use logloom::trace::assemble;
use logloom::trace::knowledge::Knowledge;

use super::fault::{KINDS, Kind, Planted, fault};
use super::line::{Dialect, Line, MILLI, Micros, SECOND, written};
use super::look_alike::look_alike;
use super::random::Random;
use super::read::read;
use super::script::{Part, Stage};
use super::system::{System, varied};

/// Healthy requests of the same kind that are played before each.
const PEERS: i64 = 6;

/// What was asked for, and of which kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Fault(Kind),
    LookAlike(Kind),
    Healthy,
}

/// One request that was judged.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) sort: Sort,
    pub(crate) seed: u64,
    /// Findings of warning level or above, and what cannot be told.
    pub(crate) found: Vec<(&'static str, Level, String)>,
    /// Whether the fault was found where it was planted.
    pub(crate) hit: bool,
    /// Findings that are not true.
    pub(crate) wrong: Vec<&'static str>,
    /// Whether the first finding is true.
    pub(crate) first_is_true: bool,
    /// What the diagnosis came to: the cause that it named, if it did.
    pub(crate) cause: Option<(&'static str, String)>,
    /// Whether that cause is true, and blames whom it should.
    pub(crate) cause_is_true: bool,
}

/// What is missing from the lines of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Nothing.
    None,
    /// So many of a thousand lines, anywhere.
    Lost(u64),
    /// All lines of the service with the fault.
    Silent,
    /// All span ids.
    SpanIds,
    /// All ids of parents.
    Parents,
}

/// How many of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counts {
    pub(crate) faults: u64,
    pub(crate) look_alikes: u64,
    pub(crate) healthy: u64,
}

/// Plays and judges everything.
pub(crate) fn judge(seed: u64, counts: Counts) -> Vec<Judged> {
    let mut judged = Vec::new();
    let definitions = Definitions::embedded();
    for (number, kind) in (0..).zip(KINDS) {
        let base = seed.wrapping_add(number * 1_000_003);
        for (sort, count) in
            [(Sort::Fault(kind), counts.faults), (Sort::LookAlike(kind), counts.look_alikes)]
        {
            judged.extend(several(&definitions, sort, base, count));
        }
    }
    judged.extend(several(&definitions, Sort::Healthy, seed, counts.healthy));
    judged
}

fn several(definitions: &Arc<Definitions>, sort: Sort, base: u64, count: u64) -> Vec<Judged> {
    (0..)
        .map(|index| base.wrapping_add(index * 7_919))
        .filter_map(|seed| one(definitions, sort, seed, Damage::None))
        .take(count as usize)
        .collect()
}

/// One request; none if its system has no place for the fault.
pub(crate) fn one(
    definitions: &Arc<Definitions>,
    sort: Sort,
    seed: u64,
    damage: Damage,
) -> Option<Judged> {
    let mut random = Random::new(seed);
    let count = random.between(5, 41) as usize;
    let system = System::of(&mut random, count);
    let planted = match sort {
        Sort::Fault(kind) => fault(&mut random, &system, kind)?,
        Sort::LookAlike(kind) => look_alike(&mut random, &system, kind)?,
        Sort::Healthy => Planted {
            request: system.root.clone(),
            usual: system.root.clone(),
            apart: Vec::new(),
            blamed: Vec::new(),
            silent: Vec::new(),
            allowed: &[],
        },
    };
    let (trace, around) = staged(definitions, &mut random, &planted, damage)?;
    Some(scored(sort, seed, &planted, &diagnose(&trace, &around)))
}

/// Plays the request among its peers, writes all lines, and reads them back.
pub(crate) fn staged(
    definitions: &Arc<Definitions>,
    random: &mut Random,
    planted: &Planted,
    damage: Damage,
) -> Option<(Trace, Surroundings)> {
    let mut lines: Vec<Line> = Vec::new();
    let start = 600 * SECOND;
    let mut play = |random: &mut Random, part: &Part, at: Micros| {
        let trace = u128::from(random.bits()) << 64 | u128::from(random.bits()) | 1;
        let mut stage = Stage { random, trace, lines: Vec::new(), silent: planted.silent.clone() };
        stage.play(part, at, None);
        lines.extend(stage.lines);
        TraceId::new(trace)
    };
    let mut peers = Vec::new();
    for number in 0..PEERS {
        let part = varied(random, &planted.usual);
        let apart = random.between(5_000, 15_000) as Micros * MILLI;
        peers.extend(play(random, &part, start - (number + 1) * 20 * SECOND + apart / 10));
    }
    let request = varied(random, &planted.request);
    let own = play(random, &request, start);
    let mut related = Vec::new();
    for (part, later) in &planted.apart {
        related.extend(play(random, part, start + later + 300 * MILLI));
    }
    let full = random.per_mille(900);
    let dialects: BTreeMap<String, Dialect> = lines
        .iter()
        .map(|line| line.service.clone())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .map(|service| {
            let choices =
                if full { [Dialect::Json, Dialect::Pairs] } else { [Dialect::Json, Dialect::Text] };
            (service, *random.pick(&choices))
        })
        .collect();
    if let Some(own) = own {
        lines.retain(|line| line.trace != own.value() || survives(random, line, planted, damage));
    }
    let files = written(lines, |service| match damage {
        Damage::SpanIds => Dialect::TraceOnly,
        Damage::Parents => Dialect::Text,
        Damage::None | Damage::Lost(_) | Damage::Silent => dialects[service],
    });
    let mut requests = read(definitions, &files);
    let mut take = |id: &TraceId| {
        requests.remove(id).map(|entries| assemble(*id, entries, &Knowledge::default()))
    };
    let peers = peers.iter().filter_map(&mut take).collect();
    let related = related.iter().filter_map(&mut take).collect();
    let own = own.and_then(|own| take(&own))?;
    Some((own, Surroundings { peers, related }))
}

fn survives(random: &mut Random, line: &Line, planted: &Planted, damage: Damage) -> bool {
    match damage {
        Damage::None | Damage::SpanIds | Damage::Parents => true,
        Damage::Lost(share) => !random.per_mille(share),
        Damage::Silent => !planted.blamed.contains(&line.service),
    }
}

fn scored(sort: Sort, seed: u64, planted: &Planted, analysis: &Analysis) -> Judged {
    let found: Vec<(&'static str, Level, String)> = analysis
        .findings
        .iter()
        .filter(|finding| finding.level > Level::Note)
        .map(|finding| (finding.name, finding.level, finding.service.clone().unwrap_or_default()))
        .collect();
    let (kind, allowed) = match sort {
        Sort::Fault(kind) => (Some(kind), kind.allowed()),
        Sort::LookAlike(_) | Sort::Healthy => (None, planted.allowed),
    };
    let is_true =
        |name: &str| allowed.contains(&name) || kind.is_some_and(|kind| kind.finding() == name);
    let alarming = found
        .iter()
        .filter(|(_, level, _)| *level >= Level::Warning || kind == Some(Kind::TooShallow));
    let wrong: Vec<&'static str> =
        alarming.map(|(name, ..)| *name).filter(|name| !is_true(name)).collect();
    let hit = kind.is_some_and(|kind| {
        found
            .iter()
            .any(|(name, _, service)| *name == kind.finding() && planted.blamed.contains(service))
    });
    let first_is_true = found.first().is_none_or(|(name, ..)| is_true(name));
    let cause = match &analysis.verdict {
        Verdict::Cause(place) => {
            let finding = &analysis.findings[*place];
            Some((finding.name, finding.service.clone().unwrap_or_default()))
        }
        Verdict::Nothing | Verdict::CannotTell(_) => None,
    };
    // What happens on any day did happen; whether somebody made up for it may be lost.
    let is_everyday = |name: &str, service: &str| name == "error_origin" && service == "suggest";
    let cause_is_true = cause.as_ref().is_none_or(|(name, service)| {
        allowed.contains(name)
            || is_everyday(name, service)
            || kind.is_some_and(|kind| kind.finding() == *name) && planted.blamed.contains(service)
    });
    Judged { sort, seed, found, hit, wrong, first_is_true, cause, cause_is_true }
}

/// What became of the causes of requests with damage, faults of all kinds in turn.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ends {
    pub(crate) requests: usize,
    /// A cause was named, and it is true.
    pub(crate) true_causes: usize,
    /// A cause was named, and it is wrong.
    pub(crate) wrong_causes: usize,
    /// No cause was named.
    pub(crate) untold: usize,
}

/// Plays `count` faults of each kind with damaged lines; gives the sum, and those told wrong.
pub(crate) fn incomplete(seed: u64, count: u64, damage: Damage) -> (Ends, Vec<Judged>) {
    let definitions = Definitions::embedded();
    let (mut ends, mut wrong) = (Ends::default(), Vec::new());
    for (number, kind) in (0..).zip(KINDS) {
        let seeds = (0..count).map(|index| seed + number * 1_000_003 + index * 7_919);
        for judged in seeds.filter_map(|seed| one(&definitions, Sort::Fault(kind), seed, damage)) {
            ends.requests += 1;
            match (&judged.cause, judged.cause_is_true) {
                (None, _) => ends.untold += 1,
                (Some(_), true) => ends.true_causes += 1,
                (Some(_), false) => {
                    ends.wrong_causes += 1;
                    wrong.push(judged);
                }
            }
        }
    }
    (ends, wrong)
}

/// Recall and precision of one kind, and how often the first finding is true.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Score {
    pub(crate) instances: usize,
    pub(crate) recall: f64,
    pub(crate) precision: f64,
    pub(crate) first: f64,
    pub(crate) look_alikes_fooled: usize,
}

/// The score of a kind over everything that was judged.
pub(crate) fn score(judged: &[Judged], kind: Kind) -> Score {
    let own: Vec<&Judged> =
        judged.iter().filter(|judged| judged.sort == Sort::Fault(kind)).collect();
    let hits = own.iter().filter(|judged| judged.hit).count();
    let named = |judged: &&&Judged| {
        let is_shallow = kind == Kind::TooShallow;
        judged.found.iter().any(|(name, level, _)| {
            *name == kind.finding() && (is_shallow || *level >= Level::Warning)
        })
    };
    let all: Vec<&Judged> = judged.iter().collect();
    let told = all.iter().filter(named).count();
    let wrong = all.iter().filter(|judged| judged.wrong.contains(&kind.finding())).count();
    let fooled = judged
        .iter()
        .filter(|judged| {
            judged.sort == Sort::LookAlike(kind) && judged.wrong.contains(&kind.finding())
        })
        .count();
    let share =
        |part: usize, whole: usize| if whole == 0 { 1.0 } else { part as f64 / whole as f64 };
    Score {
        instances: own.len(),
        recall: share(hits, own.len()),
        precision: 1.0 - share(wrong, told) * f64::from(u8::from(told > 0)),
        first: share(own.iter().filter(|judged| judged.first_is_true).count(), own.len()),
        look_alikes_fooled: fooled,
    }
}

/// Findings of warning level or above for each hundred healthy requests.
pub(crate) fn alarms(judged: &[Judged]) -> f64 {
    let healthy: Vec<&Judged> =
        judged.iter().filter(|judged| judged.sort == Sort::Healthy).collect();
    let alarms: usize = healthy.iter().map(|judged| judged.wrong.len()).sum();
    100.0 * alarms as f64 / healthy.len().max(1) as f64
}
