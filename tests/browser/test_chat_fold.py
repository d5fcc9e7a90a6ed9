"""Tests in a real browser that a long answer is folded after its first part, and that all can read the rest."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.chat_page import composer, log, open_chat, send, serious, settled
from tests.chat_world import TITLE, ChatServer

COST = "lo fija la ordenanza"


def visible_width(page: Page, text: str) -> float:
    box = log(page).get_by_text(text).bounding_box()
    rest = page.locator("ventanilla-chat .rest").bounding_box()
    assert box is not None and rest is not None
    return min(box["width"], rest["width"])


def open_answer(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "larga")
    expect(log(page).get_by_role("link", name="ChileAtiende")).to_be_visible()


def test_long_answer_shows_its_lead_its_source_and_what_there_is_more(page: Page, server: ChatServer) -> None:
    open_answer(page, server)
    button = log(page).get_by_role("button", name="Ver todo")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_contain_text("Pasos · Costo")
    assert visible_width(page, COST) <= 1
    button.click()
    folding = log(page).get_by_role("button", name="Ver menos")
    expect(folding).to_have_attribute("aria-expanded", "true")
    expect(folding).to_be_focused()
    assert visible_width(page, COST) > 100
    folding.click()
    assert visible_width(page, COST) <= 1


def test_long_answer_has_its_question_above_and_its_action_in_sight(page: Page, server: ChatServer) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    open_answer(page, server)
    expect(page.locator("ventanilla-chat .m .title")).to_have_text(TITLE)
    action = log(page).get_by_role("link", name="Pedir hora")
    expect(action).to_be_visible()
    box = action.bounding_box()
    assert box is not None and box["height"] >= 44
    settled(page)
    assert serious(page) == []


def test_folded_text_is_in_the_accessibility_tree(page: Page, server: ChatServer) -> None:
    open_answer(page, server)
    snapshot = log(page).aria_snapshot()
    assert COST in snapshot and "Da el examen" in snapshot
    settled(page)
    assert serious(page) == []


def test_link_in_the_folded_text_unfolds_it_when_it_gets_the_focus(page: Page, server: ChatServer) -> None:
    open_answer(page, server)
    composer(page).focus()
    link = log(page).get_by_role("link", name="la página")
    link.focus()
    expect(log(page).get_by_role("button", name="Ver menos")).to_be_visible()
    assert visible_width(page, COST) > 100
