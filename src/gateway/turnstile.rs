//! Keeps a session's frames in the order in which they came, although they are verified in
//! parallel: a ticket is taken on entry, and decisions are made in the order of the tickets.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, PoisonError};

/// Hands out tickets and serves them in order. Where nobody waits no lock is taken.
#[derive(Debug, Default)]
pub(super) struct Turnstile {
    next: AtomicU64,
    serving: AtomicU64,
    waiting: AtomicU32,
    line: Mutex<()>,
    moved: Condvar,
}

/// A place in the line; leaving it, however that happens, lets the next one through.
#[derive(Debug)]
pub(super) struct Ticket<'a> {
    turnstile: &'a Turnstile,
    number: u64,
}

impl Turnstile {
    /// Takes the next place.
    pub(super) fn enter(&self) -> Ticket<'_> {
        Ticket { turnstile: self, number: self.next.fetch_add(1, SeqCst) }
    }
}

impl Ticket<'_> {
    /// Waits until all who came before have left.
    #[inline]
    pub(super) fn wait(&self) {
        if !self.is_served() {
            self.stand_in_line();
        }
    }

    fn is_served(&self) -> bool {
        self.turnstile.serving.load(SeqCst) == self.number
    }

    #[cold]
    fn stand_in_line(&self) {
        let Turnstile { waiting, line, moved, .. } = self.turnstile;
        let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
        // Counted first, looked at after; who leaves does the reverse, so one sees the other.
        waiting.fetch_add(1, SeqCst);
        while !self.is_served() {
            line = moved.wait(line).unwrap_or_else(PoisonError::into_inner);
        }
        waiting.fetch_sub(1, SeqCst);
    }
}

impl Drop for Ticket<'_> {
    #[inline]
    fn drop(&mut self) {
        self.wait();
        let Turnstile { serving, waiting, line, moved, .. } = self.turnstile;
        serving.store(self.number + 1, SeqCst);
        // Without a look first this would be a system call for every order.
        if waiting.load(SeqCst) > 0 {
            // Whoever was counted now sleeps, or sees that it is served.
            drop(line.lock().unwrap_or_else(PoisonError::into_inner));
            moved.notify_all();
        }
    }
}
