"""Operates the widget for the browser tests."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser import axe

BELOW_THE_FIELD = "#atencion"


def launcher(page: Page) -> Locator:
    return page.locator("ventanilla-chat .launcher")


def log(page: Page) -> Locator:
    return page.get_by_role("log")


def composer(page: Page) -> Locator:
    return page.get_by_label("Escribe tu mensaje")


def open_chat(page: Page, url: str) -> None:
    """Opens the chat of the site at ``url`` below the home page's field, which hides the launcher."""
    page.goto(f"{url}/{BELOW_THE_FIELD}")
    launcher(page).click()
    expect(log(page)).to_contain_text("No soy una persona")


def send(page: Page, text: str) -> None:
    composer(page).fill(text)
    composer(page).press("Enter")


def ask(page: Page, text: str) -> None:
    """Sends a message and waits until something answers it."""
    others = page.locator("ventanilla-chat .m:not(.citizen)")
    answer = others.nth(others.count())
    send(page, text)
    expect(answer).to_be_visible()


def choose_from_menu(page: Page, name: str) -> None:
    """Presses the button ``name`` of the chat's menu."""
    page.get_by_role("button", name="Más opciones").click()
    page.get_by_role("button", name=name).click()


def said(page: Page) -> list[str]:
    """Returns the first line of every bubble, in order."""
    return page.locator("ventanilla-chat .m .b").evaluate_all(
        "all => all.map(one => one.innerText.split('\\n')[0].trim())"
    )


def settled(page: Page) -> None:
    """Waits for the end of the panel's opening animation."""
    page.locator("ventanilla-chat .panel").evaluate(
        "panel => Promise.all(panel.getAnimations().map(one => one.finished))"
    )


def serious(page: Page) -> list[str]:
    """Returns axe's serious findings, after the chat has opened: while it fades in, its contrast is too low."""
    if page.locator("ventanilla-chat .panel").count():
        settled(page)
    return axe.serious(page)
