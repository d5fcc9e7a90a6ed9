"""Tests that a new entry never takes the place of another one: neither its file nor its id, in whatever topic."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Any, cast

import httpx
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.network import ActionsEndpoint
from bot.desk.editing.beginning import Place
from bot.desk.editing.editions import Editions
from bot.desk.editing.record import Editor
from bot.desk.editing.text import EntryText, text_on_disk
from bot.desk.pages.backlog.deciding import Choice, Deciding
from bot.desk.pages.entries.list_page import PATH
from bot.learning.backlog.decisions import Kind
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument
from tests.desk_world import DeskWorld
from tests.faq_files import QUESTIONS, written
from tests.integration.entry_desk import address, editor, editors, press

LICENCE = "¿Qué documentos necesito para renovar la licencia de conducir {}?"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=False) as made:
        yield made


async def typed(browser: httpx.AsyncClient, question: str, topic: str) -> httpx.Response:
    """Types a new entry's question and topic in the list's form."""
    form = {"csrf": browser.headers["X-CSRF-Token"], "pregunta": question, "tema": topic}
    return await browser.post(PATH, data=form)


async def test_question_of_another_topic_leads_to_its_entry(world: DeskWorld) -> None:
    browser, question = await editor(world), "¿Quién poda los árboles?"
    page = (await typed(browser, question, "Áreas verdes")).headers["location"]
    again = await typed(browser, question, "Aseo")
    assert (again.status_code, f'{page}">{question}</a></p>' in again.text) == (422, True)
    place = await Editions(world.sessions).place_for("¿QUIÉN PODA los árboles", "aseo")
    assert place == Place(
        "quien-poda-los-arboles-2", "aseo/quien-poda-los-arboles-2.md", "areas-verdes/quien-poda-los-arboles.md"
    )


async def test_long_questions_that_begin_alike_become_two_drafts(world: DeskWorld) -> None:
    browser = await editor(world)
    pages = [
        (await typed(browser, LICENCE.format(one), "Tránsito")).headers["location"] for one in ("B", "profesional")
    ]
    shown = [unescape((await browser.get(page)).text) for page in pages]
    assert [LICENCE.format("profesional") in one for one in shown] == [False, True]
    assert (await typed(browser, LICENCE.format("profesional"), "Tránsito")).status_code == 422


async def test_new_entry_of_the_inbox_takes_no_other_entrys_place(world: DeskWorld, faq_dir: Path) -> None:
    deciding = Deciding(
        decisions=cast(Any, None),
        editions=Editions(world.sessions),
        utterances=cast(Any, None),
        agency=world.agency,
        faq_dir=faq_dir,
        actions=ActionsEndpoint("http://127.0.0.1:1"),
    )
    for one, is_made in (("B", True), ("B", False), ("profesional", True)):
        done = await deciding.decide(Choice((), Kind.ENTRY, [LICENCE.format(one)]), Editor(None, "Ana"))
        assert (bool(done.link), bool(done.warning)) == (is_made, not is_made)
    async with world.sessions() as session:
        paths = await session.scalars(select(EntryDocument.path).where(EntryDocument.published_hash == ""))
    name = "que-documentos-necesito-para-renovar-la-licencia-de"
    assert {path.rpartition("/")[2] for path in paths} == {f"{name}.md", f"{name}-2.md"}


async def test_draft_with_the_id_of_a_published_entry_is_refused_whatever_its_topic(
    world: DeskWorld, faq_dir: Path
) -> None:
    text = EntryText(written("bache", QUESTIONS["bache"][0], ["un hoyo nuevo"]).replace("tema: calle", "tema: agua"))
    made = await Editions(world.sessions).create("agua/bache.md", text, Editor(None, "Ana"))
    browser = await editor(world)
    refused = await press(browser, f"{PATH}/{made}", "publicar")
    assert (refused.status_code, "calle/bache.md" in unescape(refused.text)) == (422, True)
    form = {"csrf": browser.headers["X-CSRF-Token"], "borrador": str(made)}
    together = await browser.post(f"{PATH}/borradores", data=form)
    assert (together.status_code, "calle/bache.md" in unescape(together.text)) == (422, True)
    assert text_on_disk(faq_dir, "agua/bache.md") is None
    assert isinstance(made, uuid.UUID)
    own = await press(browser, await address(world), "publicar", respuesta="Otra respuesta.")
    assert own.status_code == 303
