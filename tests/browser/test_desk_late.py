"""Tests that what comes late at the desk changes nothing that the agent has opened, written or chosen since."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from bot.agency.model import Agency
from bot.core.events import EventKind
from bot.core.messages import Author
from bot.desk.queries.canned import Canned, CannedReplies
from bot.record.engine import Sessions
from bot.tickets.ticket import Ticket
from tests.browser.desk_page import ANA, BETO, DeskPage, OpenDesk, said
from tests.browser.late import HOLD, held, hold, let_go
from tests.desk_world import DeskWorld, desk_world

STOP = "dispatchEvent(new PageTransitionEvent('pagehide'))"  # the live stream
START = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"
REFUSED = {"detail": {"error": "not_yours", "message": "Esta conversación ya no está a tu nombre."}}
ENTRY = {"id": "a", "version": "1", "question": "¿Hay hora?", "text": "Sí.", "html": "<p>Sí.</p>", "source": None}
FOUND: dict[str, Any] = {
    **{"conversation": "c1", "event": "1-0", "channel": "web", "channel_words": "Web", "nickname": "Roble"},
    **{"ticket": "", "team_words": "", "agent": "", "outcome_words": "", "open": False, "at": 0, "author": "citizen"},
    "pieces": [{"text": "licencia", "hit": True}],
}


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency, home=tmp_path) as made:
        await made.hire(ANA, "Ana Soto", roles=("agent", "supervisor"))
        await made.hire(BETO, "Beto Díaz")
        yield made


async def two_taken(world: DeskWorld, ana: DeskPage) -> tuple[Ticket, Ticket]:
    """Makes Ana attend two citizens; the first one is open, and its reply box has the focus."""
    first, second = await world.wait_for_person("una"), await world.wait_for_person("dos")
    for ticket in (second, first):
        await ana.take_ticket(ticket.id)
    await expect(ana.box).to_be_focused()
    return first, second


async def test_shift_goes_on_for_an_agent_who_cancels_after_having_ended_one(world: DeskWorld, desk: OpenDesk) -> None:
    ana, asked = await desk(ANA), list[Any]()
    account, page = ana.page.locator("#account"), ana.page
    page.on("request", lambda one: asked.append(one.post_data_json) if one.url.endswith("/presence") else None)
    await account.locator("summary").click()
    await page.get_by_role("button", name="Terminar mi turno").click()
    await page.get_by_role("dialog").get_by_role("button", name="Terminar turno").click()
    await expect(account).to_have_attribute("data-presence", "away")
    await page.get_by_role("button", name="Estoy disponible").click()
    await expect(account).to_have_attribute("data-presence", "available")
    await account.locator("summary").click()
    await page.get_by_role("button", name="Terminar mi turno").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.evaluate("document.querySelector('#shift').close()")  # as Escape does where it keeps the last answer
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_label("Disponibilidad").select_option(label="Con mucho")
    await expect(account).to_have_attribute("data-presence", "busy")
    assert [one["presence"] for one in asked] == ["away", "available", "busy"]


async def test_late_heartbeat_does_not_undo_the_presence_chosen_since(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk()
    await ana.page.add_init_script(f"({HOLD})(['/heartbeat', 1])")
    await ana.sign_in(ANA)
    await held(ana.page)
    await ana.page.locator("#account summary").click()
    await ana.page.get_by_label("Disponibilidad").select_option(label="Con mucho")
    await expect(ana.page.locator("#account")).to_have_attribute("data-presence", "busy")
    await let_go(ana.page)
    assert await ana.page.locator("#account").get_attribute("data-presence") == "busy"


async def test_enter_before_the_saved_replies_have_come_sends_nothing(world: DeskWorld, desk: OpenDesk) -> None:
    await CannedReplies(world.sessions).keep(Canned("saludo", "", "Hola."))
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await hold(ana.page, "/canned", 1)
    await ana.box.press_sequentially("/")
    await held(ana.page)
    await ana.box.press_sequentially("sal")
    await ana.box.press("Enter")
    await expect(ana.box).to_have_value("/sal")
    await let_go(ana.page)
    await expect(ana.page.locator("#picker").get_by_role("option")).to_have_count(1)
    await ana.box.press("Enter")
    await expect(ana.box).to_have_value("Hola.")
    assert await said(world, ticket.conversation, "staff") == []


async def test_chosen_reply_stays_chosen_when_the_entries_come(world: DeskWorld, desk: OpenDesk) -> None:
    for name in ("saludo", "salida"):
        await CannedReplies(world.sessions).keep(Canned(name, "", f"Texto de {name}."))
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.page.route("**/desk/api/entries?*", lambda route: route.fulfill(json={"entries": [ENTRY]}))
    await ana.take_ticket(ticket.id)
    await hold(ana.page, "/entries?")
    await ana.box.press_sequentially("/sal")
    await held(ana.page)
    await ana.box.press("ArrowDown")
    chosen = ana.page.locator('#picker [aria-selected="true"]')
    before = await chosen.text_content()
    await let_go(ana.page)
    await expect(ana.page.locator("#picker").get_by_role("option")).to_have_count(3)
    assert await chosen.text_content() == before


async def test_moving_is_not_asked_about_a_conversation_that_was_left(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    _, second = await two_taken(world, ana)
    await hold(ana.page, "/desk/api/agents", 1)
    await ana.page.get_by_label("Más acciones").click()
    await ana.page.locator("#more").get_by_role("button", name="Pasar a otra persona").click()
    await held(ana.page)
    await ana.open(second.id)
    await let_go(ana.page)
    assert await ana.page.get_by_role("dialog").count() == 0


async def test_notes_of_two_refused_passings_on_are_both_kept(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    first, second = await two_taken(world, ana)
    await ana.page.route("**/move", lambda route: route.fulfill(status=409, json=REFUSED))
    await passing_on(ana, "Vive solo.", first)
    await ana.open(second.id)
    await passing_on(ana, "Llamó dos veces.", second)
    await ana.open(first.id)
    await expect(await moving(ana)).to_have_value("Vive solo.")


async def passing_on(ana: DeskPage, note: str, ticket: Ticket) -> None:
    """Passes the open conversation on with a note, which is refused."""
    await (await moving(ana)).fill(note)
    async with ana.page.expect_response(f"**/tickets/{ticket.id}/move"):
        await ana.page.get_by_role("dialog").get_by_role("button", name="Pasar", exact=True).click()


async def moving(ana: DeskPage) -> Locator:
    """Opens the dialog that passes a conversation on, chooses another team, and returns the box of its note."""
    await ana.page.get_by_label("Más acciones").click()
    await ana.page.locator("#more").get_by_role("button", name="Pasar a otra persona").click()
    await ana.page.get_by_label("A quién").select_option(label="Rentas y Patentes")
    return ana.page.locator("#move [name=text]")


async def test_supervisor_passes_on_whom_the_dialog_names(world: DeskWorld, desk: OpenDesk) -> None:
    beto = await desk(BETO)
    first, second = await world.wait_for_person("una"), await world.wait_for_person("dos")
    ana = await desk(ANA, path="/desk/en-vivo")
    await expect(ana.page.locator("#longest .wait")).to_have_count(2)
    await hold(ana.page, "/desk/api/agents")
    for number, ticket in enumerate((first, second), 1):
        await ana.page.get_by_role("button", name=re.compile(rf"Pasar a .*#{ticket.id}\b")).click()
        await held(ana.page, number)
    await let_go(ana.page, 1)
    dialog = ana.page.get_by_role("dialog")
    await expect(dialog).to_contain_text(f"#{second.id}")
    await let_go(ana.page, 0)
    refused = {"detail": {"error": "away", "message": "Beto acaba de salir."}}
    await ana.page.route("**/move", lambda route: route.fulfill(status=409, json=refused), times=1)
    await dialog.get_by_label("A quién").select_option(label="Beto Díaz (0)")
    async with ana.page.expect_request(f"**/tickets/{second.id}/move"):
        await dialog.get_by_role("button", name="Pasar", exact=True).click()
    await expect(ana.page.locator("#failed")).to_have_text("Beto acaba de salir.")
    await expect(beto.section("waiting").locator(".row")).to_have_count(2)


async def test_note_that_could_not_be_saved_returns_to_its_own_conversation(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    first, second = await two_taken(world, ana)
    note = ana.page.get_by_role("textbox", name="Nota interna")
    noting = ana.page.get_by_role("radio", name="Nota interna")
    await ana.page.route("**/notes", lambda route: route.fulfill(status=409, json=REFUSED))
    await hold(ana.page, "/notes")
    await noting.check()
    await note.fill("Vive solo.")
    await note.press("Enter")
    await held(ana.page)
    await ana.open(second.id)
    await noting.check()
    await let_go(ana.page)
    await expect(ana.page.locator("#refusal")).to_contain_text(f"En la conversación #{first.id}: ")
    await expect(note).to_have_value("")
    await ana.open(first.id)
    await noting.check()
    await expect(note).to_have_value("Vive solo.")


async def test_late_claim_does_not_leave_the_conversation_opened_since(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    first, second = await world.wait_for_person("una"), await world.wait_for_person("dos")
    await ana.open(first.id)
    await hold(ana.page, "/claim")
    await ana.take.click()
    await held(ana.page)
    await ana.open(second.id)
    await let_go(ana.page)
    assert await ana.page.evaluate("location.hash") == f"#/t/{second.id}"
    await expect(ana.section("mine").locator(".row")).to_have_count(1)


async def test_late_closing_does_not_take_the_focus_from_the_next_reply(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    _, second = await two_taken(world, ana)
    await hold(ana.page, "/close")
    await ana.page.locator("#close").click()
    await ana.page.get_by_role("radio", name="Resuelta").check()
    await ana.page.locator("#confirm-close").click()
    await held(ana.page)
    await ana.open(second.id)
    await expect(ana.box).to_be_focused()
    await let_go(ana.page)
    assert await ana.box.evaluate("box => box === document.activeElement")


async def test_closing_offers_the_topics_of_its_own_conversation(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    first, second = await two_taken(world, ana)
    for ticket, topic in ((first, "De la primera"), (second, "De la segunda")):
        await offer(ana.page, ticket.id, topic)
    await hold(ana.page, "/topics")
    await ana.page.locator("#close").click()
    await held(ana.page)
    await ana.page.keyboard.press("Escape")
    await ana.open(second.id)
    await ana.page.locator("#close").click()
    await held(ana.page, 2)
    for place in (1, 0):
        await let_go(ana.page, place)
    await expect(ana.page.locator("#topic-chips button")).to_have_text(["De la segunda"])


async def offer(page: Page, ticket: str, topic: str) -> None:
    await page.route(f"**/tickets/{ticket}/topics", lambda route: route.fulfill(json={"questions": [topic]}))


async def test_suggestions_that_come_after_the_answer_are_not_shown(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.page.route("**/suggested", lambda route: route.fulfill(json={"entries": [{**ENTRY, "percent": 80}]}))
    await ana.open(ticket.id)
    await hold(ana.page, "/suggested", 1)
    await ana.take.click()
    await held(ana.page)
    await ana.reply("Sí, hay hora.")
    await expect(ana.log.locator(".staff:not(.pending)")).to_have_count(1)
    await let_go(ana.page)
    assert await ana.page.locator("#suggested").is_hidden()


async def test_colleagues_that_come_late_are_not_offered(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.page.get_by_role("radio", name="Nota interna").check()
    note = ana.page.get_by_role("textbox", name="Nota interna")
    await expect(note).to_be_focused()
    await hold(ana.page, "/colleagues", 1)
    await note.press_sequentially("@")
    await held(ana.page)
    await note.fill("Llamó ayer.")
    await let_go(ana.page)
    assert await ana.page.locator("#naming").is_hidden()


async def test_transcript_is_whole_after_a_removal_and_a_message_that_were_missed(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await world.say(ticket.conversation, "mi clave es xylofonito")
    await expect(ana.log).to_contain_text("xylofonito")
    (event,) = [one for one in await world.inbox.events(ticket.conversation) if "xylofonito" in one.text]
    await ana.page.evaluate(STOP)
    api = await world.sign_in(ANA)
    assert (await api.post(f"/desk/api/tickets/{ticket.id}/messages/{event.id}/remove")).is_success
    await world.say(ticket.conversation, "sigo aquí")
    await ana.page.evaluate(START)
    words = ana.log.locator(".citizen .bubble")
    await expect(words).to_have_text(["hola", re.compile("Mensaje eliminado"), "sigo aquí"])
    kinds = [one.kind for one in await world.inbox.events(ticket.conversation) if one.author is Author.CITIZEN]
    assert kinds == [EventKind.MESSAGE] * 3


async def test_older_list_does_not_replace_a_newer_one(world: DeskWorld, desk: OpenDesk) -> None:
    first = await world.wait_for_person("una")
    ana = await desk(ANA)
    await expect(ana.row(first.id)).to_be_visible()
    await ana.page.evaluate(STOP)
    await hold(ana.page, "/desk/api/tickets?")
    await ana.page.evaluate(START)
    await held(ana.page, 1)
    await ana.page.evaluate(STOP)
    second = await world.wait_for_person("dos")
    await ana.page.evaluate(START)
    await held(ana.page, 2)
    for place in (1, 0):
        await let_go(ana.page, place)
    third = await world.wait_for_person("tres")  # draws the list again
    await expect(ana.row(third.id)).to_be_visible()
    assert await ana.row(second.id).count() == 1


async def test_late_results_do_not_take_the_focus_from_the_results(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    await ana.page.route("**/desk/api/search", lambda route: route.fulfill(json={"found": [FOUND]}))
    box, result = ana.page.get_by_label("Buscar en las conversaciones"), ana.page.locator("#found a")
    await box.press_sequentially("lice")
    await expect(result).to_have_count(1)
    await hold(ana.page, "/desk/api/search", 1)
    await box.press_sequentially("ncia")
    await held(ana.page)
    await box.press("ArrowDown")
    await expect(result).to_be_focused()
    await let_go(ana.page)
    await expect(result).to_be_focused()


async def test_transcript_that_comes_late_does_not_take_the_focus_from_a_search(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await hold(ana.page, f"/tickets/{ticket.id}?after")
    await ana.row(ticket.id).click()
    await held(ana.page)
    await ana.page.get_by_label("Buscar en las conversaciones").press_sequentially("lic")
    await let_go(ana.page)
    await expect(ana.log.locator(".line").first).to_be_attached()
    await expect(ana.page.get_by_label("Buscar en las conversaciones")).to_be_focused()


async def test_answer_to_a_change_does_not_undo_what_happened_since(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    first, _ = await two_taken(world, ana)
    await hold(ana.page, "/snooze")
    await ana.page.keyboard.press("Escape")
    await ana.page.keyboard.press("p")
    await held(ana.page)
    await expect(ana.row(first.id)).to_contain_text("En pausa")
    await world.say(first.conversation, "sigo aquí")
    await expect(ana.row(first.id)).not_to_contain_text("En pausa")
    await let_go(ana.page)
    third = await world.wait_for_person("tres")  # draws the list again
    await expect(ana.row(third.id)).to_be_visible()
    assert "En pausa" not in await ana.row(first.id).inner_text()


async def test_next_one_that_comes_late_is_not_opened_over_another(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    _, second = await two_taken(world, ana)
    third = await world.wait_for_person("tres")
    await expect(ana.row(third.id)).to_be_visible()
    await hold(ana.page, "/desk/api/next")
    await ana.page.get_by_role("button", name="Tomar la siguiente").click()
    await held(ana.page)
    await ana.open(second.id)
    await ana.box.press_sequentially("Hola")
    await let_go(ana.page)
    await expect(ana.page.locator("#announce")).to_contain_text(f"Tomaste la conversación #{third.id}")
    assert (await ana.box.input_value(), ana.page.url.endswith(f"/t/{second.id}")) == ("Hola", True)
