//! A journal of the fuzzers' that is signed: its name, its key, and how a note gets a signature
//! that is good, whatever it says.
#![allow(dead_code, reason = "seeds are made and notes are mended, each with a part of it")]

use base64ct::{Base64, Encoding};
use tinywindow::journal::CheckpointKey;
use tinywindow::signing::{self, Context, Key, Signer, Suite, Usage};

pub const ORIGIN: &str = "fuzz.example/orders";

/// The raw key that signs its checkpoints.
pub fn key() -> Vec<u8> {
    let key = signing::keygen(Suite::Ed25519, 1);
    let Key { kind, material, .. } = Key::parse(&key).expect("a key");
    signing::import(Suite::Ed25519, kind, Usage::Raw, material).expect("a raw key").to_vec()
}

pub fn verifier() -> CheckpointKey {
    CheckpointKey::new(&key()).expect("a key")
}

/// The text with the one signature that it must have instead of those that it has.
pub fn sign(text: &str) -> Option<String> {
    let (said, _) = text.rsplit_once("\n\n")?;
    let checkpoint = said.rsplit_once("\n\n").map_or(said, |(_, checkpoint)| checkpoint);
    let origin = checkpoint.lines().next()?;
    let signed = format!("{checkpoint}\n");
    let signer = Signer::new(&key()).expect("a signer");
    let signature = signer.sign(Context::Payload, signed.as_bytes()).ok()?;
    // C2SP's vkey: name, id, key.
    let vkey = verifier().vkey(origin);
    let id = vkey.strip_prefix(origin)?.get(1..9)?;
    let id = u32::from_str_radix(id, 16).ok()?.to_be_bytes();
    let line = Base64::encode_string(&[&id[..], &signature].concat());
    Some(format!("{said}\n\n\u{2014} {origin} {line}\n"))
}
