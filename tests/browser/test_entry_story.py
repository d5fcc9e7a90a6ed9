"""Tests in a browser that a new editor changes a fee and writes a question, and that an open chat then answers so.

The bot and the action server run in separate processes, with the demo's entries and the real encoder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from playwright.async_api import Browser, Page, expect

from bot.agency.schedule import WEEKDAYS
from bot.encoder_build.prepare import prepare_encoder
from bot.record.engine import Sessions
from bot.record.tables import Staff
from bot.run.part import Running
from bot.run.ports import LOOPBACK, free_port
from bot.run.rasa_part import actions_part
from tests.bot_process import bot_process
from tests.browser.chat_page import BELOW_THE_FIELD
from tests.browser.desk_page import DeskPage
from tests.conftest import ROOT
from tests.desk_world import PASSWORD
from tests.eventually import PATIENCE_MS, eventually
from tests.home import ANSWERS, copy_vectors_and_classifiers
from tests.parts import patient
from tests.quick_passwords import QUICK

ANA, EVA = "ana@losaromos.example", "eva@losaromos.example"
FEE, QUESTION = "¿Cuánto cuesta la cédula de identidad?", "¿Cuánto cuesta arrendar la cancha municipal?"
SAID = "arriendo de cancha\nkuanto sale la kancha x hora\nqueremos jugar una pichanga el sábado y no tenemos dónde"


@pytest.fixture
def url(tmp_path: Path, empty_database_url: str) -> Iterator[str]:
    """Runs the bot and the action server for an agency that requires a second editor and never closes."""
    home, port = tmp_path / "home", free_port()
    home.mkdir()
    copy_vectors_and_classifiers(home)
    shutil.copytree(ROOT / "data" / "faq", tmp_path / "faq")
    agency = yaml.safe_load((ROOT / "agency.yml").read_text(encoding="utf-8"))
    agency |= {"horario": {day: ["00:00-24:00"] for day in WEEKDAYS}, "feriados": "", "cierres": []}
    agency["edicion"] = {"cuatro_ojos": True}
    (tmp_path / "agency.yml").write_text(yaml.safe_dump(agency, allow_unicode=True), encoding="utf-8")
    places = {"FAQ_DIR": str(tmp_path / "faq"), "AGENCY_FILE": str(tmp_path / "agency.yml"), "ACTIONS_TOKEN": "t" * 40}
    encoder = {"FAQ_ENCODER": str(prepare_encoder(ANSWERS)), "ACTIONS_METRICS_PORT": ""}
    running = Running(
        patient(actions_part(home, port, {**os.environ, "VENTANILLA_HOME": str(home), **places, **encoder}))
    )
    try:
        running.wait_healthy()
        actions = f"http://{LOOPBACK}:{port}"
        with bot_process(home, empty_database_url, ACTIONS_URL=actions, **places) as bot:
            yield bot.url
    finally:
        running.stop()


@pytest_asyncio.fixture
async def tabs(chromium: Browser) -> AsyncIterator[list[Page]]:
    """Opens four people's browsers: the citizen's (a phone), two editors', and the unit's (a phone)."""
    sizes = ({"width": 1280, "height": 900}, {"width": 1280, "height": 900}, {"width": 320, "height": 800})
    contexts = [
        await chromium.new_context(locale="es-CL", reduced_motion="reduce", viewport=size)  # type: ignore[arg-type]
        for size in (sizes[2], sizes[0], sizes[1], sizes[2])
    ]
    for context in contexts:
        context.set_default_timeout(PATIENCE_MS)
    yield [await context.new_page() for context in contexts]
    for context in contexts:
        await context.close()


async def hire(database: Sessions) -> None:
    async with database.begin() as session:
        for email, name in ((ANA, "Ana"), (EVA, "Eva")):
            row = Staff(email=email, name=name, roles=["agent", "editor"], teams=[], password_hash=QUICK.hash(PASSWORD))
            row.must_change_password = False
            session.add(row)


async def open_chat(page: Page, url: str) -> None:
    await page.goto(f"{url}/{BELOW_THE_FIELD}")
    await page.locator("ventanilla-chat .launcher").click()
    await expect(page.get_by_role("log")).to_contain_text("No soy una persona")


async def asked(chat: Page, text: str) -> str:
    """Sends a message in the open chat and returns the text of the answer."""
    bubbles = chat.locator("ventanilla-chat .m .b")
    before = await bubbles.count()
    await chat.get_by_label("Escribe tu mensaje").fill(text)
    await chat.get_by_label("Escribe tu mensaje").press("Enter")
    await expect(bubbles.nth(before + 1)).to_be_visible()
    return " ".join((await bubbles.all_text_contents())[before + 1 :])


async def hears(chat: Page, text: str, words: str) -> None:
    """Asks the same question in the open chat until the answer contains ``words``."""

    async def heard() -> bool:
        return words in await asked(chat, text)

    await eventually(heard, every_s=1)  # each question costs the processor time that the publication waits for


async def signed_in(page: Page, url: str, email: str) -> Page:
    await DeskPage(page, url).sign_in(email)
    await page.goto(f"{url}/desk/respuestas")
    return page


async def find(page: Page, question: str, url: str) -> None:
    """Searches the list for an entry and opens the entry."""
    await page.goto(f"{url}/desk/respuestas")
    await page.get_by_label("Buscar", exact=False).first.fill(question.strip("¿?"))
    await page.get_by_role("button", name="Buscar").click()
    async with page.expect_navigation():  # what is typed before the page's script runs is not saved yet
        await page.get_by_role("link", name=question).first.click()


async def test_new_editor_changes_a_fee_writes_a_question_and_an_open_chat_answers_with_them(
    database: Sessions, url: str, tabs: list[Page]
) -> None:
    chat, ana, eva, unit = tabs
    await hire(database)
    await open_chat(chat, url)
    await hears(chat, "precio carnet", "$3.820")

    # The fee: only an amount changes, so it is live at once.
    await signed_in(ana, url, ANA)
    await find(ana, FEE, url)
    text = await ana.get_by_label("Lo que leerá la gente").input_value()
    await ana.get_by_label("Lo que leerá la gente").fill(text.replace("$3.820", "$3.990"))
    await ana.get_by_role("button", name="Publicar la corrección ahora").click()
    await expect(ana.get_by_role("status").first).to_contain_text("Corrección publicada")
    await hears(chat, "precio carnet", "$3.990")

    # A new question; the unit answers through its link, and Eva approves it.
    assert "8.000" not in await asked(chat, "arriendo de cancha")
    await ana.goto(f"{url}/desk/respuestas")
    await ana.get_by_label("La pregunta, como la haría una persona").fill(QUESTION)
    await ana.get_by_label("Tema", exact=True).last.fill("deportes")
    async with ana.expect_navigation():
        await ana.get_by_role("button", name="Empezar el borrador").click()
    await ana.get_by_label("Lo que leerá la gente").fill("La hora de cancha cuesta **$8.000**. Se paga al reservarla.")
    await ana.get_by_role("tab", name="Cómo lo pregunta la gente").click()
    await ana.get_by_label("Las principales").fill(SAID)
    await ana.get_by_role("tab", name="Datos").click()
    await ana.get_by_label("Página oficial", exact=True).fill("https://www.losaromos.example/cancha")
    await ana.get_by_label("Unidad responsable").fill("Deportes y Recreación")
    await expect(ana.locator("#saved")).to_have_text("Guardado")
    await ana.get_by_role("button", name="Enviar a revisión").click()
    await expect(ana.get_by_role("status").first).to_contain_text("Enviada a revisión")
    await ana.get_by_text("Pedir el visto bueno de la unidad").click()
    await ana.get_by_role("button", name="Crear el enlace").click()
    link = await ana.get_by_label("Enlace", exact=True).input_value()
    await unit.goto(f"{url}/visto-bueno/{link.rpartition('/')[2]}")
    await unit.get_by_label("Tu nombre y cargo").fill("Julia, jefa de Deportes")
    await unit.get_by_role("button", name="Está correcto").click()
    await expect(unit.get_by_role("status")).to_contain_text("Quedó aprobado")
    await signed_in(eva, url, EVA)
    await find(eva, QUESTION, url)
    await expect(eva.get_by_text("lo aprobó: Julia, jefa de Deportes")).to_be_visible()
    await eva.get_by_role("button", name="Aprobar y publicar ahora").click()
    await expect(eva.get_by_role("status").first).to_contain_text("Publicada")
    await hears(chat, "arriendo de cancha", "$8.000")

    # Back to the fee of before with one click.
    await find(eva, FEE, url)
    await eva.get_by_role("button", name="Volver a esta ahora").first.click()
    await expect(eva.get_by_role("status").first).to_contain_text("publicada de nuevo")
    await hears(chat, "precio carnet", "$3.820")
