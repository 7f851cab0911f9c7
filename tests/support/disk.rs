//! A disk that fails when it is told to, and forgets what was not synced when the power goes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The library that stands between a process and its disk (`disk.c`); none where there is no C
/// compiler.
static LIBRARY: LazyLock<Option<PathBuf>> = LazyLock::new(|| {
    let name = format!("disk-{}.so", std::process::id());
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/disk.c");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"])
        .args([&library, &source])
        .arg("-ldl")
        .status();
    match built {
        Ok(status) => {
            assert!(status.success(), "disk.c is compiled");
            Some(library)
        }
        Err(_) => None,
    }
});

/// What goes wrong on a disk.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// Nothing, until the power goes.
    None,
    /// This fdatasync, counted from 1, fails; those after it succeed.
    Sync(u64),
    /// Of this write, counted from 1, only half finds room.
    Write(u64),
}

/// Lets a process write to a folder through such a disk. `false`: it cannot be had here.
pub fn put_between(command: &mut Command, folder: &Path, log: &Path, fault: Fault) -> bool {
    let Some(library) = &*LIBRARY else { return false };
    command.env("LD_PRELOAD", library).env("DISK_FOLDER", folder).env("DISK_LOG", log);
    match fault {
        Fault::None => command,
        Fault::Sync(number) => command.env("DISK_FAIL_SYNC", number.to_string()),
        Fault::Write(number) => command.env("DISK_FAIL_WRITE", number.to_string()),
    };
    true
}

/// Something that a process did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Wrote { path: PathBuf, offset: usize, bytes: Vec<u8> },
    Synced(PathBuf),
    SyncFailed(PathBuf),
    Renamed(PathBuf, PathBuf),
    Unlinked(PathBuf),
    Told(String),
}

/// What the log tells, as far as it goes.
pub fn steps(log: &Path) -> Vec<Step> {
    let log = std::fs::read(log).expect("a log");
    let mut rest = &log[..];
    let mut steps = Vec::new();
    while rest.len() >= 17 {
        let number = |at: usize| u32::from_le_bytes(rest[at..at + 4].try_into().unwrap()) as usize;
        let (path_length, length, offset) = (number(1), number(5), number(9));
        let Some(entry) = rest.get(17..17 + path_length + length) else { break };
        let (path, bytes) = entry.split_at(path_length);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let path = PathBuf::from(text(path));
        steps.push(match rest[0] {
            b'W' => Step::Wrote { path, offset, bytes: bytes.to_vec() },
            b'S' => Step::Synced(path),
            b'F' => Step::SyncFailed(path),
            b'R' => Step::Renamed(path, PathBuf::from(text(bytes))),
            b'U' => Step::Unlinked(path),
            b'A' => Step::Told(text(bytes)),
            kind => panic!("a step of kind {kind}"),
        });
        rest = &rest[17 + path_length + length..];
    }
    steps
}

/// A disk as the power left it.
#[derive(Default)]
pub struct Disk {
    files: HashMap<PathBuf, Vec<u8>>,
    /// Written and not synced: the kernel may have brought any of it to the disk, block by block.
    unsynced: Vec<(PathBuf, usize, Vec<u8>)>,
    /// Renamed, and the folder not synced: it may have come there or not.
    renamed: Option<(PathBuf, PathBuf)>,
}

/// What disks write whole.
const SECTOR: usize = 512;

impl Disk {
    /// `syncs`: whether the disk takes them seriously.
    pub fn take(&mut self, step: &Step, syncs: bool) {
        match step {
            Step::Wrote { path, offset, bytes } => {
                self.files.entry(self.named(path)).or_default();
                self.unsynced.push((path.clone(), *offset, bytes.clone()));
            }
            Step::Synced(synced) if syncs => {
                let all = std::mem::take(&mut self.unsynced);
                for (path, offset, bytes) in all {
                    if path == *synced {
                        self.write(&path, offset, &bytes);
                    } else {
                        self.unsynced.push((path, offset, bytes));
                    }
                }
                if self.renamed.iter().any(|(from, _)| from.parent() == Some(synced)) {
                    self.renamed.take().into_iter().for_each(|names| self.rename(names));
                }
            }
            Step::Renamed(from, to) => {
                let earlier = self.renamed.replace((from.clone(), to.clone()));
                earlier.into_iter().for_each(|names| self.rename(names));
            }
            // Only what nobody needs any more.
            Step::Unlinked(path) => drop(self.files.remove(path)),
            Step::Synced(_) | Step::SyncFailed(_) | Step::Told(_) => {}
        }
    }

    fn write(&mut self, path: &Path, offset: usize, bytes: &[u8]) {
        // What was opened under its old name and not yet durable is found under its new one.
        let path = self.named(path);
        let file = self.files.entry(path).or_default();
        file.resize(file.len().max(offset + bytes.len()), 0);
        file[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    /// Under which name the disk has a file: a rename may not have come there yet.
    fn named(&self, path: &Path) -> PathBuf {
        match &self.renamed {
            Some((from, to)) if to == path => from.clone(),
            _ => path.to_owned(),
        }
    }

    fn rename(&mut self, (from, to): (PathBuf, PathBuf)) {
        if let Some(file) = self.files.remove(&from) {
            self.files.insert(to, file);
        }
    }

    /// The power goes: of what was not synced `random` chooses what is kept, and all that is left
    /// is written to a folder. Its argument is a number of choices, its result below that.
    pub fn lose_power(mut self, folder: &Path, random: &mut dyn FnMut(u64) -> u64) {
        for (path, offset, bytes) in std::mem::take(&mut self.unsynced) {
            let mut at = 0;
            while at < bytes.len() {
                let length = (SECTOR - (offset + at) % SECTOR).min(bytes.len() - at);
                if random(2) == 0 {
                    self.write(&path, offset + at, &bytes[at..at + length]);
                }
                at += length;
            }
        }
        if random(2) == 0 {
            self.renamed.take().into_iter().for_each(|names| self.rename(names));
        }
        for (path, bytes) in self.files {
            let name = path.file_name().expect("a file");
            std::fs::write(folder.join(name), bytes).expect("written");
        }
    }
}
