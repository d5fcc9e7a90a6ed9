"""Queues publications until their Git commit; the publication's transaction adds a row to the queue."""

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
    """The kind of change in a commit; the first line of its message is in ``repositorio.mensaje``."""

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
    """The number of uncommitted publications, the time of the oldest, and the reason why it could not be committed."""

    count: int
    since: datetime
    reason: Reason


async def add_publication(session: AsyncSession, publication: EntryPublication, removed: str = "") -> None:
    """Queues a publication for its Git commit.

    ``removed`` is the entry's path before a move, '' if it has not moved.
    """
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
    """Queues a change that was made on the disk for its Git commit; ``what`` is DISK or GONE."""
    by = Editor()
    session.add(
        EntryCommit(document_id=document, revision_id=revision.id, path=path, what=what, staff_id=by.id, name=by.name)
    )


async def waiting(sessions: Sessions) -> Waiting | None:
    """Returns the state of the queue if committing its oldest publication has failed, otherwise None."""
    async with sessions() as session:
        first = (await session.scalars(select(EntryCommit).order_by(EntryCommit.id).limit(1))).one_or_none()
        if first is None or not first.failure:
            return None
        count = await session.scalar(select(func.count()).select_from(EntryCommit))
    return Waiting(count or 1, first.at, Reason(first.failure))


async def next_one(session: AsyncSession) -> EntryCommit | None:
    """Returns the oldest publication of the queue; None if the queue is empty."""
    return (await session.scalars(select(EntryCommit).order_by(EntryCommit.id).limit(1))).one_or_none()


async def is_outdated(session: AsyncSession, row: EntryCommit, document: EntryDocument, digest: str) -> bool:
    """Returns whether a row need not be committed; ``digest`` is the hash of the row's text.

    Several edits of a file on the disk become one commit. A publication made while FAQ_COMMITS was off has no row; an
    earlier row must then not restore the older text.
    """
    later = select(EntryCommit).where(EntryCommit.document_id == row.document_id, EntryCommit.id > row.id)
    after = (await session.scalars(later.order_by(EntryCommit.id))).all()
    if row.what == What.DISK and any(one.what == What.DISK and one.path == row.path for one in after):
        return True
    is_newest = not after and row.path == document.path
    return is_newest and document.published_hash != ("" if row.what == What.GONE else digest)
