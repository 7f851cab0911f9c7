"""The gateway in an asyncio event loop."""
import asyncio
import threading

import pytest
import tinywindow as tw
from conftest import BUYER, CONFIG, KEYS, SELLER, with_keys


def run(coroutine):
    return asyncio.run(asyncio.wait_for(coroutine, 30))


def test_orders_and_executions(market):
    async def main():
        seen = []
        async with tw.AsyncGateway(CONFIG) as gateway:
            with_keys(gateway)
            sold = await gateway.send_order(market.frame(SELLER, side=tw.Side.SELL, quantity=3))
            bought = await gateway.send_order(market.frame(BUYER, quantity=3))
            async for execution in gateway.executions():
                seen.append(execution)
                if sum(one.exec_type is tw.ExecType.TRADE for one in seen) == 2:
                    break
        return sold, bought, seen

    sold, bought, seen = run(main())
    assert sold.accepted and bought.accepted
    filled = {one.order_id for one in seen if one.ord_status is tw.OrdStatus.FILLED}
    assert filled == {sold.order_id, bought.order_id}


def test_many_at_once_and_no_thread_of_pythons(market):
    async def main():
        async with tw.AsyncGateway(CONFIG) as gateway:
            with_keys(gateway)
            frames = [market.frame(price="580") for _ in range(50)]
            acks = await asyncio.gather(*map(gateway.send_order, frames))
            assert gateway.pre_trade_check(market.frame()) is None
            return acks, threading.active_count()

    threads = threading.active_count()
    acks, during = run(main())
    assert all(ack.accepted for ack in acks) and during == threads
    assert len({ack.order_id for ack in acks}) == 50
    assert [ack.sequence for ack in acks] == list(range(1, 51))


def test_rejected_and_refused(market):
    async def main():
        async with tw.AsyncGateway(CONFIG) as gateway:
            with_keys(gateway)
            ack = await gateway.send_order(market.frame(quantity=5000))
            with pytest.raises(tw.Unauthenticated):
                await gateway.send_order(market.order().sign(tw.keygen(1000)))
            with pytest.raises(tw.InvalidOrder):
                await gateway.send_order(b"")
            return ack

    ack = run(main())
    assert not ack.accepted and ack.reason is tw.Reason.MAX_QUANTITY


def test_a_wait_given_up_does_not_undo_the_order(market):
    async def main():
        async with tw.AsyncGateway(CONFIG) as gateway:
            with_keys(gateway)
            order = market.order()
            frame = order.sign(KEYS[BUYER])
            waiting = asyncio.create_task(gateway.send_order(frame))
            await asyncio.sleep(0)
            waiting.cancel()
            retry = await gateway.send_order(frame)
            return retry, gateway.order_status(BUYER, order.client_order_id)

    retry, state = run(main())
    assert retry.accepted and retry.duplicate and state.accepted


def test_executions_that_nobody_takes_stop_the_sender(market, monkeypatch):
    monkeypatch.setattr("tinywindow.aio._EXECUTIONS_MAX", 2)

    async def main():
        async with tw.AsyncGateway(CONFIG) as gateway:
            with_keys(gateway)
            for _ in range(2):
                await gateway.send_order(market.frame())
            while not await refused_as_busy(gateway, market.frame()):
                await asyncio.sleep(0.01)
            async for _ in gateway.executions():
                break
            assert (await gateway.send_order(market.frame())).accepted

    async def refused_as_busy(gateway, frame):
        try:
            await gateway.send_order(frame)
        except tw.Busy:
            return True
        return False

    run(main())


def test_the_executions_end_with_the_gateway(market):
    async def main():
        gateway = tw.AsyncGateway(CONFIG)
        async with gateway:
            with_keys(gateway)
            collecting = asyncio.create_task(collect(gateway))
            await gateway.send_order(market.frame())
        with pytest.raises(tw.Closed):
            await gateway.send_order(market.frame())
        gateway.close()
        return await collecting

    async def collect(gateway):
        return [execution.exec_type async for execution in gateway.executions()]

    assert run(main()) == [tw.ExecType.NEW]


def test_a_gateway_that_was_not_entered_closes():
    gateway = tw.AsyncGateway(CONFIG)
    gateway.close()
    gateway.close()
    with pytest.raises(tw.Closed):
        gateway.halt()
    assert repr(gateway) == "<tinywindow.AsyncGateway closed>"


def test_orders_are_taken_within_the_block_only(market):
    async def main():
        gateway = with_keys(tw.AsyncGateway(CONFIG))
        with pytest.raises(tw.Refused, match="async with"):
            await gateway.send_order(market.frame())
        gateway.close()

    run(main())


def test_whoever_waits_when_the_answers_end_hears_that_nothing_is_known(market, monkeypatch):
    def no_more_answers(*_):
        raise tw.Forked(tw.lib.TW_ERR_FORKED)

    async def main():
        async with tw.AsyncGateway(CONFIG) as gateway:
            with_keys(gateway)
            monkeypatch.setattr(gateway, "_poll", no_more_answers)
            with pytest.raises(tw.UnknownOutcome) as raised:
                await gateway.send_order(market.frame())
        assert not isinstance(raised.value, tw.Refused)

    run(main())
