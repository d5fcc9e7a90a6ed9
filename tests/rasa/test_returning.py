"""Tests the return from an agent through worker, desk and Rasa: how the assistant continues."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.signals import Signals
from bot.core.messages import Channel, CitizenMessage, Handoff, Provenance, Reply
from bot.handoff.agent import Agent
from bot.handoff.service import Desk
from bot.tickets.ending import Ending
from bot.tickets.presence import Presences
from bot.tickets.tickets import Tickets
from bot.turns.assistant import Assistant
from bot.turns.rasa_client import Rasa
from bot.turns.turns import Turns
from tests.no_record import mailbox_of, none_blocked
from tests.rasa.speaking import RASA, TOKEN, SpeakingRasa

pytestmark = pytest.mark.skipif(not RASA.exists(), reason="the Rasa environment is not built: make setup")

ANA = Agent("ana", "Ana Soto")
LICENCE, PERMIT = "¿Cómo renuevo mi licencia de conducir?", "¿Y permiso-circulacion?"
SENT = Reply("Así es.", provenance=Provenance("permiso-circulacion", "v1", PERMIT, 1.0))
PERSON, FOLLOW_UP = "quiero hablar con una persona", "¿y cuánto cuesta el trámite?"
EMERGENCY = "hay un incendio en mi casa"
ABOUT_LICENCE, ABOUT_PERMIT = "Sobre «¿Y licencia-renovar?»:", f"Sobre «{PERMIT}»:"


class Conversation:
    """A citizen who talks with the assistant, and an agent who attends them."""

    def __init__(self, redis: Redis, rasa: Rasa, agency: Agency) -> None:
        self._id = uuid4().hex
        self._inbox, self._tickets = mailbox_of(redis), Tickets(redis)
        self._turns = Turns(agency=agency, assistant=Assistant(rasa), wait_notice=_in_line)
        presences = Presences(redis, agency.desk.lease_s)
        self._desk = Desk(
            tickets=self._tickets,
            inbox=self._inbox,
            signals=Signals(redis),
            presences=presences,
            agency=agency,
            blocked=none_blocked,
        )

    async def write(self, *said: str) -> str:
        """Sends each text; returns the last message of the answer to the last text."""
        for words in said:
            message = CitizenMessage(self._id, Channel.WEB, uuid4().hex, words, at=0)
            await self._inbox.accept(message)
            state = await self._inbox.state(self._id)
            outcome = await self._turns.take(message, state)
            await self._inbox.commit(
                [message], outcome.replies, speaker=state.speaker, change=outcome.change, handoff=outcome.handoff
            )
        return await self.last_told()

    async def last_told(self) -> str:
        return [event.text for event in await self._inbox.events(self._id) if event.kind == "message"][-1]

    async def attend(self, *replies: Reply, ending: Ending) -> None:
        """Claims the ticket, sends the replies and closes the ticket."""
        (ticket,) = await self._tickets.waiting()
        await self._desk.claim(ticket.id, ANA)
        for number, reply in enumerate(replies):
            entry = reply if reply.provenance else None
            await self._desk.reply(ticket.id, ANA, text=reply.text, reply_id=f"r{number}", entry=entry)
        await self._desk.close(ticket.id, ANA, ending)


async def _in_line(_handoff: Handoff, _now: datetime, _language: str = "") -> Reply:
    return Reply("en la fila")


@pytest_asyncio.fixture
async def conversation(redis: Redis, rasa: SpeakingRasa, agency: Agency) -> AsyncIterator[Conversation]:
    await redis.set("v:restored", 1)
    client = Rasa(rasa.url, token=TOKEN)
    yield Conversation(redis, client, agency)
    await client.close()


@pytest.mark.parametrize("asked", [PERSON, EMERGENCY])
@pytest.mark.parametrize(
    ("replies", "ending"),
    [
        ((SENT,), Ending()),
        ((SENT, Reply("¿algo más?")), Ending(summary="Ya pagó")),
        ((Reply("se paga en línea"),), Ending(entry="permiso-circulacion", question=PERMIT)),
    ],
)
async def test_assistant_continues_with_the_topic_of_the_agent(
    conversation: Conversation, asked: str, replies: tuple[Reply, ...], ending: Ending
) -> None:
    await conversation.write(LICENCE, asked)
    await conversation.attend(*replies, ending=ending)
    assert f"Seguimos con «{PERMIT}»" in await conversation.last_told()
    assert (await conversation.write("gracias", FOLLOW_UP)).startswith(ABOUT_PERMIT)


@pytest.mark.parametrize("asked", [PERSON, EMERGENCY])
async def test_agents_own_answer_does_not_resume_the_earlier_question(conversation: Conversation, asked: str) -> None:
    await conversation.write(LICENCE, asked)
    await conversation.attend(Reply("eso lo ve Obras"), ending=Ending(summary="Va a Obras"))
    assert "Seguimos" not in await conversation.last_told()
    assert "Sobre" not in await conversation.write(FOLLOW_UP)


async def test_question_after_the_return_becomes_the_new_context(conversation: Conversation) -> None:
    await conversation.write(PERSON)
    await conversation.attend(SENT, ending=Ending())
    assert (await conversation.write(LICENCE, FOLLOW_UP)).startswith(ABOUT_LICENCE)


async def test_citizen_who_returns_unattended_continues_with_the_earlier_question(
    conversation: Conversation,
) -> None:
    assert (await conversation.write(LICENCE, PERSON, "volver", FOLLOW_UP)).startswith(ABOUT_LICENCE)


async def test_second_return_continues_with_the_topic_of_the_first_agent(conversation: Conversation) -> None:
    await conversation.write(LICENCE, PERSON)
    await conversation.attend(SENT, ending=Ending())
    assert (await conversation.write(PERSON, "volver", FOLLOW_UP)).startswith(ABOUT_PERMIT)
