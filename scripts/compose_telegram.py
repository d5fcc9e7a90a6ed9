"""Simulates Telegram in a trial; counts the polls of each worker, and the polls that overlap in time.

Runs in a container of the bot's image, next to the project's workers.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

POLL_S = 1.0
PORT = 8000


class Polls:
    """Counts the polls, keyed by the poller's address, and those that overlap in time."""

    def __init__(self) -> None:
        self.by_address: Counter[str] = Counter()
        self.open, self.overlaps = 0, 0

    async def call(self, request: Request) -> JSONResponse:
        """Answers ``getUpdates`` with no updates after POLL_S seconds, like long polling.

        Answers other calls immediately.
        """
        result: Any = True
        if request.path_params["method"] == "getUpdates":
            result = await self._poll(request.client.host if request.client else "")
        return JSONResponse({"ok": True, "result": result})

    async def _poll(self, address: str) -> list[Any]:
        self.by_address[address] += 1
        self.open += 1
        self.overlaps += self.open > 1
        try:
            await asyncio.sleep(POLL_S)
        finally:
            self.open -= 1
        return []

    async def report(self, _request: Request) -> JSONResponse:
        return JSONResponse({"polls": self.by_address, "overlaps": self.overlaps})


def main() -> None:
    polls = Polls()
    routes = [Route("/bot{token}/{method}", polls.call, methods=["GET", "POST"]), Route("/report", polls.report)]
    uvicorn.run(Starlette(routes=routes), host="0.0.0.0", port=PORT, log_level="error")  # noqa: S104


if __name__ == "__main__":
    main()
