"""Asks the action server for the danger in a message, and finds cries for help and dangers in other languages.

If the request to the action server fails, or takes longer than TIMEOUT_S seconds, phrases and cries for help alone
decide. The action server reads only the beginning of a long text, so such a text is judged in pieces.
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
PIECE_CHARACTERS = 1000  # the action server reads no more of a text
SHARED_CHARACTERS = 200  # of a piece and the next, so that a sentence at the end of one is whole in the other
MOST_PIECES = 5  # for the longest text of a channel


class DangerJudge:
    """A client of the action server; without an action server, it finds no danger."""

    def __init__(self, actions: ActionsEndpoint, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_TIMEOUT_S)
        self._client = actions.client(timeout, transport) if actions.url else None
        self._failing = False

    async def judge(self, text: str) -> RecognizedDanger | None:
        """Returns the worst danger that the text may describe; None if there is none or the action server fails.

        If it fails at a later piece of a long text, those before count.
        """
        found = None
        for piece in pieces_of(text.strip()):
            try:
                danger = await self._judged(piece)
            except (httpx.HTTPError, TimeoutError, ValueError, KeyError, TypeError) as error:
                self._failed(error)
                return found
            if danger and danger.sure:
                return danger
            found = found or danger
        return found

    async def _judged(self, text: str) -> RecognizedDanger | None:
        if self._client is None or not text.strip():
            return None
        async with asyncio.timeout(TIMEOUT_S):  # httpx only limits the wait for each chunk
            answer = await self._client.post("/danger", json={"text": text})
        found = answer.raise_for_status().json()["danger"]
        danger = RecognizedDanger.from_data(found) if found else None
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


def pieces_of(text: str) -> list[str]:
    """Returns the pieces in which a text is judged, at most MOST_PIECES; they begin and end with whole words."""
    starts = range(0, max(len(text) - SHARED_CHARACTERS, 1), PIECE_CHARACTERS - SHARED_CHARACTERS)
    return [_whole_words(text, start, start + PIECE_CHARACTERS) for start in starts[:MOST_PIECES]]


def _whole_words(text: str, start: int, end: int) -> str:
    piece = text[start:end]
    if start > 0:
        piece = "".join(piece.split(maxsplit=1)[-1:])
    return "".join(piece.rsplit(maxsplit=1)[:1]) if end < len(text) else piece


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
