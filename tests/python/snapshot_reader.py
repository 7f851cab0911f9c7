"""A reader of snapshots made from docs/JOURNAL.md alone, to hold the page against the library.

    python3 tests/python/snapshot_reader.py FILE

prints the state as JSON.
"""
import json
import struct
import sys
from pathlib import Path


class Bytes:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0] if len(values) == 1 else values

    def i128(self):
        self.at += 16
        return int.from_bytes(self.data[self.at - 16:self.at], "little", signed=True)

    def maybe(self, form):
        flag = self.take("B")
        assert flag in (0, 1), self.at
        if flag:
            return form(self) if callable(form) else self.take(form)

    def many(self, form):
        return [form(self) if callable(form) else self.take(form) for _ in range(self.take("Q"))]


def text(b):
    return b.take("16s").rstrip(b"\0").decode()


def exposure(b):
    return [b.i128() for _ in range(5)]


def sums(b):
    return {"sum": exposure(b), "day": b.take("Q"), "before": b.i128()}


def terms(b):
    return {"type": b.take("c").decode(), "time_in_force": b.take("c").decode(),
            "price": b.maybe("q"), "stop_price": b.maybe("q"), "quantity": b.take("Q")}


def permissions(b):
    return {"symbols": b.many(text), "accounts": b.many(text), "sets_and_gap": b.take("III")}


def recent(b):
    return b.take("IB"), b.maybe("q"), b.take("QQ")


def session(b):
    return {
        "id": b.take("Q"), "rates": b.take("IIII"), "limits": b.take("IIQII"),
        "max_orders": b.take("I"),
        "permissions": b.maybe(permissions), "keys": b.many("QIB"), "halted": b.maybe("Q"),
        "last_sequence": b.take("Q"), "buckets": b.take("QQQQQQ"), "open_orders": b.take("I"),
        "frames": [(frame[0], frame[1], frame[3][:frame[2]].hex()) for frame in b.many("QQI120s")],
        "accounts": b.take("I"), "recent": b.many(recent), "of_day": b.take("QQQ"),
        "decided": b.take("III"),
    }


def best(b):
    return b.maybe("I"), b.maybe("I")


def instrument(b):
    return {
        "symbol": text(b), "restricted": b.take("B"), "limits": b.take("QQQQqqQQIIQIIIII"),
        "reference_price": b.maybe("q"), "mark": b.maybe("q"), "halted": b.maybe("Q"),
        "latest_position": b.maybe("I"), "last_price": b.maybe("q"),
        "shorts": (b.i128(), b.i128(), b.take("Q")), "best": best(b), "bands": b.many("QQ"),
        "rate": b.maybe("II"), "bucket": b.take("QQQ"),
    }


def account(b):
    return {"name": text(b), "halted": b.maybe("Q"), "limits": b.maybe("QQQ"), "sums": sums(b)}


def position(b):
    return {
        "instrument": b.take("I"), "account": b.take("I"), "previous": b.maybe("I"),
        "net": b.i128(), "open_buy": b.i128(), "open_sell": b.i128(), "cash": b.i128(),
        "exposure": exposure(b), "best": best(b),
    }


def order(b):
    return {
        "rows": b.take("IIII"), "side": b.take("c").decode(), "order_id": b.take("Q"),
        "terms": terms(b), "filled": b.take("Q"), "counts": b.take("QQq"),
        "heap": [b.maybe("I") for _ in range(3)], "pending": b.take("I"),
        "status": b.take("c").decode(), "leaving": b.take("B"), "priority": b.take("Q"),
    }


def outcome(b):
    return b.maybe(lambda b: [b.maybe("I")])


def request(b):
    return {
        "template": b.take("B"), "session": b.take("I"), "sequence": b.take("Q"),
        "gap": b.take("I"), "time": b.take("Q"), "client_order_id": b.take("Q"),
        "orig_client_order_id": b.take("Q"), "side": b.take("c").decode(),
        "asked": b.maybe("I"), "order": b.maybe("I"), "outcome": outcome(b),
        "by_gateway": b.maybe("I"),
    }


def state(data):
    """The state in a snapshot's bytes, all of which it takes."""
    b = Bytes(data)
    assert b.take("4s") == b"TWS\x02"
    found = {
        "time": b.take("Q"), "configuration": b.take("32s").hex(), "freshness": b.take("QQ"),
        "bucket": b.take("QQQ"), "halted": b.maybe("Q"),
        "self_trades": b.take("BB"), "adds_up": b.take("B"), "firm_limits": b.take("QQQ"),
        "firm": sums(b), "account_limits": b.take("QQQ"), "last_exec_id": b.take("Q"),
        "sessions": b.many(session), "instruments": b.many(instrument),
        "accounts": b.many(account), "positions": b.many(position), "orders": b.many(order),
        "asked": b.many(terms),
        "ids": (b.many("Q"), b.take("Q")), "requests": b.many(request),
    }
    assert b.at == len(data)
    return found


if __name__ == "__main__":
    json.dump(state(Path(sys.argv[1]).read_bytes()), sys.stdout, indent=1)
