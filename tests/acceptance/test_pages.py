"""Tests citizen and agent in a real browser, on the real system: Rasa, the actions, Valkey and PostgreSQL."""

from __future__ import annotations

import asyncio
import re

from playwright.async_api import Locator, Page, expect

from tests.acceptance.browsers import DESKTOP, OpenPage, signed_in
from tests.browser.axe import serious_async
from tests.browser.chat_page import BELOW_THE_FIELD
from tests.browser.desk_page import DeskPage
from tests.system import Installation

MISSPELT = "ola kiero saver a q ora pasa el camion de la basura"
UNCLEAR = ("licencia", "certificado", "permiso de circulacion", "subsidio")
UNKNOWN = "necesito que me ayuden a traer mi piano desde el extranjero"
SILENCE_S = 1.5
PHONE = {"width": 390, "height": 844}


class CitizenPage:
    """A citizen's tab on the municipality's page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.log = page.get_by_role("log")
        self.box = page.get_by_label("Escribe tu mensaje")
        self.ask_person = page.get_by_role("button", name="Hablar con una persona")
        self.back = page.get_by_role("button", name="Salir de la fila")
        self.launcher = page.locator("ventanilla-chat .launcher")
        self.header = page.locator("ventanilla-chat header")

    async def open(self, url: str) -> None:
        await self.page.goto(f"{url}/{BELOW_THE_FIELD}")
        await self.launcher.click()

    async def reload(self) -> None:
        """Reloads the page, which a small screen shows first, with the chat closed."""
        await self.page.reload()
        await self.launcher.click()

    async def send(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    def said(self, author: str) -> Locator:
        """Returns the bubbles of ``author``: citizen, assistant, staff or system."""
        return self.page.locator(f"ventanilla-chat .m.{author} .b")

    async def words(self) -> list[str]:
        bubbles = self.page.locator("ventanilla-chat .m .b")
        return [" ".join(words.split()) for words in await bubbles.all_text_contents()]

    async def serious(self) -> list[str]:
        return await serious_async(self.page)


async def is_welcomed(citizen: CitizenPage, url: str) -> None:
    await citizen.open(url)
    await expect(citizen.log).to_contain_text("la asistente automática de la Municipalidad de Los Aromos")
    await expect(citizen.log).to_contain_text("No soy una persona")
    notice = citizen.log.get_by_role("link", name="aviso de privacidad")
    await expect(notice).to_have_attribute("href", re.compile("/privacidad$"))


async def asks_with_misspellings(citizen: CitizenPage) -> None:
    await citizen.send(MISSPELT)
    source = citizen.log.locator(".source span a")
    await source.wait_for()
    assert "losaromos" in (await source.get_attribute("href") or "")


async def chooses_what_was_meant(citizen: CitizenPage) -> str:
    """Writes unclear messages until choices are offered and clicks the first choice; returns its title."""
    offered = citizen.page.get_by_role("group", name="Opciones de respuesta").get_by_role("button")
    for words in UNCLEAR:
        spoken = await citizen.said("assistant").count()
        await citizen.send(words)
        await expect(citizen.said("assistant").nth(spoken)).to_be_visible()
        if await offered.count() > 1:
            title = await offered.first.inner_text()
            await offered.first.click()
            await expect(citizen.said("citizen").last).to_have_text(title)
            await expect(citizen.said("assistant").nth(spoken + 1).locator(".source span a")).to_be_visible()
            return title
    raise AssertionError("nothing was unclear")


async def asks_for_a_person(citizen: CitizenPage, more: str) -> None:
    await citizen.ask_person.click()
    await expect(citizen.log).to_contain_text(re.compile(r"lugar \d+ de la fila"))
    await expect(citizen.back).to_be_visible()
    await citizen.send(more)
    await expect(citizen.log).to_contain_text(more)


async def takes(desk: DeskPage, row: Locator, title: str) -> None:
    """Checks that the agent sees the reason and the whole conversation, then claims it."""
    await expect(row).to_contain_text("pidió una persona")
    await row.click()
    await expect(desk.log).to_contain_text(MISSPELT)
    await expect(desk.log.locator(".proof summary").first).to_contain_text(re.compile(r"camión|basura"))
    await expect(desk.log.locator(".offered li").first).to_have_text(title)
    await desk.take.click()
    await expect(desk.box).to_be_focused()


async def is_attended(citizen: CitizenPage, desk: DeskPage, words: str) -> None:
    await desk.reply(words)
    await expect(citizen.said("staff")).to_have_text([words])
    await expect(citizen.log.locator(".m.staff").first).to_contain_text("Ana Soto")
    await expect(citizen.log.locator(".m.staff .tag").first).to_have_text("persona")
    await expect(citizen.header).to_contain_text("Te atiende Ana Soto")


async def keeps_everything_after_a_reload(citizen: CitizenPage) -> None:
    before = await citizen.words()
    await citizen.reload()
    await expect(citizen.said("staff")).to_have_count(1)
    await expect(citizen.page.locator("ventanilla-chat .m .b")).to_have_count(len(before))
    assert await citizen.words() == before


async def is_left_alone_by_the_assistant(citizen: CitizenPage, desk: DeskPage) -> None:
    spoken = await citizen.said("assistant").count()
    await citizen.send("/restart")
    await citizen.send("¿Cómo renuevo mi licencia de conducir?")
    await expect(desk.log).to_contain_text("¿Cómo renuevo mi licencia de conducir?")
    await expect(desk.page.locator("#suggested > ul > li").first).to_contain_text("renuevo mi licencia de conducir")
    await asyncio.sleep(SILENCE_S)
    assert await citizen.said("assistant").count() == spoken
    await expect(citizen.header).to_contain_text("Te atiende Ana Soto")


async def closes(desk: DeskPage) -> None:
    await desk.page.get_by_role("button", name="Cerrar y devolver a la asistente").click()
    await desk.page.get_by_role("radio", name="Resuelta").check()
    await desk.page.get_by_role("dialog").get_by_role("button", name="Cerrar la atención").click()
    await expect(desk.page.locator("#read-only")).to_have_text("Cerraste la atención. La asistente volvió a responder.")


async def is_answered_by_the_assistant_again(citizen: CitizenPage) -> None:
    await expect(citizen.said("system").last).to_contain_text("Vuelves a hablar conmigo, la asistente automática")
    await expect(citizen.ask_person).to_be_visible()
    sources = await citizen.log.locator(".source span a").count()
    await citizen.send("¿Cómo pago el permiso de circulación?")
    await expect(citizen.log.locator(".source span a").nth(sources)).to_be_visible()


async def test_citizen_asks_a_question_then_a_person_then_the_assistant_again(
    installation: Installation, open_page: OpenPage
) -> None:
    citizen = CitizenPage(await open_page(PHONE))
    async with signed_in(installation, await open_page(DESKTOP), "Ana Soto", "atencion") as desk:
        await is_welcomed(citizen, installation.url)
        await asks_with_misspellings(citizen)
        assert await citizen.serious() == []
        title = await chooses_what_was_meant(citizen)
        more = "vivo por la calle Los Boldos"
        await asks_for_a_person(citizen, more)
        await takes(desk, desk.section("waiting").locator(".row", has_text=more), title)
        await is_attended(citizen, desk, "Hola, soy Ana. Por tu calle pasa los martes.")
        assert await citizen.serious() + await desk.serious() == []
        await keeps_everything_after_a_reload(citizen)
        await is_left_alone_by_the_assistant(citizen, desk)
        await desk.reply("Se renueva en Tránsito.")
        await expect(citizen.said("staff")).to_have_count(2)
        await closes(desk)
        await is_answered_by_the_assistant_again(citizen)


async def test_agent_sees_the_candidates_that_the_assistant_considered(
    installation: Installation, open_page: OpenPage
) -> None:
    citizen = CitizenPage(await open_page(PHONE))
    async with signed_in(installation, await open_page(DESKTOP), "Beto Díaz", "atencion") as desk:
        await is_welcomed(citizen, installation.url)
        await citizen.send(UNKNOWN)
        row = desk.section("waiting").locator(".row", has_text=UNKNOWN)
        await expect(row).to_contain_text("no estaba segura")
        await row.click()
        await expect(desk.page.locator("#candidates li").first).to_contain_text("%")
        await citizen.back.click()
        await expect(row).to_have_count(0)
        await expect(citizen.ask_person).to_be_visible()
        await expect(citizen.box).to_be_focused()
