"""Tests that all data of a citizen can be shown, exported and erased, in every place that contains any."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import delete, select, update

from bot.conversation.change import Change
from bot.conversation.files import Files
from bot.core.messages import Channel, CitizenMessage, Handoff, HandoffReason, Reply, Speaker
from bot.privacy.erasures import By, read_file
from bot.privacy.personal_data import NothingKept, StillAttended
from bot.privacy.record import CITIZENS, OTHERS, Trackers
from bot.privacy.requests import SEEN_MS, ErasureRequests
from bot.privacy.store import StoredConversation
from bot.record import tables
from bot.record.base import Base
from bot.record.engine import Sessions
from bot.record.tables.privacy import ErasedConversation
from bot.store import keys
from tests.eventually import eventually
from tests.integration.complaints import filed
from tests.integration.planted import plant, said
from tests.no_record import mailbox_of
from tests.privacy_world import (
    MARK,
    NAME,
    NOW,
    Places,
    all_keys,
    everything,
    forget_trackers,
    places,
)
from tests.recording import recording, until_recorded
from tests.valkey_file import file_of

ANOTHER = "f" * 32


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, database_url: str, tmp_path: Path) -> AsyncIterator[Places]:
    await redis.set(keys.RESTORED, "1")
    yield places(redis, database, database_url, tmp_path)
    await forget_trackers(database_url)


async def erased(world: Places, **how: Any) -> tuple[str, ...]:
    return await world.data.erase(NAME, "D-4F7K92QX", By.STAFF, **how)


async def test_nothing_of_an_erased_citizen_is_left_anywhere(world: Places) -> None:
    await plant(world)
    kept = await world.data.show(NAME)
    not_planted = {"complaint_photos", "complaint_changes", "legal_holds"}
    assert {table.__tablename__ for table in CITIZENS} - not_planted <= kept.keys()
    assert {"redis", "rasa", "files"} <= kept.keys()
    await said(world, "otra persona", name=ANOTHER)

    assert await erased(world, complaints=True) == ()

    left = await everything(world.database_url) + await all_keys(world.redis)
    assert MARK not in left
    assert NAME not in left
    assert ANOTHER in left
    assert await world.data.show(NAME) == {}
    files = [path for path in world.home.rglob("*") if path.is_file()]
    assert [path.name for path in files] == ["erasures.txt"]
    assert MARK not in files[0].read_text()


async def test_valkeys_file_is_rewritten_without_the_erased(world: Places, valkey_folder: Path) -> None:
    await said(world, f"me llamo {MARK}")
    assert MARK.encode() in file_of(valkey_folder)
    await erased(world)

    async def rewritten() -> bool:
        await world.data.stored.file.rewrite_if_due()
        return not await world.redis.exists(keys.REWRITES_DUE) and MARK.encode() not in file_of(valkey_folder)

    await eventually(rewritten)


async def test_complaint_stays_and_is_named(world: Places) -> None:
    await filed(world.redis, world.sessions, mailbox_of(world.redis), NAME, what="Hay un hoyo")
    assert await erased(world) == ("179-610",)
    async with world.sessions() as session:
        assert await session.scalar(select(tables.Complaint.what)) == "Hay un hoyo"


async def test_event_that_a_recorder_has_in_hand_does_not_bring_the_citizen_back(world: Places) -> None:
    await said(world, f"me llamo {MARK}")
    async with recording(world.redis, world.sessions):
        await erased(world)
        await said(world, "otra persona", name=ANOTHER)
        await until_recorded(world.redis)
    left = await everything(world.database_url)
    assert MARK not in left
    assert ANOTHER in left


async def test_erasure_is_listed_in_table_file_and_audit(world: Places) -> None:
    await said(world, "hola")
    await erased(world)
    (listed,) = read_file(world.home / "erasures.txt")
    assert (listed.conversation, listed.receipt, listed.by) == (NAME, "D-4F7K92QX", By.STAFF)
    async with world.sessions() as session:
        row = await session.scalar(select(ErasedConversation))
        audit = await session.scalar(select(tables.Audit))
    assert row is not None
    assert (row.conversation_id, row.receipt) == (NAME, "D-4F7K92QX")
    assert audit is not None
    assert (audit.action, audit.subject, audit.detail) == ("data_erased", "D-4F7K92QX", {"by": "staff"})


async def test_erasure_that_the_file_lacks_is_added_daily(world: Places) -> None:
    await said(world, "hola")
    await erased(world)
    (world.home / "erasures.txt").unlink()
    await ErasureRequests(world.redis, world.data).find_lost(datetime.now(UTC))
    assert [(one.conversation, one.receipt) for one in read_file(world.home / "erasures.txt")] == [(NAME, "D-4F7K92QX")]


async def test_attended_citizen_is_not_erased(world: Places) -> None:
    await said(world, "persona", handoff=Handoff(HandoffReason.ASKED_HUMAN, team="atencion"))
    with pytest.raises(StillAttended):
        await erased(world)
    assert await world.data.show(NAME)


async def test_citizen_is_found_by_the_numbers_of_ticket_and_complaint(world: Places) -> None:
    await plant(world)
    async with world.sessions() as session:
        ticket = await session.scalar(select(tables.Ticket.id))
    found = [await world.data.find(name) for name in (NAME, str(ticket), "179-610")]
    assert found == [NAME] * 3
    with pytest.raises(NothingKept):
        await world.data.find("a" * 32)


async def test_own_export_has_the_conversation_and_nothing_that_staff_wrote_to_each_other(world: Places) -> None:
    await plant(world)
    own, whole = await world.data.export(NAME, own=True), await world.data.export(NAME)
    assert f"me llamo {MARK}" in {row["text"] for row in own["record"]["messages"]}
    assert {"notes", "closings", "missing_entries"} <= whole["record"].keys() - own["record"].keys()
    assert "address" not in json.dumps(whole)
    assert json.loads(json.dumps(own))["files"]


async def test_export_has_the_messages_in_the_order_of_the_event_log(world: Places) -> None:
    await said(world, "uno")
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    asked, answered = tables.Message.author == "citizen", tables.Message.author != "citizen"
    async with world.sessions.begin() as session:
        for whose, event_id in ((answered, "5-10"), (asked, "5-9")):
            await session.execute(update(tables.Message).where(whose).values(event_id=event_id))
    rows = (await world.data.export(NAME, own=True))["record"]["messages"]
    assert [row["event_id"] for row in rows] == ["5-9", "5-10"]


async def test_confirmed_erasure_waits_until_the_citizen_has_the_receipt(world: Places) -> None:
    await said(world, "sí", channel=Channel.TELEGRAM, change=Change(erase="D-4F7K92QX"))
    requests = ErasureRequests(world.redis, world.data)
    now_ms = int(NOW.timestamp() * 1000)
    later = now_ms + SEEN_MS + int(timedelta(hours=1).total_seconds() * 1000)
    await requests.carry_out(now_ms)
    await requests.carry_out(later)  # the receipt is still in the outbox
    assert await world.data.show(NAME)
    await world.redis.delete(keys.outbox_key(NAME))
    await requests.carry_out(later)
    assert await world.data.show(NAME) == {}
    assert await world.redis.hlen(keys.ERASURES) == 0


async def test_erasure_that_was_cut_is_done_again_and_noted_once(
    world: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said(world, f"me llamo {MARK}", change=Change(erase="D-4F7K92QX"))
    requests, later = ErasureRequests(world.redis, world.data), int(NOW.timestamp() * 1000) + 3_600_000

    async def cut(_trackers: Trackers, _name: str) -> None:
        raise OSError("cut")

    with monkeypatch.context() as during:
        during.setattr(Trackers, "forget", cut)
        await requests.carry_out(later)
    await requests.carry_out(later)
    assert MARK not in await everything(world.database_url) + await all_keys(world.redis)
    async with world.sessions() as session:
        assert list(await session.scalars(select(tables.Audit.subject))) == ["D-4F7K92QX"]


async def test_erasure_that_fails_holds_up_no_other_work(
    world: Places, monkeypatch: pytest.MonkeyPatch, valkey_folder: Path
) -> None:
    for name in (ANOTHER, NAME):
        await said(world, f"me llamo {MARK}", name=name, change=Change(erase=f"D-4F7K92Q{name[0]}"))
    erase, later = Files.erase, datetime.now(UTC) + timedelta(hours=1)

    async def damaged(self: Files, name: str) -> None:
        if name == ANOTHER:
            raise OSError("damaged block")
        await erase(self, name)

    monkeypatch.setattr(Files, "erase", damaged)
    await world.redis.set("expires", MARK, ex=3600)
    await world.redis.delete("expires")
    await ErasureRequests(world.redis, world.data).run_once(later)
    assert (await world.redis.hkeys(keys.ERASURES), await world.data.show(NAME)) == ([ANOTHER], {})
    await eventually(lambda: MARK.encode() not in file_of(valkey_folder))


async def test_confirmed_erasure_that_redis_lost_is_carried_out(world: Places) -> None:
    """Otherwise, what a citizen was told is erased would stay: in an emergency the erasure waits for hours."""
    message = CitizenMessage(NAME, Channel.WEB, "m1", "sí", at=0)
    await mailbox_of(world.redis).accept(message)
    confirmed = Reply("Se borrará. Comprobante D-4F7K92QX", erasure="D-4F7K92QX")
    await mailbox_of(world.redis).commit([message], (confirmed,), speaker=Speaker.ASSISTANT, change=Change())
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await world.redis.flushall()
    requests, later = ErasureRequests(world.redis, world.data), datetime.now(UTC) + timedelta(hours=1)
    await requests.find_lost(later)
    assert await world.redis.hlen(keys.ERASURES) == 0  # open tickets are not restored yet
    await world.redis.set(keys.RESTORED, "1")
    request = {"receipt": "P-4F7K92QX", "channel": "web", "kind": "erasure", "at": NOW, "due_at": NOW, "state": "open"}
    async with world.sessions.begin() as session:
        session.add(tables.PrivacyRequest(**request))
    await requests.find_lost(later)
    assert await world.redis.hlen(keys.ERASURES) == 0  # staff answer it, since a legal hold forbade the erasure
    async with world.sessions.begin() as session:
        await session.execute(delete(tables.PrivacyRequest))
    await requests.find_lost(later)
    assert await world.redis.hlen(keys.ERASURES) == 0  # looked already
    await world.redis.delete(keys.lease_key("lost-erasures"))  # another loss
    await requests.find_lost(later)
    await requests.carry_out(int(later.timestamp() * 1000))
    assert (await world.data.show(NAME), await world.redis.hlen(keys.ERASURES)) == ({}, 0)
    async with world.sessions() as session:
        assert list(await session.scalars(select(ErasedConversation.receipt))) == ["D-4F7K92QX"]


async def test_only_the_conversation_with_exactly_this_name_is_forgotten(world: Places) -> None:
    for name in ("c1", "c10", "xc1"):
        await said(world, "hola", name=name)
    stored = StoredConversation(world.redis)
    await stored.forget("c1")
    assert await stored.count_keys("c1") == 0
    assert await stored.count_keys("c10") == await stored.count_keys("xc1") == 3


async def test_expired_words_leave_valkeys_file_daily(world: Places, valkey_folder: Path) -> None:
    await world.redis.set("expires", MARK, ex=3600)
    await world.redis.delete("expires")  # as the server does itself, without a note that a rewrite is due
    assert MARK.encode() in file_of(valkey_folder)
    task = asyncio.create_task(ErasureRequests(world.redis, world.data).run())

    async def leased() -> bool:
        gone = MARK.encode() not in file_of(valkey_folder)
        return gone and await world.redis.ttl(keys.lease_key("append-only-file")) > 23 * 3600

    await eventually(leased)
    task.cancel()


def test_every_table_is_a_citizens_or_has_a_reason_to_stay() -> None:
    assert {table.__tablename__ for table in CITIZENS} | OTHERS.keys() == set(Base.metadata.tables)
