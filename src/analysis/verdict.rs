//! What a diagnosis comes to: a cause, nothing unusual, or that it cannot be told, and why.
//!
//! A wrong cause costs more than none. A request that failed and whose lines do not show the
//! origin has no cause here, whatever else was found on the way.

use crate::analysis::case::Case;
use crate::model::finding::{Finding, Level};
use crate::model::notice::Notice;

/// A finding less sure than this is no cause.
const CONFIDENCE_MIN: f32 = 0.5;

/// What a diagnosis comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// This finding, by its place, is the cause.
    Cause(usize),
    /// Nothing unusual was found.
    Nothing,
    /// It cannot be told from these lines, for these reasons; at least one.
    CannotTell(Vec<String>),
}

impl Verdict {
    /// The name in machine-readable answers.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cause(_) => "cause",
            Self::Nothing => "nothing",
            Self::CannotTell(_) => "cannot_tell",
        }
    }
}

/// What the findings of a request come to.
pub fn verdict(case: &Case<'_>, findings: &[Finding]) -> Verdict {
    let is_cause = |finding: &&Finding| {
        finding.symptom_of.is_none()
            && finding.level >= Level::Warning
            && finding.confidence >= CONFIDENCE_MIN
    };
    let first = findings.iter().position(|finding| is_cause(&finding));
    let untold: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.level == Level::Unknown && finding.symptom_of.is_none())
        .collect();
    let unsure: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.symptom_of.is_none() && finding.level >= Level::Warning)
        .filter(|finding| finding.confidence < CONFIDENCE_MIN)
        .collect();
    let failed = case.request_has_failed();
    let explains_failure = |place: usize| {
        let symptom = |finding: &&Finding| finding.symptom_of == Some(place);
        std::iter::once(&findings[place])
            .chain(findings.iter().filter(symptom))
            .any(|finding| finding.level == Level::Error)
    };
    match first {
        // What merely cost time is no reason for a failure that nobody explains.
        Some(place) if explains_failure(place) || !failed || untold.is_empty() => {
            Verdict::Cause(place)
        }
        None if untold.is_empty() && unsure.is_empty() && !failed => Verdict::Nothing,
        _ => {
            let mut reasons: Vec<String> =
                untold.iter().map(|finding| finding.sentence.clone()).collect();
            reasons.extend(unsure.iter().map(|finding| {
                format!("{}, but that is {:.2} sure at most", finding.sentence, finding.confidence)
            }));
            reasons.extend(incomplete(case));
            if reasons.is_empty() {
                reasons
                    .push("the request failed, and no line tells of a failure before".to_owned());
            }
            Verdict::CannotTell(reasons)
        }
    }
}

/// In which ways the lines of a request are known to be incomplete.
pub fn incomplete(case: &Case<'_>) -> Vec<String> {
    let notices = case.trace.notices.iter().filter(|notice| {
        matches!(
            notice,
            Notice::ParentMissing { .. } | Notice::Undated { .. } | Notice::Truncated { .. }
        )
    });
    notices.map(ToString::to_string).collect()
}
