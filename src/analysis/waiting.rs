//! Which steps decided the end-to-end time? The critical path, service by service.

use crate::analysis::case::Case;
use crate::analysis::clue::Clue;
use crate::analysis::wording::{share, time};
use crate::model::finding::{Level, Measure};
use crate::model::span::SpanIndex;

/// The services that are named; the rest waited for little.
const SERVICES_MAX: usize = 4;

/// Whom the request waited for.
pub(super) fn clues(case: &Case<'_>) -> Vec<Clue> {
    let mut services: Vec<(&str, SpanIndex, i64)> = Vec::new();
    for segment in &case.path.segments {
        let (service, length) = (case.service(segment.span), segment.end - segment.start);
        match services.iter_mut().find(|(known, _, _)| *known == service) {
            Some((_, _, sum)) => *sum = sum.saturating_add(length),
            None => services.push((service, segment.span, length)),
        }
    }
    if services.len() < 2 {
        return Vec::new();
    }
    services.sort_by_key(|(service, _, sum)| (std::cmp::Reverse(*sum), *service));
    let told: Vec<String> = services
        .iter()
        .take(SERVICES_MAX)
        .map(|(service, _, sum)| format!("{service} {} ({})", time(*sum), share(case.share(*sum))))
        .collect();
    let sentence = format!("of {} the request waited for {}", time(case.whole()), told.join(", "));
    let measures = vec![
        Measure::time("whole", case.whole()),
        Measure::count("segments", case.path.segments.len() as f64),
    ];
    let spans: Vec<SpanIndex> = services.iter().map(|(_, span, _)| *span).collect();
    let first_lines: Vec<usize> =
        spans.iter().filter_map(|span| case.entries[span.0].first().copied()).collect();
    let clue = Clue::new(case, "critical_path", Level::Note, spans)
        .proved_by(first_lines)
        .saying(sentence, measures)
        .tested_by(
            "speeding up the first of them shortens the request by as much",
            "the request takes as long with the first of them sped up",
        );
    vec![clue]
}
