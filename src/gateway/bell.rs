//! What the writer thread sleeps by: rung by those who have work for it, and by a venue that has
//! something to say.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Wake;
use std::time::Duration;

use crate::gateway::parker::Parker;

/// No lock of the gateway's is taken to ring it: a venue may do so from inside of its own calls.
#[derive(Debug)]
pub(super) struct Bell {
    sleeper: Parker,
    has_news: AtomicBool,
}

impl Bell {
    /// With news: a venue may have said something before there was a bell.
    pub(super) fn new() -> Self {
        Self { sleeper: Parker::default(), has_news: AtomicBool::new(true) }
    }

    /// Wakes the writer thread, or keeps it from falling asleep once.
    pub(super) fn ring(&self) {
        self.sleeper.unpark();
    }

    /// Sleeps until it is rung, at most this long; `None` is for ever.
    pub(super) fn wait(&self, timeout: Option<Duration>) {
        self.sleeper.park(timeout);
    }

    /// Whether the venue has asked to be listened to.
    pub(super) fn has_news(&self) -> bool {
        self.has_news.load(Ordering::Acquire)
    }

    /// To be called before the venue is listened to: what it says later rings once more.
    pub(super) fn take_news(&self) -> bool {
        self.has_news.swap(false, Ordering::AcqRel)
    }
}

/// The venue's side of it.
impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Rung once is enough until somebody listens.
        if !self.has_news.swap(true, Ordering::AcqRel) {
            self.ring();
        }
    }
}
