//! Gate 3, freshness: no frame is decided twice. A repeated frame gets the original's ack again;
//! anything else must have a sequence above the session's last and a recent sending time.

use std::collections::VecDeque;

use crate::config::Freshness;
use crate::error::{Error, Result};
use crate::gateway::row::{Row, put_all, row, take_all};
use crate::gateway::state::Session;
use crate::journal::{SnapshotReader, SnapshotWriter};
use crate::order::{Order, SIGNED_MAX};

/// How many decided frames a session can repeat: at 1,000 orders a second, one second of them.
/// An older repeat is simply stale; its outcome is found by `order_status`. Simulated histories are
/// short: they have a memory that they outlive.
pub const RETRY_MEMORY: usize = if cfg!(short_retry_memory) { 8 } else { 1024 };

/// The last [`RETRY_MEMORY`] decided frames of a session, in the order of their sequences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RetryMemory {
    frames: VecDeque<Remembered>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Remembered {
    sequence: u64,
    order_id: u64,
    signed_len: u32,
    signed: [u8; SIGNED_MAX],
}

impl Remembered {
    const NONE: Self = Self { sequence: 0, order_id: 0, signed_len: 0, signed: [0; SIGNED_MAX] };
}

impl Row for RetryMemory {
    fn put(&self, out: &mut SnapshotWriter<'_>) {
        put_all(out, self.frames.iter());
    }

    fn take(from: &mut SnapshotReader) -> Option<Self> {
        let mut memory = Self::new();
        take_all(from, |frame| memory.frames.push_back(frame))?;
        let is_frame = |frame: &Remembered| frame.signed_len as usize <= SIGNED_MAX;
        let is_memory = memory.frames.len() <= RETRY_MEMORY && memory.frames.iter().all(is_frame);
        is_memory.then_some(memory)
    }
}

row!(Remembered { sequence, order_id, signed_len, signed });

impl RetryMemory {
    pub(super) fn new() -> Self {
        Self { frames: VecDeque::with_capacity(RETRY_MEMORY) }
    }

    pub(super) fn remember(&mut self, sequence: u64, signed: &[u8], order_id: u64) {
        if self.frames.len() == RETRY_MEMORY {
            // The oldest is now last, and written over where it is.
            self.frames.rotate_left(1);
        } else {
            self.frames.push_back(Remembered::NONE);
        }
        let Some(last) = self.frames.back_mut() else { return };
        *last =
            Remembered { sequence, order_id, signed_len: signed.len() as u32, ..Remembered::NONE };
        last.signed[..signed.len()].copy_from_slice(signed);
    }

    /// Of every frame in it.
    pub(super) fn order_ids(&self) -> impl Iterator<Item = u64> {
        self.frames.iter().map(|frame| frame.order_id)
    }

    /// The order id of the frame decided under this sequence; another frame there is refused.
    fn find(&self, sequence: u64, signed: &[u8]) -> Result<Option<u64>> {
        match self.frames.binary_search_by_key(&sequence, |frame| frame.sequence) {
            Err(_) => Ok(None),
            Ok(index) => {
                let frame = &self.frames[index];
                let same = frame.signed[..frame.signed_len as usize] == *signed;
                same.then_some(Some(frame.order_id)).ok_or(Error::SequenceReused)
            }
        }
    }
}

/// How many sequences are left out between these two.
pub(super) fn gap(last: u64, sequence: u64) -> u64 {
    sequence.saturating_sub(last).saturating_sub(1)
}

/// `Some(order_id)`: the frame repeats the one decided as `order_id`. `None`: it is new and fresh.
pub(super) fn check(
    session: &Session,
    window: Freshness,
    order: &Order,
    signed: &[u8],
    now: u64,
) -> Result<Option<u64>> {
    if order.sequence <= session.last_sequence {
        let original = session.retries.find(order.sequence, signed)?;
        return original.map(Some).ok_or(Error::StaleSequence);
    }
    let earliest = now.saturating_sub(window.back_ns);
    let latest = now.saturating_add(window.ahead_ns);
    if !(earliest..=latest).contains(&order.sending_time) {
        return Err(Error::StaleTime);
    }
    let widest = session.permissions.as_ref().map_or(u32::MAX, |may| may.max_sequence_gap);
    if widest != u32::MAX && gap(session.last_sequence, order.sequence) > widest.into() {
        return Err(Error::SequenceGap);
    }
    Ok(None)
}
