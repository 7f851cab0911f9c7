"""The exceptions, by family. Each is also the builtin exception a Python programmer expects.

An order has three endings, and they look different: *decided* returns an OrderAck (accepted or
not), *refused* raises Refused (nothing happened, nothing was sent), *unknown* raises UnknownOutcome
(the order may be live: retry the same frame, or ask order_status). Besides a TypeError for an
argument of the wrong type, send_order and submit raise nothing else.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

from ._native import ffi, lib

if TYPE_CHECKING:
    from .orders import OrderAck


class TinyWindowError(Exception):
    """Whatever the library refuses.

    status: the number of the C status; name: its name, as `TW_ERR_KEY`.
    """

    def __init__(self, status: int, message: str | None = None) -> None:
        super().__init__(message or ffi.string(lib.tw_status_message(status)).decode())
        self.status = status
        self.name: str = ffi.string(lib.tw_status_name(status)).decode()

    def __reduce__(self) -> tuple[type[TinyWindowError], tuple[int, str]]:
        return type(self), (self.status, str(self))


class Refused(TinyWindowError):
    """Raised by send_order and submit: nothing happened, and the order is not live.

    Some of its families other calls raise as well.
    """


class UnknownOutcome(TinyWindowError):
    """Raised by send_order and submit: the order may be live, or may not.

    ack: the ids, so that order_status can be asked; None if there are none.
    """

    ack: OrderAck | None = None


class InvalidArgument(Refused, ValueError):
    """A value, length, suite, context or raw payload outside its documented set.

    Of what is set at run time the message names the field, and what it must be.
    """


class InvalidOrder(Refused, ValueError):
    """A malformed order or frame; of an Order the message names the field."""


class Unauthenticated(Refused, PermissionError):
    """Unknown session, unknown key or bad signature: one answer for the three."""


class Stale(Refused):
    """The frame is not fresh; the message says how: its sending time is outside the window, or its
    sequence is below the session's last, was used for another frame, or leaves out too many."""


class Throttled(Refused):
    """Above the permitted rate; the same frame may come again later."""


class Busy(Refused):
    """Too much in flight, or completions are not drained."""


class AtCapacity(Refused):
    """The session's share of `max_orders` is used up: it can be cancelled, and nothing new is taken;
    or there are as many keys, accounts or instruments as may be."""


class Closed(Refused, ValueError):
    """The object is closed."""


class Forked(Refused, RuntimeError):
    """The object was made before a fork, and belongs to the parent process."""


class JournalError(Refused, OSError):
    """The journal cannot be read or written, is corrupt, or is open in another process."""


class SendTimeout(UnknownOutcome, TimeoutError):
    """No answer in time: the order may be live."""


class InternalError(UnknownOutcome, RuntimeError):
    """A bug in the library, wherever it was by then; the object can no longer be used."""


class BufferTooSmall(TinyWindowError, ValueError):
    """An output buffer is too small; this package sizes its own, so only calls of `lib` meet it."""


class InvalidKey(TinyWindowError, ValueError):
    """Malformed key bytes, or a key of the wrong kind or usage."""


class WrongPassword(TinyWindowError, ValueError):
    """The password of an encrypted key is missing or wrong, or the key is not encrypted."""


class InvalidSignature(TinyWindowError, ValueError):
    """The signature is not valid, where that is not an answer but an error."""


class ConfigError(TinyWindowError, ValueError):
    """The configuration is refused; the message has line, column and what to do about it."""


class GuardedMemoryError(Refused, MemoryError):
    """Memory for secrets could not be had or locked: the message says how to raise the limit."""

    def __init__(self, status: int, message: str | None = None) -> None:
        super().__init__(status, message or (
            "guarded memory could not be had or locked; each key takes a few KiB of locked memory: "
            "raise the limit (`ulimit -l`), or allow it to go unlocked (memory_policy)"))


class SystemFailure(TinyWindowError, OSError):
    """The operating system gave no entropy, or a file cannot be read."""


class NotFound(TinyWindowError, LookupError):
    """No such session, key, order or instrument."""


class Conflict(TinyWindowError, ValueError):
    """It is there already, was retired, or is known under the other usage."""


_FAMILIES: dict[type[TinyWindowError], tuple[int, ...]] = {
    InvalidArgument: (lib.TW_ERR_NULL, lib.TW_ERR_LENGTH, lib.TW_ERR_ARGUMENT,
                      lib.TW_ERR_UNSUPPORTED, lib.TW_ERR_SUITE, lib.TW_ERR_CONTEXT,
                      lib.TW_ERR_PAYLOAD),
    BufferTooSmall: (lib.TW_ERR_BUFFER,),
    InvalidKey: (lib.TW_ERR_KEY, lib.TW_ERR_KEY_KIND, lib.TW_ERR_KEY_USAGE),
    WrongPassword: (lib.TW_ERR_PASSWORD,),
    InvalidSignature: (lib.TW_ERR_SIGNATURE,),
    SystemFailure: (lib.TW_ERR_ENTROPY, lib.TW_ERR_IO),
    GuardedMemoryError: (lib.TW_ERR_MEMORY,),
    Forked: (lib.TW_ERR_FORKED,),
    Closed: (lib.TW_ERR_CLOSED,),
    InternalError: (lib.TW_ERR_INTERNAL,),
    ConfigError: (lib.TW_ERR_CONFIG,),
    InvalidOrder: (lib.TW_ERR_ORDER,),
    Unauthenticated: (lib.TW_ERR_UNAUTHENTICATED,),
    Stale: (lib.TW_ERR_STALE_TIME, lib.TW_ERR_STALE_SEQUENCE, lib.TW_ERR_SEQUENCE_REUSED,
            lib.TW_ERR_SEQUENCE_GAP),
    Throttled: (lib.TW_ERR_THROTTLED,),
    Busy: (lib.TW_ERR_BUSY,),
    AtCapacity: (lib.TW_ERR_CAPACITY,),
    SendTimeout: (lib.TW_ERR_TIMEOUT,),
    UnknownOutcome: (lib.TW_ERR_UNKNOWN,),
    NotFound: (lib.TW_ERR_NOT_FOUND,),
    Conflict: (lib.TW_ERR_CONFLICT,),
    JournalError: (lib.TW_ERR_JOURNAL, lib.TW_ERR_JOURNAL_CORRUPT, lib.TW_ERR_JOURNAL_LOCKED,
                   lib.TW_ERR_JOURNAL_FULL),
}
_FAMILY_OF = {status: family for family, statuses in _FAMILIES.items() for status in statuses}


def error(status: int, message: str | None = None) -> TinyWindowError:
    """The exception of a status that is not TW_OK."""
    return _FAMILY_OF.get(status, TinyWindowError)(status, message)


def latest(status: int) -> TinyWindowError:
    """The exception of a status, not TW_OK, that a call of this thread just gave."""
    return error(status, ffi.string(lib.tw_error_detail()).decode() or None)


def check(status: int) -> None:
    """Raise the exception of a status that a call just gave, if it is not TW_OK."""
    if status:
        raise latest(status)
