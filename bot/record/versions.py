"""Stores the text of every entry version that goes live in the bot, so that an old answer can be shown as it was.

The provenance of an answer contains its version. While the database is unavailable, versions wait in memory, even those
that are replaced meanwhile. Two kinds of versions are missing: those that the bot had not yet stored when it ended, and
those that were replaced before the bot read the files, so that only the action server served them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.faq.entries.entry import Entry, Published
from bot.record.engine import Sessions
from bot.record.tables import FaqVersion

EVERY_S = 0.1  # LiveFaq takes longer between two readings of the files
RETRY_S = 5.0


async def keep_versions(faq: Published, sessions: Sessions) -> None:
    """Stores every entry version that goes live, until cancelled; retries if the database is unavailable."""
    versions = Versions()
    loop = asyncio.get_running_loop()
    due = loop.time()
    while True:
        versions.see(faq.entries)
        if loop.time() >= due:
            try:
                await versions.store(sessions)
            except (SQLAlchemyError, OSError) as error:
                log.warning("faq: versions not stored, retrying", error=type(error).__name__)
                due = loop.time() + RETRY_S
        await asyncio.sleep(EVERY_S)


class Versions:
    """The entry versions that this process has seen live and not yet stored."""

    def __init__(self) -> None:
        self._seen: Sequence[Entry] = ()
        self._waiting: dict[tuple[str, str], Entry] = {}

    def see(self, entries: Sequence[Entry]) -> None:
        """Adds the versions of ``entries``, unless the last call had the same object."""
        if entries is not self._seen:
            before = {(one.id, one.version) for one in self._seen}
            self._waiting |= {key: one for one in entries if (key := (one.id, one.version)) not in before}
            self._seen = entries

    async def store(self, sessions: Sessions) -> None:
        """Adds the waiting versions to the record; keeps them if it raises SQLAlchemyError or OSError."""
        if self._waiting:
            some = dict(self._waiting)
            await note(list(some.values()), sessions)
            self._waiting = {key: one for key, one in self._waiting.items() if key not in some}


async def note(entries: Sequence[Entry], sessions: Sessions) -> None:
    """Adds the versions of ``entries`` that are not yet in the record. Raises SQLAlchemyError."""
    rows = [
        {"version": entry.version, "entry": entry.id, "content": f"{entry.question}\n\n{entry.body}"}
        for entry in entries
    ]
    if rows:
        async with sessions.begin() as session:
            await session.execute(insert(FaqVersion).on_conflict_do_nothing(), rows)
