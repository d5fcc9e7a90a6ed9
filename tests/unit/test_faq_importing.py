"""Tests that a sheet becomes the files that an editor would have written, or nothing if a row is invalid."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.faq.entries.entry import Entry
from bot.faq.entries.folder import load_files, load_folder
from bot.faq.entries.front_matter import read
from bot.faq.entries.problem import Found
from bot.faq.entries.slug import slug
from bot.faq.entries.writing import save, written
from bot.faq.imports import sheet
from bot.faq.imports.columns import columns_of
from bot.faq.imports.destination.present import Target
from bot.faq.imports.plan import Plan, plan, plan_of
from bot.faq.imports.sheet_problem import SheetFound
from tests.faq_files import ROOT, agency, write_folder

CELL = re.compile(r"(?<!\\)\|")
TODAY = date(2026, 11, 24)
ROW = {
    "id": "pago-patente",
    "pregunta": "¿Cómo pago la patente?",
    "respuesta": "En la caja.",
    "variantes": "donde pago la patente|cuanto vale la patente",
    "tema": "rentas",
    "fuente": "https://www.losaromos.example/patente",
}
OTHER = ROW | {"id": "poda", "pregunta": "¿Quién poda?", "variantes": "podar un arbol", "tema": "aseo"}


def planned(tmp_path: Path, *rows: dict[str, str], replace: bool = False) -> Plan:
    """Returns the plan of a sheet with these rows into ``tmp_path``/faq."""
    text = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / "preguntas.csv"
    path.write_text(text.getvalue(), encoding="utf-8")
    return plan(path, Target(tmp_path / "faq", agency(), TODAY, replace))


def told(made: Plan) -> list[str]:
    return [problem.line("preguntas.csv") for problem in made.problems]


def entries(made: Plan) -> tuple[Entry, ...]:
    folder = load_files(made.files, agency().teams, today=TODAY)
    assert folder.problems == ()
    return folder.entries


@pytest.mark.parametrize(
    "headings",
    [
        ("Consulta del público", "Qué se responde", "Cómo lo preguntan", "Área"),
        ("PREGUNTA DEL PÚBLICO", "Respuesta", "Otras formas de preguntarla", "Tema"),
        ("¿Qué preguntan?", "¿Qué respondemos?", "Ejemplos de preguntas", "Materia"),
    ],
)
def test_headings_of_offices_are_recognized(headings: tuple[str, ...]) -> None:
    assert columns_of(headings) == {"pregunta": 1, "respuesta": 2, "variantes": 3, "tema": 4}


def test_blank_question_is_reported_once(tmp_path: Path) -> None:
    made = planned(tmp_path, ROW | {"pregunta": "", "variantes": ""})
    (line,) = told(made)
    assert line.startswith("✗ preguntas.csv, fila 2, columna B (pregunta): La celda está en blanco.")


def test_row_becomes_the_file_that_an_editor_would_write(tmp_path: Path) -> None:
    row = ROW | {"vence": "31-12-2026", "fuente_nombre": "Los Aromos: patentes"}
    assert planned(tmp_path, row).files["rentas/pago-patente.md"].decode() == (
        "---\n"
        "id: pago-patente\n"
        'pregunta: "¿Cómo pago la patente?"\n'
        "variantes:\n"
        "  - donde pago la patente\n"
        "  - cuanto vale la patente\n"
        "tema: rentas\n"
        "equipo: atencion\n"
        "fuente: https://www.losaromos.example/patente\n"
        'fuente_nombre: "Los Aromos: patentes"\n'
        "responsable: Los Aromos\n"
        "revisado: 2026-11-24\n"
        "vence: 2026-12-31\n"
        "---\n"
        "En la caja.\n"
    )


def test_blanks_get_the_agencys_defaults(tmp_path: Path) -> None:
    first, second = entries(planned(tmp_path, OTHER | {"equipo": "Dirección de Tránsito", "responsable": "Aseo"}, ROW))
    assert (first.team, first.responsible) == ("transito", "Aseo")
    assert (second.team, second.responsible, second.reviewed) == ("atencion", "Los Aromos", TODAY)


def test_id_is_made_of_the_question_and_unique(tmp_path: Path) -> None:
    write_folder(tmp_path / "faq", ["bache"])
    ids = {"¡Bache!": "", "¿Año?": "", "¿Niño?": "ano"}
    rows = [ROW | {"id": id, "pregunta": question, "variantes": f"v {question}"} for question, id in ids.items()]
    assert list(planned(tmp_path, *rows).files) == ["rentas/bache-2.md", "rentas/ano-2.md", "rentas/ano.md"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("¿Cómo pago el permiso?", "como-pago-el-permiso"),
        ("  ÑANDÚ: 2026!! ", "nandu-2026"),
        ("¿?", ""),
        ("palabra " * 20, "-".join(["palabra"] * 7)),
        ("x" * 100, "x" * 56),
    ],
)
def test_slug_is_a_valid_id(text: str, expected: str) -> None:
    assert slug(text) == expected


def test_variants_are_split_at_bars_and_line_breaks_without_duplicates(tmp_path: Path) -> None:
    row = ROW | {"variantes": " | donde pago |Dónde pago?\ncuanto es||¿Cómo pago la patente?"}
    assert entries(planned(tmp_path, row))[0].variants == ("donde pago", "cuanto es")


def test_topic_becomes_the_name_of_its_folder(tmp_path: Path) -> None:
    assert list(planned(tmp_path, ROW | {"tema": "../Registro Civil"}).files) == ["registro-civil/pago-patente.md"]


@pytest.mark.parametrize(
    ("typed", "folder", "title"),
    [
        ("Áreas  verdes", "areas-verdes", "Áreas verdes"),
        ("Calle", "calle", ""),
        ("ÁREAS VERDES", "areas-verdes", "Áreas verdes"),
    ],
)
def test_topic_keeps_the_title_that_was_typed(tmp_path: Path, typed: str, folder: str, title: str) -> None:
    (made,) = entries(planned(tmp_path, ROW | {"tema": typed}))
    assert (made.topic, made.topic_title) == (folder, title)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"respuesta": ""}, "columna C (respuesta): La celda está en blanco."),
        ({"respuesta": "<b>hola</b>"}, "columna C (respuesta): La respuesta lleva HTML: <b>"),
        ({"respuesta": "[x](javascript:x)"}, "columna C (respuesta): El enlace no lleva a una página web."),
        ({"respuesta": "hola\x07"}, "columna C (respuesta): El texto tiene un carácter invisible"),
        ({"respuesta": "palabra " * 9000}, "columna C (respuesta): El archivo pesa más de 64 KB."),
        ({"pregunta": " "}, "columna B (pregunta): La celda está en blanco."),
        ({"pregunta": "a" * 201}, "columna B (pregunta): «pregunta» tiene 201 letras; una persona rara vez"),
        ({"variantes": "???"}, "columna D (variantes): La variante no tiene ninguna palabra."),
        ({"variantes": "a" * 301}, "columna D (variantes): «variantes» tiene 301 letras"),
        ({"tema": ""}, "columna E (tema): La celda está en blanco."),
        ({"tema": "¿?"}, "columna E (tema): El tema «¿?» no tiene letras ni números."),
        ({"fuente": ""}, "columna F (fuente): La celda está en blanco."),
        ({"fuente": "http://x.cl"}, "columna F (fuente): La fuente «http://x.cl» no es una dirección segura."),
        ({"id": "Pago Patente"}, "columna A (id): El id «Pago Patente» solo puede tener minúsculas"),
        ({"id": "../../etc/x"}, "columna A (id): El id «../../etc/x» solo puede tener"),
        (
            {"equipo": "transitos"},
            "columna G (equipo): El equipo «transitos» no existe. ¿Quisiste escribir «transito»?",
        ),
        ({"revisado": "ayer"}, "columna G (revisado): «ayer» no es una fecha."),
        ({"vence": "31-02-2027"}, "columna G (vence): «2027-02-31» no es una fecha."),
        ({"vence": "2026-11-01"}, "columna G (vence): Esta respuesta venció el 01-11-2026"),
        ({"fuente_nombre": "a" * 121}, "columna G (fuente_nombre): «fuente_nombre» tiene 121 letras"),
        ({"responsable": "a" * 121}, "columna G (responsable): «responsable» tiene 121 letras"),
    ],
)
def test_mistake_is_reported_at_its_cell(tmp_path: Path, change: dict[str, str], expected: str) -> None:
    made = planned(tmp_path, OTHER, ROW | change)
    place = f"preguntas.csv, fila 3, {expected}"
    assert [line[2 : 2 + len(place)] for line in told(made)][:1] == [place]
    assert len({problem.spot for problem in made.problems}) == 1


def test_sheet_with_a_wrong_row_writes_nothing_and_reports_every_mistake(tmp_path: Path) -> None:
    wrong = {"pregunta": "", "variantes": "podar un arbol", "fuente": "http://x.cl", "respuesta": "<i>x"}
    made = planned(tmp_path, OTHER, ROW | wrong)
    assert made.files == {}
    assert [problem.spot.words for problem in made.problems] == [
        "fila 3, columna B (pregunta)",
        "fila 3, columna C (respuesta)",
        "fila 3, columna D (variantes)",
        "fila 3, columna F (fuente)",
    ]
    assert "«podar un arbol» también está en la fila 2" in told(made)[2]


def test_two_rows_with_one_id_are_reported(tmp_path: Path) -> None:
    made = planned(tmp_path, ROW, OTHER | {"id": ROW["id"]})
    assert "fila 3, columna A (id): El id «pago-patente» ya está en la fila 2." in told(made)[0]


def test_question_of_another_entry_is_reported(tmp_path: Path) -> None:
    write_folder(tmp_path / "faq", ["bache"])
    made = planned(tmp_path, ROW | {"pregunta": "hay un hoyo en mi calle"})
    said = "«hay un hoyo en mi calle» también está en «¿Cómo aviso de un hoyo en la calle?»: a quien"
    assert f"fila 2, columna B (pregunta): {said}" in told(made)[0]


def test_existing_file_is_replaced_only_with_the_option(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "faq", ["bache", "chip"])
    row = ROW | {"id": "bache", "tema": "calle", "variantes": "hay un hoyo en mi calle"}
    refused = planned(tmp_path, row)
    assert "fila 2, columna A (id): Ya hay una respuesta «bache» en calle/bache.md." in told(refused)[0]
    made = planned(tmp_path, row, OTHER, replace=True)
    assert (told(made), made.replaced, set(made.files)) == ([], {"calle/bache.md"}, {"calle/bache.md", "aseo/poda.md"})
    chip = (folder / "calle" / "chip.md").read_bytes()
    save(made.files, folder)
    assert (folder / "calle" / "chip.md").read_bytes() == chip
    assert [entry.id for entry in load_folder(folder, agency().teams, today=TODAY).entries] == ["poda", "bache", "chip"]
    assert sorted(path.name for path in folder.rglob("*.*")) == ["bache.md", "chip.md", "poda.md"]


def test_more_variants_than_a_dozen_go_beside_the_entry(tmp_path: Path) -> None:
    many = [f"pagar la patente número {number}" for number in range(15)]
    made = planned(tmp_path, ROW | {"variantes": "|".join(many)})
    assert (set(made.files), made.fresh) == ({"rentas/pago-patente.md", "rentas/pago-patente.frases.txt"}, 1)
    assert made.files["rentas/pago-patente.frases.txt"].decode() == "".join(
        f"{text}  # desde preguntas.csv\n" for text in many[12:]
    )
    assert entries(made)[0].variants == tuple(many)
    save(made.files, tmp_path / "faq")
    again = planned(tmp_path, ROW, replace=True)
    assert (len(again.replaced), again.fresh) == (1, 0)
    save(again.files, tmp_path / "faq")
    assert [path.name for path in (tmp_path / "faq" / "rentas").iterdir()] == ["pago-patente.md"]


def test_counterexamples_stay_unless_the_sheet_has_a_column_for_them(tmp_path: Path) -> None:
    denied, beside = "no responde: ya pagué  # Ana\n", "rentas/pago-patente.frases.txt"
    save(planned(tmp_path, ROW).files, tmp_path / "faq")
    (tmp_path / "faq" / beside).write_text(f"una forma más\n{denied}")
    assert planned(tmp_path, ROW, replace=True).files[beside].decode() == denied
    many = "|".join(f"forma {number}" for number in range(13))
    assert planned(tmp_path, ROW | {"variantes": many}, replace=True).files[beside].decode() == (
        f"forma 12  # desde preguntas.csv\n{denied}"
    )
    row = ROW | {"no_responde": "me cobraron dos veces|No responde: perdí el comprobante\nme cobraron dos veces"}
    (entry,) = entries(planned(tmp_path, row, replace=True))
    assert entry.counterexamples == ("me cobraron dos veces", "perdí el comprobante")
    assert planned(tmp_path, ROW | {"no_responde": ""}, replace=True).files[beside] == b""


def test_counterexample_in_the_column_of_variants_is_no_variant(tmp_path: Path) -> None:
    row = ROW | {"variantes": "donde pago la patente|No responde: ya pagué\n- no responde : Ya pagué"}
    (entry,) = entries(planned(tmp_path, row))
    assert (entry.variants, entry.counterexamples) == (("donde pago la patente",), ("ya pagué",))
    save(planned(tmp_path, row).files, tmp_path / "faq")
    beside = "rentas/pago-patente.frases.txt"
    (tmp_path / "faq" / beside).write_text("no responde: ya pagué  # Ana\n")
    assert planned(tmp_path, row, replace=True).files[beside] == b"no responde: ya pagu\xc3\xa9  # Ana\n"
    only = planned(tmp_path, ROW | {"variantes": "no responde: ya pagué"}, replace=True)
    (entry,) = load_files(only.files, agency().teams, today=TODAY).entries
    assert (entry.variants, entry.counterexamples) == ((ROW["pregunta"],), ("ya pagué",))


def test_an_entry_never_stands_in_two_topics(tmp_path: Path) -> None:
    write_folder(tmp_path / "faq", ["bache"])
    made = planned(tmp_path, ROW | {"id": "bache"}, replace=True)
    assert "fila 2, columna E (tema): La respuesta «bache» ya existe en otro tema: calle/bache.md." in told(made)[0]


def test_same_sheet_without_ids_returns_to_the_same_files(tmp_path: Path) -> None:
    rows = [{name: text for name, text in row.items() if name != "id"} for row in (ROW, OTHER)]
    made = planned(tmp_path, *rows)
    save(made.files, tmp_path / "faq")
    assert "fila 2: Ya hay una respuesta «como-pago-la-patente»" in told(planned(tmp_path, *rows))[0]
    again = planned(tmp_path, *rows, replace=True)
    assert (again.files, again.replaced) == (made.files, set(made.files))


def test_example_of_the_editors_guide_is_a_valid_sheet(tmp_path: Path) -> None:
    guide = (ROOT / "docs" / "guia-editores.md").read_text(encoding="utf-8")
    table = guide.partition("\n| id | pregunta |")[2].partition("\n\n")[0]
    rows = [
        [cell.strip(" `").replace("\\|", "|") for cell in CELL.split(line)[1:-1]] for line in table.splitlines()[2:]
    ]
    assert [entry.id for entry in entries(planned(tmp_path, *[dict(zip(ROW, row, strict=True)) for row in rows]))] == [
        "quien-poda-los-arboles-de-la-calle",
        "patente-pago",
    ]


HARD = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1) | st.sampled_from(
    [
        "---",
        "- a",
        "a: b",
        "a #b",
        '"a"',
        "'a'",
        "a\n---\nb",
        "@a",
        "{a}",
        "null",
        "12:30",
        "% a",
        "|",
        "…",
        "\\n",
        "- - a",
    ]
)


@settings(max_examples=100, deadline=None)
@example(question=" ", variants=["0"], body="0")
@given(question=HARD, variants=st.lists(HARD, min_size=1), body=HARD)
def test_written_entry_is_read_back_unchanged(question: str, variants: list[str], body: str) -> None:
    def line(text: str) -> str:
        return " ".join(text.split())

    fields = {
        "id": "x",
        "pregunta": question,
        "variantes": [text for text in variants if line(text)],
        "tema": "t",
        "equipo": "a",
        "fuente": "https://x.cl",
        "responsable": question,
        "revisado": "2026-11-24",
    }
    found = Found("t/x.md")
    header = read(written(fields, body), found)
    assert header is not None and found.problems == []
    assert header.body == body.strip()
    assert {name: value.text for name, value in header.fields.items() if name != "variantes"} == {
        name: line(str(value)) for name, value in fields.items() if name != "variantes" and line(str(value))
    }
    utterances = header.fields["variantes"].node.value if "variantes" in header.fields else []
    assert [node.value for node in utterances] == [line(text) for text in fields["variantes"]]


def test_questions_of_a_page_are_counted_as_people_see_them(tmp_path: Path) -> None:
    asked = "".join(f"<dt>{one}</dt><dd>Mil pesos.</dd>" for one in ("¿Cuánto vale?", "¿Dónde?"))
    page = tmp_path / "preguntas.html"
    page.write_text(f"<dl>{asked}</dl>", encoding="utf-8")
    found, blanks = SheetFound(), {"tema": "rentas", "fuente": "https://www.losaromos.example/patente"}
    table = sheet.read(page, found, blanks)
    assert table
    lines = told(plan_of(table, page.name, Target(tmp_path / "faq", agency(), TODAY, False), found))
    assert [line.split(": ")[0] for line in lines] == [f"• preguntas.csv, pregunta {n}" for n in (1, 2)]
    assert (table.lines[1].label, table.lines[1].label_of(2)) == ("pregunta 2", "pregunta 1")


def test_row_that_repeats_another_is_left_out(tmp_path: Path) -> None:
    made = planned(tmp_path, ROW | {"id": ""}, OTHER, ROW | {"id": ""})
    said = "preguntas.csv, fila 4, columna B (pregunta): Dice lo mismo que la fila 2 y no se trae."
    assert (made.fresh, made.errors, made.repeated) == (2, 0, {4: 2})
    assert [line[2:] for line in told(made)] == [f"{said} Bórrala de la planilla."]


@pytest.mark.parametrize("below", [{}, {"pregunta": "", "respuesta": ""}, dict.fromkeys(ROW, "")])
def test_rows_that_only_add_wordings_are_one_entry(tmp_path: Path, below: dict[str, str]) -> None:
    said = ("cuánto vale la patente", "pagar la patente; dónde la pago", "la patente del negocio")
    first, *others = ({**ROW, "id": "", "variantes": one} for one in said)
    made = planned(tmp_path, first, *({**one, **below, "variantes": one["variantes"]} for one in others), OTHER)
    patente, poda = sorted(entries(made), key=lambda one: one.id)
    assert patente.variants == ("cuánto vale la patente", "pagar la patente", "dónde la pago", "la patente del negocio")
    assert (poda.variants, [problem.spot.row for problem in made.problems]) == (("podar un arbol",), [2])
    assert "Se juntan 3 filas" in told(made)[0]


def test_question_and_answer_merged_over_the_rows_of_their_wordings_are_one_entry(tmp_path: Path) -> None:
    book = Workbook()
    names = ("pregunta", "respuesta", "variantes", "tema", "fuente")
    for row in (names, [ROW[name] for name in names], ["", "", "otra"], ["", "", "otra más"]):
        book.active.append(row)
    for column in "ABDE":
        book.active.merge_cells(f"{column}2:{column}4")
    book.save(tmp_path / "preguntas.xlsx")
    made = plan(tmp_path / "preguntas.xlsx", Target(tmp_path / "faq", agency(), TODAY))
    assert [one.variants[2:] for one in entries(made)] == [("otra", "otra más")]


def test_cells_of_a_workbook_are_taken_as_people_see_them(tmp_path: Path) -> None:
    book = Workbook()
    for row in (
        ("pregunta", "respuesta", "variantes", "tema", "fuente", "vence"),
        ("1. ¿Cuánto descuentan?", 0.15, "1) cuanto descuentan\n2) hay rebaja", "pagos", "Ver", date(2027, 1, 31)),
        (
            "2. ¿Dónde reservo?",
            "Reserva aquí",
            "donde reservo, a que hora, que dia",
            "pagos",
            "https://x.example/b",
            None,
        ),
    ):
        book.active.append(row)
    book.active["B2"].number_format = "0%"
    book.active["E2"].hyperlink = "https://x.example/pagos"
    book.active["B3"].hyperlink = "https://x.example/hora"
    book.save(tmp_path / "preguntas.xlsx")
    made = plan(tmp_path / "preguntas.xlsx", Target(tmp_path / "faq", agency(), TODAY))
    rebate, booking = entries(made)
    assert (rebate.id, rebate.question, rebate.body) == ("cuanto-descuentan", "¿Cuánto descuentan?", "15%")
    assert (rebate.variants, rebate.source.url) == (("hay rebaja",), "https://x.example/pagos")
    assert (booking.body, rebate.expires) == ("[Reserva aquí](https://x.example/hora)", date(2027, 1, 31))
    assert "se toma como una sola forma" in told(made)[-1]


def test_row_with_another_answer_or_without_wordings_is_not_joined(tmp_path: Path) -> None:
    other = {"id": "", "respuesta": "En línea.", "variantes": "otra"}
    assert len(planned(tmp_path, ROW, ROW | other).paths) == 2
    assert "en blanco" in told(planned(tmp_path, ROW, dict.fromkeys(ROW, "") | {"tema": "rentas"}))[0]


def test_question_in_capitals_is_imported_in_small_letters_and_reported(tmp_path: Path) -> None:
    made = planned(tmp_path, ROW | {"pregunta": "¿CÓMO PAGO LA PATENTE?"})
    assert [one.question for one in entries(made)] == ["¿Cómo pago la patente?"]
    assert "La pregunta está en mayúsculas. Se trae así: «¿Cómo pago la patente?»" in told(made)[0]


def test_note_in_an_answer_is_advice_on_its_cell(tmp_path: Path) -> None:
    made = planned(tmp_path, ROW | {"respuesta": "Llama al ____"})
    assert [one.spot.name for one in made.problems if "recado" in one.message] == ["respuesta"]
