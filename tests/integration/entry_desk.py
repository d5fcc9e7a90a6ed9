"""Operates the editors' pages over HTTP, as a browser does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx

from bot.agency.model import Agency
from bot.desk.editing.disk import DiskWatch
from bot.desk.pages.entries.list_page import PATH
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld, desk_world

ANA, EVA, LEO = (f"{name}@losaromos.example" for name in ("ana", "eva", "leo"))
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


@asynccontextmanager
async def editors(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, *, four_eyes: bool, actions_url: str = ""
) -> AsyncIterator[DeskWorld]:
    """Runs a desk with two editors and an agent, whose answers are in ``faq_dir``."""
    settings = {"FAQ_DIR": faq_dir, "actions_url": actions_url}
    async with desk_world(redis, database, replace(agency, four_eyes=four_eyes), **settings) as made:
        await made.hire(ANA, "Ana", ("editor",))
        await made.hire(EVA, "Eva", ("editor",))
        await made.hire(LEO, "Leo", ("agent",))
        await look(made, faq_dir)
        yield made


async def look(world: DeskWorld, faq_dir: Path) -> None:
    """Records the disk and shows it at the desk, as the bot does each second."""
    await DiskWatch(world.sessions, faq_dir, world.agency.teams, four_eyes=world.agency.four_eyes).look()
    folder = load_folder(faq_dir, world.agency.teams)
    world.faq.entries, world.faq.problems = folder.entries, folder.problems


async def editor(world: DeskWorld, email: str = ANA) -> httpx.AsyncClient:
    browser = await world.sign_in_elsewhere(email)
    browser.headers["X-CSRF-Token"] = TOKEN.search((await browser.get(PATH)).text)[1]  # type: ignore[index]
    return browser
