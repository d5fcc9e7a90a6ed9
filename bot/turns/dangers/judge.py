"""Asks the action server for the danger in a message, and finds cries for help and dangers in other languages.

If the request to the action server fails, or takes longer than TIMEOUT_S seconds, phrases and cries for help alone
decide.
"""

from __future__ import annotations

import asyncio

import httpx

from bot.core.logs import log
from bot.core.messages import RecognizedDanger
from bot.core.network import ActionsEndpoint
from bot.crisis.emergency import cries_for_help, foreign_danger
from bot.metrics.measures import count_danger_failure
from bot.turns.emergency import Judge

TIMEOUT_S = 1.0
CONNECT_TIMEOUT_S = 0.3
GENERAL = "general"


class DangerJudge:
    """A client of the action server; without an action server, it finds no danger."""

    def __init__(self, actions: ActionsEndpoint, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._client = actions.client(timeout, transport) if actions.url else None
        self._failing = False

    async def judge(self, text: str) -> RecognizedDanger | None:
        """Returns the danger that the text may describe; None if there is none or the action server fails."""
        if self._client is None or not text.strip():
            return None
        try:
            async with asyncio.timeout(TIMEOUT_S):  # httpx only limits the wait for each chunk
                answer = await self._client.post("/danger", json={"text": text})
            found = answer.raise_for_status().json()["danger"]
            danger = RecognizedDanger.from_data(found) if found else None
        except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
            self._failed(error)
            return None
        self._failing = False
        return danger

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _failed(self, error: Exception) -> None:
        """Counts each failure, but logs only the first of consecutive failures."""
        count_danger_failure()
        if not self._failing:
            log.warning("danger: action server unavailable, phrases only", error=type(error).__name__)
        self._failing = True


async def find_no_danger(_text: str) -> RecognizedDanger | None:
    """Finds no danger; used as the judge if there is no classifier."""
    return None


def with_other_languages(judge: Judge) -> Judge:
    """Returns a judge that also finds dangers in other languages, on which the classifier was not trained.

    It also finds cries for help if ``judge`` finds nothing, as when the action server fails.
    """

    async def judged(text: str) -> RecognizedDanger | None:
        danger = await judge(text)
        if danger and danger.sure:
            return danger
        if abroad := foreign_danger(text):
            return RecognizedDanger(abroad.kind, sure=abroad.sure)
        return danger or (RecognizedDanger(GENERAL, sure=False) if cries_for_help(text) else None)

    return judged
