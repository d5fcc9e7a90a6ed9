"""Tests reading a spreadsheet from any program as its author sees it; unreadable ones are reported."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from bot.faq.entries.schema import field_names
from bot.faq.imports import sheet
from bot.faq.imports.columns import Columns, guess
from bot.faq.imports.sheet import Sheet, names, read
from bot.faq.imports.sheet_cell import MAX_CHARACTERS, Cell, Row, wordings_in
from bot.faq.imports.sheet_problem import SheetFound

HEADING = ("pregunta", "respuesta", "variantes", "tema", "fuente")
FIRST = ("¿Cómo pago?", "En la caja.", "donde pago", "rentas", "https://x.cl/a")


def read_file(path: Path) -> tuple[Sheet | None, list[str]]:
    found = SheetFound()
    table = read(path, found)
    return table, [problem.line(path.name) for problem in found.problems]


def read_bytes(tmp_path: Path, content: bytes, name: str = "preguntas.csv") -> tuple[Sheet | None, list[str]]:
    (tmp_path / name).write_bytes(content)
    return read_file(tmp_path / name)


def book(tmp_path: Path, *rows: tuple[Any, ...], heading: tuple[Any, ...] = HEADING) -> tuple[Workbook, Path]:
    made = Workbook()
    for row in (heading, *rows):
        made.active.append(row)  # type: ignore[union-attr]
    return made, tmp_path / "preguntas.xlsx"


@cache
def whole_book() -> bytes:
    """Returns a workbook of one row, created once for all examples."""
    made, content = book(Path(), FIRST)[0], BytesIO()
    made.save(content)
    return content.getvalue()


def read_rows(tmp_path: Path, *rows: tuple[Any, ...]) -> tuple[Sheet | None, list[str]]:
    made, path = book(tmp_path, *rows)
    made.save(path)
    return read_file(path)


def texts(table: Sheet | None, name: str) -> list[str]:
    assert table is not None
    return [line.text(name) for line in table.lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_every_csv_dialect_gives_the_same(tmp_path: Path, encoding: str, delimiter: str, line_end: str) -> None:
    row = ("¿Cómo pago?", '"Uno; dos, ""tres""\n\n- ñandú"', "dónde pago | cuánto es", "rentas", "https://x.cl/a")
    content = line_end.join(delimiter.join(cells) for cells in (HEADING, row)) + line_end
    table, problems = read_bytes(tmp_path, content.encode(encoding))
    assert problems == []
    assert texts(table, "respuesta") == ['Uno; dos, "tres"\n\n- ñandú']
    assert texts(table, "variantes") == ["dónde pago | cuánto es"]


def test_headings_match_regardless_of_case_accents_and_spaces(tmp_path: Path) -> None:
    table, problems = read_bytes(
        tmp_path, " PREGUNTA ;Respuesta;Váriantes;TEMA;Fuente;Fuente Nombre;Id;Nota\na;b;c;d;e;f;g;h\n".encode()
    )
    assert problems == []
    assert table is not None and table.unused == ("Nota",)
    assert [texts(table, name) for name in ("fuente_nombre", "id", "tema")] == [["f"], ["g"], ["d"]]


@pytest.mark.parametrize(
    "headings",
    [
        "Variantes;Variante 2;variante n° 3",
        "Cómo lo preguntan;Otra forma;Otra forma más",
        "Forma de preguntar 1;Forma de preguntar 2;Forma de preguntar 3",
    ],
)
def test_utterances_in_several_columns_are_all_read(tmp_path: Path, headings: str) -> None:
    content = f"pregunta;respuesta;{headings};Ejemplos;tema;fuente\n¿A?;b;uno;;dos | tres;Un plano;t;https://x.cl/a\n"
    table, problems = read_bytes(tmp_path, content.encode())
    assert problems == [] and table is not None
    assert (texts(table, "variantes"), table.unused) == (["uno\ndos\ntres"], ("Ejemplos",))


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("Ejemplo 1;Ejemplo 2;Sinónimos", "uno\ndos"),
        ("Ejemplos 1;Variantes;Ejemplo", "dos"),
    ],
)
def test_columns_that_may_be_of_anything_are_read_only_without_others(
    tmp_path: Path, headings: str, expected: str
) -> None:
    content = f"pregunta;respuesta;{headings};tema;fuente\n¿A?;b;uno;dos;tres;t;https://x.cl/a\n"
    assert texts(read_bytes(tmp_path, content.encode())[0], "variantes") == [expected]


def test_column_of_utterances_that_somebody_chose_is_read_alone(tmp_path: Path) -> None:
    content = "pregunta;respuesta;Otra forma;Otra forma 2;Palabras;tema;fuente\n¿A?;b;uno;dos;tres;t;https://x.cl/a\n"
    found = SheetFound()
    rows = sheet.rows_of("preguntas.csv", content.encode(), found)
    assert rows is not None
    guessed = guess(rows)
    table = sheet.sheet_of(rows, guessed, found, {})
    assert table is not None and (texts(table, "variantes"), table.joined) == (["uno\ndos"], ("Otra forma 2",))
    chosen = sheet.sheet_of(rows, Columns(guessed.index, {**guessed.of, "variantes": 5}), found, {})
    assert chosen is not None and (texts(chosen, "variantes"), chosen.joined) == (["tres"], ())
    assert chosen.unused == ("Otra forma", "Otra forma 2")


def test_every_heading_but_the_answer_is_a_field_of_an_entry() -> None:
    assert {*field_names(), "respuesta", "no_responde"} == set(names())


def test_rows_have_the_numbers_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    content = 'Preguntas 2026;;;;\n\npregunta;respuesta;variantes;tema;fuente\na;"b\nc";d;e;f\n;;;;\n\ng;h;i;j;k\n'
    table, _ = read_bytes(tmp_path, content.encode())
    assert table is not None
    assert [line.row for line in table.lines] == [4, 7]
    assert table.lines[0].spot("respuesta").words == "fila 4, columna B (respuesta)"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "La planilla está vacía."),
        (b";;;\n\n", "La planilla está vacía."),
        (b"pregunta;respuesta;variantes;tema;fuente\n", "fila 1: No hay ninguna pregunta debajo de los títulos."),
        (b"pregunta;respuesta;tema\na;b;c\n", "fila 1: No encuentro las columnas: fuente."),
        (b"pregunta;respuesta;variantes;tema;fuente;Tema\na;b;c;d;e;f\n", "fila 1, columna F (Tema): Hay otra columna"),
        (b"pregunta,respuesta,variantes,tema,fuente\na,b,c, d,e,f\n", "fila 2, columna F: Este valor est"),
        (b'pregunta;respuesta;variantes;tema;fuente\na;b;c;d;e\na;"b;c\n', "fila 3: Hay comillas que no se abren"),
        (b'pregunta;respuesta;variantes;tema;fuente\na;"b"c;d;e;f\n', "fila 2: Hay comillas que no se abren"),
        (
            b"pregunta;respuesta;variantes;tema;fuente\na;" + b"palabra " * 20_000 + b";c;d;e\n",
            "fila 2: Una celda pasa de 131072 caracteres. Si a la celda le falta la comilla",
        ),
        (
            "pregunta;respuesta;variantes;tema;fuente\na;b;c;d;e\n".encode("utf-16"),
            "no es un CSV que se pueda leer. Ábrelo en Excel o LibreOffice, elige «Guardar como» y escoge «CSV UTF-8",
        ),
        (b"p\0regunta;respuesta", "El archivo no es un CSV que se pueda leer."),
        (b"pregunta;respuesta \x81", "El archivo no es un CSV que se pueda leer."),
    ],
)
def test_unreadable_csv_is_explained(tmp_path: Path, content: bytes, expected: str) -> None:
    _, problems = read_bytes(tmp_path, content)
    assert len(problems) == 1
    assert expected in problems[0]


@pytest.mark.parametrize("name", ["preguntas.xls", "preguntas.ods", "preguntas.numbers", "preguntas.xlsm", "preguntas"])
def test_other_formats_come_with_how_to_save_them(tmp_path: Path, name: str) -> None:
    table, problems = read_bytes(tmp_path, b"x", name)
    assert table is None
    assert "«Guardar como» y escoge «Libro de Excel (.xlsx)» o «Documento de Word (.docx)»" in problems[0]


@pytest.mark.parametrize("content", [b"", b"pregunta;respuesta", b"\xd0\xcf\x11\xe0 old or locked", b"PK\x03\x04 cut"])
def test_file_with_only_the_name_of_a_workbook_is_reported(tmp_path: Path, content: bytes) -> None:
    table, problems = read_bytes(tmp_path, content, "preguntas.xlsx")
    assert table is None
    assert "tiene contraseña o no es una planilla .xlsx" in problems[0]


def test_missing_file_is_reported(tmp_path: Path) -> None:
    assert "No hay ningún archivo con ese nombre." in read_file(tmp_path / "nada.csv")[1][0]
    (tmp_path / "carpeta.xlsx").mkdir()
    assert "No hay ningún archivo con ese nombre." in read_file(tmp_path / "carpeta.xlsx")[1][0]


def test_sizes_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MAX_ROWS", 2)
    few = b"pregunta;respuesta;variantes;tema;fuente\n" + b"a;b;c;d;e\n" * 2
    assert read_bytes(tmp_path, few)[1] == []
    assert "tiene más de 2 preguntas" in read_bytes(tmp_path, few + b"a;b;c;d;e\n")[1][0]
    monkeypatch.setattr(sheet, "MAX_BYTES", len(few) - 1)
    assert "La planilla pesa más de" in read_bytes(tmp_path, few)[1][0]


def test_zip_bomb_workbook_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.faq.imports.sheet_excel.MAX_UNPACKED_BYTES", 1000)
    assert "al abrirlo" in read_rows(tmp_path, FIRST)[1][0]


def test_workbook_cells_are_text(tmp_path: Path) -> None:
    values = (
        12,
        12.0,
        0.5,
        True,
        date(2026, 11, 30),
        datetime(2026, 11, 30),
        datetime(2026, 11, 30, 9, 5),
        time(8, 30),
    )
    table, problems = read_rows(tmp_path, *[(value, *FIRST[1:]) for value in values])
    assert problems == []
    expected = ["12", "12", "0.5", "VERDADERO", "30-11-2026", "30-11-2026", "30-11-2026 09:05", "8:30"]
    assert texts(table, "pregunta") == expected


def test_line_breaks_and_hard_spaces_of_a_workbook_are_normalized(tmp_path: Path) -> None:
    table, _ = read_rows(tmp_path, ("¿Cómo\u00a0pago? ", "uno_x000D_\ndos_x000B_tres", *FIRST[2:]))
    assert (texts(table, "pregunta"), texts(table, "respuesta")) == (["¿Cómo pago?"], ["uno\ndos\ntres"])


def test_merged_cell_fills_each_of_its_rows(tmp_path: Path) -> None:
    second = ("¿Otra?", "Sí.", "otra", None, None)
    made, path = book(
        tmp_path, ("Guía", *FIRST[1:]), second, (None,) * 5, ("¿Tercera?", "No.", "tres", "aseo", "https://")
    )
    made.active.merge_cells("D2:D4")  # type: ignore[union-attr]
    made.active.merge_cells("E2:E3")  # type: ignore[union-attr]
    made.save(path)
    table, _ = read_file(path)
    assert texts(table, "tema") == ["rentas", "rentas", "aseo"]
    assert texts(table, "fuente") == ["https://x.cl/a", "https://x.cl/a", "https://"]


def test_title_merged_over_the_headings_is_no_heading(tmp_path: Path) -> None:
    made, path = book(tmp_path, HEADING, FIRST, heading=("Preguntas de Rentas",))
    made.active.merge_cells("A1:E1")  # type: ignore[union-attr]
    made.save(path)
    table, problems = read_file(path)
    assert (problems, texts(table, "pregunta")) == ([], ["¿Cómo pago?"])


def test_first_visible_sheet_is_read(tmp_path: Path) -> None:
    made, path = book(tmp_path, FIRST)
    hidden = made.create_sheet("listas", 0)
    hidden.append(["x"])
    hidden.sheet_state = "hidden"
    made.create_sheet("notas").append(["y"])
    made.save(path)
    assert texts(read_file(path)[0], "pregunta") == ["¿Cómo pago?"]


def test_formulas_show_their_result_or_are_reported(tmp_path: Path) -> None:
    table, _ = read_rows(tmp_path, ('="a"&"b"', *FIRST[1:]), ("#N/A", *FIRST[1:]))
    assert table is not None
    assert [line.cells["pregunta"][1].trouble for line in table.lines] == ["formula_sin_valor", "formula_con_error"]


def test_formula_counts_as_its_last_result(tmp_path: Path) -> None:
    made, path = book(tmp_path, ('="a"&"b"', *FIRST[1:]))
    made.save(tmp_path / "made.xlsx")
    with ZipFile(tmp_path / "made.xlsx") as old, ZipFile(path, "w") as new:
        for name in old.namelist():
            part = re.sub(rb'<c r="A2"[^>]*>(<f>.*?</f>)<v ?/>', rb'<c r="A2" t="str">\1<v>ab</v>', old.read(name))
            new.writestr(name, part)
    assert (texts(read_file(path)[0], "pregunta"), read_file(path)[1]) == (["ab"], [])


def test_formatting_down_to_the_last_row_costs_nothing(tmp_path: Path) -> None:
    made, path = book(tmp_path, FIRST)
    made.active.cell(1_048_576, 16_384).number_format = "0.00"  # type: ignore[union-attr]
    made.save(path)
    assert texts(read_file(path)[0], "pregunta") == ["¿Cómo pago?"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1), damage=st.binary(max_size=40))
@example(at=0.999128637338484, damage=b" ")
def test_no_damage_to_a_workbook_raises(tmp_path: Path, at: float, damage: bytes) -> None:
    path, whole = tmp_path / "preguntas.xlsx", whole_book()
    place = int(at * len(whole))
    path.write_bytes(whole[:place] + damage + whole[place + len(damage) :])
    read_file(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_no_bytes_of_a_csv_raise(tmp_path: Path, content: bytes) -> None:
    read_bytes(tmp_path, b"pregunta;respuesta;variantes;tema;fuente\n" + content)


OFFICE = (
    "N°",
    "Lo que preguntan",
    "Lo que hay que contestar",
    "Otras maneras en q lo dicen",
    "Dónde sale",
    "Dura hasta",
)
OF_OFFICE = {"pregunta": 2, "respuesta": 3, "variantes": 4, "fuente": 5, "vence": 6}


@pytest.mark.parametrize(
    ("headings", "cells", "columns"),
    [
        (OFFICE, (1, "¿Cuánto vale?", "Mil.", "el precio", "www.x.cl/a", "30/04/2027"), OF_OFFICE),
        (("Consulta", "Respuesta", "Sitio donde dicen"), ("¿A?", "Sí.", "la oficina"), {"pregunta": 1, "respuesta": 2}),
        (("Consulta", "Respuesta", "Formas de pago"), ("¿A?", "Sí.", "efectivo"), {"pregunta": 1, "respuesta": 2}),
        (("Consulta", "Respuesta", "Atiende hasta"), ("¿A?", "Sí.", "las 14 horas"), {"pregunta": 1, "respuesta": 2}),
    ],
)
def test_columns_are_recognized_by_words_of_the_heading_and_by_content(
    headings: tuple[str, ...], cells: tuple[Any, ...], columns: dict[str, int]
) -> None:
    rows = [Row(number, tuple(Cell(str(one)) for one in row)) for number, row in enumerate((headings, cells), start=4)]
    assert guess(rows).of == columns


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("Vigente desde", ("01/03/2026", "01/03/2026", "02/03/2026")),
        ("Inicio de vigencia", ("01/03/2026", "01/03/2026", "02/03/2026")),
        ("Imagen", ("https://x.cl/a.png", "https://x.cl/b.png", "https://x.cl/c.png")),
        ("Forma de consulta", ("presencial", "por teléfono", "en línea")),
        ("Formas de consulta", ("presencial", "por teléfono", "presencial", "presencial")),
        ("También se abre en diciembre, consultorio", ("sí", "no", "sí", "sí")),
    ],
)
def test_columns_of_something_else_are_left_out(heading: str, cells: tuple[str, ...]) -> None:
    table = [("Consulta", "Respuesta", heading), *((f"¿{number}?", "Sí.", cell) for number, cell in enumerate(cells))]
    rows = [Row(number, tuple(map(Cell, row))) for number, row in enumerate(table, start=1)]
    assert guess(rows).of == {"pregunta": 1, "respuesta": 2}


def test_yaml_whose_references_stand_for_billions_of_words_is_refused(tmp_path: Path) -> None:
    levels = [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    text = "\n".join(["a0: &a0 [x, x]", *levels, "nlu:", "- intent: q", "  examples:", "  - *a11"])
    (tmp_path / "datos.yml").write_text(text)
    assert read_file(tmp_path / "datos.yml")[1][0].startswith("✗ datos.yml: El archivo usa referencias de YAML")
    plain = "nlu:\n- intent: q\n  examples: |\n    - *hola* amigo\n    - *buenas*\n"
    (tmp_path / "datos.yml").write_text(plain)
    assert not any("referencias" in one for one in read_file(tmp_path / "datos.yml")[1])


def test_too_long_cell_or_file_is_refused_in_every_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = tmp_path / "preguntas.json"
    page.write_text('[{"pregunta": "¿A?", "respuesta": "' + "a" * (MAX_CHARACTERS + 1) + '"}]')
    assert "Una celda pasa de 131072 caracteres." in read_file(page)[1][0]
    monkeypatch.setattr(sheet, "MAX_TOTAL_CHARACTERS", 10)
    assert "al abrirlo" in read_rows(tmp_path, FIRST)[1][0]


def test_zip_of_many_large_files_is_refused_by_its_declared_size(tmp_path: Path) -> None:
    with ZipFile(tmp_path / "a.zip", "w", ZIP_DEFLATED) as archive:
        for number in range(400):
            archive.writestr(f"t/{number}.md", "¿a?\n" + "a" * 70_000)
    assert "El archivo ocupa más de 20 MB al abrirlo." in read_file(tmp_path / "a.zip")[1][0]


def test_numbers_before_questions_and_wordings_are_left_out_and_no_other(tmp_path: Path) -> None:
    lines = (
        "pregunta;respuesta;variantes;tema;fuente",
        "1. ¿Cómo postulo a 1° básico?;a;1. para 1° medio | 2. para el 60) avo;t;https://x.cl/a",
        "2. ¿Y la ley 21. de copago?;b;otra;t;https://x.cl/a",
    )
    table, problems = read_bytes(tmp_path, "\n".join(lines).encode())
    assert problems == [] and table is not None
    assert texts(table, "pregunta") == ["¿Cómo postulo a 1° básico?", "¿Y la ley 21. de copago?"]
    assert wordings_in("1. para 1° medio | 2. para el 60) avo") == ["para 1° medio", "para el 60) avo"]
