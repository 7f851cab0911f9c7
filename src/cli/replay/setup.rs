//! The gateway of a replay: its configuration, its sessions' keys, its journal.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use tinywindow::config::{Config, JournalConfig};
use tinywindow::gateway::{Gateway, ManualClock, Options};
use tinywindow::journal;
use tinywindow::order::text_str;
use tinywindow::signing::{self, Signer, Suite};

use super::Replay;
use super::latency::Latencies;
use super::source::Flow;
use crate::config;
use crate::output::Result;

/// Some ten thousand frames: making a larger segment takes longer than a short flow.
const SEGMENT_BYTES: u32 = 16 * 1024 * 1024;

/// What the generated configuration depends on.
pub struct Sizes<'a> {
    pub symbol: &'a str,
    pub sessions: u32,
    /// No flow makes more orders than it has events.
    pub events: u64,
}

/// A configuration with which no order of a real flow is rejected.
pub fn configuration(sizes: &Sizes<'_>) -> String {
    let Sizes { symbol, sessions, events } = *sizes;
    // Whoever sends whatever part of the flow has room for all of it.
    let own_orders = events.clamp(1, 100_000_000 / u64::from(sessions));
    let max_orders = own_orders * u64::from(sessions);
    let mut text = format!(
        r#"# Made by `tinywindow replay --print-config`: so wide that nothing real is rejected.
[gateway]
max_orders = {max_orders}
memory_lock = "preferred"    # the keys of a replay are known to everyone

[journal]                    # replay writes to a temporary folder, or to --journal
kind = "file"
path = "replay.twj"

[throttle]
per_second = 1000000000
burst = 1000000000

[[instruments]]
symbol = "{symbol}"
tick = "0.0001"              # the unit of the LOBSTER format
lot = 1
max_quantity = "unlimited"
max_notional = "unlimited"
max_position = "unlimited"
collar_percent = "unlimited"

[venue]
kind = "paper"
"#
    );
    for id in 1..=sessions {
        text += &format!(
            r#"
[[sessions]]
id = {id}
per_second = 1000000000
burst = 1000000000
cancels_per_second = 1000000000
cancels_burst = 1000000000
max_open_orders = {own_orders}
"#
        );
    }
    text
}

/// An open gateway, and what the replay needs of it.
pub struct Setup {
    pub gateway: Gateway,
    pub clock: Arc<ManualClock>,
    pub latencies: Arc<Latencies>,
    /// In the order of the configuration.
    pub session_ids: Vec<u64>,
    pub signers: Vec<Signer>,
    /// Whether the limits are the user's own; the generated ones must refuse nothing.
    pub may_refuse: bool,
    /// Dropped after the gateway that writes it.
    journal: JournalFolder,
}

impl Setup {
    /// Opens a gateway on a new journal: `--journal`, or a folder that goes with this.
    /// The first `sessions` sessions, by default all, get keys from seeds; key files are not read.
    pub fn open(text: &str, name: &str, args: &Replay, flow: &Flow) -> Result<Setup> {
        let mut config = Config::parse(text).map_err(|error| config::message(name, &error))?;
        if !config.instruments.iter().any(|i| text_str(&i.instrument.symbol) == flow.symbol) {
            let symbol = &flow.symbol;
            return Err(
                format!("{name} has no instrument {symbol}; say with --symbol which").into()
            );
        }
        let there = config.sessions.len();
        let sessions = args.sessions.map_or(there, |sessions| sessions as usize);
        if !(1..=there).contains(&sessions) {
            return Err(
                format!("{name} has {there} sessions; a replay needs {}", sessions.max(1)).into()
            );
        }
        config.sessions.truncate(sessions);
        config.sessions.iter_mut().for_each(|session| session.keys.clear());
        let session_ids: Vec<u64> = config.sessions.iter().map(|session| session.id).collect();
        let journal = JournalFolder::choose(args)?;
        // Where it goes and in what pieces is the replay's; who signs it is the configuration's.
        let (checkpoints, snapshot_events) = match config.journal {
            JournalConfig::File { checkpoints, snapshot_events, .. } => {
                (checkpoints, snapshot_events)
            }
            JournalConfig::Memory => (None, u64::MAX),
        };
        let (path, segment_bytes) = (journal.path.clone(), SEGMENT_BYTES);
        config.journal = JournalConfig::File { path, segment_bytes, checkpoints, snapshot_events };
        let clock = Arc::new(ManualClock::new(flow.date.midnight()));
        let latencies = Arc::new(Latencies::new());
        let options = Options {
            clock: clock.clone(),
            observer: Some(latencies.clone()),
            ..Options::default()
        };
        let gateway = Gateway::open_with(&config, options).map_err(|error| {
            format!("cannot open a gateway on {}: {error}", journal.path.display())
        })?;
        let signers = add_keys(&gateway, &session_ids, args.suite)
            .map_err(|error| format!("cannot give the sessions their keys: {error}"))?;
        let may_refuse = args.config.is_some();
        Ok(Setup { gateway, clock, latencies, session_ids, signers, may_refuse, journal })
    }

    /// The bytes of the journal's records.
    pub fn journal_size(&self) -> u64 {
        journal::read(&self.journal.path, |_| Ok(())).map_or(0, |history| history.bytes)
    }
}

/// Where the journal is; a temporary one goes with this.
struct JournalFolder {
    path: PathBuf,
    is_temporary: bool,
}

impl JournalFolder {
    fn choose(args: &Replay) -> Result<JournalFolder> {
        let name = || format!("tinywindow-replay-{}.twj", std::process::id());
        let is_temporary = args.journal.is_none();
        let path = args.journal.clone().unwrap_or_else(|| std::env::temp_dir().join(name()));
        // A replay on top of another's orders would mean nothing, and what is in use is not ours.
        match fs::read_dir(&path).map(|mut entries| entries.next().is_some()) {
            Ok(true) => Err(format!(
                "{} is not empty; a replay writes a new journal: name another folder, or remove it",
                path.display()
            )
            .into()),
            _ => Ok(JournalFolder { path, is_temporary }),
        }
    }
}

impl Drop for JournalFolder {
    fn drop(&mut self) {
        if self.is_temporary {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The keys are made from seeds, so that a replay is the same every time: never for real orders.
fn add_keys(
    gateway: &Gateway,
    session_ids: &[u64],
    suite: Suite,
) -> tinywindow::Result<Vec<Signer>> {
    let signer = |(seed, &id): (u64, &u64)| {
        let secret = signing::keygen(suite, seed);
        match suite.public_key_size() {
            Some(_) => gateway.add_key(id, &signing::public_key(&secret)?)?,
            None => gateway.add_key(id, &secret)?,
        }
        Signer::new(&secret)
    };
    (1..).zip(session_ids).map(signer).collect()
}
