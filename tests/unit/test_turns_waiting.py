"""Tests replies to waiting citizens: the position now and then, or when they ask how long."""

from __future__ import annotations

import time
from datetime import datetime

import httpx
import pytest

from bot.agency.model import Agency
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.handoff.estimate import asks_how_long
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns

NOBODY_ASKS = httpx.MockTransport(lambda _request: httpx.Response(500))


async def place(ticket: str, _now: datetime) -> Reply:
    return Reply(f"lugar de {ticket}")


@pytest.mark.parametrize(
    ("text", "told_ago_s", "said"),
    [
        ("¿cuánto falta?", 1, ["lugar de 7"]),
        ("también perdí la llave", 1, []),
        ("también perdí la llave", 600, ["lugar de 7"]),
    ],
)
async def test_position_is_sent_when_asked_and_otherwise_rarely(
    agency: Agency, text: str, told_ago_s: int, said: list[str]
) -> None:
    rasa = Rasa("http://rasa", transport=NOBODY_ASKS)
    turns = Turns(
        agency=agency, assistant=Assistant(rasa), wait_notice=place, position_notice=place, asks_how_long=asks_how_long
    )
    noticed_at = int((time.time() - told_ago_s) * 1000)
    state = ConversationState(True, Channel.WEB, Speaker.WAITING, "7", True, (), noticed_at)
    decision = await turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), state)
    assert [reply.text for reply in decision.replies] == said
    await rasa.close()
