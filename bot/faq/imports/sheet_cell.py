"""The cell and the row of a spreadsheet, as ``sheet_csv`` and ``sheet_excel`` read them for ``sheet``."""

from __future__ import annotations

import re
from dataclasses import dataclass

LINE_END = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")
HARD_SPACE = "\u00a0"


@dataclass(frozen=True)
class Cell:
    """``text`` with ``\\n`` between lines and no space around; ``trouble`` is the code of what kept it from being read
    (a key of texts/import.yml).
    """

    text: str = ""
    trouble: str = ""

    @property
    def blank(self) -> bool:
        return not self.text and not self.trouble

    @classmethod
    def from_text(cls, written: str) -> Cell:
        return cls(LINE_END.sub("\n", written).replace(HARD_SPACE, " ").strip())


@dataclass(frozen=True)
class Row:
    """``number`` is the one that a spreadsheet shows, from 1. Rows without any text are left out."""

    number: int
    cells: tuple[Cell, ...]

    @property
    def blank(self) -> bool:
        return all(cell.blank for cell in self.cells)
