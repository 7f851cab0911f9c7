//! Signatures of each suite. Of a secret key's own, xored with what the fuzzer likes, only the
//! unchanged one is good. With a public key and a signature of the fuzzer's, every way to verify
//! says the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tinywindow::signing::{self, Context, HEADER_SIZE, Kind, Suite, Usage, Verifier};

// A suite's number, its secret material, 64 bytes of signature, then the payload. Of a signature
// that is longer the beginning is changed; public keys that are longer are none of the fuzzer's.
fuzz_target!(|input: &[u8]| {
    let Some((&[suite], input)) = input.split_first_chunk() else { return };
    let Some(suite) = Suite::from_number(suite.into()) else { return };
    let size = suite.secret_key_size() - HEADER_SIZE;
    let Some((material, input)) = input.split_at_checked(size) else { return };
    let Some((signature, payload)) = input.split_first_chunk::<64>() else { return };
    let signature = &signature[..suite.signature_size().min(signature.len())];
    own(suite, material, signature, payload);
    for usage in [Usage::Framed, Usage::Raw] {
        if let Ok(public) = signing::import(suite, Kind::Public, usage, material) {
            agree(&public, signature, payload);
        }
    }
});

fn own(suite: Suite, material: &[u8], difference: &[u8], payload: &[u8]) {
    let key = signing::import(suite, Kind::Secret, Usage::Framed, material).expect("a key");
    let mut signature = signing::sign(&key, payload).expect("a signature");
    signature.iter_mut().zip(difference).for_each(|(byte, change)| *byte ^= change);
    let unchanged = difference.iter().all(|&change| change == 0);
    assert_eq!(agree(&key, &signature, payload), unchanged);
    if let Ok(public) = signing::public_key(&key) {
        assert_eq!(agree(&public, &signature, payload), unchanged);
    }
}

/// What every way to verify says, if they say the same.
fn agree(key: &[u8], signature: &[u8], payload: &[u8]) -> bool {
    let at_once = signing::verify(key, payload, signature);
    let prepared = Verifier::new(key).expect("a key verifies");
    assert_eq!(prepared.verify(Context::Payload, payload, signature).is_ok(), at_once);
    if at_once {
        assert!(prepared.verify(Context::Order, payload, signature).is_err());
    }
    at_once
}
