"""Measures the alarm about spikes of messages on simulated towns: ``python -m benchmarks.spikes``.

The number of a simulated town's messages depends on the hour and the day of the week, and varies at random from day to
day and between quarters of an hour. There are 40 topics of unequal size; one of them grows, once, to five times its
size within ten days. The rules are relearnt each day, as in the bot. Prints a table row per seed, variation and town:
the false alarms per week in eight weeks without incidents, and, for each kind of incident, the shares that are
detected within 5 and within 15 minutes.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bot.spikes.detector import Surprise, day_kind
from bot.spikes.history import BASE_DAYS, DAY_MIN, REPLAY_DAYS, TOPIC, History
from bot.spikes.replay import Rules, alarms_in, learn

TOPICS = 40
WEEKS = 8
EVERY_DAYS = 10.0
TOWNS = (150, 800, 4000)
EACH_DAY = 4  # incidents of each kind
LOOKED_MIN = 30
NEAR = 0.7  # share of unanswered messages that also count for a topic, since an entry was offered or considered
Dice = np.random.Generator


@dataclass(frozen=True)
class Incident:
    """An incident: ``people`` write within ``minutes`` about one topic; ``is_written`` if an entry answers them."""

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


def seen_after(history: History, rules: Rules, dice: Dice, incident: Incident) -> int | None:
    """Returns the minutes until an incident is detected; None if it is not within LOOKED_MIN.

    Adds the incident at a random time between 7 and 23 o'clock of the rules' day, and removes it again.
    """
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
    found = rules.surprises(history, start, start + LOOKED_MIN)
    history.counts[:, start : start + LOOKED_MIN] = kept
    return min((one.at - start + 1 for one in found if one.at not in before), default=None)


def measure(daily: int, seed: int, burst: float) -> list[str]:
    """Simulates a town with and without incidents and returns its table row."""
    dice = np.random.default_rng([seed, daily])
    learnt = BASE_DAYS + REPLAY_DAYS + 7
    history = town(dice, daily, learnt + 7 * WEEKS, burst)
    false: list[Surprise] = []
    delays: list[list[int | None]] = [[] for _ in INCIDENTS]
    for day in range(learnt, history.days):
        rules = learn(history, day, EVERY_DAYS)
        if rules is None:
            raise RuntimeError("too few days")
        false += rules.surprises(history, day * DAY_MIN, (day + 1) * DAY_MIN)
        for incident, times in zip(INCIDENTS, delays, strict=True):
            times += [seen_after(history, rules, dice, incident) for _ in range(EACH_DAY)]
    cells = [str(daily), str(seed), f"{burst:.2f}", f"{len(alarms_in(false)) / WEEKS:.2f}"]
    for times in delays:
        shares = [np.mean([one is not None and one <= limit for one in times]) for limit in (5, 15)]
        cells.append(", ".join(f"{100 * share:.0f} %" for share in shares))
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[21, 22])
    chosen = parser.parse_args()
    for seed in chosen.seeds:
        for burst in (0.25, 0.5):
            for daily in TOWNS:
                sys.stdout.write(f"| {' | '.join(measure(daily, seed, burst))} |\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
