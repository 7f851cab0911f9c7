"""What docs/SERVICE.md sets up and the desk that it shows in Python, from an empty folder."""
import os
import re
import subprocess
import sys
from pathlib import Path

from client import ROOT, STUBS
from conftest import COMMAND, Daemon

PAGE = (ROOT / "docs" / "SERVICE.md").read_text(encoding="utf-8")


def block(language, mark):
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return next(text for text in found if mark in text)


def test_the_desk_of_the_page(tmp_path):
    path = f"{Path(COMMAND).parent}:{os.environ['PATH']}"
    subprocess.run(["sh", "-euc", block("sh", "certify")], cwd=tmp_path, check=True,
                   env={**os.environ, "PATH": path}, capture_output=True)
    config = block("toml", "[service]").replace(":50051", ":0").replace(":9464", ":0")
    daemon = Daemon(tmp_path, config)
    try:
        desk = block("python", "grpc").replace(":50051", f":{daemon.port}")
        result = subprocess.run([sys.executable, "-c", desk], cwd=tmp_path, text=True, timeout=60,
                                env={**os.environ, "PYTHONPATH": STUBS.name},
                                capture_output=True, check=False)
        assert result.stdout.splitlines() == [
            "order 1: accepted", "order 1: exec_type 0, left 10000000000"], result.stderr
        assert all(f"`{line}`" in PAGE for line in result.stdout.splitlines())
    finally:
        daemon.stop()
