//! Which of the firm's own open orders has the best price: what a new order must not trade with.
//!
//! For each side of an instrument, of an account or of the whole firm, a pairing heap (Fredman et
//! al., 1986) threaded through the orders: the best is looked up at once, one comes at once, one
//! goes in amortised logarithmic time, and nothing is allocated.

use crate::gateway::records::OrderRecord;
use crate::gateway::row::row;

/// A row of an order.
type Link = Option<u32>;

/// An order's place in its heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Links {
    /// The first of those below.
    child: Link,
    /// The next one below the same.
    next: Link,
    /// The one before, or for a first child the one above.
    previous: Link,
}

row!(Links { child, next, previous });

impl Links {
    /// The rows of the orders around it.
    pub fn all(self) -> [Link; 3] {
        [self.child, self.next, self.previous]
    }

    /// The same place, where the orders have other rows.
    pub fn moved(self, to: impl Fn(Link) -> Link) -> Self {
        let Self { child, next, previous } = self;
        Self { child: to(child), next: to(next), previous: to(previous) }
    }
}

/// The best of each side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Best {
    pub buy: Link,
    pub sell: Link,
}

row!(Best { buy, sell });

impl Best {
    /// The same orders, where they have other rows.
    pub fn moved(self, to: impl Fn(Link) -> Link) -> Self {
        Self { buy: to(self.buy), sell: to(self.sell) }
    }
}

/// The best once this order, which is in no heap, is in this one.
pub(super) fn insert(orders: &mut [OrderRecord], best: Link, row: u32) -> Link {
    merge(orders, best, Some(row))
}

/// The best once this order is no longer in this heap.
pub(super) fn remove(orders: &mut [OrderRecord], best: Link, row: u32) -> Link {
    let Links { child, next, previous } = std::mem::take(links(orders, row));
    if let Some(next) = next {
        links(orders, next).previous = previous;
    }
    if let Some(previous) = previous {
        let before = links(orders, previous);
        let place = if before.child == Some(row) { &mut before.child } else { &mut before.next };
        *place = next;
    }
    let below = merge_pairs(orders, child);
    if best == Some(row) { below } else { merge(orders, best, below) }
}

/// Those of the heap that are at least as good as this rank, each after the one it is below.
pub(super) fn at_least(
    orders: &[OrderRecord],
    best: Link,
    rank: i64,
) -> impl Iterator<Item = u32> + use<'_> {
    let is_in = move |row: &u32| orders[*row as usize].counted.rank >= rank;
    // What is below one that is not among them is not either.
    let after = move |row: &u32| {
        let child = orders[*row as usize].links.child.filter(|_| is_in(row));
        child.or_else(|| next_beside(orders, *row))
    };
    std::iter::successors(best, after).filter(is_in)
}

/// The next one beside it, or beside the nearest one above it that has one.
fn next_beside(orders: &[OrderRecord], row: u32) -> Link {
    let mut at = row;
    while orders[at as usize].links.next.is_none() {
        // Back through those beside it to the one above.
        loop {
            let previous = orders[at as usize].links.previous?;
            let is_first = orders[previous as usize].links.child == Some(at);
            at = previous;
            if is_first {
                break;
            }
        }
    }
    orders[at as usize].links.next
}

fn links(orders: &mut [OrderRecord], row: u32) -> &mut Links {
    &mut orders[row as usize].links
}

/// Makes one heap of two; of equals the first stays above.
fn merge(orders: &mut [OrderRecord], first: Link, second: Link) -> Link {
    let (Some(first), Some(second)) = (first, second) else { return first.or(second) };
    let rank = |row: u32| orders[row as usize].counted.rank;
    let second_is_better = rank(second) > rank(first);
    let (above, below) = if second_is_better { (second, first) } else { (first, second) };
    let child = links(orders, above).child.replace(below);
    if let Some(child) = child {
        links(orders, child).previous = Some(below);
    }
    let place = links(orders, below);
    (place.next, place.previous) = (child, Some(above));
    Some(above)
}

/// Makes one heap of all that were below one: two by two, then from the last to the first.
fn merge_pairs(orders: &mut [OrderRecord], first: Link) -> Link {
    let mut pairs: Link = None;
    let mut at = first;
    while let Some(one) = at {
        let other = detach(orders, one);
        at = other.and_then(|other| detach(orders, other));
        if let Some(pair) = merge(orders, Some(one), other) {
            links(orders, pair).next = pairs.replace(pair);
        }
    }
    let mut best = None;
    while let Some(pair) = pairs {
        pairs = detach(orders, pair);
        best = merge(orders, best, Some(pair));
    }
    best
}

/// Takes an order from its row of siblings; the next of them.
fn detach(orders: &mut [OrderRecord], row: u32) -> Link {
    let place = links(orders, row);
    place.previous = None;
    place.next.take()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::exposure::Counted;
    use crate::gateway::report::OrdStatus;
    use crate::order::{OrdType, Side, Terms, TimeInForce};

    fn order(rank: i64) -> OrderRecord {
        let terms = Terms {
            ord_type: OrdType::Limit,
            time_in_force: TimeInForce::Day,
            price: Some(rank),
            stop_price: None,
            quantity: 1,
        };
        OrderRecord {
            session: 0,
            instrument: 0,
            account: 0,
            position: 0,
            side: Side::Buy,
            order_id: 1,
            terms,
            cum_quantity: 0,
            counted: Counted { rank, ..Counted::NOTHING },
            links: Links::default(),
            pending: 0,
            status: OrdStatus::New,
            is_leaving: false,
            priority: 0,
        }
    }

    proptest! {
        #[test]
        fn the_best_is_the_best_whoever_comes_and_goes(
            ranks in proptest::collection::vec(-5..5_i64, 1..60),
            moves in proptest::collection::vec(any::<usize>(), 0..400),
        ) {
            let mut orders: Vec<OrderRecord> = ranks.iter().map(|rank| order(*rank)).collect();
            let (mut best, mut inside) = (None, vec![false; ranks.len()]);
            for row in moves.iter().map(|pick| pick % ranks.len()) {
                let change = if inside[row] { remove } else { insert };
                best = change(&mut orders, best, row as u32);
                inside[row] = !inside[row];
                let is_in = |row: &u32| inside[*row as usize];
                let rows: Vec<u32> = (0..ranks.len() as u32).filter(is_in).collect();
                let rank = |row: u32| ranks[row as usize];
                let found = best.map(|row| orders[row as usize].counted.rank);
                prop_assert_eq!(found, rows.iter().map(|row| rank(*row)).max());
                for least in -5..=5 {
                    let mut found: Vec<u32> = at_least(&orders, best, least).collect();
                    found.sort_unstable();
                    let expected = rows.iter().copied().filter(|row| rank(*row) >= least);
                    prop_assert_eq!(found, expected.collect::<Vec<_>>());
                }
            }
        }
    }
}
