"""Tests the button that confirms a danger: it works with every speaker and without Rasa."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

import httpx
import pytest

from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.messages import Button, Channel, CitizenMessage, Priority, Reply, Speaker
from bot.crisis.emergency import confirmation, confirmed
from bot.turns.assistant import Assistant
from bot.turns.emergency import cannot_wait
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns

NOBODY_ASKS = httpx.MockTransport(lambda _request: httpx.Response(500))
CONFIRMS, OTHER = Button("Es una emergencia", confirmation("gas"), "b1"), Button("Que me llamen", "/callback", "b2")


async def place(_ticket: str, _now: datetime) -> Reply:
    return Reply("lugar")


def press(button: Button) -> CitizenMessage:
    return CitizenMessage("c1", Channel.WEB, "m1", button.title, at=0, button=button.id)


@pytest.mark.parametrize("speaker", list(Speaker))
async def test_confirmed_danger_gets_its_number_and_the_highest_priority(agency: Agency, speaker: Speaker) -> None:
    rasa = Rasa("http://rasa", transport=NOBODY_ASKS)
    rules = WaitingRules(position_notice=place)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place, waiting=rules)
    ticket = None if speaker is Speaker.ASSISTANT else "7"
    state = ConversationState(True, Channel.WEB, speaker, ticket, True, (CONFIRMS, OTHER), 0)
    decision = await turns.take(press(CONFIRMS), state)
    assert decision.replies[0].text == agency.emergencies["gas"]
    priority = decision.handoff.priority if decision.handoff else decision.change.escalate_to
    assert priority is Priority.EMERGENCY
    await rasa.close()


@pytest.mark.parametrize("button", ["danger-gas", None])
async def test_confirmation_of_an_unwelcomed_citizen_opens_an_emergency_on_a_full_disk(
    agency: Agency, button: str | None
) -> None:
    rasa = Rasa("http://rasa", transport=NOBODY_ASKS)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place, accepts_new=lambda: False)
    state = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, False, (OTHER, CONFIRMS), 0)
    decision = await turns.take(replace(press(CONFIRMS), button=button), state)
    assert agency.emergencies["gas"] in [one.text for one in decision.replies]
    assert decision.handoff and decision.handoff.priority is Priority.EMERGENCY
    await rasa.close()


async def test_typed_confirmation_is_no_comment_on_a_survey(agency: Agency) -> None:
    rasa = Rasa("http://rasa", transport=NOBODY_ASKS)
    turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=place)
    asked = Button("Nada", f"opinion:nothing:7:{int(time.time() * 1000)}", "b3")
    state = ConversationState(True, Channel.TELEGRAM, Speaker.ASSISTANT, None, True, (asked, CONFIRMS), 0)
    said = replace(press(CONFIRMS), channel=Channel.TELEGRAM, button=None)
    decision = await turns.take(said, state)
    assert (decision.change.survey_answer, decision.replies[0].text) == (None, agency.emergencies["gas"])
    await rasa.close()


@pytest.mark.parametrize(("button", "buttons"), [("danger-gas", ()), (None, (CONFIRMS,))])
def test_confirmation_gets_the_number_while_no_ticket_can_be_opened(
    agency: Agency, button: str | None, buttons: tuple[Button, ...]
) -> None:
    turns = Turns(agency=agency, assistant=Assistant(Rasa("http://rasa", transport=NOBODY_ASKS)), wait_notice=place)
    state = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, buttons, 0)
    notice = turns.meanwhile(replace(press(CONFIRMS), button=button), state)
    assert [one.text for one in notice.replies] == [agency.emergencies["gas"], agency.say("sin_registro")]
    assert notice.enough_ms == 0


@pytest.mark.parametrize("text", [CONFIRMS.title, "hay olor a gas y estoy mareada", "¿cómo pago?"])
@pytest.mark.parametrize("speaker", list(Speaker))
async def test_danger_in_a_failed_turn_is_an_emergency(agency: Agency, speaker: Speaker, text: str) -> None:
    turns = Turns(agency=agency, assistant=Assistant(Rasa("http://rasa", transport=NOBODY_ASKS)), wait_notice=place)
    state = ConversationState(True, Channel.WEB, speaker, "7", True, (CONFIRMS,), 0)
    decision = await turns.failed(replace(press(CONFIRMS), text=text, button=None), state)
    priority = decision.handoff.priority if decision.handoff else decision.change.escalate_to
    is_told = agency.emergencies["gas"] in [one.text for one in decision.replies]
    assert (is_told, priority is Priority.EMERGENCY) == ((True, True) if "?" not in text else (False, False))


def test_confirmation_does_not_wait_for_a_pending_approval() -> None:
    assert cannot_wait(press(CONFIRMS), (CONFIRMS, OTHER))
    assert not cannot_wait(press(OTHER), (CONFIRMS, OTHER))


@pytest.mark.parametrize("payload", ["/emergency", '/emergency{"kind":"gas"} ', '/choose_entry{"entry":"gas"}', ""])
def test_another_payload_confirms_nothing(payload: str) -> None:
    assert confirmed(payload) is None
