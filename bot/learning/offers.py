"""Reads from the record what citizens had asked, which entries were offered to them, and which of these they chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, func, select, true
from sqlalchemy.orm import aliased

from bot.core.messages import Author, Candidate
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.tables import Conversation, Message

Json = Mapping[str, Any]
MOST = 5000  # the newest


def offers_query(since: datetime) -> Select[Any]:
    """Selects the offers after ``since``, the button pressed in the next message, and the words before the offer."""
    offer, before, after = aliased(Message), aliased(Message), aliased(Message)
    asked = _by_citizen(before, offer, before.text).where(log_order(before) < log_order(offer))
    asked = asked.order_by(log_order(before).desc()).limit(1)
    pressed = _by_citizen(after, offer, after.data["button"].astext).where(log_order(after) > log_order(offer))
    pressed = pressed.order_by(log_order(after)).limit(1)
    question, reaction = asked.lateral(), pressed.lateral()
    columns = (offer.conversation_id, offer.at, offer.data["offered"], offer.data["buttons"])
    return (
        select(*columns, reaction.c.found, func.coalesce(question.c.found, ""))
        .select_from(offer)
        .join(reaction, true())
        .outerjoin(question, true())
        .join(Conversation, Conversation.id == offer.conversation_id)
        .where(offer.author == Author.ASSISTANT, offer.at > since, offer.data.has_key("offered"))
        .where(Conversation.blocked_at.is_(None))
        .order_by(offer.at.desc())
        .limit(MOST)
    )


def _by_citizen(message: type[Message], offer: type[Message], column: SQLColumnExpression[Any]) -> Select[Any]:
    """Selects a column of the citizen's messages in the conversation of the offer."""
    of_citizen = (message.conversation_id == offer.conversation_id) & (message.author == Author.CITIZEN)
    return select(column.label("found")).where(of_citizen)


@dataclass(frozen=True)
class Offer:
    """Entries that were offered for a question, likeliest first, and the one that the citizen chose, None for none."""

    conversation: str
    at: datetime
    question: str
    offered: tuple[Candidate, ...]
    chosen: Candidate | None

    @property
    def likeliest_is_right(self) -> bool:
        return self.chosen == self.offered[0]


async def offers_since(sessions: Sessions, since: datetime) -> list[Offer]:
    """Returns the newest offers after ``since``, newest first; without those whose buttons the citizen left alone.

    Raises SQLAlchemyError.
    """
    async with sessions() as session:
        rows = (await session.execute(offers_query(since))).all()
    return [
        Offer(conversation, at, question, candidates, candidates[number] if number < len(candidates) else None)
        for conversation, at, offered, buttons, pressed, question in rows
        if (number := _number(buttons or (), pressed)) is not None
        if (candidates := tuple(Candidate.from_data(one) for one in offered))
    ]


def _number(buttons: Sequence[Json], pressed: str | None) -> int | None:
    """Returns the number of the pressed button. Those of the offered entries come first; then «Ninguna de estas»."""
    return next((number for number, one in enumerate(buttons) if pressed and one["id"] == pressed), None)
