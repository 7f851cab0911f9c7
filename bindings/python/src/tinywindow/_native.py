"""The way down to C: `ffi` and `lib` of the extension, the ABI check, and views of buffers.

The extension's file holds a second module, `_fastcalls`, loaded from it by name (PEP 489,
"Multiple modules in one library").
"""
from __future__ import annotations

import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import ModuleType
from typing import TYPE_CHECKING, Any

from . import _tinywindow
from ._tinywindow import ffi, lib

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["address", "ffi", "lib", "view"]

_BYTES = ffi.typeof("uint8_t[]")


def _check_abi() -> None:
    compiled, running = lib.TW_ABI_VERSION, lib.tw_abi_version()
    if compiled != running:
        raise ImportError(f"built for ABI version {compiled} of TinyWindow, found {running}")


def _load_fastcalls() -> ModuleType:
    loader = ExtensionFileLoader("tinywindow._fastcalls", _tinywindow.__file__)
    spec = spec_from_file_location(loader.name, loader.path, loader=loader)
    if spec is None:
        raise ImportError("the extension of TinyWindow has no file", name=loader.name)
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


_check_abi()
sys.modules["tinywindow._fastcalls"] = _load_fastcalls()


def view(data: Buffer, name: str = "") -> Any:
    """The bytes of any contiguous buffer object, not copied; TypeError for anything else, which
    names the argument."""
    try:
        return ffi.from_buffer(_BYTES, data)
    except TypeError:
        wrong = f"expected bytes or another buffer, not {type(data).__name__}"
    except (BufferError, ValueError) as failure:
        wrong = f"expected a contiguous buffer: {failure}"
    raise TypeError(f"{name}: {wrong}" if name else wrong)


def address(handle: Any) -> int:
    """The address of what a handle points to, for the fast calls."""
    return int(ffi.cast("uintptr_t", handle))
