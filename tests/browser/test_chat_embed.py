"""Tests the widget on another site: only allowed sites, one chat on all pages of the site.

The site's styles do not change the widget, and every agency colour stays readable.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from bot.agency.model import Agency
from bot.run.ports import LOOPBACK
from tests.browser.chat_page import composer, launcher, log, said, send, serious
from tests.chat_world import ChatServer


def host_page(bot: str, attributes: str = 'data-color="#1f5f4f"') -> str:
    return (
        '<!doctype html><html lang="es"><title>Otro sitio</title><meta name="viewport" content="width=device-width">'
        "<style>html{font-size:62.5%}*{color:red!important;display:block}button{all:unset}</style>"
        f'<main><h1>Otro sitio</h1></main><script src="{bot}/webchat/widget.js" {attributes} async></script>'
    )


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Suppresses the server's log."""


class OtherSite:
    """A site of another origin: another port of this machine."""

    def __init__(self, folder: Path, origin: str) -> None:
        self._folder = folder
        self.origin = origin

    def embed(self, bot: str, attributes: str = "", name: str = "index.html") -> str:
        return self.write(host_page(bot, attributes), name)

    def write(self, html: str, name: str = "index.html") -> str:
        (self._folder / name).write_text(html, encoding="utf-8")
        return f"{self.origin}/{name}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OtherSite]:
    http = ThreadingHTTPServer((LOOPBACK, 0), partial(Quiet, directory=str(tmp_path)))
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield OtherSite(tmp_path, f"http://{LOOPBACK}:{http.server_port}")
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture(params=[True], ids=[""])
def allowing(request: Any, site: OtherSite, redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    """Starts a chat that allows the other site; the parameter states whether sockets are reachable."""
    running = ChatServer(redis_url, agency, origins=(site.origin,), sockets=request.param).start()
    yield running
    running.stop()


@pytest.mark.parametrize("allowing", [True, False], indirect=True, ids=["socket", "http"])
def test_allowed_site_can_embed_the_widget(page: Page, site: OtherSite, allowing: ChatServer) -> None:
    page.goto(site.embed(allowing.url))
    launcher(page).click()
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    link = log(page).get_by_role("link", name="aviso de privacidad")
    assert link.evaluate("one => one.href") == allowing.url + "/privacidad"
    assert composer(page).evaluate("one => getComputedStyle(one).color") != "rgb(255, 0, 0)"


def test_chat_continues_across_pages_and_tabs_of_another_site(
    page: Page, site: OtherSite, allowing: ChatServer
) -> None:
    first, second = site.embed(allowing.url), site.embed(allowing.url, name="tramites.html")
    page.goto(first)
    launcher(page).click()
    send(page, "desde la portada")
    expect(log(page)).to_contain_text("eco: desde la portada")
    page.goto(second)
    expect(log(page)).to_contain_text("eco: desde la portada")
    other = page.context.new_page()
    other.goto(first)
    launcher(other).click()
    send(other, "desde la otra pestaña")
    expect(log(page)).to_contain_text("eco: desde la otra pestaña")
    page.reload()
    expect(log(page)).to_contain_text("eco: desde la otra pestaña")
    expect(log(other)).to_contain_text("eco: desde la otra pestaña")
    assert said(page) == said(other)


def test_script_tag_sets_colour_title_position_and_language(page: Page, site: OtherSite, allowing: ChatServer) -> None:
    tag = 'data-color="#8a1538" data-title="Ask us" data-position="left" data-lang="en"'
    page.goto(site.embed(allowing.url, tag))
    expect(launcher(page)).to_have_text("Ask us")
    assert launcher(page).evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(138, 21, 56)"
    assert (launcher(page).bounding_box() or {})["x"] < 100
    launcher(page).click()
    expect(page.get_by_role("button", name="Talk to a person")).to_be_visible()
    expect(log(page)).to_have_attribute("lang", "es-CL")
    assert page.locator("ventanilla-chat .root").get_attribute("lang") == "en"


def test_unlisted_site_gets_a_link_and_an_instruction(page: Page, server: ChatServer, site: OtherSite) -> None:
    with page.expect_console_message(lambda message: "agency.yml" in message.text) as told:
        page.goto(site.embed(server.url))
    assert f'sitios_del_chat: ["{site.origin}"]' in told.value.text
    expect(page.get_by_role("link", name="¿Te ayudo?")).to_have_attribute("href", server.url + "/")
    expect(page.get_by_role("button")).to_have_count(0)
    assert serious(page) == []
    dial = "s.onopen = () => done('open'); s.onerror = () => done('refused')"
    url = server.url.replace("http", "ws") + "/api/chat/socket"
    assert page.evaluate(f"u => new Promise(done => {{ const s = new WebSocket(u); {dial} }})", url) == "refused"


@pytest.mark.parametrize(
    ("element", "address"),
    [
        ('<a href="{bot}/tramites" data-ventanilla-ask="hola">Pregunta</a>', "/tramites"),
        ('<button data-ventanilla-ask="hola">Pregunta</button>', "/?q=hola"),
        ('<form data-ventanilla-ask><input value="hola"><button>Pregunta</button></form>', "/?q=hola"),
        (
            '<form action="{bot}/tramites" data-ventanilla-ask><input name="q" value="hola"><button>Pregunta</button>'
            "</form>",
            "/tramites?q=hola",
        ),
    ],
)
def test_links_to_the_chat_open_its_page_on_an_unlisted_site(
    page: Page, server: ChatServer, site: OtherSite, element: str, address: str
) -> None:
    tag = f'<script src="{server.url}/webchat/widget.js"></script>'
    page.goto(site.write(f"<!doctype html>{element.format(bot=server.url)}{tag}"))
    page.locator("ventanilla-chat .launcher").wait_for()
    with page.expect_request(server.url + address):  # the page takes the question out of its address once it is asked
        page.get_by_text("Pregunta").click()


def test_site_with_a_strict_policy_allows_only_the_chat(page: Page, site: OtherSite, allowing: ChatServer) -> None:
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    socket = allowing.url.replace("http", "ws")
    policy = (
        f"default-src 'none'; script-src {allowing.url}; connect-src {allowing.url} {socket}; "
        "require-trusted-types-for 'script'; trusted-types ventanilla"
    )
    strict = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    page.goto(site.write(f'<!doctype html>{strict}<script src="{allowing.url}/webchat/widget.js" async></script>'))
    launcher(page).click()
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    assert launcher(page).evaluate("one => getComputedStyle(one).position") == "fixed"
    assert errors == []


def test_widget_is_hidden_until_its_style_sheet_loads(page: Page, site: OtherSite, allowing: ChatServer) -> None:
    let_go, held = threading.Event(), list[Route]()
    page.route("**/style.css", lambda route: route.continue_() if let_go.is_set() else held.append(route))
    with page.expect_response("**/api/chat/config*"):
        page.goto(site.embed(allowing.url))
    page.wait_for_timeout(500)
    expect(launcher(page)).to_have_count(0)
    let_go.set()
    for one in held:
        one.continue_()
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")


def test_question_asked_while_the_chat_loads_is_sent_afterwards(
    page: Page, site: OtherSite, allowing: ChatServer
) -> None:
    let_go, held = threading.Event(), list[Route]()
    page.route("**/chat.js", lambda route: route.continue_() if let_go.is_set() else held.append(route))
    tag = f'<script src="{allowing.url}/webchat/widget.js"></script>'
    page.goto(site.write(f'<!doctype html><button data-ventanilla-ask="hola">Pregunta</button>{tag}'))
    page.get_by_role("button", name="Pregunta").click()
    let_go.set()
    for one in held:  # the request may also come only now
        one.continue_()
    expect(log(page)).to_contain_text("eco: hola")


def test_chat_whose_module_failed_to_load_is_loaded_again(page: Page, site: OtherSite, allowing: ChatServer) -> None:
    page.route("**/chat.js", lambda route: route.abort(), times=2)
    with page.expect_event("requestfailed"):
        page.goto(site.embed(allowing.url))
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")


def test_link_leads_on_and_the_loader_is_refreshed_as_soon_as_the_chat_fails_to_load(
    page: Page, site: OtherSite, allowing: ChatServer
) -> None:
    page.route("**/chat.js", lambda route: route.abort())
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # so that it is not loaded again
    link = f'<a href="{allowing.url}/tramites" data-ventanilla-ask="hola">Pregunta</a>'
    tag = f'<script src="{allowing.url}/webchat/widget.js"></script>'
    with page.expect_request(lambda one: one.url.endswith("/widget.js") and one.resource_type == "fetch"):
        page.goto(site.write(f"<!doctype html>{link}{tag}"))
    with page.expect_request(allowing.url + "/tramites"):
        page.get_by_text("Pregunta").click()


def test_duplicate_script_tag_makes_one_chat(page: Page, site: OtherSite, allowing: ChatServer) -> None:
    tag = f'<script src="{allowing.url}/webchat/widget.js" async></script>'
    page.goto(site.write(f'<!doctype html><body><button data-ventanilla-ask="hola">Pregunta</button>{tag}{tag}'))
    launcher(page).wait_for()
    page.get_by_role("button", name="Pregunta").click()
    expect(log(page)).to_contain_text("eco: hola")
    assert (page.locator("ventanilla-chat").count(), said(page).count("hola")) == (1, 1)


def test_allowed_site_can_frame_the_page(page: Page, site: OtherSite, allowing: ChatServer) -> None:
    page.goto(site.write(f'<iframe src="{allowing.url}/" title="chat"></iframe>'))
    expect(page.frame_locator("iframe").locator("h1")).to_contain_text("¿Qué necesitas")


def test_unlisted_site_cannot_frame_the_page(page: Page, site: OtherSite, server: ChatServer) -> None:
    framing = re.compile("frame-ancestors")
    with page.expect_console_message(lambda message: bool(framing.search(message.text))):
        page.goto(site.write(f'<iframe src="{server.url}/" title="chat"></iframe>'))
    expect(page.frame_locator("iframe").get_by_text("¿Qué necesitas")).to_have_count(0)


@pytest.mark.parametrize("color", ["#ffe14d", "#000000"])
def test_every_agency_colour_is_readable(page: Page, server: ChatServer, color: str) -> None:
    page.route(
        "**/",
        lambda route: route.fulfill(content_type="text/html", body=host_page(server.url, f'data-color="{color}"')),
    )
    page.goto(server.url)
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious(page) == []
