"""Sends signals between the citizen's page and the desk (typing, read), between agents (looking), and about accounts.

``Live`` delivers signals to the pages of every process as events without an id. Signals are not stored, except that
each conversation has a field for the id of the newest event that each side has read.
"""

from __future__ import annotations

import json

from redis.exceptions import RedisError

from bot.core.events import EventKind
from bot.core.logs import log
from bot.core.messages import Author
from bot.core.signal_facts import AccountSignal, LookingSignal, TypingSignal
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script


class Signals:
    """The signals sent through Redis, and the position up to which each side has read.

    Every method takes one round trip and may raise redis.RedisError.
    """

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._read = Script(redis, "mark_read")

    async def typing(self, conversation: str, author: Author, name: str = "") -> None:
        """Signals that ``author`` (the citizen, or staff with a ``name``) is typing."""
        data = json.dumps(TypingSignal(name).to_data())
        fields = {"conversation": conversation, "kind": EventKind.TYPING, "author": author, "data": data}
        await self._redis.xadd(keys.SIGNALS, fields, maxlen=keys.SIGNALS_LENGTH, approximate=True)

    async def looking(self, conversation: str, staff: str, name: str) -> None:
        """Signals to the other agents that the agent ``staff`` has opened a waiting conversation."""
        data = json.dumps(LookingSignal(staff, name).to_data())
        fields = {"conversation": conversation, "kind": EventKind.LOOKING, "author": Author.STAFF, "data": data}
        await self._redis.xadd(keys.SIGNALS, fields, maxlen=keys.SIGNALS_LENGTH, approximate=True)

    async def account_changed(self, staff: str) -> None:
        """Signals that an account has changed, so that its open pages at the desk check their session at once.

        Logs if Redis is unavailable: the pages then check it within SESSION_CHECK_EVERY_S (bot/desk/api/stream.py).
        """
        data = json.dumps(AccountSignal(staff).to_data())
        fields = {"conversation": "", "kind": EventKind.ACCOUNT_CHANGED, "author": Author.SYSTEM, "data": data}
        try:
            await self._redis.xadd(keys.SIGNALS, fields, maxlen=keys.SIGNALS_LENGTH, approximate=True)
        except RedisError as error:
            log.warning("signals: change of an account not signalled", error=type(error).__name__)

    async def read(self, conversation: str, author: Author, event_id: str) -> None:
        """Stores and signals that ``author`` has read up to ``event_id``.

        Does nothing if ``author`` has already read that far, or the conversation does not exist.
        """
        await self._read(conversation=conversation, author=author, event_id=event_id)

    async def read_up_to(self, conversation: str, author: Author) -> str:
        """Returns the id of the newest event that ``author`` has read; '' if there is none."""
        return await self._redis.hget(keys.conversation_key(conversation), f"read_{author}") or ""
