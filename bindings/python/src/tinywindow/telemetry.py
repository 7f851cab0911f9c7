"""What can be seen of the library in this process."""
from __future__ import annotations

import atexit
import logging
import os
import threading
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple

from ._native import ffi, lib
from .errors import check
from .signing import bytes_from


def metrics_text() -> str:
    """All metrics of the process, in Prometheus's text format.

    Serve them as `text/plain; version=0.0.4`; docs/OBSERVABILITY.md lists them.
    """
    return bytes_from(lib.TW_METRICS_TEXT_MAX, lib.tw_metrics_text).decode()


class LogLevel(IntEnum):
    """How grave a log event is; the gravest has the smallest number."""

    ERROR = lib.TW_LOG_ERROR
    """No more orders are taken, or something is broken."""
    WARN = lib.TW_LOG_WARN
    """Somebody should look."""
    INFO = lib.TW_LOG_INFO
    """The course of things."""


class LogEvent(NamedTuple):
    """What happened. As text it is `target: message key=value ...`.

    time: nanoseconds since 1970 UTC. target: the part of the library that tells it. message: always
    the same words for the same event. fields: in a fixed order; no value is ever a secret.
    """

    level: LogLevel
    time: int
    target: str
    message: str
    fields: dict[str, str]

    def __str__(self) -> str:
        fields = "".join(f" {key}={value}" for key, value in self.fields.items())
        return f"{self.target}: {self.message}{fields}"


_LEVELS = {LogLevel.ERROR: logging.ERROR, LogLevel.WARN: logging.WARNING,
           LogLevel.INFO: logging.INFO}


class _Sink(NamedTuple):
    """What was set last."""

    handle: Any             # cffi's, which keeps the callable alive
    level: LogLevel


_sink: _Sink | None = None
_setting = threading.Lock()


def set_log_sink(sink: Callable[[LogEvent], object] | None,
                 level: LogLevel = LogLevel.INFO) -> None:
    """Have a callable told every log event of `level` and graver ones, in the whole process; None
    is silence, with which the library begins. docs/OBSERVABILITY.md lists the events.

    The callable runs in the thread where it happens, which waits for it, also in threads of the
    library's own: let it be brief, for instance put the event into a queue. It may call the
    library, but not close a gateway. What it raises goes to `sys.unraisablehook`. When this
    returns, the sink before is not running and is never called again. A forked child inherits the
    sink; at the interpreter's exit it is silenced. Raises Busy when called by a sink or while
    another thread sets one, ValueError for an unknown level; then nothing changes.
    """
    global _sink
    new = None if sink is None else _Sink(ffi.new_handle(sink), LogLevel(level))
    if not _setting.acquire(blocking=False):
        check(lib.TW_ERR_BUSY)
    try:
        check(_tell(new))
        _sink = new
    finally:
        _setting.release()


def forward_log(logger: logging.Logger | None = None, level: LogLevel = LogLevel.INFO) -> None:
    """Forward log events to the standard library's logging, by set_log_sink.

    They go to the children of `logger`, by default of the logger `tinywindow`, that are named after
    the part of the library: `tinywindow.gateway`. Each record has its event as `record.event`.
    """
    parent = logging.getLogger("tinywindow") if logger is None else logger

    def forward(event: LogEvent) -> None:
        child = parent.getChild(event.target)
        child.log(_LEVELS[event.level], "%s", str(event), extra={"event": event})

    set_log_sink(forward, level)


def _tell(sink: _Sink | None) -> int:
    """Sets the library's sink; gives the status. Waits without the GIL for one that is running."""
    if sink is None:
        return int(lib.tw_log_set(ffi.NULL, ffi.NULL, LogLevel.INFO))
    return int(lib.tw_log_set(lib.tinywindow_python_log, sink.handle, sink.level))


def _text(span: Any) -> str:
    return bytes(ffi.buffer(span.data, span.len)).decode()


@ffi.def_extern()  # type: ignore[untyped-decorator]
def tinywindow_python_log(user: Any, record: Any) -> None:
    """What the library calls; what it raises cffi gives to sys.unraisablehook."""
    fields = (record.fields[i] for i in range(record.fields_len))
    ffi.from_handle(user)(LogEvent(
        LogLevel(record.level), record.time, _text(record.target), _text(record.message),
        {_text(field.key): _text(field.value) for field in fields}))


def _after_fork_in_child() -> None:
    """The library's sink is the parent's alone, and so is whoever is setting one."""
    global _setting
    _setting = threading.Lock()
    if _sink is not None:
        _tell(_sink)


os.register_at_fork(after_in_child=_after_fork_in_child)
# Threads of the library outlive the interpreter, which must not be called then.
atexit.register(_tell, None)
