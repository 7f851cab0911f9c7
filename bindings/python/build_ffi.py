"""Builds the extension `tinywindow._tinywindow`: the whole library, cffi's view of it, and the
fast calls of fastcalls.c.

The declarations come from include/tinywindow.h itself, the code from libtinywindow.a: the path in
TINYWINDOW_STATIC_LIB, or target/release/ of the repository.
"""
import os
import re
import sys
from pathlib import Path

from cffi import FFI

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
BEGIN = "/* tinywindow:declarations:begin */"
END = "/* tinywindow:declarations:end */"
# Before the markers, since they are no literals.
# What telemetry.py has the library call.
CALLBACK = 'extern "Python" void tinywindow_python_log(void *user, const tw_log_record *record);\n'
WIDE_CONSTANTS = "#define TW_PRICE_NONE ...\n#define TW_UNLIMITED ...\n"
LINK_ARGS = {
    "linux": ["-Wl,--gc-sections", "-Wl,--exclude-libs,ALL", "-Wl,--strip-all"],
    "darwin": ["-Wl,-dead_strip"],
}


def declarations(header: str) -> str:
    """What cffi's parser needs of the header: the text between the markers without its comments.

    The value of every constant is left to the C compiler (`#define TW_OK ...`), since cffi reads
    bare literals only.
    """
    _, begin, rest = header.partition(BEGIN)
    body, end, _ = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the header lacks {BEGIN if not begin else END}")
    body = re.sub(r"/\*.*?\*/", " ", body, flags=re.DOTALL)
    return re.sub(r"^[ \t]*#[ \t]*define[ \t]+(\w+)[ \t].*$", r"#define \1 ...", body,
                  flags=re.MULTILINE)


def static_library() -> str:
    """The library to link, which must be there already."""
    default = REPOSITORY / "target" / "release" / "libtinywindow.a"
    path = Path(os.environ.get("TINYWINDOW_STATIC_LIB", default)).resolve()
    if not path.is_file():
        sys.exit(f"{path} is not there: run `cargo build --release` at the top of the repository")
    return str(path)


def builder() -> FFI:
    """The recipe for setuptools; `cffi_modules` in setup.py names it."""
    include = REPOSITORY / "include"
    ffi = FFI()
    header = (include / "tinywindow.h").read_text(encoding="utf-8")
    ffi.cdef(WIDE_CONSTANTS + declarations(header) + CALLBACK)
    ffi.set_source(
        "tinywindow._tinywindow",
        '#include "tinywindow.h"\n',
        sources=["fastcalls.c"],
        depends=[str(include / "tinywindow.h"), static_library()],
        include_dirs=[str(include)],
        define_macros=[("Py_LIMITED_API", "0x030a0000")],
        py_limited_api=True,
        extra_objects=[static_library()],
        libraries=["pthread", "dl", "m"],
        extra_compile_args=["-O2"],
        extra_link_args=LINK_ARGS.get(sys.platform, []),
    )
    return ffi
