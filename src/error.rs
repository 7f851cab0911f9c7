//! One [`Error`] for the whole library, one table of statuses and one of reasons.
//!
//! Numbers are part of the C ABI: never renumbered, never reused. A *status* says that a call could
//! not do what was asked. A *reason* says why an order that was decided was not accepted.

use std::ffi::CStr;
use std::fmt;

/// Declares a numbered table once: the enum, its C constants' names and its messages.
macro_rules! table {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $number:literal, $text:literal, $message:literal;)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        #[non_exhaustive]
        pub enum $name { $($(#[$vdoc])* #[doc = $message] $variant = $number,)* }

        impl $name {
            /// Every entry, in the order of its number.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The number at the C ABI and in the journal.
            pub const fn number(self) -> u32 {
                self as u32
            }

            /// The entry with this number.
            pub const fn from_number(number: u32) -> Option<$name> {
                match number { $($number => Some($name::$variant),)* _ => None }
            }

            /// The stable name, NUL-terminated for the C ABI.
            pub const fn c_name(self) -> &'static CStr {
                match self { $($name::$variant => $text,)* }
            }

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self.c_name().to_str() { Ok(name) => name, Err(_) => unreachable!() }
            }

            /// What it means, for the local developer; holds no secret.
            pub const fn message(self) -> &'static str {
                match self { $($name::$variant => $message,)* }
            }

            /// [`message`](Self::message), NUL-terminated for the C ABI.
            pub const fn c_message(self) -> &'static CStr {
                match self { $($name::$variant => {
                    match CStr::from_bytes_with_nul(concat!($message, "\0").as_bytes()) {
                        Ok(message) => message,
                        Err(_) => unreachable!(),
                    }
                })* }
            }
        }
    };
}

table! {
    /// Why a call failed. `TW_OK` (0) is the absence of an error.
    Error {
        Null = 1, c"TW_ERR_NULL", "a required pointer is NULL";
        Length = 2, c"TW_ERR_LENGTH", "a length is outside its documented range";
        Buffer = 3, c"TW_ERR_BUFFER", "the output buffer is too small";
        Argument = 4, c"TW_ERR_ARGUMENT", "a value is outside its documented set";
        Unsupported = 5, c"TW_ERR_UNSUPPORTED", "a struct, journal or encrypted key of a kind this library does not support";
        Suite = 6, c"TW_ERR_SUITE", "unknown signature suite";
        Key = 7, c"TW_ERR_KEY", "malformed key bytes";
        KeyKind = 8, c"TW_ERR_KEY_KIND", "a key of another kind is needed, or of a kind that its suite has";
        KeyUsage = 9, c"TW_ERR_KEY_USAGE", "a raw key where a framed one is needed, or the reverse";
        Context = 10, c"TW_ERR_CONTEXT", "the context is empty, too long or reserved";
        Payload = 11, c"TW_ERR_PAYLOAD", "a raw key may not sign a payload that begins like a framed one";
        Signature = 12, c"TW_ERR_SIGNATURE", "the signature is not valid";
        Entropy = 13, c"TW_ERR_ENTROPY", "the operating system gave no entropy";
        Memory = 14, c"TW_ERR_MEMORY", "guarded memory could not be had or locked (RLIMIT_MEMLOCK)";
        Forked = 15, c"TW_ERR_FORKED", "the handle was made before a fork and belongs to the parent";
        Closed = 16, c"TW_ERR_CLOSED", "the handle is closed";
        Internal = 17, c"TW_ERR_INTERNAL", "a bug in this library; the handle can no longer be used";
        Config = 18, c"TW_ERR_CONFIG", "the configuration is refused; checking it tells where and why";
        Order = 19, c"TW_ERR_ORDER", "malformed order or frame";
        Unauthenticated = 20, c"TW_ERR_UNAUTHENTICATED", "unknown session, unknown key or bad signature";
        StaleTime = 21, c"TW_ERR_STALE_TIME", "sending_time is outside the permitted window";
        StaleSequence = 22, c"TW_ERR_STALE_SEQUENCE", "the sequence is not above the session's last; sign with a higher one";
        SequenceReused = 23, c"TW_ERR_SEQUENCE_REUSED", "the session used this sequence for another frame; sign with a higher one";
        Throttled = 24, c"TW_ERR_THROTTLED", "above the permitted rate; the same frame may come again";
        Busy = 25, c"TW_ERR_BUSY", "the session has too much in flight, or its completions are not drained";
        Timeout = 26, c"TW_ERR_TIMEOUT", "no answer in time; the order may be live";
        Unknown = 27, c"TW_ERR_UNKNOWN", "the outcome is unknown; ask with tw_order_status or retry the frame";
        NotFound = 28, c"TW_ERR_NOT_FOUND", "no such session, key, order, instrument or name";
        Conflict = 29, c"TW_ERR_CONFLICT", "it is there already, was retired, or is known under the other usage";
        Journal = 30, c"TW_ERR_JOURNAL", "the journal cannot be read or written; no more orders are taken";
        JournalCorrupt = 31, c"TW_ERR_JOURNAL_CORRUPT", "the journal is corrupt before its end";
        JournalLocked = 32, c"TW_ERR_JOURNAL_LOCKED", "another gateway has the journal open";
        Io = 33, c"TW_ERR_IO", "a file cannot be read";
        Capacity = 34, c"TW_ERR_CAPACITY", "the session's share of max_orders is used up, or there are as many keys, accounts or instruments as may be";
        Password = 35, c"TW_ERR_PASSWORD", "the password is missing or wrong, or there is nothing that it encrypts";
        JournalFull = 36, c"TW_ERR_JOURNAL_FULL", "the disk of the journal is full; make room, then open again";
        SequenceGap = 37, c"TW_ERR_SEQUENCE_GAP", "the sequence leaves out more than the session may";
    }
}

table! {
    /// Why a decided order was not accepted: 1 to 99 the gateway refused it, from 100 the venue.
    Reason {
        HaltedGateway = 1, c"halted_gateway", "the gateway is halted";
        HaltedSession = 2, c"halted_session", "the session is halted";
        HaltedSymbol = 3, c"halted_symbol", "the symbol is halted";
        HaltedAccount = 4, c"halted_account", "the account is halted";
        UnknownSymbol = 5, c"unknown_symbol", "no such instrument";
        RestrictedSymbol = 6, c"restricted_symbol", "the instrument is on the restricted list";
        Side = 7, c"side", "the side is not permitted for the instrument";
        OrderType = 8, c"order_type", "the order type is not permitted for the instrument";
        TimeInForce = 9, c"time_in_force", "the time in force is not permitted for the instrument";
        Tick = 10, c"tick", "a price is not a multiple of the tick size";
        Lot = 11, c"lot", "the quantity is not a multiple of the lot size";
        MaxQuantity = 12, c"max_quantity", "the quantity is above the limit";
        NoReferencePrice = 13, c"no_reference_price", "a check needs a reference price and there is none";
        MaxNotional = 14, c"max_notional", "price times quantity is above the limit";
        PriceCollar = 15, c"price_collar", "the price is too far from the reference price";
        DuplicateClientOrderId = 16, c"duplicate_client_order_id", "the session used this client order id before";
        MaxOpenOrders = 17, c"max_open_orders", "the session has too many open orders";
        MaxPosition = 18, c"max_position", "the position, open orders counted, would be above the limit";
        UnknownOrder = 19, c"unknown_order", "the session has no order with this original client order id";
        OrderClosed = 20, c"order_closed", "the original order is no longer open";
        OrderMismatch = 21, c"order_mismatch", "symbol, account, side or type differ from the original order's";
        QuantityFilled = 22, c"quantity_filled", "the new quantity is not above what is already filled";
        NotDelivered = 23, c"not_delivered", "it was decided before a restart, did not reach the venue and is too old to be sent";
        AccountGross = 24, c"account_gross", "the account's gross notional, open orders counted, would be above the limit";
        AccountNet = 25, c"account_net", "the account's net notional, open orders counted, would be above the limit";
        FirmGross = 26, c"firm_gross", "the firm's gross notional, open orders counted, would be above the limit";
        FirmNet = 27, c"firm_net", "the firm's net notional, open orders counted, would be above the limit";
        AccountLoss = 28, c"account_loss", "the account has lost more today than the limit";
        FirmLoss = 29, c"firm_loss", "the firm has lost more today than the limit";
        MarketClosed = 30, c"market_closed", "it is outside the instrument's hours";
        MinQuantity = 31, c"min_quantity", "the quantity is below the limit";
        PriceBand = 32, c"price_band", "a price is outside the instrument's band";
        LastTradeCollar = 33, c"last_trade_collar", "the price is too far from the last trade's";
        RepeatedOrder = 34, c"repeated_order", "the session sent the same order too often within the window";
        OrderToTrade = 35, c"order_to_trade", "the session has too few trades for its orders today";
        Locate = 36, c"locate", "more would be sold short today than is located";
        SelfTrade = 37, c"self_trade", "it would trade with an order of the same account or firm";
        SessionSymbol = 38, c"session_symbol", "the session may not trade the symbol";
        SessionAccount = 39, c"session_account", "the session may not trade for the account";
        SessionSide = 40, c"session_side", "the session may not trade this side";
        SessionOrderType = 41, c"session_order_type", "the session may not send this order type";
        SessionCancelled = 42, c"session_cancelled", "all open orders of the session were cancelled";
        VenueUnknownOrder = 100, c"venue_unknown_order", "the venue does not know the original order";
        VenueTooLate = 101, c"venue_too_late", "at the venue the original order is already filled or cancelled";
        VenueUnsupported = 102, c"venue_unsupported", "the venue does not take this order type or time in force";
        VenueCapacity = 103, c"venue_capacity", "the venue holds as many orders as it may";
    }
}

/// Which value is outside its documented set, and what that is: `tick: must be above 0`. Holds no
/// secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid(&'static CStr);

impl Invalid {
    /// The first of these that does not hold.
    pub(crate) fn first(fields: &[(bool, &'static CStr)]) -> Result<(), Invalid> {
        let invalid = fields.iter().find(|(is_valid, _)| !is_valid);
        invalid.map_or(Ok(()), |(_, message)| Err(Invalid(message)))
    }

    /// What it is, NUL-terminated for the C ABI.
    pub const fn c_message(self) -> &'static CStr {
        self.0
    }
}

impl From<Invalid> for Error {
    fn from(_: Invalid) -> Error {
        Error::Argument
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_string_lossy())
    }
}

impl std::error::Error for Invalid {}

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
