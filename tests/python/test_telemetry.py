"""Metrics and log events, as a Python host gets them."""
import gc
import logging
import subprocess
import sys
import textwrap
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest
import tinywindow as tw
from conftest import BUYER, CONFIG


def metrics():
    lines = tw.metrics_text().splitlines()
    series = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name.removeprefix("tinywindow_"): float(value) for name, value in series}


@pytest.fixture
def changes():
    before = metrics()

    def since():
        changed = {name: value - before[name] for name, value in metrics().items()}
        return {name: value for name, value in changed.items() if value and "_seconds" not in name}

    return since


def test_counters_agree_with_the_calls(changes):
    key = tw.keygen(1)
    signature = tw.sign(key, b"payload")
    assert tw.verify(key, b"payload", signature)
    assert not tw.verify(key, b"another", signature)
    with pytest.raises(tw.InvalidKey):
        tw.verify(b"no key", b"payload", signature)
    with tw.Signer(key) as signer, tw.Verifier(key) as verifier:
        assert verifier.verify_batch([b"1", b"2"], signer.sign_batch([b"1", b"2"])) == [True, True]
    assert changes() == {
        'encryption_keygen_total{status="success"}': 1,
        'encryption_sign_total{status="success"}': 3,
        'encryption_verify_total{status="success",result="valid"}': 3,
        'encryption_verify_total{status="success",result="invalid"}': 1,
        'encryption_verify_total{status="error",result="invalid"}': 1,
    }


def test_counters_agree_with_the_orders(gateway, market, changes):
    assert gateway.send_order(market.frame(BUYER)).accepted
    assert not gateway.send_order(market.frame(BUYER, quantity=1001)).accepted
    with pytest.raises(tw.Refused):
        gateway.send_order(b"no frame")
    changed = changes()
    assert {name: value for name, value in changed.items() if name.startswith("exec")} == {
        'exec_orders_total{status="accepted"}': 1,
        'exec_orders_total{status="rejected"}': 1,
        'exec_rejections_total{reason="max_quantity"}': 1,
        'exec_errors_total{type="validation"}': 1,
        'exec_refusals_total{status="TW_ERR_ORDER"}': 1,
        "exec_open_orders": 1,
        "exec_completions_waiting": changed["exec_completions_waiting"],
    }


@pytest.fixture
def events():
    """The log events told while a test runs."""
    told = []
    tw.set_log_sink(told.append)
    yield told
    tw.set_log_sink(None)


def opened_and_closed():
    tw.Gateway(CONFIG).close()


def test_events_are_told_with_their_fields(events):
    before = time.time_ns()
    with tw.Gateway(CONFIG) as gateway:
        gateway.halt(symbol="AAPL")
    assert [str(event) for event in events] == [
        "gateway: gateway opened sessions=3 instruments=2 orders=0 open_orders=0",
        "gateway: halted scope=symbol name=AAPL",
        "gateway: gateway closed",
    ]
    halted = events[1]
    assert (halted.level, halted.target, halted.message) == (tw.LogLevel.WARN, "gateway", "halted")
    assert halted.fields == {"scope": "symbol", "name": "AAPL"}
    assert before <= halted.time <= time.time_ns()


def test_only_graver_events_are_told():
    told = []
    tw.set_log_sink(told.append, tw.LogLevel.ERROR)
    opened_and_closed()
    tw.set_log_sink(None)
    opened_and_closed()
    assert told == []
    with pytest.raises(ValueError):
        tw.set_log_sink(told.append, 4)


def test_a_sink_may_call_the_library_but_set_no_other():
    seen = []

    def sink(event):
        seen.append(tw.verify(tw.keygen(1), b"payload", tw.sign(tw.keygen(1), b"payload")))
        for other in (None, seen.append):
            with pytest.raises(tw.Busy):
                tw.set_log_sink(other)

    tw.set_log_sink(sink)
    opened_and_closed()
    tw.set_log_sink(None)
    assert seen == [True, True]


def test_what_a_sink_raises_is_unraisable(monkeypatch):
    raised = []
    monkeypatch.setattr(sys, "unraisablehook", lambda hint: raised.append(hint.exc_type))

    def sink(event):
        raise KeyboardInterrupt if event.message == "gateway closed" else ZeroDivisionError

    tw.set_log_sink(sink)
    opened_and_closed()
    tw.set_log_sink(None)
    assert raised == [ZeroDivisionError, KeyboardInterrupt]


def test_a_sink_that_is_replaced_is_let_go():
    class Sink:
        def __call__(self, event):
            pass

    sink = Sink()
    reference = weakref.ref(sink)
    tw.set_log_sink(sink)
    del sink
    opened_and_closed()
    assert reference() is not None
    tw.set_log_sink(None)
    gc.collect()
    assert reference() is None


def test_the_log_goes_to_the_standard_librarys(caplog):
    caplog.set_level(logging.WARNING, "tinywindow")
    tw.forward_log()
    with tw.Gateway(CONFIG) as gateway:
        gateway.halt()
        gateway.resume()
    tw.forward_log(logging.getLogger("desk.orders"))
    opened_and_closed()
    tw.set_log_sink(None)
    assert caplog.record_tuples == [
        ("tinywindow.gateway", logging.WARNING, "gateway: halted scope=gateway name="),
        ("tinywindow.gateway", logging.WARNING, "gateway: resumed scope=gateway name="),
    ]
    assert caplog.records[0].event.fields == {"scope": "gateway", "name": ""}
    caplog.set_level(logging.INFO)
    tw.forward_log(logging.getLogger("desk.orders"))
    opened_and_closed()
    tw.set_log_sink(None)
    assert caplog.record_tuples[-1] == ("desk.orders.gateway", logging.INFO,
                                        "gateway: gateway closed")


def test_sinks_are_set_while_events_are_told_in_other_threads():
    """Nobody waits for the GIL with something that its holder waits for."""
    told = []
    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(lambda: [opened_and_closed() for _ in range(50)])
        for _ in range(200):
            tw.set_log_sink(told.append)
            tw.set_log_sink(None)
        pool.submit(tw.set_log_sink, told.append).result()
        opened_and_closed()
        tw.set_log_sink(None)
    assert told[-1].message.startswith("gateway ")


def run(code, tmp_path):
    """What a program with this code prints: its output and its errors."""
    program = f"import os, sys, threading, time\nimport tinywindow as tw\n{textwrap.dedent(code)}"
    config = CONFIG.replace('kind = "memory"', 'kind = "file"\npath = "orders.twj"', 1)
    result = subprocess.run([sys.executable, "-c", program, config], cwd=tmp_path, text=True,
                            capture_output=True, timeout=60)
    assert result.returncode == 0, result
    return result.stdout, result.stderr


OPEN = """
    tw.memory_policy(tw.MemoryPolicy.LOCK_PREFERRED)
    gateway = tw.Gateway(sys.argv[1])
    gateway.add_key(1, tw.keygen(1))
    order = tw.Order.new(session_id=1, sequence=1, client_order_id=1, symbol="AAPL", account="ACC",
                         side=tw.Side.BUY, quantity=1, price="585.33")
"""


def test_threads_of_the_library_tell_their_events(tmp_path):
    """The journal's writer, when no more can be written."""
    output, errors = run(OPEN + """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    here, told = threading.get_ident(), []
    tw.set_log_sink(lambda event: told.append((str(event), threading.get_ident() == here)))
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    try:
        gateway.send_order(order.sign(tw.keygen(1)))
    except tw.UnknownOutcome:
        pass
    try:
        gateway.close()
    except tw.JournalError:
        pass
    print(told[0])
    """, tmp_path)
    journal = "journal: journal failed, no more orders are taken status=TW_ERR_JOURNAL_FULL"
    assert output == f"{(journal, False)}\n"
    assert errors == ""


def test_a_sink_left_set_survives_the_end_of_the_interpreter(tmp_path):
    """A gateway that nobody closed, a thread that goes on sending, and what tells it at the end."""
    output, errors = run(OPEN + """
    tw.set_log_sink(lambda event: print(event.message, flush=True))
    def forge():
        frame = bytearray(order.sign(tw.keygen(2)))
        while True:
            try:
                tw.Gateway('journal.kind="memory"\\nvenue.kind="paper"').close()
                gateway.send_order(frame)
            except tw.TinyWindowError:
                pass
    threading.Thread(target=forge, daemon=True).start()
    time.sleep(0.2)
    """, tmp_path)
    assert "authentication refused" in output
    assert errors == ""


def test_a_forked_child_tells_its_own(tmp_path):
    output, errors = run(OPEN + """
    memory = 'journal.kind="memory"\\nvenue.kind="paper"'
    parent = os.getpid()
    def sink(event):
        os.write(1, f"{os.getpid() == parent} {event.message}\\n".encode())
    tw.set_log_sink(sink)
    stop = threading.Event()
    def open_and_close():
        while not stop.is_set():
            tw.Gateway(memory).close()
    thread = threading.Thread(target=open_and_close)
    thread.start()
    for _ in range(20):
        child = os.fork()
        if child == 0:
            tw.Gateway(memory).close()
            tw.set_log_sink(None)
            sys.exit(0)
        assert os.waitpid(child, 0)[1] == 0
    stop.set()
    thread.join()
    """, tmp_path)
    assert output.count("False gateway opened\n") == output.count("False gateway closed\n") == 20
    assert "True gateway opened" in output
    assert "Error" not in errors
