"""Writes blocks of conversations to the record, each change with an audit row, and copies them to Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import SQLAlchemyError

from bot.conversation.bans import Ban, Bans
from bot.core.logs import log
from bot.core.messages import Reply
from bot.core.progress import Beat, no_beat
from bot.record.engine import Sessions
from bot.record.tables import Audit
from bot.record.tables.bans import SenderBan

BANNED_ACTION, LIFTED_ACTION = "sender_banned", "sender_unbanned"
EVERY_S = 5.0
SHOWN = 50
LIFTED_LATELY = timedelta(days=1)


class BanBook:
    """The blocks in the record and in Redis; methods may raise SQLAlchemyError and redis.RedisError.

    ``told(ban)`` returns the notice to a blocked citizen; ``ended`` is the notice when a block is lifted.
    """

    def __init__(self, sessions: Sessions, bans: Bans, told: Callable[[Ban], Reply], ended: Reply) -> None:
        self._sessions, self._bans, self._told, self._ended = sessions, bans, told, ended

    async def ban(self, conversation: str, reason: str, term: timedelta, *, by: UUID, name: str) -> bool:
        """Blocks a conversation; returns False if it is blocked already."""
        if await self._of(conversation):
            return False
        row = SenderBan(conversation_id=conversation, reason=reason, until=datetime.now(UTC) + term, staff_id=by)
        row.name = name
        async with self._sessions.begin() as session:
            session.add(row)
            detail = {"conversation": conversation, "reason": reason, "days": term.days}
            session.add(Audit(action=BANNED_ACTION, staff_id=by, subject="", detail=detail))
        await self._put(row)
        return True

    async def lift(self, id: UUID, *, by: UUID, name: str) -> bool:
        """Lifts a block before its end; returns False if it has already ended or does not exist."""
        now = datetime.now(UTC)
        running = (SenderBan.id == id) & SenderBan.lifted_at.is_(None) & (SenderBan.until > now)
        statement = update(SenderBan).where(running).values(lifted_at=now, lifted_by=name)
        async with self._sessions.begin() as session:
            conversation = await session.scalar(statement.returning(SenderBan.conversation_id))
            if conversation is None:
                return False
            detail = {"conversation": conversation}
            session.add(Audit(action=LIFTED_ACTION, staff_id=by, subject="", detail=detail))
        await self._bans.lift(conversation, self._ended)
        return True

    async def running(self) -> Sequence[SenderBan]:
        """Returns the blocks in force, the one that ends last first."""
        query = select(SenderBan).where(_holds()).order_by(SenderBan.until.desc())
        async with self._sessions() as session:
            return list(await session.scalars(query))

    async def over(self) -> Sequence[SenderBan]:
        """Returns the newest blocks that have ended or were lifted, at most SHOWN."""
        query = select(SenderBan).where(~_holds()).order_by(SenderBan.at.desc()).limit(SHOWN)
        async with self._sessions() as session:
            return list(await session.scalars(query))

    async def run(self, beat: Beat = no_beat) -> None:
        """Repeats ``keep`` until cancelled, since Redis may lose its data and a process may be killed."""
        while True:
            beat()
            try:
                await self.keep()
            except (RedisError, SQLAlchemyError, OSError) as error:
                log.warning("bans: store unavailable, retrying", error=type(error).__name__)
            await asyncio.sleep(EVERY_S)

    async def keep(self) -> None:
        """Adds to Redis the blocks in force that it lacks, and removes those lifted within LIFTED_LATELY."""
        running = await self.running()
        for row in running:
            await self._put(row)
        lately = SenderBan.lifted_at > datetime.now(UTC) - LIFTED_LATELY
        async with self._sessions() as session:
            lifted = set(await session.scalars(select(SenderBan.conversation_id).where(lately)))
        for conversation in lifted - {row.conversation_id for row in running}:
            if await self._bans.of(conversation):
                await self._bans.lift(conversation, self._ended)

    async def _of(self, conversation: str) -> bool:
        query = select(SenderBan.id).where(SenderBan.conversation_id == conversation, _holds())
        async with self._sessions() as session:
            return await session.scalar(query) is not None

    async def _put(self, row: SenderBan) -> None:
        ban = Ban(str(row.id), row.conversation_id, row.reason, row.until)
        await self._bans.put(ban, self._told(ban))


def _holds() -> ColumnElement[bool]:
    return (SenderBan.until > datetime.now(UTC)) & SenderBan.lifted_at.is_(None)
