// Keys, signatures, contexts and batches, for every suite.
#include <gtest/gtest.h>

#include <tinywindow/tinywindow.hpp>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "support.hpp"

namespace tw = tinywindow;
using namespace std::string_view_literals;

namespace {

constexpr auto payload = "a payload"sv;

class EverySuite : public testing::TestWithParam<tw::Suite> {
 protected:
  const tw::SecretBytes key_ = tw::keygen(42, GetParam()).value();
};

INSTANTIATE_TEST_SUITE_P(Suites, EverySuite,
                         testing::Values(tw::Suite::hmac_sha256, tw::Suite::ed25519,
                                         tw::Suite::ml_dsa_44, tw::Suite::ml_dsa_65,
                                         tw::Suite::ml_dsa_87, tw::Suite::mldsa65_ed25519));

TEST_P(EverySuite, NamesAndSizesAgreeWithWhatIsMade) {
  EXPECT_EQ(tw::suite_from_name(tw::name(GetParam())).value(), GetParam());
  EXPECT_EQ(tw::key_suite(key_).value(), GetParam());
  EXPECT_EQ(key_.size(), tw::secret_key_size(GetParam()));
  EXPECT_EQ(tw::sign(key_, payload).value().size(), tw::signature_size(GetParam()));
  EXPECT_LE(key_.size(), std::size_t{TW_KEY_MAX});
  EXPECT_LE(tw::public_key_size(GetParam()), tw::PublicKey::capacity());
  EXPECT_LE(tw::expanded_key_size(GetParam()), std::size_t{TW_KEY_MAX});
}

TEST_P(EverySuite, SeedsRepeatAndEntropyDoesNot) {
  EXPECT_EQ(hex(key_), hex(tw::keygen(42, GetParam()).value()));
  EXPECT_NE(hex(key_), hex(tw::keygen(43, GetParam()).value()));
  EXPECT_NE(hex(tw::generate(GetParam()).value()), hex(tw::generate(GetParam()).value()));
  const std::array<std::uint8_t, TW_ENTROPY_SIZE> entropy = {1, 2, 3};
  EXPECT_EQ(hex(tw::keygen_from_entropy(entropy, GetParam()).value()),
            hex(tw::keygen_from_entropy(entropy, GetParam()).value()));
  EXPECT_EQ(tw::keygen_from_entropy("short"sv, GetParam()).status(), tw::Status::length);
}

TEST_P(EverySuite, SignaturesAreOfOneKeyAndOnePayload) {
  const tw::Signature signature = tw::sign(key_, payload).value();
  EXPECT_TRUE(tw::verify(key_, payload, signature));
  EXPECT_EQ(tw::verify(key_, "another"sv, signature).status(), tw::Status::signature);
  EXPECT_EQ(tw::verify(key_, payload, flip_last_bit(signature)).status(), tw::Status::signature);
  EXPECT_EQ(tw::verify(key_, payload, {}).status(), tw::Status::signature);
  EXPECT_EQ(tw::verify(tw::keygen(1, GetParam()).value(), payload, signature).status(),
            tw::Status::signature);
}

TEST_P(EverySuite, PreparedKeysAgreeWithKeyBytes) {
  const tw::Signer signer = tw::Signer::create(key_).value();
  const tw::Verifier verifier = tw::Verifier::create(key_).value();
  EXPECT_EQ(hex(signer.sign(payload).value()), hex(tw::sign(key_, payload).value()));
  EXPECT_TRUE(verifier.verify(payload, signer.sign(payload).value()));
  EXPECT_EQ(verifier.verify("another"sv, signer.sign(payload).value()).status(),
            tw::Status::signature);
  EXPECT_EQ(signer.key_id().value(), tw::key_id(key_).value());
  EXPECT_EQ(verifier.key_id().value(), tw::key_id(key_).value());
}

TEST_P(EverySuite, SignIntoWritesOnlyWhatFits) {
  const tw::Signer signer = tw::Signer::create(key_).value();
  const std::size_t size = tw::signature_size(GetParam());
  EXPECT_EQ(signer.sign_into(payload, {}).value(), size) << "no room asks for the size";
  std::vector<std::uint8_t> out(size - 1, 0xAA);
  EXPECT_EQ(signer.sign_into(payload, out).status(), tw::Status::buffer);
  EXPECT_EQ(out, std::vector<std::uint8_t>(size - 1, 0xAA));
  out.assign(size + 1, 0xAA);
  EXPECT_EQ(signer.sign_into(payload, out).value(), size);
  EXPECT_EQ(hex(tw::Bytes(out.data(), size)), hex(tw::sign(key_, payload).value()));
  EXPECT_EQ(out.back(), 0xAA);
}

TEST_P(EverySuite, ContextsKeepSignaturesApart) {
  const tw::Signer signer = tw::Signer::create(key_).value();
  const tw::Verifier verifier = tw::Verifier::create(key_).value();
  const tw::Signature signature = tw::sign_with_context(key_, "app/1"sv, payload).value();
  EXPECT_EQ(hex(signer.sign_with_context("app/1"sv, payload).value()), hex(signature));
  EXPECT_TRUE(tw::verify_with_context(key_, "app/1"sv, payload, signature));
  EXPECT_TRUE(verifier.verify_with_context("app/1"sv, payload, signature));
  EXPECT_EQ(verifier.verify_with_context("app/2"sv, payload, signature).status(),
            tw::Status::signature);
  EXPECT_EQ(verifier.verify(payload, signature).status(), tw::Status::signature);
  for (const std::string& refused : {std::string(), std::string("tinywindow/mine"),
                                     std::string(TW_CONTEXT_MAX + 1, 'c')}) {
    EXPECT_EQ(signer.sign_with_context(refused, payload).status(), tw::Status::context);
  }
}

TEST_P(EverySuite, BatchesAgreeWithSingleCalls) {
  const tw::Signer signer = tw::Signer::create(key_).value();
  const tw::Verifier verifier = tw::Verifier::create(key_).value();
  const std::array<tw::Bytes, 3> payloads = {"one"sv, ""sv, "three"sv};
  const std::size_t size = tw::signature_size(GetParam());
  std::vector<std::uint8_t> side_by_side(3 * size);
  std::array<tw::Status, 3> results;
  results.fill(tw::Status::internal);
  EXPECT_EQ(signer.sign_batch(payloads, side_by_side, results).value(), 3 * size);
  std::array<tw::Bytes, 3> signatures;
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(results[i], tw::Status::ok);
    signatures[i] = tw::Bytes(side_by_side.data() + i * size, size);
    EXPECT_EQ(hex(signatures[i]), hex(signer.sign(payloads[i]).value()));
  }
  EXPECT_TRUE(verifier.verify_batch(payloads, signatures, results));

  std::swap(signatures[1], signatures[2]);
  EXPECT_EQ(verifier.verify_batch(payloads, signatures, results).status(), tw::Status::signature);
  EXPECT_EQ(results[0], tw::Status::ok);
  EXPECT_EQ(results[1], tw::Status::signature);
  EXPECT_EQ(results[2], tw::Status::signature);
  EXPECT_EQ(signer.sign_batch(payloads, side_by_side, {results.data(), 2}).status(),
            tw::Status::length);
  EXPECT_EQ(verifier.verify_batch(payloads, {signatures.data(), 2}, results).status(),
            tw::Status::length);
}

TEST_P(EverySuite, ExportAndImportAreInverse) {
  const tw::ExportedKey exported = tw::export_key(key_).value();
  EXPECT_EQ(exported.suite, GetParam());
  EXPECT_EQ(exported.kind, tw::Kind::secret);
  EXPECT_EQ(exported.usage, tw::Usage::framed);
  EXPECT_EQ(exported.material.size(), key_.size() - 8);
  const tw::SecretBytes imported =
      tw::import_key(exported.suite, exported.kind, exported.usage, exported.material).value();
  EXPECT_EQ(hex(imported), hex(key_));
}

TEST_P(EverySuite, HandlesMoveAndTheMovedFromAnswersNull) {
  tw::Signer signer = tw::Signer::create(key_).value();
  const std::string expected = hex(signer.sign(payload).value());
  tw::Signer other = std::move(signer);
  EXPECT_EQ(hex(other.sign(payload).value()), expected);
  EXPECT_EQ(signer.c_handle(), nullptr);
  EXPECT_EQ(signer.sign(payload).status(), tw::Status::null);
  signer = std::move(other);
  EXPECT_EQ(hex(signer.sign(payload).value()), expected);
  static_assert(!std::is_copy_constructible_v<tw::Signer>);
  static_assert(!std::is_copy_constructible_v<tw::Verifier>);
  static_assert(std::is_nothrow_move_constructible_v<tw::Verifier>);
}

TEST(Ed25519, ThePublicHalfVerifiesAndDoesNotSign) {
  const tw::SecretBytes secret = tw::keygen(42, tw::Suite::ed25519).value();
  const tw::PublicKey half = tw::public_key(secret).value();
  EXPECT_EQ(half.size(), tw::public_key_size(tw::Suite::ed25519));
  EXPECT_EQ(tw::key_id(half).value(), tw::key_id(secret).value());
  EXPECT_TRUE(tw::verify(half, payload, tw::sign(secret, payload).value()));
  EXPECT_TRUE(tw::Verifier::create(half).value().verify(payload,
                                                        tw::sign(secret, payload).value()));
  EXPECT_EQ(tw::sign(half, payload).status(), tw::Status::key_kind);
  EXPECT_EQ(tw::Signer::create(half).status(), tw::Status::key_kind);
}

TEST(Hmac, HasNoPublicKey) {
  EXPECT_EQ(tw::public_key(tw::keygen(1).value()).status(), tw::Status::key_kind);
  EXPECT_EQ(tw::public_key_size(tw::Suite::hmac_sha256), 0u);
}

TEST(RawKeys, SignForTheProtocolsOfOthers) {  // RFC 4231, test case 2
  const tw::SecretBytes key =
      tw::import_key(tw::Suite::hmac_sha256, tw::Kind::secret, tw::Usage::raw, "Jefe"sv).value();
  const auto message = "what do ya want for nothing?"sv;
  const tw::Signature tag = tw::sign(key, message).value();
  EXPECT_EQ(hex(tag), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_TRUE(tw::verify_truncated(key, message, {tag.data(), 16}));
  EXPECT_EQ(tw::verify_truncated(key, message, {tag.data() + 1, 16}).status(),
            tw::Status::signature);
  EXPECT_EQ(tw::verify_truncated(key, message, {tag.data(), 15}).status(), tw::Status::length);
  EXPECT_EQ(tw::verify(key, message, {tag.data(), 16}).status(), tw::Status::signature);
  EXPECT_EQ(tw::sign_with_context(key, "app"sv, message).status(), tw::Status::key_usage);
}

TEST(Suites, UnknownOnesAreRefused) {
  const auto unknown = static_cast<tw::Suite>(99);
  EXPECT_EQ(tw::name(unknown), nullptr);
  EXPECT_EQ(tw::signature_size(unknown), 0u);
  EXPECT_EQ(tw::suite_from_name("rot13").status(), tw::Status::suite);
  EXPECT_EQ(tw::keygen(1, unknown).status(), tw::Status::suite);
  EXPECT_EQ(tw::generate(unknown).status(), tw::Status::suite);
}

TEST(MemoryPolicy, TakesWhatIsListed) {
  EXPECT_TRUE(tw::memory_policy(tw::MemoryLock::required));
  EXPECT_EQ(tw::memory_policy(static_cast<tw::MemoryLock>(9)).status(), tw::Status::argument);
}

}  // namespace
