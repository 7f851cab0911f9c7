// Orders and their frames.
#include <gtest/gtest.h>

#include <tinywindow/tinywindow.hpp>

#include <string>
#include <vector>

#include "support.hpp"

namespace tw = tinywindow;
using namespace std::string_view_literals;

namespace {

class Orders : public testing::Test {
 protected:
  static tw::Order limit_order() {
    tw::Order order = tw::Order::limit("AAPL", tw::Side::buy, 100 * tw::unit, 189 * tw::unit);
    order.account = "ACC-1";
    order.session_id = 99;
    order.client_order_id = 1001;
    order.sequence = 7;
    order.sending_time = 1'700'000'000'123'456'789;
    return order;
  }

  const tw::SecretBytes key_ = tw::keygen(42).value();
  const tw::Signer signer_ = tw::Signer::create(key_).value();
};

TEST_F(Orders, ComeBackAsTheyWere) {
  const tw::Frame frame = limit_order().sign(signer_).value();
  const tw::DecodedOrder decoded = tw::decode_order(frame).value();
  EXPECT_EQ(decoded.order.template_id, tw::Template::new_order_single);
  EXPECT_EQ(decoded.order.sequence, 7u);
  EXPECT_EQ(decoded.order.sending_time, 1'700'000'000'123'456'789u);
  EXPECT_EQ(decoded.order.client_order_id, 1001u);
  EXPECT_EQ(decoded.order.orig_client_order_id, 0u);
  EXPECT_EQ(decoded.order.session_id, 99u);
  EXPECT_EQ(decoded.order.key_id, signer_.key_id().value());
  EXPECT_EQ(decoded.order.price, 189 * tw::unit);
  EXPECT_EQ(decoded.order.stop_price, tw::price_none);
  EXPECT_EQ(decoded.order.quantity, 10'000'000'000u);
  EXPECT_EQ(decoded.order.symbol.view(), "AAPL");
  EXPECT_EQ(decoded.order.account.view(), "ACC-1");
  EXPECT_EQ(decoded.order.side, tw::Side::buy);
  EXPECT_EQ(decoded.order.ord_type, tw::OrdType::limit);
  EXPECT_EQ(decoded.order.time_in_force, tw::TimeInForce::day);
}

TEST_F(Orders, OneFrameByEveryWayOfSigning) {
  const tw::Order order = limit_order();
  const tw::Frame frame = order.sign(signer_).value();
  EXPECT_EQ(hex(order.sign(key_).value()), hex(frame));
  std::vector<std::uint8_t> out(order.sign_into(signer_, {}).value());
  EXPECT_EQ(order.sign_into(signer_, out).value(), out.size());
  EXPECT_EQ(hex(out), hex(frame));
  out.pop_back();
  EXPECT_EQ(order.sign_into(signer_, out).status(), tw::Status::buffer);

  const tw::DecodedOrder decoded = tw::decode_order(frame).value();
  EXPECT_EQ(hex(decoded.order.encode(decoded.signature).value()), hex(frame));
  EXPECT_EQ(decoded.signed_bytes.data(), frame.data());
  EXPECT_EQ(decoded.signed_bytes.size() + 2 + decoded.signature.size(), frame.size());
  EXPECT_EQ(decoded.signature.end(), frame.end());
}

TEST_F(Orders, WithoutASignatureEncodeToo) {
  const tw::Frame frame = limit_order().encode().value();
  EXPECT_TRUE(tw::decode_order(frame).value().signature.empty());
  EXPECT_EQ(tw::verify_order(key_, frame).status(), tw::Status::signature);
}

TEST_F(Orders, AreVerifiedAsOrdersOnly) {
  const tw::Frame frame = limit_order().sign(signer_).value();
  const tw::DecodedOrder decoded = tw::decode_order(frame).value();
  EXPECT_TRUE(tw::verify_order(key_, frame));
  EXPECT_EQ(tw::verify_order(key_, flip_last_bit(frame)).status(), tw::Status::signature);
  EXPECT_EQ(tw::verify_order(tw::keygen(1).value(), frame).status(), tw::Status::signature);
  EXPECT_EQ(tw::verify(key_, decoded.signed_bytes, decoded.signature).status(),
            tw::Status::signature);
}

TEST_F(Orders, MarketReplaceAndCancelRoundTrip) {
  const tw::Order market = [] {
    tw::Order order = tw::Order::market("AAPL", tw::Side::sell_short, 5 * tw::unit);
    order.time_in_force = tw::TimeInForce::immediate_or_cancel;
    return order;
  }();
  EXPECT_EQ(tw::decode_order(market.sign(signer_).value()).value().order.price, tw::price_none);

  tw::Order replace = limit_order().replace();
  replace.client_order_id = 1002;
  replace.quantity = 50 * tw::unit;
  const tw::Order replaced = tw::decode_order(replace.sign(signer_).value()).value().order;
  EXPECT_EQ(replaced.template_id, tw::Template::order_cancel_replace_request);
  EXPECT_EQ(replaced.orig_client_order_id, 1001u);
  EXPECT_EQ(replaced.quantity, 5'000'000'000u);
  EXPECT_EQ(replaced.price, limit_order().price);

  tw::Order cancel = limit_order().cancel();
  cancel.client_order_id = 1003;
  const tw::Order canceled = tw::decode_order(cancel.sign(signer_).value()).value().order;
  EXPECT_EQ(canceled.template_id, tw::Template::order_cancel_request);
  EXPECT_EQ(canceled.orig_client_order_id, 1001u);
  EXPECT_EQ(canceled.symbol, limit_order().symbol);
  EXPECT_EQ(canceled.account, limit_order().account);
  EXPECT_EQ(canceled.ord_type, tw::OrdType::none);
}

TEST_F(Orders, ThatAreMalformedAreRefused) {
  const auto refused = [&](auto change) {
    tw::Order order = limit_order();
    change(order);
    return order.sign(signer_).status();
  };
  EXPECT_EQ(refused([](tw::Order&) {}), tw::Status::ok);
  EXPECT_EQ(refused([](tw::Order& o) { o.symbol = "ABCDEFGHIJKLMNOPQ"; }), tw::Status::order);
  EXPECT_EQ(refused([](tw::Order& o) { o.symbol = ""; }), tw::Status::order);
  EXPECT_EQ(refused([](tw::Order& o) { o.account = "a space"; }), tw::Status::order);
  EXPECT_EQ(refused([](tw::Order& o) { o.account = "ABCDEFGHIJKLMNOPQ"; }), tw::Status::order);
  EXPECT_EQ(refused([](tw::Order& o) { o.quantity = 0; }), tw::Status::order);
  EXPECT_EQ(refused([](tw::Order& o) { o.price = tw::price_none; }), tw::Status::order);
  EXPECT_EQ(refused([](tw::Order& o) { o.side = static_cast<tw::Side>('3'); }), tw::Status::order);
  EXPECT_EQ(refused([](tw::Order& o) { o.struct_size = 7; }), tw::Status::unsupported);

  const tw::Frame frame = limit_order().sign(signer_).value();
  EXPECT_EQ(tw::decode_order({}).status(), tw::Status::order);
  EXPECT_EQ(tw::decode_order({frame.data(), frame.size() - 1}).status(), tw::Status::order);
  EXPECT_EQ(limit_order().sign(tw::public_key(tw::keygen(1, tw::Suite::ed25519).value()).value())
                .status(),
            tw::Status::key_kind);
}

}  // namespace
