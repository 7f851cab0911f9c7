//! ML-DSA by others, in the empty context. All but AWS-LC and liboqs, which hedge, sign as we do.

use libcrux_ml_dsa::{MLDSASignature, MLDSAVerificationKey};
use tinywindow::signing::Suite;

use super::Key;
use super::contender::{Contender, Form};

const NO_CONTEXT: &[u8] = b"";
const NO_RANDOMNESS: [u8; 32] = [0; 32];

pub fn peers(key: &Key) -> Vec<Contender> {
    let mut peers = match key.suite {
        Suite::MlDsa44 => ml_dsa_44::peers(key),
        Suite::MlDsa65 => ml_dsa_65::peers(key),
        _ => ml_dsa_87::peers(key),
    };
    peers.push(liboqs(key));
    peers
}

/// A parameter set in the spelling of each peer.
macro_rules! parameter_sets {
    ($($module:ident: $type:ident, $verification:ident, $signing:ident;)*) => {$(
        mod $module {
            use super::*;

            pub fn peers(key: &Key) -> Vec<Contender> {
                let (seed, public) = (key.seed(), key.public_material());
                let mut peers = Vec::new();
                peers.extend(libcrux(seed, public));
                peers.extend(rust_crypto(seed, public));
                peers.extend(fips204(seed, public));
                peers.extend(aws_lc(seed, public));
                peers
            }

            fn libcrux(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
                use libcrux_ml_dsa::$module::{generate_key_pair, sign, verify};
                let expanded = move || generate_key_pair(seed).signing_key;
                let parsed =
                    move || MLDSAVerificationKey::new(public.try_into().expect("a public key"));
                let (signing, verifying) = (expanded(), parsed());
                let put = |key: &_, message: &[u8], out: &mut [u8]| {
                    let signature = sign(key, message, NO_CONTEXT, NO_RANDOMNESS).expect("signs");
                    out[..signature.as_slice().len()].copy_from_slice(signature.as_slice());
                };
                let is_valid = |key: &_, message: &[u8], signature: &[u8]| {
                    let signature = MLDSASignature::new(signature.try_into().expect("its length"));
                    verify(key, message, NO_CONTEXT, &signature).is_ok()
                };
                [
                    Contender::new(Form::Prepared, "`libcrux-ml-dsa`")
                        .keygen(|seed| generate_key_pair(*seed))
                        .sign(move |message, out| put(&signing, message, out))
                        .verify(move |message, signature| is_valid(&verifying, message, signature)),
                    Contender::new(Form::Bytes, "`libcrux-ml-dsa`")
                        .sign(move |message, out| put(&expanded(), message, out))
                        .verify(move |message, signature| is_valid(&parsed(), message, signature)),
                ]
            }

            fn rust_crypto(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
                use ml_dsa::{$type, Signature, SigningKey, VerifyingKey};
                let expanded = |seed: &[u8; 32]| SigningKey::<$type>::from_seed(&(*seed).into());
                let parsed = move || {
                    VerifyingKey::<$type>::decode(&public.try_into().expect("a public key"))
                };
                let (signing, verifying) = (expanded(&seed), parsed());
                let put = |key: &SigningKey<$type>, message: &[u8], out: &mut [u8]| {
                    let signature = key.expanded_key().sign_deterministic(message, NO_CONTEXT);
                    let signature = signature.expect("signs").encode();
                    out[..signature.len()].copy_from_slice(&signature);
                };
                let is_valid = |key: &VerifyingKey<$type>, message: &[u8], signature: &[u8]| {
                    let signature = Signature::try_from(signature).expect("its length");
                    key.verify_with_context(message, NO_CONTEXT, &signature)
                };
                [
                    Contender::new(Form::Prepared, "`ml-dsa`, keeps the matrix")
                        .keygen(move |seed| expanded(seed))
                        .sign(move |message, out| put(&signing, message, out))
                        .verify(move |message, signature| is_valid(&verifying, message, signature)),
                    Contender::new(Form::Bytes, "`ml-dsa`")
                        .sign(move |message, out| put(&expanded(&seed), message, out))
                        .verify(move |message, signature| is_valid(&parsed(), message, signature)),
                ]
            }

            fn fips204(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
                use fips204::$module::{KG, PrivateKey, PublicKey};
                use fips204::traits::{KeyGen, SerDes, Signer, Verifier};
                let expanded = move || KG::keygen_from_seed(&seed).1;
                let parsed = move || {
                    PublicKey::try_from_bytes(public.try_into().expect("its length"))
                        .expect("a public key")
                };
                let (signing, verifying) = (expanded(), parsed());
                let put = |key: &PrivateKey, message: &[u8], out: &mut [u8]| {
                    let signature = key.try_sign_with_seed(&NO_RANDOMNESS, message, NO_CONTEXT);
                    let signature = signature.expect("signs");
                    out[..signature.len()].copy_from_slice(&signature);
                };
                let is_valid = |key: &PublicKey, message: &[u8], signature: &[u8]| {
                    key.verify(message, signature.try_into().expect("its length"), NO_CONTEXT)
                };
                [
                    Contender::new(Form::Prepared, "`fips204`")
                        .keygen(|seed| KG::keygen_from_seed(seed))
                        .sign(move |message, out| put(&signing, message, out))
                        .verify(move |message, signature| is_valid(&verifying, message, signature)),
                    Contender::new(Form::Bytes, "`fips204`")
                        .sign(move |message, out| put(&expanded(), message, out))
                        .verify(move |message, signature| is_valid(&parsed(), message, signature)),
                ]
            }

            fn aws_lc(seed: [u8; 32], public: &'static [u8]) -> [Contender; 2] {
                use aws_lc_rs::signature::{
                    $signing, $verification, ParsedPublicKey, PqdsaKeyPair, UnparsedPublicKey,
                };
                let expanded = |seed: &[u8]| PqdsaKeyPair::from_seed(&$signing, seed);
                let signing = expanded(&seed).expect("32 bytes");
                let parsed = ParsedPublicKey::new(&$verification, public).expect("a public key");
                [
                    Contender::new(Form::Prepared, "`aws-lc-rs`, hedged")
                        .hedged()
                        .keygen(move |seed| expanded(seed))
                        .sign(move |message, out| {
                            signing.sign(message, out).expect("signs");
                        })
                        .verify(move |message, signature| {
                            parsed.verify_sig(message, signature).is_ok()
                        }),
                    Contender::new(Form::Bytes, "`aws-lc-rs`, hedged")
                        .hedged()
                        .sign(move |message, out| {
                            expanded(&seed).expect("32 bytes").sign(message, out).expect("signs");
                        })
                        .verify(move |message, signature| {
                            let key = UnparsedPublicKey::new(&$verification, public);
                            key.verify(message, signature).is_ok()
                        }),
                ]
            }

            /// The standard's expanded private key.
            pub fn private_key(seed: [u8; 32]) -> Vec<u8> {
                libcrux_ml_dsa::$module::generate_key_pair(seed).signing_key.as_slice().to_vec()
            }
        }
    )*};
}

parameter_sets! {
    ml_dsa_44: MlDsa44, ML_DSA_44, ML_DSA_44_SIGNING;
    ml_dsa_65: MlDsa65, ML_DSA_65, ML_DSA_65_SIGNING;
    ml_dsa_87: MlDsa87, ML_DSA_87, ML_DSA_87_SIGNING;
}

/// Its keys are bytes, and made of no seed.
fn liboqs(key: &Key) -> Contender {
    use oqs::sig::{Algorithm, Sig};
    let (algorithm, private) = match key.suite {
        Suite::MlDsa44 => (Algorithm::MlDsa44, ml_dsa_44::private_key(key.seed())),
        Suite::MlDsa65 => (Algorithm::MlDsa65, ml_dsa_65::private_key(key.seed())),
        _ => (Algorithm::MlDsa87, ml_dsa_87::private_key(key.seed())),
    };
    oqs::init();
    let library = || Sig::new(algorithm).expect("built with ML-DSA");
    let (signing, verifying, generating) = (library(), library(), library());
    let private = signing.secret_key_from_bytes(&private).expect("its length").to_owned();
    let public =
        verifying.public_key_from_bytes(key.public_material()).expect("its length").to_owned();
    Contender::new(Form::Prepared, "liboqs, hedged")
        .hedged()
        .keygen(move |_| generating.keypair())
        .sign(move |message, out| {
            let signature = signing.sign(message, &private).expect("signs");
            out[..signature.as_ref().len()].copy_from_slice(signature.as_ref());
        })
        .verify(move |message, signature| {
            let signature = verifying.signature_from_bytes(signature).expect("its length");
            verifying.verify(message, signature, &public).is_ok()
        })
}
