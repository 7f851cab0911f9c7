//! Order frames: an order has one encoding, and what is not exactly that is no order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tinywindow::order::{self, FRAME_MAX, Order, SIGNED_MAX};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(order) = order::decode(bytes) {
        encodes_to(&order, bytes);
    }
    if let Ok(frame) = order::parse(bytes) {
        encodes_to(&frame.order, frame.signed);
        assert_eq!(order::decode(frame.signed), Ok(frame.order));
        let mut joined = [0; FRAME_MAX];
        let length = order::frame(frame.signed, frame.signature, &mut joined);
        assert_eq!(&joined[..length.expect("it fits")], bytes);
        assert!(order::parse(&bytes[..bytes.len() - 1]).is_err(), "a byte is missing");
        assert!(order::parse(&[bytes, &[0]].concat()).is_err(), "a byte too many");
    }
});

fn encodes_to(order: &Order, signed: &[u8]) {
    let mut encoded = [0; SIGNED_MAX];
    let length = order::encode(order, &mut encoded).expect("what was decoded encodes");
    assert_eq!(&encoded[..length], signed);
}
