"""Reads the data of episodes from the record, for several conversations at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.figures.facts.talks import Call, Handed, Opinion, Said, Talk
from bot.record.callback_record import REACHED
from bot.record.log_order import log_order
from bot.record.tables import Callback, CallbackAttempt, Conversation, Message, Ticket
from bot.record.tables.complaints import Complaint
from bot.record.tables.ratings import AnswerRating, Rating

# The fields of a message's data that episodes need. Message texts are never read.
FIELDS = (
    *("button", "attachments", "place", "provenance", "rating_id", "offered", "buttons", "referral", "danger"),
    *("missed", "notice", "drill", "broadcast", "trial", "after_window", "delivery"),
)


async def talks_of(session: AsyncSession, names: Sequence[str]) -> list[Talk]:
    """Reads the conversations with these ids, in any order. Raises SQLAlchemyError."""
    messages = await _messages(session, names)
    tickets = await _tickets(session, names)
    complaints = await _grouped(session, select(Complaint.conversation_id, Complaint.at), Complaint, names)
    opinions = await _opinions(session, names)
    calls = await _calls(session, names)
    facts = select(Conversation.id, Conversation.channel, Conversation.known).where(Conversation.id.in_(names))
    return [
        Talk(
            name,
            channel,
            messages[name],
            tickets[name],
            [at for (at,) in complaints[name]],
            opinions[name],
            known,
            calls[name],
        )
        for name, channel, known in (await session.execute(facts)).all()
    ]


async def _grouped(session: AsyncSession, query: Any, table: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    """Returns the rows, keyed by conversation.

    The first column of ``query`` is the conversation's id and is left out.
    """
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for name, *row in (await session.execute(query.where(table.conversation_id.in_(names)))).all():
        found[name].append(row)
    return found


async def _messages(session: AsyncSession, names: Sequence[str]) -> dict[str, list[Said]]:
    facts = [Message.data[name].label(name) for name in FIELDS]
    query = select(Message.conversation_id, Message.at, Message.author, *facts).order_by(log_order())
    found = await _grouped(session, query, Message, names)
    said: defaultdict[str, list[Said]] = defaultdict(list)
    for name, rows in found.items():
        for at, author, *values in rows:
            data = {key: value for key, value in zip(FIELDS, values, strict=True) if value}
            said[name].append(Said(at, author, data))
    return said


async def _tickets(session: AsyncSession, names: Sequence[str]) -> dict[str, list[Handed]]:
    reached = select(Callback.ticket_id).where(Callback.conversation_id.in_(names), Callback.outcome == REACHED)
    by_phone = frozenset(await session.scalars(reached))
    query = (
        select(Ticket.conversation_id, Ticket, Rating.score)
        .outerjoin(Rating, Rating.ticket_id == Ticket.id)
        .order_by(Ticket.opened_at)
    )
    found = await _grouped(session, query, Ticket, names)
    tickets: defaultdict[str, list[Handed]] = defaultdict(list)
    for name, rows in found.items():
        tickets[name] = [_handed(row, stars, reached=row.id in by_phone) for row, stars in rows]
    return tickets


def _handed(row: Ticket, stars: int | None, *, reached: bool) -> Handed:
    return Handed(
        opened_at=row.opened_at,
        reason=row.reason,
        team=row.team,
        claimed_at=row.claimed_at,
        closed_at=row.closed_at,
        outcome=row.outcome or "",
        candidates=tuple(str(one["entry"]) for one in row.candidates),
        reached=reached,
        stars=stars,
    )


async def _calls(session: AsyncSession, names: Sequence[str]) -> dict[str, list[Call]]:
    tried = select(func.min(CallbackAttempt.at)).where(CallbackAttempt.callback_id == Callback.id).scalar_subquery()
    facts = (Callback.asked_at, Callback.promised_at, tried, func.coalesce(Callback.outcome, ""))
    query = select(Callback.conversation_id, *facts).order_by(Callback.id)
    found = await _grouped(session, query, Callback, names)
    return defaultdict(list, {name: [Call(*row) for row in rows] for name, rows in found.items()})


async def _opinions(session: AsyncSession, names: Sequence[str]) -> dict[str, dict[str, Opinion]]:
    columns = (AnswerRating.conversation_id, AnswerRating.answer, AnswerRating.useful, AnswerRating.reason)
    found = await _grouped(session, select(*columns), AnswerRating, names)
    opinions: defaultdict[str, dict[str, Opinion]] = defaultdict(dict)
    for name, rows in found.items():
        opinions[name] = {answer: Opinion(useful, reason) for answer, useful, reason in rows}
    return opinions
