"""Tests that a citizen who writes while their conversation is erased loses no message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis
from sqlalchemy import select

from bot.core.messages import Channel, CitizenMessage
from bot.privacy.erasures import By, read_file
from bot.privacy.personal_data import StillAttended
from bot.record.engine import Sessions
from bot.record.tables import Audit, ErasedConversation
from bot.store import keys
from tests.integration.planted import said
from tests.no_record import mailbox_of
from tests.privacy_world import MARK, NAME, NOW, Places, forget_trackers, places
from tests.recording import recording, until_recorded


@pytest_asyncio.fixture
async def world(redis: Redis, database: Sessions, database_url: str, tmp_path: Path) -> AsyncIterator[Places]:
    await redis.set(keys.RESTORED, "1")
    yield places(redis, database, database_url, tmp_path)
    await forget_trackers(database_url)


async def erased(world: Places) -> None:
    await world.data.erase(NAME, "D-4F7K92QX", By.CITIZEN)


async def writes(world: Places) -> None:
    await mailbox_of(world.redis).accept(CitizenMessage(NAME, Channel.TELEGRAM, "late", "¿y el carnet?", at=0))


def followed_by(step: Callable[..., Awaitable[Any]], world: Places) -> Callable[..., Awaitable[Any]]:
    """Returns ``step``, at whose end the citizen writes."""

    async def run(*args: Any, **named: Any) -> Any:
        done = await step(*args, **named)
        await writes(world)
        return done

    return run


async def is_pending(world: Places) -> bool:
    """Returns whether the message is in the inbox, the log and the work queue of a conversation with a channel."""
    (entry,) = [id for id, fields in await world.redis.xrange(keys.WORK) if fields["conversation"] == NAME]
    facts = await world.redis.hmget(keys.conversation_key(NAME), "channel", "queued")
    assert facts == [Channel.TELEGRAM, entry]
    logged = [event.text for event in await mailbox_of(world.redis).events(NAME) if event.author == "citizen"]
    return logged[-1:] == ["¿y el carnet?"] and await world.redis.llen(keys.inbox_key(NAME)) == 1


async def said_and_sent(world: Places) -> None:
    """Makes a citizen say their name, and sends what they are answered."""
    await said(world, f"me llamo {MARK}", channel=Channel.TELEGRAM)
    await world.redis.delete(keys.outbox_key(NAME))


async def test_message_that_comes_before_the_deletion_defers_the_erasure(
    world: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said_and_sent(world)
    monkeypatch.setattr(world.data.stored, "_keys", followed_by(world.data.stored._keys, world))
    with pytest.raises(StillAttended):
        await erased(world)
    assert await is_pending(world)
    assert len(await mailbox_of(world.redis).events(NAME)) == 3  # and nothing was deleted yet


async def test_staffs_erasure_that_is_refused_is_not_listed(world: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a restore would erase a living conversation, and no legal hold could keep it."""
    await said_and_sent(world)
    monkeypatch.setattr(world.data.stored, "_keys", followed_by(world.data.stored._keys, world))
    with pytest.raises(StillAttended):
        await world.data.erase(NAME, "D-4F7K92QX", By.STAFF)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    await world.data.holds.place(NAME, "causa 12", NOW.date())
    async with world.sessions() as session:
        listed = await session.scalar(select(ErasedConversation.receipt))
        audited = list(await session.scalars(select(Audit.action)))
    assert (list(read_file(world.home / "erasures.txt")), listed, audited) == ([], None, ["hold_placed"])


async def test_message_that_comes_right_after_the_deletion_begins_a_new_conversation(
    world: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said_and_sent(world)
    monkeypatch.setattr(world.data.stored, "_forget", followed_by(world.data.stored._forget, world))
    await erased(world)
    assert await is_pending(world)
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
    messages = (await world.data.export(NAME))["record"]["messages"]
    assert [one["text"] for one in messages] == ["¿y el carnet?"]


async def test_message_that_is_recorded_before_the_record_is_erased_is_answered_but_not_in_the_record(
    world: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    await said(world, f"me llamo {MARK}", channel=Channel.TELEGRAM)
    await world.redis.delete(keys.outbox_key(NAME))

    async def recorded(_newest: str) -> None:
        await writes(world)
        async with recording(world.redis, world.sessions):
            await until_recorded(world.redis)

    monkeypatch.setattr(world.data.stored, "_recorded", recorded)
    await erased(world)
    assert await is_pending(world)
    assert (await world.data.export(NAME))["record"] == {}


async def test_question_whose_answer_waits_for_an_approval_defers_the_erasure(world: Places) -> None:
    await said(world, f"me llamo {MARK}")
    await world.redis.hset(keys.conversation_key(NAME), "proposal", "p1")
    assert await world.data.stored.is_busy(NAME)
    with pytest.raises(StillAttended):
        await erased(world)
