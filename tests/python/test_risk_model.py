"""Random orders: the gateway decides what the model of risk_model.py says, every reason of it.

TINYWINDOW_RISK_ORDERS says how many, TINYWINDOW_RISK_SEED which; 100,000 take some minutes.
"""
import collections
import os
import random
import time

import pytest
import tinywindow as tw
from risk_model import UNLIMITED, Instrument, Limits, Model, Order, Session

ORDERS = int(os.environ.get("TINYWINDOW_RISK_ORDERS", "6000"))
SEED = int(os.environ.get("TINYWINDOW_RISK_SEED", "1"))

INSTRUMENTS = {
    "ALL": dict(min_quantity=2, max_quantity=90, min_price=60, max_price=160, max_notional=9000,
                max_position=120, collar_percent=25, last_trade_collar_percent=20, locate=150,
                reference=100),
    "FEW": dict(max_notional=9500, max_position=500, reference=50),
    "NONE": dict(tick_bands=((50, 2),)),
}
SESSIONS = {1: dict(max_open_orders=8), 2: dict(max_open_orders=500),
            3: dict(max_open_orders=500, max_order_to_trade=1, order_to_trade_after=10)}
ACCOUNTS = ["A", "B", "C", ""]
SIDES = {"buy": tw.Side.BUY, "sell": tw.Side.SELL, "short": tw.Side.SELL_SHORT}

NAMES = {"reference": "reference_price"}

# What the run below must have met, so that it shows something.
MET = {"cancelled", "tick", "min_quantity", "max_quantity", "price_band", "no_reference_price",
       "max_notional", "price_collar", "last_trade_collar", "duplicate_client_order_id",
       "order_to_trade", "max_open_orders", "unknown_order", "order_closed", "quantity_filled",
       "self_trade", "locate", "max_position", "account_gross", "account_net", "firm_gross",
       "firm_net", "account_loss"}


def written(limits):
    return "\n".join(
        f"{NAMES.get(key, key)} = {bands(value) if key == 'tick_bands' else value}"
        for key, value in limits.items())


def bands(values):
    return "[%s]" % ", ".join(f"{{ from = {start}, tick = {tick} }}" for start, tick in values)


def configuration(mode):
    wide = {"tick": 1, "lot": 1, "max_quantity": "'unlimited'", "max_notional": "'unlimited'",
            "max_position": "'unlimited'", "collar_percent": "'unlimited'"}
    fast = {"per_second": 10**9, "burst": 10**9, "cancels_per_second": 10**9,
            "cancels_burst": 10**9}
    return "\n".join([
        f"[gateway]\nmax_orders = {3 * ORDERS + 3}", "[journal]\nkind = 'memory'",
        "[venue]\nkind = 'paper'", "[throttle]\n" + written({"per_second": 10**9, "burst": 10**9}),
        "[firm]\n" + written({"self_trade_prevention": "'account'", "self_trade_mode": f"'{mode}'"}),
        "[limits]\n" + written(wide),
        *(f"[[instruments]]\nsymbol = '{symbol}'\n{written(limits)}"
          for symbol, limits in INSTRUMENTS.items()),
        *(f"[[sessions]]\nid = {number}\n{written({**fast, **limits})}"
          for number, limits in SESSIONS.items())])


def limits_of(limits):
    return tw.ExposureLimits(**{
        f"max_{name}": None if limit == UNLIMITED else limit for name, limit in
        [("gross_notional", limits.gross), ("net_notional", limits.net), ("loss", limits.loss)]})


class Run:
    """A gateway and the model, told the same."""

    def __init__(self, gateway, mode, seed):
        self.gateway, self.random = gateway, random.Random(seed)
        self.asking = random.Random(seed)
        self.keys = {session: tw.Signer(tw.keygen(session)) for session in SESSIONS}
        for session in SESSIONS:
            gateway.add_key(session, tw.keygen(session))
        self.model = Model({s: Instrument(**limits) for s, limits in INSTRUMENTS.items()},
                           {n: Session(**limits) for n, limits in SESSIONS.items()},
                           self_trade_mode=mode)
        self.sent, self.number, self.met = [], 0, collections.Counter()
        gateway.poll()

    def step(self):
        pick = self.random.random()
        if pick < 0.02:
            symbol = self.random.choice(["ALL", "FEW"])
            price = self.random.randint(*((85, 125) if symbol == "ALL" else (40, 60)))
            self.model.begin(time.time_ns())
            self.gateway.set_reference_price(symbol, price)
            self.model.instruments[symbol].reference = price
        elif pick < 0.04:
            self.change_limits()
        elif pick < 0.20 and self.sent:
            self.send_about(self.random.choice(self.sent[-60:]))
        else:
            self.send_new()
        self.ask()

    def ask(self):
        """What is told of a position, of an account and of the firm is what the model has."""
        model, symbol = self.model, self.asking.choice(list(INSTRUMENTS))
        account = self.asking.choice(ACCOUNTS)
        one = account, symbol
        (buy, buys), (sell, sells) = (model.open(*one, is_buy) for is_buy in (True, False))
        mark, held = model.instruments[symbol].mark, model.held[one]
        worth = model.worth(*one)
        assert self.gateway.position(*one) == (
            held, buy, sell, mark, model.cash[one], model.cash[one] + held * (mark or 0),
            max(worth + buys, sells - worth))
        for accounts, limits, scope in [
                ([account], model.limits(account), {"account": account}),
                (model.accounts(), model.firm, {"firm": True})]:
            if not model.is_limited:
                with pytest.raises(tw.NotFound):
                    self.gateway.exposure(**scope)
                continue
            held = sum(model.worth(account, symbol)
                       for account in accounts for symbol in INSTRUMENTS)
            equity = sum(model.equity(account) for account in accounts)
            told = self.gateway.exposure(**scope)
            assert told[:-2] == (held, *model.exposure(accounts), equity, model.loss(accounts))
            assert told.limits == limits_of(limits)

    def change_limits(self):
        some = self.random.choice
        limits = Limits(some([UNLIMITED, 20_000, 60_000]), some([UNLIMITED, 10_000, 30_000]),
                        some([UNLIMITED, 50, 500]))
        value = limits_of(limits)
        scope = some(["firm", "every", "A", "A", "B", "reset"])
        if scope == "reset":
            scope, limits, value = "A", None, None
        whose = {"firm": {"firm": True}, "every": {}}.get(scope, {"account": scope})
        self.gateway.set_exposure_limits(value, **whose)
        self.model.limit(scope, limits)

    def ids(self):
        """The next sequence, and a client order id that is seldom an old one."""
        self.number += 1
        is_old = self.number > 1 and self.random.random() < 0.01
        return self.number, self.random.randrange(1, self.number) if is_old else self.number

    def terms(self, symbol):
        middle = 100 if symbol == "ALL" else 50
        spread = 60 if self.random.random() < 0.05 else 8
        price = self.random.randint(middle - spread, middle + spread)
        quantity = self.random.randint(1, 100 if self.random.random() < 0.1 else 30)
        return quantity, price

    def send_new(self):
        symbol = self.random.choice(["ALL", "ALL", "FEW", "NONE"])
        quantity, price = self.terms(symbol)
        kind = self.random.random()
        price = None if kind < 0.1 else price
        session, account = self.random.choice([1, 2, 2, 3]), self.random.choice(ACCOUNTS)
        side = self.random.choice(["buy", "buy", "sell", "short"])
        sequence, order_id = self.ids()
        order = tw.Order.new(
            session_id=session, sequence=sequence, client_order_id=order_id, symbol=symbol,
            account=account, side=SIDES[side], quantity=quantity, price=price,
            time_in_force="3" if kind < 0.2 else "1")
        weight = self.model.weight(symbol, price)
        new = Order(account, symbol, side, price, quantity, weight)
        if self.send(session, order_id, order, ("new", new)):
            self.sent.append((session, order, new))

    def send_about(self, sent):
        session, order, known = sent
        sequence, order_id = self.ids()
        ids = {"sequence": sequence, "client_order_id": order_id}
        if self.random.random() < 0.05:
            order = tw.Order.decode(order.encode())
            object.__setattr__(order, "client_order_id", 10**9)
        orig = order.client_order_id
        if self.random.random() < 0.5 or known.price is None:
            self.send(session, order_id, order.cancel(**ids), ("cancel", orig))
            return
        quantity, price = self.terms(known.symbol)
        new = order.replace(**ids, quantity=quantity, price=price)
        like = Order(known.account, known.symbol, known.side, price, quantity, 0)
        if self.send(session, order_id, new, ("replace", orig, quantity, price, like)):
            self.sent.append((session, new, known))

    def send(self, session, order_id, order, request):
        """Whether the gateway took it; the model has foreseen every reason."""
        frame = order.sign(self.keys[session])
        self.model.begin(order.sending_time)
        expected = self.model.reasons(session, order_id, request)
        told = [reason.name.lower() for reason in self.gateway.pre_trade_reasons(frame)]
        assert told == expected, (self.number, request)
        ack = self.gateway.send_order(frame)
        reason = ack.reason.name.lower() if ack.reason else None
        self.model.used.add((session, order_id))
        self.met.update(expected)
        cancelled = self.model.cancelled_for(request, expected)
        completions = self.gateway.poll(10**4)
        assert cancelled == {
            (execution.session_id, execution.client_order_id) for execution in completions
            if execution.reason is tw.Reason.SELF_TRADE}, (self.number, request)
        for ids in cancelled:
            self.model.ended(*ids)
        self.met["cancelled"] += len(cancelled)
        if expected:
            assert (ack.accepted, reason) == (False, expected[0]), (self.number, request)
            return False
        assert ack.accepted or ack.reason >= 100, (self.number, request, reason)
        self.model.accepted(session, order_id, request)
        for execution in completions:
            if execution.reason is None:
                self.fold(execution, request)
        return ack.accepted

    def fold(self, execution, request):
        session, order_id = execution.session_id, execution.client_order_id
        kind = tw.ExecType(execution.exec_type)
        if kind is tw.ExecType.TRADE:
            price, quantity = int(execution.last_price), int(execution.last_quantity)
            self.model.traded(session, order_id, price, quantity)
        elif kind is tw.ExecType.REPLACED:
            self.model.replaced(session, request[1], order_id, *request[2:4])
        elif kind is tw.ExecType.CANCELED:
            self.model.ended(session, request[1])
        elif kind is not tw.ExecType.NEW:
            self.model.ended(session, order_id)


def test_the_gateway_decides_what_the_model_says():
    met = collections.Counter()
    for seed, mode in enumerate(["cancel_newest", "cancel_oldest", "cancel_both"], SEED):
        with tw.Gateway(configuration(mode)) as gateway:
            run = Run(gateway, mode, seed)
            for _ in range(ORDERS // 3):
                run.step()
        met.update(run.met)
    missing = MET - set(met)
    assert not missing or ORDERS < 6000, missing
