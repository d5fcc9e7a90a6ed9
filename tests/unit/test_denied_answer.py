"""Tests that the message that opened a false emergency is answered once the citizen denies the emergency."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.conversation.dialogue import ALARM_CHARACTERS, SESSION_MS, Dialogue
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.clock import now_ms
from bot.core.messages import (
    Button,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Priority,
    RecognizedDanger,
    Reply,
    Speaker,
)
from bot.core.network import ActionsEndpoint
from bot.crisis.emergency import confirmation, find
from bot.privacy.removed_words import RemovedWords, parsed
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.buttons import NO_EMERGENCY, NO_EMERGENCY_ID
from bot.turns.emergency import keeping_alarm
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from tests.sure_answers import ANSWER, DOUBTFUL, OFFER, QUESTION, sure_answers

HIT = "mi marido me está pegando, ¿dónde lo denuncio?"
FREE = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 1)
WAITING = replace(FREE, speaker=Speaker.WAITING, ticket="7", rest_announced="7", in_emergency=True)
WAY_BACK = Button("No es una emergencia", NO_EMERGENCY, NO_EMERGENCY_ID)
DEBTS = "me quiero matar por las deudas, ¿cómo renuevo la licencia?"
Take = Callable[..., Awaitable[Decision]]


async def place(_ticket: object, _now: datetime) -> Reply:
    return Reply("lugar 1")


async def always_sure(_text: str) -> RecognizedDanger:
    """Replaces a classifier that takes every message for a suicide."""
    return RecognizedDanger("suicidio", sure=True)


def rasa_knows(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/model/parse":
        return httpx.Response(200, json={"intent": {"name": "ask_faq"}})
    return httpx.Response(200, json=[{"text": "¡Hola!"}])


@pytest_asyncio.fixture
async def take(agency: Agency) -> AsyncIterator[Take]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(sure_answers({}, denied={QUESTION: ANSWER, HIT: ANSWER, DEBTS: ANSWER}))
        rasa = Rasa("http://rasa", transport=httpx.MockTransport(rasa_knows))
        assistant = Assistant(rasa, Answers(ActionsEndpoint(url)))
        stack.push_async_callback(assistant.close)
        rules = WaitingRules(position_notice=place)
        turns = Turns(agency=agency, assistant=assistant, wait_notice=place, waiting=rules, judge=always_sure)

        async def taken(text: str, state: ConversationState, button: str | None = None) -> Decision:
            return await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0, button=button), state)

        yield taken


def alarmed(words: str, kind: str = "suicidio") -> ConversationState:
    """Returns the state after ``words`` opened an emergency."""
    now = now_ms()
    return replace(
        WAITING,
        buttons=(WAY_BACK,),
        dangers=(KeptDanger(kind, True, now),),
        dialogue=Dialogue().alarmed(words, now),
    )


def texts(decision: Decision) -> list[str]:
    return [reply.text for reply in decision.replies]


@pytest.mark.parametrize(("text", "button"), [("No es una emergencia", NO_EMERGENCY_ID), ("falsa alarma", None)])
async def test_denied_question_is_answered_once(agency: Agency, take: Take, text: str, button: str | None) -> None:
    decision = await take(text, alarmed(QUESTION), button)
    assert texts(decision) == [agency.say("emergencia_no"), ANSWER]
    dialogue = decision.change.dialogue
    assert dialogue and (dialogue.alarm, [one.words for one in dialogue.exchanges]) == ("", [QUESTION])
    assert decision.replies[0].danger and decision.replies[0].danger.denied


async def test_denied_question_without_a_sure_answer_gets_its_choices_and_no_way_back(
    agency: Agency, take: Take
) -> None:
    decision = await take("falsa alarma", alarmed(DOUBTFUL))
    assert texts(decision) == [agency.say("emergencia_no"), OFFER]
    titles = [one.title for one in decision.change.buttons or ()]
    assert titles == ["¿Cómo renuevo mi licencia?", "Ninguna de estas", "Es una emergencia"]


async def test_denied_message_that_nothing_answers_gets_the_text_alone(agency: Agency, take: Take) -> None:
    assert texts(await take("falsa alarma", alarmed("ay qué lata"))) == [agency.say("emergencia_no")]


@pytest.mark.parametrize(("words", "kind"), [(HIT, "violencia"), (HIT, "suicidio"), (QUESTION, "violencia")])
async def test_somebody_who_may_do_harm_reads_no_answer_to_what_the_citizen_wrote(
    agency: Agency, take: Take, words: str, kind: str
) -> None:
    assert (find(HIT), find(QUESTION)) == ("violencia", None)
    assert texts(await take("falsa alarma", alarmed(words, kind))) == [agency.say("emergencia_no")]


async def test_danger_that_a_phrase_tells_is_not_answered_as_if_there_were_none(agency: Agency, take: Take) -> None:
    assert find(DEBTS) == "suicidio"
    assert texts(await take("No es una emergencia", alarmed(DEBTS), NO_EMERGENCY_ID)) == [agency.say("emergencia_no")]


@pytest.mark.parametrize("text", ["estoy bien", "estamos a salvo", "ya estoy bien, gracias"])
async def test_who_only_says_to_be_well_may_have_been_in_danger(agency: Agency, take: Take, text: str) -> None:
    decision = await take(text, alarmed(QUESTION))
    assert texts(decision) == [agency.say("emergencia_no")]
    assert decision.change.dialogue and decision.change.dialogue.alarm == ""


async def test_denial_to_an_agent_forgets_the_message(take: Take) -> None:
    attended = replace(alarmed(QUESTION), speaker=Speaker.STAFF)
    decision = await take("No es una emergencia", attended, NO_EMERGENCY_ID)
    assert decision.change.dialogue and decision.change.dialogue.alarm == ""


@pytest.mark.parametrize("state", [FREE, replace(WAITING, in_emergency=False)])
async def test_message_that_opens_an_emergency_is_kept_masked(take: Take, state: ConversationState) -> None:
    decision = await take("soy 12.345.678-5 y si lo dejamos aquí", state)
    dialogue = decision.change.dialogue
    assert dialogue and Dialogue.from_json(dialogue.to_json()).alarm == "soy •••• y si lo dejamos aquí"


async def test_button_or_typed_title_that_opens_an_emergency_is_not_kept() -> None:
    opened = Decision(handoff=Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "general"))
    raised = Decision(change=Change(escalate_to=Priority.EMERGENCY))
    confirm = Button("Es una emergencia", confirmation("gas"), "danger-gas")
    state = replace(FREE, buttons=(confirm,))
    typed = CitizenMessage("c1", Channel.WEB, "m1", "es una emergencia", at=0)
    pressed = replace(typed, button="danger-gas")
    for decision in (opened, raised):
        assert [keeping_alarm(decision, one, state).change.dialogue for one in (typed, pressed)] == [None, None]
        earlier = replace(state, dialogue=Dialogue().alarmed(QUESTION, now_ms()))
        left = [keeping_alarm(decision, one, earlier).change.dialogue for one in (typed, pressed)]
        assert [one and one.alarm for one in left] == ["", ""]


def test_agent_or_an_ordinary_decision_keeps_nothing() -> None:
    raised = Decision(change=Change(escalate_to=Priority.EMERGENCY))
    message = CitizenMessage("c1", Channel.WEB, "m1", QUESTION, at=0)
    assert keeping_alarm(raised, message, replace(FREE, speaker=Speaker.STAFF)).change.dialogue is None
    assert keeping_alarm(Decision(), message, FREE).change.dialogue is None


def test_kept_message_outlives_later_exchanges_but_not_the_session() -> None:
    dialogue = Dialogue().alarmed(QUESTION, 0)
    assert dialogue.after((), {}, None, 1000).alarm == QUESTION
    assert dialogue.current(SESSION_MS + 1).alarm == ""
    assert Dialogue().alarmed("a" * (ALARM_CHARACTERS + 1), 0).alarm == ""


def test_removed_message_is_forgotten_though_it_opened_an_emergency() -> None:
    stored = parsed(Dialogue().alarmed(QUESTION, 0).to_json())
    kept = Dialogue.from_json(json.dumps(RemovedWords.of(QUESTION).without_in(stored)))
    assert kept.alarm == ""
