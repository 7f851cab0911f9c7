//! Opening from a snapshot: nothing before it is needed, nothing is believed that the journal does
//! not say, and without one all is as it was.

use std::fs;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tinywindow::config::Config;
use tinywindow::gateway::{Options, OrderAck, OrderState, Simulation};
use tinywindow::journal::{self, Disk, DiskFile, FileKind, Kind, SystemDisk, Taken};
use tinywindow::venue::paper::PaperVenue;
use tinywindow::{Error, Gateway, Reason};

use crate::crash::rounds;
use crate::desk::*;

/// A gateway that keeps a snapshot whenever it can.
fn keeps(folder: &Folder) -> String {
    folder.config(&[("journal.snapshot_events", "1"), ("journal.segment_bytes", "65_536")])
}

/// One that keeps none.
fn keeps_none(folder: &Folder) -> String {
    folder.config(&[("journal.segment_bytes", "65_536")])
}

/// A journal with some orders behind it, closed, and what is known of the last order.
struct Closed {
    folder: Folder,
    orders: u64,
    frame: Vec<u8>,
    ack: OrderAck,
    status: OrderState,
}

fn closed(orders: u64) -> Closed {
    let folder = Folder::new();
    let desk = Desk::open(&keeps(&folder));
    (1..orders).for_each(|number| {
        desk.accept(if number % 3 == 0 { sell(100, 1) } else { buy(99, number) });
    });
    let frame = desk.frame(buy(98, 5));
    let ack = desk.send_frame(&frame).unwrap();
    let status = desk.status(orders);
    desk.gateway.close().unwrap();
    Closed { folder, orders, frame, ack, status }
}

impl Closed {
    fn snapshot(&self) -> PathBuf {
        files(&self.folder.journal(), "tws").pop().unwrap()
    }

    fn segments(&self) -> Vec<PathBuf> {
        files(&self.folder.journal(), "twj")
    }

    /// A copy, of whose last segment these bytes are changed.
    fn changed(&self, change: impl FnOnce(&mut [u8])) -> Closed {
        let folder = Folder::new();
        copy_journal(&self.folder.journal(), &folder.journal());
        let copy = Closed { folder, frame: self.frame.clone(), ..*self };
        let segment = copy.segments().pop().unwrap();
        let mut bytes = fs::read(&segment).unwrap();
        change(&mut bytes);
        fs::write(&segment, bytes).unwrap();
        copy
    }

    /// Where the record of the newest snapshot is in the last segment, and the commit behind it.
    fn record(&self) -> [Range<usize>; 2] {
        let mut batch = Vec::new();
        let name = self.snapshot();
        let each = |record: &journal::Record<'_>| {
            if name.ends_with(journal::snapshot_name(record.sequence)) || batch.len() == 1 {
                batch.push(record.offset as usize..(record.offset + record.size()) as usize);
            }
            Ok(())
        };
        journal::read(&self.folder.journal(), each).unwrap();
        batch.try_into().unwrap()
    }

    /// Removes the segments in which nothing is that stands behind the snapshot.
    fn remove_the_beginning(&self) {
        let segments = self.segments();
        let (_, before) = segments.split_last().unwrap();
        before.iter().for_each(|segment| fs::remove_file(segment).unwrap());
    }

    /// Opens it and finds everything as it was.
    fn is_as_it_was(&self) {
        let desk = Desk::reopen(&keeps_none(&self.folder), self.orders);
        assert_eq!(desk.status(self.orders), self.status);
        let repeated = desk.send_frame(&self.frame);
        assert_eq!(repeated, Ok(OrderAck { duplicate: true, ..self.ack }));
    }

    #[track_caller]
    fn is_refused(&self) {
        let refused = Desk::try_open(&keeps_none(&self.folder), NOW, None).err();
        assert_eq!(refused, Some(Error::JournalCorrupt));
    }
}

/// Enough orders for more than one segment.
const SEGMENTS_FULL: u64 = 400;

#[test]
fn nothing_before_a_snapshot_is_needed() {
    let closed = closed(SEGMENTS_FULL);
    assert!(closed.segments().len() > 1);
    closed.remove_the_beginning();
    closed.is_as_it_was();

    // And it goes on, with another one.
    let desk = Desk::reopen(&keeps(&closed.folder), closed.orders);
    let order = desk.accept(buy(97, 3));
    let status = desk.status(order);
    desk.gateway.close().unwrap();
    let desk = Desk::reopen(&keeps(&closed.folder), order);
    assert_eq!(desk.status(order), status);
    drop(desk);
    let mut first = 0;
    let history = journal::read(&closed.folder.journal(), |record| {
        first = if first == 0 { record.sequence } else { first };
        Ok(())
    });
    let history = history.unwrap();
    assert_eq!(history.damage, None);
    assert!(first > 1);
    assert_eq!(history.begins_with, first);
}

#[test]
fn without_a_snapshot_a_beginning_that_is_gone_is_corruption() {
    let closed = closed(SEGMENTS_FULL);
    fs::remove_file(closed.snapshot()).unwrap();
    closed.is_as_it_was();
    closed.remove_the_beginning();
    closed.is_refused();
}

#[test]
fn every_byte_of_a_snapshot_counts() {
    let mut closed = closed(SEGMENTS_FULL);
    let path = closed.snapshot();
    let good = fs::read(&path).unwrap();
    let step = if rounds(0) > 0 { 1 } else { good.len() / 50 };
    let (whole, beginning_gone) = (closed, self::closed(SEGMENTS_FULL));
    beginning_gone.remove_the_beginning();
    let other = beginning_gone.snapshot();
    let other_good = fs::read(&other).unwrap();
    for at in (0..good.len()).step_by(step).chain([good.len() - 1]) {
        let changed = |good: &[u8]| {
            let mut bytes = good.to_vec();
            bytes[at] ^= 1 << (at % 8);
            bytes
        };
        fs::write(&path, changed(&good)).unwrap();
        if at % (10 * step) == 0 {
            whole.is_as_it_was();
        }
        fs::write(&other, changed(&other_good)).unwrap();
        beginning_gone.is_refused();
    }
    fs::write(&path, &good).unwrap();
    closed = whole;
    for length in [0, 3, 4, good.len() / 2, good.len() - 1] {
        fs::write(&path, &good[..length]).unwrap();
        closed.is_as_it_was();
    }
    fs::write(&path, [&good[..], &[0]].concat()).unwrap();
    closed.is_as_it_was();
}

#[test]
fn every_byte_of_a_snapshots_record_counts_and_while_it_is_the_last_batch_is_in_doubt() {
    let closed = closed(20);
    let [record, commit] = closed.record();
    let step = if rounds(0) > 0 { 1 } else { 3 };
    for at in record.step_by(step) {
        let flip = |bytes: &mut [u8]| bytes[at] ^= 1 << (at % 8);
        closed.changed(flip).is_refused();
        // A crash came right behind it: nothing says that it had been durable, and the journal is
        // folded without it.
        let crashed = closed.changed(|bytes| {
            bytes[commit.end..].fill(0);
            flip(bytes);
        });
        crashed.is_as_it_was();
    }
}

#[test]
fn a_snapshot_of_another_journal_or_of_another_time_is_not_believed() {
    let one = closed(SEGMENTS_FULL);
    let other = closed(SEGMENTS_FULL - 7);
    one.remove_the_beginning();
    let good = fs::read(one.snapshot()).unwrap();
    fs::copy(other.snapshot(), one.snapshot()).unwrap();
    one.is_refused();
    // The same bytes under another name: no record vouches for that.
    fs::write(one.snapshot(), &good).unwrap();
    let moved = one.folder.journal().join(journal::snapshot_name(3));
    fs::rename(one.snapshot(), moved).unwrap();
    one.is_refused();
}

#[test]
fn a_snapshot_whose_record_never_came_is_not_used() {
    let closed = closed(20);
    // The record is the last event but for a seal: cut both off, as a crash before them would.
    let mut at = None;
    let each = |record: &journal::Record<'_>| {
        at =
            at.or((record.kind == Kind::Snapshot && record.sequence > 40).then_some(record.offset));
        Ok(())
    };
    journal::read(&closed.folder.journal(), each).unwrap();
    let segment = closed.segments().pop().unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[at.unwrap() as usize..].fill(0);
    fs::write(&segment, bytes).unwrap();
    closed.is_as_it_was();
}

#[test]
fn with_the_newest_gone_the_one_before_it_does() {
    let closed = closed(SEGMENTS_FULL);
    let desk = Desk::reopen(&keeps(&closed.folder), closed.orders);
    desk.accept(buy(97, 3));
    desk.gateway.close().unwrap();
    assert_eq!(files(&closed.folder.journal(), "tws").len(), 2, "the newest and the one before");
    closed.remove_the_beginning();
    let newest = closed.snapshot();
    fs::write(&newest, b"TWS").unwrap();
    closed.is_as_it_was();
}

/// A disk that is not as it should be.
#[derive(Debug)]
pub enum Odd {
    /// There is no room for a snapshot.
    Crowded,
    /// Whoever reads a segment panics.
    Panicking,
    /// Once this is so its syncs fail.
    Failing(Arc<AtomicBool>),
}

/// A file of a disk that fails.
#[derive(Debug)]
struct Failing(Box<dyn DiskFile>, Arc<AtomicBool>);

impl DiskFile for Failing {
    fn size(&self) -> io::Result<u64> {
        self.0.size()
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        self.0.read_exact_at(bytes, offset)
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.0.write_all_at(bytes, offset)
    }

    fn sync_data(&self) -> io::Result<()> {
        match self.1.load(Ordering::SeqCst) {
            true => Err(io::Error::other("as it is meant to")),
            false => self.0.sync_data(),
        }
    }

    fn sync_all(&self) -> io::Result<()> {
        self.sync_data()
    }
}

#[derive(Debug)]
struct Full;

fn no_room<T>() -> io::Result<T> {
    Err(ErrorKind::StorageFull.into())
}

impl DiskFile for Full {
    fn size(&self) -> io::Result<u64> {
        Ok(0)
    }

    fn read_exact_at(&self, _: &mut [u8], _: u64) -> io::Result<()> {
        no_room()
    }

    fn write_all_at(&self, _: &[u8], _: u64) -> io::Result<()> {
        no_room()
    }

    fn sync_data(&self) -> io::Result<()> {
        no_room()
    }

    fn sync_all(&self) -> io::Result<()> {
        no_room()
    }
}

impl Disk for Odd {
    fn take(&self, folder: &Path) -> tinywindow::Result<Box<dyn Taken>> {
        SystemDisk.take(folder)
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        SystemDisk.kind(path)
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        SystemDisk.names(folder)
    }

    fn open(&self, path: &Path, new: bool) -> io::Result<Box<dyn DiskFile>> {
        let file = SystemDisk.open(path, new)?;
        Ok(match self {
            Odd::Crowded if path.ends_with("next.tws") => Box::new(Full),
            Odd::Failing(fails) => Box::new(Failing(file, Arc::clone(fails))),
            Odd::Crowded | Odd::Panicking => file,
        })
    }

    fn read(&self, path: &Path, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
        assert!(!matches!(self, Odd::Panicking), "as it is meant to");
        SystemDisk.read(path, most, bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        SystemDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        SystemDisk.remove(path)
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        SystemDisk.sync_folder(folder)
    }
}

pub fn on(disk: Odd) -> Simulation {
    let venue = || Box::new(PaperVenue::new(2, 5_000)) as _;
    Simulation { disk: Arc::new(disk), venue: Arc::new(venue) }
}

#[test]
fn where_there_is_no_room_for_a_snapshot_closing_and_opening_succeed() {
    let folder = Folder::new();
    let world = || on(Odd::Crowded);
    let desk = Desk::open_in(world(), &keeps(&folder));
    let order = desk.accept(buy(100, 1));
    let status = desk.status(order);
    desk.gateway.close().unwrap();
    let desk = Desk::open_in(world(), &keeps(&folder));
    assert_eq!(desk.status(order), status);
    desk.gateway.close().unwrap();
    assert!(files(&folder.journal(), "tws").is_empty());
}

#[test]
fn a_panic_in_the_thread_that_reads_is_an_error() {
    let folder = Folder::new();
    Desk::open(&keeps_none(&folder)).accept(buy(100, 1));
    let config = Config::parse(&keeps_none(&folder)).unwrap();
    let simulation = Some(on(Odd::Panicking));
    let opened = Gateway::open_with(&config, Options { simulation, ..Options::default() });
    assert_eq!(opened.err(), Some(Error::Internal));
    Desk::open(&keeps_none(&folder)).status(1);
}

/// Where a snapshot has its configuration's digest (docs/JOURNAL.md).
const DIGEST: Range<usize> = 12..44;
/// A snapshot of a small state, without the digest of its configuration, which names a folder.
const PINNED: &str = include_str!("../fixtures/snapshot.hex");

#[test]
fn the_bytes_of_a_snapshot_are_pinned() {
    let folder = Folder::new();
    let desk = Desk::open(&keeps(&folder));
    let order = desk.accept(buy(100, 3));
    desk.accept(of(2, sell(100, 1)));
    desk.accept(replace(order, buy(101, 4)));
    desk.accept(buy(99, 1));
    desk.accept(cancel(4));
    desk.reject(cancel(99), Reason::UnknownOrder);
    desk.gateway.close().unwrap();
    let mut bytes = fs::read(files(&folder.journal(), "tws").pop().unwrap()).unwrap();
    bytes[DIGEST].fill(0);
    let line = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let lines: String = bytes.chunks(32).map(|bytes| line(bytes) + "\n").collect();
    if std::env::var_os("TINYWINDOW_TEST_PIN").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/snapshot.hex");
        return fs::write(path, lines).unwrap();
    }
    assert!(
        lines == PINNED,
        "the form of snapshots has changed: with a new version of it, pin it anew with \
         TINYWINDOW_TEST_PIN=1 cargo test --test gateway the_bytes_of_a_snapshot_are_pinned"
    );
}
