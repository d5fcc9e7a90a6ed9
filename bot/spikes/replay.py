"""Chooses the alarm threshold: the loosest threshold that would have kept the agency's promise in the last six weeks.

The promise is «at most one false alarm in so many days». A fixed threshold would not keep it, since agencies differ in
how regularly their citizens write.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bot.spikes.detector import BEFORE_MIN, Baseline, Numbers, Surprise, expected, spread_of, surprises
from bot.spikes.groups import Grown
from bot.spikes.history import DAY_MIN, REPLAY_DAYS, UNKNOWN_ROW, History

TOGETHER_MIN = 60  # surprises less than this apart belong to one alarm
LOOSEST_DECADE, STRICTEST_DECADE, STEPS = 3, 60, 8  # thresholds 10**-3 to 10**-60, and steps in each decade
UNTRIED = 1e-4  # loosest threshold while fewer than REPLAY_DAYS days can be replayed
LEARNING_DAYS = 7  # days without alarms after the first message
SAMPLE_MIN = 15


@dataclass(frozen=True)
class Rules:
    """The rules for judging a day's counts: usual counts of the day and of the day before, spread, threshold."""

    day: int
    usual: Numbers
    spread: Numbers
    threshold: float

    def surprises(self, history: History, start: int, end: int) -> list[Surprise]:
        """Returns the anomalies that raise an alarm, in windows whose last minute is in the range ``start`` to ``end``.

        The range includes ``start`` but not ``end``.
        """
        begin = start - BEFORE_MIN
        shift = (self.day - 1) * DAY_MIN
        found = expected(history.counts[: len(self.usual), begin:end], self.usual[:, begin - shift : end - shift])
        return [one for one in surprises(found, self.spread, start) if one.chance <= self.threshold]

    def unknown(self, history: History, end: int) -> Numbers:
        """Returns the expected number of unanswered questions in each window of the detector before ``end``."""
        begin, shift = end - 1 - BEFORE_MIN, (self.day - 1) * DAY_MIN
        rows = slice(UNKNOWN_ROW + 1)
        found = expected(history.counts[rows, begin:end], self.usual[rows, begin - shift : end - shift])
        numbers: Numbers = found.expected[:, UNKNOWN_ROW, 0]
        return numbers

    def chance(self, group: Grown) -> float:
        """Returns the probability that a group arises by chance, with the topics' spread, divided by WEIGHT."""
        return group.chance(float(self.spread[-1]))


def learn(
    history: History,
    today: int,
    false_every_days: float,
    real: Iterable[range] = (),
    groups: Iterable[Grown] = (),
) -> Rules | None:
    """Learns the rules of the day ``today`` from the days before it; returns None during the first LEARNING_DAYS.

    The agency's promise is at most one false alarm in ``false_every_days`` days. ``real`` contains the columns of
    alarms that people confirmed, which do not make the threshold stricter. ``groups`` are those found on these days.
    """
    base, begun = Baseline(history), history.begun()
    first = max(today - REPLAY_DAYS, begun + LEARNING_DAYS, 1)
    if begun + LEARNING_DAYS > today or today < 1:
        return None
    # Neighbouring days share these, since each day is scored with the evening before it.
    usual = {number: base.of_day(number) for number in range(first - 1, today + 1)}
    days = {number: np.hstack([usual[number - 1], usual[number]]) for number in range(first, today + 1)}
    spread = _spread(history, days, today)
    found = [one for number in range(first, today) for one in _of_day(history, number, days[number], spread)]
    found += [_surprise(one, float(spread[-1])) for one in groups if first * DAY_MIN < one.end <= today * DAY_MIN]
    labelled = list(real)
    false = [one for one in found if not any(one.at in some for some in labelled)]
    replayed = today - first
    # A threshold that raises so many alarms in the replayed days probably raises one more in as many other days.
    threshold = _threshold(false, max(int((replayed + 1) / false_every_days) - 1, 0))
    if replayed < REPLAY_DAYS:
        threshold = min(threshold, UNTRIED)
    return Rules(today, days[today], spread, threshold)


def alarms_in(found: Iterable[Surprise]) -> list[list[Surprise]]:
    """Combines anomalies less than TOGETHER_MIN minutes apart into alarms, in chronological order."""
    alarms: list[list[Surprise]] = []
    for one in sorted(found, key=lambda surprise: surprise.at):
        if alarms and one.at - alarms[-1][-1].at < TOGETHER_MIN:
            alarms[-1].append(one)
        else:
            alarms.append([one])
    return alarms


def _of_day(history: History, number: int, usual: Numbers, spread: Numbers) -> list[Surprise]:
    loosest = Rules(number, usual, spread, 10.0**-LOOSEST_DECADE)
    return loosest.surprises(history, number * DAY_MIN, (number + 1) * DAY_MIN)


def _surprise(group: Grown, spread: float) -> Surprise:
    chance = group.chance(spread)
    return Surprise(group.end - 1, UNKNOWN_ROW, group.window, group.citizens, group.expected, chance)


def _spread(history: History, days: dict[int, Numbers], today: int) -> Numbers:
    streams = len(history.streams)
    squares, excess = np.zeros(streams), np.zeros(streams)
    for number, usual in days.items():
        if number == today:
            continue
        begin = DAY_MIN - BEFORE_MIN
        shift = (number - 1) * DAY_MIN
        found = expected(history.counts[:, shift + begin : shift + 2 * DAY_MIN], usual[:, begin:])
        counted, wanted = found.counted[1, :, ::SAMPLE_MIN], found.expected[1, :, ::SAMPLE_MIN]
        squares += (wanted**2).sum(axis=1)
        excess += ((counted - wanted) ** 2 - counted).sum(axis=1)
    return spread_of(squares, excess)


def _threshold(false: Sequence[Surprise], most: int) -> float:
    for step in range(LOOSEST_DECADE * STEPS, STRICTEST_DECADE * STEPS):
        threshold = float(10.0 ** (-step / STEPS))
        if len(alarms_in(one for one in false if one.chance <= threshold)) <= most:
            return threshold
    return 0.0
