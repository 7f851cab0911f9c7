//! Rooms: stacks of the library's own, for what needs more than a caller's thread may have. Signing
//! with ML-DSA takes ten times what we promise to need. Rooms are kept out of core dumps and
//! children as secrets are, but not locked: they hold any only during a call, as every stack does.
//!
//! As many are made as calls ever ran at once, and up to [`KEPT`] are kept for the next.

use super::{Pages, below, with_clean_stack_of};
use crate::Result;
use corosensei::stack::valgrind::ValgrindStackRegistration;
use corosensei::stack::{Stack, StackPointer};
use std::cell::Cell;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};

/// Bytes of a stack. The deepest need, ML-DSA-87, is 188 KiB optimised; the rest is for signal
/// handlers of the host. Whoever depends on this crate and does not optimise gets cores that are not
/// optimised either, whatever our own manifest says of them, and need more than half a MiB.
const SIZE: usize = if cfg!(debug_assertions) { 2 << 20 } else { 256 << 10 };

/// Stacks that are kept when nobody uses them: more than this many signing at once have more cores
/// than one machine does.
const KEPT: usize = 64;

static IDLE: [AtomicPtr<Room>; KEPT] = [const { AtomicPtr::new(ptr::null_mut()) }; KEPT];

thread_local! {
    /// Whether this thread is in a room already.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// Bytes of a stack that are wiped: all but what is above `f`.
const WIPED: usize = SIZE - (16 << 10);

/// Runs `f` on a stack with room, and wipes it after. [`Error::Memory`](crate::Error::Memory) when
/// there is none to be had.
pub(crate) fn with_clean_room<R>(f: impl FnOnce() -> R) -> Result<R> {
    if INSIDE.get() {
        // The whole wipes for its parts: a part that is secret makes the whole so.
        return with_room(f);
    }
    with_room(|| with_clean_stack_of::<WIPED, R>(f))
}

/// [`with_clean_room`] for what computes with nothing secret. Who is in a room stays there.
pub(crate) fn with_room<R>(f: impl FnOnce() -> R) -> Result<R> {
    if INSIDE.get() {
        // Not inlined, lest the caller's frame has to have room for it.
        return Ok(below(f));
    }
    let mut room = Room::take()?;
    let _inside = Inside::new();
    let result = corosensei::on_stack(&mut *room, f);
    room.give_back();
    Ok(result)
}

/// While a thread is in a room.
struct Inside;

impl Inside {
    fn new() -> Inside {
        INSIDE.set(true);
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(false);
    }
}

/// A stack and what valgrind has to know of it.
struct Room {
    pages: Pages,
    _known: ValgrindStackRegistration,
}

impl Room {
    fn new() -> Result<Room> {
        let pages = Pages::new(SIZE)?;
        let known = ValgrindStackRegistration::new(pages.inner.as_ptr(), pages.inner_size);
        Ok(Room { pages, _known: known })
    }

    /// One that is idle, or a new one.
    fn take() -> Result<Box<Room>> {
        let taken = IDLE.iter().find_map(|idle| {
            let is_there = !idle.load(Relaxed).is_null();
            let room = if is_there { idle.swap(ptr::null_mut(), Acquire) } else { ptr::null_mut() };
            // SAFETY: it came from `give_back`, and the swap made it ours alone.
            (!room.is_null()).then(|| unsafe { Box::from_raw(room) })
        });
        taken.map_or_else(|| Room::new().map(Box::new), Ok)
    }

    /// For the next; unmapped when enough are idle.
    fn give_back(self: Box<Room>) {
        let room = Box::into_raw(self);
        let is_kept = IDLE.iter().any(|idle| {
            idle.load(Relaxed).is_null()
                && idle.compare_exchange(ptr::null_mut(), room, AcqRel, Relaxed).is_ok()
        });
        if !is_kept {
            // SAFETY: nobody took it, so it is still ours alone.
            drop(unsafe { Box::from_raw(room) });
        }
    }
}

// SAFETY: below the usable pages is a guard page, and they are more than the least a stack needs.
unsafe impl Stack for Room {
    fn base(&self) -> StackPointer {
        StackPointer::new(self.pages.inner.as_ptr().addr() + self.pages.inner_size)
            .expect("no mapping ends at address 0")
    }

    fn limit(&self) -> StackPointer {
        self.pages.outer.addr()
    }
}

impl Drop for Room {
    /// After a panic in it, nobody else has wiped it.
    fn drop(&mut self) {
        self.pages.wipe();
    }
}
