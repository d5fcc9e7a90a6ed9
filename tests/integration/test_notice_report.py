"""Tests the checklist, whose ticks are stored, and the report after a crisis or a drill."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import insert, select, update

from bot.agency.model import Agency
from bot.core.texts import say
from bot.desk.pages.notices.page import PATH
from bot.desk.pages.notices.report_page import PATH as REPORT
from bot.record.engine import Sessions
from bot.record.tables import (
    Broadcast,
    BroadcastRecipient,
    Conversation,
    Message,
    Notice,
    NoticeProof,
    NoticeStep,
    SpikeMinute,
    Ticket,
)
from tests.desk_world import DeskWorld
from tests.integration.broadcast_desk import published
from tests.integration.notices_desk import FORM, JUAN, ROSA, TOKEN, follower, newest, two_supervisors

NOT_COUNTED = say("avisos.informe.sin_contar")
SEEN = re.compile(r'name="visto" value="([^"]+)"')
FIRST, SECOND = "Llamar a la empresa", "Confirmar dónde y cuándo pasa el camión aljibe."


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with two_supervisors(redis, database, agency) as made:
        yield made


async def post(browser: httpx.AsyncClient, fields: dict[str, str], *steps: str) -> httpx.Response:
    """Sends a form; that of a checklist as the page that is loaded now would send it."""
    page = (await browser.get(PATH)).text
    token = TOKEN.search(page)
    assert token
    seen = SEEN.findall(page) if fields.get("que") == "pasos" else []
    return await browser.post(PATH, data={"csrf": token[1], **fields, "paso": list(steps), "visto": seen})


async def ticked(world: DeskWorld) -> list[tuple[str, str]]:
    async with world.sessions() as session:
        rows = await session.scalars(select(NoticeStep).order_by(NoticeStep.at, NoticeStep.step))
        return [(one.step[:19], one.name) for one in rows]


def steps_of(page: str) -> list[str]:
    return re.findall(r'name="paso" value="([^"]+)"', page)


async def test_ticks_are_kept_with_who_made_them_and_can_be_undone(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    steps = steps_of((await rosa.get(f"{PATH}?paquete=corte-de-agua")).text)
    assert steps[0].startswith(FIRST) and SECOND in steps
    assert (await post(rosa, FORM | {"paquete": "corte-de-agua"}, steps[0])).status_code == 303
    named = await written_again(world)
    assert await ticked(world) == [(FIRST, "Rosa")]
    assert (await post(juan, {"que": "pasos", **named}, steps[0], SECOND, "no es un paso")).status_code == 303
    assert await ticked(world) == [(FIRST, "Rosa"), (SECOND[:19], "Juan")]
    page = (await juan.get(PATH)).text
    assert f"Lista de pasos (2 de {len(steps)})" in page
    await post(juan, {"que": "pasos", **named})
    assert await ticked(world) == []


async def test_later_save_of_an_older_page_keeps_what_another_person_ticked(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    steps = steps_of((await rosa.get(f"{PATH}?paquete=corte-de-agua")).text)
    await post(rosa, FORM | {"paquete": "corte-de-agua"}, steps[0])
    named = await written_again(world)
    token = TOKEN.search((await juan.get(PATH)).text)  # Juan's page shows the first step as done
    assert token
    assert (await post(rosa, {"que": "pasos", **named}, SECOND)).status_code == 303  # Rosa undoes it, ticks the second
    older = {"csrf": token[1], "que": "pasos", **named, "visto": steps[0], "paso": [steps[0], steps[2]]}
    assert (await juan.post(PATH, data=older)).status_code == 303
    assert sorted(await ticked(world)) == sorted([(SECOND[:19], "Rosa"), (steps[2][:19], "Juan")])


async def written_again(world: DeskWorld) -> dict[str, str]:
    """Returns the form's fields that identify the newest notice."""
    notice = await newest(world)
    return {"id": str(notice.id), "version": str(notice.version)}


async def test_report_has_log_proof_approver_questions_and_open_steps(world: DeskWorld, database: Sessions) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    steps = steps_of((await rosa.get(f"{PATH}?paquete=corte-de-agua")).text)
    await post(rosa, FORM | {"paquete": "corte-de-agua"}, steps[0])
    named = await written_again(world)
    assert (await rosa.get(f"{REPORT}/{named['id']}")).status_code == 404
    follows = follower(world.redis, database, world.board)
    await follows.look()
    await post(juan, {"que": "publicar", **named})
    await follows.look()
    await juan.get(f"{PATH}/prueba")
    await asks(database, "¿y mi diálisis? llámame al 987654321", named["id"])
    await post(rosa, {"que": "terminar", **named})
    page = (await juan.get(f"{REPORT}/{named['id']}")).text
    assert "Lo escribió Rosa y lo aprobó Juan." in page
    assert [one for one in ("Publicó un aviso público", "Levantó un aviso público") if one not in page] == []
    assert re.search(r"Todos los procesos \(1\); canales: [^,]+, \d,\d s después del cambio", page)
    assert "¿y mi diálisis?" in page and "987654321" not in page
    assert "oologico" not in page
    assert f"✓ {steps[0]}" in page and f"✗ {SECOND}" in page
    assert re.search(r"Conversaciones que recibieron el aviso</dt><dd>1<", page)
    assert f"{REPORT}/{named['id']}" in (await rosa.get(PATH)).text
    async with database() as session:
        assert await session.scalar(select(NoticeProof.took_ms).where(NoticeProof.version != "")) is not None


async def asks(sessions: Sessions, words: str, number: str) -> None:
    """Records a citizen who asked ``words``, received the notice and waits, and a row of the spikes' counts."""
    at = datetime.now(UTC)
    async with sessions.begin() as session:
        await session.execute(insert(Conversation).values(id="c1", channel="web", started_at=at, last_at=at))
        for event, author, words_, data in (
            ("1-0", "citizen", words, {}),
            ("2-0", "system", "aviso", {"notice": f"{number}.1"}),
        ):
            row: dict[str, Any] = {"conversation_id": "c1", "event_id": event, "at": at, "author": author}
            await session.execute(insert(Message).values(row | {"text": words_, "data": data}))
        ticket = {"id": "1", "conversation_id": "c1", "opened_at": at, "changed_at": at, "team": "x", "candidates": []}
        state = {"reason": "low_confidence", "priority": "normal", "state": "waiting"}
        await session.execute(insert(Ticket).values(ticket | state))
        minute = {"minute": at - timedelta(days=1), "stream": "total", "citizens": 3}
        recounted = {"minute": at, "stream": "topic:zoologico", "citizens": 0}
        await session.execute(insert(SpikeMinute), [minute, recounted])


async def test_report_counts_the_minute_in_which_the_notice_began_and_says_what_is_not_counted_yet(
    world: DeskWorld, database: Sessions
) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await post(rosa, FORM)
    named = await written_again(world)
    await post(juan, {"que": "publicar", **named})
    start = datetime.now(UTC)
    async with database.begin() as session:
        for stream, citizens in (("total", 8), ("unknown", 3)):
            minute = {"minute": start.replace(second=0, microsecond=0), "stream": stream, "citizens": citizens}
            await session.execute(insert(SpikeMinute), [minute])
    await post(rosa, {"que": "terminar", **named})
    page = (await juan.get(f"{REPORT}/{named['id']}")).text
    assert re.search(r"Veces que alguien escribió</dt><dd>8<.*Preguntas sin respuesta</dt><dd>3<", page, re.DOTALL)
    assert NOT_COUNTED in page
    async with database.begin() as session:
        earlier = {"starts_at": start - timedelta(hours=1), "ended_at": start - timedelta(minutes=3)}
        await session.execute(update(Notice).values(earlier))
    assert NOT_COUNTED not in (await juan.get(f"{REPORT}/{named['id']}")).text


async def test_report_counts_those_who_got_the_notice_and_no_test(world: DeskWorld, database: Sessions) -> None:
    id, at = await published(world), datetime.now(UTC)
    delivered, failed = ({"delivery": {"state": state}} for state in ("delivered", "failed"))
    told = ({}, delivered, {"broadcast": "1"}, failed, failed | {"broadcast": "1"}, {"broadcast": "test-1-a"})
    async with database.begin() as session:
        for number, data in enumerate(told):
            about = {"channel": "telegram", "started_at": at, "last_at": at}
            await session.execute(insert(Conversation).values(id=f"c{number}", **about))
            row = {"conversation_id": f"c{number}", "event_id": "1-0", "at": at, "author": "system", "text": "aviso"}
            await session.execute(insert(Message).values(row | {"data": {"notice": f"{id}.1", **data}}))
    report = (await (await world.sign_in(ROSA)).get(f"{REPORT}/{id}")).text
    assert re.search(r"Conversaciones que recibieron el aviso</dt><dd>3<", report)


async def test_report_says_whom_the_broadcasts_reached(world: DeskWorld) -> None:
    id = await published(world)
    rosa = await world.sign_in(ROSA)
    assert say("avisos.informe.sin_difusion") in (await rosa.get(f"{REPORT}/{id}")).text
    states = ("sent", "sent", "off")
    async with world.sessions.begin() as session:
        author = {"author_id": uuid4(), "author_name": "Rosa", "starter_name": "Juan"}
        row = {"notice_id": id, "state": "done", "started_at": datetime.now(UTC), **author}
        broadcast = await session.scalar(insert(Broadcast).values(row).returning(Broadcast.id))
        people = [{"broadcast_id": broadcast, "conversation_id": f"c{n}", "state": one} for n, one in enumerate(states)]
        await session.execute(insert(BroadcastRecipient), [one | {"channel": "telegram"} for one in people])
    report = (await rosa.get(f"{REPORT}/{id}")).text
    shown = dict(re.findall(r"<dt>([^<]+)</dt><dd>(\d+)</dd>", report.split(say("avisos.informe.difusion"))[1]))
    assert shown == {"Personas suscritas al prepararlo": "3", "Enviados": "2", "Escribieron «baja»": "1"}
    assert say("avisos.informe.sin_difusion") not in report and "Terminado." in report
