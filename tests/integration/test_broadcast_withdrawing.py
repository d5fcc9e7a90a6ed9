"""Tests that a broadcast's message in an outbox is not sent after «baja», a stop, or the notice's end."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import update

from bot.agency.model import Agency
from bot.conversation.event_log_entry import event_of
from bot.core.messages import Author, Channel, Reply
from bot.desk.pages.notices.broadcast_page import PATH
from bot.public_notices import broadcasting
from bot.public_notices.broadcasting import Broadcasting
from bot.public_notices.withdrawing import WATCHED, Withdrawing
from bot.record.engine import Sessions
from bot.record.tables.broadcasts import Broadcast
from bot.store import keys
from bot.store.scripts import Script
from bot.tickets.outbox import Outbox
from tests import forked
from tests.desk_world import DeskWorld
from tests.eventually import eventually
from tests.integration.broadcast_desk import act, got, published, states, subscribed
from tests.integration.notices_desk import JUAN, ROSA, press, two_supervisors
from tests.integration.sender_process import SENT, SlowProvider
from tests.integration.sending import sending_with, until_sent

CITIZENS, KILLS = 40, 5
LINE = {"conversation": "c1", "event": "1-0", "why": "stopped"}


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with two_supervisors(redis, database, agency) as made:
        yield made


async def waiting(world: DeskWorld, *names: str) -> int:
    """Starts a broadcast to the citizens ``names``, whose messages wait in their outboxes; returns the notice's id."""
    await subscribed(world.sessions, *names)
    id = await published(world)
    await act(world, ROSA, id, "planificar")
    await act(world, JUAN, id, "partir")
    await work(world)
    assert [await got(world.redis, name) for name in names] == [1] * len(names)
    return id


async def work(world: DeskWorld) -> None:
    """Runs the worker's task until nothing is left to do."""
    task = Broadcasting(world.sessions, world.redis, world.agency)
    while await task.send_some():
        pass


async def sent(world: DeskWorld) -> int:
    """Lets a sender empty the outboxes; returns how many messages the provider has received in total."""
    async with sending_with(world.redis, SlowProvider(world.redis)):
        await until_sent(world.redis)
    return int(await world.redis.llen(SENT))


async def record(world: DeskWorld) -> dict[str, str]:
    withdrawing = Withdrawing(world.sessions, world.redis)
    await withdrawing.restore()
    await withdrawing.store()
    return await states(world.sessions)


async def test_after_baja_waiting_messages_are_not_sent_and_count_as_withdrawn(world: DeskWorld) -> None:
    id = await waiting(world, "c1", "c2")
    await world.redis.sadd(keys.NOTICES_OFF, "c1")
    assert await sent(world) == 1
    assert await record(world) == {"c1": "withdrawn", "c2": "sent"}
    (delivery,) = (await Outbox(world.redis).deliveries("c1")).values()
    assert (delivery.state, delivery.reason) == ("failed", "withdrawn")
    page = (await (await world.sign_in(ROSA)).get(f"{PATH}/{id}")).text
    assert "<dt>Retirados antes de salir</dt><dd>1</dd>" in page and "<dt>Enviados</dt><dd>1</dd>" in page


async def test_baja_is_too_late_while_the_provider_has_the_message(world: DeskWorld) -> None:
    await waiting(world, "c1")
    outbox = Outbox(world.redis)
    unsent = await outbox.oldest("c1")
    assert unsent
    given = {"conversation": "c1", "event": unsent.event.id}
    assert await outbox.begin(**given, attempt="a") == 1
    await world.redis.sadd(keys.NOTICES_OFF, "c1")
    assert await outbox.part_sent(**given, channel=Channel.TELEGRAM, part=0, sent_id="7", last=True, count=1) == 1
    assert [one.state for one in (await outbox.deliveries("c1")).values()] == ["sent"]


async def test_redis_that_lost_its_data_sends_a_broadcast_again(redis: Redis) -> None:
    event = event_of(Reply("Corte de agua", author=Author.SYSTEM))
    given = {"conversation": "c1", "channel": Channel.TELEGRAM, "address": "sealed", "broadcast": "b", "notice": "n"}
    send = partial(Script(redis, "broadcast"), **given, events=[event], is_test=False, by_template=True)
    assert [await send(), await send(), await got(redis, "c1")] == ["sent", "sent", 1]
    await redis.flushall()
    assert [await send(), await got(redis, "c1")] == ["sent", 1]


async def test_after_a_stop_waiting_messages_are_not_sent_until_the_broadcast_starts_again(world: DeskWorld) -> None:
    id = await waiting(world, "c1", "c2")
    assert await act(world, ROSA, id, "parar") == 303  # all messages are queued, none has gone out
    assert await sent(world) == 0
    assert await record(world) == {"c1": "withdrawn", "c2": "withdrawn"}
    await world.redis.sadd(keys.NOTICES_OFF, "c1")
    assert await act(world, JUAN, id, "partir") == 303
    await work(world)
    assert await sent(world) == 1
    assert await record(world) == {"c1": "off", "c2": "sent"}


async def test_recipient_withdrawn_during_a_restart_is_not_missed(world: DeskWorld) -> None:
    id = await waiting(world, "c1")
    await act(world, ROSA, id, "parar")
    assert await sent(world) == 0
    await act(world, JUAN, id, "partir")  # before the worker has stored the withdrawal
    line = (await world.redis.lrange(keys.BROADCASTS_WITHDRAWN, 0, -1))[0]
    assert await record(world) == {"c1": "planned"}
    await world.redis.rpush(keys.BROADCASTS_WITHDRAWN, line)  # as if a worker was killed before it removed the line
    assert (await record(world), await world.redis.llen(keys.BROADCASTS_WITHDRAWN)) == ({"c1": "planned"}, 0)
    await work(world)
    assert (await sent(world), await record(world)) == (1, {"c1": "sent"})


async def test_lifted_notice_is_withdrawn_and_a_flushed_redis_learns_it_again(world: DeskWorld) -> None:
    id = await waiting(world, "c1")
    await press(await world.sign_in(ROSA), que="terminar", id=str(id))
    await record(world)
    marked = await world.redis.smembers(keys.BROADCASTS_STOPPED)
    await world.redis.delete(keys.BROADCASTS_STOPPED)
    await record(world)
    assert await world.redis.smembers(keys.BROADCASTS_STOPPED) == marked != set()
    assert await sent(world) == 0


async def test_stop_of_a_broadcast_started_long_before_its_notice_stays_marked(world: DeskWorld) -> None:
    id = await waiting(world, "c1")
    async with world.sessions.begin() as session:
        await session.execute(update(Broadcast).values(started_at=datetime.now(UTC) - WATCHED - timedelta(days=1)))
    await act(world, ROSA, id, "parar")
    await record(world)
    assert await sent(world) == 0


async def test_line_that_cannot_be_stored_keeps_nothing_back_and_old_marks_are_removed(world: DeskWorld) -> None:
    id = await waiting(world, "c1", "c2")
    await act(world, ROSA, id, "parar")
    lines = ("no JSON", "[]", '{"broadcast": "1"}', json.dumps(LINE | {"broadcast": "9" * 30}))
    await world.redis.rpush(keys.BROADCASTS_WITHDRAWN, *lines)
    mark = await world.redis.smembers(keys.BROADCASTS_STOPPED)
    await world.redis.sadd(keys.BROADCASTS_STOPPED, "4000000")
    assert await sent(world) == 0
    assert await record(world) == {"c1": "withdrawn", "c2": "withdrawn"}
    assert await world.redis.llen(keys.BROADCASTS_WITHDRAWN) == 0
    assert await world.redis.smembers(keys.BROADCASTS_STOPPED) == mark


async def test_senders_killed_while_they_withdraw_send_nothing_and_forget_nobody(
    world: DeskWorld, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "AT_ONCE", CITIZENS)
    names = [f"c{number:02}" for number in range(CITIZENS)]
    id = await waiting(world, *names)
    await act(world, ROSA, id, "parar")
    for _ in range(KILLS):
        before = int(await world.redis.llen(keys.BROADCASTS_WITHDRAWN))
        process = forked.start("tests.integration.sender_process", REDIS_URL=redis_url)
        await eventually(partial(more, world, before))
        process.kill()
        process.wait()
    assert await sent(world) == 0
    assert await record(world) == dict.fromkeys(names, "withdrawn")


async def more(world: DeskWorld, before: int) -> bool:
    listed = int(await world.redis.llen(keys.BROADCASTS_WITHDRAWN))
    return listed > before or listed == CITIZENS
