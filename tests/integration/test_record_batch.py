"""Tests that a batch of events is recorded like single events, with as few statements as one event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import event as hooks
from sqlalchemy import select

from bot.core.event_facts import DeliveryFacts, MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel
from bot.record.engine import Sessions
from bot.record.event_record import Encrypted, Logged, write_events
from bot.record.tables import Conversation, Message
from bot.record.transcripts.terms import prepare_terms
from tests.transcripts import rows_in_clear

HOUR_MS = 3_600_000


def said(conversation: str, number: int, answered_ms: int = 0) -> Logged:
    id, text = f"{number}-0", f"mensaje {number}"
    event = Event(id, conversation, EventKind.MESSAGE, Author.CITIZEN, text, MessageFacts(), number * HOUR_MS)
    return Logged(event, Channel.WEB, answered_ms=answered_ms)


async def record(database: Sessions, logged: list[Logged]) -> None:
    async with database.begin() as session:
        await prepare_terms(session, [(one.event.author, one.event.text) for one in logged])
        await write_events(session, logged)


@contextmanager
def statements(database: Sessions) -> Iterator[list[str]]:
    """Collects the executed statements; a statement counts once even if it writes many rows."""
    engine, seen = database.kw["bind"].sync_engine, list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    hooks.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        hooks.remove(engine, "before_cursor_execute", note)


async def test_times_of_a_conversation_are_those_of_its_oldest_and_newest_event(database: Sessions) -> None:
    await record(database, [said("b", 2, 1 * HOUR_MS), said("a", 1), said("b", 5, 4 * HOUR_MS), said("b", 3)])
    await record(database, [said("b", 4, 3 * HOUR_MS)])
    async with database() as session:
        found = {one.id: one for one in await session.scalars(select(Conversation))}
    times = [[one and one.hour for one in (row.started_at, row.last_at, row.processed_up_to)] for row in found.values()]
    assert dict(zip(found, times, strict=True)) == {"a": [1, 1, None], "b": [2, 5, 4]}
    assert found["b"].started_at == datetime.fromtimestamp(2 * HOUR_MS / 1000, UTC)


async def test_failed_delivery_finds_its_message_in_the_same_batch(database: Sessions) -> None:
    failed = Event(
        "2-0", "c", EventKind.DELIVERY, Author.SYSTEM, facts=DeliveryFacts(of="1-0", state="failed", reason="blocked")
    )
    await record(database, [said("c", 1), Logged(failed, Channel.WEB), said("c", 3)])
    rows = await rows_in_clear(database, select(Message).order_by(Message.id))
    assert [(one.text, (one.data or {}).get("delivery", {}).get("state")) for one in rows] == [
        ("mensaje 1", "failed"),
        ("mensaje 3", None),
    ]


async def test_many_messages_take_as_many_statements_as_one(database: Sessions) -> None:
    await record(database, [said(name, 1) for name in "abc"])
    with statements(database) as of_one:
        await record(database, [said("a", 2)])
    with statements(database) as of_many:
        await record(database, [said(name, number) for number in range(3, 9) for name in "abc"])
    assert len(of_many) == len(of_one)
    assert len(await rows_in_clear(database, select(Message))) == 3 + 1 + 18


async def test_messages_in_a_channel_of_a_later_release_are_recorded(database: Sessions) -> None:
    await record(database, [replace(said("a", 1), channel="sms", encrypted=Encrypted("sealed")), said("b", 2)])
    async with database() as session:
        found = await session.scalars(select(Conversation).order_by(Conversation.id))
        assert [(one.channel, one.address) for one in found] == [("sms", "sealed"), ("web", None)]
