//! Where a request said nothing for long.
//!
//! In the story a silence is what a person would stop at: long by itself, or long for this
//! request. A finding is a gap in one span's own time that is far above what the same pair of
//! lines takes in peers; without peers, one that is most of the request.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::gap::{Gap, gaps};
use crate::analysis::usual::{Compared, Usual};
use crate::analysis::wording::{quoted, share, time};
use crate::model::finding::{Level, Measure};
use crate::model::span::{SpanIndex, SpanKind};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// Shorter gaps are never told: networks and garbage collectors make them every second.
const SHORTEST: i64 = 100_000_000;

/// A gap of at least one part in this many of the request's duration is told.
const SHARE_OF_REQUEST: i64 = 10;

/// A gap this long is told whatever the request's duration.
const LONG: i64 = 1_000_000_000;

/// A stretch of time in which nothing at all was logged for the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Silence {
    /// The entry (by its index) before which it lies.
    pub before: usize,
    /// The deepest span that was open all the while; if none was, that of the entry before.
    pub span: SpanIndex,
    /// From here.
    pub start: Timestamp,
    /// To here.
    pub end: Timestamp,
}

/// Without peers a gap must be so much of the request to be a warning.
const SHARE_ALONE: f64 = 0.5;

/// With peers a gap must be so much of the request to be a warning.
const SHARE_WITH_PEERS: f64 = 0.1;

/// The gaps that a person would stop at, and of the rest the longest.
pub(super) fn clues(case: &Case<'_>, usual: &Usual) -> Vec<Clue> {
    let mut found: Vec<Gap> = gaps(case).into_iter().filter(|gap| is_long(case, gap)).collect();
    found.sort_by_key(|gap| (std::cmp::Reverse(gap.length()), gap.start));
    let judged = found.iter().map(|gap| (gap, judged(case, usual, gap)));
    let (alarming, rest): (Vec<_>, Vec<_>) =
        judged.partition(|(_, judged)| judged.level == Level::Warning);
    let longest = rest.into_iter().take(usize::from(alarming.is_empty()));
    alarming.into_iter().chain(longest).map(|(gap, judged)| clue(case, gap, &judged)).collect()
}

/// What is made of a gap.
#[derive(Debug, Clone, Copy)]
struct Judged {
    level: Level,
    usual: Option<i64>,
    confidence: f32,
}

fn is_long(case: &Case<'_>, gap: &Gap) -> bool {
    let whole = case.whole().max(case.length(gap.span));
    gap.length() >= (whole / SHARE_OF_REQUEST).clamp(SHORTEST, LONG)
}

fn judged(case: &Case<'_>, usual: &Usual, gap: &Gap) -> Judged {
    let length = gap.length();
    let is_on_path = case.path.segments.iter().any(|segment| {
        segment.span == gap.span && segment.start < gap.end && gap.start < segment.end
    });
    let part = case.share(length);
    match usual.gap(gap.key, length) {
        Compared::Unusual(most) if is_on_path && part >= SHARE_WITH_PEERS => {
            Judged { level: Level::Warning, usual: Some(most), confidence: 0.9 }
        }
        Compared::Usual(most) | Compared::Unusual(most) => {
            Judged { level: Level::Note, usual: Some(most), confidence: 0.9 }
        }
        Compared::Unknown if is_on_path && length >= LONG && part >= SHARE_ALONE => {
            Judged { level: Level::Warning, usual: None, confidence: 0.6 }
        }
        Compared::Unknown => Judged { level: Level::Note, usual: None, confidence: 0.6 },
    }
}

fn clue(case: &Case<'_>, gap: &Gap, judged: &Judged) -> Clue {
    let length = gap.length();
    let said = |entry: usize| quoted(&case.trace.entries[entry].entry.record.message);
    let child = |child: SpanIndex| format!("{} {}", case.service(child), case.span(child).name);
    let place = match (gap.before, gap.child_before, gap.child_after) {
        (Some(before), _, Some(next)) if is_handover(case, gap, next) => {
            format!("between {} and the first line of {}", said(before), child(next))
        }
        (Some(before), _, _) => format!("after {}", said(before)),
        (None, Some(ended), _) => format!("after {} had ended", child(ended)),
        (None, None, _) => "before its first line".to_owned(),
    };
    let usually = match judged.usual {
        Some(most) => format!("; in other requests at most {}", time(most)),
        None => String::new(),
    };
    let sentence = format!(
        "{}, nothing logged by {} {place} ({} of the request){usually}",
        time(length),
        case.service(gap.span),
        share(case.share(length)),
    );
    let mut measures =
        vec![Measure::time("silence", length), Measure::share("share", case.share(length))];
    measures.extend(judged.usual.map(|most| Measure::time("usual_at_most", most)));
    let first_of = |span: Option<SpanIndex>| span.and_then(|span| case.entries[span.0].first());
    let around = gap.before.into_iter().chain(gap.after);
    let lines = around.chain(first_of(gap.child_before).copied());
    let lines: Vec<usize> = lines.chain(first_of(gap.child_after).copied()).collect();
    Clue::new(case, "silence", judged.level, vec![gap.span])
        .proved_by(lines)
        .saying(sentence, measures)
        .tested_by(
            "a line logged inside the gap shows what the service did or waited for",
            "lines of this stretch were lost or are logged at a level that is switched off",
        )
        .at_most(judged.confidence)
}

/// Whether the gap lies between the caller's line and the callee's first.
fn is_handover(case: &Case<'_>, gap: &Gap, next: SpanIndex) -> bool {
    case.span(gap.span).kind == Some(SpanKind::Client)
        || case.service(next) != case.service(gap.span)
}

/// Finds the silences of a request, in time order.
pub fn silences(trace: &Trace) -> Vec<Silence> {
    let mut silences = Vec::new();
    let mut last: Option<(Timestamp, usize)> = None;
    let shortest = shortest_told(trace);
    for index in 0..trace.entries.len() {
        let Some(time) = trace.time(index) else { continue };
        if let Some((since, speaker)) = last
            && time - since >= shortest
        {
            let span = silent_span(trace, speaker, since, time);
            silences.push(Silence { before: index, span, start: since, end: time });
        }
        // Causal order may step back in time where clocks disagree: only what is later counts.
        if last.is_none_or(|(since, _)| time >= since) {
            last = Some((time, index));
        }
    }
    silences
}

fn shortest_told(trace: &Trace) -> i64 {
    let times = || (0..trace.entries.len()).filter_map(|index| trace.time(index));
    let duration = times().max().zip(times().min()).map_or(0, |(end, start)| end - start);
    (duration / SHARE_OF_REQUEST).clamp(SHORTEST, LONG)
}

/// Who held the request: walks down from the speaker's root through the spans that were
/// open, so that its cost is that of one branch.
fn silent_span(trace: &Trace, speaker: usize, since: Timestamp, until: Timestamp) -> SpanIndex {
    let spoke = trace.entries[speaker].span;
    let open = |index: SpanIndex| {
        let span = trace.span(index);
        span.start.is_some_and(|start| start <= since) && span.end.is_some_and(|end| end >= until)
    };
    let mut at = Some(spoke);
    while let Some(index) = at {
        if open(index) {
            return index;
        }
        at = trace.span(index).parent.parent;
    }
    spoke
}
