"""Tests a clock that jumps by an hour, mostly back: no delay grows by an hour, and no agent loses a ticket."""

from __future__ import annotations

import asyncio
import struct
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.record.engine import Sessions
from bot.record.tables import Ticket as RecordedTicket
from bot.store import keys
from bot.store.scripts import Script
from bot.store.streams import make_group
from bot.tickets.outbox import Outbox
from bot.tickets.presence import DEFAULT_LEASE_S
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.watchdog import Watchdog
from tests.integration.sweeper_world import ANA, World
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

HOUR_MS = 3_600_000
POLYNOMIAL = 0x95AC9329AC4BC9B5
TELEGRAM = Channel.TELEGRAM
PACE = {"channel_every_ms": 33, "every_ms": 1000, "channel_burst": 1, "burst": 1}
BUCKET = {"name": "ana", "free": 0, "longest_s": 900}


def in_an_hour() -> int:
    return int(time.time() * 1000) + HOUR_MS


def checksum(data: bytes) -> bytes:
    """Returns the CRC-64 with which Valkey checks a dump."""
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
    return struct.pack("<Q", value)


async def deliver_in_an_hour(redis: Redis, url: str, stream: str, group: str, entry: str) -> None:
    """Sets the delivery time of the only pending entry an hour ahead, which no command can do."""
    at = int(time.time() * 1000)
    await redis.execute_command("XCLAIM", stream, group, "dead", 0, entry, "TIME", at, "JUSTID")
    async with Redis.from_url(url) as raw:
        dumped = (await raw.dump(stream))[:-8]
        ahead = dumped.replace(struct.pack("<Q", at), struct.pack("<Q", at + HOUR_MS))
        assert ahead != dumped
        await raw.restore(stream, 0, ahead + checksum(ahead), replace=True)


async def taken_over(redis: Redis, stream: str, group: str) -> list[str]:
    await asyncio.sleep(0.01)
    return [entry for entry, _ in (await redis.xautoclaim(stream, group, "alive", min_idle_time=5))[1]]


@pytest.mark.parametrize(
    ("stream", "group"),
    [(keys.WORK, keys.WORKERS), (keys.EVENTS, keys.RECORDER), (keys.sending_key(TELEGRAM), keys.SENDERS)],
)
async def test_entry_of_a_process_that_died_before_is_taken_over(
    redis: Redis, redis_url: str, stream: str, group: str
) -> None:
    await make_group(redis, stream, group)
    entry = await redis.xadd(stream, {"conversation": "c1"})
    await redis.xreadgroup(group, "dead", {stream: ">"})
    await deliver_in_an_hour(redis, redis_url, stream, group, entry)
    assert await taken_over(redis, stream, group) == []
    await Watchdog(redis).catch_up()
    assert await taken_over(redis, stream, group) == [entry]


async def test_agent_who_left_before_is_gone_after_one_lease(redis: Redis) -> None:
    await redis.sadd(keys.AGENTS, "ana", "beto")
    for staff, lasts_ms in (("ana", HOUR_MS), ("beto", 5_000)):
        await redis.hset(keys.agent_key(staff), "name", staff)
        await redis.pexpire(keys.agent_key(staff), lasts_ms)
    await Watchdog(redis, DEFAULT_LEASE_S).catch_up()
    assert await redis.pttl(keys.agent_key("ana")) <= DEFAULT_LEASE_S * 1000
    assert await redis.pttl(keys.agent_key("beto")) <= 5_000


async def test_retry_set_before_comes_as_soon_as_it_would_have(redis: Redis) -> None:
    now = int(time.time() * 1000)
    for conversation, failed in (("before", now + HOUR_MS), ("since", now)):
        await redis.hset(keys.conversation_key(conversation), "out_failed", failed)
        await redis.zadd(keys.retry_key(TELEGRAM), {conversation: failed + HOUR_MS})
    for _ in range(2):
        await Watchdog(redis).catch_up()
    due = dict(await redis.zrange(keys.retry_key(TELEGRAM), 0, -1, withscores=True))
    assert due["since"] == now + HOUR_MS
    assert now + HOUR_MS <= due["before"] < now + HOUR_MS + 60_000


async def test_lease_that_somebody_took_before_ends_unless_renewed(redis: Redis) -> None:
    outbox = Outbox(redis)
    await redis.set(keys.lease_key("x"), "dead", px=HOUR_MS)
    assert not await outbox.lease("x", "alive", 10)
    assert await redis.pttl(keys.lease_key("x")) <= 10_000


async def test_sending_does_not_wait_for_a_moment_reserved_before(redis: Redis) -> None:
    for key in (keys.pace_key(TELEGRAM), keys.pace_key(f"{TELEGRAM}:c1")):
        await redis.set(key, in_an_hour())
    pace = Script(redis, "pace")
    waits = [await pace(channel=TELEGRAM, conversation="c1", **PACE) for _ in range(2)]
    assert waits[0] == 0
    assert 0 < waits[1] <= 1000


async def test_pause_of_a_channel_is_not_longer_than_the_provider_asked(redis: Redis) -> None:
    await Outbox(redis).pause(TELEGRAM, 5)
    await redis.pexpire(keys.pause_key(TELEGRAM), HOUR_MS)
    assert -5_000 <= await Script(redis, "pace")(channel=TELEGRAM, conversation="c1", **PACE) < 0
    assert await redis.pttl(keys.pause_key(TELEGRAM)) <= 5_000


async def test_messages_written_before_a_jump_back_do_not_count(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    assert [await inbox.allow("c1", 2, 9) for _ in range(3)] == [True, True, False]
    await redis.hset(keys.uses_key("c1"), "last", in_an_hour())
    await redis.pexpire(keys.uses_key("c1"), HOUR_MS)
    assert [await inbox.allow("c1", 2, 9) for _ in range(3)] == [True, True, False]
    assert await redis.pttl(keys.uses_key("c1")) <= 9_000


async def test_one_time_action_is_not_repeated_after_a_jump_back(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    assert await inbox.once("oidc:state", 600)
    await redis.pexpire(keys.once_key("oidc:state"), HOUR_MS)
    assert not await inbox.once("oidc:state", 600)


async def test_failed_attempts_close_a_bucket_no_longer_than_before_the_jump(redis: Redis) -> None:
    await redis.hset(keys.throttle_key("ana"), mapping={"count": 1, "until": in_an_hour()})
    throttle = Script(redis, "throttle")
    assert [60_000 < await throttle(buckets=[BUCKET]) <= 120_000 for _ in range(2)] == [True, True]
    assert int(await redis.hget(keys.throttle_key("ana"), "until") or 0) < in_an_hour() - HOUR_MS + 121_000


async def test_messages_written_since_are_later_than_what_staff_saw_before(redis: Redis) -> None:
    inbox, later = mailbox_of(redis), in_an_hour()
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "m1", "hola", at=0))
    reply = {"kind": "message", "author": "staff", "text": "buenas", "data": "{}", "at": later}
    await redis.xadd(keys.log_key("c1"), reply, id=f"{later}-0")
    await redis.hset(keys.conversation_key("c1"), "replied_staff", f"{later}-0")
    for number in (2, 3):
        await inbox.accept(CitizenMessage("c1", Channel.WEB, f"m{number}", "¿sigues ahí?", at=0))
    state, pending = await inbox.state("c1"), await inbox.pending("c1")
    assert [state.belongs_to_staff(message) for message in pending] == [True, False, False]
    assert [event.at for event in (await inbox.events("c1"))[-3:]] == [later, later + 1, later + 2]
    assert [message.at for message in pending[1:]] == [later + 1, later + 2]


async def test_ticket_closed_since_is_closed_in_the_record(redis: Redis, database: Sessions) -> None:
    inbox, later, ana = mailbox_of(redis), in_an_hour(), StaffRef("ana", "Ana Soto")
    message = CitizenMessage("c1", Channel.WEB, "m1", "quiero una persona", at=0)
    await inbox.accept(message)
    wanted = Handoff(HandoffReason.ASKED_HUMAN, Priority.NORMAL, "atencion")
    await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=wanted)
    ticket = (await inbox.state("c1")).ticket or ""
    async with recording(redis, database):
        await Tickets(redis).claim(ticket, ana, Reply("te atiende Ana"))
        await until_recorded(redis)
        async with database.begin() as session:
            await session.execute(update(RecordedTicket).values(changed_at=datetime.fromtimestamp(later / 1000, UTC)))
        await redis.xadd(keys.log_key("c1"), {"kind": "read"}, id=f"{later}-0")
        await Tickets(redis).close(ticket, ana, Reply("cerrado"))
        await until_recorded(redis)
    async with database() as session:
        assert await session.scalar(select(RecordedTicket.state)) == "closed"


async def test_tickets_stay_with_their_agents_when_the_clock_jumps_forward(redis: Redis, agency: Agency) -> None:
    world = World(redis, agency)
    world.sweeper._agency = replace(agency, desk=replace(agency.desk, lease_s=60))
    ticket = await world.attended()
    await world.sweeper.sweep()
    world.sweeper._listening_since -= 100
    await redis.delete(keys.agent_key(ANA.id))  # the jump ended her lease
    world.sweeper._watchdog._ahead_s = (world.sweeper._watchdog._ahead_s or 0) - 3600
    for _ in range(2):
        await world.sweeper.sweep()
        assert [one.id for one in await world.tickets.claimed()] == [ticket]
    world.sweeper._listening_since -= 100
    await world.sweeper.sweep()
    assert await world.tickets.claimed() == []


async def test_ticket_opened_since_comes_before_those_that_wait(redis: Redis) -> None:
    inbox = mailbox_of(redis)
    for conversation in ("before", "since"):
        message = CitizenMessage(conversation, Channel.WEB, "m1", "persona", at=0)
        await inbox.accept(message)
        handoff = Handoff(HandoffReason.ASKED_HUMAN, team="obras")
        await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
        if conversation == "before":
            await redis.zincrby(keys.queue_key("obras"), HOUR_MS, "1")  # the clock was an hour ahead
            await redis.hincrby(keys.ticket_key("1"), "opened_at", HOUR_MS)
    assert [one.conversation for one in await Tickets(redis).waiting()] == ["since", "before"]


async def test_snooze_ends_as_much_later(redis: Redis) -> None:
    await redis.zadd(keys.SNOOZED, {"7": in_an_hour()})
    assert await Tickets(redis).overdue(in_an_hour() - HOUR_MS) == ([], [])
    assert await Tickets(redis).overdue(in_an_hour()) == (["7"], [])
