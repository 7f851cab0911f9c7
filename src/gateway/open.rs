//! From a configuration and a journal to a running gateway: fold the history, write down what the
//! configuration changes, rebuild the venue, send what was decided and never answered.

use std::collections::HashSet;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Condvar, Mutex, OnceLock, Weak};
use std::task::Waker;
use std::thread::JoinHandle;
use std::time::Duration;

use crate::config::{
    ACCOUNTS_MAX, AccountConfig, CheckpointConfig, Config, JournalConfig, SessionConfig,
    VenueConfig,
};
use crate::custody::{FileKeys, KeyProvider};
use crate::error::{Error, Result};
use crate::gateway::Gateway;
use crate::gateway::apply::apply;
use crate::gateway::authenticate::{Authenticator, decoys, order_key};
use crate::gateway::bell::Bell;
use crate::gateway::clock::{Clock, SystemClock};
use crate::gateway::completions::{Completions, Entry};
use crate::gateway::core::Core;
use crate::gateway::direct::Direct;
use crate::gateway::event::{Event, EventKind};
use crate::gateway::exposure::ExposureScope;
use crate::gateway::instrument::Instrument;
use crate::gateway::meter;
use crate::gateway::observer::Observer;
use crate::gateway::pump::Engine;
use crate::gateway::sessions::permitting;
use crate::gateway::shared::Shared;
use crate::gateway::state::State;
use crate::gateway::tick_bands;
use crate::gateway::waiters::Waiters;
use crate::journal::{Batch, Disk, Journal, Kind, Notary, Opening, Record, SystemDisk};
use crate::order::Text;
use crate::secret::{ForkGuard, set_memory_policy};
use crate::signing::{self, Key, Usage, Verifier};
use crate::telemetry::{self, Source};
use crate::threads;
use crate::venue::paper::PaperVenue;
use crate::venue::{Venue, VenueStatus};

/// What a gateway is opened with besides its configuration.
#[derive(Clone)]
pub struct Options {
    pub clock: Arc<dyn Clock>,
    /// Where the sessions' keys come from; by default from files.
    pub keys: Arc<dyn KeyProvider>,
    /// Is told how long each gate took; without one no clock is read for it.
    pub observer: Option<Arc<dyn Observer>>,
    #[doc(hidden)]
    pub simulation: Option<Simulation>,
}

/// A world of the caller's own. On a disk without threads (`simulation/`) everything happens by
/// itself and again in the same way: no thread is started, who waits for something pumps, and what
/// was only submitted is queued.
#[doc(hidden)]
#[derive(Clone)]
pub struct Simulation {
    pub disk: Arc<dyn Disk>,
    pub venue: Arc<dyn Fn() -> Box<dyn Venue> + Send + Sync>,
}

impl std::fmt::Debug for Simulation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Simulation").finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            keys: Arc::new(FileKeys),
            observer: None,
            simulation: None,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("observer", &self.observer.is_some())
            .finish_non_exhaustive()
    }
}

impl Gateway {
    /// Opens a gateway from its configuration, one TOML text (`docs/CONFIGURATION.md`).
    ///
    /// [`Error::Config`]: [`Config::parse`] says where and why. [`Error::Io`], [`Error::Key`] and
    /// their like: a session's key. [`Error::Journal`] and its like: the journal.
    pub fn open(config: &str) -> Result<Gateway> {
        Self::open_with(&Config::parse(config)?, Options::default())
    }

    /// [`open`](Self::open) with a clock, keys or an observer of the caller's.
    pub fn open_with(config: &Config, options: Options) -> Result<Gateway> {
        let opened = Self::open_unseen(config, options);
        meter::opened(opened.as_ref().map(|gateway| &*gateway.shared).map_err(|error| *error));
        opened
    }

    fn open_unseen(config: &Config, options: Options) -> Result<Gateway> {
        if let Some(policy) = config.memory_lock {
            set_memory_policy(policy);
        }
        has_memory(config)?;
        let simulation = options.simulation.as_ref();
        let keys = session_keys(config, &*options.keys)?;
        let resume_keys = config.resume_keys.iter();
        let resume_keys = resume_keys.map(|id| order_key(&options.keys.get_key(id)?));
        let resume_keys = resume_keys.collect::<Result<Vec<_>>>()?;
        let notary = notary(&config.journal, &*options.keys, &keys)?;
        let disk = simulation.map_or_else(system_disk, |world| Arc::clone(&world.disk));
        let (state, journal) = recover(config, disk, notary)?;
        let mut core = Core::new(state, config, journal.is_some());
        let now = options.clock.now();
        let set_back_ns = core.is_ahead_of(now).then(|| core.set_back(now));
        let reset = reconfigure(&mut core, config, &keys, now);
        // Of what the venue has yet to tell all is kept, and nobody has been told of anything so far.
        let forgotten = config.keep_finished_ns.map_or(0, |kept| core.forget_finished(kept, now));
        core.state.reserve();
        core.divide(&config.sessions);

        let bell = Arc::new(Bell::new());
        let mut venue = open_venue(config, simulation, &core.state);
        venue.begin(Waker::from(Arc::clone(&bell)));
        // Who keeps no waker says nothing unasked.
        let speaks_unasked = Arc::strong_count(&bell) > 1;
        let undelivered: Vec<u64> = core.state.unanswered().collect();
        let mut given_up = 0;
        for order_id in undelivered {
            if venue.status(order_id) == VenueStatus::NotReceived {
                let is_old = core.give_up_if_older(order_id, config.undelivered_ns, now);
                given_up += u64::from(is_old);
                core.dispatch(order_id, None);
            }
        }

        let decoys = simulation.map_or_else(decoys, |_| simulated_decoys())?;
        let ids = config.sessions.iter().map(|session| session.id);
        let rows = ids.filter_map(|id| Some((id, core.state.sessions.find(&id)?)));
        let authenticator = Authenticator::new(rows, decoys);
        for (session_id, key) in keys {
            let active = core.state.sessions.get(&session_id);
            if active.is_some_and(|session| session.key_is_active(key.key_id()))
                && let Some(entrance) = authenticator.entrance(session_id)
            {
                entrance.learn(key)?;
            }
        }
        let absent = absent_keys(&core.state, &authenticator);
        let keeps_journal = journal.is_some();
        let in_flight = config.max_in_flight as usize;
        let engine = match journal {
            Some(journal) => Some(Engine::new(journal, venue, in_flight)),
            None => {
                core.direct = Some(Direct::new(venue, in_flight));
                None
            }
        };
        let shared = Arc::new(Shared {
            fork: ForkGuard::new()?,
            clock: options.clock,
            observer: options.observer,
            authenticator,
            core: Mutex::new(core),
            engine: Mutex::new(engine),
            bell,
            completed: Condvar::new(),
            signal: OnceLock::new(),
            failure_told: AtomicBool::new(false),
            keeps_journal,
            snapshot_events: config.journal.snapshot_events(),
            waiter_pumps: simulation.is_some_and(|world| !world.disk.has_threads()),
        });
        // Nothing is taken before everything old is durable, delivered and answered.
        shared.pump()?;
        shared.keep_snapshot()?;
        meter::recovered(set_back_ns, reset, given_up, forgotten, &absent);
        let spawns = (keeps_journal || speaks_unasked) && !shared.waiter_pumps;
        let writer = if spawns { Some(spawn_writer(&shared)?) } else { None };
        let source: Weak<dyn Source> = Arc::<Shared>::downgrade(&shared);
        telemetry::register(source);
        Ok(Gateway { shared, writer: Mutex::new(writer), resume_keys })
    }
}

/// The digest of a text before the first opening.
const NO_TEXT: [u8; 32] = [0; 32];
/// Above the bytes reserved for an order, in the state and in the paper venue.
const ORDER_BYTES: usize = 1024;
/// Above the bytes reserved for a frame in flight.
const FRAME_BYTES: usize = 2560;
/// Above the bytes reserved for an account with a position.
const ACCOUNT_BYTES: usize = 1024;
/// Above the bytes reserved for a session; most are its retry memory.
const SESSION_BYTES: usize = 256 * 1024;

/// Whether this machine gives the memory that is reserved for this configuration, asked for in one
/// piece: too little is an error here instead of the end of the process where it is reserved.
fn has_memory(config: &Config) -> Result<()> {
    let bytes = config.max_orders as usize * ORDER_BYTES
        + ACCOUNTS_MAX.min(config.max_orders as usize) * ACCOUNT_BYTES
        + config.max_in_flight as usize * FRAME_BYTES
        + config.max_completions as usize * size_of::<Entry>()
        + config.sessions.len() * SESSION_BYTES;
    Vec::<u8>::new().try_reserve_exact(bytes).map_err(|_| Error::Memory)
}

fn spawn_writer(shared: &Arc<Shared>) -> Result<JoinHandle<()>> {
    let shared = Arc::clone(shared);
    threads::spawn("tw-journal", move || shared.write_until_ended()).map_err(|_| Error::Io)
}

impl Core {
    fn new(state: State, config: &Config, keeps_journal: bool) -> Self {
        let in_flight = config.max_in_flight as usize;
        Self {
            state,
            log: keeps_journal.then(|| Batch::with_capacity(2 * in_flight)),
            direct: None,
            outbox: Vec::with_capacity(in_flight),
            waiters: Waiters::with_capacity(in_flight),
            completions: Completions::with_capacity(config.max_completions as usize),
            ended: None,
            writer_wakes_at: usize::MAX,
            barriers: 0,
            pollers: 0,
        }
    }

    /// Gives each session its share; one that is no longer in the text sends nothing.
    fn divide(&mut self, sessions: &[SessionConfig]) {
        let mut in_flight = vec![0; self.state.sessions.rows().len()];
        let mut completions = in_flight.clone();
        for session in sessions {
            let Some(row) = self.state.sessions.find(&session.id) else { continue };
            in_flight[row as usize] = session.share.max_in_flight;
            completions[row as usize] = session.share.max_completions;
        }
        self.waiters.divide(&in_flight);
        self.completions.divide(&completions);
    }
}

/// Each session's id with each of its keys.
fn session_keys(config: &Config, keys: &dyn KeyProvider) -> Result<Vec<(u64, Verifier)>> {
    let ids = config.sessions.iter().flat_map(|s| s.keys.iter().map(move |key| (s.id, key)));
    ids.map(|(session, id)| Ok((session, order_key(&keys.get_key(id)?)?))).collect()
}

/// Keys that may sign and were given to an earlier process, each with its session's id.
fn absent_keys(state: &State, authenticator: &Authenticator) -> Vec<(u64, u64)> {
    let mut absent = Vec::new();
    for session in state.sessions.rows() {
        let Some(entrance) = authenticator.entrance(session.id) else { continue };
        let active = session.keys.iter().filter(|key| key.active).map(|key| key.key_id);
        absent.extend(active.filter(|id| !entrance.knows(*id)).map(|id| (session.id, id)));
    }
    absent
}

fn system_disk() -> Arc<dyn Disk> {
    Arc::new(SystemDisk)
}

/// The same for all: a simulation opens a gateway every millisecond, and half of that made these.
fn simulated_decoys() -> Result<Arc<[Verifier]>> {
    static DECOYS: OnceLock<Arc<[Verifier]>> = OnceLock::new();
    match DECOYS.get() {
        Some(decoys) => Ok(Arc::clone(decoys)),
        None => decoys().map(|made| Arc::clone(DECOYS.get_or_init(|| made))),
    }
}

/// The state that the journal amounts to: what its newest snapshot says, and the events behind that.
fn recover(
    config: &Config,
    disk: Arc<dyn Disk>,
    notary: Option<Notary>,
) -> Result<(State, Option<Box<dyn Journal>>)> {
    let max_orders = config.max_orders as usize;
    let JournalConfig::File { path, segment_bytes, .. } = &config.journal else {
        return Ok((State::new(max_orders), None));
    };
    let mut opening = Opening::take(disk, path)?;
    let restored = opening.restore(|from| State::take(from, max_orders))?;
    let mut state = restored.unwrap_or_else(|| State::new(max_orders));
    let each = |record: &Record<'_>| fold(&mut state, record);
    let journal = opening.read(u64::from(*segment_bytes), notary, each)?;
    Ok((state, Some(Box::new(journal))))
}

/// Who signs checkpoints. [`Error::Conflict`]: a key that signs orders too, under another usage.
fn notary(
    config: &JournalConfig,
    keys: &dyn KeyProvider,
    of_sessions: &[(u64, Verifier)],
) -> Result<Option<Notary>> {
    let JournalConfig::File { checkpoints: Some(config), .. } = config else { return Ok(None) };
    let keys = config.keys.iter().map(|id| Ok(keys.get_key(id)?));
    let keys = keys.collect::<Result<Vec<_>>>()?;
    for key in &keys {
        let framed = framed_id(key)?;
        if of_sessions.iter().any(|(_, key)| key.key_id() == framed) {
            return Err(Error::Conflict);
        }
    }
    let keys: Vec<&[u8]> = keys.iter().map(|key| &key[..]).collect();
    let CheckpointConfig { origin, records, seconds, .. } = config;
    Notary::new(origin, &keys, *records, Duration::from_secs(*seconds)).map(Some)
}

/// The id that a key of a suite with public keys would have if it were framed.
fn framed_id(key: &[u8]) -> Result<u64> {
    let public = signing::public_key(key)?;
    let Key { suite, kind, material, .. } = Key::parse(&public)?;
    signing::key_id(&signing::import(suite, kind, Usage::Framed, material)?)
}

/// Folds an event of the journal into the state.
fn fold(state: &mut State, record: &Record<'_>) -> Result<()> {
    if record.kind != Kind::Event {
        return Ok(());
    }
    let event = Event::decode(record.payload).ok_or(Error::JournalCorrupt)?;
    if let EventKind::Decided { order_id, .. } | EventKind::Cancelled { order_id, .. } = event.kind
        && order_id != state.next_order_id()
    {
        return Err(Error::JournalCorrupt);
    }
    apply(state, &event);
    Ok(())
}

fn open_venue(config: &Config, simulation: Option<&Simulation>, state: &State) -> Box<dyn Venue> {
    let mut venue: Box<dyn Venue> = match (simulation, config.venue) {
        (Some(world), _) => (world.venue)(),
        (None, VenueConfig::Paper) => {
            let instruments = state.instruments.rows().len();
            Box::new(PaperVenue::new(instruments, config.max_orders as usize))
        }
    };
    venue.recover(&state.open_orders(), state.last_exec_id);
    venue
}

/// [`configure`]; how many settings that were in force are others now: none at the first opening.
fn reconfigure(core: &mut Core, config: &Config, keys: &[(u64, Verifier)], now: u64) -> u64 {
    let queued = |core: &Core| core.log.as_ref().map_or(0, |log| log.payloads().count() as u64);
    let (known, before) = (core.state.config_digest, queued(core));
    configure(core, config, keys, now);
    // One more event says that the text is another.
    let is_other = u64::from(known != config.digest);
    if known == NO_TEXT { 0 } else { queued(core) - before - is_other }
}

/// Writes down, as events, what the configuration changes. The text wins over the journal, except
/// that a retired key stays retired and a reference price known is kept.
fn configure(core: &mut Core, config: &Config, keys: &[(u64, Verifier)], now: u64) {
    let Config { digest, freshness, throttle, self_trade_prevention, self_trade_mode, .. } =
        *config;
    // The digest is of the whole text, these among it.
    if core.state.config_digest != digest {
        let configured = EventKind::Configured {
            digest,
            freshness,
            throttle,
            self_trade_prevention,
            self_trade_mode,
        };
        core.record(now, configured);
    }
    for session in &config.sessions {
        let (id, limits, max_orders) = (session.id, session.limits, session.share.max_orders);
        let known = core.state.sessions.get(&id);
        if known.is_none_or(|known| (known.limits, known.max_orders) != (limits, max_orders)) {
            core.record(now, EventKind::Session { id, limits, max_orders });
        }
        configure_permissions(core, session, now);
    }
    for (session_id, key) in keys {
        let (session_id, key_id, suite) = (*session_id, key.key_id(), key.suite());
        let session = core.state.sessions.get(&session_id);
        if session.is_none_or(|session| session.key(key_id).is_none()) {
            core.record(now, EventKind::Key { session_id, key_id, suite, active: true });
        }
    }
    configure_instruments(core, config, now);
    configure_exposure(core, config, now);
}

fn configure_permissions(core: &mut Core, session: &SessionConfig, now: u64) {
    let (session_id, wanted) = (session.id, &session.permissions);
    let known = core.state.sessions.get(&session_id);
    let known = known.and_then(|session| session.permissions.as_deref());
    let is_known = known.map_or(wanted.is_everything(), |known| known == wanted);
    if is_known {
        return;
    }
    for event in permitting(session_id, wanted) {
        core.record(now, event);
    }
}

fn configure_exposure(core: &mut Core, config: &Config, now: u64) {
    let mut changes = Vec::new();
    if core.state.firm_limits != config.firm {
        changes.push((ExposureScope::Firm, Some(config.firm)));
    }
    if core.state.account_limits != config.account_limits {
        changes.push((ExposureScope::EveryAccount, Some(config.account_limits)));
    }
    for AccountConfig { name, limits } in &config.accounts {
        let known = core.state.accounts.get(name).and_then(|account| account.limits);
        if known != Some(*limits) {
            changes.push((ExposureScope::Account(*name), Some(*limits)));
        }
    }
    let in_text: HashSet<Text> = config.accounts.iter().map(|account| account.name).collect();
    for account in core.state.accounts.rows() {
        if account.limits.is_some() && !in_text.contains(&account.name) {
            changes.push((ExposureScope::Account(account.name), None));
        }
    }
    for (scope, limits) in changes {
        core.record(now, EventKind::ExposureLimits { scope, limits });
    }
}

fn configure_instruments(core: &mut Core, config: &Config, now: u64) {
    for listed in &config.instruments {
        let instrument = listed.instrument;
        let symbol = instrument.symbol;
        let known = core.state.instruments.get(&symbol).cloned();
        if known.as_ref().is_none_or(|known| known.instrument != instrument) {
            core.record(now, EventKind::Instrument(instrument));
        }
        if known.as_ref().map_or(&[][..], |known| &known.tick_bands) != listed.tick_bands {
            for event in tick_bands(symbol, &listed.tick_bands) {
                core.record(now, event);
            }
        }
        if known.as_ref().and_then(|known| known.rate) != listed.rate {
            core.record(now, EventKind::InstrumentRate { symbol, rate: listed.rate });
        }
        if let (None, Some(price)) =
            (known.and_then(|known| known.reference_price), listed.reference_price)
        {
            core.record(now, EventKind::ReferencePrice { symbol, price });
        }
    }
    // What is no longer in the text must not trade on because the journal remembers it.
    let in_text = |symbol| config.instruments.iter().any(|i| i.instrument.symbol == symbol);
    let dropped: Vec<Instrument> = core
        .state
        .instruments
        .rows()
        .iter()
        .map(|listing| listing.instrument)
        .filter(|instrument| !instrument.restricted && !in_text(instrument.symbol))
        .collect();
    for instrument in dropped {
        core.record(now, EventKind::Instrument(Instrument { restricted: true, ..instrument }));
    }
}
