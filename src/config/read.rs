//! From text to [`Config`]: each table's meaning, defaults and ranges.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::path::PathBuf;

use sha2::{Digest, Sha256};
use toml::de::DeTable;

use super::files::Files;
use super::text::{Result, Table, Value, not_toml, quote};
use super::{
    AccountConfig, Config, ConfigError, Freshness, InstrumentConfig, JournalConfig, Rate,
    SelfTradePrevention, SessionConfig, SessionLimits, VenueConfig, service,
};
use crate::gateway::exposure::ExposureLimits;
use crate::gateway::instrument::{Hours, Instrument, NO_COLLAR, Permitted, UNLIMITED};
use crate::order::{OrdType, Side, Text, TimeInForce, UNIT, text};
use crate::secret::MemoryLock;

/// Enough for the most instruments and sessions with every key written out.
const TEXT_MAX: usize = 4 * 1024 * 1024;
/// Every frame looks its session up; a firm has far fewer senders than this.
const SESSIONS_MAX: usize = 1024;
/// More than any venue lists; keeps tables indexed by instrument small.
pub(crate) const INSTRUMENTS_MAX: usize = 65_536;
/// Each distinct account of an accepted order is one.
pub(crate) const ACCOUNTS_MAX: usize = 65_536;
/// Enough to roll keys over; each key that is not needed is one more to steal.
const KEYS_MAX: usize = 16;

/// An order takes about 200 bytes: this many take 20 GB.
const ORDERS_MAX: u32 = 100_000_000;
/// A frame waits at most the venue's time to answer: at a million a second, a second of it.
const IN_FLIGHT_MAX: u32 = 1_000_000;
/// A completion takes 144 bytes: this many take 2.4 GB.
const COMPLETIONS_MAX: u32 = 1 << 24;
/// One token a nanosecond is the finest step of the clock.
const RATE_MAX: u32 = 1_000_000_000;
/// A clock that is off by more than an hour is broken.
const FRESHNESS_MS_MAX: u64 = 3_600_000;
/// Whoever sent an order more than a day ago has long given it up.
const UNDELIVERED_MS_MAX: u64 = 86_400_000;
/// What is repeated after an hour is no runaway.
const REPEAT_WINDOW_MS_MAX: u64 = 3_600_000;
/// Prices and tick sizes are compared as i64.
const PRICE_MAX: u64 = i64::MAX as u64;
/// A hundred times the reference price holds nothing back.
const COLLAR_PERCENT_MAX: u64 = 10_000 * UNIT;
/// One basis point: 0.01 percent.
const BASIS_POINT: u64 = UNIT / 100;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;

const DEFAULT_THROTTLE: Rate = Rate { per_second: 100_000, burst: 10_000 };
const DEFAULT_RATE: Rate = Rate { per_second: 1_000, burst: 100 };
const DEFAULT_CANCEL_RATE: Rate = Rate { per_second: 10_000, burst: 1_000 };

const MEMORY_LOCKS: &[(&str, MemoryLock)] =
    &[("required", MemoryLock::Required), ("preferred", MemoryLock::Preferred)];
const SELF_TRADE_PREVENTIONS: &[(&str, SelfTradePrevention)] = &[
    ("off", SelfTradePrevention::Off),
    ("account", SelfTradePrevention::Account),
    ("firm", SelfTradePrevention::Firm),
];
const VENUES: &[(&str, VenueConfig)] = &[("paper", VenueConfig::Paper)];
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

pub(super) fn config(text: &str, files: &dyn Files) -> Result<Config> {
    if text.len() > TEXT_MAX {
        return Err(ConfigError::at(text, 0, "the text is larger than 4 MiB; remove some of it"));
    }
    let entries = DeTable::parse(text).map_err(|error| not_toml(text, &error))?;
    let root = Table::root(text, entries.get_ref())?;
    let gateway = root.table("gateway")?;
    let size = |key, default, max| gateway.get_or(key, default, |v| v.small_integer(1..=max));
    let max_orders = size("max_orders", 262_144, ORDERS_MAX)?;
    let sessions = sessions(&root, files, max_orders)?;
    Ok(Config {
        max_orders,
        max_in_flight: size("max_in_flight", 4_096, IN_FLIGHT_MAX)?,
        max_completions: size("max_completions", 65_536, COMPLETIONS_MAX)?,
        memory_lock: gateway.get_or("memory_lock", None, |v| v.choice(MEMORY_LOCKS).map(Some))?,
        journal: journal(&root.require("journal")?.table()?, files)?,
        freshness: freshness(&root.table("freshness")?)?,
        undelivered_ns: root
            .table("freshness")?
            .get_or("undelivered_ms", 5_000, |v| v.integer(1..=UNDELIVERED_MS_MAX))?
            * NANOSECONDS_PER_MILLISECOND,
        throttle: rate(&root.table("throttle")?, "per_second", "burst", DEFAULT_THROTTLE)?,
        service: service::read(&root, &sessions, files)?,
        sessions,
        instruments: instruments(&root)?,
        firm: exposure_limits(&root.table("firm")?, ExposureLimits::NONE)?,
        self_trade_prevention: root.table("firm")?.get_or(
            "self_trade_prevention",
            SelfTradePrevention::Off,
            |v| v.choice(SELF_TRADE_PREVENTIONS),
        )?,
        account_limits: exposure_limits(&root.table("account_limits")?, ExposureLimits::NONE)?,
        accounts: accounts(&root)?,
        venue: root.require("venue")?.table()?.require("kind")?.choice(VENUES)?,
        digest: Sha256::digest(text).into(),
    })
}

fn journal(table: &Table<'_>, files: &dyn Files) -> Result<JournalConfig> {
    let in_file = table.require("kind")?.choice(&[("memory", false), ("file", true)])?;
    if in_file {
        let path = journal_path(&table.require("path")?, files)?;
        return Ok(JournalConfig::File { path });
    }
    match table.get("path") {
        Some(path) => {
            Err(path.error("a journal in memory has no `path`; remove it or write kind = \"file\""))
        }
        None => Ok(JournalConfig::Memory),
    }
}

fn freshness(table: &Table<'_>) -> Result<Freshness> {
    let nanoseconds = |key, default, min| {
        let milliseconds = table.get_or(key, default, |v| v.integer(min..=FRESHNESS_MS_MAX))?;
        Ok(milliseconds * NANOSECONDS_PER_MILLISECOND)
    };
    // With no time back no frame could arrive in time; a sender's clock need not run ahead.
    Ok(Freshness {
        back_ns: nanoseconds("back_ms", 5_000, 1)?,
        ahead_ns: nanoseconds("ahead_ms", 1_000, 0)?,
    })
}

fn rate(
    table: &Table<'_>,
    per_second: &'static str,
    burst: &'static str,
    default: Rate,
) -> Result<Rate> {
    let tokens = |key, default| table.get_or(key, default, |v| v.small_integer(1..=RATE_MAX));
    Ok(Rate {
        per_second: tokens(per_second, default.per_second)?,
        burst: tokens(burst, default.burst)?,
    })
}

fn sessions<'a>(
    root: &Table<'a>,
    files: &dyn Files,
    max_orders: u32,
) -> Result<Vec<SessionConfig>> {
    let tables = root.tables("sessions", SESSIONS_MAX)?;
    let equal_share = equal_share(&tables, max_orders)?;
    let mut ids = HashMap::new();
    let session = |table: Table<'a>| {
        let id = table.require("id")?;
        let cancels = ("cancels_per_second", "cancels_burst");
        let count = |key, default| table.get_or(key, default, |v| v.small_integer(1..=ORDERS_MAX));
        let mut key_ids = HashMap::new();
        Ok(SessionConfig {
            id: unique(&mut ids, &id, id.integer(1..=u64::MAX)?)?,
            keys: table.get_or("keys", Vec::new(), |v| {
                list(&v, KEYS_MAX, |key| order_key(key, files, &mut key_ids))
            })?,
            limits: SessionLimits {
                rate: rate(&table, "per_second", "burst", DEFAULT_RATE)?,
                cancel_rate: rate(&table, cancels.0, cancels.1, DEFAULT_CANCEL_RATE)?,
                max_open_orders: table
                    .get_or("max_open_orders", 1_000, |v| v.small_integer(1..=ORDERS_MAX))?,
                max_orders: own_share(&table)?.unwrap_or(equal_share),
                max_repeats: count("max_repeats", u32::MAX)?,
                repeat_window_ns: NANOSECONDS_PER_MILLISECOND
                    * table.get_or("repeat_window_ms", 1_000, |v| {
                        v.integer(1..=REPEAT_WINDOW_MS_MAX)
                    })?,
                max_order_to_trade: count("max_order_to_trade", u32::MAX)?,
                order_to_trade_after: count("order_to_trade_after", 1_000)?,
            },
        })
    };
    tables.into_iter().map(session).collect()
}

fn own_share(session: &Table<'_>) -> Result<Option<u32>> {
    session.get_or("max_orders", None, |v| v.small_integer(1..=ORDERS_MAX).map(Some))
}

/// What each session has that says nothing of its own: of what the others leave the same as all
/// its like.
fn equal_share(sessions: &[Table<'_>], max_orders: u32) -> Result<u32> {
    let (mut left, mut sharing) = (max_orders, 0);
    for session in sessions {
        let Some(own) = own_share(session)? else {
            sharing += 1;
            continue;
        };
        left = left.checked_sub(own).ok_or_else(|| {
            let more = "the sessions' `max_orders` are more than the gateway's";
            session.error(format!("{more}; lower them or raise that one"))
        })?;
    }
    match left.checked_div(sharing) {
        Some(0) => {
            let short = "`max_orders` of the gateway is too small to give each session a share";
            Err(sessions[0].error(format!("{short}; raise it")))
        }
        share => Ok(share.unwrap_or(0)),
    }
}

fn order_key<'a>(
    value: &Value<'a>,
    files: &dyn Files,
    known: &mut HashMap<u64, Value<'a>>,
) -> Result<String> {
    let file = file_name(value)?;
    let first = files.order_key_id(file.as_ref()).map(|key_id| known.insert(key_id?, *value));
    let wrong = match first {
        Ok(None) => return Ok(file.to_owned()),
        Ok(Some(first)) => format!("the same key as on line {}", first.line()),
        Err(wrong) => wrong,
    };
    let remedy = "name a file of key bytes; of Ed25519 the public key";
    Err(value.error(format!("key file {}: {wrong}; {remedy}", quote(file))))
}

/// A key for any use.
pub(super) fn key(value: &Value<'_>, files: &dyn Files) -> Result<String> {
    let file = file_name(value)?;
    match files.key(file.as_ref()) {
        Ok(()) => Ok(file.to_owned()),
        Err(wrong) => {
            let remedy = "name a file of key bytes";
            Err(value.error(format!("key file {}: {wrong}; {remedy}", quote(file))))
        }
    }
}

fn journal_path(value: &Value<'_>, files: &dyn Files) -> Result<PathBuf> {
    let path = path(value)?;
    let remedy = "name a journal, or a new file in a folder that is there";
    files.journal(&path).map_err(|wrong| {
        value.error(format!("journal {}: {wrong}; {remedy}", quote(&path.to_string_lossy())))
    })?;
    Ok(path)
}

pub(super) fn path(value: &Value<'_>) -> Result<PathBuf> {
    file_name(value).map(PathBuf::from)
}

fn file_name<'a>(value: &Value<'a>) -> Result<&'a str> {
    let name = value.string()?;
    if name.is_empty() || name.contains('\0') {
        return Err(value.error("no file can have this name; write its path"));
    }
    Ok(name)
}

fn instruments<'a>(root: &Table<'a>) -> Result<Vec<InstrumentConfig>> {
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
            reference_price: table
                .get_or("reference_price", None, |v| v.decimal(1, PRICE_MAX).map(Some))?
                .map(|price| price as i64),
        })
    };
    root.tables("instruments", INSTRUMENTS_MAX)?.into_iter().map(instrument).collect()
}

/// The name of what is called so.
fn name(value: &Value<'_>, called: &str) -> Result<Text> {
    let characters = value.string()?;
    text(characters.as_bytes()).filter(|_| !characters.is_empty()).ok_or_else(|| {
        let wanted = "write 1 to 16 printable ASCII characters without spaces";
        value.error(format!("not a {called}; {wanted}"))
    })
}

fn accounts<'a>(root: &Table<'a>) -> Result<Vec<AccountConfig>> {
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
fn exposure_limits(table: &Table<'_>, defaults: ExposureLimits) -> Result<ExposureLimits> {
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
#[derive(Clone, Copy)]
struct Limits {
    tick: Option<u64>,
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tick: None,
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
        Ok(Self {
            tick: table.get_or("tick", self.tick, |v| v.decimal(1, PRICE_MAX).map(Some))?,
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
            sides: table
                .get_or("sides", self.sides, |v| Ok(Permitted::sides(&choices(&v, SIDES)?)))?,
            order_types: table.get_or("order_types", self.order_types, |v| {
                Ok(Permitted::order_types(&choices(&v, ORDER_TYPES)?))
            })?,
            times_in_force: table.get_or("times_in_force", self.times_in_force, |v| {
                Ok(Permitted::times_in_force(&choices(&v, TIMES_IN_FORCE)?))
            })?,
        })
    }
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

/// The values that an array names.
fn choices<T: Copy + PartialEq>(value: &Value<'_>, names: &[(&str, T)]) -> Result<Vec<T>> {
    list(value, names.len(), |element| element.choice(names))
}

/// What `read` makes of each element of a short array, none of them twice.
pub(super) fn list<'a, T: PartialEq>(
    value: &Value<'a>,
    max: usize,
    mut read: impl FnMut(&Value<'a>) -> Result<T>,
) -> Result<Vec<T>> {
    let elements = value.list(max)?;
    let mut values = Vec::new();
    for element in &elements {
        let value = read(element)?;
        if let Some(first) = values.iter().position(|earlier| *earlier == value) {
            return Err(repeated(element, &elements[first]));
        }
        values.push(value);
    }
    Ok(values)
}

/// Refuses what was seen before.
pub(super) fn unique<'a, T: Clone + Eq + Hash>(
    seen: &mut HashMap<T, Value<'a>>,
    value: &Value<'a>,
    read: T,
) -> Result<T> {
    match seen.entry(read.clone()) {
        Entry::Occupied(first) => Err(repeated(value, first.get())),
        Entry::Vacant(place) => {
            place.insert(*value);
            Ok(read)
        }
    }
}

fn repeated(value: &Value<'_>, first: &Value<'_>) -> ConfigError {
    value.error(format!("the same as on line {}; write each once", first.line()))
}
