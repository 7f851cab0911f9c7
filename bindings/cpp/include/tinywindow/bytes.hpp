/// Views of the caller's bytes, and buffers of our own.
#ifndef TINYWINDOW_BYTES_HPP
#define TINYWINDOW_BYTES_HPP

#include <tinywindow.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <type_traits>
#include <utility>

#include <tinywindow/result.hpp>

namespace tinywindow {

namespace detail {

template <class T>
inline constexpr bool is_byte =
    std::is_same_v<std::remove_cv_t<T>, std::uint8_t> ||
    std::is_same_v<std::remove_cv_t<T>, char> || std::is_same_v<std::remove_cv_t<T>, std::byte>;

/// Elements that a Span<To> can show: the same ones, perhaps more const; for bytes, any kind.
template <class From, class To>
inline constexpr bool is_viewable =
    std::is_convertible_v<From (*)[], To (*)[]> ||
    (std::is_same_v<std::remove_const_t<To>, std::uint8_t> && is_byte<From> &&
     (std::is_const_v<To> || !std::is_const_v<From>));

/// A struct of ours that goes through the C ABI as the C struct it mirrors.
template <class Ours, class C>
inline constexpr bool is_same_memory = sizeof(Ours) == sizeof(C) && alignof(Ours) == alignof(C) &&
                                       std::is_standard_layout_v<Ours> &&
                                       std::is_trivially_copyable_v<Ours>;

template <class Range>
using ElementOf = std::remove_pointer_t<decltype(std::declval<Range&>().data())>;

}  // namespace detail

/// What std::span is, for C++17 too: a pointer and a number of elements, owning nothing.
///
/// Any container with `data()` and `size()` converts to it; it converts to std::span. A Span of
/// uint8_t shows `char` and `std::byte` as well. Arrays of char do not convert: a literal's last
/// element is a NUL that nobody means; write `"text"sv`.
template <class T>
class Span {
 public:
  using value_type = std::remove_cv_t<T>;

  constexpr Span() noexcept = default;
  constexpr Span(T* data, std::size_t size) noexcept : data_(data), size_(size) {}
  template <std::size_t N>
  constexpr Span(T (&array)[N]) noexcept : data_(array), size_(N) {}
  template <class Range, class = std::enable_if_t<
                             detail::is_viewable<detail::ElementOf<Range>, T> &&
                             !std::is_same_v<std::decay_t<Range>, Span>>>
  Span(Range&& range) noexcept
      : data_(reinterpret_cast<T*>(range.data())), size_(range.size()) {}

  constexpr T* data() const noexcept { return data_; }
  constexpr std::size_t size() const noexcept { return size_; }
  constexpr bool empty() const noexcept { return size_ == 0; }
  constexpr T* begin() const noexcept { return data_; }
  constexpr T* end() const noexcept { return data_ + size_; }
  constexpr T& operator[](std::size_t index) const noexcept { return data_[index]; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

using Bytes = Span<const std::uint8_t>;
using MutableBytes = Span<std::uint8_t>;

/// An array of Bytes is an array of tw_bytes: batches pass it as it is.
static_assert(detail::is_same_memory<Bytes, tw_bytes>);

/// At most `Capacity` bytes, in place: no heap. Copying costs what is in it, not the capacity.
template <std::size_t Capacity>
class FixedBytes {
 public:
  FixedBytes() noexcept {}
  FixedBytes(const FixedBytes& other) noexcept { *this = other; }
  FixedBytes& operator=(const FixedBytes& other) noexcept {
    std::memmove(data_, other.data_, other.size_);
    size_ = other.size_;
    return *this;
  }

  static constexpr std::size_t capacity() noexcept { return Capacity; }
  const std::uint8_t* data() const noexcept { return data_; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const std::uint8_t* begin() const noexcept { return data_; }
  const std::uint8_t* end() const noexcept { return data_ + size_; }

  /// Made by a C function with the arguments (out, out_cap, out_len).
  template <class Call>
  static Result<FixedBytes> from(Call&& call) noexcept {
    FixedBytes bytes;
    return detail::checked(call(bytes.data_, Capacity, &bytes.size_), bytes);
  }

 private:
  std::size_t size_ = 0;
  std::uint8_t data_[Capacity];
};

/// Bytes that hold a secret: on the heap, wiped when they go. Moves, does not copy.
///
/// The memory is ordinary: it can be swapped out and dumped. A Signer or Verifier keeps its key in
/// guarded memory; make one, and let the bytes go.
class SecretBytes {
 public:
  SecretBytes() noexcept = default;
  SecretBytes(SecretBytes&& other) noexcept { swap(other); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    SecretBytes(std::move(other)).swap(*this);
    return *this;
  }
  ~SecretBytes() {
    volatile std::uint8_t* bytes = data_.get();     // volatile: stores that are not optimised away
    for (std::size_t i = 0; i < size_; ++i) bytes[i] = 0;
  }

  const std::uint8_t* data() const noexcept { return data_.get(); }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  const std::uint8_t* begin() const noexcept { return data(); }
  const std::uint8_t* end() const noexcept { return data() + size_; }

  void swap(SecretBytes& other) noexcept {
    data_.swap(other.data_);
    std::swap(size_, other.size_);
  }

  /// A copy of the bytes, from a file say; `Status::memory` when there is no memory.
  static Result<SecretBytes> copy_of(Bytes bytes) noexcept {
    return from([&](std::uint8_t* out, std::size_t out_cap, std::size_t* out_len) {
      *out_len = bytes.size();
      if (out_cap > 0) std::memcpy(out, bytes.data(), out_cap);
      return TW_OK;
    });
  }

  /// Made by a C function with the arguments (out, out_cap, out_len); it is asked for the size
  /// first, so that no smaller copy is left behind.
  template <class Call>
  static Result<SecretBytes> from(Call&& call) noexcept {
    std::size_t size = 0;
    if (const tw_status status = call(nullptr, 0, &size); status != TW_OK) {
      return static_cast<Status>(status);
    }
    return from_at_most(size, call);
  }

  /// The same where asking for the size costs as much as the result: it has at most `capacity`.
  template <class Call>
  static Result<SecretBytes> from_at_most(std::size_t capacity, Call&& call) noexcept {
    SecretBytes bytes;
    bytes.data_.reset(new (std::nothrow) std::uint8_t[capacity]());
    if (!bytes.data_) return Status::memory;
    return detail::checked(call(bytes.data_.get(), capacity, &bytes.size_), bytes);
  }

 private:
  std::unique_ptr<std::uint8_t[]> data_;
  std::size_t size_ = 0;
};

/// Text of an order: at most 16 bytes 0x21 to 0x7E, padded with NULs (symbol, account).
///
/// Never cut: text that is too long becomes text that no order may have, so that encoding and
/// signing answer `Status::order`.
class Text {
 public:
  constexpr Text() noexcept = default;
  /// From whatever is text: a literal, a std::string, a std::string_view.
  template <class T, class = std::enable_if_t<std::is_convertible_v<const T&, std::string_view>>>
  constexpr Text(const T& source) noexcept {
    const std::string_view text = source;
    for (std::size_t i = 0; i < sizeof(bytes_); ++i) {
      if (text.size() > sizeof(bytes_)) bytes_[i] = 0x7F;
      else if (i < text.size()) bytes_[i] = static_cast<std::uint8_t>(text[i]);
    }
  }

  /// The text without its padding.
  std::string_view view() const noexcept {
    const char* text = reinterpret_cast<const char*>(bytes_);
    const void* end = std::memchr(bytes_, 0, sizeof(bytes_));
    return {text, end ? static_cast<std::size_t>(static_cast<const char*>(end) - text)
                      : sizeof(bytes_)};
  }

  friend bool operator==(const Text& a, const Text& b) noexcept { return a.view() == b.view(); }
  friend bool operator!=(const Text& a, const Text& b) noexcept { return !(a == b); }

 private:
  std::uint8_t bytes_[16] = {};
};

namespace detail {

/// How many bytes a C function with the arguments (out, out_cap, out_len) wrote to `out`.
template <class Call>
Result<std::size_t> written(MutableBytes out, Call&& call) noexcept {
  std::size_t size = 0;
  return checked(call(out.data(), out.size(), &size), size);
}

inline std::string_view text_of(tw_bytes bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data), bytes.len};
}

inline const std::uint8_t* bytes_of(std::string_view text) noexcept {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

}  // namespace detail
}  // namespace tinywindow

#endif
