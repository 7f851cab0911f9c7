/// Statuses, and the one error policy: Result and Error.
#ifndef TINYWINDOW_RESULT_HPP
#define TINYWINDOW_RESULT_HPP

#include <tinywindow.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

namespace tinywindow {

/// Why a call could not do what was asked; the numbers are the C ABI's. A later library may return
/// numbers that are not listed here.
enum class Status : std::int32_t {
  ok = TW_OK,
  null = TW_ERR_NULL,
  length = TW_ERR_LENGTH,
  buffer = TW_ERR_BUFFER,
  argument = TW_ERR_ARGUMENT,
  unsupported = TW_ERR_UNSUPPORTED,
  suite = TW_ERR_SUITE,
  key = TW_ERR_KEY,
  key_kind = TW_ERR_KEY_KIND,
  key_usage = TW_ERR_KEY_USAGE,
  context = TW_ERR_CONTEXT,
  payload = TW_ERR_PAYLOAD,
  signature = TW_ERR_SIGNATURE,
  entropy = TW_ERR_ENTROPY,
  memory = TW_ERR_MEMORY,
  forked = TW_ERR_FORKED,
  closed = TW_ERR_CLOSED,
  internal = TW_ERR_INTERNAL,
  config = TW_ERR_CONFIG,
  order = TW_ERR_ORDER,
  unauthenticated = TW_ERR_UNAUTHENTICATED,
  stale_time = TW_ERR_STALE_TIME,
  stale_sequence = TW_ERR_STALE_SEQUENCE,
  sequence_reused = TW_ERR_SEQUENCE_REUSED,
  throttled = TW_ERR_THROTTLED,
  busy = TW_ERR_BUSY,
  timeout = TW_ERR_TIMEOUT,
  unknown = TW_ERR_UNKNOWN,
  not_found = TW_ERR_NOT_FOUND,
  conflict = TW_ERR_CONFLICT,
  journal = TW_ERR_JOURNAL,
  journal_corrupt = TW_ERR_JOURNAL_CORRUPT,
  journal_locked = TW_ERR_JOURNAL_LOCKED,
  io = TW_ERR_IO,
  capacity = TW_ERR_CAPACITY,
  password = TW_ERR_PASSWORD,
  journal_full = TW_ERR_JOURNAL_FULL,
  sequence_gap = TW_ERR_SEQUENCE_GAP,
};

/// The stable name, "TW_ERR_KEY"; static storage.
inline const char* name(Status status) noexcept {
  return tw_status_name(static_cast<tw_status>(status));
}

/// What it means, for the developer; static storage, holds no secret.
inline const char* message(Status status) noexcept {
  return tw_status_message(static_cast<tw_status>(status));
}

/// Whether an order sent with this status may be live all the same: not decided, and not refused.
/// Ask `Gateway::order_status`, or send the same frame again, which is never executed twice; after
/// internal, a bug that may have come at any time, of a gateway opened anew.
constexpr bool outcome_unknown(Status status) noexcept {
  return status == Status::timeout || status == Status::unknown || status == Status::internal;
}

/// The library's version, "0.1.0". The header's is TW_VERSION_MAJOR, _MINOR and _PATCH.
inline const char* version() noexcept { return tw_version(); }

/// The library's ABI version; a program built with another TW_ABI_VERSION must not use it.
inline std::uint32_t abi_version() noexcept { return tw_abi_version(); }

/// What `Result::value()` throws. `what()` is "NAME: message".
class Error : public std::runtime_error {
 public:
  explicit Error(Status status) : Error(status, message(status)) {}
  Error(Status status, const std::string& message)
      : std::runtime_error(std::string(name(status)) + ": " + message), status_(status) {}

  Status status() const noexcept { return status_; }

 private:
  Status status_;
};

namespace detail {

/// Throws Error; under -fno-exceptions, where nothing can be thrown, aborts.
[[noreturn]] inline void fail(Status status, const std::string& message) {
#if defined(__cpp_exceptions)
  throw Error(status, message);
#else
  static_cast<void>(status), static_cast<void>(message);
  std::abort();
#endif
}

}  // namespace detail

/// A value, or the status that says why there is none.
///
/// `value()` throws `Error` when there is none. Without exceptions (-fno-exceptions) it aborts:
/// look at `ok()` first. Do not link code built with and without exceptions into one program.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T&& value) noexcept(std::is_nothrow_move_constructible_v<T>) : value_(std::move(value)) {}
  Result(Status error, std::string detail = {}) noexcept
      : status_(error == Status::ok ? Status::internal : error), detail_(std::move(detail)) {}
  /// `detail` is static.
  Result(Status error, const char* detail) noexcept : Result(error) { static_detail_ = detail; }

  bool ok() const noexcept { return value_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  Status status() const noexcept { return status_; }
  /// What is wrong, for the developer: of a configuration line and column, of a value the field and
  /// what it must be, else what the status means.
  std::string message() const {
    if (!detail_.empty()) return detail_;
    return *static_detail_ != 0 ? static_detail_ : tinywindow::message(status_);
  }

  T& value() & { return check(), *value_; }
  const T& value() const& { return check(), *value_; }
  /// By value, so that `for (auto& x : f().value())` refers to something that lives.
  T value() && { return check(), std::move(*value_); }

 private:
  void check() const {
    if (!ok()) detail::fail(status_, message());
  }

  std::optional<T> value_;
  Status status_ = Status::ok;
  const char* static_detail_ = "";
  std::string detail_;
};

/// Done, or the status that says why not.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() noexcept = default;
  /// `detail` is static.
  Result(Status status, const char* detail = "") noexcept : status_(status), detail_(detail) {}

  bool ok() const noexcept { return status_ == Status::ok; }
  explicit operator bool() const noexcept { return ok(); }
  Status status() const noexcept { return status_; }
  /// What is wrong: of a value the field and what it must be, else what the status means.
  std::string message() const { return *detail_ != 0 ? detail_ : tinywindow::message(status_); }

  void value() const {
    if (!ok()) detail::fail(status_, message());
  }

 private:
  Status status_ = Status::ok;
  const char* detail_ = "";
};

namespace detail {

/// After a call of this thread.
inline Result<void> checked(tw_status status) noexcept {
  if (status == TW_OK) return {};
  return {static_cast<Status>(status), tw_error_detail()};
}

/// The value that a C call wrote, if it did.
template <class T>
Result<T> checked(tw_status status, T& value) noexcept {
  if (status != TW_OK) return {static_cast<Status>(status), tw_error_detail()};
  return std::move(value);
}

}  // namespace detail
}  // namespace tinywindow

#endif
