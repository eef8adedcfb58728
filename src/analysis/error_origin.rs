//! Who failed first, who only echoed, and where was it swallowed?
//!
//! The origin is the first failure in causal order (see [`failure`](super::failure)). If its
//! own words blame a callee that tells of no failure, or tells nothing, the true origin is not
//! in these lines, and that is what is said.

use crate::analysis::call::Call;
use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::failure::{Failure, errors, first_of};
use crate::analysis::said::Topic;
use crate::analysis::wording::quoted;
use crate::model::field;
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;

/// Two services without an edge between them that failed within this time may have failed in
/// either order: clocks that agree within it are not corrected.
const ORDER_UNSURE: i64 = 3_000_000;

/// An inferred edge of less than this does not tell who called whom.
const CERTAINTY_MIN: f32 = 0.6;

/// Failures that were made up for and are told before the one that counts.
const HANDLED_MAX: usize = 8;

/// The first failure that nobody made up for and what became of it, behind those that somebody
/// made up for.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let mut clues = Vec::new();
    let mut errors = errors(case.trace);
    while let Some(failure) = first_of(case.trace, &errors) {
        let span = case.trace.entries[failure.origin].span;
        let is_handled = was_made_up_for(case, failure.origin);
        errors.retain(|error| !case.is_within(case.trace.entries[*error].span, span));
        // What its callers reported later may be another failure's doing.
        if !is_handled || errors.is_empty() || clues.len() >= HANDLED_MAX {
            clues.extend(of_failure(case, &failure));
            break;
        }
        clues.push(Clue { level: Level::Note, ..told(case, &failure, span) });
    }
    clues
}

fn of_failure(case: &Case<'_>, failure: &Failure) -> Vec<Clue> {
    let origin = failure.origin;
    let span = case.trace.entries[origin].span;
    if let Some(reason) = beyond(case, origin) {
        return vec![untold(case, failure, span, &reason)];
    }
    if let Some(rival) = rival(case, failure, span) {
        let other = case.service(case.trace.entries[rival].span).to_owned();
        let reason = Beyond {
            service: case.service(span).to_owned(),
            why: format!(
                "{} and {other} failed within {} ms, and no line says which called the other",
                case.service(span),
                ORDER_UNSURE / 1_000_000,
            ),
            advice: "log span ids, or the id of the caller's span".to_owned(),
        };
        let mut clue = untold(case, failure, span, &reason);
        clue.entries.push(rival);
        return vec![clue];
    }
    vec![told(case, failure, span)]
}

/// Why the origin is not in the lines.
struct Beyond {
    service: String,
    why: String,
    advice: String,
}

fn told(case: &Case<'_>, failure: &Failure, span: SpanIndex) -> Clue {
    let entry = &case.trace.entries[failure.origin].entry;
    let swallowed = (!case.request_has_failed()).then(|| swallowed_by(case, span));
    let exception = field::find(&entry.record.fields, "exception.type");
    let kind = exception.and_then(|kind| kind.as_text()).map(|kind| format!(" ({kind})"));
    let mut sentence = format!(
        "{} failed first: {}{}",
        case.service(span),
        quoted(&entry.record.message),
        kind.unwrap_or_default(),
    );
    let echoes = echoes(case, failure);
    if !echoes.is_empty() {
        sentence.push_str("; echoed by ");
        sentence.push_str(&echoes.join(", "));
    }
    let level = match swallowed {
        None => Level::Error,
        Some(_) if was_made_up_for(case, failure.origin) => Level::Note,
        Some(_) => Level::Warning,
    };
    if let Some(by) = swallowed {
        sentence.push_str("; ");
        sentence.push_str(case.service(by));
        sentence.push_str(" went on without an error");
    }
    let mut spans = vec![span];
    spans.extend(swallowed);
    let measures = vec![Measure::count("echoes", failure.echoes.len() as f64)];
    Clue::new(case, "error_origin", level, spans)
        .proved_by([failure.origin])
        .proved_by(failure.echoes.iter().copied())
        .saying(sentence, measures)
        .tested_by(
            "nothing below this span failed before it, in its own logs or those of its stores",
            "lines of a callee are missing in which it failed before",
        )
        .at_most(0.95)
}

/// Each service that passed the failure on, with the status it gave.
fn echoes(case: &Case<'_>, failure: &Failure) -> Vec<String> {
    let mut named: Vec<String> = Vec::new();
    for echo in failure.echoes.iter().rev() {
        let service = case.service(case.trace.entries[*echo].span);
        let text = match case.said[*echo].status {
            Some(status) => format!("{service} ({status})"),
            None => service.to_owned(),
        };
        if !named.iter().any(|known| known.split(' ').next() == Some(service)) {
            named.push(text);
        }
    }
    named
}

/// The nearest span above that did not fail; the span itself if there is none.
fn swallowed_by(case: &Case<'_>, span: SpanIndex) -> SpanIndex {
    let mut at = case.span(span).parent.parent;
    while let Some(above) = at {
        if !case.has_failed(above) && !case.entries[above.0].is_empty() {
            return above;
        }
        at = case.span(above).parent.parent;
    }
    span
}

/// Whether somebody above tried again with success, or says what was done instead.
fn was_made_up_for(case: &Case<'_>, origin: usize) -> bool {
    let span = case.trace.entries[origin].span;
    let mut at = Some(span);
    while let Some(index) = at {
        let calls = case.calls_of(index);
        let succeeded_later = |call: &Call| {
            calls.iter().any(|later| {
                later.callee == call.callee && later.start >= call.end && later.failure.is_none()
            })
        };
        if case.speaking(index, Topic::MadeUp).any(|line| line > origin)
            || calls.iter().any(|call| call.failure.is_some() && succeeded_later(call))
        {
            return true;
        }
        at = case.span(index).parent.parent;
    }
    // A span that reports success after an error of its own has dealt with it.
    case.speaking(span, Topic::Retry).any(|line| line > origin)
}

fn untold(case: &Case<'_>, failure: &Failure, span: SpanIndex, reason: &Beyond) -> Clue {
    let sentence = format!("cannot tell where the failure began: {}", reason.why);
    let mut clue = Clue::new(case, "too_shallow", Level::Unknown, vec![span])
        .proved_by([failure.origin])
        .proved_by(failure.echoes.iter().copied())
        .saying(sentence, Vec::new())
        .tested_by(&reason.advice, "the first known line is the origin after all")
        .at_most(0.9);
    clue.service.clone_from(&reason.service);
    clue
}

/// Whether the origin's own words blame a callee that tells of no failure.
fn beyond(case: &Case<'_>, origin: usize) -> Option<Beyond> {
    let said = case.said[origin];
    let span = case.trace.entries[origin].span;
    // An answer of 4xx is the callee's judgement, and it was given.
    let is_judgement =
        said.status.is_some_and(|status| (400..500).contains(&status) && status != 408);
    if is_judgement || never_arrived(case, origin) {
        return None;
    }
    if let Some(call) = blamed_call(case, origin, span) {
        let server_failed = call.server.is_some_and(|server| {
            case.within(server).iter().any(|below| {
                case.entries[below.0].iter().any(|entry| case.said[*entry].is_failure())
            })
        });
        if server_failed || (said.of_topic(Topic::Timeout) && call.server.is_some()) {
            return None;
        }
        return Some(silent(case, span, &call.callee, call.server.is_some()));
    }
    let named = named_service(case, origin, span)?;
    let speaks = case.speaks(&named);
    Some(silent(case, span, &named, speaks))
}

fn silent(case: &Case<'_>, span: SpanIndex, callee: &str, speaks: bool) -> Beyond {
    let by = case.service(span);
    let why = if speaks {
        format!("{by} blames {callee}, whose lines tell of no failure")
    } else {
        format!("{by} blames {callee}, which logged nothing for this request")
    };
    Beyond {
        service: callee.to_owned(),
        why,
        advice: format!(
            "find the lines of {callee} at that time, or let it log its failures with the trace id"
        ),
    }
}

/// Whether the call did not reach its callee, so that the callee has nothing to tell.
fn never_arrived(case: &Case<'_>, origin: usize) -> bool {
    const WORDS: [&str; 7] = [
        "connection refused",
        "connect refused",
        "econnrefused",
        "unknown host",
        "no such host",
        "no route to host",
        "circuit breaker",
    ];
    let entry = &case.trace.entries[origin].entry;
    let raw = String::from_utf8_lossy(&entry.record.raw[..entry.record.raw.len().min(2_000)]);
    let lower = raw.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// The call that the line reports as failed.
fn blamed_call<'c>(case: &'c Case<'_>, origin: usize, span: SpanIndex) -> Option<&'c Call> {
    let by_line = case.calls.iter().find(|call| {
        call.failure == Some(origin)
            && call.callee != case.service(span)
            && (call.by == span || call.span == Some(span))
            && call.server != Some(span)
    });
    by_line.or_else(|| {
        let mut failed = case.calls_of(span).iter().filter(|call| {
            let message = &case.trace.entries[origin].entry.record.message;
            call.callee != case.service(span) && mentions(message, &call.callee)
        });
        failed.next_back()
    })
}

/// Another service that the line names: one of this request, or of its peers.
fn named_service(case: &Case<'_>, origin: usize, span: SpanIndex) -> Option<String> {
    let message = &case.trace.entries[origin].entry.record.message;
    let own = case.trace.spans.iter().chain(case.around.peers.iter().flat_map(|peer| &peer.spans));
    let mut services: Vec<&str> = own.map(|span| span.service.as_str()).collect();
    services.sort_unstable();
    services.dedup();
    let said = case.said[origin];
    let blames = said.of_topic(Topic::Upstream) || says_call(message);
    let above = |service: &str| {
        let mut at = case.span(span).parent.parent;
        while let Some(index) = at {
            if case.service(index) == service {
                return true;
            }
            at = case.span(index).parent.parent;
        }
        false
    };
    let named = services.into_iter().find(|service| {
        *service != case.service(span) && mentions(message, service) && !above(service)
    })?;
    let told_there = case.spans().any(|other| {
        case.service(other) == named
            && case.entries[other.0].iter().any(|entry| case.said[*entry].is_failure())
    });
    (blames && !told_there).then(|| named.to_owned())
}

fn says_call(message: &str) -> bool {
    const WORDS: [&str; 7] =
        ["call", "request to", "from", "calling", "returned", "answered", "responded"];
    let lower = message.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether a text names a service as a word of its own.
fn mentions(message: &str, service: &str) -> bool {
    let (text, name) = (message.to_ascii_lowercase(), service.to_ascii_lowercase());
    let is_inside = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
    text.match_indices(name.as_str()).any(|(at, _)| {
        !is_inside(text[..at].chars().next_back())
            && !is_inside(text[at + name.len()..].chars().next())
    })
}

/// Another failure that may have been first: in a span with which no sure edge joins it.
fn rival(case: &Case<'_>, failure: &Failure, span: SpanIndex) -> Option<usize> {
    let at = case.trace.time(failure.origin)?;
    (0..case.trace.entries.len()).find(|line| {
        let other = case.trace.entries[*line].span;
        let is_sure = case.certainty(&[other, span]) >= CERTAINTY_MIN;
        case.said[*line].is_error()
            && case.service(other) != case.service(span)
            && !is_sure
            && case.trace.time(*line).is_some_and(|time| (time - at).abs() <= ORDER_UNSURE)
    })
}
