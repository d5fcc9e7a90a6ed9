"""Plans, starts and stops broadcasts on the desk's page, and reads who received them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select

from bot.conversation.addresses import Addresses
from bot.core.messages import Channel
from bot.desk.pages.notices.broadcast_page import PATH
from bot.record.engine import Sessions
from bot.record.tables.broadcasts import BroadcastRecipient, Subscription
from bot.store import keys
from tests.desk_world import DeskWorld
from tests.integration.notices_desk import JUAN, ROSA, TOKEN, newest, press, written
from tests.integration.sender_process import SECRET

ADDRESS = Addresses(SECRET).encrypt("a chat")


async def subscribed(sessions: Sessions, *names: str, channel: str = Channel.TELEGRAM) -> None:
    rows = [
        {"conversation_id": name, "channel": channel, "address": ADDRESS, "at": datetime.now(UTC)} for name in names
    ]
    async with sessions.begin() as session:
        await session.execute(insert(Subscription), rows)


async def published(world: DeskWorld, **fields: str) -> int:
    """Publishes a notice, with ``fields`` in its form, and returns the id of its row."""
    rosa, juan = await world.sign_in(ROSA), await world.sign_in(JUAN)
    await press(juan, que="publicar", **await written(world, rosa, **fields))
    return (await newest(world)).id


async def act(world: DeskWorld, who: str, id: int, what: str, **fields: str) -> int:
    browser = await world.sign_in(who)
    token = TOKEN.search((await browser.get(f"{PATH}/{id}")).text)
    assert token
    return (await browser.post(f"{PATH}/{id}", data={"csrf": token[1], "que": what, **fields})).status_code


async def states(sessions: Sessions) -> dict[str, str]:
    async with sessions() as session:
        rows = await session.execute(select(BroadcastRecipient.conversation_id, BroadcastRecipient.state))
        return {name: state for name, state in rows.all()}


async def got(redis: Any, name: str) -> int:
    return int(await redis.llen(keys.outbox_key(name)))
