"""What the documents show of Python runs as it is printed."""
import re
from pathlib import Path

import tinywindow as tw

ROOT = Path(__file__).resolve().parent.parent.parent


def blocks(document, language):
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def configuration():
    return next(block for block in blocks("README.md", "toml") if "instruments" in block)


def test_the_readme():
    names = {"config": configuration()}
    exec(blocks("README.md", "python")[0], names)
    assert names["ack"].accepted


def test_the_packages_readme():
    names = {"config": configuration()}
    signing, orders, *_ = blocks("bindings/python/README.md", "python")
    exec(signing + orders, names)
    assert names["ack"].accepted and isinstance(names["ack"], tw.OrderAck)


def test_risk(tmp_path, capsys):
    old_key, new_key, second_key = (tw.keygen(seed, "ed25519") for seed in (1, 2, 3))
    (tmp_path / "officer.pub").write_bytes(tw.public_key(second_key))
    text = (configuration() + "[account_limits]\nmax_loss = 1000\n"
            + f"[kill_switch]\nresume_keys = ['{tmp_path}/officer.pub']\n")
    examples = blocks("docs/RISK.md", "python")
    with tw.Gateway(text) as gateway:
        gateway.add_key(1, tw.public_key(old_key))
        gateway.halt(symbol="AAPL")
        names = {"tw": tw, "gateway": gateway, "old_key": old_key, "new_key": new_key,
                 "second_key": second_key}
        for example in examples:
            exec(example, names)
        assert gateway.session_limits(1).max_open_orders == 50
        assert [key.state for key in gateway.keys(1)] == [tw.KeyState.RETIRED, tw.KeyState.ACTIVE]
        assert gateway.halted_since(symbol="AAPL") == 0
    [refusal] = re.findall(r"print\(refusal\) +# (.+)", "".join(examples))
    assert refusal in capsys.readouterr().out
