"""Tests that an answer has text, has a length limit, and contains nothing executable."""

from __future__ import annotations

import pytest

from bot.faq.entries import body
from bot.faq.entries.front_matter import FrontMatter
from bot.faq.entries.problem import Found, Severity
from bot.faq.entries.sections import LONG_WORDS

FIRST = 10


def told(text: str) -> list[int]:
    """Returns the lines of the problems of a body that begins on line FIRST."""
    found = Found("calle/bache.md")
    body.check(FrontMatter({}, True, text, 2, FIRST), found)
    return [problem.line for problem in found.problems]


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t"])
def test_answer_without_text_is_reported(text: str) -> None:
    assert told(text) == [FIRST]


def test_answer_over_seven_hundred_words_is_a_warning() -> None:
    titled = "Así.\n\n**Costo:** " + "palabra " * (body.MAX_WORDS - 2)
    assert told(titled) == []
    found = Found("x.md")
    body.check(FrontMatter({}, True, titled + "más", 2, FIRST), found)
    assert [problem.severity for problem in found.problems] == [Severity.ADVICE]


def test_long_answer_without_a_titled_section_is_a_warning() -> None:
    found = Found("x.md")
    body.check(FrontMatter({}, True, "palabra " * (LONG_WORDS + 1), 2, FIRST), found)
    assert [(problem.severity, problem.line) for problem in found.problems] == [(Severity.ADVICE, FIRST)]
    assert told("palabra " * LONG_WORDS) == []
    assert told("palabra " * LONG_WORDS + "\n\n**Ojo:** nada") == [FIRST]
    assert told("palabra " * LONG_WORDS + "\n\n**Plazo:** 3 días") == []


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("Pide hora.\nO por teléfono. agregar teléfono", [11]),
        (r"Llama al \_\_\_\_ (agregar teléfono)", [10]),
        ("Ven a la posta (Falta confirmar con la matrona)", [10]),
        ("Llama al XXX", [10]),
        ("Ven con la cuota (pendiente de pago).", []),
        ("Lava la herida. Poner hielo.", []),
        ("En el formulario hay que agregar teléfono y correo", []),
        ("Uno\n\n____\n\nDos", []),
        ("Abre el lunes (por confirmar).", [10]),
        ("Llama al [agregar teléfono]", [10]),
        ("Llama al **agregar teléfono**", [10]),
        ("Pide hora.\n\nAgregar teléfono", [12]),
        ("Ven a la posta (completar)", [10]),
        ("Llama al XXX.", [10]),
        ("Cuesta 2 UTM (pendiente teléfono)", [10]),
        ("Averigua el valor (preguntar a Marta)", [10]),
        ("Escribe tu RUT así: XX.XXX.XXX-X", []),
        ("Escribe tu RUT así: XXX-X", []),
        ("La multa sube (falta grave: 2 UTM)", []),
        ("La multa sube (falta gravísima)", []),
        ("Firma (poner huella)", []),
        ("Llena el formulario (completar con letra imprenta)", []),
        ("Queda en espera (pendiente de resolución judicial)", []),
        ("Trae la orden (confirmar con su médico)", []),
        ("En tu cuenta elige **Agregar teléfono** y guarda.", []),
        ("Debes **agregar teléfono** a tu cuenta.", []),
        ("Entra en [agregar teléfono](https://www.losaromos.example)", []),
        ("En el formulario hay que\nagregar teléfono y correo", []),
        ("1. Agregar teléfono", []),
    ],
)
def test_note_of_what_is_still_to_be_written_is_advice(text: str, noted: list[int]) -> None:
    found = Found("x.md")
    body.check(FrontMatter({}, True, text, 2, FIRST), found)
    assert [(one.severity, one.line) for one in found.problems] == [(Severity.ADVICE, line) for line in noted]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("<script>alert(1)</script>", [10]),
        ("hola\n\n<b onclick=x>a</b>", [12, 12]),
        ("uno\ndos <i>x</i>\ntres", [11, 11]),
        ("- a\n- <img src=x onerror=y>", [11]),
        ("> <iframe src=x>", [10]),
        ("<!-- oculto -->", [10]),
        ("hola <?php x ?>", [10]),
        ("`<b>` y <b>", [10]),
        ("# Título <b>", [10]),
    ],
)
def test_html_is_reported_on_its_line(text: str, lines: list[int]) -> None:
    assert told(text) == lines


def test_html_after_multi_line_html_is_reported_on_its_own_line() -> None:
    assert told("a <b\nclass=x> c\nd <i> e") == [10, 12]


@pytest.mark.parametrize(
    "text", ["`<b>`", "```\n<script>\n```", "    <script>", "3 < 5 y 7 > 2", "<https://www.x.cl>", "\\<b>"]
)
def test_html_shown_as_text_is_harmless(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "target",
    ["javascript:alert(1)", "JaVaScRiPt:x", "vbscript:x", "data:text/html,x", "file:///etc/passwd"],
)
def test_executable_link_is_reported(target: str) -> None:
    assert told(f"hola\n[pulsa]({target})") == [11]
    assert told(f"[pulsa]( <{target}> )") == [10]
    assert told(f"[pulsa][1]\n\n[1]: {target}") == [12]


@pytest.mark.parametrize(
    "target", ["https://www.x.cl", "/tramites", "mailto:a@x.cl", "tel:131", "#abajo", "data", "javascript"]
)
def test_usual_link_is_not_reported(target: str) -> None:
    assert told(f"[pulsa]({target})") == []


def test_text_about_such_links_is_no_link() -> None:
    assert told("javascript: es un lenguaje, data: una palabra") == []
