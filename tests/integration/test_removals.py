"""Tests that one message can be removed from every place, and nothing else: no store keeps a word of it."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import insert, select, update

from bot.conversation.change import Change
from bot.conversation.file_encryption.folder_keys import KEY
from bot.conversation.unheard import UnheardTurn
from bot.core.events import EventKind
from bot.core.messages import (
    Author,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    Place,
    Reply,
    Speaker,
)
from bot.core.payload import Payload
from bot.handoff.complaints.form import Form, Step
from bot.privacy.erasures import read_file
from bot.privacy.removals import Blocked, NotRemovable, Remover
from bot.privacy.removed_rows import REPEATED
from bot.privacy.store import StoredConversation
from bot.record import tables
from bot.record.engine import Sessions
from bot.record.recovery import Recovery
from bot.record.tables import RemovedMessage
from bot.record.transcripts.rows import read
from bot.store import keys
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from tests import forked
from tests.eventually import eventually
from tests.integration.complaints import filed
from tests.integration.recorded import person
from tests.no_record import mailbox_of
from tests.privacy_world import (
    MARK,
    NAME,
    NOW,
    STAFF,
    Places,
    all_keys,
    everything,
    forget_trackers,
    places,
    remember_tracker,
)
from tests.recording import recording, until_recorded
from tests.valkey_file import file_of

ANA = StaffRef(str(STAFF), "Ana Soto")
BY = Remover(STAFF, "Ana Soto")
WORDS = f"mi clave de la cuenta es {MARK}"
LATER = timedelta(minutes=1)
PDF = b"%PDF-1.4 " + MARK.encode()


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, database_url: str, tmp_path: Path) -> AsyncIterator[Places]:
    await redis.set(keys.RESTORED, "1")
    await person(database, 7, "Ana Soto")
    yield places(redis, database, database_url, tmp_path)
    await forget_trackers(database_url)


async def attended(world: Places, words: str = WORDS, channel: Channel = Channel.WEB, **more: Any) -> tuple[str, str]:
    """Opens a ticket with the message ``words``, which Ana attends; returns the ticket and the message's event id."""
    inbox, tickets = mailbox_of(world.redis), Tickets(world.redis)
    first = CitizenMessage(NAME, channel, "m-0", "hola", at=0)
    said = CitizenMessage(NAME, channel, "m-1", words, at=0, **more)
    address = "" if channel is Channel.WEB else "sealed"
    await inbox.accept(first, address=address)
    event = (await inbox.accept(said, address=address)).event_id
    answers = (Reply(f"Dijiste: {words}"),)
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    change = Change(unheard=UnheardTurn(words, channel, (Payload(text="ok"),), 1))
    assert await inbox.commit([first, said], answers, speaker=Speaker.ASSISTANT, change=change, handoff=handoff) == "ok"
    (ticket,) = await tickets.waiting()
    await tickets.claim(ticket.id, ANA, Reply("te atiende Ana"))
    return ticket.id, event


async def finished(world: Places) -> int:
    """Waits until the recorder has written all events, and finishes the removals, as the worker's task does."""
    done = 0
    for _ in range(2):  # a removal that emptied a tracker is done in the next pass
        async with recording(world.redis, world.sessions):
            await until_recorded(world.redis)
        done += await world.data.removals.finish_all(datetime.now(UTC) + LATER)
    return done


async def texts(world: Places) -> list[tuple[str, str]]:
    events = await mailbox_of(world.redis).events(NAME, staff=True)
    return [(one.author.value, one.text) for one in events if one.kind is EventKind.MESSAGE]


async def summary_of(world: Places, ticket: str) -> str:
    found = await Tickets(world.redis).get(ticket)
    assert found is not None
    return found.summary


async def plant(world: Places, ticket: str, event: str) -> None:
    """Repeats the message's words in every place where the system may repeat them."""
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    of = {"conversation_id": NAME, "event_id": "9-0"}
    sampled = {"week": NOW.date(), "conversation_id": NAME, "entry": "x", "probability": 0.9, "chance": 1.0}
    callback = {"number": "7-204", "ticket_id": ticket, "team": "", "contact_kind": "mobile", "shown": "x", "id": 1}
    times = {"asked_at": NOW, "consented_at": NOW, "due_at": NOW, "part_of_day": "any"}
    closing, missing = {"topic": WORDS, "summary": WORDS}, {"question": WORDS, "draft": WORDS}
    item = {"conversation_id": NAME, "source": "handed", "at": NOW}
    rows: tuple[tuple[Any, dict[str, Any]], ...] = (
        (tables.Note, of | {"at": NOW, "ticket_id": ticket, "staff_id": str(STAFF), "name": "Ana", "text": WORDS}),
        (tables.PendingApproval, of | {"id": "9", "team": "", "words": WORDS, "events": [WORDS], "due_at": NOW}),
        (tables.Closing, closing | {"ticket_id": ticket, "staff_id": STAFF, "outcome": "solved"}),
        (tables.SampleWeek, {"week": NOW.date(), "strata": {}}),
        (tables.SampledAnswer, sampled | {"stratum": "sure", "question": WORDS, "answer": WORDS}),
        (tables.MissingEntry, missing | {"staff_id": STAFF, "team": "", "conversation_id": NAME}),
        (tables.Callback, of | callback | times),
        (tables.CallbackAttempt, {"callback_id": 1, "staff_id": STAFF, "result": "reached", "note": WORDS}),
        (tables.BacklogItem, item | {"ref": event, "text": WORDS, "reply": ""}),
        (tables.BacklogItem, item | {"ref": "x", "text": "q", "reply": WORDS}),
        (tables.Rating, {"ticket_id": ticket, "conversation_id": NAME, "at": NOW, "score": 5, "words": WORDS}),
        (tables.SpikeQuestion, {"conversation_id": NAME, "event_id": event, "at": NOW, "vector": b"v"}),
    )
    async with world.sessions.begin() as session:
        for table, row in rows:
            await session.execute(insert(table).values(**row))
        await session.execute(update(tables.Conversation).values(known={"nombre": WORDS}))
    await remember_tracker(world.database_url, NAME, WORDS)
    await world.redis.hset(keys.staff_notices_key(str(STAFF)), "1", json.dumps({"conversation": NAME, "text": WORDS}))
    held = {"conversation": NAME, "words": WORDS, "events": json.dumps([{"text": WORDS, "data": "{}"}])}
    turn = UnheardTurn(WORDS, Channel.WEB, (Payload(text=WORDS),), 1).to_json()
    known = {"known": {"nombre": WORDS}, "said": [Payload(text=WORDS).to_data()], "words": WORDS}
    held |= {"unheard": turn, "dialogue": json.dumps({"at": 1, "exchanges": [known]})}
    await world.redis.hset(keys.approval_key("9"), mapping=held)
    await world.redis.hset(keys.conversation_key(NAME), "resumed_summary", WORDS)


async def test_no_word_of_a_removed_message_is_left_anywhere(world: Places) -> None:
    kept = await world.data._files.keep(NAME, "clave.pdf", PDF)
    ticket, event = await attended(world, attachments=(kept.as_attachment(),))
    await plant(world, ticket, event)
    before = await texts(world)
    found = await everything(world.database_url)
    assert all(name in found for name in ("xylofonito", *(table.__tablename__ for table in REPEATED)))

    assert await world.data.removals.begin(NAME, event, BY) == ([], True)
    assert MARK not in str(await texts(world))
    assert await finished(world) == 1

    left = await everything(world.database_url) + await all_keys(world.redis)
    assert MARK not in left
    assert NAME in left
    assert [path for path in world.home.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()] == []
    assert [path.name for path in (world.home / "files" / NAME).iterdir()] == [KEY]
    assert [author for author, _ in await texts(world)] == [author for author, _ in before]
    assert ("citizen", "hola") in await texts(world)
    async with world.sessions() as session:
        assert await session.scalar(select(tables.SpikeQuestion)) is None


async def test_removed_message_keeps_its_place_and_names_who_removed_it(world: Places) -> None:
    _, event = await attended(world)
    order = [one.id for one in await mailbox_of(world.redis).events(NAME, staff=True)]
    await world.data.removals.begin(NAME, event, BY)
    await finished(world)
    events = await mailbox_of(world.redis).events(NAME, staff=True)
    assert [one.id for one in events][: len(order)] == order
    (stub,) = [one for one in events if one.id == event]
    assert (stub.author, stub.text, stub.message.removed_by) == (Author.CITIZEN, "", "Ana Soto")
    assert stub.message.message_id == "m-1"
    assert [one.kind for one in events[len(order) :]] == [EventKind.MESSAGE_REMOVED]
    async with world.sessions() as session:
        (row,) = await read(session, select(tables.Message).where(tables.Message.event_id == event))
        audit = (await session.scalars(select(tables.Audit))).one()
    assert row is not None
    assert (row.text, row.masked, row.data["removed_by"]) == ("", None, "Ana Soto")
    assert (audit.action, audit.detail) == ("message_removed", {"conversation": NAME, "event": event})
    assert MARK not in json.dumps(audit.detail)


async def test_message_of_staff_is_removed(world: Places) -> None:
    ticket, _ = await attended(world, "hola")
    event = await Tickets(world.redis).reply(ticket, ANA, WORDS, "r-1")
    await world.data.removals.begin(NAME, event, BY)
    await finished(world)
    assert MARK not in await everything(world.database_url) + await all_keys(world.redis)


async def test_unsent_message_of_staff_never_leaves(world: Places) -> None:
    ticket, _ = await attended(world, "hola", Channel.TELEGRAM)
    event = await Tickets(world.redis).reply(ticket, ANA, WORDS, "r-1")
    outbox = await world.redis.llen(keys.outbox_key(NAME))
    await world.data.removals.begin(NAME, event, BY)
    assert await world.redis.llen(keys.outbox_key(NAME)) == outbox - 1
    assert MARK not in str(await world.redis.lrange(keys.outbox_key(NAME), 0, -1))


async def test_message_that_is_being_sent_is_removed_once_it_was_sent(world: Places) -> None:
    ticket, _ = await attended(world, "hola", Channel.TELEGRAM)
    await world.redis.delete(keys.outbox_key(NAME))
    event = await Tickets(world.redis).reply(ticket, ANA, WORDS, "r-1")
    await world.redis.hset(keys.conversation_key(NAME), mapping={"out_attempt": "x", "out_begun": "1"})
    assert await world.data.removals.begin(NAME, event, BY) == ([], False)
    assert ("staff", WORDS) in await texts(world)
    assert await finished(world) == 0
    await world.redis.delete(keys.outbox_key(NAME))
    await world.redis.hdel(keys.conversation_key(NAME), "out_attempt", "out_begun")
    await world.redis.hset(
        keys.delivery_key(NAME), event, json.dumps({"state": "sent", "reason": "", "sent": ["t:5", "t:6"]})
    )
    await world.redis.set(keys.sent_key("telegram", "t:5"), f"{NAME} {event}")
    await world.redis.set(keys.sent_key("telegram", "t:6"), f"{NAME} {event},1-1")
    retracted: list[Any] = []

    async def retract(channel: str, address: str, sent: Any) -> None:
        retracted.append((channel, address, sent))

    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    assert await world.data.removals.finish_all(datetime.now(UTC) + LATER, retract) == 1
    assert retracted == [("telegram", "sealed", ["t:5"])]
    assert MARK not in await everything(world.database_url) + await all_keys(world.redis)


async def test_pending_message_is_taken_out_of_inbox_and_unanswered(world: Places) -> None:
    await attended(world, "hola")
    inbox = mailbox_of(world.redis)
    event = (await inbox.accept(CitizenMessage(NAME, Channel.WEB, "m-9", WORDS, at=0))).event_id
    await inbox.accept(CitizenMessage(NAME, Channel.WEB, "m-10", "y otra cosa", at=0))
    await world.data.removals.begin(NAME, event, BY)
    assert [one.id for one in await inbox.pending(NAME)] == ["m-10"]


@pytest.mark.parametrize("step", ["before redis", "before the files", "before the trackers", "before the record"])
async def test_removal_of_a_killed_process_is_finished(world: Places, step: str, redis_url: str) -> None:
    _, event = await attended(world)
    await remember_tracker(world.database_url, NAME, WORDS)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    given = [redis_url, world.database_url, str(world.home), NAME, event, step]
    process = forked.start("tests.integration.removal_process", *given)
    assert await asyncio.to_thread(process.wait) == -signal.SIGKILL
    assert await finished(world) == 1
    assert MARK not in await everything(world.database_url) + await all_keys(world.redis)
    events = await mailbox_of(world.redis).events(NAME, staff=True)
    assert [one.kind for one in events].count(EventKind.MESSAGE_REMOVED) == 1
    async with world.sessions() as session:
        assert len(list(await session.scalars(select(tables.Audit.id)))) == 1


async def test_event_that_a_recorder_writes_late_does_not_bring_the_words_back(world: Places) -> None:
    _, event = await attended(world)
    await world.data.removals.begin(NAME, event, BY)
    assert await StoredConversation(world.redis)._has_recorded("0-1") is False
    assert await finished(world) == 1
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    assert MARK not in await everything(world.database_url)


async def test_blocked_data_stays_and_the_reason_is_shown(world: Places) -> None:
    _, event = await attended(world)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await world.data.corrections.block(NAME)
    with pytest.raises(Blocked):
        await world.data.removals.begin(NAME, event, BY)
    assert ("citizen", WORDS) in await texts(world)
    assert await finished(world) == 0


async def test_removal_that_is_not_finished_waits_for_the_end_of_a_hold(world: Places) -> None:
    _, event = await attended(world)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await world.data.removals.begin(NAME, event, BY)
    await world.data.holds.place(NAME, "Oficio 123", NOW.date())
    assert await finished(world) == 0
    async with world.sessions() as session:
        recorded = await read(session, select(tables.Message).where(tables.Message.event_id == event))
    assert [one.text for one in recorded] == [WORDS]
    await world.data.holds.lift(NAME)
    assert await finished(world) == 1


async def test_only_messages_of_citizen_and_staff_are_removed_and_once(world: Places) -> None:
    _, event = await attended(world)
    events = await mailbox_of(world.redis).events(NAME, staff=True)
    for one in events:
        if one.kind is not EventKind.MESSAGE or one.author is Author.ASSISTANT:
            with pytest.raises(NotRemovable):
                await world.data.removals.begin(NAME, one.id, BY)
    await world.data.removals.begin(NAME, event, BY)
    await finished(world)
    for gone in (event, "77-0"):
        with pytest.raises(NotRemovable):
            await world.data.removals.begin(NAME, gone, BY)


async def test_complaint_that_repeats_the_words_stays_and_is_named(world: Places) -> None:
    await filed(world.redis, world.sessions, mailbox_of(world.redis), NAME, what=WORDS)
    event = (await mailbox_of(world.redis).accept(CitizenMessage(NAME, Channel.WEB, "m-5", WORDS, at=0))).event_id
    assert await world.data.removals.begin(NAME, event, BY) == (["179-610"], True)


async def test_lost_redis_is_restored_without_the_removed_message(world: Places) -> None:
    _, event = await attended(world, "hola")
    inbox = mailbox_of(world.redis)
    event = (await inbox.accept(CitizenMessage(NAME, Channel.WEB, "m-9", WORDS, at=0))).event_id
    await world.data.removals.begin(NAME, event, BY)
    await finished(world)
    await world.redis.flushall()
    await Recovery(world.redis, world.sessions).run()
    assert MARK not in await all_keys(world.redis)
    assert [one.id for one in await inbox.pending(NAME)] == []


async def test_valkeys_file_is_rewritten(world: Places, valkey_folder: Path) -> None:
    _, event = await attended(world)
    ((_, stored),) = await world.redis.xrange(keys.log_key(NAME), event, event)
    encrypted = stored["text"].encode()
    assert (encrypted in file_of(valkey_folder), MARK.encode() in file_of(valkey_folder)) == (True, False)
    await world.data.removals.begin(NAME, event, BY)
    await finished(world)

    async def gone() -> bool:
        await world.data.stored.file.rewrite_if_due()
        return encrypted not in file_of(valkey_folder)

    await eventually(gone)


async def test_removal_is_listed_for_restores_and_done_again(world: Places) -> None:
    _, event = await attended(world)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await world.data.removals.begin(NAME, event, BY)
    (listed,) = read_file(world.home / "erasures.txt")
    assert (listed.conversation, listed.event, listed.name) == (NAME, event, "Ana Soto")
    async with world.sessions.begin() as session:
        await session.execute(RemovedMessage.__table__.delete())  # the record of an older backup
    await world.data.removals.again([listed])
    assert await finished(world) == 1
    assert MARK not in await everything(world.database_url) + await all_keys(world.redis)


@pytest.mark.parametrize(
    "words", ['{"message_id": "', '": "xylofonito', "xylofonito/7391", '\\"xylofonito\\', "xylofonito "]
)
async def test_words_that_look_like_json_break_nothing(world: Places, words: str) -> None:
    ticket, event = await attended(world, words)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    kinds = [one.kind for one in await mailbox_of(world.redis).events(NAME, staff=True)]
    await world.data.removals.begin(NAME, event, BY)
    assert await finished(world) == 1
    events = await mailbox_of(world.redis).events(NAME, staff=True)
    assert [one.kind for one in events] == [*kinds, EventKind.MESSAGE_REMOVED]
    opened = [one.ticket.summary for one in events if one.ticket]
    assert [one for one in opened if one] == ["hola\n…"]
    assert await summary_of(world, ticket) == "hola\n…"


async def test_removal_that_fails_does_not_hold_up_the_next(world: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket, event = await attended(world)
    other = await Tickets(world.redis).reply(ticket, ANA, f"y esto: {WORDS}", "r-1")
    await world.data.removals.begin(NAME, event, BY)
    await world.data.removals.begin(NAME, other, BY)
    message = world.data.removals._message

    async def broken(name: str, event_id: str) -> Any:
        if event_id == event:
            raise ValueError
        return await message(name, event_id)

    monkeypatch.setattr(world.data.removals, "_message", broken)
    assert await finished(world) == 1
    async with world.sessions() as session:
        left = list(await session.scalars(select(RemovedMessage.event_id).where(RemovedMessage.done.is_(False))))
    assert left == [event]


async def test_removal_in_both_lists_of_a_restore_is_noted_once(world: Places) -> None:
    _, event = await attended(world)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await world.data.removals.begin(NAME, event, BY)
    (listed,) = read_file(world.home / "erasures.txt")
    await world.data.removals.again([listed, listed])
    async with world.sessions() as session:
        assert list(await session.scalars(select(RemovedMessage.event_id))) == [event]


async def test_tracker_that_a_turn_in_flight_writes_again_is_emptied_before_the_removal_is_done(world: Places) -> None:
    _, event = await attended(world)
    await world.data.removals.begin(NAME, event, BY)
    await remember_tracker(world.database_url, NAME, WORDS)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    now = datetime.now(UTC) + LATER
    assert await world.data.removals.finish_all(now) == 0
    await remember_tracker(world.database_url, NAME, WORDS)
    assert await world.data.removals.finish_all(now) == 0
    assert await world.data.removals.finish_all(now) == 1
    assert MARK not in await everything(world.database_url)


async def test_removal_is_not_done_while_a_turn_may_have_the_words_in_hand(world: Places) -> None:
    _, event = await attended(world)
    await world.data.removals.begin(NAME, event, BY)
    later = CitizenMessage(NAME, Channel.WEB, "m-7", "otra cosa", at=0)
    await mailbox_of(world.redis).accept(later)
    assert await finished(world) == 0
    await world.redis.delete(keys.inbox_key(NAME))
    assert await finished(world) == 1


async def test_removed_photo_leaves_the_draft_of_a_complaint(world: Places) -> None:
    kept = await world.data._files.keep(NAME, "clave.pdf", PDF)
    _, event = await attended(world, "mira", attachments=(kept.as_attachment(),), place=Place(-33.4, -70.6))
    form = Form(Step.CONFIRM, photos=(kept.as_attachment(),), place=Place(-33.4, -70.6), answered=(Step.PHOTO,))
    await world.redis.hset(keys.conversation_key(NAME), "complaint", form.to_json())
    await world.data.removals.begin(NAME, event, BY)
    left = await mailbox_of(world.redis).state(NAME)
    assert Form.from_json(left.complaint, 0) == Form(Step.CONFIRM)


async def test_agent_owes_no_answer_to_a_removed_message_and_does_to_others(world: Places) -> None:
    ticket, _ = await attended(world, "hola")
    await Tickets(world.redis).reply(ticket, ANA, "¿sí?", "r-1")
    inbox = mailbox_of(world.redis)
    first = (await inbox.accept(CitizenMessage(NAME, Channel.WEB, "m-8", WORDS, at=0))).event_id
    second = (await inbox.accept(CitizenMessage(NAME, Channel.WEB, "m-9", "otra cosa", at=0))).event_id
    await world.redis.hset(keys.ticket_key(ticket), "unanswered_since", "1")
    await world.data.removals.begin(NAME, first, BY)
    assert await world.redis.hget(keys.ticket_key(ticket), "unanswered_since") == "1"
    await world.data.removals.begin(NAME, second, BY)
    assert await world.redis.hget(keys.ticket_key(ticket), "unanswered_since") is None


async def test_short_words_leave_a_joined_summary_and_no_other_message(world: Places) -> None:
    inbox, tickets = mailbox_of(world.redis), Tickets(world.redis)
    said = [CitizenMessage(NAME, Channel.WEB, f"m-{n}", one, at=0) for n, one in enumerate(("hola", "7391", "7391"))]
    events = [(await inbox.accept(one)).event_id for one in said]
    handoff = Handoff(HandoffReason.ASKED_HUMAN, team="atencion")
    await inbox.commit(said, (), speaker=Speaker.ASSISTANT, change=Change(), handoff=handoff)
    (ticket,) = await tickets.waiting()
    await world.data.removals.begin(NAME, events[1], BY)
    assert await finished(world) == 1
    assert await summary_of(world, ticket.id) == "hola\n…\n…"
    assert [text for _, text in await texts(world)] == ["hola", "", "7391"]
    async with world.sessions() as session:
        assert [one.summary for one in await read(session, select(tables.Ticket))] == ["hola\n…\n…"]
        kept = select(tables.Message).where(tables.Message.event_id == events[2])
        assert [one.text for one in await read(session, kept)] == ["7391"]


@pytest.mark.parametrize(("words", "stays"), [("empresa", True), ("sin papeles", False), ("12345678", False)])
async def test_known_fact_that_equals_a_short_removed_word_stays(world: Places, words: str, stays: bool) -> None:
    _, event = await attended(world, words)
    await world.redis.hset(keys.conversation_key(NAME), "known", json.dumps({"tipo": words}))
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    async with world.sessions.begin() as session:
        await session.execute(update(tables.Conversation).values(known={"tipo": words}))
    await world.data.removals.begin(NAME, event, BY)
    assert await finished(world) == 1
    async with world.sessions() as session:
        recorded = await session.scalar(select(tables.Conversation.known).where(tables.Conversation.id == NAME))
    in_redis = json.loads(await world.redis.hget(keys.conversation_key(NAME), "known") or "{}")
    assert (recorded, in_redis) == (({"tipo": words},) * 2 if stays else ({"tipo": "…"},) * 2)
