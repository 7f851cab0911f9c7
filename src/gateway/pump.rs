//! Gates 6 and 7, journal and venue: what was decided is made durable, sent and acknowledged, in
//! the order of the decisions.
//!
//! One pump works at a time, for all who wait: while it syncs one batch, the next one gathers
//! (group commit). A writer thread pumps, so that a caller's timeout holds even if the disk hangs;
//! how long it lets a batch gather is `gathering.rs`'s.
//! Where no journal is kept there is nothing to pump: see `direct.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::error::{Error, Result};
use crate::gateway::completions::Told;
use crate::gateway::core::{Core, Dispatch};
use crate::gateway::gathering::Gathering;
use crate::gateway::meter;
use crate::gateway::observer::{Gate, Laps};
use crate::gateway::shared::Shared;
use crate::journal::{Batch, Journal};
use crate::telemetry::{Event as LogEvent, Value, emit};
use crate::venue::{Execution, Venue};

/// The pump's own: journal, venue, and the batch in work.
pub(super) struct Engine {
    journal: Box<dyn Journal>,
    venue: Box<dyn Venue>,
    batch: Batch,
    work: Vec<Dispatch>,
    heard: Heard,
    woken: Vec<Waker>,
}

/// What the venue said, and who is to be told of it.
struct Heard {
    answers: Vec<Execution>,
    notices: Vec<Notice>,
    /// Trades that no position can have.
    of_no_order: Vec<Execution>,
}

/// What the writer thread is to do next.
enum Turn {
    Work,
    Checkpoint,
    End,
}

/// What callers are told once the venue's answers are written down.
enum Notice {
    Ack(u64),
    Execution(Execution, Told),
}

impl Engine {
    pub(super) fn new(journal: Box<dyn Journal>, venue: Box<dyn Venue>, in_flight: usize) -> Self {
        Self {
            journal,
            venue,
            batch: Batch::with_capacity(2 * in_flight),
            work: Vec::with_capacity(in_flight),
            heard: Heard {
                answers: Vec::with_capacity(in_flight),
                notices: Vec::with_capacity(in_flight),
                of_no_order: Vec::new(),
            },
            woken: Vec::with_capacity(2 * in_flight),
        }
    }

    /// Forgets the batch in work: what could not be made durable is never sent.
    fn clear(&mut self) {
        self.batch.clear();
        self.work.clear();
        self.heard.answers.clear();
        self.heard.notices.clear();
    }
}

impl Shared {
    /// Works until nothing is queued, and hears what the venue has said unasked. An error is final:
    /// the gateway has ended.
    pub(super) fn pump(&self) -> Result<()> {
        while self.pump_once()?.is_some() {}
        Ok(())
    }

    /// Works off what is queued now, if anything is; says how many waited when it was answered.
    /// Otherwise listens to the venue, if that has something to say.
    fn pump_once(&self) -> Result<Option<usize>> {
        let mut of_no_order = Vec::new();
        let worked = self.work_off_next(&mut of_no_order);
        of_no_order.iter().for_each(meter::traded_unknown);
        worked.inspect_err(|error| self.tell_failure(*error))
    }

    /// Tells once that the gateway broke; not to be called under a lock.
    pub(super) fn tell_failure(&self, error: Error) {
        if !self.failure_told.swap(true, Ordering::Relaxed) {
            emit(LogEvent::JournalFailed, &[Value::Name(error.name())]);
        }
    }

    /// Leaves what is to be told once there is no lock.
    fn work_off_next(&self, of_no_order: &mut Vec<Execution>) -> Result<Option<usize>> {
        let Ok(mut engine) = self.engine.lock() else {
            // Somebody panicked in here, with work in hand that nobody takes up again.
            self.fail(self.core()?, Error::Internal);
            return Err(Error::Internal);
        };
        let Some(engine) = &mut *engine else {
            self.listen_directly()?;
            return Ok(None);
        };
        let has_work = self.take_batch(engine)?;
        if !has_work && !self.bell.has_news() {
            return Ok(None);
        }
        let worked = self.work_off(engine).or_else(|error| {
            engine.clear();
            self.fail(self.core()?, error);
            Err(error)
        });
        std::mem::swap(&mut engine.heard.of_no_order, of_no_order);
        worked.map(|in_flight| has_work.then_some(in_flight))
    }

    /// Where no journal is kept: hears what the venue has said unasked.
    fn listen_directly(&self) -> Result<()> {
        if self.bell.take_news() {
            let (mut core, now) = self.core_now()?;
            core.listen(now);
            self.release(core);
        }
        Ok(())
    }

    /// The gateway ends, and all who wait hear of it.
    fn fail(&self, mut core: MutexGuard<'_, Core>, error: Error) {
        core.fail(error);
        let woken = std::mem::take(&mut core.waiters.woken);
        drop(core);
        self.completed.notify_all();
        woken.into_iter().for_each(Waker::wake);
    }

    /// Keeps a snapshot, if one is due. Only while no order is taken: all of the state is then in
    /// the journal, and nobody waits for it.
    pub(super) fn keep_snapshot(&self) -> Result<()> {
        let mut guard = self.engine.lock().map_err(|_| Error::Internal)?;
        let Some(engine) = &mut *guard else { return Ok(()) };
        let core = self.core()?;
        let is_broken = core.ended.is_some_and(|error| error != Error::Closed);
        if is_broken || engine.journal.events_behind() < self.snapshot_events {
            return Ok(());
        }
        let not_made = engine.journal.snapshot(&mut |out| core.state.put(out))?;
        drop(core);
        drop(guard);
        if let Some(error) = not_made {
            emit(LogEvent::SnapshotNotMade, &[Value::Name(error.name())]);
        }
        Ok(())
    }

    /// Makes all of it durable and gives the journal free.
    pub(super) fn seal(&self) -> Result<()> {
        let engine = self.engine.lock().map_err(|_| Error::Internal)?.take();
        // The venue's last answers have had no batch behind them to be synced with.
        engine.map_or(Ok(()), |mut engine| engine.journal.seal())
    }

    fn take_batch(&self, engine: &mut Engine) -> Result<bool> {
        let mut core = self.core()?;
        core.swap_log(&mut engine.batch);
        std::mem::swap(&mut core.outbox, &mut engine.work);
        Ok(!engine.work.is_empty() || !engine.batch.is_empty())
    }

    fn work_off(&self, engine: &mut Engine) -> Result<usize> {
        // Answers alone need no sync of their own: the venue can be asked for them again.
        let durable = !engine.work.is_empty();
        engine.journal.append(&engine.batch, durable)?;
        engine.batch.clear();
        let is_timed =
            |dispatch: &Dispatch| matches!(dispatch, Dispatch::Order { lap: Some(_), .. });
        let durable_at = engine.work.iter().any(is_timed).then(Instant::now);
        self.deliver(engine, durable_at)?;
        self.core()?.swap_log(&mut engine.batch);
        engine.journal.append(&engine.batch, false)?;
        engine.batch.clear();
        self.notify(engine)
    }

    /// Gate 7: sends the batch's commands and folds the answers into the state.
    fn deliver(&self, engine: &mut Engine, durable_at: Option<Instant>) -> Result<()> {
        for dispatch in engine.work.drain(..) {
            let (order_id, command, lap) = match dispatch {
                Dispatch::Order { order_id, command, lap } => (order_id, command, lap),
                Dispatch::Cancel { order_id } => {
                    // Only now: an answer since may have given the order another id.
                    let command = self.core()?.state.command(order_id);
                    if let Some(command) = command {
                        engine.venue.submit(&command, &mut engine.heard.answers);
                        self.fold(&mut engine.heard)?;
                    }
                    continue;
                }
                Dispatch::Barrier { waited_as } => {
                    engine.heard.notices.push(Notice::Ack(waited_as));
                    continue;
                }
            };
            let mut laps = Laps::resume(self.observer(), lap);
            if let Some(durable_at) = durable_at {
                laps.lap_at(Gate::Journal, durable_at);
            }
            let Some(command) = command else {
                engine.heard.notices.push(Notice::Ack(order_id));
                continue;
            };
            laps.restart();
            engine.venue.submit(&command, &mut engine.heard.answers);
            self.fold(&mut engine.heard)?;
            laps.lap(Gate::Venue);
        }
        self.bell.take_news();
        engine.venue.events(&mut engine.heard.answers);
        self.fold(&mut engine.heard)
    }

    fn fold(&self, heard: &mut Heard) -> Result<()> {
        let Heard { answers, notices, of_no_order } = heard;
        if answers.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let mut core = self.core()?;
        for execution in answers.drain(..) {
            of_no_order.extend(core.is_of_no_order(&execution).then_some(execution));
            let (is_answered, told) = core.hear(now, &execution);
            if is_answered {
                notices.push(Notice::Ack(execution.order_id));
            }
            notices.extend(told.map(|told| Notice::Execution(execution, told)));
        }
        Ok(())
    }

    fn notify(&self, engine: &mut Engine) -> Result<usize> {
        let mut core = self.core()?;
        let in_flight = core.waiters.in_flight();
        for notice in engine.heard.notices.drain(..) {
            match notice {
                Notice::Ack(order_id) => meter::decided(&core.end(order_id)),
                Notice::Execution(execution, told) => {
                    core.completions.push_execution(&execution, told);
                }
            }
        }
        self.wake_pollers(&core);
        std::mem::swap(&mut core.waiters.woken, &mut engine.woken);
        drop(core);
        engine.woken.drain(..).for_each(Waker::wake);
        Ok(in_flight)
    }

    /// Until there is work and the crowd is together, or something else to do.
    fn wait_for_work(&self, gathering: &mut Gathering) -> Result<Turn> {
        let due = self.checkpoint_due()?;
        loop {
            let mut core = self.core()?;
            core.writer_wakes_at = usize::MAX;
            if core.ended.is_some() {
                return Ok(Turn::End);
            }
            let left = if !core.outbox.is_empty() {
                let Some((left, crowd)) = gathering.waits(core.outbox.len()) else {
                    return Ok(Turn::Work);
                };
                core.writer_wakes_at = crowd;
                Some(left)
            } else {
                let left = due.map(|at| at.saturating_duration_since(Instant::now()));
                // A venue that always has something to say must not keep it off.
                if left == Some(Duration::ZERO) {
                    return Ok(Turn::Checkpoint);
                }
                if self.bell.has_news() {
                    return Ok(Turn::Work);
                }
                core.writer_wakes_at = 1;
                left
            };
            drop(core);
            self.bell.wait(left);
        }
    }

    /// When a checkpoint is to be signed though nothing comes that would bring one along.
    fn checkpoint_due(&self) -> Result<Option<Instant>> {
        let engine = self.engine.lock().map_err(|_| Error::Internal)?;
        Ok(engine.as_ref().and_then(|engine| engine.journal.checkpoint_due()))
    }

    fn sign_checkpoint(&self) -> Result<()> {
        let mut engine = self.engine.lock().map_err(|_| Error::Internal)?;
        let Some(engine) = &mut *engine else { return Ok(()) };
        engine.journal.checkpoint().or_else(|error| {
            self.fail(self.core()?, error);
            Err(error)
        })
    }

    /// The writer thread: pumps whenever there is work, until the gateway has ended.
    pub(super) fn write_until_ended(&self) {
        let outcome = catch_unwind(AssertUnwindSafe(|| self.take_turns()));
        if !matches!(outcome, Ok(Ok(()))) {
            let core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
            let error = core.ended.unwrap_or(Error::Internal);
            self.fail(core, error);
            self.tell_failure(error);
        }
    }

    fn take_turns(&self) -> Result<()> {
        let mut gathering = Gathering::default();
        loop {
            match self.wait_for_work(&mut gathering)? {
                Turn::Work => {
                    let begin = Instant::now();
                    if let Some(in_flight) = self.pump_once()? {
                        gathering.answered(begin, in_flight);
                    }
                }
                Turn::Checkpoint => self.sign_checkpoint()?,
                Turn::End => return self.pump(),
            }
        }
    }
}
