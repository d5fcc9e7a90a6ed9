"""Stores the text of every entry version that goes live, so that an old answer can be shown as it was.

The provenance of an answer contains its version.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.faq.entries.entry import Entry
from bot.record.engine import Sessions
from bot.record.tables import FaqVersion

EVERY_S = 1.0
RETRY_S = 5.0


class Faq(Protocol):
    """The live FAQ, of which this module needs only the entries."""

    @property
    def entries(self) -> Sequence[Entry]: ...


async def keep_versions(faq: Faq, sessions: Sessions) -> None:
    """Stores every entry version that goes live, until cancelled; retries if the database is unavailable."""
    noted: Sequence[Entry] = ()
    while True:
        if faq.entries is not noted:
            entries = faq.entries
            try:
                await note(entries, sessions)
                noted = entries
            except (SQLAlchemyError, OSError) as error:
                log.warning("faq: versions not stored, retrying", error=type(error).__name__)
                await asyncio.sleep(RETRY_S)
        await asyncio.sleep(EVERY_S)


async def note(entries: Sequence[Entry], sessions: Sessions) -> None:
    """Adds the versions of ``entries`` that are not yet in the record. Raises SQLAlchemyError."""
    rows = [
        {"version": entry.version, "entry": entry.id, "content": f"{entry.question}\n\n{entry.body}"}
        for entry in entries
    ]
    if rows:
        async with sessions.begin() as session:
            await session.execute(insert(FaqVersion).on_conflict_do_nothing(), rows)
