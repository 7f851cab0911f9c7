"""Checkpoints, proofs and exports of the command's, by tools that know nothing of ours: a Merkle
tree written down from RFC 9162, PyCA's signatures, pyarrow and simplefix.

The command is the one that TINYWINDOW_COMMAND names.
"""
import csv
import datetime
import decimal
import json
import os
import struct
import subprocess
import sys
from pathlib import Path

import journal_reader
import pyarrow.parquet
import pytest
import simplefix

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
sys.path.insert(0, str(EXAMPLES))
import check_proof  # noqa: E402

COMMAND = os.environ.get("TINYWINDOW_COMMAND")
pytestmark = pytest.mark.skipif(not COMMAND, reason="TINYWINDOW_COMMAND names no command")

ORIGIN = "example.com/desk-1"
SUITES = ["ed25519", "ml-dsa-44"]
KEYS = [f"--key={suite}.pub" for suite in SUITES]
EVENT, CHECKPOINT = 1, 3
DECIDED, EXECUTED = 7, 8


def command(folder, *arguments, code=0):
    done = subprocess.run([COMMAND, *map(str, arguments)], cwd=folder, capture_output=True,
                          text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    """A folder with a signed journal and the keys that signed it."""
    folder = tmp_path_factory.mktemp("signed")
    for suite in SUITES:
        command(folder, "keygen", "--raw", "--suite", suite, "-o", f"{suite}.key")
        command(folder, "public", f"{suite}.key", "-o", f"{suite}.pub")
    config = command(folder, "replay", "--events", "1500", "--print-config")
    keys = ", ".join(f'"{suite}.key"' for suite in SUITES)
    signs = (f'checkpoint_origin = "{ORIGIN}"\ncheckpoint_keys = [{keys}]\n'
             "checkpoint_records = 700\n")
    (folder / "signed.toml").write_text(config.replace("[journal]", f"[journal]\n{signs}", 1))
    command(folder, "replay", "--events", "1500", "--config", "signed.toml", "--journal",
            "orders.twj")
    return folder


@pytest.fixture(scope="module")
def records(signed):
    return list(journal_reader.Reader(signed / "orders.twj").records())


@pytest.fixture(scope="module")
def public(signed):
    return [(signed / f"{suite}.pub").read_bytes() for suite in SUITES]


# ---- The tree, as RFC 9162 defines it ----

def root(leaves):
    if len(leaves) < 2:
        return check_proof.sha256(b"\0", *leaves)
    k = 1 << (len(leaves) - 1).bit_length() - 1
    return check_proof.sha256(b"\1", root(leaves[:k]), root(leaves[k:]))


def test_every_checkpoint_is_of_all_records_before_it_and_signed_by_both_keys(records, public):
    leaves = [leaf for *_, leaf in records]
    found = 0
    for sequence, kind, payload, _ in records:
        if kind == CHECKPOINT:
            note = payload.decode()
            origin, size, told, blank, *signatures = note.splitlines()
            assert (origin, int(size), blank) == (ORIGIN, sequence - 1, "")
            assert check_proof.decode(told) == root(leaves[:sequence - 1])
            assert len(signatures) == 2
            assert all(check_proof.is_signed(key, note) for key in public)
            found += 1
    assert found >= 3


def orders(records):
    """The order ids there are, and each one's records."""
    found = {}
    for sequence, kind, payload, leaf in records:
        if kind == EVENT and payload[0] in (DECIDED, EXECUTED):
            order_id, = struct.unpack_from("<Q", payload, 9 if payload[0] == DECIDED else 17)
            found.setdefault(order_id, []).append(leaf)
    return found


def test_proofs_of_the_command_are_proofs_to_the_script(signed, records, public, capsys):
    known = orders(records)
    assert len(known) > 800
    for order_id in [1, *list(known)[7::211]]:
        command(signed, "journal", "prove", "orders.twj", order_id, "-o", "proof", "--force")
        proofs = (signed / "proof").read_text().split(check_proof.FIRST_LINE)[1:]
        leaves = [check_proof.check(proof, public)[0] for proof in proofs]
        assert leaves == known[order_id]
        keys = [signed / f"{suite}.pub" for suite in SUITES]
        assert check_proof.main(signed / "proof", *keys) == 0
        said = capsys.readouterr().out
        assert f"{ORIGIN}: record " in said and f"order {order_id} decided, " in said
        told = json.loads(command(signed, "journal", "check-proof", "proof", "--json", *KEYS))
        assert len(told["records"]) == len(leaves)


def test_script_and_command_refuse_the_same_proofs(signed, records):
    order_id = max(orders(records), key=lambda order: len(orders(records)[order]))
    command(signed, "journal", "prove", "orders.twj", order_id, "-o", "proof", "--force")
    proof = (signed / "proof").read_bytes()
    keys = [signed / f"{suite}.pub" for suite in SUITES]
    command(signed, "keygen", "--raw", "--suite", "ed25519", "-o", "other.key", "--force")
    command(signed, "public", "other.key", "-o", "other.pub", "--force")
    assert check_proof.main(signed / "proof", signed / "other.pub") == 1
    command(signed, "journal", "check-proof", "proof", "--key=other.pub", code=1)
    for number, at in enumerate(range(0, len(proof), len(proof) // 60)):
        changed = bytearray(proof)
        changed[at] ^= 1 << number % 7
        (signed / "changed").write_bytes(changed)
        assert check_proof.main(signed / "changed", *keys) == 1, at
        done = subprocess.run([COMMAND, "journal", "check-proof", "changed", *KEYS], cwd=signed,
                              capture_output=True, check=False)
        assert done.returncode in (1, 2), at


def test_the_script_runs_by_itself(signed):
    command(signed, "journal", "prove", "orders.twj", "3", "-o", "proof", "--force")
    run = [sys.executable, str(EXAMPLES / "check_proof.py"), "proof", "ml-dsa-44.pub"]
    done = subprocess.run(run, cwd=signed, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and "proved: " in done.stdout, done.stderr
    command(signed, "key", "export", "ed25519.pub", "-o", "theirs.pem", "--force")
    for arguments, said in [([], "check_proof.py PROOF KEY"),
                            (["proof", "theirs.pem"], "theirs.pem is no raw public key"),
                            (["proof", "ed25519.key"], "ed25519.key is no raw public key"),
                            (["absent", "ed25519.pub"], "No such file or directory: 'absent'"),
                            (["proof", "absent"], "No such file or directory: 'absent'")]:
        done = subprocess.run([*run[:2], *arguments], cwd=signed, capture_output=True, text=True,
                              check=False)
        assert done.returncode == 2 and said in done.stderr, done.stderr
        assert "Traceback" not in done.stderr


# ---- Exports ----

@pytest.fixture(scope="module")
def rows(signed):
    command(signed, "journal", "export", "orders.twj", "--format", "csv", "-o", "orders.csv")
    with open(signed / "orders.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_csv_has_every_decision_and_execution_of_the_journal(rows, records):
    events = [(sequence, payload) for sequence, kind, payload, _ in records
              if kind == EVENT and payload[0] in (DECIDED, EXECUTED)]
    assert len(rows) == len(events) > 1500
    for row, (sequence, payload) in zip(rows, events):
        is_decided = payload[0] == DECIDED
        assert (int(row["number"]), row["event"]) == (sequence, "decided" if is_decided
                                                      else "executed")
        assert nanoseconds(row["time"]) == struct.unpack_from("<Q", payload, 1)[0]
        if is_decided:
            frame = payload[29:]
            fields = struct.unpack_from("<QQQQQ", frame)
            names = ["sequence", "sending_time", "client_order_id", "session_id", "key_id"]
            shown = [row[name] for name in names]
            assert fields == (int(shown[0]), nanoseconds(shown[1]), int(shown[2]), int(shown[3]),
                              int(shown[4], 16))
        else:
            exec_id, order_id, _, _, price, quantity, cum, leaves = struct.unpack_from(
                "<QQBIqQQQ", payload, 9)
            assert (int(row["exec_id"]), int(row["order_id"])) == (exec_id, order_id)
            assert [units(row[name]) for name in ("cum_quantity", "leaves_quantity")] == [
                cum, leaves]
            if row["exec_type"] == "Trade":
                assert [units(row[name]) for name in ("last_price", "last_quantity")] == [
                    price, quantity]


def nanoseconds(text):
    date, _, part = text.removesuffix("Z").partition(".")
    seconds = datetime.datetime.fromisoformat(date).replace(tzinfo=datetime.timezone.utc)
    return int(seconds.timestamp()) * 10**9 + int(part)


def units(text):
    return int(decimal.Decimal(text).scaleb(8))


def test_pyarrow_reads_from_parquet_what_csv_says(signed, rows):
    command(signed, "journal", "export", "orders.twj", "--format=parquet", "-o", "orders.parquet")
    table = pyarrow.parquet.read_table(signed / "orders.parquet")
    assert table.column_names == list(rows[0])
    assert table.schema.field("price").type == pyarrow.decimal128(20, 8)
    assert table.schema.field("time").type == pyarrow.timestamp("ns", tz="UTC")
    assert table.schema.field("number").type == pyarrow.uint64()
    for name in table.column_names:
        column, kind = table.column(name), table.schema.field(name).type
        if pyarrow.types.is_timestamp(kind):
            column = column.cast(pyarrow.int64())
        read = {"timestamp[ns, tz=UTC]": nanoseconds, "uint64": int, "string": str,
                "decimal128(20, 8)": decimal.Decimal, "bool": "true".__eq__}[str(kind)]
        assert column.to_pylist() == [read(row[name]) if row[name] else None for row in rows], name


def messages(signed):
    """Every message of the FIX log, as simplefix has it."""
    command(signed, "journal", "export", "orders.twj", "--format", "fix", "-o", "orders.fix")
    for line in (signed / "orders.fix").read_bytes().splitlines():
        parser = simplefix.FixParser()
        parser.append_buffer(line)
        message = parser.get_message()
        # Encoded again it gets BodyLength and CheckSum of simplefix's own.
        assert message.encode() == line
        yield message


def test_simplefix_reads_the_log_and_finds_what_the_rows_say(signed, rows):
    of_record = {}
    for message in messages(signed):
        of_record.setdefault(int(message.get(5001)), []).append(message)
    sent = {}
    for row in rows:
        request, *answers = of_record[int(row["number"])]
        if row["event"] == "executed":
            answers = [request]
            check_report(request, row)
        else:
            check_request(request, row)
            assert len(answers) == (row["accepted"] == "false")
        for answer in answers:
            assert answer.get(49) == b"TINYWINDOW" and answer.get(56) == row["session_id"].encode()
            sent[row["session_id"]] = sent.get(row["session_id"], 0) + 1
            assert int(answer.get(34)) == sent[row["session_id"]], "no gap, none twice"


def check_request(message, row):
    kinds = {"NewOrderSingle": b"D", "OrderCancelReplaceRequest": b"G", "OrderCancelRequest": b"F"}
    assert message.get(35) == kinds[row["template"]]
    for tag, name in ((49, "session_id"), (34, "sequence"), (11, "client_order_id"),
                      (55, "symbol"), (5002, "key_id"), (41, "orig_client_order_id")):
        assert (message.get(tag) or b"").decode() == row[name], name
    for tag, name in ((44, "price"), (38, "quantity")):
        if row[name]:
            assert decimal.Decimal(message.get(tag).decode()) == decimal.Decimal(row[name])
    assert message.get(38), "FIX 4.4 wants it of all three"


def check_report(message, row):
    if row["exec_type"] == "CancelRejected":
        assert message.get(35) == b"9" and all(message.get(tag) for tag in (37, 11, 41, 39, 434))
        return
    assert message.get(35) == b"8"
    assert all(message.get(tag) for tag in (37, 17, 150, 39, 55, 54, 151, 14, 6)), message
    kinds = {"New": b"0", "Canceled": b"4", "Replaced": b"5", "Rejected": b"8", "Expired": b"C",
             "Trade": b"F"}
    assert message.get(150) == kinds[row["exec_type"]]
    cum, leaves = (decimal.Decimal(message.get(tag).decode()) for tag in (14, 151))
    assert (cum, leaves) == tuple(
        decimal.Decimal(row[name]) for name in ("cum_quantity", "leaves_quantity"))
    statuses = {"New": b"0", "Canceled": b"4", "Rejected": b"8", "Expired": b"C",
                "Replaced": b"1" if cum else b"0", "Trade": b"1" if leaves else b"2"}
    assert message.get(39) == statuses[row["exec_type"]]
    assert (decimal.Decimal(message.get(6).decode()) > 0) == (cum > 0)
