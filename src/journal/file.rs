//! The journal in a folder of segments: appending, and the syncs that everything rests on.
//!
//! Bytes that a sync has covered are never written again. So what follows a sync begins on a new
//! block, and a batch that was not synced is followed by the next one at once.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Error, Result};
use crate::journal::disk::{Disk, DiskFile, SystemDisk};
use crate::journal::folder::{self, Folder, Preparation};
use crate::journal::notary::Notary;
use crate::journal::reader::{self, End, History};
use crate::journal::record::{self, Chain, Commit, Header, Kind, Record, Salt};
use crate::journal::segment::{BLOCK, Start};
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
    /// Signs checkpoints, if anybody does.
    notary: Option<Notary>,
    /// Records of a batch side by side, so that one write takes all.
    buffer: Vec<u8>,
    failed: Option<Error>,
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
        Self::open_on(Arc::new(SystemDisk), path, segment_bytes, notary, each)
    }

    /// [`open_signed`](Self::open_signed) on a disk of the caller's.
    pub fn open_on(
        disk: Arc<dyn Disk>,
        path: &Path,
        segment_bytes: u64,
        mut notary: Option<Notary>,
        mut each: impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<Self> {
        let folder = Folder::take(Arc::clone(&disk), path)?;
        let corrupt = |segment: u64, offset: u64| {
            emit(Event::JournalCorrupt, &[segment, offset].map(Value::Number));
            Error::JournalCorrupt
        };
        let history = reader::scan(&*disk, path, &mut |record| {
            let read = notary.as_mut().map_or(Ok(()), |notary| notary.read(record));
            match read.and_then(|()| each(record)) {
                Err(Error::JournalCorrupt) => Err(corrupt(record.segment, record.offset)),
                told => told,
            }
        })?;
        if let Some(damage) = history.damage {
            return Err(corrupt(damage.segment, damage.offset));
        }
        let opened = Self::go_on(folder, segment_bytes, notary, &history);
        let journal = opened.map_err(|error| status(&error))?;
        if history.torn > 0 {
            let numbers = [history.torn, history.records];
            emit(Event::TornTailCut, &numbers.map(Value::Number));
        }
        Ok(journal)
    }

    fn go_on(
        folder: Folder,
        segment_bytes: u64,
        notary: Option<Notary>,
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
        let size = segment.size()?;
        let mut journal = Self {
            next: None,
            folder,
            segment,
            size,
            segment_bytes,
            end,
            notary,
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

    /// An empty batch behind a sync proves to every later reader that all before it is durable. A
    /// checkpoint comes before it.
    fn prove(&mut self) -> io::Result<()> {
        self.sync()?;
        if let Some(notary) = self.notary.as_mut().filter(|notary| notary.has_news()) {
            notary.hurry();
            self.write(&Batch::default())?;
            self.sync()?;
        }
        if !self.end.sealed {
            self.write(&Batch::default())?;
            self.sync()?;
            self.end.sealed = true;
        }
        Ok(())
    }

    /// After a failed write or sync nothing can be built on what there is: the kernel may have
    /// dropped pages and call the next sync a success.
    fn finally(&mut self, work: impl FnOnce(&mut Self) -> io::Result<()>) -> Result<()> {
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
        let is_synced = self.is_synced();
        match &mut self.notary {
            Some(notary) if is_synced && notary.is_due() => {
                notary.sign().map(Some).map_err(io::Error::other)
            }
            _ => Ok(None),
        }
    }

    fn write(&mut self, batch: &Batch) -> io::Result<()> {
        if batch.payloads().any(|payload| payload.len() > record::PAYLOAD_MAX) {
            // No reader would take it for a record.
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let payloads = batch.payloads().map(|payload| record::HEADER + payload.len());
        let room = self.notary.as_ref().map_or(0, Notary::room);
        let length = (payloads.sum::<usize>() + record::COMMIT + room) as u64;
        if self.start() + length > self.size {
            self.rotate(length)?;
        }
        let start = self.start();
        let checkpoint = self.checkpoint()?;
        self.encode(checkpoint.as_deref(), batch);
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

    fn encode(&mut self, checkpoint: Option<&str>, batch: &Batch) {
        self.buffer.clear();
        let mut count = 0;
        if let Some(checkpoint) = checkpoint {
            self.put(Kind::Checkpoint, checkpoint.as_bytes());
            count += 1;
        }
        for payload in batch.payloads() {
            self.put(Kind::Event, payload);
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
        if let Some(notary) = &mut self.notary {
            notary.add(end.chain.0, kind);
        }
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
        if let Some(notary) = &mut self.notary {
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
                journal.write(batch)?;
            }
            if durable { journal.sync() } else { Ok(()) }
        })
    }

    fn seal(&mut self) -> Result<()> {
        self.finally(Self::prove)
    }
}
