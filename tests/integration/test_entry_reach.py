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
from bot.desk.editing.measuring.reach import ANSWERED, WORST_FIRST, Found, Reach
from bot.desk.pages.entries.list_page import PATH
from bot.faq.entries.phrases import phrases_name
from bot.faq.publishing.reach import Reached
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import Gathering
from bot.learning.backlog.groups import Backlog
from bot.record.engine import Sessions
from bot.record.tables import Audit
from tests.backlog import action_server, answer, asked, fallback, offer, rate, talk
from tests.desk_world import DeskWorld, served
from tests.integration.entry_desk import Assistant, address, editor, editors, look, save
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


async def test_question_that_a_colleague_denied_is_not_offered_as_perhaps_the_entrys(
    world: DeskWorld, assistant: Assistant, faq_dir: Path
) -> None:
    browser, page, week = await editor(world), await address(world), timedelta(days=8)
    wrong = "tengo un reclamo por ruido"
    await talk(world.sessions, "wrong", asked(wrong), offer("bache"), asked("no"), ago=week)
    await talk(world.sessions, "wrong2", asked(wrong), answer("bache", "r"), ago=week)
    await rate(world.sessions, "wrong2", "r", "other", NOW - week)
    async with served(action_server()) as vectors:
        await Gathering(world.sessions, Embedding(ActionsEndpoint(vectors))).gather(NOW)
    (group,) = [one for one in await Backlog(world.sessions, world.faq).waiting() if one.title == wrong]
    assert group.entries == group.denied == ("bache",)
    api = page.replace(PATH, "/desk/api/entries") + "/reach"
    await browser.post(api)
    await save(browser, page, 0, no_responde=MINE.upper())
    await browser.post(api)
    assert assistant.asked == [[MINE], []]
    await save(browser, page, 1, no_responde="otra cosa")
    await browser.post(api)
    (faq_dir / phrases_name("calle/bache.md")).write_text(f"no responde: {MINE}\n")
    await look(world, faq_dir)
    await browser.post(api)
    assert assistant.asked[2:] == [[MINE], []]


async def test_page_says_what_is_not_known_cut_or_expired(world: DeskWorld, assistant: Assistant) -> None:
    browser, page = await editor(world), await address(world)
    api = page.replace(PATH, "/desk/api/entries") + "/reach"
    assert (await browser.post(api)).json()["note"] == ""
    assistant.measured = {"utterances": 104, "is_expired": True}
    await save(browser, page, 0, no_responde=MINE)
    found = (await browser.post(api)).json()
    assert found["note"] == "En la bandeja no hay preguntas que puedan ser de esta respuesta."
    assert found["summary"] == (
        "Esta respuesta está vencida: no le contesta a nadie. De 1, se contestarían 1 y se ofrecerían 0. "
        "Se probaron 1 de 104: las primeras."
    )
    world.faq.entries = tuple(one for one in world.faq.entries if one.id != "bache")
    assert "se sabe después de publicarla" in (await browser.post(api)).json()["note"]


def test_page_says_how_many_questions_of_the_backlog_are_judged() -> None:
    asked_now = [Reach("un hoyo", False, ANSWERED, "La contesta.")] * 40
    cut = Found([], asked_now, written=0, waiting=52, is_expired=False, is_published=True)
    assert cut.note == "Se miran 40 de 52: primero las que hicieron más personas."


def test_desk_knows_every_state_of_the_action_server() -> None:
    assert sorted(WORST_FIRST) == sorted(Reached)
