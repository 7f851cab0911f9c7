//! Frames on their way into the gateway, and what comes back, each held against the model.

use std::fmt;
use std::time::Duration;

use tinywindow::gateway::{Completion, ExecError, OrderAck};
use tinywindow::order::{Order, text_str};
use tinywindow::{Error, Gateway, Reason};

use crate::model::Fate;
use crate::rules::UNIT;
use crate::world::{Handle, World};

/// Any time but none: who waits in a simulation pumps, and then it is over.
pub const A_MOMENT: Duration = Duration::from_nanos(1);

/// A frame as it comes in.
#[derive(Clone, Debug)]
pub struct Submission {
    pub frame: Vec<u8>,
    /// What it says, if it is authentic.
    pub order: Option<Order>,
}

impl fmt::Display for Submission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(order) = &self.order else {
            return write!(f, "{} bytes that nobody signed", self.frame.len());
        };
        let Order { session_id, sequence, client_order_id, sending_time, side, .. } = order;
        let (symbol, account) = (text_str(&order.symbol), text_str(&order.account));
        write!(f, "{session_id}/{sequence} as {client_order_id} of {sending_time}: ")?;
        if let Some(orig) = order.orig_client_order_id() {
            write!(f, "instead of {orig} ")?;
        }
        let Some(terms) = order.terms() else { return write!(f, "nothing") };
        let (quantity, price) = (terms.quantity / UNIT, terms.price.unwrap_or(0) / UNIT as i64);
        write!(f, "{side:?} {quantity} {symbol} at {price} for {account}")
    }
}

/// Foretells how it must end; what is decided is in the model's log from here on, since the pump
/// may take it further before the call returns.
fn foretell(world: &mut World, submission: &Submission) -> Option<Fate> {
    let order = submission.order?;
    let clock = world.now();
    let fate = world.model.take(&order, clock);
    world.saw.fate(&fate);
    Some(fate)
}

/// What the gateway took in, or refused, is what was foretold.
fn compare(world: &mut World, fate: Option<Fate>, refused: Option<Error>) {
    if world.ended || (world.failed && refused.is_some()) {
        if let Some(Fate::Decided { order_id, .. }) = fate
            && refused.is_some()
        {
            world.model.take_back(order_id);
        }
        return;
    }
    let is_right = match (fate, refused) {
        (None, Some(Error::Order | Error::Unauthenticated)) => true,
        (Some(Fate::Refused(expected)), Some(told)) => expected == told,
        (Some(Fate::Repeat(_) | Fate::Decided { .. }), None) => true,
        _ => false,
    };
    if !is_right {
        world.find(|| format!("the gateway says {refused:?}, must be {fate:?}"));
    }
}

/// Submits without waiting.
pub fn submit(handle: &Handle, gateway: &Gateway, submission: Submission) {
    let (fate, tag) = {
        let mut world = handle.world();
        world.last_tag += 1;
        (foretell(&mut world, &submission), world.last_tag)
    };
    let refused = gateway.submit(&submission.frame, tag).err();
    let mut world = handle.world();
    compare(&mut world, fate, refused);
    match (refused, fate) {
        (None, Some(Fate::Repeat(order_id))) => drop(world.waiting.insert(tag, (order_id, true))),
        (None, Some(Fate::Decided { order_id, .. })) => {
            world.waiting.insert(tag, (order_id, false));
        }
        _ => {}
    }
}

/// Sends and waits; for no time at all, that is sending and looking away.
pub fn send(handle: &Handle, gateway: &Gateway, submission: &Submission, timeout: Duration) {
    let fate = foretell(&mut handle.world(), submission);
    let ending = gateway.send(&submission.frame, timeout);
    let mut world = handle.world();
    let refused = match ending {
        Err(ExecError::Refused(error)) => Some(error),
        _ => None,
    };
    compare(&mut world, fate, refused);
    if world.ended {
        return;
    }
    let of = match fate {
        Some(Fate::Repeat(order_id)) => Some((order_id, true)),
        Some(Fate::Decided { order_id, .. }) => Some((order_id, false)),
        _ => None,
    };
    match (ending, of) {
        (Ok(ack), Some((order_id, duplicate))) => world.heard(&ack, order_id, duplicate),
        (Err(ExecError::Unknown { error, ack }), Some((order_id, _))) => {
            let is_late = error == Error::Timeout;
            if ack.order_id != order_id || !(is_late || world.failed) {
                world.find(|| format!("unknown is {ack:?} by {error}, must be {order_id}"));
            }
        }
        _ => {}
    }
}

/// Takes what waits in the completion queue; with `pumps` after all work was done.
pub fn hear(handle: &Handle, gateway: &Gateway, pumps: bool) {
    let mut completions = Vec::new();
    let timeout = if pumps { A_MOMENT } else { Duration::ZERO };
    let polled = gateway.poll(&mut completions, usize::MAX, timeout);
    let mut world = handle.world();
    if world.ended {
        return;
    }
    if polled.is_err() {
        world.find(|| format!("poll says {polled:?}"));
    }
    for completion in completions {
        let (Completion::Ack { number, .. } | Completion::Execution { number, .. }) = completion;
        world.last_number += 1;
        if number != world.last_number {
            world.find(|| format!("{completion:?} is out of order"));
        }
        match completion {
            Completion::Ack { tag, result, .. } => match (result, world.waiting.remove(&tag)) {
                (Ok(ack), Some((order_id, duplicate))) => world.heard(&ack, order_id, duplicate),
                (Err(_), Some(_)) if world.failed => {}
                (_, waiting) => world.find(|| format!("{completion:?} ends {waiting:?}")),
            },
            Completion::Execution { execution, .. } => {
                let told = (execution.order_id, execution.cum_quantity, execution.reason);
                let expected = world.execution(execution.exec_id);
                if expected != Some(told) {
                    world.find(|| format!("{execution:?}, must be {expected:?}"));
                }
            }
        }
    }
}

impl World {
    /// What a client must be told of an execution: its order id, what is filled, and why if the
    /// gateway itself has cancelled it. Of that it hears under the order's own id.
    fn execution(&self, exec_id: u64) -> Option<(u64, u64, Option<Reason>)> {
        let said = self.venue.said(exec_id)?;
        let book = self.model.book();
        let reason = book.request(said.order_id)?.by_gateway;
        let own_id = || book.order_of(said.order_id).map(|order| order.id);
        let order_id = if reason.is_some() { own_id()? } else { said.order_id };
        Some((order_id, said.cum_quantity, reason))
    }

    /// The client hears of an ack: it is right, and what it tells can be lost no more.
    fn heard(&mut self, ack: &OrderAck, order_id: u64, duplicate: bool) {
        self.acks += 1;
        let checked = self.model.check_ack(ack, order_id, duplicate);
        self.check(checked);
        let durable = self.is_durable(order_id);
        self.check(durable);
    }
}
