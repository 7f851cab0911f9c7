! tinywindow.f90: sign with a key, send an order safely, from Fortran.
!
! Generated from include/tinywindow.h by `make header`; do not edit.
!
! SPDX-License-Identifier: MIT OR Apache-2.0
!
! The contract is the header's; docs/LEGACY.md says what is particular to Fortran. In short:
!
!   Bytes      are characters: `character(len=TW_KEY_MAX) :: key`, then key(:key_len).
!   NULL       is an argument left out: tw_sign(..., sig_cap=0_c_size_t, sig_len=needed).
!   Outputs    are intent(inout), since they are written on success only.
!   Structs    are made ready: struct_size is set and all else is 0.
!   Unsigned   integers do not exist: what is above 2**63 - 1 is negative, with the same bits.
!   Handles    are type(c_ptr): c_null_ptr before *_new or *_open.
!   Names      have no case: the function beside TW_ABI_VERSION is tw_abi_version_loaded.
!
! Fortran 2018 (optional arguments of bind(C) procedures).
module tinywindow
  use, intrinsic :: iso_c_binding
  implicit none

  ! What a function returns: TW_OK or one of TW_ERR_*.
  integer, parameter :: tw_status = c_int32_t

  ! --- Constants ---------------------------------------------------------------------------------

  ! Of a price: none.
  integer(c_int64_t), parameter :: TW_PRICE_NONE = -huge(0_c_int64_t) - 1

  ! Of a limit: none.
  integer(c_int64_t), parameter :: TW_UNLIMITED = -1

  ! Done.
  integer(tw_status), parameter :: TW_OK = 0
  ! A required pointer is NULL.
  integer(tw_status), parameter :: TW_ERR_NULL = 1
  ! A length is outside its documented range.
  integer(tw_status), parameter :: TW_ERR_LENGTH = 2
  ! The output buffer is too small.
  integer(tw_status), parameter :: TW_ERR_BUFFER = 3
  ! A value is outside its documented set.
  integer(tw_status), parameter :: TW_ERR_ARGUMENT = 4
  ! A struct, journal or encrypted key of a kind this library does not support.
  integer(tw_status), parameter :: TW_ERR_UNSUPPORTED = 5
  ! Unknown signature suite.
  integer(tw_status), parameter :: TW_ERR_SUITE = 6
  ! Malformed key bytes.
  integer(tw_status), parameter :: TW_ERR_KEY = 7
  ! A key of another kind is needed, or of a kind that its suite has.
  integer(tw_status), parameter :: TW_ERR_KEY_KIND = 8
  ! A raw key where a framed one is needed, or the reverse.
  integer(tw_status), parameter :: TW_ERR_KEY_USAGE = 9
  ! The context is empty, too long or reserved.
  integer(tw_status), parameter :: TW_ERR_CONTEXT = 10
  ! A raw key may not sign a payload that begins like a framed one.
  integer(tw_status), parameter :: TW_ERR_PAYLOAD = 11
  ! The signature is not valid.
  integer(tw_status), parameter :: TW_ERR_SIGNATURE = 12
  ! The operating system gave no entropy.
  integer(tw_status), parameter :: TW_ERR_ENTROPY = 13
  ! Guarded memory could not be had or locked.
  integer(tw_status), parameter :: TW_ERR_MEMORY = 14
  ! The handle was made before a fork and belongs to the parent.
  integer(tw_status), parameter :: TW_ERR_FORKED = 15
  ! The handle is closed.
  integer(tw_status), parameter :: TW_ERR_CLOSED = 16
  ! A bug in this library; the handle can no longer be used.
  integer(tw_status), parameter :: TW_ERR_INTERNAL = 17
  ! The configuration is refused; tw_config_check says where and why.
  integer(tw_status), parameter :: TW_ERR_CONFIG = 18
  ! Malformed order or frame.
  integer(tw_status), parameter :: TW_ERR_ORDER = 19
  ! Unknown session, unknown key or bad signature.
  integer(tw_status), parameter :: TW_ERR_UNAUTHENTICATED = 20
  ! Sending_time is outside the permitted window.
  integer(tw_status), parameter :: TW_ERR_STALE_TIME = 21
  ! The sequence is not above the session's last; sign with a higher one.
  integer(tw_status), parameter :: TW_ERR_STALE_SEQUENCE = 22
  ! The session used this sequence for another frame; sign with a higher one.
  integer(tw_status), parameter :: TW_ERR_SEQUENCE_REUSED = 23
  ! Above the permitted rate; the same frame may come again.
  integer(tw_status), parameter :: TW_ERR_THROTTLED = 24
  ! Too much in flight, or completions are not drained.
  integer(tw_status), parameter :: TW_ERR_BUSY = 25
  ! No answer in time; the order may be live.
  integer(tw_status), parameter :: TW_ERR_TIMEOUT = 26
  ! The outcome is unknown; ask with tw_order_status or retry the frame.
  integer(tw_status), parameter :: TW_ERR_UNKNOWN = 27
  ! No such session, key, order, instrument or name.
  integer(tw_status), parameter :: TW_ERR_NOT_FOUND = 28
  ! It is there already, was retired, or is known under the other usage.
  integer(tw_status), parameter :: TW_ERR_CONFLICT = 29
  ! The journal cannot be read or written; no more orders are taken.
  integer(tw_status), parameter :: TW_ERR_JOURNAL = 30
  ! The journal is corrupt before its end.
  integer(tw_status), parameter :: TW_ERR_JOURNAL_CORRUPT = 31
  ! Another gateway has the journal open.
  integer(tw_status), parameter :: TW_ERR_JOURNAL_LOCKED = 32
  ! A file cannot be read.
  integer(tw_status), parameter :: TW_ERR_IO = 33
  ! The session's share of max_orders is used up, or there are as many keys, accounts or instruments
  ! as may be; tw_error_detail says which of these.
  integer(tw_status), parameter :: TW_ERR_CAPACITY = 34
  ! The password is missing or wrong, or there is nothing that it encrypts.
  integer(tw_status), parameter :: TW_ERR_PASSWORD = 35
  ! The disk of the journal is full; make room, then open again.
  integer(tw_status), parameter :: TW_ERR_JOURNAL_FULL = 36
  ! The sequence leaves out more than the session may (max_sequence_gap); nothing is used up.
  integer(tw_status), parameter :: TW_ERR_SEQUENCE_GAP = 37

  ! The version of this header.
  integer(c_int32_t), parameter :: TW_VERSION_MAJOR = 0
  ! The version of this header.
  integer(c_int32_t), parameter :: TW_VERSION_MINOR = 1
  ! The version of this header.
  integer(c_int32_t), parameter :: TW_VERSION_PATCH = 0

  ! The version of the ABI; the shared library's SONAME carries it too.
  integer(c_int32_t), parameter :: TW_ABI_VERSION = 0

  ! HMAC-SHA256 (RFC 2104, FIPS 198-1).
  integer(c_int32_t), parameter :: TW_SUITE_HMAC_SHA256 = 1
  ! Ed25519 (RFC 8032), verified strictly.
  integer(c_int32_t), parameter :: TW_SUITE_ED25519 = 2
  ! ML-DSA-44 (FIPS 204), deterministic.
  integer(c_int32_t), parameter :: TW_SUITE_ML_DSA_44 = 3
  ! ML-DSA-65 (FIPS 204), deterministic.
  integer(c_int32_t), parameter :: TW_SUITE_ML_DSA_65 = 4
  ! ML-DSA-87 (FIPS 204), deterministic.
  integer(c_int32_t), parameter :: TW_SUITE_ML_DSA_87 = 5
  ! ML-DSA-65 and Ed25519 together, the composite id-MLDSA65-Ed25519-SHA512 (draft-ietf-lamps-pq-
  ! composite-sigs): valid only if both are.
  integer(c_int32_t), parameter :: TW_SUITE_MLDSA65_ED25519 = 6

  ! Bytes that hold the key bytes of any suite.
  integer(c_size_t), parameter :: TW_KEY_MAX = 4904
  ! Bytes that hold the public key bytes of any suite.
  integer(c_size_t), parameter :: TW_PUBLIC_KEY_MAX = 2600
  ! Bytes that hold a signature of any suite.
  integer(c_size_t), parameter :: TW_SIGNATURE_MAX = 4627
  ! Bytes of the longest context of a framed signature; the shortest has 1.
  integer(c_size_t), parameter :: TW_CONTEXT_MAX = 60
  ! Bytes of the longest context of a raw key of ML-DSA or its composite; the shortest has none.
  integer(c_size_t), parameter :: TW_RAW_CONTEXT_MAX = 255
  ! Bytes of entropy that a key is made from.
  integer(c_size_t), parameter :: TW_ENTROPY_SIZE = 32

  ! tw_memory_policy: a key whose memory cannot be locked is refused. The default.
  integer(c_int32_t), parameter :: TW_MEMORY_LOCK_REQUIRED = 1
  ! tw_memory_policy: a key whose memory cannot be locked is used all the same.
  integer(c_int32_t), parameter :: TW_MEMORY_LOCK_PREFERRED = 2

  ! Kind of a key that signs and verifies.
  integer(c_int32_t), parameter :: TW_KIND_SECRET = 1
  ! Kind of a key that verifies.
  integer(c_int32_t), parameter :: TW_KIND_PUBLIC = 2
  ! Kind of a key that signs and verifies, of ML-DSA alone: the private key whose seed is not known,
  ! expanded (FIPS 204, section 4).
  integer(c_int32_t), parameter :: TW_KIND_EXPANDED = 3

  ! Usage of keys that sign payloads and orders, each in a context.
  integer(c_int32_t), parameter :: TW_USAGE_FRAMED = 1
  ! Usage of keys that sign bare payloads, for the protocols of others; never an order.
  integer(c_int32_t), parameter :: TW_USAGE_RAW = 2

  ! DER: PKCS#8 (RFC 5958) for a secret key, SubjectPublicKeyInfo (RFC 5280) for a public one.
  integer(c_int32_t), parameter :: TW_ENCODING_DER = 1
  ! PEM (RFC 7468) of the same.
  integer(c_int32_t), parameter :: TW_ENCODING_PEM = 2
  ! A line of OpenSSH's authorized_keys (RFC 8709), for public Ed25519 keys.
  integer(c_int32_t), parameter :: TW_ENCODING_OPENSSH = 3

  ! Bytes that hold a key of any suite in any encoding.
  integer(c_size_t), parameter :: TW_ENCODED_KEY_MAX = 16384

  ! NewOrderSingle (FIX 35=D).
  integer(c_int32_t), parameter :: TW_TEMPLATE_NEW_ORDER_SINGLE = 1
  ! OrderCancelReplaceRequest (FIX 35=G).
  integer(c_int32_t), parameter :: TW_TEMPLATE_ORDER_CANCEL_REPLACE_REQUEST = 2
  ! OrderCancelRequest (FIX 35=F).
  integer(c_int32_t), parameter :: TW_TEMPLATE_ORDER_CANCEL_REQUEST = 3

  ! Bytes that hold any order frame.
  integer(c_size_t), parameter :: TW_ORDER_FRAME_MAX = 4749

  ! State of a session's key: it may sign.
  integer(c_int32_t), parameter :: TW_KEY_ACTIVE = 1
  ! State of a session's key: it may never sign again.
  integer(c_int32_t), parameter :: TW_KEY_RETIRED = 2
  ! State of a session's key: it may sign, but was given to an earlier process; add it again.
  integer(c_int32_t), parameter :: TW_KEY_ABSENT = 3

  ! Scope of a halt: everything.
  integer(c_int32_t), parameter :: TW_HALT_GATEWAY = 1
  ! Scope of a halt: one session, by session_id.
  integer(c_int32_t), parameter :: TW_HALT_SESSION = 2
  ! Scope of a halt: one symbol, by name.
  integer(c_int32_t), parameter :: TW_HALT_SYMBOL = 3
  ! Scope of a halt: one account, by name.
  integer(c_int32_t), parameter :: TW_HALT_ACCOUNT = 4

  ! Flag of an instrument on the restricted list: no new order.
  integer(c_int32_t), parameter :: TW_INSTRUMENT_RESTRICTED = 1

  ! The most bands of an instrument: the tick tables of RTS 11 have 19.
  integer(c_size_t), parameter :: TW_TICK_BANDS_MAX = 32

  ! Limits of the whole firm.
  integer(c_int32_t), parameter :: TW_EXPOSURE_FIRM = 1
  ! Limits of every account that has none of its own.
  integer(c_int32_t), parameter :: TW_EXPOSURE_EVERY_ACCOUNT = 2
  ! Limits of one account.
  integer(c_int32_t), parameter :: TW_EXPOSURE_ACCOUNT = 3
  ! Flag of limits: there are none any more, and an account goes by those of every account.
  integer(c_int32_t), parameter :: TW_EXPOSURE_RESET = 1

  ! The most symbols, and the most accounts, that a session is held to.
  integer(c_size_t), parameter :: TW_SESSION_NAMES_MAX = 1024

  ! Kind of a completion: the end of a submission.
  integer(c_int32_t), parameter :: TW_COMPLETION_ACK = 1
  ! Kind of a completion: something the venue said about an order.
  integer(c_int32_t), parameter :: TW_COMPLETION_EXECUTION = 2

  ! More bytes than tw_metrics_text ever writes.
  integer(c_size_t), parameter :: TW_METRICS_TEXT_MAX = 65536

  ! Level of a log event: no more orders are taken, or something is broken.
  integer(c_int32_t), parameter :: TW_LOG_ERROR = 1
  ! Level of a log event: somebody should look.
  integer(c_int32_t), parameter :: TW_LOG_WARN = 2
  ! Level of a log event: the course of things.
  integer(c_int32_t), parameter :: TW_LOG_INFO = 3

  ! --- Structs -----------------------------------------------------------------------------------

  ! Bytes of the caller's: data may be NULL only if len is 0.
  type, bind(C) :: tw_bytes
    type(c_ptr) :: data = c_null_ptr
    integer(c_size_t) :: len = 0
  end type

  ! An order message in decoded form. Field names and values are FIX's; prices and quantities are
  ! integers with exponent -8 (1.5 is 150000000). Text is bytes 0x21 to 0x7E, then NULs.
  type, bind(C) :: tw_order
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 128
    ! TW_TEMPLATE_*.
    integer(c_int32_t) :: template_id = 0
    ! FIX 34: strictly increasing per session.
    integer(c_int64_t) :: sequence = 0
    ! FIX 52: nanoseconds since 1970 UTC.
    integer(c_int64_t) :: sending_time = 0
    ! FIX 11: unique per session.
    integer(c_int64_t) :: client_order_id = 0
    ! FIX 41: of a replace or cancel; else 0.
    integer(c_int64_t) :: orig_client_order_id = 0
    ! FIX 49.
    integer(c_int64_t) :: session_id = 0
    ! Which of the session's keys signs; set by the functions that sign.
    integer(c_int64_t) :: key_id = 0
    ! FIX 44: of limit and stop limit orders; else TW_PRICE_NONE.
    integer(c_int64_t) :: price = 0
    ! FIX 99: of stop and stop limit orders; else TW_PRICE_NONE.
    integer(c_int64_t) :: stop_price = 0
    ! FIX 38: above 0; of a replace the new total, what is filled included; of a cancel 0.
    integer(c_int64_t) :: quantity = 0
    ! FIX 55: not empty.
    character(kind=c_char) :: symbol(16) = c_null_char
    ! FIX 1: may be empty.
    character(kind=c_char) :: account(16) = c_null_char
    ! FIX 54: '1' buy, '2' sell, '5' sell short.
    character(kind=c_char) :: side = c_null_char
    ! FIX 40: '1' market, '2' limit, '3' stop, '4' stop limit; of a cancel 0.
    character(kind=c_char) :: ord_type = c_null_char
    ! FIX 59: '0' day, '1' good till cancel, '3' immediate or cancel, '4' fill or kill; of a cancel
    ! 0.
    character(kind=c_char) :: time_in_force = c_null_char
    ! Zeros.
    character(kind=c_char) :: reserved(5) = c_null_char
    ! Zero.
    integer(c_int64_t) :: reserved2 = 0
  end type

  ! One of a session's keys.
  type, bind(C) :: tw_session_key
    ! As tw_key_id.
    integer(c_int64_t) :: key_id = 0
    ! TW_KEY_ACTIVE, TW_KEY_RETIRED or TW_KEY_ABSENT.
    integer(c_int32_t) :: state = 0
    ! TW_SUITE_*.
    integer(c_int32_t) :: suite = 0
  end type

  ! An instrument and its limits. Prices, quantities and money are integers with exponent -8;
  ! TW_UNLIMITED in a limit is none; 0 is refused there, as in the configuration's text.
  type, bind(C) :: tw_instrument
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 128
    ! Sum of TW_INSTRUMENT_*.
    integer(c_int32_t) :: flags = 0
    ! Bytes 0x21 to 0x7E, then NULs; not empty.
    character(kind=c_char) :: symbol(16) = c_null_char
    ! Prices are multiples of this, below the first tw_tick_band if there are some; above 0.
    integer(c_int64_t) :: tick = 0
    ! Quantities are multiples of this; above 0.
    integer(c_int64_t) :: lot = 0
    ! Per order.
    integer(c_int64_t) :: max_quantity = 0
    ! Price times quantity per order.
    integer(c_int64_t) :: max_notional = 0
    ! Absolute position of an account, its open orders counted.
    integer(c_int64_t) :: max_position = 0
    ! Greatest distance of a price from the reference price, in 1/10000 of it: 1 to 1000000;
    ! 4294967295 is none.
    integer(c_int32_t) :: collar_basis_points = 0
    ! Bit n: the side '0' + n (FIX 54) is permitted; at least one.
    integer(c_int32_t) :: sides = 0
    ! Bit n: the order type '0' + n (FIX 40) is permitted; at least one.
    integer(c_int32_t) :: order_types = 0
    ! Bit n: the time in force '0' + n (FIX 59) is permitted; at least one.
    integer(c_int32_t) :: times_in_force = 0
    ! Per order; 0 is none.
    integer(c_int64_t) :: min_quantity = 0
    ! Lowest price, above 0; that and max_price 0: any price. INT64_MIN is none.
    integer(c_int64_t) :: min_price = 0
    ! Highest price, above 0; that and min_price 0: any price. INT64_MAX is none.
    integer(c_int64_t) :: max_price = 0
    ! What the firm may sell short in a day in UTC, open orders counted.
    integer(c_int64_t) :: locate = 0
    ! Greatest distance of a price from the last trade's; as collar_basis_points.
    integer(c_int32_t) :: last_trade_collar_basis_points = 0
    ! When new orders are taken, in seconds since midnight UTC, from this one …
    integer(c_int32_t) :: opens_s = 0
    ! … to this one, over midnight if it is the smaller; both the same: the whole day.
    integer(c_int32_t) :: closes_s = 0
    ! Zero.
    integer(c_int32_t) :: reserved = 0
  end type

  ! From this price on, without its sign, prices are multiples of another tick. Exponent -8.
  type, bind(C) :: tw_tick_band
    ! Above 0.
    integer(c_int64_t) :: from = 0
    ! Above 0.
    integer(c_int64_t) :: tick = 0
  end type

  ! Limits of an account or of the firm: integers with exponent -8, above 0; TW_UNLIMITED is none.
  ! docs/RISK.md defines each.
  type, bind(C) :: tw_exposure_limits
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 32
    ! 0, or TW_EXPOSURE_RESET.
    integer(c_int32_t) :: flags = 0
    ! What is held and may come to be held, long and short added up.
    integer(c_int64_t) :: max_gross_notional = 0
    ! The same with what is short taken from what is long.
    integer(c_int64_t) :: max_net_notional = 0
    ! Of a day in UTC, realised and at reference prices.
    integer(c_int64_t) :: max_loss = 0
  end type

  ! How much and how fast a session may trade; docs/CONFIGURATION.md says what each is, and its
  ! range.
  type, bind(C) :: tw_session_limits
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 48
    ! Lasting rate of new orders and replaces.
    integer(c_int32_t) :: per_second = 0
    ! New orders and replaces that may come at once.
    integer(c_int32_t) :: burst = 0
    ! Lasting rate of cancels.
    integer(c_int32_t) :: cancels_per_second = 0
    ! Cancels that may come at once.
    integer(c_int32_t) :: cancels_burst = 0
    ! Orders open at one time.
    integer(c_int32_t) :: max_open_orders = 0
    ! How often the same new order is taken within the window; 4294967295: as often as one likes.
    integer(c_int32_t) :: max_repeats = 0
    ! Requests for each trade of a day in UTC; 4294967295: any number.
    integer(c_int32_t) :: max_order_to_trade = 0
    ! So many requests of a day need no trade.
    integer(c_int32_t) :: order_to_trade_after = 0
    ! Zero.
    integer(c_int32_t) :: reserved = 0
    ! The window of max_repeats.
    integer(c_int64_t) :: repeat_window_ns = 0
  end type

  ! What a session may trade, beside the names of symbols and accounts.
  type, bind(C) :: tw_session_permissions
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 16
    ! Bit n: the side '0' + n (FIX 54) is permitted; at least one.
    integer(c_int32_t) :: sides = 0
    ! Bit n: the order type '0' + n (FIX 40) is permitted; at least one.
    integer(c_int32_t) :: order_types = 0
    ! Sequences that it may leave out at once; 4294967295: any number.
    integer(c_int32_t) :: max_sequence_gap = 0
  end type

  ! A symbol or an account among others.
  type, bind(C) :: tw_name
    ! Bytes 0x21 to 0x7E, then NULs; not empty.
    character(kind=c_char) :: name(16) = c_null_char
  end type

  ! How a session stands.
  type, bind(C) :: tw_session_state
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 64
    ! Orders that may still fill.
    integer(c_int32_t) :: open_orders = 0
    ! Of its latest decided frame; 0: there was none.
    integer(c_int64_t) :: last_sequence = 0
    ! Nanoseconds since 1970 UTC; 0: it is not halted.
    integer(c_int64_t) :: halted_since = 0
    ! Zeros.
    integer(c_int64_t) :: reserved(5) = 0
  end type

  ! What an account holds of an instrument. Everything has exponent -8; docs/RISK.md defines each.
  ! gross is rounded up, cash and equity down; what does not fit ends at the type's bounds.
  type, bind(C) :: tw_position
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 96
    ! Zero.
    integer(c_int32_t) :: reserved = 0
    ! Held: long above 0, short below.
    integer(c_int64_t) :: quantity = 0
    ! What its open orders may still buy, at their worst.
    integer(c_int64_t) :: open_buy = 0
    ! What its open orders may still sell, at their worst.
    integer(c_int64_t) :: open_sell = 0
    ! What it is valued at: the reference price, until there is one the first trade's; else
    ! TW_PRICE_NONE.
    integer(c_int64_t) :: mark = 0
    ! Money received for sales less money paid for purchases, without fees.
    integer(c_int64_t) :: cash = 0
    ! cash, and quantity at mark: what was won or lost with it, realised or not.
    integer(c_int64_t) :: equity = 0
    ! What it may become at its worst, long or short: its part of the gross notional.
    integer(c_int64_t) :: gross = 0
    ! Zeros.
    integer(c_int64_t) :: reserved2(4) = 0
  end type

  ! What an account, or the firm, has at risk, and its limits. Money has exponent -8; docs/RISK.md
  ! defines each. What a limit is held against is rounded up, so that it is above the limit exactly
  ! where the gateway finds it so; held and equity are rounded down. What does not fit ends at the
  ! type's bounds.
  type, bind(C) :: tw_exposure
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 120
    ! Zero.
    integer(c_int32_t) :: reserved = 0
    ! What is held, at reference prices, short taken from long.
    integer(c_int64_t) :: held = 0
    ! What max_gross_notional is held against.
    integer(c_int64_t) :: gross = 0
    ! What max_net_notional is held against for a buy.
    integer(c_int64_t) :: net_buy = 0
    ! What max_net_notional is held against for a sell.
    integer(c_int64_t) :: net_sell = 0
    ! Won or lost with all that was ever traded, realised or not.
    integer(c_int64_t) :: equity = 0
    ! What max_loss is held against, of this day in UTC; below 0: a gain.
    integer(c_int64_t) :: day_loss = 0
    ! Of the account, or of the gateway: nanoseconds since 1970 UTC; 0: not halted.
    integer(c_int64_t) :: halted_since = 0
    ! The limit in force; TW_UNLIMITED: none.
    integer(c_int64_t) :: max_gross_notional = 0
    ! The limit in force; TW_UNLIMITED: none.
    integer(c_int64_t) :: max_net_notional = 0
    ! The limit in force; TW_UNLIMITED: none.
    integer(c_int64_t) :: max_loss = 0
    ! Zeros.
    integer(c_int64_t) :: reserved2(4) = 0
  end type

  ! The durable decision about an order together with the venue's first answer.
  type, bind(C) :: tw_order_ack
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 80
    ! 1 or 0; 0 when the gateway or the venue refused.
    integer(c_int32_t) :: accepted = 0
    ! 0 when accepted; 1 to 99: the gateway refused; from 100: the venue. See tw_reason_name.
    integer(c_int32_t) :: reason = 0
    ! 1: the frame repeats one decided before, and this is that one's ack.
    integer(c_int32_t) :: duplicate = 0
    ! The gateway's number of the request, and the ClOrdID (FIX 11) at the venue.
    integer(c_int64_t) :: order_id = 0
    ! FIX 49.
    integer(c_int64_t) :: session_id = 0
    ! FIX 34.
    integer(c_int64_t) :: sequence = 0
    ! FIX 11.
    integer(c_int64_t) :: client_order_id = 0
    ! When it was decided, nanoseconds since 1970 UTC.
    integer(c_int64_t) :: time = 0
    ! How many sequences the session left out before this one: lost on the way, if it did not mean
    ! to.
    integer(c_int64_t) :: sequence_gap = 0
    ! Zeros.
    integer(c_int64_t) :: reserved(2) = 0
  end type

  ! One entry of the completion queue: the end of a submission (kind TW_COMPLETION_ACK), or an
  ! ExecutionReport (kind TW_COMPLETION_EXECUTION). Prices and quantities: exponent -8.
  type, bind(C) :: tw_completion
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 144
    ! TW_COMPLETION_*.
    integer(c_int32_t) :: kind = 0
    ! 1, 2, 3 and so on, in the order of completion.
    integer(c_int64_t) :: number = 0
    ! Ack: the tag given to tw_gateway_submit.
    integer(c_int64_t) :: tag = 0
    ! Ack: TW_OK when decided; TW_ERR_UNKNOWN when the order may be live.
    integer(tw_status) :: status = 0
    ! Ack: as in tw_order_ack.
    integer(c_int32_t) :: accepted = 0
    ! Ack: as in tw_order_ack. Execution: why the gateway itself has cancelled the order, else 0.
    integer(c_int32_t) :: reason = 0
    ! Ack: as in tw_order_ack.
    integer(c_int32_t) :: duplicate = 0
    ! As in tw_order_ack; of the request that this is about.
    integer(c_int64_t) :: order_id = 0
    ! FIX 49.
    integer(c_int64_t) :: session_id = 0
    ! Ack: FIX 34.
    integer(c_int64_t) :: sequence = 0
    ! FIX 11: of the request answered; for trades and what comes unasked the order's latest.
    integer(c_int64_t) :: client_order_id = 0
    ! Execution: FIX 41 of what was cancelled or replaced on request, else 0.
    integer(c_int64_t) :: orig_client_order_id = 0
    ! When it was decided or learned, nanoseconds since 1970 UTC.
    integer(c_int64_t) :: time = 0
    ! Execution: FIX 17, strictly increasing. This and all below are 0 in an ack.
    integer(c_int64_t) :: exec_id = 0
    ! FIX 31: of a trade, else 0.
    integer(c_int64_t) :: last_price = 0
    ! FIX 32: of a trade, else 0.
    integer(c_int64_t) :: last_quantity = 0
    ! FIX 14.
    integer(c_int64_t) :: cum_quantity = 0
    ! FIX 151.
    integer(c_int64_t) :: leaves_quantity = 0
    ! FIX 150: '0' new, '4' canceled, '5' replaced, '8' rejected, 'C' expired, 'F' trade.
    character(kind=c_char) :: exec_type = c_null_char
    ! FIX 39: '0' new, '1' partially filled, '2' filled, '4' canceled, '8' rejected, 'C' expired.
    character(kind=c_char) :: ord_status = c_null_char
    ! FIX 54.
    character(kind=c_char) :: side = c_null_char
    ! Zeros.
    character(kind=c_char) :: reserved(5) = c_null_char
    ! Ack: as in tw_order_ack.
    integer(c_int64_t) :: sequence_gap = 0
  end type

  ! What is known of a request and its order. Prices and quantities: exponent -8.
  type, bind(C) :: tw_order_state
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 112
    ! 1 or 0; 2 while its ack is still to come.
    integer(c_int32_t) :: accepted = 0
    ! As in tw_order_ack.
    integer(c_int32_t) :: reason = 0
    ! FIX 39, as in tw_completion; also 'A' pending new, '6' pending cancel, 'E' pending replace.
    character(kind=c_char) :: ord_status = c_null_char
    ! FIX 54.
    character(kind=c_char) :: side = c_null_char
    ! Zeros.
    character(kind=c_char) :: reserved(2) = c_null_char
    ! Of the request asked for.
    integer(c_int64_t) :: order_id = 0
    ! FIX 11, as asked for.
    integer(c_int64_t) :: client_order_id = 0
    ! FIX 41: of a replace or cancel, else 0.
    integer(c_int64_t) :: orig_client_order_id = 0
    ! FIX 49.
    integer(c_int64_t) :: session_id = 0
    ! The order's price now; TW_PRICE_NONE for a market order.
    integer(c_int64_t) :: price = 0
    ! The order's total now.
    integer(c_int64_t) :: quantity = 0
    ! What is filled.
    integer(c_int64_t) :: cum_quantity = 0
    ! What may still fill.
    integer(c_int64_t) :: leaves_quantity = 0
    ! Zeros.
    integer(c_int64_t) :: reserved2(4) = 0
  end type

  ! A field of a log event. Both are UTF-8.
  type, bind(C) :: tw_log_field
    ! Its name.
    type(tw_bytes) :: key
    ! Its value as text; ids of keys are 16 hexadecimal digits.
    type(tw_bytes) :: value
  end type

  ! A log event. It and what it points to live until the callback returns.
  type, bind(C) :: tw_log_record
    ! Set; leave it as it is.
    integer(c_int32_t) :: struct_size = 64
    ! TW_LOG_*.
    integer(c_int32_t) :: level = 0
    ! Nanoseconds since 1970 UTC.
    integer(c_int64_t) :: time = 0
    ! The part of the library that tells it, UTF-8.
    type(tw_bytes) :: target
    ! What happened, always in the same words, UTF-8.
    type(tw_bytes) :: message
    ! fields_len of them, in a fixed order.
    type(c_ptr) :: fields = c_null_ptr
    ! How many fields there are.
    integer(c_size_t) :: fields_len = 0
  end type

  ! --- Callbacks: pass c_funloc of yours ----------------------------------------------------------

  abstract interface

    ! Is told log events. See tw_log_set.
    subroutine tw_log_fn(user, record) bind(C)
      import
      type(c_ptr), value :: user
      type(tw_log_record), intent(in) :: record
    end subroutine
  end interface

  ! --- Functions ---------------------------------------------------------------------------------

  interface

    ! The ABI of the library that was loaded, to compare with TW_ABI_VERSION.
    integer(c_int32_t) function tw_abi_version_loaded() bind(C, name="tw_abi_version")
      import
    end function

    ! The version of the library that was loaded, as "0.1.0".
    type(c_ptr) function tw_version() bind(C)
      import
    end function

    ! The name of a status, as "TW_ERR_KEY".
    type(c_ptr) function tw_status_name(status) bind(C)
      import
      integer(tw_status), value :: status
    end function

    ! What a status means, for a developer to read.
    type(c_ptr) function tw_status_message(status) bind(C)
      import
      integer(tw_status), value :: status
    end function

    ! What more there is to say of the latest call of this thread that failed. After TW_ERR_ARGUMENT
    ! of a function that sets limits, instruments, permissions, prices, halts or a name, and of
    ! tw_key_encode and tw_key_decode: which value, and what it must be, as "burst: must be from 1
    ! to 1000000000". After some other errors: what is full or missing. Holds no secret.
    type(c_ptr) function tw_error_detail() bind(C)
      import
    end function

    ! The name of a reason, as "max_quantity".
    type(c_ptr) function tw_reason_name(reason) bind(C)
      import
      integer(c_int32_t), value :: reason
    end function

    ! What a reason means, for a developer to read.
    type(c_ptr) function tw_reason_message(reason) bind(C)
      import
      integer(c_int32_t), value :: reason
    end function

    ! The name of a suite, as "ed25519".
    type(c_ptr) function tw_suite_name(suite) bind(C)
      import
      integer(c_int32_t), value :: suite
    end function

    ! The suite with this name.
    integer(tw_status) function tw_suite_from_name(name, name_len, suite) bind(C)
      import
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
      integer(c_int32_t), intent(inout) :: suite
    end function

    ! Bytes of a suite's framed secret key bytes.
    integer(c_size_t) function tw_secret_key_size(suite) bind(C)
      import
      integer(c_int32_t), value :: suite
    end function

    ! Bytes of a suite's key bytes that came expanded, without their seed (TW_KIND_EXPANDED).
    integer(c_size_t) function tw_expanded_key_size(suite) bind(C)
      import
      integer(c_int32_t), value :: suite
    end function

    ! Bytes of a suite's public key bytes.
    integer(c_size_t) function tw_public_key_size(suite) bind(C)
      import
      integer(c_int32_t), value :: suite
    end function

    ! Bytes of a suite's signature.
    integer(c_size_t) function tw_signature_size(suite) bind(C)
      import
      integer(c_int32_t), value :: suite
    end function

    ! Says what happens when the operating system does not let the memory of a prepared key be
    ! locked (RLIMIT_MEMLOCK), for every key prepared from now on in the whole process.
    integer(tw_status) function tw_memory_policy(policy) bind(C)
      import
      integer(c_int32_t), value :: policy
    end function

    ! Makes a framed secret key from a 64-bit seed, the same on every machine for ever. FOR TESTS,
    ! FIXTURES AND SIMULATIONS ONLY: a seed that short can be guessed. Real keys: tw_generate.
    integer(tw_status) function tw_keygen(suite, seed, key, key_cap, key_len) bind(C)
      import
      integer(c_int32_t), value :: suite
      integer(c_int64_t), value :: seed
      character(kind=c_char), intent(inout), optional :: key(*)
      integer(c_size_t), value :: key_cap
      integer(c_size_t), intent(inout) :: key_len
    end function

    ! Makes a framed secret key from the operating system's entropy.
    integer(tw_status) function tw_generate(suite, key, key_cap, key_len) bind(C)
      import
      integer(c_int32_t), value :: suite
      character(kind=c_char), intent(inout), optional :: key(*)
      integer(c_size_t), value :: key_cap
      integer(c_size_t), intent(inout) :: key_len
    end function

    ! Makes a framed secret key from the caller's own entropy, the same for the same entropy.
    integer(tw_status) function tw_keygen_from_entropy(suite, entropy, entropy_len, key, key_cap, &
        key_len) bind(C)
      import
      integer(c_int32_t), value :: suite
      character(kind=c_char), intent(in), optional :: entropy(*)
      integer(c_size_t), value :: entropy_len
      character(kind=c_char), intent(inout), optional :: key(*)
      integer(c_size_t), value :: key_cap
      integer(c_size_t), intent(inout) :: key_len
    end function

    ! Makes key bytes from bare material, as its standard has it.
    integer(tw_status) function tw_key_import(suite, kind, usage, material, material_len, key, &
        key_cap, key_len) bind(C)
      import
      integer(c_int32_t), value :: suite
      integer(c_int32_t), value :: kind
      integer(c_int32_t), value :: usage
      character(kind=c_char), intent(in), optional :: material(*)
      integer(c_size_t), value :: material_len
      character(kind=c_char), intent(inout), optional :: key(*)
      integer(c_size_t), value :: key_cap
      integer(c_size_t), intent(inout) :: key_len
    end function

    ! Takes key bytes apart. This is one of the few functions that give key material away.
    integer(tw_status) function tw_key_export(key, key_len, suite, kind, usage, material, &
        material_cap, material_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      integer(c_int32_t), intent(inout) :: suite
      integer(c_int32_t), intent(inout) :: kind
      integer(c_int32_t), intent(inout) :: usage
      character(kind=c_char), intent(inout), optional :: material(*)
      integer(c_size_t), value :: material_cap
      integer(c_size_t), intent(inout) :: material_len
    end function

    ! The public key bytes of a secret or public key, of the same usage.
    integer(tw_status) function tw_public_key(key, key_len, public_key, public_key_cap, &
        public_key_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      character(kind=c_char), intent(inout), optional :: public_key(*)
      integer(c_size_t), value :: public_key_cap
      integer(c_size_t), intent(inout) :: public_key_len
    end function

    ! The suite of a key.
    integer(tw_status) function tw_key_suite(key, key_len, suite) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      integer(c_int32_t), intent(inout) :: suite
    end function

    ! The id by which orders and gateways know a key, the same for its secret and public half.
    integer(tw_status) function tw_key_id(key, key_len, key_id) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      integer(c_int64_t), intent(inout) :: key_id
    end function

    ! Writes key bytes in a form that other tools read, as OpenSSL or ssh: private keys of ML-DSA as
    ! their seed, or expanded where it is not known. Of a secret key this is one of the few
    ! functions that give key material away.
    integer(tw_status) function tw_key_encode(key, key_len, encoding, password, password_len, &
        encoded, encoded_cap, encoded_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      integer(c_int32_t), value :: encoding
      character(kind=c_char), intent(in), optional :: password(*)
      integer(c_size_t), value :: password_len
      character(kind=c_char), intent(inout), optional :: encoded(*)
      integer(c_size_t), value :: encoded_cap
      integer(c_size_t), intent(inout) :: encoded_len
    end function

    ! Reads a key in any of the forms that tw_key_encode writes, told apart by what they begin with,
    ! and gives its key bytes. ML-DSA private keys may hold their seed, the expanded key (which
    ! gives a key of TW_KIND_EXPANDED) or both.
    integer(tw_status) function tw_key_decode(usage, encoded, encoded_len, password, password_len, &
        key, key_cap, key_len) bind(C)
      import
      integer(c_int32_t), value :: usage
      character(kind=c_char), intent(in), optional :: encoded(*)
      integer(c_size_t), value :: encoded_len
      character(kind=c_char), intent(in), optional :: password(*)
      integer(c_size_t), value :: password_len
      character(kind=c_char), intent(inout), optional :: key(*)
      integer(c_size_t), value :: key_cap
      integer(c_size_t), intent(inout) :: key_len
    end function

    ! Signs a payload. Framed keys sign in the context "tinywindow/v1/payload", raw keys the bare
    ! payload, in the empty context if their standard knows contexts. Deterministic: same key, same
    ! payload, same signature.
    integer(tw_status) function tw_sign(key, key_len, payload, payload_len, sig, sig_cap, sig_len) &
        bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(inout), optional :: sig(*)
      integer(c_size_t), value :: sig_cap
      integer(c_size_t), intent(inout) :: sig_len
    end function

    ! Verifies a signature made by tw_sign.
    integer(tw_status) function tw_verify(key, key_len, payload, payload_len, sig, sig_len) &
        bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(in), optional :: sig(*)
      integer(c_size_t), value :: sig_len
    end function

    ! Signs a payload in a context of the caller's own: worthless in every other context.
    integer(tw_status) function tw_sign_with_context(key, key_len, context, context_len, payload, &
        payload_len, sig, sig_cap, sig_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      character(kind=c_char), intent(in), optional :: context(*)
      integer(c_size_t), value :: context_len
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(inout), optional :: sig(*)
      integer(c_size_t), value :: sig_cap
      integer(c_size_t), intent(inout) :: sig_len
    end function

    ! Verifies a signature made by tw_sign_with_context in the same context.
    integer(tw_status) function tw_verify_with_context(key, key_len, context, context_len, &
        payload, payload_len, sig, sig_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      character(kind=c_char), intent(in), optional :: context(*)
      integer(c_size_t), value :: context_len
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(in), optional :: sig(*)
      integer(c_size_t), value :: sig_len
    end function

    ! Verifies the first bytes of an HMAC tag, for protocols that truncate it: exactly tag_len bytes
    ! are compared. Raw HMAC keys only.
    integer(tw_status) function tw_verify_truncated(key, key_len, payload, payload_len, tag, &
        tag_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(in), optional :: tag(*)
      integer(c_size_t), value :: tag_len
    end function

    ! Prepares a secret key.
    integer(tw_status) function tw_signer_new(key, key_len, signer) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      type(c_ptr), intent(inout) :: signer
    end function

    ! Wipes and frees a signer. NULL is fine.
    subroutine tw_signer_free(signer) bind(C)
      import
      type(c_ptr), value :: signer
    end subroutine

    ! The id of the signer's key, as tw_key_id.
    integer(tw_status) function tw_signer_key_id(signer, key_id) bind(C)
      import
      type(c_ptr), value :: signer
      integer(c_int64_t), intent(inout) :: key_id
    end function

    ! Signs a payload, as tw_sign.
    integer(tw_status) function tw_signer_sign(signer, payload, payload_len, sig, sig_cap, &
        sig_len) bind(C)
      import
      type(c_ptr), value :: signer
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(inout), optional :: sig(*)
      integer(c_size_t), value :: sig_cap
      integer(c_size_t), intent(inout) :: sig_len
    end function

    ! Signs a payload in a context of the caller's own, as tw_sign_with_context.
    integer(tw_status) function tw_signer_sign_with_context(signer, context, context_len, payload, &
        payload_len, sig, sig_cap, sig_len) bind(C)
      import
      type(c_ptr), value :: signer
      character(kind=c_char), intent(in), optional :: context(*)
      integer(c_size_t), value :: context_len
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(inout), optional :: sig(*)
      integer(c_size_t), value :: sig_cap
      integer(c_size_t), intent(inout) :: sig_len
    end function

    ! Signs many payloads. One bad item spoils no other.
    integer(tw_status) function tw_signer_sign_batch(signer, payloads, count, sigs, sigs_cap, &
        sigs_len, results) bind(C)
      import
      type(c_ptr), value :: signer
      type(tw_bytes), intent(in) :: payloads(*)
      integer(c_size_t), value :: count
      character(kind=c_char), intent(inout), optional :: sigs(*)
      integer(c_size_t), value :: sigs_cap
      integer(c_size_t), intent(inout) :: sigs_len
      integer(tw_status), intent(inout) :: results(*)
    end function

    ! Prepares a key to verify with.
    integer(tw_status) function tw_verifier_new(key, key_len, verifier) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      type(c_ptr), intent(inout) :: verifier
    end function

    ! Wipes and frees a verifier. NULL is fine.
    subroutine tw_verifier_free(verifier) bind(C)
      import
      type(c_ptr), value :: verifier
    end subroutine

    ! The id of the verifier's key, as tw_key_id.
    integer(tw_status) function tw_verifier_key_id(verifier, key_id) bind(C)
      import
      type(c_ptr), value :: verifier
      integer(c_int64_t), intent(inout) :: key_id
    end function

    ! Verifies a signature of a payload, as tw_verify.
    integer(tw_status) function tw_verifier_verify(verifier, payload, payload_len, sig, sig_len) &
        bind(C)
      import
      type(c_ptr), value :: verifier
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(in), optional :: sig(*)
      integer(c_size_t), value :: sig_len
    end function

    ! Verifies a signature made in a context of the caller's own, as tw_verify_with_context.
    integer(tw_status) function tw_verifier_verify_with_context(verifier, context, context_len, &
        payload, payload_len, sig, sig_len) bind(C)
      import
      type(c_ptr), value :: verifier
      character(kind=c_char), intent(in), optional :: context(*)
      integer(c_size_t), value :: context_len
      character(kind=c_char), intent(in), optional :: payload(*)
      integer(c_size_t), value :: payload_len
      character(kind=c_char), intent(in), optional :: sig(*)
      integer(c_size_t), value :: sig_len
    end function

    ! Verifies many signatures. One bad item spoils no other.
    integer(tw_status) function tw_verifier_verify_batch(verifier, payloads, sigs, count, results) &
        bind(C)
      import
      type(c_ptr), value :: verifier
      type(tw_bytes), intent(in) :: payloads(*)
      type(tw_bytes), intent(in) :: sigs(*)
      integer(c_size_t), value :: count
      integer(tw_status), intent(inout) :: results(*)
    end function

    ! Encodes an order and a signature made elsewhere into a frame: message header, block, length of
    ! the signature (u16), signature. What is signed is the header and the block, in the context
    ! "tinywindow/v1/order": all but the last sig_len + 2 bytes.
    integer(tw_status) function tw_order_encode(order, sig, sig_len, frame, frame_cap, frame_len) &
        bind(C)
      import
      type(tw_order), intent(in) :: order
      character(kind=c_char), intent(in), optional :: sig(*)
      integer(c_size_t), value :: sig_len
      character(kind=c_char), intent(inout), optional :: frame(*)
      integer(c_size_t), value :: frame_cap
      integer(c_size_t), intent(inout) :: frame_len
    end function

    ! Takes a frame apart, strictly. The signature is not verified.
    integer(tw_status) function tw_order_decode(frame, frame_len, order, signed_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: frame(*)
      integer(c_size_t), value :: frame_len
      type(tw_order), intent(inout) :: order
      integer(c_size_t), intent(inout) :: signed_len
    end function

    ! Signs an order and encodes it into a frame.
    integer(tw_status) function tw_order_sign(key, key_len, order, frame, frame_cap, frame_len) &
        bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      type(tw_order), intent(in) :: order
      character(kind=c_char), intent(inout), optional :: frame(*)
      integer(c_size_t), value :: frame_cap
      integer(c_size_t), intent(inout) :: frame_len
    end function

    ! Signs an order with a prepared key and encodes it into a frame.
    integer(tw_status) function tw_signer_order_sign(signer, order, frame, frame_cap, frame_len) &
        bind(C)
      import
      type(c_ptr), value :: signer
      type(tw_order), intent(in) :: order
      character(kind=c_char), intent(inout), optional :: frame(*)
      integer(c_size_t), value :: frame_cap
      integer(c_size_t), intent(inout) :: frame_len
    end function

    ! Verifies a frame's signature.
    integer(tw_status) function tw_order_verify(key, key_len, frame, frame_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
      character(kind=c_char), intent(in), optional :: frame(*)
      integer(c_size_t), value :: frame_len
    end function

    ! Says what tw_gateway_open would say of a configuration, key files included, and why.
    integer(tw_status) function tw_config_check(text, text_len, out, out_cap, out_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: text(*)
      integer(c_size_t), value :: text_len
      character(kind=c_char), intent(inout), optional :: out(*)
      integer(c_size_t), value :: out_cap
      integer(c_size_t), intent(inout) :: out_len
    end function

    ! Opens a gateway.
    integer(tw_status) function tw_gateway_open(text, text_len, gateway) bind(C)
      import
      character(kind=c_char), intent(in), optional :: text(*)
      integer(c_size_t), value :: text_len
      type(c_ptr), intent(inout) :: gateway
    end function

    ! Takes no more orders, completes what is pending and gives the journal free. Afterwards
    ! tw_gateway_poll, tw_order_status and what else only asks still work; what would change
    ! something gives TW_ERR_CLOSED. Closing again is fine.
    integer(tw_status) function tw_gateway_close(gateway) bind(C)
      import
      type(c_ptr), value :: gateway
    end function

    ! Closes a gateway if it is open, and frees it. NULL is fine.
    subroutine tw_gateway_free(gateway) bind(C)
      import
      type(c_ptr), value :: gateway
    end subroutine

    ! Lets a key sign orders of a session from now on; that it may is durable when this returns. The
    ! journal never holds a key: after a restart it must be added again, or be named in the
    ! configuration.
    integer(tw_status) function tw_gateway_key_add(gateway, session_id, key, key_len) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      character(kind=c_char), intent(in), optional :: key(*)
      integer(c_size_t), value :: key_len
    end function

    ! Ends a key of a session for ever; frames it signed that are not decided yet are refused.
    integer(tw_status) function tw_gateway_key_retire(gateway, session_id, key_id) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      integer(c_int64_t), value :: key_id
    end function

    ! Every key that a session has or had, in the order in which they came.
    integer(tw_status) function tw_gateway_keys(gateway, session_id, keys, keys_cap, keys_len) &
        bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      type(tw_session_key), intent(inout), optional :: keys(*)
      integer(c_size_t), value :: keys_cap
      integer(c_size_t), intent(inout) :: keys_len
    end function

    ! Stops new orders and replaces in a scope, at once and across restarts; durable when this
    ! returns. Cancels pass.
    integer(tw_status) function tw_gateway_halt(gateway, scope, session_id, name, name_len) &
        bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), value :: scope
      integer(c_int64_t), value :: session_id
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
    end function

    ! Lifts the halt of exactly this scope; durable when this returns.
    integer(tw_status) function tw_gateway_resume(gateway, scope, session_id, name, name_len) &
        bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), value :: scope
      integer(c_int64_t), value :: session_id
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
    end function

    ! Whether exactly this scope is halted.
    integer(tw_status) function tw_gateway_halted(gateway, scope, session_id, name, name_len, &
        since) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), value :: scope
      integer(c_int64_t), value :: session_id
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
      integer(c_int64_t), intent(inout) :: since
    end function

    ! Cancels the orders of a session that are open now: what to call when its connection is lost.
    ! The cancels are the gateway's own, durable when this returns; their answers come as executions
    ! whose reason is session_cancelled. An order whose replace is on its way may outlive its
    ! cancel: call again until *count is 0. To keep others from following, halt the session first.
    integer(tw_status) function tw_gateway_cancel_session(gateway, session_id, count) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      integer(c_int64_t), intent(inout) :: count
    end function

    ! What a second person signs to agree to lifting the halt of a scope: a line of ASCII that says
    ! which, to be signed by one of the configured resume_keys in the context "resume"
    ! (tw_sign_with_context, or tinywindow sign --context resume). It is about this halt alone.
    integer(tw_status) function tw_gateway_resume_request(gateway, scope, session_id, name, &
        name_len, request, request_cap, request_len) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), value :: scope
      integer(c_int64_t), value :: session_id
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
      character(kind=c_char), intent(inout), optional :: request(*)
      integer(c_size_t), value :: request_cap
      integer(c_size_t), intent(inout) :: request_len
    end function

    ! Lifts the halt of exactly this scope with the agreement of a second person; durable when this
    ! returns. The journal tells whose key it was.
    integer(tw_status) function tw_gateway_resume_agreed(gateway, scope, session_id, name, &
        name_len, signature, signature_len) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), value :: scope
      integer(c_int64_t), value :: session_id
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
      character(kind=c_char), intent(in), optional :: signature(*)
      integer(c_size_t), value :: signature_len
    end function

    ! Says in whose name the calling thread acts from now on: whatever it changes in a gateway
    ! (halts, limits, instruments, prices, keys) is journaled as made by this name.
    integer(tw_status) function tw_act_as(name, name_len) bind(C)
      import
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
    end function

    ! Adds an instrument, or changes the limits of one; in force at once, durable when this returns,
    ! and until the next opening, where the configuration's text wins. A halt outlives it.
    integer(tw_status) function tw_gateway_instrument_set(gateway, instrument) bind(C)
      import
      type(c_ptr), value :: gateway
      type(tw_instrument), intent(in) :: instrument
    end function

    ! Sets the ticks of higher prices than the instrument's own tick is for, in place of all that it
    ! had; in force at once, durable when this returns, until the next opening, where the
    ! configuration's text wins.
    integer(tw_status) function tw_gateway_tick_bands_set(gateway, symbol, symbol_len, bands, &
        bands_len) bind(C)
      import
      type(c_ptr), value :: gateway
      character(kind=c_char), intent(in), optional :: symbol(*)
      integer(c_size_t), value :: symbol_len
      type(tw_tick_band), intent(in), optional :: bands(*)
      integer(c_size_t), value :: bands_len
    end function

    ! Sets the price by which collars and the notional of market orders are measured; in force at
    ! once, durable when this returns.
    integer(tw_status) function tw_gateway_reference_price_set(gateway, symbol, symbol_len, price) &
        bind(C)
      import
      type(c_ptr), value :: gateway
      character(kind=c_char), intent(in), optional :: symbol(*)
      integer(c_size_t), value :: symbol_len
      integer(c_int64_t), value :: price
    end function

    ! Sets the limits of an account, of every account that has none of its own, or of the firm; in
    ! force at once, durable when this returns.
    integer(tw_status) function tw_gateway_exposure_set(gateway, scope, name, name_len, limits) &
        bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), value :: scope
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
      type(tw_exposure_limits), intent(in) :: limits
    end function

    ! Sets how much and how fast a session may trade; in force for its next frame, durable when this
    ! returns, until the next opening, where the configuration's text wins.
    integer(tw_status) function tw_gateway_session_limits_set(gateway, session_id, limits) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      type(tw_session_limits), intent(in) :: limits
    end function

    ! Sets what a session may trade, and for whom, in place of all that it might before; in force
    ! for its next frame, durable when this returns, until the next opening, where the
    ! configuration's text wins. No frame sees a part of it, and no crash leaves one. Cancels need
    ! no permission.
    integer(tw_status) function tw_gateway_session_permissions_set(gateway, session_id, &
        permissions, symbols, symbols_len, accounts, accounts_len) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      type(tw_session_permissions), intent(in) :: permissions
      type(tw_name), intent(in), optional :: symbols(*)
      integer(c_size_t), value :: symbols_len
      type(tw_name), intent(in), optional :: accounts(*)
      integer(c_size_t), value :: accounts_len
    end function

    ! What a session is limited to now, for instance to change one of these.
    integer(tw_status) function tw_gateway_session_limits(gateway, session_id, limits) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      type(tw_session_limits), intent(inout) :: limits
    end function

    ! How a session stands: its last sequence, what is open of it, whether it is halted.
    integer(tw_status) function tw_gateway_session_state(gateway, session_id, state) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      type(tw_session_state), intent(inout) :: state
    end function

    ! What an account holds of an instrument, and what its open orders may make of it: the numbers
    ! that the next decision goes by, all of one moment. Of an account that nobody has named yet:
    ! nothing.
    integer(tw_status) function tw_gateway_position(gateway, account, account_len, symbol, &
        symbol_len, position) bind(C)
      import
      type(c_ptr), value :: gateway
      character(kind=c_char), intent(in), optional :: account(*)
      integer(c_size_t), value :: account_len
      character(kind=c_char), intent(in), optional :: symbol(*)
      integer(c_size_t), value :: symbol_len
      type(tw_position), intent(inout) :: position
    end function

    ! What an account, or the firm, has at risk, all of one moment, and the limits that it is held
    ! to. An account that nobody has named yet has nothing at risk.
    integer(tw_status) function tw_gateway_exposure(gateway, scope, name, name_len, exposure) &
        bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), value :: scope
      character(kind=c_char), intent(in), optional :: name(*)
      integer(c_size_t), value :: name_len
      type(tw_exposure), intent(inout) :: exposure
    end function

    ! Says what would be decided about a frame now: gates 1 to 5 alone. Changes nothing.
    integer(tw_status) function tw_pre_trade_check(gateway, frame, frame_len, reason) bind(C)
      import
      type(c_ptr), value :: gateway
      character(kind=c_char), intent(in), optional :: frame(*)
      integer(c_size_t), value :: frame_len
      integer(c_int32_t), intent(inout) :: reason
    end function

    ! Says every reason for which a frame would be rejected now, in the order of the checks: gates 1
    ! to 5 alone. Changes nothing.
    integer(tw_status) function tw_pre_trade_reasons(gateway, frame, frame_len, reasons, &
        reasons_cap, reasons_len) bind(C)
      import
      type(c_ptr), value :: gateway
      character(kind=c_char), intent(in), optional :: frame(*)
      integer(c_size_t), value :: frame_len
      integer(c_int32_t), intent(inout), optional :: reasons(*)
      integer(c_size_t), value :: reasons_cap
      integer(c_size_t), intent(inout) :: reasons_len
    end function

    ! Sends an order and waits for its ack.
    integer(tw_status) function tw_send_order(gateway, frame, frame_len, timeout_ns, ack) bind(C)
      import
      type(c_ptr), value :: gateway
      character(kind=c_char), intent(in), optional :: frame(*)
      integer(c_size_t), value :: frame_len
      integer(c_int64_t), value :: timeout_ns
      type(tw_order_ack), intent(inout) :: ack
    end function

    ! Sends an order without waiting. When this returns TW_OK exactly one completion of kind
    ! TW_COMPLETION_ACK with this tag follows through tw_gateway_poll.
    integer(tw_status) function tw_gateway_submit(gateway, frame, frame_len, tag) bind(C)
      import
      type(c_ptr), value :: gateway
      character(kind=c_char), intent(in), optional :: frame(*)
      integer(c_size_t), value :: frame_len
      integer(c_int64_t), value :: tag
    end function

    ! Takes completions from the queue, oldest first: acks of tw_gateway_submit, and executions.
    ! From the first call of tw_gateway_submit, tw_gateway_poll or tw_gateway_fd on none is ever
    ! dropped, and while the queue is not drained a session that has filled its share of it meets
    ! TW_ERR_BUSY; before, the latest executions are kept, and a gap in the numbers tells of older
    ! ones.
    integer(tw_status) function tw_gateway_poll(gateway, completions, completions_cap, timeout_ns, &
        count) bind(C)
      import
      type(c_ptr), value :: gateway
      type(tw_completion), intent(inout), optional :: completions(*)
      integer(c_size_t), value :: completions_cap
      integer(c_int64_t), value :: timeout_ns
      integer(c_size_t), intent(inout) :: count
    end function

    ! A file descriptor that is readable while completions wait, for epoll and its like.
    integer(tw_status) function tw_gateway_fd(gateway, fd) bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int32_t), intent(inout) :: fd
    end function

    ! What is known of a request, by the id that its sender gave it.
    integer(tw_status) function tw_order_status(gateway, session_id, client_order_id, state) &
        bind(C)
      import
      type(c_ptr), value :: gateway
      integer(c_int64_t), value :: session_id
      integer(c_int64_t), value :: client_order_id
      type(tw_order_state), intent(inout) :: state
    end function

    ! All metrics of the process in Prometheus's text format, version 0.0.4 (docs/OBSERVABILITY.md).
    integer(tw_status) function tw_metrics_text(out, out_cap, out_len) bind(C)
      import
      character(kind=c_char), intent(inout), optional :: out(*)
      integer(c_size_t), value :: out_cap
      integer(c_size_t), intent(inout) :: out_len
    end function

    ! Sets who is told of log events (docs/OBSERVABILITY.md lists them), for the whole process; the
    ! library is silent until then.
    integer(tw_status) function tw_log_set(callback, user, level) bind(C)
      import
      type(c_funptr), value :: callback
      type(c_ptr), value :: user
      integer(c_int32_t), value :: level
    end function
  end interface

contains

  ! The text of a static string: tw_string(tw_status_name(status)). Of NULL: none.
  function tw_string(text) result(string)
    type(c_ptr), intent(in) :: text
    character(len=:), allocatable :: string
    character(kind=c_char), pointer :: characters(:)
    integer :: i
    interface
      integer(c_size_t) function strlen(text) bind(C)
        import
        type(c_ptr), value :: text
      end function
    end interface
    string = ""
    if (.not. c_associated(text)) return
    call c_f_pointer(text, characters, [strlen(text)])
    string = repeat(" ", size(characters))
    do i = 1, size(characters)
      string(i:i) = characters(i)
    end do
  end function

  ! A symbol or an account: order%symbol = tw_text("AAPL"). Never cut short: what is longer than 16
  ! becomes blanks, which no order may hold.
  pure function tw_text(string) result(field)
    character(len=*), intent(in) :: string
    character(kind=c_char) :: field(16)
    field = " "
    if (len_trim(string) <= 16) then
      field = transfer(trim(string) // repeat(c_null_char, 16), field, 16)
    end if
  end function
end module
