"""Operates the editors' pages over HTTP, as a browser does."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

from bot.desk.editing.disk import DiskWatch
from bot.desk.pages.entries.list_page import PATH
from bot.faq.entries.folder import load_folder
from tests.desk_world import DeskWorld

ANA, EVA, LEO = (f"{name}@losaromos.example" for name in ("ana", "eva", "leo"))
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


async def look(world: DeskWorld, faq_dir: Path) -> None:
    """Records the disk and shows it at the desk, as the bot does each second."""
    await DiskWatch(world.sessions, faq_dir, world.agency.teams, four_eyes=world.agency.four_eyes).look()
    folder = load_folder(faq_dir, world.agency.teams)
    world.faq.entries, world.faq.problems = folder.entries, folder.problems


async def editor(world: DeskWorld, email: str = ANA) -> httpx.AsyncClient:
    browser = await world.sign_in_elsewhere(email)
    browser.headers["X-CSRF-Token"] = TOKEN.search((await browser.get(PATH)).text)[1]  # type: ignore[index]
    return browser
