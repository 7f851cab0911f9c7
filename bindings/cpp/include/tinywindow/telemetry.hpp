/// What can be seen of the library in this process.
#ifndef TINYWINDOW_TELEMETRY_HPP
#define TINYWINDOW_TELEMETRY_HPP

#include <tinywindow.h>
#include <tinywindow/bytes.hpp>
#include <tinywindow/result.hpp>

#include <cstdint>
#include <string>

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

}  // namespace tinywindow

#endif
