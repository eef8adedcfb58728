//! A template with the conditions under which it explains a line.

use std::ops::Range;
use std::sync::Arc;

use crate::model::line::Position;
use crate::model::template::{Filled, Template};
use crate::template::align::Roles;
use crate::template::scan::Scan;
use crate::template::{Lesson, Teacher};

/// A template and the lines of its skeleton that it explains.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) template: Arc<Template>,
    pub(super) roles: Roles,
    /// Slots whose value is part of the shape.
    pub(super) fixed: Vec<(u16, Box<[u8]>)>,
    /// Slots that hold what an earlier one holds.
    pub(super) equal: Vec<(u16, u16)>,
    /// Slots that must differ: ids and keys that are equal count once.
    pub(super) distinct: Vec<(u16, u16)>,
    /// The lengths of the slots, where other lengths mean something else.
    pub(super) lengths: Option<Box<[u32]>>,
    pub(super) lane: u64,
    pub(super) checks: u32,
    pub(super) is_wrong: bool,
}

impl Variant {
    /// Whether a line of the skeleton is one that the template explains.
    pub(super) fn fits(&self, line: &[u8], scan: &Scan) -> bool {
        let slot = |slot: u16| text_of(line, scan, slot);
        let lengths = || scan.slots.iter().map(|range| range.end - range.start);
        // A byte that is no text may look like a slot's mark.
        self.roles.of.len() == scan.slots.len()
            && self.fixed.iter().all(|(place, text)| slot(*place) == &**text)
            && self.equal.iter().all(|(one, other)| slot(*one) == slot(*other))
            && self.distinct.iter().all(|(one, other)| slot(*one) != slot(*other))
            && self.lengths.as_ref().is_none_or(|fixed| lengths().eq(fixed.iter().copied()))
    }

    /// Holds the template against the teacher.
    pub(super) fn check(&mut self, line: &[u8], scan: &Scan, teacher: &mut dyn Teacher) {
        let slots = self.roles.chosen.iter().map(|slot| scan.slots[usize::from(*slot)].clone());
        let slots: Vec<Range<u32>> = slots.collect();
        let entry = self.template.entry(&Filled { line, slots: &slots }, Position::START);
        let own = entry.map(|entry| Lesson { entry, lane: self.lane });
        self.is_wrong = own.is_none() || own != teacher.lesson(line);
    }
}

/// What stands in a slot of a line.
pub(super) fn text_of<'a>(line: &'a [u8], scan: &Scan, slot: u16) -> &'a [u8] {
    let range = &scan.slots[usize::from(slot)];
    &line[range.start as usize..range.end as usize]
}
