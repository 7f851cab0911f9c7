"""cffi's module: `lib` has every function and constant of tinywindow.h under its C name."""
from typing import Any

ffi: Any
lib: Any
