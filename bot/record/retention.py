"""Deletes expired data from the record: conversations, audit rows, contacts, complaints, requests about personal data.

Several bot processes may do this at the same time. In Redis, idle conversations expire after IDLE_TTL_S
(bot/store/keys.py).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Executable, delete, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bot.core.logs import log
from bot.record.engine import Sessions, psycopg_url
from bot.record.tables import (
    Audit,
    AuditSeal,
    Broadcast,
    BroadcastRecipient,
    Callback,
    Closing,
    Conversation,
    ErasedConversation,
    MissingEntry,
    PrivacyRequest,
    SenderBan,
    StaffSession,
)
from bot.record.tables.complaints import Complaint
from bot.store.keys import IDLE_TTL_S

EVERY_S = 3600
EXPIRED_ACTION = "data_expired"
TRACKER_TERM = timedelta(seconds=IDLE_TTL_S)  # as idle conversations in Redis
FORGET_TRACKERS = text(
    "DELETE FROM events WHERE sender_id IN "
    "(SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < :before)"
)


@dataclass(frozen=True)
class Terms:
    """The retention periods in days.

    They count from: a conversation's last event, the creation of an audit row, the end of a call-back (``contacts``),
    a complaint's last change, and the answer to a request about personal data.
    """

    conversations: int
    audit: int
    contacts: int
    complaints: int = 365
    requests: int = 1825


async def forget_forever(sessions: Sessions, terms: Terms, rasa_database_url: str = "") -> None:
    """Deletes expired data of the record and of Rasa's trackers once an hour, until cancelled."""
    while True:
        try:
            counts = await forget_once(sessions, terms, datetime.now(UTC))
            if rasa_database_url:
                await forget_trackers(rasa_database_url, datetime.now(UTC) - TRACKER_TERM)
            log.info("retention: expired data deleted", **counts)
        except (SQLAlchemyError, OSError) as error:
            log.warning("retention: database unavailable, retrying", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def forget_once(sessions: Sessions, terms: Terms, now: datetime) -> dict[str, int]:
    """Deletes expired data and returns the number of deleted rows of each kind.

    If any were deleted, records the numbers in the audit log.
    """
    counts = {
        "conversations": await forget(sessions, now - timedelta(days=terms.conversations)),
        "audit": await forget_audit(sessions, terms.audit),
        "contacts": await forget_contacts(sessions, now - timedelta(days=terms.contacts)),
        "complaints": await forget_complaints(sessions, now - timedelta(days=terms.complaints)),
        "requests": await forget_requests(sessions, now - timedelta(days=terms.requests)),
    }
    deleted = {kind: count for kind, count in counts.items() if count}
    if deleted:
        async with sessions.begin() as session:
            session.add(Audit(action=EXPIRED_ACTION, subject="", detail=deleted))
    return counts


async def forget(sessions: Sessions, before: datetime) -> int:
    """Deletes conversations without events since ``before`` and returns their number.

    Conversations with blocked data stay until the data is unblocked. Also deletes closing notes and missing questions
    from before that time, recipients of broadcasts and blocks of senders that ended before it, and expired staff
    sessions.
    """
    async with sessions.begin() as session:
        await session.execute(delete(StaffSession).where(StaffSession.expires_at < datetime.now(UTC)))
        await session.execute(delete(SenderBan).where(SenderBan.until < before))
        for table in (Closing, MissingEntry):
            await session.execute(delete(table).where(table.at < before))
        ended = select(Broadcast.id).where(Broadcast.ended_at < before)
        await session.execute(delete(BroadcastRecipient).where(BroadcastRecipient.broadcast_id.in_(ended)))
        deleted = await session.execute(
            delete(Conversation)
            .where(Conversation.last_at < before, Conversation.blocked_at.is_(None))
            .returning(Conversation.id)
        )
        return len(deleted.all())


async def forget_audit(sessions: Sessions, days: int) -> int:
    """Deletes audit rows and listed erasures older than ``days`` (at least 365); returns the number of audit rows.

    Logs the newest seal, so that a later removal of rows at the end of the audit can be detected.
    """
    async with sessions.begin() as session:
        deleted = await session.scalar(text("SELECT audit_forget(:days)"), {"days": days})
        before = datetime.now(UTC) - timedelta(days=days)
        await session.execute(delete(ErasedConversation).where(ErasedConversation.at < before))
        last = await session.scalar(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1))
    if last is not None:
        log.info("audit: newest seal", seq=last.seq, seal=last.seal)
    return int(deleted or 0)


async def forget_contacts(sessions: Sessions, before: datetime) -> int:
    """Deletes the contacts of call-backs that ended before ``before`` and returns their number.

    The requests are kept.
    """
    ended = (Callback.closed_at < before) & Callback.encrypted.is_not(None)
    statement = update(Callback).where(ended).values(encrypted=None, shown="")
    return await _count(sessions, statement.returning(Callback.id))


async def forget_complaints(sessions: Sessions, before: datetime) -> int:
    """Deletes complaints unchanged since ``before``, with the rows of their photos and changes.

    Returns the number of complaints.
    """
    return await _count(sessions, delete(Complaint).where(Complaint.changed_at < before).returning(Complaint.id))


async def forget_requests(sessions: Sessions, before: datetime) -> int:
    """Deletes requests about personal data that were answered before ``before``; returns their number."""
    statement = delete(PrivacyRequest).where(PrivacyRequest.answered_at < before)
    return await _count(sessions, statement.returning(PrivacyRequest.receipt))


async def _count(sessions: Sessions, statement: Executable) -> int:
    async with sessions.begin() as session:
        return len((await session.execute(statement)).all())


async def forget_trackers(url: str, before: datetime) -> None:
    """Deletes Rasa's trackers (table ``events``) of conversations without events since ``before``."""
    engine = create_async_engine(psycopg_url(url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            if await connection.scalar(text("SELECT to_regclass('events')")) is not None:
                await connection.execute(FORGET_TRACKERS, {"before": before.timestamp()})
    finally:
        await engine.dispose()
