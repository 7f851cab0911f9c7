/// Order messages and their frames (SBE 1.0, schema/orders.xml): names and values are FIX's.
#ifndef TINYWINDOW_ORDER_HPP
#define TINYWINDOW_ORDER_HPP

#include <tinywindow.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

#include <tinywindow/bytes.hpp>
#include <tinywindow/result.hpp>
#include <tinywindow/signing.hpp>

namespace tinywindow {

/// One, as a price, a quantity or money: their exponent is -8.
inline constexpr std::int64_t unit = 100'000'000;

/// A price that is not there.
inline constexpr std::int64_t price_none = INT64_MIN;

/// The message a frame carries.
enum class Template : std::uint32_t {
  new_order_single = TW_TEMPLATE_NEW_ORDER_SINGLE,                           ///< FIX 35=D
  order_cancel_replace_request = TW_TEMPLATE_ORDER_CANCEL_REPLACE_REQUEST,  ///< FIX 35=G
  order_cancel_request = TW_TEMPLATE_ORDER_CANCEL_REQUEST,                  ///< FIX 35=F
};

/// FIX 54.
enum class Side : std::uint8_t { buy = '1', sell = '2', sell_short = '5' };

/// FIX 40; `none` in an OrderCancelRequest.
enum class OrdType : std::uint8_t { none = 0, market = '1', limit = '2', stop = '3',
                                    stop_limit = '4' };

/// FIX 59; `none` in an OrderCancelRequest.
enum class TimeInForce : std::uint8_t { none = 0, day = '0', good_till_cancel = '1',
                                        immediate_or_cancel = '3', fill_or_kill = '4' };

/// A signed or unsigned order as it travels.
using Frame = FixedBytes<TW_ORDER_FRAME_MAX>;

/// The system clock as the library counts time: nanoseconds since 1970 UTC.
inline std::uint64_t now() noexcept {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(since_1970).count());
}

/// An order message in decoded form; the same memory as tw_order, with named values.
///
/// Make one with `limit`, `market`, `replace` or `cancel`, set what is left by name (session_id,
/// client_order_id, sequence, sending_time, account), sign it, send the frame.
struct Order {
  std::uint32_t struct_size = sizeof(tw_order);
  Template template_id = Template::new_order_single;
  std::uint64_t sequence = 0;              ///< FIX 34: strictly increasing per session
  std::uint64_t sending_time = 0;          ///< FIX 52: ns since 1970 UTC
  std::uint64_t client_order_id = 0;       ///< FIX 11: unique per session
  std::uint64_t orig_client_order_id = 0;  ///< FIX 41: replace and cancel
  std::uint64_t session_id = 0;            ///< FIX 49
  std::uint64_t key_id = 0;                ///< set by signing
  std::int64_t price = price_none;         ///< FIX 44, exponent -8: limit and stop limit orders
  std::int64_t stop_price = price_none;    ///< FIX 99, exponent -8: stop and stop limit orders
  std::uint64_t quantity = 0;              ///< FIX 38, exponent -8; a replace's is the new total
  Text symbol;                             ///< FIX 55
  Text account;                            ///< FIX 1; may be empty
  Side side = Side::buy;
  OrdType ord_type = OrdType::none;
  TimeInForce time_in_force = TimeInForce::none;
  std::uint8_t reserved[5] = {};
  std::uint64_t reserved2 = 0;

  /// A limit order for the day. Quantity and price have exponent -8.
  static Order limit(Text symbol, Side side, std::uint64_t quantity, std::int64_t price) noexcept {
    Order order = market(symbol, side, quantity);
    order.ord_type = OrdType::limit;
    order.price = price;
    return order;
  }

  /// A market order for the day. Quantity has exponent -8.
  static Order market(Text symbol, Side side, std::uint64_t quantity) noexcept {
    Order order;
    order.symbol = symbol;
    order.side = side;
    order.quantity = quantity;
    order.ord_type = OrdType::market;
    order.time_in_force = TimeInForce::day;
    return order;
  }

  /// The request to replace this order. It has this order's terms until others are set, and needs
  /// a client_order_id, sequence and sending_time of its own.
  Order replace() const noexcept {
    Order order = *this;
    order.template_id = Template::order_cancel_replace_request;
    order.orig_client_order_id = client_order_id;
    order.client_order_id = order.sequence = order.sending_time = 0;
    return order;
  }

  /// The request to cancel this order; it needs a client_order_id, sequence and sending_time.
  Order cancel() const noexcept {
    Order order = replace();
    order.template_id = Template::order_cancel_request;
    order.price = order.stop_price = price_none;
    order.quantity = 0;
    order.ord_type = OrdType::none;
    order.time_in_force = TimeInForce::none;
    return order;
  }

  const tw_order* c_struct() const noexcept { return reinterpret_cast<const tw_order*>(this); }

  /// The frame with the prepared key's id and signature. Errors: order, key_usage (raw keys).
  Result<Frame> sign(const Signer& signer) const noexcept {
    return Frame::from([&](auto... out) {
      return tw_signer_order_sign(signer.c_handle(), c_struct(), out...);
    });
  }

  /// `sign` into the caller's memory; gives the frame's length in bytes. An empty `out` asks for
  /// it. Errors: also buffer.
  Result<std::size_t> sign_into(const Signer& signer, MutableBytes out) const noexcept {
    return detail::written(out, [&](auto... o) {
      return tw_signer_order_sign(signer.c_handle(), c_struct(), o...);
    });
  }

  /// The frame, signed with a secret key. Errors: order, key, key_kind, key_usage.
  Result<Frame> sign(Bytes key) const noexcept {
    return Frame::from([&](auto... out) {
      return tw_order_sign(key.data(), key.size(), c_struct(), out...);
    });
  }

  /// The frame with a signature made elsewhere, or none; key_id is taken as it stands.
  /// Errors: order (a signature longer than any suite's too).
  Result<Frame> encode(Bytes signature = {}) const noexcept {
    return Frame::from([&](auto... out) {
      return tw_order_encode(c_struct(), signature.data(), signature.size(), out...);
    });
  }
};

static_assert(detail::is_same_memory<Order, tw_order>);

/// A frame taken apart; the views are of the caller's frame.
struct DecodedOrder {
  Order order;
  Bytes signed_bytes;  ///< header and block
  Bytes signature;     ///< not verified
};

/// Strict: a frame with anything out of place is refused. Errors: order.
inline Result<DecodedOrder> decode_order(Bytes frame) noexcept {
  DecodedOrder decoded;
  std::size_t size = 0;
  const tw_status status = tw_order_decode(frame.data(), frame.size(),
                                           reinterpret_cast<tw_order*>(&decoded.order), &size);
  if (status != TW_OK) return static_cast<Status>(status);
  const std::size_t signature_at = size + sizeof(std::uint16_t);
  decoded.signed_bytes = Bytes(frame.data(), size);
  decoded.signature = Bytes(frame.data() + signature_at, frame.size() - signature_at);
  return decoded;
}

/// Ok only when the frame's signature is this key's (secret or public).
/// Errors: signature, order, key, key_usage.
inline Result<void> verify_order(Bytes key, Bytes frame) noexcept {
  return detail::checked(tw_order_verify(key.data(), key.size(), frame.data(), frame.size()));
}

}  // namespace tinywindow

#endif
