//! The door through which every change of the store's files goes.
//!
//! What a crash leaves depends on the order of writes, syncs and renames alone. They all pass
//! here, so that tests can put a volume behind the door that fails at the k-th step, or that
//! remembers the steps and shows each state a power cut may leave.
//!
//! Locks are not files of the store: nothing depends on what is in them.

use std::fmt::Debug;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::path::Path;

/// Where the files of a store are changed. Paths are whole.
pub(super) trait Volume: Debug + Send + Sync {
    /// Opens a file to change it.
    fn open(&self, path: &Path, made: Made) -> io::Result<Box<dyn VolumeFile>>;

    /// Gives a file another name, in place of one that may have it.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Removes a directory with all that is in it.
    fn remove_directory(&self, path: &Path) -> io::Result<()>;

    /// Makes a directory and those above it. Logs are private: on Unix only the user enters.
    fn make_directory(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a directory durable.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
}

/// Whether a file has to be there before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// It must be.
    Before,
    /// It must not be.
    Now,
    /// It may be.
    IfMissing,
}

/// A file that is changed.
pub(super) trait VolumeFile: Debug + Send + Sync {
    /// Puts bytes at a place; the file grows as needed.
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Cuts the file off after so many bytes.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// How long it is.
    fn length(&self) -> io::Result<u64>;

    /// Makes what the file holds durable. Its name is its directory's.
    fn sync(&self) -> io::Result<()>;
}

/// Puts a file with these bytes in place of what has the name, by way of a draft: after a
/// crash at any moment the file is whole or the old one. Durable when this returns.
pub(super) fn replace(
    volume: &dyn Volume,
    draft: &Path,
    path: &Path,
    bytes: &[u8],
) -> io::Result<()> {
    let mut file = volume.open(draft, Made::IfMissing)?;
    file.cut(0)?;
    file.write(bytes, 0)?;
    file.sync()?;
    volume.rename(draft, path)?;
    path.parent().map_or(Ok(()), |folder| volume.sync_directory(folder))
}

/// The file system of this machine.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RealVolume;

impl Volume for RealVolume {
    fn open(&self, path: &Path, made: Made) -> io::Result<Box<dyn VolumeFile>> {
        let mut options = OpenOptions::new();
        options.write(true);
        match made {
            Made::Before => {}
            Made::Now => _ = options.create_new(true),
            Made::IfMissing => _ = options.create(true),
        }
        Ok(Box::new(RealFile(options.open(path)?)))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_directory(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir_all(path)
    }

    fn make_directory(&self, path: &Path) -> io::Result<()> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(path)
    }

    #[cfg(unix)]
    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Names in a directory are durable by themselves here.
    #[cfg(not(unix))]
    fn sync_directory(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct RealFile(File);

impl VolumeFile for RealFile {
    #[cfg(unix)]
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::write_all_at(&self.0, bytes, offset)
    }

    #[cfg(not(unix))]
    fn write(&mut self, bytes: &[u8], offset: u64) -> io::Result<()> {
        use std::io::{Seek, SeekFrom, Write};
        self.0.seek(SeekFrom::Start(offset))?;
        self.0.write_all(bytes)
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.0.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn sync(&self) -> io::Result<()> {
        self.0.sync_data()
    }
}
