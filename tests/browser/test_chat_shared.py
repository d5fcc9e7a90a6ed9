"""Tests that a conversation does not stay on a computer that others use: exit, tab storage, idle end."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.chat_page import composer, launcher, log, open_chat, send, serious
from tests.chat_world import ChatServer

STORED = (
    '() => [localStorage, sessionStorage].map(one => Object.values(one).filter(text => /"token":"/.test(text)).length)'
)
LONG_AGO = """() => { for (const [key, text] of Object.entries(localStorage))
    localStorage.setItem(key, JSON.stringify({...JSON.parse(text), at: 1})) }"""


def shared(page: Page) -> None:
    """Gives the script tag of each page the attribute ``data-shared``, as on a library's computers."""
    page.route("**/", lambda route: route.fulfill(response=(got := route.fetch()), body=with_attribute(got.text())))


def with_attribute(html: str) -> str:
    assert 'widget.js"' in html
    return html.replace('widget.js"', 'widget.js" data-shared')


def test_shared_computer_keeps_the_chat_in_its_tab_and_a_button_leaves(page: Page, server: ChatServer) -> None:
    shared(page)
    open_chat(page, server.url)
    send(page, "secreto")
    expect(log(page)).to_contain_text("eco: secreto")
    assert page.evaluate(STORED) == [0, 1]
    assert serious(page) == []
    composer(page).fill("a medias")
    leave = page.get_by_role("button", name="Salir y borrar de este equipo")
    expect(leave).to_be_visible()
    leave.press("Enter")
    page.get_by_role("button", name="Sí, salir").press("Enter")
    expect(log(page)).to_be_hidden()
    assert page.evaluate(STORED) == [0, 0]
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")
    expect(log(page)).not_to_contain_text("secreto")
    expect(composer(page)).to_have_value("")


def test_unused_conversation_ends_in_the_browser(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "secreto")
    expect(log(page)).to_contain_text("eco: secreto")
    page.evaluate(LONG_AGO)
    expect(log(page)).to_be_hidden()
    assert page.evaluate(STORED) == [0, 0]
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")
    expect(log(page)).not_to_contain_text("secreto")


def test_conversation_of_an_earlier_visit_is_gone_before_the_page_shows_it(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "secreto")
    expect(log(page)).to_contain_text("eco: secreto")
    page.evaluate(LONG_AGO)
    page.reload()
    expect(log(page)).to_contain_text("No soy una persona")
    expect(log(page)).not_to_contain_text("secreto")
