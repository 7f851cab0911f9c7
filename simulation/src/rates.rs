//! What is counted in time: token buckets, repeated orders, orders for each trade (docs/RISK.md,
//! docs/CONFIGURATION.md).

use tinywindow::order::{Side, Text};

use crate::rules::{MAX_REPEATS, REPEAT_WINDOW_NS, Rate, SECOND};

/// Tokens, counted in the time that it takes one to come back.
#[derive(Clone, Copy, Debug)]
pub struct Bucket {
    level_ns: u64,
    at: u64,
    token_ns: u64,
    burst: u64,
}

impl Bucket {
    /// A full one.
    pub const fn new(rate: Rate) -> Bucket {
        let token_ns = SECOND / rate.per_second;
        Bucket { level_ns: token_ns * rate.burst, at: 0, token_ns, burst: rate.burst }
    }

    fn level(&self, now: u64) -> u64 {
        (self.level_ns + (now - self.at)).min(self.token_ns * self.burst)
    }

    pub fn has_token(&self, now: u64) -> bool {
        self.level(now) >= self.token_ns
    }

    pub fn take(&mut self, now: u64) {
        self.level_ns = self.level(now) - self.token_ns;
        self.at = now;
    }

    /// The time is another from now on; it is as full as it was.
    pub fn set_back(&mut self, from: u64, to: u64) {
        (self.level_ns, self.at) = (self.level(from), to);
    }
}

/// A new order, as far as another can repeat it.
type Likeness = (Text, Side, Option<i64>, u64);

/// A session's accepted new orders, with their times.
#[derive(Clone, Debug, Default)]
pub struct Repeats(Vec<(Likeness, u64)>);

impl Repeats {
    pub fn remember(&mut self, like: Likeness, now: u64) {
        self.0.push((like, now));
    }

    pub fn is_one_too_many(&self, like: Likeness, now: u64) -> bool {
        let recent = |(other, time): &&(Likeness, u64)| {
            *other == like && now.saturating_sub(*time) < REPEAT_WINDOW_NS
        };
        self.0.iter().rev().take(128).filter(recent).count() >= MAX_REPEATS
    }

    pub fn set_back(&mut self, by: u64) {
        self.0.iter_mut().for_each(|(_, time)| *time -= by);
    }
}

/// Days since 1970 UTC.
pub fn day(time: u64) -> u64 {
    time / (86_400 * SECOND)
}

/// Accepted requests and trades of the latest day on which there was either.
#[derive(Clone, Copy, Debug, Default)]
pub struct OfDay {
    day: u64,
    requests: u64,
    trades: u64,
}

impl OfDay {
    fn on(self, now: u64) -> OfDay {
        if day(now) > self.day { OfDay { day: day(now), requests: 0, trades: 0 } } else { self }
    }

    pub fn request(&mut self, now: u64) {
        *self = self.on(now);
        self.requests += 1;
    }

    pub fn trade(&mut self, now: u64) {
        *self = self.on(now);
        self.trades += 1;
    }

    /// Whether one more is too many.
    pub fn is_full(self, (after, ratio): (u64, u64), now: u64) -> bool {
        let OfDay { requests, trades, .. } = self.on(now);
        requests >= after + ratio * trades
    }
}
