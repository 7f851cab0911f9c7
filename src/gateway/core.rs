//! What the gateway's lock protects: the state and everything that must follow its decisions in
//! one order. The lock is held for a few hundred nanoseconds at a time and never over I/O.

use crate::config::SelfTradeMode;
use crate::error::{Error, Reason, Result};
use crate::gateway::actor::NOBODY;
use crate::gateway::apply::{apply, apply_decision, apply_execution};
use crate::gateway::completions::{Completions, Told};
use crate::gateway::decide::{Verdict, decide};
use crate::gateway::direct::Direct;
use crate::gateway::event::{Event, EventKind};
use crate::gateway::observer::{Lap, Laps};
use crate::gateway::records::{OrderRecord, Outcome, RequestRecord};
use crate::gateway::report::{Completion, ExecError, OrdStatus, OrderAck, OrderState};
use crate::gateway::risk::{SELF_TRADE_CANCELS_MAX, to_cancel};
use crate::gateway::shares::NO_SESSION;
use crate::gateway::state::{Named, State};
use crate::gateway::waiters::{Ending, Listener, Queued, Waiters};
use crate::journal::Batch;
use crate::order::{Frame, Order, Request, Template, Text};
use crate::venue::{Command, Execution, ExecutionKind};

/// On cache lines of its own: what each thread reads without the lock must not come and go with it.
#[repr(align(128))]
pub(super) struct Core {
    pub state: State,
    /// Events not yet handed to the journal; none where none is kept.
    pub log: Option<Batch>,
    /// What is to happen when they are durable, in the same order.
    pub outbox: Vec<Dispatch>,
    /// The way to the venue where no journal is kept.
    pub direct: Option<Direct>,
    pub waiters: Waiters,
    pub completions: Completions,
    /// No more orders: closed, or broken beyond repair.
    pub ended: Option<Error>,
    /// So many steps in the outbox wake the writer thread; it works while none would.
    pub writer_wakes_at: usize,
    /// How many barriers there have been.
    pub barriers: u64,
    /// How many threads wait in `poll`.
    pub pollers: u32,
}

/// A step to take once everything journaled before it is durable.
#[derive(Clone, Copy, Debug)]
pub(super) enum Dispatch {
    /// Send the command, if the order was accepted, and acknowledge.
    Order { order_id: u64, command: Option<Command>, lap: Option<Lap> },
    /// Send a cancel of the gateway's own. Nobody waits for it.
    Cancel { order_id: u64 },
    /// Wake who waits for this: a change of limits, keys or halts has become durable.
    Barrier { waited_as: u64 },
}

/// Threads read the clock before they have the lock, and clocks are slewed: a little back is
/// nothing. More is a clock that was wrong and is corrected.
const SET_BACK_NS: u64 = 1_000_000_000;

/// Barriers are waited for under ids that no order can have.
const FIRST_BARRIER: u64 = 1 << 63;

/// What became of a submission.
#[derive(Debug)]
pub(super) enum Submission {
    /// This is its ack, and a listener with a tag has been told.
    Ended(OrderAck),
    /// The ending will come to this waiter; `order_id` is its order.
    Waiting { waiter: u32, order_id: u64 },
}

impl Core {
    /// Gates 3 to 5 for an authentic frame of the session in this row; then the decision is applied
    /// and its event queued.
    #[inline]
    pub(super) fn submit(
        &mut self,
        frame: &Frame<'_>,
        session: u32,
        now: u64,
        listener: Listener,
        laps: &mut Laps<'_>,
    ) -> Result<Submission> {
        self.takes_orders()?;
        if matches!(listener, Listener::Queue { .. }) {
            self.completions.subscribe();
        }
        let is_cancel = matches!(frame.order.request, Request::Cancel(_));
        self.waiters.has_room(session, is_cancel)?;
        self.completions.has_room(session, is_cancel)?;

        let named = self.state.named(session, &frame.order);
        let verdict = decide(&self.state, frame, &named, now, laps)?;
        if matches!(listener, Listener::Queue { .. }) {
            self.completions.expect_ack(session);
        }
        match verdict {
            // The original's ack together with the original, or at once.
            Verdict::Repeat(order_id) if self.in_flight(order_id) => {
                Ok(self.wait(order_id, true, listener))
            }
            Verdict::Repeat(order_id) => {
                let ack = OrderAck { duplicate: true, ..self.state.ack(order_id) };
                self.tell(&ack, &listener);
                Ok(Submission::Ended(ack))
            }
            Verdict::Decided(verdict) => {
                self.cancel_crossed(now, &frame.order, &named, verdict);
                let order_id = self.state.next_order_id();
                self.record_decision(now, frame, &named, verdict.err());
                if self.direct.is_none() {
                    self.dispatch(order_id, laps.current());
                } else if self.deliver(order_id, now, &listener, laps) {
                    return Ok(Submission::Ended(self.state.ack(order_id)));
                }
                Ok(self.wait(order_id, false, listener))
            }
        }
    }

    /// Cancels those that the order would trade with before it is decided: before it they reach the
    /// venue, and with it the journal. An order that is rejected for something else cancels none.
    fn cancel_crossed(
        &mut self,
        now: u64,
        order: &Order,
        named: &Named,
        verdict: Result<(), Reason>,
    ) {
        let cancels = match self.state.self_trade_mode {
            SelfTradeMode::CancelNewest => false,
            SelfTradeMode::CancelOldest => verdict.is_ok(),
            SelfTradeMode::CancelBoth => verdict == Err(Reason::SelfTrade),
        };
        if !cancels {
            return;
        }
        let mut rows = [0; SELF_TRADE_CANCELS_MAX];
        let count = to_cancel(&self.state, order, named, &mut rows);
        for row in &rows[..count] {
            self.cancel(NOBODY, now, *row, Reason::SelfTrade);
        }
    }

    /// The gateway itself cancels the order in this row, for whoever asks it to.
    pub(super) fn cancel(&mut self, by: Text, now: u64, row: u32, reason: Reason) {
        let order_id = self.state.next_order_id();
        let orig_order_id = self.state.orders[row as usize].order_id;
        self.record_by(by, now, EventKind::Cancelled { order_id, orig_order_id, reason });
        if self.direct.is_some() {
            return self.deliver_cancel(order_id, now);
        }
        self.dispatch(order_id, None);
    }

    pub(super) fn takes_orders(&self) -> Result<()> {
        self.ended.map_or(Ok(()), Err)
    }

    /// Takes no more orders from now on. Whether it did until now.
    pub(super) fn end_taking_orders(&mut self) -> bool {
        let was_open = self.ended.is_none();
        self.ended.get_or_insert(Error::Closed);
        was_open
    }

    /// Whether the clock says that the gateway's time is wrong.
    pub(super) fn is_ahead_of(&self, clock_ns: u64) -> bool {
        self.state.now.saturating_sub(clock_ns) > SET_BACK_NS
    }

    /// Takes the gateway's time back to the clock's; by how much.
    pub(super) fn set_back(&mut self, clock_ns: u64) -> u64 {
        let by_ns = self.state.now.saturating_sub(clock_ns);
        self.record_at(NOBODY, clock_ns, EventKind::ClockSetBack);
        by_ns
    }

    /// Ends an order that never reached the venue, if it is older than this. Whoever retries it or
    /// asks learns of it. A cancel is never too old.
    pub(super) fn give_up_if_older(&mut self, order_id: u64, age_ns: u64, now: u64) -> bool {
        let now = now.max(self.state.now);
        let is_old = |request: &RequestRecord| {
            // A time to come is that of a clock that was wrong: its age is unknown.
            request.template != Template::OrderCancelRequest && request.time.abs_diff(now) > age_ns
        };
        let given_up = self.state.request(order_id).is_some_and(is_old);
        if given_up {
            self.record(now, EventKind::NotDelivered { order_id });
        }
        given_up
    }

    /// Forgets finished orders that were decided longer ago than this; how many requests. Nobody may
    /// be waiting: who is told of an order later looks it up.
    pub(super) fn forget_finished(&mut self, kept_ns: u64, now: u64) -> u64 {
        let before = now.max(self.state.now).saturating_sub(kept_ns);
        let finished = self.state.finished(before);
        if finished > 0 {
            self.record(now, EventKind::OrdersForgotten { before });
        }
        finished
    }

    /// Applies the event and queues it for the journal.
    pub(super) fn record(&mut self, now: u64, kind: EventKind<'_>) {
        self.record_at(NOBODY, now.max(self.state.now), kind);
    }

    /// [`record`](Self::record) of a change that somebody makes.
    pub(super) fn record_by(&mut self, by: Text, now: u64, kind: EventKind<'_>) {
        self.record_at(by, now.max(self.state.now), kind);
    }

    /// [`record`](Self::record) of a decision: what deciding has looked up is not looked up again,
    /// and the frame copied for none but the journal.
    fn record_decision(
        &mut self,
        now: u64,
        frame: &Frame<'_>,
        named: &Named,
        reason: Option<Reason>,
    ) {
        let (time, order_id) = (now.max(self.state.now), self.state.next_order_id());
        apply_decision(&mut self.state, time, frame, named, reason);
        let kind = || EventKind::Decided { order_id, reason, frame: *frame };
        self.write_down(|| Event { time, by: NOBODY, kind: kind() });
    }

    fn record_at(&mut self, by: Text, time: u64, kind: EventKind<'_>) {
        let event = Event { time, by, kind };
        apply(&mut self.state, &event);
        self.write_down(|| event);
    }

    /// Queues what was applied for the journal, where one is kept.
    fn write_down<'a>(&mut self, event: impl FnOnce() -> Event<'a>) {
        if let Some(log) = &mut self.log {
            log.push(|out| event().encode(out));
        }
    }

    /// Hands over what is to be journaled and takes an empty batch for it.
    pub(super) fn swap_log(&mut self, batch: &mut Batch) {
        if let Some(log) = &mut self.log {
            std::mem::swap(log, batch);
        }
    }

    /// Queues what follows when the decision is durable.
    pub(super) fn dispatch(&mut self, order_id: u64, lap: Option<Lap>) {
        let by_gateway = self.state.request(order_id).and_then(|request| request.by_gateway);
        self.outbox.push(match by_gateway {
            Some(_) => Dispatch::Cancel { order_id },
            None => Dispatch::Order { order_id, command: self.state.command(order_id), lap },
        });
    }

    /// The listener will be told the order's ending.
    pub(super) fn wait(
        &mut self,
        order_id: u64,
        duplicate: bool,
        listener: Listener,
    ) -> Submission {
        let waiter = self.waiters.wait(self.session_of(order_id), order_id, duplicate, listener);
        Submission::Waiting { waiter, order_id }
    }

    /// Tells a listener with a tag an ending that is known.
    pub(super) fn tell(&mut self, ack: &OrderAck, listener: &Listener) {
        if let Listener::Queue { tag, started } = *listener {
            let queued = Queued { tag, started, ending: Ok(*ack) };
            self.completions.push_ack(self.session_of(ack.order_id), queued);
        }
    }

    /// Whose request it is.
    fn session_of(&self, order_id: u64) -> u32 {
        self.state.request(order_id).map_or(NO_SESSION, |request| request.session)
    }

    /// Whether the order's ack is still to come.
    fn in_flight(&self, order_id: u64) -> bool {
        let outcome = self.state.request(order_id).map(|request| request.outcome);
        outcome == Some(Outcome::Pending) || self.waiters.is_waited_for(order_id)
    }

    /// Gives everyone who waits for the order its ack.
    pub(super) fn end(&mut self, order_id: u64) -> OrderAck {
        let ack = self.state.ack(order_id);
        self.end_with(order_id, &Ok(ack));
        ack
    }

    pub(super) fn end_with(&mut self, order_id: u64, ending: &Ending) {
        let (session, completions) = (self.session_of(order_id), &mut self.completions);
        self.waiters.end(order_id, ending, |queued| completions.push_ack(session, queued));
    }

    /// Queues a barrier behind all that is queued now; none where all is done already.
    pub(super) fn barrier(&mut self) -> Option<u32> {
        if self.direct.is_some() {
            return None;
        }
        let waited_as = FIRST_BARRIER + self.barriers;
        self.barriers += 1;
        self.outbox.push(Dispatch::Barrier { waited_as });
        Some(self.waiters.wait(NO_SESSION, waited_as, false, Listener::Waker(None)))
    }

    /// Folds one answer of the venue, unless it was heard before: a line that was down begins anew
    /// with what had come through. Says what is to be told of it, and whether its request is now to
    /// be acknowledged.
    #[inline]
    pub(super) fn hear(&mut self, now: u64, execution: &Execution) -> (bool, Option<Told>) {
        if execution.exec_id <= self.state.last_exec_id {
            return (false, None);
        }
        let is_first = self.answer(now, execution);
        (is_first, self.notice(execution))
    }

    /// Whether it is a trade that no position can have: of an order that was forgotten, or never was.
    pub(super) fn is_of_no_order(&self, execution: &Execution) -> bool {
        matches!(execution.kind, ExecutionKind::Trade { .. })
            && execution.exec_id > self.state.last_exec_id
            && self.state.request(execution.order_id).is_none()
    }

    /// Writes down one answer of the venue. `true`: it is the first to a client's request, which can
    /// now be acknowledged.
    fn answer(&mut self, now: u64, execution: &Execution) -> bool {
        let time = now.max(self.state.now);
        let is_first = apply_execution(&mut self.state, time, execution);
        self.write_down(|| Event { time, by: NOBODY, kind: EventKind::Executed(*execution) });
        let is_own = |request: &RequestRecord| request.by_gateway.is_some();
        is_first && !self.state.request(execution.order_id).is_some_and(is_own)
    }

    /// What is told of an execution, as of now; of a refused cancel or replace the ack tells.
    fn notice(&self, execution: &Execution) -> Option<Told> {
        let is_told = !matches!(execution.kind, ExecutionKind::CancelRejected(_));
        let request = self.state.request(execution.order_id).filter(|_| is_told)?;
        let OrderRecord { session, status, .. } = self.state.orders[request.order? as usize];
        Some(Told { session, time: self.state.now, status })
    }

    /// Moves up to `max` completions, oldest first, to the caller.
    pub(super) fn drain(&mut self, max: usize, mut take: impl FnMut(Completion)) -> usize {
        let Self { state, completions, .. } = self;
        completions.drain(max, |number, entry| take(state.completion(number, &entry)))
    }

    /// What is known of the request with this client order id.
    pub(super) fn order_state(&self, session_id: u64, client_order_id: u64) -> Result<OrderState> {
        let session = self.state.sessions.find(&session_id).ok_or(Error::NotFound)?;
        let order_id = self.state.used(session, client_order_id).ok_or(Error::NotFound)?;
        let request = self.state.request(order_id).ok_or(Error::NotFound)?;
        let record = request.order.map(|row| &self.state.orders[row as usize]);
        let terms = record.map(|record| record.terms).or_else(|| self.state.terms(request));
        // Until it is durable a decision is nobody's to know: after a crash it was never made.
        let ack = (!self.in_flight(order_id)).then(|| self.state.ack(order_id));
        Ok(OrderState {
            order_id,
            session_id,
            client_order_id,
            orig_client_order_id: request.orig_client_order_id(),
            accepted: ack.map(|ack| ack.accepted),
            reason: ack.and_then(|ack| ack.reason),
            ord_status: status(request, record, ack.is_none()),
            side: request.side,
            price: terms.and_then(|terms| terms.price),
            quantity: terms.map_or(0, |terms| terms.quantity),
            cum_quantity: record.map_or(0, |record| record.cum_quantity),
            leaves_quantity: record.map_or(0, OrderRecord::leaves),
        })
    }

    /// The gateway takes no more orders, and whoever waits learns that the outcome is unknown.
    pub(super) fn fail(&mut self, error: Error) {
        self.ended = Some(error);
        self.log.iter_mut().for_each(Batch::clear);
        self.outbox.clear();
        for order_id in self.waiters.waited_for() {
            let ack = self.state.ack(order_id);
            self.end_with(order_id, &Err(ExecError::Unknown { error: Error::Unknown, ack }));
        }
    }
}

/// The order's status; while its cancel or replace is on the way, FIX's pending one.
fn status(request: &RequestRecord, record: Option<&OrderRecord>, in_flight: bool) -> OrdStatus {
    match (record, request.template) {
        (_, Template::OrderCancelRequest) if in_flight => OrdStatus::PendingCancel,
        (_, Template::OrderCancelReplaceRequest) if in_flight => OrdStatus::PendingReplace,
        (Some(record), _) => record.status,
        (None, _) if in_flight => OrdStatus::PendingNew,
        (None, _) => OrdStatus::Rejected,
    }
}
