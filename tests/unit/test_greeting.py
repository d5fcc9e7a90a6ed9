"""Tests that a greeting, thanks or a refusal before a question is removed, and stays alone."""

from __future__ import annotations

import pytest

from bot.turns.greeting import corrected, without_greeting, without_opening
from tests.rows import each_row


@each_row(
    ("written", "asked"),
    [
        ("hola como renuevo el carnet", "como renuevo el carnet"),
        ("Hola, buenas tardes, ¿cómo renuevo mi licencia?", "¿cómo renuevo mi licencia?"),
        ("hola\nuna consulta\ncómo renuevo la licencia", "cómo renuevo la licencia"),
        ("ola kiero acer una consulta como saco el carnet", "como saco el carnet"),
        ("holaaa buenas noches una consulta sobre el permiso", "sobre el permiso"),
        ("buenas\nnecesito ayuda\nse me vencio la licencia", "se me vencio la licencia"),
        ("Estimados, espero que estén bien. ¿Dónde pago?", "¿Dónde pago?"),
        ("Buenas tardes señorita, me podría ayudar? necesito patente", "necesito patente"),
        ("hola me llamo Ana Pérez necesito hora", "necesito hora"),
        ("hola que tal necesito renovar", "necesito renovar"),
        ("hola, una duda: ¿cuánto vale?", "¿cuánto vale?"),
        ("oiga disculpe la molestia, la basura", "la basura"),
        ("hola!\nlicencia\nvencida", "licencia\nvencida"),
        ("hola tengo una consulta se me perdió el perro", "se me perdió el perro"),
        ("hola gracias", "gracias"),
        ("wena bro, como saco la tne", "como saco la tne"),
    ],
)
def test_question_after_a_greeting_remains(written: str, asked: str) -> None:
    assert without_greeting(written) == asked


@each_row(
    "written",
    [
        "hola",
        "Hola, ¿hay alguien?",
        "hola como estas",
        "muy buenos días para ustedes",
        "aló, hay alguien por acá?",
        "buenas, cómo va todo",
        "buenas tardes, tengo una consulta",
        "hola 👋",
        "wena bro",
        "hermano de padre",
        "hola\nbuenas\nnecesito ayuda",
        "necesito una consulta dental",
        "ayuda económica",
        "necesito ayuda social",
        "ola de calor en la comuna",
        "olimpiadas",
        "cómo está el trámite",
        "¿Cómo renuevo mi licencia?",
        "",
        "🙂",
    ],
)
def test_greeting_alone_and_bare_question_stay_unchanged(written: str) -> None:
    assert without_greeting(written) == written


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("hola, gracias, ¿dónde pago?", "¿dónde pago?"),
        ("gracias, y cuánto cuesta el permiso?", "y cuánto cuesta el permiso?"),
        ("Muchas gracias, me sirvió. ¿Y el pasaporte?", "¿Y el pasaporte?"),
        ("ok gracias y donde queda", "y donde queda"),
        ("gracias. y la patente del auto", "y la patente del auto"),
        ("gracias por la información, quiero renovar el carnet", "quiero renovar el carnet"),
        ("no, eso no, la licencia médica", "la licencia médica"),
        ("no po, me refiero al permiso", "permiso"),
        ("no, me refería a la basura", "la basura"),
        ("No no, yo decía el parte de matrimonio", "el parte de matrimonio"),
        ("hola, me refería a cuánto cuesta", "cuánto cuesta"),
        ("perdón, quise decir la patente del kiosko", "la patente del kiosko"),
        ("ah no espera, primero dime lo de la revisión técnica", "la revisión técnica"),
        ("mejor cuénteme sobre el pasaporte", "el pasaporte"),
        ("me equivoqué, es el de antecedentes", "el de antecedentes"),
    ],
)
def test_question_after_thanks_or_a_refusal_remains(written: str, asked: str) -> None:
    assert without_opening(written) == asked


def test_answerer_gets_what_is_meant_without_the_words_that_correct_and_keeps_thanks() -> None:
    written = ("hola, no, me refería al reciclaje", "me refería a eso no", "gracias, ¿dónde pago?", "no, la licencia")
    assert [corrected(one) for one in written] == ["reciclaje", "eso no", "gracias, ¿dónde pago?", "no, la licencia"]


@each_row(
    "written",
    [
        "dime por favor cuánto cuesta",
        "dime",
        "me equivoqué de chat",
        "me refería a",
        "quería decirle algo a mi hija",
        "hablaba con un inspector",
        "no decía",
        "no me refiero a eso",
    ],
)
def test_text_that_corrects_nothing_stays_unchanged(written: str) -> None:
    assert corrected(written) == written


@each_row(
    "written",
    [
        "gracias",
        "no gracias",
        "muchas gracias, que dios la bendiga",
        "gracias y que le vaya bien",
        "gracias y la felicito",
        "gracias y un abrazo",
        "gracias, pero no me sirvió",
        "gracias?",
        "no",
        "no, eso no",
        "no, la verdad no",
        "no la tengo",
    ],
)
def test_thanks_or_a_refusal_alone_stays_unchanged(written: str) -> None:
    assert without_opening(written) == written


@pytest.mark.parametrize(
    "more",
    [
        "no " * 8_000 + "x",
        "no, yo " * 5_000,
        "," * 10_000 + "a" * 10_000,
        " a" * 10_000,
        ", muy amable" * 2_000,
        ", y" * 8_000,
    ],
)
def test_thanks_before_a_very_long_text_are_searched_once(more: str) -> None:
    assert without_opening(f"gracias{more}") == f"gracias{more}"  # took minutes
