"""Estimates how long a citizen will wait, from the recent moves of the queue and the number of agents on duty.

The estimate is the recent work per position, in agent-milliseconds, times the citizen's position, divided by the number
of agents on duty. Only moves ahead of that position count: when an agent picks the newest conversation, no position
changes, while an emergency that enters ahead moves every citizen back. The result is a range, or nothing if too little
is known.

``python -m benchmarks.wait_range`` measures how often the range contains the true wait.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

SETTLE_MS = 40 * 60_000  # in a wait this long, the number of agents returns to its mean
MIN_PLACES = 6  # minimum net number of places by which the queue must have advanced
MAX_LEAVES = 40  # maximum number of latest departures that count
CERTAINTY = 1.65  # standard deviations between the estimate and each end of the range
DRIFT = 0.3  # relative error of every estimate, since agents come and go
WORST = 3.5  # an end of the range is at most this factor from the estimate


@dataclass(frozen=True)
class Move:
    """A departure of a ticket from the queue, or an entry before the queue's end, at ``rank`` (0 is the head).

    ``at`` is in ms since 1970; ``step`` is -1 for a departure and 1 for an entry.
    """

    at: int
    rank: int
    step: int


@dataclass(frozen=True)
class Duty:
    """A period (ms since 1970) during which ``agents`` agents of the team were on duty."""

    since: int
    until: int
    agents: int


@dataclass(frozen=True)
class WaitRange:
    """A wait between ``low_ms`` and ``high_ms``."""

    low_ms: int
    high_ms: int


def wait_range(
    place: int, moves: Sequence[Move], duty: Sequence[Duty], agents: int | None, now_ms: int
) -> WaitRange | None:
    """Returns the likely wait of a citizen at ``place`` (from 1); None if it cannot be estimated.

    ``agents`` is the number of agents on duty. None means that the team is closed; the wait then counts from the next
    opening, with as many agents as recently.
    """
    ahead = sorted((one for one in moves if one.rank < place), key=lambda one: one.at, reverse=True)
    leaves = [one.at for one in ahead if one.step < 0][: MAX_LEAVES + 1]
    if len(leaves) <= MIN_PLACES or agents == 0:
        return None
    start = leaves[-1]
    advanced = len(leaves) - 1 - sum(one.step > 0 and one.at > start for one in ahead)
    shifts = [(min(one.until, now_ms) - max(one.since, start), one.agents) for one in duty if one.agents]
    attended = sum(time for time, _ in shifts if time > 0)
    work = sum(time * count for time, count in shifts if time > 0)
    if advanced < MIN_PLACES or work <= 0:
        return None
    expected = place * work / advanced / _agents(place * attended / advanced, work / attended, agents)
    spread = min(WORST, math.exp(CERTAINTY * math.sqrt(DRIFT**2 + 1 / advanced + 1 / place)))
    return WaitRange(int(expected / spread), int(expected * spread))


def _agents(wait_ms: float, mean: float, now: int | None) -> float:
    """Returns the expected number of agents during a wait: near ``now`` if it is short, near ``mean`` if it is long."""
    weight = math.exp(-wait_ms / SETTLE_MS) if now else 0.0
    return weight * (now or 0) + (1 - weight) * mean
