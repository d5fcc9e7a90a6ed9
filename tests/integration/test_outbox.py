"""Tests that committed messages are sent in order despite killed senders, provider failures or unreachable citizens."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from typing import Any

import pytest
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from bot.channels.outgoing import sender as sending
from bot.channels.outgoing.channel import Chunk, Pace
from bot.channels.outgoing.sender import backoff_s
from bot.conversation.change import Change
from bot.core.errors.messages import SendLater, SendRefused
from bot.core.messages import Author, Channel, CitizenMessage, Reply, Speaker
from bot.record.engine import Sessions
from bot.record.event_record import Logged, write_events
from bot.record.tables import Message
from bot.store import consumer, keys
from bot.tickets.outbox import Outbox
from bot.tickets.staff_notices import NoticeKind, StaffNotices
from tests import forked
from tests.eventually import LONG_PATIENCE_S, eventually
from tests.forked import Forked
from tests.integration.sender_process import SENT, SlowProvider, make_sender
from tests.integration.sending import TELEGRAM, answer, sending_with, until_sent
from tests.no_record import mailbox_of


class Provider(SlowProvider):
    """A provider that raises the next of ``failures``, then accepts everything."""

    def __init__(self, redis: Any, *failures: Exception | None, pace: Pace = SlowProvider.pace) -> None:
        super().__init__(redis)
        self.failures = list(failures)
        self.pace = pace
        self.at: list[float] = []

    async def send(self, address: str, chunk: Chunk, key: str) -> str:
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure
        self.at.append(time.monotonic())
        return await super().send(address, chunk, key)


def start_sender(url: str) -> Forked:
    return forked.start("tests.integration.sender_process", REDIS_URL=url)


async def sent(redis: Redis) -> list[str]:
    return list(await redis.lrange(SENT, 0, -1))


async def test_killed_senders_lose_nothing_keep_the_order_and_repeat_at_most_once(redis: Redis, redis_url: str) -> None:
    chats, each = 6, 8
    for chat in range(chats):
        await answer(redis, f"c{chat}", *(f"{number}a|{number}b" for number in range(each)))
    processes = [start_sender(redis_url)]

    async def enough() -> bool:
        return len(await sent(redis)) >= 20 * len(processes)

    for _ in range(3):
        await eventually(enough, LONG_PATIENCE_S)
        processes[-1].kill()
        processes.append(start_sender(redis_url))
    try:
        await until_sent(redis)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    lines = await sent(redis)
    assert set(Counter(lines).values()) <= {1, 2}
    for chat in range(chats):
        own = list(dict.fromkeys(line for line in lines if line.startswith(f"c{chat}:")))
        assert own == [f"c{chat}:{number}{chunk}" for number in range(each) for chunk in "ab"]
    assert len(lines) - len(set(lines)) <= 3 * chats


async def test_several_senders_share_the_work_and_send_each_part_once(redis: Redis) -> None:
    for chat in range(20):
        await answer(redis, f"c{chat}", "uno", "dos")
    async with sending_with(redis, SlowProvider(redis)), sending_with(redis, SlowProvider(redis)):
        await until_sent(redis)
    assert sorted(Counter(await sent(redis)).values()) == [1] * 40
    assert await redis.hget("v:conv:c0", "sending") == "0"


async def test_sender_sends_no_further_part_once_another_process_has_the_conversation(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def holds(_consumer: consumer.StreamConsumer, entry: str) -> bool:
        asked.append(entry)
        return len(asked) == 1

    async def is_asked_again() -> bool:
        return len(asked) > 1

    monkeypatch.setattr(consumer.StreamConsumer, "holds", holds)
    await answer(redis, "c1", "uno", "dos")
    async with sending_with(redis, SlowProvider(redis)):
        await eventually(is_asked_again)
    assert await sent(redis) == ["c1:uno"]


async def test_part_begun_twice_without_an_outcome_fails_as_unknown(redis: Redis) -> None:
    await answer(redis, "c1", "uno", "dos")
    (first, _) = [event for event in await mailbox_of(redis).events("c1") if event.author is Author.ASSISTANT]
    outbox = Outbox(redis)
    begun = [await outbox.begin(conversation="c1", event=first.id, attempt=attempt) for attempt in ("a", "b")]
    assert begun == [1, 2]
    async with sending_with(redis, SlowProvider(redis)):
        await until_sent(redis)
    assert await sent(redis) == ["c1:dos"]
    assert (await outbox.deliveries("c1"))[first.id].reason == "unknown"


async def test_repeated_outbox_command_counts_once(redis: Redis) -> None:
    """Simulates a store that paused for longer than the client waits: both copies of the command are executed."""
    await answer(redis, "c1", "uno|dos|tres")
    (event,) = [event for event in await mailbox_of(redis).events("c1") if event.author is Author.ASSISTANT]
    outbox = Outbox(redis)
    begun = [await outbox.begin(conversation="c1", event=event.id, attempt="a") for _ in range(2)]
    part = {"conversation": "c1", "channel": TELEGRAM, "event": event.id, "sent_id": "9", "last": False, "count": 1}
    assert begun == [1, 1]
    assert [await outbox.part_sent(part=0, **part) for _ in range(2)] == [1, 0]
    unsent = await outbox.oldest("c1")
    assert unsent is not None
    assert unsent.chunk == 1


async def test_chunk_sent_while_redis_fails_is_not_sent_again(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer, "RECLAIM_IDLE_MS", 100)
    monkeypatch.setattr(consumer, "RECLAIM_EVERY_S", 0.05)
    sender = make_sender(redis, SlowProvider(redis))
    record, failures = sender._outbox.part_sent, [RedisConnectionError("gone"), RedisTimeoutError("slow")]

    async def failing(**arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return await record(**arguments)

    monkeypatch.setattr(sender._outbox, "part_sent", failing)
    await answer(redis, "c1", "uno", "dos")
    task = asyncio.create_task(sender.run())
    await until_sent(redis)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert failures == []
    assert await sent(redis) == ["c1:uno", "c1:dos"]


async def test_unanswered_send_is_retried_three_times_then_marked_unknown(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    delays: list[int] = []
    sender = make_sender(redis, Provider(redis, *[SendLater("unavailable", unsure=True)] * 9))
    later = sender._outbox.later

    async def at_once(**arguments: Any) -> Any:
        delays.append(arguments["delay_ms"] // 1000)
        return await later(**arguments | {"delay_ms": 0})

    monkeypatch.setattr(sender._outbox, "later", at_once)
    await redis.sadd(keys.AGENTS, "ana")
    await answer(redis, "c1", "uno")
    task = asyncio.create_task(sender.run())
    outbox = Outbox(redis)
    await eventually(lambda: StaffNotices(redis).of("ana"))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    (notice,) = await StaffNotices(redis).of("ana")
    assert (notice.kind, notice.conversation) == (NoticeKind.FAULT, "c1")
    assert delays == [60, 600, 3600]
    assert [one.reason for one in (await outbox.deliveries("c1")).values()] == ["unknown"]


async def test_transient_failure_is_retried_without_delaying_others(redis: Redis) -> None:
    provider = Provider(redis, SendLater("unavailable"))
    await answer(redis, "c1", "uno", "dos")
    async with sending_with(redis, provider):
        await eventually(lambda: not provider.failures)
        await answer(redis, "c2", "otra")
        await until_sent(redis)
    assert await sent(redis) == ["c2:otra", "c1:uno", "c1:dos"]


async def test_rate_limit_pauses_the_whole_channel_for_as_long_as_asked(redis: Redis) -> None:
    provider = Provider(redis, SendLater("rate", retry_after_s=1.0, everyone=True))
    await answer(redis, "c1", "uno")
    began = time.monotonic()
    async with sending_with(redis, provider):
        await eventually(lambda: not provider.failures)
        await answer(redis, "c2", "otra")
        await until_sent(redis)
    assert sorted(await sent(redis)) == ["c1:uno", "c2:otra"]
    assert min(provider.at) - began >= 1.0


async def test_permanent_failure_is_shown_at_the_desk_and_recorded(redis: Redis, database: Sessions) -> None:
    await answer(redis, "c1", "uno", "dos")
    async with sending_with(redis, Provider(redis, SendRefused("blocked"))):
        await until_sent(redis)
    feed = await mailbox_of(redis).events("c1")
    told = feed[-1]
    assert (told.kind, told.facts.to_data()) == ("delivery", {"of": feed[1].id, "state": "failed", "reason": "blocked"})
    async with database.begin() as session:
        await write_events(session, [Logged(event, "telegram") for event in feed])
    async with database() as session:
        row = await session.get(Message, 2)
        assert row is not None
        assert row.data["delivery"] == {"state": "failed", "reason": "blocked"}
    assert await sent(redis) == ["c1:dos"]


async def test_undelivered_message_is_dropped_after_a_day(redis: Redis) -> None:
    await answer(redis, "c1", "ayer")
    raw = json.loads(await redis.lpop(keys.outbox_key("c1")))
    await redis.rpush(keys.outbox_key("c1"), json.dumps(raw | {"at": raw["at"] - 25 * 3600 * 1000}))
    async with sending_with(redis, Provider(redis, SendLater("unavailable"))):
        await until_sent(redis)
    assert [one.reason for one in (await Outbox(redis).deliveries("c1")).values()] == ["too_late"]


async def test_pace_of_a_chat_and_of_the_channel_is_kept(redis: Redis) -> None:
    provider = Provider(redis, pace=Pace(per_second=50, chat_every_s=0.3))
    await answer(redis, "c1", "uno", "dos", "tres")
    began = time.monotonic()
    async with sending_with(redis, provider):
        await until_sent(redis)
    first, second, third = (at - began for at in provider.at)
    assert (first >= 0, second >= 0.28, third >= 0.58) == (True, True, True)


async def test_reported_status_only_moves_forward(redis: Redis) -> None:
    await answer(redis, "c1", "uno")
    async with sending_with(redis, SlowProvider(redis)):
        await until_sent(redis)
    outbox = Outbox(redis)
    (sent_id,) = next(iter((await outbox.deliveries("c1")).values())).sent
    moved = [await outbox.report(TELEGRAM, sent_id, state) for state in ("delivered", "sent", "read", "failed")]
    assert moved == [True, False, True, False]
    assert await outbox.report(TELEGRAM, "of-no-message", "delivered") is None
    assert [one.state for one in (await outbox.deliveries("c1")).values()] == ["read"]


async def test_web_has_no_outbox(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    message = CitizenMessage("w1", Channel.WEB, "m1", "hola", at=0)
    await inbox.accept(message)
    await inbox.commit([message], (Reply("hola"),), speaker=Speaker.ASSISTANT, change=Change())
    assert await redis.exists(keys.outbox_key("w1")) == 0


async def test_lease_has_one_consumer(redis: Redis) -> None:
    outbox = Outbox(redis)
    assert [await outbox.lease("x", name, 60) for name in ("a", "b", "a")] == [True, False, True]


def test_retry_delay_doubles_up_to_five_minutes() -> None:
    assert 0.75 <= backoff_s(0) <= 1.25
    assert 6 <= backoff_s(3) <= 10
    assert backoff_s(500) <= sending.MAX_BACKOFF_S * 1.25


async def test_sender_ends_if_due_retries_are_not_looked_for_any_more(redis: Redis) -> None:
    """Otherwise, parts that wait for a retry would never be sent, although the sender looks alive."""

    async def broken(**_: object) -> None:
        raise RuntimeError("a mistake of ours")

    sender = make_sender(redis, SlowProvider(redis))
    sender._outbox.due = broken  # type: ignore[assignment]
    with pytest.raises(RuntimeError):
        async with asyncio.timeout(LONG_PATIENCE_S):
            await sender.run()
