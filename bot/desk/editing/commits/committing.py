"""Commits queued publications to the Git repository of the FAQ folder, one after the other.

A publication is live before it is committed. If it cannot be committed, it remains in the queue and is tried again.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.logs import log
from bot.desk.editing import record
from bot.desk.editing.commits import message, queue
from bot.desk.editing.commits.commit import Change, commit
from bot.desk.editing.commits.queue import What
from bot.desk.editing.commits.trouble import CannotCommit
from bot.desk.editing.text import EntryText
from bot.faq.entries.canonical import canonical
from bot.faq.entries.phrases import phrases_name
from bot.record.engine import Sessions
from bot.record.locks import Lock, try_to_take
from bot.record.tables import EntryCommit, EntryDocument, EntryRevision, Staff

EVERY_S = 1.0
RETRY_S = 10.0
# People who edit files by hand, or pull, have this time to commit themselves; we then find nothing left to commit.
DISK_WAITS = timedelta(seconds=30)


class Committing:
    """Commits the changes below ``faq_dir``; with ``emails``, authors have the e-mail addresses of their accounts."""

    def __init__(self, sessions: Sessions, faq_dir: Path, timezone: str, *, emails: bool) -> None:
        self._sessions, self._faq_dir, self._zone, self._emails = sessions, faq_dir, ZoneInfo(timezone), emails

    async def run(self) -> None:
        """Commits queued publications, and retries after failures, until cancelled."""
        while True:
            pause = EVERY_S
            try:
                while await self.take_one(datetime.now(UTC)):
                    pass
            except CannotCommit:
                pause = RETRY_S
            except (SQLAlchemyError, OSError) as error:
                log.warning("entries: queue of commits unavailable", error=type(error).__name__)
                pause = RETRY_S
            await asyncio.sleep(pause)

    async def take_one(self, now: datetime) -> bool:
        """Commits the oldest publication if it is due; returns whether it committed one. Raises CannotCommit.

        Returns False if the publication is not due, the queue is empty, or another process is committing.
        """
        failed: CannotCommit | None = None
        async with self._sessions.begin() as session:
            row = await queue.next_one(session) if await try_to_take(session, Lock.COMMITS) else None
            if row is None or (row.what in {What.DISK, What.GONE} and row.at > now - DISK_WAITS):
                return False
            try:
                await self._commit(session, row)
                await session.delete(row)
            except CannotCommit as error:
                if row.failure != error.reason:
                    log.warning("entries: not committed, retrying", reason=error.reason.value, error=error.error)
                row.failure, failed = error.reason.value, error
        if failed:
            raise failed
        return True

    async def _commit(self, session: AsyncSession, row: EntryCommit) -> None:
        """Commits one publication, unless it is outdated. Raises CannotCommit."""
        document = await session.get_one(EntryDocument, row.document_id)
        revision = await session.get_one(EntryRevision, row.revision_id)
        if await queue.is_outdated(session, row, document, revision.hash):
            return
        text = EntryText(revision.content, revision.phrases)
        approvers = [one.name for one in await record.approvals(session, row.document_id, revision.hash)]
        email = await session.scalar(select(Staff.email).where(Staff.id == row.staff_id)) if self._emails else ""
        files: dict[str, bytes | None] = {}
        for path in filter(None, (row.removed, row.path if row.what == What.GONE else "")):
            files |= {path: None, phrases_name(path): None}
        if row.what != What.GONE:
            files |= await asyncio.to_thread(_files, self._faq_dir, row.path, text)
        change = Change(
            files=files,
            message=message.message_of(row, text, approvers),
            author=message.author_of(row.name, row.staff_id, email or ""),
            committer=message.OURSELVES,
            at=row.at.astimezone(self._zone),
        )
        made = await asyncio.to_thread(commit, self._faq_dir, change)
        if made:
            log.info("entries: committed", document=str(document.id), commit=made)


def _files(faq_dir: Path, path: str, text: EntryText) -> dict[str, bytes | None]:
    """Returns the contents of an entry's two files, keyed by path; None for a file to delete.

    ``_as_on_disk`` determines the contents.
    """
    return {
        name: _as_on_disk(faq_dir / name, content) if content else None for name, content in text.files(path).items()
    }


def _as_on_disk(file: Path, content: bytes) -> bytes:
    """Returns the bytes on the disk if they have the same text as ``content``, else ``content``.

    So Git shows the file as unchanged, even if its line endings differ from ours.
    """
    here = file.read_bytes() if file.is_file() else b""
    return here if canonical(here) == content else content
