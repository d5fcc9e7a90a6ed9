"""Notifies staff when a citizen who is blocked for false emergencies describes a danger: no ticket is opened for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from bot.core.logs import log
from bot.core.texts import say
from bot.desk.auth.active_staff import active_staff
from bot.desk.auth.permissions import Permission, may
from bot.desk.queries.search import Search
from bot.desk.views.nickname import nickname_of
from bot.handoff.agent import Agent
from bot.record.ban_dangers import BanDanger, dangers_of_banned
from bot.record.engine import Sessions
from bot.record.locks import Lock, try_to_take
from bot.record.tables import Staff
from bot.store import keys
from bot.store.client import Store
from bot.tickets.staff_notices import NoticeKind, StaffNotices

EVERY_S = 10.0
QUIET_S = 3600  # one notice for all dangers of a block within this time
# Older dangers are ignored: the key that records that staff were notified expires after QUIET_S.
LATEST = timedelta(seconds=QUIET_S - 60)


class BanDangers:
    """The task that notifies staff who may lift blocks, at most once in QUIET_S seconds for each block.

    Several workers run the task; only one of them sends each notice.
    """

    def __init__(self, sessions: Sessions, redis: Store) -> None:
        self._sessions, self._redis = sessions, redis
        self._notices, self._search = StaffNotices(redis), Search(sessions)

    async def run(self) -> None:
        """Repeats ``look`` until cancelled."""
        while True:
            try:
                await self.look()
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("bans: staff not notified of a danger, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def look(self) -> None:
        """Notifies staff of new dangers, unless another worker is doing this. Raises RedisError, SQLAlchemyError."""
        oldest = datetime.now(UTC) - LATEST
        found = [one for one in await dangers_of_banned(self._sessions) if one.at > oldest]
        if not found:
            return
        async with self._sessions.begin() as session:
            if await try_to_take(session, Lock.BAN_DANGERS):
                for one in found:
                    await self._notify(one)

    async def _notify(self, danger: BanDanger) -> None:
        key = keys.once_key(f"ban-danger:{danger.ban}")
        if await self._redis.exists(key):
            return
        words = say("bloqueos.peligro.aviso", quien=nickname_of(danger.conversation))
        await self._notices.notify(await self._who_may_lift(danger.conversation), NoticeKind.BANNED, words, "")
        await self._redis.set(key, 1, ex=QUIET_S)

    async def _who_may_lift(self, conversation: str) -> list[str]:
        async with self._sessions() as session:
            staff = await active_staff(session, Permission.BAN)
        return [str(one.id) for one in staff if await self._reaches(one, conversation)]

    async def _reaches(self, staff: Staff, conversation: str) -> bool:
        agent = Agent(str(staff.id), staff.name, tuple(staff.teams), sees_all=may(staff, Permission.ALL_TICKETS))
        return bool(await self._search.reached([conversation], agent))
