//! The bytes of events in the journal: little-endian, fixed width.
//!
//! Record payload = kind u8, time u64 (nanoseconds since 1970 UTC), then the fields in the order
//! in which [`EventKind`] has them, then who made the change, 16 bytes, if somebody has said. Kinds
//! and layouts are never renumbered or reused.

use super::{Event, EventKind, HaltScope, SessionName};
use crate::config::{Freshness, Rate, SelfTradeMode, SelfTradePrevention, SessionLimits};
use crate::error::Reason;
use crate::gateway::actor::NOBODY;
use crate::gateway::exposure::{ExposureLimits, ExposureScope};
use crate::gateway::instrument::{Hours, Instrument, Permitted, TickBand};
use crate::order::{self, Frame, Text};
use crate::signing::Suite;
use crate::venue::{Execution, ExecutionKind};

/// Of a scope that has none.
const NO_NAME: Text = [0; 16];

const CONFIGURED: u8 = 1;
const SESSION: u8 = 2;
const KEY: u8 = 3;
const INSTRUMENT: u8 = 4;
const REFERENCE_PRICE: u8 = 5;
const HALT: u8 = 6;
const DECIDED: u8 = 7;
const EXECUTED: u8 = 8;
const NOT_DELIVERED: u8 = 9;
const CLOCK_SET_BACK: u8 = 10;
const EXPOSURE_LIMITS: u8 = 11;
const CANCELLED: u8 = 12;
const TICK_BAND: u8 = 13;
const RESUMED: u8 = 14;
const SESSION_TRADES: u8 = 15;
const SESSION_TRADES_ONLY: u8 = 16;
const INSTRUMENT_RATE: u8 = 17;
const ORDERS_FORGOTTEN: u8 = 18;

impl Event<'_> {
    /// Appends the event's bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        match &self.kind {
            EventKind::Configured {
                digest,
                freshness,
                throttle,
                self_trade_prevention,
                self_trade_mode,
            } => {
                self.head(CONFIGURED, out);
                out.extend_from_slice(digest);
                put_u64(out, freshness.back_ns);
                put_u64(out, freshness.ahead_ns);
                put_rate(out, *throttle);
                out.push(*self_trade_prevention as u8 | (*self_trade_mode as u8) << 4);
            }
            EventKind::Session { id, limits, max_orders } => {
                self.head(SESSION, out);
                put_u64(out, *id);
                put_rate(out, limits.rate);
                put_rate(out, limits.cancel_rate);
                put_u32(out, limits.max_open_orders);
                put_u32(out, *max_orders);
                put_u32(out, limits.max_repeats);
                put_u64(out, limits.repeat_window_ns);
                put_u32(out, limits.max_order_to_trade);
                put_u32(out, limits.order_to_trade_after);
            }
            EventKind::Key { session_id, key_id, suite, active } => {
                self.head(KEY, out);
                put_u64(out, *session_id);
                put_u64(out, *key_id);
                put_u32(out, suite.number());
                out.push(u8::from(*active));
            }
            EventKind::Instrument(instrument) => {
                self.head(INSTRUMENT, out);
                put_instrument(out, instrument);
            }
            EventKind::ReferencePrice { symbol, price } => {
                self.head(REFERENCE_PRICE, out);
                out.extend_from_slice(symbol);
                put_u64(out, price.cast_unsigned());
            }
            EventKind::Halt { scope, halted } => {
                self.head(HALT, out);
                put_scope(out, scope);
                out.push(u8::from(*halted));
            }
            EventKind::Decided { order_id, reason, frame } => {
                self.head(DECIDED, out);
                put_u64(out, *order_id);
                put_u32(out, reason.map_or(0, Reason::number));
                put_frame(out, frame);
            }
            EventKind::Executed(execution) => {
                self.head(EXECUTED, out);
                put_execution(out, execution);
            }
            EventKind::NotDelivered { order_id } => {
                self.head(NOT_DELIVERED, out);
                put_u64(out, *order_id);
            }
            EventKind::ClockSetBack => self.head(CLOCK_SET_BACK, out),
            EventKind::ExposureLimits { scope, limits } => {
                self.head(EXPOSURE_LIMITS, out);
                put_exposure_scope(out, scope);
                out.push(u8::from(limits.is_some()));
                put_exposure_limits(out, &limits.unwrap_or(ExposureLimits::NONE));
            }
            EventKind::Cancelled { order_id, orig_order_id, reason } => {
                self.head(CANCELLED, out);
                put_u64(out, *order_id);
                put_u64(out, *orig_order_id);
                put_u32(out, reason.number());
            }
            EventKind::TickBand { symbol, band } => {
                self.head(TICK_BAND, out);
                out.extend_from_slice(symbol);
                put_u64(out, band.map_or(0, |band| band.from));
                put_u64(out, band.map_or(0, |band| band.tick));
            }
            EventKind::Resumed { scope, key_id } => {
                self.head(RESUMED, out);
                put_scope(out, scope);
                put_u64(out, *key_id);
            }
            EventKind::SessionTrades { session_id, sides, order_types, max_sequence_gap } => {
                self.head(SESSION_TRADES, out);
                put_u64(out, *session_id);
                put_u32(out, sides.0);
                put_u32(out, order_types.0);
                put_u32(out, *max_sequence_gap);
            }
            EventKind::SessionTradesOnly { session_id, what } => {
                self.head(SESSION_TRADES_ONLY, out);
                put_u64(out, *session_id);
                let (number, name) = match what {
                    SessionName::Symbol(symbol) => (1, symbol),
                    SessionName::Account(account) => (2, account),
                };
                out.push(number);
                out.extend_from_slice(name);
            }
            EventKind::InstrumentRate { symbol, rate } => {
                self.head(INSTRUMENT_RATE, out);
                out.extend_from_slice(symbol);
                put_rate(out, rate.unwrap_or(Rate { per_second: 0, burst: 0 }));
            }
            EventKind::OrdersForgotten { before } => {
                self.head(ORDERS_FORGOTTEN, out);
                put_u64(out, *before);
            }
        }
        if self.by != NOBODY {
            out.extend_from_slice(&self.by);
        }
    }

    fn head(&self, kind: u8, out: &mut Vec<u8>) {
        out.push(kind);
        put_u64(out, self.time);
    }

    /// Reads an event from all of `bytes`; `None` unless they are what [`encode`](Self::encode)
    /// writes.
    pub fn decode(bytes: &[u8]) -> Option<Event<'_>> {
        let mut reader = Reader(bytes);
        let kind = reader.u8()?;
        let time = reader.u64()?;
        let kind = match kind {
            CONFIGURED => reader.configured()?,
            SESSION => reader.session()?,
            KEY => EventKind::Key {
                session_id: reader.u64()?,
                key_id: reader.u64()?,
                suite: Suite::from_number(reader.u32()?)?,
                active: reader.flag()?,
            },
            INSTRUMENT => EventKind::Instrument(reader.instrument()?),
            REFERENCE_PRICE => {
                EventKind::ReferencePrice { symbol: reader.array()?, price: reader.i64()? }
            }
            HALT => EventKind::Halt { scope: reader.scope()?, halted: reader.flag()? },
            DECIDED => EventKind::Decided {
                order_id: reader.u64()?,
                reason: reader.optional_reason()?,
                frame: order::parse(reader.rest()).ok()?,
            },
            EXECUTED => EventKind::Executed(reader.execution()?),
            NOT_DELIVERED => EventKind::NotDelivered { order_id: reader.u64()? },
            CLOCK_SET_BACK => EventKind::ClockSetBack,
            EXPOSURE_LIMITS => EventKind::ExposureLimits {
                scope: reader.exposure_scope()?,
                limits: reader.exposure_limits()?,
            },
            CANCELLED => EventKind::Cancelled {
                order_id: reader.u64()?,
                orig_order_id: reader.u64()?,
                reason: reader.optional_reason()??,
            },
            TICK_BAND => EventKind::TickBand { symbol: reader.array()?, band: reader.tick_band()? },
            RESUMED => EventKind::Resumed { scope: reader.scope()?, key_id: reader.u64()? },
            SESSION_TRADES => EventKind::SessionTrades {
                session_id: reader.u64()?,
                sides: Permitted(reader.u32()?),
                order_types: Permitted(reader.u32()?),
                max_sequence_gap: reader.u32()?,
            },
            SESSION_TRADES_ONLY => EventKind::SessionTradesOnly {
                session_id: reader.u64()?,
                what: match (reader.u8()?, reader.array()?) {
                    (1, symbol) => SessionName::Symbol(symbol),
                    (2, account) => SessionName::Account(account),
                    _ => return None,
                },
            },
            INSTRUMENT_RATE => {
                EventKind::InstrumentRate { symbol: reader.array()?, rate: reader.optional_rate()? }
            }
            ORDERS_FORGOTTEN => EventKind::OrdersForgotten { before: reader.u64()? },
            _ => return None,
        };
        let by = reader.by()?;
        reader.0.is_empty().then_some(Event { time, by, kind })
    }
}

fn put_u32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_u64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put_rate(out: &mut Vec<u8>, rate: Rate) {
    put_u32(out, rate.per_second);
    put_u32(out, rate.burst);
}

fn put_instrument(out: &mut Vec<u8>, instrument: &Instrument) {
    out.extend_from_slice(&instrument.symbol);
    out.push(u8::from(instrument.restricted));
    put_u64(out, instrument.tick);
    put_u64(out, instrument.lot);
    put_u64(out, instrument.max_quantity);
    put_u64(out, instrument.max_notional);
    put_u64(out, instrument.max_position);
    put_u64(out, instrument.min_quantity);
    put_u64(out, instrument.min_price.cast_unsigned());
    put_u64(out, instrument.max_price.cast_unsigned());
    put_u64(out, instrument.locate);
    put_u32(out, instrument.collar_basis_points);
    put_u32(out, instrument.last_trade_collar_basis_points);
    put_u32(out, instrument.hours.opens_s);
    put_u32(out, instrument.hours.closes_s);
    put_u32(out, instrument.sides.0);
    put_u32(out, instrument.order_types.0);
    put_u32(out, instrument.times_in_force.0);
}

/// Scope u8 (1 gateway, 2 session, 3 symbol, 4 account), session id u64, name 16 bytes.
fn put_scope(out: &mut Vec<u8>, scope: &HaltScope) {
    let (number, session_id, name) = match scope {
        HaltScope::Gateway => (1, 0, [0; 16]),
        HaltScope::Session(id) => (2, *id, [0; 16]),
        HaltScope::Symbol(symbol) => (3, 0, *symbol),
        HaltScope::Account(account) => (4, 0, *account),
    };
    out.push(number);
    put_u64(out, session_id);
    out.extend_from_slice(&name);
}

/// Scope u8 (1 firm, 2 every account, 3 account), name 16 bytes.
fn put_exposure_scope(out: &mut Vec<u8>, scope: &ExposureScope) {
    let (number, name) = match scope {
        ExposureScope::Firm => (1, [0; 16]),
        ExposureScope::EveryAccount => (2, [0; 16]),
        ExposureScope::Account(account) => (3, *account),
    };
    out.push(number);
    out.extend_from_slice(&name);
}

fn put_exposure_limits(out: &mut Vec<u8>, limits: &ExposureLimits) {
    put_u64(out, limits.max_gross_notional);
    put_u64(out, limits.max_net_notional);
    put_u64(out, limits.max_loss);
}

/// The frame as it came: message header and block, signature length u16, signature.
fn put_frame(out: &mut Vec<u8>, frame: &Frame<'_>) {
    out.extend_from_slice(frame.signed);
    out.extend_from_slice(&(frame.signature.len() as u16).to_le_bytes());
    out.extend_from_slice(frame.signature);
}

/// exec_id, order_id, ExecType or '9' for OrderCancelReject, reason, price, quantity, cum, leaves.
fn put_execution(out: &mut Vec<u8>, execution: &Execution) {
    let (kind, reason, price, quantity) = match execution.kind {
        ExecutionKind::New => (b'0', 0, 0, 0),
        ExecutionKind::Canceled => (b'4', 0, 0, 0),
        ExecutionKind::Replaced => (b'5', 0, 0, 0),
        ExecutionKind::Rejected(reason) => (b'8', reason.number(), 0, 0),
        ExecutionKind::CancelRejected(reason) => (b'9', reason.number(), 0, 0),
        ExecutionKind::Expired => (b'C', 0, 0, 0),
        ExecutionKind::Trade { price, quantity } => (b'F', 0, price, quantity),
    };
    put_u64(out, execution.exec_id);
    put_u64(out, execution.order_id);
    out.push(kind);
    put_u32(out, reason);
    put_u64(out, price.cast_unsigned());
    put_u64(out, quantity);
    put_u64(out, execution.cum_quantity);
    put_u64(out, execution.leaves_quantity);
}

/// Takes fields off the front; `None` when the bytes end or a value is not of its set, a field that
/// the event does not have not 0.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    fn u8(&mut self) -> Option<u8> {
        self.array().map(|[byte]| byte)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_le_bytes)
    }

    fn flag(&mut self) -> Option<bool> {
        match self.u8()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn optional_reason(&mut self) -> Option<Option<Reason>> {
        match self.u32()? {
            0 => Some(None),
            number => Reason::from_number(number).map(Some),
        }
    }

    fn rate(&mut self) -> Option<Rate> {
        self.optional_rate()?
    }

    fn optional_rate(&mut self) -> Option<Option<Rate>> {
        match (self.u32()?, self.u32()?) {
            (0, 0) => Some(None),
            (0, _) | (_, 0) => None,
            (per_second, burst) => Some(Some(Rate { per_second, burst })),
        }
    }

    fn configured(&mut self) -> Option<EventKind<'a>> {
        let digest = self.array()?;
        let freshness = Freshness { back_ns: self.u64()?, ahead_ns: self.u64()? };
        let throttle = self.rate()?;
        let (self_trade_prevention, self_trade_mode) = self.self_trade()?;
        Some(EventKind::Configured {
            digest,
            freshness,
            throttle,
            self_trade_prevention,
            self_trade_mode,
        })
    }

    fn session(&mut self) -> Option<EventKind<'a>> {
        let id = self.u64()?;
        let (rate, cancel_rate) = (self.rate()?, self.rate()?);
        let (max_open_orders, max_orders) = (self.u32()?, self.u32()?);
        let limits = SessionLimits {
            rate,
            cancel_rate,
            max_open_orders,
            max_repeats: self.u32()?,
            repeat_window_ns: self.u64()?,
            max_order_to_trade: self.u32()?,
            order_to_trade_after: self.u32()?,
        };
        Some(EventKind::Session { id, limits, max_orders })
    }

    /// Whose orders in the lower half of the byte, what becomes of them in the upper.
    fn self_trade(&mut self) -> Option<(SelfTradePrevention, SelfTradeMode)> {
        let byte = self.u8()?;
        let prevention = SelfTradePrevention::from_number(byte & 0x0F)?;
        Some((prevention, SelfTradeMode::from_number(byte >> 4)?))
    }

    fn instrument(&mut self) -> Option<Instrument> {
        let instrument = Instrument {
            symbol: self.array()?,
            restricted: self.flag()?,
            tick: self.u64()?,
            lot: self.u64()?,
            max_quantity: self.u64()?,
            max_notional: self.u64()?,
            max_position: self.u64()?,
            min_quantity: self.u64()?,
            min_price: self.i64()?,
            max_price: self.i64()?,
            locate: self.u64()?,
            collar_basis_points: self.u32()?,
            last_trade_collar_basis_points: self.u32()?,
            hours: Hours { opens_s: self.u32()?, closes_s: self.u32()? },
            sides: Permitted(self.u32()?),
            order_types: Permitted(self.u32()?),
            times_in_force: Permitted(self.u32()?),
        };
        (instrument.tick > 0 && instrument.lot > 0).then_some(instrument)
    }

    fn tick_band(&mut self) -> Option<Option<TickBand>> {
        match (self.u64()?, self.u64()?) {
            (0, 0) => Some(None),
            (0, _) | (_, 0) => None,
            (from, tick) => Some(Some(TickBand { from, tick })),
        }
    }

    /// At the end of an event, if it is there.
    fn by(&mut self) -> Option<Text> {
        if self.0.is_empty() {
            return Some(NOBODY);
        }
        self.array().filter(|name| *name != NOBODY)
    }

    fn scope(&mut self) -> Option<HaltScope> {
        match (self.u8()?, self.u64()?, self.array()?) {
            (1, 0, NO_NAME) => Some(HaltScope::Gateway),
            (2, session_id, NO_NAME) => Some(HaltScope::Session(session_id)),
            (3, 0, symbol) => Some(HaltScope::Symbol(symbol)),
            (4, 0, account) => Some(HaltScope::Account(account)),
            _ => None,
        }
    }

    fn exposure_scope(&mut self) -> Option<ExposureScope> {
        match (self.u8()?, self.array()?) {
            (1, NO_NAME) => Some(ExposureScope::Firm),
            (2, NO_NAME) => Some(ExposureScope::EveryAccount),
            (3, account) => Some(ExposureScope::Account(account)),
            _ => None,
        }
    }

    fn exposure_limits(&mut self) -> Option<Option<ExposureLimits>> {
        let is_some = self.flag()?;
        let limits = ExposureLimits {
            max_gross_notional: self.u64()?,
            max_net_notional: self.u64()?,
            max_loss: self.u64()?,
        };
        (is_some || limits == ExposureLimits::NONE).then_some(is_some.then_some(limits))
    }

    fn execution(&mut self) -> Option<Execution> {
        let (exec_id, order_id, kind) = (self.u64()?, self.u64()?, self.u8()?);
        let kind = match (kind, self.optional_reason()?, self.i64()?, self.u64()?) {
            (b'0', None, 0, 0) => ExecutionKind::New,
            (b'4', None, 0, 0) => ExecutionKind::Canceled,
            (b'5', None, 0, 0) => ExecutionKind::Replaced,
            (b'8', Some(reason), 0, 0) => ExecutionKind::Rejected(reason),
            (b'9', Some(reason), 0, 0) => ExecutionKind::CancelRejected(reason),
            (b'C', None, 0, 0) => ExecutionKind::Expired,
            (b'F', None, price, quantity) => ExecutionKind::Trade { price, quantity },
            _ => return None,
        };
        Some(Execution {
            exec_id,
            order_id,
            kind,
            cum_quantity: self.u64()?,
            leaves_quantity: self.u64()?,
        })
    }
}
