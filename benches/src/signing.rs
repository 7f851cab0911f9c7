//! Signing and verifying: the Rust API, the C ABI, and their peers.

use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{Signer as _, SigningKey};
use hmac::{KeyInit, Mac};
use sha2::{Sha256, Sha512, block_api::compress256};
use tinywindow::signing::{self, Context, HEADER_SIZE, Signer, Suite, Verifier};

use crate::library::Shared;
use crate::rounds::{Contender, Effort, Measured, compare};

type Hmac = hmac::Hmac<Sha256>;

const SIZES: [usize; 3] = [32, 200, 1024];

/// The name of what the others are compared to.
const RUST: &str = "Rust API";
const C: &str = "C ABI";

pub fn run(shared: &Shared, effort: Effort) {
    let ed25519 = Effort { rounds: effort.rounds.div_ceil(2), ..effort };
    table("HMAC-SHA256, prepared key: sign", effort, |p| hmac_sign(shared, p));
    table("HMAC-SHA256, prepared key: verify", effort, |p| hmac_verify(shared, p));
    table("HMAC-SHA256, from key bytes: sign", effort, |p| hmac_sign_bytes(shared, p));
    table("HMAC-SHA256, from key bytes: verify", effort, |p| hmac_verify_bytes(shared, p));
    table("Ed25519, prepared key: sign", ed25519, |p| ed25519_sign(shared, p));
    table("Ed25519, prepared key: verify", ed25519, |p| ed25519_verify(shared, p));
    table("Ed25519, from key bytes: sign", ed25519, |p| ed25519_sign_bytes(shared, p));
    table("Ed25519, from key bytes: verify", ed25519, |p| ed25519_verify_bytes(shared, p));
}

/// One table: a row per contender, a column per size.
fn table<'a>(title: &str, effort: Effort, contenders: impl Fn(&'a [u8]) -> Vec<Contender<'a>>) {
    static PAYLOAD: [u8; 1024] = [0x5a; 1024];
    println!("\n### {title}\n\n| | 32 B | 200 B | 1 KiB |\n|---|---:|---:|---:|");
    let mut columns: Vec<Vec<Measured>> = Vec::new();
    let mut names = Vec::new();
    for size in SIZES {
        let mut contenders = contenders(&PAYLOAD[..size]);
        names = contenders.iter().map(|contender| contender.name).collect();
        columns.push(compare(effort, &mut contenders));
    }
    for (row, name) in names.iter().enumerate() {
        let cell = |column: &Vec<Measured>| {
            let Measured { median, ratio, more } = column[row];
            match *name {
                C => format!("{median:.0} ({more:+.0})"),
                _ => format!("{median:.0} ({ratio:.2})"),
            }
        };
        println!("| {name} | {} |", columns.iter().map(cell).collect::<Vec<_>>().join(" | "));
    }
}

fn key(suite: Suite) -> &'static [u8] {
    Vec::leak(signing::keygen(suite, 1).to_vec())
}

fn signature(key: &[u8], payload: &[u8]) -> Vec<u8> {
    signing::sign(key, payload).expect("a secret key")
}

fn hmac_sign<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let key = key(Suite::HmacSha256);
    let signer = Signer::new(key).unwrap();
    let library = shared.signer(key);
    let prepared = Hmac::new_from_slice(&key[HEADER_SIZE..]).unwrap();
    let ring = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key[HEADER_SIZE..]);
    // Message, padding and length; then the outer hash.
    let inner = vec![[0x5a; 64]; (payload.len() + 9).div_ceil(64)];
    vec![
        Contender::new(RUST, move || signer.sign(Context::Payload, payload).unwrap()),
        Contender::new(C, move || library.sign(payload)),
        Contender::new("SHA-256 compression of the same blocks", move || {
            let mut state = [0; 8];
            compress256(&mut state, &inner);
            compress256(&mut state, &inner[..1]);
            state
        }),
        Contender::new("`hmac`, state cloned", move || {
            prepared.clone().chain_update(payload).finalize()
        }),
        Contender::new("`ring`", move || ring::hmac::sign(&ring, payload)),
    ]
}

fn hmac_verify<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let key = key(Suite::HmacSha256);
    let tag = signature(key, payload);
    let verifier = Verifier::new(key).unwrap();
    let library = shared.verifier(key);
    let prepared = Hmac::new_from_slice(&key[HEADER_SIZE..]).unwrap();
    let ring = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key[HEADER_SIZE..]);
    let (bare, by_ring) = (hmac_of(&prepared, payload), hmac_of(&prepared, payload));
    let c_tag = tag.clone();
    vec![
        Contender::new(RUST, move || verifier.verify(Context::Payload, payload, &tag).unwrap()),
        Contender::new(C, move || library.verify(payload, &c_tag)),
        Contender::new("`hmac`, state cloned", move || {
            prepared.clone().chain_update(payload).verify_slice(&bare).unwrap()
        }),
        Contender::new("`ring`", move || ring::hmac::verify(&ring, payload, &by_ring).unwrap()),
    ]
}

fn hmac_of(prepared: &Hmac, payload: &[u8]) -> Vec<u8> {
    prepared.clone().chain_update(payload).finalize().into_bytes().to_vec()
}

fn hmac_sign_bytes<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let key = key(Suite::HmacSha256);
    vec![
        Contender::new(RUST, move || {
            signing::sign_with_context(key, Context::Payload, payload).unwrap()
        }),
        Contender::new(C, move || shared.sign(key, payload)),
        Contender::new("`hmac`", move || {
            Hmac::new_from_slice(&key[HEADER_SIZE..]).unwrap().chain_update(payload).finalize()
        }),
        Contender::new("`ring`", move || {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key[HEADER_SIZE..]);
            ring::hmac::sign(&key, payload)
        }),
    ]
}

fn hmac_verify_bytes<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let key = key(Suite::HmacSha256);
    let tag = signature(key, payload);
    let bare = hmac_of(&Hmac::new_from_slice(&key[HEADER_SIZE..]).unwrap(), payload);
    let c_tag = tag.clone();
    vec![
        Contender::new(RUST, move || assert!(signing::verify(key, payload, &tag))),
        Contender::new(C, move || shared.verify(key, payload, &c_tag)),
        Contender::new("`hmac`", move || {
            let hmac = Hmac::new_from_slice(&key[HEADER_SIZE..]).unwrap();
            hmac.chain_update(payload).verify_slice(&bare).unwrap()
        }),
    ]
}

fn seed(key: &[u8]) -> [u8; 32] {
    key[HEADER_SIZE..].try_into().expect("32 bytes")
}

fn ed25519_sign<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let key = key(Suite::Ed25519);
    let signer = Signer::new(key).unwrap();
    let library = shared.signer(key);
    let expanded = ExpandedSecretKey::from(&seed(key));
    let public = SigningKey::from_bytes(&seed(key)).verifying_key();
    let ring = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed(key)).unwrap();
    vec![
        Contender::new(RUST, move || signer.sign(Context::Payload, payload).unwrap()),
        Contender::new(C, move || library.sign(payload)),
        Contender::new("`ed25519-dalek`, expanded", move || {
            raw_sign::<Sha512>(&expanded, payload, &public)
        }),
        Contender::new("`ring`", move || ring.sign(payload)),
    ]
}

fn ed25519_verify<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let key = key(Suite::Ed25519);
    let ours = signature(key, payload);
    let verifier = Verifier::new(key).unwrap();
    let library = shared.verifier(key);
    let dalek = SigningKey::from_bytes(&seed(key));
    let (public, bare) = (dalek.verifying_key(), dalek.sign(payload));
    let ring =
        ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public.to_bytes());
    let c_signature = ours.clone();
    vec![
        Contender::new(RUST, move || verifier.verify(Context::Payload, payload, &ours).unwrap()),
        Contender::new(C, move || library.verify(payload, &c_signature)),
        Contender::new("`ed25519-dalek`, strict", move || {
            public.verify_strict(payload, &bare).unwrap()
        }),
        Contender::new("`ring`", move || ring.verify(payload, &bare.to_bytes()).unwrap()),
    ]
}

fn ed25519_sign_bytes<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let key = key(Suite::Ed25519);
    vec![
        Contender::new(RUST, move || {
            signing::sign_with_context(key, Context::Payload, payload).unwrap()
        }),
        Contender::new(C, move || shared.sign(key, payload)),
        Contender::new("`ed25519-dalek`", move || SigningKey::from_bytes(&seed(key)).sign(payload)),
    ]
}

fn ed25519_verify_bytes<'a>(shared: &'a Shared, payload: &'a [u8]) -> Vec<Contender<'a>> {
    let secret = key(Suite::Ed25519);
    let public: &'static [u8] = Vec::leak(signing::public_key(secret).unwrap());
    let ours = signature(secret, payload);
    let bare = SigningKey::from_bytes(&seed(secret)).sign(payload);
    let c_signature = ours.clone();
    vec![
        Contender::new(RUST, move || assert!(signing::verify(public, payload, &ours))),
        Contender::new(C, move || shared.verify(public, payload, &c_signature)),
        Contender::new("`ed25519-dalek`, strict", move || {
            let key = ed25519_dalek::VerifyingKey::from_bytes(&seed(public)).unwrap();
            key.verify_strict(payload, &bare).unwrap()
        }),
    ]
}
