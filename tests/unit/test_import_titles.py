"""Tests which titles without a question mark count as questions in an office's document or pasted text."""

from __future__ import annotations

import io
from zipfile import ZipFile

import pytest

from bot.faq.imports.office.titles import Block, asking
from bot.faq.imports.sheet import rows_of
from bot.faq.imports.sheet_problem import SheetFound

SPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(name: str, raw: bytes) -> tuple[dict[str, str], list[str]]:
    """Returns the answer of each question read, and the titles that are said to be left out."""
    found = SheetFound()
    rows = rows_of(name, raw, found) or []
    return {row.cells[0].text: row.cells[1].text for row in rows[1:]}, [one.spot.file for one in found.left_out]


def word(*paragraphs: str) -> bytes:
    """Returns a Word document; «*Título» is a bold line, «#Título» a heading."""
    content = io.BytesIO()
    with ZipFile(content, "w") as archive:
        body = "".join(map(_line, paragraphs))
        archive.writestr("word/document.xml", f"<w:document {SPACE}><w:body>{body}</w:body></w:document>")
    return content.getvalue()


def _line(text: str) -> str:
    style = '<w:pStyle w:val="Heading2"/>' * text.startswith("#")
    bold = "<w:b/>" * text.startswith("*")
    return f"<w:p><w:pPr>{style}</w:pPr><w:r><w:rPr>{bold}</w:rPr><w:t>{text.lstrip('*#')}</w:t></w:r></w:p>"


def test_bold_titles_of_a_document_without_question_marks_are_its_questions() -> None:
    raw = word(
        "*PREGUNTAS DE LOS USUARIOS", "Noviembre", "*Pedir sitio", "Por radio.", "*Costo", "Nada.", "*Hielo", "A."
    )
    assert read("a.docx", raw) == ({"Pedir sitio": "Por radio.\n\n**Costo**\n\nNada.", "Hielo": "A."}, [])


def test_bold_titles_before_and_after_a_marked_question_are_not_lost_in_its_answer() -> None:
    raw = word("*Pedir sitio", "Por radio.", "*¿Dónde cargo?", "Muelle 2.", "*Credencial de acceso", "En la oficina.")
    asked = {"Pedir sitio": "Por radio.", "¿Dónde cargo?": "Muelle 2.", "Credencial de acceso": "En la oficina."}
    assert read("a.docx", raw) == (asked, [])


def test_bold_titles_within_the_answers_of_marked_questions_stay_there() -> None:
    raw = word("*¿Cómo entro?", "Con pase.", "*Para camiones", "De día.", "*¿Y de noche?", "No.", "*Para botes", "Sí.")
    asked = {
        "¿Cómo entro?": "Con pase.\n\n**Para camiones**\n\nDe día.",
        "¿Y de noche?": "No.\n\n**Para botes**\n\nSí.",
    }
    assert read("a.docx", raw) == (asked, [])


def test_heading_with_a_text_is_a_question_and_one_above_headings_is_not() -> None:
    raw = word("#Varadero", "#Turno de varadero", "Se inscribe.", "#Cuánto tiempo puedo estar", "Diez días.")
    assert read("a.docx", raw) == ({"Turno de varadero": "Se inscribe.", "Cuánto tiempo puedo estar": "Diez días."}, [])


def test_pasted_question_without_mark_is_read_and_a_title_left_out_is_named() -> None:
    text = "Hola Rosa\nva esto\n\nHorario de la garita\n24 horas\n\nCuánto pesa un camión\n45 t\n\nPuedo entrar?\nSí.\n"
    assert read("a.txt", text.encode()) == (
        {"Cuánto pesa un camión": "45 t", "Puedo entrar?": "Sí."},
        ["Horario de la garita"],
    )


@pytest.mark.parametrize("words", ["Atención: no entrar", "hasta las 14 horas", "Llamar a la oficina."])
def test_sentence_and_lead_are_no_titles(words: str) -> None:
    assert read("a.txt", f"{words}\ny nada más\n\nQué horario tienen\nDe 9 a 14\n".encode())[0] == {
        "Qué horario tienen": "De 9 a 14"
    }


def test_title_without_text_below_does_not_count() -> None:
    blocks = [Block("Muelles", is_title=True), Block("Muelle norte", is_title=True), Block("Muelle sur", is_title=True)]
    assert asking(blocks) == frozenset()
