//! The world around a gateway: its disk, its venue, the power, and what happens meanwhile.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, Weak};
use std::task::Waker;

use tinywindow::gateway::{Clock, ManualClock};
use tinywindow::journal::{self, DiskFile, FileKind, Taken};
use tinywindow::venue::{Command, Execution, OpenOrder, Venue, VenueStatus};
use tinywindow::{Error, Gateway, Result};

use crate::disk::{Disk, Image};
use crate::model::Model;
use crate::random::Random;
use crate::rules::Rules;
use crate::submission::{self, Submission};
use crate::tally::Saw;
use crate::venue::Counterparty;

/// The journal's folder.
pub const FOLDER: &str = "/simulated/orders";

/// What ends a process before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With the machine: what was not synced is lost, or is not.
    PowerLoss,
    /// Alone: its files are as it wrote them.
    Kill,
}

/// What a disk does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A sync fails.
    Sync,
    /// Of a write only a part finds room.
    Room,
}

#[derive(Debug)]
pub struct World {
    pub random: Random,
    pub clock: Arc<ManualClock>,
    pub disk: Disk,
    pub venue: Counterparty,
    pub model: Model,
    /// So many steps of disk and venue until the process ends.
    pub fuse: Option<(u64, End)>,
    /// The process is at its end: nothing it does has an effect any more, nobody hears of it.
    pub ended: bool,
    /// So many steps of the disk until one of this kind fails.
    pub fault: Option<(u64, Fault)>,
    /// A step of the disk failed: from here on nothing may be acknowledged.
    pub failed: bool,
    /// Nothing goes wrong any more, and the venue answers at once.
    pub is_well: bool,
    /// What another thread submits while the disk or the venue works.
    pub meanwhile: Vec<Submission>,
    pub gateway: Weak<Gateway>,
    /// Wakes the gateway when the venue has something to say.
    pub news: Option<Waker>,
    pub last_tag: u64,
    /// By tag, the order whose ack is still to come, and whether the frame repeated another.
    pub waiting: BTreeMap<u64, (u64, bool)>,
    /// Of the completions heard.
    pub last_number: u64,
    pub power_losses: u64,
    /// How many acks were heard.
    pub acks: u64,
    pub saw: Saw,
    /// What must never be, and was.
    pub finding: Option<String>,
}

/// The world as everybody in it has it.
#[derive(Clone, Debug)]
pub struct Handle(Arc<Mutex<World>>);

impl Handle {
    pub fn new(world: World) -> Handle {
        Handle(Arc::new(Mutex::new(world)))
    }

    pub fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("a world")
    }

    /// While the disk or the venue works, other threads submit and poll.
    fn meanwhile(&self) {
        let mut world = self.world();
        let submission = match world.ended || world.meanwhile.is_empty() {
            true => None,
            false => world.meanwhile.pop(),
        };
        let polls = !world.ended && world.random.percent(30);
        let gateway = world.gateway.upgrade();
        drop(world);
        let Some(gateway) = gateway else { return };
        if let Some(submission) = submission {
            submission::submit(self, &gateway, submission);
        }
        if polls {
            submission::hear(self, &gateway, false);
        }
    }
}

impl World {
    pub fn new(rules: Rules, seed: u64, now: u64) -> World {
        World {
            random: Random::new(seed),
            clock: Arc::new(ManualClock::new(now)),
            disk: Disk::default(),
            venue: Counterparty::default(),
            model: Model::new(rules),
            fuse: None,
            ended: false,
            fault: None,
            failed: false,
            is_well: false,
            meanwhile: Vec::new(),
            gateway: Weak::new(),
            news: None,
            last_tag: 0,
            waiting: BTreeMap::new(),
            last_number: 0,
            power_losses: 0,
            acks: 0,
            saw: Saw::default(),
            finding: None,
        }
    }

    pub fn now(&self) -> u64 {
        self.clock.now()
    }

    /// A new process begins.
    pub fn begin(&mut self) {
        (self.ended, self.failed) = (false, false);
        (self.fuse, self.fault) = (None, None);
        self.meanwhile.clear();
        self.waiting.clear();
        self.last_number = 0;
        self.gateway = Weak::new();
    }

    /// Notes what must never be; the first is the one that counts.
    pub fn find(&mut self, what: impl FnOnce() -> String) {
        if self.finding.is_none() {
            self.finding = Some(what());
        }
    }

    pub fn check(&mut self, checked: Result<(), String>) {
        if let Err(what) = checked {
            self.find(|| what);
        }
    }

    /// One step of disk or venue: the process may end in it.
    fn burn(&mut self) -> io::Result<()> {
        if let Some((left, end)) = &mut self.fuse
            && !self.ended
        {
            match left.checked_sub(1) {
                Some(less) => *left = less,
                None => {
                    let end = *end;
                    self.end(end);
                }
            }
        }
        if self.ended { Err(ErrorKind::Other.into()) } else { Ok(()) }
    }

    /// Ends the process, here and now.
    pub fn end(&mut self, end: End) {
        self.ended = true;
        self.fuse = None;
        let seen = Snapshot(self.disk.seen());
        let audited = self.model.audit(&seen);
        self.check(audited);
        match end {
            End::PowerLoss => {
                self.power_losses += 1;
                self.disk.lose_power(&mut self.random);
            }
            End::Kill => self.disk.lose_process(),
        }
    }

    /// A byte on the disk goes bad; which one.
    pub fn rot(&mut self) -> Option<(String, usize)> {
        self.disk.rot(&mut self.random)
    }

    /// Whether this step of the disk is one that fails.
    fn fails(&mut self, fault: Fault) -> bool {
        let Some((left, kind)) = &mut self.fault else { return false };
        if *kind != fault {
            return false;
        }
        if let Some(less) = left.checked_sub(1) {
            *left = less;
            return false;
        }
        self.fault = None;
        self.failed = true;
        true
    }

    fn write(&mut self, file: usize, bytes: &[u8], offset: u64) -> io::Result<()> {
        let offset = offset as usize;
        if self.ended {
            return Err(ErrorKind::Other.into());
        }
        if self.fails(Fault::Room) {
            let length = self.random.index(bytes.len() + 1);
            self.disk.write(file, offset, &bytes[..length]);
            return Err(ErrorKind::StorageFull.into());
        }
        let is_last = self.fuse.is_some_and(|(left, _)| left == 0);
        let length = if is_last { self.random.index(bytes.len() + 1) } else { bytes.len() };
        self.disk.write(file, offset, &bytes[..length]);
        self.burn()
    }

    fn sync(&mut self, file: usize) -> io::Result<()> {
        self.burn()?;
        if self.fails(Fault::Sync) {
            self.disk.fail_to_sync(file, &mut self.random);
            return Err(ErrorKind::Other.into());
        }
        self.disk.sync(file);
        self.burn()
    }

    /// What is on stable storage must have all that this needs.
    pub fn is_durable(&mut self, order_id: u64) -> Result<(), String> {
        if self.model.is_known_durable(order_id) {
            return Ok(());
        }
        let image = Snapshot(self.disk.durable());
        self.model.find_durable(&image, order_id)
    }
}

#[derive(Debug)]
struct Open {
    handle: Handle,
    file: usize,
}

#[derive(Debug)]
struct Lock;

impl Taken for Lock {}

fn name(path: &Path) -> String {
    path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

impl journal::Disk for Handle {
    fn take(&self, _: &Path) -> Result<Box<dyn Taken>> {
        let mut world = self.world();
        match std::mem::replace(&mut world.disk.is_taken, true) {
            true => Err(Error::JournalLocked),
            false => Ok(Box::new(Lock)),
        }
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        if path == Path::new(FOLDER) {
            return Ok(FileKind::Folder);
        }
        self.world().disk.find(&name(path)).map(|_| FileKind::File)
    }

    fn names(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(self.world().disk.names())
    }

    fn open(&self, path: &Path, new: bool) -> io::Result<Box<dyn DiskFile>> {
        let mut world = self.world();
        world.burn()?;
        let name = name(path);
        let file = if new { world.disk.make(&name)? } else { world.disk.find(&name)? };
        Ok(Box::new(Open { handle: self.clone(), file }))
    }

    fn read(&self, path: &Path, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
        let world = self.world();
        let all = world.disk.bytes(world.disk.find(&name(path))?);
        bytes.extend_from_slice(&all[..all.len().min(most as usize)]);
        Ok(())
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.burn()?;
        world.disk.rename(&name(from), &name(to))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut world = self.world();
        world.burn()?;
        world.disk.remove(&name(path))
    }

    fn sync_folder(&self, folder: &Path) -> io::Result<()> {
        let mut world = self.world();
        if folder == Path::new(FOLDER) {
            world.burn()?;
            world.disk.sync_names();
        }
        world.burn()
    }

    fn has_threads(&self) -> bool {
        false
    }
}

impl DiskFile for Open {
    fn size(&self) -> io::Result<u64> {
        Ok(self.handle.world().disk.bytes(self.file).len() as u64)
    }

    fn read_exact_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<()> {
        let world = self.handle.world();
        let (offset, all) = (offset as usize, world.disk.bytes(self.file));
        let found = all.get(offset..offset + bytes.len()).ok_or(ErrorKind::UnexpectedEof)?;
        bytes.copy_from_slice(found);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        let written = self.handle.world().write(self.file, bytes, offset);
        self.handle.meanwhile();
        written
    }

    fn sync_data(&self) -> io::Result<()> {
        self.handle.meanwhile();
        self.handle.world().sync(self.file)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.handle.world().sync(self.file)
    }
}

impl Venue for Handle {
    fn begin(&mut self, news: Waker) {
        self.world().news = Some(news);
    }

    fn submit(&mut self, command: &Command, answers: &mut Vec<Execution>) {
        self.meanwhile();
        let mut world = self.world();
        // The process may end before the order has left, or right after.
        if world.burn().is_ok() {
            let world = &mut *world;
            let order_id = world.venue.order_id(command);
            let durable = world.is_durable(order_id);
            world.check(durable);
            let received = world.venue.receive(command, &world.model, &mut world.random);
            world.check(received);
            let _ = world.burn();
        }
        world.tell(answers);
    }

    fn events(&mut self, answers: &mut Vec<Execution>) {
        self.world().tell(answers);
    }

    fn status(&mut self, order_id: u64) -> VenueStatus {
        let mut world = self.world();
        match world.venue.has_received(order_id) {
            true => VenueStatus::Received,
            false => {
                let clock = world.now();
                world.model.finds_undelivered(order_id, clock);
                VenueStatus::NotReceived
            }
        }
    }

    fn recover(&mut self, open: &[OpenOrder], last_exec_id: u64) {
        let mut world = self.world();
        let world = &mut *world;
        let checked = world.model.check_open(open, last_exec_id);
        world.check(checked);
        world.venue.reconnect(last_exec_id);
    }
}

impl World {
    /// Gives the gateway what comes from the venue now: nothing, something, all, or what it has
    /// heard before.
    fn tell(&mut self, answers: &mut Vec<Execution>) {
        if self.ended {
            return;
        }
        let (told, new) = self.venue.tell(self.is_well, &mut self.random);
        for execution in new {
            self.model.executed(execution, self.clock.now());
        }
        answers.extend(told);
        if self.venue.has_more() {
            self.wake();
        }
    }

    /// The venue has something to say.
    pub fn wake(&self) {
        self.news.iter().for_each(Waker::wake_by_ref);
    }
}

/// A folder as it was, to read.
#[derive(Debug)]
pub struct Snapshot(pub Image);

impl journal::Disk for Snapshot {
    fn take(&self, _: &Path) -> Result<Box<dyn Taken>> {
        Err(Error::Unsupported)
    }

    fn kind(&self, path: &Path) -> io::Result<FileKind> {
        if path == Path::new(FOLDER) {
            return Ok(FileKind::Folder);
        }
        self.0.get(&name(path)).map(|_| FileKind::File).ok_or(ErrorKind::NotFound.into())
    }

    fn names(&self, _: &Path) -> io::Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }

    fn open(&self, _: &Path, _: bool) -> io::Result<Box<dyn DiskFile>> {
        Err(ErrorKind::Unsupported.into())
    }

    fn read(&self, path: &Path, most: u64, bytes: &mut Vec<u8>) -> io::Result<()> {
        let all = self.0.get(&name(path)).ok_or(ErrorKind::NotFound)?;
        bytes.extend_from_slice(&all[..all.len().min(most as usize)]);
        Ok(())
    }

    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn remove(&self, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    fn sync_folder(&self, _: &Path) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }
}
