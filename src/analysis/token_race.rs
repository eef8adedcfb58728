//! Do 401 and 403 mix with success?
//!
//! Wrong credentials are refused every time. A token that expires while it is being renewed is
//! refused in some calls and accepted in others, within seconds, by the same callee.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::said::{Said, Topic};
use crate::analysis::wording::{share, time};
use crate::model::finding::{Evidence, Level, Measure};
use crate::model::time::Timestamp;
use crate::model::trace::Trace;

/// How far from a refusal a refresh or an accepted call is looked for.
const WINDOW: i64 = 60_000_000_000;

/// A refusal or what it is held against, by its line.
struct Seen {
    line: usize,
    at: Timestamp,
}

/// The refusals that come and go.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let lines = |topic: Topic| {
        let speaking = (0..case.said.len()).filter(move |line| case.said[*line].of_topic(topic));
        speaking.filter_map(|line| Some(Seen { line, at: case.trace.time(line)? }))
    };
    let refused: Vec<Seen> = lines(Topic::Unauthorised)
        .chain(lines(Topic::TokenExpired))
        .filter(|seen| {
            case.said[seen.line].of_topic(Topic::Unauthorised) || case.said[seen.line].is_failure()
        })
        .collect();
    let Some(first) = refused.iter().min_by_key(|seen| (seen.at, seen.line)) else {
        return Vec::new();
    };
    let near = |seen: &Seen| (seen.at - first.at).abs() <= WINDOW;
    let refresh =
        lines(Topic::TokenRefresh).filter(near).min_by_key(|seen| (seen.at - first.at).abs());
    let expired = lines(Topic::TokenExpired).find(near);
    let callee = refusing_service(case, first.line);
    let accepted = accepted_calls(case, &callee, first.at);
    let elsewhere = peers_accepted(case, &callee, first.at);
    let refresh_elsewhere = refresh_in_peers(case, first.at);
    let is_mixed = accepted > 0 || elsewhere > 0;
    let has_token = refresh.is_some() || expired.is_some() || refresh_elsewhere.is_some();
    if !is_mixed || !has_token {
        return Vec::new();
    }
    let count = refused_calls(case, &callee).max(1);
    let part = count as f64 / (count + accepted + elsewhere) as f64;
    let distance = refresh.as_ref().map(|seen| (seen.at - first.at).abs());
    let near_refresh = match distance {
        Some(distance) => format!(", {} from a refresh of the token", time(distance)),
        None => String::new(),
    };
    let sentence = format!(
        "{callee} refused {count} of {} calls within {} ({}){near_refresh}",
        count + accepted + elsewhere,
        time(WINDOW),
        share(part),
    );
    let mut measures = vec![Measure::share("refused", part)];
    measures.extend(distance.map(|distance| Measure::time("to_refresh", distance)));
    let level = if case.request_has_failed() { Level::Error } else { Level::Warning };
    let span = case.trace.entries[first.line].span;
    let mut clue = Clue::new(case, "token_expiry_race", level, vec![span])
        .proved_by(refused.iter().map(|seen| seen.line))
        .proved_by(refresh.map(|seen| seen.line))
        .proved_by(expired.map(|seen| seen.line))
        .saying(sentence, measures)
        .tested_by(
            "the refused calls carry a token that was issued before the refresh",
            "the refused calls ask for something that the caller may not have at any time",
        );
    clue.confidence = if distance.is_some() || refresh_elsewhere.is_some() { 0.9 } else { 0.75 };
    clue.others = refresh_elsewhere.into_iter().collect();
    clue.service = callee;
    vec![clue]
}

/// Who refused: the callee, if the line is a caller's, else whoever wrote it.
fn refusing_service(case: &Case<'_>, line: usize) -> String {
    let span = case.trace.entries[line].span;
    let own = case.service(span);
    let mut calls = case.calls.iter().filter(|call| {
        call.failure == Some(line) || call.span == Some(span) || call.server == Some(span)
    });
    calls.next().map_or_else(|| own.to_owned(), |call| call.callee.clone())
}

fn is_refusal(case: &Case<'_>, line: usize) -> bool {
    case.said[line].of_topic(Topic::Unauthorised) || case.said[line].of_topic(Topic::TokenExpired)
}

fn refused_calls(case: &Case<'_>, callee: &str) -> usize {
    let to_callee = case.calls.iter().filter(|call| call.callee == callee);
    to_callee.filter(|call| call.failure.is_some_and(|line| is_refusal(case, line))).count()
}

/// Calls of this request that the same callee accepted.
fn accepted_calls(case: &Case<'_>, callee: &str, at: Timestamp) -> usize {
    let to_callee = case.calls.iter().filter(|call| call.callee == callee);
    to_callee.filter(|call| call.failure.is_none() && (call.start - at).abs() <= WINDOW).count()
}

/// Peers that the same callee accepted at about the time.
fn peers_accepted(case: &Case<'_>, callee: &str, at: Timestamp) -> usize {
    let accepted = |peer: &&Trace| {
        let mut spans = peer.spans.iter().enumerate().filter(|(_, span)| span.service == callee);
        spans.any(|(index, span)| {
            let mut own = peer.entries.iter().filter(|placed| placed.span.0 == index);
            span.start.is_some_and(|start| (start - at).abs() <= WINDOW)
                && !own.any(|placed| {
                    let said = Said::of(&placed.entry);
                    said.is_failure() || said.of_topic(Topic::Unauthorised)
                })
        })
    };
    case.around.peers.iter().filter(accepted).count()
}

/// A refresh that another request logged at about the time.
fn refresh_in_peers(case: &Case<'_>, at: Timestamp) -> Option<Evidence> {
    let others = case.around.peers.iter().chain(&case.around.related);
    let entries = others.flat_map(|peer| peer.entries.iter().map(|placed| &placed.entry));
    entries
        .filter(|entry| entry.time().is_some_and(|time| (time - at).abs() <= WINDOW))
        .find(|entry| Said::of(entry).of_topic(Topic::TokenRefresh))
        .map(Evidence::of)
}
