//! The configuration.

use super::boundary::{Output, guard, text_input};
use super::tw_status;
use crate::config::Config;
use crate::error::Error;

/// Says what tw_gateway_open would say of a configuration, key files included, and why.
///
/// text: TOML, UTF-8 (docs/CONFIGURATION.md). out: receives, for a bad configuration, one UTF-8
/// message "line L, column C: what is wrong; what to do", without a NUL, and for a good one
/// nothing: *out_len is 0. (NULL, 0) asks for the length of the message.
/// Returns TW_OK for a good configuration and for a query of the length; TW_ERR_CONFIG with the
/// message written for a bad one; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for a text that is
/// not UTF-8; TW_ERR_BUFFER.
/// Ownership: nothing is kept. Threads: any. Cost: linear in text_len; reads the key files named.
/// Since 0.1.
///
/// # Safety
/// text is readable for text_len bytes, out is writable for out_cap bytes, out_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_config_check(
    text: *const u8,
    text_len: usize,
    out: *mut u8,
    out_cap: usize,
    out_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about out and out_len.
        let output = unsafe { Output::new(out, out_cap, out_len) }?;
        // SAFETY: the caller's promise about text.
        let checked = Config::check(unsafe { text_input(text, text_len) }?);
        let Err(error) = checked else { return output.put(&[]) };
        let message = error.to_string();
        match output.room(message.len())? {
            Some(room) => {
                room.fill(message.as_bytes());
                Err(Error::Config)
            }
            None => Ok(()),
        }
    })
}
