"""Tests the chat's accessibility: keyboard, small screens, large text, light and dark mode, axe findings."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import SCREENS
from tests.browser.chat_page import BELOW_THE_FIELD, composer, launcher, log, open_chat, send, serious, settled
from tests.chat_world import ChatServer

PHONE = {"width": 320, "height": 640}
PLACEHOLDER_CUT_PX = """field => {
  const pen = document.createElement('canvas').getContext('2d');
  const style = getComputedStyle(field);
  pen.font = style.font;
  const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return pen.measureText(field.placeholder).width - room;
}"""


def test_chat_works_by_keyboard(page: Page, server: ChatServer) -> None:
    page.goto(f"{server.url}/{BELOW_THE_FIELD}")
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


def test_screen_reader_reads_name_and_kind_of_the_author_apart(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    expect(log(page).locator(".who").first).to_have_text("Aroma, Asistente automática: ")


def test_menu_works_by_keyboard_and_gives_the_focus_back(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    more = page.get_by_role("button", name="Más opciones")
    more.focus()
    page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Descargar la conversación")).to_be_focused()
    assert serious(page) == []
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    expect(more).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    composer(page).focus()
    expect(page.get_by_role("link", name="Privacidad", exact=True)).to_be_hidden()


def test_field_has_a_ring_for_the_keyboard_alone(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    field = page.locator("ventanilla-chat .compose:not(.preview) .field")
    shadow = "one => getComputedStyle(one).boxShadow"
    assert field.evaluate(shadow) == "none"
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    expect(composer(page)).to_be_focused()
    assert "2px" in field.evaluate(shadow)
    composer(page).click()
    assert field.evaluate(shadow) == "none"


def test_escape_uncovers_what_has_the_focus_on_the_page(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    mail = page.get_by_role("link", name="oirs@losaromos.example")
    mail.focus()
    page.keyboard.press("Escape")
    expect(composer(page)).to_be_hidden()
    expect(mail).to_be_focused()
    expect(launcher(page)).to_be_visible()


def test_launcher_steps_aside_while_the_pages_own_field_is_in_sight(page: Page, server: ChatServer) -> None:
    page.goto(server.url)
    launcher(page).wait_for(state="attached")
    expect(launcher(page)).to_be_hidden()
    page.get_by_text("Dónde estamos").scroll_into_view_if_needed()
    expect(launcher(page)).to_be_visible()
    launcher(page).click()
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    page.keyboard.press("Escape")
    page.get_by_label("Tu pregunta").scroll_into_view_if_needed()
    expect(launcher(page)).to_be_in_viewport()  # it leads back to a conversation


def test_launcher_is_small_on_a_phone_while_the_citizen_reads(browser: Browser, server: ChatServer) -> None:
    page = browser.new_page(viewport=PHONE)
    page.goto(server.url + "/tramites")
    expect(launcher(page).get_by_text("¿Te ayudo?")).to_be_visible()
    page.mouse.wheel(0, 600)
    expect(launcher(page).get_by_text("¿Te ayudo?")).to_be_hidden()
    expect(launcher(page)).to_have_accessible_name("Abrir el chat con la asistente automática")
    assert (launcher(page).bounding_box() or {})["width"] < 60
    page.close()


@pytest.mark.parametrize(("width", "most"), [(390, 64), (320, 76)])
def test_header_and_footer_leave_a_phone_to_the_messages(
    browser: Browser, server: ChatServer, width: int, most: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640})
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    expect(page.get_by_role("button", name="Hablar con una persona")).to_be_in_viewport(ratio=1)
    height = "one => one.getBoundingClientRect().height"
    assert page.locator("ventanilla-chat header").evaluate(height) <= most
    assert page.locator("ventanilla-chat .compose:not(.preview)").evaluate(height) <= 80
    page.close()


def test_focus_stays_inside_the_full_screen_sheet(browser: Browser, server: ChatServer) -> None:
    page = browser.new_page(viewport=PHONE)
    open_chat(page, server.url)
    for _ in range(25):
        page.keyboard.press("Tab")
        inside = page.evaluate("['ventanilla-chat', 'body'].includes(document.activeElement.localName)")
        assert inside
    page.close()


@pytest.mark.parametrize("path", ["/", "/privacidad"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_scrolls_sideways(browser: Browser, server: ChatServer, path: str, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 640})
    page.goto(server.url + path)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    page.close()


def test_sheet_fits_the_smallest_phone(browser: Browser, server: ChatServer) -> None:
    page = browser.new_page(viewport=PHONE)
    open_chat(page, server.url)
    send(page, "opciones largas " + "palabramuylarga" * 20)
    expect(log(page)).to_contain_text("eco: opciones")
    settled(page)
    box = page.locator("ventanilla-chat .panel").bounding_box() or {}
    assert {side: round(pixels) for side, pixels in box.items()} == {"x": 0, "y": 0, **PHONE}
    scroller = page.locator("ventanilla-chat .scroller")
    assert scroller.evaluate("one => one.scrollWidth - one.clientWidth") <= 0
    page.close()


def test_everything_is_usable_with_text_at_200_percent(page: Page, server: ChatServer) -> None:
    page.set_viewport_size({"width": 640, "height": 800})
    open_chat(page, server.url)
    page.add_style_tag(url=server.url + "/webchat/colors.css")
    page.evaluate("document.querySelector('ventanilla-chat').style.fontSize = '200%'")
    for name in ["Enviar", "Cerrar el chat", "Hablar con una persona"]:
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
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


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_chat_has_no_serious_axe_finding(browser: Browser, server: ChatServer, scheme: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{server.url}/{BELOW_THE_FIELD}")
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
def test_notice_has_no_serious_axe_finding(browser: Browser, server: ChatServer, scheme: Any) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.goto(server.url + "/privacidad")
    assert serious(page) == []
    page.close()


@pytest.mark.parametrize("begun", [False, True])
def test_placeholder_is_read_whole_on_a_small_phone(page: Page, server: ChatServer, begun: bool) -> None:
    page.set_viewport_size(PHONE)
    open_chat(page, server.url)
    if begun:
        send(page, "hola")
        expect(log(page)).to_contain_text("eco: hola")
    cut = composer(page).evaluate(PLACEHOLDER_CUT_PX)
    assert cut <= 0
