//! OpenSSH's public keys: one line, `ssh-ed25519 BASE64 COMMENT` (RFC 4253, section 6.6; RFC 8709).

use crate::signing::{self, Key, Kind, Suite, Usage};
use crate::{Error, Result};
use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

const NAME: &str = "ssh-ed25519";
/// The name as an SSH string, and the length of the key, which is an SSH string too.
const HEAD: &[u8] = b"\0\0\0\x0bssh-ed25519\0\0\0\x20";

/// Whether it looks like a public key of any algorithm.
pub(super) fn is_line(encoded: &[u8]) -> bool {
    [&b"ssh-"[..], b"ecdsa-", b"sk-"].iter().any(|start| encoded.starts_with(start))
}

pub(super) fn encode(key: &Key<'_>) -> Result<Zeroizing<Vec<u8>>> {
    if (key.suite, key.kind) != (Suite::Ed25519, Kind::Public) {
        return Err(Error::Argument);
    }
    let line = format!("{NAME} {}\n", Base64::encode_string(&[HEAD, key.material].concat()));
    Ok(Zeroizing::new(line.into_bytes()))
}

pub(super) fn decode(usage: Usage, encoded: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let line = std::str::from_utf8(encoded).map_err(|_| Error::Key)?.trim_end();
    let mut words = line.split(' ');
    if words.next() != Some(NAME) {
        return Err(Error::Suite);
    }
    let is_one_line = !line.contains(['\n', '\r']);
    let blob = words.next().filter(|_| is_one_line).ok_or(Error::Key)?;
    let blob = Base64::decode_vec(blob).map_err(|_| Error::Key)?;
    let public = blob.strip_prefix(HEAD).ok_or(Error::Key)?;
    signing::import(Suite::Ed25519, Kind::Public, usage, public)
}
