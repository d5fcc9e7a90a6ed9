"""Tests that a conversation whose queue entry was lost is queued again, once, and that the log reports it."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import AsyncMock

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, RedisError

from bot.core.texts import say
from bot.store import keys
from bot.tickets.faults import Delay, Faults
from bot.tickets.staff_notices import StaffNotices
from bot.tickets.watchdog import REPAIR_EVERY_S, Watchdog
from tests.integration.sender_process import SENT, SlowProvider
from tests.integration.sending import TELEGRAM, answer, sending_with, until_sent
from tests.integration.working import answers, send, until_idle, working
from tests.no_record import mailbox_of


async def lose_entries(redis: Redis, stream: str) -> None:
    for entry, _ in await redis.xrange(stream):
        await redis.xdel(stream, entry)


async def kinds(redis: Redis, conversation: str) -> list[str]:
    return [event.kind for event in await mailbox_of(redis).events(conversation, staff=True)]


async def test_message_without_queue_entry_is_answered_after_repair(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1)
    await lose_entries(redis, keys.WORK)
    assert [await Watchdog(redis).repair() for _ in range(2)] == [1, 0]
    async with working(redis):
        await until_idle(redis)
        await send(inbox, "c1", 2)
        await until_idle(redis)
    assert await answers(inbox, "c1") == ["re: ¿pregunta 1?", "re: ¿pregunta 2?"]
    assert (await kinds(redis, "c1")).count("repaired") == 1


async def test_reply_without_stream_entry_is_sent_after_repair(redis: Redis) -> None:
    await answer(redis, "c1", "uno", "dos")
    await lose_entries(redis, keys.sending_key(TELEGRAM))
    assert [await Watchdog(redis).repair() for _ in range(2)] == [1, 0]
    async with sending_with(redis, SlowProvider(redis)):
        await until_sent(redis)
    assert await redis.lrange(SENT, 0, -1) == ["c1:uno", "c1:dos"]


@pytest.mark.parametrize("flag", ["1", "5-0"])
async def test_flag_of_an_older_release_or_a_lost_stream_is_repaired(redis: Redis, flag: str) -> None:
    await send(mailbox_of(redis), "c1", 1)
    await lose_entries(redis, keys.WORK)
    await redis.hset(keys.conversation_key("c1"), "queued", flag)
    assert await Watchdog(redis).repair() == 1


async def test_queued_retried_and_held_conversations_are_left_alone(redis: Redis) -> None:
    await send(mailbox_of(redis), "queued", 1)
    await answer(redis, "sending", "uno")
    await answer(redis, "retried", "uno")
    await redis.xdel(keys.sending_key(TELEGRAM), (await redis.xrange(keys.sending_key(TELEGRAM)))[-1][0])
    await redis.zadd(keys.retry_key(TELEGRAM), {"retried": 9e12})
    await send(mailbox_of(redis), "held", 1)
    await redis.xdel(keys.WORK, (await redis.xrange(keys.WORK))[-1][0])
    await redis.hset(keys.conversation_key("held"), "proposal", "p1")
    assert await Watchdog(redis).repair() == 0


async def test_repair_is_shown_to_staff_only(redis: Redis) -> None:
    await send(mailbox_of(redis), "c1", 1)
    await lose_entries(redis, keys.WORK)
    await Watchdog(redis).repair()
    assert "repaired" in await kinds(redis, "c1")
    assert "repaired" not in [event.kind for event in await mailbox_of(redis).events("c1")]


async def test_repeated_defer_leaves_one_entry(redis: Any) -> None:
    """Simulates a client that repeats a command whose response was lost."""
    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1)
    await redis.xgroup_create(keys.WORK, keys.WORKERS, id="0")
    await redis.xreadgroup(keys.WORKERS, "w", {keys.WORK: ">"})
    ((entry, _),) = await redis.xrange(keys.WORK)
    for _ in range(2):
        await inbox.requeue("c1", entry)
    assert await redis.xlen(keys.WORK) == 1


async def test_many_replies_share_one_sending_entry(redis: Redis) -> None:
    for number in range(3):
        await answer(redis, "c1", f"uno {number}")
    assert await redis.xlen(keys.sending_key(TELEGRAM)) == 1


async def test_staff_are_notified_of_messages_that_wait_too_long_although_they_are_queued(redis: Redis) -> None:
    await redis.sadd(keys.AGENTS, "ana")
    inbox, watchdog = mailbox_of(redis), Watchdog(redis)
    for conversation in ("c1", "c2"):
        await send(inbox, conversation, 1)
        await answer(redis, f"{conversation}-sending", "uno")
    await watchdog.notify_delays()
    await watchdog.notify_delays()
    assert await told(redis) == []
    for key in (keys.inbox_key("c2"), keys.outbox_key("c2-sending")):
        await make_old(redis, key)
    await watchdog.notify_delays()
    assert await told(redis) == []  # a worker that has just started may be answering them
    await watchdog.notify_delays()
    await watchdog.notify_delays()
    assert await told(redis) == sorted(say(f"mesa.fallas.{delay}") for delay in Delay)


async def told(redis: Redis) -> list[str]:
    return sorted(one.by for one in await StaffNotices(redis).of("ana"))


async def make_old(redis: Redis, key: str) -> None:
    line = await redis.lindex(key, 0)
    await redis.lset(key, 0, json.dumps(json.loads(line) | {"at": 1e12}))


async def test_reply_that_may_have_arrived_is_left_to_its_own_notice(redis: Redis) -> None:
    await redis.sadd(keys.AGENTS, "ana")
    for conversation in ("unsure", "unsent"):
        await answer(redis, conversation, "uno")
    await make_old(redis, keys.outbox_key("unsure"))
    await redis.hset(keys.conversation_key("unsure"), "out_unsure", 1)
    watchdog = Watchdog(redis)
    await watchdog.notify_delays()
    await watchdog.notify_delays()
    assert await told(redis) == []
    await make_old(redis, keys.outbox_key("unsent"))
    await watchdog.notify_delays()
    await watchdog.notify_delays()
    (notice,) = await StaffNotices(redis).of("ana")
    assert notice.conversation == "unsent"


async def test_later_notice_replaces_the_unread_one_of_the_same_delay(redis: Redis) -> None:
    await redis.sadd(keys.AGENTS, "ana")
    for conversation in ("c1", "c2"):
        await redis.delete(keys.once_key(f"fault:{Delay.UNSENT}"))
        await Faults(redis).notify_delay(Delay.UNSENT, conversation)
    assert [one.conversation for one in await StaffNotices(redis).of("ana")] == ["c2"]


async def test_delay_that_nobody_could_be_notified_of_is_notified_at_the_next_look(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    await redis.sadd(keys.AGENTS, "ana")
    with monkeypatch.context() as broken, pytest.raises(RedisError):
        broken.setattr(StaffNotices, "notify", AsyncMock(side_effect=OutOfMemoryError))
        await Faults(redis).notify_delay(Delay.UNSENT, "c1")
    await Faults(redis).notify_delay(Delay.UNSENT, "c1")
    assert len(await told(redis)) == 1


async def test_looks_long_apart_are_not_twice_in_a_row(redis: Redis) -> None:
    await redis.sadd(keys.AGENTS, "ana")
    await answer(redis, "c1", "uno")
    await make_old(redis, keys.outbox_key("c1"))
    watchdog = Watchdog(redis)
    await watchdog.notify_delays()
    watchdog._looked_at -= 3 * REPAIR_EVERY_S  # another process led meanwhile
    await watchdog.notify_delays()
    assert await told(redis) == []
    await watchdog.notify_delays()
    assert len(await told(redis)) == 1


async def test_replies_of_a_channel_without_a_sender_are_not_measured(redis: Redis) -> None:
    await redis.sadd(keys.AGENTS, "ana")
    await answer(redis, "c1", "uno")
    await make_old(redis, keys.outbox_key("c1"))
    watchdog = Watchdog(redis, channels=[])
    await watchdog.notify_delays()
    await watchdog.notify_delays()
    assert await told(redis) == []
