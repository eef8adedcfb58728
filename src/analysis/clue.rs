//! A clue: a finding before it is weighed against the others.

use crate::analysis::case::Case;
use crate::model::finding::{Evidence, Finding, Level, Measure};
use crate::model::span::SpanIndex;

/// Lines of evidence that a finding carries: enough to see it, the rest is in the story.
const EVIDENCE_MAX: usize = 12;

/// How sure anything can be that is said of a span without lines: not enough for a cause.
const SILENT_CONFIDENCE: f32 = 0.4;

/// What one technique found.
#[derive(Debug, Clone, PartialEq)]
pub struct Clue {
    /// What kind of thing it is, in lower snake case.
    pub name: &'static str,
    /// How much it matters.
    pub level: Level,
    /// The service that it blames or, for what cannot be told, that ought to say more.
    pub service: String,
    /// The spans it is about, the one that matters most first.
    pub spans: Vec<SpanIndex>,
    /// The entries that prove it.
    pub entries: Vec<usize>,
    /// Lines of other requests that prove it.
    pub others: Vec<Evidence>,
    /// One sentence with numbers and their units.
    pub sentence: String,
    /// Its numbers.
    pub measures: Vec<Measure>,
    /// How sure it is, 0 to 1.
    pub confidence: f32,
    /// What else would make it certain.
    pub confirm: String,
    /// What would prove it wrong.
    pub refute: String,
    /// What was looked at and found innocent.
    pub innocent: Vec<String>,
}

impl Clue {
    /// A clue about the first of these spans, as sure as the edges above them.
    pub fn new(case: &Case<'_>, name: &'static str, level: Level, spans: Vec<SpanIndex>) -> Self {
        let first = spans.first();
        let service = first.map_or("", |span| case.service(*span)).to_owned();
        // What a span did that logged nothing is known from hearsay alone.
        let is_silent = first.is_some_and(|span| case.entries[span.0].is_empty());
        let most = if is_silent { SILENT_CONFIDENCE } else { 1.0 };
        Self {
            name,
            level,
            service,
            confidence: case.certainty(&spans).min(most),
            spans,
            entries: Vec::new(),
            others: Vec::new(),
            sentence: String::new(),
            measures: Vec::new(),
            confirm: String::new(),
            refute: String::new(),
            innocent: Vec::new(),
        }
    }

    /// With these entries of the request as evidence.
    #[must_use]
    pub fn proved_by(mut self, entries: impl IntoIterator<Item = usize>) -> Self {
        self.entries.extend(entries);
        self
    }

    /// With what it says, and its numbers.
    #[must_use]
    pub fn saying(mut self, sentence: String, measures: Vec<Measure>) -> Self {
        self.sentence = sentence;
        self.measures = measures;
        self
    }

    /// With what would confirm and what would refute it.
    #[must_use]
    pub fn tested_by(mut self, confirm: &str, refute: &str) -> Self {
        confirm.clone_into(&mut self.confirm);
        refute.clone_into(&mut self.refute);
        self
    }

    /// At most this sure.
    #[must_use]
    pub fn at_most(mut self, confidence: f32) -> Self {
        self.confidence = self.confidence.min(confidence);
        self
    }

    /// The finding, as yet without its cause; none without evidence.
    pub fn finding(self, case: &Case<'_>) -> Option<Finding> {
        let mut entries = self.entries;
        entries.sort_unstable();
        entries.dedup();
        let mut evidence = case.evidence(&ends(&entries));
        evidence.extend(self.others.into_iter().take(EVIDENCE_MAX));
        let mut spans: Vec<_> = Vec::new();
        for span in &self.spans {
            let id = case.span(*span).id;
            if !spans.contains(&id) {
                spans.push(id);
            }
        }
        (!evidence.is_empty()).then_some(Finding {
            name: self.name,
            level: self.level,
            service: Some(self.service),
            sentence: self.sentence,
            measures: self.measures,
            spans,
            evidence,
            confidence: self.confidence,
            confirm: self.confirm,
            refute: self.refute,
            innocent: self.innocent,
            symptom_of: None,
        })
    }
}

/// The first and the last of too many: where it began and how it ended.
fn ends(entries: &[usize]) -> Vec<usize> {
    if entries.len() <= EVIDENCE_MAX {
        return entries.to_vec();
    }
    let half = EVIDENCE_MAX / 2;
    [&entries[..half], &entries[entries.len() - half..]].concat()
}
