//! Did it wait for a connection?
//!
//! A service is at work, and its first query comes late. Lines of it speak of a pool: what
//! lies between that line and the next thing the service does is the wait. Without such lines
//! a late first call is suspicious only where other requests were inside the same instance at
//! once and the wait is far above what their kind takes.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::gap::{Gap, gaps};
use crate::analysis::said::Topic;
use crate::analysis::usual::{Compared, Usual};
use crate::analysis::wording::{share, time};
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;
use crate::model::time::Timestamp;

/// Pools make requests wait for moments all the time.
const WAIT_MIN: i64 = 50_000_000;

/// A wait of less of the request than this did not make it slow.
const SHARE_MIN: f64 = 0.1;

/// Other requests inside the same instance that make a late call suspicious.
const INSIDE_MIN: usize = 3;

/// The waits for a place in a pool.
pub(super) fn clues(case: &Case<'_>, usual: &Usual) -> Vec<Clue> {
    let gaps = gaps(case);
    let mut clues = Vec::new();
    for span in case.spans() {
        let own: Vec<&Gap> = gaps.iter().filter(|gap| gap.span == span).collect();
        clues.extend(told(case, usual, span, &own).or_else(|| untold(case, usual, span, &own)));
    }
    clues
}

/// A wait that the service's lines speak of.
fn told(case: &Case<'_>, usual: &Usual, span: SpanIndex, gaps: &[&Gap]) -> Option<Clue> {
    let lines: Vec<usize> = case.entries[span.0]
        .iter()
        .copied()
        .filter(|line| {
            case.said[*line].of_topic(Topic::PoolWait) || case.said[*line].of_topic(Topic::Pool)
        })
        .collect();
    if !lines.iter().any(|line| speaks_of_waiting(case, *line)) {
        return None;
    }
    let beside = |gap: &&&Gap| {
        lines.iter().any(|line| gap.before == Some(*line) || gap.after == Some(*line))
    };
    let gap = gaps.iter().filter(beside).max_by_key(|gap| gap.length())?;
    if let Compared::Usual(_) = usual.gap(gap.key, gap.length()) {
        return None;
    }
    clue(case, span, gap.length(), &lines, 0.95, "")
}

/// Whether a line says that somebody waits, or waited, for a place.
fn speaks_of_waiting(case: &Case<'_>, line: usize) -> bool {
    let said = case.said[line];
    let message = &case.trace.entries[line].entry.record.message;
    let waits = ["wait", "queue", "exhaust", "acquir", "got "];
    let lower = message.to_ascii_lowercase();
    let is_none = ["waiting=0", "waiting: 0", "queued=0", "queue=0", "pending=0"];
    said.of_topic(Topic::PoolWait)
        || (said.of_topic(Topic::Pool)
            && waits.iter().any(|word| lower.contains(word))
            && !is_none.iter().any(|none| lower.contains(none)))
}

/// A late first call, with others inside.
fn untold(case: &Case<'_>, usual: &Usual, span: SpanIndex, gaps: &[&Gap]) -> Option<Clue> {
    let gap = gaps.iter().find(|gap| gap.child_after.is_some() && gap.child_before.is_none())?;
    let next = gap.child_after?;
    let is_store = is_data_store(case.service(next))
        || case.span(next).peer.as_deref().is_some_and(is_data_store);
    let Compared::Unusual(_) = usual.gap(gap.key, gap.length()) else { return None };
    let inside = inside(case, span, (gap.start, gap.end));
    if !is_store || inside < INSIDE_MIN {
        return None;
    }
    let lines: Vec<usize> =
        gap.before.into_iter().chain(case.entries[next.0].first().copied()).collect();
    clue(case, span, gap.length(), &lines, 0.6, ", though no line speaks of a pool")
}

fn clue(
    case: &Case<'_>,
    span: SpanIndex,
    wait: i64,
    lines: &[usize],
    confidence: f32,
    remark: &str,
) -> Option<Clue> {
    if wait < WAIT_MIN || case.share(wait) < SHARE_MIN {
        return None;
    }
    let (start, end) = case.extent(span)?;
    let inside = inside(case, span, (start, end));
    let others = match inside {
        0 => String::new(),
        1 => ", one other request was inside".to_owned(),
        _ => format!(", {inside} other requests were inside"),
    };
    let sentence = format!(
        "{} waited {} for a connection before it went on ({} of the request){others}{remark}",
        case.service(span),
        time(wait),
        share(case.share(wait)),
    );
    let measures = vec![Measure::time("wait", wait), Measure::count("inside", inside as f64)];
    let clue = Clue::new(case, "pool_exhaustion", Level::Warning, vec![span])
        .proved_by(lines.iter().copied())
        .saying(sentence, measures)
        .tested_by(
            "the pool's own figures show no free connection at that time",
            "the database was slow to accept a new connection, or the service was busy otherwise",
        )
        .at_most(confidence);
    Some(clue)
}

/// How many other requests were inside the same instance during a stretch of time.
fn inside(case: &Case<'_>, span: SpanIndex, (from, to): (Timestamp, Timestamp)) -> usize {
    let own = case.span(span);
    let others = case.around.peers.iter().chain(&case.around.related);
    others
        .filter(|other| other.id != case.trace.id)
        .filter(|other| {
            other.spans.iter().any(|span| {
                span.service == own.service
                    && span.instance == own.instance
                    && span.start.is_some_and(|start| start < to)
                    && span.end.is_some_and(|end| end > from)
            })
        })
        .count()
}

/// Whether a service is a store of data, by the names that such stores have.
fn is_data_store(service: &str) -> bool {
    const STORES: [&str; 16] = [
        "postgres",
        "mysql",
        "maria",
        "oracle",
        "mssql",
        "sqlserver",
        "mongo",
        "redis",
        "cassandra",
        "elastic",
        "dynamo",
        "cockroach",
        "clickhouse",
        "couch",
        "memcache",
        "database",
    ];
    let lower = service.to_ascii_lowercase();
    STORES.iter().any(|store| lower.contains(store)) || lower == "db" || lower.ends_with("-db")
}
