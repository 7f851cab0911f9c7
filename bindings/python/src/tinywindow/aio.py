"""The gateway for asyncio: no threads, only its descriptor in the event loop."""
from __future__ import annotations

import asyncio
from collections import deque
from itertools import count
from typing import TYPE_CHECKING, Any

from ._native import lib
from .errors import TinyWindowError, error
from .gateway import Ack, Controls, Execution

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from typing_extensions import Buffer, Self

    from .orders import OrderAck

_POLL_MAX = 256             # completions a turn of the loop takes, so that others have theirs
_EXECUTIONS_MAX = 65_536    # kept for executions(); then send_order refuses until some are taken


class AsyncGateway(Controls):
    """A gateway in this process, used from one asyncio event loop.

    `async with AsyncGateway(config) as gateway:` takes orders within the block. Opening (it reads
    the journal) and closing (it finishes what is in flight) block the loop for that long.
    Raises ConfigError (with line, column and remedy), JournalError.
    """

    def __init__(self, config: str) -> None:
        super().__init__(config)
        self._tags = count(1)
        self._waiting: dict[int, asyncio.Future[OrderAck]] = {}
        self._executions: deque[Execution] = deque()
        self._arrived = asyncio.Event()
        self._ended = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def _hold(self, handle: Any, address: int, suite: int) -> None:
        self._handle = handle

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._descriptor = self._fileno()
        loop.add_reader(self._descriptor, self._drain)
        self._loop = loop
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def send_order(self, frame: Buffer) -> OrderAck:
        """Send a signed frame; returns when it is decided, accepted or not.

        Raises Refused (nothing happened; Busy also when executions() are not taken, Closed also
        outside of the `async with`), UnknownOutcome. To stop waiting (asyncio.timeout, cancel) does
        not cancel the order, which may be live: retry the same frame, or ask order_status.
        """
        if self._loop is None:
            raise error(lib.TW_ERR_CLOSED, "orders are taken within `async with` only")
        if len(self._executions) >= _EXECUTIONS_MAX:
            raise error(lib.TW_ERR_BUSY)
        tag = next(self._tags)
        self._submit(frame, tag)
        self._waiting[tag] = asyncio.get_running_loop().create_future()
        return await self._waiting[tag]

    async def executions(self) -> AsyncIterator[Execution]:
        """What happens at the venue, in its order, until the gateway is closed.

        Each execution goes to one iterator only.
        """
        while True:
            while self._executions:
                yield self._executions.popleft()
            if self._ended:
                return
            self._arrived.clear()
            await self._arrived.wait()

    def close(self) -> None:
        """Finish what is in flight, and take nothing more. Again: nothing."""
        if self._ended:
            return
        self._forget_descriptor()
        try:
            self._close()
            while self._take():
                pass
        finally:
            self._end()

    def _drain(self) -> None:
        """The descriptor is readable."""
        try:
            self._take()
        except TinyWindowError:
            self._forget_descriptor()
            self._end()

    def _forget_descriptor(self) -> None:
        if self._loop is not None:   # entered
            self._loop.remove_reader(self._descriptor)

    def _take(self) -> int:
        completions = self._poll(_POLL_MAX, 0.0)
        for completion in completions:
            if isinstance(completion, Ack):
                self._resolve(completion)
            else:
                self._executions.append(completion)
        self._arrived.set()
        return len(completions)

    def _resolve(self, completion: Ack) -> None:
        future = self._waiting.pop(completion.tag)
        if future.done():   # nobody waits any more
            return
        if completion.error:
            future.set_exception(completion.error)
        else:
            future.set_result(completion.ack)

    def _end(self) -> None:
        """Whoever still waits will hear no more, and the order may be live."""
        self._ended = True
        self._arrived.set()
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(error(lib.TW_ERR_UNKNOWN))
        self._waiting.clear()
