"""Tests what a message reveals about the citizen's language, and the replies in that language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.messages import Button, Channel, CitizenMessage, HandoffReason, Reply, Speaker
from bot.turns.attachments import said_without_rasa
from bot.turns.buttons import NOTIFY_NEAR, asks_for_notice, with_ids
from bot.turns.foreign_language import PERSON, SPANISH, in_another_language, says_name, stated_language, wrote_spanish

NEW = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
FOREIGN = replace(NEW, known={"idioma": "en"})
ENGLISH, PLAIN, LONG = (
    "how do I renew my license?",
    "¿dónde pago el permiso?",
    "hola, necesito saber dónde puedo pagar el permiso de circulación de mi auto porque se me venció ayer",
)


def said(text: str, button: str | None = None) -> CitizenMessage:
    return CitizenMessage("c", Channel.WEB, "1", text, 0, button=button)


def told(text: str, state: ConversationState = NEW, **more: Any) -> dict[str, str]:
    return stated_language(said(text, more.get("id")), more.get("button"), state)


@pytest.mark.parametrize("text", ["", "🦙", "ok", "permiso", "12345", PLAIN])
def test_possible_spanish_reveals_nothing(agency: Agency, text: str) -> None:
    assert told(text) == {}
    assert in_another_language(agency, said(text), None, NEW, "atencion") is None


def test_another_language_gets_one_notice() -> None:
    assert told(ENGLISH) == {"idioma": "en"}
    assert told(ENGLISH, FOREIGN) == {}


def test_one_short_spanish_message_is_remembered_without_a_change() -> None:
    assert told(PLAIN, FOREIGN) == {}
    assert wrote_spanish(said(PLAIN), FOREIGN) is True
    assert told(PLAIN, replace(FOREIGN, wrote_spanish=True)) == {"idioma": "es"}


def test_long_spanish_message_changes_the_language_immediately() -> None:
    assert told(LONG, FOREIGN) == {"idioma": "es"}


def test_writing_the_other_language_again_forgets_the_spanish() -> None:
    assert wrote_spanish(said(ENGLISH), replace(FOREIGN, wrote_spanish=True)) is False
    assert wrote_spanish(said(ENGLISH), FOREIGN) is None
    assert wrote_spanish(said(PLAIN), NEW) is None


def test_button_has_its_language_and_its_title_none() -> None:
    assert told("Seguir en español", FOREIGN, button=Button("Seguir", SPANISH, "b1"), id="b1") == {"idioma": "es"}
    assert told(ENGLISH, button=Button(ENGLISH, "/first", "b1"), id="b1") == {}
    assert told(ENGLISH, id="gone") == {}


def test_person_is_offered_first_and_a_second_message_is_a_handoff(agency: Agency) -> None:
    turn = in_another_language(agency, said(ENGLISH), None, NEW, "atencion")
    assert turn and turn.handoff is None
    person, spanish = turn.replies[0].buttons
    assert (person.payload, spanish.payload, turn.replies[0].language) == (f"{PERSON}en", SPANISH, "en")
    again = in_another_language(agency, said(ENGLISH), None, replace(NEW, buttons=(person, spanish)), "obras")
    assert again and again.handoff
    assert (again.handoff.reason, again.handoff.team) == (HandoffReason.LANGUAGE, "obras")


@pytest.mark.parametrize(("text", "asks"), [("Tell me", True), ("1", True), ("tell me about dogs", False)])
def test_notice_is_asked_for_by_number_and_by_the_title_in_the_language(text: str, asks: bool) -> None:
    buttons = with_ids((Reply("", (Button("Tell me", NOTIFY_NEAR),)),))[0].buttons
    assert asks_for_notice(said(text), buttons) is asks
    assert not asks_for_notice(said(text))


def test_offer_in_one_language_does_not_count_in_another(agency: Agency) -> None:
    other = replace(NEW, buttons=(Button("Falar com uma pessoa", f"{PERSON}pt", "b1"),))
    turn = in_another_language(agency, said(ENGLISH), None, other, "atencion")
    assert turn and turn.handoff is None


def test_buttons_lead_to_a_person_or_to_spanish_and_other_buttons_are_left_to_the_turn(agency: Agency) -> None:
    pressed = said("x", "b1")
    person = in_another_language(agency, pressed, Button("x", f"{PERSON}pt"), NEW, "atencion")
    assert person and person.handoff and person.known == {"idioma": "pt"}
    on = in_another_language(agency, pressed, Button("x", SPANISH), NEW, "atencion")
    assert on and on.handoff is None and on.replies[0].language == ""
    assert in_another_language(agency, pressed, Button("x", "/first"), NEW, "atencion") is None
    assert in_another_language(agency, said(ENGLISH, "gone"), None, NEW, "atencion") is None


@pytest.mark.parametrize(
    ("language", "text", "answer"),
    [("pt", "Obrigado!", "De nada."), ("pt", "muito obrigado", "De nada."), ("fr", "Merci beaucoup", "De rien.")],
)
def test_thanks_after_the_offer_are_answered_in_the_language(
    agency: Agency, language: str, text: str, answer: str
) -> None:
    offered = replace(NEW, known={"idioma": language}, buttons=(Button("x", f"{PERSON}{language}", "b1"),))
    turn = in_another_language(agency, said(text), None, offered, "atencion")
    assert turn and turn.handoff is None
    assert [(one.text, one.language) for one in turn.replies] == [(answer, language)]


@pytest.mark.parametrize("text", ["thanks", "obrigado", "merci"])
def test_borrowed_thanks_of_a_spanish_speaker_are_small_talk(agency: Agency, text: str) -> None:
    assert in_another_language(agency, said(text), None, NEW, "atencion") is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What's your name?", "My name is Aroma and I'm an automatic"),
        ("qual é o seu nome?", "Meu nome é Aroma e sou uma assistente automática"),
        ("comment tu t'appelles", "Je m'appelle Aroma"),
        ("kijan ou rele", "Non mwen se Aroma"),
    ],
)
def test_assistant_says_its_name_in_other_languages(agency: Agency, text: str, words: str) -> None:
    turn = in_another_language(agency, said(text), None, NEW, "atencion")
    assert turn and turn.replies[0].text.startswith(words)


@pytest.mark.parametrize(
    "text", ["¿Cómo te llamas?", "hola, ¿cuál es tu nombre?", "y tú cómo te llamas", "como se llama usted"]
)
def test_assistant_says_its_name_and_that_it_is_automatic(agency: Agency, text: str) -> None:
    assert says_name(agency, text).startswith(
        "Me llamo Aroma y soy un programa que responde automáticamente. No soy una persona."
    )
    reply = said_without_rasa(agency, said(text), None)
    assert reply and reply.text == says_name(agency, text)


@pytest.mark.parametrize(
    "text", ["¿cómo se llama el alcalde?", "cambio de nombre", "mi nombre es Ana", "cómo te llamo por teléfono"]
)
def test_other_questions_about_names_are_left_to_the_answerer(agency: Agency, text: str) -> None:
    assert says_name(agency, text) == ""
