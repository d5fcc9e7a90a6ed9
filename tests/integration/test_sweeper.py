"""Tests the sweeper: neglected tickets are requeued or closed, and the citizen gets a notice."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Collection
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.agency.model import Agency
from bot.conversation.change import Change, ticket_of
from bot.core.clock import now_ms
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.core.texts import say
from bot.run.doctor import _tickets
from bot.store import keys
from bot.tickets.announced_wait import AnnouncedWait
from bot.tickets.ending import Unanswered
from bot.tickets.pace import WaitRange
from bot.tickets.presence import DEFAULT_LEASE_S, Presence, Skills
from bot.tickets.staff_notices import NoticeKind, StaffNotices
from bot.tickets.ticket import StaffRef
from bot.tickets.transitions import Actor, Why
from tests.eventually import PATIENCE_S, eventually
from tests.integration.sweeper_world import ANA, LEASE_S, World
from tests.paced import MINUTE_MS, queue_moved

BETO = StaffRef("beto", "Beto Díaz")
SHORT_S = 0.02
FAR_MS = 4_000_000_000_000


@pytest_asyncio.fixture
async def world(redis: Redis, agency: Agency) -> AsyncIterator[World]:
    yield World(redis, agency)


async def test_ticket_of_a_vanished_agent_is_first_again_and_the_citizen_gets_a_notice(world: World) -> None:
    ticket = await world.attended()
    await world.sweeper.sweep()
    assert (await world.tickets.claimed())[0].id == ticket
    lease = keys.agent_key(ANA.id)
    assert 0 < await world.redis.pttl(lease) <= LEASE_S * 1000
    await world.redis.pexpire(lease, 1)

    async def look() -> bool:
        return not await world.redis.exists(lease)

    await eventually(look)
    await world.sweeper.sweep()
    (back,) = await world.tickets.waiting()
    assert (back.id, back.returned, back.owner) == (ticket, True, None)
    assert "Se cortó la conexión" in await world.said()
    assert "lugar 1" in await world.said()


async def test_no_agent_is_taken_for_gone_within_a_lease_after_a_restart(world: World) -> None:
    await world.attended()
    await world.redis.delete(keys.agent_key(ANA.id))
    world.sweeper._listening_since = time.monotonic() + 5
    await world.sweeper.sweep()
    assert await world.tickets.waiting() == []


async def test_agent_who_owes_an_answer_for_too_long_loses_the_ticket(world: World) -> None:
    await world.attended()
    world.rules(answer_s=SHORT_S)
    await asyncio.sleep(2 * SHORT_S)
    await world.sweeper.sweep()
    assert len(await world.tickets.waiting()) == 1
    assert "no alcanzó a responderte" in await world.said()


async def test_citizen_of_a_silent_agent_is_told_the_next_opening_outside_the_hours(world: World) -> None:
    ticket = await world.attended()
    await world.redis.hset(keys.ticket_key(ticket), "unanswered_since", 1)
    world.hours.is_closed = True
    world.rules(answer_s=60)
    await world.sweeper.sweep()
    assert "no alcanzó a responderte" in await world.said()
    assert "la fila se empieza a ver" in await world.said()


async def test_silent_agent_gets_no_tickets_until_back(world: World) -> None:
    ticket = await world.attended()
    world.rules(answer_s=SHORT_S, assigns=True)
    await asyncio.sleep(2 * SHORT_S)
    for _ in range(3):
        await world.presences.heartbeat(ANA.id, ANA.name, Skills())
        await world.sweeper.sweep()
        await asyncio.sleep(2 * SHORT_S)
    told = [event.text for event in await world.inbox.events("c1") if "no alcanzó" in event.text]
    assert (len(told), len(await world.tickets.waiting())) == (1, 1)
    await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AVAILABLE)
    await world.sweeper.sweep()
    assert [one.id for one in await world.tickets.claimed()] == [ticket]


@pytest.mark.parametrize("is_silent", [True, False], ids=["silent", "chosen"])
async def test_agent_who_is_away_is_still_away_after_her_heartbeats_stopped_for_a_lease(
    world: World, is_silent: bool
) -> None:
    ticket = await world.attended()
    if is_silent:
        await world.redis.hset(keys.ticket_key(ticket), "unanswered_since", 1)
    else:
        await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AWAY)
        await world.transitions.requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
    world.rules(answer_s=60, assigns=True)
    await world.sweeper.sweep()
    await world.redis.delete(keys.agent_key(ANA.id), keys.lost_key(ANA.id))  # her phone was locked
    assert await world.presences.heartbeat(ANA.id, ANA.name, Skills()) is Presence.AWAY
    await world.sweeper.sweep()
    assert [one.id for one in await world.tickets.waiting()] == [ticket]
    await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AVAILABLE)
    await world.redis.delete(keys.agent_key(ANA.id))
    assert await world.presences.heartbeat(ANA.id, ANA.name, Skills()) is Presence.AVAILABLE


async def test_ticket_whose_script_fails_does_not_stop_the_others(world: World) -> None:
    broken, other = await world.attended("c1"), await world.attended("c2")
    ghost = "999"
    for ticket in (broken, other):
        await world.tickets.reply(ticket, ANA, "¿me mandas el papel?", f"r{ticket}")
        await world.transitions.snooze(ticket, ANA, until_ms=1 if ticket == broken else 2)
    await world.redis.hset(keys.ticket_key(broken), "candidates", "no JSON")
    await world.redis.zadd(keys.CALLBACKS, {ghost: 1})
    with capture_logs() as lines:
        await world.sweeper.sweep()
    assert (await world.inbox.state("c2")).speaker is Speaker.ASSISTANT
    assert {broken, ghost} == {line["ticket"] for line in lines if line["log_level"] == "error"}


async def test_failing_step_of_the_sweep_does_not_stop_the_others(world: World) -> None:
    ticket = await world.attended()
    await world.transitions.requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
    await told(world, ticket, minutes=1)
    await queue_moved(world.redis, "obras", 60)
    await world.redis.set(keys.CALLBACKS, "of another type")
    await world.sweeper.sweep()
    assert "más lenta" in await world.said()


async def test_team_with_unreadable_waits_does_not_stop_notices_of_the_others(world: World) -> None:
    for ticket in [await world.attended(conversation) for conversation in ("c1", "c2")]:
        await world.transitions.requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
    await world.transitions.change_team("1", "obras", "aseo")
    await world.redis.lpush(keys.moves_key("aseo"), "no numbers")
    await told(world, "2", minutes=1)
    await queue_moved(world.redis, "obras", 60)
    await world.sweeper.announce_waits()
    assert "más lenta" in await world.said("c2")


async def test_missing_ticket_at_the_head_of_a_queue_blocks_nothing(world: World) -> None:
    ticket = await world.attended()
    await world.transitions.requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
    await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AVAILABLE)
    for ghost in ("998", "999"):
        await world.redis.zadd(keys.queue_key("obras"), {ghost: -1})
        await world.redis.sadd(keys.CLAIMED, ghost)
    world.rules(answer_s=0, assigns=True)
    await world.sweeper.sweep()
    assert [one.id for one in await world.tickets.claimed()] == [ticket]


async def test_unreadable_ticket_hides_no_other(world: World) -> None:
    broken, other = await world.attended("c1"), await world.attended("c2")
    await world.redis.hset(keys.ticket_key(broken), "reason", "of a later release")
    assert [one.id for one in await world.tickets.claimed()] == [other]


async def test_unreadable_ticket_is_put_aside_logged_and_named_by_the_doctor(
    world: World, redis_url: str, tmp_path: Path
) -> None:
    broken = await world.attended()
    await world.redis.hset(keys.ticket_key(broken), "reason", "of a later release")
    assert await asyncio.to_thread(_tickets, redis_url, tmp_path) == []
    await world.sweeper.sweep()
    (found,) = await asyncio.to_thread(_tickets, redis_url, tmp_path)
    assert (found.version, broken in found.fix, await world.redis.smembers(keys.CLAIMED)) == (None, True, set())


async def test_ticket_put_aside_while_postgresql_is_away_is_restored_once_it_is_back(world: World) -> None:
    """Otherwise its citizen would wait until the next start; also another process restores it."""
    broken, restores = await world.attended(), list[bool]()

    async def restore() -> int:
        restores.append(len(restores) > 0)
        if not restores[-1]:
            raise OperationalError("connect", None, OSError("refused"))
        return 0  # the record lacks the ticket

    await world.redis.hdel(keys.ticket_key(broken), "reason")
    world.sweeper._restore = restore
    with pytest.raises(OperationalError):
        await world.sweeper.sweep()
    world.rules(answer_s=0)  # the sweeper of another process
    world.sweeper._restore = restore
    for _ in range(2):
        world.sweeper._repaired_at = -1e9
        await world.sweeper.sweep()
    assert (restores, await world.redis.hkeys(keys.ASIDE)) == ([False, True], [broken])


async def test_sweep_repairs_queues_and_ends_leases_of_before(world: World) -> None:
    await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m1", "hola", at=0))
    ((entry, _),) = await world.redis.xrange(keys.WORK)
    await world.redis.xdel(keys.WORK, entry)
    await world.presences.heartbeat(ANA.id, ANA.name, Skills())
    await world.redis.expire(keys.agent_key(ANA.id), 9 * LEASE_S)
    await world.sweeper.sweep()
    assert await world.redis.xlen(keys.WORK) == 1
    assert await world.redis.ttl(keys.agent_key(ANA.id)) <= DEFAULT_LEASE_S


async def test_sweeps_notify_staff_of_a_message_that_nobody_answers(world: World) -> None:
    await world.redis.sadd(keys.AGENTS, ANA.id)
    await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m1", "hola", at=0))
    await world.redis.lset(keys.inbox_key("c1"), 0, json.dumps({"id": "m1", "text": "hola", "at": 1}))
    for _ in range(2):
        world.sweeper._repaired_at = -1e9
        await world.sweeper.sweep()
    (notice,) = await StaffNotices(world.redis).of(ANA.id)
    assert (notice.kind, notice.by) == (NoticeKind.FAULT, say("mesa.fallas.unanswered"))


async def test_failed_sweep_is_followed_by_another(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = asyncio.Event()

    async def fails(*_: object) -> None:
        failed.set()
        raise KeyError("anything")

    monkeypatch.setattr(world.tickets, "filled", fails)
    world.sweeper._restored = True
    running = asyncio.create_task(world.sweeper.run())
    async with asyncio.timeout(PATIENCE_S):
        await failed.wait()
    await asyncio.sleep(0)
    assert not running.done()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_bot_that_starts_while_postgresql_is_away_sweeps_what_redis_has(world: World) -> None:
    ticket, due = await world.attended("c1"), await world.attended("c2")
    tries, back, began = [], asyncio.Event(), time.monotonic()
    await world.redis.set(keys.RESTORED, 1)
    await world.transitions.schedule_callback(due, ANA, 1)
    await world.redis.delete(keys.agent_key(ANA.id))  # nobody's heartbeat arrives without PostgreSQL

    async def answers() -> bool:
        return back.is_set()

    async def restore() -> int:
        tries.append(back.is_set())
        if not back.is_set():
            raise OperationalError("connect", None, OSError("refused"))
        return 0

    world.sweeper._restore, world.sweeper._record_answers = restore, answers
    running = asyncio.create_task(world.sweeper.run())

    async def waiting() -> set[str]:
        return {one.id for one in await world.tickets.waiting()}

    async def due_is_waiting() -> bool:
        return due in await waiting()

    async def both_are_waiting() -> bool:
        return await waiting() == {ticket, due}

    await eventually(due_is_waiting)
    assert [one.id for one in await world.tickets.claimed()] == [ticket]
    assert world.sweeper._listening_since > began  # from when on heartbeats are waited for
    back.set()
    await eventually(both_are_waiting)
    assert tries[-1]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    back.clear()
    await world.redis.delete(keys.RESTORED)
    with pytest.raises(OperationalError):  # nothing is swept while Redis may lack tickets
        await world.sweeper._restore_tickets()


async def test_tickets_of_a_dissolved_team_go_to_the_default_team(world: World) -> None:
    made = [await world.attended(f"c{number}") for number in range(4)]
    await world.transitions.snooze(made[1], ANA, FAR_MS)
    await world.transitions.schedule_callback(made[2], ANA, FAR_MS)
    await world.transitions.requeue(made[3], Actor(ANA), Why.RELEASED, Reply("vuelves"))
    before = await states(world, made)
    teams = {key: name for key, name in world.agency.teams.items() if key != "obras"}
    world.agency = replace(world.agency, teams=teams)
    world.rules(answer_s=0)
    await world.sweeper.sweep()
    default = world.agency.default_team
    assert await states(world, made) == [(state, default, owner) for state, _, owner in before]
    assert [one.id for one in await world.tickets.waiting([default])] == [made[3]]
    assert (await world.tickets.waiting([default]))[0].returned
    assert await world.tickets.waiting(["obras"]) == []
    moved = [event for event in await world.inbox.events("c1", staff=True) if event.kind == "ticket_moved"]
    assert [(event.ticket.team, event.ticket.state, event.ticket.until_ms) for event in moved] == [
        (default, "snoozed", FAR_MS)
    ]


async def states(world: World, tickets: list[str]) -> list[tuple[str, str, StaffRef | None]]:
    found = [await world.tickets.get(ticket) for ticket in tickets]
    return [(one.state.value, one.team, one.owner) for one in found if one]


async def test_agent_who_answered_keeps_the_ticket_of_a_silent_citizen(world: World) -> None:
    ticket = await world.attended()
    world.rules(answer_s=SHORT_S)
    await world.tickets.reply(ticket, ANA, "¿me mandas el papel?", "r1")
    await asyncio.sleep(2 * SHORT_S)
    await world.sweeper.sweep()
    assert len(await world.tickets.claimed()) == 1
    await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", "aquí va", at=0))
    await asyncio.sleep(2 * SHORT_S)
    await world.sweeper.sweep()
    assert len(await world.tickets.waiting()) == 1


@pytest.mark.parametrize("way", ["claimed", "snoozed", "reopened"])
async def test_chat_passed_on_after_a_reply_stays_with_its_new_agent(world: World, way: str) -> None:
    ticket = await world.attended()
    await world.presences.heartbeat(BETO.id, BETO.name, Skills())
    await world.tickets.reply(ticket, ANA, "¿me mandas una foto?", "r1")
    if way == "snoozed":
        await world.transitions.snooze(ticket, ANA, FAR_MS)
    if way == "reopened":
        await world.tickets.close(ticket, ANA, None)
        request = ticket_of(Handoff(HandoffReason.ASKED_HUMAN, team="obras"), "persona")
        ticket = await world.transitions.reopen("c1", BETO, request, Reply("te atiende Beto"))
    else:
        await world.transitions.assign(ticket, Actor(ANA), Why.TRANSFER, Reply("te atiende Beto"), to=BETO)
    world.rules(answer_s=SHORT_S)
    await asyncio.sleep(2 * SHORT_S)
    await world.sweeper.sweep()
    assert [(one.id, one.owner) for one in await world.tickets.claimed()] == [(ticket, BETO)]
    await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", "aquí va", at=0))
    await asyncio.sleep(2 * SHORT_S)
    await world.sweeper.sweep()
    assert [one.id for one in await world.tickets.waiting()] == [ticket]


@pytest.mark.parametrize("way", ["claimed", "wrote", "snoozed", "woken"])
async def test_chat_passed_on_while_an_answer_is_owed_is_owed_by_its_new_agent(world: World, way: str) -> None:
    ticket = await world.attended()
    await world.presences.heartbeat(BETO.id, BETO.name, Skills())
    if way in {"snoozed", "woken"}:  # before the first reply
        await world.transitions.snooze(ticket, ANA, FAR_MS)
    if way == "wrote":
        await world.tickets.reply(ticket, ANA, "¿me mandas una foto?", "r1")
        await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", "¿de qué?", at=0))
    if way == "woken":
        await world.transitions.wake(ticket, ANA)
    else:
        await world.transitions.assign(ticket, Actor(ANA), Why.TRANSFER, Reply("te atiende Beto"), to=BETO)
    world.rules(answer_s=SHORT_S)
    await asyncio.sleep(2 * SHORT_S)
    await world.sweeper.sweep()
    assert [one.id for one in await world.tickets.waiting()] == [ticket]


async def test_question_that_a_pause_left_open_is_owed_again_once_the_agent_goes_on(world: World) -> None:
    ticket = await world.attended()
    await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", "¿a qué hora cierran?", at=0))
    await world.transitions.snooze(ticket, ANA, FAR_MS, Unanswered("m2", ("m2",)))
    await world.transitions.wake(ticket, ANA)
    (woken,) = await world.tickets.claimed()
    assert woken.unanswered_since > 0


async def test_answer_between_the_check_and_the_script_keeps_the_ticket(world: World) -> None:
    ticket = await world.attended()
    await asyncio.sleep(2 * SHORT_S)
    await world.tickets.reply(ticket, ANA, "ya te respondo", "r1")
    notice = Reply("vuelves")
    assert await world.transitions.reclaim(ticket, int(SHORT_S * 1000), notice, notice) is None


async def test_silent_citizens_ticket_is_closed_with_a_notice(world: World) -> None:
    ticket = await world.attended()
    await world.tickets.reply(ticket, ANA, "¿me mandas el papel?", "r1")
    await world.transitions.snooze(ticket, ANA, until_ms=1)
    await world.sweeper.sweep()
    closed = await world.tickets.get(ticket)
    assert closed is not None
    assert closed.closed
    assert (await world.inbox.state("c1")).speaker is Speaker.ASSISTANT
    assert "no supimos más de ti" in await world.said()


async def test_snoozed_ticket_to_which_nobody_replied_is_requeued_and_not_closed(world: World) -> None:
    ticket = await world.attended()
    await world.transitions.snooze(ticket, ANA, until_ms=1)
    await world.sweeper.sweep()
    assert [one.id for one in await world.tickets.waiting()] == [ticket]
    assert "no alcanzó a responderte" in await world.said()


@pytest.mark.parametrize("is_returned", [False, True])
async def test_reopened_chat_that_is_snoozed_is_closed_unless_its_citizen_waited_again(
    world: World, is_returned: bool
) -> None:
    await world.tickets.close(await world.attended(), ANA, None)
    request = ticket_of(Handoff(HandoffReason.ASKED_HUMAN, team="obras"), "persona")
    ticket = await world.transitions.reopen("c1", ANA, request, Reply("te atiende Ana"))
    if is_returned:
        await world.transitions.requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
        await world.tickets.claim(ticket, ANA, Reply("te atiende Ana"))
    await world.transitions.snooze(ticket, ANA, until_ms=1)
    await world.sweeper.sweep()
    assert ("no alcanzó a responderte" in await world.said()) is is_returned
    assert [one.id for one in await world.tickets.waiting()] == ([ticket] if is_returned else [])


@pytest.mark.parametrize("wakes", [False, True])
async def test_pause_of_the_next_agent_leaves_the_first_words_owed(world: World, wakes: bool) -> None:
    ticket = await world.attended()
    await world.tickets.reply(ticket, ANA, "te paso", "r1")
    await world.transitions.requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
    await world.tickets.claim(ticket, BETO, Reply("te atiende Beto"))
    await world.transitions.snooze(ticket, BETO, until_ms=FAR_MS if wakes else 1)
    if wakes:
        await world.transitions.wake(ticket, BETO)
        assert await world.redis.hget(keys.ticket_key(ticket), "unanswered_since")
    else:
        await world.sweeper.sweep()
        assert [one.id for one in await world.tickets.waiting()] == [ticket]


async def test_snoozed_ticket_with_an_unanswered_question_is_requeued_and_not_closed(world: World) -> None:
    ticket = await world.attended()
    await world.tickets.reply(ticket, ANA, "¿me mandas el papel?", "r1")
    await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", "¿a qué hora cierran?", at=0))
    await world.transitions.snooze(ticket, ANA, 1, Unanswered("m2", ("m2",)))
    await world.sweeper.sweep()
    assert [(one.id, one.returned) for one in await world.tickets.waiting()] == [(ticket, True)]
    assert "no alcanzó a responderte" in await world.said()
    (notice,) = await StaffNotices(world.redis).of(ANA.id)
    assert notice.kind is NoticeKind.SILENT


async def test_ticket_is_not_snoozed_over_a_message_that_came_meanwhile(world: World) -> None:
    ticket = await world.attended()
    seen = Unanswered()
    await world.inbox.accept(CitizenMessage("c1", Channel.WEB, "m2", "¿a qué hora cierran?", at=0))
    assert not await world.transitions.snooze(ticket, ANA, FAR_MS, seen)
    assert [one.id for one in await world.tickets.claimed()] == [ticket]


async def test_statement_that_the_agent_saw_does_not_keep_a_snoozed_ticket_open(world: World) -> None:
    ticket, message = await world.attended(), CitizenMessage("c1", Channel.WEB, "m2", "mañana te lo mando", at=0)
    await world.tickets.reply(ticket, ANA, "¿me mandas el papel?", "r1")
    await world.inbox.accept(message)
    await world.inbox.commit([message], (), speaker=Speaker.STAFF, change=Change())
    assert await world.transitions.snooze(ticket, ANA, 1, Unanswered("m2"))
    await world.sweeper.sweep()
    assert "no supimos más de ti" in await world.said()


async def test_reply_to_a_snoozed_ticket_gives_the_citizen_the_whole_time(world: World) -> None:
    ticket, now = await world.attended(), now_ms()
    await world.transitions.snooze(ticket, ANA, now + 10 * MINUTE_MS)
    await world.redis.zadd(keys.SNOOZED, {ticket: now + MINUTE_MS})  # nine minutes later
    await world.tickets.reply(ticket, ANA, "me falta tu RUT, ¿me lo das?", "r1")
    assert await world.redis.zscore(keys.SNOOZED, ticket) > now + 9 * MINUTE_MS
    snoozed = [event for event in await world.inbox.events("c1", staff=True) if event.kind == "ticket_snoozed"]
    assert snoozed[-1].ticket.until_ms == await world.redis.zscore(keys.SNOOZED, ticket)


async def test_silent_citizen_on_whatsapp_gets_no_notice_after_the_window(world: World) -> None:
    ticket = await world.attended(channel=Channel.WHATSAPP)
    await world.tickets.reply(ticket, ANA, "¿me mandas el papel?", "r1")
    await world.transitions.snooze(ticket, ANA, until_ms=1)
    await world.redis.hset(keys.conversation_key("c1"), "inbound_at", 1)
    await world.sweeper.sweep()
    closed = await world.tickets.get(ticket)
    assert closed is not None
    assert closed.closed
    assert "no supimos" not in await world.said()


async def test_due_call_back_is_queued_before_the_others(world: World) -> None:
    ticket = await world.attended()
    await world.transitions.schedule_callback(ticket, ANA, due_ms=1)
    assert (await world.inbox.state("c1")).speaker is Speaker.ASSISTANT
    await world.sweeper.sweep()
    (due,) = await world.tickets.waiting()
    assert (due.id, due.priority.value) == (ticket, "callback")


async def test_due_call_back_waits_for_postgresql_and_stops_no_other_step(world: World) -> None:
    ticket = await world.attended()
    await world.transitions.schedule_callback(ticket, ANA, due_ms=1)
    await world.inbox.accept(CitizenMessage("c2", Channel.WEB, "m1", "hola", at=0))
    ((entry, _),) = [one for one in await world.redis.xrange(keys.WORK) if "c2" in str(one)]
    await world.redis.xdel(keys.WORK, entry)
    queued, known = await world.redis.xlen(keys.WORK), world.blocked

    async def away(_conversations: Collection[str]) -> set[str]:
        raise OperationalError("connect", None, OSError("refused"))

    world.blocked = away
    world.rules(answer_s=0)
    await world.sweeper.sweep()
    assert (await world.tickets.waiting(), await world.redis.xlen(keys.WORK)) == ([], queued + 1)
    world.blocked = known
    world.rules(answer_s=0)
    await world.sweeper.sweep()
    assert [one.id for one in await world.tickets.waiting()] == [ticket]


async def test_tickets_are_auto_assigned_only_where_the_agency_enables_it(world: World) -> None:
    ticket = await world.attended()
    await world.transitions.schedule_callback(ticket, ANA, due_ms=1)
    await world.sweeper.sweep()
    assert await world.tickets.claimed() == []
    world.rules(answer_s=0, assigns=True)
    await world.sweeper.sweep()
    assert [one.owner for one in await world.tickets.claimed()] == [ANA]


async def told(world: World, ticket: str, *, minutes: int, place: int = 1, ago_minutes: int = 0) -> None:
    """Announces a wait of at most ``minutes`` at ``place`` to the citizen, ``ago_minutes`` ago."""
    at = int(time.time() * 1000) - ago_minutes * MINUTE_MS
    await world.waits.announce(ticket, AnnouncedWait(place, WaitRange(0, minutes * MINUTE_MS), at))


async def test_waiting_citizen_gets_a_notice_when_the_wait_changes_much(world: World) -> None:
    await world.attended("c1")
    await world.transitions.requeue("1", Actor(ANA), Why.RELEASED, Reply("vuelves"))
    said = []
    for minutes in (8, 9, 120, 121):
        await queue_moved(world.redis, "obras", minutes)
        await world.sweeper.announce_waits()
        said.append(await world.said())
    assert said[0] == said[1] == "vuelves"
    assert "más lenta de lo que te dijimos y lo sentimos. Sigues en el lugar 1" in said[2]
    assert said[3] == said[2]


@pytest.mark.parametrize(("place", "said"), [(1, "vuelves"), (4, "La fila avanzó más rápido y vas en el lugar 1.")])
async def test_shorter_wait_is_announced_only_when_the_position_changed(world: World, place: int, said: str) -> None:
    await world.attended("c1")
    await world.transitions.requeue("1", Actor(ANA), Why.RELEASED, Reply("vuelves"))
    await told(world, "1", minutes=120, place=place)
    await queue_moved(world.redis, "obras", 2)
    await world.sweeper.announce_waits()
    assert (await world.said()).startswith(said)


async def test_wait_that_only_passed_is_not_announced_again(world: World) -> None:
    await world.attended("c1")
    await world.transitions.requeue("1", Actor(ANA), Why.RELEASED, Reply("vuelves"))
    await told(world, "1", minutes=60, place=9, ago_minutes=50)
    await queue_moved(world.redis, "obras", 2)
    await world.sweeper.announce_waits()
    assert await world.said() == "vuelves"


@pytest.mark.parametrize(("is_open", "on_duty"), [(False, True), (True, False)])
async def test_near_turn_is_announced_only_while_an_agent_is_on_duty(
    world: World, is_open: bool, on_duty: bool
) -> None:
    ticket = await world.attended()
    await world.transitions.requeue(ticket, Actor(ANA), Why.RELEASED, Reply("vuelves"))
    await world.redis.hset(keys.ticket_key(ticket), "notify_near", 1)
    world.hours.is_closed = not is_open
    if not on_duty:
        await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AWAY)
    await world.sweeper.announce_waits()
    assert await world.said() == "vuelves"
    world.hours.is_closed = False
    await world.presences.heartbeat(ANA.id, ANA.name, Skills(), Presence.AVAILABLE)
    await world.sweeper.announce_waits()
    assert "Ya casi" in await world.said()


@pytest.mark.parametrize("field", ["notify_near", "tell_near"])  # the second is of older releases
async def test_citizen_who_asked_for_it_is_notified_once_that_their_turn_is_near(world: World, field: str) -> None:
    for number in range(1, 6):
        await world.attended(f"c{number}")
    for number in range(1, 6):
        await world.transitions.requeue(str(number), Actor(ANA), Why.RELEASED, Reply("vuelves"))
        await world.redis.hset(keys.ticket_key(str(number)), field, 1)
    for _ in range(2):
        await world.sweeper.announce_waits()
    near = [
        [one.text for one in await world.inbox.events(f"c{number}") if "Ya casi" in one.text] for number in range(1, 6)
    ]
    assert [len(one) for one in near] == [1, 1, 1, 0, 0]
    assert "lugar 3 " in near[2][0]


async def test_agents_on_duty_are_noted(world: World) -> None:
    await world.attended("c1")
    await world.sweeper._note_duty()
    await world.presences.heartbeat("beto", "Beto", Skills(("obras",)))
    await world.sweeper._note_duty()
    newest, before = await world.waits.duty("obras")
    assert (newest.agents, before.agents, newest.since) == (2, 1, before.until)
    assert (await world.waits.duty("aseo"))[0].agents == 1
