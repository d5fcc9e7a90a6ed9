"""Tests what an entry's page says about the texts that the entry would answer, and which questions it asks about."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.desk.editing.measuring.reach import WORST_FIRST
from bot.desk.pages.entries.list_page import PATH
from bot.faq.publishing.reach import Reached
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import Gathering
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.backlog import action_server, asked, fallback, offer, talk
from tests.desk_world import DeskWorld, served
from tests.integration.entry_desk import Assistant, address, editor, editors, save
from tests.integration.recorded import NOW

MINE, OTHERS, FRESH = "se hundió la vereda", "mi perro no tiene chip", "hay un socavón"


@pytest_asyncio.fixture
async def assistant() -> Assistant:
    return Assistant()


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool, assistant: Assistant
) -> AsyncIterator[DeskWorld]:
    async with (
        served(assistant.app) as url,
        editors(redis, database, agency, faq_dir, four_eyes=four_eyes, actions_url=url) as made,
    ):
        week = timedelta(days=8)
        await talk(made.sessions, "mine", asked(MINE), offer("chip", "bache"), asked("no"), ago=week)
        await talk(made.sessions, "others", asked(OTHERS), offer("chip"), asked("no"), ago=week)
        await talk(made.sessions, "unknown", asked("dónde pago el gas"), fallback(), ago=week)
        await talk(made.sessions, "fresh", asked(FRESH), offer("bache"), asked("no"))
        async with served(action_server()) as vectors:
            await Gathering(made.sessions, Embedding(ActionsEndpoint(vectors))).gather(NOW)
        yield made


async def test_only_questions_that_the_backlog_shows_and_that_may_be_the_entrys_are_judged(
    world: DeskWorld, assistant: Assistant
) -> None:
    browser, page = await editor(world), (await address(world)).replace(PATH, "/desk/api/entries")
    found = (await browser.post(f"{page}/reach")).json()
    assert assistant.asked == [[MINE]]  # not a single person's question of today
    words = "La ofrece, después de «¿Cómo inscribo a mi mascota?»."
    assert found["asked"] == [{"text": MINE, "reached": "offered", "words": words, "written": False}]
    assert found["summary"] == "De 0, se contestarían 0 y se ofrecerían 0."
    async with world.sessions() as session:
        assert await session.scalar(select(Audit.action).where(Audit.action == "backlog_viewed"))


async def test_draft_is_judged_and_says_which_questions_it_already_has(world: DeskWorld, assistant: Assistant) -> None:
    browser, page = await editor(world), await address(world)
    await save(browser, page, 0, frases=MINE)
    found = (await browser.post(page.replace(PATH, "/desk/api/entries") + "/reach")).json()
    assert found["asked"][0]["words"] == "Ya está. La ofrece, después de «¿Cómo inscribo a mi mascota?»."
    assert [(one["text"].partition("  #")[0], one["words"]) for one in found["own"]] == [(MINE, "La contesta.")]
    assert (found["summary"], found["asked"][0]["written"]) == ("De 1, se contestarían 1 y se ofrecerían 0.", True)
    assistant.answers = None
    failed = await browser.post(page.replace(PATH, "/desk/api/entries") + "/reach")
    assert failed.status_code == 503 and "No se pudo medir" in failed.json()["detail"]["message"]


def test_desk_knows_every_state_of_the_action_server() -> None:
    assert sorted(WORST_FIRST) == sorted(Reached)
