"""Tests that people's texts are encrypted in Redis, and are neither lost nor replaced while a key is missing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select

from bot.conversation.change import AnswerToApprove, Change, Note, SurveyAnswer
from bot.conversation.dialogue import Dialogue
from bot.conversation.inbox import Inbox
from bot.conversation.live import Live
from bot.conversation.unheard import UnheardTurn, UnheardTurns
from bot.core.event_facts import ComplaintFacts
from bot.core.events import EventKind
from bot.core.messages import (
    Attachment,
    Channel,
    CitizenMessage,
    Handoff,
    HandoffReason,
    MediaKind,
    Place,
    Reply,
    Speaker,
)
from bot.core.payload import Payload
from bot.core.secrets.encryption import Secrets
from bot.record.engine import Sessions
from bot.record.tables import Message
from bot.record.transcripts.rows import read
from bot.store import keys
from bot.store.client import Store, open_redis
from bot.store.words import Words, WordsDamaged, WordsLocked, words_key_id
from bot.store.words_keys import (
    WordsKeyKnown,
    WordsKeyMissing,
    give_up_words,
    missing_words_keys,
    require_words_keys,
    texts_by_key,
)
from bot.tickets.approvals import PendingApprovals, Replacement
from bot.tickets.ending import Ending
from bot.tickets.outbox import Outbox
from bot.tickets.staff_notices import NoticeKind, StaffNotices
from bot.tickets.ticket import StaffRef
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Note as StaffNote
from bot.tickets.transitions import Transitions
from tests.eventually import eventually
from tests.no_record import SECRET, mailbox_of
from tests.recording import recording, until_recorded
from tests.stored_words import words_in_clear
from tests.valkey_file import file_of

MARK = "xylofonito"
WORDS = f"me llamo {MARK} y vivo en Prat 9"
ANA, NEW = StaffRef("ana", "Ana"), "n" * 40
PHOTO = Attachment(MediaKind.PHOTO, "web:1", f"{MARK}.jpg", "image/jpeg", 9)
HERE = Place(-33.417, -70.606, MARK)
APPROVAL = AnswerToApprove("p1", (Reply(WORDS),), WORDS, 60_000, "atencion", Dialogue(), None)


@pytest_asyncio.fixture
async def filled(redis: Redis) -> Redis:
    await redis.set(keys.RESTORED, "1")
    return redis


@pytest_asyncio.fixture
async def other(redis: Redis, redis_url: str) -> AsyncIterator[Store]:
    """Yields a client with another secret."""
    client = open_redis(redis_url, NEW)
    yield client
    await client.aclose()


async def said(redis: Store, name: str, channel: Channel = Channel.WEB, id: str = "m1") -> CitizenMessage:
    message = CitizenMessage(name, channel, id, WORDS, at=0, attachments=(PHOTO,), place=HERE)
    await mailbox_of(redis).accept(message, address="" if channel is Channel.WEB else "gAAAA-sealed")
    return message


async def answered(redis: Store, message: CitizenMessage, change: Change, handoff: Handoff | None = None) -> None:
    turn = {"speaker": Speaker.ASSISTANT, "change": change, "handoff": handoff}
    assert await mailbox_of(redis).commit([message], (Reply(WORDS),), **turn) == "ok"  # type: ignore[arg-type]


async def plant(redis: Store) -> None:
    """Writes WORDS on each channel, in a ticket, a note, a reply, a notice, a draft, a complaint and a rating."""
    human, tickets, moves = Handoff(HandoffReason.ASKED_HUMAN, team="atencion"), Tickets(redis), Transitions(redis)
    filed = ComplaintFacts("179-610", "atencion", WORDS, WORDS, HERE, (PHOTO,))
    unheard = UnheardTurn(WORDS, Channel.WEB, (Payload(text=WORDS),), 1)
    for channel in Channel:
        await answered(redis, await said(redis, f"{channel}-1", channel), Change(form="", unheard=unheard), human)
        await said(redis, f"{channel}-1", channel, "m2")  # not answered yet
        draft = Change(complaint=json.dumps({"what": WORDS}), form=json.dumps({"contact": WORDS}))
        await answered(redis, await said(redis, f"{channel}-2", channel), draft)
        note = Note(EventKind.COMPLAINT_FILED, filed, secret=WORDS)
        await answered(redis, await said(redis, f"{channel}-3", channel), Change(note=note))
        held = AnswerToApprove(f"p-{channel}", (Reply(WORDS),), WORDS, 60_000, "atencion", Dialogue(), unheard)
        await answered(redis, await said(redis, f"{channel}-4", channel), Change(to_approve=held))
    for ticket in await tickets.waiting():
        await tickets.claim(ticket.id, ANA, Reply("Te atiende {nombre}."))
        await moves.note(ticket.id, ANA, StaffNote(f"n-{ticket.id}", WORDS), ["eva"])
        await tickets.reply(ticket.id, ANA, WORDS, f"r-{ticket.id}")
        await tickets.close(ticket.id, ANA, Reply(WORDS), Ending("solved", summary=WORDS))
        left, inbox = await mailbox_of(redis).pending(ticket.conversation), mailbox_of(redis)
        rating = Change(survey_answer=SurveyAnswer(ticket.id, 5, WORDS))
        assert await inbox.commit(left, (), speaker=Speaker.ASSISTANT, change=rating) == "ok"
        await said(redis, ticket.conversation, ticket.channel, "m3")
    await StaffNotices(redis).notify(["eva"], NoticeKind.BANNED, WORDS, WORDS, conversation="web-1")


async def dumped(redis: Redis) -> str:
    """Returns every value of every key, as it is stored."""
    found = ""
    reads = {
        "string": redis.get,
        "hash": redis.hgetall,
        "list": lambda key: redis.lrange(key, 0, -1),
        "set": redis.smembers,
        "zset": lambda key: redis.zrange(key, 0, -1),
        "stream": redis.xrange,
    }
    for key in await redis.keys():
        found += f"{key} {await reads[await redis.type(key)](key)}\n"
    return found


async def test_no_word_of_anybody_is_in_redis_or_its_file(filled: Redis, valkey_folder: Path) -> None:
    await plant(filled)
    stored = await dumped(filled)
    names = [f"{channel}-{n}" for channel in Channel for n in range(1, 5)]
    assert words_in_clear(filled.words, stored, names).count(MARK) > 60
    for one in (MARK, "Prat 9", "33.417"):
        assert one not in stored
        assert one.encode() not in file_of(valkey_folder)
    await filled.bgrewriteaof()
    await eventually(lambda: rewritten(filled))
    assert MARK.encode() not in file_of(valkey_folder)


async def rewritten(redis: Redis) -> bool:
    facts = await redis.info("persistence")
    return not facts["aof_rewrite_in_progress"] and not facts["aof_rewrite_scheduled"]


async def test_words_are_read_as_they_were_written(filled: Redis) -> None:
    await plant(filled)
    inbox, tickets = mailbox_of(filled), Tickets(filled)
    message = await said(filled, "web-9")
    (pending,) = await inbox.pending("web-9")
    assert (pending.text, pending.attachments, pending.place) == (WORDS, (PHOTO,), HERE)
    (event,) = await inbox.events("web-9")
    assert (event.text, event.message.attachments, event.message.place) == (WORDS, (PHOTO,), HERE)
    state = await inbox.state("web-2")
    assert (json.loads(state.complaint), json.loads(state.form)) == ({"what": WORDS}, {"contact": WORDS})
    assert (await inbox.state("web-1")).resumed_summary == WORDS
    approval = await PendingApprovals(filled, filled.ping).get("p-web")
    assert (approval.words, approval.text) == (WORDS, WORDS)
    unsent = await Outbox(filled).oldest("telegram-2")
    assert unsent is not None
    assert unsent.event.text == WORDS
    (turn, *_) = await UnheardTurns(filled).take("web-1", "r") or ()
    assert UnheardTurn.from_json(turn).text == WORDS
    told = await StaffNotices(filled).of("eva")
    assert {one.text for one in told} == {WORDS}
    await answered(filled, message, Change(), Handoff(HandoffReason.ASKED_HUMAN, team="atencion"))
    assert [one.summary for one in await tickets.waiting()] == [WORDS]
    named = [one.text for one in await inbox.events("web-1") if one.text.startswith("Te atiende")]
    assert named == ["Te atiende Ana."]  # the script filled the name in


async def test_answer_that_an_agent_takes_over_is_kept_readable(filled: Redis) -> None:
    await answered(filled, await said(filled, "c1"), Change(to_approve=APPROVAL))
    approvals = PendingApprovals(filled, filled.ping)
    found = await approvals.get("p1")
    await approvals.take(found, ANA, Replacement(Handoff(HandoffReason.ASKED_HUMAN, team="atencion"), Reply("espera")))
    events = await mailbox_of(filled).events("c1", staff=True)
    assert [one.text for one in events if one.kind is EventKind.PROPOSAL_DECIDED] == [WORDS]


async def test_recorder_writes_the_words_in_its_own_encryption(filled: Redis, database: Sessions) -> None:
    await said(filled, "c1")
    async with recording(filled, database):
        await until_recorded(filled)
    async with database() as session:
        (row,) = await read(session, select(Message).where(Message.conversation_id == "c1"))
    assert (row.text, row.data["place"]["title"]) == (WORDS, MARK)


async def test_words_of_an_older_release_are_read(filled: Redis) -> None:
    fields = {"kind": "message", "author": "citizen", "text": "hola \\u001e", "at": "1"}
    data = json.dumps({"message_id": "m1", "place": {"latitude": 1.0, "longitude": 2.0, "title": ""}})
    await filled.xadd(keys.log_key("c1"), fields | {"data": data}, id="1-0")
    (event,) = await mailbox_of(filled).events("c1")
    assert (event.text, event.message.place) == ("hola \\u001e", Place(1.0, 2.0))


async def test_text_that_looks_encrypted_cannot_be_written(filled: Redis) -> None:
    token = filled.words.seal("c2", "de otra persona")
    await mailbox_of(filled).accept(CitizenMessage("c1", Channel.WEB, "m1", token, at=0))
    (event,) = await mailbox_of(filled).events("c1")
    assert event.text == token[1:-1]  # without the control characters, and not decrypted


async def test_words_moved_to_another_conversation_are_refused(filled: Redis) -> None:
    for name in ("c1", "c2"):
        await said(filled, name)
    line = await filled.lindex(keys.inbox_key("c1"), 0)
    await filled.lset(keys.inbox_key("c2"), 0, line)
    with pytest.raises(WordsDamaged):
        await mailbox_of(filled).pending("c2")
    ((_, fields),) = await filled.xrange(keys.log_key("c1"))
    await filled.delete(keys.log_key("c2"))
    await filled.xadd(keys.log_key("c2"), fields)
    assert [one.text for one in await mailbox_of(filled).events("c2")] == [""]


async def test_ticket_with_a_damaged_summary_is_attended_nevertheless(filled: Redis) -> None:
    await answered(filled, await said(filled, "c1"), Change(), Handoff(HandoffReason.ASKED_HUMAN, team="atencion"))
    (ticket,) = await Tickets(filled).waiting()
    await filled.hset(keys.ticket_key(ticket.id), "summary", filled.words.seal("c2", WORDS))
    assert [one.summary for one in await Tickets(filled).waiting()] == [""]


async def test_missing_key_is_an_outage_and_nothing_is_recorded_instead(
    filled: Redis, other: Store, database: Sessions
) -> None:
    message = await said(filled, "c1")
    strange = Inbox(other, filled.ping, NEW)
    for reads in (strange.pending("c1"), strange.events("c1"), strange.unanswered("c1")):
        with pytest.raises(WordsLocked):  # a RedisError: every caller waits and tries again
            await reads
    async with recording(other, database):  # type: ignore[arg-type]
        await eventually(lambda: retried(filled))
    async with database() as session:
        assert (await session.scalars(select(Message))).all() == []
    async with recording(filled, database):
        await until_recorded(filled)
    async with database() as session:
        (row,) = await read(session, select(Message))
    assert (row.text, await mailbox_of(filled).pending("c1")) == (WORDS, [message_at(message, row.event_id)])


def message_at(message: CitizenMessage, event_id: str) -> CitizenMessage:
    return replace(message, at=int(event_id.partition("-")[0]))


async def retried(redis: Redis) -> bool:
    """Returns whether a recorder has read the event without acknowledging it."""
    groups = await redis.xinfo_groups(keys.EVENTS) if await redis.exists(keys.EVENTS) else []
    return bool(groups) and groups[0]["pending"] == 1


async def test_live_pages_go_on_after_an_event_that_cannot_be_read(filled: Redis, other: Store) -> None:
    live = Live(other)
    await live.start()
    async with live.subscribe("c1") as events:
        await said(filled, "c1")
        await Inbox(other, filled.ping, NEW).accept(CitizenMessage("c1", Channel.WEB, "m2", "hola", at=0))
        assert [event.text async for event in _first(aiter(events))] == ["hola"]
    await live.stop()


async def _first(events: AsyncIterator[object]) -> AsyncIterator[object]:
    yield await anext(events)


async def test_start_without_the_key_is_refused_and_with_it_nothing_was_lost(filled: Redis, other: Store) -> None:
    message = await said(filled, "c1")
    id = words_key_id(SECRET)
    with pytest.raises(WordsKeyMissing) as refused:
        await require_words_keys(other)
    assert refused.value.facts["una"] == id
    await require_words_keys(filled)
    assert [one.text for one in await mailbox_of(filled).pending("c1")] == [message.text]


async def test_rotated_secret_reads_the_words_of_the_former_even_after_its_term(filled: Redis, redis_url: str) -> None:
    await said(filled, "c1")
    for days in (8, -30):
        setting = Secrets.of(SECRET).rotated(NEW, datetime.now(UTC).date() + timedelta(days=days))
        client = open_redis(redis_url, setting)
        await require_words_keys(client)
        inbox = Inbox(client, filled.ping, setting)
        assert [one.text for one in await inbox.pending("c1")] == [WORDS]
        await inbox.accept(CitizenMessage("c2", Channel.WEB, f"m{days}", WORDS, at=0))
        await client.aclose()
    assert await filled.smembers(keys.WORDS_MASTERS) == {words_key_id(SECRET), words_key_id(NEW)}
    assert set(await texts_by_key(filled)) == {words_key_id(SECRET), words_key_id(NEW)}


async def test_unused_key_stops_no_start(filled: Redis, other: Store) -> None:
    await filled.sadd(keys.WORDS_MASTERS, "00000000")
    await require_words_keys(other)
    assert await missing_words_keys(other) == {}


async def test_lost_words_are_given_up_only_on_purpose_and_found_again(filled: Redis, other: Store) -> None:
    await said(filled, "c1")
    id = words_key_id(SECRET)
    for wrong in ("00000000", words_key_id(NEW)):
        with pytest.raises(WordsKeyKnown):
            await give_up_words(other, wrong)
    assert await give_up_words(other, id) > 3
    await require_words_keys(other)
    (event,) = await Inbox(other, filled.ping, NEW).events("c1")
    assert (event.text, event.message.attachments, event.message.place) == ("", (), None)
    await require_words_keys(filled)  # the key was found after all
    assert [one.text for one in await mailbox_of(filled).events("c1")] == [WORDS]


async def test_client_without_a_secret_writes_no_words(redis: Redis, redis_url: str) -> None:
    bare = open_redis(redis_url)
    with pytest.raises(WordsLocked):
        await Inbox(bare, redis.ping, SECRET).accept(CitizenMessage("c1", Channel.WEB, "m1", WORDS, at=0))
    await bare.aclose()
    assert await redis.keys("v:*") == []


def test_placeholders_stay_for_the_scripts() -> None:
    words = Words(SECRET)
    sealed = words.sealed("c1", "Hola {nombre}, eres {posicion}.", "text")
    assert "{nombre}" in sealed
    assert "Hola" not in sealed
    assert words.open("c1", sealed.replace("{nombre}", "Ana").replace("{posicion}", "2")) == "Hola Ana, eres 2."
