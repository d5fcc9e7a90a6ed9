"""Tests what others do while a second person reads several entries and approves them together."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.editing.approving.review_queue import ReviewQueue
from bot.desk.editing.editions import Editions
from bot.desk.editing.measuring.effect import Effect, Row
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, Origin, State
from bot.desk.editing.staff_notices.items import APPROVE
from bot.desk.editing.text import EntryText
from bot.record.engine import Sessions
from bot.record.tables import EntryEdition
from tests.desk_world import DeskWorld, served
from tests.faq_files import write_folder
from tests.integration.entry_desk import Assistant, address, editor, editors, press
from tests.integration.joint_approvals import (
    QUESTIONS,
    READ,
    Harmless,
    actions,
    approve,
    imported,
    joint_approval,
    live,
    shown_to,
)

LATER = "2030-03-01T09:00"


@pytest.fixture
def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest.fixture
def assistant() -> Assistant:
    return Assistant()


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, assistant: Assistant
) -> AsyncIterator[DeskWorld]:
    async with served(assistant.app) as url:
        made = editors(redis, database, agency, faq_dir, four_eyes=True, actions_url=url)
        async with made as desk:
            yield desk


async def states(world: DeskWorld) -> set[str]:
    async with world.sessions() as session:
        return set(await session.scalars(select(EntryEdition.state)))


async def test_text_whose_date_changed_after_it_was_read_is_not_approved(world: DeskWorld, faq_dir: Path) -> None:
    ana, entry = await editor(world), await address(world)
    await press(ana, entry, "programar", respuesta="Ahora se avisa por carta.", cuando=LATER)
    browser, shown = await shown_to(world)
    assert "Pide salir el 01-03-2030 09:00" in shown
    await press(ana, entry, "enviar", version="1", respuesta="Ahora se avisa por carta.")
    done = await approve(browser, READ.findall(shown))
    assert "alguien cambió su texto o su fecha" in done and "No se publicó ninguna." in done
    assert await actions(world, "entry_approved") == await actions(world, "entry_published") == 0
    again = (await browser.get(APPROVE)).text
    assert "Pide salir" not in again and "Se publicó una respuesta." in await approve(browser, READ.findall(again))


async def test_text_whose_date_changes_while_it_is_measured_is_not_approved(
    world: DeskWorld, faq_dir: Path, assistant: Assistant
) -> None:
    await imported(world)
    browser, shown = await shown_to(world)
    async with world.sessions() as session:
        editions = (await session.scalars(select(EntryEdition).order_by(EntryEdition.id))).all()
    sent, at = Editions(world.sessions, four_eyes=True), datetime(2030, 3, 1, tzinfo=ZoneInfo("UTC"))
    assistant.meanwhile.append(
        lambda: sent.send(editions[0].document_id, State.REVIEW, Editor(editions[0].authors[0], "Ana", Origin.PAGE), at)
    )
    done = await approve(browser, READ.findall(shown))
    assert "Se publicaron 3 respuestas." in done and "Una ya no esperaba" in done
    assert await actions(world, "entry_approved") == 3 and await states(world) == {"published", "review"}


async def test_text_with_a_date_that_loses_messages_is_approved_with_a_reason_for_its_date(world: DeskWorld) -> None:
    await press(await editor(world), await address(world), "programar", respuesta="Con ella se pierde.", cuando=LATER)
    browser, shown = await shown_to(world)
    held = await approve(browser, READ.findall(shown))
    assert "No se publicó ninguna." in held and await states(world) == {"review"}
    form = {"csrf": browser.headers["X-CSRF-Token"], "leida": READ.findall(held)[:1]}
    done = (await browser.post(APPROVE, data={**form, "motivo_efecto": "Así lo pidió la dirección"})).text
    assert "se publica sola en la fecha" in done and await states(world) == {"scheduled"}


class Lockstep(Publisher):
    """Publishes an entry only once two people have approved it."""

    def __init__(self, *args: Any, both: asyncio.Barrier, **options: Any) -> None:
        super().__init__(*args, **options)
        self._both = both

    async def publish(self, *args: Any, **options: Any) -> str:
        await self._both.wait()
        return await super().publish(*args, **options)


async def test_entry_that_somebody_else_published_a_moment_before_is_not_said_to_be_held_back(
    world: DeskWorld, faq_dir: Path
) -> None:
    await imported(world)
    queue, both = ReviewQueue(world.sessions), asyncio.Barrier(2)
    publisher = Lockstep(world.sessions, faq_dir, four_eyes=True, both=both)
    approval = joint_approval(world, faq_dir, Harmless(), publisher)
    read = {one.document: one.decided for one in await queue.waiting()}
    two = [Editor(uuid.uuid4(), name, Origin.PAGE) for name in ("Eva", "Inés")]
    first, second = await asyncio.gather(*(approval.approve(read, one) for one in two))
    assert (first.held, second.held) == ([], [])
    assert len(first.published) + len(second.published) == first.gone + second.gone == 4
    assert await live(world, faq_dir) == set(QUESTIONS)


class MadeUpFor:
    """Measures that the first question's text loses a message, unless the entry «bache» changes with it."""

    async def of(self, texts: Mapping[str, EntryText]) -> Effect:
        loses = any(QUESTIONS[0] in one.content for one in texts.values()) and "calle/bache.md" not in texts
        return Effect((Row("hay un hoyo", "test", "lost", "bache", "bache", ""),) if loses else (), {"test": 1})


async def test_text_that_goes_live_later_does_not_make_up_for_what_another_loses_now(
    world: DeskWorld, faq_dir: Path
) -> None:
    await imported(world)
    await press(await editor(world), await address(world), "programar", respuesta="Por carta.", cuando=LATER)
    queue, publisher = ReviewQueue(world.sessions), Publisher(world.sessions, faq_dir, four_eyes=True)
    approval = joint_approval(world, faq_dir, MadeUpFor(), publisher)
    read = {one.document: one.decided for one in await queue.waiting()}
    outcome = await approval.approve(read, Editor(uuid.uuid4(), "Eva", Origin.PAGE))
    assert [(one.why, QUESTIONS[0] in one.entry.text.content) for one in outcome.held] == [("pierde", True)]
    assert (len(outcome.published), len(outcome.scheduled)) == (3, 1)
