//! What took the time? The step with the most time of its own.
//!
//! A step's own time is its extent without those of its children. Alone it is a description;
//! against peers that do the same step it becomes a finding, if it is far above all of them.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::usual::{Compared, Usual};
use crate::analysis::wording::{share, time};
use crate::model::finding::{Level, Measure};
use crate::model::span::{ExtentBasis, SpanIndex};

/// A step that is slower than usual but less of the request than this did not make it slow.
const SHARE_MIN: f64 = 0.2;

/// How many other steps are named.
const OTHERS_MAX: usize = 3;

/// The slowest step and, of the others, those far slower than usual.
pub(super) fn clues(case: &Case<'_>, usual: &Usual) -> Vec<Clue> {
    let mut steps: Vec<(i64, SpanIndex)> = case
        .spans()
        .filter(|span| case.span(*span).extent != ExtentBasis::Children)
        .filter(|span| case.path.contains(*span))
        .map(|span| (case.self_time(span), span))
        .collect();
    steps.sort_by_key(|(own, span)| (std::cmp::Reverse(*own), *span));
    let slowest = steps.first().copied().filter(|(own, _)| *own > 0);
    let mut clues: Vec<Clue> =
        slowest.map(|step| described(case, step, &steps)).into_iter().collect();
    for (own, span) in steps {
        let on_path = case.path.contains(span) && case.share(own) >= SHARE_MIN;
        let step = case.span(span);
        if let (true, Compared::Unusual(most)) =
            (on_path, usual.step(&step.service, &step.name, own))
        {
            clues.push(unusual(case, usual, span, (own, most)));
        }
    }
    clues
}

fn described(case: &Case<'_>, (own, span): (i64, SpanIndex), steps: &[(i64, SpanIndex)]) -> Clue {
    let step = case.span(span);
    let (service, name) = (&step.service, &step.name);
    let others: Vec<String> = steps
        .iter()
        .skip(1)
        .take(OTHERS_MAX)
        .map(|(own, span)| {
            format!("{} {} ({})", case.service(*span), case.span(*span).name, time(*own))
        })
        .collect();
    let others =
        if others.is_empty() { others.concat() } else { format!("; then {}", others.join(", ")) };
    let sentence = format!(
        "the slowest step is {service} {name}: {} of its own, {} of the request{others}",
        time(own),
        share(case.share(own)),
    );
    let measures = vec![Measure::time("self_time", own), Measure::share("share", case.share(own))];
    Clue::new(case, "waterfall", Level::Note, vec![span])
        .proved_by(ends(case, span))
        .saying(sentence, measures)
        .tested_by(
            "the same step is as slow in other requests",
            "a child of it logged nothing, so that its time looks like the step's own",
        )
}

fn unusual(case: &Case<'_>, usual: &Usual, span: SpanIndex, (own, most): (i64, i64)) -> Clue {
    let step = case.span(span);
    let sentence = format!(
        "{} {} took {} of its own, {} of the request; in {} others at most {}",
        step.service,
        step.name,
        time(own),
        share(case.share(own)),
        usual.peers(),
        time(most),
    );
    let measures = vec![
        Measure::time("self_time", own),
        Measure::time("usual_at_most", most),
        Measure::share("share", case.share(own)),
    ];
    Clue::new(case, "slow_step", Level::Warning, vec![span])
        .proved_by(ends(case, span))
        .saying(sentence, measures)
        .tested_by(
            "a profile or finer lines of this step show where the time goes",
            "the step was given far more to do than in the others",
        )
        .at_most(0.9)
}

/// The first and the last line of a span.
fn ends(case: &Case<'_>, span: SpanIndex) -> Vec<usize> {
    let entries = &case.entries[span.0];
    entries.first().into_iter().chain(entries.last()).copied().collect()
}
