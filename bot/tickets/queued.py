"""Reads a queued ticket's time and priority from its score in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

HALF_RANK = 0.5e13  # queue_score of lua/lib/queue.lua adds the time of opening to a multiple of this


@dataclass(frozen=True)
class Queued:
    """A ticket in a queue: its id, its team, when it was opened (ms since 1970), and whether it is an emergency."""

    ticket: str
    team: str
    opened_at: int
    emergency: bool

    @classmethod
    def from_score(cls, ticket: str, team: str, score: float) -> Self:
        return cls(ticket, team, int(score % HALF_RANK), score < HALF_RANK)
