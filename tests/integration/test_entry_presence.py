"""Tests that editors see who else has an entry open, until that person leaves."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio

from bot.agency.model import Agency
from bot.desk.editing.presence import OPEN_S, in_words
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.record.engine import Sessions
from bot.store import keys
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import EVA, address, editor, editors

EVA_TOO = "Eva también está editando esta respuesta."


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, write_folder(tmp_path / "faq"), four_eyes=False) as made:
        yield made


async def test_others_are_shown_until_they_leave_or_their_page_is_silent(world: DeskWorld, redis: Any) -> None:
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    id = page.removeprefix(LIST + "/")

    async def opened(browser: httpx.AsyncClient) -> str:
        return (await browser.post(f"/desk/api/entries/{id}/open")).json()["others"]

    assert (await opened(ana), await opened(ana)) == ("", "")
    assert await opened(eva) == "Ana también está editando esta respuesta."
    assert await opened(ana) == EVA_TOO
    assert (await eva.post(f"/desk/api/entries/{id}/left")).status_code == 204
    assert await opened(ana) == ""
    await opened(eva)
    key = keys.entry_open_key(id)
    assert 0 < await redis.ttl(key) <= OPEN_S < 60
    (silent,) = [one for one, value in (await redis.hgetall(key)).items() if "Eva" in value]
    await redis.hset(key, silent, json.dumps(["Eva", int(time.time()) - OPEN_S - 1]))
    assert await opened(ana) == ""
    await redis.flushall()
    assert await opened(ana) == ""


def test_line_of_presence_names_everybody() -> None:
    assert in_words(["Ana", "Eva", "Leo"]) == "Ana, Eva y Leo también están editando esta respuesta."
