//! What every function of the C ABI is made of: the panic guard, inputs, outputs, handles.

use std::cell::Cell;
use std::ffi::CStr;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use super::tw_status;
use crate::error::{Error, Invalid, Result};
use crate::telemetry::{Event, emit};
use crate::threads;

thread_local! {
    static IN_CALL: Cell<bool> = const { Cell::new(false) };
    /// What more there is to say of the error that this call is about to end with.
    static BECAUSE: Cell<&'static CStr> = const { Cell::new(c"") };
    /// What more there was to say of the latest call that failed.
    static DETAIL: Cell<&'static CStr> = const { Cell::new(c"") };
}

/// Runs the body of an exported function. A panic inside, a bug of ours, becomes
/// `TW_ERR_INTERNAL` and prints nothing.
pub(super) fn guard(body: impl FnOnce() -> Result<()>) -> tw_status {
    silence_our_panics();
    let outer = IN_CALL.replace(true);
    let result = caught(body, || ());
    IN_CALL.set(outer);
    match result {
        Ok(()) => super::TW_OK,
        Err(error) => {
            DETAIL.set(BECAUSE.replace(c""));
            error.number() as tw_status
        }
    }
}

/// The error that a call ends with, and more than its status says: static text without a secret.
pub(super) fn because(error: Error, detail: &'static CStr) -> Error {
    BECAUSE.set(detail);
    error
}

/// A result of which, if it is this error, there is more to say than its status does.
pub(super) trait Detailed {
    fn detailed(self, error: Error, detail: &'static CStr) -> Self;
}

impl<T> Detailed for Result<T> {
    fn detailed(self, error: Error, detail: &'static CStr) -> Self {
        self.map_err(|found| if found == error { because(found, detail) } else { found })
    }
}

/// The error of a value outside its documented set, which is named.
pub(super) fn invalid(invalid: Invalid) -> Error {
    because(Error::Argument, invalid.c_message())
}

/// What [`because`] said of the latest call of this thread that failed.
pub(super) fn detail() -> &'static CStr {
    DETAIL.get()
}

/// A panic as an error, told to the log after `mark` has noted it.
fn caught(body: impl FnOnce() -> Result<()>, mark: impl FnOnce()) -> Result<()> {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        mark();
        emit(Event::Panicked, &[]);
        Err(Error::Internal)
    })
}

/// The library never prints: the hook that would print a panic is passed over inside our calls and
/// on our threads, and left as it is for all others.
fn silence_our_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IN_CALL.get() && !threads::is_ours() {
                previous(info);
            }
        }));
    });
}

/// An input of bytes.
///
/// # Safety
/// `data` is readable for `len` bytes while the result is used, or `len` is 0.
pub(super) unsafe fn input<'a>(data: *const u8, len: usize) -> Result<&'a [u8]> {
    match (data.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Error::Null),
        _ if isize::try_from(len).is_err() => Err(Error::Length),
        // SAFETY: not NULL, not longer than an object can be, and readable: the caller's promise.
        _ => Ok(unsafe { std::slice::from_raw_parts(data, len) }),
    }
}

/// An input of some `T`s, wherever they are aligned.
///
/// # Safety
/// `data` is readable for `len` elements, or `len` is 0.
pub(super) unsafe fn elements<T: Copy>(data: *const T, len: usize) -> Result<Vec<T>> {
    let bytes = len.checked_mul(size_of::<T>()).ok_or(Error::Length)?;
    // SAFETY: the caller's promise is passed on.
    let bytes = unsafe { input(data.cast(), bytes) }?;
    let element = |place: &[u8]| {
        // SAFETY: the place is within the input, and as long as an element.
        unsafe { place.as_ptr().cast::<T>().read_unaligned() }
    };
    Ok(bytes.chunks_exact(size_of::<T>()).map(element).collect())
}

/// An input of UTF-8 text.
///
/// # Safety
/// As for [`input`].
pub(super) unsafe fn text_input<'a>(data: *const u8, len: usize) -> Result<&'a str> {
    // SAFETY: the caller's promise is passed on.
    let bytes = unsafe { input(data, len) }?;
    std::str::from_utf8(bytes).map_err(|_| Error::Argument)
}

/// An output of `T`s: the caller's buffer and where its length goes.
pub(super) struct Output<T> {
    data: *mut T,
    cap: usize,
    len: *mut usize,
}

/// Room for an output, known to be large enough.
pub(super) struct Room<T> {
    data: *mut T,
    len: *mut usize,
    count: usize,
}

impl<T: Copy> Output<T> {
    /// # Safety
    /// `data` is writable for `cap` values, or `cap` is 0; `len` is writable.
    pub(super) unsafe fn new(data: *mut T, cap: usize, len: *mut usize) -> Result<Self> {
        if len.is_null() || (data.is_null() && cap > 0) {
            return Err(Error::Null);
        }
        Ok(Self { data, cap, len })
    }

    /// Room for `count` values. `None`: the caller only asks for the count, and has it.
    pub(super) fn room(&self, count: usize) -> Result<Option<Room<T>>> {
        let is_query = self.data.is_null();
        if is_query || self.cap < count {
            // SAFETY: `new` saw that it is not NULL; writable is the caller's promise.
            unsafe { self.len.write_unaligned(count) };
            return if is_query { Ok(None) } else { Err(Error::Buffer) };
        }
        Ok(Some(Room { data: self.data, len: self.len, count }))
    }

    /// Writes all of the result, or its length alone if that is what was asked for.
    pub(super) fn put(&self, result: &[T]) -> Result<()> {
        if let Some(room) = self.room(result.len())? {
            room.fill(result);
        }
        Ok(())
    }
}

impl<T: Copy> Room<T> {
    /// Writes the result, which has exactly the length that the room is for.
    pub(super) fn fill(self, result: &[T]) {
        debug_assert_eq!(result.len(), self.count);
        // SAFETY: the buffer has room for `count` values; our result lies elsewhere than the
        // caller's buffer, and every slice of the caller's inputs was last used before.
        unsafe {
            self.data
                .cast::<u8>()
                .copy_from_nonoverlapping(result.as_ptr().cast(), self.count * size_of::<T>());
            self.len.write_unaligned(self.count);
        }
    }
}

impl Room<u8> {
    /// Writes the result number `index` of those that lie side by side, `size` bytes each: zeros
    /// for one that failed. [`done`](Self::done) when all are.
    pub(super) fn fill_part(&self, index: usize, size: usize, result: Option<&[u8]>) {
        assert!((index + 1) * size <= self.count && result.is_none_or(|bytes| bytes.len() == size));
        // SAFETY: the buffer has room for `count` bytes; the result lies in memory of ours.
        unsafe {
            let place = self.data.add(index * size);
            match result {
                Some(bytes) => place.copy_from_nonoverlapping(bytes.as_ptr(), size),
                None => place.write_bytes(0, size),
            }
        }
    }

    /// Tells the caller that the room is full.
    pub(super) fn done(self) {
        // SAFETY: `Output::new` saw that it is not NULL; writable is the caller's promise.
        unsafe { self.len.write_unaligned(self.count) };
    }
}

/// Writes one value through a pointer.
///
/// # Safety
/// `place` is writable.
pub(super) unsafe fn put<T>(place: *mut T, value: T) -> Result<()> {
    if place.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: not NULL, and writable by the caller's promise; C callers may misalign.
    unsafe { place.write_unaligned(value) };
    Ok(())
}

/// A struct that crosses the ABI: its first field is `uint32_t struct_size`, set by the caller.
///
/// # Safety
/// `#[repr(C)]`, integers and arrays of them only, no padding, `struct_size` first.
pub(super) unsafe trait Versioned: Copy {}

/// No struct of ours will ever be larger: more in `struct_size` is a mistake.
const STRUCT_MAX: usize = 4096;

/// The caller's size of the struct; at least what this version knows.
///
/// # Safety
/// `place` is NULL or readable for the 4 bytes of `struct_size`.
unsafe fn struct_size<T: Versioned>(place: *const T) -> Result<usize> {
    if place.is_null() {
        return Err(Error::Null);
    }
    // SAFETY: not NULL, and readable by the caller's promise.
    let size = unsafe { place.cast::<u32>().read_unaligned() } as usize;
    let known = (size_of::<T>()..=STRUCT_MAX).contains(&size);
    known.then_some(size).ok_or(Error::Unsupported)
}

/// Copies a struct in. A larger one, of a newer header, is taken if it says nothing new.
///
/// # Safety
/// `place` is NULL or readable for its `struct_size` bytes.
pub(super) unsafe fn struct_input<T: Versioned>(place: *const T) -> Result<T> {
    // SAFETY: the caller's promise is passed on.
    let size = unsafe { struct_size(place) }?;
    // SAFETY: readable for `size` bytes, which is at least what `T` has.
    let (value, whole) =
        unsafe { (place.read_unaligned(), std::slice::from_raw_parts(place.cast::<u8>(), size)) };
    let news = whole[size_of::<T>()..].iter().any(|&byte| byte != 0);
    if news { Err(Error::Unsupported) } else { Ok(value) }
}

/// Sees that a struct can be written, before anything is done that it would tell of.
///
/// # Safety
/// `place` is NULL or readable for the 4 bytes of `struct_size`.
pub(super) unsafe fn struct_output<T: Versioned>(place: *mut T) -> Result<StructRoom<T>> {
    // SAFETY: the caller's promise is passed on.
    let size = unsafe { struct_size(place.cast_const()) }?;
    Ok(StructRoom { place, size })
}

/// Where structs of the caller's size go, one behind the other.
pub(super) struct StructRoom<T> {
    place: *mut T,
    size: usize,
}

impl<T: Versioned> StructRoom<T> {
    /// Writes the struct number `index`; what the caller's version has more is zero. Each struct
    /// gets the caller's `struct_size`.
    ///
    /// # Safety
    /// The place is writable for `index + 1` structs of its `struct_size`.
    pub(super) unsafe fn put(&self, index: usize, value: &T) {
        let known = size_of::<T>();
        // SAFETY: within what the caller promises to be writable; `value` lies elsewhere.
        unsafe {
            let place = self.place.cast::<u8>().add(index * self.size);
            place.copy_from_nonoverlapping((&raw const *value).cast(), known);
            place.add(known).write_bytes(0, self.size - known);
            place.cast::<u32>().write_unaligned(self.size as u32);
        }
    }
}

/// What an opaque pointer points to.
#[derive(Debug)]
pub(super) struct Handle<T> {
    value: T,
    poisoned: AtomicBool,
}

impl<T> Handle<T> {
    pub(super) fn new(value: T) -> Self {
        Self { value, poisoned: AtomicBool::new(false) }
    }

    /// Runs the body of a function of this handle. After a panic the handle is no longer used.
    pub(super) fn call(&self, body: impl FnOnce(&T) -> Result<()>) -> tw_status {
        guard(|| {
            if self.poisoned.load(Ordering::Relaxed) {
                return Err(Error::Internal);
            }
            caught(|| body(&self.value), || self.poisoned.store(true, Ordering::Relaxed))
        })
    }
}

/// Gives a new handle to the caller; if it cannot be made, `*place` is left as it was.
///
/// # Safety
/// `place` is NULL or writable.
pub(super) unsafe fn give<H>(place: *mut *mut H, make: impl FnOnce() -> Result<H>) -> tw_status {
    guard(|| {
        if place.is_null() {
            return Err(Error::Null);
        }
        let handle = Box::new(make()?);
        // SAFETY: not NULL, and writable by the caller's promise.
        unsafe { place.write_unaligned(Box::into_raw(handle)) };
        Ok(())
    })
}

/// Takes a handle back and drops it. NULL is fine.
///
/// # Safety
/// `handle` is NULL or came from [`give`] and is not used again.
pub(super) unsafe fn take_back<H>(handle: *mut H) {
    guard(|| {
        if !handle.is_null() {
            // SAFETY: it came from `Box::into_raw` and nobody else will free it.
            drop(unsafe { Box::from_raw(handle) });
        }
        Ok(())
    });
}

/// Whether two ranges of memory share a byte.
pub(super) fn overlap<A, B>(a: *const A, a_count: usize, b: *const B, b_count: usize) -> bool {
    let (a_start, b_start) = (a.addr(), b.addr());
    let a_end = a_start.saturating_add(a_count.saturating_mul(size_of::<A>()));
    let b_end = b_start.saturating_add(b_count.saturating_mul(size_of::<B>()));
    a_start < b_end && b_start < a_end
}
