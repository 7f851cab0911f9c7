//! JSON Web Keys (RFC 7517): `oct` for HMAC (RFC 7518, section 6.4), `OKP` for Ed25519 (RFC 8037).

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
    crv: Option<&'a str>,
    /// The secret of `oct`.
    k: Option<&'a str>,
    /// The secret of `OKP`, and its public key.
    d: Option<&'a str>,
    x: Option<&'a str>,
}

/// No other form begins with a brace.
pub fn is_jwk(encoded: &[u8]) -> bool {
    encoded.trim_ascii_start().starts_with(b"{")
}

pub fn encode(key: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let public = match Key::parse(key)?.suite {
        Suite::HmacSha256 => None,
        _ => Some(signing::public_key(key)?),
    };
    let key = Key::parse(key)?;
    let secret = base64(key.material);
    let public = match &public {
        Some(public) => base64(Key::parse(public)?.material),
        None => Zeroizing::default(),
    };
    let (secret, public) = (secret.as_str(), public.as_str());
    let text = match (key.suite, key.kind) {
        (Suite::HmacSha256, _) => format!(r#"{{"kty":"oct","alg":"HS256","k":"{secret}"}}"#),
        (Suite::Ed25519, Kind::Secret) => {
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{public}","d":"{secret}"}}"#)
        }
        (Suite::Ed25519, Kind::Public) => {
            format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{public}"}}"#)
        }
        _ => return Err(Error::Argument),
    };
    Ok(Zeroizing::new((text + "\n").into_bytes()))
}

pub fn decode(usage: Usage, encoded: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let jwk: Jwk<'_> = serde_json::from_slice(encoded).map_err(|_| Error::Key)?;
    let (suite, secret, public) = match (jwk.kty, jwk.crv) {
        ("oct", _) => (Suite::HmacSha256, jwk.k, None),
        ("OKP", Some("Ed25519")) => (Suite::Ed25519, jwk.d, jwk.x),
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
