"""Publishes open editions and withdraws entries: journal row, files, list of approved texts and audit log.

The journal row is committed before a file is touched, the other rows after. A worker therefore finishes an interrupted
publication, or undoes it if the files have another text by then. The processes that answer watch the folder, so a
publication takes effect when its files are replaced.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing import record
from bot.desk.editing.commits import queue
from bot.desk.editing.editions import Outdated, mark_published
from bot.desk.editing.form import ended
from bot.desk.editing.record import Editor, State, Stop, Way
from bot.desk.editing.reviews import may_publish
from bot.desk.editing.text import EntryText, keep_unreadable, remove_fresh, remove_text, text_on_disk, write_text
from bot.faq.entries.canonical import canonical
from bot.faq.entries.phrases import phrases_name
from bot.faq.publishing import approved
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryEdition, EntryPublication, EntryRevision


class NothingToPublish(VentanillaError):
    """The entry has no open edition.

    Also raised if the edition is not scheduled as expected, or if an entry to withdraw or to confirm is not published.
    """


class NeedsApproval(VentanillaError):
    """Four-eyes forbids the publication: nobody but its authors has approved exactly this text.

    Also raised if its way does not apply: a minor change changes more than facts, or a rollback was never published.
    """


class PublishedMeanwhile(VentanillaError):
    """Another text was published since the edition was opened, by a person or from the disk."""


class UnseenOnDisk(PublishedMeanwhile):
    """The file was edited on the disk, and the editors of the edition have not seen that edit."""


class ChangedOnDisk(VentanillaError):
    """The file has a text that is not in the history yet, or another entry has its path."""


class Publisher:
    """Publishes entries below ``faq_dir``; with ``four_eyes``, only texts that a non-author has approved.

    A text published in another Way than APPROVED needs no approval. With ``commits``, each publication is queued for
    its Git commit.
    """

    def __init__(self, sessions: Sessions, faq_dir: Path, *, four_eyes: bool, commits: bool = False) -> None:
        self._sessions, self._faq_dir, self._four_eyes, self._commits = sessions, faq_dir, four_eyes, commits

    async def publish(
        self,
        document_id: uuid.UUID,
        path: str,
        by: Editor,
        *,
        way: Way = Way.APPROVED,
        reason: str = "",
        expected: str = "",
        scheduled: str = "",
    ) -> str:
        """Publishes the open edition as the files of ``path``; returns the text's hash.

        ``way`` is the right by which the text is published without an approval, and ``reason`` the editor's reason; the
        caller checks the permission. ``expected`` is the hash of the text that was checked and measured; a text with
        another hash is not published. With ``scheduled``, the edition must be scheduled and have this hash. A file that
        cannot be read is replaced too, and a copy of its bytes stays beside it. A draft that cannot be published keeps
        the reason (Stop), which the list shows, until it is saved again; a missing approval is no such reason. Raises
        NothingToPublish, Outdated, NeedsApproval, PublishedMeanwhile, ChangedOnDisk, and OSError if the files cannot be
        written.
        """
        try:
            return await self._publish(document_id, path, by, way, reason, expected, scheduled)
        except (NeedsApproval, PublishedMeanwhile, ChangedOnDisk, OSError) as error:
            if not scheduled:  # for scheduled ones, Due stores the reason and notifies the editors
                await self._stop(document_id, error)
            raise

    async def _publish(
        self,
        document_id: uuid.UUID,
        path: str,
        by: Editor,
        way: Way,
        reason: str,
        expected: str,
        scheduled: str,
    ) -> str:
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document = await session.get_one(EntryDocument, document_id)
            edition = await record.open_edition(session, document_id)
            if edition is None or (scheduled and (edition.hash, edition.state) != (scheduled, State.SCHEDULED.value)):
                raise NothingToPublish
            if expected and edition.hash != expected:
                raise Outdated(edition.changed_by)
            text = EntryText(edition.content, edition.phrases)
            if self._four_eyes and not await may_publish(session, document, edition, text, way):
                raise NeedsApproval
            if way in {Way.APPROVED, Way.MINOR} and await record.unseen_on_disk(session, edition, document):
                raise UnseenOnDisk
            await self._check(session, document, edition, path)
            await asyncio.to_thread(keep_unreadable, self._faq_dir, document.path)
            publication = await self._begin(document, text, path, by, way, reason, edition.id)
            await self._carry_out(session, publication, text)
        return text.hash

    async def withdraw(self, document_id: uuid.UUID, by: Editor, reason: str, today: date) -> bool:
        """Withdraws the published text by setting its expiry to yesterday; citizens who ask are then handed off.

        The file is kept: without it, other entries would answer about one in eight of the entry's messages. One person
        may withdraw, since no new text is published. An open draft stays open. Even a file that is not UTF-8 can be
        withdrawn: a copy of its bytes is kept next to it, and True is returned. Raises NothingToPublish, ChangedOnDisk,
        NotAForm and OSError.
        """
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            document = await session.get_one(EntryDocument, document_id)
            published = await record.revision_of(session, document_id, document.published_hash)
            if published is None:
                raise NothingToPublish
            await self._check_disk(session, document)
            text = ended(EntryText(published.content, published.phrases), today - timedelta(days=1))
            kept = await asyncio.to_thread(keep_unreadable, self._faq_dir, document.path)
            publication = await self._begin(document, text, document.path, by, Way.WITHDRAWAL, reason)
            await self._carry_out(session, publication, text)
        return kept

    async def recover(self) -> None:
        """Finishes publications that a crash interrupted, or undoes them if the files have another text by now.

        Waits for the lock, so that a publication in progress in another process is not affected. A publication whose
        files cannot be written does not prevent the others.
        """
        cut = select(EntryPublication.id).where(EntryPublication.state == "begun").order_by(EntryPublication.id)
        async with self._sessions() as session:
            ids = (await session.scalars(cut)).all()
        for id in ids:
            try:
                async with self._sessions.begin() as session:
                    await record.one_at_a_time(session)
                    publication = await session.get_one(EntryPublication, id)
                    if publication.state == "begun":
                        await self._recover(session, publication)
            except OSError as error:
                log.warning("entries: publication not finished, retrying", error=type(error).__name__)

    async def _stop(self, document_id: uuid.UUID, error: Exception) -> None:
        """Stores why the open draft of the document is not published.

        A draft that only lacks an approval gets no reason.
        """
        why = Stop.UNWRITTEN.value if isinstance(error, OSError) else Stop.FAILED.value
        draft = (EntryEdition.document_id == document_id) & (EntryEdition.state == State.DRAFT.value)
        noted = update(EntryEdition).where(draft)
        if isinstance(error, NeedsApproval):
            why, noted = "", noted.where(EntryEdition.stopped == Stop.CUT.value)
        async with self._sessions.begin() as session:
            await session.execute(noted.values(stopped=why))

    async def _check(self, session: AsyncSession, document: EntryDocument, edition: EntryEdition, path: str) -> None:
        if edition.base_hash != document.published_hash:
            raise PublishedMeanwhile
        if path != document.path and (self._faq_dir / path).exists():
            raise ChangedOnDisk
        await self._check_disk(session, document)

    async def _check_disk(self, session: AsyncSession, document: EntryDocument) -> None:
        here = await asyncio.to_thread(text_on_disk, self._faq_dir, document.path)
        if here is not None and not await record.knows(session, document.id, here.hash):
            raise ChangedOnDisk

    async def _begin(
        self,
        document: EntryDocument,
        text: EntryText,
        path: str,
        by: Editor,
        way: Way,
        reason: str,
        edition: int | None = None,
    ) -> EntryPublication:
        """Commits the revision and the journal row in a separate transaction; returns the row."""
        async with self._sessions.begin() as session:
            revision = await record.revise(session, document.id, text, by)
            publication = EntryPublication(
                document_id=document.id,
                revision_id=revision.id,
                edition_id=edition,
                path=path,
                before=document.published_hash,
                hash=text.hash,
                staff_id=by.id,
                name=by.name,
                state="begun",
                way=way.value,
                reason=reason,
            )
            session.add(publication)
        return publication

    async def _carry_out(self, session: AsyncSession, publication: EntryPublication, text: EntryText) -> None:
        """Writes the files and the rows that mark the publication as done; may be repeated after an interruption."""
        publication = await session.merge(publication)
        document = await session.get_one(EntryDocument, publication.document_id)
        await self._approve(session, publication)
        await asyncio.to_thread(write_text, self._faq_dir, publication.path, text)
        moved_from = document.path if document.path != publication.path else ""
        if moved_from:
            await asyncio.to_thread(remove_text, self._faq_dir, moved_from)
        if self._commits:
            await queue.add_publication(session, publication, moved_from)
        document.path = publication.path
        await mark_published(session, document, publication, four_eyes=self._four_eyes)
        publication.state = "done"
        await self._approve(session)
        add_audit(
            session,
            Action.ENTRY_WITHDRAWN if publication.way == Way.WITHDRAWAL else Action.ENTRY_PUBLISHED,
            staff_id=publication.staff_id,
            subject=str(document.id),
            path=document.path,
            hash=publication.hash,
            **({"way": publication.way} if publication.way else {}),
            **({"reason": publication.reason} if publication.reason else {}),
        )

    async def _approve(self, session: AsyncSession, publication: EntryPublication | None = None) -> None:
        """Writes the list of approved texts if four-eyes is on: the published texts, and that of ``publication``."""
        if self._four_eyes:
            listed = await record.approved_texts(session)
            if publication is not None:
                listed.setdefault(publication.path, set()).add(publication.hash)
            await asyncio.to_thread(approved.write, self._faq_dir, listed)

    async def _recover(self, session: AsyncSession, publication: EntryPublication) -> None:
        document = await session.get_one(EntryDocument, publication.document_id)
        target = await session.get_one(EntryRevision, publication.revision_id)
        text = EntryText(target.content, target.phrases)
        before = await _text_of(session, publication)
        if await asyncio.to_thread(_is_between, self._faq_dir, publication.path, before, text):
            await self._carry_out(session, publication, text)
            log.info("entries: publication finished after a crash", document=str(document.id))
            return
        publication.state = "undone"
        draft = (EntryEdition.id == publication.edition_id) & (EntryEdition.state == State.DRAFT.value)
        await session.execute(update(EntryEdition).where(draft).values(stopped=Stop.FAILED.value))
        await asyncio.to_thread(remove_fresh, self._faq_dir, publication.path)
        log.warning("entries: publication undone, the file changed", document=str(document.id))


async def _text_of(session: AsyncSession, publication: EntryPublication) -> EntryText | None:
    """Returns the text that was published before ``publication``; None if there was none."""
    found = await record.revision_of(session, publication.document_id, publication.before)
    return EntryText(found.content, found.phrases) if found else None


def _is_between(faq_dir: Path, path: str, before: EntryText | None, after: EntryText) -> bool:
    """Returns whether each file has the text from before or after the publication, or is missing or empty."""
    known = [one.files(path) for one in (after, before, EntryText("")) if one is not None]
    for name in (path, phrases_name(path)):
        here = (faq_dir / name).read_bytes() if (faq_dir / name).is_file() else b""
        if (canonical(here) if here else b"") not in {files[name] for files in known}:
            return False
    return True
