"""Tests chitchat and insults: the first time a hint at what can be asked, the second in a row a handoff."""

from __future__ import annotations

from typing import Any

import pytest

from actions.commands import insult, out_of_scope
from actions.faq_replies import FaqReplies
from actions.step import Step
from bot.agency.model import Agency
from bot.core.payload import Payload
from tests.unit.actions_fakes import FakeAnswerer, FakeDecision, answering_faq, heard, said, turn

MISS = said(Payload(missed=True).to_data())
ANSWER = said(Payload("Así.").to_data())
USER = {"event": "user", "text": "..."}
SESSION = {"event": "session_started"}


@pytest.fixture(params=["everyday talk, by Rasa", "everyday talk, by the answerer", "insult"])
def action(request: pytest.FixtureRequest, agency: Agency) -> Step:
    if request.param == "insult":
        return insult("atencion")
    no_question = out_of_scope("atencion")
    if request.param.endswith("Rasa"):
        return no_question
    return answering_faq(FaqReplies(agency), FakeAnswerer(FakeDecision("scope")), no_question=no_question)


@pytest.mark.parametrize("before", [(), (ANSWER,), (MISS, USER, ANSWER), (MISS, SESSION)])
async def test_first_miss_only_offers_a_person(action: Step, before: tuple[dict[str, Any], ...]) -> None:
    [message] = await turn(action, heard("cuéntame un chiste", before=(USER, *before)))
    assert message["response"] in {"utter_out_of_scope_chitchat", "utter_insult"}
    assert (message["missed"], "handoff" in message) == (True, False)


async def test_second_miss_in_a_row_is_a_handoff(action: Step) -> None:
    [message] = await turn(action, heard("otro chiste", before=(USER, MISS)))
    assert message["response"] == "utter_missed_again"
    assert (message["handoff"]["reason"], message["handoff"]["team"]) == ("low_confidence", "atencion")
    assert "missed" not in message


async def test_count_restarts_after_the_person(action: Step) -> None:
    handed_off = said({"ventanilla": (await turn(action, heard("otro", before=(USER, MISS))))[0]})
    [message] = await turn(action, heard("y otro", before=(USER, MISS, USER, handed_off)))
    assert "handoff" not in message
