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
    CheckpointConfig, Config, ConfigError, Freshness, JournalConfig, Rate, SelfTradeMode,
    SelfTradePrevention, SessionConfig, SessionLimits, SessionShare, VenueConfig, limits, service,
    shares::{self, ORDERS_MAX},
};
use crate::gateway::exposure::ExposureLimits;
use crate::journal::{CHECKPOINT_KEYS_MAX, is_origin};
use crate::order::{Text, text};
use crate::secret::MemoryLock;

/// Enough for the most instruments and sessions with every key written out.
const TEXT_MAX: usize = 4 * 1024 * 1024;
/// Every frame looks its session up; a firm has far fewer senders than this.
const SESSIONS_MAX: usize = 1024;
/// Enough to roll keys over; each key that is not needed is one more to steal.
const KEYS_MAX: usize = 16;

/// One token a nanosecond is the finest step of the clock.
pub(super) const RATE_MAX: u32 = 1_000_000_000;
/// Below, there would be more files than a folder should have.
const SEGMENT_BYTES_MIN: u32 = 64 * 1024;
/// A segment is read in one piece at opening.
const SEGMENT_BYTES_MAX: u32 = 1024 * 1024 * 1024;
const DEFAULT_SEGMENT_BYTES: u32 = 64 * 1024 * 1024;
/// What belongs to a journal in files.
const JOURNAL_FILE_KEYS: [&str; 7] = [
    "path",
    "segment_bytes",
    "checkpoint_origin",
    "checkpoint_keys",
    "checkpoint_records",
    "checkpoint_seconds",
    "snapshot_events",
];
/// So many take 200 GB: who wants none does without keys.
const CHECKPOINT_RECORDS_MAX: u64 = 1_000_000_000;
/// Folded in a second or two.
const DEFAULT_SNAPSHOT_EVENTS: u64 = 1_000_000;
/// As many as a journal may have: never, as good as.
const SNAPSHOT_EVENTS_MAX: u64 = 1_000_000_000;
/// What is signed less often than once a day says little.
const CHECKPOINT_SECONDS_MAX: u64 = 86_400;
/// A clock that is off by more than an hour is broken.
const FRESHNESS_MS_MAX: u64 = 3_600_000;
/// Whoever sent an order more than a day ago has long given it up.
const UNDELIVERED_MS_MAX: u64 = 86_400_000;
/// What is repeated after an hour is no runaway.
const REPEAT_WINDOW_MS_MAX: u64 = 3_600_000;

/// A hundred years: for ever is without the key.
const KEEP_DAYS_MAX: u64 = 36_500;

const NANOSECONDS_PER_MILLISECOND: u64 = 1_000_000;
const NANOSECONDS_PER_DAY: u64 = 86_400_000_000_000;
pub(super) const REPEAT_WINDOW_NS_MAX: u64 = REPEAT_WINDOW_MS_MAX * NANOSECONDS_PER_MILLISECOND;

const DEFAULT_THROTTLE: Rate = Rate { per_second: 100_000, burst: 10_000 };
pub(super) const DEFAULT_RATE: Rate = Rate { per_second: 1_000, burst: 100 };
const DEFAULT_CANCEL_RATE: Rate = Rate { per_second: 10_000, burst: 1_000 };

const MEMORY_LOCKS: &[(&str, MemoryLock)] =
    &[("required", MemoryLock::Required), ("preferred", MemoryLock::Preferred)];
const VENUES: &[(&str, VenueConfig)] = &[("paper", VenueConfig::Paper)];

pub(super) fn config(text: &str, files: &dyn Files) -> Result<Config> {
    if text.len() > TEXT_MAX {
        return Err(ConfigError::at(text, 0, "the text is larger than 4 MiB; remove some of it"));
    }
    let entries = DeTable::parse(text).map_err(|error| not_toml(text, &error))?;
    let root = Table::root(text, entries.get_ref())?;
    let gateway = root.table("gateway")?;
    let whole = shares::whole(&gateway)?;
    let sessions = sessions(&root, files, whole)?;
    let (self_trade_prevention, self_trade_mode) = self_trades(&root.table("firm")?)?;
    Ok(Config {
        max_orders: whole.max_orders,
        max_in_flight: whole.max_in_flight,
        max_completions: whole.max_completions,
        keep_finished_ns: gateway
            .get_or("keep_finished_days", None, |v| v.integer(0..=KEEP_DAYS_MAX).map(Some))?
            .map(|days| days * NANOSECONDS_PER_DAY),
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
        instruments: limits::instruments(&root)?,
        resume_keys: order_keys(&root.table("kill_switch")?, "resume_keys", files)?,
        firm: limits::exposure_limits(&root.table("firm")?, ExposureLimits::NONE)?,
        self_trade_prevention,
        self_trade_mode,
        account_limits: limits::exposure_limits(
            &root.table("account_limits")?,
            ExposureLimits::NONE,
        )?,
        accounts: limits::accounts(&root)?,
        venue: root.require("venue")?.table()?.require("kind")?.choice(VENUES)?,
        digest: Sha256::digest(text).into(),
    })
}

fn journal(table: &Table<'_>, files: &dyn Files) -> Result<JournalConfig> {
    let in_file = table.require("kind")?.choice(&[("memory", false), ("file", true)])?;
    if in_file {
        let path = journal_path(&table.require("path")?, files)?;
        let segment_bytes = table.get_or("segment_bytes", DEFAULT_SEGMENT_BYTES, |v| {
            v.small_integer(SEGMENT_BYTES_MIN..=SEGMENT_BYTES_MAX)
        })?;
        let checkpoints = checkpoints(table, files)?;
        let snapshot_events = table.get_or("snapshot_events", DEFAULT_SNAPSHOT_EVENTS, |v| {
            v.integer(1..=SNAPSHOT_EVENTS_MAX)
        })?;
        return Ok(JournalConfig::File { path, segment_bytes, checkpoints, snapshot_events });
    }
    for key in JOURNAL_FILE_KEYS {
        if let Some(value) = table.get(key) {
            let remedy = "remove it or write kind = \"file\"";
            return Err(value.error(format!("a journal in memory has no `{key}`; {remedy}")));
        }
    }
    Ok(JournalConfig::Memory)
}

fn checkpoints(table: &Table<'_>, files: &dyn Files) -> Result<Option<CheckpointConfig>> {
    let records =
        table.get_or("checkpoint_records", 100_000, |v| v.integer(1..=CHECKPOINT_RECORDS_MAX))?;
    let seconds =
        table.get_or("checkpoint_seconds", 60, |v| v.integer(1..=CHECKPOINT_SECONDS_MAX))?;
    let (origin, keys) = match (table.get("checkpoint_origin"), table.get("checkpoint_keys")) {
        (None, None) => return Ok(None),
        (Some(origin), Some(keys)) => (origin, keys),
        (Some(alone), None) => {
            return Err(alone.error("nobody signs for this name; add `checkpoint_keys = …`"));
        }
        (None, Some(alone)) => {
            return Err(alone.error("keys sign for a name; add `checkpoint_origin = …`"));
        }
    };
    if !is_origin(origin.string()?) {
        let wanted = "write a name like \"example.com/desk-1\", without spaces and +";
        return Err(origin.error(format!("`checkpoint_origin` is no name of a log; {wanted}")));
    }
    let keys = list(&keys, CHECKPOINT_KEYS_MAX, |key| checkpoint_key(key, files))?;
    let origin = origin.string()?.to_owned();
    Ok(Some(CheckpointConfig { origin, keys, records, seconds }))
}

fn checkpoint_key(value: &Value<'_>, files: &dyn Files) -> Result<String> {
    let file = file_name(value)?;
    match files.checkpoint_key(file.as_ref()) {
        Ok(()) => Ok(file.to_owned()),
        Err(wrong) => {
            let remedy = "name a file that `keygen --raw` made, of Ed25519 or ML-DSA-44";
            Err(value.error(format!("key file {}: {wrong}; {remedy}", quote(file))))
        }
    }
}

/// A mode alone prevents nothing; beside `self_trade_prevention = "off"` that is what is asked for.
fn self_trades(firm: &Table<'_>) -> Result<(SelfTradePrevention, SelfTradeMode)> {
    let prevention = firm.get("self_trade_prevention");
    let mode = firm.get_or("self_trade_mode", SelfTradeMode::CancelNewest, |v| {
        let mode = v.choice(SelfTradeMode::NAMES)?;
        if prevention.is_none() && mode != SelfTradeMode::CancelNewest {
            let remedy = "add `self_trade_prevention = \"account\"` or \"firm\"";
            return Err(v.error(format!("`self_trade_mode` alone prevents nothing; {remedy}")));
        }
        Ok(mode)
    })?;
    let prevention = prevention
        .map_or(Ok(SelfTradePrevention::Off), |v| v.choice(SelfTradePrevention::NAMES))?;
    Ok((prevention, mode))
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
    whole: SessionShare,
) -> Result<Vec<SessionConfig>> {
    let tables = root.tables("sessions", SESSIONS_MAX)?;
    let equal = shares::equal(&tables, whole)?;
    let mut ids = HashMap::new();
    let session = |table: Table<'a>| {
        let id = table.require("id")?;
        let cancels = ("cancels_per_second", "cancels_burst");
        let count = |key, default| table.get_or(key, default, |v| v.small_integer(1..=ORDERS_MAX));
        Ok(SessionConfig {
            id: unique(&mut ids, &id, id.integer(1..=u64::MAX)?)?,
            keys: order_keys(&table, "keys", files)?,
            limits: SessionLimits {
                rate: rate(&table, "per_second", "burst", DEFAULT_RATE)?,
                cancel_rate: rate(&table, cancels.0, cancels.1, DEFAULT_CANCEL_RATE)?,
                max_open_orders: table
                    .get_or("max_open_orders", 1_000, |v| v.small_integer(1..=ORDERS_MAX))?,
                max_repeats: count("max_repeats", u32::MAX)?,
                repeat_window_ns: NANOSECONDS_PER_MILLISECOND
                    * table.get_or("repeat_window_ms", 1_000, |v| {
                        v.integer(1..=REPEAT_WINDOW_MS_MAX)
                    })?,
                max_order_to_trade: count("max_order_to_trade", u32::MAX)?,
                order_to_trade_after: count("order_to_trade_after", 1_000)?,
            },
            share: shares::of(&table, equal)?,
            permissions: limits::permissions(&table)?,
        })
    };
    tables.into_iter().map(session).collect()
}

/// Keys that verify, no two of them the same.
fn order_keys(table: &Table<'_>, name: &'static str, files: &dyn Files) -> Result<Vec<String>> {
    let mut known = HashMap::new();
    table.get_or(name, Vec::new(), |value| {
        list(&value, KEYS_MAX, |key| order_key(key, files, &mut known))
    })
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
    let remedy = "name a journal, or a new folder in one that is there";
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

/// The name of what is called so.
pub(super) fn name(value: &Value<'_>, called: &str) -> Result<Text> {
    let characters = value.string()?;
    text(characters.as_bytes()).filter(|_| !characters.is_empty()).ok_or_else(|| {
        let wanted = "write 1 to 16 printable ASCII characters without spaces";
        value.error(format!("not a {called}; {wanted}"))
    })
}

/// The values that an array names.
pub(super) fn choices<T: Copy + PartialEq>(
    value: &Value<'_>,
    names: &[(&str, T)],
) -> Result<Vec<T>> {
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
