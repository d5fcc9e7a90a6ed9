"""Tests that later notices of a conversation come in the citizen's language once it is known."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.event_log_entry import event_of
from bot.core.events import Event
from bot.core.messages import Author, Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.handoff.notices import assigned_notice, closed_notice, near_notice, requeued_notice
from bot.store import keys
from bot.tickets.pace import WaitRange
from bot.tickets.transitions import Why
from bot.tickets.waits import ToldWait, Waits
from tests.integration.queue_world import ANA, World

NAME = "c1"
Step = Callable[[World, str], Awaitable[object]]


async def waiting(world: World, language: str) -> str:
    message = CitizenMessage(NAME, Channel.WEB, "m1", "help", at=0)
    await world.inbox.accept(message)
    handoff = Handoff(HandoffReason.LANGUAGE, team="atencion")
    known = {"idioma": language} if language else {}
    await world.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(known=known), handoff=handoff)
    return str((await world.inbox.state(NAME)).ticket)


async def newest(world: World) -> Event:
    told = [one for one in await world.inbox.events(NAME) if one.author is Author.SYSTEM and one.text]
    return told[-1]


async def claimed(world: World, _ticket: str) -> None:
    await world.queue.claim_next(ANA)


async def requeued(world: World, ticket: str) -> None:
    await claimed(world, ticket)
    await world.queue.release(ticket, ANA)


async def closed(world: World, ticket: str) -> None:
    await claimed(world, ticket)
    await world.tickets.close(ticket, ANA.ref, closed_notice(world.agency, name=ANA.name, about="¿Cómo pago?"))


async def near(world: World, ticket: str) -> None:
    await world.redis.hset(keys.ticket_key(ticket), "tell_near", 1)
    waits = Waits(world.redis)
    assert await waits.tell(ticket, ToldWait(1, WaitRange(1, 2), 3), near_notice(world.agency))


@pytest.mark.parametrize(
    ("step", "spanish", "english"),
    [
        (claimed, "Ahora te atiende Ana Soto", "**Ana Soto, from"),
        (requeued, "Vuelves a la fila, en el lugar 1", "back in the line, as number 1."),
        (closed, "Ana Soto cerró la atención", "Ana Soto closed this conversation"),
        (near, "Vas en el lugar 1 de la fila", "You are number 1 in the line"),
    ],
)
async def test_notice_is_in_the_known_language(
    redis: Redis, agency: Agency, step: Step, spanish: str, english: str
) -> None:
    for language, text, told in (("", spanish, ""), ("en", english, "en"), ("es", spanish, ""), ("tlh", spanish, "")):
        await redis.flushall()
        world = World(redis, agency)
        await step(world, await waiting(world, language))
        notice = await newest(world)
        assert text in notice.text
        assert notice.message.language == told
        assert "{" not in notice.text


async def test_facts_of_a_translated_notice_stay(redis: Redis, agency: Agency) -> None:
    world = World(redis, agency)
    ticket = await waiting(world, "fr")
    notice = replace(assigned_notice(agency), notice="n1")
    await world.tickets.claim(ticket, ANA.ref, notice)
    told = (await newest(world)).message
    assert (told.language, told.notice) == ("fr", "n1")


def test_notice_without_translations_is_stored_as_before(agency: Agency) -> None:
    assert "translations" not in event_of(Reply("hola"))
    assert event_of(requeued_notice(agency, Why.SILENT))["translations"].keys() == {"en", "pt", "ht", "fr"}
