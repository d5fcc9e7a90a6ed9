"""Finds and deletes the rows of one conversation in PostgreSQL: in the record, and in Rasa's trackers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, create_async_engine
from sqlalchemy.pool import NullPool

from bot.privacy.erasures import ERASURE_MARK, REQUEST_MARK
from bot.record import tables
from bot.record.base import Base
from bot.record.engine import psycopg_url
from bot.record.log_order import log_order
from bot.record.transcripts.rows import ENCRYPTED, decrypt_rows, gone

COMPLAINT_TABLES = ("complaints", "complaint_photos", "complaint_changes")
Where = Callable[[str], ColumnElement[bool]]
_TICKETS, _CALLBACKS, _COMPLAINTS = tables.Ticket, tables.Callback, tables.Complaint


def _of_tickets(column: Any) -> Where:
    return lambda name: column.in_(select(_TICKETS.id).where(_TICKETS.conversation_id == name))


def _of_complaints(column: Any) -> Where:
    return lambda name: column.in_(select(_COMPLAINTS.id).where(_COMPLAINTS.conversation_id == name))


# In the order of deletion: referring rows come before the rows they refer to.
CITIZENS: dict[type[Base], Where] = {
    tables.LegalHold: lambda name: tables.LegalHold.conversation_id == name,
    tables.BacklogItem: lambda name: tables.BacklogItem.conversation_id == name,
    tables.BacklogMark: lambda name: tables.BacklogMark.conversation_id == name,
    tables.SpikeQuestion: lambda name: tables.SpikeQuestion.conversation_id == name,
    tables.SampledAnswer: lambda name: tables.SampledAnswer.conversation_id == name,
    tables.MissingEntry: lambda name: tables.MissingEntry.conversation_id == name,
    tables.Closing: _of_tickets(tables.Closing.ticket_id),
    tables.Message: lambda name: tables.Message.conversation_id == name,
    tables.Note: lambda name: tables.Note.conversation_id == name,
    tables.PendingApproval: lambda name: tables.PendingApproval.conversation_id == name,
    tables.CallbackAttempt: lambda name: tables.CallbackAttempt.callback_id.in_(
        select(_CALLBACKS.id).where(_CALLBACKS.conversation_id == name)
    ),
    tables.Callback: lambda name: _CALLBACKS.conversation_id == name,
    tables.Rating: lambda name: tables.Rating.conversation_id == name,
    tables.AnswerRating: lambda name: tables.AnswerRating.conversation_id == name,
    tables.ComplaintPhoto: _of_complaints(tables.ComplaintPhoto.complaint_id),
    tables.ComplaintChange: _of_complaints(tables.ComplaintChange.complaint_id),
    tables.Complaint: lambda name: _COMPLAINTS.conversation_id == name,
    tables.Subscription: lambda name: tables.Subscription.conversation_id == name,
    tables.BroadcastRecipient: lambda name: tables.BroadcastRecipient.conversation_id == name,
    tables.EpisodeMark: lambda name: tables.EpisodeMark.conversation_id == name,
    tables.Ticket: lambda name: _TICKETS.conversation_id == name,
    tables.RemovedMessage: lambda name: tables.RemovedMessage.conversation_id == name,
    tables.ConversationKey: lambda name: tables.ConversationKey.conversation_id == name,
    tables.Conversation: lambda name: tables.Conversation.id == name,
}
# Tables without data of citizens, or whose rows stay when a conversation is erased, with the reason.
OTHERS = {
    "audit": "who of the staff saw or changed what; append-only, without a citizen's words; ends after its own term",
    "audit_seals": "the hash chain of the audit",
    "audit_signatures": "signatures of that chain",
    "backlog_decisions": "what editors decided, without a citizen's words",
    "erasures": "that a conversation was erased: its pseudonym, so that a restored backup is erased again",
    "sender_bans": "who is blocked until when, without words: erasing the conversation must not end the block",
    "privacy_requests": "proof that a request was answered in time; erasing the conversation ends the link to it",
    "episodes": "figures: their conversation is NULL once it is deleted; no text or address, segments of a closed list",
    "window_days": "figures: counts of messages; their conversation is NULL once it is deleted",
    "window_start": "one day",
    "figure_months": "published counts",
    "episode_days": "which days of episodes are summed",
    "episode_sums": "sums of episodes",
    "episode_values": "figures: numbers of conversations by day; a trigger deletes those of a day once one is deleted",
    "notices": "written by staff",
    "notice_steps": "written by staff",
    "notice_proofs": "names of processes and channels",
    "broadcasts": "written by staff",
    "spike_minutes": "counts",
    "spikes": "counts",
    "spike_groups": "counts",
    "sample_weeks": "how many answers a week had and how many were drawn",
    "caution_proposals": "what staff decided about how sure an answer must be",
    "staff": "the agency's staff",
    "staff_sessions": "the agency's staff",
    "recovery_codes": "the agency's staff",
    "canned_replies": "written by staff",
    "faq_versions": "published",
    "entry_documents": "written by editors",
    "entry_revisions": "written by editors",
    "entry_editions": "written by editors",
    "entry_approvals": "written by editors",
    "entry_comments": "written by editors",
    "entry_publications": "written by editors",
    "entry_commits": "written by editors",
    "entry_news": "written by editors and the responsible units",
    "entry_links": "written by editors and the responsible units",
    "entry_reminders": "about entries",
    "pack_approvals": "written by staff",
    "drill_reminders": "months",
}
# Columns whose values mean nothing to a reader, so exports omit them.
HIDDEN = frozenset({"address", "encrypted", "ref", "vector", "terms", "wrapped"})
TRACKERS = text("SELECT count(*) FROM events WHERE sender_id = :name")
OLD_TRACKERS = text("SELECT count(*) FROM events WHERE sender_id = :name AND COALESCE(timestamp, 0) <= :moment")
FORGET_TRACKERS = text("DELETE FROM events WHERE sender_id = :name")


async def count_rows(session: AsyncSession, name: str) -> dict[str, int]:
    """Returns the number of the conversation's rows in each table that has any."""
    counts = {
        table.__tablename__: await session.scalar(select(func.count()).select_from(table).where(where(name)))
        for table, where in CITIZENS.items()
    }
    return {table: count for table, count in counts.items() if count}


async def rows_of(session: AsyncSession, name: str) -> dict[str, list[dict[str, Any]]]:
    """Returns the conversation's rows, keyed by table, as JSON values; omits the columns in HIDDEN.

    Messages are in the order of the event log, other rows in that of their primary key.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for table, where in CITIZENS.items():
        order = [log_order()] if table is tables.Message else table.__table__.primary_key
        rows = (await session.execute(select(table.__table__).where(where(name)).order_by(*order))).mappings().all()
        if rows:
            clear = await decrypt_rows(session, table, rows, name, gone()) if table in ENCRYPTED else rows
            found[table.__tablename__] = [_as_json(row) for row in clear]
    return found


def _as_json(row: Any) -> dict[str, Any]:
    shown = {key: value for key, value in row.items() if key not in HIDDEN}
    return {key: str(value) if isinstance(value, date | datetime | UUID) else value for key, value in shown.items()}


async def delete_rows(session: AsyncSession, name: str, *, complaints: bool) -> None:
    """Deletes the conversation's rows, but those of complaints only if ``complaints`` is true."""
    for table, where in CITIZENS.items():
        if complaints or table.__tablename__ not in COMPLAINT_TABLES:
            await session.execute(delete(table).where(where(name)))


async def confirmed_erasures(session: AsyncSession, since: datetime) -> list[tuple[str, str, datetime]]:
    """Returns the conversation, receipt and time of each confirmation of an erasure that was not carried out.

    An erasure deletes its confirmation. Omits those that a legal hold made a request of (held_erasures.py).
    """
    receipt = tables.Message.data["erasure"].astext
    number = func.replace(receipt, f"{ERASURE_MARK}-", f"{REQUEST_MARK}-")
    held = select(tables.PrivacyRequest.receipt).where(tables.PrivacyRequest.receipt == number)
    query = select(tables.Message.conversation_id, receipt, tables.Message.at).where(
        tables.Message.at > since, tables.Message.data.has_key("erasure"), ~held.exists()
    )
    return [(name, receipt, at) for name, receipt, at in await session.execute(query)]


async def forget_requests(session: AsyncSession, name: str) -> None:
    """Removes the conversation's name from requests about personal data; the requests themselves remain."""
    of = tables.PrivacyRequest.conversation_id == name
    await session.execute(update(tables.PrivacyRequest).where(of).values(conversation_id=None))


async def kept_complaints(session: AsyncSession, name: str) -> list[tuple[int, str]]:
    """Returns the (id, number) pairs of the conversation's complaints, oldest first."""
    query = select(_COMPLAINTS.id, _COMPLAINTS.number).where(_COMPLAINTS.conversation_id == name)
    found = await session.execute(query.order_by(_COMPLAINTS.id))
    return [(id, number) for id, number in found]


async def forget_address(session: AsyncSession, name: str, final: list[str]) -> None:
    """Deletes the citizen's address from complaints in a ``final`` state. No more notifications about them are sent."""
    done = (_COMPLAINTS.conversation_id == name) & _COMPLAINTS.state.in_(final)
    await session.execute(update(_COMPLAINTS).where(done).values(address=None))


async def open_ticket(session: AsyncSession, name: str) -> str | None:
    """Returns the number of an open ticket of the conversation; None if there is none."""
    found: str | None = await session.scalar(
        select(_TICKETS.id).where(_TICKETS.conversation_id == name, _TICKETS.state != "closed").limit(1)
    )
    return found


class Trackers:
    """Rasa's trackers in the database at ``url``; if that is '', there are none."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def count(self, name: str) -> int:
        return int(await self._run(lambda connection: connection.scalar(TRACKERS, {"name": name})) or 0)

    async def has_before(self, name: str, moment: datetime) -> bool:
        """Returns whether the tracker has events up to ``moment``."""
        given = {"name": name, "moment": moment.timestamp()}
        return bool(await self._run(lambda connection: connection.scalar(OLD_TRACKERS, given)))

    async def forget(self, name: str) -> None:
        await self._run(lambda connection: connection.execute(FORGET_TRACKERS, {"name": name}))

    async def _run(self, work: Callable[[AsyncConnection], Any]) -> Any:
        if not self._url:
            return None
        engine = create_async_engine(psycopg_url(self._url), poolclass=NullPool)
        try:
            async with engine.begin() as connection:
                if await connection.scalar(text("SELECT to_regclass('events')")) is not None:
                    return await work(connection)
        finally:
            await engine.dispose()
        return None
