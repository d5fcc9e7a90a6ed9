"""Measures the alarm about spikes of messages on simulated towns: ``python -m benchmarks.spikes``.

The number of a simulated town's messages depends on the hour and the day of the week, and varies at random from day to
day and between quarters of an hour. There are 40 topics of unequal size; one of them grows once, within ten days, to
five times its size. Unanswered messages have meanings (meanings.py). The rules are learned again each day, as in the
bot. Prints a table row per seed, variation and town: the false alarms per week in eight weeks without incidents, and,
for each kind of incident, the shares that are detected within 5 and within 15 minutes. ``--without-groups`` skips the
search for groups; ``--every-days`` is the setting ``falsa_cada_dias``; ``--kinds 2`` measures only the first two kinds
of incident; ``--matters choosing`` uses the matters with which the constants of bot/spikes/groups.py were chosen.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from benchmarks.meanings import FIRST_CITIZEN, Meanings
from bot.spikes.detector import Baseline, Numbers, Surprise, day_kind
from bot.spikes.groups import LONGEST_MIN, Asked, Grown, gathered, grown
from bot.spikes.history import BASE_DAYS, DAY_MIN, REPLAY_DAYS, TOPIC, History
from bot.spikes.replay import LEARNING_DAYS, Rules, alarms_in, learn

TOPICS = 40
WEEKS = 8
EVERY_DAYS = 7.0
TOWNS = (150, 800, 4000)
EACH_DAY = 4  # incidents of each kind
LOOKED_MIN = 30
NEAR = 0.7  # share of unanswered messages that also count for a topic, since an entry was offered or considered
Dice = np.random.Generator


@dataclass(frozen=True)
class Incident:
    """An incident: ``people`` write within ``minutes`` about one topic, which an entry covers if ``is_written``."""

    people: int
    minutes: int
    is_written: bool = True


INCIDENTS = (Incident(25, 15), Incident(25, 15, is_written=False), Incident(80, 20), Incident(10, 10))


def shape() -> NDArray[np.float64]:
    """Returns the share of a day's messages in each of its minutes."""
    hours = [1, 0.5, 0.3, 0.2, 0.2, 0.4, 1.2, 3, 6, 9, 10, 10, 8.5, 7, 6.5, 7, 7.5, 7, 6, 5.5, 5, 4.5, 3.5, 2]
    minutes = np.interp(np.arange(DAY_MIN) / 60, np.arange(25), [*hours, hours[0]])
    made: NDArray[np.float64] = minutes / minutes.sum()
    return made


def town(dice: Dice, daily: int, days: int, burst: float) -> History:
    """Simulates a town's messages per minute and topic.

    ``burst`` is the variation between quarters of an hour (standard deviation over mean).
    """
    history = History(date(2026, 1, 5), days)
    history.streams += [f"{TOPIC}{number}" for number in range(TOPICS)]
    sizes = 1 / np.arange(2, TOPICS + 2)
    shares = np.concatenate([[0.18], 0.82 * sizes / sizes.sum()])  # the first stream is that of unanswered messages
    growing, start = int(dice.integers(1, TOPICS + 1)), int(dice.integers(0, days - 30))
    history.counts = np.zeros((TOPICS + 2, days * DAY_MIN), np.int16)
    minutes = shape()
    for number in range(days):
        kind = (1.0, 0.55, 0.35)[day_kind(history.day(number))]
        rate = daily * kind * dice.lognormal(0, 0.18) * minutes
        own = dice.lognormal(0, 0.2, TOPICS + 1)
        ramp = np.ones(TOPICS + 1)
        ramp[growing] = 1 + 4 * np.clip((number - start) / 10, 0, 1) * (number < start + 30)
        noise = dice.gamma(1 / burst**2, burst**2, (TOPICS + 1, DAY_MIN // 15)).repeat(15, axis=1)
        written = dice.poisson(rate * (shares * own * ramp)[:, None] * noise)
        near = dice.poisson(NEAR * (rate * shares[0] * own[0] * noise[0]) * (shares[1:] / shares[1:].sum())[:, None])
        today = slice(number * DAY_MIN, (number + 1) * DAY_MIN)
        history.counts[1:, today] = written
        history.counts[2:, today] += near.astype(np.int16)
        history.counts[0, today] = written.sum(axis=0)
    return history


@dataclass(frozen=True)
class Town:
    """A town's counts, its unanswered questions, and the groups found in them; ``asked`` is None without groups."""

    history: History
    meanings: Meanings
    asked: Asked | None
    groups: tuple[Grown, ...]

    @classmethod
    def simulated(cls, dice: Dice, history: History, burst: float, meanings: Meanings, *, by_groups: bool) -> Town:
        """Draws the unanswered questions of a history, with ``meanings``, and returns the town.

        With ``by_groups``, also finds the groups of each minute, from the first day that has rules.
        """
        asked = meanings.asked(dice, history, burst)
        if not by_groups:
            return cls(history, meanings, None, ())
        base, found = Baseline(history), []
        for day in range(BASE_DAYS + LEARNING_DAYS, history.days):
            usual = np.hstack([base.of_day(day - 1), base.of_day(day)])
            rules = Rules(day, usual, np.ones(len(usual)), 1.0)
            today = asked.between(day * DAY_MIN - LONGEST_MIN, (day + 1) * DAY_MIN)
            ends = np.unique(today.minutes[today.minutes >= day * DAY_MIN]) + 1
            found += [one for end in ends.tolist() for one in groups_at(history, rules, today, asked, end)]
        return cls(history, meanings, asked, tuple(found))

    def alarming(self, rules: Rules, groups: Iterable[Grown]) -> list[Surprise]:
        """Returns the anomaly of each group that raises an alarm."""
        scored = [(one, rules.chance(one)) for one in groups]
        return [
            Surprise(one.end - 1, -1, one.window, one.citizens, one.expected, chance)
            for one, chance in scored
            if chance <= rules.threshold
        ]


def groups_at(history: History, rules: Rules, recent: Asked, before: Asked, end: int) -> list[Grown]:
    """Returns the groups in the questions ``recent`` that end before the minute ``end``."""
    found = gathered(recent, end)
    unknown: Numbers | None = rules.unknown(history, end) if found else None
    return [] if unknown is None else [new for one in found if (new := grown(one, before, end, unknown))]


def seen_after(town: Town, rules: Rules, dice: Dice, incident: Incident) -> int | None:
    """Returns the minutes until an incident is detected, or None if that takes more than LOOKED_MIN minutes.

    Adds the incident at a random time between 7 and 23 o'clock of the rules' day, and removes it afterwards.
    """
    history = town.history
    start = rules.day * DAY_MIN + int(dice.integers(7, 23)) * 60 + int(dice.integers(60))
    kept = history.counts[:, start : start + LOOKED_MIN].copy()
    before = {one.at for one in rules.surprises(history, start, start + LOOKED_MIN)}
    topic = int(dice.integers(2, TOPICS + 2))
    arrivals = start + dice.integers(0, incident.minutes, incident.people)
    np.add.at(history.counts[0], arrivals, 1)
    if incident.is_written:
        np.add.at(history.counts[topic], arrivals, 1)
    else:
        np.add.at(history.counts[1], arrivals, 1)
        np.add.at(history.counts[topic], arrivals[dice.random(incident.people) < NEAR], 1)
    found = [one.at for one in rules.surprises(history, start, start + LOOKED_MIN) if one.at not in before]
    if town.asked and not incident.is_written:
        found += groups_of(town, rules, town.meanings.with_matter(dice, around(town.asked, start), arrivals), start)
    history.counts[:, start : start + LOOKED_MIN] = kept
    return min((at - start + 1 for at in found), default=None)


def around(asked: Asked, start: int) -> Asked:
    """Returns the questions among which those of an incident at ``start`` may be found."""
    return asked.between(start - LONGEST_MIN, start + LOOKED_MIN)


def groups_of(town: Town, rules: Rules, recent: Asked, start: int) -> list[int]:
    """Returns the minutes in which an alarm is raised by a group whose citizens mostly belong to the incident."""
    found = []
    for end in range(start + 1, start + LOOKED_MIN + 1):
        own = [
            one
            for one in gathered(recent, end)
            if 2 * (recent.citizens[list(one.members)] >= FIRST_CITIZEN).sum() > len(one.members)
        ]
        if own and town.asked:
            unknown = rules.unknown(town.history, end)
            if town.alarming(rules, [new for one in own if (new := grown(one, town.asked, end, unknown))]):
                found.append(end - 1)
    return found


@dataclass(frozen=True)
class Options:
    """The options of a measurement: whether to look for groups, the incidents, and the setting ``falsa_cada_dias``."""

    by_groups: bool
    incidents: tuple[Incident, ...]
    every_days: float


def measure(daily: int, seed: int, burst: float, meanings: Meanings, options: Options) -> list[str]:
    """Simulates a town, adds incidents, and returns the cells of the town's table row."""
    dice = np.random.default_rng([seed, daily])
    learnt = BASE_DAYS + REPLAY_DAYS + 7
    history = town(dice, daily, learnt + 7 * WEEKS, burst)
    made = Town.simulated(dice, history, burst, meanings, by_groups=options.by_groups)
    false: list[Surprise] = []
    delays: list[list[int | None]] = [[] for _ in options.incidents]
    for day in range(learnt, history.days):
        rules = learn(history, day, options.every_days, groups=made.groups)
        if rules is None:
            raise RuntimeError("too few days")
        start, end = day * DAY_MIN, (day + 1) * DAY_MIN
        false += rules.surprises(history, start, end)
        false += made.alarming(rules, [one for one in made.groups if start < one.end <= end])
        for incident, times in zip(options.incidents, delays, strict=True):
            times += [seen_after(made, rules, dice, incident) for _ in range(EACH_DAY)]
    cells = [str(daily), str(seed), f"{burst:.2f}", f"{len(alarms_in(false)) / WEEKS:.2f}"]
    for times in delays:
        shares = [np.mean([one is not None and one <= limit for one in times]) for limit in (5, 15)]
        cells.append(", ".join(f"{100 * share:.0f} %" for share in shares))
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[21, 22])
    parser.add_argument("--towns", type=int, nargs="+", default=TOWNS)
    parser.add_argument("--matters", choices=["choosing", "reporting"], default="reporting")
    parser.add_argument("--without-groups", action="store_true")
    parser.add_argument("--every-days", type=float, default=EVERY_DAYS)
    parser.add_argument("--kinds", type=int, default=len(INCIDENTS))
    chosen = parser.parse_args()
    options = Options(not chosen.without_groups, INCIDENTS[: chosen.kinds], chosen.every_days)
    meanings = Meanings.load(chosen.matters)
    for seed in chosen.seeds:
        for burst in (0.25, 0.5):
            for daily in chosen.towns:
                row = measure(daily, seed, burst, meanings, options)
                sys.stdout.write(f"| {' | '.join(row)} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
