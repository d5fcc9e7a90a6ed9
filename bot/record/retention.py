"""Forgets: once an hour, conversations that nobody touched for the agency's term leave the record, tickets with them.

Runs inside the bot; several bots may run it at once. Redis forgets by itself after IDLE_TTL_S
(bot/store/keys.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.core.logs import log
from bot.record.engine import Sessions, psycopg_url
from bot.record.tables import AuditSeal, Callback, Closing, Conversation, MissingEntry, StaffSession

EVERY_S = 3600
TRACKER_TERM = timedelta(days=7)  # a session lasts an hour; Redis forgets an idle conversation as soon
FORGET_TRACKERS = text(
    "DELETE FROM events WHERE sender_id IN "
    "(SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < :before)"
)


@dataclass(frozen=True)
class Terms:
    """For how many days what is kept: conversations since they were last active, rows of the audit, contacts since the
    call-back's outcome."""

    conversations: int
    audit: int
    contacts: int


async def forget_forever(sessions: Sessions, terms: Terms, rasa_database_url: str = "") -> None:
    """Until cancelled: forgets what is older than its term.

    And what Rasa noted of conversations that ended long ago.
    """
    while True:
        now = datetime.now(UTC)
        try:
            count = await forget(sessions, now - timedelta(days=terms.conversations))
            await forget_audit(sessions, terms.audit)
            await forget_contacts(sessions, now - timedelta(days=terms.contacts))
            if rasa_database_url:
                await forget_trackers(rasa_database_url, now - TRACKER_TERM)
            log.info("conversations forgotten", count=count)
        except (SQLAlchemyError, OSError) as error:
            log.warning("forgetting waits", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def forget(sessions: Sessions, before: datetime) -> int:
    """Deletes conversations whose last event is older, with all they hold, and ended staff sessions; how many."""
    async with sessions.begin() as session:
        await session.execute(delete(StaffSession).where(StaffSession.expires_at < datetime.now(UTC)))
        for table in (Closing, MissingEntry):
            await session.execute(delete(table).where(table.at < before))
        gone = await session.execute(
            delete(Conversation).where(Conversation.last_at < before).returning(Conversation.id)
        )
        return len(gone.all())


async def forget_audit(sessions: Sessions, days: int) -> int:
    """Deletes audit rows older than ``days`` (a year at least), the only way there is; how many.

    Notes the last seal in the log, so that rows cut off the end of the audit are missed.
    """
    async with sessions.begin() as session:
        gone = await session.scalar(text("SELECT audit_forget(:days)"), {"days": days})
        last = await session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
    if last is not None:
        log.info("audit sealed", seq=last.seq, seal=last.seal)
    return int(gone or 0)


async def forget_contacts(sessions: Sessions, before: datetime) -> None:
    """Deletes the contacts of call-backs that ended earlier; that there was one, and what came of it, stays."""
    ended = (Callback.closed_at < before) & Callback.encrypted.is_not(None)
    async with sessions.begin() as session:
        await session.execute(update(Callback).where(ended).values(encrypted=None, shown=""))


async def forget_trackers(url: str, before: datetime) -> None:
    """Deletes Rasa's notes (its SQL tracker store, table ``events``) of whoever has been silent since ``before``."""
    engine = create_async_engine(psycopg_url(url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            if await connection.scalar(text("SELECT to_regclass('events')")) is not None:
                await connection.execute(FORGET_TRACKERS, {"before": before.timestamp()})
    finally:
        await engine.dispose()
