"""The arithmetic of docs/RISK.md in plain Python: every sum is added up anew for every question.

It knows what was sent, what the venue said of it, and the limits; nothing of the library. All
numbers are whole.
"""
from collections import defaultdict
from dataclasses import dataclass

UNLIMITED = float("inf")
DAY_NS = 86_400_000_000_000


@dataclass
class Instrument:
    min_quantity: int = 0
    max_quantity: float = UNLIMITED
    min_price: float = -UNLIMITED
    max_price: float = UNLIMITED
    max_notional: float = UNLIMITED
    max_position: float = UNLIMITED
    collar_percent: float = UNLIMITED
    last_trade_collar_percent: float = UNLIMITED
    locate: float = UNLIMITED
    tick_bands: tuple = ()   # (from, tick)
    reference: int | None = None
    first_trade: int | None = None
    last_trade: int | None = None

    @property
    def mark(self):
        return self.first_trade if self.reference is None else self.reference


@dataclass
class Limits:
    gross: float = UNLIMITED
    net: float = UNLIMITED
    loss: float = UNLIMITED


@dataclass
class Session:
    max_open_orders: float = UNLIMITED
    max_order_to_trade: float = UNLIMITED
    order_to_trade_after: int = 1000
    requests: int = 0
    trades: int = 0


@dataclass
class Order:
    """An order that the gateway has accepted, and what of it is open."""

    account: str
    symbol: str
    side: str           # "buy", "sell", "short"
    price: int | None   # None: a market order
    quantity: int
    weight: int
    filled: int = 0
    is_open: bool = True

    @property
    def leaves(self):
        return self.quantity - self.filled if self.is_open else 0


class Model:
    def __init__(self, instruments, sessions, *, self_trade_mode=None):
        self.instruments, self.sessions = instruments, sessions
        self.self_trade_mode = self_trade_mode
        self.firm, self.every_account, self.own = Limits(), Limits(), {}
        self.orders = {}                    # (session, latest client order id) -> open Order
        self.earlier = {}                   # (session, client order id) -> ended or renamed Order
        self.used, self.named = set(), set()
        self.held = defaultdict(int)        # (account, symbol)
        self.cash = defaultdict(int)        # likewise
        self.sold_short = defaultdict(int)  # symbol, today
        self.day, self.equity_before, self.is_limited = 0, {}, False

    # --- what happens ---

    def begin(self, now):
        """A new day begins with what there is."""
        if now // DAY_NS > self.day:
            self.day = now // DAY_NS
            self.equity_before = {account: self.equity(account) for account in self.accounts()}
            self.sold_short.clear()
            for session in self.sessions.values():
                session.requests = session.trades = 0

    def limit(self, scope, limits):
        """"firm", "every" or the name of an account; a loss counts from the first limit on."""
        if limits not in (None, Limits()) and not self.is_limited:
            self.is_limited = True
            self.equity_before = {account: self.equity(account) for account in self.accounts()}
        if scope == "firm":
            self.firm = limits or Limits()
        elif scope == "every":
            self.every_account = limits or Limits()
        elif limits is None:
            self.own.pop(scope, None)
        else:
            self.own[scope] = limits

    def accepted(self, session, order_id, request):
        """The gateway takes a request: ("new", Order), ("replace", orig, quantity, price) or
        ("cancel", orig)."""
        self.sessions[session].requests += 1
        if request[0] == "new":
            self.orders[session, order_id] = request[1]
            self.named.add(request[1].account)

    def replaced(self, session, orig, order_id, quantity, price):
        order = self.earlier[session, orig] = self.orders.pop((session, orig))
        order.quantity, order.price = quantity, price
        order.weight = self.weight(order.symbol, price)
        self.orders[session, order_id] = order
        self.end_if_filled(session, order_id)

    def ended(self, session, order_id):
        order = self.earlier[session, order_id] = self.orders.pop((session, order_id))
        order.is_open = False

    def end_if_filled(self, session, order_id):
        order = self.orders[session, order_id]
        if order.filled >= order.quantity:
            self.ended(session, order_id)

    def traded(self, session, order_id, price, quantity):
        order = self.orders[session, order_id]
        instrument = self.instruments[order.symbol]
        sign = 1 if order.side == "buy" else -1
        order.filled += quantity
        self.end_if_filled(session, order_id)
        self.held[order.account, order.symbol] += sign * quantity
        self.cash[order.account, order.symbol] -= sign * price * quantity
        instrument.last_trade = price
        if instrument.first_trade is None:
            instrument.first_trade = price
        if order.side == "short":
            self.sold_short[order.symbol] += quantity
        self.sessions[session].trades += 1

    # --- sums ---

    def weight(self, symbol, price):
        prices = [price, self.instruments[symbol].mark]
        return max((abs(price) for price in prices if price is not None), default=0)

    def accounts(self):
        return self.named

    def equity(self, account):
        return sum(self.cash[account, symbol]
                   + self.held[account, symbol] * (instrument.mark or 0)
                   for symbol, instrument in self.instruments.items())

    def loss(self, accounts):
        before = sum(self.equity_before.get(account, 0) for account in accounts)
        return before - sum(self.equity(account) for account in accounts)

    def open(self, account, symbol, is_buy, changed=None):
        """(quantity, value) of the open orders of a side; `changed` counts differently."""
        quantity = value = 0
        for order in self.orders.values():
            if (order.account, order.symbol) == (account, symbol):
                if (order.side == "buy") == is_buy and not (changed and order is changed[0]):
                    quantity += order.leaves
                    value += order.leaves * order.weight
        if changed and (changed[0].account, changed[0].symbol) == (account, symbol):
            if (changed[0].side == "buy") == is_buy:
                quantity += changed[1]
                value += changed[1] * changed[2]
        return quantity, value

    def worth(self, account, symbol):
        return self.held[account, symbol] * abs(self.instruments[symbol].mark or 0)

    def exposure(self, accounts, changed=None):
        """(gross, net of a buy, net of a sell) of these accounts."""
        gross = long = short = 0
        for account in accounts:
            for symbol in self.instruments:
                held = self.worth(account, symbol)
                buys = self.open(account, symbol, True, changed)[1]
                sells = self.open(account, symbol, False, changed)[1]
                gross += max(held + buys, sells - held)
                long += held + buys
                short += sells - held
        return gross, long, short

    # --- what must be decided ---

    def reasons(self, session, order_id, request):
        """Every reason against a request, by name, in the order of docs/RISK.md."""
        if request[0] == "cancel":
            found = ["duplicate_client_order_id"] if (session, order_id) in self.used else []
            return found + self.original(session, request[1])
        if request[0] == "new":
            order, quantity, price = request[1], request[1].quantity, request[1].price
        else:
            _, orig, quantity, price, like = request
            order = like
        found = self.of_terms(order, quantity, price)
        if (session, order_id) in self.used:
            found.append("duplicate_client_order_id")
        limits = self.sessions[session]
        free = limits.order_to_trade_after + limits.max_order_to_trade * limits.trades
        if limits.max_order_to_trade != UNLIMITED and limits.requests >= free:
            found.append("order_to_trade")
        before = 0
        if request[0] == "new":
            if sum(of == session for of, _ in self.orders) >= limits.max_open_orders:
                found.append("max_open_orders")
            changed = order, quantity, self.weight(order.symbol, price)
        else:
            missing = self.original(session, orig)
            if missing:
                return found + missing
            order = self.orders[session, orig]
            if quantity <= order.filled:
                return found + ["quantity_filled"]
            before = order.leaves
            changed = (order, max(order.leaves, quantity - order.filled),
                       max(order.weight, self.weight(order.symbol, price)))
        return found + self.of_exposure(order, price, before, changed)

    def original(self, session, orig):
        order = self.orders.get((session, orig)) or self.earlier.get((session, orig))
        if order is None:
            return ["unknown_order"]
        if not order.is_open:
            return ["order_closed"]
        return [] if (session, orig) in self.orders else ["unknown_order"]

    def of_terms(self, order, quantity, price):
        instrument, found = self.instruments[order.symbol], []
        reference = instrument.reference
        tick = 1
        for start, of_band in instrument.tick_bands:
            if price is not None and abs(price) >= start:
                tick = of_band
        if price is not None and price % tick:
            found.append("tick")
        if quantity < instrument.min_quantity:
            found.append("min_quantity")
        if quantity > instrument.max_quantity:
            found.append("max_quantity")
        if price is not None and not instrument.min_price <= price <= instrument.max_price:
            found.append("price_band")
        needs = (instrument.collar_percent != UNLIMITED
                 or instrument.max_notional != UNLIMITED and price is None
                 or self.limits(order.account) != Limits() or self.firm != Limits())
        if reference is None and needs:
            found.append("no_reference_price")
        value = reference if price is None else price
        if value is not None and abs(value) * quantity > instrument.max_notional:
            found.append("max_notional")
        for percent, center, name in [
                (instrument.collar_percent, reference, "price_collar"),
                (instrument.last_trade_collar_percent, instrument.last_trade, "last_trade_collar")]:
            if percent != UNLIMITED and None not in (price, center):
                if abs(price - center) * 100 > abs(center) * percent:
                    found.append(name)
        return found

    def limits(self, account):
        return self.own.get(account, self.every_account)

    def crossed(self, order, price):
        """The ids of the account's open orders that one like this at this price would meet."""
        is_buy = order.side == "buy"
        return {
            ids for ids, other in self.orders.items()
            if (other.account, other.symbol) == (order.account, order.symbol)
            and (other.side == "buy") != is_buy and crosses(is_buy, price, other.price)}

    def cancelled_for(self, request, reasons):
        """The ids of the orders that the gateway cancels when it decides so."""
        cancels = {"cancel_oldest": not reasons, "cancel_both": reasons[:1] == ["self_trade"]}
        if request[0] == "cancel" or not cancels.get(self.self_trade_mode):
            return set()
        price = request[1].price if request[0] == "new" else request[3]
        return self.crossed(request[-1], price)

    def of_exposure(self, order, price, before, changed):
        found, is_buy, symbol = [], order.side == "buy", order.symbol
        instrument, account = self.instruments[symbol], order.account
        if self.self_trade_mode in ("cancel_newest", "cancel_both") and self.crossed(order, price):
            found.append("self_trade")
        if order.side == "short":
            is_open = sum(o.leaves for o in self.orders.values()
                          if o.symbol == symbol and o.side == "short" and o is not order)
            used = self.sold_short[symbol] + is_open + changed[1]
            if changed[1] > before and used > instrument.locate:
                found.append("locate")
        held, opened = self.held[account, symbol], self.open(account, symbol, is_buy, changed)[0]
        worst = held + opened if is_buy else opened - held
        if changed[1] > before and worst > instrument.max_position:
            found.append("max_position")
        one, everyone = [account], self.accounts() | {account}
        for accounts, limits, of in [(one, self.limits(account), "account"),
                                     (everyone, self.firm, "firm")]:
            was, now = self.exposure(accounts), self.exposure(accounts, changed)
            side = 1 if is_buy else 2
            if now[0] > was[0] and now[0] > limits.gross:
                found.append(f"{of}_gross")
            if now[side] > was[side] and now[side] > limits.net:
                found.append(f"{of}_net")
        raises = self.exposure(one, changed)[0] > self.exposure(one)[0]
        if raises and self.loss(one) > self.limits(account).loss:
            found.append("account_loss")
        if raises and self.loss(everyone) > self.firm.loss:
            found.append("firm_loss")
        return found


def crosses(is_buy, price, other):
    if price is None or other is None:
        return True
    return price >= other if is_buy else price <= other
