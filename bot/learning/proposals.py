"""Proposes utterances to editors: what citizens had written before they chose an entry among the offered ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import select

from bot.conversation.masking import MASK, masked
from bot.core.messages import Priority
from bot.faq.entries.entry import Entry
from bot.learning.offers import Offer, offers_since
from bot.record.engine import Sessions
from bot.record.tables import Ticket
from bot.text.normalize import plain

MAX_WORDS = 40
TERM = timedelta(days=90)


class Published(Protocol):
    """The entries that are published."""

    @property
    def entries(self) -> Sequence[Entry]: ...


@dataclass(frozen=True)
class Proposal:
    """An utterance for ``entry``, as its first citizen wrote it, and how many citizens meant that entry by it."""

    entry: str
    text: str
    citizens: int


class Proposals:
    """Reads proposals for the published entries from the record; conversations with an emergency propose nothing."""

    def __init__(self, sessions: Sessions, published: Published) -> None:
        self._sessions, self._published = sessions, published

    async def of_entry(self, id: str) -> list[Proposal]:
        """Returns the proposals of the last TERM for one entry. Raises SQLAlchemyError."""
        offers = [one for one in await offers_since(self._sessions, datetime.now(UTC) - TERM) if _chose(one, id)]
        if not offers:
            return []
        emergencies = select(Ticket.conversation_id).where(Ticket.priority == Priority.EMERGENCY)
        async with self._sessions() as session:
            private = frozenset(await session.scalars(emergencies))
        return proposals(offers, self._published.entries, private)


def _chose(offer: Offer, id: str) -> bool:
    return offer.chosen is not None and offer.chosen.entry == id


NOBODY: frozenset[str] = frozenset()


def proposals(offers: Iterable[Offer], entries: Sequence[Entry], private: frozenset[str] = NOBODY) -> list[Proposal]:
    """Returns the proposals that most citizens support first.

    Leaves out what an entry says already, long texts, texts with numbers or addresses that could name somebody, and the
    conversations of ``private``.
    """
    served = {entry.id for entry in entries}
    known = {plain(utterance) for entry in entries for utterance in entry.utterances}
    found: dict[tuple[str, str], list[Offer]] = {}
    for offer in offers:
        key = plain(offer.question)
        if offer.chosen and offer.chosen.entry in served and key not in known and offer.conversation not in private:
            if usable(offer.question):
                found.setdefault((offer.chosen.entry, key), []).append(offer)
    made = (
        Proposal(entry, min(group, key=lambda one: one.at).question.strip(), len({one.conversation for one in group}))
        for (entry, _), group in found.items()
    )
    return sorted(made, key=lambda one: (-one.citizens, one.entry, one.text))


def usable(question: str) -> bool:
    """Returns whether a text may become an utterance: it has words, is short, and has no contact or long number."""
    words = plain(question).split()
    return 1 < len(words) <= MAX_WORDS and masked(question) == question and MASK not in question
