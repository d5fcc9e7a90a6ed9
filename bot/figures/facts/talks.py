"""Defines the data of a conversation, without texts and addresses, from which its episodes are determined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """A message of the record, without its text; ``data`` contains the fields of MessageFacts."""

    at: datetime
    author: str
    data: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Handed:
    """A ticket; ``reached`` is true if an agent reached the citizen by phone; ``stars`` is the rating, or None."""

    opened_at: datetime
    reason: str
    team: str
    claimed_at: datetime | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    candidates: tuple[str, ...] = ()  # ids of the entries that might be the answer, likeliest first
    reached: bool = False
    stars: int | None = None

    def attends(self, at: datetime) -> bool:
        return self.opened_at <= at and (self.closed_at is None or at < self.closed_at)


@dataclass(frozen=True)
class Call:
    """A call-back request: the first promised time, the first attempt, and the outcome ('' while it is open)."""

    asked_at: datetime
    promised_at: datetime | None
    called_at: datetime | None
    outcome: str


@dataclass(frozen=True)
class Opinion:
    """A citizen's reply to «¿Te sirvió?» about an answer."""

    useful: bool
    reason: str = ""


@dataclass(frozen=True)
class Talk:
    """The data of a conversation that determine its episodes; messages and tickets are in chronological order."""

    id: str
    channel: str
    messages: Sequence[Said]
    tickets: Sequence[Handed] = ()
    complaints: Sequence[datetime] = ()
    opinions: Mapping[str, Opinion] = field(default_factory=dict)  # by rating_id
    known: Mapping[str, str] = field(default_factory=dict)  # dimension -> value, as last known
    calls: Sequence[Call] = ()
