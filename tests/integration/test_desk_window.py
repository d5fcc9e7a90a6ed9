"""Tests the fields of WhatsApp's 24-hour window in the desk's API."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.agency.whatsapp_templates import Templates
from bot.core.messages import Channel
from bot.core.reply_window import ReplyWindow
from bot.record.engine import Sessions
from bot.store.keys import NOTICES_OFF
from tests.desk_world import DeskWorld, desk_world

DAY = ReplyWindow(24)
APPROVED = Templates(answer="HX" + "a" * 32)


@pytest_asyncio.fixture(params=["with", "without"])
async def world(
    request: pytest.FixtureRequest, redis: Any, database: Sessions, agency: Agency
) -> AsyncIterator[DeskWorld]:
    templates = APPROVED if request.param == "with" else Templates()
    async with desk_world(redis, database, replace(agency, templates=templates)) as made:
        await made.hire("ana@x.cl", "Ana Soto")
        yield made


async def window_of(world: DeskWorld, ticket: str) -> Any:
    client = await world.sign_in("ana@x.cl")
    return (await client.get(f"/desk/api/tickets/{ticket}")).json()["ticket"]["window"]


async def test_window_ends_a_minute_short_of_a_day_after_the_last_message(world: DeskWorld) -> None:
    ticket = await world.wait_for_person("persona", channel=Channel.WHATSAPP)
    inbound_at = (await world.inbox.state(ticket.conversation)).inbound_at
    window = await window_of(world, ticket.id)
    assert (window["open_until"], window["lasts"]) == (inbound_at + DAY.free_ms, DAY.free_ms)
    assert DAY.is_open(inbound_at, window["open_until"] - 1)
    assert not DAY.is_open(inbound_at, window["open_until"])


async def test_channel_of_a_reply_after_the_window_is_stated(world: DeskWorld) -> None:
    ticket = await world.wait_for_person("persona", channel=Channel.WHATSAPP)
    after = (await window_of(world, ticket.id))["after"]
    approved = bool(world.agency.templates.answer)
    assert ("dentro de la plantilla aprobada" in after) == approved
    assert ("No hay una plantilla aprobada" in after) != approved
    await world.redis.sadd(NOTICES_OFF, ticket.conversation)
    assert "(BAJA)" in (await window_of(world, ticket.id))["after"]


async def test_channel_other_than_whatsapp_has_no_reply_window(world: DeskWorld) -> None:
    for channel in (Channel.WEB, Channel.TELEGRAM):
        ticket = await world.wait_for_person("persona", channel=channel)
        assert await window_of(world, ticket.id) is None
