"""Tests the editors' backlog in a browser: one key a group, touch, warnings, undo, and accessibility."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest_asyncio
from playwright.async_api import Route, expect
from sqlalchemy import func, insert, select, text

from bot.agency.model import Agency
from bot.core.messages import Candidate
from bot.core.network import ActionsEndpoint
from bot.desk.editing.text import text_on_disk
from bot.desk.pages.backlog.page import SHOWN
from bot.faq.ranking.background import OWN_TOPICS
from bot.learning.backlog.embedding import Embedding
from bot.learning.backlog.gathering import Gathering
from bot.record.engine import Sessions
from bot.record.tables import BacklogDecision, BacklogItem
from tests.backlog import SIZE, action_server, answer, asked, fallback, offer, pressed, rate, talk
from tests.browser.desk_page import OpenDesk
from tests.desk_world import DeskWorld, desk_world, served
from tests.eventually import eventually
from tests.faq_files import write_folder
from tests.integration.entry_desk import ANA, look
from tests.integration.recorded import NOW

BACKLOG = "/desk/bandeja"
SUIT, SURE, HOLE = "donde arriendo un traje de huaso", "el lomo de toro está gastado", "se hundió la vereda entera"
PAID = "quién me paga la rueda que reventé"
ANSWERED, AT_ONCE = ".result[role=status]", 6  # as KEPT_AT_ONCE of http.js
CUECA, LABEL = "hay clases de cueca para niños", "cráter gigante frente al colegio"


@pytest_asyncio.fixture
async def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    async with AsyncExitStack() as stack:
        sure = {SURE: Candidate("licencia", "¿La licencia?", 0.97)}
        url = await stack.enter_async_context(served(action_server(sure)))
        made = await stack.enter_async_context(desk_world(redis, database, agency, FAQ_DIR=faq_dir, actions_url=url))
        await made.hire(ANA, "Ana", ("agent", "editor"))
        await look(made, faq_dir)
        for citizens, text in ((7, SUIT), (6, SURE), (4, CUECA)):
            for number in range(citizens):
                await talk(database, f"{text[:12]}-{number}", asked(text), fallback())
        for number in range(5):
            name = f"hole-{number}"
            await talk(database, name, asked(HOLE), answer("bache", "r"))
            await rate(database, name, "r", "missing")
        await talk(database, "label", asked(LABEL), offer("bache", "chip"), pressed("bache"))
        await Gathering(database, Embedding(ActionsEndpoint(url))).gather(NOW)
        yield made


async def test_groups_go_by_with_one_key_each(world: DeskWorld, desk: OpenDesk, faq_dir: Path) -> None:
    opened = await desk(ANA, path=BACKLOG, viewport={"width": 1280, "height": 900})
    page = opened.page
    left, group, results = page.locator("#left"), page.locator("form.group"), page.locator(".result")
    await expect(left).to_have_text("Quedan 5")
    await expect(group.first).to_be_focused()
    assert await opened.serious() == []
    await page.keyboard.press("x")
    await page.keyboard.type("Arriendo de trajes")
    await page.keyboard.press("Tab")
    await page.keyboard.type("Club de Huasos")
    await page.keyboard.press("Enter")
    await expect(results).to_contain_text("lo ve Club de Huasos")
    assert all(one in (faq_dir / OWN_TOPICS).read_text() for one in (SUIT, "Arriendo de trajes"))
    focused = page.locator("form.group:focus")
    await expect(focused).to_contain_text(SURE)
    await page.keyboard.press("/")
    await page.keyboard.type("¿Cómo aviso de un hoyo en la calle?")
    await page.keyboard.press("Enter")
    await expect(focused.locator(".told")).to_contain_text("se contesta con «¿La licencia?»")
    await page.keyboard.press("a")
    await expect(results.nth(1)).to_contain_text("Ahora: Responde: True")
    await expect(focused).to_contain_text("no sirvió: 5 · «falta algo»: 5")
    await page.keyboard.press("a")
    await expect(results.nth(2)).to_contain_text("Agregada y publicada en «¿Cómo aviso de un hoyo en la calle?»")
    await expect(focused).to_contain_text(CUECA)
    await page.keyboard.press("i")
    await expect(left).to_have_text("Queda 1")
    await expect(results.nth(3)).to_contain_text("Ignorado por 30 días")
    await page.keyboard.press("z")
    await expect(focused).to_contain_text(CUECA)
    await page.keyboard.press("n")
    await expect(results.nth(3)).to_contain_text("Borrador nuevo")
    await page.keyboard.press("j")
    await expect(focused).to_contain_text("Formas de preguntar propuestas")
    await page.keyboard.press("a")
    await expect(left).to_contain_text("La lista terminó")
    phrases = text_on_disk(faq_dir, "calle/bache.md").phrases  # type: ignore[union-attr]
    assert all(text in phrases for text in (SURE, HOLE, LABEL))
    await page.reload()
    await expect(page.locator(".empty-box")).to_be_visible()


async def test_one_key_notes_that_an_answer_was_not_it(world: DeskWorld, desk: OpenDesk, faq_dir: Path) -> None:
    for number in range(8):
        await talk(world.sessions, f"paid-{number}", asked(PAID), answer("bache", "n"))
        await rate(world.sessions, f"paid-{number}", "n", "other")
    async with served(action_server()) as url:
        await Gathering(world.sessions, Embedding(ActionsEndpoint(url))).gather(NOW)
    opened = await desk(ANA, path=BACKLOG, viewport={"width": 320, "height": 700})
    page = opened.page
    await expect(page.locator("form.group:focus")).to_contain_text(PAID)
    assert (await opened.sideways_scroll_px(), await opened.serious()) == (0, [])
    await page.keyboard.press("r")
    result = page.locator(".result")
    await expect(result).to_contain_text("«¿Cómo aviso de un hoyo en la calle?» no responde eso")
    assert f"no responde: {PAID}  #" in text_on_disk(faq_dir, "calle/bache.md").phrases  # type: ignore[union-attr]
    await page.keyboard.press("z")
    await expect(page.locator("form.group:focus .told")).to_contain_text("Deshecho")
    assert text_on_disk(faq_dir, "calle/bache.md").phrases == ""  # type: ignore[union-attr]


async def test_newest_decision_is_undone_even_before_the_server_has_answered_it(
    world: DeskWorld, desk: OpenDesk
) -> None:
    page = (await desk(ANA, path=BACKLOG)).page
    answered, focused = page.locator(ANSWERED), page.locator("form.group:focus")
    await page.keyboard.press("i")
    await expect(answered).to_have_count(1)
    async with world.sessions.begin() as session:
        await session.execute(text("LOCK TABLE backlog_decisions IN EXCLUSIVE MODE"))
        await page.keyboard.press("i")
        await page.keyboard.press("z")
        await expect(page.locator(".result")).to_have_count(2)
        await expect(page.locator("#left")).to_have_text("Quedan 3")
    await expect(focused.locator(".told")).to_contain_text("Deshecho")
    await expect(focused).to_contain_text(SURE)
    await expect(answered).to_have_count(1)
    assert await decided_by_now(world.sessions, 1)


async def test_repeated_undo_retries_the_failed_one_instead_of_undoing_the_decision_before_it(
    world: DeskWorld, desk: OpenDesk
) -> None:
    page = (await desk(ANA, path=BACKLOG)).page
    answered, focused = page.locator(ANSWERED), page.locator("form.group:focus")
    for decided in (1, 2):
        await page.keyboard.press("i")
        await expect(answered).to_have_count(decided)
    await page.route("**/undo", lambda route: route.abort(), times=1)
    await page.keyboard.press("z")
    await expect(answered.nth(1)).to_contain_text("Sin conexión")
    await page.keyboard.press("z")
    await expect(focused.locator(".told")).to_contain_text("Deshecho")
    await expect(focused).to_contain_text(SURE)
    await expect(answered).to_have_count(1)


async def test_group_returns_after_a_failed_request_without_taking_the_focus_from_a_text_field(
    world: DeskWorld, desk: OpenDesk
) -> None:
    page = (await desk(ANA, path=BACKLOG)).page
    written = asyncio.Event()

    async def late(route: Route) -> None:
        await written.wait()
        await route.fulfill(body="<p>Un momento")

    await page.route("**/desk/api/backlog", late, times=1)
    await page.keyboard.press("i")
    await page.keyboard.press("/")
    written.set()
    await expect(page.locator(".told", has_text="Sin conexión")).to_be_visible()
    await expect(page.locator("[name=otra]:focus")).to_have_count(1)
    await expect(page.locator("#left")).to_have_text("Quedan 5")


async def test_returning_group_does_not_take_the_focus_from_the_next_one(world: DeskWorld, desk: OpenDesk) -> None:
    page = (await desk(ANA, path=BACKLOG)).page
    gone_on, focused = asyncio.Event(), page.locator("form.group:focus h2")

    async def late(route: Route) -> None:
        await gone_on.wait()
        await route.abort()

    await page.route("**/desk/api/backlog", late, times=1)
    await page.keyboard.press("i")
    await page.keyboard.press("j")
    before = await focused.text_content()
    gone_on.set()
    await expect(page.locator(".told", has_text="Sin conexión")).to_be_visible()
    assert await focused.text_content() == before


async def test_backlog_works_by_touch_on_a_phone(world: DeskWorld, desk: OpenDesk) -> None:
    phone = {"viewport": {"width": 320, "height": 700}, "color_scheme": "dark", "has_touch": True}
    opened = await desk(ANA, path=BACKLOG, **phone)
    page = opened.page
    first = page.locator("form.group").first
    await expect(first).to_contain_text(SUIT)
    await first.get_by_text("No es nuestro").tap()
    await expect(first.get_by_label("Organismo (si lo sabes)")).to_be_visible()
    assert (await opened.sideways_scroll_px(), await opened.serious()) == (0, [])
    await first.get_by_role("button", name="Ignorar 30 días").tap()
    await expect(page.locator(".result")).to_contain_text("Ignorado por 30 días")
    await page.locator(".result").get_by_role("button", name="Deshacer").tap()
    await expect(first.locator(".told")).to_contain_text("Deshecho")


async def ten_thousand(world: DeskWorld) -> None:
    """Writes 10,000 messages: 60 matters of 100 citizens each, and 4,000 messages with a matter of one citizen."""
    now = datetime.now(UTC)
    talks = text("""
        INSERT INTO conversations (id, channel, started_at, last_at)
        SELECT 'many-' || n, 'web', :at, :at FROM generate_series(0, 9999) AS n""")
    alike = text("""
        INSERT INTO backlog_items (conversation_id, ref, source, at, text, vector, encoder)
        SELECT 'many-' || n, '1-0', 'fallback', :at, :said || ' ' || n % 7, :vector, 'words'
        FROM generate_series(CAST(:first AS int), CAST(:last AS int)) AS n""")
    row = {"ref": "1-0", "source": "fallback", "at": now, "encoder": "words"}
    async with world.sessions.begin() as session:
        await session.execute(talks, {"at": now})
        for n in range(60):
            vector, places = np.eye(SIZE)[n].astype("<f2").tobytes(), (100 * n, 100 * n + 99)
            values = {"at": now, "said": f"trámite {n} que falta", "vector": vector}
            await session.execute(alike, {**values, "first": places[0], "last": places[1]})
        far = np.random.default_rng(1).normal(size=(4000, SIZE))
        vectors = (far / np.linalg.norm(far, axis=1, keepdims=True)).astype("<f2")
        about = [{"conversation_id": f"many-{n}", "text": f"asunto {n}"} for n in range(6000, 10_000)]
        rows = [row | one | {"vector": vector.tobytes()} for one, vector in zip(about, vectors, strict=True)]
        await session.execute(insert(BacklogItem), rows)


async def decided_by_now(sessions: Sessions, expected: int) -> bool:
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(BacklogDecision)) == expected


async def test_ten_thousand_messages_are_shown_as_fifty_groups_that_go_by_with_one_key_each(
    world: DeskWorld, desk: OpenDesk
) -> None:
    await ten_thousand(world)
    page = (await desk(ANA, path=BACKLOG)).page
    groups, focused = page.locator("form.group"), page.locator("form.group:focus")
    await expect(groups).to_have_count(SHOWN)
    await expect(focused).to_contain_text("100 personas")
    for decided in range(1, SHOWN - AT_ONCE + 1):
        await page.keyboard.press("i")
        await expect(page.locator(ANSWERED)).to_have_count(decided)
    for _ in range(AT_ONCE):
        await page.keyboard.press("i")
    await page.reload()  # cancels none of the decisions that the server has not answered yet
    await eventually(lambda: decided_by_now(world.sessions, SHOWN))
    await page.reload()
    await expect(groups).to_have_count(60 - SHOWN)  # of the newest 10,000 messages
    await expect(focused).to_contain_text("100 personas")
