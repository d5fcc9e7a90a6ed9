"""Simulates citizens and agents in a browser, who find everything by the roles, names and texts on the screen."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.browser.axe import serious_async
from tests.browser.chat_page import BELOW_THE_FIELD
from tests.browser.desk_page import AT_REST, DeskPage


class Citizen:
    """A citizen's chat on the municipality's page."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.log = page.get_by_role("log", name="Mensajes de la conversación")
        self.box = page.get_by_role("textbox", name="Escribe tu mensaje")
        self.chat = page.get_by_role("dialog", name="Los Aromos")

    async def opens_the_chat(self) -> None:
        await self.page.goto(f"{self.url}/{BELOW_THE_FIELD}")
        await self.page.get_by_role("button", name="Abrir el chat").click()
        await expect(self.log).to_contain_text("No soy una persona")

    async def comes_back(self) -> None:
        """Returns to the page; a large screen still shows the open chat."""
        await self.page.goto(self.url)
        opener = self.page.get_by_role("button", name="Abrir el chat")
        await expect(self.log.or_(opener)).to_be_visible()
        if await opener.is_visible():
            await opener.click()

    async def writes(self, text: str) -> None:
        await self.box.fill(text)
        await self.box.press("Enter")

    async def asks_for_a_person(self) -> None:
        await self.page.get_by_role("button", name="Hablar con una persona").click()

    async def reads(self, *words: str | re.Pattern[str]) -> None:
        for one in words:
            await expect(self.log).to_contain_text(one)

    async def sees(self, words: str) -> None:
        """Checks a text above or below the messages, such as the agent's name, the position or an error."""
        await expect(self.chat.get_by_text(words, exact=True)).to_be_visible()

    def said(self, words: str) -> Locator:
        return self.log.get_by_text(words, exact=True)

    async def serious(self) -> list[str]:
        await self.page.evaluate(AT_REST)
        return await serious_async(self.page)


class Agent(DeskPage):
    """An agent's desk, as the agent sees it."""

    @property
    def box(self) -> Locator:
        return self.page.get_by_role("textbox", name="Escribe tu respuesta")

    async def sees(self, words: str) -> None:
        """Checks that a text is visible in or around the open conversation."""
        region = self.page.get_by_role("region", name="Conversación", exact=True)
        await expect(region.get_by_text(words)).to_be_visible()

    def list(self, name: str) -> Locator:
        """Returns the rows of the list ``name`` (En espera, Mis chats or Con otras personas), in order."""
        return self.page.get_by_role("region", name=name).get_by_role("listitem").get_by_role("button")

    def waiting(self, words: str) -> Locator:
        return self.list("En espera").filter(has_text=words)

    async def takes_the_next(self, reason: str) -> None:
        await self.page.get_by_role("button", name="Tomar la siguiente").click()
        await self.attends(reason)

    async def picks(self, words: str) -> None:
        await self.waiting(words).click()
        await self.take.click()
        await expect(self.box).to_be_focused()

    async def attends(self, reason: str) -> None:
        await expect(self.page.get_by_role("definition").get_by_text(reason, exact=True)).to_be_visible()
        await expect(self.box).to_be_focused()

    async def goes_to(self, words: str) -> None:
        """Opens one of the agent's own conversations."""
        await self.list("Mis chats").filter(has_text=words).click()
        await expect(self.log).to_contain_text(words)

    async def reads(self, *words: str) -> None:
        for one in words:
            await expect(self.log).to_contain_text(one)

    async def presses(self, *keys: str) -> None:
        """Presses keys outside the reply box, where letters are shortcuts."""
        await self.page.get_by_role("heading", level=2).last.focus()
        for key in keys:
            await self.page.keyboard.press(key)

    def dialog(self, name: str) -> Locator:
        return self.page.get_by_role("dialog", name=name)


async def press_at_once(first: Agent, second: Agent) -> tuple[Agent, Agent]:
    """Makes both agents claim the conversation that both have open, concurrently; returns winner and loser."""
    pressed = asyncio.Barrier(2)

    async def wait_for_the_other(route: Any) -> None:
        await pressed.wait()
        await route.continue_()

    for agent in (first, second):
        await agent.page.route("**/claim", wait_for_the_other)
    await asyncio.gather(first.take.click(), second.take.click())
    for agent in (first, second):
        await expect(agent.box.or_(agent.page.get_by_role("alert"))).to_be_visible()
        await agent.page.unroute("**/claim")
    return (first, second) if await first.box.is_visible() else (second, first)
