/// The gateway: from a signed frame to a venue and back.
#ifndef TINYWINDOW_GATEWAY_HPP
#define TINYWINDOW_GATEWAY_HPP

#include <tinywindow.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tinywindow/bytes.hpp>
#include <tinywindow/order.hpp>
#include <tinywindow/result.hpp>

namespace tinywindow {

/// Why a decided order was not accepted: 1 to 99 the gateway refused it, from 100 the venue. A
/// later library may give numbers that are not listed here.
enum class Reason : std::uint32_t {
  none = 0,
  halted_gateway = 1,
  halted_session = 2,
  halted_symbol = 3,
  halted_account = 4,
  unknown_symbol = 5,
  restricted_symbol = 6,
  side = 7,
  order_type = 8,
  time_in_force = 9,
  tick = 10,
  lot = 11,
  max_quantity = 12,
  no_reference_price = 13,
  max_notional = 14,
  price_collar = 15,
  duplicate_client_order_id = 16,
  max_open_orders = 17,
  max_position = 18,
  unknown_order = 19,
  order_closed = 20,
  order_mismatch = 21,
  quantity_filled = 22,
  not_delivered = 23,
  account_gross = 24,
  account_net = 25,
  firm_gross = 26,
  firm_net = 27,
  account_loss = 28,
  firm_loss = 29,
  market_closed = 30,
  min_quantity = 31,
  price_band = 32,
  last_trade_collar = 33,
  repeated_order = 34,
  order_to_trade = 35,
  locate = 36,
  self_trade = 37,
  session_symbol = 38,
  session_account = 39,
  session_side = 40,
  session_order_type = 41,
  session_cancelled = 42,
  venue_unknown_order = 100,
  venue_too_late = 101,
  venue_unsupported = 102,
  venue_capacity = 103,
};

/// The stable name, "max_quantity"; static storage.
inline const char* name(Reason reason) noexcept {
  return tw_reason_name(static_cast<std::uint32_t>(reason));
}

/// What it means; static storage.
inline const char* message(Reason reason) noexcept {
  return tw_reason_message(static_cast<std::uint32_t>(reason));
}

/// FIX 150.
enum class ExecType : std::uint8_t { none = 0, new_ = '0', canceled = '4', replaced = '5',
                                     rejected = '8', expired = 'C', trade = 'F' };

/// FIX 39.
enum class OrdStatus : std::uint8_t {
  none = 0, new_ = '0', partially_filled = '1', filled = '2', canceled = '4', pending_cancel = '6',
  rejected = '8', pending_new = 'A', expired = 'C', pending_replace = 'E',
};

/// Whether an order was accepted, by the gateway and the venue.
enum class Accepted : std::uint32_t { no = 0, yes = 1, pending = 2 /* the venue has not said */ };

/// The decision about an order; the same memory as tw_order_ack.
struct OrderAck {
  std::uint32_t struct_size = sizeof(tw_order_ack);
  Accepted accepted = Accepted::no;   ///< yes or no
  Reason reason = Reason::none;       ///< of a no
  std::uint32_t duplicate = 0;        ///< 1: the frame came before, this is the original's ack
  std::uint64_t order_id = 0;         ///< also ClOrdID at the venue; 0 = none given
  std::uint64_t session_id = 0;
  std::uint64_t sequence = 0;
  std::uint64_t client_order_id = 0;
  std::uint64_t time = 0;             ///< of the decision, ns since 1970 UTC
  std::uint64_t sequence_gap = 0;     ///< sequences left out before this one
  std::uint64_t reserved[2] = {};
};

/// What `poll` gives: the answer to a `submit`, or what a venue did with an order; the same memory
/// as tw_completion.
struct Completion {
  enum class Kind : std::uint32_t { none = 0, ack = TW_COMPLETION_ACK,
                                    execution = TW_COMPLETION_EXECUTION };

  std::uint32_t struct_size = sizeof(tw_completion);
  Kind kind = Kind::none;
  std::uint64_t number = 0;                ///< 1, 2, 3 ... in the order of completion
  std::uint64_t tag = 0;                   ///< acks: submit's
  Status status = Status::ok;              ///< acks: ok = decided, or unknown
  Accepted accepted = Accepted::no;        ///< acks
  Reason reason = Reason::none;
  std::uint32_t duplicate = 0;             ///< acks
  std::uint64_t order_id = 0;
  std::uint64_t session_id = 0;
  std::uint64_t sequence = 0;              ///< acks
  std::uint64_t client_order_id = 0;
  std::uint64_t orig_client_order_id = 0;  ///< executions: canceled, replaced
  std::uint64_t time = 0;                  ///< ns since 1970 UTC
  std::uint64_t exec_id = 0;               ///< FIX 17; this and all below: executions
  std::int64_t last_price = 0;             ///< FIX 31, exponent -8
  std::uint64_t last_quantity = 0;         ///< FIX 32, exponent -8
  std::uint64_t cum_quantity = 0;          ///< FIX 14, exponent -8
  std::uint64_t leaves_quantity = 0;       ///< FIX 151, exponent -8
  ExecType exec_type = ExecType::none;
  OrdStatus ord_status = OrdStatus::none;
  Side side{};
  std::uint8_t reserved[5] = {};
  std::uint64_t sequence_gap = 0;          ///< acks
};

/// What has become of an order; the same memory as tw_order_state.
struct OrderState {
  std::uint32_t struct_size = sizeof(tw_order_state);
  Accepted accepted = Accepted::no;
  Reason reason = Reason::none;
  OrdStatus ord_status = OrdStatus::none;
  Side side{};
  std::uint8_t reserved[2] = {};
  std::uint64_t order_id = 0;
  std::uint64_t client_order_id = 0;
  std::uint64_t orig_client_order_id = 0;
  std::uint64_t session_id = 0;
  std::int64_t price = 0;             ///< exponent -8
  std::uint64_t quantity = 0;         ///< exponent -8
  std::uint64_t cum_quantity = 0;     ///< exponent -8
  std::uint64_t leaves_quantity = 0;  ///< exponent -8
  std::uint64_t reserved2[4] = {};
};

/// One of a session's keys; the same memory as tw_session_key.
struct SessionKey {
  enum class State : std::uint32_t {
    active = TW_KEY_ACTIVE,
    retired = TW_KEY_RETIRED,  ///< for ever
    absent = TW_KEY_ABSENT,    ///< active, but given to an earlier process: add it again
  };

  std::uint64_t key_id = 0;
  State state = State::active;
  Suite suite{};
};

/// No limit, in a field that limits.
inline constexpr std::uint64_t unlimited = UINT64_MAX;
inline constexpr std::uint32_t no_collar = UINT32_MAX;

/// The set of these values of Side, OrdType or TimeInForce, for an Instrument.
template <class... FixValues>
constexpr std::uint32_t permit(FixValues... values) noexcept {
  return ((1u << (static_cast<unsigned>(values) - '0')) | ... | 0u);
}

/// What may be traded, and within which limits; the same memory as tw_instrument. Whatever is empty
/// or 0 here down to collar_basis_points has to be said, but for flags.
struct Instrument {
  std::uint32_t struct_size = sizeof(tw_instrument);
  std::uint32_t flags = 0;                       ///< TW_INSTRUMENT_RESTRICTED: no new order
  Text symbol;
  std::uint64_t tick = 0;                        ///< exponent -8, above 0
  std::uint64_t lot = 0;                         ///< exponent -8, above 0
  std::uint64_t max_quantity = 0;                ///< per order, exponent -8; or unlimited
  std::uint64_t max_notional = 0;                ///< price times quantity per order; or unlimited
  std::uint64_t max_position = 0;                ///< per account, absolute; or unlimited
  std::uint32_t collar_basis_points = 0;         ///< from the reference price; or no_collar
  std::uint32_t sides = permit(Side::buy, Side::sell, Side::sell_short);
  std::uint32_t order_types = permit(OrdType::market, OrdType::limit);
  std::uint32_t times_in_force = permit(TimeInForce::day, TimeInForce::good_till_cancel,
                                        TimeInForce::immediate_or_cancel,
                                        TimeInForce::fill_or_kill);
  std::uint64_t min_quantity = 0;                ///< per order, exponent -8; 0 is none
  std::int64_t min_price = INT64_MIN;            ///< lowest price, exponent -8
  std::int64_t max_price = INT64_MAX;            ///< highest price, exponent -8
  std::uint64_t locate = unlimited;              ///< sold short in a day by the firm, exponent -8
  std::uint32_t last_trade_collar_basis_points = no_collar;  ///< distance from the last trade
  std::uint32_t opens_s = 0;                     ///< seconds since midnight UTC; both the same:
  std::uint32_t closes_s = 0;                    ///< the whole day
  std::uint32_t reserved = 0;
};

/// From this price on, without its sign, prices are multiples of another tick; exponent -8. The same
/// memory as tw_tick_band.
struct TickBand {
  std::uint64_t from = 0;
  std::uint64_t tick = 0;
};

/// Limits of an account or of the firm, exponent -8; the same memory as tw_exposure_limits. All
/// three have to be said; unlimited is none.
struct ExposureLimits {
  std::uint32_t struct_size = sizeof(tw_exposure_limits);
  std::uint32_t flags = 0;                       ///< TW_EXPOSURE_RESET: none any more
  std::uint64_t max_gross_notional = 0;          ///< long and short added up, open orders counted
  std::uint64_t max_net_notional = 0;            ///< what is short taken from what is long
  std::uint64_t max_loss = 0;                    ///< of a day in UTC, at reference prices
};

/// Any number, in a field of SessionLimits or SessionPermissions that may have none.
inline constexpr std::uint32_t any_number = UINT32_MAX;

/// How much and how fast a session may trade; the same memory as tw_session_limits.
struct SessionLimits {
  std::uint32_t struct_size = sizeof(tw_session_limits);
  std::uint32_t per_second = 1000;               ///< lasting rate of new orders and replaces
  std::uint32_t burst = 100;                     ///< of them at once
  std::uint32_t cancels_per_second = 10000;      ///< lasting rate of cancels
  std::uint32_t cancels_burst = 1000;            ///< of them at once
  std::uint32_t max_open_orders = 1000;          ///< at one time
  std::uint32_t max_repeats = any_number;        ///< of the same new order within the window
  std::uint32_t max_order_to_trade = any_number; ///< requests for each trade of a day in UTC
  std::uint32_t order_to_trade_after = 1000;     ///< so many of a day need no trade
  std::uint32_t reserved = 0;
  std::uint64_t repeat_window_ns = 1000000000;   ///< of max_repeats
};

/// How a session stands; the same memory as tw_session_state.
struct SessionState {
  std::uint32_t struct_size = sizeof(tw_session_state);
  std::uint32_t open_orders = 0;    ///< that may still fill
  std::uint64_t last_sequence = 0;  ///< of its latest decided frame; 0: there was none
  std::uint64_t halted_since = 0;   ///< ns since 1970 UTC; 0: it is not
  std::uint64_t reserved[5] = {};
};

/// What an account holds of an instrument, exponent -8; the same memory as tw_position, where each
/// is told.
struct Position {
  std::uint32_t struct_size = sizeof(tw_position);
  std::uint32_t reserved = 0;
  std::int64_t quantity = 0;        ///< held: long above 0, short below
  std::uint64_t open_buy = 0;       ///< what its open orders may still buy, at their worst
  std::uint64_t open_sell = 0;      ///< what they may still sell
  std::int64_t mark = price_none;   ///< what it is valued at
  std::int64_t cash = 0;            ///< received for sales less paid for purchases
  std::int64_t equity = 0;          ///< cash, and quantity at mark: won or lost, realised or not
  std::uint64_t gross = 0;          ///< its part of the gross notional
  std::uint64_t reserved2[4] = {};
};

/// What an account, or the firm, has at risk, exponent -8; the same memory as tw_exposure, where each
/// is told.
struct Exposure {
  std::uint32_t struct_size = sizeof(tw_exposure);
  std::uint32_t reserved = 0;
  std::int64_t held = 0;            ///< what is held, short taken from long
  std::uint64_t gross = 0;          ///< what max_gross_notional is held against
  std::int64_t net_buy = 0;         ///< what max_net_notional is held against for a buy
  std::int64_t net_sell = 0;        ///< the same for a sell
  std::int64_t equity = 0;          ///< won or lost with all that was ever traded, realised or not
  std::int64_t day_loss = 0;        ///< what max_loss is held against; below 0: a gain
  std::uint64_t halted_since = 0;   ///< ns since 1970 UTC; 0: not halted
  std::uint64_t max_gross_notional = unlimited;  ///< in force
  std::uint64_t max_net_notional = unlimited;    ///< in force
  std::uint64_t max_loss = unlimited;            ///< in force
  std::uint64_t reserved2[4] = {};
};

/// What a session may trade, beside names; the same memory as tw_session_permissions.
struct SessionPermissions {
  std::uint32_t struct_size = sizeof(tw_session_permissions);
  std::uint32_t sides = permit(Side::buy, Side::sell, Side::sell_short);
  std::uint32_t order_types =
      permit(OrdType::market, OrdType::limit, OrdType::stop, OrdType::stop_limit);
  std::uint32_t max_sequence_gap = any_number;   ///< sequences that it may leave out at once
};

static_assert(detail::is_same_memory<OrderAck, tw_order_ack>);
static_assert(detail::is_same_memory<Completion, tw_completion>);
static_assert(detail::is_same_memory<OrderState, tw_order_state>);
static_assert(detail::is_same_memory<SessionKey, tw_session_key>);
static_assert(detail::is_same_memory<Instrument, tw_instrument>);
static_assert(detail::is_same_memory<TickBand, tw_tick_band>);
static_assert(detail::is_same_memory<ExposureLimits, tw_exposure_limits>);
static_assert(detail::is_same_memory<SessionLimits, tw_session_limits>);
static_assert(detail::is_same_memory<SessionPermissions, tw_session_permissions>);
static_assert(detail::is_same_memory<SessionState, tw_session_state>);
static_assert(detail::is_same_memory<Position, tw_position>);
static_assert(detail::is_same_memory<Exposure, tw_exposure>);
static_assert(detail::is_same_memory<Text, tw_name>);

/// Whose limits.
class ExposureScope {
 public:
  static ExposureScope firm() noexcept { return {TW_EXPOSURE_FIRM, {}}; }
  static ExposureScope every_account() noexcept { return {TW_EXPOSURE_EVERY_ACCOUNT, {}}; }
  static ExposureScope account(std::string_view name) noexcept {
    return {TW_EXPOSURE_ACCOUNT, name};
  }

 private:
  friend class Gateway;

  ExposureScope(std::uint32_t scope, std::string_view name) noexcept
      : scope_(scope), name_(name) {}

  std::uint32_t scope_;
  std::string_view name_;
};

/// Says in whose name this thread changes gateways from now on, at most 16 characters; the journal
/// tells. With none it acts in nobody's. Errors: length, argument.
inline Result<void> act_as(std::string_view name) noexcept {
  return detail::checked(tw_act_as(detail::bytes_of(name), name.size()));
}

/// What a halt stops.
class HaltScope {
 public:
  static HaltScope gateway() noexcept { return {TW_HALT_GATEWAY, 0, {}}; }
  static HaltScope session(std::uint64_t session_id) noexcept {
    return {TW_HALT_SESSION, session_id, {}};
  }
  static HaltScope symbol(std::string_view symbol) noexcept { return {TW_HALT_SYMBOL, 0, symbol}; }
  static HaltScope account(std::string_view account) noexcept {
    return {TW_HALT_ACCOUNT, 0, account};
  }

 private:
  friend class Gateway;

  HaltScope(std::uint32_t scope, std::uint64_t session_id, std::string_view name) noexcept
      : scope_(scope), session_id_(session_id), name_(name) {}

  std::uint32_t scope_;
  std::uint64_t session_id_;
  std::string_view name_;
};

/// What `Gateway::open` would say of this configuration. When it is bad (config) and `message` is
/// given, it becomes "line L, column C: what is wrong; what to do".
inline Result<void> config_check(std::string_view text, std::string* message = nullptr) {
  std::string problem;
  const auto check = [&](std::uint8_t* out) {
    std::size_t size = problem.size();
    const tw_status status =
        tw_config_check(detail::bytes_of(text), text.size(), out, problem.size(), &size);
    problem.resize(size);
    return status;
  };
  tw_status status = check(nullptr);
  // What is wrong with a key file may change from call to call.
  while ((status == TW_OK && !problem.empty()) || status == TW_ERR_BUFFER) {
    status = check(reinterpret_cast<std::uint8_t*>(problem.data()));
  }
  if (message != nullptr && status == TW_ERR_CONFIG) *message = std::move(problem);
  return detail::checked(status);
}

/// Takes signed order frames through every check to a venue; remembers them in a journal.
///
/// An order ends in one of three ways, which are never mixed up. *Decided*: ok, and the ack says
/// accepted or why not. *Refused* (order, unauthenticated, stale_time, stale_sequence,
/// sequence_reused, throttled, busy, capacity, closed, journal): nothing happened. *Unknown*
/// (`outcome_unknown(status)`): it may be live; ask `order_status`, or send the same frame again.
class Gateway {
 public:
  /// From one TOML text. Errors: config; of a key file io, key, key_kind, key_usage, conflict; the
  /// result's `message()` has line and column of these. Also journal, journal_corrupt,
  /// journal_locked, memory.
  static Result<Gateway> open(std::string_view config) {
    tw_gateway* handle = nullptr;
    const tw_status status = tw_gateway_open(detail::bytes_of(config), config.size(), &handle);
    if (status == TW_OK) return Gateway(handle);
    std::string problem;
    static_cast<void>(config_check(config, &problem));
    return {static_cast<Status>(status), std::move(problem)};
  }

  /// Takes no more orders and finishes those in flight. Later calls are refused (closed), but for
  /// `poll` and `order_status`; closing again is fine. The destructor closes too.
  Result<void> close() noexcept { return detail::checked(tw_gateway_close(c_handle())); }

  // --- Orders ---

  /// Sends a frame and waits for its ack, at most `timeout`. Errors: those of the class.
  Result<OrderAck> send_order(Bytes frame, std::chrono::nanoseconds timeout) noexcept {
    OrderAck ack;
    const Result<void> sent = send_order(frame, timeout, ack);
    if (!sent) return sent.status();
    return ack;
  }

  /// As above into the caller's ack, which has the ids when the outcome is unknown too (but for
  /// internal).
  Result<void> send_order(Bytes frame, std::chrono::nanoseconds timeout, OrderAck& ack) noexcept {
    ack.struct_size = sizeof(tw_order_ack);
    return detail::checked(tw_send_order(c_handle(), frame.data(), frame.size(), count(timeout),
                                         reinterpret_cast<tw_order_ack*>(&ack)));
  }

  /// Sends a frame and does not wait: its ack comes by `poll`, with this tag. An error means that
  /// the frame was refused and nothing follows; busy: drain with `poll` first.
  Result<void> submit(Bytes frame, std::uint64_t tag) noexcept {
    return detail::checked(tw_gateway_submit(c_handle(), frame.data(), frame.size(), tag));
  }

  /// The completions that wait, at most as many as `room` holds, in order; an empty Span when none
  /// came within `timeout` (0: does not wait). The result is the filled part of `room`. Each
  /// completion is given once, to one caller. From the first `poll`, `submit` or `fd` on no
  /// execution is ever dropped, and a full queue refuses orders; before, the latest are kept, so
  /// that who only sends has nothing to drain. Errors: length (`room` is empty).
  Result<Span<Completion>> poll(Span<Completion> room, std::chrono::nanoseconds timeout) noexcept {
    if (room.empty()) return Status::length;
    room[0].struct_size = sizeof(tw_completion);
    std::size_t filled = 0;
    const tw_status status =
        tw_gateway_poll(c_handle(), reinterpret_cast<tw_completion*>(room.data()), room.size(),
                        count(timeout), &filled);
    Span<Completion> completions(room.data(), filled);
    return detail::checked(status, completions);
  }

  /// A descriptor that is readable while completions wait, for epoll and its like. The gateway owns
  /// it: do not read, write or close it.
  Result<int> fd() noexcept {
    std::int32_t descriptor = -1;
    return detail::checked(tw_gateway_fd(c_handle(), &descriptor), descriptor);
  }

  /// All checks of `send_order` up to risk, changing nothing; `Reason::none` = would be accepted.
  Result<Reason> pre_trade_check(Bytes frame) noexcept {
    std::uint32_t number = 0;
    const tw_status status = tw_pre_trade_check(c_handle(), frame.data(), frame.size(), &number);
    Reason reason = static_cast<Reason>(number);
    return detail::checked(status, reason);
  }

  /// Every reason for which `pre_trade_check` would say no, in the order of the checks.
  Result<std::vector<Reason>> pre_trade_reasons(Bytes frame) {
    std::vector<Reason> reasons;
    std::size_t size = 0;
    tw_status status = TW_OK;
    do {
      reasons.resize(size + 1);  // as in `keys`
      status = tw_pre_trade_reasons(c_handle(), frame.data(), frame.size(),
                                    reinterpret_cast<std::uint32_t*>(reasons.data()),
                                    reasons.size(), &size);
    } while (status == TW_ERR_BUFFER);
    reasons.resize(size);
    return detail::checked(status, reasons);
  }

  /// Errors: not_found.
  Result<OrderState> order_status(std::uint64_t session_id,
                                  std::uint64_t client_order_id) noexcept {
    OrderState state;
    const tw_status status = tw_order_status(c_handle(), session_id, client_order_id,
                                             reinterpret_cast<tw_order_state*>(&state));
    return detail::checked(status, state);
  }

  // --- Control ---

  /// The kill switch: refuses new orders within the scope; cancels pass. Halting twice is fine.
  /// Errors: not_found.
  Result<void> halt(HaltScope scope) noexcept { return control(tw_gateway_halt, scope); }

  /// Errors: not_found, unauthenticated (it takes a second person).
  Result<void> resume(HaltScope scope) noexcept { return control(tw_gateway_resume, scope); }

  /// What a second person signs, in the context "resume", to agree to lifting this halt where the
  /// configuration has resume_keys. Errors: not_found (it is not halted).
  Result<std::string> resume_request(const HaltScope& scope) {
    std::string request(128, '\0');
    std::size_t size = 0;
    const tw_status status = tw_gateway_resume_request(
        c_handle(), scope.scope_, scope.session_id_, detail::bytes_of(scope.name_),
        scope.name_.size(), reinterpret_cast<std::uint8_t*>(request.data()), request.size(), &size);
    request.resize(size);
    return detail::checked(status, request);
  }

  /// Resumes with that signature. Errors: not_found, unauthenticated.
  Result<void> resume(HaltScope scope, Bytes signature) noexcept {
    return detail::checked(tw_gateway_resume_agreed(
        c_handle(), scope.scope_, scope.session_id_, detail::bytes_of(scope.name_),
        scope.name_.size(), signature.data(), signature.size()));
  }

  /// Since when exactly this scope is halted, ns since 1970 UTC; 0: it is not. Errors: not_found.
  Result<std::uint64_t> halted_since(const HaltScope& scope) noexcept {
    std::uint64_t since = 0;
    const tw_status status =
        tw_gateway_halted(c_handle(), scope.scope_, scope.session_id_,
                          detail::bytes_of(scope.name_), scope.name_.size(), &since);
    return detail::checked(status, since);
  }

  /// Cancels what is open of a session: for when its connection is lost. How many. Errors: not_found.
  Result<std::uint64_t> cancel_session(std::uint64_t session_id) noexcept {
    std::uint64_t count = 0;
    const tw_status status = tw_gateway_cancel_session(c_handle(), session_id, &count);
    return detail::checked(status, count);
  }

  /// Lets a session sign with this key: public, or for HMAC the secret. That it may sign outlives
  /// the process, the key does not: add it again, or name it in the configuration. Errors:
  /// not_found, key, key_kind (secret, and the suite has public ones), key_usage (raw), conflict.
  Result<void> add_key(std::uint64_t session_id, Bytes key) noexcept {
    return detail::checked(tw_gateway_key_add(c_handle(), session_id, key.data(), key.size()));
  }

  /// The key signs no more, and cannot come back. Errors: not_found.
  Result<void> retire_key(std::uint64_t session_id, std::uint64_t key_id) noexcept {
    return detail::checked(tw_gateway_key_retire(c_handle(), session_id, key_id));
  }

  /// Errors: not_found.
  Result<std::vector<SessionKey>> keys(std::uint64_t session_id) {
    std::vector<SessionKey> keys;
    std::size_t size = 0;
    tw_status status = TW_OK;
    do {
      keys.resize(size + 1);  // room for one more than known: room for none would ask for the size
      status = tw_gateway_keys(c_handle(), session_id,
                               reinterpret_cast<tw_session_key*>(keys.data()), keys.size(), &size);
    } while (status == TW_ERR_BUFFER);
    keys.resize(size);
    return detail::checked(status, keys);
  }

  /// Adds an instrument or changes its limits. Errors: argument.
  Result<void> set_instrument(const Instrument& instrument) noexcept {
    return detail::checked(tw_gateway_instrument_set(
        c_handle(), reinterpret_cast<const tw_instrument*>(&instrument)));
  }

  /// Sets the ticks of higher prices than the instrument's own is for, each band from a higher price
  /// than the one before. Errors: not_found, length, argument.
  Result<void> set_tick_bands(std::string_view symbol,
                              const std::vector<TickBand>& bands) noexcept {
    return detail::checked(tw_gateway_tick_bands_set(
        c_handle(), detail::bytes_of(symbol), symbol.size(),
        reinterpret_cast<const tw_tick_band*>(bands.data()), bands.size()));
  }

  /// Sets the limits of the firm, of every account without its own, or of an account. Errors:
  /// argument, capacity.
  Result<void> set_exposure_limits(ExposureScope scope, const ExposureLimits& limits) noexcept {
    return detail::checked(tw_gateway_exposure_set(
        c_handle(), scope.scope_, detail::bytes_of(scope.name_), scope.name_.size(),
        reinterpret_cast<const tw_exposure_limits*>(&limits)));
  }

  /// Sets how much and how fast a session may trade. Errors: not_found, argument.
  Result<void> set_session_limits(std::uint64_t session_id, const SessionLimits& limits) noexcept {
    return detail::checked(tw_gateway_session_limits_set(
        c_handle(), session_id, reinterpret_cast<const tw_session_limits*>(&limits)));
  }

  /// What a session is limited to now. Errors: not_found.
  Result<SessionLimits> session_limits(std::uint64_t session_id) noexcept {
    SessionLimits limits;
    const tw_status status = tw_gateway_session_limits(
        c_handle(), session_id, reinterpret_cast<tw_session_limits*>(&limits));
    return detail::checked(status, limits);
  }

  /// How a session stands. Errors: not_found.
  Result<SessionState> session_state(std::uint64_t session_id) noexcept {
    SessionState state;
    const tw_status status = tw_gateway_session_state(c_handle(), session_id,
                                                      reinterpret_cast<tw_session_state*>(&state));
    return detail::checked(status, state);
  }

  /// What an account holds of an instrument, and what its open orders may make of it; an account that
  /// nobody has named yet: nothing. Errors: not_found (symbol), length, argument.
  Result<Position> position(std::string_view account, std::string_view symbol) noexcept {
    Position position;
    const tw_status status = tw_gateway_position(
        c_handle(), detail::bytes_of(account), account.size(), detail::bytes_of(symbol),
        symbol.size(), reinterpret_cast<tw_position*>(&position));
    return detail::checked(status, position);
  }

  /// What the firm or an account has at risk, and the limits that it is held to. Errors: not_found
  /// (no limit of exposure was ever set: nothing is added up), length, argument (every account).
  Result<Exposure> exposure(const ExposureScope& scope) noexcept {
    Exposure exposure;
    const tw_status status = tw_gateway_exposure(
        c_handle(), scope.scope_, detail::bytes_of(scope.name_), scope.name_.size(),
        reinterpret_cast<tw_exposure*>(&exposure));
    return detail::checked(status, exposure);
  }

  /// Sets what a session may trade, and for whom, in place of all that it might before; with no
  /// names it may for every one. Errors: not_found, length, argument.
  Result<void> set_session_permissions(std::uint64_t session_id,
                                       const SessionPermissions& permissions,
                                       const std::vector<Text>& symbols = {},
                                       const std::vector<Text>& accounts = {}) noexcept {
    return detail::checked(tw_gateway_session_permissions_set(
        c_handle(), session_id, reinterpret_cast<const tw_session_permissions*>(&permissions),
        reinterpret_cast<const tw_name*>(symbols.data()), symbols.size(),
        reinterpret_cast<const tw_name*>(accounts.data()), accounts.size()));
  }

  /// What price collars are measured from; exponent -8. Errors: not_found, argument.
  Result<void> set_reference_price(std::string_view symbol, std::int64_t price) noexcept {
    return detail::checked(tw_gateway_reference_price_set(c_handle(), detail::bytes_of(symbol),
                                                          symbol.size(), price));
  }

  /// The C handle, still owned by this object.
  tw_gateway* c_handle() noexcept { return handle_.get(); }

 private:
  struct Free {
    void operator()(tw_gateway* gateway) const noexcept { tw_gateway_free(gateway); }
  };

  explicit Gateway(tw_gateway* handle) noexcept : handle_(handle) {}

  /// The C ABI's timeouts are unsigned.
  static std::uint64_t count(std::chrono::nanoseconds timeout) noexcept {
    return timeout.count() > 0 ? static_cast<std::uint64_t>(timeout.count()) : 0;
  }

  template <class Function>
  Result<void> control(Function function, const HaltScope& scope) noexcept {
    return detail::checked(function(c_handle(), scope.scope_, scope.session_id_,
                                    detail::bytes_of(scope.name_), scope.name_.size()));
  }

  std::unique_ptr<tw_gateway, Free> handle_;
};

}  // namespace tinywindow

#endif
