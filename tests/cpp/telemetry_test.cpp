// Metrics and log events, as a C++ host gets them.
#include <gtest/gtest.h>

#include <tinywindow/tinywindow.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support.hpp"

namespace tw = tinywindow;
using namespace std::string_view_literals;

namespace {

TEST(Metrics, CountersAgreeWithTheCalls) {
  const std::string made = R"(encryption_keygen_total{status="success"})";
  const std::string signed_ = R"(encryption_sign_total{status="success"})";
  const std::string valid = R"(encryption_verify_total{status="success",result="valid"})";
  const std::string invalid = R"(encryption_verify_total{status="success",result="invalid"})";
  const double before[] = {metric(made), metric(signed_), metric(valid), metric(invalid)};
  const tw::SecretBytes key = tw::keygen(1).value();
  const tw::Signature signature = tw::sign(key, "payload"sv).value();
  EXPECT_TRUE(tw::verify(key, "payload"sv, signature));
  EXPECT_FALSE(tw::verify(key, "another"sv, signature));
  EXPECT_FALSE(tw::verify(key, "another"sv, {}));
  EXPECT_EQ(metric(made) - before[0], 1);
  EXPECT_EQ(metric(signed_) - before[1], 1);
  EXPECT_EQ(metric(valid) - before[2], 1);
  EXPECT_EQ(metric(invalid) - before[3], 2);
}

TEST(Metrics, TextIsWhole) {
  const std::string text = tw::metrics_text().value();
  EXPECT_EQ(text.rfind("# HELP ", 0), 0U);
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(text.find('\0'), std::string::npos);
}

constexpr auto config = R"(
gateway.max_orders = 100
journal.kind = "memory"
venue.kind = "paper"
instruments = [{ symbol = "AAPL", tick = "0.01", lot = 1, max_quantity = 1,
                 max_notional = "unlimited", max_position = "unlimited", collar_percent = 10 }]
)"sv;

std::string line(const tw::LogEvent& event) {
  std::string text = std::to_string(static_cast<int>(event.level())) + " ";
  text.append(event.target()).append(": ").append(event.message());
  for (const tw::LogField& field : event.fields()) {
    text.append(" ").append(field.key()).append("=").append(field.value());
  }
  return text;
}

void open_and_close() { tw::Gateway::open(config).value().close().value(); }

void silence() { tw::set_log_sink(nullptr).value(); }

TEST(Log, EventsAreToldWithTheirFields) {
  std::vector<std::string> told;
  tw::set_log_sink([&](const tw::LogEvent& event) {
    EXPECT_GT(event.time(), 1'700'000'000'000'000'000U);
    told.push_back(line(event));
  }).value();
  tw::Gateway gateway = tw::Gateway::open(config).value();
  gateway.halt(tw::HaltScope::symbol("AAPL")).value();
  gateway.close().value();
  silence();
  open_and_close();
  EXPECT_EQ(told, (std::vector<std::string>{
                      "3 gateway: gateway opened sessions=0 instruments=1 orders=0 open_orders=0",
                      "2 gateway: halted scope=symbol name=AAPL", "3 gateway: gateway closed"}));
}

TEST(Log, OnlyGraverEventsAreTold) {
  int told = 0;
  tw::set_log_sink([&](const tw::LogEvent&) { ++told; }, tw::LogLevel::warn).value();
  open_and_close();
  const auto unknown = tw::set_log_sink([](const tw::LogEvent&) {}, static_cast<tw::LogLevel>(4));
  EXPECT_EQ(unknown.status(), tw::Status::argument);
  tw::Gateway gateway = tw::Gateway::open(config).value();
  gateway.halt(tw::HaltScope::gateway()).value();
  silence();
  EXPECT_EQ(told, 1) << "and the sink is still the one before";
}

TEST(Log, ASinkMayCallTheLibraryButSetNoOther) {
  std::vector<tw::Status> statuses;
  tw::set_log_sink([&](const tw::LogEvent&) {
    EXPECT_TRUE(tw::sign(tw::keygen(1).value(), "payload"sv));
    statuses.push_back(tw::set_log_sink(nullptr).status());
  }).value();
  open_and_close();
  silence();
  EXPECT_EQ(statuses, std::vector<tw::Status>(2, tw::Status::busy));
}

TEST(Log, WhatASinkThrowsIsDropped) {
  int told = 0;
  tw::set_log_sink([&](const tw::LogEvent&) { ++told, throw std::runtime_error("sink"); }).value();
  open_and_close();
  silence();
  EXPECT_EQ(told, 2);
}

TEST(Log, ASinkThatIsReplacedIsDestroyed) {
  const auto held = std::make_shared<int>(0);
  tw::set_log_sink([held](const tw::LogEvent&) { ++*held; }).value();
  open_and_close();
  EXPECT_EQ(held.use_count(), 2);
  tw::set_log_sink([](const tw::LogEvent&) {}).value();
  EXPECT_EQ(held.use_count(), 1);
  open_and_close();
  EXPECT_EQ(*held, 2);
  silence();
}

TEST(Log, ASinkMaySetAnotherWhenItIsDestroyed) {
  tw::Status status = tw::Status::internal;
  const auto set_another = [](tw::Status* set) { *set = tw::set_log_sink(nullptr).status(); };
  std::shared_ptr<tw::Status> held(&status, set_another);
  tw::set_log_sink([mine = std::move(held)](const tw::LogEvent&) { (void)mine; }).value();
  silence();
  EXPECT_EQ(status, tw::Status::ok);
}

// Under the sanitizers: a sink that is gone is never called.
TEST(Log, SinksAreSetWhileEventsAreToldOnOtherThreads) {
  std::atomic<int> told{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&] {
      tw::Gateway gateway = tw::Gateway::open(config).value();
      while (!stop) gateway.halt(tw::HaltScope::gateway()).value();
    });
    threads.emplace_back([&] {
      while (!stop) {
        const auto own = std::make_unique<int>(1);
        const auto sink = [&, mine = own.get()](const tw::LogEvent&) { told += *mine; };
        const tw::Status status = tw::set_log_sink(sink).status();
        EXPECT_TRUE(status == tw::Status::ok || status == tw::Status::busy);
        // Another's sink may be the one that goes; whoever finds it busy tries again.
        while (tw::set_log_sink(nullptr).status() == tw::Status::busy) std::this_thread::yield();
      }
    });
  }
  while (told < 100) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
