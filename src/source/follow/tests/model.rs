//! A file system, a clock and a store in memory, for playing days of rotation in a moment.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::time::Duration;

use crate::model::checkpoint::{Checkpoint, FileIdentity, Followed};
use crate::model::line::Position;
use crate::model::skipped::{SkipKind, Skipped};
use crate::source::follow::disk::{Disk, Facts, OpenFile, Scope};
use crate::source::follow::{Follower, Listener, Looked};
use crate::source::{Chunk, Stream};

/// A file of the model.
#[derive(Debug)]
pub(in crate::source::follow) struct Content {
    identity: FileIdentity,
    pub(super) bytes: Vec<u8>,
    modified: i64,
    links: u32,
    is_file: bool,
    is_readable: bool,
}

type Shared = Rc<RefCell<Content>>;

/// The model's whole world.
#[derive(Debug, Default)]
pub(super) struct World {
    names: BTreeMap<PathBuf, Shared>,
    /// Patterns: names that begin and end like this are in scope.
    scope: Vec<(String, String)>,
    now: i64,
    next_inode: u64,
    /// Numbers of deleted files, free once nobody has them open.
    free: Vec<(u64, Weak<RefCell<Content>>)>,
    pub(super) device: u64,
    pub(super) has_births: bool,
    pub(super) reuses_inodes: bool,
    pub(super) opens: usize,
    pub(super) open_now: Rc<RefCell<usize>>,
}

/// A handle on the world that stays with the test.
#[derive(Debug, Clone, Default)]
pub(super) struct Model(pub(super) Rc<RefCell<World>>);

impl Model {
    /// A world in which names that begin and end like this are followed.
    pub(super) fn following(begin: &str, end: &str) -> Self {
        let model = Self::default();
        let mut world = model.0.borrow_mut();
        world.scope = vec![(begin.to_owned(), end.to_owned())];
        world.has_births = true;
        world.reuses_inodes = true;
        drop(world);
        model
    }

    pub(super) fn tick(&self) {
        self.0.borrow_mut().now += 1_000;
    }

    pub(super) fn append(&self, path: &str, bytes: &[u8]) {
        self.tick();
        let mut world = self.0.borrow_mut();
        let file = world.file(path);
        file.borrow_mut().bytes.extend_from_slice(bytes);
        file.borrow_mut().modified = world.now;
    }

    /// The file behind a name, for a writer that keeps it open.
    pub(super) fn open_for_writing(&self, path: &str) -> Shared {
        self.0.borrow_mut().file(path)
    }

    pub(super) fn write(&self, file: &Shared, bytes: &[u8]) {
        self.tick();
        let mut content = file.borrow_mut();
        content.bytes.extend_from_slice(bytes);
        content.modified = self.0.borrow().now;
    }

    pub(super) fn truncate(&self, path: &str, length: usize) {
        self.tick();
        let mut world = self.0.borrow_mut();
        let file = world.file(path);
        file.borrow_mut().bytes.resize(length, 0);
        file.borrow_mut().modified = world.now;
    }

    pub(super) fn rename(&self, from: &str, to: &str) {
        self.tick();
        self.remove(to);
        let mut world = self.0.borrow_mut();
        if let Some(file) = world.names.remove(Path::new(from)) {
            world.names.insert(PathBuf::from(to), file);
        }
    }

    pub(super) fn link(&self, from: &str, to: &str) {
        let mut world = self.0.borrow_mut();
        let file = world.file(from);
        file.borrow_mut().links += 1;
        world.names.insert(PathBuf::from(to), file);
    }

    pub(super) fn remove(&self, path: &str) {
        self.tick();
        let mut world = self.0.borrow_mut();
        if let Some(file) = world.names.remove(Path::new(path)) {
            let mut content = file.borrow_mut();
            content.links -= 1;
            if content.links == 0 && world.reuses_inodes {
                world.free.push((content.identity.inode, Rc::downgrade(&file)));
            }
        }
    }

    pub(super) fn copy(&self, from: &str, to: &str) {
        let bytes = self.bytes(from);
        self.append(to, &bytes);
    }

    pub(super) fn gzip(&self, from: &str, to: &str) {
        let modified = self.0.borrow_mut().file(from).borrow().modified;
        let packed = gzipped(&self.bytes(from));
        self.append(to, &packed);
        self.0.borrow_mut().file(to).borrow_mut().modified = modified;
        self.remove(from);
    }

    pub(super) fn bytes(&self, path: &str) -> Vec<u8> {
        self.0.borrow_mut().file(path).borrow().bytes.clone()
    }

    pub(super) fn exists(&self, path: &str) -> bool {
        self.0.borrow().names.contains_key(Path::new(path))
    }

    pub(super) fn permit(&self, path: &str, is_readable: bool) {
        self.0.borrow_mut().file(path).borrow_mut().is_readable = is_readable;
    }

    pub(super) fn make_pipe(&self, path: &str) {
        self.0.borrow_mut().file(path).borrow_mut().is_file = false;
    }

    /// The device gets another number, as after a mount elsewhere.
    pub(super) fn remount(&self) {
        let mut world = self.0.borrow_mut();
        world.device += 1;
        let device = world.device;
        for file in world.names.values() {
            file.borrow_mut().identity.device = device;
        }
    }
}

pub(super) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("a Vec takes all bytes");
    encoder.finish().expect("a Vec takes all bytes")
}

impl World {
    /// For messages.
    pub(super) fn names_and_sizes(&self) -> Vec<(PathBuf, u64, usize)> {
        let files = self.names.iter();
        files
            .map(|(name, file)| {
                (name.clone(), file.borrow().identity.inode, file.borrow().bytes.len())
            })
            .collect()
    }

    /// The file of this name, made if there is none.
    fn file(&mut self, path: &str) -> Shared {
        if let Some(file) = self.names.get(Path::new(path)) {
            return Rc::clone(file);
        }
        let free = self.free.iter().position(|(_, file)| file.strong_count() == 0);
        let inode = free.map_or_else(
            || {
                self.next_inode += 1;
                self.next_inode
            },
            |free| self.free.remove(free).0,
        );
        let born = self.has_births.then_some(self.now);
        let identity = FileIdentity { device: self.device, inode, born };
        let file = Rc::new(RefCell::new(Content {
            identity,
            bytes: Vec::new(),
            modified: self.now,
            links: 1,
            is_file: true,
            is_readable: true,
        }));
        self.names.insert(PathBuf::from(path), Rc::clone(&file));
        file
    }
}

impl Disk for Model {
    fn scope(&mut self) -> Scope {
        let world = self.0.borrow();
        let is_wanted = |path: &&PathBuf| {
            let name = path.to_string_lossy();
            world.scope.iter().any(|(begin, end)| name.starts_with(begin) && name.ends_with(end))
        };
        Scope { files: world.names.keys().filter(is_wanted).cloned().collect(), skipped: vec![] }
    }

    fn beside(&mut self, directory: &Path) -> Vec<PathBuf> {
        let world = self.0.borrow();
        world.names.keys().filter(|path| path.parent() == Some(directory)).cloned().collect()
    }

    fn facts(&mut self, path: &Path) -> io::Result<Facts> {
        let world = self.0.borrow();
        let file = world.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(facts(&file.borrow()))
    }

    fn open(&mut self, path: &Path) -> io::Result<Box<dyn OpenFile>> {
        let mut world = self.0.borrow_mut();
        world.opens += 1;
        let file = world.names.get(path).ok_or(io::ErrorKind::NotFound)?;
        if !file.borrow().is_readable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        assert!(file.borrow().is_file, "only regular files are opened");
        *world.open_now.borrow_mut() += 1;
        Ok(Box::new(Opened { file: Rc::clone(file), open_now: Rc::clone(&world.open_now) }))
    }
}

struct Opened {
    file: Shared,
    open_now: Rc<RefCell<usize>>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        *self.open_now.borrow_mut() -= 1;
    }
}

impl OpenFile for Opened {
    fn facts(&self) -> io::Result<Facts> {
        Ok(facts(&self.file.borrow()))
    }

    fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        let content = self.file.borrow();
        let start = content.bytes.len().min(offset as usize);
        let count = buffer.len().min(content.bytes.len() - start);
        buffer[..count].copy_from_slice(&content.bytes[start..start + count]);
        Ok(count)
    }
}

fn facts(content: &Content) -> Facts {
    Facts {
        identity: content.identity,
        size: content.bytes.len() as u64,
        modified: Some(content.modified),
        is_linked: content.links > 0,
        is_file: content.is_file,
    }
}

/// What a store holds of one stream.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub(super) checkpoint: Option<Checkpoint>,
    /// Lines by their offsets.
    pub(super) lines: BTreeMap<u64, Vec<u8>>,
    /// The unfinished last line, as it was shown.
    pub(super) partial: Option<Vec<u8>>,
}

/// A store: what is committed outlives a crash.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) committed: BTreeMap<String, Stored>,
    pub(super) streams: BTreeMap<String, Stored>,
    labels: HashMap<usize, String>,
    pub(super) skipped: Vec<Skipped>,
    /// How many of the last lines of a chunk are held open, as records are that may grow.
    pub(super) open_lines: usize,
    /// Streams that are known no more.
    pub(super) forgotten: usize,
}

impl Store {
    pub(super) fn commit(&mut self) {
        self.committed.clone_from(&self.streams);
    }

    pub(super) fn crash(&mut self) {
        self.streams.clone_from(&self.committed);
        self.labels.clear();
    }

    pub(super) fn checkpoints(&self) -> Vec<Checkpoint> {
        self.committed.values().filter_map(|stored| stored.checkpoint.clone()).collect()
    }

    /// All lines that are stored, sorted.
    pub(super) fn lines(&self) -> Vec<String> {
        let lines = self.streams.values().flat_map(|stored| stored.lines.values());
        let mut lines: Vec<String> =
            lines.map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        lines.sort();
        lines
    }

    pub(super) fn is_reported(&self, words: &str) -> bool {
        self.skipped.iter().any(|skipped| skipped.reason.contains(words))
    }

    pub(super) fn losses(&self) -> usize {
        self.skipped.iter().filter(|skipped| skipped.kind == SkipKind::Unreadable).count()
    }

    fn stream(&mut self, number: usize) -> &mut Stored {
        let label = self.labels.get(&number).expect("a stream begins before its lines");
        self.streams.get_mut(label).expect("it has begun")
    }
}

impl Listener for Store {
    fn begin(&mut self, number: usize, stream: &Stream, from: Position, _: Option<Checkpoint>) {
        self.labels.insert(number, stream.path.to_string());
        let stored = self.streams.entry(stream.path.to_string()).or_default();
        if stored.checkpoint.is_none() {
            stored.checkpoint = Some(Checkpoint::unread(stream.path.to_string()));
        }
        stored.lines.retain(|offset, _| *offset < from.offset);
        if let Some(checkpoint) = &mut stored.checkpoint {
            checkpoint.size = None;
            checkpoint.read = from.offset;
        }
    }

    fn lines(&mut self, number: usize, chunk: Chunk) {
        let open_lines = self.open_lines as u64;
        let label = self.labels[&number].clone();
        let stored = self.stream(number);
        stored.partial = None;
        let known = stored.checkpoint.as_ref();
        let read = known.map_or(0, |checkpoint| checkpoint.read);
        assert!(chunk.first.offset >= read, "{label}: {} after {read}", chunk.first.offset);
        let mut offset = chunk.first.offset;
        let mut places = Vec::new();
        for line in chunk.bytes.split_inclusive(|byte| *byte == b'\n') {
            let previous = stored.lines.insert(offset, line.to_vec());
            assert_eq!(previous, None, "{label}: two lines at {offset}");
            places.push(offset);
            offset += line.len() as u64;
        }
        let first_line = chunk.first.line;
        let kept = places.len() as u64 - open_lines.min(places.len() as u64);
        let resume = places.get(kept as usize).copied().unwrap_or(chunk.read);
        stored.checkpoint = Some(Checkpoint {
            read: chunk.read,
            resume: Position { line: first_line + kept, offset: resume },
            fingerprint: chunk.fingerprint,
            followed: known.and_then(|checkpoint| checkpoint.followed.clone()).or(Some(Followed {
                name: label.split('#').next().unwrap_or_default().to_owned(),
                file: None,
                modified: None,
                packed: false,
                left: false,
                ended: false,
            })),
            ..Checkpoint::unread(label.clone())
        });
    }

    fn partial(&mut self, number: usize, chunk: Chunk) {
        self.stream(number).partial = Some(chunk.bytes);
    }

    fn looked(&mut self, number: usize, looked: Looked) {
        let Some(label) = self.labels.get(&number) else { return };
        if let Some(checkpoint) =
            self.streams.get_mut(label).and_then(|stored| stored.checkpoint.as_mut())
        {
            checkpoint.followed = Some(looked.followed);
            checkpoint.size = looked.whole.map(|whole| whole.0);
            checkpoint.modified = looked.whole.and_then(|whole| whole.1);
        }
    }

    fn forgotten(&mut self, _: usize, path: &str) {
        self.forgotten += 1;
        if let Some(stored) = self.streams.get_mut(path) {
            stored.checkpoint = None;
        }
    }

    fn skipped(&mut self, skipped: Skipped) {
        self.skipped.push(skipped);
    }
}

/// A follower, its world and its store.
pub(super) struct Play {
    pub(super) model: Model,
    pub(super) store: Store,
    pub(super) follower: Follower<Model>,
    pub(super) now: Duration,
    pub(super) descriptors: usize,
}

impl Play {
    pub(super) fn new(model: &Model) -> Self {
        let follower = Follower::new(model.clone(), Vec::new(), 128);
        let (store, now) = (Store::default(), Duration::ZERO);
        Self { model: model.clone(), store, follower, now, descriptors: 128 }
    }

    /// Lets time pass, with turns when they are due.
    pub(super) fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            let turn = self.follower.turn(self.now, &mut self.store);
            if turn.next > end {
                break;
            }
            // Clocks move on between turns.
            self.now = turn.next.max(self.now + Duration::from_micros(100));
        }
        self.now = end;
    }

    /// One turn, at once.
    pub(super) fn turn(&mut self) {
        self.now += Duration::from_millis(1);
        self.follower.scan_soon(self.now);
        let _ = self.follower.turn(self.now, &mut self.store);
    }

    /// The process is killed and started anew.
    pub(super) fn crash(&mut self) {
        self.store.crash();
        self.follower =
            Follower::new(self.model.clone(), self.store.checkpoints(), self.descriptors);
        self.now = Duration::ZERO;
    }
}
