"""Stores citizens' ratings of closed tickets and of answers as events, which the recorder also writes to the record.

The web chat's forms use this module; on other channels, the commit of a turn stores the rating.
"""

from __future__ import annotations

from bot.conversation.change import AnswerRating
from bot.conversation.readable import readable
from bot.store.client import Store
from bot.store.scripts import Script


class Ratings:
    """The ratings in Redis; every method takes one round trip and may raise redis.RedisError."""

    def __init__(self, redis: Store) -> None:
        self._rate = Script(redis, "rate")
        self._rate_answer = Script(redis, "rate_answer")

    async def give(self, conversation: str, ticket: str, score: int, words: str) -> bool:
        """Stores a citizen's score (1 to 5) for a ticket, and the comment; returns True.

        Returns False, and stores nothing, if the ticket is open, already rated, had no agent, or belongs to another
        conversation.
        """
        words = readable(words)
        return bool(await self._rate(conversation=conversation, ticket=ticket, score=score, words=words) == 1)

    async def rate_answer(self, conversation: str, rating: AnswerRating) -> bool:
        """Stores whether an answer helped; returns False if the citizen was not asked about the answer.

        Returns True without storing the rating if it repeats the last rating or exceeds MAX_RATINGS_OF_AN_ANSWER.
        """
        return bool(await self._rate_answer(conversation=conversation, rating=vars(rating)) == 1)
