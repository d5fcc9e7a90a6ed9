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

from sqlalchemy import delete, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.errors import VentanillaError
from bot.desk.editing.text import EntryText
from bot.record.locks import Lock, take
from bot.record.tables import EntryApproval, EntryDocument, EntryEdition, EntryNews, EntryPublication, EntryRevision


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
    """The right by which a text is published or withdrawn; its Spanish name is in ``entradas.vias``."""

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
    """Authors may neither approve nor return their own text."""


class News(StrEnum):
    """A kind of news that the worker sends to staff who must act; its Spanish texts are in ``entradas.noticias``."""

    REVIEW = "review"  # a text waits for an approval
    CORRECTED = "corrected"  # its author changed a text whose reviewers had been told of it
    APPROVED = "approved"
    RETURNED = "returned"
    UNIT_APPROVED = "unit_approved"
    UNIT_CHANGES = "unit_changes"
    WAITS = "waits"  # a minor correction waits for a second person
    OVERDUE = "overdue"  # nobody has read it within 24 hours
    STOPPED = "stopped"  # a scheduled edition was not published


OPEN = (State.DRAFT, State.REVIEW, State.APPROVED, State.SCHEDULED)


@dataclass(frozen=True)
class Editor:
    """The person or process that changes an entry; ``id`` and ``name`` are empty for changes on the disk."""

    id: uuid.UUID | None = None
    name: str = ""
    origin: Origin = Origin.DISK


async def one_at_a_time(session: AsyncSession) -> None:
    """Waits until no other transaction changes entries, and locks them out until this transaction ends."""
    await take(session, Lock.ENTRIES)


async def document_at(session: AsyncSession, path: str) -> EntryDocument:
    """Returns the document whose file has this path; adds a new one, never published, if there is none."""
    document = await session.scalar(select(EntryDocument).where(EntryDocument.path == path))
    if document is None:
        document = EntryDocument(path=path, published_hash="")
        session.add(document)
        await session.flush()
    return document


async def open_edition(session: AsyncSession, document: uuid.UUID) -> EntryEdition | None:
    """Returns the document's edition that is neither published nor discarded, or None."""
    query = select(EntryEdition).where(EntryEdition.document_id == document, EntryEdition.state.in_(OPEN))
    return (await session.scalars(query)).one_or_none()


async def note_review(session: AsyncSession, edition: EntryEdition, by: Editor) -> None:
    """Queues a notification that an edition waits for approval.

    If reviewers were already notified of an earlier text, queues one that the text was corrected, after every
    correction; it is e-mailed only if the first one was.
    """
    about, first = (subject_of(edition), edition.document_id, by), await news_of(session, edition, News.REVIEW)
    if first is None or not (first.told_at or first.mailed_at):
        await note(session, News.REVIEW, *about)
        return
    known = await news_of(session, edition, News.CORRECTED)
    if known is not None and known.told_at:
        await forget_news(session, edition, News.CORRECTED)
    await note(session, News.CORRECTED, *about)
    corrected = await news_of(session, edition, News.CORRECTED)
    if corrected is not None and first.mailed_at is None:
        corrected.mailed_at = datetime.now(UTC)


async def note(
    session: AsyncSession, kind: News, subject: str, document: uuid.UUID, by: Editor, text: str = ""
) -> None:
    """Queues a notification for the worker to send, unless one of this kind and ``subject`` exists."""
    about = {"kind": kind.value, "subject": subject, "document_id": document}
    values = {**about, "staff_id": by.id, "name": by.name, "text": text}
    await session.execute(insert(EntryNews).values(**values).on_conflict_do_nothing())


def subject_of(edition: EntryEdition) -> str:
    """Returns the subject of news about an edition."""
    return f"edition {edition.id}"


async def news_of(session: AsyncSession, edition: EntryEdition, kind: News) -> EntryNews | None:
    """Returns an edition's news of this kind, or None."""
    query = select(EntryNews).where(EntryNews.subject == subject_of(edition), EntryNews.kind == kind.value)
    return (await session.scalars(query)).one_or_none()


async def forget_news(session: AsyncSession, edition: EntryEdition, *kinds: News) -> None:
    """Deletes an edition's notifications of these kinds, so that they can be sent again."""
    named = EntryNews.kind.in_([kind.value for kind in kinds])
    await session.execute(delete(EntryNews).where(EntryNews.subject == subject_of(edition), named))


async def begun(session: AsyncSession, document: uuid.UUID) -> bool:
    """Returns whether a publication of ``document`` was begun and neither finished nor undone."""
    query = exists().where(EntryPublication.document_id == document, EntryPublication.state == "begun")
    return bool(await session.scalar(select(query)))


async def knows(session: AsyncSession, document: uuid.UUID, digest: str) -> bool:
    """Returns whether a revision of ``document`` has the text with the hash ``digest``."""
    query = exists().where(EntryRevision.document_id == document, EntryRevision.hash == digest)
    return bool(await session.scalar(select(query)))


async def approvals(session: AsyncSession, document: uuid.UUID, digest: str) -> Sequence[EntryApproval]:
    """Returns the approvals of exactly the text with the hash ``digest``."""
    query = select(EntryApproval).where(EntryApproval.document_id == document, EntryApproval.hash == digest)
    return (await session.scalars(query.order_by(EntryApproval.id))).all()


async def was_published(session: AsyncSession, document: uuid.UUID, digest: str) -> bool:
    """Returns whether a recorded publication put the text with the hash ``digest`` online, or replaced it."""
    done = EntryPublication.state == "done"
    served = done & (EntryPublication.way != Way.WITHDRAWAL)
    either = ((EntryPublication.hash == digest) & served) | (EntryPublication.before == digest)
    return bool(await session.scalar(select(exists().where(EntryPublication.document_id == document, either))))


async def revision_of(session: AsyncSession, document: uuid.UUID, digest: str) -> EntryRevision | None:
    """Returns the newest revision with the hash ``digest``, or None."""
    query = select(EntryRevision).where(EntryRevision.document_id == document, EntryRevision.hash == digest)
    return (await session.scalars(query.order_by(EntryRevision.id.desc()).limit(1))).one_or_none()


async def unpublished_on_disk(session: AsyncSession, document: EntryDocument) -> EntryRevision | None:
    """Returns the newest text recorded from the disk since the last publication, or None."""
    query = select(EntryRevision).where(
        EntryRevision.document_id == document.id, EntryRevision.origin == Origin.DISK.value
    )
    if document.published_at is not None:
        query = query.where(EntryRevision.at > document.published_at)
    return (await session.scalars(query.order_by(EntryRevision.id.desc()).limit(1))).one_or_none()


async def revise(session: AsyncSession, document: uuid.UUID, written: EntryText, by: Editor) -> EntryRevision:
    """Returns the newest revision of ``document`` if it has this text; otherwise adds and returns a new one."""
    newest = select(EntryRevision).where(EntryRevision.document_id == document).order_by(EntryRevision.id.desc())
    found = (await session.scalars(newest.limit(1))).one_or_none()
    if found is not None and found.hash == written.hash:
        return found
    made = EntryRevision(document_id=document, hash=written.hash, content=written.content, phrases=written.phrases)
    made.author_id, made.author_name, made.origin = by.id, by.name, by.origin.value
    session.add(made)
    await session.flush()
    return made


def begin_edition(
    document: EntryDocument, written: EntryText, state: State, by: Editor, stopped: str = ""
) -> EntryEdition:
    """Builds a new edition of ``document`` with this text; the caller adds it to a session."""
    return EntryEdition(
        document_id=document.id,
        state=state.value,
        base_hash=document.published_hash,
        hash=written.hash,
        content=written.content,
        phrases=written.phrases,
        authors=[by.id] if by.id else [],
        changed_by=by.name,
        stopped=stopped,
    )


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
