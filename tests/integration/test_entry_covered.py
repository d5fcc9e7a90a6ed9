"""Tests that approvers of an entry read that a running notice replaces its answer."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.desk.editing.links import PATH
from bot.public_notices.measures import Kind, Measure
from bot.public_notices.notice import NoticeSet, PublicNotice
from bot.record.engine import Sessions
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import EVA, address, editor, editors, press
from tests.notices import public_notice

TEXT = "Se cortó la calle del centro. No salgas."
REPLACES = public_notice("1.1", TEXT, entries=("bache",))
WITHDRAWS = public_notice("2.1", TEXT, measures=(Measure(Kind.WITHDRAWN, "bache"),))
CHANGES = public_notice("3.1", TEXT, measures=(Measure(Kind.CHANGED, "bache", "Hoy no se tapan."),))
OTHERS = (
    public_notice("4.1", TEXT),
    public_notice("5.1", TEXT, entries=("bache",), drill=True),
    public_notice("6.1", TEXT, measures=(Measure(Kind.FIRST_ENTRY, "bache"), Measure(Kind.WITHDRAWN, "poda"))),
)
NOW_SENT = "Ahora no se envía este texto"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, write_folder(tmp_path / "faq"), four_eyes=True) as made:
        yield made


async def pages(world: DeskWorld) -> list[str]:
    """Sends a draft to review; returns the pages that the second person and the responsible unit read."""
    ana, eva, page = await editor(world), await editor(world, EVA), await address(world)
    await press(ana, page, "enviar", respuesta="De Ana.")
    asked = (await press(ana, page, "pedir_visto_bueno", unidad="Tránsito")).text
    unit = re.search(rf'value="http[^"]*({PATH}/[\w-]+)" readonly', asked)
    assert unit
    shown = [await eva.get(page), await eva.get(f"{page}/efecto"), await world.browser().get(unit[1])]
    assert "De Ana." in shown[0].text and 'value="aprobar"' in shown[0].text
    return [one.text for one in shown]


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (REPLACES, "se envía en su lugar"),
        (WITHDRAWS, "que retiró esta respuesta"),
        (CHANGES, "que trae otra respuesta"),
    ],
)
async def test_approver_reads_which_notice_is_sent_instead(world: DeskWorld, notice: PublicNotice, words: str) -> None:
    world.board.show(NoticeSet.of([*OTHERS, notice]))
    for page in await pages(world):
        assert NOW_SENT in page and f"«{TEXT}»" in page and words in page


async def test_other_notices_and_drills_are_not_named(world: DeskWorld) -> None:
    world.board.show(NoticeSet.of(OTHERS))
    assert [NOW_SENT in page for page in await pages(world)] == [False, False, False]


async def test_notice_that_replaces_comes_before_one_that_changes(world: DeskWorld) -> None:
    world.board.show(NoticeSet.of([CHANGES, REPLACES]))
    assert all("se envía en su lugar" in page and "que trae otra respuesta" not in page for page in await pages(world))
