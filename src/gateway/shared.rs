//! What the gateway's handle, its futures and its writer thread share.

use std::hint;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, TryLockError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::gateway::authenticate::Authenticator;
use crate::gateway::bell::Bell;
use crate::gateway::clock::Clock;
use crate::gateway::completions::Signal;
use crate::gateway::core::{Core, Submission};
use crate::gateway::decode::decode;
use crate::gateway::meter::{self, Sending};
use crate::gateway::observer::{Laps, Observer};
use crate::gateway::parker::Parker;
use crate::gateway::pump::Engine;
use crate::gateway::report::ExecError;
use crate::gateway::waiters::{Ending, Listener};
use crate::secret::ForkGuard;
use crate::threads;

/// So often the lock is asked for before the thread is put to sleep: for as long as many orders
/// have it.
const LOCK_ATTEMPTS: u32 = 128;

/// Between two of them: long enough to leave the lock's cache line to who has it.
const LOCK_PAUSES_MAX: u32 = 8;

pub(super) struct Shared {
    pub fork: ForkGuard,
    pub clock: Arc<dyn Clock>,
    pub observer: Option<Arc<dyn Observer>>,
    pub authenticator: Authenticator,
    pub core: Mutex<Core>,
    /// None where no journal is kept, or when it was given free.
    pub engine: Mutex<Option<Engine>>,
    /// Wakes the writer thread.
    pub bell: Arc<Bell>,
    /// Completions for the pollers.
    pub completed: Condvar,
    pub signal: OnceLock<Arc<Signal>>,
    /// The log has told that the gateway broke.
    pub failure_told: AtomicBool,
    /// What is decided is written down before anything else is done.
    pub keeps_journal: bool,
    /// So many events behind the last snapshot call for another one.
    pub snapshot_events: u64,
    /// In a simulation nobody pumps but who waits.
    pub waiter_pumps: bool,
}

impl Shared {
    pub(super) fn observer(&self) -> Option<&dyn Observer> {
        self.observer.as_deref()
    }

    /// The lock; after a panic under it nothing can be trusted any more. It is asked for again and
    /// again for a while: whoever has it is done sooner than this thread would be asleep.
    pub(super) fn core(&self) -> Result<MutexGuard<'_, Core>> {
        for attempt in 0..LOCK_ATTEMPTS {
            match self.core.try_lock() {
                Ok(core) => return Ok(core),
                Err(TryLockError::Poisoned(_)) => return Err(Error::Internal),
                Err(TryLockError::WouldBlock) => {
                    (0..=attempt.min(LOCK_PAUSES_MAX)).for_each(|_| hint::spin_loop());
                }
            }
        }
        self.core.lock().map_err(|_| Error::Internal)
    }

    /// The lock and the clock. When the clock was set back the gateway's time is first.
    pub(super) fn core_now(&self) -> Result<(MutexGuard<'_, Core>, u64)> {
        let now = self.clock.now();
        let core = self.core()?;
        if !core.is_ahead_of(now) {
            return Ok((core, now));
        }
        drop(core);
        self.follow_clock()?;
        let now = self.clock.now();
        Ok((self.core()?, now))
    }

    /// Takes the gateway's time back to the clock's.
    fn follow_clock(&self) -> Result<()> {
        let mut core = self.core()?;
        // Read under the lock: the thread may have waited for it for long.
        let now = self.clock.now();
        if core.ended.is_none() && core.is_ahead_of(now) {
            let by_ns = core.set_back(now);
            drop(core);
            meter::clock_set_back(by_ns);
        }
        Ok(())
    }

    #[inline]
    pub(super) fn sending(&self, frame: &[u8]) -> Sending {
        Sending::begin(frame.len(), self.keeps_journal)
    }

    /// Takes a frame through gates 1 to 5 and sees that gates 6 and 7 will follow.
    pub(super) fn submit(
        &self,
        bytes: &[u8],
        listener: Listener,
        sending: &Sending,
    ) -> Result<Submission> {
        self.fork.check()?;
        let mut laps = Laps::start(self.observer(), sending.started);
        // Where it is, for it is large.
        let frame = decode(bytes, &mut laps);
        let frame = frame.as_ref().map_err(|error| *error)?;
        let entrance = self.authenticator.entrance(frame.order.session_id);
        let ticket = entrance.map(|entrance| entrance.turnstile.enter());
        let session = self.authenticator.authenticate(entrance, frame, &mut laps)?;
        if let Some(ticket) = &ticket {
            ticket.wait();
        }
        let (mut core, now) = self.core_now()?;
        let submission = core.submit(frame, session, now, listener, &mut laps);
        self.release(core);
        submission
    }

    /// Gives the lock back, and wakes those for whom there is something now.
    pub(super) fn release(&self, mut core: MutexGuard<'_, Core>) {
        self.wake_pollers(&core);
        // Woken once is enough; while it works it looks again by itself.
        let wakes_writer = core.outbox.len() >= core.writer_wakes_at;
        if wakes_writer {
            core.writer_wakes_at = usize::MAX;
        }
        let woken = core.waiters.take_woken();
        drop(core);
        if wakes_writer {
            self.bell.ring();
        }
        if let Some(woken) = woken {
            woken.into_iter().for_each(Waker::wake);
        }
    }

    /// Wakes who waits in `poll`, if there is something for them.
    pub(super) fn wake_pollers(&self, core: &Core) {
        if core.pollers > 0 && !core.completions.is_empty() {
            self.completed.notify_all();
        }
    }

    /// Whoever waits in a simulation, if not for no time at all, pumps. A failure it hears of as
    /// others do.
    pub(super) fn pump_in_simulation(&self, timeout: Duration) {
        self.pump_if(self.waiter_pumps, timeout);
    }

    fn pump_if(&self, nobody_else_does: bool, timeout: Duration) {
        if nobody_else_does && !timeout.is_zero() {
            let _ = self.pump();
        }
    }

    /// Blocks until the ending comes or the time is over; over, the order is in the unknown.
    pub(super) fn wait(&self, waiter: u32, order_id: u64, timeout: Duration) -> Ending {
        // A sink of the log may be called by the writer thread, which then works for nobody else.
        self.pump_if(self.waiter_pumps || threads::is_ours(), timeout);
        let deadline = Instant::now().checked_add(timeout);
        let parker = Parker::of_this_thread();
        let waker = Waker::from(Arc::clone(&parker));
        loop {
            let mut core = self.core()?;
            if let Some(ending) = core.waiters.take(waiter, Some(&waker)) {
                return ending;
            }
            let left = deadline.map(|at| at.saturating_duration_since(Instant::now()));
            if left == Some(Duration::ZERO) {
                core.waiters.abandon(waiter);
                let ack = core.state.ack(order_id);
                return Err(ExecError::Unknown { error: Error::Timeout, ack });
            }
            drop(core);
            parker.park(left);
        }
    }
}
