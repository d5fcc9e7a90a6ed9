"""Checks the accessibility of a page with axe."""

from __future__ import annotations

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page as AsyncPage
from playwright.sync_api import Page

# A phone in the dark and a desktop in light: both layouts and both palettes.
SCREENS = ((320, "dark"), (1280, "light"))
# Loaded once per document. Reports only findings that hinder a person with a disability, and skips the rules
# without such findings: a finding's impact is that of its rule. (Enabling rules by name would add experimental ones.)
LOADED = "() => Boolean(window.axe)"
# Reads each colour of a page once. axe parses the same few again for each element, a third of its processor time.
READ_ONCE = """(() => {
  const { prototype } = axe.commons.color.Color;
  const [parse, known] = [prototype.parseString, new Map()];
  prototype.parseString = function (text) {
    if (known.has(text)) [this.r, this.g, this.b, this.alpha] = known.get(text);
    else known.set(text, [parse.call(this, text).r, this.g, this.b, this.alpha]);
    return this;
  };
})();"""
AXE = f"{AXE_SCRIPT}\n{READ_ONCE}"
SERIOUS = """(within) => {
  const grave = (one) => ["serious", "critical"].includes(one.impact);
  const rules = axe._audit.rules.filter((one) => one.impact && !grave(one)).map((one) => [one.id, { enabled: false }]);
  return axe.run(within || document, { resultTypes: ["violations"], rules: Object.fromEntries(rules) })
    .then(({ violations }) => violations.filter(grave).map((one) => `${one.id}: ${one.nodes[0].html}`));
}"""


def serious(page: Page) -> list[str]:
    """Returns the serious and critical findings of axe, each as its rule and the first element."""
    if not page.evaluate(LOADED):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(SERIOUS, "")
    return found


async def serious_async(page: AsyncPage, within: str = "") -> list[str]:
    """Does the same as ``serious`` for an asynchronous page, or for the element that ``within`` selects."""
    if not await page.evaluate(LOADED):
        await page.evaluate(AXE)
    found: list[str] = await page.evaluate(SERIOUS, within)
    return found
