"""Tests in Chromium that the desk shows nothing any more that its agent may no longer see."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.async_api import expect

from bot.core.messages import Handoff, HandoffReason
from tests.browser.desk_page import DeskPage, OpenDesk
from tests.desk_world import DeskWorld
from tests.eventually import eventually

OLGA, EVA = "olga@losaromos.example", "eva@losaromos.example"
OF_WORKS = Handoff(HandoffReason.ASKED_HUMAN, team="obras")
WORDS = "mi vecina levantó un muro"


async def olgas(world: DeskWorld, desk: OpenDesk) -> DeskPage:
    """Returns the desk of an agent of one team, who has not aimed at any row yet."""
    await world.hire(OLGA, "Olga Paz", teams=("obras",))
    return await desk(OLGA)


async def pass_on(world: DeskWorld, ticket: str) -> None:
    """Lets a supervisor pass the ticket to a team that Olga does not serve."""
    await world.hire(EVA, "Eva Ríos", roles=("supervisor",))
    eva = await world.sign_in(EVA)
    answer = await eva.post(f"/desk/api/tickets/{ticket}/move", json={"team": "aseo"})
    assert answer.status_code == 200, answer.text


async def test_row_that_went_to_another_team_keeps_its_place_without_its_words(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person(WORDS, handoff=OF_WORKS)
    olga = await olgas(world, desk)
    row = olga.row(ticket.id)
    await expect(row).to_be_visible()
    await olga.page.keyboard.press("j")
    await expect(row).to_be_focused()
    await pass_on(world, ticket.id)

    async def told() -> bool:
        await olga.page.keyboard.press("k")
        return await olga.page.locator("#held").is_visible()

    await eventually(told)
    await expect(row).to_be_focused()
    await expect(row.locator(".words")).to_have_text("Ya no está en tu lista")
    assert WORDS not in await olga.page.locator("body").inner_text()


async def test_open_conversation_that_went_to_another_team_is_emptied(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person(WORDS, handoff=OF_WORKS)
    olga = await olgas(world, desk)
    await olga.open(ticket.id)
    await expect(olga.log).to_contain_text(WORDS)
    await pass_on(world, ticket.id)
    await expect(olga.page.locator("#read-only")).to_have_text("La conversación pasó a otro equipo.")
    assert WORDS not in await olga.page.locator("body").inner_text()


async def test_page_starts_anew_when_the_account_gets_other_teams(
    world: DeskWorld, desk: OpenDesk, monkeypatch: Any
) -> None:
    monkeypatch.setattr("bot.desk.api.stream.SESSION_CHECK_EVERY_S", 0.1)
    ticket = await world.wait_for_person(WORDS, handoff=OF_WORKS)
    olga = await olgas(world, desk)
    await olga.open(ticket.id)
    await expect(olga.log).to_contain_text(WORDS)
    await world.set_teams(OLGA, "aseo")
    await expect(olga.log).to_contain_text("ya terminó o pasó a otro equipo")
    await expect(olga.row(ticket.id)).to_have_count(0)
    assert WORDS not in await olga.page.locator("body").inner_text()


async def test_open_conversation_stays_open_when_a_filter_leaves_it_out(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person(WORDS, handoff=OF_WORKS)
    other = await world.wait_for_person(
        "¿cuándo pasa el camión?", handoff=Handoff(HandoffReason.COMPLAINT, team="aseo")
    )
    await world.hire(EVA, "Eva Ríos", roles=("supervisor",))
    eva = await desk(EVA)
    await eva.open(ticket.id)
    await eva.page.get_by_label("Filtrar la lista").click()
    async with eva.page.expect_response("**/desk/api/tickets?*"):
        await eva.page.locator("#filters [name=team]").select_option("aseo")
    await expect(eva.row(ticket.id)).to_have_count(0)
    await expect(eva.row(other.id)).to_be_visible()
    async with eva.page.expect_response(f"**/desk/api/tickets/{ticket.id}/claim"):
        await eva.take.click()
    await expect(eva.box).to_be_visible()


@pytest.mark.parametrize("is_live", [True, False], ids=["live", "after a lost connection"])
async def test_unsent_reply_stays_when_its_conversation_goes_to_another_team(
    world: DeskWorld, desk: OpenDesk, is_live: bool
) -> None:
    ticket = await world.wait_for_person(WORDS, handoff=OF_WORKS)
    olga = await olgas(world, desk)
    await olga.take_ticket(ticket.id)
    await olga.page.route("**/replies", lambda route: route.fulfill(status=409, json={"message": "No se pudo."}))
    await olga.reply("vamos a verlo el lunes")
    unsent = olga.log.locator(".pending.failed")
    await expect(unsent).to_contain_text("No se envió")
    if not is_live:
        await olga.page.evaluate("dispatchEvent(new Event('pagehide'))")  # ends its stream
    await pass_on(world, ticket.id)
    await olga.page.evaluate("dispatchEvent(new Event('online'))")
    await expect(olga.page.locator("#read-only")).to_contain_text("pasó a otro equipo")
    await expect(unsent).to_contain_text("vamos a verlo el lunes")
    await expect(unsent.get_by_role("button", name="Reintentar")).to_be_visible()
    assert WORDS not in await olga.page.locator("body").inner_text()
    await unsent.get_by_role("button", name="Descartar").click()
    await expect(unsent).to_have_count(0)


async def test_next_ticket_is_taken_from_one_that_was_passed_to_another_team_on_a_phone(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket, following = [await world.wait_for_person(WORDS, handoff=OF_WORKS) for _ in range(2)]
    await world.hire(OLGA, "Olga Paz", teams=("obras",))
    olga = await desk(OLGA, viewport={"width": 320, "height": 640})
    await olga.take_ticket(ticket.id)
    await pass_on(world, ticket.id)
    await expect(olga.page.locator("#read-only")).to_have_text("La conversación pasó a otro equipo.")
    await olga.page.locator("#next-here").click()
    await expect(olga.page.locator("#talk-title")).to_contain_text(f"#{following.id}")
    await expect(olga.box).to_be_visible()


async def test_page_waits_for_what_is_being_written_when_the_account_gets_other_teams(
    world: DeskWorld, desk: OpenDesk, monkeypatch: Any
) -> None:
    monkeypatch.setattr("bot.desk.api.stream.SESSION_CHECK_EVERY_S", 0.1)
    ticket = await world.wait_for_person("necesito hora")
    others = await world.wait_for_person(WORDS, handoff=OF_WORKS)
    await world.hire(OLGA, "Olga Paz", teams=("obras", "atencion"))
    olga = await desk(OLGA)
    await olga.take_ticket(ticket.id)
    await olga.page.locator("#file").set_input_files(
        {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
    )
    await expect(olga.page.locator("#attachment")).to_contain_text("a.pdf")
    await world.set_teams(OLGA, "atencion")
    await expect(olga.row(others.id)).to_have_count(0)
    offered = olga.page.get_by_role("button", name="Actualizar")
    await expect(offered).to_be_visible()
    await expect(olga.page.locator("#attachment")).to_contain_text("a.pdf")
    assert await olga.serious() == []
    await offered.click()
    await expect(offered).to_be_hidden()
    await expect(olga.page.locator("#attachment")).to_be_hidden()
    await expect(olga.box).to_be_visible()
