"""Encrypts the rows that older releases wrote unencrypted, as a task of the worker.

Each step is one transaction, so a killed run continues where it stopped. Several processes share the rows.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import and_, func, inspect, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from bot.core.logs import log
from bot.record.base import Base
from bot.record.engine import Sessions
from bot.record.tables import Callback, CallbackAttempt, Closing, Message, Note, PendingApproval, Ticket
from bot.record.transcripts.rows import MARK, encrypt_row
from bot.record.transcripts.terms import message_terms, prepare_terms

EVERY_S = 600.0  # a process of the older release may still be writing during an update
A_STEP = 500
# The tables besides messages, with their columns of text.
TEXTS: tuple[tuple[type[Base], InstrumentedAttribute[str]], ...] = (
    (Note, Note.text),
    (Ticket, Ticket.summary),
    (PendingApproval, PendingApproval.words),
)


async def encrypt_forever(sessions: Sessions) -> None:
    """Encrypts older rows every EVERY_S seconds, until cancelled; logs errors."""
    while True:
        try:
            if count := await encrypt_older_rows(sessions):
                log.info("record: older rows encrypted", rows=count)
        except (SQLAlchemyError, OSError) as error:
            log.warning("record: older rows not encrypted yet", error=type(error).__name__)
        await asyncio.sleep(EVERY_S)


async def encrypt_older_rows(sessions: Sessions, a_step: int = A_STEP) -> int:
    """Encrypts all unencrypted rows, ``a_step`` per transaction; returns their number. Raises SQLAlchemyError."""
    count = 0
    for step in (_messages, _texts, _attempts, _closings):
        while True:
            async with sessions.begin() as session:
                done = await step(session, a_step)
            count += done
            if done < a_step:
                break
    return count


async def _messages(session: AsyncSession, most: int) -> int:
    table = Message.__table__
    older = select(table).where(Message.terms.is_(None)).order_by(Message.id).limit(most)
    rows = (await session.execute(older.with_for_update(skip_locked=True))).mappings().all()
    await prepare_terms(session, [(row["author"], row["text"]) for row in rows])
    for found in rows:
        row = dict(found) | {"terms": await message_terms(session, found["author"], found["text"]), "masked": None}
        stored = await encrypt_row(session, Message, row["conversation_id"], row)
        changed = {name: stored[name] for name in ("text", "data", "terms", "masked")}
        await session.execute(update(Message).where(Message.id == row["id"]).values(**changed))
    return len(rows)


async def _texts(session: AsyncSession, most: int) -> int:
    """Encrypts at most ``most`` rows of the tables in TEXTS, and returns their number."""
    count = 0
    for table, column in TEXTS:
        in_clear = and_(column != "", ~func.starts_with(column, MARK))
        if table is PendingApproval:
            in_clear = or_(
                in_clear, and_(func.jsonb_typeof(PendingApproval.events) == "array", PendingApproval.events != [])
            )
        key = inspect(table).primary_key[0]
        older = select(table.__table__).where(in_clear).order_by(key).limit(most - count)
        rows = (await session.execute(older.with_for_update(skip_locked=True))).mappings().all()
        for row in rows:
            await _store(session, table, row["conversation_id"], dict(row))
        count += len(rows)
    return count


async def _attempts(session: AsyncSession, most: int) -> int:
    note = CallbackAttempt.note
    older = (
        select(CallbackAttempt.__table__, Callback.conversation_id)
        .join(Callback, Callback.id == CallbackAttempt.callback_id)
        .where(note != "", ~func.starts_with(note, MARK))
        .order_by(CallbackAttempt.id)
        .limit(most)
    )
    rows = (await session.execute(older.with_for_update(of=CallbackAttempt, skip_locked=True))).mappings().all()
    for row in rows:
        await _store(session, CallbackAttempt, row["conversation_id"], dict(row))
    return len(rows)


async def _closings(session: AsyncSession, most: int) -> int:
    """Encrypts at most ``most`` summaries, even of tickets that the recorder wrote late, and returns their number."""
    older = (
        select(Closing.__table__, Ticket.conversation_id)
        .join(Ticket, Ticket.id == Closing.ticket_id)
        .where(Closing.summary != "", ~func.starts_with(Closing.summary, MARK))
        .order_by(Closing.ticket_id)
        .limit(most)
    )
    rows = (await session.execute(older.with_for_update(of=Closing, skip_locked=True))).mappings().all()
    for row in rows:
        await _store(session, Closing, row["conversation_id"], dict(row))
    return len(rows)


async def _store(session: AsyncSession, table: type[Base], conversation: str, row: dict[str, object]) -> None:
    stored = await encrypt_row(session, table, conversation, row)
    key = inspect(table).primary_key[0]
    changed = {name: value for name, value in stored.items() if value != row[name]}
    await session.execute(update(table).where(key == row[key.name]).values(**changed))
