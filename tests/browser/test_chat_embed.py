"""The widget on another site: only where it is allowed, unharmed by that site's styles, readable in its colour."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.agency import Agency
from bot.run.ports import LOOPBACK
from tests.browser.chat_page import composer, launcher, log, send, serious
from tests.chat_world import ChatServer


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
