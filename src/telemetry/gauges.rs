//! Numbers that go up and down belong to the gateways: they are asked when somebody reads the
//! metrics, so that the order path pays nothing for them.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError, Weak};
use std::thread;
use std::time::Duration;

/// What a gateway holds now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Gauges {
    pub gateways: u64,
    pub open_orders: u64,
    pub in_flight: u64,
    pub completions: u64,
}

/// Whoever holds something. Must not block.
pub(crate) trait Source: Send + Sync {
    fn gauges(&self) -> Gauges;
}

static SOURCES: Mutex<Vec<Weak<dyn Source>>> = Mutex::new(Vec::new());

/// Has the source asked as long as it lives.
pub(crate) fn register(source: Weak<dyn Source>) {
    if let Some(mut sources) = sources() {
        sources.retain(|known| known.strong_count() > 0);
        sources.push(source);
    }
}

/// The sum over all sources.
pub(super) fn read() -> Gauges {
    let mut all = Gauges::default();
    let sources = sources();
    for source in sources.iter().flat_map(|sources| sources.iter()).filter_map(Weak::upgrade) {
        let Gauges { gateways, open_orders, in_flight, completions } = source.gauges();
        all.gateways += gateways;
        all.open_orders += open_orders;
        all.in_flight += in_flight;
        all.completions += completions;
    }
    all
}

/// In a child that was forked while a thread of the parent held the lock, nobody will ever give it
/// back: then there are no gauges, instead of no return.
fn sources() -> Option<MutexGuard<'static, Vec<Weak<dyn Source>>>> {
    const TRIES: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(1);
    (0..TRIES).find_map(|_| match SOURCES.try_lock() {
        Ok(sources) => Some(sources),
        Err(TryLockError::Poisoned(poisoned)) => Some(PoisonError::into_inner(poisoned)),
        Err(TryLockError::WouldBlock) => {
            thread::sleep(PAUSE);
            None
        }
    })
}
