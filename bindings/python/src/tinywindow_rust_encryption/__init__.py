"""Deterministic keys and HMAC-SHA256 signatures: three functions, and no more.

The package `tinywindow` has the rest.
"""
from tinywindow import keygen as _keygen
from tinywindow import sign as _sign
from tinywindow import verify as _verify

__all__ = ["keygen", "sign", "verify"]


def keygen(seed: int) -> bytes:
    """The HMAC-SHA256 key of a seed from 0 to 2**64 - 1; raises OverflowError beyond.

    The same seed gives the same key on every machine: for tests and simulations, since 64 bits can
    be guessed. Real keys come from tinywindow.generate().
    """
    return _keygen(seed)


def sign(key: bytes, payload: bytes) -> bytes:
    """The signature of a payload; raises ValueError for what is no secret key."""
    return _sign(key, payload)


def verify(key: bytes, payload: bytes, sig: bytes) -> bool:
    """Whether the signature is the payload's; raises ValueError for what is no key."""
    return _verify(key, payload, sig)
