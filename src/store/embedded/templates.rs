//! The templates of a store: numbered, written once, read when a line of them is.
//!
//! They lie in files of their own, in frames of some dozens, and the ledger says which numbers
//! are in which frame. A template never changes: lines refer to it for good.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::model::template::Template;
use crate::store::embedded::files::{Appender, Files, Place};
use crate::store::embedded::frame::Packer;
use crate::store::embedded::template_codec;
use crate::store::embedded::terms::KnownTerms;
use crate::store::embedded::volume::Volume;
use crate::store::embedded::wire::Malformed;
use crate::store::error::StoreError;

/// Templates in one frame: a question for one request reads few frames, and small ones.
const FRAME_TEMPLATES: usize = 64;

/// A writer remembers at most so many; lines of further ones are stored as entries.
const TEMPLATES_MAX: usize = 1 << 16;

/// Where the templates from a number on are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TemplateFrame {
    /// The number of the first one.
    pub(super) first: u64,
    file: u64,
    offset: u64,
}

/// A template as the writer knows it.
#[derive(Debug, Clone)]
pub(super) struct KnownTemplate {
    pub(super) number: u32,
    pub(super) terms: Arc<KnownTerms>,
}

/// The templates that a writer has numbered.
#[derive(Debug)]
pub(super) struct Registry {
    /// By their addresses, which stay as long as the templates are held here.
    known: HashMap<usize, (Arc<Template>, KnownTemplate), foldhash::fast::RandomState>,
    /// Those that are not written yet.
    fresh: Vec<Arc<Template>>,
    /// What is not yet in the index.
    unindexed: Vec<KnownTemplate>,
    next: u64,
    appender: Appender,
}

impl Registry {
    /// Goes on behind the `next` templates that are written in these files.
    pub(super) fn open(
        volume: Arc<dyn Volume>,
        folder: PathBuf,
        lengths: Vec<u64>,
        next: u64,
    ) -> Result<Self, StoreError> {
        let appender = Appender::open(volume, folder, lengths)?;
        Ok(Self {
            known: HashMap::default(),
            fresh: Vec::new(),
            unindexed: Vec::new(),
            next,
            appender,
        })
    }

    /// The template's number and terms, given to it when it is first seen. None if there are
    /// too many.
    pub(super) fn number(&mut self, template: &Arc<Template>) -> Option<KnownTemplate> {
        let address = Arc::as_ptr(template) as usize;
        if let Some((_, numbered)) = self.known.get(&address) {
            return Some(numbered.clone());
        }
        let number = u32::try_from(self.next).ok().filter(|_| self.known.len() < TEMPLATES_MAX)?;
        let terms = Arc::new(KnownTerms::of(template));
        let numbered = KnownTemplate { number, terms };
        self.known.insert(address, (Arc::clone(template), numbered.clone()));
        self.fresh.push(Arc::clone(template));
        self.unindexed.push(numbered.clone());
        self.next += 1;
        Some(numbered)
    }

    /// The templates that are to be put into the index before the next commit.
    pub(super) fn take_unindexed(&mut self) -> Vec<KnownTemplate> {
        std::mem::take(&mut self.unindexed)
    }

    /// How many templates there are.
    pub(super) const fn count(&self) -> u64 {
        self.next
    }

    /// How many bytes of each file count if a commit is made now.
    pub(super) fn lengths(&self) -> &[u64] {
        self.appender.lengths()
    }

    /// Makes all templates durable; says where the new ones are.
    pub(super) fn sync(&mut self, packer: &mut Packer) -> Result<Vec<TemplateFrame>, StoreError> {
        let mut frames = Vec::new();
        let mut first = self.next - self.fresh.len() as u64;
        for some in self.fresh.chunks(FRAME_TEMPLATES) {
            let bytes = template_codec::write(some.iter().map(|template| &**template));
            let frame = packer
                .pack(&bytes)
                .map_err(|source| StoreError::Io { path: self.appender.folder().into(), source })?
                .expect("64 templates of lines of 8 KiB are far below a gigabyte");
            let Place { file, offset } = self.appender.append(frame)?;
            frames.push(TemplateFrame { first, file, offset });
            first += some.len() as u64;
        }
        self.fresh.clear();
        self.appender.sync()?;
        Ok(frames)
    }
}

/// The templates that a commit counts, read as they are needed.
#[derive(Debug)]
pub(super) struct Templates {
    files: Files,
    frames: Vec<TemplateFrame>,
    read: Mutex<HashMap<u64, Frame>>,
}

/// The templates of one frame, from the first number on.
type Frame = Arc<Vec<Arc<Template>>>;

impl Templates {
    pub(super) fn new(folder: PathBuf, lengths: Vec<u64>, frames: Vec<TemplateFrame>) -> Self {
        Self { files: Files::new(folder, lengths), frames, read: Mutex::default() }
    }

    /// The template with this number.
    pub(super) fn get(&self, number: u64) -> Result<Arc<Template>, Malformed> {
        let missing = Malformed("a template is missing");
        let behind = self.frames.partition_point(|frame| frame.first <= number);
        let frame = *behind.checked_sub(1).and_then(|at| self.frames.get(at)).ok_or(missing)?;
        let read = || self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let known = read().get(&frame.first).cloned();
        let templates = if let Some(templates) = known {
            templates
        } else {
            let templates = self.frame(frame)?;
            read().insert(frame.first, Arc::clone(&templates));
            templates
        };
        let at = usize::try_from(number - frame.first).map_err(|_| missing)?;
        templates.get(at).cloned().ok_or(missing)
    }

    fn frame(&self, frame: TemplateFrame) -> Result<Frame, Malformed> {
        let place = Place { file: frame.file, offset: frame.offset };
        let bytes = self.files.read(place).map_err(|_| Malformed("its templates are damaged"))?;
        let templates = template_codec::read(&bytes)?;
        Ok(Arc::new(templates.into_iter().map(Arc::new).collect()))
    }
}
