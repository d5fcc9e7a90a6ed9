"""Defines the wait that a citizen was shown, and when a newer one differs much from it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.tickets.pace import WaitRange

MUCH_MS = 10 * 60 * 1000
MUCH_TIMES = 2


@dataclass(frozen=True)
class AnnouncedWait:
    """A wait shown to a citizen at the time ``at`` (ms since 1970), and their ``place`` in the queue then."""

    place: int
    wait: WaitRange
    at: int

    @classmethod
    def from_text(cls, text: str) -> Self | None:
        """Parses the result of ``to_text``; returns None for '' and for the formats of older releases."""
        numbers = text.split()
        if len(numbers) != 4:
            return None
        place, low, high, at = (int(one) for one in numbers)
        return cls(place, WaitRange(low, high), at)

    def to_text(self) -> str:
        return f"{self.place} {self.wait.low_ms} {self.wait.high_ms} {self.at}"


class Change(StrEnum):
    """The direction in which a wait changed since the citizen was last informed of it."""

    LONGER = "longer"
    SHORTER = "shorter"


def changed_much(before: AnnouncedWait, now: AnnouncedWait) -> Change | None:
    """Returns how the wait changed, beyond the time that has passed; None if it did not change much.

    Never returns SHORTER unless the queue position has improved.
    """
    left = max(0, before.wait.high_ms - (now.at - before.at))
    if now.wait.low_ms > left and now.wait.high_ms - left >= MUCH_MS:
        return Change.LONGER
    better = left - now.wait.high_ms >= MUCH_MS and left >= MUCH_TIMES * now.wait.high_ms
    return Change.SHORTER if better and now.place < before.place else None
