"""Tests on which messages the action server decides before Rasa gets them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.answer_faq import AnswerFaq, BeforeRasa
from actions.replies.answers import FaqReplies
from actions.routing import Routed
from actions.server import build_answer_faq
from bot.agency.desk_settings import Route
from bot.agency.model import Agency
from bot.core.payload import Payload
from bot.faq.ranking.risk import Danger
from tests.unit.actions_fakes import (
    FakeAnswerer,
    FakeAsk,
    FakeDecision,
    FakeEntry,
    FakeFaq,
    FakeMatter,
    answering_faq,
    candidates,
    heard,
    said,
    turn,
)

ANSWERS = FakeDecision("answer", candidates("bache"), FakeEntry())
OFFER = said(Payload("¿Cuál?", candidates=candidates("bache")).to_data())
ASKS = said(Payload("¿Cuál es tu caso?", asks=candidates("bache")[0]).to_data())


def answering(agency: Agency, decision: FakeDecision) -> AnswerFaq:
    return answering_faq(FaqReplies(agency), FakeAnswerer(decision))


async def test_sure_answer_is_the_one_that_rasa_would_get(agency: Agency) -> None:
    action = answering(agency, ANSWERS)
    [mine] = (await action.before_rasa(heard("un hoyo"))).said
    [rasas] = await turn(action, heard("un hoyo"))
    assert mine.to_data()["ventanilla"] == rasas


@pytest.mark.parametrize(
    "decision",
    [
        FakeDecision("clarify", candidates("bache", "poda")),
        FakeDecision("clarify", candidates("bache"), asks=FakeAsk()),
        FakeDecision("refer", out_of_scope_topic=FakeMatter()),
        FakeDecision("handoff", candidates("bache")),
        FakeDecision("scope"),
        FakeDecision("clarify", candidates("bache"), danger=Danger("gas", 0.5)),
        replace(ANSWERS, danger=Danger("gas", 0.5)),
        FakeDecision("handoff", danger=Danger("gas", 0.9, 0.9)),
        replace(ANSWERS, entry=FakeEntry(expires=date(2020, 1, 1))),
        replace(ANSWERS, also=FakeEntry("poda", expires=date(2020, 1, 1))),
    ],
)
async def test_replies_that_depend_on_rasas_intent_are_those_that_rasa_would_get(
    agency: Agency, decision: FakeDecision
) -> None:
    action = answering(agency, decision)
    found = await action.before_rasa(heard("un hoyo"))
    assert found.said == ()
    assert [one.to_data()["ventanilla"] for one in found.if_question] == await turn(action, heard("un hoyo"))


async def test_handoff_before_rasa_goes_to_the_team_of_the_route(agency: Agency) -> None:
    routed = replace(agency, desk=replace(agency.desk, routes=(Route({"canal": "web"}, "poda"),)))
    decision, tracker = FakeDecision("handoff", candidates("bache")), heard("qué hago con el olmo de mi reja")
    found = await answering(routed, decision).before_rasa(tracker)
    rasas = await turn(Routed(answering(routed, decision), routed), tracker)
    assert [one.to_data()["ventanilla"] for one in found.if_question] == rasas
    assert rasas[0]["handoff"]["team"] == "poda"


async def test_second_fallback_in_a_row_is_left_to_rasa_which_has_its_text(agency: Agency) -> None:
    before = (said(Payload("No sé.", missed=True).to_data()),)
    assert await answering(agency, FakeDecision("scope")).before_rasa(heard("un hoyo", before=before)) == BeforeRasa()


async def test_small_talk_in_the_words_that_rasa_was_taught_is_left_to_rasa(agency: Agency) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(ANSWERS), small_talk=("sí", "de acuerdo"))
    assert await action.before_rasa(heard("¡De acuerdo!")) == BeforeRasa()
    assert await action.before_rasa(heard("Sí, de acuerdo")) == BeforeRasa()
    assert (await action.before_rasa(heard("un acuerdo de unión civil"))).said


@pytest.mark.parametrize("text", ["lista de trámites porfa", "menú por favor"])
async def test_small_talk_with_a_please_is_left_to_rasa(agency: Agency, text: str) -> None:
    action = build_answer_faq(agency, FakeFaq(FakeAnswerer(ANSWERS)))
    assert await action.before_rasa(heard(text)) == BeforeRasa()
    assert (await action.before_rasa(heard(f"{text} de bicicletas"))).said


async def test_small_talk_that_rasa_takes_for_a_question_gets_no_answer(agency: Agency) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(ANSWERS), small_talk=("sí", "de acuerdo"))
    question = await turn(action, heard("un hoyo"))
    assert await turn(action, heard("sí de acuerdo")) not in ([], question)


async def test_answer_to_our_question_is_left_to_rasa(agency: Agency) -> None:
    assert await answering(agency, ANSWERS).before_rasa(heard("un hoyo", before=(ASKS,))) == BeforeRasa()


async def test_message_that_may_choose_among_offered_entries_is_answered_if_rasa_finds_a_question(
    agency: Agency,
) -> None:
    action = answering(agency, ANSWERS)
    found, [rasas] = await action.before_rasa(heard("un hoyo", before=(OFFER,))), await turn(action, heard("un hoyo"))
    assert (found.said, [one.to_data()["ventanilla"] for one in found.if_question]) == ((), [rasas])
