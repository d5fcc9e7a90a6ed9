"""Tests that the record contains each event once despite kills, and that its tables match the migrations."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from redis.asyncio import Redis
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from bot.agency.model import Agency
from bot.conversation.change import Change
from bot.core.event_facts import KnownFacts
from bot.core.events import Event, EventKind
from bot.core.messages import Author, Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.faq.entries.folder import load_folder
from bot.record.base import Base
from bot.record.engine import Sessions, open_database
from bot.record.event_record import Encrypted, Logged, write_events
from bot.record.retention import forget, forget_trackers
from bot.record.tables.conversations import Conversation, Message, Ticket
from bot.record.tables.entries import FaqVersion
from bot.record.versions import Versions, keep_versions, note
from bot.store import keys
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests.eventually import eventually
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded
from tests.transcripts import rows_in_clear

ROOT = Path(__file__).parents[2]


async def a_whole_story(redis: Redis) -> None:
    inbox, tickets, ana = mailbox_of(redis), Tickets(redis), StaffRef("ana", "Ana")
    one = CitizenMessage("c1", Channel.WEB, "m1", "persona", at=1)
    await inbox.accept(one)
    await inbox.commit(
        [one],
        (Reply("espera"),),
        speaker=Speaker.ASSISTANT,
        change=Change(),
        handoff=Handoff(HandoffReason.ASKED_HUMAN, team="atencion"),
    )
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ana, Reply("te atiende Ana"))
    await tickets.reply(ticket.id, ana, "hola", "r1")
    await tickets.close(ticket.id, ana, Reply("cerrado"))


async def test_number_of_a_ticket_lost_in_a_fail_over_belongs_to_the_new_ticket(
    redis: Redis, database: Sessions
) -> None:
    inbox, wanted = mailbox_of(redis), Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    async with recording(redis, database):
        for name in ("c1", "c2"):
            await redis.set(keys.TICKET_SEQ, 4)  # the replica had not received the first ticket
            message = CitizenMessage(name, Channel.WEB, f"m-{name}", "persona", at=1)
            await inbox.accept(message)
            await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(), handoff=wanted)
            await until_recorded(redis)
            await redis.delete(keys.ticket_key("5"), keys.queue_key("atencion"))
    async with database() as session:
        (found,) = (await session.execute(select(Ticket.id, Ticket.conversation_id, Ticket.state))).all()
    assert tuple(found) == ("5", "c2", "waiting")


async def test_whole_story_is_recorded(redis: Redis, database: Sessions) -> None:
    await a_whole_story(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    said = [one.text for one in await rows_in_clear(database, select(Message).order_by(Message.id))]
    async with database() as session:
        ticket = await session.scalar(select(Ticket))
    assert said == ["persona", "espera", "te atiende Ana", "hola", "cerrado"]
    assert ticket is not None
    assert (ticket.reason, ticket.claimed_by, ticket.outcome) == ("asked_human", "ana", "solved")
    assert ticket.opened_at <= ticket.claimed_at <= ticket.closed_at


async def test_events_delivered_twice_are_recorded_once(redis: Redis, database: Sessions) -> None:
    await a_whole_story(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    await redis.xgroup_setid(keys.EVENTS, keys.RECORDER, "0")
    async with recording(redis, database):
        await until_recorded(redis)
    async with database() as session:
        assert await session.scalar(select(func.count()).select_from(Message)) == 5
        assert await session.scalar(select(func.count()).select_from(Conversation)) == 1


async def test_old_conversations_are_deleted_with_all_their_data(redis: Redis, database: Sessions) -> None:
    await a_whole_story(redis)
    async with recording(redis, database):
        await until_recorded(redis)
    assert (await forget(database, datetime.now(UTC) - timedelta(days=1)))["conversations"] == 0
    assert (await forget(database, datetime.now(UTC) + timedelta(days=1)))["conversations"] == 1
    async with database() as session:
        for table in (Conversation, Message, Ticket):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_rasa_trackers_of_silent_conversations_are_deleted(database_url: str) -> None:
    await forget_trackers(database_url, datetime.now(UTC))
    engine, _ = open_database(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE events (sender_id text, timestamp float)"))
        await connection.execute(text("INSERT INTO events VALUES ('old', 1), ('alive', 1), ('alive', 3e9)"))
    await forget_trackers(database_url, datetime.now(UTC))
    async with engine.begin() as connection:
        assert list(await connection.scalars(text("SELECT DISTINCT sender_id FROM events"))) == ["alive"]
        await connection.execute(text("DROP TABLE events"))
    await engine.dispose()


async def test_known_facts_are_recorded_and_shown_to_staff_only(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    for number, known in enumerate(({"idioma": "ht"}, {"segmento": "comerciante"}, {"idioma": "ht"})):
        said = CitizenMessage("c1", Channel.WEB, f"m{number}", "mwen", at=0)
        await inbox.accept(said)
        await inbox.commit([said], (), speaker=Speaker.ASSISTANT, change=Change(known=known))
    async with recording(redis, database):
        await until_recorded(redis)
    both = {"idioma": "ht", "segmento": "comerciante"}
    assert (await inbox.state("c1")).known == both
    async with database() as session:
        assert await session.scalar(select(Conversation.known)) == both
    assert [
        event.facts.to_data() for event in await inbox.events("c1", staff=True) if event.kind == EventKind.KNOWN
    ] == [
        {"idioma": "ht"},
        both,
    ]
    assert EventKind.KNOWN not in {event.kind for event in await inbox.events("c1")}


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ([(1, {"idioma": "ht"}), (2, {"idioma": "es"})], {"idioma": "es"}),
        ([(2, {"idioma": "es"}), (1, {"idioma": "ht", "edad": "joven"})], {"idioma": "es", "edad": "joven"}),
        ([(1, {"idioma": "ht", "edad": "joven"}), (2, {"edad": "adulto"})], {"idioma": "ht", "edad": "adulto"}),
    ],
    ids=["in order", "a recorder that is late", "less is known since redis was lost"],
)
async def test_known_facts_accumulate_and_the_newest_wins(
    database: Sessions, stated: list[tuple[int, dict[str, str]]], kept: dict[str, str]
) -> None:
    for at, known in stated:
        async with database.begin() as session:
            event = Event(f"{at}-0", "c1", EventKind.KNOWN, Author.SYSTEM, facts=KnownFacts(known), at=at)
            await write_events(session, [Logged(event, Channel.WEB)])
    async with database() as session:
        assert await session.scalar(select(Conversation.known)) == kept


async def test_address_is_in_the_record_while_a_message_is_unanswered(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    asked = [CitizenMessage("c1", Channel.TELEGRAM, name, f"¿{name}?", at=0) for name in ("m1", "m2")]
    kept = []
    async with recording(redis, database):
        for message in asked:
            await inbox.accept(message, address="sealed")
        for message in asked:
            await until_recorded(redis)
            async with database() as session:
                kept.append(await session.scalar(select(Conversation.address)))
            await inbox.commit([message], (Reply("así"),), speaker=Speaker.ASSISTANT, change=Change())
        await until_recorded(redis)
    async with database() as session:
        kept.append(await session.scalar(select(Conversation.address)))
    assert kept == ["sealed", "sealed", None]


async def test_address_stays_while_a_call_is_pending_despite_a_late_recorder(redis: Redis, database: Sessions) -> None:
    kept = []
    for ticket, state, at in (
        ("1", "callback", 1),
        ("2", "waiting", 2),
        ("2", "closed", 4),
        ("1", "closed", 5),
        ("2", "waiting", 2),
    ):
        facts = {
            "ticket": ticket,
            "reason": "complaint",
            "priority": "high",
            "team": "obras",
            "opened_at": at,
            "state": state,
        }
        name = {"callback": "ticket_callback", "waiting": "ticket_opened", "closed": "ticket_closed"}[state]
        line = {"id": f"{at}-0", "conversation": "c1", "kind": name, "author": "system", "text": "", "at": at}
        event = Event.from_data(line | {"data": facts | {"outcome": "solved"}})
        async with database.begin() as session:
            await write_events(session, [Logged(event, Channel.TELEGRAM, Encrypted("sealed"))])
        async with database() as session:
            kept.append(await session.scalar(select(Conversation.address)))
    assert kept == ["sealed", "sealed", "sealed", None, None]


async def test_tables_match_the_migrations(database_url: str) -> None:
    def is_whole(_item: object, name: str | None, kind: str, *_: object) -> bool:
        return kind != "table" or not str(name).startswith("episodes_")  # a partition of episodes

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"include_object": is_whole})
        return list(compare_metadata(context, Base.metadata))

    engine, _ = open_database(database_url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_unrecordable_event_stops_no_other(redis: Redis, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "m1", "antes", at=1))
    poison = {"conversation": "c1", "channel": "web", "id": "8-0", "at": 8, "kind": "message", "author": "citizen"}
    await redis.xadd(keys.EVENTS, poison | {"text": "veneno", "data": '{"button": "\\u0000x"}'})
    await inbox.accept(CitizenMessage("c1", Channel.WEB, "m3", "después", at=3))
    async with recording(redis, database):
        await until_recorded(redis)
        await redis.xadd(keys.EVENTS, {"conversation": "c1", "kind": "message", "of": "a later release"})
        for kind in ("ticket_opened", "ticket_merged"):
            await redis.xadd(keys.EVENTS, poison | {"kind": kind, "text": "", "data": "{}"})
        await inbox.accept(CitizenMessage("c1", Channel.WEB, "m4", "al final", at=4))
        await until_recorded(redis)
    said = await rows_in_clear(database, select(Message).order_by(Message.id))
    assert [one.text for one in said] == ["antes", "después", "al final"]


async def test_published_versions_are_stored_once(database: Sessions, agency: Agency) -> None:
    entries = load_folder(ROOT / "data" / "faq", agency.teams).entries
    await note(entries, database)
    await note(entries, database)
    async with database() as session:
        assert await session.scalar(select(func.count()).select_from(FaqVersion)) == len(entries)


async def test_version_that_is_replaced_while_the_database_is_away_is_stored_later(
    database: Sessions, agency: Agency
) -> None:
    first = load_folder(ROOT / "data" / "faq", agency.teams).entries[0]
    second = replace(first, version="2" * 12, body="Otro texto.")
    versions, (engine, away) = Versions(), open_database("postgresql://nobody@127.0.0.1:1/none")
    versions.see((first,))
    with pytest.raises(DBAPIError):
        await versions.store(away)
    await engine.dispose()
    versions.see((second,))
    await versions.store(database)
    assert await versions_in(database) == {first.version, second.version}


async def test_each_version_that_goes_live_is_stored(database: Sessions, agency: Agency) -> None:
    first = load_folder(ROOT / "data" / "faq", agency.teams).entries[0]
    live = SimpleNamespace(entries=(first,))
    task = asyncio.create_task(keep_versions(live, database))
    await eventually(partial(has_version, database, first.version))
    live.entries = (replace(first, version="3" * 12),)
    await eventually(partial(has_version, database, "3" * 12))
    task.cancel()
    assert await versions_in(database) == {first.version, "3" * 12}


async def has_version(database: Sessions, version: str) -> bool:
    return version in await versions_in(database)


async def versions_in(database: Sessions) -> set[str]:
    async with database() as session:
        return set(await session.scalars(select(FaqVersion.version)))


async def test_failed_statement_is_logged_without_its_parameters(database: Sessions) -> None:
    async with database() as session:
        with pytest.raises(DBAPIError) as failed:
            await session.execute(text("SELECT CAST(:words AS integer)"), {"words": "x" * 20 + "secret"})
    assert "[SQL parameters hidden due to hide_parameters=True]" in str(failed.value)
