"""Tests what a message reveals of the citizen's language, and the replies in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.conversation.state import ConversationState
from bot.core.messages import Button, Channel, CitizenMessage, HandoffReason, Reply, Speaker
from bot.turns.buttons import TELL_NEAR, asks_to_be_told, with_ids
from bot.turns.foreign_language import PERSON, SPANISH, in_another_language, language_told, wrote_spanish

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
    return language_told(said(text, more.get("id")), more.get("button"), state)


@pytest.mark.parametrize("text", ["", "🦙", "ok", "permiso", "12345", PLAIN])
def test_possible_spanish_reveals_nothing(text: str) -> None:
    assert told(text) == {}
    assert in_another_language(said(text), None, NEW, "atencion") is None


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


def test_person_is_offered_first_and_a_second_message_is_a_handoff() -> None:
    turn = in_another_language(said(ENGLISH), None, NEW, "atencion")
    assert turn and turn.handoff is None
    person, spanish = turn.replies[0].buttons
    assert (person.payload, spanish.payload, turn.replies[0].language) == (f"{PERSON}en", SPANISH, "en")
    again = in_another_language(said(ENGLISH), None, replace(NEW, buttons=(person, spanish)), "obras")
    assert again and again.handoff
    assert (again.handoff.reason, again.handoff.team) == (HandoffReason.LANGUAGE, "obras")


@pytest.mark.parametrize(("text", "asks"), [("Tell me", True), ("1", True), ("tell me about dogs", False)])
def test_notice_is_asked_for_by_number_and_by_the_title_in_the_language(text: str, asks: bool) -> None:
    buttons = with_ids((Reply("", (Button("Tell me", TELL_NEAR),)),))[0].buttons
    assert asks_to_be_told(said(text), buttons) is asks
    assert not asks_to_be_told(said(text))


def test_offer_in_one_language_does_not_count_in_another() -> None:
    other = replace(NEW, buttons=(Button("Falar com uma pessoa", f"{PERSON}pt", "b1"),))
    turn = in_another_language(said(ENGLISH), None, other, "atencion")
    assert turn and turn.handoff is None


def test_buttons_lead_to_a_person_or_to_spanish_and_others_are_not_ours() -> None:
    pressed = said("x", "b1")
    person = in_another_language(pressed, Button("x", f"{PERSON}pt"), NEW, "atencion")
    assert person and person.handoff and person.known == {"idioma": "pt"}
    on = in_another_language(pressed, Button("x", SPANISH), NEW, "atencion")
    assert on and on.handoff is None and on.replies[0].language == ""
    assert in_another_language(pressed, Button("x", "/first"), NEW, "atencion") is None
    assert in_another_language(said(ENGLISH, "gone"), None, NEW, "atencion") is None
