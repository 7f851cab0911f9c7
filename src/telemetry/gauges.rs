//! Numbers that go up and down belong to the gateways: they are asked when somebody reads the
//! metrics, so that the order path pays nothing for them.

use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use crate::secret::PerProcess;

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

/// A forked child begins with none: the parent's are not its own.
static SOURCES: PerProcess<Mutex<Vec<Weak<dyn Source>>>> = PerProcess::new();

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

/// None if the system refuses a page.
fn sources() -> Option<MutexGuard<'static, Vec<Weak<dyn Source>>>> {
    Some(SOURCES.get().ok()?.lock().unwrap_or_else(PoisonError::into_inner))
}
