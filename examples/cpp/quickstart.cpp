// From a key to a fill, in C++17.
//
//     c++ -std=c++17 quickstart.cpp $(pkg-config --cflags --libs tinywindow) && ./a.out
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <exception>
#include <string_view>

#include <tinywindow/tinywindow.hpp>

namespace tw = tinywindow;
using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr auto config = R"(
journal = { kind = "memory" }
venue = { kind = "paper" }
sessions = [{ id = 1 }, { id = 2 }]
[[instruments]]
symbol = "AAPL"
tick = "0.01"
lot = 1
max_quantity = 1000
max_notional = 1000000
max_position = 5000
collar_percent = 10
reference_price = "585.33"
)"sv;

static void sign_and_verify(tw::Bytes key) {
  const tw::Signature signature = tw::sign(key, "hello"sv).value();
  tw::verify(key, "hello"sv, signature).value();
  std::printf("key %016" PRIx64 " signs \"hello\": valid\n", tw::key_id(key).value());
  const tw::Result<void> tampered = tw::verify(key, "hullo"sv, signature);
  std::printf("the same signature on \"hullo\": %s\n", tw::name(tampered.status()));
}

/// Signs an order as the session whose key this is, sends it and prints the answer.
static void send(tw::Gateway& gateway, std::uint64_t session_id, tw::Bytes key, tw::Order order) {
  order.session_id = session_id;
  order.client_order_id = order.sequence = 1;  // the session's first
  order.sending_time = tw::now();
  const tw::OrderAck ack = gateway.send_order(order.sign(key).value(), 1s).value();
  std::printf("%s %" PRIu64 " AAPL at %.2f: ", order.side == tw::Side::buy ? "buy" : "sell",
              order.quantity / tw::unit, static_cast<double>(order.price) / tw::unit);
  if (ack.accepted == tw::Accepted::yes) std::printf("accepted, order %" PRIu64 "\n", ack.order_id);
  else std::printf("rejected, %s\n", tw::name(ack.reason));
}

static void print_fills(tw::Gateway& gateway, int fills) {
  while (fills > 0) {
    tw::Completion room[16];
    const tw::Span<tw::Completion> completions = gateway.poll(room, 1s).value();
    if (completions.empty()) throw tw::Error(tw::Status::timeout);
    for (const tw::Completion& completion : completions) {
      if (completion.exec_type != tw::ExecType::trade) continue;
      std::printf("fill of order %" PRIu64 ": %" PRIu64 " at %.2f, %" PRIu64 " left\n",
                  completion.order_id, completion.last_quantity / tw::unit,
                  static_cast<double>(completion.last_price) / tw::unit,
                  completion.leaves_quantity / tw::unit);
      --fills;
    }
  }
}

int main() try {
  // Seeds make examples repeatable and are guessable: real keys come from tw::generate.
  const tw::SecretBytes seller = tw::keygen(1, tw::Suite::ed25519).value();
  const tw::SecretBytes buyer = tw::keygen(2, tw::Suite::ed25519).value();
  sign_and_verify(seller);

  tw::Gateway gateway = tw::Gateway::open(config).value();
  gateway.add_key(1, tw::public_key(seller).value()).value();
  gateway.add_key(2, tw::public_key(buyer).value()).value();

  send(gateway, 1, seller,
       tw::Order::limit("AAPL", tw::Side::sell, 100 * tw::unit, 585'33000000));
  send(gateway, 2, buyer, tw::Order::limit("AAPL", tw::Side::buy, 60 * tw::unit, 585'40000000));
  print_fills(gateway, 2);
  gateway.close().value();
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
