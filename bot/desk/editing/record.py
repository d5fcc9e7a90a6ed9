"""Reads and writes the rows of entries: documents, revisions, approvals and the open edition.

Every change of a text calls ``one_at_a_time`` first, so that the rows, the files and the list of approved texts change
together.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors.base import VentanillaError
from bot.desk.editing.text import EntryText
from bot.record.locks import Lock, take
from bot.record.tables import EntryApproval, EntryDocument, EntryEdition, EntryPublication, EntryRevision


class Origin(StrEnum):
    """The origin of a revision; its Spanish name is in ``entradas.origen``."""

    PAGE = "page"
    DISK = "disk"
    IMPORT = "import"


class State(StrEnum):
    """The state of an edition; the first four are open."""

    DRAFT = "draft"
    REVIEW = "review"
    APPROVED = "approved"  # a second person approved it, and somebody publishes it later
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    DISCARDED = "discarded"


class Way(StrEnum):
    """The way by which a text is published or withdrawn; its Spanish name is in ``entradas.vias``."""

    APPROVED = ""  # a second person has approved the text, where four-eyes requires it
    MINOR = "minor"  # only facts were changed; a second person confirms it afterwards
    URGENT = "urgent"  # with a permission and a reason; a second person confirms it afterwards
    ROLLBACK = "rollback"  # the text was published before
    WITHDRAWAL = "withdrawal"  # the text answers nobody any more


class Stop(StrEnum):
    """The reason why an edition was not published when it should have been.

    Its Spanish text is in ``entradas.detenida``.
    """

    LOST = "lost"
    UNMEASURED = "unmeasured"
    UNWRITTEN = "unwritten"  # the worker publishes it as soon as the files can be written
    FAILED = "failed"  # for any other reason; the edition is a draft
    CUT = "cut"  # the process ended before it could be published; the edition is a draft


class OwnText(VentanillaError):
    """An author tried to approve or return their own text, which authors may not do."""


OPEN = (State.DRAFT, State.REVIEW, State.APPROVED, State.SCHEDULED)


@dataclass(frozen=True)
class Editor:
    """The person or process that changes an entry; a process has no ``id`` and no ``name``."""

    id: uuid.UUID | None = None
    name: str = ""
    origin: Origin = Origin.DISK


FROM_DISK = Editor(origin=Origin.DISK)


async def one_at_a_time(session: AsyncSession) -> None:
    """Waits until no other transaction changes entries, and locks them out until this transaction ends."""
    await take(session, Lock.ENTRIES)


async def document_at(session: AsyncSession, path: str) -> EntryDocument:
    """Returns the document whose file has this path; adds a new document, never published, if there is none."""
    document = await session.scalar(select(EntryDocument).where(EntryDocument.path == path))
    return document or await new_document(session, path)


async def new_document(session: AsyncSession, path: str) -> EntryDocument:
    """Adds a document that was never published."""
    document = EntryDocument(path=path, published_hash="")
    session.add(document)
    await session.flush()
    return document


async def open_edition(session: AsyncSession, document: uuid.UUID) -> EntryEdition | None:
    """Returns the document's edition that is neither published nor discarded, or None."""
    query = select(EntryEdition).where(EntryEdition.document_id == document, EntryEdition.state.in_(OPEN))
    return (await session.scalars(query)).one_or_none()


async def begun(session: AsyncSession, document: uuid.UUID) -> bool:
    """Returns whether a publication of ``document`` was begun and neither finished nor undone."""
    query = exists().where(EntryPublication.document_id == document, EntryPublication.state == "begun")
    return bool(await session.scalar(select(query)))


async def knows(session: AsyncSession, document: uuid.UUID, digest: str) -> bool:
    """Returns whether a revision of ``document`` has the text with the hash ``digest``."""
    query = exists().where(EntryRevision.document_id == document, EntryRevision.hash == digest)
    return bool(await session.scalar(select(query)))


async def wrote_since(session: AsyncSession, document: uuid.UUID, by: Editor, since: datetime) -> bool:
    """Returns whether a revision that the person ``by`` wrote was added after ``since``."""
    own = (EntryRevision.document_id == document) & (EntryRevision.author_id == by.id)
    return bool(await session.scalar(select(exists().where(own, EntryRevision.at > since))))


async def approvals(
    session: AsyncSession, document: uuid.UUID, digest: str, since: datetime | None = None
) -> Sequence[EntryApproval]:
    """Returns the approvals of exactly the text with the hash ``digest``, all or those given after ``since``.

    Approvals from before the last publication or withdrawal no longer permit a publication.
    """
    query = select(EntryApproval).where(EntryApproval.document_id == document, EntryApproval.hash == digest)
    if since is not None:
        query = query.where(EntryApproval.at > since)
    return (await session.scalars(query.order_by(EntryApproval.id))).all()


async def was_published(session: AsyncSession, document: uuid.UUID, digest: str) -> bool:
    """Returns whether a recorded publication put the text with the hash ``digest`` online, or replaced it."""
    done = EntryPublication.state == "done"
    served = done & (EntryPublication.way != Way.WITHDRAWAL)
    either = ((EntryPublication.hash == digest) & served) | (EntryPublication.before == digest)
    return bool(await session.scalar(select(exists().where(EntryPublication.document_id == document, either))))


async def once_published(session: AsyncSession, document: uuid.UUID) -> frozenset[str]:
    """Returns the hashes of all texts for which ``was_published`` is true."""
    own = EntryPublication.document_id == document
    served = own & (EntryPublication.state == "done") & (EntryPublication.way != Way.WITHDRAWAL)
    replaced = own & (EntryPublication.before != "")
    hashes = select(EntryPublication.hash).where(served).union(select(EntryPublication.before).where(replaced))
    return frozenset(await session.scalars(hashes))


async def revision_of(session: AsyncSession, document: uuid.UUID, digest: str) -> EntryRevision | None:
    """Returns the newest revision of ``document`` with the hash ``digest``, or None."""
    query = select(EntryRevision).where(EntryRevision.document_id == document, EntryRevision.hash == digest)
    return (await session.scalars(query.order_by(EntryRevision.id.desc()).limit(1))).one_or_none()


async def unpublished_on_disk(session: AsyncSession, document: EntryDocument) -> EntryRevision | None:
    """Returns the newest text recorded from the disk since the last publication, or None."""
    query = select(EntryRevision).where(_of_disk(document.id))
    if document.published_at is not None:
        query = query.where(EntryRevision.at > document.published_at)
    return (await session.scalars(query.order_by(EntryRevision.id.desc()).limit(1))).one_or_none()


async def waits_on_disk(session: AsyncSession, document: EntryDocument) -> EntryRevision | None:
    """Returns the text that was written on the disk and neither published nor discarded since, or None.

    A withdrawal in the meantime, which writes the file too, does not end the wait.
    """
    newest = await _newest_of_disk(session, document.id)
    if newest is None or newest.hash == document.published_hash:
        return None
    if document.published_at is not None and newest.at <= document.published_at:
        done = (EntryPublication.document_id == document.id) & (EntryPublication.state == "done")
        served = select(func.max(EntryPublication.revision_id)).where(done, EntryPublication.way != Way.WITHDRAWAL)
        if newest.id <= (await session.scalar(served) or 0) or await was_published(session, document.id, newest.hash):
            return None
    own = (EntryEdition.document_id == document.id) & EntryEdition.from_disk & (EntryEdition.disk_seen >= newest.id)
    is_discarded = exists().where(own, EntryEdition.state == State.DISCARDED.value)
    return None if await session.scalar(select(is_discarded)) else newest


async def unseen_on_disk(session: AsyncSession, edition: EntryEdition, document: EntryDocument) -> EntryRevision | None:
    """Returns the newest edit of the file that an edition lacks and its editors have not seen, or None."""
    newest = await _newest_of_disk(session, document.id)
    return newest if newest and is_unseen(newest, edition, document) else None


def is_unseen(newest: EntryRevision, edition: EntryEdition, document: EntryDocument) -> bool:
    """Returns whether the file's ``newest`` edit is neither published nor in the edition nor seen by its editors."""
    return newest.id > edition.disk_seen and newest.hash not in {edition.hash, document.published_hash}


async def newest_on_disk(session: AsyncSession, document: uuid.UUID) -> int:
    """Returns the id of the newest revision from the disk, 0 if there is none."""
    return await session.scalar(select(func.max(EntryRevision.id)).where(_of_disk(document))) or 0


async def _newest_of_disk(session: AsyncSession, document: uuid.UUID) -> EntryRevision | None:
    query = select(EntryRevision).where(_of_disk(document)).order_by(EntryRevision.id.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


def _of_disk(document: uuid.UUID) -> ColumnElement[bool]:
    return and_(EntryRevision.document_id == document, EntryRevision.origin == Origin.DISK.value)


async def revise(session: AsyncSession, document: uuid.UUID, written: EntryText, by: Editor) -> EntryRevision:
    """Returns the newest revision of ``document`` if it has this text; otherwise adds and returns a new revision.

    A text from the disk is added even if a person wrote the same text before, since the file has the text from then on.
    """
    newest = select(EntryRevision).where(EntryRevision.document_id == document).order_by(EntryRevision.id.desc())
    found = (await session.scalars(newest.limit(1))).one_or_none()
    is_new_on_disk = by.origin is Origin.DISK and found is not None and found.origin != Origin.DISK
    if found is not None and found.hash == written.hash and not is_new_on_disk:
        return found
    made = EntryRevision(document_id=document, hash=written.hash, content=written.content, phrases=written.phrases)
    made.author_id, made.author_name, made.origin = by.id, by.name, by.origin.value
    made.at = datetime.now(UTC)  # not the transaction's start, since it may have waited for another publication
    session.add(made)
    await session.flush()
    return made


async def begin_edition(
    session: AsyncSession,
    document: EntryDocument,
    written: EntryText,
    state: State,
    by: Editor,
    stopped: str = "",
    disk_seen: int | None = None,
) -> EntryEdition:
    """Adds a new edition of ``document`` with this text, and returns it.

    ``disk_seen`` is the newest revision from the disk that its author has seen; None means all of them.
    """
    edition = EntryEdition(
        document_id=document.id,
        state=state.value,
        base_hash=document.published_hash,
        hash=written.hash,
        content=written.content,
        phrases=written.phrases,
        authors=[by.id] if by.id else [],
        changed_by=by.name,
        stopped=stopped,
        from_disk=by.origin is Origin.DISK,
        disk_seen=await newest_on_disk(session, document.id) if disk_seen is None else disk_seen,
    )
    session.add(edition)
    await session.flush()
    return edition


def mark_published(document: EntryDocument, digest: str) -> None:
    """Records the hash (``digest``) of the published text, and the time; '' means that the entry's file was deleted."""
    document.published_hash, document.published_at = digest, datetime.now(UTC)


async def published_texts(session: AsyncSession) -> dict[str, EntryText]:
    """Returns the published text of each path, as stored in its revision."""
    query = select(EntryDocument.path, EntryRevision.content, EntryRevision.phrases).join(
        EntryRevision,
        (EntryRevision.document_id == EntryDocument.id) & (EntryRevision.hash == EntryDocument.published_hash),
    )
    return {path: EntryText(content, phrases) for path, content, phrases in (await session.execute(query)).all()}


async def approved_texts(session: AsyncSession) -> dict[str, set[str]]:
    """Returns the published hash of each path, in the form of the list of approved texts."""
    query = select(EntryDocument.path, EntryDocument.published_hash).where(EntryDocument.published_hash != "")
    return {path: {digest} for path, digest in (await session.execute(query)).all()}
