"""Tests the widget in a real browser as citizens use it, with real Valkey and a stub in place of Rasa."""

from __future__ import annotations

import re
from threading import Event

import pytest
import redis as blocking_redis
from playwright.sync_api import BrowserContext, Page, Route, expect

from bot.agency.model import Agency
from bot.channels.web.widget import Widget
from tests.browser.chat_page import BELOW_THE_FIELD, choose_from_menu, composer, launcher, log, open_chat, said, send
from tests.chat_world import ChatServer

LARGEST_BYTES = 32 * 1024
MESSY = "ola wena, keria saver komo se ase pa sakar ora pa la lisensia de auto y si tengo ke ir en persona"
CONFIGURATION = "**/api/chat/config**"
HOSTILE = "<img src=x onerror=\"document.title='mal'\"><script>document.title='mal'</script>"


def drop_sockets(page: Page) -> None:
    """Collects the page's sockets, so that a test can break them."""
    page.add_init_script(
        "const Real = WebSocket; window.sockets = [];"
        "window.WebSocket = class extends Real {"
        "  constructor(...given) { super(...given); window.sockets.push(this); } };"
    )


def test_question_is_answered_with_its_source_and_a_reload_keeps_both(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    source = log(page).get_by_role("link", name="ChileAtiende")
    expect(source).to_have_attribute("rel", "noopener noreferrer")
    before = said(page)
    page.reload()
    expect(log(page)).to_contain_text("eco: hola")
    assert said(page) == before


def test_page_topic_is_asked_in_the_chat(page: Page, server: ChatServer) -> None:
    page.goto(server.url)
    launcher(page).wait_for(state="attached")
    page.get_by_role("link", name="Permiso de circulación").click()
    expect(log(page)).to_contain_text("eco: ¿Cómo pago el permiso de circulación?")


def test_page_search_field_asks_in_the_chat(page: Page, server: ChatServer) -> None:
    page.goto(server.url)
    launcher(page).wait_for(state="attached")
    page.get_by_label("Tu pregunta").fill("dónde voto")
    page.get_by_label("Tu pregunta").press("Enter")
    expect(log(page)).to_contain_text("eco: dónde voto")


def test_question_on_a_slow_network_is_seen_to_be_on_its_way_and_its_answer_is_in_sight(
    page: Page, server: ChatServer
) -> None:
    """Checks, on a small phone, that the welcome, which arrives late, does not hide the question."""
    let_go = Event()
    page.set_viewport_size({"width": 320, "height": 568})
    held: list[Route] = []
    page.route(CONFIGURATION, lambda route: route.continue_() if let_go.is_set() else held.append(route))
    page.goto(server.url, wait_until="commit")
    field = page.get_by_label("Tu pregunta")
    field.fill(MESSY)
    page.wait_for_function("() => window.ventanillaLoaded")
    field.press("Enter")
    form = page.locator("form[data-ventanilla-ask]").first
    expect(form).to_have_attribute("aria-busy", "true")
    expect(field).to_have_value(MESSY)
    let_go.set()
    for route in held:
        route.continue_()
    answer = log(page).get_by_text(f"eco: {MESSY}")
    expect(answer).to_be_in_viewport(ratio=1)
    expect(log(page).locator(".citizen")).to_be_in_viewport(ratio=1)
    expect(page.locator("ventanilla-chat .jump")).to_be_hidden()
    expect(form).not_to_have_attribute("aria-busy", "true")
    expect(field).to_have_value("")


def test_question_typed_while_another_one_is_on_its_way_is_kept(page: Page, server: ChatServer) -> None:
    let_go, held = Event(), list[Route]()
    page.route(CONFIGURATION, lambda route: route.continue_() if let_go.is_set() else held.append(route))
    page.goto(server.url, wait_until="commit")
    field = page.get_by_label("Tu pregunta")
    page.wait_for_function("() => window.ventanillaLoaded")
    field.fill("dónde voto")
    field.press("Enter")
    form = page.locator("form[data-ventanilla-ask]").first
    expect(form).to_have_attribute("aria-busy", "true")
    field.fill("otra pregunta")
    let_go.set()
    for route in held:
        route.continue_()
    expect(log(page)).to_contain_text("eco: dónde voto")
    expect(form).not_to_have_attribute("aria-busy", "true")
    expect(field).to_have_value("otra pregunta")


def test_choice_is_made_by_its_button_and_only_once(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "opciones")
    page.get_by_role("button", name="La segunda").click()
    expect(log(page)).to_contain_text("eco: La segunda")
    expect(page.get_by_role("button", name="La segunda")).to_have_count(0)
    for _ in range(2):
        expect(page.locator("ventanilla-chat .chosen")).to_have_text("Elegiste: La segunda")
        expect(page.get_by_role("list", name="Opciones que no elegiste")).to_have_text("La primera")
        expect(page.get_by_role("button", name="La primera")).to_have_count(0)
        page.reload()


def test_choices_passed_over_turn_grey_and_cannot_be_tapped(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "opciones")
    expect(page.get_by_role("button", name="La primera")).to_be_visible()
    send(page, "otra cosa")
    expect(log(page).get_by_role("listitem")).to_have_text(["La primera", "La segunda"])
    expect(page.get_by_role("button", name="La primera")).to_have_count(0)


def test_person_is_one_tap_away_and_so_is_the_way_back(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(log(page)).to_contain_text("Quedas en la fila")
    expect(page.get_by_role("button", name="Salir de la fila")).to_be_visible()


def test_dropped_connection_loses_and_doubles_nothing(page: Page, server: ChatServer) -> None:
    drop_sockets(page)
    open_chat(page, server.url)
    for number in range(5):
        send(page, f"n{number}")
        page.evaluate("sockets.at(-1).close()")
    expect(log(page)).to_contain_text("eco: n4")
    words = said(page)
    assert [one for one in words if one.startswith("n")] == [f"n{number}" for number in range(5)]
    assert sorted(one for one in words if one.startswith("eco")) == [f"eco: n{number}" for number in range(5)]


def test_unsent_message_is_sent_when_the_server_is_back(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    server.stop()
    send(page, "sigo aquí")
    expect(log(page)).to_contain_text("Enviando…")
    server.start()
    expect(log(page)).to_contain_text("eco: sigo aquí")
    assert said(page).count("sigo aquí") == 1


def test_unsent_message_survives_leaving_the_page(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    page.context.set_offline(True)
    send(page, "guárdalo")
    expect(page.get_by_text("No tienes conexión a internet")).to_be_visible()
    page.context.set_offline(False)
    page.goto(server.url + "/privacidad")
    page.goto(server.url)
    expect(log(page)).to_contain_text("eco: guárdalo")
    assert said(page).count("guárdalo") == 1


@pytest.mark.parametrize("deaf", [False, True])
def test_message_that_another_tab_discarded_is_gone(
    context: BrowserContext, page: Page, server: ChatServer, monkeypatch: pytest.MonkeyPatch, *, deaf: bool
) -> None:
    monkeypatch.setattr("bot.channels.web.chat_limits.MESSAGES_PER_CONVERSATION", 0)
    open_chat(page, server.url)
    send(page, "hola")
    expect(page.get_by_role("button", name="Reintentar")).to_be_visible()
    other = context.new_page()
    if deaf:  # as if it learnt of the discarding only when the citizen presses the button
        other.add_init_script("addEventListener('storage', (event) => event.stopImmediatePropagation())")
    open_chat(other, server.url)
    again = other.get_by_role("button", name="Reintentar")
    expect(again).to_be_visible()
    page.get_by_role("button", name="Descartar").click()
    if deaf:
        again.click()
    expect(other.locator("ventanilla-chat .pending")).to_have_count(0)


def test_two_tabs_show_the_same_chat(context: BrowserContext, page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    other = context.new_page()
    open_chat(other, server.url)
    send(other, "desde la otra")
    for tab in (page, other):
        expect(log(tab)).to_contain_text("eco: desde la otra")
    assert said(page) == said(other)


def test_starting_again_clears_the_chat_from_the_browser(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "secreto")
    expect(log(page)).to_contain_text("eco: secreto")
    choose_from_menu(page, "Empezar de nuevo")
    page.get_by_role("button", name="Sí, empezar de nuevo").click()
    expect(log(page)).not_to_contain_text("secreto")
    expect(log(page)).to_contain_text("No soy una persona")


def test_expired_chat_is_followed_by_a_new_one(page: Page, server: ChatServer, redis_url: str) -> None:
    open_chat(page, server.url)
    with blocking_redis.Redis.from_url(redis_url) as client:
        client.flushall()
    page.reload()
    expect(log(page)).to_contain_text("ya no está disponible")
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")


def test_chat_works_over_plain_http_where_sockets_are_blocked(page: Page, redis_url: str, agency: Agency) -> None:
    server = ChatServer(redis_url, agency, sockets=False).start()
    try:
        open_chat(page, server.url)
        send(page, "hola")
        expect(log(page)).to_contain_text("eco: hola")
        page.reload()
        expect(log(page)).to_contain_text("eco: hola")
        send(page, "opciones")
        page.get_by_role("button", name="La primera").click()
        expect(log(page)).to_contain_text("eco: La primera")
        assert said(page).count("hola") == 1
    finally:
        server.stop()


def test_html_in_a_citizens_message_is_shown_as_text(page: Page, server: ChatServer) -> None:
    title = page.goto(f"{server.url}/{BELOW_THE_FIELD}") and page.title()
    launcher(page).click()
    send(page, HOSTILE)
    expect(log(page)).to_contain_text("eco: <img")
    page.reload()
    expect(log(page)).to_contain_text("eco: <img")
    assert page.title() == title
    assert page.locator("ventanilla-chat .log img, ventanilla-chat .log script").count() == 0


def test_overlong_message_shows_the_excess_and_is_kept(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "a" * 4001)
    expect(page.get_by_text("tiene 4.001 caracteres y el máximo es 4.000")).to_be_visible()
    expect(composer(page)).to_have_value("a" * 4001)


SEND_AND_CLOSE = """input => { for (const key of ['Enter', 'Escape'])
    input.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true, composed: true, cancelable: true})) }"""


def test_unread_messages_are_counted_while_the_chat_is_closed(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    composer(page).fill("hola")
    composer(page).evaluate(SEND_AND_CLOSE)
    expect(launcher(page)).to_have_accessible_name(re.compile("Te respondieron. 1 mensaje sin leer"))
    launcher(page).click()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_have_accessible_name("Abrir el chat con la asistente automática")


def test_widget_fits_its_size_limit() -> None:
    files = Widget.from_folder().files
    assert sum(len(one.compressed) for one in files.values()) < LARGEST_BYTES
    assert sorted(files) == ["chat.js", "style.css"]


def test_citizen_whose_network_opened_too_many_chats_reads_why_and_then_gets_one(
    page: Page, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.web.chat_limits.OPENINGS_PER_ADDRESS", 0)
    page.goto(f"{server.url}/{BELOW_THE_FIELD}")
    launcher(page).click()
    notice = page.get_by_text("se abrieron muchas conversaciones")
    expect(notice).to_be_visible()
    send(page, "hola")
    for _ in range(3):  # tries, in which «Conectando…» does not replace the reason
        with page.expect_websocket():
            pass
    expect(notice).to_be_visible()
    monkeypatch.undo()
    expect(log(page)).to_contain_text("eco: hola")
    expect(notice).to_be_hidden()
