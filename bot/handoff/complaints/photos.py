"""Copies the photos of complaints into COMPLAINT_FILES, where they are kept as long as the complaint.

A photo from Telegram or WhatsApp is fetched from the provider, since its link expires; a photo from the web chat is
read from the conversation's files, which are deleted with the conversation. Pictures are re-encoded without metadata.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from bot.conversation.files import PREFIX, Files, KeptFile
from bot.core.errors.files import DiskLow, FileKindRefused, FileTooBig
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.logs import log
from bot.record.engine import Sessions
from bot.record.retention import COMPLAINT_FOLDER
from bot.record.tables.complaints import Complaint, ComplaintPhoto

HANDLE_TTL_S = 7 * 24 * 3600
RETRY = timedelta(minutes=2)
MAX_TRIES = 12
COPIED_WITHIN_S = 120.0  # less than LATE_S, after which the process counts as hung (bot/app/background.py)
RESERVED = timedelta(minutes=5)  # longer than COPIED_WITHIN_S

# (encrypted handle, its maximum age in seconds) -> the file, None if the handle has expired. Raises SendLater and
# SendRefused if the provider does not deliver the file.
Fetch = Callable[[str, int], Awaitable[bytes | None]]


def folder_of(complaint: int) -> str:
    """Returns the folder of a complaint's photos, below COMPLAINT_FILES."""
    return COMPLAINT_FOLDER.format(id=complaint)


@dataclass(frozen=True)
class _ReservedPhoto:
    """A photo with its complaint and earlier attempts, reserved until ``reserved``."""

    photo: int
    complaint: int
    conversation: str
    ref: str
    name: str
    tries: int
    reserved: datetime | None


class ComplaintPhotos:
    """Copies photos from ``files`` and providers to ``kept``; ``copy_one`` may raise SQLAlchemyError and OSError."""

    def __init__(self, sessions: Sessions, files: Files, kept: Files, fetch: Fetch) -> None:
        self._sessions, self._files, self._kept, self._fetch = sessions, files, kept, fetch

    async def copy_one(self) -> bool:
        """Copies the oldest photo that is due or, if that fails, schedules another attempt; after MAX_TRIES, gives up.

        Returns False if none is due. No transaction is open meanwhile: the photo is reserved for RESERVED. If the
        process is killed, another one copies the photo after that time.
        """
        taken = await self._reserve()
        if taken is None:
            return False
        try:
            async with asyncio.timeout(COPIED_WITHIN_S):
                kept = await self._copied(taken)
        except (SendLater, DiskLow, TimeoutError):
            await self._store(taken, _later(taken.tries + 1))
            return True
        done = {"file_id": kept.id if kept else None, "next_at": None}
        if not await self._store(taken, done) and kept:
            await self._kept.drop(folder_of(taken.complaint), kept)  # deleted meanwhile, or copied by another process
        return True

    async def _reserve(self) -> _ReservedPhoto | None:
        """Reserves the oldest photo that is due; None if there is none."""
        due = select(ComplaintPhoto).where(ComplaintPhoto.next_at <= func.now()).order_by(ComplaintPhoto.id).limit(1)
        async with self._sessions.begin() as session:
            photo = await session.scalar(due.with_for_update(skip_locked=True))
            if photo is None:
                return None
            conversation = (await session.get_one(Complaint, photo.complaint_id)).conversation_id
            facts = (photo.id, photo.complaint_id, conversation, photo.ref, photo.name, photo.tries)
            reserving = (
                update(ComplaintPhoto).where(ComplaintPhoto.id == photo.id).values(next_at=func.now() + RESERVED)
            )
            return _ReservedPhoto(*facts, await session.scalar(reserving.returning(ComplaintPhoto.next_at)))

    async def _store(self, taken: _ReservedPhoto, values: Mapping[str, object]) -> bool:
        """Stores the result of a copy; returns False if the photo is no longer reserved for this process."""
        is_reserved = (ComplaintPhoto.id == taken.photo) & (ComplaintPhoto.next_at == taken.reserved)
        async with self._sessions.begin() as session:
            stored = update(ComplaintPhoto).where(is_reserved).values(values).returning(ComplaintPhoto.id)
            return await session.scalar(stored) is not None

    async def _copied(self, taken: _ReservedPhoto) -> KeptFile | None:
        """Returns the copied file; None if the file is gone, refused, or neither a picture nor a document."""
        try:
            content = await self._content(taken.conversation, taken.ref)
            if content is None:
                return None
            return await self._kept.keep(folder_of(taken.complaint), _name(taken.name, content), content)
        except (SendRefused, FileKindRefused, FileTooBig) as error:
            log.warning("complaints: photo not kept", photo=taken.photo, error=type(error).__name__)
            return None

    async def _content(self, conversation: str, ref: str) -> bytes | None:
        if ref.startswith(PREFIX):
            return await self._files.read(conversation, ref.removeprefix(PREFIX))
        return await self._fetch(ref, HANDLE_TTL_S)


def _later(tries: int) -> dict[str, object]:
    """Returns the column values to store for a photo that could not be copied."""
    return {"tries": tries, "next_at": datetime.now(UTC) + RETRY * tries if tries < MAX_TRIES else None}


def _name(name: str, content: bytes) -> str:
    """Returns a file name with the extension that matches the content; providers send photos without an extension."""
    signs = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"RIFF": "webp", b"%PDF": "pdf"}
    extension = next((one for sign, one in signs.items() if content.startswith(sign)), "")
    stem = name.rpartition(".")[0] or name or "foto"
    return f"{stem}.{extension}" if extension else name
