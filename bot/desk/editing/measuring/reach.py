"""Asks the action server which texts an entry answers: its utterances, and questions of the backlog that may be its."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from bot.core.logs import log
from bot.core.network import ActionsEndpoint
from bot.core.texts import say
from bot.desk.editing.text import EntryText
from bot.faq.entries import phrases
from bot.faq.entries.entry import Published
from bot.faq.entries.problem import Found as Problems
from bot.learning.backlog.groups import Backlog
from bot.text.normalize import plain

TIMEOUT_S = 20.0
ANSWERED, OFFERED = "answered", "offered"
WORST_FIRST = ("other", "nothing", "expired", OFFERED, ANSWERED)


@dataclass(frozen=True)
class Reach:
    """What becomes of a text, as the page shows it: ``words`` say ``reached`` in Spanish.

    The other fields are as in bot/faq/publishing/reach.py.
    """

    text: str
    is_utterance: bool
    reached: str
    words: str


@dataclass(frozen=True)
class Found:
    """What becomes of an entry's utterances (``own``), of which ``written`` counts all, and of questions (``asked``).

    ``waiting`` counts all the questions of the backlog that may be the entry's, which is unknown before a publication.
    """

    own: Sequence[Reach]
    asked: Sequence[Reach]
    written: int
    waiting: int
    is_expired: bool
    is_published: bool

    @property
    def summary(self) -> str:
        """Returns what becomes of the utterances, counted, in Spanish."""
        states = [one.reached for one in self.own]
        counts = {"total": len(states), "contesta": states.count(ANSWERED), "ofrece": states.count(OFFERED)}
        told = [say("entradas.gente.alcance.vencida")] if self.is_expired else []
        told.append(say("entradas.gente.alcance.resumen", **counts))
        if self.written > len(states):
            told.append(say("entradas.gente.alcance.cortadas", n=len(states), total=self.written))
        return " ".join(told)

    @property
    def note(self) -> str:
        """Returns which questions are missing and why, in Spanish; '' if none is."""
        if not self.is_published:
            return say("entradas.gente.alcance.gente_sin_publicar")
        if not self.asked:
            return say("entradas.gente.alcance.gente_nada")
        counts = {"n": len(self.asked), "total": self.waiting}
        return say("entradas.gente.alcance.gente_cortada", **counts) if self.waiting > len(self.asked) else ""


class Reaches:
    """Finds out what becomes of texts; ``actions`` is the action server."""

    def __init__(self, backlog: Backlog, published: Published, actions: ActionsEndpoint) -> None:
        self._backlog, self._published, self._actions = backlog, published, actions

    async def of(self, id: str, path: str, text: EntryText) -> Found | None:
        """Returns what becomes of the utterances of the entry's ``text``, and of the questions that may be its.

        Returns None if the text has an error or the action server fails. Raises SQLAlchemyError.
        """
        asked = await self._asked(
            id, [one.text for one in phrases.read(text.phrases, Problems("")) if one.counterexample]
        )
        body = {"path": path, "content": text.content, "phrases": text.phrases, "asked": asked}
        try:
            async with self._actions.client(TIMEOUT_S) as client:
                found = (await client.post("/reach", json=body)).raise_for_status().json()["found"]
            return None if found is None else self._found(id, len(asked), **found)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("entries: reach unknown", error=type(error).__name__)
            return None

    async def _asked(self, id: str, denied: Iterable[str]) -> list[str]:
        """Returns the texts of the groups that may mean the entry, without utterances of any published entry.

        Leaves out what somebody judged not to be the entry's: such groups, its counterexamples, and the ``denied``.
        """
        entries = self._published.entries
        known = {plain(text) for entry in entries for text in entry.utterances}
        known |= {plain(text) for entry in entries if entry.id == id for text in entry.counterexamples}
        known |= {plain(text) for text in denied}
        waiting = await self._backlog.waiting()
        groups = [group for group in waiting if id in group.entries and id not in group.denied]
        texts = [one.text for group in groups for one in group.utterances if one.usable]
        return [text for text in texts if plain(text) not in known]

    def _found(self, id: str, waiting: int, reach: Iterable[Any], utterances: int, *, is_expired: bool) -> Found:
        rows = [self._shown(**one) for one in reach]
        own, asked = ([one for one in rows if one.is_utterance is is_own] for is_own in (True, False))
        own.sort(key=lambda one: WORST_FIRST.index(one.reached))
        is_published = any(one.id == id for one in self._published.entries)
        return Found(own, asked, utterances, waiting, is_expired, is_published)

    def _shown(self, text: str, is_utterance: bool, reached: str, other: str) -> Reach:
        question = next((one.question for one in self._published.entries if one.id == other), other)
        state = f"{reached}_despues" if reached == OFFERED and other else reached
        return Reach(text, is_utterance, reached, say(f"entradas.gente.alcance.estados.{state}", otra=question))
