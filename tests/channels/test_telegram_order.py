"""Tests that concurrent updates of one Telegram chat are stored in the order of their arrival."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.agency.model import Agency
from bot.channels.telegram.chat_order import ChatOrder
from bot.core.messages import Author
from tests.channels.behaviours import TelegramStand, telegram_stand
from tests.eventually import eventually


@pytest_asyncio.fixture
async def stand(redis: Any, agency: Agency) -> AsyncIterator[TelegramStand]:
    async with telegram_stand(redis, agency) as made:
        yield made


def click(stand: TelegramStand, button: str, number: int) -> dict[str, Any]:
    person = {"id": stand.chat, "is_bot": False, "first_name": "Ana"}
    query = {"id": f"q{number}", "from": person, "chat_instance": "1", "message": stand.message(1), "data": button}
    return {"update_id": number, "callback_query": query}


async def test_message_does_not_overtake_an_earlier_click(stand: TelegramStand) -> None:
    await stand.write("opciones", id=1)
    (offer,) = await eventually(lambda: [one for one in stand.got() if one.choices])
    later = {"update_id": 3, "message": stand.message(3, text="gracias")}
    take = stand.world.channel.take
    await asyncio.gather(take(click(stand, offer.choices[0].id, 2)), take(later))
    log = await stand.world.inbox.events(stand.conversation)
    said = [event.text for event in log if event.author is Author.CITIZEN]
    assert said == ["opciones", "La primera", "gracias"]


async def test_chat_waits_only_for_its_own_updates_and_continues_after_a_failed_one() -> None:
    order, done, gate = ChatOrder(), list[str](), asyncio.Event()

    async def take(chat: str, name: str, wait: asyncio.Event | None = None) -> None:
        async with order.turn(chat):
            if wait:
                await wait.wait()
                raise ValueError(name)
            done.append(name)

    failing = asyncio.create_task(take("ana", "first", gate))
    later = asyncio.create_task(take("ana", "second"))
    await asyncio.create_task(take("luis", "other"))
    assert done == ["other"]
    gate.set()
    with pytest.raises(ValueError, match="first"):
        await failing
    await later
    assert done == ["other", "second"]
