//! The journal in a folder of segments: appending, and the syncs that everything rests on.
//!
//! Bytes that a sync has covered are never written again. So what follows a sync begins on a new
//! block, and a batch that was not synced is followed by the next one at once.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::journal::disk::{DiskFile, SystemDisk};
use crate::journal::folder::{self, Folder, Preparation};
use crate::journal::merkle::Hash;
use crate::journal::notary::Notary;
use crate::journal::opening::Opening;
use crate::journal::reader::{End, History};
use crate::journal::record::{self, Chain, Commit, Header, Kind, Record, Salt};
use crate::journal::segment::{BLOCK, Start};
use crate::journal::snapshot::{SnapshotRecord, SnapshotWriter};
use crate::journal::tree::Tree;
use crate::journal::{Batch, Journal, status};
use crate::telemetry::{self, Event, Value, emit};

/// An open journal, locked against every other opener.
#[derive(Debug)]
pub struct FileJournal {
    /// Dropped before the folder is given free.
    next: Option<Preparation>,
    folder: Folder,
    segment: Box<dyn DiskFile>,
    /// Of the open segment, in bytes.
    size: u64,
    /// Of those to come.
    segment_bytes: u64,
    end: End,
    ledger: Ledger,
    /// Records of a batch side by side, so that one write takes all.
    buffer: Vec<u8>,
    failed: Option<Error>,
}

/// What is known of all records so far.
#[derive(Debug)]
pub(super) struct Ledger {
    pub tree: Tree,
    /// Signs checkpoints, if anybody does.
    pub notary: Option<Notary>,
    /// The newest snapshot that stands for some of them, by the sequence of its record.
    pub snapshot: Option<u64>,
    /// Events behind it.
    pub events: u64,
}

impl Ledger {
    /// A record is being written.
    fn add(&mut self, sequence: u64, kind: Kind, hash: Hash) {
        self.tree.push(hash);
        self.events += u64::from(kind == Kind::Event);
        if let Some(notary) = &mut self.notary {
            notary.add(sequence, kind);
        }
    }

    fn checkpoint_due(&self) -> Option<Instant> {
        self.tree.known().and(self.notary.as_ref())?.due_at()
    }

    /// The checkpoint of all records so far, if one is due.
    fn checkpoint(&self) -> Result<Option<String>> {
        match (&self.notary, self.tree.known()) {
            (Some(notary), Some(tree)) if notary.is_due(tree) => notary.sign(tree).map(Some),
            _ => Ok(None),
        }
    }
}

impl FileJournal {
    /// Opens or makes the journal and calls `each` with every record it holds. A torn tail is cut;
    /// a corrupt journal is refused and left as it is, and it is corrupt too if `each` says so.
    /// `segment_bytes`: the size of new segments.
    pub fn open(
        path: &Path,
        segment_bytes: u64,
        each: impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<Self> {
        Self::open_signed(path, segment_bytes, None, each)
    }

    /// [`open`](Self::open), to go on with checkpoints signed by the notary. Those that are there
    /// must be of the records before them; who signed them is not asked.
    pub fn open_signed(
        path: &Path,
        segment_bytes: u64,
        notary: Option<Notary>,
        each: impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<Self> {
        Opening::take(Arc::new(SystemDisk), path)?.read(segment_bytes, notary, each)
    }

    /// Goes on where a history ends.
    pub(super) fn go_on(
        folder: Folder,
        segment_bytes: u64,
        ledger: Ledger,
        history: &History,
    ) -> Result<Self> {
        let opened = Self::make_good(folder, segment_bytes, ledger, history);
        let journal = opened.map_err(|error| status(&error))?;
        if history.torn > 0 {
            let kept = history.end.map_or(0, |end| end.next_sequence - 1);
            let numbers = [history.torn, kept];
            emit(Event::TornTailCut, &numbers.map(Value::Number));
        }
        Ok(journal)
    }

    fn make_good(
        folder: Folder,
        segment_bytes: u64,
        mut ledger: Ledger,
        history: &History,
    ) -> io::Result<Self> {
        if let Some(first) = history.headless {
            folder.remove(first)?;
        }
        let (segment, end) = match history.end {
            Some(end) => (folder.open(end.segment)?, end),
            None => {
                let mut salt = [0; 16];
                getrandom::fill(&mut salt).map_err(io::Error::other)?;
                let salt = Salt::new(salt);
                let start = Start { first: 1, salt, chain: Chain::new(&salt) };
                let segment = folder::prepare_now(&folder, folder::whole_blocks(segment_bytes))?;
                begin(&folder, &*segment, &start)?;
                (segment, End::of_new(&start))
            }
        };
        if end.next_sequence == 1 {
            ledger.tree = Tree::of_nothing();
        }
        let size = segment.size()?;
        let mut journal = Self {
            next: None,
            folder,
            segment,
            size,
            segment_bytes,
            end,
            ledger,
            buffer: Vec::new(),
            failed: None,
        };
        journal.mend(history.torn_end)?;
        journal.prove()?;
        Ok(journal)
    }

    /// Makes the open segment one whose last batch is durable, with nothing but zeros behind it.
    fn mend(&mut self, torn_end: usize) -> io::Result<()> {
        // Whether an earlier process's sync failed is not to be learned any more, and after that
        // another sync would say that all is well: what may not be durable is written once more.
        let End { group, offset: end, .. } = self.end;
        self.buffer.resize(end - group, 0);
        self.segment.read_exact_at(&mut self.buffer, group as u64)?;
        self.buffer.resize(end.max(torn_end) - group, 0);
        self.segment.write_all_at(&self.buffer, group as u64)?;
        let size = folder::whole_blocks(self.size.max(self.segment_bytes));
        if self.size < size {
            folder::grow(&*self.segment, self.size, size)?;
            self.size = size;
        }
        self.segment.sync_all()?;
        self.end.durable = self.end.next_sequence - 1;
        Ok(())
    }

    /// Signs what no checkpoint covers yet.
    fn cover(&mut self) -> io::Result<()> {
        self.sync()?;
        if let Some(notary) = self.ledger.notary.as_mut().filter(|notary| notary.has_news()) {
            notary.hurry();
            self.write(None, &Batch::default())?;
            self.sync()?;
        }
        Ok(())
    }

    /// An empty batch behind a sync proves to every later reader that all before it is durable. A
    /// checkpoint comes before it.
    fn prove(&mut self) -> io::Result<()> {
        self.cover()?;
        if !self.end.sealed {
            self.write(None, &Batch::default())?;
            self.sync()?;
            self.end.sealed = true;
        }
        Ok(())
    }

    /// Writes a snapshot and, once it is durable, the record that vouches for it. `Some`: why there
    /// is none.
    fn keep(
        &mut self,
        write: &mut dyn FnMut(&mut SnapshotWriter<'_>),
    ) -> io::Result<Option<Error>> {
        self.sync()?;
        let sequence = self.end.next_sequence;
        let Some(tree) = self.ledger.tree.known().cloned() else { return Ok(None) };
        let (hash, size) = match self.make_snapshot(sequence, write) {
            Ok(made) => made,
            Err(error) => {
                let _ = self.folder.forget_snapshot();
                return Ok(Some(status(&error)));
            }
        };
        let record = SnapshotRecord { hash, size, tree }.encode();
        self.write(Some((Kind::Snapshot, &record)), &Batch::default())?;
        self.sync()?;
        let before = self.ledger.snapshot.replace(sequence);
        self.ledger.events = 0;
        // What cannot be removed now is removed with the next one.
        for old in self.folder.snapshots().unwrap_or_default() {
            if old != sequence && Some(old) != before {
                let _ = self.folder.remove_snapshot(old);
            }
        }
        Ok(None)
    }

    fn make_snapshot(
        &self,
        sequence: u64,
        write: &mut dyn FnMut(&mut SnapshotWriter<'_>),
    ) -> io::Result<(Hash, u64)> {
        let file = self.folder.make_snapshot()?;
        let mut writer = SnapshotWriter::new(&*file);
        write(&mut writer);
        let made = writer.finish()?;
        self.folder.name_snapshot(sequence)?;
        Ok(made)
    }

    /// After a failed write or sync nothing can be built on what there is: the kernel may have
    /// dropped pages and call the next sync a success.
    fn finally<T>(&mut self, work: impl FnOnce(&mut Self) -> io::Result<T>) -> Result<T> {
        match self.failed {
            Some(error) => Err(error),
            None => work(self).map_err(|error| *self.failed.insert(status(&error))),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        let last = self.end.next_sequence - 1;
        if self.end.durable < last {
            let start = Instant::now();
            self.segment.sync_data()?;
            telemetry::JOURNAL_SYNC.observe(0, start.elapsed());
            self.end.durable = last;
        }
        Ok(())
    }

    fn is_synced(&self) -> bool {
        self.end.durable + 1 == self.end.next_sequence
    }

    /// Where the next batch begins.
    fn start(&self) -> u64 {
        let end = self.end.offset as u64;
        if self.is_synced() { end.next_multiple_of(BLOCK as u64) } else { end }
    }

    /// The checkpoint that the next batch begins with, if one is due. Only what can no longer be
    /// lost is signed for: two checkpoints never contradict each other.
    fn checkpoint(&mut self) -> io::Result<Option<String>> {
        match self.is_synced() {
            true => self.ledger.checkpoint().map_err(io::Error::other),
            false => Ok(None),
        }
    }

    /// Writes a batch. It begins with this record or, if there is none, with a checkpoint if one is
    /// due.
    fn write(&mut self, first: Option<(Kind, &[u8])>, batch: &Batch) -> io::Result<()> {
        if batch.payloads().any(|payload| payload.len() > record::PAYLOAD_MAX) {
            // No reader would take it for a record.
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let payloads = batch.payloads().map(|payload| record::HEADER + payload.len());
        let room = match first {
            Some((_, payload)) => record::HEADER + payload.len(),
            None => self.ledger.notary.as_ref().map_or(0, Notary::room),
        };
        let length = (payloads.sum::<usize>() + record::COMMIT + room) as u64;
        if self.start() + length > self.size {
            self.rotate(length)?;
        }
        let start = self.start();
        match first {
            Some(_) => self.encode(first, batch),
            None => {
                let checkpoint = self.checkpoint()?;
                let checkpoint =
                    checkpoint.as_ref().map(|text| (Kind::Checkpoint, text.as_bytes()));
                self.encode(checkpoint, batch);
            }
        }
        let length = self.buffer.len() as u64;
        // Whole blocks: the kernel need not read what it is to write over.
        let end = start + length;
        let padding = end.next_multiple_of(BLOCK as u64) - end;
        self.buffer.resize((length + padding) as usize, 0);
        self.segment.write_all_at(&self.buffer, start)?;
        telemetry::JOURNAL_BYTES_TOTAL.add(0, length);
        self.end.offset = end as usize;
        self.end.sealed = false;
        if self.next.is_none() && !batch.is_empty() && end > self.size / 2 {
            // Without it the next segment is made when it is needed, and fails then if it must.
            let size = folder::whole_blocks(self.segment_bytes);
            self.next = Preparation::start(&self.folder, size).ok();
        }
        Ok(())
    }

    fn encode(&mut self, first: Option<(Kind, &[u8])>, batch: &Batch) {
        self.buffer.clear();
        let mut count = 0;
        let events = batch.payloads().map(|payload| (Kind::Event, payload));
        for (kind, payload) in first.into_iter().chain(events) {
            self.put(kind, payload);
            count += 1;
        }
        let commit = Commit { count, durable: self.end.durable, chain: self.end.chain.0 };
        self.put(Kind::Commit, &commit.encode());
    }

    fn put(&mut self, kind: Kind, payload: &[u8]) {
        let end = &mut self.end;
        let (sequence, start) = (end.next_sequence, self.buffer.len());
        let unsynced = (sequence - end.durable) as u32;
        let header = Header { sequence, unsynced, kind };
        header.write(&end.salt, payload, &mut self.buffer);
        end.chain.add(&self.buffer[start..]);
        end.next_sequence += 1;
        self.ledger.add(sequence, kind, end.chain.0);
    }

    /// Goes on in a new segment with room for a batch of so many bytes.
    fn rotate(&mut self, length: u64) -> io::Result<()> {
        // A segment that has a name tells that all before it is durable.
        self.sync()?;
        let size = folder::whole_blocks(self.segment_bytes.max(BLOCK as u64 + length));
        let prepared = self.next.take().and_then(|next| next.finish().ok());
        let segment = match prepared {
            Some(segment) => segment,
            None => folder::prepare_now(&self.folder, size)?,
        };
        let prepared = segment.size()?;
        if prepared < size {
            folder::grow(&*segment, prepared, size)?;
        }
        let End { salt, chain, next_sequence: first, .. } = self.end;
        let start = Start { first, salt, chain };
        begin(&self.folder, &*segment, &start)?;
        self.end = End::of_new(&start);
        if let Some(notary) = &mut self.ledger.notary {
            notary.hurry();
        }
        (self.segment, self.size) = (segment, size.max(prepared));
        Ok(())
    }
}

/// Makes a segment of what is one to be.
fn begin(folder: &Folder, segment: &dyn DiskFile, start: &Start) -> io::Result<()> {
    segment.write_all_at(&start.encode(), 0)?;
    segment.sync_data()?;
    folder.name_next(start.first)
}

impl Journal for FileJournal {
    fn append(&mut self, batch: &Batch, durable: bool) -> Result<()> {
        self.finally(|journal| {
            if !batch.is_empty() {
                journal.write(None, batch)?;
            }
            if durable { journal.sync() } else { Ok(()) }
        })
    }

    fn checkpoint_due(&self) -> Option<Instant> {
        self.ledger.checkpoint_due()
    }

    fn checkpoint(&mut self) -> Result<()> {
        self.finally(Self::cover)
    }

    fn seal(&mut self) -> Result<()> {
        self.finally(Self::prove)
    }

    fn events_behind(&self) -> u64 {
        self.ledger.events
    }

    fn snapshot(
        &mut self,
        write: &mut dyn FnMut(&mut SnapshotWriter<'_>),
    ) -> Result<Option<Error>> {
        self.finally(|journal| journal.keep(write))
    }
}
