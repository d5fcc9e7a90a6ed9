"""Tests the chat page with nothing stubbed: Rasa, the action server, Redis and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat_page import composer, log, open_chat, send, serious
from tests.eventually import PATIENCE_MS


@pytest.fixture
def page(browser: Browser, assistant_url: str) -> Iterator[Page]:
    opened = browser.new_page(locale="es-CL", viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    opened.set_default_timeout(PATIENCE_MS)
    open_chat(opened, assistant_url)
    yield opened
    opened.close()


def test_a_misspelt_question_gets_the_official_answer(page: Page) -> None:
    send(page, "ola como renuevo la lisencia de conducir xfa")
    expect(log(page).locator(".source span a")).to_be_visible()
    assert serious(page) == []


def test_citizen_asks_for_a_person_and_returns_to_the_assistant(page: Page) -> None:
    page.get_by_role("button", name="Hablar con una persona").click()
    back = page.get_by_role("button", name="Salir de la fila")
    expect(back).to_be_visible()
    back.click()
    expect(page.get_by_role("button", name="Hablar con una persona")).to_be_visible()
    expect(composer(page)).to_be_focused()
