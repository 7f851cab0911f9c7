//! What is seen of keys and signatures: every operation passes here once.

use crate::telemetry::{self, Operation, sampled};
use crate::{Error, Result};
use tracing::Span;

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

/// Counts two signatures that are made at once: each took as long as both.
#[inline]
pub(super) fn sign_pair<T>(
    key_size: usize,
    payload_sizes: [usize; 2],
    sign: impl FnOnce() -> [Result<T>; 2],
) -> [Result<T>; 2] {
    let spans = payload_sizes
        .map(|payload_size| tracing::info_span!("encryption.sign", key_size, payload_size));
    let _entered = spans.each_ref().map(Span::enter);
    let results = timed(Operation::Sign, telemetry::SIGN, sign);
    results.iter().for_each(|result| telemetry::SIGN_TOTAL.add(status(result), 1));
    results
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
    telemetry::VERIFY_TOTAL.add(verdict(result), 1);
    result
}

/// Counts two verifications that are made at once: each took as long as both.
#[inline]
pub(super) fn verify_pair(
    key_size: usize,
    sizes: [(usize, usize); 2],
    verify: impl FnOnce() -> [Result<()>; 2],
) -> [Result<()>; 2] {
    let spans = sizes.map(|(payload_size, sig_size)| {
        tracing::info_span!("encryption.verify", key_size, payload_size, sig_size)
    });
    let _entered = spans.each_ref().map(Span::enter);
    let results = timed(Operation::Verify, telemetry::VERIFY, verify);
    results.iter().for_each(|result| telemetry::VERIFY_TOTAL.add(verdict(*result), 1));
    results
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

fn verdict(result: Result<()>) -> usize {
    match result {
        Ok(()) => telemetry::VALID,
        Err(Error::Signature) => telemetry::INVALID,
        Err(_) => telemetry::NOT_VERIFIED,
    }
}

fn status<T, E>(result: &Result<T, E>) -> usize {
    if result.is_ok() { telemetry::SUCCESS } else { telemetry::ERROR }
}
