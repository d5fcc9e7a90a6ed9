"""Deletes expired data from the record, from the folders of files, and from Rasa's trackers.

Nothing of a conversation whose data must be kept is deleted (``kept_conversations``). Several bot processes may do this
at the same time. In Redis, idle conversations expire after IDLE_TTL_S (bot/store/keys.py), on the web perhaps earlier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from sqlalchemy import ColumnElement, Executable, delete, or_, select, text, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.pool import NullPool

from bot.agency.model import Agency
from bot.conversation.files import Files
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
    RemovedMessage,
    SenderBan,
    StaffSession,
    Ticket,
)
from bot.record.tables.complaints import Complaint
from bot.record.tables.privacy import kept_conversations
from bot.store.keys import IDLE_TTL_S

EVERY_S = 3600
EXPIRED_ACTION = "data_expired"
TRACKER_TERM = timedelta(seconds=IDLE_TTL_S)  # as idle conversations in Redis
FORGET_TRACKERS = text(
    "DELETE FROM events WHERE sender_id IN "
    "(SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < :before) "
    "AND sender_id <> ALL(:kept) RETURNING sender_id"
)
COMPLAINT_FOLDER = "complaint-{id}"  # the folder of a complaint's photos


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

    @classmethod
    def from_agency(cls, agency: Agency) -> Self:
        return cls(
            conversations=agency.keep_days,
            audit=agency.audit_days,
            contacts=agency.desk.keep_contact_days,
            complaints=agency.desk.keep_complaint_days,
            requests=agency.privacy.keep_request_days,
        )


@dataclass(frozen=True)
class Places:
    """The stores beside the record that expire: files, photos of complaints, and Rasa's database ('' for none)."""

    files: Files
    complaint_files: Files
    rasa_database_url: str = ""


async def forget_forever(sessions: Sessions, terms: Terms, places: Places) -> None:
    """Deletes expired data once an hour, until cancelled."""
    while True:
        try:
            log.info("retention: expired data deleted", **await forget_once(sessions, terms, datetime.now(UTC), places))
        except (SQLAlchemyError, OSError) as error:
            log.warning("retention: store unavailable, retrying", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def forget_once(sessions: Sessions, terms: Terms, now: datetime, places: Places) -> dict[str, int]:
    """Deletes expired data, and returns the numbers of deleted rows, files and trackers, keyed by kind.

    Records the numbers above 0 in the audit log, even if a store fails. If rows cannot be deleted, expired files and
    trackers are still deleted. Raises SQLAlchemyError, OSError.
    """
    counts: dict[str, int] = {}
    failed: SQLAlchemyError | None = None
    try:
        try:
            await _forget_rows(sessions, terms, now, counts)
        except SQLAlchemyError as error:
            failed = error
        counts |= await forget_beside(sessions, terms, now, places)
    finally:
        if deleted := {kind: count for kind, count in counts.items() if count}:
            async with sessions.begin() as session:
                session.add(Audit(action=EXPIRED_ACTION, subject="", detail=deleted))
    if failed:
        raise failed
    return counts


async def _forget_rows(sessions: Sessions, terms: Terms, now: datetime, counts: dict[str, int]) -> None:
    """Deletes expired rows of the record and adds their numbers by kind to ``counts``."""
    counts |= await forget(sessions, now - timedelta(days=terms.conversations))
    counts["audit"] = await forget_audit(sessions, terms.audit)
    counts["contacts"] = await forget_contacts(sessions, now - timedelta(days=terms.contacts))
    counts["complaints"] = await forget_complaints(sessions, now - timedelta(days=terms.complaints))
    counts["requests"] = await forget_requests(sessions, now - timedelta(days=terms.requests))


async def forget(sessions: Sessions, before: datetime) -> dict[str, int]:
    """Deletes conversations without events since ``before``; returns the number of deleted rows by kind.

    Also deletes closing notes and missing questions from before that time, recipients of broadcasts and blocks of
    senders that ended before it, marks of removed messages whose conversation is gone, and expired staff sessions.
    """
    ended = select(Broadcast.id).where(Broadcast.ended_at < before)
    kept_tickets = select(Ticket.id).where(Ticket.conversation_id.in_(kept_conversations()))
    gone = RemovedMessage.conversation_id.not_in(select(Conversation.id))
    statements = {
        "sessions": delete(StaffSession).where(StaffSession.expires_at < datetime.now(UTC)),
        "sender_bans": delete(SenderBan).where(SenderBan.until < before, _may_go(SenderBan.conversation_id)),
        "closings": delete(Closing).where(Closing.at < before, Closing.ticket_id.not_in(kept_tickets)),
        "missing": delete(MissingEntry).where(MissingEntry.at < before, _may_go(MissingEntry.conversation_id)),
        "recipients": delete(BroadcastRecipient).where(
            BroadcastRecipient.broadcast_id.in_(ended), _may_go(BroadcastRecipient.conversation_id)
        ),
        "conversations": delete(Conversation).where(Conversation.last_at < before, _may_go(Conversation.id)),
        "removed_messages": delete(RemovedMessage).where(RemovedMessage.at < before, gone),
    }
    async with sessions.begin() as session:
        # RETURNING 1: the number of rows, whatever the table's key.
        return {
            kind: len((await session.execute(statement.returning(text("1")))).all())
            for kind, statement in statements.items()
        }


async def forget_beside(sessions: Sessions, terms: Terms, now: datetime, places: Places) -> dict[str, int]:
    """Deletes expired files and trackers except those of kept conversations; returns their numbers, keyed by kind.

    Raises SQLAlchemyError, OSError.
    """
    async with sessions() as session:
        names = list(await session.scalars(kept_conversations()))
        ids = await session.scalars(select(Complaint.id).where(Complaint.conversation_id.in_(kept_conversations())))
        folders = {*names, *(COMPLAINT_FOLDER.format(id=id) for id in ids)}
    old, old_photos = (now - timedelta(days=days) for days in (terms.conversations, terms.complaints))
    counts = {
        "files": await places.files.forget_older(old.timestamp(), folders),
        "complaint_files": await places.complaint_files.forget_older(old_photos.timestamp(), folders),
    }
    if places.rasa_database_url:
        counts["trackers"] = await forget_trackers(places.rasa_database_url, now - TRACKER_TERM, names)
    return counts


def _may_go(conversation: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """Returns the condition that the row's conversation, if it has one, need not be kept."""
    return or_(conversation.is_(None), conversation.not_in(kept_conversations()))


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
    statement = update(Callback).where(ended, _may_go(Callback.conversation_id)).values(encrypted=None, shown="")
    return await _count(sessions, statement.returning(Callback.id))


async def forget_complaints(sessions: Sessions, before: datetime) -> int:
    """Deletes complaints unchanged since ``before``, with the rows of their photos and changes.

    Returns the number of complaints.
    """
    statement = delete(Complaint).where(Complaint.changed_at < before, _may_go(Complaint.conversation_id))
    return await _count(sessions, statement.returning(Complaint.id))


async def forget_requests(sessions: Sessions, before: datetime) -> int:
    """Deletes requests about personal data that were answered before ``before``; returns their number."""
    free = _may_go(PrivacyRequest.conversation_id)
    statement = delete(PrivacyRequest).where(PrivacyRequest.answered_at < before, free)
    return await _count(sessions, statement.returning(PrivacyRequest.receipt))


async def _count(sessions: Sessions, statement: Executable) -> int:
    async with sessions.begin() as session:
        return len((await session.execute(statement)).all())


async def forget_trackers(url: str, before: datetime, kept: Sequence[str] = ()) -> int:
    """Deletes Rasa's trackers (table ``events``) of conversations without events since ``before``, except ``kept``.

    Returns the number of trackers.
    """
    engine = create_async_engine(psycopg_url(url), poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            if await connection.scalar(text("SELECT to_regclass('events')")) is None:
                return 0
            given = {"before": before.timestamp(), "kept": list(kept)}
            return len(set(await connection.scalars(FORGET_TRACKERS, given)))
    finally:
        await engine.dispose()
