"""Records which citizens asked for notices («avísame»), and which refused notices («baja»)."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from bot.core.event_facts import MessageFacts
from bot.core.events import Event
from bot.record.tables import Subscription


async def write_subscription(
    session: AsyncSession, event: Event, facts: MessageFacts, *, channel: str, address: str
) -> None:
    """Stores the encrypted ``address`` if the event is a reply to «avísame»; deletes it if the reply is to «baja».

    A reply to «alta» deletes the row of a «baja». Other events change nothing. Of «avísame» and «baja» the newest one
    wins, regardless of the order of writing.
    """
    if not facts.subscription:
        return
    at = datetime.fromtimestamp(event.at / 1000, UTC)
    if facts.subscription == "allowed":
        refused = (Subscription.conversation_id == event.conversation) & Subscription.address.is_(None)
        await session.execute(delete(Subscription).where(refused, Subscription.at <= at))
        return
    wanted = address if facts.subscription == "on" else None
    row = {
        "conversation_id": event.conversation,
        "channel": channel,
        "address": wanted or None,
        "code": facts.test_code,
    }
    statement = insert(Subscription).values(row | {"at": at})
    newest = {name: statement.excluded[name] for name in ("address", "at", "code")}
    newer = Subscription.at <= statement.excluded.at
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Subscription.conversation_id], set_=newest, where=newer)
    )
