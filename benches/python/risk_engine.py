"""What a pass over an order costs from Python: NautilusTrader's RiskEngine, and the gateway.

    risk_engine.py [smoke]

Prints Markdown. Orders, commands and signed frames are made ahead; both hand accepted orders to
something that is in the process: an endpoint that counts, and the paper venue with its book.
"""
import statistics
import sys
from time import thread_time
from timeit import Timer

import nautilus_trader
import tinywindow
from nautilus_trader.accounting.factory import AccountFactory
from nautilus_trader.cache.cache import Cache
from nautilus_trader.common.component import LiveClock, MessageBus
from nautilus_trader.core.uuid import UUID4
from nautilus_trader.execution.messages import SubmitOrder
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.enums import AccountType, OrderSide
from nautilus_trader.model.events import AccountState
from nautilus_trader.model.identifiers import (
    AccountId, ClientOrderId, InstrumentId, StrategyId, Symbol, TraderId, Venue)
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import AccountBalance, Money, Price, Quantity
from nautilus_trader.model.orders import LimitOrder
from nautilus_trader.portfolio.portfolio import Portfolio
from nautilus_trader.risk.config import RiskEngineConfig
from nautilus_trader.risk.engine import RiskEngine

from desk import CONFIG, SESSION
from rounds import ratio

CHUNK = 1000
TRADER, STRATEGY = TraderId("BENCH-001"), StrategyId("S-001")
VENUE = Venue("XNAS")


class Nautilus:
    """A RiskEngine that has an instrument and a limit of notional to look at, and the balance of a
    cash account, or no account and then no more to check."""

    def __init__(self, has_account):
        clock = LiveClock()
        bus = MessageBus(trader_id=TRADER, clock=clock)
        cache = Cache(database=None)
        self.instrument = Equity(
            instrument_id=InstrumentId(Symbol("AAPL"), VENUE), raw_symbol=Symbol("AAPL"),
            currency=USD, price_precision=2, price_increment=Price.from_str("0.01"),
            lot_size=Quantity.from_int(1), max_quantity=Quantity.from_int(100_000), ts_event=0,
            ts_init=0)
        cache.add_instrument(self.instrument)
        if has_account:
            cache.add_account(self.account())
        self.passed = 0
        bus.register(endpoint="ExecEngine.execute", handler=self.count)
        config = RiskEngineConfig(
            max_order_submit_rate="1000000000/00:00:01",
            max_notional_per_order={str(self.instrument.id): 100_000_000})
        portfolio = Portfolio(msgbus=bus, cache=cache, clock=clock)
        self.engine = RiskEngine(
            portfolio=portfolio, msgbus=bus, cache=cache, clock=clock, config=config)
        self.engine.start()

    @staticmethod
    def account():
        money = [Money(10**9, USD), Money(0, USD), Money(10**9, USD)]
        state = AccountState(
            account_id=AccountId("XNAS-1"), account_type=AccountType.CASH, base_currency=USD,
            reported=True, balances=[AccountBalance(*money)], margins=[], info={},
            event_id=UUID4(), ts_event=0, ts_init=0)
        return AccountFactory.create(state)

    def count(self, _):
        self.passed += 1

    def commands(self, first):
        return [self.command(number) for number in range(first, first + CHUNK)]

    def command(self, number):
        order = LimitOrder(
            trader_id=TRADER, strategy_id=STRATEGY, instrument_id=self.instrument.id,
            client_order_id=ClientOrderId(f"O-{number}"),
            order_side=OrderSide.BUY if number % 2 else OrderSide.SELL,
            quantity=Quantity.from_int(100), price=Price.from_str("100.00"), init_id=UUID4(),
            ts_init=0)
        return SubmitOrder(
            trader_id=TRADER, strategy_id=STRATEGY, order=order, command_id=UUID4(), ts_init=0)


def frames(signer, first):
    """Buys that rest and sells that trade with them, in turns, as of now."""
    def frame(number):
        side, time_in_force = (
            (tinywindow.Side.BUY, tinywindow.TimeInForce.DAY) if number % 2 else
            (tinywindow.Side.SELL, tinywindow.TimeInForce.IMMEDIATE_OR_CANCEL))
        return tinywindow.Order.new(
            session_id=SESSION, sequence=number, client_order_id=number, symbol="AAPL", side=side,
            time_in_force=time_in_force, quantity=100, price=100).sign(signer)
    return [frame(number) for number in range(first, first + CHUNK)]


def nanoseconds(call, items, **names):
    """Of this thread's processor time, for each of the items."""
    timer = Timer(f"for x in items: {call}", timer=thread_time, globals={"items": items, **names})
    return timer.timeit(1) / len(items) * 1e9


def main():
    rounds = 3 if "smoke" in sys.argv[1:] else 100
    key = tinywindow.keygen(1)
    signer, gateway = tinywindow.Signer(key), tinywindow.Gateway(CONFIG)
    gateway.add_key(SESSION, key)
    full, bare = Nautilus(has_account=True), Nautilus(has_account=False)
    ours, checked, theirs, least = [], [], [], []
    for first in range(1, 1 + rounds * CHUNK, CHUNK):
        sent = frames(signer, first)
        checked.append(nanoseconds("check(x)", sent[:1] * CHUNK, check=gateway.pre_trade_check))
        ours.append(nanoseconds("send(x)", sent, send=gateway.send_order))
        for engine, of in ((full, theirs), (bare, least)):
            commands = engine.commands(first)
            of.append(nanoseconds("execute(x)", commands, execute=engine.engine.execute))
    assert full.passed == bare.passed == rounds * CHUNK, "the RiskEngines let all of them pass"
    print(f"\n## Beside NautilusTrader's RiskEngine\n\nnautilus_trader "
          f"{nautilus_trader.__version__}, CPython {sys.version.split()[0]}; an order from Python.")
    print("\n| | ns | to the RiskEngine |\n|---|---:|---:|")
    for name, of in (("`RiskEngine.execute`, a cash account", theirs),
                     ("`RiskEngine.execute`, no account, so no look at a balance", least),
                     ("`Gateway.pre_trade_check`: signature and all checks", checked),
                     ("`Gateway.send_order`: the same, the state, the paper venue, the ack", ours)):
        print(f"| {name} | {statistics.median(of):.0f} | {ratio(of, theirs):.2f} |")


if __name__ == "__main__":
    main()
