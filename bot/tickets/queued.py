"""Reads a place in a queue from its score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

HALF_RANK = 0.5e13  # queue_score of lua/lib/queue.lua adds the moment of opening to a multiple of this


@dataclass(frozen=True)
class Queued:
    """A place in a queue: the ticket's id and team, when it was opened (ms since 1970), if it is an emergency."""

    ticket: str
    team: str
    opened_at: int
    emergency: bool

    @classmethod
    def from_score(cls, ticket: str, team: str, score: float) -> Self:
        return cls(ticket, team, int(score % HALF_RANK), score < HALF_RANK)
