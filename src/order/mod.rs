//! Order messages and their frames: pure, no I/O.
//!
//! Messages are SBE 1.0, little-endian; `schema/orders.xml` is the schema. Field names and values
//! are FIX's. Prices and quantities are integers with exponent -8: 1.5 is 150_000_000.

mod codec;
mod sign;

pub(crate) use codec::is_text;
pub use codec::{FRAME_MAX, SIGNED_MAX, decode, encode, frame, parse};

/// One unit of a price or quantity: the exponent of every decimal is -8.
pub const UNIT: u64 = 100_000_000;

/// The value of a price that is not there (SBE null value of an i64).
pub const PRICE_NONE: i64 = i64::MIN;

/// Text of at most 16 bytes 0x21 to 0x7E, padded with NULs (symbol, account).
pub type Text = [u8; 16];

/// The message a frame carries (SBE template id).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Template {
    /// NewOrderSingle (FIX 35=D).
    NewOrderSingle = 1,
    /// OrderCancelReplaceRequest (FIX 35=G).
    OrderCancelReplaceRequest = 2,
    /// OrderCancelRequest (FIX 35=F).
    OrderCancelRequest = 3,
}

/// Side (FIX 54), by its FIX character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    Buy = b'1',
    Sell = b'2',
    SellShort = b'5',
}

/// OrdType (FIX 40), by its FIX character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum OrdType {
    Market = b'1',
    Limit = b'2',
    Stop = b'3',
    StopLimit = b'4',
}

/// TimeInForce (FIX 59), by its FIX character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum TimeInForce {
    Day = b'0',
    GoodTillCancel = b'1',
    ImmediateOrCancel = b'3',
    FillOrKill = b'4',
}

/// What a new or replaced order asks for; an OrderCancelRequest has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    pub ord_type: OrdType,
    pub time_in_force: TimeInForce,
    /// Exponent -8; there for limit and stop limit orders only.
    pub price: Option<i64>,
    /// Exponent -8; there for stop and stop limit orders only.
    pub stop_price: Option<i64>,
    /// Exponent -8, above 0. In a replace: the order's new total, what is filled included (FIX 38).
    pub quantity: u64,
}

/// A valid order message in decoded form. What [`decode`] returns keeps every rule of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Strictly increasing per session (FIX 34).
    pub sequence: u64,
    /// Nanoseconds since 1970 UTC (FIX 52).
    pub sending_time: u64,
    /// Unique per session (FIX 11).
    pub client_order_id: u64,
    /// Who sends (FIX 49).
    pub session_id: u64,
    /// Which of the session's keys signed.
    pub key_id: u64,
    /// FIX 55; not empty.
    pub symbol: Text,
    /// FIX 1; may be empty.
    pub account: Text,
    pub side: Side,
    pub request: Request,
}

/// What the message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    New(Terms),
    /// OrigClOrdID (FIX 41) and the new terms.
    Replace(u64, Terms),
    /// OrigClOrdID (FIX 41).
    Cancel(u64),
}

/// A frame taken apart: the order, the bytes that are signed and the signature over them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    pub order: Order,
    /// Message header and root block.
    pub signed: &'a [u8],
    pub signature: &'a [u8],
}

impl Template {
    /// Every template.
    pub const ALL: &[Template] = &[
        Template::NewOrderSingle,
        Template::OrderCancelReplaceRequest,
        Template::OrderCancelRequest,
    ];
}

impl Order {
    /// A new day limit order; session, ids, sequence and time are the caller's to set. `None` for a
    /// symbol that is empty, longer than 16 bytes or has a byte outside 0x21 to 0x7E.
    pub fn limit(symbol: &str, side: Side, quantity: u64, price: i64) -> Option<Order> {
        let terms = Terms {
            ord_type: OrdType::Limit,
            time_in_force: TimeInForce::Day,
            price: Some(price),
            stop_price: None,
            quantity,
        };
        Some(Order {
            sequence: 0,
            sending_time: 0,
            client_order_id: 0,
            session_id: 0,
            key_id: 0,
            symbol: text(symbol.as_bytes()).filter(|symbol| symbol[0] != 0)?,
            account: Text::default(),
            side,
            request: Request::New(terms),
        })
    }

    /// The template that carries this order.
    pub const fn template(&self) -> Template {
        match self.request {
            Request::New(_) => Template::NewOrderSingle,
            Request::Replace(..) => Template::OrderCancelReplaceRequest,
            Request::Cancel(_) => Template::OrderCancelRequest,
        }
    }

    /// OrigClOrdID (FIX 41) of a replace or cancel.
    pub const fn orig_client_order_id(&self) -> Option<u64> {
        match self.request {
            Request::New(_) => None,
            Request::Replace(orig, _) | Request::Cancel(orig) => Some(orig),
        }
    }

    /// The terms of a new or replaced order.
    pub const fn terms(&self) -> Option<&Terms> {
        match &self.request {
            Request::New(terms) | Request::Replace(_, terms) => Some(terms),
            Request::Cancel(_) => None,
        }
    }
}

macro_rules! fix_characters {
    ($($name:ident { $($variant:ident),* })*) => {$(
        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$variant),*];

            /// The value with this FIX character.
            pub const fn from_fix(character: u8) -> Option<$name> {
                $(if character == $name::$variant as u8 { return Some($name::$variant); })*
                None
            }

            /// The FIX character.
            pub const fn fix(self) -> u8 {
                self as u8
            }
        }
    )*};
}

fix_characters! {
    Side { Buy, Sell, SellShort }
    OrdType { Market, Limit, Stop, StopLimit }
    TimeInForce { Day, GoodTillCancel, ImmediateOrCancel, FillOrKill }
}

/// Pads text to its fixed form; `None` if it has more than 16 bytes or one outside 0x21 to 0x7E.
pub fn text(value: &[u8]) -> Option<Text> {
    let mut padded = [0; 16];
    padded.get_mut(..value.len())?.copy_from_slice(value);
    value.iter().all(u8::is_ascii_graphic).then_some(padded)
}

/// The text without its padding.
pub fn text_str(text: &Text) -> &str {
    let end = text.iter().position(|&b| b == 0).unwrap_or(text.len());
    std::str::from_utf8(&text[..end]).unwrap_or_default()
}
