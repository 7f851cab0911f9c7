//! Keeps a session's frames in the order in which they came, although they are verified in
//! parallel: a ticket is taken on entry, and decisions are made in the order of the tickets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Hands out tickets and serves them in order.
#[derive(Debug, Default)]
pub(super) struct Turnstile {
    next: AtomicU64,
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Debug, Default)]
struct Line {
    serving: u64,
    waiting: u32,
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
        Ticket { turnstile: self, number: self.next.fetch_add(1, Ordering::Relaxed) }
    }
}

impl Ticket<'_> {
    /// Waits until all who came before have left.
    pub(super) fn wait(&self) {
        drop(self.served());
    }

    fn served(&self) -> MutexGuard<'_, Line> {
        let mut line = self.turnstile.line.lock().unwrap_or_else(PoisonError::into_inner);
        while line.serving != self.number {
            line.waiting += 1;
            line = self.turnstile.moved.wait(line).unwrap_or_else(PoisonError::into_inner);
            line.waiting -= 1;
        }
        line
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        let mut line = self.served();
        line.serving += 1;
        let anyone_waits = line.waiting > 0;
        drop(line);
        // Without a look first this would be a system call for every order.
        if anyone_waits {
            self.turnstile.moved.notify_all();
        }
    }
}
