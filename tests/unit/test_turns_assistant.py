"""Tests whom the assistant asks about a message, and what it remembers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from aiohttp import test_utils, web

from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState
from bot.core.errors import RasaUnavailable
from bot.core.messages import Button, Channel, CitizenMessage, Provenance, Speaker
from bot.core.network import ActionsEndpoint
from bot.core.payload import Payload
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.outcome import Turn
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

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append((request.path, await request.json()))
        if request.path == "/answer":
            return web.json_response(self.answer, status=self.status)
        return web.json_response([{"text": "Hola"}], status=self.rasa_status)

    async def turn(self, text: str, button: Button | None = None, state: ConversationState = STATE) -> Turn:
        """Returns the assistant's turn for one message."""
        app = web.Application()
        app.router.add_post("/{path:.*}", self.handle)
        async with test_utils.TestServer(app) as server:
            url = str(server.make_url("/")).rstrip("/")
            assistant = Assistant(Rasa(url, patience_s=0), Answers(ActionsEndpoint(url)))
            try:
                return await assistant.turn(CitizenMessage("c", Channel.WEB, "1", text, 0), button, state)
            finally:
                await assistant.close()


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


async def test_button_goes_to_rasa() -> None:
    servers = Servers(SURE)
    await servers.turn("", Button("Persona", "/ask_human"))
    assert [(path, body["message"]) for path, body in servers.asked] == [("/webhooks/rest/webhook", "/ask_human")]


async def test_failure_of_rasa_is_an_error() -> None:
    with pytest.raises(RasaUnavailable):
        await Servers({"said": []}, rasa_status=500).turn("hola")


async def test_dialogue_of_an_earlier_session_is_not_sent() -> None:
    servers = Servers(SURE)
    old = Dialogue().after((ANSWER,), {}, None, 1)
    turn = await servers.turn("¿cuándo podan?", state=replace(STATE, dialogue=old))
    assert servers.asked[0][1]["metadata"]["dialogue"] == []
    assert turn.dialogue and len(turn.dialogue.exchanges) == 1


async def test_sure_command_is_told_to_rasa_instead_of_the_words() -> None:
    servers = Servers({"said": [], "command": "ask_human"})
    await servers.turn("gracias, páseme con un cristiano")
    assert [body["message"] for path, body in servers.asked if path != "/answer"] == ["/ask_human"]
