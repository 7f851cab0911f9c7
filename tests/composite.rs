//! The vectors of draft-ietf-lamps-pq-composite-sigs and its ML-DSA, from `../shared`.

#[path = "support/skipped.rs"]
mod skipped;

use skipped::skipped;
use std::path::Path;
use tinywindow::signing::{
    Context, Kind, Suite, Usage, import, public_key, sign_with_context, verify_with_context,
};

const CASES: [(&str, Suite); 4] = [
    ("id-ML-DSA-44", Suite::MlDsa44),
    ("id-ML-DSA-65", Suite::MlDsa65),
    ("id-ML-DSA-87", Suite::MlDsa87),
    ("id-MLDSA65-Ed25519-SHA512", Suite::MlDsa65Ed25519),
];

/// In the file, and no suite of ours.
const NO_SUITE: &str = "id-MLDSA44-Ed25519-SHA512";

#[test]
fn every_vector_of_the_drafts() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = manifest.join("../shared/vectors/composite/testvectors.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return skipped("composite", "the vectors of ../shared/vectors are not there");
    };
    let set: serde_json::Value = serde_json::from_str(&text).unwrap();
    let (message, context) = (base64(&set["m"]), base64(&set["ctx"]));
    let tests = set["tests"].as_array().unwrap();
    let mut names = tests.iter().map(|test| test["tcId"].as_str().unwrap()).collect::<Vec<_>>();
    for (name, suite) in CASES {
        let test = tests.iter().find(|test| test["tcId"] == name).expect(name);
        check(suite, test, &message, &[("s", b""), ("sWithContext", &context)]);
        names.retain(|&other| other != name);
    }
    assert_eq!(names, [NO_SUITE]);
}

/// The seed makes the public key. Their ML-DSA is hedged, so that signatures are not the same bytes
/// but for Ed25519's half.
fn check(suite: Suite, test: &serde_json::Value, message: &[u8], signatures: &[(&str, &[u8])]) {
    let secret = import(suite, Kind::Secret, Usage::Raw, &base64(&test["sk"])).unwrap();
    let public = import(suite, Kind::Public, Usage::Raw, &base64(&test["pk"])).unwrap();
    assert_eq!(public_key(&secret).unwrap(), *public, "{suite:?}");
    for &(field, context) in signatures {
        let (theirs, context) = (base64(&test[field]), Context::Custom(context));
        assert_eq!(verify_with_context(&public, context, message, &theirs), Ok(()), "{field}");
        let ours = sign_with_context(&secret, context, message).unwrap();
        assert_eq!(verify_with_context(&public, context, message, &ours), Ok(()), "{field}");
        if suite == Suite::MlDsa65Ed25519 {
            assert_eq!(ours[Suite::MlDsa65.signature_size()..], theirs[3309..], "{field}");
        }
    }
}

fn base64(value: &serde_json::Value) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("no base64: {byte}"),
    };
    let text = value.as_str().unwrap().trim_end_matches('=').as_bytes();
    let bits = text.iter().fold((Vec::new(), 0u32, 0), |(mut bytes, bits, count), &byte| {
        let (bits, count) = (bits << 6 | u32::from(digit(byte)), count + 6);
        if count < 8 {
            return (bytes, bits, count);
        }
        bytes.push((bits >> (count - 8)) as u8);
        (bytes, bits & ((1 << (count - 8)) - 1), count - 8)
    });
    bits.0
}
