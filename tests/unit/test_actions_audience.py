"""Asking who the citizen is when the answer depends on it, remembering it, and answering what waited."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from actions.answer_faq import AnswerFaq, ChooseEntry, TellAudience
from actions.audience import question
from actions.choice import Affirm
from actions.context import context_of
from actions.faq_replies import FaqReplies
from actions.history import asked_about, told
from actions.miss import out_of_scope
from actions.payload import Payload
from bot.agency import Agency
from bot.messages import Candidate
from bot.publics import Public
from tests.unit.actions_fakes import (
    TODAY,
    FakeAnswerer,
    FakeAsk,
    FakeDecision,
    FakeEntry,
    FakeFaq,
    candidates,
    heard,
    said,
    turn,
)

ASKING = FakeDecision("clarify", candidates("poda", "bache"), asks=FakeAsk())
WAITING = said(Payload("¿Cuál es tu caso?", asks=candidates("bache")[0]).to_message())
PUBLICS = {"segmento": Public("¿Cuál es tu caso?", {"adulto-mayor": "Tengo 60 años o más"})}


@pytest.fixture
def asking(agency: Agency) -> FaqReplies:
    return FaqReplies(replace(agency, publics=PUBLICS))


def entities(**carried: str) -> tuple[dict[str, Any], ...]:
    return tuple({"entity": name, "value": value} for name, value in carried.items())


def click(value: str, dimension: str = "segmento") -> dict[str, Any]:
    """The event of an earlier message that said who the citizen is."""
    carried = list(entities(dimension=dimension, value=value, entry="bache"))
    return {"event": "user", "text": "/tell_audience", "parse_data": {"entities": carried}}


def answering(replies: FaqReplies, decision: FakeDecision) -> AnswerFaq:
    faq = FakeFaq(FakeAnswerer(decision))
    return AnswerFaq(faq, replies, lambda: TODAY, small_talk=out_of_scope("atencion"))


async def test_who_the_citizen_is_is_asked_with_the_words_of_the_agency(asking: FaqReplies) -> None:
    [message] = await turn(answering(asking, ASKING), heard("un hoyo"))
    assert message["text"] == "¿Cuál es tu caso?"
    assert message["buttons"] == [
        {
            "title": "Tengo 60 años o más",
            "payload": '/tell_audience{"dimension": "segmento", "value": "adulto-mayor", "entry": "bache"}',
        },
        {
            "title": "Estudiante",
            "payload": '/tell_audience{"dimension": "segmento", "value": "estudiante", "entry": "bache"}',
        },
        {
            "title": "Prefiero no decir",
            "payload": '/tell_audience{"dimension": "segmento", "value": "", "entry": "bache"}',
        },
    ]


def test_a_dimension_that_the_agency_does_not_list_is_asked_all_the_same(agency: Agency) -> None:
    asked = question(agency, FakeAsk(dimension="edad", options=("60_o-mas",)), ())
    assert asked.text == agency.say("cual_es_tu_caso")
    assert [button.title for button in asked.buttons] == ["60 o mas", "Prefiero no decir"]
    assert asked.asks == Candidate("bache", "", 1.0)


async def test_the_other_question_of_the_message_is_answered_above(asking: FaqReplies) -> None:
    other = FakeEntry("poda", body="Pide la poda.")
    messages = await turn(answering(asking, replace(ASKING, also=other)), heard("un hoyo y una rama"))
    assert [message["text"] for message in messages] == ["Pide la poda.", "¿Cuál es tu caso?"]
    expired = replace(other, expires=date(2020, 1, 1))
    [message] = await turn(answering(asking, replace(ASKING, also=expired)), heard("un hoyo y una rama"))
    assert message["text"] == "¿Cuál es tu caso?"


async def test_what_waited_is_answered_as_surely_as_before_and_for_that_citizen(asking: FaqReplies) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"))
    tell = TellAudience(FakeFaq(answerer), asking, lambda: TODAY)
    carried = entities(dimension="segmento", value="adulto-mayor", entry="bache")
    [message] = await turn(tell, heard("/tell_audience", entities=carried, before=(WAITING,)))
    assert (message["text"], message["provenance"]["confidence"]) == (FakeEntry().body, 0.4)
    assert answerer.context and answerer.context.audience["segmento"] == "adulto-mayor"
    [message] = await turn(tell, heard("/tell_audience", entities=carried))
    assert message["provenance"]["confidence"] == 1.0


@pytest.mark.parametrize("decision", [FakeDecision("handoff", candidates("bache")), replace(ASKING)])
async def test_without_a_variant_for_them_a_person_follows_or_the_next_question(
    asking: FaqReplies, decision: FakeDecision
) -> None:
    tell = TellAudience(FakeFaq(FakeAnswerer(decision, choice=decision)), asking, lambda: TODAY)
    carried = entities(dimension="edad", value="", entry="bache")
    [message] = await turn(tell, heard("/tell_audience", entities=carried, before=(WAITING,)))
    if decision.asks:
        assert message["asks"]["entry"] == "bache"
    else:
        assert message["text"] == asking.agency.say("sin_tu_caso")
        assert message["handoff"]["reason"] == "low_confidence"


@pytest.mark.parametrize("made", [TellAudience, ChooseEntry])
async def test_an_entry_that_is_gone_meanwhile_is_said_to_be(
    asking: FaqReplies, made: Callable[..., ChooseEntry]
) -> None:
    action = made(FakeFaq(FakeAnswerer(FakeDecision("handoff"))), asking, lambda: TODAY)
    carried = entities(dimension="segmento", value="", entry="borrada")
    assert await turn(action, heard("/...", entities=carried)) == [{"text": asking.agency.say("opcion_vencida")}]


async def test_a_choice_and_a_yes_ask_too(asking: FaqReplies) -> None:
    answerer = FakeAnswerer(FakeDecision("handoff"), choice=ASKING)
    choose = ChooseEntry(FakeFaq(answerer), asking, lambda: TODAY)
    [clicked] = await turn(choose, heard("/choose_entry", entities=entities(entry="bache")))
    offer = said(Payload("¿Cuál?", candidates=candidates("bache")).to_message())
    [agreed] = await turn(Affirm(FakeFaq(answerer), asking, lambda: TODAY), heard("sí", before=(offer,)))
    assert clicked["text"] == agreed["text"] == "¿Cuál es tu caso?"
    assert answerer.context and answerer.context.audience["comuna"] == asking.agency.comuna


@pytest.mark.parametrize(
    ("before", "known"),
    [
        ((), {}),
        ((click("estudiante"),), {"segmento": "estudiante"}),
        ((click("estudiante"), {"event": "user"}, click("adulto-mayor")), {"segmento": "adulto-mayor"}),
        ((click(""),), {"segmento": ""}),
        ((click("estudiante"), click("otra", "comuna")), {"segmento": "estudiante", "comuna": "otra"}),
        ((click("estudiante"), {"event": "session_started"}), {}),
    ],
)
def test_what_was_said_is_known_for_the_rest_of_the_session(
    agency: Agency, before: tuple[dict[str, Any], ...], known: dict[str, str]
) -> None:
    tracker = heard("¿y cuánto cuesta?", before=before)
    assert told(tracker.events) == known
    expected = {"comuna": agency.comuna, "canal": "web"} | known
    assert context_of(tracker, agency).audience == expected


def test_an_entry_waits_for_the_next_message_only() -> None:
    assert asked_about(heard("...", before=(WAITING,)).events) == candidates("bache")[0]
    assert asked_about(heard("...", before=(WAITING, {"event": "user"})).events) is None
