// Metrics, as a C++ host reads them.
#include <gtest/gtest.h>

#include <tinywindow/tinywindow.hpp>

#include <string>

namespace tw = tinywindow;
using namespace std::string_view_literals;

namespace {

/// The value of a series now.
double metric(const std::string& series) {
  const std::string text = tw::metrics_text().value();
  const std::string line = "\ntinywindow_" + series + " ";
  const std::size_t found = text.find(line);
  return found == std::string::npos ? -1 : std::stod(text.substr(found + line.size()));
}

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

}  // namespace
