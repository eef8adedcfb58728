//! A volume that counts the steps by which files are changed, remembers them, and fails at
//! some of them.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::store::embedded::volume::{Made, RealVolume, Volume, VolumeFile};

/// One change. Files are numbered as they are first opened.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Make {
        path: PathBuf,
        file: usize,
    },
    MakeDirectory {
        path: PathBuf,
    },
    Write {
        file: usize,
        bytes: Vec<u8>,
        offset: u64,
    },
    Cut {
        file: usize,
        length: u64,
    },
    Sync {
        file: usize,
    },
    Rename {
        from: PathBuf,
        to: PathBuf,
    },
    Remove {
        path: PathBuf,
    },
    RemoveDirectory {
        path: PathBuf,
    },
    SyncDirectory {
        path: PathBuf,
    },
    /// So many lines were said to be safe.
    Acknowledge {
        lines: u64,
    },
}

/// Which steps fail, and how.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failure {
    /// The first step that fails, counted from 0.
    pub(super) at: usize,
    /// How many do.
    pub(super) steps: usize,
    pub(super) kind: io::ErrorKind,
}

/// The real volume, with a record of its steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Recorded(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    steps: Vec<Step>,
    failure: Option<Failure>,
    failed: usize,
    numbers: HashMap<PathBuf, usize>,
    files: usize,
}

impl Recorded {
    pub(super) fn failing(failure: Failure) -> Self {
        let record = Record { failure: Some(failure), ..Record::default() };
        Self(Arc::new(Mutex::new(record)))
    }

    pub(super) fn acknowledge(&self, lines: u64) {
        self.with(|record| record.steps.push(Step::Acknowledge { lines }));
    }

    pub(super) fn steps(&self) -> Vec<Step> {
        self.with(|record| record.steps.clone())
    }

    /// How many steps failed.
    pub(super) fn failed(&self) -> usize {
        self.with(|record| record.failed)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Record) -> T) -> T {
        work(&mut self.0.lock().expect("no test panics with the record"))
    }

    /// Notes a step, unless it is one that fails.
    fn step(&self, step: Step) -> io::Result<()> {
        self.with(|record| {
            let number = record.steps.len();
            record.steps.push(step);
            let fails =
                |failure: &Failure| (failure.at..failure.at + failure.steps).contains(&number);
            match record.failure.filter(fails) {
                Some(failure) => {
                    record.failed += 1;
                    Err(failure.kind.into())
                }
                None => Ok(()),
            }
        })
    }
}

impl Volume for Recorded {
    fn open(&self, path: &Path, made: Made) -> io::Result<Box<dyn VolumeFile>> {
        let is_new = made != Made::Before && !path.exists();
        let file = self.with(|record| {
            if is_new || !record.numbers.contains_key(path) {
                record.numbers.insert(path.to_owned(), record.files);
                record.files += 1;
            }
            record.numbers[path]
        });
        if is_new {
            self.step(Step::Make { path: path.to_owned(), file })?;
        }
        let inner = RealVolume.open(path, made)?;
        Ok(Box::new(RecordedFile { inner, file, record: self.clone() }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(Step::Rename { from: from.to_owned(), to: to.to_owned() })?;
        self.with(|record| {
            if let Some(file) = record.numbers.remove(from) {
                record.numbers.insert(to.to_owned(), file);
            }
        });
        RealVolume.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if path.exists() {
            self.step(Step::Remove { path: path.to_owned() })?;
        }
        RealVolume.remove(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        self.step(Step::RemoveDirectory { path: path.to_owned() })?;
        RealVolume.remove_directory(path)
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        if !path.exists() {
            self.step(Step::MakeDirectory { path: path.to_owned() })?;
        }
        RealVolume.make_directory(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        self.step(Step::SyncDirectory { path: path.to_owned() })?;
        RealVolume.sync_directory(path)
    }
}

#[derive(Debug)]
struct RecordedFile {
    inner: Box<dyn VolumeFile>,
    file: usize,
    record: Recorded,
}

impl VolumeFile for RecordedFile {
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let step = Step::Write { file: self.file, bytes: bytes.to_vec(), offset };
        if let Err(error) = self.record.step(step) {
            // A full disk takes a part of what it is given.
            self.inner.write(&bytes[..bytes.len() / 2], offset)?;
            return Err(error);
        }
        self.inner.write(bytes, offset)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.record.step(Step::Cut { file: self.file, length })?;
        self.inner.cut(length)
    }

    fn length(&self) -> io::Result<u64> {
        self.inner.length()
    }

    fn sync(&self) -> io::Result<()> {
        // What a sync costs is of no interest here: nothing is cut off from power in earnest.
        self.record.step(Step::Sync { file: self.file })
    }
}
