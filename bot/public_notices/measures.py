"""Defines the measures of a notice: changes of the queue, the hours and the replies while the notice runs.

A measure is part of a prepared notice (data/crisis), published and lifted with its notice, and can also be lifted
separately. The measures of a drill have no effect.
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
    """The kind of a measure, on which the meaning of the measure's ``target`` and ``value`` depends."""

    OVERLOAD = "overload"  # value: text for citizens who ask for a person
    CALL_BACK = "call_back"  # citizens who ask for a person are offered a call-back instead of a position
    FIRST_TEAM = "first_team"  # target: the team whose citizens are attended first
    FIRST_ENTRY = "first_entry"  # target: an entry; citizens who ask about it are attended first
    FIRST_WORDS = "first_words"  # value: words, separated by SEPARATOR; citizens who write one are attended first
    CERTAINTY = "certainty"  # value: minimum probability for answering, in percent
    HOURS = "hours"  # target: a team, or '' for the agency; value: its hours on every day, '' for closed
    WITHDRAWN = "withdrawn"  # target: an entry that must not answer
    CHANGED = "changed"  # target: an entry; value: its temporary answer
    CANNED = "canned"  # target: the shortcut of a canned reply for staff; value: its text


@dataclass(frozen=True)
class Measure(JsonFields):
    """A measure; ``key`` identifies it within its notice."""

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
    """The combined effects of the measures of several notices; of two texts for the same purpose, the first counts."""

    overload: str = ""
    calls_back: bool = False
    certainty: float = 0.0
    first_teams: Collection[str] = ()
    first_entries: Collection[str] = ()
    first_words: Collection[str] = ()
    answers: Mapping[str, str] = field(default_factory=dict)  # entry id -> its temporary answer, '' if withdrawn
    canned: Mapping[str, str] = field(default_factory=dict)  # shortcut -> text of a canned reply

    @classmethod
    def of(cls, measures: Iterable[Measure]) -> Self:
        found: dict[Kind, list[Measure]] = {kind: [] for kind in Kind}
        answers: dict[str, str] = {}
        canned: dict[str, str] = {}
        for one in measures:
            found[one.kind].append(one)
            if one.kind in (Kind.WITHDRAWN, Kind.CHANGED):
                answers.setdefault(one.target, one.value if one.kind is Kind.CHANGED else "")
        for one in found[Kind.CANNED]:
            canned.setdefault(one.target, one.value)
        percents = [int(one.value) for one in found[Kind.CERTAINTY]]
        return cls(
            overload=next((one.value for one in found[Kind.OVERLOAD]), ""),
            calls_back=bool(found[Kind.CALL_BACK]),
            certainty=max(percents, default=0) / PERCENT,
            first_teams=frozenset(one.target for one in found[Kind.FIRST_TEAM]),
            first_entries=frozenset(one.target for one in found[Kind.FIRST_ENTRY]),
            first_words=tuple(plain(word) for one in found[Kind.FIRST_WORDS] for word in one.value.split(SEPARATOR)),
            answers=answers,
            canned=canned,
        )

    def is_first(self, team: str, entries: Iterable[str], words: str) -> bool:
        """Returns whether a citizen who waits for ``team`` and wrote ``words`` about ``entries`` is attended first."""
        if team in self.first_teams or any(one in self.first_entries for one in entries):
            return True
        said = f" {plain(words)} " if self.first_words else ""
        return any(f" {one} " in said for one in self.first_words)


NO_EFFECTS = Effects()
