"""What pyproject.toml cannot say: the cffi extension, that the wheel serves 3.10 and later, and its
bill of materials."""
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.bdist_wheel import bdist_wheel


class Wheel(bdist_wheel):
    """A wheel with `.dist-info/sboms`, which PEP 770 asks for and setuptools does not make yet."""

    def egg2dist(self, egginfo_path, distinfo_path):
        super().egg2dist(egginfo_path, distinfo_path)
        sboms = Path(distinfo_path, "sboms")
        sboms.mkdir()
        shutil.copy("tinywindow.cdx.json", sboms)


setup(
    cffi_modules=["build_ffi.py:builder"],
    cmdclass={"bdist_wheel": Wheel},
    options={"bdist_wheel": {"py_limited_api": "cp310"}},
)
