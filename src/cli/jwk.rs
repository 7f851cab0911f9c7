//! JSON Web Keys (RFC 7517): `oct` for HMAC (RFC 7518, section 6.4), `OKP` for Ed25519 (RFC 8037),
//! `AKP` for ML-DSA (RFC 9964).

use base64ct::{Base64UrlUnpadded, Encoding};
use serde::Deserialize;
use tinywindow::signing::{self, Key, Kind, Suite, Usage};
use tinywindow::{Error, Result};
use zeroize::Zeroizing;

/// The members that matter here; RFC 7517 says to pass over others. Values that hold a secret are
/// borrowed, so that no copy of them is left.
#[derive(Deserialize)]
struct Jwk<'a> {
    kty: &'a str,
    /// Which curve of `OKP`, which algorithm of `AKP`.
    crv: Option<&'a str>,
    alg: Option<&'a str>,
    /// The secrets of `oct`, `OKP` and `AKP`.
    k: Option<&'a str>,
    d: Option<&'a str>,
    r#priv: Option<&'a str>,
    /// The public keys of `OKP` and `AKP`.
    x: Option<&'a str>,
    r#pub: Option<&'a str>,
}

const ED25519: &str = "Ed25519";
const ML_DSA: [(Suite, &str); 3] =
    [(Suite::MlDsa44, "ML-DSA-44"), (Suite::MlDsa65, "ML-DSA-65"), (Suite::MlDsa87, "ML-DSA-87")];

/// No other form begins with a brace.
pub fn is_jwk(encoded: &[u8]) -> bool {
    encoded.trim_ascii_start().starts_with(b"{")
}

pub fn encode(key: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let key_bytes = key;
    let key = Key::parse(key_bytes)?;
    let secret = base64(key.material);
    if key.suite == Suite::HmacSha256 {
        return Ok(line(&[("kty", "oct"), ("alg", "HS256"), ("k", &secret)]));
    }
    if key.kind == Kind::Expanded {
        return Err(Error::KeyKind);
    }
    let public = signing::public_key(key_bytes)?;
    let public = base64(Key::parse(&public)?.material);
    let algorithm = ML_DSA.iter().find(|row| row.0 == key.suite);
    let members = match (key.suite, algorithm) {
        (Suite::Ed25519, _) => [("kty", "OKP"), ("crv", ED25519), ("x", &public), ("d", &secret)],
        (_, Some(row)) => [("kty", "AKP"), ("alg", row.1), ("pub", &public), ("priv", &secret)],
        _ => return Err(Error::Argument),
    };
    Ok(line(if key.kind == Kind::Secret { &members } else { &members[..3] }))
}

/// One JSON object of texts in which nothing need be escaped.
fn line(members: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let size: usize = members.iter().map(|(name, value)| name.len() + value.len() + 6).sum();
    // Room for all of it from the start: growing would leave copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(size + 3));
    for (index, (name, value)) in members.iter().enumerate() {
        text.push(if index == 0 { b'{' } else { b',' });
        for part in ["\"", name, "\":\"", value, "\""] {
            text.extend_from_slice(part.as_bytes());
        }
    }
    text.extend_from_slice(b"}\n");
    text
}

pub fn decode(usage: Usage, encoded: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let jwk: Jwk<'_> = serde_json::from_slice(encoded).map_err(|_| Error::Key)?;
    let algorithm = ML_DSA.iter().find(|row| Some(row.1) == jwk.alg);
    let (suite, secret, public) = match (jwk.kty, algorithm) {
        ("oct", _) => (Suite::HmacSha256, jwk.k, None),
        ("OKP", _) if jwk.crv == Some(ED25519) => (Suite::Ed25519, jwk.d, jwk.x),
        ("AKP", Some(row)) => (row.0, jwk.r#priv, jwk.r#pub),
        _ => return Err(Error::Suite),
    };
    match (secret, public) {
        (Some(secret), public) => {
            let key = signing::import(suite, Kind::Secret, usage, &bytes(secret)?)?;
            match public {
                Some(public) => is_public_of(&key, &bytes(public)?)?,
                None if suite == Suite::HmacSha256 => {}
                None => return Err(Error::Key),
            }
            Ok(key)
        }
        (None, Some(public)) => signing::import(suite, Kind::Public, usage, &bytes(public)?),
        (None, None) => Err(Error::Key),
    }
}

fn is_public_of(secret: &[u8], public: &[u8]) -> Result<()> {
    let derived = signing::public_key(secret)?;
    if Key::parse(&derived)?.material == public { Ok(()) } else { Err(Error::Key) }
}

fn base64(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(Base64UrlUnpadded::encode_string(bytes))
}

fn bytes(text: &str) -> Result<Zeroizing<Vec<u8>>> {
    Base64UrlUnpadded::decode_vec(text).map(Zeroizing::new).map_err(|_| Error::Key)
}
