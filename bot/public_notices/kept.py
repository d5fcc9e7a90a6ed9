"""Stores the set of notices in Redis, where every process reads it, and which version of it each process shows.

PostgreSQL is authoritative (recorded.py): a set that Redis loses is written again within seconds.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
from dataclasses import dataclass
from typing import Self

from bot.core.json_fields import JsonFields
from bot.public_notices.notice import NoticeSet
from bot.store import keys
from bot.store.client import Store
from bot.store.commands import ask_all
from bot.store.keys import notice_reader_key
from bot.store.streams import stream_rows

CHANGES_KEPT = 100
ALIVE_S = 10  # a process that has not acknowledged for so long counts as stopped
REMEMBERED_MS = 3600 * 1000


def process_id() -> str:
    """Returns a unique id for this process, made of host name, process number and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(6)}"


def is_gone(process: str, own: str) -> bool:
    """Returns whether ``process``, on the same host as ``own``, has ended; False if that cannot be determined."""
    (host, number, _), (own_host, own_number, _) = ((*one.split(":"), "", "")[:3] for one in (process, own))
    if process == own or host != own_host or not number.isdecimal():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):
        return False
    return number == own_number  # a restarted container has the same host and number


@dataclass(frozen=True)
class Reader(JsonFields):
    """A process that reads the notices; ``channels`` are those that show all notices.

    ``version`` is the version of the set that the process shows since ``at``, in ms since 1970.
    """

    name: str
    channels: tuple[str, ...] = ()
    version: str = ""
    at: int = 0

    @classmethod
    def from_json(cls, raw: str) -> Self:
        data = json.loads(raw)
        return cls.from_data({**data, "channels": tuple(data.get("channels", ()))})


class KeptNotices:
    """The set of notices in Redis, and its readers; every method may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self.redis = redis

    async def read(self) -> NoticeSet | None:
        """Returns the set; None if Redis has none, or one that this release cannot parse."""
        raw = await self.redis.get(keys.PUBLIC_NOTICES)
        try:
            return NoticeSet.from_json(raw) if raw else None
        except (AttributeError, KeyError, TypeError, ValueError):
            return None

    async def write(self, notices: NoticeSet, since_ms: int) -> None:
        """Replaces the set and wakes every process.

        ``since_ms`` is when a person changed the set, in ms since 1970 (see ``now_ms``); 0 if unknown.
        """
        await self.redis.set(keys.PUBLIC_NOTICES, notices.to_json())
        changed = {"version": notices.version, "since": str(since_ms)}
        await self.redis.xadd(keys.PUBLIC_NOTICES_CHANGED, changed, maxlen=CHANGES_KEPT)

    async def wait(self, after: str, block_ms: int) -> str:
        """Waits up to ``block_ms`` milliseconds for a change after the stream id ``after``; returns the newest id."""
        rows = stream_rows(await self.redis.xread({keys.PUBLIC_NOTICES_CHANGED: after}, CHANGES_KEPT, block_ms))
        return rows[-1][0] if rows else after

    async def newest(self) -> str:
        """Returns the stream id of the newest change, for the first call of ``wait``."""
        rows = await self.redis.xrevrange(keys.PUBLIC_NOTICES_CHANGED, count=1)
        return rows[0][0] if rows else "0-0"

    async def changed_ms(self, version: str) -> int | None:
        """Returns when a person made this version of the set, in ms since 1970.

        Returns 0 if that is unknown, and None if there is a newer version.
        """
        rows = await self.redis.xrevrange(keys.PUBLIC_NOTICES_CHANGED, count=1)
        return int(rows[0][1]["since"]) if rows and rows[0][1]["version"] == version else None

    async def now_ms(self) -> int:
        """Returns the time of Redis in ms, which is the same for processes on different machines."""
        seconds, micros = await self.redis.time()
        return int(seconds) * 1000 + int(micros) // 1000

    async def acknowledge(self, process: str, reader: Reader, *, now_ms: int) -> None:
        """Records that a process is alive and which set it shows."""
        await self.redis.set(notice_reader_key(process), json.dumps(reader.to_data()), ex=ALIVE_S)
        await self.redis.hset(keys.NOTICE_READERS, process, str(now_ms))

    async def leave(self, process: str) -> None:
        """Removes a process that shuts down in an orderly way, so that the proof (proof.py) does not wait for it."""
        await self.redis.hdel(keys.NOTICE_READERS, process)

    async def forget_killed(self, own: str) -> None:
        """Removes silent processes of this machine that ended without leaving, for example after kill -9.

        A process that still exists but hangs stays among the readers, since it may show citizens an old set.
        """
        others = [one for one in await self.redis.hgetall(keys.NOTICE_READERS) if is_gone(one, own)]
        said = await ask_all(self.redis, lambda ask, one: ask.get(notice_reader_key(one)), others)
        if killed := [one for one, raw in zip(others, said, strict=True) if not raw]:
            await self.redis.hdel(keys.NOTICE_READERS, *killed)

    async def readers(self) -> dict[str, Reader | None]:
        """Returns the processes of the last hour, keyed by id; None for a process that fell silent without leaving.

        Deletes the processes that fell silent earlier.
        """
        seen = await self.redis.hgetall(keys.NOTICE_READERS)
        oldest = await self.now_ms() - REMEMBERED_MS
        if gone := [process for process, at_ms in seen.items() if int(at_ms) < oldest]:
            await self.redis.hdel(keys.NOTICE_READERS, *gone)
        processes = sorted(seen.keys() - gone)
        found = await ask_all(self.redis, lambda ask, one: ask.get(notice_reader_key(one)), processes)
        return {one: Reader.from_json(raw) if raw else None for one, raw in zip(processes, found, strict=True)}
