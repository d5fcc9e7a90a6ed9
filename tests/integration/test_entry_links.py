"""Tests the link with which a responsible unit approves a changed entry, once and without an account."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.desk.auth.throttles import FAILURES_PER_NETWORK
from bot.desk.editing.links import PATH, Decision, UnitLinks, Void
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.entries.unit_page import MAX_NAME
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryLink
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import (
    ANA,
    EVA,
    address,
    edition,
    editor,
    editors,
    notices_of,
    press,
    save,
    tell,
    told,
)

LINK = re.compile(rf'value="http[^"]*({PATH}/[\w-]+)" readonly')
UNIT = "Dirección de Tránsito"
QUESTION = "¿Cómo aviso de un hoyo en la calle?"
WHO = {"nombre": "María, jefa de Tránsito"}


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=True) as made:
        yield made


async def link(world: DeskWorld, answer: str = "Ahora se avisa **por teléfono**.") -> str:
    """Sends a draft to review and makes a link for the unit; returns its path."""
    browser, page = await editor(world), await address(world)
    await press(browser, page, "enviar", respuesta=answer)
    found = LINK.search((await press(browser, page, "pedir_visto_bueno", unidad=UNIT)).text)
    assert found
    return found[1]


async def say(browser: httpx.AsyncClient, path: str, what: str, **fields: str) -> str:
    return (await browser.post(path, data={"que": what} | WHO | fields)).text


async def rows(world: DeskWorld) -> list[EntryLink]:
    async with world.sessions() as session:
        return list(await session.scalars(select(EntryLink).order_by(EntryLink.id)))


async def test_unit_reads_the_answer_and_what_changed_and_approves_it_once(world: DeskWorld, faq_dir: Path) -> None:
    path, unit = await link(world), world.browser()
    shown = await unit.get(path)
    assert shown.headers["cache-control"] == "no-store" and "noindex" in shown.headers["x-robots-tag"]
    assert "<strong>por teléfono</strong>" in shown.text and "<ins>" in shown.text and UNIT in shown.text
    assert (await unit.get(path)).status_code == 200  # a mail program that looks at the link does not use it up
    assert "Quedó aprobado" in await say(unit, path, "aprobar")
    assert (await told(world, ANA))[-1] == f"María, jefa de Tránsito, {UNIT}, dio el visto bueno: {QUESTION}"
    assert "Este enlace ya se usó" in await say(unit, path, "cambios", comentario="no")
    assert "Este enlace ya se usó" in (await unit.get(path)).text
    page = (await (await editor(world, EVA)).get(await address(world))).text
    assert f"{UNIT} lo aprobó: María, jefa de Tránsito" in page
    assert text_on_disk(faq_dir, "calle/bache.md").content.endswith("Respuesta sobre bache.\n")  # type: ignore[union-attr]
    assert (await press(await editor(world), await address(world), "publicar")).status_code == 422  # no second person
    async with world.sessions() as session:
        done = await session.scalars(select(Audit.detail["decision"].astext).where(Audit.action == "entry_decided"))
        assert list(done) == ["approved"]


async def test_unit_asks_for_changes_and_the_entry_is_a_draft_again(world: DeskWorld) -> None:
    path, unit = await link(world), world.browser()
    assert "Escribe qué hay que cambiar" in await say(unit, path, "cambios")
    assert "Escribe tu nombre" in await say(unit, path, "aprobar", nombre=" ")
    assert "los cambios que pides" in await say(unit, path, "cambios", comentario="Falta el horario")
    assert (await edition(world)).state == "draft"
    await tell(world)
    (notice,) = await notices_of(world, ANA)
    assert (notice.by, notice.text) == (f"{WHO['nombre']}, {UNIT}, pide cambios: {QUESTION}", "Falta el horario")
    page = (await (await editor(world, EVA)).get(await address(world))).text
    assert "Falta el horario" in page and f"{UNIT} pidió cambios" in page


async def test_later_edit_and_a_week_make_the_link_void(world: DeskWorld) -> None:
    first, unit, browser, page = await link(world), world.browser(), await editor(world), await address(world)
    version = (await edition(world)).version
    await save(browser, page, version, respuesta="Ahora se avisa por correo.")
    assert "El texto cambió" in (await unit.get(first)).text
    assert "El texto cambió" in await say(unit, first, "aprobar")
    second = await link(world, "Ahora se avisa por carta.")
    async with world.sessions.begin() as session:
        await session.execute(update(EntryLink).values(expires_at=datetime.now(UTC) - timedelta(minutes=1)))
    assert "Este enlace venció" in await say(unit, second, "aprobar")
    assert [one.decision for one in await rows(world)] == ["", ""]


async def test_used_link_stays_answered_after_the_draft_is_discarded(world: DeskWorld) -> None:
    path, unit = await link(world), world.browser()
    await say(unit, path, "aprobar")
    await press(await editor(world), await address(world), "descartar")
    links, token = UnitLinks(world.sessions), path.rpartition("/")[2]
    asked = await links.asked(token)
    assert asked is not None
    assert asked.void is await links.decide(token, Decision.CHANGES, "María", "no") is Void.ANSWERED


async def test_only_the_hash_of_the_secret_is_kept(world: DeskWorld) -> None:
    secret = (await link(world)).rpartition("/")[2]
    (row,) = await rows(world)
    assert secret not in str(vars(row)) and len(row.token_hash) == 64
    assert await UnitLinks(world.sessions).asked(row.token_hash) is None
    assert len(WHO["nombre"]) < MAX_NAME


async def test_guesses_are_throttled_and_other_sites_cannot_answer(world: DeskWorld) -> None:
    path, unit = await link(world), world.browser()
    refused = await unit.post(path, data={"que": "aprobar"} | WHO, headers={"Origin": "https://otro.example"})
    assert refused.status_code == 403
    codes = [(await unit.get(f"{PATH}/x{number}")).status_code for number in range(FAILURES_PER_NETWORK + 1)]
    assert codes == [404] * FAILURES_PER_NETWORK + [429]
    assert (await unit.get(path)).status_code == 429
