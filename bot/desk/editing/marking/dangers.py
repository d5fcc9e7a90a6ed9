"""Finds the utterances that the assistant takes for an emergency, as it would in a citizen's message.

Emergency phrases (bot/crisis) come first. The danger classifier, which finds more, is in the action server; without its
answer the phrases alone decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import httpx

from bot.core.logs import log
from bot.core.messages import RecognizedDanger
from bot.core.network import ActionsEndpoint
from bot.crisis.emergency import load_net

TIMEOUT_S = 4.0


class UtteranceDangers:
    """A client of the action server; if there is none, only the emergency phrases are searched."""

    def __init__(self, actions: ActionsEndpoint) -> None:
        self._actions = actions

    async def of(self, texts: Sequence[str]) -> Mapping[str, RecognizedDanger]:
        """Returns the dangers that the ``texts`` describe, keyed by text; texts without a danger are absent."""
        net = load_net()
        found = {text: RecognizedDanger(kind, sure=True) for text in texts if (kind := net.find(text))}
        rest = [text for text in dict.fromkeys(texts) if text not in found]
        return {**await self._judged(rest), **found}

    async def _judged(self, texts: Sequence[str]) -> Mapping[str, RecognizedDanger]:
        if not self._actions.url or not texts:
            return {}
        try:
            async with self._actions.client(TIMEOUT_S) as client:
                answer = (await client.post("/dangers", json={"texts": texts})).raise_for_status()
            judged = zip(texts, answer.json()["dangers"], strict=True)
            return {text: RecognizedDanger.from_data(danger) for text, danger in judged if danger}
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("marks: action server unavailable, phrases only", error=type(error).__name__)
            return {}
