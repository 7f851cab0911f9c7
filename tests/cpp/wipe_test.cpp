// SecretBytes are wiped before their memory goes: looked at from inside the deallocation.
#include <gtest/gtest.h>

#include <tinywindow/tinywindow.hpp>

#include <cstdlib>
#include <new>
#include <optional>
#include <utility>

namespace tw = tinywindow;

namespace {

const void* watched = nullptr;
std::size_t watched_size = 0;
std::size_t bytes_left = 0;
bool was_freed = false;

void inspect(const void* memory) noexcept {
  if (memory == nullptr || memory != watched) return;
  watched = nullptr;
  was_freed = true;
  for (std::size_t i = 0; i < watched_size; ++i) {
    bytes_left += static_cast<const volatile std::uint8_t*>(memory)[i] != 0;
  }
}

}  // namespace

void* operator new[](std::size_t size) {
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

void operator delete[](void* memory) noexcept {
  inspect(memory);
  std::free(memory);
}

void operator delete[](void* memory, std::size_t) noexcept { operator delete[](memory); }

namespace {

class Wiping : public testing::Test {
 protected:
  void watch(const tw::SecretBytes& bytes) {
    watched = bytes.data();
    watched_size = bytes.size();
    bytes_left = 0;
    was_freed = false;
  }

  void expect_wiped() {
    EXPECT_TRUE(was_freed);
    EXPECT_EQ(bytes_left, 0u);
  }
};

TEST_F(Wiping, AtTheEndOfTheirLife) {
  std::optional<tw::SecretBytes> key = tw::keygen(1).value();
  watch(*key);
  key.reset();
  expect_wiped();
}

TEST_F(Wiping, WhenOthersAreMovedIn) {
  tw::SecretBytes key = tw::keygen(1).value();
  watch(key);
  key = tw::keygen(2).value();
  expect_wiped();
}

TEST_F(Wiping, WithRoomToSpare) {
  const tw::SecretBytes key = tw::keygen(1, tw::Suite::ed25519).value();
  std::optional<tw::SecretBytes> encoded = tw::encode_key(key, tw::Encoding::pem).value();
  std::optional<tw::SecretBytes> decoded = tw::decode_key(*encoded).value();
  watch(*decoded);
  decoded.reset();
  expect_wiped();
  watch(*encoded);
  encoded.reset();
  expect_wiped();
}

TEST_F(Wiping, AsTheMaterialOfAnExportedKey) {
  std::optional<tw::ExportedKey> exported = tw::export_key(tw::keygen(1).value()).value();
  watch(exported->material);
  exported.reset();
  expect_wiped();
}

}  // namespace
