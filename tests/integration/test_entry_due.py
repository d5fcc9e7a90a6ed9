"""Tests that a scheduled entry is measured again when due, and that none goes live or is lost without a notice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.desk.editing.measuring.due import PATIENCE, Due
from bot.desk.editing.measuring.effect import Effects
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Stop
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument, EntryEdition, EntryPublication
from tests.desk_world import DeskWorld, served
from tests.faq_files import written
from tests.integration.entry_desk import ANA, EVA, Assistant, address, edition, editor, editors, look, press, told

LATER = "2030-03-01T09:00"
DUE = datetime(2030, 3, 1, 12, 0, 1, tzinfo=UTC)  # a second after nine o'clock in Chile
WHY = "Ese mensaje era de otra cosa"


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool, assistant: Assistant
) -> AsyncIterator[DeskWorld]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(assistant.app))
        made = editors(redis, database, agency, faq_dir, four_eyes=four_eyes, actions_url=url)
        world = await stack.enter_async_context(made)
        world.actions_url = url  # type: ignore[attr-defined]
        yield world


def due_of(world: DeskWorld, faq_dir: Path, url: str | None = None) -> Due:
    publisher = Publisher(world.sessions, faq_dir, four_eyes=world.agency.four_eyes)
    effects = Effects(world.sessions, ActionsEndpoint(world.actions_url if url is None else url))  # type: ignore[attr-defined]
    return Due(world.sessions, publisher, effects)


async def schedule(world: DeskWorld, answer: str, **fields: str) -> None:
    done = await press(await editor(world), await address(world), "programar", respuesta=answer, cuando=LATER, **fields)
    assert done.headers["location"].endswith("hecho=programar"), done.headers["location"]


def shown(faq_dir: Path) -> str:
    found = text_on_disk(faq_dir, "calle/bache.md")
    return found.content.rpartition("---\n")[2].strip() if found else ""


async def test_text_that_ends_before_its_date_is_not_scheduled(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    ends = {"campo-vence": "2030-02-28"}
    refused = await press(browser, page, "programar", respuesta="Desde marzo.", cuando=LATER, **ends)
    assert (refused.status_code, "Vence antes de la fecha" in refused.text) == (422, True)
    assert (await edition(world)).state == "draft"
    await schedule(world, "Desde marzo.", **{"campo-vence": "2030-03-01"})
    assert (await edition(world)).state == "scheduled"


async def test_scheduled_entry_is_published_when_its_time_comes(world: DeskWorld, faq_dir: Path) -> None:
    browser, page = await editor(world), await address(world)
    refused = await press(browser, page, "programar", respuesta="Desde marzo.", cuando="")
    assert refused.status_code == 422 and "Elige el día y la hora" in refused.text
    await press(browser, page, "programar", cuando=LATER)
    assert "Programada para el 01-03-2030 09:00" in (await browser.get(page)).text
    due = due_of(world, faq_dir)
    await due.publish(DUE - timedelta(seconds=2))
    assert (await edition(world)).state == "scheduled"
    await due.publish(DUE)
    assert (shown(faq_dir), await told(world)) == ("Desde marzo.", [])


async def test_due_entries_are_published_in_the_order_of_their_times(world: DeskWorld, faq_dir: Path) -> None:
    await schedule(world, "Desde marzo.")
    await press(await editor(world), await address(world, "calle/chip.md"), "programar", respuesta="Hoy.", cuando=LATER)
    chip = select(EntryDocument.id).where(EntryDocument.path == "calle/chip.md").scalar_subquery()
    async with world.sessions.begin() as session:
        earlier = update(EntryEdition).where(EntryEdition.document_id == chip)
        await session.execute(earlier.values(publish_at=EntryEdition.publish_at - timedelta(hours=1)))
    await due_of(world, faq_dir).publish(DUE)
    of = select(EntryDocument.path).join(EntryPublication, EntryPublication.document_id == EntryDocument.id)
    async with world.sessions() as session:
        paths = (await session.scalars(of.order_by(EntryPublication.id))).all()
    assert paths[-2:] == ["calle/chip.md", "calle/bache.md"]


async def test_due_entry_that_now_loses_a_test_message_is_stopped_and_reported_once(
    world: DeskWorld, faq_dir: Path, assistant: Assistant
) -> None:
    await schedule(world, "Desde marzo.")
    assistant.loses = "Desde marzo."  # another entry was published meanwhile
    before = shown(faq_dir)
    for _ in range(2):
        await due_of(world, faq_dir).publish(DUE)
    assert (shown(faq_dir), (await edition(world)).stopped) == (before, Stop.LOST)
    question = "¿Cómo aviso de un hoyo en la calle?"
    assert await told(world) == await told(world, ANA) == [f"No se publicó a su hora: {question}"]
    browser, page = await editor(world, EVA), await address(world)
    listed = (await browser.get(LIST, params={"estado": "stopped"})).text
    assert "No se publicaron" in listed and "Detenida (1)" in listed
    assert "Detenida: estaba programada para el 01-03-2030 09:00" in (await browser.get(page)).text
    assert "se pierde una forma de preguntar" in (await browser.get(f"{page}/efecto?para=publicar")).text
    assert (await press(browser, page, "publicar", motivo_efecto=WHY)).headers["location"].endswith("hecho=publicar")
    assert shown(faq_dir) == "Desde marzo."


async def test_loss_that_was_accepted_does_not_stop_the_scheduled_publication(world: DeskWorld, faq_dir: Path) -> None:
    await schedule(world, "Esto pierde.", motivo_efecto=WHY)
    assert (await edition(world)).accepted == ["bache: hay un hoyo"]
    await due_of(world, faq_dir).publish(DUE)
    assert shown(faq_dir) == "Esto pierde."


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_loss_that_the_approval_accepted_does_not_stop_the_scheduled_publication(
    world: DeskWorld, faq_dir: Path
) -> None:
    await press(await editor(world), await address(world), "programar", respuesta="Esto pierde.", cuando=LATER)
    digest = (await edition(world)).hash
    await press(await editor(world, EVA), await address(world), "aprobar", hash=digest, motivo_efecto=WHY)
    assert (await edition(world)).state == "scheduled"
    await due_of(world, faq_dir).publish(DUE)
    assert shown(faq_dir) == "Esto pierde."


async def test_due_entry_waits_for_the_action_server_and_is_reported_after_a_while(
    world: DeskWorld, faq_dir: Path
) -> None:
    await schedule(world, "Desde marzo.")
    before = shown(faq_dir)
    away = due_of(world, faq_dir, url="")
    await away.publish(DUE)
    assert ((await edition(world)).stopped, await told(world)) == ("", [])
    await away.publish(DUE + PATIENCE)  # asked again too soon: nothing is measured
    assert (await edition(world)).stopped == ""
    await due_of(world, faq_dir, url="").publish(DUE + PATIENCE)
    assert (shown(faq_dir), (await edition(world)).stopped, len(await told(world))) == (before, Stop.UNMEASURED, 1)
    assert "no se ha podido medir" in (await (await editor(world)).get(LIST)).text
    await due_of(world, faq_dir).publish(DUE + PATIENCE)
    assert shown(faq_dir) == "Desde marzo."


async def test_unpublishable_entry_is_a_draft_again_and_is_reported(world: DeskWorld, faq_dir: Path) -> None:
    await schedule(world, "Desde marzo.")
    (faq_dir / "calle" / "bache.md").write_text(written("bache", "¿Del disco?", ["hay un hoyo"]))
    await look(world, faq_dir)
    await due_of(world, faq_dir).publish(DUE)
    one = await edition(world)
    assert (one.state, one.stopped, len(await told(world))) == ("draft", Stop.FAILED, 1)
    assert "Quedó como borrador" in (await (await editor(world)).get(LIST)).text


async def test_entry_that_cannot_be_written_delays_no_other_and_is_reported(world: DeskWorld, faq_dir: Path) -> None:
    await schedule(world, "Desde marzo.")
    browser, other = await editor(world), await address(world, "calle/chip.md")
    await press(browser, other, "programar", respuesta="El chip es gratis.", cuando=LATER)
    blocked = faq_dir / "calle" / ".bache.md.new"
    blocked.mkdir()  # where its text would be written
    due, before = due_of(world, faq_dir), shown(faq_dir)
    await due.publish(DUE)
    chip = text_on_disk(faq_dir, "calle/chip.md")
    assert chip is not None and "El chip es gratis." in chip.content and await told(world) == []
    await due_of(world, faq_dir).publish(DUE + PATIENCE)
    assert (shown(faq_dir), len(await told(world))) == (before, 1)
    assert "No se ha podido escribir su archivo" in (await browser.get(LIST, params={"estado": "stopped"})).text
    publisher = Publisher(world.sessions, faq_dir, four_eyes=False)
    await publisher.recover()
    assert shown(faq_dir) == before
    blocked.rmdir()
    await publisher.recover()
    async with world.sessions() as session:
        states = (await session.scalars(select(EntryPublication.state))).all()
    assert (shown(faq_dir), states) == ("Desde marzo.", ["done", "done"])


async def test_edit_of_what_is_being_measured_is_not_published(world: DeskWorld, faq_dir: Path) -> None:
    await schedule(world, "Desde marzo.")
    one = await edition(world)
    async with world.sessions.begin() as session:
        await session.execute(update(EntryEdition).values(state="draft"))
    before = shown(faq_dir)
    await due_of(world, faq_dir)._publish(one, "calle/bache.md", DUE)
    assert (shown(faq_dir), (await edition(world)).stopped) == (before, "")
