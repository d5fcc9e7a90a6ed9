"""Joins the data that the rules find with those that the sequence model finds."""

from __future__ import annotations

from collections.abc import Iterable

from bot.text.masking.found import DOTS, Kind
from bot.text.masking.learned.model import KINDS, Learned

Placed = tuple[int, int, Kind, str]  # start, end, kind and replacement


def joined(ruled: Iterable[Placed], learned: Iterable[Learned]) -> list[Placed]:
    """Returns the data of both, without overlaps; those that overlap become one, of the kind of the longer one."""
    kept = list(ruled)
    for start, end, kind in learned:
        over = [one for one in kept if one[0] < end and start < one[1]]
        if any(one[2] not in KINDS for one in over):
            continue
        kept = [one for one in kept if one not in over]
        longest = max([*over, (start, end, kind, DOTS)], key=lambda one: one[1] - one[0])
        start, end = min([start, *(one[0] for one in over)]), max([end, *(one[1] for one in over)])
        kept.append((start, end, longest[2], DOTS))
    return kept
