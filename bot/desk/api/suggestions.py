"""Asks the action server, which has the encoder, for the entries that may answer a text.

If the request fails, the desk shows no suggestions; the word search still works.
"""

from __future__ import annotations

import httpx

from bot.core.logs import log
from bot.core.messages import Candidate

TIMEOUT_S = 2.0


class Suggestions:
    """A client of the action server at ``url``; with '' there are no suggestions."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def of(self, text: str) -> tuple[Candidate, ...]:
        """Returns the candidate entries, best first; () if the action server fails."""
        if not self._url or not text.strip():
            return ()
        try:
            async with httpx.AsyncClient(base_url=self._url, timeout=TIMEOUT_S) as client:
                answer = (await client.post("/candidates", json={"text": text})).raise_for_status()
            return tuple(Candidate(**one) for one in answer.json()["candidates"])
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("suggestions: action server unavailable", error=type(error).__name__)
            return ()
