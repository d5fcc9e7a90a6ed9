"""Asks the action server which of the running notices a message is about, by meaning.

The bot has no encoder. The request contains the utterances of the notices, so that the action server needs no state.
"""

from __future__ import annotations

import asyncio

import httpx

from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.public_notices.board import NoticeBoard
from bot.public_notices.notice import NoticeSet, PublicNotice
from bot.turns.greeting import without_greeting
from bot.turns.rasa_client import harmless

TIMEOUT_S = 1.0
CONNECT_TIMEOUT_S = 0.3


class NoticeMatter:
    """A client of the action server; without an action server, it finds no notice."""

    def __init__(
        self, board: NoticeBoard, actions: ActionsEndpoint, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._client = actions.client(timeout, transport) if actions.url else None
        self._board = board

    async def of(self, text: str) -> PublicNotice | None:
        """Returns the running notice that the text asks about; None if there is none or the action server fails.

        Ignores drills: during a drill, people ask about real things.
        """
        asked = [one for one in self._board.running if one.utterances and not one.drill]
        if self._client is None or not asked or not text.strip():
            return None
        found = await self._ask(harmless(without_greeting(text)), asked)
        return next((one for one in asked if one.id == found), None)

    async def prepare(self, notices: NoticeSet) -> bool:
        """Makes the action server embed the utterances of ``notices`` in advance; returns whether it succeeded."""
        return self._client is not None and await self._ask("", list(notices.notices)) is not None

    async def _ask(self, text: str, notices: list[PublicNotice]) -> str | None:
        """Returns the id of the notice that the text is about, '' if there is none; None if the action server fails."""
        if self._client is None:
            return None
        asked = {"text": text, "notices": {one.id: one.utterances for one in notices}}
        try:
            async with asyncio.timeout(TIMEOUT_S):  # httpx only limits the wait for each chunk
                answer = await self._client.post("/about", json=asked)
            return str(answer.raise_for_status().json()["about"])
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.warning("notices: action server unavailable", error=type(error).__name__)
            return None

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
