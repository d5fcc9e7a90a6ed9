"""Tests that the call-back of a citizen whose data is blocked is not offered, read or made until it is unblocked."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.privacy.corrections import CallPending, Corrections
from bot.record.engine import Sessions
from bot.record.tables import Callback
from tests.desk_world import DeskWorld, desk_world
from tests.integration.callback_requests import asked, recorded
from tests.integration.sweeper_world import World

ANA = "ana@losaromos.example"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto")
        yield made


@pytest.fixture
def corrections(database: Sessions) -> Corrections:
    return Corrections(database)


async def sweep(world: DeskWorld, corrections: Corrections) -> list[str]:
    """Sweeps once; returns the tickets that wait then."""
    await World(world.redis, world.agency, corrections.blocked_among).sweeper.sweep()
    return [one.id for one in await world.tickets.waiting()]


async def due(world: DeskWorld) -> Callback:
    return await asked(world, due=datetime.now().astimezone() - timedelta(seconds=1))


async def test_due_call_of_blocked_data_is_neither_queued_nor_read_nor_taken(
    world: DeskWorld, corrections: Corrections
) -> None:
    one, ana = await due(world), await world.sign_in(ANA)
    assert await corrections.block(one.conversation_id)
    assert await sweep(world, corrections) == []
    ticket = f"/desk/api/tickets/{one.ticket_id}"
    answers = [await ana.get(ticket), await ana.post(f"{ticket}/claim"), await ana.get(f"{ticket}/card")]
    assert [one.status_code for one in answers] == [404, 409, 200]
    assert answers[2].json() == {"first_seen": None, "contacts": []}
    await corrections.unblock(one.conversation_id)
    assert await sweep(world, corrections) == [one.ticket_id]
    assert (await ana.get(ticket)).status_code == 200


async def test_data_is_not_blocked_while_its_call_is_queued_or_made(world: DeskWorld, corrections: Corrections) -> None:
    one, ana = await due(world), await world.sign_in(ANA)
    await sweep(world, corrections)
    await recorded(world)
    with pytest.raises(CallPending):
        await corrections.block(one.conversation_id)
    await ana.post(f"/desk/api/tickets/{one.ticket_id}/claim")
    await recorded(world)
    with pytest.raises(CallPending):
        await corrections.block(one.conversation_id)
    assert not await corrections.is_blocked(one.conversation_id)
    await ana.post(f"/desk/api/tickets/{one.ticket_id}/close", json={})
    await recorded(world)
    assert await corrections.block(one.conversation_id)
