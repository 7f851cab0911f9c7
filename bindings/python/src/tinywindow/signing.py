"""Keys and signatures.

A key is bytes that say what they are: an 8-byte header (suite, kind, usage) and the material. The
functions take the bytes of a key; Signer and Verifier prepare one once, in guarded memory, for many
calls. Secret keys are plain bytes in Python: it cannot wipe them, and a repr, a log line or a
traceback with locals shows them. Make a Signer, drop the bytes, and hand the Signer around.
"""
from __future__ import annotations

import operator
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _fastcalls
from ._native import address, ffi, lib, view
from .errors import InvalidKey, TinyWindowError, check, error

if TYPE_CHECKING:
    from typing_extensions import Buffer, Self

_BYTES = ffi.typeof("uint8_t[]")
_SIZE = ffi.typeof("size_t *")
_U32 = ffi.typeof("uint32_t *")
_U64 = ffi.typeof("uint64_t *")


class Suite(IntEnum):
    """A signature suite; its name in text is as of `hmac-sha256`."""

    HMAC_SHA256 = lib.TW_SUITE_HMAC_SHA256
    """RFC 2104, FIPS 198-1: 32-byte secrets and signatures, no public key."""
    ED25519 = lib.TW_SUITE_ED25519
    """RFC 8032, strict verification: 32-byte keys, 64-byte signatures."""
    ML_DSA_44 = lib.TW_SUITE_ML_DSA_44
    """FIPS 204, deterministic, category 2: 1312-byte public keys, 2420-byte signatures."""
    ML_DSA_65 = lib.TW_SUITE_ML_DSA_65
    """FIPS 204, deterministic, category 3: 1952-byte public keys, 3309-byte signatures."""
    ML_DSA_87 = lib.TW_SUITE_ML_DSA_87
    """FIPS 204, deterministic, category 5: 2592-byte public keys, 4627-byte signatures."""
    MLDSA65_ED25519 = lib.TW_SUITE_MLDSA65_ED25519
    """ML-DSA-65 and Ed25519, the IETF's composite: 1984-byte public keys, 3373-byte signatures."""


class Kind(IntEnum):
    """Which half of a key pair a key is, and in which form."""

    SECRET = lib.TW_KIND_SECRET
    PUBLIC = lib.TW_KIND_PUBLIC
    EXPANDED = lib.TW_KIND_EXPANDED
    """Signs: an ML-DSA private key whose seed is not known."""


class Usage(IntEnum):
    """What a key signs: a framed one payloads in a context, a raw one the bare payload."""

    FRAMED = lib.TW_USAGE_FRAMED
    RAW = lib.TW_USAGE_RAW


class MemoryPolicy(IntEnum):
    """What happens when the memory of a prepared key cannot be locked."""

    LOCK_REQUIRED = lib.TW_MEMORY_LOCK_REQUIRED
    LOCK_PREFERRED = lib.TW_MEMORY_LOCK_PREFERRED


class ExportedKey(NamedTuple):
    """What the bytes of a key say. `material` of a secret key is the secret itself."""

    suite: Suite
    kind: Kind
    usage: Usage
    material: bytes

    def __repr__(self) -> str:
        return f"ExportedKey({self.suite!r}, {self.kind!r}, {self.usage!r}, material=...)"


def memory_policy(policy: MemoryPolicy) -> None:
    """Set, for the process, whether the memory of prepared keys must be locked (the default)."""
    check(lib.tw_memory_policy(policy))


def suite_name(suite: Suite) -> str:
    """The name of a suite in text."""
    return str(ffi.string(lib.tw_suite_name(suite)).decode())


_SUITES = {suite_name(suite): suite for suite in Suite}


def _suite_number(suite: Suite | str) -> int:
    number = _SUITES.get(suite) if isinstance(suite, str) else operator.index(suite)
    if number is None or number not in _SUITES.values():
        raise error(lib.TW_ERR_SUITE, f"{suite!r} is no suite; there are {', '.join(_SUITES)}")
    return number


def bytes_from(capacity: int, call: Callable[..., int], *arguments: Any) -> bytes:
    """What a C function writes after its other arguments, at most `capacity` bytes."""
    out, length = ffi.new(_BYTES, capacity), ffi.new(_SIZE)
    check(call(*arguments, out, capacity, length))
    return ffi.buffer(out, length[0])[:]  # type: ignore[no-any-return]


def keygen(seed: int, suite: Suite | str = "hmac-sha256") -> bytes:
    """The secret key of a seed from 0 to 2**64 - 1: the same for ever, on every machine.

    For tests, fixtures and simulations only, since 64 bits can be guessed: real keys come from
    generate(). HKDF-SHA256 (RFC 5869) keys a ChaCha20 stream (RFC 8439), which is the material.
    Raises InvalidArgument (suite), OverflowError (seed).
    """
    return bytes_from(lib.TW_KEY_MAX, lib.tw_keygen, _suite_number(suite), seed)


def generate(suite: Suite | str = "hmac-sha256") -> bytes:
    """A new secret key from the operating system's entropy.

    Raises InvalidArgument (suite), SystemFailure (no entropy).
    """
    return bytes_from(lib.TW_KEY_MAX, lib.tw_generate, _suite_number(suite))


def keygen_from_entropy(entropy: Buffer, suite: Suite | str = "hmac-sha256") -> bytes:
    """The secret key of 32 bytes of entropy that you bring, derived as in keygen().

    Raises InvalidArgument (suite, length).
    """
    data = view(entropy)
    return bytes_from(lib.TW_KEY_MAX, lib.tw_keygen_from_entropy, _suite_number(suite), data,
                       len(data))


def import_key(material: Buffer, suite: Suite | str = "hmac-sha256", kind: Kind = Kind.SECRET,
               usage: Usage = Usage.FRAMED) -> bytes:
    """The bytes of a key from its bare material, of the suite's size (raw HMAC secrets: 1 to 1024).

    Usage.RAW makes a key for third-party protocols: it signs the bare payload, and never an order.
    Raises InvalidKey (material, kind, usage), InvalidArgument (suite).
    """
    data = view(material)
    return bytes_from(lib.TW_KEY_MAX, lib.tw_key_import, _suite_number(suite), kind, usage, data,
                       len(data))


def export_key(key: Buffer) -> ExportedKey:
    """What a key is, and its bare material. Raises InvalidKey."""
    data, said = view(key), [ffi.new(_U32) for _ in range(3)]
    material = bytes_from(lib.TW_KEY_MAX, lib.tw_key_export, data, len(data), *said)
    suite, kind, usage = (number[0] for number in said)
    return ExportedKey(Suite(suite), Kind(kind), Usage(usage), material)


def public_key(key: Buffer) -> bytes:
    """The public key of a secret one; a public key is its own.

    Raises InvalidKey: malformed, or of a suite without public keys (HMAC).
    """
    data = view(key)
    try:
        return bytes_from(lib.TW_PUBLIC_KEY_MAX, lib.tw_public_key, data, len(data))
    except InvalidKey as failure:
        if failure.status != lib.TW_ERR_KEY_KIND:
            raise
        message = "HMAC has no public keys: who verifies needs the key itself"
        raise error(failure.status, message) from None


def key_suite(key: Buffer) -> Suite:
    """The suite of a key. Raises InvalidKey."""
    data, suite = view(key), ffi.new(_U32)
    check(lib.tw_key_suite(data, len(data), suite))
    return Suite(suite[0])


def key_id(key: Buffer) -> int:
    """The id of a key, the same for both halves of a pair: a u64, shown as 16 hex digits.

    Raises InvalidKey.
    """
    data, number = view(key), ffi.new(_U64)
    check(lib.tw_key_id(data, len(data), number))
    return int(number[0])


def valid(status: int) -> bool:
    """The answer of a verification: only a wrong signature is False, the rest raises."""
    if status not in (lib.TW_OK, lib.TW_ERR_SIGNATURE):
        raise error(status)
    return bool(status == lib.TW_OK)


def _sign(key: Buffer, payload: Buffer, context: Buffer | None = None) -> bytes:
    """sign(), for whatever the fast call leaves."""
    key_view, data = view(key), view(payload)
    arguments = [key_view, len(key_view)]
    if context is None:
        return bytes_from(lib.TW_SIGNATURE_MAX, lib.tw_sign, *arguments, data, len(data))
    own = view(context, "context")
    return bytes_from(lib.TW_SIGNATURE_MAX, lib.tw_sign_with_context, *arguments, own, len(own),
                       data, len(data))


def _verify(key: Buffer, payload: Buffer, signature: Buffer,
            context: Buffer | None = None) -> bool:
    """verify(), for whatever the fast call leaves."""
    key_view, data, tag = view(key), view(payload), view(signature)
    arguments = [key_view, len(key_view)]
    if context is None:
        return valid(lib.tw_verify(*arguments, data, len(data), tag, len(tag)))
    own = view(context, "context")
    return valid(lib.tw_verify_with_context(*arguments, own, len(own), data, len(data), tag,
                                             len(tag)))


vars(_fastcalls).update(_sign=_sign, _verify=_verify)
sign = _fastcalls.sign
verify = _fastcalls.verify


def verify_truncated(key: Buffer, payload: Buffer, tag: Buffer) -> bool:
    """Whether a truncated tag of 16 to 32 bytes is the payload's, under a raw HMAC key.

    Raises InvalidKey (not a raw HMAC key), InvalidArgument (the tag's length).
    """
    key_view, data, start = view(key), view(payload), view(tag)
    return valid(lib.tw_verify_truncated(key_view, len(key_view), data, len(data), start,
                                          len(start)))


class _Prepared:
    """What Signer and Verifier share: the life of the handle, and the id of its key."""

    __slots__ = ()
    _name: str
    _handle: Any
    _suite: int
    _hold: Callable[[Any, int, int], None]
    _drop: Callable[[], None]

    def __init__(self, key: Buffer) -> None:
        data, out = view(key), ffi.new(f"tw_{self._name} **")
        check(getattr(lib, f"tw_{self._name}_new")(data, len(data), out))
        handle = ffi.gc(out[0], getattr(lib, f"tw_{self._name}_free"))
        self._hold(handle, address(handle), key_suite(key))

    @property
    def handle(self) -> Any:
        """The C handle, for calls of `lib`. Raises Closed."""
        if self._handle is None:
            raise error(lib.TW_ERR_CLOSED)
        return self._handle

    @property
    def key_id(self) -> int:
        """The key's id, as of key_id()."""
        number = ffi.new(_U64)
        check(getattr(lib, f"tw_{self._name}_key_id")(self.handle, number))
        return int(number[0])

    def __repr__(self) -> str:
        try:
            shown = f"{suite_name(Suite(self._suite))} {self.key_id:016x}"
        except TinyWindowError as failure:
            shown = type(failure).__name__.lower()  # closed, or forked
        return f"<tinywindow.{type(self).__name__} {shown}>"

    def close(self) -> None:
        """Wipe the key, once no other thread is using it. Again: nothing."""
        self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Signer(_Prepared, _fastcalls.Signer):
    """A secret key prepared once, in guarded memory, to sign many payloads from any thread.

    close(), or the end of a `with` block, wipes it. Raises InvalidKey, GuardedMemoryError.
    """

    __slots__ = ()
    _name = "signer"

    def _sign(self, payload: Buffer, context: Buffer | None = None) -> bytes:
        handle, data = self.handle, view(payload)
        if context is None:
            return bytes_from(lib.TW_SIGNATURE_MAX, lib.tw_signer_sign, handle, data, len(data))
        own = view(context, "context")
        return bytes_from(lib.TW_SIGNATURE_MAX, lib.tw_signer_sign_with_context, handle, own,
                           len(own), data, len(data))

    def _sign_batch(self, payloads: tuple[Buffer, ...]) -> list[bytes]:
        return [self.sign(payload) for payload in payloads]


class Verifier(_Prepared, _fastcalls.Verifier):
    """A key prepared once to verify many signatures from any thread: a public one, or a secret.

    close(), or the end of a `with` block, wipes it. Raises InvalidKey, GuardedMemoryError.
    """

    __slots__ = ()
    _name = "verifier"

    def _verify(self, payload: Buffer, signature: Buffer,
                context: Buffer | None = None) -> bool:
        handle, data, tag = self.handle, view(payload), view(signature)
        if context is None:
            return valid(lib.tw_verifier_verify(handle, data, len(data), tag, len(tag)))
        own = view(context, "context")
        return valid(lib.tw_verifier_verify_with_context(handle, own, len(own), data, len(data),
                                                          tag, len(tag)))

    def _verify_batch(self, payloads: tuple[Buffer, ...],
                      signatures: tuple[Buffer, ...]) -> list[bool]:
        return [self.verify(*pair) for pair in zip(payloads, signatures)]
