"""Tests three agents and five citizens at the desk: next, snooze, transfer, notes, takeover, filters, presence."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Route, expect

from bot.agency.model import Agency
from bot.core.messages import Channel, Handoff, HandoffReason, Priority
from bot.record.engine import Sessions
from bot.store import keys
from tests.browser.desk_page import ANA, BETO, DeskPage, OpenDesk, said
from tests.desk_world import DeskWorld, desk_world
from tests.eventually import eventually

EVA = "eva@losaromos.example"
REFUSE = Handoff(HandoffReason.ASKED_HUMAN, team="aseo")
FIRE = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad")
COMPLAINT = Handoff(HandoffReason.COMPLAINT, Priority.HIGH, "aseo")

# closes the dialog and opens it again before the browser tells that it was closed
AGAIN_AT_ONCE = """() => {
  document.querySelector("dialog[open]").close("");
  document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "c", bubbles: true}));
}"""


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    async with desk_world(redis, database, agency) as made:
        await made.hire(ANA, "Ana Soto")
        await made.hire(BETO, "Beto Díaz")
        await made.hire(EVA, "Eva Ríos", roles=("supervisor",))
        yield made


async def more(page: DeskPage, action: str) -> None:
    await page.page.get_by_label("Más acciones").click()
    await page.page.locator("#more").get_by_role("button", name=action).click()


async def test_three_agents_share_five_citizens(world: DeskWorld, desk: OpenDesk) -> None:
    for words in ("una", "dos", "tres"):
        await world.wait_for_person(words, handoff=REFUSE)
    complaint = await world.wait_for_person("no pasa el camión", handoff=COMPLAINT)
    fire = await world.wait_for_person("hay fuego", handoff=FIRE)
    ana, beto, eva = await desk(ANA), await desk(BETO), await desk(EVA)
    await ana.page.keyboard.press("n")
    await expect(ana.page.locator("#talk-meta")).to_contain_text("Emergencia")
    await expect(ana.box).to_be_visible()
    await beto.page.get_by_role("button", name="Tomar la siguiente").click()
    await expect(beto.page.locator("#talk-meta")).to_contain_text("Reclamo")
    assert await ana.serious() == []
    # a pause lasts until the citizen writes
    await more(ana, "Esperar a la persona")
    await expect(ana.row(fire.id)).to_contain_text("En pausa")
    await world.say(fire.conversation, "ya llegaron los bomberos")
    await expect(ana.row(fire.id)).not_to_contain_text("En pausa")
    # passed on to a person, with a note that only staff see
    await more(beto, "Pasar a otra persona")
    dialog = beto.page.get_by_role("dialog")
    await dialog.get_by_label("A quién").select_option(label="Ana Soto (1)")
    await dialog.get_by_label("Nota para quien").fill("Tú conoces ese camión.")
    assert await beto.serious() == []
    # a refusal, as if Ana had just left, does not lose the note
    left = {"detail": {"message": "Esa persona no está en la mesa ahora."}}
    await beto.page.route("**/tickets/*/move", lambda route: route.fulfill(status=409, json=left), times=1)
    await dialog.get_by_role("button", name="Pasar", exact=True).click()
    await expect(beto.page.locator("#refusal")).to_have_text("Esa persona no está en la mesa ahora.")
    await more(beto, "Pasar a otra persona")
    await expect(dialog.get_by_label("Nota para quien")).to_have_value("Tú conoces ese camión.")
    await dialog.get_by_label("A quién").select_option(label="Ana Soto (1)")
    await dialog.get_by_role("button", name="Pasar", exact=True).click()
    await expect(ana.section("mine").locator(".row")).to_have_count(2)
    given = ana.page.locator("#staff-notices li")
    await expect(given).to_contain_text("Beto Díaz te pasó a")
    await expect(given).to_contain_text("«Tú conoces ese camión.»")
    await given.get_by_role("link", name="Ver").click()
    await expect(given).to_have_count(0)
    await ana.open(complaint.id)
    await expect(ana.log.locator(".note")).to_contain_text("Nota interna de Beto Díaz")
    await expect(ana.log.locator(".note .bubble")).to_have_text("Tú conoces ese camión.")
    assert "Tú conoces" not in " ".join(await said(world, complaint.conversation, "staff"))
    # the supervisor gives out what nobody has taken
    await eva.open((await world.tickets.waiting())[0].id)
    await more(eva, "Pasar a otra persona")
    await eva.page.get_by_label("A quién").select_option(label="Beto Díaz (0)")
    await eva.page.get_by_role("button", name="Pasar", exact=True).click()
    await expect(beto.section("mine").locator(".row")).to_have_count(1)
    # the supervisor takes over, which an agent may not
    await beto.open(complaint.id)
    await expect(beto.page.locator("[data-do='take-over']")).to_be_hidden()
    await eva.open(complaint.id)
    await more(eva, "Tomarla yo")
    await expect(eva.box).to_be_visible()
    await expect(ana.page.locator("#read-only")).to_contain_text("La atiende Eva Ríos")
    await expect(given).to_contain_text("Eva Ríos tomó a")


async def test_colleague_mentioned_in_a_note_is_notified_even_later(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola", handoff=REFUSE)
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.page.get_by_role("radio", name="Nota interna").check()
    note = ana.page.get_by_role("textbox", name="Nota interna")
    await expect(note).to_be_focused()
    await note.press_sequentially("Ojo con esto @be")
    await expect(ana.page.locator("#naming").get_by_role("option")).to_have_text(["Beto Díaz"])
    assert await ana.serious() == []
    await note.press("Enter")
    await expect(note).to_have_value("Ojo con esto @Beto Díaz ")
    await note.press("Enter")
    await expect(ana.log.locator(".note .bubble")).to_have_text("Ojo con esto @Beto Díaz")
    beto = await desk(BETO, viewport={"width": 320, "height": 700})
    told = beto.page.locator("#staff-notices li")
    await expect(told).to_contain_text("Ana Soto te dejó una nota en")
    assert (await beto.serious(), await beto.sideways_scroll_px()) == ([], 0)
    await told.get_by_role("link", name="Ver").click()
    await expect(beto.log.locator(".note .bubble")).to_have_text("Ojo con esto @Beto Díaz")
    await beto.page.reload()
    await beto.is_live()
    await expect(told).to_have_count(0)


async def test_note_that_was_begun_before_another_conversation_was_read_still_notifies(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket, other = [await world.wait_for_person(text, handoff=REFUSE) for text in ("hola", "otra cosa")]
    ana = await desk(ANA)
    await ana.take_ticket(other.id)
    await ana.take_ticket(ticket.id)
    note = await noting(ana)
    await note.fill("Ojo con esto @Beto Díaz")
    await ana.open(other.id)
    await ana.open(ticket.id)
    await expect(await noting(ana)).to_have_value("Ojo con esto @Beto Díaz")
    await note.press("Enter")
    beto = await desk(BETO)
    await expect(beto.page.locator("#staff-notices li")).to_contain_text("Ana Soto te dejó una nota en")


async def test_note_whose_response_was_lost_is_stored_once(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("una consulta")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)

    async def lose(route: Route) -> None:
        await route.fetch()
        await route.abort()

    await ana.page.route("**/notes", lose, times=1)
    note = await noting(ana)
    await note.fill("Ojo con el plazo")
    await note.press("Enter")
    await expect(ana.page.locator("#refusal")).to_contain_text("Sin conexión")
    await expect(note).to_have_value("Ojo con el plazo")
    async with ana.page.expect_response("**/notes"):
        await note.press("Enter")
    notes = [one for one in await world.inbox.events(ticket.conversation, staff=True) if one.kind == "note"]
    assert [one.text for one in notes] == ["Ojo con el plazo"]


async def test_note_that_failed_later_stays_a_draft_of_its_conversation(world: DeskWorld, desk: OpenDesk) -> None:
    ticket, other = [await world.wait_for_person(text, handoff=REFUSE) for text in ("hola", "otra cosa")]
    ana = await desk(ANA)
    await ana.take_ticket(other.id)
    await ana.take_ticket(ticket.id)
    held: list[Route] = []
    await ana.page.route("**/notes", lambda route: held.append(route))
    note = await noting(ana)
    await note.fill("Llamó dos veces")
    await note.press("Enter")
    await expect(note).to_have_value("")
    await eventually(lambda: held)
    await ana.open(other.id)
    await noting(ana)
    await held[0].abort()
    await expect(ana.page.locator("#refusal")).to_contain_text(f"En la conversación #{ticket.id}: ")
    await expect(note).to_have_value("")
    await ana.open(ticket.id)
    await expect(await noting(ana)).to_have_value("Llamó dos veces")


async def test_without_network_the_next_is_refused_in_sight_and_passing_on_says_why(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("hola", handoff=REFUSE)
    ana = await desk(ANA, viewport={"width": 320, "height": 700})
    await ana.page.route(re.compile("/api/(next|agents)$"), lambda route: route.abort())
    refusal = ana.page.locator("#next-refusal")
    await ana.page.keyboard.press("n")
    await expect(refusal).to_contain_text("Sin conexión")
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)
    await ana.take_ticket(ticket.id)
    await expect(refusal).to_have_text("")
    await more(ana, "Pasar a otra persona o equipo")
    await expect(ana.page.locator("#refusal")).to_contain_text("Sin conexión")
    await expect(ana.page.locator("#move")).to_be_hidden()


async def test_next_of_an_empty_queue_says_so_until_somebody_waits(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA, viewport={"width": 320, "height": 700}, color_scheme="dark")
    said = ana.page.locator("#next-refusal")
    await ana.page.get_by_role("button", name="Tomar la siguiente").click()
    await expect(said).to_have_text("Nadie espera")
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)
    await world.wait_for_person("hola", handoff=REFUSE)
    await expect(said).to_be_hidden()


async def noting(ana: DeskPage) -> Locator:
    """Begins to write a note, and returns its box."""
    await ana.page.get_by_role("radio", name="Nota interna").check()
    return ana.page.get_by_role("textbox", name="Nota interna")


async def test_note_is_written_and_a_conversation_moves_to_another_team(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola", handoff=REFUSE)
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await expect(ana.box).to_be_focused()
    await ana.page.keyboard.press("Escape")
    await ana.page.keyboard.press("i")
    note = ana.page.get_by_role("textbox", name="Nota interna")
    await expect(note).to_be_focused()
    await note.fill("Llamó ayer.")
    await ana.page.keyboard.press("Enter")
    await expect(ana.log.locator(".note .bubble")).to_have_text("Llamó ayer.")
    assert await ana.serious() == []
    await ana.page.get_by_role("radio", name="Responder").check()
    await expect(ana.box).to_have_value("")
    await expect(ana.box).to_be_focused()  # a moment after the click
    await ana.page.keyboard.press("Escape")
    await ana.page.keyboard.press("m")
    await ana.page.get_by_label("A quién").select_option(label="Rentas y Patentes")
    await ana.page.get_by_role("button", name="Pasar", exact=True).click()
    await expect(ana.section("waiting").locator(".row")).to_contain_text("Rentas y Patentes")


async def test_colleague_who_is_away_is_offered_last_and_cannot_be_chosen(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola", handoff=REFUSE)
    ana, beto = await desk(ANA), await desk(BETO)
    await ana.take_ticket(ticket.id)
    await expect(ana.box).to_be_focused()
    await expect(beto.row(ticket.id)).to_have_count(1)
    agent = await eventually(lambda: known_as(world, "Beto Díaz"))  # after his first heartbeat
    await world.redis.hset(keys.agent_key(agent), "presence", "away")
    await ana.page.keyboard.press("Escape")
    await ana.page.keyboard.press("m")
    away = ana.page.locator("#move-to option", has_text="Beto")
    await expect(away).to_have_text("Beto Díaz (fuera)")
    await expect(away).to_be_disabled()
    assert await ana.serious() == []


async def known_as(world: DeskWorld, name: str) -> str:
    """Returns the id of the agent of that name, or "" if none has been at the desk."""
    agents = await world.redis.smembers(keys.AGENTS)
    names = {str(await world.redis.hget(keys.agent_key(one), "name")): str(one) for one in agents}
    return names.get(name, "")


async def test_filtered_list_shows_that_it_is_filtered(world: DeskWorld, desk: OpenDesk) -> None:
    refuse = await world.wait_for_person("basura", handoff=REFUSE)
    other = await world.wait_for_person("permiso", channel=Channel.TELEGRAM)
    ana = await desk(ANA)
    await ana.page.get_by_label("Filtrar la lista").click()
    await ana.page.locator("#filters").get_by_label("Equipo").select_option(label="Aseo, Ornato y Medio Ambiente")
    await expect(ana.row(other.id)).to_have_count(0)
    await expect(ana.row(refuse.id)).to_be_visible()
    await expect(ana.page.locator("details.filter")).to_have_class("filter active")
    await expect(ana.section("waiting").locator("[data-count]")).to_have_text("1 de 2")
    assert await ana.serious() == []
    await ana.page.reload()
    await expect(ana.row(other.id)).to_have_count(0)
    chip = ana.page.get_by_role("button", name="Quitar el filtro: Aseo, Ornato y Medio Ambiente")
    await chip.click()
    await expect(ana.row(other.id)).to_be_visible()
    await expect(chip).to_have_count(0)
    box = await ana.row(other.id).bounding_box()
    assert box and 44 <= box["height"] <= 62  # nine of them on a small screen, and large enough to tap


async def test_agent_sets_availability_and_ends_the_shift(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola", handoff=REFUSE)
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.page.locator("#account summary").click()
    await ana.page.get_by_label("Disponibilidad").select_option(label="Con mucho")
    await expect(ana.page.locator("#account")).to_have_attribute("data-presence", "busy")
    assert await ana.serious() == []
    await ana.page.get_by_role("button", name="Terminar mi turno").click()
    await ana.page.get_by_role("dialog").get_by_role("button", name="Terminar turno").click()
    await expect(ana.page.locator("#account")).to_have_attribute("data-presence", "away")
    await expect(ana.section("waiting").locator(".row")).to_contain_text("De vuelta · Aseo")


async def test_away_agent_sees_it_and_returns_with_one_press(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA, viewport={"width": 320, "height": 700})
    banner = ana.page.locator("#away")
    await expect(banner).to_be_hidden()
    (agent,) = await eventually(lambda: world.redis.smembers(keys.AGENTS))  # after the first heartbeat
    await world.redis.hset(keys.agent_key(agent), "presence", "away")
    await ana.page.reload()  # or with the next heartbeat
    await expect(banner).to_be_visible()
    assert (await ana.serious(), await ana.sideways_scroll_px()) == ([], 0)
    await banner.get_by_role("button", name="Estoy disponible").click()
    await expect(banner).to_be_hidden()
    assert await world.redis.hget(keys.agent_key(agent), "presence") == "available"


async def test_browser_notifies_of_a_new_conversation_once_allowed(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA, permissions=["notifications"])
    await ana.page.evaluate("""() => {
      window.told = [];
      window.Notification = class { constructor(_, {body}) { told.push(body); } addEventListener() {} };
      Notification.permission = "default";
      Notification.requestPermission = async () => (Notification.permission = "granted");
      Object.defineProperty(document, "hidden", {get: () => true});
    }""")
    await world.wait_for_person("antes", handoff=REFUSE)
    await expect(ana.section("waiting").locator(".row")).to_have_count(1)
    assert await ana.page.evaluate("told") == []
    await ana.page.get_by_role("button", name="Avisos del navegador").click()
    await expect(ana.page.locator("#announce")).to_have_text("Avisos activados")
    await world.wait_for_person("palabras privadas", handoff=REFUSE)
    await expect(ana.section("waiting").locator(".row")).to_have_count(2)
    await ana.page.wait_for_function("() => told.length")
    assert await ana.page.evaluate("told") == ["Nueva conversación en espera: pidió una persona."]


async def test_supervisor_does_everything_by_keyboard(world: DeskWorld, desk: OpenDesk) -> None:
    for words in ("una", "dos"):
        await world.wait_for_person(words, handoff=REFUSE)
    eva, ana = await desk(EVA), await desk(ANA)
    keys_of = eva.page.keyboard

    async def press(*names: str) -> None:
        """Presses keys outside the reply box, where letters are shortcuts."""
        await keys_of.press("Escape")
        for name in names:
            await keys_of.press(name)

    await ana.page.keyboard.press("n")
    await expect(ana.box).to_be_visible()
    await keys_of.press("n")
    await expect(eva.box).to_be_focused()
    await press("p")
    await expect(eva.section("mine").locator(".row")).to_contain_text("En pausa")
    await press("p")
    await expect(eva.section("mine").locator(".row")).not_to_contain_text("En pausa")
    await press("c")
    await expect(eva.page.get_by_role("dialog", name="¿Cerrar")).to_be_visible()
    await keys_of.press("Escape")
    await expect(eva.page.get_by_role("dialog")).to_have_count(0)
    await press("c")
    await eva.page.evaluate(AGAIN_AT_ONCE)
    await eva.page.get_by_role("radio", name="Resuelta").focus()
    await keys_of.press("Space")
    confirm = eva.page.get_by_role("button", name="Cerrar la atención")
    for _ in range(20):
        if await confirm.evaluate("button => button === document.activeElement"):
            break
        await keys_of.press("Tab")
    await keys_of.press("Enter")
    await expect(eva.page.locator("#read-only")).to_contain_text("Cerraste la atención")
    await eva.section("others").locator(".row").focus()
    await keys_of.press("Enter")
    await expect(eva.page.locator("#read-only")).to_contain_text("La atiende Ana Soto")
    await press("y")
    await expect(eva.box).to_be_focused()
    await expect(ana.page.locator("#read-only")).to_contain_text("La atiende Eva Ríos")
    await press("?")
    shown = eva.page.get_by_role("dialog", name="Atajos de teclado")
    await expect(shown).to_contain_text("Cerrar la atención")
    await expect(shown.get_by_role("heading")).to_be_in_viewport()
    assert await eva.serious() == []


async def test_supervisors_whisper_reaches_the_agent_and_not_the_citizen(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola", handoff=REFUSE)
    ana, eva = await desk(ANA), await desk(EVA)
    await ana.take_ticket(ticket.id)
    await eva.open(ticket.id)
    await eva.page.keyboard.press("i")
    await eva.page.get_by_role("textbox", name="Nota interna").fill("Ofrécele hora el lunes.")
    await eva.page.keyboard.press("Enter")
    told = ana.page.locator("#staff-notices li")
    await expect(told).to_contain_text("Eva Ríos te dejó una nota en")
    await expect(told).to_contain_text("«Ofrécele hora el lunes.»")
    assert await ana.serious() == []
    await told.get_by_role("button", name="Entendido").click()
    await expect(told).to_have_count(0)
    await expect(ana.log.locator(".note")).to_contain_text("Nota interna de Eva Ríos")
    await expect(ana.log.locator(".note .bubble")).to_have_text("Ofrécele hora el lunes.")
    heard = await world.inbox.events(ticket.conversation)
    assert "Ofrécele" not in " ".join(event.text for event in heard)


async def test_title_counts_my_unanswered_tickets_and_the_optional_sound_plays_once(
    world: DeskWorld,
    desk: OpenDesk,
) -> None:
    ana = await desk(ANA)
    await ana.page.evaluate("""() => {
      window.notes = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (at) { window.notes += 1; return start.call(this, at); };
    }""")
    await world.wait_for_person("una", handoff=REFUSE)
    await expect(ana.section("waiting").locator(".row")).to_have_count(1)
    assert await ana.page.evaluate("notes") == 0
    sound = ana.page.get_by_role("button", name="Sonido al llegar una conversación")
    await sound.click()
    await expect(sound).to_have_attribute("aria-pressed", "true")
    tried = await ana.page.evaluate("notes")
    await world.wait_for_person("dos", handoff=REFUSE)
    await expect(ana.section("waiting").locator(".row")).to_have_count(2)
    await ana.page.wait_for_function("before => notes > before", arg=tried)
    await ana.page.get_by_role("button", name="Tomar la siguiente").click()
    await expect(ana.page).to_have_title("(1) Mesa de atención · Los Aromos")
