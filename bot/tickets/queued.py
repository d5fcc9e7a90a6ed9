"""Reads a queued ticket's time and priority from its score in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

HALF_RANK = 0.5e13  # queue_score of lua/lib/queue.lua adds the time of opening to a multiple of this


@dataclass(frozen=True)
class Queued:
    """An entry of a queue: the ticket's id and team, its time of opening (ms since 1970), and if it is an emergency."""

    ticket: str
    team: str
    opened_at: int
    emergency: bool

    @classmethod
    def from_score(cls, ticket: str, team: str, score: float) -> Self:
        return cls(ticket, team, int(score % HALF_RANK), score < HALF_RANK)
