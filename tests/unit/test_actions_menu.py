"""Tests that the assistant shows the agency's own questions, and names no subject that the agency lacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from actions.choice import Affirm, UnlessAsks
from actions.commands import Capabilities, Menu
from actions.replies.answers import FaqReplies
from actions.replies.menu import examples
from bot.agency.front_page import Featured
from bot.agency.model import Agency
from bot.text.normalize import plain
from tests.unit.actions_fakes import (
    TODAY,
    FakeAnswerer,
    FakeDecision,
    FakeEntry,
    FakeFaq,
    answering_faq,
    candidates,
    heard,
    turn,
)

THEATRE = (
    FakeEntry("abono", "¿Cómo compro el abono?", "entradas"),
    FakeEntry("valor", "¿Cuánto vale?", "entradas"),
    FakeEntry("tarde", "¿Qué pasa si llego tarde?", "sala"),
    FakeEntry("vieja", "¿Qué daban en 2019?", "sala", expires=TODAY - timedelta(days=1)),
)
YES = ("sí", "Sí.", "sí po", "si porfa", "si señorita", "eso", "esa misma", "también", "y", "y sí", "pero claro que sí")


@pytest.fixture
def theatre(agency: Agency) -> Agency:
    return replace(
        agency, name="Teatro Regional", short_name="Teatro", front_page=replace(agency.front_page, featured=())
    )


def menu(agency: Agency, *entries: FakeEntry) -> Menu:
    return Menu(agency, FakeFaq(FakeAnswerer(FakeDecision("scope"), entries)), lambda: TODAY)


async def shown(agency: Agency, *entries: FakeEntry) -> list[str]:
    [message] = await turn(menu(agency, *entries), heard("/help_menu", intent="help_menu"))
    return [one["title"] for one in message["buttons"]]


async def test_menu_shows_a_valid_question_of_each_topic_and_a_person(theatre: Agency) -> None:
    titles = await shown(theatre, *THEATRE)
    expected = ["¿Cómo compro el abono?", "¿Qué pasa si llego tarde?", "¿Cuánto vale?", theatre.say("boton_persona")]
    assert titles == expected


async def test_menu_of_the_web_shows_no_question_that_is_only_for_another_channel(theatre: Agency) -> None:
    elsewhere = FakeEntry("aviso", "¿Cómo me avisan?", "avisos", audience={"canal": ("whatsapp",)})
    web = tuple(replace(one, audience={"canal": ("web",)}) for one in THEATRE[:1])
    assert await shown(theatre, elsewhere, *web) == ["¿Cómo compro el abono?", theatre.say("boton_persona")]


def test_every_topic_has_its_turn_and_no_question_comes_twice() -> None:
    shown = [one.id for one in examples(THEATRE, [plain("¿Cuánto vale?"), "no existe"])]
    assert shown == ["valor", "abono", "tarde", "vieja"]


async def test_menu_begins_with_what_the_home_page_features(theatre: Agency) -> None:
    front = replace(theatre.front_page, featured=(Featured("¿Cuánto vale?", "Valores"), Featured("¿Otra?", "Otra")))
    assert (await shown(replace(theatre, front_page=front), *THEATRE))[0] == "¿Cuánto vale?"


async def test_agency_without_questions_says_what_can_be_asked(theatre: Agency) -> None:
    [message] = await turn(menu(theatre), heard("/help_menu", intent="help_menu"))
    assert message["text"] == theatre.say("que_respondo", asunto="Teatro")


async def test_capabilities_name_no_municipal_subject_elsewhere(theatre: Agency, agency: Agency) -> None:
    said = [(await turn(Capabilities(one), heard("qué puedes hacer")))[0]["text"] for one in (theatre, agency)]
    assert ["trámites" in text for text in said] == [False, True]
    assert "Teatro" in said[0]


@pytest.mark.parametrize(
    ("text", "is_asked"),
    [*((text, True) for text in ("y si llevo el loro", "pero si no tengo entrada")), *((yes, False) for yes in YES)],
)
async def test_question_that_begins_like_a_yes_is_answered(agency: Agency, text: str, is_asked: bool) -> None:
    answerer, replies = FakeAnswerer(FakeDecision("clarify", candidates("bache"))), FaqReplies(agency)
    answer = answering_faq(replies, answerer, small_talk=("sí", "claro que sí"))
    step = UnlessAsks(Affirm(FakeFaq(answerer), replies, lambda: TODAY), answer)
    [message] = await turn(step, heard(text, intent="affirm"))
    assert (message.get("response") != "utter_affirm") is is_asked


async def test_small_talk_that_the_classifier_takes_for_a_request_for_a_person_is_left_to_rasa(agency: Agency) -> None:
    asks = FakeDecision("scope", command=type("Human", (), {"name": "ask_human", "score": 0.9})())
    answer = answering_faq(FaqReplies(agency), FakeAnswerer(asks), small_talk=("menú",))
    found = [await answer.before_rasa(heard(text)) for text in ("menú", "páseme con alguien")]
    assert [one.command for one in found] == ["", "ask_human"]
