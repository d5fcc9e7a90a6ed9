"""Stores a citizen's rating of a closed ticket, once per ticket, as an event, which also reaches the record.

The web chat's rating form uses it; on other channels, the commit of a turn stores the answer to the survey.
"""

from __future__ import annotations

from bot.conversation.readable import readable
from bot.store.client import Store
from bot.store.scripts import Script


class Ratings:
    """The ratings in Redis; every method is one round trip and may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._rate = Script(redis, "rate")

    async def give(self, conversation: str, ticket: str, score: int, words: str) -> bool:
        """Stores a score from 1 to 5 and a comment and returns True.

        Returns False, and stores nothing, if the ticket is open, already rated, had no agent, or belongs to another
        conversation.
        """
        words = readable(words)
        return bool(await self._rate(conversation=conversation, ticket=ticket, score=score, words=words) == 1)
