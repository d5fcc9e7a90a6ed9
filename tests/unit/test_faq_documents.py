"""Tests reading questions from documents of an office: Word, e-mails, plain texts, and lines of other wordings."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest
from bs4 import BeautifulSoup
from openpyxl.xml.functions import fromstring

from bot.faq.imports import page_source, pasted
from bot.faq.imports.columns import guess
from bot.faq.imports.office import documents
from bot.faq.imports.office.plain_text import MOST_TITLE, page_of_text
from bot.faq.imports.office.word_text import ParagraphText
from bot.faq.imports.page_questions import without_wordings
from bot.faq.imports.sheet import rows_of, sheet_of
from bot.faq.imports.sheet_problem import SheetFound
from bot.faq.imports.tables.question_tables import AGAIN, DEPTH, taken

NAMESPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
RELATIONS = '<Relationships><Relationship Id="rId1" Target="https://tren.example/colegios"/></Relationships>'
TEXT = """De: Rosa
Asunto: RV: preguntas que faltan

Hola, va lo que falta:

1. ¿Se puede fumar en el tren?
R: No, tampoco en los balcones
de los coches.
- En El Túnel hay 10 minutos
- El andén es al aire libre

> ¿Hay wifi? Solo en la estación.

Saludos
Rosa
--
Enviado desde mi teléfono
¿Qué es esto?
Una firma.
"""
LINKED = ("entra aquí", "la web", "más aquí")
ASKED = [
    [
        "¿Se puede fumar en el tren?",
        "No, tampoco en los balcones de los coches.\n\n- En El Túnel hay 10 minutos\n- El andén es al aire libre",
    ],
    ["¿Hay wifi?", "Solo en la estación."],
]


def read(name: str, raw: bytes) -> tuple[list[list[str]], list[str]]:
    found = SheetFound()
    rows = rows_of(name, raw, found) or []
    return [[cell.text for cell in row.cells] for row in rows[1:]], [one.message for one in found.problems]


def word(body: str) -> bytes:
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", f"<w:document {NAMESPACES}><w:body>{body}</w:body></w:document>")
        archive.writestr("word/_rels/document.xml.rels", RELATIONS)
    return content.getvalue()


def line(text: str, properties: str = "", run: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:rPr>{run}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def test_questions_of_a_plain_text_are_read_without_greeting_and_signature() -> None:
    rows, problems = read("pegado.txt", TEXT.encode())
    assert ([row[:2] for row in rows], problems) == (ASKED, [])


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b'Content-Type: text/plain; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n', id="charset"),
        pytest.param(b"Subject: RV\n\n", id="none"),
    ],
)
def test_questions_of_an_e_mail_are_read(head: bytes) -> None:
    assert [row[:2] for row in read("correo.eml", head + TEXT.encode())[0]] == ASKED


def test_word_document_keeps_lists_bold_links_and_tables() -> None:
    bullet = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    linked = '<w:hyperlink r:id="rId1"><w:r><w:t>formulario</w:t></w:r></w:hyperlink>'
    link = f"<w:p><w:r><w:t>Usa el </w:t></w:r>{linked}</w:p>"
    cells = [line("¿Hay comedor?", run="<w:b/>"), line("Sí, en el coche 4.")]
    table = f"<w:tbl><w:tr>{''.join(f'<w:tc>{cell}</w:tc>' for cell in cells)}</w:tr></w:tbl>"
    body = (
        line("Preguntas", '<w:pStyle w:val="Ttulo1"/>')
        + line("1. ¿Cómo se inscribe un colegio?")
        + line("También preguntan: «viaje con mi curso», «gira de estudios».")
        + link
        + line("Lista de alumnos", bullet)
        + line("RUT", bullet, "<w:b/>")
        + table
    )
    rows, problems = read("preguntas.docx", word(body))
    assert problems == []
    assert rows == [
        [
            "¿Cómo se inscribe un colegio?",
            "Usa el [formulario](https://tren.example/colegios)\n\n- Lista de alumnos\n- **RUT**",
            "",
            "viaje con mi curso\ngira de estudios",
        ],
        ["¿Hay comedor?", "Sí, en el coche 4.", "", ""],
    ]


@pytest.mark.parametrize("raw", [b"no es un zip", word("</w:body>")], ids=["no archive", "no XML"])
def test_broken_word_document_is_refused_with_a_way_out(raw: bytes) -> None:
    rows, problems = read("preguntas.docx", raw)
    assert rows == [] and "documento de Word" in problems[0]


def test_word_document_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_PART_BYTES", 10)
    assert "documento de Word" in read("preguntas.docx", word(line("¿Hay tren?") + line("Sí.")))[1][0]


@pytest.mark.parametrize(("most", "answer"), [(2, "- RUT\n- Abono"), (1, "RUT\n\nAbono")])
def test_word_lists_of_a_saved_page_are_made_lists_unless_there_are_too_many_items(
    monkeypatch: pytest.MonkeyPatch, most: int, answer: str
) -> None:
    monkeypatch.setattr(pasted, "MAX_ITEMS", most)
    items = "".join(f"<p style='mso-list:l0 level1 lfo1'>{one}</p>" for one in ("RUT", "Abono"))
    assert read("preguntas.htm", f"<p><b>¿Qué llevo?</b></p>{items}".encode())[0] == [["¿Qué llevo?", answer, ""]]


@pytest.mark.parametrize(
    ("paragraph", "wordings"),
    [
        ("Otras formas: “bici en el tren”, “llevar la cleta”", ["bici en el tren", "llevar la cleta"]),
        ("**También lo preguntan así:** bici en el tren; llevar la cleta.", ["bici en el tren", "llevar la cleta"]),
        ("Otras formas de preguntarlo: bici en el tren, llevar la cleta", ["bici en el tren", "llevar la cleta"]),
        ("Cómo lo dice la gente:\n\n- bici en el tren\n- llevar la cleta", ["bici en el tren", "llevar la cleta"]),
        ("Otras formas de pago: tarjeta, efectivo.", []),
        ("Otras formas: tarjeta, efectivo.", []),
        ("También puedes preguntar en la boletería: abre a las 9:00.", []),
    ],
)
def test_paragraph_of_other_wordings_is_told_from_an_answer(paragraph: str, wordings: list[str]) -> None:
    answer = f"{paragraph}\n\nSí, en el furgón."
    assert without_wordings(answer) == (answer if not wordings else "Sí, en el furgón.", wordings)


def test_line_of_other_wordings_right_below_an_answer_in_an_email_is_no_part_of_it() -> None:
    body = '¿Prestan casco?\nNo, se vende.\nOtras formas: "hay casco", "arriendan casco"\n\nSaludos,\nLuis\n'
    mail = f"Content-Type: text/plain; charset=utf-8\nSubject: casco\n\nHola:\n\n{body}".encode()
    rows = documents.rows_of_mail(mail, None, SheetFound())
    assert rows is not None
    assert [cell.text for cell in rows[1].cells] == [
        "¿Prestan casco?",
        "No, se vende.",
        "",
        "hay casco\narriendan casco",
    ]


def test_word_document_of_very_many_elements_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "fromstring", None)  # parsing it would fail
    found = SheetFound()
    assert documents.rows_of_word(word("<w:p/>" * (page_source.MOST_XML_ELEMENTS + 1)), None, found) is None
    assert len(found.problems) == 1


def test_word_document_that_defines_entities_is_refused_before_it_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "fromstring", None)
    content, found = io.BytesIO(), SheetFound()
    with ZipFile(content, "w") as archive:
        archive.writestr("word/document.xml", f'<!DOCTYPE x [<!ENTITY e "{"<w:p/>" * 9}">]><w:document {NAMESPACES}/>')
    assert documents.rows_of_word(content.getvalue(), None, found) is None
    assert len(found.problems) == 1


SPLIT = "<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>{0}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{1}</w:t></w:r></w:p>"
PARAGRAPH = "<w:p><w:r><w:t>{0}</w:t></w:r></w:p>"
NUMBERED = [
    ["¿A qué hora abre la boletería?", "A las once."],
    ["VALOR DE LAS ENTRADAS", "Platea, $12.000."],
    ["¿Dónde dejo el auto?", "En la calle."],
]


def test_word_that_is_split_into_runs_stays_whole_and_a_numbered_title_asks_among_questions() -> None:
    titles = (
        ("1.- ¿A qué ho", "ra abre la boletería?"),
        ("2.- VAL", "OR DE LAS ENTRADAS"),
        ("3.- ¿Dón", "de dejo el auto?"),
    )
    body = "".join(
        SPLIT.format(*title) + PARAGRAPH.format(answer) for title, (_, answer) in zip(titles, NUMBERED, strict=True)
    )
    assert [row[:2] for row in read("preguntas.docx", word(body))[0]] == NUMBERED


def test_numbered_title_asks_among_the_questions_of_a_text() -> None:
    text = "\n\n".join(f"{number}. {title}\n{answer}" for number, (title, answer) in enumerate(NUMBERED, 1))
    assert [row[:2] for row in read("preguntas.txt", text.encode())[0]] == NUMBERED


def test_numbers_within_an_answer_are_no_questions() -> None:
    text = "1. ¿Qué llevo?\nHay que llevar\n3. Cédula\n4. Foto\n\n2. ¿Dónde es?\nEn la boletería."
    assert len(read("preguntas.txt", text.encode())[0]) == 2


def test_numbered_list_with_blank_lines_stays_in_its_answer() -> None:
    items = "1. Foto carnet\n\n2. Cédula\n\n3. Pago del arancel\n\n4. Poder"
    text = f"1. ¿Dónde es?\nEn la boletería.\n\n2. ¿Qué llevo?\nDebes llevar:\n\n{items}"
    rows = [row[:2] for row in read("preguntas.txt", text.encode())[0]]
    assert rows == [["¿Dónde es?", "En la boletería."], ["¿Qué llevo?", f"Debes llevar:\n\n{items}"]]


MAIL = """¿Cómo saco la licencia de conducir?
Debes hacer lo siguiente:
1. Pedir hora al 63 2 555 100, de lunes a viernes, por teléfono o
en el mesón.
2. Traer el carnet y $12.500 al 2° piso, de 9:00 a 14:00.
Horario: lunes a viernes.

¿Cuánto cuesta el agua?
Casa: $12.500
Local: $18.000
Se paga en la oficina de calle Maipú, que está al lado de la plaza,
en la caja 3. Gratis para quienes tienen
más de 60 años.
Costo: gratis.

¿Dónde es?
En Maipú 20."""


def test_numbered_steps_prices_and_parts_of_a_text_stay_on_lines_of_their_own() -> None:
    first = "1. Pedir hora al 63 2 555 100, de lunes a viernes, por teléfono o en el mesón."
    steps = f"{first}\n2. Traer el carnet y $12.500 al 2° piso, de 9:00 a 14:00."
    paid = "Se paga en la oficina de calle Maipú, que está al lado de la plaza, en la caja 3. Gratis para quienes"
    (_, licence), (_, water), (_, place) = (row[:2] for row in read("pegado.txt", MAIL.encode())[0])
    assert licence == f"Debes hacer lo siguiente:\n\n{steps}\n\nHorario: lunes a viernes."
    lines = [line.rstrip() for line in water.split("\n")]
    assert lines == ["Casa: $12.500", "Local: $18.000", f"{paid} tienen más de 60 años.", "Costo: gratis."]
    assert place == "En Maipú 20."


@pytest.mark.parametrize(("letters", "between"), [(MOST_TITLE - 1, "<br>"), (MOST_TITLE, " ")])
def test_short_line_stays_apart_and_a_long_one_was_wrapped(letters: int, between: str) -> None:
    line = "x" * letters
    assert page_of_text(f"{line}\nVenta", SheetFound()) == f"<p>{line}{between}Venta</p>"
    assert page_of_text(f"{line}\nventa", SheetFound()) == f"<p>{line} venta</p>"


@pytest.mark.parametrize(
    ("html", "question"),
    [
        ("<b>¿A qué ho</b><b>ra abre?</b>", "¿A qué hora abre?"),
        ("<b>¿A qué</b> <b>hora abre?</b>", "¿A qué hora abre?"),
        ("<b><span>01</span><span>¿A qué hora abre?</span></b>", "01 ¿A qué hora abre?"),
        ("<b>¿A qué<br>hora abre?</b>", "¿A qué hora abre?"),
        ("<b><span>¿A qué </span><i>ho</i>ra abre?</b>", "¿A qué hora abre?"),
    ],
)
def test_parts_of_a_word_in_a_saved_page_are_joined_and_words_are_not(html: str, question: str) -> None:
    assert read("preguntas.html", f"<p>{html}</p><p>A las once.</p>".encode())[0][0][0] == question


def test_wordings_below_a_shortened_lead_are_no_part_of_the_answer() -> None:
    answer = "Tb. lo dicen: horario / están abiertos hoy\n\nA las once."
    assert without_wordings(answer) == ("A las once.", ["horario", "están abiertos hoy"])


def test_table_of_prices_in_an_answer_becomes_a_list_that_names_its_columns() -> None:
    rows = (("Ubicación", "General", "3ª edad"), ("Platea", "$12.000", "$8.000"), ("Galería", "$5.000", "$3.500"))
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    page = f"<h3>¿Cuánto vale?</h3><p>Depende:</p><table>{table}</table>"
    listed = "- **Platea:** General: $12.000; 3ª edad: $8.000\n- **Galería:** General: $5.000; 3ª edad: $3.500"
    assert read("precios.html", page.encode())[0][0][1] == f"Depende:\n\n{listed}"


def test_headings_of_a_word_document_right_above_questions_are_their_topics() -> None:
    heading, second = ('<w:pStyle w:val="Heading1"/>', '<w:pStyle w:val="Heading2"/>')
    body = (
        line("Preguntas del puerto", '<w:pStyle w:val="Title"/>')
        + line("Zarpes", heading)
        + line("¿Quién autoriza un zarpe?", second)
        + line("La capitanía.")
        + line("Botes", heading)
        + line("¿Cómo inscribo un bote?")
        + line("En la capitanía, con la factura.")
        + line("Papeles", second)
        + line("Factura y carnet.")
        + line("¿Cuánto vale?")
        + line("Nada.")
    )
    rows, problems = read("puerto.docx", word(body))
    asked = [(row[0], row[-1]) for row in rows]
    zarpes, botes = ("¿Quién autoriza un zarpe?", "Zarpes"), ("¿Cómo inscribo un bote?", "Botes")
    assert (asked, problems) == ([zarpes, botes, ("¿Cuánto vale?", "Botes")], [])


def run(text: str) -> str:
    return f"<w:r><w:t>{text}</w:t></w:r>"


def test_no_part_of_a_sentence_is_lost_in_fields_controls_changes_and_hyphens() -> None:
    mark = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'
    instruction = "<w:r><w:instrText> HYPERLINK &quot;https://x.example/pago&quot; </w:instrText></w:r>"
    field = mark.format("begin") + instruction + mark.format("separate") + run("más aquí") + mark.format("end")
    body = (
        "<w:p><w:r><w:t>Llama al 63</w:t><w:noBreakHyphen/><w:t>2555100 o </w:t></w:r>"
        f'<w:ins><w:hyperlink r:id="rId1">{run("entra aquí")}</w:hyperlink></w:ins>{run(" y paga ")}'
        f"<w:sdt><w:sdtPr/><w:sdtContent>{run('$ 5.000')}</w:sdtContent></w:sdt>{run(' en ')}"
        f"<w:fldSimple w:instr=' HYPERLINK &quot;https://x.example/web&quot; '>{run('la web')}</w:fldSimple>{run('; ')}"
        f"{field}<w:moveTo>{run(' Trae tu carnet.')}</w:moveTo><w:moveFrom>{run('Fuera.')}</w:moveFrom></w:p>"
    )
    rows, problems = read("a.docx", word(line("¿Cómo pago?") + body))
    links = ("tren.example/colegios", "x.example/web", "x.example/pago")
    first, second, third = (f"[{words}](https://{to})" for words, to in zip(LINKED, links, strict=True))
    assert rows[0][1] == f"Llama al 63-2555100 o {first} y paga $ 5.000 en {second}; {third} Trae tu carnet."
    assert problems == []


def test_link_that_is_never_ended_ends_with_its_paragraph() -> None:
    field = '<w:r><w:instrText>HYPERLINK "https://x.example"</w:instrText><w:fldChar w:fldCharType="separate"/></w:r>'
    (paragraph,) = fromstring(f"<w:body {NAMESPACES}><w:p>{field}{run('aquí')}</w:p></w:body>")
    text = ParagraphText(paragraph, {})
    assert (text.html, text.is_whole) == ('<a href="https://x.example">aquí</a>', True)


def test_changes_nested_too_deep_are_refused() -> None:
    deep = "<w:ins>" * 5_000 + run("Sí.") + "</w:ins>" * 5_000
    assert read("a.docx", word(line("¿Hay tren?") + f"<w:p>{deep}</w:p>"))[0] == []


def test_paragraph_of_which_a_part_cannot_be_read_is_named() -> None:
    box = f"<w:r><w:pict><w:txbxContent>{line('Solo con hora.')}</w:txbxContent></w:pict></w:r>"
    rows, problems = read("a.docx", word(line("¿Atienden?") + f"<w:p>{run('Sí. ')}{box}</w:p>"))
    assert ([row[:2] for row in rows], len(problems)) == ([["¿Atienden?", "Sí."]], 1)
    assert "no se pudo leer" in problems[0]


def table(*rows: tuple[str, ...]) -> str:
    """Returns a Word table; each «|» of a cell begins a paragraph, «- » an item."""
    bullet = '<w:numPr><w:numId w:val="1"/></w:numPr>'
    made = []
    for row in rows:
        parts = [
            [line(one.removeprefix("- "), bullet * one.startswith("- ")) for one in cell.split("|")] for cell in row
        ]
        made.append("<w:tr>" + "".join("<w:tc>" + "".join(some) + "</w:tc>" for some in parts) + "</w:tr>")
    return "<w:tbl>" + "".join(made) + "</w:tbl>"


def sheet_in(name: str, raw: bytes) -> tuple[list[dict[str, str]], tuple[str, ...]]:
    """Returns the cells of each row by their fields, and the headings that are not used."""
    found = SheetFound()
    rows = rows_of(name, raw, found) or []
    read = sheet_of(rows, guess(rows), found, {"tema": "general", "fuente": "https://x.example"})
    assert read is not None and found.problems == []
    return [{name: cell.text for name, (_, cell) in one.cells.items()} for one in read.lines], read.unused


FOUR = (
    ("Pregunta", "Respuesta", "Otras formas de preguntar", "Observaciones internas"),
    ("1. Carnet de conducir", "Debes traer el carnet.|Costo: $15.500.", "sacar carnet|licencia", "Rosa, anexo 45"),
    ("Pago del agua", "Hay dos formas:|- En caja|- En línea|Plazo: 5 días.", "", "no publicar"),
)


@pytest.mark.parametrize("kind", ["word", "page"])
def test_further_columns_of_a_table_of_questions_are_no_part_of_the_answer(kind: str) -> None:
    page = "".join("<tr>" + "".join(f"<td>{cell.replace('|', '<br>')}</td>" for cell in row) + "</tr>" for row in FOUR)
    name, raw = ("a.docx", word(table(*FOUR))) if kind == "word" else ("a.html", f"<table>{page}</table>".encode())
    (carnet, agua), unused = sheet_in(name, raw)
    assert (carnet["pregunta"], carnet["variantes"]) == ("Carnet de conducir", "sacar carnet\nlicencia")
    assert carnet["respuesta"].split() == "Debes traer el carnet. Costo: $15.500.".split()
    assert (agua["pregunta"], agua["variantes"], unused) == ("Pago del agua", "", ("Observaciones internas",))


def test_paragraphs_and_lists_in_the_cells_of_a_table_of_questions_stay_apart() -> None:
    plain_table = table(*(row[:2] for row in FOUR))
    (carnet, agua), _ = sheet_in("a.docx", word(line("Preguntas", '<w:pStyle w:val="Heading1"/>') + plain_table))
    assert carnet["respuesta"] == "Debes traer el carnet.\n\nCosto: $15.500."
    assert agua["respuesta"] == "Hay dos formas:\n\n- En caja\n- En línea\n\nPlazo: 5 días."


def test_tables_of_questions_below_titles_have_these_as_topics_and_other_questions_are_read_too() -> None:
    heading = '<w:pStyle w:val="Heading1"/>'
    body = (
        line("Tránsito", heading)
        + table(("Pregunta", "Respuesta", "Unidad"), ("Carnet", "Trae foto.", "Tránsito"))
        + line("Aseo", heading)
        + table(("Consulta", "Qué se responde"), ("Poda", "Se pide."))
        + line("¿Hay wifi?")
        + line("En la plaza.")
    )
    rows, _ = sheet_in("a.docx", word(body))
    asked = [(row["pregunta"], row["respuesta"], row["tema"], row["responsable"]) for row in rows]
    expected = [("Carnet", "Trae foto.", "Tránsito", "Tránsito"), ("Poda", "Se pide.", "Aseo", "")]
    assert asked == [*expected, ("¿Hay wifi?", "En la plaza.", "general", "")]


def test_cell_that_goes_on_the_one_above_has_its_words_and_a_wide_one_moves_no_column() -> None:
    html = "<tr><td>Pregunta</td><td></td><td>Respuesta</td></tr><tr><td>¿A?</td><td></td><td>Sí.</td></tr>"
    page = BeautifulSoup(f"<table>{html}<tr><td {AGAIN}></td><td>b</td><td>No.</td></tr></table>", "html.parser")
    (found,) = taken(page)
    assert [one["pregunta"] for one in found.texts(str)] == ["¿A?", "¿A?"] and not page.find("table")
    wide = table(FOUR[0][:3], FOUR[1][:3]).replace("<w:tc>", '<w:tc><w:tcPr><w:gridSpan w:val="2"/></w:tcPr>')
    assert sheet_in("a.docx", word(wide))[0][0]["respuesta"] == "Debes traer el carnet.\n\nCosto: $15.500."


def test_tall_and_wide_cells_of_a_page_move_no_column() -> None:
    rows = (
        '<tr><th>Tema</th><th>Pregunta</th><th colspan="2">Respuesta</th></tr>',
        '<tr><td rowspan="2">Agua</td><td>¿A?</td><td>Sí.</td><td>nota</td></tr>',
        "<tr><td>¿B?</td><td>No.</td><td>nota</td></tr>",
        '<tr><td>Luz</td><td>¿C?</td><td colspan="2" rowspan="x">Quizás.</td></tr>',
    )
    (found,) = taken(BeautifulSoup(f"<table>{''.join(rows)}</table>", "html.parser"))
    read = [(one["tema"], one["pregunta"], one["respuesta"]) for one in found.texts(lambda html: html)]
    assert read == [("Agua", "¿A?", "Sí."), ("Agua", "¿B?", "No."), ("Luz", "¿C?", "Quizás.")]


def test_table_of_questions_is_found_within_others_up_to_a_depth() -> None:
    rows = "<tr><td>Pregunta</td><td>Respuesta</td></tr><tr><td>¿A?</td><td>Sí.</td></tr>"
    for around, count in ((DEPTH - 1, 1), (DEPTH, 0)):
        html = f"{'<table><tbody><tr><td>' * around}<table>{rows}</table>{'</td></tr></tbody></table>' * around}"
        assert len(taken(BeautifulSoup(html, "html.parser"))) == count


def test_table_of_facts_within_an_answer_is_no_sheet() -> None:
    facts = table(("Trámite", "Detalle"), ("Copia", "$2.000"), ("Original", "$5.000"))
    rows, _ = read(
        "a.docx", word(line("¿Cuánto cuesta?") + line("Depende:") + facts + line("¿Hay wifi?") + line("Sí."))
    )
    assert [row[0] for row in rows] == ["¿Cuánto cuesta?", "¿Hay wifi?"] and "Copia" in rows[0][1]
