//! HMAC-SHA256 by others, and what it cannot do without: the compression of its blocks.

use hmac::{KeyInit, Mac};
use sha2::Sha256;
use sha2::block_api::compress256;

use super::Key;
use super::contender::{Contender, Form};

type Hmac = hmac::Hmac<Sha256>;
type GraviolaHmac = graviola::hashing::hmac::Hmac<graviola::hashing::Sha256>;

/// What padding adds to the last block of a message at least: a bit, and the length.
const PADDING: usize = 9;

pub fn peers(key: &Key) -> Vec<Contender> {
    let mut peers = vec![compression()];
    peers.extend(rust_crypto(key.material()));
    peers.extend(graviola(key.material()));
    peers.extend(ring(key.material()));
    peers.extend(aws_lc(key.material()));
    peers
}

/// Inner and outer blocks of a message whose key is absorbed, one state after the other.
fn compression() -> Contender {
    Contender::new(Form::Prepared, "SHA-256 compression of the same blocks")
        // It is no signature.
        .hedged()
        .sign(|message, out| {
            let mut state = [0; 8];
            let (blocks, rest) = message.as_chunks::<64>();
            let mut padded = [[0; 64]; 2];
            padded.as_flattened_mut()[..rest.len()].copy_from_slice(rest);
            compress256(&mut state, blocks);
            compress256(&mut state, &padded[..(rest.len() + PADDING).div_ceil(64)]);
            compress256(&mut state, &padded[1..]);
            out[..4].copy_from_slice(&state[0].to_be_bytes());
        })
}

fn rust_crypto(key: &'static [u8]) -> [Contender; 2] {
    let keyed = move || Hmac::new_from_slice(key).expect("any length");
    let (signing, verifying) = (keyed(), keyed());
    [
        Contender::new(Form::Prepared, "`hmac`")
            .sign(move |message, out| tag(signing.clone().chain_update(message), out))
            .verify(move |message, tag| {
                verifying.clone().chain_update(message).verify_slice(tag).is_ok()
            }),
        Contender::new(Form::Bytes, "`hmac`")
            .sign(move |message, out| tag(keyed().chain_update(message), out))
            .verify(move |message, tag| keyed().chain_update(message).verify_slice(tag).is_ok()),
    ]
}

fn tag(mac: Hmac, out: &mut [u8]) {
    out[..32].copy_from_slice(&mac.finalize().into_bytes());
}

fn graviola(key: &'static [u8]) -> [Contender; 2] {
    let after = |mut mac: GraviolaHmac, message: &[u8]| {
        mac.update(message);
        mac
    };
    let (signing, verifying) = (GraviolaHmac::new(key), GraviolaHmac::new(key));
    [
        Contender::new(Form::Prepared, "`graviola`")
            .sign(move |message, out| {
                out[..32].copy_from_slice(after(signing.clone(), message).finish().as_ref());
            })
            .verify(move |message, tag| after(verifying.clone(), message).verify(tag).is_ok()),
        Contender::new(Form::Bytes, "`graviola`")
            .sign(move |message, out| {
                out[..32].copy_from_slice(after(GraviolaHmac::new(key), message).finish().as_ref());
            })
            .verify(move |message, tag| after(GraviolaHmac::new(key), message).verify(tag).is_ok()),
    ]
}

fn ring(key: &'static [u8]) -> [Contender; 2] {
    use ring::hmac::{HMAC_SHA256, Key, sign, verify};
    let keyed = move || Key::new(HMAC_SHA256, key);
    let (signing, verifying) = (keyed(), keyed());
    [
        Contender::new(Form::Prepared, "`ring`")
            .sign(move |message, out| out[..32].copy_from_slice(sign(&signing, message).as_ref()))
            .verify(move |message, tag| verify(&verifying, message, tag).is_ok()),
        Contender::new(Form::Bytes, "`ring`")
            .sign(move |message, out| out[..32].copy_from_slice(sign(&keyed(), message).as_ref()))
            .verify(move |message, tag| verify(&keyed(), message, tag).is_ok()),
    ]
}

fn aws_lc(key: &'static [u8]) -> [Contender; 2] {
    use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign, verify};
    let keyed = move || Key::new(HMAC_SHA256, key);
    let (signing, verifying) = (keyed(), keyed());
    [
        Contender::new(Form::Prepared, "`aws-lc-rs`")
            .sign(move |message, out| out[..32].copy_from_slice(sign(&signing, message).as_ref()))
            .verify(move |message, tag| verify(&verifying, message, tag).is_ok()),
        Contender::new(Form::Bytes, "`aws-lc-rs`")
            .sign(move |message, out| out[..32].copy_from_slice(sign(&keyed(), message).as_ref()))
            .verify(move |message, tag| verify(&keyed(), message, tag).is_ok()),
    ]
}
