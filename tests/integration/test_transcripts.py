"""Tests that the record contains no citizen's text in clear, and that an encrypted text opens only in its place."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from redis.asyncio import Redis
from sqlalchemy import delete, func, insert, select, text, update
from typer.testing import CliRunner

from bot.cli.main import app
from bot.conversation.change import Change
from bot.core.event_facts import ApprovalAsked, MessageFacts
from bot.core.events import Event, EventKind
from bot.core.messages import (
    Attachment,
    Author,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    MediaKind,
    Place,
    Reply,
    Speaker,
)
from bot.core.secrets.encryption import MasterKeys
from bot.desk.queries.search import MARKS, Search
from bot.handoff.agent import Agent
from bot.privacy.corrections import Corrections
from bot.privacy.record import delete_rows, rows_of
from bot.record.approval_record import write_approval
from bot.record.engine import Sessions, open_database
from bot.record.event_record import Logged, write_events
from bot.record.tables import (
    Callback,
    CallbackAttempt,
    Closing,
    ConversationKey,
    Message,
    Note,
    PendingApproval,
    Ticket,
)
from bot.record.transcripts.keys import MastersMissing, rewrap_keys
from bot.record.transcripts.older_rows import encrypt_older_rows
from bot.record.transcripts.rows import gone
from bot.store import keys
from tests.event_lines import event_line
from tests.integration.recorded import conversation, ticket
from tests.no_record import mailbox_of
from tests.recording import recording, until_recorded
from tests.transcripts import dump, rows_in_clear

NAME, OTHER = "a" * 32, "b" * 32
EVA = Agent("eva", "Eva")
OLD = datetime.now(UTC) - timedelta(days=9)
MINT = Event("5-0", NAME, EventKind.MESSAGE, Author.CITIZEN, "menta", MessageFacts(), 5)
LINES = (("citizen", "zarzaparrilla 1"), ("assistant", "zarzaparrilla 2"), ("staff", "zarzaparrilla 3"), ("system", ""))


async def said(redis: Redis, database: Sessions, **more: Any) -> None:
    """Sends a message as the citizen, hands off to a person, and records both."""
    await redis.set(keys.RESTORED, "1")
    inbox, wanted = mailbox_of(redis), Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    message = CitizenMessage(NAME, Channel.WEB, "m-1", "zarzaparrilla", at=1, **more)
    await inbox.accept(message)
    reply = (Reply("Anotado: zarzaparrilla"),)
    await inbox.commit([message], reply, speaker=Speaker.ASSISTANT, change=Change(), handoff=wanted)
    async with recording(redis, database):
        await until_recorded(redis)


async def in_clear(sessions: Sessions, count: int, name: str = NAME) -> None:
    """Writes a conversation as an older release did: ``count`` messages, and a row of every other encrypted table."""
    await conversation(sessions, name)
    row = {"conversation_id": name, "at": OLD, "masked": None, "data": {"place": {"latitude": -33.1, "longitude": 0.5}}}
    lines = [LINES[number % len(LINES)] for number in range(count)]
    rows = [row | {"event_id": f"{n}-0", "author": author, "text": words} for n, (author, words) in enumerate(lines)]
    event = {"conversation_id": name, "event_id": "9999-0"}
    ticket_row = {"id": f"t{name[:2]}", "reason": "complaint", "priority": "high", "candidates": [], "opened_at": OLD}
    ticket_row |= {"changed_at": OLD, "team": "atencion", "state": "closed", "summary": "zarzaparrilla 4"}
    async with sessions.begin() as session:
        await session.execute(insert(Message), rows)
        note = {"at": OLD, "ticket_id": "t", "staff_id": "s", "name": "Ana", "text": "zarzaparrilla 5"}
        await session.execute(insert(Note).values(**event | note))
        await session.execute(insert(Ticket).values(conversation_id=name, **ticket_row))
        closing = {"staff_id": UUID(int=7), "outcome": "solved", "topic": "", "summary": "zarzaparrilla 9"}
        await session.execute(insert(Closing).values(ticket_id=ticket_row["id"], **closing))
        held = {"id": f"p{name[:2]}", "team": "", "words": "zarzaparrilla 6", "events": [{"text": "zarzaparrilla 7"}]}
        await session.execute(insert(PendingApproval).values(**event | held, due_at=OLD))
        asked = {"number": "LL-1", "ticket_id": "t", "team": "", "contact_kind": "phone", "shown": "", "encrypted": "x"}
        times = {"part_of_day": "morning", "asked_at": OLD, "consented_at": OLD, "due_at": OLD}
        callback = insert(Callback).values(**event | asked | times).returning(Callback.id)
        tried = {"result": "not_reached", "note": "zarzaparrilla 8"}
        await session.execute(insert(CallbackAttempt).values(callback_id=await session.scalar(callback), **tried))


async def test_no_word_of_a_citizen_is_in_a_dump(redis: Redis, database: Sessions) -> None:
    file = Attachment(MediaKind.PHOTO, "ref", "zarzaparrilla.jpg", "image/jpeg", 7)
    await said(redis, database, attachments=(file,), place=Place(-33.4567, -70.6543))
    held = '{"words": "zarzaparrilla", "events": "[{\\"text\\": \\"zarzaparrilla\\"}]"}'
    async with database.begin() as session:
        asked = event_line("proposal", {"proposal": "p1", "due": 1, "team": "x"}, id="6-0", conversation=NAME)
        assert isinstance(asked.facts, ApprovalAsked)
        await write_approval(session, asked, asked.facts, held, "")
    found = await dump(database)
    assert NAME in found
    assert "zarzaparr" not in found
    assert "33.4567" not in found
    (citizens, *_) = await rows_in_clear(database, select(Message).order_by(Message.id))
    assert citizens.text == "zarzaparrilla"
    read_again = Event.of_message(vars(citizens), citizens.at).message
    assert (read_again.attachments, read_again.place) == ((file,), Place(-33.4567, -70.6543))
    (approval,) = await rows_in_clear(database, select(PendingApproval))
    assert (approval.words, approval.events) == ("zarzaparrilla", [{"text": "zarzaparrilla"}])
    (row,) = await rows_in_clear(database, select(Ticket))
    assert row.summary == "zarzaparrilla"


async def test_older_copy_of_a_row_cannot_be_read_once_its_key_is_deleted(
    database: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    await conversation(database, NAME, ("citizen", "zarzaparrilla"))
    await conversation(database, OTHER, ("citizen", "menta"))
    async with database() as session:
        copy = [dict(row) for row in (await session.execute(select(Message.__table__))).mappings()]
    async with database.begin() as session:
        await delete_rows(session, NAME, complaints=True)
        assert list(await session.scalars(select(ConversationKey.conversation_id))) == [OTHER]
    await conversation(database, NAME, ("citizen", "otra vez yo"))  # the citizen returns, with a new key
    async with database.begin() as session:
        await session.execute(delete(Message))
        await session.execute(insert(Message), copy)
    rows = await rows_in_clear(database, select(Message).order_by(Message.id))
    assert [one.text for one in rows] == ["", "menta"]
    past = await Search(database).past(NAME, EVA)
    assert past is not None
    assert [event.text for event in past.events] == [gone()] == ["(texto borrado)"]
    async with database() as session:
        assert (await rows_of(session, NAME))["messages"][0]["text"] == gone()


async def test_swapped_rows_are_refused(database: Sessions) -> None:
    await conversation(database, NAME, ("citizen", "sí, acepto"), ("citizen", "no, gracias"))
    swapped = "UPDATE messages SET text = (SELECT text FROM messages other WHERE other.id <> messages.id)"
    async with database.begin() as session:
        await session.execute(text(swapped))
    assert [one.text for one in await rows_in_clear(database, select(Message))] == ["", ""]


async def test_key_of_another_conversation_is_refused(database: Sessions) -> None:
    await conversation(database, NAME, ("citizen", "zarzaparrilla"))
    await conversation(database, OTHER)
    async with database.begin() as session:
        for table in ("conversation_keys", "messages"):
            await session.execute(text(f"UPDATE {table} SET conversation_id = :other"), {"other": OTHER})  # noqa: S608
    assert [one.text for one in await rows_in_clear(database, select(Message))] == [""]


async def test_unreadable_text_leaves_the_rest_of_the_page(database: Sessions) -> None:
    await conversation(database, NAME, ("citizen", "zarzaparrilla"), ("staff", "zarzaparrilla sí"))
    async with database.begin() as session:
        await session.execute(update(Message).where(Message.author == "citizen").values(text="\x02nada.%%%"))
    past = await Search(database).past(NAME, EVA)
    assert past is not None
    assert [event.text for event in past.events] == [gone(), "zarzaparrilla sí"]
    assert len(await Search(database).find("zarzaparrilla", EVA)) == 1


async def test_search_finds_phrases_and_leaves_out_words_without_a_word_in_the_record(database: Sessions) -> None:
    await conversation(database, NAME, ("citizen", "La junta de vecinos pide un semáforo en O'Higgins"))
    await conversation(database, OTHER, ("citizen", "Los vecinos de la plaza y la junta escolar piden flores"))
    search, found = Search(database), {}
    for words in (
        '"junta de vecinos"',
        "junta vecinos",
        "junta -semáforo",
        "semaforo or flores",
        "O'Higgins",
        "vecina",
    ):
        found[words] = sorted(one.conversation[0] for one in await search.find(words, EVA))
    assert found == {
        '"junta de vecinos"': ["a"],
        "junta vecinos": ["a", "b"],
        "junta -semáforo": ["b"],
        "semaforo or flores": ["a", "b"],
        "O'Higgins": ["a"],
        "vecina": ["a", "b"],
    }
    (hit,) = await search.find("semaforo", EVA)
    assert f"{MARKS[0]}semáforo{MARKS[1]}" in hit.snippet
    assert "semafor" not in await dump(database)


async def test_rows_of_an_older_release_are_read_and_encrypted_after_an_interruption(
    database: Sessions, database_url: str
) -> None:
    await in_clear(database, 40)
    assert len(await Search(database).find("zarzaparrilla", EVA)) == 1
    arguments = (sys.executable, "-m", "tests.integration.encrypting_process", database_url, "10")
    killed = await asyncio.create_subprocess_exec(*arguments, cwd=Path(__file__).parents[2])
    assert await killed.wait() == -9
    async with database() as session:
        assert await session.scalar(select(func.count()).where(Message.terms.is_(None))) == 30
    texts = [one.text for one in await rows_in_clear(database, select(Message).order_by(Message.id))]
    assert texts == [LINES[number % 4][1] for number in range(40)]  # half of them encrypted
    assert len(await Search(database).find("zarzaparrilla", EVA)) == 1
    assert await encrypt_older_rows(database, 10) == 35
    assert await encrypt_older_rows(database, 10) == 0
    assert "zarzaparr" not in await dump(database)
    rows = await rows_in_clear(database, select(Message).order_by(Message.id))
    assert [one.text for one in rows] == texts
    assert rows[0].data == {"place": {"latitude": -33.1, "longitude": 0.5}}
    (note,), (row,) = await rows_in_clear(database, select(Note)), await rows_in_clear(database, select(Ticket))
    (held,) = await rows_in_clear(database, select(PendingApproval))
    assert [note.text, row.summary, held.words] == ["zarzaparrilla 5", "zarzaparrilla 4", "zarzaparrilla 6"]
    assert held.events == [{"text": "zarzaparrilla 7"}]
    async with database() as session:
        exported = await rows_of(session, NAME)
    assert exported["callback_attempts"][0]["note"] == "zarzaparrilla 8"
    assert exported["closings"][0]["summary"] == "zarzaparrilla 9"
    assert len(await Search(database).find("zarzaparrilla", EVA)) == 1


async def test_rotation_rewraps_keys_and_touches_no_row(database: Sessions, database_url: str) -> None:
    await conversation(database, NAME, ("citizen", "zarzaparrilla"))
    await conversation(database, OTHER, ("citizen", "menta"))
    columns = select(Message.text).order_by(Message.id)
    async with database() as session:
        before = list(await session.scalars(columns))
    old, search = "s" * 40, "s" * 40
    engine, rotating = open_database(database_url, masters=MasterKeys("n" * 40, old, search=search))
    (one, two) = await rows_in_clear(rotating, select(Message).order_by(Message.id))
    assert (one.text, two.text) == ("zarzaparrilla", "menta")
    assert vars(await rewrap_keys(rotating)) == {"changed": 2, "unknown": 0}
    assert vars(await rewrap_keys(rotating)) == {"changed": 0, "unknown": 0}
    await engine.dispose()
    engine, rotated = open_database(database_url, masters=MasterKeys("n" * 40, search=search))
    assert [one.text for one in await rows_in_clear(rotated, select(Message).order_by(Message.id))] == [
        one.text,
        two.text,
    ]
    assert [one.conversation for one in await Search(rotated).find("menta", EVA)] == [OTHER]
    async with rotated() as session:
        assert list(await session.scalars(columns)) == before
    await engine.dispose()
    assert [one.text for one in await rows_in_clear(database, select(Message))] == ["", ""]  # the old master is no use


async def test_command_rewraps_and_names_the_missing_master_key(
    database: Sessions, database_url: str, tmp_path: Path
) -> None:
    await conversation(database, NAME, ("citizen", "zarzaparrilla"))
    known = {"DATABASE_URL": database_url, "REDIS_URL": "redis://x", "VENTANILLA_HOME": str(tmp_path), "COLUMNS": "200"}
    new, secret = {"TRANSCRIPT_KEY": "n" * 40}, {"VENTANILLA_SECRET": "s" * 40}
    lines = []
    for more in (
        new | {"VENTANILLA_SECRET": "x" * 40},
        new | secret,
        {"TRANSCRIPT_KEY_OLD": f"z, {'n' * 40}"} | secret,
    ):
        run = await asyncio.to_thread(CliRunner().invoke, app, ["data", "rewrap"], env=known | more)
        lines.append((run.exit_code, [word for word in run.output.split() if word.isdigit()]))
    assert lines == [(1, ["0", "1"]), (0, ["1"]), (0, ["1"])]
    assert [one.text for one in await rows_in_clear(database, select(Message))] == ["zarzaparrilla"]


async def test_unknown_master_loses_nothing(database: Sessions, database_url: str) -> None:
    await conversation(database, NAME, ("citizen", "zarzaparrilla"))
    engine, foreign = open_database(database_url, masters=MasterKeys("x" * 40))
    async with foreign.begin() as session:
        await write_events(session, [Logged(MINT, "web")])
    assert vars(await rewrap_keys(foreign)) == {"changed": 0, "unknown": 1}
    assert [one.text for one in await rows_in_clear(foreign, select(Message).order_by(Message.id))] == ["", "menta"]
    assert [one.text for one in await rows_in_clear(database, select(Message).order_by(Message.id))] == [
        "zarzaparrilla",
        "",
    ]
    await engine.dispose()


async def test_session_without_master_keys_neither_writes_in_clear_nor_reads(
    database: Sessions, database_url: str
) -> None:
    await conversation(database, NAME, ("citizen", "zarzaparrilla"))
    engine, without = open_database(database_url)
    with pytest.raises(MastersMissing):
        await rows_in_clear(without, select(Message))
    with pytest.raises(MastersMissing):
        await conversation(without, OTHER, ("assistant", "menta"))
    await engine.dispose()


async def test_key_of_an_undone_transaction_is_not_used(database: Sessions) -> None:
    with pytest.raises(RuntimeError):
        await _undone(database)
    await conversation(database, NAME, ("citizen", "menta"))
    assert [one.text for one in await rows_in_clear(database, select(Message))] == ["menta"]


async def _undone(database: Sessions) -> None:
    async with database.begin() as session:
        await write_events(session, [Logged(MINT, "web")])
        raise RuntimeError


async def test_words_are_corrected_in_encrypted_texts(redis: Redis, database: Sessions) -> None:
    await conversation(database, NAME)
    await ticket(database, "7", NAME, summary="Llama Juana Pérez")
    assert await Corrections(database).correct_words(NAME, "Juana", "Julia") == 1
    (row,) = await rows_in_clear(database, select(Ticket))
    assert row.summary == "Llama Julia Pérez"
    assert "Julia" not in await dump(database)
