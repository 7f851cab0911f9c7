"""The C ABI without any binding: the shared library through ctypes."""
import ctypes
import os
from ctypes import byref, c_char_p, c_size_t, c_uint8, c_uint32
from pathlib import Path

import driver_ctypes
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT = REPOSITORY / "target" / "release" / "libtinywindow.so"
LIBRARY = Path(os.environ.get("TINYWINDOW_SHARED_LIB", DEFAULT))
HMAC, KEY_SIZE, SIGNATURE_SIZE = 1, 40, 32
OK, NULL, BUFFER, SIGNATURE = 0, 1, 3, 12
METRICS_MAX = 65536


@pytest.fixture(scope="module")
def library():
    return driver_ctypes.load(str(LIBRARY))


def keygen(library, out, capacity):
    length = c_size_t(12345)
    return library.tw_keygen(HMAC, 42, out, capacity, byref(length)), length.value


def test_version(library):
    library.tw_version.restype = c_char_p
    library.tw_abi_version.restype = c_uint32
    assert library.tw_version().count(b".") == 2
    assert library.tw_abi_version() == 0


def test_status_names(library):
    assert library.tw_status_name(OK) == b"TW_OK"
    assert library.tw_status_name(BUFFER) == b"TW_ERR_BUFFER"
    for unknown in (-1, 9999):
        assert library.tw_status_name(unknown) == b"TW_ERR_?"


def test_a_size_query(library):
    assert keygen(library, None, 0) == (OK, KEY_SIZE)


def test_a_short_buffer_is_left_alone(library):
    out = (c_uint8 * KEY_SIZE)(*[0xAA] * KEY_SIZE)
    assert keygen(library, out, KEY_SIZE - 1) == (BUFFER, KEY_SIZE)
    assert bytes(out) == b"\xaa" * KEY_SIZE


def test_an_exact_buffer(library):
    out = (c_uint8 * (KEY_SIZE + 1))(*[0xAA] * (KEY_SIZE + 1))
    assert keygen(library, out, KEY_SIZE) == (OK, KEY_SIZE)
    assert bytes(out)[:4] == b"TWK\x01" and out[KEY_SIZE] == 0xAA


def test_null_pointers(library):
    key, length = (c_uint8 * KEY_SIZE)(), c_size_t()
    keygen(library, key, KEY_SIZE)
    signature = (c_uint8 * SIGNATURE_SIZE)()

    def sign(payload, payload_len):
        return library.tw_sign(bytes(key), KEY_SIZE, payload, payload_len, signature,
                               SIGNATURE_SIZE, byref(length))

    assert sign(None, 0) == OK
    assert sign(None, 1) == NULL
    assert library.tw_keygen(HMAC, 42, key, KEY_SIZE, None) == NULL


def test_layouts():
    assert ctypes.sizeof(driver_ctypes.Order) == 128


def metrics(library):
    out, length = (c_uint8 * METRICS_MAX)(), c_size_t()
    assert library.tw_metrics_text(out, METRICS_MAX, byref(length)) == OK
    lines = bytes(out[:length.value]).decode().splitlines()
    return dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))


def test_counters_agree_with_the_calls(library):
    before = metrics(library)
    driver = driver_ctypes.Driver(library)
    key = driver.output("tw_keygen", HMAC, 42)
    signature = driver.output("tw_sign", key, b"payload")
    assert library.tw_verify(key, len(key), b"payload", 7, signature, len(signature)) == OK
    for payload in (b"another", b"a third"):
        assert library.tw_verify(key, len(key), payload, 7, signature, len(signature)) == SIGNATURE
    changed = {name.removeprefix("tinywindow_"): int(value) - int(before[name])
               for name, value in metrics(library).items()
               if value != before[name] and "_seconds" not in name}
    assert changed == {
        'encryption_keygen_total{status="success"}': 1,
        'encryption_sign_total{status="success"}': 1,
        'encryption_verify_total{status="success",result="valid"}': 1,
        'encryption_verify_total{status="success",result="invalid"}': 2,
    }
