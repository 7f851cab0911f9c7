//! Suites, keys, signatures: pure, no I/O but the operating system's entropy.
//!
//! Every signature is made for one purpose: the [`Context`] is part of what is signed, so that what
//! was signed as a payload is worthless as an order. Prepare a key once ([`Signer`], [`Verifier`])
//! to use it often; the functions on key bytes are the same code behind a throw-away preparation.

mod context;
mod ed25519;
mod ed25519_secret;
mod expanded;
mod hmac_sha256;
mod key;
mod keygen;
mod meter;
mod ml_dsa;
mod mldsa65_ed25519;
mod signer;
mod suite;

pub use context::{CONTEXT_MAX, Context, RAW_CONTEXT_MAX};
pub use key::{HEADER_SIZE, Key, Kind, RAW_HMAC_MAX, Usage, import, key_id, public_key};
pub(crate) use keygen::generate_unseen;
pub use keygen::{generate, keygen, keygen_from_entropy};
pub(crate) use ml_dsa::is_expansion;
pub(crate) use signer::sign_named;
pub use signer::{Signer, Verifier};
pub use signer::{sign, sign_with_context, verify, verify_truncated, verify_with_context};
pub use suite::{Signature, Suite};
