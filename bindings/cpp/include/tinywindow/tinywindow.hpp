/// TinyWindow for C++17 and later: a header-only layer over the C ABI of libtinywindow.
///
/// - Link with `find_package(tinywindow)` and `tinywindow::tinywindow` (shared) or
///   `tinywindow::static`, or with `pkg-config --cflags --libs tinywindow`.
/// - One error policy: whatever can fail returns `[[nodiscard]] Result<T>`, a value or a `Status`.
///   Ask it (`if (result)`), or call `.value()`, which throws `tinywindow::Error`.
/// - Handles (`Signer`, `Verifier`, `Gateway`) own what they hold, move and do not copy. Any thread
///   may call any member of one handle at any time, but for moving and destroying it. A handle
///   that was moved from answers `Status::null`.
/// - Bytes go in as `Bytes`, which any contiguous container of byte-sized elements converts to:
///   vectors, arrays, `std::string_view`, `std::span`. The library keeps no reference to them.
/// - Prices, quantities and money are integers with exponent -8: 1.5 is 150'000'000 (`unit`).
///   Times are nanoseconds since 1970 UTC.
/// - `c_handle()` and `c_struct()` lead down to the C ABI, whose header has the full contract.
#ifndef TINYWINDOW_TINYWINDOW_HPP
#define TINYWINDOW_TINYWINDOW_HPP

#include <tinywindow/bytes.hpp>
#include <tinywindow/gateway.hpp>
#include <tinywindow/interchange.hpp>
#include <tinywindow/order.hpp>
#include <tinywindow/result.hpp>
#include <tinywindow/signing.hpp>
#include <tinywindow/telemetry.hpp>

#endif
