"""Tests a second person's decision on a draft: returned with a reason, or approved for now, a date or later."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.desk.editing.measuring.due import Due
from bot.desk.editing.measuring.effect import Effects
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.desk.views.times import day_and_hour
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryApproval, EntryEdition
from tests.desk_world import DeskWorld, served
from tests.faq_files import write_folder
from tests.integration.entry_desk import ANA, EVA, Assistant, address, edition, editor, editors, look, press, save, told

QUESTION = "¿Cómo aviso de un hoyo en la calle?"
WHY = "Falta el horario de atención"
LATER = "2030-03-01T09:00"
MEANWHILE = re.compile(r'<div class="diff newer".*?</div>', re.DOTALL)


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=True) as made:
        yield made


async def sent(world: DeskWorld, answer: str = "Ahora se avisa por carta.", **fields: str) -> str:
    """Sends Ana's draft to review; returns the path of the entry's page."""
    page = await address(world)
    what, told = ("programar", "enviar_fecha") if fields else ("enviar", "enviar")
    done = await press(await editor(world), page, what, respuesta=answer, **fields)
    assert done.headers["location"].endswith(f"hecho={told}") and (await edition(world)).state == "review"
    return page


async def decide(world: DeskWorld, what: str, email: str = EVA, **fields: str) -> str:
    """Presses a button on the entry's page; returns the target of the redirect, or the page if there is none."""
    digest = (await edition(world)).hash
    done = await press(await editor(world, email), await address(world), what, hash=digest, **fields)
    return done.headers.get("location", done.text)


async def approvals(world: DeskWorld) -> list[str]:
    async with world.sessions() as session:
        return list(await session.scalars(select(EntryApproval.name)))


def shown(faq_dir: Path) -> str:
    found = text_on_disk(faq_dir, "calle/bache.md")
    return found.content.rpartition("---\n")[2].strip() if found else ""


async def test_second_person_returns_a_draft_with_a_reason_and_is_notified_of_its_correction(world: DeskWorld) -> None:
    page = await sent(world)
    assert "Devolver con cambios" not in (await (await editor(world)).get(page)).text
    assert "La aprueba otra persona" in await decide(world, "devolver", ANA, motivo_devolver=WHY)
    assert "Escribe el motivo" in await decide(world, "devolver", motivo_devolver="no")
    assert (await edition(world)).state == "review" and len(await told(world)) == 1
    assert (await decide(world, "devolver", motivo_devolver=WHY)).endswith("hecho=devolver")
    assert (await edition(world)).state == "draft"
    assert (await told(world, ANA), await told(world)) == ([f"Eva te pide cambios: {QUESTION}"], [])
    mine = (await (await editor(world)).get(page)).text
    assert "Eva pidió cambios" in mine and mine.count(WHY) == 2  # at the top, and among the comments
    await sent(world, "Ahora se avisa por carta, de 9 a 14.")
    assert "Eva pidió cambios" not in (await (await editor(world)).get(page)).text
    assert len(await told(world)) == 1  # the first request went when the draft was returned
    async with world.sessions() as session:
        rows = await session.scalars(select(Audit.detail["hash"].astext).where(Audit.action == "entry_returned"))
        assert len(list(rows)) == 1


async def test_page_says_since_when_a_draft_waits_for_approval_not_when_it_was_begun(world: DeskWorld) -> None:
    await save(await editor(world), await address(world), 0, respuesta="Ahora se avisa por carta.")
    async with world.sessions.begin() as session:
        long_ago = datetime(2026, 1, 2, 15, 0, tzinfo=UTC)
        await session.execute(update(EntryEdition).values(changed_at=long_ago))
    page = await sent(world)
    shown = (await (await editor(world, EVA)).get(page)).text
    since = (await edition(world)).changed_at
    assert "02-01-2026" not in shown and day_and_hour(since, ZoneInfo(world.agency.timezone)) in shown
    assert "En revisión desde el" in shown and since > long_ago


async def test_approved_text_waits_until_somebody_publishes_it_in_one_click(world: DeskWorld, faq_dir: Path) -> None:
    await sent(world)
    before = shown(faq_dir)
    assert (await decide(world, "aprobar_solo")).endswith("hecho=aprobar_solo")
    assert (shown(faq_dir), (await edition(world)).state) == (before, "approved")
    ana = await editor(world)
    listed = (await ana.get(LIST, params={"estado": "approved"})).text
    assert "Aprobada (1)" in listed and "Aprobadas, sin publicar" in listed and QUESTION in listed
    done = await press(ana, await address(world), "publicar_aprobada", volver_a="lista")
    assert done.headers["location"] == f"{LIST}?hecho=publicar"
    assert shown(faq_dir) == "Ahora se avisa por carta."
    assert "Aprobadas, sin publicar" not in (await ana.get(LIST)).text


async def test_later_edit_or_return_voids_an_approval(world: DeskWorld, faq_dir: Path) -> None:
    page, before = await sent(world), shown(faq_dir)
    await decide(world, "aprobar_solo")
    await save(await editor(world), page, (await edition(world)).version, respuesta="Otra cosa.")
    assert (await edition(world)).state == "draft"
    assert "Falta que otra persona apruebe" in await decide(world, "publicar_aprobada", ANA)
    await sent(world)
    await decide(world, "aprobar_solo")
    await decide(world, "devolver", motivo_devolver=WHY)
    assert await approvals(world) == []
    assert "Falta que otra persona apruebe" in await decide(world, "publicar_aprobada", ANA)
    assert shown(faq_dir) == before


async def test_approver_chooses_when_it_goes_live(world: DeskWorld, faq_dir: Path) -> None:
    page = await sent(world, cuando=LATER)
    assert "Aprobar para el 01-03-2030 09:00" in (await (await editor(world, EVA)).get(page)).text
    assert "Elige el día y la hora" in await decide(world, "aprobar_fecha", cuando="")
    await decide(world, "aprobar_fecha", cuando="2030-04-02T10:30")
    one = await edition(world)
    assert one.state == "scheduled" and f"{one.publish_at:%Y-%m-%d}" == "2030-04-02"
    await decide(world, "aprobar_solo")  # on a page that was opened before
    one = await edition(world)
    assert one.state == "scheduled" and one.publish_at is not None
    await sent(world, "Hoy mismo.", cuando=LATER)
    assert (await decide(world, "aprobar_ahora")).endswith("hecho=publicar") and shown(faq_dir) == "Hoy mismo."


async def test_approved_text_is_scheduled_without_another_review(world: DeskWorld) -> None:
    page = await sent(world)
    await decide(world, "aprobar_solo")
    done = await press(await editor(world), page, "programar", cuando=LATER)
    assert done.headers["location"].endswith("hecho=programar")
    async with world.sessions() as session:
        assert list(await session.scalars(select(EntryEdition.state))) == ["scheduled"]


async def test_nothing_is_lost_when_valkey_is_emptied(world: DeskWorld, faq_dir: Path, redis: Any) -> None:
    ana = await editor(world)
    chip, licence = await address(world, "calle/chip.md"), await address(world, "calle/licencia.md")
    await press(ana, chip, "guardar", respuesta="Un borrador.")
    await press(ana, chip, "comentar", comentario="Falta el precio")
    await sent(world)
    await decide(world, "aprobar_fecha", cuando=LATER)
    await press(ana, licence, "enviar", respuesta="Se renueva en línea.")
    digest = (await edition(world)).hash
    await press(await editor(world, EVA), licence, "aprobar_solo", hash=digest)
    await redis.flushall()
    draft = (await ana.get(chip)).text
    assert "Un borrador." in draft and "Falta el precio" in draft
    assert await told(world, ANA) == ["Se aprobaron 2 textos tuyos"]
    due = datetime(2030, 3, 1, 12, 0, 1, tzinfo=UTC)
    publisher = Publisher(world.sessions, faq_dir, four_eyes=True)
    async with served(Assistant().app) as url:
        await Due(world.sessions, publisher, Effects(world.sessions, ActionsEndpoint(url))).publish(due)
    assert shown(faq_dir) == "Ahora se avisa por carta."
    assert (await press(ana, licence, "publicar_aprobada")).headers["location"].endswith("hecho=publicar")


async def test_page_of_a_draft_shows_that_its_file_changed_on_the_disk(world: DeskWorld, faq_dir: Path) -> None:
    ana, page = await editor(world), await sent(world)
    file, told = faq_dir / "calle" / "bache.md", "ese cambio no está en este borrador"
    assert told not in (await ana.get(page)).text
    file.write_text(file.read_text().replace("Respuesta sobre bache.", "Escrito en el disco."))
    await look(world, faq_dir)
    shown = (await ana.get(page)).text
    assert told in shown and "Escrito" in MEANWHILE.findall(shown)[0]
    assert (await edition(world)).content.endswith("Ahora se avisa por carta.\n")
    file.write_text(file.read_text().replace("Escrito en el disco.", "Corregido en el disco."))
    await look(world, faq_dir)
    seen = dict(re.findall(r'name="(publicada|disco)" value="(\w*)"', shown))
    refused = await press(ana, page, "seguir", **seen)
    assert refused.status_code == 422 and "llegó otro texto más" in refused.text
    assert "Corregido" in MEANWHILE.findall(refused.text)[0]
    await press(ana, page, "seguir")
    assert told not in (await ana.get(page)).text


async def test_edit_on_the_disk_that_a_draft_hid_waits_for_review_once_it_is_discarded(
    world: DeskWorld, faq_dir: Path
) -> None:
    ana, page = await editor(world), await sent(world)
    file = faq_dir / "calle" / "bache.md"
    file.write_text(file.read_text().replace("Respuesta sobre bache.", "Escrito en el disco."))
    await look(world, faq_dir)
    done = await press(ana, page, "descartar")
    assert "espera ahora que alguien lo revise" in (await ana.get(done.headers["location"])).text
    one = await edition(world)
    assert one.state == "review" and one.content.endswith("Escrito en el disco.\n")
