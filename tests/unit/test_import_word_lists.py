"""Tests which paragraphs and numbered items of a Word document are questions, as busy clerks write them."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest

from bot.faq.imports.office.closing import is_closing
from bot.faq.imports.office.word_lists import asks
from bot.faq.imports.sheet import rows_of
from bot.faq.imports.sheet_problem import SheetFound

SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ITEM = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{}"/></w:numPr>'
STYLES = {"=": "Ttulo", "#": "Ttulo1"}


def read(*paragraphs: str) -> tuple[dict[str, str], list[str]]:
    """Returns the answer of each question read, and the titles left out.

    A paragraph is a line of a Word document: «1Texto» is an item of its list 1, «*Texto» bold, «#Texto» a heading,
    «=Texto» the document's title.
    """
    content, found = io.BytesIO(), SheetFound()
    with ZipFile(content, "w") as archive:
        body = "".join(map(_line, paragraphs))
        archive.writestr("word/document.xml", f"<w:document {SPACE}><w:body>{body}</w:body></w:document>")
    rows = rows_of("preguntas.docx", content.getvalue(), found) or []
    return {row.cells[0].text: row.cells[1].text for row in rows[1:]}, [one.spot.file for one in found.left_out]


def _line(text: str) -> str:
    mark = text[:1]
    numbering = ITEM.format(mark) if mark.isdigit() else ""
    style = f'<w:pStyle w:val="{STYLES[mark]}"/>' if mark in STYLES else ""
    bold = "<w:b/>" * (mark == "*")
    words = text.lstrip("=#*12")
    return f"<w:p><w:pPr>{style}{numbering}</w:pPr><w:r><w:rPr>{bold}</w:rPr><w:t>{words}</w:t></w:r></w:p>"


def test_numbered_questions_without_opening_mark_or_without_any_are_not_swallowed_by_the_answer_before() -> None:
    assert read(
        "1Como pido hora?", "Por teléfono.", "1¿Abren el sábado?", "No.", "1Que días viene el dentista", "El jueves."
    ) == (
        {"Como pido hora?": "Por teléfono.", "¿Abren el sábado?": "No.", "Que días viene el dentista": "El jueves."},
        [],
    )


def test_items_of_an_answer_stay_there_although_its_list_is_that_of_the_questions() -> None:
    assert read("1¿Qué llevo?", "Lo siguiente:", "1Carnet", "1Receta", "1¿Dónde es?", "Aquí.")[0] == {
        "¿Qué llevo?": "Lo siguiente:\n\n- Carnet\n- Receta",
        "¿Dónde es?": "Aquí.",
    }


def test_item_with_a_text_is_a_question_only_if_it_begins_like_one() -> None:
    assert read(
        "1¿Qué llevo?", "Lo siguiente", "1Carnet de identidad", "Debe estar vigente.", "1¿Cuánto sale?", "Nada."
    )[0] == {
        "¿Qué llevo?": "Lo siguiente\n\n- Carnet de identidad\n\nDebe estar vigente.",
        "¿Cuánto sale?": "Nada.",
    }


def test_question_without_opening_mark_belongs_to_the_answer_if_the_document_uses_the_mark() -> None:
    assert read("¿Cómo pago?", "En línea.", "Tienes dudas?", "Llama al 123.", "(3) Como llego?", "A pie.") == (
        {"¿Cómo pago?": "En línea.\n\nTienes dudas?\n\nLlama al 123.", "Como llego?": "A pie."},
        [],
    )


def test_question_word_without_opening_mark_is_named_if_it_stays_in_an_answer() -> None:
    assert read("¿Abren?", "No.", "Como pido hora?", "Por teléfono.") == (
        {"¿Abren?": "No.\n\nComo pido hora?\n\nPor teléfono."},
        ["Como pido hora?"],
    )


def test_question_about_the_page_is_not_said_to_have_no_answer() -> None:
    assert read("¿Abren?", "No.", "¿Te fue útil?")[1] == []


def test_item_of_a_list_without_questions_is_no_question() -> None:
    assert read("¿Qué llevo?", "2Carnet", "Y ganas.")[0] == {"¿Qué llevo?": "- Carnet\n\nY ganas."}


def test_question_without_an_answer_is_named() -> None:
    assert read("1¿Hasta cuándo vacunan?", "1¿Abren el sábado?", "No.") == (
        {"¿Abren el sábado?": "No."},
        ["¿Hasta cuándo vacunan?"],
    )


def test_question_of_a_pasted_text_without_an_answer_is_named() -> None:
    found = SheetFound()
    rows = rows_of("pegado.txt", "Hasta cuándo vacunan?\n\n¿Abren?\nNo.\n".encode(), found) or []
    assert ([row.cells[0].text for row in rows[1:]], [one.spot.file for one in found.left_out]) == (
        ["¿Abren?"],
        ["Hasta cuándo vacunan?"],
    )


def test_bold_title_below_a_section_is_not_lost() -> None:
    assert read("#HORAS", "¿Abren?", "No.", "#NIÑOS", "*Control sano", "Con hora.", "¿Y la leche?", "El lunes.") == (
        {"¿Abren?": "No.", "Control sano": "Con hora.", "¿Y la leche?": "El lunes."},
        [],
    )


def test_title_of_the_document_is_no_question() -> None:
    assert read("=POSTA RURAL", "Revisar antes de publicar", "#HORAS", "¿Abren?", "No.") == ({"¿Abren?": "No."}, [])


def test_questions_in_the_style_of_a_title_are_read() -> None:
    asked = {"Licencia de conducir": "Con hora.", "Patente comercial": "En línea."}
    assert read("=Licencia de conducir", "Con hora.", "=Patente comercial", "En línea.") == (asked, [])
    assert read("POSTA", "=Licencia de conducir", "Con hora.")[0] == {"Licencia de conducir": "Con hora."}


def test_closing_words_of_the_document_are_no_answer() -> None:
    assert read("¿Abren?", "No.", "Atte.", "Marta")[0] == {"¿Abren?": "No."}


def test_closing_words_above_a_question_leave_it() -> None:
    asked = read("¿Abren?", "No.", "Saludos", "¿Cuánto sale?", "Nada.")[0]
    assert asked == {"¿Abren?": "No.\n\nSaludos", "¿Cuánto sale?": "Nada."}


def test_closing_words_above_a_bold_title_leave_it() -> None:
    asked = read("*Patentes", "En línea.", "*Aseo", "Los lunes.", "Gracias", "*Licencias", "En marzo.")[0]
    assert asked["Licencias"] == "En marzo."


@pytest.mark.parametrize("answer", ["Saludos protocolares: lunes 9 a 12.", "Gracias", "Atentamente los esperamos."])
def test_answer_that_is_or_begins_like_a_closing_is_kept(answer: str) -> None:
    assert read("¿Hay saludo?", answer)[0] == {"¿Hay saludo?": answer}


@pytest.mark.parametrize(
    ("line", "closes"),
    [
        ("Saludos,", True),
        ("Saludos cordiales", True),
        ("Muchos saludos, Marta Soto de la Fuente", True),
        ("Atte. Marta", True),
        ("Enviado desde mi teléfono", True),
        ("Gracias a la ley, es gratis", False),
        ("Atentamente los esperamos.", False),
    ],
)
def test_closing_is_a_whole_line(line: str, closes: bool) -> None:
    assert is_closing(line) is closes


@pytest.mark.parametrize(
    ("words", "is_question"),
    [
        ("Como pido hora?", True),
        ("1. Como pido hora?", True),
        ("Dónde queda la oficina de Av. Matta?", True),
        ("3) ¿Cómo pido hora? ¿Y dónde?", True),
        ("Ven a la posta. Te duele algo?", False),
        ("Pregunta si ¿hay hora?", False),
        ("Sí, hay hora.", False),
    ],
)
def test_paragraph_asks_if_it_is_one_sentence_with_a_question_mark(words: str, is_question: bool) -> None:
    assert asks(words) is is_question
