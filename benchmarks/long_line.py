"""Measures how soon a new ticket appears at the desk: ``python -m benchmarks.long_line``. Needs Chromium.

1,000 tickets wait and 100 agents have the desk open, five of them in a browser; then TIMES new tickets arrive. Prints
the milliseconds until the row is on the page: the median over all browsers, and the slowest browser for each ticket.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import async_playwright

from bot.agency.model import load_agency
from bot.record.engine import open_database
from bot.record.migrate import migrate
from bot.run.part import Running
from bot.run.ports import free_port
from bot.run.postgres import make_databases, postgres_part, postgres_url
from bot.run.valkey import valkey_part, valkey_url
from bot.store.client import open_redis
from tests.browser.conftest import CHROMIUM, CHROMIUM_OPTIONS
from tests.browser.long_line import ANA, BROWSERS, listening, long_line, opened, seen_after_ms
from tests.home import ROOT

TIMES = 20
PASSWORD = "benchmark"  # noqa: S105


async def measured(redis_url: str, database_url: str) -> list[list[float]]:
    """Returns a list for each new ticket: the milliseconds until each browser shows the ticket."""
    redis, (engine, sessions) = open_redis(redis_url, "s" * 40), open_database(database_url)
    agency = load_agency(ROOT / "agency.yml")
    async with async_playwright() as playwright, long_line(redis, sessions, agency) as world:
        running = await playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_OPTIONS)
        async with listening(world, dict((await world.sign_in(ANA)).cookies)):
            desks = [await opened(running, world.url) for _ in range(BROWSERS)]
            pages = [desk.page for desk in desks]
            took = [await seen_after_ms(world, pages, f"urgente {number}") for number in range(TIMES)]
        await running.close()
    await redis.aclose()
    await engine.dispose()
    return took


def main() -> None:
    """Starts Valkey and PostgreSQL, measures the delays, and prints them in one line."""
    redis_port, database_port = free_port(), free_port()
    with TemporaryDirectory() as folder:
        home = Path(folder)
        parts = [valkey_part(home, redis_port, PASSWORD), postgres_part(home, database_port, PASSWORD)]
        running = [Running(part) for part in parts]
        try:
            for one in running:
                one.wait_healthy()
            make_databases(database_port, PASSWORD)
            database_url = postgres_url(database_port, PASSWORD)
            migrate(database_url)
            took = asyncio.run(measured(valkey_url(redis_port, PASSWORD), database_url))
        finally:
            for one in running:
                one.stop()
    middle = statistics.median(moment for one in took for moment in one)
    last = ", ".join(f"{moment:.0f}" for moment in sorted(max(one) for one in took))
    load = os.getloadavg()[0] / (os.cpu_count() or 1)
    sys.stdout.write(f"load {load:.1f} a core; median {middle:.0f} ms; the last of {BROWSERS} browsers: {last} ms\n")


if __name__ == "__main__":
    main()
