//! What all histories share: the configurations that there are, and the keys.

use std::sync::Arc;

use tinywindow::config::Config;
use tinywindow::custody::{KeyProvider, MemoryKeys};
use tinywindow::signing::{self, Kind, Suite, Usage, keygen};

use crate::client::{SESSIONS, key};
use crate::rules::Rules;
use crate::world::FOLDER;

/// The key that signs checkpoints.
pub fn checkpoint_key() -> Vec<u8> {
    let key = signing::import(Suite::Ed25519, Kind::Secret, Usage::Raw, &[7; 32]);
    key.expect("a key").to_vec()
}

/// The key of whoever agrees to lifting a halt.
pub fn officers_key() -> Vec<u8> {
    keygen(Suite::HmacSha256, 99).to_vec()
}

/// What all histories share.
pub struct Setting {
    cases: Vec<(Rules, [Config; 2])>,
    pub keys: Arc<MemoryKeys>,
}

impl Setting {
    pub fn new() -> Setting {
        let keys = MemoryKeys::new();
        let keep = |id: &str, key: &[u8]| keys.store_key(id, key).expect("a key is kept");
        SESSIONS.iter().for_each(|id| keep(&id.to_string(), &key(*id, 0)));
        keep("checkpoints", &checkpoint_key());
        keep("officer", &officers_key());
        let case = |rules: Rules| {
            let configs = [false, true].map(|forgets| {
                let text = rules.text(forgets);
                assert!(text.contains(FOLDER));
                Config::parse(&text).expect("a configuration")
            });
            (rules, configs)
        };
        Setting { cases: Rules::all().into_iter().map(case).collect(), keys: Arc::new(keys) }
    }

    /// The rules of the history of this seed, and its gateway's configuration: one that keeps what
    /// has finished, and one that forgets it.
    pub fn case(&self, seed: u64) -> &(Rules, [Config; 2]) {
        &self.cases[(seed % self.cases.len() as u64) as usize]
    }
}
