"""The package as it is installed, and how the header becomes declarations."""
import importlib.metadata
import importlib.util
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import tinywindow as tw
from cffi import FFI
from conftest import CONFIG, Market, with_keys

REPOSITORY = Path(__file__).resolve().parents[2]
HEADER = REPOSITORY / "include" / "tinywindow.h"


def load_build():
    path = REPOSITORY / "bindings" / "python" / "build_ffi.py"
    spec = importlib.util.spec_from_file_location("build_ffi", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


build = load_build()


def test_the_installed_package_is_what_is_tested():
    assert "site-packages" in Path(tw.__file__).parts
    assert (Path(tw.__file__).parent / "py.typed").is_file()


def test_versions():
    assert tw.lib.tw_abi_version() == tw.lib.TW_ABI_VERSION
    numbers = (tw.lib.TW_VERSION_MAJOR, tw.lib.TW_VERSION_MINOR, tw.lib.TW_VERSION_PATCH)
    assert tw.__version__ == ".".join(map(str, numbers))
    assert importlib.metadata.version("tinywindow") == tw.__version__


def test_import_needs_nothing_but_the_package():
    """Not the repository, not LD_LIBRARY_PATH, not a compiler."""
    code = "import tinywindow as tw; print(tw.sign(tw.keygen(1), b'').hex())"
    result = subprocess.run([sys.executable, "-I", "-c", code], cwd="/", env={}, text=True,
                            capture_output=True, timeout=60, check=True)
    assert result.stdout.strip() == tw.sign(tw.keygen(1), b"").hex()


def test_stubs_made_of_proto_are_found_beside_the_package(tmp_path):
    stubs = tmp_path / "tinywindow"
    stubs.mkdir()
    (stubs / "execution_pb2.py").write_text("answer = 42\n")
    (stubs / "execution_pb2_grpc.py").write_text("from tinywindow import execution_pb2 as made\n")
    (stubs / "signing.py").write_text("raise ImportError('the package comes first')\n")
    code = ("from tinywindow import execution_pb2, execution_pb2_grpc, sign, signing\n"
            "assert execution_pb2_grpc.made is execution_pb2 and signing.sign is sign\n"
            "print(execution_pb2.answer)\n")
    for folders in ([tmp_path], [tmp_path, Path(tw.__file__).parent.parent]):
        result = subprocess.run([sys.executable, "-c", code], cwd="/", text=True, timeout=60,
                                env={"PYTHONPATH": ":".join(map(str, folders))},
                                capture_output=True, check=False)
        assert (result.returncode, result.stdout) == (0, "42\n"), result.stderr


def test_another_abi_version_is_refused_at_import():
    code = ("import sys, types\n"
            "package = types.ModuleType('tinywindow'); package.__path__ = [sys.argv[1]]\n"
            "sys.modules['tinywindow'] = package\n"
            "from tinywindow import _tinywindow\n"
            "_tinywindow.lib = types.SimpleNamespace(TW_ABI_VERSION=7, tw_abi_version=lambda: 8)\n"
            "sys.modules['tinywindow._tinywindow'] = types.SimpleNamespace(\n"
            "    ffi=_tinywindow.ffi, lib=_tinywindow.lib)\n"
            "import tinywindow._native\n")
    result = subprocess.run([sys.executable, "-c", code, str(Path(tw.__file__).parent)], text=True,
                            capture_output=True, timeout=60)
    assert "ImportError: built for ABI version 7 of TinyWindow, found 8" in result.stderr


def test_every_public_name_is_there_and_documented():
    assert len(set(tw.__all__)) == len(tw.__all__)
    for name in tw.__all__:
        public = getattr(tw, name)
        assert not callable(public) or inspect.getdoc(public), name


def test_fast_functions_have_signatures():
    assert list(inspect.signature(tw.sign).parameters) == ["key", "payload", "context"]
    assert list(inspect.signature(tw.verify).parameters) == [
        "key", "payload", "signature", "context"]


def test_cffi_reads_what_the_filter_leaves_of_the_header():
    text = build.declarations(HEADER.read_text(encoding="utf-8"))
    assert "/*" not in text and "extern" not in text and "#if" not in text
    FFI().cdef(text)
    assert tw.lib.TW_UNLIMITED == 2**64 - 1 and tw.lib.TW_PRICE_NONE == -2**63
    for function in ("tw_keygen", "tw_sign", "tw_verify", "tw_send_order"):
        assert f"{function}(" in text and hasattr(tw.lib, function)


@pytest.mark.parametrize("line, expected", [
    ("#define TW_A 1", "#define TW_A ..."),
    ("#define TW_A (-9223372036854775807 - 1)", "#define TW_A ..."),
    ("  # define  TW_A  18446744073709551615ULL", "#define TW_A ..."),
    ("/* one\n * #define TW_B 2\n */ uint32_t f(void); /* two */", "uint32_t f(void);"),
    ("struct a { /* x */ uint8_t b[16]; };", "struct a {   uint8_t b[16]; };")])
def test_the_filter(line, expected):
    header = f"#ifndef X\n{build.BEGIN}\n{line}\n{build.END}\n#endif\n"
    assert build.declarations(header).strip() == expected


@pytest.mark.parametrize("header", ["", build.BEGIN, build.END])
def test_a_header_without_markers(header):
    with pytest.raises(ValueError, match="tinywindow:declarations"):
        build.declarations(header)


def test_a_build_without_the_library_says_in_one_line_what_to_do(monkeypatch):
    monkeypatch.setenv("TINYWINDOW_STATIC_LIB", "/no/libtinywindow.a")
    with pytest.raises(SystemExit, match="^/no/libtinywindow.a is not there: run `cargo build --r"):
        build.builder()


def test_another_interpreter_leaves_this_one_alone():
    subinterpreters = pytest.importorskip("_xxsubinterpreters")
    with tw.Gateway(CONFIG) as gateway:
        ack = with_keys(gateway).send_order(Market().frame(symbol="MSFT"))
    other = subinterpreters.create()
    try:
        subinterpreters.run_string(other, "import tinywindow")
    except subinterpreters.RunFailedError:
        pytest.skip("this Python keeps such extensions to the main interpreter")
    finally:
        subinterpreters.destroy(other)
    assert ack.reason is tw.Reason.RESTRICTED_SYMBOL
