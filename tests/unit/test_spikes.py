"""Tests the detector of spikes on a simulated town: expectations, anomalies, and the promise of the replay."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from scipy.special import betainc

from benchmarks.spikes import EVERY_DAYS, town
from bot.learning.backlog.grouping import Vectors
from bot.spikes.counting import ONCE, Sign, counted
from bot.spikes.detector import Baseline, tail
from bot.spikes.groups import FEWEST, Asked, Grown, gathered, grown
from bot.spikes.history import DAY_MIN, TOTAL, UNKNOWN, History
from bot.spikes.replay import Rules, alarms_in, learn

DAYS = 50
TODAY = DAYS - 1
NOON = TODAY * DAY_MIN + 12 * 60
ZONE = ZoneInfo("America/Santiago")


@cache
def quiet() -> History:
    """Returns a town without incidents; tests change a copy."""
    return town(np.random.default_rng(5), 600, DAYS, 0.3)


@cache
def learnt(false_every_days: float) -> Rules:
    """Returns the rules learned from the quiet town's days."""
    rules = learn(quiet(), TODAY, false_every_days)
    assert rules is not None
    return rules


@pytest.fixture
def history() -> History:
    return deepcopy(quiet())


def with_incident(history: History, people: int, *, row: int = 10) -> None:
    """Adds ``people`` citizens who write about a topic within fifteen minutes from NOON."""
    minutes = NOON + np.arange(people) % 15
    for one in (0, row):
        np.add.at(history.counts[one], minutes, 1)


def test_chance_is_that_of_the_negative_binomial_distribution() -> None:
    random = np.random.default_rng(3)
    mean, size = 10 ** random.uniform(-0.5, 3, 300), 10 ** random.uniform(0, 2, 300)
    counted = np.floor(mean + random.uniform(3, 12, 300) * np.sqrt(mean)) + 1
    assert tail(counted, size, mean) == pytest.approx(betainc(counted, size, mean / (size + mean)), rel=1e-6)


def test_five_citizens_in_five_minutes_about_what_few_ask_are_an_alarm(history: History) -> None:
    def seen(row: int) -> bool:
        changed = deepcopy(history)
        for one in {0, row}:
            changed.counts[one, NOON : NOON + 5] += 1
        return bool(learnt(EVERY_DAYS).surprises(changed, NOON, NOON + 5))

    assert (seen(41), seen(0)) == (True, False)


def test_incident_stands_out_and_the_day_without_it_does_not(history: History) -> None:
    rules = learnt(EVERY_DAYS)
    assert rules.surprises(history, NOON, NOON + 30) == []
    with_incident(history, 25)
    found = rules.surprises(history, NOON, NOON + 30)
    assert min(one.at for one in found) - NOON < 7
    assert 10 in {one.stream for one in found}
    strongest = min(found, key=lambda one: one.chance)
    assert strongest.citizens > 3 * strongest.expected


def test_busy_day_and_a_topic_that_grew_for_hours_are_no_spike(history: History) -> None:
    rules = learnt(EVERY_DAYS)
    today = slice(TODAY * DAY_MIN, NOON + 60)
    history.counts[:, today] *= 2
    assert rules.surprises(history, NOON, NOON + 60) == []


def test_replay_keeps_the_promise_on_the_days_that_it_saw() -> None:
    history = quiet()
    often, seldom = learnt(3.0), learnt(14.0)
    assert seldom.threshold < often.threshold
    base, false = Baseline(history), []
    for day in range(8, TODAY):
        usual = np.hstack([base.of_day(day - 1), base.of_day(day)])
        rules = type(seldom)(day, usual, seldom.spread, seldom.threshold)
        false += rules.surprises(history, day * DAY_MIN, (day + 1) * DAY_MIN)
    assert len(alarms_in(false)) <= (TODAY - 7) / 14


def test_incident_that_was_real_makes_no_threshold_stricter(history: History) -> None:
    yesterday = NOON - DAY_MIN
    np.add.at(history.counts[10], yesterday + np.arange(200) % 15, 1)
    real = range(yesterday - 60, yesterday + 120)
    told, untold = learn(history, TODAY, 60.0, [real]), learn(history, TODAY, 60.0)
    assert told is not None and untold is not None
    assert untold.threshold < told.threshold


def test_first_week_raises_no_alarm() -> None:
    history = History(date(2026, 11, 2))
    history.counts[0, -6 * DAY_MIN :] = 1
    assert learn(history, history.days - 1, EVERY_DAYS) is None


def test_citizen_counts_once_an_hour_in_each_stream() -> None:
    start = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
    minute = timedelta(minutes=1)
    found = [
        Sign("a", start - 5 * minute, is_citizen=True),
        Sign("a", start, is_citizen=True),
        Sign("a", start + minute, is_citizen=False, entry="bache"),
        Sign("b", start + minute, is_citizen=True),
        Sign("b", start + 2 * minute, is_citizen=False, is_unanswered=True),
        Sign("a", start - 5 * minute + ONCE, is_citizen=True),
    ]
    rows = counted(found, start, {"bache": "calle"}.get)  # type: ignore[arg-type]
    assert sorted(rows) == [
        (start + minute, "topic:calle", 1),
        (start + minute, TOTAL, 1),
        (start + 2 * minute, UNKNOWN, 1),
        (start + 55 * minute, TOTAL, 1),
    ]


def test_history_reads_local_time_across_a_change_of_the_clocks() -> None:
    history = History(date(2026, 4, 4), 3)  # the clocks go back at midnight
    before, after = datetime(2026, 4, 5, 2, 30, tzinfo=UTC), datetime(2026, 4, 5, 3, 30, tzinfo=UTC)
    history.put([(before, TOTAL, 2), (after, TOTAL, 3), (after, "topic:agua", 1)], ZONE)
    assert history.index(before, ZONE) == history.index(after, ZONE) == 23 * 60 + 30
    assert history.counts[0, 23 * 60 + 30] == 5
    assert history.streams == [TOTAL, UNKNOWN, "topic:agua"]


WATER, SCAM = 0, 1  # dimensions of the meanings below


def asked(*questions: tuple[int, int, int]) -> Asked:
    """Returns questions, given as (minute, citizen, meaning); equal meanings have equal vectors."""
    minutes, citizens, meanings = (np.array(one, np.intp) for one in zip(*questions, strict=True))
    vectors: Vectors = np.eye(64, dtype=np.float32)[meanings]
    return Asked(minutes, citizens, vectors)


def test_group_has_different_citizens_of_one_meaning_in_a_window() -> None:
    end = 100 * DAY_MIN
    questions = [(end - 4, citizen, WATER) for citizen in (1, 2, 3, 4, 4)]
    questions = [(end - 30, 9, WATER), (end - 10, 5, SCAM), *questions, (end - 3, 6, 40), (end - 2, 7, 41)]
    found = gathered(asked(*questions), end)
    assert [(one.window, one.citizens, sorted(one.members)) for one in found] == [(5, 4, [2, 3, 4, 5, 6])]


def test_question_asked_for_weeks_is_not_new_and_one_asked_for_hours_is_expected() -> None:
    end = 100 * DAY_MIN
    weeks = [(end - DAY_MIN * day - 1, 100 + day, WATER if day % 2 else 10 + day) for day in range(20, 1, -1)]
    hours = [(end - 200 + number, 200 + number, SCAM) for number in range(20)]
    old = [(end - DAY_MIN * day, 300 + day, SCAM) for day in range(28, 21, -1)]
    before = asked(*old, *weeks, *hours)

    def found(meaning: int, unknown: float) -> Grown | None:
        (group,) = gathered(asked(*((end - 2, citizen, meaning) for citizen in range(4))), end)[:1]
        return grown(group, before, end, np.array([unknown, 3 * unknown, 12 * unknown]))

    assert found(50, 4.0) == Grown(end, 5, 4, FEWEST)
    assert found(WATER, 4.0) is None
    assert found(WATER, 1.0) is not None
    scam = found(SCAM, 0.5)
    assert scam is not None
    assert scam.expected == pytest.approx(0.5 * 20 / 28)


def test_groups_and_streams_keep_the_promise_together(history: History) -> None:
    alone = learnt(EVERY_DAYS)
    weekly = [Grown(NOON - DAY_MIN * 3 * week, 5, 9, FEWEST) for week in range(1, 14)]
    together = learn(history, TODAY, EVERY_DAYS, groups=weekly)
    assert together is not None
    assert together.threshold < alone.threshold
    assert all(together.chance(one) > together.threshold for one in weekly)
