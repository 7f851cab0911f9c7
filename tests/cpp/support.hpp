// What the tests share.
#pragma once

#include <tinywindow/tinywindow.hpp>

#include <cstdint>
#include <string>

inline std::string hex(tinywindow::Bytes bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

inline std::string flip_last_bit(tinywindow::Bytes bytes) {
  std::string changed(bytes.begin(), bytes.end());
  changed.back() = static_cast<char>(changed.back() ^ 1);
  return changed;
}

/// The value of a series now.
inline double metric(const std::string& series) {
  const std::string text = tinywindow::metrics_text().value();
  const std::string line = "\ntinywindow_" + series + " ";
  const std::size_t found = text.find(line);
  return found == std::string::npos ? -1 : std::stod(text.substr(found + line.size()));
}
