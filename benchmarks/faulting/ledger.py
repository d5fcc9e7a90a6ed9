"""Records the citizens' messages and when each was acknowledged and answered, for the verdict."""

from __future__ import annotations

import itertools
import time
from collections import Counter
from collections.abc import Iterator
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
    """All messages in the order of sending, each citizen's conversation, and the files sent."""

    messages: list[Said] = field(default_factory=list)
    conversations: dict[str, str] = field(default_factory=dict)
    files: Counter[str] = field(default_factory=Counter)  # responses to uploads, by status
    accepted_files: Counter[str] = field(default_factory=Counter)  # by citizen
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST_NUMBER))

    def say(self, citizen: str, channel: str, words: str) -> Said:
        number = next(self._numbers)
        said = Said(number, citizen, channel, f"{words} [{number}]", time.monotonic())
        self.messages.append(said)
        return said

    def sends_file(self) -> str:
        """Returns the id of a new upload."""
        return f"file-{next(self._numbers)}"

    def acknowledged(self) -> list[Said]:
        return [one for one in self.messages if one.acknowledged_at is not None]

    def of(self, citizen: str) -> list[Said]:
        return [one for one in self.messages if one.citizen == citizen]
