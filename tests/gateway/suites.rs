//! Orders signed in every suite, also by sessions whose signatures take kilobytes.

use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use tinywindow::Error::{self, Unauthenticated};
use tinywindow::gateway::{ExecError, KeyState, OrdStatus, OrderAck};
use tinywindow::order::Order;
use tinywindow::signing::{HEADER_SIZE, Kind, Signer, Suite, Usage, import, keygen, public_key};

use crate::desk::*;
use crate::skipped::skipped;

const CHILD: &str = "TINYWINDOW_TEST_NO_STACK";
const NO_STACK: &str = "a_frame_for_which_there_is_no_stack_is_refused_as_such_and_no_other";

/// The signer of a key of this suite that session 1 has from now on.
pub fn signer(desk: &Desk, suite: Suite) -> Signer {
    desk.gateway.add_key(1, &public(suite)).unwrap();
    Signer::new(&keygen(suite, 77)).unwrap()
}

/// The public key of [`signer`], or the only one.
fn public(suite: Suite) -> Vec<u8> {
    let key = keygen(suite, 77);
    public_key(&key).unwrap_or_else(|_| key.to_vec())
}

/// A session with a key of every suite, of each an order, a replace and a cancel, and between them
/// a restart, which finds the keys absent until they are added again.
#[test]
fn every_suite_orders_replaces_and_cancels_across_restarts() {
    let folder = Folder::new();
    let config = folder.config(&[]);
    for (number, &suite) in (1..).zip(Suite::ALL) {
        let step = |at: u64, order: Order| {
            let first = 10 * number + at;
            let desk = Desk::reopen(&config, first);
            let known = desk.gateway.keys(1).unwrap();
            let signer = Signer::new(&keygen(suite, 77)).unwrap();
            let state = known.iter().find(|key| key.key_id == signer.key_id()).map(|key| key.state);
            assert_eq!(state, (at > 0).then_some(KeyState::Absent), "{suite:?}");
            let frame = sign(&signer, &desk.fill_in(order));
            let before = desk.send_frame(&frame);
            assert_eq!(before, Err(ExecError::Refused(Unauthenticated)), "{suite:?} {at}");
            desk.gateway.add_key(1, &public(suite)).unwrap();
            let keys = desk.gateway.keys(1).unwrap();
            let key = keys.iter().find(|key| key.key_id == signer.key_id()).unwrap();
            assert_eq!((key.suite, key.state), (suite, KeyState::Active));
            let ack = desk.send_frame(&frame).unwrap();
            assert_eq!((ack.accepted, ack.reason), (true, None), "{suite:?} {at}");
            let repeated = desk.send_frame(&frame);
            assert_eq!(repeated, Ok(OrderAck { duplicate: true, ..ack }), "{suite:?} {at}");
            let status = desk.status(ack.client_order_id).ord_status;
            desk.gateway.close().unwrap();
            (ack.client_order_id, status)
        };
        let (order, status) = step(0, buy(100, 2));
        assert_eq!(status, OrdStatus::New);
        let (replaced, _) = step(3, replace(order, buy(99, 1)));
        let (_, _) = step(6, cancel(replaced));
        let desk = Desk::reopen(&config, 10 * number + 9);
        assert_eq!(desk.status(order).ord_status, OrdStatus::Canceled, "{suite:?}");
    }
}

/// To the gateway it is the key of its seed; being a secret one it is no session's.
#[test]
fn a_key_without_its_seed_signs_orders() {
    let seed = keygen(Suite::MlDsa65, 77)[HEADER_SIZE..].try_into().unwrap();
    let theirs = libcrux_ml_dsa::ml_dsa_65::generate_key_pair(seed).signing_key;
    let key = import(Suite::MlDsa65, Kind::Expanded, Usage::Framed, theirs.as_slice()).unwrap();
    let desk = Desk::open(&config(&[]));
    assert_eq!(desk.gateway.add_key(1, &key), Err(Error::KeyKind));
    let of_seed = signer(&desk, Suite::MlDsa65);
    let order = desk.fill_in(buy(100, 2));
    let frame = sign(&Signer::new(&key).unwrap(), &order);
    assert_eq!(frame, sign(&of_seed, &order));
    assert!(desk.send_frame(&frame).unwrap().accepted);
}

/// As many of the longest frames as may be in flight are one batch, and a restart knows them all.
#[test]
fn a_batch_of_the_longest_frames_is_durable_as_a_whole() {
    const FRAMES: u64 = 64;
    let folder = Folder::new();
    let config = folder.config(&[("sessions.max_in_flight", "64")]);
    let (desk, hold) = Desk::open_held(&config);
    let key = signer(&desk, Suite::MlDsa87);
    let frames: Vec<_> = (0..FRAMES).map(|_| sign(&key, &desk.fill_in(buy(100, 1)))).collect();
    hold.hold();
    for (tag, frame) in (0..).zip(&frames) {
        desk.gateway.submit(frame, tag).unwrap();
    }
    hold.release();
    let acks = desk.acks(FRAMES as usize);
    drop(desk);
    let desk = Desk::open(&config);
    desk.gateway.add_key(1, &public(Suite::MlDsa87)).unwrap();
    for (tag, frame) in (0..).zip(&frames) {
        let ack = desk.send_frame(frame).unwrap();
        assert_eq!(ack, OrderAck { duplicate: true, ..acks[&tag] });
    }
}

/// Limits this process to the address space it has, if it is one that can be limited.
fn take_no_more_memory() -> bool {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').next().unwrap().parse().unwrap();
    // A sanitizer reserves terabytes and could not go on.
    if pages > 1 << 28 {
        return false;
    }
    let id = std::process::id().to_string();
    let limit = format!("--as={}", pages * 4096);
    Command::new("prlimit").args(["--pid", &id, &limit]).status().is_ok_and(|s| s.success())
}

/// Two threads verify, and of stacks for ML-DSA there is only the one from opening: whenever they
/// do so at once one of them has none.
#[test]
fn a_frame_for_which_there_is_no_stack_is_refused_as_such_and_no_other() {
    if std::env::var_os(CHILD).is_none() {
        let mut child = Command::new(std::env::current_exe().unwrap());
        let child = child.args(["--exact", "--nocapture", &format!("suites::{NO_STACK}")]);
        assert!(child.env(CHILD, "1").status().unwrap().success());
        return;
    }
    let desk = Desk::open(&config(&[]));
    let frame = sign(&signer(&desk, Suite::MlDsa87), &desk.fill_in(buy(100, 1)));
    let (started, limited) = (Barrier::new(3), Barrier::new(3));
    let (found, deadline) = (AtomicBool::new(false), Instant::now() + PATIENCE);
    let checks = || {
        started.wait();
        limited.wait();
        let mut verified = 0;
        while !found.load(Relaxed) && Instant::now() < deadline {
            match desk.gateway.pre_trade_check(&frame) {
                Ok(()) => verified += 1,
                Err(ExecError::Refused(Error::Memory)) => found.store(true, Relaxed),
                Err(other) => panic!("{other:?}"),
            }
        }
        verified
    };
    std::thread::scope(|scope| {
        let threads = [scope.spawn(checks), scope.spawn(checks)];
        started.wait();
        let is_limited = take_no_more_memory();
        found.store(!is_limited, Relaxed);
        limited.wait();
        let verified: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        match is_limited {
            true => assert!(found.load(Relaxed) && verified > 0, "{verified} had a stack"),
            false => skipped(NO_STACK, "the address space of this process cannot be limited"),
        }
    });
    assert!(desk.send_frame(&frame).unwrap().accepted, "nothing had happened");
}
