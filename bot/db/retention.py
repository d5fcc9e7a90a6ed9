"""Forgets: once an hour, conversations that nobody touched for the agency's term leave the record, tickets with them.

Runs inside the bot; several bots may run it at once. Redis forgets by itself after IDLE_TTL_S
(bot/conversation/keys.py).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.exc import SQLAlchemyError

from bot.db.engine import Sessions
from bot.db.tables import Conversation, StaffSession
from bot.logs import log

EVERY_S = 3600


async def forget_forever(sessions: Sessions, days: int) -> None:
    """Until cancelled: forgets what is older than ``days``."""
    while True:
        try:
            count = await forget(sessions, datetime.now(UTC) - timedelta(days=days))
            log.info("conversations forgotten", count=count)
        except (SQLAlchemyError, OSError) as error:
            log.warning("forgetting waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def forget(sessions: Sessions, before: datetime) -> int:
    """Deletes conversations whose last event is older, with all they hold, and ended staff sessions; how many."""
    async with sessions.begin() as session:
        await session.execute(delete(StaffSession).where(StaffSession.expires_at < datetime.now(UTC)))
        gone = await session.execute(
            delete(Conversation).where(Conversation.last_at < before).returning(Conversation.id)
        )
        return len(gone.all())
