"""Reads encrypted rows of the record in tests, with the master key that all tests use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Select, Text, cast, func, select

from bot.core.secrets.encryption import MasterKeys
from bot.record.base import Base
from bot.record.engine import Sessions, open_database
from bot.record.tables import Callback, CallbackAttempt, Closing, Ticket
from bot.record.transcripts.rows import ENCRYPTED, decrypt_rows, read

SECRET = "s" * 40  # of all tests
MASTERS = MasterKeys(SECRET)
Row = TypeVar("Row", bound=Base)


async def rows_in_clear(sessions: Sessions, query: Select[Row]) -> Sequence[Row]:
    """Returns the objects that ``query`` selects from an encrypted table, decrypted."""
    async with sessions() as session:
        return await read(session, query)


async def in_clear(database_url: str) -> str:
    """Returns the decrypted rows of all encrypted tables as one text."""
    engine, sessions = open_database(database_url, masters=MASTERS)
    found: list[str] = []
    async with sessions() as session:
        for table in ENCRYPTED:
            query = select(table.__table__)
            if table is CallbackAttempt:
                query = query.add_columns(Callback.conversation_id).join(Callback)
            if table is Closing:
                query = query.add_columns(Ticket.conversation_id).join(Ticket, Ticket.id == Closing.ticket_id)
            rows = (await session.execute(query)).mappings()
            found += [str(row) for row in await decrypt_rows(session, table, rows)]
    await engine.dispose()
    return "\n".join(found)


async def dump(sessions: Sessions) -> str:
    """Returns all values of all tables as one text, as in a dump of the database."""
    found: list[str] = []
    async with sessions() as session:
        for table in Base.metadata.sorted_tables:
            row = cast(func.to_jsonb(table.table_valued()), Text)
            found += await session.scalars(select(row).select_from(table))
    return "\n".join(found)
