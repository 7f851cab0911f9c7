//! Signed frames.

use std::time::{SystemTime, UNIX_EPOCH};

use tinywindow::order::{OrdType, Order, Request, Side, Terms, TimeInForce, UNIT, text};
use tinywindow::signing::{Signer, key_id};

use crate::daemon::session_key;

/// The frame of a limit order: 1 AAPL at 100, numbered `number` in every way.
pub fn frame(session_id: u64, number: u64) -> Vec<u8> {
    frame_of(session_id, number, 1, &session_key(session_id))
}

/// The same, on this side.
pub fn frame_on(side: Side, session_id: u64, number: u64) -> Vec<u8> {
    signed(side, session_id, number, 1, &session_key(session_id))
}

/// The same, of so many, signed with this key.
pub fn frame_of(session_id: u64, number: u64, quantity: u64, key: &[u8]) -> Vec<u8> {
    signed(Side::Buy, session_id, number, quantity, key)
}

fn signed(side: Side, session_id: u64, number: u64, quantity: u64, key: &[u8]) -> Vec<u8> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let terms = Terms {
        ord_type: OrdType::Limit,
        time_in_force: TimeInForce::Day,
        price: Some(100 * UNIT as i64),
        stop_price: None,
        quantity: quantity * UNIT,
    };
    let order = Order {
        sequence: number,
        sending_time: now.as_nanos() as u64,
        client_order_id: number,
        session_id,
        key_id: key_id(key).unwrap(),
        symbol: text(b"AAPL").unwrap(),
        account: text(b"fund").unwrap(),
        side,
        request: Request::New(terms),
    };
    order.sign(&Signer::new(key).unwrap()).unwrap()
}
