"""Imports entries, sends them to review, and approves them together as a second person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import httpx
from sqlalchemy import select

from bot.desk.auth.audit import AuditLog
from bot.desk.editing.approving.checking import DraftChecks
from bot.desk.editing.approving.harmless import HarmlessTexts
from bot.desk.editing.approving.review_queue import ReviewQueue
from bot.desk.editing.approving.together import JointApproval
from bot.desk.editing.measuring.effect import Effect, Effects
from bot.desk.editing.measuring.gate import Gate
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.reviews import Reviews
from bot.desk.editing.staff_notices.items import APPROVE
from bot.desk.editing.text import EntryText
from bot.desk.pages.entries.list_page import PATH as LIST
from bot.faq.entries.folder import load_folder
from bot.record.tables import Audit
from tests.desk_world import DeskWorld
from tests.integration.entry_desk import ANA, EVA, editor, look

QUESTIONS = [f"¿Cómo pago la cuota {number}?" for number in ("uno", "dos", "tres", "cuatro")]
SHEET = "pregunta;respuesta;tema;fuente\n" + "".join(
    f"{question};En la caja, de {hour} a 14.;Pagos;https://www.losaromos.example/{hour}\n"
    for hour, question in enumerate(QUESTIONS, 7)
)
READ = re.compile(r'name="leida" value="([^"]+)" checked')


async def imported(world: DeskWorld, sheet: str = SHEET, email: str = ANA) -> None:
    """Imports a spreadsheet and sends all its entries to review, as the import page does."""
    browser = await editor(world, email)
    csrf = {"csrf": browser.headers["X-CSRF-Token"]}
    shown = await browser.post(f"{LIST}/traer", data=csrf, files={"archivo": ("preguntas.csv", sheet.encode())})
    hidden = dict(re.findall(r'name="(nombre|contenido|elegidas)" value="([^"]*)"', shown.text))
    rows = re.findall(r'name="fila" value="(\d+)" checked', shown.text)
    columns = dict(re.findall(r'<select name="(columna-\w+)".*?value="(\d+)" selected', shown.text))
    done = await browser.post(f"{LIST}/traer", data={**csrf, **hidden, **columns, "fila": rows, "que": "revision"})
    assert done.headers["location"].endswith(f"revision-{len(rows)}-0"), done.text


async def shown_to(world: DeskWorld, email: str = EVA) -> tuple[httpx.AsyncClient, str]:
    browser = await editor(world, email)
    return browser, (await browser.get(APPROVE)).text


async def approve(browser: httpx.AsyncClient, read: list[str]) -> str:
    return (await browser.post(APPROVE, data={"csrf": browser.headers["X-CSRF-Token"], "leida": read})).text


async def live(world: DeskWorld, faq_dir: Path) -> set[str]:
    await look(world, faq_dir)
    return {one.question for one in load_folder(faq_dir, None).entries} & set(QUESTIONS)


async def actions(world: DeskWorld, action: str) -> int:
    async with world.sessions() as session:
        return len((await session.scalars(select(Audit.id).where(Audit.action == action))).all())


class Harmless:
    """Measures that no change loses anything."""

    async def of(self, texts: Mapping[str, EntryText]) -> Effect:
        return Effect((), {})


def joint_approval(world: DeskWorld, faq_dir: Path, effects: object, publisher: Publisher) -> JointApproval:
    """Returns the approval of several entries, whose texts ``effects`` measures and ``publisher`` publishes."""
    queue, reviews, measured = ReviewQueue(world.sessions), Reviews(world.sessions), cast(Effects, effects)
    checks, gate = DraftChecks(faq_dir, world.agency.teams), Gate(measured, AuditLog(world.sessions))
    return JointApproval(queue, reviews, publisher, checks, HarmlessTexts(measured), gate, world.agency.today)
