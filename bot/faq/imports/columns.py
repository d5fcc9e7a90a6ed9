"""Finds the row of headings in a table of questions, and the column of each field.

A heading is the name of a field or one of the field's synonyms (headings.yml). Columns of utterances, addresses and
last days are also recognized by words of their heading and by their contents: an import works without these columns,
so an editor would notice too late that one was ignored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bot.core.yaml import read_yaml_file
from bot.faq.entries.fields import CHILEAN_DATE, ISO_DATE
from bot.faq.entries.schema import ANSWER, column_names
from bot.faq.imports.sheet_cell import Row
from bot.text.normalize import plain

HEADINGS_WITHIN_ROWS = 20  # number of nonblank rows in which to look for the headings
VARIANTS = "variantes"
REQUIRED_PAIR = frozenset({"pregunta", ANSWER})  # without these columns there is nothing to import
NUMBER = re.compile(r"(n|mas)?\d*$")  # the end of «otra forma 2», «variante n° 2» and «otra forma más», as keys
LOOSE = {
    "ejemplo",
    "ejemplos",
    "examples",
    "sinonimos",
}  # may be examples of anything, so used only without a better heading
SAMPLED_ROWS = 200  # number of rows from which it is inferred what a column contains
ADDRESS = re.compile(r"(https?://|www\.)\S+$")
ENDS = re.compile(r"\b(hasta|venc\w*|vigen\w*|caduc\w*)\b")  # in the heading of a column of last days
BEGINS = re.compile(r"\b(desde|inici\w*|comienz\w*|entrada|a partir)\b")  # with ENDS, in that of a column of first days
PICTURED = re.compile(r"\b(imagen\w*|imagenes|fotos?|fotografias?|videos?|logos?|iconos?|adjuntos?|mapas?)\b")
OTHER = re.compile(r"\b(maneras|formas|otra|tambien|variantes?|parecid[ao]s?|similares)\b")
ASKED = re.compile(
    r"\b(pregunt|dic(?:en|e|ho|has?)\b|decir|consult|llam)"
)  # with OTHER, in the heading of a column of utterances
WORDED: Mapping[str, re.Pattern[str]] = {  # how the headings of the required columns begin, if they have no known name
    "pregunta": re.compile(r"(?:la |las )?(?:preguntas?|consultas?|dudas?)\b|lo que (?:nos )?(?:pregunta|consulta)"),
    ANSWER: re.compile(
        r"(?:la |las )?respuestas?\b"
        r"|(?:lo )?que (?:se |les? )?(?:responde|respondemos|contesta|contestamos|dice|decimos)\b"
    ),
}
SENTENCE_WORDS = 3  # minimum number of words of most cells of such a column
OTHER_NAMES = Path(__file__).with_name("headings.yml")


@dataclass(frozen=True)
class Columns:
    """The index of the heading row among the nonblank rows, from 0, and the column of each field, from 1."""

    index: int
    of: Mapping[str, int]


def guess(rows: Sequence[Row]) -> Columns:
    """Returns the columns of the row with the most headings among the first HEADINGS_WITHIN_ROWS of ``rows``.

    A row of merged headings («Lo que preguntan») yields to the row right below it if that has as many and more cells.
    ``rows`` must not be empty.
    """
    near = rows[:HEADINGS_WITHIN_ROWS]
    named = [len(columns_of(texts_of(row))) for row in near]
    filled = [sum(map(bool, texts_of(row))) for row in near]
    index = named.index(max(named))
    below = index + 1
    if below < len(near) and named[index] and named[below] == named[index] and filled[below] > filled[index]:
        return _columns_at(rows, below)
    return _columns_at(rows, index)


def at(rows: Sequence[Row], number: int) -> Columns:
    """Returns the columns if row ``number`` of the file has the headings. Raises ValueError if there is no such row."""
    index = next((index for index, row in enumerate(rows) if row.number == number), None)
    if index is None:
        raise ValueError(number)
    return _columns_at(rows, index)


def _columns_at(rows: Sequence[Row], index: int) -> Columns:
    """Returns the columns that the headings in ``rows[index]`` name, and those recognized by words and content."""
    headings = texts_of(rows[index])
    of = columns_of(headings)
    contents = {n: [text for text in cells if text] for n, cells in _contents(rows, index).items()}
    for name, begins in WORDED.items():
        worded = (n for n, title in enumerate(headings, start=1) if begins.match(plain(title)) and n not in of.values())
        if name not in of and (first := next((n for n in worded if _are_sentences(contents.get(n, ()))), 0)):
            of[name] = first
    # A question that has no known heading is proposed to the editor; until then its column is not free either.
    question = of.get("pregunta") or likely(rows, Columns(index, of)).get("pregunta")
    for name, fits in (("fuente", _are_addresses), ("vence", _are_last_days), (VARIANTS, _are_utterances)):
        taken = {question, *of.values()}
        free = [n for n, cells in contents.items() if cells and n <= len(headings) and n not in taken]
        fitting = (n for n in free if fits(plain(headings[n - 1]), contents[n]))
        if name not in of and question and (first := next(fitting, 0)):
            of[name] = first
    return Columns(index, of)


def _are_sentences(cells: Sequence[str]) -> bool:
    return 2 * sum(len(one.split()) >= SENTENCE_WORDS for one in cells) > len(cells)


def _are_addresses(heading: str, cells: Sequence[str]) -> bool:
    return not PICTURED.search(heading) and all(map(ADDRESS.match, cells))


def _are_last_days(heading: str, cells: Sequence[str]) -> bool:
    ends = ENDS.search(heading) and not BEGINS.search(heading)
    return bool(ends) and all(CHILEAN_DATE.match(one) or ISO_DATE.match(one) for one in cells)


def _are_utterances(heading: str, cells: Sequence[str]) -> bool:
    """Returns whether heading and cells are those of a column of utterances: more than half of the cells differ.

    A column «Forma de consulta» with few different values is not: it names the channel by which people ask.
    """
    return bool(OTHER.search(heading) and ASKED.search(heading)) and 2 * len(set(cells)) > len(cells)


def texts_of(row: Row) -> list[str]:
    return [cell.text for cell in row.cells]


def exact_field(heading: str) -> str | None:
    """Returns the field that has this name, or None; case, accents, spaces and underscores do not matter."""
    return _by_name(column_names()).get(_key(heading))


def columns_of(headings: Sequence[str]) -> dict[str, int]:
    """Returns the column, from 1, of each field that has a heading: its name, or else one of its synonyms.

    If several synonyms are headings, the one that headings.yml lists first counts.
    """
    keys = [_key(text) for text in headings]
    found: dict[str, int] = {}
    for name, others in _names(column_names()).items():
        column = next((keys.index(key) + 1 for key in others if key in keys), None)
        if column is not None and column not in found.values():
            found[name] = column
    taken = {column for name, column in found.items() if name != VARIANTS}
    utterances = [column for column in _of_utterances(keys) if column not in taken]
    is_exact = VARIANTS in found and keys[found[VARIANTS] - 1] == VARIANTS
    return found if is_exact or not utterances else {**found, VARIANTS: utterances[0]}


def further_utterances(headings: Sequence[str], of: Mapping[str, int]) -> tuple[int, ...]:
    """Returns the further columns of utterances, such as «otra forma 2».

    Returns () if ``of`` has another column for the utterances than ``columns_of``, since a person chose that column.
    """
    if not of.get(VARIANTS) or of[VARIANTS] != columns_of(headings).get(VARIANTS):
        return ()
    return tuple(column for column in _of_utterances([_key(text) for text in headings]) if column not in of.values())


def _of_utterances(keys: Sequence[str]) -> list[int]:
    """Returns the columns of utterances, from 1; if all headings are LOOSE, those with the first such heading."""
    names, stems = set(_names(column_names())[VARIANTS]), [NUMBER.sub("", key) for key in keys]
    found = [column for column, key in enumerate(keys, start=1) if names.intersection((key, stems[column - 1]))]
    strict = [column for column in found if stems[column - 1] not in LOOSE]
    return strict or [column for column in found if stems[column - 1] == stems[found[0] - 1]]


def likely(rows: Sequence[Row], columns: Columns) -> dict[str, int]:
    """Guesses the columns of the question and of the answer, where ``columns`` lacks them.

    Among the free columns, the one with the most question marks is the question, and then the one with the longest
    texts is the answer. The question is left out if no cell ends with a question mark.
    """
    texts = _contents(rows, columns.index)
    free = {n: cells for n, cells in texts.items() if any(cells) and n not in columns.of.values()}
    found: dict[str, int] = {}
    for name, weight in (("pregunta", _question_marks), (ANSWER, _letters)):
        if columns.of.get(name) or not free:
            continue
        best = max(free, key=lambda n: (weight(free[n]), -n))
        if weight(free.pop(best)):
            found[name] = best
    return found


def _contents(rows: Sequence[Row], index: int) -> dict[int, list[str]]:
    """Returns the texts of each column, from 1, in up to SAMPLED_ROWS rows below ``rows[index]``."""
    below = rows[index + 1 :][:SAMPLED_ROWS]
    width = max((len(row.cells) for row in below), default=0)
    return {n: [row.cells[n - 1].text for row in below if n <= len(row.cells)] for n in range(1, width + 1)}


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
    others = read_yaml_file(OTHER_NAMES)
    return {name: (key, *map(_key, others.get(name, ()))) for key, name in _by_name(fields).items()}
