"""The exceptions and the tables of numbers."""
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
import tinywindow as tw
from tinywindow.errors import error

STATUSES = {name: getattr(tw.lib, name) for name in dir(tw.lib) if name.startswith("TW_ERR_")}
BUILTIN = {
    tw.InvalidArgument: ValueError, tw.BufferTooSmall: ValueError, tw.InvalidKey: ValueError,
    tw.InvalidSignature: ValueError, tw.WrongPassword: ValueError, tw.ConfigError: ValueError, tw.Closed: ValueError,
    tw.Forked: RuntimeError, tw.InternalError: RuntimeError, tw.GuardedMemoryError: MemoryError,
    tw.SystemFailure: OSError, tw.JournalError: OSError, tw.NotFound: LookupError,
    tw.Conflict: ValueError, tw.InvalidOrder: ValueError, tw.Unauthenticated: PermissionError,
    tw.Stale: tw.Refused, tw.Throttled: tw.Refused, tw.Busy: tw.Refused,
    tw.AtCapacity: tw.Refused,
    tw.SendTimeout: TimeoutError, tw.UnknownOutcome: tw.TinyWindowError,
}


@pytest.mark.parametrize("name", STATUSES)
def test_every_status_has_a_family(name):
    raised = error(STATUSES[name])
    assert raised.name == name and raised.status == STATUSES[name]
    assert isinstance(raised, BUILTIN[type(raised)])
    assert str(raised) and not str(raised).startswith("TW_")


def test_every_family_has_a_status():
    assert {type(error(status)) for status in STATUSES.values()} == set(BUILTIN)


UNKNOWN = {"TW_ERR_TIMEOUT", "TW_ERR_UNKNOWN", "TW_ERR_INTERNAL"}  # a bug may come at any time


def statuses_of(function):
    """What the header says that a function returns, without TW_OK."""
    header = (Path(__file__).resolve().parents[2] / "include" / "tinywindow.h").read_text()
    before, found, _ = header.partition(f"tw_status {function}(")
    assert found
    return set(re.findall(r"TW_ERR_\w+", before[before.rindex("/**"):]))


def test_an_order_that_is_not_decided_is_refused_or_unknown():
    """`except tw.Refused` and `except tw.UnknownOutcome` miss nothing, and share nothing."""
    statuses = statuses_of("tw_send_order")
    assert len(statuses) > 15 and UNKNOWN <= statuses
    for name in statuses:
        raised = error(STATUSES[name])
        assert isinstance(raised, tw.UnknownOutcome) == (name in UNKNOWN), name
        assert isinstance(raised, tw.Refused) == (name not in UNKNOWN), name


@pytest.mark.parametrize("name", STATUSES)
def test_exceptions_cross_processes(name):
    raised = error(STATUSES[name], "line 1, column 2: this")
    copy = pickle.loads(pickle.dumps(raised))
    assert (type(copy), copy.name, str(copy)) == (type(raised), name, "line 1, column 2: this")


def test_a_lack_of_locked_memory_says_how_to_get_more():
    """In a process that may lock 64 KiB: 16 signers."""
    code = """
import os, resource
import tinywindow as tw
resource.setrlimit(resource.RLIMIT_MEMLOCK, (64 << 10, 64 << 10))
if os.getuid() == 0:
    os.setresuid(65534, 65534, 65534)        # root may lock what it likes
key, signers = tw.keygen(1), []
try:
    while len(signers) < 100:
        signers.append(tw.Signer(key))
except tw.GuardedMemoryError as error:
    print(len(signers), "ulimit -l" in str(error))
"""
    result = subprocess.run([sys.executable, "-c", code], text=True, timeout=60,
                            capture_output=True, check=False)
    assert result.stdout == "16 True\n", result.stderr


def test_reasons_have_the_librarys_names():
    for reason in tw.Reason:
        assert tw.ffi.string(tw.lib.tw_reason_name(reason)).decode() == reason.name.lower()
        assert reason.message


def test_no_reason_of_the_library_is_missing():
    named = {number for number in range(1, 1000)
             if tw.ffi.string(tw.lib.tw_reason_name(number)) != b"?"}
    assert named == set(tw.Reason)


def test_a_configuration_is_text():
    for call in (tw.check_config, tw.Gateway, tw.AsyncGateway):
        for wrong in (None, b"text", Path("gateway.toml")):
            with pytest.raises(TypeError, match="configuration is its text"):
                call(wrong)
        with pytest.raises(tw.ConfigError, match="^line 1, .*Gateway.from_file"):
            call("gateway.toml")


def test_config_errors_say_where():
    text = '[journal]\nkind = "memory"\nnonsense = 1\n'
    for call in (tw.check_config, tw.Gateway):
        with pytest.raises(tw.ConfigError, match="^line 3, column 1: "):
            call(text)
