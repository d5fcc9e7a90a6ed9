"""Holds back the answers that a page gets, and hands them to it late or in another order."""

from __future__ import annotations

from playwright.async_api import Page

HOLD = """([part, most]) => {
  const send = window.fetch;
  window.held = [];
  let held = 0;
  window.fetch = async (url, options) => {
    const answer = await send(url, options);
    if (!String(url).includes(part) || held++ >= most) return answer;
    const body = await answer.text();
    await new Promise((letGo) => window.held.push(letGo));
    return new Proxy(answer, { get: (one, name) => (name === "json" ? async () => JSON.parse(body) : one[name]) });
  };
}"""
NO_POLLING = """const every = window.setInterval;
window.setInterval = (act, ms, ...given) => (ms === 5000 ? 0 : every(act, ms, ...given));"""  # of the emergencies
LET_GO = """async (place) => {
  window.held[place]();
  await new Promise((done) => setTimeout(done));
}"""


async def hold(page: Page, part: str, most: int = 100) -> None:
    """Holds back the answers to the first ``most`` requests whose address contains ``part``, once they are here."""
    await page.evaluate(HOLD, [part, most])


async def held(page: Page, count: int = 1) -> None:
    """Waits until so many answers are held back."""
    await page.wait_for_function("count => window.held.length === count", arg=count)


async def let_go(page: Page, place: int = 0) -> None:
    """Hands the page an answer, by its place in the order of arrival; returns when the page has handled it."""
    await page.evaluate(LET_GO, place)
