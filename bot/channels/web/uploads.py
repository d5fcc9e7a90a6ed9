"""Receives the citizens' files: reads them within limits, stores them, and adds a message about each one.

No file is read before the limits of its conversation and its network allow its announced size. A process reads at most
READINGS_AT_ONCE files at the same time, at most READINGS_PER_ADDRESS of them from one network, and each for at most
READING_TIMEOUT_S.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.channels.web.chat_limits import ChatLimits
from bot.channels.web.connections.open_connections import OpenConnections
from bot.channels.web.errors import (
    ChatRefused,
    ChatUnavailable,
    FileIsMalware,
    FileOfAnotherKind,
    FileTooLarge,
    NoRoomForFiles,
    PictureIsHeic,
    PictureTooDetailed,
    UnknownToken,
)
from bot.conversation.files import Files, KeptFile
from bot.conversation.inbox import Accepted, Inbox
from bot.core.clock import now_ms
from bot.core.errors.base import PermanentError
from bot.core.errors.files import DiskLow, FileInfected, FileKindRefused, FileTooBig, HeicRefused, PictureTooLarge
from bot.core.errors.messages import ConversationGone, SendLater
from bot.core.messages import Channel, CitizenMessage

READINGS_AT_ONCE = 12
READINGS_PER_ADDRESS = 4  # so that slow files of one network leave room for others
READING_TIMEOUT_S = 90.0
REFUSALS: tuple[tuple[type[PermanentError], type[ChatRefused]], ...] = (
    (DiskLow, NoRoomForFiles),
    (FileTooBig, FileTooLarge),
    (FileInfected, FileIsMalware),
    (HeicRefused, PictureIsHeic),
    (PictureTooLarge, PictureTooDetailed),
    (FileKindRefused, FileOfAnotherKind),
)


@dataclass(frozen=True)
class Upload:
    """A file that the browser uploads, with the id of its message and the citizen's ``caption``.

    ``size`` is the size in bytes that the browser announced; ``read`` returns the content.
    """

    id: str
    name: str
    caption: str
    size: int
    read: Callable[[], Awaitable[bytes]]


class Uploads:
    """The storage of uploads; ``take`` may raise redis.RedisError."""

    def __init__(self, inbox: Inbox, files: Files, limits: ChatLimits) -> None:
        self._inbox, self._files, self._limits = inbox, files, limits
        self._readings = asyncio.Semaphore(READINGS_AT_ONCE)
        self._by_address = OpenConnections(READINGS_PER_ADDRESS)

    @property
    def is_full(self) -> bool:
        return self._readings.locked()

    async def take(self, conversation: str, upload: Upload, address: str) -> Accepted:
        """Stores a file and its message; if the id of the message is known already, stores nothing.

        Raises TooManyMessages above a limit on messages, or if too many files of this network arrive at once;
        TooManyFiles above a limit on files; UnknownToken if the conversation was erased while the file arrived; and an
        error in REFUSALS if the file is not accepted. Raises ChatUnavailable if too many files arrive at once, or if
        the file arrives too slowly or cannot be checked for malware.
        """
        await self._limits.message(conversation, address, upload.id, len(upload.caption))
        await self._limits.file(conversation, address, upload.size)
        if self.is_full:
            raise ChatUnavailable()
        with self._by_address.of_address(address):
            async with self._readings:
                kept = await self._kept(conversation, upload)
        message, sender = _message(conversation, upload, kept), self._limits.sender(address)
        try:
            accepted = await self._inbox.accept(message, sender=sender, opened=True)
        except ConversationGone as error:
            await self._files.drop(conversation, kept)
            raise UnknownToken() from error
        if accepted.repeated:
            await self._files.drop(conversation, kept)
        return accepted

    async def _kept(self, conversation: str, upload: Upload) -> KeptFile:
        try:
            async with asyncio.timeout(READING_TIMEOUT_S):
                content = await upload.read()
            return await self._files.keep(conversation, upload.name, content)
        except (TimeoutError, SendLater) as error:
            raise ChatUnavailable() from error
        except tuple(cause for cause, _ in REFUSALS) as error:
            raise next(refusal for cause, refusal in REFUSALS if isinstance(error, cause))() from error


def _message(conversation: str, upload: Upload, kept: KeptFile) -> CitizenMessage:
    return CitizenMessage(
        conversation=conversation,
        channel=Channel.WEB,
        id=upload.id,
        text=upload.caption,
        at=now_ms(),
        attachments=(kept.as_attachment(),),
    )
