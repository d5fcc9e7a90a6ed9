"""Tests the pages of the answers in a browser: without JavaScript, small, dark, printed, and on the way to the chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

import pytest
import redis as blocking_redis
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bot.agency.model import Agency
from bot.core.settings import ROOT
from bot.faq.entries.folder import load_folder
from tests.browser.axe import SCREENS
from tests.browser.chat_page import BELOW_THE_FIELD, composer, launcher, log, send, serious
from tests.chat_world import ANSWERED, ChatServer
from tests.faq_entry import BASE

HOLE = "¿Cómo aviso de un hoyo o bache en la calle?"
VARIANT = replace(BASE, id="bache", audience={"segmento": ("adulto-mayor",)}, path="calle/bache.mayor.md")
LONG = replace(BASE, id="largo", question="¿" + "Electroencefalografista" * 4 + "?", path="calle/largo.md")
PATHS = ["/", "/tramites", "/tramites?q=lisensia", "/tramites?q=zzzqqq", "/tramites/bache", "/tramites/largo"]
TOO_SMALL = """() => [...document.querySelectorAll("a, button, input")]
  .filter((one) => one.checkVisibility() && !one.matches(".skip") && getComputedStyle(one).display !== "inline")
  .map((one) => [one, one.getBoundingClientRect()])
  .filter(([, box]) => Math.min(box.width, box.height) < 24)
  .map(([one]) => one.outerHTML.slice(0, 80))"""


@pytest.fixture
def server(redis_url: str, agency: Agency) -> Iterator[ChatServer]:
    """Starts an empty chat with the demo's entries and two more."""
    with blocking_redis.Redis.from_url(redis_url) as client:
        client.flushall()
    entries = (*load_folder(ROOT / "data" / "faq", None).entries, VARIANT, LONG)
    running = ChatServer(redis_url, agency, entries=lambda: entries).start()
    yield running
    running.stop()


def test_every_page_fits_and_has_no_serious_axe_finding(page: Page, server: ChatServer) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))  # such as a refusal by the content policy
    for path in PATHS:
        page.goto(server.url + path)
        launcher(page).wait_for(state="attached")
        for width, scheme in SCREENS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            at = (path, width, scheme)
            assert (at, page.evaluate("document.documentElement.scrollWidth - innerWidth")) == (at, 0)
            assert (at, serious(page)) == (at, [])
            assert (at, page.evaluate(TOO_SMALL)) == (at, [])
    assert complaints == []


def test_answer_is_found_and_read_without_javascript(browser: Browser, server: ChatServer) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server.url)
    page.get_by_label("Tu pregunta").fill("kiero renobar la lisensia")
    page.get_by_label("Tu pregunta").press("Enter")
    page.get_by_role("link", name="¿Cómo renuevo mi licencia de conducir?").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Cómo renuevo mi licencia de conducir?")
    expect(page.get_by_text("Abierto, cierra a las 14:00")).to_be_visible()
    page.get_by_role("link", name="Trámites", exact=True).first.click()
    expect(page.get_by_role("heading", name="Tránsito y vehículos")).to_be_visible()
    context.close()


def test_page_asks_its_question_in_the_chat(page: Page, server: ChatServer) -> None:
    page.goto(server.url + "/tramites/bache")
    launcher(page).wait_for()
    page.get_by_role("link", name="Preguntar en el chat").click()
    expect(log(page)).to_contain_text(f"eco: {HOLE}")
    expect(page).to_have_url(re.compile("/tramites/bache$"))


def test_link_on_a_poster_asks_our_question_once(page: Page, server: ChatServer) -> None:
    page.goto(f"{server.url}/?q={quote(HOLE)}")
    expect(log(page)).to_contain_text(f"eco: {HOLE}")
    expect(page).to_have_url(server.url + "/")
    page.reload()
    expect(log(page)).to_contain_text(f"eco: {HOLE}")
    send(page, "otra")
    expect(log(page)).to_contain_text("eco: otra")
    assert log(page).inner_text().count(f"eco: {HOLE}") == 1


def test_link_with_other_words_only_fills_them_in(page: Page, server: ChatServer) -> None:
    page.goto(f"{server.url}/?q={quote('<b>quiero</b> quejarme')}")
    expect(composer(page)).to_have_value("<b>quiero</b> quejarme")
    expect(composer(page)).to_be_focused()
    expect(log(page)).to_contain_text("No soy una persona")
    assert "eco" not in log(page).inner_text()
    composer(page).press("Enter")
    expect(log(page)).to_contain_text("eco: <b>quiero</b> quejarme")


def test_words_that_found_nothing_are_filled_in(page: Page, server: ChatServer) -> None:
    page.goto(server.url + "/tramites?q=zzzqqq")
    launcher(page).wait_for()
    page.get_by_role("link", name="Preguntar en el chat").click()
    expect(composer(page)).to_have_value("zzzqqq")


def test_answer_in_the_chat_leads_to_its_page_and_its_phone_can_be_called(
    context: BrowserContext, page: Page, server: ChatServer
) -> None:
    page.goto(f"{server.url}/{BELOW_THE_FIELD}")
    launcher(page).click()
    send(page, ANSWERED)
    expect(log(page).get_by_role("link", name="+56 2 2555 0100")).to_have_attribute("href", "tel:+56225550100")
    why = log(page).get_by_role("group").filter(has_text="¿Por qué esta respuesta?")
    why.get_by_text("¿Por qué esta respuesta?").click()
    expect(why.get_by_text("La eligió una máquina")).to_be_visible()
    expect(why.get_by_text("Es la respuesta a «¿Cómo aviso de un hoyo?»")).to_be_visible()
    expect(why.get_by_role("link", name="Cómo funciona")).to_have_attribute("href", f"{server.url}/transparencia")
    with context.expect_page() as opened:
        log(page).get_by_role("link", name="Ver esta respuesta en una página").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(HOLE)


def test_printed_page_has_the_answer_and_no_controls(page: Page, server: ChatServer) -> None:
    page.goto(server.url + "/tramites/bache")
    launcher(page).wait_for()
    page.emulate_media(media="print", color_scheme="dark")
    for shown in ("+56 2 2555 0100", "Última revisión", "Dirección de Obras Municipales"):
        expect(page.get_by_text(shown).first).to_be_visible()
    for hidden in (launcher(page), page.get_by_text("Preguntar en el chat"), page.get_by_text("También en")):
        expect(hidden).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(0, 0, 0)"


def test_printed_address_does_not_print_the_search_of_its_map(page: Page, server: ChatServer) -> None:
    page.goto(server.url + "/tramites/bache")
    page.emulate_media(media="print")
    printed = """(href) => {
      const link = Object.assign(document.createElement('a'), { href });
      document.querySelector('.body').append(link);
      return getComputedStyle(link, '::after').content;
    }"""
    assert page.evaluate(printed, "https://losaromos.example/") != "none"
    assert page.evaluate(printed, "https://maps.example/search?query=Calle%20El%20Boldo%20340") == "none"


def test_link_to_the_chat_comes_second_and_keeps_what_was_typed(page: Page, server: ChatServer) -> None:
    page.goto(server.url + "/tramites")
    launcher(page).wait_for(state="attached")
    for words in ("una duda", None):
        page.locator("body").evaluate("document.activeElement.blur()")
        page.get_by_role("link", name="Ir al chat").focus()
        expect(page.get_by_role("link", name="Ir al chat")).to_be_in_viewport()
        page.keyboard.press("Enter")
        expect(composer(page)).to_be_focused()
        if words:
            composer(page).fill(words)
        page.keyboard.press("Escape")
    page.get_by_role("link", name="Ir al chat").press("Enter")
    expect(composer(page)).to_have_value("una duda")
    assert page.evaluate("[...document.querySelectorAll('a')].indexOf(document.querySelector('.to-chat'))") == 1
    assert page.url.endswith("/tramites")


def test_back_button_of_a_phone_closes_the_chat_first(browser: Browser, server: ChatServer) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640}, has_touch=True, reduced_motion="reduce")
    page = context.new_page()
    page.goto(server.url + "/")
    page.goto(server.url + "/tramites")
    dialog = page.locator("ventanilla-chat dialog.panel")
    launcher(page).click()
    expect(dialog).to_be_visible()
    page.go_back()
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/tramites")
    launcher(page).click()
    expect(dialog).to_be_visible()
    page.get_by_role("button", name="Cerrar").click()
    expect(dialog).to_be_hidden()
    page.wait_for_function("() => !history.state?.ventanillaChat")
    page.go_back()
    page.wait_for_url(re.compile("^[^?]*:[0-9]+/$"))
    context.close()


def test_wide_screen_gets_no_entry_in_the_history(page: Page, server: ChatServer) -> None:
    page.goto(server.url + "/tramites")
    launcher(page).click()
    expect(composer(page)).to_be_focused()
    assert page.evaluate("history.state") is None


def test_example_of_the_search_fits_a_small_phone(page: Page, server: ChatServer) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(server.url + "/tramites")
    room = """field => { const style = getComputedStyle(field), ink = document.createElement('canvas').getContext('2d');
      ink.font = style.font;
      return field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
        - ink.measureText(field.placeholder).width; }"""
    assert page.locator("#q").evaluate(room) > 0
