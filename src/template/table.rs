//! The templates of one stream, and how they are learned.

use std::hash::BuildHasher;
use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::{HashMap, HashSet};

use crate::model::template::{Filled, Template};
use crate::model::time::Timestamp;
use crate::template::Teacher;
use crate::template::learning::Learning;
use crate::template::probe::Noise;
use crate::template::scan::Scan;
use crate::template::variant::Variant;

/// A stream of more shapes than this writes free text; its other lines go the general way.
const SKELETONS_MAX: usize = 8_192;

/// Skeletons that were seen once and are remembered until they are seen again.
const SEEN_MAX: usize = 16_384;

/// One skeleton stands for at most so many templates: values that change the meaning, like a
/// level's number, have one each.
const VARIANTS_MAX: usize = 24;

/// A skeleton that could not be learned so often is left alone.
const FAILURES_MAX: u8 = 4;

/// Longer lines are dumps: their templates would fill memory and fit no second line.
const LINE_BYTES_MAX: usize = 8 << 10;

/// A template is trusted when it has answered like the teacher on so many real lines.
const CHECKS_MIN: u32 = 2;

/// One in so many lines of a trusted template is still held against the teacher.
const CHECK_EVERY: u32 = 4_096;

/// Learning may cost as many lessons as half the lines seen, and so many to begin with.
const LESSONS_FREE: u64 = 256;

/// What a table knows of a stream's lines.
#[derive(Debug, Default)]
pub struct Table {
    scan: Scan,
    skeletons: HashMap<u64, Skeleton, RandomState>,
    seen: HashSet<u64, RandomState>,
    /// Hashes of what stands before slots whose value changes the meaning.
    hints: HashSet<u64, RandomState>,
    hasher: RandomState,
    noise: Noise,
    lines: u64,
    lessons: u64,
    chosen: Vec<Range<u32>>,
}

/// A line that its template explains.
#[derive(Debug)]
pub struct Taken<'a> {
    /// The template.
    pub template: &'a Arc<Template>,
    /// The line's slots, as the template numbers them.
    pub slots: &'a [Range<u32>],
    /// When it happened.
    pub time: Timestamp,
    /// Which of the streams inside its stream it belongs to.
    pub lane: u64,
}

/// The lines that have a skeleton.
#[derive(Debug)]
struct Skeleton {
    text: Box<[u8]>,
    variants: Vec<Variant>,
    failures: u8,
}

impl Table {
    /// The entry's template of a line, if one is known and trusted. Learns from the teacher.
    pub fn take(&mut self, line: &[u8], teacher: &mut dyn Teacher) -> Option<Taken<'_>> {
        self.lines += 1;
        if line.len() > LINE_BYTES_MAX || !self.scan.read(line) || self.scan.slots.is_empty() {
            return None;
        }
        let hash = self.hasher.hash_one(&self.scan.skeleton[..]);
        if !self.skeletons.contains_key(&hash) && !self.begin(hash) {
            return None;
        }
        let skeleton = self.skeletons.get(&hash)?;
        if *skeleton.text != *self.scan.skeleton {
            return None;
        }
        let found = skeleton.variants.iter().position(|variant| variant.fits(line, &self.scan));
        if found.is_none() {
            self.extend(hash, line, teacher);
        }
        let variant = &mut self.skeletons.get_mut(&hash)?.variants[found?];
        if variant.is_wrong {
            return None;
        }
        variant.checks = variant.checks.wrapping_add(1);
        let is_trusted = variant.checks > CHECKS_MIN;
        if !is_trusted || variant.checks.is_multiple_of(CHECK_EVERY) {
            self.lessons += 1;
            variant.check(line, &self.scan, teacher);
        }
        if !is_trusted || variant.is_wrong {
            return None;
        }
        self.chosen.clear();
        let slots = &self.scan.slots;
        self.chosen
            .extend(variant.roles.chosen.iter().map(|slot| slots[usize::from(*slot)].clone()));
        let time = variant.template.time_of(&Filled { line, slots: &self.chosen })?;
        Some(Taken { template: &variant.template, slots: &self.chosen, time, lane: variant.lane })
    }

    /// How many templates are known.
    pub fn size(&self) -> usize {
        self.skeletons.values().map(|skeleton| skeleton.variants.len()).sum()
    }

    /// Begins a skeleton when it is seen the second time.
    fn begin(&mut self, hash: u64) -> bool {
        if !self.seen.remove(&hash) {
            if self.seen.len() >= SEEN_MAX {
                self.seen.clear();
            }
            self.seen.insert(hash);
            return false;
        }
        if self.skeletons.len() >= SKELETONS_MAX {
            return false;
        }
        let text = self.scan.skeleton.clone().into_boxed_slice();
        self.skeletons.insert(hash, Skeleton { text, variants: Vec::new(), failures: 0 });
        true
    }

    /// Learns a variant from a line that none explains.
    fn extend(&mut self, hash: u64, line: &[u8], teacher: &mut dyn Teacher) {
        let Some(skeleton) = self.skeletons.get(&hash) else { return };
        let is_full = skeleton.variants.len() >= VARIANTS_MAX;
        let is_dear = self.lessons > LESSONS_FREE + self.lines / 2;
        if is_full || skeleton.failures >= FAILURES_MAX || is_dear {
            return;
        }
        let mut lesson = Learning {
            teacher,
            scan: &self.scan,
            hints: &mut self.hints,
            hasher: &self.hasher,
            noise: &mut self.noise,
            lessons: &mut self.lessons,
        };
        let learned = lesson.variant(line);
        let Some(skeleton) = self.skeletons.get_mut(&hash) else { return };
        match learned {
            Some(variant) => skeleton.variants.push(variant),
            None => skeleton.failures += 1,
        }
    }
}
