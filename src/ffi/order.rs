//! Orders and their frames.

use super::boundary::{Output, Versioned, guard, input, put, struct_input, struct_output};
use super::prepared::{tw_signer, with_signer};
use super::tw_status;
use crate::error::{Error, Result};
use crate::order::{
    self, FRAME_MAX, OrdType, Order, PRICE_NONE, Request, SIGNED_MAX, Side, Terms, Text,
    TimeInForce,
};
use crate::signing::{self, Context, Signer};

/// NewOrderSingle (FIX 35=D).
pub const TW_TEMPLATE_NEW_ORDER_SINGLE: u32 = 1;
/// OrderCancelReplaceRequest (FIX 35=G).
pub const TW_TEMPLATE_ORDER_CANCEL_REPLACE_REQUEST: u32 = 2;
/// OrderCancelRequest (FIX 35=F).
pub const TW_TEMPLATE_ORDER_CANCEL_REQUEST: u32 = 3;
/// Bytes that hold any order frame.
pub const TW_ORDER_FRAME_MAX: usize = 4749;

/// An order message in decoded form. Field names and values are FIX's; prices and quantities are
/// integers with exponent -8 (1.5 is 150000000). Text is bytes 0x21 to 0x7E, then NULs.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct tw_order {
    /// sizeof(tw_order), set by the caller.
    pub struct_size: u32,
    /// TW_TEMPLATE_*.
    pub template_id: u32,
    /// FIX 34: strictly increasing per session.
    pub sequence: u64,
    /// FIX 52: nanoseconds since 1970 UTC.
    pub sending_time: u64,
    /// FIX 11: unique per session.
    pub client_order_id: u64,
    /// FIX 41: of a replace or cancel; else 0.
    pub orig_client_order_id: u64,
    /// FIX 49.
    pub session_id: u64,
    /// Which of the session's keys signs; set by the functions that sign.
    pub key_id: u64,
    /// FIX 44: of limit and stop limit orders; else TW_PRICE_NONE.
    pub price: i64,
    /// FIX 99: of stop and stop limit orders; else TW_PRICE_NONE.
    pub stop_price: i64,
    /// FIX 38: above 0; of a replace the new total, what is filled included; of a cancel 0.
    pub quantity: u64,
    /// FIX 55: not empty.
    pub symbol: [u8; 16],
    /// FIX 1: may be empty.
    pub account: [u8; 16],
    /// FIX 54: '1' buy, '2' sell, '5' sell short.
    pub side: u8,
    /// FIX 40: '1' market, '2' limit, '3' stop, '4' stop limit; of a cancel 0.
    pub ord_type: u8,
    /// FIX 59: '0' day, '1' good till cancel, '3' immediate or cancel, '4' fill or kill; of a
    /// cancel 0.
    pub time_in_force: u8,
    /// Zeros.
    pub reserved: [u8; 5],
    /// Zero.
    pub reserved2: u64,
}

const _: () = assert!(size_of::<tw_order>() == 128);
const _: () = assert!(TW_ORDER_FRAME_MAX == FRAME_MAX);

// SAFETY: repr(C), integers and arrays of them, no padding (see the size), struct_size first.
unsafe impl Versioned for tw_order {}

/// Encodes an order and a signature made elsewhere into a frame: message header, block, length of
/// the signature (u16), signature. What is signed is the header and the block, in the context
/// "tinywindow/v1/order": all but the last sig_len + 2 bytes.
///
/// order: its key_id is taken as it is. sig: may be empty. frame: receives the frame;
/// TW_ORDER_FRAME_MAX is always enough; (NULL, 0) asks for the size.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for reserved
/// bytes that are not zero; TW_ERR_ORDER for an order or signature against the rules of the
/// format; TW_ERR_BUFFER.
/// Ownership: nothing is kept. Threads: any. Cost: constant, no allocation. Since 0.1.
///
/// # Safety
/// order is readable for its struct_size, sig for sig_len bytes, frame is writable for frame_cap
/// bytes, frame_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_order_encode(
    order: *const tw_order,
    sig: *const u8,
    sig_len: usize,
    frame: *mut u8,
    frame_cap: usize,
    frame_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about frame and frame_len.
        let output = unsafe { Output::new(frame, frame_cap, frame_len) }?;
        // SAFETY: the caller's promise about order and sig.
        let (order, sig) = unsafe { (struct_input(order)?, input(sig, sig_len)?) };
        let (signed, signed_len) = encode(&order_of(&order)?)?;
        put_frame(&signed[..signed_len], sig, &output)
    })
}

/// Takes a frame apart, strictly. The signature is not verified.
///
/// order: its struct_size is set by the caller; all else is written on success. *signed_len
/// receives the length of what is signed; the signature is frame[*signed_len + 2 .. frame_len].
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ORDER for whatever is not
/// exactly a frame.
/// Ownership: nothing is kept. Threads: any. Cost: constant, no allocation. Since 0.1.
///
/// # Safety
/// frame is readable for frame_len bytes, order is writable for its struct_size, signed_len is
/// writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_order_decode(
    frame: *const u8,
    frame_len: usize,
    order: *mut tw_order,
    signed_len: *mut usize,
) -> tw_status {
    guard(|| {
        if signed_len.is_null() {
            return Err(Error::Null);
        }
        // SAFETY: the caller's promise about order and frame.
        let (room, frame) = unsafe { (struct_output(order)?, input(frame, frame_len)?) };
        let frame = order::parse(frame)?;
        let (decoded, length) = (decoded(&frame.order), frame.signed.len());
        // SAFETY: the caller's promise about order and signed_len.
        unsafe {
            room.put(0, &decoded);
            put(signed_len, length)
        }
    })
}

/// Signs an order and encodes it into a frame.
///
/// key: framed secret key bytes; the frame's key_id is this key's, whatever the struct says.
/// frame: as in tw_order_encode.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT; TW_ERR_KEY;
/// TW_ERR_KEY_KIND for a public key; TW_ERR_KEY_USAGE for a raw key; TW_ERR_ORDER; TW_ERR_BUFFER;
/// TW_ERR_MEMORY as tw_sign.
/// Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
///
/// # Safety
/// key is readable for key_len bytes, order for its struct_size, frame is writable for frame_cap
/// bytes, frame_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_order_sign(
    key: *const u8,
    key_len: usize,
    order: *const tw_order,
    frame: *mut u8,
    frame_cap: usize,
    frame_len: *mut usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about frame and frame_len.
        let output = unsafe { Output::new(frame, frame_cap, frame_len) }?;
        // SAFETY: the caller's promise about key and order.
        let (key, order) = unsafe { (input(key, key_len)?, struct_input(order)?) };
        let mut frame = [0; FRAME_MAX];
        let length = order_of(&order)?.sign_once_into(key, &mut frame)?;
        output.put(&frame[..length])
    })
}

/// Signs an order with a prepared key and encodes it into a frame.
///
/// As tw_order_sign.
/// Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT; TW_ERR_KEY as tw_signer_sign;
/// TW_ERR_KEY_USAGE; TW_ERR_ORDER; TW_ERR_BUFFER; TW_ERR_FORKED; TW_ERR_MEMORY as tw_sign;
/// TW_ERR_INTERNAL.
/// Ownership: nothing is kept. Threads: any, without locks. Cost: as tw_signer_sign.
/// Since 0.1.
///
/// # Safety
/// signer is NULL or live, order is readable for its struct_size, frame is writable for frame_cap
/// bytes, frame_len is writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_signer_order_sign(
    signer: *const tw_signer,
    order: *const tw_order,
    frame: *mut u8,
    frame_cap: usize,
    frame_len: *mut usize,
) -> tw_status {
    let body = |signer: &Signer| {
        // SAFETY: the caller's promise about frame and frame_len.
        let output = unsafe { Output::new(frame, frame_cap, frame_len) }?;
        // SAFETY: the caller's promise about order.
        let order = order_of(&unsafe { struct_input(order) }?)?;
        let mut frame = [0; FRAME_MAX];
        let length = order.sign_into(signer, &mut frame)?;
        output.put(&frame[..length])
    };
    // SAFETY: the caller's promise about signer.
    unsafe { with_signer(signer, body) }
}

/// Verifies a frame's signature.
///
/// key: framed public or secret key bytes, the one that the frame's key_id names.
/// Returns TW_OK when valid; TW_ERR_SIGNATURE when not, or when another key is named; TW_ERR_NULL;
/// TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_USAGE for a raw key; TW_ERR_ORDER; TW_ERR_MEMORY as
/// tw_sign.
/// Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
///
/// # Safety
/// key and frame are readable for their lengths.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tw_order_verify(
    key: *const u8,
    key_len: usize,
    frame: *const u8,
    frame_len: usize,
) -> tw_status {
    guard(|| {
        // SAFETY: the caller's promise about key and frame.
        let (key, frame) = unsafe { (input(key, key_len)?, input(frame, frame_len)?) };
        let frame = order::parse(frame)?;
        signing::verify_with_context(key, Context::Order, frame.signed, frame.signature)?;
        let named = signing::key_id(key)? == frame.order.key_id;
        named.then_some(()).ok_or(Error::Signature)
    })
}

fn encode(order: &Order) -> Result<([u8; SIGNED_MAX], usize)> {
    let mut signed = [0; SIGNED_MAX];
    let length = order::encode(order, &mut signed)?;
    Ok((signed, length))
}

fn put_frame(signed: &[u8], signature: &[u8], output: &Output<u8>) -> Result<()> {
    let mut frame = [0; FRAME_MAX];
    let length = order::frame(signed, signature, &mut frame)?;
    output.put(&frame[..length])
}

/// The order that the struct tells of; every field must be of its set, and none may be lost.
fn order_of(raw: &tw_order) -> Result<Order> {
    if raw.reserved != [0; 5] || raw.reserved2 != 0 {
        return Err(Error::Argument);
    }
    let orig = raw.orig_client_order_id;
    let request = match raw.template_id {
        TW_TEMPLATE_NEW_ORDER_SINGLE if orig == 0 => Request::New(terms_of(raw)?),
        TW_TEMPLATE_ORDER_CANCEL_REPLACE_REQUEST => Request::Replace(orig, terms_of(raw)?),
        TW_TEMPLATE_ORDER_CANCEL_REQUEST if has_no_terms(raw) => Request::Cancel(orig),
        _ => return Err(Error::Order),
    };
    Ok(Order {
        sequence: raw.sequence,
        sending_time: raw.sending_time,
        client_order_id: raw.client_order_id,
        session_id: raw.session_id,
        key_id: raw.key_id,
        symbol: raw.symbol as Text,
        account: raw.account as Text,
        side: Side::from_fix(raw.side).ok_or(Error::Order)?,
        request,
    })
}

fn terms_of(raw: &tw_order) -> Result<Terms> {
    let present = |price| Some(price).filter(|&price| price != PRICE_NONE);
    Ok(Terms {
        ord_type: OrdType::from_fix(raw.ord_type).ok_or(Error::Order)?,
        time_in_force: TimeInForce::from_fix(raw.time_in_force).ok_or(Error::Order)?,
        price: present(raw.price),
        stop_price: present(raw.stop_price),
        quantity: raw.quantity,
    })
}

fn has_no_terms(raw: &tw_order) -> bool {
    raw.price == PRICE_NONE
        && raw.stop_price == PRICE_NONE
        && raw.quantity == 0
        && raw.ord_type == 0
        && raw.time_in_force == 0
}

fn decoded(order: &Order) -> tw_order {
    let terms = order.terms();
    tw_order {
        struct_size: 0,
        template_id: order.template() as u32,
        sequence: order.sequence,
        sending_time: order.sending_time,
        client_order_id: order.client_order_id,
        orig_client_order_id: order.orig_client_order_id().unwrap_or(0),
        session_id: order.session_id,
        key_id: order.key_id,
        price: terms.and_then(|terms| terms.price).unwrap_or(PRICE_NONE),
        stop_price: terms.and_then(|terms| terms.stop_price).unwrap_or(PRICE_NONE),
        quantity: terms.map_or(0, |terms| terms.quantity),
        symbol: order.symbol,
        account: order.account,
        side: order.side.fix(),
        ord_type: terms.map_or(0, |terms| terms.ord_type.fix()),
        time_in_force: terms.map_or(0, |terms| terms.time_in_force.fix()),
        reserved: [0; 5],
        reserved2: 0,
    }
}
