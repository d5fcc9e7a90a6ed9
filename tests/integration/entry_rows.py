"""Reads and writes the rows of entries, for tests of edits on the disk, of publishing and of crashes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from bot.desk.editing.disk import DiskWatch
from bot.desk.editing.record import Editor, Origin, State, begin_edition
from bot.desk.editing.text import EntryText, text_on_disk
from bot.record.engine import Sessions
from bot.record.tables.entries import EntryApproval, EntryDocument, EntryEdition, EntryRevision
from tests.faq_files import QUESTIONS, agency, written

PATH = "calle/bache.md"
ANA, EVA = (Editor(uuid.UUID(int=number), name, Origin.PAGE) for number, name in ((1, "Ana"), (2, "Eva")))


def watch(sessions: Sessions, faq_dir: Path, *, four_eyes: bool = False) -> DiskWatch:
    return DiskWatch(sessions, faq_dir, agency().teams, four_eyes=four_eyes)


def edit(faq_dir: Path, question: str, path: str = PATH) -> EntryText:
    (faq_dir / path).write_text(written(Path(path).stem, question, QUESTIONS["bache"][1:]))
    found = text_on_disk(faq_dir, path)
    assert found is not None
    return found


async def document(sessions: Sessions, path: str = PATH) -> EntryDocument:
    async with sessions() as session:
        return (await session.scalars(select(EntryDocument).where(EntryDocument.path == path))).one()


async def revisions(sessions: Sessions, path: str = PATH) -> Sequence[EntryRevision]:
    found = await document(sessions, path)
    query = select(EntryRevision).where(EntryRevision.document_id == found.id).order_by(EntryRevision.id)
    async with sessions() as session:
        return (await session.scalars(query)).all()


async def editions(sessions: Sessions) -> list[tuple[str, str]]:
    async with sessions() as session:
        rows = await session.scalars(select(EntryEdition).order_by(EntryEdition.id))
        return [(one.state, one.hash) for one in rows]


async def open_draft(sessions: Sessions, text: EntryText, by: Editor = ANA) -> uuid.UUID:
    """Opens a draft of PATH with this text."""
    found = await document(sessions)
    async with sessions.begin() as session:
        await begin_edition(session, found, text, State.DRAFT, by)
    return found.id


async def approve(sessions: Sessions, id: uuid.UUID, text: EntryText, by: Editor) -> None:
    async with sessions.begin() as session:
        session.add(EntryApproval(document_id=id, hash=text.hash, staff_id=by.id, name=by.name))
