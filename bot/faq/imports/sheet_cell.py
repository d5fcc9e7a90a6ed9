"""Defines the cells and rows of a spreadsheet, independent of the file format."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

LINE_END = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")
MAX_COLUMNS = 60  # further columns are left out: a row of nothing but commas would keep a process busy for minutes
MAX_CHARACTERS = 131_072  # maximum length of a cell's text, that of the module csv
MAX_TOTAL_CHARACTERS = 10 * 1024 * 1024  # maximum length of all texts together
MOST_LINK_WORDS = 60  # maximum length of a text that is a link as a whole
UNLINKED = re.compile(r"[\n\[\]]")  # in a text that cannot be a link as a whole
NUMBER = re.compile(r"^\(?\d{1,3}\s*(?:[.)°º:]+-?\s*|-\s+)(?=\D)")
HARD_SPACE = "\u00a0"
BETWEEN_WORDINGS = str.maketrans("\n", "|")


@dataclass(frozen=True)
class Cell:
    """A cell's ``text``, without surrounding whitespace and with newlines as line breaks.

    ``trouble`` is the key, in texts/import.yml, of the reason why the cell could not be read; "" if it could. ``link``
    is the address to which all words of the cell lead, "" if none.
    """

    text: str = ""
    trouble: str = ""
    link: str = ""

    @property
    def address(self) -> str:
        """Returns the address of the cell's link, else its text."""
        return self.link or self.text

    @property
    def linked(self) -> str:
        """Returns the text in Markdown with its link, which follows it if it is more than a short line."""
        address = self.link.removeprefix("mailto:").partition("//")[2] or self.link.removeprefix("mailto:")
        if not self.text or not self.link or address.rstrip("/") in self.text:
            return self.text
        is_short = len(self.text) <= MOST_LINK_WORDS and not UNLINKED.search(self.text)
        return f"[{self.text}]({self.link})" if is_short else f"{self.text}\n\n{self.link.removeprefix('mailto:')}"

    @property
    def blank(self) -> bool:
        return not self.text and not self.trouble

    @classmethod
    def from_text(cls, written: str) -> Cell:
        return cls(LINE_END.sub("\n", written).replace(HARD_SPACE, " ").strip())


@dataclass(frozen=True)
class Row:
    """A row's cells, and its number in the spreadsheet, from 1; ``file`` is the row's own file, "" if it has none.

    ``counted`` is true for rows made from a source without rows, such as a web page; row 2 is then question 1.
    """

    number: int
    cells: tuple[Cell, ...]
    file: str = ""
    counted: bool = False

    @property
    def blank(self) -> bool:
        return all(cell.blank for cell in self.cells)


def wordings_in(written: str) -> list[str]:
    """Splits a cell's text at ``|`` and line breaks, or at semicolons if it has neither; returns the nonempty parts.

    A statement and the question after it are one utterance: «Perdí mi carnet; ¿qué hago?». The numbers of parts that
    are all numbered are left out.
    """
    bars = written.translate(BETWEEN_WORDINGS)
    parts = [one.strip() for one in bars.split("|" if "|" in bars else ";")]
    is_statement_first = "|" not in bars and ["?" in one for one in parts] == [False, True]
    found = list(filter(None, [bars.strip()] if is_statement_first else parts))
    return [NUMBER.sub("", one) for one in found] if all(map(NUMBER.match, found)) else found


def numbers_most(texts: Sequence[str]) -> bool:
    """Returns whether most of several texts begin with a number, as in «2. ¿Cuánto cuesta?»."""
    return len(texts) > 1 and 2 * sum(bool(NUMBER.match(one)) for one in texts) > len(texts)
