"""Tests naughty strings in a real browser: shown as text, not executed, and nothing is fetched from elsewhere."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.chat_page import log, open_chat
from tests.chat_world import ChatServer
from tests.naughty import SAID

TOGETHER = 25
SHOWN = {"a", "br", "p", "strong", "em", "div", "span"}
INSIDE = "all => all.flatMap(one => [...one.querySelectorAll('*')].map(inner => inner.localName))"


def test_naughty_strings_never_execute(page: Page, server: ChatServer) -> None:
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: ran.append(str(error)))
    page.on("request", lambda request: ran.append(request.url) if not request.url.startswith(server.url) else None)
    open_chat(page, server.url)
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(log(page)).to_contain_text("Quedas en la fila")
    server.staff.takes()
    for begin in range(0, len(SAID), TOGETHER):
        server.staff.says("\n".join(SAID[begin : begin + TOGETHER]))
    server.staff.says("eso es todo")
    expect(log(page)).to_contain_text("eso es todo")
    assert set(page.locator("ventanilla-chat .m:not(.system) .b").evaluate_all(INSIDE)) <= SHOWN
    assert ran == []
