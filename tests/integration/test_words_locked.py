"""Tests that unreadable texts (missing key or damage) stop nothing else and are not lost."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import select

from bot.agency.model import Agency
from bot.conversation.change import AnswerToApprove, Change
from bot.conversation.dialogue import Dialogue
from bot.conversation.unheard import UnheardTurn, UnheardTurns
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.core.payload import Payload
from bot.record.engine import Sessions
from bot.record.tables import Message
from bot.record.transcripts.rows import read
from bot.store import keys, words_keys
from bot.store.client import Store, open_redis
from bot.store.words import CLOSE, OPEN, Words, WordsDamaged, WordsLocked, words_key_id
from bot.store.words_keys import KeysCheck, WordsKeyMissing
from bot.tickets.outbox import Outbox
from bot.tickets.staff_notices import NoticeKind, StaffNotices
from bot.tickets.tickets import Tickets
from bot.tickets.transitions import Note
from bot.turns import rasa_record
from bot.turns.rasa_client import Rasa
from bot.turns.rasa_record import RasaRecord
from bot.turns.worker import Worker
from tests.eventually import eventually
from tests.integration.sender_process import SENT, SlowProvider
from tests.integration.sending import answer, sending_with, until_sent
from tests.integration.sweeper_world import ANA, World
from tests.integration.worker_process import AGENCY
from tests.integration.working import answers, retry_quickly, send, until_idle, working
from tests.no_record import SECRET, mailbox_of
from tests.recording import recording, until_recorded

NEW = "n" * 40


@pytest_asyncio.fixture(autouse=True)
async def filled(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Redis:
    retry_quickly(monkeypatch)
    await redis.set(keys.RESTORED, "1")
    return redis


@pytest_asyncio.fixture
async def other(redis: Redis, redis_url: str) -> AsyncIterator[Store]:
    """Yields a client with another secret."""
    client = open_redis(redis_url, NEW)
    yield client
    await client.aclose()


async def damage(redis: Redis, conversation: str) -> None:
    """Replaces the text of the log's newest event with a text encrypted for another conversation."""
    ((event_id, fields),) = await redis.xrevrange(keys.log_key(conversation), count=1)
    await redis.xdel(keys.log_key(conversation), event_id)
    await redis.xadd(keys.log_key(conversation), fields | {"text": redis.words.seal("another", "x")})


async def test_worker_without_the_key_leaves_the_messages_and_another_answers_them(
    filled: Redis, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0

    taking = Worker._take_turns

    async def counted(worker: Worker, conversation: str, entry: str) -> bool:
        nonlocal tried
        tried += conversation == "c1"
        return await taking(worker, conversation, entry)

    monkeypatch.setattr(Worker, "_take_turns", counted)
    monkeypatch.setattr("bot.turns.stuck.ATTEMPTS", 2)
    await send(mailbox_of(filled), "c1", 1)
    async with working(other):
        await send(mailbox_of(other), "c2", 2)
        await eventually(lambda: tried > 3)
        assert await answers(mailbox_of(other), "c2") == ["re: ¿pregunta 2?"]
    assert [one.text for one in await mailbox_of(filled).pending("c1")] == ["¿pregunta 1?"]
    async with working(filled):
        await until_idle(filled)
    assert await answers(mailbox_of(filled), "c1") == ["re: ¿pregunta 1?"]
    assert await Tickets(filled).waiting() == []


async def test_recorder_without_a_key_records_the_others_and_later_what_waited(
    filled: Redis, other: Store, database: Sessions
) -> None:
    await send(mailbox_of(filled), "c1", 1, "con una llave")
    await send(mailbox_of(other), "c2", 2, "con otra")
    async with recording(other, database):  # type: ignore[arg-type]
        await eventually(lambda: written(database, {"con otra"}))
        await send(mailbox_of(other), "c2", 3, "después")
        await eventually(lambda: written(database, {"con otra", "después"}))
    filled.words._ciphers.update(other.words._ciphers)  # type: ignore[attr-defined]
    async with recording(filled, database):
        await until_recorded(filled)
    assert await written(database, {"con una llave", "con otra", "después"})


async def written(database: Sessions, texts: set[str]) -> bool:
    async with database() as session:
        return {row.text for row in await read(session, select(Message))} == texts


async def test_keys_are_checked_as_soon_as_redis_is_back(
    filled: Redis, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words_keys, "RETRY_S", 0.01)
    await send(mailbox_of(filled), "c1", 1)
    check, members, away = KeysCheck(other), other.smembers, True

    async def smembers(name: str) -> set[str]:
        if away:
            raise RedisConnectionError("away")
        return await members(name)

    monkeypatch.setattr(other, "smembers", smembers)
    await check.at_start()
    going_on = asyncio.create_task(check.run())
    await asyncio.sleep(0.05)
    assert not going_on.done()
    away = False
    with pytest.raises(WordsKeyMissing):
        await going_on


async def test_words_given_up_are_blank_also_where_redis_was_away_at_the_start(filled: Redis, other: Store) -> None:
    await send(mailbox_of(filled), "c1", 1)
    await filled.sadd(keys.WORDS_LOST, words_key_id(SECRET))
    check = KeysCheck(other)
    await check.at_start()
    resting = asyncio.create_task(check.run())
    assert [one.text for one in await mailbox_of(other).events("c1")] == [""]
    assert not resting.done()
    resting.cancel()


async def test_message_that_was_given_up_is_handed_to_a_person_instead_of_answered(filled: Redis, other: Store) -> None:
    await send(mailbox_of(filled), "c1", 1)
    other.words.lost = frozenset({words_key_id(SECRET)})
    async with working(other):
        await until_idle(filled)
    assert await answers(mailbox_of(other), "c1") == [AGENCY.say("error_asistente")]
    assert [one.conversation for one in await Tickets(other).waiting()] == ["c1"]


async def test_reply_that_was_given_up_is_not_sent_as_an_empty_one(filled: Redis, other: Store) -> None:
    await answer(filled, "c1", "perdido")
    other.words.lost = frozenset({words_key_id(SECRET)})
    async with sending_with(other, SlowProvider(other)):  # type: ignore[arg-type]
        await until_sent(filled)
    assert await filled.lrange(SENT, 0, -1) == []
    assert [one.reason for one in (await Outbox(filled).deliveries("c1")).values()] == ["damaged"]


async def test_answers_that_cannot_be_read_neither_stop_the_sweeper_nor_are_sent(
    filled: Redis, other: Store, agency: Agency
) -> None:
    for name, redis in (("c1", filled), ("c2", other), ("c3", other)):
        await send(mailbox_of(redis), name, 1)
        held = AnswerToApprove(f"p-{name}", (Reply(f"respuesta {name}"),), "¿qué?", -1, "atencion", Dialogue(), None)
        asked = await mailbox_of(redis).pending(name)
        turn = {"speaker": Speaker.ASSISTANT, "change": Change(to_approve=held)}
        assert await mailbox_of(redis).commit(asked, (), **turn) == "ok"  # type: ignore[arg-type]
    events = await filled.hget(keys.approval_key("p-c3"), "events")
    foreign = json.dumps(other.words.seal("another", "x"))
    await filled.hset(keys.approval_key("p-c3"), "events", re.sub(r'"\\u001e[^"]*"', lambda _: foreign, events))
    world = World(other, agency)  # type: ignore[arg-type]
    await world.sweeper.send_overdue_approvals()
    assert await answers(mailbox_of(other), "c2") == ["respuesta c2"]
    assert await answers(mailbox_of(other), "c3") == [agency.say("error_asistente")]
    assert [one.conversation for one in await world.tickets.waiting()] == ["c3"]
    await World(filled, agency).sweeper.send_overdue_approvals()
    assert (await answers(mailbox_of(filled), "c1"))[-1:] == ["respuesta c1"]


async def test_lists_of_the_desk_show_what_they_can_read(filled: Redis, other: Store) -> None:
    for name, redis in (("c1", filled), ("c2", other)):
        await send(mailbox_of(redis), name, 1)
        await StaffNotices(redis).notify(["ana"], NoticeKind.BANNED, "palabras", name, conversation=name)
    await filled.hset(keys.conversation_key("c1"), "form", filled.words.seal("c1", "{}"))
    first, second = await mailbox_of(other).latest(["c1", "c2"], 5)
    assert ([one.text for one in first], [one.text for one in second]) == ([""], ["¿pregunta 1?"])
    assert [one.form for one in await mailbox_of(other).states(["c1", "c2"])] == ["", ""]
    assert sorted(one.text for one in await StaffNotices(other).of("ana")) == ["", "c2"]
    with pytest.raises(WordsLocked):  # a turn is not decided with less
        await mailbox_of(other).state("c1")


async def test_ticket_without_the_key_of_its_summary_is_listed(filled: Redis, other: Store, agency: Agency) -> None:
    await World(filled, agency).attended("c1")
    assert [(one.conversation, one.summary) for one in await Tickets(other).claimed()] == [("c1", "")]


async def test_damaged_turn_for_rasa_is_skipped_and_the_task_goes_on(
    filled: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_record, "QUIET_MS", -1000)
    monkeypatch.setattr(rasa_record, "EVERY_S", 0.01)
    inbox, message = mailbox_of(filled), CitizenMessage("c1", Channel.WEB, "m1", "hola", at=0)
    turn = UnheardTurn("hola", Channel.WEB, (Payload("Así."),), at=1)
    await inbox.accept(message)
    assert await inbox.commit([message], (), speaker=Speaker.ASSISTANT, change=Change(unheard=turn)) == "ok"
    await filled.lset(keys.unheard_key("c1"), 0, filled.words.seal("another", turn.to_json()))
    task = asyncio.create_task(RasaRecord(UnheardTurns(filled), Rasa("http://rasa")).run())
    await eventually(lambda: emptied(filled))
    assert not task.done()
    task.cancel()


async def emptied(redis: Redis) -> bool:
    return not await redis.exists(keys.unheard_key("c1"))


async def test_damaged_message_is_given_up_and_the_next_one_is_sent(filled: Redis) -> None:
    await answer(filled, "c1", "dañado", "entero")
    line = await filled.lindex(keys.outbox_key("c1"), 0)
    token = filled.words.seal("another", "ajeno")
    fields = filled.words.opened("c1", line).replace('"da\\u00f1ado"', f'"{token}"')
    await filled.lset(keys.outbox_key("c1"), 0, fields.replace(OPEN, "\\u001e").replace(CLOSE, "\\u001f"))
    async with sending_with(filled, SlowProvider(filled)):
        await until_sent(filled)
    assert [one.rpartition(":")[2] for one in await filled.lrange(SENT, 0, -1)] == ["entero"]
    told = list((await Outbox(filled).deliveries("c1")).values())
    assert (told[0].state, told[0].reason) == ("failed", "damaged")


async def test_damaged_event_is_blank_and_neither_its_chat_nor_a_list_of_many_fails(filled: Redis) -> None:
    inbox = mailbox_of(filled)
    for number, name in enumerate(("c1", "c2")):
        await send(inbox, name, number)
    await damage(filled, "c1")
    await filled.hset(keys.conversation_key("c1"), "resumed_summary", filled.words.seal("another", "x"))
    first, second = await inbox.latest(["c1", "c2"], 5)
    assert ([one.text for one in first], [one.text for one in second]) == ([""], ["¿pregunta 1?"])
    assert [one.text for one in await inbox.events("c1")] == [""]
    assert [one.resumed_summary for one in await inbox.states(["c1", "c2"])] == ["", ""]


@pytest.mark.parametrize("cut", [1, 2, 3, 4, 5])
def test_cut_text_is_damaged_and_never_shown_as_signs(cut: int) -> None:
    words = Words(SECRET)
    token = words.seal("c1", "hola, ¿qué tal?")
    for broken in (token[:-cut], token[: -1 - cut] + CLOSE):
        with pytest.raises(WordsDamaged):
            words.open("c1", broken)


async def test_signs_of_an_encrypted_text_that_staff_type_are_only_text(filled: Redis, agency: Agency) -> None:
    world, token = World(filled, agency), Words("x" * 40).seal("c2", "ajeno")
    ticket = await world.attended("c1")
    await world.tickets.reply(ticket, ANA, f"{token} {{nombre}}", "r-1")
    await world.transitions.note(ticket, ANA, Note("n-1", token), [])
    texts = [one.text for one in await world.inbox.events("c1", staff=True)]
    assert texts[-2:] == [f"{token} {{nombre}}", token]
