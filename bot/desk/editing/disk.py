"""Records changes in the FAQ folder: an edit by hand, by Git or by a tool becomes a revision «desde el disco».

With four-eyes, the edit waits as an edition in review, and the published text stays live
(bot/faq/publishing/approved.py); a draft that a person has open stays as it is, and its page names the edit. Entries in
the folder at the very first start count as published. Entries in the folder DRAFTS next to it become drafts.

A deleted file withdraws its entry; with four-eyes, the file is written again. A moved file keeps its entry.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.logs import log
from bot.desk.auth.audit import Action, add_audit
from bot.desk.editing import record
from bot.desk.editing.commits.queue import What, add_from_disk
from bot.desk.editing.editions import Editions
from bot.desk.editing.importing import Importer
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import FROM_DISK, Origin, State
from bot.desk.editing.staff_notices import noting
from bot.desk.editing.staff_notices.noting import News
from bot.desk.editing.text import EntryText, text_in, write_text
from bot.faq.entries.folder import Signs, load_files, read_files, signs_of
from bot.faq.publishing import approved
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryEdition, EntryPublication, EntryRevision

EVERY_S = 1.0
RETRY_S = 5.0
RECOVER_EVERY_S = 5.0  # how often publications that another process did not finish are looked for
DRAFTS = "borradores"  # folder beside the FAQ; its entries become drafts


class DiskWatch:
    """Compares the FAQ folder with the record; with ``four_eyes``, edits of files wait for approval.

    With ``commits``, each published edit is queued for its Git commit.
    """

    def __init__(
        self, sessions: Sessions, faq_dir: Path, teams: Mapping[str, str], *, four_eyes: bool, commits: bool = False
    ) -> None:
        self._sessions, self._faq_dir, self._teams, self._four_eyes = sessions, faq_dir, teams, four_eyes
        self._commits, self._drafts = commits, faq_dir.parent / DRAFTS
        self._seen: Signs | None = None

    async def run(self) -> None:
        """Finishes interrupted publications, records every change, and imports entries in DRAFTS, until cancelled."""
        publisher = Publisher(self._sessions, self._faq_dir, four_eyes=self._four_eyes, commits=self._commits)
        recovered_at = -RECOVER_EVERY_S
        while True:
            try:
                if time.monotonic() - recovered_at >= RECOVER_EVERY_S:
                    await publisher.recover()
                    recovered_at = time.monotonic()
                await self.look()
                if self._drafts.is_dir():
                    await Importer(self._sessions, Editions(self._sessions), publisher).take_drafts(self._drafts)
            except (SQLAlchemyError, OSError) as error:
                log.warning("entries: disk not recorded, retrying", error=type(error).__name__)
                self._seen = None
                await asyncio.sleep(RETRY_S)
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Records the differences between folder and record, and writes the list of approved texts.

        Without four-eyes, the list is deleted instead. Does nothing if no file changed since the last call.
        """
        seen = await asyncio.to_thread(signs_of, self._faq_dir)
        if seen == self._seen:
            return
        async with self._sessions.begin() as session:
            await record.one_at_a_time(session)
            contents = await asyncio.to_thread(read_files, self._faq_dir)
            await self._record(session, contents)
            if self._four_eyes:
                await _taken_back(session, contents)
            listed = await record.approved_texts(session) if self._four_eyes else None
            await asyncio.to_thread(approved.write, self._faq_dir, listed)
        self._seen = seen

    async def _record(self, session: AsyncSession, contents: Mapping[str, bytes]) -> None:
        documents = {one.path: one for one in (await session.scalars(select(EntryDocument))).all()}
        newcomers = contents.keys() - {path for path, one in documents.items() if one.published_hash}
        folder = await asyncio.to_thread(load_files, contents, self._teams, newcomers=newcomers)
        first = not documents
        for entry in folder.entries:
            text = text_in(contents, entry.path)
            document = documents.get(entry.path)
            if text is None or (document is not None and document.published_hash == text.hash):
                continue
            document = document or await self._moved_or_new(session, entry.path, documents, contents, text)
            documents[entry.path] = document
            if document.published_hash == text.hash:
                continue
            if first:
                await _published(session, document, text)
            else:
                await self._changed(session, document, text)
        sound = {entry.path for entry in folder.entries}
        for path, document in documents.items():
            if document.published_hash and path not in contents:
                await self._gone(session, document)
            elif path not in sound and (text := text_in(contents, path)):
                await _broken(session, document, text)

    async def _moved_or_new(
        self,
        session: AsyncSession,
        path: str,
        documents: dict[str, EntryDocument],
        contents: Mapping[str, bytes],
        text: EntryText,
    ) -> EntryDocument:
        """Returns the document for a file that belongs to no document; if the file has moved, queues its commits."""
        document, moved_from = await _moved_or_new(session, path, documents, contents)
        if moved_from:
            await self._queue(session, document, document.published_hash, moved_from, What.GONE)
            if document.published_hash == text.hash:
                await self._queue(session, document, text.hash, path, What.DISK)
        return document

    async def _changed(self, session: AsyncSession, document: EntryDocument, text: EntryText) -> None:
        if await record.begun(session, document.id):
            return
        edition = await record.open_edition(session, document.id)
        if not self._four_eyes:
            await _published(session, document, text)
            await self._queue(session, document, text.hash, document.path, What.DISK)
            if edition is not None and edition.hash == text.hash:
                edition.state = State.PUBLISHED.value
            add_audit(
                session,
                Action.ENTRY_PUBLISHED,
                staff_id=None,
                subject=str(document.id),
                path=document.path,
                hash=text.hash,
                origin=Origin.DISK.value,
            )
        elif edition is not None and edition.hash != text.hash and edition.from_disk:
            await _rewrite(session, edition, text)
        elif not await _is_recorded(session, document, text):
            await record.revise(session, document.id, text, FROM_DISK)
            if edition is None:
                await record.begin_edition(session, document, text, State.REVIEW, FROM_DISK)

    async def _gone(self, session: AsyncSession, document: EntryDocument) -> None:
        """Marks the entry of a deleted file as withdrawn; with four-eyes, restores the file instead.

        A deletion has no text that a second person could approve.
        """
        if await record.begun(session, document.id):
            return
        if self._four_eyes:
            query = select(EntryRevision).where(
                EntryRevision.document_id == document.id, EntryRevision.hash == document.published_hash
            )
            published = (await session.scalars(query.limit(1))).one()
            text = EntryText(published.content, published.phrases)
            await asyncio.to_thread(write_text, self._faq_dir, document.path, text)
            return
        await self._queue(session, document, document.published_hash, document.path, What.GONE)
        record.mark_published(document, "")
        add_audit(session, Action.ENTRY_WITHDRAWN, staff_id=None, subject=str(document.id), path=document.path)

    async def _queue(self, session: AsyncSession, document: EntryDocument, digest: str, path: str, what: What) -> None:
        """Queues a change of the file ``path`` for its Git commit, if that is enabled and a revision has this hash."""
        revision = await record.revision_of(session, document.id, digest) if self._commits else None
        if revision is not None:
            add_from_disk(session, document.id, revision, path, what)


async def _taken_back(session: AsyncSession, contents: Mapping[str, bytes]) -> None:
    """Records that files have the published text again, and discards the open editions from the disk."""
    newest = (
        select(EntryDocument, EntryRevision.hash)
        .join(EntryRevision, EntryRevision.document_id == EntryDocument.id)
        .where(EntryRevision.origin == Origin.DISK.value, EntryRevision.at > EntryDocument.published_at)
        .distinct(EntryDocument.id)
        .order_by(EntryDocument.id, EntryRevision.id.desc())
    )
    for document, digest in (await session.execute(newest)).all():
        text = text_in(contents, document.path)
        if text is None or text.hash != document.published_hash or digest == text.hash:
            continue
        if await record.begun(session, document.id):
            continue
        await record.revise(session, document.id, text, FROM_DISK)
        edition = await record.open_edition(session, document.id)
        if edition is not None and edition.from_disk:
            edition.state = State.DISCARDED.value
            detail = {"hash": edition.hash, "origin": Origin.DISK.value}
            add_audit(session, Action.ENTRY_DISCARDED, staff_id=None, subject=str(document.id), **detail)


async def _rewrite(session: AsyncSession, edition: EntryEdition, text: EntryText) -> None:
    """Replaces the text of an open edition from the disk with a later edit, and queues news for the reviewers.

    Decisions about the earlier edit no longer apply: its approval, its date, and the accepted loss of test messages.
    """
    edition.disk_seen = (await record.revise(session, edition.document_id, text, FROM_DISK)).id
    edition.content, edition.phrases, edition.hash = text.content, text.phrases, text.hash
    edition.state, edition.version, edition.changed_at = State.REVIEW.value, edition.version + 1, datetime.now(UTC)
    edition.publish_at, edition.stopped, edition.accepted = None, "", []
    await noting.note_review(session, edition, FROM_DISK)
    await noting.forget_news(session, edition, News.APPROVED, News.RETURNED)


async def _broken(session: AsyncSession, document: EntryDocument, text: EntryText) -> None:
    """Adds a text with errors to the history unless it is there, so that an editor can replace it on the page."""
    if not await record.knows(session, document.id, text.hash):
        await record.revise(session, document.id, text, FROM_DISK)


async def _published(session: AsyncSession, document: EntryDocument, text: EntryText) -> None:
    revision = await record.revise(session, document.id, text, FROM_DISK)
    if document.published_hash:
        texts = {"before": document.published_hash, "hash": text.hash}
        row = EntryPublication(document_id=document.id, revision_id=revision.id, path=document.path, **texts)
        row.name, row.state = "", "done"
        session.add(row)
    record.mark_published(document, text.hash)


async def _moved_or_new(
    session: AsyncSession, path: str, documents: dict[str, EntryDocument], contents: Mapping[str, bytes]
) -> tuple[EntryDocument, str]:
    """Returns the document whose file has moved to ``path``, and its old path; gives the document the new path.

    A moved file is recognized by its name. If no file has moved there, returns a new document and ''.
    """
    name = PurePosixPath(path).name
    for old, document in list(documents.items()):
        if PurePosixPath(old).name == name and old not in contents:
            del documents[old]
            document.path = path
            return document, old
    return await record.new_document(session, path), ""


async def _is_recorded(session: AsyncSession, document: EntryDocument, text: EntryText) -> bool:
    """Returns whether the text is the last text recorded from the disk since the last publication.

    Such a text is in review or discarded, or an open draft's page mentions it.
    """
    newest = await record.unpublished_on_disk(session, document)
    return newest is not None and newest.hash == text.hash
