"""Fills the editors' backlog from the record, as a task of the worker; repeating it changes nothing.

A conversation is read completely once nothing has happened in it for the time SETTLED, or for SETTLED_BY_STAFF if an
agent has sent an entry since it was last read; its undecided items are then replaced. A lock admits one reading process
at a time.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.disk import always
from bot.core.logs import log
from bot.core.messages import Author
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.private import private_conversations
from bot.learning.backlog.reading import Finding, Handed, Said, Source, Talk, findings_in
from bot.record.engine import Sessions
from bot.record.locks import Lock, try_to_take
from bot.record.log_order import log_order
from bot.record.retention import EXPIRED_ACTION
from bot.record.tables import (
    AnswerRating,
    Audit,
    BacklogDecision,
    BacklogItem,
    BacklogMark,
    Conversation,
    Message,
    MissingEntry,
    Staff,
    Ticket,
)
from bot.record.transcripts.rows import read
from bot.text.masking.masking import masked

EVERY_S = 60.0
TERM = timedelta(days=28)  # older items are no longer shown
KEPT = timedelta(days=60)  # longer than TERM plus the term of a decision, so that decided items do not come back
SETTLED = timedelta(minutes=10)  # time for citizens to choose an entry and to rate an answer
# An agent's entry is certain at once. Ending the conversation, the survey or a silent agent are events, too, and would
# each make editors wait for SETTLED again.
SETTLED_BY_STAFF = timedelta(minutes=1)
CONVERSATIONS_A_STEP = 200
TEXTS_A_STEP = 64


class Gathering:
    """A task that fills the backlog of one agency while the disk has room.

    ``with_referrals`` adds the messages that were referred elsewhere, for an agency that may handle their matter.
    """

    def __init__(
        self,
        sessions: Sessions,
        embedding: Embedding,
        has_room: Callable[[], bool] = always,
        *,
        with_referrals: bool = False,
    ) -> None:
        self._sessions, self._embedding, self._has_room = sessions, embedding, has_room
        self._with_referrals = with_referrals

    async def run(self) -> None:
        """Updates the backlog every EVERY_S seconds until cancelled; logs errors and continues in the next round."""
        while True:
            try:
                await self.gather(datetime.now(UTC))
            except (SQLAlchemyError, OSError, httpx.HTTPError) as error:
                log.warning("backlog: not updated", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def gather(self, now: datetime) -> None:
        """Updates the backlog from the record.

        Adds poorly answered messages and the questions that staff noted as missing, deletes old items and those of
        private conversations, and embeds the items without a vector. Without room on the disk, only deletes. Raises
        SQLAlchemyError, httpx.HTTPError.
        """
        while self._has_room() and await self._read_some(now):
            pass
        async with self._sessions.begin() as session:
            await _take_missing(session)
            await _drop(session, now)
        while self._has_room() and await self._embed_some():
            pass

    async def _read_some(self, now: datetime) -> bool:
        """Adds the poorly answered messages of a batch of unread conversations.

        Returns False if there are no such conversations or another process is reading.
        """
        async with self._sessions.begin() as session:
            if not await try_to_take(session, Lock.BACKLOG):
                return False
            unread = await _unread(session, now)
            talks = await _talks(session, list(unread), now - TERM)
            for name, talk in talks.items():
                await _replace(session, name, findings_in(talk, with_referrals=self._with_referrals))
            if unread:
                statement = upsert(BacklogMark).values(
                    [{"conversation_id": name, "read_up_to": at} for name, at in unread.items()]
                )
                newer = {"read_up_to": statement.excluded.read_up_to}
                await session.execute(statement.on_conflict_do_update(index_elements=["conversation_id"], set_=newer))
        return bool(unread)

    async def _embed_some(self) -> bool:
        query = select(BacklogItem.id, BacklogItem.text).where(BacklogItem.vector.is_(None)).limit(TEXTS_A_STEP)
        async with self._sessions() as session:
            texts = {id: words for id, words in (await session.execute(query)).all()}
        if not texts:
            return False
        made = await self._embedding.vectors(list(texts.values()))
        async with self._sessions.begin() as session:
            for id, vector in zip(texts, made.vectors, strict=True):
                values = {"vector": vector.tobytes(), "encoder": made.encoder}
                await session.execute(update(BacklogItem).where(BacklogItem.id == id).values(**values))
            other = update(BacklogItem).where(BacklogItem.encoder.not_in(["", made.encoder]))
            await session.execute(other.values(vector=None, encoder=""))
        return True


async def _unread(session: AsyncSession, now: datetime) -> dict[str, datetime]:
    """Returns a batch of unread conversations, oldest first, with the times of their newest events."""
    is_read = BacklogMark.read_up_to >= Conversation.last_at
    of_staff = select(Message.id).where(Message.conversation_id == Conversation.id, Message.author == Author.STAFF)
    sent = of_staff.where(Message.data.has_key("provenance"), (Message.at > BacklogMark.read_up_to).is_not(False))
    settled = (Conversation.last_at <= now - SETTLED) | (
        (Conversation.last_at <= now - SETTLED_BY_STAFF) & sent.correlate(Conversation, BacklogMark).exists()
    )
    query = (
        select(Conversation.id, Conversation.last_at)
        .outerjoin(BacklogMark, BacklogMark.conversation_id == Conversation.id)
        .where(is_read.is_not(True), settled, Conversation.last_at > now - TERM)
        .order_by(Conversation.last_at)
        .limit(CONVERSATIONS_A_STEP)
    )
    return {name: at for name, at in (await session.execute(query)).all()}


async def _talks(session: AsyncSession, names: Sequence[str], since: datetime) -> dict[str, Talk]:
    """Returns each conversation as recorded after ``since``; private ones (emergencies and blocked data) are empty."""
    private = frozenset(await session.scalars(private_conversations()))
    open_ones = [name for name in names if name not in private]
    said = select(Message).where(Message.at > since, Message.conversation_id.in_(open_ones)).order_by(log_order())
    handed = select(Ticket.conversation_id, Ticket).where(Ticket.opened_at > since).order_by(Ticket.opened_at)
    rated = select(AnswerRating.conversation_id, AnswerRating.answer, AnswerRating.useful, AnswerRating.reason)
    messages: defaultdict[str, list[Said]] = defaultdict(list)
    for one in await read(session, said):
        messages[one.conversation_id].append(Said(one.event_id, one.at, one.author, one.text, one.data))
    tickets = await _by_conversation(session, handed.where(Ticket.conversation_id.in_(open_ones)))
    opinions = await _by_conversation(session, rated.where(AnswerRating.conversation_id.in_(open_ones)))
    return {
        name: Talk(
            messages[name],
            [_handed(row) for (row,) in tickets[name]],
            {answer: (useful, reason) for answer, useful, reason in opinions[name]},
        )
        for name in names
    }


async def _by_conversation(session: AsyncSession, query: Any) -> defaultdict[str, list[Any]]:
    """Runs ``query`` and groups its rows by their first column, which is left out of the rows."""
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for name, *row in (await session.execute(query)).all():
        found[name].append(row)
    return found


def _handed(row: Ticket) -> Handed:
    return Handed(row.opened_at, row.reason, row.team, tuple(str(one["entry"]) for one in row.candidates))


async def _replace(session: AsyncSession, name: str, findings: Sequence[Finding]) -> None:
    """Replaces the undecided items of a conversation; decided items do not change."""
    refs = [one.message.id for one in findings]
    undecided = BacklogItem.decision_id.is_(None) & BacklogItem.missing_id.is_(None)
    gone = delete(BacklogItem).where(BacklogItem.conversation_id == name, BacklogItem.ref.not_in(refs), undecided)
    await session.execute(gone)
    for one in findings:
        statement = upsert(BacklogItem).values(conversation_id=name, ref=one.message.id, **_row(one))
        fresh = {column: statement.excluded[column] for column in ("source", "entries", "denied", "reason", "team")}
        keys = [BacklogItem.conversation_id, BacklogItem.ref]
        await session.execute(statement.on_conflict_do_update(index_elements=keys, set_=fresh, where=undecided))


def _row(one: Finding) -> dict[str, Any]:
    facts = {"source": one.source.value, "at": one.message.at, "text": one.text}
    return facts | {"entries": list(one.entries), "denied": list(one.denied), "reason": one.reason, "team": one.team}


async def _take_missing(session: AsyncSession) -> None:
    """Adds the questions that staff newly noted as missing, each with the answer that staff gave, both masked.

    Leaves out questions from private conversations and from deleted ones.
    """
    taken = select(BacklogItem.missing_id).where(BacklogItem.missing_id.is_not(None))
    of_nobody = MissingEntry.conversation_id.is_(None)
    open_ones = of_nobody | MissingEntry.conversation_id.not_in(private_conversations())
    known = of_nobody | MissingEntry.conversation_id.in_(select(Conversation.id))
    query = (
        select(MissingEntry, func.coalesce(Staff.name, ""))
        .outerjoin(Staff, Staff.id == MissingEntry.staff_id)
        .where(MissingEntry.id.not_in(taken), open_ones, known)
    )
    rows = [
        {"conversation_id": one.conversation_id, "missing_id": one.id, "source": Source.MISSING.value}
        | {"ref": f"missing-{one.id}", "at": one.at, "text": masked(one.question), "reply": masked(one.draft)}
        | {"team": one.team, "staff_name": name}
        for one, name in (await session.execute(query)).all()
    ]
    if rows:
        await session.execute(insert(BacklogItem), rows)


async def _drop(session: AsyncSession, now: datetime) -> None:
    """Deletes old items, items of conversations that became private, and decisions that ended long ago.

    Records the numbers of old items and decisions in the audit log, if there are any, as retention does.
    """
    await session.execute(delete(BacklogItem).where(BacklogItem.conversation_id.in_(private_conversations())))
    ended = BacklogDecision.until < now - KEPT
    statements = {
        "backlog": delete(BacklogItem).where(BacklogItem.at < now - KEPT).returning(BacklogItem.id),
        "backlog_decisions": delete(BacklogDecision).where(ended).returning(BacklogDecision.id),
    }
    counts = {kind: len((await session.execute(statement)).all()) for kind, statement in statements.items()}
    if deleted := {kind: count for kind, count in counts.items() if count}:
        session.add(Audit(action=EXPIRED_ACTION, subject="", detail=deleted))
