//! What was done lately: the memory behind the limits of repeated orders, of orders for each trade
//! and of short sales.

use std::collections::VecDeque;

use crate::gateway::exposure::day_of;
use crate::gateway::row::{Row, put_all, row, take_all};
use crate::journal::{SnapshotReader, SnapshotWriter};
use crate::order::{Side, Terms};

/// Repeats are looked for among so many latest new orders of a session: what runs away repeats
/// itself at once.
pub const RECENT_ORDERS: usize = 128;

// Counted in a byte.
const _: () = assert!(RECENT_ORDERS <= u8::MAX as usize);

/// What makes a new order the same as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Likeness {
    instrument: u32,
    side: Side,
    price: Option<i64>,
    quantity: u64,
}

row!(Likeness { instrument, side, price, quantity });

impl Likeness {
    pub fn of(instrument: u32, side: Side, terms: &Terms) -> Self {
        let price = terms.price.or(terms.stop_price);
        Self { instrument, side, price, quantity: terms.quantity }
    }

    /// Of equals the same, of most others another.
    fn fingerprint(&self) -> u8 {
        let price = self.price.unwrap_or_default().cast_unsigned();
        let order = u64::from(self.instrument) << 8 | self.side as u64;
        let mix = |hash: u64, field: u64| (hash ^ field).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ([order, price, self.quantity].into_iter().fold(0, mix) >> 56) as u8
    }
}

/// The latest new orders, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recent {
    /// Each with its time.
    orders: VecDeque<(Likeness, u64)>,
    /// How many of them have each fingerprint: a new order is like none of them as a rule, and this
    /// tells so at a glance.
    alike: Box<[u8; 256]>,
}

impl Recent {
    pub fn new() -> Self {
        Self { orders: VecDeque::with_capacity(RECENT_ORDERS), alike: Box::new([0; 256]) }
    }

    #[inline]
    pub fn remember(&mut self, likeness: Likeness, now: u64) {
        if self.orders.len() == RECENT_ORDERS {
            let oldest = self.orders.pop_front();
            oldest.iter().for_each(|(oldest, _)| *self.alike_mut(oldest) -= 1);
        }
        self.orders.push_back((likeness, now));
        *self.alike_mut(&likeness) += 1;
    }

    /// Whether there were so many like it within the window before now.
    pub fn repeats(&self, likeness: &Likeness, times: u32, window_ns: u64, now: u64) -> bool {
        if u32::from(self.alike[usize::from(likeness.fingerprint())]) < times {
            return false;
        }
        let is_recent = |(_, time): &&(Likeness, u64)| now.saturating_sub(*time) < window_ns;
        let recent = self.orders.iter().rev().take_while(is_recent);
        recent.filter(|(other, _)| other == likeness).count() >= times as usize
    }

    fn alike_mut(&mut self, likeness: &Likeness) -> &mut u8 {
        &mut self.alike[usize::from(likeness.fingerprint())]
    }

    pub fn set_back(&mut self, by_ns: u64) {
        for (_, time) in &mut self.orders {
            *time = time.saturating_sub(by_ns);
        }
    }
}

/// The fingerprints follow from the orders.
impl Row for Recent {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        put_all(out, self.orders.iter());
    }

    fn take(from: &mut SnapshotReader) -> Option<Self> {
        let mut recent = Self::new();
        take_all(from, |(likeness, time): (Likeness, u64)| recent.remember(likeness, time))?;
        Some(recent)
    }
}

/// Requests and trades of a day in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct OfDay {
    day: u64,
    requests: u64,
    trades: u64,
}

row!(OfDay { day, requests, trades });

impl OfDay {
    pub fn count_request(&mut self, now: u64) {
        *self = self.on(now);
        self.requests += 1;
    }

    pub fn count_trade(&mut self, now: u64) {
        *self = self.on(now);
        self.trades += 1;
    }

    /// Whether one more request is one too many for the trades.
    pub fn exceeds(&self, for_each_trade: u32, after: u32, now: u64) -> bool {
        let OfDay { requests, trades, .. } = self.on(now);
        let permitted = trades.saturating_mul(for_each_trade.into()).saturating_add(after.into());
        requests >= permitted
    }

    /// A clock set back over midnight begins no day.
    fn on(self, now: u64) -> Self {
        if day_of(now) > self.day { Self { day: day_of(now), ..Self::default() } } else { self }
    }
}

/// What of an instrument is sold short, and what may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shorts {
    /// What open orders may still sell short.
    pub open: i128,
    sold: i128,
    /// The day on which that was sold, since 1970 UTC.
    day: u64,
}

row!(Shorts { open, sold, day });

impl Shorts {
    pub fn sell(&mut self, quantity: u64, now: u64) {
        self.sold = self.sold_on(day_of(now)).saturating_add(quantity.into());
        self.day = self.day.max(day_of(now));
    }

    /// What is located and used up today, with what may come of open orders.
    pub fn used(&self, now: u64) -> i128 {
        self.sold_on(day_of(now)).saturating_add(self.open)
    }

    /// A clock set back over midnight begins no day.
    fn sold_on(&self, day: u64) -> i128 {
        if day > self.day { 0 } else { self.sold }
    }
}
