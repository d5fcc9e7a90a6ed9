"""Tests which message of a citizen becomes the matter of a conversation."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.agency.citizen_texts import BUTTONS
from bot.agency.model import Agency
from bot.conversation.state import KeptDanger, state_from
from bot.core.event_facts import MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel, HandoffReason, Priority, RecognizedDanger
from bot.handoff.listing import waiting_of
from bot.handoff.matter import asks_for_somebody, button_titles, matter_of, names_contact, states_matter
from bot.tickets.ticket import Ticket
from tests.rows import each_row


def said(*texts: str, author: Author = Author.CITIZEN) -> list[Event]:
    return [Event(f"{number}-0", "c", EventKind.MESSAGE, author, text) for number, text in enumerate(texts)]


@each_row(
    "text",
    [
        "hola",
        "Buenas tardes!!",
        "muchas gracias",
        "sí",
        "no",
        "ok dale",
        "persona",
        "kiero ablar con una persona xfa",
        "¿hay alguien ahí?",
        "¿cuánto falta?",
        "m•••@ejemplo.cl",
        "+56 9 •••• 4321",
        "2",
        "Me da lo mismo",
        "servicio al cliente",
        "soporte técnico, por favor",
        "👍",
        "",
    ],
)
def test_greetings_courtesies_and_requests_for_a_person_name_no_matter(text: str) -> None:
    assert not states_matter(text)


@pytest.mark.parametrize(
    "text",
    ["licencia?", "no pasa el camión", "hay fuego", "hola, me cobraron doble", "tengo VIH", "soporte de bicicletas"],
)
def test_other_words_name_the_matter(text: str) -> None:
    assert states_matter(text)


@pytest.mark.parametrize(
    "text", ["quiero poner un reclamo", "Buenas, una persona por favor", "hablar con alguien por teléfono"]
)
def test_somebody_is_asked_for_without_a_matter(text: str) -> None:
    assert asks_for_somebody(text)


@pytest.mark.parametrize("text", ["quiero reclamar por un hoyo", "¿cuándo atienden?", "gracias", "dejar basura", ""])
def test_nobody_is_asked_for_or_there_is_a_matter(text: str) -> None:
    assert not asks_for_somebody(text)


@pytest.mark.parametrize(
    "text", ["qué se necesita para ser beneficiario", "¿y puede ser con fotocopia?", "como puedo ser parte de la junta"]
)
def test_verb_to_be_names_no_contact(text: str) -> None:
    assert not names_contact(text)


def test_human_being_is_somebody_and_maybe_is_nobody() -> None:
    assert names_contact("hablar con un ser humano") and asks_for_somebody("hablar con un ser humano")
    assert not names_contact("puede ser") and not asks_for_somebody("puede ser")


def test_matter_is_the_latest_message_that_names_it() -> None:
    assert matter_of(said("hola", "la licencia", "gracias"), "persona") == "la licencia"
    assert matter_of(said("hola"), "se llevaron mi auto") == "se llevaron mi auto"


@each_row("key", BUTTONS)
def test_pressed_button_names_no_matter(agency: Agency, key: str) -> None:
    assert not states_matter(
        agency.say(key).format(n=3) if "{n}" in agency.say(key) else agency.say(key), button_titles(agency)
    )


@pytest.mark.parametrize(
    "text", ["No era eso", "Borrar todo", "Talk to a person", "Me avise", "sí de acuerdo", "¡Avísame!"]
)
def test_title_of_a_button_in_any_file_or_typed_names_no_matter(agency: Agency, text: str) -> None:
    assert not states_matter(text, button_titles(agency))


def test_row_of_the_desk_shows_the_words_before_the_buttons(agency: Agency) -> None:
    events = said(
        "perdí la licencia", "Ninguna de estas", "Que me llamen", "Sí, de acuerdo", "+56 9 •••• 4321", "En la mañana"
    )
    assert matter_of(events, "", button_titles(agency)) == "perdí la licencia"


def test_without_such_a_message_the_matter_is_the_latest_message() -> None:
    assert matter_of(said("persona", "hola"), "persona") == "hola"
    assert matter_of(said("¿En qué te ayudo?", author=Author.ASSISTANT), "") == ""


@pytest.mark.parametrize(
    ("reason", "denied", "matter"),
    [
        (HandoffReason.EMERGENCY, 0, "me chocó un auto"),
        (HandoffReason.EMERGENCY, 5, "quién paga el hospital"),
        (HandoffReason.ASKED_HUMAN, 0, "quién paga el hospital"),
    ],
)
def test_words_that_opened_an_emergency_stay_its_matter_until_it_is_denied(
    reason: HandoffReason, denied: int, matter: str
) -> None:
    opened = Ticket("7", "c", Channel.WEB, reason, Priority.EMERGENCY, "a", (), 1, None, "me chocó un auto")
    state = replace(state_from({"channel": "web"}, notices_off=False), dangers=(KeptDanger("salud", True, 2, denied),))
    assert waiting_of(opened, said("me chocó un auto", "quién paga el hospital"), state).matter == matter


@pytest.mark.parametrize(
    ("before", "matter"),
    [(["renuevo la licencia", "me chocó un auto"], "me chocó un auto"), ([], "quién paga el hospital")],
)
def test_emergency_told_in_an_open_conversation_hides_what_it_was_opened_for(before: list[str], matter: str) -> None:
    emergency = (HandoffReason.EMERGENCY, Priority.EMERGENCY)
    opened = Ticket("7", "c", Channel.WEB, *emergency, "a", (), 1, None, "renuevo la licencia")
    state = replace(state_from({"channel": "web"}, notices_off=False), dangers=(KeptDanger("salud", True, 900_000),))
    line = Event(
        "8-0", "c", EventKind.MESSAGE, Author.SYSTEM, "131", MessageFacts(danger=RecognizedDanger("medica", sure=True))
    )
    events = [*said(*before), *([line] if before else []), *said("quién paga el hospital")]
    assert waiting_of(opened, events, state).matter == matter


def test_means_of_calling_is_no_matter() -> None:
    assert not states_matter("quiero que me llamen por teléfono") and states_matter("perdí mi teléfono")


@pytest.mark.parametrize("text", ["necesito el teléfono de un funcionario", "un teléfono para atención de personas"])
def test_number_is_a_matter_beside_a_person(text: str) -> None:
    assert states_matter(text) and not asks_for_somebody(text)
