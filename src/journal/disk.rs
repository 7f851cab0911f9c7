//! What a journal asks of a file system. The system's own gives it; a simulation gives another, with
//! every fault that a disk can have.

use std::fmt::Debug;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::Path;

use crate::error::{Error, Result};
use crate::journal::status;

/// A file system.
pub trait Disk: Debug + Send + Sync {
    /// Makes the folder if it is not there and takes it. Until what this gives is dropped nobody
    /// else can: [`Error::JournalLocked`].
    fn take(&self, folder: &Path) -> Result<Box<dyn Taken>>;

    fn kind(&self, path: &Path) -> io::Result<FileKind>;

    /// The names in a folder, in no particular order.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;

    /// Opens a file to read and write; with `new` makes one that must not be there.
    fn open(&self, path: &Path, new: bool) -> io::Result<Box<dyn DiskFile>>;

    /// Appends all that is in a file, or its first so many bytes.
    fn read(&self, path: &Path, most: u64, bytes: &mut Vec<u8>) -> io::Result<()>;

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes the names in a folder durable.
    fn sync_folder(&self, folder: &Path) -> io::Result<()>;

    /// Whether the journal may use it in threads of its own: to make the next segment while orders
    /// go on, and to read ahead at opening. A simulation has no threads.
    fn has_threads(&self) -> bool {
        true
    }
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    Folder,
    File,
    Other,
}

/// A folder that is taken.
pub trait Taken: Debug + Send {}

/// An open file. What was not synced may be lost with the power, in whole or in part.
pub trait DiskFile: Debug + Send {
    fn size(&self) -> io::Result<u64>;

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()>;

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;

    /// Makes the file's bytes durable, and its size.
    fn sync_data(&self) -> io::Result<()>;

    /// [`sync_data`](Self::sync_data), and all else that is known of the file.
    fn sync_all(&self) -> io::Result<()>;
}

/// The system's own.
#[derive(Clone, Copy, Debug)]
pub struct SystemDisk;

/// Who has it has the folder.
pub(super) const LOCK: &str = "LOCK";

impl Disk for SystemDisk {
    fn take(&self, folder: &Path) -> Result<Box<dyn Taken>> {
        let io = |error| status(&error);
        if let Err(error) = DirBuilder::new().mode(0o700).create(folder)
            && error.kind() != ErrorKind::AlreadyExists
        {
            return Err(io(error));
        }
        let lock = private().create(true).open(folder.join(LOCK)).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => Ok(Box::new(Lock(lock))),
            Err(TryLockError::WouldBlock) => Err(Error::JournalLocked),
            Err(TryLockError::Error(error)) => Err(io(error)),
        }
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        let metadata = fs::metadata(path)?;
        Ok(match (metadata.is_dir(), metadata.is_file()) {
            (true, _) => FileKind::Folder,
            (_, true) => FileKind::File,
            _ => FileKind::Other,
        })
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let name =
            |entry: io::Result<fs::DirEntry>| Ok(entry?.file_name().to_string_lossy().into_owned());
        fs::read_dir(folder)?.map(name).collect()
    }

    fn open(&self, path: &Path, new: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(private().create_new(new).open(path)?))
    }

    fn read(&self, path: &Path, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
        File::open(path)?.take(most).read_to_end(bytes).map(drop)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }
}

/// For its owner alone: it tells every order of the firm.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

#[derive(Debug)]
struct Lock(File);

impl Taken for Lock {}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a child forked meanwhile has the file open too.
        let _ = self.0.unlock();
    }
}

impl DiskFile for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        FileExt::read_exact_at(self, bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        File::sync_data(self)
    }

    fn sync_all(&self) -> io::Result<()> {
        File::sync_all(self)
    }
}
