"""What may be traded, held and lost: the limits that can be set at run time."""
from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from ._native import ffi, lib
from .orders import (
    PRICES,
    OrdType,
    Side,
    TimeInForce,
    from_units,
    text_bytes,
    to_units,
    whole,
)

if TYPE_CHECKING:
    from enum import Enum

    from typing_extensions import Self

    from .orders import Number


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """What may be traded, and within which limits. None is "no limit", and has to be said.

    Sizes, quantities and money are exact numbers with at most 8 decimals, as in Order.
    """

    symbol: str
    tick: Number
    """Prices are multiples of this."""
    lot: Number
    """Quantities are multiples of this."""
    max_quantity: Number | None
    """Of one order."""
    max_notional: Number | None
    """Price times quantity of one order, in the currency."""
    max_position: Number | None
    """Absolute position of an account, its open orders counted."""
    collar_basis_points: int | None
    """Greatest distance from the reference price, in 1/10,000 of it."""
    min_quantity: Number | None = None
    """Of one order."""
    min_price: Number | None = None
    """Lowest price."""
    max_price: Number | None = None
    """Highest price."""
    last_trade_collar_basis_points: int | None = None
    """Greatest distance from the last trade's price, in 1/10,000 of it."""
    locate: Number | None = None
    """What the firm may sell short in a day in UTC, open orders counted."""
    opens: time | None = None
    """When orders are taken, in UTC, from this time; with closes, or neither."""
    closes: time | None = None
    """Until, and without, this time; over midnight if it comes before opens."""
    restricted: bool = False
    """On the restricted list: no new order."""
    sides: Collection[Side] = frozenset(Side)
    order_types: Collection[OrdType] = frozenset({OrdType.MARKET, OrdType.LIMIT})
    times_in_force: Collection[TimeInForce] = frozenset(TimeInForce)

    def struct(self) -> Any:
        """The `tw_instrument *` of this instrument."""
        no_collar = 2**32 - 1
        last_trade = self.last_trade_collar_basis_points
        if (self.opens is None) != (self.closes is None):
            raise ValueError("opens and closes come together")
        return ffi.new("tw_instrument *", {
            "struct_size": ffi.sizeof("tw_instrument"),
            "flags": lib.TW_INSTRUMENT_RESTRICTED if self.restricted else 0,
            "symbol": text_bytes("symbol", self.symbol), "tick": to_units("tick", self.tick),
            "lot": to_units("lot", self.lot),
            **{name: _limit(name, getattr(self, name)) for name in _LIMITS},
            "collar_basis_points": no_collar if self.collar_basis_points is None else
                whole("collar_basis_points", self.collar_basis_points, no_collar - 1),
            "last_trade_collar_basis_points": no_collar if last_trade is None else
                whole("last_trade_collar_basis_points", last_trade, no_collar - 1),
            "min_quantity": 0 if self.min_quantity is None else
                to_units("min_quantity", self.min_quantity, 1),
            "min_price": _price("min_price", self.min_price, -2**63),
            "max_price": _price("max_price", self.max_price, 2**63 - 1),
            "opens_s": _second("opens", self.opens), "closes_s": _second("closes", self.closes),
            "sides": _bits("sides", Side, self.sides),
            "order_types": _bits("order_types", OrdType, self.order_types),
            "times_in_force": _bits("times_in_force", TimeInForce, self.times_in_force)})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureLimits:
    """Limits of an account or of the firm, in the currency. None is "none", and has to be said."""

    max_gross_notional: Number | None
    """What is held and may come to be held, long and short added up."""
    max_net_notional: Number | None
    """The same with what is short taken from what is long."""
    max_loss: Number | None
    """Of a day in UTC, realised and at reference prices."""

    def struct(self) -> Any:
        """The `tw_exposure_limits *` of these limits."""
        return ffi.new("tw_exposure_limits *", {
            "struct_size": ffi.sizeof("tw_exposure_limits"),
            **{field.name: _limit(field.name, getattr(self, field.name))
               for field in fields(self)}})

    @classmethod
    def of(cls, struct: Any) -> Self:
        """These limits, of a struct that has them."""
        given = {field.name: getattr(struct, field.name) for field in fields(cls)}
        limits: dict[str, Any] = {
            n: None if v == lib.TW_UNLIMITED else from_units(v) for n, v in given.items()}
        return cls(**limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLimits:
    """How much and how fast a session may trade; None is no limit."""

    per_second: int
    """Lasting rate of new orders and replaces."""
    burst: int
    """New orders and replaces that may come at once."""
    cancels_per_second: int
    """Lasting rate of cancels."""
    cancels_burst: int
    """Cancels that may come at once."""
    max_open_orders: int
    """Orders open at one time."""
    max_repeats: int | None = None
    """How often the same new order is taken within the window."""
    repeat_window_ns: int = 1_000_000_000
    """That window."""
    max_order_to_trade: int | None = None
    """Requests for each trade of a day in UTC."""
    order_to_trade_after: int = 1000
    """So many requests of a day need no trade."""

    def struct(self) -> Any:
        """The `tw_session_limits *` of these limits."""
        names = ("per_second", "burst", "cancels_per_second", "cancels_burst", "max_open_orders",
                 "max_repeats", "max_order_to_trade", "order_to_trade_after")
        return ffi.new("tw_session_limits *", {
            "struct_size": ffi.sizeof("tw_session_limits"),
            **{name: _count(name, getattr(self, name)) for name in names},
            "repeat_window_ns": whole("repeat_window_ns", self.repeat_window_ns)})

    @classmethod
    def of(cls, struct: Any) -> Self:
        """These limits, of a `tw_session_limits *`."""
        none = 2**32 - 1
        given = {field.name: getattr(struct, field.name) for field in fields(cls)}
        limits: dict[str, Any] = {n: None if v == none else v for n, v in given.items()}
        return cls(**limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPermissions:
    """What a session may trade, and for whom; None is everything, and any number."""

    symbols: Collection[str] | None = None
    accounts: Collection[str] | None = None
    sides: Collection[Side] = frozenset(Side)
    order_types: Collection[OrdType] = frozenset(OrdType)
    max_sequence_gap: int | None = None
    """Sequences that it may leave out at once."""

    def struct(self) -> Any:
        """The `tw_session_permissions *` of these permissions, without the names."""
        return ffi.new("tw_session_permissions *", {
            "struct_size": ffi.sizeof("tw_session_permissions"),
            "sides": _bits("sides", Side, self.sides),
            "order_types": _bits("order_types", OrdType, self.order_types),
            "max_sequence_gap": _count("max_sequence_gap", self.max_sequence_gap)})

    def names(self) -> tuple[Any, int, Any, int]:
        """The `tw_name *` of symbols and of accounts, each with its length."""
        symbols = _names("symbols", self.symbols)
        accounts = _names("accounts", self.accounts)
        return symbols, len(symbols), accounts, len(accounts)


def _names(what: str, names: Collection[str] | None) -> Any:
    if isinstance(names, str) or (names is not None and not names):
        raise ValueError(f"{what}: names, at least one; None is every one")
    return ffi.new("tw_name[]", [{"name": text_bytes(what, name)} for name in names or ()])


def _count(name: str, value: int | None) -> int:
    none = 2**32 - 1
    return none if value is None else whole(name, value, none - 1)


def _price(name: str, value: Number | None, none: int) -> int:
    return none if value is None else to_units(name, value, 1, PRICES[1])


def _second(name: str, value: time | None) -> int:
    if value is None:
        return 0
    if not isinstance(value, time):
        raise TypeError(f"{name}: a datetime.time, not {value!r}")
    # What another zone is from UTC depends on the date.
    if value.tzinfo is not None and value.utcoffset() != timedelta(0):
        raise ValueError(f"{name}: a time in UTC, not {value!r}")
    return value.hour * 3600 + value.minute * 60 + value.second


_LIMITS = ("max_quantity", "max_notional", "max_position", "locate")


def _limit(name: str, value: Number | None) -> int:
    return int(lib.TW_UNLIMITED) if value is None else to_units(name, value)


def _bits(name: str, kind: type[Enum], values: Collection[Enum]) -> int:
    """A set of FIX characters '0' to '9': bit n stands for '0' + n."""
    if not isinstance(values, Collection) or not all(isinstance(one, kind) for one in values):
        raise TypeError(f"{name}: a collection of {kind.__name__}, not {values!r}")
    return sum(1 << int(value.value) for value in set(values))
