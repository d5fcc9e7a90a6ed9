"""Tests in a browser that an agency imports three spreadsheets as offices write them, from the file to the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest_asyncio
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from playwright.async_api import Page, expect
from sqlalchemy import update

from bot.agency.model import Agency
from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from bot.record.tables import Staff
from tests.browser.desk_page import OpenDesk, looks_right
from tests.desk_world import DeskWorld
from tests.faq_files import write_folder
from tests.integration.entry_desk import ANA, editors

ENTRIES = "/desk/respuestas"
ON_THE_WEB = """Preguntas frecuentes - Dirección de Aseo;;;;
Exportado el 03-11-2026;;;;
Nº;Consulta frecuente;Respuesta oficial;Categoría;Página web
1;¿Cuándo retiran cachureos?;"Se pide hora al 2 2555 0100.
Pasan dentro de 15 días; el retiro es gratis.";Aseo;https://www.losaromos.example/cachureos
2;¿Cómo avíso de un  HOYO en la calle?;Escríbenos por este chat.;Aseo;https://www.losaromos.example/hoyos
3;¿Quién poda los árboles de mi cuadra?;<b>Operaciones</b>;Aseo;https://www.losaromos.example/poda
;;;;
4;¿Dónde dejo el aceite usado?;En el punto limpio de Avenida Ñuñoa 120, “de lunes a sábado”.;Aseo;
"""


@pytest_asyncio.fixture
async def faq_dir(tmp_path: Path) -> Path:
    return write_folder(tmp_path / "faq")


@pytest_asyncio.fixture
async def world(redis: Any, database: Sessions, agency: Agency, faq_dir: Path) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=False) as made:
        async with made.sessions.begin() as session:
            await session.execute(update(Staff).where(Staff.email == ANA).values(roles=["agent", "editor"]))
        yield made


def content_of(book: Workbook) -> bytes:
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def citizen_services() -> bytes:
    """Returns a workbook with hidden sheets; its table has a title, two rows of headings, merged topics and dates."""
    book = Workbook()
    lists = book.active
    lists.title, lists.sheet_state = "Listas", "hidden"
    for row in (["Unidades"], ["Pregunta"], ["Rentas"]):
        lists.append(row)
    secret = book.create_sheet("Borradores 2025")
    secret.sheet_state = "veryHidden"
    secret.append(["Pregunta", "Respuesta", "Tema", "Enlace"])
    secret.append(["¿Se puede borrar?", "No.", "Nada", "https://www.losaromos.example/no"])
    sheet = book.create_sheet("Atención 2026")
    sheet.append(["Municipalidad de Los Aromos: preguntas frecuentes de la OIRS"])
    sheet.append([])
    sheet.append(["Contenido", None, None, "Datos", None, None])
    sheet.append(["Pregunta", "Respuesta", "Otras formas", "Tema", "Enlace", "Fecha de vencimiento"])
    site, ends = "https://www.losaromos.example/", datetime(2027, 3, 31)
    sheet.append(
        [
            "¿Dónde pago la patente?",
            "En Rentas,\nde 8:30 a 14:00.",
            "pagar patente | la patente del kiosko",
            "Patentes",
            site,
            ends,
        ]
    )
    sheet.append(["¿Puedo pagarla en cuotas?", "Sí, hasta en 6 cuotas.", None, None, site, date(2027, 3, 31)])
    sheet.append([None] * 6)
    sheet.append(
        [
            "¿Qué hago si la perdí?",
            "Pide una copia en Rentas. Vale 3500 pesos.",
            "se me perdió la patente",
            None,
            site,
            None,
        ]
    )
    for place in ("A1:F1", "A3:C3", "D3:F3", "D5:D8"):
        sheet.merge_cells(place)
    for cell in (*sheet[3], *sheet[4]):
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="DDEBF7")
        cell.alignment = Alignment(wrap_text=True)
    sheet.column_dimensions["C"].hidden = True
    sheet.freeze_panes = "A5"
    return content_of(book)


def licences() -> bytes:
    """Returns a workbook with headings that cannot be recognized, a column of notes and a row of totals."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Hoja1"
    sheet.append(["N°", "Duda del vecino", "Lo que se le dice", "Obs. internas"])
    sheet.append([1, "¿Qué llevo para la primera licencia?", "Cédula y certificado de estudios.", "preguntar a Marta"])
    sheet.append([2, "¿Hay hora los sábados?", "No. Se atiende de lunes a viernes.", None])
    sheet.append([None, "Total: 2 dudas", None, None])
    return content_of(book)


async def upload(page: Page, name: str, content: bytes) -> None:
    await page.get_by_role("link", name="Traer muchas de un archivo").click()
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    await page.get_by_label("El archivo").set_input_files(file)  # type: ignore[arg-type]
    await page.get_by_role("button", name="Ver qué trae").click()


async def publish(page: Page, brought: int) -> None:
    await page.get_by_role("button", name="Publicar, viendo antes qué cambia").click()
    await expect(page.get_by_role("heading", name="Qué cambiaría en las respuestas")).to_be_in_viewport()
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text(f"Se publicaron {brought} respuestas")


async def test_book_with_hidden_sheets_two_rows_of_headings_and_merged_cells_is_published(
    world: DeskWorld, desk: OpenDesk, faq_dir: Path
) -> None:
    ana = await desk(ANA, path=ENTRIES)
    page = ana.page
    await upload(page, "Preguntas OIRS 2026 (final).xlsx", citizen_services())
    await expect(page.get_by_text("Preguntas elegidas: 3 de 3. Nuevas: 3.")).to_be_visible()
    await expect(page.get_by_text("¿Se puede borrar?")).to_have_count(0)
    await looks_right(ana, "traer-libro")
    await publish(page, 3)
    made = entries(faq_dir)
    first, lost = made["donde-pago-la-patente"], made["que-hago-si-la-perdi"]
    assert {one.topic for one in made.values()} == {"calle", "patentes"}
    assert (first.variants, str(first.expires)) == (("pagar patente", "la patente del kiosko"), "2027-03-31")
    assert (lost.body, lost.expires, first.body) == (
        "Pide una copia en Rentas. Vale 3500 pesos.",
        None,
        "En Rentas,\nde 8:30 a 14:00.",
    )


async def test_latin_1_sheet_leaves_out_its_wrong_row_and_shows_what_it_changes(
    world: DeskWorld, desk: OpenDesk, faq_dir: Path
) -> None:
    ana = await desk(ANA, path=ENTRIES)
    page = ana.page
    await upload(page, "faq_aseo.csv", ON_THE_WEB.encode("cp1252"))
    await expect(page.get_by_text("Filas elegidas con error: 1.")).to_be_visible()
    await expect(page.get_by_text("también está en «¿Cómo aviso de un hoyo en la calle?»")).to_be_visible()
    await looks_right(ana, "traer-csv")
    await page.get_by_role("button", name="Publicar, viendo antes qué cambia").click()
    await expect(page.get_by_role("alert").first).to_contain_text("No se trajo ninguna")
    assert set(entries(faq_dir)) == {"bache", "basura", "licencia", "chip"}
    await page.get_by_role("button", name="Dejar fuera las que tienen error").click()
    await page.get_by_label("¿Cómo avíso de un HOYO").uncheck()
    await publish(page, 2)
    made = entries(faq_dir)
    assert "Avenida Ñuñoa 120, “de lunes a sábado”" in made["donde-dejo-el-aceite-usado"].body
    assert made["donde-dejo-el-aceite-usado"].source.url == world.agency.site
    assert "Pasan dentro de 15 días; el retiro es gratis." in made["cuando-retiran-cachureos"].body
    assert len(made) == 6


async def test_columns_that_nobody_could_guess_are_mapped_by_hand_and_kept_as_drafts(
    world: DeskWorld, desk: OpenDesk, faq_dir: Path
) -> None:
    page = (await desk(ANA, path=ENTRIES)).page
    await upload(page, "Copia de licencias.xlsx", licences())
    for name, column in (("Pregunta", "B: Duda del vecino"), ("Respuesta", "C: Lo que se le dice")):
        await page.get_by_label(f"Columna del archivo: {name}", exact=True).select_option(label=column)
    await page.get_by_label("Si está en blanco: Tema").fill("Licencias")
    await page.get_by_label("Si está en blanco: Equipo que atiende").select_option(label=world.agency.teams["transito"])
    await page.get_by_role("button", name="Ver de nuevo").click()
    await expect(page.get_by_text("Filas elegidas con error: 1.")).to_be_visible()  # the row of totals
    await page.get_by_role("button", name="Dejar fuera las que tienen error").click()
    await expect(page.get_by_text("Columnas que no se usan: N°, Obs. internas.")).to_be_attached()
    await page.get_by_role("button", name="Traer como borradores").click()
    await expect(page.get_by_role("status").first).to_contain_text("Quedaron 2 borradores")
    await page.get_by_role("link", name="¿Hay hora los sábados?").click()
    await expect(page.get_by_label("Lo que leerá la gente")).to_have_value("No. Se atiende de lunes a viernes.")
    await page.get_by_role("tab", name="Datos").click()
    await expect(page.get_by_label("Equipo que atiende")).to_have_value("transito")
    assert set(entries(faq_dir)) == {"bache", "basura", "licencia", "chip"}


async def test_imported_drafts_are_published_together(world: DeskWorld, desk: OpenDesk, faq_dir: Path) -> None:
    ana = await desk(ANA, path=ENTRIES)
    page = ana.page
    await upload(page, "Preguntas OIRS 2026 (final).xlsx", citizen_services())
    await page.get_by_role("button", name="Traer como borradores").click()
    await page.get_by_role("link", name="Publicar varios borradores (3)").click()
    await page.get_by_label("Publicar: ¿Dónde pago la patente?").uncheck()
    await looks_right(ana, "borradores")
    await page.get_by_role("button", name="Publicar los elegidos, viendo antes qué cambia").click()
    await expect(page.get_by_role("heading", name="Qué cambiaría en las respuestas")).to_be_in_viewport()
    await looks_right(ana, "borradores-medidos")
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.get_by_role("status").first).to_contain_text("Se publicaron 2 respuestas")
    assert len(entries(faq_dir)) == 4 + 2


def entries(faq_dir: Path) -> dict[str, Entry]:
    return {entry.id: entry for entry in load_folder(faq_dir, None).entries}
