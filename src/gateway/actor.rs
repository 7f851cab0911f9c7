//! Who makes a change: a name that stands in the journal beside the change and its time.

use std::cell::Cell;

use crate::order::Text;

/// Nobody has said.
pub(super) const NOBODY: Text = [0; 16];

thread_local! {
    static ACTOR: Cell<Text> = const { Cell::new(NOBODY) };
}

/// Runs `f`. Whatever it changes in a gateway on this thread is journaled as made by this name:
/// halts, limits, instruments, prices, keys.
pub fn acting_as<R>(name: Text, f: impl FnOnce() -> R) -> R {
    struct Before(Text);
    impl Drop for Before {
        fn drop(&mut self) {
            act_as(self.0);
        }
    }
    let _before = Before(ACTOR.replace(name));
    f()
}

/// [`acting_as`] from now on.
pub(crate) fn act_as(name: Text) {
    ACTOR.set(name);
}

pub(super) fn actor() -> Text {
    ACTOR.get()
}
