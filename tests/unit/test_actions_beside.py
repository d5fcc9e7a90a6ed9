"""Tests what stands below an answer about another part of the message: an entry to choose, or no sure answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from actions.replies.answers import FaqReplies
from actions.replies.beside import with_rest
from bot.agency.model import Agency
from bot.core.messages import Candidate, Handoff, HandoffReason
from bot.core.payload import Payload
from tests.unit.actions_fakes import TODAY, FakeAsk, FakeDecision, FakeEntry, FakeMatter

OTHER = Candidate("poda", "¿Cómo pido la poda?", 0.6)


def test_entry_of_another_part_is_a_button_below_the_answer_and_no_open_offer(agency: Agency) -> None:
    decision = FakeDecision("answer", (), FakeEntry(), beside=OTHER)
    first, second = FaqReplies(agency).for_decision(decision, TODAY)
    assert (first.text, second.text) == (FakeEntry().body, agency.say("tambien_esto"))
    assert [one.payload for one in second.buttons] == ['/choose_entry{"entry": "poda"}']
    assert second.candidates == ()
    assert len(FaqReplies(agency).for_decision(replace(decision, beside=None), TODAY)) == 1


def test_nothing_is_offered_below_a_handoff(agency: Agency) -> None:
    handed = (Payload("Vencida.", handoff=Handoff(HandoffReason.EXPIRED_ENTRY)),)
    decision = FakeDecision("answer", (), FakeEntry(), beside=OTHER)
    assert with_rest(agency, handed, decision, FaqReplies(agency).refer) == handed


@pytest.mark.parametrize(("place", "key"), [("first", "sin_lo_primero"), ("second", "sin_lo_segundo")])
def test_who_asks_something_unknown_beside_the_answer_reads_so_and_can_ask_for_a_person(
    agency: Agency, place: str, key: str
) -> None:
    decision = FakeDecision("answer", (), FakeEntry(), unanswered=place)
    first, second = FaqReplies(agency).for_decision(decision, TODAY)
    assert (first.text, second.text) == (FakeEntry().body, agency.say(key))
    assert [one.payload for one in second.buttons] == ["/ask_human"]
    assert second.handoff is None


def test_third_question_is_a_button_below_two_answers(agency: Agency) -> None:
    decision = FakeDecision("answer", (), FakeEntry(), also=FakeEntry("luz"), beside=OTHER)
    first, second, third = FaqReplies(agency).for_decision(decision, TODAY)
    assert first.text.startswith(agency.say("dos_preguntas_de_mas"))
    assert [one.provenance.entry for one in (first, second) if one.provenance] == ["bache", "luz"]
    assert [one.payload for one in third.buttons] == ['/choose_entry{"entry": "poda"}']


@pytest.mark.parametrize(
    ("said", "key"), [({"beside": OTHER}, "dos_cosas"), ({"unanswered": "second"}, "sin_lo_segundo")]
)
def test_other_part_is_not_lost_above_a_question_about_the_audience(agency: Agency, said: Any, key: str) -> None:
    decision = FakeDecision("clarify", (Candidate("bache", "", 0.9),), asks=FakeAsk(), **said)
    line, question = FaqReplies(agency).for_decision(decision, TODAY)
    assert (line.text, line.asks) == (agency.say(key), None)
    assert question.asks and question.asks.entry == "bache"


def test_known_topic_of_the_other_part_is_referred_below_the_answer(agency: Agency) -> None:
    decision = FakeDecision("answer", (), FakeEntry(), unanswered="first", out_of_scope_topic=FakeMatter())
    first, second = FaqReplies(agency).for_decision(decision, TODAY)
    assert (first.text, second.referral) == (FakeEntry().body, "divorcio")
    assert second.text.startswith(f"{agency.say('lo_primero')}\n\n") and "Tribunales de Familia" in second.text
