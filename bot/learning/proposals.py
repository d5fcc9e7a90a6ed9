"""Proposes citizens' messages as utterances of an entry that the citizens chose or that an agent sent them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from bot.faq.entries.entry import Entry
from bot.learning.backlog.groups import Published
from bot.learning.backlog.private import private_conversations
from bot.learning.backlog.reading import LABELS, usable
from bot.record.engine import Sessions
from bot.record.tables import BacklogItem
from bot.text.normalize import plain


@dataclass(frozen=True)
class Proposal:
    """A proposed utterance in its first wording, and the number of citizens who wrote it."""

    text: str
    citizens: int


class Proposals:
    """Reads the proposals for entries from the backlog's undecided labels, except in private conversations."""

    def __init__(self, sessions: Sessions, published: Published) -> None:
        self._sessions, self._published = sessions, published

    async def of_entry(self, id: str) -> list[Proposal]:
        """Returns the proposals for one entry. Raises SQLAlchemyError."""
        query = (
            select(BacklogItem.text, BacklogItem.conversation_id)
            .where(BacklogItem.source.in_([one.value for one in LABELS]), BacklogItem.entries == [id])
            .where(BacklogItem.decision_id.is_(None), BacklogItem.conversation_id.not_in(private_conversations()))
            .order_by(BacklogItem.at)
        )
        async with self._sessions() as session:
            said = [(text, conversation or "") for text, conversation in (await session.execute(query)).all()]
        return proposals(said, self._published.entries)


def proposals(said: Iterable[tuple[str, str]], entries: Sequence[Entry]) -> list[Proposal]:
    """Returns the proposals, those of most citizens first; ``said`` has pairs of text and conversation, oldest first.

    Leaves out the existing utterances of all entries, and texts that may not become utterances.
    """
    known = {plain(utterance) for entry in entries for utterance in entry.utterances}
    first: dict[str, str] = {}
    writers: defaultdict[str, set[str]] = defaultdict(set)
    for text, conversation in said:
        folded = plain(text)
        if folded not in known and usable(text):
            first.setdefault(folded, text)
            writers[folded].add(conversation)
    made = (Proposal(text, len(writers[folded])) for folded, text in first.items())
    return sorted(made, key=lambda one: (-one.citizens, one.text))
