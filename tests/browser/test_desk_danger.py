"""Tests the mark of a citizen who reported a danger, in the list and in the conversation."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.conversation.change import Change
from bot.core.messages import Author, Handoff, HandoffReason, Priority, RecognizedDanger, Reply, Speaker
from bot.tickets.ticket import StaffRef, Ticket
from tests.browser.desk_page import ANA, OpenDesk, looks_right
from tests.browser.late import NO_POLLING
from tests.desk_world import DeskWorld

FIRE = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad")


def notice(kind: str, *, sure: bool) -> Reply:
    return Reply("Llama al **131**.", author=Author.SYSTEM, danger=RecognizedDanger(kind, sure=sure))


async def tell(world: DeskWorld, ticket: Ticket, text: str, kind: str, *, sure: bool) -> None:
    """Makes a waiting citizen report a danger, and answers the message as a turn does."""
    message = await world.say(ticket.conversation, text)
    change = Change(escalate_to=Priority.EMERGENCY if sure else None)
    replies = (notice(kind, sure=sure),)
    assert await world.inbox.commit([message], replies, speaker=Speaker.WAITING, change=change) == "ok"


async def test_mark_appears_while_the_citizen_waits_and_turns_red(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("necesito a alguien")
    ana = await desk(ANA)
    mark, head = ana.row(ticket.id).locator(".danger"), ana.page.locator("#danger")
    await expect(ana.row(ticket.id)).to_be_visible()
    await expect(mark).to_be_hidden()
    await tell(world, ticket, "mi viejo quedó raro", "medica", sure=False)
    await expect(mark).to_have_text("Posible emergencia: salud")
    await expect(mark).to_have_attribute("data-sure", "false")
    await expect(ana.page.locator("#announce")).to_have_text("Posible emergencia: salud")
    await ana.open(ticket.id)
    await expect(head).to_have_text("Posible emergencia: salud")
    await tell(world, ticket, "no responde", "medica", sure=True)
    await expect(mark).to_have_text("Emergencia: salud")
    await expect(head).to_have_attribute("data-sure", "true")
    await expect(ana.row(ticket.id).locator(".chip")).to_be_hidden()
    await expect(ana.row(ticket.id)).to_have_attribute("data-priority", "emergency")


async def test_danger_reported_during_a_lost_connection_is_announced_afterwards(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("necesito a alguien")
    ana = await desk(ANA)
    await expect(ana.row(ticket.id)).to_be_visible()
    await ana.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")  # as when the browser freezes a tab
    await tell(world, ticket, "no respira", "medica", sure=True)
    await ana.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    await expect(ana.page.locator("#announce")).to_have_text("Emergencia: salud")


async def test_danger_reported_to_the_assistant_marks_the_ticket_until_an_agent_closes_it(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("persona", replies=(notice("gas", sure=False),))
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await expect(ana.page.locator("#danger")).to_have_text("Posible emergencia: gas")
    await ana.page.locator("#close").click()
    await ana.page.get_by_role("radio", name="Resuelta").check()
    await ana.page.locator("#confirm-close").click()
    await expect(ana.row(ticket.id)).to_have_count(0)
    assert (await world.inbox.state(ticket.conversation)).dangers == ()


async def test_only_a_danger_has_marks_and_protocol_and_numbers_above_the_conversation(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("necesito a alguien")
    ana = await desk(ANA)
    await ana.open(ticket.id)
    protocol, head = ana.page.locator("#protocol"), ana.page.locator("#danger")
    mark = ana.row(ticket.id).locator(".danger")
    for shown in (protocol, head, mark):
        await expect(shown).to_be_hidden()
    await tell(world, ticket, "hay olor a gas", "gas", sure=True)
    await expect(ana.page.locator("#protocol-more")).to_have_attribute("open", "")
    await expect(protocol.get_by_role("listitem")).to_have_text(list(world.agency.emergency_protocols["gas"]))
    await expect(protocol.get_by_role("link", name="Llamar al 132")).to_have_attribute("href", "tel:132")


async def test_answers_to_choose_from_cover_neither_numbers_nor_box(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("necesito a alguien")
    await tell(world, ticket, "hay olor a gas", "gas", sure=True)
    ana = await desk(ANA, viewport={"width": 1366, "height": 640})
    await ana.take_ticket(ticket.id)
    await ana.box.fill("/")
    picker, call = ana.page.locator("#picker"), ana.page.get_by_role("link", name="Llamar al 132")
    await expect(picker.get_by_role("option").first).to_be_visible()
    listed, number, box = await picker.bounding_box(), await call.bounding_box(), await ana.box.bounding_box()
    assert listed and number and box
    assert number["y"] + number["height"] <= listed["y"]
    assert box["y"] + box["height"] <= 640


async def test_emergency_sounds_even_while_the_sound_is_off(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("necesito a alguien")
    ana = await desk(ANA)
    await expect(ana.row(ticket.id)).to_be_visible()  # what waits already when the list comes is no news
    await ana.page.evaluate(
        "window.notes = 0; const start = OscillatorNode.prototype.start;"
        "OscillatorNode.prototype.start = function (...given) {"
        "  window.notes += 1; return start.apply(this, given); }; 0"
    )
    await world.wait_for_person("otra consulta")
    await expect(ana.page.locator("#announce")).not_to_be_empty()
    assert await ana.page.evaluate("window.notes") == 0
    await tell(world, ticket, "hay olor a gas", "gas", sure=True)
    await expect(ana.row(ticket.id).locator(".danger")).to_have_text("Emergencia: gas")
    await ana.page.wait_for_function("() => window.notes === 6")


async def test_marks_are_readable_and_fit(world: DeskWorld, desk: OpenDesk) -> None:
    sure = await world.wait_for_person("quiero hablar con alguien, por favor")
    possible = await world.wait_for_person("necesito ayuda con mi patente")
    await tell(world, sure, "hay un olor muy raro y mi guagua no despierta", "gas", sure=True)
    await tell(world, possible, "mi viejo quedó raro", "medica", sure=False)
    await tell(world, possible, "ya no los molesto más", "suicidio", sure=False)
    ana = await desk(ANA)
    await expect(ana.row(possible.id).locator(".danger")).to_have_text("Posible emergencia: suicidio, salud")
    await looks_right(ana, "danger-list")
    for number, ticket in enumerate((sure, possible), 1):
        await ana.open(ticket.id)
        await looks_right(ana, f"danger-{number}")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
async def test_emergency_below_the_agents_own_chats_is_shown_above_the_list(
    world: DeskWorld, desk: OpenDesk, width: int, scheme: str
) -> None:
    beside = await world.sign_in(ANA)
    for number in range(8):
        await world.wait_for_person(f"consulta {number}")
        assert (await beside.post("/desk/api/next")).status_code == 200
    ana = await desk(ANA, viewport={"width": width, "height": 560}, color_scheme=scheme)
    await expect(ana.section("mine").locator(".row")).to_have_count(8)
    await ana.section("mine").locator(".row").first.click()
    fire = await world.wait_for_person("hay fuego", handoff=FIRE)
    line = ana.page.locator("#unclaimed")
    await expect(line).to_have_text("Emergencia sin tomar: sin precisar")
    await expect(line).to_be_in_viewport()
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)
    await line.get_by_role("link").click()
    await ana.take.click()
    await expect(line).to_be_hidden()
    again = await world.wait_for_person("hay humo", handoff=FIRE)
    await expect(line).to_be_visible()
    await ana.page.evaluate("location.hash = ''")
    await ana.row(again.id).scroll_into_view_if_needed()
    await expect(line).to_be_hidden()
    assert (await world.tickets.get(fire.id)).owner is not None  # type: ignore[union-attr]


async def test_line_about_an_emergency_comes_with_its_event_and_goes_with_the_claim(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("necesito a alguien")
    ana = await desk(viewport={"width": 320, "height": 560})
    await ana.page.add_init_script(NO_POLLING)
    await ana.sign_in(ANA)
    await ana.open(ticket.id)
    fire = await world.wait_for_person("hay fuego", handoff=FIRE)
    line = ana.page.locator("#unclaimed")
    await expect(line).to_have_text("Emergencia sin tomar: sin precisar")
    await world.tickets.claim(fire.id, StaffRef("b", "Beto Díaz"), Reply("Te atiende Beto."))
    await expect(line).to_be_hidden()
