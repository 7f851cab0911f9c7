//! The daemon's part: where it listens, who may call, how much at once.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::SessionConfig;
use super::files::Files;
use super::read::{key, list, path, unique};
use super::text::{Result, Table, Value};

/// Those who may call; a firm has far fewer desks than this.
const PEERS_MAX: usize = 1024;
/// Keys the daemon holds; each takes locked pages.
const KEYS_MAX: usize = 1024;
/// A name in the domain name system has no more characters (RFC 1035, section 2.3.4).
const NAME_MAX: usize = 253;

/// An order's frame takes less than 5 KB; smaller than this, no key would pass.
const MESSAGE_BYTES: (u32, u32, u32) = (16_384, 65_536, 16_777_216);
/// Each connection takes a descriptor and some 100 KB.
const CONNECTIONS: (u32, u32, u32) = (1, 256, 65_536);
/// The streams of a connection, each with a message of the greatest size.
const REQUESTS: (u32, u32, u32) = (1, 64, 4_096);
/// A minute to greet each other would be an attack.
const HANDSHAKE_MS: (u32, u32, u32) = (1, 5_000, 60_000);
/// A venue answers within minutes or not at all.
const REQUEST_MS: (u32, u32, u32) = (1, 10_000, 600_000);
/// As long as the longest request.
const STOP_MS: (u32, u32, u32) = (1, 30_000, 600_000);

/// How the daemon serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceConfig {
    /// Off loopback only with [`TlsConfig::client_ca`].
    pub listen: SocketAddr,
    /// Where Prometheus finds `/metrics`, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Without: plain, on loopback.
    pub tls: Option<TlsConfig>,
    /// Ids of the keys that callers may name.
    pub keys: Vec<String>,
    /// Whether keys may travel in requests and answers.
    pub keys_in_requests: bool,
    /// Those who may call; empty: whoever has a certificate of the client CA may do everything.
    pub peers: Vec<PeerConfig>,
    pub max_message_bytes: u32,
    pub max_connections: u32,
    /// Of one connection, at one time.
    pub max_requests: u32,
    pub handshake_timeout: Duration,
    pub request_timeout: Duration,
    pub stop_timeout: Duration,
}

/// Files in PEM (RFC 7468).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsConfig {
    /// The daemon's certificate, then those that lead to its CA.
    pub certificate: PathBuf,
    pub private_key: PathBuf,
    /// The CAs of the clients; without, clients need no certificate.
    pub client_ca: Option<PathBuf>,
}

/// One who may call, and what for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerConfig {
    /// A DNS name of its certificate, in small letters.
    pub certificate: String,
    /// The sessions it may send orders of.
    pub sessions: Vec<u64>,
    /// What is open of them is cancelled when its last stream of executions is lost.
    pub cancel_on_disconnect: bool,
    /// The keys it may name, of [`ServiceConfig::keys`].
    pub keys: Vec<String>,
}

impl ServiceConfig {
    /// Whether only this machine can call.
    pub fn is_local(&self) -> bool {
        self.listen.ip().is_loopback()
    }
}

pub(super) fn read(
    root: &Table<'_>,
    sessions: &[SessionConfig],
    files: &dyn Files,
) -> Result<Option<ServiceConfig>> {
    let peers = root.tables("peers", PEERS_MAX)?;
    if root.get("service").is_none() {
        return match peers.first() {
            Some(peer) => Err(peer.error("peers are for the daemon; write [service] too")),
            None => Ok(None),
        };
    }
    let table = root.table("service")?;
    let tls = tls(&table, files)?;
    let has_client_ca = tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
    let listen = listen(&table, has_client_ca)?;
    let keys = table.get_or("keys", Vec::new(), |v| list(&v, KEYS_MAX, |v| key(v, files)))?;
    if let (Some(peer), false) = (peers.first(), has_client_ca) {
        return Err(peer.error("peers are known by certificates; add `client_ca` to [service]"));
    }
    let size =
        |key, (min, default, max)| table.get_or(key, default, |v| v.small_integer(min..=max));
    let time = |key, range| size(key, range).map(|ms| Duration::from_millis(ms.into()));
    Ok(Some(ServiceConfig {
        listen,
        metrics_listen: table.get_or("metrics_listen", None, |v| address(&v).map(Some))?,
        peers: read_peers(&peers, sessions, &keys)?,
        keys,
        tls,
        keys_in_requests: table
            .get_or("keys_in_requests", listen.ip().is_loopback(), |v| v.boolean())?,
        max_message_bytes: size("max_message_bytes", MESSAGE_BYTES)?,
        max_connections: size("max_connections", CONNECTIONS)?,
        max_requests: size("max_requests", REQUESTS)?,
        handshake_timeout: time("handshake_timeout_ms", HANDSHAKE_MS)?,
        request_timeout: time("request_timeout_ms", REQUEST_MS)?,
        stop_timeout: time("stop_timeout_ms", STOP_MS)?,
    }))
}

fn tls(table: &Table<'_>, files: &dyn Files) -> Result<Option<TlsConfig>> {
    let (certificate, private_key) = (table.get("certificate"), table.get("private_key"));
    let client_ca = table.get("client_ca");
    match (certificate, private_key) {
        (Some(certificate), Some(private_key)) => {
            let tls = TlsConfig {
                certificate: path(&certificate)?,
                private_key: path(&private_key)?,
                client_ca: client_ca.map(|v| path(&v)).transpose()?,
            };
            files.tls(&tls).map_err(|wrong| {
                let remedy = format!("{}; name a PEM file that the daemon can use", wrong.why);
                table.get(wrong.key).unwrap_or(certificate).error(remedy)
            })?;
            Ok(Some(tls))
        }
        (Some(alone), None) => Err(alone.error("a certificate needs its key; add `private_key`")),
        (None, Some(alone)) => Err(alone.error("a key needs its certificate; add `certificate`")),
        (None, None) => match client_ca {
            Some(alone) => Err(alone
                .error("who asks for certificates has one; add `certificate` and `private_key`")),
            None => Ok(None),
        },
    }
}

fn listen(table: &Table<'_>, has_client_ca: bool) -> Result<SocketAddr> {
    let value = table.require("listen")?;
    let listen = address(&value)?;
    if listen.ip().is_loopback() || has_client_ca {
        return Ok(listen);
    }
    Err(value.error(
        "off loopback callers need certificates; add `certificate`, `private_key` and \
         `client_ca`, or listen on 127.0.0.1",
    ))
}

fn address(value: &Value<'_>) -> Result<SocketAddr> {
    let text = value.string()?;
    text.parse().map_err(|_| {
        value.error("not an address and port; write it like \"127.0.0.1:50051\" or \"[::1]:50051\"")
    })
}

fn read_peers<'a>(
    tables: &[Table<'a>],
    sessions: &[SessionConfig],
    keys: &[String],
) -> Result<Vec<PeerConfig>> {
    let mut names = HashMap::new();
    let session = |value: &Value<'_>| {
        let id = value.integer(1..=u64::MAX)?;
        let is_known = sessions.iter().any(|session| session.id == id);
        is_known.then_some(id).ok_or_else(|| value.error("no such session; add its [[sessions]]"))
    };
    let key = |value: &Value<'_>| {
        let id = value.string()?;
        let known = keys.iter().find(|known| *known == id);
        known.cloned().ok_or_else(|| value.error("no such key in [service]; add it to its `keys`"))
    };
    let peer = |table: &Table<'a>| {
        let certificate = table.require("certificate")?;
        Ok(PeerConfig {
            certificate: unique(&mut names, &certificate, name(&certificate)?)?,
            sessions: table
                .get_or("sessions", Vec::new(), |v| list(&v, sessions.len(), session))?,
            cancel_on_disconnect: table.get_or("cancel_on_disconnect", false, |v| v.boolean())?,
            keys: table.get_or("keys", Vec::new(), |v| list(&v, KEYS_MAX, key))?,
        })
    };
    tables.iter().map(peer).collect()
}

/// A host's name as certificates have it, without wildcards: they would stand for many.
fn name(value: &Value<'_>) -> Result<String> {
    let text = value.string()?;
    let is_name = |text: &str| {
        let label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        };
        text.len() <= NAME_MAX && text.split('.').all(label)
    };
    match is_name(text) {
        true => Ok(text.to_ascii_lowercase()),
        false => Err(value.error("not a DNS name; write one like \"desk-1.example\"")),
    }
}
