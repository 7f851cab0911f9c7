/// What can be seen of the library in this process.
#ifndef TINYWINDOW_TELEMETRY_HPP
#define TINYWINDOW_TELEMETRY_HPP

#include <tinywindow.h>
#include <tinywindow/bytes.hpp>
#include <tinywindow/result.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <utility>

namespace tinywindow {

/// All metrics of the process in Prometheus's text format: serve them as
/// `text/plain; version=0.0.4`. docs/OBSERVABILITY.md lists them.
inline Result<std::string> metrics_text() {
  std::string text(TW_METRICS_TEXT_MAX, '\0');
  const MutableBytes out(reinterpret_cast<std::uint8_t*>(text.data()), text.size());
  const Result<std::size_t> size = detail::written(out, tw_metrics_text);
  if (!size) return size.status();
  text.resize(size.value());
  return text;
}

/// How grave a log event is; the gravest has the smallest number.
enum class LogLevel : std::uint32_t {
  error = TW_LOG_ERROR,  ///< no more orders are taken, or something is broken
  warn = TW_LOG_WARN,    ///< somebody should look
  info = TW_LOG_INFO,    ///< the course of things
};

/// A field of a log event: a view, gone when the sink returns. No value is ever a secret.
class LogField {
 public:
  std::string_view key() const noexcept { return detail::text_of(field_.key); }
  std::string_view value() const noexcept { return detail::text_of(field_.value); }

 private:
  tw_log_field field_;
};

static_assert(detail::is_same_memory<LogField, tw_log_field>);

/// What happened: a view, gone when the sink returns.
class LogEvent {
 public:
  explicit LogEvent(const tw_log_record& record) noexcept : record_(record) {}

  LogLevel level() const noexcept { return static_cast<LogLevel>(record_.level); }
  /// Nanoseconds since 1970 UTC.
  std::uint64_t time() const noexcept { return record_.time; }
  /// The part of the library that tells it.
  std::string_view target() const noexcept { return detail::text_of(record_.target); }
  /// Always the same words for the same event.
  std::string_view message() const noexcept { return detail::text_of(record_.message); }
  /// In a fixed order.
  Span<const LogField> fields() const noexcept {
    return {reinterpret_cast<const LogField*>(record_.fields), record_.fields_len};
  }

 private:
  const tw_log_record& record_;
};

/// Is told log events.
using LogSink = std::function<void(const LogEvent&)>;

namespace detail {

/// The sink of this program and its owner. Never destroyed: threads of the library may call it
/// while the program ends.
struct LogSinkPlace {
  std::mutex setting;
  std::unique_ptr<LogSink> sink;

  static LogSinkPlace& instance() {
    alignas(LogSinkPlace) static unsigned char memory[sizeof(LogSinkPlace)];
    static LogSinkPlace* const place = new (memory) LogSinkPlace;
    return *place;
  }
};

/// What a sink throws ends here: nothing may unwind into the library.
extern "C" inline void tinywindow_cpp_log(void* user, const tw_log_record* record) noexcept {
#if defined(__cpp_exceptions)
  try {
    (*static_cast<const LogSink*>(user))(LogEvent(*record));
  } catch (...) {
  }
#else
  (*static_cast<const LogSink*>(user))(LogEvent(*record));
#endif
}

}  // namespace detail

/// Has `sink` told every log event of `level` and graver ones, in the whole process; an empty one
/// is silence, with which the library begins. docs/OBSERVABILITY.md lists the events.
///
/// It is called on the thread where it happens, which waits for it, on several at once, also on
/// threads of the library's own and while the program ends: what it refers to must live until
/// another sink is set. It may call the library, but not set a sink nor close or free a gateway.
/// What it throws is dropped. When this returns, the sink before is not running, is never called
/// again and is destroyed. A forked child is silent until it sets its own.
/// Errors: `Status::busy` from within a sink, or while another thread sets one; `argument` for an
/// unknown level; `memory`. Nothing changes then.
inline Result<void> set_log_sink(LogSink sink, LogLevel level = LogLevel::info) noexcept {
  auto& place = detail::LogSinkPlace::instance();
  std::unique_ptr<LogSink> next;  // then the one before, which goes when `setting` is over
  const std::unique_lock<std::mutex> setting(place.setting, std::try_to_lock);
  if (!setting) return Status::busy;
  if (sink) {
    next.reset(new (std::nothrow) LogSink(std::move(sink)));
    if (!next) return Status::memory;
  }
  const auto callback = next ? detail::tinywindow_cpp_log : nullptr;
  const auto set =
      detail::checked(tw_log_set(callback, next.get(), static_cast<std::uint32_t>(level)));
  if (set) place.sink.swap(next);
  return set;
}

}  // namespace tinywindow

#endif
