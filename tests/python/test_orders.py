"""Orders and frames through the package."""
import dataclasses
import re
import time
from decimal import Decimal, localcontext

import baseline
import pytest
import tinywindow as tw

KEY = tw.keygen(42)
NEW = tw.Order.new(session_id=99, sequence=7, client_order_id=1001, symbol="AAPL", account="ACC-1",
                   side=tw.Side.BUY, quantity=100, price="189.50",
                   sending_time=1_700_000_000_123_456_789)


def test_a_frame_is_the_baselines():
    fields = {"template": 1, "sequence": 7, "sending_time": 1_700_000_000_123_456_789,
              "client_order_id": 1001, "orig_client_order_id": 0, "session_id": 99,
              "price": 18_950_000_000, "stop_price": None, "quantity": 10_000_000_000,
              "symbol": "AAPL", "account": "ACC-1", "side": "1", "ord_type": "2",
              "time_in_force": "0"}
    assert NEW.sign(KEY) == baseline.sign_order(KEY, fields)
    with tw.Signer(KEY) as signer:
        assert NEW.sign(signer) == NEW.sign(KEY)


@pytest.mark.parametrize("price, stop_price, ord_type", [
    (None, None, tw.OrdType.MARKET), ("1", None, tw.OrdType.LIMIT),
    (None, "2", tw.OrdType.STOP), ("1", "2", tw.OrdType.STOP_LIMIT)])
def test_the_prices_make_the_type(price, stop_price, ord_type):
    order = tw.Order.new(session_id=1, sequence=1, client_order_id=1, symbol="A", side="2",
                         quantity=1, price=price, stop_price=stop_price)
    assert order.ord_type is ord_type
    assert tw.Order.decode(order.sign(KEY)).ord_type is ord_type


def test_every_template_comes_back():
    replaced = NEW.replace(sequence=8, client_order_id=1002, quantity=200, price="190")
    canceled = replaced.cancel(sequence=9, client_order_id=1003)
    assert (replaced.orig_client_order_id, canceled.orig_client_order_id) == (1001, 1002)
    assert (replaced.quantity, replaced.price, replaced.account) == (200, 190, "ACC-1")
    for order in (NEW, replaced, canceled):
        decoded = tw.Order.decode(order.sign(KEY))
        assert decoded.key_id == tw.key_id(KEY)
        assert tw.Order.decode(order.encode()) == order


def test_sending_time_is_now():
    before = time.time_ns()
    order = NEW.cancel(sequence=8, client_order_id=2)
    assert before <= order.sending_time <= time.time_ns()


@pytest.mark.parametrize("text", ["0.00000001", "585.33", "1", "92233720368.54775807",
                                  "-0.00000001", "-92233720368.54775807"])
def test_prices_are_exact(text):
    order = NEW.replace(sequence=8, client_order_id=2, price=text)
    assert tw.Order.decode(order.encode()).price == Decimal(text)


@pytest.mark.parametrize("given, shown", [
    ("585.33", "585.33"), ("585.330000000", "585.33"), ("1E2", "100"), (100, "100"),
    ("-1.50", "-1.5"), ("-100", "-100"), ("0", "0")])
def test_numbers_have_no_zeros_behind_them(given, shown):
    order = NEW.replace(sequence=8, client_order_id=2, price=given)
    assert str(order.price) == shown
    assert str(tw.Order.decode(order.encode()).price) == shown


def test_quantities_are_exact_whatever_the_callers_decimal_context():
    with localcontext() as context:
        context.prec = 3
        order = NEW.replace(sequence=8, client_order_id=2, quantity="184467440737.09551615")
        assert str(tw.Order.decode(order.encode()).quantity) == "184467440737.09551615"


@pytest.mark.parametrize("price", [1.5, float("nan"), True, b"1", 1j])
def test_floats_are_refused(price):
    with pytest.raises(TypeError):
        NEW.replace(sequence=8, client_order_id=2, price=price)


@pytest.mark.parametrize("fields", [
    {"price": "0.000000001"}, {"price": "92233720368.54775808"}, {"price": "NaN"},
    {"price": "-92233720368.54775808"}, {"price": "Infinity"}, {"price": "abc"},
    {"price": "1e999999"}, {"quantity": 0}, {"quantity": "184467440737.09551616"},
    {"quantity": -1}, {"symbol": ""}, {"symbol": "SEVENTEEN-LETTERS"}, {"symbol": "A\0B"},
    {"symbol": "A B"}, {"symbol": "é"}, {"account": "SEVENTEEN-LETTERS"}, {"side": "9"},
    {"time_in_force": "2"}, {"sequence": -1}, {"session_id": 2**64}, {"sending_time": 2**64}])
def test_malformed_orders(fields):
    right = {"session_id": 1, "sequence": 1, "client_order_id": 1, "symbol": "AAPL", "side": "1",
             "quantity": 1, "price": "1"}
    tw.Order.new(**right)
    with pytest.raises(tw.InvalidOrder, match=f"^{next(iter(fields))}: ") as raised:
        tw.Order.new(**{**right, **fields})
    assert raised.value.name == "TW_ERR_ORDER"


@pytest.mark.parametrize("fields", [
    {"sequence": "1"}, {"session_id": 1.0}, {"symbol": None}, {"account": b"A"}, {"price": 1.5}])
def test_wrong_types(fields):
    right = {"session_id": 1, "sequence": 1, "client_order_id": 1, "symbol": "AAPL", "side": "1",
             "quantity": 1, "price": "1"}
    with pytest.raises(TypeError, match=f"^{next(iter(fields))} is a"):
        tw.Order.new(**{**right, **fields})


def test_an_error_says_what_there_is():
    with pytest.raises(tw.InvalidOrder, match="^side: 'buy' is no Side; there are BUY = '1', "):
        dataclasses.replace(NEW, side="buy")
    with pytest.raises(tw.InvalidOrder, match="^quantity: 0 is not from 0.00000001 to 1844674407"):
        dataclasses.replace(NEW, quantity=0)


def test_a_price_in_a_market_order():
    market = tw.Order.new(session_id=1, sequence=1, client_order_id=1, symbol="A", side="1",
                          quantity=1)
    with pytest.raises(tw.InvalidOrder):
        market.replace(sequence=2, client_order_id=2, price=1).encode()


def test_orders_are_values():
    assert NEW == tw.Order.decode(NEW.encode()) and hash(NEW) == hash(tw.Order.decode(NEW.encode()))
    with pytest.raises(AttributeError):
        NEW.price = Decimal(1)


def test_the_repr_is_the_order():
    order = tw.Order.decode(NEW.sign(KEY))
    assert f"key_id=0x{tw.key_id(KEY):016x}, " in repr(order)
    names = {"Order": tw.Order, "Decimal": Decimal}
    text = re.sub(r"<(\w+\.\w+): [^>]+>", r"tw.\1", repr(order))
    assert eval(text, {"tw": tw, **names}) == order


def test_only_a_framed_secret_key_signs():
    public = tw.public_key(tw.keygen(1, "ed25519"))
    raw = tw.import_key(bytes(32), usage=tw.Usage.RAW)
    for key, name in ((public, "TW_ERR_KEY_KIND"), (raw, "TW_ERR_KEY_USAGE"), (b"", "TW_ERR_KEY")):
        with pytest.raises(tw.InvalidKey) as raised:
            NEW.sign(key)
        assert raised.value.name == name


def test_frames_come_apart_and_verify():
    frame = NEW.sign(KEY)
    signed, signature = tw.split_frame(memoryview(frame))
    assert signed + len(signature).to_bytes(2, "little") + signature == frame
    assert tw.verify_order(KEY, frame) is True
    assert tw.verify_order(tw.keygen(43), frame) is False
    assert NEW.encode(b"a signature") == NEW.encode()[:-2] + b"\x0b\x00a signature"


@pytest.mark.parametrize("cut", [0, 1, 8, 100, -1])
def test_cut_frames(cut):
    for call in (tw.Order.decode, tw.split_frame, lambda data: tw.verify_order(KEY, data)):
        with pytest.raises(tw.InvalidOrder):
            call(NEW.sign(KEY)[:cut])
