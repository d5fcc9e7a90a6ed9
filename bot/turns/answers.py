"""Asks the action server with POST /answer for the answers that need no dialogue: those that an entry surely gives.

Most questions end here, in one request instead of three. Rasa learns of them later (rasa_record.py).
"""

from __future__ import annotations

import httpx

from bot.core.logs import log
from bot.core.payload import Payload
from bot.metrics.measures import Stage, timed
from bot.turns.greeting import without_greeting
from bot.turns.outcome import Turn
from bot.turns.rasa_client import CONNECT_TIMEOUT_S, Asker, harmless, turn_of

TIMEOUT_S = 2.0


class Answers:
    """A client of the action server at ``url``, with one HTTP client that stays open."""

    def __init__(self, url: str, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout, transport=transport)

    async def surely(self, asker: Asker, text: str) -> Turn | None:
        """Returns the turn that answers the text; None if Rasa is to be asked, also because the action server fails."""
        asked = {"text": harmless(without_greeting(text)), "metadata": asker.metadata}
        try:
            with timed(Stage.ANSWER):
                answer = (await self._client.post("/answer", json=asked)).raise_for_status()
            said = [Payload.from_data(one) for one in answer.json()["said"]]
        except (httpx.HTTPError, AttributeError, KeyError, TypeError, ValueError) as error:
            log.warning("answers: action server failed", conversation=asker.conversation, error=type(error).__name__)
            return None
        return turn_of(said) if said else None

    async def close(self) -> None:
        await self._client.aclose()
