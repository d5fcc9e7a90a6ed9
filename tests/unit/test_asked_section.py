"""Tests which sections of an answer a follow-up surely asks for."""

from __future__ import annotations

import pytest

from bot.faq.answering.asked_section import asked_sections, asks_about, asks_only_sections, nearest_sentence
from tests.rows import each_row

QUESTION = "¿Cómo renuevo mi licencia de conducir?"
BODY = """Se renueva en tu comuna.

**Plazo:** antes de que venza.

**Lleva:** tu licencia anterior.

**Requisitos:** vivir aquí.

**Dónde y horario:** en Tránsito, de 9 a 14.

**Costo:** lo fija la ordenanza."""


def asked(text: str, body: str = BODY) -> list[str]:
    return [one.title for one in asked_sections(text, QUESTION, body)]


@pytest.mark.parametrize(
    "text",
    [
        "¿y cuánto sale?",
        "y kuanto sale",
        "Y CUANTO BALE?",
        "ya, gracias. y cuánto cuesta eso?",
        "oye y es gratis?",
        "¿qué costo tiene?",
        "y cuanto cuesta la licencia",
        "cuanto salen las licencias",
        "y cuánto sale pues",
    ],
)
def test_cost_is_recognized_as_people_ask_for_it(text: str) -> None:
    assert asked(text) == ["Costo"]


@each_row(
    ("text", "titles"),
    [
        ("¿y dónde queda?", ["Dónde y horario"]),
        ("y a que ora atienden", ["Dónde y horario"]),
        ("hasta cuándo tengo plazo", ["Plazo"]),
        ("y que papeles llevo?", ["Lleva"]),
        ("¿qué necesito?", ["Lleva", "Requisitos"]),
        ("y quien puede", ["Requisitos"]),  # instead of a section about whom it is for
        ("y cuanto sale y donde es", ["Dónde y horario", "Costo"]),
        ("¿y cuándo?", ["Plazo"]),
        ("asta cuando puedo aserlo", ["Plazo"]),
        ("donde tengo que ir a entregarla", ["Dónde y horario"]),
        ("¿y atienden los sábados?", ["Dónde y horario"]),
        ("hay que llevar algo?", ["Lleva"]),
        ("cuanto me va a salir con la ordenanza", ["Costo"]),  # the section is about the word
    ],
)
def test_other_sections_are_recognized(text: str, titles: list[str]) -> None:
    assert asked(text) == titles


@each_row(
    "text",
    [
        "¿y para mi hijo que tiene 17?",
        "y cuanto sale si soy extranjero",
        "cuanto sale la multa por manejar con ella vencida",
        "y cuanto demora",  # the entry does not say
        "y cuanto sale y cuanto demora",
        "y cuánto sale, dónde es y qué llevo",
        "y cuánto sale, si es la primera vez",
        "¿y no cobran?",
        "y qué pasa si no pago",
        "gracias",
        "",
    ],
)
def test_whole_answer_is_sent_if_it_is_not_sure(text: str) -> None:
    assert asked(text) == []


def test_every_section_of_the_kind_is_sent() -> None:
    assert asked("cuanto sale", "Así.\n\n**Costo:** 1.\n\n**Valor para empresas:** 2.") == [
        "Costo",
        "Valor para empresas",
    ]


def test_answer_without_sections_is_sent_whole() -> None:
    assert asked("cuanto sale", "Cuesta mil pesos.") == []


@each_row(
    ("text", "body", "about"),
    [
        ("y cuanto cuesta?", "Se pone en el mesón. La dosis vale $6.000.", True),
        ("¿es gratis?", "La consulta es gratuita.", True),
        ("y cuanto cuesta?", "Se pone en el mesón.", False),
        ("y cuanto cuesta para extranjeros?", "La dosis vale $6.000.", False),
        ("y donde es?", "La dosis vale $6.000.", False),
        ("¿y dónde queda?", BODY, True),
        ("y eso tiene costo?", BODY, True),
        ("vale", BODY, False),  # it also means «ok»
        ("y el pase escolar?", BODY + "\n\n**Pasos:** pase por aquí.", False),  # «pase» only resembles «pasos»
        ("y quien puede", BODY, False),  # only a substitute answers
    ],
)
def test_amount_is_asked_for_as_a_section_is(text: str, body: str, about: bool) -> None:
    assert asks_about(text, QUESTION, body) is about


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("y donde es?", True),
        ("y donde tengo que ir", True),
        ("¿y cuánto cuesta?", True),
        ("y si no tengo, donde es?", False),
        ("donde vacunan a los perros", False),
        ("y quien eres tu?", False),
        ("gracias", False),
    ],
)
def test_message_asks_only_for_a_section(text: str, only: bool) -> None:
    assert asks_only_sections(text, QUESTION) is only


LONGER = """Se renueva en tu comuna. Si la **perdiste**, lleva una declaración jurada.

- Los extranjeros llevan su pasaporte.
- El examen médico vale $ 8.500. Se paga aparte.

# Pasaporte"""


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("¿y quién hace la declarasion?", "Si la **perdiste**, lleva una declaración jurada."),
        ("y el pasaporte de los extranjeros?", "Los extranjeros llevan su pasaporte."),
        ("cuánto me va a costar todo", "El examen médico vale $ 8.500."),
        ("¿y si tengo un perro?", ""),
        ("eso mismo", ""),
        ("¿y mi licencia de conducir?", ""),  # says nothing that the question does not
    ],
)
def test_sentence_that_shares_words_with_the_message_is_nearest(text: str, sentence: str) -> None:
    assert nearest_sentence(text, QUESTION, LONGER) == sentence


HOURS = """Atendemos así:
- **Lunes a jueves:** de 8:30 a 14:00.
- **Sábados y feriados:** cerrado.

Conviene saber antes qué llevar."""


def test_hour_of_an_appointment_is_no_answer_to_at_what_hour() -> None:
    assert nearest_sentence("y a qué hora atienden", QUESTION, "Pide hora en la página.") == ""
    assert nearest_sentence("y la hora dónde la pido", QUESTION, "Pide hora en la página.") == "Pide hora en la página."


@pytest.mark.parametrize("text", ["¿y hasta qué hora?", "a k hora cierran", "¿y el horario?"])
def test_hours_that_an_answer_states_are_asked_for_as_a_section_is(text: str) -> None:
    assert asks_about(text, QUESTION, HOURS)
    assert nearest_sentence(text, QUESTION, HOURS) == "**Lunes a jueves:** de 8:30 a 14:00."
    assert not asks_about(text, QUESTION, "Pide hora en la página.")


@pytest.mark.parametrize(
    "text", ["¿y por cuánto tiempo sirve?", "por kuanto tiempo vale", "y por cuanto tiempo es válido"]
)
def test_other_words_of_the_questions_for_a_section_belong_to_it(text: str) -> None:
    assert asked(text, f"{BODY}\n\n**Cuánto dura:** 10 años.") == ["Cuánto dura"]


@pytest.mark.parametrize("text", ["cuánto demora la lista de espera", "y cuánto tarda la lista"])
def test_another_matter_is_not_asked_for_with_words_of_the_questions_for_a_section(text: str) -> None:
    body = f"{BODY}\n\n**Demora:** 10 días."
    assert asked("¿y cuánto demora?", body) == ["Demora"]
    assert asked(text, body) == [] and not asks_about(text, QUESTION, body)
    assert not asks_only_sections(text, QUESTION)


@pytest.mark.parametrize(
    "text",
    [
        "¿y mañana sábado?",
        "savado",
        "y los sabados atienden",
        "y el proximo feriado",
        "¿y los sábados abren?",
        "¿qué horario tienen el sábado?",
        "está abierto el sábado",
        "¿puedo ir el sábado?",
    ],
)
def test_a_message_that_only_names_days_is_about_an_answer_that_names_one_of_them(text: str) -> None:
    assert asks_about(text, QUESTION, HOURS)
    assert nearest_sentence(text, QUESTION, HOURS) == "**Sábados y feriados:** cerrado."


@pytest.mark.parametrize(
    "text",
    [
        "¿y mañana?",
        "y el domingo",
        "y sin sábado",
        "y el sábado en la feria",
        "quiero pedir cita el lunes",
        "necesito cita el sábado",
        "quiero cancelar la cita del jueves",
        "postulé el sábado",
        "¿puedo renovar el lunes?",
        "quiero hora el lunes",
    ],
)
def test_a_message_is_not_about_an_answer_that_names_none_of_its_days_or_if_it_says_more(text: str) -> None:
    assert not asks_about(text, QUESTION, HOURS)


@pytest.mark.parametrize(
    ("body", "about"),
    [("Está en Santo Domingo 1234.", False), ("Atiende en Santo Domingo 1234, también el domingo.", True)],
)
def test_a_street_that_is_called_like_a_day_is_none(body: str, about: bool) -> None:
    assert asks_about("¿y el domingo?", QUESTION, body) is about
