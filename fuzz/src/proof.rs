//! What strangers hand to whoever checks a journal: a checkpoint's note, proofs of records and of
//! growth.
//!
//! What is read of a text is all of it, and a record is proved when RFC 9162's own way of checking
//! leads to the root that was signed.

#![no_main]

use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use tinywindow::journal::merkle::{self, Hash, leaf_hash, node_hash};
use tinywindow::journal::{CheckpointKey, ConsistencyProof, InclusionProof, SignedCheckpoint};

mod signed_note;

static KEYS: LazyLock<[CheckpointKey; 1]> = LazyLock::new(|| [signed_note::verifier()]);

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(note) = SignedCheckpoint::parse(text) {
        assert_eq!(note.to_string(), text);
        let _ = note.verify(&*KEYS);
    }
    if let Some(proofs) = InclusionProof::parse_all(text) {
        let written: String = proofs.iter().map(InclusionProof::to_string).collect();
        assert_eq!(written, text);
        proofs.iter().for_each(check_inclusion);
    }
    if let Some(proof) = ConsistencyProof::parse(text) {
        assert_eq!(proof.to_string(), text);
        // A tree continues itself, without anything on the way.
        if proof.verify(&proof.checkpoint, &*KEYS).is_ok() {
            assert_eq!((proof.checkpoint.unverified().size, proof.path.len()), (proof.old, 0));
        }
    }
});

fn check_inclusion(proof: &InclusionProof) {
    let checkpoint = proof.checkpoint.unverified();
    let (size, hash) = (checkpoint.size, leaf_hash(&proof.leaf));
    let is_in = root(proof, size, hash) == Some(checkpoint.root);
    let found = merkle::includes(size, &checkpoint.root, proof.index, hash, &proof.path);
    assert_eq!(found, is_in);
    if let Ok((leaf, _)) = proof.verify(&*KEYS) {
        assert!(is_in && proof.checkpoint.verify(&*KEYS).is_ok());
        assert_eq!(leaf.sequence, proof.index + 1);
    }
}

/// RFC 9162, section 2.1.3.2, to the letter: the root that a path leads to.
fn root(proof: &InclusionProof, size: u64, hash: Hash) -> Option<Hash> {
    let (mut at, mut last) = (proof.index, size.checked_sub(1)?);
    if at > last {
        return None;
    }
    let mut root = hash;
    for sibling in &proof.path {
        if last == 0 {
            return None;
        }
        if at & 1 == 1 || at == last {
            root = node_hash(sibling, &root);
            while at & 1 == 0 && at != 0 {
                (at, last) = (at >> 1, last >> 1);
            }
        } else {
            root = node_hash(&root, sibling);
        }
        (at, last) = (at >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

// Half of what is tried has the root and the signature that it must have: no fuzzer guesses those.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    let size = fuzzer_mutate(data, size, max_size);
    let mended = std::str::from_utf8(&data[..size]).ok().and_then(mend);
    match mended {
        Some(text) if seed.is_multiple_of(2) && text.len() <= max_size.min(data.len()) => {
            data[..text.len()].copy_from_slice(text.as_bytes());
            text.len()
        }
        _ => size,
    }
});

fn mend(text: &str) -> Option<String> {
    let proof = InclusionProof::parse(text);
    let rooted = proof.and_then(|proof| {
        let checkpoint = proof.checkpoint.unverified();
        let root = root(&proof, checkpoint.size, leaf_hash(&proof.leaf))?;
        let was = Base64::encode_string(&checkpoint.root);
        Some(text.replace(&was, &Base64::encode_string(&root)))
    });
    signed_note::sign(rooted.as_deref().unwrap_or(text))
}
