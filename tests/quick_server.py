"""Serves an app as uvicorn does, but stops at once: waits for no tick of a clock, and shortly for open requests."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import Any

import uvicorn

A_MOMENT_S = 0.1  # the time of a request that ends by itself; a stream does not


class QuickServer(uvicorn.Server):
    """A uvicorn server whose ``stop``, which any thread may call, cancels the requests that do not end in a moment."""

    def __init__(self, app: Any, **options: Any) -> None:
        super().__init__(uvicorn.Config(app, **options))
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        await self.on_tick(0)  # sets the header Date
        await self._stopping.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in (*self.servers, *(sockets or ())):
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        state = self.server_state
        if state.tasks:
            _, streams = await asyncio.wait(state.tasks, timeout=A_MOMENT_S)
            for task in streams:
                task.cancel()
            await asyncio.gather(*streams, return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(A_MOMENT_S):
                await self._all_closed()
        for connection in state.connections:
            connection.transport.abort()
        await self._all_closed()  # a loop with open connections cannot be closed
        await self.lifespan.shutdown()

    async def _all_closed(self) -> None:
        while self.server_state.connections:
            await asyncio.sleep(0.002)
