"""Provides a conversation that staff can block, and the turns of its citizen."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any, cast
from uuid import UUID

from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.bans import Bans
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, RecognizedDanger, Reply, Speaker
from bot.public_notices.board import NoticeBoard
from bot.record.ban_record import BanBook
from bot.record.engine import Sessions
from bot.record.privacy_requests import RequestBook
from bot.store import keys
from bot.turns.assistant import Assistant
from bot.turns.notices.inserter import NoticeInserter
from bot.turns.outcome import Decision
from bot.turns.rights.banned import Banned, ban_ended, ban_notice
from bot.turns.rights.dialogue import Rights
from bot.turns.rights.registering import Registering
from bot.turns.turns import Turns
from tests.no_record import mailbox_of

STAFF = UUID(int=7)
WEEK = timedelta(days=7)
CHANNELS = (Channel.WEB, Channel.TELEGRAM, Channel.WHATSAPP)


class NobodyAsked:
    """Replaces the assistant, which must not be asked for a reply to a blocked person."""

    async def is_about_own_data(self, message: CitizenMessage) -> bool:
        return message.text == "quiero ver lo que guardan de mí"

    async def turn(self, *_given: Any) -> Any:
        raise AssertionError("the assistant was asked")


async def judge(text: str) -> RecognizedDanger | None:
    return RecognizedDanger("gas", sure=text.endswith("seguro")) if "olor" in text else None


async def no_place(_handoff: Handoff, _now: datetime) -> Reply:
    raise AssertionError("a ticket was opened")


class Blocked:
    """A conversation that can be blocked, and the turns of its citizen."""

    def __init__(self, redis: Redis, sessions: Sessions, agency: Agency, channel: Channel) -> None:
        self.redis, self.sessions, self.agency, self.channel = redis, sessions, agency, channel
        self.inbox, self.number = mailbox_of(redis), 0
        told, ended = partial(ban_notice, agency), ban_ended(agency)
        self.book = BanBook(sessions, Bans(redis), told, ended)
        registering = Registering(agency, RequestBook(sessions), self.inbox, lambda: "P-4F7K92QX")
        assistant = cast(Assistant, NobodyAsked())
        banned = Banned(agency, Bans(redis), judge, assistant.is_about_own_data)
        rights = Rights(lambda _name: "https://x.cl/mis-datos", lambda: "D-4F7K92QX", registering, banned)
        self.board = NoticeBoard()
        self.turns = Turns(
            agency=agency,
            assistant=assistant,
            wait_notice=no_place,
            judge=judge,
            rights=rights,
            notices=NoticeInserter(agency, self.board),
        )

    async def begin(self, *, closed_window: bool = False) -> None:
        message = CitizenMessage("c1", self.channel, "m-0", "hola", at=0)
        await self.inbox.accept(message, address="" if self.channel is Channel.WEB else "sealed")
        done = await self.inbox.commit(
            [message], (Reply("hola"),), speaker=Speaker.ASSISTANT, change=Change(welcomed=True)
        )
        assert done == "ok"
        if closed_window:
            await self.redis.hset(keys.conversation_key("c1"), "inbound_at", 1)

    async def ban(self, reason: str = "insults") -> None:
        assert await self.book.ban("c1", reason, WEEK, by=STAFF, name="Sol Vera")

    async def say(self, text: str) -> Decision:
        """Writes ``text`` as the citizen, and commits the turn that answers it, as the worker does."""
        self.number += 1
        message = CitizenMessage("c1", self.channel, f"m-{self.number}", text, at=0)
        await self.inbox.accept(message, address="" if self.channel is Channel.WEB else "sealed")
        decision = await self.turns.take(message, await self.inbox.state("c1"))
        replies, change, handoff = decision.replies, decision.change, decision.handoff
        done = await self.inbox.commit(
            [message], replies, speaker=(await self.inbox.state("c1")).speaker, change=change, handoff=handoff
        )
        assert done == "ok"
        return decision

    async def notices(self) -> list[str]:
        return [one.text for one in await self.inbox.events("c1") if "no te atendemos" in one.text]
