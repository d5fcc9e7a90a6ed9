"""Tests notices to staff that concern no ticket: each person gets one, and unread ones end with the time."""

from __future__ import annotations

from redis.asyncio import Redis

from bot.store import keys
from bot.tickets.staff_notices import NoticeKind, StaffNotices


async def test_each_person_is_told_and_what_nobody_reads_expires(redis: Redis) -> None:
    notices = StaffNotices(redis)
    await notices.tell(["ana", "beto"], NoticeKind.PROMISE, "Más respuestas malas que lo prometido.", "detalle")
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
        await notices.tell(["ana", "beto"], NoticeKind.PUBLIC_NOTICE, "Falta tu visto bueno.", about, about=about)
    await notices.tell(["ana"], NoticeKind.PROMISE, "Más respuestas malas que lo prometido.", "detalle", about="1-1")
    await notices.drop_about(["ana", "beto", "nadie"], NoticeKind.PUBLIC_NOTICE, "1-")
    assert [one.text for one in await notices.of("ana")] == ["12-1", "detalle"]
    assert [one.text for one in await notices.of("beto")] == ["12-1"]
