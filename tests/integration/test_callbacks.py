"""Tests that a call-back request exists once, despite kills and repeats, and its contact is never stored in clear."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, text

from bot.core.messages import Channel, CitizenMessage, Priority, Reply, Speaker
from bot.privacy.holds import LegalHolds
from bot.record.engine import Sessions
from bot.record.retention import forget_contacts
from bot.record.tables import Callback, Message
from bot.record.transcripts.rows import read
from bot.store import keys
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.integration.worker_process import ADDRESSES
from tests.integration.working import through_kills, until_idle, working
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

CITIZENS = [f"c{number}" for number in range(6)]


def phone(conversation: str) -> str:
    return f"9 7654 32{conversation[1:]}1"


async def write(redis: Redis, conversation: str, words: str, message_id: str) -> None:
    """Writes a message twice, like a provider that repeats its calls."""
    message = CitizenMessage(conversation, Channel.WEB, message_id, words, at=1)
    for _ in range(2):
        await mailbox_of(redis).accept(message)


async def converse(redis: Redis, conversation: str, *said: str) -> None:
    for number, words in enumerate(said):
        await write(redis, conversation, words, f"m{number}")
        await until_idle(redis)


async def ask_for_call(redis: Redis, database: Sessions, conversation: str = "c1", contact: str = "") -> None:
    await mailbox_of(redis).open(conversation, Channel.WEB, None)
    async with working(redis, debounce_ms=0):
        await converse(
            redis, conversation, "persona", "Que me llamen", "sí", "saltar", contact or phone(conversation), "2"
        )
    async with recording(redis, database):
        await until_recorded(redis)


async def requests(database: Sessions) -> list[Callback]:
    async with database() as session:
        return list(await session.scalars(select(Callback).order_by(Callback.conversation_id, Callback.id)))


async def test_killed_workers_lose_and_double_no_request(redis: Redis, redis_url: str, database: Sessions) -> None:
    for conversation in CITIZENS:
        await mailbox_of(redis).open(conversation, Channel.WEB, None)
    steps = ("persona", "Que me llamen", "sí, de acuerdo", "saltar", "", "me da lo mismo")

    async def say(number: int) -> None:
        await asyncio.gather(*(write(redis, one, steps[number] or phone(one), f"m{number}") for one in CITIZENS))

    async with recording(redis, database):
        await through_kills(redis, redis_url, CITIZENS, [partial(say, number) for number in range(len(steps))])
        await until_recorded(redis)
    found = await requests(database)
    assert [(one.conversation_id, ADDRESSES.decrypt(one.encrypted or "")) for one in found] == [
        (one, f"+569{phone(one)[2:].replace(' ', '')}") for one in CITIZENS
    ]
    for one in found:
        said = [event.text for event in await mailbox_of(redis).events(one.conversation_id) if event.kind == "message"]
        assert sum(f" {one.number}.**" in words for words in said) == 1
        assert sum("Tu solicitud es la" in words for words in said) == 1
    assert await Tickets(redis).waiting() == []


async def test_contact_is_in_no_redis_key_row_or_log_in_clear(
    redis: Redis, database: Sessions, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    await ask_for_call(redis, database)
    said = [event.text for event in await mailbox_of(redis).events("c1")]
    assert "+56 9 •••• 3211" in said
    clear = re.compile(r".{0,30}(7654 3211|76543211).{0,30}")
    assert [found[0] for words in await everything_in(redis) if (found := clear.search(words))] == []
    async with database() as session:
        rows = await session.execute(text("SELECT row_to_json(m)::text FROM messages m"))
        assert [found[0] for (row,) in rows if (found := clear.search(row))] == []
        said = [f"{one.text} {one.data}" for one in await read(session, select(Message))]
        assert [found[0] for one in said if (found := clear.search(one))] == []
    told = capfd.readouterr()
    assert clear.search(f"{told.out}{told.err}{caplog.text}") is None


async def everything_in(redis: Redis) -> list[str]:
    reads: dict[str, Any] = {
        "string": redis.get,
        "hash": redis.hgetall,
        "list": lambda key: redis.lrange(key, 0, -1),
        "stream": redis.xrange,
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
    }
    return [str(await reads[await redis.type(key)](key)) for key in await redis.keys("*")]


async def test_request_takes_the_ticket_out_of_the_queue_and_returns_to_the_assistant(
    redis: Redis, database: Sessions
) -> None:
    await ask_for_call(redis, database)
    state = await mailbox_of(redis).state("c1")
    assert (state.speaker, state.ticket, state.form) == (Speaker.ASSISTANT, None, "")
    assert await Tickets(redis).waiting() == []
    (request,) = await requests(database)
    assert (request.team, request.contact_kind, request.part_of_day) == ("atencion", "mobile", "afternoon")
    assert request.consented_at <= request.asked_at


async def test_events_recorded_twice_make_one_request_even_after_it_ended(redis: Redis, database: Sessions) -> None:
    await ask_for_call(redis, database)
    async with database.begin() as session:
        await session.execute(text("UPDATE callbacks SET outcome = 'reached', closed_at = now()"))
    await redis.xgroup_setid(keys.EVENTS, keys.RECORDER, "0")
    async with recording(redis, database):
        await until_recorded(redis)
    assert [one.outcome for one in await requests(database)] == ["reached"]


async def test_newer_request_replaces_the_older_and_deletes_its_contact(redis: Redis, database: Sessions) -> None:
    await ask_for_call(redis, database)
    async with working(redis, debounce_ms=0):
        for number, words in enumerate(("persona", "Que me llamen", "sí", "saltar", "ana@correo.cl")):
            await write(redis, "c1", words, f"again{number}")
            await until_idle(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    older, newer = await requests(database)
    assert (older.outcome, older.encrypted, older.shown) == ("replaced", None, "")
    assert (newer.outcome, ADDRESSES.decrypt(newer.encrypted or "")) == (None, "ana@correo.cl")


async def test_revoked_request_loses_its_contact_immediately(redis: Redis, database: Sessions) -> None:
    await ask_for_call(redis, database)
    async with working(redis, debounce_ms=0):
        await write(redis, "c1", "anular solicitud", "revoke")
        await until_idle(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    (request,) = await requests(database)
    assert (request.outcome, request.encrypted, request.shown) == ("revoked", None, "")


async def test_revoked_request_under_a_legal_hold_keeps_its_contact_until_the_hold_ends(
    redis: Redis, database: Sessions
) -> None:
    await ask_for_call(redis, database)
    holds = LegalHolds(database)
    await holds.place("c1", "Oficio 123", datetime.now(UTC).date())
    async with working(redis, debounce_ms=0):
        await write(redis, "c1", "anular solicitud", "revoke")
        await until_idle(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    later = datetime.now(UTC) + timedelta(days=1)
    assert await forget_contacts(database, later) == 0
    (request,) = await requests(database)
    assert (request.outcome, ADDRESSES.decrypt(request.encrypted or "")) == ("revoked", "+56976543211")
    await holds.lift("c1")
    assert await forget_contacts(database, later) == 1


async def test_contacts_are_deleted_some_days_after_the_outcome(redis: Redis, database: Sessions) -> None:
    await ask_for_call(redis, database, "c1")
    await ask_for_call(redis, database, "c2")
    async with database.begin() as session:
        await session.execute(
            text(
                "UPDATE callbacks SET outcome = 'reached', closed_at = now() - interval '31 days' WHERE team <> '' "
                "AND conversation_id = 'c1'"
            )
        )
    await forget_contacts(database, datetime.now(UTC) - timedelta(days=30))
    ended, still_open = await requests(database)
    assert (ended.outcome, ended.encrypted, ended.shown) == ("reached", None, "")
    assert still_open.encrypted


async def test_claim_during_the_dialogue_ends_the_dialogue(redis: Redis, database: Sessions) -> None:
    await mailbox_of(redis).open("c1", Channel.WEB, None)
    async with working(redis, debounce_ms=0):
        await converse(redis, "c1", "persona", "Que me llamen", "sí")
        (ticket,) = await Tickets(redis).waiting()
        await Tickets(redis).claim(ticket.id, StaffRef("ana", "Ana"), Reply("te atiende Ana"))
        await write(redis, "c1", "hola, ¿me ayudas?", "later")
        await until_idle(redis)
    state = await mailbox_of(redis).state("c1")
    assert (state.speaker, state.form) == (Speaker.STAFF, "")
    assert (await mailbox_of(redis).events("c1"))[-1].text == "hola, ¿me ayudas?"


async def test_emergency_during_the_dialogue_ends_it_and_goes_first(redis: Redis, database: Sessions) -> None:
    await mailbox_of(redis).open("c1", Channel.WEB, None)
    async with working(redis, debounce_ms=0):
        await converse(redis, "c1", "persona", "Que me llamen", "sí", "me quiero morir")
    (ticket,) = await Tickets(redis).waiting()
    assert (ticket.priority, (await mailbox_of(redis).state("c1")).form) == (Priority.EMERGENCY, "")


async def test_volver_during_the_dialogue_leaves_the_queue_and_asks_nothing_more(
    redis: Redis, database: Sessions
) -> None:
    await mailbox_of(redis).open("c1", Channel.WEB, None)
    async with working(redis, debounce_ms=0):
        await converse(redis, "c1", "persona", "Que me llamen", "sí", "volver", "hola")
    state = await mailbox_of(redis).state("c1")
    assert (state.speaker, state.form) == (Speaker.ASSISTANT, "")
    assert (await mailbox_of(redis).events("c1"))[-1].text == "re: hola"
