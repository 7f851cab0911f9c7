"""Orders: FIX's names and values, SBE 1.0 frames (schema/orders.xml), exact decimals."""
from __future__ import annotations

import dataclasses
import operator
import re
import time
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any, TypeVar, Union

from . import _fastcalls
from ._native import ffi, lib, view
from .errors import check, error
from .signing import Signer, bytes_from, valid

if TYPE_CHECKING:
    from typing_extensions import Buffer

Number = Union[Decimal, int, str]
"""An exact number; a float is not one."""

PRICE_NONE: int = lib.TW_PRICE_NONE     # the least i64
PRICES = PRICE_NONE + 1, 2**63 - 1      # the least and the most, in units
U64_MAX = 2**64 - 1
_EXPONENT = 8
_UNIT = 10**_EXPONENT
# A u64 has 20 digits; whatever would be rounded is an error.
_EXACT = Context(prec=40, traps=[Inexact, InvalidOperation])
_ORDER = ffi.typeof("tw_order *")
_ORDER_SIZE = ffi.sizeof("tw_order")
_SIZE = ffi.typeof("size_t *")
_TEXT_MAX = 16
_VISIBLE = re.compile(f"[!-~]{{1,{_TEXT_MAX}}}")
_LENGTH_SIZE = 2    # before the signature, u16
_E = TypeVar("_E", bound=Enum)


class Template(IntEnum):
    """The message that a frame carries."""

    NEW_ORDER_SINGLE = lib.TW_TEMPLATE_NEW_ORDER_SINGLE
    ORDER_CANCEL_REPLACE_REQUEST = lib.TW_TEMPLATE_ORDER_CANCEL_REPLACE_REQUEST
    ORDER_CANCEL_REQUEST = lib.TW_TEMPLATE_ORDER_CANCEL_REQUEST


class Side(str, Enum):
    """FIX 54."""

    BUY = "1"
    SELL = "2"
    SELL_SHORT = "5"


class OrdType(str, Enum):
    """FIX 40."""

    MARKET = "1"
    LIMIT = "2"
    STOP = "3"
    STOP_LIMIT = "4"


class TimeInForce(str, Enum):
    """FIX 59."""

    DAY = "0"
    GOOD_TILL_CANCEL = "1"
    IMMEDIATE_OR_CANCEL = "3"
    FILL_OR_KILL = "4"


class Reason(IntEnum):
    """Why a decided order was not accepted: 1 to 99 the gateway refused it, from 100 the venue.

    As text its documented name, as `max_quantity`; the number is `int(reason)` or `f"{reason:d}"`.
    """

    HALTED_GATEWAY = 1
    HALTED_SESSION = 2
    HALTED_SYMBOL = 3
    HALTED_ACCOUNT = 4
    UNKNOWN_SYMBOL = 5
    RESTRICTED_SYMBOL = 6
    SIDE = 7
    ORDER_TYPE = 8
    TIME_IN_FORCE = 9
    TICK = 10
    LOT = 11
    MAX_QUANTITY = 12
    NO_REFERENCE_PRICE = 13
    MAX_NOTIONAL = 14
    PRICE_COLLAR = 15
    DUPLICATE_CLIENT_ORDER_ID = 16
    MAX_OPEN_ORDERS = 17
    MAX_POSITION = 18
    UNKNOWN_ORDER = 19
    ORDER_CLOSED = 20
    ORDER_MISMATCH = 21
    QUANTITY_FILLED = 22
    NOT_DELIVERED = 23
    ACCOUNT_GROSS = 24
    ACCOUNT_NET = 25
    FIRM_GROSS = 26
    FIRM_NET = 27
    ACCOUNT_LOSS = 28
    FIRM_LOSS = 29
    MARKET_CLOSED = 30
    MIN_QUANTITY = 31
    PRICE_BAND = 32
    LAST_TRADE_COLLAR = 33
    REPEATED_ORDER = 34
    ORDER_TO_TRADE = 35
    LOCATE = 36
    SELF_TRADE = 37
    SESSION_SYMBOL = 38
    SESSION_ACCOUNT = 39
    SESSION_SIDE = 40
    SESSION_ORDER_TYPE = 41
    SESSION_CANCELLED = 42
    VENUE_UNKNOWN_ORDER = 100
    VENUE_TOO_LATE = 101
    VENUE_UNSUPPORTED = 102
    VENUE_CAPACITY = 103

    @property
    def message(self) -> str:
        """What it means, in one line."""
        return str(ffi.string(lib.tw_reason_message(self)).decode())

    def __str__(self) -> str:
        return self.name.lower()

    def __format__(self, spec: str) -> str:
        return int.__format__(self, spec) if spec.endswith("d") else format(str(self), spec)


OrderAck = _fastcalls.OrderAck


def to_units(name: str, value: Number, least: int = 0, most: int = U64_MAX) -> int:
    """The number of a field in units of 10**-8, the exponent of the wire.

    TypeError for a float, InvalidOrder for what is inexact or not from `least` to `most` units.
    """
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise TypeError(f"{name} is a Decimal, int or str, not {type(value).__name__}")
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise error(lib.TW_ERR_ORDER, f"{name}: {value!r} is not a finite number")
    try:
        units = int(_EXACT.to_integral_exact(_EXACT.scaleb(number, _EXPONENT)))
    except DecimalException:
        message = f"{name}: {value} has more than 8 decimals, or is too large"
        raise error(lib.TW_ERR_ORDER, message) from None
    if not least <= units <= most:
        limits = f"{from_units(least):f} to {from_units(most):f}"
        raise error(lib.TW_ERR_ORDER, f"{name}: {value} is not from {limits}")
    return units


def from_units(units: int) -> Decimal:
    """A number of units of 10**-8 as a decimal without trailing zeros."""
    whole, rest = divmod(units, _UNIT)
    if not rest:
        return Decimal(whole)   # normalize() would make 1E+2 of 100
    return _EXACT.normalize(_EXACT.scaleb(Decimal(units), -_EXPONENT))


def price_from(units: int) -> Decimal | None:
    """A price of the wire, where the least number stands for none."""
    return None if units == PRICE_NONE else from_units(units)


def text_bytes(name: str, text: str, least: int = 1) -> bytes:
    """A symbol or account as the wire's 16 bytes; InvalidOrder if it does not fit."""
    if not isinstance(text, str):
        raise TypeError(f"{name} is a str, not {type(text).__name__}")
    if not (_VISIBLE.fullmatch(text) or (least == 0 and not text)):
        message = f"{name}: {text!r} is not {least} to {_TEXT_MAX} visible ASCII characters"
        raise error(lib.TW_ERR_ORDER, message)
    return text.encode("ascii").ljust(_TEXT_MAX, b"\0")


def text_from(data: Any) -> str:
    """The text in the wire's 16 bytes."""
    return bytes(data).rstrip(b"\0").decode("ascii")


def whole(name: str, value: int, most: int = U64_MAX, status: int = lib.TW_ERR_ORDER) -> int:
    """The integer of a field, from 0; TypeError for another type, else the status's exception."""
    try:
        number = operator.index(value)
    except TypeError:
        raise TypeError(f"{name} is an int, not {type(value).__name__}") from None
    if not 0 <= number <= most:
        raise error(status, f"{name}: {number} is not from 0 to {most}")
    return number


def _units(value: Decimal) -> int:
    return int(_EXACT.scaleb(value, _EXPONENT))


def _price_units(price: Decimal | None) -> int:
    return PRICE_NONE if price is None else _units(price)


def _character(value: Enum | None) -> int:
    return 0 if value is None else ord(value.value)


def _member(name: str, kind: type[_E], value: object) -> _E:
    try:
        return kind(value)
    except ValueError:
        members = ", ".join(f"{one.name} = {one.value!r}" for one in kind)
        message = f"{name}: {value!r} is no {kind.__name__}; there are {members}"
        raise error(lib.TW_ERR_ORDER, message) from None


def _ord_type(price: Number | None, stop_price: Number | None) -> OrdType:
    if stop_price is None:
        return OrdType.MARKET if price is None else OrdType.LIMIT
    return OrdType.STOP if price is None else OrdType.STOP_LIMIT


def _now(sending_time: int | None) -> int:
    return time.time_ns() if sending_time is None else sending_time


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Order:
    """An order message in decoded form. Make one with Order.new(), or from another order with its
    replace() and cancel(); the constructor is for those who have every field already.

    Prices and quantities are exact, with at most 8 decimals: Decimal, int or str in, Decimal out;
    a float raises TypeError. Ids are u64, times ns since 1970 UTC, symbol and account at most 16
    visible ASCII characters. A field that breaks the format raises InvalidOrder with its name;
    what two fields make of each other (a price in a market order) raises it in encode().
    """

    template: Template
    sequence: int
    """MsgSeqNum (FIX 34), strictly increasing per session."""
    sending_time: int
    """FIX 52, in ns since 1970 UTC."""
    client_order_id: int
    """ClOrdID (FIX 11), unique per session."""
    session_id: int
    """SenderCompID (FIX 49)."""
    symbol: str
    """FIX 55."""
    side: Side
    """FIX 54."""
    orig_client_order_id: int = 0
    """OrigClOrdID (FIX 41) of a replace or cancel; else 0."""
    key_id: int = 0
    """Which of the session's keys signed; sign() sets it in the frame."""
    quantity: Decimal = Decimal(0)
    """OrderQty (FIX 38); in a replace the new total, what is filled included; in a cancel 0."""
    price: Decimal | None = None
    """FIX 44, of limit and stop limit orders."""
    stop_price: Decimal | None = None
    """StopPx (FIX 99), of stop and stop limit orders."""
    account: str = ""
    """FIX 1."""
    ord_type: OrdType | None = None
    """FIX 40; None in a cancel."""
    time_in_force: TimeInForce | None = None
    """FIX 59; None in a cancel."""

    def __post_init__(self) -> None:
        canceling = self.template == Template.ORDER_CANCEL_REQUEST
        optional = {"price", "stop_price"} | ({"ord_type", "time_in_force"} if canceling else set())
        numbers = {"quantity": (0 if canceling else 1, U64_MAX), "price": PRICES,
                   "stop_price": PRICES}
        for name in (*_ENUMS, *_IDS, *numbers):
            value = getattr(self, name)
            if value is None and name in optional:
                continue
            if name in _ENUMS:
                value = _member(name, _ENUMS[name], value)
            elif name in _IDS:
                value = whole(name, value)
            else:
                value = from_units(to_units(name, value, *numbers[name]))
            object.__setattr__(self, name, value)
        text_bytes("symbol", self.symbol)
        text_bytes("account", self.account, least=0)

    def __repr__(self) -> str:
        shown = {field.name: repr(getattr(self, field.name)) for field in dataclasses.fields(self)}
        shown["key_id"] = f"0x{self.key_id:016x}"
        return f"Order({', '.join(f'{name}={value}' for name, value in shown.items())})"

    @classmethod
    def new(cls, *, session_id: int, sequence: int, client_order_id: int, symbol: str,
            side: Side | str, quantity: Number, price: Number | None = None,
            stop_price: Number | None = None,
            time_in_force: TimeInForce | str = TimeInForce.DAY, account: str = "",
            sending_time: int | None = None) -> Order:
        """NewOrderSingle (FIX 35=D), sent now unless `sending_time` says when.

        The prices make the type: none market, `price` limit, `stop_price` stop, both stop limit.
        """
        terms: dict[str, Any] = {   # __post_init__ makes members and decimals of them
            "side": side, "time_in_force": time_in_force, "quantity": quantity, "price": price,
            "stop_price": stop_price}
        return cls(template=Template.NEW_ORDER_SINGLE, sequence=sequence,
                   sending_time=_now(sending_time), client_order_id=client_order_id,
                   session_id=session_id, symbol=symbol, account=account,
                   ord_type=_ord_type(price, stop_price), **terms)

    def replace(self, *, sequence: int, client_order_id: int, quantity: Number | None = None,
                price: Number | None = None, stop_price: Number | None = None,
                sending_time: int | None = None) -> Order:
        """OrderCancelReplaceRequest (FIX 35=G) of this order; what is not given stays.

        quantity: the new total, what is filled already included (FIX 38).
        """
        given = {"quantity": quantity, "price": price, "stop_price": stop_price}
        terms: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return dataclasses.replace(
            self, template=Template.ORDER_CANCEL_REPLACE_REQUEST, sequence=sequence,
            sending_time=_now(sending_time), client_order_id=client_order_id,
            orig_client_order_id=self.client_order_id, key_id=0, **terms)

    def cancel(self, *, sequence: int, client_order_id: int,
               sending_time: int | None = None) -> Order:
        """OrderCancelRequest (FIX 35=F) of this order."""
        return Order(template=Template.ORDER_CANCEL_REQUEST, sequence=sequence,
                     sending_time=_now(sending_time), client_order_id=client_order_id,
                     orig_client_order_id=self.client_order_id, session_id=self.session_id,
                     symbol=self.symbol, account=self.account, side=self.side)

    def encode(self, signature: Buffer = b"") -> bytes:
        """The frame: header, block, and the signature you bring, if any. Raises InvalidOrder."""
        tag = view(signature)
        return bytes_from(lib.TW_ORDER_FRAME_MAX, lib.tw_order_encode, self._struct(), tag,
                          len(tag))

    def sign(self, key: Signer | Buffer) -> bytes:
        """The signed frame, ready for a gateway, with the key's id in it.

        Raises InvalidOrder, InvalidKey (also for a public or raw key).
        """
        if isinstance(key, Signer):
            return bytes_from(lib.TW_ORDER_FRAME_MAX, lib.tw_signer_order_sign, key.handle,
                              self._struct())
        data = view(key)
        return bytes_from(lib.TW_ORDER_FRAME_MAX, lib.tw_order_sign, data, len(data),
                          self._struct())

    @classmethod
    def decode(cls, frame: Buffer) -> Order:
        """The order in a frame, signed or not; it does not verify. Raises InvalidOrder."""
        order, _ = _decode(view(frame))
        return cls(
            template=Template(order.template_id), sequence=order.sequence,
            sending_time=order.sending_time, client_order_id=order.client_order_id,
            orig_client_order_id=order.orig_client_order_id, session_id=order.session_id,
            key_id=order.key_id, price=price_from(order.price),
            stop_price=price_from(order.stop_price), quantity=from_units(order.quantity),
            symbol=text_from(order.symbol), account=text_from(order.account),
            side=Side(chr(order.side)),
            ord_type=OrdType(chr(order.ord_type)) if order.ord_type else None,
            time_in_force=TimeInForce(chr(order.time_in_force)) if order.time_in_force else None)

    def _struct(self) -> Any:
        """The `tw_order *` of this order."""
        return ffi.new(_ORDER, {
            "struct_size": _ORDER_SIZE, "template_id": self.template,
            "sequence": self.sequence, "sending_time": self.sending_time,
            "client_order_id": self.client_order_id,
            "orig_client_order_id": self.orig_client_order_id,
            "session_id": self.session_id, "key_id": self.key_id,
            "price": _price_units(self.price), "stop_price": _price_units(self.stop_price),
            "quantity": _units(self.quantity), "symbol": self.symbol.encode(),
            "account": self.account.encode(), "side": _character(self.side),
            "ord_type": _character(self.ord_type),
            "time_in_force": _character(self.time_in_force)})


_IDS = ("sequence", "sending_time", "client_order_id", "orig_client_order_id", "session_id",
        "key_id")
_ENUMS: dict[str, type[Enum]] = {"template": Template, "side": Side, "ord_type": OrdType,
                                 "time_in_force": TimeInForce}


def _decode(frame: Any) -> tuple[Any, int]:
    """The `tw_order *` in a frame, and how many of its bytes are signed."""
    order, signed = ffi.new(_ORDER, {"struct_size": _ORDER_SIZE}), ffi.new(_SIZE)
    check(lib.tw_order_decode(frame, len(frame), order, signed))
    return order, signed[0]


def split_frame(frame: Buffer) -> tuple[bytes, bytes]:
    """The signed bytes of a frame, and the signature over them. Raises InvalidOrder."""
    data = view(frame)
    _, signed = _decode(data)
    everything = ffi.buffer(data)
    return everything[:signed], everything[signed + _LENGTH_SIZE:]


def verify_order(key: Buffer, frame: Buffer) -> bool:
    """Whether the signature of a frame is this key's. Raises InvalidOrder, InvalidKey."""
    start, data = view(key), view(frame)
    return valid(lib.tw_order_verify(start, len(start), data, len(data)))
