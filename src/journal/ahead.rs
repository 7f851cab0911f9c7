//! Reading ahead: threads of the journal's own read and check, while the caller's takes in what was
//! checked. What arrives, and in which order, is what the caller alone would have read.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use crate::error::{Error, Result};
use crate::journal::disk::Disk;
use crate::journal::merkle::Hash;
use crate::journal::reader::{self, Each, History, Mark, Segment};
use crate::journal::record::{self, Kind, Record};
use crate::threads;

/// How much is handed over at once: what fits into a cache.
pub(super) const CHUNK: usize = 256 * 1024;
/// So many chunks wait at most: neither thread waits for the other's every hiccup.
pub(super) const CHUNKS: usize = 4;

/// Where chunks are handed over.
pub(super) struct Sink<C> {
    full: SyncSender<C>,
    used: Receiver<C>,
}

impl<C: Default> Sink<C> {
    /// Hands a chunk over, and gives one to fill that was used before; `None`: nobody takes more.
    pub fn put(&self, chunk: C) -> Option<C> {
        self.full.send(chunk).ok()?;
        Some(self.used.try_recv().unwrap_or_default())
    }
}

/// Where they arrive.
#[derive(Debug)]
pub(super) struct Source<C> {
    full: Receiver<C>,
    used: SyncSender<C>,
}

impl<C> Source<C> {
    /// The next chunk, for one that is used no more; `None`: that was the last.
    pub fn next(&self, used: C) -> Option<C> {
        let _ = self.used.try_send(used);
        self.full.recv().ok()
    }
}

/// What both make: `fill` in a thread of its own, which has ended when this returns, and `take`
/// here. At most `waiting` chunks wait between the two. [`Error::Io`]: there is no thread to be
/// had. [`Error::Internal`]: `fill` panicked.
pub(super) fn beside<C: Send, F: Send, T>(
    name: &str,
    waiting: usize,
    fill: impl FnOnce(Sink<C>) -> F + Send,
    take: impl FnOnce(Source<C>) -> T,
) -> Result<(F, T)> {
    let (full, taken) = sync_channel(waiting);
    let (used, emptied) = sync_channel(waiting + 1);
    thread::scope(|scope| {
        let sink = Sink { full, used: emptied };
        let filling = threads::spawn_in(scope, name, move || fill(sink));
        let filling = filling.map_err(|_| Error::Io)?;
        let took = take(Source { full: taken, used });
        let filled = filling.join().map_err(|_| Error::Internal)?;
        Ok((filled, took))
    })
}

/// Asked of each record, oldest first, before others are told of it.
pub(super) type Check<'a> = &'a mut (dyn FnMut(&Record<'_>) -> Result<()> + Send);

/// [`reader::scan`] with its parts beside each other: loading, reading, `check` and `each`.
pub(super) fn scan(
    disk: &dyn Disk,
    segments: &[Segment<'_>],
    from: Option<Mark>,
    check: Check<'_>,
    each: Each<'_>,
) -> Result<History> {
    if !disk.has_threads() {
        return reader::scan(disk, segments, from, &mut |record| {
            check(record)?;
            each(record)
        });
    }
    let load = |sink| load_all(&sink, disk, segments);
    // One segment is loaded while another is read: there is no room for more.
    let ((), scanned) = beside("tw-journal-load", 0, load, |files| {
        let read = move |sink| read_all(&files, &sink, disk, segments, from);
        let (history, told) = beside("tw-journal-read", CHUNKS, read, |read| {
            let check = move |sink| check_all(&read, &sink, check);
            let tell = |checked| tell_all(&checked, each);
            let (checked, told) = beside("tw-journal-tree", CHUNKS, check, tell)?;
            told.and(checked)
        })?;
        told.and(history)
    })?;
    scanned
}

/// A segment as it was loaded.
#[derive(Default)]
struct Loaded {
    bytes: Vec<u8>,
    failed: Option<Error>,
}

fn load_all(sink: &Sink<Loaded>, disk: &dyn Disk, segments: &[Segment<'_>]) {
    let mut loaded = Loaded::default();
    for segment in segments {
        loaded.failed = segment.load(disk, &mut loaded.bytes).err();
        let Some(used) = sink.put(loaded) else { return };
        loaded = used;
    }
}

fn read_all(
    source: &Source<Loaded>,
    sink: &Sink<Records>,
    disk: &dyn Disk,
    segments: &[Segment<'_>],
    from: Option<Mark>,
) -> Result<History> {
    let mut load = |_: &Segment<'_>, bytes: &mut Vec<u8>| {
        let used = Loaded { bytes: std::mem::take(bytes), failed: None };
        let loaded = source.next(used).ok_or(Error::Internal)?;
        *bytes = loaded.bytes;
        loaded.failed.map_or(Ok(()), Err)
    };
    let mut chunk = Records::default();
    let history = reader::scan_loaded(disk, segments, from, &mut load, &mut |record| {
        chunk.push(record);
        if chunk.bytes.len() >= CHUNK {
            // Why nobody takes more, the other thread knows.
            chunk = sink.put(std::mem::take(&mut chunk)).ok_or(Error::Internal)?;
            chunk.clear();
        }
        Ok(())
    });
    // What was good before an error is told before the error.
    sink.put(chunk);
    history
}

fn check_all(source: &Source<Records>, sink: &Sink<Records>, check: Check<'_>) -> Result<()> {
    let mut used = Records::default();
    while let Some(mut chunk) = source.next(used) {
        let mut good = 0;
        let checked = chunk.tell(&mut |record| {
            check(record)?;
            good += 1;
            Ok(())
        });
        chunk.entries.truncate(good);
        used = sink.put(chunk).ok_or(Error::Internal)?;
        checked?;
    }
    Ok(())
}

fn tell_all(source: &Source<Records>, each: Each<'_>) -> Result<()> {
    let mut used = Records::default();
    while let Some(chunk) = source.next(used) {
        chunk.tell(each)?;
        used = chunk;
    }
    Ok(())
}

/// Records that were read, side by side.
#[derive(Default)]
struct Records {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// What is known of a record besides its bytes.
struct Entry {
    segment: u64,
    offset: u64,
    sequence: u64,
    kind: Kind,
    chain: Hash,
    hash: Hash,
    /// Where its bytes end.
    end: usize,
}

impl Records {
    fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    fn push(&mut self, record: &Record<'_>) {
        let Record { segment, offset, sequence, kind, payload: _, bytes, chain, hash } = *record;
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes.len();
        self.entries.push(Entry { segment, offset, sequence, kind, chain, hash, end });
    }

    fn tell(&self, each: Each<'_>) -> Result<()> {
        let mut start = 0;
        for &Entry { segment, offset, sequence, kind, chain, hash, end } in &self.entries {
            let bytes = &self.bytes[start..end];
            let payload = &bytes[record::HEADER..];
            each(&Record { segment, offset, sequence, kind, payload, bytes, chain, hash })?;
            start = end;
        }
        Ok(())
    }
}
