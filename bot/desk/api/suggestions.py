"""Asks the action server, which holds the encoder, for the entries that may answer some words.

What it cannot tell is no hindrance: the desk then shows nothing, and entries are still found by their words.
"""

from __future__ import annotations

import httpx

from bot.core.logs import log
from bot.core.messages import Candidate

TIMEOUT_S = 2.0


class Suggestions:
    """``url`` is the action server's; '' when there is none."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def of(self, text: str) -> tuple[Candidate, ...]:
        """The likeliest entries, best first."""
        if not self._url or not text.strip():
            return ()
        try:
            async with httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_S) as client:
                answer = (await client.post("/candidates", json={"text": text})).raise_for_status()
            return tuple(Candidate(**one) for one in answer.json()["candidates"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("no suggestions", error=type(error).__name__)
            return ()
