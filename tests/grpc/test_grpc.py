"""Every method over mutual TLS, from Google's own client; who has no certificate has no answer."""
import itertools
import json
import re
import subprocess
import sys
import time
from collections import Counter

import grpc
import pytest
from client import ROOT, Client
from conftest import LOCAL, REPORTS_KEY, SESSION_KEY, Daemon, baseline, conformance

_, GOLDEN = conformance.read_golden(conformance.GOLDEN.read_text(encoding="utf-8"))
# Those that the frames of the fixtures are signed with.
GOLDEN_KEYS = {suite: baseline.keygen(42, suite) for suite in baseline.SUITES}
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


def test_executions(peers_daemon):
    with peers_daemon.channel() as channel, peers_daemon.channel(certificate="desk-2") as other:
        client = Client(channel)
        mine, others = client.executions(), Client(other).executions()
        client.send(frame())
        client.send(frame(sequence=2, client_order_id=2, side="2"))
        told = [(report.client_order_id, report.exec_type, report.ord_status, report.last_price)
                for report in itertools.islice(mine, 4)]
        price = ORDER["price"]
        assert told[:2] == [(1, "0", "0", 0), (2, "0", "0", 0)]
        assert sorted(told[2:]) == [(1, "F", "2", price), (2, "F", "2", price)]
        peers_daemon.process.terminate()
        for stream in (mine, others):       # the other peer has no session and was told nothing
            with pytest.raises(grpc.RpcError) as ended:
                next(stream)
            assert ended.value.code() == grpc.StatusCode.UNAVAILABLE


def test_executions_are_for_peers(daemon):
    with daemon.channel() as channel:
        denied = (grpc.StatusCode.PERMISSION_DENIED, "rejected")
        assert refusal(next, Client(channel).executions()) == denied


def say(capsys, *words):
    with capsys.disabled():
        print("\nconformance:", *words)


def test_conformance(local_daemon, capsys):
    """The golden fixtures, as every language answers them, for the methods that there are."""
    only = "keygen,sign,verify,sign_context,verify_context"
    driver = [sys.executable, ROOT / "tests" / "grpc" / "driver.py",
              local_daemon.port, local_daemon.folder]
    suite = [sys.executable, ROOT / "tests" / "python" / "conformance.py", "--only", only, "--"]
    done = subprocess.run([*suite, *driver], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(re.search(r"conformance: (\d+) passed, 0 failed", done.stdout)[1])
    answers = [case[0].split()[0] for case in GOLDEN]
    assert passed == sum(name in only.split(",") for name in answers)
    rest = Counter(name for name in answers if name not in only.split(","))
    of_rest = ", ".join(f"{name} {count}" for name, count in sorted(rest.items()))
    say(capsys, f"{passed} of {len(GOLDEN)} cases through Keygen, Sign and Verify; there is no "
                f"method for {of_rest}")


CODES = {"TW_ERR_ORDER": grpc.StatusCode.INVALID_ARGUMENT,
         "TW_ERR_UNAUTHENTICATED": grpc.StatusCode.UNAUTHENTICATED,
         "TW_ERR_STALE_TIME": grpc.StatusCode.FAILED_PRECONDITION}


def golden_frames():
    """What order_decode reads and what order_sign has written."""
    for command, answer in GOLDEN:
        name, *words = command.split()
        if name == "order_decode":
            yield bytes.fromhex("" if words[0] == "-" else words[0])
        elif name == "order_sign" and answer.startswith("ok "):
            yield bytes.fromhex(answer.split()[1])


def expected_refusal(order):
    """What the independent implementation says of a frame, for session 99 and its keys."""
    try:
        fields = baseline.decode(order)
    except baseline.TwError as refused:
        return str(refused)
    signature = fields["signature"]
    unsigned = order[:-len(signature) - baseline.VAR_LENGTH.size]
    keys = [baseline.parse_key(key) for key in GOLDEN_KEYS.values()
            if baseline.key_id(key) == fields["key_id"]]
    is_signed = fields["session_id"] == 99 and any(
        baseline.verify_in(key, baseline.ORDER_CONTEXT, unsigned, signature) for key in keys)
    return "TW_ERR_STALE_TIME" if is_signed else "TW_ERR_UNAUTHENTICATED"


def test_conformance_of_order_frames(folder, capsys):
    """The frames of the golden fixtures through both methods that take one. They are years old: a
    whole one that its key has signed is refused for its age alone, and for that gates 1 and 2 must
    have read it as every language does."""
    for suite, key in GOLDEN_KEYS.items():
        verifying = key if suite == "hmac-sha256" else baseline.public_key(key)
        (folder / f"golden-{suite}.key").write_bytes(verifying)
    names = [f"golden-{suite}.key" for suite in GOLDEN_KEYS]
    daemon = Daemon(folder, f"{LOCAL}[[sessions]]\nid = 99\nkeys = {json.dumps(names)}\n")
    verdicts = Counter()
    with daemon.channel() as channel:
        client = Client(channel)
        for order in golden_frames():
            expected = expected_refusal(order)
            for call in (client.check, client.send):
                code, details = refusal(call, order)
                assert (code, expected in details) == (CODES[expected], True), order.hex()
            verdicts[expected] += 1
    daemon.stop()
    assert set(verdicts) == set(CODES)
    told = ", ".join(f"{name} {count}" for name, count in sorted(verdicts.items()))
    say(capsys, f"{verdicts.total()} order frames through PreTradeCheck and SendOrder: {told}")
