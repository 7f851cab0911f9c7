//! Ed25519 by others.

use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use graviola::signing::eddsa::{Ed25519SigningKey, Ed25519VerifyingKey};
use sha2::Sha512;

use super::Key;
use super::contender::{Contender, Form};

pub fn peers(key: &Key) -> Vec<Contender> {
    let (seed, public) = (key.seed(), key.public_material());
    let mut peers = Vec::new();
    peers.extend(dalek(seed, public));
    peers.extend(graviola(seed, public));
    peers.extend(ring(seed, public));
    peers.extend(aws_lc(seed, public));
    peers
}

fn dalek(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
    let (expanded, own_public) =
        (ExpandedSecretKey::from(&seed), SigningKey::from_bytes(&seed).verifying_key());
    let parsed = move || VerifyingKey::try_from(public).expect("a public key");
    let verifying = parsed();
    let is_valid = |key: &VerifyingKey, message: &[u8], signature: &[u8]| {
        let signature = Signature::from_slice(signature).expect("64 bytes");
        key.verify_strict(message, &signature).is_ok()
    };
    [
        Contender::new(Form::Prepared, "`ed25519-dalek`, strict")
            .keygen(SigningKey::from_bytes)
            .sign(move |message, out| {
                let signature = raw_sign::<Sha512>(&expanded, message, &own_public);
                out[..64].copy_from_slice(&signature.to_bytes());
            })
            .verify(move |message, signature| is_valid(&verifying, message, signature)),
        Contender::new(Form::Bytes, "`ed25519-dalek`, strict")
            .sign(move |message, out| {
                let signature = SigningKey::from_bytes(&seed).sign(message);
                out[..64].copy_from_slice(&signature.to_bytes());
            })
            .verify(move |message, signature| is_valid(&parsed(), message, signature)),
    ]
}

fn graviola(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
    let signing = move || Ed25519SigningKey::from_bytes(&seed).expect("32 bytes");
    let verifying = move || Ed25519VerifyingKey::from_bytes(public).expect("a public key");
    let (signing_key, verifying_key) = (signing(), verifying());
    [
        Contender::new(Form::Prepared, "`graviola`")
            .keygen(|seed| Ed25519SigningKey::from_bytes(seed))
            .sign(move |message, out| out[..64].copy_from_slice(&signing_key.sign(message)))
            .verify(move |message, signature| verifying_key.verify(signature, message).is_ok()),
        Contender::new(Form::Bytes, "`graviola`")
            .sign(move |message, out| out[..64].copy_from_slice(&signing().sign(message)))
            .verify(move |message, signature| verifying().verify(signature, message).is_ok()),
    ]
}

fn ring(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
    use ring::signature::{ED25519, Ed25519KeyPair, UnparsedPublicKey};
    let signing = move || Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes");
    let signing_key = signing();
    let is_valid = move |message: &[u8], signature: &[u8]| {
        UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
    };
    [
        Contender::new(Form::Prepared, "`ring`")
            .keygen(|seed| Ed25519KeyPair::from_seed_unchecked(seed))
            .sign(move |message, out| {
                out[..64].copy_from_slice(signing_key.sign(message).as_ref())
            }),
        Contender::new(Form::Bytes, "`ring`")
            .sign(move |message, out| out[..64].copy_from_slice(signing().sign(message).as_ref()))
            .verify(is_valid),
    ]
}

fn aws_lc(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
    use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, ParsedPublicKey, UnparsedPublicKey};
    let signing = move || Ed25519KeyPair::from_seed_unchecked(&seed).expect("32 bytes");
    let signing_key = signing();
    let parsed = ParsedPublicKey::new(&ED25519, public).expect("a public key");
    [
        Contender::new(Form::Prepared, "`aws-lc-rs`")
            .keygen(|seed| Ed25519KeyPair::from_seed_unchecked(seed))
            .sign(move |message, out| out[..64].copy_from_slice(signing_key.sign(message).as_ref()))
            .verify(move |message, signature| parsed.verify_sig(message, signature).is_ok()),
        Contender::new(Form::Bytes, "`aws-lc-rs`")
            .sign(move |message, out| out[..64].copy_from_slice(signing().sign(message).as_ref()))
            .verify(move |message, signature| {
                UnparsedPublicKey::new(&ED25519, public).verify(message, signature).is_ok()
            }),
    ]
}
