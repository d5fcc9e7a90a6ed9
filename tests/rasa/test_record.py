"""Tests that a turn sent to Rasa twice, as after a late answer, is in Rasa's tracker once."""

from __future__ import annotations

import time
from dataclasses import replace
from uuid import uuid4

import pytest

from bot.conversation.unheard import UnheardTurn
from bot.core.messages import Channel
from bot.core.payload import Payload
from bot.turns.rasa_client import Rasa
from tests.rasa.speaking import RASA, TOKEN, SpeakingRasa

pytestmark = pytest.mark.skipif(not RASA.exists(), reason="the Rasa environment is not built: make setup")


async def test_repeated_turn_is_in_the_tracker_once(rasa: SpeakingRasa) -> None:
    conversation, now_ms = uuid4().hex, int(time.time() * 1000)
    first = UnheardTurn("uno", Channel.WEB, (Payload("Así."),), now_ms, begins=True)
    second, third = (replace(first, text=text, at=now_ms + at, begins=False) for text, at in (("dos", 7), ("tres", 9)))
    client = Rasa(rasa.url, token=TOKEN)
    for turns in ([first], [first], [first, second], [second, third]):
        await client.record(conversation, turns)
    await client.close()
    events = rasa.events(conversation)
    assert [event["text"] for event in events if event["event"] == "user"] == ["uno", "dos", "tres"]
    assert [event["event"] for event in events].count("bot") == 3
    assert [event["event"] for event in events].count("session_started") == 1


async def test_repeated_turn_of_an_earlier_session_is_not_added_to_the_last(rasa: SpeakingRasa) -> None:
    conversation, now_ms = uuid4().hex, int(time.time() * 1000)
    first = UnheardTurn("uno", Channel.WEB, (Payload("Así."),), now_ms, begins=True)
    both = [first, replace(first, text="dos", at=now_ms + 7)]
    client = Rasa(rasa.url, token=TOKEN)
    for turns in (both, both):
        await client.record(conversation, turns)
    await client.close()
    events = rasa.events(conversation)
    assert [event["text"] for event in events if event["event"] == "user"] == ["dos"]
