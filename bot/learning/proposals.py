"""Proposes citizens' messages to the editors of an entry.

A message is proposed as an utterance if the citizens chose the entry or an agent sent it to them, and as a
counterexample if the entry did not help them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from bot.faq.entries.entry import Published
from bot.learning.backlog.private import private_conversations
from bot.learning.backlog.reading import LABELS, usable
from bot.record.engine import Sessions
from bot.record.tables import BacklogItem
from bot.text.normalize import plain


@dataclass(frozen=True)
class Proposal:
    """A proposed text, worded as it was first written, and the number of citizens who wrote it."""

    text: str
    citizens: int


class Proposals:
    """Reads the proposals for entries from the backlog's undecided items, except in private conversations."""

    def __init__(self, sessions: Sessions, published: Published) -> None:
        self._sessions, self._published = sessions, published

    async def of_entry(self, id: str) -> list[Proposal]:
        """Returns the proposed utterances of an entry.

        Leaves out texts that are an utterance of any entry or a counterexample of this one. Raises SQLAlchemyError.
        """
        is_label = BacklogItem.source.in_([one.value for one in LABELS]) & (BacklogItem.entries == [id])
        known = [text for entry in self._published.entries for text in entry.utterances]
        return proposals(await self._said(is_label), [*known, *self._own(id)])

    async def denied_of(self, id: str) -> list[Proposal]:
        """Returns the proposed counterexamples of an entry, without texts that it already contains.

        Raises SQLAlchemyError.
        """
        return proposals(await self._said(BacklogItem.denied.contains([id])), self._own(id))

    def _own(self, id: str) -> list[str]:
        """Returns the utterances and counterexamples of an entry."""
        own = [entry for entry in self._published.entries if entry.id == id]
        return [text for entry in own for text in (*entry.utterances, *entry.counterexamples)]

    async def _said(self, wanted: ColumnElement[bool]) -> list[tuple[str, str]]:
        """Returns the text and the conversation of the items, oldest first."""
        query = (
            select(BacklogItem.text, BacklogItem.conversation_id)
            .where(wanted, BacklogItem.decision_id.is_(None))
            .where(BacklogItem.conversation_id.not_in(private_conversations()))
            .order_by(BacklogItem.at)
        )
        async with self._sessions() as session:
            return [(text, conversation or "") for text, conversation in (await session.execute(query)).all()]


def proposals(said: Iterable[tuple[str, str]], taken: Iterable[str]) -> list[Proposal]:
    """Returns the proposals, those of the most citizens first.

    ``said`` contains pairs of text and conversation, oldest first. Leaves out the texts that are
    ``taken``, and those that cannot become utterances.
    """
    known = set(map(plain, taken))
    first: dict[str, str] = {}
    writers: defaultdict[str, set[str]] = defaultdict(set)
    for text, conversation in said:
        folded = plain(text)
        if folded not in known and usable(text):
            first.setdefault(folded, text)
            writers[folded].add(conversation)
    made = (Proposal(text, len(writers[folded])) for folded, text in first.items())
    return sorted(made, key=lambda one: (-one.citizens, one.text))
