//! The completion queue: acks of polled submissions and executions, numbered in the order in which
//! they happened, drained by `poll`. Its file descriptor is readable while something waits, so
//! that epoll, asyncio and every other loop can wait for it; no thread of ours calls back.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::gateway::meter;
use crate::gateway::report::{ExecError, OrdStatus};
use crate::gateway::shares::Shares;
use crate::gateway::waiters::Queued;
use crate::venue::Execution;

#[derive(Debug)]
pub(super) struct Completions {
    queue: VecDeque<Entry>,
    capacity: usize,
    /// Of what is queued, and of acks to come.
    shares: Shares,
    /// Of the latest; the others have the numbers before it.
    last_number: u64,
    /// Somebody has polled, submitted or asked for the descriptor, so nothing is ever dropped. Who
    /// only sends and waits need not drain a queue: of executions the latest are kept for him.
    subscribed: bool,
    signal: Option<Arc<Signal>>,
    signalled: bool,
}

/// A completion that waits: what cannot be looked up any more when it is asked for, since memory
/// written to on each order and read by few is better small.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    /// `error`: the outcome is unknown.
    Ack {
        session: u32,
        tag: u64,
        order_id: u64,
        duplicate: bool,
        error: Option<Error>,
    },
    Execution {
        execution: Execution,
        told: Told,
    },
}

/// To whom an execution is told, and what of it is not the venue's to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    pub session: u32,
    pub time: u64,
    pub status: OrdStatus,
}

impl Entry {
    /// In whose share it is.
    fn session(&self) -> u32 {
        match *self {
            Entry::Ack { session, .. } => session,
            Entry::Execution { told, .. } => told.session,
        }
    }
}

/// A pair of sockets that holds one byte while the queue is not empty. Neither end blocks: a host
/// that reads from its end must not hang the gateway.
#[derive(Debug)]
pub(super) struct Signal {
    reader: UnixStream,
    writer: UnixStream,
}

impl Completions {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Self {
            queue: VecDeque::with_capacity(capacity),
            capacity,
            shares: Shares::default(),
            last_number: 0,
            subscribed: false,
            signal: None,
            signalled: false,
        }
    }

    pub(super) fn subscribe(&mut self) {
        self.subscribed = true;
    }

    /// Each session may have so many completions, and with those of cancels as many again.
    pub(super) fn divide(&mut self, sizes: &[u32]) {
        self.shares = Shares::of(sizes);
    }

    /// Whether one more frame of the session may come.
    pub(super) fn has_room(&self, session: u32, is_cancel: bool) -> Result<()> {
        if self.subscribed { self.shares.has_room(session, is_cancel) } else { Ok(()) }
    }

    /// Keeps room for an ack of the session's to come.
    pub(super) fn expect_ack(&mut self, session: u32) {
        self.shares.take(session);
    }

    /// Queues an ack that was expected.
    pub(super) fn push_ack(&mut self, session: u32, queued: Queued) {
        let Queued { tag, started, ending } = queued;
        meter::ended(started, &ending);
        let (ack, error) = match ending {
            Ok(ack) => (ack, None),
            Err(ExecError::Unknown { error, ack }) => (ack, Some(error)),
            // Of these the submission itself has told.
            Err(ExecError::Refused(_) | ExecError::Rejected(_)) => {
                return self.shares.give_back(session);
            }
        };
        let (order_id, duplicate) = (ack.order_id, ack.duplicate);
        self.push(Entry::Ack { session, tag, order_id, duplicate, error });
    }

    /// Queues an execution. One that is dropped leaves a gap in the numbers.
    #[inline]
    pub(super) fn push_execution(&mut self, execution: &Execution, told: Told) {
        if !self.subscribed && self.queue.len() >= self.capacity {
            let dropped = self.queue.pop_front();
            dropped.into_iter().for_each(|entry| self.shares.give_back(entry.session()));
        }
        self.shares.take(told.session);
        self.push(Entry::Execution { execution: *execution, told });
    }

    #[inline]
    fn push(&mut self, entry: Entry) {
        self.last_number += 1;
        self.queue.push_back(entry);
        self.update_signal();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    /// Moves up to `max` completions, oldest first, to the caller, each with its number.
    pub(super) fn drain(&mut self, max: usize, mut take: impl FnMut(u64, Entry)) -> usize {
        let count = max.min(self.queue.len());
        let first = self.last_number - self.queue.len() as u64 + 1;
        for (number, entry) in (first..).zip(self.queue.drain(..count)) {
            self.shares.give_back(entry.session());
            take(number, entry);
        }
        self.update_signal();
        count
    }

    /// From now on the signal shows whether something waits.
    pub(super) fn attach(&mut self, signal: Arc<Signal>) {
        self.signal = Some(signal);
        self.update_signal();
    }

    fn update_signal(&mut self) {
        let Some(signal) = &self.signal else { return };
        let waiting = !self.queue.is_empty();
        if waiting != self.signalled {
            if waiting {
                signal.raise()
            } else {
                signal.lower()
            }
            self.signalled = waiting;
        }
    }
}

impl Signal {
    pub(super) fn new() -> Result<Self> {
        Self::pair().map_err(|_| Error::Io)
    }

    fn pair() -> io::Result<Self> {
        let (reader, writer) = UnixStream::pair()?;
        reader.set_nonblocking(true)?;
        writer.set_nonblocking(true)?;
        Ok(Self { reader, writer })
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        self.reader.as_fd()
    }

    /// Cannot fail: there is room for a byte, and both ends are ours.
    fn raise(&self) {
        let _ = (&self.writer).write(&[1]);
    }

    /// Fails when the host has read the byte: then there is none to take.
    fn lower(&self) {
        let _ = (&self.reader).read(&mut [0]);
    }
}
