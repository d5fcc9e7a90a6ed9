"""Reads which entries wait for a second person, as that person reads them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission
from bot.desk.editing import record
from bot.desk.editing.record import State
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryEdition

TOGETHER = timedelta(minutes=10)  # texts of one writer belong together if each was sent so soon after the one before
IN_REVIEW = EntryEdition.state == State.REVIEW.value


@dataclass(frozen=True)
class InReview:
    """An edition that waits for approval: its entry's document, the path of its file now, and its text.

    ``published`` is the published text, None if there is none. ``writer`` saved the edition last, '' for a text from
    the disk; it waits since ``sent_at``, and goes live at ``publish_at``, at once if that is None. ``is_stale`` and
    ``is_unseen_on_disk`` are true if another text was published, or came from the disk, since it was begun.
    """

    document: uuid.UUID
    path: str
    text: EntryText
    published: EntryText | None
    writer: str
    authors: tuple[uuid.UUID, ...]
    sent_at: datetime
    publish_at: datetime | None
    is_stale: bool
    is_unseen_on_disk: bool

    @property
    def decided(self) -> str:
        """Returns what an approval is about: the hash of the text, and the time at which it goes live, if it has one.

        An author may ask for another time without changing the text.
        """
        return f"{self.text.hash} {self.publish_at.isoformat()}" if self.publish_at else self.text.hash


class ReviewQueue:
    """The editions of all entries that are in review, in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def waiting(self) -> list[InReview]:
        """Returns all editions in review, in the order in which they were sent."""
        query = select(EntryEdition, EntryDocument).join(EntryDocument, EntryDocument.id == EntryEdition.document_id)
        order = (EntryEdition.changed_at, EntryDocument.path)
        async with self._sessions() as session:
            rows = (await session.execute(query.where(IN_REVIEW).order_by(*order))).all()
            return [await _in_review(session, edition, document) for edition, document in rows]

    async def count_for(self, staff_id: uuid.UUID) -> int:
        """Returns how many of them a person may approve, who wrote none of their text."""
        query = select(func.count()).select_from(EntryEdition).where(IN_REVIEW)
        async with self._sessions() as session:
            return await session.scalar(query.where(~EntryEdition.authors.contains([staff_id]))) or 0

    async def stuck(self) -> set[uuid.UUID]:
        """Returns the documents of the editions that nobody may approve, since every active editor wrote in them."""
        async with self._sessions() as session:
            query = select(EntryEdition.document_id, EntryEdition.authors).where(IN_REVIEW)
            if not (rows := (await session.execute(query)).all()):
                return set()
            able = {one.id for one in await active_staff(session, Permission.ENTRIES)}
            return {document for document, authors in rows if able <= set(authors)}


async def _in_review(session: AsyncSession, edition: EntryEdition, document: EntryDocument) -> InReview:
    is_published = bool(document.published_hash)  # an import's entries are not, and there may be hundreds of them
    published = await record.revision_of(session, document.id, document.published_hash) if is_published else None
    return InReview(
        document=document.id,
        path=document.path,
        text=EntryText(edition.content, edition.phrases),
        published=EntryText(published.content, published.phrases) if published else None,
        writer=edition.changed_by,
        authors=tuple(edition.authors),
        sent_at=edition.changed_at,
        publish_at=edition.publish_at,
        is_stale=edition.base_hash != document.published_hash,
        is_unseen_on_disk=await record.unseen_on_disk(session, edition, document) is not None,
    )


def sendings(waiting: Sequence[InReview]) -> list[list[InReview]]:
    """Groups editions, in the order in which they were sent, into what one writer sent together, such as an import."""
    groups: dict[str, list[list[InReview]]] = {}
    for one in waiting:
        own = groups.setdefault(one.writer, [])
        if own and one.sent_at - own[-1][-1].sent_at <= TOGETHER:
            own[-1].append(one)
        else:
            own.append([one])
    return sorted((some for own in groups.values() for some in own), key=lambda some: some[0].sent_at)
