//! A signature is worth something for one purpose only: every suite, usage, context and kind of key
//! against every other, and every way of changing a signature or a key.

use libcrux_ml_dsa::{ml_dsa_44, ml_dsa_65, ml_dsa_87};
use tinywindow::Error;
use tinywindow::signing::{
    Context, HEADER_SIZE, Key, Kind, Suite, Usage, Verifier, import, keygen, public_key, sign,
    sign_with_context, verify_with_context,
};

const PAYLOAD: &[u8] = b"what is signed";

/// A secret key and the context it signs in.
struct Purpose {
    key: Vec<u8>,
    context: Context<'static>,
}

fn has_context(suite: Suite) -> bool {
    !matches!(suite, Suite::HmacSha256 | Suite::Ed25519)
}

/// All keys of a suite are of the same material, but one.
fn purposes(suite: Suite) -> Vec<Purpose> {
    let size = suite.secret_key_size() - HEADER_SIZE;
    let key = |usage, byte| import(suite, Kind::Secret, usage, &vec![byte; size]).unwrap().to_vec();
    let framed = [Context::Payload, Context::Order, Context::Custom(b"app"), Context::Custom(b"a")];
    let mut all =
        vec![(key(Usage::Framed, 8), Context::Payload), (key(Usage::Raw, 7), Context::Payload)];
    all.extend(framed.map(|context| (key(Usage::Framed, 7), context)));
    if has_context(suite) {
        // Not the framed key's own names: then it is the same standard's same signature.
        all.push((key(Usage::Raw, 7), Context::Custom(b"raw app")));
    }
    all.into_iter().map(|(key, context)| Purpose { key, context }).collect()
}

/// The same ML-DSA key without its seed.
fn expanded(key: &[u8]) -> Option<Vec<u8>> {
    let Key { suite, usage, material, .. } = Key::parse(key).unwrap();
    let seed = || material.try_into().unwrap();
    let material = match suite {
        Suite::MlDsa44 => ml_dsa_44::generate_key_pair(seed()).signing_key.as_slice().to_vec(),
        Suite::MlDsa65 => ml_dsa_65::generate_key_pair(seed()).signing_key.as_slice().to_vec(),
        Suite::MlDsa87 => ml_dsa_87::generate_key_pair(seed()).signing_key.as_slice().to_vec(),
        _ => return None,
    };
    Some(import(suite, Kind::Expanded, usage, &material).unwrap().to_vec())
}

#[test]
fn a_signature_counts_for_one_purpose_only() {
    let all = Suite::ALL.iter().flat_map(|&suite| purposes(suite)).collect::<Vec<_>>();
    let kinds = |key: &Vec<u8>| [Some(key.clone()), public_key(key).ok(), expanded(key)];
    let (mut valid, mut refused) = (0, 0);
    for (i, made) in all.iter().enumerate() {
        let signature = sign_with_context(&made.key, made.context, PAYLOAD).unwrap();
        for (j, asked) in all.iter().enumerate() {
            for key in kinds(&asked.key).into_iter().flatten() {
                let once = verify_with_context(&key, asked.context, PAYLOAD, &signature);
                let verifier = Verifier::new(&key).unwrap();
                let prepared = verifier.verify(asked.context, PAYLOAD, &signature);
                assert_eq!(once, if i == j { Ok(()) } else { Err(Error::Signature) });
                assert_eq!(prepared, once);
                *(if once.is_ok() { &mut valid } else { &mut refused }) += 1;
            }
        }
    }
    println!("cross-use: {} purposes, {valid} valid, {refused} refused", all.len());
    assert_eq!((all.len(), valid, refused), (40, 95, 3705));
}

/// Every bit of the small ones; of the large ones a sample that begins and ends like they do.
fn bits(bytes: usize) -> impl Iterator<Item = usize> {
    let count = 8 * bytes;
    let step = if bytes <= 64 { 1 } else { 61 };
    (0..count).filter(move |&bit| bit < 64 || bit >= count - 64 || bit % step == 0)
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

#[test]
fn a_changed_signature_is_no_signature() {
    let mut count = 0;
    for &suite in Suite::ALL {
        let key = keygen(suite, 1);
        let verifier = Verifier::new(&key).unwrap();
        let good = sign(&key, PAYLOAD).unwrap();
        let verify = |signature: &[u8]| verifier.verify(Context::Payload, PAYLOAD, signature);
        assert_eq!(verify(&good), Ok(()));
        let changed = bits(good.len()).map(|bit| flipped(&good, bit));
        let cut =
            (0..good.len()).step_by(good.len().div_ceil(64)).map(|size| good[..size].to_vec());
        let longer = (1..=64).map(|more| [&good[..], &vec![0; more]].concat());
        let twice = std::iter::once([&good[..], &good].concat());
        for signature in changed.chain(cut).chain(longer).chain(twice) {
            assert_eq!(verify(&signature), Err(Error::Signature), "{suite:?}");
            count += 1;
        }
    }
    println!("changed signatures: {count} refused");
    assert!(count > 3000, "{count}");
}

/// A changed key, secret or public, is refused, or another key.
#[test]
fn a_changed_key_verifies_nothing() {
    let (mut malformed, mut other) = (0, 0);
    for &suite in Suite::ALL {
        let secret = keygen(suite, 1);
        let good = sign(&secret, PAYLOAD).unwrap();
        let verify = |key: &[u8]| verify_with_context(key, Context::Payload, PAYLOAD, &good);
        for key in [Some(secret.to_vec()), public_key(&secret).ok()].into_iter().flatten() {
            for bit in bits(key.len()) {
                match verify(&flipped(&key, bit)) {
                    Err(Error::Key) => malformed += 1,
                    Err(Error::Signature) => other += 1,
                    verdict => panic!("{suite:?}, bit {bit}: {verdict:?}"),
                }
            }
            let sizes = (0..key.len()).step_by(key.len().div_ceil(64));
            let cut = sizes.map(|size| key[..size].to_vec());
            let longer = (1..=64).map(|more| [&key[..], &vec![0; more]].concat());
            for changed in cut.chain(longer) {
                assert_eq!(verify(&changed), Err(Error::Key), "{suite:?}, {} bytes", changed.len());
                malformed += 1;
            }
        }
    }
    println!("changed keys: {malformed} malformed, {other} of no use");
    assert!(malformed > 1500 && other > 2500, "{malformed} {other}");
}
