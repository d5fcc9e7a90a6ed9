"""Computes the geometry of charts; templates/chart.html draws them as SVG next to a table with the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

TEMPLATES = Path(__file__).with_name("templates")
WIDTH, HEIGHT = 1000.0, 100.0  # size of the drawing in SVG units; the page stretches it
Number = tuple[str, float, str]  # label, number, number as Spanish text
GAP = 0.22  # share of a column's width that stays empty


@dataclass(frozen=True)
class Column:
    """A column of a chart; position and size are in SVG units.

    ``text`` is its number as Spanish text, and ``label`` its name. ``back`` is a second column for the same label,
    drawn behind this one.
    """

    label: str
    text: str
    x: float
    y: float
    width: float
    height: float
    back: Column | None = None


@dataclass(frozen=True)
class Columns:
    """A column chart.

    ``highest`` is the largest number, as Spanish text. ``peak`` is the label of the column with that number, '' if all
    numbers are 0.
    """

    columns: tuple[Column, ...]
    highest: str
    peak: str

    @property
    def ticks(self) -> tuple[str, ...]:
        """Returns at most five evenly spaced labels for the axis, including the first and the last."""
        labels = [one.label for one in self.columns]
        count = min(5, len(labels))
        places = [round(number * (len(labels) - 1) / (count - 1)) for number in range(count)] if count > 1 else [0]
        return tuple(labels[place] for place in places) if labels else ()


def columns(rows: Sequence[Number], backs: Sequence[Number] = ()) -> Columns:
    """Builds a chart from rows of (label, number, number as text); ``backs``, one per row, are drawn behind them."""
    top = max((*rows, *backs), key=lambda row: row[1], default=("", 0.0, ""))
    behind = _drawn(backs, top[1]) if backs else [None] * len(rows)
    drawn = [replace(one, back=back) for one, back in zip(_drawn(rows, top[1]), behind, strict=True)]
    return Columns(tuple(drawn), top[2], top[0] if top[1] else "")


def _drawn(rows: Sequence[Number], most: float) -> list[Column]:
    step = WIDTH / len(rows) if rows else WIDTH
    return [
        Column(label, text, *_box(place * step, step, value / most if most else 0))
        for place, (label, value, text) in enumerate(rows)
    ]


def _box(x: float, step: float, share: float) -> tuple[float, float, float, float]:
    height = round(share * HEIGHT, 2)
    return round(x + step * GAP / 2, 2), round(HEIGHT - height, 2), round(step * (1 - GAP), 2), height


def width(value: float, most: float) -> float:
    """Returns the length of a bar for ``value``, from 0 to 100; ``most`` is the largest value."""
    return round(100 * value / most, 1) if most else 0.0
