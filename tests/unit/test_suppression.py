"""Tests which counts are hidden in published figures, so that none can be inferred."""

from __future__ import annotations

import random

import pytest

from bot.figures.intervals import wilson
from bot.figures.suppression import SMALLEST, hidden, is_revealing


@pytest.mark.parametrize(
    ("parts", "secret"),
    [
        ({"a": 100, "b": 50}, ""),
        ({"a": 100, "b": 50, "c": 0}, ""),
        ({"a": 100, "b": 50, "c": 3}, "bc"),  # c alone would be the total minus the others
        ({"a": 100, "b": 6, "c": 5}, "bc"),
        ({"a": 100, "b": 2, "c": 1}, "abc"),  # b and c alone would be known to be 3
        ({"a": 100, "b": 20, "c": 2, "d": 1}, "bcd"),
        ({"a": 4}, "a"),
        ({"a": 4, "b": 0}, "a"),
        ({}, ""),
    ],
)
def test_hidden_parts(parts: dict[str, int], secret: str) -> None:
    assert hidden(parts) == frozenset(secret)


def test_no_small_count_can_be_derived_from_the_rest() -> None:
    dice = random.Random(1)
    for _ in range(2000):
        parts = {str(n): dice.choice((0, dice.randrange(1, 12), dice.randrange(300))) for n in range(dice.randrange(8))}
        secret = hidden(parts)
        assert all(not 0 < count < SMALLEST for name, count in parts.items() if name not in secret)
        together = sum(parts[name] for name in secret)
        others = [count for name, count in parts.items() if name not in secret and count]
        assert not secret or not others or (len(secret) >= 2 and together >= SMALLEST)


@pytest.mark.parametrize(
    ("value", "among", "revealing"),
    [(50, 100, False), (0, 100, False), (100, 100, False), (3, 100, True), (97, 100, True), (3, 7, True)],
)
def test_share_of_few_is_revealing(value: int, among: int, revealing: bool) -> None:
    assert is_revealing(value, among) is revealing


def test_wilson_interval() -> None:
    low, high = wilson(3, 100)
    assert (round(low, 4), round(high, 4)) == (0.0103, 0.0845)
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 50)[0] == 0.0
