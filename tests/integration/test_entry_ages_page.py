"""Tests the page of entries by age: old and frequently used entries first, with links for editors, and its files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio
from openpyxl import load_workbook
from sqlalchemy import insert, select

from bot.agency.model import Agency
from bot.desk.pages.figures.ages import aged
from bot.desk.pages.figures.ages_page import PATH
from bot.faq.entries.entry import Entry
from bot.figures.counting import Counting
from bot.figures.daily.rollup import Rollups
from bot.figures.results import Period
from bot.record.engine import Sessions
from bot.record.tables import EntryDocument
from bot.record.tables.sampling import SampledAnswer, SampleWeek
from tests.desk_world import DeskWorld, desk_world
from tests.episode_rows import DAY, row, write
from tests.faq_entry import BASE

EVA, EDU = "eva@losaromos.example", "edu@losaromos.example"
TODAY = datetime.now(ZoneInfo("America/Santiago")).date()
LINK = re.compile(r'<th scope="row">(?:<a href="([^"]*)">)?([^<]*)<')


def entry(id: str, days: int, suffix: str = "") -> Entry:
    reviewed, path = TODAY - days * DAY, f"calle/{id}{suffix}.md"
    return replace(BASE, id=id, question=f"¿{id}?{suffix}", reviewed=reviewed, path=path)


ENTRIES = (entry("nueva", 3), entry("vieja", 400), entry("usada", 200), entry("usada", 20, "b"), entry("sin-uso", 900))
ENTRIES += (entry("poca", 300),)


def answered(id: str, ago: int, useful: bool | None = None) -> dict[str, Any]:
    return row(ago * DAY, now=datetime.now(UTC), entries=[id], useful=[useful], conversation_id=None)


# «vieja»: 400 days x 11; «usada»: 200 x 20; the others have fewer than 10 answers or are young.
ANSWERS = [
    *[answered("vieja", 2)] * 8,
    *[answered("vieja", 20, useful=True)] * 2,
    answered("vieja", 20, useful=False),
    *[answered("usada", 3)] * 20,
    *[answered("nueva", 3)] * 30,
    *[answered("poca", 3)] * 9,
    answered("sin-uso", 60),
]
ORDER = ["vieja", "usada", "poca", "nueva", "sin-uso"]


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(EVA, "Eva Ríos", roles=("analyst",))
        await made.hire(EDU, "Edu Paz", roles=("editor",))
        made.faq.entries = ENTRIES
        async with database.begin() as session:
            await session.execute(insert(EntryDocument), [{"path": one.path} for one in ENTRIES])
        await write(database, ANSWERS)
        yield made


async def test_old_and_often_used_entries_come_first_as_counted_by_hand(world: DeskWorld) -> None:
    month, now = Period(TODAY - 29 * DAY, TODAY + DAY), datetime.now(UTC)
    counted = [await Counting(world.sessions).every_entry(month)]
    await Rollups(world.sessions).roll(now)
    counted.append(await Counting(world.sessions).every_entry(month))
    for found in (aged(ENTRIES, one, TODAY) for one in counted):
        assert [one.id for one in found] == ORDER
        assert [(one.days, one.count, one.useful, one.useless) for one in found] == [
            (400, 11, 2, 1),
            (200, 20, 0, 0),
            (300, 9, 0, 0),
            (3, 30, 0, 0),
            (900, 0, 0, 0),
        ]
        assert [one.is_urgent for one in found] == [True, True, False, False, False]
        assert [one.age for one in found] == ["13 meses", "6 meses", "10 meses", "3 días", "2 años"]


async def test_editor_gets_links_to_the_pages_of_entries_and_others_only_read(world: DeskWorld) -> None:
    analyst, editor = await world.sign_in_elsewhere(EVA), await world.sign_in_elsewhere(EDU)
    read, linked = [LINK.findall((await one.get(PATH)).text) for one in (analyst, editor)]
    assert [question.strip() for _, question in read] == [f"¿{id}?" for id in ORDER]
    assert {address for address, _ in read} == {""}
    async with world.sessions() as session:
        ids = {path: id for path, id in await session.execute(select(EntryDocument.path, EntryDocument.id))}
    assert [address for address, _ in linked] == [f"/desk/respuestas/{ids[f'calle/{id}.md']}" for id in ORDER]
    page = (await editor.get(f"{PATH}?periodo=7&canal=whatsapp")).text
    assert "Ninguna es antigua y muy usada." in page


async def test_figures_link_to_the_page_and_its_files_have_all(world: DeskWorld) -> None:
    client = await world.sign_in_elsewhere(EVA)
    async with world.sessions.begin() as session:
        session.add(SampleWeek(week=date(2026, 11, 2), strata={}))
        await session.flush()
        for verdict in ("good", "bad", "unsure", None):
            facts = {"probability": 0.9, "stratum": "sure", "chance": 0.5, "verdict": verdict}
            session.add(SampledAnswer(week=date(2026, 11, 2), entry="vieja", **facts))
    assert '<td class="number" data-name="Malas al revisar">1 de 2</td>' in (await client.get(PATH)).text
    assert f'href="{PATH}"' in (await client.get("/desk/cifras")).text
    text = (await client.get(f"{PATH}.csv")).text
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    reviewed = (TODAY - 400 * DAY).isoformat()
    assert [line[0] for line in lines[1:]] == ORDER
    assert lines[1] == ["vieja", "¿vieja?", "Calle", reviewed, "400", "11", "2", "1", "1", "2"]
    world.faq.entries = (replace(ENTRIES[1], question="=1+1"),)
    sheet = load_workbook(io.BytesIO((await client.get(f"{PATH}.xlsx")).content)).worksheets[0]
    assert [cell.value for cell in sheet[2]] == ["vieja", "'=1+1", "Calle", reviewed, 400, 11, 2, 1, 1, 2]
