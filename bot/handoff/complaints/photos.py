"""Copies the photos of complaints into COMPLAINT_FILES, where they are kept as long as the complaint.

A photo from Telegram or WhatsApp is fetched from the provider, since its link expires; one from the web chat is read
from the conversation's files, which are deleted with the conversation. Pictures are re-encoded without metadata.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from bot.conversation.files import PREFIX, Files
from bot.core.errors import DiskLow, FileKindRefused, FileTooBig, SendLater, SendRefused
from bot.core.logs import log
from bot.record.engine import Sessions
from bot.record.retention import COMPLAINT_FOLDER
from bot.record.tables.complaints import Complaint, ComplaintPhoto

HANDLE_TTL_S = 7 * 24 * 3600
RETRY = timedelta(minutes=2)
MAX_TRIES = 12

# (encrypted handle, its maximum age in seconds) -> the file, None if the handle has expired. Raises SendLater and
# SendRefused if the provider does not deliver the file.
Fetch = Callable[[str, int], Awaitable[bytes | None]]


def folder_of(complaint: int) -> str:
    """Returns the folder of a complaint's photos, below COMPLAINT_FILES."""
    return COMPLAINT_FOLDER.format(id=complaint)


class ComplaintPhotos:
    """Copies photos from ``files`` and providers to ``kept``; ``copy_one`` may raise SQLAlchemyError and OSError."""

    def __init__(self, sessions: Sessions, files: Files, kept: Files, fetch: Fetch) -> None:
        self._sessions, self._files, self._kept, self._fetch = sessions, files, kept, fetch

    async def copy_one(self) -> bool:
        """Copies the oldest photo that is due or, if that fails, schedules another attempt.

        Returns False if none is due.

        After MAX_TRIES, gives up.
        """
        due = select(ComplaintPhoto).where(ComplaintPhoto.next_at <= func.now()).order_by(ComplaintPhoto.id).limit(1)
        async with self._sessions.begin() as session:
            photo = await session.scalar(due.with_for_update(skip_locked=True))
            if photo is None:
                return False
            complaint = await session.get_one(Complaint, photo.complaint_id)
            try:
                photo.file_id = await self._copied(complaint, photo)
            except (SendLater, DiskLow):
                self._retry(photo)
            else:
                photo.next_at = None
        return True

    async def _copied(self, complaint: Complaint, photo: ComplaintPhoto) -> str | None:
        """Returns the id of the copied file; None if the file is gone, refused, or neither a picture nor a document."""
        try:
            content = await self._content(complaint.conversation_id, photo.ref)
            if content is None:
                return None
            return (await self._kept.keep(folder_of(complaint.id), _name(photo.name, content), content)).id
        except (SendRefused, FileKindRefused, FileTooBig) as error:
            log.warning("complaints: photo not kept", photo=photo.id, error=type(error).__name__)
            return None

    async def _content(self, conversation: str, ref: str) -> bytes | None:
        if ref.startswith(PREFIX):
            return await self._files.read(conversation, ref.removeprefix(PREFIX))
        return await self._fetch(ref, HANDLE_TTL_S)

    def _retry(self, photo: ComplaintPhoto) -> None:
        photo.tries += 1
        photo.next_at = datetime.now(UTC) + RETRY * photo.tries if photo.tries < MAX_TRIES else None


def _name(name: str, content: bytes) -> str:
    """Returns a file name with the extension that matches the content; providers send photos without an extension."""
    signs = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png", b"RIFF": "webp", b"%PDF": "pdf"}
    extension = next((one for sign, one in signs.items() if content.startswith(sign)), "")
    stem = name.rpartition(".")[0] or name or "foto"
    return f"{stem}.{extension}" if extension else name
