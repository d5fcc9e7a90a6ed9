"""Keeps the list of erased conversations in a table, and in a file that outlives the database.

Restoring a backup brings back conversations that were erased later; with this list, the restore erases them again. The
list contains only pseudonyms, which identify nobody once the conversation is gone.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.file_encryption.folder_keys import locked
from bot.core.disk import replace_file
from bot.record.tables import ErasedConversation

FILE = "erasures.txt"
# No characters that are easily confused, and no vowels, so that no words arise.
RECEIPT_ALPHABET = "23456789CDFGHJKMNPQRTVWXYZ"
RECEIPT_CHARACTERS = 8
ERASURE_MARK, REQUEST_MARK = "D", "P"


class By(StrEnum):
    """The party that requested an erasure: the citizen in the chat, or staff (desk or ``ventanilla data``)."""

    CITIZEN = "citizen"
    STAFF = "staff"


@dataclass(frozen=True)
class Erasure:
    """The erasure of a conversation; ``receipt`` is the number that the citizen got.

    ``complaints`` is true if the complaints were erased, too. If ``event`` is set, only the message with this event id
    was removed, by the staff member ``name``, and ``receipt`` is ``<conversation>:<event>``.
    """

    conversation: str
    receipt: str
    at: datetime
    by: By
    event: str = ""
    name: str = ""
    complaints: bool = False

    def to_line(self) -> str:
        return json.dumps({name: value for name, value in vars(self).items() if value} | {"at": self.at.isoformat()})

    @classmethod
    def from_line(cls, line: str) -> Erasure:
        raw = json.loads(line)
        optional = {name: raw[name] for name in ("event", "name", "complaints") if name in raw}
        return cls(raw["conversation"], raw["receipt"], datetime.fromisoformat(raw["at"]), By(raw["by"]), **optional)


def new_receipt(mark: str = ERASURE_MARK) -> str:
    """Returns a random receipt number such as ``D-4F7K92QX``."""
    return f"{mark}-" + "".join(secrets.choice(RECEIPT_ALPHABET) for _ in range(RECEIPT_CHARACTERS))


class ErasureList:
    """The list of erased conversations, in the table ``erasures`` and in FILE in ``home``.

    Only FILE contains removals of single messages, and whether complaints were erased.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    async def add(self, session: AsyncSession, erasure: Erasure) -> bool:
        """Adds an erasure to the table and to FILE; returns False if the table already contains it.

        May raise OSError.
        """
        row = {"receipt": erasure.receipt, "conversation_id": erasure.conversation, "at": erasure.at}
        new = insert(ErasedConversation).values(**row, by=erasure.by.value).on_conflict_do_nothing()
        added = await session.scalar(new.returning(ErasedConversation.receipt))
        await self.add_to_file(erasure)
        return added is not None

    async def add_to_file(self, *erasures: Erasure) -> None:
        await asyncio.to_thread(add_to_list, self._home, erasures)

    async def take_back(self, session: AsyncSession, erasure: Erasure) -> None:
        """Deletes an erasure that is not carried out from the table and from FILE. May raise OSError."""
        await session.execute(delete(ErasedConversation).where(ErasedConversation.receipt == erasure.receipt))
        await asyncio.to_thread(_remove_from_list, self._home, erasure.receipt)

    async def complete_file(self, session: AsyncSession) -> None:
        """Adds to FILE the erasures of the table that it lacks. May raise OSError."""
        rows = await session.scalars(select(ErasedConversation))
        if listed := [Erasure(one.conversation_id, one.receipt, one.at, By(one.by)) for one in rows]:
            await self.add_to_file(*listed)


def add_to_list(home: Path, erasures: Iterable[Erasure]) -> None:
    """Adds the erasures to FILE in ``home``, also while other processes add theirs. May raise OSError."""
    with locked(home):
        add_to_file(home / FILE, erasures)


def add_to_file(path: Path, erasures: Iterable[Erasure]) -> None:
    """Adds to the file, which nobody else changes now, the erasures whose receipts it lacks. May raise OSError."""
    known = {one.receipt: one for one in read_file(path)}
    new = {one.receipt: one for one in erasures if one.receipt not in known}
    if not new:
        return
    _write(path, [*known.values(), *new.values()])


def _remove_from_list(home: Path, receipt: str) -> None:
    with locked(home):
        _write(home / FILE, [one for one in read_file(home / FILE) if one.receipt != receipt])


def _write(path: Path, erasures: Iterable[Erasure]) -> None:
    replace_file(path, "".join(f"{one.to_line()}\n" for one in sorted(erasures, key=lambda one: one.at)))


def read_file(path: Path) -> Iterator[Erasure]:
    """Yields the erasures in a file; nothing if the file does not exist."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield Erasure.from_line(line)
