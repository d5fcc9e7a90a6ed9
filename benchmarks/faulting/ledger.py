"""Records the citizens' messages and when each was acknowledged and answered, for the verdict."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

FIRST_NUMBER = 100_001


@dataclass
class Said:
    """A citizen's message, whose text contains its unique number; times are in monotonic seconds."""

    number: int
    citizen: str
    channel: str
    text: str
    said_at: float
    acknowledged_at: float | None = None
    answered_at: float | None = None

    @property
    def id(self) -> str:
        return f"message-{self.number}"


@dataclass
class Ledger:
    """All messages in the order of sending, each citizen's conversations, and the files sent.

    A citizen on the web begins another conversation when Redis has lost the previous one; ``begun`` contains the start
    in monotonic seconds, keyed by citizen and conversation.
    """

    messages: list[Said] = field(default_factory=list)
    conversations: dict[str, Collection[str]] = field(default_factory=dict)
    begun: dict[str, Mapping[str, float]] = field(default_factory=dict)
    files: Counter[str] = field(default_factory=Counter)  # responses to uploads, by status
    accepted_files: Counter[str] = field(default_factory=Counter)  # by citizen
    emergencies_wanted: int = 0  # how many of the next messages report an emergency
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_NUMBER))

    def say(self, citizen: str, channel: str, words: str) -> Said:
        number = next(self._numbers)
        said = Said(number, citizen, channel, f"{words} [{number}]", time.monotonic())
        self.messages.append(said)
        return said

    def wants_emergency(self) -> bool:
        """Returns whether the next message shall report an emergency; reduces ``emergencies_wanted`` by one if so."""
        self.emergencies_wanted -= (wanted := self.emergencies_wanted > 0)
        return wanted

    def sends_file(self) -> str:
        """Returns the id of a new upload."""
        return f"file-{next(self._numbers)}"

    def acknowledged(self) -> list[Said]:
        return [one for one in self.messages if one.acknowledged_at is not None]

    def of(self, citizen: str) -> list[Said]:
        return [one for one in self.messages if one.citizen == citizen]
