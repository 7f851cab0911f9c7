//! The library: through the symbols of `libtinywindow.so`, and the Rust API.

use tinywindow::signing::{self, Context, Signer, Suite, Verifier};

use super::Key;
use super::contender::{Contender, Form};
use crate::library::Shared;

const C: &str = "**C ABI**";
const RUST: &str = "**Rust API**";

/// Bytes of the longest key: ML-DSA-87's public one, its header included.
const KEY_MAX: usize = 2600;

pub fn contenders(shared: &'static Shared, key: &Key) -> Vec<Contender> {
    let Key { suite, secret, public } = *key;
    vec![
        c_prepared(shared, key),
        rust_prepared(key),
        c_batch(shared, key),
        Contender::new(Form::Bytes, C)
            .sign(move |message, out| shared.sign(secret, message, out))
            .verify(move |message, signature| shared.verify(public, message, signature)),
        Contender::new(Form::Bytes, RUST)
            .sign(move |message, out| {
                let signature = signing::sign_with_context(secret, Context::Payload, message);
                out[..suite.signature_size()].copy_from_slice(&signature.expect("signs"));
            })
            .verify(move |message, signature| signing::verify(public, message, signature)),
    ]
}

fn c_prepared(shared: &'static Shared, key: &Key) -> Contender {
    let suite = key.suite;
    let (signer, verifier) = (shared.signer(key.secret), shared.verifier(key.public));
    let has_public = suite.public_key_size().is_some();
    Contender::new(Form::Prepared, C)
        .keygen(move |seed| {
            let (mut secret, mut public) = ([0; KEY_MAX], [0; KEY_MAX]);
            let length = shared.keygen(suite.number(), seed, &mut secret);
            if has_public {
                shared.public_key(&secret[..length], &mut public);
            }
        })
        .sign(move |message, out| signer.sign(message, out))
        .verify(move |message, signature| verifier.verify(message, signature))
}

fn rust_prepared(key: &Key) -> Contender {
    let suite = key.suite;
    let signer = Signer::new(key.secret).expect("a secret key");
    let verifier = Verifier::new(key.public).expect("a key");
    Contender::new(Form::Prepared, RUST)
        .keygen(move |seed| match signing::keygen_from_entropy(suite, seed) {
            secret if suite == Suite::HmacSha256 => secret.to_vec(),
            secret => signing::public_key(&secret).expect("a secret key"),
        })
        .sign(move |message, out| {
            let signature = signer.sign(Context::Payload, message).expect("signs");
            out[..signature.len()].copy_from_slice(&signature);
        })
        .verify(move |message, signature| {
            verifier.verify(Context::Payload, message, signature).is_ok()
        })
}

fn c_batch(shared: &'static Shared, key: &Key) -> Contender {
    let (signer, verifier) = (shared.signer(key.secret), shared.verifier(key.public));
    Contender::new(Form::Batch, C)
        .sign_batch(move |messages, out| signer.sign_batch(messages, out))
        .verify_batch(move |messages, signatures| verifier.verify_batch(messages, signatures))
}
