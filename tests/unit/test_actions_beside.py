"""Tests the offer below an answer of the entry for which another part of the message may ask."""

from __future__ import annotations

from dataclasses import replace

from actions.replies.answers import FaqReplies
from actions.replies.beside import with_beside
from bot.agency.model import Agency
from bot.core.messages import Candidate, Handoff, HandoffReason
from bot.core.payload import Payload
from tests.unit.actions_fakes import TODAY, FakeDecision, FakeEntry

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
    assert with_beside(agency, handed, OTHER) == handed
