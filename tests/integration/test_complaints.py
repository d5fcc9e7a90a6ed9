"""Tests that complaints survive kills, that state changes reach the people concerned, and news come once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import func, select, update

from bot.agency.model import Agency
from bot.conversation.files import Files
from bot.conversation.inbox import Inbox
from bot.core.errors.messages import SendLater
from bot.core.messages import Attachment, Author, Channel, CitizenMessage, MediaKind, Place
from bot.handoff.complaints.news import ComplaintNews
from bot.handoff.complaints.photos import ComplaintPhotos, folder_of
from bot.handoff.complaints.status import FILED, LOOKUPS, NETWORK_FILED, NETWORK_LOOKUPS, ComplaintStates
from bot.record.complaint_record import ComplaintBook, ComplaintState, Notified
from bot.record.engine import Sessions, open_database
from bot.record.retention import forget_complaints
from bot.record.tables.complaints import Complaint, ComplaintChange, ComplaintPhoto
from bot.store import keys
from tests.idle_transactions import idle_transactions
from tests.integration.complaints import NUMBER, filed
from tests.integration.worker_process import NO_DATABASE
from tests.integration.working import through_kills
from tests.no_record import mailbox_of
from tests.pictures import SECRET_MAKE, photo
from tests.recording import recording, until_recorded

CITIZENS = [f"c{number}" for number in range(5)]
STEPS = ("quiero reclamar", "Hay un hoyo enorme en {0}", "Calle {0} 12", "sin foto", "enviar reclamo")


@pytest_asyncio.fixture
async def inbox(redis: Redis) -> AsyncIterator[Inbox]:
    await redis.set(keys.RESTORED, "1")
    yield mailbox_of(redis)


@pytest.fixture
def states(database: Sessions, inbox: Inbox, agency: Agency) -> ComplaintStates:
    return ComplaintStates(agency, ComplaintBook(database), inbox)


async def ask(states: ComplaintStates, text: str, conversation: str = "another") -> str | None:
    reply = await states.state_reply(CitizenMessage(conversation, Channel.WEB, "m", text, 0))
    return reply.text if reply else None


async def rows(sessions: Sessions, table: Any) -> list[Any]:
    async with sessions() as session:
        return list(await session.scalars(select(table).order_by(table.id)))


async def change(sessions: Sessions, complaint: int, state: ComplaintState, reply: str = "", unit: str = "") -> None:
    """Changes a complaint as the desk does."""
    async with sessions.begin() as session:
        now = {"state": state, "unit": unit, "changed_at": func.now()}
        await session.execute(update(Complaint).where(Complaint.id == complaint).values(**now))
        session.add(ComplaintChange(complaint_id=complaint, state=state, unit=unit, reply=reply))


async def said(inbox: Inbox, conversation: str = "c1") -> list[str]:
    events = await inbox.events(conversation)
    return [one.text for one in events if one.author is Author.SYSTEM and one.kind == "message"]


async def test_killed_workers_lose_and_double_no_complaint(redis: Redis, redis_url: str, database: Sessions) -> None:
    inbox = mailbox_of(redis)
    for one in CITIZENS:
        await inbox.open(one, Channel.WEB, None)

    async def say(number: int) -> None:
        mail = [CitizenMessage(one, Channel.WEB, f"m{number}", STEPS[number].format(one), 1) for one in CITIZENS]
        for _ in range(2):
            await asyncio.gather(*(inbox.accept(one) for one in mail))

    async with recording(redis, database):
        await through_kills(redis, redis_url, CITIZENS, [partial(say, number) for number in range(len(STEPS))])
        await until_recorded(redis)
    found = await rows(database, Complaint)
    told = sorted((one.conversation_id, one.what, one.location) for one in found)
    assert told == [(one, f"Hay un hoyo enorme en {one}", f"Calle {one} 12") for one in CITIZENS]
    assert len({one.number for one in found}) == len(CITIZENS)
    for one in found:
        words = [event.text for event in await inbox.events(one.conversation_id) if event.author is Author.ASSISTANT]
        assert sum(f"**{one.number}**" in text for text in words) == 1
    assert [one.state for one in await rows(database, ComplaintChange)] == ["received"] * len(CITIZENS)


async def test_event_that_is_recorded_twice_makes_one_complaint(redis: Redis, database: Sessions, inbox: Inbox) -> None:
    one = await filed(redis, database, inbox, place=Place(-33.4, -70.6), photos=(Attachment(MediaKind.PHOTO, "web:x"),))
    events = [fields for _, fields in await redis.xrange(keys.EVENTS)]
    fields = next(one for one in events if one["kind"] == "complaint_filed")
    await redis.xadd(keys.EVENTS, fields)
    async with recording(redis, database):
        await until_recorded(redis)
    assert (one.latitude, one.longitude) == (-33.4, -70.6)
    assert [len(await rows(database, table)) for table in (Complaint, ComplaintPhoto, ComplaintChange)] == [1, 1, 1]


async def test_state_is_given_for_the_number_and_texts_only_in_their_conversation(
    redis: Redis, database: Sessions, inbox: Inbox, states: ComplaintStates
) -> None:
    one = await filed(redis, database, inbox)
    await change(database, one.id, ComplaintState.REFERRED, "Va el camión *el lunes*.", "Obras")
    question = f"¿cómo va mi reclamo {NUMBER}?"
    others, own = await ask(states, question), await ask(states, question, "c1")
    assert others and own
    for told in (others, own):
        assert f"**{NUMBER}** está **derivado a Obras**" in told
    assert ("Hay un hoyo" in others, "Va el camión" in others) == (False, False)
    assert ("Hay un hoyo" in own, r"Va el camión \*el lunes\*." in own) == (True, True)


async def test_of_two_complaints_with_one_number_each_citizen_reads_their_own(
    redis: Redis, database: Sessions, inbox: Inbox, states: ComplaintStates
) -> None:
    for conversation in ("c1", "c2"):
        await filed(redis, database, inbox, conversation, what=f"Hay un hoyo de {conversation}")
    told = [await ask(states, f"reclamo {NUMBER}", conversation) or "" for conversation in ("c1", "c2")]
    assert [f"«Hay un hoyo de c{number}»" in words for number, words in enumerate(told, start=1)] == [True, True]


async def test_own_complaints_need_no_number(
    redis: Redis, database: Sessions, inbox: Inbox, states: ComplaintStates, agency: Agency
) -> None:
    await filed(redis, database, inbox)
    assert NUMBER in (await ask(states, "en que va mi reclamo", "c1") or "")
    assert await ask(states, "en que va mi reclamo") == agency.say("reclamo_cual_numero")


async def test_citizen_with_a_complaint_may_ask_for_its_state_without_naming_it(
    redis: Redis, database: Sessions, inbox: Inbox, states: ComplaintStates
) -> None:
    await filed(redis, database, inbox)
    assert NUMBER in (await ask(states, "¿y cómo sé en qué va?", "c1") or "")
    assert await ask(states, "¿y cómo sé en qué va?") is None
    in_queue = CitizenMessage("c1", Channel.WEB, "m1", "¿cuándo me responden?", at=0)
    assert await states.state_reply(in_queue, waits=True) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("¿cómo va mi reclamo 179-611?", "reclamo_numero_malo"),
        ("179-610", ""),
        ("estado del reclamo 179-610", "reclamo_no_existe"),
        ("mi patente es 179-610", ""),
        ("quiero hacer un reclamo", ""),
    ],
)
async def test_unknown_and_wrong_numbers_get_different_replies(
    database: Sessions, states: ComplaintStates, agency: Agency, text: str, key: str
) -> None:
    assert await ask(states, text) == (agency.say(key, numero=NUMBER) if key else None)


async def test_complaint_numbers_cannot_be_guessed_one_by_one(
    states: ComplaintStates, agency: Agency, database: Sessions
) -> None:
    told = [await ask(states, f"reclamo {NUMBER}") for _ in range(LOOKUPS + 1)]
    assert told[-1] == agency.say("reclamo_muchas_consultas")
    assert told[-2] != told[-1]


async def test_complaint_numbers_cannot_be_guessed_with_many_conversations_of_one_network(
    states: ComplaintStates, agency: Agency, redis: Redis
) -> None:
    chats = [f"chat{number}" for number in range(NETWORK_LOOKUPS // LOOKUPS + 1)]
    for chat in chats:
        await redis.set(keys.sender_key(chat), "one network")
    told = [await ask(states, f"reclamo {NUMBER}", chat) for chat in chats for _ in range(LOOKUPS)]
    assert told.index(agency.say("reclamo_muchas_consultas")) == NETWORK_LOOKUPS
    await redis.set(keys.sender_key("other"), "another network")
    assert await ask(states, f"reclamo {NUMBER}", "other") == told[0]


async def test_complaints_of_a_conversation_and_of_a_network_are_limited(states: ComplaintStates, redis: Redis) -> None:
    async def send(conversation: str, id: str) -> bool:
        return await states.may_file(CitizenMessage(conversation, Channel.WEB, id, "enviar", 0))

    chats = [f"chat{number}" for number in range(NETWORK_FILED // FILED + 1)]
    for chat in chats:
        await redis.set(keys.sender_key(chat), "one network")
    assert all([await send(chats[0], "the same, decided again") for _ in range(FILED + 1)])
    first = [await send(chats[0], str(number)) for number in range(FILED)]
    assert first == [True] * (FILED - 1) + [False]
    others = [await send(chat, str(number)) for chat in chats[1:] for number in range(FILED)]
    assert others == [True] * (NETWORK_FILED - FILED) + [False] * FILED
    assert await send("of another network", "1")


async def test_citizen_reads_that_the_record_is_unavailable(inbox: Inbox, agency: Agency) -> None:
    states = ComplaintStates(agency, ComplaintBook(open_database(NO_DATABASE)[1]), inbox)
    assert await ask(states, f"reclamo {NUMBER}") == agency.say("reclamo_sin_consulta")
    assert await ask(states, "¿cómo va eso?") is None
    assert await states.reserve(NUMBER)
    assert not await states.reserve(NUMBER)


async def test_number_of_a_recorded_complaint_is_not_given_again(
    redis: Redis, database: Sessions, inbox: Inbox, states: ComplaintStates
) -> None:
    await filed(redis, database, inbox)
    assert not await states.reserve(NUMBER)


async def test_news_arrives_once_and_escaped(redis: Redis, database: Sessions, inbox: Inbox, agency: Agency) -> None:
    one = await filed(redis, database, inbox)
    await change(database, one.id, ComplaintState.RESOLVED, "Quedó **listo**")
    news = ComplaintNews(redis, database, agency)
    assert [await news.notify_one() for _ in range(2)] == [True, False]
    async with database.begin() as session:  # a kill after sending and before storing that
        await session.execute(update(ComplaintChange).values(told=""))
    while await news.notify_one():
        pass
    (told,) = [text for text in await said(inbox) if "resuelto" in text]
    assert r"«Quedó \*\*listo\*\*»" in told
    assert {row.told for row in await rows(database, ComplaintChange)} == {Notified.SENT}


async def test_news_reaches_a_conversation_that_expired(
    redis: Redis, database: Sessions, inbox: Inbox, agency: Agency
) -> None:
    one = await filed(redis, database, inbox, channel=Channel.TELEGRAM, address="encrypted")
    for key in await redis.keys("v:*c1*"):
        await redis.delete(key)
    await change(database, one.id, ComplaintState.IN_REVIEW)
    assert await ComplaintNews(redis, database, agency).notify_one()
    state = await inbox.state("c1")
    assert (state.address, state.channel) == ("encrypted", Channel.TELEGRAM)
    assert len(await redis.lrange(keys.outbox_key("c1"), 0, -1)) == 1
    assert await redis.ttl(keys.conversation_key("c1")) == -1  # until the sender has sent it


async def test_web_conversation_that_expired_and_gets_news_expires_as_others_do(
    redis: Redis, database: Sessions, inbox: Inbox, agency: Agency
) -> None:
    one = await filed(redis, database, inbox)
    for key in await redis.keys("v:*c1*"):
        await redis.delete(key)
    await change(database, one.id, ComplaintState.IN_REVIEW)
    assert await ComplaintNews(redis, database, replace(agency, chat_idle_hours=30)).notify_one()
    assert 0 < await redis.ttl(keys.log_key("c1")) <= 30 * 3600


async def test_news_that_the_channel_forbids_is_reported_to_staff(
    redis: Redis, database: Sessions, inbox: Inbox, agency: Agency
) -> None:
    one = await filed(redis, database, inbox, channel=Channel.WHATSAPP, address="encrypted")
    await redis.sadd(keys.NOTICES_OFF, "c1")
    await change(database, one.id, ComplaintState.IN_REVIEW, "ya vamos")
    await ComplaintNews(redis, database, agency).notify_one()
    assert await said(inbox) == []
    assert (await rows(database, ComplaintChange))[-1].told == Notified.REFUSED


async def test_news_waits_until_conversations_are_recovered(
    redis: Redis, database: Sessions, inbox: Inbox, agency: Agency
) -> None:
    one = await filed(redis, database, inbox)
    await change(database, one.id, ComplaintState.IN_REVIEW)
    await redis.delete(keys.RESTORED)
    assert not await ComplaintNews(redis, database, agency).notify_one()
    await redis.set(keys.RESTORED, "1")
    assert await ComplaintNews(redis, database, agency).notify_one()


async def test_photos_are_copied_without_metadata_and_stay_when_the_conversation_goes(
    redis: Redis, database: Sessions, inbox: Inbox, tmp_path: Path
) -> None:
    files, kept = Files(tmp_path / "files"), Files(tmp_path / "kept")
    web = (await files.keep("c1", "hoyo.jpg", photo())).as_attachment()
    telegram = Attachment(MediaKind.PHOTO, ref="handle", name="")
    gone = replace(telegram, ref="expired")
    answers: dict[str, list[bytes | SendLater | None]] = {"handle": [SendLater("down"), photo()], "expired": [None]}

    async def fetch(ref: str, _ttl_s: int) -> bytes | None:
        answer = answers[ref].pop(0)
        if isinstance(answer, SendLater):
            raise answer
        return answer

    one = await filed(redis, database, inbox, photos=(web, telegram, gone))
    photos = ComplaintPhotos(database, files, kept, fetch)
    while await photos.copy_one():
        pass
    assert [bool(row.file_id) for row in await rows(database, ComplaintPhoto)] == [True, False, False]
    async with database.begin() as session:
        await session.execute(
            update(ComplaintPhoto).where(ComplaintPhoto.next_at.is_not(None)).values(next_at=func.now())
        )
    while await photos.copy_one():
        pass
    await files.forget_older(datetime.now(UTC).timestamp() + 60)
    shown = [row.file_id for row in await rows(database, ComplaintPhoto)]
    assert (bool(shown[0]), bool(shown[1]), shown[2]) == (True, True, None)
    for file_id in shown[:2]:
        content = await kept.read(folder_of(one.id), file_id or "")
        assert content
        assert SECRET_MAKE.encode() not in content


async def test_slow_provider_keeps_no_transaction_open_and_a_photo_deleted_meanwhile_leaves_no_file(
    redis: Redis, database: Sessions, inbox: Inbox, tmp_path: Path
) -> None:
    asked, goes_on = asyncio.Event(), asyncio.Event()

    async def fetch(_ref: str, _ttl_s: int) -> bytes:
        asked.set()
        await goes_on.wait()
        return photo()

    one = await filed(redis, database, inbox, photos=(Attachment(MediaKind.PHOTO, ref="handle", name=""),))
    photos = ComplaintPhotos(database, Files(tmp_path / "files"), Files(tmp_path / "kept"), fetch)
    copying = asyncio.create_task(photos.copy_one())
    await asked.wait()
    assert await idle_transactions(database) == 0
    assert not await photos.copy_one()
    await forget_complaints(database, one.changed_at + timedelta(seconds=1))
    goes_on.set()
    assert await copying
    assert [path.name for path in (tmp_path / "kept").rglob("*") if path.is_file() and "key" not in path.name] == []


async def test_old_complaints_are_deleted_and_outlive_their_conversation(
    redis: Redis, database: Sessions, inbox: Inbox
) -> None:
    one = await filed(redis, database, inbox, photos=(Attachment(MediaKind.PHOTO, "web:x"),))
    await forget_complaints(database, one.changed_at - timedelta(seconds=1))
    assert len(await rows(database, Complaint)) == 1
    await forget_complaints(database, one.changed_at + timedelta(seconds=1))
    assert [await rows(database, table) for table in (Complaint, ComplaintPhoto, ComplaintChange)] == [[], [], []]
