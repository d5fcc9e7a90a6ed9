"""Tests which reply a message with only attachments gets."""

from __future__ import annotations

import pytest

from bot.agency.model import Agency
from bot.core.messages import Attachment, Button, Channel, CitizenMessage, MediaKind, Reply
from bot.turns.attachments import said_without_rasa, unread


@pytest.mark.parametrize(
    ("kinds", "key"),
    [
        ((), ""),
        ((MediaKind.VOICE,), "audio"),
        ((MediaKind.PHOTO,), "adjunto"),
        ((MediaKind.PHOTO, MediaKind.AUDIO), "audio"),
        ((MediaKind.STICKER,), ""),
    ],
)
def test_reply_names_what_nobody_reads(kinds: tuple[MediaKind, ...], key: str) -> None:
    attachments = tuple(map(Attachment, kinds))
    assert unread(CitizenMessage("c", Channel.WEB, "1", "", 0, attachments=attachments)) == key


BUTTONS = (Button("¿Cómo pago?", "/choose_entry", "a1"), Button("Ninguna de estas", "/none_of_these", "b2"))


@pytest.mark.parametrize("text", ["9", "0", "la quinta", "la última", "no es la primera"])
def test_place_that_no_button_has_gets_the_buttons_again(agency: Agency, text: str) -> None:
    useful = Button("Sí", "useful:yes", "useful-yes-x")
    message = CitizenMessage("c", Channel.WEB, "1", text, 0)
    assert said_without_rasa(agency, message, None, (*BUTTONS, useful)) == Reply(agency.say("cual_de_estas"), BUTTONS)


@pytest.mark.parametrize(
    "text",
    ["me equivoqué", "Perdón!", "ups", "espera", "Perdón, me equivoqué de chat", "ay no, era para otro grupo jaja"],
)
def test_citizen_who_was_mistaken_is_asked_again_and_keeps_the_options(agency: Agency, text: str) -> None:
    message = CitizenMessage("c", Channel.WEB, "1", text, 0)
    assert said_without_rasa(agency, message, None) == Reply(agency.say("se_equivoco"))
    assert said_without_rasa(agency, message, None, BUTTONS) == Reply(agency.say("cual_de_estas"), BUTTONS)


def test_announced_question_is_asked_for_but_another_matter_than_the_options_is_not(agency: Agency) -> None:
    message = CitizenMessage("c", Channel.WEB, "1", "gracias, otra cosa", 0)
    assert said_without_rasa(agency, message, None) == Reply(agency.say("anuncia_pregunta"))
    assert said_without_rasa(agency, message, None, BUTTONS) is None  # it rejects them


def test_number_without_options_is_asked_for_words(agency: Agency) -> None:
    said = [
        said_without_rasa(agency, CitizenMessage("c", Channel.WEB, "1", text, 0), None) for text in ("2", "la quinta")
    ]
    assert said == [Reply(agency.say("solo_numero")), None]


def test_number_beside_a_single_button_is_asked_for_words(agency: Agency) -> None:
    def said(text: str) -> Reply | None:
        return said_without_rasa(agency, CitizenMessage("c", Channel.WEB, "1", text, 0), None, BUTTONS[:1])

    assert [said("70"), said("la 2")] == [Reply(agency.say("solo_numero"), BUTTONS[:1])] * 2
    assert said("la segunda") is None


CHOICE = Button("¿Cómo pago?", '/choose_entry{"entry": "pago"}', "a1")
BESIDE = Button("¿Dónde pago?", '/choose_entry{"entry": "lugar"}', "a2")
WHOLE = Button("Ver todo", '/choose_entry{"entry": "pago", "whole": "1"}', "a3")
NONE = Button("Ninguna de estas", "/none_of_these", "b2")
PERSON = Button("Hablar con alguien", "/ask_human", "c3")
DANGER = Button("Es una emergencia", "/emergency", "danger-suicidio")
USEFUL = Button("Sí", "useful:yes", "useful-yes-x")


@pytest.mark.parametrize(
    ("text", "key", "buttons"),
    [
        ("👍", "emoji_contento", ()),
        ("👍", "cual_de_estas", (CHOICE, NONE)),
        ("👍", "cual_de_estas", (CHOICE, BESIDE)),
        ("👍", "emoji_contento", (WHOLE,)),
        ("👍", "emoji_contento", (BESIDE,)),
        ("👍", "emoji_contento", (BESIDE, WHOLE)),
        ("👍", "mensaje_vacio", (PERSON,)),
        ("👍", "mensaje_vacio", (WHOLE, PERSON)),
        ("👍", "mensaje_vacio", (DANGER, PERSON)),
        ("🙏", "mensaje_vacio", (DANGER,)),
        ("🙏", "mensaje_vacio", ()),
        ("😡", "emoji_molesto", (CHOICE, NONE)),
        ("😭", "emoji_molesto", (DANGER,)),
        ("🚗", "mensaje_vacio", (PERSON,)),
    ],
)
def test_emojis_get_a_reply_to_their_mood_and_press_no_button(
    agency: Agency, text: str, key: str, buttons: tuple[Button, ...]
) -> None:
    message = CitizenMessage("c", Channel.WEB, "1", text, 0)
    assert said_without_rasa(agency, message, None, (*buttons, USEFUL)) == Reply(agency.say(key), buttons)
