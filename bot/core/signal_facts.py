"""Defines the facts of signals, the events that are shown live and not stored; event_facts.py has those of others."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.json_fields import JsonFields


@dataclass(frozen=True)
class TypingSignal(JsonFields):
    """A signal that the event's author is typing; ``name`` is the agent's name, '' for a citizen."""

    name: str = ""


@dataclass(frozen=True)
class LookingSignal(JsonFields):
    """A signal that the agent with this id and name has opened a waiting conversation."""

    staff: str
    name: str


@dataclass(frozen=True)
class AccountSignal(JsonFields):
    """A signal that the account ``staff`` has changed, or that some of its sessions have ended."""

    staff: str


@dataclass(frozen=True)
class ReadSignal(JsonFields):
    """A signal that the event's author has read everything up to the event ``event_id``."""

    event_id: str


@dataclass(frozen=True)
class PlaceSignal(JsonFields):
    """A citizen's position in a queue: ``place`` counts from 1, ``waiting`` is the number of citizens in the queue."""

    place: int
    waiting: int
