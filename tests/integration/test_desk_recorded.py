"""Tests that viewing and changing conversations is audited, without the citizens' messages."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.conversation.change import AnswerToApprove, Change
from bot.core.messages import Provenance, Reply, Speaker
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.desk_world import DeskWorld, desk_world

ANA = "ana@x.cl"
PRIVATE = "palabras privadas"
PROOF = Provenance("licencia", "v1", "¿Cómo renuevo mi licencia?", 0.81)
ENDS_SHIFT = {"presence": "away", "hand_over": True}


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto", roles=("supervisor",))
        yield made


SEARCH = "/desk/api/search"


async def recorded(world: DeskWorld) -> list[str]:
    """Returns the audited actions since signing in; checks that none contains the citizen's text."""
    async with world.sessions() as session:
        rows = list(await session.scalars(select(Audit).where(Audit.action != "sign_in").order_by(Audit.id)))
    assert "privad" not in json.dumps([row.detail for row in rows])
    return [row.action for row in rows]


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/desk/api/tickets", "line_viewed"),
        ("/desk/api/tickets/{ticket}", "transcript_viewed"),
        ("/desk/api/tickets/{ticket}/card", "transcript_viewed"),
        ("/desk/api/proposals", "proposals_viewed"),
        (SEARCH, "conversations_searched"),
        ("/desk/llamadas", "callbacks_viewed"),
        ("/desk/opiniones", "opinions_viewed"),
    ],
)
async def test_each_view_is_recorded(world: DeskWorld, path: str, action: str) -> None:
    ticket = await world.wait_for_person(PRIVATE)
    to_approve = AnswerToApprove("p1", (Reply("Pide hora.", provenance=PROOF),), PRIVATE, 60_000, "")
    message = await world.say("c-held", PRIVATE)
    await world.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(to_approve=to_approve))
    ana = await world.sign_in(ANA)
    asked = ana.post(path, json={"words": "privadas"}) if path == SEARCH else ana.get(path.format(ticket=ticket.id))
    assert (await asked).status_code == 200
    assert await recorded(world) == [action]


async def test_queue_view_is_recorded_once_per_interval(world: DeskWorld) -> None:
    ana = await world.sign_in(ANA)
    for _ in range(3):
        await ana.get("/desk/api/tickets")
    assert await recorded(world) == ["line_viewed"]


async def test_each_change_is_recorded(world: DeskWorld) -> None:
    ticket, ana = await world.wait_for_person(PRIVATE), await world.sign_in(ANA)
    path = f"/desk/api/tickets/{ticket.id}"
    steps: list[tuple[str, dict[str, Any], str]] = [
        ("/desk/api/next", {}, "ticket_claimed"),
        (f"{path}/snooze", {}, "ticket_snoozed"),
        (f"{path}/wake", {}, "ticket_woken"),
        (f"{path}/notes", {"note_id": "n-000001", "text": PRIVATE}, "note_written"),
        (f"{path}/release", {}, "ticket_moved"),
        (f"{path}/claim", {}, "ticket_claimed"),
        (f"{path}/move", {"team": "aseo"}, "ticket_moved"),
        (f"{path}/claim", {}, "ticket_claimed"),
        ("/desk/api/presence", ENDS_SHIFT, "shift_ended"),
    ]
    for address, body, _ in steps:
        answer = await ana.post(address, json=body)
        assert answer.status_code == 200, (address, answer.text)
    assert await recorded(world) == [action for _, _, action in steps]
