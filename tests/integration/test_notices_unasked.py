"""Tests unrequested notices: none is sent after «baja», and none that WhatsApp's window would refuse.

The notice of who answers from now on, a person or the assistant, is sent even after «baja»: it belongs to the
conversation that the citizen asked for.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot.conversation.change import Change
from bot.core.channels import reply_windows
from bot.core.messages import Author, Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.store import keys
from bot.tickets.announced_wait import AnnouncedWait
from bot.tickets.pace import WaitRange
from bot.tickets.presence import Presence, Presences, Skills
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Actor, Transitions, Why
from bot.tickets.waits import Waits
from tests.no_record import mailbox_of

ANA, BETO = StaffRef("ana", "Ana"), StaffRef("beto", "Beto")
TOLD = Reply("aviso", author=Author.SYSTEM)
SECRET = "sealed"


class Citizen:
    """A citizen on WhatsApp or Telegram with one ticket, and events of that ticket."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.inbox, self.tickets, self.transitions = mailbox_of(redis), Tickets(redis), Transitions(redis)
        self.presences, self.waits = Presences(redis), Waits(redis)
        self.ticket = ""

    async def waits_for_a_person(self, channel: Channel) -> None:
        message = CitizenMessage("c1", channel, "m1", "persona", at=0)
        await self.inbox.accept(message, address=SECRET)
        handoff = Handoff(HandoffReason.ASKED_HUMAN, team="obras")
        await self.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
        (waiting,) = await self.tickets.waiting()
        self.ticket = waiting.id

    async def is_attended(self) -> None:
        for one in (ANA, BETO):
            await self.presences.heartbeat(one.id, one.name, Skills())
        await self.tickets.claim(self.ticket, ANA, Reply("claimed"))

    async def is_claimed(self) -> None:
        await self.tickets.claim(self.ticket, ANA, TOLD)

    async def is_next(self) -> None:
        await self.tickets.claim_next(ANA, (), TOLD)

    async def is_given_out(self) -> None:
        await self.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AVAILABLE)
        await self.tickets.auto_assign(TOLD, {})

    async def is_given_to_another(self) -> None:
        await self.is_attended()
        await self.transitions.assign(self.ticket, Actor(ANA), Why.TRANSFER, TOLD, to=BETO)

    async def is_closed(self) -> None:
        await self.is_attended()
        await self.tickets.close(self.ticket, ANA, TOLD)

    async def is_released(self) -> None:
        await self.is_attended()
        await self.transitions.requeue(self.ticket, Actor(ANA), Why.RELEASED, TOLD)

    async def goes_to_another_team(self) -> None:
        await self.is_attended()
        await self.transitions.requeue(self.ticket, Actor(ANA), Why.TRANSFER, TOLD, team="aseo")

    async def is_taken_back(self) -> None:
        await self.is_attended()
        await self.redis.delete(keys.agent_key(ANA.id))
        await self.transitions.reclaim(self.ticket, 0, TOLD, TOLD)

    async def is_given_up(self) -> None:
        await self.is_attended()
        await self.redis.hset(keys.ticket_key(self.ticket), "replied", 1)
        await self.transitions.snooze(self.ticket, ANA, 1)
        await self.transitions.close_abandoned(self.ticket, "no_answer", TOLD, TOLD)

    async def waits_longer(self) -> None:
        await self.waits.announce(self.ticket, AnnouncedWait(1, WaitRange(0, 1000), 0), TOLD)

    async def is_reminded(self) -> None:
        await self.inbox.notify("c1", TOLD)


WHO_SPEAKS = (
    Citizen.is_claimed,
    Citizen.is_next,
    Citizen.is_given_out,
    Citizen.is_given_to_another,
    Citizen.is_closed,
)
UNASKED = (
    Citizen.is_released,
    Citizen.goes_to_another_team,
    Citizen.is_taken_back,
    Citizen.is_given_up,
    Citizen.waits_longer,
    Citizen.is_reminded,
)
Step = Callable[[Citizen], Awaitable[None]]


@pytest.mark.parametrize("step", [*WHO_SPEAKS, *UNASKED])
@pytest.mark.parametrize(
    ("channel", "baja", "window"),
    [
        (Channel.WEB, False, "closed"),
        (Channel.TELEGRAM, False, "closed"),
        (Channel.TELEGRAM, True, "closed"),
        (Channel.WHATSAPP, False, "open"),
        (Channel.WHATSAPP, True, "open"),
        (Channel.WHATSAPP, False, "closed"),
        (Channel.WHATSAPP, True, "closed"),
    ],
)
async def test_notices_respect_opting_out_and_the_window(
    redis: Redis, step: Step, channel: Channel, baja: bool, window: str
) -> None:
    citizen = Citizen(redis)
    await citizen.waits_for_a_person(channel)
    if baja:
        await redis.sadd(keys.NOTICES_OFF, "c1")
    wrote_ago = reply_windows()[Channel.WHATSAPP].free_ms + (1000 if window == "closed" else -60_000)
    await redis.hset(keys.conversation_key("c1"), "inbound_at", int(time.time() * 1000) - wrote_ago)
    before = await redis.llen(keys.outbox_key("c1"))
    await step(citizen)
    texts = [event.text for event in await citizen.inbox.events("c1")]
    in_time = channel is not Channel.WHATSAPP or window == "open"
    assert ("aviso" in texts) == (in_time and (step in WHO_SPEAKS or not baja))
    if not in_time:
        assert await redis.llen(keys.outbox_key("c1")) == before


async def test_withheld_position_is_sent_with_the_next_message(redis: Redis) -> None:
    citizen = Citizen(redis)
    await citizen.waits_for_a_person(Channel.TELEGRAM)
    await redis.hset(keys.conversation_key("c1"), "noticed_at", int(time.time() * 1000))
    await citizen.is_released()
    assert (await citizen.inbox.state("c1")).noticed_at > 0
    await redis.sadd(keys.NOTICES_OFF, "c1")
    await citizen.is_released()
    assert (await citizen.inbox.state("c1")).noticed_at == 0
