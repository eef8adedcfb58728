//! The evidence of flow, pace and values put together, service by service.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::group::blame::{Departure, Seen, departures, owners};
use crate::analysis::group::collected::{Groups, Request, Step};
use crate::analysis::group::flow::{Context, Turn, Turns, turns};
use crate::analysis::group::pace::{Pace, Spender, paces};
use crate::analysis::group::statistics::critical;
use crate::analysis::group::values::{Separator, separators};
use crate::analysis::group::wording;
use crate::analysis::group::{Blocks, Comparison, Suspect, Told};

/// Cohen's h cannot exceed this; other effects count no more, so that they can be summed.
const EFFECT_MAX: f64 = std::f64::consts::PI;

/// Values that are told: those that separate best.
const VALUES_MAX: usize = 12;

/// Findings of one service that are told.
const FINDINGS_MAX: usize = 8;

/// An effect with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Effect {
    pub(super) size: f64,
    pub(super) error: f64,
    /// Standard errors on either side of the corrected interval.
    pub(super) critical: f64,
}

impl Effect {
    /// What the effect is at least; below 0 if it is not certain.
    pub(super) fn at_least(self) -> f64 {
        (self.size.abs() - self.critical * self.error).min(EFFECT_MAX)
    }

    /// How many standard errors it is away from none.
    pub(super) fn distance(self) -> f64 {
        self.size.abs() / self.error
    }
}

/// A piece of evidence against a service.
struct Evidence {
    effect: Effect,
    /// The part of it that is the service's.
    part: f64,
    told: Option<Told>,
}

impl Evidence {
    fn counts(&self) -> f64 {
        self.effect.at_least().max(0.0) * self.part
    }
}

/// What evidence is about, so that each thing counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Flow(Context),
    Time(Spender),
    Build(usize),
}

type Evidences<'a> = BTreeMap<&'a str, BTreeMap<About, Evidence>>;

/// Compares the groups, whose statements are merged.
pub(super) fn compare(groups: &Groups, blocks: Blocks) -> Comparison {
    let block = |request: &Request| match (blocks.length, request.start) {
        (Some(length), Some(start)) => start.div_euclid(length.max(1)),
        _ => 0,
    };
    let turns = turns(groups, block);
    let (paces, paces_tried) = paces(groups, block);
    let (separators, separators_tried) = separators(groups);
    let tests = turns.len() + paces_tried + separators_tried;
    // Values do not blame a service: trying them must not hide who is to blame.
    let blaming = critical(turns.len() + paces_tried);
    let mut evidences = Evidences::new();
    for (departure, seen) in departures(groups, &turns) {
        blame_flow(groups, &turns, &departure, &seen, blaming, &mut evidences);
    }
    blame_pace(groups, &paces, blaming, &mut evidences);
    let all = critical(tests);
    let certain = |separator: &Separator| effect(separator, all).at_least() > 0.0;
    let certain: Vec<&Separator> = separators.iter().filter(|one| certain(one)).collect();
    blame_builds(groups, &certain, all, &mut evidences);
    let suspects = ranked(evidences);
    let values = told_values(&certain, all);
    let differs = suspects.iter().any(|suspect| suspect.score > 0.0) || !values.is_empty();
    let (bad, good) = groups.sizes();
    Comparison { bad, good, tests, differs, suspects, values }
}

/// Adds evidence, if it says more than what is known about the same thing.
fn add<'a>(evidences: &mut Evidences<'a>, service: &'a str, about: About, evidence: Evidence) {
    let known = evidences.entry(service).or_default();
    let weight = |evidence: &Evidence| {
        (evidence.counts(), evidence.effect.at_least(), evidence.effect.distance() * evidence.part)
    };
    let is_more = known.get(&about).is_none_or(|before| weight(&evidence) > weight(before));
    if is_more {
        known.insert(about, evidence);
    }
}

fn blame_flow<'a>(
    groups: &'a Groups,
    turns: &Turns,
    departure: &Departure,
    seen: &Seen,
    critical: f64,
    evidences: &mut Evidences<'a>,
) {
    let effect = |turn: &Turn| Effect { size: turn.effect, error: turn.error, critical };
    let clearest = |steps: &[Step]| {
        let turn = |step: &Step| Some((*step, turns.get(&(departure.context, *step))?));
        steps.iter().filter_map(turn).max_by(|(_, one), (_, other)| {
            effect(one).at_least().total_cmp(&effect(other).at_least())
        })
    };
    let lost = clearest(&departure.lost);
    let came = [departure.next];
    let gained = clearest(if departure.is_gained { &came } else { &[] });
    // What is missing says more than what came instead; both are one change.
    let Some((step, turn)) = lost.or(gained) else { return };
    let turn = match gained {
        Some((_, other)) if effect(other).at_least() > effect(turn).at_least() => other,
        _ => turn,
    };
    let told_turn = turns.get(&(departure.context, step)).unwrap_or(turn);
    for (service, part) in owners(groups, departure) {
        let effect = effect(turn);
        let told = (effect.at_least() > 0.0)
            .then(|| wording::flow(groups, departure, step, told_turn, effect, service))
            .map(|finding| Told { finding, shown_by: seen.examples.clone() });
        add(evidences, service, About::Flow(departure.context), Evidence { effect, part, told });
    }
}

/// A slow call is its callee's; the caller's too, if it is slow around calls of others as well.
fn blame_pace<'a>(
    groups: &'a Groups,
    paces: &BTreeMap<Spender, Pace>,
    critical: f64,
    evidences: &mut Evidences<'a>,
) {
    let effect = |pace: &Pace| Effect { size: pace.effect, error: pace.error, critical };
    let mut around: BTreeMap<&str, Vec<(&str, Spender, &Pace)>> = BTreeMap::new();
    for (spender, pace) in paces.iter().filter(|(_, pace)| pace.effect > 0.0) {
        let evidence = |service: &str| {
            let effect = effect(pace);
            let told = (effect.at_least() > 0.0).then(|| Told {
                finding: wording::pace(groups, *spender, pace, effect, service),
                shown_by: pace.examples.clone(),
            });
            Evidence { effect, part: 1.0, told }
        };
        match spender {
            Spender::Own(place) => {
                let service = groups.service(*place);
                add(evidences, service, About::Time(*spender), evidence(service));
            }
            Spender::Between(asking, asked) => {
                let (from, to) = (groups.service(*asking), groups.service(*asked));
                add(evidences, to, About::Time(*spender), evidence(to));
                if from != to {
                    around.entry(from).or_default().push((to, *spender, pace));
                }
            }
        }
    }
    for (caller, calls) in around {
        let worst = calls.iter().max_by(|(_, _, one), (_, _, other)| {
            effect(one).at_least().total_cmp(&effect(other).at_least())
        });
        let Some(worst) = worst.map(|(callee, _, _)| *callee) else { continue };
        for (_, spender, pace) in calls.iter().filter(|(callee, _, _)| *callee != worst) {
            let effect = effect(pace);
            let told = (effect.at_least() > 0.0).then(|| Told {
                finding: wording::pace(groups, *spender, pace, effect, caller),
                shown_by: pace.examples.clone(),
            });
            let evidence = Evidence { effect, part: 1.0, told };
            add(evidences, caller, About::Time(*spender), evidence);
        }
    }
}

/// A build that came with the change is evidence against its service.
fn blame_builds<'a>(
    groups: &'a Groups,
    certain: &[&Separator],
    critical: f64,
    evidences: &mut Evidences<'a>,
) {
    let names: BTreeSet<&str> = groups.places.iter().map(|place| place.service.as_str()).collect();
    let builds =
        certain.iter().filter(|separator| separator.is_version() && separator.effect > 0.0);
    for (number, separator) in builds.enumerate() {
        let Some(service) = names.get(separator.service.as_str()) else { continue };
        let effect = effect(separator, critical);
        let told = Told {
            finding: wording::value(separator, effect),
            shown_by: separator.examples.clone(),
        };
        let evidence = Evidence { effect, part: 1.0, told: Some(told) };
        add(evidences, service, About::Build(number), evidence);
    }
}

fn effect(separator: &Separator, critical: f64) -> Effect {
    Effect { size: separator.effect, error: separator.error, critical }
}

/// The services by how much they explain; those that explain nothing for certain by how far
/// their clearest evidence is from chance.
fn ranked(evidences: Evidences<'_>) -> Vec<Suspect> {
    let mut ranked: Vec<(f64, f64, Suspect)> = evidences
        .into_iter()
        .map(|(service, evidences)| {
            let mut evidences: Vec<Evidence> = evidences.into_values().collect();
            evidences.sort_by(|one, other| other.counts().total_cmp(&one.counts()));
            let score = evidences.iter().map(Evidence::counts).sum();
            let distance = evidences
                .iter()
                .map(|evidence| evidence.effect.distance() * evidence.part)
                .fold(0.0, f64::max);
            let findings = evidences.into_iter().filter_map(|evidence| evidence.told);
            let findings = findings.take(FINDINGS_MAX).collect();
            (score, distance, Suspect { service: service.to_owned(), score, findings })
        })
        .collect();
    ranked.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| other.1.total_cmp(&one.1)));
    ranked.into_iter().map(|(_, _, suspect)| suspect).collect()
}

/// The values that separate best, each field once.
fn told_values(certain: &[&Separator], critical: f64) -> Vec<Told> {
    let mut best: Vec<&&Separator> = certain.iter().collect();
    best.sort_by(|one, other| {
        let [one_effect, other_effect] = [one, other].map(|value| effect(value, critical));
        // Of two hosts, that on which it goes wrong says more than the one on which it does not.
        // Their shares mirror each other, but for the last bits.
        let is_bad = |effect: &Effect| effect.size > 0.0;
        let least = |effect: &Effect| (effect.at_least() * 1e6).round();
        let clearer = least(&other_effect).total_cmp(&least(&one_effect));
        clearer
            .then_with(|| is_bad(&other_effect).cmp(&is_bad(&one_effect)))
            .then_with(|| one.name.cmp(&other.name))
    });
    let mut known = BTreeSet::new();
    best.retain(|separator| known.insert((&separator.service, &separator.name)));
    best.into_iter()
        .take(VALUES_MAX)
        .map(|separator| Told {
            finding: wording::value(separator, effect(separator, critical)),
            shown_by: separator.examples.clone(),
        })
        .collect()
}
