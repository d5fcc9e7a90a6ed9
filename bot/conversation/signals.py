"""What is told while it happens and kept nowhere: somebody is typing, somebody has read.

Called by the web chat (the citizen's side) and by the desk (the staff's). Live hands signals to the pages of every
process as events without an id; only how far each side has read is noted, in the conversation itself.
"""

from __future__ import annotations

import json

from bot.core.event_facts import TypingSignal
from bot.core.events import EventKind
from bot.core.messages import Author
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script


class Signals:
    """Every method is one round trip and may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._read = Script(redis, "mark_read")

    async def typing(self, conversation: str, author: Author, name: str = "") -> None:
        """``author`` (citizen or staff, with a name) is writing to the other."""
        data = json.dumps(TypingSignal(name).to_data())
        fields = {"conversation": conversation, "kind": EventKind.TYPING, "author": author, "data": data}
        await self._redis.xadd(keys.SIGNALS, fields, maxlen=keys.SIGNALS_LENGTH, approximate=True)

    async def read(self, conversation: str, author: Author, event_id: str) -> None:
        """``author`` has seen everything up to the feed id ``event_id``; an older one changes nothing."""
        await self._read(conversation=conversation, author=author, event_id=event_id)

    async def read_up_to(self, conversation: str, author: Author) -> str:
        """The newest feed id that ``author`` has seen, or ''."""
        return await self._redis.hget(keys.conversation_key(conversation), f"read_{author}") or ""
