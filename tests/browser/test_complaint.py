"""Tests a complaint from the citizen's phone to the desk and back; only Rasa is stubbed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.agency.model import Agency
from bot.channels.web.chats import Conversations
from bot.channels.web.files import sent_files_router
from bot.channels.web.router import WebChat
from bot.channels.web.site import Site
from bot.conversation.addresses import Addresses
from bot.conversation.file_links import FileLinks
from bot.conversation.files import COMPLAINT_FILES, FILES_FOLDER, Files
from bot.handoff.complaints.news import ComplaintNews
from bot.handoff.complaints.photos import ComplaintPhotos
from bot.handoff.complaints.upkeep import ComplaintUpkeep
from bot.record.engine import Sessions
from bot.store import keys
from tests.browser.axe import serious_async
from tests.browser.chat_page import BELOW_THE_FIELD
from tests.browser.desk_page import ANA, DeskPage, OpenDesk
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import PATIENCE_MS, eventually
from tests.integration.worker_process import make_worker
from tests.pictures import photo
from tests.recording import recording

SECRET = "s" * 40
COMPLAINS = "quiero reclamar"
FOUND = "finder({coords: {latitude: -33.4572, longitude: -70.6483}})"
TOLD = "Hay un hoyo enorme frente a mi casa y ayer se cayó una vecina"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    """Starts the chat, the desk, a worker, the recorder and the task that sends news about complaints."""
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await redis.set(keys.RESTORED, "1")
        await made.hire(ANA, "Ana Soto", roles=("supervisor",))
        files, kept = Files(tmp_path / FILES_FOLDER), Files(tmp_path / COMPLAINT_FILES)
        parts = Conversations.from_redis(redis, made.inbox, live=made.live, files=files)
        made.app.router.routes.extend(WebChat(conversations=parts, site=Site(agency), secret=SECRET).router().routes)
        made.app.include_router(sent_files_router(FileLinks(Addresses(SECRET)), files))

        async def fetch(_ref: str, _ttl_s: int) -> None:
            return None

        upkeep = ComplaintUpkeep(
            ComplaintNews(redis, database, agency), ComplaintPhotos(database, files, kept, fetch), None
        )
        work = (make_worker(redis, debounce_ms=0, sessions=database).run(), upkeep.run())
        tasks = [asyncio.create_task(one) for one in work]
        async with recording(redis, database):
            yield made
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def test_complaint_goes_from_the_chat_to_the_desk_and_back(
    world: DeskWorld, chromium: Browser, desk: OpenDesk, tmp_path: Path
) -> None:
    context = await chromium.new_context(
        locale="es-CL", viewport={"width": 320, "height": 740}, color_scheme="dark", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    await page.goto(f"{world.url}/{BELOW_THE_FIELD}")
    await page.locator("ventanilla-chat .launcher").click()
    box, log = page.get_by_label("Escribe tu mensaje"), page.get_by_role("log")

    async def say(text: str) -> None:
        await box.fill(text)
        await box.press("Enter")

    await expect(log).to_contain_text("No soy una persona")
    async with page.expect_file_chooser() as chooser:
        await page.get_by_role("button", name="Enviar una foto o un documento").click()
    content = photo((640, 480))
    await (await chooser.value).set_files([{"name": "hoyo.jpg", "mimeType": "image/jpeg", "buffer": content}])
    assert await serious_async(page) == []
    await page.get_by_role("form", name="Vas a enviar esto").get_by_role("button", name="Enviar").click()
    await expect(log).to_contain_text("yo no puedo ver fotos")
    await log.get_by_role("button", name="Dejar un reclamo").click()
    await expect(log).to_contain_text("¿Qué pasó?")
    await say(TOLD)
    await expect(log).to_contain_text("¿Dónde fue?")
    await say("Pasaje Los Boldos 123, esquina Maipú")
    await expect(log).to_contain_text("¿Lo envío?")
    await expect(log).to_contain_text("una foto")
    assert await serious_async(page) == []
    await log.get_by_role("button", name="Enviar reclamo").click()
    await expect(log).to_contain_text("quedó recibido con el número")
    number = re.findall(r"\d{3}-\d{3}", await log.inner_text())[-1]
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    ana = await desk(ANA, path="/desk/reclamos", viewport={"width": 1280, "height": 740}, color_scheme="light")
    await state_changes(ana, number)
    await expect(log).to_contain_text("derivado a Dirección de Obras Municipales")
    await expect(log).to_contain_text("La cuadrilla va el lunes.")
    await say(f"¿cómo va mi reclamo {number}?")
    await expect(log).to_contain_text("Lo recibimos el")
    assert await serious_async(page) == []
    await context.close()


async def state_changes(ana: DeskPage, number: str) -> None:
    """Reads the complaint at the desk, refers it to another unit and answers."""
    page = ana.page
    card = page.get_by_role("article", name=f"Reclamo {number}")

    async def shows_its_photo() -> bool:
        await page.goto(ana.url + "/desk/reclamos")
        return await card.get_by_role("img").count() == 1

    await eventually(shows_its_photo)  # the photo is kept after the citizen has the number
    assert await card.get_by_role("img").evaluate("one => one.decode().then(() => one.naturalWidth)") == 480
    assert await serious_async(page) == []
    async with page.context.expect_page() as opened:
        await card.get_by_role("link", name="se abre en grande").click()
    large = await opened.value
    assert await large.locator("img").evaluate("one => one.decode().then(() => one.naturalWidth)") >= 640
    await large.close()
    await card.get_by_text("Cambiar el estado").click()
    await card.get_by_label("Derivado").check()
    await card.get_by_label("¿A qué unidad?").fill("Dirección de Obras Municipales")
    await card.get_by_label("Respuesta para la persona").fill("La cuadrilla va el lunes.")
    assert await serious_async(page) == []
    await card.get_by_role("button", name="Guardar y avisar").click()
    await expect(page.get_by_role("status")).to_contain_text(f"reclamo {number}")
    await expect(card).to_contain_text("· Derivado: Dirección de Obras Municipales")
    assert await ana.sideways_scroll_px() <= 0


async def at_the_place(world: DeskWorld, chromium: Browser, **options: Any) -> Page:
    """Opens the chat on a small phone and begins a complaint, up to the question where it happened."""
    context = await chromium.new_context(
        locale="es-CL", viewport={"width": 320, "height": 640}, reduced_motion="reduce", **options
    )
    context.set_default_timeout(PATIENCE_MS)
    page = await context.new_page()
    await page.goto(f"{world.url}/{BELOW_THE_FIELD}")
    await page.locator("ventanilla-chat .launcher").click()
    box, log = page.get_by_label("Escribe tu mensaje"), page.get_by_role("log")
    await expect(log).to_contain_text("No soy una persona")
    for said, asked in ((COMPLAINS, "¿Qué pasó?"), (TOLD, "¿Dónde fue?")):
        await box.fill(said)
        await box.press("Enter")
        await expect(log).to_contain_text(asked)
    return page


async def test_position_is_sent_only_after_a_tap_and_shown_on_a_map(world: DeskWorld, chromium: Browser) -> None:
    here = {"latitude": -33.4572, "longitude": -70.6483}
    page = await at_the_place(world, chromium, permissions=["geolocation"], geolocation=here)
    log = page.get_by_role("log")
    await expect(log.get_by_role("button", name="Usar mi ubicación")).to_be_visible()
    await expect(log.get_by_role("link", name="Ver en el mapa")).to_have_count(0)
    await log.get_by_role("button", name="Usar mi ubicación").click()
    await expect(log).to_contain_text("¿Tienes una foto?")
    link = log.get_by_role("link", name="Ver en el mapa")
    await expect(link).to_have_attribute("href", re.compile("mlat=-33.457200&mlon=-70.648300"))
    assert await serious_async(page) == []
    await page.reload()
    await page.locator("ventanilla-chat .launcher").click()
    await expect(link).to_be_visible()
    await page.context.close()


async def test_position_is_sent_once_however_often_the_button_is_pressed(world: DeskWorld, chromium: Browser) -> None:
    page = await at_the_place(world, chromium)
    log = page.get_by_role("log")
    await page.evaluate(
        "window.finders = []; navigator.geolocation.getCurrentPosition = (found) => window.finders.push(found); 0"
    )
    for _ in range(2):
        await log.get_by_role("button", name="Usar mi ubicación").click()
    await page.evaluate("finders.forEach((found) => found({coords: {latitude: -33.4572, longitude: -70.6483}}))")
    await expect(log).to_contain_text("¿Tienes una foto?")
    await expect(log.get_by_role("link", name="Ver en el mapa")).to_be_visible()
    assert await page.locator("ventanilla-chat .m.citizen").count() == 3
    await page.context.close()


async def asks_for_the_position(page: Page) -> None:
    """Presses the button; the position is found once the page evaluates FOUND."""
    await page.evaluate("navigator.geolocation.getCurrentPosition = (found) => { window.finder = found; }; 0")
    await page.get_by_role("log").get_by_role("button", name="Usar mi ubicación").click()
    await page.wait_for_function("() => Boolean(window.finder)")


async def test_position_found_after_the_conversation_was_left_is_not_sent(world: DeskWorld, chromium: Browser) -> None:
    page = await at_the_place(world, chromium)
    log, box = page.get_by_role("log"), page.get_by_label("Escribe tu mensaje")
    await asks_for_the_position(page)
    for name in ("Más opciones", "Empezar de nuevo", "Sí, empezar de nuevo"):
        await page.get_by_role("button", name=name, exact=True).click()
    await expect(log).not_to_contain_text(TOLD)
    await page.evaluate(FOUND)
    await box.fill(COMPLAINS)
    await box.press("Enter")
    await expect(log).to_contain_text("¿Qué pasó?")
    await expect(log.locator(".citizen .b")).to_have_text([COMPLAINS])
    await page.context.close()


async def test_notice_of_a_missing_network_is_back_after_the_position_was_found(
    world: DeskWorld, chromium: Browser
) -> None:
    page = await at_the_place(world, chromium)
    notice = page.locator("ventanilla-chat .notice")
    # a region that is filled as it comes in sight is not read out
    assert await notice.evaluate("one => [one.checkVisibility(), one.offsetHeight]") == [True, 0]
    await page.context.set_offline(True)
    await expect(notice).to_contain_text("No tienes conexión")
    await asks_for_the_position(page)
    await expect(notice).to_contain_text("Buscando")
    await page.evaluate(FOUND)
    await expect(notice).to_contain_text("No tienes conexión")
    await page.context.close()


async def test_position_leaves_the_focus_where_the_citizen_writes_meanwhile(
    world: DeskWorld, chromium: Browser
) -> None:
    page = await at_the_place(world, chromium)
    await page.set_viewport_size({"width": 1280, "height": 740})
    await page.reload()  # the chat is open again, beside the page
    await asks_for_the_position(page)
    field = page.get_by_label("Tu pregunta")
    await field.focus()
    await page.evaluate(FOUND)
    await expect(page.get_by_role("log")).to_contain_text("¿Tienes una foto?")
    await expect(field).to_be_focused()
    await page.context.close()


async def test_refused_position_is_asked_for_in_words(world: DeskWorld, chromium: Browser) -> None:
    page = await at_the_place(world, chromium, permissions=[])
    log, box = page.get_by_role("log"), page.get_by_label("Escribe tu mensaje")
    await log.get_by_role("button", name="Usar mi ubicación").click()
    await expect(log).to_contain_text("No recibí tu ubicación, así que escribe el lugar.")
    await box.fill("Maipú con Prat")
    await box.press("Enter")
    await expect(log).to_contain_text("¿Tienes una foto?")
    await page.context.close()


async def test_desk_is_alerted_to_a_new_complaint(world: DeskWorld, chromium: Browser, desk: OpenDesk) -> None:
    ana = await desk(ANA, viewport={"width": 320, "height": 740})
    page = await at_the_place(world, chromium)
    log = page.get_by_role("log")
    for name in ("No aplica", "Sin foto", "Enviar reclamo"):
        await log.get_by_role("button", name=name).click()
    await expect(log).to_contain_text("quedó recibido con el número")
    notices = ana.page.get_by_role("list", name="Avisos para ti")
    await expect(notices).to_contain_text(re.compile(r"Llegó un reclamo: \d{3}-\d{3}"))
    assert await serious_async(ana.page) == []
    assert await ana.sideways_scroll_px() <= 0
    await notices.get_by_role("link", name="Ver").click()
    await expect(ana.page.get_by_role("article", name=re.compile("Reclamo"))).to_be_visible()
    await page.context.close()
