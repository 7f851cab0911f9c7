// Headers in any order and more than once; the other unit is compiled as C++17.
#include <tinywindow/tinywindow.hpp>
#include <tinywindow.h>

#include <tinywindow/tinywindow.hpp>

#include <span>

static_assert(__cplusplus == 202002L, "this unit is C++20");

tinywindow::Result<void> verify_as_cpp20(tinywindow::Bytes key, tinywindow::Bytes payload,
                                         const tinywindow::Signature& signature) {
  const std::span<const std::uint8_t> view = signature;  // both ways between Span and std::span
  return tinywindow::verify(key, std::as_bytes(std::span(payload)), view);
}
