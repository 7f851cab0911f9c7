"""The journal on disk, read by a reader that was made from its documentation alone."""
import hashlib
import shutil
import struct

import journal_reader
import pytest
import snapshot_reader
import tinywindow as tw

from conftest import BUYER, CONFIG, KEYS

SEGMENT = "00000000000000000001.twj"
HALT = 6
DECIDED = 7


def config(path):
    file = f'kind = "file"\npath = "{path}"\nsegment_bytes = 131072'
    return CONFIG.replace('kind = "memory"', file)


def read(path):
    """The events' payloads, and where the journal is corrupt."""
    payloads = []
    try:
        for _, _, payload in journal_reader.Reader(path).events():
            payloads.append(payload)
    except journal_reader.Corrupt as corrupt:
        return payloads, corrupt.args
    return payloads, None


@pytest.fixture
def journal(market, tmp_path):
    """A closed journal, and the ids of its orders."""
    path = tmp_path / "orders.twj"
    with tw.Gateway(config(path)) as gateway:
        gateway.add_key(BUYER, KEYS[BUYER])
        acks = [gateway.send_order(market.frame()) for _ in range(20)]
    return path, [ack.order_id for ack in acks]


def test_a_strangers_reader_finds_every_order(journal):
    path, order_ids = journal
    payloads, corrupt = read(path)
    assert corrupt is None
    decided = [struct.unpack_from("<Q", payload, 9)[0] for payload in payloads
               if payload[0] == DECIDED]
    assert decided == order_ids
    assert len(list(path.glob("*.twj"))) == 1


def test_a_strangers_reader_finds_in_a_snapshot_what_was_decided(market, tmp_path):
    path = tmp_path / "orders.twj"
    text = config(path).replace("131072", "65536\nsnapshot_events = 1")
    text = text.replace(f"id = {BUYER}\n", f"id = {BUYER}\nburst = 300\n")
    with tw.Gateway(text) as gateway:
        gateway.add_key(BUYER, KEYS[BUYER])
        acks = [gateway.send_order(market.frame()) for _ in range(300)]
    records = list(journal_reader.Reader(path).records())
    file = max(path.glob("*.tws"))
    data = file.read_bytes()
    [vouches] = [payload for sequence, kind, payload, _ in records
                 if (sequence, kind) == (int(file.stem), journal_reader.SNAPSHOT)]
    assert vouches[:40] == hashlib.sha256(data).digest() + struct.pack("<Q", len(data))
    state = snapshot_reader.state(data)
    assert state["ids"] == ([], 1)
    requests = state["requests"]
    assert [request["client_order_id"] for request in requests] == [
        ack.client_order_id for ack in acks]
    assert [request["outcome"] == [None] for request in requests] == [
        ack.accepted for ack in acks]
    assert sum(session["open_orders"] for session in state["sessions"]) == sum(
        order["status"] in "01A" for order in state["orders"])
    # What it stands for may be gone.
    *before, last = sorted(path.glob("0*.twj"))
    assert before
    for segment in before:
        segment.unlink()
    assert list(journal_reader.Reader(path).records()) == [
        record for record in records if record[0] >= int(last.stem)]


def test_reader_and_library_agree_on_what_is_corrupt(journal, tmp_path):
    path, _ = journal
    whole = (path / SEGMENT).read_bytes()
    payloads, _ = read(path)
    used = len(whole.rstrip(b"\0"))
    refused = 0
    for number, at in enumerate([*range(0, 64, 9), *range(4096, used, 1301)]):
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(path, copy)
        damaged = bytearray(whole)
        damaged[at] ^= 1 << number % 8
        (copy / SEGMENT).write_bytes(damaged)
        found, corrupt = read(copy)
        assert found == payloads[:len(found)]
        if corrupt:
            refused += 1
            with pytest.raises(tw.TinyWindowError, match="journal"):
                tw.Gateway(config(copy))
        else:
            tw.Gateway(config(copy)).close()
            assert read(copy)[0] == found
    assert refused > 40


def test_reader_and_library_agree_on_a_torn_tail(journal, tmp_path):
    path, order_ids = journal
    whole = (path / SEGMENT).read_bytes()
    for number, length in enumerate(range(4096, len(whole.rstrip(b"\0")), 5003)):
        copy = tmp_path / f"copy-{number}"
        shutil.copytree(path, copy)
        (copy / SEGMENT).write_bytes(whole[:length])
        found, corrupt = read(copy)
        assert corrupt is None
        decided = sum(payload[0] == DECIDED for payload in found)
        with tw.Gateway(config(copy)) as gateway:
            gateway.add_key(BUYER, KEYS[BUYER])
            known = [order for order in order_ids if is_known(gateway, order)]
            assert known == order_ids[:decided]


def is_known(gateway, client_order_id):
    try:
        gateway.order_status(BUYER, client_order_id)
    except tw.NotFound:
        return False
    return True


def test_a_name_within_another_ends_with_the_outer_one(tmp_path):
    path = tmp_path / "orders.twj"
    with tw.Gateway(config(path)) as gateway:
        with tw.acting_as("alice"):
            with tw.acting_as("robot"):
                gateway.halt(symbol="AAPL")
            gateway.resume(symbol="AAPL")
        gateway.halt(symbol="AAPL")
    # Kind, time, scope, session, name and state; then who made the change, if anybody.
    names = [payload[35:].rstrip(b"\0") for payload in read(path)[0] if payload[0] == HALT]
    assert names == [b"robot", b"alice", b""]
