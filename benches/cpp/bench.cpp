// What the C++ layer costs over C, beside OpenSSL in the same process. Prints Markdown.
// Usage: bench_cpp [smoke]
#include <array>
#include <chrono>
#include <cstring>
#include <memory>

#include <openssl/evp.h>
#include <openssl/params.h>
#include <tinywindow/tinywindow.hpp>

#include "../c/orders.h"

namespace tw = tinywindow;

static constexpr std::size_t material_offset = 8;  // in key bytes

struct Forms {
  tw::SecretBytes key = tw::keygen(1).value();
  tw::Signer signer = tw::Signer::create(key).value();
  tw::Verifier verifier = tw::Verifier::create(key).value();
  std::array<std::uint8_t, 200> payload{};
  tw::Signature signature = signer.sign(payload).value();
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> mac{nullptr, EVP_MAC_CTX_free};

  Forms() {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                     OSSL_PARAM_construct_end()};
    mac.reset(EVP_MAC_CTX_new(EVP_MAC_fetch(nullptr, "HMAC", nullptr)));
    must(EVP_MAC_init(mac.get(), key.data() + material_offset, 32, parameters), "EVP_MAC_init");
  }
};

/// A contender whose call is inlined into the loop that repeats it.
template <void (*call)(const Forms&)>
static contender repeated(const char* name, Forms& forms) {
  return {name,
          [](void* state, long count) {
            while (count-- > 0) call(*static_cast<const Forms*>(state));
          },
          &forms};
}

static void sign_in_c(const Forms& f) {
  std::uint8_t out[64];
  std::size_t length = 0;
  must(tw_signer_sign(f.signer.c_handle(), f.payload.data(), f.payload.size(), out, sizeof out,
                      &length) == TW_OK, "tw_signer_sign");
}

static void sign(const Forms& f) { must(f.signer.sign(f.payload).ok(), "sign"); }

static void sign_into(const Forms& f) {
  std::array<std::uint8_t, 64> out;
  must(f.signer.sign_into(f.payload, out).ok(), "sign_into");
}

static void sign_by_openssl(const Forms& f) {
  std::uint8_t tag[32];
  std::size_t length = 0;
  must(EVP_MAC_init(f.mac.get(), nullptr, 0, nullptr)
           && EVP_MAC_update(f.mac.get(), f.payload.data(), f.payload.size())
           && EVP_MAC_final(f.mac.get(), tag, &length, sizeof tag), "EVP_MAC");
}

static void verify_in_c(const Forms& f) {
  must(tw_verifier_verify(f.verifier.c_handle(), f.payload.data(), f.payload.size(),
                          f.signature.data(), f.signature.size()) == TW_OK, "tw_verifier_verify");
}

static void verify(const Forms& f) {
  must(f.verifier.verify(f.payload, f.signature).ok(), "verify");
}

static void compare_signing(Forms& forms, int rounds) {
  const contender signing[] = {
      repeated<sign_in_c>("C: `tw_signer_sign`", forms),
      repeated<sign>("C++: `Signer::sign`", forms),
      repeated<sign_into>("C++: `Signer::sign_into`", forms),
      repeated<sign_by_openssl>("OpenSSL `EVP_MAC`, context reused", forms)};
  const contender verifying[] = {
      repeated<verify_in_c>("C: `tw_verifier_verify`", forms),
      repeated<verify>("C++: `Verifier::verify`", forms)};
  compare("HMAC-SHA256 of 200 bytes: sign", signing, 4, rounds);
  compare("HMAC-SHA256 of 200 bytes: verify", verifying, 2, rounds);
}

struct Sender {
  const tw::Verifier& verifier;
  tw::Gateway gateway;
};

static void measure_sending(Forms& forms, int chunks) {
  Sender sender{forms.verifier, tw::Gateway::open(CONFIG).value()};
  sender.gateway.add_key(SESSION, forms.key).value();
  const auto verify = [](void* state, const frame* order) {
    const tw::Bytes payload(order->bytes, order->signed_length);
    const tw::Bytes signature(order->signature, 32);
    must(static_cast<Sender*>(state)->verifier.verify(payload, signature).ok(), "verify");
  };
  const auto send = [](void* state, const frame* order) {
    tw::Gateway& gateway = static_cast<Sender*>(state)->gateway;
    const tw::Bytes bytes(order->bytes, order->length);
    const auto ack = gateway.send_order(bytes, std::chrono::seconds(1));
    must(ack && ack.value().accepted == tw::Accepted::yes, "send_order");
  };
  measure_orders("`Gateway::send_order`, hmac-sha256 session, mean of 1,000 orders, median of "
                 "these", verify, send, &sender, forms.signer.c_handle(), chunks);
}

int main(int argc, char** argv) {
  const bool smoke = argc > 1 && std::strcmp(argv[1], "smoke") == 0;
  std::printf("\n## C++\n");
  Forms forms;
  compare_signing(forms, smoke ? 3 : ROUNDS_MAX);
  measure_sending(forms, smoke ? 3 : CHUNKS_MAX);
}
