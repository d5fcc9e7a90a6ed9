"""Tests closing a support session: outcome, topic, and the reported FAQ gap that editors then see."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import insert, select

from bot.agency.model import Agency
from bot.core.messages import Author, Handoff, HandoffReason
from bot.desk.queries.closings import CloseIn, Closings, MissingQuestion
from bot.handoff.service import Desk
from bot.privacy.corrections import Corrections
from bot.record.engine import Sessions
from bot.record.retention import forget
from bot.record.tables import Closing, EntryEdition, MissingEntry
from bot.text.masking.masking import masked
from tests.desk_faq import LICENCE
from tests.desk_world import DeskWorld, desk_world
from tests.integration.recorded import conversation

FOR_TRAFFIC = Handoff(HandoffReason.ASKED_HUMAN, team="transito")
LACKING = {"question": "¿Dónde se retira un auto del corral?", "draft": "En el corral municipal, con el pago hecho."}


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire("ana@x.cl", "Ana Soto", teams=("transito",))
        await made.hire("ines@x.cl", "Inés Vera", roles=("editor",))
        yield made


@pytest_asyncio.fixture
async def ana(world: DeskWorld) -> httpx.AsyncClient:
    return await world.sign_in("ana@x.cl")


async def close(world: DeskWorld, client: httpx.AsyncClient, **said: Any) -> httpx.Response:
    ticket = await world.wait_for_person("mi auto está en el corral", handoff=FOR_TRAFFIC)
    await client.post(f"/desk/api/tickets/{ticket.id}/claim")
    return await client.post(f"/desk/api/tickets/{ticket.id}/close", json=said)


async def test_outcome_and_topic_are_stored_and_shown_with_the_ticket(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    assert (await close(world, ana, outcome="referred", topic=" Corral municipal ")).json() == {"closed": True}
    async with world.sessions() as session:
        (row,) = await session.scalars(select(Closing))
    assert (row.outcome, row.topic) == ("referred", "Corral municipal")
    feed = await world.inbox.events((await conversations(world))[0])
    told = next(event for event in feed if event.kind == "ticket_closed")
    assert told.ticket.outcome == "referred"


async def conversations(world: DeskWorld) -> list[str]:
    return [key.removeprefix("v:log:") async for key in world.redis.scan_iter("v:log:*")]


async def test_closing_details_survive_a_failed_close_and_are_stored_once(
    world: DeskWorld, ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as ended:
        ended.setattr(Desk, "close", AsyncMock(side_effect=RedisConnectionError))
        assert (await close(world, ana, outcome="solved", topic="Corral", missing=LACKING)).status_code >= 500
    ticket = (await ana.get("/desk/api/tickets")).json()["mine"][0]["id"]
    said = {"outcome": "referred", "topic": "Corral municipal", "missing": LACKING}
    assert (await ana.post(f"/desk/api/tickets/{ticket}/close", json=said)).json() == {"closed": True}
    async with world.sessions() as session:
        (row,) = await session.scalars(select(Closing))
        (_,) = await session.scalars(select(MissingEntry))
    assert (row.outcome, row.topic) == ("referred", "Corral municipal")


async def test_nothing_is_stored_for_another_agents_ticket(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    ticket = await world.wait_for_person("mi auto está en el corral", handoff=FOR_TRAFFIC)
    refused = await ana.post(f"/desk/api/tickets/{ticket.id}/close", json={"outcome": "solved", "topic": "x"})
    assert refused.status_code == 409
    async with world.sessions() as session:
        assert not (await session.scalars(select(Closing))).all()


async def test_unknown_outcome_is_refused(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    assert (await close(world, ana, outcome="happy")).status_code == 422
    assert (await close(world, ana, missing={"question": "  "})).status_code == 422


async def test_reported_faq_gap_becomes_the_draft_of_an_entry(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    assert (await close(world, ana, missing=LACKING)).status_code == 200
    ines = await world.sign_in_elsewhere("ines@x.cl")
    page = (await ines.get("/desk/faltantes")).text
    assert "Ana Soto, Dirección de Tránsito" in page and LACKING["draft"] in page
    form = dict(re.findall(r'name="(csrf|id)" value="([^"]+)"', page)) | {"que": "borrador"}
    begun = (await ines.post("/desk/faltantes", data=form)).headers["location"]
    opened = (await ines.get(begun)).text
    assert f">{LACKING['draft']}</textarea>" in opened and f'value="{LACKING["question"]}"' in opened
    assert '<option value="transito" selected>' in opened
    assert f'value="{world.agency.site}"' in opened and f">{LACKING['question']}</textarea>" in opened
    assert LACKING["question"] not in (await ines.get("/desk/faltantes")).text
    await close(world, ana, missing=LACKING)
    again = dict(re.findall(r'name="(csrf|id)" value="([^"]+)"', (await ines.get("/desk/faltantes")).text))
    refused = await ines.post("/desk/faltantes", data=again | {"que": "borrador"})
    assert refused.status_code == 422 and LACKING["question"] in refused.text


@pytest.mark.parametrize("topic", [LICENCE.question, f" {LICENCE.question.upper().replace('Ó', 'O')}"])
async def test_assistant_continues_from_the_topic_when_it_is_an_entry(
    world: DeskWorld, ana: httpx.AsyncClient, topic: str
) -> None:
    world.faq.entries = (LICENCE,)
    await close(world, ana, topic=topic, summary=" Tiene hora el martes ")
    (conversation,) = await conversations(world)
    state = await world.inbox.state(conversation)
    assert (state.resumed, state.resumed_summary) == (LICENCE.id, "Tiene hora el martes")
    told = [event.text for event in await world.inbox.events(conversation) if event.author is Author.SYSTEM]
    assert f"Seguimos con «{LICENCE.question}»." in told[-1]


async def test_assistant_does_not_claim_to_continue_without_an_entry(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    await close(world, ana, topic="Corral municipal")
    feed = await world.inbox.events((await conversations(world))[0])
    assert "cerró la atención" in str(feed)
    assert "Seguimos" not in str(feed)


async def test_draft_of_a_gap_is_masked_wherever_editors_get_it(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    private = {"question": LACKING["question"], "draft": "Sra. María Soto, su RUT 12.345.678-5 figura con deuda."}
    await close(world, ana, missing=private)
    old = {"question": "¿Y antes?", "draft": private["draft"], "staff_id": UUID(int=7), "team": "transito"}
    async with world.sessions.begin() as session:
        stored = (await session.scalars(select(MissingEntry))).one()
        await session.execute(insert(MissingEntry).values(**old))
    assert (masked(private["draft"]), bool(stored.conversation_id)) == (stored.draft, True)
    ines = await world.sign_in_elsewhere("ines@x.cl")
    page = (await ines.get("/desk/faltantes")).text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    for id in re.findall(r'name="id" value="([^"]+)"', page):
        await ines.post("/desk/faltantes", data={"csrf": csrf[1] if csrf else "", "id": id, "que": "borrador"})
    async with world.sessions() as session:
        made = list(await session.scalars(select(EntryEdition.content)))
    shown = (page, *made)
    assert (len(made), [words for words in ("María", "12.345.678") for one in shown if words in one]) == (2, [])


async def test_editor_settles_a_gap_and_an_agent_may_not_look(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    await close(world, ana, missing=LACKING)
    assert (await ana.get("/desk/faltantes")).status_code == 403
    ines = await world.sign_in_elsewhere("ines@x.cl")
    page = (await ines.get("/desk/faltantes")).text
    form = dict(re.findall(r'name="(csrf|id)" value="([^"]+)"', page))
    assert (await ines.post("/desk/faltantes", data=form)).status_code == 303
    assert LACKING["question"] not in (await ines.get("/desk/faltantes")).text


async def test_gap_of_a_blocked_conversation_is_not_shown(database: Sessions) -> None:
    for name in ("blocked", "open"):
        await conversation(database, name)
    rows = [
        {"staff_id": UUID(int=7), "team": "", "draft": ""} | one
        for one in (
            {"conversation_id": "blocked", "question": "blocked"},
            {"conversation_id": "open", "question": "open"},
            {"conversation_id": None, "question": "older"},
        )
    ]
    async with database.begin() as session:
        await session.execute(insert(MissingEntry), rows)
    await Corrections(database).block("blocked")
    assert {one.question for one in await Closings(database).missing()} == {"open", "older"}


async def test_closing_details_are_deleted_with_the_conversations(world: DeskWorld, ana: httpx.AsyncClient) -> None:
    await close(world, ana, missing=LACKING)
    await forget(world.sessions, datetime.now(UTC) + timedelta(seconds=5))
    async with world.sessions() as session:
        assert list(await session.scalars(select(Closing))) == list(await session.scalars(select(MissingEntry))) == []


async def test_question_that_is_missing_is_noted_once_however_often_the_ticket_is_closed(database: Sessions) -> None:
    said = CloseIn(missing=MissingQuestion(**LACKING))
    await asyncio.gather(
        *(Closings(database).note("7", UUID(int=7), said, team="transito", conversation="c1") for _ in range(5))
    )
    assert len(await Closings(database).missing()) == 1


async def test_note_of_somebody_whose_ticket_was_taken_while_they_closed_it_is_not_kept(
    world: DeskWorld, ana: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.hire("sara@x.cl", "Sara Paz", roles=("supervisor",))
    sara, note = await world.sign_in("sara@x.cl"), Closings.note

    async def taken_meanwhile(self: Closings, ticket: str, *args: Any, **kwargs: Any) -> None:
        await note(self, ticket, *args, **kwargs)
        await sara.post(f"/desk/api/tickets/{ticket}/take-over")

    monkeypatch.setattr(Closings, "note", taken_meanwhile)
    assert (await close(world, ana, outcome="solved")).json()["detail"]["error"] == "not_yours"
    async with world.sessions() as session:
        assert list(await session.scalars(select(Closing))) == []
