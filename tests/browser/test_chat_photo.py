"""Tests photos from the citizen: first message, preview, caption, thumbnail, refusals, retries and lost files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocketRoute, expect

from tests.browser.chat_page import composer, launcher, log, open_chat, said, send, serious
from tests.chat_world import ChatServer
from tests.pictures import photo

PHONE = {"width": 320, "height": 640}
UPLOADS = "**/api/chat/files?*"


@pytest.fixture
def hole(tmp_path: Path) -> Path:
    file = tmp_path / "hoyo.jpg"
    file.write_bytes(photo((640, 480)))
    return file


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    file = tmp_path / "cuenta.pdf"
    file.write_bytes(b"%PDF-1.7")
    return file


def choose(page: Page, file: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Enviar una foto o un documento").click()
    chooser.value.set_files(file)


def preview(page: Page) -> Locator:
    return page.get_by_role("form", name="Vas a enviar esto")


def attach(page: Page, file: Path, caption: str = "") -> None:
    choose(page, file)
    preview(page).get_by_label("Comentario").fill(caption)
    preview(page).get_by_role("button", name="Enviar").click()


def thumbnails(page: Page) -> list[int]:
    """Returns the width of each picture in the chat, once it is loaded."""
    pictures = log(page).locator(".citizen .file img")
    expect(pictures).not_to_have_count(0)
    pictures.first.scroll_into_view_if_needed()
    widths: list[int] = pictures.evaluate_all(
        "all => Promise.all(all.map(one => one.decode().then(() => one.naturalWidth)))"
    )
    return widths


def stored(server: ChatServer) -> int:
    return sum(not path.suffix for path in (server.home / "files").glob("*/*"))


def serious_in_both_schemes(page: Page) -> list[str]:
    found: list[str] = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        found += serious(page)
    return found


def test_photo_is_the_first_message_with_preview_caption_and_thumbnail(
    browser: Browser, server: ChatServer, hole: Path
) -> None:
    page = browser.new_page(viewport=PHONE, reduced_motion="reduce")  # type: ignore[arg-type]
    open_chat(page, server.url)
    choose(page, hole)
    shown = preview(page).get_by_role("img", name="Foto: hoyo.jpg")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") == 640
    expect(preview(page).get_by_label("Comentario")).to_be_focused()
    expect(composer(page)).to_be_hidden()
    assert serious_in_both_schemes(page) == []
    page.keyboard.type("El hoyo de mi calle")
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("El hoyo de mi calle")
    expect(log(page)).to_contain_text("eco: El hoyo de mi calle")
    assert thumbnails(page) == [480]
    expect(composer(page)).to_be_focused()
    assert serious_in_both_schemes(page) == []
    page.reload()
    launcher(page).click()
    assert thumbnails(page) == [480]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.close()


def test_preview_is_left_with_escape_and_the_chat_stays_open(page: Page, server: ChatServer, hole: Path) -> None:
    open_chat(page, server.url)
    for leave in ("Escape", "Cancelar"):
        choose(page, hole)
        expect(preview(page)).to_be_visible()
        if leave == "Escape":
            page.keyboard.press(leave)
        else:
            preview(page).get_by_role("button", name=leave).click()
        expect(preview(page)).to_be_hidden()
        expect(composer(page)).to_be_focused()
    assert stored(server) == 0
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")


def test_file_is_sent_and_a_wrong_one_is_explained(page: Page, server: ChatServer, tmp_path: Path, bill: Path) -> None:
    heic, script = tmp_path / "foto.heic", tmp_path / "mal.png"
    heic.write_bytes(b"\x00\x00\x00\x18ftypheic\x00")
    script.write_bytes(b"MZ")
    open_chat(page, server.url)
    page.get_by_role("button", name="Hablar con una persona").click()
    for file in (bill, heic, script):
        attach(page, file)
    expect(log(page).get_by_role("link", name="cuenta.pdf")).to_be_visible()
    expect(log(page)).to_contain_text("está en formato HEIC")
    expect(log(page)).to_contain_text("Sólo puedo recibir fotos")
    page.get_by_role("button", name="Descartar").last.click()
    expect(log(page)).not_to_contain_text("mal.png")
    assert serious(page) == []


def test_answer_comes_below_a_file_that_was_refused(page: Page, server: ChatServer, tmp_path: Path) -> None:
    script = tmp_path / "mal.png"
    script.write_bytes(b"MZ")
    page.set_viewport_size({"width": 320, "height": 480})
    open_chat(page, server.url)
    attach(page, script)
    expect(log(page)).to_contain_text("Sólo puedo recibir fotos")
    send(page, "hola")
    answer = page.locator("ventanilla-chat .m").last
    expect(answer).to_contain_text("eco: hola")
    expect(answer).to_be_in_viewport()
    page.get_by_role("button", name="Descartar").click()
    expect(log(page)).not_to_contain_text("mal.png")


def test_text_on_its_way_stays_above_a_file_that_is_refused_meanwhile(
    page: Page, server: ChatServer, tmp_path: Path
) -> None:
    script = tmp_path / "mal.png"
    script.write_bytes(b"MZ")
    held: list[str | bytes] = []
    peers: list[WebSocketRoute] = []

    def hold(socket: WebSocketRoute) -> None:
        peer = socket.connect_to_server()
        peers.append(peer)

        def pass_on(frame: str | bytes) -> None:
            if "hola" in str(frame):
                held.append(frame)
            else:
                peer.send(frame)

        socket.on_message(pass_on)

    page.route_web_socket("**/socket", hold)
    open_chat(page, server.url)
    send(page, "buenos días")
    expect(log(page)).to_contain_text("eco: buenos días")
    send(page, "hola")
    attach(page, script)
    expect(log(page)).to_contain_text("Sólo puedo recibir fotos")
    peers[-1].send(held[0])
    expect(log(page)).to_contain_text("eco: hola")
    assert said(page)[-3:] == ["hola", "mal.png", "eco: hola"]


def test_failed_upload_is_retried_as_the_same_file(page: Page, server: ChatServer, bill: Path) -> None:
    open_chat(page, server.url)
    asked: list[str] = []
    page.route(UPLOADS, lambda route: (asked.append(route.request.url), route.abort()))
    attach(page, bill, "mi cuenta")
    with page.expect_event("requestfailed", lambda _: len(asked) == 2):  # that of the first may come only now
        page.get_by_role("button", name="Reintentar").click()
    assert len(set(asked)) == 1
    page.unroute(UPLOADS)
    page.get_by_role("button", name="Reintentar").click()
    expect(log(page).get_by_role("link", name="cuenta.pdf")).to_be_visible()
    expect(log(page)).to_contain_text("mi cuenta")
    expect(page.locator("ventanilla-chat .pending")).to_have_count(0)
    assert stored(server) == 1


def test_failed_upload_stays_when_staff_remove_a_message(page: Page, server: ChatServer, bill: Path) -> None:
    pages: list[WebSocketRoute] = []

    def tap(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        pages.append(socket)

    page.route_web_socket("**/socket", tap)
    open_chat(page, server.url)
    send(page, "mi tarjeta")
    expect(log(page)).to_contain_text("eco: mi tarjeta")
    page.route(UPLOADS, lambda route: route.abort())
    attach(page, bill, "mi cuenta")
    expect(page.get_by_role("button", name="Reintentar")).to_be_visible()
    sent = log(page).locator("[data-event]", has_text="mi tarjeta").first
    removed = sent.evaluate("one => (one.id = 'before', one.dataset.event)")
    pages[0].send(json.dumps({"type": "removed", "of": removed, "by": "Ana Soto"}))
    expect(page.locator("ventanilla-chat #before")).to_have_count(0)
    expect(log(page)).to_contain_text("eco: mi tarjeta")
    expect(page.locator("ventanilla-chat .m").last).to_contain_text("No enviado")
    page.unroute(UPLOADS)
    page.get_by_role("button", name="Reintentar").click()
    expect(log(page).get_by_role("link", name="cuenta.pdf")).to_be_visible()
    expect(page.locator("ventanilla-chat .pending")).to_have_count(0)


def test_leaving_with_an_unsent_file_asks_for_confirmation(page: Page, server: ChatServer, bill: Path) -> None:
    open_chat(page, server.url)
    send(page, "hola")
    expect(log(page)).to_contain_text("eco: hola")
    page.route(UPLOADS, lambda route: None)
    attach(page, bill)
    expect(log(page)).to_contain_text("cuenta.pdf")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.reload()
    assert asked == ["beforeunload"]
    lost = page.locator("ventanilla-chat .pending")
    expect(lost).to_contain_text("No se envió: la página se cerró antes. Elige el archivo otra vez.")
    assert said(page)[-2:] == ["eco: hola", "cuenta.pdf"]
    assert serious(page) == []
    lost.get_by_role("button", name="Descartar").click()
    expect(lost).to_have_count(0)
    page.unroute(UPLOADS)
    attach(page, bill)
    for _ in range(2):
        expect(log(page).get_by_role("link", name="cuenta.pdf")).to_be_visible()
        page.reload()
    expect(lost).to_have_count(0)
