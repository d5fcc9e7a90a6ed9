"""Tests the search for answers about a subject within a period, and the file of the results."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import insert

from bot.agency.model import Agency
from bot.desk.pages.entries.given_page import MAX_WORDS
from bot.desk.pages.entries.list_page import PATH
from bot.desk.queries import given_answers
from bot.desk.queries.given_answers import About, GivenAnswers
from bot.record.engine import Sessions
from bot.record.tables import Message
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import LEO, editor, editors
from tests.integration.entry_rows import document
from tests.integration.recorded import conversation

MARCH = {"q": "hoyo", "desde": "2026-03-03", "hasta": "2026-03-10"}


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, write_folder(tmp_path / "faq"), four_eyes=False) as made:
        await conversation(database, "c")
        version = (await document(database)).published_hash[:12]
        for number, (at, entry, found, said) in enumerate(
            [
                (datetime(2026, 3, 3, 3, 0, tzinfo=UTC), "bache", version, "Llama al 1."),  # midnight in Chile
                (datetime(2026, 3, 11, 2, 59, tzinfo=UTC), "bache", version, "Llama al 1."),
                (datetime(2026, 3, 11, 3, 0, tzinfo=UTC), "bache", version, "Tarde."),
                (datetime(2026, 3, 5, tzinfo=UTC), "chip", "0ld0ld0ld0ld", "=Hay hoyos que cavan los perros."),
                (datetime(2026, 3, 5, tzinfo=UTC), "basura", "x", "Los martes."),
            ]
        ):
            proof = {"provenance": {"entry": entry, "version": found, "question": f"¿{entry}?", "confidence": 0.9}}
            row = {"conversation_id": "c", "author": "assistant", "text": said, "at": at, "data": proof}
            async with database.begin() as session:
                await session.execute(insert(Message).values(event_id=f"{number}-7", **row))
        yield made


async def test_each_text_is_shown_with_its_revision_and_how_often_it_was_given(world: DeskWorld) -> None:
    page = (await (await editor(world)).get(f"{PATH}/dadas", params=MARCH)).text
    assert "Textos distintos: 2. Respuestas entregadas: 3." in page
    assert "2 veces, del 03-03-2026 00:00 al 10-03-2026 23:59." in page
    assert "la escribió desde el disco" in page and "Versión 0ld0ld0ld0ld." in page
    assert "Los martes" not in page and "Tarde" not in page


async def test_file_has_each_answer_and_no_formula(world: DeskWorld) -> None:
    answer = await (await editor(world)).get(f"{PATH}/dadas.csv", params=MARCH)
    rows = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";" if ";" in answer.text else ","))
    assert [row[2] for row in rows] == ["Respuesta", "bache", "bache", "chip"]
    assert not rows[3][5].startswith("=")
    assert answer.headers["cache-control"] == "no-store"


async def test_days_in_the_wrong_order_or_wrongly_written_find_the_same_or_the_last_week(world: DeskWorld) -> None:
    browser = await editor(world)
    turned = {"q": "hoyo", "desde": MARCH["hasta"], "hasta": MARCH["desde"]}
    assert "distintos: 2." in (await browser.get(f"{PATH}/dadas", params=turned)).text
    odd = {"q": "x" * (MAX_WORDS + 1), "desde": "ayer", "hasta": "9999-99-99"}
    assert "no se respondió nada" in (await browser.get(f"{PATH}/dadas", params=odd)).text


async def test_words_that_no_store_takes_end_neither_page_nor_file(world: DeskWorld) -> None:
    browser = await editor(world)
    for path in (f"{PATH}/dadas", f"{PATH}/dadas.csv"):
        answer = await browser.get(path, params=MARCH | {"q": "ho\0yo"})
        assert (answer.status_code, "Llama al 1." in answer.text) == (200, True)


async def test_agents_without_the_permission_see_nothing(world: DeskWorld) -> None:
    browser = await world.sign_in_elsewhere(LEO)
    assert (await browser.get(f"{PATH}/dadas.csv", params=MARCH)).status_code == 403


async def test_a_year_of_answers_is_read_in_steps(world: DeskWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr(given_answers, "FILE_ROWS", 2)
    year = About("", (), datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    assert [one.entry async for one in GivenAnswers(world.sessions).each(year)] == ["bache"] * 3 + ["chip", "basura"]
