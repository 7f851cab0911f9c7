//! Decimals with exponent -8, as text and as integers: exact both ways, never through a float.

use crate::order::UNIT;

/// Digits after the point.
const PLACES: usize = 8;

/// Reads `[-]digits[.digits]`: at most 8 digits after the point, at least one on each side of it.
/// `None` for any other text and for what an `i64` with exponent -8 cannot hold.
pub fn parse(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) => 0i64.checked_sub_unsigned(parse_unsigned(digits)?),
        None => i64::try_from(parse_unsigned(text)?).ok(),
    }
}

/// [`parse`] without a sign, for quantities and money: up to 184467440737.09551615.
pub fn parse_unsigned(text: &str) -> Option<u64> {
    let (whole, fraction) = match text.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (text, ""),
    };
    let places = PLACES.checked_sub(fraction.len())?;
    let fraction = if fraction.is_empty() { 0 } else { digits(fraction)? };
    let fraction = fraction * 10u64.pow(places as u32);
    digits(whole)?.checked_mul(UNIT)?.checked_add(fraction)
}

/// The number that one or more ASCII digits spell; unlike `str::parse`, takes no sign.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Writes the shortest text that [`parse`] reads back: no trailing zeros, no point without a digit.
pub fn format(value: i64) -> String {
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}", format_unsigned(value.unsigned_abs()))
}

/// [`format()`] for quantities and money.
pub fn format_unsigned(value: u64) -> String {
    let text = format!("{}.{:0PLACES$}", value / UNIT, value % UNIT);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
