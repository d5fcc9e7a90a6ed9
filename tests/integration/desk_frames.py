"""Reads the desk's stream of server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.eventually import PATIENCE_S


class Frames:
    """Reads server-sent events from a response."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, Any]:
        """Returns the name and data of the next event other than a ping; ("end", None) if the stream has ended."""
        async with asyncio.timeout(PATIENCE_S):
            while (found := await self._read())[0] == "ping":
                pass
            return found

    async def until(self, name: str) -> Any:
        while True:
            async with asyncio.timeout(PATIENCE_S):
                found, data = await self._read()
            if found == name:
                return data

    async def _read(self) -> tuple[str, Any]:
        name = ""
        async for line in self._lines:
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                return name, json.loads(value)
        return "end", None


@asynccontextmanager
async def listening(client: httpx.AsyncClient) -> AsyncIterator[Frames]:
    async with client.stream("GET", "/desk/api/events") as response:
        assert response.status_code == 200
        frames = Frames(response)
        assert (await frames.next())[0] == "ready"
        yield frames
