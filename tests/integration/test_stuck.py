"""Tests that a conversation whose turns always fail is handed off and staff are informed; nobody waits in silence."""

from __future__ import annotations

import asyncio

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisUnreachable
from redis.exceptions import OutOfMemoryError, ReadOnlyError, RedisError, ResponseError

from bot.core.messages import Author, Channel, CitizenMessage, HandoffReason, Priority, Reply, Speaker
from bot.metrics.measures import REGISTRY, Fault
from bot.store import keys
from bot.tickets.faults import Faults
from bot.tickets.staff_notices import NoticeKind, StaffNotices
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.turns.stuck import ATTEMPTS
from tests.eventually import eventually
from tests.integration.worker_process import AGENCY, make_worker
from tests.integration.working import answers, retry_quickly, send, until_idle, working
from tests.no_record import mailbox_of

UNREADABLE = '{"id": "m1", "of": "a later release"}'


@pytest_asyncio.fixture(autouse=True)
async def impatient(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets consumers to retry quickly, and marks Redis as having every open ticket."""
    retry_quickly(monkeypatch)
    await redis.set(keys.RESTORED, 1)


def counted(fault: Fault) -> float:
    return REGISTRY.get_sample_value("ventanilla_faults_total", {"fault": fault}) or 0


async def kinds(redis: Redis, conversation: str = "c1") -> list[str]:
    return [event.kind for event in await mailbox_of(redis).events(conversation, staff=True)]


async def told(redis: Redis, staff: str = "ana") -> list[str]:
    return [one.kind for one in await StaffNotices(redis).of(staff)]


async def test_message_that_cannot_be_read_becomes_a_handoff_with_an_apology(redis: Redis) -> None:
    inbox, before = mailbox_of(redis), counted(Fault.GIVEN_UP)
    await redis.sadd(keys.AGENTS, "ana")
    await send(inbox, "c1", 1)
    await redis.lset(keys.inbox_key("c1"), 0, UNREADABLE)
    async with working(redis):
        await until_idle(redis)
        await send(inbox, "other", 2)
        await until_idle(redis)
    (ticket,) = await Tickets(redis).waiting()
    assert (ticket.conversation, await answers(inbox, "c1")) == ("c1", [AGENCY.say("error_asistente")])
    assert (await inbox.state("c1")).speaker is Speaker.WAITING
    assert "repaired" in await kinds(redis)
    assert (counted(Fault.GIVEN_UP) - before, await told(redis)) == (1, [NoticeKind.FAULT])
    assert await answers(inbox, "other") == ["re: ¿pregunta 2?"]


async def test_turn_that_can_never_be_committed_becomes_a_handoff(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise ResponseError("user_script: attempt to index a nil value")

    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1, "¿cómo saco mi licencia?")
    monkeypatch.setattr("bot.conversation.inbox.Inbox.commit", refused)
    async with working(redis):
        await until_idle(redis)
    (ticket,) = await Tickets(redis).waiting()
    assert ticket.summary == "¿cómo saco mi licencia?"
    assert AGENCY.say("error_asistente") in await answers(inbox, "c1")


@pytest.mark.parametrize(
    ("text", "button"), [("se está quemando mi casa", None), ("Es una emergencia", "danger-incendio")]
)
async def test_turn_about_a_danger_that_can_never_be_committed_becomes_an_emergency(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, text: str, button: str | None
) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise ResponseError("user_script: attempt to index a nil value")

    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1, "hola")
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", text, at=2, button=button))
    monkeypatch.setattr("bot.conversation.inbox.Inbox.commit", refused)
    async with working(redis):
        await until_idle(redis)
    (ticket,) = await Tickets(redis).waiting()
    assert (ticket.priority, ticket.reason) == (Priority.EMERGENCY, HandoffReason.EMERGENCY)
    assert AGENCY.emergencies["incendio"] in await answers(inbox, "c1")


async def test_commit_that_fails_after_it_took_the_message_becomes_a_handoff(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails_in_the_middle(*_: object, **__: object) -> None:
        await redis.lpop(keys.inbox_key("c1"))
        raise ResponseError("user_script: attempt to index a nil value")

    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1)
    monkeypatch.setattr("bot.conversation.inbox.Inbox.commit", fails_in_the_middle)
    async with working(redis):
        await until_idle(redis)
    assert AGENCY.say("error_asistente") in await answers(inbox, "c1")
    assert (await inbox.state("c1")).speaker is Speaker.WAITING


async def test_message_to_an_agent_that_cannot_be_read_is_left_to_the_agent(redis: Redis) -> None:
    inbox, tickets, ana = mailbox_of(redis), Tickets(redis), StaffRef("ana", "Ana")
    async with working(redis):
        await send(inbox, "c1", 1, "persona")
        await until_idle(redis)
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ana, Reply("te atiende Ana", author=Author.SYSTEM))
    await send(inbox, "c1", 2)
    await redis.lset(keys.inbox_key("c1"), 0, UNREADABLE)
    said = await answers(inbox, "c1")
    async with working(redis):
        await until_idle(redis)
    assert (await answers(inbox, "c1"), (await kinds(redis))[-1]) == (said, "repaired")
    assert [one.id for one in await tickets.claimed()] == [ticket.id]


@pytest.mark.parametrize("attends", [False, True])
async def test_danger_in_a_turn_that_is_given_up_gets_the_number_beside_a_person(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, attends: bool
) -> None:
    async def refused(*_: object, **__: object) -> None:
        raise ResponseError("user_script: attempt to index a nil value")

    inbox, tickets = mailbox_of(redis), Tickets(redis)
    async with working(redis):
        await send(inbox, "c1", 1, "persona")
        await until_idle(redis)
    (ticket,) = await tickets.waiting()
    if attends:
        await tickets.claim(ticket.id, StaffRef("ana", "Ana"), Reply("te atiende Ana", author=Author.SYSTEM))
    await send(inbox, "c1", 2, "mi papá no respira")
    monkeypatch.setattr("bot.conversation.inbox.Inbox.commit", refused)
    async with working(redis):
        await until_idle(redis)
    (raised,) = await (tickets.claimed() if attends else tickets.waiting())
    assert (raised.id, raised.priority) == (ticket.id, Priority.EMERGENCY)
    log = await inbox.events("c1", staff=True)
    assert AGENCY.emergency_reply("medica") in [event.text for event in log]
    assert log[-1].kind == "ticket_raised"
    assert "medica" in (await inbox.state("c1")).emergencies()


async def test_turn_that_hangs_is_ended_and_becomes_a_handoff(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr("bot.turns.turns.Turns.take", hang)
    inbox, worker, before = mailbox_of(redis), make_worker(redis), counted(Fault.HUNG)
    worker._consumer._drain_timeout_s = 0.2
    await send(inbox, "c1", 1)
    running = asyncio.create_task(worker.run())
    await until_idle(redis)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert await answers(inbox, "c1") == [AGENCY.say("error_asistente")]
    assert (await inbox.state("c1")).speaker is Speaker.WAITING
    assert counted(Fault.HUNG) - before == 1


@pytest.mark.parametrize(
    "error",
    [
        RedisUnreachable(),
        OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
        ReadOnlyError("You can't write against a read only replica."),
        ResponseError("MISCONF Errors writing to the AOF file"),
    ],
)
async def test_redis_that_is_away_or_full_hands_nobody_over(
    redis: Redis, monkeypatch: pytest.MonkeyPatch, error: RedisError
) -> None:
    """Checks this because failures of Redis do not depend on the conversation."""
    tries: list[str] = []

    async def away(*_: object, **__: object) -> None:
        tries.append("x")
        raise error

    inbox = mailbox_of(redis)
    await send(inbox, "c1", 1)
    with monkeypatch.context() as patch:
        patch.setattr("bot.conversation.inbox.Inbox.commit", away)
        async with working(redis):
            await eventually(lambda: len(tries) > ATTEMPTS + 1)
    async with working(redis):
        await until_idle(redis)
    assert await answers(inbox, "c1") == ["re: ¿pregunta 1?"]


async def test_staff_are_notified_of_a_kind_of_fault_once_an_hour(redis: Redis) -> None:
    await redis.sadd(keys.AGENTS, "ana", "berta")
    for conversation in ("c1", "c2"):
        await Faults(redis).note(conversation, Fault.UNSURE)
    await Faults(redis).note("c1", Fault.HUNG)
    assert (await told(redis), await told(redis, "berta")) == ([NoticeKind.FAULT] * 2, [NoticeKind.FAULT] * 2)
