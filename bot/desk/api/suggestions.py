"""Requests the entries that may answer a text from the action server, which has loaded the encoder.

If the request fails, the desk shows no suggestions; the word search still works.
"""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from bot.core.logs import log
from bot.core.messages import Candidate
from bot.core.network import ActionsEndpoint

TIMEOUT_S = 2.0


@dataclass(frozen=True)
class Suggested:
    """The entries that may answer a text, best first.

    ``offer`` is the minimum confidence for offering an entry to staff, and ``answer`` the minimum for answering with
    it.
    """

    candidates: tuple[Candidate, ...] = ()
    offer: float = 1.0
    answer: float = 1.0

    @property
    def offered(self) -> tuple[Candidate, ...]:
        """Returns the candidates with enough confidence to be offered."""
        return tuple(one for one in self.candidates if one.confidence >= self.offer)


class Suggestions:
    """Requests the entries that may answer a text from the action server.

    Without an action server, or if it fails, it returns no entries.
    """

    def __init__(self, actions: ActionsEndpoint) -> None:
        self._actions = actions

    async def of(self, text: str) -> Suggested:
        """Returns the entries that may answer ``text``; a Suggested without candidates if the action server fails."""
        if not self._actions.url or not text.strip():
            return Suggested()
        try:
            async with self._actions.client(TIMEOUT_S) as client:
                answer = (await client.post("/candidates", json={"text": text})).raise_for_status()
            found = answer.json()
            candidates = tuple(Candidate(**one) for one in found["candidates"])
            return Suggested(candidates, float(found["offer"]), float(found.get("answer", 1.0)))
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("suggestions: action server unavailable", error=type(error).__name__)
            return Suggested()
