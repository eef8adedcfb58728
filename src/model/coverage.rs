//! What the lines of each service say of themselves: the measure by which a team sees where
//! its logs cannot be joined.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::record::TimeBasis;

/// Services told apart in one stream; a node's journal has some dozens. What comes after
/// them is counted as one.
pub const SERVICES_MAX: usize = 256;

/// Stands for the services beyond [`SERVICES_MAX`].
pub const OTHERS: &str = "(others)";

/// Formats told apart for one service; it rarely writes more than three.
const FORMATS_MAX: usize = 16;

/// How many lines have a time of which something was learned or assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Assumed {
    /// Of a zone that the stream shows elsewhere.
    pub zone_learned: u64,
    /// Of the zone that the user states.
    pub zone_given: u64,
    /// Without a zone, taken for UTC.
    pub zone_assumed: u64,
    /// Without a day or a year.
    pub date_assumed: u64,
    /// Found among the words of the message.
    pub mentioned: u64,
    /// That of the line before.
    pub inherited: u64,
}

impl Assumed {
    /// Adds the counts of another.
    pub const fn add(&mut self, other: &Self) {
        self.zone_learned += other.zone_learned;
        self.zone_given += other.zone_given;
        self.zone_assumed += other.zone_assumed;
        self.date_assumed += other.date_assumed;
        self.mentioned += other.mentioned;
        self.inherited += other.inherited;
    }

    const fn count(&mut self, basis: TimeBasis, lines: u64) {
        let place = match basis {
            TimeBasis::Line | TimeBasis::Envelope => return,
            TimeBasis::ZoneLearned => &mut self.zone_learned,
            TimeBasis::ZoneGiven => &mut self.zone_given,
            TimeBasis::ZoneAssumed => &mut self.zone_assumed,
            TimeBasis::DateAssumed => &mut self.date_assumed,
            TimeBasis::Mentioned => &mut self.mentioned,
            TimeBasis::Inherited => &mut self.inherited,
        };
        *place += lines;
    }
}

/// How many of a service's lines have what joins them to requests.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Its lines.
    pub lines: u64,
    /// Lines that state when they were written.
    pub with_time: u64,
    /// Lines that state how bad it is.
    pub with_level: u64,
    /// Lines that state their request.
    pub with_trace: u64,
    /// Lines that state their span.
    pub with_span: u64,
    /// Lines that state the span above theirs.
    pub with_parent: u64,
    /// Lines by the definition that understood them.
    pub formats: BTreeMap<String, u64>,
    /// What was assumed of their times.
    #[serde(default)]
    pub assumed: Assumed,
}

impl Coverage {
    /// Adds the counts of another.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.with_time += other.with_time;
        self.with_level += other.with_level;
        self.with_trace += other.with_trace;
        self.with_span += other.with_span;
        self.with_parent += other.with_parent;
        self.assumed.add(&other.assumed);
        for (format, lines) in &other.formats {
            if let Some(known) = self.formats.get_mut(format) {
                *known += lines;
            } else if self.formats.len() < FORMATS_MAX {
                self.formats.insert(format.clone(), *lines);
            }
        }
    }

    /// The format of most of its lines.
    pub fn main_format(&self) -> Option<&str> {
        let most =
            self.formats.iter().max_by_key(|(name, lines)| (**lines, std::cmp::Reverse(*name)));
        most.map(|(name, _)| name.as_str())
    }
}

/// What the lines of one record have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own")]
pub struct Line {
    /// How many they are.
    pub lines: u64,
    /// Whether they state when they were written.
    pub has_time: bool,
    /// Whether they state how bad it is.
    pub has_level: bool,
    /// Whether they state their request.
    pub has_trace: bool,
    /// Whether they state their span.
    pub has_span: bool,
    /// Whether they state the span above theirs.
    pub has_parent: bool,
    /// How their time is known, if they have one.
    pub basis: Option<TimeBasis>,
}

impl Coverage {
    fn count(&mut self, format: &str, line: &Line) {
        let when = |holds: bool| if holds { line.lines } else { 0 };
        self.lines += line.lines;
        self.with_time += when(line.has_time);
        self.with_level += when(line.has_level);
        self.with_trace += when(line.has_trace);
        self.with_span += when(line.has_span);
        self.with_parent += when(line.has_parent);
        if let Some(basis) = line.basis {
            self.assumed.count(basis, line.lines);
        }
        if let Some(known) = self.formats.get_mut(format) {
            *known += line.lines;
        } else if self.formats.len() < FORMATS_MAX {
            self.formats.insert(format.to_owned(), line.lines);
        }
    }
}

/// What each service's lines have, by its name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Services {
    /// The services.
    pub by_name: BTreeMap<String, Coverage>,
}

impl Services {
    /// Counts the lines of a record of this service.
    pub fn count(&mut self, service: &str, format: &str, line: &Line) {
        if let Some(known) = self.by_name.get_mut(service) {
            known.count(format, line);
            return;
        }
        let name = if self.by_name.len() < SERVICES_MAX { service } else { OTHERS };
        self.by_name.entry(name.to_owned()).or_default().count(format, line);
    }

    /// Adds counts to those of a service.
    pub fn add(&mut self, service: &str, coverage: &Coverage) {
        if let Some(known) = self.by_name.get_mut(service) {
            known.add(coverage);
            return;
        }
        let name = if self.by_name.len() < SERVICES_MAX { service } else { OTHERS };
        self.by_name.entry(name.to_owned()).or_default().add(coverage);
    }

    /// Adds the counts of others.
    pub fn join(&mut self, others: &Self) {
        for (service, coverage) in &others.by_name {
            self.add(service, coverage);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_beyond_the_limit_are_counted_as_one() {
        let mut services = Services::default();
        let line = Coverage { lines: 1, ..Coverage::default() };
        for number in 0..SERVICES_MAX + 10 {
            services.add(&format!("s{number}"), &line);
        }
        services.add("s0", &line);
        assert_eq!(services.by_name[OTHERS].lines, 10);
        assert_eq!(services.by_name["s0"].lines, 2);
    }

    #[test]
    fn the_format_of_most_lines_is_the_main_one() {
        let formats = [("plain".to_owned(), 3), ("pino".to_owned(), 7)];
        let coverage = Coverage { formats: formats.into(), ..Coverage::default() };
        assert_eq!(coverage.main_format(), Some("pino"));
        assert_eq!(Coverage::default().main_format(), None);
    }
}
