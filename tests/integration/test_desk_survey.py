"""Tests that closing asks for a rating where the citizen has no form and the channel lets us write."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.record.engine import Sessions
from bot.store.keys import NOTICES_OFF
from tests.desk_world import DeskWorld, desk_world


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto")
        yield made


@pytest.mark.parametrize(
    ("channel", "state", "asked"),
    [
        (Channel.TELEGRAM, "", True),
        (Channel.WHATSAPP, "", True),
        (Channel.WHATSAPP, "window closed", False),
        (Channel.WHATSAPP, "baja", False),
        (Channel.WEB, "", False),
    ],
)
async def test_rating_is_asked_only_where_the_channel_lets_us_write(
    world: DeskWorld, channel: Channel, state: str, asked: bool
) -> None:
    ticket = await world.wait_for_person("persona", channel=channel)
    ana = await world.sign_in("ana@x.cl")
    await ana.post(f"/desk/api/tickets/{ticket.id}/claim")
    if state == "window closed":
        await world.redis.hset(f"v:conv:{ticket.conversation}", "inbound_at", 1)
    if state == "baja":
        await world.redis.sadd(NOTICES_OFF, ticket.conversation)
    for _ in range(2):
        await ana.post(f"/desk/api/tickets/{ticket.id}/close")
    said = [
        event.text for event in await world.inbox.events(ticket.conversation) if "¿Cómo fue la atención" in event.text
    ]
    assert len(said) == int(asked)
    assert len((await world.inbox.state(ticket.conversation)).buttons) == (5 if asked else 0)
