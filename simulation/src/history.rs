//! One history: a gateway, its clients and its world, step by step as the seed has it.

use std::sync::Arc;

use tinywindow::config::Config;
use tinywindow::gateway::{Options, Simulation};
use tinywindow::{Error, Gateway};

use crate::client::{Client, KEYS, SESSIONS, key_id};
use crate::random::Random;
use crate::rules::{MIDNIGHT, Rules, SECOND, SYMBOLS};
use crate::setting::Setting;
use crate::submission::{self, A_MOMENT, Submission};
use crate::tally::Tally;
use crate::world::{End, Fault, Handle, Snapshot, World};

pub struct History<'a> {
    setting: &'a Setting,
    case: &'a (Rules, [Config; 2]),
    pub handle: Handle,
    gateway: Option<Arc<Gateway>>,
    clients: [Client; 2],
    /// Chooses what happens; what the world does has numbers of its own.
    pub random: Random,
    /// Told of each step before it is taken.
    trace: Option<&'a mut Vec<String>>,
    pub tally: Tally,
    is_over: bool,
}

impl<'a> History<'a> {
    /// Lives the history of this seed to its end, or to the first thing that must never be.
    pub fn run(
        setting: &'a Setting,
        seed: u64,
        trace: Option<&'a mut Vec<String>>,
    ) -> Result<Tally, String> {
        let mut random = Random::new(seed);
        let case = setting.case(seed);
        let begins = MIDNIGHT - 16 * SECOND + random.below(20 * SECOND);
        let world = World::new(case.0, seed.rotate_left(32) ^ 0x5EED, begins);
        let mut history = History {
            setting,
            case,
            handle: Handle::new(world),
            gateway: None,
            clients: SESSIONS.map(Client::new),
            random,
            trace,
            tally: Tally::default(),
            is_over: false,
        };
        history.reopen("opens");
        history.begins();
        let steps = 10 + history.random.below(60);
        for _ in 0..steps {
            if history.is_over || history.finding().is_some() {
                break;
            }
            history.time_goes_on();
            history.step();
            history.go_on();
        }
        history.finish();
        match history.finding() {
            Some(finding) => Err(finding),
            None => Ok(history.tally),
        }
    }

    fn finding(&self) -> Option<String> {
        self.handle.world().finding.clone()
    }

    pub fn rules(&self) -> Rules {
        self.case.0
    }

    pub fn tell(&mut self, step: impl FnOnce() -> String) {
        self.tally.steps += 1;
        if let Some(trace) = &mut self.trace {
            trace.push(step());
        }
    }

    pub fn open_gateway(&self) -> Arc<Gateway> {
        Arc::clone(self.gateway.as_ref().expect("an open gateway"))
    }

    /// Most gateways are told prices before the first order comes.
    fn begins(&mut self) {
        for number in 0..SYMBOLS.len() {
            if !self.is_over && self.finding().is_none() && self.random.percent(96) {
                self.sets_a_price(number);
                self.go_on();
            }
        }
    }

    fn time_goes_on(&mut self) {
        let by = self.random.below(100_000_000);
        let world = self.handle.world();
        world.clock.set(world.now() + by);
    }

    fn step(&mut self) {
        match self.random.below(100) {
            0..=28 => self.submits(),
            29..=42 => self.sends(),
            43..=49 => self.retries(),
            50..=52 => self.reuses_a_sequence(),
            53..=55 => self.forges(),
            56..=64 => self.hears(),
            65..=74 => self.changes(),
            75..=77 => self.moves_the_clock(),
            78..=83 => self.venue_acts(),
            84..=87 => self.arms_meanwhile(),
            88..=90 => self.arms_a_fault(),
            91..=94 => self.arms_an_end(),
            95..=96 => self.ends_now(),
            97 => self.closes(),
            _ => self.asks(),
        }
    }

    fn request(&mut self) -> Submission {
        let session = self.random.index(2);
        let key = self.key(SESSIONS[session]);
        let now = self.handle.world().now();
        self.tally.orders += 1;
        self.clients[session].request(now, key, &mut self.random)
    }

    /// One of the session's keys that may sign, and now and then any.
    fn key(&mut self, session_id: u64) -> usize {
        let any = self.random.index(KEYS);
        if self.random.percent(5) {
            return any;
        }
        let world = self.handle.world();
        let may_sign = |key: &usize| world.model.may_sign(session_id, key_id(session_id, *key));
        (any..KEYS).chain(0..any).find(may_sign).unwrap_or(any)
    }

    fn submits(&mut self) {
        for _ in 0..1 + self.random.below(3) {
            let submission = self.request();
            self.tell(|| format!("submits {submission}"));
            submission::submit(&self.handle, &self.open_gateway(), submission);
        }
    }

    fn sends(&mut self) {
        let submission = self.request();
        let timeout = if self.random.percent(85) { A_MOMENT } else { Default::default() };
        self.tell(|| format!("sends for {timeout:?} {submission}"));
        submission::send(&self.handle, &self.open_gateway(), &submission, timeout);
    }

    fn retries(&mut self) {
        let client = &self.clients[self.random.index(2)];
        if let Some(submission) = client.retry(&mut self.random) {
            self.tell(|| format!("retries {submission}"));
            self.takes(submission);
        }
    }

    fn reuses_a_sequence(&mut self) {
        let now = self.handle.world().now();
        let client = &self.clients[self.random.index(2)];
        if let Some(submission) = client.reuse_sequence(now, &mut self.random) {
            self.tell(|| format!("uses a sequence again {submission}"));
            self.takes(submission);
        }
    }

    fn forges(&mut self) {
        let now = self.handle.world().now();
        let client = &self.clients[self.random.index(2)];
        let submission = client.forge(now, &mut self.random);
        self.tell(|| format!("forges {submission}"));
        self.takes(submission);
    }

    /// In one form or the other.
    fn takes(&mut self, submission: Submission) {
        let gateway = self.open_gateway();
        if self.random.percent(50) {
            submission::send(&self.handle, &gateway, &submission, A_MOMENT);
        } else {
            submission::submit(&self.handle, &gateway, submission);
        }
    }

    fn hears(&mut self) {
        self.tell(|| "pumps and hears".into());
        submission::hear(&self.handle, &self.open_gateway(), true);
    }

    fn moves_the_clock(&mut self) {
        let (far, back) = (self.random.percent(30), self.random.percent(40));
        let by = self.random.below(if far { 20_000_000_000 } else { 900_000_000 });
        let now = {
            let world = self.handle.world();
            let now = if back { world.now() - by } else { world.now() + by };
            world.clock.set(now);
            now
        };
        self.tell(|| format!("the clock shows {now}"));
    }

    fn venue_acts(&mut self) {
        let turns = self.random.percent(30);
        let is_down = {
            let mut world = self.handle.world();
            let World { venue, random, .. } = &mut *world;
            match turns {
                true => venue.is_down = !venue.is_down,
                false => venue.happen(random),
            }
            let is_down = venue.is_down;
            if !is_down {
                world.wake();
            }
            is_down
        };
        self.tell(|| format!("at the venue something happens; its line is down: {is_down}"));
    }

    fn arms_meanwhile(&mut self) {
        let submission = self.request();
        self.tell(|| {
            format!("while the next batch is written another thread submits {submission}")
        });
        self.handle.world().meanwhile.insert(0, submission);
    }

    fn arms_a_fault(&mut self) {
        let fault = [Fault::Sync, Fault::Room][self.random.index(2)];
        let left = self.random.below(6);
        self.tell(|| format!("{fault:?} will fail after {left}"));
        self.handle.world().fault = Some((left, fault));
    }

    fn end(&mut self) -> End {
        if self.random.percent(70) { End::PowerLoss } else { End::Kill }
    }

    fn arms_an_end(&mut self) {
        let (left, end) = (self.random.below(25), self.end());
        self.tell(|| format!("{end:?} will come after {left} steps of disk and venue"));
        self.handle.world().fuse = Some((left, end));
    }

    fn ends_now(&mut self) {
        let end = self.end();
        self.tell(|| format!("{end:?} comes now"));
        self.handle.world().end(end);
    }

    fn closes(&mut self) {
        self.tell(|| "closes".into());
        // While a snapshot is written who asks waits, and here nobody could go on.
        self.handle.world().gateway = Default::default();
        let gateway = self.open_gateway();
        let closed = gateway.close();
        submission::hear(&self.handle, &gateway, false);
        let mut world = self.handle.world();
        match closed {
            _ if world.ended || world.failed => {}
            Ok(()) => {
                let image = Snapshot(world.disk.durable());
                let whole = world.model.is_whole(&image);
                world.check(whole);
                world.end(End::Kill);
            }
            Err(error) => world.find(|| format!("closing says {error:?}")),
        }
    }

    /// What the gateway tells of an order is what the model knows.
    fn asks(&mut self) {
        let session_id = SESSIONS[self.random.index(2)];
        let client_order_id = 1 + self.random.below(40);
        self.tell(|| format!("asks for order {client_order_id} of session {session_id}"));
        let told = self.open_gateway().order_status(session_id, client_order_id);
        let mut world = self.handle.world();
        let session = world.model.book().session(session_id);
        let known = session.used.get(&client_order_id).copied();
        let outcome = known.and_then(|id| world.model.book().request(id)?.outcome);
        let is_right = match (told, known) {
            (Err(Error::NotFound), None) => true,
            (Ok(state), Some(order_id)) => {
                let accepted = outcome.map(|reason| reason.is_none());
                state.order_id == order_id
                    && (state.accepted.is_none() || state.accepted == accepted)
            }
            _ => false,
        };
        if !is_right {
            world.find(|| format!("the status is {told:?}, must be {known:?} {outcome:?}"));
        }
    }

    /// After the end of a process the next one begins.
    fn go_on(&mut self) {
        let (ended, failed) = {
            let world = self.handle.world();
            (world.ended, world.failed)
        };
        if failed && !ended {
            // Whoever is still heard must not be told of anything that is not there.
            submission::hear(&self.handle, &self.open_gateway(), false);
            let end = self.end();
            self.tell(|| format!("after a failure of the disk the host ends: {end:?}"));
            self.handle.world().end(end);
        }
        if ended || failed {
            self.tally.faults += u64::from(failed);
            self.reopen("opens again");
        }
    }

    fn reopen(&mut self, why: &'static str) {
        let mut rotten = None;
        for attempt in 0.. {
            self.gateway = None;
            if self.finding().is_some() {
                return;
            }
            let rots = why != "opens" && rotten.is_none() && self.random.percent(3);
            // Now and then it does not even come up.
            let may_end = attempt < 3 && !self.handle.world().is_well;
            let fuse = (may_end && self.random.percent(15)).then(|| self.random.below(30));
            let end = self.end();
            if rots {
                rotten = self.handle.world().rot();
            }
            let forgets = self.random.percent(50);
            self.begin_process(rotten.is_some(), fuse.map(|left| (left, end)), forgets);
            self.tell(|| {
                format!("{why}; damaged: {rotten:?}; ends after {fuse:?}; forgets: {forgets}")
            });
            let opened = self.open(forgets);
            let mut world = self.handle.world();
            match opened {
                _ if world.finding.is_some() => {}
                Ok(gateway) if !world.ended => {
                    let image = Snapshot(world.disk.seen());
                    let whole = world.model.is_whole(&image);
                    world.check(whole);
                    world.gateway = Arc::downgrade(&gateway);
                    drop(world);
                    self.gateway = Some(gateway);
                    return self.retry_all();
                }
                Ok(_) => {}
                Err(_) if world.ended => {}
                Err(Error::JournalCorrupt) if rotten.is_some() => {
                    self.is_over = true;
                    self.tally.corruptions += 1;
                }
                Err(error) => world.find(|| format!("opening says {error:?}")),
            }
            drop(world);
            if self.is_over {
                return;
            }
        }
    }

    fn begin_process(&mut self, is_rotten: bool, fuse: Option<(u64, End)>, forgets: bool) {
        let mut world = self.handle.world();
        let world = &mut *world;
        self.tally.restarts += 1;
        world.begin();
        let (image, clock) = (Snapshot(world.disk.seen()), world.now());
        let digest = self.case.1[usize::from(forgets)].digest;
        match world.model.restart(&image, clock, digest, forgets) {
            Ok(false) if !is_rotten => world.find(|| "the journal is corrupt".into()),
            Ok(_) => {}
            Err(what) => world.find(|| what),
        }
        world.fuse = fuse;
    }

    fn open(&self, forgets: bool) -> Result<Arc<Gateway>, Error> {
        let venue = self.handle.clone();
        let simulation = Simulation {
            disk: Arc::new(self.handle.clone()),
            venue: Arc::new(move || Box::new(venue.clone())),
        };
        let options = Options {
            clock: Arc::clone(&self.handle.world().clock) as _,
            keys: Arc::clone(&self.setting.keys) as _,
            simulation: Some(simulation),
            ..Options::default()
        };
        Gateway::open_with(&self.case.1[usize::from(forgets)], options).map(Arc::new)
    }

    /// Clients send again what may not have been heard, in the order of their sequences.
    fn retry_all(&mut self) {
        let gateway = self.open_gateway();
        for submission in self.clients.iter().flat_map(Client::latest).collect::<Vec<_>>() {
            if self.random.percent(60) {
                self.tell(|| format!("retries {submission}"));
                submission::submit(&self.handle, &gateway, submission);
            }
        }
    }

    /// With the world well again everything comes to its end.
    fn finish(&mut self) {
        if !self.is_over && self.finding().is_none() {
            {
                let mut world = self.handle.world();
                (world.fuse, world.fault) = (None, None);
                (world.is_well, world.venue.is_down) = (true, false);
                if !world.ended {
                    world.end(End::Kill);
                }
            }
            self.reopen("opens for the last time");
        }
        if !self.is_over && self.finding().is_none() {
            self.settle();
        }
        let world = self.handle.world();
        (self.tally.acks, self.tally.power_losses) = (world.acks, world.power_losses);
        (self.tally.saw, self.tally.cancels) = (world.saw, world.venue.cancels_of_gateways);
        self.tally.forgotten = world.model.forgotten;
        drop(world);
        self.handle.world().ended = true;
        self.gateway = None;
    }

    fn settle(&mut self) {
        {
            let mut world = self.handle.world();
            let World { venue, random, .. } = &mut *world;
            venue.happen(random);
            world.wake();
        }
        self.hears();
        let mut world = self.handle.world();
        if world.venue.has_more() {
            world.find(|| "what the venue said unasked was never heard".into());
        }
        let (unanswered, waiting) = (world.model.book().unanswered(), world.waiting.len());
        if !unanswered.is_empty() || waiting > 0 {
            world.find(|| format!("{unanswered:?} were never sent; {waiting} wait for their acks"));
        }
        drop(world);
        self.closes();
    }
}
