//! Many threads at once: no frame is lost, none overtakes another of its session.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tinywindow::Error;
use tinywindow::gateway::{ExecError, Gate};
use tinywindow::order::Order;

use crate::desk::*;

const ORDERS: u64 = 100;

fn numbered(session_id: u64, sequence: u64) -> Order {
    Order { sequence, ..named(sequence, of(session_id, buy(100, 1))) }
}

#[test]
fn sessions_do_not_disturb_each_other() {
    let folder = Folder::new();
    for config in [config(&[]), folder.config(&[])] {
        let desk = Desk::open(&config);
        let order_ids = Mutex::new(HashSet::new());
        thread::scope(|scope| {
            for session_id in SESSIONS {
                let (desk, order_ids) = (&desk, &order_ids);
                scope.spawn(move || {
                    for sequence in 1..=ORDERS {
                        let ack = desk.send(numbered(session_id, sequence));
                        assert!(ack.accepted && !ack.duplicate);
                        assert_eq!((ack.session_id, ack.sequence), (session_id, sequence));
                        order_ids.lock().unwrap().insert(ack.order_id);
                    }
                });
            }
        });
        let all: HashSet<u64> = (1..=ORDERS * SESSIONS.len() as u64).collect();
        assert_eq!(order_ids.into_inner().unwrap(), all);
    }
}

#[test]
fn frames_of_one_session_are_decided_in_the_order_in_which_they_entered() {
    let hold = Hold::at(Gate::Authenticate);
    let desk = Desk::try_open(&config(&[]), NOW, Some(Arc::clone(&hold) as _)).unwrap();
    for round in 0..20 {
        hold.hold();
        thread::scope(|scope| {
            for entered in 1..=4 {
                let (desk, sequence) = (&desk, 4 * round + entered);
                scope.spawn(move || {
                    let ack = desk.send(numbered(1, sequence));
                    assert_eq!((ack.accepted, ack.order_id), (true, sequence));
                });
                // Verified, though perhaps before those who came earlier.
                hold.wait_for(entered as usize);
            }
            hold.release();
        });
    }
}

#[test]
fn threads_that_race_on_one_session_lose_only_what_was_overtaken() {
    let desk = Desk::open(&config(&[]));
    let next = AtomicU64::new(0);
    let decided = Mutex::new(Vec::new());
    let stale = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..ORDERS {
                    let sequence = next.fetch_add(1, Ordering::Relaxed) + 1;
                    match desk.try_send(numbered(1, sequence)) {
                        Ok(ack) => decided.lock().unwrap().push((ack.order_id, ack.sequence)),
                        Err(ExecError::Refused(Error::StaleSequence)) => {
                            stale.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(other) => panic!("{other:?}"),
                    }
                }
            });
        }
    });
    let mut decided = decided.into_inner().unwrap();
    decided.sort_unstable();
    assert!(decided.windows(2).all(|pair| pair[0].1 < pair[1].1), "in the order of sequences");
    assert_eq!(decided.len() as u64 + stale.into_inner(), 4 * ORDERS);
}

#[test]
fn the_same_frame_from_many_threads_is_decided_once() {
    let folder = Folder::new();
    for config in [config(&[]), folder.config(&[])] {
        let desk = Desk::open(&config);
        for _ in 0..20 {
            let frame = desk.frame(buy(100, 1));
            let acks: Vec<_> = thread::scope(|scope| {
                let senders = [(); 4].map(|()| scope.spawn(|| desk.send_frame(&frame).unwrap()));
                senders.map(|sender| sender.join().unwrap()).to_vec()
            });
            assert_eq!(acks.iter().filter(|ack| !ack.duplicate).count(), 1);
            assert!(acks.iter().all(|ack| ack.order_id == acks[0].order_id && ack.accepted));
        }
    }
}
