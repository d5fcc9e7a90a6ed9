"""Stores the blocks of conversations in Redis; the record stores the same blocks (bot/record/ban_record.py)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from redis.exceptions import RedisError

from bot.conversation.event_log_entry import event_of
from bot.core.logs import log
from bot.core.messages import Reply
from bot.store import keys
from bot.store.client import Store
from bot.store.scripts import Script

FALSE_ALARMS = "false_alarms"  # the reason, in bloqueos.yml, for which a confirmed danger opens no ticket
NOTIFIED = "ban-"  # prefix of the mark that a citizen was notified of a block


@dataclass(frozen=True)
class Ban:
    """A block of a conversation by staff; ``reason`` is a key of ``razones`` in bloqueos.yml."""

    id: str
    conversation: str
    reason: str
    until: datetime

    @property
    def mark(self) -> str:
        """Returns the value that is added to ``sent_notices`` once the citizen has been notified of this block."""
        return f"{NOTIFIED}{self.id}"

    def to_text(self) -> str:
        return json.dumps({"id": self.id, "reason": self.reason, "until": int(self.until.timestamp() * 1000)})

    @classmethod
    def from_text(cls, conversation: str, text: str) -> Ban:
        raw = json.loads(text)
        return cls(raw["id"], conversation, raw["reason"], datetime.fromtimestamp(raw["until"] / 1000, UTC))


class Bans:
    """The blocks in Redis; every method except ``of`` may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._redis = redis
        self._ban = Script(redis, "ban")
        self._lift = Script(redis, "lift_ban")

    async def of(self, conversation: str) -> Ban | None:
        """Returns the block of a conversation; None if there is none, or if Redis is unreachable."""
        try:
            text = await self._redis.get(keys.ban_key(conversation))
        except RedisError as error:
            log.warning("bans: redis unavailable, nobody blocked", error=type(error).__name__)
            return None
        return Ban.from_text(conversation, text) if text else None

    async def put(self, ban: Ban, notice: Reply | None, since: datetime) -> bool:
        """Blocks a conversation, ends its ticket, call-back and dialogues, and sends ``notice`` if that is allowed now.

        A ticket opened after ``since`` stays open. A citizen who gets no notice now gets it when they next write.
        Returns False, and changes nothing, if the conversation is blocked already or ``ban.until`` has passed.
        """
        done = await self._ban(
            conversation=ban.conversation,
            ban=ban.to_text(),
            until_ms=int(ban.until.timestamp() * 1000),
            since_ms=int(since.timestamp() * 1000),
            mark=ban.mark,
            events=[event_of(notice)] if notice else [],
        )
        return bool(done == 1)

    async def lift(self, conversation: str, notice: Reply) -> bool:
        """Ends a block and sends the notice if that is allowed now; returns False if there was no block."""
        return bool(await self._lift(conversation=conversation, events=[event_of(notice)]) == 1)
