"""Reads the definitions of the figures from ``figures.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

from bot.core.yaml import read_yaml_file

FILE = Path(__file__).with_name("figures.yml")
# Each episode counts in exactly one of these figures.
ENDINGS = (
    "respondidas",
    "atendidas",
    "en_espera",
    "sin_respuesta",
    "reclamos",
    "otro_organismo",
    "sin_elegir",
    "urgencias",
    "sin_saber",
    "solo_aviso",
    "saludos",
)


class Measure(StrEnum):
    """The function that a figure computes over the rows that it counts."""

    SUM = "sum"
    PEOPLE = "people"
    MEDIAN = "median"
    P90 = "p90"
    MEAN = "mean"
    COST = "cost"  # windows/cost.py computes it


class Unit(StrEnum):
    """The unit of a figure; a figure with ``among`` is a percentage instead."""

    NUMBER = "number"
    SECONDS = "seconds"
    STARS = "stars"
    MONEY = "money"


class Suppression(StrEnum):
    """The figures that publications hide if a figure's count is small: this figure alone, or also other endings."""

    ALONE = "alone"
    ENDINGS = "endings"  # as many of the other endings as needed


class Table(StrEnum):
    """The table whose rows a figure counts."""

    EPISODES = "episodes"
    WINDOWS = "window_days"


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class Definition:
    """The definition of a figure, in Spanish: what it ``counts`` and what it ``excludes``.

    ``measure`` says how it is computed, such as the sum of ``amount`` over the rows of ``table`` that satisfy the SQL
    condition ``where``. If ``among`` is set, it is a share: its denominator is the sum of ``among_amount`` over the
    rows that satisfy ``among``, named ``of`` in Spanish. Only ``public`` figures are published.
    """

    name: str
    counts: str
    excludes: str
    short: str = ""
    where: str = "true"
    amount: str = "1"
    among: str = ""
    among_amount: str = "1"
    of: str = ""
    measure: Measure = Measure.SUM
    unit: Unit = Unit.NUMBER
    public: bool = True
    table: Table = Table.EPISODES
    suppression: Suppression = Suppression.ALONE

    @property
    def is_share(self) -> bool:
        return bool(self.among)

    @property
    def is_count(self) -> bool:
        return not self.is_share and self.measure in {Measure.SUM, Measure.PEOPLE}

    @property
    def numerator(self) -> str:
        """Returns the SQL expression of the figure's number; for a share, of its numerator."""
        if self.measure is Measure.PEOPLE:  # a deleted conversation has no id, so its citizen counts once in each month
            known = 'count(DISTINCT conversation_id COLLATE "C")'  # takes a third of the time of the default collation
            return f"{known} + count(*) FILTER (WHERE conversation_id IS NULL AND first_of_month)"
        if self.measure is Measure.SUM:
            return f"coalesce(sum({self.amount}) FILTER (WHERE {self.where}), 0)"
        if self.measure is Measure.MEAN:
            total, count = f"sum({self.amount}) FILTER (WHERE {self.where})", f"count(*) FILTER (WHERE {self.where})"
            return f"({total})::float8 / nullif({count}, 0)"
        part = 0.5 if self.measure is Measure.MEDIAN else 0.9
        return f"percentile_cont({part}) WITHIN GROUP (ORDER BY ({self.amount})::float8) FILTER (WHERE {self.where})"

    @property
    def denominator(self) -> str:
        """Returns the SQL of a share's denominator; for other figures, of the number of counted rows."""
        if self.is_share:
            return f"coalesce(sum({self.among_amount}) FILTER (WHERE {self.among}), 0)"
        return f"count(*) FILTER (WHERE {self.where})"


def of_table(table: Table) -> dict[str, Definition]:
    """Returns the figures that can be counted from the rows of a table."""
    return {id: one for id, one in definitions().items() if one.table is table and one.measure is not Measure.COST}


_FILE = TypeAdapter(dict[str, Definition])


@cache
def definitions() -> Mapping[str, Definition]:
    """Returns the figures, keyed by id, in the order of the file. Raises ValidationError if the file is invalid."""
    return _FILE.validate_python(read_yaml_file(FILE))
