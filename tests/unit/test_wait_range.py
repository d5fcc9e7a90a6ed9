"""Tests the estimated wait, also in the simulation of benchmarks/wait_range.py."""

from __future__ import annotations

import pytest

from benchmarks.wait_range import simulate
from bot.tickets.pace import MIN_PLACES, Duty, Move, WaitRange, wait_range

MINUTE = 60_000
NOW = 1000 * MINUTE
ONE_AGENT = [Duty(0, NOW, 1)]


def moved(places: int, *, rank: int = 0, step: int = -1, every: int = 2) -> list[Move]:
    """Returns movements at ``rank``, one every ``every`` minutes until now."""
    return [Move(NOW - number * every * MINUTE, rank, step) for number in range(places + 1)]


def middle(wait: WaitRange | None) -> float:
    """Returns the estimate (geometric mean of the range) in minutes."""
    assert wait
    return (wait.low_ms * wait.high_ms) ** 0.5 / MINUTE


def test_range_shown_holds_the_true_wait() -> None:
    result = simulate(12, 1)
    assert result.shown > 10_000
    assert result.holds >= 0.8
    assert result.exceeded_twofold <= 0.05


def test_wait_grows_with_the_place_and_shrinks_with_the_agents() -> None:
    assert middle(wait_range(10, moved(20), ONE_AGENT, 1, NOW)) == pytest.approx(20)
    assert middle(wait_range(60, moved(20), ONE_AGENT, 1, NOW)) == pytest.approx(120)
    assert middle(wait_range(5, moved(20), ONE_AGENT, 2, NOW)) < 7


def test_changes_behind_a_citizen_bring_nobody_closer() -> None:
    newest_picked = moved(20, rank=40, every=1)
    assert wait_range(10, newest_picked, ONE_AGENT, 1, NOW) is None
    assert middle(wait_range(10, [*newest_picked, *moved(20)], ONE_AGENT, 1, NOW)) == pytest.approx(20)


def test_citizen_who_enters_ahead_moves_others_back() -> None:
    entered = moved(9, step=1)
    assert middle(wait_range(10, [*moved(20), *entered], ONE_AGENT, 1, NOW)) == pytest.approx(40)


def test_time_without_agents_does_not_count() -> None:
    night = [Duty(0, NOW - 40 * MINUTE, 0), Duty(NOW - 40 * MINUTE, NOW, 1)]
    day_before = [Move(one.at - 600 * MINUTE, one.rank, one.step) for one in moved(3)]
    assert middle(wait_range(10, [*moved(20), *day_before], night, 1, NOW)) < 25


@pytest.mark.parametrize(
    ("moves", "duty", "agents"),
    [(moved(MIN_PLACES - 1), ONE_AGENT, 1), (moved(20), ONE_AGENT, 0), (moved(20), [], 1), ([], ONE_AGENT, 1)],
)
def test_too_little_is_known(moves: list[Move], duty: list[Duty], agents: int) -> None:
    assert wait_range(10, moves, duty, agents, NOW) is None


def test_outside_hours_the_usual_number_of_agents_is_expected() -> None:
    assert middle(wait_range(10, moved(20), [Duty(0, NOW, 4)], None, NOW)) == pytest.approx(20)
