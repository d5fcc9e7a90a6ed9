"""Reads from the record which entries were offered to citizens, and which of them the citizens chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select, true
from sqlalchemy.orm import aliased

from bot.core.messages import Author, Candidate
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.tables import Conversation, Message

Json = Mapping[str, Any]
MOST = 5000  # maximum number of offers, answers or handoffs that are read


def offers_query(since: datetime) -> Select[Any]:
    """Builds the query for the newest MOST offers after ``since``, each with the button that the citizen pressed next.

    The button is NULL if the citizen's next message pressed none. Leaves out blocked conversations, and offers after
    which the citizen wrote nothing.
    """
    offer, after = aliased(Message), aliased(Message)
    of_citizen = (after.conversation_id == offer.conversation_id) & (after.author == Author.CITIZEN)
    pressed = select(after.data["button"].astext.label("button")).where(of_citizen)
    pressed = pressed.where(log_order(after) > log_order(offer)).order_by(log_order(after)).limit(1)
    reaction = pressed.lateral()
    return (
        select(offer.data["offered"], offer.data["buttons"], offer.data["away"], reaction.c.button)
        .select_from(offer)
        .join(reaction, true())
        .join(Conversation, Conversation.id == offer.conversation_id)
        .where(offer.author == Author.ASSISTANT, offer.at > since, offer.data.has_key("offered"))
        .where(Conversation.blocked_at.is_(None))
        .order_by(offer.at.desc())
        .limit(MOST)
    )


@dataclass(frozen=True)
class Offer:
    """Entries that were offered, likeliest first, and the chosen one; None if the citizen chose «Ninguna de estas»."""

    offered: tuple[Candidate, ...]
    chosen: Candidate | None

    @property
    def likeliest_is_right(self) -> bool:
        return self.chosen == self.offered[0]


async def offers_since(sessions: Sessions, since: datetime) -> list[Offer]:
    """Returns the offers after ``since`` that the citizen answered with one of their buttons, newest first.

    Reads only the newest MOST offers. Leaves out blocked conversations. Raises SQLAlchemyError.
    """
    async with sessions() as session:
        rows = (await session.execute(offers_query(since))).all()
    return [
        Offer(candidates, candidates[number] if number < len(candidates) else None)
        for offered, buttons, away, pressed in rows
        if (number := _number(buttons or (), away or (), pressed)) is not None
        if (candidates := tuple(Candidate.from_data(one) for one in offered))
    ]


def _number(buttons: Sequence[Json], away: Sequence[str], pressed: str | None) -> int | None:
    """Returns the index of the pressed button; None if the citizen pressed none of them, or one of ``away``.

    The buttons of the offered entries come first, then «Ninguna de estas». Those of ``away`` («Hablar con una persona»)
    do not say whether an offered entry is right.
    """
    return next((number for number, one in enumerate(buttons) if one["id"] == pressed not in away), None)
