//! Who calls, and what for: a certificate's peer is held to its sessions and its keys.

use std::collections::HashMap;

use crate::config::{PeerConfig, ServiceConfig};
use crate::custody::{MemoryKeys, SecureSigner};

/// Who is at the other end of a connection. The door puts him into the extensions of his requests.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Its address, for the log.
    pub address: std::sync::Arc<str>,
    /// The DNS name its certificate is known by; `None` where no peers are told apart.
    pub peer: Option<std::sync::Arc<str>>,
}

/// What callers may do, and the keys they may do it with.
pub(super) struct Access {
    /// Only this machine can call: callers learn precisely why.
    pub is_local: bool,
    /// Keys may travel in requests and answers.
    pub keys_in_requests: bool,
    peers: HashMap<String, PeerConfig>,
    keys: Box<dyn SecureSigner>,
}

impl Access {
    pub(super) fn new(config: &ServiceConfig, keys: MemoryKeys) -> Access {
        let peers = config.peers.iter().map(|peer| (peer.certificate.clone(), peer.clone()));
        Access {
            is_local: config.is_local(),
            keys_in_requests: config.keys_in_requests,
            peers: peers.collect(),
            keys: Box::new(keys),
        }
    }

    /// Whether the caller may send orders of this session.
    pub(super) fn may_send(&self, caller: &Caller, session_id: u64) -> bool {
        self.peer(caller).is_none_or(|peer| peer.sessions.contains(&session_id))
    }

    /// Whose executions the caller may see. `None`: nobody's, for nothing says who he is.
    pub(super) fn sessions(&self, caller: &Caller) -> Option<&[u64]> {
        self.peer(caller).map(|peer| &*peer.sessions)
    }

    /// Whether what is open of the caller's sessions is cancelled when he no longer listens.
    pub(super) fn cancels_on_disconnect(&self, caller: &Caller) -> bool {
        self.peer(caller).is_some_and(|peer| peer.cancel_on_disconnect)
    }

    /// Who signs with this key for the caller; `None` if it may not name it.
    pub(super) fn signer(&self, caller: &Caller, key_id: &str) -> Option<&dyn SecureSigner> {
        let may_name = |peer: &PeerConfig| peer.keys.iter().any(|key| key == key_id);
        self.peer(caller).is_none_or(may_name).then_some(&*self.keys)
    }

    fn peer(&self, caller: &Caller) -> Option<&PeerConfig> {
        self.peers.get(&**caller.peer.as_ref()?)
    }
}
