"""The order path through the package: the memory journal and the paper venue."""
import datetime
import os
import select
import time
from decimal import Decimal

import pytest
import tinywindow as tw
from conftest import BUYER, CONFIG, KEYS, SELLER, SLOW, with_keys


def drain(gateway):
    completions = []
    while batch := gateway.poll(timeout=0.2):
        completions += batch
    return completions


def executions(gateway):
    return [one for one in drain(gateway) if isinstance(one, tw.Execution)]


def test_orders_cross(gateway, market):
    first = market.order(BUYER, quantity=10)
    bought = gateway.send_order(first.sign(KEYS[BUYER]))
    sold = gateway.send_order(market.frame(SELLER, side=tw.Side.SELL, quantity=4))
    assert bought.accepted is True and bought.reason is None and bought.duplicate is False
    assert (bought.session_id, bought.client_order_id) == (BUYER, first.client_order_id)
    assert abs(bought.time - time.time_ns()) < 60e9
    assert sold.accepted and sold.order_id > bought.order_id

    trades = [one for one in executions(gateway) if one.exec_type is tw.ExecType.TRADE]
    assert {(one.order_id, one.last_price, one.last_quantity) for one in trades} == {
        (bought.order_id, Decimal("585.33"), 4), (sold.order_id, Decimal("585.33"), 4)}
    status = {one.order_id: one.ord_status for one in trades}
    assert status[bought.order_id] is tw.OrdStatus.PARTIALLY_FILLED
    assert status[sold.order_id] is tw.OrdStatus.FILLED


def test_order_status(gateway, market):
    order = market.order(quantity=10, price="580.01")
    ack = gateway.send_order(order.sign(KEYS[BUYER]))
    state = gateway.order_status(BUYER, order.client_order_id)
    assert state.accepted is True and state.order_id == ack.order_id
    assert (state.ord_status, state.side) == (tw.OrdStatus.NEW, tw.Side.BUY)
    assert (state.price, state.quantity, state.leaves_quantity) == (Decimal("580.01"), 10, 10)
    with pytest.raises(tw.NotFound):
        gateway.order_status(BUYER, 123_456_789)


def test_replace_and_cancel(gateway, market):
    assert gateway.poll() == []
    order = market.order(quantity=10)
    gateway.send_order(order.sign(KEYS[BUYER]))
    replaced = order.replace(**market.next_ids(), quantity=5, price="580")
    assert gateway.send_order(replaced.sign(KEYS[BUYER])).accepted
    canceled = replaced.cancel(**market.next_ids())
    assert gateway.send_order(canceled.sign(KEYS[BUYER])).accepted
    seen = [one.exec_type for one in executions(gateway)]
    assert seen == [tw.ExecType.NEW, tw.ExecType.REPLACED, tw.ExecType.CANCELED]
    again = replaced.cancel(**market.next_ids())
    ack = gateway.send_order(again.sign(KEYS[BUYER]))
    assert not ack.accepted and ack.reason is tw.Reason.ORDER_CLOSED


@pytest.mark.parametrize("fields, reason", [
    ({"quantity": 1001}, tw.Reason.MAX_QUANTITY), ({"quantity": "0.5"}, tw.Reason.LOT),
    ({"price": "585.335"}, tw.Reason.TICK), ({"price": "700"}, tw.Reason.PRICE_COLLAR),
    ({"symbol": "NONE"}, tw.Reason.UNKNOWN_SYMBOL),
    ({"symbol": "MSFT", "price": "30"}, tw.Reason.RESTRICTED_SYMBOL)])
def test_rejected_is_decided(gateway, market, fields, reason):
    frame = market.frame(**fields)
    assert gateway.pre_trade_check(frame) is reason
    ack = gateway.send_order(frame)
    assert ack.accepted is False and ack.reason is reason
    assert repr(reason) in repr(ack) and reason.message


def test_pre_trade_check_changes_nothing(gateway, market):
    frame = market.frame()
    assert gateway.pre_trade_check(frame) is None
    assert gateway.pre_trade_check(bytearray(frame)) is None
    assert gateway.send_order(frame).duplicate is False


def test_a_retry_gets_the_original_ack(gateway, market):
    frame = market.frame()
    first, second = gateway.send_order(frame), gateway.send_order(frame)
    assert (first.duplicate, second.duplicate) == (False, True)
    assert (second.order_id, second.time) == (first.order_id, first.time)


@pytest.mark.parametrize("timeout", [1.0, 0.5, 2, None])
def test_send_order_takes_any_buffer_and_timeout(gateway, market, timeout):
    for frame in (market.frame(), bytearray(market.frame()), memoryview(market.frame())):
        assert gateway.send_order(frame, timeout).accepted
    assert gateway.send_order(frame=market.frame(), timeout=timeout).accepted


@pytest.mark.parametrize("timeout, exception", [
    (-1.0, tw.InvalidArgument), (float("nan"), tw.InvalidArgument), ("1", TypeError)])
def test_timeouts_refused(gateway, market, timeout, exception):
    frame = market.frame()
    with pytest.raises(exception):
        gateway.send_order(frame, timeout)
    assert gateway.send_order(frame).duplicate is False


@pytest.mark.parametrize("tag, exception", [
    (-1, tw.InvalidArgument), (2**64, tw.InvalidArgument), ("1", TypeError)])
def test_tags_refused(gateway, market, tag, exception):
    with pytest.raises(exception, match="^tag"):
        gateway.submit(market.frame(), tag)


def test_stale(gateway, market):
    late = market.frame(sending_time=time.time_ns() - 60 * 10**9)
    with pytest.raises(tw.Stale) as raised:
        gateway.send_order(late)
    assert raised.value.name == "TW_ERR_STALE_TIME"
    low, high = market.frame(), market.frame()
    gateway.send_order(high)
    with pytest.raises(tw.Stale) as raised:
        gateway.send_order(low)
    assert raised.value.name == "TW_ERR_STALE_SEQUENCE"


def test_a_sequence_serves_one_frame(gateway, market):
    order = market.order()
    gateway.send_order(order.sign(KEYS[BUYER]))
    other = market.frame(sequence=order.sequence)
    with pytest.raises(tw.Stale) as raised:
        gateway.send_order(other)
    assert raised.value.name == "TW_ERR_SEQUENCE_REUSED"


def test_throttled_frames_may_come_again(gateway, market):
    assert gateway.send_order(market.frame(SLOW)).accepted
    frame = market.frame(SLOW)
    with pytest.raises(tw.Throttled) as raised:
        gateway.send_order(frame)
    assert isinstance(raised.value, tw.Refused)
    time.sleep(1.1)
    assert gateway.send_order(frame).accepted


def test_unauthenticated(gateway, market):
    order = market.order()
    frame = bytearray(order.sign(KEYS[BUYER]))
    frame[-1] ^= 1
    other_session = market.order(session=77).sign(KEYS[BUYER])
    for wrong in (bytes(frame), order.sign(tw.keygen(1000)), other_session):
        for call in (gateway.send_order, gateway.pre_trade_check, gateway.submit):
            with pytest.raises(tw.Unauthenticated) as raised:
                call(wrong)
            assert isinstance(raised.value, PermissionError)


def test_malformed_frames(gateway):
    for frame in (b"", b"x", bytes(1000)):
        with pytest.raises(tw.InvalidOrder):
            gateway.send_order(frame)
    with pytest.raises(TypeError):
        gateway.send_order("frame")


def test_executions_are_kept_before_anyone_polls(gateway, market):
    gateway.send_order(market.frame())
    gateway.send_order(market.frame())
    assert [one.exec_type for one in executions(gateway)] == [tw.ExecType.NEW] * 2


def test_submit_and_poll(gateway, market):
    assert gateway.poll() == []
    for tag in (2**64 - 1, 7):
        gateway.submit(market.frame(), tag)
    acks = [one for one in drain(gateway) if isinstance(one, tw.Ack)]
    assert [one.tag for one in acks] == [2**64 - 1, 7]
    assert all(one.error is None and one.ack.accepted for one in acks)


def test_poll_takes_at_most_max(gateway, market):
    with pytest.raises(tw.InvalidArgument):
        gateway.poll(max=0)
    for tag in range(3):
        gateway.submit(market.frame(), tag)
    completions = []
    while batch := gateway.poll(max=1, timeout=0.2):
        assert len(batch) == 1
        completions += batch
    numbers = [one.number for one in completions]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_the_descriptor_is_readable_while_completions_wait(gateway, market):
    def readable(timeout):
        return bool(select.select([gateway], [], [], timeout)[0])

    assert not readable(0)
    gateway.submit(market.frame())
    assert readable(5)
    drain(gateway)
    assert not readable(0)


@pytest.mark.parametrize("scope, reason", [
    ({}, tw.Reason.HALTED_GATEWAY), ({"session_id": BUYER}, tw.Reason.HALTED_SESSION),
    ({"symbol": "AAPL"}, tw.Reason.HALTED_SYMBOL), ({"account": "ACC"}, tw.Reason.HALTED_ACCOUNT)])
def test_halt_and_resume(gateway, market, scope, reason):
    live = market.order()
    gateway.send_order(live.sign(KEYS[BUYER]))
    gateway.halt(**scope)
    assert gateway.send_order(market.frame()).reason is reason
    assert gateway.send_order(live.cancel(**market.next_ids()).sign(KEYS[BUYER])).accepted
    gateway.resume(**scope)
    assert gateway.send_order(market.frame()).accepted


def test_a_second_person_resumes_and_the_journal_tells_who(tmp_path):
    officer = tw.keygen(77, "ed25519")
    (tmp_path / "officer.pub").write_bytes(tw.public_key(officer))
    config = CONFIG + f"[kill_switch]\nresume_keys = ['{tmp_path}/officer.pub']\n"
    with tw.Gateway(config) as gateway:
        with pytest.raises(tw.NotFound, match="^resume: not halted$"):
            gateway.resume_request(symbol="AAPL")
        with tw.acting_as("alice"):
            gateway.halt(symbol="AAPL")
        request = gateway.resume_request(symbol="AAPL")
        assert request.startswith(b"resume symbol AAPL, halted at ")
        for signature in [None, b"", tw.sign(officer, request)]:
            with pytest.raises(tw.Unauthenticated, match="^resume: needs .* resume_keys"):
                gateway.resume(symbol="AAPL", signature=signature)
        agreed = tw.sign(officer, request, context=b"resume")
        gateway.resume(symbol="AAPL", signature=agreed)
        with pytest.raises(tw.NotFound, match="^resume: not halted$"):
            gateway.resume(symbol="AAPL", signature=agreed)
        with pytest.raises(tw.NotFound, match="^no such session or instrument$"):
            gateway.resume(symbol="NONE", signature=agreed)
    for name in ("a name", "x" * 17):
        with pytest.raises(tw.InvalidArgument, match=f"^name: '{name}' .* 16"), tw.acting_as(name):
            pass


def test_an_ack_without_a_decision_is_neither_accepted_nor_not():
    def ack(**fields):
        size = tw.ffi.sizeof("tw_order_ack")
        struct = tw.ffi.new("tw_order_ack *", {"struct_size": size, **fields})
        return tw.OrderAck(tw.ffi.buffer(struct))

    assert ack().accepted is None and "accepted=None" in repr(ack())
    assert ack(accepted=1).accepted is True
    assert ack(reason=tw.Reason.LOT).accepted is False


def test_what_a_session_has_no_room_for_is_refused_with_the_keys_that_say_so(market):
    config = f"[gateway]\nmax_orders = 3\n{CONFIG}"    # one for each session
    with tw.Gateway(config) as gateway:
        gateway.add_key(BUYER, KEYS[BUYER])
        assert gateway.send_order(market.frame()).accepted
        frame = market.frame()
        for call in (gateway.send_order, gateway.submit, gateway.pre_trade_check,
                     gateway.pre_trade_reasons):
            with pytest.raises(tw.AtCapacity, match="^max_orders: .* keep_finished_days"):
                call(frame)


def test_a_reason_is_its_name_in_text_and_its_number_where_asked_for():
    reason = tw.Reason.MAX_QUANTITY
    assert f"{reason}" == str(reason) == "max_quantity"
    assert (f"{reason:>14}", f"{reason:d}", reason + 0) == ("  max_quantity", "12", 12)


def test_what_is_open_of_a_session_is_cancelled_at_once(gateway, market):
    gateway.poll()
    assert gateway.send_order(market.frame()).accepted
    assert gateway.cancel_session(BUYER) == 1
    assert gateway.poll(16)[-1].reason is tw.Reason.SESSION_CANCELLED
    assert gateway.cancel_session(BUYER) == 0
    with pytest.raises(tw.NotFound):
        gateway.cancel_session(99)


def test_what_is_left_out_of_the_sequences_is_told(gateway, market):
    assert gateway.send_order(market.frame()).sequence_gap == 0
    market.next_ids()
    market.next_ids()
    frame = market.frame()
    ack = gateway.send_order(frame)
    assert ack.sequence_gap == 2
    assert repr(ack).endswith(", sequence_gap=2)")
    gateway.submit(frame, tag=5)
    [ack] = [told for told in gateway.poll() if isinstance(told, tw.Ack)]
    assert (ack.ack.sequence_gap, ack.ack.duplicate) == (2, True)


def test_what_is_full_is_told(gateway):
    for seed in range(100, 114):
        gateway.add_key(BUYER, tw.keygen(seed))
    with pytest.raises(tw.AtCapacity, match="^keys: the session has 16; retire one$"):
        for seed in range(114, 118):
            gateway.add_key(BUYER, tw.keygen(seed))


def test_one_scope_at_a_time(gateway):
    with pytest.raises(ValueError):
        gateway.halt(session_id=1, symbol="AAPL")


def test_keys(gateway, market):
    new = tw.keygen(77, "ed25519")
    order = market.order()
    gateway.add_key(BUYER, tw.public_key(new))
    assert {(one.key_id, one.state, one.suite) for one in gateway.keys(BUYER)} == {
        (tw.key_id(KEYS[BUYER]), tw.KeyState.ACTIVE, tw.Suite.HMAC_SHA256),
        (tw.key_id(new), tw.KeyState.ACTIVE, tw.Suite.ED25519)}
    assert gateway.send_order(order.sign(new)).accepted
    gateway.retire_key(BUYER, tw.key_id(new))
    with pytest.raises(tw.Unauthenticated):
        gateway.send_order(market.order().sign(new))
    with pytest.raises(tw.Conflict):
        gateway.add_key(BUYER, tw.public_key(new))
    with pytest.raises(tw.InvalidKey, match="add the public key") as raised:
        gateway.add_key(BUYER, tw.keygen(78, "ed25519"))    # the secret half stays with the trader
    assert raised.value.name == "TW_ERR_KEY_KIND"
    for call in (lambda: gateway.retire_key(BUYER, 1), lambda: gateway.add_key(77, KEYS[BUYER]),
                 lambda: gateway.keys(77)):
        with pytest.raises(tw.NotFound):
            call()


def test_a_session_has_so_many_keys(gateway):
    with pytest.raises(tw.AtCapacity):
        for seed in range(100, 120):
            gateway.add_key(BUYER, tw.keygen(seed))
    keys = gateway.keys(BUYER)
    assert len(keys) == 16
    assert f"key_id=0x{tw.key_id(KEYS[BUYER]):016x}, state=<KeyState.ACTIVE" in repr(keys)


def test_instruments_and_reference_prices(gateway, market):
    def buy(price):
        return gateway.send_order(market.frame(symbol="NEW", price=price)).reason

    assert buy("10") is tw.Reason.UNKNOWN_SYMBOL
    gateway.set_instrument(tw.Instrument(
        symbol="NEW", tick="0.5", lot=1, max_quantity=None, max_notional=None, max_position=None,
        collar_basis_points=1000, sides={tw.Side.BUY}))
    gateway.set_reference_price("NEW", Decimal("10"))
    assert buy("10.5") is None
    assert buy("10.4") is tw.Reason.TICK
    assert buy("11.5") is tw.Reason.PRICE_COLLAR
    gateway.set_reference_price("NEW", 11)
    assert buy("11.5") is None
    sell = market.frame(symbol="NEW", side=tw.Side.SELL, price="11")
    assert gateway.send_order(sell).reason is tw.Reason.SIDE
    with pytest.raises(tw.NotFound, match="^no such instrument$"):
        gateway.set_reference_price("NONE", 1)
    with pytest.raises(tw.InvalidOrder, match="^price: 92233720368.54775808 is not from "):
        gateway.set_reference_price("NEW", "92233720368.54775808")
    for price in (0, -1):
        with pytest.raises(tw.InvalidArgument, match="^price: must be above 0$"):
            gateway.set_reference_price("NEW", price)


@pytest.mark.parametrize("fields", [
    {"symbol": ""}, {"symbol": "A B"}, {"tick": "0.000000001"}, {"lot": -1}, {"max_quantity": -1},
    {"max_notional": "184467440737.09551616"}, {"max_position": "x"}, {"collar_basis_points": -1},
    {"collar_basis_points": 2**32 - 1}, {"min_quantity": 0}, {"min_price": 0, "max_price": 0},
    {"min_price": -5}, {"max_price": 0}])
def test_instruments_refused(gateway, fields):
    right = {"symbol": "NEW", "tick": "0.5", "lot": 1, "max_quantity": None, "max_notional": None,
             "max_position": None, "collar_basis_points": None}
    gateway.set_instrument(tw.Instrument(**right))
    with pytest.raises(tw.InvalidOrder, match=f"^{next(iter(fields))}: "):
        gateway.set_instrument(tw.Instrument(**{**right, **fields}))


@pytest.mark.parametrize("fields, why", [
    ({"max_quantity": 0}, "must be above 0, or none$"),
    ({"max_notional": 0}, "must be above 0, or none$"),
    ({"max_position": 0}, "must be above 0, or none$"),
    ({"locate": 0}, "must be above 0, or none$"),
    ({"collar_basis_points": 0}, "must be from 1 to 1000000, or none$"),
    ({"last_trade_collar_basis_points": 0}, "must be from 1 to 1000000, or none$"),
    ({"min_quantity": 3, "max_quantity": 2}, "must not be above max_quantity$"),
    ({"min_price": 3, "max_price": 2}, "must not be above max_price$"),
    ({"sides": []}, "must be one or more of the bits")])
def test_what_no_text_could_say_of_an_instrument_is_refused(gateway, fields, why):
    right = {"symbol": "NEW", "tick": 1, "lot": 1, "max_quantity": None, "max_notional": None,
             "max_position": None, "collar_basis_points": None}
    with pytest.raises(tw.InvalidArgument, match=f"^{next(iter(fields))}: {why}"):
        gateway.set_instrument(tw.Instrument(**{**right, **fields}))


@pytest.mark.parametrize("fields, exception", [
    ({"sides": ["buy"]}, TypeError), ({"sides": "1"}, TypeError), ({"sides": None}, TypeError),
    ({"order_types": [tw.Side.BUY]}, TypeError), ({"times_in_force": ["day"]}, TypeError),
    ({"opens": "09:00", "closes": "17:00"}, TypeError),
    ({"opens": datetime.time(9, tzinfo=datetime.timezone(datetime.timedelta(hours=2))),
      "closes": datetime.time(17)}, ValueError)])
def test_arguments_of_another_type_are_named(fields, exception):
    limits = {"symbol": "NEW", "tick": 1, "lot": 1, "max_quantity": None, "max_notional": None,
              "max_position": None, "collar_basis_points": None}
    with pytest.raises(exception, match=f"^{next(iter(fields))}: "):
        tw.Instrument(**{**limits, **fields}).struct()
    if fields.keys() <= {"sides", "order_types"}:
        with pytest.raises(exception, match=f"^{next(iter(fields))}: "):
            tw.SessionPermissions(**fields).struct()


def test_every_reason_before_the_trade(gateway, market):
    frame = market.frame(quantity=1001, price="700")
    assert gateway.pre_trade_reasons(frame) == [tw.Reason.MAX_QUANTITY, tw.Reason.PRICE_COLLAR]
    assert gateway.pre_trade_reasons(bytearray(market.frame())) == []
    with pytest.raises(tw.Unauthenticated):
        gateway.pre_trade_reasons(frame[:-1] + bytes([frame[-1] ^ 1]))


def test_ticks_by_price(gateway, market):
    def buy(price):
        return gateway.send_order(market.frame(price=price)).reason

    gateway.set_tick_bands("AAPL", [("100.5", 1), (600, "5")])
    assert buy("580.5") is tw.Reason.TICK
    assert buy("580") is None
    gateway.set_tick_bands("AAPL", [])
    assert buy("580.5") is None
    with pytest.raises(tw.NotFound):
        gateway.set_tick_bands("NONE", [])
    for wrong, why in (([(2, 1), (1, 1)], "from: must be above"), ([(1, 0)], "tick: must be above 0"),
                       ([(start, 1) for start in range(1, 34)], "bands: must be at most 32")):
        with pytest.raises(tw.InvalidArgument, match=f"^{why}"):
            gateway.set_tick_bands("AAPL", wrong)


def exposure_limits(**limits):
    none = dict.fromkeys(("max_gross_notional", "max_net_notional", "max_loss"))
    return tw.ExposureLimits(**{**none, **limits})


def test_limits_of_exposure(gateway, market):
    def buy():
        return gateway.send_order(market.frame(account="ACC", quantity=10, price="580")).reason

    assert buy() is None
    tight = exposure_limits(max_gross_notional=10_000)
    for reason, scope in [(tw.Reason.ACCOUNT_GROSS, {}), (tw.Reason.FIRM_GROSS, {"firm": True}),
                          (tw.Reason.ACCOUNT_GROSS, {"account": "ACC"})]:
        gateway.set_exposure_limits(tight, **scope)
        assert buy() is reason
        gateway.set_exposure_limits(None, **scope)
    gateway.set_exposure_limits(tight)
    gateway.set_exposure_limits(exposure_limits(), account="ACC")
    assert buy() is None
    gateway.set_exposure_limits(exposure_limits(max_net_notional=1), account="ACC")
    assert buy() is tw.Reason.ACCOUNT_NET
    with pytest.raises(ValueError, match="not both"):
        gateway.set_exposure_limits(None, firm=True, account="ACC")
    with pytest.raises(TypeError, match="max_net_notional.*max_loss"):
        tw.ExposureLimits(max_gross_notional=1)
    with pytest.raises(tw.InvalidArgument, match="^max_loss: must be above 0, or none$"):
        gateway.set_exposure_limits(exposure_limits(max_loss=0))


def test_positions_and_exposures(gateway, market):
    with pytest.raises(tw.NotFound, match="no limit of exposure"):
        gateway.exposure(firm=True)
    gateway.set_exposure_limits(exposure_limits(max_loss="1.5"), account="ACC")
    gateway.send_order(market.frame(account="ACC", quantity=3, price="580.5"))
    held = gateway.position("ACC", "AAPL")
    assert (held.quantity, held.open_buy, held.open_sell, held.cash) == (0, 3, 0, 0)
    told = gateway.exposure(account="ACC")
    assert (told.gross, told.net_buy, told.net_sell) == (held.gross, held.gross, 0)
    assert told.limits == exposure_limits(max_loss=Decimal("1.5"))
    assert (told.day_loss, told.halted_since) == (0, 0)
    gateway.halt(account="ACC")
    assert gateway.exposure(account="ACC").halted_since > 0
    assert gateway.exposure(firm=True)[1:4] == told[1:4]
    assert gateway.exposure(account="").gross == 0
    with pytest.raises(tw.NotFound):
        gateway.position("ACC", "NONE")
    for both in ({}, {"firm": True, "account": "ACC"}):
        with pytest.raises(ValueError, match="one of the two"):
            gateway.exposure(**both)


def test_limits_and_permissions_of_sessions(gateway, market):
    def buy(**fields):
        return gateway.send_order(market.frame(**fields)).reason

    wide = {"per_second": 1000, "burst": 100, "cancels_per_second": 1000, "cancels_burst": 100,
            "max_open_orders": 1000}
    assert buy() is None
    gateway.set_session_limits(BUYER, tw.SessionLimits(**{**wide, "max_open_orders": 1}))
    assert buy() is tw.Reason.MAX_OPEN_ORDERS
    gateway.set_session_limits(BUYER, tw.SessionLimits(**wide, max_repeats=1))
    assert buy(quantity=7) is None
    assert buy(quantity=7) is tw.Reason.REPEATED_ORDER
    gateway.set_session_limits(BUYER, tw.SessionLimits(**wide))

    limits = tw.SessionLimits(**wide, max_order_to_trade=77)
    gateway.set_session_limits(BUYER, limits)
    assert gateway.session_limits(BUYER) == limits
    state = gateway.session_state(BUYER)
    assert (state.open_orders, state.halted_since) == (2, 0)
    assert state.last_sequence >= 3
    gateway.halt(session_id=BUYER)
    since = gateway.halted_since(session_id=BUYER)
    assert since == gateway.session_state(BUYER).halted_since > 0
    gateway.resume(session_id=BUYER)
    assert gateway.halted_since(session_id=BUYER) == gateway.halted_since() == 0

    permissions = tw.SessionPermissions(symbols=["MSFT", "AAPL"], accounts={"ACC"},
                                        sides=[tw.Side.BUY], order_types=[tw.OrdType.LIMIT])
    gateway.set_session_permissions(BUYER, permissions)
    assert buy() is None
    assert buy(symbol="IBM") is tw.Reason.SESSION_SYMBOL
    assert buy(account="OTHER") is tw.Reason.SESSION_ACCOUNT
    assert buy(side=tw.Side.SELL) is tw.Reason.SESSION_SIDE
    gateway.set_session_permissions(BUYER, tw.SessionPermissions())
    assert buy(account="OTHER") is None
    with pytest.raises(tw.NotFound):
        gateway.set_session_limits(99, tw.SessionLimits(**wide))
    with pytest.raises(tw.InvalidArgument, match="^burst: must be from 1 to 1000000000$"):
        gateway.set_session_limits(BUYER, tw.SessionLimits(**{**wide, "burst": 0}))
    with pytest.raises(tw.NotFound, match="^no such session$"):
        gateway.set_session_limits(99, tw.SessionLimits(**wide))
    for nothing in ({"symbols": []}, {"accounts": "ACC"}):
        with pytest.raises(ValueError, match="at least one"):
            gateway.set_session_permissions(BUYER, tw.SessionPermissions(**nothing))
    with pytest.raises(tw.InvalidArgument):
        gateway.set_session_permissions(BUYER, tw.SessionPermissions(sides=[]))


def test_instruments_with_every_limit(gateway, market):
    def buy(**fields):
        return gateway.send_order(market.frame(symbol="NEW", **fields)).reason

    now = datetime.datetime.now(datetime.timezone.utc)
    hour = datetime.timedelta(hours=1)
    limits = {"symbol": "NEW", "tick": 1, "lot": 1, "max_quantity": None, "max_notional": None,
              "max_position": None, "collar_basis_points": None, "min_quantity": 2,
              "min_price": 5, "max_price": "10", "locate": 3,
              "last_trade_collar_basis_points": 10000,
              "opens": (now - hour).timetz(), "closes": (now + hour).time()}
    gateway.set_instrument(tw.Instrument(**limits))
    assert buy(price=10, quantity=1) is tw.Reason.MIN_QUANTITY
    assert buy(price=11, quantity=2) is tw.Reason.PRICE_BAND
    assert buy(price=4, quantity=2) is tw.Reason.PRICE_BAND
    short = tw.Side.SELL_SHORT
    assert buy(price=10, quantity=4, side=short) is tw.Reason.LOCATE
    assert buy(price=10, quantity=2) is None
    limits["opens"], limits["closes"] = limits["closes"], limits["opens"]
    gateway.set_instrument(tw.Instrument(**limits))
    assert buy(price=10, quantity=2) is tw.Reason.MARKET_CLOSED
    with pytest.raises(ValueError, match="come together"):
        gateway.set_instrument(tw.Instrument(**{**limits, "opens": None}))


def test_close(market):
    with tw.Gateway(CONFIG) as gateway:
        with_keys(gateway)
        order = market.order()
        gateway.submit(order.sign(KEYS[BUYER]), 5)
    gateway.close()
    for call in (gateway.send_order, gateway.submit, gateway.pre_trade_check):
        with pytest.raises(tw.Refused) as raised:
            call(market.frame())
        assert type(raised.value) is tw.Closed
    assert 5 in [one.tag for one in drain(gateway) if isinstance(one, tw.Ack)]
    assert gateway.order_status(BUYER, order.client_order_id).accepted is True


def test_a_gateway_shows_whether_it_is_open(gateway):
    assert repr(gateway) == "<tinywindow.Gateway open>"
    gateway.close()
    assert repr(gateway) == "<tinywindow.Gateway closed>"


def test_a_key_file_that_is_not_there_is_named():
    config = CONFIG.replace(f"id = {BUYER}\n", f'id = {BUYER}\nkeys = ["/no/such.pub"]\n')
    with pytest.raises(tw.TinyWindowError, match="^line .*/no/such.pub"):
        tw.Gateway(config)


def test_a_journal_file_outlives_the_gateway(market, tmp_path):
    path = tmp_path / "orders.twj"
    config = CONFIG.replace('kind = "memory"', f'kind = "file"\npath = "{path}"')
    order = market.order()
    file = tmp_path / "gateway.toml"
    file.write_text(config)
    with with_keys(tw.Gateway.from_file(file)) as gateway:
        ack = gateway.send_order(order.sign(KEYS[BUYER]))
        with pytest.raises(tw.JournalError) as raised:
            tw.Gateway(config)
        assert raised.value.name == "TW_ERR_JOURNAL_LOCKED"
    del gateway
    with tw.Gateway(config) as gateway:
        assert gateway.order_status(BUYER, order.client_order_id).order_id == ack.order_id
        assert [key.state for key in gateway.keys(BUYER)] == [tw.KeyState.ABSENT]
        with pytest.raises(tw.Unauthenticated):
            gateway.send_order(market.frame())
        gateway.add_key(BUYER, KEYS[BUYER])
        assert [key.state for key in gateway.keys(BUYER)] == [tw.KeyState.ACTIVE]
        assert gateway.send_order(market.frame()).accepted


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_may_not_use_the_parents_handles(gateway, market):
    signer, verifier, frame = tw.Signer(KEYS[BUYER]), tw.Verifier(KEYS[BUYER]), market.frame()
    calls = [lambda: signer.sign(b"x"), lambda: verifier.verify(b"x", bytes(32)),
             lambda: signer.sign_batch([b"x"]), lambda: gateway.send_order(frame)]
    child = os.fork()
    if child == 0:
        forked = 0
        for call in calls:
            try:
                call()
            except tw.Forked:
                forked += 1
            except BaseException:
                pass
        os._exit(forked)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == len(calls)
    assert signer.sign(b"x") == tw.sign(KEYS[BUYER], b"x")
    assert gateway.send_order(frame).accepted
