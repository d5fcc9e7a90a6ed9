"""Operates the desk for the browser tests, as an agent does."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable

from playwright.async_api import Locator, Page, expect

from tests.browser.axe import SCREENS, serious_async
from tests.desk_world import PASSWORD, DeskWorld

ANA, BETO = "ana@losaromos.example", "beto@losaromos.example"
DESK = "/desk"
SHOTS = os.environ.get("SHOTS", "")  # a folder for pictures of the pages
AT_REST = """() => Promise.allSettled(
  document.getAnimations().filter(one => isFinite(one.effect.getComputedTiming().endTime)).map(one => one.finished)
)"""  # until a new row's colour has faded
CUT = """() => [...document.querySelectorAll("main table")].filter((one) => one.scrollWidth > one.clientWidth + 1)
  .map((one) => one.outerHTML.slice(0, 80))"""


class DeskPage:
    """One agent's tab."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    async def sign_in(self, email: str, path: str = DESK) -> DeskPage:
        """Signs in with a request and opens ``path``; ``enter`` uses the form instead.

        Skips the form, because drawing it would take as long as many tests.
        """
        form = {"correo": email, "clave": PASSWORD}
        answer = await self.page.request.post(
            f"{self.url}/desk/login", form=form, headers={"Origin": self.url}, max_redirects=0
        )
        assert answer.status == 303, await answer.text()
        await self.page.goto(self.url + path)
        if path == DESK:
            await self.is_live()
        return self

    async def enter(self, email: str, password: str = PASSWORD) -> None:
        await self.page.get_by_label("Correo").fill(email)
        await self.page.get_by_label("Contraseña", exact=True).fill(password)
        await self.page.get_by_role("button", name="Entrar").click()

    async def is_live(self) -> None:
        await expect(self.page.locator("#link-state")).to_have_attribute("data-state", "connected")

    def row(self, ticket: str) -> Locator:
        return self.page.locator(f'[data-ticket="{ticket}"]')

    def section(self, name: str) -> Locator:
        return self.page.locator(f'[data-section="{name}"]')

    @property
    def log(self) -> Locator:
        return self.page.get_by_role("log")

    @property
    def take(self) -> Locator:
        return self.page.get_by_role("button", name="Tomar conversación")

    @property
    def box(self) -> Locator:
        return self.page.get_by_label("Escribe tu respuesta")

    async def open(self, ticket: str) -> None:
        """Opens a ticket and waits for its transcript, not for the one that was open before."""
        await self.row(ticket).click()
        await expect(self.page.locator("#talk-title")).to_have_text(re.compile(rf"#{ticket}$"))
        await expect(self.log.locator(".line").first).to_be_visible()

    async def take_ticket(self, ticket: str) -> None:
        """Claims a ticket and waits until its row has moved: a press on another row meanwhile would land beside it."""
        await self.open(ticket)
        await self.take.click()
        await expect(self.box).to_be_visible()
        await expect(self.section("mine").locator(f'[data-ticket="{ticket}"]')).to_have_count(1)

    async def reply(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    async def serious(self, within: str = "") -> list[str]:
        """Returns axe's serious findings on the page, or in the element selected by ``within``."""
        await self.page.wait_for_load_state()  # the colours are in a separate style sheet
        await self.page.evaluate(AT_REST)
        return await serious_async(self.page, within)

    async def cut_tables(self) -> list[str]:
        """Returns the start of the HTML of each table that is narrower than its content, so that content is cut off."""
        found: list[str] = await self.page.evaluate(CUT)
        return found

    async def sideways_scroll_px(self) -> int:
        await self.page.wait_for_load_state()  # before its style sheets have loaded, a page is wider
        wide: int = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return wide


# Type of the fixture ``desk``, which opens the desk in its own browser context, signed in.
OpenDesk = Callable[..., Awaitable[DeskPage]]


async def said(world: DeskWorld, conversation: str, author: str) -> list[str]:
    return [event.text for event in await world.inbox.events(conversation) if event.author.value == author]


async def looks_right(desk: DeskPage, name: str) -> None:
    """Checks the page on a phone in dark mode and on a desktop in light mode."""
    for width, scheme in SCREENS:
        await desk.page.set_viewport_size({"width": width, "height": 900})
        await desk.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        assert (await desk.serious(), await desk.sideways_scroll_px() <= 0) == ([], True), (name, width, scheme)
        if SHOTS:
            await desk.page.screenshot(path=f"{SHOTS}/{name}-{width}-{scheme}.png", full_page=True)
