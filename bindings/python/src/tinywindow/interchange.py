"""Keys in the forms of other tools: PKCS#8, SubjectPublicKeyInfo, PEM, OpenSSH."""
from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from ._native import lib, view
from .errors import error
from .signing import Usage, bytes_from

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Encoding(IntEnum):
    """A form of a key that others know."""

    DER = lib.TW_ENCODING_DER
    """PKCS#8 (RFC 5958) for a secret key, SubjectPublicKeyInfo (RFC 5280) for a public one."""
    PEM = lib.TW_ENCODING_PEM
    """The same as text (RFC 7468)."""
    OPENSSH = lib.TW_ENCODING_OPENSSH
    """A line of authorized_keys (RFC 8709), for public Ed25519 keys."""


def encode_key(key: Buffer, encoding: Encoding = Encoding.PEM,
               password: Buffer | str | None = None) -> bytes:
    """A key in a form that other tools read.

    With a password, bytes or text that is taken as UTF-8, a secret key is encrypted: PBES2
    (RFC 8018) of PBKDF2-HMAC-SHA256 with 600,000 rounds and AES-256-CBC, some tenths of a second.
    Raises InvalidKey, InvalidArgument (no such form of this key, a password for a public one),
    WrongPassword (empty), SystemFailure (no entropy).
    """
    data, secret = view(key), _password(password)
    return bytes_from(lib.TW_ENCODED_KEY_MAX, lib.tw_key_encode, data, len(data), encoding, secret,
                      len(secret))


def decode_key(encoded: Buffer | str, usage: Usage = Usage.FRAMED,
               password: Buffer | str | None = None) -> bytes:
    """The bytes of a key from any of these forms, which are told apart by what they begin with.

    usage: what the key is for, since none of the forms tells; Usage.RAW is for the protocols of
    others. Raises InvalidKey, InvalidArgument (another algorithm; encrypted in another way than by
    PBES2 with AES and SHA-2 or scrypt, or at a cost of more than 10,000,000 rounds or 256 MiB),
    WrongPassword.
    """
    data = view(encoded.encode() if isinstance(encoded, str) else encoded)
    secret = _password(password)
    return bytes_from(lib.TW_KEY_MAX, lib.tw_key_decode, usage, data, len(data), secret,
                      len(secret))


def _password(password: Buffer | str | None) -> Any:
    """The bytes of a password, none for None. An empty one would be no password."""
    if password is None:
        return view(b"")
    secret = view(password.encode() if isinstance(password, str) else password)
    if not len(secret):
        raise error(lib.TW_ERR_PASSWORD)
    return secret
