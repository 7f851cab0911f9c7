//! What is seen of orders: every submission passes here when it begins and when it ends.

use std::time::Instant;

use tracing::Span;
use tracing::span::Entered;

use crate::error::{Error, Reason, Result};
use crate::gateway::event::HaltScope;
use crate::gateway::report::{ExecError, OrderAck};
use crate::gateway::shared::Shared;
use crate::gateway::waiters::Ending;
use crate::order;
use crate::telemetry::{self, Bounded, Event, Gauges, Operation, Source, Value, emit, sampled};
use crate::venue::Execution;

/// A frame on its way.
#[derive(Debug)]
pub(super) struct Sending {
    span: Span,
    /// When it began, if it is timed.
    pub started: Option<Instant>,
}

impl Sending {
    /// `is_durable`: beside a sync of a file the clock costs nothing, so each order is timed.
    #[inline]
    pub(super) fn begin(order_size: usize, is_durable: bool) -> Self {
        let order_id = tracing::field::Empty;
        let sampled = sampled(Operation::Send);
        let started = sampled.or_else(|| is_durable.then(Instant::now));
        Self { started, span: tracing::info_span!("exec.send_order", order_size, order_id) }
    }

    pub(super) fn enter(&self) -> Entered<'_> {
        self.span.enter()
    }

    pub(super) fn has_id(&self, order_id: u64) {
        self.span.record("order_id", order_id);
    }

    #[inline]
    pub(super) fn end(&self, frame: &[u8], ending: &Ending) {
        match ending {
            Ok(ack) | Err(ExecError::Unknown { ack, .. }) => self.has_id(ack.order_id),
            Err(ExecError::Refused(error)) => refused(*error, frame),
            Err(ExecError::Rejected(_)) => {}
        }
        ended(self.started, ending);
    }
}

/// Counts the ending of a submission that was not refused.
#[inline]
pub(super) fn ended(started: Option<Instant>, ending: &Ending) {
    match ending {
        Ok(ack) => {
            if let Some(started) = started {
                telemetry::ORDER_LATENCY.observe(telemetry::SEND, started.elapsed());
            }
            if ack.duplicate {
                telemetry::RETRIES_TOTAL.add(0, 1);
            }
        }
        Err(ExecError::Unknown { error: Error::Timeout, .. }) => {
            telemetry::ERRORS_TOTAL.add(telemetry::TIMEOUT, 1);
        }
        Err(ExecError::Unknown { .. }) => telemetry::ERRORS_TOTAL.add(telemetry::CONNECTION, 1),
        Err(ExecError::Refused(_) | ExecError::Rejected(_)) => {}
    }
}

/// Counts a frame that was refused.
pub(super) fn refused(error: Error, frame: &[u8]) {
    static AUTHENTICATION: Bounded = Bounded::new(Event::AuthenticationRefused);
    static THROTTLED: Bounded = Bounded::new(Event::Throttled);
    let kind = match error {
        Error::Closed | Error::Forked | Error::Internal | Error::Journal => telemetry::CONNECTION,
        _ => telemetry::VALIDATION,
    };
    telemetry::ERRORS_TOTAL.add(kind, 1);
    telemetry::REFUSALS_TOTAL.add(place(Error::ALL, error), 1);
    // What the frame says of itself, true or not.
    let said = || order::parse(frame).map_or((0, 0), |f| (f.order.session_id, f.order.key_id));
    match error {
        Error::Unauthenticated => AUTHENTICATION.emit(|| {
            let (session_id, key_id) = said();
            [Value::Number(session_id), Value::KeyId(key_id)]
        }),
        Error::Throttled => THROTTLED.emit(|| [Value::Number(said().0)]),
        _ => {}
    }
}

/// Counts an order that is decided and answered.
pub(super) fn decided(ack: &OrderAck) {
    if ack.sequence_gap > 0 {
        telemetry::SEQUENCE_GAPS_TOTAL.add(0, 1);
    }
    match ack.reason {
        None if ack.accepted => telemetry::ORDERS_TOTAL.add(telemetry::ACCEPTED, 1),
        // No order, but a change that waited for its turn.
        None => {}
        Some(reason) => {
            telemetry::ORDERS_TOTAL.add(telemetry::REJECTED, 1);
            telemetry::REJECTIONS_TOTAL.add(place(Reason::ALL, reason), 1);
        }
    }
}

fn place<T: PartialEq>(all: &[T], one: T) -> usize {
    all.iter().position(|known| *known == one).expect("ALL has every one")
}

/// Counts a check of a frame that is not sent.
pub(super) fn pre_trade(
    frame: &[u8],
    check: impl FnOnce() -> Result<(), ExecError>,
) -> Result<(), ExecError> {
    let order_size = frame.len();
    let _span = tracing::info_span!("exec.pre_trade_check", order_size).entered();
    let started = sampled(Operation::PreTrade);
    let verdict = check();
    match (verdict, started) {
        (Err(ExecError::Refused(error)), _) => refused(error, frame),
        (_, Some(started)) => {
            telemetry::ORDER_LATENCY.observe(telemetry::PRE_TRADE, started.elapsed());
        }
        _ => {}
    }
    verdict
}

/// Tells that a halt began or ended.
pub(super) fn halted(scope: &HaltScope, is_halted: bool) {
    let (kind, name) = match scope {
        HaltScope::Gateway => ("gateway", String::new()),
        HaltScope::Session(id) => ("session", id.to_string()),
        HaltScope::Symbol(symbol) => ("symbol", order::text_str(symbol).to_owned()),
        HaltScope::Account(account) => ("account", order::text_str(account).to_owned()),
    };
    let event = if is_halted { Event::Halted } else { Event::Resumed };
    emit(event, &[Value::Name(kind), Value::Name(&name)]);
}

/// Tells that the gateway's time was taken back.
pub(super) fn clock_set_back(by_ns: u64) {
    emit(Event::ClockSetBack, &[Value::Number(by_ns / 1_000_000)]);
}

/// Tells what opening a gateway did about time, settings and old orders, and which keys it is
/// without, by session and id.
pub(super) fn recovered(
    set_back_ns: Option<u64>,
    reset: u64,
    given_up: u64,
    forgotten: u64,
    absent: &[(u64, u64)],
) {
    set_back_ns.into_iter().for_each(clock_set_back);
    if reset > 0 {
        emit(Event::SettingsReset, &[Value::Number(reset)]);
    }
    if given_up > 0 {
        emit(Event::OrdersNotDelivered, &[Value::Number(given_up)]);
    }
    if forgotten > 0 {
        emit(Event::OrdersForgotten, &[Value::Number(forgotten)]);
    }
    for (session_id, key_id) in absent {
        emit(Event::KeyAbsent, &[Value::Number(*session_id), Value::KeyId(*key_id)]);
    }
}

/// Tells of a trade that is in no position.
pub(super) fn traded_unknown(execution: &Execution) {
    let numbers = [execution.order_id, execution.exec_id];
    emit(Event::TradeOfNoOrder, &numbers.map(Value::Number));
}

/// Tells how opening a gateway went.
pub(super) fn opened(outcome: Result<&Shared>) {
    match outcome.and_then(Shared::core) {
        Err(error) => emit(Event::GatewayNotOpened, &[Value::Name(error.name())]),
        Ok(core) => {
            let numbers = [
                core.state.sessions.rows().len() as u64,
                core.state.instruments.rows().len() as u64,
                core.state.next_order_id() - 1,
                core.state.open_order_count(),
            ];
            drop(core);
            emit(Event::GatewayOpened, &numbers.map(Value::Number));
        }
    }
}

impl Source for Shared {
    fn gauges(&self) -> Gauges {
        // In a forked child the lock may be held by a thread that is not there.
        match self.fork.check().and_then(|()| self.core()) {
            Ok(core) if core.ended.is_none() => Gauges {
                gateways: 1,
                open_orders: core.state.open_order_count(),
                in_flight: core.waiters.in_flight() as u64,
                completions: core.completions.len() as u64,
            },
            _ => Gauges::default(),
        }
    }
}
