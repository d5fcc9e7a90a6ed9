"""Asks the action server which texts an entry answers: its utterances, and questions of the backlog that may be its."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.core.texts import say
from bot.desk.editing.text import EntryText
from bot.faq.entries.entry import Published
from bot.learning.backlog.groups import Backlog
from bot.text.normalize import plain

TIMEOUT_S = 20.0
ANSWERED, OFFERED = "answered", "offered"
WORST_FIRST = ("other", "nothing", OFFERED, ANSWERED)


@dataclass(frozen=True)
class Reach:
    """What becomes of a text, as the page shows it: ``words`` say ``reached`` in Spanish.

    The other fields are as in bot/faq/publishing/reach.py.
    """

    text: str
    is_utterance: bool
    reached: str
    words: str


class Reaches:
    """Finds out what becomes of texts; ``actions`` is the action server."""

    def __init__(self, backlog: Backlog, published: Published, actions: ActionsEndpoint) -> None:
        self._backlog, self._published, self._actions = backlog, published, actions

    async def of(self, id: str, path: str, text: EntryText) -> list[Reach] | None:
        """Returns what becomes of the utterances of the entry's ``text``, and of the questions that may be its.

        Returns None if the text has an error or the action server fails. Raises SQLAlchemyError.
        """
        body = {"path": path, "content": text.content, "phrases": text.phrases, "asked": await self._asked(id)}
        try:
            async with self._actions.client(TIMEOUT_S) as client:
                found = (await client.post("/reach", json=body)).raise_for_status().json()["reach"]
            return None if found is None else [self._shown(**one) for one in found]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("entries: reach unknown", error=type(error).__name__)
            return None

    async def _asked(self, id: str) -> list[str]:
        """Returns the texts of the groups that may mean the entry, without utterances of any published entry."""
        known = {plain(text) for entry in self._published.entries for text in entry.utterances}
        groups = [group for group in await self._backlog.waiting() if id in group.entries]
        texts = [one.text for group in groups for one in group.utterances if one.usable]
        return [text for text in texts if plain(text) not in known]

    def _shown(self, text: str, is_utterance: bool, reached: str, other: str) -> Reach:
        question = next((one.question for one in self._published.entries if one.id == other), other)
        state = f"{reached}_despues" if reached == OFFERED and other else reached
        return Reach(text, is_utterance, reached, say(f"entradas.gente.alcance.estados.{state}", otra=question))
