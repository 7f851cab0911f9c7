"""What can be seen of the library in this process."""
from __future__ import annotations

from ._native import lib
from .signing import bytes_from


def metrics_text() -> str:
    """All metrics of the process, in Prometheus's text format.

    Serve them as `text/plain; version=0.0.4`; docs/OBSERVABILITY.md lists them.
    """
    return bytes_from(lib.TW_METRICS_TEXT_MAX, lib.tw_metrics_text).decode()
