//! `flow`.

use std::collections::BTreeMap;
use std::fs;

use sha2::{Digest, Sha256};

use crate::{expect, folder, hex, run};

/// A line of a flow, as far as the tests need it.
#[derive(Clone)]
pub struct Line {
    pub kind: u8,
    pub order_id: i64,
    pub size: u64,
    pub price: i64,
    pub side: i8,
}

pub fn parse(flow: &str) -> Vec<Line> {
    let line = |line: &str| {
        let fields: Vec<_> = line.split(',').collect();
        Line {
            kind: fields[1].parse().unwrap(),
            order_id: fields[2].parse().unwrap(),
            size: fields[3].parse().unwrap(),
            price: fields[4].parse().unwrap(),
            side: fields[5].parse().unwrap(),
        }
    };
    flow.lines().map(line).collect()
}

/// The open orders of a side, best price first, then oldest.
pub fn queue(open: &BTreeMap<i64, Line>, side: i8) -> Vec<&Line> {
    let mut orders: Vec<_> = open.values().filter(|order| order.side == side).collect();
    orders.sort_by_key(|order| (-order.price * i64::from(side), order.order_id));
    orders
}

/// Applies an event to the open orders, which a sorted id keeps in the order of entry.
pub fn apply(open: &mut BTreeMap<i64, Line>, line: &Line) {
    match line.kind {
        1 => drop(open.insert(line.order_id, line.clone())),
        2..=4 => {
            let order = open.get_mut(&line.order_id).expect("an event of an open order");
            assert_eq!((order.price, order.side), (line.price, line.side));
            order.size = order.size.checked_sub(line.size).expect("no more than is left");
            if order.size == 0 {
                open.remove(&line.order_id);
            }
        }
        _ => {}
    }
}

#[test]
fn a_flow_is_the_same_every_time_and_on_every_machine() {
    let folder = folder("flow");
    let flow = expect(&run(&folder, &["flow", "--seed", "7", "--events", "1000"]), 0);
    assert_eq!(flow.lines().count(), 1_000);
    assert_eq!(
        hex(&Sha256::digest(&flow)),
        "bc8294ad7c120e827a18e5642a6102c20a1d02486fd94a260978e86c90bf439b",
    );
    expect(&run(&folder, &["flow", "--seed", "7", "--events", "1000", "-o", "flow.csv"]), 0);
    assert_eq!(fs::read_to_string(folder.join("flow.csv")).unwrap(), flow);
    let other = expect(&run(&folder, &["flow", "--seed", "8", "--events", "1000"]), 0);
    assert_ne!(other, flow);
}

#[test]
fn a_flow_never_crosses_and_executes_by_price_time_priority() {
    let folder = folder("priority");
    let flow = expect(&run(&folder, &["flow", "--seed", "3", "--events", "12000"]), 0);
    let lines = parse(&flow);
    let mut open = BTreeMap::new();
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        match line.kind {
            1 => {
                let best = queue(&open, -line.side).first().map(|best| best.price);
                let side = i64::from(line.side);
                assert!(best.is_none_or(|best| line.price * side < best * side), "line {number}");
            }
            3 => assert_eq!(open[&line.order_id].size, line.size, "line {number}"),
            4 => assert_eq!(queue(&open, line.side)[0].order_id, line.order_id, "line {number}"),
            _ => {}
        }
        apply(&mut open, line);
    }
    let counts = [1, 2, 3, 4, 5, 6].map(|kind| lines.iter().filter(|l| l.kind == kind).count());
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    let halts: Vec<_> = lines.iter().filter(|l| l.kind == 7).map(|l| l.price).collect();
    assert_eq!(halts, [-1, 0, 1], "halted, quoting, trading");
}

/// When the halt is due, these flows have fewer orders in the book than a halt cancels.
#[test]
fn a_halt_waits_for_enough_orders_to_cancel() {
    let folder = folder("halt");
    for events in ["48000", "60000"] {
        let flow = expect(&run(&folder, &["flow", "--events", events]), 0);
        let halts: Vec<_> = parse(&flow).iter().filter(|l| l.kind == 7).map(|l| l.price).collect();
        assert_eq!(halts, [-1, 0, 1], "{events} events");
    }
}
