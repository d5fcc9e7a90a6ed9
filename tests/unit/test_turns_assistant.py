"""Tests which server the assistant asks about a message, and what it stores."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import test_utils, web

from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState
from bot.core.errors.rasa import RasaUnavailable
from bot.core.messages import (
    Button,
    Candidate,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Provenance,
    RecognizedDanger,
    Speaker,
)
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.text.masking.masking import masked
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.outcome import Turn
from bot.turns.rasa_client import Rasa

ANSWER = Payload("Así.", provenance=Provenance("poda", "v1", "¿Cuándo se poda?", 0.9))
OFFER = Payload("¿Cuál?", candidates=(Candidate("poda", "¿Cuándo se poda?", 0.4),))
PERSON = Payload("No sé.", handoff=Handoff(HandoffReason.LOW_CONFIDENCE, candidates=OFFER.candidates))
DANGER = Payload("Llama al 133.", danger=RecognizedDanger("violencia", sure=False))
STATE = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
SURE = {"said": [ANSWER.to_data()]}


@dataclass
class Servers:
    """Simulates both servers: the action server responds ``answer`` with ``status``; records the paths and bodies.

    Rasa classifies every text as ``intent``.
    """

    answer: Any
    status: int = 200
    rasa_status: int = 200
    intent: str = "ask_faq"
    said: Any = field(default_factory=lambda: [{"text": "Hola"}])
    asked: list[tuple[str, Any]] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, await request.json()))
        if request.path == "/answer":
            return web.json_response(self.answer, status=self.status)
        if request.path == "/model/parse":
            return web.json_response({"intent": {"name": self.intent}}, status=self.rasa_status)
        return web.json_response(self.said, status=self.rasa_status)

    @asynccontextmanager
    async def assistant(self) -> AsyncIterator[Assistant]:
        """Yields an assistant that asks these servers."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self.handle)
        async with test_utils.TestServer(app) as server:
            url = str(server.make_url("/")).rstrip("/")
            assistant = Assistant(Rasa(url, patience_s=0), Answers(ActionsEndpoint(url)))
            try:
                yield assistant
            finally:
                await assistant.close()

    async def turn(self, text: str, button: Button | None = None, state: ConversationState = STATE) -> Turn:
        """Returns the assistant's turn for one message."""
        async with self.assistant() as assistant:
            return await assistant.turn(CitizenMessage("c", Channel.WEB, "1", text, 0), button, state)


async def test_sure_answer_needs_no_rasa_and_rasa_hears_of_it_later() -> None:
    servers = Servers(SURE)
    turn = await servers.turn("hola, ¿cuándo /podan?")
    metadata = {"channel": "web", "dialogue": []}
    assert servers.asked == [("/answer", {"text": "¿cuándo /podan?", "metadata": metadata})]
    assert [reply.text for reply in turn.replies] == ["Así."]
    assert turn.unheard and (turn.unheard.text, turn.unheard.said) == ("hola, ¿cuándo /podan?", (ANSWER,))
    assert turn.unheard.begins
    assert turn.dialogue and [one.provenance for one in turn.dialogue.exchanges[0].said] == [ANSWER.provenance]
    assert turn.dialogue.exchanges[0].words == turn.unheard.text


async def test_next_message_brings_the_dialogue() -> None:
    servers = Servers(SURE)
    first = await servers.turn("¿cuándo podan?")
    assert first.dialogue
    state = replace(STATE, dialogue=first.dialogue)
    second = await servers.turn("¿y cuánto cuesta?", state=state)
    assert servers.asked[1][1]["metadata"]["dialogue"] == first.dialogue.to_data() != []
    assert second.unheard and not second.unheard.begins
    assert second.dialogue and len(second.dialogue.exchanges) == 2


@pytest.mark.parametrize(
    ("status", "answer"), [(200, {"said": []}), (500, {}), (200, {}), (200, []), (200, {"said": [1]})]
)
async def test_rasa_is_asked_when_the_answerer_is_unsure_or_fails(status: int, answer: Any) -> None:
    servers = Servers(answer, status)
    turn = await servers.turn("hola")
    assert [path for path, _ in servers.asked] == ["/answer", "/webhooks/rest/webhook"]
    assert ([reply.text for reply in turn.replies], turn.unheard) == (["Hola"], None)
    assert turn.dialogue and turn.dialogue.exchanges[0].said == (Payload(),)


@pytest.mark.parametrize("intent", ["ask_faq", "ask_other", "nlu_fallback"])
async def test_question_that_no_entry_surely_answers_needs_only_rasas_intent(intent: str) -> None:
    servers = Servers({"said": [], "if_question": [OFFER.to_data()], "command": ""}, intent=intent)
    turn = await servers.turn("hola, la /poda, soy 12.345.678-5")
    assert servers.asked[1:] == [("/model/parse", {"text": masked("la /poda, soy 12.345.678-5")})]
    assert [reply.text for reply in turn.replies] == ["¿Cuál?"]
    assert turn.unheard and turn.unheard.said == (OFFER,) and "12.345" not in turn.unheard.text
    assert turn.dialogue and turn.dialogue.exchanges[0].said[0].candidates == OFFER.candidates


@pytest.mark.parametrize("intent", ["affirm", "complaint", "emergency", ""])
async def test_rasa_answers_small_talk_and_commands_that_may_also_be_questions(intent: str) -> None:
    servers = Servers({"said": [], "if_question": [OFFER.to_data()]}, intent=intent)
    turn = await servers.turn("ya, la poda")
    assert [path for path, _ in servers.asked] == ["/answer", "/model/parse", "/webhooks/rest/webhook"]
    assert ([reply.text for reply in turn.replies], turn.unheard) == (["Hola"], None)


@pytest.mark.parametrize(
    ("text", "intent", "said"),
    [
        ("que ay este finde", "goodbye", "¿Cuál?"),
        ("y donde la devuelvo entonces", "goodbye", "¿Cuál?"),
        ("hola, donde queda", "greet", "¿Cuál?"),
        ("buen finde", "goodbye", "Hola"),
        ("que ay este finde", "complaint", "Hola"),
    ],
)
async def test_question_that_rasa_takes_for_small_talk_gets_its_choices(text: str, intent: str, said: str) -> None:
    servers = Servers({"said": [], "if_question": [OFFER.to_data()]}, intent=intent)
    assert [reply.text for reply in (await servers.turn(text)).replies] == [said]


async def test_message_taken_for_praise_gets_its_choices_while_nobody_has_helped() -> None:
    servers = Servers({"said": [], "if_question": [OFFER.to_data()]}, intent="feedback_good")
    text = "se me quedó el bote en la arena quién me lo levanta"
    answered = replace(STATE, dialogue=Dialogue().after((ANSWER,), {}, None, int(time.time() * 1000)))
    states = (STATE, answered, replace(STATE, resumed=""))
    assert [(await servers.turn(text, state=one)).replies[0].text for one in states] == ["¿Cuál?", "Hola", "Hola"]


@pytest.mark.parametrize("reply", [PERSON, DANGER, Payload("No sé.", missed=True)])
async def test_small_talk_calls_no_person_and_warns_of_no_danger(reply: Payload) -> None:
    text = "que ay este finde"
    for intent, said in (("goodbye", "Hola"), ("nlu_fallback", reply.text)):
        servers = Servers({"said": [], "if_question": [reply.to_data()]}, intent=intent)
        assert [one.text for one in (await servers.turn(text)).replies] == [said]


async def test_handoff_before_rasa_is_that_of_the_reply_and_rasa_hears_of_it_later() -> None:
    turn = await Servers({"said": [], "if_question": [PERSON.to_data()]}).turn("el olmo de mi reja")
    assert (turn.handoff, turn.unheard and turn.unheard.said) == (PERSON.handoff, (PERSON,))


async def test_praise_near_no_entry_stays_praise() -> None:
    servers = Servers({"said": [], "if_question": [Payload().to_data()]}, intent="feedback_good")
    assert [reply.text for reply in (await servers.turn("excelente servicio")).replies] == ["Hola"]


async def test_failure_of_rasa_to_classify_is_an_error_as_any_other() -> None:
    servers = Servers({"said": [], "if_question": [OFFER.to_data()]}, rasa_status=500)
    with pytest.raises(RasaUnavailable):
        await servers.turn("la poda")
    assert [path for path, _ in servers.asked] == ["/answer", "/model/parse", "/webhooks/rest/webhook"]


async def test_citizen_who_waits_gets_only_what_an_entry_surely_answers() -> None:
    servers = Servers({"said": [], "if_question": [OFFER.to_data()]})
    async with servers.assistant() as assistant:
        assert await assistant.sure_turn(CitizenMessage("c", Channel.WEB, "1", "la poda", 0), STATE) is None
    assert [path for path, _ in servers.asked] == ["/answer"]


async def test_citizen_who_waits_is_not_asked_for_the_audience() -> None:
    asked = replace(OFFER, candidates=(), asks=OFFER.candidates[0])
    servers = Servers({"said": [asked.to_data()]})
    async with servers.assistant() as assistant:
        assert await assistant.sure_turn(CitizenMessage("c", Channel.WEB, "1", "¿y para empresas?", 0), STATE) is None


@pytest.mark.parametrize("whole", [True, False])
async def test_whole_answers_are_asked_for_where_no_button_can_request_the_rest(whole: bool) -> None:
    servers = Servers(SURE)
    async with servers.assistant() as assistant:
        await assistant.sure_turn(CitizenMessage("c", Channel.WHATSAPP, "1", "la poda", 0), STATE, whole=whole)
    assert [body["metadata"].get("whole", False) for _, body in servers.asked] == [whole]


@pytest.mark.parametrize("reply", [OFFER, replace(OFFER, danger=DANGER.danger), PERSON])
async def test_citizen_who_waits_gets_choices_but_no_second_handoff_and_no_warning_here(reply: Payload) -> None:
    servers = Servers({"said": [], "if_question": [reply.to_data()]})
    async with servers.assistant() as assistant:
        turn = await assistant.choices(CitizenMessage("c", Channel.WEB, "1", "la poda", 0), STATE)
    assert ([one.text for one in turn.replies] if turn else None) == (["¿Cuál?"] if reply is OFFER else None)


async def test_button_goes_to_rasa() -> None:
    servers = Servers(SURE)
    await servers.turn("", Button("Persona", "/ask_human"))
    assert [(path, body["message"]) for path, body in servers.asked] == [("/webhooks/rest/webhook", "/ask_human")]


async def test_words_that_choose_an_entry_are_not_kept_as_its_question() -> None:
    kept = []
    for button in (Button("Poda", "/choose_entry"), None):
        servers = Servers({"said": []}, said=[{"custom": ANSWER.to_data()}])
        turn = await servers.turn("la segunda", button)
        kept.append(turn.dialogue and [(one.entry, one.words) for one in turn.dialogue.exchanges])
    assert kept == [[("poda", "")], [("poda", "la segunda")]]


async def test_failure_of_rasa_is_an_error() -> None:
    with pytest.raises(RasaUnavailable):
        await Servers({"said": []}, rasa_status=500).turn("hola")


async def test_dialogue_of_an_earlier_session_is_not_sent() -> None:
    servers = Servers(SURE)
    old = Dialogue().after((ANSWER,), {}, None, 1)
    turn = await servers.turn("¿cuándo podan?", state=replace(STATE, dialogue=old))
    assert servers.asked[0][1]["metadata"]["dialogue"] == []
    assert turn.dialogue and len(turn.dialogue.exchanges) == 1


async def test_sure_command_is_sent_to_rasa_instead_of_the_text() -> None:
    servers = Servers({"said": [], "command": "ask_human"})
    await servers.turn("gracias, páseme con un cristiano")
    assert [body["message"] for path, body in servers.asked if path != "/answer"] == ["/ask_human"]
