"""Lists minor and urgent changes that were published without a second person, and records a second person's check."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import aliased

from bot.core.errors.base import VentanillaError
from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing.record import Editor, OwnText, Way
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryPublication

WITHIN = timedelta(hours=24)


class ReadAnother(VentanillaError):
    """The text that waits for the second look is not the text that the person has read."""


@dataclass(frozen=True)
class Unconfirmed:
    """A publication that only its author has read; ``path`` is the entry's file.

    ``hash`` is that of its text. ``staff`` and ``name`` are the author's; ``reason`` is '' unless ``way`` is URGENT.
    ``since`` is the time of the first publication, up to this one, that nobody else has read: a further change does not
    postpone the second look.
    """

    id: int
    document: uuid.UUID
    path: str
    hash: str
    way: Way
    staff: uuid.UUID | None
    name: str
    reason: str
    at: datetime
    since: datetime

    @property
    def due(self) -> datetime:
        """Returns the time by which a second person must read the publication."""
        return self.since + WITHIN

    def is_overdue(self, now: datetime) -> bool:
        return now > self.due


class SecondLooks:
    """The publications that wait for a second person; a publication that was replaced no longer waits."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def waiting(self, document: uuid.UUID | None = None) -> list[Unconfirmed]:
        """Returns the waiting publications of all entries or of one ``document``, oldest first."""
        one = EntryPublication
        query = (
            select(one, EntryDocument.path, _since())
            .join(EntryDocument, EntryDocument.id == one.document_id)
            .where(one.way.in_((Way.MINOR, Way.URGENT)), one.confirmed_at.is_(None), one.state == "done")
            .where(one.hash == EntryDocument.published_hash)
            .order_by(one.id)
        )
        if document is not None:
            query = query.where(one.document_id == document)
        async with self._sessions() as session:
            rows = (await session.execute(query)).all()
        return [
            Unconfirmed(
                found.id,
                found.document_id,
                path,
                found.hash,
                Way(found.way),
                found.staff_id,
                found.name,
                found.reason,
                found.at,
                since,
            )
            for found, path, since in rows
        ]

    async def confirm(self, document: uuid.UUID, read: str, by: Editor) -> None:
        """Records that a person has read an entry's published text, whose hash was ``read`` when they read it.

        Raises OwnText if that person published it or has no account, and ReadAnother if another text waits by now.
        """
        waiting = await self.waiting(document)
        if any(one.hash != read for one in waiting):
            raise ReadAnother
        async with self._sessions.begin() as session:
            query = select(EntryPublication).where(EntryPublication.id.in_({one.id for one in waiting}))
            for row in (await session.scalars(query.with_for_update())).all():
                if by.id is None or row.staff_id == by.id:
                    raise OwnText
                row.confirmed_at, row.confirmed_by, row.confirmed_name = datetime.now(UTC), by.id, by.name
                add_audit(
                    session, Action.ENTRY_CONFIRMED, staff_id=by.id, subject=str(document), hash=row.hash, way=row.way
                )


def _since() -> ScalarSelect[datetime]:
    """Returns a subquery: the time of the first publication after the newest publication that a second person has read.

    The subquery considers the publications of the outer query's document, up to the outer query's publication.
    """
    unread, read = aliased(EntryPublication), aliased(EntryPublication)
    is_read = (read.way.not_in((Way.MINOR, Way.URGENT))) | read.confirmed_at.is_not(None)
    before = (read.document_id == EntryPublication.document_id) & (read.id < EntryPublication.id)
    last_read = select(func.coalesce(func.max(read.id), 0)).where(before, is_read, read.state == "done")
    same = (unread.document_id == EntryPublication.document_id) & (unread.id <= EntryPublication.id)
    done = unread.state == "done"
    later = unread.id > last_read.correlate(EntryPublication).scalar_subquery()
    return select(func.min(unread.at)).where(same, done, later).correlate(EntryPublication).scalar_subquery()
