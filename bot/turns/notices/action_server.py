"""Speaks for the action server, which has no Redis: it knows a notice once it has embedded the notice's wordings."""

from __future__ import annotations

import socket

from bot.public_notices.kept import KeptNotices, Reader
from bot.public_notices.notice import NoticeSet
from bot.turns.notices.matter import NoticeMatter

PROCESS = "actions"


class ActionServer:
    """The action server as one of the processes that read the notices; every worker may speak for it."""

    def __init__(self, matter: NoticeMatter, kept: KeptNotices) -> None:
        self._matter, self._kept = matter, kept
        self._reader = Reader(f"{PROCESS} · {socket.gethostname()}")

    async def prepare(self, notices: NoticeSet, version: str) -> None:
        """Gives it the wordings, and says that it knows this version once it has answered."""
        if not await self._matter.prepare(notices):
            return
        now_ms = await self._kept.now_ms()
        if version != self._reader.version:
            self._reader = Reader(self._reader.name, version=version, at=now_ms)
        await self._kept.acknowledge(PROCESS, self._reader, now_ms=now_ms)
