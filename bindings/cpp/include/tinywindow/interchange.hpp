/// Keys in the forms of other tools: PKCS#8, SubjectPublicKeyInfo, PEM, OpenSSH.
#ifndef TINYWINDOW_INTERCHANGE_HPP
#define TINYWINDOW_INTERCHANGE_HPP

#include <tinywindow.h>

#include <cstdint>

#include <tinywindow/bytes.hpp>
#include <tinywindow/result.hpp>
#include <tinywindow/signing.hpp>

namespace tinywindow {

/// A form of a key that others know.
enum class Encoding : std::uint32_t {
  der = TW_ENCODING_DER,          ///< PKCS#8 (RFC 5958), or SubjectPublicKeyInfo (RFC 5280)
  pem = TW_ENCODING_PEM,          ///< RFC 7468, of the same
  openssh = TW_ENCODING_OPENSSH,  ///< a line of authorized_keys, for public Ed25519 keys
};

/// Writes a key in another form; with a password a secret key is encrypted (PBES2 of RFC 8018,
/// PBKDF2-HMAC-SHA256 of 600,000 rounds, AES-256-CBC), which takes some
/// tenths of a second.
/// Errors: key, argument (no such form, or a password for a public key), entropy.
inline Result<SecretBytes> encode_key(Bytes key, Encoding encoding = Encoding::pem,
                                      Bytes password = {}) noexcept {
  return SecretBytes::from_at_most(TW_ENCODED_KEY_MAX, [&](auto... out) {
    return tw_key_encode(key.data(), key.size(), static_cast<std::uint32_t>(encoding),
                         password.data(), password.size(), out...);
  });
}

/// Reads a key in any of these forms, which it tells apart by itself, as key bytes of this usage.
/// Errors: length (more than TW_ENCODED_KEY_MAX), suite (another algorithm), password (missing,
/// wrong or not needed), unsupported (encrypted in another way than PBES2 with AES and SHA-2 or
/// scrypt, or at an excessive cost), key.
inline Result<SecretBytes> decode_key(Bytes encoded, Usage usage = Usage::framed,
                                      Bytes password = {}) noexcept {
  return SecretBytes::from_at_most(TW_KEY_MAX, [&](auto... out) {
    return tw_key_decode(static_cast<std::uint32_t>(usage), encoded.data(), encoded.size(),
                         password.data(), password.size(), out...);
  });
}

}  // namespace tinywindow

#endif
