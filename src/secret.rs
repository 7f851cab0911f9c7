//! Memory for secrets, and the news that the process forked.
//!
//! What is promised: a secret at rest lies only in pages of its own, between two pages nobody may
//! touch, locked against swapping, left out of core dumps, empty in a forked child, and wiped
//! before they are given back. What is not: a secret in use also passes through registers and the
//! stack. Types that hold one wipe themselves, and [`with_clean_stack`] overwrites the stack below
//! it and the vector registers where keys are made or used, as does [`with_clean_room`] on a stack of
//! its own; none of them reaches what the kernel saved at a context switch.
#![allow(unsafe_code)]

mod room;

pub(crate) use room::{with_clean_room, with_room};

use crate::telemetry::{Event, emit};
use crate::{Error, Result};
use std::ptr::{self, NonNull};
use std::sync::atomic::{
    AtomicBool, AtomicPtr, AtomicU8, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed,
};

/// What to do when the operating system refuses to lock a page of secrets (`RLIMIT_MEMLOCK`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MemoryLock {
    /// Refuse to prepare the key: [`Error::Memory`]. The default.
    Required = 1,
    /// Go on: the page might be swapped to disk.
    Preferred = 2,
}

static MEMORY_LOCK: AtomicU8 = AtomicU8::new(MemoryLock::Required as u8);

/// The log has told that a page could not be locked.
static UNLOCKED_TOLD: AtomicBool = AtomicBool::new(false);

/// Sets the policy for every key prepared from now on, in the whole process.
pub fn set_memory_policy(policy: MemoryLock) {
    MEMORY_LOCK.store(policy as u8, Relaxed);
}

/// A secret in pages of its own.
pub(crate) struct Guarded<T> {
    pages: Pages,
    slot: NonNull<Slot<T>>,
}

/// What the pages hold. A forked child finds zeros, so a canary that is not zero tells it.
#[repr(C)]
struct Slot<T> {
    canary: u64,
    value: T,
}

/// Bytes of a secret that no caller's stack should have to hold while it is moved.
const LARGE: usize = 2 << 10;

const CANARY: u64 = u64::from_be_bytes(*b"TWSECRET");

// SAFETY: a Guarded owns its value as a Box does; it only hands out shared references.
unsafe impl<T: Send> Send for Guarded<T> {}
// SAFETY: as above; nothing is changed after `new`.
unsafe impl<T: Sync> Sync for Guarded<T> {}

impl<T> Guarded<T> {
    /// Moves what `make` makes into guarded memory and wipes the stack it was made on; what is
    /// large is made on a stack of the library's own.
    pub(crate) fn new(make: impl FnOnce() -> Result<T>) -> Result<Guarded<T>> {
        const { assert!(align_of::<Slot<T>>() <= 4096, "no page is aligned for this type") };
        let pages = Pages::new(size_of::<Slot<T>>())?;
        pages.lock()?;
        let slot = pages.inner.cast::<Slot<T>>();
        let fill = || -> Result<()> {
            let value = make()?;
            // SAFETY: the pages are writable, large enough, aligned (see above) and ours alone.
            unsafe { slot.write(Slot { canary: CANARY, value }) };
            Ok(())
        };
        with_room_for::<T, ()>(fill)?;
        Ok(Guarded { pages, slot })
    }

    /// The secret, or [`Error::Forked`] in a forked child.
    pub(crate) fn get(&self) -> Result<&T> {
        // SAFETY: `new` initialised the slot and it stays mapped while `self` lives. The read is
        // volatile because a fork changes the memory behind the compiler's back.
        let canary = unsafe { (&raw const (*self.slot.as_ptr()).canary).read_volatile() };
        if canary != CANARY {
            return Err(Error::Forked);
        }
        // SAFETY: the canary stands, so the value is as `new` wrote it; nobody writes to it.
        Ok(unsafe { &(*self.slot.as_ptr()).value })
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        // In a forked child there is no value any more, only zeros.
        if self.get().is_ok() {
            // SAFETY: the value is valid, and never used again.
            unsafe { ptr::drop_in_place(&raw mut (*self.slot.as_ptr()).value) };
        }
        self.pages.wipe();
    }
}

/// Private memory between two guard pages.
struct Pages {
    /// The first guard page.
    outer: NonNull<u8>,
    outer_size: usize,
    /// The usable part.
    inner: NonNull<u8>,
    inner_size: usize,
}

impl Pages {
    fn new(size: usize) -> Result<Pages> {
        let page = page_size();
        let inner_size = size.next_multiple_of(page);
        let outer_size = inner_size + 2 * page;
        let outer = map(outer_size, libc::PROT_NONE)?;
        // SAFETY: one page further is still inside the mapping.
        let inner = unsafe { outer.add(page) };
        let pages = Pages { outer, outer_size, inner, inner_size };
        pages.protect()?;
        Ok(pages)
    }

    /// Opens the inner pages and keeps them out of core dumps and children.
    fn protect(&self) -> Result<()> {
        let (start, size) = (self.inner.as_ptr().cast(), self.inner_size);
        // SAFETY: the range is ours and page-aligned.
        succeeded(unsafe { libc::mprotect(start, size, libc::PROT_READ | libc::PROT_WRITE) })?;
        #[cfg(target_os = "linux")]
        for advice in [libc::MADV_DONTDUMP, libc::MADV_WIPEONFORK] {
            // SAFETY: as above; neither advice changes what this process reads.
            succeeded(unsafe { libc::madvise(start, size, advice) })?;
        }
        Ok(())
    }

    /// Keeps the inner pages out of swap; a lock ends with the mapping.
    fn lock(&self) -> Result<()> {
        // SAFETY: the range is ours.
        let locked = unsafe { libc::mlock(self.inner.as_ptr().cast(), self.inner_size) };
        let locked = succeeded(locked);
        if MEMORY_LOCK.load(Relaxed) == MemoryLock::Required as u8 {
            locked?;
        } else if locked.is_err() && !UNLOCKED_TOLD.swap(true, Relaxed) {
            emit(Event::MemoryNotLocked, &[]);
        }
        Ok(())
    }

    /// Overwrites the inner pages with zeros, and really.
    fn wipe(&mut self) {
        // SAFETY: the inner pages are writable and nobody holds a reference into them.
        let bytes = unsafe { std::slice::from_raw_parts_mut(self.inner.as_ptr(), self.inner_size) };
        bytes.fill(0);
        // The black box makes the compiler write the zeros down.
        std::hint::black_box(bytes);
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours and nothing points into it any more.
        unsafe { libc::munmap(self.outer.as_ptr().cast(), self.outer_size) };
    }
}

/// Maps private, zeroed memory.
fn map(size: usize, protection: libc::c_int) -> Result<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new anonymous mapping touches no memory that exists.
    let address = unsafe { libc::mmap(ptr::null_mut(), size, protection, flags, -1, 0) };
    if address == libc::MAP_FAILED {
        return Err(Error::Memory);
    }
    NonNull::new(address.cast()).ok_or(Error::Memory)
}

/// Has the system make no core dump of this process, whatever its limits: for a process in whose
/// ordinary memory there are keys of others. On Linux only root may attach a debugger then.
#[cfg(feature = "grpc")]
pub(crate) fn forbid_core_dumps() -> Result<()> {
    #[cfg(target_os = "linux")]
    // SAFETY: changes an attribute of this process and touches no memory.
    let status = unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) };
    #[cfg(not(target_os = "linux"))]
    // SAFETY: the limit is read only.
    let status =
        unsafe { libc::setrlimit(libc::RLIMIT_CORE, &libc::rlimit { rlim_cur: 0, rlim_max: 0 }) };
    succeeded(status)
}

fn page_size() -> usize {
    // SAFETY: sysconf reads a constant of the system.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).expect("every system has a page size")
}

fn succeeded(status: libc::c_int) -> Result<()> {
    if status == 0 { Ok(()) } else { Err(Error::Memory) }
}

/// Bytes of stack that making a key may soil; the deepest is Ed25519's base point multiplication.
const SOILED_STACK: usize = soiled(8 << 10);

/// What to wipe after code that soils so many bytes of stack; unoptimised code goes deeper.
pub(crate) const fn soiled(optimised: usize) -> usize {
    if cfg!(debug_assertions) && optimised > 0 { 64 << 10 } else { optimised }
}

/// Runs `f`, which has a `T` on its stack: on one of the library's own if that is large. Either is
/// wiped.
pub(crate) fn with_room_for<T, R>(f: impl FnOnce() -> Result<R>) -> Result<R> {
    if size_of::<T>() > LARGE { with_clean_room(f)? } else { with_clean_stack(f) }
}

/// Runs `f`, then overwrites the stack below this frame, where `f` left what it computed with, and
/// the vector registers.
pub(crate) fn with_clean_stack<R>(f: impl FnOnce() -> R) -> R {
    with_clean_stack_of::<SOILED_STACK, R>(f)
}

/// [`with_clean_stack`] for what soils another amount.
#[inline(never)]
pub(crate) fn with_clean_stack_of<const SOILED: usize, R>(f: impl FnOnce() -> R) -> R {
    let result = below(f);
    if SOILED > 0 {
        wipe_below::<SOILED>();
        wipe_vector_registers();
    }
    result
}

#[inline(never)]
fn below<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[inline(never)]
fn wipe_below<const SOILED: usize>() {
    // The black box makes the compiler write the zeros down.
    std::hint::black_box(&mut [0u8; SOILED]);
}

/// Empties the registers through which copies and hashes move what they work on: they keep the last
/// of it for as long as a thread sleeps, and a core dump has the registers of every thread.
#[cfg(target_arch = "x86_64")]
fn wipe_vector_registers() {
    use std::arch::{asm, is_x86_feature_detected};
    // SAFETY: both write only vector registers, which a C function may (System V ABI, 3.2.1), and
    // use what the processor has.
    unsafe {
        if is_x86_feature_detected!("avx512vl") {
            asm!(
                "vpxorq xmm16, xmm16, xmm16",
                "vpxorq xmm17, xmm17, xmm17",
                "vpxorq xmm18, xmm18, xmm18",
                "vpxorq xmm19, xmm19, xmm19",
                "vpxorq xmm20, xmm20, xmm20",
                "vpxorq xmm21, xmm21, xmm21",
                "vpxorq xmm22, xmm22, xmm22",
                "vpxorq xmm23, xmm23, xmm23",
                "vpxorq xmm24, xmm24, xmm24",
                "vpxorq xmm25, xmm25, xmm25",
                "vpxorq xmm26, xmm26, xmm26",
                "vpxorq xmm27, xmm27, xmm27",
                "vpxorq xmm28, xmm28, xmm28",
                "vpxorq xmm29, xmm29, xmm29",
                "vpxorq xmm30, xmm30, xmm30",
                "vpxorq xmm31, xmm31, xmm31",
                clobber_abi("sysv64"),
                options(nomem, nostack, preserves_flags),
            );
        }
        if is_x86_feature_detected!("avx") {
            asm!("vzeroall", clobber_abi("sysv64"), options(nomem, nostack, preserves_flags));
        }
    }
}

/// Elsewhere they are not reached.
#[cfg(not(target_arch = "x86_64"))]
fn wipe_vector_registers() {}

/// Remembers the process it was made in, so that a forked child can be told to make its own
/// handles: it has the memory, but neither the threads nor the right to sign twice.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForkGuard {
    generation: u64,
}

impl ForkGuard {
    /// A guard of this process.
    pub(crate) fn new() -> Result<ForkGuard> {
        Ok(ForkGuard { generation: generation::current()? })
    }

    /// [`Error::Forked`] in a child of the process that made the guard.
    pub(crate) fn check(self) -> Result<()> {
        if generation::get() == self.generation { Ok(()) } else { Err(Error::Forked) }
    }
}

/// What each process has of its own: a forked child finds a new one. In the one before a lock may be
/// held by a thread that the child does not have, and nobody would ever let it go.
pub(crate) struct PerProcess<T>(AtomicPtr<(u64, T)>);

impl<T: Default + Send + Sync> PerProcess<T> {
    pub(crate) const fn new() -> Self {
        Self(AtomicPtr::new(ptr::null_mut()))
    }

    /// This process's own; [`Error::Memory`] if the system refuses a page.
    pub(crate) fn get(&'static self) -> Result<&'static T> {
        let process = generation::current()?;
        loop {
            let held = self.0.load(Acquire);
            // SAFETY: what was published is never freed.
            match unsafe { held.as_ref() } {
                Some((of, value)) if *of == process => return Ok(value),
                _ => {}
            }
            let fresh = Box::into_raw(Box::new((process, T::default())));
            if self.0.compare_exchange(held, fresh, AcqRel, Acquire).is_err() {
                // SAFETY: another thread published its own first; nobody knows this one.
                drop(unsafe { Box::from_raw(fresh) });
            }
        }
    }
}

/// Linux: a page that the kernel empties in a child. One load tells, without a system call.
#[cfg(target_os = "linux")]
mod generation {
    use super::{Result, map, page_size, succeeded};
    use std::ptr;
    use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering::AcqRel, Ordering::Acquire};

    /// The page; mapped at first need, never unmapped.
    static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(ptr::null_mut());

    /// The last number given. A child inherits it and counts on, so no number comes twice in a
    /// line of descent.
    static LAST: AtomicU64 = AtomicU64::new(0);

    /// This process's number, never 0; a new one if the page is empty.
    pub(super) fn current() -> Result<u64> {
        let page = page()?;
        if page.load(Acquire) == 0 {
            let next = LAST.fetch_add(1, AcqRel) + 1;
            // Another thread may have been first; then its number is the one.
            let _ = page.compare_exchange(0, next, AcqRel, Acquire);
        }
        Ok(page.load(Acquire))
    }

    /// The number on the page; 0 in a child that has none yet.
    pub(super) fn get() -> u64 {
        // SAFETY: a page once published stays mapped for the life of the process.
        unsafe { PAGE.load(Acquire).as_ref() }.map_or(0, |page| page.load(Acquire))
    }

    fn page() -> Result<&'static AtomicU64> {
        if PAGE.load(Acquire).is_null() {
            let (fresh, size) =
                (map(page_size(), libc::PROT_READ | libc::PROT_WRITE)?, page_size());
            let address = fresh.as_ptr().cast::<libc::c_void>();
            // SAFETY: the page is ours and nobody knows it yet.
            succeeded(unsafe { libc::madvise(address, size, libc::MADV_WIPEONFORK) })?;
            let mine = address.cast::<AtomicU64>();
            if PAGE.compare_exchange(ptr::null_mut(), mine, AcqRel, Acquire).is_err() {
                // SAFETY: another thread published its page first; nobody knows this one.
                unsafe { libc::munmap(address, size) };
            }
        }
        // SAFETY: published just now or before, and never unmapped.
        Ok(unsafe { &*PAGE.load(Acquire) })
    }
}

/// Elsewhere: the process id.
#[cfg(not(target_os = "linux"))]
mod generation {
    use super::Result;

    pub(super) fn current() -> Result<u64> {
        Ok(get())
    }

    pub(super) fn get() -> u64 {
        std::process::id().into()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    struct Bomb(u64);

    impl Drop for Bomb {
        fn drop(&mut self) {
            // A pointer would be NULL by now.
            assert_ne!(self.0, 0, "dropped after it was wiped");
        }
    }

    /// The canary tells by itself, where no [`ForkGuard`] was asked first.
    #[test]
    fn a_forked_child_finds_no_secret_and_drops_none() {
        let guarded = Guarded::new(|| Ok(Bomb(7))).unwrap();
        // SAFETY: the child only looks at memory and exits.
        let child = unsafe { libc::fork() };
        assert!(child >= 0);
        if child == 0 {
            let is_forked = matches!(guarded.get(), Err(Error::Forked));
            let dropped = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(guarded)));
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(if is_forked && dropped.is_ok() { 0 } else { 1 }) };
        }
        let mut status = 0;
        // SAFETY: the child is ours and `status` is writable.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(status, 0);
        assert_eq!(guarded.get().unwrap().0, 7);
    }
}
