//! The journal's folder: which files there are, who may open them, and where new ones come from.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use crate::error::{Error, Result};
use crate::journal::segment::{self, BLOCK};
use crate::journal::status;
use crate::telemetry::{Event, Value, emit};
use crate::threads;

const LOCK: &str = "LOCK";
/// A segment to be: zeros until it is needed, when it gets its name.
const NEXT: &str = "next.twj";

/// How much is written at once to a segment to be.
const CHUNK: usize = 256 * 1024;

/// A folder that no other gateway has.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    lock: File,
}

impl Folder {
    /// Makes the folder if it is not there, and takes it.
    pub fn take(path: &Path) -> Result<Folder> {
        look_at(path)?;
        let io = |error| status(&error);
        if let Err(error) = DirBuilder::new().mode(0o700).create(path)
            && error.kind() != ErrorKind::AlreadyExists
        {
            return Err(io(error));
        }
        let lock = private().create(true).open(path.join(LOCK)).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::JournalLocked),
            Err(TryLockError::Error(error)) => return Err(io(error)),
        }
        let folder = Folder { path: path.to_owned(), lock };
        folder.forget_next().map_err(io)?;
        sync(parent(path)).and_then(|()| folder.sync()).map_err(io)?;
        Ok(folder)
    }

    /// Opens a segment to write on.
    pub fn open(&self, first: u64) -> io::Result<File> {
        private().open(self.path.join(segment::name(first)))
    }

    pub fn remove(&self, first: u64) -> io::Result<()> {
        fs::remove_file(self.path.join(segment::name(first)))?;
        self.sync()
    }

    /// Gives the segment to be its name; when this returns, for good.
    pub fn name_next(&self, first: u64) -> io::Result<()> {
        fs::rename(self.path.join(NEXT), self.path.join(segment::name(first)))?;
        self.sync()
    }

    /// Removes the segment to be, whatever state it is in.
    pub fn forget_next(&self) -> io::Result<()> {
        match fs::remove_file(self.path.join(NEXT)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        sync(&self.path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = self.forget_next();
        // Closing is not enough: a child forked meanwhile has the file open too.
        let _ = self.lock.unlock();
    }
}

/// Makes a segment to be in a thread of its own, while orders go on.
#[derive(Debug)]
pub(super) struct Preparation {
    thread: Option<JoinHandle<io::Result<File>>>,
    stop: Arc<AtomicBool>,
}

impl Preparation {
    pub fn start(folder: &Folder, size: u64) -> io::Result<Preparation> {
        let (path, stop) = (folder.path.join(NEXT), Arc::new(AtomicBool::new(false)));
        let stopped = Arc::clone(&stop);
        let thread = threads::spawn("tw-journal-next", move || {
            prepare(&path, size, Some(&stopped)).inspect_err(|error| {
                // It is tried once more when it is needed: until then somebody can make room.
                if error.kind() != ErrorKind::Interrupted {
                    emit(Event::SegmentNotMade, &[Value::Name(status(error).name())]);
                }
            })
        })?;
        Ok(Preparation { thread: Some(thread), stop })
    }

    /// Waits for it.
    pub fn finish(mut self) -> io::Result<File> {
        let file = self.thread.take().map(|thread| thread.join());
        file.and_then(Result::ok).unwrap_or_else(|| Err(io::Error::other("no segment was made")))
    }
}

impl Drop for Preparation {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Makes a segment to be here and now.
pub(super) fn prepare_now(folder: &Folder, size: u64) -> io::Result<File> {
    folder.forget_next()?;
    prepare(&folder.path.join(NEXT), size, None)
}

/// A file of zeros on stable storage: a sync of what is written into it later changes no metadata,
/// and finds room.
fn prepare(path: &Path, size: u64, aside: Option<&AtomicBool>) -> io::Result<File> {
    let file = private().create_new(true).open(path)?;
    fill(&file, 0, size, aside)?;
    file.sync_all()?;
    Ok(file)
}

/// Makes the file `size` bytes long with zeros from `from` on.
pub(super) fn grow(file: &File, from: u64, size: u64) -> io::Result<()> {
    fill(file, from, size, None)?;
    file.sync_all()
}

/// Writes zeros; aside of the orders until it is told to stop, and a little at a time, so that
/// their syncs do not wait for one large one.
fn fill(file: &File, from: u64, size: u64, aside: Option<&AtomicBool>) -> io::Result<()> {
    let zeros = vec![0; CHUNK];
    let mut at = from;
    while at < size {
        let length = zeros.len().min((size - at) as usize);
        file.write_all_at(&zeros[..length], at)?;
        at += length as u64;
        if let Some(stop) = aside {
            if stop.load(Ordering::Relaxed) {
                return Err(ErrorKind::Interrupted.into());
            }
            file.sync_all()?;
        }
    }
    Ok(())
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing yet: a journal can be made.
    Free,
    /// A folder with segments.
    Journal,
}

/// Looks at a path without changing anything. [`Error::Unsupported`]: a journal of a format that
/// this version does not read. [`Error::JournalCorrupt`]: a name that no segment has.
pub(super) fn look_at(path: &Path) -> Result<Place> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Place::Free),
        Err(error) => Err(status(&error)),
        Ok(metadata) if metadata.is_dir() => match segments(path)?[..] {
            [] if has_others(path).map_err(|error| status(&error))? => Err(Error::Journal),
            [] => Ok(Place::Free),
            _ => Ok(Place::Journal),
        },
        // Format 1 was one file.
        Ok(metadata) if metadata.is_file() && is_journal_file(path) => Err(Error::Unsupported),
        Ok(_) => Err(Error::Journal),
    }
}

/// What is wrong with a journal at this path, or with making one, as far as that shows without
/// changing anything: its records are not read.
pub fn check(path: &Path) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    match look_at(path) {
        Ok(Place::Journal) => Ok(()),
        Ok(Place::Free) if path.is_dir() => Ok(()),
        Ok(Place::Free) => match fs::metadata(parent(path)).map_err(told)? {
            folder if folder.is_dir() => Ok(()),
            _ => Err(io::Error::from(ErrorKind::NotADirectory).to_string()),
        },
        Err(Error::Unsupported) => {
            Err("a journal of a format that this version does not read".into())
        }
        Err(_) => Err(match fs::metadata(path).map_err(told)? {
            found if found.is_dir() => "a folder that holds other files".into(),
            _ => "not a folder".into(),
        }),
    }
}

fn is_journal_file(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && segment::version(&start).is_some()
}

/// The segments there are, each by its first sequence, in order.
pub(super) fn segments(path: &Path) -> Result<Vec<u64>> {
    let mut segments = Vec::new();
    let mut strange = false;
    for entry in fs::read_dir(path).map_err(|error| status(&error))? {
        let name = entry.map_err(|error| status(&error))?.file_name();
        let name = name.to_string_lossy();
        match segment::first(&name) {
            Some(first) => segments.push(first),
            // A renamed or copied segment.
            None => strange |= name.ends_with(".twj") && name != NEXT,
        }
    }
    if strange && !segments.is_empty() {
        return Err(Error::JournalCorrupt);
    }
    segments.sort_unstable();
    Ok(segments)
}

/// Whether there is anything but what a journal without segments may have: then it is none, and
/// not ours.
fn has_others(path: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(path)? {
        let name = entry?.file_name();
        if name != LOCK && name != NEXT {
            return Ok(true);
        }
    }
    Ok(false)
}

/// All of a segment, into a buffer that is used again.
pub(super) fn read(path: &Path, first: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
    let path = path.join(segment::name(first));
    // What is no regular file could block for ever, or have no end.
    if !fs::metadata(&path)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file"));
    }
    bytes.clear();
    File::open(path)?.read_to_end(bytes).map(drop)
}

/// For its owner alone: it tells every order of the firm.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// A new name is durable when its folder is.
fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A segment's size in whole blocks, for at least so many bytes.
pub(super) fn whole_blocks(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK as u64)
}
