"""Tests that messages of the record are read in the order of the event log, whatever the order of their rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis
from sqlalchemy import insert, select, text

from bot.conversation.change import Change
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.desk.queries import search
from bot.desk.queries.search import Search
from bot.handoff.agent import Agent
from bot.record import recovery
from bot.record.engine import Sessions
from bot.record.log_order import log_order
from bot.record.recovery import Recovery
from bot.record.tables import Conversation, Message
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded

NOW = datetime.now(UTC)
IDS = ("999-7", "1000-2", "1000-10", "1001-0")
INSERTED = ("1000-10", "1001-0", "999-7", "1000-2")
ANYBODY = Agent("ana", "Ana", ())


async def insert_out_of_order(sessions: Sessions) -> None:
    """Inserts a conversation with rows in another order; each message's text is its event id."""
    async with sessions.begin() as session:
        times = {"started_at": NOW, "last_at": NOW}
        await session.execute(insert(Conversation).values(id="c1", channel="web", **times))
        for event_id in INSERTED:
            row: dict[str, Any] = {"conversation_id": "c1", "event_id": event_id, "at": NOW, "author": "citizen"}
            await session.execute(insert(Message).values(**row, text=event_id, data={}))


async def test_order_is_by_both_numbers_and_accepts_malformed_ids(database: Sessions) -> None:
    await insert_out_of_order(database)
    async with database.begin() as session:
        await session.execute(text("UPDATE messages SET event_id = 'none' WHERE event_id = '1001-0'"))
        found = list(await session.scalars(select(Message.event_id).order_by(log_order())))
    assert [event_id for event_id in found if event_id != "none"] == list(IDS[:3])


async def test_past_conversation_is_in_the_order_of_the_log(
    database: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    await insert_out_of_order(database)
    past = await Search(database).past("c1", ANYBODY)
    monkeypatch.setattr(search, "MAX_EVENTS", 2)
    newest = await Search(database).past("c1", ANYBODY)
    assert past is not None
    assert newest is not None
    assert [event.id for event in past.events] == list(IDS)
    assert [event.id for event in newest.events] == list(IDS[2:])


async def test_recovery_restores_the_newest_messages_in_order(
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
    assert [event.text for event in await inbox.events("c1")] == ["te atiende Ana", "gracias"]
