"""Tests in a real browser that an agent sees the citizen's new messages before closing."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator, expect

from bot.core.messages import Speaker
from tests.browser.desk_page import ANA, DeskPage, OpenDesk, looks_right
from tests.desk_world import DeskWorld
from tests.eventually import eventually

QUESTION, ANOTHER = "¿Y cómo obtengo el pasaporte? Se me olvidó preguntar", "¿Y cuánto cuesta?"


async def closing(world: DeskWorld, desk: OpenDesk, **options: Any) -> tuple[DeskPage, str]:
    """Returns Ana's page, on which she has tried to close a conversation whose citizen wrote meanwhile.

    Also returns the conversation's id.
    """
    ana, ticket = await desk(ANA, **options), await world.wait_for_person("persona")
    await ana.open(ticket.id)
    await ana.take.click()
    await expect(ana.page.locator("#close")).to_be_visible()
    await ana.page.locator("#close").click()
    await world.say(ticket.conversation, QUESTION)
    await ana.page.get_by_role("radio", name="Resuelta").check()
    await ana.page.get_by_role("dialog").get_by_role("button", name="Cerrar la atención").click()
    await expect(warning(ana)).to_be_visible()
    return ana, ticket.conversation


def warning(desk: DeskPage) -> Locator:
    return desk.page.get_by_role("alertdialog", name="Nadie le ha respondido")


async def test_warning_is_accessible_and_going_back_focuses_the_reply(world: DeskWorld, desk: OpenDesk) -> None:
    ana, conversation = await closing(world, desk)
    await expect(warning(ana)).to_contain_text(f"«{QUESTION}»")
    await looks_right(ana, "unanswered")
    await expect(warning(ana).get_by_role("button", name="Volver y responder")).to_be_focused()
    await ana.page.keyboard.press("Enter")
    await expect(warning(ana)).to_be_hidden()
    await expect(ana.box).to_be_focused()
    assert (await world.inbox.state(conversation)).speaker is Speaker.STAFF


async def test_pause_shows_first_what_nobody_answered(world: DeskWorld, desk: OpenDesk) -> None:
    ana, ticket = await desk(ANA), await world.wait_for_person("persona")
    await ana.take_ticket(ticket.id)
    await world.say(ticket.conversation, QUESTION)
    await ana.page.locator("#talk-title").focus()
    await ana.page.keyboard.press("p")
    await expect(warning(ana)).to_contain_text(f"«{QUESTION}»")
    await expect(warning(ana)).to_contain_text("Si la dejas en pausa")
    assert await ana.serious() == []
    await warning(ana).get_by_role("button", name="Volver y responder").click()
    await expect(ana.row(ticket.id)).not_to_contain_text("En pausa")
    await ana.page.locator("#talk-title").focus()
    await ana.page.keyboard.press("p")
    await warning(ana).get_by_role("button", name="Dejar en pausa igual").click()
    await expect(ana.row(ticket.id)).to_contain_text("En pausa")


async def test_second_attempt_to_close_asks_only_about_newer_messages(world: DeskWorld, desk: OpenDesk) -> None:
    ana, conversation = await closing(world, desk)
    await world.say(conversation, ANOTHER)
    close = warning(ana).get_by_role("button", name="Cerrar de todos modos")
    await close.click()
    await expect(warning(ana)).to_contain_text(ANOTHER)
    await close.click()
    await expect(ana.page.locator("#read-only")).to_have_text("Cerraste la atención. La asistente volvió a responder.")
    handed_back = await world.inbox.pending(conversation)
    assert [(one.text, one.handed_back) for one in handed_back] == [(QUESTION, True), (ANOTHER, True)]


async def test_escape_closes_nothing(world: DeskWorld, desk: OpenDesk) -> None:
    ana, conversation = await closing(world, desk)
    await ana.page.keyboard.press("Escape")
    await expect(ana.box).to_be_focused()
    assert (await world.inbox.state(conversation)).speaker is Speaker.STAFF
    assert await eventually(lambda: world.inbox.pending(conversation))
