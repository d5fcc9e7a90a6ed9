"""Finds the newest confirmed danger in each conversation that is blocked for false emergencies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from bot.conversation.bans import FALSE_ALARMS
from bot.record.engine import Sessions

DANGERS = text("""
  SELECT b.id, b.conversation_id, max(m.at) AS at
  FROM sender_bans b JOIN messages m ON m.conversation_id = b.conversation_id
  WHERE b.reason = :reason AND b.until > now() AND b.lifted_at IS NULL
    AND m.at > b.at AND m.data -> 'danger' ->> 'sure' = 'true'
  GROUP BY b.id
""")


@dataclass(frozen=True)
class BanDanger:
    """The newest confirmed danger in a conversation since its block (``ban``) began.

    ``at`` is when the assistant replied to it.
    """

    ban: UUID
    conversation: str
    at: datetime


async def dangers_of_banned(sessions: Sessions) -> list[BanDanger]:
    """Returns the newest confirmed danger of each active block for false emergencies; may raise SQLAlchemyError."""
    async with sessions() as session:
        return [BanDanger(*row) for row in await session.execute(DANGERS, {"reason": FALSE_ALARMS})]
