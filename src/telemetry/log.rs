//! Log events: what an operator or a security officer wants to know of, told to the one sink that
//! the host may set. Silent until then.
//!
//! A record can hold no secret: its message is one of a fixed list, its values are numbers, ids of
//! keys and names. Events that a peer can cause at will come once a second at most; how many were
//! passed over stands in the next one, and how many there were in the metrics.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{LazyLock, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::error::{Error, Result};
use crate::secret::PerProcess;

/// How grave an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Level {
    /// No more orders are taken, or something is broken.
    Error = 1,
    /// Somebody should look.
    Warn = 2,
    /// The course of things.
    Info = 3,
}

impl Level {
    /// The number at the C ABI.
    pub const fn number(self) -> u32 {
        self as u32
    }

    /// The level with this number.
    pub const fn from_number(number: u32) -> Option<Level> {
        match number {
            1 => Some(Level::Error),
            2 => Some(Level::Warn),
            3 => Some(Level::Info),
            _ => None,
        }
    }

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warn => "warn",
            Level::Info => "info",
        }
    }
}

macro_rules! events {
    ($($event:ident: $level:ident $target:literal $message:literal $fields:expr;)*) => {
        /// Everything that is ever told.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum Event { $(#[doc = $message] $event,)* }

        impl Event {
            /// Every event.
            pub const ALL: &[Event] = &[$(Event::$event,)*];

            /// How grave it is.
            pub const fn level(self) -> Level {
                match self { $(Event::$event => Level::$level,)* }
            }

            /// The part of the library that tells it.
            pub const fn target(self) -> &'static str {
                match self { $(Event::$event => $target,)* }
            }

            /// What happened, always in the same words.
            pub const fn message(self) -> &'static str {
                match self { $(Event::$event => $message,)* }
            }

            /// The names of its fields, in order.
            pub const fn fields(self) -> &'static [&'static str] {
                match self { $(Event::$event => &$fields,)* }
            }
        }
    };
}

events! {
    GatewayOpened: Info "gateway" "gateway opened"
        ["sessions", "instruments", "orders", "open_orders"];
    GatewayNotOpened: Error "gateway" "gateway not opened" ["status"];
    GatewayClosed: Info "gateway" "gateway closed" [];
    KeyAdded: Info "gateway" "key added" ["session_id", "key_id", "suite"];
    KeyRetired: Info "gateway" "key retired" ["session_id", "key_id"];
    KeyAbsent: Warn "gateway" "key absent, its frames are refused until it is added again"
        ["session_id", "key_id"];
    Halted: Warn "gateway" "halted" ["scope", "name"];
    Resumed: Warn "gateway" "resumed" ["scope", "name"];
    ClockSetBack: Warn "gateway" "clock set back, and the gateway's time with it"
        ["milliseconds"];
    SettingsReset: Warn "gateway" "settings in force were changed to those of the text" ["changes"];
    OrdersNotDelivered: Warn "gateway" "orders too old to be sent were rejected" ["orders"];
    OrdersForgotten: Info "gateway" "finished orders forgotten" ["requests"];
    TradeOfNoOrder: Error "gateway" "a trade of no known order is in no position"
        ["order_id", "exec_id"];
    AuthenticationRefused: Warn "gateway" "authentication refused"
        ["session_id", "key_id", "passed_over"];
    Throttled: Warn "gateway" "throttled" ["session_id", "passed_over"];
    TornTailCut: Warn "journal" "torn tail cut" ["bytes", "kept_records"];
    JournalCorrupt: Error "journal" "journal corrupt, no gateway opens it" ["segment", "offset"];
    SnapshotNotMade: Warn "journal" "snapshot not made, opening will take longer" ["status"];
    SnapshotNotUsed: Warn "journal" "snapshot not used" ["snapshot", "why"];
    SnapshotMissing: Error "journal" "the beginning is archived, and no snapshot stands for it"
        ["segment"];
    SegmentNotMade: Warn "journal" "next segment not made, without it orders will end" ["status"];
    JournalFailed: Error "journal" "journal failed, no more orders are taken" ["status"];
    MemoryNotLocked: Warn "secret" "memory of keys is not locked and might be swapped to disk" [];
    Panicked: Error "library" "a bug in this library ended a call" [];
}

/// The value of a field.
#[derive(Clone, Copy)]
pub(crate) enum Value<'a> {
    Number(u64),
    /// Of a key: 16 hexadecimal digits.
    KeyId(u64),
    /// Of a symbol, account, suite, status.
    Name(&'a str),
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Number(number) => number.fmt(f),
            Value::KeyId(id) => write!(f, "{id:016x}"),
            Value::Name(name) => f.write_str(name),
        }
    }
}

/// One event, as the sink gets it. Displays as `target: message key=value …`.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    pub event: Event,
    /// Nanoseconds since 1970 UTC, by the system's clock.
    pub time: u64,
    /// The values of [`Event::fields`], one by one.
    pub values: Vec<String>,
}

impl Record {
    /// Names and values of the fields.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.event.fields().iter().copied().zip(self.values.iter().map(String::as_str))
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.event.target(), self.event.message())?;
        self.fields().try_for_each(|(name, value)| write!(f, " {name}={value}"))
    }
}

type Sink = Box<dyn Fn(&Record) + Send + Sync>;

/// Locked while it runs, also while another thread forks.
static SINK: PerProcess<RwLock<Option<Sink>>> = PerProcess::new();

/// The gravest level is 1; 0 is silence.
static LEVEL: AtomicU8 = AtomicU8::new(0);

thread_local! {
    static IN_SINK: Cell<bool> = const { Cell::new(false) };
}

/// Has every event of this level and graver ones told to the sink, or with `None` nothing to
/// nobody. When this returns, the sink before is not running and will not run again.
///
/// The sink runs on the thread where it happens and holds that up, but never under a lock of the
/// library's: it may call the library. What happens on its thread meanwhile is not told.
/// A forked child has no sink until it sets its own.
/// [`Error::Busy`]: called by a sink.
pub fn set_log_sink(sink: Option<Sink>, level: Level) -> Result<()> {
    if IN_SINK.get() {
        return Err(Error::Busy);
    }
    let mut place = SINK.get()?.write().unwrap_or_else(PoisonError::into_inner);
    LEVEL.store(if sink.is_some() { level as u8 } else { 0 }, Relaxed);
    let before = std::mem::replace(&mut *place, sink);
    drop(place);
    // Not under the lock: whatever the sink holds may use the library when it is dropped.
    drop(before);
    Ok(())
}

fn is_told(event: Event) -> bool {
    event.level() as u8 <= LEVEL.load(Relaxed) && !IN_SINK.get()
}

/// Tells the event, if anybody wants to hear it. Not to be called under a lock.
pub(crate) fn emit(event: Event, values: &[Value<'_>]) {
    debug_assert_eq!(values.len(), event.fields().len());
    if !is_told(event) {
        return;
    }
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let time = u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX);
    let record = Record { event, time, values: values.iter().map(Value::to_string).collect() };
    let Ok(place) = SINK.get() else { return };
    let place = place.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(sink) = place.as_ref() {
        let _inside = Inside::enter();
        sink(&record);
    }
}

/// A sink runs on this thread; also a panicking one leaves.
struct Inside;

impl Inside {
    fn enter() -> Inside {
        IN_SINK.set(true);
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        IN_SINK.set(false);
    }
}

/// An event that is told once a second at most. Its last field says how many were passed over.
pub(crate) struct Bounded {
    event: Event,
    /// When one may be told again, in milliseconds since the first ask.
    next_ms: AtomicU64,
    passed_over: AtomicU64,
}

impl Bounded {
    const PAUSE_MS: u64 = 1000;

    pub(crate) const fn new(event: Event) -> Self {
        Self { event, next_ms: AtomicU64::new(0), passed_over: AtomicU64::new(0) }
    }

    /// Tells the event, or counts it; `values` are made only if it is told.
    pub(crate) fn emit<'a, const N: usize>(&self, values: impl FnOnce() -> [Value<'a>; N]) {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        if !is_told(self.event) {
            return;
        }
        let (now, next) = (START.elapsed().as_millis() as u64, self.next_ms.load(Relaxed));
        let later = now + Self::PAUSE_MS;
        if now < next || self.next_ms.compare_exchange(next, later, Relaxed, Relaxed).is_err() {
            self.passed_over.fetch_add(1, Relaxed);
            return;
        }
        let passed_over = Value::Number(self.passed_over.swap(0, Relaxed));
        emit(self.event, &[&values()[..], &[passed_over]].concat());
    }
}
