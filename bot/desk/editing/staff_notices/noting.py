"""Stores news about entries in the transaction that causes them; news.py sends them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.editing.record import Editor
from bot.record.tables import EntryEdition, EntryNews


class News(StrEnum):
    """A kind of news that the worker sends to staff who must act; its Spanish texts are in ``entradas.noticias``."""

    REVIEW = "review"  # a text waits for an approval
    CORRECTED = "corrected"  # the author changed a text of which the reviewers had been notified
    APPROVED = "approved"
    RETURNED = "returned"
    UNIT_APPROVED = "unit_approved"
    UNIT_CHANGES = "unit_changes"
    WAITS = "waits"  # a minor correction waits for a second person
    OVERDUE = "overdue"  # no second person has read a publication within 24 hours
    STOPPED = "stopped"  # a scheduled edition was not published


async def note_review(session: AsyncSession, edition: EntryEdition, by: Editor) -> None:
    """Adds the news that an edition waits for an approval.

    If the reviewers were already notified of an earlier text, adds news of a correction instead, at every correction.
    News of a correction is sent by e-mail only if the first e-mail has been sent; a correction does not postpone the
    first e-mail.
    """
    about, first = (subject_of(edition), edition.document_id, by), await news_of(session, edition, News.REVIEW)
    if first is None or not (first.told_at or first.mailed_at):
        await note(session, News.REVIEW, *about)
        return
    known = await news_of(session, edition, News.CORRECTED)
    if known is not None and known.mailed_at:
        await forget_news(session, edition, News.CORRECTED)
    elif known is not None:
        known.told_at, known.staff_id, known.name = None, by.id, by.name
    await note(session, News.CORRECTED, *about)
    corrected = await news_of(session, edition, News.CORRECTED)
    if corrected is not None and first.mailed_at is None:
        corrected.mailed_at = datetime.now(UTC)


async def note(
    session: AsyncSession, kind: News, subject: str, document: uuid.UUID, by: Editor, text: str = ""
) -> None:
    """Adds news for the worker to send, unless there is already news of this kind and ``subject``."""
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
    """Deletes an edition's news of these kinds, so that news of the same kind can be sent again."""
    named = EntryNews.kind.in_([kind.value for kind in kinds])
    await session.execute(delete(EntryNews).where(EntryNews.subject == subject_of(edition), named))
