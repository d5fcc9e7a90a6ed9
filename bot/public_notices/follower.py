"""Keeps a process's board up to date, and reports to Redis which notices the process shows.

The follower reads Redis at each change and at least every LOOK_EVERY_S seconds. If Redis is unavailable or has lost the
notices, the follower reads PostgreSQL and writes its notices to Redis; if PostgreSQL is unavailable too, the board
keeps its notices. In a worker, the follower compares Redis with PostgreSQL at each look, so that a lost write delays a
notice by at most LOOK_EVERY_S seconds. The newest notice in the folder ``avisos`` is shown in any case.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.core.progress import Beat, no_beat
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices, Reader, process_id
from bot.public_notices.last_resort import notice_on_disk
from bot.public_notices.notice import NoticeSet, PublicNotice
from bot.public_notices.recorded import recorded_set
from bot.record.engine import Sessions
from bot.store.streams import stopping

LOOK_EVERY_S = 2.0
STORE_ERRORS = (RedisError, SQLAlchemyError, OSError)

T = TypeVar("T")
Also = Callable[[NoticeSet, str], Awaitable[None]]
Shows = Callable[[str, PublicNotice], bool]


def always(_channel: str, _notice: PublicNotice) -> bool:
    return True


class NoticeFollower:
    """The follower of the notices for the process ``name``, which serves ``channels``.

    ``home`` contains the folder ``avisos``, whose notice is signed by ``signed``. With ``keeps``, the follower makes
    the notices in Redis equal to those in PostgreSQL at each look. Each function of ``also`` is called with ``(notices,
    version)`` at each look. ``shows(channel, notice)`` returns whether a channel shows a notice; the process reports
    only channels that show all notices.
    """

    def __init__(
        self,
        board: NoticeBoard,
        kept: KeptNotices,
        sessions: Sessions,
        *,
        home: Path,
        signed: str,
        name: str,
        channels: tuple[str, ...] = (),
        keeps: bool = False,
        also: tuple[Also, ...] = (),
        shows: Shows = always,
    ) -> None:
        self._board, self._kept, self._sessions = board, kept, sessions
        self._home, self._signed, self._keeps, self._also = home, signed, keeps, also
        self._channels, self._shows = channels, shows
        self._reader = Reader(f"{name} · {socket.gethostname()} · {os.getpid()}")
        self._process = process_id()
        self._after = ""

    async def run(self, beat: Beat = no_beat) -> None:
        """Follows the notices until cancelled; then removes this process from the readers."""
        try:
            while not stopping():
                beat()
                await self.look()
                await self._wait()
        finally:
            await _or_none(lambda: self._kept.leave(self._process))

    async def look(self) -> None:
        """Reads the notices once, shows them, and reports them to Redis."""
        found = await self._read()
        on_disk = await asyncio.to_thread(notice_on_disk, self._home, self._signed)
        if found is not None:
            notices = NoticeSet.of((*found.notices, *([on_disk] if on_disk else [])))
        else:
            kept = [one for one in self._board.known.notices if not one.is_on_disk]
            notices = NoticeSet.of((*kept, *([on_disk] if on_disk else [])))
        if notices != self._board.known:
            self._board.show(notices)
            log.info("notices: changed", notices=len(notices.notices), version=notices.version)
        version = found.version if found is not None else self._reader.version
        await self._acknowledge(version, notices)
        for also in self._also:
            await _or_none(partial(also, notices, version))

    async def _read(self) -> NoticeSet | None:
        """Returns the notices of Redis or PostgreSQL; None if neither can be read.

        If PostgreSQL was read, and Redis has other notices or none, also writes those of PostgreSQL to Redis.
        """
        kept = await _or_none(self._kept.read)
        if kept is not None and not self._keeps:
            return kept
        recorded = await _or_none(lambda: recorded_set(self._sessions))
        if recorded is None:
            return kept
        if recorded != kept:
            since_ms = _published_since(kept, recorded)
            await _or_none(lambda: self._kept.write(recorded, since_ms))
        return recorded

    async def _acknowledge(self, version: str, notices: NoticeSet) -> None:
        """Reports to Redis that this process shows the set ``version``, and on which channels.

        Also removes the killed processes of this machine from the readers.
        """

        async def say() -> None:
            now_ms = await self._kept.now_ms()
            if version != self._reader.version:
                shown = (one for one in self._channels if all(self._shows(one, notice) for notice in notices.notices))
                self._reader = Reader(self._reader.name, tuple(shown), version, now_ms)
            await self._kept.acknowledge(self._process, self._reader, now_ms=now_ms)
            await self._kept.forget_killed(self._process)

        await _or_none(say)

    async def _wait(self) -> None:
        try:
            if not self._after:  # notices changed earlier are read once more, so that no change is missed
                self._after = await self._kept.newest()
                return
            self._after = await self._kept.wait(self._after, int(LOOK_EVERY_S * 1000))
        except RedisError:
            await asyncio.sleep(LOOK_EVERY_S)


def _published_since(kept: NoticeSet | None, recorded: NoticeSet) -> int:
    """Returns when the newest notice that is missing in Redis was published (ms since 1970).

    Returns 0 if none is missing or Redis has lost all notices.

    Other differences, such as the end of a notice, do not count, since their delay is not measured.
    """
    known = {one.id for one in kept.notices} if kept else {one.id for one in recorded.notices}
    return max((one.signed_at for one in recorded.notices if one.id not in known), default=0)


async def _or_none(step: Callable[[], Awaitable[T]]) -> T | None:
    """Runs a step; after an error of Redis, PostgreSQL or the disk, logs the error and returns None."""
    try:
        return await step()
    except STORE_ERRORS as error:
        log.warning("notices: store unavailable", error=type(error).__name__)
        return None
