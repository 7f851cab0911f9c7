//! A disk in memory. What is written stands in the page cache until a sync; of what no sync covered
//! a loss of power keeps any sectors, in any order, or tears them.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};

use crate::random::Random;

/// What disks write whole, or nearly always.
const SECTOR: usize = 512;

#[derive(Debug, Default)]
struct File {
    /// As processes see it.
    cache: Vec<u8>,
    /// As it is without power.
    durable: Vec<u8>,
    /// Written and not synced, oldest first.
    dirty: Vec<(usize, Vec<u8>)>,
    /// Where the bytes begin that the last sync of data covered: whether they were durable only
    /// what comes behind them can tell.
    in_doubt: usize,
}

/// A change of names.
#[derive(Clone, Debug)]
enum Renaming {
    Made(String, usize),
    Renamed(String, String),
    Removed(String),
}

type Names = BTreeMap<String, usize>;

/// One folder and its files.
#[derive(Debug, Default)]
pub struct Disk {
    files: Vec<File>,
    names: Names,
    durable_names: Names,
    /// Not synced, oldest first.
    renamings: Vec<Renaming>,
    pub is_taken: bool,
}

/// What a folder holds.
pub type Image = BTreeMap<String, Vec<u8>>;

fn rename(names: &mut Names, renaming: &Renaming) {
    match renaming {
        Renaming::Made(name, file) => drop(names.insert(name.clone(), *file)),
        Renaming::Renamed(from, to) => {
            if let Some(file) = names.remove(from) {
                names.insert(to.clone(), file);
            }
        }
        Renaming::Removed(name) => drop(names.remove(name)),
    }
}

fn write(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    bytes.resize(bytes.len().max(offset + written.len()), 0);
    bytes[offset..offset + written.len()].copy_from_slice(written);
}

impl Disk {
    pub fn names(&self) -> Vec<String> {
        self.names.keys().cloned().collect()
    }

    pub fn find(&self, name: &str) -> io::Result<usize> {
        self.names.get(name).copied().ok_or(ErrorKind::NotFound.into())
    }

    pub fn make(&mut self, name: &str) -> io::Result<usize> {
        if self.names.contains_key(name) {
            return Err(ErrorKind::AlreadyExists.into());
        }
        self.files.push(File::default());
        let file = self.files.len() - 1;
        self.change(Renaming::Made(name.to_owned(), file));
        Ok(file)
    }

    pub fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.find(from)?;
        self.change(Renaming::Renamed(from.to_owned(), to.to_owned()));
        Ok(())
    }

    pub fn remove(&mut self, name: &str) -> io::Result<()> {
        self.find(name)?;
        self.change(Renaming::Removed(name.to_owned()));
        Ok(())
    }

    fn change(&mut self, renaming: Renaming) {
        rename(&mut self.names, &renaming);
        self.renamings.push(renaming);
    }

    pub fn sync_names(&mut self) {
        self.renamings.clear();
        self.durable_names = self.names.clone();
    }

    pub fn bytes(&self, file: usize) -> &[u8] {
        &self.files[file].cache
    }

    pub fn write(&mut self, file: usize, offset: usize, bytes: &[u8]) {
        let file = &mut self.files[file];
        write(&mut file.cache, offset, bytes);
        file.dirty.push((offset, bytes.to_vec()));
    }

    pub fn sync(&mut self, file: usize) {
        let file = &mut self.files[file];
        let first = file.dirty.iter().map(|(offset, _)| *offset).min();
        file.in_doubt = first.unwrap_or(file.in_doubt);
        for (offset, bytes) in file.dirty.drain(..) {
            write(&mut file.durable, offset, &bytes);
        }
    }

    /// A sync that fails: some pages came to the disk, the others are no longer dirty and will
    /// never be written, although whoever reads them finds them (Linux since 4.13).
    pub fn fail_to_sync(&mut self, file: usize, random: &mut Random) {
        let file = &mut self.files[file];
        for (offset, bytes) in std::mem::take(&mut file.dirty) {
            keep_some(&mut file.durable, offset, &bytes, 50, random);
        }
    }

    /// The power goes: of what was not synced chance chooses what is kept.
    pub fn lose_power(&mut self, random: &mut Random) {
        let kept = [0, 100, 50, 80][random.index(4)];
        for file in &mut self.files {
            for (offset, bytes) in std::mem::take(&mut file.dirty) {
                keep_some(&mut file.durable, offset, &bytes, kept, random);
            }
            file.cache.clone_from(&file.durable);
        }
        // Names go through the file system's own journal, one after the other.
        let reached = random.index(self.renamings.len() + 1);
        for renaming in &self.renamings[..reached] {
            rename(&mut self.durable_names, renaming);
        }
        self.renamings.clear();
        self.names = self.durable_names.clone();
        self.is_taken = false;
    }

    /// The process dies and the machine does not: what it wrote is still to come to the disk.
    pub fn lose_process(&mut self) {
        self.is_taken = false;
    }

    /// What the folder held if the power went now and nothing was kept that no sync covered.
    pub fn durable(&self) -> Image {
        let file =
            |(name, &file): (&String, &usize)| (name.clone(), self.files[file].durable.clone());
        self.durable_names.iter().map(file).collect()
    }

    /// What a process finds in it.
    pub fn seen(&self) -> Image {
        let file =
            |(name, &file): (&String, &usize)| (name.clone(), self.files[file].cache.clone());
        self.names.iter().map(file).collect()
    }

    /// Damages a byte in a segment that opening reads, of which a later record tells that it was
    /// durable. Gives its place, if there is one.
    pub fn rot(&mut self, random: &mut Random) -> Option<(String, usize)> {
        let of_kind = |ending| {
            move |(name, _): &(&String, &usize)| name.starts_with('0') && name.ends_with(ending)
        };
        let mut snapshots = self.durable_names.iter().filter(of_kind(".tws"));
        let newest = snapshots.next_back().map_or("", |(name, _)| &name[..20]);
        let mut segments: Vec<_> = self.durable_names.iter().filter(of_kind(".twj")).collect();
        let before = segments.partition_point(|(name, _)| &name[..20] <= newest);
        segments.drain(..before.saturating_sub(1));
        let (name, &number) = *segments.get(random.index(segments.len().max(1)))?;
        let is_last = *segments.last()?.1 == number;
        let file = &mut self.files[number];
        let end = if is_last { file.in_doubt } else { file.durable.len() };
        let used: Vec<usize> = (0..end).filter(|&at| file.durable[at] != 0).collect();
        let at = *used.get(random.index(used.len().max(1)))?;
        let flipped = file.durable[at] ^ (1 << random.below(8));
        file.durable[at] = flipped;
        file.cache[at] = flipped;
        Some((name.clone(), at))
    }
}

/// Brings some sectors of what was written to the disk, and of some a part only.
fn keep_some(disk: &mut Vec<u8>, offset: usize, bytes: &[u8], percent: u64, random: &mut Random) {
    let mut at = 0;
    while at < bytes.len() {
        let sector = (SECTOR - (offset + at) % SECTOR).min(bytes.len() - at);
        if random.percent(percent) {
            let torn = random.percent(2);
            let length = if torn { random.index(sector) } else { sector };
            write(disk, offset + at, &bytes[at..at + length]);
        }
        at += sector;
    }
}
