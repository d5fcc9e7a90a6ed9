"""Tests the lists of conversations behind a figure, and reading one of them: masked, audited, with permission."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, update

from bot.agency.model import Agency
from bot.desk.api import search
from bot.desk.auth.audit import Action
from bot.desk.pages.figures.listing_page import MOST_DIGITS
from bot.desk.pages.figures.view import PATH
from bot.figures.definitions import definitions
from bot.record.engine import Sessions
from bot.record.tables import Audit, Conversation, Message, Ticket
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import DAY, MINUTE, row, write

EVA, ANA = (f"{name}@losaromos.example" for name in ("eva", "ana"))
NOW = datetime.now(UTC).replace(microsecond=0)
AT = NOW - DAY
TALK = f"{PATH}/sin_respuesta/c-lost/{int(AT.timestamp() * 1000)}"
WORDS = (("citizen", "Soy 12.345.678-5, mi fono es 9 8765 4321"), ("assistant", "Te atiende una persona."))


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EVA, "Eva Ríos", roles=("analyst",))
        lost = {"now": NOW, "conversation_id": "c-lost", "reason": "asked_human", "team": "obras"}
        await write(database, [row(DAY, "lost", **lost), row(DAY, "lost", now=NOW)])
        said = {"conversation_id": "c-lost", "data": {}}
        ticket = {
            "id": "t1",
            "conversation_id": "c-lost",
            "reason": "asked_human",
            "priority": "normal",
            "team": "obras",
        }
        ticket |= {"candidates": [], "opened_at": AT + MINUTE / 6, "state": "closed", "changed_at": AT + MINUTE}
        async with database.begin() as session:
            for number, (author, text) in enumerate(WORDS):
                at = AT + number * MINUTE / 6
                facts = {"event_id": f"{number}-0", "at": at, "author": author, "text": text}
                await session.execute(insert(Message).values(said | facts))
            after = {"event_id": "9-0", "at": AT + DAY / 2, "author": "citizen", "text": "otra conversación"}
            await session.execute(insert(Message).values(said | after))
            await session.execute(insert(Ticket).values(ticket | {"closed_at": AT + MINUTE}))
        yield made


async def test_conversation_of_a_figure_is_read_masked_and_noted(world: DeskWorld) -> None:
    await world.hire(ANA, "Ana Soto", roles=("supervisor",))
    client = await world.sign_in_elsewhere(ANA)
    assert f"{PATH}/sin_respuesta?periodo=30" in (await client.get(PATH)).text
    page = (await client.get(f"{PATH}/sin_respuesta?periodo=7")).text
    assert page.count('data-name="Cuándo"') == 2
    assert "Pidió una persona" in page
    assert page.count(f'href="{TALK}?periodo=7"') == 1
    talk = (await client.get(f"{TALK}?periodo=7")).text
    assert "mi fono es +56 9 •••• 4321" in talk and "Te atiende una persona." in talk
    for secret in ("8765", "345.678", "otra conversación"):
        assert secret not in talk
    assert f'href="{PATH}/sin_respuesta?periodo=7"' in talk
    assert 'href="/desk#/c/c-lost"' in talk
    async with world.sessions() as session:
        noted = (await session.scalars(select(Audit).where(Audit.action == Action.TRANSCRIPT_VIEWED))).all()
    assert [one.detail for one in noted] == [{"conversation": "c-lost", "figure": "sin_respuesta"}]


async def test_reading_conversations_of_figures_counts_as_reading_the_record(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_AN_HOUR", dict.fromkeys(search.Reading, 1))
    await world.hire(ANA, "Ana Soto", roles=("supervisor",))
    client = await world.sign_in_elsewhere(ANA)
    assert [(await client.get(f"{TALK}?periodo=7")).status_code for _ in range(2)] == [200, 429]
    assert (await client.get(f"{PATH}/sin_respuesta?periodo=7")).status_code == 200


@pytest.mark.parametrize(
    ("roles", "teams", "opens"),
    [
        (("analyst",), (), False),
        (("editor",), (), False),
        (("agent", "analyst"), (), True),
        (("agent", "analyst"), ("obras",), True),
        (("agent", "analyst"), ("aseo",), False),
        (("supervisor",), ("aseo",), True),
    ],
)
async def test_conversation_opens_for_staff_who_may_read_it_at_the_desk(
    world: DeskWorld, roles: tuple[str, ...], teams: tuple[str, ...], opens: bool
) -> None:
    await world.hire(ANA, "Ana Soto", roles=roles, teams=teams)
    answer = await (await world.sign_in_elsewhere(ANA)).get(TALK, headers={"Accept": "text/html"})
    assert (answer.status_code, "fono" in answer.text) == ((200, True) if opens else (404, False))


@pytest.mark.parametrize("secret", ["emergency", "blocked", "few", "unknown", "late", "later"])
async def test_private_and_few_conversations_open_for_nobody(world: DeskWorld, secret: str) -> None:
    await world.hire(ANA, "Ana Soto", roles=("supervisor",))
    async with world.sessions.begin() as session:
        if secret == "emergency":
            await session.execute(update(Ticket).values(priority="emergency"))
        if secret == "blocked":
            await session.execute(update(Conversation).values(blocked_at=NOW))
    client = await world.sign_in_elsewhere(ANA)
    times = {"unknown": "12", "late": "9" * MOST_DIGITS, "later": "9" * (MOST_DIGITS + 1)}
    others = {name: f"{PATH}/sin_respuesta/c-lost/{start}" for name, start in times.items()}
    address = {"few": f"{TALK}?segmento=comuna.", **others}.get(secret, TALK)
    assert (await client.get(address, headers={"Accept": "text/html"})).status_code == 404
    if secret in {"emergency", "blocked"}:
        assert TALK not in (await client.get(f"{PATH}/sin_respuesta")).text


async def test_reader_without_access_to_conversations_gets_no_short_list(world: DeskWorld) -> None:
    client = await world.sign_in_elsewhere(EVA)
    page = (await client.get(f"{PATH}/sin_respuesta")).text
    assert "Son muy pocas para mostrarlas una por una." in page
    assert 'data-name="Cuándo"' not in page
    await write(world.sessions, [row(DAY, "lost", now=NOW)] * 8)
    page = (await client.get(f"{PATH}/sin_respuesta")).text
    assert page.count('data-name="Cuándo"') == 10
    assert "c-lost" not in page
    await write(world.sessions, [row(DAY, now=NOW, theme="calle")] * 11)
    page = (await client.get(f"{PATH}/conversaciones?tema=calle")).text
    assert page.count('data-name="Cuándo"') == 11
    assert "Tema: Calle" in page
    assert (await client.get(f"{PATH}/otra", headers={"Accept": "text/html"})).status_code == 404


async def test_every_figure_can_be_listed(world: DeskWorld) -> None:
    client = await world.sign_in_elsewhere(EVA)
    assert {(await client.get(f"{PATH}/{id}")).status_code for id in definitions()} == {200}
