"""Tests the desk in a real browser: agents and waiting citizens, with real Valkey and PostgreSQL."""

from __future__ import annotations

import asyncio
import re
from datetime import datetime, timedelta
from typing import Any

from playwright.async_api import Route, expect
from sqlalchemy import delete

from bot.core.events import EventKind
from bot.core.messages import Author, Candidate, Handoff, HandoffReason, Priority, Provenance, Reply, Source, Speaker
from bot.desk.auth.accounts import add_staff
from bot.faq.entries.problem import Problem
from bot.record.tables import StaffSession
from bot.run.ports import free_port
from tests.browser.desk_page import ANA, BETO, DeskPage, OpenDesk, said
from tests.desk_world import PASSWORD, DeskWorld, served
from tests.eventually import eventually

EMERGENCIES_EVERY_MS = 5000
CUT_REASONS = """() => [...document.querySelectorAll(".row-more")].flatMap((row) => {
  const width = (one) => one.getBoundingClientRect().width;
  const words = (one) => {
    const range = document.createRange();
    range.selectNodeContents(one);
    return range;
  };
  const cut = (one) => one && width(words(one)) > width(one) + 0.01;
  const out = (one) => one.getBoundingClientRect().right > row.getBoundingClientRect().right + 1;
  return [row.querySelector(".chip"), row.querySelector(".number")].filter(cut).concat([...row.children].filter(out));
}).map((one) => one.textContent)"""
UNSURE = Handoff(
    HandoffReason.LOW_CONFIDENCE,
    team="atencion",
    candidates=(
        Candidate("cedula", "¿Cómo renuevo mi cédula?", 0.41),
        Candidate("licencia", "¿Y la licencia?", 0.2),
        Candidate("bache", "¿Y el hoyo?", 0.002),
    ),
)


async def test_waiting_citizen_appears_without_a_reload_and_an_emergency_first(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana = await desk(reduced_motion="no-preference")
    async with ana.page.expect_response("**/desk/api/tickets?*"):  # what waits already in this list is no news
        await ana.sign_in(ANA)
    await expect(ana.section("waiting")).to_contain_text("Nadie espera")
    ticket = await world.wait_for_person("ola nesesito renobar el carnet xfa", handoff=UNSURE)
    row = ana.row(ticket.id)
    await expect(row).to_contain_text("no estaba segura: 41 %")
    await expect(row).to_contain_text("ola nesesito renobar el carnet xfa")
    await expect(ana.page).to_have_title("Mesa de atención · Los Aromos")  # it counts the agent's own
    await expect(ana.page.locator("#announce")).to_have_text("Nueva conversación en espera: no estaba segura: 41 %.")
    await world.wait_for_person("fuego", handoff=Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "seguridad"))
    await expect(ana.section("waiting").locator(".row").first).to_contain_text("emergencia")


async def test_list_shows_how_unsure_the_assistant_was_beside_any_nickname(world: DeskWorld, desk: OpenDesk) -> None:
    for number in range(8):
        await world.wait_for_person(f"ola nesesito renobar el carnet {number}", handoff=UNSURE)
    ana = await desk(ANA)
    await expect(ana.section("waiting").locator(".row")).to_have_count(8)
    for width in (320, 1280):
        await ana.page.set_viewport_size({"width": width, "height": 900})
        assert (width, await ana.page.evaluate(CUT_REASONS)) == (width, [])


async def test_conversation_goes_from_the_queue_to_the_agent_and_back(world: DeskWorld, desk: OpenDesk) -> None:
    proof = Provenance("licencia", "abc123", "¿Cómo renuevo mi licencia?", 0.91, "Dirección de Tránsito", "2026-11-01")
    answer = Reply("Pide **hora**.", source=Source("ChileAtiende", "https://www.chileatiende.gob.cl"), provenance=proof)
    ticket = await world.wait_for_person("y si vivo en otra comuna?", handoff=UNSURE, replies=(answer,))
    ana = await desk(ANA)
    await ana.open(ticket.id)
    await expect(ana.page.locator("#candidates li")).to_have_text(
        ["¿Cómo renuevo mi cédula?41 %", "¿Y la licencia?20 %"]
    )
    await expect(ana.log.locator(".proof summary")).to_contain_text("¿Cómo renuevo mi licencia? · 91 %")
    await ana.take.click()
    await expect(ana.section("mine").locator(".row")).to_have_count(1)
    await expect(ana.box).to_be_focused()
    await ana.reply("Hola, soy Ana. No hace falta viajar.")
    await expect(ana.log.locator(".staff .bubble")).to_have_text("Hola, soy Ana. No hace falta viajar.")
    await expect(ana.log.locator(".pending")).to_have_count(0)
    assert await said(world, ticket.conversation, "staff") == ["Hola, soy Ana. No hace falta viajar."]
    await world.say(ticket.conversation, "muchas gracias!!")
    await expect(ana.log).to_contain_text("muchas gracias!!")
    await ana.page.get_by_role("button", name="Cerrar y devolver a la asistente").click()
    await ana.page.get_by_role("radio", name="Resuelta").check()
    await ana.page.get_by_label("Resumen en una línea").fill("No tiene que viajar")
    await ana.page.get_by_role("dialog").get_by_role("button", name="Cerrar la atención").click()
    await expect(ana.page.locator("#read-only")).to_have_text("Cerraste la atención. La asistente volvió a responder.")
    (note,) = [one for one in await world.inbox.events(ticket.conversation, staff=True) if one.kind == EventKind.NOTE]
    assert note.text == "No tiene que viajar"
    await expect(ana.row(ticket.id)).to_have_count(0)
    assert (await world.inbox.state(ticket.conversation)).speaker == Speaker.ASSISTANT


async def test_two_agents_claim_together_and_the_loser_sees_the_winner(world: DeskWorld, desk: OpenDesk) -> None:
    ana, beto = await desk(ANA), await desk(BETO)
    ticket = await world.wait_for_person("persona")
    for page in (ana, beto):
        await page.open(ticket.id)
    # The button of the slower one may already be hidden.
    await asyncio.gather(*(one.take.evaluate("button => button.click()") for one in (ana, beto)))
    owner = (await wait_owner(world, ticket.id)).name
    winner, loser = (ana, beto) if owner == "Ana Soto" else (beto, ana)
    await expect(winner.box).to_be_visible()
    await expect(loser.page.locator("#read-only")).to_contain_text(f"La atiende {owner}")
    await expect(loser.take).to_be_hidden()
    await expect(loser.section("others").locator(".row")).to_contain_text(owner)
    notices = [text for text in await said(world, ticket.conversation, "system") if "Ahora te atiende" in text]
    assert len(notices) == 1


async def wait_owner(world: DeskWorld, ticket: str) -> Any:
    async def owner() -> Any:
        return (await world.tickets.get(ticket)).owner  # type: ignore[union-attr]

    return await eventually(owner)


async def test_slower_agent_sees_the_name_of_the_faster_one(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    ticket = await world.wait_for_person("persona")
    await ana.open(ticket.id)
    beto = await world.sign_in(BETO)

    async def beto_first(route: Route) -> None:
        await beto.post(f"/desk/api/tickets/{ticket.id}/claim")
        await route.continue_()

    await ana.page.route("**/claim", beto_first)
    await ana.take.click()
    await expect(ana.page.get_by_role("alert")).to_have_text("Beto Díaz tomó esta conversación antes que tú.")
    await expect(ana.page.locator("#read-only")).to_contain_text("La atiende Beto Díaz")


async def test_reply_whose_response_was_lost_is_sent_once_and_a_refused_one_shows_why_and_keeps_its_text(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana = await desk(ANA)
    ticket = await world.wait_for_person("persona")
    await ana.take_ticket(ticket.id)
    losses = 0

    async def lose_answer(route: Route) -> None:
        nonlocal losses
        losses += 1
        if losses > 2:
            return await route.continue_()
        if losses == 2:
            await route.fetch()
        return await route.abort()

    await ana.page.route("**/replies", lose_answer)
    await ana.reply("primera")
    await ana.reply("segunda")
    await expect(ana.log.locator(".pending")).to_have_count(0)
    await expect(ana.log.locator(".staff .bubble")).to_have_text(["primera", "segunda"])
    assert await said(world, ticket.conversation, "staff") == ["primera", "segunda"]
    await ana.page.unroute("**/replies")
    refusal = '{"detail": {"error": "not_yours", "message": "Esta conversación ya no está a tu nombre."}}'

    async def refuse(route: Route) -> None:
        await route.fulfill(status=409, body=refusal, content_type="application/json")

    await ana.page.route("**/replies", refuse)
    await ana.reply("no se pierde")
    failed = ana.log.locator(".pending.failed")
    await expect(failed).to_contain_text("No se envió. Esta conversación ya no está a tu nombre.")
    await ana.page.unroute("**/replies")
    await failed.get_by_role("button", name="Reintentar").click()
    await expect(ana.log.locator(".pending")).to_have_count(0)
    assert await said(world, ticket.conversation, "staff") == ["primera", "segunda", "no se pierde"]


async def test_drafts_are_kept_per_conversation(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    first, second = await world.wait_for_person("una"), await world.wait_for_person("dos")
    await ana.take_ticket(first.id)
    await ana.box.fill("borrador de la primera")
    await ana.take_ticket(second.id)
    await expect(ana.box).to_have_value("")
    await expect(ana.row(first.id)).to_contain_text("Borrador")
    await ana.page.reload()
    await ana.row(first.id).click()
    await expect(ana.box).to_have_value("borrador de la primera")


async def test_page_whose_session_ended_asks_for_emergencies_once_a_minute(world: DeskWorld, desk: OpenDesk) -> None:
    ana, asked, refused = await desk(), list[str](), list[str]()
    await ana.page.clock.install()
    await ana.sign_in(ANA)
    ana.page.on("response", lambda one: refused.append(one.url) if one.status == 401 else None)
    async with world.sessions.begin() as session:
        await session.execute(delete(StaffSession))
    while len(refused) < 2:  # the clock goes on by itself, too, so either of the two may have been refused already
        async with ana.page.expect_response("**/api/emergencies") as answer:
            await ana.page.clock.run_for(EMERGENCIES_EVERY_MS)
        await (await answer.value).finished()
    ana.page.on("request", lambda request: asked.append(request.url) if "/api/emergencies" in request.url else None)
    await ana.page.clock.run_for(9 * EMERGENCIES_EVERY_MS)
    assert asked == []
    async with ana.page.expect_request("**/api/emergencies"):
        await ana.page.clock.run_for(4 * EMERGENCIES_EVERY_MS)
    async with ana.page.expect_request("**/api/emergencies"):
        await ana.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


async def test_draft_and_open_ticket_survive_the_end_of_a_session(
    world: DeskWorld, desk: OpenDesk, monkeypatch: Any
) -> None:
    monkeypatch.setattr("bot.desk.api.stream.SESSION_CHECK_EVERY_S", 0.1)
    ana = await desk(ANA)
    ticket = await world.wait_for_person("persona")
    await ana.take_ticket(ticket.id)
    await ana.page.route("**/replies", lambda route: route.abort())
    await ana.reply("escrito sin conexión")
    await ana.box.fill("y este borrador")
    async with world.sessions.begin() as session:
        await session.execute(delete(StaffSession))
    dialog = ana.page.get_by_role("dialog", name="Tu sesión terminó")
    await expect(dialog).to_be_visible()
    await ana.page.keyboard.press("Escape")
    await expect(dialog).to_be_visible()
    assert await ana.serious() == []
    kept = await ana.page.evaluate("JSON.stringify([sessionStorage, localStorage])")
    assert ".kept" in kept
    assert not [word for word in ("escrito", "borrador", ticket.conversation) if word in kept]  # encrypted
    assert await ana.page.evaluate("document.getElementById('facts')") is None  # it held the key
    assert await ana.page.evaluate("document.body.textContent.includes('persona')") is False
    assert await ana.page.locator("body > *").count() == 1  # nothing is left behind the dialog
    await ana.page.unroute("**/replies")
    await dialog.get_by_role("link", name="Volver a entrar").click()
    await ana.enter(ANA)
    await expect(ana.box).to_have_value("y este borrador")
    await expect(ana.log.locator(".staff .bubble")).to_have_text("escrito sin conexión")
    await expect(ana.log.locator(".pending")).to_have_count(0)
    assert await said(world, ticket.conversation, "staff") == ["escrito sin conexión"]


async def test_drafts_leave_the_tab_when_nobody_signs_in_again(world: DeskWorld, desk: OpenDesk) -> None:
    page = await desk()
    await page.page.clock.install()
    ana = await page.sign_in(ANA)
    ticket = await world.wait_for_person("persona")
    await ana.take_ticket(ticket.id)
    await ana.box.fill("un borrador")
    await ana.page.context.set_offline(True)
    await ana.page.clock.fast_forward("01:03:00")
    await expect(ana.page.get_by_role("dialog", name="Tu sesión terminó")).to_be_visible()
    stored = "Object.keys(sessionStorage).length"
    assert (await ana.page.locator("body > *").count(), await ana.page.evaluate(stored) > 0) == (1, True)
    await ana.page.clock.fast_forward("15:10")
    assert await ana.page.evaluate(stored) == 0


async def test_desk_shows_nothing_after_the_machine_slept(world: DeskWorld, desk: OpenDesk) -> None:
    page = await desk()
    await page.page.clock.install()
    ana = await page.sign_in(ANA)
    ticket = await world.wait_for_person("persona")
    await ana.take_ticket(ticket.id)
    await ana.page.context.set_offline(True)
    await ana.page.clock.set_system_time(datetime.now() + timedelta(days=1))  # no timer ran
    await ana.box.press("a")
    await expect(ana.page.get_by_role("dialog", name="Tu sesión terminó")).to_be_visible()
    assert await ana.page.locator("body > *").count() == 1


async def beside_the_desk(desk: OpenDesk, path: str = "/desk/llamadas") -> DeskPage:
    """Opens a page beside the desk as Ana, that of call-backs if none is named, with a clock that the test moves."""
    page = await desk()
    await page.page.clock.install()
    return await page.sign_in(ANA, path)


async def test_page_beside_the_desk_shows_nothing_once_the_session_has_expired(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana = await beside_the_desk(desk)
    await ana.page.route("**/desk/login*", lambda route: route.fulfill(status=204))  # as without a connection
    await ana.page.clock.fast_forward("59:00")
    assert await ana.page.locator("body > *").count() > 1
    await ana.page.clock.fast_forward("01:20")
    await expect(ana.page.locator("body > *")).to_have_count(0)


async def test_page_beside_the_desk_shows_nothing_a_minute_after_its_session_was_ended_elsewhere(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana = await beside_the_desk(desk)
    async with ana.page.expect_response("**/desk/cuenta/viva") as answer:
        await ana.page.clock.fast_forward("01:01")
    assert (await answer.value).status == 204
    async with world.sessions.begin() as session:
        await session.execute(delete(StaffSession))
    await ana.page.clock.fast_forward("01:01")
    await expect(ana.page.get_by_label("Correo")).to_be_visible()


async def test_page_beside_the_desk_stays_if_its_token_was_replaced_while_it_asked(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana = await beside_the_desk(desk)
    await ana.page.evaluate("window.same = true")
    await ana.page.route("**/desk/cuenta/viva", refused, times=1)
    async with ana.page.expect_response(lambda answer: answer.status == 204):
        await ana.page.clock.fast_forward("01:01")
    assert await ana.page.evaluate("window.same")


async def refused(route: Route) -> None:
    """Answers a request with 401, as if another tab had just asked for the password again."""
    await route.fulfill(status=401)


async def test_page_beside_the_desk_stays_while_somebody_writes_in_a_form_without_autosave(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ana = await beside_the_desk(desk, "/desk/guardadas")
    await ana.page.route("**/desk/login*", lambda route: route.fulfill(status=204))
    box = ana.page.locator("textarea").first
    await ana.page.clock.fast_forward("50:00")
    async with ana.page.expect_request("**/desk/cuenta"):  # keeps the server's session, too
        await box.press_sequentially("Hola")
    await ana.page.clock.fast_forward("50:00")
    await box.press_sequentially(" vecina")
    await ana.page.clock.fast_forward("50:00")
    await expect(box).to_have_value("Hola vecina")
    await ana.page.clock.set_system_time(datetime.now() + timedelta(days=1))  # the machine slept: no timer ran
    await box.press("a")
    await expect(ana.page.locator("body > *")).to_have_count(0)


async def slowly(route: Route) -> None:
    """Delays a request by half a second; the session is still valid."""
    await asyncio.sleep(0.5)
    await route.continue_()


async def test_signing_out_empties_the_other_pages_of_the_browser(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA, path="/desk/cuenta")
    other = await ana.page.context.new_page()
    await other.goto(f"{ana.url}/desk/llamadas")
    await ana.page.route("**/desk/salir", slowly)
    await ana.page.locator("details.account summary").click()
    await ana.page.locator('details.account form[action="/desk/salir"] button').click()
    await expect(ana.page.get_by_label("Correo")).to_be_visible()
    await expect(other.get_by_label("Correo")).to_be_visible()
    assert "volver=" in other.url


async def test_idle_warning_precedes_the_end_of_the_session(world: DeskWorld, desk: OpenDesk) -> None:
    page = await desk()
    await page.page.clock.install()
    ana = await page.sign_in(ANA)
    await ana.page.clock.fast_forward("54:00")
    await expect(ana.page.locator("#idle")).to_be_hidden()
    await ana.page.clock.fast_forward("02:00")
    await expect(ana.page.locator("#idle")).to_contain_text("Por inactividad, tu sesión se cerrará en 4 min.")
    async with ana.page.expect_response("**/desk/api/alive") as alive:
        await ana.page.get_by_role("button", name="Seguir aquí").click()
    assert (await alive.value).status == 204
    await expect(ana.page.locator("#idle")).to_be_hidden()


async def test_desk_catches_up_after_the_server_was_unreachable(world: DeskWorld, desk: OpenDesk) -> None:
    port = free_port()  # below the range for outgoing connections, so that none takes it meanwhile
    async with served(world.app, port) as url:
        ana = await desk(ANA, url=url)
        ticket = await world.wait_for_person("persona")
        await ana.take_ticket(ticket.id)
    await expect(ana.page.locator("#offline")).to_be_visible()
    await world.say(ticket.conversation, "escribí mientras no estabas")
    await ana.reply("y yo también")
    other = await world.wait_for_person("otra persona")
    async with served(world.app, port):
        await expect(ana.row(other.id)).to_be_visible()
        await expect(ana.log).to_contain_text("escribí mientras no estabas")
        await expect(ana.log.locator(".staff:not(.pending) .bubble")).to_have_text("y yo también")
        await expect(ana.page.locator("#offline")).to_be_hidden()
        await ana.page.context.close()
    assert await said(world, ticket.conversation, "staff") == ["y yo también"]


async def test_live_events_do_not_wait_for_the_list(world: DeskWorld, desk: OpenDesk) -> None:
    ana, listed = await desk(ANA), asyncio.Event()

    async def hold(route: Route) -> None:
        await listed.wait()
        await route.continue_()

    await ana.page.route("**/desk/api/tickets?*", hold)
    await ana.page.reload(wait_until="commit")
    await ana.is_live()
    listed.set()
    await ana.page.unroute_all(behavior="wait")


async def test_list_that_did_not_come_is_asked_for_again_although_the_stream_goes_on(
    world: DeskWorld, desk: OpenDesk
) -> None:
    ticket = await world.wait_for_person("persona")
    page = await desk()
    await page.page.route("**/desk/api/tickets?*", lambda route: route.fulfill(status=503), times=3)
    ana = await page.sign_in(ANA)
    await expect(ana.row(ticket.id)).to_be_visible()


async def test_desk_works_by_keyboard_until_its_shortcuts_are_turned_off(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    tickets = [await world.wait_for_person(words) for words in ("una", "dos", "tres")]
    await expect(ana.row(tickets[2].id)).to_be_visible()
    keyboard = ana.page.keyboard
    for key in ("j", "j", "ArrowDown", "k"):
        await keyboard.press(key)
    await expect(ana.row(tickets[1].id)).to_be_focused()
    await keyboard.press("Enter")
    await expect(ana.take).to_be_focused()
    await keyboard.press("t")
    await expect(ana.box).to_be_focused()
    await keyboard.type("uno")
    await keyboard.press("Shift+Enter")
    await keyboard.type("dos")
    await keyboard.press("Enter")
    await expect(ana.log.locator(".staff:not(.pending) .bubble")).to_have_text("uno\ndos")
    await keyboard.press("Escape")
    await expect(ana.row(tickets[1].id)).to_be_focused()
    await keyboard.press("?")
    shortcuts = ana.page.get_by_role("dialog", name="Atajos de teclado")
    await expect(shortcuts).to_be_visible()
    await ana.page.get_by_label("Usar atajos de una sola letra").uncheck()
    await ana.page.get_by_role("button", name="Listo").click()
    await expect(shortcuts).to_have_count(0)
    await ana.row(tickets[0].id).focus()
    await keyboard.press("j")
    await expect(ana.row(tickets[0].id)).to_be_focused()


async def test_html_in_messages_is_shown_as_text(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    nasty = '<img src=x onerror="document.title=1"><b>hola</b>'
    ticket = await world.wait_for_person(nasty, replies=(Reply(f"{nasty} [x](javascript:alert(1))"),))
    await expect(ana.row(ticket.id).locator(".words")).to_have_text(nasty)
    await ana.open(ticket.id)
    await expect(ana.log.locator(".citizen .bubble")).to_have_text(nasty)
    assert await ana.log.locator("img, b:not(.by b), a[href^=javascript]").count() == 0


async def test_broken_faq_file_is_shown_with_its_fix(world: DeskWorld, desk: OpenDesk) -> None:
    ana = await desk(ANA)
    world.faq.problems = (Problem("transito/x.md", 7, "fuente", "Falta la fuente.", "Agrega «fuente: https://...»."),)
    banner = ana.page.locator("#problems")
    await expect(banner).to_contain_text("1 archivo de preguntas tiene un error")
    await banner.locator("summary").click()
    await expect(banner.get_by_role("listitem")).to_contain_text("transito/x.md, línea 7 · campo fuente")
    await expect(banner.get_by_role("listitem")).to_contain_text("Cómo se arregla: Agrega «fuente: https://...».")
    world.faq.problems = ()
    await expect(banner).to_be_hidden()


async def test_first_sign_in_requires_a_new_password_and_opens_the_desk(world: DeskWorld, desk: OpenDesk) -> None:
    one_time = await add_staff(world.sessions, "nueva@x.cl", "Nueva", ("agent",))
    page = await desk()
    await page.page.goto(f"{page.url}/desk")
    await page.enter("nueva@x.cl", one_time)
    await expect(page.page.get_by_role("heading", name="Crea tu contraseña")).to_be_visible()
    assert await page.serious() == []
    new, repeated = (
        page.page.get_by_label(label, exact=True) for label in ("Contraseña nueva", "Repite la contraseña nueva")
    )
    await expect(new).to_be_focused()
    await new.fill(PASSWORD)
    await repeated.fill("otra cosa")
    await page.page.keyboard.press("Enter")
    await expect(page.page.get_by_role("alert")).to_contain_text("no coinciden")
    await expect(new).to_have_value(PASSWORD)
    await expect(repeated).to_be_focused()
    await repeated.fill(PASSWORD)
    await page.page.get_by_role("button", name="Guardar contraseña").click()
    await page.is_live()


async def fits_a_phone(ana: DeskPage) -> None:
    for width in (320, 390):
        await ana.page.set_viewport_size({"width": width, "height": 640})
        assert (width, await ana.sideways_scroll_px() <= 0) == (width, True)


async def test_list_and_conversation_are_two_views_on_a_phone(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("una palabra larguísima: " + "electroencefalografista" * 5, handoff=UNSURE)
    size: Any = {"width": 320, "height": 640}
    ana = await desk(ANA, viewport=size, is_mobile=True, has_touch=True)
    await expect(ana.page.locator("#board")).to_be_visible()
    await fits_a_phone(ana)
    await ana.take_ticket(ticket.id)
    await expect(ana.page.locator("#board")).to_be_hidden()
    await fits_a_phone(ana)
    assert await ana.serious() == []
    await ana.page.set_viewport_size(size)
    assert await ana.serious() == []
    await ana.page.get_by_role("button", name="Volver a la lista").click()
    await expect(ana.page.locator("#board")).to_be_visible()
    await ana.page.go_back()
    await expect(ana.log).to_be_visible()


async def serious_in_both_schemes(desk: DeskPage) -> list[str]:
    found = await desk.serious()
    await desk.page.emulate_media(color_scheme="dark")
    found += await desk.serious()
    await desk.page.emulate_media(color_scheme="light")
    return found


async def test_axe_finds_nothing_serious_at_the_desk(world: DeskWorld, desk: OpenDesk) -> None:
    for reason in HandoffReason:
        priority = Priority.EMERGENCY if reason is HandoffReason.EMERGENCY else Priority.HIGH
        await world.wait_for_person("hola", handoff=Handoff(reason, priority, "atencion"))
    ticket = await world.wait_for_person("con proceso", handoff=UNSURE, replies=(Reply("**Sí**.\n\n- uno\n- dos"),))
    world.faq.problems = (Problem("a.md", 1, "id", "Falta.", "Agrégalo."),)
    page = await desk()
    await page.page.goto(f"{page.url}/desk")
    await page.enter(ANA, "mala")
    await expect(page.page.get_by_role("alert")).to_contain_text("incorrectos")
    found = await serious_in_both_schemes(page)
    await page.enter(ANA)
    await page.is_live()
    found += await serious_in_both_schemes(page)
    await page.open(ticket.id)
    found += await serious_in_both_schemes(page)
    await page.take.click()
    await page.reply("Hola")
    await expect(page.log.locator(".staff:not(.pending)")).to_have_count(1)
    found += await serious_in_both_schemes(page)
    await page.page.get_by_role("button", name=re.compile("Cerrar y devolver")).click()
    found += await serious_in_both_schemes(page)
    assert found == []


async def test_typing_and_read_marks_are_seen_at_both_ends(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    async with world.live.subscribe(ticket.conversation, signals=True) as arriving:
        await ana.box.press_sequentially("Bue")
        typing = await anext(event async for event in arriving if event.kind == "typing")
    assert (typing.author, typing.facts.name) == (Author.STAFF, "Ana Soto")
    await ana.box.press("Enter")
    staff = ana.log.locator(".line.staff:not(.pending)")
    await expect(staff).to_have_count(1)
    newest = (await world.inbox.events(ticket.conversation))[-1]
    await world.signals.typing(ticket.conversation, Author.CITIZEN)
    await expect(ana.page.locator("#typing")).to_have_text("La persona está escribiendo")
    await world.signals.read(ticket.conversation, Author.CITIZEN, newest.id)
    await expect(staff.locator(".seen")).to_have_text("Leído")
    said = await world.say(ticket.conversation, "gracias")
    await expect(ana.log).to_contain_text(said.text)
    await expect(ana.page.locator("#typing")).to_be_hidden()
    heard = (await world.inbox.events(ticket.conversation))[-1].id

    async def look() -> bool:
        return await world.signals.read_up_to(ticket.conversation, Author.STAFF) == heard

    await eventually(look)


async def test_typing_is_told_in_each_conversation_however_soon(world: DeskWorld, desk: OpenDesk) -> None:
    first, second = await world.wait_for_person("una"), await world.wait_for_person("dos")
    ana = await desk(ANA)
    await ana.take_ticket(first.id)
    await ana.take_ticket(second.id)
    for ticket in (first, second):
        await ana.open(ticket.id)
        await expect(ana.box).to_be_focused()
        async with world.live.subscribe(ticket.conversation, signals=True) as arriving:
            await ana.box.press_sequentially("Bue")
            assert await anext(event async for event in arriving if event.kind == "typing")


async def test_message_read_before_its_event_arrived_is_marked_too(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    told = asyncio.Event()

    async def late(route: Route) -> None:
        await told.wait()
        await route.continue_()

    await ana.page.route(re.compile(r"/desk/api/tickets/\d+\?after="), late)
    for words in ("Buenas", "tardes"):
        async with ana.page.expect_response("**/replies"):
            await ana.reply(words)
    newest = (await world.inbox.events(ticket.conversation))[-1]
    await world.say(ticket.conversation, "gracias")
    await world.signals.read(ticket.conversation, Author.CITIZEN, newest.id)
    await world.signals.typing(ticket.conversation, Author.CITIZEN)
    await expect(ana.page.locator("#typing")).to_be_visible()
    told.set()
    await expect(ana.log.locator(".line.staff", has_text="tardes")).to_contain_text("Leído")
