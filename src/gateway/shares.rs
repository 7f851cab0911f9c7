//! Room that is divided among the sessions: each fills its own share and no other's.

use crate::error::{Error, Result};

/// What nobody's session has asked for fills no share.
pub(super) const NO_SESSION: u32 = u32::MAX;

/// What each session has of one kind of room, by its row in the state.
#[derive(Debug, Default)]
pub(super) struct Shares(Vec<Share>);

#[derive(Clone, Copy, Debug)]
struct Share {
    size: u32,
    taken: u32,
}

impl Shares {
    pub(super) fn of(sizes: &[u32]) -> Self {
        Self(sizes.iter().map(|&size| Share { size, taken: 0 }).collect())
    }

    /// Whether the session has room for one more frame. Cancels have as much again: neither a slow
    /// disk nor a slow reader must keep anyone from getting out.
    pub(super) fn has_room(&self, session: u32, is_cancel: bool) -> Result<()> {
        let has_room = |share: &Share| share.taken < share.size << u32::from(is_cancel);
        self.0.get(session as usize).is_some_and(has_room).then_some(()).ok_or(Error::Busy)
    }

    /// Takes room that is there, or that nothing can be refused for: an execution has happened.
    pub(super) fn take(&mut self, session: u32) {
        if let Some(share) = self.0.get_mut(session as usize) {
            share.taken += 1;
        }
    }

    pub(super) fn give_back(&mut self, session: u32) {
        if let Some(share) = self.0.get_mut(session as usize) {
            share.taken -= 1;
        }
    }
}
