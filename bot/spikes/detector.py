"""Computes how unusual the number of citizens who wrote in the last minutes is; does no I/O.

The expected number is the mean at this time of day on days of the same kind in the last four weeks, times today's ratio
of all messages to the usual ones, times the topic's own ratio in the last hours. How unusual a count is follows from
the tail probability of a negative binomial distribution, whose spread is estimated from the same weeks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from bot.spikes.history import BASE_DAYS, DAY_MIN, Counts, History

WINDOWS = ((5, 5), (15, 7), (60, 12))  # window in minutes, and minimum number of citizens of a spike
LAG_MIN = 20  # the newest minutes do not change the expected number, or a spike would hide itself
TODAY_MIN = 120
TOPIC_MIN = 360
BEFORE_MIN = LAG_MIN + TOPIC_MIN + 60  # minutes of history needed before the first scored minute
PRIOR = 8.0  # weight of the prior, in citizens: with so many, today counts as much as the last weeks
# Weight, in days, of a topic's usual share of all citizens; it is averaged with the topic's own numbers of past days.
SHARED_DAYS = 4.0
CAP = 3.0  # a day counts at most this multiple of the mean, so that a past incident does not become usual
FEWEST = 0.15  # minimum expected number of citizens in a window
DEVIATIONS = 3.5
SPREADS = (1.0, 100.0)
PRECISION = 1e-12

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Surprise:
    """An anomaly: a stream's unusually high count of citizens in the ``window`` minutes up to and including ``at``.

    ``chance`` is the probability of such a count. For a group of questions (groups.py), ``stream`` is not used, and
    ``chance`` is divided by the group's weight.
    """

    at: int  # column of the history
    stream: int  # row of the history
    window: int
    citizens: int
    expected: float
    chance: float  # probability of this count or more


def day_kind(day: date) -> int:
    """Returns the kind of a day: 0 for workdays, 1 for Saturday, 2 for Sunday."""
    return max(0, day.weekday() - 4)


class Baseline:
    """The usual number of citizens in each minute of a day for each stream, learned from the days before it."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._hourly = _smoothed(history.counts)
        self._kinds = np.array([day_kind(history.day(number)) for number in range(history.days)])
        self._begun = history.begun()

    def of_day(self, number: int) -> Numbers:
        """Returns the usual number of citizens in each minute of day ``number``, as a matrix of streams x minutes."""
        start = max(self._begun, number - BASE_DAYS, 0)
        if start >= number:
            return np.zeros((self._hourly.shape[0], DAY_MIN))
        days = np.arange(start, number)
        alike = days[self._kinds[start:number] == self._kinds[number]]
        chosen = self._hourly[:, alike if len(alike) else days]
        mean = chosen.mean(axis=1, dtype=np.float64)
        usual = np.minimum(chosen, CAP * mean[:, None]).mean(axis=1)
        every = self._hourly[:, start:number].sum(axis=(1, 2), dtype=np.float64)
        share = every / max(every[0], 1.0)
        count = chosen.shape[1]
        shared: Numbers = (count * usual + SHARED_DAYS * share[:, None] * usual[0]) / (count + SHARED_DAYS)
        return shared


def _smoothed(counts: Counts) -> NDArray[np.float32]:
    """Returns the mean over the hour around each minute: streams x days x minutes."""
    sums = np.cumsum(np.pad(counts, ((0, 0), (31, 30))), axis=1, dtype=np.float32)
    mean: NDArray[np.float32] = (sums[:, 61:] - sums[:, :-61]) / np.float32(61)
    return mean.reshape(counts.shape[0], -1, DAY_MIN)


@dataclass(frozen=True)
class Expected:
    """Counted and expected citizens in the windows that end with each scored minute: windows x streams x minutes."""

    counted: Numbers
    expected: Numbers


def expected(counts: Counts, usual: Numbers) -> Expected:
    """Compares counts with usual numbers, both as arrays of streams by minutes; skips the first BEFORE_MIN minutes."""
    known, base = _sums(counts), _sums(usual)
    first, end = BEFORE_MIN + 1, counts.shape[1] + 1

    def between(sums: Numbers, minutes: int, lag: int = 0) -> Numbers:
        return sums[:, first - lag : end - lag] - sums[:, first - lag - minutes : end - lag - minutes]

    today = (between(known, TODAY_MIN, LAG_MIN)[0] + PRIOR) / (between(base, TODAY_MIN, LAG_MIN)[0] + PRIOR)
    own = (between(known, TOPIC_MIN, LAG_MIN) + PRIOR) / (today * between(base, TOPIC_MIN, LAG_MIN) + PRIOR)
    level = today * np.maximum(own, 1.0)
    counted = np.stack([between(known, minutes) for minutes, _ in WINDOWS])
    wanted = np.stack([level * between(base, minutes) for minutes, _ in WINDOWS])
    return Expected(counted, np.maximum(wanted, FEWEST))


def surprises(found: Expected, spread: Numbers, start: int) -> list[Surprise]:
    """Returns the anomalies: counts far above the expected ones.

    ``spread`` contains one value per stream; ``start`` is the first scored column.
    """
    fewest = np.array([few for _, few in WINDOWS])[:, None, None]
    high = found.counted >= np.maximum(fewest, found.expected + DEVIATIONS * np.sqrt(found.expected))
    places = np.nonzero(high)
    counted, wanted, size = found.counted[places], found.expected[places], spread[places[1]]
    chances = tail(counted, size, wanted)
    return [
        Surprise(start + int(at), int(stream), WINDOWS[window][0], int(count), float(want), float(chance))
        for window, stream, at, count, want, chance in zip(*places, counted, wanted, chances, strict=True)
    ]


def tail(counted: Numbers, size: Numbers, mean: Numbers) -> Numbers:
    """Returns the probability that a negative binomial count with this size and mean is ``counted`` or more.

    SciPy's betainc gives the same result, but the bot, which also runs this, does not load SciPy (30 MB).
    """
    share, number = mean / (size + mean), counted.astype(np.float64)
    gammas = _log_gamma(number + size) - _log_gamma(size) - _log_gamma(number + 1)
    term = np.exp(gammas + size * np.log1p(-share) + number * np.log(share))
    total = term.copy()
    while (term > PRECISION * total).any():
        term = term * share * (size + number) / (number + 1)
        number = number + 1
        total = total + term
    return np.asarray(total, np.float64)


def _log_gamma(values: Numbers) -> Numbers:
    return np.array([lgamma(value) for value in values], np.float64)


def spread_of(squares: Numbers, excess: Numbers) -> Numbers:
    """Returns the spread of each stream from sums of expected² and of (counted - expected)² - counted.

    Topics are pooled, since each of them is rare.
    """
    pooled = [slice(0, 1), slice(1, 2), slice(2, None)]
    spread = np.empty(len(squares))
    for some in pooled:
        spread[some] = squares[some].sum() / max(float(excess[some].sum()), 1e-9)
    clipped: Numbers = np.clip(spread, *SPREADS)
    return clipped


def _sums(values: Counts | Numbers) -> Numbers:
    return np.cumsum(np.pad(values, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
