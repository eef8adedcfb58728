//! Lines of known templates on their way into the store: one buffer for all, no allocation
//! for a single line.

use std::ops::Range;
use std::sync::Arc;

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use crate::model::entry::Entry;
use crate::model::id::TraceId;
use crate::model::line::Position;
use crate::model::template::{Filled, Template};
use crate::model::time::Timestamp;

/// Lines of known templates.
#[derive(Debug, Default)]
pub struct TemplatedLines {
    /// The bytes of the lines, one after the other.
    bytes: Vec<u8>,
    /// Where the slots of each line are in it, one line after the other.
    slots: Vec<Range<u32>>,
    lines: Vec<TemplatedLine>,
    templates: Vec<Arc<Template>>,
    /// The places of the templates, by their addresses: they live as long as this does.
    places: HashMap<usize, u32, RandomState>,
}

/// One line of a known template.
#[derive(Debug, Clone)]
pub struct TemplatedLine {
    /// The template's place in [`TemplatedLines::templates`].
    pub template: u32,
    /// Where its bytes are.
    bytes: Range<usize>,
    /// Where its slots are.
    slots: Range<usize>,
    /// Where it stands in its stream.
    pub position: Position,
    /// When it happened.
    pub time: Timestamp,
    /// The request it belongs to.
    pub trace: Option<TraceId>,
}

impl TemplatedLine {
    /// How many bytes the line has.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }
}

impl TemplatedLines {
    /// Adds a line.
    pub fn push(
        &mut self,
        template: &Arc<Template>,
        filled: &Filled<'_>,
        position: Position,
        time: Timestamp,
    ) {
        let place = self.place(template);
        let (bytes, slots) = (self.bytes.len(), self.slots.len());
        self.bytes.extend_from_slice(filled.line);
        self.slots.extend_from_slice(filled.slots);
        self.lines.push(TemplatedLine {
            template: place,
            bytes: bytes..self.bytes.len(),
            slots: slots..self.slots.len(),
            position,
            time,
            trace: template.trace_of(filled),
        });
    }

    fn place(&mut self, template: &Arc<Template>) -> u32 {
        let address = Arc::as_ptr(template) as usize;
        let templates = &mut self.templates;
        *self.places.entry(address).or_insert_with(|| {
            templates.push(Arc::clone(template));
            templates.len() as u32 - 1
        })
    }

    /// Moves all lines of others behind these. The others keep their memory.
    pub fn append(&mut self, others: &mut Self) {
        let places: Vec<u32> =
            others.templates.iter().map(|template| self.place(template)).collect();
        let (bytes, slots) = (self.bytes.len(), self.slots.len());
        self.bytes.extend_from_slice(&others.bytes);
        self.slots.extend_from_slice(&others.slots);
        self.lines.extend(others.lines.drain(..).map(|line| TemplatedLine {
            template: places[line.template as usize],
            bytes: line.bytes.start + bytes..line.bytes.end + bytes,
            slots: line.slots.start + slots..line.slots.end + slots,
            ..line
        }));
        others.clear();
    }

    /// Forgets all lines. Their memory is kept for those to come: fresh memory for each batch costs
    /// more than filling it.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.slots.clear();
        self.lines.clear();
        self.templates.clear();
        self.places.clear();
    }

    /// The lines, in the order in which they were added.
    pub fn lines(&self) -> &[TemplatedLine] {
        &self.lines
    }

    /// The templates that they are of.
    pub fn templates(&self) -> &[Arc<Template>] {
        &self.templates
    }

    /// The template of a line.
    pub fn template(&self, line: &TemplatedLine) -> &Arc<Template> {
        &self.templates[line.template as usize]
    }

    /// A line with its slots.
    pub fn filled(&self, line: &TemplatedLine) -> Filled<'_> {
        Filled { line: &self.bytes[line.bytes.clone()], slots: &self.slots[line.slots.clone()] }
    }

    /// Takes out the lines of some templates, told by their places, as entries.
    pub fn take_entries(&mut self, is_wanted: impl Fn(u32) -> bool) -> Vec<Entry> {
        let lines = std::mem::take(&mut self.lines).into_iter();
        let (taken, kept): (Vec<_>, _) = lines.partition(|line| is_wanted(line.template));
        self.lines = kept;
        let entry =
            |line: &TemplatedLine| self.template(line).entry(&self.filled(line), line.position);
        taken.iter().filter_map(entry).collect()
    }

    /// The entries of the lines.
    pub fn into_entries(self) -> impl Iterator<Item = Entry> {
        let entry = |lines: &Self, place: usize| {
            let line = &lines.lines[place];
            lines.template(line).entry(&lines.filled(line), line.position)
        };
        (0..self.lines.len()).filter_map(move |place| entry(&self, place))
    }

    /// Takes out the lines at these places, which stand in order; each comes with its place
    /// among them.
    pub fn take(&mut self, places: &[usize]) -> Vec<(usize, Entry)> {
        let mut taken = Vec::with_capacity(places.len());
        for (number, place) in places.iter().enumerate() {
            let line = &self.lines[*place];
            let entry = self.template(line).entry(&self.filled(line), line.position);
            taken.extend(entry.map(|entry| (number, entry)));
        }
        let mut places = taken.iter().map(|(number, _)| places[*number]).peekable();
        let mut place = 0;
        self.lines.retain(|_| {
            place += 1;
            places.next_if_eq(&(place - 1)).is_none()
        });
        taken
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
}
