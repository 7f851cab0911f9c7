//! A hostile session at full speed beside an honest one: everything is counted as what it was, the
//! journal holds nothing of it but what was decided, and the honest one's orders are all accepted.

use std::collections::BTreeMap;

use tinywindow::Error;
use tinywindow::gateway::ExecError;
use tinywindow::gateway::event::{Event, EventKind};
use tinywindow::journal::{self, Kind};

use crate::desk::*;
use crate::seen::{changes, metrics, turn};

const HONEST: u64 = 1;
const HOSTILE: u64 = 2;
/// Each kind of hostile frame so often.
const EACH: u64 = 1_000;
const HONEST_ORDERS: u64 = 200;
/// With a clock that stands still a session's bucket never fills again.
const BURST: u64 = 300;

/// What a hostile session sends, in turn: orders above its rate, frames that it sent before, other
/// frames under their sequences, frames with another's or no key, and bytes that are no frame.
fn hostile_frames(desk: &Desk) -> Vec<Vec<u8>> {
    let order =
        |sequence, price| desk.frame(of(HOSTILE, named(sequence, order_under(sequence, price))));
    let first = order(1, 100);
    let frames = (0..EACH).flat_map(|round| {
        let sequence = 1 + round;
        let mut forged = order(sequence, 98);
        *forged.last_mut().expect("a signature") ^= 1;
        let malformed = forged[..forged.len() - 1 - round as usize % 100].to_vec();
        [order(sequence, 100), first.clone(), order(1, 99), forged, malformed]
    });
    frames.collect()
}

fn order_under(sequence: u64, price: i64) -> tinywindow::order::Order {
    tinywindow::order::Order { sequence, ..buy(price, 1) }
}

/// How often a session's frames were decided, in the journal.
fn decided(folder: &Folder) -> BTreeMap<u64, u64> {
    let mut decided = BTreeMap::new();
    let history = journal::read(&folder.journal(), |record| {
        let event = (record.kind == Kind::Event).then(|| Event::decode(record.payload)).flatten();
        if let Some(EventKind::Decided { frame, .. }) = event.map(|event| event.kind) {
            *decided.entry(frame.order.session_id).or_default() += 1;
        }
        Ok(())
    });
    assert_eq!(history.expect("a journal").damage, None);
    decided
}

#[test]
fn of_a_flood_every_frame_is_counted_as_what_it_was_and_honest_orders_pass() {
    let _turn = turn();
    let folder = Folder::new();
    let desk = Desk::open(&folder.config(&[("sessions.burst", "300")]));
    let hostile = hostile_frames(&desk);
    let honest: Vec<_> = (1..=HONEST_ORDERS)
        .map(|sequence| desk.frame(of(HONEST, named(sequence, order_under(sequence, 100)))))
        .collect();
    let before = metrics();
    std::thread::scope(|scope| {
        let flood = scope.spawn(|| {
            let send = |frame: &Vec<u8>| desk.send_frame(frame).map(|ack| ack.duplicate);
            hostile.iter().map(send).collect::<Vec<_>>()
        });
        for frame in &honest {
            let ack = desk.send_frame(frame).expect("decided");
            assert!(ack.accepted && !ack.duplicate, "{ack:?}");
        }
        let endings = flood.join().expect("a flood");
        let count = |ending| endings.iter().filter(|&&of| of == ending).count() as u64;
        let of = |error| count(Err(ExecError::Refused(error)));
        assert_eq!(count(Ok(false)), BURST);
        assert_eq!(count(Ok(true)), EACH);
        assert_eq!(of(Error::Throttled), EACH - BURST);
        assert_eq!(of(Error::SequenceReused), EACH);
        assert_eq!(of(Error::Unauthenticated), EACH);
        assert_eq!(of(Error::Order), EACH);
    });
    let told = changes(&before);
    let series = |name: &str| told.get(&format!("tinywindow_exec_{name}")).copied();
    let is = |name: &str, count: u64| assert_eq!(series(name), Some(count as f64), "{name}");
    is("orders_total{status=\"accepted\"}", BURST + HONEST_ORDERS);
    is("retries_total", EACH);
    is("refusals_total{status=\"TW_ERR_THROTTLED\"}", EACH - BURST);
    is("refusals_total{status=\"TW_ERR_SEQUENCE_REUSED\"}", EACH);
    is("refusals_total{status=\"TW_ERR_UNAUTHENTICATED\"}", EACH);
    is("refusals_total{status=\"TW_ERR_ORDER\"}", EACH);
    is("errors_total{type=\"validation\"}", 4 * EACH - BURST);
    desk.gateway.close().expect("closed");
    assert_eq!(decided(&folder), [(HONEST, HONEST_ORDERS), (HOSTILE, BURST)].into());
}
