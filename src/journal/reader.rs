//! Reading a journal: segment by segment, batch by batch, and what its end or its damage means.

use std::path::Path;

use crate::error::{Error, Result};
use crate::journal::disk::{Disk, SystemDisk};
use crate::journal::folder::{self, Place};
use crate::journal::merkle::Hash;
use crate::journal::record::{self, Chain, Commit, Kind, Record, Salt};
use crate::journal::segment::{BLOCK, Start};
use crate::journal::status;

/// What a journal holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct History {
    pub segments: u64,
    /// Records of whole batches, commits included; in a corrupt journal, all before the damage.
    pub records: u64,
    /// The bytes that these take.
    pub bytes: u64,
    /// Bytes behind the last whole batch, of a batch that never was: the torn tail.
    pub torn: u64,
    pub damage: Option<Damage>,
    /// The first sequence at hand, above 1 where the beginning is archived; 0 without a record.
    pub begins_with: u64,
    /// Where the torn tail ends in the last segment.
    pub(super) torn_end: usize,
    /// None without a segment that has a beginning.
    pub(super) end: Option<End>,
    /// The last segment is shorter than its beginning, so nothing was ever in it.
    pub(super) headless: Option<u64>,
}

/// Where a journal is corrupt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The first sequence of the segment, which is its name.
    pub segment: u64,
    /// Where the first record begins that is not as it was written; 0: the segment itself is not
    /// the one that belongs here.
    pub offset: u64,
}

impl Damage {
    pub(super) fn at(record: &Record<'_>) -> Self {
        Self { segment: record.segment, offset: record.offset }
    }
}

/// Where a journal goes on.
#[derive(Clone, Copy, Debug)]
pub(super) struct End {
    /// The first sequence of the segment.
    pub segment: u64,
    pub salt: Salt,
    pub chain: Chain,
    pub next_sequence: u64,
    /// What is known to have been on stable storage.
    pub durable: u64,
    /// Where in the segment the batches begin that may not have been.
    pub group: usize,
    /// Where in the segment the last batch ends.
    pub offset: usize,
    /// The last batch is known to be durable by what stands behind it.
    pub sealed: bool,
}

/// Told of each record, oldest first.
pub(super) type Each<'a> = &'a mut dyn FnMut(&Record<'_>) -> Result<()>;

/// Reads a journal without changing anything, and calls `each` with every record of a whole batch.
/// A corrupt journal is no error here (see [`History::damage`]); what is good before the damage is
/// told. Memory: one segment.
///
/// [`Error::Unsupported`]: of a format that this version does not read. [`Error::Journal`]: there
/// is none, or it cannot be read. Whatever `each` gives ends the reading.
pub fn read(path: &Path, each: impl FnMut(&Record<'_>) -> Result<()>) -> Result<History> {
    read_on(&SystemDisk, path, each)
}

/// [`read`] of a journal whose older segments are in other folders.
pub fn read_with(
    path: &Path,
    archives: &[&Path],
    mut each: impl FnMut(&Record<'_>) -> Result<()>,
) -> Result<History> {
    read_all(&SystemDisk, path, archives, &mut each)
}

/// [`read`] on a disk of the caller's.
pub fn read_on(
    disk: &dyn Disk,
    path: &Path,
    mut each: impl FnMut(&Record<'_>) -> Result<()>,
) -> Result<History> {
    read_all(disk, path, &[], &mut each)
}

fn read_all(disk: &dyn Disk, path: &Path, archives: &[&Path], each: Each<'_>) -> Result<History> {
    let mut segments = Vec::new();
    for folder in std::iter::once(&path).chain(archives) {
        if folder::look_at(disk, folder)? == Place::Free {
            return Err(Error::Journal);
        }
        segments.extend(Segment::all(disk, folder)?);
    }
    segments.sort_by_key(|segment| segment.first);
    // A segment that is being moved may be in both.
    segments.dedup_by_key(|segment| segment.first);
    match segments[..] {
        [segment, ..] if segment.first > 1 && !has_snapshot(disk, segment) => {
            Ok(History::without_beginning(segment.first))
        }
        _ => scan(disk, &segments, None, each),
    }
}

/// Where a segment is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'a> {
    pub folder: &'a Path,
    /// Its first sequence.
    pub first: u64,
}

impl<'a> Segment<'a> {
    /// Those of a folder, in their order.
    pub fn all(disk: &dyn Disk, folder: &'a Path) -> Result<Vec<Self>> {
        let firsts = folder::segments(disk, folder)?.into_iter();
        Ok(firsts.map(|first| Self { folder, first }).collect())
    }
}

impl Segment<'_> {
    /// All of it, into a buffer that is used again.
    pub fn load(&self, disk: &dyn Disk, bytes: &mut Vec<u8>) -> Result<()> {
        folder::read(disk, self.folder, self.first, bytes).map_err(|error| status(&error))
    }
}

/// Gives the bytes of each segment, in a buffer that is used again.
pub(super) type Load<'a> = &'a mut dyn FnMut(&Segment<'_>, &mut Vec<u8>) -> Result<()>;

/// Whether a snapshot's record is in the segment: what is before it may be archived.
fn has_snapshot(disk: &dyn Disk, segment: Segment<'_>) -> bool {
    find(disk, segment, |record| (record.kind == Kind::Snapshot).then_some(())).is_some()
}

/// The first thing that `of` makes of a record of the segment.
pub(super) fn find<T>(
    disk: &dyn Disk,
    segment: Segment<'_>,
    of: impl Fn(&Record<'_>) -> Option<T>,
) -> Option<T> {
    let mut found = None;
    // Damage behind what is found is found again by who reads on, and without it there is nothing.
    let _ = scan(disk, &[segment], None, &mut |record| {
        found = of(record);
        found.is_none().then_some(()).ok_or(Error::NotFound)
    });
    found
}

/// A batch that follows a sync, by its first record, up to which the segment was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    offset: usize,
    pub sequence: u64,
    chain: Chain,
}

impl Mark {
    pub fn of(record: &Record<'_>) -> Self {
        let Record { offset, sequence, chain, .. } = *record;
        Self { offset: offset as usize, sequence, chain: Chain(chain) }
    }
}

/// Reads these segments. The first of them may be any, for who knows otherwise what is before it,
/// and is read from the mark on if there is one.
pub(super) fn scan(
    disk: &dyn Disk,
    segments: &[Segment<'_>],
    from: Option<Mark>,
    each: Each<'_>,
) -> Result<History> {
    scan_loaded(disk, segments, from, &mut |segment, bytes| segment.load(disk, bytes), each)
}

/// [`scan`] of segments whose bytes come from elsewhere.
pub(super) fn scan_loaded(
    disk: &dyn Disk,
    segments: &[Segment<'_>],
    mut from: Option<Mark>,
    load: Load<'_>,
    each: Each<'_>,
) -> Result<History> {
    let mut history = History::default();
    let (mut bytes, mut run) = (Vec::new(), Run::default());
    for (index, segment) in segments.iter().enumerate() {
        load(segment, &mut bytes)?;
        let first = segment.first;
        let is_last = index + 1 == segments.len();
        if is_last && bytes.len() < BLOCK {
            history.headless = Some(first);
            history.torn = bytes.len() as u64;
            return Ok(history);
        }
        history.segments += 1;
        let start = match Start::decode(&bytes) {
            Err(Error::JournalCorrupt) => None,
            start => Some(start?).filter(|start| history.goes_on_in(first, start)),
        };
        let Some(start) = start else {
            history.damage = Some(Damage { segment: first, offset: 0 });
            return Ok(history);
        };
        let mut end = End::of_new(&start).or(from.take());
        let mut bad = history.walk(&bytes, &mut end, &mut run, each)?;
        // A gateway may be writing: what was not there when it was read, while something later was,
        // is there now.
        while is_last && let Some(offset) = bad.as_ref().map(|bad| bad.offset) {
            segment.load(disk, &mut bytes)?;
            bad = history.walk(&bytes, &mut end, &mut run, each)?;
            if bad.as_ref().is_some_and(|bad| bad.offset == offset) {
                break;
            }
        }
        history.end = Some(end);
        let Some(bad) = bad else { continue };
        if is_last && !bad.is_forged && !was_durable(&bytes, &bad, &end.salt) {
            history.is_torn_after(&bytes, end.offset);
            return Ok(history);
        }
        history.tell(&bytes, &run, first, each)?;
        history.damage = Some(Damage { segment: first, offset: bad.offset as u64 });
        return Ok(history);
    }
    Ok(history)
}

impl End {
    /// In a segment without records. That it has its name tells that all before it is durable.
    pub fn of_new(start: &Start) -> End {
        End {
            segment: start.first,
            salt: start.salt,
            chain: start.chain,
            next_sequence: start.first,
            durable: start.first - 1,
            group: BLOCK,
            offset: BLOCK,
            sealed: true,
        }
    }

    /// Before the batch that is marked, if one is.
    fn or(self, mark: Option<Mark>) -> End {
        let Some(Mark { offset, sequence, chain }) = mark else { return self };
        let (durable, group) = (sequence - 1, offset);
        End { chain, next_sequence: sequence, durable, group, offset, ..self }
    }
}

/// The good records that a batch begins with, all of them if it is whole.
#[derive(Default)]
struct Run {
    /// Where the first one begins.
    start: usize,
    /// The chain before the first one, and after each.
    before: Hash,
    after: Vec<Hash>,
}

/// What is no whole batch.
struct Bad {
    /// Where what is not a record that belongs there begins.
    offset: usize,
    sequence: u64,
    /// It is a good record in the wrong place: no crash does that.
    is_forged: bool,
}

impl History {
    /// Of a journal whose first segment is gone, and nothing stands for it.
    pub(super) fn without_beginning(first: u64) -> Self {
        Self { damage: Some(Damage { segment: first, offset: 0 }), ..Self::default() }
    }

    fn goes_on_in(&self, first: u64, start: &Start) -> bool {
        let follows = match self.end {
            Some(End { salt, chain, next_sequence, .. }) => {
                *start == Start { first: next_sequence, salt, chain }
            }
            None => start.first > 1 || start.chain == Chain::new(&start.salt),
        };
        follows && start.first == first
    }

    /// What stands behind the last whole batch was never one.
    fn is_torn_after(&mut self, bytes: &[u8], end: usize) {
        let is_used = |byte: &u8| *byte != 0;
        let first = bytes[end..].iter().position(is_used).map_or(end, |used| end + used);
        self.torn_end = bytes.iter().rposition(is_used).map_or(end, |last| last + 1);
        self.torn = (self.torn_end - first) as u64;
    }

    /// Goes through the batches of a segment.
    fn walk(
        &mut self,
        bytes: &[u8],
        end: &mut End,
        run: &mut Run,
        each: Each<'_>,
    ) -> Result<Option<Bad>> {
        while let Some(start) = next_batch(bytes, end) {
            match batch(bytes, start, end, run) {
                Ok(after) => *end = after,
                Err(bad) => return Ok(Some(bad)),
            }
            self.tell(bytes, run, end.segment, each)?;
        }
        Ok(None)
    }

    /// Tells the records of a batch.
    fn tell(&mut self, within: &[u8], run: &Run, segment: u64, each: Each<'_>) -> Result<()> {
        let (mut at, mut chain) = (run.start, run.before);
        for &hash in &run.after {
            let found = record::split(&within[at..]).ok_or(Error::Internal)?;
            let record::Header { sequence, kind, .. } = found.header;
            let (offset, payload, bytes) = (at as u64, found.payload, found.bytes);
            each(&Record { segment, offset, sequence, kind, payload, bytes, chain, hash })?;
            if self.records == 0 {
                self.begins_with = sequence;
            }
            self.records += 1;
            self.bytes += bytes.len() as u64;
            at += bytes.len();
            chain = hash;
        }
        Ok(())
    }
}

/// Where the next batch begins: right behind the last one or, after a sync, on the next block; none
/// if only zeros follow.
fn next_batch(bytes: &[u8], end: &End) -> Option<usize> {
    let behind = end.offset.min(bytes.len());
    let block = behind.next_multiple_of(BLOCK).min(bytes.len());
    let is_there = record::parse(&bytes[behind..], &end.salt).is_some();
    if is_there || !is_zero(&bytes[behind..block]) {
        return Some(behind);
    }
    (!is_zero(&bytes[block..])).then_some(block)
}

/// Where the journal ends after the batch that begins here, if it is whole.
fn batch(bytes: &[u8], start: usize, last: &End, run: &mut Run) -> Result<End, Bad> {
    (run.start, run.before) = (start, last.chain.0);
    run.after.clear();
    let mut end = End { offset: start, ..*last };
    loop {
        let (at, sequence) = (end.offset, end.next_sequence);
        let bad = |is_forged| Bad { offset: at, sequence, is_forged };
        let found = record::parse(&bytes[at..], &end.salt).ok_or_else(|| bad(false))?;
        if at == start && start.is_multiple_of(BLOCK) && found.header.unsynced == 1 {
            (end.durable, end.group) = (sequence - 1, start);
        }
        let follows = start == last.offset || start == end.group;
        if !follows || found.header.sequence != sequence || found.durable() != end.durable {
            return Err(bad(true));
        }
        let is_commit = found.header.kind == Kind::Commit;
        let count = sequence - last.next_sequence;
        let commit = Commit { count: count as u32, durable: end.durable, chain: end.chain.0 };
        if is_commit && Commit::decode(found.payload) != Some(commit) {
            return Err(bad(true));
        }
        end.chain.add(found.bytes);
        run.after.push(end.chain.0);
        end.next_sequence += 1;
        end.offset += found.bytes.len();
        if is_commit {
            end.sealed = count == 0;
            return Ok(end);
        }
    }
}

/// Whether a record further on tells that the bad one had been synced, or is itself the one that
/// should stand there. If none does, the disk may have kept what is behind it and lost the record
/// itself.
fn was_durable(bytes: &[u8], bad: &Bad, salt: &Salt) -> bool {
    let mut at = bad.offset;
    while at < bytes.len() {
        let block = &bytes[at..bytes.len().min(at + BLOCK)];
        if at.is_multiple_of(BLOCK) && is_zero(block) {
            at += BLOCK;
            continue;
        }
        let rest = &bytes[at..];
        let tells = record::split(rest).is_some_and(|found| {
            found.durable() >= bad.sequence || found.header.sequence == bad.sequence
        });
        if tells && record::parse(rest, salt).is_some() {
            return true;
        }
        at += 1;
    }
    false
}

fn is_zero(bytes: &[u8]) -> bool {
    const ZEROS: [u8; BLOCK] = [0; BLOCK];
    bytes.chunks(BLOCK).all(|chunk| *chunk == ZEROS[..chunk.len()])
}
