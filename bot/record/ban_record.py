"""Writes blocks of conversations to the record and the audit log, and copies them to Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from bot.conversation.bans import Ban, Bans
from bot.core.logs import log
from bot.core.messages import Reply
from bot.core.progress import Beat, no_beat
from bot.record.ban_dangers import BanDanger, dangers_of_banned
from bot.record.engine import Sessions
from bot.record.locks import Lock, take_of
from bot.record.tables import Audit
from bot.record.tables.bans import SenderBan

BANNED_ACTION, LIFTED_ACTION = "sender_banned", "sender_unbanned"
EVERY_S = 10.0
SHOWN = 50
LIFTED_LATELY = timedelta(days=1)
ANNOUNCED_WITHIN = timedelta(minutes=1)  # maximum age of a block that is announced at once; else with the next message


class BanBook:
    """The blocks in the record and in Redis; methods may raise SQLAlchemyError and redis.RedisError.

    ``notice_of(ban)`` returns the notice to a blocked citizen; ``ended`` is the notice that a block was lifted.
    """

    def __init__(self, sessions: Sessions, bans: Bans, notice_of: Callable[[Ban], Reply], ended: Reply) -> None:
        self._sessions, self._bans, self._notice_of, self._ended = sessions, bans, notice_of, ended

    async def ban(self, conversation: str, reason: str, term: timedelta, *, by: UUID, name: str) -> bool:
        """Blocks a conversation for the time ``term``; returns False if it is blocked already.

        Ends the conversation's ticket and call-back. The citizen is notified immediately, or after their next message.
        ``name`` is the name of the account ``by``.
        """
        async with self._sessions.begin() as session:
            await take_of(session, Lock.BANS, conversation)
            if await _running(session, conversation):
                return False
            until = datetime.now(UTC) + term
            row = SenderBan(conversation_id=conversation, reason=reason, until=until, staff_id=by, name=name)
            detail = {"conversation": conversation, "reason": reason, "days": term.days}
            session.add_all((row, Audit(action=BANNED_ACTION, staff_id=by, subject="", detail=detail)))
        await self._settle(conversation)
        return True

    async def lift(self, id: UUID, *, by: UUID, name: str) -> bool:
        """Ends a block and all other blocks of its conversation; notifies the citizen if the channel allows it now.

        Returns False, and changes nothing, if the block has already ended or does not exist. ``name`` is the name of
        the account ``by``.
        """
        async with self._sessions.begin() as session:
            conversation = await session.scalar(select(SenderBan.conversation_id).where(SenderBan.id == id))
            if conversation is None:
                return False
            await take_of(session, Lock.BANS, conversation)
            if await session.scalar(select(SenderBan.id).where(SenderBan.id == id, _holds())) is None:
                return False
            held = (SenderBan.conversation_id == conversation) & _holds()
            await session.execute(update(SenderBan).where(held).values(lifted_at=datetime.now(UTC), lifted_by=name))
            detail = {"conversation": conversation}
            session.add(Audit(action=LIFTED_ACTION, staff_id=by, subject="", detail=detail))
        await self._settle(conversation)
        return True

    async def running(self) -> Sequence[SenderBan]:
        """Returns the active blocks, in descending order of the times at which they end."""
        query = select(SenderBan).where(_holds()).order_by(SenderBan.until.desc())
        async with self._sessions() as session:
            return list(await session.scalars(query))

    async def dangers(self) -> Sequence[BanDanger]:
        """Returns the newest confirmed danger of each active block for false emergencies."""
        return await dangers_of_banned(self._sessions)

    async def conversation(self, id: UUID) -> str:
        """Returns the conversation of a block; '' if there is none."""
        async with self._sessions() as session:
            return await session.scalar(select(SenderBan.conversation_id).where(SenderBan.id == id)) or ""

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
        """Adds missing active blocks to Redis, and removes recently lifted ones from it."""
        lately = SenderBan.lifted_at > datetime.now(UTC) - LIFTED_LATELY
        query = select(SenderBan).where(_holds() | lately)
        async with self._sessions() as session:
            rows = list(await session.scalars(query))
        running = {row.conversation_id: str(row.id) for row in rows if row.lifted_at is None}
        lifted = {row.conversation_id for row in rows if row.lifted_at is not None}
        for conversation in lifted | running.keys():
            held = await self._bans.of(conversation)
            if (held.id if held else None) != running.get(conversation):
                await self._settle(conversation)

    async def _settle(self, conversation: str) -> None:
        """Makes the conversation's block in Redis equal to the recorded one, and notifies the citizen of a change.

        Holds a lock meanwhile, so that no other change of the block interferes.
        """
        async with self._sessions.begin() as session:
            await take_of(session, Lock.BANS, conversation)
            row, held = await _running(session, conversation), await self._bans.of(conversation)
            if held and (row is None or held.id != str(row.id)):
                await self._bans.lift(conversation, self._ended)
            if row:
                ban = Ban(str(row.id), conversation, row.reason, row.until)
                notice = self._notice_of(ban) if datetime.now(UTC) - row.at < ANNOUNCED_WITHIN else None
                await self._bans.put(ban, notice, since=row.at)


def _holds() -> ColumnElement[bool]:
    return (SenderBan.until > datetime.now(UTC)) & SenderBan.lifted_at.is_(None)


async def _running(session: AsyncSession, conversation: str) -> SenderBan | None:
    held = (SenderBan.conversation_id == conversation) & _holds()
    return await session.scalar(select(SenderBan).where(held).order_by(SenderBan.until.desc()).limit(1))
