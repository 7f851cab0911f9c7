//! Key bytes: what is no key is refused everywhere, what is one works and comes back the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tinywindow::Error;
use tinywindow::signing::{self, Key, Kind, Suite, Usage};

const PAYLOAD: &[u8] = b"a payload";

fuzz_target!(|bytes: &[u8]| {
    match Key::parse(bytes) {
        Ok(key) => accepted(bytes, key),
        Err(_) => refused(bytes),
    }
    if let [suite, kind, usage, material @ ..] = bytes {
        import(*suite, *kind, *usage, material);
    }
});

fn accepted(bytes: &[u8], key: Key<'_>) {
    let again = signing::import(key.suite, key.kind, key.usage, key.material);
    assert_eq!(again.expect("its own parts make a key").as_slice(), bytes);
    let id = signing::key_id(bytes).expect("a key has an id");
    let public = signing::public_key(bytes);
    assert_eq!(public.is_ok(), key.suite.public_key_size().is_some());
    if let Ok(public) = &public {
        assert_eq!(Key::parse(public).expect("a public key").kind, Kind::Public);
        assert_eq!(signing::key_id(public), Ok(id));
    }
    match key.kind {
        Kind::Public => assert_eq!(signing::sign(bytes, PAYLOAD), Err(Error::KeyKind)),
        Kind::Secret | Kind::Expanded => {
            let signature = match signing::sign(bytes, PAYLOAD) {
                // Damage to it that could not be seen before.
                Err(Error::Key) if key.kind == Kind::Expanded => return,
                signature => signature.expect("a secret key signs"),
            };
            assert_eq!(signature.len(), key.suite.signature_size());
            assert!(signing::verify(public.as_deref().unwrap_or(bytes), PAYLOAD, &signature));
        }
    }
}

fn refused(bytes: &[u8]) {
    assert_eq!(signing::key_id(bytes), Err(Error::Key));
    assert!(signing::public_key(bytes).is_err());
    assert!(signing::sign(bytes, PAYLOAD).is_err());
    assert!(!signing::verify(bytes, PAYLOAD, &[0; 64]));
}

fn import(suite: u8, kind: u8, usage: u8, material: &[u8]) {
    let (Some(suite), Some(kind), Some(usage)) = (
        Suite::from_number(suite.into()),
        Kind::from_number(kind.into()),
        Usage::from_number(usage.into()),
    ) else {
        return;
    };
    let Ok(bytes) = signing::import(suite, kind, usage, material) else { return };
    let key = Key::parse(&bytes).expect("what import makes is a key");
    assert_eq!((key.suite, key.kind, key.usage), (suite, kind, usage));
    assert_eq!(key.material, material);
}
