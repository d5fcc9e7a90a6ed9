"""Writes and publishes public notices on ``/desk/avisos``, as supervisors do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from redis.asyncio import Redis
from sqlalchemy import select

from bot.agency.model import Agency
from bot.core.messages import Channel
from bot.desk.pages.notices.page import PATH
from bot.public_notices.board import NoticeBoard
from bot.public_notices.follower import NoticeFollower
from bot.public_notices.kept import KeptNotices
from bot.record.engine import Sessions
from bot.record.tables.notices import Notice
from tests.desk_world import NOWHERE, DeskWorld, desk_world

ROSA, JUAN, LEO = (f"{name}@losaromos.example" for name in ("rosa", "juan", "leo"))
TOKEN = re.compile(r'name="csrf" value="([^"]+)"')
FORM = {
    "que": "guardar",
    "texto": "No hay agua en el centro.\nVuelve a las 23:00.",
    "gravedad": "grave",
    "firma": "Municipalidad de Los Aromos",
    "horas": "4",
    "sectores": "Centro, Las Quilas",
    "sobre": "no sale agua\nno me sale ni una gota",
}


@asynccontextmanager
async def two_supervisors(
    redis: Redis, database: Sessions, agency: Agency, channels: tuple[Channel, ...] = (Channel.WEB,)
) -> AsyncIterator[DeskWorld]:
    """Yields a desk with the supervisors Rosa and Juan, so that a second person can approve."""
    async with desk_world(redis, database, agency, channels=channels) as made:
        await made.hire(ROSA, "Rosa", ("supervisor",))
        await made.hire(JUAN, "Juan", ("supervisor",))
        yield made


def follower(redis: Redis, sessions: Sessions, board: NoticeBoard, **options: Any) -> NoticeFollower:
    given: dict[str, Any] = {"home": NOWHERE, "signed": "La Municipalidad", "name": "all", "channels": ("web",)}
    return NoticeFollower(board, KeptNotices(redis), sessions, **given | options)


async def press(browser: httpx.AsyncClient, **fields: str) -> httpx.Response:
    token = TOKEN.search((await browser.get(PATH)).text)
    return await browser.post(PATH, data={"csrf": token[1], **fields})  # type: ignore[index]


async def newest(world: DeskWorld) -> Notice:
    async with world.sessions() as session:
        return (await session.scalars(select(Notice).order_by(Notice.id.desc()).limit(1))).one()


async def written(world: DeskWorld, browser: httpx.AsyncClient, **fields: str) -> dict[str, str]:
    """Writes a notice and returns the form's fields that identify it."""
    assert (await press(browser, **FORM | fields)).status_code == 303
    notice = await newest(world)
    return {"id": str(notice.id), "version": str(notice.version)}
