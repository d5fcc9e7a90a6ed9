"""Tests a complaint on Telegram and WhatsApp, with the simulated providers: from the first message to the news."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.agency.model import Agency
from bot.handoff.complaints.news import ComplaintNews
from bot.record.complaint_record import ComplaintState
from bot.record.engine import Sessions
from bot.record.tables.complaints import Complaint, ComplaintChange, ComplaintPhoto
from bot.store import keys
from tests.channels.behaviours import Stand
from tests.channels.stands import EVERY
from tests.channels.talk import WAYS, Talk
from tests.recording import recording, until_recorded

LATITUDE, LONGITUDE = -33.4572, -70.6483


@pytest_asyncio.fixture(params=sorted(EVERY))
async def stand(request: pytest.FixtureRequest, redis: Any, database: Sessions, agency: Agency) -> AsyncIterator[Stand]:
    await redis.set(keys.RESTORED, "1")
    async with recording(redis, database), EVERY[request.param](redis, agency, sessions=database) as made:
        yield made


class ComplaintTalk(Talk):
    """Simulates a citizen who complains."""

    async def tells(self) -> None:
        await self.write("quiero reclamar", until_said="¿Qué pasó?")
        await self.write("Hay un hoyo enorme en mi calle", until_said="¿Dónde fue?")

    async def shares_position(self, *, until_said: str) -> None:
        self.number += 1
        assert await self.stand.place(LATITUDE, LONGITUDE, id=self.number) == 200
        await self.hears(until_said)

    async def sends_photo(self, *, until_said: str) -> None:
        self.number += 1
        assert await self.stand.photo(id=self.number) == 200
        await self.hears(until_said)

    @property
    def complaint_number(self) -> str:
        return next(found[0] for one in reversed(self.stand.got()) if (found := re.search(r"\d{3}-\d{3}", one.text)))


@pytest.mark.parametrize("way", WAYS)
async def test_complaint_with_position_and_photo_gets_a_number_and_is_recorded(
    stand: Stand, database: Sessions, way: str
) -> None:
    talk = ComplaintTalk(stand)
    await talk.tells()
    await talk.shares_position(until_said="¿Tienes una foto?")
    await talk.sends_photo(until_said="¿Lo envío?")
    await talk.choose("Enviar reclamo", way, until_said="quedó recibido con el número")
    await until_recorded(stand.world.redis)
    async with database() as session:
        complaint = (await session.scalars(select(Complaint))).one()
        (photo,) = await session.scalars(select(ComplaintPhoto))
    assert (complaint.number, complaint.channel) == (talk.complaint_number, stand.world.channel.channel)
    assert (complaint.latitude, complaint.longitude) == (LATITUDE, LONGITUDE)
    assert complaint.address is not None
    assert photo.ref


async def test_no_channel_of_a_provider_offers_the_browsers_button(stand: Stand) -> None:
    talk = ComplaintTalk(stand)
    await talk.tells()
    asked = next(one for one in stand.got() if "¿Dónde fue?" in one.text)
    assert "Usar mi ubicación" not in asked.text
    assert "Usar mi ubicación" not in [one.title for one in asked.choices]


async def test_news_reaches_the_citizen_once_and_the_state_can_be_asked_for(
    stand: Stand, database: Sessions, agency: Agency
) -> None:
    talk = ComplaintTalk(stand)
    await talk.tells()
    await talk.choose("No aplica", "title", until_said="¿Tienes una foto?")
    await talk.choose("Sin foto", "press", until_said="¿Lo envío?")
    await talk.choose("Enviar reclamo", "press", until_said="quedó recibido con el número")
    number = talk.complaint_number
    await until_recorded(stand.world.redis)
    async with database.begin() as session:
        complaint = (await session.scalars(select(Complaint))).one()
        complaint.state = ComplaintState.RESOLVED
        change = ComplaintChange(complaint_id=complaint.id, state=ComplaintState.RESOLVED, reply="Ya está tapado.")
        session.add(change)
    news = ComplaintNews(stand.world.redis, database, agency)
    while await news.notify_one():
        pass
    await talk.hears("Ya está tapado.")
    await talk.write(f"¿cómo va mi reclamo {number}?", until_said="Lo recibimos el")
    told = [one.text for one in stand.got() if "Ya está tapado." in one.text and "Lo recibimos" not in one.text]
    assert len(told) == 1


async def test_citizen_may_leave_the_complaint(stand: Stand, database: Sessions) -> None:
    talk = ComplaintTalk(stand)
    await talk.tells()
    await talk.write("cancelar", until_said="no envié ningún reclamo")
    await until_recorded(stand.world.redis)
    async with database() as session:
        assert (await session.scalars(select(Complaint))).all() == []
