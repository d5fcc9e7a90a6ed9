"""Tests which values the days keep, so that figures that cannot be summed are exact over any period."""

from __future__ import annotations

from bot.figures.daily.values import UNSUMMED, measured
from bot.figures.definitions import definitions


def test_figures_of_the_same_amounts_share_their_values() -> None:
    kept, every = measured(), definitions()
    assert set(kept) == {id for id, one in every.items() if one.measure in UNSUMMED}
    assert all((every[id].where, every[id].amount) == (every[own].where, every[own].amount) for id, own in kept.items())
    assert len(set(kept.values())) < len(kept)
