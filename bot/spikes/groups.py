"""Finds new groups: many citizens who ask the same question within minutes, which no entry answered.

A group is new if its meaning was rarely asked in the last weeks; frequent meanings are left to the other streams. The
expected number of citizens follows from the group's share of the unanswered questions of the last hours. Does no I/O.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.learning.backlog.grouping import Vectors, groups_of
from bot.spikes.detector import LAG_MIN, PRIOR, TOPIC_MIN, Numbers, tail
from bot.spikes.history import BASE_DAYS, DAY_MIN

WINDOWS = ((5, 4), (15, 5), (60, 8))  # window in minutes, and minimum number of citizens of a group
LONGEST_MIN = max(minutes for minutes, _ in WINDOWS)
BASE_MIN = BASE_DAYS * DAY_MIN
FEWEST = 0.3  # minimum expected number of citizens of a group; a meaning that more usually ask is not new
# Minimum cosine similarity to the medoid. Less than in the backlog: people in a hurry use few and different words.
SIMILAR = 0.35
# Weight of a group beside a stream in the common threshold. Groups are rare, so a weight costs few false alarms.
WEIGHT = 10.0

Columns = NDArray[np.intp]


@dataclass(frozen=True)
class Asked:
    """Unanswered questions in chronological order, one per row.

    ``minutes`` are columns of the history, ``citizens`` are the citizens' numbers, and ``vectors`` are unit vectors.
    """

    minutes: Columns
    citizens: Columns
    vectors: Vectors

    def between(self, start: int, end: int) -> Asked:
        """Returns the questions since the minute ``start`` and before ``end``."""
        rows = slice(*np.searchsorted(self.minutes, (start, end)))
        return Asked(self.minutes[rows], self.citizens[rows], self.vectors[rows])

    def alike(self, vector: Vectors) -> Asked:
        """Returns the questions similar in meaning to ``vector``."""
        rows = self.vectors @ vector >= SIMILAR
        return Asked(self.minutes[rows], self.citizens[rows], self.vectors[rows])


@dataclass(frozen=True)
class Gathered:
    """Questions with one meaning in the ``window`` minutes before a minute.

    ``members`` are rows of Asked, the medoid first.
    """

    window: int
    members: tuple[int, ...]
    citizens: int
    medoid: Vectors


@dataclass(frozen=True)
class Grown:
    """A group of ``citizens`` in the ``window`` minutes before ``end``, with their expected number."""

    end: int  # column of the history
    window: int
    citizens: int
    expected: float

    def chance(self, spread: float) -> float:
        """Returns the probability of at least this many citizens, divided by WEIGHT."""
        count, mean = np.array([self.citizens], np.float64), np.array([self.expected])
        return float(tail(count, np.array([spread]), mean)[0]) / WEIGHT


def gathered(asked: Asked, end: int) -> list[Gathered]:
    """Returns the groups in each of the WINDOWS before the minute ``end``."""
    found = []
    first = int(np.searchsorted(asked.minutes, end - LONGEST_MIN))
    recent = asked.between(end - LONGEST_MIN, end)
    near = recent.vectors @ recent.vectors.T >= SIMILAR
    for window, least in WINDOWS:
        start = int(np.searchsorted(recent.minutes, end - window))
        if not near[start:, start:].size or near[start:, start:].sum(axis=1).max() < least:
            continue
        some = recent.between(end - window, end)
        for group in groups_of(some.vectors, some.citizens.tolist(), least=least, similar=SIMILAR):
            rows = list(group.members)
            members = tuple(first + start + row for row in rows)
            found.append(Gathered(window, members, len(set(some.citizens[rows].tolist())), some.vectors[rows[0]]))
    return found


def grown(group: Gathered, before: Asked, end: int, unknown: Numbers) -> Grown | None:
    """Compares a group with the questions ``before`` it, which span at least BASE_MIN minutes.

    Returns None if its meaning is not new: more than FEWEST citizens usually ask it in such a window. ``unknown``
    contains the expected number of unanswered questions in each of WINDOWS before the minute ``end``.
    """
    recent = end - LAG_MIN - TOPIC_MIN
    known = before.between(end - BASE_MIN, end - LAG_MIN)
    lately, alike = known.between(recent, end), known.alike(group.medoid)
    wanted = float(unknown[[window for window, _ in WINDOWS].index(group.window)])
    if len(alike.minutes) / (len(known.minutes) + PRIOR) * wanted > FEWEST:
        return None
    own = len(alike.between(recent, end).minutes) / (len(lately.minutes) + PRIOR)
    return Grown(end, group.window, group.citizens, max(FEWEST, own * wanted))
