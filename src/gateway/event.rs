//! The events of the gateway's history: what is journaled, and folded into the state.

mod bytes;

use std::fmt;

use crate::config::{Freshness, Rate, SelfTradeMode, SelfTradePrevention, SessionLimits};
use crate::error::Reason;
use crate::gateway::exposure::{ExposureLimits, ExposureScope};
use crate::gateway::instrument::{Instrument, Permitted, TickBand};
use crate::order::{Frame, Text, text_str};
use crate::signing::Suite;
use crate::venue::Execution;

/// Something that happened, and when: nanoseconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    pub time: u64,
    /// Who made the change; zeros: nobody has said.
    pub by: Text,
    pub kind: EventKind<'a>,
}

/// What happened. The journal never holds a key: ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind<'a> {
    /// 1: the gateway was opened with this configuration.
    Configured {
        digest: [u8; 32],
        freshness: Freshness,
        throttle: Rate,
        self_trade_prevention: SelfTradePrevention,
        self_trade_mode: SelfTradeMode,
    },
    /// 2: a session is there, or its limits changed, or how many of its orders and replaces are kept.
    Session { id: u64, limits: SessionLimits, max_orders: u32 },
    /// 3: a key of a session became active or was retired.
    Key { session_id: u64, key_id: u64, suite: Suite, active: bool },
    /// 4: an instrument is there, or changed.
    Instrument(Instrument),
    /// 5: exponent -8.
    ReferencePrice { symbol: Text, price: i64 },
    /// 6: halted, or resumed.
    Halt { scope: HaltScope, halted: bool },
    /// 7: a frame was decided. Without a reason it was accepted.
    Decided { order_id: u64, reason: Option<Reason>, frame: Frame<'a> },
    /// 8: the venue said something.
    Executed(Execution),
    /// 9: an accepted order never reached the venue, and at opening it was too old to be sent.
    NotDelivered { order_id: u64 },
    /// 10: the clock was set back, and the gateway's time with it. Only here does time go back.
    ClockSetBack,
    /// 11: limits of an account, of every account or of the firm; none: an account has no longer
    /// any of its own.
    ExposureLimits { scope: ExposureScope, limits: Option<ExposureLimits> },
    /// 12: the gateway itself cancels an order, by the id of any request of it, for this reason.
    /// `order_id` is the cancel's.
    Cancelled { order_id: u64, orig_order_id: u64, reason: Reason },
    /// 13: one more band of an instrument's ticks, above those that it has; none: it has no more.
    TickBand { symbol: Text, band: Option<TickBand> },
    /// 14: resumed, and the holder of this key agreed.
    Resumed { scope: HaltScope, key_id: u64 },
    /// 15: what a session may trade, of every symbol and for every account, until others follow.
    SessionTrades {
        session_id: u64,
        sides: Permitted,
        order_types: Permitted,
        max_sequence_gap: u32,
    },
    /// 16: a session may trade this symbol, or for this account, and no others but those named
    /// likewise. They come in their order.
    SessionTradesOnly { session_id: u64, what: SessionName },
    /// 17: how fast orders in an instrument may come; none: as fast as the others let them.
    InstrumentRate { symbol: Text, rate: Option<Rate> },
    /// 18: finished orders that were decided before this time were forgotten, but for those that
    /// somebody may still ask for.
    OrdersForgotten { before: u64 },
}

/// What a session is held to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionName {
    Symbol(Text),
    Account(Text),
}

/// What a halt stops: new orders and replaces; cancels always pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltScope {
    Gateway,
    Session(u64),
    Symbol(Text),
    Account(Text),
}

impl fmt::Display for HaltScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HaltScope::Gateway => f.write_str("gateway"),
            HaltScope::Session(id) => write!(f, "session {id}"),
            HaltScope::Symbol(symbol) => write!(f, "symbol {}", text_str(symbol)),
            HaltScope::Account(account) => write!(f, "account {}", text_str(account)),
        }
    }
}
