//! Puts a thread to sleep until a waker wakes it.
//!
//! Not the standard library's `park`: that one needs the thread's local data, which is gone when a
//! C host calls from a thread that is ending, as one does that cancels its orders on exit.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Wake;
use std::time::Duration;

/// One thread's place to sleep.
#[derive(Debug, Default)]
pub(super) struct Parker {
    woken: Mutex<bool>,
    changed: Condvar,
}

impl Parker {
    /// This thread's own; a new one where the thread is ending.
    pub(super) fn of_this_thread() -> Arc<Parker> {
        thread_local! {
            static PARKER: Arc<Parker> = Arc::default();
        }
        PARKER.try_with(Arc::clone).unwrap_or_default()
    }

    /// Sleeps until woken, at most this long; `None` is for ever. Woken before, it does not sleep.
    pub(super) fn park(&self, timeout: Option<Duration>) {
        let woken = self.woken.lock().unwrap_or_else(PoisonError::into_inner);
        let sleeps = |woken: &mut bool| !*woken;
        let mut woken = match timeout {
            None => self.changed.wait_while(woken, sleeps).unwrap_or_else(PoisonError::into_inner),
            Some(timeout) => {
                let waited = self.changed.wait_timeout_while(woken, timeout, sleeps);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
        };
        *woken = false;
    }

    /// Wakes whoever sleeps, or the next who would.
    pub(super) fn unpark(&self) {
        *self.woken.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.changed.notify_one();
    }
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.unpark();
    }
}
