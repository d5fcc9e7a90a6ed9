"""Tests that nothing of a blocked or held conversation is deleted in any store until the block or hold ends."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.agency.model import Agency
from bot.conversation.files import COMPLAINT_FILES, Files
from bot.desk.pages.privacy.holds import PATH
from bot.handoff.complaints.photos import folder_of
from bot.privacy.erasures import FILE, By
from bot.privacy.held_erasures import HeldErasures
from bot.privacy.holds import Held, NotHoldable
from bot.privacy.removals import Blocked, Remover
from bot.privacy.requests import ErasureRequests
from bot.record import retention
from bot.record.engine import Sessions, open_database
from bot.record.tables import Audit, ErasedConversation, PrivacyRequest
from bot.store import keys
from tests.desk_world import desk_world
from tests.integration.planted import PDF, plant
from tests.no_record import mailbox_of
from tests.privacy_requests import NAME as ASKED
from tests.privacy_requests import PIA, RECEIPT, asked_in_chat
from tests.privacy_world import NAME, STAFF, Places, forget_trackers, places

TERMS = retention.Terms(conversations=90, audit=730, contacts=30)
REASON = "Oficio 123 de la Fiscalía de Los Aromos"
IN_TEN_YEARS = datetime.now(UTC) + timedelta(days=3650)


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, database_url: str, tmp_path: Path) -> AsyncIterator[Places]:
    await redis.set(keys.RESTORED, "1")
    made = places(redis, database, database_url, tmp_path)
    await plant(made)
    await Files(tmp_path / COMPLAINT_FILES).keep(folder_of(1), "hoyo.pdf", PDF)
    engine, _ = open_database(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE events SET timestamp = 1"))
        await connection.execute(text("UPDATE callbacks SET closed_at = asked_at"))
        await connection.execute(text("UPDATE complaints SET id = 1"))
        await connection.execute(text("UPDATE broadcasts SET ended_at = now()"))
    await engine.dispose()
    yield made
    await forget_trackers(database_url)


async def expired(world: Places) -> dict[str, int]:
    """Deletes all data that expires within ten years; returns the numbers of deleted items by kind, without zeros."""
    files, photos = Files(world.home / "files"), Files(world.home / COMPLAINT_FILES)
    stores = retention.Places(files, photos, world.database_url)
    counts = await retention.forget_once(world.sessions, TERMS, IN_TEN_YEARS, stores)
    return {kind: count for kind, count in counts.items() if count}


async def test_retention_leaves_everything_of_a_blocked_or_held_conversation_alone(world: Places) -> None:
    before = await world.data.show(NAME)
    await world.data.corrections.block(NAME)
    assert await expired(world) == {}
    await hold(world)
    await world.data.corrections.unblock(NAME)
    assert await expired(world) == {}
    assert await world.data.show(NAME) == before | {"legal_holds": 1}
    assert await world.data.holds.lift(NAME)
    assert not await world.data.holds.lift(NAME)
    counts = await expired(world)
    kinds = ("closings", "missing", "recipients", "conversations", "removed_messages", "complaints")
    assert counts == dict.fromkeys((*kinds, "files", "complaint_files", "trackers"), 1)
    left = await world.data.show(NAME)
    assert left.keys() <= {"redis", "sampled_answers", "subscriptions"}


async def test_files_and_trackers_expire_also_if_rows_cannot_be_deleted(
    world: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> int:
        raise OperationalError("DELETE", None, Exception())

    monkeypatch.setattr(retention, "forget_audit", broken)
    with pytest.raises(OperationalError):
        await expired(world)
    async with world.sessions() as session:
        told = await session.scalar(select(Audit.detail).where(Audit.action == retention.EXPIRED_ACTION))
    assert told and {"files": 1, "complaint_files": 1, "trackers": 1}.items() <= told.items()


async def test_held_conversation_is_neither_erased_nor_a_message_of_it_removed(world: Places) -> None:
    await hold(world)
    before = await world.data.show(NAME)
    with pytest.raises(Held, match=REASON):
        await world.data.erase(NAME, "D-4F7K92QX", By.STAFF)
    event = (await world.data.messages(NAME))[0]
    with pytest.raises(Blocked):
        await world.data.removals.begin(NAME, event.id, Remover(STAFF, "Ana"))
    assert await world.data.show(NAME) == before
    assert not (world.home / FILE).exists()  # a restore must not repeat it
    engine, _ = open_database(world.database_url)
    with pytest.raises(IntegrityError):
        async with engine.begin() as connection:
            await connection.execute(text("DELETE FROM conversations"))
    await engine.dispose()
    await world.data.holds.lift(NAME)
    await world.data.erase(NAME, "D-4F7K92QX", By.STAFF, complaints=True)
    assert await world.data.show(NAME) == {}


async def test_hold_is_placed_once_and_not_during_an_erasure(world: Places) -> None:
    await hold(world)
    with pytest.raises(NotHoldable):
        await hold(world)
    await world.data.holds.lift(NAME)
    async with world.sessions.begin() as session:  # as if the erasure was cut before it deleted anything
        session.add(ErasedConversation(receipt="D-1", conversation_id=NAME, at=datetime.now(UTC), by="staff"))
    with pytest.raises(NotHoldable):
        await hold(world)
    with pytest.raises(NotHoldable):
        await world.data.holds.place("f" * 32, REASON, date(2030, 1, 1))


async def test_citizen_who_confirmed_the_erasure_of_a_held_conversation_gets_a_request(
    world: Places, agency: Agency
) -> None:
    assert not await world.data.holds.is_held(NAME)
    await hold(world)
    assert await world.data.holds.is_held(NAME)
    await world.redis.hset(keys.ERASURES, NAME, "D-4F7K92QX 1")
    inbox = mailbox_of(world.redis)
    held = HeldErasures(world.sessions, agency, inbox)
    await ErasureRequests(world.redis, world.data, held=held).carry_out(int(time.time() * 1000))
    assert await world.redis.hlen(keys.ERASURES) == 0
    async with world.sessions() as session:
        one = (await session.scalars(select(PrivacyRequest))).one()
    assert (one.receipt, one.conversation_id, one.kind, one.state) == ("P-4F7K92QX", NAME, "erasure", "open")
    assert await world.redis.sismember(keys.NOTICES_OFF, NAME)  # told nevertheless, since they asked
    told = (await inbox.events(NAME))[-1].text
    assert "**P-4F7K92QX**" in told
    assert REASON not in told
    assert (await world.data.show(NAME))["messages"]


async def test_holds_are_listed_placed_and_ended_at_the_desk(
    redis: Redis, database: Sessions, agency: Agency, tmp_path: Path
) -> None:
    await redis.set(keys.RESTORED, "1")
    async with desk_world(redis, database, agency, home=tmp_path) as desk:
        await desk.hire(PIA, "Pía Ley", roles=("privacy",))
        await asked_in_chat(desk, "erasure")
        pia = await desk.sign_in_elsewhere(PIA)
        csrf = (await pia.get(PATH)).text.partition('name="csrf" value="')[2].partition('"')[0]

        async def post(where: str, **form: str) -> httpx.Response:
            return await pia.post(where, data={"csrf": csrf} | form, follow_redirects=True)

        wanted = {"numero": ASKED, "razon": REASON, "revisar": (date.today() + timedelta(days=2)).isoformat()}
        for wrong in ({"razon": "porque sí"}, {"revisar": "2020-01-01"}, {"revisar": "mañana"}):
            assert (await post(PATH, **wanted | wrong)).status_code == 422
        assert (await post(PATH, **wanted | {"numero": "404"})).status_code == 409
        assert REASON in (await post(PATH, **wanted)).text
        refused = await post(f"/desk/datos/{RECEIPT}/datos", accion="borrar", seguro="1")
        assert refused.status_code == 409
        assert REASON in refused.text
        assert "¿Terminar la retención legal" in (await post(f"{PATH}/termino", conversacion=ASKED)).text
        assert REASON not in (await post(f"{PATH}/termino", conversacion=ASKED, seguro="1")).text
        async with database() as session:
            rows = await session.execute(
                select(Audit.action, Audit.subject).where(Audit.action.like("hold%")).order_by(Audit.id)
            )
            assert list(rows) == [("hold_placed", ASKED), ("hold_lifted", ASKED)]


async def hold(world: Places) -> None:
    await world.data.holds.place(NAME, REASON, date(2030, 1, 1))
