"""Metrics, as a Python host reads them."""
import pytest
import tinywindow as tw
from conftest import BUYER


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
