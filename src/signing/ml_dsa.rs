//! ML-DSA (FIPS 204), the deterministic variant, from the seed ξ, or from the expanded private key
//! where the seed is not known. The context is the standard's.
//!
//! A prepared key is the standard's expanded one; the matrix is expanded anew each time, by which
//! this core is still faster than those that keep it.

use super::context::Message;
use super::expanded::{self, Shape};
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
    ($(
        $module:ident: $suite:ident, $secret:literal, $public:literal, $signature:literal,
        $eta:literal, $polynomials:literal;
    )*) => {$(
        pub(super) mod $module {
            use super::*;

            /// On the heap, so that keys of other suites need not be as large.
            #[derive(Clone)]
            pub(in crate::signing) struct Verifying(Box<MLDSAVerificationKey<$public>>);

            /// Wiped by the guarded memory or the room it is in.
            pub(in crate::signing) struct Signing {
                secret: MLDSASigningKey<$secret>,
                public: Verifying,
                has_seed: bool,
            }

            impl VerifyingKey for Verifying {
                const SECRET_SIZE: usize = SEED_SIZE;
                const PUBLIC_SIZE: Option<usize> = Some($public);
                const EXPANDED_SIZE: Option<usize> = Some($secret);
                const SIGNATURE_SIZE: usize = $signature;
                const HAS_CONTEXT: bool = true;
                const SOILED_STACK: usize = 0;

                fn new(kind: Kind, material: &[u8]) -> Result<Verifying> {
                    if kind.signs() {
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
                fn from_seed(material: &[u8]) -> Signing {
                    let mut seed = Zeroizing::new([0; SEED_SIZE]);
                    seed.copy_from_slice(material);
                    let pair = libcrux_ml_dsa::$module::generate_key_pair(*seed);
                    let public = Verifying(Box::new(pair.verification_key));
                    Signing { secret: pair.signing_key, public, has_seed: true }
                }

                fn from_expanded(material: &[u8]) -> Result<Signing> {
                    const SHAPE: Shape = Shape { eta: $eta, polynomials: $polynomials };
                    let secret = material.try_into().map_err(|_| Error::Key)?;
                    let secret = MLDSASigningKey::new(secret);
                    let public = expanded::public_key::<::ml_dsa::$suite, _>(SHAPE, material)?;
                    let public = Verifying(Box::new(MLDSAVerificationKey::new(public)));
                    Ok(Signing { secret, public, has_seed: false })
                }

                fn sign_unseen(&self, message: &Message<'_>) -> Result<Signature> {
                    let (payload, context) = (message.payload, message.context_name());
                    libcrux_ml_dsa::$module::sign(&self.secret, payload, context, NO_RANDOMNESS)
                        .map(|signature| Signature::new(signature.as_slice()))
                        // Once in 2^256 signatures rejection sampling finds none.
                        .map_err(|_| Error::Internal)
                }

                /// The standard's expanded private key.
                pub(in crate::signing) fn expanded(&self) -> &[u8] {
                    self.secret.as_slice()
                }
            }

            impl SigningKey for Signing {
                type VerifyingKey = Verifying;
                const SOILED_STACK: usize = 0;

                /// Which of the two it is, its length tells.
                fn expand(material: &[u8]) -> Result<Signing> {
                    // Each apart: one frame for both would be too large for a room.
                    match material.len() {
                        SEED_SIZE => with_clean_room(|| Signing::from_seed(material)),
                        _ => with_clean_room(|| Signing::from_expanded(material))?,
                    }
                }

                fn verifying_key(&self) -> &Verifying {
                    &self.public
                }

                fn sign(&self, message: &Message<'_>) -> Result<Signature> {
                    if self.has_seed {
                        return with_clean_room(|| self.sign_unseen(message))?;
                    }
                    // Damage to s2 or t0 shows here, and nowhere before.
                    with_clean_room(|| {
                        let signature = with_room(|| self.sign_unseen(message))?;
                        let signature = signature.map_err(|_| Error::Key)?;
                        self.public.verify(message, &signature).map_err(|_| Error::Key)?;
                        Ok(signature)
                    })?
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

// Bytes of the expanded secret key, the public key and a signature, the bound of s1 and s2 and how
// many polynomials they are: FIPS 204, tables 1 and 2.
parameter_sets! {
    ml_dsa_44: MlDsa44, 2560, 1312, 2420, 2, 8;
    ml_dsa_65: MlDsa65, 4032, 1952, 3309, 4, 11;
    ml_dsa_87: MlDsa87, 4896, 2592, 4627, 2, 15;
}
