"""Finds a place for a new entry: a file and an id that no entry of any topic has.

Only one entry of an id is served, and long questions that begin alike have the same slug.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.desk.editing.form import NotAForm, form_of
from bot.desk.editing.record import OPEN
from bot.desk.editing.text import EntryText
from bot.faq.entries.phrases import ENTRY_SUFFIX
from bot.faq.entries.slug import slug, unique
from bot.record.tables import EntryDocument, EntryEdition, EntryRevision
from bot.text.normalize import plain


@dataclass(frozen=True)
class Place:
    """The id and the file's path of a new entry.

    ``twin`` is the path of an entry with the same question, '' if there is none.
    """

    id: str
    path: str
    twin: str = ""


async def place_for(session: AsyncSession, question: str, topic: str) -> Place:
    """Returns the place of a new entry with this question in the folder ``topic``."""
    name, is_open = slug(question), and_(EntryEdition.document_id == EntryDocument.id, EntryEdition.state.in_(OPEN))
    is_published = and_(
        EntryRevision.document_id == EntryDocument.id, EntryRevision.hash == EntryDocument.published_hash
    )
    written = func.coalesce(EntryEdition.content, EntryRevision.content)
    named = EntryDocument.path.like(f"%/{name}%{ENTRY_SUFFIX}")
    query = select(EntryDocument.path, written).outerjoin(EntryEdition, is_open).outerjoin(EntryRevision, is_published)
    in_use = or_(EntryDocument.published_hash != "", EntryEdition.id.is_not(None))
    alike = {
        PurePosixPath(path).stem: (path, content) for path, content in await session.execute(query.where(named, in_use))
    }
    id = unique(name, alike)
    return Place(id, f"{topic}/{id}{ENTRY_SUFFIX}", _same(question, alike.values()))


def _same(question: str, alike: Iterable[tuple[str, str | None]]) -> str:
    for path, content in alike:
        try:
            if content and plain(form_of(EntryText(content)).fields["pregunta"]) == plain(question):
                return path
        except NotAForm:
            continue
    return ""
