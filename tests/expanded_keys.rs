//! ML-DSA private keys that come without their seed (FIPS 204, section 4; RFC 9881, section 6): they
//! sign as the key of the seed does, and damaged ones give nothing away but an error.

use libcrux_ml_dsa::{ml_dsa_44, ml_dsa_65, ml_dsa_87};
use tinywindow::Error;
use tinywindow::custody::{KeyProvider, MemoryKeys, SecureSigner};
use tinywindow::interchange::{Encoding, decode, encode};
use tinywindow::signing::{
    Context, HEADER_SIZE, Key, Kind, Signer, Suite, Usage, Verifier, import, key_id, public_key,
    sign, sign_with_context, verify, verify_with_context,
};

const SUITES: [Suite; 3] = [Suite::MlDsa44, Suite::MlDsa65, Suite::MlDsa87];
const SEED: [u8; 32] = *b"a seed that the file does not sa";
const PAYLOAD: &[u8] = b"a payload";

/// Where the parts of an expanded key begin: rho, K, tr, then s1, s2 and t0 (algorithm 24).
const K: usize = 32;
const TR: usize = 64;
const S1: usize = 128;

fn expanded(suite: Suite) -> Vec<u8> {
    match suite {
        Suite::MlDsa44 => ml_dsa_44::generate_key_pair(SEED).signing_key.as_slice().to_vec(),
        Suite::MlDsa65 => ml_dsa_65::generate_key_pair(SEED).signing_key.as_slice().to_vec(),
        _ => ml_dsa_87::generate_key_pair(SEED).signing_key.as_slice().to_vec(),
    }
}

/// Where s2 and t0 begin: polynomials have 96 or 128 bytes before them (table 1, algorithm 17).
fn s2_and_t0(suite: Suite) -> [usize; 2] {
    match suite {
        Suite::MlDsa44 => [S1 + 4 * 96, S1 + 8 * 96],
        Suite::MlDsa65 => [S1 + 5 * 128, S1 + 11 * 128],
        _ => [S1 + 7 * 96, S1 + 15 * 96],
    }
}

fn key(suite: Suite, usage: Usage) -> Vec<u8> {
    import(suite, Kind::Expanded, usage, &expanded(suite)).unwrap().to_vec()
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

#[test]
fn it_signs_as_the_key_of_its_seed_does() {
    for suite in SUITES {
        for usage in [Usage::Framed, Usage::Raw] {
            let of_seed = import(suite, Kind::Secret, usage, &SEED).unwrap();
            let key = key(suite, usage);
            assert_eq!(public_key(&key), public_key(&of_seed));
            assert_eq!(key_id(&key), key_id(&of_seed));
            for context in [Context::Payload, Context::Custom(b"app")] {
                let expected = sign_with_context(&of_seed, context, PAYLOAD).unwrap();
                let once = sign_with_context(&key, context, PAYLOAD).unwrap();
                let prepared = Signer::new(&key).unwrap().sign(context, PAYLOAD).unwrap();
                assert_eq!((&*once, &*prepared), (&*expected, &*expected));
                assert_eq!(verify_with_context(&key, context, PAYLOAD, &once), Ok(()));
                let verifier = Verifier::new(&key).unwrap();
                assert_eq!(verifier.verify(context, PAYLOAD, &once), Ok(()));
                assert_eq!(verifier.verify(context, b"another", &once), Err(Error::Signature));
            }
        }
    }
}

#[test]
fn only_ml_dsa_has_such_keys() {
    for &suite in Suite::ALL {
        let is_ml_dsa = SUITES.contains(&suite);
        assert_eq!(suite.expanded_key_size().is_some(), is_ml_dsa);
        let refused = import(suite, Kind::Expanded, Usage::Framed, &[0; 64]).unwrap_err();
        assert_eq!(refused, if is_ml_dsa { Error::Key } else { Error::KeyKind });
    }
    for suite in SUITES {
        assert_eq!(suite.expanded_key_size(), Some(key(suite, Usage::Framed).len()));
        let seed = import(suite, Kind::Secret, Usage::Framed, &expanded(suite));
        assert_eq!(seed.unwrap_err(), Error::Key, "an expanded key is no seed");
    }
}

#[test]
fn a_key_of_another_length_is_none() {
    for suite in SUITES {
        let key = key(suite, Usage::Framed);
        for size in (0..key.len()).step_by(97).chain([key.len() - 1]) {
            assert_eq!(sign(&key[..size], PAYLOAD), Err(Error::Key), "{suite:?}, {size} bytes");
        }
        assert_eq!(sign(&[&key[..], &[0]].concat(), PAYLOAD), Err(Error::Key));
    }
}

/// rho and s1 make the public key whose hash is tr, so whatever changes in them is seen.
#[test]
fn damage_to_what_makes_the_public_key_is_seen_at_once() {
    let mut refused = 0;
    for suite in SUITES {
        let material = expanded(suite);
        let parts = [0..K, TR..S1, S1..s2_and_t0(suite)[0]];
        let bits = parts.into_iter().flat_map(|part| (8 * part.start..8 * part.end).step_by(41));
        for bit in bits {
            let damaged = flipped(&material, bit);
            let imported = import(suite, Kind::Expanded, Usage::Framed, &damaged);
            assert_eq!(imported.unwrap_err(), Error::Key, "{suite:?}, bit {bit}");
            let key = flipped(&key(suite, Usage::Framed), 8 * HEADER_SIZE + bit);
            assert_eq!(Key::parse(&key).unwrap_err(), Error::Key);
            assert_eq!(sign(&key, PAYLOAD), Err(Error::Key));
            assert_eq!(Signer::new(&key).unwrap_err(), Error::Key);
            assert_eq!(Verifier::new(&key).unwrap_err(), Error::Key);
            assert_eq!(public_key(&key), Err(Error::Key));
            refused += 1;
        }
    }
    println!("damaged expanded keys: {refused} refused");
    assert!(refused > 300, "{refused}");
}

/// A coefficient out of bounds has a packed form too: it is refused, not computed with.
#[test]
fn coefficients_out_of_bounds_are_refused() {
    for suite in SUITES {
        let [s2, t0] = s2_and_t0(suite);
        for at in [S1, S1 + 5, s2 - 1, s2, t0 - 1] {
            let mut material = expanded(suite);
            material[at] = 0xff;
            let imported = import(suite, Kind::Expanded, Usage::Framed, &material);
            assert_eq!(imported.unwrap_err(), Error::Key, "{suite:?}, byte {at}");
        }
    }
}

/// K is as good as any other: the signatures differ, and are valid.
#[test]
fn another_k_signs_otherwise_and_well() {
    for suite in SUITES {
        let good = key(suite, Usage::Framed);
        let other = flipped(&good, 8 * (HEADER_SIZE + K) + 3);
        let signature = sign(&other, PAYLOAD).unwrap();
        assert_ne!(signature, sign(&good, PAYLOAD).unwrap());
        assert!(verify(&public_key(&good).unwrap(), PAYLOAD, &signature));
    }
}

/// What is too small to change the public key is in no hash. So each signature is looked at before
/// it is given away.
#[test]
fn no_invalid_signature_leaves_a_key_whose_s2_or_t0_is_damaged() {
    let (mut refused, mut given, mut withheld) = (0, 0, 0);
    for suite in SUITES {
        let good = key(suite, Usage::Framed);
        let verifier = Verifier::new(&public_key(&good).unwrap()).unwrap();
        let start = 8 * (HEADER_SIZE + s2_and_t0(suite)[0]);
        for bit in (start..8 * good.len()).step_by(487) {
            let key = flipped(&good, bit);
            if Key::parse(&key).is_err() {
                refused += 1;
                continue;
            }
            for payload in 0..4u8 {
                let once = sign(&key, &[payload]);
                let signer = Signer::new(&key).unwrap();
                let prepared = signer.sign(Context::Payload, &[payload]);
                assert_eq!(prepared.map(|signature| signature.to_vec()), once);
                match once {
                    Err(Error::Key) => withheld += 1,
                    Ok(signature) => {
                        let verdict = verifier.verify(Context::Payload, &[payload], &signature);
                        assert_eq!(verdict, Ok(()), "{suite:?}, bit {bit}");
                        given += 1;
                    }
                    Err(error) => panic!("{suite:?}, bit {bit}: {error}"),
                }
            }
        }
    }
    println!(
        "damaged s2 or t0: {refused} keys refused, {given} good signatures, {withheld} withheld"
    );
    assert!(refused > 5 && given > 100 && withheld > 20, "{refused} {given} {withheld}");
}

#[test]
fn pkcs8_has_it_as_rfc_9881_does_and_gives_it_back() {
    for suite in SUITES {
        let key = key(suite, Usage::Raw);
        for (encoding, password) in
            [(Encoding::Der, None), (Encoding::Pem, None), (Encoding::Pem, Some(&b"password"[..]))]
        {
            let encoded = encode(&key, encoding, password).unwrap();
            assert_eq!(*decode(Usage::Raw, &encoded, password).unwrap(), key);
        }
        let der = encode(&key, Encoding::Der, None).unwrap();
        // OCTET STRING (RFC 9881: expandedKey) in the OCTET STRING of PrivateKeyInfo, at its end.
        let size = u16::try_from(expanded(suite).len()).unwrap();
        let start = der.len() - usize::from(size);
        assert_eq!(der[start - 4..start - 2], [0x04, 0x82]);
        assert_eq!(der[start - 2..start], size.to_be_bytes());
        let damaged = flipped(&der, 8 * start + 7);
        assert_eq!(decode(Usage::Raw, &damaged, None).unwrap_err(), Error::Key);
    }
}

#[test]
fn it_is_held_and_signs_by_name() {
    let held = MemoryKeys::new();
    for suite in SUITES {
        let (name, key) = (suite.name(), key(suite, Usage::Framed));
        held.store_key(name, &key).unwrap();
        assert_eq!(*held.get_key(name).unwrap(), key);
        let signature = held.sign_secure(name, PAYLOAD).unwrap();
        assert_eq!(signature, sign(&key, PAYLOAD).unwrap());
        let of_seed = import(suite, Kind::Secret, Usage::Raw, &SEED).unwrap();
        held.store_key("the same, raw", &of_seed).unwrap_err();
    }
}

#[test]
fn it_is_not_shown() {
    let key = key(Suite::MlDsa44, Usage::Framed);
    let shown = format!("{:?} {:?}", Key::parse(&key).unwrap(), Signer::new(&key).unwrap());
    assert!(!shown.contains("material"), "{shown}");
}
