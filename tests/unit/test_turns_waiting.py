"""Tests what a waiting citizen gets: sure answers, and the position once or when they ask for it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState, KeptDanger
from bot.core.messages import (
    Attachment,
    Author,
    Button,
    Candidate,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    MediaKind,
    Provenance,
    Reply,
    Speaker,
)
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.handoff.courtesies import is_courtesy
from bot.handoff.estimate import asks_how_long
from bot.handoff.open_now import HoursAnswer
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision
from bot.turns.queue.waiting import WaitingRules
from bot.turns.rasa_client import Rasa, turn_of
from bot.turns.rights.dialogue import Rights
from bot.turns.turns import Turns
from tests.sure_answers import ANSWER, KNOWN, QUESTION, sure_answers

CALL_ME = Button("Que me llamen", "/callback", "b1")
STATE = ConversationState(True, Channel.WEB, Speaker.WAITING, "7", True, (CALL_ME,), int(time.time() * 1000))
TOLD = replace(STATE, rest_told="7")
PLACE = "lugar de 7"
HOW_LONG = "¿cuánto falta?"
Take = Callable[..., Awaitable[Decision]]


async def place(ticket: str, _now: datetime) -> Reply:
    return Reply(f"lugar de {ticket}", author=Author.SYSTEM)


def rasa_knows(request: httpx.Request) -> httpx.Response:
    assert request.url.path == "/model/parse", "a waiting citizen's message is never a turn of Rasa"
    about_data = b"datos" in request.content
    return httpx.Response(200, json={"intent": {"name": "delete_my_data" if about_data else "ask_other"}})


@pytest_asyncio.fixture
async def take(agency: Agency) -> AsyncIterator[Take]:
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(sure_answers(KNOWN | {HOW_LONG: ANSWER}))
        assistant = Assistant(
            Rasa("http://rasa", transport=httpx.MockTransport(rasa_knows)), Answers(ActionsEndpoint(url))
        )
        stack.push_async_callback(assistant.close)
        rules = WaitingRules(place, None, None, asks_how_long, is_courtesy, HoursAnswer(agency))
        rights = Rights(lambda _conversation: "", lambda: "D-4F7K92QX")
        turns = Turns(agency=agency, assistant=assistant, wait_notice=place, waiting=rules, rights=rights)

        async def taken(text: str, state: ConversationState = TOLD, **more: object) -> Decision:
            return await turns.take(replace(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), **more), state)  # type: ignore[arg-type]

        yield taken


def texts(decision: Decision) -> list[str]:
    return [reply.text for reply in decision.replies]


async def test_sure_answer_is_sent_and_the_rest_is_told_once(take: Take) -> None:
    first = await take(QUESTION, STATE)
    assert texts(first) == [ANSWER, PLACE]
    assert first.change.rest_told
    assert texts(await take(QUESTION, TOLD)) == [ANSWER]


async def test_assistant_tells_the_hours_where_it_has_no_answer(agency: Agency) -> None:
    def unsure(_request: httpx.Request) -> httpx.Response:
        missed = Payload(text="De eso no sé.", missed=True)
        return httpx.Response(200, json=[{"custom": missed.to_data()}])

    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(unsure)))
    rules = WaitingRules(hours_answer=HoursAnswer(agency))
    turns = Turns(agency=agency, assistant=assistant, wait_notice=place, waiting=rules)
    state = replace(STATE, speaker=Speaker.ASSISTANT, ticket=None, buttons=())
    told = {}
    for text in ("¿trabajan hoy?", "¿venden pan?"):
        told[text] = texts(await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), state))
    assert "lunes a jueves" in told["¿trabajan hoy?"][0]
    assert told["¿venden pan?"] == ["De eso no sé."]
    await assistant.close()


CANDIDATE = Candidate("licencia", "¿Cómo saco la licencia?", 0.4)
UNSURE = Handoff(HandoffReason.LOW_CONFIDENCE)
ANSWERED = Dialogue().after(
    [Payload(provenance=Provenance("licencia", "v", "¿Cómo saco la licencia?", 0.9))], {}, None, 0
)


@pytest.mark.parametrize(
    ("said", "dialogue", "expected"),
    [
        (Payload(missed=True), Dialogue(), True),
        (Payload(handoff=UNSURE), Dialogue(), True),
        (Payload(missed=True), ANSWERED, False),  # maybe a follow-up
        (Payload(text="¡De nada!"), Dialogue(), False),
        (Payload(asks=CANDIDATE, missed=True), Dialogue(), False),
        (Payload(candidates=(CANDIDATE,), missed=True), Dialogue(), False),
        (Payload(referral="sii", missed=True), Dialogue(), False),
        (Payload(handoff=Handoff(HandoffReason.ASKED_HUMAN)), Dialogue(), False),
    ],
)
def test_hours_replace_only_a_turn_that_knows_nothing(said: Payload, dialogue: Dialogue, expected: bool) -> None:
    assert replace(turn_of([said]), dialogue=dialogue).knows_nothing is expected


async def test_answer_keeps_the_offered_buttons_and_adds_none(take: Take) -> None:
    decision = await take(QUESTION)
    assert [reply.buttons for reply in decision.replies] == [()]
    assert decision.change.buttons is None
    assert decision.handoff is None
    assert not decision.change.cancel_ticket
    assert decision.change.dialogue
    assert decision.change.unheard
    assert decision.change.unheard.text == QUESTION


@pytest.mark.parametrize(
    ("text", "state", "said"),
    [
        ("también perdí la llave", STATE, [PLACE]),
        ("también perdí la llave", TOLD, []),
        ("también perdí la llave", replace(TOLD, noticed_at=0), [PLACE]),  # they came back without a notice
        ("también perdí la llave", replace(TOLD, rest_told="6"), [PLACE]),  # that was another ticket
        ("¿cuánto falta?", TOLD, [PLACE]),
        ("muchas gracias", STATE, []),
        ("how do I renew my license?", TOLD, []),
        ("/restart", TOLD, []),
    ],
)
async def test_what_no_entry_answers_is_left_for_the_person_without_fillers(
    take: Take, text: str, state: ConversationState, said: list[str]
) -> None:
    assert texts(await take(text, state)) == said


async def test_opening_hours_are_told_at_any_time(take: Take) -> None:
    (text,) = texts(await take("hola, ¿a qué hora abren mañana?"))
    assert "lunes a jueves: de 08:30 a 14:00 y de 15:00 a 17:30" in text
    assert "sábado a domingo: cerrado" in text


async def test_request_about_own_data_that_only_rasa_reads_gets_the_menu_beside_earlier_buttons(take: Take) -> None:
    decision = await take("quiero saber para qué usan mis datos ustedes")
    assert [one.title for one in decision.replies[0].buttons] == [
        "Ver o bajar mis datos",
        "Borrar todo",
        "Pedir una persona",
    ]
    assert (decision.change.buttons or ())[-1] == CALL_ME


async def test_request_about_own_data_in_an_emergency_comes_below_the_numbers(take: Take, agency: Agency) -> None:
    state = replace(TOLD, dangers=(KeptDanger("gas", True, 1),), in_emergency=True)
    reminder, menu = (await take("quiero borrar mis datos", state)).replies
    assert all(number in reminder.text for number in agency.emergency_numbers("gas"))
    assert reminder.danger is not None and menu.buttons


async def test_file_is_left_for_the_person(take: Take) -> None:
    photo = (Attachment(MediaKind.PHOTO),)
    assert texts(await take("", TOLD, attachments=photo)) == []
    assert texts(await take("", STATE, attachments=photo)) == [PLACE]


async def test_assistant_is_silent_once_a_person_has_claimed(take: Take) -> None:
    assert texts(await take(QUESTION, replace(TOLD, speaker=Speaker.STAFF))) == []


async def test_sure_answer_while_the_action_server_fails_is_left_for_the_person(agency: Agency) -> None:
    down = Assistant(
        Rasa("http://rasa", transport=httpx.MockTransport(lambda _: httpx.Response(500))),
        Answers(ActionsEndpoint("http://127.0.0.1:9")),
    )
    turns = Turns(agency=agency, assistant=down, wait_notice=place, waiting=WaitingRules(place))
    decision = await turns.take(CitizenMessage("c1", Channel.WEB, "m1", QUESTION, at=0), STATE)
    assert texts(decision) == [PLACE]
    await down.close()


async def test_how_long_is_about_the_wait_even_if_an_entry_would_answer(take: Take) -> None:
    decision = await take(HOW_LONG)
    assert [reply.text for reply in decision.replies] == [PLACE]


async def test_offer_that_was_open_before_the_queue_silences_no_answer(take: Take) -> None:
    now_ms = int(time.time() * 1000)
    offered = Dialogue().after([Payload("¿Cuál?", candidates=(CANDIDATE,))], {}, None, now_ms)
    decision = await take(QUESTION, replace(TOLD, dialogue=offered))
    assert texts(decision) == [ANSWER]
    assert decision.change.dialogue
    assert decision.change.dialogue.exchanges[0] == offered.exchanges[0]


async def test_queue_waits_for_a_busy_action_server(agency: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.turns.answers.TIMEOUT_S", 0.05)
    async with sure_answers(delay_s=0.5) as url:
        rasa = Rasa("http://rasa", transport=httpx.MockTransport(rasa_knows))
        assistant = Assistant(rasa, Answers(ActionsEndpoint(url)))
        turns = Turns(agency=agency, assistant=assistant, wait_notice=place, waiting=WaitingRules(place))
        decision = await turns.take(CitizenMessage("c1", Channel.WEB, "m1", QUESTION, at=0), TOLD)
        await assistant.close()
    assert texts(decision) == [ANSWER]
