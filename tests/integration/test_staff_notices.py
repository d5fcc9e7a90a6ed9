"""Tests notices to staff that belong to no ticket: each person gets one, and unread ones expire."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from redis.asyncio import Redis

from bot.store import keys
from bot.tickets import staff_notices
from bot.tickets.staff_notices import NoticeKind, StaffNotices


async def test_each_person_is_notified_and_unread_notices_expire(redis: Redis) -> None:
    notices = StaffNotices(redis)
    await notices.notify(["ana", "beto"], NoticeKind.PROMISE, "Más respuestas malas que lo prometido.", "detalle")
    for one in ("ana", "beto"):
        [told] = await notices.of(one)
        assert (told.kind, told.by, told.text) == (
            NoticeKind.PROMISE,
            "Más respuestas malas que lo prometido.",
            "detalle",
        )
        assert keys.IDLE_TTL_S - 60 < await redis.ttl(keys.staff_notices_key(one)) <= keys.IDLE_TTL_S
        await notices.drop(one, told.id)
        assert await notices.of(one) == []


async def test_only_notices_about_what_begins_the_same_are_dropped(redis: Redis) -> None:
    notices = StaffNotices(redis)
    for about in ("1-1", "1-2", "12-1"):
        await notices.notify(["ana", "beto"], NoticeKind.PUBLIC_NOTICE, "Falta tu visto bueno.", about, about=about)
    await notices.notify(["ana"], NoticeKind.PROMISE, "Más respuestas malas que lo prometido.", "detalle", about="1-1")
    await notices.drop_about(["ana", "beto", "nadie"], NoticeKind.PUBLIC_NOTICE, "1-")
    assert {one.text for one in await notices.of("ana")} == {"12-1", "detalle"}
    assert [one.text for one in await notices.of("beto")] == ["12-1"]


async def test_notices_of_one_millisecond_have_an_order(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(staff_notices, "time", SimpleNamespace(time=lambda: 1.0))
    notices = StaffNotices(redis)
    for about in "dafcbe":
        await notices.notify(["ana"], NoticeKind.PUBLIC_NOTICE, "Falta tu visto bueno.", about, about=about)
    assert "".join(one.text for one in await notices.of("ana")) == "abcdef"
