//! The frame format: SBE message header, root block, varData `signature`; all little-endian.
//!
//! Decoding is strict: a valid order has exactly one encoding, and everything else is
//! [`Error::Order`]. Nothing here allocates or panics, whatever the input.

use super::{Frame, OrdType, Order, PRICE_NONE, Request, Side, Template, Terms, Text, TimeInForce};
use crate::error::{Error, Result};

/// Bytes of the SBE message header: blockLength, templateId, schemaId, version, a u16 each.
const HEADER: usize = 8;
const SCHEMA_ID: u16 = 1;
const SCHEMA_VERSION: u16 = 0;

/// Bytes of the longest signature of any suite, that of ML-DSA-87 (FIPS 204, table 2).
const SIGNATURE_MAX: usize = 4627;

/// Bytes of the longest signed part: message header and root block.
pub const SIGNED_MAX: usize = HEADER + REPLACE_BLOCK;

/// Bytes of the longest frame: the signed part, the signature's u16 length, the signature.
pub const FRAME_MAX: usize = SIGNED_MAX + size_of::<u16>() + SIGNATURE_MAX;

// Offsets in the root block. Every message begins with these.
const SEQUENCE: usize = 0;
const SENDING_TIME: usize = 8;
const CLIENT_ORDER_ID: usize = 16;
const SESSION_ID: usize = 24;
const KEY_ID: usize = 32;

// NewOrderSingle; OrderCancelReplaceRequest begins the same.
const PRICE: usize = 40;
const STOP_PRICE: usize = 48;
const QUANTITY: usize = 56;
const SYMBOL: usize = 64;
const ACCOUNT: usize = 80;
const SIDE: usize = 96;
const ORD_TYPE: usize = 97;
const TIME_IN_FORCE: usize = 98;
const RESERVED: usize = 99;
const NEW_BLOCK: usize = 104;

// OrderCancelReplaceRequest only.
const REPLACE_ORIG_CLIENT_ORDER_ID: usize = 104;
const REPLACE_BLOCK: usize = 112;

// OrderCancelRequest.
const CANCEL_ORIG_CLIENT_ORDER_ID: usize = 40;
const CANCEL_SYMBOL: usize = 48;
const CANCEL_ACCOUNT: usize = 64;
const CANCEL_SIDE: usize = 80;
const CANCEL_RESERVED: usize = 81;
const CANCEL_BLOCK: usize = 88;

/// Takes a whole frame apart. The signature may be empty; it is not verified here.
#[inline]
pub fn parse(frame: &[u8]) -> Result<Frame<'_>> {
    let (header, _) = frame.split_first_chunk().ok_or(Error::Order)?;
    let signed_length = HEADER + block_length(template(header)?);
    let (signed, rest) = frame.split_at_checked(signed_length).ok_or(Error::Order)?;
    let (length, signature) = rest.split_first_chunk().ok_or(Error::Order)?;
    let length = usize::from(u16::from_le_bytes(*length));
    if signature.len() != length || length > SIGNATURE_MAX {
        return Err(Error::Order);
    }
    Ok(Frame { order: decode(signed)?, signed, signature })
}

/// Decodes the signed part of a frame: message header and root block, nothing after them.
#[inline]
pub fn decode(signed: &[u8]) -> Result<Order> {
    let (header, block) = signed.split_first_chunk().ok_or(Error::Order)?;
    let order = match template(header)? {
        Template::NewOrderSingle => {
            let block: &[u8; NEW_BLOCK] = exact(block)?;
            let request = Request::New(decode_terms(block)?);
            decode_order::<SYMBOL, ACCOUNT, SIDE, _>(block, request)?
        }
        Template::OrderCancelReplaceRequest => {
            let block: &[u8; REPLACE_BLOCK] = exact(block)?;
            let orig = u64_field::<REPLACE_ORIG_CLIENT_ORDER_ID, _>(block);
            let request = Request::Replace(orig, decode_terms(block)?);
            decode_order::<SYMBOL, ACCOUNT, SIDE, _>(block, request)?
        }
        Template::OrderCancelRequest => {
            let block: &[u8; CANCEL_BLOCK] = exact(block)?;
            zeros(&field::<CANCEL_RESERVED, 7, _>(block))?;
            let request = Request::Cancel(u64_field::<CANCEL_ORIG_CLIENT_ORDER_ID, _>(block));
            decode_order::<CANCEL_SYMBOL, CANCEL_ACCOUNT, CANCEL_SIDE, _>(block, request)?
        }
    };
    check(&order)?;
    Ok(order)
}

/// Encodes the signed part of a frame and gives its length in bytes. An order that [`decode`]
/// could not return is refused with [`Error::Order`], and `out` is left as it was.
pub fn encode(order: &Order, out: &mut [u8; SIGNED_MAX]) -> Result<usize> {
    check(order)?;
    let mut block = [0; REPLACE_BLOCK];
    match &order.request {
        Request::New(terms) => {
            encode_order::<SYMBOL, ACCOUNT, SIDE>(order, &mut block);
            encode_terms(terms, &mut block);
        }
        Request::Replace(orig, terms) => {
            encode_order::<SYMBOL, ACCOUNT, SIDE>(order, &mut block);
            encode_terms(terms, &mut block);
            put::<REPLACE_ORIG_CLIENT_ORDER_ID, _>(&mut block, orig.to_le_bytes());
        }
        Request::Cancel(orig) => {
            encode_order::<CANCEL_SYMBOL, CANCEL_ACCOUNT, CANCEL_SIDE>(order, &mut block);
            put::<CANCEL_ORIG_CLIENT_ORDER_ID, _>(&mut block, orig.to_le_bytes());
        }
    }
    out[..HEADER].copy_from_slice(&header(order.template()));
    out[HEADER..].copy_from_slice(&block);
    Ok(HEADER + block_length(order.template()))
}

/// Joins a signed part and the signature over it to a frame in `out`, and gives its length in
/// bytes. [`FRAME_MAX`] bytes are always enough; fewer than needed are [`Error::Buffer`], and a
/// signature longer than any suite's is [`Error::Order`].
pub fn frame(signed: &[u8], signature: &[u8], out: &mut [u8]) -> Result<usize> {
    let length = match u16::try_from(signature.len()) {
        Ok(length) if signature.len() <= SIGNATURE_MAX => length.to_le_bytes(),
        _ => return Err(Error::Order),
    };
    let total = signed.len() + length.len() + signature.len();
    let out = out.get_mut(..total).ok_or(Error::Buffer)?;
    let (head, rest) = out.split_at_mut(signed.len());
    let (middle, tail) = rest.split_at_mut(length.len());
    head.copy_from_slice(signed);
    middle.copy_from_slice(&length);
    tail.copy_from_slice(signature);
    Ok(total)
}

/// The rules that neither the types nor the layout hold.
#[inline]
fn check(order: &Order) -> Result<()> {
    let terms = order.terms().is_none_or(|terms| {
        use OrdType::{Limit, Stop, StopLimit};
        let has_price = matches!(terms.ord_type, Limit | StopLimit);
        let has_stop_price = matches!(terms.ord_type, Stop | StopLimit);
        terms.quantity > 0
            && terms.price.is_some() == has_price
            && terms.stop_price.is_some() == has_stop_price
            && terms.price != Some(PRICE_NONE)
            && terms.stop_price != Some(PRICE_NONE)
    });
    let symbol = is_text(&order.symbol) && order.symbol[0] != 0;
    if terms && symbol && is_text(&order.account) { Ok(()) } else { Err(Error::Order) }
}

/// Whether these are bytes 0x21 to 0x7E, then NULs only. Each frame has two such texts, so all of
/// their bytes are looked at at once, as one number, by the highest bit of each.
pub(crate) fn is_text(text: &Text) -> bool {
    const ONE: u128 = u128::from_le_bytes([0x01; 16]);
    const HIGHEST: u128 = u128::from_le_bytes([0x80; 16]);
    let text = u128::from_le_bytes(*text);
    let is_from_0x21 = (text | HIGHEST) - 0x21 * ONE;
    let is_above_0x7e = text.wrapping_add(ONE);
    let is_value = HIGHEST.checked_shr(text.leading_zeros() / 8 * 8).unwrap_or(0);
    text & HIGHEST == 0 && is_from_0x21 & !is_above_0x7e & HIGHEST == is_value
}

/// Bytes of the template's root block.
const fn block_length(template: Template) -> usize {
    match template {
        Template::NewOrderSingle => NEW_BLOCK,
        Template::OrderCancelReplaceRequest => REPLACE_BLOCK,
        Template::OrderCancelRequest => CANCEL_BLOCK,
    }
}

/// The only message header the template has.
const fn header(template: Template) -> [u8; HEADER] {
    let [b0, b1] = (block_length(template) as u16).to_le_bytes();
    let [t0, t1] = (template as u16).to_le_bytes();
    let [s0, s1] = SCHEMA_ID.to_le_bytes();
    let [v0, v1] = SCHEMA_VERSION.to_le_bytes();
    [b0, b1, t0, t1, s0, s1, v0, v1]
}

/// The template that has this message header.
fn template(bytes: &[u8; HEADER]) -> Result<Template> {
    let mut templates = Template::ALL.iter().copied();
    templates.find(|&template| header(template) == *bytes).ok_or(Error::Order)
}

/// The fields of every message; those after the first five stand where the template has them.
fn decode_order<
    const SYMBOL: usize,
    const ACCOUNT: usize,
    const SIDE: usize,
    const BLOCK: usize,
>(
    block: &[u8; BLOCK],
    request: Request,
) -> Result<Order> {
    let [side] = field::<SIDE, 1, _>(block);
    Ok(Order {
        sequence: u64_field::<SEQUENCE, _>(block),
        sending_time: u64_field::<SENDING_TIME, _>(block),
        client_order_id: u64_field::<CLIENT_ORDER_ID, _>(block),
        session_id: u64_field::<SESSION_ID, _>(block),
        key_id: u64_field::<KEY_ID, _>(block),
        symbol: field::<SYMBOL, _, _>(block),
        account: field::<ACCOUNT, _, _>(block),
        side: Side::from_fix(side).ok_or(Error::Order)?,
        request,
    })
}

/// The reverse of [`decode_order`].
fn encode_order<const SYMBOL: usize, const ACCOUNT: usize, const SIDE: usize>(
    order: &Order,
    block: &mut [u8; REPLACE_BLOCK],
) {
    put::<SEQUENCE, _>(block, order.sequence.to_le_bytes());
    put::<SENDING_TIME, _>(block, order.sending_time.to_le_bytes());
    put::<CLIENT_ORDER_ID, _>(block, order.client_order_id.to_le_bytes());
    put::<SESSION_ID, _>(block, order.session_id.to_le_bytes());
    put::<KEY_ID, _>(block, order.key_id.to_le_bytes());
    put::<SYMBOL, _>(block, order.symbol);
    put::<ACCOUNT, _>(block, order.account);
    put::<SIDE, _>(block, [order.side.fix()]);
}

/// The terms in a block that begins like NewOrderSingle's.
fn decode_terms<const BLOCK: usize>(block: &[u8; BLOCK]) -> Result<Terms> {
    let [ord_type] = field::<ORD_TYPE, 1, _>(block);
    let [time_in_force] = field::<TIME_IN_FORCE, 1, _>(block);
    zeros(&field::<RESERVED, 5, _>(block))?;
    let price = |bytes| Some(i64::from_le_bytes(bytes)).filter(|&price| price != PRICE_NONE);
    Ok(Terms {
        ord_type: OrdType::from_fix(ord_type).ok_or(Error::Order)?,
        time_in_force: TimeInForce::from_fix(time_in_force).ok_or(Error::Order)?,
        price: price(field::<PRICE, _, _>(block)),
        stop_price: price(field::<STOP_PRICE, _, _>(block)),
        quantity: u64_field::<QUANTITY, _>(block),
    })
}

/// The reverse of [`decode_terms`].
fn encode_terms(terms: &Terms, block: &mut [u8; REPLACE_BLOCK]) {
    put::<PRICE, _>(block, terms.price.unwrap_or(PRICE_NONE).to_le_bytes());
    put::<STOP_PRICE, _>(block, terms.stop_price.unwrap_or(PRICE_NONE).to_le_bytes());
    put::<QUANTITY, _>(block, terms.quantity.to_le_bytes());
    put::<ORD_TYPE, _>(block, [terms.ord_type.fix()]);
    put::<TIME_IN_FORCE, _>(block, [terms.time_in_force.fix()]);
}

/// The block, if it has exactly its template's length.
fn exact<const BLOCK: usize>(block: &[u8]) -> Result<&[u8; BLOCK]> {
    block.try_into().map_err(|_| Error::Order)
}

fn zeros(reserved: &[u8]) -> Result<()> {
    let zero = reserved.iter().all(|&byte| byte == 0);
    zero.then_some(()).ok_or(Error::Order)
}

fn u64_field<const OFFSET: usize, const BLOCK: usize>(block: &[u8; BLOCK]) -> u64 {
    u64::from_le_bytes(field::<OFFSET, _, _>(block))
}

/// The field at an offset. A field that does not lie within the block does not compile.
fn field<const OFFSET: usize, const SIZE: usize, const BLOCK: usize>(
    block: &[u8; BLOCK],
) -> [u8; SIZE] {
    const { assert!(OFFSET + SIZE <= BLOCK) };
    let mut field = [0; SIZE];
    field.copy_from_slice(&block[OFFSET..OFFSET + SIZE]);
    field
}

/// The reverse of [`field`].
fn put<const OFFSET: usize, const SIZE: usize>(block: &mut [u8; REPLACE_BLOCK], field: [u8; SIZE]) {
    const { assert!(OFFSET + SIZE <= REPLACE_BLOCK) };
    block[OFFSET..OFFSET + SIZE].copy_from_slice(&field);
}
