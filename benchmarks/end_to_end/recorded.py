"""Fills the record with past conversations (past.sql) and their messages, encrypted and with search terms."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.messages import Author
from bot.core.secrets.encryption import MasterKeys
from bot.record.engine import open_database
from bot.record.tables import Message
from bot.record.transcripts.keys import MADE
from bot.record.transcripts.rows import encrypt_row
from bot.record.transcripts.terms import message_terms, prepare_terms

PAST = Path(__file__).with_name("past.sql")
TURNS = 4  # of a conversation: a citizen's message and the answer
COLUMNS = ("conversation_id", "event_id", "at", "author", "text", "data", "terms")
MESSAGES = f"COPY messages ({', '.join(COLUMNS)}) FROM STDIN"
KEYS = "COPY conversation_keys (conversation_id, id, master, wrapped) FROM STDIN"
TERMS = "SELECT indexdef FROM pg_indexes WHERE indexname = 'messages_terms'"
PUBLISHED = {"provenance": {}}  # marks an answer with an entry, which is not encrypted


async def fill(
    database_url: str, masters: MasterKeys, messages: int, *, asked: Sequence[str], said: Sequence[str]
) -> None:
    """Adds ``messages`` messages to the record, with texts drawn from ``asked`` (citizens) and ``said`` (assistant).

    A million messages take one to several minutes.
    """
    engine, sessions = open_database(database_url, masters=masters)
    connecting = psycopg.AsyncConnection.connect(database_url, cursor_factory=psycopg.AsyncClientCursor)
    async with await connecting as connection, sessions() as session:
        await prepare_terms(session, [(Author.CITIZEN, one) for one in asked])
        await session.commit()  # PostgreSQL ends a connection that is idle in a transaction for two minutes
        await connection.execute(PAST.read_text(encoding="utf-8"), {"conversations": messages // (2 * TURNS)})
        begun = await (await connection.execute("SELECT id, at FROM past ORDER BY number")).fetchall()
        (index,) = await (await connection.execute(TERMS)).fetchone() or ("",)
        await connection.execute("DROP INDEX messages_terms")  # built faster than kept while rows are added
        keys: list[tuple[object, ...]] = []
        async with connection.cursor() as cursor, cursor.copy(MESSAGES) as copy:
            for number, (id, at) in enumerate(begun):
                cipher, wrapped = masters.new_key(id)
                keys.append((id, cipher.id, masters.newest, wrapped))
                session.info[MADE] = {id: cipher}
                async for row in _rows(session, id, at, number, asked, said):
                    await copy.write_row(row)
        async with connection.cursor() as cursor, cursor.copy(KEYS) as copy:
            for key in keys:
                await copy.write_row(key)
        await connection.execute(index)
    await engine.dispose()
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("ANALYZE")


async def _rows(
    session: AsyncSession, id: str, at: datetime, number: int, asked: Sequence[str], said: Sequence[str]
) -> AsyncIterator[list[object]]:
    """Yields the rows of a conversation's messages, with the values of COLUMNS."""
    for turn in range(2 * TURNS):
        author, texts = (Author.ASSISTANT, said) if turn % 2 else (Author.CITIZEN, asked)
        text, when = texts[(number * 31 + turn * 7) % len(texts)], at + timedelta(seconds=turn)
        row = {
            "conversation_id": id,
            "event_id": f"{int(when.timestamp() * 1000)}-0",
            "at": when,
            "author": author.value,
            "text": text,
            "data": PUBLISHED if author is Author.ASSISTANT else {},
            "terms": await message_terms(session, author, text),
        }
        encrypted = await encrypt_row(session, Message, id, row)
        encrypted["data"] = json.dumps(encrypted["data"])
        yield [encrypted[name] for name in COLUMNS]
