"""Reads from the record what citizens had asked, which entries were offered to them, and which of these they chose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from bot.core.messages import Candidate
from bot.record.engine import Sessions

Json = Mapping[str, Any]
MOST = 5000  # the newest
# Event ids are sorted as in bot/record/log_order.py.
_KEY = "lpad(split_part({0}.event_id, '-', 1), 20, '0') || lpad(split_part({0}.event_id, '-', 2), 20, '0')"
OFFERS = text(f"""
    SELECT offer.conversation_id, offer.at, offer.data -> 'offered', offer.data -> 'buttons', reaction.button,
        coalesce(question.text, '') AS question
    FROM messages AS offer
    CROSS JOIN LATERAL (
        SELECT message.data ->> 'button' AS button FROM messages AS message
        WHERE message.conversation_id = offer.conversation_id AND message.author = 'citizen'
        AND {_KEY.format("message")} > {_KEY.format("offer")} ORDER BY {_KEY.format("message")} LIMIT 1
    ) AS reaction
    LEFT JOIN LATERAL (
        SELECT message.text FROM messages AS message
        WHERE message.conversation_id = offer.conversation_id AND message.author = 'citizen'
        AND {_KEY.format("message")} < {_KEY.format("offer")} ORDER BY {_KEY.format("message")} DESC LIMIT 1
    ) AS question ON true
    WHERE offer.author = 'assistant' AND offer.at > :since AND offer.data ? 'offered'
    ORDER BY offer.at DESC LIMIT :most
""")  # noqa: S608 - no value of anybody


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
        rows = (await session.execute(OFFERS, {"since": since, "most": MOST})).all()
    return [
        Offer(conversation, at, question, candidates, candidates[number] if number < len(candidates) else None)
        for conversation, at, offered, buttons, pressed, question in rows
        if (number := _number(buttons or (), pressed)) is not None
        if (candidates := tuple(Candidate.from_data(one) for one in offered))
    ]


def _number(buttons: Sequence[Json], pressed: str | None) -> int | None:
    """Returns the number of the pressed button. Those of the offered entries come first; then «Ninguna de estas»."""
    return next((number for number, one in enumerate(buttons) if pressed and one["id"] == pressed), None)
