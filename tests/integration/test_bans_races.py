"""Tests blocks against concurrent events: turns decided before, a second click, a lift, lost stores."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisUnreachable
from sqlalchemy import update

from bot.agency.model import Agency
from bot.conversation.bans import Ban, Bans
from bot.conversation.change import AnswerToApprove, Change
from bot.conversation.inbox import Committed
from bot.core.events import EventKind
from bot.core.messages import Author, Channel, CitizenMessage, Handoff, HandoffReason, Priority, Reply, Speaker
from bot.record.ban_record import BanBook
from bot.record.engine import Sessions
from bot.record.tables.bans import SenderBan
from bot.store import keys
from bot.tickets.approvals import Replacement
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.turns.rights.banned import ban_ended, ban_notice
from tests.blocked import STAFF, WEEK, Blocked
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
    instead = Replacement(PERSON, Reply("estás en la fila", author=Author.SYSTEM))
    held = await proposals.get("p1")
    await (proposals.take if taken else proposals.reject)(held, ana, instead)
    assert (EventKind.TICKET_OPENED in await kinds(chat)) is taken
    assert ("estás en la fila" in [one.text for one in await chat.inbox.events("c1")]) is taken


async def test_two_clicks_make_one_block_and_lifting_ends_it(chat: Blocked) -> None:
    ban = partial(chat.book.ban, "c1", "insults", WEEK, by=STAFF, name="Sol Vera")
    assert sorted(await asyncio.gather(*(ban() for _ in range(8)))) == [False] * 7 + [True]
    (row,) = await chat.book.running()
    lifted = await asyncio.gather(*(chat.book.lift(row.id, by=STAFF, name="Sol Vera") for _ in range(4)))
    assert sorted(lifted) == [False, False, False, True]
    await chat.book.keep()
    assert await Bans(chat.redis).of("c1") is None


async def test_lifting_ends_every_running_block_of_the_conversation(chat: Blocked) -> None:
    await chat.ban()
    async with chat.sessions.begin() as session:  # as two clicks made before they waited for each other
        until = datetime.now(UTC) + WEEK
        session.add(SenderBan(conversation_id="c1", reason="spam", until=until, staff_id=STAFF, name="Sol"))
    first, _second = await chat.book.running()
    assert await chat.book.lift(first.id, by=STAFF, name="Sol Vera")
    await chat.book.keep()
    assert (await chat.book.running(), await Bans(chat.redis).of("c1")) == ([], None)


async def test_block_lifted_while_stores_are_compared_does_not_come_back(chat: Blocked) -> None:
    await chat.ban()
    (row,) = await chat.book.running()
    read = asyncio.Event()

    class Late(Bans):
        """Lifts the block just before it is first read, when ``keep`` already has its list of blocks."""

        async def of(self, conversation: str) -> Ban | None:
            if not read.is_set():
                read.set()
                await chat.book.lift(row.id, by=STAFF, name="Sol Vera")
            return await super().of(conversation)

    late = BanBook(chat.sessions, Late(chat.redis), partial(ban_notice, chat.agency), ban_ended(chat.agency))
    await late.keep()
    assert read.is_set()
    assert await Bans(chat.redis).of("c1") is None


async def test_old_block_that_redis_lost_returns_without_a_word_and_leaves_later_tickets(chat: Blocked) -> None:
    await chat.ban()
    async with chat.sessions.begin() as session:
        await session.execute(update(SenderBan).values(at=datetime.now(UTC) - WEEK))
    await chat.redis.delete(keys.ban_key("c1"))
    (row,) = await chat.book.running()
    await chat.redis.hdel(keys.conversation_key("c1"), f"notified:ban-{row.id}")
    message = await written(chat)
    assert await committed(chat, message, PERSON) is Committed.OK
    await chat.book.keep()
    assert await Bans(chat.redis).of("c1")
    assert len(await chat.notices()) == 1  # that of the block itself
    assert len(await Tickets(chat.redis).waiting()) == 1


@pytest.mark.parametrize("reason", ["false_alarms", "insults"])
async def test_danger_in_a_failed_turn_is_no_emergency_after_false_alarms(chat: Blocked, reason: str) -> None:
    message = await written(chat, "hay un incendio en mi casa")
    await chat.ban(reason)
    failed = await chat.turns.failed(message, await chat.inbox.state("c1"))
    assert failed.replies[0].text == chat.agency.emergency_reply("incendio")
    assert (failed.handoff is None) is (reason == "false_alarms")


async def test_danger_in_a_failed_turn_is_an_emergency_while_no_block_can_be_read(
    chat: Blocked, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise RedisUnreachable

    message, state = await written(chat, "hay un incendio"), await chat.inbox.state("c1")
    monkeypatch.setattr("bot.conversation.bans.Bans.of", away)
    failed = await chat.turns.failed(message, state)
    assert failed.handoff and failed.handoff.priority is Priority.EMERGENCY
