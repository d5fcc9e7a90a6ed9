"""Tests the dialogue about the citizen's own data, from the request to the second yes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

import httpx
import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.conversation.addresses import Addresses
from bot.conversation.pending_words import FIELD, PendingWords
from bot.conversation.state import ConversationState
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.privacy.links import OwnDataLinks
from bot.turns.assistant import Assistant
from bot.turns.outcome import Decision
from bot.turns.rasa_client import Rasa
from bot.turns.rights.dialogue import Rights
from bot.turns.turns import Turns

RECEIPT = "D-4F7K92QX"
STATE = ConversationState(True, Channel.WEB, Speaker.ASSISTANT, None, True, (), 0)
LINKS = OwnDataLinks(Addresses("s" * 40), "https://chat.example/")
Say = Callable[[str], Awaitable[Decision]]


def rasa(request: httpx.Request) -> httpx.Response:
    said = json.loads(request.content)["message"]
    handoff = {"text": "Una persona te responderá.", "handoff": {"reason": "privacy_request"}}
    custom = handoff if said == "borrar mis datos" else {"text": f"eco: {said}"}
    return httpx.Response(200, json=[{"custom": {"ventanilla": custom}}])


async def wait_notice(_handoff: Handoff, _now: datetime) -> Reply:
    return Reply("lugar 1")


@dataclass
class Talk:
    """A conversation whose last buttons are carried from turn to turn."""

    turns: Turns
    state: ConversationState = STATE

    async def say(self, text: str) -> Decision:
        said = await self.turns.take(CitizenMessage("c1", Channel.WEB, "m1", text, at=0), self.state)
        if said.change.buttons is not None:
            self.state = replace(self.state, buttons=said.change.buttons)
        return said


@pytest_asyncio.fixture
async def talk(agency: Agency) -> AsyncIterator[Talk]:
    assistant = Assistant(Rasa("http://rasa", transport=httpx.MockTransport(rasa)))
    rights = Rights(LINKS.address, lambda: RECEIPT)
    yield Talk(Turns(agency=agency, assistant=assistant, wait_notice=wait_notice, rights=rights))
    await assistant.close()


async def test_request_gets_a_menu_instead_of_a_person(talk: Talk) -> None:
    asked = await talk.say("borrar mis datos")
    assert asked.handoff is None
    assert [one.title for one in asked.replies[-1].buttons] == ["Ver mis datos", "Borrar todo", "Pedir una persona"]


async def test_erasing_takes_a_second_yes(talk: Talk) -> None:
    for text in ("borrar mis datos", "Borrar todo"):
        assert (await talk.say(text)).change.erase == ""
    erased = await talk.say("sí")
    assert (erased.change.erase, erased.change.revoke) == (RECEIPT, True)
    assert RECEIPT in erased.replies[-1].text


@pytest.mark.parametrize("answer", ["no", "No, dejarlo así", "mejor no", "3"])
async def test_any_other_answer_erases_nothing(talk: Talk, answer: str) -> None:
    await talk.say("borrar mis datos")
    await talk.say("Borrar todo")
    assert (await talk.say(answer)).change.erase == ""
    assert (await talk.say("sí")).change.erase == "" or answer == "3"


async def test_yes_without_the_question_erases_nothing(talk: Talk) -> None:
    assert (await talk.say("sí")).change.erase == ""


async def test_danger_after_the_question_is_answered_as_one(talk: Talk, agency: Agency) -> None:
    await talk.say("borrar mis datos")
    await talk.say("Borrar todo")
    told = await talk.say("me quiero matar")
    assert told.change.erase == ""
    assert told.replies[-2].danger


async def test_person_gets_what_the_chat_cannot_do(talk: Talk, agency: Agency) -> None:
    await talk.say("borrar mis datos")
    asked = await talk.say("Pedir una persona")
    assert asked.handoff
    assert (asked.handoff.reason, asked.handoff.team) == (HandoffReason.PRIVACY_REQUEST, agency.default_team)


async def test_link_opens_the_own_conversation_and_no_other_link_does(talk: Talk) -> None:
    await talk.say("borrar mis datos")
    shown = (await talk.say("Ver mis datos")).replies[-1].text
    token = shown.partition("https://chat.example/mis-datos/")[2].partition(")")[0]
    assert LINKS.open(token) == "c1"
    assert LINKS.open(Addresses("s" * 40).encrypt("file:c1:x")) is None


def test_words_that_wait_are_encrypted() -> None:
    words, message = PendingWords("s" * 40), CitizenMessage("c1", Channel.WEB, "m1", "mi fono es 9 8877 6655", at=3)
    stored = json.dumps(words.encrypted(message))
    assert "8877" not in stored
    assert words.message(stored) == message
    assert PendingWords("t" * 40).message(stored).text == ""
    assert words.message(json.dumps(message.to_dict())) == message  # from the record
    assert FIELD not in words.encrypted(replace(message, text=""))
