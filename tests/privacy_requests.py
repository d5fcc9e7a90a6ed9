"""Creates a request about personal data in the chat, as the register receives it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.conversation.change import Change, Note
from bot.core.event_facts import PrivacyRequestFacts
from bot.core.events import EventKind
from bot.core.messages import Reply, Speaker
from tests.desk_world import DeskWorld
from tests.recording import recording, until_recorded

RECEIPT, NAME = "P-4F7K92QX", "a" * 32
PIA = "pia@losaromos.example"  # with the role privacidad


async def asked_in_chat(world: DeskWorld, kind: str = "rectification") -> None:
    message = await world.say(NAME, "tienen mal mi nombre")
    due = int((datetime.now(UTC) + timedelta(days=30)).timestamp() * 1000)
    note = Note(EventKind.PRIVACY_REQUESTED, PrivacyRequestFacts(RECEIPT, kind, due))
    change = Change(note=note)
    assert await world.inbox.commit([message], (Reply("Listo."),), speaker=Speaker.ASSISTANT, change=change) == "ok"
    async with recording(world.redis, world.sessions):
        await until_recorded(world.redis)
