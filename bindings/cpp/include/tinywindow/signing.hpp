/// Keys and signatures.
#ifndef TINYWINDOW_SIGNING_HPP
#define TINYWINDOW_SIGNING_HPP

#include <tinywindow.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include <tinywindow/bytes.hpp>
#include <tinywindow/result.hpp>

namespace tinywindow {

/// Signature suites.
enum class Suite : std::uint32_t {
  hmac_sha256 = TW_SUITE_HMAC_SHA256,  ///< RFC 2104, FIPS 198-1: one secret, both sides
  ed25519 = TW_SUITE_ED25519,          ///< RFC 8032, strict verification
  ml_dsa_44 = TW_SUITE_ML_DSA_44,      ///< FIPS 204, deterministic
  ml_dsa_65 = TW_SUITE_ML_DSA_65,
  ml_dsa_87 = TW_SUITE_ML_DSA_87,
  mldsa65_ed25519 = TW_SUITE_MLDSA65_ED25519,  ///< both of them: the IETF's composite
};

/// What a key is.
enum class Kind : std::uint32_t {
  secret = TW_KIND_SECRET,
  public_ = TW_KIND_PUBLIC,
  expanded = TW_KIND_EXPANDED,  ///< signs: an ML-DSA private key whose seed is not known
};

/// What a key may sign.
enum class Usage : std::uint32_t {
  framed = TW_USAGE_FRAMED,  ///< payloads and orders, each in a context of its own
  raw = TW_USAGE_RAW,        ///< bare bytes, for the protocols of others; never an order
};

/// The suite's name, "ed25519"; NULL for a suite that this library does not have.
inline const char* name(Suite suite) noexcept {
  return tw_suite_name(static_cast<std::uint32_t>(suite));
}

/// The suite with this name. Errors: suite.
inline Result<Suite> suite_from_name(std::string_view name) noexcept {
  std::uint32_t number = 0;
  const tw_status status = tw_suite_from_name(detail::bytes_of(name), name.size(), &number);
  Suite suite = static_cast<Suite>(number);
  return detail::checked(status, suite);
}

/// Bytes of a secret key, its 8 byte header included; 0 for an unknown suite. Raw HMAC keys, whose
/// length is free, are the exception.
inline std::size_t secret_key_size(Suite suite) noexcept {
  return tw_secret_key_size(static_cast<std::uint32_t>(suite));
}

/// Bytes of a public key, header included; 0 for an unknown suite and for HMAC, which has none.
inline std::size_t public_key_size(Suite suite) noexcept {
  return tw_public_key_size(static_cast<std::uint32_t>(suite));
}

/// Bytes of a private key that came expanded, without its seed, header included; 0 for an unknown
/// suite and for one that has no such keys.
inline std::size_t expanded_key_size(Suite suite) noexcept {
  return tw_expanded_key_size(static_cast<std::uint32_t>(suite));
}

/// Bytes of a signature; 0 for an unknown suite.
inline std::size_t signature_size(Suite suite) noexcept {
  return tw_signature_size(static_cast<std::uint32_t>(suite));
}

using Signature = FixedBytes<TW_SIGNATURE_MAX>;
using PublicKey = FixedBytes<TW_PUBLIC_KEY_MAX>;

/// What mlock failing means for the memory of prepared keys, in this process from now on.
enum class MemoryLock : std::uint32_t {
  required = TW_MEMORY_LOCK_REQUIRED,    ///< `Status::memory`; the default
  preferred = TW_MEMORY_LOCK_PREFERRED,  ///< go on without
};

/// Errors: argument.
inline Result<void> memory_policy(MemoryLock policy) noexcept {
  return detail::checked(tw_memory_policy(static_cast<std::uint32_t>(policy)));
}

// --- Keys ----------------------------------------------------------------------------------------

/// A secret key from a seed: the same one on every machine, for ever. For tests and simulations:
/// 64 bits can be guessed; real keys come from `generate`. Errors: suite.
inline Result<SecretBytes> keygen(std::uint64_t seed, Suite suite = Suite::hmac_sha256) noexcept {
  return SecretBytes::from([&](auto... out) {
    return tw_keygen(static_cast<std::uint32_t>(suite), seed, out...);
  });
}

/// A secret key from the operating system's entropy. Errors: suite, entropy.
inline Result<SecretBytes> generate(Suite suite = Suite::hmac_sha256) noexcept {
  return SecretBytes::from([&](auto... out) {
    return tw_generate(static_cast<std::uint32_t>(suite), out...);
  });
}

/// A secret key from TW_ENTROPY_SIZE (32) bytes of the caller's entropy: the same bytes, the same
/// key. Errors: length, suite.
inline Result<SecretBytes> keygen_from_entropy(Bytes entropy,
                                               Suite suite = Suite::hmac_sha256) noexcept {
  return SecretBytes::from([&](auto... out) {
    return tw_keygen_from_entropy(static_cast<std::uint32_t>(suite), entropy.data(),
                                  entropy.size(), out...);
  });
}

/// Key bytes from bare material of the suite's size, for raw HMAC keys of 1 to 1024 bytes.
/// Errors: suite, key_kind, key_usage, key (the material).
inline Result<SecretBytes> import_key(Suite suite, Kind kind, Usage usage,
                                      Bytes material) noexcept {
  return SecretBytes::from([&](auto... out) {
    return tw_key_import(static_cast<std::uint32_t>(suite), static_cast<std::uint32_t>(kind),
                         static_cast<std::uint32_t>(usage), material.data(), material.size(),
                         out...);
  });
}

/// A key taken apart.
struct ExportedKey {
  Suite suite;
  Kind kind;
  Usage usage;
  SecretBytes material;
};

/// Suite, kind, usage and bare material. Errors: key.
inline Result<ExportedKey> export_key(Bytes key) noexcept {
  std::uint32_t suite = 0, kind = 0, usage = 0;
  auto material = SecretBytes::from([&](auto... out) {
    return tw_key_export(key.data(), key.size(), &suite, &kind, &usage, out...);
  });
  if (!material) return material.status();
  return ExportedKey{static_cast<Suite>(suite), static_cast<Kind>(kind),
                     static_cast<Usage>(usage), std::move(material).value()};
}

/// The public half, of the same usage. Errors: key, key_kind (HMAC has none).
inline Result<PublicKey> public_key(Bytes key) noexcept {
  return PublicKey::from([&](auto... out) {
    return tw_public_key(key.data(), key.size(), out...);
  });
}

/// Errors: key.
inline Result<Suite> key_suite(Bytes key) noexcept {
  std::uint32_t number = 0;
  const tw_status status = tw_key_suite(key.data(), key.size(), &number);
  Suite suite = static_cast<Suite>(number);
  return detail::checked(status, suite);
}

/// The number that names a key, the same for both halves; shown as 16 hex digits. Errors: key.
inline Result<std::uint64_t> key_id(Bytes key) noexcept {
  std::uint64_t id = 0;
  return detail::checked(tw_key_id(key.data(), key.size(), &id), id);
}

// --- One signature -------------------------------------------------------------------------------

/// Signs a payload of any length. Errors: key, key_kind, and for raw keys payload.
inline Result<Signature> sign(Bytes key, Bytes payload) noexcept {
  return Signature::from([&](auto... out) {
    return tw_sign(key.data(), key.size(), payload.data(), payload.size(), out...);
  });
}

/// Ok only when valid. The key may be secret or public. Errors: signature (not valid, of whatever
/// length), key.
inline Result<void> verify(Bytes key, Bytes payload, Bytes signature) noexcept {
  return detail::checked(tw_verify(key.data(), key.size(), payload.data(), payload.size(),
                                   signature.data(), signature.size()));
}

/// As `sign`, in a context of the caller's own: 1 to TW_CONTEXT_MAX (60) bytes, not beginning with
/// `tinywindow/`; of raw keys of ML-DSA and its composite 0 to TW_RAW_CONTEXT_MAX. Worthless in any
/// other context. Errors: also context, key_usage (other raw keys).
inline Result<Signature> sign_with_context(Bytes key, Bytes context, Bytes payload) noexcept {
  return Signature::from([&](auto... out) {
    return tw_sign_with_context(key.data(), key.size(), context.data(), context.size(),
                                payload.data(), payload.size(), out...);
  });
}

/// As `verify`, in the context that it was signed in. Errors: also context, key_usage (raw keys).
inline Result<void> verify_with_context(Bytes key, Bytes context, Bytes payload,
                                        Bytes signature) noexcept {
  return detail::checked(tw_verify_with_context(key.data(), key.size(), context.data(),
                                                context.size(), payload.data(), payload.size(),
                                                signature.data(), signature.size()));
}

/// A tag cut to 16 to 32 bytes, for the protocols of others: raw HMAC keys only.
/// Errors: signature, length (of the tag), key, suite, key_usage.
inline Result<void> verify_truncated(Bytes key, Bytes payload, Bytes tag) noexcept {
  return detail::checked(tw_verify_truncated(key.data(), key.size(), payload.data(),
                                             payload.size(), tag.data(), tag.size()));
}

// --- Prepared keys -------------------------------------------------------------------------------

/// A secret key, parsed and expanded once, in guarded memory; signs many.
class Signer {
 public:
  /// Errors: key, key_kind, memory.
  static Result<Signer> create(Bytes key) noexcept {
    tw_signer* handle = nullptr;
    const tw_status status = tw_signer_new(key.data(), key.size(), &handle);
    Signer signer(handle);
    return detail::checked(status, signer);
  }

  Result<std::uint64_t> key_id() const noexcept {
    std::uint64_t id = 0;
    return detail::checked(tw_signer_key_id(c_handle(), &id), id);
  }

  /// Errors: for raw keys payload.
  Result<Signature> sign(Bytes payload) const noexcept {
    return Signature::from([&](auto... out) {
      return tw_signer_sign(c_handle(), payload.data(), payload.size(), out...);
    });
  }

  /// Signs into the caller's memory and gives the signature's length, in bytes. An empty `out`
  /// asks for it. Errors: buffer, and those of `sign`.
  Result<std::size_t> sign_into(Bytes payload, MutableBytes out) const noexcept {
    return detail::written(out, [&](auto... o) {
      return tw_signer_sign(c_handle(), payload.data(), payload.size(), o...);
    });
  }

  /// Errors: context, key_usage (raw keys).
  Result<Signature> sign_with_context(Bytes context, Bytes payload) const noexcept {
    return Signature::from([&](auto... out) {
      return tw_signer_sign_with_context(c_handle(), context.data(), context.size(),
                                         payload.data(), payload.size(), out...);
    });
  }

  /// Signs every payload. The signatures stand side by side in `signatures`, which holds
  /// payloads.size() times signature_size() bytes; the slot of one that failed is zeroed, and
  /// `results`, as long as `payloads`, says why. Gives the bytes written; the error is the first
  /// item's. Errors: length (`results`), buffer (nothing is signed), and those of `sign`.
  Result<std::size_t> sign_batch(Span<const Bytes> payloads, MutableBytes signatures,
                                 Span<Status> results) const noexcept {
    if (results.size() != payloads.size()) return Status::length;
    return detail::written(signatures, [&](auto... out) {
      return tw_signer_sign_batch(c_handle(), reinterpret_cast<const tw_bytes*>(payloads.data()),
                                  payloads.size(), out...,
                                  reinterpret_cast<tw_status*>(results.data()));
    });
  }

  /// The C handle, still owned by this object.
  const tw_signer* c_handle() const noexcept { return handle_.get(); }

 private:
  struct Free {
    void operator()(tw_signer* signer) const noexcept { tw_signer_free(signer); }
  };

  explicit Signer(tw_signer* handle) noexcept : handle_(handle) {}

  std::unique_ptr<tw_signer, Free> handle_;
};

/// A public or secret key, parsed and expanded once, in guarded memory; verifies many.
class Verifier {
 public:
  /// Errors: key, memory.
  static Result<Verifier> create(Bytes key) noexcept {
    tw_verifier* handle = nullptr;
    const tw_status status = tw_verifier_new(key.data(), key.size(), &handle);
    Verifier verifier(handle);
    return detail::checked(status, verifier);
  }

  Result<std::uint64_t> key_id() const noexcept {
    std::uint64_t id = 0;
    return detail::checked(tw_verifier_key_id(c_handle(), &id), id);
  }

  /// Ok only when valid. Errors: signature.
  Result<void> verify(Bytes payload, Bytes signature) const noexcept {
    return detail::checked(tw_verifier_verify(c_handle(), payload.data(), payload.size(),
                                              signature.data(), signature.size()));
  }

  /// Errors: signature, context, key_usage (raw keys).
  Result<void> verify_with_context(Bytes context, Bytes payload, Bytes signature) const noexcept {
    return detail::checked(tw_verifier_verify_with_context(
        c_handle(), context.data(), context.size(), payload.data(), payload.size(),
        signature.data(), signature.size()));
  }

  /// Verifies signatures[i] over payloads[i]; ok only when all are valid. `results[i]` says of
  /// each; the error is the first item's. Errors: length (the three differ), and `verify`'s.
  Result<void> verify_batch(Span<const Bytes> payloads, Span<const Bytes> signatures,
                            Span<Status> results) const noexcept {
    if (signatures.size() != payloads.size() || results.size() != payloads.size()) {
      return Status::length;
    }
    return detail::checked(tw_verifier_verify_batch(
        c_handle(), reinterpret_cast<const tw_bytes*>(payloads.data()),
        reinterpret_cast<const tw_bytes*>(signatures.data()), payloads.size(),
        reinterpret_cast<tw_status*>(results.data())));
  }

  /// The C handle, still owned by this object.
  const tw_verifier* c_handle() const noexcept { return handle_.get(); }

 private:
  struct Free {
    void operator()(tw_verifier* verifier) const noexcept { tw_verifier_free(verifier); }
  };

  explicit Verifier(tw_verifier* handle) noexcept : handle_(handle) {}

  std::unique_ptr<tw_verifier, Free> handle_;
};

}  // namespace tinywindow

#endif
