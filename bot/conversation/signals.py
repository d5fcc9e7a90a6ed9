"""Sends signals between the citizen's page and the desk (typing and read), and between agents (looking).

``Live`` delivers them to the pages of every process as events without an id. They are not stored, except for the id of
the newest event that each side has read, which is a field of the conversation.
"""

from __future__ import annotations

import json

from bot.core.event_facts import LookingSignal, TypingSignal
from bot.core.events import EventKind
from bot.core.messages import Author
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script


class Signals:
    """The signals in Redis; every method is one round trip and may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._read = Script(redis, "mark_read")

    async def typing(self, conversation: str, author: Author, name: str = "") -> None:
        """Signals that ``author`` (the citizen, or staff with a ``name``) is typing."""
        data = json.dumps(TypingSignal(name).to_data())
        fields = {"conversation": conversation, "kind": EventKind.TYPING, "author": author, "data": data}
        await self._redis.xadd(keys.SIGNALS, fields, maxlen=keys.SIGNALS_LENGTH, approximate=True)

    async def looking(self, conversation: str, staff: str, name: str) -> None:
        """Signals to the other agents that one of them has a waiting conversation open."""
        data = json.dumps(LookingSignal(staff, name).to_data())
        fields = {"conversation": conversation, "kind": EventKind.LOOKING, "author": Author.STAFF, "data": data}
        await self._redis.xadd(keys.SIGNALS, fields, maxlen=keys.SIGNALS_LENGTH, approximate=True)

    async def read(self, conversation: str, author: Author, event_id: str) -> None:
        """Records and signals that ``author`` has read up to ``event_id``; an older id changes nothing."""
        await self._read(conversation=conversation, author=author, event_id=event_id)

    async def read_up_to(self, conversation: str, author: Author) -> str:
        """Returns the newest event id that ``author`` has read, or ''."""
        return await self._redis.hget(keys.conversation_key(conversation), f"read_{author}") or ""
