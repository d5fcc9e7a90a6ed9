"""Tests pending approvals in a real browser: shown with a countdown, approved, rejected, taken over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, expect

from bot.agency.desk_settings import ApprovalRule
from bot.agency.model import Agency
from bot.conversation.change import AnswerToApprove, Change
from bot.core.messages import Provenance, Reply, Source, Speaker
from bot.record.engine import Sessions
from tests.browser.desk_page import ANA, BETO, DeskPage, OpenDesk, said
from tests.browser.late import held, hold, let_go
from tests.desk_world import DeskWorld, desk_world

PROOF = Provenance(
    "licencia", "v1", "¿Cómo renuevo mi licencia de conducir?", 0.81, "Dirección de Tránsito", "2026-11-01"
)
WAIT_S = 599  # so that a slow machine sees the seconds begin with a 5, too
WORDS = "ola como renuevo la licensia si vivo en otra comuna"
TEXT = """Pide **hora** en línea y ven con tu cédula vigente.

- Cuesta lo mismo en todo el país.
- Puedes hacerlo hasta tres meses antes de que venza.

Si vives en otra comuna, trae además tu certificado de residencia."""


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    wanted = replace(agency, desk=replace(agency.desk, approval=ApprovalRule(0.95, WAIT_S)))
    async with desk_world(redis, database, wanted) as made:
        await made.hire(ANA, "Ana Soto")
        await made.hire(BETO, "Beto Díaz")
        yield made


async def to_approve(world: DeskWorld, conversation: str) -> None:
    """Creates a citizen whose answer waits for approval."""
    message = await world.say(conversation, WORDS)
    answer = Reply(TEXT, source=Source("ChileAtiende", "https://www.chileatiende.gob.cl"), provenance=PROOF)
    kept = AnswerToApprove(f"p-{conversation}", (answer,), WORDS, 1000 * WAIT_S)
    assert await world.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(to_approve=kept)) == "ok"


def approval(page: DeskPage, conversation: str) -> Locator:
    return page.page.locator(f'[data-proposal="p-{conversation}"]')


async def test_pending_answer_is_approved_rejected_and_taken_over(world: DeskWorld, desk: OpenDesk) -> None:
    ana, beto = await desk(), await desk(BETO)
    async with ana.page.expect_response("**/desk/api/proposals"):  # what waits already in this list is no news
        await ana.sign_in(ANA)
    await expect(ana.page.locator("#proposals")).to_be_hidden()
    await to_approve(world, "c1")
    shown = approval(ana, "c1")
    await expect(shown.locator(".asked")).to_have_text(WORDS)
    await expect(shown.locator(".answer strong")).to_have_text("hora")
    await expect(shown.locator(".left")).to_contain_text("sale en 5")
    await expect(shown).to_contain_text("¿Cómo renuevo mi licencia de conducir? · 81 %")
    await expect(ana.page.locator("#announce")).to_contain_text("espera tu visto bueno")
    assert await ana.serious() == []
    # Approved by keyboard: the other page removes the card and names who approved.
    await expect(approval(beto, "c1")).to_be_visible()
    await shown.get_by_role("button", name="Aprobar").focus()
    await ana.page.keyboard.press("Enter")
    await expect(shown).to_have_count(0)
    await expect(approval(beto, "c1")).to_have_count(0)
    await expect(beto.page.locator("#announce")).to_have_text("Ana Soto aprobó la respuesta.")
    assert await said(world, "c1", "assistant") == [TEXT]
    # Rejected: the conversation waits in the queue.
    await to_approve(world, "c2")
    await approval(beto, "c2").get_by_role("button", name="Rechazar").click()
    await expect(ana.section("waiting").locator(".row")).to_have_count(1)
    await expect(ana.section("waiting").locator(".row")).to_contain_text("no estaba segura: 81 %")
    # Taken over: Ana attends at once and sees the answer that was not sent.
    await to_approve(world, "c3")
    await approval(ana, "c3").get_by_role("button", name="Atender yo").click()
    await expect(ana.section("mine").locator(".row")).to_have_count(1)
    await expect(ana.box).to_be_visible()
    await expect(ana.log.locator(".note")).to_contain_text("Respuesta de la asistente que no se envió")
    await expect(ana.log.locator(".note strong")).to_have_text("hora")
    assert await said(world, "c3", "assistant") == []
    assert await ana.serious() == []


async def test_late_decision_shows_who_was_faster(world: DeskWorld, desk: OpenDesk) -> None:
    await to_approve(world, "c1")
    ana, beto = await desk(ANA), await desk(BETO)
    await beto.page.route("**/desk/api/events", lambda route: route.abort())
    await expect(approval(beto, "c1")).to_be_visible()
    token = await ana.page.evaluate("JSON.parse(document.getElementById('facts').textContent).csrf")
    headers = {"X-CSRF-Token": token, "Origin": world.url}
    await beto.page.evaluate("window.stop()")
    answer = await ana.page.request.post(f"{world.url}/desk/api/proposals/p-c1/approve", headers=headers)
    assert answer.ok
    await approval(beto, "c1").get_by_role("button", name="Rechazar").click()
    await expect(beto.page.locator("#proposal-refusal")).to_have_text("Ana Soto ya decidió sobre esta respuesta.")
    await expect(approval(beto, "c1")).to_have_count(0)


async def test_older_list_does_not_bring_a_decided_answer_back(world: DeskWorld, desk: OpenDesk) -> None:
    ana, beto = await desk(ANA), await world.sign_in(BETO)
    await hold(ana.page, "/desk/api/proposals", 1)
    await to_approve(world, "c1")
    await held(ana.page)
    assert (await beto.post("/desk/api/proposals/p-c1/approve")).is_success
    ticket = await world.wait_for_person("otra persona")
    await expect(ana.row(ticket.id)).to_be_visible()  # after the decision
    await let_go(ana.page)
    await expect(approval(ana, "c1")).to_have_count(0)


async def test_approvals_fit_a_phone(world: DeskWorld, desk: OpenDesk) -> None:
    await to_approve(world, "c1")
    ana = await desk(ANA)
    for width in (320, 360):
        await ana.page.set_viewport_size({"width": width, "height": 740})
        await expect(approval(ana, "c1")).to_be_visible()
        assert (width, await ana.serious(), await ana.sideways_scroll_px()) == (width, [], 0)


async def test_approvals_are_hidden_without_the_setting(redis: Any, database: Sessions, agency: Agency) -> None:
    async with desk_world(redis, database, agency) as plain:
        await plain.hire(ANA, "Ana Soto")
        page = await (await plain.sign_in(ANA)).get("/desk")
    for piece in ('id="proposal', "proposals.css", "h-proposals"):
        assert piece not in page.text
