//! Opening a journal: from the newest snapshot that it vouches for, or from its first record.

use std::path::Path;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::journal::ahead::{self, Check};
use crate::journal::disk::{Disk, SystemDisk};
use crate::journal::file::{FileJournal, Ledger};
use crate::journal::folder::{self, Folder};
use crate::journal::notary::Notary;
use crate::journal::reader::{self, Damage, Each, History, Mark, Segment};
use crate::journal::record::{Kind, Record};
use crate::journal::snapshot::{self, SnapshotReader, SnapshotRecord};
use crate::journal::tree::Tree;
use crate::journal::{segment, status};
use crate::telemetry::{Event, Value, emit};

/// A journal that is taken, and not yet read.
#[derive(Debug)]
pub struct Opening {
    disk: Arc<dyn Disk>,
    folder: Folder,
    /// Those at hand, by their first sequences.
    segments: Vec<u64>,
    begin: Begin,
}

/// With which record the reading begins.
#[derive(Clone, Copy, Debug)]
enum Begin {
    First,
    /// The one that vouches for the snapshot which stands for all before it.
    Snapshot {
        segment: usize,
        record: Mark,
    },
}

impl Opening {
    /// Makes the folder if it is not there, and takes it.
    pub fn take(disk: Arc<dyn Disk>, path: &Path) -> Result<Self> {
        let folder = Folder::take(Arc::clone(&disk), path)?;
        let segments = folder::segments(&*disk, path)?;
        Ok(Self { disk, folder, segments, begin: Begin::First })
    }

    /// What `decode` makes of the newest snapshot that the journal vouches for, byte for byte;
    /// reading then begins behind it. `None`: there is no such snapshot, and it begins with the
    /// first record.
    pub fn restore<T>(
        &mut self,
        mut decode: impl FnMut(&mut SnapshotReader) -> Option<T>,
    ) -> Result<Option<T>> {
        for sequence in self.folder.snapshots().map_err(|error| status(&error))? {
            let Some(vouched) = vouched(&*self.disk, &self.segments(), sequence) else {
                // A crash came before its record was written.
                emit(Event::SnapshotNotUsed, &[Value::Number(sequence), Value::Name("unvouched")]);
                continue;
            };
            let file = self.folder.open_snapshot(sequence).map_err(|error| status(&error))?;
            let restored = vouched.told.read(file, self.disk.has_threads(), &mut decode)?;
            if restored.is_some() {
                let Vouched { segment, record, .. } = vouched;
                self.begin = Begin::Snapshot { segment, record };
                return Ok(restored);
            }
            emit(Event::SnapshotNotUsed, &[Value::Number(sequence), Value::Name("damaged")]);
        }
        Ok(None)
    }

    fn segments(&self) -> Vec<Segment<'_>> {
        let folder = self.folder.path();
        self.segments.iter().map(|&first| Segment { folder, first }).collect()
    }

    /// Reads on from there to the end and calls `each` with every record; see
    /// [`FileJournal::open`].
    pub fn read(
        self,
        segment_bytes: u64,
        mut notary: Option<Notary>,
        mut each: impl FnMut(&Record<'_>) -> Result<()>,
    ) -> Result<FileJournal> {
        let (mut tree, mut events) = (Tree::default(), 0);
        let mut check = |record: &Record<'_>| {
            tree.add(record)?;
            if let Some(notary) = &mut notary {
                notary.add(record.sequence, record.kind);
            }
            Ok(())
        };
        let history = self.scan(&mut check, &mut |record| {
            events += u64::from(record.kind == Kind::Event);
            each(record)
        })?;
        let snapshot = match self.begin {
            Begin::First => None,
            Begin::Snapshot { record, .. } => Some(record.sequence),
        };
        let ledger = Ledger { tree, notary, snapshot, events };
        FileJournal::go_on(self.folder, segment_bytes, ledger, &history)
    }

    /// Goes through the records that are to be read. What is corrupt is told and an error.
    fn scan(&self, check: Check<'_>, each: Each<'_>) -> Result<History> {
        let (first, from) = match self.begin {
            Begin::First => (0, None),
            Begin::Snapshot { segment, record } => (segment, Some(record)),
        };
        let segments = &self.segments()[first..];
        if let (Begin::First, [Segment { first, .. }, ..]) = (self.begin, segments)
            && *first > 1
        {
            emit(Event::SnapshotMissing, &[Value::Number(*first)]);
            return Err(corrupt(Damage { segment: *first, offset: 0 }));
        }
        let (mut unchecked, mut untold) = (None, None);
        let scanned = ahead::scan(
            &*self.disk,
            segments,
            from,
            &mut |record| check(record).inspect_err(|_| unchecked = Some(Damage::at(record))),
            &mut |record| each(record).inspect_err(|_| untold = Some(Damage::at(record))),
        );
        // Who is told comes behind who checks: what went wrong there is the earlier record's.
        match (scanned, untold.or(unchecked)) {
            (Ok(History { damage: Some(damage), .. }), _)
            | (Err(Error::JournalCorrupt), Some(damage)) => Err(corrupt(damage)),
            (scanned, _) => scanned,
        }
    }
}

/// Tells that the journal is, and where.
fn corrupt(damage: Damage) -> Error {
    emit(Event::JournalCorrupt, &[damage.segment, damage.offset].map(Value::Number));
    Error::JournalCorrupt
}

/// What the journal says of a snapshot.
struct Vouched {
    told: SnapshotRecord,
    /// Which of the segments has the record.
    segment: usize,
    record: Mark,
}

/// The record that vouches for this snapshot, if it is in one of these segments.
fn vouched(disk: &dyn Disk, segments: &[Segment<'_>], sequence: u64) -> Option<Vouched> {
    let segment = segments.partition_point(|segment| segment.first <= sequence).checked_sub(1)?;
    reader::find(disk, segments[segment], |record| {
        let is_it = record.sequence == sequence && record.kind == Kind::Snapshot;
        let told = is_it.then(|| SnapshotRecord::decode(sequence, record.payload))??;
        Some(Vouched { told, segment, record: Mark::of(record) })
    })
}

/// The files of the segments that nobody needs to open the journal, oldest first: those before the
/// one with the record of its newest good snapshot. A gateway may have it open: it only ever
/// touches what comes behind them.
///
/// [`Error::NotFound`]: there is no good snapshot.
pub fn archivable(path: &Path) -> Result<Vec<String>> {
    let io = |error| status(&error);
    let segments = Segment::all(&SystemDisk, path)?;
    for sequence in folder::snapshots(&SystemDisk, path).map_err(io)? {
        let Some(Vouched { told, segment, .. }) = vouched(&SystemDisk, &segments, sequence) else {
            continue;
        };
        if told.is_of(&path.join(snapshot::name(sequence))).map_err(io)? {
            return Ok(segments[..segment].iter().map(|s| segment::name(s.first)).collect());
        }
    }
    Err(Error::NotFound)
}
