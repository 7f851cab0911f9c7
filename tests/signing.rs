//! Keys, signatures, contexts and usages, as a user of the Rust API meets them.

use proptest::prelude::*;
use tinywindow::Error;
use tinywindow::signing::{
    CONTEXT_MAX, Context, HEADER_SIZE, Key, Kind, RAW_CONTEXT_MAX, RAW_HMAC_MAX, Signer, Suite,
    Usage, Verifier, generate, import, key_id, keygen, keygen_from_entropy, public_key, sign,
    sign_with_context, verify, verify_truncated, verify_with_context,
};

fn hex(digits: &str) -> Vec<u8> {
    let byte = |i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}

fn raw(suite: Suite, material: &[u8]) -> Vec<u8> {
    import(suite, Kind::Secret, Usage::Raw, material).unwrap().to_vec()
}

/// Secret material of the suite's size.
fn material(suite: Suite, of: &[u8; 32]) -> Vec<u8> {
    of.iter().copied().cycle().take(suite.secret_key_size() - HEADER_SIZE).collect()
}

/// The key to verify with: the public half where there is one.
fn other_half(key: &[u8]) -> Vec<u8> {
    public_key(key).unwrap_or_else(|_| key.to_vec())
}

/// RFC 4231, cases 1 to 7; the tag of case 5 is truncated to 16 bytes.
#[test]
fn rfc_4231() {
    const TAGS: [&str; 7] = [
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        "a3b6167473100ee06e0c796c2955552b",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ];
    let counting = (1..=25).collect::<Vec<u8>>();
    let cases: [(&[u8], &[u8]); 7] = [
        (&[0x0b; 20], b"Hi There"),
        (b"Jefe", b"what do ya want for nothing?"),
        (&[0xaa; 20], &[0xdd; 50]),
        (&counting, &[0xcd; 50]),
        (&[0x0c; 20], b"Test With Truncation"),
        (&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
        (
            &[0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size \
            data. The key needs to be hashed before being used by the HMAC algorithm.",
        ),
    ];
    for ((material, message), tag) in cases.into_iter().zip(TAGS) {
        let (key, tag) = (raw(Suite::HmacSha256, material), hex(tag));
        assert_eq!(sign(&key, message).unwrap()[..tag.len()], tag);
        assert_eq!(verify_truncated(&key, message, &tag), Ok(()));
    }
}

/// RFC 8032, section 7.1, tests 1, 2, 3 and SHA(abc): secret, public, message, signature (R, S).
#[test]
fn rfc_8032() {
    const CASES: [[&str; 5]; 4] = [
        [
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155",
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ],
        [
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ],
        [
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac",
            "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ],
        [
            "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
            "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
            2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589",
            "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
        ],
    ];
    for [secret, public, message, r, s] in CASES.map(|case| case.map(hex)) {
        let (key, signature) = (raw(Suite::Ed25519, &secret), [r, s].concat());
        let public = import(Suite::Ed25519, Kind::Public, Usage::Raw, &public).unwrap();
        assert_eq!(public_key(&key).unwrap(), *public);
        assert_eq!(sign(&key, &message).unwrap(), signature);
        assert!(verify(&public, &message, &signature));
    }
}

#[test]
fn sizes_agree_with_what_is_made() {
    for &suite in Suite::ALL {
        let key = keygen(suite, 7);
        assert_eq!(key.len(), suite.secret_key_size());
        assert_eq!(public_key(&key).ok().map(|key| key.len()), suite.public_key_size());
        assert_eq!(sign(&key, b"x").unwrap().len(), suite.signature_size());
        assert_eq!(Suite::from_number(suite.number()), Some(suite));
        assert_eq!(Suite::from_name(suite.name()), Some(suite));
    }
    assert_eq!(Suite::from_number(0), None);
    assert_eq!(Suite::from_name("rot13"), None);
}

#[test]
fn seeds_are_entropy_shortened_and_suites_have_keys_of_their_own() {
    let [a, b] = [Suite::HmacSha256, Suite::Ed25519].map(|suite| keygen(suite, 42));
    assert_eq!(a, keygen(Suite::HmacSha256, 42));
    assert_ne!(a, keygen(Suite::HmacSha256, 43));
    assert_ne!(a[HEADER_SIZE..], b[HEADER_SIZE..]);
    assert_ne!(a, keygen_from_entropy(Suite::HmacSha256, &[42; 32]));
    for &suite in Suite::ALL {
        let key = generate(suite).unwrap();
        assert_ne!(key, generate(suite).unwrap());
        let parsed = Key::parse(&key).unwrap();
        assert_eq!((parsed.suite, parsed.kind, parsed.usage), (suite, Kind::Secret, Usage::Framed));
    }
}

#[test]
fn key_ids_are_the_same_for_both_halves_and_differ_by_usage() {
    let secret = keygen(Suite::Ed25519, 1);
    let public = public_key(&secret).unwrap();
    let id = key_id(&secret).unwrap();
    assert_eq!(key_id(&public), Ok(id));
    assert_eq!(Signer::new(&secret).unwrap().key_id(), id);
    assert_eq!(Verifier::new(&public).unwrap().key_id(), id);
    assert_ne!(key_id(&raw(Suite::Ed25519, &secret[HEADER_SIZE..])), Ok(id));
}

#[test]
fn malformed_key_bytes_are_refused_by_every_function() {
    let good = keygen(Suite::HmacSha256, 1).to_vec();
    let with = |i: usize, value: u8| {
        let mut key = good.clone();
        key[i] = value;
        key
    };
    let mut cases = vec![
        with(0, b't'),
        with(3, 2),
        with(4, 0),
        with(4, 7),
        with(5, 0),
        with(5, 3),
        with(5, Kind::Public as u8),
        with(6, 0),
        with(6, 3),
        with(7, 1),
        [&good[..], &[0]].concat(),
    ];
    cases.extend((0..good.len()).map(|size| good[..size].to_vec()));
    for key in cases {
        assert_eq!(Key::parse(&key).unwrap_err(), Error::Key, "{key:02x?}");
        assert_eq!(sign(&key, b"x").unwrap_err(), Error::Key);
        assert_eq!(verify_with_context(&key, Context::Payload, b"x", &[0; 32]), Err(Error::Key));
        assert_eq!(Signer::new(&key).unwrap_err(), Error::Key);
        assert_eq!(Verifier::new(&key).unwrap_err(), Error::Key);
        assert_eq!(public_key(&key).unwrap_err(), Error::Key);
        assert_eq!(key_id(&key).unwrap_err(), Error::Key);
        assert!(!verify(&key, b"x", &[0; 32]));
    }
}

#[test]
fn imports_take_the_lengths_of_suite_and_usage() {
    let secret =
        |suite, usage, size| import(suite, Kind::Secret, usage, &vec![7; size]).map(|_| ());
    for &suite in Suite::ALL {
        let size = material(suite, &[7; 32]).len();
        assert_eq!(secret(suite, Usage::Framed, size), Ok(()));
        assert_eq!(secret(suite, Usage::Framed, size - 1), Err(Error::Key));
        assert_eq!(secret(suite, Usage::Framed, size + 1), Err(Error::Key));
    }
    assert_eq!(secret(Suite::HmacSha256, Usage::Raw, 0), Err(Error::Key));
    assert_eq!(secret(Suite::HmacSha256, Usage::Raw, 1), Ok(()));
    assert_eq!(secret(Suite::HmacSha256, Usage::Raw, RAW_HMAC_MAX), Ok(()));
    assert_eq!(secret(Suite::HmacSha256, Usage::Raw, RAW_HMAC_MAX + 1), Err(Error::Key));
    assert_eq!(secret(Suite::Ed25519, Usage::Raw, 33), Err(Error::Key));
    let public = import(Suite::HmacSha256, Kind::Public, Usage::Framed, &[7; 32]);
    assert_eq!(public.unwrap_err(), Error::KeyKind);
}

#[test]
fn ed25519_public_keys_are_canonical_points_of_large_order() {
    for point in [
        "0200000000000000000000000000000000000000000000000000000000000000", // no point
        "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // y = p + 3
        "0100000000000000000000000000000000000000000000000000000000000080", // minus zero
        "0100000000000000000000000000000000000000000000000000000000000000", // order 1
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // order 2
        "0000000000000000000000000000000000000000000000000000000000000000", // order 4
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8
    ] {
        let import = import(Suite::Ed25519, Kind::Public, Usage::Framed, &hex(point));
        assert_eq!(import.unwrap_err(), Error::Key, "{point}");
    }
}

#[test]
fn a_public_key_does_not_sign() {
    let public = public_key(&keygen(Suite::Ed25519, 1)).unwrap();
    assert_eq!(public_key(&public), Ok(public.clone()));
    assert_eq!(sign(&public, b"x"), Err(Error::KeyKind));
    assert_eq!(Signer::new(&public).unwrap_err(), Error::KeyKind);
    assert_eq!(public_key(&keygen(Suite::HmacSha256, 1)), Err(Error::KeyKind));
}

#[test]
fn contexts_have_1_to_60_bytes_and_reserved_ones_are_refused() {
    let long = [b'c'; CONTEXT_MAX + 1];
    for &suite in Suite::ALL {
        let key = keygen(suite, 1);
        let (signer, verifier) = (Signer::new(&key).unwrap(), Verifier::new(&key).unwrap());
        for name in [&b""[..], &long, b"tinywindow/", b"tinywindow/v1/order"] {
            let context = Context::Custom(name);
            assert_eq!(signer.sign(context, b"x").unwrap_err(), Error::Context);
            assert_eq!(verifier.verify(context, b"x", &[0; 64]), Err(Error::Context));
            assert_eq!(sign_with_context(&key, context, b"x").unwrap_err(), Error::Context);
        }
        for name in [&b"c"[..], &long[1..], b"tinywindow"] {
            let signature = signer.sign(Context::Custom(name), b"x").unwrap();
            assert_eq!(verifier.verify(Context::Custom(name), b"x", &signature), Ok(()));
        }
    }
}

#[test]
fn raw_keys_sign_bare_payloads_and_nothing_else() {
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let key = raw(suite, &[7; 32]);
        let (signer, verifier) = (Signer::new(&key).unwrap(), Verifier::new(&key).unwrap());
        for context in [Context::Order, Context::Custom(b"app")] {
            assert_eq!(signer.sign(context, b"x").unwrap_err(), Error::KeyUsage);
            assert_eq!(verifier.verify(context, b"x", &[0; 64]), Err(Error::KeyUsage));
        }
        for length in [0, 19, 21, 255] {
            let payload = [b"TW1", &[length][..], b"tinywindow/"].concat();
            assert_eq!(signer.sign(Context::Payload, &payload).unwrap_err(), Error::Payload);
            let verdict = verifier.verify(Context::Payload, &payload, &[0; 64]);
            assert_eq!(verdict, Err(Error::Signature));
            assert!(sign(&key, &payload[..14]).is_ok());
        }
    }
}

#[test]
fn raw_keys_of_standards_with_contexts_sign_in_any_but_ours() {
    let longest = [b'c'; RAW_CONTEXT_MAX];
    let too_long = [b'c'; RAW_CONTEXT_MAX + 1];
    for suite in [Suite::MlDsa44, Suite::MlDsa65, Suite::MlDsa87, Suite::MlDsa65Ed25519] {
        let key = raw(suite, &material(suite, &[7; 32]));
        let (signer, verifier) = (Signer::new(&key).unwrap(), Verifier::new(&key).unwrap());
        let framed_block = [b"TW1\x15tinywindow/v1/payload", &[0; 39][..]].concat();
        let bare = signer.sign(Context::Payload, &framed_block).unwrap();
        for name in [&b""[..], b"app", &longest] {
            let context = Context::Custom(name);
            let signature = signer.sign(context, &framed_block).unwrap();
            assert_eq!(verifier.verify(context, &framed_block, &signature), Ok(()));
            assert_eq!(*signature == *bare, name.is_empty(), "the empty context is none");
        }
        for name in [&b"tinywindow/"[..], b"tinywindow/v1/order", &too_long] {
            let context = Context::Custom(name);
            assert_eq!(signer.sign(context, b"x").unwrap_err(), Error::Context);
            assert_eq!(verifier.verify(context, b"x", &bare), Err(Error::Context));
        }
        assert_eq!(signer.sign(Context::Order, b"x").unwrap_err(), Error::KeyUsage);
        assert_eq!(verifier.verify(Context::Order, b"x", &bare), Err(Error::KeyUsage));
    }
}

/// Where a standard has its own context, that is what separates framed from raw.
#[test]
fn a_framed_ml_dsa_signature_is_the_standards_in_our_context() {
    let seed = material(Suite::MlDsa65, &[7; 32]);
    let framed = import(Suite::MlDsa65, Kind::Secret, Usage::Framed, &seed).unwrap();
    let app = Context::Custom(b"app");
    let signature = sign_with_context(&framed, app, b"payload").unwrap();
    let raw = raw(Suite::MlDsa65, &seed);
    assert_eq!(*sign_with_context(&raw, app, b"payload").unwrap(), *signature);
    assert_eq!(
        verify_with_context(&raw, Context::Payload, b"payload", &signature),
        Err(Error::Signature)
    );
}

/// The frame is 64 bytes before the payload, and no more: a raw key could make a framed signature
/// if it were not refused such a payload.
#[test]
fn a_framed_signature_is_the_raw_one_of_block_and_payload() {
    for suite in [Suite::HmacSha256, Suite::Ed25519] {
        let framed = import(suite, Kind::Secret, Usage::Framed, &[7; 32]).unwrap();
        let mut message = b"TW1\x03app".to_vec();
        message.resize(64, 0);
        message.extend_from_slice(b"payload");
        let signature = sign_with_context(&framed, Context::Custom(b"app"), b"payload").unwrap();
        assert_eq!(sign(&raw(suite, &[7; 32]), &message).unwrap(), *signature);
    }
}

#[test]
fn truncated_tags_are_for_raw_hmac_keys_and_of_16_to_32_bytes() {
    let key = raw(Suite::HmacSha256, b"key");
    let tag = sign(&key, b"x").unwrap();
    for size in 16..=32 {
        assert_eq!(verify_truncated(&key, b"x", &tag[..size]), Ok(()));
        assert_eq!(verify_truncated(&key, b"y", &tag[..size]), Err(Error::Signature));
        assert_eq!(verify(&key, b"x", &tag[..size]), size == 32);
    }
    for size in [0, 15] {
        assert_eq!(verify_truncated(&key, b"x", &tag[..size]), Err(Error::Length));
    }
    assert_eq!(verify_truncated(&key, b"x", &[0; 33]), Err(Error::Length));
    let framed = keygen(Suite::HmacSha256, 1);
    assert_eq!(verify_truncated(&framed, b"x", &tag), Err(Error::KeyUsage));
    let other = raw(Suite::Ed25519, &[7; 32]);
    assert_eq!(verify_truncated(&other, b"x", &tag), Err(Error::Suite));
}

#[test]
fn debug_shows_no_secret() {
    for &suite in Suite::ALL {
        let secret = material(suite, &[0xa7; 32]);
        let key = import(suite, Kind::Secret, Usage::Framed, &secret).unwrap();
        let shown = format!(
            "{:?} {:?} {:?}",
            Key::parse(&key).unwrap(),
            Signer::new(&key).unwrap(),
            Verifier::new(&key).unwrap()
        );
        assert!(shown.contains(&format!("{suite:?}")), "{shown}");
        assert!(shown.contains(&format!("{:016x}", key_id(&key).unwrap())), "{shown}");
        assert!(!shown.contains("167, 167") && !shown.contains("a7, a7"), "{shown}");
    }
}

#[test]
fn many_threads_share_one_key() {
    for &suite in Suite::ALL {
        let key = keygen(suite, 1);
        let (signer, verifier) = (Signer::new(&key).unwrap(), Verifier::new(&key).unwrap());
        let work = |thread: u8| {
            for i in 0..50 {
                let signature = signer.sign(Context::Order, &[thread, i]).unwrap();
                verifier.verify(Context::Order, &[thread, i], &signature).unwrap();
            }
        };
        let work = &work;
        std::thread::scope(|scope| {
            (0..4).for_each(|thread| drop(scope.spawn(move || work(thread))))
        });
    }
}

fn suites() -> impl Strategy<Value = Suite> {
    prop::sample::select(Suite::ALL)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_signature_verifies_and_no_other_bit_pattern_does(
        suite in suites(),
        entropy: [u8; 32],
        payload in prop::collection::vec(any::<u8>(), 0..1200),
        flip: prop::sample::Index,
        is_raw: bool,
    ) {
        let framed = keygen_from_entropy(suite, &entropy);
        let key = if is_raw { raw(suite, &material(suite, &entropy)) } else { framed.to_vec() };
        let verifier = Verifier::new(&other_half(&key)).unwrap();
        let verify = |payload: &[u8], signature: &[u8]| {
            verifier.verify(Context::Payload, payload, signature)
        };
        let signature = sign(&key, &payload).unwrap();
        let prepared = Signer::new(&key).unwrap().sign(Context::Payload, &payload).unwrap();
        prop_assert_eq!(&*prepared, &signature[..]);
        prop_assert_eq!(verify(&payload, &signature), Ok(()));

        let mut changed = signature.clone();
        let bit = flip.index(8 * changed.len());
        changed[bit / 8] ^= 1 << (bit % 8);
        prop_assert_eq!(verify(&payload, &changed), Err(Error::Signature));
        prop_assert_eq!(verify(&payload, &signature[1..]), Err(Error::Signature));
        prop_assert_eq!(verify(&payload, &[&signature[..], &[0]].concat()), Err(Error::Signature));
        prop_assert_eq!(verify(&[&payload[..], &[0]].concat(), &signature), Err(Error::Signature));

        let mut other = payload;
        if other.is_empty() { other.push(0) } else {
            let bit = flip.index(8 * other.len());
            other[bit / 8] ^= 1 << (bit % 8);
        }
        prop_assert_eq!(verify(&other, &signature), Err(Error::Signature));
    }

}
