"""Tests reading workbooks: cells as a person sees them, invalid files refused without unpacking them."""

from __future__ import annotations

import io
import re
import resource
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from bot.faq.imports import page_source, sheet_excel
from bot.faq.imports.sheet_cell import MAX_COLUMNS, Cell, Row
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.imports.tables import shown_values


def saved(folder: Path, book: Workbook) -> Path:
    path = folder / "preguntas.xlsx"
    book.save(path)
    return path


def cells(path: Path) -> list[list[tuple[str, str]]] | None:
    rows = sheet_excel.rows(path.read_bytes(), None, SheetFound())
    return None if rows is None else [[(cell.text, cell.trouble) for cell in row.cells] for row in rows]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  ñandú 🦙 ", "ñandú 🦙"),
        ("uno_x000D_\ndos", "uno\ndos"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (-0.0, "0"),
        (56976543211.0, "56976543211"),
        (True, "VERDADERO"),
        (False, "FALSO"),
        (date(2026, 11, 30), "30-11-2026"),
        (datetime(2026, 11, 30), "30-11-2026"),
        (datetime(2026, 11, 30, 8, 5), "30-11-2026 08:05"),
        (time(8, 30), "8:30"),
    ],
)
def test_value_is_what_a_person_would_type(tmp_path: Path, value: Any, text: str) -> None:
    book = Workbook()
    book.active["A1"] = value
    assert cells(saved(tmp_path, book)) == [[(text, "")]]


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (0.15, "0%", "15%"),
        (0.155, "0.0 %", "15,5 %"),
        (12500, '"$"#,##0', "$12.500"),
        (12500, "[$$-340A]#,##0;[Red]-[$$-340A]#,##0", "$12.500"),
        (12500.5, '_-"$"* #,##0.00_-;-"$"* #,##0.00_-', "$12.500,50"),
        (-3, '#,##0" UTM"', "-3 UTM"),
        (2.5, "0.##", "2,5"),
        (56976543211, "0", "56976543211"),
        (0.5, "# ?/?", "0.5"),
        (1500, "0.00E+00", "1500"),
    ],
)
def test_number_is_what_its_format_shows(value: float, code: str, text: str) -> None:
    assert shown_values.shown(value, code) == text


def test_link_of_a_cell_is_kept_unless_the_cell_says_it(tmp_path: Path) -> None:
    book, long = Workbook(), "Reserva una hora en la página, y trae tu carnet con la foto de hace un año."
    for row, (text, link) in enumerate(
        [
            ("Reserva aquí", "https://x.example/hora"),
            ("https://x.example/", "https://x.example"),
            ("oirs@x.example", "mailto:oirs@x.example"),
            (long, "https://x.example/hora"),
            ("Otra hoja", "#Hoja2!A1"),
        ],
        start=1,
    ):
        book.active.cell(row, 1, text).hyperlink = link
    read = sheet_excel.rows(saved(tmp_path, book).read_bytes(), None, SheetFound()) or []
    linked = [row.cells[0].linked for row in read]
    whole = f"{long}\n\nhttps://x.example/hora"
    assert linked[:3] == ["[Reserva aquí](https://x.example/hora)", "https://x.example/", "oirs@x.example"]
    assert linked[3:] == [whole, "Otra hoja"]
    assert read[0].cells[0].address == "https://x.example/hora"


def test_error_and_never_calculated_formula_are_reported(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["=1+1", "a"])
    book.active["C1"] = "#N/A"
    assert cells(saved(tmp_path, book)) == [[("", "formula_sin_valor"), ("a", ""), ("#N/A", "formula_con_error")]]


def test_columns_beyond_the_last_are_left_out(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append([str(number) for number in range(MAX_COLUMNS + 1)])
    ((*_, last),) = cells(saved(tmp_path, book)) or [[]]
    assert last == (str(MAX_COLUMNS - 1), "")


def book_of(*sheets: tuple[str, list[list[str]]]) -> Workbook:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return book


COVER = ("Portada", [["Preguntas de boletería, año 2026"], ["No imprimir"]])
ASKED = ["Pregunta", "Respuesta"]


@pytest.mark.parametrize(
    "questions",
    [
        pytest.param([ASKED, ["¿Hay tren?", "Sí."]], id="by headings"),
        pytest.param([["Lo que dicen", "Qué decimos"], ["¿Hay tren?", "Sí."]], id="by question marks"),
    ],
)
def test_sheet_of_questions_behind_a_cover_is_read(tmp_path: Path, questions: list[list[str]]) -> None:
    path = saved(tmp_path, book_of(COVER, ("Boletería y año", questions)))
    assert cells(path) == [[(text, "") for text in row] for row in questions]


def test_merged_cells_of_the_chosen_sheet_count_and_other_sheets_of_questions_are_reported(tmp_path: Path) -> None:
    boarded = [[*ASKED, "Tema"], ["¿Hay tren?", "Sí.", "Viajes"], ["¿Hay bus?", "No.", ""]]
    book = book_of(COVER, ("A bordo", boarded), ("Estación", [ASKED, ["¿Hay auto?", "No."]]))
    book["A bordo"].merge_cells("C2:C3")
    found = SheetFound()
    rows = sheet_excel.rows(saved(tmp_path, book).read_bytes(), None, found)
    assert rows is not None and [row.cells[2].text for row in rows] == ["Tema", "Viajes", "Viajes"]
    assert [one.spot.file for one in found.left_out] == ["Hoja «Estación»"] and "«A bordo»" in found.left_out[0].message


def test_hidden_sheets_are_skipped_and_a_book_of_those_alone_is_refused(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "oculta"
    book.create_sheet()["A1"] = "visible"
    book.worksheets[0].sheet_state = "veryHidden"
    path = saved(tmp_path, book)
    assert cells(path) == [[("visible", "")]]
    rewritten(path, "xl/workbook.xml", b'state="visible"', b'state="hidden"')
    assert cells(path) is None


def test_merged_value_fills_its_rows_even_if_they_are_shorter(tmp_path: Path) -> None:
    book = Workbook()
    for row in (["a", "", "calle"], ["b"], ["c", "d"], ["e", "", "plaza"]):
        book.active.append(row)
    book.active.merge_cells("C1:C3")
    found = cells(saved(tmp_path, book)) or []
    assert [row[2][0] for row in found] == ["calle", "calle", "calle", "plaza"]


def rewritten(path: Path, name: str, before: bytes, after: bytes) -> None:
    """Changes a part of the workbook, as another program may write it."""
    with ZipFile(path) as archive:
        content = {part: archive.read(part) for part in archive.namelist()}
    assert before in content[name]
    content[name] = content[name].replace(before, after)
    with ZipFile(path, "w") as archive:
        for part, written in content.items():
            archive.writestr(part, written)


@pytest.mark.parametrize("ref", [b"B1:B1048576", b"B1:XFD1048576", b"B1:B2"])
def test_merging_down_to_the_last_row_costs_nothing_and_makes_no_rows(tmp_path: Path, ref: bytes) -> None:
    book = Workbook()
    book.active.append(["a", "calle"])
    book.active.append(["b"])
    book.active.merge_cells("B1:B2")
    path = saved(tmp_path, book)
    rewritten(path, "xl/worksheets/sheet1.xml", b"B1:B2", ref)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert cells(path) == [[("a", ""), ("calle", "")], [("b", ""), ("calle", "")]]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


@pytest.mark.parametrize("ref", [b"", b"nonsense", b"B2:B1", b"B0:B9"])
def test_invalid_merged_range_fills_nothing(tmp_path: Path, ref: bytes) -> None:
    book = Workbook()
    book.active.append(["a", "calle"])
    book.active.append(["b"])
    book.active.merge_cells("B1:B2")
    path = saved(tmp_path, book)
    rewritten(path, "xl/worksheets/sheet1.xml", b"B1:B2", ref)
    assert cells(path) in (None, [[("a", ""), ("calle", "")], [("b", ""), ("", "")]])


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"pregunta;respuesta", b"\xd0\xcf\x11\xe0" * 100])
def test_file_that_is_no_workbook_is_reported(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "preguntas.xlsx"
    path.write_bytes(content)
    found = SheetFound()
    assert sheet_excel.rows(path.read_bytes(), None, found) is None
    assert len(found.problems) == 1


def test_zip_bomb_is_refused_by_its_declared_size(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"\0" * (sheet_excel.MAX_UNPACKED_BYTES + 1))
    path = tmp_path / "preguntas.xlsx"
    path.write_bytes(packed.getvalue())
    found = SheetFound()
    assert path.stat().st_size < 1024**2
    assert sheet_excel.rows(path.read_bytes(), None, found) is None
    assert "64" in found.problems[0].message + found.problems[0].fix


@pytest.mark.parametrize(
    "entities",
    [
        '<!ENTITY e SYSTEM "{address}">',
        '<!ENTITY % e SYSTEM "{address}"> %e;',
        "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 20 if n else "mucho"}">' for n in range(8)) + '<!ENTITY e "&e7;">',
    ],
    ids=["outside", "outside, of the declarations", "many times itself"],
)
def test_entity_of_a_sheet_brings_nothing_in(tmp_path: Path, entities: str) -> None:
    secret = tmp_path / "secreto.txt"
    secret.write_text("secreto")
    book = Workbook()
    book.active["A1"] = "uno"
    path, found = saved(tmp_path, book), SheetFound()
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet, head = "xl/worksheets/sheet1.xml", f"<!DOCTYPE worksheet [{entities.format(address=secret.as_uri())}]>"
    said = b'<c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row></sheetData>'
    parts[sheet] = head.encode() + re.sub(rb"<c r=.*</sheetData>", said, parts[sheet])
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert b"&e;" in parts[sheet]
    assert sheet_excel.rows(path.read_bytes(), None, found) is None
    assert len(found.problems) == 1


def test_workbook_of_too_many_cells_is_refused_before_they_are_read(tmp_path: Path) -> None:
    """Eight kilobytes of empty cells took gigabytes as objects."""
    book = Workbook()
    book.active["A1"] = "a"
    path = saved(tmp_path, book)
    many = b'<row r="1">' + b"<c/>" * page_source.MOST_XML_ELEMENTS
    rewritten(path, "xl/worksheets/sheet1.xml", b'<row r="1">', many)
    found = SheetFound()
    assert sheet_excel.rows(path.read_bytes(), None, found) is None
    assert [one.message for one in found.problems] == ["La planilla tiene demasiadas celdas, aunque estén vacías."]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_workbook_whose_entity_is_many_cells_is_refused_before_it_is_read(tmp_path: Path, encoding: str) -> None:
    """Five kilobytes with an entity of 100,000 cells, named forty times, took minutes and over a gigabyte."""
    book = Workbook()
    book.active["A1"] = "a"
    path, sheet = saved(tmp_path, book), "xl/worksheets/sheet1.xml"
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    text = f'<!DOCTYPE x [<!ENTITY e "{"<c/>" * 9}">]>' + parts[sheet].decode().replace("</row>", "&e;" * 9 + "</row>")
    mark = {"utf-8": b"", "utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}[encoding]
    parts[sheet] = mark + text.encode(encoding)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    found = SheetFound()
    assert sheet_excel.rows(path.read_bytes(), None, found) is None
    assert len(found.problems) == 1


SVG = '<!DOCTYPE svg [<!ENTITY ns "http://www.w3.org/2000/svg">]><svg xmlns="&ns;"/>'


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("xl/media/image1.svg", SVG),
        ("xl/media/image1.SVG", SVG),
        ("xl/media/image1.png", f"\x89PNG {SVG}"),
        ("xl/comments1.xml", "<!-- <!DOCTYPE x> --><comments><text><![CDATA[<!DOCTYPE html>]]></text></comments>"),
    ],
    ids=["svg", "capitals", "png", "comments"],
)
def test_workbook_with_a_drawing_or_words_about_document_types_is_read(tmp_path: Path, part: str, content: str) -> None:
    book = Workbook()
    book.active["A1"] = "<!DOCTYPE html>"
    path = saved(tmp_path, book)
    with ZipFile(path, "a") as archive:
        archive.writestr(part, content)
    assert cells(path) == [[("<!DOCTYPE html>", "")]]


def test_sheet_that_calls_itself_a_drawing_is_not_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active["A1"] = "a"
    path, sheet = saved(tmp_path, book), "xl/worksheets/sheet1.xml"
    with ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.svg"] = b"<!DOCTYPE x>" + parts.pop(sheet)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content.replace(b"sheet1.xml", b"sheet1.svg"))
    assert cells(path) is None


def test_each_cell_is_filled_from_one_merged_range_only() -> None:
    """The same long range, again and again, would fill its rows as many times."""
    rows = [Row(number, (Cell("a" if number == 1 else ""),)) for number in range(1, 20_001)]
    filled = sheet_excel._filled_down(rows, [(1, 20_000, 1)] * 20_000)
    assert {row.cells for row in filled} == {(Cell("a"),)}
