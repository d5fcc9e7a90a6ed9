"""Tests the account pages in a real browser: staff, sessions, second factor and audit, on a phone and in dark mode."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pyotp
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Route, expect

from bot.agency.model import Agency
from bot.record.engine import Sessions
from tests.browser.desk_page import DeskPage
from tests.desk_world import PASSWORD, DeskWorld, desk_world, served
from tests.eventually import PATIENCE_MS
from tests.oidc_peer import CLIENT, SECRET, OidcPeer

ADMIN, ANA = "admin@losaromos.example", "ana@losaromos.example"


@pytest_asyncio.fixture
async def peer() -> AsyncIterator[OidcPeer]:
    made = OidcPeer()
    made.claims = {"email": ANA, "email_verified": True}
    async with served(made.app) as made.url:
        yield made


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, peer: OidcPeer) -> AsyncIterator[DeskWorld]:
    ours = {"OIDC_ISSUER": peer.url, "OIDC_CLIENT_ID": CLIENT, "OIDC_CLIENT_SECRET": SECRET, "OIDC_NAME": "Aromos"}
    async with desk_world(redis, database, agency, **ours) as made:
        await made.hire(ADMIN, "Rosa", roles=("admin",))
        await made.hire(ANA, "Ana Soto")
        yield made


@pytest_asyncio.fixture
async def context(chromium: Browser) -> AsyncIterator[BrowserContext]:
    opened = await chromium.new_context(
        locale="es-CL", viewport={"width": 320, "height": 800}, color_scheme="dark", reduced_motion="reduce"
    )
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    await opened.close()


async def sound(desk: DeskPage) -> None:
    assert (await desk.serious(), await desk.sideways_scroll_px() <= 0) == ([], True), desk.page.url


async def sound_on_a_wide_light_screen(desk: DeskPage) -> None:
    """Checks the open page on a wide screen in light mode too, and then restores the screen."""
    before = desk.page.viewport_size
    await desk.page.set_viewport_size({"width": 1280, "height": 800})
    await desk.page.emulate_media(color_scheme="light")
    await sound(desk)
    await desk.page.emulate_media(color_scheme="dark")
    await desk.page.set_viewport_size(before or {"width": 320, "height": 800})


async def at(world: DeskWorld, context: BrowserContext, path: str, email: str = ADMIN) -> DeskPage:
    return await DeskPage(await context.new_page(), world.url).sign_in(email, path)


async def test_administrator_adds_an_account_and_pages_are_accessible(
    world: DeskWorld, context: BrowserContext
) -> None:
    desk = DeskPage(await context.new_page(), world.url)
    await desk.page.goto(f"{world.url}/desk/personal")
    await sound(desk)
    await desk.enter(ADMIN)
    await desk.page.wait_for_url(f"{world.url}/desk/personal")
    await desk.page.get_by_role("link", name="Agregar a alguien").click()
    await desk.page.get_by_label("Correo").fill("beto@losaromos.example")
    await desk.page.get_by_label("Nombre").fill("Beto Díaz")
    for team in ("Dirección de Tránsito", "Salud municipal"):
        await desk.page.get_by_label(team).check()
    await desk.page.get_by_label("Conversaciones a la vez").fill("2")
    await sound(desk)
    await desk.page.get_by_role("button", name="Crear cuenta").click()
    await expect(desk.page.get_by_role("heading", name="Contraseña de un solo uso")).to_be_visible()
    await sound(desk)
    await desk.page.get_by_role("link", name="Listo").click()
    await expect(desk.page.get_by_text("Dirección de Tránsito · Salud municipal")).to_be_visible()
    await expect(desk.page.get_by_text("2 a la vez")).to_be_visible()
    await sound(desk)
    await desk.page.get_by_role("link", name="Beto Díaz").click()
    await expect(desk.page.get_by_label("Salud municipal")).to_be_checked()
    await sound(desk)
    await desk.page.get_by_role("button", name="Desactivar").click()
    await expect(desk.page.get_by_role("heading", name="¿Desactivar la cuenta de Beto Díaz?")).to_be_visible()
    await sound(desk)
    await desk.page.get_by_role("button", name="Sí, desactivar").click()
    await expect(desk.page.get_by_text("Desactivada")).to_be_visible()
    await desk.page.goto(f"{world.url}/desk/auditoria?comprobar=1")
    await expect(desk.page.get_by_text("como se escribieron")).to_be_visible()
    await expect(desk.page.get_by_role("cell", name="Beto Díaz").first).to_be_visible()
    await sound(desk)


async def test_second_factor_is_enabled_by_keyboard_and_then_required(
    world: DeskWorld, context: BrowserContext
) -> None:
    desk = await at(world, context, "/desk/cuenta")
    await desk.page.get_by_role("link", name="Activar").press("Enter")
    await expect(desk.page.get_by_role("img", name="Código QR")).to_be_visible()
    await desk.page.locator("summary", has_text="escanearlo").press("Enter")
    totp = pyotp.TOTP((await desk.page.locator(".by-hand").inner_text()).replace(" ", ""))
    await desk.page.get_by_label("Código de 6 números").fill(totp.now())
    await desk.page.keyboard.press("Enter")
    codes = desk.page.get_by_role("main").get_by_role("listitem")
    await expect(codes).to_have_count(10)
    recovery = await codes.first.inner_text()
    await sound(desk)
    await desk.page.locator(".account summary").press("Enter")
    await sound(desk)
    await desk.page.get_by_role("button", name="Cerrar sesión").press("Enter")
    await desk.enter(ADMIN)
    box = desk.page.get_by_label("Código de tu teléfono")
    await expect(box).to_be_focused()
    await sound(desk)
    await box.fill(recovery)
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("heading", name="Para empezar")).to_be_visible()


async def test_openid_provider_signs_in_with_one_button(world: DeskWorld, context: BrowserContext) -> None:
    desk = DeskPage(await context.new_page(), world.url)
    await desk.page.goto(f"{world.url}/desk")
    await desk.page.get_by_role("link", name="Entrar con Aromos").click()
    await desk.is_live()
    await desk.page.goto(f"{world.url}/desk/confirmar")
    await expect(desk.page.get_by_role("link", name="Entrar con Aromos")).to_be_visible()
    await sound(desk)


async def test_other_session_is_listed_and_can_be_ended(world: DeskWorld, context: BrowserContext) -> None:
    other = await world.sign_in(ANA)
    desk = await at(world, context, "/desk/cuenta", ANA)
    await expect(desk.page.get_by_text("Chrome en Linux")).to_be_visible()
    await desk.page.get_by_role("button", name="Cerrar: Programa desconocido").click()
    await expect(desk.page.get_by_text("Programa desconocido")).to_have_count(0)
    assert (await other.get("/desk/api/tickets")).status_code == 401


async def test_failed_sign_ins_show_the_waiting_time(world: DeskWorld, context: BrowserContext) -> None:
    desk = DeskPage(await context.new_page(), world.url)
    await desk.page.goto(f"{world.url}/desk/login")
    for _ in range(6):
        await desk.enter(ANA, "no es")
    await expect(desk.page.get_by_role("alert")).to_contain_text("Espera un minuto")
    await sound(desk)
    await desk.enter(ANA, PASSWORD)
    await expect(desk.page.get_by_role("alert")).to_contain_text("Espera")


async def slowly(route: Route) -> None:
    await asyncio.sleep(0.5)
    await route.continue_()


async def test_double_click_on_the_password_given_again_keeps_the_session(
    world: DeskWorld, context: BrowserContext
) -> None:
    desk, sent = await at(world, context, "/desk/cuenta", ANA), list[str]()
    await desk.page.goto(f"{world.url}/desk/confirmar?volver=/desk/cuenta")
    desk.page.on("request", lambda request: sent.append(request.method))
    await desk.page.get_by_label("Contraseña", exact=True).fill(PASSWORD)
    await desk.page.route("**/desk/confirmar", slowly)
    await desk.page.get_by_role("button", name="Seguir").evaluate(
        "button => { button.click(); setTimeout(() => button.click(), 100); }"
    )
    await expect(desk.page.get_by_text("Chrome en Linux")).to_be_visible()
    assert sent.count("POST") == 1


async def test_administrator_states_how_the_requester_was_identified_before_a_new_password(
    world: DeskWorld, context: BrowserContext
) -> None:
    desk = await at(world, context, "/desk/personal")
    await desk.page.get_by_role("link", name="Ana Soto").click()
    await desk.page.get_by_role("button", name="Dar una contraseña de un solo uso").click()
    await expect(desk.page.get_by_role("group", name="¿Cómo sabes que te lo pide esta persona?")).to_be_visible()
    await sound(desk)
    await sound_on_a_wide_light_screen(desk)
    await desk.page.get_by_role("button", name="Sí, dar una nueva").click()
    assert await desk.page.get_by_role("radio", name="La tengo delante").evaluate("one => one.validity.valueMissing")
    await desk.page.get_by_text("La llamé a un número que ya tenía").click()
    await desk.page.get_by_role("button", name="Sí, dar una nueva").click()
    await expect(desk.page.get_by_role("heading", name="Contraseña de un solo uso")).to_be_visible()


async def test_low_window_shows_the_current_page_of_the_menu(world: DeskWorld, context: BrowserContext) -> None:
    page = await context.new_page()
    await page.set_viewport_size({"width": 1280, "height": 500})
    await DeskPage(page, world.url).sign_in(ADMIN, "/desk/auditoria")
    await expect(page.locator(".rail [aria-current]")).to_be_in_viewport(ratio=1)
