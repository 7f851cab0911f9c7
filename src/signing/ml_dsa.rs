//! ML-DSA (FIPS 204), the deterministic variant, from the seed ξ. The context is the standard's.
//!
//! A prepared key is the standard's expanded one; the matrix is expanded anew each time, by which
//! this core is still faster than those that keep it.

use super::context::Message;
use super::key::{Key, Kind, Usage};
use super::suite::{Signature, SigningKey, Suite, VerifyingKey};
use crate::secret::{with_clean_room, with_room};
use crate::{Error, Result};
use libcrux_ml_dsa::{MLDSASignature, MLDSASigningKey, MLDSAVerificationKey};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes of the seed ξ.
const SEED_SIZE: usize = 32;

/// FIPS 204, section 3.4: no randomness is the deterministic variant.
const NO_RANDOMNESS: [u8; 32] = [0; 32];

macro_rules! parameter_sets {
    ($($module:ident: $suite:ident, $secret:literal, $public:literal, $signature:literal;)*) => {$(
        pub(super) mod $module {
            use super::*;

            /// On the heap, so that keys of other suites need not be as large.
            #[derive(Clone)]
            pub(in crate::signing) struct Verifying(Box<MLDSAVerificationKey<$public>>);

            /// Wiped by the guarded memory or the room it is in.
            pub(in crate::signing) struct Signing {
                secret: MLDSASigningKey<$secret>,
                public: Verifying,
            }

            impl VerifyingKey for Verifying {
                const SECRET_SIZE: usize = SEED_SIZE;
                const PUBLIC_SIZE: Option<usize> = Some($public);
                const SIGNATURE_SIZE: usize = $signature;
                const HAS_CONTEXT: bool = true;
                const SOILED_STACK: usize = 0;

                fn new(kind: Kind, material: &[u8]) -> Result<Verifying> {
                    if kind == Kind::Secret {
                        return with_clean_room(|| Signing::expand(material).map(|key| key.public))?;
                    }
                    let key = material.try_into().map_err(|_| Error::Key)?;
                    Ok(Verifying(Box::new(MLDSAVerificationKey::new(key))))
                }

                fn public(&self) -> Option<&[u8]> {
                    Some(self.0.as_slice())
                }

                fn id(&self, usage: Usage) -> u64 {
                    Key::public_id(Suite::$suite, usage, self.0.as_slice())
                }

                fn verify(&self, message: &Message<'_>, signature: &[u8]) -> Result<()> {
                    with_room(|| {
                        let signature = signature.try_into().map_err(|_| Error::Signature)?;
                        let signature = MLDSASignature::new(signature);
                        let (payload, context) = (message.payload, message.context_name());
                        libcrux_ml_dsa::$module::verify(&self.0, payload, context, &signature)
                            .map_err(|_| Error::Signature)
                    })?
                }
            }

            impl Signing {
                /// The standard's expanded private key.
                pub(in crate::signing) fn expanded(&self) -> &[u8] {
                    self.secret.as_slice()
                }
            }

            impl SigningKey for Signing {
                type VerifyingKey = Verifying;
                const SOILED_STACK: usize = 0;

                fn expand(material: &[u8]) -> Result<Signing> {
                    with_clean_room(|| {
                        let mut seed = Zeroizing::new([0; SEED_SIZE]);
                        seed.copy_from_slice(material);
                        let pair = libcrux_ml_dsa::$module::generate_key_pair(*seed);
                        let public = Verifying(Box::new(pair.verification_key));
                        Signing { secret: pair.signing_key, public }
                    })
                }

                fn verifying_key(&self) -> &Verifying {
                    &self.public
                }

                fn sign(&self, message: &Message<'_>) -> Result<Signature> {
                    with_clean_room(|| {
                        let (payload, context) = (message.payload, message.context_name());
                        libcrux_ml_dsa::$module::sign(&self.secret, payload, context, NO_RANDOMNESS)
                            .map(|signature| Signature::new(signature.as_slice()))
                            // Once in 2^256 signatures rejection sampling finds none.
                            .map_err(|_| Error::Internal)
                    })?
                }

                fn sign_once(material: &[u8], message: &Message<'_>) -> Result<Signature> {
                    with_clean_room(|| Signing::expand(material)?.sign(message))?
                }
            }
        }
    )*};
}

/// Whether the expanded private key is the one of this seed. [`Error::KeyKind`] for suites that have
/// no such form, [`Error::Key`] for a seed that is none.
pub(crate) fn is_expansion(suite: Suite, seed: &[u8], expanded: &[u8]) -> Result<bool> {
    let key = Key { suite, kind: Kind::Secret, usage: Usage::Raw, material: seed };
    key.check_length()?;
    with_clean_room(|| {
        let is_equal = |key: &[u8]| Ok(bool::from(key.ct_eq(expanded)));
        match suite {
            Suite::MlDsa44 => is_equal(ml_dsa_44::Signing::expand(seed)?.expanded()),
            Suite::MlDsa65 => is_equal(ml_dsa_65::Signing::expand(seed)?.expanded()),
            Suite::MlDsa87 => is_equal(ml_dsa_87::Signing::expand(seed)?.expanded()),
            _ => Err(Error::KeyKind),
        }
    })?
}

// Bytes of the expanded secret key, the public key and a signature: FIPS 204, table 2.
parameter_sets! {
    ml_dsa_44: MlDsa44, 2560, 1312, 2420;
    ml_dsa_65: MlDsa65, 4032, 1952, 3309;
    ml_dsa_87: MlDsa87, 4896, 2592, 4627;
}
