//! An order allocates nothing.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use super::*;

/// Counts what the calling thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: every call is passed on to the system allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps `GlobalAlloc::alloc`'s contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps `GlobalAlloc::dealloc`'s contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Pseudo-random numbers for a flow that is the same on each run (Knuth's MMIX constants).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn command(&mut self, order_id: u64) -> Command {
        let side = if self.below(2) == 0 { Side::Buy } else { Side::Sell };
        let (price, quantity) = (self.below(200) as i64, 1 + self.below(9));
        let order = limit(order_id, side, price, quantity);
        let recent = order_id.saturating_sub(1 + self.below(500));
        match self.below(10) {
            0..=4 => Command::New(order),
            5 => Command::New(immediate(order)),
            6 => Command::New(market(order_id, side, quantity)),
            7 => replace(recent, order),
            _ => cancel(order_id, recent),
        }
    }
}

#[test]
fn orders_allocate_nothing() {
    let at_first = ALLOCATIONS.get();
    let mut venue = PaperVenue::new(1, 300);
    assert!(ALLOCATIONS.get() > at_first, "the counter counts");
    let mut answers = Vec::with_capacity(1000);
    let mut random = Random(1);
    let before = ALLOCATIONS.get();
    let mut trades = 0;
    for order_id in 1..50_000 {
        answers.clear();
        venue.submit(&random.command(order_id), &mut answers);
        trades += answers.iter().filter(|answer| matches!(answer.kind, Trade { .. })).count();
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    assert!(trades > 10_000, "{trades}");
}
