"""Tests the forms of public notices: what was refused stays in its form, replaced entries, ended notices again."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.desk.crisis.form import LOCAL
from bot.desk.pages.notices.forms import NEW_FORM
from bot.desk.pages.notices.page import PATH
from bot.record.engine import Sessions
from bot.record.tables.notices import Notice
from tests.desk_world import DeskWorld
from tests.integration.notices_desk import FORM, JUAN, ROSA, newest, press, two_supervisors, written

TRASH, WATER = "¿Qué días pasa la basura?", "¿Dónde pago el agua, y cuándo?"
PACK = {"paquete": "corte-de-agua"}
HIDDEN = re.compile(r'name="(id|version)" value="(\d+)"')


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with two_supervisors(redis, database, agency) as made:
        entries = (SimpleNamespace(id="basura", question=TRASH), SimpleNamespace(id="agua", question=WATER))
        made.faq.entries = entries  # type: ignore[assignment]
        yield made


def form_in(page: str, suffix: object) -> str:
    """Returns the HTML of one form of a notice."""
    return page.partition(f'id="form-{suffix}"')[2].partition("</form>")[0]


async def published(world: DeskWorld, **fields: str) -> Notice:
    named = await written(world, await world.sign_in(ROSA), **fields)
    await press(await world.sign_in(JUAN), que="publicar", **named)
    return await newest(world)


async def test_refused_correction_stays_a_correction_of_its_notice(world: DeskWorld) -> None:
    notice = await published(world)
    rosa = await world.sign_in(ROSA)
    wrong = FORM | {"id": str(notice.id), "version": "1", "texto": "Vuelve a las 02:00.", "reemplaza": "nada"}
    page = (await press(rosa, **wrong)).text
    own = form_in(page, f"v{notice.id}")
    assert ("Vuelve a las 02:00." in own, f'name="id" value="{notice.id}"' in own) == (True, True)
    assert "Vuelve a las 02:00." not in form_in(page, NEW_FORM)
    assert f'href="#form-v{notice.id}"' in page[page.index('role="alert"') :]
    await press(rosa, **wrong | {"reemplaza": ""})
    corrected = await newest(world)
    assert (corrected.number, corrected.revision) == (notice.number, 2)


async def test_correction_of_a_notice_that_starts_later_starts_when_it_did(world: DeskWorld) -> None:
    later = (datetime.now(ZoneInfo(world.agency.timezone)) + timedelta(hours=8)).replace(second=0, microsecond=0)
    notice = await published(world, desde=later.strftime(LOCAL))
    rosa = await world.sign_in(ROSA)
    desde = re.search(r'name="desde" value="([^"]*)"', form_in((await rosa.get(PATH)).text, f"v{notice.id}"))
    assert desde
    shown = {"id": str(notice.id), "version": str(notice.version), "desde": desde[1]}
    corrected = await published(world, **shown, texto="Se corta a las 06:00.")
    times = [(one.starts_at, one.ends_at) for one in (notice, corrected)]
    assert (corrected.revision, times) == (2, [(later, later + timedelta(hours=4))] * 2)


async def test_correction_of_a_notice_that_is_shown_does_not_start_later(world: DeskWorld) -> None:
    notice = await published(world)
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    soon = datetime.now(ZoneInfo(world.agency.timezone)) + timedelta(hours=1)
    fields = FORM | {"id": str(notice.id), "version": "1", "texto": "El camión está en la plaza."}
    refused = await press(rosa, **fields, desde=soon.strftime(LOCAL))
    assert (refused.status_code, "Una corrección parte al aprobarla" in refused.text) == (422, True)
    await press(rosa, **fields)
    draft = await newest(world)
    async with world.sessions.begin() as session:  # as if it was saved before the notice was shown
        await session.execute(update(Notice).where(Notice.id == draft.id).values(starts_at=soon))
    named = {"id": str(draft.id), "version": str(draft.version)}
    assert (await press(juan, que="publicar", **named)).status_code == 422
    async with world.sessions() as session:
        assert list(await session.scalars(select(Notice.id).where(Notice.state == "running"))) == [notice.id]


async def test_draft_that_somebody_else_saved_is_not_replaced_by_a_second_press(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    await press(juan, **FORM | named | {"texto": "Lo de Juan."})
    refused = await press(rosa, **FORM | named | {"texto": "Lo de Rosa."})
    new, own = form_in(refused.text, NEW_FORM), form_in(refused.text, f"b{named['id']}")
    assert (refused.status_code, "Lo de Rosa." in new, "Lo de Juan." in own) == (409, True, True)
    assert "Juan cambió este borrador" in new and 'name="id" value="0"' in new and "Lo de Rosa." not in own
    await press(rosa, **FORM | dict(HIDDEN.findall(new)) | {"texto": "Lo de Rosa."})
    async with world.sessions() as session:
        assert sorted(await session.scalars(select(Notice.text))) == ["Lo de Juan.", "Lo de Rosa."]


async def test_draft_refused_for_another_reason_keeps_the_version_that_was_opened(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    await press(juan, **FORM | named | {"texto": "Lo de Juan."})
    wrong = await press(rosa, **FORM | named | {"texto": "Lo de Rosa.", "reemplaza": "nada"})
    own = form_in(wrong.text, f"b{named['id']}")
    assert (wrong.status_code, "Lo de Rosa." in own) == (422, True)
    again = await press(rosa, **FORM | dict(HIDDEN.findall(own)) | {"texto": "Lo de Rosa."})
    assert (again.status_code, (await newest(world)).text) == (409, "Lo de Juan.")


async def test_refused_new_notice_keeps_its_pack_and_its_ticks(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    step = re.search(r'name="paso" value="([^"]+)"', (await rosa.get(PATH, params=PACK)).text)
    assert step
    page = (await press(rosa, **FORM | PACK, reemplaza="nada", paso=step[1])).text
    assert f'value="{step[1]}" checked' in page
    assert f'href="#form-{NEW_FORM}"' in page


async def test_replaced_answers_are_named_by_question_by_address_or_by_id(world: DeskWorld) -> None:
    rosa = await world.sign_in(ROSA)
    named = await written(
        world, rosa, reemplaza=f"https://www.losaromos.example/tramites/basura, basura\n{WATER.lower()}"
    )
    assert (await newest(world)).entries == ["basura", "agua"]
    page = (await rosa.get(PATH)).text
    assert f"{TRASH}\n{WATER}" in form_in(page, f"b{named['id']}")
    assert f'<option value="{WATER}">' in page
    await written(world, rosa, reemplaza="", otra=TRASH)  # chosen in a browser without the page's script
    assert (await newest(world)).entries == ["basura"]


async def test_notice_lifted_by_mistake_is_written_again_with_two_presses(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    offered = re.findall(r'name="medida" value="([^"]+)"', (await rosa.get(PATH, params=PACK)).text)
    notice = await published(world, **PACK, reemplaza=TRASH, medida=offered[0])
    await press(juan, que="terminar", id=str(notice.id), version=str(notice.version))
    link = f"{PATH}?otra_vez={notice.id}#h-new"
    assert link in (await rosa.get(PATH)).text
    new = form_in((await rosa.get(link)).text, NEW_FORM)
    for kept in (
        FORM["texto"],
        "Centro\nLas Quilas",
        "no sale agua",
        TRASH,
        'value="corte-de-agua"',
        'name="id" value="0"',
    ):
        assert kept in new
    assert f'value="{offered[0]}" checked' in new
    assert f'value="{offered[1]}" checked' not in new


async def test_page_is_told_that_somebody_changed_the_notices(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    named = await written(world, rosa)
    again = re.search(r'data-again="([^"]+)"', (await rosa.get(PATH)).text)
    assert again
    assert "Alguien cambió" not in (await rosa.get(again[1])).text
    await press(juan, que="publicar", **named)
    assert "Alguien cambió" in (await rosa.get(again[1])).text


async def test_author_has_the_form_for_publishing_alone_which_shows_itself_in_time(world: DeskWorld) -> None:
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await written(world, rosa)
    page = (await rosa.get(PATH)).text
    assert re.search(r'<form method="post" action="/desk/avisos" hidden data-shown-in="(29\d|300)">', page)
    assert "data-shown-in" not in (await juan.get(PATH)).text
