//! What may be traded, held and lost: instruments, accounts and their limits.

use std::collections::HashMap;

use super::read::{DEFAULT_RATE, RATE_MAX, choices, list, name, unique};
use super::text::{Result, Table, Value};
use super::{AccountConfig, InstrumentConfig, Rate, SessionPermissions};
use crate::gateway::exposure::ExposureLimits;
use crate::gateway::instrument::{
    COLLAR_BASIS_POINTS_MAX, Hours, Instrument, NO_COLLAR, PRICE_MAX, Permitted, TICK_BANDS_MAX,
    TickBand, UNLIMITED,
};
use crate::order::{OrdType, Side, TimeInForce, UNIT};

/// One basis point: 0.01 percent.
const BASIS_POINT: u64 = UNIT / 100;
const COLLAR_PERCENT_MAX: u64 = COLLAR_BASIS_POINTS_MAX as u64 * BASIS_POINT;
/// More than any venue lists; keeps tables indexed by instrument small.
pub(crate) const INSTRUMENTS_MAX: usize = 65_536;
/// Each distinct account of an accepted order is one.
pub(crate) const ACCOUNTS_MAX: usize = 65_536;
/// A gap of more is no loss of frames, but another numbering.
pub(super) const SEQUENCE_GAP_MAX: u32 = 1_000_000_000;
/// Of symbols, and of accounts, that a session is held to: one that needs more trades everything.
pub(crate) const SESSION_NAMES_MAX: usize = 1024;
const SIDES: &[(&str, Side)] =
    &[("buy", Side::Buy), ("sell", Side::Sell), ("sell_short", Side::SellShort)];
const ORDER_TYPES: &[(&str, OrdType)] = &[
    ("market", OrdType::Market),
    ("limit", OrdType::Limit),
    ("stop", OrdType::Stop),
    ("stop_limit", OrdType::StopLimit),
];
const TIMES_IN_FORCE: &[(&str, TimeInForce)] = &[
    ("day", TimeInForce::Day),
    ("good_till_cancel", TimeInForce::GoodTillCancel),
    ("immediate_or_cancel", TimeInForce::ImmediateOrCancel),
    ("fill_or_kill", TimeInForce::FillOrKill),
];

pub(super) fn instruments<'a>(root: &Table<'a>) -> Result<Vec<InstrumentConfig>> {
    let defaults = Limits::default().overridden_by(&root.table("limits")?)?;
    let mut symbols = HashMap::new();
    let instrument = |table: Table<'a>| {
        let symbol = table.require("symbol")?;
        let limits = defaults.overridden_by(&table)?;
        let required = |key, limit: Option<u64>| {
            let message = format!("no key `{key}`; add `{key} = …` here or in [limits]");
            limit.ok_or_else(|| table.error(message))
        };
        Ok(InstrumentConfig {
            instrument: Instrument {
                symbol: unique(&mut symbols, &symbol, name(&symbol, "symbol")?)?,
                restricted: limits.restricted,
                tick: required("tick", limits.tick)?,
                lot: required("lot", limits.lot)?,
                min_quantity: limits.min_quantity,
                max_quantity: required("max_quantity", limits.max_quantity)?,
                min_price: limits.min_price,
                max_price: limits.max_price,
                max_notional: required("max_notional", limits.max_notional)?,
                max_position: required("max_position", limits.max_position)?,
                collar_basis_points: required(
                    "collar_percent",
                    limits.collar_basis_points.map(u64::from),
                )? as u32,
                last_trade_collar_basis_points: limits.last_trade_collar_basis_points,
                locate: limits.locate,
                hours: limits.hours(&table)?,
                sides: limits.sides,
                order_types: limits.order_types,
                times_in_force: limits.times_in_force,
            },
            rate: limits.rate(),
            tick_bands: limits.tick_bands,
            reference_price: table
                .get_or("reference_price", None, |v| v.decimal(1, PRICE_MAX).map(Some))?
                .map(|price| price as i64),
        })
    };
    root.tables("instruments", INSTRUMENTS_MAX)?.into_iter().map(instrument).collect()
}

/// What a session may trade, and for whom.
pub(super) fn permissions(session: &Table<'_>) -> Result<SessionPermissions> {
    let names = |key, called| {
        let names = |v: Value<'_>| list(&v, SESSION_NAMES_MAX, |element| name(element, called));
        let mut names = session.get_or(key, Vec::new(), names)?;
        names.sort_unstable();
        Ok(names)
    };
    let all = SessionPermissions::default();
    Ok(SessionPermissions {
        symbols: names("symbols", "symbol")?,
        accounts: names("accounts", "name of an account")?,
        sides: sides(session, all.sides)?,
        order_types: order_types(session, all.order_types)?,
        max_sequence_gap: session.get_or("max_sequence_gap", all.max_sequence_gap, |v| {
            v.small_integer(0..=SEQUENCE_GAP_MAX)
        })?,
    })
}

fn sides(table: &Table<'_>, default: Permitted) -> Result<Permitted> {
    table.get_or("sides", default, |v| Ok(Permitted::sides(&choices(&v, SIDES)?)))
}

fn order_types(table: &Table<'_>, default: Permitted) -> Result<Permitted> {
    table.get_or("order_types", default, |v| Ok(Permitted::order_types(&choices(&v, ORDER_TYPES)?)))
}

pub(super) fn accounts<'a>(root: &Table<'a>) -> Result<Vec<AccountConfig>> {
    let defaults = exposure_limits(&root.table("account_limits")?, ExposureLimits::NONE)?;
    let mut names = HashMap::new();
    let account = |table: Table<'a>| {
        let account = table.require("name")?;
        Ok(AccountConfig {
            name: unique(&mut names, &account, name(&account, "name of an account")?)?,
            limits: exposure_limits(&table, defaults)?,
        })
    };
    root.tables("accounts", ACCOUNTS_MAX)?.into_iter().map(account).collect()
}

/// These limits where the table is silent, the table's where it is not.
pub(super) fn exposure_limits(
    table: &Table<'_>,
    defaults: ExposureLimits,
) -> Result<ExposureLimits> {
    let money = |key, default| {
        table.get_or(key, default, |v| Ok(v.limit(1, UNLIMITED - 1)?.unwrap_or(UNLIMITED)))
    };
    Ok(ExposureLimits {
        max_gross_notional: money("max_gross_notional", defaults.max_gross_notional)?,
        max_net_notional: money("max_net_notional", defaults.max_net_notional)?,
        max_loss: money("max_loss", defaults.max_loss)?,
    })
}

/// The limits of an instrument, or of all; what has no value must be said before one may trade.
#[derive(Clone)]
struct Limits {
    tick: Option<u64>,
    tick_bands: Vec<TickBand>,
    lot: Option<u64>,
    min_quantity: u64,
    max_quantity: Option<u64>,
    min_price: i64,
    max_price: i64,
    max_notional: Option<u64>,
    max_position: Option<u64>,
    collar_basis_points: Option<u32>,
    last_trade_collar_basis_points: u32,
    locate: u64,
    opens_s: Option<u32>,
    closes_s: Option<u32>,
    restricted: bool,
    sides: Permitted,
    order_types: Permitted,
    times_in_force: Permitted,
    per_second: Option<u32>,
    burst: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tick: None,
            tick_bands: Vec::new(),
            lot: None,
            min_quantity: 0,
            max_quantity: None,
            min_price: i64::MIN,
            max_price: i64::MAX,
            max_notional: None,
            max_position: None,
            collar_basis_points: None,
            last_trade_collar_basis_points: NO_COLLAR,
            locate: UNLIMITED,
            opens_s: None,
            closes_s: None,
            restricted: false,
            sides: Permitted::sides(Side::ALL),
            order_types: Permitted::order_types(&[OrdType::Market, OrdType::Limit]),
            times_in_force: Permitted::times_in_force(TimeInForce::ALL),
            per_second: None,
            burst: DEFAULT_RATE.burst,
        }
    }
}

impl Limits {
    fn hours(&self, table: &Table<'_>) -> Result<Hours> {
        match (self.opens_s, self.closes_s) {
            (None, None) => Ok(Hours::default()),
            (Some(opens_s), Some(closes_s)) => Ok(Hours { opens_s, closes_s }),
            _ => Err(table.error("`opens` and `closes` come together; add the other one")),
        }
    }

    fn rate(&self) -> Option<Rate> {
        self.per_second.map(|per_second| Rate { per_second, burst: self.burst })
    }

    /// Of what has a least and a greatest value, the least is not above the other.
    fn in_order(self, table: &Table<'_>) -> Result<Self> {
        let max_quantity = self.max_quantity.unwrap_or(UNLIMITED);
        let keys = match (self.min_quantity > max_quantity, self.min_price > self.max_price) {
            (true, _) => ("min_quantity", "max_quantity"),
            (_, true) => ("min_price", "max_price"),
            _ => return Ok(self),
        };
        let (least, most) = keys;
        let message = format!("`{least}` is above `{most}`; lower it, or raise `{most}`");
        let place = table.get(least).or_else(|| table.get(most));
        Err(place.map_or_else(|| table.error(&message), |value| value.error(&message)))
    }

    /// These limits where the table is silent, the table's where it is not.
    fn overridden_by(&self, table: &Table<'_>) -> Result<Self> {
        let amount = |key, own| {
            table.get_or(key, own, |v| Ok(Some(v.limit(1, UNLIMITED - 1)?.unwrap_or(UNLIMITED))))
        };
        let price = |key, own| {
            table.get_or(key, own, |v| v.decimal(1, PRICE_MAX).map(|price| price as i64))
        };
        let collar = |key, own| {
            table.get_or(key, own, |v| {
                let percent = v.limit(BASIS_POINT, COLLAR_PERCENT_MAX)?;
                Ok(Some(percent.map_or(NO_COLLAR, |percent| (percent / BASIS_POINT) as u32)))
            })
        };
        let limits = Self {
            tick: table.get_or("tick", self.tick, |v| v.decimal(1, PRICE_MAX).map(Some))?,
            tick_bands: match table.get("tick_bands") {
                Some(_) => tick_bands(table)?,
                None => self.tick_bands.clone(),
            },
            lot: table.get_or("lot", self.lot, |v| v.decimal(1, UNLIMITED - 1).map(Some))?,
            min_quantity: table
                .get_or("min_quantity", self.min_quantity, |v| v.decimal(1, UNLIMITED - 1))?,
            max_quantity: amount("max_quantity", self.max_quantity)?,
            min_price: price("min_price", self.min_price)?,
            max_price: price("max_price", self.max_price)?,
            max_notional: amount("max_notional", self.max_notional)?,
            max_position: amount("max_position", self.max_position)?,
            collar_basis_points: collar("collar_percent", self.collar_basis_points)?,
            last_trade_collar_basis_points: collar(
                "last_trade_collar_percent",
                Some(self.last_trade_collar_basis_points),
            )?
            .unwrap_or(NO_COLLAR),
            locate: amount("locate", Some(self.locate))?.unwrap_or(UNLIMITED),
            opens_s: table.get_or("opens", self.opens_s, |v| time_of_day(&v).map(Some))?,
            closes_s: table.get_or("closes", self.closes_s, |v| time_of_day(&v).map(Some))?,
            restricted: table.get_or("restricted", self.restricted, |v| v.boolean())?,
            sides: sides(table, self.sides)?,
            order_types: order_types(table, self.order_types)?,
            times_in_force: table.get_or("times_in_force", self.times_in_force, |v| {
                Ok(Permitted::times_in_force(&choices(&v, TIMES_IN_FORCE)?))
            })?,
            per_second: table.get_or("per_second", self.per_second, |v| {
                v.small_integer(1..=RATE_MAX).map(Some)
            })?,
            burst: table.get_or("burst", self.burst, |v| v.small_integer(1..=RATE_MAX))?,
        };
        limits.in_order(table)
    }
}

/// Each from a higher price than the one before.
fn tick_bands(table: &Table<'_>) -> Result<Vec<TickBand>> {
    let mut bands: Vec<TickBand> = Vec::new();
    for element in table.tables("tick_bands", TICK_BANDS_MAX)? {
        let price = |key| element.require(key)?.decimal(1, PRICE_MAX);
        let band = TickBand { from: price("from")?, tick: price("tick")? };
        if bands.last().is_some_and(|last| last.from >= band.from) {
            let remedy = "write the bands from the lowest price to the highest";
            return Err(element.error(format!("no higher price than that before; {remedy}")));
        }
        bands.push(band);
    }
    Ok(bands)
}

fn two_digits(text: &[u8]) -> Option<u32> {
    let [b'0'..=b'9', b'0'..=b'9'] = text else { return None };
    Some(u32::from(text[0] - b'0') * 10 + u32::from(text[1] - b'0'))
}

/// Seconds since midnight of a time as "16:30" or "16:30:15".
fn time_of_day(value: &Value<'_>) -> Result<u32> {
    let text = value.string()?;
    let seconds = |text: &str| {
        let parts: Vec<u32> =
            text.split(':').map(|part| two_digits(part.as_bytes())).collect::<Option<_>>()?;
        let (hours, minutes, seconds) = match parts[..] {
            [hours, minutes] => (hours, minutes, 0),
            [hours, minutes, seconds] => (hours, minutes, seconds),
            _ => return None,
        };
        let is_time = hours < 24 && minutes < 60 && seconds < 60;
        is_time.then_some(hours * 3_600 + minutes * 60 + seconds)
    };
    seconds(text).ok_or_else(|| value.error("not a time of the day; write one like \"16:30\""))
}
