"""Tests the chat with a person: live queue position, typing, read marks, asking for a person in one tap."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat_page import composer, launcher, log, open_chat, send, serious
from tests.browser.pictures import PICTURE
from tests.chat_world import ChatServer, Staff
from tests.eventually import eventually_blocking

PHONE = {"width": 320, "height": 640}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


def ask_person(page: Page, url: str) -> None:
    open_chat(page, url)
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(log(page)).to_contain_text("Quedas en la fila")


def test_queue_position_is_updated_live(browser: Browser, page: Page, server: ChatServer) -> None:
    other = browser.new_page(reduced_motion="reduce")
    ask_person(other, server.url)
    ask_person(page, server.url)
    queue = page.locator("ventanilla-chat .queue")
    expect(queue).to_have_text("Tu lugar en la fila: 2")
    page.reload()
    expect(queue).to_have_text("Tu lugar en la fila: 2")
    server.staff.takes()
    expect(queue).to_have_text("Sigues tú en la fila")
    expect(other.locator("ventanilla-chat .queue")).to_be_hidden()
    server.staff.takes()
    expect(queue).to_be_hidden()
    other.context.close()


def test_queue_position_is_in_sight_before_it_is_filled(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    queue = page.locator("ventanilla-chat .queue")
    queue.evaluate("""one => new MutationObserver((all) => (window.changes ??= []).push(...all.map(({type}) => type)))
        .observe(one, {attributes: true, childList: true})""")
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(queue).to_be_visible()
    assert page.evaluate("changes.slice(-2)") == ["attributes", "childList"]


def test_header_shows_the_initials_of_the_attending_agent(
    page: Page, server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Staff, "ME", replace(Staff.ME, name="Marta Soto"))
    ask_person(page, server.url)
    mark = page.locator("ventanilla-chat .mark")
    expect(mark).to_have_text("A")
    server.staff.takes()
    expect(mark).to_have_text("MS")
    page.reload()
    expect(mark).to_have_text("MS")
    server.staff.closes()
    expect(mark).to_have_text("A")


def test_citizen_who_drops_back_in_the_queue_reads_why(browser: Browser, page: Page, server: ChatServer) -> None:
    other = browser.new_page(reduced_motion="reduce")
    ask_person(page, server.url)
    queue = page.locator("ventanilla-chat .queue")
    expect(queue).to_have_text("Sigues tú en la fila")
    open_chat(other, server.url)
    send(other, "reclamo")
    expect(queue).to_have_text("Tu lugar en la fila: 2. Pasaron antes casos con prioridad.")
    assert serious(page) == []
    server.staff.takes()
    expect(queue).to_have_text("Sigues tú en la fila")
    other.context.close()


def test_notice_is_a_card_with_a_headline_and_the_queue_position_does_not_cover_it(
    browser: Browser, server: ChatServer
) -> None:
    page = browser.new_page(viewport=PHONE, reduced_motion="reduce")
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    page.get_by_role("button", name="Hablar con una persona").click()
    expect(page.locator("ventanilla-chat .queue")).to_be_visible()
    expect(page.locator("ventanilla-chat .m").last).to_be_in_viewport(ratio=1)
    notice = page.locator("ventanilla-chat .system .b").last
    expect(notice.locator(".headline")).to_have_text("Quedas en la fila.")
    assert notice.evaluate("one => getComputedStyle(one).textAlign") in {"start", "left"}
    page.close()


def test_choices_below_a_notice_vanish_when_passed_over(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "reclamo")
    expect(log(page).get_by_role("button", name="La primera")).to_be_visible()
    send(page, "sigo aquí")
    expect(log(page)).not_to_contain_text("La primera")


@pytest.mark.parametrize("server", [True, False], indirect=True, ids=["socket", "http"])
def test_typing_and_read_marks_of_the_agent_are_shown(page: Page, server: ChatServer) -> None:
    ask_person(page, server.url)
    server.staff.takes()
    expect(page.locator("ventanilla-chat header")).to_contain_text("Te atiende Ana Soto")
    expect(composer(page)).to_have_attribute("placeholder", "Tu mensaje…")
    send(page, "mi casa es la 12")
    expect(page.locator("ventanilla-chat .pending")).to_have_count(0)
    server.staff.reads()
    expect(page.locator("ventanilla-chat .seen")).to_have_text("Visto")
    server.staff.types()
    expect(page.locator("ventanilla-chat .typing")).to_contain_text("Ana Soto está escribiendo")
    server.staff.says("Ya la busco")
    expect(page.locator("ventanilla-chat .typing")).to_be_hidden()
    page.reload()
    expect(page.locator("ventanilla-chat .seen")).to_have_text("Visto")
    expect(page.locator("ventanilla-chat header")).to_contain_text("Te atiende Ana Soto")


def test_message_of_a_calling_agent_leaves_the_citizen_with_the_assistant(page: Page, server: ChatServer) -> None:
    ask_person(page, server.url)
    server.staff.takes()
    header = page.locator("ventanilla-chat header")
    expect(header).to_contain_text("Te atiende Ana Soto")
    server.staff.promises_a_call()
    expect(header).not_to_contain_text("Te atiende")
    server.staff.takes_the_call()
    server.staff.says("Te llamo ahora")
    expect(log(page)).to_contain_text("Te llamo ahora")
    expect(header).not_to_contain_text("Te atiende")
    expect(page.get_by_role("button", name="Hablar con una persona")).to_be_visible()


def test_staff_see_what_the_citizen_has_read(page: Page, server: ChatServer) -> None:
    ask_person(page, server.url)
    server.staff.takes()
    page.keyboard.press("Escape")
    server.staff.says("¿sigue ahí?")
    expect(launcher(page)).to_have_accessible_name(re.compile("sin leer"))
    read, newest = server.staff.hears()
    assert read < newest
    launcher(page).click()

    def read_all() -> bool:
        page.wait_for_timeout(50)  # lets the page's events in
        read, newest = server.staff.hears()
        return read == newest

    eventually_blocking(read_all)


def test_staff_files_are_shown_and_saved_even_after_a_reload(page: Page, server: ChatServer) -> None:
    ask_person(page, server.url)
    server.staff.takes()
    server.staff.sends("plano.png", PICTURE, "Este es el plano")
    server.staff.sends("convenio.pdf", b"%PDF-1.7", "Y el convenio")
    for _ in range(2):
        expect(log(page)).to_contain_text("Este es el plano")
        picture = log(page).get_by_role("link", name="plano.png").locator("img")
        page.wait_for_function("image => image.complete && image.naturalWidth === 2", arg=picture.element_handle())
        with page.expect_download() as saved:
            log(page).get_by_role("link", name="convenio.pdf").click()
        assert saved.value.suggested_filename == "convenio.pdf"
        assert serious(page) == []
        page.reload()


def test_waiting_and_attended_states_pass_axe(page: Page, server: ChatServer) -> None:
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    ask_person(page, server.url)
    expect(page.locator("ventanilla-chat .queue")).to_be_visible()
    expect(log(page).locator(".m").last.locator("time")).to_be_in_viewport(ratio=1)  # not under the bar
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert (scheme, serious(page)) == (scheme, [])
    server.staff.takes()
    send(page, "hola")
    server.staff.reads()
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        server.staff.types()
        expect(page.locator("ventanilla-chat .typing")).to_be_visible()
        assert (scheme, serious(page)) == (scheme, [])
    expect(composer(page)).to_be_in_viewport(ratio=1)


def test_every_message_shows_that_it_was_received(page: Page, server: ChatServer) -> None:
    ask_person(page, server.url)
    for text in ("se me perdió la llave", "y la otra también"):
        send(page, text)
    received = page.locator("ventanilla-chat .citizen .state")
    expect(received).to_have_text(["Recibido"] * 3)
    page.reload()
    expect(received).to_have_text(["Recibido"] * 3)
    assert serious(page) == []
    server.staff.takes()
    server.staff.reads()
    expect(page.locator("ventanilla-chat .seen")).to_have_text("Visto")
    expect(received.last).to_be_hidden()


def test_closed_chat_explains_how_to_continue_the_conversation(
    browser: Browser, page: Page, server: ChatServer
) -> None:
    other = browser.new_page(reduced_motion="reduce")
    ask_person(other, server.url)
    ask_person(page, server.url)
    page.keyboard.press("Escape")
    expect(launcher(page)).to_contain_text("Sigues en la fila: 2")
    page.reload()
    expect(launcher(page)).to_contain_text("Sigues en la fila: 2")
    assert serious(page) == []
    server.staff.takes()
    expect(launcher(page)).to_contain_text("Sigues en la fila: 1")
    server.staff.closes()
    server.staff.takes()
    server.staff.says("Hola, ¿en qué le ayudo?")
    expect(launcher(page)).to_contain_text("Te respondieron")
    launcher(page).click()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_contain_text("¿Te ayudo?")
    other.context.close()


WAITS = (
    "for (const key of Object.keys(localStorage).filter((one) => one.startsWith('ventanilla:')))"
    " localStorage[key] = JSON.stringify({...JSON.parse(localStorage[key]), notify: true})"
)
AWAY = "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})"
ASKS = "import('/webchat/notify.js').then((made) => made.ask((key) => key, (text) => window.said = text))"
NOTIFIES = (
    "window.shown = [];"
    "window.Notification = class { static permission = 'granted';"
    "  static async requestPermission() { return 'granted'; }"
    "  constructor() { throw new TypeError('Illegal constructor'); } };"
    "ServiceWorkerRegistration.prototype.showNotification = async function (title, { body }) {"
    "  window.shown.push([title, body, new URL(this.active.scriptURL).pathname]); };"
)


def test_news_reach_a_citizen_in_another_tab_or_on_a_phone_by_a_service_worker(
    browser: Browser, server: ChatServer
) -> None:
    context = browser.new_context(permissions=["notifications"], reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(NOTIFIES)
    ask_person(page, server.url)
    page.evaluate(
        "import('/webchat/notify.js').then((notify) => notify.ask((key) => key, (text) => window.said = text))"
    )
    assert eventually_blocking(lambda: page.evaluate("window.said")) == "aviso_si"
    page.wait_for_function(
        "() => navigator.serviceWorker.getRegistration('/webchat/notify_worker.js').then((one) => one?.active)"
    )
    page.evaluate(WAITS)
    page.evaluate(AWAY)
    server.staff.takes()
    title, body, worker = eventually_blocking(lambda: page.evaluate("window.shown[0]"))
    assert (title, body) == ("Chat de Municipalidad de Los Aromos", "Hay novedades en tu conversación.")
    assert worker == "/webchat/notify_worker.js"
    context.close()


def test_news_mark_the_title_where_no_notification_can_be_shown(browser: Browser, server: ChatServer) -> None:
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script("delete window.Notification")
    ask_person(page, server.url)
    page.evaluate(
        "import('/webchat/notify.js').then((notify) => notify.ask((key) => key, (text) => window.said = text))"
    )
    assert eventually_blocking(lambda: page.evaluate("window.said")) == "aviso_no"
    page.evaluate(WAITS)
    page.evaluate(AWAY)
    server.staff.takes()
    expect(page).to_have_title("● Hay novedades en tu conversación.")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title(re.compile("^Municipalidad|^Chat|Los Aromos"))
    context.close()


def test_emergency_shows_a_button_to_call_and_no_queue(page: Page, server: ChatServer) -> None:
    open_chat(page, server.url)
    send(page, "huele a gas")
    call = log(page).get_by_role("link", name="Llamar al 132")
    expect(call).to_have_attribute("href", "tel:132")
    expect(log(page)).to_contain_text("¿Estás a salvo?")
    for _ in range(2):
        expect(page.locator("ventanilla-chat header")).to_contain_text("Emergencia: no esperes, llama")
        expect(page.locator("ventanilla-chat .queue")).to_be_hidden()
        expect(page.get_by_role("button", name="Salir de la fila")).to_be_hidden()
        assert serious(page) == []
        page.reload()
        expect(call).to_be_visible()
    server.staff.takes()
    expect(page.locator("ventanilla-chat header")).to_contain_text("Te atiende")


def test_emergency_reported_while_waiting_hides_the_position(page: Page, server: ChatServer) -> None:
    ask_person(page, server.url)
    queue = page.locator("ventanilla-chat .queue")
    expect(queue).to_have_text("Sigues tú en la fila")
    send(page, "huele a gas")
    expect(log(page).get_by_role("link", name="Llamar al 132")).to_be_visible()
    for _ in range(2):
        expect(page.locator("ventanilla-chat header")).to_contain_text("Emergencia: no esperes, llama")
        expect(queue).to_be_hidden()
        expect(page.get_by_role("button", name="Salir de la fila")).to_be_hidden()
        page.reload()
    page.keyboard.press("Escape")
    expect(launcher(page)).not_to_contain_text("Sigues en la fila")
