"""Tests which messages the action server answers without Rasa."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from actions.answer_faq import AnswerFaq
from actions.faq_replies import FaqReplies
from bot.agency.model import Agency
from bot.core.payload import Payload
from bot.faq.ranking.risk import Danger
from tests.unit.actions_fakes import (
    FakeAnswerer,
    FakeAsk,
    FakeDecision,
    FakeEntry,
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
    [mine] = await action.surely(heard("un hoyo"))
    [rasas] = await turn(action, heard("un hoyo"))
    assert mine.to_data()["ventanilla"] == rasas


@pytest.mark.parametrize(
    "decision",
    [
        FakeDecision("clarify", candidates("bache", "poda")),
        FakeDecision("clarify", candidates("bache"), asks=FakeAsk()),
        FakeDecision("handoff", candidates("bache")),
        FakeDecision("scope"),
        FakeDecision("refer"),
        replace(ANSWERS, danger=Danger("gas", 0.5)),
        replace(ANSWERS, entry=FakeEntry(expires=date(2020, 1, 1))),
        replace(ANSWERS, also=FakeEntry("poda", expires=date(2020, 1, 1))),
    ],
)
async def test_anything_else_is_left_to_rasa(agency: Agency, decision: FakeDecision) -> None:
    assert await answering(agency, decision).surely(heard("un hoyo")) == ()


async def test_small_talk_in_the_words_that_rasa_was_taught_is_left_to_rasa(agency: Agency) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(ANSWERS), small_talk=("sí", "de acuerdo"))
    assert await action.surely(heard("¡De acuerdo!")) == ()
    assert await action.surely(heard("Sí, de acuerdo")) == ()
    assert await action.surely(heard("un acuerdo de unión civil")) != ()


async def test_small_talk_that_rasa_takes_for_a_question_gets_no_answer(agency: Agency) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(ANSWERS), small_talk=("sí", "de acuerdo"))
    question = await turn(action, heard("un hoyo"))
    assert await turn(action, heard("sí de acuerdo")) not in ([], question)


@pytest.mark.parametrize("before", [OFFER, ASKS])
async def test_message_that_may_answer_our_question_is_left_to_rasa(agency: Agency, before: dict[str, object]) -> None:
    assert await answering(agency, ANSWERS).surely(heard("un hoyo", before=(before,))) == ()
