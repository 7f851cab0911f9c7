// Keys in the forms of other tools.
#include <gtest/gtest.h>

#include <tinywindow/tinywindow.hpp>

#include <string>
#include <string_view>

#include "support.hpp"

namespace tw = tinywindow;
using namespace std::string_view_literals;

namespace {

// RFC 8410, section 10.3.
constexpr auto rfc_8410 =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n"sv;

std::string text(const tw::SecretBytes& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Interchange, TheExampleOfRfc8410IsReadAndWritten) {
  const auto key = tw::decode_key(rfc_8410, tw::Usage::raw).value();
  EXPECT_EQ(tw::export_key(key).value().usage, tw::Usage::raw);
  EXPECT_EQ(text(tw::encode_key(key).value()), rfc_8410);
}

TEST(Interchange, EveryEncodingGivesTheKeyBack) {
  const auto key = tw::keygen(7, tw::Suite::ed25519).value();
  const auto public_key = tw::public_key(key).value();
  for (auto password : {""sv, "secret"sv}) {
    for (auto encoding : {tw::Encoding::der, tw::Encoding::pem}) {
      const auto encoded = tw::encode_key(key, encoding, password).value();
      EXPECT_EQ(hex(tw::decode_key(encoded, tw::Usage::framed, password).value()), hex(key));
    }
  }
  for (auto encoding : {tw::Encoding::der, tw::Encoding::pem, tw::Encoding::openssh}) {
    const auto encoded = tw::encode_key(public_key, encoding).value();
    EXPECT_EQ(hex(tw::decode_key(encoded).value()), hex(public_key));
  }
}

TEST(Interchange, RefusalsSayWhy) {
  const auto key = tw::keygen(7, tw::Suite::ed25519).value();
  const auto locked = tw::encode_key(key, tw::Encoding::pem, "secret"sv).value();
  EXPECT_EQ(tw::decode_key(locked).status(), tw::Status::password);
  EXPECT_EQ(tw::decode_key(locked, tw::Usage::framed, "guess"sv).status(), tw::Status::password);
  EXPECT_EQ(tw::encode_key(key, tw::Encoding::openssh).status(), tw::Status::argument);
  EXPECT_EQ(tw::encode_key(tw::keygen(7).value()).status(), tw::Status::argument);
  EXPECT_EQ(tw::decode_key("no key"sv).status(), tw::Status::key);
}

}  // namespace
