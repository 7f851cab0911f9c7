"""TinyWindow: sign with a key, send an order safely.

Signatures: keygen, generate, sign, verify; Signer and Verifier for many calls.
Orders: Order, then Gateway.send_order, or AsyncGateway for asyncio.
Errors: TinyWindowError and its families, in tinywindow.errors.
`ffi` and `lib` are the way down to the C API (tinywindow.h).
"""
import pkgutil

from ._native import ffi, lib
from .aio import AsyncGateway
from .errors import (
    AtCapacity,
    BufferTooSmall,
    Busy,
    Closed,
    ConfigError,
    Conflict,
    Forked,
    GuardedMemoryError,
    InternalError,
    InvalidArgument,
    InvalidKey,
    InvalidOrder,
    InvalidSignature,
    JournalError,
    NotFound,
    Refused,
    SendTimeout,
    Stale,
    SystemFailure,
    Throttled,
    TinyWindowError,
    Unauthenticated,
    UnknownOutcome,
    WrongPassword,
)
from .gateway import (
    Ack,
    ExecType,
    Execution,
    Exposure,
    Gateway,
    KeyState,
    OrderState,
    OrdStatus,
    Position,
    SessionKey,
    SessionState,
    acting_as,
    check_config,
)
from .interchange import Encoding, decode_key, encode_key
from .limits import ExposureLimits, Instrument, SessionLimits, SessionPermissions
from .orders import (
    Order,
    OrderAck,
    OrdType,
    Reason,
    Side,
    Template,
    TimeInForce,
    split_frame,
    verify_order,
)
from .signing import (
    ExportedKey,
    Kind,
    MemoryPolicy,
    Signer,
    Suite,
    Usage,
    Verifier,
    export_key,
    generate,
    import_key,
    key_id,
    key_suite,
    keygen,
    keygen_from_entropy,
    memory_policy,
    public_key,
    sign,
    verify,
    verify_truncated,
)
from .telemetry import LogEvent, LogLevel, forward_log, metrics_text, set_log_sink

# Where else on the path there is a `tinywindow`, such as the stubs that protoc makes of proto/, its
# modules are found beside these; where both have one, it is this package's.
__path__ = pkgutil.extend_path(__path__, __name__)
__version__: str = ffi.string(lib.tw_version()).decode()
__all__ = [
    "Ack", "AsyncGateway", "AtCapacity", "BufferTooSmall", "Busy", "Closed", "ConfigError",
    "Conflict", "Encoding", "ExecType", "Execution", "ExportedKey", "Exposure", "ExposureLimits", "Forked",
    "Gateway", "GuardedMemoryError", "Instrument", "InternalError", "InvalidArgument", "InvalidKey",
    "InvalidOrder", "InvalidSignature", "JournalError", "KeyState", "Kind", "LogEvent", "LogLevel",
    "MemoryPolicy", "NotFound", "OrdStatus", "OrdType", "Order", "OrderAck", "OrderState", "Position", "Reason",
    "Refused", "SendTimeout", "SessionKey", "SessionLimits", "SessionPermissions", "SessionState",
    "Side", "Signer", "Stale", "Suite", "SystemFailure", "Template", "Throttled", "TimeInForce", "TinyWindowError", "Unauthenticated", "UnknownOutcome",
    "Usage", "Verifier", "WrongPassword", "acting_as", "check_config", "decode_key", "encode_key",
    "export_key", "ffi", "forward_log", "generate", "import_key", "key_id", "key_suite", "keygen",
    "keygen_from_entropy", "lib", "memory_policy", "metrics_text", "public_key", "set_log_sink",
    "sign", "split_frame", "verify", "verify_order", "verify_truncated", "__version__",
]
