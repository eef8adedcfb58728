//! Whose deadline was too short, and did it spread?
//!
//! A caller that says it gave up while its callee was still at work names a deadline that was
//! too short, or a callee that was too slow. Where a callee gave up in turn, the deepest that
//! somebody waited for in vain is the slow one, and the others only passed it on.
//!
//! A status that is passed on (`upstream answered 504`) is an echo, not a deadline of its own.

use crate::analysis::call::Call;
use crate::analysis::cascade;
use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::said::Topic;
use crate::analysis::wording::time;
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;

/// How much later than its caller's giving up a callee's last line must be to have gone on in
/// vain: less is the error of two clocks.
const IN_VAIN_MIN: i64 = 3_000_000;

/// Somebody who gave up.
#[derive(Debug, Clone)]
pub(super) struct GivenUp {
    /// Who.
    pub(super) by: SpanIndex,
    /// The callee's span, if it logged one.
    pub(super) callee: Option<SpanIndex>,
    /// The callee.
    pub(super) service: String,
    /// The line that says so.
    pub(super) line: usize,
    /// When.
    pub(super) at: Timestamp,
    /// How long it had waited.
    pub(super) waited: i64,
    /// The spans of the call.
    pub(super) spans: Vec<SpanIndex>,
}

/// Everybody who gave up on a call, those below before those above.
pub(super) fn given_up(case: &Case<'_>) -> Vec<GivenUp> {
    let mut found: Vec<GivenUp> = Vec::new();
    for span in case.spans() {
        let mut of_span: Vec<GivenUp> = Vec::new();
        let own = case.service(span);
        let out = case.calls_of(span).iter().filter(|call| call.awaited && call.callee != own);
        for call in out {
            // Of several attempts at one callee one is told: the last.
            if let Some(given_up) = on_call(case, call) {
                of_span.retain(|other| other.service != given_up.service);
                of_span.push(given_up);
            }
        }
        let known: Vec<usize> = of_span.iter().map(|given_up| given_up.line).collect();
        found.extend(of_span);
        found.extend(on_nobody(case, span, &known));
    }
    let depths = case.trace.depths();
    found.sort_by_key(|given_up| (std::cmp::Reverse(depths[given_up.by.0]), given_up.line));
    found
}

/// Whether the caller gave up on this call: its own side of the call says so, or else the
/// caller in a line that names the callee or comes right when this call was its latest.
fn on_call(case: &Case<'_>, call: &Call) -> Option<GivenUp> {
    let own_side = call.span.filter(|span| case.service(*span) == case.service(call.by));
    let says_so = |line: &usize| {
        let said = case.said[*line];
        said.of_topic(Topic::Timeout) && said.is_failure() && is_own(case, *line)
    };
    let on_own_side = own_side.and_then(|span| case.entries[span.0].iter().copied().find(says_so));
    let by_caller = || {
        let lines = case.entries[call.by.0].iter().copied();
        lines.filter(says_so).find(|line| can_mean(case, *line, call))
    };
    let line = on_own_side.or_else(by_caller)?;
    let at = case.trace.time(line)?;
    let waited = case.said[line].deadline.unwrap_or(at - call.start);
    Some(GivenUp {
        by: call.by,
        callee: call.server,
        service: call.callee.clone(),
        line,
        at,
        waited,
        spans: call.spans(),
    })
}

/// Somebody who gave up on a call of which there is nothing but this line: the callee logged
/// nothing, or its lines are lost.
fn on_nobody(case: &Case<'_>, span: SpanIndex, known: &[usize]) -> Option<GivenUp> {
    let line = case.entries[span.0].iter().copied().find(|line| {
        let said = case.said[*line];
        said.of_topic(Topic::Timeout)
            && said.deadline.is_some()
            && said.is_failure()
            && !known.contains(line)
    })?;
    let service = waited_for(&case.trace.entries[line].entry.record.message)?;
    let is_told = case.calls_of(span).iter().any(|call| call.callee == service);
    let waited = case.said[line].deadline?;
    let at = case.trace.time(line)?;
    (!is_told && service != case.service(span)).then(|| GivenUp {
        by: span,
        callee: None,
        service,
        line,
        at,
        waited,
        spans: vec![span],
    })
}

/// Whom a line says that its writer waited for.
fn waited_for(message: &str) -> Option<String> {
    const BEFORE: [&str; 7] = [
        "waiting for ",
        "waiting on ",
        "call to ",
        "calling ",
        "response from ",
        "answer from ",
        "request to ",
    ];
    let lower = message.to_ascii_lowercase();
    let (_, rest) = BEFORE.iter().find_map(|words| lower.split_once(words))?;
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '-' && letter != '_');
    let name = &rest[..end.unwrap_or(rest.len())];
    (name.len() > 1).then(|| name.to_owned())
}

/// Whether a line of the caller can mean this call: it came after the call began, and names the
/// callee, or no other callee and no other call that began or ended later.
fn can_mean(case: &Case<'_>, line: usize, call: &Call) -> bool {
    let Some(at) = case.trace.time(line).filter(|at| *at > call.start) else { return false };
    let message = case.trace.entries[line].entry.record.message.to_ascii_lowercase();
    let names = |callee: &str| message.contains(&callee.to_ascii_lowercase());
    let others = || case.calls_of(call.by).iter().filter(|other| *other != call);
    if waited_for(&message).is_some_and(|waited_for| waited_for != call.callee)
        && !names(&call.callee)
    {
        return false;
    }
    if names(&call.callee) {
        return others().all(|other| {
            other.callee != call.callee || other.start < call.start || other.start >= at
        });
    }
    others().all(|other| {
        !names(&other.callee)
            && (other.start >= at || (other.start <= call.start && other.end <= call.end))
    })
}

/// Whether a line tells of its own writer's giving up rather than of an answer passed on.
fn is_own(case: &Case<'_>, line: usize) -> bool {
    let said = case.said[line];
    said.deadline.is_some() || !(said.of_topic(Topic::Upstream) || said.status.is_some())
}

/// The timeouts of a request: one finding where several levels gave up on the same callee,
/// else one for each that gave up.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let all = given_up(case);
    let mut clues = Vec::new();
    let mut told = vec![false; all.len()];
    for deepest in 0..all.len() {
        let gave_up_below = |other: &GivenUp| is_above(case, &all[deepest], other);
        if told[deepest] || all.iter().any(gave_up_below) {
            continue;
        }
        let mut above: Vec<usize> = Vec::new();
        for other in (0..all.len()).filter(|other| *other != deepest && !told[*other]) {
            let below = std::iter::once(&deepest).chain(&above);
            if below.into_iter().any(|below| is_above(case, &all[other], &all[*below])) {
                above.push(other);
            }
        }
        if above.is_empty() {
            clues.push(chain(case, &all[deepest]));
            continue;
        }
        let levels: Vec<&GivenUp> =
            std::iter::once(deepest).chain(above.iter().copied()).map(|at| &all[at]).collect();
        clues.push(cascade::clue(case, &levels));
        for other in above {
            told[other] = true;
        }
    }
    clues
}

/// Whether one gave up on a call below which the other gave up in turn.
fn is_above(case: &Case<'_>, above: &GivenUp, below: &GivenUp) -> bool {
    let by_tree = case.is_within(below.by, above.by)
        && above.callee.is_none_or(|callee| case.is_within(below.by, callee));
    // A callee whose caller gave up often hangs elsewhere, where no line states its parent.
    let by_name = above.service == case.service(below.by)
        && case.extent(below.by).is_some_and(|(start, end)| start <= above.at && end >= above.at);
    above.by != below.by && (by_tree || by_name)
}

fn chain(case: &Case<'_>, given_up: &GivenUp) -> Clue {
    let by = case.service(given_up.by);
    let last = given_up.callee.and_then(|callee| last_line_below(case, callee));
    let in_vain = last.map(|(_, at)| at - given_up.at).filter(|length| *length >= IN_VAIN_MIN);
    let level = if case.has_failed(given_up.by) || case.request_has_failed() {
        Level::Error
    } else {
        Level::Warning
    };
    let rest = match (in_vain, given_up.callee) {
        (Some(length), _) => format!("which worked on in vain for {}", time(length)),
        (None, Some(_)) => "which logged nothing after that".to_owned(),
        (None, None) => "which logged nothing: whether it worked on, cannot be told".to_owned(),
    };
    let sentence =
        format!("{by} gave up on {} after {}, {rest}", given_up.service, time(given_up.waited));
    let mut measures = vec![Measure::time("waited", given_up.waited)];
    measures.extend(in_vain.map(|length| Measure::time("in_vain", length)));
    let theirs = given_up.callee.and_then(|callee| longer_deadline(case, callee, given_up.waited));
    let sentence = match theirs {
        Some((_, own)) => format!("{sentence}; its own deadline below is {}", time(own)),
        None => sentence,
    };
    let mut spans = vec![given_up.by];
    spans.extend(given_up.spans.iter().copied().filter(|span| *span != given_up.by));
    let mut clue = Clue::new(case, "timeout_chain", level, spans)
        .proved_by([given_up.line])
        .proved_by(last.map(|(line, _)| line))
        .proved_by(theirs.map(|(line, _)| line))
        .saying(sentence, measures)
        .tested_by(
            "with a longer deadline the call succeeds",
            "the callee never answers, however long the caller waits",
        )
        .at_most(if in_vain.is_some() { 0.95 } else { 0.8 });
    clue.service.clone_from(&given_up.service);
    clue
}

/// The last line at or below a span.
fn last_line_below(case: &Case<'_>, span: SpanIndex) -> Option<(usize, Timestamp)> {
    let lines = case.within(span).into_iter().flat_map(|span| case.entries[span.0].iter().copied());
    lines.filter_map(|line| Some((line, case.trace.time(line)?))).max_by_key(|(_, at)| *at)
}

/// A deadline that a callee gives others and that is no shorter than its caller's.
fn longer_deadline(case: &Case<'_>, callee: SpanIndex, waited: i64) -> Option<(usize, i64)> {
    let lines =
        case.within(callee).into_iter().flat_map(|span| case.entries[span.0].iter().copied());
    lines
        .filter_map(|line| Some((line, case.said[line].deadline?)))
        .find(|(_, deadline)| *deadline >= waited)
}
