"""Tests ``/desk/avisos``: two persons, five minutes, corrections, drills, packs, the proof, unreachable stores."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import func, select, update
from typer.testing import CliRunner

from bot.agency.model import Agency
from bot.cli.crisis import crisis_app
from bot.desk.crisis.book import ALONE_AFTER, NoticeBook, Person
from bot.desk.crisis.drill import drill_form
from bot.desk.crisis.spreading import Spreading
from bot.desk.pages.notices.manual_page import PATH as MANUAL
from bot.desk.pages.notices.page import PATH
from bot.public_notices.board import NoticeBoard
from bot.public_notices.kept import KeptNotices
from bot.public_notices.notice import NoticeSet, PublicNotice
from bot.public_notices.recorded import recorded_set
from bot.record.engine import Sessions, open_database
from bot.record.tables import Audit
from bot.record.tables.notices import Notice
from bot.store.client import open_redis
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import NOWHERE, DeskWorld, desk_world
from tests.integration.notices_desk import FORM, JUAN, LEO, ROSA, follower, newest, press, written
from tests.integration.worker_process import NO_DATABASE
from tests.notices import public_notice


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ROSA, "Rosa", ("supervisor",))
        await made.hire(JUAN, "Juan", ("supervisor",))
        await made.hire(LEO, "Leo", ("agent",))
        yield made


async def kept(world: DeskWorld) -> tuple[PublicNotice, ...]:
    found = await KeptNotices(world.redis).read()
    return found.notices if found else ()


async def running(world: DeskWorld) -> list[str]:
    return [one.text for one in await kept(world)]


async def make_older(world: DeskWorld, by: timedelta) -> None:
    async with world.sessions.begin() as session:
        await session.execute(update(Notice).values(asked_at=Notice.asked_at - by))


async def test_second_person_publishes_and_one_click_lifts(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    assert await running(world) == []
    assert "Dar el visto bueno y publicar" not in (await rosa.get(PATH)).text
    assert (await press(juan, que="publicar", **named)).status_code == 303
    assert await running(world) == [FORM["texto"]]
    assert (await press(rosa, que="terminar", **named)).status_code == 303
    assert await running(world) == []
    notice = await newest(world)
    assert (notice.state, notice.ended, notice.author_name, notice.approver_name) == ("ended", "lifted", "Rosa", "Juan")
    async with world.sessions() as session:
        actions = (await session.scalars(select(Audit.action).order_by(Audit.id))).all()
    assert [one for one in actions if one.startswith("notice")] == ["notice_saved", "notice_published", "notice_lifted"]


async def test_running_notice_below_a_long_draft_is_one_tap_away(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa))
    assert 'href="#h-running"' not in (await rosa.get(PATH)).text
    await written(world, rosa)
    assert 'href="#h-running">Ver los vigentes (1)</a>' in (await rosa.get(PATH)).text


async def test_author_publishes_alone_only_late_with_a_reason_and_everybody_is_notified(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    named = await written(world, rosa)
    reason = {"motivo": "Nadie contesta el teléfono."}
    assert (await press(rosa, que="publicar", **named, **reason)).status_code == 409
    await make_older(world, ALONE_AFTER)
    assert (await press(rosa, que="publicar", **named, motivo="ya")).status_code == 422
    assert await running(world) == []
    assert (await press(rosa, que="publicar", **named, **reason)).status_code == 303
    assert await running(world) == [FORM["texto"]]
    notice = await newest(world)
    assert notice.reason == reason["motivo"]
    told = [key async for key in world.redis.scan_iter("v:staff:notices:*")]
    assert len(told) == 3  # Rosa, Juan and Leo


async def test_form_proposes_the_hours_that_the_manual_gives_each_severity(world: DeskWorld) -> None:
    page = (await (await world.sign_in(ROSA)).get(PATH)).text
    hours = re.findall(r'name="gravedad" value="(\w+)" data-hours="(\d+)"( checked)?', page)
    assert hours[:3] == [("info", "4", ""), ("important", "12", " checked"), ("grave", "4", "")]
    assert '<option value="12" selected>' in page


async def test_approval_is_of_the_text_that_was_read(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    await press(rosa, **FORM | named | {"texto": "Otra cosa."})
    assert (await press(juan, que="publicar", **named)).status_code == 409
    assert await running(world) == []


async def test_approver_reads_what_the_notice_answers_and_replaces(world: DeskWorld) -> None:
    world.faq.entries = (SimpleNamespace(id="bache", question="¿Cómo aviso de un hoyo?"),)  # type: ignore[assignment]
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await written(world, rosa, reemplaza="bache")
    page = (await juan.get(PATH)).text
    approving = page[page.index('id="h-drafts"') : page.index("Dar el visto bueno y publicar")]
    assert "parecido a: no sale agua · no me sale ni una gota" in approving
    assert "en lugar de estas respuestas: ¿Cómo aviso de un hoyo?" in approving


async def test_correction_waits_for_approval_and_replaces(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    await press(juan, que="publicar", **named)
    corrected = await written(world, rosa, **named, texto="Vuelve a las 02:00.")
    assert await running(world) == [FORM["texto"]]
    await press(juan, que="publicar", **corrected)
    assert await running(world) == ["Vuelve a las 02:00."]
    ids = [one.id for one in (await kept(world))]
    assert ids == [f"{named['id']}.2"]


async def test_notice_ends_by_itself_within_a_day_unless_renewed(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    assert (await press(rosa, **FORM | {"horas": "48"})).status_code == 422
    named = await written(world, rosa, horas="1")
    await press(juan, que="publicar", **named)
    before = await newest(world)
    assert before.ends_at is not None and before.published_at is not None
    assert before.ends_at - before.published_at == timedelta(hours=1)
    await press(juan, que="renovar", horas="24", **named)
    after = await newest(world)
    assert after.ends_at is not None and after.ends_at - before.ends_at > timedelta(hours=22)
    assert (await kept(world))[0].id == f"{named['id']}.1"


async def test_hours_of_another_day_are_written_out(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa, horas="24"))
    await written(world, rosa)
    await make_older(world, timedelta(days=-1))  # as if it had been written just before midnight
    page, day = (await rosa.get(PATH)).text, r"el \d\d-\d\d a las \d\d:\d\d"
    assert len(re.findall(rf"Desde \d\d:\d\d hasta {day}\. ", page)) == 1
    assert len(re.findall(rf"Si nadie responde, desde {day} puedes publicarlo tú", page)) == 1


async def test_gaps_of_a_pack_keep_a_notice_from_being_published(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    page = (await rosa.get(PATH, params={"paquete": "corte-de-agua"})).text
    assert "Hay un corte de agua en [sectores]" in page
    assert "no me sale ni una gota" in page
    named = await written(world, rosa, texto="Vuelve a las [hora].", paquete="corte-de-agua")
    refused = await press(juan, que="publicar", **named)
    assert (refused.status_code, "Falta completar [hora]." in refused.text) == (422, True)


async def test_only_published_answers_can_be_replaced(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    world.faq.entries = (SimpleNamespace(id="horario", question="¿Cuándo atienden?"),)
    refused = await press(rosa, **FORM | {"reemplaza": "horario\nnada"})
    assert (refused.status_code, "No hay respuestas con estos nombres: nada." in refused.text) == (422, True)
    assert FORM["texto"] in refused.text  # what was written is not lost
    await written(world, rosa, reemplaza="horario")
    assert (await newest(world)).entries == ["horario"]


async def test_agent_may_not_open_the_page(world: DeskWorld) -> None:
    leo = await world.sign_in(LEO)
    assert [(await leo.get(path)).status_code for path in (PATH, MANUAL)] == [403, 403]


async def test_manual_is_a_pdf_that_the_page_leads_to(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    assert f'href="{MANUAL}"' in (await rosa.get(PATH)).text
    made = await rosa.get(MANUAL)
    assert (made.headers["content-type"], made.content[:4]) == ("application/pdf", b"%PDF")


async def test_drill_is_announced_first(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    due = "En los últimos 31 días no hubo un simulacro."
    assert due in (await rosa.get(PATH)).text
    named = await written(world, rosa, simulacro="1")
    assert due in (await rosa.get(PATH)).text
    await press(juan, que="publicar", **named)
    assert (await kept(world))[0].drill
    page = (await rosa.get(PATH)).text
    assert "PRUEBA · Aviso urgente" in page
    assert due not in page


async def test_proof_counts_processes_and_names_what_is_missing(world: DeskWorld, redis: Redis) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    one, other = (follower(redis, world.sessions, NoticeBoard()) for _ in range(2))
    await one.look()
    await other.look()
    named = await written(world, rosa)
    await press(juan, que="publicar", **named)
    await one.look()
    behind = (await rosa.get(f"{PATH}/prueba")).text
    assert "1 de 2 procesos y 0 de 1 canal" in behind
    assert "Todavía no lo muestra" in behind
    await other.look()
    assert re.search(r"2 de 2 procesos y 1 de 1 canal muestran esto, \d+,\d s", (await rosa.get(f"{PATH}/prueba")).text)


async def test_redis_gets_back_what_it_lost(world: DeskWorld, redis: Redis) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa))
    await redis.flushall()
    board = NoticeBoard()
    await follower(redis, world.sessions, board, keeps=True).look()
    assert [one.text for one in board.running] == await running(world) == [FORM["texto"]]


async def test_process_without_postgresql_reads_redis_and_without_both_keeps_what_it_has(
    world: DeskWorld, redis: Redis
) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa))
    engine, nowhere = open_database(NO_DATABASE)
    board = NoticeBoard()
    following = follower(redis, nowhere, board, keeps=True)
    await following.look()
    assert [one.text for one in board.running] == [FORM["texto"]]
    await redis.flushall()
    await following.look()
    assert [one.text for one in board.running] == [FORM["texto"]]
    await engine.dispose()


async def test_file_on_the_machine_is_shown_until_it_is_gone(redis: Redis, tmp_path: Any) -> None:
    engine, nowhere = open_database(NO_DATABASE)
    (tmp_path / "avisos").mkdir()
    file = tmp_path / "avisos" / "corte.md"
    file.write_text("Sin agua en el centro.\n", encoding="utf-8")
    board = NoticeBoard()
    following = follower(redis, nowhere, board, home=tmp_path)
    await following.look()
    assert [(one.text, one.signed) for one in board.running] == [("Sin agua en el centro.", "La Municipalidad")]
    file.unlink()
    await following.look()
    assert board.running == ()
    await engine.dispose()


async def test_page_shows_the_last_notice_and_that_it_cannot_change_while_postgresql_is_away(
    redis: Redis, agency: Agency
) -> None:
    engine, nowhere = open_database(NO_DATABASE)
    async with desk_world(redis, nowhere, agency) as world:
        world.board.show(NoticeSet.of((public_notice(text="Sin agua en el centro."),)))
        browser = world.browser()
        browser.cookies.set("ventanilla", "x" * 43)
        answer = await browser.get(PATH)
    await engine.dispose()
    assert answer.status_code == 503
    assert "Los avisos no se pueden cambiar ahora" in answer.text
    assert "Sin agua en el centro." in answer.text
    assert f"{NOWHERE}/avisos" in answer.text


async def test_command_prepares_a_drill_that_answers_nobody(world: DeskWorld, database_url: str) -> None:
    environment = {"DATABASE_URL": database_url, "COLUMNS": "200"}
    done = await asyncio.to_thread(CliRunner().invoke, crisis_app, ["drill"], env=environment)
    assert "/desk/avisos" in done.output
    drill = await newest(world)
    juan = await world.sign_in(JUAN)
    await make_older(world, ALONE_AFTER)
    named = {"id": str(drill.id), "version": "1"}
    assert (await press(juan, que="publicar", **named)).status_code == 303
    (shown,) = await kept(world)
    assert (shown.drill, shown.utterances, shown.text) == (True, (), drill_form(world.agency).text)


async def test_notice_that_redis_did_not_take_is_not_lost(world: DeskWorld, redis: Redis) -> None:
    rosa = await world.sign_in(ROSA)
    await written(world, rosa)
    async with world.sessions.begin() as session:
        values = {"state": "running", "published_at": func.now(), "starts_at": func.now()}
        await session.execute(update(Notice).values(**values, ends_at=func.now() + timedelta(hours=1)))
    assert (await kept(world), len((await recorded_set(world.sessions)).notices)) == ((), 1)
    spreading = Spreading(world.sessions, KeptNotices(redis), StaffNotices(redis))
    proof = await spreading.proof(("web",))
    assert proof is not None and not proof.is_complete
    await follower(redis, world.sessions, NoticeBoard(), keeps=True).look()
    assert await running(world) == [FORM["texto"]]
    assert (await spreading.proof(("web",)) or proof).is_complete


async def test_notice_is_published_while_redis_is_away_and_spread_later(world: DeskWorld, redis: Redis) -> None:
    rosa = await world.sign_in(ROSA)
    named = await written(world, rosa)
    nowhere = open_redis("redis://127.0.0.1:1")
    spreading = Spreading(world.sessions, KeptNotices(nowhere), StaffNotices(nowhere))
    book, juan = NoticeBook(world.sessions), Person(uuid4(), "Juan")
    notice = await book.publish(int(named["id"]), 1, juan)
    assert await spreading.now_ms() == 0
    await spreading.spread(0)
    await spreading.notify_everybody(notice)
    assert await spreading.proof(("web",)) is None
    await nowhere.aclose()
    await follower(redis, world.sessions, NoticeBoard(), keeps=True).look()
    assert await running(world) == [FORM["texto"]]


async def test_end_of_one_notice_is_not_shown_as_a_slow_change_of_another(world: DeskWorld, redis: Redis) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    following = follower(redis, world.sessions, NoticeBoard(), keeps=True)
    for text in ("Uno.", "Dos."):
        await press(juan, que="publicar", **await written(world, rosa, texto=text))
    await following.look()
    assert "después del cambio" in (await rosa.get(f"{PATH}/prueba")).text
    async with world.sessions.begin() as session:
        await session.execute(update(Notice).where(Notice.text == "Uno.").values(ends_at=func.now()))
    await following.look()
    shown = (await rosa.get(f"{PATH}/prueba")).text
    assert ("1 de 1 proceso" in shown, "después del cambio" in shown) == (True, False)
