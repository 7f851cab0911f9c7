/* tinywindow.h: sign with a key, send an order safely.
 *
 * Generated from src/ffi/ by `make header`; do not edit.
 *
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * The contract. What a function's comment says goes before what stands here.
 *
 *   Linking    -ltinywindow (SONAME libtinywindow.so.0), or libtinywindow.a with the system's
 *              libraries that `pkg-config --static tinywindow` names. Nothing need be initialised.
 *   Status     A function that can fail returns tw_status: TW_OK is 0, errors are positive, and
 *              numbers are never changed or used again. tw_error_detail says more of some. An
 *              order rejected is a result, not an error: see tw_order_ack.
 *   Inputs     (pointer, length). The pointer may be NULL only if the length is 0. Text is UTF-8
 *              with a length, never ended by NUL. Nothing is referred to after the call returns.
 *   Outputs    (buffer, capacity, length). (NULL, 0) asks for the size and gives TW_OK. Too small:
 *              TW_ERR_BUFFER, *length is what is needed, the buffer is untouched. Nothing else is
 *              written on failure. Outputs may overlap inputs unless a comment says otherwise.
 *   Structs    Those that begin with struct_size want it set by the caller to sizeof. A smaller one
 *              than published, or a larger one with unknown bytes that are not zero, is
 *              TW_ERR_UNSUPPORTED; a larger output's unknown bytes are zeroed. Reserved bytes are
 *              zero. Structs need no alignment.
 *   Handles    Opaque; made by *_new or *_open, ended by *_free, which takes NULL too. Any number
 *              of threads may use one handle, but none while or after it is freed.
 *   Fork       A handle belongs to the process that made it: in a forked child it gives
 *              TW_ERR_FORKED, and the child makes handles of its own.
 *   Failure    No panic, exception or signal crosses this boundary. A bug inside gives
 *              TW_ERR_INTERNAL and only its handle becomes unusable. The library prints nothing,
 *              exits never, installs no signal handler, and starts a thread only where a comment
 *              says so.
 *   Secrets    Secret key bytes are written only by tw_keygen, tw_generate,
 *              tw_keygen_from_entropy, tw_key_import, tw_key_export, tw_key_encode and
 *              tw_key_decode; the caller wipes them.
 *   Versions   Compare tw_abi_version() with TW_ABI_VERSION. Until 1.0 the SONAME changes with the
 *              ABI; symbols, constants and layouts are pinned by tests.
 *
 * C89 with <stdint.h>, and C++17, can include this header.
 */
#ifndef TINYWINDOW_H
#define TINYWINDOW_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif


/* Of a price: none. */
#define TW_PRICE_NONE INT64_MIN
/* Of a limit: none. */
#define TW_UNLIMITED UINT64_MAX

/* tinywindow:declarations:begin */


/**
 * Done.
 */
#define TW_OK 0

/**
 * A required pointer is NULL.
 */
#define TW_ERR_NULL 1

/**
 * A length is outside its documented range.
 */
#define TW_ERR_LENGTH 2

/**
 * The output buffer is too small.
 */
#define TW_ERR_BUFFER 3

/**
 * A value is outside its documented set.
 */
#define TW_ERR_ARGUMENT 4

/**
 * A struct, journal or encrypted key of a kind this library does not support.
 */
#define TW_ERR_UNSUPPORTED 5

/**
 * Unknown signature suite.
 */
#define TW_ERR_SUITE 6

/**
 * Malformed key bytes.
 */
#define TW_ERR_KEY 7

/**
 * A key of another kind is needed, or of a kind that its suite has.
 */
#define TW_ERR_KEY_KIND 8

/**
 * A raw key where a framed one is needed, or the reverse.
 */
#define TW_ERR_KEY_USAGE 9

/**
 * The context is empty, too long or reserved.
 */
#define TW_ERR_CONTEXT 10

/**
 * A raw key may not sign a payload that begins like a framed one.
 */
#define TW_ERR_PAYLOAD 11

/**
 * The signature is not valid.
 */
#define TW_ERR_SIGNATURE 12

/**
 * The operating system gave no entropy.
 */
#define TW_ERR_ENTROPY 13

/**
 * Guarded memory could not be had or locked.
 */
#define TW_ERR_MEMORY 14

/**
 * The handle was made before a fork and belongs to the parent.
 */
#define TW_ERR_FORKED 15

/**
 * The handle is closed.
 */
#define TW_ERR_CLOSED 16

/**
 * A bug in this library; the handle can no longer be used.
 */
#define TW_ERR_INTERNAL 17

/**
 * The configuration is refused; tw_config_check says where and why.
 */
#define TW_ERR_CONFIG 18

/**
 * Malformed order or frame.
 */
#define TW_ERR_ORDER 19

/**
 * Unknown session, unknown key or bad signature.
 */
#define TW_ERR_UNAUTHENTICATED 20

/**
 * Sending_time is outside the permitted window.
 */
#define TW_ERR_STALE_TIME 21

/**
 * The sequence is not above the session's last; sign with a higher one.
 */
#define TW_ERR_STALE_SEQUENCE 22

/**
 * The session used this sequence for another frame; sign with a higher one.
 */
#define TW_ERR_SEQUENCE_REUSED 23

/**
 * Above the permitted rate; the same frame may come again.
 */
#define TW_ERR_THROTTLED 24

/**
 * Too much in flight, or completions are not drained.
 */
#define TW_ERR_BUSY 25

/**
 * No answer in time; the order may be live.
 */
#define TW_ERR_TIMEOUT 26

/**
 * The outcome is unknown; ask with tw_order_status or retry the frame.
 */
#define TW_ERR_UNKNOWN 27

/**
 * No such session, key, order, instrument or name.
 */
#define TW_ERR_NOT_FOUND 28

/**
 * It is there already, was retired, or is known under the other usage.
 */
#define TW_ERR_CONFLICT 29

/**
 * The journal cannot be read or written; no more orders are taken.
 */
#define TW_ERR_JOURNAL 30

/**
 * The journal is corrupt before its end.
 */
#define TW_ERR_JOURNAL_CORRUPT 31

/**
 * Another gateway has the journal open.
 */
#define TW_ERR_JOURNAL_LOCKED 32

/**
 * A file cannot be read.
 */
#define TW_ERR_IO 33

/**
 * The session's share of max_orders is used up, or there are as many keys, accounts or instruments
 * as may be; tw_error_detail says which of these.
 */
#define TW_ERR_CAPACITY 34

/**
 * The password is missing or wrong, or there is nothing that it encrypts.
 */
#define TW_ERR_PASSWORD 35

/**
 * The disk of the journal is full; make room, then open again.
 */
#define TW_ERR_JOURNAL_FULL 36

/**
 * The sequence leaves out more than the session may (max_sequence_gap); nothing is used up.
 */
#define TW_ERR_SEQUENCE_GAP 37

/**
 * The version of this header.
 */
#define TW_VERSION_MAJOR 0

/**
 * The version of this header.
 */
#define TW_VERSION_MINOR 1

/**
 * The version of this header.
 */
#define TW_VERSION_PATCH 0

/**
 * The version of the ABI; the shared library's SONAME carries it too.
 */
#define TW_ABI_VERSION 0

/**
 * HMAC-SHA256 (RFC 2104, FIPS 198-1).
 */
#define TW_SUITE_HMAC_SHA256 1

/**
 * Ed25519 (RFC 8032), verified strictly.
 */
#define TW_SUITE_ED25519 2

/**
 * ML-DSA-44 (FIPS 204), deterministic.
 */
#define TW_SUITE_ML_DSA_44 3

/**
 * ML-DSA-65 (FIPS 204), deterministic.
 */
#define TW_SUITE_ML_DSA_65 4

/**
 * ML-DSA-87 (FIPS 204), deterministic.
 */
#define TW_SUITE_ML_DSA_87 5

/**
 * ML-DSA-65 and Ed25519 together, the composite id-MLDSA65-Ed25519-SHA512
 * (draft-ietf-lamps-pq-composite-sigs): valid only if both are.
 */
#define TW_SUITE_MLDSA65_ED25519 6

/**
 * Bytes that hold the key bytes of any suite.
 */
#define TW_KEY_MAX 4904

/**
 * Bytes that hold the public key bytes of any suite.
 */
#define TW_PUBLIC_KEY_MAX 2600

/**
 * Bytes that hold a signature of any suite.
 */
#define TW_SIGNATURE_MAX 4627

/**
 * Bytes of the longest context of a framed signature; the shortest has 1.
 */
#define TW_CONTEXT_MAX 60

/**
 * Bytes of the longest context of a raw key of ML-DSA or its composite; the shortest has none.
 */
#define TW_RAW_CONTEXT_MAX 255

/**
 * Bytes of entropy that a key is made from.
 */
#define TW_ENTROPY_SIZE 32

/**
 * tw_memory_policy: a key whose memory cannot be locked is refused. The default.
 */
#define TW_MEMORY_LOCK_REQUIRED 1

/**
 * tw_memory_policy: a key whose memory cannot be locked is used all the same.
 */
#define TW_MEMORY_LOCK_PREFERRED 2

/**
 * Kind of a key that signs and verifies.
 */
#define TW_KIND_SECRET 1

/**
 * Kind of a key that verifies.
 */
#define TW_KIND_PUBLIC 2

/**
 * Kind of a key that signs and verifies, of ML-DSA alone: the private key whose seed is not known,
 * expanded (FIPS 204, section 4).
 */
#define TW_KIND_EXPANDED 3

/**
 * Usage of keys that sign payloads and orders, each in a context.
 */
#define TW_USAGE_FRAMED 1

/**
 * Usage of keys that sign bare payloads, for the protocols of others; never an order.
 */
#define TW_USAGE_RAW 2

/**
 * DER: PKCS#8 (RFC 5958) for a secret key, SubjectPublicKeyInfo (RFC 5280) for a public one.
 */
#define TW_ENCODING_DER 1

/**
 * PEM (RFC 7468) of the same.
 */
#define TW_ENCODING_PEM 2

/**
 * A line of OpenSSH's authorized_keys (RFC 8709), for public Ed25519 keys.
 */
#define TW_ENCODING_OPENSSH 3

/**
 * Bytes that hold a key of any suite in any encoding.
 */
#define TW_ENCODED_KEY_MAX 16384

/**
 * NewOrderSingle (FIX 35=D).
 */
#define TW_TEMPLATE_NEW_ORDER_SINGLE 1

/**
 * OrderCancelReplaceRequest (FIX 35=G).
 */
#define TW_TEMPLATE_ORDER_CANCEL_REPLACE_REQUEST 2

/**
 * OrderCancelRequest (FIX 35=F).
 */
#define TW_TEMPLATE_ORDER_CANCEL_REQUEST 3

/**
 * Bytes that hold any order frame.
 */
#define TW_ORDER_FRAME_MAX 4749

/**
 * State of a session's key: it may sign.
 */
#define TW_KEY_ACTIVE 1

/**
 * State of a session's key: it may never sign again.
 */
#define TW_KEY_RETIRED 2

/**
 * State of a session's key: it may sign, but was given to an earlier process; add it again.
 */
#define TW_KEY_ABSENT 3

/**
 * Scope of a halt: everything.
 */
#define TW_HALT_GATEWAY 1

/**
 * Scope of a halt: one session, by session_id.
 */
#define TW_HALT_SESSION 2

/**
 * Scope of a halt: one symbol, by name.
 */
#define TW_HALT_SYMBOL 3

/**
 * Scope of a halt: one account, by name.
 */
#define TW_HALT_ACCOUNT 4

/**
 * Flag of an instrument on the restricted list: no new order.
 */
#define TW_INSTRUMENT_RESTRICTED 1

/**
 * The most bands of an instrument: the tick tables of RTS 11 have 19.
 */
#define TW_TICK_BANDS_MAX 32

/**
 * Limits of the whole firm.
 */
#define TW_EXPOSURE_FIRM 1

/**
 * Limits of every account that has none of its own.
 */
#define TW_EXPOSURE_EVERY_ACCOUNT 2

/**
 * Limits of one account.
 */
#define TW_EXPOSURE_ACCOUNT 3

/**
 * Flag of limits: there are none any more, and an account goes by those of every account.
 */
#define TW_EXPOSURE_RESET 1

/**
 * The most symbols, and the most accounts, that a session is held to.
 */
#define TW_SESSION_NAMES_MAX 1024

/**
 * Kind of a completion: the end of a submission.
 */
#define TW_COMPLETION_ACK 1

/**
 * Kind of a completion: something the venue said about an order.
 */
#define TW_COMPLETION_EXECUTION 2

/**
 * More bytes than tw_metrics_text ever writes.
 */
#define TW_METRICS_TEXT_MAX 65536

/**
 * Level of a log event: no more orders are taken, or something is broken.
 */
#define TW_LOG_ERROR 1

/**
 * Level of a log event: somebody should look.
 */
#define TW_LOG_WARN 2

/**
 * Level of a log event: the course of things.
 */
#define TW_LOG_INFO 3

/**
 * The firm's gate to a venue. Any number of threads may use one.
 * Made by tw_gateway_open, ended by tw_gateway_free.
 */
typedef struct tw_gateway tw_gateway;

/**
 * A secret key prepared to sign often, in guarded memory. Any number of threads may use one.
 * Made by tw_signer_new, ended by tw_signer_free.
 */
typedef struct tw_signer tw_signer;

/**
 * A key prepared to verify often. Any number of threads may use one.
 * Made by tw_verifier_new, ended by tw_verifier_free.
 */
typedef struct tw_verifier tw_verifier;

/**
 * What a function returns: TW_OK or one of TW_ERR_*. Numbers are never changed or used again.
 */
typedef int32_t tw_status;

/**
 * Bytes of the caller's: data may be NULL only if len is 0.
 */
typedef struct {
    const uint8_t *data;
    size_t len;
} tw_bytes;

/**
 * An order message in decoded form. Field names and values are FIX's; prices and quantities are
 * integers with exponent -8 (1.5 is 150000000). Text is bytes 0x21 to 0x7E, then NULs.
 */
typedef struct {
    /**
     * sizeof(tw_order), set by the caller.
     */
    uint32_t struct_size;
    /**
     * TW_TEMPLATE_*.
     */
    uint32_t template_id;
    /**
     * FIX 34: strictly increasing per session.
     */
    uint64_t sequence;
    /**
     * FIX 52: nanoseconds since 1970 UTC.
     */
    uint64_t sending_time;
    /**
     * FIX 11: unique per session.
     */
    uint64_t client_order_id;
    /**
     * FIX 41: of a replace or cancel; else 0.
     */
    uint64_t orig_client_order_id;
    /**
     * FIX 49.
     */
    uint64_t session_id;
    /**
     * Which of the session's keys signs; set by the functions that sign.
     */
    uint64_t key_id;
    /**
     * FIX 44: of limit and stop limit orders; else TW_PRICE_NONE.
     */
    int64_t price;
    /**
     * FIX 99: of stop and stop limit orders; else TW_PRICE_NONE.
     */
    int64_t stop_price;
    /**
     * FIX 38: above 0; of a replace the new total, what is filled included; of a cancel 0.
     */
    uint64_t quantity;
    /**
     * FIX 55: not empty.
     */
    uint8_t symbol[16];
    /**
     * FIX 1: may be empty.
     */
    uint8_t account[16];
    /**
     * FIX 54: '1' buy, '2' sell, '5' sell short.
     */
    uint8_t side;
    /**
     * FIX 40: '1' market, '2' limit, '3' stop, '4' stop limit; of a cancel 0.
     */
    uint8_t ord_type;
    /**
     * FIX 59: '0' day, '1' good till cancel, '3' immediate or cancel, '4' fill or kill; of a
     * cancel 0.
     */
    uint8_t time_in_force;
    /**
     * Zeros.
     */
    uint8_t reserved[5];
    /**
     * Zero.
     */
    uint64_t reserved2;
} tw_order;

/**
 * One of a session's keys.
 */
typedef struct {
    /**
     * As tw_key_id.
     */
    uint64_t key_id;
    /**
     * TW_KEY_ACTIVE, TW_KEY_RETIRED or TW_KEY_ABSENT.
     */
    uint32_t state;
    /**
     * TW_SUITE_*.
     */
    uint32_t suite;
} tw_session_key;

/**
 * An instrument and its limits. Prices, quantities and money are integers with exponent -8;
 * TW_UNLIMITED in a limit is none; 0 is refused there, as in the configuration's text.
 */
typedef struct {
    /**
     * sizeof(tw_instrument), set by the caller.
     */
    uint32_t struct_size;
    /**
     * Sum of TW_INSTRUMENT_*.
     */
    uint32_t flags;
    /**
     * Bytes 0x21 to 0x7E, then NULs; not empty.
     */
    uint8_t symbol[16];
    /**
     * Prices are multiples of this, below the first tw_tick_band if there are some; above 0.
     */
    uint64_t tick;
    /**
     * Quantities are multiples of this; above 0.
     */
    uint64_t lot;
    /**
     * Per order.
     */
    uint64_t max_quantity;
    /**
     * Price times quantity per order.
     */
    uint64_t max_notional;
    /**
     * Absolute position of an account, its open orders counted.
     */
    uint64_t max_position;
    /**
     * Greatest distance of a price from the reference price, in 1/10000 of it: 1 to
     * 1000000; 4294967295 is none.
     */
    uint32_t collar_basis_points;
    /**
     * Bit n: the side '0' + n (FIX 54) is permitted; at least one.
     */
    uint32_t sides;
    /**
     * Bit n: the order type '0' + n (FIX 40) is permitted; at least one.
     */
    uint32_t order_types;
    /**
     * Bit n: the time in force '0' + n (FIX 59) is permitted; at least one.
     */
    uint32_t times_in_force;
    /**
     * Per order; 0 is none.
     */
    uint64_t min_quantity;
    /**
     * Lowest price, above 0; that and max_price 0: any price. INT64_MIN is none.
     */
    int64_t min_price;
    /**
     * Highest price, above 0; that and min_price 0: any price. INT64_MAX is none.
     */
    int64_t max_price;
    /**
     * What the firm may sell short in a day in UTC, open orders counted.
     */
    uint64_t locate;
    /**
     * Greatest distance of a price from the last trade's; as collar_basis_points.
     */
    uint32_t last_trade_collar_basis_points;
    /**
     * When new orders are taken, in seconds since midnight UTC, from this one …
     */
    uint32_t opens_s;
    /**
     * … to this one, over midnight if it is the smaller; both the same: the whole day.
     */
    uint32_t closes_s;
    /**
     * Zero.
     */
    uint32_t reserved;
} tw_instrument;

/**
 * From this price on, without its sign, prices are multiples of another tick. Exponent -8.
 */
typedef struct {
    /**
     * Above 0.
     */
    uint64_t from;
    /**
     * Above 0.
     */
    uint64_t tick;
} tw_tick_band;

/**
 * Limits of an account or of the firm: integers with exponent -8, above 0; TW_UNLIMITED is
 * none. docs/RISK.md defines each.
 */
typedef struct {
    /**
     * sizeof(tw_exposure_limits), set by the caller.
     */
    uint32_t struct_size;
    /**
     * 0, or TW_EXPOSURE_RESET.
     */
    uint32_t flags;
    /**
     * What is held and may come to be held, long and short added up.
     */
    uint64_t max_gross_notional;
    /**
     * The same with what is short taken from what is long.
     */
    uint64_t max_net_notional;
    /**
     * Of a day in UTC, realised and at reference prices.
     */
    uint64_t max_loss;
} tw_exposure_limits;

/**
 * How much and how fast a session may trade; docs/CONFIGURATION.md says what each is, and its
 * range.
 */
typedef struct {
    /**
     * sizeof(tw_session_limits), set by the caller.
     */
    uint32_t struct_size;
    /**
     * Lasting rate of new orders and replaces.
     */
    uint32_t per_second;
    /**
     * New orders and replaces that may come at once.
     */
    uint32_t burst;
    /**
     * Lasting rate of cancels.
     */
    uint32_t cancels_per_second;
    /**
     * Cancels that may come at once.
     */
    uint32_t cancels_burst;
    /**
     * Orders open at one time.
     */
    uint32_t max_open_orders;
    /**
     * How often the same new order is taken within the window; 4294967295: as often as one likes.
     */
    uint32_t max_repeats;
    /**
     * Requests for each trade of a day in UTC; 4294967295: any number.
     */
    uint32_t max_order_to_trade;
    /**
     * So many requests of a day need no trade.
     */
    uint32_t order_to_trade_after;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * The window of max_repeats.
     */
    uint64_t repeat_window_ns;
} tw_session_limits;

/**
 * What a session may trade, beside the names of symbols and accounts.
 */
typedef struct {
    /**
     * sizeof(tw_session_permissions), set by the caller.
     */
    uint32_t struct_size;
    /**
     * Bit n: the side '0' + n (FIX 54) is permitted; at least one.
     */
    uint32_t sides;
    /**
     * Bit n: the order type '0' + n (FIX 40) is permitted; at least one.
     */
    uint32_t order_types;
    /**
     * Sequences that it may leave out at once; 4294967295: any number.
     */
    uint32_t max_sequence_gap;
} tw_session_permissions;

/**
 * A symbol or an account among others.
 */
typedef struct {
    /**
     * Bytes 0x21 to 0x7E, then NULs; not empty.
     */
    uint8_t name[16];
} tw_name;

/**
 * How a session stands.
 */
typedef struct {
    /**
     * sizeof(tw_session_state), set by the caller.
     */
    uint32_t struct_size;
    /**
     * Orders that may still fill.
     */
    uint32_t open_orders;
    /**
     * Of its latest decided frame; 0: there was none.
     */
    uint64_t last_sequence;
    /**
     * Nanoseconds since 1970 UTC; 0: it is not halted.
     */
    uint64_t halted_since;
    /**
     * Zeros.
     */
    uint64_t reserved[5];
} tw_session_state;

/**
 * What an account holds of an instrument. Everything has exponent -8; docs/RISK.md defines each.
 * gross is rounded up, cash and equity down; what does not fit ends at the type's bounds.
 */
typedef struct {
    /**
     * sizeof(tw_position), set by the caller.
     */
    uint32_t struct_size;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * Held: long above 0, short below.
     */
    int64_t quantity;
    /**
     * What its open orders may still buy, at their worst.
     */
    uint64_t open_buy;
    /**
     * What its open orders may still sell, at their worst.
     */
    uint64_t open_sell;
    /**
     * What it is valued at: the reference price, until there is one the first trade's; else
     * TW_PRICE_NONE.
     */
    int64_t mark;
    /**
     * Money received for sales less money paid for purchases, without fees.
     */
    int64_t cash;
    /**
     * cash, and quantity at mark: what was won or lost with it, realised or not.
     */
    int64_t equity;
    /**
     * What it may become at its worst, long or short: its part of the gross notional.
     */
    uint64_t gross;
    /**
     * Zeros.
     */
    uint64_t reserved2[4];
} tw_position;

/**
 * What an account, or the firm, has at risk, and its limits. Money has exponent -8; docs/RISK.md
 * defines each. What a limit is held against is rounded up, so that it is above the limit exactly
 * where the gateway finds it so; held and equity are rounded down. What does not fit ends at the
 * type's bounds.
 */
typedef struct {
    /**
     * sizeof(tw_exposure), set by the caller.
     */
    uint32_t struct_size;
    /**
     * Zero.
     */
    uint32_t reserved;
    /**
     * What is held, at reference prices, short taken from long.
     */
    int64_t held;
    /**
     * What max_gross_notional is held against.
     */
    uint64_t gross;
    /**
     * What max_net_notional is held against for a buy.
     */
    int64_t net_buy;
    /**
     * What max_net_notional is held against for a sell.
     */
    int64_t net_sell;
    /**
     * Won or lost with all that was ever traded, realised or not.
     */
    int64_t equity;
    /**
     * What max_loss is held against, of this day in UTC; below 0: a gain.
     */
    int64_t day_loss;
    /**
     * Of the account, or of the gateway: nanoseconds since 1970 UTC; 0: not halted.
     */
    uint64_t halted_since;
    /**
     * The limit in force; TW_UNLIMITED: none.
     */
    uint64_t max_gross_notional;
    /**
     * The limit in force; TW_UNLIMITED: none.
     */
    uint64_t max_net_notional;
    /**
     * The limit in force; TW_UNLIMITED: none.
     */
    uint64_t max_loss;
    /**
     * Zeros.
     */
    uint64_t reserved2[4];
} tw_exposure;

/**
 * The durable decision about an order together with the venue's first answer.
 */
typedef struct {
    /**
     * sizeof(tw_order_ack), set by the caller.
     */
    uint32_t struct_size;
    /**
     * 1 or 0; 0 when the gateway or the venue refused.
     */
    uint32_t accepted;
    /**
     * 0 when accepted; 1 to 99: the gateway refused; from 100: the venue. See tw_reason_name.
     */
    uint32_t reason;
    /**
     * 1: the frame repeats one decided before, and this is that one's ack.
     */
    uint32_t duplicate;
    /**
     * The gateway's number of the request, and the ClOrdID (FIX 11) at the venue.
     */
    uint64_t order_id;
    /**
     * FIX 49.
     */
    uint64_t session_id;
    /**
     * FIX 34.
     */
    uint64_t sequence;
    /**
     * FIX 11.
     */
    uint64_t client_order_id;
    /**
     * When it was decided, nanoseconds since 1970 UTC.
     */
    uint64_t time;
    /**
     * How many sequences the session left out before this one: lost on the way, if it did not mean to.
     */
    uint64_t sequence_gap;
    /**
     * Zeros.
     */
    uint64_t reserved[2];
} tw_order_ack;

/**
 * One entry of the completion queue: the end of a submission (kind TW_COMPLETION_ACK), or an
 * ExecutionReport (kind TW_COMPLETION_EXECUTION). Prices and quantities: exponent -8.
 */
typedef struct {
    /**
     * sizeof(tw_completion), set by the caller in the first element.
     */
    uint32_t struct_size;
    /**
     * TW_COMPLETION_*.
     */
    uint32_t kind;
    /**
     * 1, 2, 3 and so on, in the order of completion.
     */
    uint64_t number;
    /**
     * Ack: the tag given to tw_gateway_submit.
     */
    uint64_t tag;
    /**
     * Ack: TW_OK when decided; TW_ERR_UNKNOWN when the order may be live.
     */
    tw_status status;
    /**
     * Ack: as in tw_order_ack.
     */
    uint32_t accepted;
    /**
     * Ack: as in tw_order_ack. Execution: why the gateway itself has cancelled the order, else 0.
     */
    uint32_t reason;
    /**
     * Ack: as in tw_order_ack.
     */
    uint32_t duplicate;
    /**
     * As in tw_order_ack; of the request that this is about.
     */
    uint64_t order_id;
    /**
     * FIX 49.
     */
    uint64_t session_id;
    /**
     * Ack: FIX 34.
     */
    uint64_t sequence;
    /**
     * FIX 11: of the request answered; for trades and what comes unasked the order's latest.
     */
    uint64_t client_order_id;
    /**
     * Execution: FIX 41 of what was cancelled or replaced on request, else 0.
     */
    uint64_t orig_client_order_id;
    /**
     * When it was decided or learned, nanoseconds since 1970 UTC.
     */
    uint64_t time;
    /**
     * Execution: FIX 17, strictly increasing. This and all below are 0 in an ack.
     */
    uint64_t exec_id;
    /**
     * FIX 31: of a trade, else 0.
     */
    int64_t last_price;
    /**
     * FIX 32: of a trade, else 0.
     */
    uint64_t last_quantity;
    /**
     * FIX 14.
     */
    uint64_t cum_quantity;
    /**
     * FIX 151.
     */
    uint64_t leaves_quantity;
    /**
     * FIX 150: '0' new, '4' canceled, '5' replaced, '8' rejected, 'C' expired, 'F' trade.
     */
    uint8_t exec_type;
    /**
     * FIX 39: '0' new, '1' partially filled, '2' filled, '4' canceled, '8' rejected,
     * 'C' expired.
     */
    uint8_t ord_status;
    /**
     * FIX 54.
     */
    uint8_t side;
    /**
     * Zeros.
     */
    uint8_t reserved[5];
    /**
     * Ack: as in tw_order_ack.
     */
    uint64_t sequence_gap;
} tw_completion;

/**
 * What is known of a request and its order. Prices and quantities: exponent -8.
 */
typedef struct {
    /**
     * sizeof(tw_order_state), set by the caller.
     */
    uint32_t struct_size;
    /**
     * 1 or 0; 2 while its ack is still to come.
     */
    uint32_t accepted;
    /**
     * As in tw_order_ack.
     */
    uint32_t reason;
    /**
     * FIX 39, as in tw_completion; also 'A' pending new, '6' pending cancel, 'E' pending replace.
     */
    uint8_t ord_status;
    /**
     * FIX 54.
     */
    uint8_t side;
    /**
     * Zeros.
     */
    uint8_t reserved[2];
    /**
     * Of the request asked for.
     */
    uint64_t order_id;
    /**
     * FIX 11, as asked for.
     */
    uint64_t client_order_id;
    /**
     * FIX 41: of a replace or cancel, else 0.
     */
    uint64_t orig_client_order_id;
    /**
     * FIX 49.
     */
    uint64_t session_id;
    /**
     * The order's price now; TW_PRICE_NONE for a market order.
     */
    int64_t price;
    /**
     * The order's total now.
     */
    uint64_t quantity;
    /**
     * What is filled.
     */
    uint64_t cum_quantity;
    /**
     * What may still fill.
     */
    uint64_t leaves_quantity;
    /**
     * Zeros.
     */
    uint64_t reserved2[4];
} tw_order_state;

/**
 * A field of a log event. Both are UTF-8.
 */
typedef struct {
    /**
     * Its name.
     */
    tw_bytes key;
    /**
     * Its value as text; ids of keys are 16 hexadecimal digits.
     */
    tw_bytes value;
} tw_log_field;

/**
 * A log event. It and what it points to live until the callback returns.
 */
typedef struct {
    /**
     * sizeof(tw_log_record) of the library; later versions add fields at the end.
     */
    uint32_t struct_size;
    /**
     * TW_LOG_*.
     */
    uint32_t level;
    /**
     * Nanoseconds since 1970 UTC.
     */
    uint64_t time;
    /**
     * The part of the library that tells it, UTF-8.
     */
    tw_bytes target;
    /**
     * What happened, always in the same words, UTF-8.
     */
    tw_bytes message;
    /**
     * fields_len of them, in a fixed order.
     */
    const tw_log_field *fields;
    /**
     * How many fields there are.
     */
    size_t fields_len;
} tw_log_record;

/**
 * Is told log events. See tw_log_set.
 */
typedef void (*tw_log_fn)(void *user, const tw_log_record *record);

/**
 * The ABI of the library that was loaded, to compare with TW_ABI_VERSION.
 *
 * Returns the number. Threads: any. Cost: constant. Since 0.1.
 */
uint32_t tw_abi_version(void);

/**
 * The version of the library that was loaded, as "0.1.0".
 *
 * Returns a static NUL-terminated string. Threads: any. Cost: constant. Since 0.1.
 */
const char *tw_version(void);

/**
 * The name of a status, as "TW_ERR_KEY".
 *
 * Returns a static NUL-terminated string; "TW_ERR_?" for an unknown status.
 * Threads: any. Cost: constant. Since 0.1.
 */
const char *tw_status_name(tw_status status);

/**
 * What a status means, for a developer to read.
 *
 * Returns a static NUL-terminated string, also for an unknown status.
 * Threads: any. Cost: constant. Since 0.1.
 */
const char *tw_status_message(tw_status status);

/**
 * What more there is to say of the latest call of this thread that failed. After TW_ERR_ARGUMENT
 * of a function that sets limits, instruments, permissions, prices, halts or a name, and of
 * tw_key_encode and tw_key_decode: which value, and what it must be, as "burst: must be from 1 to
 * 1000000000". After some other errors: what is full or missing. Holds no secret.
 *
 * Returns a static NUL-terminated string; "" when there is no more to say than
 * tw_status_message does. Threads: each has its own. Cost: constant. Since 0.1.
 */
const char *tw_error_detail(void);

/**
 * The name of a reason, as "max_quantity".
 *
 * Returns a static NUL-terminated string; "none" for 0, "?" for an unknown reason.
 * Threads: any. Cost: constant. Since 0.1.
 */
const char *tw_reason_name(uint32_t reason);

/**
 * What a reason means, for a developer to read.
 *
 * Returns a static NUL-terminated string, also for 0 and for an unknown reason.
 * Threads: any. Cost: constant. Since 0.1.
 */
const char *tw_reason_message(uint32_t reason);

/**
 * The name of a suite, as "ed25519".
 *
 * Returns a static NUL-terminated string, or NULL for an unknown suite.
 * Threads: any. Cost: constant. Since 0.1.
 */
const char *tw_suite_name(uint32_t suite);

/**
 * The suite with this name.
 *
 * name: UTF-8, name_len bytes. *suite is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_SUITE for an unknown name.
 * Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_suite_from_name(const uint8_t *name, size_t name_len, uint32_t *suite);

/**
 * Bytes of a suite's framed secret key bytes.
 *
 * Returns 0 for an unknown suite. Threads: any. Cost: constant. Since 0.1.
 */
size_t tw_secret_key_size(uint32_t suite);

/**
 * Bytes of a suite's key bytes that came expanded, without their seed (TW_KIND_EXPANDED).
 *
 * Returns 0 for an unknown suite and for one that has no such keys.
 * Threads: any. Cost: constant. Since 0.1.
 */
size_t tw_expanded_key_size(uint32_t suite);

/**
 * Bytes of a suite's public key bytes.
 *
 * Returns 0 for an unknown suite and for one without public keys (HMAC).
 * Threads: any. Cost: constant. Since 0.1.
 */
size_t tw_public_key_size(uint32_t suite);

/**
 * Bytes of a suite's signature.
 *
 * Returns 0 for an unknown suite. Threads: any. Cost: constant. Since 0.1.
 */
size_t tw_signature_size(uint32_t suite);

/**
 * Says what happens when the operating system does not let the memory of a prepared key be
 * locked (RLIMIT_MEMLOCK), for every key prepared from now on in the whole process.
 *
 * policy: TW_MEMORY_LOCK_REQUIRED (the default) or TW_MEMORY_LOCK_PREFERRED.
 * Returns TW_OK; TW_ERR_ARGUMENT. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_memory_policy(uint32_t policy);

/**
 * Makes a framed secret key from a 64-bit seed, the same on every machine for ever. FOR TESTS,
 * FIXTURES AND SIMULATIONS ONLY: a seed that short can be guessed. Real keys: tw_generate.
 *
 * key: receives the key bytes (tw_secret_key_size(suite); TW_KEY_MAX is always enough), secret:
 * wipe them after use. (NULL, 0) asks for the size.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_SUITE; TW_ERR_BUFFER.
 * Threads: any. Cost: constant, a few microseconds. Since 0.1.
 */
tw_status tw_keygen(uint32_t suite, uint64_t seed, uint8_t *key, size_t key_cap, size_t *key_len);

/**
 * Makes a framed secret key from the operating system's entropy.
 *
 * key: as in tw_keygen.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_SUITE; TW_ERR_BUFFER; TW_ERR_ENTROPY.
 * Threads: any. Cost: constant, one system call. Since 0.1.
 */
tw_status tw_generate(uint32_t suite, uint8_t *key, size_t key_cap, size_t *key_len);

/**
 * Makes a framed secret key from the caller's own entropy, the same for the same entropy.
 *
 * entropy: TW_ENTROPY_SIZE bytes that nobody can guess. key: as in tw_keygen.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for another amount of entropy; TW_ERR_SUITE;
 * TW_ERR_BUFFER. Threads: any. Cost: constant, a few microseconds. Since 0.1.
 */
tw_status tw_keygen_from_entropy(uint32_t suite,
                                 const uint8_t *entropy,
                                 size_t entropy_len,
                                 uint8_t *key,
                                 size_t key_cap,
                                 size_t *key_len);

/**
 * Makes key bytes from bare material, as its standard has it.
 *
 * kind: TW_KIND_*. usage: TW_USAGE_*; raw keys are for the protocols of others. material: of the
 * suite's size; of raw HMAC keys 1 to 1024 bytes; of expanded keys 2560, 4032 or 4896 bytes. key:
 * as in tw_keygen.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_SUITE; TW_ERR_KEY_KIND for an unknown kind or
 * one that the suite does not have; TW_ERR_KEY_USAGE for an unknown usage; TW_ERR_KEY for bad
 * material, as an expanded key that is not of the public key whose hash it holds; TW_ERR_BUFFER;
 * TW_ERR_MEMORY as tw_sign, for expanded keys. Threads: any. Cost: that of checking the material,
 * for expanded keys half a millisecond. Since 0.1.
 */
tw_status tw_key_import(uint32_t suite,
                        uint32_t kind,
                        uint32_t usage,
                        const uint8_t *material,
                        size_t material_len,
                        uint8_t *key,
                        size_t key_cap,
                        size_t *key_len);

/**
 * Takes key bytes apart. This is one of the few functions that give key material away.
 *
 * *suite, *kind and *usage are written on success; each may be NULL. material: receives the bare
 * material; (NULL, 0) asks for its size.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_BUFFER; TW_ERR_MEMORY as tw_sign,
 * for expanded keys. Threads: any. Cost: that of checking the key. Since 0.1.
 */
tw_status tw_key_export(const uint8_t *key,
                        size_t key_len,
                        uint32_t *suite,
                        uint32_t *kind,
                        uint32_t *usage,
                        uint8_t *material,
                        size_t material_cap,
                        size_t *material_len);

/**
 * The public key bytes of a secret or public key, of the same usage.
 *
 * public_key: receives tw_public_key_size(suite) bytes; (NULL, 0) asks for the size.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_KIND for a suite without
 * public keys (HMAC); TW_ERR_BUFFER; TW_ERR_MEMORY as tw_sign. Threads: any. Cost: that of making
 * a key pair from a seed. Since 0.1.
 */
tw_status tw_public_key(const uint8_t *key,
                        size_t key_len,
                        uint8_t *public_key,
                        size_t public_key_cap,
                        size_t *public_key_len);

/**
 * The suite of a key.
 *
 * *suite is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY as tw_sign, for expanded
 * keys. Threads: any. Cost: that of checking the key. Since 0.1.
 */
tw_status tw_key_suite(const uint8_t *key, size_t key_len, uint32_t *suite);

/**
 * The id by which orders and gateways know a key, the same for its secret and public half.
 *
 * The first 8 bytes, big-endian, of SHA-256 over the public key bytes; for HMAC of
 * HMAC-SHA256(material, "tinywindow/v1/key-id"). Shown as 16 hex digits. *key_id is written on
 * success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY as tw_sign.
 * Threads: any. Cost: that of tw_public_key, for HMAC two hashes. Since 0.1.
 */
tw_status tw_key_id(const uint8_t *key, size_t key_len, uint64_t *key_id);

/**
 * Writes key bytes in a form that other tools read, as OpenSSL or ssh: private keys of ML-DSA as
 * their seed, or expanded where it is not known. Of a secret key this is one
 * of the few functions that give key material away.
 *
 * encoding: TW_ENCODING_*. password: UTF-8 by custom; with one a secret key is encrypted, by PBES2
 * (RFC 8018) of PBKDF2-HMAC-SHA256 with 600,000 rounds and AES-256-CBC; (NULL, 0): not encrypted.
 * encoded: receives the key, without a NUL at its end (TW_ENCODED_KEY_MAX is always enough); wipe
 * it after use if it is a secret one. (NULL, 0) asks for the size.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_ARGUMENT for an unknown encoding,
 * one that the suite or this half of the key does not have, or a password for a public key;
 * TW_ERR_ENTROPY; TW_ERR_BUFFER; TW_ERR_MEMORY as tw_sign, for expanded keys.
 * Threads: any. Cost: that of checking the key; with a password 0.1 s and more, the size query
 * too. Since 0.1.
 */
tw_status tw_key_encode(const uint8_t *key,
                        size_t key_len,
                        uint32_t encoding,
                        const uint8_t *password,
                        size_t password_len,
                        uint8_t *encoded,
                        size_t encoded_cap,
                        size_t *encoded_len);

/**
 * Reads a key in any of the forms that tw_key_encode writes, told apart by what they begin with,
 * and gives its key bytes. ML-DSA private keys may hold their seed, the expanded key (which gives a
 * key of TW_KIND_EXPANDED) or both.
 *
 * usage: TW_USAGE_*: no such form tells what its key is for; raw keys are for the protocols of
 * others. encoded: at most TW_ENCODED_KEY_MAX bytes. password: of an encrypted key; (NULL, 0) is
 * none. key: receives the key bytes (TW_KEY_MAX is always enough), wipe them after use if they are
 * secret. (NULL, 0) asks for the size.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for longer input; TW_ERR_KEY_USAGE; TW_ERR_SUITE for a
 * key of an algorithm that is no suite; TW_ERR_PASSWORD for a missing or wrong password, or one
 * for a key that is not encrypted; TW_ERR_UNSUPPORTED for a private key in OpenSSH's form, one not
 * encrypted by PBES2 with AES and SHA-2 or scrypt, or at a cost of more than 10,000,000 rounds or
 * 256 MiB; TW_ERR_KEY for all else that is not exactly one key; TW_ERR_BUFFER; TW_ERR_MEMORY as
 * tw_sign.
 * Threads: any. Cost: that of checking the key; with a password what its writer chose. Since 0.1.
 */
tw_status tw_key_decode(uint32_t usage,
                        const uint8_t *encoded,
                        size_t encoded_len,
                        const uint8_t *password,
                        size_t password_len,
                        uint8_t *key,
                        size_t key_cap,
                        size_t *key_len);

/**
 * Signs a payload. Framed keys sign in the context "tinywindow/v1/payload", raw keys the bare
 * payload, in the empty context if their standard knows contexts. Deterministic: same key, same
 * payload, same signature.
 *
 * sig: receives tw_signature_size(suite) bytes; TW_SIGNATURE_MAX is always enough; (NULL, 0) asks
 * for the size. It may overlap the inputs.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_KIND for a public key;
 * TW_ERR_PAYLOAD for a raw key of HMAC or Ed25519 and a payload that begins like a framed one;
 * TW_ERR_BUFFER; TW_ERR_MEMORY when there is no stack for ML-DSA.
 * Ownership: nothing is kept. Threads: any. Cost: prepares the key each time, linear in
 * payload_len; who signs often prepares once (tw_signer_new). Since 0.1.
 */
tw_status tw_sign(const uint8_t *key,
                  size_t key_len,
                  const uint8_t *payload,
                  size_t payload_len,
                  uint8_t *sig,
                  size_t sig_cap,
                  size_t *sig_len);

/**
 * Verifies a signature made by tw_sign.
 *
 * key: secret or public key bytes.
 * Returns TW_OK when valid; TW_ERR_SIGNATURE when not, a signature of another length included;
 * TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY as tw_sign.
 * Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
 */
tw_status tw_verify(const uint8_t *key,
                    size_t key_len,
                    const uint8_t *payload,
                    size_t payload_len,
                    const uint8_t *sig,
                    size_t sig_len);

/**
 * Signs a payload in a context of the caller's own: worthless in every other context.
 *
 * context: 1 to TW_CONTEXT_MAX bytes, not beginning with "tinywindow/"; of raw keys of ML-DSA and
 * its composite 0 to TW_RAW_CONTEXT_MAX bytes, the context of the standard. sig: as in tw_sign.
 * Returns as tw_sign; TW_ERR_KEY_USAGE for other raw keys, which know no contexts; TW_ERR_CONTEXT.
 * Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
 */
tw_status tw_sign_with_context(const uint8_t *key,
                               size_t key_len,
                               const uint8_t *context,
                               size_t context_len,
                               const uint8_t *payload,
                               size_t payload_len,
                               uint8_t *sig,
                               size_t sig_cap,
                               size_t *sig_len);

/**
 * Verifies a signature made by tw_sign_with_context in the same context.
 *
 * key: secret or public key bytes. context: as in tw_sign_with_context.
 * Returns as tw_verify; TW_ERR_KEY_USAGE and TW_ERR_CONTEXT as tw_sign_with_context.
 * Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
 */
tw_status tw_verify_with_context(const uint8_t *key,
                                 size_t key_len,
                                 const uint8_t *context,
                                 size_t context_len,
                                 const uint8_t *payload,
                                 size_t payload_len,
                                 const uint8_t *sig,
                                 size_t sig_len);

/**
 * Verifies the first bytes of an HMAC tag, for protocols that truncate it: exactly tag_len bytes
 * are compared. Raw HMAC keys only.
 *
 * tag: 16 to 32 bytes.
 * Returns TW_OK when valid; TW_ERR_SIGNATURE when not; TW_ERR_NULL; TW_ERR_LENGTH for a tag of
 * another length; TW_ERR_KEY; TW_ERR_SUITE and TW_ERR_KEY_USAGE for other keys.
 * Ownership: nothing is kept. Threads: any. Cost: linear in payload_len. Since 0.1.
 */
tw_status tw_verify_truncated(const uint8_t *key,
                              size_t key_len,
                              const uint8_t *payload,
                              size_t payload_len,
                              const uint8_t *tag,
                              size_t tag_len);

/**
 * Prepares a secret key.
 *
 * key: secret key bytes; not needed any more when this returns. *signer is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_KIND for a public key;
 * TW_ERR_MEMORY.
 * Ownership: the caller frees the signer. Threads: any. Cost: a few system calls. Since 0.1.
 */
tw_status tw_signer_new(const uint8_t *key, size_t key_len, tw_signer **signer);

/**
 * Wipes and frees a signer. NULL is fine.
 *
 * Returns nothing. Threads: when no other uses the signer any more. Cost: a few system calls.
 * Since 0.1.
 */
void tw_signer_free(tw_signer *signer);

/**
 * The id of the signer's key, as tw_key_id.
 *
 * *key_id is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_signer_key_id(const tw_signer *signer, uint64_t *key_id);

/**
 * Signs a payload, as tw_sign.
 *
 * sig: receives the signature; (NULL, 0) asks for its size. It may overlap the payload.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY for an expanded key whose damage shows only
 * now; TW_ERR_PAYLOAD; TW_ERR_BUFFER; TW_ERR_FORKED; TW_ERR_MEMORY as tw_sign; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any, without locks. Cost: linear in payload_len; no
 * allocation but one by ML-DSA, of the signature's size, and one by framed Ed25519 keys, of the
 * payload's, if that is more than 448 bytes and less than 128 KiB. Since 0.1.
 */
tw_status tw_signer_sign(const tw_signer *signer,
                         const uint8_t *payload,
                         size_t payload_len,
                         uint8_t *sig,
                         size_t sig_cap,
                         size_t *sig_len);

/**
 * Signs a payload in a context of the caller's own, as tw_sign_with_context.
 *
 * context: as tw_sign_with_context. sig: as tw_signer_sign.
 * Returns as tw_signer_sign; TW_ERR_KEY_USAGE and TW_ERR_CONTEXT as tw_sign_with_context.
 * Ownership: nothing is kept. Threads: any, without locks. Cost: as tw_signer_sign and one hash
 * block more. Since 0.1.
 */
tw_status tw_signer_sign_with_context(const tw_signer *signer,
                                      const uint8_t *context,
                                      size_t context_len,
                                      const uint8_t *payload,
                                      size_t payload_len,
                                      uint8_t *sig,
                                      size_t sig_cap,
                                      size_t *sig_len);

/**
 * Signs many payloads. One bad item spoils no other.
 *
 * payloads, results: count each. sigs: receives the signatures side by side, each of the suite's
 * size; that of a failed item is zeros; (NULL, 0) asks for the size of all, with nothing signed
 * and results untouched, though not NULL. results receives the status of each item. sigs, results
 * and *sigs_len must overlap neither each other nor any input.
 * Returns TW_OK when every item is; else the status of the first that is not, or, with nothing
 * done: TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for overlapping memory; TW_ERR_BUFFER;
 * TW_ERR_FORKED. After TW_ERR_INTERNAL use nothing that was written.
 * Ownership: nothing is kept. Threads: any, without locks. Cost: at most the sum of the
 * items. Since 0.1.
 */
tw_status tw_signer_sign_batch(const tw_signer *signer,
                               const tw_bytes *payloads,
                               size_t count,
                               uint8_t *sigs,
                               size_t sigs_cap,
                               size_t *sigs_len,
                               tw_status *results);

/**
 * Prepares a key to verify with.
 *
 * key: public or secret key bytes; not needed any more when this returns. *verifier is written on
 * success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_MEMORY.
 * Ownership: the caller frees the verifier. Threads: any. Cost: a few system calls. Since 0.1.
 */
tw_status tw_verifier_new(const uint8_t *key, size_t key_len, tw_verifier **verifier);

/**
 * Wipes and frees a verifier. NULL is fine.
 *
 * Returns nothing. Threads: when no other uses the verifier any more. Cost: a few system calls.
 * Since 0.1.
 */
void tw_verifier_free(tw_verifier *verifier);

/**
 * The id of the verifier's key, as tw_key_id.
 *
 * *key_id is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_verifier_key_id(const tw_verifier *verifier, uint64_t *key_id);

/**
 * Verifies a signature of a payload, as tw_verify.
 *
 * Returns TW_OK when valid; TW_ERR_SIGNATURE when not; TW_ERR_NULL; TW_ERR_LENGTH;
 * TW_ERR_FORKED; TW_ERR_MEMORY as tw_sign; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any, without locks. Cost: as tw_signer_sign. Since 0.1.
 */
tw_status tw_verifier_verify(const tw_verifier *verifier,
                             const uint8_t *payload,
                             size_t payload_len,
                             const uint8_t *sig,
                             size_t sig_len);

/**
 * Verifies a signature made in a context of the caller's own, as tw_verify_with_context.
 *
 * Returns as tw_verifier_verify; TW_ERR_KEY_USAGE and TW_ERR_CONTEXT as tw_sign_with_context.
 * Ownership: nothing is kept. Threads: any, without locks. Cost: as
 * tw_signer_sign_with_context. Since 0.1.
 */
tw_status tw_verifier_verify_with_context(const tw_verifier *verifier,
                                          const uint8_t *context,
                                          size_t context_len,
                                          const uint8_t *payload,
                                          size_t payload_len,
                                          const uint8_t *sig,
                                          size_t sig_len);

/**
 * Verifies many signatures. One bad item spoils no other.
 *
 * payloads, sigs, results: count each. results receives the status of each item: TW_OK when
 * valid. It must not overlap the inputs.
 * Returns TW_OK when every signature is valid; else the status of the first that is not, or, with
 * nothing done: TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for overlapping memory;
 * TW_ERR_FORKED. After TW_ERR_INTERNAL use nothing that was written.
 * Ownership: nothing is kept. Threads: any, without locks. Cost: at most the sum of the
 * items. Since 0.1.
 */
tw_status tw_verifier_verify_batch(const tw_verifier *verifier,
                                   const tw_bytes *payloads,
                                   const tw_bytes *sigs,
                                   size_t count,
                                   tw_status *results);

/**
 * Encodes an order and a signature made elsewhere into a frame: message header, block, length of
 * the signature (u16), signature. What is signed is the header and the block, in the context
 * "tinywindow/v1/order": all but the last sig_len + 2 bytes.
 *
 * order: its key_id is taken as it is. sig: may be empty. frame: receives the frame;
 * TW_ORDER_FRAME_MAX is always enough; (NULL, 0) asks for the size.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for reserved
 * bytes that are not zero; TW_ERR_ORDER for an order or signature against the rules of the
 * format; TW_ERR_BUFFER.
 * Ownership: nothing is kept. Threads: any. Cost: constant, no allocation. Since 0.1.
 */
tw_status tw_order_encode(const tw_order *order,
                          const uint8_t *sig,
                          size_t sig_len,
                          uint8_t *frame,
                          size_t frame_cap,
                          size_t *frame_len);

/**
 * Takes a frame apart, strictly. The signature is not verified.
 *
 * order: its struct_size is set by the caller; all else is written on success. *signed_len
 * receives the length of what is signed; the signature is frame[*signed_len + 2 .. frame_len].
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ORDER for whatever is not
 * exactly a frame.
 * Ownership: nothing is kept. Threads: any. Cost: constant, no allocation. Since 0.1.
 */
tw_status tw_order_decode(const uint8_t *frame,
                          size_t frame_len,
                          tw_order *order,
                          size_t *signed_len);

/**
 * Signs an order and encodes it into a frame.
 *
 * key: framed secret key bytes; the frame's key_id is this key's, whatever the struct says.
 * frame: as in tw_order_encode.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT; TW_ERR_KEY;
 * TW_ERR_KEY_KIND for a public key; TW_ERR_KEY_USAGE for a raw key; TW_ERR_ORDER; TW_ERR_BUFFER;
 * TW_ERR_MEMORY as tw_sign.
 * Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
 */
tw_status tw_order_sign(const uint8_t *key,
                        size_t key_len,
                        const tw_order *order,
                        uint8_t *frame,
                        size_t frame_cap,
                        size_t *frame_len);

/**
 * Signs an order with a prepared key and encodes it into a frame.
 *
 * As tw_order_sign.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT; TW_ERR_KEY as tw_signer_sign;
 * TW_ERR_KEY_USAGE; TW_ERR_ORDER; TW_ERR_BUFFER; TW_ERR_FORKED; TW_ERR_MEMORY as tw_sign;
 * TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any, without locks. Cost: as tw_signer_sign.
 * Since 0.1.
 */
tw_status tw_signer_order_sign(const tw_signer *signer,
                               const tw_order *order,
                               uint8_t *frame,
                               size_t frame_cap,
                               size_t *frame_len);

/**
 * Verifies a frame's signature.
 *
 * key: framed public or secret key bytes, the one that the frame's key_id names.
 * Returns TW_OK when valid; TW_ERR_SIGNATURE when not, or when another key is named; TW_ERR_NULL;
 * TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_USAGE for a raw key; TW_ERR_ORDER; TW_ERR_MEMORY as
 * tw_sign.
 * Ownership: nothing is kept. Threads: any. Cost: as tw_sign. Since 0.1.
 */
tw_status tw_order_verify(const uint8_t *key,
                          size_t key_len,
                          const uint8_t *frame,
                          size_t frame_len);

/**
 * Says what tw_gateway_open would say of a configuration, key files included, and why.
 *
 * text: TOML, UTF-8 (docs/CONFIGURATION.md). out: receives, for a bad configuration, one UTF-8
 * message "line L, column C: what is wrong; what to do", without a NUL, and for a good one
 * nothing: *out_len is 0. (NULL, 0) asks for the length of the message.
 * Returns TW_OK for a good configuration and for a query of the length; TW_ERR_CONFIG with the
 * message written for a bad one; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for a text that is
 * not UTF-8; TW_ERR_BUFFER.
 * Ownership: nothing is kept. Threads: any. Cost: linear in text_len; reads the key files named.
 * Since 0.1.
 */
tw_status tw_config_check(const uint8_t *text,
                          size_t text_len,
                          uint8_t *out,
                          size_t out_cap,
                          size_t *out_len);

/**
 * Opens a gateway.
 *
 * text: its configuration, TOML, UTF-8 (docs/CONFIGURATION.md). *gateway is written on success.
 * With a file journal the gateway starts one thread, three more while it opens, and another while it
 * makes the next file of the journal; otherwise none.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for a text that is not UTF-8;
 * TW_ERR_CONFIG, of which tw_config_check tells more; for a key file TW_ERR_IO, TW_ERR_KEY,
 * TW_ERR_KEY_KIND or TW_ERR_KEY_USAGE; TW_ERR_CONFLICT for a key named twice; TW_ERR_IO where the
 * system gives no thread; TW_ERR_MEMORY; TW_ERR_ENTROPY;
 * TW_ERR_JOURNAL; TW_ERR_JOURNAL_CORRUPT; TW_ERR_JOURNAL_LOCKED; TW_ERR_JOURNAL_FULL;
 * TW_ERR_UNSUPPORTED for a journal of another format.
 * Ownership: the caller closes and frees the gateway. Threads: any. Cost: linear in the journal.
 * Since 0.1.
 */
tw_status tw_gateway_open(const uint8_t *text,
                          size_t text_len,
                          tw_gateway **gateway);

/**
 * Takes no more orders, completes what is pending and gives the journal free. Afterwards
 * tw_gateway_poll, tw_order_status and what else only asks still work; what would change something
 * gives TW_ERR_CLOSED. Closing again is fine.
 *
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_JOURNAL when the last answers could not be made durable;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Threads: any. Cost: that of what is pending. Since 0.1.
 */
tw_status tw_gateway_close(tw_gateway *gateway);

/**
 * Closes a gateway if it is open, and frees it. NULL is fine.
 *
 * Returns nothing. Threads: when no other uses the gateway any more. Cost: as tw_gateway_close.
 * Since 0.1.
 */
void tw_gateway_free(tw_gateway *gateway);

/**
 * Lets a key sign orders of a session from now on; that it may is durable when this returns. The
 * journal never holds a key: after a restart it must be added again, or be named in the
 * configuration.
 *
 * key: framed key bytes; of a suite with public keys the public key. Not needed any more when this
 * returns.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_KEY; TW_ERR_KEY_USAGE for a raw key;
 * TW_ERR_KEY_KIND for a secret key of a suite with public keys; TW_ERR_NOT_FOUND for an unknown
 * session; TW_ERR_CONFLICT for a key that the session has or that was retired; TW_ERR_CAPACITY for
 * more than 16 keys; TW_ERR_MEMORY; TW_ERR_CLOSED;
 * TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_key_add(tw_gateway *gateway,
                             uint64_t session_id,
                             const uint8_t *key,
                             size_t key_len);

/**
 * Ends a key of a session for ever; frames it signed that are not decided yet are refused.
 *
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_NOT_FOUND for an unknown session or key;
 * TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_key_retire(tw_gateway *gateway, uint64_t session_id, uint64_t key_id);

/**
 * Every key that a session has or had, in the order in which they came.
 *
 * keys: receives up to keys_cap of them. *keys_len: how many; (NULL, 0) asks for it.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_NOT_FOUND for an unknown session; TW_ERR_BUFFER;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: linear in the keys. Since 0.1.
 */
tw_status tw_gateway_keys(tw_gateway *gateway,
                          uint64_t session_id,
                          tw_session_key *keys,
                          size_t keys_cap,
                          size_t *keys_len);

/**
 * Stops new orders and replaces in a scope, at once and across restarts; durable when this
 * returns. Cancels pass.
 *
 * scope: TW_HALT_*. session_id is read for TW_HALT_SESSION. name is read for TW_HALT_SYMBOL and
 * TW_HALT_ACCOUNT: up to 16 bytes 0x21 to 0x7E; of a symbol at least 1.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for an unknown scope or other bytes;
 * TW_ERR_NOT_FOUND for an unknown session or symbol; TW_ERR_CAPACITY; TW_ERR_CLOSED;
 * TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_halt(tw_gateway *gateway,
                          uint32_t scope,
                          uint64_t session_id,
                          const uint8_t *name,
                          size_t name_len);

/**
 * Lifts the halt of exactly this scope; durable when this returns.
 *
 * As tw_gateway_halt.
 * Returns as tw_gateway_halt; TW_ERR_UNAUTHENTICATED where the configuration has resume_keys: then
 * tw_gateway_resume_agreed does it.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_resume(tw_gateway *gateway,
                            uint32_t scope,
                            uint64_t session_id,
                            const uint8_t *name,
                            size_t name_len);

/**
 * Whether exactly this scope is halted.
 *
 * Scope, session_id and name as for tw_gateway_halt. *since: nanoseconds since 1970 UTC; 0: it is
 * not halted.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for an unknown scope or other bytes;
 * TW_ERR_NOT_FOUND for an unknown session or symbol; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_gateway_halted(tw_gateway *gateway,
                            uint32_t scope,
                            uint64_t session_id,
                            const uint8_t *name,
                            size_t name_len,
                            uint64_t *since);

/**
 * Cancels the orders of a session that are open now: what to call when its connection is lost. The
 * cancels are the gateway's own, durable when this returns; their answers come as executions whose
 * reason is session_cancelled. An order whose replace is on its way may outlive its cancel: call again
 * until *count is 0. To keep others from following, halt the session first.
 *
 * *count: how many.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_NOT_FOUND for an unknown session; TW_ERR_CLOSED;
 * TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: linear in the orders since the session's oldest
 * open one, one durable write. Since 0.1.
 */
tw_status tw_gateway_cancel_session(tw_gateway *gateway,
                                    uint64_t session_id,
                                    uint64_t *count);

/**
 * What a second person signs to agree to lifting the halt of a scope: a line of ASCII that says
 * which, to be signed by one of the configured resume_keys in the context "resume"
 * (tw_sign_with_context, or tinywindow sign --context resume). It is about this halt alone.
 *
 * Scope, session_id and name as for tw_gateway_halt. request: output, at most 67 bytes.
 * Returns as tw_gateway_halt; TW_ERR_NOT_FOUND for what is not halted; TW_ERR_BUFFER.
 * Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_gateway_resume_request(tw_gateway *gateway,
                                    uint32_t scope,
                                    uint64_t session_id,
                                    const uint8_t *name,
                                    size_t name_len,
                                    uint8_t *request,
                                    size_t request_cap,
                                    size_t *request_len);

/**
 * Lifts the halt of exactly this scope with the agreement of a second person; durable when this
 * returns. The journal tells whose key it was.
 *
 * Scope, session_id and name as for tw_gateway_halt. signature: of tw_gateway_resume_request's
 * line, by one of the configured resume_keys.
 * Returns as tw_gateway_halt; TW_ERR_NOT_FOUND for what is not halted; TW_ERR_UNAUTHENTICATED when
 * the signature is none of these, or of an earlier halt.
 * Ownership: nothing is kept. Threads: any. Cost: a signature for each of resume_keys, one durable
 * write. Since 0.1.
 */
tw_status tw_gateway_resume_agreed(tw_gateway *gateway,
                                   uint32_t scope,
                                   uint64_t session_id,
                                   const uint8_t *name,
                                   size_t name_len,
                                   const uint8_t *signature,
                                   size_t signature_len);

/**
 * Says in whose name the calling thread acts from now on: whatever it changes in a gateway (halts,
 * limits, instruments, prices, keys) is journaled as made by this name.
 *
 * name: up to 16 bytes 0x21 to 0x7E; with none it acts in nobody's.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for other bytes; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any; each has a name of its own. Cost: constant. Since 0.1.
 */
tw_status tw_act_as(const uint8_t *name, size_t name_len);

/**
 * Adds an instrument, or changes the limits of one; in force at once, durable when this returns, and
 * until the next opening, where the configuration's text wins. A halt outlives it.
 *
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for a field outside its set;
 * TW_ERR_CAPACITY; TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_instrument_set(tw_gateway *gateway,
                                    const tw_instrument *instrument);

/**
 * Sets the ticks of higher prices than the instrument's own tick is for, in place of all that it
 * had; in force at once, durable when this returns, until the next opening, where the
 * configuration's text wins.
 *
 * symbol: 1 to 16 bytes 0x21 to 0x7E. bands: bands_len of them, at most TW_TICK_BANDS_MAX, each
 * from a higher price than the one before; with none its tick is that of all prices.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_NOT_FOUND for an unknown symbol;
 * TW_ERR_ARGUMENT for other bytes and other bands; TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED;
 * TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_tick_bands_set(tw_gateway *gateway,
                                    const uint8_t *symbol,
                                    size_t symbol_len,
                                    const tw_tick_band *bands,
                                    size_t bands_len);

/**
 * Sets the price by which collars and the notional of market orders are measured; in force at
 * once, durable when this returns.
 *
 * symbol: 1 to 16 bytes 0x21 to 0x7E. price: exponent -8, above 0.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_NOT_FOUND for an unknown symbol;
 * TW_ERR_ARGUMENT for other bytes and another price; TW_ERR_CLOSED;
 * TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_reference_price_set(tw_gateway *gateway,
                                         const uint8_t *symbol,
                                         size_t symbol_len,
                                         int64_t price);

/**
 * Sets the limits of an account, of every account that has none of its own, or of the firm; in
 * force at once, durable when this returns.
 *
 * scope: TW_EXPOSURE_FIRM and its like. name is read for TW_EXPOSURE_ACCOUNT: up to 16 bytes 0x21
 * to 0x7E.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for an unknown
 * scope or flag, other bytes and a limit of 0; TW_ERR_CAPACITY; TW_ERR_CLOSED; TW_ERR_JOURNAL;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_exposure_set(tw_gateway *gateway,
                                  uint32_t scope,
                                  const uint8_t *name,
                                  size_t name_len,
                                  const tw_exposure_limits *limits);

/**
 * Sets how much and how fast a session may trade; in force for its next frame, durable when this
 * returns, until the next opening, where the configuration's text wins.
 *
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_ARGUMENT for a value that the configuration
 * could not have; TW_ERR_NOT_FOUND for an unknown session; TW_ERR_CLOSED; TW_ERR_JOURNAL;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one durable write. Since 0.1.
 */
tw_status tw_gateway_session_limits_set(tw_gateway *gateway,
                                        uint64_t session_id,
                                        const tw_session_limits *limits);

/**
 * Sets what a session may trade, and for whom, in place of all that it might before; in force for
 * its next frame, durable when this returns, until the next opening, where the configuration's text
 * wins. No frame sees a part of it, and no crash leaves one. Cancels need no permission.
 *
 * symbols: symbols_len of them, at most TW_SESSION_NAMES_MAX; with none it may trade every one.
 * accounts: likewise; with none it may trade for every one. Both in any order.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for too many names; TW_ERR_UNSUPPORTED;
 * TW_ERR_ARGUMENT for a field outside its set and other bytes; TW_ERR_NOT_FOUND for an unknown
 * session; TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: linear in the names, one durable write. Since 0.1.
 */
tw_status tw_gateway_session_permissions_set(tw_gateway *gateway,
                                             uint64_t session_id,
                                             const tw_session_permissions *permissions,
                                             const tw_name *symbols,
                                             size_t symbols_len,
                                             const tw_name *accounts,
                                             size_t accounts_len);

/**
 * What a session is limited to now, for instance to change one of these.
 *
 * limits: its struct_size is set by the caller; all else is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND for an unknown session;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_gateway_session_limits(tw_gateway *gateway,
                                    uint64_t session_id,
                                    tw_session_limits *limits);

/**
 * How a session stands: its last sequence, what is open of it, whether it is halted.
 *
 * state: its struct_size is set by the caller; all else is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND for an unknown session;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_gateway_session_state(tw_gateway *gateway,
                                   uint64_t session_id,
                                   tw_session_state *state);

/**
 * What an account holds of an instrument, and what its open orders may make of it: the numbers
 * that the next decision goes by, all of one moment. Of an account that nobody has named yet:
 * nothing.
 *
 * account: up to 16 bytes 0x21 to 0x7E; none is the account of orders that name none. symbol: 1 to
 * 16 such bytes. position: its struct_size is set by the caller; all else is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for other bytes; TW_ERR_UNSUPPORTED;
 * TW_ERR_NOT_FOUND for an unknown symbol; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_gateway_position(tw_gateway *gateway,
                              const uint8_t *account,
                              size_t account_len,
                              const uint8_t *symbol,
                              size_t symbol_len,
                              tw_position *position);

/**
 * What an account, or the firm, has at risk, all of one moment, and the limits that it is held to.
 * An account that nobody has named yet has nothing at risk.
 *
 * scope: TW_EXPOSURE_FIRM or TW_EXPOSURE_ACCOUNT. name is read for the latter: up to 16 bytes 0x21
 * to 0x7E. exposure: its struct_size is set by the caller; all else is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH; TW_ERR_ARGUMENT for another scope or other bytes;
 * TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND where no limit of exposure was ever set, since nothing is
 * added up until then; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_gateway_exposure(tw_gateway *gateway,
                              uint32_t scope,
                              const uint8_t *name,
                              size_t name_len,
                              tw_exposure *exposure);

/**
 * Says what would be decided about a frame now: gates 1 to 5 alone. Changes nothing.
 *
 * *reason receives 0 if the order would be accepted, else why not.
 * Returns TW_OK when a decision was reached; TW_ERR_NULL; TW_ERR_LENGTH; when the frame would be
 * refused the status that tw_send_order gives; TW_ERR_CLOSED; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: one signature and the checks; no allocation, no
 * system call but the clock. Since 0.1.
 */
tw_status tw_pre_trade_check(tw_gateway *gateway,
                             const uint8_t *frame,
                             size_t frame_len,
                             uint32_t *reason);

/**
 * Says every reason for which a frame would be rejected now, in the order of the checks: gates 1
 * to 5 alone. Changes nothing.
 *
 * reasons: receives up to reasons_cap of them. *reasons_len: how many, 0 if the order would be
 * accepted; (NULL, 0) asks for it.
 * Returns TW_OK; TW_ERR_BUFFER; else as tw_pre_trade_check.
 * Ownership: nothing is kept. Threads: any. Cost: as tw_pre_trade_check, and an allocation when
 * there are reasons. Since 0.1.
 */
tw_status tw_pre_trade_reasons(tw_gateway *gateway,
                               const uint8_t *frame,
                               size_t frame_len,
                               uint32_t *reasons,
                               size_t reasons_cap,
                               size_t *reasons_len);

/**
 * Sends an order and waits for its ack.
 *
 * timeout_ns: how long to wait at most; UINT64_MAX is for ever. ack: its struct_size is set by
 * the caller.
 * There are three endings. Decided: TW_OK, ack tells whether it was accepted. Unknown:
 * TW_ERR_TIMEOUT or TW_ERR_UNKNOWN, the order may be live, ack has its ids; ask with
 * tw_order_status or send the same frame again. TW_ERR_INTERNAL, a bug, is unknown too, but ack is
 * untouched. Refused, nothing happened, ack is untouched: TW_ERR_NULL; TW_ERR_LENGTH;
 * TW_ERR_UNSUPPORTED; TW_ERR_ORDER; TW_ERR_UNAUTHENTICATED; TW_ERR_STALE_TIME;
 * TW_ERR_STALE_SEQUENCE; TW_ERR_SEQUENCE_REUSED; TW_ERR_SEQUENCE_GAP; TW_ERR_THROTTLED; TW_ERR_BUSY; TW_ERR_CAPACITY;
 * TW_ERR_CLOSED; TW_ERR_JOURNAL; TW_ERR_MEMORY when there is no stack to verify ML-DSA on;
 * TW_ERR_FORKED.
 * Returns one of these.
 * Ownership: nothing is kept. Threads: any; one session's frames are decided in the order in
 * which they came. Cost: one signature, the checks, one durable write shared with all who wait;
 * no allocation. Since 0.1.
 */
tw_status tw_send_order(tw_gateway *gateway,
                        const uint8_t *frame,
                        size_t frame_len,
                        uint64_t timeout_ns,
                        tw_order_ack *ack);

/**
 * Sends an order without waiting. When this returns TW_OK exactly one completion of kind
 * TW_COMPLETION_ACK with this tag follows through tw_gateway_poll.
 *
 * Returns TW_OK; TW_ERR_INTERNAL, a bug: the order may be live; else refused, nothing happened and
 * no completion follows: as tw_send_order.
 * Ownership: nothing is kept. Threads: as tw_send_order. Cost: as tw_send_order without the
 * waiting. Since 0.1.
 */
tw_status tw_gateway_submit(tw_gateway *gateway,
                            const uint8_t *frame,
                            size_t frame_len,
                            uint64_t tag);

/**
 * Takes completions from the queue, oldest first: acks of tw_gateway_submit, and executions. From
 * the first call of tw_gateway_submit, tw_gateway_poll or tw_gateway_fd on none is ever dropped,
 * and while the queue is not drained a session that has filled its share of it meets TW_ERR_BUSY;
 * before, the latest executions are kept, and a gap in the numbers tells of older ones.
 *
 * completions: receives up to completions_cap; struct_size of the first is set by the caller and
 * is the distance from one to the next. timeout_ns: how long to wait at most for the first one;
 * 0 is not at all, UINT64_MAX for ever. *count: how many; may be 0.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_LENGTH for completions_cap 0; TW_ERR_UNSUPPORTED;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any; each completion goes to one caller. Cost: linear in
 * *count; no allocation. Since 0.1.
 */
tw_status tw_gateway_poll(tw_gateway *gateway,
                          tw_completion *completions,
                          size_t completions_cap,
                          uint64_t timeout_ns,
                          size_t *count);

/**
 * A file descriptor that is readable while completions wait, for epoll and its like.
 *
 * *fd is written on success. It is the gateway's: do not read, write or close it.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_IO; TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: the gateway's, until tw_gateway_free. Threads: any. Cost: a few system calls the
 * first time. Since 0.1.
 */
tw_status tw_gateway_fd(tw_gateway *gateway, int32_t *fd);

/**
 * What is known of a request, by the id that its sender gave it.
 *
 * state: its struct_size is set by the caller; all else is written on success.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_UNSUPPORTED; TW_ERR_NOT_FOUND when it was never decided;
 * TW_ERR_FORKED; TW_ERR_INTERNAL.
 * Ownership: nothing is kept. Threads: any. Cost: constant. Since 0.1.
 */
tw_status tw_order_status(tw_gateway *gateway,
                          uint64_t session_id,
                          uint64_t client_order_id,
                          tw_order_state *state);

/**
 * All metrics of the process in Prometheus's text format, version 0.0.4 (docs/OBSERVABILITY.md).
 *
 * out: receives the text, not NUL-terminated; TW_METRICS_TEXT_MAX bytes are always enough. (NULL,
 * 0) asks for the size, but numbers may have grown longer when the text is asked for.
 * Returns TW_OK; TW_ERR_NULL; TW_ERR_BUFFER.
 * Ownership: nothing is kept. Threads: any. Cost: about 30 microseconds, and no order waits for
 * it. Since 0.1.
 */
tw_status tw_metrics_text(uint8_t *out, size_t out_cap, size_t *out_len);

/**
 * Sets who is told of log events (docs/OBSERVABILITY.md lists them), for the whole process; the
 * library is silent until then.
 *
 * callback: told of every event of `level` and graver ones, on the thread where it happens, which
 * waits; never under a lock of the library's, so it may call the library, but not this function,
 * and it must not close or free a gateway. It must return: no longjmp, no exception. NULL is
 * silence. user: passed on as it is. level: TW_LOG_*.
 * When this returns, the callback before is not running and will not be called again. A forked
 * child is silent until it sets its own.
 * Returns TW_OK; TW_ERR_ARGUMENT for an unknown level; TW_ERR_BUSY from within a callback;
 * TW_ERR_MEMORY.
 * Ownership: user is the caller's. Threads: any. Cost: that of a callback that is running.
 * Since 0.1.
 */
tw_status tw_log_set(tw_log_fn callback, void *user, uint32_t level);

/* tinywindow:declarations:end */

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* TINYWINDOW_H */
