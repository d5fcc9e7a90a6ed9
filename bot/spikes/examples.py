"""Reads examples of messages in a spike, with personal data masked, and how they were answered.

Examples are read from the record on demand and never copied, so data that a citizen erases disappear here too. Private
conversations (with an emergency, or blocked) give no examples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.messages import Author
from bot.learning.backlog.private import private_conversations
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.tables import Message, Spike, SpikeQuestion
from bot.record.transcripts.rows import read
from bot.spikes.common_words import common_words
from bot.spikes.counting import MINUTE, Sign, TopicOf, signs
from bot.spikes.history import GROUP, UNKNOWN
from bot.spikes.questions import BEFORE
from bot.text.masking.masking import masked
from bot.text.normalize import plain

MOST = 3
MOST_CHARACTERS = 160


class Answered(StrEnum):
    """The kind of answer that followed a message; the Spanish texts are in ``alzas.respuestas``."""

    ENTRY = "entry"
    OFFERED = "offered"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Example:
    """A masked message and the kind of its answer; ``entry`` is the id of the entry that answered, or ''."""

    text: str
    answered: Answered
    entry: str = ""
    alike: int = 1  # citizens who wrote the same text


@dataclass(frozen=True)
class SpikeContent:
    """The content of a spike: some examples, and the words that many citizens used."""

    examples: Sequence[Example]
    words: Sequence[str]


class Examples:
    """Reads the examples of spikes; ``topic_of`` maps an entry's id to its topic."""

    def __init__(self, sessions: Sessions, topic_of: TopicOf) -> None:
        self._sessions, self._topic_of = sessions, topic_of

    async def of(self, spike: Spike, most: int = MOST) -> SpikeContent:
        """Returns at most ``most`` examples of the strongest stream, and the words that many citizens used.

        Examples that the most citizens wrote come first. Raises SQLAlchemyError.
        """
        stream, among = spike.streams[0], None
        if stream == GROUP:
            async with self._sessions() as session:
                mine = select(SpikeQuestion.conversation_id).where(SpikeQuestion.spike_id == spike.id)
                stream, among = UNKNOWN, frozenset(await session.scalars(mine))
        found = await self._alike(stream, spike.since, spike.last_at, among)
        return SpikeContent(_most_alike(found, most), common_words(one.text for group in found for one in group))

    async def within(self, stream: str, since: datetime, until: datetime, most: int = MOST) -> list[Example]:
        """Returns at most ``most`` examples of a stream from ``since`` to ``until``. Raises SQLAlchemyError."""
        return _most_alike(await self._alike(stream, since, until), most)

    async def _alike(
        self, stream: str, since: datetime, until: datetime, among: Collection[str] | None = None
    ) -> list[list[Example]]:
        """Returns an example of each citizen, grouped by text, the largest group first.

        If ``among`` is given, only these conversations may give an example.
        """
        async with self._sessions() as session:
            private = frozenset(await session.scalars(private_conversations()))
            found: defaultdict[str, list[Sign]] = defaultdict(list)
            for one in await signs(session, since, until):
                found[one.conversation].append(one)
            chosen = {
                name: some
                for name, some in found.items()
                if name not in private
                and (among is None or name in among)
                and any(stream in one.streams(self._topic_of) for one in some)
            }
            said = await _said(session, list(chosen), since - BEFORE, until + MINUTE)
        alike: defaultdict[str, list[Example]] = defaultdict(list)
        for name, some in chosen.items():
            answer = next((one for one in reversed(some) if one.entry or one.is_unanswered), some[-1])
            texts = [text for at, text in said[name] if at <= answer.at]
            if texts:
                alike[plain(texts[-1])].append(_example(texts[-1], answer))
        return sorted(alike.values(), key=len, reverse=True)


def _most_alike(groups: Sequence[Sequence[Example]], most: int) -> list[Example]:
    return [replace(group[0], alike=len(group)) for group in groups[:most]]


async def _said(
    session: AsyncSession, names: Sequence[str], since: datetime, until: datetime
) -> defaultdict[str, list[tuple[datetime, str]]]:
    """Returns the time and text of citizens' messages, keyed by conversation, in chronological order."""
    by_citizen = (Message.author == Author.CITIZEN) & (Message.text != "")
    query = (
        select(Message)
        .where(Message.conversation_id.in_(names), by_citizen, Message.at >= since, Message.at < until)
        .order_by(log_order())
    )
    said: defaultdict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for one in await read(session, query):
        if one.text:
            said[one.conversation_id].append((one.at, one.text))
    return said


def _example(text: str, answer: Sign) -> Example:
    hidden = masked(" ".join(text.split()))
    short = hidden if len(hidden) <= MOST_CHARACTERS else f"{hidden[: MOST_CHARACTERS - 1]}…"
    if answer.is_unanswered:
        return Example(short, Answered.OFFERED if answer.entry else Answered.NOTHING)
    return Example(short, Answered.ENTRY, answer.entry) if answer.entry else Example(short, Answered.NOTHING)
