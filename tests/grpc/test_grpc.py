"""Every method over mutual TLS, from Google's own client; who has no certificate has no answer."""
import subprocess
import sys
import time

import grpc
import pytest
from client import ROOT, Client
from conftest import REPORTS_KEY, SESSION_KEY, baseline

ORDER = {"template": 1, "sequence": 1, "client_order_id": 1, "session_id": 1, "symbol": "AAPL",
         "account": "fund", "side": "1", "ord_type": "2", "time_in_force": "0",
         "price": 100 * 10**8, "stop_price": None, "quantity": 10**8, "orig_client_order_id": 0}


def frame(key=SESSION_KEY, **changes):
    return baseline.sign_order(key, {**ORDER, "sending_time": time.time_ns(), **changes})


def refusal(call, *arguments, **fields):
    with pytest.raises(grpc.RpcError) as refused:
        call(*arguments, **fields)
    return refused.value.code(), refused.value.details()


def test_held_keys_sign_and_verify(daemon):
    with daemon.channel() as channel:
        client = Client(channel)
        signature = client.sign(key_id="reports.key", payload=b"payload").signature
        assert signature == baseline.sign(REPORTS_KEY, b"payload")
        for payload, valid in ((b"payload", True), (b"other", False)):
            answer = client.verify(key_id="reports.key", payload=payload, signature=signature)
            assert answer.valid == valid
        denied = (grpc.StatusCode.PERMISSION_DENIED, "rejected")
        assert refusal(client.sign, key_id="session.key", payload=b"") == denied
        assert refusal(client.sign, key=SESSION_KEY, payload=b"") == denied
        assert refusal(client.keygen, seed=1) == denied


def test_keys_travel_on_loopback_as_in_the_plan(local_daemon):
    with local_daemon.channel() as channel:
        client = Client(channel)
        key = client.keygen(seed=42).key
        assert key == baseline.keygen(42)
        signature = client.sign(key=key, payload=b"payload").signature
        assert signature == baseline.sign(key, b"payload")
        assert client.verify(key=key, payload=b"payload", signature=signature).valid
        assert not client.verify(key=key, payload=b"payload", signature=signature[1:]).valid


def test_orders(daemon):
    with daemon.channel() as channel:
        client = Client(channel)
        first, large = frame(), frame(sequence=2, client_order_id=2, quantity=1000 * 10**8)
        check = client.check(first)
        assert check.valid and not check.HasField("reason")
        ack = client.send(first)
        assert (ack.order_id, ack.accepted, ack.HasField("reason")) == (1, True, False)
        assert client.send(first).duplicate
        check = client.check(large)
        assert (check.valid, check.reason) == (False, "rejected")
        ack = client.send(large)
        assert (ack.accepted, ack.reason) == (False, "rejected")
        unauthenticated = (grpc.StatusCode.UNAUTHENTICATED, "unauthenticated")
        forged = frame(baseline.keygen(2), sequence=3, client_order_id=3)
        assert refusal(client.send, forged) == unauthenticated
        malformed = (grpc.StatusCode.INVALID_ARGUMENT, "rejected")
        assert refusal(client.send, first[:-1]) == malformed


@pytest.mark.parametrize("who", [
    {"certificate": None}, {"certificate": "expired"}, {"certificate": "foreign"},
    {"ca": "other-ca"},
], ids=["no certificate", "expired", "wrong CA", "service of a wrong CA"])
def test_strangers_are_refused(daemon, who):
    with daemon.channel(**who) as channel:
        code, _ = refusal(Client(channel).sign, key_id="reports.key", payload=b"")
        assert code == grpc.StatusCode.UNAVAILABLE
    with daemon.channel() as channel:
        assert Client(channel).sign(key_id="reports.key", payload=b"").signature


def test_plain_callers_are_refused(daemon):
    with grpc.insecure_channel(f"127.0.0.1:{daemon.port}") as channel:
        code, _ = refusal(Client(channel).sign, key_id="reports.key", payload=b"")
        assert code == grpc.StatusCode.UNAVAILABLE


def test_conformance(local_daemon):
    """The golden fixtures, as every language answers them, for the methods that there are."""
    only = "keygen,sign,verify,sign_context,verify_context"
    driver = [sys.executable, ROOT / "tests" / "grpc" / "driver.py", local_daemon.port, local_daemon.folder]
    suite = [sys.executable, ROOT / "tests" / "python" / "conformance.py", "--only", only, "--"]
    done = subprocess.run([*suite, *driver], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
