"""Tests actions that ask for a person, and the second check for emergencies."""

from __future__ import annotations

import pytest

from actions.commands import person_actions
from actions.server import build_actions, build_executor
from actions.step import Step
from bot.agency.model import Agency
from bot.core.messages import Candidate, Provenance
from bot.core.payload import Payload
from tests.unit.actions_fakes import FakeAnswerer, FakeDecision, FakeFaq, heard, said, turn

EMERGENCY = "action_emergency"
REASONS = {
    "action_ask_human": (None, "asked_human", "normal"),  # the notice about the queue is the reply
    "action_complaint": ("utter_complaint", "complaint", "high"),
    "action_feedback_bad": ("utter_feedback_bad", "negative_feedback", "normal"),
    "action_my_data": ("utter_my_data", "privacy_request", "normal"),
    "action_delete_my_data": ("utter_delete_my_data", "privacy_request", "normal"),
}


@pytest.fixture
def emergency(agency: Agency) -> Step:
    faq = FakeFaq(FakeAnswerer(FakeDecision("handoff")))
    return next(action for action in build_actions(agency, faq) if action.name == EMERGENCY)


async def test_each_handoff_has_its_reason_and_priority(agency: Agency) -> None:
    seen = {}
    for action in person_actions(agency):
        [message] = await turn(action, heard("..."))
        handoff = message["handoff"]
        seen[action.name] = (message.get("response"), handoff["reason"], handoff["priority"])
    assert seen == REASONS


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ayuda estoy en peligro", "general"),
        ("hay mucho humo, bomberos", "incendio"),
        ("mi abuela esta rara, ambulancia", "medica"),
        ("mi pareja esta violenta, violencia", "violencia"),
    ],
)
async def test_emergency_gets_the_numbers_of_its_kind_and_the_highest_priority(
    emergency: Step, agency: Agency, text: str, kind: str
) -> None:
    [message] = await turn(emergency, heard(text))
    assert message["text"] == agency.emergencies[kind]
    assert (message["handoff"]["reason"], message["handoff"]["priority"]) == ("emergency", "emergency")


@pytest.mark.parametrize("text", ["hay un hoyo en mi calle", "llamen a los bomberos"])
async def test_message_without_words_of_danger_or_with_a_doubted_phrase_is_a_question(
    emergency: Step, text: str
) -> None:
    """A phrase gets here only if the classifier doubted it; then the answerer adds the numbers."""
    [message] = await turn(emergency, heard(text))
    assert message["handoff"]["reason"] == "low_confidence"


async def test_server_runs_our_instances(agency: Agency) -> None:
    executor = build_executor(build_actions(agency, FakeFaq(FakeAnswerer(FakeDecision("handoff")))))
    tracker = {"sender_id": "c", "slots": {}, "latest_message": {"text": "x"}, "events": [], "paused": False}
    call = {"next_action": "action_answer_faq", "tracker": tracker, "domain": {"responses": {}}}
    result = await executor.run(call)
    assert result.responses[0]["custom"]["ventanilla"]["handoff"]["reason"] == "low_confidence"


@pytest.mark.parametrize(
    "before",
    [
        Payload("Sí", provenance=Provenance("bache", "v1", "¿?", 0.9)),
        Payload("¿Cuál?", candidates=(Candidate("bache", "¿?", 0.4),)),
        Payload("No sé.", missed=True),
        None,
    ],
)
async def test_bad_opinion_before_anything_could_help_is_asked_for_the_need(
    agency: Agency, before: Payload | None
) -> None:
    faq = FakeFaq(FakeAnswerer(FakeDecision("scope")))
    action = next(one for one in build_actions(agency, faq) if one.name == "action_feedback_bad")
    earlier = (said(before.to_data()),) if before else (said(Payload("¡Hola!").to_data()),)
    [message] = await turn(action, heard("esto no sirve para nada", before=earlier))
    assert message["response"] == ("utter_feedback_bad" if before else "utter_insult")
    assert ("handoff" in message, "missed" in message) == ((True, False) if before else (False, True))
