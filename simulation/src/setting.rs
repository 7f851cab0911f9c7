//! What all histories share: when they begin, a configuration, the sessions' keys.

use std::sync::Arc;

use tinywindow::config::Config;
use tinywindow::custody::{KeyProvider, MemoryKeys};
use tinywindow::signing::{self, Kind, Suite, Usage};

use crate::client::{SESSIONS, key};
use crate::world::FOLDER;

/// When every history begins, nanoseconds since 1970 UTC.
pub const NOW: u64 = 1_700_000_000_000_000_000;

const CONFIG: &str = "
[gateway]
max_orders = 400
max_in_flight = 64
max_completions = 4096
memory_lock = 'preferred'
[journal]
kind = 'file'
path = '/simulated/orders'
segment_bytes = 65_536
checkpoint_origin = 'simulation.example/orders'
checkpoint_keys = ['checkpoints']
checkpoint_records = 30
checkpoint_seconds = 86_400
[throttle]
per_second = 1_000_000
burst = 1_000_000
[[sessions]]
id = 1
keys = ['1']
per_second = 1_000_000
burst = 1_000_000
max_open_orders = 4
[[sessions]]
id = 2
keys = ['2']
per_second = 1_000_000
burst = 1_000_000
max_open_orders = 4
[limits]
tick = '0.01'
lot = 1
max_quantity = 20
max_notional = 1_500
max_position = 30
collar_percent = 'unlimited'
[[instruments]]
symbol = 'AAPL'
[[instruments]]
symbol = 'MSFT'
[venue]
kind = 'paper'
";

/// The key that signs checkpoints.
pub fn checkpoint_key() -> Vec<u8> {
    let key = signing::import(Suite::Ed25519, Kind::Secret, Usage::Raw, &[7; 32]);
    key.expect("a key").to_vec()
}

/// What all histories share.
pub struct Setting {
    pub config: Config,
    pub keys: Arc<MemoryKeys>,
}

impl Setting {
    pub fn new() -> Setting {
        assert!(CONFIG.contains(FOLDER));
        let keys = MemoryKeys::new();
        for id in SESSIONS {
            keys.store_key(&id.to_string(), &key(id)).expect("a key is kept");
        }
        keys.store_key("checkpoints", &checkpoint_key()).expect("a key is kept");
        Setting { config: Config::parse(CONFIG).expect("a configuration"), keys: Arc::new(keys) }
    }
}
