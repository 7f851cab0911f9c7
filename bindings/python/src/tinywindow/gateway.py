"""The gateway: where signed order frames go, and what comes back."""
from __future__ import annotations

import contextlib
import threading
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from . import _fastcalls
from ._native import address, ffi, lib, view
from .errors import TinyWindowError, UnknownOutcome, check, error, latest
from .limits import ExposureLimits, Instrument, SessionLimits, SessionPermissions
from .orders import (
    PRICES,
    OrderAck,
    Reason,
    Side,
    from_units,
    price_from,
    to_units,
    whole,
)
from .signing import Suite

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Iterator
    from typing import NoReturn

    from typing_extensions import Buffer, Self

    from .orders import Number

_TIMEOUT_NS_MAX = 2**64 - 1
_ACK = ffi.typeof("tw_order_ack *")
_COMPLETIONS = ffi.typeof("tw_completion[]")
_COMPLETION_SIZE = ffi.sizeof("tw_completion")
_ACK_FIELDS = ("accepted", "reason", "duplicate", "order_id", "session_id", "sequence",
               "client_order_id", "time", "sequence_gap")


class ExecType(str, Enum):
    """FIX 150: what an execution tells."""

    NEW = "0"
    CANCELED = "4"
    REPLACED = "5"
    REJECTED = "8"
    EXPIRED = "C"
    TRADE = "F"


class OrdStatus(str, Enum):
    """FIX 39: how an order stands."""

    NEW = "0"
    PARTIALLY_FILLED = "1"
    FILLED = "2"
    CANCELED = "4"
    PENDING_CANCEL = "6"
    REJECTED = "8"
    PENDING_NEW = "A"
    EXPIRED = "C"
    PENDING_REPLACE = "E"


class KeyState(IntEnum):
    """Whether a session's key may sign."""

    ACTIVE = lib.TW_KEY_ACTIVE
    RETIRED = lib.TW_KEY_RETIRED
    """Never again."""
    ABSENT = lib.TW_KEY_ABSENT
    """It may, but was given to an earlier process, and a journal holds no key: add it again."""


class SessionKey(NamedTuple):
    """One key of a session."""

    key_id: int
    state: KeyState
    suite: Suite

    def __repr__(self) -> str:
        return (f"SessionKey(key_id=0x{self.key_id:016x}, state={self.state!r}, "
                f"suite={self.suite!r})")


class SessionState(NamedTuple):
    """How a session stands."""

    last_sequence: int
    """Of its latest decided frame; 0: there was none."""
    open_orders: int
    """Orders that may still fill."""
    halted_since: int
    """In ns since 1970 UTC; 0: it is not halted."""


class Position(NamedTuple):
    """What an account holds of an instrument. Money that may be lost is rounded up to 8 decimals,
    other money down."""

    quantity: Decimal
    """Held: long above 0, short below."""
    open_buy: Decimal
    """What its open orders may still buy, at their worst."""
    open_sell: Decimal
    """What they may still sell, at their worst."""
    mark: Decimal | None
    """What it is valued at: the reference price, until there is one the first trade's."""
    cash: Decimal
    """Received for sales less paid for purchases, without fees."""
    equity: Decimal
    """cash, and quantity at mark: what was won or lost with it, realised or not."""
    gross: Decimal
    """What it may become at its worst, long or short: its part of the gross notional."""


class Exposure(NamedTuple):
    """What an account, or the firm, has at risk; docs/RISK.md defines each. Rounded as Position."""

    held: Decimal
    """What is held, at reference prices, short taken from long."""
    gross: Decimal
    """What max_gross_notional is held against."""
    net_buy: Decimal
    """What max_net_notional is held against for a buy."""
    net_sell: Decimal
    """The same for a sell."""
    equity: Decimal
    """Won or lost with all that was ever traded, realised or not."""
    day_loss: Decimal
    """What max_loss is held against, of this day in UTC; below 0: a gain."""
    halted_since: int
    """Of the account, or of the gateway, in ns since 1970 UTC; 0: not halted."""
    limits: ExposureLimits
    """Those in force."""


class Ack(NamedTuple):
    """The completion of a submitted frame."""

    number: int
    """1, 2, 3 and so on, in the order of completion."""
    tag: int
    """What submit() was given."""
    ack: OrderAck
    error: UnknownOutcome | None
    """None: decided. Else the order may be live, and `ack` has its ids."""


class Execution(NamedTuple):
    """ExecutionReport (FIX 35=8): what happened to an order at the venue."""

    number: int
    """1, 2, 3 and so on, in the order of completion."""
    order_id: int
    session_id: int
    client_order_id: int
    orig_client_order_id: int
    """Of what is canceled or replaced; else 0."""
    time: int
    """In ns since 1970 UTC."""
    exec_id: int
    exec_type: ExecType
    ord_status: OrdStatus
    side: Side
    reason: Reason | None
    last_price: Decimal | None
    """Of a trade; else None."""
    last_quantity: Decimal
    cum_quantity: Decimal
    leaves_quantity: Decimal


class OrderState(NamedTuple):
    """How an order stands, as far as the gateway knows."""

    accepted: bool | None
    """None: its ack is still to come."""
    reason: Reason | None
    ord_status: OrdStatus
    side: Side
    order_id: int
    session_id: int
    client_order_id: int
    orig_client_order_id: int
    price: Decimal | None
    quantity: Decimal
    cum_quantity: Decimal
    leaves_quantity: Decimal


def _timeout_ns(timeout: float | None) -> int:
    if timeout is None:
        return _TIMEOUT_NS_MAX
    if not timeout >= 0:
        message = f"timeout: {timeout!r} is neither seconds from 0 nor None"
        raise error(lib.TW_ERR_ARGUMENT, message)
    return min(int(min(timeout, 1e10) * 1e9), _TIMEOUT_NS_MAX)


def _reason(number: int) -> Reason | None:
    return Reason(number) if number else None


def _unknown_outcome(status: int, ack: OrderAck) -> TinyWindowError:
    failure = latest(status)
    if isinstance(failure, UnknownOutcome) and status != lib.TW_ERR_INTERNAL:
        failure.ack = ack
    return failure


def _ack_of(completion: Any) -> Ack:
    source = ffi.new(_ACK, {"struct_size": ffi.sizeof("tw_order_ack")})
    for name in _ACK_FIELDS:
        setattr(source, name, getattr(completion, name))
    ack, failure = OrderAck(ffi.buffer(source)), None
    if completion.status:
        failure = UnknownOutcome(completion.status)
        failure.ack = ack
    return Ack(completion.number, completion.tag, ack, failure)


def _execution_of(completion: Any) -> Execution:
    exec_type = ExecType(chr(completion.exec_type))
    return Execution(
        completion.number, completion.order_id, completion.session_id,
        completion.client_order_id, completion.orig_client_order_id, completion.time,
        completion.exec_id, exec_type, OrdStatus(chr(completion.ord_status)),
        Side(chr(completion.side)), _reason(completion.reason),
        price_from(completion.last_price) if exec_type is ExecType.TRADE else None,
        from_units(completion.last_quantity), from_units(completion.cum_quantity),
        from_units(completion.leaves_quantity))


def _completion(completion: Any) -> Ack | Execution:
    is_ack = completion.kind == lib.TW_COMPLETION_ACK
    return _ack_of(completion) if is_ack else _execution_of(completion)


def _text(config: str) -> bytes:
    if not isinstance(config, str):
        kind = type(config).__name__
        raise TypeError(f"a configuration is its text, a str, not {kind} (see Gateway.from_file)")
    return config.encode()


def _config_problem(config: str) -> str:
    """Line, column, what is wrong and what to do about it; empty when nothing is."""
    text, out, length = _text(config), ffi.NULL, ffi.new("size_t *")
    status = lib.tw_config_check(text, len(text), out, 0, length)
    while (status == lib.TW_OK and length[0]) or status == lib.TW_ERR_BUFFER:
        out = ffi.new("uint8_t[]", length[0])   # what is wrong with a key file may change meanwhile
        status = lib.tw_config_check(text, len(text), out, len(out), length)
    if status != lib.TW_ERR_CONFIG:
        check(status)
        return ""
    problem: str = ffi.buffer(out, length[0])[:].decode()
    is_text = "=" in config     # the name of a file seldom has one, and every configuration has
    return problem if is_text else f"{problem} (for the text in a file: Gateway.from_file)"


def check_config(config: str) -> None:
    """Check a configuration without opening it.

    Raises ConfigError: its message says line, column, what is wrong and what to do about it.
    """
    problem = _config_problem(config)
    if problem:
        raise error(lib.TW_ERR_CONFIG, problem)


class Controls:
    """What the gateways of this package share: all but sending."""

    _handle: Any
    _hold: Callable[[Any, int, int], None]
    _open = False

    def __init__(self, config: str) -> None:
        text, out = _text(config), ffi.new("tw_gateway **")
        status = lib.tw_gateway_open(text, len(text), out)
        if status:
            raise error(status, _config_problem(config))
        handle = ffi.gc(out[0], lib.tw_gateway_free)
        self._hold(handle, address(handle), 0)
        self._open = True

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """Open a gateway from a file with the configuration; raises OSError if it has none.

        Relative paths in the configuration start at the working directory all the same.
        """
        return cls(Path(path).read_text(encoding="utf-8"))

    def __repr__(self) -> str:
        shown = "open" if self._open else "closed"
        return f"<tinywindow.{type(self).__name__} {shown}>"

    @property
    def handle(self) -> Any:
        """The `tw_gateway *`, for calls of `lib`; it lives as long as this object."""
        return self._handle

    def pre_trade_check(self, frame: Buffer) -> Reason | None:
        """Why the gateway would reject a frame now; None: it would accept. Changes nothing.

        Raises Refused (malformed, unauthenticated, stale, throttled, closed; AtCapacity).
        """
        data, reason = view(frame), ffi.new("uint32_t *")
        check(lib.tw_pre_trade_check(self._handle, data, len(data), reason))
        return _reason(reason[0])

    def pre_trade_reasons(self, frame: Buffer) -> list[Reason]:
        """Every reason for which the gateway would reject a frame now, in the order of its checks.

        Empty: it would accept. Raises as pre_trade_check does.
        """
        data, length = view(frame), ffi.new("size_t *")
        reasons, capacity = ffi.new("uint32_t[]", 64), 64     # more than there are checks
        check(lib.tw_pre_trade_reasons(
            self._handle, data, len(data), reasons, capacity, length))
        return [Reason(number) for number in reasons[0:length[0]]]

    def order_status(self, session_id: int, client_order_id: int) -> OrderState:
        """How an order stands; works on a closed gateway too. Raises NotFound."""
        state = ffi.new("tw_order_state *", {"struct_size": ffi.sizeof("tw_order_state")})
        check(lib.tw_order_status(self._handle, session_id, client_order_id, state))
        return OrderState(
            {0: False, 1: True}.get(state.accepted), _reason(state.reason),
            OrdStatus(chr(state.ord_status)), Side(chr(state.side)), state.order_id,
            state.session_id, state.client_order_id, state.orig_client_order_id,
            price_from(state.price), from_units(state.quantity), from_units(state.cum_quantity),
            from_units(state.leaves_quantity))

    def add_key(self, session_id: int, key: Buffer) -> None:
        """Let a session's orders be signed by this key: a public one, or an HMAC secret.

        That it may sign outlives the process, the key does not: add it again, or name it in the
        configuration. Raises NotFound (session), InvalidKey (also for a secret key of a suite with
        public ones), Conflict (there already, or retired), AtCapacity (16 keys).
        """
        data = view(key)
        status = lib.tw_gateway_key_add(self._handle, session_id, data, len(data))
        if status == lib.TW_ERR_KEY_KIND:
            raise error(status, "a gateway only verifies: add the public key of this secret one")
        check(status)

    def retire_key(self, session_id: int, key_id: int) -> None:
        """Refuse, from now on, what this key signs. Raises NotFound."""
        check(lib.tw_gateway_key_retire(self._handle, session_id, key_id))

    def keys(self, session_id: int) -> list[SessionKey]:
        """The keys of a session, retired ones too. Raises NotFound."""
        keys, count = ffi.NULL, ffi.new("size_t *")
        check(lib.tw_gateway_keys(self._handle, session_id, keys, 0, count))
        status = lib.TW_ERR_BUFFER if count[0] else lib.TW_OK
        while status == lib.TW_ERR_BUFFER:  # a key may be added meanwhile
            capacity = count[0]
            keys = ffi.new("tw_session_key[]", capacity)
            status = lib.tw_gateway_keys(self._handle, session_id, keys, capacity, count)
        check(status)
        return [SessionKey(keys[i].key_id, KeyState(keys[i].state), Suite(keys[i].suite))
                for i in range(count[0])]

    def set_instrument(self, instrument: Instrument) -> None:
        """Add an instrument, or set the limits of one that is there.

        At the next opening the configuration's text wins; a halt outlives it.
        Raises InvalidArgument, InvalidOrder (names the field), AtCapacity.
        """
        check(lib.tw_gateway_instrument_set(self._handle, instrument.struct()))

    def set_tick_bands(self, symbol: str, bands: Iterable[tuple[Number, Number]]) -> None:
        """Set the ticks of higher prices than the instrument's own tick is for: (from, tick) pairs.

        At most 32, each from a higher price than the one before, ticks above 0; none takes them
        away. Raises NotFound, InvalidArgument, InvalidOrder (an inexact number).
        """
        name = symbol.encode()
        pairs = [(to_units("from", start), to_units("tick", tick)) for start, tick in bands]
        check(lib.tw_gateway_tick_bands_set(self._handle, name, len(name),
                                            ffi.new("tw_tick_band[]", pairs), len(pairs)))

    def set_exposure_limits(self, limits: ExposureLimits | None, *, firm: bool = False,
                            account: str | None = None) -> None:
        """Set the limits of the firm, of an account, or of every account without its own.

        None takes them away: an account goes by those of every account again. Raises
        AtCapacity, InvalidArgument (a limit of 0).
        """
        if firm and account is not None:
            raise ValueError("the firm or an account, not both")
        scope = (lib.TW_EXPOSURE_FIRM if firm else lib.TW_EXPOSURE_EVERY_ACCOUNT
                 if account is None else lib.TW_EXPOSURE_ACCOUNT)
        struct = limits.struct() if limits else ffi.new("tw_exposure_limits *", {
            "struct_size": ffi.sizeof("tw_exposure_limits"), "flags": lib.TW_EXPOSURE_RESET})
        name = b"" if account is None else account.encode()
        check(lib.tw_gateway_exposure_set(self._handle, scope, name, len(name), struct))

    def set_session_limits(self, session_id: int, limits: SessionLimits) -> None:
        """Set how much and how fast a session may trade, from its next frame on.

        At the next opening the configuration's text wins. Raises NotFound, InvalidArgument (what
        the configuration could not have).
        """
        check(lib.tw_gateway_session_limits_set(self._handle, session_id, limits.struct()))

    def session_limits(self, session_id: int) -> SessionLimits:
        """What a session is limited to now. Raises NotFound."""
        limits = ffi.new("tw_session_limits *", {"struct_size": ffi.sizeof("tw_session_limits")})
        check(lib.tw_gateway_session_limits(self._handle, session_id, limits))
        return SessionLimits.of(limits)

    def session_state(self, session_id: int) -> SessionState:
        """How a session stands; works on a closed gateway too. Raises NotFound."""
        state = ffi.new("tw_session_state *", {"struct_size": ffi.sizeof("tw_session_state")})
        check(lib.tw_gateway_session_state(self._handle, session_id, state))
        return SessionState(state.last_sequence, state.open_orders, state.halted_since)

    def position(self, account: str, symbol: str) -> Position:
        """What an account holds of an instrument, and what its open orders may make of it.

        The numbers that the next decision goes by, all of one moment. An account that nobody has
        named yet holds nothing. Works on a closed gateway too. Raises NotFound (symbol),
        InvalidArgument.
        """
        whose, what = account.encode(), symbol.encode()
        now = ffi.new("tw_position *", {"struct_size": ffi.sizeof("tw_position")})
        check(lib.tw_gateway_position(self._handle, whose, len(whose), what, len(what), now))
        return Position(
            from_units(now.quantity), from_units(now.open_buy), from_units(now.open_sell),
            price_from(now.mark), from_units(now.cash), from_units(now.equity),
            from_units(now.gross))

    def exposure(self, *, firm: bool = False, account: str | None = None) -> Exposure:
        """What the firm or an account has at risk, all of one moment, and the limits in force.

        An account that nobody has named yet has nothing at risk. Works on a closed gateway too.
        Raises NotFound where no limit of exposure was ever set: nothing is added up until then.
        """
        if firm == (account is not None):
            raise ValueError("the firm or an account, one of the two")
        scope = lib.TW_EXPOSURE_FIRM if account is None else lib.TW_EXPOSURE_ACCOUNT
        name = (account or "").encode()
        now = ffi.new("tw_exposure *", {"struct_size": ffi.sizeof("tw_exposure")})
        check(lib.tw_gateway_exposure(self._handle, scope, name, len(name), now))
        return Exposure(
            from_units(now.held), from_units(now.gross), from_units(now.net_buy),
            from_units(now.net_sell), from_units(now.equity), from_units(now.day_loss),
            now.halted_since, ExposureLimits.of(now))

    def set_session_permissions(self, session_id: int, permissions: SessionPermissions) -> None:
        """Set what a session may trade, and for whom, in place of all that it might before.

        No frame sees a part of it. At the next opening the configuration's text wins. Raises
        NotFound, InvalidArgument, InvalidOrder (a bad name).
        """
        check(lib.tw_gateway_session_permissions_set(
            self._handle, session_id, permissions.struct(), *permissions.names()))

    def set_reference_price(self, symbol: str, price: Number) -> None:
        """The price by which collars and the notional of market orders are measured.

        Raises NotFound, InvalidArgument (it is not above 0), InvalidOrder (an inexact price).
        """
        name = symbol.encode()
        check(lib.tw_gateway_reference_price_set(self._handle, name, len(name),
                                                 to_units("price", price, *PRICES)))

    def halt(self, *, session_id: int | None = None, symbol: str | None = None,
             account: str | None = None) -> None:
        """Take no new orders: of a session, for a symbol, of an account, or, without any, at all.

        Cancels still pass. Raises NotFound (session, symbol), AtCapacity.
        """
        check(lib.tw_gateway_halt(self._handle, *_scope(session_id, symbol, account)))

    def resume(self, *, session_id: int | None = None, symbol: str | None = None,
               account: str | None = None, signature: Buffer | None = None) -> None:
        """Undo the halt of the same scope.

        Where the configuration has resume_keys it takes a signature of resume_request(). Raises
        NotFound, Unauthenticated.
        """
        scope = _scope(session_id, symbol, account)
        if signature is None:
            check(lib.tw_gateway_resume(self._handle, *scope))
        else:
            data = view(signature)
            check(lib.tw_gateway_resume_agreed(self._handle, *scope, data, len(data)))

    def halted_since(self, *, session_id: int | None = None, symbol: str | None = None,
                     account: str | None = None) -> int:
        """Since when exactly this scope is halted, in ns since 1970 UTC; 0: it is not.

        Raises NotFound (session, symbol).
        """
        since = ffi.new("uint64_t *")
        check(lib.tw_gateway_halted(self._handle, *_scope(session_id, symbol, account), since))
        return int(since[0])

    def cancel_session(self, session_id: int) -> int:
        """Cancel what is open of a session: for when its connection is lost. How many.

        The cancels come as executions whose reason is SESSION_CANCELLED. An order whose replace is on
        its way may outlive its cancel: call again until it is 0. Raises NotFound.
        """
        count = ffi.new("uint64_t *")
        check(lib.tw_gateway_cancel_session(self._handle, session_id, count))
        return int(count[0])

    def resume_request(self, *, session_id: int | None = None, symbol: str | None = None,
                       account: str | None = None) -> bytes:
        """What a second person signs, in the context b"resume", to agree to lifting this halt.

        Raises NotFound: it is not halted.
        """
        out, length = ffi.new("uint8_t[]", 128), ffi.new("size_t *")
        check(lib.tw_gateway_resume_request(
            self._handle, *_scope(session_id, symbol, account), out, len(out), length))
        return bytes(ffi.buffer(out, length[0]))

    def _submit(self, frame: Buffer, tag: int) -> None:
        data = view(frame)
        check(lib.tw_gateway_submit(self._handle, data, len(data), tag))

    def _poll(self, max: int, timeout: float | None) -> list[Ack | Execution]:
        if max < 1:
            raise error(lib.TW_ERR_LENGTH)
        completions, count = ffi.new(_COMPLETIONS, max), ffi.new("size_t *")
        completions[0].struct_size = _COMPLETION_SIZE
        check(lib.tw_gateway_poll(self._handle, completions, max, _timeout_ns(timeout), count))
        return [_completion(completions[i]) for i in range(count[0])]

    def _fileno(self) -> int:
        descriptor = ffi.new("int32_t *")
        check(lib.tw_gateway_fd(self._handle, descriptor))
        return int(descriptor[0])

    def _close(self) -> None:
        self._open = False
        check(lib.tw_gateway_close(self._handle))


_ACTING = threading.local()    # its `name`: what acting_as() said last


@contextlib.contextmanager
def acting_as(name: str) -> Iterator[None]:
    """Whatever this thread changes in a gateway within is journaled as made by this name.

    At most 16 printable ASCII characters. One within another ends with the outer one's name. Not
    to be kept over an `await`: the name is the thread's. Raises InvalidArgument.
    """
    outer, data = getattr(_ACTING, "name", b""), name.encode()
    status = lib.tw_act_as(data, len(data))
    if status in (lib.TW_ERR_ARGUMENT, lib.TW_ERR_LENGTH):
        raise error(status, f"name: {name!r} is not at most 16 visible ASCII characters")
    check(status)
    _ACTING.name = data
    try:
        yield
    finally:
        _ACTING.name = outer
        check(lib.tw_act_as(outer, len(outer)))


def _scope(session_id: int | None, symbol: str | None,
           account: str | None) -> tuple[int, int, bytes, int]:
    given = [(lib.TW_HALT_SESSION, session_id), (lib.TW_HALT_SYMBOL, symbol),
             (lib.TW_HALT_ACCOUNT, account)]
    given = [(scope, value) for scope, value in given if value is not None]
    if len(given) > 1:
        raise ValueError("give at most one of session_id, symbol and account")
    if not given:
        return lib.TW_HALT_GATEWAY, 0, b"", 0
    scope, value = given[0]
    if isinstance(value, int):
        return scope, value, b"", 0
    name = str(value).encode()
    return scope, 0, name, len(name)


class Gateway(Controls, _fastcalls.Gateway):
    """A gateway in this process, opened from a configuration text (TOML); any thread may use it.

    `with Gateway(config) as gateway:` closes it at the end. Raises ConfigError (with line, column
    and remedy), JournalError.
    """

    def submit(self, frame: Buffer, tag: int = 0) -> None:
        """Hand in a frame without waiting; an Ack with this tag (a u64) comes through poll().

        Raises Refused: nothing happened, and no Ack follows; UnknownOutcome.
        """
        self._submit(frame, whole("tag", tag, status=lib.TW_ERR_ARGUMENT))

    def poll(self, max: int = 256, timeout: float | None = 0.0) -> list[Ack | Execution]:
        """At most `max` completions, waiting for the first up to `timeout` seconds (None: for
        ever). It may be none. Works on a closed gateway, for what is left.

        From the first poll(), submit() or fileno() on no execution is ever dropped, and a full
        queue refuses orders; before, the latest are kept, and a gap in the numbers tells of older
        ones: who only calls send_order need not drain them.
        """
        return self._poll(max, timeout)

    def fileno(self) -> int:
        """A descriptor that is readable while completions wait, for select and event loops.

        The gateway owns it: do not read, write or close it.
        """
        return self._fileno()

    def close(self) -> None:
        """Finish what is in flight, and take nothing more. Again: nothing."""
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send_order(self, frame: Buffer, timeout: float | None = 1.0) -> OrderAck:
        """send_order(), for whatever the fast call leaves."""
        data, source = view(frame), ffi.new(_ACK, {"struct_size": ffi.sizeof("tw_order_ack")})
        status = lib.tw_send_order(self._handle, data, len(data), _timeout_ns(timeout), source)
        ack = OrderAck(ffi.buffer(source))
        return ack if status == lib.TW_OK else self._not_decided(status, ack)

    def _not_decided(self, status: int, ack: OrderAck) -> NoReturn:
        raise _unknown_outcome(status, ack)
