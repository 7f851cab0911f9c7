#![doc = include_str!("../README.md")]
#![deny(missing_debug_implementations, unsafe_code, unsafe_op_in_unsafe_fn)]
#![warn(rust_2018_idioms)]

pub mod config;
pub mod custody;
pub mod decimal;
pub mod error;
pub mod ffi;
pub mod gateway;
pub mod interchange;
pub mod journal;
pub mod order;
mod secret;
#[cfg(feature = "grpc")]
pub mod service;
pub mod signing;
pub mod telemetry;
mod threads;
pub mod venue;

pub use error::{Error, Reason, Result};
pub use gateway::Gateway;
pub use secret::{MemoryLock, set_memory_policy};
pub use signing::{sign, verify};

/// HMAC-SHA256 key bytes from a 64-bit seed: for tests, fixtures and simulations only, since a seed
/// that short can be guessed. Real keys come from [`signing::generate`].
pub fn keygen(seed: u64) -> zeroize::Zeroizing<Vec<u8>> {
    signing::keygen(signing::Suite::HmacSha256, seed)
}
