"""What the tests of the Python package share: keys, a small market, frames."""
import itertools

import baseline
import pytest
import tinywindow as tw

BUYER, SELLER, SLOW = 1, 2, 3   # sessions; SLOW may send one order a second

CONFIG = f"""
[journal]
kind = "memory"

[venue]
kind = "paper"

[limits]
tick = "0.01"
lot = 1
max_quantity = 1000
max_notional = "unlimited"
max_position = "unlimited"
collar_percent = "10"

[[instruments]]
symbol = "AAPL"
reference_price = "585.33"

[[instruments]]
symbol = "MSFT"
reference_price = "30"
restricted = true

[[sessions]]
id = {BUYER}

[[sessions]]
id = {SELLER}

[[sessions]]
id = {SLOW}
per_second = 1
burst = 1
"""

KEYS = {session: tw.keygen(session) for session in (BUYER, SELLER, SLOW)}


class Market:
    """Signed frames with fresh sequences and client order ids."""

    def __init__(self):
        self.ids = itertools.count(1)

    def order(self, session=BUYER, side=tw.Side.BUY, quantity=10, price="585.33", symbol="AAPL",
              **fields):
        number = next(self.ids)
        fields = {"sequence": number, "client_order_id": number, "account": "ACC", **fields}
        return tw.Order.new(session_id=session, symbol=symbol, side=side, quantity=quantity,
                            price=price, **fields)

    def frame(self, session=BUYER, **fields):
        return self.order(session, **fields).sign(KEYS[session])

    def next_ids(self):
        number = next(self.ids)
        return {"sequence": number, "client_order_id": number}


def with_keys(gateway):
    for session, key in KEYS.items():
        gateway.add_key(session, key)
    return gateway


@pytest.fixture(scope="session", autouse=True)
def memory_need_not_be_locked():
    """A machine that runs tests may allow little locked memory."""
    tw.memory_policy(tw.MemoryPolicy.LOCK_PREFERRED)


@pytest.fixture
def market():
    return Market()


@pytest.fixture
def gateway():
    with tw.Gateway(CONFIG) as gateway:
        yield with_keys(gateway)


@pytest.fixture(params=baseline.SUITES)
def suite(request):
    return request.param


@pytest.fixture
def key(suite):
    return tw.keygen(42, suite)
