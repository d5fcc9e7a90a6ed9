"""Tests the supervisor's live view in a browser, and which agents are shown as readers of a conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.core.messages import Handoff, HandoffReason, Priority, Reply
from bot.record.engine import Sessions
from bot.tickets.ticket import StaffRef
from tests.browser.desk_page import ANA, BETO, OpenDesk, looks_right
from tests.desk_world import DeskWorld, desk_world

EVA = "eva@losaromos.example"
FIRE = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad")
TOPS = "all => all.map((one) => one.getBoundingClientRect().top)"


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto")
        await made.hire(BETO, "Beto Díaz")
        await made.hire(EVA, "Eva Ríos", roles=("supervisor",))
        yield made


async def test_supervisor_passes_on_an_emergency_and_whispers(world: DeskWorld, desk: OpenDesk) -> None:
    fire = await world.wait_for_person("hay fuego en la plaza", handoff=FIRE)
    ana = await desk(ANA)
    eva = await desk(EVA, path="/desk/en-vivo", viewport={"width": 1280, "height": 800})
    emergencies, agents = eva.page.locator("#emergencies .wait"), eva.page.locator("#agents .agent")
    await expect(emergencies).to_contain_text("hay fuego en la plaza")
    for width in (1280, 320):
        await eva.page.set_viewport_size({"width": width, "height": 800})
        assert (await eva.serious(), await eva.sideways_scroll_px()) == ([], 0)
        tops = await eva.page.locator(".tiles > div").evaluate_all(TOPS)
        assert tops[0] == tops[1]  # on a phone, too, so that the emergencies below stay in view
    await emergencies.get_by_role("button", name="Pasar a").click()
    await eva.page.get_by_label("A quién").select_option(label="Ana Soto (0)")
    assert await eva.serious() == []
    await eva.page.set_viewport_size({"width": 1280, "height": 800})
    assert await eva.serious() == []
    await eva.page.get_by_role("button", name="Pasar", exact=True).last.click()
    await expect(emergencies).to_have_count(0)
    card = agents.filter(has_text="Ana Soto")
    await card.get_by_role("button", name="Susurrar sobre").click()
    await eva.page.get_by_label("Nota para Ana Soto").fill("Avisa a bomberos")
    await eva.page.get_by_role("button", name="Enviar nota").click()
    notices = ana.page.locator("#staff-notices li")
    await expect(notices.filter(has_text="«Avisa a bomberos»")).to_contain_text("Eva Ríos te dejó una nota")
    await expect(notices.filter(has_text="te pasó a")).to_have_count(1)
    assert (await world.tickets.get(fire.id)).owner.name == "Ana Soto"  # type: ignore[union-attr]


async def test_who_only_watches_does_not_count_as_on_duty(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("una consulta")
    eva, beats = await desk(), list[str]()
    await eva.page.clock.install()
    eva.page.on("request", lambda one: beats.append(one.url) if one.url.endswith("/heartbeat") else None)
    await eva.sign_in(EVA, path="/desk/en-vivo")
    await expect(eva.page.locator("#longest .wait")).to_contain_text("una consulta")
    await eva.page.clock.run_for(45_000)
    assert beats == []
    staff = await eva.page.evaluate("JSON.parse(document.getElementById('facts').textContent).staff")
    await world.tickets.claim(ticket.id, StaffRef(staff, "Eva Ríos"), Reply("Te atiende Eva."))
    await eva.page.clock.run_for(5000)
    await expect(eva.page.locator("#agents .agent")).to_contain_text("una consulta")
    async with eva.page.expect_request("**/heartbeat"):
        await eva.page.clock.run_for(20_000)
    await eva.page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    async with eva.page.expect_request("**/heartbeat"):
        await eva.page.clock.run_for(20_000)
    await world.tickets.close(ticket.id, StaffRef(staff, "Eva Ríos"), None)
    beats.clear()
    for _ in range(2):
        async with eva.page.expect_response("**/desk/api/team"):
            await eva.page.clock.run_for(20_000)
    assert beats == []


async def test_pass_on_and_whisper_that_fail_say_so_and_keep_their_words(world: DeskWorld, desk: OpenDesk) -> None:
    fire = await world.wait_for_person("hay fuego en la plaza", handoff=FIRE)
    await desk(ANA)
    eva = await desk(EVA, path="/desk/en-vivo", viewport={"width": 320, "height": 800})
    pass_on = eva.page.locator("#emergencies").get_by_role("button", name="Pasar a")
    await pass_on.click()
    await eva.page.get_by_label("A quién").select_option(label="Ana Soto (0)")
    await eva.page.get_by_label("Nota").fill("Está sola")
    await eva.page.route(f"**/tickets/{fire.id}/move", lambda route: route.abort())
    await eva.page.get_by_role("button", name="Pasar", exact=True).last.click()
    failed = eva.page.locator("#failed")
    await expect(failed).to_contain_text("Sin conexión")
    await expect(failed).to_be_in_viewport()
    assert (await eva.serious(), await eva.sideways_scroll_px()) == ([], 0)
    assert await eva.page.locator("#announce").inner_text() == ""
    await eva.page.unroute_all()
    await pass_on.click()
    await expect(eva.page.get_by_label("Nota")).to_have_value("Está sola")
    await eva.page.get_by_label("A quién").select_option(label="Ana Soto (0)")
    await eva.page.get_by_role("button", name="Pasar", exact=True).last.click()
    await expect(failed).to_be_hidden()
    await expect(eva.page.locator("#emergencies .wait")).to_have_count(0)


async def test_agent_sees_who_reads_a_conversation_before_taking_it(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("una consulta")
    ana, beto = await desk(ANA), await desk(BETO)
    await beto.open(ticket.id)
    await ana.open(ticket.id)
    await expect(beto.page.locator("#looking")).to_have_text("Ana Soto la está leyendo")
    await expect(beto.row(ticket.id).locator(".looker")).to_have_attribute("title", "Ana Soto la está leyendo")
    assert await beto.serious() == []
    await ana.take.click()
    await expect(beto.page.locator("#looking")).to_be_hidden()


async def test_unclaimed_emergency_warns_on_the_pages_beside_the_desk(world: DeskWorld, desk: OpenDesk) -> None:
    eva = await desk(EVA, path="/desk/en-vivo", viewport={"width": 320, "height": 800})
    await eva.page.add_init_script(
        "window.notes = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (...given) {"
        "  window.notes += 1; return start.apply(this, given); };"
    )
    silent = await eva.page.context.new_page()  # nobody presses anything on it, so that it may not sound
    await silent.goto(f"{eva.url}/desk/opiniones")
    await eva.page.bring_to_front()
    await eva.page.goto(f"{eva.url}/desk/opiniones")
    line = eva.page.locator("#unclaimed")
    await expect(line).to_be_hidden()
    await eva.page.mouse.click(1, 1)  # until then the browser lets no page sound
    fire = await world.wait_for_person("hay fuego en la plaza", handoff=FIRE)
    await expect(line).to_have_text("Emergencia sin tomar: sin precisar")
    await eva.page.wait_for_function("() => window.notes === 6")
    await expect(line).to_be_visible()
    await looks_right(eva, "unclaimed")
    await expect(line.get_by_role("link")).to_have_attribute("href", f"/desk#/t/{fire.id}")
    await eva.page.goto(f"{eva.url}/desk/en-vivo")
    await expect(line).to_be_visible()
    await world.tickets.claim(fire.id, StaffRef("b", "Beto Díaz"), Reply("Te atiende Beto."))
    await expect(line).to_be_hidden()
