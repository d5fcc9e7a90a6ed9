"""Tests that a message decided before Rasa gets the same answer as through a real Rasa and action server."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from bot.conversation.dialogue import Dialogue
from bot.conversation.state import ConversationState
from bot.core.messages import Candidate, Channel, CitizenMessage, Speaker
from bot.core.payload import Payload
from bot.turns.answers import Answers
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa
from tests.rasa.speaking import RASA, TOKEN, SpeakingRasa

CHOICES = "necesito pagar un permiso de circulación"
OFFER = Payload("¿Cuál?", candidates=(Candidate("patente", "¿Y patente?", 0.4), Candidate("pgu", "¿Y pgu?", 0.3)))

pytestmark = pytest.mark.skipif(not RASA.exists(), reason="the Rasa environment is not built: make setup")


@pytest.mark.parametrize("offered", [False, True])
@pytest.mark.parametrize(
    ("words", "without_rasa"),
    [
        ("¿Cómo renuevo mi licencia de conducir?", True),
        (CHOICES, True),
        ("¿cómo pido la pgu?", True),
        ("quiero divorciarme, ¿qué tengo que hacer?", True),
        ("sí", False),
        ("no", False),
        ("cuéntame un chiste", False),
        ("quiero hablar con una persona", False),
        ("¿dónde compro un dragón de peluche?", True),
        ("trabajo de noche y crío sola a un niño de 2, ¿dan cupo en Integra o en la sala cuna?", True),
    ],
)
async def test_turn_is_the_one_through_rasa(rasa: SpeakingRasa, words: str, without_rasa: bool, offered: bool) -> None:
    now_ms = int(time.time() * 1000)
    dialogue = Dialogue().after((OFFER,), {}, None, now_ms) if offered else Dialogue()
    state = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0, dialogue=dialogue)
    message = CitizenMessage(uuid4().hex, Channel.WEB, "1", words, now_ms)
    assistant = Assistant(Rasa(rasa.url, token=TOKEN), Answers(rasa.actions))
    try:
        turn = await assistant.turn(message, None, state)
    finally:
        await assistant.close()
    through = await rasa.say_alone(uuid4().hex, words, dialogue=dialogue)
    assert (turn.said, turn.handoff) == (through.said, through.handoff)
    assert (turn.unheard is not None, rasa.done(message.conversation) == []) == (without_rasa, without_rasa)
