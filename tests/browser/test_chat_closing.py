"""Tests the end of a support session: the citizen's rating, and the conversation as a text file."""

from __future__ import annotations

import json
from pathlib import Path
from threading import Event
from typing import Any

import redis as blocking_redis
from playwright.sync_api import Browser, Page, Route, expect

from bot.store.words import Words
from tests.browser.chat_page import choose_from_menu, composer, log, open_chat, send, serious
from tests.chat_world import ChatServer
from tests.transcripts import SECRET

PHONE = {"width": 320, "height": 640}


def attended(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(page.locator("ventanilla-chat .queue")).to_be_visible()
    server.staff.takes()
    server.staff.says("Listo, quedó **anotado**.")
    server.staff.closes()
    expect(log(page)).to_contain_text("Ana cerró.")


def ratings(redis_url: str) -> list[tuple[str, str]]:
    with blocking_redis.Redis.from_url(redis_url, decode_responses=True) as client:
        rows: Any = client.xrange("v:events")
    given = [one for _, one in rows if one["kind"] == "opinion"]
    return [(one["data"], Words(SECRET).open(one["conversation"], one["text"])) for one in given]


def test_closed_support_session_is_rated_once(page: Page, server: ChatServer, redis_url: str) -> None:
    attended(page, server)
    page.get_by_role("radio", name="4").check()
    page.get_by_label("¿Quieres contarnos por qué?").fill("Rápido y claro")
    page.get_by_role("button", name="Enviar opinión").click()
    expect(page.get_by_text("Gracias por tu opinión")).to_be_visible()
    [(data, words)] = ratings(redis_url)
    assert (json.loads(data)["score"], words) == (4, "Rápido y claro")
    page.reload()
    expect(log(page)).to_contain_text("Ana cerró.")
    expect(page.locator("ventanilla-chat .opinion")).to_have_count(0)


def test_rating_is_sent_once_and_leaves_the_focus_on_the_page(page: Page, server: ChatServer) -> None:
    attended(page, server)
    let_go, held, asked = Event(), list[Route](), list[str]()
    page.route("**/api/chat/feedback", lambda route: route.continue_() if let_go.is_set() else held.append(route))
    page.on("request", lambda one: asked.append(one.url) if "/feedback" in one.url else None)
    page.get_by_role("radio", name="4").check()
    for _ in range(2):
        page.get_by_role("button", name="Enviar opinión").click()
    field = page.get_by_label("Tu pregunta")
    field.focus()
    let_go.set()
    for route in held:
        route.continue_()
    expect(page.get_by_text("Gracias por tu opinión")).to_be_visible()
    expect(field).to_be_focused()
    assert len(asked) == 1


def test_rating_form_returns_after_a_reload_without_blocking_the_chat(page: Page, server: ChatServer) -> None:
    attended(page, server)
    page.reload()
    expect(page.get_by_role("group", name="¿Cómo fue la atención?")).to_be_visible()
    send(page, "otro asunto")
    expect(log(page)).to_contain_text("eco: otro asunto")
    expect(page.locator("ventanilla-chat .opinion")).to_have_count(0)
    page.reload()
    expect(log(page)).to_contain_text("eco: otro asunto")
    expect(page.locator("ventanilla-chat .opinion")).to_have_count(0)


def test_rating_can_be_declined(page: Page, server: ChatServer, redis_url: str) -> None:
    attended(page, server)
    page.get_by_role("button", name="Ahora no").click()
    expect(page.locator("ventanilla-chat .opinion")).to_have_count(0)
    expect(composer(page)).to_be_focused()
    assert ratings(redis_url) == []


def test_conversation_can_be_saved_as_a_text_file(page: Page, server: ChatServer) -> None:
    attended(page, server)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    with page.expect_download() as download:
        choose_from_menu(page, "Descargar la conversación")
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename.endswith(".txt")
    assert f"aviso de privacidad ({server.url}/privacidad)" in text
    assert "Ana Soto:\nListo, quedó **anotado**." in text
    assert "Aroma:\neco: hola\nFuente: ChileAtiende (https://www.chileatiende.gob.cl)" in text
    assert "Tú:\nhola" in text


def test_rating_form_passes_axe(browser: Browser, server: ChatServer) -> None:
    page = browser.new_page(viewport=PHONE, color_scheme="light", reduced_motion="reduce")
    attended(page, server)
    page.get_by_role("radio", name="5").check()
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious(page) == []
    scroller = page.locator("ventanilla-chat .scroller")
    assert scroller.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    page.close()
