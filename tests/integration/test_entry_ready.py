"""Tests the page of ready-made entries: chosen ones become drafts, which need all marks filled in to be published."""

from __future__ import annotations

import re
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.front_page import MUNICIPALITY, FrontPage
from bot.agency.model import Agency
from bot.desk.editing.disk import DRAFTS
from bot.desk.editing.editions import Editions
from bot.desk.editing.importing import Importer
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.agency.facts import read, written
from bot.desk.pages.entries.list_page import FEW
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.desk.pages.starting.page import HERE
from bot.faq.imports.ready_made import FOLDERS
from bot.record.engine import Sessions
from bot.record.tables import EntryEdition
from tests.desk_world import PASSWORD, DeskWorld
from tests.faq_files import ROOT
from tests.integration.entry_desk import ANA, LEO, address, editor, editors, press, save

LIGHT, PERMIT = "aseo/luminaria.md", "transito/permiso-circulacion.md"


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool
) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=four_eyes) as made:
        yield made


def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "data" / FOLDERS[MUNICIPALITY], tmp_path / DRAFTS, dirs_exist_ok=True))


def files_in(folder: Path) -> int:
    return len(list(folder.rglob("*.md")))


async def drafts(world: DeskWorld) -> list[str]:
    async with world.sessions() as session:
        return list(await session.scalars(select(EntryEdition.content).where(EntryEdition.state == "draft")))


async def test_editor_of_a_first_agency_sees_what_it_lacks_first(world: DeskWorld) -> None:
    signed_in = await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD})
    assert signed_in.headers["location"] == HERE
    asked = await world.browser().post("/desk/login", data={"correo": ANA, "clave": PASSWORD, "volver": LIST})
    agent = await world.browser().post("/desk/login", data={"correo": LEO, "clave": PASSWORD})
    assert [one.headers["location"] for one in (asked, agent)] == [LIST, "/desk"]
    shown = (await (await editor(world)).get(HERE)).text
    assert "Faltan 10 de 12" in shown and "2 personas pueden editar." in shown
    assert f'href="{LIST}/pruebas"' in shown and f'href="{await address(world)}"' in shown
    assert "Lo hace quien administra: Mi institución." in shown and 'href="/desk/institucion"' not in shown


async def test_facts_saved_since_the_start_count_and_the_restart_they_need_is_told(
    world: DeskWorld, faq_dir: Path
) -> None:
    browser, awaits = await editor(world), "la gente lo verá desde el próximo reinicio"
    assert awaits not in (await browser.get(HERE)).text
    demo = (ROOT / "agency.yml").read_text(encoding="utf-8")
    facts = read(demo)
    (faq_dir.parent / "agency.yml").write_text(written(demo, replace(facts, texts={**facts.texts, "nombre": "Tren"})))
    shown = (await browser.get(HERE)).text
    assert awaits in shown and "<p>Tren." in shown


async def test_agency_that_is_no_municipality_is_offered_only_questions_of_any_agency(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path
) -> None:
    other = replace(agency, name="Agua Los Boldos", front_page=FrontPage())
    async with editors(redis, database, other, faq_dir, four_eyes=False) as world:
        browser = await editor(world)
        listed, shown = (await browser.get(LIST)).text, (await browser.get(HERE)).text
        taken = {"csrf": browser.headers["X-CSRF-Token"], "pregunta": [LIGHT, "atencion/reclamo.md"]}
        done = await browser.post(HERE, data=taken)
    offered = re.findall(r'name="pregunta" value="([^"]+)"', shown)
    assert len(offered) == 8 and {one.partition("/")[0] for one in offered} == {"atencion"}
    assert "ocho preguntas ya escritas" in listed and "trámites municipales" not in listed + shown
    assert done.headers["location"].endswith("borradores-1-0&estado=draft")


@pytest.mark.parametrize("beginning", [True, False])
async def test_offered_questions_are_folded_once_the_agency_has_enough_of_its_own(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, beginning: bool
) -> None:
    other = replace(agency, name="Agua Los Boldos", front_page=FrontPage())
    async with editors(redis, database, other, faq_dir, four_eyes=False) as world:
        if not beginning:
            world.faq.entries = world.faq.entries[:1] * FEW
        shown = (await (await editor(world)).get(HERE)).text
    assert ('<details class="offered" open>' in shown) == beginning


async def test_chosen_entries_are_drafts_of_the_agency(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    assert len(world.faq.entries) < FEW and f'href="{HERE}"' in (await browser.get(LIST)).text
    shown = (await browser.get(HERE)).text
    assert len(re.findall(r'<input type="checkbox" name="pregunta"', shown)) == 19  # the agency has its «bache»
    assert "Ya la tienes" in shown and "Por completar: teléfono, página u oficina" in shown
    data = {"csrf": browser.headers["X-CSRF-Token"], "pregunta": [LIGHT, PERMIT, "aseo/bache.md", "../x.md"]}
    done = await browser.post(HERE, data=data)
    assert done.headers["location"] == f"{LIST}?traidas=borradores-2-0&estado=draft"
    made = await drafts(world)
    assert len(made) == 2
    light = next(one for one in made if "luminaria" in one)
    assert f"equipo: {world.agency.default_team}" in light and f"fuente: {world.agency.site}" in light
    assert not (faq_dir / LIGHT).exists()
    again = await browser.post(HERE, data=data)
    assert (again.status_code, "Marca al menos una que no tengas" in again.text) == (422, True)
    assert again.text.count("Ya la tienes, en borrador") == 2 and "En borrador hay 2" in again.text
    together = (await browser.get(f"{LIST}/borradores")).text  # says once for each draft how to complete its marks
    assert together.count("Falta completar:") > together.count("Con una marca no se publica") == 2


async def test_draft_of_a_published_entry_is_not_counted_among_those_that_nobody_reads(world: DeskWorld) -> None:
    browser = await editor(world)
    await save(browser, await address(world), 0, respuesta="Una respuesta que todavía se escribe.")
    assert len(await drafts(world)) == 1
    assert "En borrador hay" not in (await browser.get(HERE)).text
    await browser.post(HERE, data={"csrf": browser.headers["X-CSRF-Token"], "pregunta": [LIGHT]})
    assert "En borrador hay 1: nadie lo lee" in (await browser.get(HERE)).text


async def test_once_every_entry_is_a_draft_the_page_offers_to_complete_them_and_nothing_to_take(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path
) -> None:
    other = replace(agency, name="Agua Los Boldos", front_page=FrontPage())
    async with editors(redis, database, other, faq_dir, four_eyes=False) as world:
        browser = await editor(world)
        offered = re.findall(r'name="pregunta" value="([^"]+)"', (await browser.get(HERE)).text)
        await browser.post(HERE, data={"csrf": browser.headers["X-CSRF-Token"], "pregunta": offered})
        shown = (await browser.get(HERE)).text
    assert "Traer como borradores" not in shown and "Ya las tienes todas" in shown
    assert f'href="{LIST}?estado=draft">Completar los borradores' in shown


async def test_entry_is_not_published_while_a_mark_is_left(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    await browser.post(HERE, data={"csrf": browser.headers["X-CSRF-Token"], "pregunta": [LIGHT]})
    page = await address(world, LIGHT)
    shown = (await browser.get(page)).text
    assert "Falta completar: teléfono, página u oficina." in shown
    for what in ("publicar", "programar", "urgente"):
        refused = await press(browser, page, what, cuando="2030-03-01T09:00", motivo_urgente="No puede esperar")
        assert refused.status_code in (403, 422) and not (faq_dir / LIGHT).exists()
    answer = re.sub(r"\[\[[^\]]*\]\]", "al 600 000 0000", (await drafts(world))[0].partition("\n---\n")[2])
    assert (await press(browser, page, "publicar", respuesta=answer)).headers["location"].endswith("hecho=publicar")
    found = text_on_disk(faq_dir, LIGHT)
    assert found is not None and "al 600 000 0000" in found.content


async def test_discarded_draft_is_named_so_in_the_list_and_can_be_taken_again(world: DeskWorld) -> None:
    browser = await editor(world)
    data = {"csrf": browser.headers["X-CSRF-Token"], "pregunta": [LIGHT]}
    await browser.post(HERE, data=data)
    page = await address(world, LIGHT)
    await press(browser, page, "descartar")
    names = [await browser.get(LIST, params={"estado": one}) for one in ("withdrawn", "discarded")]
    assert [page in one.text for one in names] == [False, True]
    assert '<span class="state discarded">Borrador descartado</span>' in names[1].text
    await browser.post(HERE, data=data)
    assert (await address(world, LIGHT), len(await drafts(world))) == (page, 1)


async def test_only_editors_may_open_and_use_the_ready_made_entries(world: DeskWorld) -> None:
    agent = await world.sign_in_elsewhere(LEO)
    assert [(await agent.get(HERE)).status_code, (await agent.post(HERE, data={})).status_code] == [403, 403]


async def test_files_beside_the_faq_become_drafts_once(world: DeskWorld, faq_dir: Path, tmp_path: Path) -> None:
    folder = copied(tmp_path)
    importer = Importer(world.sessions, Editions(world.sessions), Publisher(world.sessions, faq_dir, four_eyes=False))
    assert await importer.take_drafts(folder) == 20
    assert (files_in(folder), len(await drafts(world))) == (0, 20)
    copied(tmp_path)
    assert (await importer.take_drafts(folder), files_in(folder)) == (0, 20)  # nothing is overwritten
    assert await importer.take_drafts(tmp_path / "none") == 0
