"""Divides episodes by the citizens' user attributes, and selects those of one channel or segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.agency.figure_settings import AGAIN, FIRST, RETURNS, FigureSegment

SEPARATOR = "\x1f"  # between a segment and its value in the keys of daily sums


@dataclass(frozen=True)
class Part:
    """The episodes with one ``value`` of a segment; '' means unknown."""

    segment: str
    value: str

    @property
    def key(self) -> str:
        """Returns the part's key in the tables of daily sums, in which '' stands for all episodes."""
        return f"{self.segment}{SEPARATOR}{self.value}"


@dataclass(frozen=True)
class Selection:
    """A selection of episodes: those of one channel ('' means all) and of one part of a segment (None means all)."""

    channel: str = ""
    part: Part | None = None

    @property
    def condition(self) -> str:
        """Returns SQL to append to other conditions; ``values`` contains its parameters."""
        channel = " AND channel = :channel" if self.channel else ""
        part = " AND coalesce(segments->>CAST(:segment AS text), '') = :part" if self.part else ""
        return channel + part

    @property
    def values(self) -> dict[str, object]:
        channel = {"channel": self.channel} if self.channel else {}
        part = {"segment": self.part.segment, "part": self.part.value} if self.part else {}
        return {**channel, **part}

    @property
    def of_sums(self) -> str:
        """Returns SQL to append to conditions on the tables of daily sums; ``sum_values`` contains its parameters."""
        return " AND part = :key" + (" AND channel = :channel" if self.channel else "")

    @property
    def sum_values(self) -> dict[str, object]:
        channel = {"channel": self.channel} if self.channel else {}
        return {"key": self.part.key if self.part else "", **channel}


EVERYTHING = Selection()


@dataclass(frozen=True)
class Slice:
    """The episodes of one row of a table: those with a ``value`` in a dimension; ``dimension`` '' means all."""

    dimension: str = ""
    value: str = ""

    @property
    def condition(self) -> str:
        """Returns SQL to append to other conditions, whose parameter ``slice`` is ``value``; '' for all episodes."""
        conditions = {"entry": "CAST(:slice AS text) = ANY(entries)", "hour": "hour::text = :slice"}
        return f" AND {conditions.get(self.dimension, f'{self.dimension} = :slice')}" if self.dimension else ""


ALL = Slice()


def segments_of(segments: Sequence[FigureSegment], known: Mapping[str, str], *, is_first: bool) -> dict[str, str]:
    """Returns the known values of an agency's segments; ``is_first`` is true if the citizen had not written before."""
    facts = {RETURNS: FIRST if is_first else AGAIN, **known}
    found = {one.key: one.value_in(facts) for one in segments}
    return {key: value for key, value in found.items() if value}
