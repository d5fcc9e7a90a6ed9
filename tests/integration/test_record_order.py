"""What is read from the record has the event log's order, in whatever order its rows were written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import insert, select, text

from bot.conversation.addresses import Addresses
from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.desk.queries import search
from bot.desk.queries.callbacks import Callbacks
from bot.desk.queries.search import Search
from bot.handoff.service import Agent
from bot.record import recovery
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.recovery import Recovery
from bot.record.tables import Conversation, Message
from bot.tickets.tickets import StaffRef, Tickets
from bot.tickets.transitions import Transitions
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

NOW = datetime.now(UTC)
IDS = ("999-7", "1000-2", "1000-10", "1001-0")
WRITTEN = ("1000-10", "1001-0", "999-7", "1000-2")
ANYBODY = Agent("ana", "Ana", ())


async def written(sessions: Sessions) -> None:
    """A conversation whose rows have another order; each message says its own event id."""
    async with sessions.begin() as session:
        times = {"started_at": NOW, "last_at": NOW}
        await session.execute(insert(Conversation).values(id="c1", channel="web", **times))
        for one in WRITTEN:
            row: dict[str, Any] = {"conversation_id": "c1", "event_id": one, "at": NOW, "author": "citizen"}
            await session.execute(insert(Message).values(**row, text=one, data={}))


async def test_the_order_is_that_of_both_numbers_and_no_id_breaks_it(database: Sessions) -> None:
    await written(database)
    async with database.begin() as session:
        await session.execute(text("UPDATE messages SET event_id = 'none' WHERE event_id = '1001-0'"))
        found = list(await session.scalars(select(Message.event_id).order_by(log_order())))
    assert [one for one in found if one != "none"] == list(IDS[:3])


async def test_a_past_conversation_is_read_in_the_logs_order(
    database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(database)
    past = await Search(database).past("c1", ANYBODY)
    monkeypatch.setattr(search, "MAX_EVENTS", 2)
    newest = await Search(database).past("c1", ANYBODY)
    assert past is not None
    assert newest is not None
    assert [event.id for event in past.events] == list(IDS)
    assert [event.id for event in newest.events] == list(IDS[2:])


async def test_who_calls_back_reads_it_in_the_logs_order(redis: Redis, database: Sessions) -> None:
    await written(database)
    callbacks = Callbacks(
        sessions=database, tickets=Tickets(redis), transitions=Transitions(redis), addresses=Addresses("s" * 40)
    )
    assert [message.event_id for message in await callbacks.transcript("c1")] == list(IDS)


async def test_a_lost_store_gets_the_newest_words_back_in_order(
    redis: Redis, database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recovery, "HISTORY", 2)
    inbox, tickets = mailbox_of(redis), Tickets(redis)
    asked = CitizenMessage("c1", Channel.WEB, "message-1", "ayuda", at=0)
    await inbox.accept(asked)
    handoff = Handoff(HandoffReason.COMPLAINT)
    await inbox.commit([asked], (Reply("en la fila"),), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, StaffRef("ana", "Ana"), Reply("te atiende Ana"))
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "message-2", "gracias", at=0))
    async with recording(redis, database):
        await until_recorded(redis)
    async with database.begin() as session:
        await session.execute(text("UPDATE messages SET id = -id"))
    await redis.flushall()
    await Recovery(redis, database).run()
    assert [event.text for event in await inbox.feed("c1")] == ["te atiende Ana", "gracias"]
