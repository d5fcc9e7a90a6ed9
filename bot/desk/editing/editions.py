"""Saves, submits, discards and restores editions of entries; reviews.py approves them, publisher.py publishes them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors import VentanillaError
from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing import record
from bot.desk.editing.record import Editor, News, State
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
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


class Outdated(VentanillaError):
    """Somebody else has saved the edition since this person read it.

    ``by`` is who saved it, '' for a change on the disk or if there is no open edition any more.
    """

    def __init__(self, by: str) -> None:
        super().__init__()
        self.by = by


@dataclass(frozen=True)
class Opened:
    """An entry with its open edition, revisions (newest first), approvals of the edition's text, and comments.

    ``returned`` says who asked the authors of the edition for changes, and why, until they send it again.
    """

    document: EntryDocument
    edition: EntryEdition | None
    revisions: tuple[EntryRevision, ...]
    approvals: tuple[EntryApproval, ...]
    comments: tuple[EntryComment, ...]
    publications: tuple[EntryPublication, ...] = ()  # those without an approval, newest first
    returned: EntryNews | None = None

    @property
    def published(self) -> EntryText | None:
        """Returns the published text; None if no text is published."""
        found = next((one for one in self.revisions if one.hash == self.document.published_hash), None)
        return EntryText(found.content, found.phrases) if found else None

    @property
    def withdrawal(self) -> EntryPublication | None:
        """Returns the publication that withdrew the entry, with its author and reason; None if there is none."""
        newest = next(iter(self.publications), None)
        is_current = newest is not None and newest.hash == self.document.published_hash
        return newest if is_current and newest and newest.way == record.Way.WITHDRAWAL else None

    @property
    def text(self) -> EntryText:
        """Returns the text to edit: the open edition's, else the published text, else the last revision's."""
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
        """Returns the newest revision read from disk that the draft does not contain.

        None if the draft was begun or rebased after it, or if it is the draft's or the published text.
        """
        edition, newest = self.edition, next((one for one in self.revisions if one.origin == record.Origin.DISK), None)
        if edition is None or newest is None or newest.hash in {edition.hash, self.document.published_hash}:
            return None
        return newest if newest.at > edition.opened_at else None

    @property
    def is_stale(self) -> bool:
        """Returns whether the open edition is based on a text that is no longer the published one."""
        return self.edition is not None and self.edition.base_hash != self.document.published_hash


class Editions:
    """Stores the editions of all entries in PostgreSQL."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def opened(self, id: uuid.UUID) -> Opened | None:
        """Returns an entry with everything that its page shows; None if no entry has this id."""
        async with self._sessions() as session:
            document = await session.get(EntryDocument, id)
            if document is None:
                return None
            edition = await record.open_edition(session, id)
            newest = select(EntryRevision).where(EntryRevision.document_id == id).order_by(EntryRevision.id.desc())
            revisions = list(await session.scalars(newest.limit(KEPT_REVISIONS)))
            published = await record.revision_of(session, id, document.published_hash)
            if published is not None and published not in revisions:
                revisions.append(published)
            said = select(EntryComment).where(EntryComment.document_id == id).order_by(EntryComment.id)
            comments = (await session.scalars(said)).all()
            made = select(EntryPublication).where(EntryPublication.document_id == id, EntryPublication.way != "")
            made = made.where(EntryPublication.state == "done").order_by(EntryPublication.id.desc()).limit(20)
            publications = (await session.scalars(made)).all()
            approvals = await record.approvals(session, id, edition.hash) if edition else ()
            returned = await record.news_of(session, edition, News.RETURNED) if edition else None
        told = (tuple(revisions), tuple(approvals), tuple(comments), tuple(publications), returned)
        return Opened(document, edition, *told)

    async def create(self, path: str, text: EntryText, by: Editor, *, goes_live: bool = False) -> uuid.UUID | None:
        """Creates the draft of a new entry and returns its document's id; None if another entry has the file ``path``.

        An entry that was discarded before its first publication, or whose file was deleted, keeps its document. With
        ``goes_live``, it is published next; until then it counts as interrupted, so that editors see it if the process
        ends.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document = await record.document_at(session, path)
            if document.published_hash or await record.open_edition(session, document.id) is not None:
                return None
            session.add(record.begin_edition(document, text, State.DRAFT, by, _cut(goes_live)))
        return document.id

    async def save(self, id: uuid.UUID, text: EntryText, version: int, by: Editor) -> int:
        """Saves the draft if ``version`` is still its version; returns the new version. Raises Outdated.

        An edition in review, approved or scheduled becomes a draft again. An unchanged text is not saved; 0 means that
        the entry has no draft and the text is the published one.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document = await session.get_one(EntryDocument, id)
            edition = await record.open_edition(session, id)
            if (edition.version if edition else 0) != version:
                raise Outdated(edition.changed_by if edition else "")
            if edition is None:
                if text.hash == document.published_hash:
                    return 0
                edition = record.begin_edition(document, text, State.DRAFT, by)
                session.add(edition)
                add_audit(session, Action.ENTRY_SAVED, staff_id=by.id, subject=str(id), path=document.path)
                await session.flush()
            elif edition.hash != text.hash:
                _write(edition, text, by)
        return edition.version

    async def send(
        self,
        id: uuid.UUID,
        state: State,
        by: Editor,
        publish_at: datetime | None = None,
        accepted: Sequence[str] = (),
        *,
        expected: str = "",
    ) -> None:
        """Sends the draft to review or schedules it for ``publish_at``, according to ``state``.

        Adds its text as a revision.

        ``accepted`` are the keys of the test messages that may lose their right answer when it is published.
        ``expected`` is the hash of the text that was checked and measured. Raises Outdated if the draft has another
        hash. Does nothing without a draft.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            edition = await record.open_edition(session, id)
            if edition is None:
                return
            if expected and edition.hash != expected:
                raise Outdated(edition.changed_by)
            await record.revise(session, id, EntryText(edition.content, edition.phrases), by)
            if state is State.REVIEW and edition.state == State.DRAFT:
                await record.note_review(session, edition, by)
            edition.state = state.value
            edition.publish_at, edition.stopped, edition.accepted = publish_at, "", list(accepted)
            await record.forget_news(session, edition, News.APPROVED, News.RETURNED)
            add_audit(session, Action.ENTRY_SENT, staff_id=by.id, subject=str(id), hash=edition.hash)

    async def discard(self, id: uuid.UUID, by: Editor) -> None:
        """Discards the open edition, if there is one; its text is kept in the history."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            edition = await record.open_edition(session, id)
            if edition is not None:
                await record.revise(session, id, EntryText(edition.content, edition.phrases), by)
                edition.state = State.DISCARDED.value
                add_audit(session, Action.ENTRY_DISCARDED, staff_id=by.id, subject=str(id), hash=edition.hash)

    async def restore(self, id: uuid.UUID, revision_id: int, by: Editor, *, goes_live: bool = False) -> bool:
        """Makes a revision's text the draft, and the earlier draft a revision; ``goes_live`` is as in ``create``.

        The new draft is based on the published text, even if the earlier one was based on an older publication. Returns
        False, and changes nothing, if the revision belongs to another entry.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            revision = await session.get(EntryRevision, revision_id)
            if revision is None or revision.document_id != id:
                return False
            await self._replace(session, id, EntryText(revision.content, revision.phrases), by, _cut(goes_live))
        return True

    async def replace(self, id: uuid.UUID, text: EntryText, by: Editor, *, goes_live: bool = False) -> None:
        """Makes ``text`` the draft and the earlier draft a revision; ``goes_live`` is as in ``create``."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            await self._replace(session, id, text, by, _cut(goes_live))

    async def merge(self, id: uuid.UUID, text: EntryText, mine: EntryText, version: int, by: Editor) -> None:
        """Saves ``text``, merged from ``mine`` and the draft; both are kept in the history. Raises Outdated."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            edition = await record.open_edition(session, id)
            if edition is None or edition.version != version:
                raise Outdated(edition.changed_by if edition else "")
            theirs = EntryText(edition.content, edition.phrases)
            await record.revise(session, id, mine, by)
            await record.revise(session, id, theirs, Editor(None, edition.changed_by, by.origin))
            _write(edition, text, by)

    async def rebase(self, id: uuid.UUID) -> None:
        """Makes the published text the base of the draft, without changing the draft.

        Called when an editor has seen the newer text (published, or on the disk) and keeps their own.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            edition = await record.open_edition(session, id)
            if edition is not None:
                edition.base_hash = (await session.get_one(EntryDocument, id)).published_hash
                edition.opened_at = datetime.now(UTC)
                edition.version += 1

    async def comment(self, id: uuid.UUID, digest: str, text: str, by: Editor) -> None:
        """Adds a comment on the text with the hash ``digest``."""
        async with self._sessions.begin() as session:
            session.add(EntryComment(document_id=id, hash=digest, staff_id=by.id, name=by.name, text=text))

    async def _replace(self, session: AsyncSession, id: uuid.UUID, text: EntryText, by: Editor, stopped: str) -> None:
        document, edition = await session.get_one(EntryDocument, id), await record.open_edition(session, id)
        if edition is None:
            session.add(record.begin_edition(document, text, State.DRAFT, by, stopped))
            return
        await record.revise(session, id, EntryText(edition.content, edition.phrases), by)
        edition.base_hash = document.published_hash
        _write(edition, text, by)
        edition.stopped = stopped


def _cut(goes_live: bool) -> str:
    return record.Stop.CUT if goes_live else ""


def _write(edition: EntryEdition, text: EntryText, by: Editor) -> None:
    edition.content, edition.phrases, edition.hash = text.content, text.phrases, text.hash
    edition.state, edition.publish_at, edition.stopped, edition.accepted = State.DRAFT.value, None, "", []
    edition.version += 1
    edition.changed_at, edition.changed_by = datetime.now(UTC), by.name
    if by.id is not None and by.id not in edition.authors:
        edition.authors = [*edition.authors, by.id]
