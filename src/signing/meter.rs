//! What is seen of keys and signatures: every operation passes here once.

use crate::telemetry::{self, Operation, sampled};
use crate::{Error, Result};

/// Counts a key that is made. The seed *is* the key: a span never has it.
#[inline]
pub(super) fn keygen<T, E>(key_size: usize, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    let _span = tracing::info_span!("encryption.keygen", seed = "[redacted]", key_size).entered();
    let result = timed(Operation::Keygen, telemetry::KEYGEN, make);
    telemetry::KEYGEN_TOTAL.add(status(&result), 1);
    result
}

/// Counts a signature.
#[inline]
pub(super) fn sign<T>(
    key_size: usize,
    payload_size: usize,
    sign: impl FnOnce() -> Result<T>,
) -> Result<T> {
    let _span = tracing::info_span!("encryption.sign", key_size, payload_size).entered();
    let result = timed(Operation::Sign, telemetry::SIGN, sign);
    telemetry::SIGN_TOTAL.add(status(&result), 1);
    result
}

/// Counts a verification: a signature found wrong is a success of verifying.
#[inline]
pub(super) fn verify(
    key_size: usize,
    payload_size: usize,
    sig_size: usize,
    verify: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let _span =
        tracing::info_span!("encryption.verify", key_size, payload_size, sig_size).entered();
    let result = timed(Operation::Verify, telemetry::VERIFY, verify);
    let series = match result {
        Ok(()) => telemetry::VALID,
        Err(Error::Signature) => telemetry::INVALID,
        Err(_) => telemetry::NOT_VERIFIED,
    };
    telemetry::VERIFY_TOTAL.add(series, 1);
    result
}

#[inline]
fn timed<T>(operation: Operation, series: usize, body: impl FnOnce() -> T) -> T {
    let start = sampled(operation);
    let result = body();
    if let Some(start) = start {
        telemetry::ENCRYPTION_LATENCY.observe(series, start.elapsed());
    }
    result
}

fn status<T, E>(result: &Result<T, E>) -> usize {
    if result.is_ok() { telemetry::SUCCESS } else { telemetry::ERROR }
}
