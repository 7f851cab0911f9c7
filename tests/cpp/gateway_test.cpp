// The gateway: two sessions, a memory journal and the paper venue.
#include <gtest/gtest.h>

#include <poll.h>
#include <unistd.h>

#include <tinywindow/tinywindow.hpp>

#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

namespace tw = tinywindow;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

namespace {

constexpr auto config = R"(
[journal]
kind = "memory"
[limits]
tick = "0.01"
lot = 1
max_quantity = "1000"
max_notional = "unlimited"
max_position = "unlimited"
collar_percent = "10"
[[instruments]]
symbol = "AAPL"
reference_price = 100
[[sessions]]
id = 1
[[sessions]]
id = 2
[venue]
kind = "paper"
)"sv;

/// One who trades: numbers and signs the orders of a session.
class Trader {
 public:
  Trader(std::uint64_t session_id, tw::Suite suite)
      : session_id_(session_id), key_(tw::keygen(session_id, suite).value()),
        signer_(tw::Signer::create(key_).value()) {}

  std::uint64_t key_id() const { return signer_.key_id().value(); }

  void enter(tw::Gateway& gateway) const {
    const auto half = tw::public_key(key_);
    gateway.add_key(session_id_, half ? tw::Bytes(half.value()) : tw::Bytes(key_)).value();
  }

  tw::Order number(tw::Order order) {
    order.session_id = session_id_;
    order.client_order_id = order.sequence = ++sequence_;
    order.sending_time = tw::now();
    return order;
  }

  tw::Frame sign(const tw::Order& order) const { return order.sign(signer_).value(); }
  tw::Frame next(const tw::Order& order) { return sign(number(order)); }

 private:
  std::uint64_t session_id_;
  tw::SecretBytes key_;
  tw::Signer signer_;
  std::uint64_t sequence_ = 0;
};

tw::Order sell(std::int64_t price = 100 * tw::unit) {
  return tw::Order::limit("AAPL", tw::Side::sell, 10 * tw::unit, price);
}

tw::Order buy(std::uint64_t quantity = 10 * tw::unit) {
  return tw::Order::limit("AAPL", tw::Side::buy, quantity, 100 * tw::unit);
}

class GatewayTest : public testing::Test {
 protected:
  GatewayTest() {
    seller_.enter(gateway_);
    buyer_.enter(gateway_);
  }

  tw::OrderAck send(tw::Bytes frame) { return gateway_.send_order(frame, 5s).value(); }
  tw::Status refusal(tw::Bytes frame) { return gateway_.send_order(frame, 5s).status(); }

  /// The next `count` executions of one type, whatever else comes before them.
  std::vector<tw::Completion> executions(tw::ExecType type, std::size_t count) {
    std::vector<tw::Completion> found;
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (found.size() < count && std::chrono::steady_clock::now() < deadline) {
      std::array<tw::Completion, 4> room;
      for (const tw::Completion& completion : gateway_.poll(room, 100ms).value()) {
        if (completion.kind == tw::Completion::Kind::execution && completion.exec_type == type) {
          found.push_back(completion);
        }
      }
    }
    EXPECT_EQ(found.size(), count);
    found.resize(count);
    return found;
  }

  tw::Gateway gateway_ = tw::Gateway::open(config).value();
  Trader seller_{1, tw::Suite::ed25519};
  Trader buyer_{2, tw::Suite::hmac_sha256};
};

TEST_F(GatewayTest, CrossingOrdersFillEachOther) {
  const tw::OrderAck rest = send(seller_.next(sell()));
  EXPECT_EQ(rest.accepted, tw::Accepted::yes);
  EXPECT_EQ(rest.reason, tw::Reason::none);
  EXPECT_EQ(rest.duplicate, 0u);
  EXPECT_EQ(rest.session_id, 1u);
  EXPECT_EQ(rest.sequence, 1u);
  EXPECT_EQ(rest.client_order_id, 1u);
  EXPECT_NE(rest.time, 0u);
  const tw::OrderAck cross = send(buyer_.next(buy(4 * tw::unit)));
  EXPECT_EQ(cross.accepted, tw::Accepted::yes);
  EXPECT_NE(cross.order_id, rest.order_id);

  std::uint64_t sold = 0, bought = 0;
  for (const tw::Completion& fill : executions(tw::ExecType::trade, 2)) {
    EXPECT_EQ(fill.last_price, 100 * tw::unit);
    EXPECT_EQ(fill.last_quantity, 400'000'000u);
    EXPECT_EQ(fill.cum_quantity, 400'000'000u);
    const bool is_sell = fill.side == tw::Side::sell;
    (is_sell ? sold : bought) += fill.last_quantity;
    EXPECT_EQ(fill.session_id, is_sell ? 1u : 2u);
    EXPECT_EQ(fill.order_id, is_sell ? rest.order_id : cross.order_id);
    EXPECT_EQ(fill.leaves_quantity, is_sell ? 600'000'000u : 0u);
    EXPECT_EQ(fill.ord_status,
              is_sell ? tw::OrdStatus::partially_filled : tw::OrdStatus::filled);
  }
  EXPECT_EQ(sold, bought);

  const tw::OrderState state = gateway_.order_status(1, 1).value();
  EXPECT_EQ(state.accepted, tw::Accepted::yes);
  EXPECT_EQ(state.ord_status, tw::OrdStatus::partially_filled);
  EXPECT_EQ(state.side, tw::Side::sell);
  EXPECT_EQ(state.order_id, rest.order_id);
  EXPECT_EQ(state.price, 100 * tw::unit);
  EXPECT_EQ(state.quantity, 1'000'000'000u);
  EXPECT_EQ(state.cum_quantity, 400'000'000u);
  EXPECT_EQ(state.leaves_quantity, 600'000'000u);
  EXPECT_EQ(gateway_.order_status(1, 99).status(), tw::Status::not_found);
}

TEST_F(GatewayTest, ARetryGetsTheOriginalsAck) {
  const tw::Order order = seller_.number(sell());
  const tw::Frame frame = seller_.sign(order);
  const tw::OrderAck first = send(frame);
  const tw::OrderAck again = send(frame);
  EXPECT_EQ(again.duplicate, 1u);
  EXPECT_EQ(again.order_id, first.order_id);
  EXPECT_EQ(again.accepted, tw::Accepted::yes);
  EXPECT_EQ(again.time, first.time);

  tw::Order other = order;
  other.price -= tw::unit;
  EXPECT_EQ(refusal(seller_.sign(other)), tw::Status::sequence_reused);
}

TEST_F(GatewayTest, RefusalsLeaveNothingBehind) {
  const tw::Frame frame = seller_.next(sell());
  tw::OrderAck ack;
  EXPECT_EQ(gateway_.send_order(flip_last_bit(frame), 5s, ack).status(),
            tw::Status::unauthenticated);
  EXPECT_EQ(ack.order_id, 0u);
  EXPECT_EQ(refusal("nonsense"sv), tw::Status::order);
  EXPECT_EQ(refusal({}), tw::Status::order);
  EXPECT_EQ(refusal(Trader(3, tw::Suite::ed25519).next(sell())), tw::Status::unauthenticated);
  tw::Order late = seller_.number(sell());
  late.sending_time -= 60'000'000'000;
  EXPECT_EQ(refusal(seller_.sign(late)), tw::Status::stale_time);
  EXPECT_EQ(send(frame).duplicate, 0u);
  EXPECT_EQ(gateway_.order_status(1, 2).status(), tw::Status::not_found);
}

TEST_F(GatewayTest, RejectionsAreDecisions) {
  const tw::OrderAck ack = send(seller_.next(sell(100 * tw::unit + 1)));
  EXPECT_EQ(ack.accepted, tw::Accepted::no);
  EXPECT_EQ(ack.reason, tw::Reason::tick);
  EXPECT_EQ(send(seller_.next(sell(111 * tw::unit))).reason, tw::Reason::price_collar);
  EXPECT_EQ(send(buyer_.next(buy(1001 * tw::unit))).reason, tw::Reason::max_quantity);
  EXPECT_EQ(send(buyer_.next(tw::Order::market("MSFT", tw::Side::buy, tw::unit))).reason,
            tw::Reason::unknown_symbol);
}

TEST_F(GatewayTest, PreTradeCheckChangesNothing) {
  EXPECT_EQ(gateway_.pre_trade_check(buyer_.next(buy(1001 * tw::unit))).value(),
            tw::Reason::max_quantity);
  const tw::Frame frame = seller_.next(sell());
  EXPECT_EQ(gateway_.pre_trade_check(frame).value(), tw::Reason::none);
  EXPECT_EQ(gateway_.pre_trade_check(frame).value(), tw::Reason::none);
  EXPECT_EQ(gateway_.pre_trade_check(flip_last_bit(frame)).status(), tw::Status::unauthenticated);
  EXPECT_EQ(gateway_.order_status(1, 1).status(), tw::Status::not_found);
  EXPECT_EQ(send(frame).duplicate, 0u);
}

TEST_F(GatewayTest, EveryReasonBeforeTheTrade) {
  const tw::Frame bad = buyer_.next(tw::Order::limit("AAPL", tw::Side::buy, 1001 * tw::unit,
                                                     200 * tw::unit));
  EXPECT_EQ(gateway_.pre_trade_reasons(bad).value(),
            (std::vector<tw::Reason>{tw::Reason::max_quantity, tw::Reason::price_collar}));
  EXPECT_TRUE(gateway_.pre_trade_reasons(buyer_.next(buy())).value().empty());
  EXPECT_EQ(gateway_.pre_trade_reasons(flip_last_bit(bad)).status(), tw::Status::unauthenticated);
}

TEST_F(GatewayTest, TicksByPrice) {
  EXPECT_TRUE(gateway_.set_tick_bands("AAPL", {{tw::unit, 7 * tw::unit}}).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::tick);
  EXPECT_TRUE(gateway_.set_tick_bands("AAPL", {}).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::none);
  EXPECT_EQ(gateway_.set_tick_bands("NONE", {}).status(), tw::Status::not_found);
  EXPECT_EQ(gateway_.set_tick_bands("AAPL", {{0, 1}}).status(), tw::Status::argument);
}

tw::ExposureLimits no_limits() {
  tw::ExposureLimits limits;
  limits.max_gross_notional = limits.max_net_notional = limits.max_loss = tw::unlimited;
  return limits;
}

TEST_F(GatewayTest, LimitsOfExposure) {
  tw::ExposureLimits limits;
  limits.max_gross_notional = tw::unit;
  EXPECT_EQ(gateway_.set_exposure_limits(tw::ExposureScope::firm(), limits).status(),
            tw::Status::argument);
  limits.max_net_notional = limits.max_loss = tw::unlimited;
  EXPECT_TRUE(gateway_.set_exposure_limits(tw::ExposureScope::firm(), limits).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::firm_gross);
  limits.flags = TW_EXPOSURE_RESET;
  EXPECT_TRUE(gateway_.set_exposure_limits(tw::ExposureScope::firm(), limits).ok());
  limits.flags = 0;
  EXPECT_TRUE(gateway_.set_exposure_limits(tw::ExposureScope::every_account(), limits).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::account_gross);
  EXPECT_TRUE(gateway_.set_exposure_limits(tw::ExposureScope::account(""), no_limits()).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::none);
  limits.flags = 2;
  EXPECT_EQ(gateway_.set_exposure_limits(tw::ExposureScope::firm(), limits).status(),
            tw::Status::argument);
}

TEST_F(GatewayTest, PositionsAndExposures) {
  EXPECT_EQ(gateway_.exposure(tw::ExposureScope::firm()).status(), tw::Status::not_found);
  tw::ExposureLimits limits = no_limits();
  limits.max_loss = 1000000 * tw::unit;
  EXPECT_TRUE(gateway_.set_exposure_limits(tw::ExposureScope::account(""), limits).ok());
  const tw::Order order = buy();
  send(buyer_.next(order));
  const std::string symbol(order.symbol.view());
  const tw::Position position = gateway_.position("", symbol).value();
  EXPECT_EQ(position.quantity, 0);
  EXPECT_EQ(position.open_buy, order.quantity);
  EXPECT_EQ(position.open_sell, 0u);
  const tw::Exposure exposure = gateway_.exposure(tw::ExposureScope::account("")).value();
  EXPECT_EQ(exposure.gross, position.gross);
  EXPECT_EQ(exposure.net_buy, static_cast<std::int64_t>(position.gross));
  EXPECT_EQ(exposure.max_loss, limits.max_loss);
  EXPECT_EQ(exposure.max_gross_notional, tw::unlimited);
  EXPECT_EQ(gateway_.exposure(tw::ExposureScope::firm()).value().gross, position.gross);
  EXPECT_EQ(gateway_.position("OTHER", symbol).value().open_buy, 0u);
  EXPECT_EQ(gateway_.position("", "NONE").status(), tw::Status::not_found);
  const auto every = gateway_.exposure(tw::ExposureScope::every_account());
  EXPECT_EQ(every.status(), tw::Status::argument);
  EXPECT_EQ(every.message(), "scope: every account has an exposure of its own");
}

TEST_F(GatewayTest, LimitsAndPermissionsOfSessions) {
  send(buyer_.next(buy()));
  tw::SessionLimits limits;
  limits.max_open_orders = 1;
  EXPECT_TRUE(gateway_.set_session_limits(2, limits).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::max_open_orders);
  EXPECT_EQ(gateway_.session_limits(2).value().max_open_orders, 1u);
  EXPECT_EQ(gateway_.session_state(2).value().open_orders, 1u);
  EXPECT_EQ(gateway_.session_state(2).value().last_sequence, 2u);
  EXPECT_EQ(gateway_.session_state(3).status(), tw::Status::not_found);
  EXPECT_TRUE(gateway_.halt(tw::HaltScope::session(2)).ok());
  EXPECT_EQ(gateway_.halted_since(tw::HaltScope::session(2)).value(),
            gateway_.session_state(2).value().halted_since);
  EXPECT_EQ(gateway_.halted_since(tw::HaltScope::gateway()).value(), 0u);
  EXPECT_TRUE(gateway_.resume(tw::HaltScope::session(2)).ok());
  EXPECT_TRUE(gateway_.set_session_limits(2, {}).ok());
  limits.burst = 0;
  EXPECT_EQ(gateway_.set_session_limits(2, limits).status(), tw::Status::argument);
  EXPECT_EQ(gateway_.set_session_limits(2, limits).message(),
            "burst: must be from 1 to 1000000000");
  EXPECT_EQ(gateway_.set_session_limits(3, {}).status(), tw::Status::not_found);

  EXPECT_TRUE(gateway_.set_session_permissions(2, {}, {"IBM", "MSFT"}).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::session_symbol);
  tw::SessionPermissions sells;
  sells.sides = tw::permit(tw::Side::sell);
  EXPECT_TRUE(gateway_.set_session_permissions(2, sells).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::session_side);
  EXPECT_TRUE(gateway_.set_session_permissions(2, {}).ok());
  EXPECT_EQ(send(buyer_.next(buy())).reason, tw::Reason::none);
  sells.sides = 0;
  EXPECT_EQ(gateway_.set_session_permissions(2, sells).status(), tw::Status::argument);
}

TEST_F(GatewayTest, ReplacesAndCancelsFindTheirOrder) {
  const tw::Order order = seller_.number(sell());
  send(seller_.sign(order));
  tw::Order replace = seller_.number(order.replace());
  replace.price = 101 * tw::unit;
  EXPECT_EQ(send(seller_.sign(replace)).accepted, tw::Accepted::yes);
  const tw::Completion replaced = executions(tw::ExecType::replaced, 1).front();
  EXPECT_EQ(replaced.client_order_id, replace.client_order_id);
  EXPECT_EQ(replaced.orig_client_order_id, order.client_order_id);
  EXPECT_EQ(gateway_.order_status(1, replace.client_order_id).value().price, 101 * tw::unit);

  const tw::Order cancel = seller_.number(replace.cancel());
  EXPECT_EQ(send(seller_.sign(cancel)).accepted, tw::Accepted::yes);
  EXPECT_EQ(executions(tw::ExecType::canceled, 1).front().leaves_quantity, 0u);
  EXPECT_EQ(gateway_.order_status(1, replace.client_order_id).value().ord_status,
            tw::OrdStatus::canceled);
  EXPECT_EQ(send(seller_.next(replace.cancel())).reason, tw::Reason::order_closed);
}

TEST_F(GatewayTest, HaltsStopWhatTheySayUntilResumed) {
  const std::vector<std::pair<tw::HaltScope, tw::Reason>> scopes = {
      {tw::HaltScope::gateway(), tw::Reason::halted_gateway},
      {tw::HaltScope::session(1), tw::Reason::halted_session},
      {tw::HaltScope::symbol("AAPL"), tw::Reason::halted_symbol},
      {tw::HaltScope::account("ACC-1"), tw::Reason::halted_account},
  };
  tw::Order order = sell();
  order.account = "ACC-1";
  for (const auto& [scope, reason] : scopes) {
    gateway_.halt(scope).value();
    EXPECT_EQ(send(seller_.next(order)).reason, reason);
    gateway_.resume(scope).value();
    EXPECT_EQ(send(seller_.next(order)).accepted, tw::Accepted::yes);
  }
  gateway_.halt(tw::HaltScope::session(1)).value();
  EXPECT_EQ(send(buyer_.next(buy())).accepted, tw::Accepted::yes) << "the other session trades";
  EXPECT_EQ(gateway_.halt(tw::HaltScope::session(99)).status(), tw::Status::not_found);
}

TEST_F(GatewayTest, WhatASecondPersonAgreesToIsAboutOneHalt) {
  const tw::HaltScope scope = tw::HaltScope::symbol("AAPL");
  EXPECT_EQ(gateway_.resume_request(scope).status(), tw::Status::not_found);
  EXPECT_TRUE(tw::act_as("alice").ok());
  gateway_.halt(scope).value();
  EXPECT_TRUE(tw::act_as("").ok());
  EXPECT_EQ(tw::act_as("a name").status(), tw::Status::argument);
  const std::string request = gateway_.resume_request(scope).value();
  EXPECT_EQ(request.rfind("resume symbol AAPL, halted at ", 0), 0u);
  // Nobody has to agree here, so nobody can.
  EXPECT_EQ(gateway_.resume(scope, tw::Bytes{}).status(), tw::Status::unauthenticated);
  gateway_.resume(scope).value();
}

TEST_F(GatewayTest, WhatIsOpenOfASessionIsCancelledAtOnce) {
  EXPECT_EQ(send(seller_.next(sell())).accepted, tw::Accepted::yes);
  const std::uint64_t count = gateway_.cancel_session(2).value() + gateway_.cancel_session(1).value();
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(gateway_.cancel_session(99).status(), tw::Status::not_found);
}

TEST_F(GatewayTest, SubmittedOrdersAreAnsweredByPoll) {
  const int descriptor = gateway_.fd().value();
  std::array<tw::Completion, 8> room;
  while (!gateway_.poll(room, 0ns).value().empty()) {}
  pollfd waiting = {descriptor, POLLIN, 0};
  EXPECT_EQ(::poll(&waiting, 1, 0), 0) << "nothing waits";

  gateway_.submit(seller_.next(sell()), 77).value();
  EXPECT_EQ(gateway_.submit("nonsense"sv, 78).status(), tw::Status::order);
  ASSERT_EQ(::poll(&waiting, 1, 5000), 1);
  const tw::Span<tw::Completion> completions = gateway_.poll(room, 5s).value();
  ASSERT_GE(completions.size(), 1u);
  EXPECT_EQ(completions.data(), room.data());
  const tw::Completion& ack = completions[0];
  EXPECT_EQ(ack.kind, tw::Completion::Kind::ack);
  EXPECT_EQ(ack.tag, 77u);
  EXPECT_EQ(ack.status, tw::Status::ok);
  EXPECT_EQ(ack.accepted, tw::Accepted::yes);
  EXPECT_EQ(ack.session_id, 1u);
}

TEST_F(GatewayTest, CompletionsAreNumberedAndGivenOnce) {
  for (std::uint64_t tag = 1; tag <= 10; ++tag) gateway_.submit(seller_.next(sell()), tag).value();
  std::vector<std::uint64_t> tags;
  std::uint64_t last_number = 0;
  const auto deadline = std::chrono::steady_clock::now() + 5s;
  while (tags.size() < 10 && std::chrono::steady_clock::now() < deadline) {
    std::array<tw::Completion, 3> room;
    for (const tw::Completion& completion : gateway_.poll(room, 100ms).value()) {
      EXPECT_EQ(completion.number, ++last_number);
      if (completion.kind == tw::Completion::Kind::ack) tags.push_back(completion.tag);
    }
  }
  EXPECT_EQ(tags, (std::vector<std::uint64_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST_F(GatewayTest, PollWaitsAsLongAsItIsTold) {
  const auto waited = [&](std::chrono::nanoseconds timeout) {
    std::array<tw::Completion, 1> room;
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(gateway_.poll(room, timeout).value().empty());
    return std::chrono::steady_clock::now() - start;
  };
  EXPECT_GE(waited(20ms), 20ms);
  EXPECT_LT(waited(std::chrono::nanoseconds::min()), 5s) << "less than nothing is nothing";
}

TEST(Gateway, KeepsTheLatestExecutionsUntilSomebodyPollsAndThenAll) {
  const std::string small = "gateway = { max_completions = 4 }\n" + std::string(config);
  tw::Gateway gateway = tw::Gateway::open(small).value();
  Trader seller(1, tw::Suite::ed25519);
  seller.enter(gateway);
  std::array<tw::Completion, 8> room;
  for (int i = 0; i < 5; ++i) gateway.send_order(seller.next(sell()), 5s).value();
  const tw::Span<tw::Completion> latest = gateway.poll(room, 0ns).value();
  ASSERT_EQ(latest.size(), 4u);
  EXPECT_EQ(latest[0].number, 2u) << "a gap in the numbers tells of the dropped one";
  EXPECT_EQ(latest[1].number, 3u);
  EXPECT_EQ(latest[1].exec_type, tw::ExecType::new_);
  for (int i = 0; i < 2; ++i) gateway.send_order(seller.next(sell()), 5s).value();
  EXPECT_EQ(gateway.send_order(seller.next(sell()), 5s).status(), tw::Status::busy)
      << "one of two sessions has half of the room";
  EXPECT_EQ(gateway.poll(room, 0ns).value().size(), 2u);
  EXPECT_EQ(gateway.poll({}, 0ns).status(), tw::Status::length);
}

TEST_F(GatewayTest, KeysComeAndRetireAtRunTime) {
  const tw::SecretBytes second = tw::keygen(1000, tw::Suite::ed25519).value();
  gateway_.add_key(1, tw::public_key(second).value()).value();
  std::vector<tw::SessionKey> keys = gateway_.keys(1).value();
  ASSERT_EQ(keys.size(), 2u);

  gateway_.retire_key(1, seller_.key_id()).value();
  keys = gateway_.keys(1).value();
  ASSERT_EQ(keys.size(), 2u);
  for (const tw::SessionKey& key : keys) {
    EXPECT_EQ(key.state == tw::SessionKey::State::retired, key.key_id == seller_.key_id());
    EXPECT_EQ(key.suite, tw::Suite::ed25519);
  }
  const tw::Order order = seller_.number(sell());
  EXPECT_EQ(refusal(seller_.sign(order)), tw::Status::unauthenticated);
  EXPECT_EQ(send(order.sign(second).value()).accepted, tw::Accepted::yes);

  EXPECT_EQ(gateway_.keys(99).status(), tw::Status::not_found);
  EXPECT_EQ(gateway_.retire_key(1, 12345).status(), tw::Status::not_found);
  EXPECT_EQ(gateway_.add_key(1, "nonsense"sv).status(), tw::Status::key);
  EXPECT_EQ(gateway_.add_key(1, tw::keygen(1001, tw::Suite::ed25519).value()).status(),
            tw::Status::key_kind);
}

TEST_F(GatewayTest, InstrumentsAndReferencePricesChangeAtRunTime) {
  tw::Instrument instrument;
  instrument.symbol = "MSFT";
  instrument.tick = instrument.lot = tw::unit;
  instrument.sides = tw::permit(tw::Side::buy);
  instrument.collar_basis_points = 500;
  EXPECT_EQ(gateway_.set_instrument(instrument).status(), tw::Status::argument);
  instrument.max_quantity = instrument.max_notional = instrument.max_position = tw::unlimited;
  gateway_.set_instrument(instrument).value();
  const auto order = [](tw::Side side, std::int64_t price) {
    return tw::Order::limit("MSFT", side, tw::unit, price * tw::unit);
  };
  EXPECT_EQ(send(buyer_.next(order(tw::Side::sell, 30))).reason, tw::Reason::side);
  EXPECT_EQ(send(buyer_.next(order(tw::Side::buy, 30))).reason, tw::Reason::no_reference_price);
  gateway_.set_reference_price("MSFT", 20 * tw::unit).value();
  EXPECT_EQ(send(buyer_.next(order(tw::Side::buy, 30))).reason, tw::Reason::price_collar);
  EXPECT_EQ(send(buyer_.next(order(tw::Side::buy, 21))).accepted, tw::Accepted::yes);

  instrument.flags = TW_INSTRUMENT_RESTRICTED;
  gateway_.set_instrument(instrument).value();
  EXPECT_EQ(send(buyer_.next(order(tw::Side::buy, 21))).reason, tw::Reason::restricted_symbol);
  instrument.tick = 0;
  EXPECT_EQ(gateway_.set_instrument(instrument).status(), tw::Status::argument);
  EXPECT_EQ(gateway_.set_reference_price("MSFT", 0).status(), tw::Status::argument);
}

TEST_F(GatewayTest, ClosedTakesNoOrdersAndStillAnswers) {
  const tw::Frame frame = seller_.next(sell());
  send(frame);
  gateway_.close().value();
  gateway_.close().value();
  EXPECT_EQ(refusal(buyer_.next(buy())), tw::Status::closed);
  EXPECT_EQ(gateway_.submit(buyer_.next(buy()), 1).status(), tw::Status::closed);
  EXPECT_EQ(gateway_.order_status(1, 1).value().accepted, tw::Accepted::yes);
  std::array<tw::Completion, 8> room;
  EXPECT_TRUE(gateway_.poll(room, 0ns));
}

TEST_F(GatewayTest, MovesAndTheMovedFromAnswersNull) {
  tw::Gateway other = std::move(gateway_);
  EXPECT_EQ(other.send_order(seller_.next(sell()), 5s).value().accepted, tw::Accepted::yes);
  EXPECT_EQ(refusal(seller_.next(sell())), tw::Status::null);
  EXPECT_EQ(gateway_.close().status(), tw::Status::null);
  EXPECT_EQ(gateway_.keys(1).status(), tw::Status::null);
  gateway_ = std::move(other);
  EXPECT_EQ(send(seller_.next(sell())).accepted, tw::Accepted::yes);
  static_assert(!std::is_copy_constructible_v<tw::Gateway>);
}

TEST(Config, ProblemsAreToldByLineAndColumn) {
  std::string message = "untouched";
  EXPECT_TRUE(tw::config_check(config, &message));
  EXPECT_EQ(message, "untouched");

  const std::string bad = std::string(config) + "speed = \"light\"\n";
  EXPECT_EQ(tw::config_check(bad).status(), tw::Status::config);
  EXPECT_EQ(tw::config_check(bad, &message).status(), tw::Status::config);
  EXPECT_EQ(message.find("line 20, column 1: "), 0u) << message;
  EXPECT_NE(message.find("speed"), std::string::npos) << message;

  tw::Result<tw::Gateway> refused = tw::Gateway::open(bad);
  EXPECT_EQ(refused.status(), tw::Status::config);
  EXPECT_EQ(refused.message(), message);
  try {
    static_cast<void>(std::move(refused).value());
    FAIL() << "value() returned";
  } catch (const tw::Error& error) {
    EXPECT_EQ(error.what(), "TW_ERR_CONFIG: " + message);
  }
}

TEST(Config, AKeyFileThatIsNotThereIsNamed) {
  const std::string bad = std::string(config) + "[[sessions]]\nid = 3\nkeys = [\"/no/such.pub\"]\n";
  const tw::Result<tw::Gateway> refused = tw::Gateway::open(bad);
  EXPECT_EQ(refused.message().find("line 22, "), 0u) << refused.message();
  EXPECT_NE(refused.message().find("/no/such.pub"), std::string::npos) << refused.message();
}

TEST(SessionKeys, AreToBeAddedAgainToAJournalOpenedAgain) {
  const std::string path = testing::TempDir() + "tinywindow-" + std::to_string(getpid()) + ".twj";
  std::string text(config);
  text.replace(text.find("kind = \"memory\""), 15, "kind = \"file\"\npath = \"" + path + "\"");
  Trader trader(1, tw::Suite::ed25519);
  using States = std::vector<tw::SessionKey::State>;
  const auto states = [](tw::Gateway& gateway) {
    States found;
    for (const tw::SessionKey& key : gateway.keys(1).value()) found.push_back(key.state);
    return found;
  };
  {
    tw::Gateway gateway = tw::Gateway::open(text).value();
    trader.enter(gateway);
    EXPECT_EQ(states(gateway), States{tw::SessionKey::State::active});
  }
  tw::Gateway gateway = tw::Gateway::open(text).value();
  EXPECT_EQ(states(gateway), States{tw::SessionKey::State::absent});
  const tw::Frame frame = trader.next(sell());
  EXPECT_EQ(gateway.send_order(frame, 5s).status(), tw::Status::unauthenticated);
  trader.enter(gateway);
  EXPECT_EQ(states(gateway), States{tw::SessionKey::State::active});
  EXPECT_EQ(gateway.send_order(frame, 5s).value().accepted, tw::Accepted::yes);
  std::remove(path.c_str());
}

TEST_F(GatewayTest, CountersAgreeWithTheOrders) {
  const std::vector<std::pair<std::string, int>> changes = {
      {R"(encryption_sign_total{status="success"})", 2},
      {R"(encryption_verify_total{status="success",result="valid"})", 3},
      {R"(exec_orders_total{status="accepted"})", 1},
      {R"(exec_orders_total{status="rejected"})", 1},
      {R"(exec_rejections_total{reason="max_quantity"})", 1},
      {R"(exec_retries_total)", 1},
      {R"(exec_errors_total{type="validation"})", 1},
      {R"(exec_open_orders)", 1},
  };
  std::vector<double> before;
  for (const auto& [series, change] : changes) before.push_back(metric(series));
  const tw::Frame frame = buyer_.next(buy());
  EXPECT_EQ(send(frame).accepted, tw::Accepted::yes);
  EXPECT_EQ(send(frame).duplicate, 1u);
  EXPECT_EQ(send(buyer_.next(buy(1001 * tw::unit))).accepted, tw::Accepted::no);
  EXPECT_EQ(refusal({}), tw::Status::order);
  for (std::size_t i = 0; i < changes.size(); ++i) {
    EXPECT_EQ(metric(changes[i].first) - before[i], changes[i].second) << changes[i].first;
  }
}

}  // namespace
