"""Tests broadcasts: asked for in the chat, planned, tested, started by another person, each citizen once, stopped."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import insert, select, update

from bot.agency.model import Agency
from bot.core.messages import Channel, CitizenMessage
from bot.desk.crisis.form import LOCAL
from bot.desk.pages.notices.broadcast_page import NOTICES, PATH
from bot.privacy.record import delete_rows
from bot.public_notices import broadcasting
from bot.public_notices.broadcasting import AT_ONCE, Broadcasting
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.record.retention import forget
from bot.record.tables import Conversation, Message, Notice
from bot.record.tables.broadcasts import Broadcast, BroadcastRecipient, Subscription
from bot.store import keys
from tests import forked
from tests.desk_world import DeskWorld
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.forked import Forked
from tests.integration.broadcast_desk import ADDRESS, act, got, published, states, subscribed
from tests.integration.notices_desk import JUAN, ROSA, TOKEN, press, two_supervisors
from tests.integration.working import until_idle, working
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

CITIZENS, KILLS = 60, 6
SID = "HX" + "0" * 32


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with two_supervisors(redis, database, agency, channels=(Channel.WEB, Channel.TELEGRAM)) as made:
        yield made


async def test_subscription_is_requested_and_refused_in_the_chat(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)

    async def says(number: int, text: str) -> list[str | None]:
        message = CitizenMessage("c1", Channel.TELEGRAM, f"m{number}", text, at=number)
        async with working(redis), recording(redis, database):
            await inbox.accept(message, address=ADDRESS)
            await until_idle(redis)
            await until_recorded(redis)
        async with database() as session:
            return list(await session.scalars(select(Subscription.address)))

    assert await says(1, "Avísame") == [ADDRESS]
    assert await says(2, "baja") == [None]
    assert await redis.sismember(keys.NOTICES_OFF, "c1")
    assert await says(3, "avísame") == [ADDRESS]


async def test_refusal_of_notices_survives_a_loss_of_redis_until_it_is_taken_back(
    redis: Redis, database: Sessions
) -> None:
    inbox, recovery = mailbox_of(redis), Recovery(redis, database)

    async def refuses_after(number: int, text: str) -> bool:
        """Returns whether Redis knows of a refusal after the citizen wrote ``text``, lost its data and recovered."""
        message = CitizenMessage("c1", Channel.TELEGRAM, f"m{number}", text, at=number)
        async with working(redis), recording(redis, database):
            await inbox.accept(message, address=ADDRESS)
            await until_idle(redis)
            await until_recorded(redis)
        await redis.flushall()
        await recovery.run()
        return bool(await redis.sismember(keys.NOTICES_OFF, "c1"))

    await recovery.run()
    assert [await refuses_after(n, text) for n, text in enumerate(("baja", "alta", "baja", "avísame"))] == [
        True,
        False,
        True,
        False,
    ]


async def test_broadcast_to_nobody_is_not_offered(world: DeskWorld, database: Sessions) -> None:
    id, rosa = await published(world), await world.sign_in(ROSA)
    pages = [(await rosa.get(f"{PATH}/{id}")).text]
    await subscribed(database, "c1")
    pages.append((await rosa.get(f"{PATH}/{id}")).text)
    told = [("Todavía nadie ha escrito «avísame»" in page, 'value="planificar"' in page) for page in pages]
    assert told == [(True, False), (False, True)]


@pytest.mark.parametrize("who", [ROSA, JUAN])
async def test_broadcast_that_nobody_started_is_discarded_and_planned_again(
    world: DeskWorld, database: Sessions, who: str
) -> None:
    await subscribed(database, "c1")
    id = await published(world)
    assert await act(world, who, id, "deshacer") == 409
    assert await act(world, ROSA, id, "planificar") == 303
    assert 'value="deshacer"' in (await (await world.sign_in(who)).get(f"{PATH}/{id}")).text
    assert await act(world, who, id, "deshacer") == 303
    assert (await states(database), await act(world, JUAN, id, "partir")) == ({}, 409)
    await subscribed(database, "c2")
    assert await act(world, ROSA, id, "planificar") == 303
    assert await act(world, JUAN, id, "partir") == 303
    assert await act(world, who, id, "deshacer") == 409
    assert set(await states(database)) == {"c1", "c2"}


@pytest.mark.parametrize("channels", [(Channel.WEB,), (Channel.WEB, Channel.TELEGRAM), tuple(Channel)])
async def test_page_asks_to_test_only_by_a_channel_that_is_connected(
    redis: Redis, database: Sessions, agency: Agency, channels: tuple[Channel, ...]
) -> None:
    async with two_supervisors(redis, database, agency, channels=channels) as world:
        id = await published(world)
        page = (await (await world.sign_in(ROSA)).get(f"{PATH}/{id}")).text
    named = [name for name in ("Telegram", "WhatsApp") if name.lower() in channels]
    assert (f"escribe esto por {' o '.join(named)}:" in page) == bool(named)
    assert ('value="probar"' in page, "no hay adónde mandar una prueba" in page) == (bool(named), not named)


async def test_two_persons_and_each_citizen_once(world: DeskWorld, database: Sessions, agency: Agency) -> None:
    names = [f"c{number}" for number in range(AT_ONCE + 2)]
    await subscribed(database, *names)
    id = await published(world)
    page = (await (await world.sign_in(ROSA)).get(f"{PATH}/{id}")).text
    assert f"{len(names)} personas quieren avisos." in page
    assert "<p>Sectores: Centro, Las Quilas.</p>" in page  # the message carries them, too
    assert await act(world, ROSA, id, "planificar") == 303
    await subscribed(database, "later")
    assert await act(world, ROSA, id, "partir") == 409
    assert await act(world, JUAN, id, "partir") == 303
    task = Broadcasting(database, world.redis, agency)
    await world.redis.sadd(keys.NOTICES_OFF, "c0")
    async with database.begin() as session:
        await session.execute(update(Subscription).where(Subscription.conversation_id == "c1").values(address=None))
    assert [await task.send_some() for _ in range(3)] == [AT_ONCE, 2, 0]
    assert await states(database) == {"c0": "off", "c1": "off"} | dict.fromkeys(names[2:], "sent")
    assert [await got(world.redis, name) for name in names] == [0, 0, *[1] * (len(names) - 2)]
    assert await got(world.redis, "later") == 0
    async with database() as session:
        assert (await session.scalars(select(Broadcast.state))).one() == "done"


async def test_broadcast_that_waits_for_the_limit_of_whatsapp_holds_up_no_other(
    world: DeskWorld, database: Sessions, agency: Agency
) -> None:
    limited = replace(agency, templates=replace(agency.templates, daily_limit=0))
    await subscribed(database, "w1", channel=Channel.WHATSAPP)
    first = await published(world)
    await act(world, ROSA, first, "planificar")
    await act(world, JUAN, first, "partir")
    task = Broadcasting(database, world.redis, limited)
    assert await task.send_some() == 0
    await subscribed(database, "t1")
    second = await published(world)
    await act(world, ROSA, second, "planificar")
    await act(world, JUAN, second, "partir")
    assert await task.send_some() == 1
    assert (await got(world.redis, "t1"), await got(world.redis, "w1")) == (1, 0)


async def test_workers_share_one_pace(
    world: DeskWorld, database: Sessions, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    await subscribed(database, *(f"c{number:02}" for number in range(AT_ONCE + 2)))
    id = await published(world)
    await act(world, ROSA, id, "planificar")
    await act(world, JUAN, id, "partir")
    first, second = (Broadcasting(database, world.redis, agency) for _ in range(2))
    monkeypatch.setattr(broadcasting, "EVERY_S", 60)
    assert [await one.send_at_pace() for one in (first, second)] == [AT_ONCE, 0]


async def test_processes_killed_while_they_send_repeat_nothing_and_miss_nobody(
    world: DeskWorld, database: Sessions, redis_url: str, database_url: str
) -> None:
    names = [f"c{number:02}" for number in range(CITIZENS)]
    await subscribed(database, *names)
    id = await published(world)
    await act(world, ROSA, id, "planificar")
    await act(world, JUAN, id, "partir")
    processes = [start_sender(redis_url, database_url) for _ in range(2)]
    unstored: list[int] = []
    try:
        for kill in range(KILLS):
            before = await sent_to(world.redis, names)
            await eventually(partial(more_than, world.redis, names, before))
            for one in processes:  # whichever of them sends
                one.kill()
                one.wait()
            unstored.append(await sent_to(world.redis, names) - await stored(database))
            processes = [start_sender(redis_url, database_url) for _ in range(1 + kill % 2)]
        await eventually(partial(is_done, database), LONG_PATIENCE_S)
    finally:
        for one in processes:
            one.kill()
            one.wait()
    assert [await got(world.redis, name) for name in names] == [1] * CITIZENS
    assert set((await states(database)).values()) == {"sent"}
    assert max(unstored) > 0  # at least one kill fell between the sending and its record


async def sent_to(redis: Any, names: Sequence[str]) -> int:
    return sum([await got(redis, name) for name in names])


async def more_than(redis: Any, names: Sequence[str], before: int) -> bool:
    return await sent_to(redis, names) > before


async def stored(sessions: Sessions) -> int:
    return list((await states(sessions)).values()).count("sent")


async def is_done(sessions: Sessions) -> bool:
    async with sessions() as session:
        return (await session.scalars(select(Broadcast.state))).one() == "done"


def start_sender(redis_url: str, database_url: str) -> Forked:
    return forked.start("tests.integration.broadcast_process", REDIS_URL=redis_url, DATABASE_URL=database_url)


async def test_stop_lifting_and_erasure_end_a_broadcast(world: DeskWorld, database: Sessions, agency: Agency) -> None:
    await subscribed(database, *(f"c{number}" for number in range(AT_ONCE + 3)))
    id = await published(world)
    await act(world, ROSA, id, "planificar")
    await act(world, JUAN, id, "partir")
    task = Broadcasting(database, world.redis, agency)
    await task.send_some()
    assert await act(world, ROSA, id, "parar") == 303
    assert await task.send_some() == 0
    async with database.begin() as session:
        await delete_rows(session, f"c{AT_ONCE + 1}", complaints=True)
    assert await act(world, JUAN, id, "partir") == 303
    assert await task.send_some() == 2
    assert f"c{AT_ONCE + 1}" not in await states(database)
    await press(await world.sign_in(ROSA), que="terminar", id=str(id))
    assert await act_without_page(world, id) == 409


async def act_without_page(world: DeskWorld, id: int) -> int:
    return (await (await world.sign_in(JUAN)).get(f"{PATH}/{id}")).status_code


async def test_test_goes_to_the_phone_from_which_its_code_came_although_it_has_the_notice(world: DeskWorld) -> None:
    id = await published(world)
    rosa = await world.sign_in(ROSA)
    page = (await rosa.get(f"{PATH}/{id}")).text
    code, token = re.search(r"avísame (\d{6})<", page), TOKEN.search(page)
    assert code and token
    pressed = {"csrf": token[1], "que": "probar", "vez": "a"}
    assert (await rosa.post(f"{PATH}/{id}", data=pressed)).status_code == 422
    inbox = mailbox_of(world.redis)
    async with working(world.redis), recording(world.redis, world.sessions):
        for name, text in (("mine", f"Avísame {code[1]}"), ("other", "avísame"), ("wrong", "avísame 000000")):
            message = CitizenMessage(name, Channel.TELEGRAM, name, text, at=1)
            await inbox.accept(message, address=ADDRESS)
        await until_idle(world.redis)
        await until_recorded(world.redis)
    before = {name: await got(world.redis, name) for name in ("mine", "other", "wrong")}
    await world.redis.hset(keys.conversation_key("mine"), f"notified:{id}.1", "1")  # as after any other message
    assert [(await rosa.post(f"{PATH}/{id}", data=pressed)).status_code for _ in range(2)] == [303, 303]
    after = {name: await got(world.redis, name) for name in before}
    assert after == before | {"mine": before["mine"] + 1}


async def test_coverage_counts_what_went_out_today_and_who_is_within_the_window(
    world: DeskWorld, database: Sessions
) -> None:
    await subscribed(database, "w1", "w2", "w3", channel=Channel.WHATSAPP)
    await subscribed(database, "t1")
    id, now = await published(world), datetime.now(UTC)
    await act(world, ROSA, id, "planificar")
    async with database.begin() as session:
        sent = update(BroadcastRecipient).where(BroadcastRecipient.conversation_id.in_(("w1", "t1")))
        await session.execute(sent.values(state="sent", at=now))
        for name, hours in (("w1", 1), ("w2", 25), ("t1", 1)):
            at = now - timedelta(hours=hours)
            await session.execute(insert(Conversation).values(id=name, channel="whatsapp", started_at=at, last_at=at))
            said = {"event_id": "1-0", "at": at, "author": "citizen", "data": {}, "text": "hola"}
            await session.execute(insert(Message).values(said | {"conversation_id": name}))
    page = (await (await world.sign_in(ROSA)).get(f"{PATH}/{id}")).text
    assert "WhatsApp deja escribir a 250 personas en 24 horas, y ya van 1: alcanza para todas." in page
    assert "En WhatsApp, una escribió en las últimas 24 horas" in page


@pytest.mark.parametrize(("sid", "words", "state"), [(SID, 90, "sent"), (SID, 950, "closed"), ("", 90, "closed")])
async def test_broadcast_after_the_window_goes_only_by_a_template_that_carries_it(
    world: DeskWorld, database: Sessions, agency: Agency, sid: str, words: int, state: str
) -> None:
    await subscribed(database, "w1", channel=Channel.WHATSAPP)
    id = await published(world, texto="a" * words)
    await act(world, ROSA, id, "planificar")
    await act(world, JUAN, id, "partir")
    ours = replace(agency, templates=replace(agency.templates, answer=sid))
    assert await Broadcasting(database, world.redis, ours).send_some() == 1
    raw = await world.redis.lrange(keys.outbox_key("w1"), 0, -1)
    by_template = [json.loads(json.loads(one)["data"])["after_window"] for one in raw]
    told = await world.redis.hexists(keys.conversation_key("w1"), f"notified:{id}.1")
    carried = state == "sent"
    assert (await states(database), by_template, told) == ({"w1": state}, [True] * carried, carried)


async def test_correction_and_lift_say_how_many_phones_have_the_earlier_text(
    world: DeskWorld, database: Sessions, agency: Agency
) -> None:
    await subscribed(database, "c1", "c2")
    first = await published(world)
    await act(world, ROSA, first, "planificar")
    await act(world, JUAN, first, "partir")
    await Broadcasting(database, world.redis, agency).send_some()
    second, rosa = await published(world, id=str(first), version="1", texto="Sector sur."), await world.sign_in(ROSA)
    pages = [(await rosa.get(path)).text for path in (NOTICES, f"{PATH}/{second}")]
    assert [page.count("La versión anterior se mandó a 2 personas") for page in pages] == [1, 1]
    await act(world, ROSA, second, "planificar")
    assert "La versión anterior se mandó" not in (await rosa.get(NOTICES)).text
    lifted = await press(rosa, que="terminar", id=str(second))
    assert "Se mandó a 2 personas. Para decirles que terminó" in (await rosa.get(lifted.headers["location"])).text


@pytest.mark.parametrize(("starts", "sent"), [(False, 0), (True, 0), (True, 5)])
async def test_correction_says_how_many_the_earlier_broadcast_no_longer_reaches(
    world: DeskWorld, database: Sessions, agency: Agency, starts: bool, sent: int
) -> None:
    await subscribed(database, *(f"c{number}" for number in range(AT_ONCE + 2)))
    first = await published(world)
    if not sent:
        async with database.begin() as session:
            later = datetime.now(UTC) + timedelta(hours=1)
            await session.execute(update(Notice).where(Notice.id == first).values(starts_at=later))
    await act(world, ROSA, first, "planificar")
    if starts:
        await act(world, JUAN, first, "partir")
    sender, rosa = Broadcasting(database, world.redis, agency), await world.sign_in(ROSA)
    assert await sender.send_some() == sent
    second = await published(world, id=str(first), version="1", texto="Sector sur.")
    assert await sender.send_some() == 0
    told = f"El envío de la versión anterior ya no sale: faltaban {AT_ONCE + 2 - sent} personas. Prepara el envío"
    pages = [(await rosa.get(path)).text for path in (NOTICES, f"{PATH}/{second}")]
    assert [page.count(told) for page in pages] == [1, 1]
    assert ("La versión anterior se mandó" in pages[0]) is bool(sent)


async def test_broadcast_of_a_notice_that_starts_later_waits_for_it_and_holds_up_no_other(
    world: DeskWorld, database: Sessions, agency: Agency
) -> None:
    await subscribed(database, "c1")
    later = datetime.now(agency.zone) + timedelta(hours=2)
    id = await published(world, desde=later.strftime(LOCAL))
    await act(world, ROSA, id, "planificar")
    await act(world, JUAN, id, "partir")
    second = await published(world)
    await act(world, ROSA, second, "planificar")
    await act(world, JUAN, second, "partir")
    task = Broadcasting(database, world.redis, agency)
    assert [await task.send_some() for _ in range(3)] == [1, 0, 0]
    rosa = await world.sign_in(ROSA)
    assert f"{later:%H:%M}, cuando parte el aviso" in (await rosa.get(f"{PATH}/{id}")).text
    assert f"{later:%H:%M}.</strong>" in (await rosa.get(NOTICES)).text
    async with database.begin() as session:
        await session.execute(update(Notice).where(Notice.id == id).values(starts_at=datetime.now(UTC)))
    assert ([await task.send_some() for _ in range(2)], await got(world.redis, "c1")) == ([1, 0], 2)


async def test_recipients_are_forgotten_some_time_after_the_broadcast(
    world: DeskWorld, database: Sessions, agency: Agency
) -> None:
    await subscribed(database, "c1")
    id = await published(world)
    await act(world, ROSA, id, "planificar")
    await act(world, JUAN, id, "partir")
    task = Broadcasting(database, world.redis, agency)
    assert [await task.send_some() for _ in range(2)] == [1, 0]
    await forget(database, datetime.now(UTC) - timedelta(days=1))
    assert await states(database) == {"c1": "sent"}
    await forget(database, datetime.now(UTC) + timedelta(days=1))
    assert await states(database) == {}
