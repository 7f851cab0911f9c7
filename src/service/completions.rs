//! Executions for those who listen. The gateway has one queue of completions; whoever streams has a
//! queue of his own, so that a slow reader loses his stream and delays nobody.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc;
use tonic::Status;

use super::access::{Access, Caller};
use super::answer::{self, Class};
use super::log::Log;
use super::proto::execution::ExecutionReport;
use crate::gateway::{self, Completion, Gateway, acting_as};
use crate::order::{Text, text_str};
use crate::telemetry::Level;

/// Streams of one peer: what a desk and its supervisors have, twice over.
const STREAMS_PER_PEER: usize = 4;
/// Completions taken at once.
const BATCH: usize = 256;
/// How often the thread looks whether it is still wanted.
const PAUSE: Duration = Duration::from_millis(100);

const METHOD: &str = "Completions";

/// In whose name the journal has the cancels for a peer that was lost.
const DISCONNECT: &Text = b"disconnect\0\0\0\0\0\0";

pub(super) type Told = Result<ExecutionReport, Status>;

pub(super) struct Completions {
    gateway: Arc<Gateway>,
    access: Arc<Access>,
    log: Log,
    /// Executions that may wait for a reader: as many as for one of the library.
    waiting_max: usize,
    streams: Mutex<Streams>,
}

#[derive(Default)]
struct Streams {
    open: Vec<Stream>,
    /// Who has lost a stream since somebody last looked.
    left: Vec<Caller>,
    /// Since the first stream. Who has none has no thread, and the gateway drops its oldest.
    is_draining: bool,
    is_ending: bool,
}

struct Stream {
    caller: Caller,
    sessions: Vec<u64>,
    executions: mpsc::Sender<Told>,
    /// Room for the status that ends the stream, however full it is.
    end: mpsc::OwnedPermit<Told>,
}

impl Streams {
    /// Takes out those that nobody reads any more.
    fn sweep(&mut self) {
        let gone = self.open.extract_if(.., |stream| stream.executions.is_closed());
        self.left.extend(gone.map(|stream| stream.caller));
    }
}

impl Completions {
    pub(super) fn new(
        gateway: Arc<Gateway>,
        access: Arc<Access>,
        log: Log,
        waiting_max: u32,
    ) -> Arc<Completions> {
        let waiting_max = waiting_max as usize;
        Arc::new(Completions { gateway, access, log, waiting_max, streams: Mutex::default() })
    }

    /// A stream of all that happens from now on to the orders of the caller's sessions.
    pub(super) fn open(
        self: &Arc<Self>,
        caller: Caller,
    ) -> Result<mpsc::Receiver<Told>, (Class, &'static str)> {
        let sessions = self.access.sessions(&caller);
        let sessions = sessions.ok_or((Class::FORBIDDEN, "executions are for [[peers]] only"))?;
        let sessions = sessions.to_vec();
        let mut streams = self.streams();
        if streams.is_ending {
            return Err((Class::UNAVAILABLE, "there are no executions any more"));
        }
        streams.sweep();
        let of_peer = streams.open.iter().filter(|stream| stream.caller.peer == caller.peer);
        if of_peer.count() >= STREAMS_PER_PEER {
            return Err((Class::THROTTLED, "too many streams of one peer"));
        }
        if !streams.is_draining {
            self.start_draining().map_err(|why| (Class::UNAVAILABLE, why))?;
            streams.is_draining = true;
        }
        let (executions, receiver) = mpsc::channel(self.waiting_max + 1);
        let end = executions.clone().try_reserve_owned();
        let end = end.map_err(|_| (Class::UNAVAILABLE, "a new queue has no room"))?;
        streams.open.push(Stream { caller, sessions, executions, end });
        Ok(receiver)
    }

    /// The caller holds the lock, for which the thread waits: what happened before is for nobody.
    fn start_draining(self: &Arc<Self>) -> Result<(), &'static str> {
        let completions = Arc::downgrade(self);
        // First of all: once polled, the gateway counts on being polled.
        let started = thread::Builder::new().spawn(move || drain(&completions));
        started.map_err(|_| "there is no thread to be had")?;
        let forgotten = self.gateway.poll_each(usize::MAX, Duration::ZERO, drop);
        forgotten.map(drop).map_err(|_| "the gateway is broken")
    }

    /// Ends every stream, when what waits in the gateway has been told.
    pub(super) fn end(&self) {
        self.streams().is_ending = true;
    }

    fn tell(&self, completions: impl Iterator<Item = Completion>) {
        let mut streams = self.streams();
        for completion in completions {
            // Acks come of `submit`, which the daemon does not call.
            let Completion::Execution { execution, .. } = completion else { continue };
            let is_slow = |stream: &mut Stream| {
                stream.sessions.contains(&execution.session_id)
                    && stream.executions.try_send(Ok(report(&execution))).is_err()
            };
            let Streams { open, left, .. } = &mut *streams;
            for stream in open.extract_if(.., is_slow) {
                left.push(stream.caller.clone());
                self.end_stream(stream, Class::THROTTLED, "executions are not read in time");
            }
        }
    }

    /// Cancels what is open of peers that listen no longer, where that is configured. When the daemon
    /// ends its streams nobody is lost.
    fn cancel_of_the_lost(&self) {
        let lost: Vec<Caller> = {
            let mut streams = self.streams();
            streams.sweep();
            let left = std::mem::take(&mut streams.left);
            let is_lost = |caller: &Caller| {
                let listens = streams.open.iter().any(|stream| stream.caller.peer == caller.peer);
                !streams.is_ending && !listens && self.access.cancels_on_disconnect(caller)
            };
            left.into_iter().filter(is_lost).collect()
        };
        for caller in lost {
            let sessions = self.access.sessions(&caller).unwrap_or_default();
            sessions.iter().for_each(|session_id| self.cancel(&caller, *session_id));
        }
    }

    fn cancel(&self, caller: &Caller, session_id: u64) {
        let cancelled = acting_as(*DISCONNECT, || self.gateway.cancel_session(session_id));
        let (level, cancelled) = match cancelled {
            Ok(count) => (Level::Warn, count.to_string()),
            Err(error) => (Level::Error, error.name().to_owned()),
        };
        let details = [
            ("peer", caller.peer.as_deref().unwrap_or_default()),
            ("session_id", &*session_id.to_string()),
            ("cancelled", &*cancelled),
        ];
        self.log.write(level, "orders cancelled on disconnect", details);
    }

    fn end_all(&self) {
        let mut streams = self.streams();
        streams.is_ending = true;
        for stream in streams.open.drain(..) {
            self.end_stream(stream, Class::UNAVAILABLE, "there are no executions any more");
        }
    }

    fn end_stream(&self, stream: Stream, class: Class, why: &str) {
        if !stream.executions.is_closed() {
            let status =
                answer::refuse(&self.access, &self.log, &stream.caller, METHOD, class, why, &[]);
            stream.end.send(Err(status));
        }
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells what the gateway has, until there will be nothing any more or nobody is left.
fn drain(completions: &Weak<Completions>) {
    let mut batch = Vec::with_capacity(BATCH);
    if let Some(completions) = completions.upgrade() {
        drop(completions.streams());
    }
    while let Some(completions) = completions.upgrade() {
        let started = Instant::now();
        let polled = completions.gateway.poll(&mut batch, BATCH, PAUSE);
        completions.tell(batch.drain(..));
        completions.cancel_of_the_lost();
        // An open gateway has nothing only when the time is over.
        let has_ended = polled.is_err() || started.elapsed() < PAUSE;
        if polled.unwrap_or(0) == 0 && (has_ended || completions.streams().is_ending) {
            return completions.end_all();
        }
    }
}

/// Characters are FIX's.
fn report(execution: &gateway::ExecutionReport) -> ExecutionReport {
    ExecutionReport {
        order_id: execution.order_id,
        session_id: execution.session_id,
        client_order_id: execution.client_order_id,
        orig_client_order_id: execution.orig_client_order_id,
        symbol: text_str(&execution.symbol).to_owned(),
        side: char::from(execution.side as u8).into(),
        time: execution.time,
        exec_id: execution.exec_id,
        exec_type: char::from(execution.exec_type as u8).into(),
        ord_status: char::from(execution.ord_status as u8).into(),
        last_price: execution.last_price,
        last_quantity: execution.last_quantity,
        cum_quantity: execution.cum_quantity,
        leaves_quantity: execution.leaves_quantity,
    }
}
