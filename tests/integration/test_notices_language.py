"""Tests that later notices of a conversation use the citizen's language once it is known."""

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
from bot.text.translations import queue_sentences
from bot.tickets.announced_wait import AnnouncedWait
from bot.tickets.pace import WaitRange
from bot.tickets.transitions import Why
from bot.tickets.waits import Waits
from bot.turns.buttons import pressed
from bot.turns.foreign_language import translated
from bot.turns.ratings.survey import question
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
    await world.redis.hset(keys.ticket_key(ticket), "notify_near", 1)
    waits = Waits(world.redis)
    assert await waits.announce(ticket, AnnouncedWait(1, WaitRange(1, 2), 3), near_notice(world.agency))


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
    assert "languages" not in event_of(Reply("hola"))
    assert event_of(requeued_notice(agency, Why.SILENT))["languages"].keys() == {"en", "pt", "ht", "fr"}


async def test_survey_after_closing_is_answered_by_its_translated_title(redis: Redis, agency: Agency) -> None:
    world = World(redis, agency)
    ticket = await waiting(world, "en")
    await claimed(world, ticket)
    await world.tickets.close(ticket, ANA.ref, closed_notice(agency, name=ANA.name), asks=question(ticket, 1))
    state = await world.inbox.state(NAME)
    assert [one.title for one in (await newest(world)).message.buttons] == [one.title for one in state.buttons]
    chosen = pressed(CitizenMessage(NAME, Channel.WHATSAPP, "m2", "very good", at=0), state.buttons)
    assert chosen and chosen.payload == f"opinion:5:{ticket}:1"


async def test_reason_of_the_handoff_does_not_change_the_language(redis: Redis, agency: Agency) -> None:
    world = World(redis, agency)
    message = CitizenMessage(NAME, Channel.WEB, "m1", "persona", at=0)
    await world.inbox.accept(message)
    notice = Reply("En la fila", author=Author.SYSTEM, translations=queue_sentences("en_la_fila"))
    known, handoff = Change(known={"idioma": "fr"}), Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    await world.inbox.commit([message], (notice,), speaker=Speaker.ASSISTANT, change=known, handoff=handoff)
    assert (await newest(world)).text.startswith("**Vous êtes le numéro 1 dans la file.**")


async def test_first_message_while_the_record_is_away_gets_its_language(redis: Redis, agency: Agency) -> None:
    world = World(redis, agency)
    message = CitizenMessage(NAME, Channel.WEB, "m1", "how do I renew my license?", at=1)
    await world.inbox.accept(message)
    assert await world.inbox.reassure(message, (translated(agency, "sin_registro"),), 0, {"idioma": "en"})
    assert (await newest(world)).text.startswith("We kept your message")
    assert (await world.inbox.state(NAME)).known == {"idioma": "en"}


async def test_nobody_is_reassured_in_a_conversation_that_no_longer_exists(redis: Redis, agency: Agency) -> None:
    world, message = World(redis, agency), CitizenMessage(NAME, Channel.WEB, "m1", "how do I renew my license?", at=1)
    assert not await world.inbox.reassure(message, (translated(agency, "sin_registro"),), 0, {"idioma": "en"})
    assert not await redis.exists(keys.conversation_key(NAME))
