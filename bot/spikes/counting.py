"""Counts in the record how many citizens wrote in each minute, in each stream of messages; reads no text.

A citizen counts once an hour in each stream, at their first message. Messages count at the time of writing, so a late
delivery by a channel does not look like a spike. Messages answered with a public notice count neither for a topic nor
as unanswered, since the agency knows about them. A reply that says that the assistant does not know counts as no
answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.messages import Author, HandoffReason
from bot.record.tables import Message, SpikeMinute, Ticket
from bot.spikes.history import TOPIC, TOTAL, UNKNOWN, Counted

ONCE = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NOT_WRITTEN = (HandoffReason.LOW_CONFIDENCE, HandoffReason.NONE_OF_THESE, HandoffReason.EXPIRED_ENTRY)
TopicOf = Callable[[str], str]


@dataclass(frozen=True)
class Sign:
    """An event of a conversation, without its text: who wrote, the entry concerned, whether it went unanswered."""

    conversation: str
    at: datetime
    is_citizen: bool
    entry: str = ""
    is_unanswered: bool = False

    def streams(self, topic_of: TopicOf) -> tuple[str, ...]:
        """Returns the streams in which the event counts."""
        topic = topic_of(self.entry) if self.entry else ""
        named = ((TOTAL, self.is_citizen), (UNKNOWN, self.is_unanswered), (TOPIC + topic, bool(topic)))
        return tuple(stream for stream, counts in named if counts)


async def signs(session: AsyncSession, start: datetime, end: datetime) -> list[Sign]:
    """Returns the events since ``start`` and before ``end``, in chronological order, except messages with a notice.

    Raises SQLAlchemyError.
    """
    data = Message.data
    said = select(
        Message.conversation_id,
        Message.at,
        Message.author,
        data["provenance"]["entry"].astext,
        data["offered"][0]["entry"].astext,
        data["referral"].astext,
        data["missed"].as_boolean(),
    ).where(
        Message.at >= start,
        Message.at < end,
        Message.author.in_((Author.CITIZEN, Author.ASSISTANT)),
        func.coalesce(data["notice"].astext, "") == "",
    )
    tickets = select(Ticket.conversation_id, Ticket.opened_at, Ticket.candidates).where(
        Ticket.opened_at >= start, Ticket.opened_at < end, Ticket.reason.in_(NOT_WRITTEN)
    )
    found = [
        Sign(
            name,
            at,
            author == Author.CITIZEN,
            answered or offered or "",
            bool(not answered and (offered or referral or missed)),
        )
        for name, at, author, answered, offered, referral, missed in (await session.execute(said)).all()
    ]
    found += [
        Sign(name, at, is_citizen=False, entry=str(near[0]["entry"]) if near else "", is_unanswered=True)
        for name, at, near in (await session.execute(tickets)).all()
    ]
    return sorted(found, key=lambda one: one.at)


def counted(found: Iterable[Sign], start: datetime, topic_of: TopicOf) -> list[Counted]:
    """Counts citizens per minute and stream since ``start``; ``found`` must begin at ``start`` minus ONCE."""
    seen: dict[tuple[str, str], datetime] = {}
    counts: Counter[tuple[datetime, str]] = Counter()
    for one in found:
        for stream in one.streams(topic_of):
            key = one.conversation, stream
            if key in seen and one.at - seen[key] < ONCE:
                continue
            seen[key] = one.at
            if one.at >= start:
                counts[one.at.replace(second=0, microsecond=0), stream] += 1
    return [(minute, stream, citizens) for (minute, stream), citizens in counts.items()]


async def count(session: AsyncSession, start: datetime, end: datetime, topic_of: TopicOf) -> None:
    """Recounts the minutes since ``start`` and before ``end``, and stores the counts.

    ``topic_of`` maps an entry's id to its topic, or to '' if it has none. Raises SQLAlchemyError.
    """
    rows = counted(await signs(session, start - ONCE, end), start, _remembered(topic_of))
    within = (SpikeMinute.minute >= start) & (SpikeMinute.minute < end)
    await session.execute(update(SpikeMinute).where(within).values(citizens=0))  # also where nobody is left
    values = [{"minute": minute, "stream": stream, "citizens": citizens} for minute, stream, citizens in rows]
    for first in range(0, len(values), 5000):
        statement = upsert(SpikeMinute).values(values[first : first + 5000])
        newer = {"citizens": statement.excluded.citizens}
        await session.execute(statement.on_conflict_do_update(index_elements=["minute", "stream"], set_=newer))


def _remembered(topic_of: TopicOf) -> TopicOf:
    known: dict[str, str] = {}

    def topic(entry: str) -> str:
        if entry not in known:
            known[entry] = topic_of(entry)
        return known[entry]

    return topic
