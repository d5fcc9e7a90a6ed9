"""Tests that a page whose scripts or style sheets failed to load, since the network was cut, recovers by itself."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page as AsyncPage
from playwright.async_api import Route as AsyncRoute
from playwright.async_api import expect
from playwright.sync_api import Page
from playwright.sync_api import expect as expect_now

from bot.channels.web.widget import Widget
from bot.core.texts import area
from bot.desk.static_files import VERSION
from tests.browser.axe import SCREENS
from tests.browser.chat_page import launcher, serious
from tests.browser.desk_page import ANA, SHOTS, OpenDesk, looks_right
from tests.chat_world import ChatServer
from tests.desk_world import DeskWorld

NOT_LOADED = area("desk")["marco"]["sin_cargar"]
CUTS = 3
ATTEMPTS, LONGEST_REST_MS = 8, 15_000


class Cut:
    """A network that fails for files of one name until ``is_over``."""

    def __init__(self) -> None:
        self.is_over = False

    async def __call__(self, route: AsyncRoute) -> None:
        if self.is_over:
            await route.continue_()
        else:
            await route.abort("internetdisconnected")


async def fail(route: AsyncRoute) -> None:
    await route.abort("internetdisconnected")


@pytest.mark.parametrize("name", ["desk.js", "frame.css", "base.css"])
async def test_desk_loads_what_failed_again(world: DeskWorld, desk: OpenDesk, name: str) -> None:
    ana = await desk()
    await ana.page.route(f"**/{name}", fail, times=CUTS)
    await ana.sign_in(ANA)
    await expect(ana.page.locator(".top")).to_have_css("display", "flex")
    await expect(ana.page.locator("body")).to_have_css("margin", "0px")
    await expect(ana.page.locator(".not-loaded")).to_have_count(0)


async def test_module_whose_failure_the_browser_remembers_is_loaded_from_another_folder(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana = await desk()
    await ana.page.route(f"**/{VERSION}/desk.js", fail)
    await ana.sign_in(ANA)  # waits until the desk is connected


@pytest.mark.parametrize(
    ("path", "module", "works"),
    [
        ("/desk/en-vivo", "live_view.js", "#updated:not(:empty)"),
        ("/desk/clave", "sign_in.js", ".reveal:visible"),
    ],
)
async def test_page_beside_the_desk_loads_its_modules_again(
    world: DeskWorld, desk: OpenDesk, path: str, module: str, works: str
) -> None:
    ana = await desk()
    await ana.page.route(f"**/{module}", fail, times=CUTS)
    await ana.sign_in(ANA, path)
    await expect(ana.page.locator(works).first).to_be_visible()


async def test_text_typed_before_a_module_loaded_is_kept_and_counted(world: DeskWorld, desk: OpenDesk) -> None:
    ana, cut = await desk(), Cut()
    await ana.page.route("**/notices.js", cut)
    await ana.sign_in(ANA, "/desk/avisos")
    box = ana.page.locator("textarea[data-counted]").first
    await box.fill("Corte de agua")
    cut.is_over = True
    counter = ana.page.locator(f"#{await box.get_attribute('data-counted')}")
    await expect(counter).to_contain_text(re.compile(r"\b13\b"))
    await expect(box).to_have_value("Corte de agua")


async def use_up_the_attempts(page: AsyncPage) -> None:
    line = page.get_by_role("alert").filter(has_text=NOT_LOADED)
    for _ in range(ATTEMPTS):
        await expect(line).to_have_count(0)
        async with page.expect_event("requestfailed"):
            await page.clock.run_for(LONGEST_REST_MS)


async def test_page_says_what_to_do_after_the_last_attempt_and_tries_again_once_the_network_is_back(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana, cut = await desk(), Cut()
    await ana.page.clock.install()
    await ana.page.route("**/live_view.js", cut)
    async with ana.page.expect_event("requestfailed"):
        await ana.sign_in(ANA, "/desk/en-vivo")
    await use_up_the_attempts(ana.page)
    line = ana.page.get_by_role("alert").filter(has_text=NOT_LOADED)
    await expect(line).to_be_in_viewport()
    await looks_right(ana, "not-loaded")
    cut.is_over = True
    await ana.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(line).to_have_count(0)
    await expect(ana.page.locator("#updated")).not_to_be_empty()


@pytest.mark.parametrize("path", ["/", "/tramites", "/privacidad"])
def test_public_page_loads_its_style_sheet_again(page: Page, server: ChatServer, path: str) -> None:
    page.route("**/page.css", lambda route: route.abort(), times=CUTS)
    page.goto(server.url + path)
    expect_now(page.locator("body")).to_have_css("display", "flex")


def test_public_page_loads_the_tag_of_the_chat_again(page: Page, server: ChatServer) -> None:
    page.route("**/webchat/widget.js", lambda route: route.abort(), times=CUTS)
    page.goto(server.url + "/tramites")
    launcher(page).wait_for()


def test_public_page_says_what_to_do_after_the_last_attempt(page: Page, server: ChatServer) -> None:
    page.clock.install()
    page.route("**/answers.css", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        page.goto(server.url + "/tramites")
    for _ in range(ATTEMPTS):
        with page.expect_event("requestfailed"):
            page.clock.run_for(LONGEST_REST_MS)
    expect_now(page.get_by_role("alert")).to_have_text(area("widget")["pagina"]["sin_cargar"])
    for width, scheme in SCREENS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        expect_now(page.get_by_role("alert")).to_be_in_viewport()
        assert (width, scheme, serious(page)) == (width, scheme, [])
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/not-loaded-public-{width}-{scheme}.png")


def test_chat_whose_failure_the_browser_remembers_is_loaded_from_another_folder(page: Page, server: ChatServer) -> None:
    page.route(f"**/{Widget.from_folder().version}/chat.js", lambda route: route.abort())
    page.goto(server.url)
    launcher(page).wait_for(state="attached")
