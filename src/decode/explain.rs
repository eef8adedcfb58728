//! Tells which definition takes which lines, and why; of the first line that none takes, how
//! far the nearest goes along with it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::decode::clean;
use crate::decode::decoder::Decoder;
use crate::decode::definition::{Definition, Definitions, ENVELOPES_MAX, Space};
use crate::decode::json;
use crate::decode::open::PLAIN;
use crate::decode::shape::Shape;
use crate::decode::shape::reach::{self, Reach};
use crate::model::line::{Line, Position};
use crate::model::record::Record;

/// What definitions made of some streams.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Lines in all.
    pub lines: u64,
    /// Of these, lines that continue the record before them.
    pub joined: u64,
    /// What took them, most lines first; the last may be no definition.
    pub shares: Vec<Share>,
    /// The first line that no definition took.
    pub fallen: Option<Fallen>,
}

/// The lines that one definition took, perhaps inside envelopes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The definitions, the outermost envelope first; empty for lines that none took.
    pub definitions: Vec<String>,
    /// Lines, those that continue others among them.
    pub lines: u64,
    /// Records.
    pub records: u64,
    /// Why the innermost definition took the first of them.
    pub why: String,
}

/// A line that no definition took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallen {
    /// Its stream.
    pub path: Arc<str>,
    /// Its number, from 1.
    pub line: u64,
    /// Its text, without the envelopes around it.
    pub text: String,
    /// The definition that went along with it farthest, if any did.
    pub nearest: Option<Nearest>,
}

/// How far a definition goes along with a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nearest {
    /// The definition.
    pub definition: String,
    /// The byte of the text where it gives up.
    pub at: usize,
    /// What it wanted there.
    pub wanted: String,
}

/// Explains streams, one after the other.
#[derive(Debug)]
pub struct Explainer {
    definitions: Arc<Definitions>,
    space: Space,
    path: Arc<str>,
    decoder: Option<Decoder>,
    records: Vec<Record>,
    shares: BTreeMap<Vec<String>, Share>,
    told: Explanation,
}

impl Explainer {
    /// With these definitions.
    pub fn new(definitions: Arc<Definitions>) -> Self {
        Self {
            definitions,
            space: Space::default(),
            path: Arc::from(""),
            decoder: None,
            records: Vec::new(),
            shares: BTreeMap::new(),
            told: Explanation::default(),
        }
    }

    /// The lines of this stream follow; `modified` as for [`Decoder::new`].
    pub fn begin(&mut self, path: &Arc<str>, modified: Option<i64>) {
        self.end();
        self.path = Arc::clone(path);
        self.decoder = Some(Decoder::new(Arc::clone(&self.definitions), modified));
    }

    /// Takes the next line.
    pub fn push(&mut self, line: Line<'_>) {
        self.told.lines += 1;
        let Some(decoder) = &mut self.decoder else { return };
        decoder.push(line, &mut self.records);
        self.count();
    }

    /// All that is to be told.
    pub fn finish(mut self) -> Explanation {
        self.end();
        let mut shares: Vec<Share> = self.shares.into_values().collect();
        let is_plain = |share: &Share| share.definitions.is_empty();
        shares.sort_by_key(|share| (is_plain(share), std::cmp::Reverse(share.lines)));
        Explanation { shares, ..self.told }
    }

    fn end(&mut self) {
        if let Some(mut decoder) = self.decoder.take() {
            decoder.finish(&mut self.records);
            self.count();
        }
    }

    fn count(&mut self) {
        for record in std::mem::take(&mut self.records) {
            self.told.joined += u64::from(record.lines.saturating_sub(1));
            let is_plain = &*record.format == PLAIN;
            if is_plain && self.told.fallen.is_none() {
                self.told.fallen = Some(self.fallen(&record));
            }
            let (definitions, why) = self.origin(&record);
            let share = self.shares.entry(definitions).or_insert_with_key(|definitions| Share {
                definitions: definitions.clone(),
                lines: 0,
                records: 0,
                why,
            });
            share.lines += u64::from(record.lines);
            share.records += 1;
        }
    }

    /// The definitions that took a record, and why the last of them did.
    fn origin(&mut self, record: &Record) -> (Vec<String>, String) {
        let (mut chain, text) = self.opened(record);
        if &*record.format == PLAIN {
            let why = match chain.last() {
                Some(_) => "no definition takes what is inside",
                None => "no definition takes them; kept as text",
            };
            return (chain, why.to_owned());
        }
        let definition = self.definitions.iter().find(|one| *one.name() == *record.format);
        let why = definition.map(|definition| why(definition, &text)).unwrap_or_default();
        if chain.last().is_none_or(|last| **last != *record.format) {
            chain.push(record.format.to_string());
        }
        (chain, why)
    }

    /// The envelopes around a record's first line, and the text inside them.
    fn opened(&mut self, record: &Record) -> (Vec<String>, String) {
        let first = record.raw.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let mut text = clean::text(first).into_owned();
        let mut chain = Vec::new();
        let definitions = Arc::clone(&self.definitions);
        for depth in 0..ENVELOPES_MAX {
            let Some((index, draft)) = definitions.find(&text, depth, &mut self.space) else {
                break;
            };
            let definition = definitions.get(index);
            if definition.envelope.is_none() {
                break;
            }
            chain.push(definition.name().to_owned());
            text = clean::inner(draft.message).into_owned();
        }
        (chain, text)
    }

    fn fallen(&mut self, record: &Record) -> Fallen {
        let (_, text) = self.opened(record);
        let text = text.trim_end().to_owned();
        let nearest = nearest(&self.definitions, &text);
        let Position { line, .. } = record.position;
        Fallen { path: Arc::clone(&self.path), line, text, nearest }
    }
}

/// Why a definition takes a text.
fn why(definition: &Definition, text: &str) -> String {
    match &definition.shape {
        Shape::Json(shape) if definition.is_general() || shape.is_open() => {
            "a JSON object".to_owned()
        }
        Shape::Json(shape) => format!("has the keys {}", shape.told()),
        Shape::Logfmt(_) => "pairs of key=value".to_owned(),
        Shape::Ltsv(_) => "labels and values parted by tabs".to_owned(),
        Shape::Table(_) => "columns named by a line before it".to_owned(),
        Shape::Scan => "a time or a level near its beginning".to_owned(),
        Shape::Pattern(patterns) => {
            let found = definition.read_text(text, &mut Vec::new());
            match (found, patterns.len()) {
                (None, _) => "matches its pattern over several lines".to_owned(),
                (Some(_), 1) => "matches its pattern".to_owned(),
                (Some((index, _)), count) => format!("matches pattern {} of {count}", index + 1),
            }
        }
    }
}

/// The definition that a text is most like; of equals the one that goes along with it
/// farthest, then the one asked first.
fn nearest(definitions: &Definitions, text: &str) -> Option<Nearest> {
    if text.starts_with('{') {
        let at = json::reach(text);
        let wanted = if at >= text.len() { "the object's end" } else { "JSON" };
        let definition = "json".to_owned();
        return Some(Nearest { definition, at: at.min(text.len()), wanted: wanted.to_owned() });
    }
    let mut best: Option<(Reach, &str)> = None;
    for definition in definitions.iter() {
        let Shape::Pattern(patterns) = &definition.shape else { continue };
        for pattern in patterns {
            let Some(reach) = reach::of(pattern.source(), text) else { continue };
            let known = best.as_ref().map(|(known, _)| (known.likeness, known.at));
            if Some((reach.likeness, reach.at)) > known {
                best = Some((reach, definition.name()));
            }
        }
    }
    let (Reach { at, wanted, .. }, definition) = best?;
    Some(Nearest { definition: definition.to_owned(), at, wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(text: &str) -> Explanation {
        let mut explainer = Explainer::new(Definitions::embedded());
        explainer.begin(&Arc::from("x.log"), None);
        let mut position = Position::START;
        for line in text.lines() {
            let bytes = line.as_bytes();
            explainer.push(Line { bytes, position, cut: 0, terminated: true });
            position.line += 1;
            position.offset += bytes.len() as u64 + 1;
        }
        explainer.finish()
    }

    fn shares(told: &Explanation) -> Vec<String> {
        let line = |share: &Share| {
            format!(
                "{} {}/{}: {}",
                share.definitions.join(">"),
                share.lines,
                share.records,
                share.why
            )
        };
        told.shares.iter().map(line).collect()
    }

    #[test]
    fn each_definition_has_its_share_and_its_reason() {
        let told = explained(
            "{\"level\":30,\"time\":1795253415250,\"pid\":1,\"hostname\":\"n\",\"msg\":\"ok\"}\n\
             {\"log\":\"level=warn msg=low sku=A\\n\",\"stream\":\"stdout\",\"time\":\"2026-11-21T09:30:15Z\"}\n\
             1:M 21 Nov 2026 09:30:15.250 # Background save failed\n\
             \tat somewhere\n\
             nothing known",
        );
        assert_eq!((told.lines, told.joined), (5, 1));
        let shares = shares(&told);
        assert!(shares[0].starts_with("redis 2/1: matches"), "{shares:?}");
        assert!(
            shares.contains(&"docker-json>logfmt 1/1: pairs of key=value".to_owned()),
            "{shares:?}"
        );
        assert!(
            shares.iter().any(|share| share.starts_with("pino 1/1: has the keys")),
            "{shares:?}"
        );
        assert_eq!(shares.last().expect("five"), " 1/1: no definition takes them; kept as text");
        assert_eq!(told.fallen.expect("one").line, 5);
    }

    #[track_caller]
    fn check_nearest(text: &str, definition: &str, before: &str) {
        let nearest = explained(text).fallen.expect("no definition takes it").nearest;
        let nearest = nearest.expect("one comes near");
        let found = (nearest.definition.as_str(), &text[..nearest.at]);
        assert_eq!(found, (definition, before), "wanted {}", nearest.wanted);
    }

    #[test]
    fn the_nearest_definition_gives_up_at_a_place() {
        check_nearest("1:M 21 Nov 2026 at noon # failed", "redis", "1:M 21 Nov 20");
        check_nearest("{\"level\":\"info\" \"msg\":1}", "json", "{\"level\":\"info\" ");
    }

    #[test]
    fn a_line_like_no_other_has_no_nearest() {
        assert_eq!(explained("\u{1f980}").fallen.expect("one").nearest, None);
    }
}
