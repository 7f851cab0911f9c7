//! The journal's folder: which files there are, who may open them, and where new ones come from.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread::JoinHandle;

use crate::error::{Error, Result};
use crate::journal::disk::{Disk, DiskFile, FileKind, LOCK, SystemDisk, Taken};
use crate::journal::segment::{self, BLOCK};
use crate::journal::{snapshot, status};
use crate::telemetry::{Event, Value, emit};
use crate::threads;

/// A segment to be: zeros until it is needed, when it gets its name.
const NEXT: &str = "next.twj";

/// How much is written at once to a segment to be.
const CHUNK: usize = 256 * 1024;

/// A folder that no other gateway has.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    disk: Arc<dyn Disk>,
    _taken: Box<dyn Taken>,
}

impl Folder {
    /// Makes the folder if it is not there, and takes it.
    pub fn take(disk: Arc<dyn Disk>, path: &Path) -> Result<Folder> {
        look_at(&*disk, path)?;
        let taken = disk.take(path)?;
        let folder = Folder { path: path.to_owned(), disk, _taken: taken };
        let clean = || {
            folder.forget_next()?;
            folder.forget_snapshot()?;
            folder.disk.sync_folder(parent(path))?;
            folder.sync()
        };
        clean().map_err(|error| status(&error))?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens a segment to write on.
    pub fn open(&self, first: u64) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open(&self.path.join(segment::name(first)), false)
    }

    pub fn remove(&self, first: u64) -> io::Result<()> {
        self.disk.remove(&self.path.join(segment::name(first)))?;
        self.sync()
    }

    /// Gives the segment to be its name; when this returns, for good.
    pub fn name_next(&self, first: u64) -> io::Result<()> {
        self.disk.rename(&self.path.join(NEXT), &self.path.join(segment::name(first)))?;
        self.sync()
    }

    /// Removes the segment to be, whatever state it is in.
    pub fn forget_next(&self) -> io::Result<()> {
        self.forget(NEXT)
    }

    pub fn snapshots(&self) -> io::Result<Vec<u64>> {
        snapshots(&*self.disk, &self.path)
    }

    pub fn open_snapshot(&self, sequence: u64) -> io::Result<Box<dyn DiskFile>> {
        open_snapshot(&*self.disk, &self.path, sequence)
    }

    /// Makes a snapshot to be.
    pub fn make_snapshot(&self) -> io::Result<Box<dyn DiskFile>> {
        self.forget(snapshot::NEXT)?;
        self.disk.open(&self.path.join(snapshot::NEXT), true)
    }

    /// Gives the snapshot to be its name; when this returns, for good.
    pub fn name_snapshot(&self, sequence: u64) -> io::Result<()> {
        let name = snapshot::name(sequence);
        self.disk.rename(&self.path.join(snapshot::NEXT), &self.path.join(name))?;
        self.sync()
    }

    pub fn remove_snapshot(&self, sequence: u64) -> io::Result<()> {
        self.forget(&snapshot::name(sequence))
    }

    /// Removes the snapshot to be.
    pub fn forget_snapshot(&self) -> io::Result<()> {
        self.forget(snapshot::NEXT)
    }

    fn forget(&self, name: &str) -> io::Result<()> {
        match self.disk.remove(&self.path.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync(&self) -> io::Result<()> {
        self.disk.sync_folder(&self.path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = self.forget_next();
    }
}

/// Makes a segment to be in a thread of its own, while orders go on.
#[derive(Debug)]
pub(super) struct Preparation {
    made: Receiver<io::Result<Box<dyn DiskFile>>>,
    thread: Option<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

impl Preparation {
    pub fn start(folder: &Folder, size: u64) -> io::Result<Preparation> {
        if !folder.disk.has_threads() {
            return Err(ErrorKind::Unsupported.into());
        }
        let (path, stop) = (folder.path.join(NEXT), Arc::new(AtomicBool::new(false)));
        let disk = Arc::clone(&folder.disk);
        let stopped = Arc::clone(&stop);
        let (make, made) = mpsc::channel();
        let thread = threads::spawn("tw-journal-next", move || {
            let segment = prepare(&*disk, &path, size, Some(&stopped));
            let failed = segment.as_ref().err().map(|error| (error.kind(), status(error)));
            // First: who waits for it must not wait for the log's sink too.
            let _ = make.send(segment);
            // It is tried once more when it is needed: until then somebody can make room.
            if let Some((kind, status)) = failed
                && kind != ErrorKind::Interrupted
            {
                emit(Event::SegmentNotMade, &[Value::Name(status.name())]);
            }
        })?;
        Ok(Preparation { made, thread: Some(thread), stop })
    }

    /// Waits for it.
    pub fn finish(mut self) -> io::Result<Box<dyn DiskFile>> {
        let no_segment = |_| Err(io::Error::other("no segment was made"));
        let made = self.made.recv().unwrap_or_else(no_segment);
        // It has nothing to do but to tell.
        self.thread = None;
        made
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
pub(super) fn prepare_now(folder: &Folder, size: u64) -> io::Result<Box<dyn DiskFile>> {
    folder.forget_next()?;
    prepare(&*folder.disk, &folder.path.join(NEXT), size, None)
}

/// A file of zeros on stable storage: a sync of what is written into it later changes no metadata,
/// and finds room.
fn prepare(
    disk: &dyn Disk,
    path: &Path,
    size: u64,
    aside: Option<&AtomicBool>,
) -> io::Result<Box<dyn DiskFile>> {
    let file = disk.open(path, true)?;
    fill(&*file, 0, size, aside)?;
    file.sync_all()?;
    Ok(file)
}

/// Makes the file `size` bytes long with zeros from `from` on.
pub(super) fn grow(file: &dyn DiskFile, from: u64, size: u64) -> io::Result<()> {
    fill(file, from, size, None)?;
    file.sync_all()
}

/// Writes zeros; aside of the orders until it is told to stop, and a little at a time, so that
/// their syncs do not wait for one large one.
fn fill(file: &dyn DiskFile, from: u64, size: u64, aside: Option<&AtomicBool>) -> io::Result<()> {
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
pub(super) fn look_at(disk: &dyn Disk, path: &Path) -> Result<Place> {
    match disk.kind(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Place::Free),
        Err(error) => Err(status(&error)),
        Ok(FileKind::Folder) => match segments(disk, path)?[..] {
            [] if has_others(disk, path).map_err(|error| status(&error))? => Err(Error::Journal),
            [] => Ok(Place::Free),
            _ => Ok(Place::Journal),
        },
        // Format 1 was one file.
        Ok(FileKind::File) if is_journal_file(disk, path) => Err(Error::Unsupported),
        Ok(_) => Err(Error::Journal),
    }
}

/// What is wrong with a journal at this path, or with making one, as far as that shows without
/// changing anything: its records are not read.
pub fn check(path: &Path) -> Result<(), String> {
    let told = |error: io::Error| error.to_string();
    match look_at(&SystemDisk, path) {
        Ok(Place::Journal) => Ok(()),
        Ok(Place::Free) if path.is_dir() => Ok(()),
        Ok(Place::Free) => match SystemDisk.kind(parent(path)).map_err(told)? {
            FileKind::Folder => Ok(()),
            _ => Err(io::Error::from(ErrorKind::NotADirectory).to_string()),
        },
        Err(Error::Unsupported) => {
            Err("a journal of a format that this version does not read".into())
        }
        Err(_) => Err(match SystemDisk.kind(path).map_err(told)? {
            FileKind::Folder => "a folder that holds other files".into(),
            _ => "not a folder".into(),
        }),
    }
}

fn is_journal_file(disk: &dyn Disk, path: &Path) -> bool {
    let mut start = Vec::new();
    disk.read(path, 4, &mut start).is_ok() && segment::version(&start).is_some()
}

/// The segments there are, each by its first sequence, in order.
pub(super) fn segments(disk: &dyn Disk, path: &Path) -> Result<Vec<u64>> {
    let mut segments = Vec::new();
    let mut strange = false;
    for name in disk.names(path).map_err(|error| status(&error))? {
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

/// The snapshots there are, each by the sequence of its record, newest first.
pub(super) fn snapshots(disk: &dyn Disk, path: &Path) -> io::Result<Vec<u64>> {
    let names = disk.names(path)?;
    let mut found: Vec<u64> = names.iter().filter_map(|name| snapshot::sequence(name)).collect();
    found.sort_unstable_by(|one, other| other.cmp(one));
    Ok(found)
}

/// Opens a snapshot to read.
pub(super) fn open_snapshot(
    disk: &dyn Disk,
    path: &Path,
    sequence: u64,
) -> io::Result<Box<dyn DiskFile>> {
    let path = path.join(snapshot::name(sequence));
    regular(disk, &path)?;
    disk.open(&path, false)
}

/// Whether there is anything but what a journal without segments may have: then it is none, and
/// not ours.
fn has_others(disk: &dyn Disk, path: &Path) -> io::Result<bool> {
    Ok(disk.names(path)?.iter().any(|name| name != LOCK && name != NEXT))
}

/// All of a segment, into a buffer that is used again.
pub(super) fn read(
    disk: &dyn Disk,
    path: &Path,
    first: u64,
    bytes: &mut Vec<u8>,
) -> io::Result<()> {
    let path = path.join(segment::name(first));
    regular(disk, &path)?;
    bytes.clear();
    disk.read(&path, u64::MAX, bytes)
}

/// What is no regular file could block for ever, or have no end.
fn regular(disk: &dyn Disk, path: &Path) -> io::Result<()> {
    match disk.kind(path)? {
        FileKind::File => Ok(()),
        _ => Err(io::Error::new(ErrorKind::InvalidInput, "not a regular file")),
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A segment's size in whole blocks, for at least so many bytes.
pub(super) fn whole_blocks(bytes: u64) -> u64 {
    bytes.next_multiple_of(BLOCK as u64)
}
