//! What operators do while orders come: halts, prices, limits, keys, the end of a session.

use tinywindow::gateway::{ExposureLimits, ExposureScope, HaltScope, RESUME_CONTEXT};
use tinywindow::signing::{Context, Signer};
use tinywindow::{Error, Gateway, Reason, Result};

use crate::client::{KEYS, SESSIONS, key, key_id, text};
use crate::history::History;
use crate::model::Fact;
use crate::rules::{ACCOUNTS, SYMBOLS, UNIT};
use crate::setting::officers_key;

impl History<'_> {
    pub fn changes(&mut self) {
        match self.random.below(10) {
            0..=2 => self.halts(),
            3..=4 => {
                let number = self.random.index(2);
                self.sets_a_price(number);
            }
            5 => self.sets_limits(),
            6..=7 => self.changes_keys(),
            _ => self.cancels_a_session(),
        }
    }

    fn one_session(&mut self) -> u64 {
        SESSIONS[self.random.index(2)]
    }

    fn halts(&mut self) {
        let symbol = text(SYMBOLS[self.random.index(2)]);
        let account = text(ACCOUNTS[self.random.index(2)]);
        let scopes = [
            HaltScope::Gateway,
            HaltScope::Session(self.one_session()),
            HaltScope::Symbol(symbol),
            HaltScope::Account(account),
        ];
        let scope = scopes[self.random.index(4)];
        if self.random.percent(30) {
            return self.sets(Fact::Halt(scope, true), |gateway| gateway.halt(scope));
        }
        // Of what is halted, if something is.
        let halted = {
            let world = self.handle.world();
            let is_halted = |scope: &&HaltScope| world.model.book().halted(scope).is_some();
            scopes.iter().find(is_halted).copied()
        };
        self.resumes(halted.unwrap_or(scope));
    }

    /// Alone, or with the officer's signature of the line that the documents tell.
    fn resumes(&mut self, scope: HaltScope) {
        if !self.rules().two_persons {
            return self.sets(Fact::Halt(scope, false), |gateway| gateway.resume(scope));
        }
        let since = self.handle.world().model.book().halted(&scope);
        let line = format!("resume {scope}, halted at {}", since.unwrap_or(0));
        let officer = Signer::new(&officers_key()).expect("a signer");
        let context = Context::Custom(RESUME_CONTEXT);
        let signature = officer.sign(context, line.as_bytes()).expect("a signature");
        self.fails(format!("resumes {scope} alone"), Error::Unauthenticated, |gateway| {
            gateway.resume(scope)
        });
        if since.is_some() && self.random.percent(80) {
            return self
                .sets(Fact::Resumed(scope), |gateway| gateway.resume_agreed(scope, &signature));
        }
        let forged = officer.sign(context, b"resume").expect("a signature");
        let error = if since.is_some() { Error::Unauthenticated } else { Error::NotFound };
        self.fails(format!("resumes {scope} without a right"), error, |gateway| {
            gateway.resume_agreed(scope, &forged)
        });
    }

    pub fn sets_a_price(&mut self, number: usize) {
        let symbol = text(SYMBOLS[number]);
        let price = ((90 + self.random.below(20)) * UNIT) as i64;
        let fact = Fact::Reference(symbol, price);
        self.sets(fact, |gateway| gateway.set_reference_price(&symbol, price));
    }

    fn sets_limits(&mut self) {
        let account = ExposureScope::Account(text(ACCOUNTS[self.random.index(2)]));
        let scopes = [ExposureScope::Firm, ExposureScope::EveryAccount, account];
        let scope = scopes[self.random.index(3)];
        let mut limit = |least: u64, more: u64| match self.random.percent(10) {
            true => u64::MAX,
            false => (least + self.random.below(more)) * UNIT,
        };
        let limits = ExposureLimits {
            max_gross_notional: limit(1_000, 6_000),
            max_net_notional: limit(800, 4_000),
            max_loss: limit(10, 150),
        };
        let limits = self.random.percent(85).then_some(limits);
        let fact = Fact::Limits(scope, limits);
        self.sets(fact, |gateway| gateway.set_exposure_limits(scope, limits));
    }

    fn changes_keys(&mut self) {
        let (session_id, number) = (self.one_session(), self.random.index(KEYS));
        let key_id = key_id(session_id, number);
        if self.random.percent(60) {
            return self.adds_a_key(session_id, number);
        }
        let is_known = {
            let world = self.handle.world();
            world.model.book().session(session_id).keys.contains_key(&key_id)
        };
        if !is_known {
            let what = format!("retires a key {key_id} that session {session_id} never had");
            return self.asks_the_time_and_fails(what, Error::NotFound, |gateway| {
                gateway.retire_key(session_id, key_id)
            });
        }
        let fact = Fact::Key { session_id, key_id, active: false };
        self.sets(fact, |gateway| gateway.retire_key(session_id, key_id));
        self.handle.world().model.forget(session_id, key_id);
    }

    fn adds_a_key(&mut self, session_id: u64, number: usize) {
        let (key, key_id) = (key(session_id, number), key_id(session_id, number));
        let (had, known) = {
            let mut world = self.handle.world();
            let known = world.model.book().session(session_id).keys.get(&key_id).copied();
            (world.model.give(session_id, key_id), known)
        };
        let add = |gateway: &Gateway| gateway.add_key(session_id, &key);
        match (had, known) {
            (true, _) => self.fails("adds a key again".into(), Error::Conflict, add),
            (false, None) => {
                self.sets(Fact::Key { session_id, key_id, active: true }, add);
            }
            (false, Some(false)) => {
                self.handle.world().model.forget(session_id, key_id);
                self.asks_the_time_and_fails("adds a retired key".into(), Error::Conflict, add);
            }
            // The journal knows it from before a restart; nothing is written down.
            (false, Some(true)) => {
                self.tell(|| format!("gives key {key_id} again"));
                self.asks_the_time();
                let done = add(&self.open_gateway());
                self.expect(done, Ok(()), None);
            }
        }
    }

    fn cancels_a_session(&mut self) {
        let session_id = self.one_session();
        self.tell(|| format!("cancels what is open of session {session_id}"));
        let (orders, length) = {
            let mut world = self.handle.world();
            let clock = world.now();
            let time = world.model.ask_time(clock);
            let orders = world.model.book().to_cancel(session_id);
            let mut length = None;
            for order_id in &orders {
                length = Some(world.model.cancels(time, *order_id, Reason::SessionCancelled));
            }
            (orders.len() as u64, length)
        };
        let done = self.open_gateway().cancel_session(session_id);
        self.expect(done, Ok(orders), length);
    }

    /// A change that is taken, and durable when the call returns.
    pub fn sets(&mut self, fact: Fact, act: impl FnOnce(&Gateway) -> Result<()>) {
        self.tell(|| format!("sets {fact:?}"));
        self.tally.changes += 1;
        let length = {
            let mut world = self.handle.world();
            let clock = world.now();
            let time = world.model.ask_time(clock);
            world.model.add(time, fact)
        };
        let done = act(&self.open_gateway());
        self.expect(done, Ok(()), Some(length));
    }

    fn asks_the_time(&mut self) {
        let mut world = self.handle.world();
        let clock = world.now();
        world.model.ask_time(clock);
    }

    fn asks_the_time_and_fails(
        &mut self,
        what: String,
        error: Error,
        act: impl FnOnce(&Gateway) -> Result<()>,
    ) {
        self.asks_the_time();
        self.fails(what, error, act);
    }

    /// A change that is refused.
    fn fails(&mut self, what: String, error: Error, act: impl FnOnce(&Gateway) -> Result<()>) {
        self.tell(|| what);
        let done = act(&self.open_gateway());
        self.expect(done, Err(error), None);
    }

    /// What a change says is what it must; then so much of the log can be lost no more.
    fn expect<T: PartialEq + std::fmt::Debug>(
        &mut self,
        done: Result<T>,
        expected: Result<T>,
        length: Option<usize>,
    ) {
        let mut world = self.handle.world();
        match done {
            _ if world.ended => {}
            Err(_) if world.failed => {}
            done if done == expected => {
                if let Some(length) = length {
                    world.model.promise(length);
                }
            }
            done => world.find(|| format!("a change says {done:?}, must be {expected:?}")),
        }
    }
}
