// Headers in any order and more than once; the other unit is compiled as C++20.
#include <tinywindow.h>
#include <tinywindow/tinywindow.hpp>

#include <tinywindow/tinywindow.hpp>
#include <tinywindow.h>

static_assert(__cplusplus == 201703L, "this unit is C++17");

tinywindow::Result<void> verify_as_cpp20(tinywindow::Bytes key, tinywindow::Bytes payload,
                                         const tinywindow::Signature& signature);

int main() {
  const auto key = tinywindow::keygen(1);
  if (!key) return 1;
  const std::string_view payload = "between units";
  const auto signature = tinywindow::sign(key.value(), payload);
  if (!signature) return 2;
  return verify_as_cpp20(key.value(), payload, signature.value()).ok() ? 0 : 3;
}
