"""Tests blocks against what happens at the same moment: turns decided before, a second click, a lift, lost stores."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from bot.agency.model import Agency
from bot.conversation.change import AnswerToApprove, Change
from bot.conversation.inbox import Committed
from bot.core.events import EventKind
from bot.core.messages import Author, Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.record.engine import Sessions
from bot.store import keys
from bot.tickets.approvals import Instead
from bot.tickets.tickets import StaffRef, Tickets
from tests.blocked import Blocked
from tests.no_record import proposals_of

PERSON = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
DANGER = Handoff(HandoffReason.EMERGENCY, Priority.EMERGENCY, "atencion")


@pytest_asyncio.fixture
async def chat(redis: Redis, database: Sessions, agency: Agency) -> AsyncIterator[Blocked]:
    await redis.set(keys.RESTORED, "1")
    made = Blocked(redis, database, agency, Channel.WEB)
    await made.begin()
    yield made


async def written(chat: Blocked, text: str = "persona") -> CitizenMessage:
    message = CitizenMessage("c1", chat.channel, "late", text, at=0)
    await chat.inbox.accept(message)
    return message


async def committed(chat: Blocked, message: CitizenMessage, handoff: Handoff | None, **change: Any) -> Committed:
    given = Change(**change)
    return await chat.inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=given, handoff=handoff)


async def kinds(chat: Blocked) -> list[EventKind]:
    return [one.kind for one in await chat.inbox.events("c1", staff=True)]


async def test_turn_decided_before_the_block_opens_no_ticket_and_is_decided_anew(chat: Blocked) -> None:
    message = await written(chat)
    await chat.ban()
    assert await committed(chat, message, PERSON) is Committed.BANNED
    assert [one.id for one in await chat.inbox.pending("c1")] == [message.id]
    assert await Tickets(chat.redis).waiting() == []
    anew = await chat.turns.take(message, await chat.inbox.state("c1"))
    assert anew.handoff is None
    assert await committed(chat, message, anew.handoff) is Committed.OK


async def test_emergency_decided_before_the_block_opens_its_ticket(chat: Blocked) -> None:
    message = await written(chat, "hay un incendio")
    await chat.ban()
    assert await committed(chat, message, DANGER) is Committed.OK
    assert [one.priority for one in await Tickets(chat.redis).waiting()] == [Priority.EMERGENCY]


async def test_failure_in_a_blocked_conversation_makes_no_ticket(chat: Blocked) -> None:
    message = await written(chat, "hola")
    await chat.ban()
    failed = await chat.turns.failed(message, await chat.inbox.state("c1"))
    assert (failed.replies, failed.handoff) == ((), None)  # no apology that promises a person; they were told already


async def test_block_ends_a_scheduled_call_back(chat: Blocked) -> None:
    message = await written(chat)
    due_ms = int(time.time() * 1000) + 3_600_000
    assert await committed(chat, message, PERSON, call_back_at=due_ms) is Committed.OK
    assert await chat.redis.zcard(keys.CALLBACKS) == 1
    await chat.ban()
    assert await chat.redis.zcard(keys.CALLBACKS) == 0
    assert await chat.redis.hget(keys.conversation_key("c1"), "callback") is None
    assert EventKind.TICKET_CLOSED in await kinds(chat)


@pytest.mark.parametrize("taken", [False, True])
async def test_held_answer_of_a_blocked_citizen_makes_no_ticket_unless_an_agent_takes_it(
    chat: Blocked, taken: bool
) -> None:
    answer = AnswerToApprove("p1", (Reply("una respuesta"),), "¿cuánto?", 60_000, "atencion")
    assert await committed(chat, await written(chat), None, to_approve=answer) is Committed.OK
    await chat.ban()
    proposals, ana = proposals_of(chat.redis), StaffRef("ana", "Ana")
    instead = Instead(PERSON, Reply("estás en la fila", author=Author.SYSTEM))
    held = await proposals.get("p1")
    await (proposals.take if taken else proposals.reject)(held, ana, instead)
    assert (EventKind.TICKET_OPENED in await kinds(chat)) is taken
    assert ("estás en la fila" in [one.text for one in await chat.inbox.events("c1")]) is taken
