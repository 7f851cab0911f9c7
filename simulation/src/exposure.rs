//! What accounts and the firm hold, may come to hold and have lost (docs/RISK.md, "Exposure"): each
//! sum is added up anew for each question. Money has exponent -16.

use std::collections::BTreeMap;

use tinywindow::Reason;
use tinywindow::gateway::{ExposureLimits, ExposureScope};
use tinywindow::order::{Order, Side, Text};

use crate::book::{Book, Counted};
use crate::rates::day;
use crate::rules::{ACCOUNT_LIMITS, FIRM_LIMITS, FUND_LIMITS, UNIT};

/// What an account holds of an instrument, and the money that it got for it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Position {
    pub net: i128,
    pub cash: i128,
}

/// Limits by scope.
#[derive(Clone, Debug)]
pub struct Limits {
    firm: ExposureLimits,
    every: ExposureLimits,
    own: BTreeMap<Text, ExposureLimits>,
}

impl Default for Limits {
    fn default() -> Limits {
        let none = ExposureLimits::NONE;
        Limits { firm: none, every: none, own: BTreeMap::new() }
    }
}

impl Limits {
    /// As the text says.
    pub fn of_text(fund: Text) -> Limits {
        let own = BTreeMap::from([(fund, FUND_LIMITS)]);
        Limits { firm: FIRM_LIMITS, every: ACCOUNT_LIMITS, own }
    }

    pub fn set(&mut self, scope: ExposureScope, limits: Option<ExposureLimits>) {
        let or_none = limits.unwrap_or(ExposureLimits::NONE);
        match (scope, limits) {
            (ExposureScope::Firm, _) => self.firm = or_none,
            (ExposureScope::EveryAccount, _) => self.every = or_none,
            (ExposureScope::Account(account), Some(limits)) => {
                self.own.insert(account, limits);
            }
            (ExposureScope::Account(account), None) => drop(self.own.remove(&account)),
        }
    }

    /// What has to be set that they are as these again: the text wins at each opening.
    pub fn until(&self, text: &Limits) -> Vec<(ExposureScope, Option<ExposureLimits>)> {
        let mut changes = Vec::new();
        if self.firm != text.firm {
            changes.push((ExposureScope::Firm, Some(text.firm)));
        }
        if self.every != text.every {
            changes.push((ExposureScope::EveryAccount, Some(text.every)));
        }
        for (account, limits) in &text.own {
            if self.own.get(account) != Some(limits) {
                changes.push((ExposureScope::Account(*account), Some(*limits)));
            }
        }
        for account in self.own.keys().filter(|account| !text.own.contains_key(*account)) {
            changes.push((ExposureScope::Account(*account), None));
        }
        changes
    }

    fn of(&self, account: &Text) -> &ExposureLimits {
        self.own.get(account).unwrap_or(&self.every)
    }

    /// Whether an order of this account must be valued.
    pub fn need_a_price(&self, account: &Text) -> bool {
        self.firm != ExposureLimits::NONE || *self.of(account) != ExposureLimits::NONE
    }
}

/// Equity before the first change of the latest day with one.
#[derive(Clone, Copy, Debug, Default)]
pub struct DayBegan {
    day: u64,
    equity: i128,
}

/// Of an account and an instrument.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    held: i128,
    buys: i128,
    sells: i128,
}

impl Sums {
    fn gross(&self) -> i128 {
        (self.held + self.buys).max(self.sells - self.held)
    }

    fn net(&self, side: Side) -> i128 {
        if side == Side::Buy { self.held + self.buys } else { self.sells - self.held }
    }

    fn with(mut self, side: Side, more: i128) -> Sums {
        *(if side == Side::Buy { &mut self.buys } else { &mut self.sells }) += more;
        self
    }
}

fn value(counted: Counted) -> i128 {
    i128::from(counted.quantity) * i128::from(counted.weight)
}

fn is_above(amount: i128, limit: u64) -> bool {
    limit != u64::MAX && amount > i128::from(limit) * i128::from(UNIT)
}

impl Book {
    /// Of all the positions of an account, or of the firm.
    fn sums(&self, of: Option<Text>) -> BTreeMap<(Text, Text), Sums> {
        let mut all: BTreeMap<(Text, Text), Sums> = BTreeMap::new();
        let is_of = |account: &Text| of.is_none_or(|of| of == *account);
        for (&(account, symbol), position) in &self.positions {
            if is_of(&account) {
                let mark = self.marks.get(&symbol).copied().unwrap_or(0);
                let held = position.net * i128::from(mark.abs());
                all.entry((account, symbol)).or_default().held = held;
            }
        }
        for order in self.orders.iter().filter(|order| is_of(&order.account)) {
            let sums = all.entry((order.account, order.symbol)).or_default();
            *sums = sums.with(order.side, value(order.counted));
        }
        all
    }

    fn equity(&self, of: Option<Text>) -> i128 {
        let mine =
            self.positions.iter().filter(|((account, _), _)| of.is_none_or(|a| a == *account));
        let worth = |((_, symbol), p): (&(Text, Text), &Position)| {
            p.cash + p.net * i128::from(self.marks.get(symbol).copied().unwrap_or(0))
        };
        mine.map(worth).sum()
    }

    /// Something of this account's is about to change.
    pub fn touch(&mut self, account: Text) {
        for of in [None, Some(account)] {
            let equity = self.equity(of);
            let began = self.began.entry(of).or_default();
            if day(self.now) > began.day {
                *began = DayBegan { day: day(self.now), equity };
            }
        }
    }

    fn loss(&self, of: Option<Text>, now: u64) -> i128 {
        let began = self.began.get(&of).copied().unwrap_or_default();
        if day(now) > began.day { 0 } else { began.equity - self.equity(of) }
    }

    /// Why an order that counts with this after, and counted with that before, is too much.
    pub fn exceeds(
        &self,
        order: &Order,
        before: Counted,
        after: Counted,
        now: u64,
    ) -> Result<(), Reason> {
        let own = Some(order.account);
        let scopes = [
            (own, *self.limits.of(&order.account), Reason::AccountGross, Reason::AccountNet),
            (None, self.limits.firm, Reason::FirmGross, Reason::FirmNet),
        ];
        let more = value(after) - value(before);
        let key = (order.account, order.symbol);
        let mut raises_gross = false;
        for (of, limits, gross_reason, net_reason) in scopes {
            let mut sums = self.sums(of);
            let position = sums.entry(key).or_default();
            let gross = position.gross();
            *position = position.with(order.side, more);
            raises_gross = position.gross() > gross;
            let gross = sums.values().map(Sums::gross).sum();
            let net = sums.values().map(|sums| sums.net(order.side)).sum();
            if raises_gross && is_above(gross, limits.max_gross_notional) {
                return Err(gross_reason);
            }
            if more > 0 && is_above(net, limits.max_net_notional) {
                return Err(net_reason);
            }
        }
        let losses = [
            (own, *self.limits.of(&order.account), Reason::AccountLoss),
            (None, self.limits.firm, Reason::FirmLoss),
        ];
        for (of, limits, reason) in losses {
            if raises_gross && is_above(self.loss(of, now), limits.max_loss) {
                return Err(reason);
            }
        }
        Ok(())
    }
}
