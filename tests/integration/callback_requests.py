"""Creates citizens who asked to be called back."""

from __future__ import annotations

import itertools
from datetime import datetime

from sqlalchemy import select

from bot.conversation.addresses import Addresses
from bot.conversation.change import Change, Note
from bot.core.event_facts import CallbackFacts
from bot.core.events import EventKind
from bot.core.messages import Channel, Speaker
from bot.record.tables import Callback
from tests.desk_world import DeskWorld
from tests.recording import recording, until_recorded

PHONE = "+56976543211"
_numbers = itertools.count(100)


async def asked(world: DeskWorld, *, due: datetime | None = None, channel: Channel = Channel.WEB) -> Callback:
    """Creates a waiting citizen who then asks to be called back."""
    ticket = await world.wait_for_person("necesito ayuda con mi patente", channel=channel)
    due_at = int((due or datetime.now().astimezone()).timestamp() * 1000)
    facts = CallbackFacts(
        number=f"{next(_numbers)}-204",
        of_ticket=ticket.id,
        team="atencion",
        contact_kind="mobile",
        contact="+56 9 •••• 3211",
        window="any",
        due_at=due_at,
        consented_at=due_at,
    )
    note = Note(EventKind.CALLBACK_REQUESTED, facts, Addresses("s" * 40).encrypt(PHONE))
    message = await world.say(ticket.conversation, "me da lo mismo", channel)
    change = Change(call_back_at=due_at, note=note)
    assert await world.inbox.commit([message], (), speaker=Speaker.WAITING, change=change) == "ok"
    await recorded(world)
    async with world.sessions() as session:
        return (await session.scalars(select(Callback).where(Callback.ticket_id == ticket.id))).one()


async def recorded(world: DeskWorld) -> None:
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
