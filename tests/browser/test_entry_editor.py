"""Tests the editors' pages in a browser: tabs, autosave with preview, trying words, two editors, and accessibility."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from fastapi import FastAPI, Request
from playwright.async_api import Page, Route, expect
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.desk.editing.disk import DiskWatch
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.entries.exporting import as_zip
from bot.faq.entries.folder import load_folder
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import Gathering
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument
from tests.backlog import action_server, answer, asked, offer, pressed, rate, talk
from tests.browser.desk_page import DeskPage, OpenDesk, looks_right
from tests.conftest import ROOT
from tests.desk_world import DeskWorld, desk_world, served
from tests.integration import recorded

ANA, EVA = "ana@losaromos.example", "eva@losaromos.example"
ENTRY = "transito/permiso-circulacion.md"
COUNT_DRAFTS = """() => {
  const send = window.fetch;
  window.drafts = 0;
  window.fetch = (url, options) => { window.drafts += url.endsWith("/draft") ? 1 : 0; return send(url, options); };
}"""

BROKEN = """() => [...document.querySelectorAll("td[data-name=Tema]")].flatMap(({ firstChild: text }) =>
  [...text.data.matchAll(/\\p{L}+/gu)].filter(({ 0: word, index }) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + word.length);
    return range.getClientRects().length > 1;
  }).map(([word]) => word))"""  # words of topics that are on two lines


@pytest.fixture
def faq_dir(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Copies a topic of the demo's entries, or all topics if the indirect parameter names the whole folder."""
    below = getattr(request, "param", ENTRY.partition("/")[0])
    shutil.copytree(ROOT / "data" / "faq" / below, tmp_path / "faq" / below)
    return tmp_path / "faq"


def assistant() -> FastAPI:
    """Returns an action server whose preview shows whether the draft has certain texts."""
    app = FastAPI()

    @app.post("/try")
    async def _try(request: Request) -> dict[str, list[str]]:
        body = await request.json()
        denied = [line for line in body["phrases"].splitlines() if line.startswith("no responde")]
        after = [f"después: {'cuotas nuevas' in body['content']}", *denied]
        return {"before": [f"antes: {body['text']}"], "after": after}

    @app.post("/reach")
    async def _reach(request: Request) -> dict[str, Any]:
        body = await request.json()
        asked = [{"text": one, "reached": "answered" if one in body["phrases"] else "offered"} for one in body["asked"]]
        first = body["phrases"].partition("\n")[0]
        own = [{"text": first, "is_utterance": True, "reached": "other", "other": "licencia-renovar"}]
        rows = [*own, *({"is_utterance": False, "other": "", **one} for one in asked)]
        return {"found": {"reach": rows, "utterances": 1, "is_expired": False}}

    @app.post("/effect")
    async def _effect() -> dict[str, Any]:
        return {"effect": {"rows": [], "judged": {"wording": 3, "test": 0, "asked": 0}}}

    return app


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(assistant()))
        made = await stack.enter_async_context(desk_world(redis, database, agency, FAQ_DIR=faq_dir, actions_url=url))
        for email, name in ((ANA, "Ana"), (EVA, "Eva")):
            await made.hire(email, name, ("agent", "editor"))
        await DiskWatch(database, faq_dir, agency.teams, four_eyes=False).look()
        folder = load_folder(faq_dir, agency.teams)
        made.faq.entries, made.faq.problems = folder.entries, folder.problems
        yield made


async def open_entry(world: DeskWorld, desk: OpenDesk, email: str = ANA, **options: Any) -> DeskPage:
    async with world.sessions() as session:
        id = await session.scalar(select(EntryDocument.id).where(EntryDocument.path == ENTRY))
    return await desk(email, path=f"/desk/respuestas/{id}", **options)


def saved(page: Page) -> Any:
    return expect(page.locator("#saved")).to_have_text("Guardado")


async def test_text_typed_before_the_script_loaded_is_saved(world: DeskWorld, desk: OpenDesk) -> None:
    page, is_back = (await open_entry(world, desk)).page, asyncio.Event()

    async def cut(route: Route) -> None:
        await (route.continue_() if is_back.is_set() else route.abort())

    await page.route("**/entry_editor.js", cut)
    await page.reload()
    await page.get_by_label("Lo que leerá la gente").fill("Escrito sin red.")
    is_back.set()
    await saved(page)
    await expect(page.locator(".preview.web .bubble")).to_contain_text("Escrito sin red.")


async def test_change_is_previewed_tried_and_published(world: DeskWorld, desk: OpenDesk, faq_dir: Path) -> None:
    page = (await open_entry(world, desk)).page
    await page.get_by_label("Lo que leerá la gente").fill("Ahora hay **cuotas nuevas**.")
    await saved(page)
    for channel in ("web", "whatsapp", "telegram"):
        await expect(page.locator(f".preview.{channel} .bubble")).to_contain_text("Ahora hay cuotas nuevas.")
    await expect(page.locator("#diff ins").first).to_be_visible()
    await page.get_by_label("Escribe como lo haría una persona").fill("¿hay cuotas?")
    await page.get_by_role("button", name="Probar").click()
    await expect(page.locator("#tried")).to_contain_text("después: True")
    await page.get_by_role("button", name="Guardar como mensaje de prueba").click()
    await expect(page.locator("#tried")).to_contain_text("Guardado como mensaje de prueba de esta respuesta")
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    text = text_on_disk(faq_dir, ENTRY)
    assert text is not None and text.content.endswith("---\nAhora hay **cuotas nuevas**.\n")


async def test_suggestions_are_confirmed_with_one_tick(world: DeskWorld, desk: OpenDesk, faq_dir: Path) -> None:
    opened = await open_entry(world, desk)
    page, tab = opened.page, opened.page.get_by_role("tab", name="Cómo lo pregunta la gente")
    await expect(page.locator("#unsaid")).to_have_count(0)
    await tab.click()
    await page.get_by_label("Lo que esta respuesta no responde").fill("")
    await saved(page)
    await page.reload()
    await tab.click()
    await expect(page.get_by_label("me rechazaron lo del permiso de circulación, ¿dónde apelo?")).to_be_visible()
    await looks_right(opened, "entry-unsaid")
    await page.get_by_label("Las leí: no contesta ninguna de estas").check()
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    text = text_on_disk(faq_dir, ENTRY)
    assert (
        text is not None and "no responde: me rechazaron lo del permiso de circulación, ¿dónde apelo?" in text.phrases
    )


async def test_words_are_tried_with_the_text_that_is_being_saved(world: DeskWorld, desk: OpenDesk) -> None:
    page, tried, order = (await open_entry(world, desk)).page, asyncio.Event(), list[str]()
    page.on("response", lambda answer: order.append("saved") if answer.url.endswith("/draft") else None)
    page.on("request", lambda asked: order.append("tried") if asked.url.endswith("/try") else None)

    async def late(route: Route) -> None:
        await tried.wait()
        await route.continue_()

    await page.route("**/draft", late, times=1)
    async with page.expect_request("**/draft"):
        await page.get_by_label("Lo que leerá la gente").fill("Ahora hay **cuotas nuevas**.")
    box = page.get_by_label("Escribe como lo haría una persona")
    await box.fill("¿hay cuotas?")
    await page.get_by_role("button", name="Probar").click()
    await box.fill("otra cosa")
    tried.set()
    await expect(page.locator("#tried")).to_contain_text("antes: ¿hay cuotas?")
    await expect(page.locator("#tried")).to_contain_text("después: True")
    assert order == ["saved", "tried"]


@pytest.mark.parametrize("status", [409, 503])
async def test_nothing_is_tried_nor_measured_with_another_text_while_what_was_typed_is_not_saved(
    world: DeskWorld, desk: OpenDesk, status: int
) -> None:
    page, asked = (await open_entry(world, desk)).page, list[str]()
    page.on("request", lambda one: asked.append(one.url) if one.url.endswith(("/try", "/reach")) else None)
    await page.route("**/draft", lambda route: route.fulfill(status=status, json={"detail": None}))
    await page.get_by_label("Lo que leerá la gente").fill("Ahora hay **cuotas nuevas**.")
    await page.get_by_label("Escribe como lo haría una persona").fill("¿hay cuotas?")
    await page.get_by_role("button", name="Probar").click()
    await expect(page.locator("#tried")).to_contain_text("lo que escribiste no está guardado todavía")
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await page.get_by_role("button", name="Ver qué contestaría").click()
    await expect(page.locator("#reach-said")).to_contain_text("lo que escribiste no está guardado todavía")
    assert asked == []
    await page.unroute("**/draft")
    await page.get_by_label("Más frases").fill("una frase")
    await saved(page)
    await page.get_by_role("button", name="Ver qué contestaría").click()
    await expect(page.locator("#reached")).to_be_visible()


async def test_button_pressed_while_the_text_is_being_saved_is_not_taken_for_another_persons_change(
    world: DeskWorld, desk: OpenDesk, faq_dir: Path
) -> None:
    page, saved_there, pressed = (await open_entry(world, desk)).page, asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()
        saved_there.set()
        await pressed.wait()
        await route.fulfill(response=answer)

    await page.route("**/draft", late)
    await page.get_by_label("Lo que leerá la gente").fill("Se paga en la caja.")
    await saved_there.wait()
    await page.get_by_role("button", name="Publicar ahora").click(no_wait_after=True)
    pressed.set()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    text = text_on_disk(faq_dir, ENTRY)
    assert text is not None and text.content.endswith("---\nSe paga en la caja.\n")


@pytest.mark.parametrize("told", ["todavía no se hizo", "No hay conexión"], ids=["server away", "no network"])
async def test_button_pressed_without_a_connection_keeps_the_page_and_what_was_typed(
    world: DeskWorld, desk: OpenDesk, faq_dir: Path, told: str
) -> None:
    page = (await open_entry(world, desk)).page
    box = page.get_by_label("Lo que leerá la gente")
    if told == "No hay conexión":
        await page.context.set_offline(True)
    await page.route("**/desk/**", lambda route: route.abort())
    await box.fill("Se paga en la caja.")
    await page.get_by_role("button", name="Publicar ahora").click(no_wait_after=True)
    await expect(page.get_by_text(told)).to_be_visible()
    await expect(box).to_have_value("Se paga en la caja.")
    await page.unroute("**/desk/**")
    await page.context.set_offline(False)
    await saved(page)
    await expect(page.locator("#offline")).to_be_hidden()
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    text = text_on_disk(faq_dir, ENTRY)
    assert text is not None and text.content.endswith("---\nSe paga en la caja.\n")


async def test_text_is_not_sent_again_at_once_to_a_server_that_fails(world: DeskWorld, desk: OpenDesk) -> None:
    page = (await open_entry(world, desk)).page
    await page.clock.install(time=0)
    await page.clock.pause_at(1000)
    await page.route("**/draft", lambda route: route.fulfill(status=503), times=1)
    await page.evaluate(COUNT_DRAFTS)
    await page.get_by_label("Lo que leerá la gente").fill("Se paga en la caja.")
    await page.clock.run_for(1000)
    await expect(page.locator("#saved")).to_have_text("Sin guardar. Se intentará de nuevo.")
    await page.clock.run_for(3000)
    assert await page.evaluate("drafts") == 1
    await page.clock.run_for(2000)
    await saved(page)


async def test_tabs_work_by_keyboard_and_errors_are_shown_while_writing(world: DeskWorld, desk: OpenDesk) -> None:
    page = (await open_entry(world, desk)).page
    await page.get_by_role("tab", name="Respuesta").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_label("Las principales")).to_be_visible()
    await page.keyboard.press("ArrowRight")
    await expect(page.get_by_role("tab", name="Datos")).to_be_focused()
    await page.get_by_role("button", name="La comprobé hoy").click()
    await expect(page.get_by_label("Confirmada el")).not_to_have_value("2026-11-01")
    await page.get_by_label("Página oficial", exact=True).fill("http://x")
    await expect(page.locator("#problems")).to_contain_text("no es una dirección segura")


async def test_plain_language_is_advised_and_its_sentence_found(world: DeskWorld, desk: OpenDesk) -> None:
    page = (await open_entry(world, desk)).page
    box = page.get_by_label("Lo que leerá la gente")
    await box.fill("Paga en la caja. El permiso es entregado por la unidad. Gracias.")
    await saved(page)
    notes = page.locator("#clarity-notes li")
    await expect(notes).to_have_text(re.compile("Di quién lo hace, en vez de «es entregado»"))
    await expect(page.locator("#clarity-score")).to_have_text(re.compile(r"Se lee (muy|bastante) fácil: \d+ de 100"))
    await page.get_by_role("tab", name="Datos").click()
    await notes.get_by_role("button").click()
    await expect(box).to_be_focused()
    chosen = await box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert chosen == "El permiso es entregado por la unidad."
    await expect(page.get_by_role("button", name="Publicar ahora")).to_be_enabled()


async def test_toolbar_marks_what_is_selected_moves_by_arrow_keys_and_adds_the_parts_of_an_answer(
    world: DeskWorld, desk: OpenDesk
) -> None:
    page = (await open_entry(world, desk)).page
    box = page.get_by_label("Lo que leerá la gente")
    await box.fill("Gratis")
    await box.select_text()
    await page.get_by_role("button", name="Negrita").click()
    await expect(box).to_have_value("**Gratis**")
    await saved(page)
    await box.fill("Págalo en la caja.\n\n**Plazo:** hasta marzo.")
    await saved(page)
    await expect(page.locator("#outline-lead")).to_have_text("Lo primero que se lee: «Págalo en la caja.»")
    await expect(page.locator("#outline-titles")).to_contain_text("Partes que se reconocen: Plazo.")
    await page.get_by_role("button", name="Negrita").focus()
    for key, name in (("ArrowLeft", "Pasos"), ("ArrowRight", "Negrita"), ("End", "Pasos"), ("Home", "Negrita")):
        await page.keyboard.press(key)
        await expect(page.get_by_role("button", name=name)).to_be_focused()
    stops = await page.locator(".toolbar button").evaluate_all("all => all.filter(one => one.tabIndex === 0).length")
    assert stops == 1
    await page.get_by_role("button", name="Plazo (está; ir a ella)").click()
    assert await box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)") == "Plazo"
    await box.evaluate("box => box.setSelectionRange(3, 3)")
    await page.get_by_role("button", name="Costo (agregarla)").click()
    await page.keyboard.type("gratis.")
    await expect(box).to_have_value("Págalo en la caja.\n\n**Costo:** gratis.\n\n**Plazo:** hasta marzo.")
    await expect(page.get_by_role("button", name="Costo (está; ir a ella)")).to_be_visible()


PASTE = """([html, text]) => {
  const data = new DataTransfer();
  data.setData("text/html", html);
  data.setData("text/plain", text);
  const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
  return document.activeElement.dispatchEvent(event);
}"""


async def test_paste_from_word_becomes_markdown_and_can_be_undone(world: DeskWorld, desk: OpenDesk) -> None:
    page = (await open_entry(world, desk)).page
    box = page.get_by_label("Lo que leerá la gente")
    await box.fill("Antes. Después.")
    await box.evaluate("box => box.setSelectionRange(7, 7)")
    html = "<h2>Costo</h2><ul><li><b>Gratis</b></li></ul><img src='x.png'>"
    assert not await page.evaluate(PASTE, [html, "Costo Gratis"])  # the browser's own paste is prevented
    await expect(box).to_have_value("Antes. **Costo**\n\n- **Gratis**Después.")
    await expect(page.locator("#pasted")).to_have_text("Pegado con su formato, pero sin: imágenes (1).")
    await saved(page)
    await page.keyboard.press("ControlOrMeta+z")
    await expect(box).to_have_value("Antes. Después.")
    assert await page.evaluate(PASTE, ["<span>sin formato</span>", "sin formato"])


async def test_second_editor_is_warned_keeps_the_text_and_sees_the_other_editors(
    world: DeskWorld, desk: OpenDesk
) -> None:
    first = (await open_entry(world, desk, ANA)).page
    await expect(first.locator("#others")).to_be_empty()
    second = (await open_entry(world, desk, EVA, viewport={"width": 320, "height": 800})).page
    await expect(second.locator("#others")).to_have_text("Ana también está editando esta respuesta.")
    await first.get_by_label("Lo que leerá la gente").fill("De Ana.")
    await saved(first)
    box = second.get_by_label("Lo que leerá la gente")
    await box.fill("De Eva.")
    await expect(second.locator("#saved")).to_contain_text("Ana guardó cambios")
    await expect(box).to_have_value("De Eva.")
    await second.get_by_role("button", name="Comparar y juntar").click()
    await expect(second.get_by_role("heading", name="Dos personas cambiaron esto")).to_be_visible()
    await expect(second.locator(".side").first).to_contain_text("De Eva.")
    await expect(second.locator(".side").last).to_contain_text("De Ana.")
    looked = DeskPage(second, world.url)
    assert (await looked.sideways_scroll_px(), await looked.serious()) == (0, [])
    await second.get_by_label("Las dos, primero lo de Ana").check()
    await second.get_by_role("button", name="Guardar así").click()
    await expect(second.get_by_role("status").first).to_contain_text("Las dos versiones quedan en el historial")
    await expect(box).to_have_value("De Ana.\n\nDe Eva.")
    await first.goto(f"{world.url}/desk/respuestas")
    await second.reload()
    await expect(second.locator("#others")).to_be_empty()


async def test_words_of_citizens_are_accepted_with_one_click(world: DeskWorld, desk: OpenDesk, faq_dir: Path) -> None:
    said = "kiero pagar el papel del auto"
    await talk(world.sessions, "one", asked(said), offer("permiso-circulacion"), pressed("permiso-circulacion"))
    async with served(action_server()) as url:
        await Gathering(world.sessions, Embedding(ActionsEndpoint(url))).gather(recorded.NOW)
    page = (await open_entry(world, desk)).page
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await page.get_by_role("group", name="Así lo preguntaron").get_by_label(said).check()
    await saved(page)
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    text = text_on_disk(faq_dir, ENTRY)
    assert text is not None and f"{said}  # de las personas, aceptada por Ana" in text.phrases
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await expect(page.get_by_label("Más frases")).to_have_value(re.compile(f"{said}$"))


async def test_question_that_the_entry_only_offers_becomes_an_utterance_with_one_click_and_is_answered(
    world: DeskWorld, desk: OpenDesk, faq_dir: Path
) -> None:
    said = "kiero pagar el papel del auto"
    await talk(world.sessions, "one", asked(said), offer("permiso-circulacion"), asked("no era"), ago=timedelta(days=8))
    async with served(action_server()) as url:
        await Gathering(world.sessions, Embedding(ActionsEndpoint(url))).gather(recorded.NOW)
    opened = await open_entry(world, desk)
    page, panel = opened.page, opened.page.locator("#reach")
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await panel.get_by_role("button", name="Ver qué contestaría").click()
    row = panel.get_by_role("listitem").filter(has_text=said)
    await expect(row).to_contain_text("La ofrece.")
    await expect(panel).to_contain_text("Va a «¿Cómo renuevo mi licencia de conducir?»")
    await looks_right(opened, "entry-reach")
    await page.locator("#reach-own .quote").click()
    await expect(page.get_by_label("Más frases")).to_be_focused()
    await row.get_by_role("checkbox").check()
    await saved(page)
    await panel.get_by_role("button", name="Ver qué contestaría").click()
    await expect(row).to_contain_text("La contesta.")
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    text = text_on_disk(faq_dir, ENTRY)
    assert text is not None and f"{said}  # de las personas, aceptada por Ana" in text.phrases
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await expect(page.locator("#reach-own .quote")).to_be_visible()  # measured without a press


async def test_question_that_is_written_has_no_box_so_it_stays_away_when_its_line_is_deleted(
    world: DeskWorld, desk: OpenDesk
) -> None:
    said = "kiero pagar el papel del auto"
    await talk(world.sessions, "one", asked(said), offer("permiso-circulacion"), asked("no era"), ago=timedelta(days=8))
    async with served(action_server()) as url:
        await Gathering(world.sessions, Embedding(ActionsEndpoint(url))).gather(recorded.NOW)
    page = (await open_entry(world, desk)).page
    panel, box = page.locator("#reach"), page.get_by_label("Más frases")
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    before = await box.input_value()
    await box.fill(f"{before}\n{said}")
    await panel.get_by_role("button", name="Ver qué contestaría").click()
    row = panel.get_by_role("listitem").filter(has_text=said).filter(has_text="Ya está.")
    await expect(row).to_be_visible()
    await expect(panel.get_by_role("checkbox")).to_have_count(0)
    await box.fill(before)
    await saved(page)
    await panel.get_by_role("button", name="Ver qué contestaría").click()
    await expect(panel.get_by_role("checkbox", name=said)).not_to_be_checked()
    await page.reload()
    await expect(box).to_have_value(before)


async def test_utterances_are_marked_at_their_line_with_a_link_to_the_other_entry_and_grouped_by_kind(
    world: DeskWorld, desk: OpenDesk
) -> None:
    other = next(one for one in world.faq.entries if one.id == "licencia-renovar")
    page = (await open_entry(world, desk)).page
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    box, marks = page.get_by_label("Más frases"), page.locator("#marks-frases")
    await expect(marks).to_be_hidden()
    await box.fill(f"una frase\n{other.question}\nme estoy ahogando\nuna frase")
    await expect(marks.get_by_role("listitem")).to_have_count(3)
    await expect(marks.get_by_role("link", name=other.question)).to_have_attribute(
        "href", re.compile("/desk/respuestas/.{36}$")
    )
    await expect(marks).to_contain_text("Se toma por una emergencia (salud)")
    await expect(page.locator(".lines-of:has(#f-frases) mark")).to_have_text(
        ["una frase", other.question, "me estoy ahogando", "una frase"]
    )
    await marks.get_by_role("button", name="me estoy ahogando").click()
    chosen = await box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert chosen == "me estoy ahogando"
    await expect(page.get_by_role("button", name="Publicar ahora")).to_be_enabled()
    await box.fill("una frase")
    await expect(marks).to_be_hidden()
    await utterances_are_grouped_by_kind_and_the_page_says_which_is_missing(page)


async def utterances_are_grouped_by_kind_and_the_page_says_which_is_missing(page: Page) -> None:
    kinds, box = page.get_by_role("region", name="De qué tipo son"), page.get_by_label("Más frases")
    await page.get_by_label("Las principales").fill("pagar patente\nel papel anual del vehículo particular")
    await box.fill("")
    await expect(kinds.locator("p:visible")).to_have_count(3)
    await expect(kinds).to_contain_text("Largas: ninguna.")
    long = "choqué en enero con el auto de mi hermano y no sé si tengo que pagarlo igual"
    await box.fill(long)
    await expect(kinds).not_to_contain_text("Largas: ninguna.", use_inner_text=True)
    assert await kinds.locator("summary:visible").all_inner_texts() == ["Cortas 1", "Largas 1"]
    await expect(kinds).to_contain_text("De las personas: ninguna todavía.")
    await kinds.get_by_text("Largas").first.click()
    await kinds.get_by_role("button", name=long).click()
    chosen = await box.evaluate("box => box.value.slice(box.selectionStart, box.selectionEnd)")
    assert chosen == long


async def test_counterexamples_are_saved_shown_and_published(world: DeskWorld, desk: OpenDesk, faq_dir: Path) -> None:
    said = "me cobraron dos veces la patente"
    await talk(world.sessions, "one", asked(said), answer("permiso-circulacion", "r"))
    await rate(world.sessions, "one", "r", "other")
    async with served(action_server()) as url:
        await Gathering(world.sessions, Embedding(ActionsEndpoint(url))).gather(recorded.NOW)
    page = (await open_entry(world, desk)).page
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await page.get_by_role("group", name="Preguntaron esto y no les sirvió").get_by_label(said).check()
    box = page.get_by_role("textbox", name="Lo que esta respuesta no responde")
    await expect(box).to_have_accessible_description(re.compile("preguntan por lo mismo pero quieren otra cosa"))
    before = (await box.input_value()).strip()
    await box.fill(f"{before}\nya pagué y me cobraron de nuevo\nperdí el comprobante")
    await saved(page)
    await expect(page.locator("#diff ins").first).to_contain_text("No responde: ya pagué y me cobraron de nuevo")
    await page.get_by_label("Escribe como lo haría una persona").fill("me cobraron de nuevo")
    await page.get_by_role("button", name="Probar").click()
    await expect(page.locator("#tried")).to_contain_text("no responde: ya pagué")
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Publicada")
    text = text_on_disk(faq_dir, ENTRY)
    assert text is not None and "no responde: perdí el comprobante  # Ana, desde la página" in text.phrases
    await page.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await expect(box).to_have_value(f"{before}\nya pagué y me cobraron de nuevo\nperdí el comprobante\n{said}")
    await expect(page.get_by_role("group", name="Preguntaron esto y no les sirvió").get_by_label(said)).to_be_checked()
    await expect(page.get_by_label("Más frases")).not_to_have_value(re.compile("comprobante$"))


@pytest.mark.parametrize("faq_dir", [""], indirect=True, ids=["all entries"])
async def test_pages_fit_and_have_no_serious_axe_finding(world: DeskWorld, desk: OpenDesk) -> None:
    opened = await open_entry(world, desk)
    await opened.page.get_by_label("Lo que leerá la gente").fill("Ahora hay **cuotas nuevas**. " * 20)
    await saved(opened.page)
    for tab in ("Respuesta", "Cómo lo pregunta la gente", "Datos"):
        await opened.page.get_by_role("tab", name=tab).click()
        await looks_right(opened, f"entry-{tab}")
    await expect(opened.page.get_by_role("button", name="Sigue vigente")).to_be_hidden()
    await opened.page.goto(f"{world.url}/desk/respuestas")
    await looks_right(opened, "entries")
    for width in range(660, 1260, 60):
        await opened.page.set_viewport_size({"width": width, "height": 900})
        assert (width, await opened.sideways_scroll_px()) == (width, 0)
    for width in (1040, 1280):
        await opened.page.set_viewport_size({"width": width, "height": 900})
        assert (width, await opened.page.evaluate(BROKEN), await opened.cut_tables()) == (width, [], [])


async def test_import_ready_made_entries_and_test_messages_have_no_serious_axe_finding(
    world: DeskWorld, desk: OpenDesk, faq_dir: Path
) -> None:
    (faq_dir.parent / "pruebas").mkdir()
    (faq_dir.parent / "pruebas" / "a.jsonl").write_text('{"text": "ola la patente", "faq": "permiso-circulacion"}\n')
    opened = await desk(ANA, path="/desk/respuestas")
    for path in ("empezar", "pruebas", "traer"):
        await opened.page.goto(f"{world.url}/desk/respuestas/{path}")
        await looks_right(opened, f"entries-{path}")
    content = as_zip(
        {ENTRY: (faq_dir / ENTRY).read_bytes() + b"Gracias.\n", "a/b.md": b"---\nid: b: c\n---\nx", "c.png": b"x"}
    )
    await opened.page.locator("#file").set_input_files(
        {"name": "a.zip", "mimeType": "application/zip", "buffer": content}
    )
    await opened.page.get_by_role("button", name="Ver qué trae").click()
    await expect(opened.page.get_by_text("2 cosas quedan fuera.")).to_be_visible()
    await opened.page.get_by_text("Ver qué cambia").click()
    await expect(opened.page.locator(".difference ins")).to_have_text("Gracias.")
    await looks_right(opened, "entries-upload")
