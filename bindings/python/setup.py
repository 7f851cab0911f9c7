"""What pyproject.toml cannot say: the cffi extension, and that the wheel serves 3.10 and later."""
from setuptools import setup

setup(
    cffi_modules=["build_ffi.py:builder"],
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
