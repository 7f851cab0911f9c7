      *> tinywindow.cpy: sign with a key, send an order safely.
      *>
      *> Generated from include/tinywindow.h by `make header`;
      *> do not edit. Fixed and free format can COPY it.
      *>
      *> SPDX-License-Identifier: MIT OR Apache-2.0
      *>
      *> The contract is the header's; docs/LEGACY.md says what is
      *> particular to COBOL. In short:
      *>
      *>   Lengths   and what else has 8 bytes go BY VALUE SIZE 8:
      *>             without the SIZE GnuCOBOL passes only 4 of them.
      *>   NULL      is BY REFERENCE OMITTED, its length 0.
      *>   Text      ends in NULs and not in spaces: after a MOVE,
      *>             INSPECT ... REPLACING ALL SPACE BY LOW-VALUE.
      *>   Records   are made ready: STRUCT-SIZE is set, all else is
      *>             zero; INITIALIZE ... ALL TO VALUE does so again.
      *>   Handles   are POINTER items.
      *>   No result is RETURNING OMITTED, or RETURN-CODE is lost.

      *> What a function returned: TW-OK or one of TW-ERR-*.
       01  TW-STATUS BINARY-LONG VALUE 0.

      *> --- Constants ----------------------------------------------

      *> Of a price: none.
       78  TW-PRICE-NONE VALUE -9223372036854775808.

      *> Of a limit: none.
       78  TW-UNLIMITED VALUE 18446744073709551615.

      *> Done.
       78  TW-OK VALUE 0.
      *> A required pointer is NULL.
       78  TW-ERR-NULL VALUE 1.
      *> A length is outside its documented range.
       78  TW-ERR-LENGTH VALUE 2.
      *> The output buffer is too small.
       78  TW-ERR-BUFFER VALUE 3.
      *> A value is outside its documented set.
       78  TW-ERR-ARGUMENT VALUE 4.
      *> A struct, journal or encrypted key of a kind this library does
      *> not support.
       78  TW-ERR-UNSUPPORTED VALUE 5.
      *> Unknown signature suite.
       78  TW-ERR-SUITE VALUE 6.
      *> Malformed key bytes.
       78  TW-ERR-KEY VALUE 7.
      *> A key of another kind is needed, or of a kind that its suite
      *> has.
       78  TW-ERR-KEY-KIND VALUE 8.
      *> A raw key where a framed one is needed, or the reverse.
       78  TW-ERR-KEY-USAGE VALUE 9.
      *> The context is empty, too long or reserved.
       78  TW-ERR-CONTEXT VALUE 10.
      *> A raw key may not sign a payload that begins like a framed one.
       78  TW-ERR-PAYLOAD VALUE 11.
      *> The signature is not valid.
       78  TW-ERR-SIGNATURE VALUE 12.
      *> The operating system gave no entropy.
       78  TW-ERR-ENTROPY VALUE 13.
      *> Guarded memory could not be had or locked.
       78  TW-ERR-MEMORY VALUE 14.
      *> The handle was made before a fork and belongs to the parent.
       78  TW-ERR-FORKED VALUE 15.
      *> The handle is closed.
       78  TW-ERR-CLOSED VALUE 16.
      *> A bug in this library; the handle can no longer be used.
       78  TW-ERR-INTERNAL VALUE 17.
      *> The configuration is refused; tw_config_check says where and
      *> why.
       78  TW-ERR-CONFIG VALUE 18.
      *> Malformed order or frame.
       78  TW-ERR-ORDER VALUE 19.
      *> Unknown session, unknown key or bad signature.
       78  TW-ERR-UNAUTHENTICATED VALUE 20.
      *> Sending_time is outside the permitted window.
       78  TW-ERR-STALE-TIME VALUE 21.
      *> The sequence is not above the session's last; sign with a
      *> higher one.
       78  TW-ERR-STALE-SEQUENCE VALUE 22.
      *> The session used this sequence for another frame; sign with a
      *> higher one.
       78  TW-ERR-SEQUENCE-REUSED VALUE 23.
      *> Above the permitted rate; the same frame may come again.
       78  TW-ERR-THROTTLED VALUE 24.
      *> Too much in flight, or completions are not drained.
       78  TW-ERR-BUSY VALUE 25.
      *> No answer in time; the order may be live.
       78  TW-ERR-TIMEOUT VALUE 26.
      *> The outcome is unknown; ask with tw_order_status or retry the
      *> frame.
       78  TW-ERR-UNKNOWN VALUE 27.
      *> No such session, key, order, instrument or name.
       78  TW-ERR-NOT-FOUND VALUE 28.
      *> It is there already, was retired, or is known under the other
      *> usage.
       78  TW-ERR-CONFLICT VALUE 29.
      *> The journal cannot be read or written; no more orders are
      *> taken.
       78  TW-ERR-JOURNAL VALUE 30.
      *> The journal is corrupt before its end.
       78  TW-ERR-JOURNAL-CORRUPT VALUE 31.
      *> Another gateway has the journal open.
       78  TW-ERR-JOURNAL-LOCKED VALUE 32.
      *> A file cannot be read.
       78  TW-ERR-IO VALUE 33.
      *> The session's share of max_orders is used up, or there are as
      *> many keys, accounts or instruments as may be; tw_error_detail
      *> says which of these.
       78  TW-ERR-CAPACITY VALUE 34.
      *> The password is missing or wrong, or there is nothing that it
      *> encrypts.
       78  TW-ERR-PASSWORD VALUE 35.
      *> The disk of the journal is full; make room, then open again.
       78  TW-ERR-JOURNAL-FULL VALUE 36.
      *> The sequence leaves out more than the session may
      *> (max_sequence_gap); nothing is used up.
       78  TW-ERR-SEQUENCE-GAP VALUE 37.

      *> The version of this header.
       78  TW-VERSION-MAJOR VALUE 0.
      *> The version of this header.
       78  TW-VERSION-MINOR VALUE 1.
      *> The version of this header.
       78  TW-VERSION-PATCH VALUE 0.

      *> The version of the ABI; the shared library's SONAME carries it
      *> too.
       78  TW-ABI-VERSION VALUE 0.

      *> HMAC-SHA256 (RFC 2104, FIPS 198-1).
       78  TW-SUITE-HMAC-SHA256 VALUE 1.
      *> Ed25519 (RFC 8032), verified strictly.
       78  TW-SUITE-ED25519 VALUE 2.
      *> ML-DSA-44 (FIPS 204), deterministic.
       78  TW-SUITE-ML-DSA-44 VALUE 3.
      *> ML-DSA-65 (FIPS 204), deterministic.
       78  TW-SUITE-ML-DSA-65 VALUE 4.
      *> ML-DSA-87 (FIPS 204), deterministic.
       78  TW-SUITE-ML-DSA-87 VALUE 5.
      *> ML-DSA-65 and Ed25519 together, the composite
      *> id-MLDSA65-Ed25519-SHA512 (draft-ietf-lamps-pq-composite-sigs):
      *> valid only if both are.
       78  TW-SUITE-MLDSA65-ED25519 VALUE 6.

      *> Bytes that hold the key bytes of any suite.
       78  TW-KEY-MAX VALUE 4904.
      *> Bytes that hold the public key bytes of any suite.
       78  TW-PUBLIC-KEY-MAX VALUE 2600.
      *> Bytes that hold a signature of any suite.
       78  TW-SIGNATURE-MAX VALUE 4627.
      *> Bytes of the longest context of a framed signature; the
      *> shortest has 1.
       78  TW-CONTEXT-MAX VALUE 60.
      *> Bytes of the longest context of a raw key of ML-DSA or its
      *> composite; the shortest has none.
       78  TW-RAW-CONTEXT-MAX VALUE 255.
      *> Bytes of entropy that a key is made from.
       78  TW-ENTROPY-SIZE VALUE 32.

      *> tw_memory_policy: a key whose memory cannot be locked is
      *> refused. The default.
       78  TW-MEMORY-LOCK-REQUIRED VALUE 1.
      *> tw_memory_policy: a key whose memory cannot be locked is used
      *> all the same.
       78  TW-MEMORY-LOCK-PREFERRED VALUE 2.

      *> Kind of a key that signs and verifies.
       78  TW-KIND-SECRET VALUE 1.
      *> Kind of a key that verifies.
       78  TW-KIND-PUBLIC VALUE 2.
      *> Kind of a key that signs and verifies, of ML-DSA alone: the
      *> private key whose seed is not known, expanded (FIPS 204,
      *> section 4).
       78  TW-KIND-EXPANDED VALUE 3.

      *> Usage of keys that sign payloads and orders, each in a context.
       78  TW-USAGE-FRAMED VALUE 1.
      *> Usage of keys that sign bare payloads, for the protocols of
      *> others; never an order.
       78  TW-USAGE-RAW VALUE 2.

      *> DER: PKCS#8 (RFC 5958) for a secret key, SubjectPublicKeyInfo
      *> (RFC 5280) for a public one.
       78  TW-ENCODING-DER VALUE 1.
      *> PEM (RFC 7468) of the same.
       78  TW-ENCODING-PEM VALUE 2.
      *> A line of OpenSSH's authorized_keys (RFC 8709), for public
      *> Ed25519 keys.
       78  TW-ENCODING-OPENSSH VALUE 3.

      *> Bytes that hold a key of any suite in any encoding.
       78  TW-ENCODED-KEY-MAX VALUE 16384.

      *> NewOrderSingle (FIX 35=D).
       78  TW-TEMPLATE-NEW-ORDER-SINGLE VALUE 1.
      *> OrderCancelReplaceRequest (FIX 35=G).
       78  TW-TEMPLATE-ORDER-CANCEL-REPLACE-REQUEST VALUE 2.
      *> OrderCancelRequest (FIX 35=F).
       78  TW-TEMPLATE-ORDER-CANCEL-REQUEST VALUE 3.

      *> Bytes that hold any order frame.
       78  TW-ORDER-FRAME-MAX VALUE 4749.

      *> State of a session's key: it may sign.
       78  TW-KEY-ACTIVE VALUE 1.
      *> State of a session's key: it may never sign again.
       78  TW-KEY-RETIRED VALUE 2.
      *> State of a session's key: it may sign, but was given to an
      *> earlier process; add it again.
       78  TW-KEY-ABSENT VALUE 3.

      *> Scope of a halt: everything.
       78  TW-HALT-GATEWAY VALUE 1.
      *> Scope of a halt: one session, by session_id.
       78  TW-HALT-SESSION VALUE 2.
      *> Scope of a halt: one symbol, by name.
       78  TW-HALT-SYMBOL VALUE 3.
      *> Scope of a halt: one account, by name.
       78  TW-HALT-ACCOUNT VALUE 4.

      *> Flag of an instrument on the restricted list: no new order.
       78  TW-INSTRUMENT-RESTRICTED VALUE 1.

      *> The most bands of an instrument: the tick tables of RTS 11 have
      *> 19.
       78  TW-TICK-BANDS-MAX VALUE 32.

      *> Limits of the whole firm.
       78  TW-EXPOSURE-FIRM VALUE 1.
      *> Limits of every account that has none of its own.
       78  TW-EXPOSURE-EVERY-ACCOUNT VALUE 2.
      *> Limits of one account.
       78  TW-EXPOSURE-ACCOUNT VALUE 3.
      *> Flag of limits: there are none any more, and an account goes by
      *> those of every account.
       78  TW-EXPOSURE-RESET VALUE 1.

      *> The most symbols, and the most accounts, that a session is held
      *> to.
       78  TW-SESSION-NAMES-MAX VALUE 1024.

      *> Kind of a completion: the end of a submission.
       78  TW-COMPLETION-ACK VALUE 1.
      *> Kind of a completion: something the venue said about an order.
       78  TW-COMPLETION-EXECUTION VALUE 2.

      *> More bytes than tw_metrics_text ever writes.
       78  TW-METRICS-TEXT-MAX VALUE 65536.

      *> Level of a log event: no more orders are taken, or something is
      *> broken.
       78  TW-LOG-ERROR VALUE 1.
      *> Level of a log event: somebody should look.
       78  TW-LOG-WARN VALUE 2.
      *> Level of a log event: the course of things.
       78  TW-LOG-INFO VALUE 3.

      *> --- Records ------------------------------------------------

      *> Bytes of the caller's: data may be NULL only if len is 0.
       01  TW-BYTES.
           05  TW-BYTES-DATA POINTER VALUE NULL.
           05  TW-BYTES-LEN BINARY-DOUBLE UNSIGNED VALUE 0.

      *> An order message in decoded form. Field names and values are
      *> FIX's; prices and quantities are integers with exponent -8 (1.5
      *> is 150000000). Text is bytes 0x21 to 0x7E, then NULs.
       01  TW-ORDER.
      *> Set; leave it as it is.
           05  TW-ORDER-STRUCT-SIZE BINARY-LONG UNSIGNED VALUE 128.
      *> TW-TEMPLATE-*.
           05  TW-ORDER-TEMPLATE-ID BINARY-LONG UNSIGNED VALUE 0.
      *> FIX 34: strictly increasing per session.
           05  TW-ORDER-SEQUENCE BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 52: nanoseconds since 1970 UTC.
           05  TW-ORDER-SENDING-TIME BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 11: unique per session.
           05  TW-ORDER-CLIENT-ORDER-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 41: of a replace or cancel; else 0.
           05  TW-ORDER-ORIG-CLIENT-ORDER-ID
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 49.
           05  TW-ORDER-SESSION-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Which of the session's keys signs; set by the functions that
      *> sign.
           05  TW-ORDER-KEY-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 44: of limit and stop limit orders; else TW-PRICE-NONE.
           05  TW-ORDER-PRICE BINARY-DOUBLE VALUE 0.
      *> FIX 99: of stop and stop limit orders; else TW-PRICE-NONE.
           05  TW-ORDER-STOP-PRICE BINARY-DOUBLE VALUE 0.
      *> FIX 38: above 0; of a replace the new total, what is filled
      *> included; of a cancel 0.
           05  TW-ORDER-QUANTITY BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 55: not empty.
           05  TW-ORDER-SYMBOL PIC X(16) VALUE LOW-VALUE.
      *> FIX 1: may be empty.
           05  TW-ORDER-ACCOUNT PIC X(16) VALUE LOW-VALUE.
      *> FIX 54: '1' buy, '2' sell, '5' sell short.
           05  TW-ORDER-SIDE PIC X VALUE LOW-VALUE.
      *> FIX 40: '1' market, '2' limit, '3' stop, '4' stop limit; of a
      *> cancel 0.
           05  TW-ORDER-ORD-TYPE PIC X VALUE LOW-VALUE.
      *> FIX 59: '0' day, '1' good till cancel, '3' immediate or cancel,
      *> '4' fill or kill; of a cancel 0.
           05  TW-ORDER-TIME-IN-FORCE PIC X VALUE LOW-VALUE.
      *> Zeros.
           05  TW-ORDER-RESERVED PIC X(5) VALUE LOW-VALUE.
      *> Zero.
           05  TW-ORDER-RESERVED2 BINARY-DOUBLE UNSIGNED VALUE 0.

      *> One of a session's keys.
       01  TW-SESSION-KEY.
      *> As tw_key_id.
           05  TW-SESSION-KEY-KEY-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> TW-KEY-ACTIVE, TW-KEY-RETIRED or TW-KEY-ABSENT.
           05  TW-SESSION-KEY-STATE BINARY-LONG UNSIGNED VALUE 0.
      *> TW-SUITE-*.
           05  TW-SESSION-KEY-SUITE BINARY-LONG UNSIGNED VALUE 0.

      *> An instrument and its limits. Prices, quantities and money are
      *> integers with exponent -8; TW-UNLIMITED in a limit is none; 0
      *> is refused there, as in the configuration's text.
       01  TW-INSTRUMENT.
      *> Set; leave it as it is.
           05  TW-INSTRUMENT-STRUCT-SIZE BINARY-LONG UNSIGNED VALUE 128.
      *> Sum of TW-INSTRUMENT-*.
           05  TW-INSTRUMENT-FLAGS BINARY-LONG UNSIGNED VALUE 0.
      *> Bytes 0x21 to 0x7E, then NULs; not empty.
           05  TW-INSTRUMENT-SYMBOL PIC X(16) VALUE LOW-VALUE.
      *> Prices are multiples of this, below the first TW-TICK-BAND if
      *> there are some; above 0.
           05  TW-INSTRUMENT-TICK BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Quantities are multiples of this; above 0.
           05  TW-INSTRUMENT-LOT BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Per order.
           05  TW-INSTRUMENT-MAX-QUANTITY
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Price times quantity per order.
           05  TW-INSTRUMENT-MAX-NOTIONAL
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Absolute position of an account, its open orders counted.
           05  TW-INSTRUMENT-MAX-POSITION
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Greatest distance of a price from the reference price, in
      *> 1/10000 of it: 1 to 1000000; 4294967295 is none.
           05  TW-INSTRUMENT-COLLAR-BASIS-POINTS
               BINARY-LONG UNSIGNED VALUE 0.
      *> Bit n: the side '0' + n (FIX 54) is permitted; at least one.
           05  TW-INSTRUMENT-SIDES BINARY-LONG UNSIGNED VALUE 0.
      *> Bit n: the order type '0' + n (FIX 40) is permitted; at least
      *> one.
           05  TW-INSTRUMENT-ORDER-TYPES BINARY-LONG UNSIGNED VALUE 0.
      *> Bit n: the time in force '0' + n (FIX 59) is permitted; at
      *> least one.
           05  TW-INSTRUMENT-TIMES-IN-FORCE
               BINARY-LONG UNSIGNED VALUE 0.
      *> Per order; 0 is none.
           05  TW-INSTRUMENT-MIN-QUANTITY
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Lowest price, above 0; that and max_price 0: any price.
      *> INT64_MIN is none.
           05  TW-INSTRUMENT-MIN-PRICE BINARY-DOUBLE VALUE 0.
      *> Highest price, above 0; that and min_price 0: any price.
      *> INT64_MAX is none.
           05  TW-INSTRUMENT-MAX-PRICE BINARY-DOUBLE VALUE 0.
      *> What the firm may sell short in a day in UTC, open orders
      *> counted.
           05  TW-INSTRUMENT-LOCATE BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Greatest distance of a price from the last trade's; as
      *> collar_basis_points.
           05  TW-INSTRUMENT-LAST-TRADE-COLLAR-BASIS-POINTS
               BINARY-LONG UNSIGNED VALUE 0.
      *> When new orders are taken, in seconds since midnight UTC, from
      *> this one …
           05  TW-INSTRUMENT-OPENS-S BINARY-LONG UNSIGNED VALUE 0.
      *> … to this one, over midnight if it is the smaller; both the
      *> same: the whole day.
           05  TW-INSTRUMENT-CLOSES-S BINARY-LONG UNSIGNED VALUE 0.
      *> Zero.
           05  TW-INSTRUMENT-RESERVED BINARY-LONG UNSIGNED VALUE 0.

      *> From this price on, without its sign, prices are multiples of
      *> another tick. Exponent -8.
       01  TW-TICK-BAND.
      *> Above 0.
           05  TW-TICK-BAND-FROM BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Above 0.
           05  TW-TICK-BAND-TICK BINARY-DOUBLE UNSIGNED VALUE 0.

      *> Limits of an account or of the firm: integers with exponent -8,
      *> above 0; TW-UNLIMITED is none. docs/RISK.md defines each.
       01  TW-EXPOSURE-LIMITS.
      *> Set; leave it as it is.
           05  TW-EXPOSURE-LIMITS-STRUCT-SIZE
               BINARY-LONG UNSIGNED VALUE 32.
      *> 0, or TW-EXPOSURE-RESET.
           05  TW-EXPOSURE-LIMITS-FLAGS BINARY-LONG UNSIGNED VALUE 0.
      *> What is held and may come to be held, long and short added up.
           05  TW-EXPOSURE-LIMITS-MAX-GROSS-NOTIONAL
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> The same with what is short taken from what is long.
           05  TW-EXPOSURE-LIMITS-MAX-NET-NOTIONAL
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Of a day in UTC, realised and at reference prices.
           05  TW-EXPOSURE-LIMITS-MAX-LOSS
               BINARY-DOUBLE UNSIGNED VALUE 0.

      *> How much and how fast a session may trade;
      *> docs/CONFIGURATION.md says what each is, and its range.
       01  TW-SESSION-LIMITS.
      *> Set; leave it as it is.
           05  TW-SESSION-LIMITS-STRUCT-SIZE
               BINARY-LONG UNSIGNED VALUE 48.
      *> Lasting rate of new orders and replaces.
           05  TW-SESSION-LIMITS-PER-SECOND
               BINARY-LONG UNSIGNED VALUE 0.
      *> New orders and replaces that may come at once.
           05  TW-SESSION-LIMITS-BURST BINARY-LONG UNSIGNED VALUE 0.
      *> Lasting rate of cancels.
           05  TW-SESSION-LIMITS-CANCELS-PER-SECOND
               BINARY-LONG UNSIGNED VALUE 0.
      *> Cancels that may come at once.
           05  TW-SESSION-LIMITS-CANCELS-BURST
               BINARY-LONG UNSIGNED VALUE 0.
      *> Orders open at one time.
           05  TW-SESSION-LIMITS-MAX-OPEN-ORDERS
               BINARY-LONG UNSIGNED VALUE 0.
      *> How often the same new order is taken within the window;
      *> 4294967295: as often as one likes.
           05  TW-SESSION-LIMITS-MAX-REPEATS
               BINARY-LONG UNSIGNED VALUE 0.
      *> Requests for each trade of a day in UTC; 4294967295: any
      *> number.
           05  TW-SESSION-LIMITS-MAX-ORDER-TO-TRADE
               BINARY-LONG UNSIGNED VALUE 0.
      *> So many requests of a day need no trade.
           05  TW-SESSION-LIMITS-ORDER-TO-TRADE-AFTER
               BINARY-LONG UNSIGNED VALUE 0.
      *> Zero.
           05  TW-SESSION-LIMITS-RESERVED BINARY-LONG UNSIGNED VALUE 0.
      *> The window of max_repeats.
           05  TW-SESSION-LIMITS-REPEAT-WINDOW-NS
               BINARY-DOUBLE UNSIGNED VALUE 0.

      *> What a session may trade, beside the names of symbols and
      *> accounts.
       01  TW-SESSION-PERMISSIONS.
      *> Set; leave it as it is.
           05  TW-SESSION-PERMISSIONS-STRUCT-SIZE
               BINARY-LONG UNSIGNED VALUE 16.
      *> Bit n: the side '0' + n (FIX 54) is permitted; at least one.
           05  TW-SESSION-PERMISSIONS-SIDES
               BINARY-LONG UNSIGNED VALUE 0.
      *> Bit n: the order type '0' + n (FIX 40) is permitted; at least
      *> one.
           05  TW-SESSION-PERMISSIONS-ORDER-TYPES
               BINARY-LONG UNSIGNED VALUE 0.
      *> Sequences that it may leave out at once; 4294967295: any
      *> number.
           05  TW-SESSION-PERMISSIONS-MAX-SEQUENCE-GAP
               BINARY-LONG UNSIGNED VALUE 0.

      *> A symbol or an account among others.
       01  TW-NAME.
      *> Bytes 0x21 to 0x7E, then NULs; not empty.
           05  TW-NAME-NAME PIC X(16) VALUE LOW-VALUE.

      *> How a session stands.
       01  TW-SESSION-STATE.
      *> Set; leave it as it is.
           05  TW-SESSION-STATE-STRUCT-SIZE
               BINARY-LONG UNSIGNED VALUE 64.
      *> Orders that may still fill.
           05  TW-SESSION-STATE-OPEN-ORDERS
               BINARY-LONG UNSIGNED VALUE 0.
      *> Of its latest decided frame; 0: there was none.
           05  TW-SESSION-STATE-LAST-SEQUENCE
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Nanoseconds since 1970 UTC; 0: it is not halted.
           05  TW-SESSION-STATE-HALTED-SINCE
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Zeros.
           05  TW-SESSION-STATE-RESERVED
               BINARY-DOUBLE UNSIGNED OCCURS 5 VALUE 0.

      *> What an account holds of an instrument. Everything has exponent
      *> -8; docs/RISK.md defines each. gross is rounded up, cash and
      *> equity down; what does not fit ends at the type's bounds.
       01  TW-POSITION.
      *> Set; leave it as it is.
           05  TW-POSITION-STRUCT-SIZE BINARY-LONG UNSIGNED VALUE 96.
      *> Zero.
           05  TW-POSITION-RESERVED BINARY-LONG UNSIGNED VALUE 0.
      *> Held: long above 0, short below.
           05  TW-POSITION-QUANTITY BINARY-DOUBLE VALUE 0.
      *> What its open orders may still buy, at their worst.
           05  TW-POSITION-OPEN-BUY BINARY-DOUBLE UNSIGNED VALUE 0.
      *> What its open orders may still sell, at their worst.
           05  TW-POSITION-OPEN-SELL BINARY-DOUBLE UNSIGNED VALUE 0.
      *> What it is valued at: the reference price, until there is one
      *> the first trade's; else TW-PRICE-NONE.
           05  TW-POSITION-MARK BINARY-DOUBLE VALUE 0.
      *> Money received for sales less money paid for purchases, without
      *> fees.
           05  TW-POSITION-CASH BINARY-DOUBLE VALUE 0.
      *> cash, and quantity at mark: what was won or lost with it,
      *> realised or not.
           05  TW-POSITION-EQUITY BINARY-DOUBLE VALUE 0.
      *> What it may become at its worst, long or short: its part of the
      *> gross notional.
           05  TW-POSITION-GROSS BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Zeros.
           05  TW-POSITION-RESERVED2
               BINARY-DOUBLE UNSIGNED OCCURS 4 VALUE 0.

      *> What an account, or the firm, has at risk, and its limits.
      *> Money has exponent -8; docs/RISK.md defines each. What a limit
      *> is held against is rounded up, so that it is above the limit
      *> exactly where the gateway finds it so; held and equity are
      *> rounded down. What does not fit ends at the type's bounds.
       01  TW-EXPOSURE.
      *> Set; leave it as it is.
           05  TW-EXPOSURE-STRUCT-SIZE BINARY-LONG UNSIGNED VALUE 120.
      *> Zero.
           05  TW-EXPOSURE-RESERVED BINARY-LONG UNSIGNED VALUE 0.
      *> What is held, at reference prices, short taken from long.
           05  TW-EXPOSURE-HELD BINARY-DOUBLE VALUE 0.
      *> What max_gross_notional is held against.
           05  TW-EXPOSURE-GROSS BINARY-DOUBLE UNSIGNED VALUE 0.
      *> What max_net_notional is held against for a buy.
           05  TW-EXPOSURE-NET-BUY BINARY-DOUBLE VALUE 0.
      *> What max_net_notional is held against for a sell.
           05  TW-EXPOSURE-NET-SELL BINARY-DOUBLE VALUE 0.
      *> Won or lost with all that was ever traded, realised or not.
           05  TW-EXPOSURE-EQUITY BINARY-DOUBLE VALUE 0.
      *> What max_loss is held against, of this day in UTC; below 0: a
      *> gain.
           05  TW-EXPOSURE-DAY-LOSS BINARY-DOUBLE VALUE 0.
      *> Of the account, or of the gateway: nanoseconds since 1970 UTC;
      *> 0: not halted.
           05  TW-EXPOSURE-HALTED-SINCE BINARY-DOUBLE UNSIGNED VALUE 0.
      *> The limit in force; TW-UNLIMITED: none.
           05  TW-EXPOSURE-MAX-GROSS-NOTIONAL
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> The limit in force; TW-UNLIMITED: none.
           05  TW-EXPOSURE-MAX-NET-NOTIONAL
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> The limit in force; TW-UNLIMITED: none.
           05  TW-EXPOSURE-MAX-LOSS BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Zeros.
           05  TW-EXPOSURE-RESERVED2
               BINARY-DOUBLE UNSIGNED OCCURS 4 VALUE 0.

      *> The durable decision about an order together with the venue's
      *> first answer.
       01  TW-ORDER-ACK.
      *> Set; leave it as it is.
           05  TW-ORDER-ACK-STRUCT-SIZE BINARY-LONG UNSIGNED VALUE 80.
      *> 1 or 0; 0 when the gateway or the venue refused.
           05  TW-ORDER-ACK-ACCEPTED BINARY-LONG UNSIGNED VALUE 0.
      *> 0 when accepted; 1 to 99: the gateway refused; from 100: the
      *> venue. See tw_reason_name.
           05  TW-ORDER-ACK-REASON BINARY-LONG UNSIGNED VALUE 0.
      *> 1: the frame repeats one decided before, and this is that one's
      *> ack.
           05  TW-ORDER-ACK-DUPLICATE BINARY-LONG UNSIGNED VALUE 0.
      *> The gateway's number of the request, and the ClOrdID (FIX 11)
      *> at the venue.
           05  TW-ORDER-ACK-ORDER-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 49.
           05  TW-ORDER-ACK-SESSION-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 34.
           05  TW-ORDER-ACK-SEQUENCE BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 11.
           05  TW-ORDER-ACK-CLIENT-ORDER-ID
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> When it was decided, nanoseconds since 1970 UTC.
           05  TW-ORDER-ACK-TIME BINARY-DOUBLE UNSIGNED VALUE 0.
      *> How many sequences the session left out before this one: lost
      *> on the way, if it did not mean to.
           05  TW-ORDER-ACK-SEQUENCE-GAP BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Zeros.
           05  TW-ORDER-ACK-RESERVED
               BINARY-DOUBLE UNSIGNED OCCURS 2 VALUE 0.

      *> One entry of the completion queue: the end of a submission
      *> (kind TW-COMPLETION-ACK), or an ExecutionReport (kind
      *> TW-COMPLETION-EXECUTION). Prices and quantities: exponent -8.
       01  TW-COMPLETION.
      *> Set; leave it as it is.
           05  TW-COMPLETION-STRUCT-SIZE BINARY-LONG UNSIGNED VALUE 144.
      *> TW-COMPLETION-*.
           05  TW-COMPLETION-KIND BINARY-LONG UNSIGNED VALUE 0.
      *> 1, 2, 3 and so on, in the order of completion.
           05  TW-COMPLETION-NUMBER BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Ack: the tag given to tw_gateway_submit.
           05  TW-COMPLETION-TAG BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Ack: TW-OK when decided; TW-ERR-UNKNOWN when the order may be
      *> live.
           05  TW-COMPLETION-STATUS BINARY-LONG VALUE 0.
      *> Ack: as in TW-ORDER-ACK.
           05  TW-COMPLETION-ACCEPTED BINARY-LONG UNSIGNED VALUE 0.
      *> Ack: as in TW-ORDER-ACK. Execution: why the gateway itself has
      *> cancelled the order, else 0.
           05  TW-COMPLETION-REASON BINARY-LONG UNSIGNED VALUE 0.
      *> Ack: as in TW-ORDER-ACK.
           05  TW-COMPLETION-DUPLICATE BINARY-LONG UNSIGNED VALUE 0.
      *> As in TW-ORDER-ACK; of the request that this is about.
           05  TW-COMPLETION-ORDER-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 49.
           05  TW-COMPLETION-SESSION-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Ack: FIX 34.
           05  TW-COMPLETION-SEQUENCE BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 11: of the request answered; for trades and what comes
      *> unasked the order's latest.
           05  TW-COMPLETION-CLIENT-ORDER-ID
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Execution: FIX 41 of what was cancelled or replaced on request,
      *> else 0.
           05  TW-COMPLETION-ORIG-CLIENT-ORDER-ID
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> When it was decided or learned, nanoseconds since 1970 UTC.
           05  TW-COMPLETION-TIME BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Execution: FIX 17, strictly increasing. This and all below are
      *> 0 in an ack.
           05  TW-COMPLETION-EXEC-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 31: of a trade, else 0.
           05  TW-COMPLETION-LAST-PRICE BINARY-DOUBLE VALUE 0.
      *> FIX 32: of a trade, else 0.
           05  TW-COMPLETION-LAST-QUANTITY
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 14.
           05  TW-COMPLETION-CUM-QUANTITY
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 151.
           05  TW-COMPLETION-LEAVES-QUANTITY
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 150: '0' new, '4' canceled, '5' replaced, '8' rejected, 'C'
      *> expired, 'F' trade.
           05  TW-COMPLETION-EXEC-TYPE PIC X VALUE LOW-VALUE.
      *> FIX 39: '0' new, '1' partially filled, '2' filled, '4'
      *> canceled, '8' rejected, 'C' expired.
           05  TW-COMPLETION-ORD-STATUS PIC X VALUE LOW-VALUE.
      *> FIX 54.
           05  TW-COMPLETION-SIDE PIC X VALUE LOW-VALUE.
      *> Zeros.
           05  TW-COMPLETION-RESERVED PIC X(5) VALUE LOW-VALUE.
      *> Ack: as in TW-ORDER-ACK.
           05  TW-COMPLETION-SEQUENCE-GAP
               BINARY-DOUBLE UNSIGNED VALUE 0.

      *> What is known of a request and its order. Prices and
      *> quantities: exponent -8.
       01  TW-ORDER-STATE.
      *> Set; leave it as it is.
           05  TW-ORDER-STATE-STRUCT-SIZE
               BINARY-LONG UNSIGNED VALUE 112.
      *> 1 or 0; 2 while its ack is still to come.
           05  TW-ORDER-STATE-ACCEPTED BINARY-LONG UNSIGNED VALUE 0.
      *> As in TW-ORDER-ACK.
           05  TW-ORDER-STATE-REASON BINARY-LONG UNSIGNED VALUE 0.
      *> FIX 39, as in TW-COMPLETION; also 'A' pending new, '6' pending
      *> cancel, 'E' pending replace.
           05  TW-ORDER-STATE-ORD-STATUS PIC X VALUE LOW-VALUE.
      *> FIX 54.
           05  TW-ORDER-STATE-SIDE PIC X VALUE LOW-VALUE.
      *> Zeros.
           05  TW-ORDER-STATE-RESERVED PIC X(2) VALUE LOW-VALUE.
      *> Of the request asked for.
           05  TW-ORDER-STATE-ORDER-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 11, as asked for.
           05  TW-ORDER-STATE-CLIENT-ORDER-ID
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 41: of a replace or cancel, else 0.
           05  TW-ORDER-STATE-ORIG-CLIENT-ORDER-ID
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> FIX 49.
           05  TW-ORDER-STATE-SESSION-ID BINARY-DOUBLE UNSIGNED VALUE 0.
      *> The order's price now; TW-PRICE-NONE for a market order.
           05  TW-ORDER-STATE-PRICE BINARY-DOUBLE VALUE 0.
      *> The order's total now.
           05  TW-ORDER-STATE-QUANTITY BINARY-DOUBLE UNSIGNED VALUE 0.
      *> What is filled.
           05  TW-ORDER-STATE-CUM-QUANTITY
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> What may still fill.
           05  TW-ORDER-STATE-LEAVES-QUANTITY
               BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Zeros.
           05  TW-ORDER-STATE-RESERVED2
               BINARY-DOUBLE UNSIGNED OCCURS 4 VALUE 0.

      *> A field of a log event. Both are UTF-8.
       01  TW-LOG-FIELD.
      *> Its name.
           05  TW-LOG-FIELD-KEY.
               10  TW-LOG-FIELD-KEY-DATA POINTER VALUE NULL.
               10  TW-LOG-FIELD-KEY-LEN BINARY-DOUBLE UNSIGNED VALUE 0.
      *> Its value as text; ids of keys are 16 hexadecimal digits.
           05  TW-LOG-FIELD-VALUE.
               10  TW-LOG-FIELD-VALUE-DATA POINTER VALUE NULL.
               10  TW-LOG-FIELD-VALUE-LEN
                   BINARY-DOUBLE UNSIGNED VALUE 0.

      *> A log event. It and what it points to live until the callback
      *> returns.
       01  TW-LOG-RECORD.
      *> Set; leave it as it is.
           05  TW-LOG-RECORD-STRUCT-SIZE BINARY-LONG UNSIGNED VALUE 64.
      *> TW-LOG-*.
           05  TW-LOG-RECORD-LEVEL BINARY-LONG UNSIGNED VALUE 0.
      *> Nanoseconds since 1970 UTC.
           05  TW-LOG-RECORD-TIME BINARY-DOUBLE UNSIGNED VALUE 0.
      *> The part of the library that tells it, UTF-8.
           05  TW-LOG-RECORD-TARGET.
               10  TW-LOG-RECORD-TARGET-DATA POINTER VALUE NULL.
               10  TW-LOG-RECORD-TARGET-LEN
                   BINARY-DOUBLE UNSIGNED VALUE 0.
      *> What happened, always in the same words, UTF-8.
           05  TW-LOG-RECORD-MESSAGE.
               10  TW-LOG-RECORD-MESSAGE-DATA POINTER VALUE NULL.
               10  TW-LOG-RECORD-MESSAGE-LEN
                   BINARY-DOUBLE UNSIGNED VALUE 0.
      *> fields_len of them, in a fixed order.
           05  TW-LOG-RECORD-FIELDS POINTER VALUE NULL.
      *> How many fields there are.
           05  TW-LOG-RECORD-FIELDS-LEN BINARY-DOUBLE UNSIGNED VALUE 0.

      *> --- Calls --------------------------------------------------
      *>
      *> Beside each argument, what it is at the caller's. The status
      *> is TW-STATUS, or any BINARY-LONG.

      *> The ABI of the library that was loaded, to compare with
      *> TW-ABI-VERSION.
      *>
      *>   CALL "tw_abi_version"
      *>     RETURNING result                 BINARY-LONG UNSIGNED

      *> The version of the library that was loaded, as "0.1.0".
      *>
      *>   CALL "tw_version"
      *>     RETURNING result                 POINTER

      *> The name of a status, as "TW-ERR-KEY".
      *>
      *>   CALL "tw_status_name" USING
      *>     BY VALUE status                  BINARY-LONG
      *>     RETURNING result                 POINTER

      *> What a status means, for a developer to read.
      *>
      *>   CALL "tw_status_message" USING
      *>     BY VALUE status                  BINARY-LONG
      *>     RETURNING result                 POINTER

      *> What more there is to say of the latest call of this thread
      *> that failed. After TW-ERR-ARGUMENT of a function that sets
      *> limits, instruments, permissions, prices, halts or a name, and
      *> of tw_key_encode and tw_key_decode: which value, and what it
      *> must be, as "burst: must be from 1 to 1000000000". After some
      *> other errors: what is full or missing. Holds no secret.
      *>
      *>   CALL "tw_error_detail"
      *>     RETURNING result                 POINTER

      *> The name of a reason, as "max_quantity".
      *>
      *>   CALL "tw_reason_name" USING
      *>     BY VALUE reason                  BINARY-LONG UNSIGNED
      *>     RETURNING result                 POINTER

      *> What a reason means, for a developer to read.
      *>
      *>   CALL "tw_reason_message" USING
      *>     BY VALUE reason                  BINARY-LONG UNSIGNED
      *>     RETURNING result                 POINTER

      *> The name of a suite, as "ed25519".
      *>
      *>   CALL "tw_suite_name" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     RETURNING result                 POINTER

      *> The suite with this name.
      *>
      *>   CALL "tw_suite_from_name" USING
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE suite               BINARY-LONG UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Bytes of a suite's framed secret key bytes.
      *>
      *>   CALL "tw_secret_key_size" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     RETURNING result                 BINARY-DOUBLE UNSIGNED

      *> Bytes of a suite's key bytes that came expanded, without their
      *> seed (TW-KIND-EXPANDED).
      *>
      *>   CALL "tw_expanded_key_size" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     RETURNING result                 BINARY-DOUBLE UNSIGNED

      *> Bytes of a suite's public key bytes.
      *>
      *>   CALL "tw_public_key_size" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     RETURNING result                 BINARY-DOUBLE UNSIGNED

      *> Bytes of a suite's signature.
      *>
      *>   CALL "tw_signature_size" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     RETURNING result                 BINARY-DOUBLE UNSIGNED

      *> Says what happens when the operating system does not let the
      *> memory of a prepared key be locked (RLIMIT_MEMLOCK), for every
      *> key prepared from now on in the whole process.
      *>
      *>   CALL "tw_memory_policy" USING
      *>     BY VALUE policy                  BINARY-LONG UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Makes a framed secret key from a 64-bit seed, the same on every
      *> machine for ever. FOR TESTS, FIXTURES AND SIMULATIONS ONLY: a
      *> seed that short can be guessed. Real keys: tw_generate.
      *>
      *>   CALL "tw_keygen" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     BY VALUE SIZE 8 seed             BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Makes a framed secret key from the operating system's entropy.
      *>
      *>   CALL "tw_generate" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Makes a framed secret key from the caller's own entropy, the
      *> same for the same entropy.
      *>
      *>   CALL "tw_keygen_from_entropy" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     BY REFERENCE entropy             PIC X(n)
      *>     BY VALUE SIZE 8 entropy-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Makes key bytes from bare material, as its standard has it.
      *>
      *>   CALL "tw_key_import" USING
      *>     BY VALUE suite                   BINARY-LONG UNSIGNED
      *>     BY VALUE kind                    BINARY-LONG UNSIGNED
      *>     BY VALUE usage                   BINARY-LONG UNSIGNED
      *>     BY REFERENCE material            PIC X(n)
      *>     BY VALUE SIZE 8 material-len     BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Takes key bytes apart. This is one of the few functions that
      *> give key material away.
      *>
      *>   CALL "tw_key_export" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE suite               BINARY-LONG UNSIGNED
      *>     BY REFERENCE kind                BINARY-LONG UNSIGNED
      *>     BY REFERENCE usage               BINARY-LONG UNSIGNED
      *>     BY REFERENCE material            PIC X(n)
      *>     BY VALUE SIZE 8 material-cap     BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE material-len        BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> The public key bytes of a secret or public key, of the same
      *> usage.
      *>
      *>   CALL "tw_public_key" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE public-key          PIC X(n)
      *>     BY VALUE SIZE 8 public-key-cap   BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE public-key-len      BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> The suite of a key.
      *>
      *>   CALL "tw_key_suite" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE suite               BINARY-LONG UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> The id by which orders and gateways know a key, the same for
      *> its secret and public half.
      *>
      *>   CALL "tw_key_id" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key-id              BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Writes key bytes in a form that other tools read, as OpenSSL or
      *> ssh: private keys of ML-DSA as their seed, or expanded where it
      *> is not known. Of a secret key this is one of the few functions
      *> that give key material away.
      *>
      *>   CALL "tw_key_encode" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY VALUE encoding                BINARY-LONG UNSIGNED
      *>     BY REFERENCE password            PIC X(n)
      *>     BY VALUE SIZE 8 password-len     BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE encoded             PIC X(n)
      *>     BY VALUE SIZE 8 encoded-cap      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE encoded-len         BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Reads a key in any of the forms that tw_key_encode writes, told
      *> apart by what they begin with, and gives its key bytes. ML-DSA
      *> private keys may hold their seed, the expanded key (which gives
      *> a key of TW-KIND-EXPANDED) or both.
      *>
      *>   CALL "tw_key_decode" USING
      *>     BY VALUE usage                   BINARY-LONG UNSIGNED
      *>     BY REFERENCE encoded             PIC X(n)
      *>     BY VALUE SIZE 8 encoded-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE password            PIC X(n)
      *>     BY VALUE SIZE 8 password-len     BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Signs a payload. Framed keys sign in the context
      *> "tinywindow/v1/payload", raw keys the bare payload, in the
      *> empty context if their standard knows contexts. Deterministic:
      *> same key, same payload, same signature.
      *>
      *>   CALL "tw_sign" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Verifies a signature made by tw_sign.
      *>
      *>   CALL "tw_verify" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-len          BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Signs a payload in a context of the caller's own: worthless in
      *> every other context.
      *>
      *>   CALL "tw_sign_with_context" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE context             PIC X(n)
      *>     BY VALUE SIZE 8 context-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Verifies a signature made by tw_sign_with_context in the same
      *> context.
      *>
      *>   CALL "tw_verify_with_context" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE context             PIC X(n)
      *>     BY VALUE SIZE 8 context-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-len          BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Verifies the first bytes of an HMAC tag, for protocols that
      *> truncate it: exactly tag_len bytes are compared. Raw HMAC keys
      *> only.
      *>
      *>   CALL "tw_verify_truncated" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE tag                 PIC X(n)
      *>     BY VALUE SIZE 8 tag-len          BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Prepares a secret key.
      *>
      *>   CALL "tw_signer_new" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE signer              POINTER
      *>     RETURNING status                 BINARY-LONG

      *> Wipes and frees a signer. NULL is fine.
      *>
      *>   CALL "tw_signer_free" USING
      *>     BY VALUE signer                  POINTER
      *>     RETURNING OMITTED

      *> The id of the signer's key, as tw_key_id.
      *>
      *>   CALL "tw_signer_key_id" USING
      *>     BY VALUE signer                  POINTER
      *>     BY REFERENCE key-id              BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Signs a payload, as tw_sign.
      *>
      *>   CALL "tw_signer_sign" USING
      *>     BY VALUE signer                  POINTER
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Signs a payload in a context of the caller's own, as
      *> tw_sign_with_context.
      *>
      *>   CALL "tw_signer_sign_with_context" USING
      *>     BY VALUE signer                  POINTER
      *>     BY REFERENCE context             PIC X(n)
      *>     BY VALUE SIZE 8 context-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Signs many payloads. One bad item spoils no other.
      *>
      *>   CALL "tw_signer_sign_batch" USING
      *>     BY VALUE signer                  POINTER
      *>     BY REFERENCE payloads            table of TW-BYTES
      *>     BY VALUE SIZE 8 count            BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sigs                PIC X(n)
      *>     BY VALUE SIZE 8 sigs-cap         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sigs-len            BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE results             table of BINARY-LONG
      *>     RETURNING status                 BINARY-LONG

      *> Prepares a key to verify with.
      *>
      *>   CALL "tw_verifier_new" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE verifier            POINTER
      *>     RETURNING status                 BINARY-LONG

      *> Wipes and frees a verifier. NULL is fine.
      *>
      *>   CALL "tw_verifier_free" USING
      *>     BY VALUE verifier                POINTER
      *>     RETURNING OMITTED

      *> The id of the verifier's key, as tw_key_id.
      *>
      *>   CALL "tw_verifier_key_id" USING
      *>     BY VALUE verifier                POINTER
      *>     BY REFERENCE key-id              BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Verifies a signature of a payload, as tw_verify.
      *>
      *>   CALL "tw_verifier_verify" USING
      *>     BY VALUE verifier                POINTER
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-len          BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Verifies a signature made in a context of the caller's own, as
      *> tw_verify_with_context.
      *>
      *>   CALL "tw_verifier_verify_with_context" USING
      *>     BY VALUE verifier                POINTER
      *>     BY REFERENCE context             PIC X(n)
      *>     BY VALUE SIZE 8 context-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE payload             PIC X(n)
      *>     BY VALUE SIZE 8 payload-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-len          BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Verifies many signatures. One bad item spoils no other.
      *>
      *>   CALL "tw_verifier_verify_batch" USING
      *>     BY VALUE verifier                POINTER
      *>     BY REFERENCE payloads            table of TW-BYTES
      *>     BY REFERENCE sigs                table of TW-BYTES
      *>     BY VALUE SIZE 8 count            BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE results             table of BINARY-LONG
      *>     RETURNING status                 BINARY-LONG

      *> Encodes an order and a signature made elsewhere into a frame:
      *> message header, block, length of the signature (u16),
      *> signature. What is signed is the header and the block, in the
      *> context "tinywindow/v1/order": all but the last sig_len + 2
      *> bytes.
      *>
      *>   CALL "tw_order_encode" USING
      *>     BY REFERENCE order               TW-ORDER
      *>     BY REFERENCE sig                 PIC X(n)
      *>     BY VALUE SIZE 8 sig-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-cap        BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE frame-len           BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Takes a frame apart, strictly. The signature is not verified.
      *>
      *>   CALL "tw_order_decode" USING
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-len        BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE order               TW-ORDER
      *>     BY REFERENCE signed-len          BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Signs an order and encodes it into a frame.
      *>
      *>   CALL "tw_order_sign" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE order               TW-ORDER
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-cap        BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE frame-len           BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Signs an order with a prepared key and encodes it into a frame.
      *>
      *>   CALL "tw_signer_order_sign" USING
      *>     BY VALUE signer                  POINTER
      *>     BY REFERENCE order               TW-ORDER
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-cap        BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE frame-len           BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Verifies a frame's signature.
      *>
      *>   CALL "tw_order_verify" USING
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-len        BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Says what tw_gateway_open would say of a configuration, key
      *> files included, and why.
      *>
      *>   CALL "tw_config_check" USING
      *>     BY REFERENCE text                PIC X(n)
      *>     BY VALUE SIZE 8 text-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE out                 PIC X(n)
      *>     BY VALUE SIZE 8 out-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE out-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Opens a gateway.
      *>
      *>   CALL "tw_gateway_open" USING
      *>     BY REFERENCE text                PIC X(n)
      *>     BY VALUE SIZE 8 text-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE gateway             POINTER
      *>     RETURNING status                 BINARY-LONG

      *> Takes no more orders, completes what is pending and gives the
      *> journal free. Afterwards tw_gateway_poll, tw_order_status and
      *> what else only asks still work; what would change something
      *> gives TW-ERR-CLOSED. Closing again is fine.
      *>
      *>   CALL "tw_gateway_close" USING
      *>     BY VALUE gateway                 POINTER
      *>     RETURNING status                 BINARY-LONG

      *> Closes a gateway if it is open, and frees it. NULL is fine.
      *>
      *>   CALL "tw_gateway_free" USING
      *>     BY VALUE gateway                 POINTER
      *>     RETURNING OMITTED

      *> Lets a key sign orders of a session from now on; that it may is
      *> durable when this returns. The journal never holds a key: after
      *> a restart it must be added again, or be named in the
      *> configuration.
      *>
      *>   CALL "tw_gateway_key_add" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE key                 PIC X(n)
      *>     BY VALUE SIZE 8 key-len          BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Ends a key of a session for ever; frames it signed that are not
      *> decided yet are refused.
      *>
      *>   CALL "tw_gateway_key_retire" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY VALUE SIZE 8 key-id           BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Every key that a session has or had, in the order in which they
      *> came.
      *>
      *>   CALL "tw_gateway_keys" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE keys                table of TW-SESSION-KEY
      *>     BY VALUE SIZE 8 keys-cap         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE keys-len            BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Stops new orders and replaces in a scope, at once and across
      *> restarts; durable when this returns. Cancels pass.
      *>
      *>   CALL "tw_gateway_halt" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE scope                   BINARY-LONG UNSIGNED
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Lifts the halt of exactly this scope; durable when this
      *> returns.
      *>
      *>   CALL "tw_gateway_resume" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE scope                   BINARY-LONG UNSIGNED
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Whether exactly this scope is halted.
      *>
      *>   CALL "tw_gateway_halted" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE scope                   BINARY-LONG UNSIGNED
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE since               BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Cancels the orders of a session that are open now: what to call
      *> when its connection is lost. The cancels are the gateway's own,
      *> durable when this returns; their answers come as executions
      *> whose reason is session_cancelled. An order whose replace is on
      *> its way may outlive its cancel: call again until *count is 0.
      *> To keep others from following, halt the session first.
      *>
      *>   CALL "tw_gateway_cancel_session" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE count               BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> What a second person signs to agree to lifting the halt of a
      *> scope: a line of ASCII that says which, to be signed by one of
      *> the configured resume_keys in the context "resume"
      *> (tw_sign_with_context, or tinywindow sign --context resume). It
      *> is about this halt alone.
      *>
      *>   CALL "tw_gateway_resume_request" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE scope                   BINARY-LONG UNSIGNED
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE request             PIC X(n)
      *>     BY VALUE SIZE 8 request-cap      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE request-len         BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Lifts the halt of exactly this scope with the agreement of a
      *> second person; durable when this returns. The journal tells
      *> whose key it was.
      *>
      *>   CALL "tw_gateway_resume_agreed" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE scope                   BINARY-LONG UNSIGNED
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE signature           PIC X(n)
      *>     BY VALUE SIZE 8 signature-len    BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Says in whose name the calling thread acts from now on:
      *> whatever it changes in a gateway (halts, limits, instruments,
      *> prices, keys) is journaled as made by this name.
      *>
      *>   CALL "tw_act_as" USING
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Adds an instrument, or changes the limits of one; in force at
      *> once, durable when this returns, and until the next opening,
      *> where the configuration's text wins. A halt outlives it.
      *>
      *>   CALL "tw_gateway_instrument_set" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE instrument          TW-INSTRUMENT
      *>     RETURNING status                 BINARY-LONG

      *> Sets the ticks of higher prices than the instrument's own tick
      *> is for, in place of all that it had; in force at once, durable
      *> when this returns, until the next opening, where the
      *> configuration's text wins.
      *>
      *>   CALL "tw_gateway_tick_bands_set" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE symbol              PIC X(n)
      *>     BY VALUE SIZE 8 symbol-len       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE bands               table of TW-TICK-BAND
      *>     BY VALUE SIZE 8 bands-len        BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Sets the price by which collars and the notional of market
      *> orders are measured; in force at once, durable when this
      *> returns.
      *>
      *>   CALL "tw_gateway_reference_price_set" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE symbol              PIC X(n)
      *>     BY VALUE SIZE 8 symbol-len       BINARY-DOUBLE UNSIGNED
      *>     BY VALUE SIZE 8 price            BINARY-DOUBLE
      *>     RETURNING status                 BINARY-LONG

      *> Sets the limits of an account, of every account that has none
      *> of its own, or of the firm; in force at once, durable when this
      *> returns.
      *>
      *>   CALL "tw_gateway_exposure_set" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE scope                   BINARY-LONG UNSIGNED
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE limits              TW-EXPOSURE-LIMITS
      *>     RETURNING status                 BINARY-LONG

      *> Sets how much and how fast a session may trade; in force for
      *> its next frame, durable when this returns, until the next
      *> opening, where the configuration's text wins.
      *>
      *>   CALL "tw_gateway_session_limits_set" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE limits              TW-SESSION-LIMITS
      *>     RETURNING status                 BINARY-LONG

      *> Sets what a session may trade, and for whom, in place of all
      *> that it might before; in force for its next frame, durable when
      *> this returns, until the next opening, where the configuration's
      *> text wins. No frame sees a part of it, and no crash leaves one.
      *> Cancels need no permission.
      *>
      *>   CALL "tw_gateway_session_permissions_set" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE permissions         TW-SESSION-PERMISSIONS
      *>     BY REFERENCE symbols             table of TW-NAME
      *>     BY VALUE SIZE 8 symbols-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE accounts            table of TW-NAME
      *>     BY VALUE SIZE 8 accounts-len     BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> What a session is limited to now, for instance to change one of
      *> these.
      *>
      *>   CALL "tw_gateway_session_limits" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE limits              TW-SESSION-LIMITS
      *>     RETURNING status                 BINARY-LONG

      *> How a session stands: its last sequence, what is open of it,
      *> whether it is halted.
      *>
      *>   CALL "tw_gateway_session_state" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE state               TW-SESSION-STATE
      *>     RETURNING status                 BINARY-LONG

      *> What an account holds of an instrument, and what its open
      *> orders may make of it: the numbers that the next decision goes
      *> by, all of one moment. Of an account that nobody has named yet:
      *> nothing.
      *>
      *>   CALL "tw_gateway_position" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE account             PIC X(n)
      *>     BY VALUE SIZE 8 account-len      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE symbol              PIC X(n)
      *>     BY VALUE SIZE 8 symbol-len       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE position            TW-POSITION
      *>     RETURNING status                 BINARY-LONG

      *> What an account, or the firm, has at risk, all of one moment,
      *> and the limits that it is held to. An account that nobody has
      *> named yet has nothing at risk.
      *>
      *>   CALL "tw_gateway_exposure" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE scope                   BINARY-LONG UNSIGNED
      *>     BY REFERENCE name                PIC X(n)
      *>     BY VALUE SIZE 8 name-len         BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE exposure            TW-EXPOSURE
      *>     RETURNING status                 BINARY-LONG

      *> Says what would be decided about a frame now: gates 1 to 5
      *> alone. Changes nothing.
      *>
      *>   CALL "tw_pre_trade_check" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-len        BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE reason              BINARY-LONG UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Says every reason for which a frame would be rejected now, in
      *> the order of the checks: gates 1 to 5 alone. Changes nothing.
      *>
      *>   CALL "tw_pre_trade_reasons" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-len        BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE reasons             table of BINARY-LONG UNSIGNED
      *>     BY VALUE SIZE 8 reasons-cap      BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE reasons-len         BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Sends an order and waits for its ack.
      *>
      *>   CALL "tw_send_order" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-len        BINARY-DOUBLE UNSIGNED
      *>     BY VALUE SIZE 8 timeout-ns       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE ack                 TW-ORDER-ACK
      *>     RETURNING status                 BINARY-LONG

      *> Sends an order without waiting. When this returns TW-OK exactly
      *> one completion of kind TW-COMPLETION-ACK with this tag follows
      *> through tw_gateway_poll.
      *>
      *>   CALL "tw_gateway_submit" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE frame               PIC X(n)
      *>     BY VALUE SIZE 8 frame-len        BINARY-DOUBLE UNSIGNED
      *>     BY VALUE SIZE 8 tag              BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Takes completions from the queue, oldest first: acks of
      *> tw_gateway_submit, and executions. From the first call of
      *> tw_gateway_submit, tw_gateway_poll or tw_gateway_fd on none is
      *> ever dropped, and while the queue is not drained a session that
      *> has filled its share of it meets TW-ERR-BUSY; before, the
      *> latest executions are kept, and a gap in the numbers tells of
      *> older ones.
      *>
      *>   CALL "tw_gateway_poll" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE completions         table of TW-COMPLETION
      *>     BY VALUE SIZE 8 completions-cap  BINARY-DOUBLE UNSIGNED
      *>     BY VALUE SIZE 8 timeout-ns       BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE count               BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> A file descriptor that is readable while completions wait, for
      *> epoll and its like.
      *>
      *>   CALL "tw_gateway_fd" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY REFERENCE fd                  BINARY-LONG
      *>     RETURNING status                 BINARY-LONG

      *> What is known of a request, by the id that its sender gave it.
      *>
      *>   CALL "tw_order_status" USING
      *>     BY VALUE gateway                 POINTER
      *>     BY VALUE SIZE 8 session-id       BINARY-DOUBLE UNSIGNED
      *>     BY VALUE SIZE 8 client-order-id  BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE state               TW-ORDER-STATE
      *>     RETURNING status                 BINARY-LONG

      *> All metrics of the process in Prometheus's text format, version
      *> 0.0.4 (docs/OBSERVABILITY.md).
      *>
      *>   CALL "tw_metrics_text" USING
      *>     BY REFERENCE out                 PIC X(n)
      *>     BY VALUE SIZE 8 out-cap          BINARY-DOUBLE UNSIGNED
      *>     BY REFERENCE out-len             BINARY-DOUBLE UNSIGNED
      *>     RETURNING status                 BINARY-LONG

      *> Sets who is told of log events (docs/OBSERVABILITY.md lists
      *> them), for the whole process; the library is silent until then.
      *>
      *>   CALL "tw_log_set" USING
      *>     BY VALUE callback                PROGRAM-POINTER
      *>     BY VALUE user                    POINTER
      *>     BY VALUE level                   BINARY-LONG UNSIGNED
      *>     RETURNING status                 BINARY-LONG
