"""Tests whom the assistant asks about a message, and what it remembers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest

from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState
from bot.core.errors import RasaUnavailable
from bot.core.messages import Button, Channel, CitizenMessage, Provenance, Speaker
from bot.core.payload import Payload
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa

ANSWER = Payload("Así.", provenance=Provenance("poda", "v1", "¿Cuándo se poda?", 0.9))
STATE = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
SURE = {"said": [ANSWER.to_data()]}


@dataclass
class Servers:
    """Both servers: the action server responds ``answer`` with ``status``; records the paths and bodies."""

    answer: Any
    status: int = 200
    rasa_status: int = 200
    asked: list[tuple[str, Any]] = field(default_factory=list)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append((request.url.path, json.loads(request.content)))
        if request.url.path == "/answer":
            return httpx.Response(self.status, json=self.answer)
        return httpx.Response(self.rasa_status, json=[{"text": "Hola"}])

    def assistant(self) -> Assistant:
        transport = httpx.MockTransport(self.handle)
        rasa = Rasa("http://rasa", patience_s=0, transport=transport)
        return Assistant(rasa, Answers("http://actions", transport=transport))


def message(text: str) -> CitizenMessage:
    return CitizenMessage("c", Channel.WEB, "1", text, 0)


async def test_sure_answer_needs_no_rasa_and_rasa_hears_of_it_later() -> None:
    servers = Servers(SURE)
    turn = await servers.assistant().turn(message("hola, ¿cuándo /podan?"), None, STATE)
    metadata = {"channel": "web", "dialogue": []}
    assert servers.asked == [("/answer", {"text": "¿cuándo /podan?", "metadata": metadata})]
    assert [reply.text for reply in turn.replies] == ["Así."]
    assert turn.unheard and (turn.unheard.text, turn.unheard.said) == ("hola, ¿cuándo /podan?", (ANSWER,))
    assert turn.unheard.begins
    assert turn.dialogue and [one.provenance for one in turn.dialogue.exchanges[0].said] == [ANSWER.provenance]


async def test_next_message_brings_the_dialogue() -> None:
    servers = Servers(SURE)
    first = await servers.assistant().turn(message("¿cuándo podan?"), None, STATE)
    assert first.dialogue
    state = replace(STATE, dialogue=first.dialogue)
    second = await servers.assistant().turn(message("¿y cuánto cuesta?"), None, state)
    assert servers.asked[1][1]["metadata"]["dialogue"] == first.dialogue.to_data() != []
    assert second.unheard and not second.unheard.begins
    assert second.dialogue and len(second.dialogue.exchanges) == 2


@pytest.mark.parametrize(
    ("status", "answer"), [(200, {"said": []}), (500, {}), (200, {}), (200, []), (200, {"said": [1]})]
)
async def test_rasa_is_asked_when_the_answerer_is_unsure_or_fails(status: int, answer: Any) -> None:
    servers = Servers(answer, status)
    turn = await servers.assistant().turn(message("hola"), None, STATE)
    assert [path for path, _ in servers.asked] == ["/answer", "/webhooks/rest/webhook"]
    assert ([reply.text for reply in turn.replies], turn.unheard) == (["Hola"], None)
    assert turn.dialogue and turn.dialogue.exchanges[0].said == (Payload(),)


async def test_button_goes_to_rasa() -> None:
    servers = Servers(SURE)
    await servers.assistant().turn(message(""), Button("Persona", "/ask_human"), STATE)
    assert [(path, body["message"]) for path, body in servers.asked] == [("/webhooks/rest/webhook", "/ask_human")]


async def test_failure_of_rasa_is_an_error() -> None:
    with pytest.raises(RasaUnavailable):
        await Servers({"said": []}, rasa_status=500).assistant().turn(message("hola"), None, STATE)


async def test_dialogue_of_an_earlier_session_is_not_sent() -> None:
    servers = Servers(SURE)
    old = Dialogue().after((ANSWER,), {}, None, 1)
    turn = await servers.assistant().turn(message("¿cuándo podan?"), None, replace(STATE, dialogue=old))
    assert servers.asked[0][1]["metadata"]["dialogue"] == []
    assert turn.dialogue and len(turn.dialogue.exchanges) == 1
