//! The custody contract, held against every backend; then what one backend adds.

use std::sync::atomic::{AtomicUsize, Ordering};

use tinywindow::Error;
use tinywindow::custody::*;
use tinywindow::gateway::{Gateway, Options};
use tinywindow::signing::{self, Context, HEADER_SIZE, Kind, Suite, Usage};

/// What every [`KeyProvider`] does. `id` makes an id of the backend from a name.
fn keeps_the_provider_contract(keys: &dyn KeyProvider, id: &dyn Fn(&str) -> String) {
    let (a, b) = (&id("a"), &id("b"));
    let secret = signing::keygen(Suite::Ed25519, 1);
    let public = signing::public_key(&secret).unwrap();

    assert!(matches!(keys.get_key(a), Err(KeyError::NotFound)));
    assert!(matches!(keys.delete_key(a), Err(KeyError::NotFound)));
    keys.store_key(a, &secret).unwrap();
    keys.store_key(b, &public).unwrap();
    assert_eq!(*keys.get_key(a).unwrap(), *secret);
    assert_eq!(*keys.get_key(b).unwrap(), public);

    // A key is never replaced, not even by itself.
    assert!(matches!(keys.store_key(a, &public), Err(KeyError::Conflict)));
    assert!(matches!(keys.store_key(a, &secret), Err(KeyError::Conflict)));
    assert_eq!(*keys.get_key(a).unwrap(), *secret);

    // Deleted is gone, and the id is free; the other key stays.
    keys.delete_key(a).unwrap();
    assert!(matches!(keys.get_key(a), Err(KeyError::NotFound)));
    keys.store_key(a, &public).unwrap();
    assert_eq!(*keys.get_key(a).unwrap(), public);
    assert_eq!(*keys.get_key(b).unwrap(), public);

    // What is no key leaves nothing behind.
    for bytes in [&[][..], b"TWK", &secret[..secret.len() - 1]] {
        assert!(matches!(keys.store_key(&id("c"), bytes), Err(KeyError::Key(Error::Key))));
    }
    assert!(matches!(keys.get_key(&id("c")), Err(KeyError::NotFound)));

    // Every suite, the longest raw key too.
    let long = signing::import(Suite::HmacSha256, Kind::Secret, Usage::Raw, &[7; 1024]).unwrap();
    let all = Suite::ALL.iter().map(|&suite| signing::keygen(suite, 2)).chain([long]);
    for (i, key) in all.enumerate() {
        keys.store_key(&id(&format!("d{i}")), &key).unwrap();
        assert_eq!(*keys.get_key(&id(&format!("d{i}"))).unwrap(), *key);
    }

    // Of those who store one id at once, one does.
    let (stored, e) = (AtomicUsize::new(0), &id("e"));
    std::thread::scope(|scope| {
        for seed in 0..4 {
            let stored = &stored;
            scope.spawn(move || match keys.store_key(e, &signing::keygen(Suite::Ed25519, seed)) {
                Ok(()) => drop(stored.fetch_add(1, Ordering::Relaxed)),
                Err(error) => assert!(matches!(error, KeyError::Conflict), "{error:?}"),
            });
        }
    });
    assert_eq!(stored.into_inner(), 1);
}

/// What every [`SecureSigner`] does with the keys in it: it agrees with the plain functions.
fn keeps_the_signer_contract(
    keys: &dyn KeyProvider,
    signer: &dyn SecureSigner,
    id: &dyn Fn(&str) -> String,
) {
    let custom = Context::Custom(b"firm/report");
    for &suite in Suite::ALL {
        let secret = signing::keygen(suite, 3);
        let name = &id(suite.name());
        keys.store_key(name, &secret).unwrap();

        let signature = signer.sign_secure(name, b"payload").unwrap();
        assert_eq!(signature, signing::sign(&secret, b"payload").unwrap());
        assert!(signer.verify_secure(name, b"payload", &signature).unwrap());
        assert!(!signer.verify_secure(name, b"payloae", &signature).unwrap());
        assert!(!signer.verify_secure(name, b"payload", &signature[1..]).unwrap());
        assert!(!signer.verify_secure(name, b"payload", b"").unwrap());

        let other = signer.sign_secure_with_context(name, custom, b"payload").unwrap();
        assert_eq!(*other, *signing::sign_with_context(&secret, custom, b"payload").unwrap());
        let verify = |context| signer.verify_secure_with_context(name, context, b"payload", &other);
        assert!(verify(custom).unwrap());
        assert!(!verify(Context::Payload).unwrap());
        let reserved = Context::Custom(b"tinywindow/v1/order");
        assert!(matches!(verify(reserved), Err(VerifyError::Refused(Error::Context))));
        let refused = signer.sign_secure_with_context(name, reserved, b"");
        assert!(matches!(refused, Err(SignError::Refused(Error::Context))));

        if let Ok(public) = signing::public_key(&secret) {
            let name = &id(&format!("{} public", suite.name()));
            keys.store_key(name, &public).unwrap();
            assert!(signer.verify_secure(name, b"payload", &signature).unwrap());
            let refused = signer.sign_secure(name, b"payload");
            assert!(matches!(refused, Err(SignError::Refused(Error::KeyKind))));
        }

        keys.delete_key(name).unwrap();
        let gone = signer.sign_secure(name, b"payload");
        assert!(matches!(gone, Err(SignError::Key(KeyError::NotFound))));
        let gone = signer.verify_secure(name, b"payload", &signature);
        assert!(matches!(gone, Err(VerifyError::Key(KeyError::NotFound))));
    }
}

/// A directory that goes with the test.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let name = format!("tinywindow-custody-{name}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Directory(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn memory_keeps_both_contracts() {
    keeps_the_provider_contract(&MemoryKeys::new(), &str::to_owned);
    let keys = MemoryKeys::new();
    keeps_the_signer_contract(&keys, &keys, &str::to_owned);
}

#[test]
fn files_keep_the_provider_contract() {
    let directory = Directory::new("contract");
    keeps_the_provider_contract(&FileKeys, &|name| directory.path(name));
}

#[test]
fn memory_refuses_the_same_material_under_both_usages() {
    for &suite in Suite::ALL {
        let material = vec![9; suite.secret_key_size() - HEADER_SIZE];
        let key = |usage| signing::import(suite, Kind::Secret, usage, &material).unwrap();
        let (framed, raw) = (key(Usage::Framed), key(Usage::Raw));
        let mut pairs = vec![(framed.to_vec(), raw.to_vec())];
        if let Ok(public) = signing::public_key(&framed) {
            pairs.push((public, raw.to_vec()));
        }
        for (framed, raw) in pairs {
            for (first, second) in [(&framed, &raw), (&raw, &framed)] {
                let keys = MemoryKeys::new();
                keys.store_key("first", first).unwrap();
                keys.store_key("same", first).unwrap();
                assert!(matches!(keys.store_key("second", second), Err(KeyError::Conflict)));
                keys.delete_key("first").unwrap();
                keys.delete_key("same").unwrap();
                keys.store_key("second", second).unwrap();
            }
        }
    }
}

#[test]
fn an_hmac_key_padded_with_zeros_is_the_same_key() {
    let keys = MemoryKeys::new();
    let import = |usage, material: &[u8]| {
        signing::import(Suite::HmacSha256, Kind::Secret, usage, material).unwrap()
    };
    keys.store_key("framed", &import(Usage::Framed, &[9; 32])).unwrap();
    let mut padded = [9; 40];
    padded[32..].fill(0);
    let conflict = keys.store_key("raw", &import(Usage::Raw, &padded));
    assert!(matches!(conflict, Err(KeyError::Conflict)));
}

#[test]
fn no_debug_or_error_shows_a_key() {
    let keys = MemoryKeys::new();
    keys.store_key("secret-id", &signing::keygen(Suite::HmacSha256, 4)).unwrap();
    assert_eq!(format!("{keys:?}"), "MemoryKeys { count: 1, .. }");
}

#[test]
fn files_are_for_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new("mode");
    let path = directory.path("key");
    FileKeys.store_key(&path, &signing::keygen(Suite::Ed25519, 5)).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // What is there and no key is said to be so.
    std::fs::write(directory.path("no key"), "TWK").unwrap();
    let error = FileKeys.get_key(&directory.path("no key"));
    assert!(matches!(error, Err(KeyError::Key(Error::Key))));
    let error = FileKeys.get_key(directory.0.to_str().unwrap());
    assert!(matches!(error, Err(KeyError::Storage(_))));
}

#[test]
fn a_gateway_takes_its_session_keys_from_the_provider() {
    let keys = std::sync::Arc::new(MemoryKeys::new());
    let secret = signing::keygen(Suite::HmacSha256, 6);
    keys.store_key("trader", &secret).unwrap();
    let text = "journal.kind='memory'\nvenue.kind='paper'\nsessions=[{id=1,keys=['trader']}]";
    let config = tinywindow::config::Config::parse(text).unwrap();
    let options = Options { keys: keys.clone(), ..Options::default() };
    let gateway = Gateway::open_with(&config, options.clone()).unwrap();
    assert_eq!(gateway.keys(1).unwrap()[0].key_id, signing::key_id(&secret).unwrap());

    keys.delete_key("trader").unwrap();
    assert_eq!(Gateway::open_with(&config, options).unwrap_err(), Error::Io);
    let raw = signing::import(Suite::HmacSha256, Kind::Secret, Usage::Raw, &[1; 32]).unwrap();
    keys.store_key("trader", &raw).unwrap();
    let options = Options { keys, ..Options::default() };
    assert_eq!(Gateway::open_with(&config, options).unwrap_err(), Error::KeyUsage);
}
