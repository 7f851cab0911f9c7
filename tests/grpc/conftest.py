"""A daemon in a process of its own, with certificates made by openssl."""
import json
import os
import subprocess
import sys

import client
import pytest

COMMAND = os.environ["TINYWINDOW_COMMAND"]

sys.path.insert(0, str(client.ROOT / "tests" / "python"))
import baseline  # noqa: E402  (the independent implementation: it makes keys and frames)
import conformance  # noqa: E402

SESSION_KEY = baseline.keygen(1)
REPORTS_KEY = baseline.keygen(100, "ed25519")

CONFIG = """
[journal]
kind = "memory"
[gateway]
max_orders = 1000
memory_lock = "preferred"
[[sessions]]
id = 1
keys = ["session.key"]
[[instruments]]
symbol = "AAPL"
tick = "0.01"
lot = 1
max_quantity = 100
max_notional = "unlimited"
max_position = "unlimited"
collar_percent = "unlimited"
[venue]
kind = "paper"
[service]
keys = ["reports.key"]
certificate = "service.pem"
private_key = "service.key"
client_ca = "ca.pem"
"""
REMOTE = CONFIG + 'listen = "0.0.0.0:0"\n'
PEERS = REMOTE + """
[[peers]]
certificate = "desk-1.firm.example"
sessions = [1]
keys = ["reports.key"]
[[peers]]
certificate = "desk-2.firm.example"
"""
LOCAL = CONFIG + 'listen = "127.0.0.1:0"\n'


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("grpc")
    script = client.ROOT / "tests" / "service" / "certificates.sh"
    subprocess.run([script, folder], check=True)
    (folder / "session.key").write_bytes(SESSION_KEY)
    (folder / "reports.key").write_bytes(REPORTS_KEY)
    return folder


class Daemon:
    def __init__(self, folder, config):
        self.folder = folder
        (folder / "service.toml").write_text(config)
        self.process = subprocess.Popen([COMMAND, "serve", "service.toml"], cwd=folder,
                                        stdout=subprocess.PIPE, text=True)
        lines = map(json.loads, self.process.stdout)
        serving = next(line for line in lines if line["event"] == "serving")
        self.port = serving["address"].rpartition(":")[2]

    def channel(self, **who):
        return client.channel(self.port, self.folder, **who)

    def stop(self):
        self.process.terminate()
        last = [json.loads(line) for line in self.process.stdout][-1]
        assert (self.process.wait(client.SECONDS), last["event"]) == (0, "stopped")


@pytest.fixture
def daemon(folder):
    daemon = Daemon(folder, REMOTE)
    yield daemon
    daemon.stop()


@pytest.fixture
def peers_daemon(folder):
    daemon = Daemon(folder, PEERS)
    yield daemon
    daemon.stop()


@pytest.fixture
def local_daemon(folder):
    daemon = Daemon(folder, LOCAL)
    yield daemon
    daemon.stop()
