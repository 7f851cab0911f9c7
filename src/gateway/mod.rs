//! The order path. A frame passes seven gates, one file each, in this order:
//!
//! 1. `decode` the frame, strictly;
//! 2. `authenticate` its signature;
//! 3. `freshness`: sequence, sending time, repeats;
//! 4. `throttle`: token buckets;
//! 5. `risk`: the firm's limits;
//! 6. journal and
//! 7. venue, both in `pump`: durable, then sent, answered and acknowledged; where no journal is
//!    kept, in `direct`.
//!
//! Gates 1 and 2 run on the caller's thread, in parallel. Gates 3 to 5 are `decide`, a pure
//! function over a `state` that only `apply` changes, under one short lock.

mod activity;
mod actor;
mod apply;
pub(crate) mod authenticate;
mod bell;
mod client_order_ids;
mod clock;
mod completions;
mod core;
mod decide;
mod decode;
mod direct;
pub mod event;
pub mod exposure;
mod freshness;
mod gathering;
pub mod instrument;
mod kill_switch;
mod mass_cancel;
mod meter;
mod observer;
mod open;
mod own_orders;
mod parker;
mod positions;
mod pump;
mod records;
mod report;
mod risk;
mod row;
mod send_order;
mod sessions;
mod shared;
mod shares;
mod state;
mod table;
mod throttle;
mod turnstile;
mod waiters;

use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

pub(crate) use actor::act_as;
pub use actor::acting_as;
pub use authenticate::MAX_KEYS_PER_SESSION;
pub use clock::{Clock, ManualClock, SystemClock};
pub use event::HaltScope;
pub use exposure::{ExposureLimits, ExposureScope};
pub use freshness::RETRY_MEMORY;
pub use instrument::{
    Hours, Instrument, NO_COLLAR, Permitted, TICK_BANDS_MAX, TickBand, UNLIMITED,
};
pub use kill_switch::RESUME_CONTEXT;
pub use observer::{Gate, Observer};
pub use open::Options;
#[doc(hidden)]
pub use open::Simulation;
pub use positions::{ExposureState, PositionState};
pub use report::{
    Completion, ExecError, ExecType, ExecutionReport, OrdStatus, OrderAck, OrderState,
};
pub use send_order::SendOrder;
pub use sessions::SessionState;

use crate::error::{Error, Reason, Result};
use crate::order::Text;
use crate::signing::{Suite, Verifier};
use crate::telemetry::{Event, Value, emit};
use completions::Signal;
use core::Submission;
use event::EventKind;
use observer::Laps;
use shared::Shared;
use state::State;
use waiters::Listener;

/// The firm's gate to a venue. Any number of threads may use one gateway.
///
/// Made by [`open`](Gateway::open); [`close`](Gateway::close), or dropping it, completes what is
/// pending. In a forked child every call gives [`Error::Forked`].
pub struct Gateway {
    shared: Arc<Shared>,
    writer: std::sync::Mutex<Option<JoinHandle<()>>>,
    /// Of those who may agree to lift a halt; with none nobody has to.
    resume_keys: Vec<Verifier>,
}

/// One of a session's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionKey {
    pub key_id: u64,
    pub suite: Suite,
    pub state: KeyState,
}

/// What a session's key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// It may sign.
    Active,
    /// It may never sign again.
    Retired,
    /// It may sign, but was given to an earlier process: the journal never holds a key. It must be
    /// added again.
    Absent,
}

impl Gateway {
    /// Sends a frame and waits for its ack, at most as long as `timeout`.
    ///
    /// `Ok`: decided. [`ExecError::Refused`]: nothing happened. [`ExecError::Unknown`]: the order
    /// may be live; ask with [`order_status`](Self::order_status) or send the same frame again.
    pub fn send(&self, frame: &[u8], timeout: Duration) -> Result<OrderAck, ExecError> {
        let sending = self.shared.sending(frame);
        let _entered = sending.enter();
        let ending = match self.shared.submit(frame, Listener::Waker(None), &sending) {
            Ok(Submission::Ended(ack)) => Ok(ack),
            Ok(Submission::Waiting { waiter, order_id }) => {
                self.shared.wait(waiter, order_id, timeout)
            }
            Err(error) => Err(error.into()),
        };
        sending.end(frame, &ending);
        ending
    }

    /// Sends a frame when first polled; resolves like [`send`](Self::send). Works on any executor.
    /// Dropping the future does not take the order back.
    pub fn send_order<F: AsRef<[u8]> + Unpin>(&self, frame: F) -> SendOrder<'_, F> {
        SendOrder { shared: &self.shared, frame, sending: None, waiter: None }
    }

    /// Sends a frame without waiting. An error: refused, nothing happened. Otherwise exactly one
    /// [`Completion::Ack`] with this tag follows through [`poll`](Self::poll).
    pub fn submit(&self, frame: &[u8], tag: u64) -> Result<()> {
        let sending = self.shared.sending(frame);
        let _entered = sending.enter();
        let listener = Listener::Queue { tag, started: sending.started };
        let submitted = self.shared.submit(frame, listener, &sending);
        match submitted {
            Ok(Submission::Waiting { order_id, .. }) => sending.has_id(order_id),
            Ok(Submission::Ended(ack)) => sending.has_id(ack.order_id),
            Err(error) => meter::refused(error, frame),
        }
        submitted.map(drop)
    }

    /// Appends up to `max` completions, oldest first, and says how many. Waits for the first one
    /// at most as long as `timeout`. Works on a closed gateway too.
    pub fn poll(
        &self,
        completions: &mut Vec<Completion>,
        max: usize,
        timeout: Duration,
    ) -> Result<usize> {
        self.poll_each(max, timeout, |completion| completions.push(completion))
    }

    pub(crate) fn poll_each(
        &self,
        max: usize,
        timeout: Duration,
        take: impl FnMut(Completion),
    ) -> Result<usize> {
        self.shared.fork.check()?;
        self.shared.pump_in_simulation(timeout);
        let deadline = Instant::now().checked_add(timeout);
        let mut core = self.shared.core()?;
        core.completions.subscribe();
        while core.completions.is_empty() && core.ended.is_none() {
            let left = deadline.map_or(timeout, |at| at.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            core.pollers += 1;
            let waited = self.shared.completed.wait_timeout(core, left);
            core = waited.map_err(|_| Error::Internal)?.0;
            core.pollers -= 1;
        }
        Ok(core.drain(max, take))
    }

    /// A file descriptor that is readable while completions wait. For epoll and its like only: do
    /// not read from it.
    pub fn completion_fd(&self) -> Result<BorrowedFd<'_>> {
        self.shared.fork.check()?;
        let mut core = self.shared.core()?;
        core.completions.subscribe();
        if self.shared.signal.get().is_none() {
            let signal = Arc::new(Signal::new()?);
            core.completions.attach(Arc::clone(&signal));
            // Under the lock nobody else can have set it.
            let _ = self.shared.signal.set(signal);
        }
        drop(core);
        self.shared.signal.get().map(|signal| signal.descriptor()).ok_or(Error::Internal)
    }

    /// Gates 1 to 5 alone: what would be decided now. Changes nothing.
    pub fn pre_trade_check(&self, frame: &[u8]) -> Result<(), ExecError> {
        meter::pre_trade(frame, || self.check(frame))
    }

    /// [`pre_trade_check`](Self::pre_trade_check) that tells every reason for which the order would
    /// be rejected, in the order of the checks; none if it would be accepted.
    pub fn pre_trade_reasons(&self, frame: &[u8]) -> Result<Vec<Reason>, ExecError> {
        let mut reasons = Vec::new();
        meter::pre_trade(frame, || self.each_reason(frame, |reason| reasons.push(reason)))?;
        Ok(reasons)
    }

    fn check(&self, frame: &[u8]) -> Result<(), ExecError> {
        let mut first = None;
        self.each_reason(frame, |reason| first = first.or(Some(reason)))?;
        first.map_or(Ok(()), |reason| Err(ExecError::Rejected(reason)))
    }

    fn each_reason(&self, frame: &[u8], found: impl FnMut(Reason)) -> Result<(), ExecError> {
        self.shared.fork.check()?;
        let mut laps = Laps::start(None, None);
        let frame = decode::decode(frame, &mut laps)?;
        let entrance = self.shared.authenticator.entrance(frame.order.session_id);
        let session = self.shared.authenticator.authenticate(entrance, &frame, &mut laps)?;
        let now = self.shared.clock.now();
        let core = self.shared.core()?;
        core.takes_orders()?;
        let named = core.state.named(session, &frame.order);
        Ok(decide::reasons(&core.state, &frame, &named, now, found)?)
    }

    /// What is known of the request of this session with this client order id.
    /// [`Error::NotFound`]: it was never decided. Works on a closed gateway too.
    pub fn order_status(&self, session_id: u64, client_order_id: u64) -> Result<OrderState> {
        self.shared.fork.check()?;
        self.shared.core()?.order_state(session_id, client_order_id)
    }

    /// Lets a key sign for the session from now on: a framed one, and of a suite with public keys
    /// the public one. A key added at run time must be added again after a restart, since the
    /// journal never holds a key. [`Error::Conflict`]: the session has it, or it was retired.
    pub fn add_key(&self, session_id: u64, key: &[u8]) -> Result<()> {
        self.shared.fork.check()?;
        self.shared.core()?.takes_orders()?;
        let verifier = authenticate::order_key(key)?;
        let (key_id, suite) = (verifier.key_id(), verifier.suite());
        let entrance = self.shared.authenticator.entrance(session_id).ok_or(Error::NotFound)?;
        entrance.learn(verifier)?;
        let added = self.change(|state| {
            let session = state.sessions.get(&session_id).ok_or(Error::NotFound)?;
            match session.key(key_id) {
                // Known from before a restart, when keys added at run time were forgotten.
                Some(key) if key.active => Ok(None),
                Some(_) => Err(Error::Conflict),
                None => Ok(Some(EventKind::Key { session_id, key_id, suite, active: true })),
            }
        });
        let told = [Value::Number(session_id), Value::KeyId(key_id), Value::Name(suite.name())];
        added.inspect(|()| emit(Event::KeyAdded, &told)).inspect_err(|_| entrance.forget(key_id))
    }

    /// Ends a key for ever: frames it signed that are not decided yet are refused.
    pub fn retire_key(&self, session_id: u64, key_id: u64) -> Result<()> {
        self.change(|state| {
            let session = state.sessions.get(&session_id).ok_or(Error::NotFound)?;
            let suite = session.key(key_id).ok_or(Error::NotFound)?.suite;
            Ok(Some(EventKind::Key { session_id, key_id, suite, active: false }))
        })?;
        if let Some(entrance) = self.shared.authenticator.entrance(session_id) {
            entrance.forget(key_id);
        }
        emit(Event::KeyRetired, &[Value::Number(session_id), Value::KeyId(key_id)]);
        Ok(())
    }

    /// Every key the session has or had, in the order in which they came.
    pub fn keys(&self, session_id: u64) -> Result<Vec<SessionKey>> {
        self.shared.fork.check()?;
        let core = self.shared.core()?;
        let session = core.state.sessions.get(&session_id).ok_or(Error::NotFound)?;
        let entrance = self.shared.authenticator.entrance(session_id);
        let state = |key: &state::KeyRecord| match entrance {
            _ if !key.active => KeyState::Retired,
            Some(entrance) if entrance.knows(key.key_id) => KeyState::Active,
            _ => KeyState::Absent,
        };
        let session_key = |key: &state::KeyRecord| SessionKey {
            key_id: key.key_id,
            suite: key.suite,
            state: state(key),
        };
        Ok(session.keys.iter().map(session_key).collect())
    }

    /// Adds an instrument, or changes the limits of one. [`Error::Argument`]: [`Instrument::check`]
    /// tells of which field. [`Error::Capacity`]: one too many.
    pub fn set_instrument(&self, instrument: Instrument) -> Result<()> {
        instrument.check()?;
        self.change(|state| {
            state.has_room_for_instrument(&instrument.symbol)?;
            Ok(Some(EventKind::Instrument(instrument)))
        })
    }

    /// Sets the ticks of higher prices than the instrument's own `tick` is for: at most
    /// [`TICK_BANDS_MAX`], each from a higher price than the one before; with none its tick is that
    /// of all prices. [`Error::Argument`]: other bands.
    pub fn set_tick_bands(&self, symbol: &Text, bands: &[TickBand]) -> Result<()> {
        instrument::check_bands(bands)?;
        self.change(|state| {
            state.instruments.find(symbol).ok_or(Error::NotFound)?;
            Ok(tick_bands(*symbol, bands))
        })
    }

    /// Sets the price that collars and the notional of market orders are measured by.
    /// [`Error::Argument`]: it is not above 0.
    pub fn set_reference_price(&self, symbol: &Text, price: i64) -> Result<()> {
        instrument::check_reference_price(price)?;
        self.change(|state| {
            state.instruments.find(symbol).ok_or(Error::NotFound)?;
            Ok(Some(EventKind::ReferencePrice { symbol: *symbol, price }))
        })
    }

    /// Sets the limits of an account, of every account that has none of its own, or of the firm;
    /// `None`: an account goes by those of every account again, and the others have none.
    /// [`Error::Argument`]: limits that no text can give; [`ExposureLimits::check`] tells which.
    /// [`Error::Capacity`]: one account too many.
    pub fn set_exposure_limits(
        &self,
        scope: ExposureScope,
        limits: Option<ExposureLimits>,
    ) -> Result<()> {
        limits.map_or(Ok(()), |limits| limits.check())?;
        self.change(|state| {
            if let ExposureScope::Account(account) = &scope {
                state.has_room_for(account)?;
            }
            Ok(Some(EventKind::ExposureLimits { scope, limits }))
        })
    }

    /// Applies a change, all of its events at once, and waits until it is durable. In force it is
    /// from the moment it is applied, durable or not. No crowd of frames keeps it out, the kill
    /// switch least of all: who waits here are threads of the host, so their number is limited.
    fn change<E: IntoIterator<Item = EventKind<'static>>>(
        &self,
        events: impl FnOnce(&State) -> Result<E>,
    ) -> Result<()> {
        self.shared.fork.check()?;
        let (mut core, now) = self.shared.core_now()?;
        core.takes_orders()?;
        let mut events = events(&core.state)?.into_iter().peekable();
        if events.peek().is_none() {
            return Ok(());
        }
        events.for_each(|event| core.record_by(actor::actor(), now, event));
        let Some(waiter) = core.barrier() else { return Ok(()) };
        self.shared.release(core);
        match self.shared.wait(waiter, 0, Duration::MAX) {
            Ok(_) => Ok(()),
            Err(ExecError::Refused(error)) => Err(error),
            Err(_) => Err(Error::Journal),
        }
    }

    /// Takes no more orders, completes what is pending and gives the journal free. Closing again
    /// is fine.
    pub fn close(&self) -> Result<()> {
        self.shared.fork.check()?;
        let was_open = self.shared.core()?.end_taking_orders();
        self.shared.bell.ring();
        self.shared.completed.notify_all();
        let writer = self.writer.lock().map_err(|_| Error::Internal)?.take();
        match writer {
            Some(writer) => writer.join().map_err(|_| Error::Internal)?,
            None => self.shared.pump()?,
        }
        let synced = self.shared.keep_snapshot().and(self.shared.seal());
        if was_open {
            emit(Event::GatewayClosed, &[]);
        }
        synced.inspect_err(|error| self.shared.tell_failure(*error))
    }
}

/// The events that give an instrument these bands and no others.
fn tick_bands(
    symbol: Text,
    bands: &[TickBand],
) -> impl Iterator<Item = EventKind<'static>> + use<'_> {
    let none = std::iter::once(None);
    none.chain(bands.iter().copied().map(Some))
        .map(move |band| EventKind::TickBand { symbol, band })
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if self.close() == Err(Error::Forked) {
            // The threads and the journal are the parent's: nothing here may be touched.
            std::mem::forget(Arc::clone(&self.shared));
        }
    }
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").finish_non_exhaustive()
    }
}
