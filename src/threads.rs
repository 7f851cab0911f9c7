//! Threads of the library's own. All are started here, so that whoever asks knows them all: a panic
//! on one of them is ours, and the host's hook must not print it.

use std::cell::Cell;
use std::io;
use std::thread::{Builder, JoinHandle, Scope, ScopedJoinHandle};

thread_local! {
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
}

/// Starts one; the name is what debuggers and `top` show.
pub(crate) fn spawn<T: Send + 'static>(
    name: &str,
    body: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    Builder::new().name(name.into()).spawn(move || {
        IS_OURS.set(true);
        body()
    })
}

/// [`spawn`] of one that ends before the scope does.
pub(crate) fn spawn_in<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    body: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().name(name.into()).spawn_scoped(scope, move || {
        IS_OURS.set(true);
        body()
    })
}

/// Whether this thread is one of them.
pub(crate) fn is_ours() -> bool {
    IS_OURS.get()
}

#[test]
fn threads_that_are_started_here_are_ours_whatever_their_names() {
    assert!(spawn("any", is_ours).unwrap().join().unwrap());
    let scoped = std::thread::scope(|scope| spawn_in(scope, "any", is_ours).unwrap().join());
    assert!(scoped.unwrap());
    let of_a_host = Builder::new().name("tw-journal".into()).spawn(is_ours);
    assert!(!is_ours() && !of_a_host.unwrap().join().unwrap());
}
