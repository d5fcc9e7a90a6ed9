"""Looks for accessibility faults of a page with axe."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page as AsyncPage
from playwright.sync_api import Page

# A phone in the dark and a desktop in light: both layouts and both palettes.
SCREENS = ((320, "dark"), (1280, "light"))
# Loaded once a document. Reports only what a person with a disability would stumble over.
LOADED = "() => Boolean(window.axe)"
SERIOUS = """(within) => axe.run(within || document, { resultTypes: ["violations"] })
  .then(({ violations }) => violations
  .filter((one) => ["serious", "critical"].includes(one.impact))
  .map((one) => `${one.id}: ${one.nodes[0].html}`))"""


def serious(page: Page) -> list[str]:
    """Returns the serious and critical findings of axe, each as its rule and the first element."""
    if not page.evaluate(LOADED):
        page.evaluate(AXE_SCRIPT)
    found: list[str] = page.evaluate(SERIOUS, "")
    return found


async def serious_async(page: AsyncPage, within: str = "") -> list[str]:
    """Does the same for a page of Playwright's asynchronous API, or for the element that ``within`` selects."""
    if not await page.evaluate(LOADED):
        await page.evaluate(AXE_SCRIPT)
    found: list[str] = await page.evaluate(SERIOUS, within)
    return found
