"""Tests which values are stored per day, so that figures that cannot be summed are exact over any period."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from bot.figures.daily.values import UNSUMMED, Values, measured, sharing
from bot.figures.definitions import Measure, definitions

DAY = date(2026, 11, 2)
PERCENT = {Measure.MEDIAN: 50, Measure.P90: 90}


def test_figures_of_the_same_amounts_share_their_values() -> None:
    kept, every = measured(), definitions()
    assert set(kept) == {id for id, one in every.items() if one.measure in UNSUMMED}
    assert all((every[id].where, every[id].amount) == (every[own].where, every[own].amount) for id, own in kept.items())
    assert len(set(kept.values())) < len(kept)


@pytest.mark.parametrize("count", [1, 2, 3, 99, 100, 101, 400])
def test_few_and_many_values_have_the_same_mean_and_percentiles(count: int) -> None:
    random, keepers = np.random.default_rng(count), sharing()
    numbers = {
        (DAY + timedelta(number % 3), f"team{number}"): {keeper: random.gamma(1.5, 900, count) for keeper in keepers}
        for number in range(4)
    }
    values = Values({}, {}, numbers, {})
    by_day = values.by_day()
    assert (set(by_day), set(by_day[""])) == ({"", *(team for _, team in numbers)}, {day for day, _ in numbers})
    for id, keeper in measured().items():
        first = [numbers[key][keeper] for key in numbers if key[0] == DAY]
        for told, parts in (
            (values.figures(is_now=True), [one[keeper] for one in numbers.values()]),
            (by_day[""][DAY], first),
            (by_day["team0"][DAY], [numbers[DAY, "team0"][keeper]]),
        ):
            every, measure = np.concatenate(parts), definitions()[id].measure
            right = np.percentile(every, PERCENT[measure]) if measure in PERCENT else every.mean()
            assert (told[id].value, told[id].among) == (pytest.approx(right), len(every))
