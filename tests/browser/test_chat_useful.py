"""Tests «¿Te sirvió?» below an answer in a real browser."""

from __future__ import annotations

from threading import Event

import redis as blocking_redis
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.chat_page import log, open_chat, send, serious, settled
from tests.chat_world import ChatServer

FEEDBACK = "**/api/chat/feedback"


def question(page: Page) -> Locator:
    return log(page).get_by_role("group", name="¿Te sirvió?")


def choice(page: Page, title: str) -> Locator:
    return question(page).get_by_role("button", name=title, exact=True)


def ask(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "larga")
    expect(question(page)).to_be_visible()


def stored(redis_url: str) -> list[str]:
    """Returns the data of the rating events, oldest first."""
    with blocking_redis.Redis.from_url(redis_url, decode_responses=True) as client:
        events = [fields for _, fields in client.xrange("v:events")]
    return [fields["data"] for fields in events if fields["kind"] == "answer_rated"]


def test_yes_is_stored_once_and_no_replaces_it(page: Page, server: ChatServer, redis_url: str) -> None:
    ask(page, server)
    choice(page, "Sí").click()
    expect(question(page)).to_contain_text("Gracias por decirnos.")
    choice(page, "Sí").click()
    choice(page, "No").click()
    expect(choice(page, "No")).to_have_attribute("aria-pressed", "true")
    expect(choice(page, "Sí")).to_have_attribute("aria-pressed", "false")
    yes, no = stored(redis_url)
    assert '"useful":true' in yes and '"entry":"licencia"' in yes and '"version":"abc123"' in yes
    assert '"useful":false' in no


def test_last_choice_counts_although_the_first_one_is_still_on_its_way(
    page: Page, server: ChatServer, redis_url: str
) -> None:
    ask(page, server)
    let_go, held, order = Event(), list[Route](), list[str]()
    page.route(FEEDBACK, lambda route: route.continue_() if let_go.is_set() else held.append(route))
    page.on("request", lambda one: order.append("asked") if "/feedback" in one.url else None)
    page.on("response", lambda one: order.append("answered") if "/feedback" in one.url else None)
    choice(page, "Sí").click()
    choice(page, "No").click()
    let_go.set()
    for route in held:
        route.continue_()
    expect(choice(page, "No")).to_have_attribute("aria-pressed", "true")
    assert ['"useful":true' in one for one in stored(redis_url)] == [True, False]
    assert order[:3] == ["asked", "answered", "asked"]


def test_no_asks_why_in_one_tap_and_offers_a_person(page: Page, server: ChatServer, redis_url: str) -> None:
    ask(page, server)
    choice(page, "No").click()
    expect(choice(page, "Hablar con una persona")).to_be_visible()
    settled(page)
    assert serious(page) == []
    choice(page, "Falta algo").click()
    expect(question(page)).to_contain_text("quedó anotado")
    expect(choice(page, "Falta algo")).to_be_hidden()
    assert '"reason":"missing"' in stored(redis_url)[-1]


def test_rating_is_shown_again_after_a_reload_and_an_open_question_is_not(page: Page, server: ChatServer) -> None:
    ask(page, server)
    choice(page, "Sí").click()
    expect(choice(page, "Sí")).to_have_attribute("aria-pressed", "true")
    send(page, "larga")
    expect(question(page)).to_have_count(2)
    send(page, "otro asunto")
    expect(log(page)).to_contain_text("eco: otro asunto")
    expect(question(page)).to_have_count(1)
    page.reload()
    expect(log(page)).to_contain_text("eco: otro asunto")
    expect(choice(page, "Sí")).to_have_attribute("aria-pressed", "true")
    expect(question(page)).to_have_count(1)


def test_person_is_asked_for_and_the_question_leaves_with_the_assistant(page: Page, server: ChatServer) -> None:
    ask(page, server)
    choice(page, "No").click()
    choice(page, "Hablar con una persona").click()
    expect(log(page)).to_contain_text("Quedas en la fila")
    expect(question(page)).to_be_hidden()


def test_nothing_is_asked_below_small_talk(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    expect(question(page)).to_have_count(0)
