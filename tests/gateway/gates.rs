//! Gates 1 to 4: what is refused, what is a retry, and that what is refused leaves no trace.

use std::sync::Arc;

use tinywindow::Error::{
    self, SequenceReused, StaleSequence, StaleTime, Throttled, Unauthenticated,
};
use tinywindow::Reason;
use tinywindow::gateway::{ExecError, Gate, OrderAck, RETRY_MEMORY};
use tinywindow::order::Order;
use tinywindow::signing::{self, Context, Kind, Signer, Suite, Usage};

use crate::desk::*;

fn refused(error: Error) -> Result<OrderAck, ExecError> {
    Err(ExecError::Refused(error))
}

#[test]
fn what_is_no_frame_is_refused() {
    let desk = Desk::open(&config(&[]));
    let frame = desk.frame(buy(100, 1));
    for length in 0..frame.len() {
        assert_eq!(desk.send_frame(&frame[..length]), refused(Error::Order), "{length} bytes");
    }
    assert_eq!(desk.send_frame(&[&frame[..], &[0]].concat()), refused(Error::Order));
    assert!(desk.send_frame(&frame).is_ok());
}

#[test]
fn every_flipped_bit_is_refused_and_changes_nothing() {
    let desk = Desk::open(&config(&[]));
    let frame = desk.frame(buy(100, 1));
    for bit in 0..frame.len() * 8 {
        let mut flipped = frame.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let ending = desk.send_frame(&flipped);
        assert!(
            [refused(Error::Order), refused(Unauthenticated)].contains(&ending),
            "bit {bit}: {ending:?}"
        );
    }
    assert_eq!(desk.send_frame(&frame).map(|ack| ack.order_id), Ok(1));
}

#[test]
fn unknown_session_unknown_key_and_bad_signature_are_one_answer() {
    let desk = Desk::open(&config(&[]));
    let of_session = |session_id, key: &[u8]| {
        let order = desk.fill_in(of(session_id, buy(100, 1)));
        desk.send_frame(&sign(&Signer::new(key).unwrap(), &order))
    };
    assert_eq!(of_session(99, &key(1)), refused(Unauthenticated));
    assert_eq!(of_session(1, &key(2)), refused(Unauthenticated));
    assert_eq!(of_session(1, &signing::keygen(Suite::Ed25519, 1)), refused(Unauthenticated));
    assert!(of_session(1, &key(1)).is_ok());
}

#[test]
fn a_signature_made_for_another_purpose_is_refused() {
    let desk = Desk::open(&config(&[]));
    let frame = desk.frame(buy(100, 1));
    let signed = tinywindow::order::parse(&frame).unwrap().signed;
    for context in [Context::Payload, Context::Custom(b"order")] {
        let signature = signing::sign_with_context(&key(1), context, signed).unwrap();
        let length = (signature.len() as u16).to_le_bytes();
        let forged = [signed, &length, &signature].concat();
        assert_eq!(desk.send_frame(&forged), refused(Unauthenticated), "{context:?}");
    }
}

#[test]
fn a_retired_key_is_refused_like_an_unknown_one_and_so_are_its_retries() {
    let desk = Desk::open(&config(&[]));
    let decided = desk.frame(buy(100, 1));
    assert!(desk.send_frame(&decided).is_ok());
    let key_id = signing::key_id(&key(1)).unwrap();
    desk.gateway.retire_key(1, key_id).unwrap();
    assert_eq!(desk.try_send(buy(100, 1)), refused(Unauthenticated));
    assert_eq!(desk.send_frame(&decided), refused(Unauthenticated));
    assert_eq!(desk.gateway.add_key(1, &key(1)), Err(Error::Conflict), "never active again");
    assert!(desk.try_send(of(2, buy(100, 1))).is_ok(), "the others' keys stay");
}

#[test]
fn a_key_retired_after_a_frame_was_verified_is_still_in_time() {
    let hold = Hold::at(Gate::Authenticate);
    let desk = Desk::try_open(&config(&[]), NOW, Some(Arc::clone(&hold) as _)).unwrap();
    hold.hold();
    std::thread::scope(|scope| {
        let sending = scope.spawn(|| desk.try_send(buy(100, 1)));
        hold.wait_for(1);
        desk.gateway.retire_key(1, signing::key_id(&key(1)).unwrap()).unwrap();
        hold.release();
        assert_eq!(sending.join().unwrap(), refused(Unauthenticated));
    });
}

#[test]
fn a_raw_key_cannot_become_a_key_for_orders() {
    let desk = Desk::open(&config(&[]));
    let raw = signing::import(Suite::HmacSha256, Kind::Secret, Usage::Raw, &[7; 32]).unwrap();
    assert_eq!(desk.gateway.add_key(1, &raw), Err(Error::KeyUsage));
}

#[test]
fn an_ed25519_session_needs_to_show_its_public_key_only() {
    let desk = Desk::open(&config(&[]));
    let secret = signing::keygen(Suite::Ed25519, 5);
    desk.gateway.add_key(1, &signing::public_key(&secret).unwrap()).unwrap();
    let order = desk.fill_in(buy(100, 1));
    let frame = sign(&Signer::new(&secret).unwrap(), &order);
    assert!(desk.send_frame(&frame).unwrap().accepted);
}

#[test]
fn the_time_window_holds_to_the_nanosecond_on_both_sides() {
    let desk =
        Desk::open(&config(&[("freshness.back_ms", "5000"), ("freshness.ahead_ms", "1000")]));
    let sent_at = |sending_time| desk.try_send(Order { sending_time, ..buy(100, 1) });
    assert_eq!(sent_at(NOW - 5 * SECOND - 1), refused(StaleTime));
    assert_eq!(sent_at(NOW + SECOND + 1), refused(StaleTime));
    assert!(sent_at(NOW - 5 * SECOND).is_ok());
    assert!(sent_at(NOW + SECOND).is_ok());
    assert_eq!(sent_at(u64::MAX), refused(StaleTime));
    assert_eq!(sent_at(1), refused(StaleTime));
}

#[test]
fn a_sequence_not_above_the_last_is_stale_unless_it_is_a_retry() {
    let desk = Desk::open(&config(&[]));
    let with = |sequence| desk.try_send(Order { sequence, ..buy(100, 1) });
    assert!(with(10).is_ok());
    assert_eq!(with(9), refused(StaleSequence));
    assert_eq!(with(1), refused(StaleSequence));
    assert!(with(12).is_ok(), "gaps are allowed");
    assert_eq!(with(11), refused(StaleSequence));
    assert!(desk.try_send(Order { sequence: 1, ..of(2, buy(100, 1)) }).is_ok(), "per session");
}

#[test]
fn a_repeated_frame_gets_the_originals_ack_marked_duplicate() {
    let desk = Desk::open(&config(&[("limits.max_quantity", "10")]));
    let accepted = desk.frame(buy(100, 1));
    let rejected = desk.frame(buy(100, 11));
    for (frame, reason) in [(accepted, None), (rejected, Some(Reason::MaxQuantity))] {
        let original = desk.send_frame(&frame).unwrap();
        assert_eq!((original.accepted, original.reason), (reason.is_none(), reason));
        // Long after it was sent: a retry is not held against the time window.
        desk.clock.set(NOW + 3600 * SECOND);
        let repeated = desk.send_frame(&frame).unwrap();
        assert_eq!(repeated, OrderAck { duplicate: true, ..original });
        desk.clock.set(NOW);
    }
    assert_eq!(desk.gateway.order_status(1, 1).unwrap().leaves_quantity, 100_000_000, "sent once");
}

#[test]
fn a_retry_of_a_retry_changes_nothing() {
    let desk = Desk::open(&config(&[]));
    let frame = desk.frame(buy(100, 1));
    desk.send_frame(&frame).unwrap();
    let answers: Vec<_> = (0..3).map(|_| desk.send_frame(&frame).unwrap()).collect();
    assert!(answers.iter().all(|ack| ack.duplicate && ack.order_id == 1));
    assert_eq!(desk.send(buy(100, 1)).order_id, 2);
}

#[test]
fn another_frame_under_a_used_sequence_is_refused() {
    let desk = Desk::open(&config(&[]));
    desk.send(Order { sequence: 5, ..buy(100, 1) });
    let other = desk.try_send(Order { sequence: 5, ..named(77, buy(100, 1)) });
    assert_eq!(other, refused(SequenceReused));
    assert_eq!(desk.gateway.order_status(1, 77), Err(Error::NotFound));
}

#[test]
fn the_memory_of_frames_is_as_long_as_promised_and_no_longer() {
    let desk = Desk::open(&config(&[]));
    let first = desk.frame(buy(100, 1));
    let second = desk.frame(buy(100, 1));
    desk.send_frame(&first).unwrap();
    desk.send_frame(&second).unwrap();
    for _ in 0..RETRY_MEMORY - 1 {
        desk.accept(buy(100, 1));
    }
    assert_eq!(desk.send_frame(&first), refused(StaleSequence));
    assert!(desk.send_frame(&second).unwrap().duplicate);
}

#[test]
fn a_session_above_its_rate_is_throttled_until_a_token_is_back() {
    let desk = Desk::open(&config(&[("sessions.per_second", "10"), ("sessions.burst", "2")]));
    desk.accept(buy(100, 1));
    desk.accept(buy(100, 1));
    let third = desk.frame(buy(100, 1));
    assert_eq!(desk.send_frame(&third), refused(Throttled));
    assert_eq!(desk.gateway.order_status(1, 3), Err(Error::NotFound), "nothing is written down");
    desk.clock.set(NOW + SECOND / 10 - 1);
    assert_eq!(desk.send_frame(&third), refused(Throttled));
    desk.accept(of(2, buy(100, 1)));
    desk.clock.set(NOW + SECOND / 10);
    let ack = desk.send_frame(&third).expect("the same frame passes later");
    assert!(ack.accepted && !ack.duplicate);
}

#[test]
fn the_gateway_above_its_rate_throttles_every_session() {
    let desk = Desk::open(&config(&[("throttle.per_second", "10"), ("throttle.burst", "2")]));
    desk.accept(buy(100, 1));
    desk.accept(of(2, buy(100, 1)));
    let third = desk.frame(of(3, buy(100, 1)));
    assert_eq!(desk.send_frame(&third), refused(Throttled));
    desk.clock.set(NOW + SECOND / 10);
    assert!(desk.send_frame(&third).unwrap().accepted);
}

#[test]
fn a_full_bucket_holds_its_burst_and_no_more() {
    let desk = Desk::open(&config(&[("sessions.per_second", "10"), ("sessions.burst", "3")]));
    desk.clock.set(NOW + 4 * SECOND);
    for _ in 0..3 {
        desk.accept(buy(100, 1));
    }
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled));
}

#[test]
fn an_instrument_above_its_rate_is_throttled_for_every_session_and_no_other_instrument_is() {
    let folder = Folder::new();
    let limited = folder.config(&[("AAPL.per_second", "10"), ("AAPL.burst", "2")]);
    let desk = Desk::open(&limited);
    let first = desk.accept(buy(100, 1));
    desk.accept(of(2, buy(100, 1)));
    let third = desk.frame(of(3, buy(100, 1)));
    assert_eq!(desk.send_frame(&third), refused(Throttled));
    desk.accept(Order { symbol: text("MSFT"), ..buy(100, 1) });
    desk.accept(cancel(first));
    desk.clock.set(NOW + SECOND / 10 - 1);
    assert_eq!(desk.send_frame(&third), refused(Throttled));
    drop(desk);
    let desk = Desk::try_open(&limited, NOW + SECOND / 10 - 1, None).unwrap();
    assert_eq!(desk.send_frame(&third), refused(Throttled), "a restart gives no token back");
    desk.clock.set(NOW + SECOND / 10);
    assert!(desk.send_frame(&third).unwrap().accepted);
}

#[test]
fn cancels_pass_the_throttles_and_have_a_flood_cap_of_their_own() {
    let desk = Desk::open(&config(&[
        ("sessions.per_second", "1"),
        ("sessions.burst", "2"),
        ("sessions.cancels_per_second", "1"),
        ("sessions.cancels_burst", "2"),
    ]));
    let (first, second) = (desk.accept(buy(100, 1)), desk.accept(buy(100, 1)));
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled));
    desk.accept(cancel(first));
    desk.accept(cancel(second));
    assert_eq!(desk.try_send(cancel(first)), refused(Throttled));
    assert_eq!(desk.try_send(buy(100, 1)), refused(Throttled), "cancels give no tokens back");
}

#[test]
fn a_replace_takes_a_token_of_orders() {
    let desk = Desk::open(&config(&[("sessions.per_second", "1"), ("sessions.burst", "1")]));
    let order = desk.accept(buy(100, 1));
    assert_eq!(desk.try_send(replace(order, buy(101, 1))), refused(Throttled));
}

#[test]
fn a_rejected_order_takes_a_token_and_its_sequence() {
    let desk = Desk::open(&config(&[
        ("sessions.per_second", "1"),
        ("sessions.burst", "1"),
        ("limits.max_quantity", "10"),
    ]));
    desk.reject(Order { sequence: 5, ..buy(100, 11) }, Reason::MaxQuantity);
    assert_eq!(desk.try_send(buy(100, 1)), refused(StaleSequence));
    assert_eq!(desk.try_send(Order { sequence: 6, ..buy(100, 1) }), refused(Throttled));
}

#[test]
fn the_earlier_gate_gives_the_refusal() {
    let desk = Desk::open(&config(&[("sessions.per_second", "1"), ("sessions.burst", "1")]));
    desk.send(Order { sequence: 5, ..buy(100, 1) });
    let old = Order { sending_time: 1, ..buy(100, 1) };
    assert_eq!(desk.try_send(Order { sequence: 4, ..old }), refused(StaleSequence));
    assert_eq!(desk.try_send(Order { sequence: 6, ..old }), refused(StaleTime));
    assert_eq!(desk.try_send(Order { sequence: 6, ..buy(100, 1) }), refused(Throttled));
}
