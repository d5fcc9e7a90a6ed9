"""Tests prepared answers at the desk, by keyboard: suggestions, "/" and saved replies."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import expect

from bot.agency.model import Agency
from bot.core.event_facts import DeliveryFacts
from bot.core.events import EventKind
from bot.core.messages import Channel
from bot.desk.queries.canned import Canned, CannedReplies
from bot.desk.queries.closings import CloseIn, Closings, MissingQuestion
from bot.record.engine import Sessions
from tests.browser.desk_page import ANA, BETO, OpenDesk, said
from tests.desk_faq import CANDIDATES, LICENCE, RUBBISH
from tests.desk_world import DeskWorld, desk_world, served

GREETING = "Hola {nombre}, soy {agente}, de {equipo}. Atención {ticket}."


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[DeskWorld]:
    actions = FastAPI()

    @actions.post("/candidates")
    async def candidates() -> dict[str, Any]:
        return {"candidates": CANDIDATES, "offer": 0.26}

    async with served(actions) as url, desk_world(redis, database, agency, actions_url=url) as made:
        made.faq.entries = (RUBBISH, LICENCE)
        await made.hire(ANA, "Ana Soto")
        await made.hire(BETO, "Beto Díaz", roles=("supervisor",))
        await CannedReplies(made.sessions).keep(Canned("saludo", "", GREETING))
        yield made


async def test_suggested_entry_is_inserted_or_sent_with_one_key(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("ola nesesito renobar el carnet")
    for words in ("es que", "se me venció", "hace dos años"):
        await world.say(ticket.conversation, words)
    ana = await desk(ANA, viewport={"width": 1280, "height": 520})
    await ana.take_ticket(ticket.id)
    await expect(ana.page.locator("#suggested > ul > li")).to_have_count(1)
    await expect(ana.page.locator("#suggested > ul > li")).to_contain_text("83 %¿Cómo renuevo mi licencia de conducir?")
    await expect(ana.page.locator("#suggested .bubble li").first).to_have_css("display", "list-item")
    assert await ana.serious() == []
    await expect(ana.log.locator(".line").last).to_be_in_viewport(ratio=0.95)
    await ana.page.keyboard.press("Alt+1")
    await expect(ana.box).to_have_value(
        f"Pide hora en línea.\n\n• Cédula vigente\n• Licencia anterior\n\n{LICENCE.source.url}"
    )
    await ana.box.fill("")
    await ana.page.keyboard.press("Alt+Shift+1")
    sent = ana.log.locator(".line.staff:not(.pending)")
    await expect(sent.locator("strong")).to_have_text("hora")
    await expect(ana.section("mine").locator(".row .words")).to_have_text("hace dos años")
    await expect(sent.locator(".proof summary")).to_have_text("Respondió con: ¿Cómo renuevo mi licencia de conducir?")
    await expect(ana.page.locator("#suggested")).to_be_hidden()
    assert await said(world, ticket.conversation, "staff") == [LICENCE.body]


async def test_slash_finds_saved_replies_and_entries(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.box.press_sequentially("/sal")
    options = ana.page.locator("#picker").get_by_role("option")
    await expect(options).to_have_count(1)
    await ana.box.press("Enter")
    await expect(ana.box).to_have_value(
        f"Hola [nombre], soy Ana Soto, de Atención ciudadana (OIRS). Atención {ticket.id}."
    )
    await ana.box.press("Enter")
    await expect(ana.page.locator("#left")).to_have_text("Falta completar [nombre].")
    await ana.page.keyboard.type("Marta")
    await ana.box.press("Enter")
    await expect(ana.log.locator(".staff:not(.pending) .bubble")).to_contain_text("Hola Marta, soy Ana Soto")
    await ana.box.press_sequentially("/camion")
    await expect(options).to_have_text(
        ["¿Cuándo pasa el camión?A la misma hora. https://www.chileatiende.gob.cl/licenciaEnviar"]
    )
    assert await ana.serious() == []
    await ana.box.press("Control+Enter")
    await expect(ana.box).to_have_value("")
    await expect(ana.log.locator(".staff:not(.pending) .proof summary")).to_contain_text("¿Cuándo pasa el camión?")


async def test_reply_with_a_gap_is_not_sent_until_somebody_fills_it_in(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await CannedReplies(world.sessions).keep(Canned("agua", "", "Vuelve a las [hora] en [sector]."))
    await ana.box.press_sequentially("/agua")
    await expect(ana.page.locator("#picker").get_by_role("option")).to_have_count(1)
    await ana.box.press("Enter")
    for gap, value in (("[hora]", "23:00"), ("[sector]", "el centro")):
        await ana.box.press("Enter")
        await expect(ana.page.locator("#left")).to_have_text(f"Falta completar {gap}.")
        await ana.page.keyboard.type(value)
    await ana.box.press("Enter")
    await expect(ana.log.locator(".staff:not(.pending) .bubble")).to_contain_text("Vuelve a las 23:00 en el centro.")


async def test_long_reply_shows_beforehand_that_it_will_be_split(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola", channel=Channel.WHATSAPP)
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.box.fill("palabra " * 190)
    await expect(ana.page.locator("#left")).to_have_text("")
    await ana.box.fill("palabra " * 210)
    await expect(ana.page.locator("#left")).to_have_text("Saldrá en 2 mensajes")


async def test_saved_replies_page_is_for_supervisors(world: DeskWorld, desk: OpenDesk) -> None:
    beto = await desk(BETO, path="/desk/guardadas", viewport={"width": 320, "height": 700})
    assert await beto.serious() == []
    assert await beto.sideways_scroll_px() <= 0
    await beto.page.locator("summary", has_text="Respuesta nueva").click()
    new = beto.page.get_by_role("form", name="Respuesta nueva")
    await new.get_by_label("Atajo").fill("espera")
    await new.get_by_label("Texto").fill("Un momento, por favor.")
    await new.get_by_role("button", name="Guardar").click()
    await beto.page.locator("summary", has_text="/espera").click()
    kept = beto.page.get_by_role("form", name="/espera")
    await expect(kept.get_by_label("Texto")).to_have_value("Un momento, por favor.")
    await kept.get_by_role("button", name="Borrar").click()
    await expect(beto.page.get_by_role("heading", name="¿Borrar /espera?")).to_be_visible()
    assert await beto.serious() == []
    await beto.page.get_by_role("button", name="Sí, borrar").click()
    await expect(beto.page.locator("summary", has_text="/espera")).to_have_count(0)


async def test_closing_asks_for_the_outcome_and_the_gap_in_the_faq(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("se llevaron mi auto")
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.reply("Está en el corral municipal.")
    await expect(ana.log.locator(".staff:not(.pending)")).to_have_count(1)
    await ana.page.get_by_role("button", name="Cerrar y devolver").click()
    dialog = ana.page.get_by_role("dialog")
    await expect(dialog.get_by_role("radio", checked=True)).to_have_count(0)
    await dialog.get_by_label("Derivada a otro servicio").check()
    chip = dialog.get_by_role("button", name=LICENCE.question)
    await chip.click()
    await expect(dialog.get_by_label("Tema (opcional)")).to_have_value(LICENCE.question)
    await expect(chip).to_have_attribute("aria-pressed", "true")
    await dialog.get_by_label("Tema (opcional)").fill("Corral municipal")
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await dialog.get_by_label("No estaba en las preguntas frecuentes").check()
    assert await ana.serious() == []
    await expect(dialog.get_by_label("Respuesta propuesta")).to_have_value("Está en el corral municipal.")
    await expect(dialog.get_by_label("Qué se pregunta")).to_have_value("se llevaron mi auto")
    await dialog.get_by_label("Qué se pregunta").fill("¿Dónde está mi auto?")
    async with ana.page.expect_response("**/close"):  # the live event may be here before it
        await dialog.get_by_role("button", name="Cerrar la atención").click()
    await expect(ana.page.locator("#read-only")).to_contain_text("Cerraste la atención")
    (missing,) = await Closings(world.sessions).missing()
    assert (missing.question, missing.draft) == ("¿Dónde está mi auto?", "Está en el corral municipal.")


async def test_editor_begins_an_entry_with_a_reported_faq_gap(world: DeskWorld, desk: OpenDesk) -> None:
    said = CloseIn(missing=MissingQuestion(question="¿Dónde está mi auto?", draft="En el corral."))
    await Closings(world.sessions).note("1", uuid4(), said, team="transito", conversation="c1")
    await world.hire("ines@losaromos.example", "Inés Vera", roles=("editor",))
    ines = await desk(viewport={"width": 320, "height": 700})
    await ines.page.goto(f"{ines.url}/desk/login?volver=/desk/faltantes")
    await ines.enter("ines@losaromos.example")
    assert await ines.serious() == []
    assert await ines.sideways_scroll_px() <= 0
    await ines.page.get_by_role("button", name="Empezar el borrador").click()
    await expect(ines.page.get_by_label("Lo que leerá la gente")).to_have_value("En el corral.")


async def test_failed_delivery_shows_why_and_can_be_retried(world: DeskWorld, desk: OpenDesk) -> None:
    ticket = await world.wait_for_person("hola", channel=Channel.WHATSAPP)
    ana = await desk(ANA)
    await ana.take_ticket(ticket.id)
    await ana.reply("Ya lo reviso.")
    sent = ana.log.locator(".line.staff:not(.pending)")
    await expect(sent).to_have_count(1)
    event_id = (await world.inbox.events(ticket.conversation))[-1].id
    told = {"state": "failed", "reason": "busy", "sent": []}
    await world.redis.hset(f"v:delivery:{ticket.conversation}", event_id, json.dumps(told))
    await world.inbox.note(ticket.conversation, EventKind.DELIVERY, DeliveryFacts(event_id, "failed", "busy"))
    await expect(sent.locator(".delivery")).to_contain_text("No se entregó. WhatsApp está saturado.")
    assert await ana.serious() == []
    await sent.get_by_role("button", name="Enviar de nuevo").click()
    await expect(sent).to_have_count(2)
    assert await said(world, ticket.conversation, "staff") == ["Ya lo reviso.", "Ya lo reviso."]
