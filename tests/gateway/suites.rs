//! Orders signed in every suite, also by sessions whose signatures take kilobytes.

use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use tinywindow::Error;
use tinywindow::gateway::ExecError;
use tinywindow::signing::{Signer, Suite, keygen, public_key};

use crate::desk::*;
use crate::skipped::skipped;

const CHILD: &str = "TINYWINDOW_TEST_NO_STACK";
const NO_STACK: &str = "a_frame_for_which_there_is_no_stack_is_refused_as_such_and_no_other";

/// The signer of a key of this suite that session 1 has from now on.
fn signer(desk: &Desk, suite: Suite) -> Signer {
    let key = keygen(suite, 77);
    let public = public_key(&key).unwrap_or_else(|_| key.to_vec());
    desk.gateway.add_key(1, &public).unwrap();
    Signer::new(&key).unwrap()
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
