"""Tests a morning's shift: five citizens in the chat and three agents at the desk, each in a separate browser."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from playwright.async_api import expect

from tests.acceptance.browsers import DESKTOP, OpenPage, leaves_nobody, signed_in
from tests.acceptance.conftest import LEASE_S
from tests.acceptance.screens import Agent, Citizen, press_at_once
from tests.eventually import PATIENCE_MS
from tests.system import Installation

PHONE = {"width": 320, "height": 640}
MISSED_MS = LEASE_S * 1000 + PATIENCE_MS
RUBBISH = "ola kiero saver a q ora pasa el camion de la basura"
PIANO = "necesito que me ayuden a traer mi piano desde el extranjero"
ASKED = ("pidió una persona",)
COMPLAINT = "quiero hacer un reclamo, me atendieron pésimo"
FIRE = "se está incendiando la casa de mi vecino"
HOW_MUCH_LONGER = "¿cuánto falta?"
LICENCE = "¿Cómo renuevo mi licencia de conducir?"
HOW_LONG = re.compile("cuánto será la espera|calculamos una espera de|La espera")
NOTE = "Ya vino dos veces por lo mismo."
HANDED_OVER = "Falta confirmar el nombre del funcionario."


@dataclass
class Cast:
    """The people of the shift: Rosa asks, Pedro asks the unanswerable, Marta complains, Luis reports a fire.

    Julia wants a person.
    """

    rosa: Citizen
    pedro: Citizen
    marta: Citizen
    luis: Citizen
    julia: Citizen
    ana: Agent
    beto: Agent
    eva: Agent

    @property
    def citizens(self) -> tuple[Citizen, ...]:
        return self.rosa, self.pedro, self.marta, self.luis, self.julia


@asynccontextmanager
async def cast(installation: Installation, open_page: OpenPage) -> AsyncIterator[Cast]:
    looks = [(DESKTOP, "light"), (PHONE, "light"), (PHONE, "dark"), (DESKTOP, "dark"), (DESKTOP, "light")]
    citizens = [Citizen(await open_page(size, color_scheme=scheme), installation.url) for size, scheme in looks]
    staff = [("Ana Soto", "agent"), ("Beto Díaz", "agent"), ("Eva Ríos", "supervisor")]
    async with AsyncExitStack() as stack:
        desks = [
            await stack.enter_async_context(
                signed_in(installation, await open_page(DESKTOP), name, role=role, desk=Agent)
            )
            for name, role in staff
        ]
        await leaves_nobody(desks[-1])  # of the tests before
        yield Cast(*citizens, *desks)


async def test_five_citizens_are_served_by_three_agents(installation: Installation, open_page: OpenPage) -> None:
    async with cast(installation, open_page) as all_of_them:
        for chapter in (
            they_ask,
            the_line_stands_in_order,
            beto_takes_the_emergency_and_his_browser_vanishes,
            ana_passes_the_complaint_on,
            two_take_at_once_and_a_page_is_opened_again,
            rosa_is_answered_with_one_key_and_closed,
            rosa_judges_and_goes_on_with_the_assistant,
            julia_writes_without_a_network,
            a_shift_ends,
            luis_was_not_lost,
        ):
            await chapter(all_of_them)


async def they_ask(cast: Cast) -> None:
    await asyncio.gather(*(one.opens_the_chat() for one in cast.citizens))
    rosa, pedro, marta, luis, julia = cast.citizens
    await rosa.writes(RUBBISH)
    await expect(rosa.log.get_by_role("link", name="Municipalidad de Los Aromos")).to_be_visible()
    await rosa.asks_for_a_person()
    await rosa.reads("Quedas en el lugar 1 de la fila", HOW_LONG)
    await rosa.sees("En la fila para una persona")
    await pedro.writes(PIANO)
    await pedro.reads("prefiero no inventar", "lugar 2 de la fila")
    await marta.writes(COMPLAINT)
    await marta.reads("Te hago tres preguntas cortas")
    await marta.log.get_by_role("button", name="Hablar con alguien").click()
    await marta.reads("lugar 3 de la fila")
    await luis.writes(FIRE)
    await luis.reads("Llama ahora al 132", "¿Estás a salvo?")
    await julia.asks_for_a_person()
    await julia.reads(re.compile(r"lugar \d de la fila"))


async def the_line_stands_in_order(cast: Cast) -> None:
    rosa = cast.rosa
    for desk in (cast.ana, cast.beto, cast.eva):
        await expect(desk.list("En espera")).to_contain_text(
            ["emergencia", *ASKED, re.compile(r"no estaba segura: \d+\s%"), *ASKED, *ASKED]
        )
    await expect(cast.ana.waiting(PIANO)).to_contain_text("no estaba segura")
    await rosa.writes(HOW_MUCH_LONGER)
    await rosa.reads(re.compile(r"Sigues en la fila, en el lugar \d"))


async def beto_takes_the_emergency_and_his_browser_vanishes(cast: Cast) -> None:
    beto, luis = cast.beto, cast.luis
    await beto.takes_the_next("emergencia")
    await luis.reads("Ahora te atiende Beto Díaz")
    await beto.reply("¿Salieron todos?")
    await luis.reads("¿Salieron todos?")
    await luis.writes("sí, estamos todos afuera")
    await beto.reads("sí, estamos todos afuera")
    await beto.page.context.close()


async def ana_passes_the_complaint_on(cast: Cast) -> None:
    ana, eva, marta = cast.ana, cast.eva, cast.marta
    await ana.picks(COMPLAINT)
    await marta.reads("Ahora te atiende Ana Soto")
    await ana.presses("i")
    await ana.page.get_by_role("textbox", name="Nota interna").fill(NOTE)
    await ana.page.keyboard.press("Enter")
    await ana.reads(NOTE)
    await ana.presses("m")
    passing = ana.dialog("Pasar la conversación")
    await passing.get_by_role("combobox", name="A quién").select_option(label="Eva Ríos (0)")
    await passing.get_by_role("textbox", name="Nota para quien la reciba").fill(HANDED_OVER)
    await passing.get_by_role("button", name="Pasar", exact=True).click()
    await marta.reads("Ahora te atiende Eva Ríos")
    await marta.sees("Te atiende Eva Ríos")
    await eva.goes_to(COMPLAINT)
    await eva.reads("Nota interna de Ana Soto", NOTE, HANDED_OVER)
    await eva.reply("Lo siento mucho. ¿Qué día fue?")
    await marta.reads("Lo siento mucho. ¿Qué día fue?")
    await expect(marta.log).not_to_contain_text(NOTE)
    await expect(marta.log).not_to_contain_text(HANDED_OVER)
    assert await marta.serious() == []


async def two_take_at_once_and_a_page_is_opened_again(cast: Cast) -> None:
    pedro = cast.pedro
    for desk in (cast.ana, cast.eva):
        await desk.waiting(PIANO).click()
    owner, other = await press_at_once(cast.ana, cast.eva)
    name = "Ana Soto" if owner is cast.ana else "Eva Ríos"
    await expect(other.page.get_by_role("alert")).to_have_text(f"{name} tomó esta conversación antes que tú.")
    await other.sees(f"La atiende {name}.")
    await pedro.sees(f"Te atiende {name}")
    await owner.reply("¿Desde qué país viene el piano?")
    await pedro.reads("¿Desde qué país viene el piano?")
    await pedro.page.goto("about:blank")
    await owner.reply("Si es de Argentina, el trámite es más corto.")
    await expect(owner.log).to_contain_text("Si es de Argentina")
    await pedro.comes_back()
    for words in (PIANO, "¿Desde qué país viene el piano?", "Si es de Argentina, el trámite es más corto."):
        await expect(pedro.said(words)).to_have_count(1)
    await pedro.sees(f"Te atiende {name}")
    assert await pedro.serious() == []


async def rosa_is_answered_with_one_key_and_closed(cast: Cast) -> None:
    ana, rosa = cast.ana, cast.rosa
    await ana.picks(RUBBISH)
    await ana.reads(RUBBISH)
    await rosa.sees("Te atiende Ana Soto")
    await rosa.box.press_sequentially("una cosa más")
    await ana.sees("La persona está escribiendo")
    await rosa.writes(LICENCE)
    await expect(ana.page.get_by_role("button", name=f"Enviar con su fuente: {LICENCE}")).to_be_visible()
    assert await ana.serious() == []
    await ana.box.press_sequentially("Te lo envío")
    await expect(rosa.chat.get_by_text("Ana Soto está escribiendo")).to_be_visible()
    await ana.box.fill("")
    await ana.box.press("Alt+Shift+1")
    await ana.reads(f"Respondió con: {LICENCE}")
    await expect(rosa.log.get_by_role("link", name="ChileAtiende")).to_be_visible()
    await expect(ana.log.get_by_text("Leído")).to_be_visible()
    assert await rosa.serious() == []
    await ana.page.get_by_role("button", name="Cerrar y devolver a la asistente").click()
    closing = ana.dialog("¿Cerrar la atención?")
    await closing.get_by_role("radio", name="Resuelta").check()
    await closing.get_by_role("combobox", name="Tema").fill(LICENCE)
    await closing.get_by_role("textbox", name="Resumen en una línea").fill("Quería renovar su licencia")
    await closing.get_by_role("button", name="Cerrar la atención").click()
    await ana.sees("Cerraste la atención. La asistente volvió a responder.")


async def rosa_judges_and_goes_on_with_the_assistant(cast: Cast) -> None:
    rosa, eva = cast.rosa, cast.eva
    await rosa.reads("Ana Soto cerró la atención. Vuelves a hablar conmigo, la asistente automática")
    await rosa.chat.get_by_role("radio", name="5").check()
    await rosa.chat.get_by_label("¿Quieres contarnos por qué?").fill("Rápido y claro")
    assert await rosa.serious() == []
    await rosa.chat.get_by_role("button", name="Enviar opinión").click()
    await rosa.sees("Gracias por tu opinión. Nos ayuda a atender mejor.")
    answers = await rosa.log.get_by_role("link", name="ChileAtiende").count()
    await rosa.writes("¿y cuánto cuesta?")
    await expect(rosa.log.get_by_role("link", name="ChileAtiende")).to_have_count(answers + 1)
    await rosa.reads(f"Sobre «{LICENCE}»")
    ratings = await eva.page.context.new_page()
    await ratings.goto(f"{eva.url}/desk/opiniones")
    judged = ratings.get_by_role("row").filter(has_text="Rápido y claro")
    await expect(judged).to_contain_text("Ana Soto")
    await expect(judged).to_contain_text("5 de 5")
    await ratings.close()


async def julia_writes_without_a_network(cast: Cast) -> None:
    ana, julia = cast.ana, cast.julia
    await ana.takes_the_next("pidió una persona")
    await julia.reads("Ahora te atiende Ana Soto")
    await julia.page.context.set_offline(True)
    await julia.sees("No tienes conexión a internet. Lo que escribas se enviará cuando vuelva.")
    for words in ("se me cortó", "vivo en el pasaje 3"):
        await julia.writes(words)
    await ana.reply("¿En qué te ayudo, Julia?")
    await ana.reads("¿En qué te ayudo, Julia?")
    await expect(julia.log).not_to_contain_text("¿En qué te ayudo, Julia?")
    await julia.page.context.set_offline(False)
    await ana.reads("se me cortó", "vivo en el pasaje 3")
    in_order = re.compile("¿En qué te ayudo, Julia.*se me cortó.*vivo en el pasaje 3", re.DOTALL)
    await expect(ana.log).to_contain_text(in_order)  # a reply that is being sent is the last one shown
    await julia.reads("¿En qué te ayudo, Julia?")
    for words in ("se me cortó", "vivo en el pasaje 3", "¿En qué te ayudo, Julia?"):
        await expect(julia.said(words)).to_have_count(1)
        await expect(ana.log.get_by_text(words, exact=True)).to_have_count(1)


async def a_shift_ends(cast: Cast) -> None:
    ana, eva, julia = cast.ana, cast.eva, cast.julia
    await ana.page.get_by_label("Tu cuenta: Ana Soto").click()
    await ana.page.get_by_role("button", name="Terminar mi turno").click()
    await ana.dialog("¿Terminar tu turno?").get_by_role("button", name="Terminar turno").click()
    await expect(ana.page.get_by_text("Estás como «Fuera»")).to_be_visible()
    await expect(ana.list("Mis chats")).to_have_count(0)
    await julia.reads("Vuelves a la fila", "Ana Soto no puede seguir atendiéndote")
    await eva.picks("vivo en el pasaje 3")
    await eva.reads("Volvió a la fila: terminó el turno de quien atendía")
    await julia.sees("Te atiende Eva Ríos")


async def luis_was_not_lost(cast: Cast) -> None:
    eva, luis = cast.eva, cast.luis
    missed = luis.log.get_by_text("La persona que te atendía ya no puede seguir")
    await expect(missed).to_be_visible(timeout=MISSED_MS)
    await luis.reads("Si el peligro sigue, llama ahora al 131")
    await expect(eva.list("En espera").first).to_contain_text("De vuelta")
    await eva.takes_the_next("emergencia")
    await eva.reads("sí, estamos todos afuera", "Volvió a la fila: se cortó la conexión de quien atendía")
    await luis.sees("Te atiende Eva Ríos")
    await eva.reply("Sigo yo, Luis. ¿Llegaron los bomberos?")
    await luis.reads("Sigo yo, Luis. ¿Llegaron los bomberos?")
