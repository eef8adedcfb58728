//! One definition, and all of them together: which definition takes a text.

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use regex::bytes::CaptureLocations;

use crate::decode::batch::Batch;
use crate::decode::draft::{Draft, Rules};
use crate::decode::embedded;
use crate::decode::error::{DefinitionError, Place};
use crate::decode::json;
use crate::decode::keys::Keys;
use crate::decode::loader;
use crate::decode::proof;
use crate::decode::shape::json::JsonTable;
use crate::decode::shape::table::Columns;
use crate::decode::shape::{JsonShape, Pattern, Shape, keyed, logfmt, ltsv, scan};
use crate::decode::zones::Zones;

/// The definition whose key lists the other JSON and logfmt definitions fall back to.
const GENERAL: &str = "json";

/// How a format's lines look, and what their parts mean.
#[derive(Debug)]
pub struct Definition {
    pub(super) name: Arc<str>,
    pub(super) about: String,
    pub(super) origin: Origin,
    pub(super) place: Place,
    /// Definitions of higher priority are asked first; negative ones are general, and
    /// each line asks for a special one again.
    pub(super) priority: i64,
    pub(super) envelope: Option<Envelope>,
    /// Where its records are, for a document that holds many.
    pub(super) batch: Option<Batch>,
    pub(super) shape: Shape,
    /// Lines that continue a record although they may begin one elsewhere.
    pub(super) continues: Vec<Pattern>,
    pub(super) rules: Rules,
    pub(super) samples: Vec<Sample>,
    pub(super) rejects: Vec<Reject>,
}

/// Where a definition comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// It is part of logloom.
    Embedded,
    /// A user's file.
    File(PathBuf),
}

/// What kind of envelope a definition describes. The text inside is decoded again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Envelope {
    /// Only carries text (a container runtime, a prefix): text that no definition
    /// understands stays `plain`.
    Transport,
    /// Is a log format itself (syslog, journal): text that no other definition
    /// understands is its own message.
    Log,
}

/// A line and what is to be found in it.
#[derive(Debug)]
pub(super) struct Sample {
    pub(super) place: Place,
    pub(super) line: String,
    pub(super) expect: Vec<(Place, String, String)>,
}

/// A line that the definition must not take.
#[derive(Debug)]
pub(super) struct Reject {
    pub(super) place: Place,
    pub(super) line: String,
}

impl Definition {
    /// Its name, which becomes the `format` of records.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for, in one sentence.
    pub fn about(&self) -> &str {
        &self.about
    }

    /// The shape of its lines: `json`, `logfmt`, `pattern` or `scan`.
    pub fn shape(&self) -> &'static str {
        self.shape.name()
    }

    /// Where it comes from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    pub(super) const fn is_general(&self) -> bool {
        self.priority < 0
    }
}

/// All definitions, in the order in which they are asked.
#[derive(Debug)]
pub struct Definitions {
    list: Vec<Arc<Definition>>,
    /// For each byte that a text can begin with, the text definitions that may take it.
    starts: Vec<Vec<usize>>,
    json: JsonTable,
    /// The definitions of lines of columns.
    tables: Vec<usize>,
    general: Keys,
    /// In which zones the user says that local times are.
    zones: Zones,
}

/// Working space of one stream, kept from line to line.
#[derive(Debug, Clone, Default)]
pub(super) struct Space {
    /// For each definition, places of groups for each of its patterns.
    places: Vec<Vec<Option<CaptureLocations>>>,
    found: Vec<u32>,
    /// For each depth of envelopes, the text definition that took the line before.
    recent: [Option<usize>; ENVELOPES_MAX + 1],
    /// The names of the columns that the stream's lines have, and whose they are.
    pub(super) table: Option<Table>,
}

/// The columns of a stream, in force at one depth of envelopes.
#[derive(Debug, Clone)]
pub(super) struct Table {
    definition: usize,
    depth: usize,
    pub(super) columns: Columns,
}

/// Envelopes are opened this deep: no known chain of log shippers is longer, and text
/// that wraps itself without end must not be followed.
pub(super) const ENVELOPES_MAX: usize = 4;

static EMBEDDED: LazyLock<Arc<Definitions>> = LazyLock::new(|| {
    let list = embedded::load().expect("the embedded definitions are checked by a unit test");
    Arc::new(Definitions::new(list))
});

impl Definitions {
    /// The definitions that are part of logloom. They are read when first asked for;
    /// their patterns are compiled when a line first needs them.
    pub fn embedded() -> Arc<Self> {
        Arc::clone(&EMBEDDED)
    }

    /// Ours and those of the `*.toml` files of directories. A definition takes the place of
    /// ours, or of that of an earlier directory, that has its name. Samples and rejects of
    /// all files are run, so that a user's definition is held to the rules that ours keep.
    ///
    /// # Errors
    /// When a file cannot be read, is no right definition, or does not hold its samples.
    pub fn with_directories(directories: &[PathBuf]) -> Result<Self, DefinitionError> {
        let mut own: Vec<Arc<Definition>> = Vec::new();
        for directory in directories {
            let read = loader::read_directory(directory)?;
            own.retain(|earlier| read.iter().all(|later| later.name != earlier.name));
            own.extend(read);
        }
        let definitions = Self::embedded().with(&own);
        for definition in &own {
            proof::compile(definition)?;
            if let Some(failure) = proof::run(definition, &definitions).into_iter().next() {
                return Err(DefinitionError::Unproven(Box::new(failure)));
            }
        }
        Ok(definitions)
    }

    /// The same, where the user says in which zones local times are.
    #[must_use]
    pub fn in_zones(&self, zones: Zones) -> Self {
        Self { zones, ..self.with(&[]) }
    }

    /// What the user says of zones.
    pub(super) const fn zones(&self) -> &Zones {
        &self.zones
    }

    /// The definitions in the order in which they are asked.
    pub fn iter(&self) -> impl Iterator<Item = &Definition> {
        self.list.iter().map(AsRef::as_ref)
    }

    /// These definitions and others, which take the place of those of their names.
    pub(super) fn with(&self, others: &[Arc<Definition>]) -> Self {
        let is_replaced = |name: &str| others.iter().any(|other| &*other.name == name);
        let kept = self.list.iter().filter(|one| !is_replaced(&one.name)).cloned();
        Self::new(kept.chain(others.iter().cloned()).collect())
    }

    pub(super) fn new(mut list: Vec<Arc<Definition>>) -> Self {
        list.sort_by(|one, other| {
            other.priority.cmp(&one.priority).then_with(|| one.name.cmp(&other.name))
        });
        let mut json = JsonTable::default();
        let mut starts = vec![Vec::new(); 256];
        let mut general = Keys::default();
        let mut tables = Vec::new();
        for (index, definition) in list.iter().enumerate() {
            if &*definition.name == GENERAL
                && let Shape::Json(shape) = &definition.shape
            {
                general = shape.keys.clone();
            }
            match &definition.shape {
                Shape::Json(shape) => json.add(index, shape),
                Shape::Table(_) => tables.push(index),
                Shape::Logfmt(_) | Shape::Ltsv(_) | Shape::Pattern(_) | Shape::Scan => {
                    for byte in 0..=u8::MAX {
                        if definition.may_begin_with(byte) {
                            starts[usize::from(byte)].push(index);
                        }
                    }
                }
            }
        }
        Self { list, starts, json, tables, general, zones: Zones::default() }
    }

    /// Whether lines that could begin a record may continue one of this definition.
    pub(super) fn may_go_on(&self, index: Option<usize>) -> bool {
        index.is_some_and(|index| !self.list[index].continues.is_empty())
    }

    pub(super) fn get(&self, index: usize) -> &Arc<Definition> {
        &self.list[index]
    }

    /// Key lists for definitions that have none of their own.
    pub(super) const fn general(&self) -> &Keys {
        &self.general
    }

    /// The definition that takes this text, and what it reads from it. `depth` is the
    /// number of envelopes that were opened around it.
    pub(super) fn find<'a>(
        &self,
        text: &'a str,
        depth: usize,
        space: &mut Space,
    ) -> Option<(usize, Draft<'a>)> {
        let first = *text.as_bytes().first()?;
        let may_open = depth < ENVELOPES_MAX;
        let wanted = |index: usize| may_open || self.list[index].envelope.is_none();
        if let Some(found) = self.row(text, depth, space) {
            return Some(found);
        }
        if matches!(first, b'{' | b' ' | b'\t')
            && let Some(members) = json::read(text)
        {
            let index = self.json.find(&members, &mut space.found, wanted)?;
            let definition = &self.list[index];
            let Shape::Json(shape) = &definition.shape else { return None };
            let is_envelope = definition.envelope.is_some();
            let draft = keyed::draft(members, text, &shape.keys, &definition.rules, is_envelope);
            return Some((index, draft));
        }
        let recent = space.recent[depth].filter(|index| wanted(*index));
        if let Some(found) = recent.and_then(|index| self.try_text(index, text, space)) {
            return Some(found);
        }
        let candidates = self.starts[usize::from(first)].iter().copied();
        let found = candidates
            .filter(|index| Some(*index) != recent && wanted(*index))
            .find_map(|index| self.try_text(index, text, space))?;
        // A general definition may hide a special one that the next line is for.
        if !self.list[found.0].is_general() {
            space.recent[depth] = Some(found.0);
        }
        Some(found)
    }

    /// Reads a line of columns by the names that the stream has shown.
    fn row<'a>(&self, text: &'a str, depth: usize, space: &Space) -> Option<(usize, Draft<'a>)> {
        let table = space.table.as_ref().filter(|table| table.depth == depth)?;
        let definition = &self.list[table.definition];
        let Shape::Table(shape) = &definition.shape else { return None };
        let members = table.columns.row(text)?;
        let is_envelope = definition.envelope.is_some();
        let draft = keyed::draft(members, text, &shape.keys, &definition.rules, is_envelope);
        Some((table.definition, draft))
    }

    /// Takes a line for one that names the columns of those behind it, if it is one.
    pub(super) fn name_columns<'a>(
        &self,
        text: &'a str,
        depth: usize,
        space: &mut Space,
    ) -> Option<(usize, Draft<'a>)> {
        let (definition, columns) = self.tables.iter().find_map(|index| {
            let Shape::Table(shape) = &self.list[*index].shape else { return None };
            Some((*index, shape.names(text)?))
        })?;
        space.table = Some(Table { definition, depth, columns });
        Some((definition, Draft { message: text.trim_end().into(), ..Draft::default() }))
    }

    fn try_text<'a>(
        &self,
        index: usize,
        text: &'a str,
        space: &mut Space,
    ) -> Option<(usize, Draft<'a>)> {
        let definition = &self.list[index];
        space.places.resize_with(self.list.len(), Vec::new);
        let draft = definition.read_text(text, &mut space.places[index]).map(|(_, draft)| draft)?;
        Some((index, draft))
    }
}

impl Definition {
    fn may_begin_with(&self, byte: u8) -> bool {
        match &self.shape {
            Shape::Json(_) => matches!(byte, b'{' | b' '),
            Shape::Table(_) => false,
            Shape::Logfmt(_) | Shape::Ltsv(_) => {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'@')
            }
            Shape::Pattern(patterns) => patterns.iter().any(|pattern| pattern.begins_with(byte)),
            Shape::Scan => true,
        }
    }

    /// What a line says that continues a record of this definition; none if it does not.
    pub(super) fn continued<'a>(&self, text: &'a str) -> Option<Draft<'a>> {
        let first = *text.as_bytes().first()?;
        let mut patterns = self.continues.iter();
        patterns.find_map(|pattern| {
            pattern.begins_with(first).then(|| pattern.read(text, &self.rules, &mut None))?
        })
    }

    fn keyed<'a>(
        &self,
        members: json::Members<'a>,
        text: &'a str,
        shape: &JsonShape,
    ) -> Option<(usize, Draft<'a>)> {
        if !shape.is_open() && !shape.takes(&members) {
            return None;
        }
        let is_envelope = self.envelope.is_some();
        Some((0, keyed::draft(members, text, &shape.keys, &self.rules, is_envelope)))
    }

    /// Reads a text that is no JSON object; also tells which pattern took it.
    pub(super) fn read_text<'a>(
        &self,
        text: &'a str,
        places: &mut Vec<Option<CaptureLocations>>,
    ) -> Option<(usize, Draft<'a>)> {
        match &self.shape {
            Shape::Json(_) => None,
            Shape::Table(shape) => {
                shape.names(text)?;
                Some((0, Draft { message: text.into(), ..Draft::default() }))
            }
            Shape::Scan => scan::read(text, &self.rules).map(|draft| (0, draft)),
            Shape::Logfmt(shape) => self.keyed(logfmt::read(text)?, text, shape),
            Shape::Ltsv(shape) => self.keyed(ltsv::read(text)?, text, shape),
            Shape::Pattern(patterns) => {
                places.resize_with(patterns.len(), || None);
                let first = *text.as_bytes().first()?;
                patterns.iter().zip(places).enumerate().find_map(|(index, (pattern, places))| {
                    if !pattern.begins_with(first) {
                        return None;
                    }
                    Some((index, pattern.read(text, &self.rules, places)?))
                })
            }
        }
    }
}
