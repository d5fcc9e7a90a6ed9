"""Tests chitchat and insults: the first time, a hint at possible questions; the second in a row, a handoff."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from actions.commands import insult, out_of_scope
from actions.replies.answers import FaqReplies
from actions.step import Step
from bot.agency.model import Agency
from bot.core.payload import Payload
from bot.faq.answering.context import Context
from tests.unit.actions_fakes import FakeAnswerer, FakeDecision, FakeEntry, answering_faq, candidates, heard, said, turn

MISS = said(Payload(missed=True).to_data())
ANSWER = said(Payload("Así.").to_data())
USER = {"event": "user", "text": "..."}
SESSION = {"event": "session_started"}


@pytest.fixture(params=["everyday talk, by Rasa", "everyday talk, by the answerer", "insult"])
def action(request: pytest.FixtureRequest, agency: Agency) -> Step:
    if request.param == "insult":
        return insult("atencion")
    no_question = out_of_scope(agency)
    if request.param.endswith("Rasa"):
        return no_question
    return answering_faq(FaqReplies(agency), FakeAnswerer(FakeDecision("scope")), no_question=no_question)


@pytest.mark.parametrize("before", [(), (ANSWER,), (MISS, USER, ANSWER), (MISS, SESSION)])
async def test_first_miss_only_offers_a_person(
    agency: Agency, action: Step, before: tuple[dict[str, Any], ...]
) -> None:
    [message] = await turn(action, heard("cuéntame un chiste", before=(USER, *before)))
    chitchat = agency.say("de_eso_no", asunto="trámites y servicios")
    assert (message.get("response"), message.get("text", "")) in {("utter_insult", ""), (None, chitchat)}
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


class ByWords(FakeAnswerer):
    """Answers «mi mamá necesita remedios» and knows none of its parts."""

    def answer(self, text: str, *, today: date, context: Context) -> FakeDecision:
        super().answer(text, today=today, context=context)
        known = text == "mi mamá necesita remedios"
        return FakeDecision("answer", candidates("bache"), FakeEntry()) if known else self.decision


FRAGMENT = {"event": "user", "text": "mi mamá"}


@pytest.mark.parametrize("kind", ["scope", "handoff", "clarify"])
async def test_message_is_judged_with_the_fragment_before_it_too(agency: Agency, kind: str) -> None:
    decision = FakeDecision(kind, candidates("poda"))
    action = answering_faq(FaqReplies(agency), ByWords(decision))
    [message] = await turn(action, heard("necesita remedios", before=(FRAGMENT, MISS)))
    assert message["provenance"]["entry"] == "bache"
    [alone] = await turn(action, heard("necesita remedios", before=(FRAGMENT, ANSWER)))
    assert "provenance" not in alone


@pytest.mark.parametrize("kind", ["scope", "handoff", "clarify"])
@pytest.mark.parametrize(("text", "asks"), [("mi mamá", True), ("es que mi hijo", True), ("¿mi mamá?", False)])
async def test_unfinished_message_is_asked_to_go_on(agency: Agency, kind: str, text: str, asks: bool) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(FakeDecision(kind, candidates("poda"))))
    [message] = await turn(action, heard(text))
    assert (message.get("text") == agency.say("sigue_contando")) is asks
    assert not asks or ("handoff" not in message and message["missed"])


async def test_choices_are_offered_for_a_thing_that_is_named(agency: Agency) -> None:
    action = answering_faq(FaqReplies(agency), FakeAnswerer(FakeDecision("clarify", candidates("poda"))))
    [message] = await turn(action, heard("mi carnet"))
    assert [one["entry"] for one in message["candidates"]] == ["poda"]
