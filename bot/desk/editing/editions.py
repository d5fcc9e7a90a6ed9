"""Creates, saves, merges, submits, discards and restores editions of entries.

reviews.py approves editions, publisher.py publishes them.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.base import VentanillaError
from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing import beginning, record
from bot.desk.editing.opened import Opened, Seen, read
from bot.desk.editing.record import FROM_DISK, Editor, State
from bot.desk.editing.repair import errors_of
from bot.desk.editing.staff_notices import noting
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
from bot.record.tables import EntryApproval, EntryComment, EntryDocument, EntryEdition, EntryPublication, EntryRevision


class Outdated(VentanillaError):
    """Somebody else has saved the edition since this person read it.

    ``by`` is who saved it, '' for a change on the disk or if there is no open edition any more.
    """

    def __init__(self, by: str) -> None:
        super().__init__()
        self.by = by


class NewerText(VentanillaError):
    """A text was published, or came from the disk, since the page was shown to this person."""


class Editions:
    """Stores the editions of all entries in PostgreSQL; ``four_eyes`` as in DiskWatch."""

    def __init__(self, sessions: Sessions, *, four_eyes: bool = False) -> None:
        self._sessions, self._four_eyes = sessions, four_eyes

    async def opened(self, id: uuid.UUID) -> Opened | None:
        """Returns an entry with everything that its page shows; None if no entry has this id."""
        async with self._sessions() as session:
            return await read(session, id)

    async def place_for(self, question: str, topic: str) -> beginning.Place:
        """Returns the file and the id of a new entry with this question in the folder ``topic``."""
        async with self._sessions() as session:
            return await beginning.place_for(session, question, topic)

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
            await record.begin_edition(session, document, text, State.DRAFT, by, _cut(goes_live))
        return document.id

    async def save(self, id: uuid.UUID, text: EntryText, version: int, by: Editor, seen: Seen | None = None) -> int:
        """Saves the draft if ``version`` is still its version; returns the new version. Raises Outdated.

        An edition in review, approved or scheduled becomes a draft again. An unchanged text is not saved; 0 means that
        the entry has no draft and the text is the published text. For a new draft, Outdated is raised if another text
        was published since the author saw the page in the state ``seen``; a later edit of the file counts as unseen.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document = await session.get_one(EntryDocument, id)
            edition = await record.open_edition(session, id)
            if (edition.version if edition else 0) != version:
                raise Outdated(edition.changed_by if edition else "")
            if edition is None:
                await _check_base(session, document, seen.published if seen else None)
                if text.hash == document.published_hash:
                    return 0
                disk_seen = seen.on_disk if seen else None
                edition = await record.begin_edition(session, document, text, State.DRAFT, by, disk_seen=disk_seen)
                add_audit(session, Action.ENTRY_SAVED, staff_id=by.id, subject=str(id), path=document.path)
            elif edition.hash != text.hash:
                _write(edition, text, by)
        return edition.version

    async def keep(self, id: uuid.UUID, text: EntryText, by: Editor, every: timedelta = timedelta(0)) -> None:
        """Adds a text that ``save`` refused to the history, unless it is there, or if it is the open edition's.

        ``every`` is the time within which the same person's next text is not added, since pages save at each pause.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            edition = await record.open_edition(session, id)
            if (edition and edition.hash == text.hash) or await record.knows(session, id, text.hash):
                return
            if not every or not await record.wrote_since(session, id, by, datetime.now(UTC) - every):
                await record.revise(session, id, text, by)

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

        Adds the draft's text as a revision. ``accepted`` are the keys of the test messages that may lose their right
        answer when the draft is published. ``expected`` is the hash of the text that was checked and measured. Raises
        Outdated if the draft has another hash. Does nothing without a draft.
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
                await noting.note_review(session, edition, by)
            edition.state = state.value
            edition.changed_at = datetime.now(UTC)
            edition.publish_at, edition.stopped, edition.accepted = publish_at, "", list(accepted)
            await noting.forget_news(session, edition, News.APPROVED, News.RETURNED)
            add_audit(session, Action.ENTRY_SENT, staff_id=by.id, subject=str(id), hash=edition.hash)

    async def discard(self, id: uuid.UUID, by: Editor) -> bool:
        """Discards the open edition, if there is one; its text is kept in the history.

        With four-eyes, an edit of the file on the disk that the open draft kept out of review is then sent to review.
        Returns whether one was sent: an edit with errors is not.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document, edition = await session.get_one(EntryDocument, id), await record.open_edition(session, id)
            if edition is None:
                return False
            await record.revise(session, id, EntryText(edition.content, edition.phrases), by)
            edition.state = State.DISCARDED.value
            add_audit(session, Action.ENTRY_DISCARDED, staff_id=by.id, subject=str(id), hash=edition.hash)
            await session.flush()
            waiting = await record.waits_on_disk(session, document) if self._four_eyes else None
            return waiting is not None and await _review_from_disk(session, document, waiting)

    async def restore(self, id: uuid.UUID, revision_id: int, by: Editor, *, goes_live: bool = False) -> bool:
        """Makes a revision's text the draft, and the earlier draft a revision; ``goes_live`` is as in ``create``.

        The new draft is based on the published text, even if the earlier draft was based on an older publication.
        Returns False, and changes nothing, if the revision belongs to another entry.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            revision = await session.get(EntryRevision, revision_id)
            if revision is None or revision.document_id != id:
                return False
            await self._replace(session, id, EntryText(revision.content, revision.phrases), by, _cut(goes_live))
            edition = await record.open_edition(session, id)
            if edition is not None and revision.origin == record.Origin.DISK:
                edition.disk_seen = max(edition.disk_seen, revision.id)
        return True

    async def replace(self, id: uuid.UUID, text: EntryText, by: Editor, *, goes_live: bool = False) -> None:
        """Makes ``text`` the draft and the earlier draft a revision; ``goes_live`` is as in ``create``."""
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            await self._replace(session, id, text, by, _cut(goes_live))

    async def merge(self, opened: Opened, text: EntryText, mine: EntryText, by: Editor) -> None:
        """Saves ``text``, merged from ``mine`` and the draft or, without a draft, the published text.

        ``mine`` and the draft are kept in the history. Raises Outdated if the draft or the published text has changed
        since the entry was ``opened``; an edit of the file later than ``opened.on_disk`` counts as unseen.
        """
        id = opened.document.id
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document, edition = await session.get_one(EntryDocument, id), await record.open_edition(session, id)
            if (edition.version if edition else 0) != opened.version:
                raise Outdated(edition.changed_by if edition else "")
            await record.revise(session, id, mine, by)
            if edition is None:
                await _check_base(session, document, opened.document.published_hash)
                await record.begin_edition(session, document, text, State.DRAFT, by, disk_seen=opened.on_disk)
                return
            theirs = EntryText(edition.content, edition.phrases)
            await record.revise(session, id, theirs, Editor(None, edition.changed_by, by.origin))
            _write(edition, text, by)

    async def rebase(self, id: uuid.UUID, published: str, on_disk: int, by: Editor) -> None:
        """Makes the published text the base of the draft, without changing the draft's text.

        ``published`` is the hash of the published text that ``by`` has seen, ``on_disk`` the id of the revision with
        the file's edit that ``by`` has seen (0: none). With four-eyes, an edition approved over an older published text
        goes back to review, without its approvals. Raises NewerText if another text was published, or came from the
        disk, since then.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document, edition = await session.get_one(EntryDocument, id), await record.open_edition(session, id)
            if edition is None:
                return
            unseen = await record.unseen_on_disk(session, edition, document)
            if document.published_hash != published or (unseen.id if unseen else 0) != on_disk:
                raise NewerText
            if self._four_eyes and edition.base_hash != published:
                await _ask_again(session, edition, by)
            edition.base_hash, edition.version = published, edition.version + 1
            edition.disk_seen = max(edition.disk_seen, on_disk)

    async def comment(self, id: uuid.UUID, digest: str, text: str, by: Editor) -> None:
        """Adds a comment on the text with the hash ``digest``."""
        async with self._sessions.begin() as session:
            session.add(EntryComment(document_id=id, hash=digest, staff_id=by.id, name=by.name, text=text))

    async def _replace(self, session: AsyncSession, id: uuid.UUID, text: EntryText, by: Editor, stopped: str) -> None:
        document, edition = await session.get_one(EntryDocument, id), await record.open_edition(session, id)
        if edition is None:
            await record.begin_edition(session, document, text, State.DRAFT, by, stopped)
            return
        await record.revise(session, id, EntryText(edition.content, edition.phrases), by)
        edition.base_hash = document.published_hash
        _write(edition, text, by)
        edition.stopped = stopped


async def mark_published(
    session: AsyncSession, document: EntryDocument, publication: EntryPublication, *, four_eyes: bool
) -> None:
    """Marks a publication's text as the published text, and its edition, if there is one, as published.

    With four-eyes, an edit of the file that the edition's editors had not seen waits for review from then on.
    """
    edition = await session.get(EntryEdition, publication.edition_id) if publication.edition_id else None
    unseen = await record.unseen_on_disk(session, edition, document) if edition and four_eyes else None
    record.mark_published(document, publication.hash)
    if edition is not None:
        edition.state = State.PUBLISHED.value
    await session.flush()
    if unseen is not None:
        await _review_from_disk(session, document, unseen)


async def _review_from_disk(session: AsyncSession, document: EntryDocument, waiting: EntryRevision) -> bool:
    """Sends a text from the disk to review; returns False if it has errors, which the list of entries shows."""
    text = EntryText(waiting.content, waiting.phrases)
    if errors_of(text, document.path, None):
        return False
    await record.begin_edition(session, document, text, State.REVIEW, FROM_DISK)
    return True


async def _ask_again(session: AsyncSession, edition: EntryEdition, by: Editor) -> None:
    """Deletes the approvals of the edition's text, and sends the edition to review if it was approved."""
    own = (EntryApproval.document_id == edition.document_id) & (EntryApproval.hash == edition.hash)
    await session.execute(delete(EntryApproval).where(own))
    if edition.state in {State.APPROVED, State.SCHEDULED}:
        edition.state, edition.stopped, edition.accepted = State.REVIEW.value, "", []
        edition.changed_at = datetime.now(UTC)
        await noting.note_review(session, edition, by)
        await noting.forget_news(session, edition, News.APPROVED)
        add_audit(session, Action.ENTRY_SENT, staff_id=by.id, subject=str(edition.document_id), hash=edition.hash)


async def _check_base(session: AsyncSession, document: EntryDocument, published: str | None) -> None:
    """Raises Outdated unless ``published`` is None or the hash of the published text."""
    if published not in {None, document.published_hash}:
        newer = await record.revision_of(session, document.id, document.published_hash)
        raise Outdated(newer.author_name if newer else "")


def _cut(goes_live: bool) -> str:
    return record.Stop.CUT if goes_live else ""


def _write(edition: EntryEdition, text: EntryText, by: Editor) -> None:
    edition.content, edition.phrases, edition.hash = text.content, text.phrases, text.hash
    edition.state, edition.publish_at, edition.stopped, edition.accepted = State.DRAFT.value, None, "", []
    edition.version, edition.from_disk = edition.version + 1, False
    edition.changed_at, edition.changed_by = datetime.now(UTC), by.name
    if by.id is not None and by.id not in edition.authors:
        edition.authors = [*edition.authors, by.id]
