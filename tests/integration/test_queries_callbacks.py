"""Tests that a call attempt is recorded together with the ticket's move, only by its owner, three times at most."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.core.errors.tickets import TicketNotYours
from bot.core.event_facts import TicketState
from bot.desk.queries.callbacks import MAX_ATTEMPTS, MAX_ID, Callbacks, Listed, Tried
from bot.handoff.agent import Agent
from bot.privacy.corrections import Corrections
from bot.record.callback_record import NOT_REACHED, REACHED
from bot.record.engine import Sessions
from bot.record.tables import Callback, CallbackAttempt
from bot.tickets.ticket import StaffRef
from tests.integration.audit_away import audited, refused
from tests.integration.queue_world import World
from tests.integration.recorded import NOW, conversation, person

ADDRESSES = Addresses("s" * 40)
ANA = Agent(str(UUID(int=1)), "Ana")
AGAIN = datetime.now(UTC) + timedelta(hours=1)
SOON = NOW - timedelta(minutes=1)  # due at once


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> World:
    for number, name in enumerate(("Ana", "Beto"), start=1):
        await person(database, number, name)
    return World(redis, agency)


@pytest.fixture
def callbacks(world: World, database: Sessions) -> Callbacks:
    return Callbacks(sessions=database, tickets=world.tickets, transitions=world.transitions, addresses=ADDRESSES)


async def asked(world: World, sessions: Sessions, *, taken: bool = True, team: str = "atencion", due: int = 0) -> int:
    """Records a call-back request, claimed by Ana if ``taken``; returns its id."""
    ticket = await world.waits(team)
    if taken:
        await world.queue.claim_next(ANA)
    await conversation(sessions, f"c{ticket}")
    row = Callback(
        conversation_id=f"c{ticket}",
        event_id="5-0",
        number=f"{ticket}-204",
        ticket_id=ticket,
        team=team,
        contact_kind="mobile",
        shown="•••• 3211",
        encrypted=ADDRESSES.encrypt("+56976543211"),
        part_of_day="any",
        asked_at=NOW,
        consented_at=NOW,
        due_at=NOW + timedelta(minutes=due),
    )
    async with sessions.begin() as session:
        session.add(row)
        await session.flush()
        return row.id


async def the(callbacks: Callbacks, number: int) -> Listed:
    found = await callbacks.get(number)
    assert found is not None
    return found


async def attempts(sessions: Sessions) -> int:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(CallbackAttempt)) or 0


async def test_reached_request_leaves_the_list_and_closes_its_ticket(
    world: World, callbacks: Callbacks, database: Sessions
) -> None:
    one = await the(callbacks, await asked(world, database))
    assert await callbacks.report(one, ANA.ref, Tried(REACHED, "todo bien ñ", AGAIN)) is None
    assert (await callbacks.listed(()), await callbacks.get(one.row.id)) == ([], None)
    assert await world.state(one.row.ticket_id) is TicketState.CLOSED


async def test_unreached_request_is_called_three_times_at_most(
    world: World, callbacks: Callbacks, database: Sessions
) -> None:
    number = await asked(world, database)
    told = []
    for left in range(MAX_ATTEMPTS, 0, -1):
        one = await the(callbacks, number)
        assert one.tries_left == left
        told.append(await callbacks.report(one, ANA.ref, Tried(NOT_REACHED, "", SOON)))
        await world.transitions.enqueue_due_callback(one.row.ticket_id)
        await world.queue.claim_next(ANA)
    assert told == [SOON, SOON, None]
    assert await callbacks.get(number) is None


async def test_attempt_by_another_agent_is_not_recorded(world: World, callbacks: Callbacks, database: Sessions) -> None:
    one = await the(callbacks, await asked(world, database))
    for tried in (Tried(REACHED, "", None), Tried(NOT_REACHED, "", AGAIN)):
        with pytest.raises(TicketNotYours):
            await callbacks.report(one, StaffRef(str(UUID(int=2)), "Beto"), tried)
    assert await attempts(database) == 0
    assert (await the(callbacks, one.row.id)).row.outcome is None


async def test_concurrent_reports_are_one_attempt(world: World, callbacks: Callbacks, database: Sessions) -> None:
    one = await the(callbacks, await asked(world, database))
    reports = (callbacks.report(one, ANA.ref, Tried(REACHED, "", None)) for _ in range(4))
    done = await asyncio.gather(*reports, return_exceptions=True)
    assert sorted(type(result).__name__ for result in done) == ["NoneType"] + ["TicketNotYours"] * 3
    assert await attempts(database) == 1


async def test_most_urgent_request_of_the_agents_teams_comes_first(
    world: World, callbacks: Callbacks, database: Sessions
) -> None:
    late, soon = await asked(world, database, due=9), await asked(world, database, due=1)
    other = await asked(world, database, taken=False, team="obras", due=5)
    assert [one.row.id for one in await callbacks.listed(())] == [soon, other, late]
    assert [one.row.id for one in await callbacks.listed(("obras",))] == [other]
    assert await callbacks.listed(("nobodys",)) == []
    assert [one.owner and one.owner.name for one in await callbacks.listed(())] == ["Ana", None, "Ana"]


async def test_request_whose_ticket_redis_lost_is_still_listed(
    world: World, callbacks: Callbacks, database: Sessions, redis: Any
) -> None:
    await asked(world, database)
    await redis.flushall()
    (one,) = await callbacks.listed(())
    assert (one.ticket, one.owner, one.tries_left) == (None, None, MAX_ATTEMPTS)


async def test_deleted_or_damaged_contact_is_empty(world: World, callbacks: Callbacks, database: Sessions) -> None:
    number = await asked(world, database)
    assert callbacks.contact(await the(callbacks, number)) == "+56976543211"
    for encrypted in (None, "", "damaged"):
        async with database.begin() as session:
            await session.execute(update(Callback).values(encrypted=encrypted))
        assert callbacks.contact(await the(callbacks, number)) == ""


@pytest.mark.parametrize("number", [0, -1, 999_999, MAX_ID, MAX_ID + 1, 10**40])
async def test_invalid_number_finds_nothing(callbacks: Callbacks, number: int) -> None:
    assert await callbacks.get(number) is None


async def test_request_of_a_blocked_conversation_is_only_counted(
    callbacks: Callbacks, world: World, database: Sessions
) -> None:
    number = await asked(world, database)
    one = await the(callbacks, number)
    assert await Corrections(database).block(one.row.conversation_id)
    assert (await callbacks.listed(()), await callbacks.get(number)) == ([], None)
    assert [await callbacks.count_blocked(teams) for teams in ((), ("atencion",), ("obras",))] == [1, 1, 0]
    await Corrections(database).unblock(one.row.conversation_id)
    assert [listed.row.id for listed in await callbacks.listed(())] == [number]
    assert await callbacks.count_blocked(()) == 0


async def test_attempt_and_its_row_in_the_audit_are_one_transaction(
    world: World, callbacks: Callbacks, database: Sessions
) -> None:
    one = await the(callbacks, await asked(world, database))
    await refused(database, lambda: callbacks.report(one, ANA.ref, Tried(REACHED, "", None)))
    assert await attempts(database) == 0
    assert await world.state(one.row.ticket_id) is TicketState.CLAIMED
    await callbacks.report(one, ANA.ref, Tried(REACHED, "", None))
    assert await audited(database) == ["callback_tried"]
