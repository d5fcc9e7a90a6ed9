"""Defines the measures of a notice: what changes while it runs, in the queue, the hours and the answers.

A measure is prepared in a pack (data/crisis), published and lifted together with its notice, and can be lifted alone.
The measures of a drill have no effect.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from bot.core.json_fields import JsonFields
from bot.text.normalize import plain

PERCENT = 100
SEPARATOR = ", "


class Kind(StrEnum):
    """What a measure changes; its ``target`` and ``value`` depend on it."""

    OVERLOAD = "overload"  # value: what is told to who asks for a person
    CALL_BACK = "call_back"  # who asks for a person is asked for a number instead of told a position
    FIRST_TEAM = "first_team"  # target: the team whose citizens are attended first
    FIRST_ENTRY = "first_entry"  # target: the entry whose subject is attended first
    FIRST_WORDS = "first_words"  # value: words whose writers are attended first, separated by SEPARATOR
    CERTAINTY = "certainty"  # value: percent, the least probability with which an entry answers
    HOURS = "hours"  # target: a team, or '' for the agency; value: its hours of each day, '' for closed
    WITHDRAWN = "withdrawn"  # target: the entry that does not answer
    CHANGED = "changed"  # target: an entry; value: what it answers


@dataclass(frozen=True)
class Measure(JsonFields):
    """A measure; ``key`` names it within its notice."""

    kind: Kind
    target: str = ""
    value: str = ""

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return super().from_data({**data, "kind": Kind(data["kind"])})

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.target}"


@dataclass(frozen=True)
class Effects:
    """What the measures of several notices add up to; of two that contradict each other, the first counts."""

    overload: str = ""
    calls_back: bool = False
    certainty: float = 0.0
    first_teams: Collection[str] = ()
    first_entries: Collection[str] = ()
    first_words: Collection[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)  # entry -> its text for now, '' while withdrawn

    @classmethod
    def of(cls, measures: Iterable[Measure]) -> Self:
        found: dict[Kind, list[Measure]] = {kind: [] for kind in Kind}
        answers: dict[str, str] = {}
        for one in measures:
            found[one.kind].append(one)
            if one.kind in (Kind.WITHDRAWN, Kind.CHANGED):
                answers.setdefault(one.target, one.value if one.kind is Kind.CHANGED else "")
        percents = [int(one.value) for one in found[Kind.CERTAINTY]]
        return cls(
            overload=next((one.value for one in found[Kind.OVERLOAD]), ""),
            calls_back=bool(found[Kind.CALL_BACK]),
            certainty=max(percents, default=0) / PERCENT,
            first_teams=frozenset(one.target for one in found[Kind.FIRST_TEAM]),
            first_entries=frozenset(one.target for one in found[Kind.FIRST_ENTRY]),
            first_words=tuple(plain(word) for one in found[Kind.FIRST_WORDS] for word in one.value.split(SEPARATOR)),
            answers=answers,
        )

    def is_first(self, team: str, entries: Iterable[str], words: str) -> bool:
        """Returns whether a citizen who waits for ``team`` and wrote ``words`` about ``entries`` is attended first."""
        if team in self.first_teams or any(one in self.first_entries for one in entries):
            return True
        said = f" {plain(words)} " if self.first_words else ""
        return any(f" {one} " in said for one in self.first_words)


NO_EFFECTS = Effects()
