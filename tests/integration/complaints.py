"""Creates complaints in tests: commits the turn that files one, and records it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.conversation.change import Change, Note
from bot.conversation.inbox import Inbox
from bot.core.event_facts import ComplaintFacts
from bot.core.events import EventKind
from bot.core.messages import Channel, CitizenMessage, Reply, Speaker
from bot.record.engine import Sessions
from bot.record.tables.complaints import Complaint
from tests.recording import recording, until_recorded

NUMBER = "179-610"


async def filed(
    redis: Any,
    sessions: Sessions,
    inbox: Inbox,
    conversation: str = "c1",
    *,
    channel: Channel = Channel.WEB,
    address: str = "",
    **facts: Any,
) -> Complaint:
    """Files a complaint as a turn does, and returns it as the recorder wrote it."""
    message = CitizenMessage(conversation, channel, f"filing-{facts.get('number', NUMBER)}", "enviar", at=0)
    await inbox.accept(message, address=address)
    told = ComplaintFacts(
        **({"number": NUMBER, "team": "atencion", "what": "Hay un hoyo", "location": "Prat 9"} | facts)
    )
    change = Change(complaint="", note=Note(EventKind.COMPLAINT_FILED, told))
    done = await inbox.commit([message], (Reply("Recibido."),), speaker=Speaker.ASSISTANT, change=change)
    assert done == "ok"
    async with recording(redis, sessions):
        await until_recorded(redis)
    async with sessions() as session:
        made = await session.scalar(select(Complaint).where(Complaint.number == told.number))
    assert made
    return made
