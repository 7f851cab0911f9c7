//! What accounts hold and how near they are to their limits, for who asks.

use crate::error::{Error, Result};
use crate::gateway::Gateway;
use crate::gateway::exposure::{Exposure, ExposureLimits, ExposureScope, Position};
use crate::gateway::state::State;
use crate::order::{Text, UNIT};

/// What an account holds of an instrument. Everything has exponent -8; money that may be lost is
/// rounded up, other money down, and what does not fit ends at the type's bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PositionState {
    /// Held: long above 0, short below.
    pub quantity: i64,
    /// What its open orders may still buy, at their worst.
    pub open_buy: u64,
    /// What they may still sell, at their worst.
    pub open_sell: u64,
    /// The price that it is valued at: the reference price, until there is one the first trade's.
    pub mark: Option<i64>,
    /// Received for sales less paid for purchases, without fees.
    pub cash: i64,
    /// `cash`, and `quantity` at `mark`: what was won or lost with it, realised or not.
    pub equity: i64,
    /// What it may become at its worst, long or short: its part of the gross notional.
    pub gross: u64,
}

/// What an account, or the firm, has at risk, and its limits. Numbers as in [`PositionState`];
/// `docs/RISK.md` defines each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExposureState {
    /// What is held, short taken from long.
    pub held: i64,
    /// What [`ExposureLimits::max_gross_notional`] is held against.
    pub gross: u64,
    /// What [`ExposureLimits::max_net_notional`] is held against for a buy.
    pub net_buy: i64,
    /// The same for a sell.
    pub net_sell: i64,
    /// Won or lost with all that was ever traded, realised or not.
    pub equity: i64,
    /// What [`ExposureLimits::max_loss`] is held against, of this day in UTC; below 0: a gain.
    pub day_loss: i64,
    /// Since when the account, or the gateway, is halted; nanoseconds since 1970 UTC.
    pub halted: Option<u64>,
    /// Those in force: its own, or those of every account.
    pub limits: ExposureLimits,
}

impl Gateway {
    /// What the account holds of the instrument: nothing, if nobody has named it yet. All numbers
    /// are of one moment, and those that the next decision goes by. [`Error::NotFound`]: no such
    /// instrument. Works on a closed gateway too.
    pub fn position(&self, account: &Text, symbol: &Text) -> Result<PositionState> {
        self.shared.fork.check()?;
        let core = self.shared.core()?;
        let state = &core.state;
        let instrument = state.instruments.find(symbol).ok_or(Error::NotFound)?;
        let account = state.accounts.find(account);
        let row = account.and_then(|account| state.positions.find(&(account, instrument)));
        let held = row.map_or(Position::default(), |row| *state.positions.row(row));
        let mark = state.instruments.row(instrument).mark;
        Ok(position(&held, mark))
    }

    /// What an account, or the firm, has at risk; an account that nobody has named yet nothing. All
    /// numbers are of one moment. [`Error::NotFound`]: no limit of exposure was ever set, so that
    /// nothing is added up. [`Error::Argument`]: every account has an exposure of its own. Works on
    /// a closed gateway too.
    pub fn exposure(&self, scope: ExposureScope) -> Result<ExposureState> {
        self.shared.fork.check()?;
        let clock = self.shared.clock.now();
        let core = self.shared.core()?;
        // The time of the next decision: a clock that was set back takes the gateway's along.
        let now = if core.is_ahead_of(clock) { clock } else { clock.max(core.state.now) };
        exposure(&core.state, &scope, now)
    }
}

fn position(held: &Position, mark: Option<i64>) -> PositionState {
    PositionState {
        quantity: signed(held.net),
        open_buy: unsigned(held.open_buy),
        open_sell: unsigned(held.open_sell),
        mark,
        cash: rounded_down(held.cash),
        equity: rounded_down(held.exposure.equity),
        gross: gross(&held.exposure),
    }
}

fn exposure(state: &State, scope: &ExposureScope, now: u64) -> Result<ExposureState> {
    let (totals, halted, limits) = match scope {
        ExposureScope::Firm => (state.firm, state.halted, state.firm_limits),
        ExposureScope::EveryAccount => return Err(Error::Argument),
        ExposureScope::Account(account) => {
            let account = state.accounts.get(account).copied().unwrap_or_default();
            (account.totals, account.halted, account.limits.unwrap_or(state.account_limits))
        }
    };
    if !state.adds_up_exposure {
        return Err(Error::NotFound);
    }
    let Exposure { held, buys, sells, equity, .. } = totals.sum;
    Ok(ExposureState {
        held: rounded_down(held),
        gross: gross(&totals.sum),
        net_buy: rounded_up(held + buys),
        net_sell: rounded_up(sells - held),
        equity: rounded_down(equity),
        day_loss: rounded_up(totals.loss(now)),
        halted,
        limits,
    })
}

/// What it may become at its worst is never below 0.
fn gross(exposure: &Exposure) -> u64 {
    unsigned(up(exposure.gross))
}

fn rounded_up(money: i128) -> i64 {
    signed(up(money))
}

fn rounded_down(money: i128) -> i64 {
    signed(money.div_euclid(UNIT.into()))
}

/// Money of exponent -16 with exponent -8: above a limit exactly where the gateway finds it so.
fn up(money: i128) -> i128 {
    -(-money).div_euclid(UNIT.into())
}

fn signed(value: i128) -> i64 {
    value.clamp(i64::MIN.into(), i64::MAX.into()) as i64
}

fn unsigned(value: i128) -> u64 {
    value.clamp(0, u64::MAX.into()) as u64
}
