"""Reads the CSV files of the lexicon, data/lexicon/*.csv, and collects their problems.

The columns are ``termino``, the name that agencies use, and ``formas``, other names for it, separated by ``|``.
Unusable rows and forms are skipped and reported as advice.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.faq.entries.problem import Found, Problem
from bot.faq.words.lexicon_words import form_key
from bot.faq.words.table import read_table

TERM, FORMS = "termino", "formas"
SEPARATOR = "|"
FOLDER = "lexicon"
MAX_WORDS = 5
Key = tuple[str, ...]


@dataclass
class Sheets:
    """The content of the CSV files. ``forms`` maps each term and each of its forms, as keys, to the term.

    ``names`` are all terms and forms as written.
    """

    forms: dict[Key, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_sheets(data_dir: Path) -> Sheets:
    """Reads all rows of all files.

    A form that is the term of another row, even a later one, is ignored and reported.
    """
    sheets = Sheets()
    rows = [row for path in sorted((data_dir / FOLDER).glob("*.csv")) for row in _rows(path, sheets)]
    sound = [row for row in rows if row.adds_term(sheets)]
    for row in sound:
        row.add_forms(sheets)
        sheets.names += [row.term, *row.forms]
    sheets.problems.sort(key=lambda problem: (problem.file, problem.line))
    return sheets


@dataclass(frozen=True)
class _Row:
    """A row of a file: the path of the file, the line number, the term and its forms."""

    file: str
    number: int
    term: str
    forms: tuple[str, ...]

    def adds_term(self, sheets: Sheets) -> bool:
        """Adds the term to ``sheets`` and returns True; if the row is unusable, adds a problem and returns False."""
        key = form_key(self.term)
        if not self.term:
            return self._wrong(sheets, "lexico_sin_termino", TERM)
        if not self.forms:
            return self._wrong(sheets, "lexico_sin_formas", FORMS)
        if not _is_usable(key):
            return self._wrong(sheets, "lexico_forma_inutil", TERM)
        if key in sheets.forms:
            return self._wrong(sheets, "lexico_termino_repetido", TERM)
        sheets.forms[key] = self.term
        return True

    def add_forms(self, sheets: Sheets) -> None:
        """Adds the forms to ``sheets``; reports each form that is unusable or already belongs to another term."""
        for form in self.forms:
            key = form_key(form)
            if not _is_usable(key):
                self._wrong(sheets, "lexico_forma_inutil", FORMS, form)
            elif sheets.forms.setdefault(key, self.term) != self.term:
                self._wrong(sheets, "lexico_forma_ambigua", FORMS, form, other=sheets.forms[key])

    def _wrong(self, sheets: Sheets, code: str, column: str, form: str = "", other: str = "") -> bool:
        found = Found(self.file)
        found.advise(code, self.number, column, escrito=form or self.term, otro=other, maximo=MAX_WORDS)
        sheets.problems += found.problems
        return False


def _is_usable(key: Key) -> bool:
    """Returns whether the form has 1 to MAX_WORDS words, at least one of which has more than one letter."""
    return 0 < len(key) <= MAX_WORDS and any(len(word) > 1 for word in key)


def _rows(path: Path, sheets: Sheets) -> Iterator[_Row]:
    found = Found(f"{FOLDER}/{path.name}")
    table = read_table(path.read_bytes())
    if table is None:
        found.advise("lexico_ilegible", 1)
    elif not {TERM, FORMS} <= set(table.columns):
        found.advise("lexico_sin_columnas", 1)
    else:
        for row in table.rows:
            forms = tuple(filter(None, map(str.strip, row[FORMS].split(SEPARATOR))))
            yield _Row(found.file, row.line, row[TERM], forms)
    sheets.problems += found.problems
