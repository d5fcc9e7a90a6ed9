"""Tests how entries go live without waiting for a second person, are withdrawn and confirmed, and stopped by tests."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select, update

from bot.agency.model import Agency
from bot.desk.editing.measuring.gate import MIN_REASON
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor
from bot.desk.editing.second_look import WITHIN, SecondLooks, Unconfirmed
from bot.desk.editing.staff_notices.notifier import EntryNotifier
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.entries.effect_page import STOPPED
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryPublication, Staff
from bot.store.client import open_redis
from bot.tickets.staff_notices import StaffNotices
from tests.desk_world import DeskWorld, served
from tests.faq_files import QUESTIONS, write_folder, written
from tests.integration import recorded
from tests.integration.entry_desk import (
    ANA,
    EVA,
    LEO,
    Assistant,
    address,
    edition,
    editor,
    editors,
    look,
    press,
    save,
)
from tests.transcripts import SECRET

FILE = "calle/bache.md"
PHONE = "Respuesta sobre bache. Llama al 2 2345 {}."
WHY = "Lo pidió la alcaldía"
CONFIRMING = re.compile(r'name="publicada" value="(\w+)"><button[^>]* value="confirmar"')


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    folder = write_folder(tmp_path / "faq")
    question, *variants = QUESTIONS["bache"]
    soon = date.today() + timedelta(days=3)
    content = written("bache", question, variants, extra=f"vence: {soon.isoformat()}\n")
    (folder / FILE).write_text(content.replace("Respuesta sobre bache.", PHONE.format("6789")))
    return folder


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture(params=[True])
def four_eyes(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool, assistant: Assistant
) -> AsyncIterator[DeskWorld]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(assistant.app))
        made = editors(redis, database, agency, faq_dir, four_eyes=four_eyes, actions_url=url)
        yield await stack.enter_async_context(made)


async def act(world: DeskWorld, what: str, by: str = ANA, **fields: str) -> str:
    """Presses a button of the entry's page; returns the query of the redirect, or the page with the error."""
    answer = await press(await editor(world, by), await address(world), what, **fields)
    return answer.headers.get("location", "").rpartition("?")[2] or answer.text


async def publications(world: DeskWorld) -> list[EntryPublication]:
    async with world.sessions() as session:
        return list(await session.scalars(select(EntryPublication).order_by(EntryPublication.id)))


async def audited(world: DeskWorld, action: str) -> list[dict[str, Any]]:
    async with world.sessions() as session:
        return list(await session.scalars(select(Audit.detail).where(Audit.action == action).order_by(Audit.id)))


def shown(faq_dir: Path) -> str:
    found = text_on_disk(faq_dir, FILE)
    return found.content.rpartition("---\n")[2].strip() if found else ""


async def test_minor_correction_is_live_at_once_and_another_person_confirms_it(world: DeskWorld, faq_dir: Path) -> None:
    fields = {"respuesta": PHONE.format("0000")}
    saved = (await save(await editor(world), await address(world), 0, **fields)).json()
    assert saved["minor"] is True
    assert await act(world, "corregir", **fields) == "hecho=corregir"
    assert shown(faq_dir) == PHONE.format("0000")
    await look(world, faq_dir)
    assert "Falta una segunda mirada" in (await (await editor(world, EVA)).get(LIST)).text
    assert "La aprueba otra persona" in await act(world, "confirmar")
    async with world.sessions.begin() as session:
        await session.execute(update(EntryPublication).values(at=datetime.now(UTC) - WITHIN - timedelta(minutes=1)))
    assert "Atrasada: había que mirarla" in (await (await editor(world, EVA)).get(LIST)).text
    assert await act(world, "confirmar", EVA, volver_a="lista") == "hecho=confirmar"
    assert "Falta una segunda mirada" not in (await (await editor(world, EVA)).get(LIST)).text
    assert [(one.way, one.confirmed_name) for one in await publications(world)] == [("minor", "Eva")]
    assert len(await audited(world, "entry_confirmed")) == 1


async def test_further_correction_does_not_postpone_the_second_look(world: DeskWorld, faq_dir: Path) -> None:
    looks = SecondLooks(world.sessions)
    await act(world, "corregir", respuesta=PHONE.format("0000"))
    (first,) = await looks.waiting()
    await act(world, "corregir", respuesta=PHONE.format("1111"))
    (second,) = await looks.waiting()
    assert second.id > first.id and second.due == first.due
    await act(world, "confirmar", EVA)
    await act(world, "corregir", respuesta=PHONE.format("2222"))
    (third,) = await looks.waiting()
    assert third.due == third.at + WITHIN


async def test_text_that_was_published_while_the_page_was_made_is_not_confirmed_unread(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await act(world, "corregir", respuesta=PHONE.format("0000"))
    browser, page, waiting = await editor(world, EVA), await address(world), SecondLooks.waiting

    async def after_another(looks: SecondLooks, document: uuid.UUID | None = None) -> list[Unconfirmed]:
        monkeypatch.setattr(SecondLooks, "waiting", waiting)
        await act(world, "corregir", respuesta=PHONE.format("6666"))
        return await waiting(looks, document)

    monkeypatch.setattr(SecondLooks, "waiting", after_another)
    shown_page = (await browser.get(page)).text
    assert PHONE.format("6666") not in shown_page
    (read,) = CONFIRMING.findall(shown_page)
    assert (await press(browser, page, "confirmar", publicada=read)).status_code == 422


async def test_text_that_was_published_while_another_was_read_is_not_confirmed(world: DeskWorld) -> None:
    await act(world, "corregir", respuesta=PHONE.format("0000"))
    browser, page = await editor(world, EVA), await address(world)
    shown_page = (await browser.get(page)).text
    (read,) = CONFIRMING.findall(shown_page)
    await act(world, "corregir", respuesta=PHONE.format("6666"))
    for shown_text in (read, ""):
        late = await press(browser, page, "confirmar", publicada=shown_text)
        assert (late.status_code, "Mientras la mirabas se publicó otro texto" in late.text) == (422, True)
    assert [one.confirmed_name for one in await publications(world)] == ["", ""]
    assert (await press(browser, page, "confirmar")).status_code == 303


async def test_other_words_are_no_minor_correction_whatever_is_pressed(world: DeskWorld, faq_dir: Path) -> None:
    page = await act(world, "corregir", respuesta="Ya no se avisa.")
    assert "Falta que otra persona apruebe exactamente este texto" in page
    assert shown(faq_dir) == PHONE.format("6789")


async def test_urgent_change_needs_permission_and_reason_and_everybody_is_notified(
    world: DeskWorld, faq_dir: Path, redis: Any
) -> None:
    fields = {"respuesta": "La calle está cerrada.", "motivo_urgente": WHY}
    assert "además supervisan" in await act(world, "urgente", **fields)
    async with world.sessions.begin() as session:
        await session.execute(update(Staff).where(Staff.email == ANA).values(roles=["editor", "supervisor"]))
    assert "Escribe el motivo" in await act(world, "urgente", **fields | {"motivo_urgente": "ya"})
    assert shown(faq_dir) == PHONE.format("6789")
    assert await act(world, "urgente", **fields) == "hecho=urgente"
    assert shown(faq_dir) == "La calle está cerrada."
    async with world.sessions() as session:
        ids = {one.email: str(one.id) for one in await session.scalars(select(Staff))}
    told = {email: await StaffNotices(redis).of(id) for email, id in ids.items()}
    assert [(one.by, one.text) for one in told[EVA]] == [
        ("Ana publicó una respuesta con urgencia: ¿Cómo aviso de un hoyo en la calle?", WHY)
    ]
    assert told[ANA] == told[LEO] == []
    assert [one["reason"] for one in await audited(world, "entry_published")] == [WHY]
    assert WHY in (await (await editor(world, EVA)).get(LIST)).text


async def test_urgent_change_succeeds_without_notices_while_redis_is_unavailable(world: DeskWorld) -> None:
    away = open_redis("redis://127.0.0.1:1/0", SECRET)
    await EntryNotifier(world.sessions, StaffNotices(away)).urgent("¿Dónde?", Editor(), WHY)


@pytest.mark.parametrize("what", ["retirar", "urgente"])
async def test_reason_that_is_too_short_stays_in_its_open_form(world: DeskWorld, what: str) -> None:
    await world.hire("sol@losaromos.example", "Sol", ("editor", "supervisor"))
    browser, reason = (
        await editor(world, "sol@losaromos.example"),
        {"retirar": "motivo_retiro", "urgente": "motivo_urgente"},
    )
    refused = await press(browser, await address(world), what, **{reason[what]: " Por ley "})
    assert refused.status_code == 422 and "Escribe el motivo" in refused.text
    given = refused.text.partition("Por ley</textarea>")[0]
    assert given.rpartition("<details")[2].startswith((' class="panel aside" open', ' class="aside" open'))


async def test_withdrawn_entry_is_gone_with_its_reason_and_comes_back_in_one_click(
    world: DeskWorld, faq_dir: Path
) -> None:
    assert "Escribe el motivo" in await act(world, "retirar", motivo_retiro="no")
    assert await act(world, "retirar", motivo_retiro="El trámite se suspendió") == "hecho=retirar"
    await look(world, faq_dir)
    (entry,) = [one for one in world.faq.entries if one.path == FILE]
    assert entry.expired(date.today())  # so that the assistant leaves whoever asks with a person
    page = (await (await editor(world, EVA)).get(await address(world))).text
    assert "Retirada por Ana" in page and "El trámite se suspendió" in page and "Retirar ahora" not in page
    assert "cambia la fecha en que vence, o retírala" not in page and "Publicada</span>" not in page
    listed = (await (await editor(world, EVA)).get(LIST, params={"estado": "withdrawn"})).text
    assert "hoyo en la calle" in listed and "Por vencer</summary>" not in listed
    revision = re.search(r'name="revision" value="(\d+)"', page)
    assert revision and await act(world, "reponer", EVA, revision=revision[1]) == "hecho=reponer"
    assert shown(faq_dir) == PHONE.format("6789")
    await look(world, faq_dir)
    assert [one.way for one in await publications(world)] == ["withdrawal", "rollback"]


async def test_draft_stays_open_when_its_entry_is_withdrawn(world: DeskWorld) -> None:
    await act(world, "guardar", respuesta="En eso estoy.")
    assert await act(world, "retirar", EVA, motivo_retiro="El trámite se suspendió") == "hecho=retirar"
    assert "En eso estoy." in (await edition(world)).content
    assert len(await audited(world, "entry_withdrawn")) == 1


async def test_text_that_was_never_published_does_not_come_back_in_one_click(world: DeskWorld, faq_dir: Path) -> None:
    await act(world, "enviar", respuesta="Nadie lo aprobó.")
    await act(world, "descartar")
    page = (await (await editor(world)).get(await address(world))).text
    newest = re.search(r'name="revision" value="(\d+)"', page)
    assert 'value="reponer"' not in page and 'value="volver"' in page
    assert newest and "Esa versión nunca se publicó" in await act(world, "reponer", revision=newest[1])
    assert shown(faq_dir) == PHONE.format("6789")


async def test_entry_that_expires_soon_is_confirmed_in_one_click(world: DeskWorld, faq_dir: Path) -> None:
    page = (await (await editor(world)).get(LIST)).text
    until = re.search(r'name="vence" value="([\d-]+)"><button class="button" name="que" value="vigente"', page)
    assert until and "Por vencer" in page
    assert await act(world, "vigente", vence=until[1], volver_a="lista") == "hecho=vigente"
    text = text_on_disk(faq_dir, FILE)
    assert text and f"vence: {until[1]}" in text.content
    assert "Elige el día" in await act(world, "vigente", vence="2020-01-01")
    await save(await editor(world), await address(world), 0, respuesta="Otra.")
    assert "Hay un borrador abierto" in await act(world, "vigente", vence=until[1])


async def test_entry_with_errors_is_not_confirmed_and_no_draft_is_left(world: DeskWorld, faq_dir: Path) -> None:
    (faq_dir / "aseo").mkdir()
    (faq_dir / "aseo" / "bache.md").write_text((faq_dir / FILE).read_text().replace("tema: calle", "tema: aseo"))
    told = [await act(world, "vigente", vence="2030-01-31") for _ in range(2)]
    assert ["ya lo usa aseo/bache.md" in one for one in told] == [True, True]
    assert "Hay un borrador abierto" not in told[1]


async def test_full_disk_is_reported_and_the_publication_finished_later(world: DeskWorld, faq_dir: Path) -> None:
    blocker = faq_dir / "calle" / ".bache.md.new"
    blocker.mkdir()
    answer = await press(await editor(world), await address(world), "corregir", respuesta=PHONE.format("0000"))
    assert (answer.status_code, "No se pudo escribir en el servidor" in answer.text) == (422, True)
    blocker.rmdir()
    await Publisher(world.sessions, faq_dir, four_eyes=True).recover()
    assert shown(faq_dir) == PHONE.format("0000")


async def test_edit_on_the_disk_that_nobody_approved_is_not_taken_along(world: DeskWorld, faq_dir: Path) -> None:
    (faq_dir / FILE).write_text((faq_dir / FILE).read_text().replace("6789", "0000"))
    taken = (await (await editor(world)).get(f"{LIST}/llevar?formato=csv")).text
    assert (PHONE.format("6789") in taken, "0000" in taken, QUESTIONS["chip"][0] in taken) == (True, False, True)


@pytest.mark.parametrize("four_eyes", [False], indirect=True)
async def test_lost_test_message_stops_publishing_until_somebody_gives_a_reason(
    world: DeskWorld, faq_dir: Path, assistant: Assistant
) -> None:
    await recorded.conversation(world.sessions, "c", ("citizen", "mi fono es 9 8765 4321"), ("citizen", "hay un hoyo"))
    browser, page = await editor(world), await address(world)
    assert await act(world, "publicar", respuesta="Esto pierde.") == "para=publicar&cuando="
    assert assistant.asked == [["hay un hoyo"]] and "publicar" in STOPPED
    told = (await browser.get(f"{page}/efecto?para=publicar")).text
    assert "se pierde una forma de preguntar" in told and "· Ahora: ¿Cómo inscribo a mi mascota?" in told
    assert await act(world, "publicar", motivo_efecto="x" * (MIN_REASON - 1)) == "para=publicar&cuando="
    assert shown(faq_dir) == PHONE.format("6789")
    assert await act(world, "publicar", motivo_efecto="Ese mensaje era de otra cosa") == "hecho=publicar"
    assert shown(faq_dir) == "Esto pierde."
    assert [(one["reason"], one["lost"]) for one in await audited(world, "entry_overridden")] == [
        ("Ese mensaje era de otra cosa", 1)
    ]


@pytest.mark.parametrize("four_eyes", [False], indirect=True)
@pytest.mark.parametrize("what", ["publicar", "programar"])
async def test_text_that_somebody_saves_while_another_is_measured_does_not_go_live(
    world: DeskWorld, faq_dir: Path, assistant: Assistant, what: str
) -> None:
    eva, page = await editor(world, EVA), await address(world)

    async def meanwhile() -> None:
        await save(eva, page, (await edition(world)).version, respuesta="A medio escribir, de Eva.")

    assistant.meanwhile.append(meanwhile)
    mine = {"respuesta": "De Ana.", "cuando": "2030-03-01T09:00", "campo-vence": "2030-12-31"}
    assert "de Eva" in await act(world, what, **mine)
    one = await edition(world)
    assert (one.state, "de Eva" in one.content, shown(faq_dir)) == ("draft", True, PHONE.format("6789"))


async def test_lost_test_message_stops_the_approval_too(world: DeskWorld, faq_dir: Path) -> None:
    await act(world, "enviar", respuesta="Esto pierde.")
    digest = (await edition(world)).hash
    assert await act(world, "aprobar", EVA, hash=digest) == "para=aprobar&cuando="
    reason = {"hash": digest, "motivo_efecto": "La forma quitada era de otra"}
    assert await act(world, "aprobar", EVA, **reason) == "hecho=publicar"
    assert shown(faq_dir) == "Esto pierde."


async def test_change_that_cannot_be_measured_is_approved_only_with_a_reason(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path
) -> None:
    async with editors(redis, database, agency, faq_dir, four_eyes=True, actions_url="") as world:
        await act(world, "enviar", respuesta="Nadie lo midió.")
        digest = (await edition(world)).hash
        assert await act(world, "aprobar", EVA, hash=digest) == "para=aprobar&cuando="
        page = (await (await editor(world, EVA)).get(f"{await address(world)}/efecto?para=aprobar")).text
        assert "No se pudo medir qué cambia" in page and 'name="motivo_efecto"' in page
        assert await act(world, "aprobar", EVA, hash=digest, motivo_efecto=WHY) == "hecho=publicar"
        assert shown(faq_dir) == "Nadie lo midió."
        assert await audited(world, "entry_overridden") == [{"reason": WHY, "measured": False, "hash": digest}]


async def test_effect_shows_what_a_citizen_reads_before_and_after_the_change(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    await save(browser, page, 0, respuesta="Esto **pierde**.")
    shown = (await browser.get(f"{page}/efecto")).text
    before, after = re.findall(r'<div class="side">.*?<div class="bubble">(.*?)</div>', shown, re.DOTALL)
    assert "Llama al" in before and "Respuesta sobre chip." in after


async def test_effect_of_a_harmless_change_is_shown(world: DeskWorld) -> None:
    browser, page = await editor(world), await address(world)
    await save(browser, page, 0, respuesta="Nada.")
    assert "No cambia ninguna respuesta" in (await browser.get(f"{page}/efecto")).text
