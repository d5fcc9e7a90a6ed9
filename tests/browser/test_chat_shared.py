"""Tests that a conversation does not stay on a computer that others use: exit, tab storage, idle end."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.chat_page import composer, launcher, log, open_chat, send, serious
from tests.chat_world import ChatServer

STORED = (
    '() => [localStorage, sessionStorage].map(one => Object.values(one).filter(text => /"token":"/.test(text)).length)'
)
LONG_AGO = """() => { for (const [key, text] of Object.entries(localStorage))
    localStorage.setItem(key, JSON.stringify({...JSON.parse(text), at: 1})) }"""
NOTIFIED = '() => Object.values(sessionStorage).some(text => /"notify":true/.test(text))'
LOOK = "() => void document.dispatchEvent(new Event('visibilitychange'))"  # the chat then looks whether it is unused


def shared(page: Page) -> None:
    """Adds the attribute ``data-shared`` to the script tag of each page, as on a library's computers."""
    page.route("**/", lambda route: route.fulfill(response=(got := route.fetch()), body=with_attribute(got.text())))


def with_attribute(html: str) -> str:
    assert 'widget.js"' in html
    return html.replace('widget.js"', 'widget.js" data-shared')


def attended(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(page.locator("ventanilla-chat .queue")).to_be_visible()
    server.staff.takes()
    expect(log(page)).to_contain_text("Te atiende Ana.")
    expect(header(page)).to_contain_text("Ana Soto")


def header(page: Page) -> Locator:
    return page.locator("ventanilla-chat header .sub")


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


def unused_for_long(page: Page, server: ChatServer) -> None:
    """Begins a conversation and moves its last use into the distant past."""
    open_chat(page, server.url)
    send(page, "secreto")
    expect(log(page)).to_contain_text("eco: secreto")
    page.evaluate(LONG_AGO)


def test_unused_conversation_ends_in_the_browser(page: Page, server: ChatServer) -> None:
    unused_for_long(page, server)
    expect(log(page)).to_be_hidden()
    assert page.evaluate(STORED) == [0, 0]
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")
    expect(log(page)).not_to_contain_text("secreto")


def test_conversation_of_an_earlier_visit_is_gone_before_the_page_shows_it(page: Page, server: ChatServer) -> None:
    unused_for_long(page, server)
    page.reload()
    expect(log(page)).to_contain_text("No soy una persona")
    expect(log(page)).not_to_contain_text("secreto")


@pytest.mark.parametrize("server", [True, False], ids=["socket", "stream"], indirect=True)
def test_unused_conversation_with_a_person_ends_only_after_the_person_closed_it(page: Page, server: ChatServer) -> None:
    attended(page, server)
    page.evaluate(LONG_AGO)
    page.reload()
    expect(header(page)).to_contain_text("Ana Soto")
    expect(log(page)).to_contain_text("Te atiende Ana.")
    page.evaluate(LOOK)
    expect(log(page)).to_be_visible()
    server.staff.closes()
    expect(log(page)).to_contain_text("Ana cerró.")
    page.evaluate(LONG_AGO)
    expect(log(page)).to_be_hidden()


def test_leaving_drops_the_chosen_file_the_notifications_and_the_agents_name(
    page: Page, server: ChatServer, tmp_path: Path
) -> None:
    shared(page)
    attended(page, server)
    page.evaluate(
        "() => { const key = Object.keys(sessionStorage).find(one => /token/.test(sessionStorage[one]));"
        " sessionStorage[key] = JSON.stringify({...JSON.parse(sessionStorage[key]), notify: true}) }"
    )
    (bill := tmp_path / "cuenta.pdf").write_bytes(b"%PDF-1.7")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Enviar una foto o un documento").click()
    chooser.value.set_files(bill)
    page.get_by_label("Comentario").fill("mi deuda")
    page.get_by_role("button", name="Salir y borrar de este equipo").press("Enter")
    page.get_by_role("button", name="Sí, salir").press("Enter")
    assert page.evaluate(NOTIFIED) is False
    server.stop()
    launcher(page).click()
    expect(composer(page)).to_be_visible()
    assert "Ana" not in page.locator("ventanilla-chat header").inner_text()


def test_chat_opened_again_without_a_connection_stays_open(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    page.evaluate(LONG_AGO)
    expect(log(page)).to_be_hidden()
    server.stop()
    launcher(page).click()
    page.evaluate(LOOK)
    expect(composer(page)).to_be_visible()
