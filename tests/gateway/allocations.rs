//! The hot path allocates nothing: decode, verify, decide, journal to memory, match, acknowledge.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use tinywindow::order::{Order, Side};
use tinywindow::signing::Suite;

use crate::desk::*;
use crate::suites::signer;

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

const WARM_UP: u64 = 2_000;
const MEASURED: u64 = 10_000;

/// Orders that rest, orders that cross them, replaces and cancels, of two sessions.
fn order(random: &mut Random, sequence: u64) -> Order {
    let side = if random.below(2) == 0 { Side::Buy } else { Side::Sell };
    let price = 95 + random.below(10) as i64;
    let order = limit(side, price, 1 + random.below(9));
    let recent = sequence.saturating_sub(1 + random.below(20)).max(1);
    let order = match random.below(10) {
        0 => replace(recent, order),
        1 | 2 => Order { side, ..cancel(recent) },
        3 => market(side, 5),
        _ => order,
    };
    of(1 + random.below(2), order)
}

#[test]
fn an_order_allocates_nothing_from_frame_to_fill() {
    let at_first = ALLOCATIONS.get();
    let accepted = measure(&[]);
    assert!(ALLOCATIONS.get() > at_first, "the counter counts");
    assert!(accepted > MEASURED / 2, "{accepted}");
}

#[test]
fn an_order_allocates_nothing_whatever_is_limited() {
    let accepted = measure(&[
        ("AAPL.reference_price", "100"),
        ("AAPL.max_notional", "100_000"),
        ("AAPL.max_position", "100_000"),
        ("AAPL.collar_percent", "50"),
        ("AAPL.last_trade_collar_percent", "50"),
        ("AAPL.locate", "1000"),
        ("AAPL.opens", "'00:00'"),
        ("AAPL.closes", "'23:59:59'"),
        ("sessions.max_repeats", "100"),
        ("sessions.max_order_to_trade", "1000"),
        ("account_limits.max_gross_notional", "10_000_000"),
        ("account_limits.max_loss", "10_000_000"),
        ("firm.max_net_notional", "10_000_000"),
        ("firm.self_trade_prevention", "'account'"),
    ]);
    assert!(accepted > MEASURED / 10, "{accepted}");
}

#[test]
fn an_order_allocates_nothing_in_any_suite() {
    for &suite in Suite::ALL {
        let desk = Desk::open(&config(&[("gateway.max_completions", "4")]));
        let signer = signer(&desk, suite);
        let frames: Vec<_> = (0..40).map(|_| sign(&signer, &desk.fill_in(buy(100, 1)))).collect();
        let mut before = 0;
        for (sent, frame) in frames.iter().enumerate() {
            if sent == 20 {
                before = ALLOCATIONS.get();
            }
            assert!(desk.send_frame(frame).unwrap().accepted);
        }
        assert_eq!(ALLOCATIONS.get() - before, 0, "{suite:?}");
    }
}

/// How many orders were accepted; no allocation was seen.
fn measure(limits: &[(&str, &str)]) -> u64 {
    let changes = [("gateway.max_orders", "60_000"), ("gateway.max_completions", "4")];
    let desk = Desk::open(&config(&[&changes, limits].concat()));
    let mut random = Random(1);
    let frames: Vec<Vec<u8>> =
        (1..=WARM_UP + MEASURED).map(|sequence| desk.frame(order(&mut random, sequence))).collect();
    let (warm_up, measured) = frames.split_at(WARM_UP as usize);
    for frame in warm_up {
        desk.send_frame(frame).unwrap();
    }
    let before = ALLOCATIONS.get();
    let mut accepted = 0;
    for frame in measured {
        accepted += u64::from(desk.send_frame(frame).unwrap().accepted);
    }
    assert_eq!(ALLOCATIONS.get() - before, 0);
    accepted
}
