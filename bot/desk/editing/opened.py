"""Holds an entry as its page shows it: with its open edition, history, approvals and comments."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.editing import record
from bot.desk.editing.record import State
from bot.desk.editing.staff_notices import noting
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.text import EntryText
from bot.record.tables import (
    EntryApproval,
    EntryComment,
    EntryDocument,
    EntryEdition,
    EntryNews,
    EntryPublication,
    EntryRevision,
)

KEPT_REVISIONS = 200  # newest revisions that a page shows, beside the published one; all are kept


@dataclass(frozen=True)
class Seen:
    """The state that the page showed: the hash of the published text, and the id of the newest disk revision."""

    published: str
    on_disk: int


@dataclass(frozen=True)
class Opened:
    """An entry with its open edition, revisions (newest first), approvals of the edition's text, and comments.

    ``returned`` is the news that somebody asked the edition's authors for changes, None once they have sent it again.
    ``on_disk`` is the id of the newest revision from the disk, 0 if there is none. ``once_published`` contains the
    hashes of the texts that are or were published.
    """

    document: EntryDocument
    edition: EntryEdition | None
    revisions: tuple[EntryRevision, ...]
    approvals: tuple[EntryApproval, ...]
    comments: tuple[EntryComment, ...]
    publications: tuple[EntryPublication, ...] = ()  # those without an approval, newest first
    returned: EntryNews | None = None
    on_disk: int = 0
    once_published: frozenset[str] = frozenset()

    @property
    def published(self) -> EntryText | None:
        """Returns the published text; None if no text is published."""
        return self._with(self.document.published_hash)

    @property
    def author(self) -> str:
        """Returns the name of the author of the published text, '' if it came from the disk or none is published."""
        return next((one.author_name for one in self.revisions if one.hash == self.document.published_hash), "")

    @property
    def base(self) -> EntryText | None:
        """Returns the text on which the open edition is based.

        Returns None if there is no open edition, or if no revision has the text.
        """
        return self._with(self.edition.base_hash) if self.edition else None

    def _with(self, digest: str) -> EntryText | None:
        found = next((one for one in self.revisions if one.hash == digest), None)
        return EntryText(found.content, found.phrases) if found else None

    @property
    def withdrawal(self) -> EntryPublication | None:
        """Returns the publication that withdrew the entry; None if it is not withdrawn now."""
        newest = next(iter(self.publications), None)
        is_current = newest is not None and newest.hash == self.document.published_hash
        return newest if is_current and newest and newest.way == record.Way.WITHDRAWAL else None

    @property
    def before_withdrawal(self) -> EntryText | None:
        """Returns the text that the withdrawal ended; None if the entry is not withdrawn now, or was never recorded."""
        return self._with(self.withdrawal.before) if self.withdrawal else None

    @property
    def text(self) -> EntryText:
        """Returns the text to edit: the open edition's, else the published text, else the last revision's, else ''."""
        if self.edition is not None:
            return EntryText(self.edition.content, self.edition.phrases)
        last = self.revisions[0] if self.revisions else None
        return self.published or (EntryText(last.content, last.phrases) if last else EntryText(""))

    @property
    def version(self) -> int:
        """Returns the version of the open edition, which each change increases; 0 if there is no open edition."""
        return self.edition.version if self.edition else 0

    @property
    def is_approved(self) -> bool:
        """Returns whether the open edition is approved and waits for somebody to publish it."""
        return self.edition is not None and self.edition.state == State.APPROVED

    @property
    def disk_edit(self) -> EntryRevision | None:
        """Returns the newest edit of the file on the disk that the draft does not have and its editors have not seen.

        Returns None if there is no such edit, or if it is published.
        """
        newest = next((one for one in self.revisions if one.origin == record.Origin.DISK), None)
        return newest if self.edition and newest and record.is_unseen(newest, self.edition, self.document) else None

    @property
    def is_stale(self) -> bool:
        """Returns whether the open edition is based on a text that is no longer the published text."""
        return self.edition is not None and self.edition.base_hash != self.document.published_hash


async def read(session: AsyncSession, id: uuid.UUID) -> Opened | None:
    """Returns an entry with everything that its page shows; None if no entry has this id."""
    document = await session.get(EntryDocument, id)
    if document is None:
        return None
    edition = await record.open_edition(session, id)
    newest = select(EntryRevision).where(EntryRevision.document_id == id).order_by(EntryRevision.id.desc())
    revisions = list(await session.scalars(newest.limit(KEPT_REVISIONS)))
    published = await record.revision_of(session, id, document.published_hash)
    base = await record.revision_of(session, id, edition.base_hash) if edition else None
    on_disk = await record.unseen_on_disk(session, edition, document) if edition else None
    further = sorted({one.id: one for one in (published, base, on_disk) if one}.values(), key=lambda one: -one.id)
    revisions += [one for one in further if one not in revisions]
    said = select(EntryComment).where(EntryComment.document_id == id).order_by(EntryComment.id)
    comments = (await session.scalars(said)).all()
    made = select(EntryPublication).where(EntryPublication.document_id == id, EntryPublication.way != "")
    made = made.where(EntryPublication.state == "done").order_by(EntryPublication.id.desc()).limit(20)
    publications = (await session.scalars(made)).all()
    approvals = await record.approvals(session, id, edition.hash, document.published_at) if edition else ()
    returned = await noting.news_of(session, edition, News.RETURNED) if edition else None
    shown = tuple(revisions), tuple(approvals), tuple(comments), tuple(publications), returned
    newest_on_disk, once_published = await record.newest_on_disk(session, id), await record.once_published(session, id)
    return Opened(document, edition, *shown, on_disk=newest_on_disk, once_published=once_published)
