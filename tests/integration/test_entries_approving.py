"""Tests the page on which a second person reads and approves several entries together."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.editing.approving.review_queue import ReviewQueue
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, Origin
from bot.desk.editing.staff_notices.items import APPROVE
from bot.desk.pages.approving import page
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.record.engine import Sessions
from bot.record.tables import EntryApproval, EntryEdition, EntryRevision
from tests.desk_world import DeskWorld, served
from tests.faq_files import write_folder
from tests.integration.entry_desk import ANA, EVA, Assistant, address, editor, editors, press, save
from tests.integration.joint_approvals import (
    QUESTIONS,
    READ,
    SHEET,
    Harmless,
    actions,
    approve,
    imported,
    joint_approval,
    live,
    shown_to,
)

UNTICKED = re.compile(r'name="leida" value="([^"]+)" aria')


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest.fixture
def four_eyes(request: pytest.FixtureRequest) -> bool:
    return bool(getattr(request, "param", True))


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool, assistant: Assistant
) -> AsyncIterator[DeskWorld]:
    async with served(assistant.app) as url:
        made = editors(redis, database, agency, faq_dir, four_eyes=four_eyes, actions_url=url)
        async with made as desk:
            yield desk


async def test_import_is_read_and_approved_with_one_press(world: DeskWorld, faq_dir: Path) -> None:
    await imported(world)
    browser = await editor(world, EVA)
    assert "4 respuestas esperan tu aprobación." in (await browser.get(LIST)).text
    shown = (await browser.get(APPROVE)).text
    assert all(question in shown and f"de {hour} a 14." in shown for hour, question in enumerate(QUESTIONS, 7))
    assert "4 de Ana, desde el" in shown
    done = await approve(browser, READ.findall(shown))
    assert "Se publicaron 4 respuestas." in done and "Ninguna respuesta espera tu aprobación." in done
    assert await live(world, faq_dir) == set(QUESTIONS)
    assert (await actions(world, "entry_approved"), await actions(world, "entry_published")) == (4, 4)
    async with world.sessions() as session:
        assert list(await session.scalars(select(EntryApproval.name))) == ["Eva"] * 4
        assert set(await session.scalars(select(EntryRevision.author_name))) >= {"Ana"}


async def test_unticked_entries_keep_waiting(world: DeskWorld, faq_dir: Path) -> None:
    await imported(world)
    browser, shown = await shown_to(world)
    done = await approve(browser, READ.findall(shown)[:3])
    assert "Se publicaron 3 respuestas." in done and QUESTIONS[3] in done
    assert (READ.findall(done), UNTICKED.findall(done)) == ([], READ.findall(shown)[3:])
    assert await live(world, faq_dir) == set(QUESTIONS[:3])
    assert "No marcaste ninguna." in await approve(browser, [])


async def test_nobody_approves_their_own_text_among_others(world: DeskWorld, faq_dir: Path) -> None:
    await imported(world)
    browser, shown = await shown_to(world, ANA)
    assert READ.findall(shown) == [] and "4 que escribiste tú esperan la aprobación de otra persona." in shown
    assert "esperan tu aprobación" not in (await browser.get(LIST)).text
    _, others = await shown_to(world)
    done = await approve(browser, READ.findall(others))
    assert done.count("La aprueba otra persona, no quien la escribió.") == 4
    assert await live(world, faq_dir) == set() and await actions(world, "entry_approved") == 0


async def test_text_in_which_all_editors_wrote_says_the_way_out(world: DeskWorld, faq_dir: Path) -> None:
    entry = await address(world)
    for email, words in ((ANA, "Ahora por carta."), (EVA, "Ahora por carta o correo.")):
        await press(await editor(world, email), entry, "enviar", respuesta=words)
    _, shown = await shown_to(world)
    assert "Una respuesta no tiene quien la apruebe" in shown and f'href="{entry}"' in shown
    assert "Pide a Administración que le dé el rol Edición a otra persona" in shown
    assert "Una respuesta no tiene quien la apruebe" in (await (await editor(world)).get(LIST)).text
    await world.hire("rut@losaromos.example", "Rut", ("admin",))
    _, shown = await shown_to(world, "rut@losaromos.example")
    assert "no tiene quien la apruebe" not in shown and len(READ.findall(shown)) == 1
    changed = re.sub("<[^>]+>", " ", shown[shown.index("Qué cambia") : shown.index("Así lo leerá la gente")])
    assert ("(OIRS)" in changed, "atencion" in changed) == (True, False)


async def test_texts_without_an_approver_are_looked_up_once_for_all_that_wait(
    world: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await imported(world)
    eva, ana = await editor(world, EVA), await editor(world, ANA)
    looked: list[set[uuid.UUID]] = []
    real = ReviewQueue.stuck

    async def stuck(queue: ReviewQueue) -> set[uuid.UUID]:
        looked.append(await real(queue))
        return looked[-1]

    monkeypatch.setattr(ReviewQueue, "stuck", stuck)
    await eva.get(APPROVE)
    assert looked == []  # none is her own, so she may approve them all
    assert (await ana.get(APPROVE)).status_code == 200
    assert looked == [set()]


async def test_text_that_changed_after_it_was_read_is_not_approved(world: DeskWorld, faq_dir: Path) -> None:
    await imported(world)
    browser, shown = await shown_to(world)
    ana, entry = await editor(world), await address(world, "pagos/como-pago-la-cuota-dos.md")
    await press(ana, entry, "enviar", version="1", respuesta="Ya no se paga.")
    done = await approve(browser, READ.findall(shown))
    assert "Se publicaron 3 respuestas." in done and "Una ya no esperaba, o alguien cambió su texto" in done
    assert QUESTIONS[1] not in await live(world, faq_dir) and "Ya no se paga." in done  # to be read now
    assert await actions(world, "entry_approved") == 3


async def test_entry_that_loses_messages_is_held_back_and_named(
    world: DeskWorld, faq_dir: Path, assistant: Assistant
) -> None:
    assistant.loses = "de 9 a 14."
    await imported(world)
    browser, shown = await shown_to(world)
    done = await approve(browser, READ.findall(shown))
    assert "Se publicaron 3 respuestas." in done and "Una no se publicó: con ella se perderían" in done
    outcome = done.partition("Una no se publicó:")[2].partition("</section>")[0]
    assert QUESTIONS[2] in outcome and "«hay un hoyo»" in outcome and "efecto?para=aprobar" in outcome
    assert await live(world, faq_dir) == {*QUESTIONS} - {QUESTIONS[2]}
    async with world.sessions() as session:
        assert set(await session.scalars(select(EntryEdition.state))) == {"published", "review"}


async def test_those_that_lose_messages_are_approved_together_with_one_reason(
    world: DeskWorld, faq_dir: Path, assistant: Assistant
) -> None:
    assistant.loses = "En la caja"
    await imported(world)
    browser, shown = await shown_to(world)
    held = await approve(browser, READ.findall(shown))
    assert "4 no se publicaron: con ellas se perderían" in held and await live(world, faq_dir) == set()
    form = {"csrf": browser.headers["X-CSRF-Token"], "leida": READ.findall(held)[:3]}
    short = (await browser.post(APPROVE, data={**form, "motivo_efecto": "no"})).text
    assert "No se publicó ninguna." in short and await live(world, faq_dir) == set()
    done = (await browser.post(APPROVE, data={**form, "motivo_efecto": "Así lo pidió la dirección"})).text
    assert "Se publicaron 3 respuestas." in done and len(await live(world, faq_dir)) == 3
    assert (await actions(world, "entry_overridden"), await actions(world, "entry_approved")) == (1, 3)


async def test_nothing_is_published_unmeasured(world: DeskWorld, faq_dir: Path, assistant: Assistant) -> None:
    await imported(world)
    browser, shown = await shown_to(world)
    assistant.app.router.routes.clear()
    done = await approve(browser, READ.findall(shown))
    assert done.count("No se alcanzó a medir qué cambia con ella.") == 4 and "No se publicó ninguna." in done
    assert await live(world, faq_dir) == set() and await actions(world, "entry_approved") == 0


async def test_entry_with_an_error_cannot_be_ticked_and_does_not_prevent_the_others(
    world: DeskWorld, faq_dir: Path
) -> None:
    await imported(world)
    browser, shown = await shown_to(world)
    async with world.sessions.begin() as session:  # such as one that a later version of the checks refuses
        row = await session.scalar(select(EntryEdition).where(EntryEdition.content.contains(QUESTIONS[0])))
        assert row is not None
        row.content = row.content.replace("https://", "http://")
    again = (await browser.get(APPROVE)).text
    assert len(READ.findall(again)) == 3 and "No se puede aprobar todavía." in again
    done = await approve(browser, [*READ.findall(shown)])
    assert "Se publicaron 3 respuestas." in done and await live(world, faq_dir) == set(QUESTIONS[1:])


async def test_one_that_fails_to_be_written_does_not_lose_the_others(world: DeskWorld, faq_dir: Path) -> None:
    await imported(world)
    browser, shown = await shown_to(world)
    (faq_dir / "pagos" / "como-pago-la-cuota-dos.md").mkdir(parents=True)
    done = await approve(browser, READ.findall(shown))
    assert "Se publicaron 3 respuestas." in done and "Quedó aprobada, sin publicar." in done
    assert await live(world, faq_dir) == {*QUESTIONS} - {QUESTIONS[1]}


async def test_change_of_a_published_entry_is_shown_as_a_change_and_keeps_its_date(
    world: DeskWorld, faq_dir: Path
) -> None:
    entry = await address(world)
    await press(
        await editor(world), entry, "programar", respuesta="Ahora se avisa por carta.", cuando="2030-03-01T09:00"
    )
    browser, shown = await shown_to(world)
    assert "Cambia una publicada" in shown and re.search(r"<ins>[^<]*carta", shown)
    assert "Pide salir el 01-03-2030 09:00" in shown
    done = await approve(browser, READ.findall(shown))
    assert "Una quedó aprobada y se publica sola en la fecha" in done
    async with world.sessions() as session:
        assert list(await session.scalars(select(EntryEdition.state))) == ["scheduled"]


async def test_draft_begun_before_another_text_was_published_waits_for_its_own_page(
    world: DeskWorld, faq_dir: Path
) -> None:
    entry = await address(world)
    await save(await editor(world), entry, 0, respuesta="Por carta.")
    await press(await editor(world), entry, "enviar", version="1", respuesta="Por carta.")
    async with world.sessions.begin() as session:
        row = (await session.scalars(select(EntryEdition))).one()
        row.base_hash = "an earlier text"
    browser, shown = await shown_to(world)
    assert READ.findall(shown) == [] and "Mientras esperaba se publicó otro texto de ella." in shown
    read = re.findall(r'id="q-([^"]+)"', shown)
    async with world.sessions() as session:
        digest = (await session.scalars(select(EntryEdition.hash))).one()
    assert "Mientras esperaba se publicó otro texto" in await approve(browser, [f"{read[0]} {digest}"])
    assert await actions(world, "entry_approved") == 0


async def test_sendings_of_two_people_are_approved_apart(world: DeskWorld, faq_dir: Path) -> None:
    await world.hire("ines@losaromos.example", "Inés", ("editor",))
    await imported(world, "\n".join(SHEET.split("\n")[:3]))
    await imported(world, "\n".join([SHEET.split("\n")[0], *SHEET.split("\n")[3:]]), EVA)
    _, shown = await shown_to(world, "ines@losaromos.example")
    assert shown.count("2 de Ana, desde el") == shown.count("2 de Eva, desde el") == 1
    assert shown.count('<form class="sending"') == 2


async def test_long_list_is_divided_into_pages(
    world: DeskWorld, faq_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "A_PAGE", 3)
    await imported(world)
    browser, shown = await shown_to(world)
    assert len(READ.findall(shown)) == 3 and "4 de Ana, desde el" in shown and "Página 1 de 2" in shown
    further = (await browser.get(APPROVE, params={"pagina": 2})).text
    assert len(READ.findall(further)) == 1 and not {*READ.findall(further)} & {*READ.findall(shown)}


async def test_two_people_who_approve_the_same_entries_at_once_publish_each_once(
    world: DeskWorld, faq_dir: Path
) -> None:
    await imported(world)
    queue, publisher = ReviewQueue(world.sessions), Publisher(world.sessions, faq_dir, four_eyes=True)
    approval = joint_approval(world, faq_dir, Harmless(), publisher)
    read = {one.document: one.text.hash for one in await queue.waiting()}
    two = [Editor(uuid.uuid4(), name, Origin.PAGE) for name in ("Eva", "Inés")]
    first, second = await asyncio.gather(*(approval.approve(read, one) for one in two))
    published = [one.document for one in (*first.published, *second.published)]
    assert sorted(published) == sorted(read) and await actions(world, "entry_published") == 4
    assert await live(world, faq_dir) == set(QUESTIONS)


@pytest.mark.parametrize("four_eyes", [False], indirect=True)
async def test_without_four_eyes_nothing_is_approved_here(world: DeskWorld) -> None:
    browser, shown = await shown_to(world)
    assert "La institución no pide que otra persona apruebe" in shown
    assert "La institución no pide que otra persona apruebe" in await approve(browser, ["x y"])
