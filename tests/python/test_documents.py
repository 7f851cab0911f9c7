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
