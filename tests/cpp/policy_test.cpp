// Statuses, reasons, Result, bytes and the memory of the structs.
#include <gtest/gtest.h>

#include <tinywindow/tinywindow.hpp>

#include <array>
#include <cctype>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

namespace tw = tinywindow;
using namespace std::string_view_literals;

namespace {

TEST(Status, EveryStatusOfTheLibraryHasItsName) {
  for (std::int32_t number = 0; number <= TW_ERR_SEQUENCE_GAP; ++number) {
    const tw::Status status = static_cast<tw::Status>(number);
    EXPECT_STRNE(tw::name(status), "TW_ERR_?") << number;
    EXPECT_STRNE(tw::message(status), "") << number;
  }
  EXPECT_STREQ(tw::name(tw::Status::key_usage), "TW_ERR_KEY_USAGE");
  EXPECT_STREQ(tw::name(static_cast<tw::Status>(TW_ERR_SEQUENCE_GAP + 1)), "TW_ERR_?")
      << "a status was added: give it a name in result.hpp";
}

TEST(Reason, NumbersAndNamesAreTheLibrarys) {
  const std::vector<std::pair<tw::Reason, std::string>> reasons = {
      {tw::Reason::halted_gateway, "halted_gateway"},
      {tw::Reason::halted_session, "halted_session"},
      {tw::Reason::halted_symbol, "halted_symbol"},
      {tw::Reason::halted_account, "halted_account"},
      {tw::Reason::unknown_symbol, "unknown_symbol"},
      {tw::Reason::restricted_symbol, "restricted_symbol"},
      {tw::Reason::side, "side"},
      {tw::Reason::order_type, "order_type"},
      {tw::Reason::time_in_force, "time_in_force"},
      {tw::Reason::tick, "tick"},
      {tw::Reason::lot, "lot"},
      {tw::Reason::max_quantity, "max_quantity"},
      {tw::Reason::no_reference_price, "no_reference_price"},
      {tw::Reason::max_notional, "max_notional"},
      {tw::Reason::price_collar, "price_collar"},
      {tw::Reason::duplicate_client_order_id, "duplicate_client_order_id"},
      {tw::Reason::max_open_orders, "max_open_orders"},
      {tw::Reason::max_position, "max_position"},
      {tw::Reason::unknown_order, "unknown_order"},
      {tw::Reason::order_closed, "order_closed"},
      {tw::Reason::order_mismatch, "order_mismatch"},
      {tw::Reason::quantity_filled, "quantity_filled"},
      {tw::Reason::not_delivered, "not_delivered"},
      {tw::Reason::account_gross, "account_gross"},
      {tw::Reason::account_net, "account_net"},
      {tw::Reason::firm_gross, "firm_gross"},
      {tw::Reason::firm_net, "firm_net"},
      {tw::Reason::account_loss, "account_loss"},
      {tw::Reason::firm_loss, "firm_loss"},
      {tw::Reason::market_closed, "market_closed"},
      {tw::Reason::min_quantity, "min_quantity"},
      {tw::Reason::price_band, "price_band"},
      {tw::Reason::last_trade_collar, "last_trade_collar"},
      {tw::Reason::repeated_order, "repeated_order"},
      {tw::Reason::order_to_trade, "order_to_trade"},
      {tw::Reason::locate, "locate"},
      {tw::Reason::self_trade, "self_trade"},
      {tw::Reason::session_symbol, "session_symbol"},
      {tw::Reason::session_account, "session_account"},
      {tw::Reason::session_side, "session_side"},
      {tw::Reason::session_order_type, "session_order_type"},
      {tw::Reason::session_cancelled, "session_cancelled"},
      {tw::Reason::venue_unknown_order, "venue_unknown_order"},
      {tw::Reason::venue_too_late, "venue_too_late"},
      {tw::Reason::venue_unsupported, "venue_unsupported"},
      {tw::Reason::venue_capacity, "venue_capacity"},
  };
  for (const auto& [reason, name] : reasons) {
    EXPECT_EQ(tw::name(reason), name);
    EXPECT_STRNE(tw::message(reason), "");
  }
  std::size_t known = 0;
  for (std::uint32_t number = 1; number < 1000; ++number) {
    known += tw::name(static_cast<tw::Reason>(number)) != "?"sv;
  }
  EXPECT_EQ(known, reasons.size()) << "a reason was added: give it a name in gateway.hpp";
}

TEST(Version, LibraryAndHeaderAreOfOneRelease) {
  const std::string header = std::to_string(TW_VERSION_MAJOR) + "." +
                             std::to_string(TW_VERSION_MINOR) + "." +
                             std::to_string(TW_VERSION_PATCH);
  EXPECT_EQ(tw::version(), header);
  EXPECT_EQ(tw::abi_version(), static_cast<std::uint32_t>(TW_ABI_VERSION));
}

TEST(Result, ValueThrowsTheStatus) {
  const tw::Result<tw::PublicKey> result = tw::public_key("nonsense"sv);
  EXPECT_FALSE(result.ok());
  EXPECT_FALSE(result);
  EXPECT_EQ(result.status(), tw::Status::key);
  EXPECT_EQ(result.message(), tw::message(tw::Status::key));
  try {
    static_cast<void>(result.value());
    FAIL() << "value() returned";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(dynamic_cast<const tw::Error&>(error).status(), tw::Status::key);
    EXPECT_EQ(std::string(error.what()).find("TW_ERR_KEY: "), 0u) << error.what();
  }
  EXPECT_THROW(tw::verify("nonsense"sv, ""sv, ""sv).value(), tw::Error);
}

TEST(Result, OfASuccessIsOk) {
  tw::Result<tw::SecretBytes> result = tw::keygen(1);
  EXPECT_TRUE(result.ok());
  EXPECT_EQ(result.status(), tw::Status::ok);
  const tw::SecretBytes key = std::move(result).value();
  EXPECT_EQ(key.size(), tw::secret_key_size(tw::Suite::hmac_sha256));
}

TEST(OutcomeUnknown, IsTimeoutUnknownAndInternalOnly) {
  for (std::int32_t number = 0; number <= TW_ERR_JOURNAL_FULL; ++number) {
    EXPECT_EQ(tw::outcome_unknown(static_cast<tw::Status>(number)),
              number == TW_ERR_TIMEOUT || number == TW_ERR_UNKNOWN || number == TW_ERR_INTERNAL);
  }
}

TEST(Bytes, ShowAnyContainerOfBytes) {
  const std::vector<std::byte> bytes = {std::byte{'a'}, std::byte{'b'}};
  const std::array<std::uint8_t, 2> array = {'a', 'b'};
  const std::uint8_t plain[2] = {'a', 'b'};
  const std::string text = "ab";
  for (const tw::Bytes view : {tw::Bytes(bytes), tw::Bytes(array), tw::Bytes(plain),
                               tw::Bytes(text), tw::Bytes("ab"sv)}) {
    EXPECT_EQ(hex(view), "6162");
  }
  static_assert(!std::is_convertible_v<const char (&)[3], tw::Bytes>, "its NUL would be signed");
  static_assert(!std::is_convertible_v<const std::vector<int>&, tw::Bytes>);
  static_assert(!std::is_convertible_v<const std::string&, tw::MutableBytes>);
  static_assert(std::is_convertible_v<std::string&, tw::MutableBytes>);
}

TEST(SecretBytes, MoveAndLeaveNothing) {
  tw::SecretBytes key = tw::keygen(1).value();
  const std::string expected = hex(key);
  tw::SecretBytes other = std::move(key);
  EXPECT_TRUE(key.empty());
  EXPECT_EQ(hex(other), expected);
  other = tw::SecretBytes::copy_of("short"sv).value();
  EXPECT_EQ(hex(other), "73686f7274");
  EXPECT_TRUE(tw::SecretBytes::copy_of({}).value().empty());
  static_assert(!std::is_copy_constructible_v<tw::SecretBytes>);
}

TEST(Text, IsNeverCut) {
  EXPECT_EQ(tw::Text("ABCDEFGHIJKLMNOP").view(), "ABCDEFGHIJKLMNOP");
  EXPECT_EQ(tw::Text("AAPL").view(), "AAPL");
  EXPECT_EQ(tw::Text().view(), "");
  EXPECT_NE(tw::Text("ABCDEFGHIJKLMNOPQ"), tw::Text("ABCDEFGHIJKLMNOP"));
}

#define SAME_FIELD(ours, c, field)                          \
  static_assert(offsetof(ours, field) == offsetof(c, field) && \
                sizeof(ours::field) == sizeof(c::field))

SAME_FIELD(tw::Order, tw_order, struct_size);
SAME_FIELD(tw::Order, tw_order, template_id);
SAME_FIELD(tw::Order, tw_order, sequence);
SAME_FIELD(tw::Order, tw_order, sending_time);
SAME_FIELD(tw::Order, tw_order, client_order_id);
SAME_FIELD(tw::Order, tw_order, orig_client_order_id);
SAME_FIELD(tw::Order, tw_order, session_id);
SAME_FIELD(tw::Order, tw_order, key_id);
SAME_FIELD(tw::Order, tw_order, price);
SAME_FIELD(tw::Order, tw_order, stop_price);
SAME_FIELD(tw::Order, tw_order, quantity);
SAME_FIELD(tw::Order, tw_order, symbol);
SAME_FIELD(tw::Order, tw_order, account);
SAME_FIELD(tw::Order, tw_order, side);
SAME_FIELD(tw::Order, tw_order, ord_type);
SAME_FIELD(tw::Order, tw_order, time_in_force);
SAME_FIELD(tw::OrderAck, tw_order_ack, struct_size);
SAME_FIELD(tw::OrderAck, tw_order_ack, accepted);
SAME_FIELD(tw::OrderAck, tw_order_ack, reason);
SAME_FIELD(tw::OrderAck, tw_order_ack, duplicate);
SAME_FIELD(tw::OrderAck, tw_order_ack, order_id);
SAME_FIELD(tw::OrderAck, tw_order_ack, session_id);
SAME_FIELD(tw::OrderAck, tw_order_ack, sequence);
SAME_FIELD(tw::OrderAck, tw_order_ack, client_order_id);
SAME_FIELD(tw::OrderAck, tw_order_ack, time);
SAME_FIELD(tw::Completion, tw_completion, struct_size);
SAME_FIELD(tw::Completion, tw_completion, kind);
SAME_FIELD(tw::Completion, tw_completion, number);
SAME_FIELD(tw::Completion, tw_completion, tag);
SAME_FIELD(tw::Completion, tw_completion, status);
SAME_FIELD(tw::Completion, tw_completion, accepted);
SAME_FIELD(tw::Completion, tw_completion, reason);
SAME_FIELD(tw::Completion, tw_completion, duplicate);
SAME_FIELD(tw::Completion, tw_completion, order_id);
SAME_FIELD(tw::Completion, tw_completion, session_id);
SAME_FIELD(tw::Completion, tw_completion, sequence);
SAME_FIELD(tw::Completion, tw_completion, client_order_id);
SAME_FIELD(tw::Completion, tw_completion, orig_client_order_id);
SAME_FIELD(tw::Completion, tw_completion, time);
SAME_FIELD(tw::Completion, tw_completion, exec_id);
SAME_FIELD(tw::Completion, tw_completion, last_price);
SAME_FIELD(tw::Completion, tw_completion, last_quantity);
SAME_FIELD(tw::Completion, tw_completion, cum_quantity);
SAME_FIELD(tw::Completion, tw_completion, leaves_quantity);
SAME_FIELD(tw::Completion, tw_completion, exec_type);
SAME_FIELD(tw::Completion, tw_completion, ord_status);
SAME_FIELD(tw::Completion, tw_completion, side);
SAME_FIELD(tw::OrderState, tw_order_state, struct_size);
SAME_FIELD(tw::OrderState, tw_order_state, accepted);
SAME_FIELD(tw::OrderState, tw_order_state, reason);
SAME_FIELD(tw::OrderState, tw_order_state, ord_status);
SAME_FIELD(tw::OrderState, tw_order_state, side);
SAME_FIELD(tw::OrderState, tw_order_state, order_id);
SAME_FIELD(tw::OrderState, tw_order_state, client_order_id);
SAME_FIELD(tw::OrderState, tw_order_state, orig_client_order_id);
SAME_FIELD(tw::OrderState, tw_order_state, session_id);
SAME_FIELD(tw::OrderState, tw_order_state, price);
SAME_FIELD(tw::OrderState, tw_order_state, quantity);
SAME_FIELD(tw::OrderState, tw_order_state, cum_quantity);
SAME_FIELD(tw::OrderState, tw_order_state, leaves_quantity);
SAME_FIELD(tw::SessionKey, tw_session_key, key_id);
SAME_FIELD(tw::SessionKey, tw_session_key, state);
SAME_FIELD(tw::SessionKey, tw_session_key, suite);
SAME_FIELD(tw::Instrument, tw_instrument, struct_size);
SAME_FIELD(tw::Instrument, tw_instrument, flags);
SAME_FIELD(tw::Instrument, tw_instrument, symbol);
SAME_FIELD(tw::Instrument, tw_instrument, tick);
SAME_FIELD(tw::Instrument, tw_instrument, lot);
SAME_FIELD(tw::Instrument, tw_instrument, max_quantity);
SAME_FIELD(tw::Instrument, tw_instrument, max_notional);
SAME_FIELD(tw::Instrument, tw_instrument, max_position);
SAME_FIELD(tw::Instrument, tw_instrument, collar_basis_points);
SAME_FIELD(tw::Instrument, tw_instrument, sides);
SAME_FIELD(tw::Instrument, tw_instrument, order_types);
SAME_FIELD(tw::Instrument, tw_instrument, times_in_force);

}  // namespace
