//! Gate 1, decode: is it a frame at all? Cheapest first, and nothing of a bad frame goes further.

use crate::error::Result;
use crate::gateway::observer::{Gate, Laps};
use crate::order::{self, Frame};

/// Takes the frame apart, strictly.
pub(super) fn decode<'a>(bytes: &'a [u8], laps: &mut Laps<'_>) -> Result<Frame<'a>> {
    let frame = order::parse(bytes)?;
    laps.lap(Gate::Decode);
    Ok(frame)
}
