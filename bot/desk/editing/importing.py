"""Imports texts into the editors' workflow: keeps them as drafts, sends them to review, or publishes them.

Drafts that wait, imported or not, can be published or sent to review together.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from bot.core.errors.base import VentanillaError
from bot.core.logs import log
from bot.desk.editing.editions import Editions
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import OPEN, Editor, Origin, State
from bot.desk.editing.text import EntryText, remove_text, text_in
from bot.faq.entries.folder import is_entry, read_files
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryEdition


@dataclass(frozen=True)
class Taken:
    """The numbers of imported entries (``done``), and of those left as drafts because publishing failed (``left``)."""

    done: int
    left: int = 0


@dataclass(frozen=True)
class OpenDraft:
    """The open edition of an entry: its text, its hash and state, and when it is to go live, if ever."""

    text: EntryText
    hash: str
    state: State
    publish_at: datetime | None = None

    @property
    def is_approved(self) -> bool:
        """Returns whether the edition is approved or scheduled, so that replacing the edition undoes a decision."""
        return self.state in {State.APPROVED, State.SCHEDULED}


@dataclass(frozen=True)
class Waiting:
    """A draft that waits to be published: its document, the path of its file now, its text, and who changed it last."""

    id: uuid.UUID
    path: str
    text: EntryText
    changed_by: str


class Importer:
    """Makes each imported text the open edition of a new or existing entry."""

    def __init__(self, sessions: Sessions, editions: Editions, publisher: Publisher) -> None:
        self._sessions, self._editions, self._publisher = sessions, editions, publisher

    async def drafts(self) -> dict[str, OpenDraft]:
        """Returns the open editions by path; importing an entry replaces its open edition."""
        query = select(EntryDocument.path, EntryEdition).join(
            EntryEdition, EntryEdition.document_id == EntryDocument.id
        )
        async with self._sessions() as session:
            rows = (await session.execute(query.where(EntryEdition.state.in_(OPEN)))).all()
        return {path: _open_draft(one) for path, one in rows}

    async def take(self, texts: Mapping[str, EntryText], state: State, by: Editor) -> Taken:
        """Saves entries (texts keyed by path) as drafts; sends them to review for REVIEW, publishes them for PUBLISHED.

        A new text replaces the entry's open edition, whatever its state; the earlier text is kept as a revision. An
        entry that cannot be published remains a draft (counted in ``left``), and the list of entries shows the reason.
        """
        left, live = 0, state is State.PUBLISHED
        for path, text in texts.items():
            id = await self._editions.create(path, text, by, goes_live=live)
            id = id or await self._replaced(path, text, by, goes_live=live)
            if state is State.REVIEW:
                await self._editions.send(id, state, by)
            elif live:
                try:
                    await self._publisher.publish(id, path, by, expected=text.hash)
                except (VentanillaError, OSError) as error:
                    log.warning("entries: import not published", document=str(id), error=type(error).__name__)
                    left += 1
        return Taken(len(texts) - left, left)

    async def waiting(self) -> list[Waiting]:
        """Returns all drafts, sorted by path."""
        query = select(EntryDocument.path, EntryEdition).join(
            EntryEdition, EntryEdition.document_id == EntryDocument.id
        )
        drafts = query.where(EntryEdition.state == State.DRAFT.value).order_by(EntryDocument.path)
        async with self._sessions() as session:
            rows = (await session.execute(drafts)).all()
        return [
            Waiting(one.document_id, path, EntryText(one.content, one.phrases), one.changed_by) for path, one in rows
        ]

    async def advance(self, texts: Mapping[uuid.UUID, tuple[str, EntryText]], state: State, by: Editor) -> Taken:
        """Publishes drafts for PUBLISHED, else sends them to review; ``texts`` are their files' paths and texts by id.

        A draft that has another text by now, or that cannot be published, remains a draft (counted in ``left``).
        """
        left = 0
        for id, (path, text) in texts.items():
            try:
                if state is State.PUBLISHED:
                    await self._publisher.publish(id, path, by, expected=text.hash)
                else:
                    await self._editions.send(id, State.REVIEW, by, expected=text.hash)
            except (VentanillaError, OSError) as error:
                log.warning("entries: import not published", document=str(id), error=type(error).__name__)
                left += 1
        return Taken(len(texts) - left, left)

    async def take_drafts(self, folder: Path) -> int:
        """Imports each entry in ``folder`` as a draft and deletes its files there; returns the number of drafts.

        The files of an entry that already exists, or that cannot be read (text.py), are left there.
        """
        contents = await asyncio.to_thread(read_files, folder)
        taken = 0
        for path in filter(is_entry, contents):
            text = text_in(contents, path)
            if text and await self._editions.create(path, text, Editor(origin=Origin.IMPORT)):
                await asyncio.to_thread(remove_text, folder, path)
                taken += 1
        return taken

    async def _replaced(self, path: str, text: EntryText, by: Editor, *, goes_live: bool) -> uuid.UUID:
        async with self._sessions() as session:
            id = (await session.scalars(select(EntryDocument.id).where(EntryDocument.path == path))).one()
        await self._editions.replace(id, text, by, goes_live=goes_live)
        return id


def _open_draft(one: EntryEdition) -> OpenDraft:
    return OpenDraft(EntryText(one.content, one.phrases), one.hash, State(one.state), one.publish_at)
