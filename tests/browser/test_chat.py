"""The widget in a real browser, as citizens use it: real Valkey behind, a stub in place of Rasa."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import redis as blocking_redis
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.agency import Agency
from bot.run.ports import LOOPBACK
from tests.browser.chat_page import composer, launcher, log, open_chat, said, send, serious
from tests.chat_world import ChatServer

WIDGET = Path(__file__).parents[2] / "bot" / "webchat" / "static" / "widget.js"
LARGEST_BYTES = 15 * 1024
PHONE = {"width": 320, "height": 640}
HOSTILE = "<img src=x onerror=\"document.title='mal'\"><script>document.title='mal'</script>"


@pytest.fixture
def server(redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    with blocking_redis.Redis.from_url(redis_url) as client:
        client.flushall()
    running = ChatServer(redis_url, agency).start()
    yield running
    running.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(locale="es-CL", viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(10_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def drop_sockets(page: Page) -> None:
    """Counts and keeps the page's sockets, so that a test can break them as a network would."""
    page.add_init_script(
        "const Real = WebSocket; window.sockets = [];"
        "window.WebSocket = class extends Real {"
        "  constructor(...given) { super(...given); window.sockets.push(this); } };"
    )


def test_a_question_is_answered_with_its_source(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    source = log(page).get_by_role("link", name="ChileAtiende")
    expect(source).to_have_attribute("rel", "noopener noreferrer")


def test_a_topic_of_the_page_is_asked_in_the_chat(page: Page, server: ChatServer) -> None:
    page.goto(server.url)
    launcher(page).wait_for()
    page.get_by_role("button", name="Permiso de circulación").click()
    expect(log(page)).to_contain_text("eco: ¿Cómo pago el permiso de circulación?")


def test_the_pages_own_field_asks_in_the_chat(page: Page, server: ChatServer) -> None:
    page.goto(server.url)
    launcher(page).wait_for()
    page.get_by_label("Tu pregunta").fill("dónde voto")
    page.get_by_label("Tu pregunta").press("Enter")
    expect(log(page)).to_contain_text("eco: dónde voto")


def test_a_choice_is_made_by_its_button_and_only_once(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "opciones")
    page.get_by_role("button", name="La segunda").click()
    expect(log(page)).to_contain_text("eco: La segunda")
    expect(page.get_by_role("button", name="La segunda")).to_have_count(0)


def test_a_person_is_one_tap_away_and_the_way_back_too(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(log(page)).to_contain_text("Quedas en la fila")
    expect(page.get_by_role("button", name="Volver con la asistente")).to_be_visible()


def test_a_dropped_line_loses_and_doubles_nothing(page: Page, server: ChatServer) -> None:
    drop_sockets(page)
    open_chat(page, server.url)
    for number in range(5):
        send(page, f"n{number}")
        page.evaluate("sockets.at(-1).close()")
    expect(log(page)).to_contain_text("eco: n4", timeout=20_000)
    words = said(page)
    assert [one for one in words if one.startswith("n")] == [f"n{number}" for number in range(5)]
    assert sorted(one for one in words if one.startswith("eco")) == [f"eco: n{number}" for number in range(5)]


def test_an_unsent_message_is_sent_when_the_server_is_back(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    server.stop()
    send(page, "sigo aquí")
    expect(log(page)).to_contain_text("Enviando…")
    server.start()
    expect(log(page)).to_contain_text("eco: sigo aquí", timeout=30_000)
    assert said(page).count("sigo aquí") == 1


def test_an_unsent_message_survives_leaving_the_page(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    page.context.set_offline(True)
    send(page, "guárdalo")
    expect(page.get_by_text("No tienes conexión a internet")).to_be_visible()
    page.context.set_offline(False)
    page.goto(server.url + "/privacidad")
    page.goto(server.url)
    expect(log(page)).to_contain_text("eco: guárdalo")
    assert said(page).count("guárdalo") == 1


def test_a_reload_keeps_the_history(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    before = said(page)
    page.reload()
    expect(log(page)).to_contain_text("eco: hola")
    assert said(page) == before


def test_two_tabs_show_the_same_chat(context: BrowserContext, page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    other = context.new_page()
    other.goto(server.url)
    launcher(other).click()
    send(other, "desde la otra")
    expect(log(page)).to_contain_text("eco: desde la otra")
    assert said(page) == said(other)


def test_starting_again_forgets_the_chat_on_this_machine(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "secreto")
    expect(log(page)).to_contain_text("eco: secreto")
    page.get_by_role("button", name="Empezar de nuevo").click()
    page.get_by_role("button", name="Sí, empezar de nuevo").click()
    expect(log(page)).not_to_contain_text("secreto")
    expect(log(page)).to_contain_text("No soy una persona")


def test_an_expired_chat_is_followed_by_a_new_one(page: Page, server: ChatServer, redis_url: str) -> None:
    open_chat(page, server.url)
    with blocking_redis.Redis.from_url(redis_url) as client:
        client.flushall()
    page.reload()
    expect(log(page)).to_contain_text("ya no está disponible")
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")


def test_where_sockets_are_blocked_it_works_over_plain_http(page: Page, redis_url: str, agency: Agency) -> None:
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


def test_what_a_citizen_types_is_only_text(page: Page, server: ChatServer) -> None:
    title = page.goto(server.url) and page.title()
    launcher(page).click()
    send(page, HOSTILE)
    expect(log(page)).to_contain_text("eco: <img")
    page.reload()
    expect(log(page)).to_contain_text("eco: <img")
    assert page.title() == title
    assert page.locator("ventanilla-chat .log img, ventanilla-chat .log script").count() == 0


def test_a_message_too_long_says_by_how_much_and_is_not_lost(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "a" * 4001)
    expect(page.get_by_text("tiene 4.001 caracteres y el máximo es 4.000")).to_be_visible()
    expect(composer(page)).to_have_value("a" * 4001)


def test_everything_by_keyboard(page: Page, server: ChatServer) -> None:
    page.goto(server.url)
    launcher(page).focus()
    page.keyboard.press("Enter")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("una")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("dos")
    expect(composer(page)).to_have_value("una\ndos")
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("eco: una")
    page.keyboard.press("Escape")
    expect(composer(page)).to_be_hidden()
    expect(launcher(page)).to_be_focused()


def test_focus_stays_inside_the_full_screen_sheet(browser: Browser, server: ChatServer) -> None:
    page = browser.new_page(viewport=PHONE)
    open_chat(page, server.url)
    for _ in range(25):
        page.keyboard.press("Tab")
        inside = page.evaluate("['ventanilla-chat', 'body'].includes(document.activeElement.localName)")
        assert inside
    page.close()


def test_what_others_say_while_it_is_closed_is_counted(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "hola")
    page.keyboard.press("Escape")
    expect(launcher(page)).to_have_accessible_name("Abrir el chat con la asistente automática. 1 mensaje sin leer")
    launcher(page).click()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_have_accessible_name("Abrir el chat con la asistente automática")


@pytest.mark.parametrize("path", ["/", "/privacidad"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(browser: Browser, server: ChatServer, path: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640})
    page.goto(server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.close()


def test_the_sheet_fits_the_smallest_phone(browser: Browser, server: ChatServer) -> None:
    page = browser.new_page(viewport=PHONE)
    open_chat(page, server.url)
    send(page, "opciones largas " + "palabramuylarga" * 20)
    expect(log(page)).to_contain_text("eco: opciones")
    box = page.locator("ventanilla-chat .panel").bounding_box()
    assert box == {"x": 0, "y": 0, **PHONE}
    scroller = page.locator("ventanilla-chat .scroller")
    assert scroller.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    page.close()


def test_with_text_at_200_percent_everything_is_still_there(page: Page, server: ChatServer) -> None:
    page.set_viewport_size({"width": 640, "height": 800})
    open_chat(page, server.url)
    page.add_style_tag(url=server.url + "/webchat/colors.css")
    page.evaluate("document.querySelector('ventanilla-chat').style.fontSize = '200%'")
    for name in ["Enviar", "Cerrar el chat", "Hablar con una persona"]:
        expect(page.get_by_role("button", name=name)).to_be_in_viewport(ratio=1)
    assert page.locator("ventanilla-chat .scroller").evaluate("one => one.clientHeight") >= 80


def test_every_target_is_large_enough(browser: Browser, server: ChatServer) -> None:
    page = browser.new_page(viewport=PHONE)
    open_chat(page, server.url)
    small = page.locator("ventanilla-chat button:visible, ventanilla-chat form a").evaluate_all(
        "all => all.filter(one => {"
        "  const box = one.getBoundingClientRect();"
        "  return box.width < 44 || box.height < 43.9;"
        "}).map(one => one.outerHTML)"
    )
    assert small == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_no_serious_accessibility_finding(browser: Browser, server: ChatServer, scheme: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(server.url)
    launcher(page).wait_for()
    assert serious(page) == []
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")
    send(page, "opciones")
    expect(page.get_by_role("button", name="La primera")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(log(page)).to_contain_text("Quedas en la fila")
    assert serious(page) == []
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_accessibility_finding_in_the_notice(browser: Browser, server: ChatServer, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(server.url + "/privacidad")
    assert serious(page) == []
    page.close()


@pytest.mark.parametrize("color", ["#ffe14d", "#000000"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_any_agency_colour_can_be_read(browser: Browser, server: ChatServer, color: str, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme, reduced_motion="reduce")
    page.route("**/", lambda route: route.fulfill(content_type="text/html", body=host_page(server.url, color)))
    page.goto(server.url)
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    assert serious(page) == []
    page.close()


def test_it_is_small() -> None:
    assert len(gzip.compress(WIDGET.read_bytes(), 9)) < LARGEST_BYTES


def host_page(bot: str, color: str = "#1f5f4f") -> str:
    return (
        '<!doctype html><html lang="es"><title>Otro sitio</title><meta name="viewport" content="width=device-width">'
        "<style>html{font-size:62.5%}*{color:red!important;display:block}button{all:unset}</style>"
        f'<main><h1>Otro sitio</h1></main><script src="{bot}/webchat/widget.js" data-color="{color}" async></script>'
    )


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing on the terminal."""


@pytest.fixture
def other_site(tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Serves a page that embeds the widget from another origin; gives that origin."""
    handler = partial(Quiet, directory=str(tmp_path))
    http = ThreadingHTTPServer((LOOPBACK, 0), handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()

    def embed(bot: str) -> str:
        (tmp_path / "index.html").write_text(host_page(bot), encoding="utf-8")
        return f"http://{LOOPBACK}:{http.server_port}"

    yield embed
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.mark.parametrize("sockets", [True, False])
def test_an_allowed_site_can_embed_it(
    page: Page, other_site: Callable[[str], str], redis_url: str, agency: Agency, sockets: bool
) -> None:
    origin = other_site("")
    server = ChatServer(redis_url, agency, origins=(origin,), sockets=sockets).start()
    try:
        other_site(server.url)
        page.goto(origin)
        launcher(page).click()
        send(page, "hola")
        expect(log(page)).to_contain_text("eco: hola")
        link = log(page).get_by_role("link", name="aviso de privacidad")
        assert link.evaluate("one => one.href") == server.url + "/privacidad"
        assert composer(page).evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"
    finally:
        server.stop()


def test_a_site_not_on_the_list_cannot(page: Page, server: ChatServer, other_site: Callable[[str], str]) -> None:
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/api/chat/config")):
        page.goto(other_site(server.url))
    expect(launcher(page)).to_have_count(0)
    dial = "s.onopen = () => done('open'); s.onerror = () => done('refused')"
    url = server.url.replace("http", "ws") + "/api/chat/socket"
    assert page.evaluate(f"u => new Promise(done => {{ const s = new WebSocket(u); {dial} }})", url) == "refused"
