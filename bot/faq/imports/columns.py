"""Finds the row of headings in a table of questions, and the column of each field.

A heading is the name of a field or one of the field's synonyms (headings.yml).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.core.yaml import read_yaml
from bot.faq.entries.schema import ANSWER, column_names
from bot.faq.imports.sheet_cell import Row
from bot.text.normalize import plain

HEADINGS_WITHIN_ROWS = 20  # number of nonblank rows in which to look for the headings
VARIANTS = "variantes"
NUMBER = re.compile(r"(n|mas)?\d*$")  # the end of «otra forma 2», «variante n° 2» and «otra forma más», as keys
LOOSE = {"ejemplo", "ejemplos", "examples", "sinonimos"}  # of anything, if another column has utterances
SAMPLED_ROWS = 200  # number of rows whose cells tell what a column contains
OTHER_NAMES = Path(__file__).with_name("headings.yml")


@dataclass(frozen=True)
class Columns:
    """The index of the heading row among the nonblank rows, from 0, and the column of each field, from 1."""

    index: int
    of: Mapping[str, int]


def guess(rows: Sequence[Row]) -> Columns:
    """Returns the columns of the row with the most headings among the first HEADINGS_WITHIN_ROWS of ``rows``.

    ``rows`` must not be empty.
    """
    near = range(min(len(rows), HEADINGS_WITHIN_ROWS))
    index = max(near, key=lambda number: (len(columns_of(texts_of(rows[number]))), -number))
    return Columns(index, columns_of(texts_of(rows[index])))


def at(rows: Sequence[Row], number: int) -> Columns:
    """Returns the columns of the row with this ``number`` as heading row. Raises ValueError if there is no such row."""
    index = next((index for index, row in enumerate(rows) if row.number == number), None)
    if index is None:
        raise ValueError(number)
    return Columns(index, columns_of(texts_of(rows[index])))


def texts_of(row: Row) -> list[str]:
    return [cell.text for cell in row.cells]


def exact_field(heading: str) -> str | None:
    """Returns the field that has this name, or None; case, accents, spaces and underscores do not matter."""
    return _by_name(column_names()).get(_key(heading))


def columns_of(headings: Sequence[str]) -> dict[str, int]:
    """Returns the column of each field found: the one with its name, else the one with its likeliest synonym."""
    keys = [_key(text) for text in headings]
    found: dict[str, int] = {}
    for name, others in _names(column_names()).items():
        column = next((keys.index(key) + 1 for key in others if key in keys), None)
        if column is not None and column not in found.values():
            found[name] = column
    taken = {column for name, column in found.items() if name != VARIANTS}
    wordings = [column for column in _of_wordings(keys) if column not in taken]
    is_exact = VARIANTS in found and keys[found[VARIANTS] - 1] == VARIANTS
    return found if is_exact or not wordings else {**found, VARIANTS: wordings[0]}


def further_wordings(headings: Sequence[str], of: Mapping[str, int]) -> tuple[int, ...]:
    """Returns the further columns of utterances, as «otra forma 2».

    Returns none if ``of`` has another column for the utterances than ``columns_of``: somebody chose that one.
    """
    if not of.get(VARIANTS) or of[VARIANTS] != columns_of(headings).get(VARIANTS):
        return ()
    return tuple(column for column in _of_wordings([_key(text) for text in headings]) if column not in of.values())


def _of_wordings(keys: Sequence[str]) -> list[int]:
    """Returns the columns of utterances; those of one LOOSE heading only if there are no others."""
    names, stems = set(_names(column_names())[VARIANTS]), [NUMBER.sub("", key) for key in keys]
    found = [column for column, key in enumerate(keys, start=1) if names.intersection((key, stems[column - 1]))]
    strict = [column for column in found if stems[column - 1] not in LOOSE]
    return strict or [column for column in found if stems[column - 1] == stems[found[0] - 1]]


def likely(rows: Sequence[Row], columns: Columns) -> dict[str, int]:
    """Returns the likeliest free column of the question and of the answer, for each of these without a column.

    The question is the column with the most question marks, the answer the one with the longest texts. A field for
    which no free column has texts is not included.
    """
    below = rows[columns.index + 1 :][:SAMPLED_ROWS]
    width = max((len(row.cells) for row in below), default=0)
    texts = {n: [row.cells[n - 1].text for row in below if n <= len(row.cells)] for n in range(1, width + 1)}
    free = {n: cells for n, cells in texts.items() if any(cells) and n not in columns.of.values()}
    found: dict[str, int] = {}
    for name, weight in (("pregunta", _question_marks), (ANSWER, _letters)):
        if columns.of.get(name) or not free:
            continue
        best = max(free, key=lambda n: (weight(free[n]), -n))
        if weight(free.pop(best)):
            found[name] = best
    return found


def _question_marks(cells: Sequence[str]) -> int:
    return sum(cell.rstrip().endswith("?") for cell in cells)


def _letters(cells: Sequence[str]) -> int:
    return sum(map(len, cells))


def _key(heading: str) -> str:
    return plain(heading).replace(" ", "")


@cache
def _by_name(fields: tuple[str, ...]) -> Mapping[str, str]:
    return {_key(name.replace("_", " ")): name for name in fields}


@cache
def _names(fields: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Returns the comparison keys of each field's headings: first the field's name, then its synonyms."""
    others = read_yaml(OTHER_NAMES.read_text(encoding="utf-8"))
    return {name: (key, *map(_key, others.get(name, ()))) for key, name in _by_name(fields).items()}
