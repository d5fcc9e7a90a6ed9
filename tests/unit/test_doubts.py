"""Tests which texts only doubt about choices, give them up, say that they are a mistake or announce a question."""

from __future__ import annotations

import pytest

from bot.core.texts import area
from bot.text.doubts import announces_a_question, drops_offer, is_unsure, made_a_mistake, says_not_that
from bot.text.normalize import plain
from tests.rows import each_row


@each_row(
    "text",
    [
        "mmm no sé",
        "Mmmm, no seeee...",
        "nose",
        "no estoy segura",
        "no toy segura po",
        "puede ser",
        "puede ser, no sé",
        "no entiendo",
        "pucha, la verdad no sé",
        "quizás",
        "¿qué es eso?",
        "no cacho",
        "ni idea",
        "mmm",
        "no entiendo eso",
        "¿cuál me sirve?",
        "no sé cuál elijo",
        "¿cuál?",
        "explícame po",
    ],
)
def test_message_that_only_doubts_is_unsure(text: str) -> None:
    assert is_unsure(text)


@each_row(
    "text",
    [
        "no",
        "sí",
        "",
        "👍",
        "no sé cómo pagar la multa",
        "no sé si quiero vivir",
        "no entiendo nada de esta vida",
        "no me entiendes",
        "puede ser, la segunda",
        "no sé, quiero hablar con una persona",
        "no gracias",
        "sí, parece",
        "si puede ser",
        "mmm ya",
        "eso creo",
        "seguro",
        "segura",
        "seguro que sí",
        "esa, supongo",
        "creo",
        "tengo una duda",
        "no tengo dudas",
        "cómo no",
        "¿cuál es la fecha?",
    ],
)
def test_message_that_says_more_is_not_unsure(text: str) -> None:
    assert not is_unsure(text)


@each_row(
    "text",
    [
        "me equivoque de comuna al pagar",
        "se equivocaron",
        "espera mi mamá",
        "no",
        "jaja",
        "ay no no no perdón no",
        "no no espera no",
        "ay ay ay perdón perdón",
        "perdón no",
    ],
)
def test_message_that_says_more_than_a_mistake_is_none(text: str) -> None:
    assert not made_a_mistake(text)


@each_row("text", ["olvídalo", "pucha ya", "ya, no importa", "chuta", "no, mejor no, deja", "no espera, mejor no"])
def test_citizen_who_gives_up_drops_the_offer(text: str) -> None:
    assert drops_offer(text)


def test_wish_for_a_better_explanation_is_a_doubt() -> None:
    assert [one for one in ("me puedes explicar mejor", "explícame más, porfa") if not is_unsure(one)] == []


def test_rejecting_or_doubting_does_not_drop_the_offer() -> None:
    assert [one for one in ("no", "no sé", "otra cosa", "gracias", "ya", "") if drops_offer(one)] == []


@pytest.mark.parametrize(
    "key", ["no_sabe_cual", "ya_no_quiere", "no_era_eso", "se_equivoco", "pide_la_fuente", "anuncia_pregunta"]
)
def test_phrases_are_written_as_they_are_compared(key: str) -> None:
    known = area("agency")[key]
    texts = (*known["frases"], *known["relleno"], *known.get("solas", ()))
    assert [one for one in texts if plain(one) != one] == []


@each_row("text", ["no era eso", "No, no es eso po", "no, otra cosa", "no, es otra cosa", "perdón, no era eso"])
def test_message_that_only_rejects_the_answer_says_not_that(text: str) -> None:
    assert says_not_that(text)


@each_row(
    "text",
    [
        "otra cosa",
        "gracias, otra cosa",
        "perdón, otra cosa",
        "no está mal, gracias",
        "no, está mal",
        "eso está mal",
        "incorrecto",
        "no es correcto",
        "no",
        "no era eso, era el permiso de circulación",
    ],
)
def test_message_that_goes_on_praises_or_corrects_does_not_say_not_that(text: str) -> None:
    assert not says_not_that(text)


@each_row(
    "text",
    [
        "otra cosa",
        "Gracias, otra consulta",
        "ya, y otra cosita",
        "una última duda",
        "oiga una consultita",
        "Hola, buenas tardes. Quisiera hacer una pregunta, por favor",
        "tengo un par de dudas",
    ],
)
def test_message_that_only_announces_a_question(text: str) -> None:
    assert announces_a_question(text)


@each_row(
    "text",
    [
        "no tengo otra consulta",
        "gracias, eso era todo",
        "hola",
        "tengo una duda con el permiso",
        "no, otra cosa",
        "la última",
        "quiero dejar una consulta con alguien",
        "¿Qué cosa?",
    ],
)
def test_message_that_says_more_or_less_announces_no_question(text: str) -> None:
    assert not announces_a_question(text)
