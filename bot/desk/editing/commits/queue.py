"""Queues what is published until it is committed: one row a commit, written in the publication's own transaction."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.editing.commits.trouble import Reason
from bot.desk.editing.record import Editor, Origin, Way
from bot.record.engine import Sessions
from bot.record.tables import EntryCommit, EntryDocument, EntryPublication, EntryRevision


class What(StrEnum):
    """What a commit is about; the first line of its message is in ``repositorio.mensaje``."""

    PUBLISHED = "published"
    MINOR = "minor"
    URGENT = "urgent"
    ROLLBACK = "rollback"
    WITHDRAWAL = "withdrawal"
    IMPORTED = "imported"
    DISK = "disk"  # an edit on the disk, published as it is
    GONE = "gone"  # a file that was deleted or moved on the disk


@dataclass(frozen=True)
class Waiting:
    """How many publications are not committed yet, since when, and why the oldest could not be."""

    count: int
    since: datetime
    reason: Reason


async def add_publication(session: AsyncSession, publication: EntryPublication, removed: str = "") -> None:
    """Queues a publication; ``removed`` is where the entry's files were before, if elsewhere."""
    revision = await session.get_one(EntryRevision, publication.revision_id)
    imported = revision.origin == Origin.IMPORT and publication.way == Way.APPROVED
    session.add(
        EntryCommit(
            document_id=publication.document_id,
            revision_id=publication.revision_id,
            path=publication.path,
            removed=removed,
            what=What.IMPORTED if imported else What(publication.way or What.PUBLISHED),
            staff_id=publication.staff_id,
            name=publication.name,
        )
    )


def add_from_disk(session: AsyncSession, document: uuid.UUID, revision: EntryRevision, path: str, what: What) -> None:
    """Queues what somebody changed in the folder."""
    by = Editor()
    session.add(
        EntryCommit(document_id=document, revision_id=revision.id, path=path, what=what, staff_id=by.id, name=by.name)
    )


async def waiting(sessions: Sessions) -> Waiting | None:
    """Returns what cannot be committed for now; None if the oldest publication waits only for its turn."""
    async with sessions() as session:
        first = (await session.scalars(select(EntryCommit).order_by(EntryCommit.id).limit(1))).one_or_none()
        if first is None or not first.failure:
            return None
        count = await session.scalar(select(func.count()).select_from(EntryCommit))
    return Waiting(count or 1, first.at, Reason(first.failure))


async def next_one(session: AsyncSession) -> EntryCommit | None:
    """Returns the oldest publication of the queue."""
    return (await session.scalars(select(EntryCommit).order_by(EntryCommit.id).limit(1))).one_or_none()


async def is_outdated(session: AsyncSession, row: EntryCommit, document: EntryDocument, digest: str) -> bool:
    """Returns whether a row need not be committed.

    Several edits on the disk become one commit. What was published while FAQ_COMMITS was off has no row, so the row
    before it must not bring the older text back.
    """
    later = select(EntryCommit).where(EntryCommit.document_id == row.document_id, EntryCommit.id > row.id)
    after = (await session.scalars(later.order_by(EntryCommit.id))).all()
    if row.what == What.DISK and any(one.what == What.DISK and one.path == row.path for one in after):
        return True
    is_newest = not after and row.path == document.path
    return is_newest and document.published_hash != ("" if row.what == What.GONE else digest)
