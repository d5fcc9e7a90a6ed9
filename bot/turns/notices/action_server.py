"""Reports which public notices the action server shows, as other processes report it themselves.

The action server does not use Redis, so workers report for it.
"""

from __future__ import annotations

import socket

from bot.public_notices.kept import KeptNotices, Reader
from bot.public_notices.notice import NoticeSet
from bot.turns.notices.matter import NoticeMatter

PROCESS = "actions"


class ActionServer:
    """The action server as a reader of the notices; it shows a notice once it has embedded the notice's utterances.

    Every worker may report for it.
    """

    def __init__(self, matter: NoticeMatter, kept: KeptNotices) -> None:
        self._matter, self._kept = matter, kept
        self._reader = Reader(f"{PROCESS} · {socket.gethostname()}")

    async def prepare(self, notices: NoticeSet, version: str) -> None:
        """Sends the utterances to the action server, and reports ``version`` as shown once the server has answered."""
        if not await self._matter.prepare(notices):
            return
        now_ms = await self._kept.now_ms()
        if version != self._reader.version:
            self._reader = Reader(self._reader.name, version=version, at=now_ms)
        await self._kept.acknowledge(PROCESS, self._reader, now_ms=now_ms)
