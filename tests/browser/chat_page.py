"""Operates the widget for the browser tests."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect


def launcher(page: Page) -> Locator:
    return page.locator("ventanilla-chat .launcher")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def composer(page: Page) -> Locator:
    return page.get_by_label("Escribe tu mensaje")


def open_chat(page: Page, url: str) -> None:
    page.goto(url)
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")


def send(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def said(page: Page) -> list[str]:
    """Returns the text of every bubble in order."""
    return page.locator("ventanilla-chat .m .b").evaluate_all(
        "all => all.map(one => one.innerText.split('\\n')[0].trim())"
    )


def settled(page: Page) -> None:
    """Waits for the end of the panel's opening animation."""
    page.locator("ventanilla-chat .panel").evaluate(
        "panel => Promise.all(panel.getAnimations().map(one => one.finished))"
    )


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html']}" for one in found if one["impact"] in {"serious", "critical"}]
