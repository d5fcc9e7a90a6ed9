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
TOO_SMALL = """all => all.filter(one => {
  const box = one.getBoundingClientRect();
  return box.width < 44 || box.height < 43.9;
}).map(one => one.outerHTML)"""


def test_text_whose_colours_are_each_fine_elsewhere_but_not_together_is_found(page: Page) -> None:
    pale = '<p style="color: rgb(200, 200, 200)">No se lee.</p>'
    page.set_content(f"""<html lang="es"><title>Colores</title><main style="color: rgb(20, 20, 20)"><p>Se lee.</p>
      <p style="background: rgb(20, 20, 20); color: rgb(200, 200, 200)">Se lee.</p>
      <p style="background: rgb(200, 200, 200)">Se lee.</p>{pale}</main>""")
    assert [serious(page) for _ in range(2)] == 2 * [[f"color-contrast: {pale}"]]


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
    page = browser.new_page(viewport=PHONE, reduced_motion="reduce")
    page.goto(server.url + "/tramites")
    expect(launcher(page).get_by_text("¿Te ayudo?")).to_be_visible()
    page.mouse.wheel(0, 600)
    expect(launcher(page).get_by_text("¿Te ayudo?")).to_be_hidden()
    expect(launcher(page)).to_have_accessible_name("Abrir el chat con la asistente automática")
    assert (launcher(page).bounding_box() or {})["width"] < 60
    page.close()


def test_header_and_footer_leave_a_phone_to_the_messages(page: Page, server: ChatServer) -> None:
    page.set_viewport_size({"width": 390, "height": 640})
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    height = "one => one.getBoundingClientRect().height"
    for width, most in ((390, 64), (320, 76)):
        page.set_viewport_size({"width": width, "height": 640})
        expect(page.get_by_role("button", name="Hablar con una persona")).to_be_in_viewport(ratio=1)
        assert (width, page.locator("ventanilla-chat header").evaluate(height) <= most) == (width, True)
        assert page.locator("ventanilla-chat .compose:not(.preview)").evaluate(height) <= 80


def test_no_page_scrolls_sideways(page: Page, server: ChatServer) -> None:
    for path in ("/", "/privacidad"):
        page.goto(server.url + path)
        for width in (320, 768, 1280):
            page.set_viewport_size({"width": width, "height": 640})
            wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert (path, width, wide <= 0) == (path, width, True)


def test_sheet_fits_the_smallest_phone_keeps_the_focus_and_has_large_targets(
    browser: Browser, server: ChatServer
) -> None:
    page = browser.new_page(viewport=PHONE, reduced_motion="reduce")
    open_chat(page, server.url)
    assert page.locator("ventanilla-chat button:visible, ventanilla-chat form a").evaluate_all(TOO_SMALL) == []
    for _ in range(25):
        page.keyboard.press("Tab")
        inside = page.evaluate("['ventanilla-chat', 'body'].includes(document.activeElement.localName)")
        assert inside
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


@pytest.mark.parametrize(("width", "scheme"), SCREENS)
def test_chat_has_no_serious_axe_finding_and_names_the_author(
    browser: Browser, server: ChatServer, scheme: Any, width: int
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    page.goto(f"{server.url}/{BELOW_THE_FIELD}")
    launcher(page).wait_for()
    assert serious(page) == []
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")
    expect(log(page).locator(".who").first).to_have_text("Aroma, Respuesta automática: ")  # for a screen reader
    expect(page.get_by_role("banner")).to_have_count(1)  # the page's, not the chat's, too
    send(page, "opciones")
    expect(page.get_by_role("button", name="La primera")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(log(page)).to_contain_text("Quedas en la fila")
    assert serious(page) == []
    page.close()


def test_notice_has_no_serious_axe_finding(page: Page, server: ChatServer) -> None:
    page.goto(server.url + "/privacidad")
    assert serious(page) == []
    page.emulate_media(color_scheme="dark")
    assert serious(page) == []


def test_placeholder_is_read_whole_on_a_small_phone(page: Page, server: ChatServer) -> None:
    page.set_viewport_size(PHONE)
    open_chat(page, server.url)
    assert composer(page).evaluate(PLACEHOLDER_CUT_PX) <= 0
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    assert composer(page).evaluate(PLACEHOLDER_CUT_PX) <= 0
