"""Tests the real danger classifier on what is told in passing, without punctuation, and on wishes told to God."""

from __future__ import annotations

from datetime import date

import pytest

from bot.faq.answering.answerer import Answerer
from tests.rows import each_row

TODAY = date(2026, 11, 30)


@each_row(
    ("text", "kind"),
    [
        ("cuánto vale el permiso de circulación y mi marido me tiene encerrada y no me deja salir", "violencia"),
        ("a qué hora abren, es que quiero dejar todo listo antes de irme para siempre", "suicidio"),
        (
            "qué papeles piden para renovar la licencia de conducir y si atienden en la tarde mi papá se siente "
            "muy mal del pecho y no puede respirar bien y también el valor del permiso",
            "medica",
        ),
        ("como saco hora para la licencia de conducir y la casa de al lado echa humo negro por el techo", "incendio"),
    ],
)
def test_danger_told_in_passing_is_found(demo: Answerer, text: str, kind: str) -> None:
    danger = demo.answer(text, today=TODAY).danger
    assert danger and danger.kind == kind


@each_row(
    "text",
    [
        "cuánto vale el permiso de circulación y si pago en cuotas me cobran intereses o queda al mismo precio",
        "cuando fumigan la plaza por las arañas, no ha picado a nadie, es para prevenir no más",
        "se fue la luz y ya volvió, quería saber si avisan antes los cortes programados",
    ],
)
def test_nothing_in_passing_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.answer(text, today=TODAY).danger is None


@each_row(
    "text",
    ["diosito recojeme luego", "le pido a la Virgen que me lleve", "ojalá Dios me lleve", "virgencita llévame contigo"],
)
def test_wish_to_die_told_to_god_is_found(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.kind == "suicidio"


@each_row(
    "text",
    [
        "que Dios lo tenga en su santo reino",
        "adiós, que estén bien",
        "recaí",
        "se volvió a cortar",
        "se volvió a cortar la luz",
    ],
)
def test_blessing_farewell_relapse_or_power_cut_is_no_danger(demo: Answerer, text: str) -> None:
    assert demo.danger(text) is None


@pytest.mark.parametrize("text", ["mi hija se volvió a cortar los brazos", "recaí y me corté de nuevo"])
def test_relapse_into_self_harm_is_found(demo: Answerer, text: str) -> None:
    danger = demo.danger(text)
    assert danger and danger.kind == "suicidio"
