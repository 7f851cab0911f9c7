//! The future form of sending: it needs no executor of ours, and wakes the one it is polled by.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::gateway::core::Submission;
use crate::gateway::meter::Sending;
use crate::gateway::shared::Shared;
use crate::gateway::waiters::{Ending, Listener};

/// The future of [`Gateway::send_order`](crate::Gateway::send_order).
#[must_use = "nothing is sent until it is polled"]
pub struct SendOrder<'a, F> {
    pub(super) shared: &'a Shared,
    pub(super) frame: F,
    pub(super) sending: Option<Sending>,
    pub(super) waiter: Option<u32>,
}

impl<F: AsRef<[u8]> + Unpin> Future for SendOrder<'_, F> {
    type Output = Ending;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ending> {
        let SendOrder { shared, frame, sending, waiter } = &mut *self;
        let (shared, frame) = (*shared, F::as_ref(frame));
        let sending = sending.get_or_insert_with(|| shared.sending(frame));
        let _entered = sending.enter();
        let polled = poll_ending(shared, frame, sending, waiter, context);
        if let Poll::Ready(ending) = &polled {
            sending.end(frame, ending);
        }
        polled
    }
}

/// Submits the frame if nobody waits yet, then looks for the ending.
fn poll_ending(
    shared: &Shared,
    frame: &[u8],
    sending: &Sending,
    waiter: &mut Option<u32>,
    context: &mut Context<'_>,
) -> Poll<Ending> {
    let number = match *waiter {
        Some(number) => number,
        None => {
            let listener = Listener::Waker(Some(context.waker().clone()));
            match shared.submit(frame, listener, sending)? {
                Submission::Waiting { waiter: number, .. } => *waiter.insert(number),
                Submission::Ended(ack) => return Poll::Ready(Ok(ack)),
            }
        }
    };
    let ending = shared.core()?.waiters.take(number, Some(context.waker()));
    if ending.is_some() {
        *waiter = None;
    }
    ending.map_or(Poll::Pending, Poll::Ready)
}

impl<F> Drop for SendOrder<'_, F> {
    fn drop(&mut self) {
        if let (Some(waiter), Ok(mut core)) = (self.waiter, self.shared.core()) {
            core.waiters.abandon(waiter);
        }
    }
}

impl<F> std::fmt::Debug for SendOrder<'_, F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SendOrder").finish_non_exhaustive()
    }
}
