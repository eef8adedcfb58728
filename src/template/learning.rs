//! Learns a template from one line, by asking the teacher about lines like it.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashSet;

use crate::model::line::Position;
use crate::model::template::{Filled, SlotKind, Template};
use crate::template::align::{self, Roles, Understood};
use crate::template::probe::{Choice, EDGES, Noise, refilled};
use crate::template::scan::Scan;
use crate::template::variant::{Variant, text_of};
use crate::template::{Lesson, Teacher};

/// Equal values this long are the same thing said twice; shorter ones may be chance.
const SAME_BYTES_MIN: usize = 3;

/// So many bytes before a slot tell what it means: `"level":`.
const HINT_BYTES: usize = 12;

/// One attempt to learn.
pub(super) struct Learning<'a> {
    pub(super) teacher: &'a mut dyn Teacher,
    pub(super) scan: &'a Scan,
    pub(super) hints: &'a mut HashSet<u64, RandomState>,
    pub(super) hasher: &'a RandomState,
    pub(super) noise: &'a mut Noise,
    pub(super) lessons: &'a mut u64,
}

impl Learning<'_> {
    fn lesson(&mut self, text: Vec<u8>, slots: Vec<Range<u32>>, lane: u64) -> Option<Understood> {
        *self.lessons += 1;
        let lesson = self.teacher.lesson(&text)?;
        (lesson.lane == lane).then_some(Understood { line: text, slots, entry: lesson.entry })
    }

    /// The variant that a line is of, if its meaning can be told from its slots.
    pub(super) fn variant(&mut self, line: &[u8]) -> Option<Variant> {
        std::str::from_utf8(line).ok()?;
        *self.lessons += 1;
        let Lesson { entry, lane } = self.teacher.lesson(line)?;
        let one = Understood { line: line.to_vec(), slots: self.scan.slots.clone(), entry };
        let mut fixed: Vec<bool> =
            (0..one.slots.len()).map(|slot| self.hints.contains(&self.hint(line, slot))).collect();
        let mut roles = self.roles(line, &fixed);
        let mut template = self.template(&one, &roles, lane);
        template = template.filter(|found| self.holds_at_edges(&one, &roles, found, lane));
        if template.is_none() && self.find_fixed(&one, &mut fixed, lane) {
            roles = self.roles(line, &fixed);
            template = self.template(&one, &roles, lane);
        }
        let template = template?;
        let lengths = (!self.holds(&one, &roles, &template, (Choice::Any, lane)))
            .then(|| one.slots.iter().map(|range| range.end - range.start).collect::<Box<[u32]>>());
        Some(Variant {
            fixed: self.fixed(line, &fixed),
            equal: equal(&roles),
            distinct: distinct(&template, &roles, &self.scan.kinds),
            template: Arc::new(template),
            roles,
            lengths,
            lane,
            checks: 0,
            is_wrong: false,
        })
    }

    /// What stands before a slot, with its kind.
    fn hint(&self, line: &[u8], slot: usize) -> u64 {
        let start = self.scan.slots[slot].start as usize;
        let before = &line[start.saturating_sub(HINT_BYTES)..start];
        self.hasher.hash_one((before, self.scan.kinds[slot]))
    }

    fn fixed(&self, line: &[u8], fixed: &[bool]) -> Vec<(u16, Box<[u8]>)> {
        let places = (0..).zip(fixed).filter(|(_, is_fixed)| **is_fixed);
        places.map(|(slot, _)| (slot, text_of(line, self.scan, slot).into())).collect()
    }

    /// Slots that hold the same long value are one.
    fn roles(&self, line: &[u8], fixed: &[bool]) -> Roles {
        let mut roles = Roles { of: Vec::new(), chosen: Vec::new() };
        for (slot, is_fixed) in (0..).zip(fixed) {
            let text = text_of(line, self.scan, slot);
            let kind = self.scan.kinds[usize::from(slot)];
            let is_same = |other: &u16| {
                text.len() >= SAME_BYTES_MIN
                    && self.scan.kinds[usize::from(*other)] == kind
                    && text_of(line, self.scan, *other) == text
            };
            let role = if *is_fixed {
                None
            } else if let Some(known) = roles.chosen.iter().position(is_same) {
                Some(known as u16)
            } else {
                roles.chosen.push(slot);
                Some(roles.chosen.len() as u16 - 1)
            };
            roles.of.push(role);
        }
        roles
    }

    /// The line with other values for the template's slots.
    fn probe(
        &mut self,
        one: &Understood,
        roles: &Roles,
        choice: Choice,
        lane: u64,
    ) -> Option<Understood> {
        /// Short values may come out equal or as they were; others hardly ever.
        const ATTEMPTS_MAX: usize = 64;
        let mut values: Vec<Vec<u8>> = Vec::with_capacity(roles.chosen.len());
        for slot in &roles.chosen {
            let old = text_of(&one.line, self.scan, *slot);
            let kind = self.scan.kinds[usize::from(*slot)];
            let mut value = self.noise.value(kind, old, choice);
            for _ in 0..ATTEMPTS_MAX {
                if value != old && !values.contains(&value) {
                    break;
                }
                value = self.noise.value(kind, old, choice);
            }
            values.push(value);
        }
        let of_slot = (0u16..).zip(&roles.of).map(|(slot, role)| match role {
            Some(role) => values[usize::from(*role)].clone(),
            None => text_of(&one.line, self.scan, slot).to_vec(),
        });
        let text = refilled(&one.line, &one.slots, &of_slot.collect::<Vec<_>>());
        let mut scan = Scan::default();
        let is_alike = scan.read(&text) && scan.skeleton == self.scan.skeleton;
        if is_alike { self.lesson(text, scan.slots, lane) } else { None }
    }

    /// The template that explains the line and another with all its slots changed.
    fn template(&mut self, one: &Understood, roles: &Roles, lane: u64) -> Option<Template> {
        /// A value may come out as one of another kind; not often.
        const ATTEMPTS_MAX: usize = 3;
        let two = (0..ATTEMPTS_MAX).find_map(|_| self.probe(one, roles, Choice::Same, lane))?;
        let found = align::template(&self.scan.kinds, roles, one, &two)?;
        // A time that does not change would be a date among the text: nothing to rely on.
        found.time.is_some().then_some(found)
    }

    /// Finds the slots whose value changes the meaning; whether there are any new ones.
    fn find_fixed(&mut self, one: &Understood, fixed: &mut [bool], lane: u64) -> bool {
        let roles = self.roles(&one.line, fixed);
        let mut any = false;
        for (role, slot) in (0u16..).zip(roles.chosen.clone()) {
            let single = Roles {
                of: roles.of.iter().map(|of| (*of == Some(role)).then_some(0)).collect(),
                chosen: vec![slot],
            };
            let edges = if self.is_short(slot) { &EDGES[..] } else { &[] };
            let is_free = std::iter::once(&Choice::Same).chain(edges).all(|choice| {
                self.probe(one, &single, *choice, lane).is_some_and(|two| {
                    align::template(&self.scan.kinds, &single, one, &two).is_some()
                })
            });
            if !is_free {
                for (place, is_fixed) in fixed.iter_mut().enumerate() {
                    if roles.of[place] == Some(role) {
                        *is_fixed = true;
                        let hint = self.hint(&one.line, place);
                        self.hints.insert(hint);
                    }
                }
                any = true;
            }
        }
        any
    }

    /// Whether a slot holds a number as long as a status code.
    fn is_short(&self, slot: u16) -> bool {
        let range = &self.scan.slots[usize::from(slot)];
        self.scan.kinds[usize::from(slot)] == SlotKind::Digits && range.end - range.start == 3
    }

    /// Whether the template explains numbers on all sides of the known edges.
    fn holds_at_edges(
        &mut self,
        one: &Understood,
        roles: &Roles,
        template: &Template,
        lane: u64,
    ) -> bool {
        let has_short = roles.chosen.iter().any(|slot| self.is_short(*slot));
        !has_short || EDGES.iter().all(|edge| self.holds(one, roles, template, (*edge, lane)))
    }

    /// Whether the template explains values of this choice.
    fn holds(
        &mut self,
        one: &Understood,
        roles: &Roles,
        template: &Template,
        (choice, lane): (Choice, u64),
    ) -> bool {
        let Some(other) = self.probe(one, roles, choice, lane) else { return false };
        let slots = other.chosen(roles);
        let filled = Filled { line: &other.line, slots: &slots };
        template.entry(&filled, Position::START).as_ref() == Some(&other.entry)
    }
}

/// Slots that hold what an earlier one holds, with that.
fn equal(roles: &Roles) -> Vec<(u16, u16)> {
    let pairs = (0u16..).zip(&roles.of).filter_map(|(slot, role)| {
        let first = roles.chosen[usize::from((*role)?)];
        (first != slot).then_some((first, slot))
    });
    pairs.collect()
}

/// Pairs of slots that are ids or parts of keys: equal ones would be found once, not twice.
fn distinct(template: &Template, roles: &Roles, kinds: &[SlotKind]) -> Vec<(u16, u16)> {
    let in_keys = align::slots_of_keys(template);
    let counts = |role: u16| {
        let kind = kinds[usize::from(roles.chosen[usize::from(role)])];
        let is_id = matches!(kind, SlotKind::Hexadecimal(_) | SlotKind::Uuid | SlotKind::Long(_));
        is_id || in_keys.contains(&role)
    };
    let mut pairs = Vec::new();
    for one in 0..roles.chosen.len() as u16 {
        for other in one + 1..roles.chosen.len() as u16 {
            let slots = (roles.chosen[usize::from(one)], roles.chosen[usize::from(other)]);
            let kind = |slot: u16| kinds[usize::from(slot)];
            if kind(slots.0) == kind(slots.1) && counts(one) && counts(other) {
                pairs.push(slots);
            }
        }
    }
    pairs
}
