"""What a citizen says of an attention that ended: once for each ticket, into the feed, and with it into the record.

Called by the web chat; where there is no form, judging.py asks and a turn's commit keeps the answer.
"""

from __future__ import annotations

from bot.conversation.inbox import readable
from bot.store.client import Store
from bot.store.scripts import Script


class Ratings:
    """One round trip; may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._rate = Script(redis, "rate")

    async def give(self, conversation: str, ticket: str, score: int, words: str) -> bool:
        """Keeps a score from 1 to 5; False when the attention is not theirs, is not over, or was judged before."""
        words = readable(words)
        return bool(await self._rate(conversation=conversation, ticket=ticket, score=score, words=words) == 1)
