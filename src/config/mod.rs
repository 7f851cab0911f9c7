//! The configuration: one TOML text, the same for the library, the command and the daemon.
//!
//! `docs/CONFIGURATION.md` is the reference of every key; a test holds it against this module.
//! The text holds no secret: it names key files, and nothing here keeps what is in them.

mod files;
pub(crate) mod key_file;
mod limits;
mod read;
mod service;
mod shares;
mod text;

use std::path::PathBuf;

use crate::error::{Invalid, Result};
use crate::gateway::exposure::ExposureLimits;
use crate::gateway::instrument::{Instrument, Permitted, TickBand};
use crate::order::{OrdType, Side, Text, is_text};
use crate::secret::MemoryLock;
#[cfg(feature = "grpc")]
pub(crate) use files::UnusableTls;
use files::{OnDisk, Unseen};

use limits::SEQUENCE_GAP_MAX;
pub(crate) use limits::{ACCOUNTS_MAX, INSTRUMENTS_MAX, SESSION_NAMES_MAX};
use read::{RATE_MAX, REPEAT_WINDOW_NS_MAX};
pub use service::{PeerConfig, ServiceConfig, TlsConfig};
use shares::ORDERS_MAX;
pub use text::ConfigError;

/// Every table and its keys, in the order of the reference page. The parser refuses all others.
pub const KEYS: &[(&str, &[&str])] = &[
    (
        "gateway",
        &["max_orders", "max_in_flight", "max_completions", "keep_finished_days", "memory_lock"],
    ),
    (
        "journal",
        &[
            "kind",
            "path",
            "segment_bytes",
            "checkpoint_origin",
            "checkpoint_keys",
            "checkpoint_records",
            "checkpoint_seconds",
            "snapshot_events",
        ],
    ),
    ("freshness", &["back_ms", "ahead_ms", "undelivered_ms"]),
    ("throttle", &["per_second", "burst"]),
    (
        "sessions",
        &[
            "id",
            "keys",
            "per_second",
            "burst",
            "cancels_per_second",
            "cancels_burst",
            "max_open_orders",
            "max_orders",
            "max_in_flight",
            "max_completions",
            "max_repeats",
            "repeat_window_ms",
            "max_order_to_trade",
            "order_to_trade_after",
            "symbols",
            "accounts",
            "sides",
            "order_types",
            "max_sequence_gap",
        ],
    ),
    (
        "limits",
        &[
            "tick",
            "tick_bands",
            "lot",
            "min_quantity",
            "max_quantity",
            "min_price",
            "max_price",
            "max_notional",
            "max_position",
            "collar_percent",
            "last_trade_collar_percent",
            "locate",
            "opens",
            "closes",
            "restricted",
            "sides",
            "order_types",
            "times_in_force",
            "per_second",
            "burst",
        ],
    ),
    (
        "instruments",
        &[
            "symbol",
            "reference_price",
            "tick",
            "tick_bands",
            "lot",
            "min_quantity",
            "max_quantity",
            "min_price",
            "max_price",
            "max_notional",
            "max_position",
            "collar_percent",
            "last_trade_collar_percent",
            "locate",
            "opens",
            "closes",
            "restricted",
            "sides",
            "order_types",
            "times_in_force",
            "per_second",
            "burst",
        ],
    ),
    (
        "firm",
        &[
            "max_gross_notional",
            "max_net_notional",
            "max_loss",
            "self_trade_prevention",
            "self_trade_mode",
        ],
    ),
    ("account_limits", &["max_gross_notional", "max_net_notional", "max_loss"]),
    ("accounts", &["name", "max_gross_notional", "max_net_notional", "max_loss"]),
    ("kill_switch", &["resume_keys"]),
    ("venue", &["kind"]),
    (
        "service",
        &[
            "listen",
            "metrics_listen",
            "certificate",
            "private_key",
            "client_ca",
            "keys",
            "keys_in_requests",
            "max_message_bytes",
            "max_connections",
            "max_requests",
            "handshake_timeout_ms",
            "request_timeout_ms",
            "stop_timeout_ms",
        ],
    ),
    ("peers", &["certificate", "sessions", "cancel_on_disconnect", "keys"]),
];

/// Keys whose value is an array of tables, and the keys of those.
const ELEMENTS: &[(&str, &[&str])] = &[("tick_bands", &["from", "tick"])];

/// A valid configuration, every default filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Orders and replaces kept, live or not, of all sessions.
    pub max_orders: u32,
    /// Frames submitted and not yet acknowledged, of all sessions.
    pub max_in_flight: u32,
    /// Acks and executions waiting to be polled, of all sessions.
    pub max_completions: u32,
    /// At opening, finished orders that were decided longer ago than this are forgotten; `None`:
    /// none ever is.
    pub keep_finished_ns: Option<u64>,
    /// The policy for secrets in the whole process; untouched when the text says nothing.
    pub memory_lock: Option<MemoryLock>,
    pub journal: JournalConfig,
    pub freshness: Freshness,
    /// At opening, orders that never reached the venue are not sent when they are older than this.
    pub undelivered_ns: u64,
    /// The whole gateway's rate.
    pub throttle: Rate,
    /// Their ids are unique.
    pub sessions: Vec<SessionConfig>,
    /// Their symbols are unique.
    pub instruments: Vec<InstrumentConfig>,
    pub firm: ExposureLimits,
    /// Ids of the keys of those who may agree to lift a halt; with none nobody has to.
    pub resume_keys: Vec<String>,
    pub self_trade_prevention: SelfTradePrevention,
    pub self_trade_mode: SelfTradeMode,
    /// Of every account that is not in `accounts`.
    pub account_limits: ExposureLimits,
    /// Their names are unique.
    pub accounts: Vec<AccountConfig>,
    pub venue: VenueConfig,
    /// What the daemon needs besides; a library's gateway has no use for it.
    pub service: Option<ServiceConfig>,
    /// SHA-256 of the text.
    pub digest: [u8; 32],
}

impl Config {
    /// Reads a configuration; opens no file.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place and what to do.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        read::config(text, &Unseen)
    }

    /// [`parse`](Self::parse), and looks at the files: each key file must hold a key, those of
    /// sessions one that verifies orders; the journal's folder must hold one, or be possible to make;
    /// with feature `grpc` the daemon's certificates must be some, and its key theirs.
    ///
    /// # Errors
    /// Those of `parse`; at the file's name what is wrong with it.
    pub fn check(text: &str) -> Result<(), ConfigError> {
        read::config(text, &OnDisk).map(drop)
    }
}

/// Where decisions are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JournalConfig {
    /// Nowhere: gone with the process. For tests and simulations.
    Memory,
    /// A folder of segments, made if it is not there.
    File {
        path: PathBuf,
        /// The size of new segments; a batch that needs more gets more.
        segment_bytes: u32,
        /// Without them nothing is signed.
        checkpoints: Option<CheckpointConfig>,
        /// So many events behind the last snapshot call for another one.
        snapshot_events: u64,
    },
}

impl JournalConfig {
    /// So many events behind the last snapshot call for another one; where no journal is kept none
    /// do.
    pub(crate) fn snapshot_events(&self) -> u64 {
        match self {
            JournalConfig::Memory => u64::MAX,
            JournalConfig::File { snapshot_events, .. } => *snapshot_events,
        }
    }
}

/// Signed checkpoints of a journal, after so many records or so much time, whichever is first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointConfig {
    /// The journal's name, and that of its keys.
    pub origin: String,
    /// Ids of raw secret keys; there is one at least.
    pub keys: Vec<String>,
    pub records: u64,
    pub seconds: u64,
}

/// How far a frame's sending_time (FIX 52) may be from the gateway's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Nanoseconds before now.
    pub back_ns: u64,
    /// Nanoseconds after now.
    pub ahead_ns: u64,
}

/// A token bucket; both are above 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Tokens that come back per second.
    pub per_second: u32,
    /// Tokens the full bucket holds.
    pub burst: u32,
}

/// One sender of orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// Above 0.
    pub id: u64,
    /// Ids of keys at the gateway's key provider, by default paths of files of key bytes; more
    /// keys may be added at run time.
    pub keys: Vec<String>,
    pub limits: SessionLimits,
    pub share: SessionShare,
    pub permissions: SessionPermissions,
}

/// What a session has of the gateway's sizes; all sessions together have no more than there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionShare {
    /// Orders and replaces kept, live or not.
    pub max_orders: u32,
    /// Frames submitted and not yet acknowledged.
    pub max_in_flight: u32,
    /// Acks and executions waiting to be polled.
    pub max_completions: u32,
}

/// What a session may trade, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionPermissions {
    /// In their order; with none it may trade every one.
    pub symbols: Vec<Text>,
    /// In their order; with none it may trade for every one.
    pub accounts: Vec<Text>,
    pub sides: Permitted,
    pub order_types: Permitted,
    /// Sequences that it may leave out at once; `u32::MAX` for any number.
    pub max_sequence_gap: u32,
}

impl SessionPermissions {
    /// Whether it may do everything.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a text could give them; else the first that it could not.
    pub fn check(&self) -> Result<(), Invalid> {
        let are_names = |names: &[Text]| {
            let is_name = |name: &Text| is_text(name) && name[0] != 0;
            names.len() <= SESSION_NAMES_MAX && names.iter().all(is_name)
        };
        let are_some = |all: Permitted, some: Permitted| some.0 != 0 && all.contains(some);
        let all = Self::default();
        let gap = self.max_sequence_gap;
        Invalid::first(&[
            (
                are_names(&self.symbols),
                c"symbols: must be at most 1024, each of 1 to 16 bytes 0x21 to 0x7E",
            ),
            (
                are_names(&self.accounts),
                c"accounts: must be at most 1024, each of 1 to 16 bytes 0x21 to 0x7E",
            ),
            (
                are_some(all.sides, self.sides),
                c"sides: must be at least one of the bits 1, 2 and 5, and no other",
            ),
            (
                are_some(all.order_types, self.order_types),
                c"order_types: must be at least one of the bits 1 to 4, and no other",
            ),
            (
                gap <= SEQUENCE_GAP_MAX || gap == u32::MAX,
                c"max_sequence_gap: must be from 0 to 1000000000, or none",
            ),
        ])
    }
}

impl Default for SessionPermissions {
    /// Everything.
    fn default() -> Self {
        Self {
            symbols: Vec::new(),
            accounts: Vec::new(),
            sides: Permitted::sides(Side::ALL),
            order_types: Permitted::order_types(OrdType::ALL),
            max_sequence_gap: u32::MAX,
        }
    }
}

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionLimits {
    /// New orders and replaces.
    pub rate: Rate,
    /// Cancels.
    pub cancel_rate: Rate,
    pub max_open_orders: u32,
    /// The same new order so often within the window; `u32::MAX` for as often as one likes.
    pub max_repeats: u32,
    pub repeat_window_ns: u64,
    /// Requests for each trade of a day; `u32::MAX` for any number.
    pub max_order_to_trade: u32,
    /// So many requests of a day need no trade.
    pub order_to_trade_after: u32,
}

impl SessionLimits {
    /// Whether a text could give them; else the first that it could not.
    pub fn check(&self) -> Result<(), Invalid> {
        let is_rate = |rate| (1..=RATE_MAX).contains(&rate);
        let is_count = |count| (1..=ORDERS_MAX).contains(&count);
        let is_count_or_none = |count| count == u32::MAX || is_count(count);
        let Rate { per_second, burst } = self.rate;
        let cancels = self.cancel_rate;
        let is_window = (1..=REPEAT_WINDOW_NS_MAX).contains(&self.repeat_window_ns);
        Invalid::first(&[
            (is_rate(per_second), c"per_second: must be from 1 to 1000000000"),
            (is_rate(burst), c"burst: must be from 1 to 1000000000"),
            (is_rate(cancels.per_second), c"cancels_per_second: must be from 1 to 1000000000"),
            (is_rate(cancels.burst), c"cancels_burst: must be from 1 to 1000000000"),
            (is_count(self.max_open_orders), c"max_open_orders: must be from 1 to 100000000"),
            (
                is_count_or_none(self.max_repeats),
                c"max_repeats: must be from 1 to 100000000, or none",
            ),
            (is_window, c"repeat_window_ns: must be from 1 to 3600000000000"),
            (
                is_count_or_none(self.max_order_to_trade),
                c"max_order_to_trade: must be from 1 to 100000000, or none",
            ),
            (
                is_count(self.order_to_trade_after),
                c"order_to_trade_after: must be from 1 to 100000000",
            ),
        ])
    }
}

/// One instrument and where its reference price starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstrumentConfig {
    pub instrument: Instrument,
    /// Ticks of higher prices than the instrument's own, from the lowest price on.
    pub tick_bands: Vec<TickBand>,
    /// Of orders in it; none: no rate of its own.
    pub rate: Option<Rate>,
    /// Exponent -8, above 0; used while the journal knows none.
    pub reference_price: Option<i64>,
}

/// Whose orders must not trade with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SelfTradePrevention {
    /// Nobody's.
    Off = 0,
    /// Those of one account.
    Account = 1,
    /// Those of the firm.
    Firm = 2,
}

impl SelfTradePrevention {
    /// As the configuration spells them.
    pub const NAMES: &[(&str, Self)] =
        &[("off", Self::Off), ("account", Self::Account), ("firm", Self::Firm)];

    /// The one with this number.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::NAMES.iter().map(|(_, of)| *of).find(|of| *of as u8 == number)
    }
}

/// What becomes of orders that would trade with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum SelfTradeMode {
    /// The newer one is rejected.
    CancelNewest = 0,
    /// The older ones are cancelled, and the newer one goes to the venue behind their cancels.
    CancelOldest = 1,
    /// The older ones are cancelled, and the newer one is rejected.
    CancelBoth = 2,
}

impl SelfTradeMode {
    /// As the configuration spells them.
    pub const NAMES: &[(&str, Self)] = &[
        ("cancel_newest", Self::CancelNewest),
        ("cancel_oldest", Self::CancelOldest),
        ("cancel_both", Self::CancelBoth),
    ];

    /// The one with this number.
    pub(crate) fn from_number(number: u8) -> Option<Self> {
        Self::NAMES.iter().map(|(_, mode)| *mode).find(|mode| *mode as u8 == number)
    }
}

/// An account with limits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountConfig {
    /// FIX 1; not empty.
    pub name: Text,
    pub limits: ExposureLimits,
}

/// Where accepted orders go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VenueConfig {
    /// The book in this process.
    Paper,
}
