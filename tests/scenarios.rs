//! Faults planted in made-up systems are found where they were planted, what looks like them
//! is not taken for them, and lines that are missing end in "cannot tell", not in a wrong cause.
//!
//! The whole measurement is `cargo run --release --example diagnosis`; these are its first
//! instances, and what must hold for each of them.

#[path = "../examples/diagnosis/fault.rs"]
mod fault;
#[path = "../examples/diagnosis/judge.rs"]
mod judge;
#[path = "../examples/diagnosis/line.rs"]
mod line;
#[path = "../examples/diagnosis/look_alike.rs"]
mod look_alike;
#[path = "../examples/generate_corpus/random.rs"]
mod random;
#[path = "../examples/diagnosis/read.rs"]
mod read;
#[path = "../examples/diagnosis/script.rs"]
mod script;
#[path = "../examples/diagnosis/system.rs"]
mod system;

use fault::KINDS;
use judge::{Counts, Damage, Sort, alarms, incomplete, judge, score};

const SEED: u64 = 11;

#[test]
fn every_kind_of_fault_is_found_and_no_look_alike_is_taken_for_it() {
    let judged = judge(SEED, Counts { faults: 4, look_alikes: 3, healthy: 20 });
    for kind in KINDS {
        let score = score(&judged, kind);
        assert_eq!(score.instances, 4, "{kind:?}");
        assert!(score.recall >= 0.75 && score.first >= 0.75, "{kind:?}: {score:?}");
        assert_eq!(score.look_alikes_fooled, 0, "{kind:?}: {score:?}");
        assert!(score.precision >= 0.95, "{kind:?}: {score:?}");
    }
    let healthy: Vec<_> = judged.iter().filter(|judged| judged.sort == Sort::Healthy).collect();
    assert!(alarms(&judged) == 0.0, "{healthy:?}");
}

#[track_caller]
fn check(damage: Damage) {
    let (ends, wrong) = incomplete(SEED, 3, damage);
    assert!(ends.requests > 40, "{ends:?}");
    let seeds: Vec<u64> = wrong.iter().map(|judged| judged.seed).collect();
    assert_eq!(ends.wrong_causes, 0, "{damage:?}: {ends:?} seeds {seeds:?} {wrong:#?}");
}

#[test]
fn whole_lines_lead_to_no_wrong_cause() {
    check(Damage::None);
}

#[test]
fn lost_lines_lead_to_no_wrong_cause() {
    check(Damage::Lost(100));
    check(Damage::Lost(300));
}

#[test]
fn a_silent_service_leads_to_no_wrong_cause() {
    check(Damage::Silent);
}

#[test]
fn lines_without_parents_lead_to_no_wrong_cause() {
    check(Damage::Parents);
}

#[test]
fn lines_without_span_ids_lead_to_no_wrong_cause() {
    check(Damage::SpanIds);
}
