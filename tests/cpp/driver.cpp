// Speaks the driver protocol of tests/python/baseline.py, so that the conformance suite of all
// languages runs through the C++ layer.
#include <tinywindow/tinywindow.hpp>

#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace tw = tinywindow;

namespace {

using Words = std::vector<std::string>;
using Buffer = std::vector<std::uint8_t>;

std::string to_hex(tw::Bytes bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text.empty() ? "-" : text;
}

Buffer from_hex(const std::string& text) {
  Buffer bytes;
  if (text == "-") return bytes;
  if (text.size() % 2 != 0) throw std::invalid_argument("odd number of hex digits");
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(text.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

std::string to_id(std::uint64_t id) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(id));
  return text;
}

std::uint64_t number(const std::string& text) { return std::stoull(text); }
std::uint32_t number32(const std::string& text) {
  return static_cast<std::uint32_t>(std::stoul(text));
}

tw::Suite suite(const std::string& name) { return tw::suite_from_name(name).value(); }

std::string validity(tw::Result<void> verified) {
  if (verified.status() == tw::Status::signature) return "invalid";
  verified.value();
  return "valid";
}

// --- Orders: `none` is no price, `-` is no text and no character ---------------------------------

std::int64_t to_price(const std::string& text) {
  return text == "none" ? tw::price_none : std::stoll(text);
}

std::string from_price(std::int64_t price) {
  return price == tw::price_none ? "none" : std::to_string(price);
}

std::string to_text(const std::string& text) { return text == "-" ? "" : text; }

template <class FixValue>
FixValue to_fix(const std::string& text) {
  return static_cast<FixValue>(text == "-" ? 0 : text.at(0));
}

template <class FixValue>
std::string from_fix(FixValue value) {
  const char character = static_cast<char>(value);
  return character == 0 ? "-" : std::string(1, character);
}

std::string order_sign(const Words& words) {
  tw::Order order;
  order.template_id = static_cast<tw::Template>(number32(words[1]));
  order.sequence = number(words[2]);
  order.sending_time = number(words[3]);
  order.client_order_id = number(words[4]);
  order.orig_client_order_id = number(words[5]);
  order.session_id = number(words[6]);
  order.price = to_price(words[7]);
  order.stop_price = to_price(words[8]);
  order.quantity = number(words[9]);
  order.symbol = to_text(words[10]);
  order.account = to_text(words[11]);
  order.side = to_fix<tw::Side>(words[12]);
  order.ord_type = to_fix<tw::OrdType>(words[13]);
  order.time_in_force = to_fix<tw::TimeInForce>(words[14]);
  return to_hex(order.sign(from_hex(words[0])).value());
}

std::string order_decode(const Words& words) {
  const Buffer frame = from_hex(words[0]);
  const tw::DecodedOrder decoded = tw::decode_order(frame).value();
  const tw::Order& order = decoded.order;
  std::ostringstream line;
  line << static_cast<std::uint32_t>(order.template_id) << ' ' << order.sequence << ' '
       << order.sending_time << ' ' << order.client_order_id << ' ' << order.orig_client_order_id
       << ' ' << order.session_id << ' ' << to_id(order.key_id) << ' ' << from_price(order.price)
       << ' ' << from_price(order.stop_price) << ' ' << order.quantity << ' '
       << order.symbol.view() << ' '
       << (order.account.view().empty() ? "-" : order.account.view()) << ' '
       << from_fix(order.side) << ' ' << from_fix(order.ord_type) << ' '
       << from_fix(order.time_in_force) << ' ' << to_hex(decoded.signature);
  return line.str();
}

// --- The protocol --------------------------------------------------------------------------------

struct Command {
  std::size_t words;
  std::function<std::string(const Words&)> run;
};

const std::map<std::string, Command> commands = {
    {"keygen", {2, [](const Words& w) {
      return to_hex(tw::keygen(number(w[1]), suite(w[0])).value());
    }}},
    {"entropy", {2, [](const Words& w) {
      return to_hex(tw::keygen_from_entropy(from_hex(w[1]), suite(w[0])).value());
    }}},
    {"import", {4, [](const Words& w) {
      return to_hex(tw::import_key(suite(w[0]), static_cast<tw::Kind>(number32(w[1])),
                                   static_cast<tw::Usage>(number32(w[2])), from_hex(w[3])).value());
    }}},
    {"public", {1, [](const Words& w) { return to_hex(tw::public_key(from_hex(w[0])).value()); }}},
    {"keyid", {1, [](const Words& w) { return to_id(tw::key_id(from_hex(w[0])).value()); }}},
    {"sign", {2, [](const Words& w) {
      return to_hex(tw::sign(from_hex(w[0]), from_hex(w[1])).value());
    }}},
    {"verify", {3, [](const Words& w) {
      return validity(tw::verify(from_hex(w[0]), from_hex(w[1]), from_hex(w[2])));
    }}},
    {"sign_context", {3, [](const Words& w) {
      return to_hex(tw::sign_with_context(from_hex(w[0]), from_hex(w[1]), from_hex(w[2])).value());
    }}},
    {"verify_context", {4, [](const Words& w) {
      return validity(tw::verify_with_context(from_hex(w[0]), from_hex(w[1]), from_hex(w[2]),
                                              from_hex(w[3])));
    }}},
    {"order_sign", {15, order_sign}},
    {"order_decode", {1, order_decode}},
};

std::string answer(const std::string& line) {
  std::istringstream stream(line);
  std::string name, word;
  Words words;
  stream >> name;
  while (stream >> word) words.push_back(word);
  try {
    const Command& command = commands.at(name);
    if (words.size() != command.words) throw std::invalid_argument("wrong number of words");
    return "ok " + command.run(words);
  } catch (const tw::Error& error) {
    return std::string("error ") + tw::name(error.status());
  } catch (const std::exception& error) {
    return std::string("error DRIVER ") + error.what();
  }
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer(line) << std::endl;
  }
  return 0;
}
