"""Tests the page that imports questions from a file: a preview, then drafts or published entries."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from openpyxl import Workbook
from sqlalchemy import select

from bot.agency.model import Agency
from bot.desk.editing.editions import Editions
from bot.desk.editing.importing import Importer, Taken
from bot.desk.editing.publisher import Publisher
from bot.desk.editing.record import Editor, Origin, State
from bot.desk.editing.text import EntryText, text_on_disk
from bot.desk.pages.entries.export_page import FORMATS
from bot.desk.pages.entries.list_page import PATH
from bot.desk.pages.importing.form import MAX_FILE_BYTES
from bot.desk.pages.importing.page import HERE, MAX_ROWS
from bot.faq.entries.folder import load_folder
from bot.record.engine import Sessions
from bot.record.tables import Audit, EntryDocument, EntryEdition, EntryRevision
from tests.desk_world import DeskWorld, served
from tests.faq_files import written
from tests.integration.entry_desk import EVA, LEO, Assistant, address, edition, editor, editors, look
from tests.integration.entry_desk import press as press_entry

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
TICKED = re.compile(r'name="fila" value="(\d+)" checked')
DRAFT = re.compile(r'name="borrador" value="(\w+)"')
WHY = "Ese mensaje era de otra cosa"
CSV = (
    "Nº;Consulta frecuente;Respuesta oficial;Categoría\n"
    "1;¿Dónde pago el agua?;En la oficina de calle Maipú.;Pagos\n"
    "2;¿Cómo aviso de un corte?;Llama al +56 2 2555 0100.;\n"
)


@pytest_asyncio.fixture
async def world(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path, four_eyes: bool
) -> AsyncIterator[DeskWorld]:
    async with editors(redis, database, agency, faq_dir, four_eyes=four_eyes) as made:
        yield made


async def upload(browser: httpx.AsyncClient, name: str, content: bytes | str) -> httpx.Response:
    raw = content if isinstance(content, bytes) else content.encode()
    return await browser.post(HERE, data={"csrf": browser.headers["X-CSRF-Token"]}, files={"archivo": (name, raw)})


async def press(browser: httpx.AsyncClient, shown: str, what: str, **changes: Any) -> httpx.Response:
    """Presses the button ``what`` below the table: posts the page's fields, changed by ``changes``."""
    selects = {
        name: chosen[1] if (chosen := re.search(r'<option value="([^"]*)" selected', options)) else ""
        for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', shown, re.DOTALL)
    }
    boxes = dict(re.findall(r'<input (?:id="titulos" )?name="([^"]+)"[^>]*? value="([^"]*)"', shown))
    several = {"fila": TICKED.findall(shown), "borrador": DRAFT.findall(shown)}
    data = {**dict(HIDDEN.findall(shown)), **selects, **boxes, **several, "que": what, **changes}
    return await browser.post(HERE, data=data)


async def confirm(browser: httpx.AsyncClient, shown: str, **changes: Any) -> httpx.Response:
    """Presses «Publicar», and again to confirm the effect that the page then shows."""
    seen = await press(browser, shown, "publicar", **changes)
    assert (seen.status_code, "Todavía no se ha publicado nada" in seen.text) == (200, True)
    return await press(browser, seen.text, "publicar", **changes)


def entries(faq_dir: Path) -> dict[str, Any]:
    return {entry.id: entry for entry in load_folder(faq_dir, {"atencion": "x", "transito": "y"}).entries}


def merged_book() -> bytes:
    """Returns a workbook with a hidden sheet, a title, two rows of headings and a merged topic."""
    book = Workbook()
    hidden = book.active
    hidden.title, hidden.sheet_state = "Listas", "hidden"
    sheet = book.create_sheet("Preguntas")
    sheet.append(["Preguntas frecuentes 2026"])
    sheet.append(["Contenido", None, "Datos"])
    sheet.append(["Pregunta", "Respuesta", "Tema", "Enlace"])
    sheet.append(["¿Dónde pago el agua?", "En la oficina.", "Pagos", "https://agua.example/pago"])
    sheet.append(["¿Puedo pagar en cuotas?", "Sí, hasta en seis.", None, "https://agua.example/cuotas"])
    sheet.merge_cells("A1:D1")
    sheet.merge_cells("A2:B2")
    sheet.merge_cells("C4:C5")
    content = BytesIO()
    book.save(content)
    return content.getvalue()


async def test_sheet_of_an_agency_is_published_with_its_own_headings(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    shown = await upload(browser, "preguntas.csv", CSV.encode("cp1252", "replace"))
    assert "Preguntas elegidas: 2 de 2. Nuevas: 2." in shown.text
    done = await confirm(browser, shown.text, **{"blanco-tema": "Cortes", "blanco-equipo": "transito"})
    assert done.headers["location"] == f"{PATH}?traidas=publicar-2-0"
    made = entries(faq_dir)
    pay, cut = made["donde-pago-el-agua"], made["como-aviso-de-un-corte"]
    assert (pay.topic, cut.topic, cut.team, cut.source.url) == ("pagos", "cortes", "transito", world.agency.site)
    assert pay.variants == ("¿Dónde pago el agua?",)
    listed = (await browser.get(done.headers["location"])).text
    assert "Se publicaron 2 respuestas." in listed
    # The answers are not loaded yet: the list has their questions, and the topics' titles, all the same.
    assert ">¿Dónde pago el agua?</a>" in listed and ">donde-pago-el-agua<" not in listed
    assert '<option value="pagos">Pagos</option>' in listed
    async with world.sessions() as session:
        origins = await session.scalars(select(EntryRevision.origin).where(EntryRevision.author_name == "Ana"))
    assert set(origins) == {"import"}


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
async def test_sheet_with_titles_two_headings_and_merged_cells_is_understood(world: DeskWorld, kind: str) -> None:
    browser = await editor(world)
    rows = "Preguntas 2026;;;\n;;;\nContenido;;Datos;\nPregunta;Respuesta;Tema;Enlace\n¿a?;b;c;https://x.cl\n¿d?;e;c;https://x.cl\n"
    shown = await upload(browser, f"p.{kind}", merged_book() if kind == "xlsx" else rows)
    assert "Preguntas elegidas: 2 de 2. Nuevas: 2." in shown.text


async def test_pasted_text_is_read_and_its_questions_are_numbered(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    page = (await browser.get(HERE)).text
    text = "Hola:\n\n¿Hay comedor?\nOtras formas: «venden once», «hay café»\n\nSí, en el coche 4.\n\nSaludos"
    data = {**dict(HIDDEN.findall(page)), "pegado": text}
    shown = (await browser.post(HERE, data=data, files={"archivo": ("", b"")})).text
    assert "Preguntas elegidas: 1 de 1. Nuevas: 1." in shown
    assert "pregunta 1" in shown and "fila 2" not in shown
    await confirm(browser, shown)
    made = entries(faq_dir)["hay-comedor"]
    assert (made.variants, made.body) == (("venden once", "hay café"), "Sí, en el coche 4.")


async def test_note_in_each_answer_is_said_at_each_row_and_what_holds_for_all_once(world: DeskWorld) -> None:
    browser = await editor(world)
    page = (await browser.get(HERE)).text
    text = "\n\n".join(f"¿Dónde queda el {place}?\nLlama al ____" for place in ("muelle", "faro", "molo", "cine"))
    data = {**dict(HIDDEN.findall(page)), "pegado": text}
    shown = (await browser.post(HERE, data=data, files={"archivo": ("", b"")})).text
    assert (shown.count("parece un recado"), shown.count("En 4 de las elegidas:") > 0) == (4, True)


async def test_columns_without_known_headings_are_chosen_by_hand(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    shown = (await upload(browser, "p.csv", "Uno;Dos\n¿Dónde pago el agua?;En la oficina.\n")).text
    assert "No reconocí la columna de la pregunta.</strong> ¿Es «A: Uno»?" in shown and "con error" not in shown
    shown = (await press(browser, shown, "ver", **{"columna-pregunta": "1", "columna-respuesta": "2"})).text
    assert "Preguntas elegidas: 1 de 1. Nuevas: 1." in shown
    assert "con error:" not in shown
    await press(browser, shown, "borradores")
    assert "donde-pago-el-agua" not in entries(faq_dir)
    async with world.sessions() as session:
        editions = (await session.scalars(select(EntryEdition).where(EntryEdition.state == "draft"))).all()
    assert [one.changed_by for one in editions] == ["Ana"]


async def test_further_columns_of_utterances_are_named_and_left_when_another_is_chosen(world: DeskWorld) -> None:
    browser = await editor(world)
    content = "Pregunta;Respuesta;Otra forma;Otra forma 2;Palabras\n¿Dónde pago el agua?;En la caja.;uno;dos;tres\n"
    shown = (await upload(browser, "p.csv", content)).text
    for text in (shown, (await press(browser, shown, "ver")).text):
        assert "También se traen de: Otra forma 2." in text and "Columnas que no se usan: Palabras." in text
    chosen = (await press(browser, shown, "ver", **{"columna-variantes": "5"})).text
    assert "También se traen" not in chosen and "Columnas que no se usan: Otra forma, Otra forma 2." in chosen


async def test_columns_that_are_not_recognized_are_proposed_and_taken_with_one_click(world: DeskWorld) -> None:
    browser = await editor(world)
    sheet = "N;Lo que dicen en el mesón;Texto de Carmen\n1;¿Dónde pago el agua?;En la oficina de calle Maipú.\n"
    shown = (await upload(browser, "p.csv", sheet)).text
    said = re.findall(r"<li><strong>(No reconocí[^<]*)</strong> ([^<]*)</li>", shown)
    assert said == [
        ("No reconocí la columna de la pregunta.", "¿Es «B: Lo que dicen en el mesón»?"),
        ("No reconocí la columna de la respuesta.", "¿Es «C: Texto de Carmen»?"),
    ]
    assert not re.search(r"variantes:|guiones|en blanco\.", shown)
    (usar,) = re.findall(r'name="usar" value="([^"]*)"', shown)
    taken = (await press(browser, shown, "", usar=usar)).text
    assert "Preguntas elegidas: 1 de 1. Nuevas: 1." in taken and "No reconocí" not in taken


async def test_nothing_is_taken_while_a_chosen_row_is_wrong(world: DeskWorld, faq_dir: Path) -> None:
    browser, before = await editor(world), entries(faq_dir)
    shown = (await upload(browser, "p.csv", CSV + "3;¿Qué es esto?;<b>x</b>;Otros\n")).text
    refused = await press(browser, shown, "publicar")
    assert (refused.status_code, "No se trajo ninguna" in refused.text) == (422, True)
    assert "Respuesta: La respuesta lleva HTML" in refused.text
    assert entries(faq_dir) == before
    left_out = (await press(browser, refused.text, "dejar")).text
    assert TICKED.findall(left_out) == ["2", "3"]
    await confirm(browser, left_out)
    assert len(entries(faq_dir)) == len(before) + 2


async def test_existing_entry_is_replaced_only_when_chosen(world: DeskWorld, faq_dir: Path) -> None:
    browser = await editor(world)
    sheet = "id;pregunta;respuesta;tema;fuente\nbache;¿Cómo aviso de un hoyo?;Por este chat.;calle;https://x.cl/b\n"
    shown = (await upload(browser, "p.csv", sheet)).text
    assert "Preguntas elegidas: 0 de 1." in shown and "Ya existe" in shown
    assert (await press(browser, shown, "publicar")).status_code == 422
    done = await confirm(browser, shown, fila=["2"])
    assert done.headers["location"].endswith("publicar-1-0")
    assert entries(faq_dir)["bache"].body == "Por este chat."
    async with world.sessions() as session:
        documents = (await session.scalars(select(EntryDocument).where(EntryDocument.path == "calle/bache.md"))).all()
    assert len(documents) == 1


async def test_row_that_replaces_shows_the_words_it_removes_and_adds(world: DeskWorld, faq_dir: Path) -> None:
    browser, now = await editor(world), entries(faq_dir)["bache"]
    head = "id;pregunta;respuesta;variantes;tema;equipo;fuente;responsable;revisado\n"
    same = [now.id, now.question, now.body, "|".join(now.variants), now.topic, now.team]
    same += [now.source.url, now.responsible, now.reviewed.isoformat()]
    other = [*same[:2], f"{now.body} <b> Gratis.", *same[3:]]
    shown = [(await upload(browser, "p.csv", head + ";".join(row) + "\n")).text for row in (same, other)]
    assert ["Igual a la que ya existe" in one for one in shown] == [True, False]
    assert ["<ins>" in one for one in shown] == [False, True]
    assert "&lt;b&gt; Gratis.</ins>" in shown[1] and "Ver qué cambia</summary>" in shown[1]
    wrong = (await press(browser, shown[1], "ver", fila=["2"])).text
    assert "Filas elegidas con error: 1." in wrong and "&lt;b&gt; Gratis.</ins>" in wrong


async def test_counterexamples_of_the_open_draft_are_kept(world: DeskWorld, faq_dir: Path) -> None:
    browser, page = await editor(world), await address(world)
    (faq_dir / "calle" / "bache.frases.txt").write_text("no responde: choqué por el hoyo\n")
    await look(world, faq_dir)
    denied = "choqué por el hoyo\nquién paga mi rueda"
    await press_entry(browser, page, "guardar", respuesta="Otra.", frases="se hundió la calle", no_responde=denied)
    sheet = "id;pregunta;respuesta;tema;fuente\nbache;¿Cómo aviso de un hoyo?;Por este chat.;calle;https://x.cl/b\n"
    shown = (await press(browser, (await upload(browser, "p.csv", sheet)).text, "ver", fila=["2"])).text
    assert "Tiene un borrador abierto. Si traes esta fila, toma su lugar" in shown and "quién paga mi rueda" in shown
    await press(browser, shown, "borradores")
    draft = await edition(world)
    assert "Por este chat." in draft.content and "se hundió" not in draft.phrases
    assert [line.partition("  #")[0] for line in draft.phrases.splitlines() if line] == [
        "no responde: choqué por el hoyo",
        "no responde: quién paga mi rueda",
    ]


@pytest.mark.parametrize("four_eyes", [False, True], indirect=True)
async def test_row_whose_entry_has_an_approved_or_scheduled_text_is_left_out_unless_chosen(
    world: DeskWorld, faq_dir: Path, four_eyes: bool
) -> None:
    browser, page = await editor(world), await address(world)
    told = "Tiene un texto aprobado, sin publicar" if four_eyes else "Tiene un texto programado para el 01-03-2030"
    sheet = "id;pregunta;respuesta;tema;fuente\nbache;¿Cómo aviso de un hoyo?;Por este chat.;calle;https://x.cl/b\n"
    before = (await upload(browser, "p.csv", sheet)).text
    assert told not in before
    if four_eyes:
        await press_entry(browser, page, "enviar", respuesta="De Ana.")
        digest = (await edition(world)).hash
        await press_entry(await editor(world, EVA), page, "aprobar_solo", hash=digest)
    else:
        await press_entry(browser, page, "programar", respuesta="De Ana.", cuando="2030-03-01T09:00")
    shown = (await upload(browser, "p.csv", sheet)).text
    assert told in shown and "Preguntas elegidas: 0 de 1." in shown
    unseen = await press(browser, before, "borradores", fila=["2"])
    assert unseen.status_code == 422 and "que no habías visto" in unseen.text and told in unseen.text
    assert "De Ana." in (await edition(world)).content
    done = await press(browser, unseen.text, "borradores")
    assert done.status_code == 303
    assert ((await edition(world)).state, "Por este chat." in (await edition(world)).content) == ("draft", True)


async def test_lost_test_message_stops_an_imported_entry_until_somebody_gives_a_reason(
    world: DeskWorld, faq_dir: Path
) -> None:
    browser, before = await editor(world), entries(faq_dir)
    losing = CSV.replace("En la oficina", "Así se pierde")
    shown = (await press(browser, (await upload(browser, "p.csv", losing)).text, "publicar")).text
    assert "se pierde una forma de preguntar" in shown and "«hay un hoyo»" in shown
    for reason in ("", "corto"):
        again = await press(browser, shown, "publicar", motivo_efecto=reason)
        assert (again.status_code, entries(faq_dir)) == (200, before)
    unseen = await press(browser, shown, "publicar", motivo_efecto=WHY, medido="otra", fila=["2"])
    assert (unseen.status_code, entries(faq_dir)) == (200, before)
    done = await press(browser, shown, "publicar", motivo_efecto=WHY)
    assert done.headers["location"].endswith("publicar-2-0")
    async with world.sessions() as session:
        (row,) = (await session.scalars(select(Audit).where(Audit.action == "entry_overridden"))).all()
    assert (row.subject, row.detail) == ("p.csv", {"reason": WHY, "lost": 1, "entries": 2})


async def test_import_as_drafts_is_not_measured(world: DeskWorld) -> None:
    browser = await editor(world)
    shown = (await upload(browser, "p.csv", CSV.replace("En la oficina", "Así se pierde"))).text
    assert (await press(browser, shown, "borradores")).headers["location"].endswith("borradores-2-0")


async def test_import_without_measure_asks_for_a_reason(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path
) -> None:
    async with editors(redis, database, agency, faq_dir, four_eyes=False, actions_url="") as world:
        browser, before = await editor(world), entries(faq_dir)
        shown = (await press(browser, (await upload(browser, "p.csv", CSV)).text, "publicar")).text
        assert "No se pudo medir" in shown and entries(faq_dir) == before
        await press(browser, shown, "publicar", motivo_efecto=WHY)
        assert len(entries(faq_dir)) == len(before) + 2
        async with world.sessions() as session:
            (row,) = (await session.scalars(select(Audit).where(Audit.action == "entry_overridden"))).all()
        assert row.detail == {"reason": WHY, "measured": False, "entries": 2}


@pytest.mark.parametrize("four_eyes", [True], indirect=True)
async def test_with_four_eyes_imported_entries_wait_for_review(world: DeskWorld, faq_dir: Path) -> None:
    browser, before = await editor(world), entries(faq_dir)
    shown = (await upload(browser, "p.csv", CSV)).text
    assert "Publicar, viendo antes" not in shown
    for what in ("revision", "publicar"):
        done = await press(browser, shown, what)
        assert done.status_code == 303
    assert entries(faq_dir) == before
    async with world.sessions() as session:
        states = (await session.scalars(select(EntryEdition.state))).all()
    assert states == ["review", "review"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("p.csv", b"", "Elige primero un archivo, o pega un texto."),
        ("p.csv", b"a" * (MAX_FILE_BYTES + 1), "El archivo pesa más de 3 MB."),
        ("p.pdf", b"%PDF", "esto es «.pdf»"),
        ("p.xlsx", b"PK", "El archivo está dañado"),
        ("p.html", b"<p>Hola", "No se encontró ninguna pregunta"),
        ("p.csv", b"pregunta;respuesta\n", "No hay ninguna pregunta debajo de los títulos."),
        ("p.csv", b"pregunta;respuesta\n" + b"a;b\n" * (MAX_ROWS + 1), "y desde aquí se traen hasta 500 por vez"),
    ],
)
async def test_file_that_cannot_be_taken_is_explained(
    world: DeskWorld, name: str, content: bytes, problem: str
) -> None:
    shown = await upload(await editor(world), name, content)
    assert (shown.status_code, problem in shown.text) == (422, True)


async def test_rows_of_a_file_with_too_many_are_not_planned(world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would keep the process busy for minutes."""
    monkeypatch.setattr("bot.desk.pages.importing.page.plan_of", lambda *_: pytest.fail("planned"))
    shown = await upload(await editor(world), "p.csv", b"pregunta;respuesta\n" + b"a;b\n" * (MAX_ROWS + 1))
    assert shown.status_code == 422


async def test_posted_page_is_not_trusted(world: DeskWorld) -> None:
    browser = await editor(world)
    shown = (await upload(browser, "p.csv", CSV)).text
    for packed in ("", "x", "eJwDAAAAAAE="):
        assert (await press(browser, shown, "publicar", contenido=packed)).status_code == 422
    odd = {"titulos": "99", "columna-pregunta": "9999999", "fila": ["77", "x"]}
    assert (await press(browser, shown, "ver", **odd)).status_code == 200
    agent = await world.sign_in_elsewhere(LEO)
    assert [(await agent.get(HERE)).status_code, (await agent.post(HERE, data={})).status_code] == [403, 403]


async def test_entry_that_cannot_be_published_stays_a_draft(world: DeskWorld, faq_dir: Path) -> None:
    (faq_dir / "calle" / "poda.md").write_text("hand-made, not recorded yet")
    editions = Editions(world.sessions)
    importer = Importer(world.sessions, editions, Publisher(world.sessions, faq_dir, four_eyes=False))
    by = Editor(None, "Ana", Origin.IMPORT)
    texts = {"calle/poda.md": EntryText("one\n"), "calle/luz.md": EntryText("two\n", "a phrase\n")}
    assert await importer.take(texts, State.PUBLISHED, by) == Taken(1, 1)
    assert text_on_disk(faq_dir, "calle/luz.md") == texts["calle/luz.md"]
    async with world.sessions() as session:
        drafts = (await session.scalars(select(EntryEdition.content).where(EntryEdition.state == "draft"))).all()
    assert drafts == ["one\n"]


async def test_entry_that_cannot_be_published_shows_why_and_is_published_again_in_one_click(
    world: DeskWorld, faq_dir: Path
) -> None:
    (faq_dir / "calle" / "poda.md").write_text("hand-made, not recorded yet")
    publisher = Publisher(world.sessions, faq_dir, four_eyes=False)
    text = EntryText(written("poda", "¿Cómo pido una poda?", ["quiero una poda"]))
    by = Editor(None, "Ana", Origin.IMPORT)
    await Importer(world.sessions, Editions(world.sessions), publisher).take(
        {"calle/poda.md": text}, State.PUBLISHED, by
    )
    browser = await editor(world)
    listed, page = (await browser.get(PATH)).text, await address(world, "calle/poda.md")
    for shown in (listed, (await browser.get(page)).text):
        assert "El archivo había cambiado" in shown and 'value="reintentar"' in shown
    (faq_dir / "calle" / "poda.md").unlink()
    retried = await press_entry(browser, page, "reintentar")
    assert (retried.headers["location"], text_on_disk(faq_dir, "calle/poda.md")) == (f"{page}?hecho=publicar", text)
    assert 'value="reintentar"' not in (await browser.get(PATH)).text


class Killed(Publisher):
    async def publish(self, *_: Any, **__: Any) -> str:
        raise asyncio.CancelledError


async def test_import_that_is_interrupted_before_it_publishes_leaves_a_draft_that_shows_it(
    world: DeskWorld, faq_dir: Path
) -> None:
    importer = Importer(world.sessions, Editions(world.sessions), Killed(world.sessions, faq_dir, four_eyes=False))
    with pytest.raises(asyncio.CancelledError):
        await importer.take({"calle/poda.md": EntryText("one\n")}, State.PUBLISHED, Editor(None, "Ana", Origin.IMPORT))
    assert "Se estaba publicando y se interrumpió" in (await (await editor(world)).get(PATH)).text


@pytest.mark.parametrize(("kind", "begins"), [("zip", b"PK"), ("csv", b"\xef\xbb\xbfpregunta"), ("json", b"{")])
async def test_all_entries_can_be_exported(world: DeskWorld, kind: str, begins: bytes) -> None:
    assert kind in FORMATS
    got = await (await editor(world)).get(f"{PATH}/llevar?formato={kind}")
    assert (got.status_code, got.content[: len(begins)]) == (200, begins)
    assert got.headers["content-disposition"] == f'attachment; filename="respuestas.{kind}"'


async def test_only_editors_export_entries_and_only_in_known_formats(world: DeskWorld) -> None:
    assert (await (await world.sign_in_elsewhere(LEO)).get(f"{PATH}/llevar")).status_code == 403
    assert (await (await editor(world)).get(f"{PATH}/llevar?formato=doc")).status_code == 404


async def test_row_that_repeats_another_is_not_chosen(world: DeskWorld) -> None:
    browser, row = await editor(world), "¿Dónde pago el agua?;En la caja.\n"
    shown = (await upload(browser, "p.csv", f"Pregunta;Respuesta\n{row}{row}")).text
    assert "Preguntas elegidas: 1 de 2. Nuevas: 1." in shown and "Igual a la fila 2" in shown


async def test_loss_of_wordings_that_came_with_the_assistant_is_not_denied(
    redis: Any, database: Sessions, agency: Agency, faq_dir: Path
) -> None:
    assistant = Assistant()
    assistant.source = "benchmark"
    async with (
        served(assistant.app) as url,
        editors(redis, database, agency, faq_dir, four_eyes=False, actions_url=url) as world,
    ):
        browser = await editor(world)
        losing = (await upload(browser, "p.csv", CSV.replace("En la oficina", "Así se pierde"))).text
        shown = (await press(browser, losing, "publicar")).text
    assert "no lo escribió la institución, sino que venía con la asistente" in shown
    assert "No se pierde ningún mensaje" not in shown


async def test_file_that_is_brought_again_leaves_the_drafts_of_before_as_they_were_edited(world: DeskWorld) -> None:
    browser = await editor(world)
    await press(browser, (await upload(browser, "p.csv", CSV)).text, "borradores")
    cut = await address(world, "general/como-aviso-de-un-corte.md")
    await press_entry(browser, cut, "guardar", **{"respuesta": "Corregida.", "campo-pregunta": "¿Y si hay un corte?"})
    again = (await upload(browser, "p.csv", CSV + "3;¿Hay piscina?;Sí.;Deportes\n")).text
    assert (TICKED.findall(again), again.count("Ya está en un borrador")) == (["4"], 1)
    assert [one for one in ("Igual a la que ya existe", "Corregida", "Nuevas: 1.") if one not in again] == []
    assert (await press(browser, again, "borradores")).status_code == 303
    assert "Corregida." in (await browser.get(cut)).text
    await press_entry(browser, cut, "guardar", **{"respuesta": "Corregida por Eva.", "campo-pregunta": "¿Corte?"})
    unseen = await press(browser, again, "borradores", fila=["3"])
    assert (unseen.status_code, "que no habías visto" in unseen.text) == (422, True)
    assert (await press(browser, unseen.text, "borradores")).status_code == 303
    assert "Llama al +56 2 2555 0100." in (await browser.get(cut)).text


async def test_question_that_begins_like_that_of_a_draft_becomes_a_draft_of_its_own(world: DeskWorld) -> None:
    browser, name = await editor(world), "que-documentos-necesito-para-renovar-la-licencia-de"
    asked = "¿Qué documentos necesito para renovar la licencia de conducir {}?"
    for one in ("clase B", "profesional", "profesional"):
        sheet = f"pregunta;respuesta;tema;fuente\n{asked.format(one)};Foto.;calle;https://x.cl/b\n"
        await press(browser, (await upload(browser, "p.csv", sheet)).text, "borradores")
    async with world.sessions() as session:
        made = set(await session.scalars(select(EntryDocument.path).where(EntryDocument.path.contains(name))))
    assert made == {f"calle/{name}.md", f"calle/{name}-2.md"}


async def test_second_row_of_one_question_changes_only_its_own_draft(world: DeskWorld) -> None:
    browser = await editor(world)
    source = "https://x.cl/b"
    sheet = f"pregunta;respuesta;tema;fuente\n¿Horario?;Libros.;biblioteca;{source}\n¿Horario?;{{}};piscina;{source}\n"
    await press(browser, (await upload(browser, "p.csv", sheet.format("Agua."))).text, "borradores")
    again = (await upload(browser, "p.csv", sheet.format("Agua tibia."))).text
    assert (await press(browser, again, "borradores", fila=["3"])).status_code == 303
    async with world.sessions() as session:
        rows = await session.execute(select(EntryDocument.path, EntryEdition.content).join(EntryEdition))
    told = {path: next(words for words in ("Libros.", "Agua tibia.", "Agua.") if words in text) for path, text in rows}
    assert told == {"biblioteca/horario.md": "Libros.", "piscina/horario-2.md": "Agua tibia."}
